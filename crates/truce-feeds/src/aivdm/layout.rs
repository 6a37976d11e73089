//! Where the fields of AIS messages lie: first bit and length, from the tables of Rec. ITU-R
//! M.1371-5, Annex 8, one constant per message. Decoder and encoder read the same tables.

use super::bits::{Field, field};

/// Message type, repeat indicator, user: the same in every message (Annex 8, 3).
pub(crate) const MESSAGE_TYPE: Field = field(0, 6);
/// How often it was repeated.
pub(crate) const REPEAT: Field = field(6, 2);
/// Maritime mobile service identity.
pub(crate) const MMSI: Field = field(8, 30);

/// Codes of a full-resolution coordinate per degree: 1/10,000 minute.
pub(crate) const FINE_PER_DEG: f64 = 600_000.0;
/// Codes of a coarse coordinate per degree: 1/10 minute.
pub(crate) const COARSE_PER_DEG: f64 = 600.0;

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
    /// Length of the whole message, bits.
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

const fn knots(start: usize, bits: usize, per_knot: f64) -> Option<Speed> {
    let field = field(start, bits);
    Some(Speed { field, per_knot })
}

const fn degrees(start: usize, bits: usize, per_deg: f64) -> Option<Course> {
    let field = field(start, bits);
    Some(Course { field, per_deg })
}

/// Messages 1, 2 and 3: position report of a Class A ship.
pub(crate) const CLASS_A: Position = Position {
    bits: 168,
    status: Some(field(38, 4)),
    speed: knots(50, 10, 10.0),
    accuracy: Some(60),
    lon: field(61, 28),
    lat: field(89, 27),
    per_deg: FINE_PER_DEG,
    course: degrees(116, 12, 10.0),
    heading: Some(field(128, 9)),
    second: Some(field(137, 6)),
    raim: Some(148),
};
/// Rate of turn, 4.733 √(degrees per minute).
pub(crate) const RATE_OF_TURN: Field = field(42, 8);
/// Special manoeuvre: 0 not available, 1 not engaged, 2 engaged.
pub(crate) const SPECIAL_MANOEUVRE: Field = field(143, 2);

/// Messages 4 and 11: base station report, UTC and date response. The time of the report is its
/// own; see [`BASE_TIME`].
pub(crate) const BASE: Position = Position {
    bits: 168,
    accuracy: Some(78),
    lon: field(79, 28),
    lat: field(107, 27),
    per_deg: FINE_PER_DEG,
    speed: None,
    course: None,
    heading: None,
    status: None,
    second: None,
    raim: Some(148),
};
/// Year, month, day, hour, minute, second of messages 4 and 11.
pub(crate) const BASE_TIME: [Field; 6] = [
    field(38, 14),
    field(52, 4),
    field(56, 5),
    field(61, 5),
    field(66, 6),
    field(72, 6),
];
/// Type of position fixing device of messages 4 and 11.
pub(crate) const BASE_EPFD: Field = field(134, 4);

/// Message 9: position report of a search and rescue aircraft.
pub(crate) const AIRCRAFT: Position = Position {
    bits: 168,
    speed: knots(50, 10, 1.0),
    accuracy: Some(60),
    lon: field(61, 28),
    lat: field(89, 27),
    per_deg: FINE_PER_DEG,
    course: degrees(116, 12, 10.0),
    heading: None,
    status: None,
    second: Some(field(128, 6)),
    raim: Some(147),
};
/// Altitude, metres; 4,095 not available, 4,094 that or higher.
pub(crate) const ALTITUDE: Field = field(38, 12);
/// Altitude sensor: 0 satellite navigation, 1 barometric.
pub(crate) const ALTITUDE_SENSOR: usize = 134;

/// Message 17: satellite navigation corrections broadcast by a base station.
pub(crate) const CORRECTIONS: Position = Position {
    bits: 80,
    accuracy: None,
    lon: field(40, 18),
    lat: field(58, 17),
    per_deg: COARSE_PER_DEG,
    speed: None,
    course: None,
    heading: None,
    status: None,
    second: None,
    raim: None,
};

/// Message 18: position report of a Class B ship.
pub(crate) const CLASS_B: Position = Position {
    bits: 168,
    speed: knots(46, 10, 10.0),
    accuracy: Some(56),
    lon: field(57, 28),
    lat: field(85, 27),
    per_deg: FINE_PER_DEG,
    course: degrees(112, 12, 10.0),
    heading: Some(field(124, 9)),
    status: None,
    second: Some(field(133, 6)),
    raim: Some(147),
};
/// Class B unit: 0 self-organising, 1 carrier sense.
pub(crate) const CARRIER_SENSE: usize = 141;

/// Message 19: extended report of a Class B ship.
pub(crate) const CLASS_B_EXTENDED: Position = Position {
    bits: 312,
    raim: Some(305),
    ..CLASS_B
};

