//! Corridors and ports of the mission, looked up by position.

use truce_core::mission::{Mission, Shape, Zone, ZoneKind};
use truce_core::way::{Ends, Path, Strip, strip};
use truce_core::{Frame, Position, Slug};

use super::plane::index;

/// Side of a square of the look-up, degrees, unless the zones lie so far apart that it must be
/// larger.
const SIDE_DEG: f64 = 0.05;
/// Most squares of the look-up.
const SQUARES_MAX: f64 = 250_000.0;

/// An area that shipping is watched by.
#[derive(Debug, Clone)]
pub(super) struct Area {
    pub(super) id: Slug,
    pub(super) name: String,
    polygons: Vec<Vec<Vec<Position>>>,
    pub(super) is_port: bool,
    /// True for a corridor whose stops and deviations the agreement's own watch tells.
    pub(super) is_agreed: bool,
    pub(super) middle: Position,
    /// The ends of a corridor, with the approaches to the ports that belong to them.
    pub(super) ends: Option<Ends>,
}

/// The areas a position lies in, by number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) corridor: Option<u16>,
    pub(super) port: Option<u16>,
}

/// All areas, with a grid over them.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) areas: Vec<Area>,
    south_west: Position,
    side_deg: f64,
    columns: usize,
    squares: Vec<Vec<Entry>>,
}

/// An area in a square; `whole` when it covers all of it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    area: u16,
    whole: bool,
}

impl Ground {
    pub(super) fn new(mission: &Mission) -> Self {
        let mut areas: Vec<Area> = mission.zones.iter().filter_map(area).collect();
        lead_to_ports(&mut areas, &mission.zones);
        let corners = || {
            areas
                .iter()
                .flat_map(|a| a.polygons.iter().flatten().flatten())
        };
        let least = |of: fn(&Position) -> f64| corners().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Position) -> f64| corners().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (south, west) = (least(|p| p.lat_deg), least(|p| p.lon_deg));
        let (high, wide) = (most(|p| p.lat_deg) - south, most(|p| p.lon_deg) - west);
        let mut ground = Self {
            south_west: Position {
                lat_deg: south,
                lon_deg: west,
            },
            side_deg: SIDE_DEG,
            columns: 0,
            squares: Vec::new(),
            areas,
        };
        if ground.areas.is_empty() {
            return ground;
        }
        let crowd = (high / SIDE_DEG + 1.0) * (wide / SIDE_DEG + 1.0) / SQUARES_MAX;
        ground.side_deg *= crowd.sqrt().max(1.0);
        let count = |length_deg: f64| index(length_deg / ground.side_deg) + 1;
        ground.columns = count(wide);
        ground.squares = vec![Vec::new(); count(high) * ground.columns];
        for area in 0..ground.areas.len() {
            ground.enter(area);
        }
        ground
    }

    fn enter(&mut self, area: usize) {
        let Ok(name) = u16::try_from(area) else {
            return;
        };
        let area = &self.areas[area];
        for (number, square) in self.squares.iter_mut().enumerate() {
            let side = self.side_deg;
            let (row, column) = (number / self.columns, number % self.columns);
            let south = self.south_west.lat_deg + row as f64 * side;
            let west = self.south_west.lon_deg + column as f64 * side;
            let is_touched = area.edges().any(|(a, b)| meets(a, b, [south, west], side));
            let middle = Position {
                lat_deg: south + side / 2.0,
                lon_deg: west + side / 2.0,
            };
            if is_touched || area.holds(middle) {
                let whole = !is_touched;
                square.push(Entry { area: name, whole });
            }
        }
    }

    /// The areas a position lies in.
    pub(super) fn standing(&self, position: Position) -> Standing {
        let mut standing = Standing::default();
        let row = (position.lat_deg - self.south_west.lat_deg) / self.side_deg;
        let column = (position.lon_deg - self.south_west.lon_deg) / self.side_deg;
        if !(row >= 0.0 && column >= 0.0 && index(column) < self.columns) {
            return standing;
        }
        let number = index(row) * self.columns + index(column);
        for entry in self.squares.get(number).into_iter().flatten() {
            let area = &self.areas[usize::from(entry.area)];
            if entry.whole || area.holds(position) {
                let slot = if area.is_port {
                    &mut standing.port
                } else {
                    &mut standing.corridor
                };
                slot.get_or_insert(entry.area);
            }
        }
        standing
    }

    /// The nearest port within a distance, with that distance, metres.
    pub(super) fn port_near(&self, position: Position, within_m: f64) -> Option<(u16, f64)> {
        let ports = self
            .areas
            .iter()
            .zip(0_u16..)
            .filter(|(area, _)| area.is_port);
        let near = ports.map(|(area, number)| (number, area.beyond_m(position)));
        let nearest = near.min_by(|a, b| a.1.total_cmp(&b.1));
        nearest.filter(|(_, away_m)| *away_m <= within_m)
    }

    pub(super) fn area(&self, number: u16) -> &Area {
        &self.areas[usize::from(number)]
    }
}

