//! The line of contact: how far a place lies from it, and on whose side.

use std::collections::BTreeMap;

use truce_core::mission::{Mission, Shape, ZoneKind};
use truce_core::{Frame, Position, Slug};

/// The line of contact of a mission; empty when the mission has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    lines: Vec<Vec<Position>>,
    /// Uncertainty of the line, one standard deviation, metres.
    pub(crate) border_m_sigma: f64,
    /// The party whose side lies to the left of the line's direction, and the one to the right.
    sides: Option<[Slug; 2]>,
}

impl Line {
    pub(crate) fn new(mission: &Mission) -> Self {
        let mut line = Self::default();
        let contact = |kind| kind == ZoneKind::LineOfContact;
        for zone in mission.zones.iter().filter(|zone| contact(zone.kind)) {
            if let Shape::Line(corners) = &zone.shape {
                line.lines.push(corners.clone());
                line.border_m_sigma = line.border_m_sigma.max(zone.border_m_sigma);
            }
        }
        line.sides = line.find_sides(mission);
        line
    }

    /// Each party's zones tell on which side of the line the party stands.
    fn find_sides(&self, mission: &Mission) -> Option<[Slug; 2]> {
        let mut left: BTreeMap<&Slug, i64> = BTreeMap::new();
        for zone in mission
            .zones
            .iter()
            .filter(|zone| zone.kind != ZoneKind::Corridor)
        {
            let Some(party) = &zone.party else {
                continue;
            };
            for corner in corners(&zone.shape) {
                let Some(signed_m) = self.signed_distance_m(corner) else {
                    continue;
                };
                *left.entry(party).or_default() += if signed_m > 0.0 { 1 } else { -1 };
            }
        }
        let most = left.iter().max_by_key(|(_, votes)| **votes)?;
        let least = left.iter().min_by_key(|(_, votes)| **votes)?;
        let apart = *most.1 > 0 && *least.1 < 0;
        apart.then(|| [(*most.0).clone(), (*least.0).clone()])
    }

    /// Metres from the line, positive on the left of its direction; `None` without a line.
    pub(crate) fn signed_distance_m(&self, position: Position) -> Option<f64> {
        let frame = Frame::at(position);
        let mut best: Option<(f64, &[Position], usize)> = None;
        for corners in &self.lines {
            let mut points = corners.iter().map(|corner| frame.to_xy_m(*corner));
            let Some(mut a) = points.next() else {
                continue;
            };
            for (index, b) in points.enumerate() {
                let distance2 = nearest(a, b).1;
                if best.is_none_or(|(least, _, _)| distance2 < least) {
                    best = Some((distance2, corners, index));
                }
                a = b;
            }
        }
        best.map(|(distance2, corners, index)| {
            let (beside, index) = beside(corners, index);
            let points: Vec<_> = beside.iter().map(|at| frame.to_xy_m(*at)).collect();
            distance2.sqrt() * side(&points, index)
        })
    }

    /// The line in a plane, as far as it may matter within a reach of its origin, metres.
    pub(crate) fn in_plane(&self, frame: &Frame, reach_m: f64) -> PlaneLine {
        let mut lines = Vec::new();
        for corners in &self.lines {
            let points: Vec<_> = corners
                .iter()
                .map(|corner| frame.to_xy_m(*corner))
                .collect();
            let near = |pair: &[(f64, f64)]| nearest(pair[0], pair[1]).1 <= reach_m * reach_m;
            let first = points.windows(2).position(near);
            let last = points.windows(2).rposition(near);
            match first.zip(last) {
                Some((first, last)) => lines.push(points[first..=last + 1].to_vec()),
                // A line beyond the reach still has two sides.
                None => lines.push(points),
            }
        }
        PlaneLine::new(lines)
    }

    /// Metres from the line.
    pub(crate) fn distance_m(&self, position: Position) -> Option<f64> {
        self.signed_distance_m(position).map(f64::abs)
    }

    /// The party on the left and the party on the right, with the probability that a place lies on
    /// the left when its error along any direction is `sigma_m`.
    pub(crate) fn sides(&self, position: Position, sigma_m: f64) -> Option<(&[Slug; 2], f64)> {
        let sides = self.sides.as_ref()?;
        let signed_m = self.signed_distance_m(position)?;
        let spread_m = libm::hypot(sigma_m, self.border_m_sigma).max(1.0);
        let left = 0.5 * libm::erfc(-signed_m / spread_m / std::f64::consts::SQRT_2);
        Some((sides, left))
    }
}

/// Corners of a line in a plane, metres.
type Corners = Vec<(f64, f64)>;

/// Segments of a line that share a box: a box costs about as much as a segment.
const BOX_SEGMENTS: usize = 8;

