//! The watch over shipping: small seas with one thing happening in each.

use std::collections::BTreeMap;

use truce_core::mission::{Mission, Shape, Zone, ZoneKind};
use truce_core::{Incident, IncidentId, Observation, Slug};
use truce_fusion::sea::Sea;

use crate::world::*;

pub(crate) const HOUR_S: f64 = 3_600.0;
const SPEED_M_S: f64 = 8.0;

/// All incidents as they stand at the end, by behaviour, in order of time.
fn judge(readings: Vec<Observation>) -> Vec<Incident> {
    judge_in(&mission(), readings)
}

fn judge_in(mission: &Mission, mut readings: Vec<Observation>) -> Vec<Incident> {
    readings.sort_by_key(|reading| (reading.observed_at.start, reading.id));
    let mut sea = Sea::new(mission);
    let mut told: BTreeMap<IncidentId, Incident> = BTreeMap::new();
    for reading in &readings {
        sea.update(reading);
        told.extend(
            sea.changes()
                .into_iter()
                .map(|incident| (incident.id, incident)),
        );
    }
    told.extend(
        sea.finish()
            .into_iter()
            .map(|incident| (incident.id, incident)),
    );
    let mut standing: Vec<Incident> = told
        .into_values()
        .filter(|one| one.withdrawn.is_none())
        .collect();
    standing.sort_by_key(|incident| (incident.occurred.start, incident.id));
    standing
}

fn behaviours(incidents: &[Incident]) -> Vec<&str> {
    incidents
        .iter()
        .map(|one| one.attributes["behaviour"].as_str())
        .collect()
}

/// A vessel that enters from the south at an hour, sails 60 km north with a fix each two minutes, and
/// waits at 30 km from one hour to another when it gets there.
pub(crate) fn northward(
    mmsi: u32,
    hour: f64,
    wait: Option<(f64, f64)>,
    silent: Option<(f64, f64)>,
) -> Vec<Observation> {
    let (mut readings, mut north_m, mut second) = (Vec::new(), 0.0, hour * HOUR_S);
    while north_m < 60_000.0 {
        let waits = wait.is_some_and(|(from, to)| {
            north_m >= 30_000.0 && second >= from * HOUR_S && second < to * HOUR_S
        });
        let speed_m_s = if waits { 0.0 } else { SPEED_M_S };
        let is_silent = silent.is_some_and(|(from, to)| (from..to).contains(&(second / HOUR_S)));
        if !is_silent {
            readings.push(vessel(
                mmsi,
                second,
                at(0.0, north_m),
                Some((speed_m_s, 0.0)),
            ));
        }
        north_m += speed_m_s * 120.0;
        second += 120.0;
        if second > (hour + 60.0) * HOUR_S {
            break;
        }
    }
    readings
}

/// Traffic up to an hour: a vessel each forty minutes.
pub(crate) fn traffic(until_hour: f64) -> Vec<Observation> {
    let count = (1..).take_while(|n| f64::from(*n) / 1.5 < until_hour);
    count
        .flat_map(|n| northward(n, f64::from(n) / 1.5, None, None))
        .collect()
}

#[test]
fn a_lane_closes_behind_a_vessel_and_opens_when_it_goes_on() {
    let mut readings = traffic(48.0);
    // One stops at hour 50 until 60; three behind it stop too.
    for (n, behind) in (900..904).zip(0..) {
        let hour = 49.0 + 0.4 * f64::from(behind);
        readings.extend(northward(n, hour, Some((49.0, 60.0)), None));
    }
    let incidents = judge(readings);
    let closed: Vec<&Incident> = incidents
        .iter()
        .filter(|one| one.attributes["behaviour"] == "channel_closed")
        .collect();
    assert_eq!(closed.len(), 1, "{:?}", behaviours(&incidents));
    let closed = closed[0];
    assert_eq!(closed.attributes["identity"], "mmsi:000000900");
    assert!(closed.place.position.distance_m(at(0.0, 30_000.0)) < 4_000.0);
    let hours = |at| truce_core::time::seconds_between(time(0.0), at) / HOUR_S;
    let (from, to) = (hours(closed.occurred.start), hours(closed.occurred.end));
    // The last that passed entered shortly before hour 48 and was there an hour later.
    assert!((48.0..50.2).contains(&from), "{from}");
    assert!((60.0..60.6).contains(&to), "{to}");
    assert!(closed.attributes.contains_key("ended"));
}

