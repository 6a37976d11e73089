//! The ends of a long area such as a corridor, by which one may leave it, as its own geometry says.
//!
//! Two parts of its border are its ends, the rest its sides ([`strip`]). A position outside is beyond
//! an end when no part of the area is nearer to it than that end, and it is on the far side of the
//! end's line. Each area where vessels may go (a port, an anchorage, an inspection area) belongs to
//! the nearest end. The approach between the two is the convex hull of the end's border and the area:
//! every straight way from the one to the other lies in it.
//!
//! All is computed on the plane at the position that is asked about, where edges are straight in
//! longitude and latitude; across the antimeridian the short way round is taken.

use super::{Path, Strip, strip};
use crate::identity::Slug;
use crate::mission::Shape;
use crate::place::{Frame, Position};

/// The middle is looked at so far from an end to tell the near side of the end's line, metres.
const INSIDE_M: f64 = 10.0;
/// Two distances to the same edge, computed from its two directions, differ by less, metres.
const SAME_M: f64 = 1e-3;

type Point = (f64, f64);

/// The two ends of a long area.
#[derive(Debug, Clone)]
pub struct Ends {
    ends: [End; 2],
    /// The area as a way.
    strip: Strip,
}

#[derive(Debug, Clone)]
struct End {
    border: Vec<Position>,
    /// A position on the area's side of the line from the first to the last corner of the border.
    inside: Position,
    /// The approaches to the areas that belong to this end: convex rings, counter-clockwise.
    approaches: Vec<(Slug, Vec<Position>)>,
}

impl Ends {
    /// The ends of a long area; `None` for what has none.
    #[must_use]
    pub fn of(shape: &Shape) -> Option<Self> {
        let strip = strip(shape)?;
        let ends = [0, 1].map(|side| End::new(&strip, side));
        Some(Self { ends, strip })
    }

    /// The line along the area's middle.
    #[must_use]
    pub fn middle(&self) -> &Path {
        &self.strip.middle
    }

    /// Draws the approach to an area from the end that it belongs to, when that is one of these and
    /// not one of the other ways.
    pub fn lead_to(&mut self, area: &Slug, shape: &Shape, others: &[Strip]) {
        let corners = shape.corners();
        let away_m = |end: &Vec<Position>| {
            let pairs = end
                .iter()
                .flat_map(|p| corners.iter().map(|q| p.distance_m(*q)));
            pairs.fold(f64::INFINITY, f64::min)
        };
        let all = others.iter().flat_map(|other| &other.ends);
        let elsewhere_m = all.map(away_m).fold(f64::INFINITY, f64::min);
        let here_m = [0, 1].map(|side| away_m(&self.strip.ends[side]));
        let side = usize::from(here_m[1] < here_m[0]);
        let end = &mut self.ends[side];
        let is_known = end.approaches.iter().any(|(of, _)| of == area);
        if here_m[side] > elsewhere_m || is_known {
            return;
        }
        let around: Vec<Position> = end.border.iter().chain(&corners).copied().collect();
        end.approaches.push((area.clone(), convex_hull(&around)));
    }

    /// True for a position outside the area, `out_m` metres from its border, that lies beyond one of
    /// its ends.
    #[must_use]
    pub fn is_beyond(&self, position: Position, out_m: f64) -> bool {
        let frame = Frame::at(position);
        self.ends.iter().any(|end| {
            let border = on_plane(&frame, &end.border);
            end.is_far_side(&frame, &border) && nearest_m(&border) <= out_m + SAME_M
        })
    }

    /// True for a position on the approach to an area that is allowed, or no farther beside it than
    /// `beside_m` metres.
    #[must_use]
    pub fn is_approach(
        &self,
        position: Position,
        beside_m: f64,
        is_allowed: impl Fn(&Slug) -> bool,
    ) -> bool {
        let frame = Frame::at(position);
        let approaches = self.ends.iter().flat_map(|end| &end.approaches);
        let mut allowed = approaches.filter(|(area, _)| is_allowed(area));
        allowed.any(|(_, hull)| {
            let mut ring = on_plane(&frame, hull);
            ring.extend(ring.first().copied());
            holds_origin(&ring) || nearest_m(&ring) <= beside_m
        })
    }
}

impl End {
    fn new(strip: &Strip, side: usize) -> Self {
        let inside_m = if side == 0 {
            INSIDE_M
        } else {
            strip.middle.length_m() - INSIDE_M
        };
        Self {
            border: strip.ends[side].clone(),
            inside: strip.middle.at(inside_m),
            approaches: Vec::new(),
        }
    }

    /// True when the frame's origin lies on the far side of the line through the end's first and
    /// last corner.
    fn is_far_side(&self, frame: &Frame, border: &[Point]) -> bool {
        let (Some(from), Some(to)) = (border.first(), border.last()) else {
            return false;
        };
        let inside = frame.to_xy_m(self.inside);
        cross(*from, *to, (0.0, 0.0)) * cross(*from, *to, inside) < 0.0
    }
}

