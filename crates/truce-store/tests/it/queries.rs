//! Reading back what was folded in.

use truce_core::mission::{Mission, Sector, Shape, Zone, ZoneKind};
use truce_core::observation::Health;
use truce_core::{
    FindingSerial, IncidentId, IncidentKind, Interval, ObjectKind, Position, Status, Verdict,
};
use truce_store::{
    ChangeKind, Error, IncidentQuery, LogPosition, SectorMap, Sort, Store, TrackQuery,
};

use crate::records::{Cast, at, incident, observation, raw, rows, slug, small_log, thermal};

pub(crate) fn filled() -> (tempfile::TempDir, Cast, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (cast, entries) = small_log();
    let mut store = Store::create(&folder.path().join("store")).unwrap();
    for (entry, bodies) in (0..).zip(&entries) {
        let recorded_at = at(100.0 * entry as f64);
        store
            .apply_entry(entry, recorded_at, &rows(bodies))
            .unwrap();
    }
    (folder, cast, store)
}

#[test]
fn an_incident_with_all_that_belongs_to_it() {
    let (_folder, cast, store) = filled();
    let stored = store.incident(cast.incident).unwrap().unwrap();
    assert_eq!(stored.incident.revision, 2);
    assert_eq!(stored.at, LogPosition { entry: 9, row: 0 });

    let revisions = store.revisions(cast.incident).unwrap();
    let steps: Vec<_> = revisions
        .iter()
        .map(|r| (r.revision, r.entry, r.evidence_count))
        .collect();
    assert_eq!(steps, [(1, 6, 1), (2, 9, 2)]);
    assert_eq!(revisions[1].recorded_at, at(900.0));

    let evidence = store.evidence(cast.incident).unwrap();
    let places: Vec<_> = evidence
        .iter()
        .map(|e| (e.observation, e.at.unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            (cast.thermal.id, LogPosition { entry: 4, row: 0 }),
            (cast.ship.id, LogPosition { entry: 4, row: 1 }),
        ]
    );
    let message = store.find_message(cast.message.id(), 4).unwrap();
    assert_eq!(message, Some(LogPosition { entry: 2, row: 0 }));
    assert_eq!(store.find_message(cast.message.id(), 1).unwrap(), None);

    // The clause of the first revision that the second was not held against is gone.
    let assessments = store.assessments(cast.incident).unwrap();
    assert_eq!(assessments.len(), 1);
    assert_eq!(assessments[0].0.verdict, Verdict::Breach);
    assert_eq!(assessments[0].1, LogPosition { entry: 10, row: 0 });

    let (finding, position) = store.finding(cast.incident).unwrap().unwrap();
    assert_eq!((finding.status, position.entry), (Status::Verified, 12));
    let by_serial = store.finding_by_serial(FindingSerial(1)).unwrap();
    assert_eq!(by_serial.unwrap().0, finding);
    assert_eq!(store.finding_by_serial(FindingSerial(2)).unwrap(), None);
}

#[test]
fn a_summary_joins_incident_assessment_and_finding() {
    let (_folder, cast, store) = filled();
    let summary = store.incident_summary(cast.incident).unwrap().unwrap();
    assert_eq!(summary.short_id, cast.incident.to_string()[..12]);
    assert_eq!(summary.likelihood, "likely");
    assert_eq!(summary.status, Status::Verified);
    assert_eq!(summary.serial, Some(FindingSerial(1)));
    assert_eq!(summary.disputed_by, [slug("party-b")]);
    assert_eq!(summary.leading_party.unwrap().party, slug("party-b"));
    assert_eq!(summary.verdicts[0].verdict, Verdict::Breach);
    assert_eq!(summary.next_clock.unwrap().due_at, at(90_000.0));
    assert_eq!(summary.first_reported_at, at(600.0));
    assert_eq!(summary.updated_at, at(1_200.0));
    assert!(!summary.withdrawn);
}

#[test]
fn names_are_found_by_their_beginning() {
    let (_folder, cast, store) = filled();
    let name = cast.incident.to_string();
    for digits in [6, 7, 12, 64] {
        let found = store.find_incident(&name[..digits]).unwrap();
        assert_eq!(found, Some(cast.incident), "{digits}");
    }
    assert_eq!(
        store.find_incident(&name.to_uppercase()).unwrap(),
        Some(cast.incident)
    );
    for not_found in [&name[..5], "", "zzzzzz", "000000", &format!("{name}0")] {
        assert_eq!(store.find_incident(not_found).unwrap(), None, "{not_found}");
    }
}

