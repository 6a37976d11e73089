//! The bubble that moves with a vessel, and amendments while the watch goes on.

use std::collections::BTreeMap;

use proptest::prelude::*;
use truce_accord::{Agreement, Watch};
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, Ellipse, Incident, IncidentId, IncidentKind, ObjectKind, ObservationId, Place,
    Timestamp, Track, TrackId, TrackPoint,
};

use crate::fixture::{agreement, at, documented, mission, position, slug};

const START: &str = "2025-03-20T06:00:00Z";

fn after(seconds: f64) -> Timestamp {
    plus_seconds(at(START), seconds)
}

/// A track's points as (seconds, latitude, longitude).
type Course = Vec<(f64, f64, f64)>;

fn track(kind: ObjectKind, course: &[(f64, f64, f64)]) -> Track {
    let name = format!("{kind:?}");
    let point = |(seconds, lat, lon): &(f64, f64, f64)| TrackPoint {
        observed_at: after(*seconds),
        place: Place {
            position: position(*lat, *lon),
            uncertainty: Ellipse::circle(20.0),
        },
        height: None,
        speed_m_s: Some(6.0),
        course_deg: None,
        observation: ObservationId(Digest::of(format!("{name} {seconds}").as_bytes())),
    };
    Track {
        id: TrackId(Digest::of(name.as_bytes())),
        kind,
        identity: None,
        name: None,
        actor: None,
        existence: 0.95,
        observation_count: 1,
        first_observed_at: after(0.0),
        points: course.iter().map(point).collect(),
    }
}

/// The vessel keeps to the corridor at 45° N, 30.1° E; one degree of longitude is 78.8 km here.
fn steady(from: f64, to: f64, every: f64) -> Course {
    let seconds = std::iter::successors(Some(from), |seconds| Some(seconds + every));
    seconds
        .take_while(|seconds| *seconds <= to)
        .map(|seconds| (seconds, 45.0, 30.1))
        .collect()
}

/// An intruder on the vessel's parallel, at so many kilometres to the east.
fn east(points: &[(f64, f64)]) -> Course {
    points
        .iter()
        .map(|(seconds, km)| (*seconds, 45.0, 30.1 + km / 78.847))
        .collect()
}

fn told(watch: &mut Watch) -> Vec<Incident> {
    let changes = watch.changes().into_iter();
    changes
        .filter(|incident| incident.kind == IncidentKind::CloseApproach)
        .collect()
}

/// Revision, seconds of beginning and end, nearest kilometres, how it ended.
fn line(incident: &Incident) -> String {
    let seconds = |t: Timestamp| t.duration_since(at(START)).as_secs();
    let separation_m: f64 = incident.attributes["separation_m"].parse().unwrap();
    let ended = incident.attributes.get("ended").map_or("", String::as_str);
    format!(
        "r{} {}..{} {:.1} km {ended}",
        incident.revision,
        seconds(incident.occurred.start),
        seconds(incident.occurred.end),
        separation_m / 1_000.0,
    )
}

fn seen(
    intruder: ObjectKind,
    course: &[(f64, f64, f64)],
    vessel: &[(f64, f64, f64)],
) -> Vec<String> {
    let mut watch = Watch::new(&mission(), &agreement(&documented()));
    watch.update(&track(ObjectKind::Vessel, vessel));
    watch.update(&track(intruder, course));
    watch.advance(after(100.0));
    told(&mut watch).iter().map(line).collect()
}

#[test]
fn who_comes_into_a_vessels_bubble_is_told_with_the_closest_approach() {
    // The bubble has a radius of 18.52 km, ten nautical miles.
    let course = east(&[
        (0.0, 40.0),
        (1_200.0, 10.0),
        (2_400.0, 5.0),
        (3_600.0, 40.0),
    ]);
    let vessel = steady(0.0, 3_600.0, 60.0);
    let expected = vec!["r1 859..2863 5.0 km left".to_owned()];
    assert_eq!(seen(ObjectKind::Warship, &course, &vessel), expected);
    assert_eq!(seen(ObjectKind::Uav, &course, &vessel), expected);
    assert!(
        seen(ObjectKind::Troops, &course, &vessel).is_empty(),
        "a bubble keeps ships, aircraft and drones away"
    );
    let elsewhere: Course = vessel
        .iter()
        .map(|(t, _, lon)| (*t, 45.0, lon + 0.4))
        .collect();
    let beside: Course = course
        .iter()
        .map(|(t, lat, lon)| (*t, *lat, lon + 0.4))
        .collect();
    assert!(
        seen(ObjectKind::Warship, &beside, &elsewhere).is_empty(),
        "a vessel outside the corridor has no bubble"
    );
}

