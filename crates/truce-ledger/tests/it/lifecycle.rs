//! Create, append, sync, commit, reopen, read, prove.

use std::path::Path;
use truce_ledger::{
    Checkpoint, Cosigned, Draft, Error, EvidenceFile, Ledger, MlDsaKey, Policy, Reader, Rows,
    SigningKey, audit, cosign, leaf_hash, row_proof, verify_consistency, verify_inclusion,
    verify_row,
};

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed("example.com/log", &[7; 32]).unwrap()
}

/// Appends one entry of `rows` rows whose content says which they are.
pub(crate) fn append(ledger: &mut Ledger, rows: usize) -> u64 {
    let entry = ledger.size();
    let rows: Rows = (0..rows)
        .map(|row| format!("entry {entry} row {row}"))
        .collect();
    let draft = Draft {
        class: 1,
        log_time_ns: i64::try_from(entry).unwrap(),
        agreement: [1; 32],
        policy: [2; 32],
        rows: &rows,
    };
    ledger.append(draft).unwrap()
}

/// A log of `entries` entries, committed every `every`.
pub(crate) fn filled(dir: &Path, entries: u64, every: u64) -> Ledger {
    let mut ledger = Ledger::create(dir, "example.com/log", key()).unwrap();
    for i in 0..entries {
        assert_eq!(append(&mut ledger, usize::try_from(i % 4).unwrap()), i);
        if (i + 1).is_multiple_of(every) {
            ledger.commit(i64::try_from(i).unwrap()).unwrap();
        }
    }
    ledger.commit(-1).unwrap();
    ledger
}

fn check_reader(reader: &Reader, size: u64) {
    let checkpoint = reader.checkpoint().unwrap();
    checkpoint.verify(&key().verifier()).unwrap();
    assert_eq!(
        (checkpoint.size, reader.root(size).unwrap()),
        (size, checkpoint.root)
    );
    let mut count = 0;
    for (at, item) in reader.entries(0).enumerate() {
        let (index, entry, rows) = item.unwrap();
        assert_eq!(index, at as u64);
        entry.verify("example.com/log").unwrap();
        assert_eq!(rows.len(), at % 4);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(
                row.bytes().unwrap(),
                format!("entry {at} row {i}").as_bytes()
            );
            let path = row_proof(&rows, i).unwrap();
            verify_row(&entry, u32::try_from(i).unwrap(), &row.leaf(), &path).unwrap();
        }
        let path = reader.inclusion_proof(index, size).unwrap();
        verify_inclusion(&entry.leaf(), index, size, &path, &checkpoint.root).unwrap();
        count += 1;
    }
    assert_eq!(count, size);
}

#[test]
fn what_is_committed_can_be_read_and_proven() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("log");
    let ledger = filled(&dir, 600, 97);
    assert_eq!(
        (
            ledger.size(),
            ledger.acknowledged(),
            ledger.published().size
        ),
        (600, 600, 600)
    );
    let reader = Reader::open(&dir).unwrap();
    check_reader(&reader, 600);
    let root = reader.root(600).unwrap();
    for old in [0, 1, 97, 255, 256, 257, 511, 512, 513, 599, 600] {
        let path = reader.consistency_proof(old, 600).unwrap();
        verify_consistency(old, &reader.root(old).unwrap(), 600, &root, &path).unwrap();
    }
    for index in [0, 255, 256, 599] {
        let (entry, rows) = reader.entry(index).unwrap();
        assert_eq!(entry.row_count as usize, rows.len());
        let bundle = reader.bundle(index / 256, 600).unwrap();
        let bytes = &bundle[usize::try_from(index % 256).unwrap()];
        assert_eq!(leaf_hash(bytes), entry.leaf());
    }
    assert!(matches!(reader.entry(600), Err(Error::OutOfRange { .. })));
    assert!(reader.inclusion_proof(0, 601).is_err());
    assert!(reader.resource("tile/0/001").unwrap().is_some());
    assert!(reader.resource("head").unwrap().is_none());
    assert!(reader.resource("tile/0/../head").unwrap().is_none());
}

#[test]
fn a_reader_sees_only_what_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 5, 5);
    let reader = Reader::open(dir.path()).unwrap();
    append(&mut ledger, 1);
    ledger.sync().unwrap();
    assert_eq!(reader.entries(0).count(), 5);
    ledger.commit(9).unwrap();
    assert_eq!(reader.entries(0).count(), 6);
    assert_eq!(
        reader
            .entries(4)
            .map(|item| item.unwrap().0)
            .collect::<Vec<_>>(),
        [4, 5]
    );
    assert_eq!(reader.entries(6).count(), 0);
}

#[test]
fn a_reopened_log_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 300, 100);
    for _ in 0..3 {
        append(&mut ledger, 2);
    }
    ledger.sync().unwrap();
    let before = ledger.published().clone();
    drop(ledger);
    let (mut ledger, report) = Ledger::open(dir.path(), key()).unwrap();
    assert_eq!(
        (report.entries, report.uncommitted, report.torn_bytes_cut),
        (303, 3, 0)
    );
    assert_eq!((report.tiles_rebuilt, report.republished), (0, false));
    assert_eq!(*ledger.published(), before);
    append(&mut ledger, 0);
    let after = ledger.commit(1).unwrap();
    assert_eq!(
        (after.size, ledger.commit(2).unwrap()),
        (304, after.clone())
    );
    let path = Reader::open(dir.path())
        .unwrap()
        .consistency_proof(300, 304)
        .unwrap();
    verify_consistency(300, &before.root, 304, &after.root, &path).unwrap();
}