#[test]
fn ordinary_traffic_raises_nothing() {
    assert_eq!(behaviours(&judge(traffic(30.0))), [""; 0]);
}

#[test]
fn silence_is_told_where_others_are_heard_and_not_when_all_are_silent() {
    let mut alone = traffic(48.0);
    alone.extend(northward(950, 40.0, None, Some((40.5, 42.0))));
    let incidents = judge(alone);
    assert_eq!(behaviours(&incidents), ["gap"]);
    assert_eq!(incidents[0].attributes["identity"], "mmsi:000000950");
    assert!(incidents[0].attributes.contains_key("ended"));

    let mut all = traffic(48.0);
    all.extend(northward(950, 40.0, None, None));
    let out = time(40.5 * HOUR_S)..time(42.0 * HOUR_S);
    all.retain(|reading| !out.contains(&reading.observed_at.start));
    assert_eq!(behaviours(&judge(all)), [""; 0]);
}

#[test]
fn ships_of_an_earlier_year_are_not_late_behind_a_file_of_fires() {
    let mut sea = Sea::new(&mission());
    sea.update(&thermal("a fire", 400.0 * 24.0 * HOUR_S, at(0.0, 0.0)));
    sea.changes();
    for reading in northward(1, 0.0, None, None) {
        sea.update(&reading);
        sea.changes();
    }
    assert_eq!(sea.omitted(), (0, 0));
}

#[test]
fn one_stray_fix_is_nothing_and_two_places_are_a_conflict() {
    let mut stray = northward(1, 0.0, None, None);
    stray.push(vessel(1, 3_000.5, at(900_000.0, 0.0), None));
    assert_eq!(behaviours(&judge(stray)), [""; 0]);

    let mut twice = northward(1, 0.0, None, None);
    let second = northward(1, 0.0, None, None);
    twice.extend(second.into_iter().enumerate().map(|(n, reading)| {
        let second = truce_core::time::seconds_between(time(0.0), reading.observed_at.start);
        let north_m = 900.0 * n as f64;
        vessel(1, second + 30.0, at(300_000.0, north_m), Some((7.5, 0.0)))
    }));
    assert_eq!(behaviours(&judge(twice)), ["two_places"]);
}

#[test]
fn who_jumps_and_stays_has_a_false_place_until_it_is_back() {
    let mut readings = northward(1, 0.0, None, None);
    for reading in &mut readings {
        let second = truce_core::time::seconds_between(time(0.0), reading.observed_at.start);
        if (2_000.0..4_000.0).contains(&second) {
            *reading = vessel(1, second, at(80_000.0, second * 5.0), Some((5.0, 0.0)));
        }
    }
    let incidents = judge(readings);
    assert_eq!(incidents.len(), 1, "{:?}", behaviours(&incidents));
    assert!(["jump", "on_land"].contains(&behaviours(&incidents)[0]));
    assert!(incidents[0].attributes.contains_key("ended"));
    assert!((incidents[0].occurred.length_s() - 2_100.0).abs() < 300.0);
}

