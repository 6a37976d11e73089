//! Writes an aircraft's report as a record of category 021, edition 2.6.

use jiff::tz::TimeZone;
use truce_core::{HeightDatum, Location, Observation, Reading};

use super::RADIUS_95_PER_SIGMA;
use crate::fault::Unencodable;

const FOOT_M: f64 = 0.3048;

/// An item of a record: its place in the field specification, from 1, and its bytes.
type Written = (usize, Vec<u8>);

/// Writes an aircraft's report as one data block. Positions are rounded to 2 cm, heights to 6.25 ft
/// above the ellipsoid and 25 ft by barometer, speeds to 0.11 m/s, times to 1/128 s.
///
/// # Errors
/// [`Unencodable`] for other readings.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let Reading::Aircraft(report) = &observation.reading else {
        return Err(Unencodable::new(
            "asterix",
            "it is no report of an aircraft",
        ));
    };
    let at = TimeZone::UTC
        .to_datetime(observation.observed_at.start)
        .time();
    let seconds =
        i32::from(at.hour()) * 3600 + i32::from(at.minute()) * 60 + i32::from(at.second());
    let time_s = f64::from(seconds) + f64::from(at.subsec_nanosecond()) / 1e9;
    let time = u24(steps(time_s, 1.0 / 128.0));
    // Source 0/0; a report with a 24-bit ICAO address and altitudes in steps of 25 ft.
    let mut items: Vec<Written> = vec![(1, vec![0, 0]), (2, vec![0])];
    items.push((11, report.icao_address.to_be_bytes()[1..].to_vec()));
    if let Some(Location::Fix { place, height }) = &observation.location {
        const HIGH: f64 = 180.0 / 1_073_741_824.0;
        items.push((5, time.clone()));
        let mut position = steps(place.position.lat_deg, HIGH).to_be_bytes().to_vec();
        position.extend(steps(place.position.lon_deg, HIGH).to_be_bytes());
        items.push((7, position));
        let quality = accuracy_category(place.uncertainty.semi_major_m);
        items.push((17, vec![1, quality << 1]));
        match height {
            Some(height) if height.above == HeightDatum::Ellipsoid => {
                items.push((16, i16_bytes(steps(height.height_m, 6.25 * FOOT_M))));
            }
            Some(height) if height.above == HeightDatum::Barometric => {
                items.push((21, i16_bytes(steps(height.height_m, 25.0 * FOOT_M))));
            }
            _ => {}
        }
    } else {
        items.push((28, time));
    }
    if let (Some(speed), Some(course)) = (report.speed_m_s, report.course_deg) {
        let mut vector = i16_bytes(steps(speed, 1852.0 / 16_384.0).clamp(0, 0x7FFF));
        vector.extend(((steps(course, 360.0 / 65_536.0) & 0xFFFF) as u16).to_be_bytes());
        items.push((26, vector));
    }
    if let Some(climb) = report.climb_m_s {
        let rate = steps(climb, 6.25 * FOOT_M / 60.0).clamp(-0x4000, 0x3FFF) & 0x7FFF;
        items.push((25, i16_bytes(rate)));
    }
    if let Some(name) = &report.call_sign {
        items.push((29, six(name)));
    }
    Ok(vec![block(21, items)])
}

/// The number of steps nearest to a value.
fn steps(value: f64, step: f64) -> i32 {
    // Saturates, which the callers' ranges do not reach.
    libm::rint(value / step) as i32
}

fn i16_bytes(value: i32) -> Vec<u8> {
    value.to_be_bytes()[2..].to_vec()
}

fn u24(value: i32) -> Vec<u8> {
    value.to_be_bytes()[1..].to_vec()
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

/// Eight characters of six bits, padded with blanks.
fn six(name: &str) -> Vec<u8> {
    let mut codes = [0x20_u64; 8];
    for (code, character) in codes.iter_mut().zip(name.bytes()) {
        *code = match character.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => u64::from(letter - b'A' + 1),
            digit @ b'0'..=b'9' => u64::from(digit),
            _ => 0x20,
        };
    }
    let word = codes.iter().fold(0, |word, code| word << 6 | code);
    word.to_be_bytes()[2..].to_vec()
}

/// One record as a data block.
fn block(category: u8, items: Vec<Written>) -> Vec<u8> {
    let mut items = items;
    items.sort_by_key(|(place, _)| *place);
    let last = items.last().map_or(1, |(place, _)| *place);
    let octets = last.div_ceil(7);
    let mut specification = vec![0_u8; octets];
    for (place, _) in &items {
        specification[(place - 1) / 7] |= 0x80 >> ((place - 1) % 7);
    }
    for octet in &mut specification[..octets - 1] {
        *octet |= 1;
    }
    let content: Vec<u8> = items.into_iter().flat_map(|(_, bytes)| bytes).collect();
    let length = super::HEAD_BYTES + specification.len() + content.len();
    let [high, low] = (length as u16).to_be_bytes();
    [vec![category, high, low], specification, content].concat()
}
