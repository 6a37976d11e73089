//! What an aircraft says of its equipment: target state and status, type code 29, and operational
//! status, type code 31 (RTCA DO-260B, 2.2.3.2.7.1 and 2.2.3.2.7.2). Bits are counted from 1 in the
//! message field.

use super::frame::bits;
use super::sheet::feet;
use crate::sheet::Sheet;

/// A hectopascal, pascals.
const HECTOPASCAL_PA: f64 = 100.0;

/// Fields of one message: name and bits; of one bit a flag.
type Fields = &'static [(&'static str, usize, usize)];

/// Subtype 1 of target state and status.
const TARGET: Fields = &[
    ("integrity_per_sample", 8, 8),
    ("selected_altitude_of_management_system", 9, 9),
    ("position_accuracy", 40, 43),
    ("barometric_integrity", 44, 44),
    ("integrity_level", 45, 46),
    ("tcas_operational", 53, 53),
];

/// Modes of the autopilot, which are told when bit 47 is set.
const MODES: Fields = &[
    ("autopilot", 48, 48),
    ("vertical_navigation", 49, 49),
    ("altitude_hold", 50, 50),
    ("approach", 52, 52),
    ("lateral_navigation", 54, 54),
];

/// Operational status of both kinds.
const STATUS: Fields = &[
    ("subtype", 6, 8),
    ("operational_mode", 25, 40),
    ("version", 41, 43),
    ("nic_supplement_a", 44, 44),
    ("position_accuracy", 45, 48),
    ("integrity_level", 51, 52),
    ("magnetic_reference", 54, 54),
    ("integrity_per_sample", 55, 55),
];

/// What only aircraft in the air say (subtype 0), and those on the ground (1).
const AIRBORNE: Fields = &[
    ("capability_class", 9, 24),
    ("vertical_accuracy", 49, 50),
    ("barometric_integrity", 53, 53),
];
const SURFACE: Fields = &[
    ("capability_class", 9, 20),
    ("length_width_code", 21, 24),
    ("course_is_heading", 53, 53),
];

fn put(sheet: &mut Sheet, message: &[u8; 7], fields: Fields) {
    for (name, first, last) in fields {
        let code = bits(message, *first, *last);
        if first == last {
            sheet.set(name, code == 1);
        } else {
            sheet.set(name, code);
        }
    }
}

/// The fields of a message of these type codes; other subtypes are reserved.
pub(super) fn write(sheet: &mut Sheet, type_code: u8, message: &[u8; 7]) {
    let get = |first, last| bits(message, first, last);
    match (type_code, get(6, 8)) {
        (29, _) if get(6, 7) == 1 => {
            put(sheet, message, TARGET);
            // Steps of 32 ft from code 1 on, of .8 hPa above 800; 0 is not known.
            let altitude = get(10, 20).checked_sub(1);
            feet(
                sheet,
                "selected_altitude",
                altitude.map(|code| code as f64 * 32.0),
            );
            let setting = get(21, 29).checked_sub(1);
            let setting = setting.map(|code| 800.0 + code as f64 * 0.8);
            sheet.converted(
                (
                    "pressure_setting_pa",
                    setting.map(|hpa| hpa * HECTOPASCAL_PA),
                ),
                ("pressure_setting_hpa", setting),
            );
            let heading = get(31, 39) as f64 * 180.0 / 256.0;
            let known = get(30, 30) == 1;
            sheet.set("selected_heading_deg", known.then_some(heading));
            if get(47, 47) == 1 {
                put(sheet, message, MODES);
            }
        }
        (31, subtype @ (0 | 1)) => {
            put(sheet, message, STATUS);
            let own = if subtype == 0 { AIRBORNE } else { SURFACE };
            put(sheet, message, own);
        }
        _ => {}
    }
}