/// Squares of distances are rounded by less than this share of them and a square metre together: a
/// box farther off than the nearest segment known by more than that holds no nearer one.
const ROUNDING: f64 = 1e-9;

/// The line of contact in a plane, metres.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaneLine {
    lines: Vec<Corners>,
    /// In the order of the lines.
    boxes: Vec<SegmentBox>,
}

/// Segments of a line that follow each other, and the box around them, metres.
#[derive(Debug, Clone)]
struct SegmentBox {
    line: usize,
    segments: std::ops::Range<usize>,
    least: (f64, f64),
    most: (f64, f64),
}

impl SegmentBox {
    /// The squared distance of a point from the box, m².
    fn distance2(&self, x: f64, y: f64) -> f64 {
        let dx = (self.least.0 - x).max(x - self.most.0).max(0.0);
        let dy = (self.least.1 - y).max(y - self.most.1).max(0.0);
        dx * dx + dy * dy
    }
}

impl PlaneLine {
    fn new(lines: Vec<Corners>) -> Self {
        let mut boxes = Vec::new();
        for (line, points) in lines.iter().enumerate() {
            let count = points.len().saturating_sub(1);
            for first in (0..count).step_by(BOX_SEGMENTS) {
                let segments = first..count.min(first + BOX_SEGMENTS);
                let corners = &points[segments.start..=segments.end];
                let fold = |by: fn(f64, f64) -> f64| {
                    let (x, y) = corners[0];
                    let join = |a: (f64, f64), b: &(f64, f64)| (by(a.0, b.0), by(a.1, b.1));
                    corners.iter().fold((x, y), join)
                };
                boxes.push(SegmentBox {
                    line,
                    segments,
                    least: fold(f64::min),
                    most: fold(f64::max),
                });
            }
        }
        Self { lines, boxes }
    }

