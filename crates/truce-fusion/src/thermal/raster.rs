//! Areas as cells of a grid, and the distance from every cell to a set of cells.

use super::plane::Point;

/// Width of a cell, metres: finer than a weekly map of control is true, and small enough that a
/// country in fifty weeks fits into memory.
pub(super) const CELL_M: f64 = 2_000.0;
/// Cells of a grid at most: a country of four million square kilometres.
const CELLS_MAX: usize = 1_000_000;

/// Rows and columns over a rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    origin: Point,
    columns: usize,
    rows: usize,
}

impl Grid {
    /// A grid over all points with a margin of one cell; `None` without points or beyond
    /// the bound of cells.
    pub(super) fn over(points: impl Iterator<Item = Point>) -> Option<Self> {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        let cells = |axis: usize| whole((high[axis] - low[axis]) / CELL_M) + 3;
        let (columns, rows) = (cells(0), cells(1));
        let fits = low[0].is_finite() && columns.saturating_mul(rows) <= CELLS_MAX;
        fits.then_some(Self {
            origin: [low[0] - CELL_M, low[1] - CELL_M],
            columns,
            rows,
        })
    }

    /// An area that holds nothing.
    pub(super) fn empty(self) -> Vec<bool> {
        vec![false; self.columns * self.rows]
    }

    /// Adds every cell whose centre lies in the polygon (even-odd rule), row by row.
    pub(super) fn fill(self, rings: &[Vec<Point>], area: &mut [bool]) {
        for row in self.rows_of(rings) {
            let north_m = self.origin[1] + (row as f64 + 0.5) * CELL_M;
            let mut crossings: Vec<f64> = rings
                .iter()
                .flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)))
                .filter(|(a, b)| (a[1] <= north_m) != (b[1] <= north_m))
                .map(|(a, b)| a[0] + (north_m - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
                .collect();
            crossings.sort_unstable_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                // The first centre at or east of a crossing.
                let column = |east_m: f64| {
                    whole(libm::ceil((east_m - self.origin[0]) / CELL_M - 0.5)).min(self.columns)
                };
                area[row * self.columns..][column(pair[0])..column(pair[1])].fill(true);
            }
        }
    }

    fn rows_of(self, rings: &[Vec<Point>]) -> std::ops::Range<usize> {
        let norths = || rings.iter().flatten().map(|point| point[1]);
        let row = |north_m: f64| whole((north_m - self.origin[1]) / CELL_M);
        let last = row(norths().fold(f64::NEG_INFINITY, f64::max)) + 1;
        row(norths().fold(f64::INFINITY, f64::min))..last.min(self.rows)
    }

    /// The cells beside a cell: west, east, south, north.
    pub(super) fn beside(self, cell: usize) -> impl Iterator<Item = usize> {
        let (row, column) = (cell / self.columns, cell % self.columns);
        let west = (column > 0).then(|| cell - 1);
        let east = (column + 1 < self.columns).then(|| cell + 1);
        let south = (row > 0).then(|| cell - self.columns);
        let north = (row + 1 < self.rows).then(|| cell + self.columns);
        [west, east, south, north].into_iter().flatten()
    }

    /// Empties every connected part of an area that has fewer cells than `cells_min`.
    pub(super) fn drop_small(self, area: &mut [bool], cells_min: usize) {
        let mut seen = self.empty();
        for start in 0..area.len() {
            if !area[start] || seen[start] {
                continue;
            }
            seen[start] = true;
            let mut part = vec![start];
            let mut next = 0;
            while next < part.len() {
                for cell in self.beside(part[next]) {
                    if area[cell] && !seen[cell] {
                        seen[cell] = true;
                        part.push(cell);
                    }
                }
                next += 1;
            }
            if part.len() < cells_min {
                part.iter().for_each(|cell| area[*cell] = false);
            }
        }
    }

    /// Distance from each cell's centre to the nearest centre of the area, metres; infinite for an
    /// empty area. Exact, in two passes of lower envelopes of parabolas (Felzenszwalb and
    /// Huttenlocher, Distance transforms of sampled functions, 2012).
    pub(super) fn distances_m(self, area: &[bool]) -> Vec<f64> {
        let mut squares: Vec<f64> = area
            .iter()
            .map(|inside| if *inside { 0.0 } else { f64::INFINITY })
            .collect();
        let mut line = Vec::new();
        for column in 0..self.columns {
            line.clear();
            line.extend((0..self.rows).map(|row| squares[row * self.columns + column]));
            for (row, square) in envelope(&line).into_iter().enumerate() {
                squares[row * self.columns + column] = square;
            }
        }
        for row in squares.chunks_exact_mut(self.columns) {
            row.copy_from_slice(&envelope(row));
        }
        squares
            .iter()
            .map(|square| square.sqrt() * CELL_M)
            .collect()
    }

    /// The cell that holds a point, or the nearest one.
    pub(super) fn cell(self, point: Point) -> usize {
        let place = |axis: usize, cells: usize| {
            whole((point[axis] - self.origin[axis]) / CELL_M).min(cells - 1)
        };
        place(1, self.rows) * self.columns + place(0, self.columns)
    }

    /// A value between the centres of the four nearest cells (bilinear); beyond the grid the
    /// value at its edge.
    pub(super) fn between(self, values: &[f32], point: Point) -> f64 {
        let place = |axis: usize, cells: usize| {
            let at = (point[axis] - self.origin[axis]) / CELL_M - 0.5;
            let at = at.clamp(0.0, (cells - 1) as f64);
            let low = whole(at).min(cells - 2);
            (low, at - low as f64)
        };
        let (column, east) = place(0, self.columns);
        let (row, north) = place(1, self.rows);
        let value = |row: usize, column: usize| f64::from(values[row * self.columns + column]);
        let south_value = value(row, column) * (1.0 - east) + value(row, column + 1) * east;
        let north_value = value(row + 1, column) * (1.0 - east) + value(row + 1, column + 1) * east;
        south_value * (1.0 - north) + north_value * north
    }
}

