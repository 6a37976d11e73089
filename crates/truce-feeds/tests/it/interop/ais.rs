//! AIS against pyais 3.3 and libais 0.17: every field of every type that they read.

use serde_json::Value;
use truce_feeds::{Format, Sheet};

use super::peer::{self, Seeded, Tally, ask, read};

/// Bits of each message type; of those with text or binary data a common length.
const LENGTHS: [usize; 27] = [
    168, 168, 168, 168, 424, 168, 168, 168, 168, 72, 168, 168, 168, 160, 160, 144, 168, 168, 312,
    160, 360, 168, 160, 168, 168, 168, 96,
];

/// Messages of each type in the corpus.
const PER_TYPE: usize = 200;

/// Reads `payload fill` lines with pyais.
pub(super) const PYAIS: &str = r#"
import json, sys
try:
    import pyais
except ImportError:
    sys.exit(77)
def plain(v):
    if isinstance(v, bytes): return v.hex()
    if isinstance(v, bool) or v is None or isinstance(v, str): return v
    return float(v)
def checked(body):
    s = 0
    for c in body.encode(): s ^= c
    return ("!%s*%02X" % (body, s)).encode()
for line in sys.stdin:
    payload, fill = line.split()
    parts = [payload[i:i+56] for i in range(0, len(payload), 56)]
    n = len(parts)
    lines = [checked("AIVDM,%d,%d,%s,A,%s,%s" % (n, i+1, "1" if n > 1 else "", p, fill if i+1 == n else "0"))
             for i, p in enumerate(parts)]
    try:
        message = pyais.decode(*lines)
        d = {k: plain(v) for k, v in message.asdict().items()}
        for k in ("targets", "sub_areas", "reports", "waypoints", "cargos"):
            if hasattr(message, k):
                d[k] = getattr(message, k)
        print(json.dumps(d))
    except Exception as e:
        print(json.dumps({"error": repr(e)}))
"#;

/// Reads `payload fill` lines with libais.
pub(super) const LIBAIS: &str = r#"
import json, sys
try:
    import ais
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    payload, fill = line.split()
    try:
        print(json.dumps(ais.decode(payload, int(fill))))
    except Exception as e:
        print(json.dumps({"error": repr(e)}))
"#;

/// A payload with fill bits, armoured from random bits.
pub(super) struct Payload {
    text: String,
    fill: usize,
}

fn payload(random: &mut Seeded, message_type: u8, length: usize) -> Payload {
    let mut bits: Vec<bool> = (0..length).map(|_| random.next() & 1 == 1).collect();
    // A message may be cut short anywhere.
    let mut set = |start: usize, count: usize, value: u64| {
        for index in 0..count.min(length.saturating_sub(start)) {
            bits[start + index] = value >> (count - 1 - index) & 1 == 1;
        }
    };
    set(0, 6, u64::from(message_type));
    set(8, 30, 100_000_000 + random.below(800_000_000));
    if message_type == 24 {
        set(38, 2, random.below(4));
    }
    // Applications that pyais opens would have other fields: international function 63 is unused.
    let application = match message_type {
        6 => Some(72),
        8 => Some(40),
        _ => None,
    };
    if let Some(start) = application {
        set(start, 16, 1 << 6 | 63);
    }
    Payload::of(bits)
}

impl Payload {
    /// Bits with their armour.
    pub(super) fn of(mut bits: Vec<bool>) -> Self {
        let fill = (6 - bits.len() % 6) % 6;
        bits.resize(bits.len() + fill, false);
        let sixes = bits
            .chunks(6)
            .map(|six| six.iter().fold(0_u8, |sum, bit| sum << 1 | u8::from(*bit)));
        let text = sixes
            .map(|six| char::from(if six < 40 { six + 48 } else { six + 56 }))
            .collect();
        Self { text, fill }
    }
}

/// Messages of each type that end anywhere behind the sender, or go on behind their last field.
fn odd(seed: u64) -> Vec<Payload> {
    let mut random = Seeded::of(seed);
    let mut corpus = Vec::new();
    for (message_type, length) in (1..).zip(LENGTHS) {
        for _ in 0..PER_TYPE {
            let length = 38 + random.below(length as u64 + 60) as usize;
            corpus.push(payload(&mut random, message_type, length));
        }
    }
    corpus
}

fn corpus(seed: u64) -> Vec<Payload> {
    let mut random = Seeded::of(seed);
    let mut corpus = Vec::new();
    for (message_type, length) in (1..).zip(LENGTHS) {
        for _ in 0..PER_TYPE {
            corpus.push(payload(&mut random, message_type, length));
        }
    }
    corpus
}