#[test]
fn segments_rotate_and_are_chained() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::create(dir.path(), "example.com/log", key()).unwrap());
    let (mut ledger, _) = Ledger::open_with(dir.path(), key(), 2000).unwrap();
    for i in 0..40 {
        append(&mut ledger, i % 4);
    }
    ledger.commit(0).unwrap();
    let sealed = ledger.sealed_segments().to_vec();
    assert!(sealed.len() > 5, "{}", sealed.len());
    for (segment, next) in sealed.iter().zip(&sealed[1..]) {
        assert_eq!(segment.first + segment.entries, next.first);
    }
    for pair in sealed.windows(2) {
        let next = dir
            .path()
            .join(format!("segments/{:020}.seg", pair[1].first));
        assert_eq!(std::fs::read(next).unwrap()[32..64], pair[0].digest);
    }
    for segment in &sealed {
        let path = dir
            .path()
            .join(format!("segments/{:020}.seg", segment.first));
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(bytes.len() as u64, segment.bytes);
        assert_eq!(digest_of(&bytes), segment.digest);
    }
    check_reader(&Reader::open(dir.path()).unwrap(), 40);
    drop(ledger);
    let (ledger, report) = Ledger::open_with(dir.path(), key(), 2000).unwrap();
    assert_eq!(
        (ledger.sealed_segments(), report.entries),
        (sealed.as_slice(), 40)
    );
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = filled(dir.path(), 2, 1);
    assert!(matches!(
        Ledger::open(dir.path(), key()),
        Err(Error::Locked { .. })
    ));
    let again = Ledger::create(dir.path(), "example.com/log", key());
    assert!(matches!(again, Err(Error::Locked { .. })));
    assert_eq!(Reader::open(dir.path()).unwrap().size().unwrap(), 2);
    drop(ledger);
    let again = Ledger::create(dir.path(), "example.com/log", key());
    assert!(matches!(again, Err(Error::Exists { .. })));
    let other = SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
    assert!(matches!(
        Ledger::open(dir.path(), other),
        Err(Error::Signature { .. })
    ));
    Ledger::open(dir.path(), key()).unwrap();
}

#[test]
fn a_folder_without_a_log_is_named_so() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        Ledger::open(dir.path(), key()),
        Err(Error::NotALedger { .. })
    ));
    assert!(matches!(
        Reader::open(dir.path()),
        Err(Error::NotALedger { .. })
    ));
    assert!(Ledger::create(dir.path(), "two\nlines", key()).is_err());
}

#[test]
fn too_many_bytes_for_one_entry_are_refused_and_harm_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 1, 1);
    let rows: Rows = std::iter::once(vec![0; truce_ledger::MAX_FRAME_BODY_BYTES]).collect();
    let draft = Draft {
        class: 0,
        log_time_ns: 0,
        agreement: [0; 32],
        policy: [0; 32],
        rows: &rows,
    };
    assert!(matches!(ledger.append(draft), Err(Error::TooLarge { .. })));
    assert_eq!(append(&mut ledger, 1), 1);
    ledger.commit(0).unwrap();
}

#[test]
fn cosigned_checkpoints_are_kept_beside_the_log_and_audited() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 3, 3);
    let witness = SigningKey::from_seed("witness.example", &[3; 32]).unwrap();
    let cosigned = Cosigned::open(dir.path()).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(
        (reader.cosigned().unwrap(), reader.witnessed().unwrap()),
        (None, None)
    );
    let mut checkpoint = ledger.published().clone();
    let line = cosign(checkpoint.note().text(), 1_700_000_000, &witness);
    checkpoint.add_signature(line).unwrap();
    cosigned.keep(&checkpoint, true, 5).unwrap();
    append(&mut ledger, 1);
    let mut newer = ledger.commit(1).unwrap();
    newer
        .add_signature(cosign(newer.note().text(), 1_700_000_001, &witness))
        .unwrap();
    cosigned.keep(&newer, false, 6).unwrap();
    cosigned.keep(&checkpoint, true, 7).unwrap();
    assert_eq!(reader.cosigned().unwrap(), Some(newer));
    assert_eq!(reader.witnessed().unwrap(), Some(checkpoint.clone()));
    assert!(
        ledger
            .published()
            .verify_cosignature(&witness.cosigner())
            .is_err()
    );
    let sound = || audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(sound().is_sound(), "{:?}", sound().damage);
    for name in ["cosigned/newest", "cosigned/witnessed"] {
        let path = dir.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            std::fs::write(&path, bytes).unwrap();
            assert!(
                sound().damage.iter().any(|d| d.file == path),
                "{name}, byte {at}"
            );
        }
        std::fs::write(&path, whole).unwrap();
    }
    // A checkpoint that the log signed and never published is a fork.
    let fork = Checkpoint::sign("example.com/log", 2, [9; 32], &key()).unwrap();
    std::fs::remove_file(dir.path().join("cosigned/witnessed")).unwrap();
    cosigned.keep(&fork, true, 8).unwrap();
    assert!(!sound().is_sound());
}

