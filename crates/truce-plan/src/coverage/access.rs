//! When a satellite looks at which cell: the instants of nearest approach at which the cell lies
//! inside the instrument's swath and the sun stands high enough.
//!
//! A scanning or pushbroom instrument, and a radar steered to zero Doppler, sees a point when the
//! point lies in the plane across the track, and that is when satellite and point are nearest to
//! each other. Cells are taken in blocks of neighbours: the instant is solved for the block's centre
//! and moved to each cell by one Newton step, which for a block of 100 km is true to 0.01 s.

use truce_core::time::plus_seconds;
use truce_core::{Position, Timestamp};

use super::cells::{near_order, normal, to_earth_fixed};
use super::orbit::{Ephemeris, STEP_S, State, sun_direction};
use crate::watch::{Look, Satellite};

/// Cells of one block.
const BLOCK: usize = 256;
/// Mean radius of the Earth, metres.
const EARTH_M: f64 = 6_371_009.0;
/// Greatest speed over ground of the satellites considered, m/s.
const SPEED_M_S_MAX: f64 = 8_000.0;
/// Squared ratio of the axes of WGS 84: the zenith at (x, y, z) points along (x, y, z · this).
const NORMAL_Z: f64 = 1.006_739_496_742_276_5;

/// A satellite's path and its instrument.
#[derive(Debug, Clone)]
pub struct Observer {
    /// The path from the start of the plan on.
    pub path: Ephemeris,
    /// To which side it looks.
    pub look: Look,
    /// Squared cosines of the least and greatest angle from the nadir.
    cos2: [f64; 2],
    /// Sine of the least elevation of the sun.
    sun_sin_min: Option<f64>,
    /// Greatest distance at which it sees the ground, metres.
    range_m_max: f64,
}

impl Observer {
    /// An observer with the instrument of a satellite.
    #[must_use]
    pub fn new(path: Ephemeris, satellite: &Satellite) -> Self {
        let cos2 = |deg: f64| libm::cos(deg.to_radians()).powi(2);
        let height = |state: &State| dot(&state.r, &state.r).sqrt();
        let radius_m = path.states.iter().map(height).fold(EARTH_M, f64::max);
        Self {
            look: satellite.look,
            cos2: [
                cos2(satellite.off_nadir_deg_min),
                cos2(satellite.off_nadir_deg_max),
            ],
            sun_sin_min: satellite
                .sun_elevation_deg_min
                .map(|deg| libm::sin(deg.to_radians())),
            range_m_max: reach_m(radius_m, satellite.off_nadir_deg_max.to_radians()),
            path,
        }
    }
}

/// Distance along a line of sight from a radius to the ground, or to the horizon.
fn reach_m(radius_m: f64, off_nadir_rad: f64) -> f64 {
    let sine = libm::sin(off_nadir_rad) * radius_m / EARTH_M;
    let horizon_m = (radius_m * radius_m - EARTH_M * EARTH_M).max(0.0).sqrt();
    if sine >= 1.0 {
        return horizon_m;
    }
    // The near one of the two points where the line meets the sphere.
    radius_m * libm::cos(off_nadir_rad) - EARTH_M * (1.0 - sine * sine).sqrt()
}

/// An access.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Access {
    /// Seconds after the start.
    pub at_s: f64,
    /// The observer, by index.
    pub observer: u16,
}

/// A pass over the region: the observer, and when it is nearest to the region's centre.
#[derive(Debug, Clone, Copy)]
struct Pass {
    at_s: f64,
    observer: u16,
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let d = minus(a, b);
    dot(&d, &d).sqrt()
}

/// Points that lie together.
struct Block {
    /// Indices of the cells.
    cells: Vec<usize>,
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    centre: [f64; 3],
    radius_m: f64,
}

impl Block {
    fn new(cells: &[usize], points: &[[f64; 3]]) -> Self {
        let axis = |k: usize| cells.iter().map(|i| points[*i][k]).collect::<Vec<f64>>();
        let centre = centre(cells.iter().map(|i| &points[*i]));
        let far = cells.iter().map(|i| distance(&points[*i], &centre));
        Self {
            x: axis(0),
            y: axis(1),
            z: axis(2),
            centre,
            radius_m: far.fold(0.0, f64::max),
            cells: cells.to_vec(),
        }
    }
}

fn centre<'a>(points: impl Iterator<Item = &'a [f64; 3]>) -> [f64; 3] {
    let (mut sum, mut n) = ([0.0; 3], 0.0);
    for point in points {
        for (sum, x) in sum.iter_mut().zip(point) {
            *sum += x;
        }
        n += 1.0;
    }
    sum.map(|x| x / f64::max(n, 1.0))
}