#[test]
fn filters() {
    let (_folder, cast, store) = filled();
    store
        .set_sectors(SectorMap::of(&mission_with_sector()))
        .unwrap();
    let (a, b) = (cast.incident, cast.merged);
    check(&store, |_| {}, &[b, a]);
    check(&store, |q| q.kinds = vec![IncidentKind::Presence], &[b]);
    check(&store, |q| q.statuses = vec![Status::Reported], &[b]);
    let both = || vec![Status::Reported, Status::Verified];
    check(&store, |q| q.statuses = both(), &[b, a]);
    check(&store, |q| q.clause = Some(slug("a1")), &[a]);
    check(&store, |q| q.clause = Some(slug("a2")), &[]);
    check(&store, |q| q.verdict = Some(Verdict::Breach), &[a]);
    check(&store, |q| q.verdict = Some(Verdict::Compliant), &[]);
    let clause_and_verdict = |verdict| {
        move |q: &mut IncidentQuery| {
            q.clause = Some(slug("a1"));
            q.verdict = Some(verdict);
        }
    };
    check(&store, clause_and_verdict(Verdict::Breach), &[a]);
    check(&store, clause_and_verdict(Verdict::Compliant), &[]);
    check(&store, |q| q.sector = Some(slug("north")), &[b, a]);
    check(&store, |q| q.sector = Some(slug("south")), &[]);
    check(&store, |q| q.from = Some(at(60.0)), &[b, a]);
    check(&store, |q| q.from = Some(at(60.1)), &[]);
    check(&store, |q| q.to = Some(at(60.0)), &[]);
    check(&store, |q| q.probability_min = Some(0.65), &[a]);
    check(&store, |q| q.without_withdrawn = true, &[a]);
    check(&store, |q| q.sort = Sort::Clock, &[a, b]);
    check(&store, |q| q.sort = Sort::Probability, &[a, b]);
    for (text, expected) in [
        ("Artillery", &[a][..]),
        ("HOWITZER", &[b, a]),
        ("f-000001", &[a]),
        (&a.to_string()[..8], &[a]),
        ("%' OR 1=1 --", &[]),
    ] {
        check(&store, |q| q.text = Some(text.to_owned()), expected);
    }
}

fn check(store: &Store, edit: impl FnOnce(&mut IncidentQuery), expected: &[IncidentId]) {
    let mut query = IncidentQuery::default();
    edit(&mut query);
    let page = store.incidents(&query).unwrap();
    let ids: Vec<_> = page.items.iter().map(|item| item.id).collect();
    assert_eq!(ids, expected, "{query:?}");
    assert_eq!(page.total, expected.len() as u64, "{query:?}");
}

fn mission_with_sector() -> Mission {
    let corners = [(46.5, 36.0), (46.5, 38.0), (47.5, 38.0), (47.5, 36.0)];
    let ring = corners
        .map(|(lat, lon)| Position::new(lat, lon).unwrap())
        .to_vec();
    let zone = Zone {
        id: slug("sector-north"),
        name: String::new(),
        kind: ZoneKind::Sector,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: String::new(),
        shape: Shape::Polygons(vec![vec![ring]]),
    };
    Mission {
        name: slug("example"),
        title: String::new(),
        summary: String::new(),
        log_origin: String::new(),
        report: truce_core::mission::ReportSchedule {
            time_zone: "Europe/Kyiv".to_owned(),
            cut_off_hour: 6,
            cut_off_minute: 0,
        },
        horizon_s: 0.0,
        attribution_threshold: 0.9,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: Vec::new(),
        sectors: vec![Sector {
            id: slug("north"),
            name: "North".to_owned(),
            zone: zone.id.clone(),
        }],
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: vec![zone],
        network: truce_core::mission::SensorNetwork::default(),
    }
}

#[test]
fn late_revisions_are_told_apart_from_new_incidents() {
    let (_folder, cast, store) = filled();
    // Recorded at 600 s and 900 s; it began at 60 s.
    let revised = |start: f64, end: f64| {
        let period = Interval {
            start: at(start),
            end: at(end),
        };
        store.revised_in(period, 10).unwrap()
    };
    let late = revised(700.0, 1_000.0);
    assert_eq!(late.len(), 1);
    assert_eq!((late[0].0, late[0].1.revision), (cast.incident, 1));
    assert_eq!(revised(900.1, 1_000.0), []);
    assert_eq!(revised(0.0, 1_000.0), []);
}

