//! The geofence.

use proptest::prelude::*;
use truce_accord::watch::Standing;
use truce_accord::{Agreement, Watch};
use truce_core::incident::Withdrawal;
use truce_core::mission::ZoneKind;
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, Ellipse, Height, HeightDatum, Incident, IncidentKind, ObjectKind, ObservationId, Place,
    Timestamp, Track, TrackId, TrackPoint,
};

use crate::fixture::{
    agreement, at, documented, mission, position, read_with, rectangle, slug, zone,
};

const START: &str = "2025-03-20T06:00:00Z";

pub(crate) fn after(seconds: f64) -> Timestamp {
    plus_seconds(at(START), seconds)
}

fn point(seconds: f64, lat_deg: f64, lon_deg: f64) -> TrackPoint {
    let name = format!("{seconds}");
    TrackPoint {
        observed_at: after(seconds),
        place: Place {
            position: position(lat_deg, lon_deg),
            uncertainty: Ellipse::circle(10.0),
        },
        height: None,
        speed_m_s: None,
        course_deg: None,
        observation: ObservationId(Digest::of(name.as_bytes())),
    }
}

pub(crate) fn track(kind: ObjectKind, points: Vec<TrackPoint>) -> Track {
    Track {
        id: TrackId(Digest::of(b"track")),
        kind,
        identity: None,
        name: None,
        actor: None,
        existence: 0.95,
        observation_count: 1,
        first_observed_at: at(START),
        points,
    }
}

/// What a watch says when points come one by one in the order given.
struct Seen {
    watch: Watch,
    told: Vec<Incident>,
}

pub(crate) fn watch_of(agreement: &Agreement) -> Watch {
    Watch::new(&mission(), agreement)
}

fn run(kind: ObjectKind, points: &[TrackPoint]) -> Seen {
    let mut watch = watch_of(&agreement(&documented()));
    let mut told = Vec::new();
    for point in points {
        watch.update(&track(kind, vec![point.clone()]));
        told.extend(watch.changes());
    }
    Seen { watch, told }
}

/// Kind, zone, revision, seconds of first and last, how it ended.
pub(crate) fn lines(told: &[Incident]) -> Vec<String> {
    let seconds = |t: Timestamp| t.duration_since(at(START)).as_secs();
    let line = |i: &Incident| {
        let zone = i.zone.as_ref().unwrap();
        let (from, to) = (seconds(i.occurred.start), seconds(i.occurred.end));
        let ended = i.attributes.get("ended").map_or("", String::as_str);
        let gone = if i.withdrawn.is_some() {
            " withdrawn"
        } else {
            ""
        };
        format!(
            "{:?} {zone} r{} {from}..{to} {ended}{gone}",
            i.kind, i.revision
        )
    };
    told.iter().map(line).collect()
}

/// Points every `every_s` seconds along a parallel, from one longitude to another.
fn eastward(lat: f64, from: f64, to: f64, count: u32, every_s: f64) -> Vec<TrackPoint> {
    (0..count)
        .map(|i| {
            let share = f64::from(i) / f64::from(count - 1);
            point(f64::from(i) * every_s, lat, from + (to - from) * share)
        })
        .collect()
}

#[test]
fn a_stay_is_told_on_entry_on_dwell_every_hour_and_at_the_end() {
    let mut points = vec![point(0.0, 48.0, 36.8)];
    points.extend((1..=150).map(|i| point(f64::from(i) * 60.0, 48.0, 36.95)));
    points.push(point(151.0 * 60.0, 48.0, 36.8));
    let seen = run(ObjectKind::Troops, &points);
    let expected = [
        "Presence buffer-zone r1 60..60 ",
        "Presence buffer-zone r2 60..360 ",
        "Presence buffer-zone r3 60..3660 ",
        "Presence buffer-zone r4 60..7260 ",
        "Presence buffer-zone r5 60..9000 left",
    ];
    assert_eq!(lines(&seen.told), expected);
    let last = seen.told.last().unwrap();
    assert_eq!(
        last.evidence[0], points[1].observation,
        "the entry founds it"
    );
    assert_eq!(last.evidence.len(), 6);
    assert_eq!(last.attributes["duration_s"], "8940");
    assert!(last.probability > 0.94 && last.probability <= 0.95);
    let sum: f64 = last.explanation.iter().map(|term| term.log_odds).sum();
    assert!((sum - truce_core::belief::log_odds(last.probability)).abs() < 1e-9);
}

