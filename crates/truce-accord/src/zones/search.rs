//! What lies around a position and along a way: the two questions that a moving object asks.
//!
//! Both write into a buffer of the caller, so that an answer costs no allocation.

use truce_core::Position;

use super::grid::{Entry, Grid};
use super::{Edge, Flat, Point, Scale, ZoneIndex, edge_distance_m, nearest_m};

/// Blocks larger than this many cells are searched zone by zone instead.
const BLOCK_CELLS_MAX: usize = 1_024;
/// No degree of latitude is shorter than this, metres (WGS 84 at the equator: 110,574 m).
const LAT_DEGREE_M_MIN: f64 = 110_574.0;
/// No degree of longitude is shorter than this times the cosine of the latitude, metres.
const LON_DEGREE_M_MIN: f64 = 111_319.0;

/// A zone that contains a position or whose border is near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nearby {
    /// The zone, by its place in the list.
    pub(crate) zone: usize,
    /// True when the position is inside or on the border.
    pub(crate) inside: bool,
    /// Distance to the border, metres, when it is within reach.
    pub(crate) border_m: Option<f64>,
}

/// A part of a zone's border that a way may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnWay {
    /// The zone, by its place in the list.
    pub(crate) zone: usize,
    /// At which turn around the globe the way meets it: a place in [`ZoneIndex::ways`].
    pub(crate) turn: usize,
    entry: Entry,
}

/// How many degrees of longitude and latitude a distance is at most at a latitude: without a sine,
/// because most positions are far from every border. The cosine is at least 1 − φ²/2.
fn reach_deg(lat_deg: f64, reach_m: f64) -> [f64; 2] {
    let angle = lat_deg.to_radians();
    let cosine = (1.0 - angle * angle / 2.0).max(0.01);
    [
        reach_m / (LON_DEGREE_M_MIN * cosine),
        reach_m / LAT_DEGREE_M_MIN,
    ]
}

/// A part of the plane in which no zone has anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Open([f64; 4]);

impl Open {
    /// True when everything within reach of a position lies in it.
    pub(crate) fn holds(self, position: Position, reach_m: f64) -> bool {
        let Self([west, south, east, north]) = self;
        let [dx, dy] = reach_deg(position.lat_deg, reach_m);
        let [x, y] = position.to_xy();
        x - dx > west && x + dx < east && y - dy > south && y + dy < north
    }
}

impl ZoneIndex {
    /// The open part of the plane around a position: a vessel at sea stays in it for many fixes, and
    /// needs no other look. `None` near zones, and where the globe has to be turned.
    pub(crate) fn open_around(&self, position: Position) -> Option<Open> {
        let mut turns = self.turns(position);
        let (point, other) = (turns.next()?, turns.next());
        let cell = self.grid.empty_cell(point).filter(|_| other.is_none());
        cell.map(Open)
    }

    /// True when the entry of the cell around a point says that its zone contains the point.
    pub(super) fn holds(&self, entry: Entry, point: Point) -> bool {
        let shape = &self.shapes[entry.zone as usize];
        shape.is_area() && self.grid.contains(entry, shape, point)
    }

    /// Everything that contains a position or has its border within reach, by place in the list.
    pub(crate) fn survey(&self, position: Position, reach_m: f64, found: &mut Vec<Nearby>) {
        found.clear();
        let [dx, dy] = reach_deg(position.lat_deg, reach_m);
        let mut scale = None;
        for point in self.turns(position) {
            let [x, y] = point;
            let box_deg = [x - dx, y - dy, x + dx, y + dy];
            let block = self.grid.block(box_deg);
            let cells = Grid::size(block);
            let mut border_m = |edges: &[Edge]| {
                let near = edges.iter().filter(|edge| touches(box_deg, edge));
                let distances = near.map(|edge| {
                    let scale = scale.get_or_insert_with(|| Scale::at(position));
                    edge_distance_m(point, edge, *scale)
                });
                let nearest_m = distances.fold(f64::INFINITY, f64::min);
                (nearest_m <= reach_m).then_some(nearest_m)
            };
            let home = self.grid.entries_at(point);
            found.extend(home.iter().map(|entry| Nearby {
                zone: entry.zone as usize,
                inside: self.holds(*entry, point),
                border_m: border_m(self.grid.edges(*entry)),
            }));
            if cells > BLOCK_CELLS_MAX {
                let all = self.shapes.iter().enumerate();
                found.extend(all.map(|(zone, shape)| Nearby {
                    zone,
                    inside: false,
                    border_m: border_m(&shape.edges),
                }));
            } else if cells > 1 {
                found.extend(self.grid.entries(block).map(|entry| Nearby {
                    zone: entry.zone as usize,
                    inside: false,
                    border_m: border_m(self.grid.edges(entry)),
                }));
            }
        }
        join(found);
    }

