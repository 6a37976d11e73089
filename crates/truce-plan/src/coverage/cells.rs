//! Areas as cells: points of a grid inside a zone and a sector, and their places in space.

use truce_core::Position;
use truce_core::mission::Shape;
use truce_core::place::{WGS84_A_M, WGS84_F};

/// Most cells of one area; a finer grid is refused.
pub const CELLS_MAX: usize = 200_000;
/// Metres of one degree of latitude, mean.
const DEGREE_M: f64 = 111_195.0;

/// Centres of cells, all of one size, as near to each other as their order allows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cells {
    /// The centres.
    pub centres: Vec<Position>,
    /// Side of a cell, metres.
    pub side_m: f64,
    /// Side of a cell, degrees of longitude and of latitude.
    pub side_deg: [f64; 2],
}

impl Cells {
    /// The cells of a grid whose centres lie in both shapes. `None` when there would be more than
    /// [`CELLS_MAX`].
    #[must_use]
    pub fn inside(one: &Shape, other: &Shape, side_m: f64) -> Option<Self> {
        let (rings, others) = (rings(one), rings(other));
        let bounds = |rings: &[&[Position]]| {
            let corners = rings.iter().flat_map(|ring| ring.iter());
            corners.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |b, p| {
                [
                    b[0].min(p.lon_deg),
                    b[1].min(p.lat_deg),
                    b[2].max(p.lon_deg),
                    b[3].max(p.lat_deg),
                ]
            })
        };
        let (a, b) = (bounds(&rings), bounds(&others));
        let (west, south) = (a[0].max(b[0]), a[1].max(b[1]));
        let (east, north) = (a[2].min(b[2]), a[3].min(b[3]));
        let lat_step = side_m / DEGREE_M;
        let middle = ((south + north) / 2.0).to_radians();
        let lon_step = lat_step / libm::cos(middle).max(0.01);
        let mut cells = Self {
            centres: Vec::new(),
            side_m,
            side_deg: [lon_step, lat_step],
        };
        if west >= east || south >= north {
            return Some(cells);
        }
        let (columns, rows) = ((east - west) / lon_step, (north - south) / lat_step);
        if columns * rows > 100.0 * CELLS_MAX as f64 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
        let (rows, columns) = (rows.ceil() as u32, columns.ceil() as u32);
        for row in 0..rows {
            let lat_deg = south + (f64::from(row) + 0.5) * lat_step;
            let (inside, within) = (crossings(&rings, lat_deg), crossings(&others, lat_deg));
            for column in 0..columns {
                let lon_deg = west + (f64::from(column) + 0.5) * lon_step;
                if odd(&inside, lon_deg) && odd(&within, lon_deg) {
                    cells.centres.push(Position { lat_deg, lon_deg });
                }
            }
        }
        (cells.centres.len() <= CELLS_MAX).then_some(cells)
    }

    /// The area of all cells, m².
    #[must_use]
    pub fn area_m2(&self) -> f64 {
        self.centres.len() as f64 * self.side_m * self.side_m
    }
}

fn rings(shape: &Shape) -> Vec<&[Position]> {
    match shape {
        Shape::Polygons(polygons) => polygons.iter().flatten().map(Vec::as_slice).collect(),
        Shape::Point(_) | Shape::Line(_) => Vec::new(),
    }
}

/// Longitudes at which a parallel crosses the rings, west to east; inside is between the first and
/// second, the third and fourth, and so on, holes included.
fn crossings(rings: &[&[Position]], lat_deg: f64) -> Vec<f64> {
    let mut found = Vec::new();
    for ring in rings {
        let next = ring.iter().cycle().skip(1);
        for (a, b) in ring.iter().zip(next) {
            if (a.lat_deg > lat_deg) != (b.lat_deg > lat_deg) {
                let part = (lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
                found.push(a.lon_deg + part * (b.lon_deg - a.lon_deg));
            }
        }
    }
    found.sort_by(f64::total_cmp);
    found
}

fn odd(crossings: &[f64], lon_deg: f64) -> bool {
    crossings.partition_point(|lon| *lon <= lon_deg) % 2 == 1
}

/// A point of the ellipsoid in the Earth-fixed frame, metres.
#[must_use]
pub fn to_earth_fixed(position: Position) -> [f64; 3] {
    let normal = normal(position);
    let e2 = WGS84_F * (2.0 - WGS84_F);
    let n = WGS84_A_M / (1.0 - e2 * normal[2] * normal[2]).sqrt();
    [n * normal[0], n * normal[1], n * (1.0 - e2) * normal[2]]
}

/// The direction of the zenith at a point of the ellipsoid.
#[must_use]
pub fn normal(position: Position) -> [f64; 3] {
    let (sin_lat, cos_lat) = libm::sincos(position.lat_deg.to_radians());
    let (sin_lon, cos_lon) = libm::sincos(position.lon_deg.to_radians());
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Vec<Position> {
        let corner = |lon_deg, lat_deg| Position { lat_deg, lon_deg };
        let (east, north) = (west + side, south + side);
        vec![
            corner(west, south),
            corner(east, south),
            corner(east, north),
            corner(west, north),
        ]
    }

    #[test]
    fn cells_fill_what_two_shapes_share_and_leave_holes_out() {
        let outer = Shape::Polygons(vec![vec![square(30.0, 48.0, 1.0), square(30.4, 48.4, 0.2)]]);
        let half = Shape::Polygons(vec![vec![square(30.0, 48.0, 0.5)]]);
        let cells = Cells::inside(&outer, &half, 1_000.0).unwrap();
        // A quarter of the square, less a quarter of the hole.
        let degree_km2 = 111.195 * 111.195 * libm::cos(48.25f64.to_radians());
        let expected = (0.25 - 0.01) * degree_km2;
        let found = cells.area_m2() / 1e6;
        assert!(
            (found / expected - 1.0).abs() < 0.02,
            "{found} km2, expected {expected}"
        );
        let hole = |p: &&Position| p.lat_deg > 48.4 && p.lon_deg > 30.4;
        assert_eq!(cells.centres.iter().filter(hole).count(), 0);
    }

    #[test]
    fn points_of_the_ellipsoid() {
        for (lat_deg, lon_deg, expected) in [
            (0.0, 0.0, [6_378_137.0, 0.0, 0.0]),
            (90.0, 0.0, [0.0, 0.0, 6_356_752.314]),
            (48.0, 36.0, [3_459_128.366, 2_513_203.868, 4_716_876.330]),
        ] {
            let found = to_earth_fixed(Position { lat_deg, lon_deg });
            for k in 0..3 {
                assert!(
                    (found[k] - expected[k]).abs() < 0.01,
                    "{lat_deg} {lon_deg} {found:?}"
                );
            }
        }
    }
}
