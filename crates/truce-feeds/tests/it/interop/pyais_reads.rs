//! Our AIS sentences, read by another program: pyais, as its users run it.
//!
//! The test writes its own sentences, so it needs no files, only `python3` with `pyais` 3. It is
//! ignored unless asked for, and says so when pyais is not there.

use std::io::Write as _;
use std::process::{Command, Stdio};

use truce_core::observation::VesselReport;
use truce_core::{
    Digest, Grade, Interval, Location, MessageId, Observation, Position, Reading, Slug, Timestamp,
};
use truce_feeds::Format;

/// Prints one JSON object a message, in knots and degrees as the standard has them.
const SCRIPT: &str = r#"
import json, sys
try:
    from pyais.stream import IterMessages
except ImportError:
    sys.exit(77)
lines = [line.rsplit("\\", 1)[1].strip().encode() for line in sys.stdin]
for message in IterMessages(lines):
    told = message.decode()
    fields = {k: getattr(told, k, None) for k in
              ("msg_type", "mmsi", "lat", "lon", "speed", "course", "heading", "second",
               "shipname", "callsign", "destination", "draught", "imo", "to_bow", "to_stern")}
    print(json.dumps({k: v if isinstance(v, str) else v and float(v) for k, v in fields.items()}))
"#;

/// Exit code of the script when pyais is not installed.
const NO_PYAIS: i32 = 77;

const KNOT_M_S: f64 = 1852.0 / 3600.0;

fn observation(n: u32) -> Observation {
    let types = [1, 3, 5, 18, 24, 19];
    let message_type = types[n as usize % types.len()];
    let statics = matches!(message_type, 5 | 19 | 24);
    let seconds = 1_740_830_400 + i64::from(n) * 7;
    let observed_at = Interval::instant(Timestamp::from_second(seconds).unwrap());
    let message = MessageId(Digest::of(&n.to_be_bytes()));
    let vessel = VesselReport {
        mmsi: 272_000_000 + n,
        message_type,
        speed_m_s: (!n.is_multiple_of(5)).then(|| f64::from(n % 300) / 10.0 * KNOT_M_S),
        course_deg: (!n.is_multiple_of(7)).then(|| f64::from(n * 13 % 3600) / 10.0),
        heading_deg: (!n.is_multiple_of(3)).then(|| f64::from(n * 29 % 360)),
        name: statics.then(|| format!("VESSEL {n}")),
        call_sign: statics.then(|| "URAB7".to_owned()),
        destination: statics.then(|| "ODESA ROADS".to_owned()),
        draught_m: statics.then(|| f64::from(n % 120 + 1) / 10.0),
        imo_number: statics.then_some(9_074_729),
        length_m: statics.then_some(180.0),
        ..VesselReport::default()
    };
    let position = Position {
        lat_deg: f64::from(n * 101 % 170) - 85.0 + 0.123_45,
        lon_deg: f64::from(n * 211 % 358) - 179.0 + 0.543_21,
    };
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: Slug::new("ais").unwrap(),
        sensor: None,
        observed_at,
        received_at: observed_at.start,
        location: Some(Location::fix(position, 10.0)),
        reading: Reading::Vessel(vessel),
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

/// What pyais read, a line a message; `None` when it is not installed.
fn read_by_pyais(lines: &[String]) -> Option<Vec<serde_json::Value>> {
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let text = lines.join("\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(NO_PYAIS) {
        return None;
    }
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn check(observation: &Observation, read: &serde_json::Value) {
    let Reading::Vessel(vessel) = &observation.reading else {
        panic!("{observation:?}")
    };
    let near = |name: &str, expected: f64, tolerance: f64| {
        let value = read[name]
            .as_f64()
            .unwrap_or_else(|| panic!("no {name} in {read}"));
        assert!(
            (value - expected).abs() <= tolerance,
            "{name}: {expected} in {read}"
        );
    };
    near("msg_type", f64::from(vessel.message_type), 0.0);
    assert_eq!(read["mmsi"].as_f64(), Some(f64::from(vessel.mmsi)));
    if matches!(vessel.message_type, 1 | 3 | 18 | 19) {
        let place = observation.location.as_ref().unwrap().place().unwrap();
        near("lat", place.position.lat_deg, 2e-6);
        near("lon", place.position.lon_deg, 2e-6);
        near(
            "speed",
            vessel.speed_m_s.map_or(102.3, |speed| speed / KNOT_M_S),
            1e-6,
        );
        near("course", vessel.course_deg.unwrap_or(360.0), 1e-6);
        near("heading", vessel.heading_deg.unwrap_or(511.0), 0.0);
        let second = observation.observed_at.start.as_second() % 60;
        near("second", second as f64, 0.0);
    }
    if matches!(vessel.message_type, 5 | 19 | 24) {
        assert_eq!(
            read["shipname"].as_str().map(str::trim),
            vessel.name.as_deref()
        );
    }
    if vessel.message_type == 5 {
        assert_eq!(read["callsign"].as_str(), vessel.call_sign.as_deref());
        assert_eq!(read["destination"].as_str(), vessel.destination.as_deref());
        near("draught", vessel.draught_m.unwrap(), 1e-9);
        near("imo", 9_074_729.0, 0.0);
        near("to_stern", 180.0, 0.0);
    }
}

#[test]
#[ignore = "needs python3 with pyais 3"]
fn interop_pyais_reads_our_sentences() {
    let observations: Vec<Observation> = (0..600).map(observation).collect();
    let lines: Vec<String> = observations
        .iter()
        .flat_map(|observation| Format::Aivdm.encode(observation).unwrap())
        .collect();
    let Some(read) = read_by_pyais(&lines) else {
        eprintln!("pyais is not installed: nothing was compared");
        return;
    };
    assert_eq!(read.len(), observations.len());
    for (observation, read) in observations.iter().zip(&read) {
        check(observation, read);
    }
}
