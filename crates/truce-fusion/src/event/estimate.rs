//! Joint place and time of one event from readings in a plane.
//!
//! The state is east (m), north (m), time (s) and the share by which sound travels faster than
//! usual, a nuisance that all sounds of one event share (wind and temperature). Readings are
//! linearised at one point and worked in one after the other as scalars (Gauss–Newton in its
//! information-filter form: Bar-Shalom, Li and Kirubarajan 2001, sections 3.4 and 10.3), so the
//! density of each under those before it comes out on the way, and their product is the evidence.

use super::plane::{Reading, Shape};

/// ln 2π.
pub(crate) const LN_TAU: f64 = 1.837_877_066_409_345_3;
/// Nothing is nearer to an observer than this, metres: directions lose their meaning.
const DISTANCE_M_MIN: f64 = 50.0;
/// Nothing is heard from a point: half of an event's least extent, metres.
const EXTENT_M: f64 = 50.0;
/// Standard deviation of the share by which the speed of sound differs: 4 m/s of wind.
pub(crate) const SOUND_SHARE_SIGMA: f64 = 0.012;

/// East, north, time, share of the speed of sound.
pub(crate) type State = [f64; 4];

/// A Gaussian belief about the state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) state: State,
    pub(crate) covariance: [[f64; 4]; 4],
}

/// A scalar measurement at a state.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// Derivative by the state.
    h: State,
    /// What was measured less what the state says.
    residual: f64,
    variance: f64,
}

/// What one reading adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Added {
    /// χ² of its measurements under the estimate without it.
    pub(crate) chi2: f64,
    /// Degrees of freedom of that.
    pub(crate) degrees: f64,
    /// Determinant of their covariance, expected error and own together.
    determinant: f64,
    /// Seconds by which it came later than expected; `None` when its time is loose.
    pub(crate) late_s: Option<f64>,
}

impl Added {
    /// Natural logarithm of its density under the estimate without it: per m² for places, per
    /// radian for bearings, and per second.
    pub(crate) fn log_density(&self) -> f64 {
        -0.5 * (self.degrees * LN_TAU + libm::log(self.determinant) + self.chi2)
    }
}

impl Estimate {
    /// Little is known: standard deviations in metres and seconds around a state.
    pub(crate) fn around(state: State, spread_m: f64, spread_s: f64) -> Self {
        let mut covariance = [[0.0; 4]; 4];
        let sigmas = [spread_m, spread_m, spread_s, SOUND_SHARE_SIGMA];
        for (index, sigma) in sigmas.into_iter().enumerate() {
            covariance[index][index] = sigma * sigma;
        }
        Self { state, covariance }
    }

    /// What a reading would add, linearised at this estimate.
    pub(crate) fn expects(&self, reading: &Reading<'_>) -> Added {
        let mut copy = *self;
        copy.join(reading, &self.state)
    }

    /// What a reading would add, linearised at a state.
    pub(crate) fn expects_at(&self, reading: &Reading<'_>, at: &State) -> Added {
        let mut copy = *self;
        copy.join(reading, at)
    }

    /// Works a reading in, linearised at a state.
    pub(crate) fn join(&mut self, reading: &Reading<'_>, at: &State) -> Added {
        let (rows, count) = rows(reading, at);
        let mut added = Added {
            chi2: 0.0,
            degrees: count as f64,
            determinant: 1.0,
            late_s: None,
        };
        for row in &rows[..count] {
            let moved: f64 = (0..4).map(|i| row.h[i] * (self.state[i] - at[i])).sum();
            let residual = row.residual - moved;
            let ph: State = std::array::from_fn(|i| dot(&self.covariance[i], &row.h));
            let s = dot(&row.h, &ph) + row.variance;
            added.chi2 += residual * residual / s;
            added.determinant *= s;
            added.late_s = Some(residual);
            for i in 0..4 {
                self.state[i] += ph[i] / s * residual;
                for j in 0..4 {
                    self.covariance[i][j] -= ph[i] * ph[j] / s;
                }
            }
        }
        added
    }

    /// Standard deviation along the worst direction of the plane, metres.
    pub(crate) fn spread_m(&self) -> f64 {
        let p = &self.covariance;
        let (mean, half) = ((p[0][0] + p[1][1]) / 2.0, (p[0][0] - p[1][1]) / 2.0);
        (mean + libm::hypot(half, p[0][1])).max(0.0).sqrt()
    }

    /// Standard deviation of the time, seconds.
    pub(crate) fn spread_s(&self) -> f64 {
        self.covariance[2][2].max(0.0).sqrt()
    }
}

/// The scalar measurements of a reading at a state; the time comes last.
fn rows(reading: &Reading<'_>, at: &State) -> ([Row; 3], usize) {
    let mut rows = [Row::default(); 3];
    let mut count = 0;
    let (dx, dy) = (at[0] - reading.at[0], at[1] - reading.at[1]);
    let distance_m = libm::hypot(dx, dy).max(DISTANCE_M_MIN);
    match &reading.shape {
        Shape::Place(axes) => {
            for axis in axes {
                rows[count] = Row {
                    h: [axis[0], axis[1], 0.0, 0.0],
                    residual: -(axis[0] * dx + axis[1] * dy),
                    variance: axis[2],
                };
                count += 1;
            }
        }
        Shape::Bearing { angle, sigma } => {
            let extent = EXTENT_M / distance_m;
            rows[count] = Row {
                h: [dy / distance_m.powi(2), -dx / distance_m.powi(2), 0.0, 0.0],
                residual: turn(angle - libm::atan2(dx, dy)),
                variance: sigma * sigma + extent * extent,
            };
            count += 1;
        }
        Shape::Arrival => {}
    }
    let mut time = Row {
        h: [0.0, 0.0, 1.0, 0.0],
        residual: reading.t_s - at[2],
        variance: reading.sigma_s * reading.sigma_s,
    };
    if let Some(wave) = reading.wave {
        let faster = if wave.is_sound { 1.0 + at[3] } else { 1.0 };
        let per_m = 1.0 / (wave.speed_m_s * faster);
        let travel_s = distance_m * per_m;
        time.residual -= travel_s;
        time.h[0] = dx / distance_m * per_m;
        time.h[1] = dy / distance_m * per_m;
        if wave.is_sound {
            time.h[3] = -travel_s / faster;
        } else {
            time.variance += (travel_s * wave.share_sigma).powi(2);
        }
    }
    rows[count] = time;
    (rows, count + 1)
}

/// An angle brought into `[−π, π]`.
pub(crate) fn turn(angle: f64) -> f64 {
    let tau = std::f64::consts::TAU;
    angle - tau * libm::round(angle / tau)
}

fn dot(a: &State, b: &State) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
}