/// Visits every cell with its accesses in order of time. Cells come in blocks, not in order.
pub fn visit_accesses(
    centres: &[Position],
    observers: &[Observer],
    from: Timestamp,
    length_s: f64,
    visit: &mut dyn FnMut(usize, &[Access]),
) {
    let points: Vec<[f64; 3]> = centres.iter().map(|p| to_earth_fixed(*p)).collect();
    let region = centre(points.iter());
    let radius_m = points
        .iter()
        .map(|p| distance(p, &region))
        .fold(0.0, f64::max);
    let mut passes: Vec<Pass> = Vec::new();
    for (i, observer) in observers.iter().enumerate() {
        let Ok(number) = u16::try_from(i) else { break };
        find_passes(observer, number, &region, radius_m, &mut passes);
    }
    passes.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let zeniths: Vec<[f64; 3]> = centres.iter().map(|p| normal(*p)).collect();
    let mut rows: Vec<Vec<Access>> = vec![Vec::new(); BLOCK];
    for cells in near_order(centres).chunks(BLOCK) {
        let block = Block::new(cells, &points);
        rows.iter_mut().for_each(Vec::clear);
        for pass in &passes {
            let observer = &observers[usize::from(pass.observer)];
            look(&block, pass, observer, &mut rows, &|cell, at_s| {
                (0.0..length_s).contains(&at_s)
                    && observer.sun_sin_min.is_none_or(|least| {
                        let sun = sun_direction(plus_seconds(from, at_s));
                        dot(&zeniths[cell], &sun) >= least
                    })
            });
        }
        for (row, cell) in rows.iter_mut().zip(&block.cells) {
            row.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            visit(*cell, row);
        }
    }
}

/// Every time that an observer passes near enough to a region to see some of it.
fn find_passes(
    observer: &Observer,
    number: u16,
    region: &[f64; 3],
    radius_m: f64,
    passes: &mut Vec<Pass>,
) {
    let states = &observer.path.states;
    let near_m = observer.range_m_max + radius_m + SPEED_M_S_MAX * STEP_S;
    let closing = |state: &State| dot(&minus(region, &state.r), &state.v);
    for (i, pair) in states.windows(2).enumerate() {
        let far = distance(region, &pair[0].r) > near_m;
        if far || closing(&pair[0]) <= 0.0 || closing(&pair[1]) > 0.0 {
            continue;
        }
        let mut at_s = (i as f64 + 0.5) * STEP_S;
        for _ in 0..3 {
            at_s += nearest_step(observer, region, at_s);
        }
        let (state, _) = observer.path.at(at_s);
        if distance(region, &state.r) <= observer.range_m_max + radius_m {
            passes.push(Pass {
                at_s,
                observer: number,
            });
        }
    }
}

/// One Newton step towards the instant of nearest approach: zero of (P − r) · v.
fn nearest_step(observer: &Observer, point: &[f64; 3], at_s: f64) -> f64 {
    let (state, acceleration) = observer.path.at(at_s);
    let to = minus(point, &state.r);
    dot(&to, &state.v) / (dot(&state.v, &state.v) - dot(&to, &acceleration))
}

/// Adds to each cell of a block the access that a pass gives, if any.
fn look(
    block: &Block,
    pass: &Pass,
    observer: &Observer,
    rows: &mut [Vec<Access>],
    counts: &dyn Fn(usize, f64) -> bool,
) {
    let mut at_s = pass.at_s;
    for _ in 0..2 {
        at_s += nearest_step(observer, &block.centre, at_s);
    }
    let (state, a) = observer.path.at(at_s);
    if distance(&block.centre, &state.r) > observer.range_m_max + block.radius_m {
        return;
    }
    let (r, v) = (state.r, state.v);
    let v2 = dot(&v, &v);
    // Left of the motion, seen from above.
    let left = [
        r[1] * v[2] - r[2] * v[1],
        r[2] * v[0] - r[0] * v[2],
        r[0] * v[1] - r[1] * v[0],
    ];
    let [near_cos2, far_cos2] = observer.cos2;
    let mut seen = [f64::NAN; BLOCK];
    let places = block.x.iter().zip(&block.y).zip(&block.z);
    for (seen, ((x, y), z)) in seen.iter_mut().zip(places) {
        let to = [x - r[0], y - r[1], z - r[2]];
        let dt = dot(&to, &v) / (v2 - dot(&to, &a));
        let half = dt * dt / 2.0;
        let sat = [
            r[0] + v[0] * dt + a[0] * half,
            r[1] + v[1] * dt + a[1] * half,
            r[2] + v[2] * dt + a[2] * half,
        ];
        let down = [x - sat[0], y - sat[1], z - sat[2]];
        let range2 = dot(&down, &down);
        let up = [sat[0], sat[1], sat[2] * NORMAL_Z];
        let depth = -dot(&down, &up);
        // cos² of the angle from the nadir, times what it would be divided by.
        let (depth2, scale) = (depth * depth, range2 * dot(&up, &up));
        let in_swath = depth > 0.0 && depth2 <= near_cos2 * scale && depth2 >= far_cos2 * scale;
        // The far side of the Earth lies deeper than the horizon.
        let facing = -(x * down[0] + y * down[1] + z * down[2]) > 0.0;
        let side = dot(&down, &left);
        let on_side = match observer.look {
            Look::Both => true,
            Look::Left => side > 0.0,
            Look::Right => side < 0.0,
        };
        if in_swath && facing && on_side {
            *seen = at_s + dt;
        }
    }
    for (k, cell) in block.cells.iter().enumerate() {
        if !seen[k].is_nan() && counts(*cell, seen[k]) {
            rows[k].push(Access {
                at_s: seen[k],
                observer: pass.observer,
            });
        }
    }
}

