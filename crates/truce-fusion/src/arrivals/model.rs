//! What a mission knows of its stations: how fast waves travel, how well arrivals are timed, how far
//! an event is noticed. Everything is a parameter; what is not given is estimated from the arrivals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Error, Station};

/// Strengths of an event that are told apart, from the weakest to the strongest.
pub(super) const STRENGTHS: usize = 8;
/// Step of the table of detection probabilities, metres.
const TABLE_STEP_M: f64 = 500.0;
/// Rows of that table at most: beyond 2,000 km the plane has long ended.
const TABLE_ROWS_MAX: usize = 4_000;
/// Below this probability of being noticed at its strongest, an event is out of reach.
const SEEN_MIN: f64 = 0.01;

/// A kind of wave that stations time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wave {
    /// The first, compressional seismic wave.
    P,
    /// The second, shear seismic wave.
    S,
    /// Sound in air.
    Sound,
}

/// How far a wave is noticed. An event of strength `u` in `[0, 1]`, the same for all waves, is
/// noticed at distance `d` with probability `seen_share_max / (1 + exp((d − h) / softness_m))`,
/// where `h = half_m_weakest + u (half_m_strongest − half_m_weakest)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Distance at which half of the weakest events are noticed, metres.
    pub half_m_weakest: f64,
    /// The same for the strongest, metres.
    pub half_m_strongest: f64,
    /// Scale of the decline, metres.
    pub softness_m: f64,
    /// Share noticed at no distance: what a busy station misses even of the strongest.
    #[serde(default = "seen_share_max")]
    pub seen_share_max: f64,
}

/// Nothing is noticed with certainty; a single miss must not outweigh everything else.
fn seen_share_max() -> f64 {
    0.995
}

/// What is known of one kind of wave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaveModel {
    /// Its speed along the surface, metres per second.
    pub speed_m_s: f64,
    /// Standard deviation of the speed from event to event, the same in all directions
    /// (temperature), metres per second.
    #[serde(default)]
    pub speed_m_s_sigma: f64,
    /// Standard deviation of each component of the wind, the same over all paths of one event,
    /// metres per second.
    #[serde(default)]
    pub wind_m_s_sigma: f64,
    /// Standard deviation of the picked time, where the arrival itself states none, seconds.
    pub pick_s_sigma: f64,
    /// How far it is noticed.
    pub reach: Reach,
}

/// The rectangle in which events are looked for, in the plane of the stations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Western edge, metres.
    pub x_m_min: f64,
    /// Eastern edge, metres.
    pub x_m_max: f64,
    /// Southern edge, metres.
    pub y_m_min: f64,
    /// Northern edge, metres.
    pub y_m_max: f64,
}

/// The sensor model of a network of stations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where events are looked for; without it, the box of the stations and half of the farthest
    /// reach around it.
    #[serde(default)]
    pub area: Option<Area>,
    /// Events to be expected, per second and whole area; estimated when not given.
    #[serde(default)]
    pub events_per_s: Option<f64>,
    /// Arrivals of each wave that belong to no event, per second and station; estimated for every
    /// station when not given.
    #[serde(default)]
    pub false_per_s: Option<f64>,
    /// The waves that the stations time.
    pub waves: BTreeMap<Wave, WaveModel>,
}

impl Area {
    /// Its extent, square metres.
    pub(super) fn m2(&self) -> f64 {
        (self.x_m_max - self.x_m_min) * (self.y_m_max - self.y_m_min)
    }

    /// From west to east and from south to north, metres.
    pub(super) fn extent_m(&self) -> (f64, f64) {
        (self.x_m_max - self.x_m_min, self.y_m_max - self.y_m_min)
    }

    /// The nearest point inside.
    pub(super) fn nearest(&self, [x_m, y_m]: [f64; 2]) -> [f64; 2] {
        [
            x_m.clamp(self.x_m_min, self.x_m_max),
            y_m.clamp(self.y_m_min, self.y_m_max),
        ]
    }
}

