//! Whether a ring or line is drawn cleanly: no repeated corner, no side that meets another.
//!
//! Sides are straight in longitude and latitude, as RFC 7946 (3.1.1) defines lines.

use crate::place::Position;

/// The first corner that repeats the one before it; in a ring the last may not repeat the first.
pub(super) fn repeated(corners: &[Position], closed: bool) -> Option<usize> {
    let along = corners.windows(2).position(|pair| pair[0] == pair[1]);
    let around = closed && corners.len() > 1 && corners.first() == corners.last();
    along.map(|i| i + 1).or(around.then(|| corners.len() - 1))
}

/// Two sides that meet where they should not, by the index of their first corner, the smaller
/// first. Sides that follow each other share a corner and may only meet there.
pub(super) fn crossing(corners: &[Position], closed: bool) -> Option<(usize, usize)> {
    let n = corners.len();
    let count = if closed { n } else { n.saturating_sub(1) };
    let side = |i: usize| (corners[i].to_xy(), corners[(i + 1) % n].to_xy());
    let west = |i: usize| side(i).0[0].min(side(i).1[0]);
    let east = |i: usize| side(i).0[0].max(side(i).1[0]);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| west(*a).total_cmp(&west(*b)).then(a.cmp(b)));
    let mut found: Option<(usize, usize)> = None;
    let mut open: Vec<usize> = Vec::new();
    for i in order {
        open.retain(|j| east(*j) >= west(i));
        for &j in &open {
            let (first, second) = (i.min(j), i.max(j));
            let follows = second == first + 1 || (closed && first == 0 && second == count - 1);
            let meets = if follows {
                folds_back(corners, first, second, count)
            } else {
                touch(side(first), side(second))
            };
            if meets && found.is_none_or(|(_, worst)| second < worst) {
                found = Some((first, second));
            }
        }
        open.push(i);
    }
    found
}

type Point = [f64; 2];

/// Twice the signed area of a triangle; positive when it turns left.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// True when two sides share at least one point.
fn touch((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let (d1, d2) = (turn(c, d, a), turn(c, d, b));
    let (d3, d4) = (turn(a, b, c), turn(a, b, d));
    let apart = |x: f64, y: f64| (x > 0.0 && y < 0.0) || (x < 0.0 && y > 0.0);
    if apart(d1, d2) && apart(d3, d4) {
        return true;
    }
    (d1 == 0.0 && within(c, d, a))
        || (d2 == 0.0 && within(c, d, b))
        || (d3 == 0.0 && within(a, b, c))
        || (d4 == 0.0 && within(a, b, d))
}

/// True when a point on the line through two others lies between them.
fn within(a: Point, b: Point, p: Point) -> bool {
    let between = |k: usize| p[k] >= a[k].min(b[k]) && p[k] <= a[k].max(b[k]);
    between(0) && between(1)
}

/// True when two sides that follow each other run back over one another.
fn folds_back(corners: &[Position], first: usize, second: usize, count: usize) -> bool {
    let n = corners.len();
    let (before, after) = if second == first + 1 {
        (first, second)
    } else {
        (count - 1, 0)
    };
    let a = corners[before].to_xy();
    let b = corners[(before + 1) % n].to_xy();
    let c = corners[(after + 1) % n].to_xy();
    let back = (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]);
    turn(a, b, c) == 0.0 && back > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(points: &[(f64, f64)]) -> Vec<Position> {
        let position = |(lon, lat): &(f64, f64)| Position::new(*lat, *lon).unwrap();
        points.iter().map(position).collect()
    }

    #[test]
    fn crossings_are_found() {
        let square: &[(f64, f64)] = &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let bow_tie: &[(f64, f64)] = &[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)];
        let spike: &[(f64, f64)] = &[(0.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        let touching: &[(f64, f64)] = &[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 0.0), (0.0, 2.0)];
        let hook: &[(f64, f64)] = &[(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, -1.0)];
        for (points, closed, expected) in [
            (square, true, None),
            (square, false, None),
            (bow_tie, true, Some((0, 2))),
            (bow_tie, false, Some((0, 2))),
            (spike, true, Some((0, 1))),
            (touching, true, Some((0, 2))),
            (hook, false, Some((0, 2))),
        ] {
            assert_eq!(
                crossing(&corners(points), closed),
                expected,
                "{points:?} {closed}"
            );
        }
    }

    #[test]
    fn repeated_corners_are_found() {
        let twice = corners(&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0)]);
        let round = corners(&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]);
        assert_eq!(repeated(&twice, true), Some(2));
        assert_eq!(repeated(&round, true), Some(2));
        assert_eq!(repeated(&round, false), None);
    }
}
