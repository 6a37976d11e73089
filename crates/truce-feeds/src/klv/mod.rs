//! Motion imagery metadata: key-length-value packets of MISB ST 0601 (UAS datalink local set, edition
//! .19) with ST 0903 (video moving target indicator, edition .5) inside, alone or in an MPEG transport
//! stream (ST 1402, ISO/IEC 13818-1).
//!
//! - `st0601`, `st0903`, `st0102` (security): the tables of tags, read and written
//! - `value`: how values are coded (ST 0107, ST 1201)
//! - `transport`: packets of 188 bytes, of which the private data are metadata
//!
//! A packet is the 16-byte key of the local set, a length (ISO/IEC 8825-1 BER) and items of tag (BER
//! object identifier), length and value. Its last item is a checksum over all bytes before it.
//!
//! The platform becomes a detection of an uncrewed aircraft that reports itself; each moving target
//! with a place becomes a sighting.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a cast takes a field whose width the line before has cut, or a value that was clamped"
)]

mod st0102;
mod st0601;
mod st0903;
pub mod transport;
mod value;

use serde_json::json;
use truce_core::observation::{Sighting, UavDetection};
use truce_core::place::{Ellipse, normalize_bearing_deg};
use truce_core::{
    Height, HeightDatum, IncidentKind, Interval, Location, Observation, Place, Position, Reading,
    Slug, Timestamp,
};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::hexadecimal;
use crate::sheet::Sheet;

/// Key of the UAS datalink local set (ST 0601.19, 6.2).
const KEY: [u8; 16] = [
    6, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 1, 1, 0, 0, 0,
];

/// Bytes that every universal label begins with (SMPTE ST 336).
const LABEL: [u8; 4] = [6, 0x0E, 0x2B, 0x34];

/// Error of a platform's position that states none, metres.
const PLATFORM_M_SIGMA: f64 = 10.0;
/// Error of a target's position, metres: pointing errors of half a degree at some kilometres.
const TARGET_M_SIGMA: f64 = 50.0;

/// Cuts packets by their length.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let begins = |at: usize| {
        let there = &bytes[at..bytes.len().min(at + LABEL.len())];
        LABEL.starts_with(there)
    };
    if !begins(0) {
        let next = (1..bytes.len()).find(|at| begins(*at));
        return Cut::Message(next.unwrap_or(bytes.len()));
    }
    let Some(mut rest) = bytes.get(KEY.len()..) else {
        return Cut::More;
    };
    if rest.len() < 5
        && rest
            .first()
            .is_none_or(|first| usize::from(first & 0x7F) >= rest.len())
    {
        return Cut::More;
    }
    match length(&mut rest) {
        None => Cut::Message(KEY.len() + 1),
        Some(length) if length > crate::LINE_BYTES_MAX - 32 => Cut::Message(KEY.len() + 1),
        Some(length) if rest.len() < length => Cut::More,
        Some(length) => Cut::Message(bytes.len() - rest.len() + length),
    }
}

/// A length (ISO/IEC 8825-1, 8.1.3), at most four bytes of it.
pub(super) fn length(bytes: &mut &[u8]) -> Option<usize> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    if first & 0x80 == 0 {
        return Some(usize::from(*first));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(
        digits
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    )
}

/// A tag: seven bits a byte, at most three bytes.
pub(super) fn tag(bytes: &mut &[u8]) -> Option<u32> {
    let mut tag = 0;
    for index in 0..3 {
        let byte = *bytes.get(index)?;
        tag = tag << 7 | u32::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(tag);
        }
    }
    None
}

/// Writes a length: one byte, or a count of bytes and these.
pub(super) fn put_length(length: usize, out: &mut Vec<u8>) {
    let bytes = length.to_be_bytes();
    let needed = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(7)..];
    if length >= 0x80 {
        out.push(0x80 | needed.len() as u8);
    }
    out.extend(needed);
}

/// Writes a tag.
pub(super) fn put_tag(tag: u32, out: &mut Vec<u8>) {
    let more = (1..5).rev().filter(|place| tag >> (7 * place) > 0);
    out.extend(more.map(|place| 0x80 | (tag >> (7 * place) & 0x7F) as u8));
    out.push((tag & 0x7F) as u8);
}