/// Message 21: report of an aid to navigation.
pub(crate) const AID: Position = Position {
    bits: 272,
    accuracy: Some(163),
    lon: field(164, 28),
    lat: field(192, 27),
    per_deg: FINE_PER_DEG,
    speed: None,
    course: None,
    heading: None,
    status: None,
    second: Some(field(253, 6)),
    raim: Some(268),
};
/// Type of aid to navigation.
pub(crate) const AID_TYPE: Field = field(38, 5);
/// Off position indicator, valid for floating aids whose second is available.
pub(crate) const AID_OFF_POSITION: usize = 259;
/// Virtual aid: simulated, there is nothing at the place.
pub(crate) const AID_VIRTUAL: usize = 269;
/// Where the name goes on: up to 14 more characters.
pub(crate) const AID_NAME_EXTENSION: Field = field(272, 84);

/// Message 27: long-range report.
pub(crate) const LONG_RANGE: Position = Position {
    bits: 96,
    accuracy: Some(38),
    raim: Some(39),
    status: Some(field(40, 4)),
    lon: field(44, 18),
    lat: field(62, 17),
    per_deg: COARSE_PER_DEG,
    speed: knots(79, 6, 1.0),
    course: degrees(85, 9, 1.0),
    heading: None,
    second: None,
};

/// Message 28: report of an aid to navigation in one slot (Rec. ITU-R M.1371-6, annex 7, 3.26).
pub(crate) const SHORT_AID: Position = Position {
    bits: 168,
    accuracy: None,
    lon: field(44, 28),
    lat: field(72, 27),
    per_deg: FINE_PER_DEG,
    speed: None,
    course: None,
    heading: None,
    status: None,
    second: Some(field(38, 6)),
    raim: None,
};
/// What kind of station sends message 28: 4 means that there is nothing at the place.
pub(crate) const SHORT_AID_STATION: Field = field(101, 3);
/// Type of the aid of message 28; 0 is not specified.
pub(crate) const SHORT_AID_TYPE: Field = field(104, 7);
/// Where the aid of message 28 is: 0 on its position, 1 off it.
pub(crate) const SHORT_AID_STATUS: Field = field(154, 4);
/// Whether message 28 is signed elsewhere (IALA G1192).
pub(crate) const SHORT_AID_AUTHENTICATED: usize = 167;

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

const NO_STATIC: Static = Static {
    name: None,
    call_sign: None,
    imo: None,
    ship_type: None,
    dimensions: None,
    epfd: None,
    draught: None,
    eta: None,
    destination: None,
};

const fn dimensions(start: usize) -> Option<[Field; 4]> {
    Some([
        field(start, 9),
        field(start + 9, 9),
        field(start + 18, 6),
        field(start + 24, 6),
    ])
}

/// Message 5: ship static and voyage related data.
pub(crate) const VOYAGE: Static = Static {
    imo: Some(field(40, 30)),
    call_sign: Some(field(70, 42)),
    name: Some(field(112, 120)),
    ship_type: Some(field(232, 8)),
    dimensions: dimensions(240),
    epfd: Some(field(270, 4)),
    eta: Some([field(274, 4), field(278, 5), field(283, 5), field(288, 6)]),
    draught: Some(field(294, 8)),
    destination: Some(field(302, 120)),
};
/// Length of message 5, bits.
pub(crate) const VOYAGE_BITS: usize = 424;

/// The static half of message 19.
pub(crate) const CLASS_B_EXTENDED_STATIC: Static = Static {
    name: Some(field(143, 120)),
    ship_type: Some(field(263, 8)),
    dimensions: dimensions(271),
    epfd: Some(field(301, 4)),
    ..NO_STATIC
};

/// The static half of message 21; the name goes on at [`AID_NAME_EXTENSION`].
pub(crate) const AID_STATIC: Static = Static {
    name: Some(field(43, 120)),
    dimensions: dimensions(219),
    epfd: Some(field(249, 4)),
    ..NO_STATIC
};

/// Which part of message 24: 0 is A, 1 is B.
pub(crate) const PART: Field = field(38, 2);
/// Message 24, part A. Its length is 160 bits in the standard's text and 168 on the air.
pub(crate) const PART_A: Static = Static {
    name: Some(field(40, 120)),
    ..NO_STATIC
};
/// Message 24, part B.
pub(crate) const PART_B: Static = Static {
    ship_type: Some(field(40, 8)),
    call_sign: Some(field(90, 42)),
    dimensions: dimensions(132),
    epfd: Some(field(162, 4)),
    ..NO_STATIC
};
/// Length of message 24, bits.
pub(crate) const PART_BITS: usize = 168;
/// Maker, model and serial number of the unit.
pub(crate) const VENDOR: [Field; 3] = [field(48, 18), field(66, 4), field(70, 20)];
/// Mothership of an auxiliary craft (MMSI 98…), in the place of the dimensions.
pub(crate) const MOTHERSHIP: Field = field(132, 30);
