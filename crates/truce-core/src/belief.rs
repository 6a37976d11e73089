//! Words and numbers for belief: probability, log-odds, the Admiralty grades of source and content.
//!
//! Likelihood (how probable the event is) and confidence (how good the basis is) are never mixed
//! in one sentence (ICD 203, D.6.e.2).

use serde::{Deserialize, Serialize};

/// Probabilities are kept this far from 0 and 1, so that log-odds stay finite.
pub const PROBABILITY_MARGIN: f64 = 1e-9;

/// Natural log-odds of a probability.
#[must_use]
pub fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(PROBABILITY_MARGIN, 1.0 - PROBABILITY_MARGIN);
    libm::log(p / (1.0 - p))
}

/// The probability of natural log-odds.
#[must_use]
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// The word of ICD 203 (2015, table in D.6.e.2.a) for a probability.
#[must_use]
pub fn likelihood_words(probability: f64) -> &'static str {
    match probability {
        p if p < 0.05 => "almost no chance",
        p if p < 0.20 => "very unlikely",
        p if p < 0.45 => "unlikely",
        p if p < 0.55 => "roughly even chance",
        p if p < 0.80 => "likely",
        p if p < 0.95 => "very likely",
        _ => "almost certain",
    }
}

/// Reliability of a source (Admiralty code; STANAG 2511, annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reliability {
    /// Completely reliable.
    A,
    /// Usually reliable.
    B,
    /// Fairly reliable.
    C,
    /// Not usually reliable.
    D,
    /// Unreliable.
    E,
    /// Reliability cannot be judged.
    F,
}

/// Credibility of a content (Admiralty code; STANAG 2511, annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Credibility {
    /// Confirmed by other sources.
    #[serde(rename = "1")]
    Confirmed,
    /// Probably true.
    #[serde(rename = "2")]
    ProbablyTrue,
    /// Possibly true.
    #[serde(rename = "3")]
    PossiblyTrue,
    /// Doubtful.
    #[serde(rename = "4")]
    Doubtful,
    /// Improbable.
    #[serde(rename = "5")]
    Improbable,
    /// Truth cannot be judged.
    #[serde(rename = "6")]
    CannotBeJudged,
}

/// Both grades of the Admiralty code, such as B2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Of the source.
    pub reliability: Reliability,
    /// Of the content.
    pub credibility: Credibility,
}

impl Grade {
    /// A source and a content that nobody has judged: F6.
    pub const UNJUDGED: Self = Self {
        reliability: Reliability::F,
        credibility: Credibility::CannotBeJudged,
    };

    /// The code as people write it, such as `B2`.
    #[must_use]
    pub fn code(&self) -> String {
        format!("{:?}{}", self.reliability, self.credibility as u8 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_at_the_bands_of_icd_203() {
        let cases = [
            (0.0, "almost no chance"),
            (0.05, "very unlikely"),
            (0.2, "unlikely"),
            (0.5, "roughly even chance"),
            (0.55, "likely"),
            (0.8, "very likely"),
            (0.95, "almost certain"),
        ];
        for (p, words) in cases {
            assert_eq!(likelihood_words(p), words, "{p}");
        }
    }

    #[test]
    fn odds_and_probability_are_inverse() {
        for p in [0.001, 0.3, 0.5, 0.999] {
            assert!((probability(log_odds(p)) - p).abs() < 1e-12);
        }
        assert!(log_odds(0.0).is_finite() && log_odds(1.0).is_finite());
    }

    #[test]
    fn grades_read_as_people_write_them() {
        assert_eq!(Grade::UNJUDGED.code(), "F6");
        let grade = Grade {
            reliability: Reliability::B,
            credibility: Credibility::ProbablyTrue,
        };
        assert_eq!(grade.code(), "B2");
        assert_eq!(
            serde_json::to_string(&grade).unwrap(),
            r#"{"reliability":"B","credibility":"2"}"#
        );
    }
}