impl Model {
    /// The box of the stations, and half of the farthest reach around it.
    pub(super) fn area_around(&self, stations: &[Station]) -> Area {
        let reaches = self.waves.values().map(|wave| wave.reach.half_m_strongest);
        let margin_m = reaches.fold(0.0, f64::max) / 2.0;
        let bounds = |of: fn(&Station) -> f64| {
            let all = || stations.iter().map(of);
            let least = all().fold(f64::INFINITY, f64::min);
            let greatest = all().fold(f64::NEG_INFINITY, f64::max);
            (least - margin_m, greatest + margin_m)
        };
        let ((x_m_min, x_m_max), (y_m_min, y_m_max)) = (bounds(|s| s.x_m), bounds(|s| s.y_m));
        Area {
            x_m_min,
            x_m_max,
            y_m_min,
            y_m_max,
        }
    }

    /// Whether a number makes no sense.
    pub(super) fn check(&self) -> Result<(), Error> {
        let positive = |name, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(Error::NotPositive { name, value }),
        };
        if self.waves.is_empty() {
            return Err(Error::NoWave);
        }
        let windy = self.waves.values().filter(|wave| wave.wind_m_s_sigma > 0.0);
        if windy.count() > 1 {
            return Err(Error::TwoWinds);
        }
        for wave in self.waves.values() {
            let reach = &wave.reach;
            for (name, value) in [
                ("speed_m_s", wave.speed_m_s),
                // These two may be zero, but not more than the speed itself.
                (
                    "speed_m_s_sigma below speed_m_s",
                    wave.speed_m_s - wave.speed_m_s_sigma,
                ),
                (
                    "wind_m_s_sigma below speed_m_s",
                    wave.speed_m_s - wave.wind_m_s_sigma,
                ),
                ("speed_m_s_sigma + 1", wave.speed_m_s_sigma + 1.0),
                ("wind_m_s_sigma + 1", wave.wind_m_s_sigma + 1.0),
                ("pick_s_sigma", wave.pick_s_sigma),
                ("reach.half_m_weakest", reach.half_m_weakest),
                ("reach.half_m_strongest", reach.half_m_strongest),
                ("reach.softness_m", reach.softness_m),
                ("reach.seen_share_max", reach.seen_share_max),
                ("1 - reach.seen_share_max", 1.0 - reach.seen_share_max),
            ] {
                positive(name, value)?;
            }
        }
        if let Some(area) = self.area {
            positive("area, west to east", area.x_m_max - area.x_m_min)?;
            positive("area, south to north", area.y_m_max - area.y_m_min)?;
        }
        for (name, rate) in [
            ("events_per_s", self.events_per_s),
            ("false_per_s", self.false_per_s),
        ] {
            rate.map_or(Ok(()), |rate| positive(name, rate))?;
        }
        Ok(())
    }
}

impl Reach {
    /// Probability of being noticed at a distance, at the strength `u`.
    pub(super) fn seen(&self, distance_m: f64, u: f64) -> f64 {
        let half_m = self.half_m_weakest + u * (self.half_m_strongest - self.half_m_weakest);
        self.seen_share_max / (1.0 + libm::exp((distance_m - half_m) / self.softness_m))
    }
}

/// Detection probabilities of one wave by distance and strength.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    rows: Vec<[f64; STRENGTHS]>,
}

impl Seen {
    pub(super) fn new(reach: &Reach) -> Self {
        let row = |distance_m: f64| {
            std::array::from_fn(|i| reach.seen(distance_m, (i as f64 + 0.5) / STRENGTHS as f64))
        };
        let rows = (0..TABLE_ROWS_MAX)
            .map(|i| row((i as f64 + 0.5) * TABLE_STEP_M))
            .take_while(|row| row.iter().any(|&seen| seen >= SEEN_MIN))
            .collect();
        Self { rows }
    }

    /// The row of a distance, in the table of any wave.
    pub(super) fn row(distance_m: f64) -> usize {
        // A distance is neither negative nor near the largest integer.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let row = (distance_m / TABLE_STEP_M) as usize;
        row
    }

    /// The probabilities in a row, weakest strength first; `None` out of reach.
    pub(super) fn at(&self, row: usize) -> Option<&[f64; STRENGTHS]> {
        self.rows.get(row)
    }

    /// Beyond this nothing is noticed, metres.
    pub(super) fn reach_m(&self) -> f64 {
        self.rows.len() as f64 * TABLE_STEP_M
    }
}
