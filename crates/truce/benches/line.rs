//! The whole line on one thread: bytes → durable log → engine → log → tables.
//!
//! `cargo bench -p truce` prints items per second; `cargo xtask bench` names the machine first.

use std::collections::BTreeMap;
use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use tempfile::TempDir;
use truce::connect::capture::{self, Capture};
use truce::engine::Setup;
use truce::line::{Folder, Line, Replay};
use truce_core::mission::MISSION_FILES;
use truce_core::time::plus_seconds;
use truce_core::{Body, RawMessage, Record, Timestamp};
use truce_ledger::{Draft, Entry, Ledger, Reader, Row, Rows, SigningKey};

fn main() {
    divan::main();
}

const BATCH: usize = 4_096;

fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../missions/ukraine-2025");
    let read = |name: &&str| {
        (
            (*name).to_owned(),
            std::fs::read_to_string(folder.join(name)).expect("a mission file"),
        )
    };
    MISSION_FILES.iter().map(read).collect()
}

fn start() -> Timestamp {
    "2025-06-10T00:00:00Z".parse().expect("an instant")
}

/// Messages of a simulated period, of all feeds or of one.
fn messages(hours: f64, feed: Option<&str>) -> Vec<RawMessage> {
    let setup = Setup::read(&files()).expect("the example mission");
    let options = truce_sim::Options {
        start: start(),
        hours,
        seed: 7,
    };
    let mut messages = truce_sim::simulate(&setup.mission, &options).messages;
    messages.retain(|message| feed.is_none_or(|feed| message.source.as_str() == feed));
    messages
}

/// The AIS messages of six hours, again and again with later times until there are enough.
fn ais(count: usize) -> Vec<RawMessage> {
    let period = messages(6.0, Some("ais-coast"));
    let shift = |number: usize, message: &RawMessage| RawMessage {
        received_at: plus_seconds(message.received_at, number as f64 * 21_600.0),
        bytes: later(&message.bytes, number as i64 * 21_600),
        ..message.clone()
    };
    (0..)
        .flat_map(|number| period.iter().map(move |message| shift(number, message)))
        .take(count)
        .collect()
}

/// The sentence with the time of its TAG block moved, and that block's checksum made right again; one that
/// was damaged on the way stays as it is.
fn later(sentence: &[u8], seconds: i64) -> Vec<u8> {
    let text = String::from_utf8_lossy(sentence);
    moved(&text, seconds).unwrap_or_else(|| sentence.to_vec())
}

fn moved(text: &str, seconds: i64) -> Option<Vec<u8>> {
    let (head, rest) = text.strip_prefix('\\')?.split_once("c:")?;
    let (time, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
    let (tail, behind) = rest.split_once('*')?;
    let block = format!("{head}c:{}{tail}", time.parse::<i64>().ok()? + seconds);
    let checksum = block.bytes().fold(0, |sum, byte| sum ^ byte);
    Some(format!("\\{block}*{checksum:02X}{}", behind.get(2..)?).into_bytes())
}

fn run(messages: &[RawMessage]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = Folder::at(&folder.path().join("data"));
    let mut line = Line::create(&data, &files(), start()).expect("a new log");
    for batch in messages.chunks(BATCH) {
        let now = batch
            .last()
            .map_or_else(start, |message| message.received_at);
        let inputs = batch
            .iter()
            .map(|message| Record::new(Body::Raw(message.clone())))
            .collect();
        line.submit(inputs, now).expect("the line takes messages");
    }
    line.commit(start()).expect("a checkpoint");
    folder
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn ais_sentences_to_tracks(bencher: Bencher<'_, '_>) {
    let messages = ais(400_000);
    bencher
        .counter(ItemsCount::new(messages.len()))
        .bench_local(|| run(&messages));
}

/// The entries of a log, with their rows.
fn entries_of(folder: &TempDir) -> Vec<(Entry, Rows)> {
    let log = Folder::at(&folder.path().join("data")).log();
    let reader = Reader::open(&log).expect("a log");
    let written = |row: &Row| match row {
        Row::Whole { bytes, .. } | Row::Parts { bytes, .. } => bytes.clone(),
        Row::Erased { .. } => Vec::new(),
    };
    let entry = |item: truce_ledger::Result<(u64, Entry, Vec<Row>)>| {
        let (_, entry, rows) = item.expect("an entry");
        (entry, rows.iter().map(written).collect())
    };
    reader.entries(0).map(entry).collect()
}

/// The same rows made durable again by the log alone: what is left of the time above if decoding,
/// engine, JSON and tables took none.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn rows_of_ais_sentences_logged(bencher: Bencher<'_, '_>) {
    let messages = ais(400_000);
    let entries = entries_of(&run(&messages));
    let logged = || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = SigningKey::from_seed("example.com/log", &[7; 32]).expect("a key");
        let log = folder.path().join("log");
        let mut ledger = Ledger::create(&log, "example.com/log", key).expect("a new log");
        for (entry, rows) in &entries {
            let draft = Draft {
                class: entry.class,
                log_time_ns: entry.log_time_ns,
                agreement: entry.agreement,
                policy: entry.policy,
                rows,
            };
            ledger.append(draft).expect("the log takes rows");
            ledger.sync().expect("a disk");
        }
        ledger.commit(0).expect("a checkpoint");
        folder
    };
    bencher
        .counter(ItemsCount::new(messages.len()))
        .bench_local(logged);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn messages_of_a_day_to_incidents(bencher: Bencher<'_, '_>) {
    let messages = messages(24.0, None);
    bencher
        .counter(ItemsCount::new(messages.len()))
        .bench_local(|| run(&messages));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn records_replayed(bencher: Bencher<'_, '_>) {
    let folder = run(&messages(6.0, None));
    let log = Folder::at(&folder.path().join("data")).log();
    let replay = || {
        let reader = Reader::open(&log).expect("a log");
        Replay::run(&reader, None, &mut |_, _| ()).expect("a replay")
    };
    let records = replay().records;
    bencher
        .counter(ItemsCount::new(records))
        .bench_local(replay);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn captures_read(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let setup = Setup::read(&files()).expect("the example mission");
    let options = truce_sim::Options {
        start: start(),
        hours: 6.0,
        seed: 7,
    };
    let simulation = truce_sim::simulate(&setup.mission, &options);
    capture::write(folder.path(), &simulation).expect("a capture");
    bencher
        .counter(ItemsCount::new(simulation.messages.len()))
        .bench_local(|| {
            let capture = Capture::open(folder.path()).expect("a capture");
            let each = |message| {
                divan::black_box(message);
                Ok(())
            };
            capture.read(each).expect("messages");
        });
}
