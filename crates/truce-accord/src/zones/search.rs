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

/// A part of the plane through which no border runs: all of it lies in the same areas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calm {
    /// West, south, east, north.
    bounds: [f64; 4],
    /// The areas, by place in the list.
    covers: [u32; COVERS_MAX],
    count: u8,
}

/// Where more areas than this lie over each other no calm part is kept: it has room for so many.
const COVERS_MAX: usize = 7;

impl Calm {
    /// True when everything within reach of a position lies in it.
    pub(crate) fn holds(&self, position: Position, reach_m: f64) -> bool {
        let [west, south, east, north] = self.bounds;
        let [dx, dy] = reach_deg(position.lat_deg, reach_m);
        let [x, y] = position.to_xy();
        x - dx > west && x + dx < east && y - dy > south && y + dy < north
    }

    /// The areas that it lies in, as a survey finds them; no border is near.
    pub(crate) fn covers(&self) -> impl Iterator<Item = Nearby> + '_ {
        let covers = self.covers[..usize::from(self.count)].iter();
        covers.map(|zone| Nearby {
            zone: *zone as usize,
            inside: true,
            border_m: None,
        })
    }
}

impl ZoneIndex {
    /// The calm part of the plane around a position, of which a survey found what is `nearby`. An
    /// object stays in it for many fixes, and while its way and all within its reach do, a survey
    /// finds [`Calm::covers`] and nothing is on its way. `None` at borders, and where the globe has to
    /// be turned.
    pub(crate) fn calm_around(&self, position: Position, nearby: &[Nearby]) -> Option<Calm> {
        let bounds = self.grid.calm_box(position.to_xy())?;
        let [west, _, east, _] = bounds;
        let turns = west + 360.0 <= self.east + TURN_REACH_DEG
            || east - 360.0 >= self.west - TURN_REACH_DEG;
        let around = nearby.iter().filter(|near| near.inside);
        let mut calm = Calm {
            bounds,
            covers: [0; COVERS_MAX],
            count: 0,
        };
        for near in around {
            *calm.covers.get_mut(usize::from(calm.count))? = u32::try_from(near.zone).ok()?;
            calm.count += 1;
        }
        (!turns).then_some(calm)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truce_core::mission::{Shape, Zone, ZoneKind};

    use super::*;
    use crate::zones::orientation;

    /// A star around a middle; across the antimeridian its longitudes go round.
    fn star(number: usize, [lon, lat]: [f64; 2], radii: &[f64]) -> Zone {
        let corner = |(i, radius): (usize, &f64)| {
            let angle = std::f64::consts::TAU * i as f64 / radii.len() as f64;
            Position {
                lat_deg: lat + radius * angle.sin(),
                lon_deg: truce_core::place::normalize_lon_deg(lon + radius * angle.cos()),
            }
        };
        Zone {
            id: truce_core::Slug::new(&format!("z{number}")).unwrap(),
            name: String::new(),
            kind: ZoneKind::BufferZone,
            party: None,
            weapon: None,
            floor_m: None,
            ceiling_m: None,
            border_m_sigma: 0.0,
            basis: String::new(),
            shape: Shape::Polygons(vec![vec![radii.iter().enumerate().map(corner).collect()]]),
        }
    }

    fn crosses(way: Edge, [p, q]: Edge) -> bool {
        let [a, b] = way;
        let apart = |x: f64, y: f64| (x > 0.0 && y > 0.0) || (x < 0.0 && y < 0.0);
        !apart(orientation(a, b, p), orientation(a, b, q))
            && !apart(orientation(p, q, a), orientation(p, q, b))
            && touches(
                [
                    a[0].min(b[0]),
                    a[1].min(b[1]),
                    a[0].max(b[0]),
                    a[1].max(b[1]),
                ],
                &[p, q],
            )
    }

    proptest! {
        /// In a calm part a survey finds what it says, and no way in it meets a border, also for
        /// objects that come from beyond all zones.
        #[test]
        fn a_calm_part_says_what_a_survey_finds(
            stars in prop::collection::vec(
                ([-2.0..2.0, -2.0..2.0], prop::collection::vec(0.2..1.0, 3..40)),
                1..5,
            ),
            middle_deg in prop::sample::select(vec![0.0, 30.0, 179.5]),
            from in [-4.0..4.0, -4.0..4.0],
            steps in prop::collection::vec([-0.1..0.1, -0.1..0.1], 50),
        ) {
            let place = |[x, y]: [f64; 2]| Position {
                lat_deg: 45.0 + y,
                lon_deg: truce_core::place::normalize_lon_deg(middle_deg + x),
            };
            let zones: Vec<Zone> = stars
                .iter()
                .enumerate()
                .map(|(i, ([x, y], radii))| star(i, [middle_deg + x, 45.0 + y], radii))
                .collect();
            let index = ZoneIndex::new(&zones);
            let (mut found, mut reach_m) = (Vec::new(), 0.0);
            index.survey(place(from), 0.0, &mut found);
            let Some(calm) = index.calm_around(place(from), &found) else {
                return Ok(());
            };
            for [dx, dy] in steps {
                let to = place([from[0] + dx, from[1] + dy]);
                reach_m += 20.0;
                if !calm.holds(to, reach_m) {
                    continue;
                }
                index.survey(to, reach_m, &mut found);
                prop_assert_eq!(&calm.covers().collect::<Vec<_>>(), &found);
                let mut edges = index.shapes.iter().flat_map(|shape| &shape.edges);
                let way = [place(from).to_xy(), to.to_xy()];
                prop_assert!(!edges.any(|edge| crosses(way, *edge)));
            }
        }
    }
}