#[test]
fn two_vessels_alongside_each_other_far_from_others_meet() {
    let lying = |mmsi: u32, east_m: f64| {
        (0..100).map(move |n| {
            let second = 120.0 * f64::from(n);
            vessel(mmsi, second, at(east_m, 0.0), Some((0.2, 0.0)))
        })
    };
    let incidents = judge(lying(1, 0.0).chain(lying(2, 200.0)).collect());
    assert_eq!(behaviours(&incidents), ["encounter"]);
    // Not where others lie too.
    let crowd = (1..6).flat_map(|n| lying(n, 300.0 * f64::from(n)));
    assert_eq!(behaviours(&judge(crowd.collect())), [""; 0]);
}

/// A rectangle from west to east and south to north, metres.
fn rectangle(id: &str, kind: ZoneKind, [west, east]: [f64; 2], [south, north]: [f64; 2]) -> Zone {
    let ring = [(west, south), (east, south), (east, north), (west, north)];
    Zone {
        id: Slug::new(id).unwrap(),
        name: id.to_owned(),
        kind,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: String::new(),
        shape: Shape::Polygons(vec![vec![ring.map(|(x, y)| at(x, y)).to_vec()]]),
    }
}

/// A vessel that sails from corner to corner with a fix each two minutes.
fn along(mmsi: u32, corners: &[(f64, f64)]) -> Vec<Observation> {
    let (mut readings, mut second) = (Vec::new(), 0.0);
    for leg in corners.windows(2) {
        let ((x, y), (to_x, to_y)) = (leg[0], leg[1]);
        let (dx, dy) = (to_x - x, to_y - y);
        let steps = (dx.hypot(dy) / (SPEED_M_S * 120.0)).ceil();
        let course_deg = dx.atan2(dy).to_degrees().rem_euclid(360.0);
        let mut step = 0.0;
        while step < steps {
            let share = step / steps;
            let place = at(x + share * dx, y + share * dy);
            readings.push(vessel(mmsi, second, place, Some((SPEED_M_S, course_deg))));
            (step, second) = (step + 1.0, second + 120.0);
        }
    }
    readings
}

#[test]
fn a_corridor_is_left_by_its_side_only_by_who_came_in_to_pass_through() {
    let mut mission = mission();
    mission.zones = vec![
        rectangle("corridor", ZoneKind::Corridor, [-3e3, 3e3], [0.0, 60e3]),
        rectangle("branch", ZoneKind::Corridor, [0.0, 30e3], [9e3, 15e3]),
        rectangle("port", ZoneKind::Port, [15e3, 18e3], [62e3, 65e3]),
    ];
    let told = |corners: &[(f64, f64)]| {
        let incidents = judge_in(&mission, along(7, corners));
        let behaviours = behaviours(&incidents);
        behaviours
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // By the side and back.
    let beside = [
        (0.0, -5e3),
        (0.0, 25e3),
        (-10e3, 30e3),
        (-10e3, 40e3),
        (0.0, 45e3),
        (0.0, 65e3),
    ];
    assert_eq!(told(&beside), ["deviation"]);
    // From one corridor into the next, and soon out of its side.
    let branched = [
        (0.0, -5e3),
        (0.0, 12e3),
        (8e3, 12e3),
        (12e3, 25e3),
        (30e3, 30e3),
    ];
    assert_eq!(told(&branched), ["deviation"]);
    // By the side to a port: straight, and by a detour.
    assert_eq!(told(&[(0.0, -5e3), (0.0, 20e3), (16e3, 63e3)]), [""; 0]);
    let detour = [(0.0, -5e3), (0.0, 20e3), (30e3, 30e3), (16e3, 63e3)];
    assert_eq!(told(&detour), ["deviation"]);
    // By the end, past the corner of the end to a port, and across at a small angle.
    assert_eq!(told(&[(0.0, -5e3), (0.0, 70e3), (30e3, 75e3)]), [""; 0]);
    assert_eq!(told(&[(0.0, -5e3), (2e3, 59e3), (16e3, 63e3)]), [""; 0]);
    assert_eq!(told(&[(-10e3, 10e3), (10e3, 50e3), (30e3, 55e3)]), [""; 0]);
}
