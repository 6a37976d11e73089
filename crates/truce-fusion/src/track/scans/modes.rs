//! Interacting multiple models (Blom and Bar-Shalom 1988): an object either keeps its course or
//! manoeuvres, each with a filter of its own and a probability.

use super::Motion;
use super::gaussian::{Gaussian, Mixture, Symmetric};

/// Models per object: steady and manoeuvring.
pub(super) const MODES: usize = 2;

/// The estimate of one object: a Gaussian per mode. Weights sum to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Modes {
    pub(super) weights: [f64; MODES],
    pub(super) gaussians: [Gaussian; MODES],
}

impl Modes {
    /// An object seen for the first time.
    pub(super) fn first(measured: [f64; 2], error: Symmetric, motion: &Motion) -> Self {
        let gaussian = Gaussian {
            position: measured,
            velocity: [0.0; 2],
            pp: error,
            pv: [[0.0; 2]; 2],
            vv: Symmetric::circle(motion.speed_m_s_sigma * motion.speed_m_s_sigma),
        };
        let turning = motion.manoeuvre.map_or(0.0, |manoeuvre| {
            manoeuvre.begins_per_s / (manoeuvre.begins_per_s + manoeuvre.ends_per_s)
        });
        Self {
            weights: [1.0 - turning, turning],
            gaussians: [gaussian; MODES],
        }
    }

    /// Moves on by `dt_s` seconds.
    pub(super) fn predict(&mut self, dt_s: f64, motion: &Motion) {
        let Some(manoeuvre) = motion.manoeuvre else {
            self.gaussians[0].predict(dt_s, motion.noise);
            return;
        };
        let both = manoeuvre.begins_per_s + manoeuvre.ends_per_s;
        let settled = 1.0 - libm::exp(-both * dt_s);
        let begins = settled * manoeuvre.begins_per_s / both;
        let ends = settled * manoeuvre.ends_per_s / both;
        let before = *self;
        let mixed = |mode: usize, stay: f64, come: f64| {
            let mut mixture = Mixture::around(&before.gaussians[mode]);
            let other = 1 - mode;
            mixture.add(before.weights[mode] * stay, &before.gaussians[mode]);
            mixture.add(before.weights[other] * come, &before.gaussians[other]);
            mixture.merged()
        };
        (self.weights[0], self.gaussians[0]) = mixed(0, 1.0 - begins, ends);
        (self.weights[1], self.gaussians[1]) = mixed(1, 1.0 - ends, begins);
        self.gaussians[0].predict(dt_s, motion.noise);
        self.gaussians[1].predict(dt_s, manoeuvre.noise);
    }

    /// Modes that have any weight.
    pub(super) fn live(&self) -> impl Iterator<Item = (usize, f64, &Gaussian)> {
        let modes = self.weights.iter().zip(&self.gaussians).enumerate();
        modes.filter_map(|(mode, (&weight, gaussian))| {
            (weight > 0.0).then_some((mode, weight, gaussian))
        })
    }

    /// Lets the weights sum to 1; nothing to weigh keeps the first mode.
    pub(super) fn normalize(&mut self) {
        let all: f64 = self.weights.iter().sum();
        if all > 0.0 {
            self.weights = self.weights.map(|weight| weight / all);
        } else {
            self.weights = [1.0, 0.0];
        }
    }

    /// One Gaussian for all modes.
    pub(super) fn merged(&self) -> Gaussian {
        if self.weights[1] <= 0.0 {
            return self.gaussians[0];
        }
        let mut mixture = Mixture::around(&self.gaussians[0]);
        for (_, weight, gaussian) in self.live() {
            mixture.add(weight, gaussian);
        }
        mixture.merged().1
    }
}
