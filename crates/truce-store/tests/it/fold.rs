//! Folding: twice the same, in order, whole or not at all.

use std::path::Path;

use proptest::prelude::*;
use truce_core::{Body, Digest};
use truce_store::{Error, Store};

use crate::records::{at, incident, observation, point, raw, rows, small_log, thermal, track};

fn fold(path: &Path, entries: &[Vec<Body>], batch: Option<usize>) -> Digest {
    let mut store = Store::create(path).unwrap();
    for (index, bodies) in entries.iter().enumerate() {
        if batch.is_some_and(|size| index % size == 0) {
            store.begin().unwrap();
        }
        let entry = index as u64;
        store
            .apply_entry(entry, at(100.0 * entry as f64), &rows(bodies))
            .unwrap();
        if batch.is_some_and(|size| index % size == size - 1 || index + 1 == entries.len()) {
            store.commit().unwrap();
        }
    }
    store.check().unwrap();
    let digest = store.digest().unwrap();
    store.close().unwrap();
    digest
}

#[test]
fn two_rebuilds_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut entries) = small_log();
    for number in 0..200 {
        let message = raw("firms", &format!("pixel {number}"), f64::from(number));
        let seen = observation(&message, thermal());
        let happened = incident(seen.id, 1, vec![seen.id]);
        entries.push(vec![Body::Raw(message)]);
        entries.push(vec![Body::Observation(seen)]);
        entries.push(vec![Body::Incident(happened)]);
    }
    for batch in [None, Some(7)] {
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let digest = fold(&one, &entries, batch);
        assert_eq!(digest, fold(&two, &entries, batch));
        let bytes = std::fs::read(&one).unwrap();
        assert!(bytes.len() > 100_000, "{} bytes", bytes.len());
        assert!(bytes == std::fs::read(&two).unwrap(), "the files differ");
        for file in ["one", "two"] {
            assert!(!folder.path().join(format!("{file}-wal")).exists());
            std::fs::remove_file(folder.path().join(file)).unwrap();
        }
    }
}

#[test]
fn the_digest_sees_content_and_not_grouping() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut entries) = small_log();
    for seconds in [[300.0, 310.0], [320.0, 290.0], [301.0, 299.0]] {
        let points = seconds.map(|second| point(second, 45.0)).to_vec();
        entries.push(vec![Body::Track(track(points))]);
    }
    let alone = fold(&folder.path().join("a"), &entries, None);
    assert_eq!(alone, fold(&folder.path().join("b"), &entries, Some(4)));
    // Stopping and going on changes nothing either.
    let path = folder.path().join("stopped");
    for (entry, bodies) in (0..).zip(&entries) {
        let mut store = match entry {
            0 => Store::create(&path).unwrap(),
            _ => Store::open(&path).unwrap(),
        };
        let recorded_at = at(100.0 * entry as f64);
        store
            .apply_entry(entry, recorded_at, &rows(bodies))
            .unwrap();
    }
    assert_eq!(Store::open(&path).unwrap().digest().unwrap(), alone);
    let Body::Incident(changed) = &mut entries[9][0] else {
        panic!("entry 9 is the second revision")
    };
    changed.probability = 0.701;
    assert_ne!(alone, fold(&folder.path().join("c"), &entries, None));
}

#[test]
fn entries_come_in_order_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (_, entries) = small_log();
    let mut store = Store::create(&path).unwrap();
    store.apply_entry(0, at(0.0), &rows(&entries[0])).unwrap();
    let gap = store
        .apply_entry(2, at(0.0), &rows(&entries[2]))
        .unwrap_err();
    let expected = 1;
    assert!(
        matches!(gap, Error::Gap { expected: e, given: 2 } if e == expected),
        "{gap}"
    );
    store.apply_entry(1, at(0.0), &rows(&entries[1])).unwrap();
    let digest = store.digest().unwrap();
    store.apply_entry(0, at(5.0), &rows(&entries[2])).unwrap();
    assert_eq!(store.digest().unwrap(), digest);
    drop(store);

    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.applied(), 2);
    let mixed = [entries[2][0].clone(), entries[3][0].clone()];
    let mixed = store.apply_entry(2, at(0.0), &rows(&mixed)).unwrap_err();
    assert!(matches!(mixed, Error::MixedClasses { entry: 2 }), "{mixed}");
    assert_eq!((store.applied(), store.digest().unwrap()), (2, digest));
    assert!(matches!(Store::create(&path), Err(Error::Exists { .. })));
}

#[test]
fn a_failed_batch_is_undone_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (_, entries) = small_log();
    let mut store = Store::create(&folder.path().join("store")).unwrap();
    store.apply_entry(0, at(0.0), &rows(&entries[0])).unwrap();
    let digest = store.digest().unwrap();
    store.begin().unwrap();
    store.apply_entry(1, at(0.0), &rows(&entries[1])).unwrap();
    let mixed = [entries[2][0].clone(), entries[3][0].clone()];
    assert!(store.apply_entry(2, at(0.0), &rows(&mixed)).is_err());
    assert_eq!((store.applied(), store.digest().unwrap()), (1, digest));
    assert!(matches!(store.commit(), Err(Error::Batch { .. })));
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    std::fs::write(&path, b"not a database, but long enough to look at").unwrap();
    assert!(matches!(Store::open(&path), Err(Error::Sqlite(_))));
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(Error::Version { found: 0, .. })
    ));
    assert!(Store::open(&folder.path().join("none")).is_err());
}

#[test]
fn a_reader_sees_committed_entries_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (cast, entries) = small_log();
    let mut store = Store::create(&path).unwrap();
    let reader = Store::open_read_only(&path).unwrap();
    store.begin().unwrap();
    for (index, bodies) in (0..).zip(&entries) {
        store.apply_entry(index, at(0.0), &rows(bodies)).unwrap();
    }
    assert_eq!(reader.count_applied().unwrap(), 0);
    store.commit().unwrap();
    assert_eq!(reader.count_applied().unwrap(), entries.len() as u64);
    assert!(reader.incident(cast.incident).unwrap().is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Thinning keeps the same points whatever the order in which they come.
    #[test]
    fn thinning_does_not_hang_on_the_order(
        seconds in prop::collection::btree_set(0_u16..400, 1..30), turn in 0_usize..30,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut seconds: Vec<f64> = seconds.into_iter().map(f64::from).collect();
        let earliest = seconds[0];
        let mut points = Vec::new();
        for name in ["a", "b"] {
            let mut store = Store::create(&folder.path().join(name)).unwrap();
            for (entry, pair) in (0..).zip(seconds.chunks(2)) {
                let mut seen = track(pair.iter().map(|s| point(*s, 45.0)).collect());
                seen.first_observed_at = at(earliest);
                store.apply_entry(entry, at(0.0), &rows(&[Body::Track(seen)])).unwrap();
            }
            let id = track(vec![point(0.0, 45.0)]).id;
            points.push(store.track(id).unwrap().unwrap().points);
            let turn = turn % seconds.len();
            seconds.rotate_left(turn);
            seconds.reverse();
        }
        let minutes: std::collections::BTreeSet<_> =
            seconds.iter().map(|s| (*s / 60.0).floor().to_bits()).collect();
        prop_assert!((minutes.len()..=minutes.len() + 1).contains(&points[0].len()));
        prop_assert_eq!(&points[0], &points[1]);
    }
}
