//! How long an event stands while the silence of those who may still speak grows.
//!
//! Without a further reading an event can only become less likely than noise, and the order in which
//! events take readings does not change. So the next change of a solution is the first at which
//! silence ends one of its events.

use super::estimate::Estimate;
use super::plane::Plane;
use super::weigh::{Weights, weigh};

/// Events with less weight than this against noise are none (natural logarithm).
const WEIGHT_MIN: f64 = -5.0;
/// Silence grows in steps of this, seconds after the epoch.
pub(crate) const STEP_S: f64 = 30.0;

/// A place and time with the readings that it was fitted to.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    pub(crate) estimate: Estimate,
    pub(crate) readings: Vec<usize>,
}

impl Fitted {
    /// Its weights when the newest reading came; `None` when noise was the better explanation
    /// then, or is by now.
    pub(crate) fn weights(&self, plane: &Plane<'_>) -> Option<Weights> {
        let weights = weigh(plane, &self.estimate, &self.readings, plane.heard_s);
        let stands = weights.total() >= WEIGHT_MIN
            && (plane.now_s <= plane.heard_s || self.stands(plane, plane.now_s));
        stands.then_some(weights)
    }

    /// The first step of time at which silence makes noise the better explanation, seconds after
    /// the epoch; `None` when it never does. It must not be so by now.
    pub(crate) fn until_s(&self, plane: &Plane<'_>) -> Option<f64> {
        if self.stands(plane, f64::INFINITY) {
            return None;
        }
        let all_spoke_s = self.estimate.state[2] + plane.network.latency_s_max();
        let mut stood = libm::floor(plane.now_s / STEP_S);
        let mut gone = libm::ceil(all_spoke_s / STEP_S).max(stood + 1.0);
        while gone - stood > 1.0 {
            let middle = libm::floor((stood + gone) / 2.0);
            if self.stands(plane, middle * STEP_S) {
                stood = middle;
            } else {
                gone = middle;
            }
        }
        Some(gone * STEP_S)
    }

    fn stands(&self, plane: &Plane<'_>, at_s: f64) -> bool {
        weigh(plane, &self.estimate, &self.readings, at_s).total() >= WEIGHT_MIN
    }
}