/// Writes an item of a local set.
pub(super) fn put_item(tag: u32, value: &[u8], out: &mut Vec<u8>) {
    put_tag(tag, out);
    put_length(value.len(), out);
    out.extend(value);
}

/// The next item of a local set; `None` when it is cut short.
pub(super) fn item<'a>(bytes: &mut &'a [u8]) -> Option<(u32, &'a [u8])> {
    let tag = tag(bytes)?;
    let length = length(bytes)?;
    let (value, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some((tag, value))
}

/// Sum of all bytes as big-endian words of 16 bits (ST 0601.19, tag 1).
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().enumerate().fold(0_u16, |sum, (index, byte)| {
        let shift = if index % 2 == 0 { 8 } else { 0 };
        sum.wrapping_add(u16::from(*byte) << shift)
    })
}

/// Reads the packets of one stream.
#[derive(Debug)]
pub(crate) struct Packets;

impl Reader for Packets {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        packet(job.bytes, job, out)
    }
}

/// Reads one packet.
fn packet(bytes: &[u8], job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
    let fault = |class, reason: &str| Err(Fault::new(class, reason));
    let Some((key, mut rest)) = bytes.split_at_checked(KEY.len()) else {
        return fault(RejectionClass::Frame, "no KLV packet");
    };
    if !key.starts_with(&LABEL) {
        return fault(RejectionClass::Frame, "no KLV packet");
    }
    if key != KEY {
        let reason = format!("the key {} is not read", hexadecimal::text(key));
        return fault(RejectionClass::MessageType, &reason);
    }
    if length(&mut rest) != Some(rest.len()) {
        return fault(RejectionClass::Frame, "the packet is cut short");
    }
    let mut set = st0601::Set::default();
    // The checksum is the last item (ST 0601.19, 6.4); without it no byte can be trusted.
    let trusted = match rest {
        [items @ .., 1, 2, high, low] => {
            rest = items;
            let stated = u16::from_be_bytes([*high, *low]);
            let computed = checksum(&bytes[..bytes.len() - 2]);
            let reason = || format!("checksum {stated:04X}, computed {computed:04X}");
            (stated == computed).then_some(()).ok_or_else(reason)
        }
        _ => Err("no checksum at the end".to_owned()),
    };
    while !rest.is_empty() {
        let Some((tag, value)) = item(&mut rest) else {
            set.sheet.wrong("an item is cut short");
            break;
        };
        set.take(tag, value);
    }
    let st0601::Set {
        mut sheet, targets, ..
    } = set;
    match &trusted {
        Ok(()) => say(&sheet, &targets, job, out),
        // For those who look at it; nothing is concluded from it.
        Err(reason) => sheet.wrong(reason.clone()),
    }
    out.sheet(|| sheet);
    trusted.map_err(|reason| Fault::new(RejectionClass::Checksum, reason))
}

/// The platform and the targets that a packet says.
fn say(sheet: &Sheet, targets: &[st0903::Target], job: &Job<'_>, out: &mut Decoded) {
    let number = |name: &str| sheet.fields.get(name).and_then(serde_json::Value::as_f64);
    let micros = sheet
        .given
        .get("time_us")
        .and_then(serde_json::Value::as_i64);
    let at = micros.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let observed_at = Interval::instant(at.unwrap_or(job.receipt.received_at));
    let site = job.origin.default_site();
    let said = |location, reading| Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at,
        location: Some(location),
        reading,
        grade: None,
    };
    let fix = |position, sigma_m, height| Location::Fix {
        place: Place {
            position,
            uncertainty: Ellipse::circle(sigma_m),
        },
        height,
    };
    let mut index = 0;
    let platform = number("sensor_lat_deg").zip(number("sensor_lon_deg"));
    if let Some(position) = platform.and_then(|(lat, lon)| Position::new(lat, lon)) {
        let ellipsoid = number("sensor_height_ellipsoid_m");
        let height = ellipsoid
            .map(|height_m| (height_m, HeightDatum::Ellipsoid))
            .or(number("sensor_altitude_m").map(|m| (m, HeightDatum::MeanSeaLevel)))
            .map(|(height_m, above)| Height { height_m, above });
        let name = [
            "platform_call_sign",
            "platform_tail_number",
            "platform_designation",
        ];
        let target = name
            .iter()
            .find_map(|name| sheet.fields.get(*name)?.as_str());
        let detection = UavDetection {
            target: target.map(str::to_owned),
            speed_m_s: number("platform_ground_speed_m_s"),
            course_deg: number("platform_heading_deg").map(normalize_bearing_deg),
            means: Slug::new("self-report").expect("the means of this room is a name"),
            confidence: None,
            operator: None,
        };
        let location = fix(position, PLATFORM_M_SIGMA, height);
        job.say(said(location, Reading::Uav(detection)), index, out);
        index += 1;
    }
    let centre = number("frame_centre_lat_deg").zip(number("frame_centre_lon_deg"));
    for target in targets {
        let Some(position) = target.position(centre) else {
            continue;
        };
        let sighting = Sighting {
            about: IncidentKind::Presence,
            class: None,
            object: None,
            weapon: None,
            count: None,
        };
        let height = target.height_m.map(|height_m| Height {
            height_m,
            above: HeightDatum::Ellipsoid,
        });
        let location = fix(position, target.m_sigma.unwrap_or(TARGET_M_SIGMA), height);
        job.say(said(location, Reading::Sighting(sighting)), index, out);
        index += 1;
    }
}

