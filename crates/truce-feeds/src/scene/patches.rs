//! Patches: pixels that touch each other at an edge, put together row by row, and their outlines.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;

/// Most runs of pixels that are held while patches are open: some hundred megabytes.
const RUNS_MAX: usize = 8 << 20;

/// Most corners of an outline; a patch with more is told by its convex hull.
const CORNERS_MAX: usize = 1_000;

/// How far an outline keeps clear of itself where two pixels of a patch touch at a corner, pixels.
const CLEARANCE: f64 = 0.1;

/// What is added up over the pixels of a patch.
pub(super) trait Tally: Default {
    /// Adds what another part of the same patch added up.
    fn merge(&mut self, other: Self);
}

/// Pixels of one row from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    row: usize,
    start: usize,
    end: usize,
}

/// Pixels that touch.
#[derive(Debug, Default)]
pub(super) struct Patch<T> {
    /// In order of row and column once the patch is complete.
    runs: Vec<Run>,
    pub(super) pixels: usize,
    pub(super) tally: T,
}

/// Puts patches together while rows come in.
#[derive(Debug)]
pub(super) struct Collector<T> {
    pixels_min: usize,
    open: BTreeMap<usize, Patch<T>>,
    /// The runs of the row before, with the patch of each.
    above: Vec<(Run, usize)>,
    next: usize,
    runs: usize,
    complete: Vec<Patch<T>>,
}

impl<T: Tally> Collector<T> {
    /// Keeps patches of at least so many pixels.
    pub(super) fn new(pixels_min: usize) -> Self {
        Self {
            pixels_min,
            open: BTreeMap::new(),
            above: Vec::new(),
            next: 0,
            runs: 0,
            complete: Vec::new(),
        }
    }

    /// Takes the next row: its pixels in order of columns, each with what it adds.
    pub(super) fn row(
        &mut self,
        row: usize,
        pixels: impl IntoIterator<Item = (usize, T)>,
    ) -> Result<(), Error> {
        let mut own: Vec<(Run, T)> = Vec::new();
        for (column, tally) in pixels {
            match own.last_mut() {
                Some((run, sum)) if run.end == column => {
                    run.end += 1;
                    sum.merge(tally);
                }
                _ => own.push((
                    Run {
                        row,
                        start: column,
                        end: column + 1,
                    },
                    tally,
                )),
            }
        }
        let mut placed: Vec<(Run, usize)> = Vec::with_capacity(own.len());
        for (run, tally) in own {
            let patch = self.place(run, tally, &mut placed);
            placed.push((run, patch));
        }
        self.above = placed;
        self.close();
        if self.runs > RUNS_MAX {
            Err(Error::Changed)
        } else {
            Ok(())
        }
    }

    /// Puts a run into the patch that it touches in the row above, joining all that it touches.
    fn place(&mut self, run: Run, tally: T, placed: &mut [(Run, usize)]) -> usize {
        let first = self
            .above
            .partition_point(|(other, _)| other.end <= run.start);
        let touched = self.above[first..]
            .iter()
            .take_while(|(other, _)| other.start < run.end);
        let touched: BTreeSet<usize> = touched.map(|(_, patch)| *patch).collect();
        let mut touched = touched.into_iter();
        let patch = touched.next().unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        for other in touched {
            self.join(patch, other, placed);
        }
        let into = self.open.entry(patch).or_default();
        into.runs.push(run);
        into.pixels += run.end - run.start;
        into.tally.merge(tally);
        self.runs += 1;
        patch
    }

    fn join(&mut self, patch: usize, other: usize, placed: &mut [(Run, usize)]) {
        let Some(gone) = self.open.remove(&other) else {
            return;
        };
        let into = self.open.entry(patch).or_default();
        into.runs.extend(gone.runs);
        into.pixels += gone.pixels;
        into.tally.merge(gone.tally);
        for (_, name) in self.above.iter_mut().chain(placed) {
            if *name == other {
                *name = patch;
            }
        }
    }

