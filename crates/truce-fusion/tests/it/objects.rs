//! Tracks: vessels that name themselves and drones that are only seen.

use std::collections::BTreeSet;

use truce_core::mission::{Actor, Role, Sensor};
use truce_core::observation::{Health, SensorState};
use truce_core::{
    Incident, IncidentKind, Interval, Location, ObjectIdentity, ObjectKind, Reading, Track,
};
use truce_fusion::{Change, Picture};

use crate::world::*;

fn tracks(changes: &[Change]) -> Vec<&Track> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Track(track) => Some(track),
            _ => None,
        })
        .collect()
}

/// What a patrol's receiver says: its sensor works, and is there.
fn patrol(sensor: &str, second: f64) -> truce_core::Observation {
    let state = SensorState {
        health: Health::Working,
        text: String::new(),
    };
    let location = Some(Location::fix(at(12.0 * second, 0.0), 5.0));
    let when = Interval::instant(time(second));
    let name = format!("{sensor} {second}");
    observation(
        &name,
        Some(sensor),
        when,
        location,
        Reading::SensorState(state),
    )
}

#[test]
fn a_patrol_that_says_where_it_is_becomes_a_track_of_the_mission() {
    let mut mission = mission();
    let post = mission.network.sensor(&slug("post-1")).unwrap().clone();
    mission.network.sensors.push(Sensor {
        id: slug("patrol-3"),
        position: None,
        ..post
    });
    mission.actors.push(Actor {
        id: slug("monitors"),
        name: "Monitors".to_owned(),
        role: Role::Mission,
    });
    let mut picture = Picture::new(&mission);
    for step in 0..10 {
        let second = f64::from(step) * 10.0;
        // A post stands where the mission folder says, and what is nobody's is nobody's track.
        for sensor in ["patrol-3", "post-1", "unknown"] {
            picture.update(&patrol(sensor, second));
        }
    }
    let changes = picture.changes();
    let [track] = tracks(&changes)[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(track.kind, ObjectKind::Vehicle);
    assert_eq!(track.actor, Some(slug("monitors")));
    assert_eq!(
        track.identity,
        Some(ObjectIdentity::Sensor(slug("patrol-3")))
    );
    assert_eq!(track.points.len(), 10);
    let last = track.points.last().unwrap();
    assert!((last.speed_m_s.unwrap() - 12.0).abs() < 0.5, "{last:?}");
}

/// A vessel that sails east at 7 m/s.
fn sailing(mmsi: u32, second: f64) -> truce_core::Observation {
    vessel(mmsi, second, at(7.0 * second, 0.0), Some((7.0, 90.0)))
}

#[test]
fn a_vessel_is_followed_and_each_point_is_told_once() {
    let mut picture = Picture::new(&mission());
    let mut id = None;
    for step in 0..20 {
        picture.update(&sailing(1, f64::from(step) * 10.0));
        let changes = picture.changes();
        let [track] = tracks(&changes)[..] else {
            panic!("{changes:?}");
        };
        assert_eq!(*id.get_or_insert(track.id), track.id);
        let [point] = &track.points[..] else {
            panic!("{:?}", track.points);
        };
        assert!((point.speed_m_s.unwrap() - 7.0).abs() < 0.2);
        assert!((point.course_deg.unwrap() - 90.0).abs() < 1.0);
        assert_eq!(point.height, None);
    }
    assert_eq!(picture.changes(), []);
}

#[test]
fn a_late_fix_is_filtered_in_and_one_beyond_the_horizon_is_kept_out() {
    let mut picture = Picture::new(&mission());
    for second in [0.0, 20.0, 30.0] {
        picture.update(&sailing(1, second));
    }
    picture.changes();
    picture.update(&sailing(1, 10.0));
    let changes = picture.changes();
    let times: Vec<_> = tracks(&changes)[0]
        .points
        .iter()
        .map(|point| point.observed_at)
        .collect();
    assert_eq!(times, [10.0, 20.0, 30.0].map(time));
    assert_eq!(picture.omitted().late, 0);
    picture.update(&sailing(1, 30_000.0));
    picture.update(&sailing(1, 5.0));
    assert_eq!(picture.omitted().late, 1);
}

#[test]
fn copies_of_one_transmission_by_several_receivers_are_one_point() {
    let mut picture = Picture::new(&mission());
    let first = sailing(1, 0.0);
    let copy = vessel(1, 0.6, at(0.0, 0.0), Some((7.0, 90.0)));
    picture.update(&first);
    picture.update(&copy);
    picture.update(&sailing(1, 10.0));
    let changes = picture.changes();
    let track = tracks(&changes)[0];
    assert_eq!((track.points.len(), track.observation_count), (2, 3));
    assert_eq!(track.points[0].observation, first.id);
}

#[test]
fn static_data_name_the_vessel_whenever_they_come() {
    let mut about = vessel(1, -5.0, at(0.0, 0.0), None);
    about.location = None;
    if let Reading::Vessel(report) = &mut about.reading {
        (report.message_type, report.ship_type) = (5, Some(35));
        report.name = Some("EXAMPLE".to_owned());
    }
    for first in [true, false] {
        let mut picture = Picture::new(&mission());
        let (a, b) = (about.clone(), sailing(1, 0.0));
        for observation in if first { [a, b] } else { [b, a] } {
            picture.update(&observation);
        }
        let changes = picture.changes();
        let track = tracks(&changes)[0];
        assert_eq!(track.name.as_deref(), Some("EXAMPLE"));
        assert_eq!(track.kind, ObjectKind::Warship);
    }
}

#[test]
fn after_a_jump_the_estimate_begins_anew() {
    let mut picture = Picture::new(&mission());
    picture.update(&sailing(1, 0.0));
    // 20 km in 60 s are 648 knots: what is estimated there owes nothing to where it was before.
    let far = vessel(1, 60.0, at(20_000.0, 0.0), None);
    picture.update(&far);
    let changes = picture.changes();
    let points = &tracks(&changes)[0].points;
    assert_eq!(points.len(), 2);
    let stated = far.location.as_ref().and_then(|l| l.place()).unwrap();
    assert_eq!(points[1].place.position, stated.position);
    assert_eq!(points[1].speed_m_s, None);
    assert_eq!(incidents(&changes).len(), 0);
}

#[test]
fn base_stations_are_no_vessels() {
    let mut station = vessel(3, 0.0, at(0.0, 0.0), None);
    if let Reading::Vessel(report) = &mut station.reading {
        report.message_type = 4;
    }
    assert_eq!(picture_of(&[station], 0.0).changes(), []);
}

#[test]
fn a_drone_is_told_once_it_was_seen_again() {
    let mut picture = Picture::new(&mission());
    let sight = |step: i32| {
        uav(
            &format!("{step}"),
            f64::from(step) * 2.0,
            at(f64::from(step) * 40.0, 0.0),
        )
    };
    picture.update(&sight(0));
    assert_eq!(picture.changes(), []);
    picture.update(&sight(1));
    picture.update(&sight(2));
    let changes = picture.changes();
    let track = tracks(&changes)[0].clone();
    assert_eq!((track.points.len(), track.observation_count), (3, 3));
    picture.update(&sight(3));
    let changes = picture.changes();
    let next = tracks(&changes)[0];
    assert_eq!((next.id, next.points.len()), (track.id, 1));
    assert!(next.existence > track.existence);
}

#[test]
fn two_drones_apart_are_two_tracks_and_clutter_is_none() {
    let mut picture = Picture::new(&mission());
    for step in 0..6 {
        let (second, east_m) = (f64::from(step) * 2.0, f64::from(step) * 40.0);
        picture.update(&uav(&format!("a{step}"), second, at(east_m, 0.0)));
        picture.update(&uav(&format!("b{step}"), second, at(-east_m, 5_000.0)));
        picture.update(&uav(
            &format!("c{step}"),
            second,
            at(0.0, 20_000.0 * f64::from(step + 1)),
        ));
    }
    let changes = picture.changes();
    let found = tracks(&changes);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|track| track.points.len() == 6));
}

