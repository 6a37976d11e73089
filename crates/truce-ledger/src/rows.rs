//! Rows: the content an entry commits to, each behind its own random salt.
//!
//! A row's leaf is `salt(16 B) ‖ row`. The salt makes a withheld row unguessable from its hash;
//! destroying row and salt leaves a hash that says nothing, and every proof still holds.

use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::merkle::{Digest, MemoryTree, leaf_hash, verify_inclusion};

/// Length of a salt in bytes.
pub const SALT_BYTES: usize = 16;

/// A batch of rows on its way into the log, in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Rows {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one row.
    pub fn push(&mut self, row: &[u8]) {
        self.bytes.extend_from_slice(row);
        self.ends.push(self.bytes.len());
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
        self.ends.clear();
    }

    /// The rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.ends.iter().enumerate().map(|(i, end)| {
            let start = if i == 0 { 0 } else { self.ends[i - 1] };
            &self.bytes[start..*end]
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
pub struct Row {
    /// The random salt.
    pub salt: [u8; SALT_BYTES],
    /// The row's bytes.
    pub bytes: Vec<u8>,
}

impl Row {
    /// The row's leaf hash: SHA-256(0x00 ‖ salt ‖ row).
    #[must_use]
    pub fn leaf(&self) -> Digest {
        leaf_hash(&[self.salt.as_slice(), &self.bytes].concat())
    }
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

/// Verifies that `row` is row `index` of those that `entry` commits to.
///
/// # Errors
/// [`Error::Proof`].
pub fn verify_row(entry: &Entry, index: u32, row: &Row, path: &[Digest]) -> Result<()> {
    let (index, count) = (u64::from(index), u64::from(entry.row_count));
    verify_inclusion(&row.leaf(), index, count, path, &entry.payload_root).map_err(|e| match e {
        Error::Proof { what, .. } => Error::Proof { proof: "row", what },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_borders() {
        let rows: Rows = ["one", "", "three"].into_iter().collect();
        assert_eq!(
            rows.iter().collect::<Vec<_>>(),
            [b"one".as_slice(), b"", b"three"]
        );
        assert_eq!(
            (rows.len(), rows.byte_len(), rows.is_empty()),
            (3, 8, false)
        );
    }

    #[test]
    fn each_row_is_proven_and_no_other_passes_for_it() {
        let rows: Vec<Row> = (0u8..11)
            .map(|i| Row {
                salt: [i; 16],
                bytes: vec![i; 9],
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
            verify_row(&entry, i, row, &path).unwrap();
            assert!(verify_row(&entry, (i + 1) % 11, row, &path).is_err());
            let resalted = Row {
                salt: [99; 16],
                ..row.clone()
            };
            assert!(verify_row(&entry, i, &resalted, &path).is_err());
        }
        assert!(row_proof(&rows, 11).is_err());
    }
}