#[test]
fn what_was_seen_ever_so_often_is_not_told_as_certain() {
    let mut watch = watch_of(&agreement(&documented()));
    watch.update(&Track {
        existence: 1.0,
        ..track(ObjectKind::Troops, vec![point(0.0, 48.0, 36.95)])
    });
    let told = watch.changes();
    assert_eq!(told[0].probability, 0.99);
}

#[test]
fn only_what_a_clause_in_force_asks_for_is_told() {
    let points = eastward(48.0, 36.91, 36.95, 3, 60.0);
    assert!(
        run(ObjectKind::Vessel, &points).told.is_empty(),
        "vessels are not meant"
    );
    assert_eq!(run(ObjectKind::Troops, &points).told.len(), 1);
    let early: Vec<_> = points
        .iter()
        .map(|p| TrackPoint {
            observed_at: at("2025-02-20T00:00:00Z"),
            ..p.clone()
        })
        .collect();
    assert!(
        run(ObjectKind::Troops, &early).told.is_empty(),
        "no version is in force"
    );
    let mut watch = watch_of(&agreement(&documented()));
    let own = Track {
        actor: Some(slug("mission")),
        ..track(ObjectKind::Uav, points.clone())
    };
    watch.update(&own);
    assert!(
        watch.changes().is_empty(),
        "the mission's own drones are exempt"
    );
    watch.update(&track(ObjectKind::Uav, points));
    assert_eq!(watch.changes().len(), 1, "once nothing shows the exemption");
}

#[test]
fn a_fix_near_the_border_is_on_neither_side() {
    // One degree of longitude is 74.6 km here; the band is 20 m, the hysteresis 100 m.
    let out_m = |m: f64| 36.9 - m / 74_600.0;
    let table = [
        (vec![out_m(500.0), out_m(-10.0)], 0, "within the band"),
        (vec![out_m(500.0), out_m(-30.0)], 1, "beyond the band"),
        (
            vec![out_m(-30.0), out_m(60.0), out_m(-30.0)],
            1,
            "within the hysteresis",
        ),
        (
            vec![out_m(-30.0), out_m(200.0), out_m(-30.0)],
            3,
            "out and in again",
        ),
    ];
    for (lons, expected, why) in table {
        let points: Vec<_> = lons
            .iter()
            .enumerate()
            .map(|(i, lon)| point(i as f64 * 60.0, 48.0, *lon))
            .collect();
        let told = run(ObjectKind::Troops, &points).told;
        assert_eq!(told.len(), expected, "{why}: {:?}", lines(&told));
    }
}

#[test]
fn a_way_through_a_zone_between_two_fixes_is_a_passage() {
    let points = [point(0.0, 48.0, 36.8), point(600.0, 48.0, 37.2)];
    let told = run(ObjectKind::Troops, &points).told;
    assert_eq!(
        lines(&told),
        [
            "Passage buffer-zone r1 0..600 ",
            "Passage line-of-contact r1 0..600 "
        ]
    );
    let middle = told[0].place.position;
    assert!(
        (middle.lon_deg - 37.0).abs() < 1e-6,
        "deepest in the middle"
    );
    // Too long between the fixes: it may have gone anywhere.
    let apart = [point(0.0, 48.0, 36.8), point(4_000.0, 48.0, 37.2)];
    assert!(run(ObjectKind::Troops, &apart).told.is_empty());
    // Past the end of the line and of the zone.
    let around = [point(0.0, 49.1, 36.8), point(600.0, 49.1, 37.2)];
    assert!(run(ObjectKind::Troops, &around).told.is_empty());
}

#[test]
fn a_line_is_crossed_only_from_clear_side_to_clear_side() {
    // The line runs at 37° E; 10 m are 0.000134°.
    let m = |metres: f64| 37.0 + metres / 74_600.0;
    let table = [
        (vec![-500.0, -10.0, 10.0, -10.0, -500.0], 0),
        (vec![-500.0, -10.0, 10.0, 500.0], 1),
        (vec![-500.0, 500.0, -500.0], 2),
        (vec![-10.0, 10.0, 500.0], 0),
        (vec![-500.0, 0.0, 500.0], 1),
        (vec![-500.0, 0.0, -500.0], 0),
    ];
    for (metres, expected) in table {
        let points: Vec<_> = metres
            .iter()
            .enumerate()
            .map(|(i, x)| point(i as f64 * 60.0, 48.0, m(*x)))
            .collect();
        let told = run(ObjectKind::Troops, &points).told;
        let crossed = told
            .iter()
            .filter(|i| i.kind == IncidentKind::Passage)
            .count();
        assert_eq!(crossed, expected, "{metres:?}");
    }
}

