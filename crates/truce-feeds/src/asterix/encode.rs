//! Writes observations as records: reports of aircraft with a position as category 021, what a radar
//! sees by range and bearing as category 048, objects in the air without an address as category 062.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use truce_core::observation::AircraftReport;
use truce_core::{
    Height, HeightDatum, Interval, Location, ObjectKind, Observation, Place, Reading,
};

use super::write::{self, Unfit};
use super::{HEAD_BYTES, RADIUS_95_PER_SIGMA, items};
use crate::fault::Unencodable;
use crate::sheet::Sheet;

/// Writes a report of an aircraft, or an object in the air without an address, as one data block.
///
/// | observation | category | rounded to |
/// |---|---|---|
/// | report with a position, or without a place | 021 | 2 cm, 25 ft by barometer, 6.25 ft above the ellipsoid, 0.11 m/s |
/// | report or object by range and bearing | 048 | 1/256 NM, 0.0055 degrees |
/// | object with a position | 062 | 60 cm, heights as 021 |
///
/// Times are rounded to 1/128 s.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("asterix", reason);
    let at = time_of_day_s(observation.observed_at);
    let report = match &observation.reading {
        Reading::Aircraft(report) => Some(report),
        Reading::Sighting(sighting) if sighting.object == Some(ObjectKind::Aircraft) => None,
        _ => return Err(refuse("it is no report of an aircraft")),
    };
    let (category, fields) = match (&observation.location, report) {
        (
            Some(Location::Bearing {
                bearing_deg,
                range: Some(range),
                ..
            }),
            _,
        ) => (48, plot(at, (range.range_m, *bearing_deg), report)),
        (Some(Location::Fix { place, height }), None) => (62, track(at, place, *height)),
        (Some(Location::Fix { place, height }), Some(report)) => {
            (21, self_report(at, Some((place, *height)), report))
        }
        (None, Some(report)) => (21, self_report(at, None, report)),
        _ => {
            return Err(refuse(
                "it is given by neither a position nor range and bearing",
            ));
        }
    };
    let sheet = Sheet {
        fields,
        ..Sheet::new(format!("CAT{category:03}"))
    };
    Ok(vec![encode_record(category, &sheet)?])
}

/// Writes a record as one data block, from a sheet as the decoder gives it: items under the
/// specification's names. Own values count before those in SI units.
///
/// # Errors
/// [`Unencodable`] when the category is none that is read, or a value is none of its field.
pub fn encode_record(category: u8, sheet: &Sheet) -> Result<Vec<u8>, Unencodable> {
    let refuse = |reason: String| Unencodable::new("asterix", reason);
    let items =
        items(category).ok_or_else(|| refuse(format!("category {category} is not read")))?;
    let record = write::chosen(items, (&sheet.fields, Some(&sheet.given)))
        .map_err(|Unfit(name)| refuse(format!("`{name}` has no such value")))?;
    let length = u16::try_from(HEAD_BYTES + record.len());
    let length = length.map_err(|_| refuse("the record is too long".to_owned()))?;
    let [high, low] = length.to_be_bytes();
    Ok([vec![category, high, low], record].concat())
}

/// Seconds since midnight UTC.
fn time_of_day_s(observed_at: Interval) -> f64 {
    let at = TimeZone::UTC.to_datetime(observed_at.start).time();
    let seconds =
        i32::from(at.hour()) * 3600 + i32::from(at.minute()) * 60 + i32::from(at.second());
    f64::from(seconds) + f64::from(at.subsec_nanosecond()) / 1e9
}

/// Some items without those that are null.
fn present(items: Value) -> Map<String, Value> {
    let Value::Object(items) = items else {
        return Map::new();
    };
    items
        .into_iter()
        .filter(|(_, item)| !item.is_null())
        .collect()
}

/// An item of one number, or none.
fn one(name: &str, value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| json!({ name: value }))
}

fn address(icao_address: u32) -> String {
    format!("{icao_address:06X}")
}

