//! What the log does in a second: durable rows, commits, replay, audit, and verification.
//!
//! `cargo bench -p truce-ledger`. The disk is the one under the temporary directory.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop"
)]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use std::path::Path;
use tempfile::TempDir;
use truce_ledger::{
    Draft, EvidenceFile, Ledger, MemoryTree, Reader, Rows, SigningKey, audit, leaf_hash,
};

/// Length of a row in bytes: an observation in canonical form.
const ROW_BYTES: usize = 300;

fn main() {
    divan::main();
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

/// A log of `entries` entries of `rows_each` rows, committed once.
fn filled(dir: &Path, entries: usize, rows_each: usize) -> Ledger {
    let mut ledger = Ledger::create(dir, "example.com/log", key()).unwrap();
    let rows = rows(rows_each);
    for _ in 0..entries {
        ledger.append(draft(&rows)).unwrap();
    }
    ledger.commit(0).unwrap();
    ledger
}

fn log(entries: usize, rows_each: usize) -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = filled(&dir.path().join("log"), entries, rows_each);
    (dir, ledger)
}

/// One batch appended and made durable.
#[divan::bench(args = [1, 100, 1000, 5000], max_time = 3)]
fn durable_rows(bencher: Bencher<'_, '_>, batch: usize) {
    let (_dir, mut ledger) = log(1, 1);
    let rows = rows(batch);
    bencher.counter(ItemsCount::new(batch)).bench_local(|| {
        ledger.append(draft(&rows)).unwrap();
        ledger.sync().unwrap()
    });
}

/// One batch appended, not synced: the processor's share.
#[divan::bench(args = [1000], sample_count = 50, max_time = 3)]
fn appended_rows(bencher: Bencher<'_, '_>, batch: usize) {
    let (_dir, mut ledger) = log(1, 1);
    let rows = rows(batch);
    let appends = ItemsCount::new(batch);
    bencher
        .counter(appends)
        .bench_local(|| ledger.append(draft(&rows)).unwrap());
}

/// A commit over entries that are durable already.
#[divan::bench(args = [1, 100, 1000], max_time = 3)]
fn commit(bencher: Bencher<'_, '_>, entries: usize) {
    let (_dir, ledger) = log(300, 1);
    let ledger = std::cell::RefCell::new(ledger);
    let rows = rows(1);
    bencher
        .with_inputs(|| {
            for _ in 0..entries {
                ledger.borrow_mut().append(draft(&rows)).unwrap();
            }
            ledger.borrow_mut().sync().unwrap();
        })
        .bench_local_values(|()| ledger.borrow_mut().commit(0).unwrap());
}

/// All entries and rows read in order, each checked against its frame.
#[divan::bench(max_time = 3)]
fn replayed_rows(bencher: Bencher<'_, '_>) {
    let (dir, _ledger) = log(200, 1000);
    let reader = Reader::open(&dir.path().join("log")).unwrap();
    bencher
        .counter(ItemsCount::new(200_000u32))
        .bench_local(|| {
            reader
                .entries(0)
                .map(|item| item.unwrap().2.len())
                .sum::<usize>()
        });
}

/// Opening for writing: 2,000 entries of 100 rows.
#[divan::bench(max_time = 3)]
fn opened_rows(bencher: Bencher<'_, '_>) {
    let (dir, ledger) = log(2000, 100);
    drop(ledger);
    let path = dir.path().join("log");
    bencher
        .counter(ItemsCount::new(200_000u32))
        .bench_local(|| Ledger::open(&path, key()).unwrap().1);
}

/// The audit of a whole log.
#[divan::bench(max_time = 3)]
fn audited_bytes(bencher: Bencher<'_, '_>) {
    let (dir, _ledger) = log(200, 1000);
    let path = dir.path().join("log");
    let report = audit(&path, &key().verifier(), &mut |_, _| {}).unwrap();
    bencher
        .counter(BytesCount::new(report.segment_bytes))
        .bench_local(|| {
            let report = audit(&path, &key().verifier(), &mut |_, _| {}).unwrap();
            assert!(report.is_sound());
        });
}

/// One evidence file of ten entries, ten rows each, from its JSON to its report.
#[divan::bench(max_time = 3)]
fn verified_package(bencher: Bencher<'_, '_>) {
    let (dir, _ledger) = log(1000, 100);
    let reader = Reader::open(&dir.path().join("log")).unwrap();
    let picks: Vec<_> = (0..10).map(|i| (i * 97, (0..10).collect())).collect();
    let json = EvidenceFile::build(&reader, &picks).unwrap().to_json();
    let key = key().verifier();
    bencher.bench_local(|| {
        let file = EvidenceFile::parse(black_box(json.as_bytes())).unwrap();
        assert!(file.verify(&key, None).unwrap().proven());
    });
}

/// Leaves hashed and put into a tree: the ceiling for everything else.
#[divan::bench]
fn hashed_leaves(bencher: Bencher<'_, '_>) {
    let leaf = [7u8; ROW_BYTES + 16];
    bencher.counter(ItemsCount::new(10_000u32)).bench_local(|| {
        MemoryTree::new((0..10_000).map(|_| leaf_hash(black_box(&leaf))).collect()).root()
    });
}
