//! Faults at every call: whatever fails and however the machine comes back, every acknowledged
//! entry is there, and the log extends every checkpoint that was ever published.

use crate::audit::audit_in;
use crate::checkpoint::Checkpoint;
use crate::disk::Folder;
use crate::error::{Error, Result};
use crate::key::SigningKey;
use crate::ledger::{Draft, Ledger};
use crate::merkle::root_of;
use crate::reader::Reader;
use crate::rows::Rows;
use crate::sim::{Fault, Restart, SimDisk};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const ROOT: &str = "/log";
/// Small, so that the workload crosses segments.
const LIMIT: u64 = 3000;

fn key() -> SigningKey {
    SigningKey::from_seed("example.com/log", &[7; 32]).unwrap()
}

fn folder(disk: &SimDisk) -> Folder {
    Folder::on(Arc::new(disk.clone()), Path::new(ROOT))
}

fn row(entry: u64, row: u64) -> Vec<u8> {
    format!("entry {entry} row {row}").into_bytes()
}

fn append(ledger: &mut Ledger) -> Result<u64> {
    let entry = ledger.size();
    let rows: Rows = (0..entry % 3).map(|i| row(entry, i)).collect();
    let (agreement, policy) = ([1; 32], [2; 32]);
    ledger.append(Draft {
        class: 1,
        log_time_ns: 0,
        agreement,
        policy,
        rows: &rows,
    })
}

/// What the outside world was told.
#[derive(Default)]
struct Told {
    acknowledged: u64,
    /// Rows whose erasure was begun, and whether it was said to be done.
    erased: BTreeMap<(u64, u32), bool>,
}

/// One step of the script.
#[derive(Clone, Copy)]
enum Step {
    Append(u64),
    Sync,
    Commit,
    Prune,
    Erase(u64, u32),
    Reopen,
}

fn run_step(ledger: &mut Ledger, step: Step, told: &mut Told) -> Result<()> {
    match step {
        Step::Append(count) => (0..count).try_for_each(|_| append(ledger).map(drop)),
        Step::Sync => ledger.sync().map(|size| told.acknowledged = size),
        Step::Commit => ledger
            .commit(0)
            .map(|checkpoint| told.acknowledged = checkpoint.size),
        // A failed removal harms nothing, so the ledger goes on.
        Step::Prune => {
            let _ = ledger.prune_partial_tiles();
            Ok(())
        }
        Step::Erase(entry, row) => {
            told.erased.insert((entry, row), false);
            ledger.erase(&[(entry, row)])?;
            told.erased.insert((entry, row), true);
            Ok(())
        }
        Step::Reopen => Ok(()),
    }
}

/// Runs the script on the disk as far as the fault lets it. A ledger that failed once must refuse
/// everything after.
fn run(disk: &SimDisk, script: &[Step]) -> Told {
    let mut told = Told::default();
    let mut ledger = match open_or_create(disk) {
        Ok(ledger) => ledger,
        Err(_) => return told,
    };
    told.acknowledged = ledger.acknowledged();
    for step in script {
        if let Step::Reopen = step {
            drop(ledger);
            ledger = match open_or_create(disk) {
                Ok(ledger) => ledger,
                Err(_) => return told,
            };
            told.acknowledged = told.acknowledged.max(ledger.acknowledged());
        }
        if run_step(&mut ledger, *step, &mut told).is_err() {
            assert!(matches!(append(&mut ledger), Err(Error::Poisoned { .. })));
            assert!(matches!(ledger.sync(), Err(Error::Poisoned { .. })));
            assert!(matches!(ledger.commit(0), Err(Error::Poisoned { .. })));
            break;
        }
    }
    told
}

fn open_or_create(disk: &SimDisk) -> Result<Ledger> {
    match Ledger::open_in(&folder(disk), key(), LIMIT) {
        Ok((ledger, _)) => Ok(ledger),
        Err(Error::NotALedger { .. }) => {
            Ledger::create_in(&folder(disk), "example.com/log", key(), LIMIT)
        }
        Err(e) => Err(e),
    }
}