#[test]
fn silence_makes_unknown() {
    let points = eastward(48.0, 36.95, 36.96, 3, 60.0);
    let mut seen = run(ObjectKind::Troops, &points);
    let (id, zone) = (TrackId(Digest::of(b"track")), slug("buffer-zone"));
    seen.watch.advance(after(3_000.0));
    assert_eq!(seen.watch.standing(id, &zone), Standing::Inside);
    assert!(seen.watch.changes().is_empty());
    seen.watch.advance(after(3_800.0));
    assert_eq!(seen.watch.standing(id, &zone), Standing::Unknown);
    let told = seen.watch.changes();
    assert_eq!(lines(&told), ["Presence buffer-zone r2 0..120 silent"]);
    // A late fix shows that it was there after all.
    seen.watch.update(&track(
        ObjectKind::Troops,
        vec![point(2_000.0, 48.0, 36.95)],
    ));
    assert_eq!(
        lines(&seen.watch.changes()),
        ["Presence buffer-zone r3 0..2000 "]
    );
    seen.watch.advance(after(20_000.0));
    assert_eq!(
        lines(&seen.watch.changes()),
        ["Presence buffer-zone r4 0..2000 silent"]
    );
    assert_eq!(
        seen.watch.standing(TrackId(Digest::of(b"x")), &zone),
        Standing::Unknown
    );
}

#[test]
fn a_late_fix_withdraws_what_it_shows_to_be_wrong() {
    // Two fixes around the zone, 600 s apart: a passage. Then the way around it arrives.
    let mut seen = run(
        ObjectKind::Troops,
        &[point(0.0, 48.99, 36.8), point(1_200.0, 48.99, 37.2)],
    );
    assert_eq!(seen.told.len(), 2);
    seen.watch.update(&track(
        ObjectKind::Troops,
        vec![point(400.0, 49.2, 36.8), point(800.0, 49.2, 37.2)],
    ));
    let told = seen.watch.changes();
    assert_eq!(
        lines(&told),
        [
            "Passage buffer-zone r2 0..1200  withdrawn",
            "Passage line-of-contact r2 0..1200  withdrawn"
        ]
    );
    assert!(
        told.iter()
            .all(|i| i.withdrawn == Some(Withdrawal::Unsupported))
    );
}

#[test]
fn an_earlier_entry_takes_over_the_stay() {
    let mut seen = run(
        ObjectKind::Troops,
        &[point(0.0, 48.0, 36.8), point(600.0, 48.0, 36.95)],
    );
    let first = seen.told[0].id;
    seen.watch
        .update(&track(ObjectKind::Troops, vec![point(300.0, 48.0, 36.94)]));
    let told = seen.watch.changes();
    assert_eq!(
        lines(&told),
        [
            "Presence buffer-zone r1 300..600 ",
            "Presence buffer-zone r2 600..600  withdrawn"
        ]
    );
    assert_eq!(told[1].id, first);
    assert_eq!(told[1].withdrawn, Some(Withdrawal::PartOf(told[0].id)));
}

#[test]
fn a_better_estimate_of_the_same_observation_replaces_it() {
    let mut seen = run(
        ObjectKind::Troops,
        &[
            point(0.0, 48.0, 36.8),
            point(60.0, 48.0, 36.91),
            point(120.0, 48.0, 36.8),
        ],
    );
    assert_eq!(seen.told.len(), 2);
    seen.watch
        .update(&track(ObjectKind::Troops, vec![point(60.0, 48.0, 36.85)]));
    let told = seen.watch.changes();
    assert_eq!(
        lines(&told),
        ["Presence buffer-zone r3 60..60 left withdrawn"]
    );
}

