//! The ends of a corridor, by which a vessel may leave it, as the corridor's own geometry says.
//!
//! A corridor is a long area: two parts of its border are its ends, the rest its sides
//! ([`truce_core::way::strip`]). A vessel outside is beyond an end when no part of the corridor is
//! nearer to it than that end, and it is on the far side of the end's line. Each area where a clause
//! lets vessels go (a port, an anchorage, an inspection area) belongs to the nearest end among the
//! clause's corridors. The approach between the two is the convex hull of the end's border and the
//! area: every straight way from the one to the other lies in it. Beside it as much is tolerated as
//! beside the corridor.

use truce_core::Position;
use truce_core::Slug;
use truce_core::mission::{Shape, Zone};
use truce_core::way::{Strip, strip};

use super::fence::{Effect, Fence, Guard};
use crate::zones::{Flat, Point, Scale, ZoneIndex, nearest_m, orientation, run_on};

/// The middle is looked at so far from an end to tell the near side of the end's line, metres.
const INSIDE_M: f64 = 10.0;
/// Two distances to the same edge, computed from its two directions, differ by less, metres.
const SAME_M: f64 = 1e-3;

/// The two ends of a corridor.
#[derive(Debug, Clone)]
pub(super) struct Ends([End; 2]);

#[derive(Debug, Clone)]
struct End {
    border: Flat,
    /// The first and the last corner of the border.
    line: [Position; 2],
    /// A position on the corridor's side of the line.
    inside: Position,
    /// The approaches to the areas that belong to this end.
    approaches: Vec<(Slug, Flat)>,
}

/// The ends of the corridor that a fence against deviation watches; `None` for all other fences and
/// for an area that has no ends.
pub(super) fn ends_of(fence: &Fence, zones: &ZoneIndex) -> Option<Ends> {
    if fence.effect != Effect::Deviation {
        return None;
    }
    let own = strip(&zones.zone(&fence.zone)?.shape)?;
    let mut ends = Ends([0, 1].map(|side| End::new(&own, side)));
    for guard in &fence.guards {
        let others = guard.others.iter().filter_map(|other| zones.zone(other));
        let others: Vec<Strip> = others.filter_map(|zone| strip(&zone.shape)).collect();
        for area in guard.ends.iter().filter_map(|area| zones.zone(area)) {
            ends.lead_to(area, &own, &others);
        }
    }
    Some(ends)
}

impl Ends {
    /// Draws the approach to an area from the end that it belongs to, when that is one of these.
    fn lead_to(&mut self, area: &Zone, own: &Strip, others: &[Strip]) {
        let corners = corners(&area.shape);
        let away_m = |end: &Vec<Position>| {
            let pairs = end
                .iter()
                .flat_map(|p| corners.iter().map(|q| p.distance_m(*q)));
            pairs.fold(f64::INFINITY, f64::min)
        };
        let all = others.iter().flat_map(|other| &other.ends);
        let elsewhere_m = all.map(away_m).fold(f64::INFINITY, f64::min);
        let here_m = [away_m(&own.ends[0]), away_m(&own.ends[1])];
        let side = usize::from(here_m[1] < here_m[0]);
        let end = &mut self.0[side];
        let is_known = end.approaches.iter().any(|(of, _)| *of == area.id);
        if here_m[side] > elsewhere_m || is_known {
            return;
        }
        let border = own.ends[side].iter().chain(&corners).copied();
        let hull = Shape::Polygons(vec![vec![convex_hull(&border.collect::<Vec<_>>())]]);
        end.approaches.push((area.id.clone(), Flat::new(&hull)));
    }

    /// True for a position outside the corridor, `out_m` metres from its border, that lies beyond
    /// one of its ends.
    pub(super) fn is_beyond(&self, position: Position, out_m: f64) -> bool {
        let scale = Scale::at(position);
        self.0.iter().any(|end| {
            let turns = Flat::turns(position.to_xy()).into_iter();
            let mut far_side = turns.filter(|point| end.is_far_side(*point));
            far_side.any(|point| nearest_m(point, &end.border.edges, scale) <= out_m + SAME_M)
        })
    }

    /// True for a position on the approach to an area that a guard allows, or no farther beside it
    /// than a vessel may be beside the corridor.
    pub(super) fn is_approach(&self, position: Position, guard: &Guard) -> bool {
        let scale = Scale::at(position);
        let approaches = self.0.iter().flat_map(|end| &end.approaches);
        let mut allowed = approaches.filter(|(area, _)| guard.ends.contains(area));
        allowed.any(|(_, hull)| {
            Flat::turns(position.to_xy()).into_iter().any(|point| {
                hull.contains(point) || nearest_m(point, &hull.edges, scale) <= guard.limit
            })
        })
    }
}

impl End {
    fn new(strip: &Strip, side: usize) -> Self {
        let border = &strip.ends[side];
        let inside_m = if side == 0 {
            INSIDE_M
        } else {
            strip.middle.length_m() - INSIDE_M
        };
        Self {
            border: Flat::new(&Shape::Line(border.clone())),
            line: [border[0], border[border.len() - 1]],
            inside: strip.middle.at(inside_m),
            approaches: Vec::new(),
        }
    }

    fn is_far_side(&self, point: Point) -> bool {
        let [from, to] = self.line;
        let line = run_on(&[from, to, self.inside], Some(point[0]));
        let side = |point: Point| orientation(line[0], line[1], point);
        side(point) * side(line[2]) < 0.0
    }
}

fn corners(shape: &Shape) -> Vec<Position> {
    match shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(corners) => corners.clone(),
        Shape::Polygons(polygons) => polygons.iter().flatten().flatten().copied().collect(),
    }
}

/// The smallest convex ring around some positions, counter-clockwise (Andrew 1979, monotone chain).
fn convex_hull(around: &[Position]) -> Vec<Position> {
    let mut points = run_on(around, None);
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let chain = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..]
                && orientation(a, b, *point) <= 0.0
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
    ring.map(|[lon_deg, lat_deg]| Position { lat_deg, lon_deg })
        .collect()
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
        // Across the antimeridian it goes the short way round.
        let across = [(0.0, 179.0), (0.0, -179.0), (1.0, 180.0)];
        let hull = convex_hull(&across.map(|(lat, lon)| position(lat, lon)));
        let flat = Flat::new(&Shape::Polygons(vec![vec![hull]]));
        assert!(flat.contains([180.0, 0.5]) && !flat.contains([0.0, 0.5]));
    }
}
