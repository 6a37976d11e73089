//! MISB ST 0601 against klvdata 0.0.3 and pymisb 2.0.2, which began as a copy of it and goes on by
//! itself: the numbers of every tag that they read, in packets of the test and in those that we write
//! of the same.

use serde_json::Value;
use truce_feeds::Format;

use super::peer::{self, Seeded, Tally, ask, ask_newer, read};

/// Reads packets with the class `StreamParser` of a module.
fn script(module: &str) -> String {
    format!("MODULE = '{module}'\n{READING}")
}

const READING: &str = r#"
import importlib, json, sys
try:
    klvdata = importlib.import_module(MODULE)
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    found = {}
    for packet in klvdata.StreamParser(bytes.fromhex(line.strip())):
        for tag, value in packet.MetadataList().items():
            found[str(tag)] = value[-1]
    print(json.dumps(found))
"#;

const KEY: [u8; 16] = [6, 14, 43, 52, 2, 11, 1, 1, 14, 1, 3, 1, 1, 0, 0, 0];

/// Tag, our name, bytes. Items 96 and 103 to 105 are left out: they are three bytes of IMAPB (ST 0601),
/// and both peers give up a packet that has them, as they take them for integers of one or two.
const TAGS: &[(u8, &str, usize)] = &[
    (5, "platform_heading_deg", 2),
    (6, "platform_pitch_deg", 2),
    (7, "platform_roll_deg", 2),
    (8, "platform_true_airspeed_m_s", 1),
    (9, "platform_indicated_airspeed_m_s", 1),
    (13, "sensor_lat_deg", 4),
    (14, "sensor_lon_deg", 4),
    (15, "sensor_altitude_m", 2),
    (16, "sensor_horizontal_view_deg", 2),
    (17, "sensor_vertical_view_deg", 2),
    (18, "sensor_relative_azimuth_deg", 4),
    (19, "sensor_relative_elevation_deg", 4),
    (20, "sensor_relative_roll_deg", 4),
    (21, "slant_range_m", 4),
    (22, "target_width_m", 2),
    (23, "frame_centre_lat_deg", 4),
    (24, "frame_centre_lon_deg", 4),
    (25, "frame_centre_altitude_m", 2),
    (26, "corner_1_lat_offset_deg", 2),
    (33, "corner_4_lon_offset_deg", 2),
    (35, "wind_direction_deg", 2),
    (36, "wind_speed_m_s", 1),
    (37, "static_pressure_mbar", 2),
    (38, "density_altitude_m", 2),
    (40, "target_lat_deg", 4),
    (41, "target_lon_deg", 4),
    (42, "target_altitude_m", 2),
    (45, "target_error_m_ce90", 2),
    (46, "target_error_m_le90", 2),
    (49, "differential_pressure_mbar", 2),
    (50, "angle_of_attack_deg", 2),
    (51, "platform_climb_m_s", 2),
    (52, "sideslip_deg", 2),
    (53, "airfield_pressure_mbar", 2),
    (54, "airfield_altitude_m", 2),
    (55, "relative_humidity_percent", 1),
    (56, "platform_ground_speed_m_s", 1),
    (57, "ground_range_m", 4),
    (58, "fuel_remaining_kg", 2),
    (64, "platform_magnetic_heading_deg", 2),
    (67, "alternate_platform_lat_deg", 4),
    (68, "alternate_platform_lon_deg", 4),
    (69, "alternate_platform_altitude_m", 2),
    (71, "alternate_platform_heading_deg", 2),
    (75, "sensor_height_ellipsoid_m", 2),
    (78, "frame_centre_height_ellipsoid_m", 2),
    (79, "sensor_speed_north_m_s", 2),
    (80, "sensor_speed_east_m_s", 2),
    (82, "corner_1_lat_deg", 4),
    (89, "corner_4_lon_deg", 4),
    (90, "platform_pitch_full_deg", 4),
    (91, "platform_roll_full_deg", 4),
    (92, "angle_of_attack_full_deg", 4),
    (93, "sideslip_full_deg", 4),
];

