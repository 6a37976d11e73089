//! Under which conditions the sensors worked: their own health and the clouds above a place.

use std::collections::BTreeMap;

use truce_core::observation::{Health, Weather};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Interval, Location, ObservationId, Position, Slug, Timestamp};

/// States kept for each sensor: one a minute for a week.
const STATES_PER_SENSOR_MAX: usize = 10_000;
/// Weather readings kept: fifty cells every hour for eight days.
const WEATHER_MAX: usize = 10_000;
/// A weather reading holds for at most this long before and after its own time, seconds.
const WEATHER_HOLDS_S: f64 = 1_800.0;
/// A longer weather reading than this is not expected, seconds.
const WEATHER_LENGTH_S_MAX: f64 = 86_400.0;
/// A weather reading at a point speaks for this much around it, metres.
const WEATHER_REACH_M: f64 = 25_000.0;

/// Health of the sensors and weather, as far as anyone said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    states: BTreeMap<Slug, BTreeMap<(Timestamp, ObservationId), Health>>,
    weather: BTreeMap<(Timestamp, ObservationId), (Interval, Location, Weather)>,
}

impl Conditions {
    /// Remembers a sensor's state; gives the time in which it changes something, if it does: most
    /// sensors say again and again that they work.
    pub(crate) fn learn_state(
        &mut self,
        sensor: &Slug,
        at: Timestamp,
        id: ObservationId,
        health: Health,
    ) -> Option<Interval> {
        let states = self.states.entry(sensor.clone()).or_default();
        let before = states.range(..(at, id)).next_back();
        let before = before.map_or(Health::Working, |(_, health)| *health);
        states.insert((at, id), health);
        if states.len() > STATES_PER_SENSOR_MAX {
            states.pop_first();
        }
        let later = (
            std::ops::Bound::Excluded((at, id)),
            std::ops::Bound::Unbounded,
        );
        let next = states.range(later).next();
        let next = next.map_or(Timestamp::MAX, |((next, _), _)| *next);
        (before != health).then(|| Interval::between(at, next))
    }

    /// Remembers a weather reading; gives the time in which it changes something.
    pub(crate) fn learn_weather(
        &mut self,
        during: Interval,
        id: ObservationId,
        location: &Location,
        weather: &Weather,
    ) -> Interval {
        let reading = (during, location.clone(), weather.clone());
        self.weather.insert((during.start, id), reading);
        if self.weather.len() > WEATHER_MAX {
            self.weather.pop_first();
        }
        Interval {
            start: plus_seconds(during.start, -WEATHER_HOLDS_S),
            end: plus_seconds(during.end, WEATHER_HOLDS_S),
        }
    }

    /// A sensor's state at an instant: as it last said, working when it never said anything.
    pub(crate) fn health(&self, sensor: &Slug, at: Timestamp) -> Health {
        let said = self.states.get(sensor).and_then(|states| {
            let last = ObservationId(truce_core::Digest([0xff; 32]));
            states.range(..=(at, last)).next_back()
        });
        said.map_or(Health::Working, |(_, health)| *health)
    }

    /// The share of the sky that cloud covered over a place, when a reading speaks of it: the
    /// nearest in time, the last among equals.
    pub(crate) fn cloud_fraction(&self, position: Position, at: Timestamp) -> Option<f64> {
        let first = plus_seconds(at, -WEATHER_LENGTH_S_MAX - WEATHER_HOLDS_S);
        let last = plus_seconds(at, WEATHER_HOLDS_S);
        let none = ObservationId(truce_core::Digest([0; 32]));
        let instant = Interval::instant(at);
        let mut best: Option<(f64, f64)> = None;
        for (during, location, weather) in
            self.weather.range((first, none)..(last, none)).map(|x| x.1)
        {
            let gap_s = during.gap_s(&instant);
            let Some(cloud) = weather.cloud_fraction.filter(|cloud| cloud.is_finite()) else {
                continue;
            };
            let nearer = best.is_none_or(|(least, _)| gap_s <= least);
            if gap_s <= WEATHER_HOLDS_S && nearer && speaks_of(location, position) {
                best = Some((gap_s, cloud.clamp(0.0, 1.0)));
            }
        }
        best.map(|(_, cloud)| cloud)
    }
}

/// True when a weather reading about a location says something of a position.
pub(crate) fn speaks_of(location: &Location, position: Position) -> bool {
    match location {
        Location::Area { ring } => inside(ring, position),
        other => other
            .place()
            .is_some_and(|place| place.position.distance_m(position) <= WEATHER_REACH_M),
    }
}

/// Even-odd rule on plain degrees: weather areas are small and far from the poles.
pub(crate) fn inside(ring: &[Position], position: Position) -> bool {
    let mut odd = false;
    let Some(mut a) = ring.last().copied() else {
        return false;
    };
    for b in ring.iter().copied() {
        let spans = (a.lat_deg > position.lat_deg) != (b.lat_deg > position.lat_deg);
        if spans {
            let t = (position.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
            odd ^= position.lon_deg < a.lon_deg + t * (b.lon_deg - a.lon_deg);
        }
        a = b;
    }
    odd
}

/// Seconds from midnight UTC of an instant's day.
pub(crate) fn second_of_day(at: Timestamp) -> f64 {
    let midnight = at.as_second() - at.as_second().rem_euclid(86_400);
    Timestamp::from_second(midnight).map_or(0.0, |midnight| seconds_between(midnight, at))
}
