//! A disk that is full and a disk that is read-only, both real and small. Needs the right to mount
//! (root on Linux); without it a test says so and does nothing.
#![cfg(target_os = "linux")]

use crate::lifecycle::{append, filled, key};
use std::path::{Path, PathBuf};
use std::process::Command;
use truce_ledger::{Draft, Error, Ledger, Reader, Rows, audit};

/// A file system in memory of one megabyte; dropping it unmounts.
struct SmallDisk {
    place: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` when this process may not mount.
    #[allow(clippy::print_stderr, reason = "a test that does nothing must say so")]
    fn mount() -> Option<SmallDisk> {
        let place = tempfile::tempdir().unwrap();
        let options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs"];
        if !run("mount", &options, place.path()) {
            eprintln!("left out: mounting a small disk needs root");
            return None;
        }
        Some(SmallDisk { place })
    }

    fn log(&self) -> PathBuf {
        self.place.path().join("log")
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(run("mount", &["-o", &options], self.place.path()));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &[], self.place.path());
    }
}

fn run(program: &str, options: &[&str], place: &Path) -> bool {
    let mut command = Command::new(program);
    let output = command.args(options).arg(place).output();
    output.is_ok_and(|output| output.status.success())
}

/// Writes until the disk is full; gives what was acknowledged, and the error.
fn fill(ledger: &mut Ledger) -> (u64, Error) {
    let rows: Rows = ["a row of the fill"; 20].into_iter().collect();
    loop {
        let draft = Draft {
            class: 1,
            log_time_ns: 0,
            agreement: [1; 32],
            policy: [2; 32],
            rows: &rows,
        };
        let written = ledger.append(draft).and_then(|_| ledger.sync());
        if let Err(error) = written.and_then(|_| ledger.commit(0)) {
            return (ledger.acknowledged(), error);
        }
    }
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_and_the_log_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let ballast = disk.place.path().join("ballast");
    std::fs::write(&ballast, vec![0; 300_000]).unwrap();
    let mut ledger = filled(&disk.log(), 20, 7);
    let (acknowledged, error) = fill(&mut ledger);
    assert!(
        error.to_string().contains("No space left on device"),
        "{error}"
    );
    assert!(acknowledged > 20, "{acknowledged}");
    assert!(matches!(ledger.sync(), Err(Error::Poisoned { .. })));
    assert!(matches!(ledger.commit(0), Err(Error::Poisoned { .. })));
    drop(ledger);

    // Readers go on; what was published is sound.
    let reader = Reader::open(&disk.log()).unwrap();
    let published = reader.size().unwrap();
    assert_eq!(
        reader.entries(0).map(Result::unwrap).count() as u64,
        published
    );
    // As long as the disk is full the log is opened or refused, and harmed by neither.
    drop(Ledger::open(&disk.log(), key()));
    std::fs::remove_file(ballast).unwrap();
    let (mut ledger, report) = Ledger::open(&disk.log(), key()).unwrap();
    assert!(report.entries >= acknowledged, "{report:?}");
    append(&mut ledger, 3);
    ledger.commit(0).unwrap();
    let audited = audit(&disk.log(), &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(audited.is_sound(), "{:?}", audited.damage);
    assert_eq!(audited.entries, report.entries + 1);
}

#[test]
fn a_read_only_disk_refuses_the_writer_and_serves_readers() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    drop(filled(&disk.log(), 20, 7));
    disk.remount("ro");
    let refused = Ledger::open(&disk.log(), key());
    let error = refused
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains("Read-only file system"), "{error}");
    let reader = Reader::open(&disk.log()).unwrap();
    assert_eq!(reader.entries(0).map(Result::unwrap).count(), 20);
    let audited = audit(&disk.log(), &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(audited.is_sound(), "{:?}", audited.damage);

    disk.remount("rw");
    let (mut ledger, report) = Ledger::open(&disk.log(), key()).unwrap();
    assert_eq!((report.entries, report.torn_bytes_cut), (20, 0));
    append(&mut ledger, 1);
    assert_eq!(ledger.commit(0).unwrap().size, 21);
}
