//! What the sensors work under: cloud, wind, outages. Drawn before anything is observed, so that
//! every sensor of a place meets the same weather.

use std::collections::BTreeMap;

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Interval, Position, Slug, Timestamp};

use crate::Options;
use crate::ground::Ground;
use crate::random::Stream;

/// Share of cells under cloud (the incident benchmark's figure: 0.35 per pass).
const CLOUD_SHARE: f64 = 0.35;

/// Edge of a weather cell, degrees.
pub(crate) const CELL_DEG: f64 = 1.0;

/// How long a cell keeps its weather, seconds.
pub(crate) const WEATHER_S: f64 = 3.0 * 3_600.0;

/// Standard deviation of the wind along a sound's path, metres per second (incident benchmark).
pub(crate) const WIND_M_S_SIGMA: f64 = 4.0;

/// Mean number of outages per sensor and day, and their mean length in seconds (illustrative).
const OUTAGES_PER_DAY: f64 = 0.1;
const OUTAGE_S: f64 = 2.0 * 3_600.0;

/// One weather cell for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) lat: i32,
    pub(crate) lon: i32,
    pub(crate) period: i64,
}

/// One time for which a sensor did not work.
#[derive(Debug, Clone)]
pub(crate) struct Outage {
    pub(crate) during: Interval,
    /// True when it was disturbed from outside.
    pub(crate) jammed: bool,
}

/// Weather and outages of the period.
pub(crate) struct Conditions {
    seed: u64,
    start: Timestamp,
    pub(crate) outages: BTreeMap<Slug, Vec<Outage>>,
}

impl Conditions {
    pub(crate) fn draw(ground: &Ground<'_>, options: &Options) -> Self {
        let mut stream = Stream::new(options.seed, "outages");
        let days = options.hours / 24.0;
        let mut outages: BTreeMap<Slug, Vec<Outage>> = BTreeMap::new();
        for sensor in ground
            .mission
            .network
            .sensors
            .iter()
            .filter(|s| s.position.is_some())
        {
            for _ in 0..stream.poisson(OUTAGES_PER_DAY * days) {
                let from = stream.between(0.0, options.hours * 3_600.0);
                let from = plus_seconds(options.start, from);
                let during =
                    Interval::between(from, plus_seconds(from, stream.exponential(OUTAGE_S)));
                let jammed = stream.chance(0.25);
                outages
                    .entry(sensor.id.clone())
                    .or_default()
                    .push(Outage { during, jammed });
            }
        }
        Self {
            seed: options.seed,
            start: options.start,
            outages,
        }
    }

    /// True when the sensor works at an instant.
    pub(crate) fn works(&self, sensor: &Slug, at: Timestamp) -> bool {
        let out = |outage: &Outage| (outage.during.start..=outage.during.end).contains(&at);
        !self
            .outages
            .get(sensor)
            .is_some_and(|outages| outages.iter().any(out))
    }

    /// The weather cell of a place and time. Degrees and periods are small numbers.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn cell(&self, position: Position, at: Timestamp) -> Cell {
        Cell {
            lat: libm::floor(position.lat_deg / CELL_DEG) as i32,
            lon: libm::floor(position.lon_deg / CELL_DEG) as i32,
            period: libm::floor(seconds_between(self.start, at) / WEATHER_S) as i64,
        }
    }

    /// Share of sky under cloud in a cell, 0 or 0.9.
    pub(crate) fn cloud_fraction(&self, cell: Cell) -> f64 {
        let Cell { lat, lon, period } = cell;
        let clouded =
            Stream::new(self.seed, &format!("cloud {lat} {lon} {period}")).chance(CLOUD_SHARE);
        if clouded { 0.9 } else { 0.0 }
    }

    /// Corner positions of a cell and the time for which it holds.
    pub(crate) fn extent(&self, cell: Cell) -> ([Position; 4], Interval) {
        let at = |lat: i32, lon: i32| Position {
            lat_deg: f64::from(lat) * CELL_DEG,
            lon_deg: f64::from(lon) * CELL_DEG,
        };
        let Cell { lat, lon, period } = cell;
        let from = plus_seconds(self.start, period as f64 * WEATHER_S);
        let ring = [
            at(lat, lon),
            at(lat, lon + 1),
            at(lat + 1, lon + 1),
            at(lat + 1, lon),
        ];
        (ring, Interval::between(from, plus_seconds(from, WEATHER_S)))
    }
}
