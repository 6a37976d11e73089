//! Place and time of an event from the arrivals that may be its own: Gauss–Newton on the arrivals
//! weighted by the belief that they are the event's (an expectation–maximisation step each), first
//! in a neighbourhood that narrows as the place becomes known.

use super::likelihood::{Regard, STATE, State, Weighed, World};
use super::matrix::{Matrix, root, solve};
use super::picks::Picks;

/// No step moves an event farther, metres.
const STEP_M_MAX: f64 = 5_000.0;
/// A smaller step changes nothing that matters, metres.
const STEP_M_MIN: f64 = 20.0;
/// Steps at most.
const STEPS_MAX: usize = 8;
/// Tolerances of the first look, in shares of the roughness of the start.
const APPROACH: [f64; 2] = [0.4, 0.1];
/// Logarithm of the likelihood ratio below which a rough look goes no further. It ends four fifths
/// of the peaks that come to nothing and one in two thousand of those that become events.
const LOG_RATIO_ROUGH_MIN: f64 = 0.0;
/// The same after the first look, below which no event comes of a peak: the prior of a place and
/// time alone asks for more.
const LOG_RATIO_MIN: f64 = 5.0;
/// Share of the uncertainty of the place by the sharp waves that arrivals are given beside their
/// own error when it is asked whether they are the event's: none must vouch for itself.
const SELF_DOUBT: f64 = 0.7;
/// Residuals that the stated errors of picked times are worth when the misfit is judged.
const KNOWN: f64 = 10.0;
/// The part of an arrival's residual that is left when it has pulled the place towards it, at least.
const REST_MIN: f64 = 0.05;
/// Without arrivals nothing is known of the time, seconds.
const TIME_S_SIGMA: f64 = 1_000.0;
/// 3/2 ln 2π.
const LOG_TAU_3_2: f64 = 2.756_815_599_614_018_5;

/// An event where its likelihood is greatest.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub(super) state: State,
    /// Natural logarithm of the likelihood ratio, integrated over place and time, m² s.
    pub(super) log_evidence: f64,
    pub(super) weighed: Weighed,
    /// Standard deviation of the place by the sharp waves alone, along an axis, metres.
    spread_m: f64,
}

impl Fit {
    /// An event at a rough place and time, not yet weighed.
    pub(super) fn at(x_m: f64, y_m: f64, at_s: f64) -> Self {
        let mut state = [0.0; STATE];
        state[..3].copy_from_slice(&[x_m, y_m, at_s]);
        Self {
            state,
            log_evidence: f64::NEG_INFINITY,
            weighed: Weighed::default(),
            spread_m: 0.0,
        }
    }

    /// A first look from a place that is `rough_m` off, with the waves that are sharp; the others
    /// come in within the uncertainty that these leave. False as soon as the arrivals are better
    /// explained without an event.
    pub(super) fn approach(
        &mut self,
        world: &World,
        picks: &Picks,
        rival: &[f64],
        rough_m: f64,
    ) -> bool {
        let mut root = [[0.0; STATE]; STATE];
        for share in APPROACH {
            let regard = Regard {
                all: false,
                tolerance_m: share * rough_m,
            };
            world.weigh(picks, rival, &self.state, regard, &mut self.weighed);
            if self.weighed.log_ratio < LOG_RATIO_ROUGH_MIN {
                return false;
            }
            (_, root) = self.step(world);
        }
        let spread = covariance(&root, world.size);
        self.spread_m = (0.5 * (spread[0][0] + spread[1][1])).sqrt().min(rough_m);
        world.weigh(picks, rival, &self.state, self.regard(), &mut self.weighed);
        self.step(world);
        self.weighed.log_ratio >= LOG_RATIO_MIN
    }

    /// Moves to where the likelihood is greatest, and weighs the event there.
    pub(super) fn settle(&mut self, world: &World, picks: &Picks, rival: &[f64]) {
        for _ in 0..STEPS_MAX {
            world.weigh(picks, rival, &self.state, self.regard(), &mut self.weighed);
            if self.step(world).0 < STEP_M_MIN {
                break;
            }
        }
        let exact = Regard {
            all: true,
            tolerance_m: 0.0,
        };
        world.weigh(picks, rival, &self.state, exact, &mut self.weighed);
        self.log_evidence = self.weighed.log_ratio + self.log_volume(world);
    }

    fn regard(&self) -> Regard {
        Regard {
            all: true,
            tolerance_m: SELF_DOUBT * self.spread_m,
        }
    }

    /// Laplace's integral of the likelihood around its maximum over place and time, with what is
    /// known beforehand of the speeds integrated out.
    fn log_volume(&self, world: &World) -> f64 {
        let root = root(&self.normal(world).0, world.size);
        let mut log_volume = LOG_TAU_3_2;
        for (i, row) in root.iter().enumerate().take(world.size) {
            log_volume -= libm::log(row[i]);
        }
        for (sigma, deviation) in world.sigma.iter().zip(self.state).take(world.size).skip(3) {
            log_volume -= libm::log(*sigma) + 0.5 * (deviation / sigma).powi(2);
        }
        log_volume
    }

