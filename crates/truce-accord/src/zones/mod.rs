//! Where positions are among the zones: inside, on which side, how far, and how surely.
//!
//! Rules: edges are straight in longitude and latitude (RFC 7946, 3.1.1) and take the short way round
//! the globe; a point on a border is inside; distances are those of a local plane at the position,
//! true to one part in a thousand within 50 km and rougher farther out.

mod gauss;
mod grid;
mod height;
mod search;
mod shape;

use std::collections::BTreeMap;

use truce_core::mission::Zone;
use truce_core::{Frame, Place, Position, Slug};

pub use crate::agreement::Side;
pub(crate) use gauss::upper_tail;
pub use height::{InBand, in_band};
pub(crate) use search::{Calm, Nearby, OnWay};
pub(crate) use shape::{Edge, Flat, Point, orientation};

use gauss::{Gaussian, SIGMAS_MAX, normal_points};
use grid::Grid;

/// No sampled point lies farther out than this many standard deviations.
const SAMPLED_SIGMAS: f64 = 4.0;
/// Finds zones by position.
#[derive(Debug, Clone)]
pub struct ZoneIndex {
    zones: Vec<Zone>,
    shapes: Vec<Flat>,
    by_id: BTreeMap<Slug, usize>,
    grid: Grid,
    west: f64,
    east: f64,
}

/// A zone that contains a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located<'a> {
    /// The zone.
    pub zone: &'a Slug,
    /// True when the border passes through the position's grid cell: ask for the distance.
    pub edge: bool,
}

impl ZoneIndex {
    /// Builds the index.
    #[must_use]
    pub fn new(zones: &[Zone]) -> Self {
        let shapes: Vec<Flat> = zones.iter().map(|zone| Flat::new(&zone.shape)).collect();
        let ids = zones.iter().enumerate();
        Self {
            by_id: ids.map(|(i, zone)| (zone.id.clone(), i)).collect(),
            grid: Grid::new(&shapes),
            west: shapes.iter().fold(f64::INFINITY, |w, s| w.min(s.bounds[0])),
            east: shapes
                .iter()
                .fold(f64::NEG_INFINITY, |e, s| e.max(s.bounds[2])),
            zones: zones.to_vec(),
            shapes,
        }
    }

    /// The zones, in the order in which they were given.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// A zone by name.
    #[must_use]
    pub fn zone(&self, id: &Slug) -> Option<&Zone> {
        self.by_id.get(id).map(|i| &self.zones[*i])
    }

    pub(crate) fn number(&self, id: &Slug) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn shape(&self, zone: usize) -> &Flat {
        &self.shapes[zone]
    }

    /// The areas that contain a position, in the order in which they were given.
    #[must_use]
    pub fn locate(&self, position: Position) -> Vec<Located<'_>> {
        let mut found: Vec<(usize, bool)> = Vec::new();
        for point in self.turns(position) {
            for entry in self.grid.entries_at(point) {
                let zone = entry.zone as usize;
                if self.holds(*entry, point) {
                    found.push((zone, entry.has_border()));
                }
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(zone, _)| *zone);
        let named = |(zone, edge): (usize, bool)| Located {
            zone: &self.zones[zone].id,
            edge,
        };
        found.into_iter().map(named).collect()
    }

    /// True when a zone is an area that contains a position, its border included.
    #[must_use]
    pub fn contains(&self, zone: &Slug, position: Position) -> bool {
        self.number(zone)
            .is_some_and(|zone| self.contains_at(zone, position))
    }

    pub(crate) fn contains_at(&self, zone: usize, position: Position) -> bool {
        self.turns(position).any(|point| {
            let entries = self.grid.entries_at(point).iter();
            let mut own = entries.filter(|entry| entry.zone as usize == zone);
            own.any(|entry| self.holds(*entry, point))
        })
    }

    /// Probability that a place is inside an area, given its ellipse and the border's own sigma:
    /// the exact mass of the Gaussian inside the polygons. 0 for points and lines.
    #[must_use]
    pub fn membership(&self, place: &Place, zone: &Zone) -> f64 {
        self.number(&zone.id)
            .map_or(0.0, |zone| self.membership_at(place, zone))
    }