/// Holds a disk, opened and committed again, against what was told.
fn check(disk: &SimDisk, told: &Told, what: &str) {
    let published = disk.published();
    let reader = Reader::open_in(&folder(disk)).unwrap();
    let mut leaves = Vec::new();
    for item in reader.entries(0) {
        let (index, entry, rows) = item.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(rows.len() as u64, index % 3, "{what}");
        for (i, stored) in (0u32..).zip(rows) {
            let may_be_erased = match told.erased.get(&(index, i)) {
                Some(done) => !done || stored.bytes().is_none(),
                None => stored.bytes().is_some(),
            };
            assert!(
                may_be_erased,
                "{what}: row {i} of entry {index}: {stored:?}"
            );
            if let Some(bytes) = stored.bytes() {
                assert_eq!(bytes, row(index, u64::from(i)), "{what}");
            }
        }
        leaves.push(entry.leaf());
    }
    let size = leaves.len() as u64;
    assert!(
        size >= told.acknowledged,
        "{what}: {size} of {} entries",
        told.acknowledged
    );
    for note in published {
        let seen = Checkpoint::parse(std::str::from_utf8(&note).unwrap()).unwrap();
        seen.verify(&key().verifier()).unwrap();
        let at = usize::try_from(seen.size).unwrap();
        assert!(
            at <= leaves.len(),
            "{what}: a published checkpoint is ahead of the log"
        );
        assert_eq!(
            root_of(&leaves[..at]),
            seen.root,
            "{what}: size {at} forked"
        );
    }
}

/// What a reader finds before any writer has opened the log again: whatever the checkpoint covers
/// is there, though nothing was rebuilt.
///
/// But for an entry in the middle of an erasure: opening the log finishes that.
fn check_unopened(disk: &SimDisk, told: &Told, what: &str) {
    let reader = match Reader::open_in(&folder(disk)) {
        Err(Error::NotALedger { .. }) => return,
        other => other.unwrap_or_else(|e| panic!("{what}: {e}")),
    };
    let seen = reader.checkpoint().unwrap();
    let root = reader
        .root(seen.size)
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(
        root, seen.root,
        "{what}: the tiles of size {} are not there",
        seen.size
    );
    if let Some(last) = seen.size.checked_sub(1) {
        let begun = |((entry, _), done): (&(u64, u32), &bool)| *entry == last && !done;
        if !told.erased.iter().any(begun) {
            reader.entry(last).unwrap_or_else(|e| panic!("{what}: {e}"));
        }
        let bundle = reader.bundle(last / 256, seen.size);
        assert_eq!(bundle.unwrap().len() as u64, last % 256 + 1, "{what}");
    }
}

/// Brings the disk up again, goes on with the log, cuts the power once more, and looks.
fn check_restart(disk: &SimDisk, told: &Told, how: Restart, audited: bool, what: &str) {
    let what = format!("{what}, then {how:?}");
    let disk = disk.restart(how);
    check_unopened(&disk, told, &what);
    let mut ledger = open_or_create(&disk).unwrap_or_else(|e| panic!("{what}: {e}"));
    let recovered = ledger.acknowledged();
    assert!(
        recovered >= told.acknowledged,
        "{what}: {recovered} of {}",
        told.acknowledged
    );
    append(&mut ledger).unwrap();
    let told = Told {
        acknowledged: ledger.sync().unwrap(),
        erased: told.erased.clone(),
    };
    drop(ledger);
    let disk = disk.restart(Restart::NothingUnsynced);
    let mut ledger = open_or_create(&disk).unwrap_or_else(|e| panic!("{what}: {e}"));
    ledger.commit(0).unwrap();
    drop(ledger);
    check(&disk, &told, &what);
    if audited {
        let report = audit_in(&folder(&disk), &key().verifier(), &mut |_, _| {}).unwrap();
        assert!(report.is_sound(), "{what}: {:?}", report.damage);
    }
}

