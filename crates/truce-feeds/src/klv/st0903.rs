//! Moving targets in the imagery: MISB ST 0903.5, chapter 8.

use serde_json::{Map, Value};
use truce_core::Position;

use super::value::Coding::Of;
use super::value::Kind::{Bytes, Mapped, Number, Parts, Text};
use super::value::{self, Part, Tag};
use super::{item, length, put_item, put_length, put_tag, tag};
use crate::sheet::Sheet;

/// Most targets of a packet that are read; the standard's largest packets have some hundreds.
const TARGETS_MAX: usize = 1_000;

/// Items of the set (table 1).
const SET: &[Tag] = &[
    (2, "time_us", Number(1.0), 8),
    (3, "system", Text, 0),
    (4, "version", Number(1.0), 1),
    (5, "targets_detected", Number(1.0), 0),
    (6, "targets_reported", Number(1.0), 0),
    (7, "frame_number", Number(1.0), 0),
    (8, "frame_width_px", Number(1.0), 0),
    (9, "frame_height_px", Number(1.0), 0),
    (10, "source_sensor", Text, 0),
    (11, "horizontal_view_deg", Mapped(0.0, 180.0), 2),
    (12, "vertical_view_deg", Mapped(0.0, 180.0), 2),
    (13, "core_identifier", Bytes, 0),
];

/// Items of a target (table 2).
const TARGET: &[Tag] = &[
    (1, "centroid_px", Number(1.0), 0),
    (2, "top_left_px", Number(1.0), 0),
    (3, "bottom_right_px", Number(1.0), 0),
    (4, "priority", Number(1.0), 0),
    (5, "confidence_percent", Number(1.0), 0),
    (6, "history", Number(1.0), 0),
    (7, "share_of_pixels_percent", Number(1.0), 0),
    (8, "colour", Number(1.0), 0),
    (9, "intensity", Number(1.0), 0),
    (10, "lat_offset_deg", Mapped(-19.2, 19.2), 3),
    (11, "lon_offset_deg", Mapped(-19.2, 19.2), 3),
    (12, "height_ellipsoid_m", Mapped(-900.0, 19_000.0), 2),
    (13, "top_left_lat_offset_deg", Mapped(-19.2, 19.2), 3),
    (14, "top_left_lon_offset_deg", Mapped(-19.2, 19.2), 3),
    (15, "bottom_right_lat_offset_deg", Mapped(-19.2, 19.2), 3),
    (16, "bottom_right_lon_offset_deg", Mapped(-19.2, 19.2), 3),
    (19, "centroid_row_px", Number(1.0), 0),
    (20, "centroid_column_px", Number(1.0), 0),
    (21, "focal_plane_index", Bytes, 0),
    (22, "algorithm_id", Number(1.0), 0),
];

/// A target as far as it becomes an observation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) height_m: Option<f64>,
    /// The larger of its errors to the east and the north, when it states them.
    pub(super) m_sigma: Option<f64>,
    /// Its own place.
    place: Option<(f64, f64)>,
    /// Degrees from the centre of the frame.
    offset: Option<(f64, f64)>,
}

impl Target {
    /// Where it is, from its own place or the centre of the frame.
    pub(super) fn position(&self, centre: Option<(f64, f64)>) -> Option<Position> {
        let offset = || {
            let ((lat, lon), (dlat, dlon)) = (centre?, self.offset?);
            Some((lat + dlat, lon + dlon))
        };
        let (lat_deg, lon_deg) = self.place.or_else(offset)?;
        Position::new(lat_deg, lon_deg)
    }
}

/// What the place of a target (tag 17) may have: with it its errors, and these correlated.
const LOCATION: &[Part] = &[
    ("lat_deg", Of(Mapped(-90.0, 90.0), 4)),
    ("lon_deg", Of(Mapped(-180.0, 180.0), 4)),
    ("height_ellipsoid_m", Of(Mapped(-900.0, 19_000.0), 2)),
    ("east_m_sigma", Of(Mapped(0.0, 650.0), 2)),
    ("north_m_sigma", Of(Mapped(0.0, 650.0), 2)),
    ("height_m_sigma", Of(Mapped(0.0, 650.0), 2)),
    ("east_north_correlation", Of(Mapped(-1.0, 1.0), 2)),
    ("east_height_correlation", Of(Mapped(-1.0, 1.0), 2)),
    ("north_height_correlation", Of(Mapped(-1.0, 1.0), 2)),
];

