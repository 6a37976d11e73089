//! Circles: positions that go round as a disturbed receiver's do and few vessels.
//!
//! Definition (Global Fishing Watch; Bergman 2021): at least twenty fixes whose distances from a
//! common middle differ by less than a tenth of their mean.

use truce_core::mission::SeaSettings;
use truce_core::{ObservationId, Position};

use super::pending::Fix;
use super::plane::{apart_m, bearing_deg, moved, step_m, turn_deg};

/// Fixes nearer than this to the one before say nothing of the shape, metres.
const STEP_M_MIN: f64 = 60.0;
/// Fixes more often than this are thinned, seconds.
const STEP_S_MIN: f64 = 15.0;
/// A loop is given up after such a silence, seconds.
const STEP_S_MAX: f64 = 1_800.0;
/// Fixes kept of a loop.
const KEPT_MAX: usize = 64;
/// A loop is looked at when it has so many new fixes.
const LOOK_EVERY: u32 = 5;
/// Smaller circles are swung at anchor, larger ones are no disturbance seen so far, metres.
const RADIUS_M: std::ops::RangeInclusive<f64> = 150.0..=20_000.0;

/// The last fixes of a vessel that moves.
#[derive(Debug, Clone, Default)]
pub(super) struct Loop {
    fixes: Vec<(f64, Position, ObservationId)>,
    unseen: u32,
}

/// A circle that was sailed or stated.
#[derive(Debug, Clone)]
pub(super) struct Circle {
    pub(super) middle: Position,
    pub(super) radius_m: f64,
    /// Root mean square distance from the circle, as a share of its radius.
    pub(super) residual: f64,
    pub(super) turns: f64,
    pub(super) during_s: (f64, f64),
    pub(super) evidence: Vec<ObservationId>,
}

impl Loop {
    /// Takes a fix; a circle when the last fixes are one.
    pub(super) fn push(&mut self, fix: &Fix, sea: &SeaSettings) -> Option<Circle> {
        if let Some((at_s, position, _)) = self.fixes.last() {
            let dt_s = fix.at_s - at_s;
            if dt_s > STEP_S_MAX {
                self.fixes.clear();
            } else if dt_s < STEP_S_MIN || apart_m(*position, fix.position) < STEP_M_MIN {
                return None;
            }
        }
        if self.fixes.len() >= KEPT_MAX {
            self.fixes.drain(..KEPT_MAX / 4);
        }
        self.fixes.push((fix.at_s, fix.position, fix.observation));
        self.unseen += 1;
        if self.unseen < LOOK_EVERY || self.fixes.len() < sea.circle_fixes as usize {
            return None;
        }
        self.unseen = 0;
        // The newest fixes first: a circle begins where the vessel jumped into it.
        let many = self.fixes.len();
        let newest = &self.fixes[many - sea.circle_fixes as usize..];
        fit(newest, sea)?;
        fit(&self.fixes, sea).or_else(|| fit(newest, sea))
    }
}

/// The circle through fixes: Kåsa's least squares in a plane, and how often it goes round.
fn fit(fixes: &[(f64, Position, ObservationId)], sea: &SeaSettings) -> Option<Circle> {
    let (first_s, origin, _) = *fixes.first()?;
    let points: Vec<(f64, f64)> = fixes.iter().map(|(_, at, _)| step_m(origin, *at)).collect();
    let turned = turned_deg(&points);
    if turned.abs() < 360.0 {
        return None;
    }
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(&|p| p.0), mean(&|p| p.1));
    let [mut uu, mut uv, mut vv, mut uz, mut vz] = [0.0; 5];
    for (x, y) in &points {
        let (u, v) = (x - mx, y - my);
        let z = u * u + v * v;
        uu += u * u;
        uv += u * v;
        vv += v * v;
        uz += u * z / 2.0;
        vz += v * z / 2.0;
    }
    let determinant = uu * vv - uv * uv;
    if determinant <= 1e-6 * uu * vv {
        return None;
    }
    let (a, b) = (
        (uz * vv - vz * uv) / determinant,
        (vz * uu - uz * uv) / determinant,
    );
    let radii = points
        .iter()
        .map(|(x, y)| libm::hypot(x - mx - a, y - my - b));
    let radii: Vec<f64> = radii.collect();
    let radius_m = radii.iter().sum::<f64>() / n;
    let square = radii
        .iter()
        .map(|r| (r - radius_m) * (r - radius_m))
        .sum::<f64>()
        / n;
    let residual = square.sqrt() / radius_m;
    if !RADIUS_M.contains(&radius_m) || residual >= sea.circle_residual {
        return None;
    }
    Some(Circle {
        middle: moved(origin, (mx + a, my + b)),
        radius_m,
        residual,
        turns: turned.abs() / 360.0,
        during_s: (first_s, fixes.last()?.0),
        evidence: fixes
            .iter()
            .map(|(_, _, observation)| *observation)
            .collect(),
    })
}

/// The sum of all turns from leg to leg.
fn turned_deg(points: &[(f64, f64)]) -> f64 {
    let legs = points
        .windows(2)
        .map(|pair| bearing_deg((pair[1].0 - pair[0].0, pair[1].1 - pair[0].1)));
    let legs: Vec<f64> = legs.collect();
    legs.windows(2).map(|pair| turn_deg(pair[0], pair[1])).sum()
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    /// The circle found in a path of 40 fixes.
    fn check(path: impl Fn(f64) -> (f64, f64)) -> Option<(f64, f64)> {
        let origin = Position {
            lat_deg: 44.0,
            lon_deg: 30.0,
        };
        let mut found = None;
        let mut around = Loop::default();
        for step in 0..40_u8 {
            let fix = Fix {
                at_s: 60.0 * f64::from(step),
                mmsi: 1,
                position: moved(origin, path(f64::from(step))),
                sigma_m: 10.0,
                speed_m_s: None,
                course_deg: None,
                status: 15,
                receiver: 0,
                observation: ObservationId(Digest::of(&[step])),
            };
            found = around.push(&fix, &SeaSettings::default()).or(found);
        }
        found.map(|circle| (circle.radius_m, circle.turns))
    }

    #[test]
    fn circles_are_found_and_other_ways_are_not() {
        let round = |radius_m: f64, step_deg: f64, k: f64| {
            let angle = (step_deg * k).to_radians();
            (radius_m * libm::cos(angle), radius_m * libm::sin(angle))
        };
        let (radius_m, turns) = check(|k| round(1_500.0, 20.0, k)).unwrap();
        assert!((radius_m - 1_500.0).abs() < 20.0 && turns > 1.5);
        // Less than once round; a straight way; a square search pattern; swinging at anchor.
        assert!(check(|k| round(1_500.0, 9.0, k)).is_none());
        assert!(check(|k| (0.0, 300.0 * k)).is_none());
        let side = |k: f64| match super::super::plane::whole(k / 8.0) % 4 {
            0 => (500.0 * (k % 8.0), 0.0),
            1 => (4_000.0, 500.0 * (k % 8.0)),
            2 => (4_000.0 - 500.0 * (k % 8.0), 4_000.0),
            _ => (0.0, 4_000.0 - 500.0 * (k % 8.0)),
        };
        assert!(check(side).is_none());
        assert!(check(|k| round(80.0, 60.0, k)).is_none());
    }
}
