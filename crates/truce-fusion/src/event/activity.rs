//! Recent activity: how many times as much happens in an area as on an ordinary day.
//!
//! The mission states how often each class of event happens on an ordinary day. Where the last hours
//! brought more, that figure is too low, and what is read next is more easily an event. The factor on
//! the stated rate has a Gamma distribution of mean one beforehand; with n events counted where e
//! were to be expected its mean is (k + n) / (k + e) (Gelman et al. 2013, section 2.6). Each event
//! counts with its probability.
//!
//! The factor is never below one: from here a calm area and one of which nothing is heard look alike.

use std::collections::BTreeMap;

use super::plane::Plane;
use crate::network::{CLASSES, SIZES};

/// Number of tiles that count, the last of them this many before the tile that is asked about: six
/// hours, without the last ten minutes, of which much is still to be told.
const TILES: i64 = 36;
const LEFT_OUT: i64 = 2;
/// Weight of the stated rate, events (own choice: as much as an hour and a half of the incident
/// benchmark's artillery, drones and small arms together).
const STATED: f64 = 10.0;
/// The logarithm of the factor is rounded down to steps of this, so that a late reading
/// changes few of the tiles behind it.
const STEP: f64 = 0.2;
/// No factor is above this.
pub(crate) const FACTOR_MAX: f64 = 10.0;
/// Rates are summed up on a grid of this, metres: a fraction of the shortest decay.
const FINE_M: f64 = 1_000.0;
/// So many of its cells on either side have one probability of being noticed.
const CELLS: usize = 6;

/// Row and column of a tile.
pub(crate) type Area = (i32, i32);

/// What the rates of the classes are multiplied by.
pub(crate) type Factors = [f64; CLASSES];

/// The factors of an ordinary day.
pub(crate) const ORDINARY: Factors = [1.0; CLASSES];

/// The events of each area so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    areas: BTreeMap<Area, Counts>,
}

#[derive(Debug, Clone)]
struct Counts {
    /// Events that somebody notices in a tile's time on an ordinary day.
    expected: [f64; CLASSES],
    /// Events of each tile, by its time.
    counted: BTreeMap<i64, [f64; CLASSES]>,
    /// The factors that each tile was solved with.
    used: BTreeMap<i64, Factors>,
}

impl Activity {
    /// The factors for a tile's time, which are kept as those that it is solved with. `expected` is
    /// asked once for each area: see [`expected`].
    pub(crate) fn factors(
        &mut self,
        area: Area,
        time: i64,
        expected: impl FnOnce() -> [f64; CLASSES],
    ) -> Factors {
        let counts = self.areas.entry(area).or_insert_with(|| Counts {
            expected: expected(),
            counted: BTreeMap::new(),
            used: BTreeMap::new(),
        });
        let factors = counts.factors(time);
        counts.used.insert(time, factors);
        factors
    }

    /// Takes in the events of a tile; gives the times of later ones that have other factors now than
    /// they were solved with.
    pub(crate) fn count(&mut self, area: Area, time: i64, events: [f64; CLASSES]) -> Vec<i64> {
        let Some(counts) = self.areas.get_mut(&area) else {
            return Vec::new();
        };
        let before = if events == [0.0; CLASSES] {
            counts.counted.remove(&time).unwrap_or_default()
        } else {
            counts.counted.insert(time, events).unwrap_or_default()
        };
        if before == events {
            return Vec::new();
        }
        let later = time + LEFT_OUT..time + LEFT_OUT + TILES;
        let used = counts.used.range(later);
        used.filter(|(time, used)| counts.factors(**time) != **used)
            .map(|(time, _)| *time)
            .collect()
    }
}

impl Counts {
    fn factors(&self, time: i64) -> Factors {
        let recent = time + 1 - LEFT_OUT - TILES..=time - LEFT_OUT;
        let mut counted = [0.0; CLASSES];
        for events in self.counted.range(recent).map(|(_, events)| events) {
            for (sum, events) in counted.iter_mut().zip(events) {
                *sum += events;
            }
        }
        std::array::from_fn(|class| {
            let expected = self.expected[class] * TILES as f64;
            let factor = (STATED + counted[class]) / (STATED + expected);
            let steps = libm::floor(libm::log(factor.clamp(1.0, FACTOR_MAX)) / STEP);
            libm::exp(steps * STEP)
        })
    }
}

