//! Uncrewed aircraft that a detector followed: which of them was where something was struck, and
//! where it was first seen.
//!
//! Where an aircraft was before it was first seen is never asked. Only fixes of detectors that
//! number their targets are kept; the answer is a function of the set of them.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use truce_core::observation::UavDetection;
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Digest, Interval, Observation, ObservationId, Place, Slug, Timestamp};

use crate::track::{Key, key_of};

/// Fixes kept: a month of fifty flights a day, each seen for half an hour every five seconds.
const FIXES_MAX: usize = 500_000;
/// A number that was silent for longer is another aircraft, seconds.
const PAUSE_S_MAX: f64 = 120.0;
/// An aircraft that struck was last seen no longer before, seconds: its detector looks every few
/// seconds, until it dives behind trees and houses.
const LOST_S_MAX: f64 = 45.0;
/// The event's time is known this well, standard deviation in seconds, or no aircraft is asked for.
const TIME_S_SIGMA_MAX: f64 = 30.0;
/// 99 % of χ² with two degrees of freedom.
const CHI2_99: f64 = 9.21;
/// Speed of an aircraft whose detector states none, m/s: small ones with fixed wings.
const SPEED_M_S: f64 = 40.0;

/// All that were followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights {
    numbers: BTreeMap<Name, usize>,
    targets: Vec<Target>,
    /// The target of each fix.
    by_time: BTreeMap<Key, usize>,
}

/// A detector, and its number for what it follows.
type Name = (Slug, String);

#[derive(Debug, Clone)]
struct Target {
    detector: Slug,
    fixes: BTreeMap<Key, Fix>,
}

#[derive(Debug, Clone)]
struct Fix {
    place: Place,
    speed_m_s: f64,
    /// Who flies it, if it says so.
    operator: Option<Slug>,
}

/// A flight that was where an event was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Passed<'a> {
    /// Who followed it.
    pub(crate) detector: &'a Slug,
    /// Who flies it, if it said so.
    pub(crate) operator: Option<&'a Slug>,
    /// Where it was first seen.
    pub(crate) first: Place,
    /// The observation that says so.
    pub(crate) observation: ObservationId,
    /// How near the event it was seen, metres.
    pub(crate) distance_m: f64,
}

impl Flights {
    /// Takes a detection in; the time in which it changes what is known, if it does.
    pub(crate) fn learn(
        &mut self,
        observation: &Observation,
        detection: &UavDetection,
    ) -> Option<Interval> {
        let place = observation.location.as_ref()?.place()?;
        let key = key_of(observation);
        let detector = observation.sensor.as_ref().unwrap_or(&observation.source);
        let name = (detector.clone(), detection.target.clone()?);
        let speed_m_s = detection.speed_m_s.filter(|speed| speed.is_finite());
        let fix = Fix {
            place,
            speed_m_s: speed_m_s.unwrap_or(SPEED_M_S).max(0.0),
            operator: detection.operator.clone(),
        };
        let number = self.number(name);
        let target = &mut self.targets[number];
        if target.fixes.insert(key, fix).is_some() {
            return None;
        }
        let last = target.run(key).last().map_or(key.0, |(key, _)| key.0);
        let first = target.back(key).last().map_or(key.0, |(key, _)| key.0);
        self.by_time.insert(key, number);
        self.forget();
        let slack_s = 2.0 * TIME_S_SIGMA_MAX;
        Some(Interval::between(
            plus_seconds(first, -slack_s),
            plus_seconds(last, LOST_S_MAX + slack_s),
        ))
    }