#[test]
fn heights_count_and_may_be_unknown() {
    let text = documented()
        .replace("[\"aircraft\", \"uav\"]", "[\"uav\"]")
        .replace(
            "zones = [\"buffer-zone\"]\nobjects = [\"uav\"]",
            "zones = [\"upper-airspace\"]\nobjects = [\"uav\"]",
        );
    let agreement = agreement(&text);
    let metres = |height_m, above| Some(Height { height_m, above });
    let table = [
        (metres(2_000.0, HeightDatum::MeanSeaLevel), 1),
        (metres(500.0, HeightDatum::MeanSeaLevel), 0),
        (metres(3_500.0, HeightDatum::MeanSeaLevel), 0),
        (metres(2_000.0, HeightDatum::Barometric), 1),
        (metres(1_100.0, HeightDatum::Barometric), 0),
        (metres(1_050.0, HeightDatum::Ellipsoid), 0),
        (metres(120.0, HeightDatum::Ground), 0),
        (None, 0),
    ];
    for (height, expected) in table {
        let mut watch = watch_of(&agreement);
        let fix = TrackPoint {
            height,
            ..point(0.0, 48.0, 36.5)
        };
        watch.update(&track(ObjectKind::Uav, vec![fix]));
        assert_eq!(watch.changes().len(), expected, "{height:?}");
    }
}

#[test]
fn an_unknown_height_over_the_ground_is_told_as_unknown() {
    let mut mission = mission();
    for zone in &mut mission.zones {
        zone.ceiling_m = zone.ceiling_m.or(Some(6_000.0));
    }
    let agreement = agreement(&documented());
    let table = [
        (None, Some("unknown")),
        (Some(500.0), None),
        (Some(4_000.0), Some("unknown")),
    ];
    for (metres, expected) in table {
        let mut watch = Watch::new(&mission, &agreement);
        let height = metres.map(|height_m| Height {
            height_m,
            above: HeightDatum::Ground,
        });
        let fix = TrackPoint {
            height,
            ..point(0.0, 48.0, 37.0)
        };
        watch.update(&track(ObjectKind::Uav, vec![fix]));
        let told = watch.changes();
        assert_eq!(told.len(), 1);
        let said = told[0].attributes.get("height").map(String::as_str);
        assert_eq!(said, expected, "{metres:?}");
    }
}

pub(crate) fn vessel(seconds: f64, lat: f64, lon: f64, speed_m_s: f64) -> TrackPoint {
    TrackPoint {
        speed_m_s: Some(speed_m_s),
        ..point(seconds, lat, lon)
    }
}

#[test]
fn leaving_a_corridor_is_a_deviation_unless_at_its_end() {
    // The corridor is 44..46° N, 30.0..30.2° E; its end area begins at 45.9° N.
    let out = [
        vessel(0.0, 45.0, 30.1, 6.0),
        vessel(600.0, 45.0, 30.19, 6.0),
        vessel(1_200.0, 45.0, 30.205, 6.0),
        vessel(1_800.0, 45.0, 30.3, 6.0),
        vessel(3_000.0, 45.0, 30.1, 6.0),
    ];
    let told = run(ObjectKind::Vessel, &out).told;
    assert_eq!(
        lines(&told),
        [
            "CorridorDeviation corridor-west r1 1800..1800 ",
            "CorridorDeviation corridor-west r2 1800..1800 left"
        ],
        "390 m outside are no deviation, 7.8 km are"
    );
    let at_end = [
        vessel(0.0, 45.89, 30.1, 6.0),
        vessel(600.0, 45.95, 30.29, 6.0),
        vessel(1_200.0, 45.95, 30.5, 6.0),
    ];
    assert!(run(ObjectKind::Vessel, &at_end).told.is_empty());
    let never_inside = [vessel(0.0, 45.0, 30.4, 6.0), vessel(600.0, 45.0, 30.5, 6.0)];
    assert!(run(ObjectKind::Vessel, &never_inside).told.is_empty());
}

/// A way through some places at 6 m/s, a fix a minute.
fn sailed(corners: &[(f64, f64)]) -> Vec<TrackPoint> {
    let corners: Vec<_> = corners
        .iter()
        .map(|(lat, lon)| position(*lat, *lon))
        .collect();
    let way = truce_core::way::Path::through(corners).unwrap();
    let fix = |minute: u32| {
        let at = way.at(f64::from(minute) * 360.0);
        vessel(f64::from(minute) * 60.0, at.lat_deg, at.lon_deg, 6.0)
    };
    (0..)
        .take_while(|minute| f64::from(*minute) * 360.0 <= way.length_m())
        .map(fix)
        .collect()
}

/// What it is, where the vessel sails, and whether that deviates.
type Voyage = (&'static str, &'static [(f64, f64)], bool);