/// The events of each class that an ordinary day brings in a plane's rectangle within a time,
/// seconds, and that somebody notices: the standing sensors of the plane, all of them working, or
/// one that moves about.
pub(crate) fn expected(
    plane: &Plane<'_>,
    [width_m, height_m]: [f64; 2],
    time_s: f64,
) -> [f64; CLASSES] {
    let block_m = FINE_M * CELLS as f64;
    let blocks = |extent_m: f64| {
        (0..).map_while(move |number| {
            let from_m = f64::from(number) * block_m - extent_m / 2.0;
            (from_m < extent_m / 2.0).then_some(from_m)
        })
    };
    let mut sum = [0.0; CLASSES];
    for x in blocks(width_m) {
        for y in blocks(height_m) {
            let rates = rates(plane, x, y);
            let noticed = noticed(plane, [x + block_m / 2.0, y + block_m / 2.0]);
            for class in 0..CLASSES {
                sum[class] += rates[class] * noticed[class] * time_s;
            }
        }
    }
    sum
}

/// Events per second of each class in a block from a corner on.
fn rates(plane: &Plane<'_>, x: f64, y: f64) -> [f64; CLASSES] {
    let mut sum = [0.0; CLASSES];
    let middles = || (0..CELLS).map(|cell| (cell as f64 + 0.5) * FINE_M);
    for dx in middles() {
        for dy in middles() {
            let line_m = plane.line.distance_m(x + dx, y + dy);
            for (class, sum) in sum.iter_mut().enumerate() {
                *sum += plane.priors.rate(class, line_m) * FINE_M * FINE_M;
            }
        }
    }
    sum
}

/// The probability that an event of each class at a place leaves any reading, over all sizes.
fn noticed(plane: &Plane<'_>, [x, y]: [f64; 2]) -> [f64; CLASSES] {
    let network = plane.network;
    let standing = plane.posts.iter().filter_map(|post| {
        let model = &network.models[post.model];
        let distance_m = libm::hypot(x - post.at[0], y - post.at[1]);
        (distance_m <= model.range_m_max).then(|| model.chances(Some(distance_m)))
    });
    let configured = network.models.iter().take(network.configured);
    let moving = configured
        .filter(|model| model.position.is_none() && model.always_watches())
        .map(|model| model.chances(None));
    let mut missed = [[1.0; SIZES]; CLASSES];
    for chances in standing.chain(moving) {
        let factors = chances.as_flattened().iter().map(|p| 1.0 - p);
        for (missed, factor) in missed.as_flattened_mut().iter_mut().zip(factors) {
            *missed *= factor;
        }
    }
    missed.map(|row| 1.0 - row.iter().sum::<f64>() / SIZES as f64)
}

#[cfg(test)]
mod tests {
    use truce_core::EventClass;

    use super::*;

    const ARTILLERY: usize = EventClass::Artillery as usize;
    const AREA: Area = (3, 5);

    fn events(artillery: f64) -> [f64; CLASSES] {
        let mut events = [0.0; CLASSES];
        events[ARTILLERY] = artillery;
        events
    }

    /// Half an event a tile is to be expected: eighteen in all that counts.
    fn factor(activity: &mut Activity, time: i64) -> f64 {
        activity.factors(AREA, time, || events(0.5))[ARTILLERY]
    }

    #[test]
    fn the_factor_is_what_was_counted_over_what_was_to_be_expected() {
        let mut activity = Activity::default();
        assert_eq!(factor(&mut activity, 0), 1.0);
        activity.count(AREA, 0, events(46.0));
        // (10 + 46) / (10 + 18) = 2, and e to the 0.6 is the step below.
        let busy = libm::exp(0.6);
        let far = LEFT_OUT + TILES;
        for (time, expected) in [
            (0, 1.0),
            (LEFT_OUT - 1, 1.0),
            (LEFT_OUT, busy),
            (far - 1, busy),
            (far, 1.0),
        ] {
            assert!(
                (factor(&mut activity, time) - expected).abs() < 1e-12,
                "{time}"
            );
        }
        activity.count(AREA, 0, events(1e6));
        assert!(factor(&mut activity, LEFT_OUT) <= FACTOR_MAX);
        activity.count(AREA, 0, events(0.0));
        assert_eq!(factor(&mut activity, LEFT_OUT), 1.0);
    }

    #[test]
    fn only_later_tiles_whose_factor_changes_are_named() {
        let mut activity = Activity::default();
        for time in [0, 1, 2, 5, 30, 50] {
            factor(&mut activity, time);
        }
        activity.factors((0, 0), 5, || events(0.5));
        assert_eq!(activity.count(AREA, 0, events(46.0)), [2, 5, 30]);
        assert!(factor(&mut activity, 5) > 1.0);
        assert_eq!(activity.count(AREA, 0, events(46.1)), [2, 30]);
        assert_eq!(activity.count(AREA, 0, events(46.1)), [0_i64; 0]);
        assert_eq!(activity.count(AREA, 0, events(0.0)), [5]);
        assert_eq!(activity.count((7, 7), 0, events(46.0)), [0_i64; 0]);
    }
}
