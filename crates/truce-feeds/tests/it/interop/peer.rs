//! A peer: a Python package that reads the same messages.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::{RawMessage, Slug, Timestamp};
use truce_feeds::{Decoded, Decoder, Format, Framer, Sheet};

use crate::mutation::setting;

/// Exit code of a script when its package is not installed.
const NOT_INSTALLED: i32 = 77;

/// Environment variable with the interpreter that has the peers; `python3` without it.
const PYTHON: &str = "TRUCE_PEERS_PYTHON";

/// Environment variable with the folder of the interpreter that has the peers which Python 3.11 is too
/// old for.
const NEWER_PYTHON: &str = "TRUCE_PEERS";

/// Gives a script some input and reads one JSON value a line; `None` when the peer is not there.
pub(crate) fn ask(script: &str, input: &[u8]) -> Option<Vec<Value>> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    ask_of(&python, script, input)
}

/// The same of a peer that needs Python 3.12.
pub(crate) fn ask_newer(script: &str, input: &[u8]) -> Option<Vec<Value>> {
    let folder = std::env::var(NEWER_PYTHON);
    let python = folder.map(|folder| format!("{folder}/python3"));
    ask_of(
        &python.unwrap_or_else(|_| "python3".to_owned()),
        script,
        input,
    )
}

fn ask_of(python: &str, script: &str, input: &[u8]) -> Option<Vec<Value>> {
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The peer may write before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(NOT_INSTALLED) {
        eprintln!("the peer is not installed: nothing was compared");
        return None;
    }
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the peer's script failed");
    let text = String::from_utf8(output.stdout).unwrap();
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// A recording of the folder beside the project, where it is there.
pub(crate) fn recording(name: &str) -> Option<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = |up: &str| std::fs::read(root.join(up).join("shared/data").join(name)).ok();
    beside("../../..").or_else(|| beside("../../../.."))
}

fn feed(format: Format) -> Feed {
    let id = Slug::new(format.slug()).unwrap();
    Feed::new(id.clone(), id, Transport::File)
}

/// What we read in each message of a stream: its sheets, or why it was rejected.
pub(crate) fn read(format: Format, stream: &[u8]) -> Vec<Result<Vec<Sheet>, String>> {
    let feed = feed(format);
    let mut decoder = Decoder::new(format, &feed, &SensorNetwork::default());
    let mut messages = Vec::new();
    let mut framer = Framer::of(format);
    framer.push(stream, &mut |bytes| messages.push(bytes.to_vec()));
    framer.finish(&mut |bytes| messages.push(bytes.to_vec()));
    let mut out = Decoded::with_sheets();
    let mut read = |bytes: Vec<u8>| {
        let received_at = Timestamp::from_second(1_740_830_400).unwrap();
        let source = feed.id.clone();
        decoder.decode(
            &RawMessage {
                source,
                received_at,
                bytes,
            },
            &mut out,
        );
        let sheets = std::mem::take(out.sheets.as_mut().unwrap());
        let rejected = out
            .rejections
            .first()
            .map(|rejection| rejection.reason.clone());
        out.clear();
        match rejected {
            Some(reason) if sheets.is_empty() => Err(reason),
            _ => Ok(sheets),
        }
    };
    messages.into_iter().map(&mut read).collect()
}

/// A small generator for corpora (SplitMix64): the same numbers for the same seed everywhere.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    /// The generator of a corpus; `TRUCE_INTEROP_SEED` makes others of them all.
    pub(crate) fn of(corpus: u64) -> Self {
        let other = setting("TRUCE_INTEROP_SEED").unwrap_or(0);
        Self(corpus.wrapping_add(other.wrapping_mul(1_000)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below another.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// Counts of a comparison, printed at its end.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) fields: usize,
    pub(crate) disagreements: std::collections::BTreeMap<String, (usize, String)>,
}

impl Tally {
    /// Holds two values against each other; numbers may differ by a share of themselves, since
    /// peers keep or write fewer digits.
    pub(crate) fn hold(
        &mut self,
        field: &str,
        ours: &Value,
        theirs: &Value,
        tolerance: f64,
        about: &str,
    ) {
        self.fields += 1;
        if !same(ours, theirs, tolerance) {
            let first = || (0, format!("ours {ours}, theirs {theirs}: {about}"));
            self.disagreements
                .entry(field.to_owned())
                .or_insert_with(first)
                .0 += 1;
        }
    }

    /// Says what was compared, and fails when fields differ that are not known to.
    pub(crate) fn settle(self, peer: &str, known: &[(&str, &str)]) {
        let Self {
            fields,
            disagreements,
        } = self;
        let all: usize = disagreements.values().map(|(count, _)| count).sum();
        println!("{peer}: {fields} fields compared, {all} differ");
        let mut unknown = Vec::new();
        for (field, (count, first)) in &disagreements {
            match known.iter().find(|(name, _)| name == field) {
                Some((_, why)) => println!("  {field}: {count} differ; {why}"),
                None => unknown.push(format!("{field}: {count} differ; {first}")),
            }
        }
        assert!(fields > 0, "nothing was compared");
        assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    }
}

fn same(ours: &Value, theirs: &Value, tolerance: f64) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        other => other.as_f64(),
    };
    match (number(ours), number(theirs)) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * a.abs().max(1.0),
        _ => match (ours, theirs) {
            (Value::String(a), Value::String(b)) => a.trim() == b.trim(),
            // Empty text and no text are one.
            (Value::Null, Value::String(text)) => text.trim().is_empty(),
            _ => ours == theirs,
        },
    }
}
