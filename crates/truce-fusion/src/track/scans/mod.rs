//! Many objects in the scans of sensors: how many there are, where, and which plot is whose.
//!
//! Joint integrated probabilistic data association in its Poisson multi-Bernoulli form (Musicki
//! and Evans 2004; Williams 2015, "TOMB/P"): every object has a probability of existence, every
//! plot is an object known already, a new one or clutter, and the rates of these are learnt. The
//! method, its bounds and its figures are in `docs/tracking.md`.
//!
//! The result of a scan depends on the scans before it and on nothing else. All loops run over
//! arrays in a fixed order, so the same scans give the same numbers.

mod clutter;
mod gate;
mod gaussian;
mod hypotheses;
mod joint;
mod modes;
mod object;
mod rates;
#[cfg(test)]
mod tests;

use clutter::Clutter;
use hypotheses::Hypotheses;
use rates::{Counts, Rates};

pub use object::{Estimate, Object};

/// An object is reported from this existence on. A missing and a false object cost the same, and
/// a reported one still costs its error of position, which moves the balance from 0.5 up.
pub const REPORTED_EXISTENCE: f64 = 0.55;
/// An object with less existence is forgotten, or with less than a newcomer that was missed, ...
const EXISTENCE_MIN: f64 = 1e-3;
/// ... which is this share of a newcomer's existence.
const MISSED_SHARE: f64 = 0.15;

/// Sensors are numbered below this.
pub const SENSORS: u8 = 64;
/// Probability that a sensor that has not seen an object yet covers its place (own estimate): such
/// a sensor's silence says little, and its plot may still be the object's.
const COVERED_ELSEWHERE: f64 = 0.02;

/// A sensor's position measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plot {
    /// Metres east and north in the tracker's plane; finite.
    pub position_m: [f64; 2],
    /// Covariance of its error `[xx, xy, yy]`, square metres; positive definite.
    pub error_m2: [f64; 3],
}

/// How the objects move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Spectral density of the acceleration on a steady course, m²/s³.
    pub noise: f64,
    /// Standard deviation of the velocity of an object that was just found, per axis, metres per
    /// second.
    pub speed_m_s_sigma: f64,
    /// How they manoeuvre, when they do.
    pub manoeuvre: Option<Manoeuvre>,
}

/// Manoeuvres: a second model beside the steady course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manoeuvre {
    /// Spectral density of the acceleration meanwhile, m²/s³.
    pub noise: f64,
    /// How often a steady object begins to manoeuvre, per second.
    pub begins_per_s: f64,
    /// How often a manoeuvre ends, per second.
    pub ends_per_s: f64,
}

/// What is known of a sensor and of the objects it sees. What is `None` is learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How the objects move.
    pub motion: Motion,
    /// Probability that a scan detects an object.
    pub detection_probability: Option<f64>,
    /// Plots per scan that come from no object; used when the area is given too.
    pub clutter_per_scan: Option<f64>,
    /// Area that the sensor watches, square metres.
    pub area_m2: Option<f64>,
    /// Side of a cell of the clutter map, metres.
    pub cell_m: f64,
    /// After a longer time without any scan all objects have ended, seconds.
    pub silence_s_max: f64,
}

/// Follows all objects of a sensor.
#[derive(Debug, Clone)]
pub struct Tracker {
    settings: Settings,
    at_s: Option<f64>,
    objects: Vec<Object>,
    next_number: u64,
    clutter: Clutter,
    rates: Rates,
    hypotheses: Hypotheses,
}

/// A sensor's look at the scene.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// The sensor's bit.
    sensor: u64,
    /// Probability that it detects an object that it covers.
    detection: f64,
}

impl Look {
    /// Probability that it detects an object.
    fn chance(&self, object: &Object) -> f64 {
        if object.seen_by & self.sensor != 0 {
            self.detection
        } else {
            self.detection * COVERED_ELSEWHERE
        }
    }
}

