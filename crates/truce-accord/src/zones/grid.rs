//! One grid over all zones. A cell lists the zones that cover it whole, and those whose border
//! passes through it together with the edges that do.

use super::shape::{Edge, Flat, Point};

/// Cells from west to east, at least and at most; half as many from south to north. The most is the
/// grid that was measured to be fastest for 200 zones of 500 corners.
const COLUMNS_MIN: usize = 32;
const COLUMNS_MAX: usize = 512;
/// Cells for each edge, before the bounds above: most cells then have no edge at all.
const CELLS_PER_EDGE: usize = 4;
/// A cell's edges are looked for a little beyond it, in parts of a cell, so that rounding loses none.
const MARGIN: f64 = 1e-6;

/// What a cell knows of a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// The zone, by its place in the list.
    pub(super) zone: u32,
    /// The first of its edges in this cell.
    start: u32,
    /// How many; none when the zone covers the cell whole.
    count: u32,
}

/// The grid.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    west: f64,
    south: f64,
    columns_per_deg: f64,
    rows_per_deg: f64,
    starts: Vec<u32>,
    entries: Vec<Entry>,
    edges: Vec<Edge>,
}

/// A block of cells, borders included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    columns: [usize; 2],
    rows: [usize; 2],
}

fn index(value: usize) -> u32 {
    u32::try_from(value).expect("fewer than 2^32 edges: a mission file is at most 64 MiB")
}

impl Grid {
    pub(super) fn new(shapes: &[Flat]) -> Self {
        let start = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        let [west, south, east, north] = shapes.iter().fold(start, |b, shape| {
            let s = shape.bounds;
            [
                b[0].min(s[0]),
                b[1].min(s[1]),
                b[2].max(s[2]),
                b[3].max(s[3]),
            ]
        });
        let per_deg = |count: usize, length: f64| {
            if length > 0.0 && length.is_finite() {
                count as f64 / length
            } else {
                1.0
            }
        };
        let edges: usize = shapes.iter().map(|shape| shape.edges.len()).sum();
        let wanted = (2 * CELLS_PER_EDGE * edges).isqrt().next_power_of_two();
        let columns = wanted.clamp(COLUMNS_MIN, COLUMNS_MAX);
        let rows = columns / 2;
        let mut grid = Self {
            columns,
            rows,
            west: if west.is_finite() { west } else { 0.0 },
            south: if south.is_finite() { south } else { 0.0 },
            columns_per_deg: per_deg(columns, east - west),
            rows_per_deg: per_deg(rows, north - south),
            starts: vec![0; columns * rows + 1],
            entries: Vec::new(),
            edges: Vec::new(),
        };
        grid.fill(shapes);
        grid
    }

    fn fill(&mut self, shapes: &[Flat]) {
        let mut cells: Vec<Vec<Entry>> = vec![Vec::new(); self.columns * self.rows];
        for (zone, shape) in shapes.iter().enumerate() {
            let mut touched: Vec<(usize, Edge)> = Vec::new();
            for edge in &shape.edges {
                self.each_cell_of(*edge, |cell| touched.push((cell, *edge)));
            }
            touched.sort_by_key(|(cell, _)| *cell);
            for run in touched.chunk_by(|a, b| a.0 == b.0) {
                let start = index(self.edges.len());
                self.edges.extend(run.iter().map(|(_, edge)| *edge));
                cells[run[0].0].push(Entry {
                    zone: index(zone),
                    start,
                    count: index(run.len()),
                });
            }
            if shape.is_area() {
                self.fill_inside(zone, shape, &mut cells);
            }
        }
        for (i, cell) in cells.into_iter().enumerate() {
            self.entries.extend(cell);
            self.starts[i + 1] = index(self.entries.len());
        }
    }

