//! Entries → tiles: a growing tree that hands out each tile when it is full, and the partial ones
//! on request. It keeps at most 255 hashes per tile level and the current bundle.

use crate::error::Result;
use crate::merkle::{Digest, MemoryTree, fold_peaks, leaf_hash, root_of};
use crate::tile::{TILE_WIDTH, TileId, TileKind, push_bundle_entry};

/// Takes a tile and its bytes.
pub(crate) type TileSink<'a> = dyn FnMut(TileId, &[u8]) -> Result<()> + 'a;

#[derive(Debug, Clone, Default)]
pub(crate) struct TreeBuilder {
    size: u64,
    /// Per tile level the hashes of the tile that is not full yet.
    levels: Vec<Vec<Digest>>,
    bundle: Vec<u8>,
}

impl TreeBuilder {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds an entry; full tiles go to the sink, the bundle first.
    pub(crate) fn push(&mut self, entry: &[u8], sink: &mut TileSink<'_>) -> Result<()> {
        push_bundle_entry(&mut self.bundle, entry)?;
        self.push_leaf(leaf_hash(entry), sink)
    }

    /// Adds an entry known by its leaf hash; its bundle is then not complete.
    pub(crate) fn push_leaf(&mut self, leaf: Digest, sink: &mut TileSink<'_>) -> Result<()> {
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        self.levels[0].push(leaf);
        self.size += 1;
        if self.levels[0].len() == usize::from(TILE_WIDTH) {
            let index = self.size / u64::from(TILE_WIDTH) - 1;
            sink(
                TileId {
                    kind: TileKind::Entries,
                    index,
                    width: TILE_WIDTH,
                },
                &self.bundle,
            )?;
            self.bundle.clear();
            self.carry(sink)?;
        }
        Ok(())
    }

    fn carry(&mut self, sink: &mut TileSink<'_>) -> Result<()> {
        let mut level = 0u8;
        while self.levels[usize::from(level)].len() == usize::from(TILE_WIDTH) {
            let hashes = std::mem::take(&mut self.levels[usize::from(level)]);
            let index = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            let tile = TileId {
                kind: TileKind::Hashes(level),
                index,
                width: TILE_WIDTH,
            };
            sink(tile, hashes.as_flattened())?;
            level += 1;
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            self.levels[usize::from(level)].push(root_of(&hashes));
        }
        Ok(())
    }

    /// Hands out the partial tiles at the present size, the bundle first.
    pub(crate) fn partials(&self, sink: &mut TileSink<'_>) -> Result<()> {
        let width = |hashes: usize| u16::try_from(hashes).expect("below 256");
        if let Some(leaves) = self.levels.first().filter(|leaves| !leaves.is_empty()) {
            let index = self.size / u64::from(TILE_WIDTH);
            let tile = TileId {
                kind: TileKind::Entries,
                index,
                width: width(leaves.len()),
            };
            sink(tile, &self.bundle)?;
        }
        for (level, hashes) in (0u8..).zip(&self.levels) {
            if !hashes.is_empty() {
                let index = self.size >> (8 * (u32::from(level) + 1));
                let kind = TileKind::Hashes(level);
                sink(
                    TileId {
                        kind,
                        index,
                        width: width(hashes.len()),
                    },
                    hashes.as_flattened(),
                )?;
            }
        }
        Ok(())
    }

    /// The root at the present size.
    pub(crate) fn root(&self) -> Digest {
        let peaks: Vec<Digest> = self
            .levels
            .iter()
            .rev()
            .flat_map(|hashes| peaks_of(hashes))
            .collect();
        fold_peaks(&peaks)
    }
}

/// The roots of the complete subtrees that make up `hashes`, largest first.
fn peaks_of(mut hashes: &[Digest]) -> Vec<Digest> {
    let mut peaks = Vec::new();
    while !hashes.is_empty() {
        let (complete, rest) = hashes.split_at(1 << hashes.len().ilog2());
        peaks.push(MemoryTree::new(complete.to_vec()).root());
        hashes = rest;
    }
    peaks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::Accumulator;
    use crate::tile::{parse_bundle, parse_hashes, tile_at};
    use std::collections::BTreeMap;

    #[test]
    fn roots_and_tiles_fit_at_every_size() {
        let (mut builder, mut reference) = (TreeBuilder::default(), Accumulator::new());
        let mut full = BTreeMap::new();
        assert_eq!(builder.root(), reference.root());
        for i in 0u32..66_000 {
            let entry = i.to_be_bytes();
            let mut keep = |id: TileId, bytes: &[u8]| {
                assert!(full.insert(id, bytes.to_vec()).is_none(), "{id:?} twice");
                Ok(())
            };
            builder.push(&entry, &mut keep).unwrap();
            reference.push(leaf_hash(&entry));
            if i < 600 || (65_500..65_600).contains(&i) {
                assert_eq!(builder.root(), reference.root(), "size {}", i + 1);
            }
        }
        let mut all = full.clone();
        let mut keep = |id: TileId, bytes: &[u8]| {
            all.insert(id, bytes.to_vec());
            Ok(())
        };
        builder.partials(&mut keep).unwrap();
        for (id, bytes) in &all {
            assert_eq!(tile_at(id.kind, id.index, 66_000), Some(*id));
            let count = match id.kind {
                TileKind::Hashes(_) => parse_hashes(bytes).unwrap().len(),
                TileKind::Entries => parse_bundle(bytes).unwrap().len(),
            };
            assert_eq!(count, usize::from(id.width), "{id:?}");
        }
        // 257 full tiles and a partial one twice, 1 full and 1 partial above, 1 partial on top.
        assert_eq!((full.len(), all.len()), (257 * 2 + 1, 258 * 2 + 2 + 1));
    }
}
