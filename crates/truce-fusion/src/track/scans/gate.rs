//! A grid over one scan's plots: which of them lie in a rectangle.

use super::Plot;

/// Plots sorted by cell, about one in each. Buffers are kept from scan to scan.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    low_m: [f64; 2],
    cell_m: f64,
    columns: usize,
    rows: usize,
    /// Where the plots of each cell begin in `order`, and where the last cell's end.
    begins: Vec<u32>,
    order: Vec<u32>,
}

impl Grid {
    /// Sorts a scan's plots into cells.
    #[allow(clippy::cast_possible_truncation)] // There are about as many columns as plots.
    pub(super) fn fill(&mut self, plots: &[Plot]) {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for plot in plots {
            for (axis, at) in plot.position_m.into_iter().enumerate() {
                low[axis] = low[axis].min(at);
                high[axis] = high[axis].max(at);
            }
        }
        let (width, height) = ((high[0] - low[0]).max(0.0), (high[1] - low[1]).max(0.0));
        let cells = plots.len().max(1) as f64;
        // Plots on a line must not ask for more cells than plots in a square.
        let cell_m = (width * height / cells).sqrt();
        self.cell_m = cell_m.max((width + height) / cells).max(1.0);
        self.low_m = low;
        self.columns = (width / self.cell_m) as usize + 1;
        self.rows = (height / self.cell_m) as usize + 1;
        self.sort(plots);
    }

    /// Counting sort; the plots of a cell stay in their order.
    fn sort(&mut self, plots: &[Plot]) {
        // Counted two cells on, summed up, then moved on by one while placing: in the end each
        // cell's begin stands at its own index.
        self.begins.clear();
        self.begins.resize(self.columns * self.rows + 2, 0);
        for plot in plots {
            let cell = self.cell_of(plot);
            self.begins[cell + 2] += 1;
        }
        for cell in 2..self.begins.len() {
            self.begins[cell] += self.begins[cell - 1];
        }
        self.order.clear();
        self.order.resize(plots.len(), 0);
        for (index, plot) in (0..).zip(plots) {
            let next = self.cell_of(plot) + 1;
            self.order[self.begins[next] as usize] = index;
            self.begins[next] += 1;
        }
    }

    /// Calls `visit` with the index of each plot in the cells that a rectangle touches.
    pub(super) fn visit(&self, middle: [f64; 2], half: [f64; 2], mut visit: impl FnMut(u32)) {
        if self.order.is_empty() {
            return;
        }
        let first = |axis: usize| self.clamped(axis, middle[axis] - half[axis]);
        let last = |axis: usize| self.clamped(axis, middle[axis] + half[axis]);
        let (left, right) = (first(0), last(0));
        for row in first(1)..=last(1) {
            let cells = row * self.columns;
            let begin = self.begins[cells + left] as usize;
            let end = self.begins[cells + right + 1] as usize;
            for &plot in &self.order[begin..end] {
                visit(plot);
            }
        }
    }

    fn cell_of(&self, plot: &Plot) -> usize {
        let [x, y] = plot.position_m;
        self.clamped(1, y) * self.columns + self.clamped(0, x)
    }

    /// The column (axis 0) or row (axis 1) of a coordinate, the nearest one when it lies outside.
    #[allow(clippy::cast_possible_truncation)] // A negative number becomes 0, a large one the last.
    fn clamped(&self, axis: usize, at_m: f64) -> usize {
        let count = [self.columns, self.rows][axis];
        (((at_m - self.low_m[axis]) / self.cell_m) as usize).min(count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_misses_no_plot() {
        let at = |n: u32| [f64::from(n * 37 % 101) * 10.0, f64::from(n * 53 % 97) * 3.0];
        let plots: Vec<Plot> = (0..60)
            .map(|n| Plot {
                position_m: at(n),
                error_m2: [1.0, 0.0, 1.0],
            })
            .collect();
        let mut grid = Grid::default();
        for count in [0, 1, 2, 60] {
            grid.fill(&plots[..count]);
            for (middle, half) in [([0.0, 0.0], [40.0, 40.0]), ([500.0, 150.0], [300.0, 20.0])] {
                let mut found = Vec::new();
                grid.visit(middle, half, |plot| found.push(plot));
                found.sort_unstable();
                found.dedup();
                let inside = |(_, plot): &(u32, &Plot)| {
                    (0..2).all(|axis| (plot.position_m[axis] - middle[axis]).abs() <= half[axis])
                };
                for (index, _) in (0..).zip(&plots[..count]).filter(inside) {
                    assert!(found.contains(&index), "{index} of {count}");
                }
                assert!(found.len() <= count);
            }
        }
    }
}
