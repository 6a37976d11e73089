//! Areas within a distance of a line: the outline around it and the two sides of that outline.
//!
//! The line's raw offset (parallels of its legs, arcs around its outer bends) is one closed curve
//! that crosses itself in every tight bend. Its outer boundary is walked leg by leg, turning right
//! at every crossing; what is walked is a ring that does not cross itself. Pockets that the area
//! encloses belong to it. Arcs are drawn around the circle, never inside it, so that the outline is
//! nowhere nearer to the line than the distance, and nowhere more than 0.1 % farther.

use crate::place::Position;
use crate::transverse::Transverse;

/// Angle between two corners of an arc, radians: 5 degrees put corners 0.095 % outside the circle.
const ARC_STEP_RAD: f64 = std::f64::consts::PI / 36.0;
/// Longest leg drawn straight in the plane, metres: at 50 degrees north its middle is then less
/// than 3 m off.
const LEG_M_MAX: f64 = 10_000.0;
/// Most corners of a walked outline; a walk that needs more has lost its way.
const OUTLINE_CORNERS_MAX: usize = 200_000;
/// Corners nearer to each other than this are one, metres.
const CORNER_GAP_M: f64 = 1.0;

type Point = [f64; 2];

/// The two sides of the area within a distance of a line. The sides are seen along the line, from
/// its first corner to its last; beyond its ends they are parted by straight continuations of its
/// first and last leg.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// The area on the left, as an open ring.
    pub left: Vec<Position>,
    /// The area on the right, as an open ring.
    pub right: Vec<Position>,
    /// The outline on the left, from the line's first corner to its last.
    pub left_edge: Vec<Position>,
    /// The outline on the right, from the line's first corner to its last.
    pub right_edge: Vec<Position>,
}

/// The ring around a line at a distance, metres, counter-clockwise and open. `None` when the line
/// has fewer than two corners, the distance is not positive, or no outline can be walked.
#[must_use]
pub fn outline(line: &[Position], distance_m: f64) -> Option<Vec<Position>> {
    let projection = projection_of(line)?;
    let points = projected(line, projection);
    let ring = walk(&raw_offset(&points, distance_m)?)?;
    Some(ring.iter().map(|p| projection.to_position(*p)).collect())
}

/// Both sides of the area within a distance of a line, metres. `None` as for [`outline`], and when
/// the continuation of an end runs into the line.
#[must_use]
pub fn sides(line: &[Position], distance_m: f64) -> Option<Sides> {
    let projection = projection_of(line)?;
    let points = projected(line, projection);
    let ring = walk(&raw_offset(&points, distance_m)?)?;
    let n = points.len();
    let (first_leg, first) = exit(&points, &ring, points[1], points[0])?;
    let (last_leg, last) = exit(&points, &ring, points[n - 2], points[n - 1])?;
    // Counter-clockwise from the last end to the first runs along the left side.
    let mut left_edge = part(&ring, (last_leg, last), (first_leg, first));
    let right_edge = part(&ring, (first_leg, first), (last_leg, last));
    let area = |edge: &[Point], along: &[Point]| -> Vec<Position> {
        let ring = along.iter().chain(edge);
        ring.map(|p| projection.to_position(*p)).collect()
    };
    let backwards: Vec<Point> = points.iter().rev().copied().collect();
    let left = area(&left_edge, &points);
    let right = area(&right_edge, &backwards);
    left_edge.reverse();
    let positions = |edge: &[Point]| edge.iter().map(|p| projection.to_position(*p)).collect();
    Some(Sides {
        left,
        right,
        left_edge: positions(&left_edge),
        right_edge: positions(&right_edge),
    })
}

/// The projection about the middle of a line's longitudes.
fn projection_of(line: &[Position]) -> Option<Transverse> {
    let west = line.iter().map(|p| p.lon_deg).reduce(f64::min)?;
    let east = line.iter().map(|p| p.lon_deg).reduce(f64::max)?;
    Some(Transverse {
        meridian_deg: (west + east) / 2.0,
    })
}

