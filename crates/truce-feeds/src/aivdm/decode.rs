//! What the bits of one AIS message say. Codes for "not available" become absent fields.

use serde_json::Value;
use truce_core::observation::VesselReport;
use truce_core::{Height, HeightDatum, Position};

use super::bits::{Bits, Field};
use super::layout::{self as at, MESSAGE_TYPE, MMSI};
use super::other;
use crate::fault::{Fault, RejectionClass};
use crate::units::KNOT_M_S;

/// Identities have nine decimal digits (M.585).
const MMSI_MAX: u32 = 999_999_999;

/// IMO numbers have seven digits; larger values are official numbers of flag states (Message 5).
const IMO_NUMBERS: std::ops::RangeInclusive<u64> = 1_000_000..=9_999_999;

/// What one message says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) vessel: VesselReport,
    /// Where, when it says so.
    pub(crate) position: Option<Position>,
    /// True when the position is in steps of a tenth of a minute.
    pub(crate) coarse: bool,
    /// Height of an aircraft.
    pub(crate) height: Option<Height>,
    /// Second of the minute at which it was reported.
    pub(crate) second: Option<u8>,
    /// Its own full time: year, month, day, hour, minute, second.
    pub(crate) utc: Option<[i16; 6]>,
}

impl Told {
    /// Keeps a field that has no place of its own.
    pub(crate) fn keep(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.vessel.other.insert(name.to_owned(), value.into());
        }
    }
}

