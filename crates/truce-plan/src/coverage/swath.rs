//! What satellites sweep over in a stretch of time: ground tracks, and the ground beside them that
//! the instruments can see.

use serde::Serialize;
use truce_core::place::{WGS84_A_M, WGS84_F};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Position, Slug, Timestamp};

use super::access::{NORMAL_Z, dot, norm};
use super::orbit::{Orbit, State, sun_direction};
use super::prepare::orbit_of;
use crate::watch::{Look, MeansKind, Satellite, Watch};

/// Seconds between two points of a ground track: 75 km along a low orbit.
const STEP_S: f64 = 10.0;

/// A satellite's sweep over the ground near a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swath {
    /// The means.
    pub means: Slug,
    /// When the first point of the track is passed.
    pub from: Timestamp,
    /// When the last one is.
    pub until: Timestamp,
    /// Points below the satellite, every ten seconds.
    pub track: Vec<Position>,
    /// The ground its instrument sees, as a closed ring; empty when that is too dark for it.
    pub ring: Vec<Position>,
    /// Age of the element set at the first point, days; `None` when it flies as designed.
    pub element_age_days: Option<f64>,
}

impl Swath {
    /// The point below the satellite at an instant, to five seconds; `None` before and after.
    #[must_use]
    pub fn below(&self, at: Timestamp) -> Option<Position> {
        if !(self.from..=self.until).contains(&at) {
            return None;
        }
        let steps = seconds_between(self.from, at) / STEP_S;
        #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
        #[expect(
            clippy::cast_sign_loss,
            reason = "the instant is not before the first point"
        )]
        let nearest = steps.round() as usize;
        self.track.get(nearest).copied()
    }
}

/// The sweeps of a watch's satellites that come within a distance of a place between two instants, in
/// order of time. A satellite without an element set flies as designed, from the instant `designed_at`
/// on; one whose orbit cannot be propagated is left out.
#[must_use]
pub fn swaths(
    watch: &Watch,
    elements: &[Orbit],
    designed_at: Timestamp,
    (from, until_s): (Timestamp, f64),
    (place, within_m): (Position, f64),
) -> Vec<Swath> {
    let mut all = Vec::new();
    for means in &watch.means {
        let MeansKind::Satellite(satellite) = &means.kind else {
            continue;
        };
        let Some((orbit, is_given)) = orbit_of(satellite, elements, designed_at) else {
            continue;
        };
        let path = orbit.flight(from).path(0.0, until_s, STEP_S);
        let samples = (0_u32..).zip(&path.states).filter_map(|(i, state)| {
            let after_s = f64::from(i) * STEP_S;
            sample(plus_seconds(from, after_s), state, satellite)
        });
        let samples: Vec<Sample> = samples.collect();
        let is_near = |sample: &Sample| sample.below.distance_m(place) <= within_m;
        for run in samples.chunk_by(|a, b| is_near(a) == is_near(b)) {
            let (first, last) = (&run[0], &run[run.len() - 1]);
            if is_near(first) && run.len() > 1 {
                all.push(Swath {
                    means: means.id.clone(),
                    from: first.at,
                    until: last.at,
                    track: run.iter().map(|sample| sample.below).collect(),
                    ring: ring(run),
                    element_age_days: is_given.then(|| orbit.age_days(first.at)),
                });
            }
        }
    }
    all.sort_by(|a, b| a.from.cmp(&b.from).then_with(|| a.means.cmp(&b.means)));
    all
}

/// A satellite over the ground.
struct Sample {
    at: Timestamp,
    /// The point below.
    below: Position,
    /// The two edges of what it sees; `None` when they lie beyond the horizon or in the dark.
    edges: Option<[Position; 2]>,
}

fn sample(at: Timestamp, state: &State, satellite: &Satellite) -> Option<Sample> {
    let [near, far] = [satellite.off_nadir_deg_min, satellite.off_nadir_deg_max];
    // Angles to the left of the motion.
    let angles = match satellite.look {
        Look::Both => [far, -far],
        Look::Left => [near, far],
        Look::Right => [-near, -far],
    };
    let edge = |deg: f64| ground(state, deg.to_radians());
    let edges = edge(angles[0]).zip(edge(angles[1]));
    let is_lit = |ground: &[f64; 3]| {
        let least = satellite.sun_elevation_deg_min;
        least.is_none_or(|deg| {
            let zenith = unit([ground[0], ground[1], ground[2] * NORMAL_Z]);
            dot(&zenith, &sun_direction(at)) >= libm::sin(deg.to_radians())
        })
    };
    let edges = edges.filter(|(one, other)| is_lit(one) && is_lit(other));
    Some(Sample {
        at,
        below: position(ground(state, 0.0)?),
        edges: edges.map(|(one, other)| [position(one), position(other)]),
    })
}

/// Along one edge and back along the other, over the longest stretch in which there is something to
/// see.
fn ring(run: &[Sample]) -> Vec<Position> {
    let stretches = run.chunk_by(|a, b| a.edges.is_some() == b.edges.is_some());
    let lit = stretches.filter(|stretch| stretch[0].edges.is_some());
    let Some(longest) = lit.max_by_key(|stretch| stretch.len()) else {
        return Vec::new();
    };
    let edges = || longest.iter().filter_map(|sample| sample.edges);
    let out = edges().map(|edges| edges[0]);
    let mut ring: Vec<Position> = out.chain(edges().rev().map(|edges| edges[1])).collect();
    ring.extend(ring.first().copied());
    ring
}

/// Where a line of sight across the track meets the ellipsoid WGS 84, in the Earth-fixed frame, m.
/// The angle is counted from the nadir (towards the Earth's centre), rad, to the left of the motion.
fn ground(state: &State, angle_rad: f64) -> Option<[f64; 3]> {
    let (up, ahead) = (unit(state.r), unit(state.v));
    let left = unit(cross(up, ahead));
    // Across the track, so down is what is left of it without the motion.
    let down = unit(cross(left, ahead));
    let (sine, cosine) = (libm::sin(angle_rad), libm::cos(angle_rad));
    let sight: [f64; 3] = std::array::from_fn(|k| cosine * down[k] + sine * left[k]);
    // On an Earth stretched along its axis the ellipsoid is a sphere.
    let stretched = |v: [f64; 3]| [v[0], v[1], v[2] / (1.0 - WGS84_F)];
    let (origin, along) = (stretched(state.r), stretched(sight));
    let (a, half_b) = (dot(&along, &along), dot(&origin, &along));
    let c = dot(&origin, &origin) - WGS84_A_M * WGS84_A_M;
    let root2 = half_b * half_b - a * c;
    if root2 < 0.0 {
        return None;
    }
    let range_m = (-half_b - root2.sqrt()) / a;
    Some(std::array::from_fn(|k| state.r[k] + range_m * sight[k]))
}

/// The position of a point on the ellipsoid.
fn position(at: [f64; 3]) -> Position {
    let flat = libm::hypot(at[0], at[1]);
    Position {
        lat_deg: libm::atan2(at[2] * NORMAL_Z, flat).to_degrees(),
        lon_deg: libm::atan2(at[1], at[0]).to_degrees(),
    }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn unit(v: [f64; 3]) -> [f64; 3] {
    let length = norm(&v);
    v.map(|x| x / length)
}