/// Messages of one sentence in recorded streams, where they are there.
fn recorded() -> Vec<Payload> {
    let mut payloads = Vec::new();
    for name in [
        "dma_stream_example.nmea",
        "dma_replay_dump.nmea",
        "pyais_nmea_data_sample.txt",
    ] {
        let Some(text) = peer::recording(&format!("ais/{name}")) else {
            println!("{name} is not there and was not compared");
            continue;
        };
        for line in String::from_utf8_lossy(&text).lines() {
            let mut fields = line.split(',').skip_while(|field| !field.ends_with("VDM"));
            let head: Vec<&str> = fields.by_ref().take(5).collect();
            if head.len() < 5 {
                continue;
            }
            let (Some(text), Some(end)) = (fields.next(), fields.next()) else {
                continue;
            };
            let fill = end.split('*').next().and_then(|fill| fill.parse().ok());
            if let (["1", "1"], Some(fill), true) = (&head[1..3], fill, text.len() > 6) {
                let text = text.to_owned();
                payloads.push(Payload { text, fill });
            }
        }
    }
    payloads
}

fn sentences(payload: &Payload) -> String {
    let parts: Vec<&[u8]> = payload.text.as_bytes().chunks(56).collect();
    let total = parts.len();
    let mut text = String::new();
    for (number, part) in (1..).zip(&parts) {
        let part = std::str::from_utf8(part).unwrap();
        let sequence = if total > 1 { "1" } else { "" };
        let fill = if number == total { payload.fill } else { 0 };
        let body = format!("AIVDM,{total},{number},{sequence},A,{part},{fill}");
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        text += &format!("!{body}*{sum:02X}\n");
    }
    text
}

pub(super) fn ours(corpus: &[Payload]) -> Vec<Sheet> {
    let read_one = |payload: &Payload| {
        let read = read(Format::Aivdm, sentences(payload).as_bytes());
        let mut sheets: Vec<Sheet> = read.into_iter().filter_map(Result::ok).flatten().collect();
        assert_eq!(sheets.len(), 1, "{}", payload.text);
        sheets.remove(0)
    };
    corpus.iter().map(read_one).collect()
}

pub(super) fn asked(script: &str, corpus: &[Payload]) -> Option<Vec<Value>> {
    let lines: String = corpus
        .iter()
        .map(|payload| format!("{} {}\n", payload.text, payload.fill))
        .collect();
    let answers = ask(script, lines.as_bytes())?;
    assert_eq!(answers.len(), corpus.len());
    Some(answers)
}

/// A field of a peer: its name, ours, and the code that it shows where ours is unknown. Names that
/// begin with a dot are the sensor's own values.
pub(super) type Same = (&'static str, &'static str, Option<f64>);

