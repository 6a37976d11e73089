//! A nearly constant velocity Kalman filter in a local plane (Bar-Shalom, Li and Kirubarajan 2001,
//! section 6.2.2: continuous white-noise acceleration).
//!
//! The errors of position and velocity are taken as equal in both axes, so that one 2×2 covariance
//! serves both: an update costs a few dozen operations. The state is kept in degrees and metres
//! per second; each step works in the plane at the predicted position, so no object ever leaves
//! its plane.

use truce_core::{Ellipse, Frame, Place, Position};

/// Standard deviation of an unknown velocity at the first fix, metres per second.
const FIRST_SPEED_M_S_SIGMA: f64 = 15.0;
/// Above this uncertainty no speed is stated, metres per second.
pub(super) const STATED_SPEED_M_S_SIGMA_MAX: f64 = 5.0;

/// A fix as the filter takes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fix {
    /// Where.
    pub(crate) position: Position,
    /// Standard deviation per axis, metres.
    pub(crate) sigma_m: f64,
    /// Velocity (east, north) and its standard deviation per axis, metres per second.
    pub(crate) velocity: Option<([f64; 2], f64)>,
}

impl Fix {
    /// A fix from a place and, when both are known, speed and course.
    pub(crate) fn new(
        place: Place,
        speed_m_s: Option<f64>,
        course_deg: Option<f64>,
        speed_m_s_sigma: f64,
    ) -> Self {
        let Ellipse {
            semi_major_m: a,
            semi_minor_m: b,
            ..
        } = place.uncertainty;
        let velocity = speed_m_s.zip(course_deg).map(|(speed, course)| {
            let angle = course.to_radians();
            let parts = [speed * libm::sin(angle), speed * libm::cos(angle)];
            (parts, speed_m_s_sigma)
        });
        Self {
            position: place.position,
            sigma_m: ((a * a + b * b) / 2.0).sqrt().max(1.0),
            velocity,
        }
    }
}

/// The estimate after a fix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct State {
    /// Estimated position.
    pub(crate) position: Position,
    /// Estimated velocity (east, north), metres per second.
    pub(crate) velocity_m_s: [f64; 2],
    /// Variances of position and velocity of one axis, and their covariance.
    pub(crate) pp: f64,
    pub(crate) pv: f64,
    pub(crate) vv: f64,
}

impl State {
    /// The estimate after the first fix.
    pub(crate) fn first(fix: &Fix) -> Self {
        let mut state = Self {
            position: fix.position,
            velocity_m_s: [0.0; 2],
            pp: fix.sigma_m * fix.sigma_m,
            pv: 0.0,
            vv: FIRST_SPEED_M_S_SIGMA * FIRST_SPEED_M_S_SIGMA,
        };
        state.correct_velocity(fix);
        state
    }

    /// The estimate `dt_s` seconds later; `noise` is the spectral density of the acceleration,
    /// m²/s³.
    pub(crate) fn predict(&self, dt_s: f64, noise: f64) -> (Self, Frame) {
        let frame = Frame::at(self.position);
        let [vx, vy] = self.velocity_m_s;
        let next = Self {
            position: frame.to_position(vx * dt_s, vy * dt_s),
            velocity_m_s: self.velocity_m_s,
            pp: self.pp + dt_s * (2.0 * self.pv + dt_s * (self.vv + noise * dt_s / 3.0)),
            pv: self.pv + dt_s * (self.vv + noise * dt_s / 2.0),
            vv: self.vv + noise * dt_s,
        };
        (next, frame)
    }

    /// The estimate after a fix `dt_s` seconds later.
    pub(crate) fn step(&self, dt_s: f64, noise: f64, fix: &Fix) -> Self {
        let (mut state, frame) = self.predict(dt_s, noise);
        let (px, py) = frame.to_xy_m(state.position);
        let (zx, zy) = frame.to_xy_m(fix.position);
        let (dx, dy) = (zx - px, zy - py);
        let s = state.pp + fix.sigma_m * fix.sigma_m;
        let (kp, kv) = (state.pp / s, state.pv / s);
        state.position = frame.to_position(px + kp * dx, py + kp * dy);
        state.velocity_m_s[0] += kv * dx;
        state.velocity_m_s[1] += kv * dy;
        state.vv -= kv * state.pv;
        state.pv *= 1.0 - kp;
        state.pp *= 1.0 - kp;
        state.correct_velocity(fix);
        state
    }

    fn correct_velocity(&mut self, fix: &Fix) {
        let Some((measured, sigma)) = fix.velocity else {
            return;
        };
        let s = self.vv + sigma * sigma;
        let (kp, kv) = (self.pv / s, self.vv / s);
        let dx = measured[0] - self.velocity_m_s[0];
        let dy = measured[1] - self.velocity_m_s[1];
        if kp != 0.0 {
            let frame = Frame::at(self.position);
            self.position = frame.to_position(kp * dx, kp * dy);
        }
        self.velocity_m_s[0] += kv * dx;
        self.velocity_m_s[1] += kv * dy;
        self.pp -= kp * self.pv;
        self.pv *= 1.0 - kv;
        self.vv *= 1.0 - kv;
    }

    /// The estimated place.
    pub(crate) fn place(&self) -> Place {
        Place {
            position: self.position,
            uncertainty: Ellipse::circle(self.pp.max(0.0).sqrt()),
        }
    }

    /// Speed, metres per second, and course, degrees true, when they are known well enough.
    pub(crate) fn motion(&self) -> Option<(f64, f64)> {
        if self.vv > STATED_SPEED_M_S_SIGMA_MAX * STATED_SPEED_M_S_SIGMA_MAX {
            return None;
        }
        let [vx, vy] = self.velocity_m_s;
        let course = libm::atan2(vx, vy).to_degrees();
        Some((
            libm::hypot(vx, vy),
            truce_core::place::normalize_bearing_deg(course),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(north_m: f64) -> Fix {
        let origin = Position::new(46.0, 31.0).unwrap();
        Fix {
            position: Frame::at(origin).to_position(0.0, north_m),
            sigma_m: 10.0,
            velocity: None,
        }
    }

    #[test]
    fn a_straight_course_is_learnt_from_positions_alone() {
        let mut state = State::first(&fix(0.0));
        assert_eq!(state.motion(), None);
        for step in 1..20 {
            state = state.step(10.0, 0.01, &fix(f64::from(step) * 70.0));
        }
        let (speed, course) = state.motion().unwrap();
        assert!((speed - 7.0).abs() < 0.3, "{speed}");
        assert!(course.min(360.0 - course) < 1.0, "{course}");
        assert!(state.pp.sqrt() < 10.0);
    }

    #[test]
    fn a_stated_velocity_is_used_at_once() {
        let start = Fix {
            velocity: Some(([0.0, 7.0], 0.5)),
            ..fix(0.0)
        };
        let state = State::first(&start);
        let (later, _) = state.predict(10.0, 0.01);
        assert!(later.position.distance_m(fix(70.0).position) < 0.1);
    }

    /// With a constant state and no process noise the filter is the running mean.
    #[test]
    fn the_variance_of_a_resting_object_falls_as_one_over_n() {
        let still = |sigma_m| Fix {
            sigma_m,
            velocity: Some(([0.0; 2], 1e-9)),
            ..fix(0.0)
        };
        let mut state = State::first(&still(10.0));
        for _ in 1..4 {
            state = state.step(1.0, 0.0, &still(10.0));
        }
        assert!((state.pp - 25.0).abs() < 1e-3, "{}", state.pp);
    }
}