#[test]
fn incidents_stand_as_they_were_known() {
    let (_folder, cast, store) = filled();
    // Recorded at 600 s, revised at 900 s, its finding recorded at 1200 s.
    let known = |second: f64| store.known_at(at(second), 0, 100).unwrap().items;
    let check = |second: f64, revision: u32, verdicts: &[Verdict], status: Status| {
        let items = known(second);
        let one = items.iter().find(|item| item.id == cast.incident).unwrap();
        let told: Vec<Verdict> = one.verdicts.iter().map(|v| v.verdict).collect();
        assert_eq!(
            (one.revision, told.as_slice(), one.status),
            (revision, verdicts, status),
            "{second}"
        );
    };
    assert_eq!(known(599.0), []);
    let first = [Verdict::Undetermined, Verdict::Compliant];
    check(600.0, 1, &first, Status::Reported);
    check(899.0, 1, &first, Status::Reported);
    check(900.0, 2, &[Verdict::Breach], Status::Reported);
    check(1_200.0, 2, &[Verdict::Breach], Status::Verified);
    // What is known now is what the summary says.
    let summary = store.incident_summary(cast.incident).unwrap().unwrap();
    assert!(known(1_200.0).contains(&summary));

    let page = store.known_at(at(1_200.0), 0, 1).unwrap();
    let behind = store.known_at(at(1_200.0), page.next.unwrap(), 1).unwrap();
    assert_eq!((page.items.len(), behind.items.len()), (1, 1));
    assert_ne!(page.items[0].id, behind.items[0].id);
}

/// What is read in long afterwards was known when its messages had been received.
#[test]
fn what_is_read_in_later_was_known_when_it_was_received() {
    let folder = tempfile::tempdir().unwrap();
    let (cast, entries) = small_log();
    let mut store = Store::create(&folder.path().join("store")).unwrap();
    for (entry, bodies) in (0..).zip(&entries) {
        let recorded_at = at(1e7 + entry as f64);
        store
            .apply_entry(entry, recorded_at, &rows(bodies))
            .unwrap();
    }
    // The newest message of all came at 7300 s.
    let known: Vec<_> = store.revisions(cast.incident).unwrap();
    assert_eq!(known[0].known_at, at(7_300.0));
    assert_eq!(known[0].recorded_at, at(1e7 + 6.0));
    assert_eq!(store.known_at(at(7_299.0), 0, 9).unwrap().items, []);
    assert_eq!(store.known_at(at(7_300.0), 0, 9).unwrap().items.len(), 2);
}

#[test]
fn pages_follow_on_each_other_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&folder.path().join("store")).unwrap();
    let bodies: Vec<_> = (0..23)
        .map(|number| {
            let seen = observation(&raw("firms", &number.to_string(), 0.0), thermal());
            let mut happened = incident(seen.id, 1, vec![seen.id]);
            // Ties in both orders, so that only the number behind the key tells them apart.
            happened.occurred = Interval::instant(at(f64::from(number / 4)));
            happened.probability = f64::from(number % 5) / 10.0;
            truce_core::Body::Incident(happened)
        })
        .collect();
    store.apply_entry(0, at(0.0), &rows(&bodies)).unwrap();
    for sort in [Sort::Time, Sort::Clock, Sort::Probability] {
        let whole = store
            .incidents(&IncidentQuery {
                sort,
                ..IncidentQuery::default()
            })
            .unwrap();
        assert_eq!((whole.items.len(), whole.next), (23, None));
        let mut pieces = Vec::new();
        let mut after = None;
        loop {
            let query = IncidentQuery {
                sort,
                limit: Some(4),
                after,
                ..IncidentQuery::default()
            };
            let page = store.incidents(&query).unwrap();
            assert_eq!(page.total, 23);
            pieces.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pieces, whole.items, "{sort:?}");
    }
    for cursor in ["", "x", "i1", "i1.x", "r1.1", "é.1"] {
        let after = Some(cursor.to_owned());
        let answer = store.incidents(&IncidentQuery {
            after,
            ..IncidentQuery::default()
        });
        assert!(matches!(answer, Err(Error::Cursor { .. })), "{cursor}");
    }
}