/// The least of all parabolas `(x - q)² + heights[q]` at each whole x.
fn envelope(heights: &[f64]) -> Vec<f64> {
    // The parabolas of the envelope, each with the place from which on it is the lowest.
    let mut lowest: Vec<(f64, usize)> = Vec::with_capacity(heights.len());
    for (q, height) in heights.iter().enumerate() {
        if height.is_infinite() {
            continue;
        }
        let mut from = f64::NEG_INFINITY;
        while let Some((start, p)) = lowest.last() {
            let (a, b) = (*p as f64, q as f64);
            from = (height + b * b - heights[*p] - a * a) / (2.0 * (b - a));
            if from > *start {
                break;
            }
            lowest.pop();
            from = f64::NEG_INFINITY;
        }
        lowest.push((from, q));
    }
    let mut part = 0;
    (0..heights.len())
        .map(|x| {
            while lowest
                .get(part + 1)
                .is_some_and(|(from, _)| *from < x as f64)
            {
                part += 1;
            }
            lowest.get(part).map_or(f64::INFINITY, |(_, q)| {
                let apart = x as f64 - *q as f64;
                apart * apart + heights[*q]
            })
        })
        .collect()
}

/// The whole part of a number; negative numbers give zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates, as wanted.
fn whole(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(columns: usize, rows: usize) -> Grid {
        Grid {
            origin: [0.0, 0.0],
            columns,
            rows,
        }
    }

    /// Cells as text, the northernmost row first.
    fn drawn(grid: Grid, area: &[bool]) -> Vec<String> {
        let row = |row: &[bool]| {
            row.iter()
                .map(|cell| if *cell { '#' } else { '.' })
                .collect()
        };
        area.chunks_exact(grid.columns).rev().map(row).collect()
    }

    fn ring(corners: &[[f64; 2]]) -> Vec<Point> {
        corners
            .iter()
            .map(|[x, y]| [x * CELL_M, y * CELL_M])
            .collect()
    }

    #[test]
    fn polygons_fill_the_cells_whose_centres_they_hold() {
        let check = |rings: &[Vec<Point>], expected: [&str; 4]| {
            let grid = grid(5, 4);
            let mut area = grid.empty();
            grid.fill(rings, &mut area);
            assert_eq!(drawn(grid, &area), expected, "{rings:?}");
        };
        let square = ring(&[[1.0, 1.0], [4.0, 1.0], [4.0, 4.0], [1.0, 4.0]]);
        let hole = ring(&[[2.0, 2.0], [3.0, 2.0], [3.0, 3.0], [2.0, 3.0]]);
        check(&[], [".....", ".....", ".....", "....."]);
        check(
            std::slice::from_ref(&square),
            [".###.", ".###.", ".###.", "....."],
        );
        check(&[square, hole], [".###.", ".#.#.", ".###.", "....."]);
        let beyond = ring(&[[-9.0, -9.0], [9.0, -9.0], [9.0, 1.0], [-9.0, 1.0]]);
        check(&[beyond], [".....", ".....", ".....", "#####"]);
        let corner = ring(&[[0.0, 0.0], [5.0, 0.0], [0.0, 4.0]]);
        check(&[corner], ["#....", "##...", "###..", "####."]);
    }

    #[test]
    fn small_parts_are_dropped() {
        let grid = grid(5, 3);
        let mut area = grid.empty();
        for cell in [0, 1, 5, 9, 14, 12] {
            area[cell] = true;
        }
        grid.drop_small(&mut area, 2);
        assert_eq!(drawn(grid, &area), ["....#", "#...#", "##..."]);
        grid.drop_small(&mut area, 3);
        assert_eq!(drawn(grid, &area), [".....", "#....", "##..."]);
    }

    #[test]
    fn values_are_mixed_between_centres() {
        let grid = grid(2, 2);
        let values = [0.0, 10.0, 20.0, 30.0];
        let cases = [
            ([0.5, 0.5], 0.0),
            ([1.0, 0.5], 5.0),
            ([1.0, 1.0], 15.0),
            ([1.5, 1.5], 30.0),
            ([99.0, -99.0], 10.0),
        ];
        for ([x, y], expected) in cases {
            let value = grid.between(&values, [x * CELL_M, y * CELL_M]);
            assert!((value - expected).abs() < 1e-9, "{x} {y}: {value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn distances_are_those_of_a_search_of_all(
            columns in 1usize..9,
            cells in prop::collection::vec(prop::bool::weighted(0.15), 72),
        ) {
            let grid = grid(columns, 8);
            let area = &cells[..columns * 8];
            for (cell, found_m) in grid.distances_m(area).into_iter().enumerate() {
                let apart = |other: usize| {
                    let rows = (cell / columns).abs_diff(other / columns) as f64;
                    let columns = (cell % columns).abs_diff(other % columns) as f64;
                    (rows * rows + columns * columns).sqrt() * CELL_M
                };
                let all = (0..area.len()).filter(|other| area[*other]).map(apart);
                let expected_m = all.fold(f64::INFINITY, f64::min);
                prop_assert!(found_m == expected_m || (found_m - expected_m).abs() < 1e-6);
            }
        }
    }
}
