//! The figures that the log promises, each measured as its users would feel it.
//!
//! `cargo bench -p truce-ledger --bench promises`. The disk is the one under the temporary
//! directory, which needs 4 GB; `TRUCE_BENCH_ROWS` makes the large log smaller. Nothing is
//! asserted: a machine is slow or busy for reasons of its own.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and should stop when it cannot go on"
)]

use rustix::time::{ClockId, clock_gettime};
use std::path::Path;
use std::time::{Duration, Instant};
use truce_ledger::{
    Draft, EvidenceFile, Ledger, Package, PackageFiles, Reader, Rows, SigningKey, audit,
};

/// Length of a row in bytes: an observation in canonical form.
const ROW_BYTES: usize = 300;
/// Rows of one entry, as a busy line submits them.
const BATCH: usize = 1000;
/// Rows of the log that is opened again.
const LARGE: usize = 10_000_000;
/// How long rows are written for.
const WRITING: Duration = Duration::from_secs(10);
/// How often the line commits.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

fn main() {
    // `cargo test --benches` asks every bench for its tests; there are none.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    writing(&place.path().join("written"));
    let large = place.path().join("large");
    fill(&large);
    restart(&large);
    fsck(&large);
    packages(&large);
}

fn key() -> SigningKey {
    SigningKey::from_seed("example.com/log", &[7; 32]).unwrap()
}

fn rows(count: usize) -> Rows {
    (0..count)
        .map(|i| [u8::try_from(i % 251).unwrap(); ROW_BYTES])
        .collect()
}

fn draft(rows: &Rows) -> Draft<'_> {
    Draft {
        class: 1,
        log_time_ns: 0,
        agreement: [1; 32],
        policy: [2; 32],
        rows,
    }
}

/// Batches one after another, each made durable, with a commit every second as the line does it.
/// A batch is acknowledged when its sync has returned, and visible when a commit has covered it.
fn writing(dir: &Path) {
    let mut ledger = Ledger::create(dir, "example.com/log", key()).unwrap();
    let rows = rows(BATCH);
    let (mut acknowledged, mut unseen, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    let (begun, mut committed) = (Instant::now(), Instant::now());
    while begun.elapsed() < WRITING {
        let appended = Instant::now();
        ledger.append(draft(&rows)).unwrap();
        ledger.sync().unwrap();
        acknowledged.push(appended.elapsed());
        unseen.push(appended);
        if committed.elapsed() >= COMMIT_EVERY {
            ledger.commit(0).unwrap();
            seen.extend(unseen.drain(..).map(|appended| appended.elapsed()));
            committed = Instant::now();
        }
    }
    let rate = (acknowledged.len() * BATCH) as f64 / begun.elapsed().as_secs_f64();
    say(
        "durable rows/s, one writer",
        format!("{rate:.0}"),
        "≥ 100,000",
    );
    say(
        "acknowledged, p50",
        milliseconds(percentile(&mut acknowledged, 50)),
        "",
    );
    say(
        "acknowledged, p99",
        milliseconds(percentile(&mut acknowledged, 99)),
        "≤ 50 ms",
    );
    say(
        "in a checkpoint, slowest",
        milliseconds(percentile(&mut seen, 100)),
        "≤ 2,000 ms",
    );
}

fn fill(dir: &Path) {
    let wanted = std::env::var("TRUCE_BENCH_ROWS").map_or(LARGE, |rows| rows.parse().unwrap());
    let mut ledger = Ledger::create(dir, "example.com/log", key()).unwrap();
    let rows = rows(BATCH);
    for entry in 0..wanted / BATCH {
        ledger.append(draft(&rows)).unwrap();
        if entry % 1000 == 0 {
            ledger.commit(0).unwrap();
        }
    }
    ledger.commit(0).unwrap();
}

fn restart(dir: &Path) {
    let begun = Instant::now();
    let (ledger, report) = Ledger::open(dir, key()).unwrap();
    let what = format!("restart, {} rows", report.entries * BATCH as u64);
    say(&what, milliseconds(begun.elapsed()), "≤ 10,000 ms");
    drop(ledger);
}

fn fsck(dir: &Path) {
    let begun = processor_time();
    let report = audit(dir, &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(report.is_sound());
    let rate = report.segment_bytes as f64 / 1e6 / (processor_time() - begun);
    let what = format!("fsck per core, {} MB", report.segment_bytes / 1_000_000);
    say(&what, format!("{rate:.0} MB/s"), "≥ 200 MB/s");
}

/// Seconds of a processor that this process has used: on a busy machine a core is not all ours.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A package of ten entries with ten rows each, from its bytes to its report.
fn packages(dir: &Path) {
    let reader = Reader::open(dir).unwrap();
    let step = reader.size().unwrap() / 10;
    let picks: Vec<_> = (0..10).map(|i| (i * step, (0..10).collect())).collect();
    let evidence = EvidenceFile::build(&reader, &picks).unwrap();
    let bytes = Package::new(evidence, PackageFiles::new())
        .unwrap()
        .to_bytes();
    let mut times: Vec<_> = (0..50).map(|_| verify(&bytes)).collect();
    let what = format!("package verified, {} kB", bytes.len() / 1000);
    say(&what, milliseconds(percentile(&mut times, 99)), "≤ 50 ms");
}

fn verify(bytes: &[u8]) -> Duration {
    let begun = Instant::now();
    let package = Package::parse(bytes).unwrap();
    let report = package.verify(&key().verifier(), None, &PackageFiles::new());
    assert!(report.unwrap().proven());
    begun.elapsed()
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn say(what: &str, measured: String, promised: &str) {
    println!("{what:36} {measured:>14}   {promised}");
}
