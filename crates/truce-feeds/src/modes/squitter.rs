//! The messages of extended squitters (RTCA DO-260B, 2.2.3.2, and ICAO Doc 9871, chapters A to C):
//! what the 56 bits say. Bits are counted from 1 within the message, as the tables do.
//!
//! | type code | message | clause |
//! |---|---|---|
//! | 1–4 | identification and category | 2.2.3.2.5 |
//! | 5–8 | surface position | 2.2.3.2.4 |
//! | 9–18 | airborne position, barometric altitude | 2.2.3.2.3 |
//! | 0 | barometric altitude without a position | 2.2.3.2.3 |
//! | 19 | airborne velocity | 2.2.3.2.6 |
//! | 20–22 | airborne position, height above the ellipsoid | 2.2.3.2.3 |
//! | 28 | aircraft status: emergency and identity code | 2.2.3.2.7.8 |
//! | 29 | target state and status | 2.2.3.2.7.1 |
//! | 31 | operational status | 2.2.3.2.7.2 |

use super::altitude;
use super::cpr::Encoded;
use super::frame::{Frame, bits};

/// Characters of identifications (Doc 9871, table 3-9); `#` is not used.
const CHARACTERS: &[u8; 64] = b"#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######";

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Squitter {
    Identification {
        category: u8,
        call_sign: CallSign,
    },
    Position(Position),
    /// Barometric altitude of an aircraft that does not know where it is, feet.
    Altitude(Option<f64>),
    Velocity(Velocity),
    Status {
        emergency: u8,
        squawk: u16,
    },
    /// Other messages are kept as their bits.
    Other,
}

/// Eight characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CallSign(pub(super) [u8; 8]);

