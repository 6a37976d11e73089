//! Paths over the ground, and the middle of a long area such as a corridor.

mod ends;

pub use ends::Ends;

use crate::mission::Shape;
use crate::place::{Frame, Position};

/// Corners of a ring that are looked at; more are thinned out. The corridors of a mission have a
/// few dozen.
const CORNERS_MAX: usize = 120;

/// A line of corners that is followed at a distance from its beginning.
#[derive(Debug, Clone)]
pub struct Path {
    corners: Vec<Position>,
    /// Distance of each corner from the first along the path, metres.
    along_m: Vec<f64>,
}

impl Path {
    /// The path through some corners; `None` when it has no length.
    #[must_use]
    pub fn through(mut corners: Vec<Position>) -> Option<Self> {
        corners.dedup_by(|a, b| a.distance_m(*b) < 1.0);
        let mut along_m = Vec::with_capacity(corners.len());
        let mut sum_m = 0.0;
        for (index, corner) in corners.iter().enumerate() {
            if index > 0 {
                sum_m += corners[index - 1].distance_m(*corner);
            }
            along_m.push(sum_m);
        }
        (sum_m > 0.0).then_some(Self { corners, along_m })
    }

    /// Its length, metres.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        self.along_m.last().copied().unwrap_or(0.0)
    }

    /// Where it begins and ends.
    #[must_use]
    pub fn ends(&self) -> [Position; 2] {
        [self.corners[0], self.corners[self.corners.len() - 1]]
    }

    /// Its corners.
    #[must_use]
    pub fn corners(&self) -> &[Position] {
        &self.corners
    }

    /// The same the other way round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let length_m = self.length_m();
        Self {
            corners: self.corners.iter().rev().copied().collect(),
            along_m: self
                .along_m
                .iter()
                .rev()
                .map(|along_m| length_m - along_m)
                .collect(),
        }
    }

    /// The position so far from its beginning. Before it is the beginning, after it the end.
    #[must_use]
    pub fn at(&self, along_m: f64) -> Position {
        let next = self
            .along_m
            .partition_point(|corner_m| *corner_m <= along_m);
        let (Some(before), Some(after)) = (next.checked_sub(1), self.corners.get(next)) else {
            return self.ends()[usize::from(next > 0)];
        };
        let share = (along_m - self.along_m[before]) / (self.along_m[next] - self.along_m[before]);
        between(self.corners[before], *after, share)
    }

    /// The direction in which it goes around a place, averaged over a stretch, degrees true.
    #[must_use]
    pub fn course_deg(&self, along_m: f64, stretch_m: f64) -> f64 {
        let middle_m = along_m.clamp(0.0, self.length_m());
        self.at(middle_m - stretch_m)
            .bearing_deg(self.at(middle_m + stretch_m))
    }
}

/// The point at a share of the way from one position to another, straight in latitude and
/// longitude; legs are short enough for that.
fn between(a: Position, b: Position, share: f64) -> Position {
    Position {
        lat_deg: a.lat_deg + share * (b.lat_deg - a.lat_deg),
        lon_deg: a.lon_deg + share * (b.lon_deg - a.lon_deg),
    }
}

/// A long area as a way that is followed: its middle, and the parts of its border across which one
/// enters and leaves it by its ends. All the rest of the border is its sides.
#[derive(Debug, Clone)]
pub struct Strip {
    /// The line along its middle.
    pub middle: Path,
    /// The border at the beginning of the middle and at its end, corner by corner, in the order of
    /// the ring.
    pub ends: [Vec<Position>; 2],
}

/// The line along the middle of a long area, or a line itself.
#[must_use]
pub fn centre_line(shape: &Shape) -> Option<Path> {
    match shape {
        Shape::Line(corners) => Path::through(corners.clone()),
        _ => strip(shape).map(|strip| strip.middle),
    }
}

/// A long area as a way: of all ways to take two of its sides as ends, the one for which the rest
/// lies closest together. Of several polygons the first is taken.
#[must_use]
pub fn strip(shape: &Shape) -> Option<Strip> {
    let Shape::Polygons(polygons) = shape else {
        return None;
    };
    let whole = polygons.first()?.first()?;
    let step = whole.len().div_ceil(CORNERS_MAX).max(1);
    let ring: Vec<Position> = whole.iter().step_by(step).copied().collect();
    let n = ring.len();
    let mut best: Option<(f64, [usize; 2], Vec<Position>)> = None;
    for first in 0..n {
        for second in first + 1..n {
            let left: Vec<Position> = (first + 1..=second).map(|i| ring[i]).collect();
            let right: Vec<Position> = (second + 1..=first + n)
                .rev()
                .map(|i| ring[i % n])
                .collect();
            let Some((width_m, middle)) = middle_of(&left, &right) else {
                continue;
            };
            if best.as_ref().is_none_or(|(least_m, ..)| width_m < *least_m) {
                best = Some((width_m, [first, second], middle));
            }
        }
    }
    let (_, sides, middle) = best?;
    let corner = |i: usize| whole[i % whole.len()];
    let end = |side: usize| {
        let last = if side + 1 < n {
            (side + 1) * step
        } else {
            whole.len()
        };
        (side * step..=last).map(corner).collect()
    };
    Some(Strip {
        middle: Path::through(middle)?,
        ends: sides.map(end),
    })
}