/// Reads the set; its fields go to `vmti` of the sheet.
pub(super) fn read(bytes: &[u8], sheet: &mut Sheet, targets: &mut Vec<Target>) {
    let mut fields = Map::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        match item(&mut rest) {
            None => {
                sheet.wrong("an item of the moving targets is cut short");
                break;
            }
            Some((1, _)) => {}
            Some((101, series)) => {
                let read = self::targets(series, sheet, targets);
                fields.insert("targets".to_owned(), read.into());
            }
            Some((tag, value)) => fields.extend([value::named(SET, tag, value)]),
        }
    }
    sheet.set("vmti", fields);
}

/// A series of targets: the length of each, its number, its items.
fn targets(bytes: &[u8], sheet: &mut Sheet, targets: &mut Vec<Target>) -> Vec<Value> {
    let mut list = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && list.len() < TARGETS_MAX {
        let pack = length(&mut rest).and_then(|length| rest.split_at_checked(length));
        let Some((mut pack, after)) = pack else {
            sheet.wrong("a moving target is cut short");
            break;
        };
        rest = after;
        let mut fields = Map::new();
        fields.insert("id".to_owned(), tag(&mut pack).into());
        while !pack.is_empty() {
            let Some((tag, value)) = item(&mut pack) else {
                sheet.wrong("an item of a moving target is cut short");
                break;
            };
            match tag {
                17 => match value::read(Parts(LOCATION), value) {
                    Some(Value::Object(place)) => fields.extend(place),
                    _ => sheet.wrong("the place of a moving target is cut short"),
                },
                _ => fields.extend([value::named(TARGET, tag, value)]),
            }
        }
        let number = |name: &str| fields.get(name).and_then(Value::as_f64);
        let target = Target {
            height_m: number("height_ellipsoid_m"),
            m_sigma: number("east_m_sigma")
                .zip(number("north_m_sigma"))
                .map(|(east, north)| east.max(north))
                .filter(|sigma| *sigma > 0.0),
            place: number("lat_deg").zip(number("lon_deg")),
            offset: number("lat_offset_deg").zip(number("lon_offset_deg")),
        };
        list.push(fields.into());
        targets.push(target);
    }
    list
}

/// Writes the set from its fields.
///
/// # Errors
/// The name of a field whose value is none of its kind.
pub(super) fn write(fields: &Map<String, Value>) -> Result<Vec<u8>, String> {
    let unfit = |name: &str| name.to_owned();
    let mut out = value::write_set(SET, fields).ok_or_else(|| unfit("vmti"))?;
    if let Some(targets) = fields.get("targets").and_then(Value::as_array) {
        let mut series = Vec::new();
        for target in targets {
            let pack = target.as_object().and_then(write_target);
            let pack = pack.ok_or_else(|| unfit("targets"))?;
            put_length(pack.len(), &mut series);
            series.extend(pack);
        }
        put_item(101, &series, &mut out);
    }
    Ok(out)
}

/// The number of a target and its items. A height belongs to its place where it has one.
fn write_target(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    put_tag(u32::try_from(fields.get("id")?.as_u64()?).ok()?, &mut out);
    let placed = fields.get("lat_deg").is_some_and(Value::is_number);
    let mut alone = fields.clone();
    if placed {
        alone.remove("height_ellipsoid_m");
    }
    out.extend(value::write_set(TARGET, &alone)?);
    if placed {
        let mut place = fields.clone();
        place.retain(|_, value| !value.is_null());
        put_item(
            17,
            &value::write(Parts(LOCATION), 0, &place.into())?,
            &mut out,
        );
    }
    Some(out)
}