const PYAIS_FIELDS: &[Same] = &[
    ("repeat", "repeat_indicator", None),
    ("mmsi", "mmsi", None),
    ("status", "navigational_status", Some(15.0)),
    ("speed", ".speed_kn", None),
    ("accuracy", "position_accuracy", None),
    ("lon", ".lon_deg", None),
    ("lat", ".lat_deg", None),
    ("heading", "heading_deg", Some(511.0)),
    ("maneuver", "special_manoeuvre", None),
    ("raim", "raim", None),
    ("year", "utc_year", Some(0.0)),
    ("ais_version", "ais_version", None),
    ("imo", "imo_number", Some(0.0)),
    ("callsign", "call_sign", None),
    ("shipname", "name", None),
    ("name", "name", None),
    ("name_ext", "name_extension", None),
    ("ship_type", "ship_type", None),
    ("to_bow", "to_bow_m", None),
    ("to_stern", "to_stern_m", None),
    ("to_port", "to_port_m", None),
    ("to_starboard", "to_starboard_m", None),
    ("epfd", "epfd", None),
    ("draught", "draught_m", Some(0.0)),
    ("destination", "destination", None),
    ("dte", "data_terminal_not_ready", None),
    ("seqno", "sequence_number", None),
    ("dest_mmsi", "destination_mmsi", None),
    ("retransmit", "retransmitted", None),
    ("dac", "designated_area_code", None),
    ("fid", "function_identifier", None),
    ("alt", "altitude_m", Some(4095.0)),
    ("text", "safety_text", None),
    ("mmsi1", "destination_mmsi_1", None),
    ("mmsiseq1", "sequence_number_1", None),
    ("mmsi2", "destination_mmsi_2", None),
    ("mmsiseq2", "sequence_number_2", None),
    ("mmsi3", "destination_mmsi_3", None),
    ("mmsiseq3", "sequence_number_3", None),
    ("mmsi4", "destination_mmsi_4", None),
    ("mmsiseq4", "sequence_number_4", None),
    ("type1_1", "requested_type_1_1", None),
    ("offset1_1", "slot_offset_1_1", None),
    ("type1_2", "requested_type_1_2", None),
    ("offset1_2", "slot_offset_1_2", None),
    ("type2_1", "requested_type_2_1", None),
    ("offset2_1", "slot_offset_2_1", None),
    ("increment1", "increment_1", None),
    ("increment2", "increment_2", None),
    ("increment3", "increment_3", None),
    ("increment4", "increment_4", None),
    ("number1", "slot_count_1", None),
    ("timeout1", "timeout_min_1", None),
    ("number4", "slot_count_4", None),
    ("timeout4", "timeout_min_4", None),
    ("offset1", "slot_offset_1", None),
    ("offset2", "slot_offset_2", None),
    ("offset4", "slot_offset_4", None),
    ("cs", "carrier_sense", None),
    ("display", "display", None),
    ("dsc", "selective_calling", None),
    ("band", "whole_band", None),
    ("msg22", "accepts_message_22", None),
    ("assigned", "assigned_mode", None),
    ("aid_type", "aid_type", None),
    ("off_position", "off_position", None),
    ("virtual_aid", "virtual_aid", None),
    ("channel_a", "channel_a", None),
    ("channel_b", "channel_b", None),
    ("txrx", "transmit_receive_mode", None),
    ("power", "low_power", None),
    ("ne_lon", ".north_east_lon_min", None),
    ("ne_lat", ".north_east_lat_min", None),
    ("sw_lon", ".south_west_lon_min", None),
    ("sw_lat", ".south_west_lat_min", None),
    ("dest1", "destination_mmsi_1", None),
    ("dest2", "destination_mmsi_2", None),
    ("addressed", "addressed", None),
    ("structured", "structured", None),
    ("band_a", "narrow_band_a", None),
    ("band_b", "narrow_band_b", None),
    ("zonesize", "transitional_zone_size", None),
    ("station_type", "station_type", None),
    ("interval", "reporting_interval", None),
    ("quiet", "quiet_time_min", None),
    ("partno", "part_number", None),
    ("vendorid", "unit_vendor", None),
    ("model", "unit_model", None),
    ("serial", "unit_serial", None),
    ("mothership_mmsi", "mothership_mmsi", None),
    ("gnss", "position_older_than_5_s", None),
    ("radio", ".radio", None),
];

