//! The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, proofs and their verification.
//!
//! Pure functions over digests; where the nodes are stored is the caller's affair. Proof
//! generation asks a callback for the hash of complete subtrees only, so the same code serves
//! tiles on disk and rows in memory.

use crate::error::{Error, Result};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// No tree has more levels than this: sizes are 64-bit.
pub const MAX_PROOF_HASHES: usize = 64;

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// The root of the tree with no leaves: SHA-256 of nothing (RFC 6962 §2.1).
#[must_use]
pub fn empty_root() -> Digest {
    sha256(&[])
}

/// The hash of a leaf: SHA-256(0x00 ‖ data) (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    Sha256::new()
        .chain_update([0x00])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut block = [0u8; 65];
    block[0] = 0x01;
    block[1..33].copy_from_slice(left);
    block[33..].copy_from_slice(right);
    sha256(&block)
}

/// A growing tree that remembers only its right edge: the roots of the complete subtrees that
/// make up its size in binary, left (largest) to right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accumulator {
    size: u64,
    peaks: Vec<Digest>,
}

impl Accumulator {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .peaks
                .pop()
                .expect("a set bit of the size has its peak");
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Number of leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        fold_peaks(&self.peaks)
    }

    /// Forgets all leaves and keeps the allocation.
    pub fn clear(&mut self) {
        self.size = 0;
        self.peaks.clear();
    }
}

/// The root of a tree from its complete subtrees, largest first.
pub(crate) fn fold_peaks(peaks: &[Digest]) -> Digest {
    let Some((last, rest)) = peaks.split_last() else {
        return empty_root();
    };
    rest.iter()
        .rev()
        .fold(*last, |right, left| node_hash(left, &right))
}

