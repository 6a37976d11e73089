//! When a satellite looks at which cell: the instants of nearest approach at which the cell lies
//! inside the instrument's swath and the sun stands high enough.
//!
//! A scanning or pushbroom instrument, and a radar steered to zero Doppler, sees a point when the
//! point lies in the plane across the track, and that is when satellite and point are nearest to
//! each other. Passes over the whole region are sought on a path in long steps; then each pass is
//! propagated again in short ones, where the path is true to a metre. Cells are taken in blocks of
//! neighbours: the instant is solved for the block's centre and moved to each cell by one Newton
//! step along a parabola, which for a block of 150 km is true to 0.01 s along the track and to 20 m.

use truce_core::time::plus_seconds;
use truce_core::{Position, Timestamp};

use super::cells::{near_order, normal, to_earth_fixed};
use super::orbit::{EARTH_RATE_RAD_S, Ephemeris, Flight, State, sun_direction};
use crate::watch::{Look, Satellite};

/// Most cells of one block: so many that its sweeps stay in the processor's cache.
const BLOCK: usize = 256;
/// Greatest distance of a cell from the centre of its block, metres; see the top of this file.
const BLOCK_M_MAX: f64 = 150_000.0;
/// Mean radius of the Earth, metres.
const EARTH_M: f64 = 6_371_009.0;
/// Squared ratio of the axes of WGS 84: the zenith at (x, y, z) points along (x, y, z · this).
const NORMAL_Z: f64 = 1.006_739_496_742_276_5;
/// Seconds between two states of the path on which passes are sought.
const COARSE_S: f64 = 600.0;
/// More than that path can be off, metres.
const COARSE_M: f64 = 10_000.0;
/// Seconds between two states of a pass.
const FINE_S: f64 = 60.0;
/// Newton's rule stops where its next step would be shorter, seconds: each cell makes that step for
/// itself.
const STEP_S_MIN: f64 = 0.5;
/// Most steps; the rule needs two or three from anywhere in a pass.
const STEPS_MAX: u32 = 8;

/// A satellite's path and its instrument.
#[derive(Debug, Clone)]
pub struct Observer {
    flight: Flight,
    /// The path in long steps, from before the start of the plan until after its end.
    coarse: Ephemeris,
    /// To which side it looks.
    look: Look,
    /// Least and greatest angle from the nadir, rad.
    off_nadir_rad: [f64; 2],
    /// Their squared cosines.
    cos2: [f64; 2],
    /// Sine of the least elevation of the sun.
    sun_sin_min: Option<f64>,
    /// Greatest distance at which it sees the ground, metres.
    range_m_max: f64,
}

impl Observer {
    /// An observer with the instrument of a satellite, for a plan of some length. `None` when the
    /// orbit decays before the plan begins.
    #[must_use]
    pub fn new(flight: Flight, length_s: f64, satellite: &Satellite) -> Option<Self> {
        // Two steps more at both ends: a region's centre may be passed before the plan begins, and
        // its cells after.
        let (before_s, until_s) = (-2.0 * COARSE_S, length_s + 2.0 * COARSE_S);
        let coarse = flight.path(before_s, until_s, COARSE_S);
        let lives = coarse.states.len() >= 2;
        let off_nadir_rad = [satellite.off_nadir_deg_min, satellite.off_nadir_deg_max];
        let off_nadir_rad = off_nadir_rad.map(f64::to_radians);
        let radii_m = coarse.states.iter().map(|state| norm(&state.r));
        let radius_m = radii_m.fold(EARTH_M, f64::max) + COARSE_M;
        lives.then(|| Self {
            look: satellite.look,
            cos2: off_nadir_rad.map(|angle| libm::cos(angle).powi(2)),
            sun_sin_min: satellite
                .sun_elevation_deg_min
                .map(|deg| libm::sin(deg.to_radians())),
            range_m_max: reach_m(radius_m, off_nadir_rad[1]),
            off_nadir_rad,
            coarse,
            flight,
        })
    }
}