    /// Completes the patches that the newest row does not touch.
    fn close(&mut self) {
        let touched: BTreeSet<usize> = self.above.iter().map(|(_, patch)| *patch).collect();
        let done: Vec<usize> = self
            .open
            .keys()
            .filter(|patch| !touched.contains(patch))
            .copied()
            .collect();
        for mut patch in done.iter().filter_map(|patch| self.open.remove(patch)) {
            if patch.pixels >= self.pixels_min {
                patch.runs.sort_unstable();
                self.complete.push(patch);
            } else {
                self.runs -= patch.runs.len();
            }
        }
    }

    /// All patches, from north to south.
    pub(super) fn finish(mut self) -> Vec<Patch<T>> {
        self.above.clear();
        self.close();
        self.complete
            .sort_by_key(|patch| patch.runs.first().copied());
        self.complete
    }
}

/// A direction along the edges of pixels: columns grow eastwards, rows southwards.
type Step = (i64, i64);

fn right_of((x, y): Step) -> Step {
    (-y, x)
}

impl<T> Patch<T> {
    fn contains(&self, column: i64, row: i64) -> bool {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else {
            return false;
        };
        let after = self
            .runs
            .partition_point(|run| (run.row, run.start) <= (row, column));
        let before = after.checked_sub(1).map(|at| self.runs[at]);
        before.is_some_and(|run| run.row == row && column < run.end)
    }

    /// The middle of its pixels, (column, row).
    pub(super) fn centre(&self) -> (f64, f64) {
        let (mut x, mut y) = (0.0, 0.0);
        for run in &self.runs {
            let length = (run.end - run.start) as f64;
            x += length * (run.start + run.end) as f64 / 2.0;
            y += length * (run.row as f64 + 0.5);
        }
        (x / self.pixels as f64, y / self.pixels as f64)
    }

    /// Its outer outline, clockwise on the map, open, without crossing or touching itself; holes are
    /// left out. (column, row) of corners, of which whole numbers are corners of pixels.
    pub(super) fn outline(&self) -> Vec<(f64, f64)> {
        let Some(first) = self.runs.first() else {
            return Vec::new();
        };
        let signed = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        let start = (signed(first.start), signed(first.row));
        let (mut at, mut step) = (start, (1, 0));
        let mut corners = Vec::new();
        loop {
            at = (at.0 + step.0, at.1 + step.1);
            let turned = self.turn(at, step);
            if turned != step {
                corners.push(self.corner(at, step, turned));
            }
            step = turned;
            if at == start && step == (1, 0) {
                break;
            }
        }
        if corners.len() > CORNERS_MAX {
            hull(corners)
        } else {
            corners
        }
    }

    /// Where the outline goes on from a corner of pixels, the patch always on its right.
    fn turn(&self, at: (i64, i64), step: Step) -> Step {
        let (left, right) = self.ahead(at, step);
        let right_step = right_of(step);
        match (left, right) {
            (_, false) => right_step,
            (true, true) => (-right_step.0, -right_step.1),
            (false, true) => step,
        }
    }

    /// Whether the two pixels ahead, left and right of the way, belong to the patch.
    fn ahead(&self, at: (i64, i64), step: Step) -> (bool, bool) {
        let beside = |side: Step| {
            // The pixel whose corner this is lies half a pixel ahead and half a pixel to the side.
            let (x, y) = (step.0 + side.0, step.1 + side.1);
            self.contains(at.0 + (x - 1) / 2, at.1 + (y - 1) / 2)
        };
        let right = right_of(step);
        (beside((-right.0, -right.1)), beside(right))
    }

    /// A corner of the outline, drawn into its own pixel where another one of the patch touches it.
    fn corner(&self, at: (i64, i64), step: Step, turned: Step) -> (f64, f64) {
        let touches = turned == right_of(step) && self.ahead(at, step).0;
        let inwards = if touches { CLEARANCE } else { 0.0 };
        let (x, y) = (turned.0 - step.0, turned.1 - step.1);
        (
            at.0 as f64 + inwards * x as f64,
            at.1 as f64 + inwards * y as f64,
        )
    }
}

