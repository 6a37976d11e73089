//! What is told of a log, record by record: a log and its tables, and what a receiver would hear.

use truce_core::incident::Withdrawal;
use truce_core::{
    Assessment, Body, ClauseKind, Digest, Ellipse, FeedChange, FeedEvent, Finding, FindingSerial,
    Incident, IncidentId, IncidentKind, Interval, Place, Position, Record, Slug, Status, Timestamp,
    Verdict,
};
use truce_ledger::{Draft, Ledger, Rows, SigningKey};
use truce_store::{LogPosition, Store};

use super::choice::{Choice, Subject};
use super::scan::Log;
use super::{Error, Notify};
use crate::engine::Setup;
use crate::line::Folder;

const ORIGIN: &str = "truce.example/notify";

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn setup() -> Setup {
    let mission = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025");
    let files = std::fs::read_dir(mission).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap_or_default())
    });
    Setup::read(&files.collect()).unwrap()
}

/// A log and its tables.
struct Stage {
    ledger: Ledger,
    store: Store,
    log: Log,
    folder: Folder,
    _place: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path());
        let key = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap();
        let ledger = Ledger::create(&folder.log(), ORIGIN, key).unwrap();
        let store = Store::create(&folder.state_file()).unwrap();
        let log = Log::open(&folder, &setup().mission).unwrap();
        Self {
            ledger,
            store,
            log,
            folder,
            _place: place,
        }
    }

    /// Appends an entry.
    fn append(&mut self, bodies: &[Body]) {
        let records: Vec<Record> = bodies.iter().cloned().map(Record::new).collect();
        let rows: Rows = records.iter().map(Record::canonical).collect();
        let draft = Draft {
            class: bodies[0].class() as u8,
            log_time_ns: 0,
            agreement: [0; 32],
            policy: [0; 32],
            rows: &rows,
        };
        let entry = self.ledger.append(draft).unwrap();
        let at = Timestamp::UNIX_EPOCH;
        self.store.apply_entry(entry, at, &records).unwrap();
    }

    fn publish(&mut self) {
        self.ledger.commit(0).unwrap();
    }

    /// Everything that is told from a place on: event, entry and row.
    fn told_from(
        &mut self,
        choice: &Choice,
        mut from: LogPosition,
    ) -> Vec<(&'static str, u64, u32)> {
        self.publish();
        let mut told = Vec::new();
        loop {
            let (notes, next) = self.log.next(choice, from).unwrap();
            if next == from {
                return told;
            }
            told.extend(
                notes
                    .iter()
                    .map(|note| (note.event, note.at.entry, note.at.row)),
            );
            from = next;
        }
    }

    fn told(&mut self, choice: &Choice) -> Vec<(&'static str, u64, u32)> {
        self.told_from(choice, LogPosition { entry: 0, row: 0 })
    }
}

fn incident(name: u8, revision: u32, probability: f64) -> Incident {
    Incident {
        id: IncidentId(Digest([name; 32])),
        revision,
        kind: IncidentKind::Presence,
        occurred: Interval::instant(Timestamp::UNIX_EPOCH),
        place: Place {
            position: Position::new(48.0, 37.0).unwrap(),
            uncertainty: Ellipse::circle(100.0),
        },
        probability,
        classes: std::collections::BTreeMap::new(),
        attribution: truce_core::Attribution::default(),
        evidence: Vec::new(),
        explanation: Vec::new(),
        track: None,
        zone: None,
        attributes: std::collections::BTreeMap::new(),
        withdrawn: None,
    }
}

fn assessment(name: u8, revision: u32, clause: &str, verdict: Verdict) -> Body {
    Body::Assessment(Assessment {
        incident: IncidentId(Digest([name; 32])),
        revision,
        clause: slug(clause),
        clause_kind: ClauseKind::NoPresence,
        agreement_effective_from: Timestamp::UNIX_EPOCH,
        verdict,
        reasons: Vec::new(),
        breach_under_text_of: Vec::new(),
    })
}

fn finding(status: Status, disputed: bool) -> Body {
    Body::Finding(Finding {
        serial: FindingSerial(1),
        incident: IncidentId(Digest([1; 32])),
        incident_revision: 1,
        status,
        attributed_to: None,
        attribution_proposed: None,
        disputed_by: if disputed {
            vec![slug("party-b")]
        } else {
            Vec::new()
        },
        clocks: Vec::new(),
        history: Vec::new(),
    })
}