/// Runs the script with each kind of fault at every `stride`-th call, and each restart after it.
fn fault_everywhere(base: &SimDisk, script: &[Step], stride: usize, audit_every: u64) {
    let clean = base.fork(Fault::Never);
    let told = run(&clean, script);
    check_restart(&clean, &told, Restart::NothingUnsynced, true, "no fault");
    let calls = clean.calls();
    assert!(calls > 100, "{calls}");
    for call in (0..calls).step_by(stride) {
        let faults = [
            Fault::Error(call),
            Fault::ShortWrite(call),
            Fault::Full(call),
            Fault::Crash(call),
        ];
        for fault in faults {
            let disk = base.fork(fault);
            let told = run(&disk, script);
            let restarts: &[Restart] = match fault {
                Fault::ShortWrite(_) => &[Restart::NothingUnsynced],
                Fault::Full(_) => &[Restart::Some(call)],
                _ => &[Restart::Kill, Restart::NothingUnsynced, Restart::Some(call)],
            };
            for how in restarts {
                let audited = call % audit_every == 0;
                check_restart(&disk, &told, *how, audited, &format!("{fault:?}"));
            }
        }
    }
}

#[test]
fn no_fault_in_a_young_log_loses_an_acknowledged_entry() {
    let script = [
        Step::Append(3),
        Step::Sync,
        Step::Append(2),
        Step::Commit,
        Step::Append(1),
        Step::Sync,
        Step::Append(4),
        Step::Sync,
        Step::Reopen,
        Step::Append(6),
        Step::Commit,
        Step::Append(2),
    ];
    fault_everywhere(&SimDisk::new(), &script, 1, 10);
}

#[test]
fn no_fault_while_rows_are_erased_brings_them_back_or_harms_others() {
    let script = [
        Step::Append(9),
        Step::Commit,
        Step::Append(4),
        Step::Sync,
        Step::Erase(5, 1),
        Step::Erase(11, 0),
        Step::Append(3),
        Step::Erase(5, 0),
        Step::Reopen,
        Step::Erase(8, 1),
        Step::Commit,
    ];
    fault_everywhere(&SimDisk::new(), &script, 3, 9);
}

#[test]
fn no_fault_while_a_tile_fills_loses_an_acknowledged_entry() {
    let base = SimDisk::new();
    run(&base, &[Step::Append(250), Step::Commit]);
    let base = base.restart(Restart::NothingUnsynced);
    let script = [
        Step::Append(4),
        Step::Sync,
        Step::Append(8),
        Step::Commit,
        Step::Prune,
        Step::Append(3),
        Step::Sync,
    ];
    fault_everywhere(&base, &script, 17, 68);
}

#[test]
fn what_a_power_cut_leaves_opens_on_a_real_disk() {
    let script = [
        Step::Append(5),
        Step::Commit,
        Step::Append(12),
        Step::Sync,
        Step::Commit,
    ];
    let clean = SimDisk::new();
    run(&clean, &script);
    for call in (0..clean.calls()).step_by(9) {
        let disk = SimDisk::new().fork(Fault::Crash(call));
        let told = run(&disk, &script);
        let disk = disk.restart(Restart::Some(call));
        let dir = tempfile::tempdir().unwrap();
        disk.materialise(Path::new(ROOT), dir.path());
        let mut ledger = match Ledger::open(dir.path(), key()) {
            Err(Error::NotALedger { .. }) => {
                assert_eq!(told.acknowledged, 0);
                Ledger::create(dir.path(), "example.com/log", key()).unwrap()
            }
            other => other.unwrap().0,
        };
        assert!(ledger.acknowledged() >= told.acknowledged);
        ledger.commit(0).unwrap();
        let report = crate::audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
        assert!(report.is_sound(), "call {call}: {:?}", report.damage);
    }
}

#[test]
fn a_full_disk_is_named_and_the_log_goes_on_when_there_is_room() {
    let base = SimDisk::new();
    run(&base, &[Step::Append(5), Step::Commit]);
    let full = base
        .fork(Fault::Full(0))
        .restart(Restart::Kill)
        .fork(Fault::Full(40));
    let mut ledger = open_or_create(&full).unwrap();
    let mut acknowledged = ledger.acknowledged();
    let error = loop {
        match append(&mut ledger).and_then(|_| ledger.sync()) {
            Ok(size) => acknowledged = size,
            Err(e) => break e,
        }
    };
    assert!(error.to_string().contains("no storage space"), "{error}");
    assert!(matches!(ledger.sync(), Err(Error::Poisoned { .. })));
    drop(ledger);
    let told = Told {
        acknowledged,
        ..Told::default()
    };
    check_restart(&full, &told, Restart::Kill, true, "full disk");
}
