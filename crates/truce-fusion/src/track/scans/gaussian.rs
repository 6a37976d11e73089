//! A position and a velocity in a plane with their joint covariance, and the Kalman filter on them
//! (Bar-Shalom, Li and Kirubarajan 2001, sections 5.2 and 6.2.2: nearly constant velocity with
//! continuous white-noise acceleration).

use std::f64::consts::TAU;

/// A symmetric 2×2 matrix.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Symmetric {
    pub(super) xx: f64,
    pub(super) xy: f64,
    pub(super) yy: f64,
}

impl Symmetric {
    pub(super) fn circle(variance: f64) -> Self {
        Self {
            xx: variance,
            xy: 0.0,
            yy: variance,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.plus_scaled(1.0, other)
    }

    fn plus_scaled(self, factor: f64, other: Self) -> Self {
        Self {
            xx: self.xx + factor * other.xx,
            xy: self.xy + factor * other.xy,
            yy: self.yy + factor * other.yy,
        }
    }

    fn determinant(self) -> f64 {
        self.xx * self.yy - self.xy * self.xy
    }

    fn inverse(self, determinant: f64) -> Self {
        Self {
            xx: self.yy / determinant,
            xy: -self.xy / determinant,
            yy: self.xx / determinant,
        }
    }

    fn times(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.xx * x + self.xy * y, self.xy * x + self.yy * y]
    }

    /// `aᵀ·self·b` for the columns of two matrices.
    fn between(self, a: [f64; 2], b: [f64; 2]) -> f64 {
        let [x, y] = self.times(b);
        a[0] * x + a[1] * y
    }
}

/// The likelihood of a measured position and the squared Mahalanobis distance behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub(super) distance2: f64,
    /// Density, 1/m²: `exp(−distance2 / 2) · scale`.
    scale: f64,
}

impl Fit {
    pub(super) fn density(self) -> f64 {
        self.scale * libm::exp(-0.5 * self.distance2)
    }
}

/// A Gaussian over position, metres, and velocity, metres per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Gaussian {
    pub(super) position: [f64; 2],
    pub(super) velocity: [f64; 2],
    /// Covariance of the position.
    pub(super) pp: Symmetric,
    /// Covariance of position (row) and velocity (column).
    pub(super) pv: [[f64; 2]; 2],
    /// Covariance of the velocity.
    pub(super) vv: Symmetric,
}

impl Gaussian {
    /// Moves on by `dt_s` seconds; `noise` is the spectral density of the acceleration, m²/s³.
    pub(super) fn predict(&mut self, dt_s: f64, noise: f64) {
        for axis in 0..2 {
            self.position[axis] += dt_s * self.velocity[axis];
        }
        let (pv, vv) = (self.pv, self.vv);
        let (dt2, grown) = (dt_s * dt_s, noise * dt_s * dt_s * dt_s / 3.0);
        self.pp.xx += 2.0 * dt_s * pv[0][0] + dt2 * vv.xx + grown;
        self.pp.xy += dt_s * (pv[0][1] + pv[1][0]) + dt2 * vv.xy;
        self.pp.yy += 2.0 * dt_s * pv[1][1] + dt2 * vv.yy + grown;
        self.pv[0][0] += dt_s * vv.xx + noise * dt2 / 2.0;
        self.pv[0][1] += dt_s * vv.xy;
        self.pv[1][0] += dt_s * vv.xy;
        self.pv[1][1] += dt_s * vv.yy + noise * dt2 / 2.0;
        self.vv.xx += noise * dt_s;
        self.vv.yy += noise * dt_s;
    }

    /// The squared Mahalanobis distance of two positions.
    pub(super) fn position_distance2(&self, other: &Self) -> f64 {
        distance2(self.position, other.position, self.pp.plus(other.pp))
    }

    /// The squared Mahalanobis distance of two velocities.
    pub(super) fn velocity_distance2(&self, other: &Self) -> f64 {
        distance2(self.velocity, other.velocity, self.vv.plus(other.vv))
    }

    /// How well a measured position fits.
    pub(super) fn fit(&self, measured: [f64; 2], error: Symmetric) -> Fit {
        let spread = self.pp.plus(error);
        let determinant = spread.determinant();
        let off = [
            measured[0] - self.position[0],
            measured[1] - self.position[1],
        ];
        Fit {
            distance2: spread.inverse(determinant).between(off, off),
            scale: 1.0 / (TAU * determinant.sqrt()),
        }
    }

    /// The estimate after a measured position.
    pub(super) fn updated(&self, measured: [f64; 2], error: Symmetric) -> Self {
        let spread = self.pp.plus(error);
        let inverse = spread.inverse(spread.determinant());
        let off = [
            measured[0] - self.position[0],
            measured[1] - self.position[1],
        ];
        let pull = inverse.times(off);
        let px = [self.pp.xx, self.pp.xy];
        let py = [self.pp.xy, self.pp.yy];
        let vx = [self.pv[0][0], self.pv[1][0]];
        let vy = [self.pv[0][1], self.pv[1][1]];
        let along = |column: [f64; 2]| column[0] * pull[0] + column[1] * pull[1];
        let less = |a, b| inverse.between(a, b);
        Self {
            position: [self.position[0] + along(px), self.position[1] + along(py)],
            velocity: [self.velocity[0] + along(vx), self.velocity[1] + along(vy)],
            pp: Symmetric {
                xx: self.pp.xx - less(px, px),
                xy: self.pp.xy - less(px, py),
                yy: self.pp.yy - less(py, py),
            },
            pv: [
                [self.pv[0][0] - less(px, vx), self.pv[0][1] - less(px, vy)],
                [self.pv[1][0] - less(py, vx), self.pv[1][1] - less(py, vy)],
            ],
            vv: Symmetric {
                xx: self.vv.xx - less(vx, vx),
                xy: self.vv.xy - less(vx, vy),
                yy: self.vv.yy - less(vy, vy),
            },
        }
    }
}