fn height_m(height: Option<Height>, above: HeightDatum) -> Option<f64> {
    height
        .filter(|height| height.above == above)
        .map(|height| height.height_m)
}

/// Category 021; source 0/0, and the address is one of ICAO (I040, ATP 0).
fn self_report(
    at: f64,
    place: Option<(&Place, Option<Height>)>,
    report: &AircraftReport,
) -> Map<String, Value> {
    let position = place.map(|(place, _)| place);
    let height = place.and_then(|(_, height)| height);
    let ground = report.speed_m_s.zip(report.course_deg);
    present(json!({
        "I010": {"SAC": 0, "SIC": 0},
        "I040": {"ATP": 0},
        "I071": one("time_applicability_position_s", position.map(|_| at)),
        "I131": position.map(|place| json!({
            "Lat_deg": place.position.lat_deg, "Lon_deg": place.position.lon_deg,
        })),
        "I080": {"TAddr": address(report.icao_address)},
        "I140": one("geometric_height_m", height_m(height, HeightDatum::Ellipsoid)),
        "I090": position.map(|place| {
            json!({"NACp": accuracy_category(place.uncertainty.semi_major_m)})
        }),
        "I145": one("FL_m", height_m(height, HeightDatum::Barometric)),
        "I157": one("GVR_m_s", report.climb_m_s),
        "I160": ground.map(|(speed, course)| json!({"GS_m_s": speed, "TA_deg": course})),
        "I077": one("time_report_transmission_s", position.is_none().then_some(at)),
        "I170": report.call_sign.as_ref().map(|name| json!({"TId": name})),
    }))
}

/// Category 048: a target that a roll call of Mode S found (I020, TYP 5), or a primary one (1).
fn plot(
    at: f64,
    (range_m, bearing_deg): (f64, f64),
    report: Option<&AircraftReport>,
) -> Map<String, Value> {
    let ground = report.and_then(|report| report.speed_m_s.zip(report.course_deg));
    present(json!({
        "I010": {"SAC": 0, "SIC": 0},
        "I140": {"ToD_s": at},
        "I020": {"TYP": if report.is_some() { 5 } else { 1 }},
        "I040": {"RHO_m": range_m, "THETA_deg": bearing_deg},
        "I220": report.map(|report| json!({"ACAddr": address(report.icao_address)})),
        "I240": report.and_then(|report| Some(json!({"TId": report.call_sign.as_ref()?}))),
        "I200": ground.map(|(speed, course)| json!({"CGS_m_s": speed, "CHdg_deg": course})),
    }))
}

/// Category 062, with the items that every track has (010, 040, 070, 080).
fn track(at: f64, place: &Place, height: Option<Height>) -> Map<String, Value> {
    let sigma_m = place.uncertainty.semi_major_m;
    present(json!({
        "I010": {"SAC": 0, "SIC": 0},
        "I070": {"ToT_s": at},
        "I105": {"Lat_deg": place.position.lat_deg, "Lon_deg": place.position.lon_deg},
        "I040": {"TrkN": 0},
        "I080": {"MON": false},
        "I136": one("MFL_m", height_m(height, HeightDatum::Barometric)),
        "I130": one("Alt_m", height_m(height, HeightDatum::Ellipsoid)),
        "I500": {"APC": {"APC_X_m": sigma_m, "APC_Y_m": sigma_m}},
    }))
}

/// The navigation accuracy category whose radius holds an error (DO-260B, table 2-70).
fn accuracy_category(sigma_m: f64) -> u8 {
    let radius_m = sigma_m * RADIUS_95_PER_SIGMA;
    let limits = [
        3.0, 10.0, 30.0, 92.6, 185.2, 555.6, 926.0, 1852.0, 3704.0, 7408.0, 18_520.0,
    ];
    // A rounding error of the radius must not cost a whole category.
    let better = limits.iter().position(|limit| radius_m <= limit * 1.001);
    better.map_or(0, |index| 11 - index as u8)
}