    fn number(&mut self, name: Name) -> usize {
        let next = self.targets.len();
        let detector = name.0.clone();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            let fixes = BTreeMap::new();
            self.targets.push(Target { detector, fixes });
        }
        number
    }

    /// Lets the oldest fixes go.
    fn forget(&mut self) {
        while self.by_time.len() > FIXES_MAX
            && let Some((key, number)) = self.by_time.pop_first()
        {
            self.targets[number].fixes.remove(&key);
        }
    }

    /// The flights that were where an event was, the nearest first.
    pub(crate) fn at(&self, place: Place, at: Timestamp, time_s_sigma: f64) -> Vec<Passed<'_>> {
        if time_s_sigma > TIME_S_SIGMA_MAX {
            return Vec::new();
        }
        let slack_s = 2.0 * time_s_sigma;
        let least = ObservationId(Digest([0; 32]));
        let first = (plus_seconds(at, -LOST_S_MAX - slack_s), least);
        let last = plus_seconds(at, slack_s);
        let about = self.by_time.range(first..);
        let mut nearest: BTreeMap<usize, (f64, Key)> = BTreeMap::new();
        for (key, number) in about.take_while(|(key, _)| key.0 <= last) {
            let fix = &self.targets[*number].fixes[key];
            let gap_s = (seconds_between(key.0, at).abs() - slack_s).max(0.0);
            let distance_m = fix.place.position.distance_m(place.position);
            if distance_m > fix.reach_m(place, gap_s) {
                continue;
            }
            let known = nearest.entry(*number).or_insert((distance_m, *key));
            if distance_m < known.0 {
                *known = (distance_m, *key);
            }
        }
        let mut passed: Vec<(Key, Passed<'_>)> = nearest
            .into_iter()
            .map(|(number, (distance_m, key))| (key, self.targets[number].passed(key, distance_m)))
            .collect();
        let nearer = |a: &Passed<'_>, b: &Passed<'_>| a.distance_m.total_cmp(&b.distance_m);
        passed.sort_by(|a, b| nearer(&a.1, &b.1).then(a.0.cmp(&b.0)));
        passed.into_iter().map(|(_, passed)| passed).collect()
    }
}

impl Target {
    /// The fixes of one flight after one of its fixes.
    fn run(&self, from: Key) -> impl Iterator<Item = (&Key, &Fix)> {
        let later = self.fixes.range((Excluded(from), Unbounded));
        unbroken(from, later)
    }

    /// The fixes of one flight before one of its fixes, the last first.
    fn back(&self, from: Key) -> impl Iterator<Item = (&Key, &Fix)> {
        unbroken(from, self.fixes.range(..from).rev())
    }

    fn passed(&self, key: Key, distance_m: f64) -> Passed<'_> {
        let here = self.fixes.get_key_value(&key);
        let whole = self.run(key).chain(here).chain(self.back(key));
        let mut whole = whole.peekable();
        let (mut operator, mut first) = (None, None);
        while let Some((key, fix)) = whole.next() {
            operator = operator.or(fix.operator.as_ref());
            if whole.peek().is_none() {
                first = Some((key, fix));
            }
        }
        let (key, fix) = first.expect("a flight has the fix that was asked for");
        Passed {
            detector: &self.detector,
            operator,
            first: fix.place,
            observation: key.1,
            distance_m,
        }
    }
}

/// Fixes as long as no pause parts them from the one before.
fn unbroken<'a>(
    from: Key,
    fixes: impl Iterator<Item = (&'a Key, &'a Fix)>,
) -> impl Iterator<Item = (&'a Key, &'a Fix)> {
    let mut at = from.0;
    fixes.take_while(move |(key, _)| {
        let pause_s = seconds_between(at, key.0).abs();
        at = key.0;
        pause_s <= PAUSE_S_MAX
    })
}

impl Fix {
    /// How far off it may have been from a place where it was a moment before or after, metres.
    fn reach_m(&self, place: Place, gap_s: f64) -> f64 {
        let own_m = self.place.uncertainty.semi_major_m;
        let sigma_m = libm::hypot(place.uncertainty.semi_major_m, own_m);
        CHI2_99.sqrt() * sigma_m + self.speed_m_s * gap_s
    }
}
