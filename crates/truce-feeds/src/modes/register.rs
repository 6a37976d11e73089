//! Registers of an aircraft's transponder in Comm-B replies, formats 20 and 21 (ICAO Doc 9871,
//! appendix A, tables A-2-16 to A-2-96). Bits are counted from 1 in the message field.
//!
//! A reply does not say which register it holds: the ground asked for it, and hears its own question
//! only on the uplink. Registers 1,0, 2,0 and 3,0 begin with their own number; the others are
//! inferred from status bits that are clear while their field is not, from bits that are reserved,
//! and from values that no aircraft has (J. Sun, The 1090 Megahertz Riddle, 2nd edition, 2021,
//! chapter 15). What is inferred may be wrong, so all that fit are told.

use serde_json::Value;

use super::altitude;
use super::frame::bits;
use crate::sheet::Sheet;
use crate::units::{FOOT_M, KNOT_M_S, NAUTICAL_MILE_M};
use Kind::{Angle, Code, Feet, FeetPerMinute, Flag, Hectopascals, Knots, Number};

/// What a field's bits mean.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Flag,
    Code,
    /// In two's complement when its first bit is a sign; step.
    Number(bool, f64),
    /// The same, in degrees from 0 to 360.
    Angle(bool, f64),
    /// Feet; step.
    Feet(f64),
    /// Feet a minute in two's complement; step.
    FeetPerMinute(f64),
    /// Knots; step.
    Knots(f64),
    /// Hectopascals; step and offset.
    Hectopascals(f64, f64),
}

