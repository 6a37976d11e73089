//! How much of a Gaussian position error lies inside a shape.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Nodes and weights of Gauss–Legendre quadrature with 20 points, the positive half (Abramowitz and
/// Stegun, table 25.4).
const GAUSS_LEGENDRE_20: [(f64, f64); 10] = [
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_84),
    (0.227_785_851_141_645_07, 0.149_172_986_472_603_74),
    (0.373_706_088_715_419_55, 0.142_096_109_318_382_04),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.636_053_680_726_515, 0.118_194_531_961_518_43),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_43),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// Farther out than this many standard deviations nothing is left (T(8, a) < 1e-15).
pub(super) const SIGMAS_MAX: f64 = 8.0;

/// Variances are never smaller than this, square metres: a millimetre is no distance here, and a
/// covariance must be invertible.
const VARIANCE_M2_MIN: f64 = 1e-6;

/// Shapes are moved by less than a micrometre, so that the origin is never exactly on a corner, where
/// a winding number has no meaning.
const NUDGE_M: [f64; 2] = [1.3e-7, 0.7e-7];

/// Probability that a standard normal variable exceeds `z`.
pub(crate) fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// Owen's T: the probability that X > h and 0 < Y < aX for independent standard normal X and Y, for
/// `h ≥ 0` (Owen 1956, eq. 1.1 and 2.3).
fn owens_t(h: f64, a: f64) -> f64 {
    if a < 0.0 {
        return -owens_t(h, -a);
    }
    if h > SIGMAS_MAX {
        return 0.0;
    }
    if a <= 1.0 {
        return owens_t_integral(h, a);
    }
    let q_h = upper_tail(h);
    if a.is_infinite() {
        return q_h / 2.0;
    }
    let q_ah = upper_tail(a * h);
    (q_h + q_ah) / 2.0 - q_h * q_ah - owens_t_integral(a * h, 1.0 / a)
}

fn owens_t_integral(h: f64, a: f64) -> f64 {
    let half = a / 2.0;
    let at = |x: f64| {
        let w = 1.0 + x * x;
        libm::exp(-0.5 * h * h * w) / w
    };
    let pairs = GAUSS_LEGENDRE_20
        .iter()
        .map(|(x, weight)| weight * (at(half * (1.0 + x)) + at(half * (1.0 - x))));
    pairs.sum::<f64>() * half / (2.0 * PI)
}

/// A Gaussian around the origin of a plane in metres, and the map that makes it round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gaussian {
    /// Lower triangle of Cholesky's factor of the covariance.
    factor: [f64; 3],
}

impl Gaussian {
    /// From a covariance `[xx, xy, yy]`, square metres, and an independent error of the border.
    pub(super) fn new([xx, xy, yy]: [f64; 3], border_m_sigma: f64) -> Self {
        let extra = border_m_sigma * border_m_sigma + VARIANCE_M2_MIN;
        let (xx, yy) = (xx + extra, yy + extra);
        let l11 = xx.sqrt();
        let l21 = xy / l11;
        let l22 = (yy - l21 * l21).max(VARIANCE_M2_MIN).sqrt();
        Self {
            factor: [l11, l21, l22],
        }
    }

    /// A point in metres, nudged, to the plane in which the Gaussian is standard normal.
    fn whiten(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [l11, l21, l22] = self.factor;
        let u = (x + NUDGE_M[0]) / l11;
        [u, (y + NUDGE_M[1] - l21 * u) / l22]
    }

    /// The inverse of `whiten`.
    pub(super) fn colour(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let [l11, l21, l22] = self.factor;
        [l11 * u, l21 * u + l22 * v]
    }

    /// The largest standard deviation in any direction, metres, or a little more.
    pub(super) fn reach_m(&self) -> f64 {
        let [l11, l21, l22] = self.factor;
        (l11 * l11 + l21 * l21 + l22 * l22).sqrt()
    }

    /// The mass inside a polygon given by its edges in metres; outer rings run counter-clockwise,
    /// holes clockwise. Exact: the mass of the triangle between the origin and an edge is its angle
    /// less two values of Owen's T, and the angles add up to the winding number.
    pub(super) fn mass(&self, edges: impl Iterator<Item = [[f64; 2]; 2]>) -> f64 {
        let mut mass = 0.0;
        for [p, q] in edges {
            mass += self.edge_share(self.whiten(p), self.whiten(q));
        }
        mass.clamp(0.0, 1.0)
    }