/// Writes a detection with a position as a packet of the platform, or a sighting with a position as
/// one of a moving target. Positions are rounded to 42 nanodegrees, heights to 0.3 m, courses to
/// 0.0055 degrees, speeds to m/s, times to microseconds.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("klv", reason);
    let Some(Location::Fix { place, height }) = &observation.location else {
        return Err(refuse("it has no position"));
    };
    let above = |datum| height.filter(|height| height.above == datum);
    let height_m = |datum| above(datum).map(|height| height.height_m);
    let mut sheet = Sheet::new("ST0601");
    let micros = observation.observed_at.start.as_microsecond();
    sheet.given.insert("time_us".to_owned(), micros.into());
    sheet.set("version", 19);
    match &observation.reading {
        Reading::Uav(detection) => {
            sheet.maybe("platform_heading_deg", detection.course_deg);
            sheet.set("sensor_lat_deg", place.position.lat_deg);
            sheet.set("sensor_lon_deg", place.position.lon_deg);
            sheet.maybe("sensor_altitude_m", height_m(HeightDatum::MeanSeaLevel));
            // The field ends at 255.
            let speed = detection.speed_m_s.filter(|speed| *speed < 255.5);
            sheet.maybe("platform_ground_speed_m_s", speed);
            sheet.maybe("platform_call_sign", detection.target.as_deref());
            let ellipsoid = height_m(HeightDatum::Ellipsoid);
            sheet.maybe("sensor_height_ellipsoid_m", ellipsoid);
        }
        Reading::Sighting(_) => {
            let target = json!({
                "id": 1,
                "lat_deg": place.position.lat_deg,
                "lon_deg": place.position.lon_deg,
                "height_ellipsoid_m": height_m(HeightDatum::Ellipsoid),
            });
            sheet.set("vmti", json!({"targets_reported": 1, "targets": [target]}));
        }
        _ => return Err(refuse("it is neither a flight nor a sighting")),
    }
    Ok(vec![encode_packet(&sheet)?])
}

/// Writes a packet with its checksum, from a sheet as the decoder gives it. Own values count before
/// those in SI units.
///
/// # Errors
/// [`Unencodable`] when a value is none of its field.
pub fn encode_packet(sheet: &Sheet) -> Result<Vec<u8>, Unencodable> {
    let content = st0601::write(&sheet.fields, &sheet.given)
        .map_err(|name| Unencodable::new("klv", format!("`{name}` has no such value")))?;
    Ok(sealed(&content))
}

/// Items as a packet with its checksum.
fn sealed(content: &[u8]) -> Vec<u8> {
    let mut packet = KEY.to_vec();
    // The checksum is an item of four bytes.
    put_length(content.len() + 4, &mut packet);
    packet.extend(content);
    packet.extend([1, 2]);
    let sum = checksum(&packet);
    packet.extend(sum.to_be_bytes());
    packet
}

#[cfg(test)]
mod tests;