/// A line's corners in the plane. A leg is straight in longitude and latitude (RFC 7946, 3.1.1) and
/// therefore bent in the plane; long ones are cut.
fn projected(line: &[Position], projection: Transverse) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for leg in line.windows(2) {
        let (a, b) = (leg[0], leg[1]);
        let pieces = (a.distance_m(b) / LEG_M_MAX).ceil().max(1.0);
        let mut piece = 0.0;
        while piece < pieces {
            let mix = |from: f64, to: f64| from + (to - from) * piece / pieces;
            points.push(projection.to_xy_m(Position {
                lat_deg: mix(a.lat_deg, b.lat_deg),
                lon_deg: mix(a.lon_deg, b.lon_deg),
            }));
            piece += 1.0;
        }
    }
    points.extend(line.last().map(|p| projection.to_xy_m(*p)));
    points
}

fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: Point, b: Point) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn length(a: Point) -> f64 {
    dot(a, a).sqrt()
}

/// The closed curve at a distance to the right of a line, around its end, back on its left and
/// around its start: counter-clockwise about the line.
fn raw_offset(points: &[Point], distance_m: f64) -> Option<Vec<Point>> {
    let usable = points.len() >= 2 && distance_m.is_finite() && distance_m > 0.0;
    if !usable {
        return None;
    }
    let back = points.iter().rev().skip(1).take(points.len() - 2);
    let around: Vec<Point> = points.iter().chain(back).copied().collect();
    let n = around.len();
    let mut curve: Vec<Point> = Vec::new();
    for i in 0..n {
        let (before, at, after) = (around[(i + n - 1) % n], around[i], around[(i + 1) % n]);
        let (come, go) = (minus(at, before), minus(after, at));
        if length(come) == 0.0 || length(go) == 0.0 {
            return None;
        }
        bend(&mut curve, at, come, go, distance_m);
    }
    curve.dedup_by(|a, b| length(minus(*a, *b)) < 1e-6);
    Some(curve)
}

/// Adds the curve around one corner: an arc around an outer bend, a chord across an inner one.
fn bend(curve: &mut Vec<Point>, at: Point, come: Point, go: Point, distance_m: f64) {
    // To the right of a direction (x, y) lies (y, -x).
    let normal = |d: Point| [d[1] / length(d), -d[0] / length(d)];
    let (from, to) = (normal(come), normal(go));
    let put = |n: Point, r: f64| [at[0] + r * n[0], at[1] + r * n[1]];
    curve.push(put(from, distance_m));
    let mut turn = libm::atan2(cross(from, to), dot(from, to));
    if turn == -std::f64::consts::PI {
        turn = std::f64::consts::PI;
    }
    if turn > 0.0 {
        let steps = (turn / ARC_STEP_RAD).ceil().max(1.0);
        let step = turn / steps;
        let radius_m = distance_m / libm::cos(step / 2.0);
        let mut angle = step / 2.0;
        while angle < turn {
            let (s, c) = (libm::sin(angle), libm::cos(angle));
            let n = [from[0] * c - from[1] * s, from[0] * s + from[1] * c];
            curve.push(put(n, radius_m));
            angle += step;
        }
    }
    curve.push(put(to, distance_m));
}

/// Walks the outer boundary of a closed curve, counter-clockwise, from its southernmost corner.
fn walk(curve: &[Point]) -> Option<Vec<Point>> {
    let n = curve.len();
    let south = |a: &usize, b: &usize| curve[*a][1].total_cmp(&curve[*b][1]);
    let start = (0..n).min_by(south)?;
    let mut ring = vec![curve[start]];
    // The leg from corner `leg` to the next, walked forwards or backwards.
    let (mut leg, mut forwards, mut at) = (start, true, curve[start]);
    for _ in 0..OUTLINE_CORNERS_MAX {
        let (a, b) = (curve[leg], curve[(leg + 1) % n]);
        let end = if forwards { b } else { a };
        if let Some((other, meeting)) = first_crossing(curve, leg, at, end) {
            let (c, d) = (curve[other], curve[(other + 1) % n]);
            forwards = cross(minus(end, at), minus(d, c)) < 0.0;
            (leg, at) = (other, meeting);
        } else {
            at = end;
            leg = if forwards {
                (leg + 1) % n
            } else {
                (leg + n - 1) % n
            };
            if forwards && leg == start {
                return Some(tidy(ring));
            }
        }
        ring.push(at);
    }
    None
}