    pub(crate) fn membership_at(&self, place: &Place, zone: usize) -> f64 {
        let shape = &self.shapes[zone];
        if !shape.is_area() {
            return 0.0;
        }
        let gaussian = self.gaussian(place, zone);
        let scale = Scale::at(place.position);
        let reach_m = SIGMAS_MAX * gaussian.reach_m();
        let mut mass = 0.0;
        for point in Flat::turns(place.position.to_xy()) {
            if far_from(shape, point, scale, reach_m) {
                continue;
            }
            let edges = shape.edges.iter();
            mass +=
                gaussian.mass(edges.map(|[a, b]| [scale.to_m(point, *a), scale.to_m(point, *b)]));
        }
        mass.min(1.0)
    }

    fn gaussian(&self, place: &Place, zone: usize) -> Gaussian {
        let covariance = place.uncertainty.covariance_m2();
        Gaussian::new(covariance, self.zones[zone].border_m_sigma)
    }

    /// Probability that a place is inside a zone or nearer to it than a distance, metres. From 256
    /// points of the place's Gaussian: right to about one percent.
    #[must_use]
    pub fn within(&self, place: &Place, zone: &Slug, distance_m: f64) -> f64 {
        let Some(zone) = self.number(zone) else {
            return 0.0;
        };
        let gaussian = self.gaussian(place, zone);
        let reach_m = SAMPLED_SIGMAS * gaussian.reach_m();
        let middle_m = self.distance_at(zone, place.position);
        if middle_m > distance_m + reach_m {
            return 0.0;
        }
        if middle_m < distance_m - reach_m {
            return 1.0;
        }
        share_of(place, gaussian, |position| {
            self.distance_at(zone, position) <= distance_m
        })
    }

    /// Probability that a place is inside any of some areas, from 256 points of its Gaussian with the
    /// widest of their borders' sigmas: right to about one percent.
    #[must_use]
    pub fn membership_any(&self, place: &Place, zones: &[Slug]) -> f64 {
        let numbers: Vec<usize> = zones.iter().filter_map(|id| self.number(id)).collect();
        let sigmas = numbers.iter().map(|zone| self.zones[*zone].border_m_sigma);
        let sigma_m = sigmas.fold(0.0, f64::max);
        let gaussian = Gaussian::new(place.uncertainty.covariance_m2(), sigma_m);
        share_of(place, gaussian, |position| {
            numbers.iter().any(|zone| self.contains_at(*zone, position))
        })
    }

    /// Probability that a place is nearer to a line than a distance, metres, and on one side of it
    /// when one is given. From 256 points: right to about one percent.
    #[must_use]
    pub fn near_line(
        &self,
        place: &Place,
        line: &Slug,
        distance_m: f64,
        side: Option<Side>,
    ) -> f64 {
        let Some(number) = self.number(line) else {
            return 0.0;
        };
        let gaussian = self.gaussian(place, number);
        let reach_m = SAMPLED_SIGMAS * gaussian.reach_m();
        let middle_m = self.distance_at(number, place.position);
        if middle_m > distance_m + reach_m {
            return 0.0;
        }
        let on_side = |position| side.is_none() || self.side_of_line(line, position) == side;
        if middle_m > reach_m && middle_m < distance_m - reach_m {
            return f64::from(u8::from(on_side(place.position)));
        }
        share_of(place, gaussian, |position| {
            self.distance_at(number, position) <= distance_m && on_side(position)
        })
    }

    /// Distance to a zone, metres: to a point or line as it is, to the border of an area negative
    /// when inside. `None` when there is no such zone.
    #[must_use]
    pub fn distance_to_m(&self, zone: &Slug, position: Position) -> Option<f64> {
        self.number(zone)
            .map(|zone| self.distance_at(zone, position))
    }

