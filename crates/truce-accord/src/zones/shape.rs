//! A zone's shape on the plane of longitudes and latitudes.
//!
//! Edges are straight there (RFC 7946, 3.1.1) and join their ends the short way round the globe: a
//! ring that crosses the antimeridian simply runs on past 180°. So longitudes of a shape lie in
//! `[-180, 540)`, and a position is tried at its longitude, one turn east and one turn west.
//! A point on a border is inside. Shapes around a pole are not supported.

use robust::{Coord, orient2d};
use truce_core::Position;
use truce_core::mission::Shape;

/// A point as [longitude, latitude], degrees; longitudes run on past 180.
pub(crate) type Point = [f64; 2];

/// A straight edge.
pub(crate) type Edge = [Point; 2];

/// Edges in a slab, on average: few enough to scan, enough not to store an edge too often.
const EDGES_PER_SLAB: usize = 8;
/// Most slabs of a polygon: bounds the memory of a ring with very many corners.
const SLABS_MAX: usize = 4_096;

/// A shape made flat.
#[derive(Debug, Clone)]
pub(crate) struct Flat {
    /// All edges; for a point one edge without length.
    pub(crate) edges: Vec<Edge>,
    /// For areas, one part for each polygon.
    pub(crate) parts: Vec<Part>,
    /// West, south, east, north.
    pub(crate) bounds: [f64; 4],
    /// True for lines (neither areas nor points).
    pub(crate) is_line: bool,
}

/// A polygon with its holes: which edges may cross a level, by slabs of equal height.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    south: f64,
    north: f64,
    slabs_per_deg: f64,
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

/// The orientation of three points: positive when `c` is left of the line from `a` to `b`; exact.
pub(crate) fn orientation(a: Point, b: Point, c: Point) -> f64 {
    let coord = |[x, y]: Point| Coord { x, y };
    orient2d(coord(a), coord(b), coord(c))
}

/// True when a point lies in the box around an edge.
pub(crate) fn is_between([x, y]: Point, a: Point, b: Point) -> bool {
    a[0].min(b[0]) <= x && x <= a[0].max(b[0]) && a[1].min(b[1]) <= y && y <= a[1].max(b[1])
}

/// A ring or line with longitudes that run on, starting as near as possible to a longitude.
fn run_on(corners: &[Position], near_deg: Option<f64>) -> Vec<Point> {
    let mut previous = near_deg;
    let step = |corner: &Position| {
        let mut lon = corner.lon_deg;
        if let Some(before) = previous {
            while lon - before > 180.0 {
                lon -= 360.0;
            }
            while before - lon > 180.0 {
                lon += 360.0;
            }
        }
        previous = Some(lon);
        [lon, corner.lat_deg]
    };
    corners.iter().map(step).collect()
}

/// Twice the signed area; positive when counter-clockwise.
fn doubled_area(ring: &[Point]) -> f64 {
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

fn ring_edges(ring: &[Point]) -> impl Iterator<Item = Edge> {
    ring.iter()
        .zip(ring.iter().cycle().skip(1))
        .map(|(a, b)| [*a, *b])
        .filter(|[a, b]| a != b)
}

impl Flat {
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut polygons: Vec<Vec<Edge>> = Vec::new();
        let mut edges: Vec<Edge> = Vec::new();
        match shape {
            Shape::Point(position) => edges.push([position.to_xy(), position.to_xy()]),
            Shape::Line(corners) => {
                let line = run_on(corners, None);
                edges.extend(line.windows(2).map(|pair| [pair[0], pair[1]]));
                if let ([only], true) = (line.as_slice(), edges.is_empty()) {
                    edges.push([*only, *only]);
                }
            }
            Shape::Polygons(list) => {
                polygons.extend(list.iter().map(|rings| polygon_edges(rings)));
                edges.extend(polygons.iter().flatten());
            }
        }
        let west = edges.iter().flatten().map(|p| p[0]);
        let shift = if west.fold(f64::INFINITY, f64::min) < -180.0 {
            360.0
        } else {
            0.0
        };
        let moved = |[a, b]: &Edge| [[a[0] + shift, a[1]], [b[0] + shift, b[1]]];
        let edges: Vec<Edge> = edges.iter().map(moved).collect();
        let parts = polygons
            .iter()
            .map(|part| Part::new(part.iter().map(moved).collect()))
            .collect();
        Self {
            bounds: bounds(&edges),
            edges,
            parts,
            is_line: matches!(shape, Shape::Line(_)),
        }
    }

    pub(crate) fn is_area(&self) -> bool {
        !self.parts.is_empty()
    }

    /// True when a point is inside or on the border.
    pub(crate) fn contains(&self, point: Point) -> bool {
        self.parts.iter().any(|part| part.contains(point))
    }

    pub(crate) fn is_within_bounds(&self, [x, y]: Point) -> bool {
        let [west, south, east, north] = self.bounds;
        west <= x && x <= east && south <= y && y <= north
    }

    /// The longitudes at which a position may meet this shape.
    pub(crate) fn turns([x, y]: Point) -> [Point; 3] {
        [[x, y], [x + 360.0, y], [x - 360.0, y]]
    }
}

