//! What one pass sees of one block: whether any of it lies in the swath, and each cell's instant.
//!
//! The block's middle is solved in double precision. What cells differ from it is computed in single
//! precision, side by side and without branches: 2 µs of an instant, a few metres of a swath's edge.

use truce_core::Timestamp;
use truce_core::time::plus_seconds;

use super::block::{Block, TILE};
use super::{EARTH_M, Instant, NORMAL_Z, Observer, Pass, STEP_S_MIN, dot, minus, nearest, norm};
use crate::coverage::orbit::{EARTH_RATE_RAD_S, sun_direction};
use crate::watch::Look;

/// A pass that sees some of a block.
pub(super) struct Sweep {
    /// When the block's middle is passed, or nearly so.
    pub(super) at_s: f64,
    pub(super) observer: u16,
    /// Some cells may be seen before they were seen in a sweep that stands before this one.
    pub(super) is_close: bool,
}

/// What all passes see of a block.
#[derive(Default)]
pub(super) struct Sweeps {
    pub(super) passes: Vec<Sweep>,
    /// For each sweep and each place of its block the seconds from `at_s` to its own instant, or not
    /// a number when it is not seen.
    after_s: Vec<f32>,
    /// Places of the block.
    width: usize,
    /// No cell has been seen later, seconds.
    latest_s: f64,
}

impl Sweeps {
    /// Forgets what was seen, for another block.
    pub(super) fn clear(&mut self, block: &Block) {
        self.passes.clear();
        self.after_s.clear();
        self.width = block.place[0].len();
        self.latest_s = f64::MIN;
    }

    /// The instants of cells side by side in one sweep.
    pub(super) fn tile(&self, sweep: usize, tile: usize) -> &[f32; TILE] {
        let from = sweep * self.width + tile * TILE;
        let tile = self.after_s[from..].first_chunk();
        tile.unwrap_or_else(|| unreachable!("blocks are filled up to whole tiles"))
    }

    /// Adds what a pass sees of a block in the time of the plan, if anything.
    pub(super) fn look(
        &mut self,
        block: &Block,
        pass: &Pass,
        observer: &Observer,
        from: Timestamp,
        length_s: f64,
    ) {
        let here = nearest(&pass.path, &block.middle, pass.nearest);
        let share = share_in_swath(block, &here, observer);
        if share == Share::Nothing {
            return;
        }
        let crossing = Crossing::new(block, &here);
        // Cells are passed within it; the track bends by far less than the second.
        let reach_s = block.radius_m / crossing.ground_m_s + 1.0;
        let (first_s, last_s) = (here.at_s - reach_s, here.at_s + reach_s);
        self.passes.push(Sweep {
            at_s: here.at_s,
            observer: pass.observer,
            is_close: first_s < self.latest_s,
        });
        self.latest_s = self.latest_s.max(last_s);
        let begin = self.after_s.len();
        self.after_s.resize(begin + self.width, 0.0);
        let after_s = &mut self.after_s[begin..];
        match (share, observer.look) {
            (Share::Everything, _) => crossing.cross(block, after_s),
            (_, Look::Both) => crossing.see::<false>(block, observer, after_s),
            _ => crossing.see::<true>(block, observer, after_s),
        }
        if let Some(sin_min) = observer.sun_sin_min {
            darken(block, sin_min, plus_seconds(from, here.at_s), after_s);
        }
        if first_s < 0.0 || last_s > length_s {
            for after_s in after_s {
                if !(0.0..length_s).contains(&(here.at_s + f64::from(*after_s))) {
                    *after_s = f32::NAN;
                }
            }
        }
    }
}

/// How much of a block lies in a swath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    Nothing,
    Something,
    Everything,
}

/// How much of a block can lie in the swath, by how far its middle lies inside or outside and how
/// wide the block is, seen from the satellite. Between the instants of the middle and of a cell the
/// satellite moves on by a little more than the block's radius, which turns the nadir and, with the
/// cell's own place, the line of sight; a quarter is added for the bend of both.
fn share_in_swath(block: &Block, here: &Instant, observer: &Observer) -> Share {
    let state = &here.state;
    let down = minus(&block.middle, &state.r);
    let range_m = norm(&down);
    if range_m > observer.range_m_max + block.radius_m {
        return Share::Nothing;
    }
    let up = [state.r[0], state.r[1], state.r[2] * NORMAL_Z];
    let cosine = -dot(&down, &up) / (range_m * norm(&up));
    let angle = libm::acos(cosine.clamp(-1.0, 1.0));
    let moved_m = 1.25 * block.radius_m + STEP_S_MIN * norm(&state.v);
    let wide = libm::asin((moved_m / range_m).min(1.0)) + moved_m / EARTH_M;
    let [least, greatest] = observer.off_nadir_rad;
    if angle - wide > greatest || angle + wide < least {
        return Share::Nothing;
    }
    // The sine of an elevation is less than the elevation: every cell has the satellite in its sky.
    let facing = -dot(&block.middle, &down) > wide * range_m * norm(&block.middle);
    let from_least = least <= 0.0 || angle - wide > least;
    if facing && from_least && angle + wide < greatest && observer.look == Look::Both {
        Share::Everything
    } else {
        Share::Something
    }
}