/// Reads a message. One that is cut short or of an unknown type gives what can be trusted: who sent
/// it, the fields before its end, and in `wrong` what is wrong with it.
pub(crate) fn decode(bits: &Bits) -> Result<Told, Fault> {
    let short = || {
        let reason = format!("{} bits are too few", bits.len());
        Fault::new(RejectionClass::PayloadLength, reason)
    };
    let message_type = bits.byte(MESSAGE_TYPE).ok_or_else(short)?;
    let mmsi = bits
        .unsigned(MMSI)
        .and_then(|mmsi| u32::try_from(mmsi).ok());
    let mmsi = mmsi.ok_or_else(short)?;
    if mmsi > MMSI_MAX {
        let reason = format!("MMSI {mmsi} has more than nine digits");
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    let mut told = Told::default();
    told.vessel.message_type = message_type;
    told.vessel.mmsi = mmsi;
    let whole = match message_type {
        1..=3 => class_a(bits, &mut told),
        4 | 11 => base(bits, &mut told),
        5 => voyage(bits, &mut told),
        9 => aircraft(bits, &mut told),
        17 => position(bits, &at::CORRECTIONS, &mut told),
        18 => class_b(bits, &mut told),
        19 => {
            let read = position(bits, &at::CLASS_B_EXTENDED, &mut told);
            read.map(|()| statics(bits, &at::CLASS_B_EXTENDED_STATIC, &mut told))
        }
        21 => aid(bits, &mut told),
        24 => part(bits, &mut told),
        27 => position(bits, &at::LONG_RANGE, &mut told),
        28 => short_aid(bits, &mut told),
        6..=8 | 10 | 12..=16 | 20 | 22 | 23 | 25 | 26 => other::decode(bits, &mut told),
        _ => {
            let reason = format!("message type {message_type} is not defined");
            told.keep("wrong", Some(reason));
            return Ok(told);
        }
    };
    if whole.is_none() {
        let reason = format!("{} bits are too few for message {message_type}", bits.len());
        told.keep("wrong", Some(reason));
    }
    Ok(told)
}

/// The fields that position reports share, as far as the message has them. `None` when it ends
/// before its coordinates do.
fn position(bits: &Bits, layout: &at::Position, told: &mut Told) -> Option<()> {
    let place = coordinates(bits, layout.lat, layout.lon, layout.per_deg);
    told.position = place.flatten();
    told.coarse = layout.is_coarse();
    let vessel = &mut told.vessel;
    vessel.accurate = layout.accuracy.and_then(|start| bits.flag(start));
    vessel.speed_m_s = layout.speed.and_then(|speed| speed_m_s(bits, speed));
    vessel.course_deg = layout.course.and_then(|course| course_deg(bits, course));
    // 0 to 359 degrees; 511 is not available, the rest is not used.
    let heading = layout.heading.and_then(|field| bits.unsigned(field));
    vessel.heading_deg = heading.filter(|deg| *deg < 360).map(|deg| deg as f64);
    // 15 is "not defined".
    let status = layout.status.and_then(|field| bits.byte(field));
    vessel.navigational_status = status.filter(|status| *status < 15);
    match layout.second.and_then(|field| bits.byte(field)) {
        Some(second @ 0..=59) => told.second = Some(second),
        Some(61) => told.keep("position_mode", Some("manual")),
        Some(62) => told.keep("position_mode", Some("dead_reckoning")),
        Some(63) => told.keep("position_mode", Some("inoperative")),
        _ => {}
    }
    if layout.raim.and_then(|start| bits.flag(start)) == Some(true) {
        told.keep("raim", Some(true));
    }
    place.map(|_| ())
}

/// Latitude and longitude: outer `None` when they are cut off, inner when they are not available
/// (91 and 181 degrees) or impossible.
fn coordinates(bits: &Bits, lat: Field, lon: Field, per_deg: f64) -> Option<Option<Position>> {
    let lat_deg = bits.signed(lat)? as f64 / per_deg;
    let lon_deg = bits.signed(lon)? as f64 / per_deg;
    Some(Position::new(lat_deg, lon_deg))
}

fn speed_m_s(bits: &Bits, speed: at::Speed) -> Option<f64> {
    let code = bits.unsigned(speed.field)?;
    let not_available = (1 << speed.field.bits) - 1;
    (code != not_available).then(|| code as f64 / speed.per_knot * KNOT_M_S)
}

fn course_deg(bits: &Bits, course: at::Course) -> Option<f64> {
    let deg = bits.unsigned(course.field)? as f64 / course.per_deg;
    (deg < 360.0).then_some(deg)
}

fn class_a(bits: &Bits, told: &mut Told) -> Option<()> {
    let read = position(bits, &at::CLASS_A, told);
    match bits.signed(at::RATE_OF_TURN) {
        // -128 is not available; 127 and -127 say only that it turns, without an indicator.
        Some(127) => told.keep("turning", Some("right")),
        Some(-127) => told.keep("turning", Some("left")),
        Some(code @ -126..=126) => {
            let root = code as f64 / 4.733;
            told.keep("rate_of_turn_deg_min", Some(root * root.abs()));
        }
        _ => {}
    }
    match bits.byte(at::SPECIAL_MANOEUVRE) {
        Some(1) => told.keep("special_manoeuvre", Some(false)),
        Some(2) => told.keep("special_manoeuvre", Some(true)),
        _ => {}
    }
    read
}

fn class_b(bits: &Bits, told: &mut Told) -> Option<()> {
    let read = position(bits, &at::CLASS_B, told);
    told.keep("carrier_sense", bits.flag(at::CARRIER_SENSE));
    read
}

fn base(bits: &Bits, told: &mut Told) -> Option<()> {
    position(bits, &at::BASE, told)?;
    let mut utc = [0; 6];
    for (part, field) in utc.iter_mut().zip(at::BASE_TIME) {
        *part = i16::try_from(bits.unsigned(field)?).ok()?;
    }
    // Year, month and day 0, hour 24, minute and second 60 are "not available".
    let [year, month, day, hour, minute, second] = utc;
    let known = year > 0 && month > 0 && day > 0 && hour < 24 && minute < 60 && second < 60;
    told.utc = known.then_some(utc);
    told.keep("epfd", device(bits, Some(at::BASE_EPFD)));
    Some(())
}

fn aircraft(bits: &Bits, told: &mut Told) -> Option<()> {
    position(bits, &at::AIRCRAFT, told)?;
    let height_m = bits.unsigned(at::ALTITUDE).filter(|metres| *metres < 4095);
    let above = match bits.flag(at::ALTITUDE_SENSOR)? {
        true => HeightDatum::Barometric,
        // Receivers give the height above the geoid (IEC 61108-1).
        false => HeightDatum::MeanSeaLevel,
    };
    told.height = height_m.map(|metres| Height {
        height_m: metres as f64,
        above,
    });
    Some(())
}

fn voyage(bits: &Bits, told: &mut Told) -> Option<()> {
    // Without as much as the number there is nothing to keep.
    bits.unsigned(at::VOYAGE.imo?)?;
    statics(bits, &at::VOYAGE, told);
    Some(())
}

fn aid(bits: &Bits, told: &mut Told) -> Option<()> {
    position(bits, &at::AID, told)?;
    statics(bits, &at::AID_STATIC, told);
    // The name goes on behind the fixed part when it has more than 20 characters.
    let name = bits.padded_text(at::AID_STATIC.name?)?;
    if name.len() == 20
        && let Some(rest) = bits.padded_text(at::AID_NAME_EXTENSION)
    {
        let whole = (name + &rest).trim().to_owned();
        told.vessel.name = Some(whole).filter(|name| !name.is_empty());
    }
    told.keep("aid_type", bits.byte(at::AID_TYPE).filter(|kind| *kind > 0));
    if told.second.is_some() {
        told.keep("off_position", bits.flag(at::AID_OFF_POSITION));
    }
    told.keep("virtual_aid", bits.flag(at::AID_VIRTUAL));
    Some(())
}

fn short_aid(bits: &Bits, told: &mut Told) -> Option<()> {
    position(bits, &at::SHORT_AID, told)?;
    let kind = bits.byte(at::SHORT_AID_TYPE);
    told.keep("aid_type", kind.filter(|kind| *kind > 0));
    let station = bits.byte(at::SHORT_AID_STATION);
    told.keep("virtual_aid", station.map(|station| station == 4));
    match bits.byte(at::SHORT_AID_STATUS) {
        Some(0) => told.keep("off_position", Some(false)),
        Some(1) => told.keep("off_position", Some(true)),
        _ => {}
    }
    told.keep("authenticated", bits.flag(at::SHORT_AID_AUTHENTICATED));
    Some(())
}

fn part(bits: &Bits, told: &mut Told) -> Option<()> {
    match bits.byte(at::PART)? {
        0 => {
            told.keep("part", Some("A"));
            statics(bits, &at::PART_A, told);
        }
        1 => {
            told.keep("part", Some("B"));
            part_b(bits, told);
        }
        number => {
            let reason = format!("part {number} of message 24 is not defined");
            told.keep("wrong", Some(reason));
        }
    }
    Some(())
}

fn part_b(bits: &Bits, told: &mut Told) {
    let mut layout = at::PART_B;
    // An auxiliary craft (MMSI 98…) names its mothership where others give dimensions.
    if told.vessel.mmsi / 10_000_000 == 98 {
        layout.dimensions = None;
        told.keep("mothership_mmsi", bits.unsigned(at::MOTHERSHIP));
    }
    statics(bits, &layout, told);
    let [maker, model, serial] = at::VENDOR;
    told.keep("unit_vendor", bits.text(maker));
    told.keep("unit_model", bits.byte(model));
    told.keep("unit_serial", bits.unsigned(serial));
}

/// The fields that static reports share.
fn statics(bits: &Bits, layout: &at::Static, told: &mut Told) {
    let text = |field: Option<Field>| bits.text(field?);
    told.vessel.name = text(layout.name);
    told.vessel.call_sign = text(layout.call_sign);
    told.vessel.destination = text(layout.destination);
    let ship_type = layout.ship_type.and_then(|field| bits.byte(field));
    told.vessel.ship_type = ship_type.filter(|code| *code > 0);
    let tenths = layout.draught.and_then(|field| bits.byte(field));
    let draught = tenths.filter(|tenths| *tenths > 0);
    told.vessel.draught_m = draught.map(|tenths| f64::from(tenths) / 10.0);
    let number = layout.imo.and_then(|field| bits.unsigned(field));
    match number {
        Some(imo) if IMO_NUMBERS.contains(&imo) => {
            told.vessel.imo_number = u32::try_from(imo).ok();
        }
        Some(1..) => told.keep("official_number", number),
        _ => {}
    }
    if let Some(fields) = layout.dimensions {
        dimensions(bits, fields, told);
    }
    told.keep("epfd", device(bits, layout.epfd));
    told.keep("eta", layout.eta.and_then(|fields| eta(bits, fields)));
}

/// Length and beam from the distances of the reference point. Bow and port 0 with the others set
/// mean that the reference point is unknown, yet the sums hold (Message 5, note on dimensions).
fn dimensions(bits: &Bits, fields: [Field; 4], told: &mut Told) {
    let [bow, stern, port, starboard] = fields.map(|field| bits.unsigned(field));
    let sum = |a: Option<u64>, b: Option<u64>| Some(a? + b?).filter(|metres| *metres > 0);
    told.vessel.length_m = sum(bow, stern).map(|metres| metres as f64);
    told.vessel.beam_m = sum(port, starboard).map(|metres| metres as f64);
    let known = sum(bow, port).is_some();
    if known {
        told.keep("to_bow_m", bow);
        told.keep("to_stern_m", stern);
        told.keep("to_port_m", port);
        told.keep("to_starboard_m", starboard);
    }
}

/// Type of position fixing device; 0 is undefined.
fn device(bits: &Bits, field: Option<Field>) -> Option<u8> {
    bits.byte(field?).filter(|device| *device > 0)
}

/// Estimated time of arrival as `MM-DDThh:mm`, UTC, `--` for what is not available.
fn eta(bits: &Bits, [month, day, hour, minute]: [Field; 4]) -> Option<String> {
    let digits = |field, (least, most)| {
        let value = bits
            .byte(field)
            .filter(|value| (least..=most).contains(value));
        value.map_or_else(|| "--".to_owned(), |value| format!("{value:02}"))
    };
    let eta = [
        digits(month, (1, 12)),
        digits(day, (1, 31)),
        digits(hour, (0, 23)),
        digits(minute, (0, 59)),
    ];
    let [month, day, hour, minute] = &eta;
    let known = eta.iter().any(|part| part != "--");
    known.then(|| format!("{month}-{day}T{hour}:{minute}"))
}