/// Voyages from and to a corridor of 44..46° N, 30.0..30.2° E with one port beside it.
const VOYAGES: [Voyage; 10] = [
    ("out to sea", &[(44.5, 30.1), (43.5, 30.1)], false),
    ("in from the sea", &[(43.5, 30.1), (44.5, 30.1)], false),
    (
        "out to sea, aslant",
        &[(44.3, 30.1), (44.0, 30.15), (43.7, 31.0)],
        false,
    ),
    (
        "out by the end and back beside it",
        &[(44.5, 30.1), (43.9, 30.1), (44.5, 31.0)],
        false,
    ),
    (
        "to the port beside the corridor",
        &[(45.0, 30.05), (45.98, 30.05), (45.65, 29.25)],
        false,
    ),
    (
        "from that port",
        &[(45.65, 29.25), (45.98, 30.05), (45.0, 30.05)],
        false,
    ),
    (
        "straight to it, by the side",
        &[(44.8, 30.1), (45.3, 30.1), (45.65, 29.25)],
        true,
    ),
    (
        "by the side",
        &[(44.5, 30.1), (45.0, 30.1), (45.0, 30.4)],
        true,
    ),
    (
        "by the side near the open end",
        &[(44.5, 30.1), (44.1, 30.1), (44.1, 30.5)],
        true,
    ),
    (
        "by the side and back",
        &[(44.5, 30.1), (45.0, 30.3), (45.5, 30.1)],
        true,
    ),
];

#[test]
fn a_corridor_is_left_by_its_ends_into_approaches_and_the_open_sea() {
    // The corridor is 44..46° N, 30.0..30.2° E, and 1 km beside it are allowed. The only end area
    // lies beside it, 60 km off its northern end; the southern end is open.
    let port = zone(
        "port-west",
        ZoneKind::Port,
        rectangle(45.6, 29.2, 45.7, 29.3),
    );
    let mut mission = mission();
    mission.zones.push(port);
    let with_ends = |ends: &str| {
        let text = documented().replace("ends = [\"port-roads\"]", &format!("ends = {ends}"));
        read_with(&mission, &text).unwrap()
    };
    let agreed = with_ends("[\"port-west\"]");
    let deviates = |agreement: &Agreement, corners: &[(f64, f64)]| {
        let mut watch = Watch::new(&mission, agreement);
        watch.update(&track(ObjectKind::Vessel, sailed(corners)));
        let mut told = watch.changes().into_iter();
        told.any(|incident| incident.kind == IncidentKind::CorridorDeviation)
    };
    for (what, corners, expected) in VOYAGES {
        assert_eq!(deviates(&agreed, corners), expected, "{what}");
    }
    let (_, to_port, _) = VOYAGES[4];
    assert!(
        deviates(&with_ends("[]"), to_port),
        "nobody has business there"
    );
}

#[test]
fn a_place_that_jumps_away_is_no_deviation() {
    let mut points: Vec<_> = (0..5)
        .map(|i| vessel(f64::from(i) * 60.0, 45.0, 30.1, 6.0))
        .collect();
    // 63 km in a minute, and back after an hour.
    points.extend((5..60).map(|i| vessel(f64::from(i) * 60.0, 45.0, 30.9, 6.0)));
    points.extend((60..65).map(|i| vessel(f64::from(i) * 60.0, 45.0, 30.1, 6.0)));
    assert!(run(ObjectKind::Vessel, &points).told.is_empty());
    // It sails out afterwards: 16 km in an hour.
    points.push(vessel(7_200.0, 45.0, 30.3, 6.0));
    let told = run(ObjectKind::Vessel, &points).told;
    assert_eq!(
        lines(&told),
        ["CorridorDeviation corridor-west r1 7200..7200 "]
    );
}

