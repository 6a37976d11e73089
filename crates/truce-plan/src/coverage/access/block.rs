//! Cells in blocks of neighbours, laid out axis by axis.

use truce_core::Position;

use super::distance;
use crate::coverage::cells::{normal, to_earth_fixed};

/// Cells that are computed side by side; a block is filled up to a multiple of them.
pub(super) const TILE: usize = 8;
/// Most cells of one block: so many that what passes see of it stays in the processor's cache.
const BLOCK: usize = 256;
/// Greatest distance of a cell from the centre of its block, metres; see the top of `access`.
const BLOCK_M_MAX: f64 = 150_000.0;

/// A place and the direction of its zenith, Earth-fixed.
pub(super) struct Ground {
    place: [f64; 3],
    zenith: [f64; 3],
}

impl Ground {
    pub(super) fn new(centre: Position) -> Self {
        Self {
            place: to_earth_fixed(centre),
            zenith: normal(centre),
        }
    }
}

/// Cells that lie together. Their places are counted from the middle, so that single precision holds
/// them to a centimetre.
pub(super) struct Block {
    /// Indices of the cells.
    pub(super) cells: Vec<usize>,
    /// Metres from the middle, for each axis; filled up with places in the middle.
    pub(super) place: [Vec<f32>; 3],
    /// Directions of the zenith, for each axis.
    pub(super) zenith: [Vec<f32>; 3],
    /// Mean of all places, metres.
    pub(super) middle: [f64; 3],
    /// Greatest distance of a cell from the middle, metres.
    pub(super) radius_m: f64,
}

impl Block {
    /// A block of some cells of all.
    pub(super) fn new(cells: Vec<usize>, all: &[Ground]) -> Self {
        let (middle, radius_m) = ball(&cells, all);
        let filled = cells.len().next_multiple_of(TILE);
        let axis = |of: &dyn Fn(&Ground) -> f64| {
            #[expect(clippy::cast_possible_truncation, reason = "true to a centimetre")]
            let mut axis: Vec<f32> = cells.iter().map(|i| of(&all[*i]) as f32).collect();
            axis.resize(filled, 0.0);
            axis
        };
        Self {
            place: [0, 1, 2].map(|k| axis(&|ground| ground.place[k] - middle[k])),
            zenith: [0, 1, 2].map(|k| axis(&|ground| ground.zenith[k])),
            middle,
            radius_m,
            cells,
        }
    }
}

/// The mean of some places, and how far the farthest lies from it.
fn ball(cells: &[usize], all: &[Ground]) -> ([f64; 3], f64) {
    let mut middle: [f64; 3] = [0.0; 3];
    for cell in cells {
        for (sum, x) in middle.iter_mut().zip(all[*cell].place) {
            *sum += x;
        }
    }
    let middle = middle.map(|sum| sum / f64::max(cells.len() as f64, 1.0));
    let far = cells.iter().map(|i| distance(&all[*i].place, &middle));
    (middle, far.fold(0.0, f64::max))
}

/// Blocks of neighbours, none larger than [`BLOCK`] and [`BLOCK_M_MAX`]: what is larger is halved
/// across its longest axis (a tree of k dimensions, Bentley 1975).
pub(super) fn blocks(all: &[Ground]) -> Vec<Block> {
    let mut open: Vec<Vec<usize>> = vec![(0..all.len()).collect()];
    let mut blocks = Vec::new();
    while let Some(mut cells) = open.pop() {
        let is_small = |cells: &[usize]| ball(cells, all).1 <= BLOCK_M_MAX;
        if cells.len() <= 1 || cells.len() <= BLOCK && is_small(&cells) {
            // Cells of a block in one order, however they were parted.
            cells.sort_unstable();
            blocks.extend((!cells.is_empty()).then(|| Block::new(cells, all)));
            continue;
        }
        let width = [0, 1, 2].map(|k| {
            let (mut least, mut most) = (f64::MAX, f64::MIN);
            for cell in &cells {
                least = least.min(all[*cell].place[k]);
                most = most.max(all[*cell].place[k]);
            }
            most - least
        });
        let wider = |k: usize, than: usize| if width[k] > width[than] { k } else { than };
        let axis = wider(2, wider(1, 0));
        let half = cells.len() / 2;
        let place = |i: &usize| all[*i].place[axis];
        cells.select_nth_unstable_by(half, |a, b| place(a).total_cmp(&place(b)).then(a.cmp(b)));
        let other = cells.split_off(half);
        open.extend([other, cells]);
    }
    blocks
}

/// The middle and radius of all cells together.
pub(super) fn region(all: &[Ground]) -> ([f64; 3], f64) {
    let cells: Vec<usize> = (0..all.len()).collect();
    ball(&cells, all)
}
