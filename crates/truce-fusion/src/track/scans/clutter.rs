//! How many plots per area and scan come from no object: a map of cells that is learnt from what
//! no track explains.

use std::collections::BTreeMap;

use super::Plot;

/// Scans after which a cell has forgotten all but 1/e.
const MEMORY_SCANS: f64 = 100.0;
/// The whole map weighs on a cell like so many plots.
const MAP_WEIGHT: f64 = 10.0;
/// A density that was given weighs on the map like so many plots.
const GIVEN_WEIGHT: f64 = 1_000.0;
/// No place is so quiet that a single plot is certain to be an object: plots per scan and cell.
const PER_CELL_MIN: f64 = 1e-3;
/// Cells kept; plots beyond count for the whole map only.
const CELLS_MAX: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    count: f64,
    /// The scan that last touched it.
    scan: u64,
}

/// Density of plots from no object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clutter {
    cell_m: f64,
    /// Density that was given beforehand, plots per scan and square metre.
    given: Option<f64>,
    /// Area that is watched, when given, square metres.
    area_m2: Option<f64>,
    cells: BTreeMap<[i32; 2], Cell>,
    total: f64,
    scan: u64,
    /// Scans seen, faded.
    exposure: f64,
}

impl Clutter {
    pub(super) fn new(cell_m: f64, area_m2: Option<f64>, per_scan: Option<f64>) -> Self {
        Self {
            cell_m,
            given: per_scan.zip(area_m2).map(|(count, area)| count / area),
            area_m2,
            cells: BTreeMap::new(),
            total: 0.0,
            scan: 0,
            exposure: 0.0,
        }
    }

    /// The area that is watched, square metres: given, or where plots have come from.
    pub(super) fn area_m2(&self) -> f64 {
        let seen = self.cells.len().max(1) as f64 * self.cell_m * self.cell_m;
        self.area_m2.unwrap_or(seen)
    }

    /// A scan begins: the past fades.
    pub(super) fn begin(&mut self, plots: &[Plot]) {
        self.scan += 1;
        let fading = libm::exp(-1.0 / MEMORY_SCANS);
        self.exposure = self.exposure * fading + 1.0;
        self.total *= fading;
        for plot in plots {
            let at = self.at(plot.position_m);
            if self.cells.len() < CELLS_MAX {
                let scan = self.scan;
                self.cells.entry(at).or_insert(Cell { count: 0.0, scan });
            }
        }
    }

    /// A plot is clutter with a probability.
    pub(super) fn learn(&mut self, plot: [f64; 2], probability: f64) {
        self.total += probability;
        let at = self.at(plot);
        if let Some(cell) = self.cells.get_mut(&at) {
            cell.count = cell.count * faded(self.scan - cell.scan) + probability;
            cell.scan = self.scan;
        }
    }

    /// The mean density over the area, plots per scan and square metre.
    fn mean(&self, plots: usize) -> f64 {
        let (area, exposure) = (self.area_m2(), self.exposure);
        match self.given {
            Some(given) => (GIVEN_WEIGHT + self.total) / (GIVEN_WEIGHT / given + area * exposure),
            // The first scan has no past: its own plots stand in.
            None if self.scan <= 1 => plots as f64 / area,
            None => self.total / (area * (exposure - 1.0).max(1.0)),
        }
    }

    /// The density at each plot of a scan, plots per scan and square metre.
    pub(super) fn densities(&self, plots: &[Plot], out: &mut Vec<f64>) {
        let cell_m2 = self.cell_m * self.cell_m;
        let floor = PER_CELL_MIN / cell_m2;
        let mean = self.mean(plots.len()).max(floor);
        let past = self.exposure - 1.0;
        out.clear();
        out.extend(plots.iter().map(|plot| {
            let Some(cell) = self.cells.get(&self.at(plot.position_m)) else {
                return mean;
            };
            let count = cell.count * faded(self.scan - cell.scan);
            ((MAP_WEIGHT + count) / (MAP_WEIGHT / mean + past * cell_m2)).max(floor)
        }));
    }

    /// The cell of a place; what lies beyond the numbers of cells falls into the last one.
    #[allow(clippy::cast_possible_truncation)]
    fn at(&self, [x, y]: [f64; 2]) -> [i32; 2] {
        [
            (x / self.cell_m).floor() as i32,
            (y / self.cell_m).floor() as i32,
        ]
    }
}

fn faded(scans: u64) -> f64 {
    if scans == 0 {
        return 1.0;
    }
    libm::exp(-(scans as f64) / MEMORY_SCANS)
}
