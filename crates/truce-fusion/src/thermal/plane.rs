//! A plane for a country: metres east and north, and an index of points on it.
//!
//! The plane keeps one length of a degree of longitude, that of its reference latitude. Four
//! degrees away from it distances east to west are about 7 % off, which is less than the terms
//! built on them can tell apart.

use std::collections::BTreeMap;

use truce_core::Position;

/// Rings of an area: the first is its outline, the others are holes.
pub type Polygon = Vec<Vec<Position>>;

/// Metres east and north of the equator's crossing with the prime meridian, on a [`Plane`].
pub(super) type Point = [f64; 2];

/// Length of a degree of latitude at 45°, metres (WGS 84).
const M_PER_DEG_NORTH: f64 = 111_130.0;
/// Length of a degree of longitude at the equator, metres (WGS 84).
const M_PER_DEG_EAST: f64 = 111_320.0;

/// An equirectangular plane around a reference latitude.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    m_per_deg_east: f64,
}

impl Plane {
    pub(super) fn new(reference_lat_deg: f64) -> Self {
        Self {
            m_per_deg_east: M_PER_DEG_EAST * libm::cos(reference_lat_deg.to_radians()),
        }
    }

    pub(super) fn point(self, position: Position) -> Point {
        [
            position.lon_deg * self.m_per_deg_east,
            position.lat_deg * M_PER_DEG_NORTH,
        ]
    }
}

/// Straight distance on the plane, metres.
pub(super) fn distance_m(a: Point, b: Point) -> f64 {
    let (east, north) = (a[0] - b[0], a[1] - b[1]);
    (east * east + north * north).sqrt()
}

/// Points with what belongs to them, in square cells.
#[derive(Debug, Clone)]
pub(super) struct Points<T> {
    cell_m: f64,
    cells: BTreeMap<(i32, i32), Vec<(Point, T)>>,
    count: usize,
}

impl<T: Copy> Points<T> {
    /// An empty index; cells of about the reach that is asked for are fastest.
    pub(super) fn new(cell_m: f64) -> Self {
        Self {
            cell_m,
            cells: BTreeMap::new(),
            count: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn insert(&mut self, point: Point, item: T) {
        let cell = (self.cell(point[1]), self.cell(point[0]));
        self.cells.entry(cell).or_default().push((point, item));
        self.count += 1;
    }

    /// Hands over every item within the reach, with its distance in metres.
    pub(super) fn near(&self, centre: Point, reach_m: f64, mut found: impl FnMut(f64, T)) {
        let first = self.cell(centre[0] - reach_m);
        let last = self.cell(centre[0] + reach_m);
        for row in self.cell(centre[1] - reach_m)..=self.cell(centre[1] + reach_m) {
            for (point, item) in self
                .cells
                .range((row, first)..=(row, last))
                .flat_map(|cell| cell.1)
            {
                let apart_m = distance_m(centre, *point);
                if apart_m <= reach_m {
                    found(apart_m, *item);
                }
            }
        }
    }

    #[allow(clippy::cast_possible_truncation)] // Saturates; cells are at least a metre wide.
    fn cell(&self, metres: f64) -> i32 {
        libm::floor(metres / self.cell_m) as i32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_index_finds_what_a_search_of_all_finds(
            points in prop::collection::vec(prop::array::uniform2(-5e4..5e4), 0..60),
            centre in prop::array::uniform2(-5e4..5e4),
            reach_m in 1.0..6e4,
        ) {
            let mut index = Points::new(1_000.0);
            for (number, point) in points.iter().enumerate() {
                index.insert(*point, number);
            }
            let mut found = Vec::new();
            index.near(centre, reach_m, |_, number| found.push(number));
            found.sort_unstable();
            let expected: Vec<usize> = (0..points.len())
                .filter(|number| distance_m(points[*number], centre) <= reach_m)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
