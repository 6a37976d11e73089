//! Rows: the content an entry commits to, each behind its own random salt.
//!
//! A row's leaf is SHA-256(0x00 ‖ salt (16 bytes) ‖ row). The salt makes a withheld row unguessable
//! from its hash; destroying row and salt leaves a hash that says nothing, and every proof still
//! holds.
//!
//! A row may be committed **in parts**, so that some can be released and others withheld. Part `i`
//! has the salt SHA-256(`truce.part/v1\n` ‖ row's salt ‖ `i` as 4 bytes big-endian), cut to 16
//! bytes, and the leaf SHA-256(0x00 ‖ part's salt ‖ part). To the entry such a row is an ordinary
//! one: its content is `truce.parts/v1\n` ‖ the RFC 6962 root over the parts' leaves, and its salt
//! is that of part 2³² − 1. The row's own salt is never released: it would tell all the others.

use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::merkle::{Accumulator, Digest, MemoryTree, verify_inclusion};
use sha2::{Digest as _, Sha256};

/// Length of a salt in bytes.
pub const SALT_BYTES: usize = 16;
/// A row in more parts than this is refused: the verifier must stay quick.
pub const MAX_ROW_PARTS: usize = 1 << 16;
/// What the content of a row in parts begins with.
const PARTS_MAGIC: &[u8] = b"truce.parts/v1\n";
/// The number of the salt under which the root over the parts stands.
const ROOT_SALT: u32 = u32::MAX;

/// A salt.
pub type Salt = [u8; SALT_BYTES];

/// A batch of rows on its way into the log, in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    bytes: Vec<u8>,
    /// Lengths of the parts of all rows.
    parts: Vec<u32>,
    /// Per row where its bytes and its parts end.
    ends: Vec<(usize, usize)>,
}

impl Rows {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one row, committed to as a whole.
    pub fn push(&mut self, row: &[u8]) {
        self.push_parts(row, &[]);
    }

    /// Adds one row, committed to in parts of the given lengths in bytes. No parts: as a whole.
    ///
    /// # Panics
    /// When the parts are not the row, or more than [`MAX_ROW_PARTS`].
    pub fn push_parts(&mut self, row: &[u8], parts: &[u32]) {
        let len: usize = parts.iter().map(|len| *len as usize).sum();
        assert!(
            parts.is_empty() || (len == row.len() && parts.len() <= MAX_ROW_PARTS),
            "the parts of a row make up the row"
        );
        self.bytes.extend_from_slice(row);
        self.parts.extend_from_slice(parts);
        self.ends.push((self.bytes.len(), self.parts.len()));
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Length of all rows together, in bytes.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets the rows and keeps the allocation.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.parts.clear();
        self.ends.clear();
    }

    /// The rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.iter_parts().map(|(row, _)| row)
    }

    /// The rows in order, each with the lengths of its parts.
    pub(crate) fn iter_parts(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u32])> {
        self.ends.iter().enumerate().map(|(i, (bytes, parts))| {
            let (from, from_part) = i.checked_sub(1).map_or((0, 0), |before| self.ends[before]);
            (&self.bytes[from..*bytes], &self.parts[from_part..*parts])
        })
    }
}

impl<R: AsRef<[u8]>> FromIterator<R> for Rows {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut all = Rows::new();
        for row in rows {
            all.push(row.as_ref());
        }
        all
    }
}

/// One row as it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Committed to as a whole.
    Whole {
        /// The random salt.
        salt: Salt,
        /// The row's bytes.
        bytes: Vec<u8>,
    },
    /// Committed to in parts.
    Parts {
        /// The random salt from which the parts' salts are made.
        salt: Salt,
        /// The row's bytes: all parts behind one another.
        bytes: Vec<u8>,
        /// Lengths of the parts in bytes.
        parts: Vec<u32>,
    },
    /// Lawfully erased: only the leaf is left.
    Erased {
        /// The leaf hash the row had.
        leaf: Digest,
    },
}

impl Row {
    /// The row's leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        match self {
            Row::Whole { salt, bytes } => row_leaf(salt, bytes, None),
            Row::Parts { salt, bytes, parts } => {
                let parts = parts.iter().map(|len| *len as usize);
                row_leaf(salt, bytes, Some(&mut parts.into_iter()))
            }
            Row::Erased { leaf } => *leaf,
        }
    }

    /// The row's bytes; `None` when they were erased.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Row::Whole { bytes, .. } | Row::Parts { bytes, .. } => Some(bytes),
            Row::Erased { .. } => None,
        }
    }
}

/// The leaf of a row, with the lengths of its parts when it is committed to in parts.
pub(crate) fn row_leaf(
    salt: &Salt,
    bytes: &[u8],
    parts: Option<&mut dyn Iterator<Item = usize>>,
) -> Digest {
    let Some(parts) = parts else {
        return salted_leaf(salt, bytes);
    };
    let (mut tree, mut rest) = (Accumulator::new(), bytes);
    for (number, len) in (0u32..).zip(parts) {
        let part = rest.split_off(..len).unwrap_or_default();
        tree.push(salted_leaf(&part_salt(salt, number), part));
    }
    let (salt, content) = parts_content(salt, tree.root());
    salted_leaf(&salt, &content)
}

