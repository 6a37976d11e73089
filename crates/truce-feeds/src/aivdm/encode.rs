//! Writes AIS messages 1 to 6, 8, 9, 11, 18, 19, 21, 24, 27 and 28 as sentences with a TAG block.

use jiff::tz::TimeZone;
use truce_core::observation::VesselReport;
use truce_core::place::normalize_bearing_deg;
use truce_core::{Height, HeightDatum, Location, Observation, Position, Reading, Timestamp};

use super::application;
use super::bits::{Bits, Field, field};
use super::layout as at;
use super::sentence::push_checked;
use crate::fault::Unencodable;
use crate::units::KNOT_M_S;

/// Longest payload of one sentence, characters: a sentence has at most 82 characters (NMEA 0183,
/// 5.3), of which 20 stand around the payload.
const PAYLOAD_MAX: usize = 60;

/// Longest station in a TAG block, characters (NMEA 0183 v4, source identification).
const STATION_MAX: usize = 15;

/// Longest message written, bits: five slots (M.1371-5, Annex 2, 3.2.2.11).
const BINARY_BITS_MAX: usize = 1_008;

/// Groups are numbered 1 to 99,999 in a TAG block; they need to differ only among neighbours.
const GROUPS: i64 = 99_999;

/// Writes a vessel's report as sentences with a TAG block: station, time, and for several
/// sentences their group. Resolutions are those of the message: 1/10,000 minute (message 27: 1/10
/// minute), 0.1 knot, 0.1 degree, whole seconds.
///
/// The report's `message_type` chooses the message. Message 24 is written as part A when the report
/// has a name, else as part B. What is absent is written as "not available".
///
/// # Errors
/// [`Unencodable`] for other readings and for other messages.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let Reading::Vessel(vessel) = &observation.reading else {
        return Err(Unencodable::new("aivdm", "it is no vessel's report"));
    };
    let told = Telling {
        vessel,
        location: observation.location.as_ref(),
        at: observation.observed_at.start,
    };
    let mut bits = Bits::default();
    bits.set(at::MESSAGE_TYPE, u64::from(vessel.message_type));
    bits.set(at::REPEAT, 0);
    bits.set(at::MMSI, u64::from(vessel.mmsi));
    match vessel.message_type {
        1..=3 => told.class_a(&mut bits),
        4 | 11 => told.base(&mut bits),
        5 => told.voyage(&mut bits),
        6 | 8 => told.binary(&mut bits)?,
        9 => told.aircraft(&mut bits),
        18 => told.class_b(&mut bits),
        19 => told.class_b_extended(&mut bits),
        21 => told.aid(&mut bits),
        24 => told.part(&mut bits),
        27 => told.long_range(&mut bits),
        28 => told.short_aid(&mut bits),
        other => {
            let reason = format!("message type {other} is not written");
            return Err(Unencodable::new("aivdm", reason));
        }
    }
    let station = observation.sensor.as_ref().and_then(|sensor| {
        // A name that is too long is shortened to what its receiver is called at its place.
        let name = sensor.as_str();
        let last = name.rsplit('/').next();
        [Some(name), last]
            .into_iter()
            .flatten()
            .find(|name| name.len() <= STATION_MAX)
    });
    Ok(sentences(&bits, vessel, station, told.at))
}

/// Cuts the bits into sentences. Position reports alternate between the two channels with the
/// second; the sequential number follows from ship and time.
fn sentences(
    bits: &Bits,
    vessel: &VesselReport,
    station: Option<&str>,
    time: Timestamp,
) -> Vec<String> {
    let (payload, fill) = bits.armoured();
    let total = payload.len().div_ceil(PAYLOAD_MAX);
    let second = time.as_second();
    let channel = if second % 2 == 0 { 'A' } else { 'B' };
    let message = i64::from(vessel.mmsi) + second;
    let mut lines = Vec::with_capacity(total);
    for number in 1..=total {
        let end = payload.len().min(number * PAYLOAD_MAX);
        let part = &payload[(number - 1) * PAYLOAD_MAX..end];
        let fill = if number == total { fill } else { 0 };
        let mut tag: Vec<String> = Vec::new();
        let mut sequence = String::new();
        if total > 1 {
            sequence = message.rem_euclid(10).to_string();
            let group = message.rem_euclid(GROUPS) + 1;
            tag.push(format!("g:{number}-{total}-{group}"));
        }
        if number == 1 {
            tag.extend(station.map(|station| format!("s:{station}")));
            tag.push(format!("c:{second}"));
        }
        let body = format!("AIVDM,{total},{number},{sequence},{channel},{part},{fill}");
        let mut line = String::with_capacity(120);
        push_checked(&mut line, '\\', &tag.join(","));
        line.push('\\');
        push_checked(&mut line, '!', &body);
        lines.push(line);
    }
    lines
}