fn polygon_edges(rings: &[Vec<Position>]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut near = None;
    for (i, corners) in rings.iter().enumerate() {
        let mut ring = run_on(corners, near);
        near = near.or_else(|| ring.first().map(|corner| corner[0]));
        let counter_clockwise = doubled_area(&ring) > 0.0;
        // The outer ring runs counter-clockwise, holes clockwise, whatever the file says.
        if counter_clockwise != (i == 0) {
            ring.reverse();
        }
        edges.extend(ring_edges(&ring));
    }
    edges
}

fn bounds(edges: &[Edge]) -> [f64; 4] {
    let start = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    edges.iter().flatten().fold(start, |b, p| {
        [
            b[0].min(p[0]),
            b[1].min(p[1]),
            b[2].max(p[0]),
            b[3].max(p[1]),
        ]
    })
}

impl Part {
    fn new(edges: Vec<Edge>) -> Self {
        let [_, south, _, north] = bounds(&edges);
        let count = (edges.len() / EDGES_PER_SLAB).clamp(1, SLABS_MAX);
        let height = north - south;
        let mut part = Self {
            south,
            north,
            slabs_per_deg: if height > 0.0 {
                count as f64 / height
            } else {
                0.0
            },
            starts: vec![0; count + 1],
            edges: Vec::new(),
        };
        let mut slabs: Vec<Vec<Edge>> = vec![Vec::new(); count];
        for edge in edges {
            let [low, high] = [edge[0][1].min(edge[1][1]), edge[0][1].max(edge[1][1])];
            for slab in &mut slabs[part.slab(low)..=part.slab(high)] {
                slab.push(edge);
            }
        }
        for (i, slab) in slabs.into_iter().enumerate() {
            part.edges.extend(slab);
            part.starts[i + 1] = u32::try_from(part.edges.len())
                .expect("fewer than 2^32 edges: a mission file is at most 64 MiB");
        }
        part
    }

    /// The slab of a latitude between `south` and `north`. The same arithmetic places edges and
    /// points, and it is monotonous, so a point meets every edge at its level.
    fn slab(&self, lat_deg: f64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a slab number, clamped below"
        )]
        #[expect(
            clippy::cast_sign_loss,
            reason = "negative only outside, and saturates to 0"
        )]
        let slab = ((lat_deg - self.south) * self.slabs_per_deg) as usize;
        slab.min(self.starts.len() - 2)
    }

    /// Even-odd rule along the ray to the east, half-open in latitude; on the border is inside.
    fn contains(&self, point: Point) -> bool {
        let [x, y] = point;
        if !(self.south..=self.north).contains(&y) {
            return false;
        }
        let slab = self.slab(y);
        let range = self.starts[slab] as usize..self.starts[slab + 1] as usize;
        let mut inside = false;
        for [a, b] in &self.edges[range] {
            let (low, high) = if a[1] < b[1] { (a, b) } else { (b, a) };
            if y < low[1] || y > high[1] || x > a[0].max(b[0]) {
                continue;
            }
            let crosses_level = low[1] <= y && y < high[1];
            if x < a[0].min(b[0]) {
                inside ^= crosses_level;
                continue;
            }
            let side = orientation(*low, *high, point);
            if side == 0.0 {
                return true;
            }
            inside ^= crosses_level && side > 0.0;
        }
        inside
    }
}