    pub(crate) fn distance_at(&self, zone: usize, position: Position) -> f64 {
        let (shape, scale) = (&self.shapes[zone], Scale::at(position));
        let point = position.to_xy();
        let distances = Flat::turns(point).map(|point| nearest_m(point, &shape.edges, scale));
        let distance = distances.into_iter().fold(f64::INFINITY, f64::min);
        if self.contains_at(zone, position) {
            -distance
        } else {
            distance
        }
    }

    /// On which side of a line a position lies, seen along it; decided by the nearest edge. `None`
    /// for other shapes and for a position exactly on the line.
    #[must_use]
    pub fn side_of_line(&self, zone: &Slug, position: Position) -> Option<Side> {
        let shape = self.number(zone).map(|zone| &self.shapes[zone])?;
        if !shape.is_line {
            return None;
        }
        let scale = Scale::at(position);
        let mut best: Option<(f64, f64)> = None;
        for point in Flat::turns(position.to_xy()) {
            for edge in &shape.edges {
                let distance = edge_distance_m(point, edge, scale);
                let side = orientation(edge[0], edge[1], point);
                // Where two edges are equally near, at their common corner, the one that sees the
                // position less obliquely decides.
                let better = best.is_none_or(|(nearest, turn)| {
                    distance < nearest || (distance == nearest && side.abs() > turn.abs())
                });
                if better {
                    best = Some((distance, side));
                }
            }
        }
        match best {
            Some((_, side)) if side > 0.0 => Some(Side::Left),
            Some((_, side)) if side < 0.0 => Some(Side::Right),
            _ => None,
        }
    }
}

/// The share of a place's Gaussian for which something holds.
fn share_of(place: &Place, gaussian: Gaussian, holds: impl Fn(Position) -> bool) -> f64 {
    let scale = Scale::at(place.position);
    let (mut inside, mut all) = (0.0, 0.0);
    for point in normal_points() {
        let position = scale.moved(place.position, gaussian.colour(point));
        inside += f64::from(u8::from(holds(position)));
        all += 1.0;
    }
    inside / all
}

/// Metres for one degree around a position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    east_m: f64,
    north_m: f64,
}

impl Scale {
    pub(crate) fn at(position: Position) -> Self {
        let middle = Position {
            lat_deg: position.lat_deg.clamp(-89.0, 89.0),
            lon_deg: 0.0,
        };
        let degree = Position {
            lat_deg: middle.lat_deg + 1.0,
            lon_deg: 1.0,
        };
        let (east_m, north_m) = Frame::at(middle).to_xy_m(degree);
        Self { east_m, north_m }
    }

    /// A point in metres from an origin.
    pub(crate) fn to_m(self, origin: Point, point: Point) -> [f64; 2] {
        [
            (point[0] - origin[0]) * self.east_m,
            (point[1] - origin[1]) * self.north_m,
        ]
    }

    fn moved(self, position: Position, [x_m, y_m]: [f64; 2]) -> Position {
        let lat = position.lat_deg + y_m / self.north_m;
        Position {
            lat_deg: lat.clamp(-90.0, 90.0),
            lon_deg: truce_core::place::normalize_lon_deg(position.lon_deg + x_m / self.east_m),
        }
    }
}

/// Distance to the nearest of some edges, metres; infinite when there are none.
pub(crate) fn nearest_m(point: Point, edges: &[Edge], scale: Scale) -> f64 {
    let distances = edges.iter().map(|edge| edge_distance_m(point, edge, scale));
    distances.fold(f64::INFINITY, f64::min)
}

fn edge_distance_m(point: Point, [a, b]: &Edge, scale: Scale) -> f64 {
    let (a, b) = (scale.to_m(point, *a), scale.to_m(point, *b));
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 {
        (-(a[0] * dx + a[1] * dy) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (x, y) = (a[0] + along * dx, a[1] + along * dy);
    (x * x + y * y).sqrt()
}

fn far_from(shape: &Flat, [x, y]: Point, scale: Scale, reach_m: f64) -> bool {
    let [west, south, east, north] = shape.bounds;
    let (dx, dy) = (reach_m / scale.east_m, reach_m / scale.north_m);
    x + dx < west || x - dx > east || y + dy < south || y - dy > north
}