/// A report on its way into bits.
struct Telling<'a> {
    vessel: &'a VesselReport,
    location: Option<&'a Location>,
    at: Timestamp,
}

impl Telling<'_> {
    fn position(&self, bits: &mut Bits, layout: &at::Position) {
        // Sets the length: everything that is not written below stays zero.
        bits.set(field(layout.bits - 1, 1), 0);
        let place = self.location.and_then(Location::place);
        // 91 and 181 degrees are "not available".
        let (lat_deg, lon_deg) = place.map_or((91.0, 181.0), |place| {
            let Position { lat_deg, lon_deg } = place.position;
            (lat_deg, lon_deg)
        });
        bits.set(layout.lat, coordinate(lat_deg, layout.per_deg));
        bits.set(layout.lon, coordinate(lon_deg, layout.per_deg));
        let vessel = self.vessel;
        let accurate = u64::from(vessel.accurate == Some(true));
        set(bits, layout.accuracy.map(|start| field(start, 1)), accurate);
        if let Some(speed) = layout.speed {
            let not_available = (1 << speed.field.bits) - 1;
            let code = vessel.speed_m_s.map_or(not_available, |speed_m_s| {
                whole(speed_m_s / KNOT_M_S * speed.per_knot).min(not_available - 1)
            });
            bits.set(speed.field, code);
        }
        if let Some(course) = layout.course {
            bits.set(course.field, course_code(vessel.course_deg, course));
        }
        let heading = vessel.heading_deg;
        let heading = heading.map_or(511, |deg| whole(normalize_bearing_deg(deg)) % 360);
        set(bits, layout.heading, heading);
        let status = vessel.navigational_status.filter(|status| *status < 15);
        set(bits, layout.status, u64::from(status.unwrap_or(15)));
        set(bits, layout.second, self.second());
        let raim = u64::from(self.flag("raim") == Some(true));
        set(bits, layout.raim.map(|start| field(start, 1)), raim);
    }

    /// The UTC second, or the code for how the position was found instead.
    fn second(&self) -> u64 {
        match self.word("position_mode") {
            Some("manual") => 61,
            Some("dead_reckoning") => 62,
            Some("inoperative") => 63,
            _ => self.at.as_second().rem_euclid(60).unsigned_abs(),
        }
    }

    fn class_a(&self, bits: &mut Bits) {
        self.position(bits, &at::CLASS_A);
        let rate = self.vessel.other.get("rate_of_turn_deg_min");
        let code = match (
            rate.and_then(serde_json::Value::as_f64),
            self.word("turning"),
        ) {
            (Some(rate), _) => {
                let code = whole(4.733 * rate.abs().sqrt()).min(126).cast_signed();
                if rate < 0.0 { -code } else { code }
            }
            (None, Some("right")) => 127,
            (None, Some("left")) => -127,
            (None, _) => -128,
        };
        bits.set(at::RATE_OF_TURN, code.cast_unsigned());
        let manoeuvre = self
            .flag("special_manoeuvre")
            .map_or(0, |engaged| 1 + u64::from(engaged));
        bits.set(at::SPECIAL_MANOEUVRE, manoeuvre);
    }

    fn base(&self, bits: &mut Bits) {
        self.position(bits, &at::BASE);
        let utc = TimeZone::UTC.to_datetime(self.at);
        let parts = [
            i64::from(utc.year()),
            i64::from(utc.month()),
            i64::from(utc.day()),
            i64::from(utc.hour()),
            i64::from(utc.minute()),
            i64::from(utc.second()),
        ];
        for (field, part) in at::BASE_TIME.into_iter().zip(parts) {
            bits.set(field, part.cast_unsigned());
        }
        bits.set(at::BASE_EPFD, self.number("epfd"));
    }

    fn aircraft(&self, bits: &mut Bits) {
        self.position(bits, &at::AIRCRAFT);
        let height = match self.location {
            Some(Location::Fix { height, .. }) => *height,
            _ => None,
        };
        let metres = |height: Height| whole(height.height_m.max(0.0)).min(4094);
        bits.set(at::ALTITUDE, height.map_or(4095, metres));
        let barometric = height.is_some_and(|height| height.above == HeightDatum::Barometric);
        bits.set(field(at::ALTITUDE_SENSOR, 1), u64::from(barometric));
    }

    fn class_b(&self, bits: &mut Bits) {
        self.position(bits, &at::CLASS_B);
        let carrier_sense = self.flag("carrier_sense") == Some(true);
        bits.set(field(at::CARRIER_SENSE, 1), u64::from(carrier_sense));
    }

    fn class_b_extended(&self, bits: &mut Bits) {
        self.position(bits, &at::CLASS_B_EXTENDED);
        self.statics(bits, &at::CLASS_B_EXTENDED_STATIC);
    }

    fn long_range(&self, bits: &mut Bits) {
        self.position(bits, &at::LONG_RANGE);
    }

    /// An application's bits: as they were received, or else from what they say.
    fn binary(&self, bits: &mut Bits) -> Result<(), Unencodable> {
        let other = &self.vessel.other;
        let lacks = |what: &str| Unencodable::new("aivdm", format!("it has no {what}"));
        let number = |name: &str| other.get(name).and_then(serde_json::Value::as_u64);
        let addressed = self.vessel.message_type == 6;
        let start = if addressed {
            let destination = number("destination_mmsi");
            let destination = destination.ok_or_else(|| lacks("destination_mmsi"))?;
            bits.set(field(40, 30), destination);
            72
        } else {
            40
        };
        let area_code = number("designated_area_code");
        let area_code = area_code.ok_or_else(|| lacks("designated_area_code"))?;
        let function = number("function_identifier").and_then(|code| u8::try_from(code).ok());
        let function = function.ok_or_else(|| lacks("function_identifier"))?;
        bits.set(field(start, 10), area_code);
        bits.set(field(start + 10, 6), u64::from(function));
        let own = start + 16;
        if let Some(digits) = self.word("binary") {
            let codes = digits.chars().map_while(|digit| digit.to_digit(16));
            for (index, code) in codes.take((BINARY_BITS_MAX - own) / 4).enumerate() {
                bits.set(field(own + 4 * index, 4), u64::from(code));
            }
            return Ok(());
        }
        let fields = other
            .get("application")
            .and_then(serde_json::Value::as_object);
        let fields = fields.ok_or_else(|| lacks("binary data"))?;
        let written = application::write((area_code, function), addressed, fields, bits, own);
        written.ok_or_else(|| lacks("application that is known"))
    }

    fn short_aid(&self, bits: &mut Bits) {
        self.position(bits, &at::SHORT_AID);
        bits.set(at::SHORT_AID_TYPE, self.number("aid_type"));
        let station = if self.flag("virtual_aid") == Some(true) {
            4
        } else {
            0
        };
        bits.set(at::SHORT_AID_STATION, station);
        let off = u64::from(self.flag("off_position") == Some(true));
        bits.set(at::SHORT_AID_STATUS, off);
        let authenticated = u64::from(self.flag("authenticated") == Some(true));
        bits.set(field(at::SHORT_AID_AUTHENTICATED, 1), authenticated);
    }

    fn aid(&self, bits: &mut Bits) {
        self.position(bits, &at::AID);
        self.statics(bits, &at::AID_STATIC);
        bits.set(at::AID_TYPE, self.number("aid_type"));
        let flag = |name| u64::from(self.flag(name) == Some(true));
        bits.set(field(at::AID_OFF_POSITION, 1), flag("off_position"));
        bits.set(field(at::AID_VIRTUAL, 1), flag("virtual_aid"));
        let name = self.vessel.name.as_deref().unwrap_or("");
        let rest: String = name.chars().skip(20).take(14).collect();
        if !rest.is_empty() {
            let extension = field(at::AID_NAME_EXTENSION.start, 6 * rest.chars().count());
            bits.set_text(extension, &rest);
        }
        // Spare bits fill the last byte (Message 21, table).
        let len = bits.len();
        if !len.is_multiple_of(8) {
            bits.set(field(len, 8 - len % 8), 0);
        }
    }

    fn voyage(&self, bits: &mut Bits) {
        bits.set(field(at::VOYAGE_BITS - 1, 1), 0);
        self.statics(bits, &at::VOYAGE);
    }

    fn part(&self, bits: &mut Bits) {
        bits.set(field(at::PART_BITS - 1, 1), 0);
        let a = self.vessel.name.is_some() || self.word("part") == Some("A");
        if a {
            bits.set(at::PART, 0);
            self.statics(bits, &at::PART_A);
            return;
        }
        bits.set(at::PART, 1);
        let mut layout = at::PART_B;
        if self.vessel.mmsi / 10_000_000 == 98 {
            layout.dimensions = None;
            bits.set(at::MOTHERSHIP, self.number("mothership_mmsi"));
        }
        self.statics(bits, &layout);
        let [vendor, model, serial] = at::VENDOR;
        bits.set_text(vendor, self.word("unit_vendor").unwrap_or(""));
        bits.set(model, self.number("unit_model"));
        bits.set(serial, self.number("unit_serial"));
    }

    fn statics(&self, bits: &mut Bits, layout: &at::Static) {
        let vessel = self.vessel;
        for (wanted, text) in [
            (layout.name, &vessel.name),
            (layout.call_sign, &vessel.call_sign),
            (layout.destination, &vessel.destination),
        ] {
            if let Some(wanted) = wanted {
                bits.set_text(wanted, text.as_deref().unwrap_or(""));
            }
        }
        let imo = vessel.imo_number.map(u64::from);
        set(
            bits,
            layout.imo,
            imo.unwrap_or_else(|| self.number("official_number")),
        );
        set(
            bits,
            layout.ship_type,
            u64::from(vessel.ship_type.unwrap_or(0)),
        );
        let draught = vessel
            .draught_m
            .map_or(0, |metres| whole(metres * 10.0).min(255));
        set(bits, layout.draught, draught);
        set(bits, layout.epfd, self.number("epfd"));
        if let Some(fields) = layout.dimensions {
            self.dimensions(bits, fields);
        }
        if let Some(fields) = layout.eta {
            for (field, code) in fields.into_iter().zip(self.eta()) {
                bits.set(field, code);
            }
        }
    }

    /// The reference point where it is known, else only length and beam: bow and port stay zero.
    fn dimensions(&self, bits: &mut Bits, [bow, stern, port, starboard]: [Field; 4]) {
        let given = |name: &str| self.vessel.other.contains_key(name);
        let known = given("to_bow_m") && given("to_port_m");
        let (length, beam) = (self.vessel.length_m, self.vessel.beam_m);
        let codes = if known {
            ["to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"].map(|name| self.number(name))
        } else {
            [0, length.map_or(0, whole), 0, beam.map_or(0, whole)]
        };
        for (field, code) in [bow, stern, port, starboard].into_iter().zip(codes) {
            bits.set(field, code.min((1 << field.bits) - 1));
        }
    }

    /// Codes of `MM-DDThh:mm`; 0, 0, 24 and 60 are "not available".
    fn eta(&self) -> [u64; 4] {
        let text = self.word("eta").unwrap_or("");
        let part = |start: usize, none: u64| {
            let digits = text.get(start..start + 2);
            digits
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(none)
        };
        [part(0, 0), part(3, 0), part(6, 24), part(9, 60)]
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.vessel.other.get(name)?.as_bool()
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.vessel.other.get(name)?.as_str()
    }

    /// A number kept under a name; 0 stands for "not available" in every such field.
    fn number(&self, name: &str) -> u64 {
        let value = self.vessel.other.get(name);
        value.and_then(serde_json::Value::as_u64).unwrap_or(0)
    }
}

fn set(bits: &mut Bits, field: Option<Field>, code: u64) {
    if let Some(field) = field {
        bits.set(field, code);
    }
}

/// A number that is not negative, rounded to a whole one. A cast from a float saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[allow(clippy::cast_possible_truncation)]
fn coordinate(deg: f64, per_deg: f64) -> u64 {
    ((deg * per_deg).round() as i64).cast_unsigned()
}

/// The code of a course; 360 degrees and more are "not available" (511 when the code has room for
/// no more than whole degrees).
fn course_code(course_deg: Option<f64>, course: at::Course) -> u64 {
    let turn = whole(360.0 * course.per_deg);
    let not_available = if course.per_deg > 1.0 { turn } else { 511 };
    course_deg.map_or(not_available, |deg| {
        whole(normalize_bearing_deg(deg) * course.per_deg) % turn
    })
}