/// A satellite at the instant of a block's middle, in single precision.
struct Crossing {
    /// From the satellite to the middle, m.
    to: [f32; 3],
    /// From the centre of the Earth to the middle, m.
    middle: [f32; 3],
    /// Velocity, m/s.
    v: [f32; 3],
    /// Acceleration, m/s².
    a: [f32; 3],
    /// To the satellite's zenith, and how a metre of flight along an axis turns it: their length
    /// is about 1 and 1 over the radius of the orbit.
    up: [f32; 3],
    turn: [f32; 3],
    /// To the left of the motion, seen from above.
    left: [f32; 3],
    /// Way along the track to the middle times the speed, m²/s.
    ahead: f32,
    /// Speed times that of the plane across the track over the ground, m²/s².
    closing: f32,
    /// Speed of that plane, m/s.
    ground_m_s: f64,
}

#[expect(clippy::cast_possible_truncation, reason = "the top of this file")]
fn single(x: [f64; 3]) -> [f32; 3] {
    x.map(|x| x as f32)
}

impl Crossing {
    fn new(block: &Block, here: &Instant) -> Self {
        let (r, v, a) = (&here.state.r, &here.state.v, &here.acceleration);
        let to = minus(&block.middle, r);
        let radius_m = norm(r);
        let closing = here.closing(&block.middle);
        let left = [
            r[1] * v[2] - r[2] * v[1],
            r[2] * v[0] - r[0] * v[2],
            r[0] * v[1] - r[1] * v[0],
        ];
        #[expect(clippy::cast_possible_truncation, reason = "the top of this file")]
        let (ahead, closing_f32) = (dot(&to, v) as f32, closing as f32);
        Self {
            to: single(to),
            middle: single(block.middle),
            v: single(*v),
            a: single(*a),
            up: single([r[0], r[1], r[2] * NORMAL_Z].map(|x| x / radius_m)),
            turn: single([1.0, 1.0, NORMAL_Z].map(|x| x / radius_m)),
            left: single(left.map(|x| x / (radius_m * norm(v)))),
            ahead,
            closing: closing_f32,
            ground_m_s: closing / norm(v),
        }
    }

    /// Seconds until a place is passed, by one step of Newton's rule from the middle's instant.
    #[inline(always)]
    fn after_s(&self, d: [f32; 3]) -> f32 {
        (self.ahead + along(d, self.v)) / (self.closing - along(d, self.a))
    }

    /// For each place of a block the seconds until it is passed.
    fn cross(&self, block: &Block, after_s: &mut [f32]) {
        let [x, y, z] = &block.place;
        for (((after_s, x), y), z) in after_s.iter_mut().zip(x).zip(y).zip(z) {
            *after_s = self.after_s([*x, *y, *z]);
        }
    }

    /// For each place of a block the seconds until it is looked at, or not a number.
    fn see<const ONE_SIDE: bool>(&self, block: &Block, observer: &Observer, after_s: &mut [f32]) {
        let left = match observer.look {
            Look::Right => self.left.map(|x| -x),
            _ => self.left,
        };
        let [near_cos2, far_cos2] = observer.cos2;
        let [x, y, z] = &block.place;
        for (((after_s, x), y), z) in after_s.iter_mut().zip(x).zip(y).zip(z) {
            let d = [*x, *y, *z];
            let dt = self.after_s(d);
            let half = 0.5 * dt;
            let flown = [0, 1, 2].map(|k| dt * (self.v[k] + half * self.a[k]));
            let down = [0, 1, 2].map(|k| self.to[k] + (d[k] - flown[k]));
            let up = [0, 1, 2].map(|k| self.up[k] + flown[k] * self.turn[k]);
            let depth = -along(down, up);
            // cos² of the angle from the nadir, times what it would be divided by.
            let (depth2, scale) = (depth * depth, along(down, down) * along(up, up));
            let in_swath =
                (depth > 0.0) & (depth2 <= near_cos2 * scale) & (depth2 >= far_cos2 * scale);
            // The far side of the Earth lies deeper than the horizon.
            let ground = [0, 1, 2].map(|k| self.middle[k] + d[k]);
            let facing = along(ground, down) < 0.0;
            let on_side = !ONE_SIDE | (along(down, left) >= 0.0);
            *after_s = if in_swath & facing & on_side {
                dt
            } else {
                f32::NAN
            };
        }
    }
}

/// The product of two vectors, in single precision.
#[inline(always)]
fn along(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Takes out where the sun stands lower than it must. Over half a minute its direction moves along a
/// straight line, to 2e-6.
fn darken(block: &Block, sin_min: f64, at: Timestamp, after_s: &mut [f32]) {
    let sun = sun_direction(at);
    let turn = single([EARTH_RATE_RAD_S * sun[1], -EARTH_RATE_RAD_S * sun[0], 0.0]);
    let sun = single(sun);
    #[expect(clippy::cast_possible_truncation, reason = "the top of this file")]
    let sin_min = sin_min as f32;
    let [x, y, z] = &block.zenith;
    for (((after_s, x), y), z) in after_s.iter_mut().zip(x).zip(y).zip(z) {
        let zenith = [*x, *y, *z];
        let lit = along(zenith, sun) + *after_s * along(zenith, turn) >= sin_min;
        *after_s = if lit { *after_s } else { f32::NAN };
    }
}
