//! Evidence files: built from a log, verified without it.

use crate::lifecycle::{filled, key};
use proptest::prelude::*;
use truce_ledger::{
    EvidenceFile, Package, PackageFiles, Policy, Reader, RowContent, SigningKey, TlogProof, cosign,
};

fn evidence(picks: &[(u64, Vec<u32>)]) -> EvidenceFile {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 20, 7);
    EvidenceFile::build(&Reader::open(dir.path()).unwrap(), picks).unwrap()
}

#[test]
fn released_rows_are_proven_and_withheld_rows_counted() {
    let file = evidence(&[(7, vec![2, 0, 2]), (3, vec![1]), (4, vec![])]);
    let file = EvidenceFile::parse(file.to_json().as_bytes()).unwrap();
    let report = file.verify(&key().verifier(), None).unwrap();
    assert!(report.proven(), "{report}");
    assert_eq!(
        (report.origin.as_str(), report.size),
        ("example.com/log", 20)
    );
    assert_eq!((report.rows_proven, report.rows_withheld), (3, 1 + 2));
    let indexes: Vec<_> = file.entries.iter().map(|entry| entry.index).collect();
    assert_eq!(indexes, [3, 4, 7]);
    assert_eq!(
        file.entries[2].rows[1].row,
        RowContent::Text("entry 7 row 2".into())
    );
    assert!(
        !file.to_json().contains("entry 7 row 1"),
        "a withheld row is in the file"
    );
    let text = report.to_string();
    assert!(
        text.contains("ok   entry 7 has 3 rows: 2 released here, 1 withheld"),
        "{text}"
    );

    let proof = TlogProof::parse(&file.tlog_proof(2).unwrap().to_string()).unwrap();
    proof
        .verify(&file.entries[2].entry, &key().verifier())
        .unwrap();
}

#[test]
fn a_row_that_is_not_text_survives() {
    let mut file = evidence(&[(1, vec![0])]);
    file.entries[0].rows[0].row = RowContent::Base64(vec![0xff, 0x00]);
    let again = EvidenceFile::parse(file.to_json().as_bytes()).unwrap();
    assert_eq!(again.entries[0].rows[0].row.bytes().unwrap(), [0xff, 0x00]);
}

fn check_refused(what: &str, change: impl FnOnce(&mut EvidenceFile)) {
    let mut file = evidence(&[(3, vec![1]), (7, vec![0, 2])]);
    change(&mut file);
    let verified = file.verify(&key().verifier(), None);
    assert!(!verified.is_ok_and(|report| report.proven()), "{what}");
}

#[test]
fn every_kind_of_change_is_noticed() {
    check_refused("another row", |f| {
        f.entries[1].rows[0].row = RowContent::Text("no".into())
    });
    check_refused("another salt", |f| f.entries[1].rows[0].salt[3] ^= 1);
    check_refused("a short salt", |f| f.entries[1].rows[0].salt.truncate(15));
    check_refused("another row index", |f| f.entries[1].rows[0].index = 1);
    check_refused("a changed path", |f| f.entries[1].rows[0].path[0][0] ^= 1);
    check_refused("a row gone", |f| drop(f.entries[1].rows.pop()));
    check_refused("a row twice", |f| {
        let row = f.entries[1].rows[0].clone();
        f.entries[1].rows.insert(0, row);
        f.entries[1].withheld_rows -= 1;
    });
    check_refused("withheld miscounted", |f| f.entries[0].withheld_rows = 0);
    check_refused("another index", |f| f.entries[0].index = 2);
    check_refused("a changed proof", |f| f.entries[0].inclusion[0][0] ^= 1);
    check_refused("a short proof", |f| f.entries[0].inclusion.truncate(1));
    check_refused("another class", |f| f.entries[0].entry[1] ^= 1);
    check_refused("another version", |f| f.entries[0].entry[0] ^= 1);
    check_refused("entries out of order", |f| f.entries.reverse());
    check_refused("another size", |f| {
        f.checkpoint = f.checkpoint.replace("\n20\n", "\n21\n")
    });
    check_refused("another origin", |f| {
        f.checkpoint = f.checkpoint.replacen("com", "org", 1)
    });
    check_refused("no checkpoint", |f| f.checkpoint.clear());
}

