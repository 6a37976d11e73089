//! Accesses against dense propagation, and gaps against sums by hand.

use truce_core::time::plus_seconds;

use super::*;
use crate::coverage::cells::{normal, to_earth_fixed};
use crate::coverage::orbit::{Orbit, sun_direction};
use crate::watch::NominalOrbit;

fn satellite(look: Look, min: f64, max: f64, sun: Option<f64>) -> Satellite {
    Satellite {
        norad_number: None,
        orbit: NominalOrbit {
            altitude_m: 786_000.0,
            inclination_deg: 98.57,
            node_local_time_s: 81_000.0,
            phase_deg: 40.0,
        },
        look,
        off_nadir_deg_min: min,
        off_nadir_deg_max: max,
        sun_elevation_deg_min: sun,
        cloud_share: 0.0,
        planned_share: 1.0,
        delivered_share: 1.0,
    }
}

fn start() -> Timestamp {
    "2025-09-02T00:00:00Z".parse().unwrap()
}

/// A look found along the propagated orbit alone, and how far its place lies inside the swath.
struct Dense {
    at_s: f64,
    /// Angle from the nadir that is left to the edge of the swath, rad; negative outside.
    inside_rad: f64,
    range_m: f64,
    lit_rad: f64,
}

/// Every nearest approach to a place, without blocks, cubics or Newton steps: where the distance
/// stops falling, by halving the step between two propagated states.
fn by_dense_propagation(place: Position, of: &Satellite, days: u32) -> Vec<Dense> {
    let flight = Orbit::nominal(&of.orbit, start()).unwrap().flight(start());
    let point = to_earth_fixed(place);
    let state = |t: f64| flight.state(t).unwrap();
    let falls = |t: f64| {
        let here = state(t);
        dot(&minus(&point, &here.r), &here.v) > 0.0
    };
    let mut found = Vec::new();
    let mut fell = falls(0.0);
    for step in 0..days * 1_440 {
        let mut range = [60.0 * f64::from(step), 60.0 * f64::from(step + 1)];
        let before = std::mem::replace(&mut fell, falls(range[1]));
        if !before || fell {
            continue;
        }
        while range[1] - range[0] > 1e-5 {
            let middle = (range[0] + range[1]) / 2.0;
            range[usize::from(!falls(middle))] = middle;
        }
        let here = state(range[0]);
        let down = minus(&point, &here.r);
        if norm(&down) > 4e6 {
            continue;
        }
        let up = [here.r[0], here.r[1], here.r[2] * NORMAL_Z];
        let angle = libm::acos(-dot(&down, &up) / (norm(&down) * norm(&up)));
        let left = [
            here.r[1] * here.v[2] - here.r[2] * here.v[1],
            here.r[2] * here.v[0] - here.r[0] * here.v[2],
            here.r[0] * here.v[1] - here.r[1] * here.v[0],
        ];
        let on_side = match of.look {
            Look::Both => true,
            Look::Left => dot(&down, &left) > 0.0,
            Look::Right => dot(&down, &left) < 0.0,
        };
        let far_rad = of.off_nadir_deg_max.to_radians() - angle;
        let near_rad = match of.off_nadir_deg_min {
            0.0 => f64::MAX,
            least => angle - least.to_radians(),
        };
        let sun = sun_direction(plus_seconds(start(), range[0]));
        let high = libm::asin(dot(&normal(place), &sun));
        let least = of.sun_elevation_deg_min.map(f64::to_radians);
        if on_side {
            found.push(Dense {
                at_s: range[0],
                inside_rad: far_rad.min(near_rad),
                range_m: norm(&down),
                lit_rad: least.map_or(f64::MAX, |least| high - least),
            });
        }
    }
    found
}

/// How far the edge of a swath may be off, metres on the line of sight, and an instant, seconds.
const EDGE_M: f64 = 50.0;
const INSTANT_S: f64 = 0.02;

/// Places of a wide region, so that blocks and parabolas have something to get wrong.
fn region(cells: u32) -> Vec<Position> {
    let place = |i: u32| Position {
        lat_deg: 45.0 + f64::from(i / cells) * 8.0 / f64::from(cells),
        lon_deg: 26.0 + f64::from(i % cells) * 14.0 / f64::from(cells),
    };
    (0..cells * cells).map(place).collect()
}