const LIBAIS_FIELDS: &[Same] = &[
    ("repeat_indicator", "repeat_indicator", None),
    ("mmsi", "mmsi", None),
    ("nav_status", "navigational_status", Some(15.0)),
    ("sog", ".speed_kn", None),
    ("position_accuracy", "position_accuracy", None),
    ("x", ".lon_deg", None),
    ("y", ".lat_deg", None),
    ("true_heading", "heading_deg", Some(511.0)),
    ("special_manoeuvre", "special_manoeuvre", None),
    ("raim", "raim", None),
    ("imo_num", "imo_number", Some(0.0)),
    ("callsign", "call_sign", None),
    ("type_and_cargo", "ship_type", None),
    ("dim_a", "to_bow_m", None),
    ("dim_b", "to_stern_m", None),
    ("dim_c", "to_port_m", None),
    ("dim_d", "to_starboard_m", None),
    ("fix_type", "epfd", None),
    ("eta_month", "eta_month", Some(0.0)),
    ("eta_day", "eta_day", Some(0.0)),
    ("eta_hour", "eta_hour", Some(24.0)),
    ("eta_minute", "eta_minute", Some(60.0)),
    ("draught", "draught_m", Some(0.0)),
    ("year", "utc_year", Some(0.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("aton_type", "aid_type", None),
    ("off_pos", "off_position", None),
    ("virtual_aton", "virtual_aid", None),
    ("alt", "altitude_m", Some(4095.0)),
    ("part_num", "part_number", None),
    ("dac", "designated_area_code", None),
    ("fi", "function_identifier", None),
];

/// Our value of a field, as a peer would show it.
fn value(sheet: &Sheet, name: &str) -> Option<Value> {
    let minutes = |name: &str| Some(Value::from(sheet.given.get(name)?.as_f64()? / 60.0));
    match name {
        ".lon_deg" => minutes("lon_min"),
        ".lat_deg" => minutes("lat_min"),
        ".radio" => {
            let state = sheet.fields.get("communication_state")?.as_u64()?;
            let selector = sheet.fields.get("communication_state_selector");
            let selector = u64::from(selector.and_then(Value::as_bool) == Some(true));
            Some((selector << 19 | state).into())
        }
        _ => match name.strip_prefix('.') {
            Some(own) => sheet.given.get(own).cloned(),
            None => sheet.fields.get(name).cloned(),
        },
    }
}

fn compare(
    fields: &[Same],
    sheets: &[Sheet],
    answers: &[Value],
    tolerance: f64,
    tally: &mut Tally,
) {
    for (sheet, answer) in sheets.iter().zip(answers) {
        if answer.get("error").is_some() {
            continue;
        }
        for (theirs, ours, unknown) in fields {
            let (Some(theirs_value), Some(ours_value)) = (answer.get(theirs), value(sheet, ours))
            else {
                continue;
            };
            let shown = match (&ours_value, unknown) {
                (Value::Null, Some(code)) => Value::from(*code),
                _ => ours_value,
            };
            let field = format!("{} {theirs}", sheet.kind);
            tally.hold(&field, &shown, theirs_value, tolerance, &answer.to_string());
        }
    }
}

#[test]
#[ignore = "needs python3 with pyais 3.3"]
fn interop_every_field_agrees_with_pyais() {
    let mut corpus = corpus(1);
    corpus.extend(odd(11));
    corpus.extend(recorded());
    let Some(answers) = asked(PYAIS, &corpus) else {
        return;
    };
    let mut tally = Tally::default();
    // pyais rounds positions to six decimals of a degree.
    compare(PYAIS_FIELDS, &ours(&corpus), &answers, 1e-6, &mut tally);
    tally.settle("pyais", PYAIS_DIFFERS);
}

#[test]
#[ignore = "needs python3 with libais 0.17"]
fn interop_every_field_agrees_with_libais() {
    let mut corpus = corpus(2);
    corpus.extend(odd(12));
    corpus.extend(recorded());
    let Some(answers) = asked(LIBAIS, &corpus) else {
        return;
    };
    let mut tally = Tally::default();
    // libais computes speeds and courses in single precision.
    compare(LIBAIS_FIELDS, &ours(&corpus), &answers, 1e-5, &mut tally);
    tally.settle("libais", LIBAIS_DIFFERS);
}

/// Reasons that several fields share. Clauses are those of Rec. ITU-R M.1371-5, Annex 8.
const ENUM: &str = "a reserved code is another code to the peer; we keep it (3.1 to 3.25, tables)";
const AT_SIGN: &str =
    "a text ends at its first @, which fills what is not used (6-bit ASCII, note)";
const AT_REST: &str =
    "a text ends at its first @, and four bits at its end are no character (3.19)";
const MINUTES: &str = "tenths of a minute in two's complement; the peer reads them unsigned (3.15)";
const STATE: &str = "the communication state ends the message; the peer takes it for data (3.24)";
const LENGTH: &str = "160 bits are part A to the peer, whatever part they say they are (3.24)";
const CHARACTERS: &str = "code 31 is _ and code 39 is ' (6-bit ASCII)";
const SPARE: &str = "two spare bits follow the address: 40 + 30 + 2 + 96 = 168 bits (3.23, 3.24)";

/// Where pyais reads another thing than the standard says.
const PYAIS_DIFFERS: &[(&str, &str)] = &[
    ("11 epfd", ENUM),
    ("19 epfd", ENUM),
    ("19 ship_type", ENUM),
    ("21 epfd", ENUM),
    ("23 interval", ENUM),
    ("23 ship_type", ENUM),
    ("23 station_type", ENUM),
    ("4 epfd", ENUM),
    ("5 epfd", ENUM),
    ("5 ship_type", ENUM),
    ("12 text", AT_SIGN),
    ("14 text", AT_SIGN),
    ("19 shipname", AT_SIGN),
    ("21 name", AT_SIGN),
    ("24 callsign", AT_SIGN),
    ("24 shipname", AT_SIGN),
    ("24 vendorid", AT_SIGN),
    ("5 callsign", AT_SIGN),
    ("5 destination", AT_SIGN),
    ("5 shipname", AT_SIGN),
    ("17 lat", MINUTES),
    ("17 lon", MINUTES),
    ("21 name_ext", AT_REST),
    ("26 radio", STATE),
];

/// Where libais reads another thing than the standard says.
const LIBAIS_DIFFERS: &[(&str, &str)] = &[
    ("24 callsign", CHARACTERS),
    ("24 part_num", LENGTH),
    ("5 callsign", CHARACTERS),
    ("25 dac", SPARE),
    ("25 fi", SPARE),
    ("26 dac", SPARE),
    ("26 fi", SPARE),
];