#[test]
fn another_key_proves_nothing_and_a_witness_is_a_line() {
    let mut file = evidence(&[(3, vec![1])]);
    let other = SigningKey::from_seed("example.com/log", &[1; 32]).unwrap();
    assert!(!file.verify(&other.verifier(), None).unwrap().proven());
    let witness = SigningKey::from_seed("witness.example", &[3; 32]).unwrap();
    let lines = |file: &EvidenceFile| {
        let report = file
            .verify(
                &key().verifier(),
                Some(&Policy::all_of(vec![witness.cosigner()])),
            )
            .unwrap();
        (report.proven(), report.lines[1].statement.clone())
    };
    assert!(!lines(&file).0);
    let (text, _) = file
        .checkpoint
        .split_at(file.checkpoint.find("\n\n").unwrap() + 1);
    let line = cosign(text, 1_700_000_000, &witness);
    file.checkpoint.push_str(&format!("{line}\n"));
    let (proven, line) = lines(&file);
    assert!(proven);
    assert!(
        line.contains("witness.example cosigned it at 1700000000 s"),
        "{line}"
    );
}

#[test]
fn what_is_no_evidence_file_is_refused() {
    let json = evidence(&[(3, vec![1])]).to_json();
    for (from, to) in [
        ("truce-evidence/v2", "truce-evidence/v1"),
        ("\"format\"", "\"form\""),
        ("\"entries\": [", "\"more\": 1, \"entries\": ["),
        ("\"index\": 3", "\"index\": -3"),
        ("\"salt\": \"", "\"salt\": \"*"),
        ("{", ""),
    ] {
        assert!(json.contains(from), "{from}");
        assert!(
            EvidenceFile::parse(json.replacen(from, to, 1).as_bytes()).is_err(),
            "{to}"
        );
    }
    assert!(EvidenceFile::parse(&[0xff; 100]).is_err());
}

#[test]
fn picks_outside_the_log_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 5, 5);
    let reader = Reader::open(dir.path()).unwrap();
    assert!(EvidenceFile::build(&reader, &[(5, vec![])]).is_err());
    assert!(EvidenceFile::build(&reader, &[(2, vec![2])]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_change_to_the_text_makes_verification_panic_or_prove_something_else(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4),
    ) {
        static WHOLE: std::sync::OnceLock<EvidenceFile> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(|| evidence(&[(3, vec![1]), (7, vec![0, 2])]));
        let mut json = whole.to_json().into_bytes();
        for (at, byte) in changes {
            let at = at % json.len();
            json[at] = byte;
        }
        let Ok(file) = EvidenceFile::parse(&json) else { return Ok(()) };
        let Ok(report) = file.verify(&key().verifier(), None) else { return Ok(()) };
        if report.proven() {
            prop_assert_eq!(&file.entries, &whole.entries);
        }
    }
}

#[test]
fn a_frame_goes_with_an_entry_that_is_released_whole_and_every_bit_of_it_is_proven() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 8, 8));
    let reader = Reader::open(dir.path()).unwrap();
    let evidence = |rows| EvidenceFile::build(&reader, &[(7, rows)]).unwrap();
    let count = u32::try_from(reader.entry(7).unwrap().1.len()).unwrap();
    let frame = reader.frame(7).unwrap();
    let mut part = Package::new(evidence(vec![0]), PackageFiles::new()).unwrap();
    assert!(
        part.add_frame(7, frame.clone()).is_err(),
        "rows are withheld"
    );

    let mut whole = Package::new(evidence((0..count).collect()), PackageFiles::new()).unwrap();
    assert!(whole.add_frame(3, frame.clone()).is_err(), "another entry");
    whole.add_frame(7, frame.clone()).unwrap();
    let bytes = whole.to_bytes();
    let proven = |bytes: &[u8]| {
        let package = Package::parse(bytes).unwrap();
        let report = package.verify(&key().verifier(), None, &PackageFiles::new());
        report.unwrap().proven()
    };
    assert!(proven(&bytes));
    let at = bytes
        .windows(frame.len())
        .rposition(|window| window == frame)
        .unwrap();
    for bit in (0..frame.len() * 8).step_by(5) {
        let mut changed = bytes.clone();
        changed[at + bit / 8] ^= 1 << (bit % 8);
        assert!(!proven(&changed), "bit {bit}");
    }
}
