//! What stood at a place of the log.

use truce_core::{Body, Status, Verdict};
use truce_store::LogPosition;

use crate::queries::filled;
use crate::records::{assessment, at, finding, incident, rows};

#[test]
fn each_revision_and_each_verdict_is_told_as_of_its_entry() {
    let (_folder, cast, mut store) = filled();
    let id = cast.incident;
    let revision = store.standing(id, 1).unwrap().unwrap();
    assert_eq!((revision.revision, revision.at.entry), (1, 6));
    assert!((revision.probability - 0.6).abs() < 1e-9 && !revision.withdrawn);
    for (number, entry) in [(2, 9), (3, 9)] {
        assert_eq!(store.standing(id, number).unwrap().unwrap().at.entry, entry);
    }
    assert_eq!(store.standing(id, 0).unwrap(), None);
    assert!(store.standing(cast.merged, 1).unwrap().unwrap().withdrawn);

    // A notice changed what the second revision means; a finding went back.
    let second = incident(cast.thermal.id, 2, Vec::new());
    let clause = store.assessments(id).unwrap()[0].0.clause.clone();
    let entry = store.applied();
    let excused = assessment(&second, clause.as_str(), Verdict::Compliant);
    let taken_back = finding(id, Status::NotAViolation);
    for (entry, body) in (entry..).zip([Body::Assessment(excused), Body::Finding(taken_back)]) {
        store
            .apply_entry(entry, at(9_000.0), &rows(&[body]))
            .unwrap();
    }
    let verdict = |revision, entry| {
        let all = store.verdicts_by(id, revision, entry).unwrap();
        let of_clause = all.into_iter().filter(|verdict| verdict.clause == clause);
        of_clause.map(|verdict| verdict.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdict(2, 9), []);
    assert_eq!(verdict(2, 10), [Verdict::Breach]);
    assert_eq!(verdict(2, entry), [Verdict::Compliant]);
    assert_eq!(store.first_assessed(id, 2).unwrap(), Some(10));
    assert_eq!(store.first_assessed(id, 3).unwrap(), None);

    let before = |entry, row| {
        let found = store.finding_before(id, LogPosition { entry, row });
        found.unwrap().map(|finding| finding.status)
    };
    assert_eq!(before(12, 0), None);
    assert_eq!(before(entry + 1, 0), Some(Status::Verified));
    assert_eq!(before(entry + 1, 1), Some(Status::NotAViolation));
}