    /// The parts of borders that a straight way from one position to another may touch, by zone.
    pub(crate) fn along(&self, from: Position, to: Position, found: &mut Vec<OnWay>) {
        found.clear();
        for (turn, way) in self.ways(from, to).enumerate() {
            self.grid.each_entry_along(way, |entry| {
                if entry.has_border() {
                    found.push(OnWay {
                        zone: entry.zone as usize,
                        turn,
                        entry,
                    });
                }
            });
        }
        found.sort_unstable_by_key(|part| (part.zone, part.turn));
    }

    /// The edges of a part of a border.
    pub(crate) fn edges_of(&self, part: OnWay) -> &[Edge] {
        self.grid.edges(part.entry)
    }

    /// The straight way between two positions, the short way round, at every turn at which it may
    /// meet a zone.
    pub(crate) fn ways(&self, from: Position, to: Position) -> impl Iterator<Item = Edge> + use<> {
        let (a, mut b) = (from.to_xy(), to.to_xy());
        if b[0] - a[0] > 180.0 {
            b[0] -= 360.0;
        } else if a[0] - b[0] > 180.0 {
            b[0] += 360.0;
        }
        let west = b[0] < -180.0;
        let east = a[0].min(b[0]) + 360.0 <= self.east;
        let turned = move |by: f64| [[a[0] + by, a[1]], [b[0] + by, b[1]]];
        let far = a[0].max(b[0]) > 180.0;
        let tried = [(true, 0.0), (east || west, 360.0), (far, -360.0)];
        let wanted = tried.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(move |(_, by)| turned(by))
    }

    /// Distance from a point of the plane to a zone's border, metres.
    pub(crate) fn border_m(&self, zone: usize, point: Point, scale: Scale) -> f64 {
        nearest_m(point, &self.shapes[zone].edges, scale)
    }

    /// The longitudes at which a position can meet a zone, or come within [`TURN_REACH_DEG`] of one.
    pub(super) fn turns(&self, position: Position) -> impl Iterator<Item = Point> + use<> {
        let [here, east, west] = Flat::turns(position.to_xy());
        let again = (east[0] <= self.east + TURN_REACH_DEG).then_some(east);
        let back = (west[0] >= self.west - TURN_REACH_DEG).then_some(west);
        std::iter::once(here).chain(again).chain(back)
    }
}

/// How far from the rim of all zones a position one turn away is still looked at, degrees.
const TURN_REACH_DEG: f64 = 5.0;

/// False when an edge has no point in a box [west, south, east, north] because it lies beyond one
/// of its sides.
fn touches([west, south, east, north]: [f64; 4], [a, b]: &Edge) -> bool {
    a[0].min(b[0]) <= east
        && a[0].max(b[0]) >= west
        && a[1].min(b[1]) <= north
        && a[1].max(b[1]) >= south
}

/// Joins what several cells and turns say of a zone, and drops what is neither around nor near.
fn join(found: &mut Vec<Nearby>) {
    found.retain(|near| near.inside || near.border_m.is_some());
    if found.len() < 2 {
        return;
    }
    found.sort_unstable_by_key(|near| near.zone);
    found.dedup_by(|next, kept| {
        if next.zone != kept.zone {
            return false;
        }
        kept.inside |= next.inside;
        kept.border_m = match (kept.border_m, next.border_m) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        true
    });
}
