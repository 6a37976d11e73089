//! Fitting the weights: logistic regression with a ridge penalty, then one straight line that
//! makes the log-odds those of a confirmation within 5 km.
//!
//! The order of clusters is learnt from confirmations within 10 km, since they are twice as many
//! as those within 5 km and less a matter of chance. Newton's method on a strictly convex
//! function: the result does not depend on a start or a seed.

use super::Error;
use super::parameters::{Fitted, Parameters, Weight};
use super::terms::{Features, TERMS};

/// Penalty on the weights of standardised terms. Between 1 and 300 the order of later months
/// changes by less than 0.003 of AUC; beyond 1,000 it suffers.
const RIDGE: f64 = 100.0;
/// Steps of Newton's method at most; seven are usual.
const STEPS_MAX: usize = 50;
/// The steps end when no weight moves by more.
const STEP_MIN: f64 = 1e-9;
/// Smallest spread of a term that is taken for a spread.
const SPREAD_MIN: f64 = 1e-9;
const COUNT: usize = TERMS.len();

/// A cluster and what became known of it later.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it measured on its day.
    pub features: Features,
    /// An event confirmed it within 5 km and one day.
    pub confirmed_5_km: bool,
    /// An event confirmed it within 10 km and one day.
    pub confirmed_10_km: bool,
}

/// Finds the weights. `from` and `until` name the days of the samples for the file.
///
/// # Errors
/// [`Error::Samples`] when all samples are confirmed or none is.
pub fn fit(
    samples: &[Sample],
    reference_lat_deg: f64,
    from: &str,
    until: &str,
) -> Result<Parameters, Error> {
    let confirmed = samples
        .iter()
        .filter(|sample| sample.confirmed_5_km)
        .count();
    if confirmed == 0 {
        return Err(Error::Samples("no cluster is confirmed"));
    }
    if confirmed == samples.len() {
        return Err(Error::Samples("every cluster is confirmed"));
    }
    let scales: Vec<Scale> = (0..COUNT).map(|term| Scale::of(samples, term)).collect();
    let target = |yes: bool| f64::from(u8::from(yes));
    let rows: Vec<([f64; COUNT + 1], f64)> = samples
        .iter()
        .map(|sample| {
            let row = standardised(&sample.features, &scales);
            (row, target(sample.confirmed_10_km))
        })
        .collect();
    let order = regress(&rows, RIDGE);
    let lines: Vec<([f64; 2], f64)> = rows
        .iter()
        .zip(samples)
        .map(|((row, _), sample)| ([1.0, dot(row, &order)], target(sample.confirmed_5_km)))
        .collect();
    let [shift, stretch] = regress(&lines, 0.0);
    let weights: Vec<Weight> = scales
        .iter()
        .zip(&order[1..])
        .map(|(scale, weight)| Weight {
            weight: stretch * weight / scale.spread,
            mean: scale.mean,
        })
        .collect();
    let fitted = Fitted {
        from: from.to_owned(),
        until: until.to_owned(),
        clusters: samples.len(),
        confirmed,
        ridge: RIDGE,
    };
    let intercept = shift + stretch * order[0];
    Ok(Parameters::of(
        reference_lat_deg,
        intercept,
        &weights,
        fitted,
    ))
}

/// Mean and spread of a term where it is known.
struct Scale {
    mean: f64,
    spread: f64,
}

impl Scale {
    fn of(samples: &[Sample], term: usize) -> Self {
        let known = || samples.iter().filter_map(|sample| sample.features[term]);
        let count = (known().count() as f64).max(1.0);
        let mean = known().sum::<f64>() / count;
        let variance = known()
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>()
            / count;
        let spread = variance.sqrt();
        Self {
            mean,
            spread: if spread > SPREAD_MIN { spread } else { 1.0 },
        }
    }
}

/// A one for the intercept, then the terms; the unknown has its mean and so no say.
fn standardised(features: &Features, scales: &[Scale]) -> [f64; COUNT + 1] {
    let mut row = [0.0; COUNT + 1];
    row[0] = 1.0;
    for ((cell, feature), scale) in row[1..].iter_mut().zip(features).zip(scales) {
        *cell = feature.map_or(0.0, |value| (value - scale.mean) / scale.spread);
    }
    row
}