#[test]
fn a_stop_is_told_once_it_has_lasted() {
    let mut points = vec![vessel(0.0, 45.0, 30.1, 6.0)];
    points.extend((1..=8).map(|i| vessel(f64::from(i) * 300.0, 45.0, 30.11, 0.1)));
    points.push(vessel(2_700.0, 45.0, 30.12, 5.0));
    let told = run(ObjectKind::Vessel, &points).told;
    assert_eq!(
        lines(&told),
        [
            "UnauthorisedStop corridor-west r1 300..2100 ",
            "UnauthorisedStop corridor-west r2 300..2400 left"
        ]
    );
    let mut short = points.clone();
    short.drain(4..9);
    assert!(
        run(ObjectKind::Vessel, &short).told.is_empty(),
        "ten minutes are no stop"
    );
    // A vessel that drifts swings about the speed below which it counts as stopped.
    let drifts = |p: &TrackPoint, i: usize| TrackPoint {
        speed_m_s: Some(if i.is_multiple_of(2) { 0.7 } else { 0.3 }),
        ..p.clone()
    };
    let mut drifting = points.clone();
    (1..9).for_each(|i| drifting[i] = drifts(&points[i], i));
    assert_eq!(
        lines(&run(ObjectKind::Vessel, &drifting).told),
        lines(&told)
    );
    (1..9).for_each(|i| drifting[i].speed_m_s = Some(0.7));
    assert!(
        run(ObjectKind::Vessel, &drifting).told.is_empty(),
        "slow is not stopped"
    );
    let without_speed: Vec<_> = points
        .iter()
        .map(|p| TrackPoint {
            speed_m_s: None,
            ..p.clone()
        })
        .collect();
    let told = run(ObjectKind::Vessel, &without_speed).told;
    assert_eq!(
        told.len(),
        2,
        "the way made good says the same: {:?}",
        lines(&told)
    );
}

#[test]
fn fixes_beyond_the_horizon_are_counted_and_left_out() {
    let mut seen = run(ObjectKind::Troops, &[point(30_000.0, 48.0, 36.8)]);
    let digest = seen.watch.state_digest();
    seen.watch.update(&track(
        ObjectKind::Troops,
        vec![point(8_000.0, 48.0, 36.95)],
    ));
    assert_eq!(seen.watch.late_fixes(), 1);
    assert!(seen.watch.changes().is_empty());
    assert_eq!(seen.watch.state_digest(), digest);
    seen.watch.update(&track(
        ObjectKind::Troops,
        vec![point(8_500.0, 48.0, 36.95)],
    ));
    assert_eq!(seen.watch.late_fixes(), 1, "six hours are 21,600 s");
    assert_ne!(seen.watch.state_digest(), digest);
}

#[test]
fn objects_long_silent_are_forgotten_and_the_digest_does_not_hang_on_when() {
    let points = eastward(48.0, 36.95, 36.96, 3, 60.0);
    let mut a = run(ObjectKind::Troops, &points).watch;
    let mut b = run(ObjectKind::Troops, &points).watch;
    a.advance(after(10_000.0));
    b.advance(after(60_000.0));
    assert_ne!(a.state_digest(), b.state_digest());
    a.advance(after(60_000.0));
    assert_eq!(a.state_digest(), b.state_digest());
    a.changes();
    a.advance(after(120_000.0));
    assert_eq!(a.object_count(), 0);
}

#[test]
fn a_zone_over_the_antimeridian_is_one_zone() {
    use truce_core::mission::{Shape, ZoneKind};
    let mut mission = mission();
    let corners = [(-1.0, 179.0), (-1.0, -179.0), (1.0, -179.0), (1.0, 179.0)];
    let ring = corners.map(|(lat, lon)| position(lat, lon)).to_vec();
    for zone in &mut mission.zones {
        if zone.id.as_str() == "buffer-zone" {
            zone.shape = Shape::Polygons(vec![vec![ring.clone()]]);
            assert_eq!(zone.kind, ZoneKind::BufferZone);
        }
    }
    let agreement = agreement(&documented());
    let told = |points: &[(f64, f64)]| {
        let mut watch = Watch::new(&mission, &agreement);
        let points = points.iter().enumerate();
        let points = points.map(|(i, (lat, lon))| point(i as f64 * 60.0, *lat, *lon));
        watch.update(&track(ObjectKind::Troops, points.collect()));
        lines(&watch.changes())
    };
    assert_eq!(
        told(&[(0.0, 178.0), (0.0, 179.5)]),
        ["Presence buffer-zone r1 60..60 "]
    );
    assert_eq!(
        told(&[(0.0, -178.0), (0.0, -179.5)]),
        ["Presence buffer-zone r1 60..60 "]
    );
    assert_eq!(
        told(&[(0.0, 178.0), (0.0, -178.0)]),
        ["Passage buffer-zone r1 0..60 "]
    );
    assert_eq!(
        told(&[(0.0, -178.0), (0.0, 178.0)]),
        ["Passage buffer-zone r1 0..60 "]
    );
    assert_eq!(
        told(&[(0.0, 180.0), (0.0, -180.0)]),
        ["Presence buffer-zone r1 0..0 "]
    );
    assert!(told(&[(2.0, 178.0), (2.0, -178.0), (0.0, 0.0)]).is_empty());
}

