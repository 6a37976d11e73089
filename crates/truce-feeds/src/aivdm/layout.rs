//! Where the fields of AIS messages lie of which readings are made: found by their names in the tables
//! of the messages while the program is compiled. A name that a table lacks does not compile.

use super::bits::{Field, field};
use super::tables::{self, FINE_PER_DEG, HEAD, Item, Kind};

/// The bits before a message's own table.
const HEAD_BITS: usize = end(0, HEAD);

/// Message type: the same in every message (Annex 8, 3).
pub(crate) const MESSAGE_TYPE: Field = the("message_type", 0, HEAD);
/// How often it was repeated.
pub(crate) const REPEAT: Field = the("repeat_indicator", 0, HEAD);
/// Maritime mobile service identity.
pub(crate) const MMSI: Field = the("mmsi", 0, HEAD);

/// The bit behind a table that begins at a bit.
const fn end(start: usize, table: &[Item]) -> usize {
    let (mut at, mut item) = (start, 0);
    while item < table.len() {
        at += table[item].1;
        item += 1;
    }
    at
}

/// The first field of a name, in a table that begins at a bit, and how it is coded.
const fn find(name: &str, start: usize, table: &[Item]) -> Option<(Field, Kind)> {
    let (mut at, mut item) = (start, 0);
    while item < table.len() {
        let (named, bits, kind) = table[item];
        if is_same(named.as_bytes(), name.as_bytes()) {
            return Some((field(at, bits), kind));
        }
        at += bits;
        item += 1;
    }
    None
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

const fn place(name: &str, start: usize, table: &[Item]) -> Option<Field> {
    match find(name, start, table) {
        Some((field, _)) => Some(field),
        None => None,
    }
}

const fn flag(name: &str, table: &[Item]) -> Option<usize> {
    match find(name, HEAD_BITS, table) {
        Some((field, _)) => Some(field.start),
        None => None,
    }
}

/// The place of a field that the table has.
const fn the(name: &str, start: usize, table: &[Item]) -> Field {
    place(name, start, table).expect("the table has the field")
}

/// Places of several fields that the table has, or of none.
const fn several<const N: usize>(
    names: [&str; N],
    start: usize,
    table: &[Item],
) -> Option<[Field; N]> {
    if place(names[0], start, table).is_none() {
        return None;
    }
    let (mut fields, mut number) = ([field(0, 0); N], 0);
    while number < N {
        fields[number] = the(names[number], start, table);
        number += 1;
    }
    Some(fields)
}

/// A field for a quantity, and how it is coded. The code with all bits set means "not available".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    pub(crate) field: Field,
    /// Codes per knot.
    pub(crate) per_knot: f64,
}

/// A course over ground.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) field: Field,
    /// Codes per degree. Codes from 360 degrees on mean "not available" or are not used.
    pub(crate) per_deg: f64,
}

/// The fields that position reports share. A message that lacks one has `None`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    /// Length of the message, bits; without what may follow its last field.
    pub(crate) bits: usize,
    pub(crate) accuracy: Option<usize>,
    pub(crate) lon: Field,
    pub(crate) lat: Field,
    /// Codes of a coordinate per degree.
    pub(crate) per_deg: f64,
    pub(crate) speed: Option<Speed>,
    pub(crate) course: Option<Course>,
    pub(crate) heading: Option<Field>,
    pub(crate) status: Option<Field>,
    pub(crate) second: Option<Field>,
    pub(crate) raim: Option<usize>,
}

impl Position {
    const fn of(table: &[Item]) -> Self {
        let start = HEAD_BITS;
        let (lon, per_deg) = match find("lon_deg", start, table) {
            Some((field, Kind::Degrees(per_deg, _))) => (field, per_deg),
            _ => panic!("the table has no longitude"),
        };
        Self {
            bits: end(start, table),
            accuracy: flag("position_accuracy", table),
            lon,
            lat: the("lat_deg", start, table),
            per_deg,
            speed: match find("speed_m_s", start, table) {
                Some((field, Kind::Knots(per_knot))) => Some(Speed { field, per_knot }),
                _ => None,
            },
            course: match find("course_deg", start, table) {
                Some((field, Kind::Course(per_deg))) => Some(Course { field, per_deg }),
                _ => None,
            },
            heading: place("heading_deg", start, table),
            status: place("navigational_status", start, table),
            second: place("utc_second", start, table),
            raim: flag("raim", table),
        }
    }