    /// Adds an area to every cell that it covers whole. Between two cells with edges a row is all
    /// inside or all outside, so one point of the run decides.
    fn fill_inside(&self, zone: usize, shape: &Flat, cells: &mut [Vec<Entry>]) {
        let block = self.block(shape.bounds);
        for row in block.rows[0]..=block.rows[1] {
            let mut known = None;
            for column in block.columns[0]..=block.columns[1] {
                let cell = &mut cells[row * self.columns + column];
                if cell.last().is_some_and(|entry| entry.zone == index(zone)) {
                    known = None;
                    continue;
                }
                let middle = [
                    self.west + (column as f64 + 0.5) / self.columns_per_deg,
                    self.south + (row as f64 + 0.5) / self.rows_per_deg,
                ];
                if *known.get_or_insert_with(|| shape.contains(middle)) {
                    cell.push(Entry {
                        zone: index(zone),
                        start: 0,
                        count: 0,
                    });
                }
            }
        }
    }

    /// Calls for every cell that an edge touches, row by row.
    fn each_cell_of(&self, [a, b]: Edge, mut call: impl FnMut(usize)) {
        let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        let rows = [
            self.row(low[1] - self.margin_lat()),
            self.row(high[1] + self.margin_lat()),
        ];
        for row in rows[0]..=rows[1] {
            let level = |row: usize| self.south + row as f64 / self.rows_per_deg;
            let from = (level(row) - self.margin_lat()).clamp(low[1], high[1]);
            let to = (level(row + 1) + self.margin_lat()).clamp(low[1], high[1]);
            let at = |lat: f64| {
                let height = high[1] - low[1];
                let share = if height > 0.0 {
                    (lat - low[1]) / height
                } else {
                    0.0
                };
                low[0] + (high[0] - low[0]) * share
            };
            // A level edge crosses its row from end to end.
            let (x, y) = if high[1] > low[1] {
                (at(from), at(to))
            } else {
                (a[0], b[0])
            };
            let margin = MARGIN / self.columns_per_deg;
            let columns = [
                self.column(x.min(y) - margin),
                self.column(x.max(y) + margin),
            ];
            for column in columns[0]..=columns[1] {
                call(row * self.columns + column);
            }
        }
    }

    fn margin_lat(&self) -> f64 {
        MARGIN / self.rows_per_deg
    }

    fn column(&self, lon_deg: f64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "a column number, clamped")]
        #[expect(
            clippy::cast_sign_loss,
            reason = "negative west of the grid, saturates to 0"
        )]
        let column = ((lon_deg - self.west) * self.columns_per_deg) as usize;
        column.min(self.columns - 1)
    }

    fn row(&self, lat_deg: f64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "a row number, clamped")]
        #[expect(
            clippy::cast_sign_loss,
            reason = "negative south of the grid, saturates to 0"
        )]
        let row = ((lat_deg - self.south) * self.rows_per_deg) as usize;
        row.min(self.rows - 1)
    }

    /// The cells that a box [west, south, east, north] touches; those at the grid's rim stand for
    /// everything beyond.
    pub(super) fn block(&self, [west, south, east, north]: [f64; 4]) -> Block {
        Block {
            columns: [self.column(west), self.column(east)],
            rows: [self.row(south), self.row(north)],
        }
    }

    /// The block of the one cell around a point.
    pub(super) fn around(&self, point: Point) -> Block {
        self.block([point[0], point[1], point[0], point[1]])
    }

    /// How many cells a block has.
    pub(super) fn size(block: Block) -> usize {
        let across = block.columns[1] - block.columns[0] + 1;
        across * (block.rows[1] - block.rows[0] + 1)
    }

    /// All entries of a block, cell by cell.
    pub(super) fn entries(&self, block: Block) -> impl Iterator<Item = Entry> + '_ {
        let rows = block.rows[0]..=block.rows[1];
        rows.flat_map(move |row| {
            let first = row * self.columns + block.columns[0];
            let last = row * self.columns + block.columns[1];
            let range = self.starts[first] as usize..self.starts[last + 1] as usize;
            self.entries[range].iter().copied()
        })
    }

    /// The edges of an entry.
    pub(super) fn edges(&self, entry: Entry) -> &[Edge] {
        let start = entry.start as usize;
        &self.edges[start..start + entry.count as usize]
    }
}