    /// The first of the nearest segments: the squared distance, its line and its place there.
    fn nearest_segment(&self, x: f64, y: f64) -> Option<(f64, &Corners, usize)> {
        let squares = self.boxes.iter().map(|near| near.distance2(x, y));
        let (first, _) = squares.enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let look = |inside: &SegmentBox| {
            let points = &self.lines[inside.line];
            let mut best: Option<(f64, usize)> = None;
            for index in inside.segments.clone() {
                let from = |p: (f64, f64)| (p.0 - x, p.1 - y);
                let distance2 = nearest(from(points[index]), from(points[index + 1])).1;
                if best.is_none_or(|(least, _)| distance2 < least) {
                    best = Some((distance2, index));
                }
            }
            best.map(|(distance2, index)| (distance2, points, index))
        };
        let least = look(&self.boxes[first])?.0;
        let most = least + least * ROUNDING + 1.0;
        let near = self
            .boxes
            .iter()
            .filter(|near| near.distance2(x, y) <= most);
        // The first among equals.
        near.filter_map(look).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Metres from the line, positive on the left of its direction; `None` without a line.
    pub(crate) fn signed_distance_m(&self, x: f64, y: f64) -> Option<f64> {
        let (distance2, points, index) = self.nearest_segment(x, y)?;
        let (beside, index) = beside(points, index);
        let local: Vec<(f64, f64)> = beside.iter().map(|p| (p.0 - x, p.1 - y)).collect();
        Some(distance2.sqrt() * side(&local, index))
    }

    /// Metres from the line; `None` without a line.
    pub(crate) fn distance_m(&self, x: f64, y: f64) -> Option<f64> {
        self.nearest_segment(x, y).map(|nearest| nearest.0.sqrt())
    }

    /// The point on the other side of the line, straight across from a point and `beyond_m` behind
    /// the line.
    pub(crate) fn across(&self, x: f64, y: f64, beyond_m: f64) -> Option<[f64; 2]> {
        let here = self.signed_distance_m(x, y)?;
        let step = 100.0;
        let east = self.signed_distance_m(x + step, y)? - here;
        let north = self.signed_distance_m(x, y + step)? - here;
        let length = libm::hypot(east, north);
        if length < 1e-6 * step {
            return None;
        }
        let go = -(here + beyond_m * here.signum()) / length;
        Some([x + go * east, y + go * north])
    }
}

/// How far along a segment, as a share of it, the point nearest to the origin lies on its straight
/// line, and the squared distance of the origin from the segment.
fn nearest(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let along = -(a.0 * dx + a.1 * dy) / (dx * dx + dy * dy).max(1e-9);
    let t = along.clamp(0.0, 1.0);
    let (px, py) = (a.0 + t * dx, a.1 + t * dy);
    (along, px * px + py * py)
}

/// The corners that say on which side of a segment a point near it lies, and the segment's place
/// among them.
fn beside<T>(corners: &[T], index: usize) -> (&[T], usize) {
    let first = index.saturating_sub(1);
    (&corners[first..corners.len().min(index + 3)], index - first)
}

/// 1 on the left of a segment, −1 on the right.
fn side(points: &[(f64, f64)], index: usize) -> f64 {
    if is_left(points, index) { 1.0 } else { -1.0 }
}

/// Whether the origin lies to the left of a segment. Where the nearest point is a corner,
/// the mean direction of the two segments that meet there decides.
fn is_left(points: &[(f64, f64)], index: usize) -> bool {
    let point = |index: usize| points[index];
    let unit = |from: usize| {
        let (a, b) = (point(from), point(from + 1));
        let (x, y) = (b.0 - a.0, b.1 - a.1);
        let length = libm::hypot(x, y).max(1e-9);
        (x / length, y / length)
    };
    let (a, b) = (point(index), point(index + 1));
    let (along, _) = nearest(a, b);
    let mut direction = unit(index);
    let mut corner = a;
    let beside = if along < 0.0 && index > 0 {
        Some(unit(index - 1))
    } else if along > 1.0 && index + 2 < points.len() {
        corner = b;
        Some(unit(index + 1))
    } else {
        None
    };
    if let Some(beside) = beside {
        direction = (direction.0 + beside.0, direction.1 + beside.1);
    }
    direction.1 * corner.0 - direction.0 * corner.1 >= 0.0
}

fn corners(shape: &Shape) -> Vec<Position> {
    match shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(corners) => corners.clone(),
        Shape::Polygons(polygons) => polygons
            .iter()
            .filter_map(|rings| rings.first())
            .flatten()
            .copied()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    /// A line that runs east, then turns north.
    fn bent() -> Line {
        Line {
            lines: vec![vec![at(48.0, 36.0), at(48.0, 37.0), at(49.0, 37.0)]],
            border_m_sigma: 100.0,
            sides: Some(["left", "right"].map(|name| Slug::new(name).unwrap())),
        }
    }

    #[test]
    fn the_left_of_the_direction_is_positive() {
        let cases = [
            (at(48.1, 36.5), 11_120.0),
            (at(47.9, 36.5), -11_120.0),
            (at(48.5, 36.9), 7_380.0),
            (at(48.5, 37.1), -7_380.0),
            // Nearest to the corner itself, outside the bend.
            (at(47.9, 37.1), -13_380.0),
            // Beyond the end.
            (at(49.1, 37.0), 11_120.0),
        ];
        for (position, expected_m) in cases {
            let signed_m = bent().signed_distance_m(position).unwrap();
            assert!(
                (signed_m - expected_m).abs() < 120.0,
                "{position:?}: {signed_m}"
            );
        }
        assert_eq!(Line::default().signed_distance_m(at(48.0, 36.0)), None);
    }

    /// A line of many corners, some of them on top of each other, and points on a grid around it.
    #[test]
    fn boxes_change_no_distance() {
        let wave = |n: i32| {
            let (step, turn) = (f64::from(n / 2) * 3_000.0, f64::from(n / 2) * 0.7);
            (step - 60_000.0, libm::sin(turn) * 20_000.0)
        };
        let lines = vec![
            (0..100).map(wave).collect::<Corners>(),
            vec![(0.0, 9_000.0), (1.0, 0.0)],
        ];
        let plane = PlaneLine::new(lines.clone());
        for (x, y) in (-40..40).flat_map(|x| (-40..40).map(move |y| (x, y))) {
            let (x, y) = (f64::from(x) * 2_500.0, f64::from(y) * 1_500.0);
            let from = |p: (f64, f64)| (p.0 - x, p.1 - y);
            let squares = lines.iter().flat_map(|points| points.windows(2));
            let squares = squares.map(|pair| nearest(from(pair[0]), from(pair[1])).1);
            let least = squares.fold(f64::INFINITY, f64::min);
            assert_eq!(plane.distance_m(x, y), Some(least.sqrt()), "{x} {y}");
            let signed_m = plane.signed_distance_m(x, y).unwrap();
            assert_eq!(signed_m.abs(), least.sqrt(), "{x} {y}");
        }
        assert_eq!(PlaneLine::default().distance_m(0.0, 0.0), None);
    }

    #[test]
    fn near_the_line_the_side_is_open() {
        let line = bent();
        let left = |position, sigma_m| line.sides(position, sigma_m).unwrap().1;
        assert!(left(at(48.1, 36.5), 1_000.0) > 0.999);
        assert!(left(at(47.9, 36.5), 1_000.0) < 0.001);
        assert!((left(at(48.0, 36.5), 1_000.0) - 0.5).abs() < 0.01);
        assert!(left(at(48.1, 36.5), 20_000.0) < 0.8);
    }
}