#[test]
fn an_approach_from_due_north_is_told_to_the_bubbles_edge() {
    let vessel = steady(0.0, 3_600.0, 60.0);
    let north = |km: f64| -> Course {
        // A degree of latitude is 111.14 km here.
        let lat_deg = 45.0 + km / 111.14;
        vessel
            .iter()
            .map(|(t, _, lon)| (*t, lat_deg, *lon))
            .collect()
    };
    assert_eq!(
        seen(ObjectKind::Uav, &north(18.3), &vessel),
        ["r1 0..3600 18.3 km "]
    );
    for km in [18.7, 20.0, 21.0, 400.0] {
        assert!(
            seen(ObjectKind::Uav, &north(km), &vessel).is_empty(),
            "{km}"
        );
    }
}

#[test]
fn an_approach_between_two_fixes_counts_and_a_silence_does_not() {
    let vessel = steady(0.0, 4_000.0, 100.0);
    let fast = east(&[(0.0, 90.0), (600.0, -90.0)]);
    assert_eq!(
        seen(ObjectKind::Aircraft, &fast, &vessel),
        ["r1 238..361 0.0 km left"]
    );
    let silent = east(&[(0.0, 90.0), (3_900.0, -90.0)]);
    assert!(seen(ObjectKind::Aircraft, &silent, &vessel).is_empty());
    let grazing = east(&[(0.0, 18.6), (600.0, 18.6)]);
    assert!(
        seen(ObjectKind::Warship, &grazing, &vessel).is_empty(),
        "80 m outside"
    );
}

#[test]
fn an_approach_is_told_when_it_begins_every_hour_and_when_it_ends() {
    let mut watch = Watch::new(&mission(), &agreement(&documented()));
    let mut lines = Vec::new();
    for minute in 0..=150 {
        let seconds = f64::from(minute) * 60.0;
        let km = if minute < 140 {
            12.0 - f64::from(minute) * 0.05
        } else {
            40.0
        };
        watch.update(&track(ObjectKind::Vessel, &[(seconds, 45.0, 30.1)]));
        watch.update(&track(ObjectKind::Warship, &east(&[(seconds, km)])));
        watch.advance(after(seconds));
        lines.extend(told(&mut watch).iter().map(line));
    }
    assert_eq!(
        lines,
        [
            "r1 0..60 11.9 km ",
            "r2 0..3600 9.0 km ",
            "r3 0..7200 6.0 km ",
            "r4 0..8363 5.0 km left"
        ]
    );
}

#[test]
fn an_exempt_intruder_raises_nothing_and_nobody_learns_where_it_was() {
    let text = documented().replace(
        "ends = [\"port-roads\"]",
        "ends = [\"port-roads\"]\n[version.clause.exempt]\nactors = [\"mission\"]",
    );
    let course = east(&[(0.0, 40.0), (1_200.0, 10.0), (2_400.0, 40.0)]);
    let mut intruder = track(ObjectKind::Warship, &course);
    for (actor, expected) in [
        (Some(slug("mission")), 0),
        (Some(slug("party-a")), 1),
        (None, 1),
    ] {
        let mut watch = Watch::new(&mission(), &agreement(&text));
        watch.update(&track(ObjectKind::Vessel, &steady(0.0, 2_400.0, 60.0)));
        intruder.actor = actor;
        watch.update(&intruder);
        let told = told(&mut watch);
        assert_eq!(told.len(), expected, "{:?}", intruder.actor);
        for incident in told {
            assert!(
                (incident.place.position.lon_deg - 30.1).abs() < 1e-9,
                "the vessel's place"
            );
        }
    }
}