/// Every look of dense propagation is found at its instant, and no other: but for those within
/// [`EDGE_M`] of the edge of the swath.
fn check_against_dense_propagation(of: &Satellite, cells: u32, days: u32) {
    let centres = region(cells);
    let length_s = f64::from(days) * 86_400.0;
    let flight = Orbit::nominal(&of.orbit, start()).unwrap().flight(start());
    let observers = [Observer::new(flight, length_s, of).unwrap()];
    let mut found = vec![Vec::new(); centres.len()];
    visit_accesses(
        &centres,
        &observers,
        start(),
        length_s,
        &mut |cell, accesses| {
            found[cell] = accesses.iter().map(|access| access.at_s).collect();
        },
    );
    let every = (centres.len() / 12).max(1);
    for cell in (0..centres.len()).step_by(every) {
        let dense = by_dense_propagation(centres[cell], of, days);
        let near = |look: &Dense| {
            let at = |at_s: &&f64| (**at_s - look.at_s).abs() < INSTANT_S;
            found[cell].iter().filter(at).count()
        };
        for look in &dense {
            let (inside_m, off) = (look.inside_rad * look.range_m, near(look));
            if inside_m > EDGE_M && look.lit_rad > 1e-5 {
                assert_eq!(off, 1, "{cell} at {}: {inside_m} m inside", look.at_s);
            } else if inside_m < -EDGE_M || look.lit_rad < -1e-5 {
                assert_eq!(off, 0, "{cell} at {}: {inside_m} m inside", look.at_s);
            }
        }
        let seen: usize = dense.iter().map(near).sum();
        assert_eq!(seen, found[cell].len(), "{cell}: looks that are none");
    }
}

#[test]
fn crossings_are_those_of_dense_propagation() {
    for of in [
        satellite(Look::Both, 0.0, 56.0, None),
        satellite(Look::Left, 0.0, 56.0, None),
        satellite(Look::Right, 26.2, 39.5, None),
        satellite(Look::Both, 0.0, 10.3, Some(10.0)),
    ] {
        // From blocks of many cells to cells so far apart that each is a block.
        check_against_dense_propagation(&of, 100, 2);
        check_against_dense_propagation(&of, 6, 4);
    }
}

/// Satellites that follow each other so closely that cells of one block are seen by them in turns:
/// every row is in order of time, and holds what each of them sees alone.
#[test]
fn accesses_of_a_formation_come_in_order() {
    let centres = region(40);
    let length_s = 3.0 * 86_400.0;
    let observer = |phase_deg: f64| {
        let mut of = satellite(Look::Both, 0.0, 56.0, None);
        of.orbit.phase_deg = phase_deg;
        let flight = Orbit::nominal(&of.orbit, start()).unwrap().flight(start());
        Observer::new(flight, length_s, &of).unwrap()
    };
    let formation = [40.0, 41.5, 40.4, 39.9].map(observer);
    let rows = |observers: &[Observer]| {
        let mut rows = vec![Vec::new(); centres.len()];
        let mut keep = |cell: usize, accesses: &[Access]| rows[cell] = accesses.to_vec();
        visit_accesses(&centres, observers, start(), length_s, &mut keep);
        rows
    };
    let alone: Vec<Vec<Vec<Access>>> = formation
        .iter()
        .map(|one| rows(std::slice::from_ref(one)))
        .collect();
    for (cell, found) in rows(&formation).iter().enumerate() {
        assert!(found.is_sorted_by(|a, b| a.at_s <= b.at_s), "{cell}");
        let mut expected: Vec<f64> = alone
            .iter()
            .flat_map(|rows| rows[cell].iter().map(|access| access.at_s))
            .collect();
        expected.sort_by(f64::total_cmp);
        let found: Vec<f64> = found.iter().map(|access| access.at_s).collect();
        assert!(found.len() > 12);
        assert_eq!(found, expected, "{cell}");
    }
}

#[test]
fn gaps_are_counted_to_the_ends() {
    let access = |at_s| Access { at_s, observer: 0 };
    for (times, expected) in [
        (vec![], (0, 100.0, 50.0)),
        (vec![50.0], (1, 50.0, 25.0)),
        (
            vec![10.0, 20.0],
            (2, 80.0, (100.0 + 100.0 + 6_400.0) / 200.0),
        ),
        (
            vec![0.0, 1.0, 3.0, 6.0, 10.0, 15.0, 21.0],
            (7, 79.0, (91.0 + 6_241.0) / 200.0),
        ),
    ] {
        let accesses: Vec<Access> = times.into_iter().map(access).collect();
        let found = gaps(&accesses, 100.0);
        assert_eq!(
            (found.accesses, found.gap_s_max, found.wait_s_mean),
            expected
        );
    }
}
