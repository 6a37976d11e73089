//! Where a vessel was between its reports, and how surely.

use std::collections::VecDeque;

use truce_core::{ObjectKind, Position};

use super::plane::{moved, step_m};
use crate::track::cooperative::noise_of;

/// Between two reports farther apart nobody knows where a vessel was, seconds; nor so long after the
/// last.
const BRIDGE_S_MAX: f64 = 1_200.0;
const CARRIED_S_MAX: f64 = 300.0;
/// Standard deviation of a vessel's velocity that is stated, per axis, and of one that is not, m/s.
const SPEED_M_S_SIGMA: (f64, f64) = (0.5, 5.0);

/// A vessel's report, as far as it counts here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub(super) at_s: f64,
    pub(super) position: Position,
    pub(super) sigma_m: f64,
    /// East and north, metres per second.
    pub(super) velocity: Option<[f64; 2]>,
}

/// Where a vessel was at an instant, and the variance of that per axis, square metres; `None` when it
/// was silent then.
pub(super) fn where_at(reports: &VecDeque<Report>, at_s: f64) -> Option<(Position, f64)> {
    let after = reports.partition_point(|report| report.at_s < at_s);
    let before = after.checked_sub(1).and_then(|index| reports.get(index));
    match (before, reports.get(after)) {
        (Some(a), Some(b)) if b.at_s - a.at_s <= BRIDGE_S_MAX => Some(between(a, b, at_s)),
        (Some(a), _) if at_s - a.at_s <= CARRIED_S_MAX => Some(carried(a, at_s)),
        (_, Some(b)) if b.at_s - at_s <= CARRIED_S_MAX => Some(carried(b, at_s)),
        _ => None,
    }
}

/// Between two reports, for an object whose acceleration is white noise of density q: with both
/// velocities the cubic through them, with variance q T³ s³(1−s)³/3 at the share s of the time T
/// between; without them the straight line, with q T³ s²(1−s)²/3 (the integrated Wiener process tied
/// at both ends). The reports' own errors add to that.
fn between(a: &Report, b: &Report, at_s: f64) -> (Position, f64) {
    let (span_s, noise) = (b.at_s - a.at_s, noise_of(ObjectKind::Vessel));
    let s = if span_s > 0.0 {
        (at_s - a.at_s) / span_s
    } else {
        0.0
    };
    let rest = 1.0 - s;
    let own = (rest * a.sigma_m).powi(2) + (s * b.sigma_m).powi(2);
    let (x, y) = step_m(a.position, b.position);
    let bend = noise * span_s.powi(3) / 3.0;
    let (share, variance) = match a.velocity.zip(b.velocity) {
        None => ([x * s, y * s], bend * (s * rest).powi(2)),
        Some((from, to)) => {
            // Hermite's cubic.
            let (h0, h1, h2) = (s * rest * rest, -s * s * rest, s * s * (3.0 - 2.0 * s));
            let along = |i: usize, way: f64| h2 * way + span_s * (h0 * from[i] + h1 * to[i]);
            let stated = (span_s * h0 * SPEED_M_S_SIGMA.0).powi(2)
                + (span_s * h1 * SPEED_M_S_SIGMA.0).powi(2);
            let variance = bend * (s * rest).powi(3) + stated;
            ([along(0, x), along(1, y)], variance)
        }
    };
    let position = moved(a.position, (share[0], share[1]));
    (position, own + variance)
}

/// Before or after a report.
fn carried(report: &Report, at_s: f64) -> (Position, f64) {
    let for_s = at_s - report.at_s;
    let [x, y] = report.velocity.unwrap_or_default();
    let sigma = if report.velocity.is_some() {
        SPEED_M_S_SIGMA.0
    } else {
        SPEED_M_S_SIGMA.1
    };
    let noise = noise_of(ObjectKind::Vessel) * for_s.abs().powi(3) / 3.0;
    let variance = report.sigma_m.powi(2) + (sigma * for_s).powi(2) + noise;
    let position = moved(report.position, (x * for_s, y * for_s));
    (position, variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sea::plane::apart_m;

    fn report(at_s: f64, north_m: f64, velocity: Option<[f64; 2]>) -> Report {
        let origin = Position {
            lat_deg: 46.0,
            lon_deg: 31.0,
        };
        Report {
            at_s,
            position: moved(origin, (0.0, north_m)),
            sigma_m: 10.0,
            velocity,
        }
    }

    #[test]
    fn between_reports_a_vessel_is_on_its_way() {
        let steady = Some([0.0, 8.0]);
        let reports = VecDeque::from([report(0.0, 0.0, steady), report(180.0, 1_440.0, steady)]);
        for at_s in [0.0, 45.0, 90.0, 180.0, 240.0, -60.0] {
            let (position, variance) = where_at(&reports, at_s).unwrap();
            let expected = report(0.0, 8.0 * at_s, None).position;
            assert!(apart_m(position, expected) < 0.1, "{at_s}");
            assert!((50.0..100.0 * 100.0).contains(&variance));
        }
        assert_eq!(where_at(&reports, 600.0), None, "silent for too long");
        // Without velocities the way is the straight line, and less sure.
        let plain = VecDeque::from([report(0.0, 0.0, None), report(180.0, 1_440.0, None)]);
        let (position, variance) = where_at(&plain, 90.0).unwrap();
        assert!(apart_m(position, report(0.0, 720.0, None).position) < 0.1);
        let expected = 50.0 + 0.02 * 180.0_f64.powi(3) / 48.0;
        assert!((variance - expected).abs() < 1e-6, "{variance}");
        assert!(variance > where_at(&reports, 90.0).unwrap().1);
    }
}