/// The crossing nearest to `at` on the way to `end` along a leg, and the leg that is crossed.
fn first_crossing(curve: &[Point], leg: usize, at: Point, end: Point) -> Option<(usize, Point)> {
    let n = curve.len();
    let way = minus(end, at);
    // A crossing just passed lies at zero; it is not met again.
    let passed = 1e-6 / length(way).max(1e-6);
    let mut nearest: Option<(f64, usize)> = None;
    for other in 0..n {
        let adjacent = other == leg || (other + 1) % n == leg || (leg + 1) % n == other;
        if adjacent {
            continue;
        }
        let (c, d) = (curve[other], curve[(other + 1) % n]);
        if apart(at, end, c, d, 0) || apart(at, end, c, d, 1) {
            continue;
        }
        if let Some(share) = meeting_share(at, way, c, d)
            && share > passed
            && nearest.is_none_or(|(least, _)| share < least)
        {
            nearest = Some((share, other));
        }
    }
    let (share, other) = nearest?;
    let meeting = [at[0] + share * way[0], at[1] + share * way[1]];
    Some((other, meeting))
}

/// True when two segments do not even overlap along one axis.
fn apart(a: Point, b: Point, c: Point, d: Point, axis: usize) -> bool {
    let least = |p: Point, q: Point| p[axis].min(q[axis]);
    let most = |p: Point, q: Point| p[axis].max(q[axis]);
    most(a, b) < least(c, d) || most(c, d) < least(a, b)
}

/// How far along `way` from `at` the segment c–d is met, as a share in `[0, 1]`.
fn meeting_share(at: Point, way: Point, c: Point, d: Point) -> Option<f64> {
    let side = minus(d, c);
    let turn = cross(way, side);
    if turn == 0.0 {
        return None;
    }
    let gap = minus(c, at);
    let share = cross(gap, side) / turn;
    let across = cross(gap, way) / turn;
    ((0.0..=1.0).contains(&share) && (0.0..=1.0).contains(&across)).then_some(share)
}

/// Joins corners that lie on one another.
fn tidy(mut ring: Vec<Point>) -> Vec<Point> {
    ring.dedup_by(|a, b| length(minus(*a, *b)) < CORNER_GAP_M);
    while ring.len() > 1 && length(minus(ring[0], ring[ring.len() - 1])) < CORNER_GAP_M {
        ring.pop();
    }
    ring
}

/// Where the continuation of a line's end leaves a ring: the ring's leg and the point. `None` when
/// it meets the line itself.
fn exit(line: &[Point], ring: &[Point], inner: Point, end: Point) -> Option<(usize, Point)> {
    let n = ring.len();
    let direction = minus(end, inner);
    let reach = ring
        .iter()
        .map(|p| length(minus(*p, end)))
        .fold(0.0, f64::max);
    let scale = 2.0 * reach / length(direction);
    let way = [direction[0] * scale, direction[1] * scale];
    let meet = |c: Point, d: Point| meeting_share(end, way, c, d);
    let (share, leg) = (0..n)
        .filter_map(|i| meet(ring[i], ring[(i + 1) % n]).map(|share| (share, i)))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let blocked = line.windows(2).any(|side| {
        let own = side.contains(&end);
        !own && meet(side[0], side[1]).is_some_and(|s| s <= share)
    });
    let point = [end[0] + share * way[0], end[1] + share * way[1]];
    (!blocked).then_some((leg, point))
}

