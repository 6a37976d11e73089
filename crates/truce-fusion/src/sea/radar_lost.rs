//! A vessel that radar lost and found again: two tracks that are one way.
//!
//! The end of one track and the beginning of a later one, each a place and a velocity, are held
//! together by a vessel whose acceleration is white noise (segments of tracks joined: Zhang and
//! Bar-Shalom 2011, "Track Segment Association for GMTI Tracks of Evasive Move-Stop-Move Maneuvering
//! Targets", IEEE Transactions on Aerospace and Electronic Systems 47 (3)).

use std::collections::VecDeque;

use truce_core::ObjectKind;

use super::plane::step_m;
use super::radar::Seen;
use crate::track::cooperative::noise_of;

/// Longer than this nothing is said of a vessel that radar has lost, seconds (own choice).
pub(super) const LOST_S_MAX: f64 = 3_600.0;
/// A velocity is taken from so long a part of a track, seconds.
const VELOCITY_S: f64 = 600.0;
/// One way is nearer than this with probability 0.999: χ² of four degrees of freedom (Abramowitz and
/// Stegun 1964, table 26.8).
const SAME_CHI2: f64 = 18.467;

/// An end of a track.
#[derive(Debug, Clone, Copy)]
struct End {
    seen: Seen,
    /// East and north, metres per second, with the variance of each.
    velocity: [f64; 2],
    variance: f64,
}

/// How badly a later track goes on where an earlier one ended, as χ² of four degrees of freedom;
/// `None` when it does not, or is too late.
///
/// With acceleration of spectral density q over the gap T the step less the mean of both velocities
/// times T has the variance q T³/12, and what the velocity changed by has q T. They are independent:
/// one integrates the noise against T/2 − s, the other against 1.
pub(super) fn misfit(earlier: &VecDeque<Seen>, later: &VecDeque<Seen>) -> Option<f64> {
    let (a, b) = (last_of(earlier)?, first_of(later)?);
    let gap_s = b.seen.at_s - a.seen.at_s;
    if !(0.0..=LOST_S_MAX).contains(&gap_s) {
        return None;
    }
    let noise = noise_of(ObjectKind::Vessel);
    let (x, y) = step_m(a.seen.position, b.seen.position);
    let velocities = a.variance + b.variance;
    let place = noise * gap_s.powi(3) / 12.0
        + a.seen.variance_m2()
        + b.seen.variance_m2()
        + gap_s * gap_s / 4.0 * velocities;
    let velocity = noise * gap_s + velocities;
    let mut sum = 0.0;
    for (axis, step) in [x, y].into_iter().enumerate() {
        let (from, to) = (a.velocity[axis], b.velocity[axis]);
        let rest = step - gap_s * (from + to) / 2.0;
        sum += rest * rest / place + (to - from) * (to - from) / velocity;
    }
    (sum <= SAME_CHI2).then_some(sum)
}

fn last_of(way: &VecDeque<Seen>) -> Option<End> {
    let last = way.back()?;
    let long_before = |seen: &&Seen| last.at_s - seen.at_s >= VELOCITY_S;
    let before = way.iter().rev().find(long_before).or(way.front())?;
    end(*last, before, last)
}

fn first_of(way: &VecDeque<Seen>) -> Option<End> {
    let first = way.front()?;
    let long_after = |seen: &&Seen| seen.at_s - first.at_s >= VELOCITY_S;
    let after = way.iter().find(long_after).or(way.back())?;
    end(*first, first, after)
}

/// An end with the mean velocity between two points.
fn end(seen: Seen, from: &Seen, to: &Seen) -> Option<End> {
    let lasted_s = to.at_s - from.at_s;
    let (x, y) = step_m(from.position, to.position);
    (lasted_s > 0.0).then(|| End {
        seen,
        velocity: [x / lasted_s, y / lasted_s],
        variance: (from.variance_m2() + to.variance_m2()) / (lasted_s * lasted_s),
    })
}

#[cfg(test)]
mod tests {
    use truce_core::{Digest, ObservationId, Position};

    use super::*;

    /// A track of a point a minute that starts somewhere north and goes north.
    fn way(from_s: f64, north_m: f64, speed_m_s: f64) -> VecDeque<Seen> {
        let origin = Position {
            lat_deg: 46.0,
            lon_deg: 31.0,
        };
        let point = |minute: u32| {
            let after_s = 60.0 * f64::from(minute);
            let step = (0.0, north_m + speed_m_s * after_s);
            Seen {
                observed_at: super::super::plane::instant(from_s + after_s),
                at_s: from_s + after_s,
                position: super::super::plane::moved(origin, step),
                covariance_m2: [900.0, 0.0, 900.0],
                existence: 1.0,
                speed_m_s: None,
                course_deg: None,
                observation: ObservationId(Digest([0; 32])),
            }
        };
        (0..=20).map(point).collect()
    }

    #[test]
    fn what_goes_on_as_before_is_one_way() {
        let earlier = way(0.0, 0.0, 8.0);
        let lost_s = 1_800.0;
        let found = |off_m: f64, speed_m_s: f64| {
            misfit(
                &earlier,
                &way(1_200.0 + lost_s, 8.0 * 3_000.0 + off_m, speed_m_s),
            )
        };
        assert!(found(0.0, 8.0).unwrap() < 1e-3);
        // By hand: q T³/12 = 0.02·1800³/12 m², both places 900 m², both velocities
        // 2·1800/600² m²/s² over T²/4.
        let place = 0.02 * 1_800.0_f64.powi(3) / 12.0 + 1_800.0 + 810_000.0 * 0.01;
        let expected = 3_000.0 * 3_000.0 / place;
        assert!((found(3_000.0, 8.0).unwrap() / expected - 1.0).abs() < 0.02);
        assert_eq!(found(25_000.0, 8.0), None, "too far");
        assert_eq!(found(-54_000.0, -8.0), None, "it came back too fast");
    }

    #[test]
    fn neither_at_the_same_time_nor_long_after() {
        let earlier = way(0.0, 0.0, 8.0);
        assert_eq!(misfit(&earlier, &way(600.0, 4_800.0, 8.0)), None);
        let late_s = 1_200.0 + LOST_S_MAX + 60.0;
        assert_eq!(misfit(&earlier, &way(late_s, 8.0 * late_s, 8.0)), None);
    }
}
