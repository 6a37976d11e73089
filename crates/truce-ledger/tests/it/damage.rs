//! Damaged logs: what opening refuses and what the audit names.

use crate::lifecycle::{append, filled, key};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use truce_ledger::{AuditReport, Error, EvidenceFile, Ledger, Reader, SigningKey, audit};

fn audited(dir: &Path) -> AuditReport {
    audit(dir, &key().verifier(), &mut |done, total| {
        assert!(done <= total)
    })
    .unwrap()
}

fn flip(path: &Path, bit: usize) {
    let mut bytes = fs::read(path).unwrap();
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, bytes).unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// 300 entries in small segments, with partial tiles of earlier checkpoints.
fn small_segments(dir: &Path) {
    drop(Ledger::create(dir, "example.com/log", key()).unwrap());
    let (mut ledger, _) = Ledger::open_with(dir, key(), 20_000).unwrap();
    for i in 0..300 {
        append(&mut ledger, i % 4);
        if i % 60 == 7 {
            ledger.commit(0).unwrap();
        }
    }
    ledger.commit(1).unwrap();
}

#[test]
fn a_sound_log_is_called_sound() {
    let dir = tempfile::tempdir().unwrap();
    small_segments(dir.path());
    let report = audited(dir.path());
    assert!(report.is_sound(), "{:?}", report.damage);
    assert_eq!(
        (report.entries, report.rows, report.unpublished),
        (300, 450, 0)
    );
    assert!(report.segments > 4 && report.tiles > 10, "{report:?}");
    assert_eq!(report.checkpoint.unwrap().size, 300);
}

/// Every file of a log, with flips all over each: the audit names that very file.
#[test]
fn a_flipped_bit_in_any_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    small_segments(dir.path());
    let files = files(dir.path());
    assert!(files.len() > 15, "{files:?}");
    for path in files {
        let whole = fs::read(&path).unwrap();
        let bits = whole.len() * 8;
        for bit in [1, bits / 2, bits - 9] {
            flip(&path, bit);
            let report = audited(dir.path());
            let named = report.damage.iter().any(|damage| damage.file == path);
            assert!(
                named,
                "bit {bit} of {}: {:?}",
                path.display(),
                report.damage
            );
            fs::write(&path, &whole).unwrap();
        }
    }
    assert!(audited(dir.path()).is_sound());
}

#[test]
fn damage_names_the_entries_it_touches() {
    let dir = tempfile::tempdir().unwrap();
    small_segments(dir.path());
    let tile = dir.path().join("tile/0/000");
    flip(&tile, 999);
    let report = audited(dir.path());
    assert_eq!(report.damage.len(), 1, "{:?}", report.damage);
    assert_eq!(
        (&report.damage[0].file, report.damage[0].entries.clone()),
        (&tile, 0..256)
    );
    flip(&tile, 999);

    let segment = dir.path().join("segments/00000000000000000000.seg");
    flip(&segment, 8 * 400);
    let report = audited(dir.path());
    assert_eq!(report.damage[0].file, segment);
    assert_eq!(
        report.damage[0].entries.end - report.damage[0].entries.start,
        1
    );
    assert_eq!(report.entries, 299);
    flip(&segment, 8 * 400);

    fs::remove_file(&tile).unwrap();
    fs::remove_file(dir.path().join("tile/entries/001.p/44")).unwrap();
    let report = audited(dir.path());
    assert_eq!(report.damage.len(), 2, "{:?}", report.damage);
    let (_, opened) = Ledger::open(dir.path(), key()).unwrap();
    assert_eq!(opened.tiles_rebuilt, 2);
    assert!(audited(dir.path()).is_sound());
}

#[test]
fn a_lost_segment_and_a_foreign_key_are_damage() {
    let dir = tempfile::tempdir().unwrap();
    small_segments(dir.path());
    let other = SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
    let report = audit(dir.path(), &other.verifier(), &mut |_, _| {}).unwrap();
    assert!(!report.is_sound());

    fs::remove_file(dir.path().join("segments/00000000000000000000.seg")).unwrap();
    let report = audited(dir.path());
    assert_eq!(report.damage[0].entries.start, 0);
    assert!(matches!(
        Ledger::open(dir.path(), key()),
        Err(Error::Damaged { .. })
    ));
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 10, 10);
    append(&mut ledger, 3);
    ledger.sync().unwrap();
    append(&mut ledger, 3);
    drop(ledger);
    let segment = dir.path().join("segments/00000000000000000000.seg");
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 5]).unwrap();
    let report = audited(dir.path());
    assert!(report.is_sound() && report.torn_bytes > 200, "{report:?}");
    let torn = report.torn_bytes;
    let (ledger, report) = Ledger::open(dir.path(), key()).unwrap();
    assert_eq!(
        (report.entries, report.uncommitted, report.torn_bytes_cut),
        (11, 1, torn)
    );
    assert_eq!(ledger.acknowledged(), 11);
}

