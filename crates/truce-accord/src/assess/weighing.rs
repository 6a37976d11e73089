//! From probabilities to a verdict.

use truce_core::Verdict;

use crate::agreement::Thresholds;

/// The probability of a breach so far, as a range, with the sentences that led to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weighing {
    low: f64,
    high: f64,
    reasons: Vec<String>,
}

impl Default for Weighing {
    fn default() -> Self {
        Self {
            low: 1.0,
            high: 1.0,
            reasons: Vec::new(),
        }
    }
}

impl Weighing {
    /// Something that must be true for a breach, with the range of its probability.
    pub(super) fn factor(&mut self, low: f64, high: f64, reason: String) {
        self.low *= low.clamp(0.0, 1.0);
        self.high *= high.clamp(0.0, 1.0);
        self.reasons.push(reason);
    }

    /// Something that must be true, with its probability.
    pub(super) fn certain(&mut self, probability: f64, reason: String) {
        self.factor(probability, probability, reason);
    }

    /// Something that must be true and that nobody knows.
    pub(super) fn unknown(&mut self, reason: &str) {
        self.factor(0.0, 1.0, reason.to_owned());
    }

    /// Something that is true or not.
    pub(super) fn fact(&mut self, truth: bool, reason: String) {
        self.certain(f64::from(u8::from(truth)), reason);
    }

    /// The verdict, and all reasons with the last one summing them up.
    pub(super) fn close(mut self, thresholds: Thresholds) -> (Verdict, Vec<String>) {
        let Thresholds {
            breach, compliant, ..
        } = thresholds;
        let verdict = if self.low >= breach {
            Verdict::Breach
        } else if self.high <= compliant {
            Verdict::Compliant
        } else {
            Verdict::Undetermined
        };
        let probability = if self.high - self.low < 0.005 {
            format!("is {:.2}", self.low)
        } else {
            format!("lies between {:.2} and {:.2}", self.low, self.high)
        };
        self.reasons.push(format!(
            "Taken together the probability of a breach {probability}; a breach is stated from \
             {breach:.2} on, compliance up to {compliant:.2}."
        ));
        (verdict, self.reasons)
    }
}
