//! ADS-B against pyModeS 3.6, frame by frame.

use serde_json::Value;
use truce_feeds::{Format, Sheet};

use super::peer::{self, Seeded, Tally, ask, read};

const PYMODES: &str = r#"
import json, sys
try:
    import pyModeS
except ImportError:
    sys.exit(77)
pipe = pyModeS.PipeDecoder()
out = []
for line in sys.stdin:
    time, frame = line.split()
    try:
        # Alone for what a frame says; the pipe hides what it holds for implausible.
        d = dict(pyModeS.decode(frame))
        p = pipe.decode(frame, timestamp=float(time))
        d["latitude"], d["longitude"] = p.get("latitude"), p.get("longitude")
    except Exception as e:
        d = {"error": repr(e)}
    out.append(d)
pipe.flush()
for d in out:
    print(json.dumps({k: v for k, v in d.items() if isinstance(v, (int, float, str, bool, type(None)))}))
"#;

/// Remainder of the parity, bit by bit: another way than the decoder's table.
fn parity(bytes: &[u8]) -> u32 {
    let mut remainder = 0_u32;
    for byte in bytes {
        for bit in (0..8).rev() {
            let carry = remainder >> 23 & 1 ^ u32::from(byte >> bit & 1);
            remainder = remainder << 1 & 0xFF_FFFF ^ if carry == 1 { 0xFF_F409 } else { 0 };
        }
    }
    remainder
}

/// Random squitters and replies of every kind that pyModeS reads.
fn corpus(seed: u64) -> Vec<(f64, String)> {
    let mut random = Seeded(seed);
    let mut frames = Vec::new();
    for n in 0..6_000_u64 {
        let (first, long) = match random.below(14) {
            0 => (4 << 3, false),
            1 => (5 << 3, false),
            2 => (20 << 3, true),
            3 => (21 << 3, true),
            4 => (11 << 3 | 5, false),
            12 => (0, false),
            13 => (16 << 3, true),
            _ => (17 << 3 | 5, true),
        };
        let mut bytes = random.bytes(if long { 11 } else { 4 });
        bytes[0] = first;
        if first >> 3 == 17 {
            let codes = [1, 4, 5, 7, 9, 11, 12, 18, 19, 19, 20, 22, 28, 29, 31, 31];
            let code = codes[random.below(codes.len() as u64) as usize];
            bytes[4] = code << 3 | bytes[4] & 7;
        }
        let mut sum = parity(&bytes);
        if !matches!(first >> 3, 11 | 17) {
            sum ^= 0x40_6B90;
        }
        bytes.extend(&sum.to_be_bytes()[1..]);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        frames.push((n as f64, hex));
    }
    frames
}

/// Recorded frames with their times; `None` where they are not there.
fn samples() -> Option<Vec<(f64, String)>> {
    let text = String::from_utf8(peer::recording("adsb/adsb_messages.csv")?).ok()?;
    let row = |line: &str| {
        let mut cells = line.split(',');
        let time = cells.next()?.parse().ok()?;
        Some((time, cells.next()?.trim_matches('"').to_owned()))
    };
    Some(text.lines().filter_map(row).collect())
}

fn ours(frames: &[(f64, String)]) -> Vec<Sheet> {
    let first_s = frames.first().map_or(0.0, |(time, _)| *time);
    let lines: String = frames
        .iter()
        .map(|(time, frame)| {
            let ticks = ((time - first_s + 1.0) * 12e6) as u64;
            format!("@{ticks:012X}{frame};\n")
        })
        .collect();
    let read = read(Format::Avr, lines.as_bytes());
    read.into_iter()
        .map(|sheets| {
            sheets
                .ok()
                .and_then(|sheets| sheets.into_iter().next())
                .unwrap_or_default()
        })
        .collect()
}