/// The convex hull of corners, in the same sense of rotation (Andrew 1979).
fn hull(mut corners: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    corners.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = |corners: &mut dyn Iterator<Item = &(f64, f64)>| {
        let mut chain: Vec<(f64, f64)> = Vec::new();
        for point in corners {
            while let [.., a, b] = chain.as_slice() {
                let turn = (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0);
                if turn > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut ring = half(&mut corners.iter());
    ring.extend(half(&mut corners.iter().rev()));
    ring
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, Clone, PartialEq)]
    struct Count(usize);

    impl Tally for Count {
        fn merge(&mut self, other: Self) {
            self.0 += other.0;
        }
    }

    /// The patches of a picture whose pixels are `#`.
    fn patches(picture: &[&str], pixels_min: usize) -> Vec<Patch<Count>> {
        let mut collector = Collector::new(pixels_min);
        for (row, line) in picture.iter().enumerate() {
            let marked = line.bytes().enumerate().filter(|(_, byte)| *byte == b'#');
            collector
                .row(row, marked.map(|(column, _)| (column, Count(1))))
                .unwrap();
        }
        collector.finish()
    }

    fn area(ring: &[(f64, f64)]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter()
            .zip(next)
            .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
            .sum::<f64>()
            / 2.0
    }

    #[test]
    fn what_touches_is_one() {
        let picture = ["##..#", "#...#", "###.#", "..#..", "#.###"];
        let sizes: Vec<usize> = patches(&picture, 1)
            .iter()
            .map(|patch| patch.pixels)
            .collect();
        assert_eq!(sizes, [10, 3, 1]);
        assert_eq!(patches(&picture, 2).len(), 2);
        assert_eq!(patches(&["#.#.#", "#####"], 1).len(), 1);
        assert_eq!(patches(&["#.", ".#"], 1).len(), 2);
    }

    #[test]
    fn outlines() {
        let square = &patches(&["....", ".##.", ".##."], 1)[0];
        assert_eq!(
            square.outline(),
            [(3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0)]
        );
        assert_eq!(square.centre(), (2.0, 2.0));
        // A ring of pixels: the hole is left out. Two pixels that touch at a corner keep apart, which
        // costs each of them a tenth.
        assert_eq!(area(&patches(&["###", "#.#", "###"], 1)[0].outline()), 9.0);
        let pinched = &patches(&["##.", "#.#", "###"], 1)[0];
        let ring = pinched.outline();
        assert!(
            (area(&ring) - 6.8).abs() < 1e-9 && ring.len() == 10,
            "{ring:?}"
        );
    }

    #[test]
    fn a_ragged_patch_is_told_by_its_hull() {
        let teeth = "#.".repeat(600);
        let ring = patches(&[&teeth, &"#".repeat(1_200)], 1)[0].outline();
        assert_eq!(ring.len(), 5, "{ring:?}");
        assert!(area(&ring) > 2_000.0);
    }

    proptest! {
        /// No outline visits a corner twice, and it encloses what its patch and its holes cover.
        #[test]
        fn outlines_are_simple_and_tight(bits in prop::collection::vec(any::<u8>(), 9)) {
            let line = |byte: &u8| -> String {
                (0..8).map(|k| if byte >> k & 1 == 1 { '#' } else { '.' }).collect()
            };
            let lines: Vec<String> = bits.iter().map(line).collect();
            let picture: Vec<&str> = lines.iter().map(String::as_str).collect();
            let all = patches(&picture, 1);
            let marked: u32 = bits.iter().map(|byte| byte.count_ones()).sum();
            prop_assert_eq!(all.iter().map(|patch| patch.pixels).sum::<usize>(), marked as usize);
            for patch in all {
                prop_assert_eq!(patch.tally.0, patch.pixels);
                let ring = patch.outline();
                let corners = ring.len() as f64;
                prop_assert!(area(&ring) > patch.pixels as f64 - 0.1 * corners);
                let mut sorted = ring.clone();
                sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
                sorted.dedup();
                prop_assert_eq!(sorted.len(), ring.len());
            }
        }
    }
}
