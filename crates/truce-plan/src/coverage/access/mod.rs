//! When a satellite looks at which cell: the instants of nearest approach at which the cell lies
//! inside the instrument's swath and the sun stands high enough.
//!
//! A scanning or pushbroom instrument, and a radar steered to zero Doppler, sees a point when the
//! point lies in the plane across the track, and that is when satellite and point are nearest to
//! each other. Passes over the whole region are sought on a path in long steps; then each pass is
//! propagated again in short ones, where the path is true to a metre. Cells are taken in blocks of
//! neighbours: the instant is solved for the block's middle and moved to each cell by one Newton
//! step along a parabola, which for a block of 150 km is true to 0.01 s along the track and to 20 m.
//! Cells of a block are computed side by side, in single precision, counted from the middle.

mod block;
mod sweep;

use truce_core::{Position, Timestamp};

use self::block::{Ground, TILE, blocks, region};
use self::sweep::Sweeps;
use super::orbit::{Ephemeris, Flight, State};
use crate::watch::{Look, Satellite};

/// Mean radius of the Earth, metres.
const EARTH_M: f64 = 6_371_009.0;
/// Squared ratio of the axes of WGS 84: the zenith at (x, y, z) points along (x, y, z · this).
pub(super) const NORMAL_Z: f64 = 1.006_739_496_742_276_5;
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
    /// Their squared cosines; without a least angle more than any, so that rounding takes nothing.
    cos2: [f32; 2],
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
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the edge of a swath to a metre"
        )]
        let [near, far] = off_nadir_rad.map(|angle| libm::cos(angle).powi(2) as f32);
        lives.then(|| Self {
            look: satellite.look,
            cos2: [if off_nadir_rad[0] > 0.0 { near } else { 2.0 }, far],
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

/// A pass over the region: the observer, its path while it is nearest to any cell, and where it is
/// when it is nearest to the region's middle.
#[derive(Debug, Clone)]
struct Pass {
    observer: u16,
    path: Ephemeris,
    nearest: Instant,
}

/// A satellite at an instant.
#[derive(Debug, Clone, Copy)]
struct Instant {
    at_s: f64,
    state: State,
    /// m/s², over the turning Earth.
    acceleration: [f64; 3],
}

impl Instant {
    fn on(path: &Ephemeris, at_s: f64) -> Self {
        let (state, acceleration) = path.at(at_s);
        Self {
            at_s,
            state,
            acceleration,
        }
    }

    /// How fast (P − r) · v falls, m²/s²: the speed times that of the plane across the track over
    /// the point.
    fn closing(&self, point: &[f64; 3]) -> f64 {
        let v2 = dot(&self.state.v, &self.state.v);
        v2 - dot(&minus(point, &self.state.r), &self.acceleration)
    }
}

pub(super) fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(super) fn norm(a: &[f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

fn distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    norm(&minus(a, b))
}

/// Visits every cell with its accesses in order of time. Cells come in blocks, not in order.
pub fn visit_accesses(
    centres: &[Position],
    observers: &[Observer],
    from: Timestamp,
    length_s: f64,
    visit: &mut dyn FnMut(usize, &[Access]),
) {
    let all: Vec<Ground> = centres.iter().map(|centre| Ground::new(*centre)).collect();
    let (middle, radius_m) = region(&all);
    let mut passes: Vec<Pass> = Vec::new();
    for (observer, number) in observers.iter().zip(0..=u16::MAX) {
        find_passes(observer, number, &middle, radius_m, &mut passes);
    }
    passes.sort_by(|a, b| a.nearest.at_s.total_cmp(&b.nearest.at_s));
    let (mut sweeps, mut rows) = (Sweeps::default(), Rows::default());
    for block in blocks(&all) {
        sweeps.clear(&block);
        for pass in &passes {
            let observer = &observers[usize::from(pass.observer)];
            sweeps.look(&block, pass, observer, from, length_s);
        }
        for (tile, cells) in block.cells.chunks(TILE).enumerate() {
            rows.gather(&sweeps, tile);
            for (lane, cell) in cells.iter().enumerate() {
                visit(*cell, rows.row(lane));
            }
        }
    }
}

/// Accesses of cells side by side, each cell's in order of time.
#[derive(Default)]
struct Rows {
    accesses: [Vec<Access>; TILE],
    counts: [usize; TILE],
}

impl Rows {
    /// Collects what all passes see of one tile. Whether a cell is seen nobody can foretell: each
    /// instant is written, and what is not seen is written over.
    fn gather(&mut self, sweeps: &Sweeps, tile: usize) {
        self.counts = [0; TILE];
        let blank = Access {
            at_s: 0.0,
            observer: 0,
        };
        for row in &mut self.accesses {
            row.resize(sweeps.passes.len(), blank);
        }
        for (i, sweep) in sweeps.passes.iter().enumerate() {
            let lanes = self.accesses.iter_mut().zip(&mut self.counts);
            for ((row, count), after_s) in lanes.zip(sweeps.tile(i, tile)) {
                row[*count] = Access {
                    at_s: sweep.at_s + f64::from(*after_s),
                    observer: sweep.observer,
                };
                *count += usize::from(!after_s.is_nan());
            }
            if sweep.is_close {
                self.settle();
            }
        }
    }

    /// Puts the last access of each row in its place, which is near the end.
    fn settle(&mut self) {
        for (row, count) in self.accesses.iter_mut().zip(self.counts) {
            let mut place = count.saturating_sub(1);
            while place > 0 && row[place - 1].at_s > row[place].at_s {
                row.swap(place - 1, place);
                place -= 1;
            }
        }
    }

    fn row(&self, lane: usize) -> &[Access] {
        &self.accesses[lane][..self.counts[lane]]
    }
}

/// Every time that an observer passes near enough to a region to see some of it.
fn find_passes(
    observer: &Observer,
    number: u16,
    middle: &[f64; 3],
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
    let closing = |state: &State| dot(&minus(middle, &state.r), &state.v);
    for (i, pair) in states.windows(2).enumerate() {
        let far = distance(middle, &pair[0].r) > near_m;
        if far || closing(&pair[0]) <= 0.0 || closing(&pair[1]) > 0.0 {
            continue;
        }
        let half_way_s = observer.coarse.from_s + (i as f64 + 0.5) * COARSE_S;
        let half_way = Instant::on(&observer.coarse, half_way_s);
        let nearest = nearest(&observer.coarse, middle, half_way);
        let state = &nearest.state;
        if distance(middle, &state.r) > seen_m {
            continue;
        }
        let half_s = radius_m * norm(&state.v) / nearest.closing(middle) + FINE_S;
        let (begin_s, end_s) = (nearest.at_s - half_s, nearest.at_s + half_s);
        let path = observer.flight.path(begin_s, end_s, FINE_S);
        if path.states.len() >= 2 {
            passes.push(Pass {
                nearest: Instant::on(&path, nearest.at_s),
                observer: number,
                path,
            });
        }
    }
}

/// When a path is nearest to a point, to [`STEP_S_MIN`]: the zero of (P − r) · v by Newton's rule.
fn nearest(path: &Ephemeris, point: &[f64; 3], begin: Instant) -> Instant {
    let mut here = begin;
    for _ in 0..STEPS_MAX {
        let ahead = dot(&minus(point, &here.state.r), &here.state.v);
        let step_s = ahead / here.closing(point);
        if step_s.abs() < STEP_S_MIN {
            break;
        }
        here = Instant::on(path, here.at_s + step_s);
    }
    here
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
    let (first_s, last_s) = match accesses {
        [] => (length_s, length_s),
        [first, .., last] => (first.at_s, last.at_s),
        [only] => (only.at_s, only.at_s),
    };
    let ends = [first_s, length_s - last_s, 0.0, 0.0];
    // Four sums side by side, for one would wait for itself.
    let (mut longest, mut squares) = (ends, ends.map(|gap| gap * gap));
    let mut count = |k: usize, gap: f64| {
        longest[k] = if gap > longest[k] { gap } else { longest[k] };
        squares[k] += gap * gap;
    };
    let gap = |pair: &[Access]| pair[1].at_s - pair[0].at_s;
    let (mut fives, mut rest) = (accesses, accesses);
    while let Some(five) = fives.first_chunk::<5>() {
        for k in 0..4 {
            count(k, gap(&five[k..k + 2]));
        }
        fives = &fives[4..];
        rest = fives;
    }
    for pair in rest.windows(2) {
        count(0, gap(pair));
    }
    let longest = longest.into_iter().fold(0.0, f64::max);
    let squares: f64 = squares.into_iter().sum();
    Gaps {
        accesses: u32::try_from(accesses.len()).unwrap_or(u32::MAX),
        gap_s_max: longest,
        wait_s_mean: squares / (2.0 * length_s),
    }
}

#[cfg(test)]
mod tests;