    /// What one whitened edge adds: its part of the winding number less its part of the mass
    /// outside.
    fn edge_share(&self, p: [f64; 2], q: [f64; 2]) -> f64 {
        let cross = p[0] * q[1] - p[1] * q[0];
        let sign = if cross >= 0.0 { 1.0 } else { -1.0 };
        let winding = match (p[1] <= 0.0, q[1] <= 0.0) {
            (true, false) if cross >= 0.0 => 1.0,
            (false, true) if cross < 0.0 => -1.0,
            _ => 0.0,
        };
        let (dx, dy) = (q[0] - p[0], q[1] - p[1]);
        let length = (dx * dx + dy * dy).sqrt();
        if length == 0.0 {
            return winding;
        }
        let h = cross.abs() / length;
        if h > SIGMAS_MAX {
            return winding;
        }
        let tangent = |point: [f64; 2]| {
            let along = (point[0] * dx + point[1] * dy) / length;
            if h > 0.0 {
                along / h
            } else {
                along.signum() * f64::INFINITY
            }
        };
        winding - sign * (owens_t(h, tangent(q)) - owens_t(h, tangent(p)))
    }
}

/// Points that stand for a standard normal distribution in the plane, all with the same weight: a
/// golden-angle spiral whose radii are the quantiles of the Rayleigh distribution. With 256 points a
/// probability is right to about one percent.
pub(super) fn normal_points() -> impl Iterator<Item = [f64; 2]> {
    const COUNT: u32 = 256;
    let golden_angle = PI * (3.0 - 5.0_f64.sqrt());
    (0..COUNT).map(move |i| {
        let quantile = (f64::from(i) + 0.5) / f64::from(COUNT);
        let radius = (-2.0 * libm::log(1.0 - quantile)).sqrt();
        let angle = golden_angle * f64::from(i);
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owens_t_has_its_published_values() {
        // T(0, a) = atan(a) / 2π and T(h, 1) = Φ(h) (1 − Φ(h)) / 2 (Owen 1956, eq. 2.1 and 2.4), and
        // for the rest the integral by Simpson's rule with a million steps.
        let table = [
            (0.0625, 0.25, 0.038_911_930_234_701_37),
            (6.5, 0.4375, 2.000_577_304_850_831_7e-11),
            (7.0, 0.96875, 6.399_062_719_389_869e-13),
            (2.0, 0.5, 0.008_625_077_985_521_508),
            (1.0, 3.0, 0.079_299_504_748_872_6),
            (0.3, 40.0, 0.191_044_288_905_523_7),
            (1.0, 1.0, 0.066_741_882_165_700_97),
            (0.0, 1.0, 0.125),
            (0.0, f64::INFINITY, 0.25),
        ];
        for (h, a, expected) in table {
            let found = owens_t(h, a);
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "T({h}, {a}) = {found}"
            );
            assert_eq!(owens_t(h, -a), -found);
        }
    }

    fn square(half: f64, at: [f64; 2], turned: bool) -> Vec<[[f64; 2]; 2]> {
        let mut corners = [[-half, -half], [half, -half], [half, half], [-half, half]]
            .map(|[x, y]| [x + at[0], y + at[1]]);
        if turned {
            corners.reverse();
        }
        (0..4).map(|i| [corners[i], corners[(i + 1) % 4]]).collect()
    }

    #[test]
    fn the_mass_in_a_rectangle_is_the_product_of_two_normals() {
        let gaussian = Gaussian::new([100.0 * 100.0, 0.0, 50.0 * 50.0], 0.0);
        let between = |low: f64, high: f64| upper_tail(low) - upper_tail(high);
        for at in [
            [0.0, 0.0],
            [100.0, 0.0],
            [150.0, 20.0],
            [-250.0, 90.0],
            [900.0, 0.0],
            [0.0, 100.0],
        ] {
            let mass = gaussian.mass(square(100.0, at, false).into_iter());
            let x = between((at[0] - 100.0) / 100.0, (at[0] + 100.0) / 100.0);
            let y = between((at[1] - 100.0) / 50.0, (at[1] + 100.0) / 50.0);
            assert!((mass - x * y).abs() < 1e-6, "{at:?}: {mass} and {}", x * y);
        }
        let hole = square(50.0, [0.0, 0.0], true).into_iter();
        let ring = gaussian.mass(square(100.0, [0.0, 0.0], false).into_iter().chain(hole));
        let whole = between(-1.0, 1.0) * between(-2.0, 2.0);
        let inner = between(-0.5, 0.5) * between(-1.0, 1.0);
        assert!((ring - (whole - inner)).abs() < 1e-6);
    }

    #[test]
    fn correlation_turns_the_ellipse() {
        // A half plane holds one half whatever the covariance; the diagonal one more than half of
        // what lies along it.
        let gaussian = Gaussian::new([100.0, 99.0, 100.0], 0.0);
        let quarter = square(1e4, [1e4, 1e4], false).into_iter();
        let expected = 0.25 + libm::asin(99.0 / 100.0) / (2.0 * PI);
        assert!((gaussian.mass(quarter) - expected).abs() < 1e-6);
    }

    #[test]
    fn spiral_points_are_standard_normal() {
        let inside = normal_points().filter(|[x, _]| *x < 0.5).count();
        let expected = 256.0 * (1.0 - upper_tail(0.5));
        assert!((f64::from(u32::try_from(inside).unwrap()) - expected).abs() < 4.0);
    }
}