    /// True when coordinates are in tenths of a minute.
    pub(crate) fn is_coarse(&self) -> bool {
        self.per_deg < FINE_PER_DEG
    }
}

/// Messages 1, 2 and 3: position report of a Class A ship.
pub(crate) const CLASS_A: Position = Position::of(tables::CLASS_A);
/// Rate of turn, 4.733 √(degrees per minute).
pub(crate) const RATE_OF_TURN: Field = the("rate_of_turn_deg_min", HEAD_BITS, tables::CLASS_A);
/// Special manoeuvre: 0 not available, 1 not engaged, 2 engaged.
pub(crate) const SPECIAL_MANOEUVRE: Field = the("special_manoeuvre", HEAD_BITS, tables::CLASS_A);

/// Messages 4 and 11: base station report, UTC and date response. The time of the report is its
/// own; see [`BASE_TIME`].
pub(crate) const BASE: Position = Position {
    second: None,
    ..Position::of(tables::BASE)
};
/// Year, month, day, hour, minute, second of messages 4 and 11.
pub(crate) const BASE_TIME: [Field; 6] = several(
    [
        "utc_year",
        "utc_month",
        "utc_day",
        "utc_hour",
        "utc_minute",
        "utc_second",
    ],
    HEAD_BITS,
    tables::BASE,
)
.expect("the table has the fields");
/// Type of position fixing device of messages 4 and 11.
pub(crate) const BASE_EPFD: Field = the("epfd", HEAD_BITS, tables::BASE);

/// Message 9: position report of a search and rescue aircraft.
pub(crate) const AIRCRAFT: Position = Position::of(tables::AIRCRAFT);
/// Altitude, metres; 4,095 not available, 4,094 that or higher.
pub(crate) const ALTITUDE: Field = the("altitude_m", HEAD_BITS, tables::AIRCRAFT);
/// Altitude sensor: 0 satellite navigation, 1 barometric.
pub(crate) const ALTITUDE_SENSOR: usize =
    the("altitude_is_barometric", HEAD_BITS, tables::AIRCRAFT).start;

/// Message 17: satellite navigation corrections broadcast by a base station.
pub(crate) const CORRECTIONS: Position = Position::of(tables::CORRECTIONS);

/// Message 18: position report of a Class B ship.
pub(crate) const CLASS_B: Position = Position::of(tables::CLASS_B);
/// Class B unit: 0 self-organising, 1 carrier sense.
pub(crate) const CARRIER_SENSE: usize = the("carrier_sense", HEAD_BITS, tables::CLASS_B).start;

/// Message 19: extended report of a Class B ship.
pub(crate) const CLASS_B_EXTENDED: Position = Position::of(tables::CLASS_B_EXTENDED);

/// Message 21: report of an aid to navigation.
pub(crate) const AID: Position = Position::of(tables::AID);
/// Type of aid to navigation.
pub(crate) const AID_TYPE: Field = the("aid_type", HEAD_BITS, tables::AID);
/// Off position indicator, valid for floating aids whose second is available.
pub(crate) const AID_OFF_POSITION: usize = the("off_position", HEAD_BITS, tables::AID).start;
/// Virtual aid: simulated, there is nothing at the place.
pub(crate) const AID_VIRTUAL: usize = the("virtual_aid", HEAD_BITS, tables::AID).start;
/// Where the name goes on: up to 14 more characters.
pub(crate) const AID_NAME_EXTENSION: Field = field(AID.bits, 14 * 6);

/// Message 27: long-range report.
pub(crate) const LONG_RANGE: Position = Position::of(tables::LONG_RANGE);