/// SHA-256(0x00 ‖ salt ‖ bytes), without joining them.
pub(crate) fn salted_leaf(salt: &Salt, bytes: &[u8]) -> Digest {
    Sha256::new()
        .chain_update([0])
        .chain_update(salt)
        .chain_update(bytes)
        .finalize()
        .into()
}

/// The salt of one part.
pub(crate) fn part_salt(salt: &Salt, number: u32) -> Salt {
    let digest: Digest = Sha256::new()
        .chain_update(b"truce.part/v1\n")
        .chain_update(salt)
        .chain_update(number.to_be_bytes())
        .finalize()
        .into();
    *digest
        .first_chunk()
        .expect("a digest is longer than a salt")
}

/// Salt and content of a row in parts, as the entry commits to it.
pub(crate) fn parts_content(salt: &Salt, root: Digest) -> (Salt, Vec<u8>) {
    (
        part_salt(salt, ROOT_SALT),
        [PARTS_MAGIC, root.as_slice()].concat(),
    )
}

/// The content of a row in parts from the leaves of its parts.
pub(crate) fn content_of_parts(leaves: &[Digest]) -> Vec<u8> {
    [PARTS_MAGIC, crate::merkle::root_of(leaves).as_slice()].concat()
}

/// The tree over an entry's rows; its root is the entry's payload commitment.
#[must_use]
pub fn row_tree(rows: &[Row]) -> MemoryTree {
    MemoryTree::new(rows.iter().map(Row::leaf).collect())
}

/// The inclusion proof of row `index` among `rows`. For several rows of one entry take
/// [`row_tree`] once.
///
/// # Errors
/// [`Error::OutOfRange`] when there is no such row.
pub fn row_proof(rows: &[Row], index: usize) -> Result<Vec<Digest>> {
    row_tree(rows).inclusion(index as u64)
}

/// Verifies that a row with this leaf is row `index` of those that `entry` commits to.
///
/// # Errors
/// [`Error::Proof`].
pub fn verify_row(entry: &Entry, index: u32, leaf: &Digest, path: &[Digest]) -> Result<()> {
    let (index, count) = (u64::from(index), u64::from(entry.row_count));
    verify_inclusion(leaf, index, count, path, &entry.payload_root).map_err(|e| match e {
        Error::Proof { what, .. } => Error::Proof { proof: "row", what },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    #[test]
    fn rows_keep_their_borders() {
        let mut rows: Rows = ["one", "", "three"].into_iter().collect();
        rows.push_parts(b"in parts", &[2, 0, 6]);
        assert_eq!(
            rows.iter().collect::<Vec<_>>(),
            [b"one".as_slice(), b"", b"three", b"in parts"]
        );
        let parts: Vec<_> = rows.iter_parts().map(|(_, parts)| parts).collect();
        assert_eq!(parts, [&[][..], &[], &[], &[2, 0, 6]]);
        assert_eq!(
            (rows.len(), rows.byte_len(), rows.is_empty()),
            (4, 16, false)
        );
    }

    #[test]
    fn a_row_in_parts_is_an_ordinary_row_over_its_parts() {
        let (salt, bytes, parts) = ([9; SALT_BYTES], b"namevalue".to_vec(), vec![4, 5]);
        let row = Row::Parts { salt, bytes, parts };
        let part = |number: u32, bytes: &[u8]| {
            let mut salted = b"truce.part/v1\n".to_vec();
            salted.extend([9; 16]);
            salted.extend(number.to_be_bytes());
            [&crate::merkle::sha256(&salted)[..16], bytes].concat()
        };
        let leaves = [leaf_hash(&part(0, b"name")), leaf_hash(&part(1, b"value"))];
        let root = crate::merkle::node_hash(&leaves[0], &leaves[1]);
        let content = [b"truce.parts/v1\n".as_slice(), &root].concat();
        assert_eq!(row.leaf(), leaf_hash(&part(u32::MAX, &content)));
        assert_eq!(content_of_parts(&leaves), content);
    }

    #[test]
    fn each_row_is_proven_and_no_other_passes_for_it() {
        let rows: Vec<Row> = (0u8..11)
            .map(|i| match i % 3 {
                0 => Row::Erased { leaf: [i; 32] },
                1 => Row::Parts {
                    salt: [i; 16],
                    bytes: vec![i; 9],
                    parts: vec![3, 3, 3],
                },
                _ => Row::Whole {
                    salt: [i; 16],
                    bytes: vec![i; 9],
                },
            })
            .collect();
        let entry = Entry {
            class: 0,
            log_time_ns: 0,
            submitter: [0; 32],
            agreement: [0; 32],
            policy: [0; 32],
            payload_root: row_tree(&rows).root(),
            row_count: 11,
            signature: [0; 64],
        };
        for (i, row) in (0u32..).zip(&rows) {
            let path = row_proof(&rows, i as usize).unwrap();
            verify_row(&entry, i, &row.leaf(), &path).unwrap();
            assert!(verify_row(&entry, (i + 1) % 11, &row.leaf(), &path).is_err());
            let resalted = Row::Whole {
                salt: [99; 16],
                bytes: row.bytes().unwrap_or_default().to_vec(),
            };
            assert!(verify_row(&entry, i, &resalted.leaf(), &path).is_err());
        }
        assert!(row_proof(&rows, 11).is_err());
    }
}
