//! How well stated probabilities hold, and the map that makes them hold better.
//!
//! Scores: Brier (1950), expected calibration error over ten even bins (Naeini, Cooper and
//! Hauskrecht 2015), logarithmic loss. The map is logistic, fitted by maximum likelihood with Platt's
//! own prior (Platt 1999, Lin, Lin and Weng 2007): p ↦ σ(intercept + slope · ln(p / (1 − p))).
//! Fit it on other days than those on which it is judged.

use std::fmt::Write as _;

use truce_core::belief;
use truce_core::mission::{CALIBRATION_VERSION, Calibration};

/// Bins of a reliability diagram.
pub const BINS: usize = 10;
/// Probabilities are scored within this of certainty, as the benchmark's scorer does.
const P_MIN: f64 = 1e-3;
/// Steps of Newton's method; it converges in fewer than ten.
const STEPS: usize = 50;
/// Halvings of a step that overshoots; after so many it no longer moves anything.
const HALVINGS: usize = 40;

/// A stated probability and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// As stated.
    pub probability: f64,
    /// Whether it happened.
    pub happened: bool,
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// Outcomes in it.
    pub count: u32,
    /// Mean of the stated probabilities.
    pub stated: f64,
    /// Share that happened.
    pub happened: f64,
}

/// How well probabilities hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Mean squared error.
    pub brier: f64,
    /// Mean distance of stated and true shares over the bins, weighted by their counts.
    pub calibration_error: f64,
    /// Mean negative logarithm of the probability of what happened.
    pub log_loss: f64,
    /// The bins, from 0 to 1.
    pub bins: [Bin; BINS],
}

/// Scores outcomes; `None` without any.
#[must_use]
pub fn scores(outcomes: &[Outcome]) -> Option<Scores> {
    if outcomes.is_empty() {
        return None;
    }
    let count = outcomes.len() as f64;
    let mut bins = [Bin::default(); BINS];
    let (mut brier, mut log_loss) = (0.0, 0.0);
    for outcome in outcomes {
        let p = outcome.probability.clamp(P_MIN, 1.0 - P_MIN);
        let y = f64::from(u8::from(outcome.happened));
        brier += (p - y) * (p - y) / count;
        log_loss -= libm::log(if outcome.happened { p } else { 1.0 - p }) / count;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // p lies in (0, 1).
        let bin = &mut bins[(p * BINS as f64) as usize];
        bin.count += 1;
        bin.stated += p;
        bin.happened += y;
    }
    let mut calibration_error = 0.0;
    for bin in bins.iter_mut().filter(|bin| bin.count > 0) {
        let own = f64::from(bin.count);
        calibration_error += (bin.stated - bin.happened).abs() / count;
        bin.stated /= own;
        bin.happened /= own;
    }
    Some(Scores {
        brier,
        calibration_error,
        log_loss,
        bins,
    })
}

/// A logistic map from stated to calibrated probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Map {
    /// Added to the log-odds.
    pub intercept: f64,
    /// Factor on the log-odds.
    pub slope: f64,
}

impl Map {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self {
        intercept: 0.0,
        slope: 1.0,
    };

    /// The map under which outcomes are most probable; [`Self::IDENTITY`] when they cannot say.
    #[must_use]
    pub fn fit(outcomes: &[Outcome]) -> Self {
        let happened = outcomes.iter().filter(|outcome| outcome.happened).count() as f64;
        let not = outcomes.len() as f64 - happened;
        if happened == 0.0 || not == 0.0 {
            return Self::IDENTITY;
        }
        // Platt's targets keep the fit finite when the classes part cleanly.
        let targets = [1.0 / (not + 2.0), (happened + 1.0) / (happened + 2.0)];
        let points: Vec<(f64, f64)> = outcomes
            .iter()
            .map(|outcome| {
                let p = outcome.probability.clamp(P_MIN, 1.0 - P_MIN);
                (belief::log_odds(p), targets[usize::from(outcome.happened)])
            })
            .collect();
        let mut map = Self::IDENTITY;
        for _ in 0..STEPS {
            let Some(better) = map.step(&points) else {
                break;
            };
            let moved = (better.intercept - map.intercept).abs() + (better.slope - map.slope).abs();
            map = better;
            if moved < 1e-10 {
                break;
            }
        }
        let sane = map.slope > 0.0 && map.slope.is_finite() && map.intercept.is_finite();
        if sane { map } else { Self::IDENTITY }
    }

