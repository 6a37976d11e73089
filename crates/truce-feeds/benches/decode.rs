//! Messages per second of the decoders, each over a corpus that the encoders wrote, beside the peers
//! that read the same bytes.
//!
//! What counts is the time this thread had on a processor, the least of several rounds: on a busy
//! machine the time that went by says little. Peers are Python packages, found as the tests of the
//! group `interop` find them (`TRUCE_PEERS_PYTHON`, else `python3`), and tell their own processor
//! time; one that is not installed is left out. `cargo bench -p truce-feeds -- WORD` runs those whose
//! name holds the word, and `-- FORMAT=FILE` reads a recording instead.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::observation::{AircraftReport, Sighting, ThermalAnomaly, VesselReport};
use truce_core::{
    Grade, IncidentKind, Interval, Location, MessageId, ObjectKind, Observation, Position,
    RawMessage, Reading, Slug, Timestamp,
};
use truce_feeds::{Decoded, Decoder, Format, Framer};

/// Observations of each corpus: enough that caches behave as in a stream.
const OBSERVATIONS: u32 = 10_000;

/// Rounds over each corpus, of which the fastest counts.
const ROUNDS: usize = 20;

/// 2025-03-01T12:00:00Z.
const START_S: i64 = 1_740_830_400;

/// Objects that take turns.
const OBJECTS: u32 = 500;

/// One measurement.
struct Bench {
    name: &'static str,
    format: Format,
    reading: fn(u32) -> Reading,
    /// Messages a second that one core must reach.
    wanted: Option<f64>,
    peers: &'static [(&'static str, &'static str)],
}

const BENCHES: [Bench; 8] = [
    Bench {
        name: "ais_positions",
        format: Format::Aivdm,
        reading: position_report,
        wanted: Some(1e6),
        peers: &[("pyais", PYAIS), ("libais", LIBAIS)],
    },
    Bench {
        name: "ais_statics",
        format: Format::Aivdm,
        reading: static_report,
        wanted: Some(1e6),
        peers: &[("pyais", PYAIS)],
    },
    Bench {
        name: "adsb_avr",
        format: Format::Avr,
        reading: aircraft,
        wanted: Some(1e6),
        peers: &[("pyModeS", PYMODES)],
    },
    Bench {
        name: "adsb_beast",
        format: Format::Beast,
        reading: aircraft,
        wanted: Some(1e6),
        peers: &[],
    },
    Bench {
        name: "firms_rows",
        format: Format::FirmsCsv,
        reading: anomaly,
        wanted: Some(1e6),
        peers: &[("csv.DictReader", CSV)],
    },
    Bench {
        name: "cot_events",
        format: Format::Cot,
        reading: sighting,
        wanted: Some(2e5),
        peers: &[("xml.etree", ETREE)],
    },
    Bench {
        name: "tak_messages",
        format: Format::TakProto,
        reading: sighting,
        wanted: Some(2e5),
        peers: &[],
    },
    Bench {
        name: "truce_jsonl_lines",
        format: Format::TruceJsonl,
        reading: position_report,
        wanted: None,
        peers: &[],
    },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with('-'))
        .collect();
    println!(
        "{:20} {:16} {:>12} {:>10}",
        "corpus", "reader", "messages/s", "wanted"
    );
    let recordings = words.iter().filter_map(|word| word.split_once('='));
    for (format, file) in recordings.clone() {
        let format = Format::from_slug(format).expect("a format, then `=` and a file");
        say(file, "truce", &recording(format, file), None);
    }
    let named = |bench: &&Bench| words.iter().any(|word| bench.name.contains(word));
    for bench in BENCHES.iter().filter(|b| words.is_empty() || named(b)) {
        let messages = corpus(bench.format, bench.reading);
        say(bench.name, "truce", &messages, bench.wanted);
        for (peer, script) in bench.peers {
            if let Some(seconds) = ask(script, &messages) {
                row(bench.name, peer, messages.len() as f64 / seconds, None);
            }
        }
    }
}

fn say(corpus: &str, reader: &str, messages: &[RawMessage], wanted: Option<f64>) {
    let format = messages.first().map(|message| message.source.as_str());
    let format = format.and_then(Format::from_slug).expect("messages");
    let least = (0..ROUNDS).map(|_| decode(format, messages)).min();
    let seconds = least.unwrap_or_default().as_secs_f64();
    row(corpus, reader, messages.len() as f64 / seconds, wanted);
}

fn row(corpus: &str, reader: &str, rate: f64, wanted: Option<f64>) {
    let wanted = wanted.map_or_else(String::new, |wanted| format!("{wanted:.0}"));
    println!("{corpus:20} {reader:16} {rate:>12.0} {wanted:>10}");
}

/// The messages of a file.
fn recording(format: Format, file: &str) -> Vec<RawMessage> {
    let bytes = std::fs::read(file).expect("the file can be read");
    let mut messages = Vec::new();
    let mut framer = Framer::of(format);
    framer.push(&bytes, &mut |bytes| {
        messages.push(message(format, bytes.to_vec()))
    });
    framer.finish(&mut |bytes| messages.push(message(format, bytes.to_vec())));
    messages
}

/// Processor time of this thread so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// The processor time that decoding all messages takes.
fn decode(format: Format, messages: &[RawMessage]) -> Duration {
    let mut decoder = Decoder::new(format, &feed(format), &SensorNetwork::default());
    let mut out = Decoded::default();
    let mut observations = 0;
    let before = processor_time();
    for message in messages {
        out.clear();
        decoder.decode(message, &mut out);
        observations += out.observations.len();
    }
    let taken = processor_time() - before;
    assert!(observations > 0, "nothing was decoded");
    taken
}