#[test]
fn a_late_fix_shows_that_it_kept_away() {
    let mut watch = Watch::new(&mission(), &agreement(&documented()));
    watch.update(&track(ObjectKind::Vessel, &steady(0.0, 1_200.0, 60.0)));
    watch.update(&track(
        ObjectKind::Warship,
        &east(&[(0.0, 30.0), (1_200.0, -30.0)]),
    ));
    assert_eq!(told(&mut watch).len(), 1);
    let detour = [(300.0, 45.4, 30.4), (900.0, 45.4, 29.8)];
    watch.update(&track(ObjectKind::Warship, &detour));
    let told = told(&mut watch);
    assert_eq!(told.len(), 1);
    assert!(told[0].withdrawn.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn approaches_do_not_hang_on_the_order_of_arrival(
        steps in prop::collection::vec((20.0..300.0_f64, -40.0..40.0_f64), 4..30),
        order in prop::collection::vec(any::<u32>(), 64),
        every in 40.0..200.0_f64,
    ) {
        let mut seconds = 0.0;
        let mut course = Course::new();
        for (pause, km) in &steps {
            course.extend(east(&[(f64::round(seconds), *km)]));
            seconds += pause;
        }
        let vessel = steady(0.0, seconds, f64::round(every));
        let mut fixes: Vec<(u32, ObjectKind, (f64, f64, f64))> = Vec::new();
        for (kind, fix) in vessel.iter().map(|f| (ObjectKind::Vessel, *f))
            .chain(course.iter().map(|f| (ObjectKind::Warship, *f)))
        {
            fixes.push((order[fixes.len() % 64], kind, fix));
        }
        let agreement = agreement(&documented());
        let all = |fixes: &[(u32, ObjectKind, (f64, f64, f64))]| {
            let mut watch = Watch::new(&mission(), &agreement);
            let mut newest: BTreeMap<IncidentId, Incident> = BTreeMap::new();
            for (_, kind, fix) in fixes {
                watch.update(&track(*kind, &[*fix]));
                newest.extend(told(&mut watch).into_iter().map(|i| (i.id, i)));
            }
            watch.advance(after(50_000.0));
            newest.extend(told(&mut watch).into_iter().map(|i| (i.id, i)));
            let standing = newest.into_values().filter(|i| i.withdrawn.is_none());
            standing.map(|i| Incident { revision: 0, ..i }).collect::<Vec<_>>()
        };
        let in_order = {
            let mut sorted = fixes.clone();
            sorted.sort_by(|a, b| a.2.0.total_cmp(&b.2.0));
            all(&sorted)
        };
        fixes.sort_by_key(|(key, _, _)| *key);
        prop_assert_eq!(in_order, all(&fixes));
    }
}

fn amended(zones: &str) -> Agreement {
    agreement(&format!(
        "title = \"T\"\n[[version]]\neffective_from = 2025-01-01T00:00:00Z\n\
         [[version.clause]]\nid = \"c\"\nkind = \"no_presence\"\ntitle = \"C\"\ntext = \"None.\"\n\
         objects = [\"troops\"]\nzones = [{zones}]\n"
    ))
}

#[test]
fn another_agreement_takes_over_between_two_updates() {
    let told = |watch: &mut Watch| -> Vec<String> {
        let line = |i: &Incident| {
            let ended = i.attributes.get("ended").map_or("", String::as_str);
            format!("{} r{} {ended}", i.zone.as_ref().unwrap(), i.revision)
        };
        watch.changes().iter().map(line).collect()
    };
    let troops = |seconds: f64| track(ObjectKind::Troops, &[(seconds, 48.0, 36.95)]);
    let mut watch = Watch::new(&mission(), &amended("\"buffer-zone\""));
    watch.update(&troops(0.0));
    watch.update(&troops(60.0));
    assert_eq!(told(&mut watch), ["buffer-zone r1 "]);
    // The same text changes nothing; another zone is seen from what is known already.
    watch.adopt(&mission(), &amended("\"buffer-zone\""));
    assert!(told(&mut watch).is_empty());
    watch.adopt(&mission(), &amended("\"buffer-zone\", \"withdrawal-a\""));
    assert_eq!(told(&mut watch), ["withdrawal-a r1 "]);
    watch.update(&troops(120.0));
    assert!(told(&mut watch).is_empty());
    // What nobody asks for any more is taken back within the horizon.
    watch.adopt(&mission(), &amended("\"withdrawal-a\""));
    assert_eq!(told(&mut watch), ["buffer-zone r2 "]);
    let fresh = {
        let mut fresh = Watch::new(&mission(), &amended("\"withdrawal-a\""));
        (0..3).for_each(|i| fresh.update(&troops(f64::from(i) * 60.0)));
        fresh
    };
    assert_eq!(watch.state_digest(), fresh.state_digest());
}