fn on_plane(frame: &Frame, corners: &[Position]) -> Vec<Point> {
    let points = corners.iter().map(|corner| frame.to_xy_m(*corner));
    points.collect()
}

/// Twice the area of a triangle; positive when `c` lies left of the line from `a` to `b`.
fn cross(a: Point, b: Point, c: Point) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Distance of the origin from a line of corners, metres; infinite for a single one.
fn nearest_m(line: &[Point]) -> f64 {
    let to_edge_m = |pair: &[Point]| {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let square = dx * dx + dy * dy;
        let share = if square > 0.0 {
            (-(a.0 * dx + a.1 * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        libm::hypot(a.0 + share * dx, a.1 + share * dy)
    };
    line.windows(2).map(to_edge_m).fold(f64::INFINITY, f64::min)
}

/// True when a convex, closed, counter-clockwise ring holds the origin.
fn holds_origin(ring: &[Point]) -> bool {
    let mut edges = ring.windows(2);
    ring.len() > 3 && edges.all(|edge| cross(edge[0], edge[1], (0.0, 0.0)) >= 0.0)
}

/// The smallest convex ring around some positions, counter-clockwise (Andrew 1979, monotone chain).
fn convex_hull(around: &[Position]) -> Vec<Position> {
    let Some(first) = around.first() else {
        return Vec::new();
    };
    let frame = Frame::at(*first);
    let mut points: Vec<(Point, Position)> =
        around.iter().map(|p| (frame.to_xy_m(*p), *p)).collect();
    points.sort_unstable_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup_by(|(a, _), (b, _)| a == b);
    let chain = |points: &mut dyn Iterator<Item = &(Point, Position)>| {
        let mut chain: Vec<(Point, Position)> = Vec::new();
        for point in points {
            while let [.., (a, _), (b, _)] = chain[..]
                && cross(a, b, point.0) <= 0.0
            {
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let lower = chain(&mut points.iter());
    let upper = chain(&mut points.iter().rev());
    let ring = lower.into_iter().chain(upper);
    ring.map(|(_, position)| position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(lat_deg: f64, lon_deg: f64) -> Position {
        Position { lat_deg, lon_deg }
    }

    #[test]
    fn a_hull_holds_all_that_it_is_around() {
        let square = [
            (0.0, 0.0),
            (2.0, 0.0),
            (2.0, 2.0),
            (0.0, 2.0),
            (1.0, 1.0),
            (1.0, 0.0),
        ];
        let hull = convex_hull(&square.map(|(lat, lon)| position(lat, lon)));
        assert_eq!(hull.len(), 4);
        assert!(!hull.contains(&position(1.0, 1.0)));
    }

    /// A corridor of 0.1 by 1 degree to the north of a port, here and across the antimeridian.
    #[test]
    fn an_end_is_left_beyond_its_line_and_on_the_way_to_a_port() {
        for east in [30.0, 179.95] {
            let lon = |lon: f64| crate::place::normalize_lon_deg(east + lon);
            let ring = |corners: &[(f64, f64)]| {
                let corners = corners.iter().map(|(lat, at)| position(*lat, lon(*at)));
                Shape::Polygons(vec![vec![corners.collect()]])
            };
            let corridor = ring(&[(44.0, 0.0), (44.0, 0.1), (45.0, 0.1), (45.0, 0.0)]);
            let port = ring(&[(43.8, 0.5), (43.8, 0.6), (43.9, 0.6), (43.9, 0.5)]);
            let mut ends = Ends::of(&corridor).unwrap();
            let name = Slug::new("port").unwrap();
            ends.lead_to(&name, &port, &[]);
            let out_m = |lat: f64, at: f64| {
                let point = position(lat, lon(at));
                let corner = position(lat.clamp(44.0, 45.0), lon(at.clamp(0.0, 0.1)));
                (point, point.distance_m(corner))
            };
            let is_beyond = |lat, at| {
                let (point, out_m) = out_m(lat, at);
                ends.is_beyond(point, out_m)
            };
            assert!(is_beyond(43.9, 0.05) && is_beyond(45.2, 0.3));
            assert!(!is_beyond(44.1, 0.15) && !is_beyond(44.5, -0.5));
            let is_approach = |lat, at, beside_m| {
                ends.is_approach(position(lat, lon(at)), beside_m, |area| *area == name)
            };
            assert!(is_approach(43.9, 0.3, 0.0) && !is_approach(44.1, 0.3, 1_000.0));
            assert!(is_approach(44.1, 0.3, 30_000.0) && !is_approach(45.1, 0.05, 1_000.0));
            assert!(!ends.is_approach(position(43.9, lon(0.3)), 0.0, |_| false));
        }
    }
}