#[test]
fn feeds_sensors_and_conditions() {
    let (_folder, _, store) = filled();
    let feeds = store.feeds().unwrap();
    let ais = &feeds[0];
    assert_eq!(ais.source, slug("ais"));
    assert_eq!(
        (
            ais.messages,
            ais.observations,
            ais.rejections,
            ais.duplicates
        ),
        (2, 1, 2, 1)
    );
    assert_eq!(ais.last_received_at, at(7_300.0));
    let classes: Vec<_> = ais
        .rejection_classes
        .iter()
        .map(|c| (c.class.as_str(), c.count))
        .collect();
    assert_eq!(classes, [("checksum", 2), ("duplicate", 1)]);
    assert_eq!(ais.rejection_classes[0].example, "why checksum");

    let hours = store.feed_hours(at(0.0), at(7_200.0)).unwrap();
    let counted: Vec<_> = hours
        .iter()
        .map(|h| (h.source.as_str(), h.messages))
        .collect();
    assert_eq!(counted, [("ais", 1), ("firms", 2)]);

    let sensors = store.sensors().unwrap();
    assert_eq!(sensors[1].sensor, slug("firms/sensor"));
    assert_eq!(
        (sensors[0].health, sensors[1].health),
        (None, Some(Health::Off))
    );
    assert_eq!(sensors[1].observations, 2);

    // Off since second 120: so still an hour later, but not before.
    let later = Interval {
        start: at(3_600.0),
        end: at(7_200.0),
    };
    assert_eq!(
        store.conditions(later).unwrap()[0].at,
        LogPosition { entry: 4, row: 2 }
    );
    let before = Interval {
        start: at(0.0),
        end: at(120.0),
    };
    assert_eq!(store.conditions(before).unwrap(), []);
    assert_eq!(store.imports().unwrap()[0].message_count, 2);
    assert_eq!(store.mission_files().unwrap()["mission.toml"], "name = 'a'");
}

#[test]
fn tracks_and_their_tails() {
    let (_folder, _, store) = filled();
    let all = store.tracks(&TrackQuery::default()).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].name.as_deref(), Some("EXAMPLE"));
    assert_eq!(all[0].last.as_ref().unwrap().observed_at, at(65.0));
    assert_eq!(all[0].tail.len(), 2);
    assert_eq!(all[0].tail[1], (31.0, 45.1, at(65.0).as_second()));
    let seconds: Vec<_> = store.track(all[0].id).unwrap().unwrap().points;
    assert_eq!(
        seconds.iter().map(|p| p.observed_at).collect::<Vec<_>>(),
        [at(61.0), at(65.0)]
    );
    let none = [
        TrackQuery {
            kind: Some(ObjectKind::Uav),
            ..TrackQuery::default()
        },
        TrackQuery {
            from: Some(at(66.0)),
            ..TrackQuery::default()
        },
        TrackQuery {
            to: Some(at(61.0)),
            ..TrackQuery::default()
        },
        TrackQuery {
            limit: Some(0),
            ..TrackQuery::default()
        },
    ];
    for query in none {
        assert_eq!(store.tracks(&query).unwrap(), [], "{query:?}");
    }
    let paths = store.track_paths(at(0.0), at(66.0)).unwrap();
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].id, all[0].id);
    // Of one minute the earliest point is kept.
    let first = (31.0, 45.0, at(61.0).as_second(), None);
    assert_eq!(paths[0].points, [first]);
    assert_eq!(store.track_paths(at(0.0), at(61.0)).unwrap(), []);
    assert_eq!(store.track_paths(at(61.5), at(99.0)).unwrap(), []);
}

#[test]
fn counts_and_changes() {
    let (_folder, cast, store) = filled();
    let summary = store
        .summary(Interval {
            start: at(0.0),
            end: at(3_600.0),
        })
        .unwrap();
    assert_eq!(summary.incidents_by_kind["physical_event"], 1);
    assert_eq!(
        summary.incidents_by_kind.len(),
        1,
        "the withdrawn one is not counted"
    );
    assert_eq!(summary.incidents_by_status["verified"], 1);
    assert_eq!(summary.breaches_by_clause[&slug("a1")], 1);
    assert_eq!(
        (summary.hourly[0].hour, summary.hourly[0].breaches),
        (at(0.0), 1)
    );
    assert_eq!((summary.tracks, summary.observations), (1, 3));
    let empty = store
        .summary(Interval {
            start: at(60.1),
            end: at(3_600.0),
        })
        .unwrap();
    assert!(empty.incidents_by_kind.is_empty());

    let changes = store.changes_since(6, 10).unwrap();
    let seen: Vec<_> = changes.iter().map(|c| (c.entry, c.kind)).collect();
    assert_eq!(
        seen,
        [
            (6, ChangeKind::Incident),
            (9, ChangeKind::Incident),
            (12, ChangeKind::Finding)
        ]
    );
    assert_eq!(changes[2].id, cast.incident.0);
    assert_eq!(store.changes_since(13, 10).unwrap(), []);
    assert_eq!(store.last_recorded_at().unwrap(), Some(at(1_200.0)));
}
