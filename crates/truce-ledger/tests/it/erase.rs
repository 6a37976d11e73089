//! Rows in parts, and rows that are erased: what stays provable, and what is gone.

use crate::lifecycle::{append, key};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use truce_ledger::{
    AuditReport, Draft, Error, EvidenceFile, Ledger, Reader, Row, RowContent, Rows, audit,
    verify_consistency,
};

const SECRET: &str = "the officer's name";

/// A log of 4 + `more` entries in small segments. Entry 3 has a row in parts, a whole row and a
/// short one.
fn log(dir: &Path, more: usize) -> Ledger {
    drop(Ledger::create(dir, "example.com/log", key()).unwrap());
    let (mut ledger, _) = Ledger::open_with(dir, key(), 2_000).unwrap();
    for _ in 0..3 {
        append(&mut ledger, 2);
    }
    let mut rows = Rows::new();
    rows.push_parts(
        format!("officer:{SECRET};place:hill").as_bytes(),
        &[8, 18, 7, 4],
    );
    rows.push(format!("whole, with {SECRET}").as_bytes());
    rows.push(b"tiny");
    let draft = Draft {
        class: 1,
        log_time_ns: 0,
        agreement: [1; 32],
        policy: [2; 32],
        rows: &rows,
    };
    assert_eq!(ledger.append(draft).unwrap(), 3);
    for _ in 0..more {
        append(&mut ledger, 2);
    }
    ledger.commit(0).unwrap();
    ledger
}

fn audited(dir: &Path) -> AuditReport {
    audit(dir, &key().verifier(), &mut |_, _| {}).unwrap()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let all = all.flat_map(|path| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    });
    all.collect()
}

fn is_anywhere(dir: &Path, needle: &str) -> bool {
    files(dir).iter().any(|file| {
        let bytes = fs::read(file).unwrap();
        bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    })
}

#[test]
fn a_part_is_withheld_and_the_rest_is_proven() {
    let dir = tempfile::tempdir().unwrap();
    drop(log(dir.path(), 36));
    let reader = Reader::open(dir.path()).unwrap();
    let (_, rows) = reader.entry(3).unwrap();
    let is_parts = |row: &Row| matches!(row, Row::Parts { parts, .. } if parts == &[8, 18, 7, 4]);
    assert!(is_parts(&rows[0]), "{:?}", rows[0]);
    let checkpoint = reader.checkpoint().unwrap();
    let mut withhold = |_: &Row| BTreeSet::from([1]);
    let file =
        EvidenceFile::build_with(&reader, &checkpoint, &[(3, vec![0, 2])], &mut withhold).unwrap();
    let json = file.to_json();
    assert!(
        !json.contains(SECRET) && json.contains("officer:"),
        "{json}"
    );
    let mut file = EvidenceFile::parse(json.as_bytes()).unwrap();
    let report = file.verify(&key().verifier(), None).unwrap();
    assert!(report.proven(), "{report}");
    assert_eq!(
        (
            report.rows_proven,
            report.parts_withheld,
            report.rows_withheld
        ),
        (2, 1, 1)
    );
    assert!(
        report
            .to_string()
            .contains("of which 1 field(s) are withheld"),
        "{report}"
    );

    let RowContent::Parts(parts) = &mut file.entries[0].rows[0].row else {
        panic!("not in parts")
    };
    parts.swap(0, 2);
    assert!(!file.verify(&key().verifier(), None).unwrap().proven());
}

/// The salts that go out tell nothing of the salt of a part that does not.
#[test]
fn the_salt_of_a_withheld_part_is_not_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    drop(log(dir.path(), 36));
    let reader = Reader::open(dir.path()).unwrap();
    let (_, rows) = reader.entry(3).unwrap();
    let Row::Parts { salt, .. } = &rows[0] else {
        panic!("not in parts")
    };
    let file = EvidenceFile::build(&reader, &[(3, vec![0])]).unwrap();
    let row = &file.entries[0].rows[0];
    assert_ne!(row.salt, salt);
    let RowContent::Parts(parts) = &row.row else {
        panic!("not in parts")
    };
    let salts: BTreeSet<String> = parts.iter().map(|part| format!("{part:?}")).collect();
    assert_eq!(salts.len(), 4);
    assert_eq!(
        row.row.bytes().unwrap(),
        format!("officer:{SECRET};place:hill").as_bytes()
    );
}

#[test]
fn erased_rows_are_gone_and_everything_still_holds() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = log(dir.path(), 36);
    let before = Reader::open(dir.path()).unwrap().checkpoint().unwrap();
    let sealed = ledger.sealed_segments().to_vec();
    let other = EvidenceFile::build(&Reader::open(dir.path()).unwrap(), &[(3, vec![1])]).unwrap();
    assert!(is_anywhere(dir.path(), SECRET));

    // The last is in the segment that is still written to.
    assert_eq!(ledger.erase(&[(3, 0), (3, 1), (3, 2), (39, 1)]).unwrap(), 4);
    assert_eq!(ledger.erase(&[(3, 0)]).unwrap(), 0);
    assert!(matches!(
        ledger.erase(&[(3, 3)]),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        ledger.erase(&[(40, 0)]),
        Err(Error::OutOfRange { .. })
    ));
    assert!(!is_anywhere(dir.path(), SECRET) && !is_anywhere(dir.path(), "tiny"));
    append(&mut ledger, 3);
    ledger.commit(1).unwrap();
    drop(ledger);

    let report = audited(dir.path());
    assert!(report.is_sound(), "{:?}", report.damage);
    assert_eq!(report.erased, [(3, 0), (3, 1), (3, 2), (39, 1)]);
    let (ledger, opened) = Ledger::open_with(dir.path(), key(), 2_000).unwrap();
    assert_eq!((opened.entries, opened.torn_bytes_cut), (41, 0));
    assert_eq!(ledger.sealed_segments()[..sealed.len()], sealed);

    let reader = Reader::open(dir.path()).unwrap();
    let now = reader.checkpoint().unwrap();
    let path = reader.consistency_proof(before.size, now.size).unwrap();
    verify_consistency(before.size, &before.root, now.size, &now.root, &path).unwrap();
    let (entry, rows) = reader.entry(3).unwrap();
    assert!(rows.iter().all(|row| row.bytes().is_none()));
    assert_eq!(truce_ledger::row_tree(&rows).root(), entry.payload_root);
    assert!(
        other.verify(&key().verifier(), None).unwrap().proven(),
        "what was released before"
    );
    let beside = EvidenceFile::build(&reader, &[(39, vec![0])]).unwrap();
    assert!(beside.verify(&key().verifier(), None).unwrap().proven());
    let erased = EvidenceFile::build(&reader, &[(3, vec![1])]);
    assert!(matches!(erased, Err(Error::Erased { entry: 3, row: 1 })));
}

/// Also in a log with erased rows, with parts and with short rows no flipped bit stays hidden.
#[test]
fn every_flipped_bit_of_erased_and_divided_rows_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = log(dir.path(), 2);
    ledger.erase(&[(3, 0), (4, 1)]).unwrap();
    drop(ledger);
    let path = dir.path().join("segments/00000000000000000000.seg");
    let whole = fs::read(&path).unwrap();
    assert!(audited(dir.path()).is_sound());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, bytes).unwrap();
        let report = audited(dir.path());
        let named = report.damage.iter().any(|damage| damage.file == path);
        assert!(named, "byte {at}: {:?}", report.damage);
    }
}