/// A field: its name, the bit that says whether it is there (0 when it always is), its first and
/// last bit.
type Field = (&'static str, usize, usize, usize, Kind);

/// Register 1,0: data link capability (table A-2-16).
const CAPABILITY: &[Field] = &[
    ("continued", 0, 9, 9, Flag),
    ("overlay_command", 0, 15, 15, Flag),
    ("acas_operational", 0, 16, 16, Flag),
    ("subnetwork_version", 0, 17, 23, Code),
    ("enhanced_protocol", 0, 24, 24, Flag),
    ("specific_services", 0, 25, 25, Flag),
    ("uplink_throughput", 0, 26, 28, Code),
    ("downlink_throughput", 0, 29, 32, Code),
    ("identification_capability", 0, 33, 33, Flag),
    ("squitter_capability", 0, 34, 34, Flag),
    ("surveillance_identifier", 0, 35, 35, Flag),
    ("common_usage_capability", 0, 36, 36, Flag),
    ("acas_hybrid_surveillance", 0, 37, 37, Flag),
    ("acas_resolution_advisory", 0, 38, 38, Flag),
    ("acas_version", 0, 39, 40, Code),
    ("terminal_status", 0, 41, 56, Code),
];

/// Register 3,0: an active resolution advisory (table A-2-48; Annex 10, volume IV, 4.3.8.4.2.2.1).
const ADVISORY: &[Field] = &[
    ("advisory_issued", 0, 9, 9, Flag),
    ("advisory_corrective", 0, 10, 10, Flag),
    ("advisory_downward", 0, 11, 11, Flag),
    ("advisory_increased_rate", 0, 12, 12, Flag),
    ("advisory_sense_reversal", 0, 13, 13, Flag),
    ("advisory_altitude_crossing", 0, 14, 14, Flag),
    ("advisory_positive", 0, 15, 15, Flag),
    ("no_below", 0, 23, 23, Flag),
    ("no_above", 0, 24, 24, Flag),
    ("no_left", 0, 25, 25, Flag),
    ("no_right", 0, 26, 26, Flag),
    ("advisory_terminated", 0, 27, 27, Flag),
    ("several_threats", 0, 28, 28, Flag),
    ("threat_type", 0, 29, 30, Code),
];

/// Register 4,0: selected vertical intention (table A-2-64).
const INTENTION: &[Field] = &[
    ("selected_altitude", 1, 2, 13, Feet(16.0)),
    ("selected_altitude_fms", 14, 15, 26, Feet(16.0)),
    ("pressure_setting", 27, 28, 39, Hectopascals(0.1, 800.0)),
    ("vertical_navigation", 48, 49, 49, Flag),
    ("altitude_hold", 48, 50, 50, Flag),
    ("approach", 48, 51, 51, Flag),
    ("target_altitude_source", 54, 55, 56, Code),
];

/// Register 4,4: a routine report of the weather (table A-2-68).
const WEATHER: &[Field] = &[
    ("figure_of_merit", 0, 1, 4, Code),
    ("wind_speed", 5, 6, 14, Knots(1.0)),
    (
        "wind_direction_deg",
        5,
        15,
        23,
        Number(false, 180.0 / 256.0),
    ),
    ("air_temperature_c", 0, 24, 34, Number(true, 0.25)),
    ("air_pressure", 35, 36, 46, Hectopascals(1.0, 0.0)),
    ("turbulence", 47, 48, 49, Code),
    ("humidity_percent", 50, 51, 56, Number(false, 100.0 / 64.0)),
];

/// Register 4,5: hazards of the weather (table A-2-69).
const HAZARDS: &[Field] = &[
    ("turbulence", 1, 2, 3, Code),
    ("wind_shear", 4, 5, 6, Code),
    ("microburst", 7, 8, 9, Code),
    ("icing", 10, 11, 12, Code),
    ("wake_vortex", 13, 14, 15, Code),
    ("air_temperature_c", 16, 17, 26, Number(true, 0.25)),
    ("air_pressure", 27, 28, 38, Hectopascals(1.0, 0.0)),
    ("radio_height", 39, 40, 51, Feet(16.0)),
];

/// Register 5,0: track and turn (table A-2-80).
const TURN: &[Field] = &[
    ("roll_deg", 1, 2, 11, Number(true, 45.0 / 256.0)),
    ("course_deg", 12, 13, 23, Angle(true, 90.0 / 512.0)),
    ("speed", 24, 25, 34, Knots(2.0)),
    ("course_rate_deg_s", 35, 36, 45, Number(true, 8.0 / 256.0)),
    ("airspeed", 46, 47, 56, Knots(2.0)),
];

/// Register 6,0: heading and speed (table A-2-96).
const SPEED: &[Field] = &[
    ("magnetic_heading_deg", 1, 2, 12, Angle(true, 90.0 / 512.0)),
    ("indicated_airspeed", 13, 14, 23, Knots(1.0)),
    ("mach", 24, 25, 34, Number(false, 2.048 / 512.0)),
    ("climb_barometric", 35, 36, 45, FeetPerMinute(32.0)),
    ("climb_inertial", 46, 47, 56, FeetPerMinute(32.0)),
];

/// Registers that bits 1 to 24 of register 1,7 tell (table A-2-23).
const COMMON: [&str; 24] = [
    "0,5", "0,6", "0,7", "0,8", "0,9", "0,A", "2,0", "2,1", "4,0", "4,1", "4,2", "4,3", "4,4",
    "4,5", "4,8", "5,0", "5,1", "5,2", "5,3", "5,4", "5,5", "5,6", "5,F", "6,0",
];

/// A register.
struct Register {
    name: &'static str,
    fields: &'static [Field],
    /// Whether a message that is not empty may be one.
    fits: fn(&[u8; 7]) -> bool,
}

/// Those that begin with their number, and 1,7: of these the first that fits is the only one.
const NUMBERED: [Register; 4] = [
    Register {
        name: "1,0",
        fields: CAPABILITY,
        // An overlay needs a subnetwork version from 5 on.
        fits: |m| {
            let overlay = bits(m, 15, 15) == 1;
            bits(m, 1, 8) == 0x10 && bits(m, 10, 14) == 0 && overlay == (bits(m, 17, 23) >= 5)
        },
    },
    Register {
        name: "1,7",
        fields: &[],
        fits: common_usage,
    },
    Register {
        name: "2,0",
        fields: &[],
        fits: |m| bits(m, 1, 8) == 0x20 && call_sign(m).is_some(),
    },
    Register {
        name: "3,0",
        fields: ADVISORY,
        // Seven bits are kept for the third kind of system; threat type 3 is not assigned.
        fits: |m| bits(m, 1, 8) == 0x30 && bits(m, 16, 22) < 48 && bits(m, 29, 30) != 3,
    },
];

/// Those that are inferred.
const INFERRED: [Register; 3] = [
    Register {
        name: "4,0",
        fields: INTENTION,
        fits: |m| consistent(m, INTENTION) && bits(m, 40, 47) == 0 && bits(m, 52, 53) == 0,
    },
    Register {
        name: "5,0",
        fields: TURN,
        // At most 35 degrees of roll, 600 kn, and 200 kn of wind.
        fits: |m| {
            let (speed, airspeed) = (own(m, &TURN[2]), own(m, &TURN[4]));
            let slow = |kn: Option<f64>| kn.is_none_or(|kn| kn <= 600.0);
            let wind = speed
                .zip(airspeed)
                .map(|(ground, air)| (ground - air).abs());
            consistent(m, TURN)
                && own(m, &TURN[0]).is_none_or(|deg| deg.abs() <= 35.0)
                && slow(speed)
                && slow(airspeed)
                && wind.is_none_or(|kn| kn <= 200.0)
        },
    },
    Register {
        name: "6,0",
        fields: SPEED,
        // At most 500 kn, Mach 1, and 6,000 ft/min.
        fits: |m| {
            let within = |field: &Field, most: f64| own(m, field).is_none_or(|v| v.abs() <= most);
            consistent(m, SPEED)
                && within(&SPEED[1], 500.0)
                && within(&SPEED[2], 1.0)
                && within(&SPEED[3], 6000.0)
                && within(&SPEED[4], 6000.0)
        },
    },
];

/// Those that few aircraft have and much else looks like: inferred when nothing else fits.
const METEOROLOGICAL: [Register; 2] = [
    Register {
        name: "4,4",
        fields: WEATHER,
        // Wind is there, and at most 250 kn; something is not zero.
        fits: |m| {
            consistent(m, WEATHER)
                && bits(m, 1, 4) <= 4
                && bits(m, 5, 5) == 1
                && bits(m, 6, 14) <= 250
                && bearable(own(m, &WEATHER[3]))
                && (bits(m, 6, 23) != 0 || bits(m, 25, 34) != 0)
        },
    },
    Register {
        name: "4,5",
        fields: HAZARDS,
        fits: |m| {
            let temperature = own(m, &HAZARDS[5]);
            consistent(m, HAZARDS) && bits(m, 52, 56) == 0 && bearable(temperature)
        },
    },
];

/// Whether air may be so warm, degrees Celsius.
fn bearable(temperature_c: Option<f64>) -> bool {
    temperature_c.is_none_or(|c| (-80.0..=60.0).contains(&c))
}

/// Whether it may be register 1,7: it tells 2,0, which every aircraft has, and ends with zeros.
fn common_usage(message: &[u8; 7]) -> bool {
    bits(message, 7, 7) == 1 && bits(message, 25, 56) == 0
}

/// Whether every field whose status bit is clear is zero.
fn consistent(message: &[u8; 7], fields: &[Field]) -> bool {
    let clear = |status: usize| status > 0 && bits(message, status, status) == 0;
    let mut unset = fields.iter().filter(|field| clear(field.1));
    unset.all(|(_, _, first, last, _)| bits(message, *first, *last) == 0)
}

/// A field's number in the sensor's unit; `None` when its status bit is clear.
fn own(message: &[u8; 7], (_, status, first, last, kind): &Field) -> Option<f64> {
    if *status > 0 && bits(message, *status, *status) == 0 {
        return None;
    }
    let code = bits(message, *first, *last);
    let size = 64 - (last + 1 - first);
    let signed = ((code << size).cast_signed() >> size) as f64;
    let code = code as f64;
    Some(match *kind {
        Flag | Code => code,
        Number(sign, step) => step * if sign { signed } else { code },
        Angle(sign, step) => (step * if sign { signed } else { code }).rem_euclid(360.0),
        Feet(step) | Knots(step) => step * code,
        FeetPerMinute(step) => step * signed,
        Hectopascals(step, offset) => step * code + offset,
    })
}

/// The call sign of register 2,0; `None` when it has characters that no call sign has.
fn call_sign(message: &[u8; 7]) -> Option<String> {
    let character = |index: usize| match bits(message, 9 + 6 * index, 14 + 6 * index) as u8 {
        code @ 1..=26 => Some(char::from(b'A' + code - 1)),
        code @ (32 | 48..=57) => Some(char::from(code)),
        _ => None,
    };
    (0..8).map(character).collect()
}

/// Writes which registers a reply may hold, and the fields of the first.
pub(super) fn write(sheet: &mut Sheet, message: &[u8; 7]) {
    if message.iter().all(|byte| *byte == 0) {
        return;
    }
    let fits = |register: &&Register| (register.fits)(message);
    let mut found: Vec<&Register> = NUMBERED.iter().find(fits).into_iter().collect();
    found.extend(INFERRED.iter().filter(fits));
    if found.is_empty() {
        found.extend(METEOROLOGICAL.iter().filter(fits));
    }
    let Some(first) = found.first() else {
        return;
    };
    sheet.set("register", first.name);
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|register| register.name).collect();
        sheet.set("register_candidates", names);
    }
    for field in first.fields {
        put(sheet, message, field);
    }
    match first.name {
        "1,7" => {
            let told = (0..24).filter(|bit| bits(message, bit + 1, bit + 1) == 1);
            let names: Vec<&str> = told.map(|bit| COMMON[bit]).collect();
            sheet.set("registers", names);
        }
        "2,0" => sheet.set(
            "call_sign",
            call_sign(message).map(|text| text.trim().to_owned()),
        ),
        "3,0" => threat(sheet, message),
        _ => {}
    }
}