#[test]
fn a_second_line_by_ml_dsa_is_signed_kept_audited_and_demanded() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 3, 3);
    let second = MlDsaKey::from_seed("example.com/log", &[8; 32]).unwrap();
    let public = second.cosigner();
    assert!(ledger.published().verify(&public).is_err());
    ledger.sign_also_with(second).unwrap();
    append(&mut ledger, 1);
    let checkpoint = ledger.commit(1_700_000_000_000_000_000).unwrap();
    checkpoint.verify(&key().verifier()).unwrap();
    assert_eq!(
        checkpoint.verify_cosignature(&public).unwrap(),
        1_700_000_000
    );

    // Either key judges the whole log, and no letter of the lines changes unseen.
    let path = dir.path().join("checkpoint");
    let whole = std::fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        std::fs::write(&path, bytes).unwrap();
        let report = audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
        assert!(report.damage.iter().any(|d| d.file == path), "byte {at}");
    }
    std::fs::write(&path, whole).unwrap();
    for key in [key().verifier(), public.clone()] {
        assert!(audit(dir.path(), &key, &mut |_, _| {}).unwrap().is_sound());
    }

    let reader = Reader::open(dir.path()).unwrap();
    let file = EvidenceFile::build(&reader, &[(3, vec![0])]).unwrap();
    let policy = Policy::parse(&format!("witness pq {public}\nquorum pq")).unwrap();
    for key in [key().verifier(), public] {
        assert!(file.verify(&key, Some(&policy)).unwrap().proven());
    }
    let other = MlDsaKey::from_seed("example.com/log", &[9; 32]).unwrap();
    assert!(!file.verify(&other.cosigner(), None).unwrap().proven());

    // Without the key the log goes on with one line.
    drop(ledger);
    let (mut ledger, _) = Ledger::open(dir.path(), key()).unwrap();
    append(&mut ledger, 1);
    assert!(!policy.judge(&ledger.commit(0).unwrap()).met);
}

#[test]
fn readers_and_an_audit_run_while_a_writer_works() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 10, 10);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (reader, mut looks, mut last) = (Reader::open(dir.path()).unwrap(), 0, 0);
            while !done.load(std::sync::atomic::Ordering::Relaxed) || looks == 0 {
                let seen = reader.checkpoint().unwrap();
                assert!(seen.size >= last, "the log shrank");
                assert_eq!(reader.root(seen.size).unwrap(), seen.root);
                let path = reader.consistency_proof(last, seen.size).unwrap();
                let old = reader.root(last).unwrap();
                verify_consistency(last, &old, seen.size, &seen.root, &path).unwrap();
                let read = reader.entries(last).map(|item| item.unwrap().0);
                assert!(read.last().is_none_or(|index| index + 1 >= seen.size));
                if looks % 8 == 0 {
                    let report = audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
                    assert!(report.is_sound(), "{:?}", report.damage);
                }
                last = seen.size;
                looks += 1;
            }
            last
        });
        for _ in 0..60 {
            for rows in 0..5 {
                append(&mut ledger, rows);
            }
            ledger.commit(0).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(watcher.join().unwrap() <= 310);
    });
}

#[test]
fn pruned_partial_tiles_are_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = filled(dir.path(), 600, 97);
    let before = Reader::open(dir.path())
        .unwrap()
        .inclusion_proof(3, 97)
        .unwrap();
    // Two tiles are full; 97, 194 left partial ones of the first, 291, 388, 485 of the second.
    assert_eq!(ledger.prune_partial_tiles().unwrap(), 2 * 5);
    assert_eq!(ledger.prune_partial_tiles().unwrap(), 0);
    assert!(!dir.path().join("tile/0/000.p").exists());
    assert!(dir.path().join("tile/0/002.p/88").exists());
    let reader = Reader::open(dir.path()).unwrap();
    check_reader(&reader, 600);
    assert_eq!(reader.inclusion_proof(3, 97).unwrap(), before);
    append(&mut ledger, 1);
    ledger.commit(0).unwrap();
    let report = audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.damage);
}

/// A server hands the writer to one thread and shares a reader among many.
#[test]
fn the_writer_can_move_and_readers_can_be_shared() {
    fn moves<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    moves::<Ledger>();
    is_shared::<Reader>();
}

/// A segment's digest as its format describes it: the header, and of each frame 246 bytes.
fn digest_of(segment: &[u8]) -> truce_ledger::Digest {
    let (mut hashed, mut at) = (segment[..96].to_vec(), 96);
    while at < segment.len() {
        hashed.extend_from_slice(&segment[at..at + 246]);
        let body = u32::from_be_bytes(segment[at + 4..at + 8].try_into().unwrap());
        at += 40 + body as usize;
    }
    truce_ledger::sha256(&hashed)
}