/// The kind follows from the number alone, whichever message comes first.
#[test]
fn rescue_aircraft_are_known_by_their_number() {
    let mut picture = picture_of(&[vessel(111_232_506, 0.0, at(0.0, 0.0), None)], 0.0);
    let changes = picture.changes();
    assert_eq!(tracks(&changes)[0].kind, ObjectKind::Aircraft);
}

#[test]
fn two_detectors_of_one_feed_that_count_alike_follow_two_drones() {
    let mut picture = Picture::new(&mission());
    for (number, sensor) in ["uav-detector-01", "uav-detector-02"]
        .into_iter()
        .enumerate()
    {
        for step in 0..4_u8 {
            let place = at(60_000.0 * number as f64, 200.0 * f64::from(step));
            let mut seen = uav(&format!("{sensor} {step}"), 10.0 * f64::from(step), place);
            seen.sensor = Some(slug(sensor));
            if let Reading::Uav(detection) = &mut seen.reading {
                detection.target = Some("t1".into());
            }
            picture.update(&seen);
        }
    }
    let changes = picture.changes();
    let counts: Vec<u64> = tracks(&changes)
        .iter()
        .map(|track| track.observation_count)
        .collect();
    assert_eq!(counts, [4, 4]);
    let anomaly = |i: &&Incident| i.kind == IncidentKind::PositionAnomaly;
    assert_eq!(incidents(&changes).into_iter().filter(anomaly).count(), 0);
}