impl CallSign {
    /// Without the blanks at its end; `None` when nothing is left.
    pub(super) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.0).ok()?.trim_end();
        (!text.is_empty()).then_some(text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    pub(super) encoded: Encoded,
    /// Barometric altitude or height above the ellipsoid, feet.
    pub(super) altitude_ft: Option<f64>,
    /// True for the height above the ellipsoid.
    pub(super) ellipsoid: bool,
    pub(super) speed_kn: Option<f64>,
    pub(super) course_deg: Option<f64>,
    pub(super) surveillance_status: u8,
    pub(super) synchronised: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Velocity {
    pub(super) subtype: u8,
    /// East and north, knots; subtypes 1 and 2.
    pub(super) ground_kn: Option<(f64, f64)>,
    /// Heading, degrees; subtypes 3 and 4.
    pub(super) heading_deg: Option<f64>,
    /// Airspeed, knots.
    pub(super) airspeed_kn: Option<f64>,
    /// True airspeed rather than indicated.
    pub(super) airspeed_true: bool,
    /// Feet per minute, up positive.
    pub(super) climb_ft_min: Option<f64>,
    /// The rate comes from the barometer rather than from satellite navigation.
    pub(super) climb_barometric: bool,
    /// Height above the ellipsoid less the barometric altitude, feet.
    pub(super) ellipsoid_less_barometric_ft: Option<f64>,
    /// Navigation accuracy category for velocity.
    pub(super) accuracy: u8,
}

/// Type code of a message.
pub(super) fn type_code(message: &[u8; 7]) -> u8 {
    message[0] >> 3
}

/// True for messages of format 18 that are laid out in a way of their own: coarse positions and the
/// management of a ground service, and what is reserved (control fields 3, 4 and 7; DO-260B,
/// 2.2.3.2.1.5).
pub(super) fn is_of_ground_service(frame: &Frame<'_>) -> bool {
    frame.format == 18 && matches!(frame.control(), 3 | 4 | 7)
}

/// True when the address is one of ICAO. In format 18 it is under control field 0, and under 2 and 6,
/// where a ground service repeats what it knows, unless a flag says otherwise (DO-260B, 2.2.3.2.1.5).
pub(super) fn has_icao(frame: &Frame<'_>) -> bool {
    match (frame.format, frame.control()) {
        (18, 2 | 6) => !says_other_address(&frame.message()),
        (18, control) => control == 0,
        _ => true,
    }
}

/// The flag "ICAO / Mode A" (IMF) of repeated messages; it stands elsewhere in each of them (DO-260B,
/// 2.2.17 and 2.2.18).
fn says_other_address(message: &[u8; 7]) -> bool {
    let flag = match type_code(message) {
        5..=8 => 21,
        9..=18 | 20..=22 => 8,
        19 => 9,
        29 => 51,
        31 => 56,
        _ => return false,
    };
    bits(message, flag, flag) == 1
}

/// Reads a message.
pub(super) fn read(message: &[u8; 7]) -> Squitter {
    let get = |first, last| bits(message, first, last);
    match type_code(message) {
        1..=4 => {
            let character = |index: usize| {
                let code = get(9 + 6 * index, 14 + 6 * index);
                CHARACTERS[code as usize]
            };
            Squitter::Identification {
                category: message[0] & 7,
                call_sign: CallSign(std::array::from_fn(character)),
            }
        }
        0 => Squitter::Altitude(altitude::of_squitter(get(9, 20) as u16)),
        5..=8 => Squitter::Position(surface(message)),
        code @ (9..=18 | 20..=22) => Squitter::Position(airborne(message, code)),
        19 if matches!(message[0] & 7, 1..=4) => Squitter::Velocity(velocity(message)),
        28 if message[0] & 7 == 1 => Squitter::Status {
            emergency: message[1] >> 5,
            squawk: altitude::identity(get(12, 24) as u16),
        },
        _ => Squitter::Other,
    }
}

fn encoded(message: &[u8; 7], surface: bool) -> Encoded {
    Encoded {
        odd: bits(message, 22, 22) == 1,
        lat: bits(message, 23, 39) as u32,
        lon: bits(message, 40, 56) as u32,
        surface,
    }
}

fn airborne(message: &[u8; 7], code: u8) -> Position {
    let coded = bits(message, 9, 20) as u16;
    Position {
        encoded: encoded(message, false),
        // The height above the ellipsoid is coded as the altitude is (2.2.3.2.3.4.2).
        altitude_ft: altitude::of_squitter(coded),
        ellipsoid: code >= 20,
        speed_kn: None,
        course_deg: None,
        surveillance_status: message[0] >> 1 & 3,
        synchronised: bits(message, 21, 21) == 1,
    }
}

fn surface(message: &[u8; 7]) -> Position {
    let track = bits(message, 14, 20) as f64 * 360.0 / 128.0;
    Position {
        encoded: encoded(message, true),
        altitude_ft: None,
        ellipsoid: false,
        speed_kn: movement_kn(bits(message, 6, 12)),
        course_deg: (bits(message, 13, 13) == 1).then_some(track),
        surveillance_status: 0,
        synchronised: bits(message, 21, 21) == 1,
    }
}

/// Speed on the ground, knots, from its code: steps that grow with speed (2.2.3.2.4.2, table 2-17).
pub(super) fn movement_kn(code: u64) -> Option<f64> {
    let steps = |from: u64, kn: f64, step: f64| Some(kn + (code - from) as f64 * step);
    match code {
        1 => Some(0.0),
        2..=8 => steps(2, 0.125, 0.125),
        9..=12 => steps(9, 1.0, 0.25),
        13..=38 => steps(13, 2.0, 0.5),
        39..=93 => steps(39, 15.0, 1.0),
        94..=108 => steps(94, 70.0, 2.0),
        109..=123 => steps(109, 100.0, 5.0),
        124 => Some(175.0),
        // 0 is not available, 125 to 127 are reserved.
        _ => None,
    }
}

fn velocity(message: &[u8; 7]) -> Velocity {
    let get = |first, last| bits(message, first, last);
    let subtype = message[0] & 7;
    // Subtypes 2 and 4 are for supersonic aircraft: steps of four knots.
    let step = if subtype.is_multiple_of(2) { 4.0 } else { 1.0 };
    let signed = |sign, code: u64, step: f64| {
        let size = (code.checked_sub(1)?) as f64 * step;
        Some(if get(sign, sign) == 1 { -size } else { size })
    };
    let over_ground = subtype <= 2;
    let speed = (signed(14, get(15, 24), step), signed(25, get(26, 35), step));
    let heading = get(15, 24) as f64 * 360.0 / 1024.0;
    let airspeed = get(26, 35).checked_sub(1).map(|code| code as f64 * step);
    Velocity {
        subtype,
        ground_kn: speed.0.zip(speed.1).filter(|_| over_ground),
        heading_deg: (!over_ground && get(14, 14) == 1).then_some(heading),
        airspeed_kn: airspeed.filter(|_| !over_ground),
        airspeed_true: get(25, 25) == 1,
        climb_ft_min: signed(37, get(38, 46), 64.0),
        climb_barometric: get(36, 36) == 1,
        // Code 127 says only that it is more than 3,137.5 ft (table 2-25).
        ellipsoid_less_barometric_ft: signed(49, get(50, 56) % 127, 25.0),
        accuracy: get(11, 13) as u8,
    }
}

/// The character codes of a call sign, padded with blanks; what has no code becomes a blank.
pub(super) fn call_sign_codes(text: &str) -> [u8; 8] {
    let mut codes = [32; 8];
    for (code, character) in codes.iter_mut().zip(text.bytes()) {
        let upper = character.to_ascii_uppercase();
        let known = CHARACTERS
            .iter()
            .position(|known| *known == upper && upper != b'#');
        *code = known
            .and_then(|index| u8::try_from(index).ok())
            .unwrap_or(32);
    }
    codes
}
