//! Cursor on Target against takproto 3: what it writes from XML we read as we read the XML, and what
//! we write it reads.

use serde_json::Value;
use truce_feeds::{Format, Sheet};

use super::peer::{Seeded, Tally, ask, read};

/// Turns events into messages of a stream.
const WRITE: &str = r#"
import json, sys
try:
    import takproto
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    data = takproto.xml2proto(line.strip(), takproto.TAKProtoVer.STREAM)
    print(json.dumps(bytes(data).hex()))
"#;

/// Reads messages of a stream.
const READ: &str = r#"
import json, sys
try:
    import takproto
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    e = takproto.parse_proto(bytearray.fromhex(line.strip())).cotEvent
    print(json.dumps({"uid": e.uid, "type": e.type, "how": e.how, "lat_deg": e.lat, "lon_deg": e.lon,
      "height_ellipsoid_m": e.hae, "circular_m_sigma": e.ce, "call_sign": e.detail.contact.callsign,
      "speed_m_s": e.detail.track.speed, "course_deg": e.detail.track.course}))
"#;

fn events(seed: u64) -> Vec<String> {
    let mut random = Seeded::of(seed);
    let kinds = ["a-f-G-U-C", "a-h-G-E-V", "a-u-A-M-F-Q", "a-n-S"];
    (0..500)
        .map(|n| {
            let kind = kinds[random.below(4) as usize];
            let mut number = |end: u64| random.below(end * 1_000) as f64 / 1_000.0;
            let (lat, lon) = (number(180) - 90.0, number(360) - 180.0);
            let (hae, ce, le) = (number(9_000), number(500) + 1.0, number(500) + 1.0);
            let (speed, course) = (number(90) + 0.5, number(359) + 0.5);
            format!(
                "<event version=\"2.0\" uid=\"U-{n}\" type=\"{kind}\" how=\"m-g\" \
                 time=\"2025-03-01T12:00:01.000Z\" start=\"2025-03-01T12:00:00.000Z\" \
                 stale=\"2025-03-01T12:05:00.000Z\"><point lat=\"{lat}\" lon=\"{lon}\" \
                 hae=\"{hae}\" ce=\"{ce}\" le=\"{le}\"/><detail><contact callsign=\"C {n}\" \
                 endpoint=\"*:-1:stcp\"/><track speed=\"{speed}\" course=\"{course}\"/></detail>\
                 </event>"
            )
        })
        .collect()
}

fn sheet(format: Format, bytes: &[u8]) -> Sheet {
    let mut read = read(format, bytes);
    assert_eq!(read.len(), 1);
    read.remove(0).unwrap().remove(0)
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    (0..hex.len() / 2).map(pair).collect()
}

const FIELDS: &[&str] = &[
    "uid",
    "type",
    "how",
    "lat_deg",
    "lon_deg",
    "height_ellipsoid_m",
    "circular_m_sigma",
    "call_sign",
    "speed_m_s",
    "course_deg",
];

#[test]
#[ignore = "needs python3 with takproto 3"]
fn interop_events_agree_with_takproto() {
    let events = events(6);
    let Some(written) = ask(WRITE, (events.join("\n") + "\n").as_bytes()) else {
        return;
    };
    let mut tally = Tally::default();
    let mut lines = String::new();
    for (event, written) in events.iter().zip(&written) {
        let ours = sheet(Format::Cot, event.as_bytes());
        let hex = written.as_str().unwrap();
        let theirs = sheet(Format::TakProto, &bytes(hex));
        for name in FIELDS
            .iter()
            .chain(&["start", "stale", "sent_at", "height_m_sigma"])
        {
            let value = |sheet: &Sheet| sheet.fields.get(*name).cloned().unwrap_or(Value::Null);
            tally.hold(name, &value(&ours), &value(&theirs), 1e-9, event);
        }
        lines += &format!("{hex}\n");
    }
    let Some(read) = ask(READ, lines.as_bytes()) else {
        return;
    };
    for (event, theirs) in events.iter().zip(&read) {
        let ours = sheet(Format::Cot, event.as_bytes());
        for name in FIELDS {
            tally.hold(
                &format!("{name} as read"),
                &ours.fields[*name],
                &theirs[*name],
                1e-9,
                event,
            );
        }
    }
    tally.settle("takproto", &[]);
}