/// Their name and ours; names with a dot are the sensor's own values.
const FIELDS: &[(&str, &str)] = &[
    ("df", "downlink_format"),
    ("icao", "icao_address"),
    ("typecode", "type_code"),
    ("callsign", "call_sign"),
    ("category", "category"),
    ("altitude", ".altitude_ft"),
    ("cpr_lat", "cpr_lat"),
    ("cpr_lon", "cpr_lon"),
    ("cpr_format", "cpr_odd"),
    ("surveillance_status", "surveillance_status"),
    ("nac_v", "velocity_accuracy"),
    ("groundspeed", ".speed_kn"),
    ("track", "course_deg"),
    ("airspeed", ".airspeed_kn"),
    ("heading", "heading_deg"),
    ("vertical_rate", ".climb_ft_min"),
    ("geo_minus_baro", ".ellipsoid_less_barometric_ft"),
    ("squawk", "squawk"),
    ("emergency_state", "emergency"),
    ("flight_status", "flight_status"),
    ("downlink_request", "downlink_request"),
    ("utility_message", "utility_message"),
    ("capability", "capability"),
    ("cross_link_capability", "crosslink"),
    ("sensitivity_level", "sensitivity_level"),
    ("reply_information", "reply_information"),
    ("version", "version"),
    ("capability_class", "capability_class"),
    ("operational_mode", "operational_mode"),
    ("nic_supplement_a", "nic_supplement_a"),
    ("nac_p", "position_accuracy"),
    ("gva", "vertical_accuracy"),
    ("sil", "integrity_level"),
    ("sil_supplement", "integrity_per_sample"),
    ("nic_baro", "barometric_integrity"),
    ("hrd", "magnetic_reference"),
    ("selected_altitude", ".selected_altitude_ft"),
    ("baro_pressure_setting", ".pressure_setting_hpa"),
    ("selected_heading", "selected_heading_deg"),
    ("autopilot", "autopilot"),
    ("vnav_mode", "vertical_navigation"),
    ("altitude_hold_mode", "altitude_hold"),
    ("approach_mode", "approach"),
    ("lnav_mode", "lateral_navigation"),
    ("tcas_operational", "tcas_operational"),
    ("altitude", ".height_ellipsoid_ft"),
    ("latitude", "lat_deg"),
    ("longitude", "lon_deg"),
];

fn compare(frames: &[(f64, String)], tally: &mut Tally) -> bool {
    let lines: String = frames
        .iter()
        .map(|(time, frame)| format!("{time} {frame}\n"))
        .collect();
    let Some(answers) = ask(PYMODES, lines.as_bytes()) else {
        return false;
    };
    for ((sheet, answer), (_, frame)) in ours(frames).iter().zip(&answers).zip(frames) {
        for (theirs, ours) in FIELDS {
            let ours = match ours.strip_prefix('.') {
                Some(own) => sheet.given.get(own),
                None => sheet.fields.get(*ours),
            };
            let (Some(theirs_value), Some(ours)) = (answer.get(theirs), ours) else {
                continue;
            };
            if theirs_value.is_null() && matches!(*theirs, "latitude" | "longitude") {
                continue;
            }
            let code = sheet
                .fields
                .get("type_code")
                .and_then(Value::as_u64)
                .unwrap_or(0);
            let (field, tolerance) = match *theirs {
                // They cut speeds to whole knots.
                "groundspeed" if code == 19 => ("groundspeed", 1.0),
                "groundspeed" => ("surface speed", 1e-6),
                "capability_class" if sheet.fields["subtype"] == 1 => {
                    ("capability on the ground", 1e-5)
                }
                "altitude" if code >= 20 => ("height above the ellipsoid", 1e-5),
                other => (other, 1e-5),
            };
            let scale = ours.as_f64().map_or(1.0, |value| value.abs().max(1.0));
            tally.hold(field, ours, theirs_value, tolerance / scale, frame);
        }
    }
    true
}

#[test]
#[ignore = "needs python3 with pyModeS 3.6"]
fn interop_frames_agree_with_pymodes() {
    let mut tally = Tally::default();
    if !compare(&corpus(3), &mut tally) {
        return;
    }
    match samples() {
        Some(samples) => {
            compare(&samples, &mut tally);
        }
        None => println!("the recorded frames are not there: only made ones were compared"),
    }
    tally.settle("pyModeS", DIFFERS);
}

/// Where pyModeS reads another thing than the standard says.
const DIFFERS: &[(&str, &str)] = &[
    (
        "height above the ellipsoid",
        "coded in steps of 25 ft or 100 ft as the barometric altitude is (DO-260B, 2.2.3.2.3.4.2); \
         the peer takes the code for metres",
    ),
    (
        "capability on the ground",
        "12 bits, the next four are length and width (DO-260B, 2.2.3.2.7.2.4); the peer takes 16",
    ),
];
