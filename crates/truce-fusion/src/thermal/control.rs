//! Who holds the land, week by week, as the distance to the line between both sides.
//!
//! The state's own border is no line of control: only land has sides. Rivers of free cells between
//! two polygons that are drawn apart, and specks, are drawing, not front.

use super::plane::{Plane, Point, Polygon};
use super::raster::{CELL_M, Grid};

/// Parts of one side that are smaller than this lie on the other side's land as drawing errors or
/// islands, not as a front: 100 km².
const PART_CELLS_MIN: usize = 25;

/// The land over which control is asked.
#[derive(Debug, Clone)]
pub(super) struct Land {
    plane: Plane,
    grid: Grid,
    area: Vec<bool>,
}

/// One map of control.
#[derive(Debug, Clone)]
pub(super) struct Control {
    grid: Grid,
    /// Nearer to held land than to free land.
    held: Vec<bool>,
    /// Distance to the side that is not one's own, as far as the line.
    line_m: Vec<f32>,
}

impl Land {
    /// The union of the polygons; `None` when they are empty or larger than a grid may be.
    pub(super) fn new(plane: Plane, polygons: &[Polygon]) -> Option<Self> {
        let corners = polygons.iter().flatten().flatten();
        let grid = Grid::over(corners.map(|corner| plane.point(*corner)))?;
        let mut land = Self {
            plane,
            grid,
            area: grid.empty(),
        };
        land.area = land.filled(polygons);
        Some(land)
    }

    fn filled(&self, polygons: &[Polygon]) -> Vec<bool> {
        let mut area = self.grid.empty();
        for polygon in polygons {
            let points = |ring: &Vec<_>| {
                ring.iter()
                    .map(|corner| self.plane.point(*corner))
                    .collect()
            };
            let rings: Vec<Vec<Point>> = polygon.iter().map(points).collect();
            self.grid.fill(&rings, &mut area);
        }
        area
    }

    /// The map of control in which the polygons are held; `None` when they leave no line.
    pub(super) fn control(&self, polygons: &[Polygon]) -> Option<Control> {
        let mut held = self.closed(self.filled(polygons));
        for (cell, land) in held.iter_mut().zip(&self.area) {
            *cell &= land;
        }
        self.grid.drop_small(&mut held, PART_CELLS_MIN);
        let mut free: Vec<bool> = held
            .iter()
            .zip(&self.area)
            .map(|(held, land)| *land && !held)
            .collect();
        self.grid.drop_small(&mut free, PART_CELLS_MIN);
        for ((cell, land), free) in held.iter_mut().zip(&self.area).zip(&free) {
            *cell = *land && !free;
        }
        if !held.contains(&true) || !free.contains(&true) {
            return None;
        }
        let held_m = self.grid.distances_m(&held);
        let free_m = self.grid.distances_m(&free);
        let both = || held_m.iter().zip(&free_m);
        // The line runs along the edge of cells, half a cell from the centre of the nearest one.
        #[allow(clippy::cast_possible_truncation)] // A metre is fine enough.
        let line_m = |(held_m, free_m): (&f64, &f64)| (held_m.max(*free_m) - CELL_M / 2.0) as f32;
        Some(Control {
            grid: self.grid,
            held: both().map(|(held_m, free_m)| held_m < free_m).collect(),
            line_m: both().map(line_m).collect(),
        })
    }

    /// Fills gaps of a cell: widens the area by one cell on every side, then narrows it again.
    fn closed(&self, area: Vec<bool>) -> Vec<bool> {
        let wide = self.widened(&area);
        let outside: Vec<bool> = wide.iter().map(|cell| !cell).collect();
        self.widened(&outside)
            .into_iter()
            .map(|cell| !cell)
            .collect()
    }

    fn widened(&self, area: &[bool]) -> Vec<bool> {
        let cells = 0..area.len();
        let touched = |cell| area[cell] || self.grid.beside(cell).any(|other| area[other]);
        cells.map(touched).collect()
    }
}

impl Control {
    /// Distance to the line of control, metres, as true as half a cell.
    pub(super) fn line_m(&self, point: Point) -> f64 {
        self.grid.between(&self.line_m, point)
    }

    /// The place lies on the held side, or beyond the land and nearer to that side.
    pub(super) fn is_held(&self, point: Point) -> bool {
        self.held[self.grid.cell(point)]
    }
}

#[cfg(test)]
mod tests {
    use truce_core::Position;

    use super::*;

    fn rectangle(south: f64, west: f64, north: f64, east: f64) -> Polygon {
        let corners = [(south, west), (south, east), (north, east), (north, west)];
        let position = |(lat, lon)| Position::new(lat, lon).unwrap();
        vec![corners.map(position).to_vec()]
    }

    fn land() -> Land {
        Land::new(Plane::new(48.5), &[rectangle(47.0, 34.0, 50.0, 40.0)]).unwrap()
    }

    fn check(control: &Control, lat: f64, lon: f64, expected_m: f64, held: bool) {
        let point = Plane::new(48.5).point(Position::new(lat, lon).unwrap());
        let line_m = control.line_m(point);
        assert!(
            (line_m - expected_m).abs() < 1_500.0,
            "{lat} {lon}: {line_m}"
        );
        assert_eq!(control.is_held(point), held, "{lat} {lon}");
    }

    #[test]
    fn the_line_lies_between_the_sides_and_not_on_the_border() {
        // Held: everything east of 38°, and beyond the border.
        let control = land()
            .control(&[rectangle(46.0, 38.0, 51.0, 42.0)])
            .unwrap();
        let m_per_deg = 73_760.0;
        check(&control, 48.5, 37.5, 0.5 * m_per_deg, false);
        check(&control, 48.5, 38.5, 0.5 * m_per_deg, true);
        // At the border the line is far away.
        check(&control, 48.5, 39.97, 1.97 * m_per_deg, true);
        check(&control, 47.02, 36.0, 2.0 * m_per_deg, false);
    }

    #[test]
    fn gaps_and_specks_of_the_drawing_are_no_line() {
        let apart = [
            rectangle(46.0, 38.0, 51.0, 39.0),
            rectangle(46.0, 39.015, 51.0, 42.0),
            rectangle(48.0, 35.0, 48.03, 35.03),
        ];
        let control = land().control(&apart).unwrap();
        check(&control, 48.5, 39.0, 73_760.0, true);
        check(&control, 48.0, 35.0, 3.0 * 73_760.0, false);
    }

    #[test]
    fn without_two_sides_there_is_no_line() {
        assert!(land().control(&[]).is_none());
        assert!(
            land()
                .control(&[rectangle(46.0, 30.0, 51.0, 42.0)])
                .is_none()
        );
        assert!(Land::new(Plane::new(48.5), &[]).is_none());
    }
}
