//! The messages of ASTM F3411-22a, 5.4.5: 25 bytes each, little-endian, and packs of them.
//!
//! | type | message | clause |
//! |---|---|---|
//! | 0 | basic ID: number and kind of aircraft | 5.4.5.5 |
//! | 1 | location and vector | 5.4.5.6 |
//! | 2 | authentication | 5.4.5.7 |
//! | 3 | self-ID: a text | 5.4.5.8 |
//! | 4 | system: where the operator is | 5.4.5.9 |
//! | 5 | operator ID | 5.4.5.10 |
//! | 15 | pack of up to nine messages | 5.4.5.11 |

use truce_core::place::normalize_bearing_deg;
use truce_core::{Height, HeightDatum, Position, Timestamp};

use super::{RADIUS_95_PER_SIGMA, Whereabouts};
use crate::fault::{Fault, RejectionClass};
use crate::hexadecimal;
use crate::sheet::Sheet;

/// Bytes of a message.
pub(super) const MESSAGE_BYTES: usize = 25;

/// Most messages of a pack (5.4.5.11).
const PACK_MESSAGES_MAX: usize = 9;

/// 2019-01-01T00:00:00Z, from which times of messages count.
const EPOCH_S: i64 = 1_546_300_800;

/// What a message says.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) sheet: Sheet,
    pub(super) number: Option<String>,
    pub(super) whereabouts: Option<Whereabouts>,
}

/// The messages in some bytes: one, or those of a pack.
pub(super) fn messages(bytes: &[u8]) -> Result<Vec<&[u8]>, Fault> {
    let fault = |reason: String| Err(Fault::new(RejectionClass::Frame, reason));
    match bytes {
        [first, size, count, content @ ..] if first >> 4 == 0xF => {
            let (size, count) = (usize::from(*size), usize::from(*count));
            if size != MESSAGE_BYTES || count > PACK_MESSAGES_MAX {
                return fault(format!("a pack of {count} messages of {size} bytes"));
            }
            if content.len() < size * count {
                return fault(format!(
                    "{} bytes where {} are needed",
                    content.len(),
                    size * count
                ));
            }
            Ok(content.chunks_exact(size).take(count).collect())
        }
        [_, ..] if bytes.len() >= MESSAGE_BYTES => Ok(vec![&bytes[..MESSAGE_BYTES]]),
        _ => fault(format!(
            "{} bytes where {MESSAGE_BYTES} are needed",
            bytes.len()
        )),
    }
}

/// Reads a message of 25 bytes.
pub(super) fn read(message: &[u8], received_at: Timestamp) -> Message {
    let kind = message[0] >> 4;
    let mut read = Message::default();
    read.sheet.kind = match kind {
        0 => "basic_id",
        1 => "location",
        2 => "authentication",
        3 => "self_id",
        4 => "system",
        5 => "operator_id",
        _ => "unknown",
    }
    .to_owned();
    read.sheet.set("message_type", kind);
    read.sheet.set("protocol_version", message[0] & 0xF);
    match kind {
        0 => basic_id(message, &mut read),
        1 => location(message, received_at, &mut read),
        2 => authentication(message, &mut read.sheet),
        3 => {
            read.sheet.set("description_type", message[1]);
            read.sheet.set("description", text(&message[2..25]));
        }
        4 => system(message, &mut read.sheet),
        5 => {
            read.sheet.set("operator_id_type", message[1]);
            read.sheet.set("operator_id", text(&message[2..22]));
        }
        _ => {
            read.sheet.set("content", hexadecimal::text(&message[1..]));
            read.sheet
                .wrong(format!("message type {kind} is not defined"));
        }
    }
    read
}

/// Text up to the first zero byte.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..end]);
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Steps of half a metre from -1,000 m, which itself means "not known".
fn altitude_m(code: u16) -> Option<f64> {
    (code > 0).then(|| f64::from(code) * 0.5 - 1000.0)
}

/// Latitude and longitude in 10⁻⁷ degrees; both zero mean "not known".
pub(super) fn position(lat: i32, lon: i32) -> Option<Position> {
    let found = Position::new(f64::from(lat) / 1e7, f64::from(lon) / 1e7);
    found.filter(|_| (lat, lon) != (0, 0))
}

/// Standard deviation of a horizontal accuracy code, metres (5.4.5.6, table 9): its 95 % radius over
/// 2.45.
pub(super) fn accuracy_m_sigma(code: u8) -> Option<f64> {
    let radius_m = match code {
        1 => 18_520.0,
        2 => 7_408.0,
        3 => 3_704.0,
        4 => 1_852.0,
        5 => 926.0,
        6 => 555.6,
        7 => 185.2,
        8 => 92.6,
        9 => 30.0,
        10 => 10.0,
        11 => 3.0,
        12 => 1.0,
        _ => return None,
    };
    Some(radius_m / RADIUS_95_PER_SIGMA)
}