impl Area {
    fn edges(&self) -> impl Iterator<Item = (Position, Position)> + '_ {
        let rings = self.polygons.iter().flatten();
        rings.flat_map(|ring| {
            let next = ring.iter().cycle().skip(1);
            ring.iter().copied().zip(next.copied())
        })
    }

    /// Even-odd rule over all rings: a hole is not inside.
    fn holds(&self, position: Position) -> bool {
        let mut inside = false;
        for (a, b) in self.edges() {
            if (a.lat_deg > position.lat_deg) != (b.lat_deg > position.lat_deg) {
                let share = (position.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
                inside ^= position.lon_deg < a.lon_deg + share * (b.lon_deg - a.lon_deg);
            }
        }
        inside
    }

    /// How far outside its border a position lies, metres; 0 inside.
    pub(super) fn beyond_m(&self, position: Position) -> f64 {
        if self.holds(position) {
            return 0.0;
        }
        let frame = Frame::at(position);
        let to_edge_m = |(a, b)| distance_m(frame.to_xy_m(a), frame.to_xy_m(b));
        self.edges().map(to_edge_m).fold(f64::INFINITY, f64::min)
    }

    /// The line along the middle of a corridor.
    pub(super) fn way(&self) -> Option<&Path> {
        self.ends.as_ref().map(Ends::middle)
    }

    /// True for a position outside a corridor where a vessel is that came by one of its ends or left
    /// by it: beyond the end, or on the approach to a port and no farther beside it than so many
    /// metres.
    pub(super) fn is_at_end(&self, position: Position, beside_m: f64) -> bool {
        self.ends.as_ref().is_none_or(|ends| {
            ends.is_beyond(position, self.beyond_m(position))
                || ends.is_approach(position, beside_m, |_| true)
        })
    }

    /// Where along its middle a position lies, metres from the beginning.
    pub(super) fn along_m(&self, position: Position) -> f64 {
        let Some(way) = self.way() else {
            return 0.0;
        };
        let frame = Frame::at(position);
        let (mut sum_m, mut best) = (0.0, (f64::INFINITY, 0.0));
        for leg in way.corners().windows(2) {
            let (a, b) = (frame.to_xy_m(leg[0]), frame.to_xy_m(leg[1]));
            let length_m = libm::hypot(b.0 - a.0, b.1 - a.1);
            let away_m = distance_m(a, b);
            if away_m < best.0 {
                best = (away_m, sum_m + share_along(a, b) * length_m);
            }
            sum_m += length_m;
        }
        best.1
    }
}

fn area(zone: &Zone) -> Option<Area> {
    let is_port = match zone.kind {
        ZoneKind::Port => true,
        ZoneKind::Corridor => false,
        _ => return None,
    };
    let Shape::Polygons(polygons) = &zone.shape else {
        return None;
    };
    let ring = polygons.first()?.first()?;
    let frame = Frame::at(*ring.first()?);
    let n = ring.len() as f64;
    let sum = ring.iter().map(|corner| frame.to_xy_m(*corner));
    let (x, y) = sum.fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / n, sy + y / n));
    Some(Area {
        id: zone.id.clone(),
        name: zone.name.clone(),
        polygons: polygons.clone(),
        is_port,
        is_agreed: false,
        middle: frame.to_position(x, y),
        ends: (!is_port).then(|| Ends::of(&zone.shape)).flatten(),
    })
}

/// Draws the approaches from the corridors' ends to the ports.
fn lead_to_ports(areas: &mut [Area], zones: &[Zone]) {
    let of_kind = |kind: ZoneKind| zones.iter().filter(move |zone| zone.kind == kind);
    for area in areas {
        let Some(ends) = &mut area.ends else {
            continue;
        };
        let others = of_kind(ZoneKind::Corridor).filter(|zone| zone.id != area.id);
        let others: Vec<Strip> = others.filter_map(|zone| strip(&zone.shape)).collect();
        for port in of_kind(ZoneKind::Port) {
            ends.lead_to(&port.id, &port.shape, &others);
        }
    }
}

/// The share of the way from `a` to `b` at which it comes nearest to the origin.
fn share_along(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    if square <= 0.0 {
        return 0.0;
    }
    (-(a.0 * dx + a.1 * dy) / square).clamp(0.0, 1.0)
}

/// Distance of the origin from the line between two points.
fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let share = share_along(a, b);
    libm::hypot(a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1))
}

/// True when an edge may pass through a square: its bounds do, and the square's corners do not all
/// lie on one side of it.
fn meets(a: Position, b: Position, [south, west]: [f64; 2], side: f64) -> bool {
    let (north, east) = (south + side, west + side);
    let apart = a.lat_deg.max(b.lat_deg) < south
        || a.lat_deg.min(b.lat_deg) > north
        || a.lon_deg.max(b.lon_deg) < west
        || a.lon_deg.min(b.lon_deg) > east;
    if apart {
        return false;
    }
    let (dx, dy) = (b.lon_deg - a.lon_deg, b.lat_deg - a.lat_deg);
    let side_of = |x: f64, y: f64| dx * (y - a.lat_deg) - dy * (x - a.lon_deg);
    let corners = [
        side_of(west, south),
        side_of(east, south),
        side_of(west, north),
        side_of(east, north),
    ];
    !(corners.iter().all(|s| *s > 0.0) || corners.iter().all(|s| *s < 0.0))
}