fn bound(probability_min: f64) -> Choice {
    Choice {
        probability_min,
        ..Choice::default()
    }
}

#[test]
fn whoever_was_told_of_an_incident_is_told_when_it_is_taken_back() {
    let mut stage = Stage::new();
    let withdrawn = Incident {
        withdrawn: Some(Withdrawal::Unsupported),
        ..incident(2, 3, 0.9)
    };
    // Incident 1 rises, falls below, stays there and rises again; 2 is withdrawn; 3 never rose.
    stage.append(&[
        Body::Incident(incident(1, 1, 0.6)),
        Body::Incident(incident(2, 1, 0.9)),
    ]);
    stage.append(&[
        Body::Incident(incident(1, 2, 0.8)),
        Body::Incident(incident(2, 2, 0.95)),
    ]);
    stage.append(&[
        Body::Incident(incident(1, 3, 0.7)),
        Body::Incident(withdrawn),
    ]);
    stage.append(&[
        Body::Incident(incident(1, 4, 0.6)),
        Body::Incident(incident(3, 1, 0.3)),
    ]);
    stage.append(&[
        Body::Incident(incident(1, 5, 0.85)),
        Body::Incident(incident(3, 2, 0.2)),
    ]);
    let expected = [
        ("incident", 0, 1),
        ("incident", 1, 0),
        ("incident", 1, 1),
        ("incident_taken_back", 2, 0),
        ("incident_taken_back", 2, 1),
        ("incident", 4, 0),
    ];
    assert_eq!(stage.told(&bound(0.8)), expected);
    // Reading on from any place gives the rest of the same, so nothing hangs on what was in memory.
    for (n, (_, entry, row)) in expected.into_iter().enumerate() {
        let from = LogPosition { entry, row };
        assert_eq!(stage.told_from(&bound(0.8), from), expected[n..]);
    }
    let feeds = Choice {
        subjects: [Subject::Feed].into(),
        ..Choice::default()
    };
    assert_eq!(stage.told(&feeds), []);
}

#[test]
fn a_clause_chooses_by_the_verdicts_of_the_revision_also_when_a_notice_changes_them() {
    let mut stage = Stage::new();
    let breach = |revision| assessment(1, revision, "zone", Verdict::Breach);
    let clause = Choice {
        clauses: [slug("zone")].into(),
        ..Choice::default()
    };
    stage.append(&[Body::Incident(incident(1, 1, 0.9))]);
    stage.append(&[
        assessment(1, 1, "zone", Verdict::Undetermined),
        assessment(1, 1, "fire", Verdict::Breach),
    ]);
    stage.append(&[Body::Incident(incident(1, 2, 0.9))]);
    stage.append(&[breach(2)]);
    // A notice came: held again with the same verdict, then with others.
    stage.append(&[breach(2)]);
    let other = assessment(1, 2, "fire", Verdict::Undetermined);
    stage.append(&[assessment(1, 2, "zone", Verdict::Compliant), other]);
    stage.append(&[breach(2)]);
    // The next revision lies outside of the clause's zone: no verdict on it is told.
    stage.append(&[Body::Incident(incident(1, 3, 0.9))]);
    let expected = [
        ("incident", 2, 0),
        ("incident_taken_back", 5, 1),
        ("incident", 6, 0),
        ("incident_taken_back", 7, 0),
    ];
    assert_eq!(stage.told(&clause), expected);
    // Without clauses assessments say nothing.
    assert_eq!(stage.told(&bound(0.5)).len(), 3);
}