/// Points that wander around the buffer zone, with gaps, at distinct times.
fn wandering() -> impl Strategy<Value = Vec<TrackPoint>> {
    let step = (
        30.0..3_000.0_f64,
        36.85..37.15_f64,
        47.95..48.05_f64,
        1.0..400.0_f64,
    );
    prop::collection::vec(step, 3..90).prop_map(|steps| {
        let mut seconds = 0.0;
        let mut points = Vec::new();
        for (pause, lon, lat, sigma) in steps {
            // Together at most 90 × 240 s: everything stays within the horizon.
            seconds += f64::round(pause * 0.08);
            points.push(TrackPoint {
                place: Place {
                    position: position(lat, lon),
                    uncertainty: Ellipse::circle(sigma),
                },
                ..point(seconds, lat, lon)
            });
        }
        points
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_arrival_changes_neither_state_nor_incidents(
        points in wandering(),
        order in prop::collection::vec(any::<u32>(), 90),
        batch in 1..7_usize,
    ) {
        let mut shuffled: Vec<(u32, TrackPoint)> =
            points.iter().enumerate().map(|(i, p)| (order[i], p.clone())).collect();
        shuffled.sort_by_key(|(key, point)| (*key, point.observed_at));
        let agreement = agreement(&documented());
        let all = |points: &[TrackPoint], size: usize| {
            let mut watch = watch_of(&agreement);
            let mut newest = std::collections::BTreeMap::new();
            for chunk in points.chunks(size) {
                watch.update(&track(ObjectKind::Troops, chunk.to_vec()));
                for incident in watch.changes() {
                    newest.insert(incident.id, incident);
                }
            }
            watch.advance(after(30_000.0));
            for incident in watch.changes() {
                newest.insert(incident.id, incident);
            }
            let standing: Vec<Incident> = newest
                .into_values()
                .filter(|incident| incident.withdrawn.is_none())
                .map(|incident| Incident { revision: 0, ..incident })
                .collect();
            (watch.state_digest(), standing)
        };
        let in_order = all(&points, 1);
        let shuffled: Vec<TrackPoint> = shuffled.into_iter().map(|(_, point)| point).collect();
        let out_of_order = all(&shuffled, batch);
        prop_assert_eq!(in_order.0, out_of_order.0);
        prop_assert_eq!(in_order.1, out_of_order.1);
    }

    #[test]
    fn what_a_track_lost_is_as_if_it_had_never_been(
        points in wandering(),
        is_lost in prop::collection::vec(any::<bool>(), 90),
        at_once in 1..20_usize,
    ) {
        let agreement = agreement(&documented());
        let (lost, kept): (Vec<_>, Vec<_>) = points
            .iter()
            .cloned()
            .enumerate()
            .partition(|(place, _)| is_lost[*place]);
        let of = |points: Vec<(usize, TrackPoint)>| -> Vec<TrackPoint> {
            points.into_iter().map(|(_, point)| point).collect()
        };
        let (lost, kept) = (of(lost), of(kept));
        let end = |points: &[TrackPoint], lost: &[TrackPoint]| {
            let mut watch = watch_of(&agreement);
            let mut newest = std::collections::BTreeMap::new();
            let mut hear = |told: Vec<Incident>| {
                newest.extend(told.into_iter().map(|incident| (incident.id, incident)));
            };
            for point in points {
                watch.update(&track(ObjectKind::Troops, vec![point.clone()]));
                hear(watch.changes());
            }
            for lost in lost.chunks(at_once) {
                let keys: Vec<_> = lost.iter().map(|p| (p.observed_at, p.observation)).collect();
                watch.lose(TrackId(Digest::of(b"track")), &keys);
                hear(watch.changes());
            }
            watch.advance(after(30_000.0));
            hear(watch.changes());
            let standing: Vec<Incident> = newest
                .into_values()
                .filter(|incident| incident.withdrawn.is_none())
                .map(|incident| Incident { revision: 0, ..incident })
                .collect();
            (watch.state_digest(), standing)
        };
        prop_assert_eq!(end(&points, &lost), end(&kept, &[]));
    }
}