/// Seconds of processor time that a peer's script takes for the same messages; `None` when the peer
/// is not there.
fn ask(script: &str, messages: &[RawMessage]) -> Option<f64> {
    let python = std::env::var("TRUCE_PEERS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    for message in messages {
        input.write_all(&message.bytes).ok()?;
        input.write_all(b"\n").ok()?;
    }
    drop(input);
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

const PYAIS: &str = "
import sys, time
from pyais.stream import IterMessages
lines = sys.stdin.buffer.read().splitlines()
t = time.process_time()
for m in IterMessages(lines):
    m.decode()
print(time.process_time() - t)
";

const LIBAIS: &str = "
import sys, time
import ais
lines = [line.split(',') for line in sys.stdin.read().splitlines()]
t = time.process_time()
for f in lines:
    ais.decode(f[5], int(f[6][0]))
print(time.process_time() - t)
";

const PYMODES: &str = "
import sys, time
import pyModeS
lines = [line.strip('*;') for line in sys.stdin.read().split()]
pipe = pyModeS.PipeDecoder()
t = time.process_time()
for n, line in enumerate(lines):
    pipe.decode(line, timestamp=n / 1000)
print(time.process_time() - t)
";

const CSV: &str = "
import csv, sys, time
lines = sys.stdin.read().splitlines()
t = time.process_time()
for row in csv.DictReader(lines):
    float(row['latitude']), float(row['longitude']), float(row['frp'])
print(time.process_time() - t)
";

const ETREE: &str = "
import sys, time
import xml.etree.ElementTree as tree
lines = sys.stdin.read().splitlines()
t = time.process_time()
for line in lines:
    p = tree.fromstring(line).find('point').attrib
    float(p['lat']), float(p['lon'])
print(time.process_time() - t)
";

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a name")
}

fn feed(format: Format) -> Feed {
    Feed::new(slug("bench"), slug(format.slug()), Transport::File)
}

/// The `n`-th observation with a reading, somewhere on a grid over the Black Sea.
fn observation(n: u32, reading: Reading) -> Observation {
    let observed_at = START_S + i64::from(n / 100);
    let observed_at = Interval::instant(Timestamp::from_second(observed_at).expect("in range"));
    let object = n % OBJECTS;
    let position = Position {
        lat_deg: 43.0 + f64::from(object % 23) / 10.0 + f64::from(n) * 1e-6,
        lon_deg: 29.0 + f64::from(object % 97) / 10.0,
    };
    let message = MessageId(truce_core::Digest::of(&n.to_be_bytes()));
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: slug("bench"),
        sensor: None,
        observed_at,
        received_at: observed_at.start,
        location: Some(Location::fix(position, 10.0)),
        reading,
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

fn position_report(n: u32) -> Reading {
    Reading::Vessel(VesselReport {
        mmsi: 272_000_000 + n % OBJECTS,
        message_type: 1,
        speed_m_s: Some(f64::from(n % 12)),
        course_deg: Some(f64::from(n % 360)),
        heading_deg: Some(f64::from(n % 360)),
        navigational_status: Some(0),
        accurate: Some(true),
        ..VesselReport::default()
    })
}

fn static_report(n: u32) -> Reading {
    Reading::Vessel(VesselReport {
        mmsi: 272_000_000 + n % OBJECTS,
        message_type: 5,
        name: Some(format!("VESSEL {n}")),
        call_sign: Some("URAB".to_owned()),
        destination: Some("ODESA".to_owned()),
        ship_type: Some(70),
        length_m: Some(180.0),
        beam_m: Some(28.0),
        ..VesselReport::default()
    })
}

fn anomaly(n: u32) -> Reading {
    Reading::ThermalAnomaly(ThermalAnomaly {
        brightness_k: Some(300.0 + f64::from(n % 60)),
        background_k: Some(280.5),
        radiative_power_mw: Some(1.25),
        scan_m: Some(530.0),
        track_m: Some(670.0),
        confidence: Some(0.6),
        daytime: Some(false),
        satellite: Some("N20".to_owned()),
        instrument: Some("VIIRS".to_owned()),
        version: Some("2.0NRT".to_owned()),
    })
}

fn aircraft(n: u32) -> Reading {
    Reading::Aircraft(AircraftReport {
        icao_address: 0x50_8000 + n % OBJECTS,
        call_sign: n.is_multiple_of(8).then(|| format!("AUI{}", n % OBJECTS)),
        speed_m_s: Some(220.0),
        course_deg: Some(f64::from(n % 360)),
        climb_m_s: Some(0.0),
    })
}

fn sighting(_: u32) -> Reading {
    Reading::Sighting(Sighting {
        about: IncidentKind::Presence,
        class: None,
        object: Some(ObjectKind::Vehicle),
        weapon: None,
        count: None,
    })
}

/// The messages of a feed that carries some readings.
fn corpus(format: Format, reading: fn(u32) -> Reading) -> Vec<RawMessage> {
    let header = format.header().into_iter().map(String::into_bytes);
    let messages = header.chain((0..OBSERVATIONS).flat_map(|n| {
        let messages = format.encode_bytes(&observation(n, reading(n)));
        messages.expect("the format carries this reading")
    }));
    let whole = |mut bytes: Vec<u8>| {
        if format.is_text() && bytes.ends_with(b"\n") {
            bytes.pop();
        }
        message(format, bytes)
    };
    messages.map(whole).collect()
}

fn message(format: Format, bytes: Vec<u8>) -> RawMessage {
    RawMessage {
        source: slug(format.slug()),
        received_at: Timestamp::from_second(START_S).expect("in range"),
        bytes,
    }
}