#[test]
fn findings_are_told_when_their_status_comes_to_what_is_wanted_and_when_it_leaves() {
    let mut stage = Stage::new();
    stage.append(&[Body::Incident(incident(1, 1, 0.3))]);
    stage.append(&[finding(Status::UnderVerification, false)]);
    stage.append(&[finding(Status::Verified, false)]);
    // A reply moves nothing.
    stage.append(&[finding(Status::Verified, true)]);
    stage.append(&[finding(Status::Retracted, true)]);
    stage.append(&[finding(Status::Closed, true)]);
    let choice = |statuses: &[Status]| Choice {
        subjects: [Subject::Finding].into(),
        statuses: statuses.iter().copied().collect(),
        probability_min: 0.8,
        ..Choice::default()
    };
    let mut entries = |statuses: &[Status]| -> Vec<u64> {
        let told = stage.told(&choice(statuses));
        told.into_iter().map(|(_, entry, _)| entry).collect()
    };
    assert_eq!(entries(&[]), [1, 2, 4, 5]);
    assert_eq!(entries(&[Status::Verified]), [2, 4]);
    assert_eq!(entries(&[Status::Closed]), [5]);
}

#[test]
fn feeds_are_told_by_name_and_a_record_is_named_by_its_digest() {
    let mut stage = Stage::new();
    let at = Timestamp::UNIX_EPOCH;
    let change = |source: &str, event| {
        Body::FeedChange(FeedChange {
            source: slug(source),
            noticed_at: at,
            event,
        })
    };
    let silent = FeedEvent::Silent {
        since: at,
        expected_s: 60.0,
        own_rate: false,
    };
    let heard = change("ais", FeedEvent::Heard { silent_since: at });
    stage.append(&[change("ais", silent.clone()), change("firms", silent)]);
    stage.append(std::slice::from_ref(&heard));
    let ais = Choice {
        feeds: [slug("ais")].into(),
        ..Choice::default()
    };
    assert_eq!(
        stage.told(&ais),
        [("feed_silent", 0, 0), ("feed_heard", 1, 0)]
    );
    let (notes, _) = stage
        .log
        .next(&ais, LogPosition { entry: 1, row: 0 })
        .unwrap();
    assert_eq!(notes[0].key, Digest::of(&Record::new(heard).canonical()));
    let told: serde_json::Value = serde_json::from_str(&notes[0].to_json()).unwrap();
    assert_eq!(told["record"]["entry"], 1);
    assert_eq!(told["key"], notes[0].key.to_string());
    assert_eq!(told["feed"]["source"], "ais");
}

#[test]
fn more_than_a_bundle_without_anything_to_tell_is_passed_over() {
    let mut stage = Stage::new();
    for revision in 1..=300 {
        stage.append(&[Body::Incident(incident(1, revision, 0.1))]);
    }
    stage.append(&[Body::Incident(incident(2, 1, 0.9))]);
    assert_eq!(stage.told(&bound(0.8)), [("incident", 300, 0)]);
}

#[test]
fn a_new_receiver_begins_at_the_present_end_and_goes_on_from_its_cursor() {
    let mut stage = Stage::new();
    let one = |name| Body::Incident(incident(name, 1, 0.9));
    stage.append(&[one(1)]);
    stage.append(&[one(2)]);
    stage.publish();
    let path = stage.folder.notify_file();
    let settings = |ids: &[&str]| {
        let transport = "transport = { kind = \"file\", path = \"/told\" }";
        let receiver = |id: &&str| format!("[[receivers]]\nid = \"{id}\"\n{transport}\n");
        let all: String = ids.iter().map(receiver).collect();
        std::fs::write(&path, all).unwrap();
    };
    let waiting = |stage: &Stage, size| -> Vec<u64> {
        let notify = Notify::open(&stage.folder, &setup()).unwrap();
        let reports = notify.view().reports(size);
        reports
            .iter()
            .map(|report| report.entries_waiting)
            .collect()
    };
    assert_eq!(waiting(&stage, 2), [0; 0], "nobody is told without a file");
    settings(&["desk"]);
    assert_eq!(waiting(&stage, 2), [0]);
    stage.append(&[one(3)]);
    stage.publish();
    settings(&["desk", "late"]);
    assert_eq!(waiting(&stage, 3), [1, 0]);

    // A cursor of a longer log is of another log.
    let cursor = stage.folder.cursor_file(&slug("notify/late"));
    let ahead = r#"{"next":{"entry":9,"row":0},"delivered":4,"last":null}"#;
    std::fs::write(cursor, ahead).unwrap();
    let refused = Notify::open(&stage.folder, &setup()).err();
    assert!(matches!(
        refused,
        Some(Error::Ahead {
            entry: 9,
            size: 3,
            ..
        })
    ));
}