#[test]
fn damage_to_what_was_acknowledged_is_never_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 10, 10);
    let segment = dir.path().join("segments/00000000000000000000.seg");
    let covered = fs::metadata(&segment).unwrap().len();
    append(&mut ledger, 3);
    ledger.sync().unwrap();
    append(&mut ledger, 3);
    ledger.sync().unwrap();
    drop(ledger);
    let whole = fs::read(&segment).unwrap();
    let offset = usize::try_from(covered).unwrap();
    // The first entry beyond the head: the one behind it says it was acknowledged.
    flip(&segment, (offset + 100) * 8);
    let before = fs::read(&segment).unwrap();
    let opened = Ledger::open(dir.path(), key());
    assert!(
        matches!(opened, Err(Error::Damaged { entry: 10, .. })),
        "{opened:?}"
    );
    assert!(!audited(dir.path()).is_sound());
    assert_eq!(
        fs::read(&segment).unwrap(),
        before,
        "the segment was changed"
    );
    // An entry that the head covers, damaged or cut off.
    fs::write(&segment, &whole[..offset - 50]).unwrap();
    assert!(matches!(
        Ledger::open(dir.path(), key()),
        Err(Error::Damaged { entry: 9, .. })
    ));
    fs::write(&segment, &whole).unwrap();
    Ledger::open(dir.path(), key()).unwrap();
}

#[test]
fn a_checkpoint_that_is_newer_or_different_is_refused() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(old.path(), 10, 5);
    filled(new.path(), 12, 4);
    let checkpoint = old.path().join("checkpoint");
    let ours = fs::read(&checkpoint).unwrap();
    fs::copy(new.path().join("checkpoint"), &checkpoint).unwrap();
    let opened = Ledger::open(old.path(), key());
    assert!(matches!(
        opened,
        Err(Error::PublishedNewer {
            published: 12,
            head: 10
        })
    ));

    let forked = tempfile::tempdir().unwrap();
    filled(forked.path(), 7, 7);
    fs::copy(forked.path().join("checkpoint"), &checkpoint).unwrap();
    let opened = Ledger::open(old.path(), key());
    assert!(
        matches!(opened, Err(Error::PublishedDiffers { size: 7, .. })),
        "{opened:?}"
    );

    fs::write(&checkpoint, "no checkpoint\n").unwrap();
    assert!(Ledger::open(old.path(), key()).is_err());
    fs::remove_file(&checkpoint).unwrap();
    let (_, report) = Ledger::open(old.path(), key()).unwrap();
    assert!(report.republished);
    assert_eq!(fs::read(&checkpoint).unwrap(), ours);
}

#[test]
fn a_damaged_tile_does_not_reach_a_proof_unseen() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 10, 10);
    flip(&dir.path().join("tile/0/000.p/10"), 77);
    let reader = Reader::open(dir.path()).unwrap();
    assert_ne!(reader.root(10).unwrap(), reader.checkpoint().unwrap().root);
    let built = EvidenceFile::build(&reader, &[(9, vec![0])]);
    assert!(
        matches!(
            built,
            Err(Error::Proof {
                proof: "inclusion",
                ..
            })
        ),
        "{built:?}"
    );
    fs::write(dir.path().join("tile/0/000.p/10"), b"short").unwrap();
    assert!(matches!(
        reader.inclusion_proof(3, 10),
        Err(Error::Malformed { .. })
    ));
}

#[test]
fn a_damaged_row_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 10, 10);
    let segment = dir.path().join("segments/00000000000000000000.seg");
    let len = usize::try_from(fs::metadata(&segment).unwrap().len()).unwrap();
    flip(&segment, (len - 3) * 8);
    let reader = Reader::open(dir.path()).unwrap();
    assert!(matches!(
        reader.entry(9),
        Err(Error::Damaged { entry: 9, .. })
    ));
    reader.entry(8).unwrap();
    let read: Vec<_> = reader.entries(0).collect();
    assert_eq!(
        (read.len(), read.iter().filter(|item| item.is_err()).count()),
        (10, 1)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever an interrupted write leaves behind the last acknowledged entry is cut.
    #[test]
    fn any_torn_tail_is_cut(
        keep in 0usize..700, garbage in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = filled(dir.path(), 3, 3);
        append(&mut ledger, 3);
        ledger.sync().unwrap();
        let segment = dir.path().join("segments/00000000000000000000.seg");
        let acknowledged = fs::read(&segment).unwrap().len();
        append(&mut ledger, 3);
        append(&mut ledger, 1);
        drop(ledger);
        let mut bytes = fs::read(&segment).unwrap();
        bytes.truncate(acknowledged + keep);
        bytes.extend_from_slice(&garbage);
        fs::write(&segment, &bytes).unwrap();
        let (mut ledger, report) = Ledger::open(dir.path(), key()).unwrap();
        prop_assert!((4..=6).contains(&report.entries), "{:?}", report);
        prop_assert!(report.torn_bytes_cut >= garbage.len() as u64);
        append(&mut ledger, 2);
        ledger.commit(0).unwrap();
        prop_assert!(audited(dir.path()).is_sound());
    }

    #[test]
    fn no_flip_anywhere_stays_hidden(
        flips in proptest::collection::vec(any::<(usize, usize)>(), 1..8),
    ) {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), 30, 9);
        let all = files(dir.path());
        for (file, bit) in flips {
            let path = &all[file % all.len()];
            let whole = fs::read(path).unwrap();
            flip(path, bit);
            let report = audited(dir.path());
            let named = report.damage.iter().any(|damage| damage.file == *path);
            prop_assert!(named, "bit {} of {}", bit, path.display());
            fs::write(path, whole).unwrap();
        }
    }
}