    /// The map one step on: Newton's, halved until it fits better. Where stated probabilities are
    /// near certainty the likelihood is nearly flat, and a whole step would leap far beyond the best.
    /// `None` when no step helps.
    fn step(&self, points: &[(f64, f64)]) -> Option<Self> {
        let [intercept, slope] = self.newton(points)?;
        let loss = self.loss(points);
        let mut shorter = (0..HALVINGS).scan(1.0, |share, _| {
            let tried = Self {
                intercept: self.intercept - *share * intercept,
                slope: self.slope - *share * slope,
            };
            *share /= 2.0;
            Some(tried)
        });
        shorter.find(|tried| tried.loss(points) < loss)
    }

    /// The negative log-likelihood.
    fn loss(&self, points: &[(f64, f64)]) -> f64 {
        let of = |&(x, target): &(f64, f64)| {
            let odds = self.intercept + self.slope * x;
            // ln(1 + e^odds) without overflow.
            let softplus = odds.max(0.0) + libm::log1p(libm::exp(-odds.abs()));
            softplus - target * odds
        };
        points.iter().map(of).sum()
    }

    /// Newton's step on the negative log-likelihood; `None` where it is flat.
    fn newton(&self, points: &[(f64, f64)]) -> Option<[f64; 2]> {
        // A trace of curvature keeps the first steps inside when the data are few.
        let (mut g, mut h) = ([0.0; 2], [1e-9, 0.0, 1e-9]);
        for &(x, target) in points {
            let p = belief::probability(self.intercept + self.slope * x);
            let (error, weight) = (p - target, p * (1.0 - p));
            g = [g[0] + error, g[1] + error * x];
            h = [h[0] + weight, h[1] + weight * x, h[2] + weight * x * x];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        (determinant > 0.0).then(|| {
            [
                (h[2] * g[0] - h[1] * g[1]) / determinant,
                (h[0] * g[1] - h[1] * g[0]) / determinant,
            ]
        })
    }

    /// The calibrated probability.
    #[must_use]
    pub fn apply(&self, probability: f64) -> f64 {
        let p = probability.clamp(P_MIN, 1.0 - P_MIN);
        belief::probability(self.log_odds(belief::log_odds(p)))
    }

    /// The calibrated log-odds. What was stated with more certainty than the fit can tell apart counts
    /// as no more certain than that.
    #[must_use]
    pub(crate) fn log_odds(&self, stated: f64) -> f64 {
        let most = belief::log_odds(1.0 - P_MIN);
        self.intercept + self.slope * stated.clamp(-most, most)
    }

    /// The map that does what `first` does and then what this does: what a map is that was fitted on
    /// probabilities already mapped.
    #[must_use]
    pub fn after(&self, first: Self) -> Self {
        Self {
            intercept: self.intercept + self.slope * first.intercept,
            slope: self.slope * first.slope,
        }
    }

    /// The map as the `calibration.toml` of a mission folder, with the number of outcomes behind it.
    #[must_use]
    pub fn to_toml(&self, outcome_count: usize) -> String {
        format!(
            "# Maps the stated log-odds x of physical events to intercept + slope * x.\n\
             version = {CALIBRATION_VERSION}\noutcomes = {outcome_count}\n\
             intercept = {:.6}\nslope = {:.6}\n",
            self.intercept, self.slope
        )
    }
}

impl From<Calibration> for Map {
    fn from(stored: Calibration) -> Self {
        let Calibration { intercept, slope } = stored;
        Self { intercept, slope }
    }
}

/// A reliability diagram as SVG: stated against happened, each bin as large as its count.
#[must_use]
pub fn reliability_svg(scores: &Scores) -> String {
    let mut svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-60 -20 460 460\" \
        font-family=\"sans-serif\" font-size=\"12\">\n\
        <title>Stated probability against the share that happened</title>\n\
        <rect x=\"0\" y=\"0\" width=\"400\" height=\"400\" fill=\"none\" stroke=\"#888\"/>\n\
        <path d=\"M0 400L400 0\" stroke=\"#888\" stroke-dasharray=\"4\"/>\n\
        <text x=\"200\" y=\"430\" text-anchor=\"middle\">stated</text>\n\
        <text x=\"-40\" y=\"200\" text-anchor=\"middle\" transform=\"rotate(-90 -40 200)\">\
        happened</text>\n"
        .to_owned();
    let all: u32 = scores.bins.iter().map(|bin| bin.count).sum();
    for bin in scores.bins.iter().filter(|bin| bin.count > 0) {
        let (x, y) = (400.0 * bin.stated, 400.0 * (1.0 - bin.happened));
        let radius = 4.0 + 16.0 * (f64::from(bin.count) / f64::from(all)).sqrt();
        // Writing to a string never fails.
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#2166ac\" \
             fill-opacity=\"0.6\"><title>{} stated {:.2}, happened {:.2}</title></circle>",
            bin.count, bin.stated, bin.happened
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `share` of `count` happened at a stated probability.
    fn outcomes(probability: f64, share: f64, count: usize) -> Vec<Outcome> {
        let happened = |index: usize| (index as f64) < share * count as f64;
        (0..count)
            .map(|index| Outcome {
                probability,
                happened: happened(index),
            })
            .collect()
    }

    #[test]
    fn scores_of_known_outcomes() {
        let cases = [
            (outcomes(0.8, 0.8, 100), 0.16, 0.0),
            (outcomes(0.8, 0.3, 100), 0.46, 0.5),
            (outcomes(0.999, 1.0, 10), 1e-6, 1e-3),
        ];
        for (outcomes, brier, error) in cases {
            let scores = scores(&outcomes).unwrap();
            assert!((scores.brier - brier).abs() < 1e-9, "{scores:?}");
            assert!(
                (scores.calibration_error - error).abs() < 1e-9,
                "{scores:?}"
            );
        }
        assert_eq!(scores(&[]), None);
    }

    #[test]
    fn a_fitted_map_undoes_overconfidence_and_leaves_what_holds() {
        let over = [outcomes(0.95, 0.8, 2_000), outcomes(0.05, 0.2, 2_000)].concat();
        let map = Map::fit(&over);
        assert!((map.apply(0.95) - 0.8).abs() < 0.01, "{map:?}");
        assert!((map.apply(0.05) - 0.2).abs() < 0.01, "{map:?}");
        let right = [outcomes(0.9, 0.9, 2_000), outcomes(0.1, 0.1, 2_000)].concat();
        let map = Map::fit(&right);
        assert!(
            (map.slope - 1.0).abs() < 0.02 && map.intercept.abs() < 0.02,
            "{map:?}"
        );
        assert_eq!(Map::fit(&outcomes(0.7, 1.0, 10)), Map::IDENTITY);
    }

    #[test]
    fn a_map_after_a_map_does_both() {
        let (first, then) = (
            Map {
                intercept: 0.5,
                slope: 0.8,
            },
            Map {
                intercept: -0.2,
                slope: 1.5,
            },
        );
        for p in [0.1, 0.5, 0.9] {
            assert!((then.after(first).apply(p) - then.apply(first.apply(p))).abs() < 1e-12);
        }
    }

    #[test]
    fn a_map_says_nothing_beyond_what_it_was_fitted_on() {
        let map = Map {
            intercept: 0.3,
            slope: 0.4,
        };
        for (stated, edge) in [(30.0, 0.999), (-30.0, 0.001)] {
            let held = belief::probability(map.log_odds(stated));
            assert!((held - map.apply(edge)).abs() < 1e-12, "{stated}: {held}");
        }
        assert!(map.log_odds(3.0) > map.log_odds(2.9));
    }

    #[test]
    fn a_map_is_found_from_near_certainty() {
        let sure = [
            outcomes(0.9999, 0.7, 1_000),
            outcomes(0.0001, 0.3, 1_000),
            outcomes(0.97, 0.9, 50),
        ]
        .concat();
        let map = Map::fit(&sure);
        assert!((map.apply(0.9999) - 0.7).abs() < 0.05, "{map:?}");
        assert!((map.apply(0.0001) - 0.3).abs() < 0.05, "{map:?}");
    }

    #[test]
    fn the_diagram_shows_every_bin_that_holds_anything() {
        let outcomes = [outcomes(0.95, 0.8, 20), outcomes(0.05, 0.2, 20)].concat();
        let svg = reliability_svg(&scores(&outcomes).unwrap());
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("20 stated 0.95, happened 0.80"), "{svg}");
    }
}
