//! The two-sample t-test, and what makes its result surprising.
//!
//! `t = |mean₁ − mean₀| / (s_p √(1/n₁ + 1/n₀))` with the pooled standard deviation s_p, compared with
//! Student's distribution of n₀ + n₁ − 2 degrees of freedom (Student 1908; of radar backscatter,
//! Ballinger 2024, "Open access battle damage detection via pixel-wise t-test on Sentinel-1
//! imagery").

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Least values on either side of a test: one may be left out and a spread still remains.
pub const VALUES_MIN: usize = 3;

/// Number, sum and sum of squares of some values.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) count: usize,
    sum: f64,
    square: f64,
}

impl Moments {
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.square += value * value;
    }

    /// The moments of the other values.
    pub(super) fn without(self, value: f64) -> Self {
        Self {
            count: self.count - 1,
            sum: self.sum - value,
            square: self.square - value * value,
        }
    }

    pub(super) fn mean(self) -> f64 {
        self.sum / self.count as f64
    }

    /// Sum of squared deviations from the mean.
    fn deviations(self) -> f64 {
        (self.square - self.sum * self.mean()).max(0.0)
    }
}

/// The test's t, not negative; `None` when values are too few or do not scatter.
pub(super) fn t(before: Moments, after: Moments) -> Option<f64> {
    if before.count < 2 || after.count < 2 {
        return None;
    }
    let (n0, n1) = (before.count as f64, after.count as f64);
    let variance = (before.deviations() + after.deviations()) / (n0 + n1 - 2.0);
    let t = (after.mean() - before.mean()).abs() / (variance * (1.0 / n0 + 1.0 / n1)).sqrt();
    t.is_finite().then_some(t)
}

/// The share of Student's distribution beyond ±√ν tan θ, for a whole number ν of degrees of freedom
/// (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
fn tails(theta: f64, freedom: usize) -> f64 {
    let (sin, cos) = (libm::sin(theta), libm::cos(theta));
    let odd = freedom % 2 == 1;
    // Terms in powers of the cosine: from cos θ for odd numbers, from 1 for even ones.
    let mut term = if odd { cos } else { 1.0 };
    let mut sum = 0.0;
    let mut k = if odd { 3 } else { 2 };
    while k <= freedom {
        sum += term;
        term *= cos * cos * (k - 1) as f64 / k as f64;
        k += 2;
    }
    let within = if odd {
        FRAC_2_PI * (theta + sin * sum)
    } else {
        sin * sum
    };
    1.0 - within
}

/// The t that unchanged values exceed with a probability.
pub(super) fn critical_t(probability: f64, freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    // Sixty halvings reach the last bit of an angle.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tails(middle, freedom) > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    (freedom as f64).sqrt() * libm::tan(high)
}

/// Standard deviation of a statistic of two samples by the jackknife: what it is with each value of
/// either sample left out (Efron and Stein 1981; for two samples Arvesen 1969). Its square errs upwards.
pub(super) fn jackknife_sigma(before: &[f64], after: &[f64]) -> f64 {
    let part = |left_out: &[f64]| {
        let n = left_out.len() as f64;
        let mean = left_out.iter().sum::<f64>() / n;
        let spread: f64 = left_out
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum();
        if left_out.is_empty() {
            0.0
        } else {
            spread * (n - 1.0) / n
        }
    };
    (part(before) + part(after)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    /// scipy 1.17: `stats.ttest_ind(a, b)`.
    #[test]
    fn t_is_as_another_program_says() {
        let (a, b) = ([1.0, 2.0, 4.0, 3.5], [5.0, 7.0, 6.5]);
        let got = t(moments(&a), moments(&b)).unwrap();
        assert!((got - 3.699_850_98).abs() < 1e-6, "{got}");
        assert_eq!(t(moments(&b).without(7.0), moments(&[1.0])), None);
        assert_eq!(t(moments(&[1.0, 1.0]), moments(&[2.0, 2.0])), None);
    }

    /// Tables of Student's distribution, two-sided (Abramowitz and Stegun 1964, table 26.10).
    #[test]
    fn critical_values_are_those_of_the_tables() {
        let cases = [
            (0.05, 1, 12.706),
            (0.05, 4, 2.776),
            (0.01, 5, 4.032),
            (0.001, 10, 4.587),
            (0.001, 30, 3.646),
            (0.001, 4, 8.610),
        ];
        for (probability, freedom, expected) in cases {
            let got = critical_t(probability, freedom);
            assert!(
                (got - expected).abs() < 6e-4,
                "{probability} {freedom}: {got}"
            );
        }
    }

    /// Of a mean, the jackknife is the usual standard error.
    #[test]
    fn the_jackknife_of_a_mean_is_its_standard_error() {
        let values = [1.0, 4.0, 6.0, 5.0];
        let sum: f64 = values.iter().sum();
        let left_out: Vec<f64> = values.iter().map(|value| (sum - value) / 3.0).collect();
        let variance = moments(&values).deviations() / 3.0;
        let got = jackknife_sigma(&left_out, &[]);
        assert!((got - (variance / 4.0).sqrt()).abs() < 1e-12, "{got}");
    }
}