impl Tracker {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let clutter = Clutter::new(settings.cell_m, settings.area_m2, settings.clutter_per_scan);
        Self {
            settings,
            at_s: None,
            objects: Vec::new(),
            next_number: 0,
            clutter,
            rates: Rates::default(),
            hypotheses: Hypotheses::default(),
        }
    }

    /// The objects that may exist, in order of their numbers.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The objects that exist by more than [`REPORTED_EXISTENCE`].
    pub fn reported(&self) -> impl Iterator<Item = &Object> {
        let exists = |object: &&Object| object.existence > REPORTED_EXISTENCE;
        self.objects.iter().filter(exists)
    }

    /// Takes in a scan of a sensor at a time in seconds, which never runs backwards.
    pub fn scan(&mut self, at_s: f64, sensor: u8, plots: &[Plot]) {
        let dt_s = at_s - self.at_s.unwrap_or(at_s);
        assert!(dt_s >= 0.0, "scans come in order of time");
        self.at_s = Some(at_s);
        let detection = self.settings.detection_probability;
        let look = Look {
            sensor: 1 << (sensor % SENSORS),
            detection: detection.unwrap_or_else(|| self.rates.detection()),
        };
        let mut counts = self.predict(dt_s);
        if dt_s > self.settings.silence_s_max {
            self.objects.clear();
        }

        self.clutter.begin(plots);
        let mut hypotheses = std::mem::take(&mut self.hypotheses);
        self.clutter.densities(plots, &mut hypotheses.clutter);
        let birth = self.rates.births_per_scan() / self.clutter.area_m2();
        hypotheses.weigh(&self.objects, plots, look, birth);
        self.update(&hypotheses, plots, look, &mut counts);
        hypotheses.unite(&mut self.objects, plots.len());
        self.begin(&hypotheses, plots, (look.sensor, birth), &mut counts);
        let densest = hypotheses.clutter.iter().copied().fold(0.0, f64::max);
        self.forget(birth / (birth + densest), &mut counts);
        self.hypotheses = hypotheses;
        self.rates.learn(&counts);
    }

    fn predict(&mut self, dt_s: f64) -> Counts {
        let mut counts = Counts::default();
        let survival = libm::exp(-self.rates.deaths_per_s() * dt_s);
        for object in &mut self.objects {
            if object.established {
                counts.lived_s += object.existence * dt_s;
            }
            counts.change(object.established, object.existence * (survival - 1.0));
            object.existence *= survival;
            object.modes.predict(dt_s, &self.settings.motion);
        }
        counts
    }

    /// Gives each object what the plots say about it.
    fn update(&mut self, hypotheses: &Hypotheses, plots: &[Plot], look: Look, counts: &mut Counts) {
        let (mut pairs, mut densities) = (&hypotheses.pairs[..], &hypotheses.densities[..]);
        for (index, object) in (0..).zip(&mut self.objects) {
            let count = pairs.iter().take_while(|pair| pair.object == index).count();
            let (own, own_densities) = (&pairs[..count], &densities[..count]);
            (pairs, densities) = (&pairs[count..], &densities[count..]);
            let (before, established) = (object.existence, object.established);
            let covered = object.seen_by & look.sensor != 0;
            let hit = object.update(own, own_densities, plots, look);
            counts.change(established, object.existence - before);
            if established && covered {
                counts.hits += hit;
                counts.looks += object.existence;
            }
        }
    }

    /// Every plot may be an object's first.
    fn begin(
        &mut self,
        by: &Hypotheses,
        plots: &[Plot],
        (sensor, birth): (u64, f64),
        counts: &mut Counts,
    ) {
        for (index, plot) in (0..).zip(plots) {
            let (clutter, left) = (by.clutter[index as usize], by.unclaimed[index as usize]);
            let new = birth / (birth + clutter);
            self.clutter.learn(plot.position_m, left * (1.0 - new));
            let (number, motion) = (self.next_number, &self.settings.motion);
            let mut object = Object::first(number, left * new, (index, plot), motion);
            object.seen_by = sensor;
            counts.change(false, object.existence);
            self.objects.push(object);
            self.next_number += 1;
        }
    }

    /// Forgets objects that hardly exist.
    fn forget(&mut self, newcomer: f64, counts: &mut Counts) {
        let least = (newcomer * MISSED_SHARE).min(EXISTENCE_MIN);
        self.objects.retain(|object| {
            let kept = object.existence >= least;
            if !kept {
                counts.change(object.established, -object.existence);
            }
            kept
        });
    }
}