    /// Information and gradient of the weighted squares.
    fn normal(&self, world: &World) -> (Matrix, State) {
        let mut information = [[0.0; STATE]; STATE];
        let mut gradient = [0.0; STATE];
        let (east_m, north_m) = world.area.extent_m();
        // A place is somewhere in the area; a uniform distribution has a twelfth of its square.
        information[0][0] = 12.0 / (east_m * east_m);
        information[1][1] = 12.0 / (north_m * north_m);
        information[2][2] = TIME_S_SIGMA.powi(-2);
        for i in 3..world.size {
            information[i][i] = world.sigma[i].powi(-2);
            gradient[i] = -self.state[i] * information[i][i];
        }
        for term in &self.weighed.terms {
            let row = world.derivative(&self.state, term);
            let weight = term.belief() / term.variance_s2;
            for i in 0..world.size {
                let scaled = weight * row[i];
                gradient[i] += scaled * term.residual_s;
                for j in 0..=i {
                    information[i][j] += scaled * row[j];
                }
            }
        }
        (information, gradient)
    }

    /// One step: how far it moved, metres, and the root of the information before it.
    fn step(&mut self, world: &World) -> (f64, Matrix) {
        let (information, gradient) = self.normal(world);
        let root = root(&information, world.size);
        let step = solve(&root, &gradient, world.size);
        let length_m = (step[0] * step[0] + step[1] * step[1]).sqrt();
        let share = (STEP_M_MAX / length_m).min(1.0);
        for (state, step) in self.state.iter_mut().zip(step) {
            *state += share * step;
        }
        let inside = world.area.nearest([self.state[0], self.state[1]]);
        [self.state[0], self.state[1]] = inside;
        (length_m * share, root)
    }

    /// Covariance of x (m), y (m) and time (s): that of the weighted squares with what is missing
    /// because the association is not certain, scaled by the misfit, and the spread between the
    /// places with and without each arrival that may not be the event's.
    pub(super) fn covariance(
        &mut self,
        world: &World,
        picks: &Picks,
        rival: &[f64],
    ) -> [[f64; 3]; 3] {
        world.weigh(picks, rival, &self.state, self.regard(), &mut self.weighed);
        let root = root(&self.observed(world), world.size);
        let misfit = self.misfit();
        let mut total = covariance(&root, world.size).map(|row| row.map(|cell| cell * misfit));
        for term in &self.weighed.terms {
            let row = world.derivative(&self.state, term);
            let gain = solve(&root, &row, world.size).map(|gain| gain / term.variance_s2);
            let pull: f64 = row.iter().zip(&gain).map(|(row, gain)| row * gain).sum();
            // What is left of the residual is so much of what it would be without the arrival
            // (Cook and Weisberg 1982, equation 2.2.8), and so is its variance.
            let rest = (1.0 - term.belief() * pull).max(REST_MIN);
            let chi2 = term.residual_s * term.residual_s / term.variance_s2;
            let log_fit = 0.5 * (libm::log(rest) - chi2 * (1.0 / rest - 1.0));
            let belief = term.belief_after(libm::exp(log_fit));
            let moved_s = term.residual_s / rest;
            let weight = belief * (1.0 - belief) * moved_s * moved_s;
            for (cells, own) in total.iter_mut().zip(gain) {
                for (cell, other) in cells.iter_mut().zip(gain) {
                    *cell += weight * own * other;
                }
            }
        }
        total
    }

    /// χ² per degree of freedom, as far as the residuals can tell better than the stated errors;
    /// never below one (Birge's ratio).
    fn misfit(&self) -> f64 {
        let (mut chi2, mut count) = (0.0, 0.0);
        for term in &self.weighed.terms {
            chi2 += term.belief() * term.residual_s * term.residual_s / term.variance_s2;
            count += term.belief();
        }
        let free = f64::max(count - 3.0, 0.0);
        ((KNOWN + chi2) / (KNOWN + free)).max(1.0)
    }

    /// Information when it is not certain which arrivals are the event's: that of the weighted
    /// squares less the variance of their gradient over the possible associations (Louis 1982),
    /// channel by channel and never less than none.
    fn observed(&self, world: &World) -> Matrix {
        let (mut information, _) = self.normal(world);
        for channel in self.weighed.channels() {
            let (mut mean, mut square, mut complete) = (0.0, 0.0, 0.0);
            for term in channel {
                let scaled = term.residual_s / term.variance_s2;
                mean += term.belief() * scaled;
                square += term.belief() * scaled * scaled;
                complete += term.belief() / term.variance_s2;
            }
            let missing = (square - mean * mean).clamp(0.0, complete);
            let row = world.derivative(&self.state, &channel[0]);
            for i in 0..world.size {
                for j in 0..=i {
                    information[i][j] -= missing * row[i] * row[j];
                }
            }
        }
        information
    }
}

/// Covariance of x, y and time from the root of the information.
fn covariance(root: &Matrix, size: usize) -> [[f64; 3]; 3] {
    std::array::from_fn(|i| {
        let mut unit = [0.0; STATE];
        unit[i] = 1.0;
        let column = solve(root, &unit, size);
        [column[0], column[1], column[2]]
    })
}