fn packet(random: &mut Seeded) -> Vec<u8> {
    let mut content = Vec::new();
    for (tag, _, length) in TAGS {
        content.extend([*tag, *length as u8]);
        content.extend(random.bytes(*length));
    }
    let mut packet = KEY.to_vec();
    let length = content.len() + 4;
    packet.extend([0x82, (length >> 8) as u8, length as u8]);
    packet.extend(content);
    packet.extend([1, 2]);
    let sum = packet.iter().enumerate().fold(0_u16, |sum, (at, byte)| {
        sum.wrapping_add(u16::from(*byte) << (8 * (1 - at % 2)))
    });
    packet.extend(sum.to_be_bytes());
    packet
}

#[test]
#[ignore = "needs python3 with klvdata 0.0.3"]
fn interop_values_agree_with_klvdata() {
    let packets = packets();
    let answers = ask(&script("klvdata"), &lines_of(&packets));
    compare("klvdata", &packets, answers, KLVDATA_DIFFERS);
}

#[test]
#[ignore = "needs python3 with pymisb 2.0.2"]
fn interop_values_agree_with_pymisb() {
    let packets = packets();
    let answers = ask_newer(&script("pymisb.klvdata"), &lines_of(&packets));
    compare("pymisb", &packets, answers, PYMISB_DIFFERS);
}

/// Packets of every tag, recorded ones, and what we write of both.
fn packets() -> Vec<Vec<u8>> {
    let mut random = Seeded::of(5);
    let mut packets: Vec<Vec<u8>> = (0..300).map(|_| packet(&mut random)).collect();
    for name in [
        "DynamicConstantMISMMSPacketData",
        "DynamicOnlyMISMMSPacketData",
    ] {
        match peer::recording(&format!("uav/klv_{name}.bin")) {
            Some(packet) => packets.push(packet),
            None => println!("{name} is not there and was not compared"),
        }
    }
    for packet in packets.clone() {
        if let Ok(sheets) = &read(Format::Klv, &packet)[0] {
            packets.push(truce_feeds::klv::encode_packet(&sheets[0]).unwrap());
        }
    }
    packets
}

fn hexadecimal(packet: &[u8]) -> String {
    packet.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lines_of(packets: &[Vec<u8>]) -> Vec<u8> {
    let lines = packets.iter().map(|packet| hexadecimal(packet) + "\n");
    lines.collect::<String>().into_bytes()
}

fn compare(peer: &str, packets: &[Vec<u8>], answers: Option<Vec<Value>>, differs: &[(&str, &str)]) {
    let Some(answers) = answers else {
        return;
    };
    let mut tally = Tally::default();
    for (packet, answer) in packets.iter().zip(&answers) {
        let read = read(Format::Klv, packet);
        let sheet = match &read[0] {
            Ok(sheets) => &sheets[0],
            // The peer checks no checksums.
            Err(reason) => {
                println!("a packet was rejected and not compared: {reason}");
                continue;
            }
        };
        for (tag, name, _) in TAGS {
            let ours = sheet.given.get(*name).or_else(|| sheet.fields.get(*name));
            let theirs = answer.get(tag.to_string()).and_then(Value::as_str);
            let theirs = theirs.and_then(|text| text.parse::<f64>().ok());
            if let (Some(ours), Some(theirs)) = (ours.filter(|ours| !ours.is_null()), theirs) {
                let field = format!("{tag} {name}");
                tally.hold(&field, ours, &theirs.into(), 1e-6, &hexadecimal(packet));
            }
        }
    }
    tally.settle(peer, differs);
}

/// Where klvdata reads another thing than the standard says.
const KLVDATA_DIFFERS: &[(&str, &str)] = &[(
    "93 sideslip_full_deg",
    "ranges over ±180 degrees (ST 0601, item 93); the peer takes ±90",
)];

/// Where pymisb does. It leaves tags 34 to 78 unread.
const PYMISB_DIFFERS: &[(&str, &str)] = KLVDATA_DIFFERS;