/// A drone that flies east at 20 m/s, seen by a detector that follows it under a number, with errors
/// that go round within 20 m.
fn numbered(sensor: &str, target: &str, second: f64, north_m: f64) -> truce_core::Observation {
    let off = |n: f64| 20.0 * (second * n).sin();
    let place = at(20.0 * second + off(0.7), north_m + off(1.3));
    let mut seen = uav(&format!("{sensor} {target} {second}"), second, place);
    seen.sensor = Some(slug(sensor));
    if let Reading::Uav(detection) = &mut seen.reading {
        detection.target = Some(target.into());
    }
    seen
}

#[test]
fn a_drone_that_several_detectors_number_is_one_track() {
    let mut picture = Picture::new(&mission());
    for step in 0..40 {
        let second = f64::from(step) * 5.0;
        // One detector begins a new number on the way; another drone is a kilometre beside it.
        let number = if step < 20 { "t3" } else { "t4" };
        picture.update(&numbered("uav-detector-01", number, second, 0.0));
        picture.update(&numbered("uav-detector-02", "t3", second + 2.0, 0.0));
        picture.update(&numbered("uav-detector-02", "t9", second + 2.0, 1_000.0));
    }
    let changes = picture.changes();
    let mut counts: Vec<u64> = tracks(&changes)
        .iter()
        .map(|track| track.observation_count)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [40, 80]);
}

#[test]
fn a_single_look_at_something_that_a_detector_numbers_is_no_track() {
    let seen = numbered("uav-detector-01", "t1", 0.0, 0.0);
    assert_eq!(picture_of(&[seen], 0.0).changes(), []);
}

/// What the drone of [`numbered`] reports of itself.
fn said(second: f64, north_m: f64) -> truce_core::Observation {
    let mut said = numbered("receiver-1", "1581645TB21", second, north_m);
    if let Reading::Uav(detection) = &mut said.reading {
        detection.means = slug("self-report");
    }
    said
}

/// How often each track was told of, with whether it names itself, in the order of these.
fn told(readings: &[truce_core::Observation]) -> Vec<(bool, usize)> {
    let changes = picture_of(readings, 0.0).changes();
    let tracks = tracks(&changes).into_iter();
    let mut told: Vec<(bool, usize)> = tracks
        .map(|track| (track.identity.is_some(), track.points.len()))
        .collect();
    told.sort_unstable();
    told
}

