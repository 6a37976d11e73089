//! One grid over all zones. A cell lists the zones that cover it whole, and those whose border
//! passes through it together with the edges that do and one point of which it is known whether it
//! is inside: from there to a position in the cell the edges of the cell alone decide.

use super::shape::{Edge, Flat, Point, is_between, orientation};

/// Cells from west to east, at least and at most; half as many from south to north. The most is the
/// grid that was measured to be fastest for 200 zones of 500 corners.
const COLUMNS_MIN: usize = 32;
const COLUMNS_MAX: usize = 512;
/// Cells for each edge, before the bounds above: most cells then have no edge at all.
const CELLS_PER_EDGE: usize = 4;
/// A cell's edges are looked for a little beyond it, in parts of a cell, so that rounding loses none.
const MARGIN: f64 = 1e-6;
/// Where in a cell, in parts of it, a point off every border is looked for. A border would have to
/// pass through all of them to defeat the search.
const LANDMARKS: [Point; 4] = [[0.5, 0.5], [0.381, 0.618], [0.711, 0.289], [0.137, 0.173]];

/// What a cell knows of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The zone, by its place in the list.
    pub(crate) zone: u32,
    /// The border that passes through the cell, by its place; [`COVERED`] when none does.
    border: u32,
}

/// Stands for a border where a zone covers the cell whole.
const COVERED: u32 = u32::MAX;

impl Entry {
    /// True when the zone's border passes through the cell.
    pub(crate) fn has_border(self) -> bool {
        self.border != COVERED
    }
}

/// A zone's border in one cell.
#[derive(Debug, Clone, Copy)]
struct Border {
    /// The first of its edges, and the one after the last.
    edges: [u32; 2],
    /// A point of the cell on no edge; `None` when there was none, or the zone has several polygons,
    /// which may overlap.
    landmark: Option<Landmark>,
}

