//! A grid over space and time that finds what may touch an item.
//!
//! Items of similar reach and duration share a level, whose cells are as large as they are; so a
//! small item never lies in many cells and a large one never hides small ones. Longitude wraps at
//! the antimeridian.

use std::collections::BTreeSet;

use truce_core::{Position, Timestamp};

/// Reaches of the levels, metres, each with the next in powers of four; the last takes the rest.
const REACHES_M: [f64; 5] = [1_000.0, 4_000.0, 16_000.0, 64_000.0, 1_000_000.0];
/// Durations of the levels, seconds; the last takes the rest.
const DURATIONS_S: [f64; 4] = [120.0, 3_600.0, 40_000.0, 400_000.0];
/// Length of a degree of latitude, metres, rounded down: cells are never smaller than intended.
const M_PER_DEG: f64 = 110_500.0;

/// A disc and an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    /// The disc's centre.
    pub(crate) centre: Position,
    /// Its radius, metres.
    pub(crate) reach_m: f64,
    /// The interval's start.
    pub(crate) start: Timestamp,
    /// The interval's end.
    pub(crate) end: Timestamp,
}

/// Level, row, column, start (nanoseconds), item.
type Entry = (u8, i32, i32, i128, u32);

/// The items by cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    entries: BTreeSet<Entry>,
    bounds: Vec<Bounds>,
    /// Longest duration of any item of a level, nanoseconds; `None` for an empty level.
    longest: [Option<i128>; REACHES_M.len() * DURATIONS_S.len()],
}

impl Grid {
    /// Puts the next item in; items are numbered from 0 without a gap.
    pub(crate) fn insert(&mut self, index: u32, bounds: &Bounds) {
        assert_eq!(
            index as usize,
            self.bounds.len(),
            "items are numbered without a gap"
        );
        let level = level_of(bounds);
        let (row, column) = cell(level, bounds.centre);
        let duration = bounds.end.as_nanosecond() - bounds.start.as_nanosecond();
        let longest = &mut self.longest[usize::from(level)];
        *longest = Some(longest.map_or(duration, |longest| longest.max(duration)));
        self.entries
            .insert((level, row, column, bounds.start.as_nanosecond(), index));
        self.bounds.push(*bounds);
    }

    /// Names every item whose disc and interval touch the given ones; itself too when it is in.
    pub(crate) fn near(&self, bounds: &Bounds, mut found: impl FnMut(u32)) {
        let (start, end) = (bounds.start.as_nanosecond(), bounds.end.as_nanosecond());
        for (level, longest) in (0u8..).zip(&self.longest) {
            let Some(longest) = longest else {
                continue;
            };
            let reach_m = bounds.reach_m + reach_of(level);
            for (row, first, last) in rows(level, bounds.centre, reach_m) {
                let columns = columns(level);
                for column in first..=last {
                    let column = column.rem_euclid(columns);
                    let from = (level, row, column, start - longest, 0);
                    let to = (level, row, column, end, u32::MAX);
                    for (_, _, _, _, index) in self.entries.range(from..=to) {
                        let other = &self.bounds[*index as usize];
                        if other.end >= bounds.start && touch(bounds, other) {
                            found(*index);
                        }
                    }
                }
            }
        }
    }
}

/// Discs touch, on a sphere's local plane, with a margin that outweighs its errors.
fn touch(a: &Bounds, b: &Bounds) -> bool {
    let reach_m = (a.reach_m + b.reach_m) * 1.02 + 10.0;
    let north_m = (a.centre.lat_deg - b.centre.lat_deg) * 111_000.0;
    if north_m.abs() > reach_m {
        return false;
    }
    let middle = (a.centre.lat_deg + b.centre.lat_deg) / 2.0;
    let turn = truce_core::place::normalize_lon_deg(a.centre.lon_deg - b.centre.lon_deg);
    let east_m = turn * 111_000.0 * libm::cos(middle.to_radians());
    north_m * north_m + east_m * east_m <= reach_m * reach_m
}

#[allow(clippy::cast_possible_truncation)] // The table of levels has 20 rows.
fn level_of(bounds: &Bounds) -> u8 {
    let reach = REACHES_M.iter().position(|reach| bounds.reach_m <= *reach);
    let reach = reach.unwrap_or(REACHES_M.len() - 1);
    let duration_s = truce_core::time::seconds_between(bounds.start, bounds.end);
    let duration = DURATIONS_S
        .iter()
        .position(|longest| duration_s <= *longest);
    (reach * DURATIONS_S.len() + duration.unwrap_or(DURATIONS_S.len() - 1)) as u8
}

fn reach_of(level: u8) -> f64 {
    REACHES_M[usize::from(level) / DURATIONS_S.len()]
}

/// Width and height of a level's cells, degrees: eight reaches, so that wide items look into few
/// cells of narrow ones, and a day of pixels in one cell stays a short list.
fn cell_deg(level: u8) -> f64 {
    (8.0 * reach_of(level) / M_PER_DEG).min(30.0)
}

fn columns(level: u8) -> i32 {
    index(360.0 / cell_deg(level)) + 1
}

#[allow(clippy::cast_possible_truncation)] // At most 360° / 0.036°.
fn index(number: f64) -> i32 {
    libm::floor(number) as i32
}

fn cell(level: u8, position: Position) -> (i32, i32) {
    let size = cell_deg(level);
    (
        index(position.lat_deg / size),
        index((position.lon_deg + 180.0) / size),
    )
}

/// The rows that a disc touches, each with its first and last column, not yet wrapped.
fn rows(level: u8, centre: Position, reach_m: f64) -> impl Iterator<Item = (i32, i32, i32)> {
    let size = cell_deg(level);
    let north_deg = reach_m * 1.02 / M_PER_DEG;
    let widest = (centre.lat_deg.abs() + north_deg).min(89.0);
    let east_deg = (north_deg / libm::cos(widest.to_radians())).min(180.0);
    let first = index((centre.lat_deg - north_deg) / size);
    let last = index((centre.lat_deg + north_deg) / size);
    let west = index((centre.lon_deg + 180.0 - east_deg) / size);
    // The last column is narrower than the others, so a wrapped range needs one more.
    let wraps = centre.lon_deg + east_deg > 180.0 || centre.lon_deg - east_deg < -180.0;
    let east = index((centre.lon_deg + 180.0 + east_deg) / size) + i32::from(wraps);
    let west = west - i32::from(wraps);
    let east = east.min(west + columns(level) - 1);
    (first..=last).map(move |row| (row, west, east))
}