/// How often and how long a place is not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gaps {
    /// Number of accesses.
    pub accesses: u32,
    /// Longest time without one, seconds; the beginning and the end of the plan count as accesses.
    pub gap_s_max: f64,
    /// Mean time from a moment picked at random to the next access, seconds: Σ gap² / (2 T).
    pub wait_s_mean: f64,
}

/// The gaps between accesses, exactly.
#[must_use]
pub fn gaps(accesses: &[Access], length_s: f64) -> Gaps {
    let mut last = 0.0;
    let (mut longest, mut squares): (f64, f64) = (0.0, 0.0);
    for at_s in accesses.iter().map(|access| access.at_s).chain([length_s]) {
        let gap = at_s - last;
        longest = longest.max(gap);
        squares += gap * gap;
        last = at_s;
    }
    Gaps {
        accesses: u32::try_from(accesses.len()).unwrap_or(u32::MAX),
        gap_s_max: longest,
        wait_s_mean: squares / (2.0 * length_s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::orbit::Orbit;
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

    /// Accesses found by looking every second along the propagated orbit, without blocks, cubics or
    /// Newton steps: local minima of the distance, refined by a parabola.
    fn by_dense_propagation(place: Position, of: &Satellite, days: u32) -> Vec<f64> {
        let orbit = Orbit::nominal(&of.orbit, start()).unwrap();
        let point = to_earth_fixed(place);
        let state = |t: f64| {
            let path = orbit.ephemeris(truce_core::time::plus_seconds(start(), t), 0.0);
            path.states[0]
        };
        let range = |t: f64| distance(&state(t).r, &point);
        let mut found = Vec::new();
        for step in 1..days * 2_880 {
            let t = f64::from(step) * 30.0;
            let (a, b, c) = (range(t - 30.0), range(t), range(t + 30.0));
            if !(a > b && b <= c && b < 4e6) {
                continue;
            }
            let at = (-30..=30)
                .map(|k| t + f64::from(k))
                .min_by(|x, y| range(*x).total_cmp(&range(*y)));
            let at = at.unwrap();
            let (a, b, c) = (range(at - 1.0), range(at), range(at + 1.0));
            let at = at + 0.5 * (a - c) / (a - 2.0 * b + c);
            let here = state(at);
            let down = minus(&point, &here.r);
            let up = [here.r[0], here.r[1], here.r[2] * NORMAL_Z];
            let cosine = -dot(&down, &up) / (dot(&down, &down) * dot(&up, &up)).sqrt();
            let angle = libm::acos(cosine).to_degrees();
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
            let sun = sun_direction(plus_seconds(start(), at));
            let high = libm::asin(dot(&normal(place), &sun)).to_degrees();
            let lit = of.sun_elevation_deg_min.is_none_or(|least| high >= least);
            let inside = angle >= of.off_nadir_deg_min && angle <= of.off_nadir_deg_max;
            if inside && on_side && lit {
                found.push(at);
            }
        }
        found
    }

    #[test]
    fn crossings_are_those_of_dense_propagation() {
        let place = |lat_deg, lon_deg| Position { lat_deg, lon_deg };
        // A wide region, so that blocks and Newton steps have something to get wrong.
        let mut centres: Vec<Position> = (0..400u32)
            .map(|i| {
                place(
                    46.0 + f64::from(i % 20) * 0.3,
                    31.0 + f64::from(i / 20) * 0.45,
                )
            })
            .collect();
        centres.push(place(48.0, 37.8));
        for of in [
            satellite(Look::Both, 0.0, 56.0, None),
            satellite(Look::Right, 26.2, 39.5, None),
            satellite(Look::Both, 0.0, 10.3, Some(10.0)),
        ] {
            let path = Orbit::nominal(&of.orbit, start())
                .unwrap()
                .ephemeris(start(), 2.0 * 86_400.0);
            let observers = [Observer::new(path, &of)];
            let mut found = vec![Vec::new(); centres.len()];
            visit_accesses(
                &centres,
                &observers,
                start(),
                2.0 * 86_400.0,
                &mut |cell, accesses| {
                    found[cell] = accesses.iter().map(|access| access.at_s).collect();
                },
            );
            for cell in [0, 199, 400] {
                let exact = by_dense_propagation(centres[cell], &of, 2);
                assert_eq!(
                    found[cell].len(),
                    exact.len(),
                    "{:?} {exact:?}",
                    found[cell]
                );
                for (found, exact) in found[cell].iter().zip(&exact) {
                    assert!((found - exact).abs() < 1.0, "{found} {exact}");
                }
            }
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
        ] {
            let accesses: Vec<Access> = times.into_iter().map(access).collect();
            let found = gaps(&accesses, 100.0);
            assert_eq!(
                (found.accesses, found.gap_s_max, found.wait_s_mean),
                expected
            );
        }
    }
}