/// A point of which it is known whether it is inside.
#[derive(Debug, Clone, Copy)]
struct Landmark {
    at: Point,
    inside: bool,
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
    borders: Vec<Border>,
    edges: Vec<Edge>,
    /// For each cell how far the nearest is through which a border runs, in cells.
    calm: Vec<u8>,
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

/// The part of a box around a point that an edge leaves: cut where most room remains around the
/// point. `None` when the point lies within the bounds of the edge.
fn cut(bounds: [f64; 4], [x, y]: Point, [a, b]: Edge) -> Option<[f64; 4]> {
    let [west, south, east, north] = bounds;
    let (left, right) = (a[0].min(b[0]), a[0].max(b[0]));
    let (low, high) = (a[1].min(b[1]), a[1].max(b[1]));
    if right < west || left > east || high < south || low > north {
        return Some(bounds);
    }
    let sides = [
        (x - right, [right, south, east, north]),
        (left - x, [west, south, left, north]),
        (y - high, [west, high, east, north]),
        (low - y, [west, south, east, low]),
    ];
    let (room, part) = sides
        .into_iter()
        .max_by(|(room, _), (other, _)| room.total_cmp(other))?;
    (room > 0.0).then_some(part)
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
            borders: Vec::new(),
            edges: Vec::new(),
            calm: Vec::new(),
        };
        grid.fill(shapes);
        grid.calm = grid.calm_cells();
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
                let start = self.edges.len();
                self.edges.extend(run.iter().map(|(_, edge)| *edge));
                let (cell, edges) = (run[0].0, &self.edges[start..]);
                cells[cell].push(Entry {
                    zone: index(zone),
                    border: index(self.borders.len()),
                });
                self.borders.push(Border {
                    edges: [index(start), index(self.edges.len())],
                    landmark: self.landmark(cell, shape, edges),
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

    /// A point of a cell that is on none of the edges there.
    fn landmark(&self, cell: usize, shape: &Flat, edges: &[Edge]) -> Option<Landmark> {
        if shape.parts.len() != 1 {
            return None;
        }
        let (column, row) = (cell % self.columns, cell / self.columns);
        let point = |[x, y]: Point| {
            [
                self.west + (column as f64 + x) / self.columns_per_deg,
                self.south + (row as f64 + y) / self.rows_per_deg,
            ]
        };
        let is_free = |at: &Point| {
            let mut touching = edges.iter().filter(|[a, b]| is_between(*at, *a, *b));
            touching.all(|[a, b]| orientation(*a, *b, *at) != 0.0)
        };
        let at = LANDMARKS.into_iter().map(point).find(is_free)?;
        Some(Landmark {
            at,
            inside: shape.contains(at),
        })
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
                        border: COVERED,
                    });
                }
            }
        }
    }

    /// The entries of every cell that a way touches.
    pub(super) fn each_entry_along(&self, way: Edge, mut call: impl FnMut(Entry)) {
        let cell = |[x, y]: Point| self.row(y) * self.columns + self.column(x);
        let [first, last] = way.map(cell);
        if first == last {
            return self.entries[self.range(first, first)]
                .iter()
                .copied()
                .for_each(call);
        }
        self.each_cell_of(way, |cell| {
            for entry in &self.entries[self.range(cell, cell)] {
                call(*entry);
            }
        });
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
            self.entries[self.range(first, last)].iter().copied()
        })
    }

    /// A box [west, south, east, north] around a point through which no border runs. `None` for a
    /// point too near to a border, and beyond the grid.
    pub(super) fn calm_box(&self, [x, y]: Point) -> Option<[f64; 4]> {
        let (column, row) = (self.column(x), self.row(y));
        let cell = row * self.columns + column;
        let calm = usize::from(self.calm[cell]);
        let bounds = self.bounds([column, row], calm.saturating_sub(1));
        let [west, south, east, north] = bounds;
        if x < west || x > east || y < south || y > north {
            return None;
        }
        if calm > 0 {
            return Some(bounds);
        }
        let here = self.entries[self.range(cell, cell)].iter();
        let mut edges = here.flat_map(|entry| self.edges(*entry));
        edges.try_fold(bounds, |bounds, edge| cut(bounds, [x, y], *edge))
    }

    /// The cells that are no farther than so many from one, as [west, south, east, north].
    fn bounds(&self, [column, row]: [usize; 2], away: usize) -> [f64; 4] {
        let lon = |column: usize| self.west + column as f64 / self.columns_per_deg;
        let lat = |row: usize| self.south + row as f64 / self.rows_per_deg;
        [
            lon(column.saturating_sub(away)),
            lat(row.saturating_sub(away)),
            lon((column + away + 1).min(self.columns)),
            lat((row + away + 1).min(self.rows)),
        ]
    }

    /// For each cell how many cells away the nearest is through which a border runs, diagonal steps
    /// counting as one; 0 for such a cell itself (the chessboard distance of Rosenfeld and Pfaltz
    /// 1968, in two passes).
    fn calm_cells(&self) -> Vec<u8> {
        let has_border = |cell| {
            let mut entries = self.entries[self.range(cell, cell)].iter();
            entries.any(|entry| entry.has_border())
        };
        let cells = 0..self.columns * self.rows;
        let mut calm: Vec<u8> = cells
            .map(|cell| u8::from(!has_border(cell)) * u8::MAX)
            .collect();
        let columns = self.columns;
        for forward in [true, false] {
            for step in 0..calm.len() {
                let cell = if forward { step } else { calm.len() - 1 - step };
                let (column, row) = (cell % columns, cell / columns);
                let is_rim = [
                    if forward {
                        row == 0
                    } else {
                        row + 1 == self.rows
                    },
                    column == 0,
                    column + 1 == columns,
                ];
                let neighbour = |by: usize| calm[if forward { cell - by } else { cell + by }];
                let (before, after) = if forward { (1, 2) } else { (2, 1) };
                let mut least = calm[cell];
                let mut near = |beyond_rim: bool, by: usize| {
                    if !beyond_rim {
                        least = least.min(neighbour(by).saturating_add(1));
                    }
                };
                near(is_rim[before], 1);
                near(is_rim[0], columns);
                near(is_rim[0] || is_rim[before], columns + 1);
                near(is_rim[0] || is_rim[after], columns - 1);
                calm[cell] = least;
            }
        }
        calm
    }

    /// The entries of the cell around a point.
    pub(super) fn entries_at(&self, [x, y]: Point) -> &[Entry] {
        let cell = self.row(y) * self.columns + self.column(x);
        &self.entries[self.range(cell, cell)]
    }

    fn range(&self, first: usize, last: usize) -> std::ops::Range<usize> {
        self.starts[first] as usize..self.starts[last + 1] as usize
    }

    /// The edges of an entry; none when the zone covers the cell.
    pub(super) fn edges(&self, entry: Entry) -> &[Edge] {
        match self.borders.get(entry.border as usize) {
            Some(Border { edges: [a, b], .. }) => &self.edges[*a as usize..*b as usize],
            None => &[],
        }
    }

    /// Whether a zone contains a point of the cell that the entry is of; on the border is inside.
    ///
    /// The way from the landmark to the point changes sides at every edge that it crosses. A corner
    /// exactly on the way counts as lying on its right for both of its edges, so a way that grazes it
    /// crosses both or none. All orientations are exact.
    pub(super) fn contains(&self, entry: Entry, shape: &Flat, point: Point) -> bool {
        // The grid's rim stands for everything beyond it.
        if !shape.is_within_bounds(point) {
            return false;
        }
        let Some(border) = self.borders.get(entry.border as usize) else {
            return true;
        };
        let Some(landmark) = border.landmark else {
            return shape.contains(point);
        };
        let from = landmark.at;
        let (west, east) = (from[0].min(point[0]), from[0].max(point[0]));
        let (south, north) = (from[1].min(point[1]), from[1].max(point[1]));
        let mut inside = landmark.inside;
        for [a, b] in self.edges(entry) {
            let is_apart = (a[0] < west && b[0] < west)
                || (a[0] > east && b[0] > east)
                || (a[1] < south && b[1] < south)
                || (a[1] > north && b[1] > north);
            if is_apart {
                continue;
            }
            let left = |p: Point, q: Point, x: Point| orientation(p, q, x) > 0.0;
            let side = orientation(*a, *b, point);
            if side == 0.0 && is_between(point, *a, *b) {
                return true;
            }
            inside ^= left(from, point, *a) != left(from, point, *b)
                && (side > 0.0) != left(*a, *b, from);
        }
        inside
    }
}