/// The corners of a ring between two points on its legs, both points included, along its direction.
fn part(ring: &[Point], from: (usize, Point), to: (usize, Point)) -> Vec<Point> {
    let n = ring.len();
    let mut corners = vec![from.1];
    let mut leg = from.0;
    while leg != to.0 {
        leg = (leg + 1) % n;
        corners.push(ring[leg]);
    }
    corners.push(to.1);
    corners.dedup_by(|a, b| length(minus(*a, *b)) < CORNER_GAP_M);
    corners
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rings::crossing;
    use super::*;
    use crate::place::Frame;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    /// Distance from a point to a line, metres, in the local plane at the point, where legs
    /// that are straight in longitude and latitude stay straight.
    fn distance_to_line_m(point: Position, line: &[Position]) -> f64 {
        let frame = Frame::at(point);
        let plane = |p: Position| {
            let (x, y) = frame.to_xy_m(p);
            [x, y]
        };
        let to_leg = |leg: &[Position]| {
            let (a, b) = (plane(leg[0]), plane(leg[1]));
            let along = minus(b, a);
            let share = (-dot(a, along) / dot(along, along)).clamp(0.0, 1.0);
            let foot = [a[0] + share * along[0], a[1] + share * along[1]];
            point.distance_m(frame.to_position(foot[0], foot[1]))
        };
        line.windows(2).map(to_leg).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn an_outline_keeps_its_distance() {
        let hook = [
            at(48.0, 36.0),
            at(48.5, 36.2),
            at(48.45, 36.35),
            at(48.1, 36.3),
        ];
        for distance_m in [2_000.0, 7_500.0, 15_000.0, 80_000.0] {
            let ring = outline(&hook, distance_m).unwrap();
            assert_eq!(crossing(&ring, true), None, "{distance_m}");
            for corner in &ring {
                let found = distance_to_line_m(*corner, &hook) / distance_m;
                assert!((0.997..1.004).contains(&found), "{distance_m}: {found}");
            }
        }
    }

    #[test]
    fn sides_part_at_the_line() {
        let line = [at(48.0, 36.0), at(48.2, 36.4), at(48.0, 36.8)];
        let sides = sides(&line, 10_000.0).unwrap();
        // Eastwards along the line the left is north.
        let north = |p: &Position| p.lat_deg > 48.0;
        assert!(sides.left_edge.iter().any(|p| p.lat_deg > 48.28));
        assert!(sides.right_edge.iter().all(|p| p.lat_deg < 48.12));
        assert!(sides.left.iter().filter(|p| north(p)).count() > 3);
        for (edge, ring) in [
            (&sides.left_edge, &sides.left),
            (&sides.right_edge, &sides.right),
        ] {
            assert!(edge[0].lon_deg < edge[edge.len() - 1].lon_deg);
            assert_eq!(crossing(ring, true), None);
        }
    }

    #[test]
    fn what_has_no_outline_is_refused() {
        let (a, b) = (at(48.0, 36.0), at(48.0, 37.0));
        for (line, distance_m) in [
            (vec![], 1.0),
            (vec![a], 1.0),
            (vec![a, a], 1.0),
            (vec![a, b], 0.0),
            (vec![a, b], f64::NAN),
        ] {
            assert_eq!(outline(&line, distance_m), None, "{line:?} {distance_m}");
        }
        // A spiral whose inner end points at its own outer leg has no two sides.
        let (c, d) = (at(47.5, 36.9), at(47.5, 36.1));
        let spiral = [a, b, c, d, at(47.8, 36.2), at(47.9, 36.25)];
        assert_eq!(sides(&spiral, 20_000.0), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_line_gives_an_outline_that_crosses_itself(
            steps in proptest::collection::vec((0.01f64..0.3, -0.3f64..0.3), 1..30),
            distance_m in 500.0f64..60_000.0,
        ) {
            let mut line = vec![at(48.0, 33.0)];
            for (east, north) in steps {
                let last = line[line.len() - 1];
                line.push(at(last.lat_deg + north, last.lon_deg + east));
            }
            let ring = outline(&line, distance_m);
            prop_assert!(ring.is_some());
            let ring = ring.unwrap_or_default();
            prop_assert_eq!(crossing(&ring, true), None);
            for corner in &ring {
                let found = distance_to_line_m(*corner, &line) / distance_m;
                prop_assert!((0.99..1.01).contains(&found), "{}", found);
            }
        }
    }
}
