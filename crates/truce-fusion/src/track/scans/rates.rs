//! What the tracker learns while it works: how often objects appear and vanish, and how often
//! they are detected. Each rate is a count over an exposure with a prior that weighs as much as a
//! few observations (conjugate gamma and beta priors), and the past fades.
//!
//! Counts are changes of existence, so a later scan takes back what an earlier one believed too
//! early: over an object's life they sum to one birth and one death.

/// Scans after which births are forgotten but for 1/e.
const BIRTHS_MEMORY_SCANS: f64 = 10.0;
/// Time lived by all objects together after which deaths are forgotten but for 1/e, seconds.
const DEATHS_MEMORY_S: f64 = 300.0;

/// A count over an exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    prior: [f64; 2],
    seen: [f64; 2],
}

impl Rate {
    /// A prior that weighs as much as `count` events in `exposure`.
    fn new(count: f64, exposure: f64) -> Self {
        Self {
            prior: [count, exposure],
            seen: [0.0; 2],
        }
    }

    fn learn(&mut self, fading: f64, count: f64, exposure: f64) {
        self.seen[0] = self.seen[0] * fading + count;
        self.seen[1] = self.seen[1] * fading + exposure;
    }

    fn value(&self) -> f64 {
        // Beliefs taken back after older ones have faded may leave less than nothing.
        (self.prior[0] + self.seen[0].max(0.0)) / (self.prior[1] + self.seen[1])
    }
}

/// What one scan says about the rates: expected numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    births: f64,
    deaths: f64,
    /// Time that established objects lived, seconds.
    pub(super) lived_s: f64,
    /// Detections of established objects, and chances for them.
    pub(super) hits: f64,
    pub(super) looks: f64,
}

impl Counts {
    /// An object's existence changed: one that is not established yet is being born, an
    /// established one dies.
    pub(super) fn change(&mut self, established: bool, change: f64) {
        if established {
            self.deaths -= change;
        } else {
            self.births += change;
        }
    }
}

/// All rates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    births_per_scan: Rate,
    deaths_per_s: Rate,
    detection: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            births_per_scan: Rate::new(1.0, 1.0),
            deaths_per_s: Rate::new(1.0, 100.0),
            detection: Rate::new(8.0, 10.0),
        }
    }
}

impl Rates {
    pub(super) fn learn(&mut self, counts: &Counts) {
        let fading = libm::exp(-1.0 / BIRTHS_MEMORY_SCANS);
        self.births_per_scan.learn(fading, counts.births, 1.0);
        let fading = libm::exp(-counts.lived_s / DEATHS_MEMORY_S);
        self.deaths_per_s
            .learn(fading, counts.deaths, counts.lived_s);
        self.detection.learn(1.0, counts.hits, counts.looks);
    }

    pub(super) fn births_per_scan(&self) -> f64 {
        self.births_per_scan.value()
    }

    pub(super) fn deaths_per_s(&self) -> f64 {
        self.deaths_per_s.value()
    }

    pub(super) fn detection(&self) -> f64 {
        self.detection.value().clamp(0.01, 0.999)
    }
}
