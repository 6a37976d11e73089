//! One object that may exist: how plots change the belief in it.

use super::gaussian::{Mixture, Symmetric};
use super::joint::Pair;
use super::modes::{MODES, Modes};
use super::{Look, Motion, Plot};

/// No number of detections makes an object more certain.
const EXISTENCE_MAX: f64 = 1.0 - 1e-9;
/// From this existence on an object counts for the rates of deaths and detections.
const ESTABLISHED_EXISTENCE: f64 = 0.99;
/// Two estimates are of one object when neither their positions nor their velocities differ by
/// more than two standard deviations, as squared Mahalanobis distance.
const SAME_CHI2: f64 = 4.0;

/// An object that may exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its number: objects are counted as they appear.
    pub number: u64,
    /// Probability that it exists.
    pub existence: f64,
    /// The index of the plot in the last scan that is its own more likely than not.
    pub plot: Option<u32>,
    /// It has once been as good as certain.
    pub(super) established: bool,
    /// The bits of the sensors that have seen it.
    pub(super) seen_by: u64,
    pub(super) modes: Modes,
}

/// What an object is estimated to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Position, metres east and north.
    pub position_m: [f64; 2],
    /// Velocity, metres per second east and north.
    pub velocity_m_s: [f64; 2],
    /// Covariance of the position `[xx, xy, yy]`, square metres.
    pub position_m2: [f64; 3],
    /// Mean variance of the velocity per axis, m²/s².
    pub velocity_m2_s2: f64,
}

impl Object {
    /// An object whose first plot this is.
    pub(super) fn first(number: u64, existence: f64, plot: (u32, &Plot), motion: &Motion) -> Self {
        let (index, plot) = plot;
        Self {
            number,
            existence,
            plot: Some(index),
            established: false,
            seen_by: 0,
            modes: Modes::first(plot.position_m, error(plot), motion),
        }
    }

    /// Where it is and how it moves.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let all = self.modes.merged();
        Estimate {
            position_m: all.position,
            velocity_m_s: all.velocity,
            position_m2: [all.pp.xx, all.pp.xy, all.pp.yy],
            velocity_m2_s2: (all.vv.xx + all.vv.yy) / 2.0,
        }
    }

    /// True when both may be one object that was begun twice. Two that were certain once are two.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        if self.established && other.established {
            return false;
        }
        let (a, b) = (self.modes.merged(), other.modes.merged());
        a.position_distance2(&b) < SAME_CHI2 && a.velocity_distance2(&b) < SAME_CHI2
    }

    /// Takes over another that is the same: the two excluded each other, so their existences add
    /// up. The number stays, the better founded estimate is kept.
    pub(super) fn absorb(&mut self, other: &mut Self) {
        if other.existence > self.existence {
            (self.modes, self.plot) = (other.modes, other.plot);
        }
        self.existence = (self.existence + other.existence).min(EXISTENCE_MAX);
        self.established |= other.established;
        self.seen_by |= other.seen_by;
        other.existence = 0.0;
    }

    /// The belief given the joint probabilities of its plots (Musicki and Evans 2004, section 4);
    /// `densities` stand beside `pairs`. Returns the probability that one of them is its own.
    pub(super) fn update(
        &mut self,
        pairs: &[Pair],
        densities: &[[f64; MODES]],
        plots: &[Plot],
        look: Look,
    ) -> f64 {
        let detection = look.chance(self);
        let hit: f64 = pairs.iter().map(|pair| pair.probability).sum();
        let silent = 1.0 - self.existence * detection;
        let missed = (1.0 - hit).max(0.0) * self.existence * (1.0 - detection) / silent;
        let before = self.modes;
        for mode in 0..MODES {
            let (weight, gaussian) = (before.weights[mode], &before.gaussians[mode]);
            if weight <= 0.0 {
                continue;
            }
            let mut mixture = Mixture::around(gaussian);
            mixture.add(missed * weight, gaussian);
            for (pair, densities) in pairs.iter().zip(densities) {
                let all: f64 = (0..MODES).map(|m| before.weights[m] * densities[m]).sum();
                let share = pair.probability * weight * densities[mode] / all;
                if share > 0.0 {
                    let plot = &plots[pair.plot as usize];
                    mixture.add(share, &gaussian.updated(plot.position_m, error(plot)));
                }
            }
            (self.modes.weights[mode], self.modes.gaussians[mode]) = mixture.merged();
        }
        self.modes.normalize();
        self.existence = (missed + hit).min(EXISTENCE_MAX);
        let likely = pairs.iter().find(|pair| pair.probability > 0.5);
        self.plot = likely.map(|pair| pair.plot);
        if self.plot.is_some() {
            self.seen_by |= look.sensor;
        }
        self.established |= self.existence > ESTABLISHED_EXISTENCE;
        hit
    }
}

/// The covariance of a plot's error.
pub(super) fn error(plot: &Plot) -> Symmetric {
    let [xx, xy, yy] = plot.error_m2;
    Symmetric { xx, xy, yy }
}