/// Logistic regression on targets in `[0, 1]` by Newton's method; the first column is not
/// penalised.
fn regress<const N: usize>(rows: &[([f64; N], f64)], ridge: f64) -> [f64; N] {
    let mut weights = [0.0; N];
    for _ in 0..STEPS_MAX {
        let mut slope = [0.0; N];
        let mut curve = [[0.0; N]; N];
        for (row, target) in rows {
            let p = 1.0 / (1.0 + libm::exp(-dot(row, &weights)));
            for i in 0..N {
                slope[i] += (target - p) * row[i];
                for j in 0..=i {
                    curve[i][j] += p * (1.0 - p) * row[i] * row[j];
                }
            }
        }
        for i in 1..N {
            slope[i] -= ridge * weights[i];
            curve[i][i] += ridge;
        }
        let step = solve(curve, slope);
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight += step;
        }
        if step.iter().all(|step| step.abs() < STEP_MIN) {
            break;
        }
    }
    weights
}

/// Solves a symmetric positive definite system, of which the lower half is given, by Cholesky's
/// factorisation (Golub and Van Loan, Matrix Computations, 4.2.3).
fn solve<const N: usize>(mut lower: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for i in 0..N {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            lower[i][j] = if i == j {
                (lower[i][i] - sum).max(f64::MIN_POSITIVE).sqrt()
            } else {
                (lower[i][j] - sum) / lower[j][j]
            };
        }
    }
    for i in 0..N {
        let sum: f64 = (0..i).map(|k| lower[i][k] * right[k]).sum();
        right[i] = (right[i] - sum) / lower[i][i];
    }
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|k| lower[k][i] * right[k]).sum();
        right[i] = (right[i] - sum) / lower[i][i];
    }
    right
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        let lower = [[4.0, 0.0, 0.0], [2.0, 5.0, 0.0], [0.6, 1.0, 3.0]];
        let solved = solve(lower, [9.8, 15.0, 11.6]);
        for (found, expected) in solved.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 0.3, "{solved:?}");
        }
        let back = [
            4.0 * solved[0] + 2.0 * solved[1] + 0.6 * solved[2],
            2.0 * solved[0] + 5.0 * solved[1] + 1.0 * solved[2],
            0.6 * solved[0] + 1.0 * solved[1] + 3.0 * solved[2],
        ];
        for (found, expected) in back.iter().zip([9.8, 15.0, 11.6]) {
            assert!((found - expected).abs() < 1e-12, "{back:?}");
        }
    }

    #[test]
    fn a_regression_returns_the_odds_of_each_group() {
        // 3 of 4 where the term is 1, 1 of 5 where it is 0.
        let group = |term: f64, yes: usize, no: usize| {
            let row = move |target: f64| ([1.0, term], target);
            std::iter::repeat_n(row(1.0), yes).chain(std::iter::repeat_n(row(0.0), no))
        };
        let rows: Vec<_> = group(1.0, 3, 1).chain(group(0.0, 1, 4)).collect();
        let [intercept, weight] = regress(&rows, 0.0);
        assert!((intercept - libm::log(0.25)).abs() < 1e-9, "{intercept}");
        assert!((weight - libm::log(12.0)).abs() < 1e-9, "{weight}");
        let [_, shrunk] = regress(&rows, 1.0);
        assert!(shrunk > 0.1 && shrunk < weight - 0.1, "{shrunk}");
    }

    fn sample(measure: Option<f64>, confirmed: bool) -> Sample {
        let mut features: Features = [Some(0.0); COUNT];
        features[4] = measure;
        Sample {
            features,
            confirmed_5_km: confirmed,
            confirmed_10_km: confirmed,
        }
    }

    #[test]
    fn fitted_probabilities_are_those_of_the_samples() {
        let mut samples = Vec::new();
        for number in 0..4_000 {
            let near = number % 4 == 0;
            let confirmed = if near {
                number % 5 < 2
            } else {
                number % 20 == 1
            };
            samples.push(sample(Some(if near { 1.0 } else { 5.0 }), confirmed));
        }
        let parameters = fit(&samples, 48.5, "a", "b").unwrap();
        let p = |measure| {
            parameters
                .score(&sample(measure, false).features)
                .probability()
        };
        assert!((p(Some(1.0)) - 0.4).abs() < 0.01, "{}", p(Some(1.0)));
        assert!((p(Some(5.0)) - 1.0 / 15.0).abs() < 0.01, "{}", p(Some(5.0)));
        assert_eq!(p(None), p(Some(parameters.terms["held"].mean)));
        assert_eq!(
            Parameters::parse(&parameters.to_toml()).unwrap().fitted,
            parameters.fitted
        );
    }

    #[test]
    fn samples_of_one_kind_teach_nothing() {
        for confirmed in [true, false] {
            let samples = vec![sample(Some(1.0), confirmed); 9];
            assert!(matches!(
                fit(&samples, 48.5, "a", "b"),
                Err(Error::Samples(_))
            ));
        }
        assert!(fit(&[], 48.5, "a", "b").is_err());
    }
}