/// The Gaussian with the mean and covariance of a mixture, gathered component by component.
///
/// The components' differences are taken from a reference near them, which keeps the sums exact
/// far from the origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixture {
    weight: f64,
    reference: Gaussian,
    sum: Gaussian,
}

impl Mixture {
    pub(super) fn around(reference: &Gaussian) -> Self {
        Self {
            weight: 0.0,
            reference: *reference,
            sum: Gaussian::default(),
        }
    }

    pub(super) fn add(&mut self, weight: f64, component: &Gaussian) {
        let (sum, reference) = (&mut self.sum, &self.reference);
        let mut dp = [0.0; 2];
        let mut dv = [0.0; 2];
        for axis in 0..2 {
            dp[axis] = component.position[axis] - reference.position[axis];
            dv[axis] = component.velocity[axis] - reference.velocity[axis];
            sum.position[axis] += weight * dp[axis];
            sum.velocity[axis] += weight * dv[axis];
        }
        sum.pp = sum.pp.plus_scaled(weight, component.pp.plus(outer(dp)));
        sum.vv = sum.vv.plus_scaled(weight, component.vv.plus(outer(dv)));
        for (row, dp) in dp.iter().enumerate() {
            for (column, dv) in dv.iter().enumerate() {
                sum.pv[row][column] += weight * (component.pv[row][column] + dp * dv);
            }
        }
        self.weight += weight;
    }

    /// The mixture's weight and its Gaussian; the reference when nothing was added.
    pub(super) fn merged(&self) -> (f64, Gaussian) {
        if self.weight <= 0.0 {
            return (0.0, self.reference);
        }
        let part = 1.0 / self.weight;
        let sum = &self.sum;
        let dp = [sum.position[0] * part, sum.position[1] * part];
        let dv = [sum.velocity[0] * part, sum.velocity[1] * part];
        let mut merged = self.reference;
        for axis in 0..2 {
            merged.position[axis] += dp[axis];
            merged.velocity[axis] += dv[axis];
        }
        let zero = Symmetric::default();
        merged.pp = zero.plus_scaled(part, sum.pp).plus_scaled(-1.0, outer(dp));
        merged.vv = zero.plus_scaled(part, sum.vv).plus_scaled(-1.0, outer(dv));
        for (row, dp) in dp.iter().enumerate() {
            for (column, dv) in dv.iter().enumerate() {
                merged.pv[row][column] = part * sum.pv[row][column] - dp * dv;
            }
        }
        (self.weight, merged)
    }
}

fn distance2(a: [f64; 2], b: [f64; 2], spread: Symmetric) -> f64 {
    let off = [b[0] - a[0], b[1] - a[1]];
    spread.inverse(spread.determinant()).between(off, off)
}

fn outer([x, y]: [f64; 2]) -> Symmetric {
    Symmetric {
        xx: x * x,
        xy: x * y,
        yy: y * y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Gaussian {
        Gaussian {
            position: [0.0, 0.0],
            velocity: [1.0, 0.0],
            pp: Symmetric::circle(4.0),
            pv: [[0.0; 2]; 2],
            vv: Symmetric::circle(1.0),
        }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// By hand: F P Fᵀ + Q with dt = 2, q = 3.
    #[test]
    fn prediction_is_that_of_the_book() {
        let mut state = start();
        state.predict(2.0, 3.0);
        assert!(near(state.position[0], 2.0) && near(state.pp.xx, 4.0 + 4.0 + 8.0));
        assert!(near(state.pv[0][0], 2.0 + 6.0) && near(state.vv.yy, 1.0 + 6.0));
        assert!(near(state.pp.xy, 0.0) && near(state.pv[0][1], 0.0));
    }

    /// By hand, one axis: gain 16/20 for the position and 8/20 for the velocity.
    #[test]
    fn an_update_pulls_by_the_gain() {
        let mut state = start();
        state.predict(2.0, 3.0);
        let after = state.updated([7.0, 0.0], Symmetric::circle(4.0));
        assert!(near(after.position[0], 2.0 + 0.8 * 5.0) && near(after.velocity[0], 3.0));
        assert!(near(after.pp.xx, 3.2) && near(after.pv[0][0], 1.6) && near(after.vv.xx, 3.8));
        let fit = state.fit([7.0, 0.0], Symmetric::circle(4.0));
        assert!(near(fit.distance2, 25.0 / 20.0));
        assert!(near(fit.density(), libm::exp(-0.625) / (TAU * 20.0)));
    }

    #[test]
    fn a_mixture_has_the_mean_and_spread_of_its_parts() {
        let (mut left, mut right) = (start(), start());
        (left.position[0], right.position[0]) = (1e6 - 3.0, 1e6 + 3.0);
        (left.velocity[0], right.velocity[0]) = (-1.0, 1.0);
        let mut mixture = Mixture::around(&left);
        mixture.add(0.25, &left);
        mixture.add(0.25, &right);
        let (weight, merged) = mixture.merged();
        assert!(near(weight, 0.5) && near(merged.position[0], 1e6));
        assert!(near(merged.pp.xx, 4.0 + 9.0) && near(merged.pv[0][0], 3.0));
        assert!(near(merged.vv.xx, 1.0 + 1.0) && near(merged.pp.yy, 4.0));
    }
}