fn basic_id(message: &[u8], read: &mut Message) {
    read.sheet.set("id_type", message[1] >> 4);
    read.sheet.set("aircraft_type", message[1] & 0xF);
    let number = aircraft_number(message[1] >> 4, &message[2..22]);
    read.sheet.set("id", number.clone());
    read.number = number;
}

/// The number of an aircraft, in 20 bytes: a serial number and a registration are text, session and UTM
/// numbers are bytes and become hexadecimal digits (F3411-22a, 5.4.5, table of the Basic ID message).
pub(super) fn aircraft_number(id_type: u8, bytes: &[u8]) -> Option<String> {
    match id_type {
        0 => None,
        1 | 2 => text(bytes),
        _ => {
            let end = bytes.iter().rposition(|byte| *byte != 0)?;
            Some(hexadecimal::text(&bytes[..=end]))
        }
    }
}

fn location(message: &[u8], received_at: Timestamp, read: &mut Message) {
    let flags = message[1];
    let sheet = &mut read.sheet;
    sheet.set("status", flags >> 4);
    // Above the place of take-off, or above ground.
    let above_ground = flags >> 2 & 1 == 1;
    sheet.set("height_above_ground", above_ground);
    let half = if flags >> 1 & 1 == 1 { 180.0 } else { 0.0 };
    let course = f64::from(message[2]) + half;
    let course_deg = (course < 360.0).then(|| normalize_bearing_deg(course));
    // Up to 63.75 m/s in quarters, from there in three quarters; 255 is "not known".
    let speed = match (message[3], flags & 1) {
        (255, _) => None,
        (code, 0) => Some(f64::from(code) * 0.25),
        (code, _) => Some(f64::from(code) * 0.75 + 63.75),
    };
    let climb = f64::from(message[4].cast_signed()) * 0.5;
    sheet.set("course_deg", course_deg);
    sheet.set("speed_m_s", speed);
    sheet.set("climb_m_s", Some(climb).filter(|climb| climb.abs() < 63.0));
    let place = position(i32_at(message, 5), i32_at(message, 9));
    sheet.set("lat_deg", place.map(|place| place.lat_deg));
    sheet.set("lon_deg", place.map(|place| place.lon_deg));
    let [barometric, ellipsoid, height] = [13, 15, 17].map(|at| altitude_m(u16_at(message, at)));
    sheet.set("altitude_m", barometric);
    sheet.set("height_ellipsoid_m", ellipsoid);
    sheet.set("height_m", height);
    sheet.set("horizontal_accuracy", message[19] & 0xF);
    sheet.set("vertical_accuracy", message[19] >> 4);
    sheet.set("speed_accuracy", message[20] & 0xF);
    sheet.set("altitude_accuracy", message[20] >> 4);
    let tenths = u16_at(message, 21);
    let since_hour = (tenths < 36_000).then(|| f64::from(tenths) / 10.0);
    sheet.set("since_hour_s", since_hour);
    // Zero is unknown, not exact (5.4.5.6, timestamp accuracy).
    let accuracy = Some(message[23] & 0xF).filter(|tenths| *tenths > 0);
    sheet.set(
        "time_accuracy_s",
        accuracy.map(|tenths| f64::from(tenths) / 10.0),
    );
    let datums = [
        (ellipsoid, HeightDatum::Ellipsoid),
        (barometric, HeightDatum::Barometric),
        (height.filter(|_| above_ground), HeightDatum::Ground),
    ];
    let known = datums
        .into_iter()
        .find_map(|(height_m, above)| height_m.map(|height_m| Height { height_m, above }));
    read.whereabouts = Some(Whereabouts {
        position: place,
        position_m_sigma: accuracy_m_sigma(message[19] & 0xF),
        height: known,
        speed_m_s: speed,
        course_deg,
        at: since_hour.map(|since_s| nearest_hour(since_s, received_at)),
    });
}

/// The instant nearest to arrival at which so many seconds have passed since a full hour.
pub(super) fn nearest_hour(since_s: f64, received_at: Timestamp) -> Timestamp {
    let received_s = received_at.as_second().rem_euclid(3_600) as f64
        + f64::from(received_at.subsec_nanosecond()) / 1e9;
    let ahead_s = (since_s - received_s + 5_400.0) % 3_600.0 - 1_800.0;
    truce_core::time::plus_seconds(received_at, ahead_s)
}