/// The root over leaf hashes.
#[must_use]
pub fn root_of(leaves: &[Digest]) -> Digest {
    let mut tree = Accumulator::new();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

/// Gives the hash of the complete subtree of `2^level` leaves that starts at leaf
/// `index * 2^level`.
pub(crate) type Nodes<'a> = dyn FnMut(u32, u64) -> Result<Digest> + 'a;

/// The largest power of two smaller than `n`, for `n ≥ 2` (the split of RFC 6962 §2.1).
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root over leaves `lo..hi`, where `lo` is a multiple of every split below it.
fn range_root(lo: u64, hi: u64, nodes: &mut Nodes<'_>) -> Result<Digest> {
    let n = hi - lo;
    if n.is_power_of_two() {
        let level = n.trailing_zeros();
        return nodes(level, lo >> level);
    }
    let k = split(n);
    let left = range_root(lo, lo + k, nodes)?;
    let right = range_root(lo + k, hi, nodes)?;
    Ok(node_hash(&left, &right))
}

/// The root of the tree of `size` leaves.
pub(crate) fn root_from(size: u64, nodes: &mut Nodes<'_>) -> Result<Digest> {
    if size == 0 {
        Ok(empty_root())
    } else {
        range_root(0, size, nodes)
    }
}

/// `PATH(index, D[size])` of RFC 6962 §2.1.1: the sibling hashes from the leaf up to the root.
pub(crate) fn inclusion_path(index: u64, size: u64, nodes: &mut Nodes<'_>) -> Result<Vec<Digest>> {
    if index >= size {
        return Err(Error::OutOfRange {
            what: "index",
            got: index,
            size,
        });
    }
    let (mut lo, mut hi) = (0, size);
    let mut path = Vec::new();
    while hi - lo > 1 {
        let k = split(hi - lo);
        if index < lo + k {
            path.push(range_root(lo + k, hi, nodes)?);
            hi = lo + k;
        } else {
            path.push(range_root(lo, lo + k, nodes)?);
            lo += k;
        }
    }
    path.reverse();
    Ok(path)
}

/// `PROOF(old, D[new])` of RFC 6962 §2.1.2: that the tree of `new` leaves extends that of `old`.
/// Empty for `old == 0` (everything extends nothing) and for `old == new`.
pub(crate) fn consistency_path(old: u64, new: u64, nodes: &mut Nodes<'_>) -> Result<Vec<Digest>> {
    if old > new {
        return Err(Error::OutOfRange {
            what: "old size",
            got: old,
            size: new,
        });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut lo, mut hi) = (0, new);
    let mut path = Vec::new();
    let mut whole = true;
    while old != hi {
        let k = split(hi - lo);
        if old <= lo + k {
            path.push(range_root(lo + k, hi, nodes)?);
            hi = lo + k;
        } else {
            path.push(range_root(lo, lo + k, nodes)?);
            lo += k;
            whole = false;
        }
    }
    if !whole {
        path.push(range_root(lo, hi, nodes)?);
    }
    path.reverse();
    Ok(path)
}

/// Verifies an inclusion proof (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`Error::Proof`] when `leaf` at `index` does not lead to `root` of `size` leaves.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<()> {
    let fail = |what| {
        Err(Error::Proof {
            proof: "inclusion",
            what,
        })
    };
    if index >= size {
        return fail("the index is not below the size");
    }
    let (mut fnode, mut snode) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if snode == 0 {
            return fail("too many hashes");
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = node_hash(sibling, &hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    match (snode, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => fail("it leads to another root"),
        _ => fail("too few hashes"),
    }
}

/// Verifies a consistency proof (RFC 9162 §2.1.4.2). From the empty tree only the empty root and
/// the empty proof are accepted.
///
/// # Errors
/// [`Error::Proof`] when the tree of `new_root` is not shown to extend that of `old_root`.
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    path: &[Digest],
) -> Result<()> {
    let fail = |what| {
        Err(Error::Proof {
            proof: "consistency",
            what,
        })
    };
    if old > new {
        return fail("the old size is above the new");
    }
    if old == new || old == 0 {
        let roots_fit = if old == new {
            old_root == new_root
        } else {
            *old_root == empty_root()
        };
        return match (path.is_empty(), roots_fit) {
            (true, true) => Ok(()),
            (false, _) => fail("hashes where none belong"),
            (true, false) => fail("the roots differ"),
        };
    }
    let with_old;
    let path = if old.is_power_of_two() {
        with_old = [std::slice::from_ref(old_root), path].concat();
        with_old.as_slice()
    } else {
        path
    };
    let Some((first, rest)) = path.split_first() else {
        return fail("no hashes");
    };
    let shift = (old - 1).trailing_ones();
    let (mut fnode, mut snode) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut from_old, mut from_new) = (*first, *first);
    for hash in rest {
        if snode == 0 {
            return fail("too many hashes");
        }
        if fnode & 1 == 1 || fnode == snode {
            from_old = node_hash(hash, &from_old);
            from_new = node_hash(hash, &from_new);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, hash);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode != 0 {
        return fail("too few hashes");
    }
    if from_old != *old_root {
        return fail("it leads to another old root");
    }
    if from_new != *new_root {
        return fail("it leads to another new root");
    }
    Ok(())
}

/// A whole tree in memory: every complete subtree of a list of leaves. Used for the rows of one
/// entry, whose number is bounded.
#[derive(Debug, Clone)]
pub struct MemoryTree {
    levels: Vec<Vec<Digest>>,
}

impl MemoryTree {
    /// Hashes all complete subtrees over `leaves`.
    #[must_use]
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let above = below
                .chunks_exact(2)
                .map(|pair| node_hash(&pair[0], &pair[1]));
            let above = above.collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    fn node(&self, level: u32, index: u64) -> Result<Digest> {
        let level = self.levels.get(level as usize);
        let found = level.and_then(|nodes| nodes.get(usize::try_from(index).ok()?));
        found.copied().ok_or(Error::OutOfRange {
            what: "node",
            got: index,
            size: self.size(),
        })
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        root_from(self.size(), &mut |level, index| self.node(level, index))
            .expect("a memory tree holds every complete subtree below its size")
    }

    /// The inclusion proof of leaf `index`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there is no such leaf.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Digest>> {
        inclusion_path(index, self.size(), &mut |level, index| {
            self.node(level, index)
        })
    }

    /// The inclusion proof of leaf `index` in the tree of the first `size` leaves.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there is no such leaf or size.
    pub fn inclusion_at(&self, index: u64, size: u64) -> Result<Vec<Digest>> {
        inclusion_path(index, size, &mut |level, index| self.node(level, index))
    }

    /// The consistency proof from the first `old` leaves to the first `new`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when the sizes are not in order or not in the tree.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>> {
        consistency_path(old, new, &mut |level, index| self.node(level, index))
    }
}

#[cfg(test)]
mod tests;