fn put(sheet: &mut Sheet, message: &[u8; 7], field: &Field) {
    let (name, _, first, last, kind) = field;
    let own = own(message, field);
    let mut converted = |own_unit: &str, si_unit: &str, si: f64| {
        sheet.converted(
            (&format!("{name}{si_unit}"), own.map(|own| own * si)),
            (&format!("{name}{own_unit}"), own),
        );
    };
    match kind {
        Flag => sheet.set(name, own.map(|code| code > 0.0)),
        Code => sheet.set(name, own.map(|_| Value::from(bits(message, *first, *last)))),
        Number(..) | Angle(..) => sheet.set(name, own),
        Feet(_) => converted("_ft", "_m", FOOT_M),
        FeetPerMinute(_) => converted("_ft_min", "_m_s", FOOT_M / 60.0),
        Knots(_) => converted("_kn", "_m_s", KNOT_M_S),
        Hectopascals(..) => converted("_hpa", "_pa", 100.0),
    }
}

/// Whom a resolution advisory is about (Annex 10, volume IV, 4.3.8.4.2.2.1.6): an address, or an
/// altitude, a distance in tenths of a nautical mile and a bearing in steps of six degrees.
fn threat(sheet: &mut Sheet, message: &[u8; 7]) {
    match bits(message, 29, 30) {
        1 => sheet.set(
            "threat_icao_address",
            format!("{:06X}", bits(message, 31, 54)),
        ),
        2 => {
            let altitude = altitude::of_reply(bits(message, 31, 43) as u16);
            super::sheet::feet(sheet, "threat_altitude", altitude);
            let tenths = bits(message, 44, 50).checked_sub(1);
            let miles = tenths.map(|tenths| tenths as f64 / 10.0);
            sheet.converted(
                (
                    "threat_distance_m",
                    miles.map(|miles| miles * NAUTICAL_MILE_M),
                ),
                ("threat_distance_nmi", miles),
            );
            let steps = bits(message, 51, 56).checked_sub(1);
            sheet.set("threat_bearing_deg", steps.map(|steps| 6 * steps + 3));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Replies from the test data of pyModeS and the book; the values were read with pyModeS 3.6.
    #[test]
    fn registers_on_the_air() {
        let cases = [
            (
                [0x20, 0x2C, 0xC3, 0x71, 0xC3, 0x1D, 0xE0],
                "2,0",
                json!({"call_sign": "KLM1017"}),
            ),
            ([0xFA, 0x81, 0xC1, 0x00, 0x00, 0x00, 0x00], "1,7", json!({})),
            (
                [0x85, 0xE4, 0x2F, 0x31, 0x30, 0x00, 0x00],
                "4,0",
                json!({"selected_altitude_m": 3008.0 * FOOT_M, "pressure_setting_pa": 102_000.0}),
            ),
            (
                [0x81, 0x95, 0x15, 0x36, 0xE0, 0x24, 0xD4],
                "5,0",
                json!({"course_deg": 114.257_812_5, "speed_m_s": 438.0 * KNOT_M_S}),
            ),
            (
                [0xA7, 0x4A, 0x07, 0x2B, 0xFD, 0xEF, 0xC1],
                "6,0",
                json!({"magnetic_heading_deg": 110.390_625, "indicated_airspeed_m_s": 259.0 * KNOT_M_S}),
            ),
        ];
        for (message, register, fields) in cases {
            let mut sheet = Sheet::new("DF20");
            write(&mut sheet, &message);
            assert_eq!(sheet.fields["register"], register);
            for (name, value) in fields.as_object().unwrap() {
                assert_eq!(&sheet.fields[name], value, "{register} {name}");
            }
        }
    }

    #[test]
    fn an_empty_reply_holds_nothing() {
        let mut sheet = Sheet::new("DF20");
        write(&mut sheet, &[0; 7]);
        assert!(sheet.fields.is_empty());
    }
}