#[test]
fn what_a_detector_follows_of_a_drone_that_names_itself_is_no_other() {
    let steps = || (0..40).map(|step| f64::from(step) * 5.0);
    let followed = steps().map(|second| numbered("uav-detector-01", "t3", second + 2.0, 0.0));
    let followed: Vec<_> = followed.collect();
    let with = |others: Vec<truce_core::Observation>| [followed.clone(), others].concat();
    assert_eq!(told(&followed), [(false, 40)]);
    let reports = steps().map(|second| said(second, 0.0)).collect();
    assert_eq!(told(&with(reports)), [(true, 40)]);
    // One that begins to report on the way was the same all the time.
    let reports = steps().skip(30).map(|second| said(second, 0.0));
    assert_eq!(told(&with(reports.collect())), [(true, 10)]);
    // Another flies a kilometre beside it, and one crosses its way within a quarter of a minute.
    let reports = steps().map(|second| said(second, 1_000.0)).collect();
    assert_eq!(told(&with(reports)), [(false, 40), (true, 40)]);
    let reports = steps().map(|second| said(second, 30.0 * (second - 100.0)));
    assert_eq!(told(&with(reports.collect())), [(false, 40), (true, 40)]);
}

/// Two drones cross, one that names itself flies along with the first for a while, and a detector sees
/// what is not there: whatever comes first, others have in the end the points that the tracks have, and
/// no more.
#[test]
fn what_was_handed_out_is_what_is_in_any_order_of_arrival() {
    let mut readings = Vec::new();
    for step in 5..25_u32 {
        let second = 4.0 * f64::from(step) + 3.0;
        readings.push(said(second, (4.0 * second - 300.0).max(0.0)));
    }
    for step in 0..40_u32 {
        let second = f64::from(step) * 4.0;
        readings.push(numbered("uav-detector-01", "t1", second, 0.0));
        readings.push(numbered(
            "uav-detector-02",
            "t1",
            second + 1.0,
            2.0 * second,
        ));
        if step % 3 == 0 {
            let noise = 150.0 * f64::from(step % 7) - 400.0;
            readings.push(numbered("uav-detector-03", "t7", second + 2.0, noise));
        }
    }
    let held = |stride: usize, batch: usize| {
        let mut picture = Picture::new(&mission());
        let mut held = BTreeSet::new();
        let mut lost_count = 0;
        // A stride without a common divisor visits every reading once.
        let order = (0..readings.len()).map(|place| place * stride % readings.len());
        let order: Vec<usize> = order.collect();
        for places in order.chunks(batch) {
            places
                .iter()
                .for_each(|place| picture.update(&readings[*place]));
            for change in picture.changes() {
                match change {
                    Change::Lost(lost) => {
                        for (_, observation) in &lost.fixes {
                            assert!(held.remove(&(lost.track, *observation)));
                            lost_count += 1;
                        }
                    }
                    Change::Track(track) => {
                        let points = track.points.iter();
                        held.extend(points.map(|point| (track.id, point.observation)));
                    }
                    Change::Incident(_) => {}
                }
            }
        }
        (held, lost_count)
    };
    let (expected, _) = held(1, readings.len());
    assert!(expected.len() > 40, "{}", expected.len());
    let mut lost_count = 0;
    for (stride, batch) in [(1, 1), (5, 3), (11, 1), (29, 7)] {
        let (found, lost) = held(stride, batch);
        assert_eq!(found, expected, "stride {stride}");
        lost_count += lost;
    }
    assert!(lost_count > 0, "no late reading changed a track");
}

#[test]
fn a_drone_that_says_its_serial_number_is_one_track_whoever_hears_it() {
    let heard = |sensor: &str, number: &str, second: f64| {
        let mut heard = numbered(sensor, number, second, 0.0);
        if let Reading::Uav(detection) = &mut heard.reading {
            detection.means = slug("self-report");
        }
        heard
    };
    // Only the second is a serial number: after the maker it says that six characters follow. The
    // others are valid for each receiver by itself.
    for (number, expected) in [
        ("1581F45TB21", 2),
        ("1581645TB21", 1),
        ("AA:02", 2),
        ("1", 2),
    ] {
        let receivers = ["receiver-1", "receiver-2"];
        let readings = receivers.map(|sensor| heard(sensor, number, 0.0));
        let changes = picture_of(&readings, 0.0).changes();
        assert_eq!(tracks(&changes).len(), expected, "{number}");
    }
    let changes = picture_of(&[heard("receiver-1", "1581645TB21", 0.0)], 0.0).changes();
    let serial = ObjectIdentity::Serial("1581645TB21".to_owned());
    assert_eq!(tracks(&changes)[0].identity, Some(serial));
}