/// Message 28: report of an aid to navigation in one slot (Rec. ITU-R M.1371-6, annex 7, 3.26).
pub(crate) const SHORT_AID: Position = Position::of(tables::SHORT_AID);
/// What kind of station sends message 28: 4 means that there is nothing at the place.
pub(crate) const SHORT_AID_STATION: Field = the("aid_station_type", HEAD_BITS, tables::SHORT_AID);
/// Type of the aid of message 28; 0 is not specified.
pub(crate) const SHORT_AID_TYPE: Field = the("aid_type", HEAD_BITS, tables::SHORT_AID);
/// Where the aid of message 28 is: 0 on its position, 1 off it.
pub(crate) const SHORT_AID_STATUS: Field = the("on_station_status", HEAD_BITS, tables::SHORT_AID);
/// Whether message 28 is signed elsewhere (IALA G1192).
pub(crate) const SHORT_AID_AUTHENTICATED: usize =
    the("authenticated", HEAD_BITS, tables::SHORT_AID).start;

/// The fields that static reports share.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Static {
    pub(crate) name: Option<Field>,
    pub(crate) call_sign: Option<Field>,
    pub(crate) imo: Option<Field>,
    pub(crate) ship_type: Option<Field>,
    /// Bow, stern, port, starboard from the reference point, metres.
    pub(crate) dimensions: Option<[Field; 4]>,
    /// Type of position fixing device.
    pub(crate) epfd: Option<Field>,
    /// Tenths of a metre.
    pub(crate) draught: Option<Field>,
    /// Month, day, hour, minute.
    pub(crate) eta: Option<[Field; 4]>,
    pub(crate) destination: Option<Field>,
}

impl Static {
    const fn of(start: usize, table: &[Item]) -> Self {
        let (dimensions, eta) = (
            ["to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"],
            ["eta_month", "eta_day", "eta_hour", "eta_minute"],
        );
        Self {
            name: place("name", start, table),
            call_sign: place("call_sign", start, table),
            imo: place("imo_number", start, table),
            ship_type: place("ship_type", start, table),
            dimensions: several(dimensions, start, table),
            epfd: place("epfd", start, table),
            draught: place("draught_m", start, table),
            eta: several(eta, start, table),
            destination: place("destination", start, table),
        }
    }
}

/// Message 5: ship static and voyage related data.
pub(crate) const VOYAGE: Static = Static::of(HEAD_BITS, tables::VOYAGE);
/// Length of message 5, bits.
pub(crate) const VOYAGE_BITS: usize = end(HEAD_BITS, tables::VOYAGE);

/// The static half of message 19.
pub(crate) const CLASS_B_EXTENDED_STATIC: Static = Static::of(HEAD_BITS, tables::CLASS_B_EXTENDED);

/// The static half of message 21; the name goes on at [`AID_NAME_EXTENSION`].
pub(crate) const AID_STATIC: Static = Static::of(HEAD_BITS, tables::AID);

/// Which part of message 24: 0 is A, 1 is B.
pub(crate) const PART: Field = the("part_number", HEAD_BITS, tables::PART_A);
/// Message 24, part A. Its length is 160 bits in the standard's text and 168 on the air.
pub(crate) const PART_A: Static = Static::of(HEAD_BITS, tables::PART_A);

/// Where the dimensions of message 24, part B, begin, and what follows them.
const PART_B_DIMENSIONS: usize = end(HEAD_BITS, tables::PART_B_HEAD);
const PART_B_TAIL: usize = end(PART_B_DIMENSIONS, tables::DIMENSIONS);
/// Message 24, part B.
pub(crate) const PART_B: Static = Static {
    dimensions: Static::of(PART_B_DIMENSIONS, tables::DIMENSIONS).dimensions,
    epfd: Static::of(PART_B_TAIL, tables::PART_B_TAIL).epfd,
    ..Static::of(HEAD_BITS, tables::PART_B_HEAD)
};
/// Length of message 24, bits.
pub(crate) const PART_BITS: usize = end(PART_B_TAIL, tables::PART_B_TAIL);
/// Maker, model and serial number of the unit.
pub(crate) const VENDOR: [Field; 3] = several(
    ["unit_vendor", "unit_model", "unit_serial"],
    HEAD_BITS,
    tables::PART_B_HEAD,
)
.expect("the table has the fields");
/// Mothership of an auxiliary craft (MMSI 98…), in the place of the dimensions.
pub(crate) const MOTHERSHIP: Field = the("mothership_mmsi", PART_B_DIMENSIONS, tables::MOTHERSHIP);