/// The line half way between two chains that run alike, and their mean distance, metres.
fn middle_of(left: &[Position], right: &[Position]) -> Option<(f64, Vec<Position>)> {
    let frame = Frame::at(*left.first()?);
    let (left, right) = (Chain::of(left, &frame)?, Chain::of(right, &frame)?);
    let mut shares: Vec<f64> = left.shares.iter().chain(&right.shares).copied().collect();
    shares.sort_by(f64::total_cmp);
    let mut width_m = 0.0;
    let mut middle = Vec::with_capacity(shares.len());
    for share in &shares {
        let (a, b) = (left.at(*share), right.at(*share));
        width_m += libm::hypot(a.0 - b.0, a.1 - b.1) / shares.len() as f64;
        middle.push(frame.to_position((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0));
    }
    Some((width_m, middle))
}

/// A chain of corners in a plane, with the share of its length at which each lies.
struct Chain {
    corners: Vec<(f64, f64)>,
    shares: Vec<f64>,
}

impl Chain {
    fn of(corners: &[Position], frame: &Frame) -> Option<Self> {
        let corners: Vec<_> = corners
            .iter()
            .map(|corner| frame.to_xy_m(*corner))
            .collect();
        let mut shares = vec![0.0];
        for pair in corners.windows(2) {
            let length_m = libm::hypot(pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            shares.push(shares.last()? + length_m);
        }
        let whole_m = *shares.last()?;
        shares.iter_mut().for_each(|share| *share /= whole_m);
        (whole_m > 0.0).then_some(Self { corners, shares })
    }

    fn at(&self, share: f64) -> (f64, f64) {
        let next = self.shares.partition_point(|corner| *corner <= share);
        let last = self.corners.len() - 1;
        if next == 0 || next > last {
            return self.corners[next.min(last)];
        }
        let (a, b) = (self.corners[next - 1], self.corners[next]);
        let part = (share - self.shares[next - 1]) / (self.shares[next] - self.shares[next - 1]);
        (a.0 + part * (b.0 - a.0), a.1 + part * (b.1 - a.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    /// A strip of 4 km around a line with a bend, its ring begun at any corner.
    #[test]
    fn the_middle_of_a_strip_is_its_line() {
        let line = [
            position(46.4, 30.8),
            position(45.3, 30.4),
            position(44.4, 30.5),
        ];
        let side = |turn: f64| {
            let [a, b, c] = line;
            let (first, second) = (a.bearing_deg(b), b.bearing_deg(c));
            let middle = first + crate::place::bearing_difference_deg(second, first) / 2.0;
            let bearings = [first, middle, second];
            let offset = |i: usize| line[i].offset(bearings[i] + turn, 2_000.0);
            [offset(0), offset(1), offset(2)]
        };
        let (left, right) = (side(-90.0), side(90.0));
        let mut ring: Vec<Position> = left.iter().chain(right.iter().rev()).copied().collect();
        for _ in 0..ring.len() {
            ring.rotate_left(1);
            let path = centre_line(&Shape::Polygons(vec![vec![ring.clone()]])).unwrap();
            let expected = Path::through(line.to_vec()).unwrap();
            assert!((path.length_m() - expected.length_m()).abs() < 100.0);
            let [start, _] = path.ends();
            let path = if start.distance_m(line[0]) < 10_000.0 {
                path
            } else {
                path.reversed()
            };
            for share in [0.0, 0.2, 0.5, 0.55, 0.8, 1.0] {
                let along_m = share * expected.length_m();
                let apart_m = path.at(along_m).distance_m(expected.at(along_m));
                assert!(apart_m < 150.0, "{share}: {apart_m} m");
            }
        }
    }

    /// A strip with so many corners that some are thinned out keeps its ends where they are.
    #[test]
    fn the_ends_of_a_strip_are_parts_of_its_border() {
        for corners in [2_u32, 90, 300] {
            let along = |i: u32| 44.0 + 2.0 * f64::from(i) / f64::from(corners - 1);
            let east = (0..corners).map(|i| position(along(i), 30.1));
            let west = (0..corners).rev().map(|i| position(along(i), 30.0));
            let ring: Vec<Position> = east.chain(west).collect();
            let strip = strip(&Shape::Polygons(vec![vec![ring]])).unwrap();
            for (end, place) in strip.ends.iter().zip(strip.middle.ends()) {
                assert!(end.iter().all(|corner| corner.distance_m(place) < 10_000.0));
                let lons = |lon: f64| end.iter().any(|corner| corner.lon_deg == lon);
                assert!(lons(30.0) && lons(30.1), "{corners}: {end:?}");
            }
        }
        assert!(
            strip(&Shape::Line(vec![
                position(44.0, 30.0),
                position(45.0, 30.0)
            ]))
            .is_none()
        );
    }

    #[test]
    fn a_path_is_followed_from_end_to_end() {
        let path = Path::through(vec![
            position(46.0, 31.0),
            position(46.0, 31.0),
            position(45.0, 31.0),
        ]);
        let path = path.unwrap();
        assert!(
            (path.length_m() - 111_150.0).abs() < 100.0,
            "{}",
            path.length_m()
        );
        assert_eq!(path.at(-5.0), position(46.0, 31.0));
        assert_eq!(path.at(1e9), position(45.0, 31.0));
        assert!((path.at(path.length_m() / 4.0).lat_deg - 45.75).abs() < 1e-6);
        assert!((path.course_deg(0.0, 100.0) - 180.0).abs() < 1e-6);
        assert!(Path::through(vec![position(1.0, 1.0)]).is_none());
    }
}