/// More than the greatest radius of the Earth differs from the mean one, metres.
const FLATTENING_M: f64 = 15_000.0;

/// Greatest distance along a line of sight from a radius to the ground, or to the horizon.
fn reach_m(radius_m: f64, off_nadir_rad: f64) -> f64 {
    // A lower ground is farther away.
    let ground_m = EARTH_M - FLATTENING_M;
    let sine = libm::sin(off_nadir_rad) * radius_m / ground_m;
    let horizon_m = (radius_m * radius_m - ground_m * ground_m).max(0.0).sqrt();
    if sine >= 1.0 {
        return horizon_m;
    }
    // The near one of the two points where the line meets the sphere.
    radius_m * libm::cos(off_nadir_rad) - ground_m * (1.0 - sine * sine).sqrt()
}

/// An access.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Access {
    /// Seconds after the start.
    pub at_s: f64,
    /// The observer, by index.
    pub observer: u16,
}

/// A pass over the region: the observer, when it is nearest to the region's centre, and its path
/// while it is nearest to any cell.
#[derive(Debug, Clone)]
struct Pass {
    at_s: f64,
    observer: u16,
    path: Ephemeris,
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn norm(a: &[f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

fn distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    norm(&minus(a, b))
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

/// Blocks of neighbours, none larger than [`BLOCK`] and [`BLOCK_M_MAX`].
fn blocks(centres: &[Position], points: &[[f64; 3]]) -> Vec<Block> {
    let order = near_order(centres);
    let mut open: Vec<&[usize]> = order.chunks(BLOCK).rev().collect();
    let mut blocks = Vec::new();
    while let Some(cells) = open.pop() {
        let block = Block::new(cells, points);
        if block.radius_m <= BLOCK_M_MAX || cells.len() == 1 {
            blocks.push(block);
        } else {
            let (one, other) = cells.split_at(cells.len() / 2);
            open.extend([other, one]);
        }
    }
    blocks
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
    let far = points.iter().map(|point| distance(point, &region));
    let radius_m = far.fold(0.0, f64::max);
    let mut passes: Vec<Pass> = Vec::new();
    for (observer, number) in observers.iter().zip(0..=u16::MAX) {
        find_passes(observer, number, &region, radius_m, &mut passes);
    }
    let (mut sweeps, mut row) = (Vec::new(), Vec::new());
    for block in blocks(centres, &points) {
        sweeps.clear();
        for pass in &passes {
            let observer = &observers[usize::from(pass.observer)];
            look(&block, pass, observer, from, &mut sweeps);
        }
        let mut order: Vec<usize> = (0..sweeps.len()).collect();
        order.sort_by(|i, j| sweeps[*i].at_s.total_cmp(&sweeps[*j].at_s));
        for (k, cell) in block.cells.iter().enumerate() {
            row.clear();
            let zenith = normal(centres[*cell]);
            let looks = order.iter().filter_map(|i| sweeps[*i].access(k, &zenith));
            for access in looks.filter(|access| (0.0..length_s).contains(&access.at_s)) {
                insert(&mut row, access);
            }
            visit(*cell, &row);
        }
    }
}

/// Puts an access in its place: near the end, for sweeps come in the order of the block's centre.
fn insert(row: &mut Vec<Access>, access: Access) {
    row.push(access);
    let mut place = row.len() - 1;
    while place > 0 && row[place - 1].at_s > row[place].at_s {
        row.swap(place - 1, place);
        place -= 1;
    }
}

/// What one pass sees of a block.
struct Sweep {
    /// When the block's centre is passed, or nearly so.
    at_s: f64,
    observer: u16,
    /// Where the sun must stand, if that matters.
    light: Option<Light>,
    /// For each cell the seconds from `at_s` to its own instant, or not a number when it is not
    /// seen. Half a minute in single precision is true to 2 µs.
    after_s: [f32; BLOCK],
}

impl Sweep {
    fn access(&self, k: usize, zenith: &[f64; 3]) -> Option<Access> {
        let after_s = f64::from(self.after_s[k]);
        let lit = |light: &Light| light.falls_on(zenith, after_s);
        let seen = !after_s.is_nan() && self.light.as_ref().is_none_or(lit);
        seen.then_some(Access {
            at_s: self.at_s + after_s,
            observer: self.observer,
        })
    }
}

/// The sun while a block is passed.
struct Light {
    /// Sine of its least elevation.
    sin_min: f64,
    /// Its direction in the Earth-fixed frame when the centre is passed.
    sun: [f64; 3],
    /// How fast that turns, 1/s: over half a minute the straight line is true to 2e-6.
    turn: [f64; 3],
}

impl Light {
    fn new(sin_min: f64, at: Timestamp) -> Self {
        let sun = sun_direction(at);
        Self {
            sin_min,
            sun,
            turn: [EARTH_RATE_RAD_S * sun[1], -EARTH_RATE_RAD_S * sun[0], 0.0],
        }
    }

    fn falls_on(&self, zenith: &[f64; 3], after_s: f64) -> bool {
        dot(zenith, &self.sun) + after_s * dot(zenith, &self.turn) >= self.sin_min
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
    let states = &observer.coarse.states;
    let speed_m_s = states
        .iter()
        .map(|state| norm(&state.v))
        .fold(0.0, f64::max);
    let seen_m = observer.range_m_max + radius_m + COARSE_M;
    let near_m = seen_m + speed_m_s * COARSE_S;
    let closing = |state: &State| dot(&minus(region, &state.r), &state.v);
    for (i, pair) in states.windows(2).enumerate() {
        let far = distance(region, &pair[0].r) > near_m;
        if far || closing(&pair[0]) <= 0.0 || closing(&pair[1]) > 0.0 {
            continue;
        }
        let middle_s = observer.coarse.from_s + (i as f64 + 0.5) * COARSE_S;
        let (at_s, state, a) = nearest(&observer.coarse, region, middle_s);
        let to = minus(region, &state.r);
        if norm(&to) > seen_m {
            continue;
        }
        // How fast the plane across the track moves over the region.
        let ground_m_s = (dot(&state.v, &state.v) - dot(&to, &a)) / norm(&state.v);
        let half_s = radius_m / ground_m_s + FINE_S;
        let path = observer.flight.path(at_s - half_s, at_s + half_s, FINE_S);
        if path.states.len() >= 2 {
            passes.push(Pass {
                at_s,
                observer: number,
                path,
            });
        }
    }
}

/// When a path is nearest to a point, to [`STEP_S_MIN`], with state and acceleration there: the zero
/// of (P − r) · v by Newton's rule.
fn nearest(path: &Ephemeris, point: &[f64; 3], begin_s: f64) -> (f64, State, [f64; 3]) {
    let mut at_s = begin_s;
    let (mut state, mut acceleration) = path.at(at_s);
    for _ in 0..STEPS_MAX {
        let to = minus(point, &state.r);
        let step_s = dot(&to, &state.v) / (dot(&state.v, &state.v) - dot(&to, &acceleration));
        if step_s.abs() < STEP_S_MIN {
            break;
        }
        at_s += step_s;
        (state, acceleration) = path.at(at_s);
    }
    (at_s, state, acceleration)
}

/// How much of a block lies in a swath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    Nothing,
    Something,
    Everything,
}

/// How much of a block can lie in the swath, by how far its centre lies inside or outside and how
/// wide the block is, seen from the satellite. Between the instants of the centre and of a cell the
/// satellite moves on by a little more than the block's radius, which turns the nadir and, with the
/// cell's own place, the line of sight; a quarter is added for the bend of both.
fn share_in_swath(block: &Block, state: &State, observer: &Observer) -> Share {
    let down = minus(&block.centre, &state.r);
    let range_m = norm(&down);
    if range_m > observer.range_m_max + block.radius_m {
        return Share::Nothing;
    }
    let up = [state.r[0], state.r[1], state.r[2] * NORMAL_Z];
    let cosine = -dot(&down, &up) / (range_m * norm(&up));
    let angle = libm::acos(cosine.clamp(-1.0, 1.0));
    let moved_m = 1.25 * block.radius_m + STEP_S_MIN * norm(&state.v);
    let wide = libm::asin((moved_m / range_m).min(1.0)) + moved_m / EARTH_M;
    let [least, greatest] = observer.off_nadir_rad;
    if angle - wide > greatest || angle + wide < least {
        return Share::Nothing;
    }
    // The sine of an elevation is less than the elevation: every cell has the satellite in its sky.
    let facing = -dot(&block.centre, &down) > wide * range_m * norm(&block.centre);
    let from_least = least <= 0.0 || angle - wide > least;
    if facing && from_least && angle + wide < greatest && observer.look == Look::Both {
        Share::Everything
    } else {
        Share::Something
    }
}

/// Adds what a pass sees of a block, if anything.
fn look(block: &Block, pass: &Pass, observer: &Observer, from: Timestamp, sweeps: &mut Vec<Sweep>) {
    let (at_s, state, acceleration) = nearest(&pass.path, &block.centre, pass.at_s);
    let share = share_in_swath(block, &state, observer);
    if share == Share::Nothing {
        return;
    }
    let light = |sin_min| Light::new(sin_min, plus_seconds(from, at_s));
    let mut sweep = Sweep {
        at_s,
        observer: pass.observer,
        light: observer.sun_sin_min.map(light),
        after_s: [f32::NAN; BLOCK],
    };
    match share {
        Share::Everything => cross(block, &state, &acceleration, &mut sweep.after_s),
        _ => see(block, &state, &acceleration, observer, &mut sweep.after_s),
    }
    sweeps.push(sweep);
}

/// For each cell of a block the seconds after the state at which it is passed.
fn cross(block: &Block, State { r, v }: &State, a: &[f64; 3], after_s: &mut [f32; BLOCK]) {
    let v2 = dot(v, v);
    let places = block.x.iter().zip(&block.y).zip(&block.z);
    for (after_s, ((x, y), z)) in after_s.iter_mut().zip(places) {
        let to = [x - r[0], y - r[1], z - r[2]];
        #[expect(clippy::cast_possible_truncation, reason = "true to 2 µs")]
        let dt = (dot(&to, v) / (v2 - dot(&to, a))) as f32;
        *after_s = dt;
    }
}

/// For each cell of a block the seconds after the state at which it is looked at, or not a number.
/// Without branches, so that several cells are computed at once.
fn see(
    block: &Block,
    State { r, v }: &State,
    a: &[f64; 3],
    observer: &Observer,
    after_s: &mut [f32; BLOCK],
) {
    let v2 = dot(v, v);
    // Left of the motion, seen from above.
    let left = [
        r[1] * v[2] - r[2] * v[1],
        r[2] * v[0] - r[0] * v[2],
        r[0] * v[1] - r[1] * v[0],
    ];
    // To both sides every place is at least 0.
    let left = left.map(|x| match observer.look {
        Look::Both => 0.0,
        Look::Left => x,
        Look::Right => -x,
    });
    let [near_cos2, far_cos2] = observer.cos2;
    let places = block.x.iter().zip(&block.y).zip(&block.z);
    for (after_s, ((x, y), z)) in after_s.iter_mut().zip(places) {
        let to = [x - r[0], y - r[1], z - r[2]];
        let dt = dot(&to, v) / (v2 - dot(&to, a));
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
        let in_swath = (depth > 0.0) & (depth2 <= near_cos2 * scale) & (depth2 >= far_cos2 * scale);
        // The far side of the Earth lies deeper than the horizon.
        let facing = -(x * down[0] + y * down[1] + z * down[2]) > 0.0;
        let on_side = dot(&down, &left) >= 0.0;
        let seen = in_swath & facing & on_side;
        #[expect(clippy::cast_possible_truncation, reason = "true to 2 µs")]
        let dt = dt as f32;
        *after_s = if seen { dt } else { f32::NAN };
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
mod tests;