fn authentication(message: &[u8], sheet: &mut Sheet) {
    sheet.set("authentication_type", message[1] >> 4);
    sheet.set("page", message[1] & 0xF);
    if message[1] & 0xF == 0 {
        sheet.set("last_page", message[2]);
        sheet.set("length_bytes", message[3]);
        let seconds = u32::from_le_bytes([message[4], message[5], message[6], message[7]]);
        sheet.set("signed_at", instant(seconds));
        sheet.set("data", hexadecimal::text(&message[8..25]));
    } else {
        sheet.set("data", hexadecimal::text(&message[2..25]));
    }
}

fn instant(seconds: u32) -> Option<String> {
    let at = Timestamp::from_second(EPOCH_S + i64::from(seconds)).ok()?;
    (seconds > 0).then(|| at.to_string())
}

fn system(message: &[u8], sheet: &mut Sheet) {
    sheet.set("operator_location_type", message[1] & 3);
    sheet.set("classification_type", message[1] >> 2 & 7);
    let place = position(i32_at(message, 2), i32_at(message, 6));
    sheet.set("operator_lat_deg", place.map(|place| place.lat_deg));
    sheet.set("operator_lon_deg", place.map(|place| place.lon_deg));
    sheet.set("area_count", u16_at(message, 10));
    sheet.set("area_radius_m", u16::from(message[12]) * 10);
    sheet.set("area_ceiling_m", altitude_m(u16_at(message, 13)));
    sheet.set("area_floor_m", altitude_m(u16_at(message, 15)));
    sheet.set("category_eu", message[17] >> 4);
    sheet.set("class_eu", message[17] & 0xF);
    sheet.set(
        "operator_height_ellipsoid_m",
        altitude_m(u16_at(message, 18)),
    );
    let seconds = u32::from_le_bytes([message[20], message[21], message[22], message[23]]);
    sheet.set("stated_at", instant(seconds));
}

/// A pack with a serial number and a location. Speeds are rounded to 0.25 m/s, courses to degrees,
/// heights to half a metre, times to a tenth of a second.
pub(super) fn pack(number: &str, found: &Whereabouts) -> Vec<u8> {
    let mut basic = [0; MESSAGE_BYTES];
    (basic[0], basic[1]) = (0x02, 0x12);
    for (place, byte) in basic[2..22].iter_mut().zip(number.bytes()) {
        *place = byte;
    }
    let mut location = [0; MESSAGE_BYTES];
    location[0] = 0x12;
    let speed = found.speed_m_s.unwrap_or(f64::MAX);
    let (multiplier, speed) = match speed {
        s if s <= 63.75 => (0, libm::rint(s / 0.25)),
        s if s <= 254.25 => (1, libm::rint((s - 63.75) / 0.75)),
        _ => (1, 255.0),
    };
    let course = libm::rint(found.course_deg.unwrap_or(361.0));
    let west = u8::from(course >= 180.0);
    location[1] = 2 << 4 | west << 1 | multiplier;
    location[2] = (course - if west == 1 { 180.0 } else { 0.0 }) as u8;
    location[3] = speed as u8;
    location[4] = 126;
    if let Some(position) = found.position {
        let code = |deg: f64| (libm::rint(deg * 1e7) as i32).to_le_bytes();
        location[5..9].copy_from_slice(&code(position.lat_deg));
        location[9..13].copy_from_slice(&code(position.lon_deg));
    }
    if let Some(Height { height_m, above }) = found.height {
        let code = (libm::rint((height_m + 1000.0) / 0.5) as u16).to_le_bytes();
        let at = match above {
            HeightDatum::Ellipsoid => Some(15),
            HeightDatum::Barometric => Some(13),
            HeightDatum::Ground => {
                location[1] |= 4;
                Some(17)
            }
            // The message has no place for it.
            HeightDatum::MeanSeaLevel => None,
        };
        if let Some(at) = at {
            location[at..at + 2].copy_from_slice(&code);
        }
    }
    let sigma_m = found.position_m_sigma.unwrap_or(f64::MAX);
    let fits = |code: &u8| accuracy_m_sigma(*code).is_some_and(|limit| sigma_m <= limit * 1.001);
    location[19] = (1..=12).rev().find(fits).unwrap_or(0);
    let tenths = found.at.map_or(0xFFFF, |at| {
        (at.as_second().rem_euclid(3_600) * 10 + i64::from(at.subsec_nanosecond()) / 100_000_000)
            as u16
    });
    location[21..23].copy_from_slice(&tenths.to_le_bytes());
    [&[0xF2, MESSAGE_BYTES as u8, 2][..], &basic, &location].concat()
}
