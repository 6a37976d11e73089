//! Moving targets in the imagery: MISB ST 0903.5, chapter 8.

use serde_json::{Map, Value};
use truce_core::Position;

use super::value::Kind::{Bytes, Mapped, Number, Text};
use super::value::{self, Kind};
use super::{item, length, tag};
use crate::hexadecimal;
use crate::sheet::Sheet;

/// Most targets of a packet that are read; the standard's largest packets have some hundreds.
const TARGETS_MAX: usize = 1_000;

/// Items of the set (table 1).
const SET: &[(u32, &str, Kind)] = &[
    (2, "time_us", Number(1.0)),
    (3, "system", Text),
    (4, "version", Number(1.0)),
    (5, "targets_detected", Number(1.0)),
    (6, "targets_reported", Number(1.0)),
    (7, "frame_number", Number(1.0)),
    (8, "frame_width_px", Number(1.0)),
    (9, "frame_height_px", Number(1.0)),
    (10, "source_sensor", Text),
    (11, "horizontal_view_deg", Mapped(0.0, 180.0)),
    (12, "vertical_view_deg", Mapped(0.0, 180.0)),
    (13, "core_identifier", Bytes),
];

/// Items of a target (table 2).
const TARGET: &[(u32, &str, Kind)] = &[
    (1, "centroid_px", Number(1.0)),
    (2, "top_left_px", Number(1.0)),
    (3, "bottom_right_px", Number(1.0)),
    (4, "priority", Number(1.0)),
    (5, "confidence_percent", Number(1.0)),
    (6, "history", Number(1.0)),
    (7, "share_of_pixels_percent", Number(1.0)),
    (8, "colour", Number(1.0)),
    (9, "intensity", Number(1.0)),
    (10, "lat_offset_deg", Mapped(-19.2, 19.2)),
    (11, "lon_offset_deg", Mapped(-19.2, 19.2)),
    (12, "height_ellipsoid_m", Mapped(-900.0, 19_000.0)),
    (13, "top_left_lat_offset_deg", Mapped(-19.2, 19.2)),
    (14, "top_left_lon_offset_deg", Mapped(-19.2, 19.2)),
    (15, "bottom_right_lat_offset_deg", Mapped(-19.2, 19.2)),
    (16, "bottom_right_lon_offset_deg", Mapped(-19.2, 19.2)),
    (19, "centroid_row_px", Number(1.0)),
    (20, "centroid_column_px", Number(1.0)),
];

/// A target as far as it becomes an observation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Target {
    pub(super) height_m: Option<f64>,
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

fn put(table: &[(u32, &str, Kind)], tag: u32, bytes: &[u8], out: &mut Map<String, Value>) {
    let known = table.iter().find(|(known, ..)| *known == tag);
    let (name, value) = match known {
        Some((_, name, kind)) => ((*name).to_owned(), value::read(*kind, bytes)),
        None => (format!("tag_{tag}"), Some(hexadecimal::text(bytes).into())),
    };
    out.insert(name, value.unwrap_or(Value::Null));
}

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
            Some((tag, value)) => put(SET, tag, value, &mut fields),
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
        let mut target = Target::default();
        while !pack.is_empty() {
            let Some((tag, value)) = item(&mut pack) else {
                sheet.wrong("an item of a moving target is cut short");
                break;
            };
            match tag {
                17 => location(value, &mut target, &mut fields),
                _ => put(TARGET, tag, value, &mut fields),
            }
        }
        let number = |name: &str| fields.get(name).and_then(Value::as_f64);
        target.offset = number("lat_offset_deg").zip(number("lon_offset_deg"));
        target.height_m = target.height_m.or_else(|| number("height_ellipsoid_m"));
        list.push(fields.into());
        targets.push(target);
    }
    list
}

/// The place of a target (tag 17): four bytes of latitude and longitude, two of height.
fn location(bytes: &[u8], target: &mut Target, fields: &mut Map<String, Value>) {
    let part =
        |start: usize, end: usize, least, most| value::mapped(bytes.get(start..end)?, least, most);
    let (lat, lon) = (part(0, 4, -90.0, 90.0), part(4, 8, -180.0, 180.0));
    target.place = lat.zip(lon);
    target.height_m = part(8, 10, -900.0, 19_000.0);
    fields.insert("lat_deg".to_owned(), lat.into());
    fields.insert("lon_deg".to_owned(), lon.into());
    fields.insert("height_ellipsoid_m".to_owned(), target.height_m.into());
}
