//! A row inside a frame: its length and flags, its salt and its content, or what erasure left.

use crate::error::{Error, Result};
use crate::merkle::Digest;
use crate::rows::{MAX_ROW_PARTS, Row, SALT_BYTES, Salt, row_leaf};

/// Bytes in front of a row's content: its length and salt.
const ROW_HEADER_BYTES: usize = 4 + SALT_BYTES;
/// A row's content takes at least this much room, so that its leaf fits in when it is erased.
const ROW_CONTENT_BYTES_MIN: usize = 16;
/// Set in a row's length when the row was erased.
const ROW_ERASED: u32 = 1 << 31;
/// Set in a row's length when the row is committed to in parts.
const ROW_IN_PARTS: u32 = 1 << 30;

/// Salt, row, and the lengths of its parts, big-endian.
type Content<'a> = (&'a Salt, &'a [u8], Option<&'a [[u8; 4]]>);

/// One row in a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredRow<'a> {
    /// Length and flags.
    pub(crate) head: u32,
    /// Salt, content, and what fills up the room.
    pub(crate) room: &'a [u8],
}

impl<'a> StoredRow<'a> {
    pub(crate) fn is_erased(&self) -> bool {
        self.head & ROW_ERASED != 0
    }

    /// Length and flags of this row once it is erased: nothing of its length and form is left but
    /// the room it takes.
    pub(crate) fn erased_head(&self) -> u32 {
        let content = self.room.len() - SALT_BYTES;
        ROW_ERASED | u32::try_from(content).expect("a row's length has 30 bits")
    }

    /// The leaf hash, computed from salt and content unless these were erased.
    pub(crate) fn leaf(&self) -> Result<Digest> {
        let bad = |what: &str| Error::malformed("frame", what);
        if self.is_erased() {
            let (leaf, rest) = self
                .room
                .split_first_chunk()
                .ok_or_else(|| bad("no leaf"))?;
            let empty = rest.iter().all(|byte| *byte == 0);
            return empty
                .then_some(*leaf)
                .ok_or_else(|| bad("an erased row is not empty"));
        }
        let (salt, content, parts) = self.content()?;
        let Some(parts) = parts else {
            return Ok(row_leaf(salt, content, None));
        };
        let mut parts = parts.iter().map(|len| u32::from_be_bytes(*len) as usize);
        Ok(row_leaf(salt, content, Some(&mut parts)))
    }

    /// Salt, row, and the lengths of its parts, of a row that was not erased.
    fn content(&self) -> Result<Content<'a>> {
        let bad = || Error::malformed("frame", "a row is cut");
        let (salt, room) = self.room.split_first_chunk().ok_or_else(bad)?;
        let (content, filling) = room.split_at_checked(row_len(self.head)).ok_or_else(bad)?;
        if filling.iter().any(|byte| *byte != 0) {
            return Err(Error::malformed("frame", "the filling of a row"));
        }
        if self.head & ROW_IN_PARTS == 0 {
            return Ok((salt, content, None));
        }
        let (count, rest) = content.split_first_chunk().ok_or_else(bad)?;
        let count = u32::from_be_bytes(*count) as usize;
        let lens = count.checked_mul(4).filter(|_| count <= MAX_ROW_PARTS);
        let (lens, row) = lens
            .and_then(|n| rest.split_at_checked(n))
            .ok_or_else(bad)?;
        let lens = lens.as_chunks::<4>().0;
        let sum: u64 = lens
            .iter()
            .map(|len| u64::from(u32::from_be_bytes(*len)))
            .sum();
        if sum == row.len() as u64 {
            Ok((salt, row, Some(lens)))
        } else {
            Err(bad())
        }
    }

    pub(super) fn to_row(self) -> Result<Row> {
        if self.is_erased() {
            return Ok(Row::Erased { leaf: self.leaf()? });
        }
        let (salt, row, parts) = self.content()?;
        let (salt, bytes) = (*salt, row.to_vec());
        Ok(match parts {
            None => Row::Whole { salt, bytes },
            Some(parts) => {
                let parts = parts.iter().map(|len| u32::from_be_bytes(*len)).collect();
                Row::Parts { salt, bytes, parts }
            }
        })
    }
}

/// Walks the rows behind an entry; ends after its first error.
pub(crate) struct StoredRows<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for StoredRows<'a> {
    type Item = Result<StoredRow<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let row = self.0.split_first_chunk::<4>().and_then(|(head, rest)| {
            let head = u32::from_be_bytes(*head);
            let len = SALT_BYTES + row_len(head).max(ROW_CONTENT_BYTES_MIN);
            let (room, rest) = rest.split_at_checked(len)?;
            Some((StoredRow { head, room }, rest))
        });
        match row {
            Some((row, rest)) => {
                self.0 = rest;
                Some(Ok(row))
            }
            None => {
                self.0 = &[];
                Some(Err(Error::malformed("frame", "a row is cut")))
            }
        }
    }
}

fn row_len(head: u32) -> usize {
    (head & !(ROW_ERASED | ROW_IN_PARTS)) as usize
}

/// Appends a row to a frame.
pub(crate) fn push_row(frame: &mut Vec<u8>, salt: &Salt, row: &[u8], parts: &[u32]) {
    let content = row.len()
        + if parts.is_empty() {
            0
        } else {
            4 + 4 * parts.len()
        };
    let len = u32::try_from(content).expect("bounded by the frame");
    let flag = if parts.is_empty() { 0 } else { ROW_IN_PARTS };
    frame.extend_from_slice(&(len | flag).to_be_bytes());
    frame.extend_from_slice(salt);
    if !parts.is_empty() {
        let count = u32::try_from(parts.len()).expect("rows bound their parts");
        frame.extend_from_slice(&count.to_be_bytes());
        frame.extend(parts.iter().flat_map(|len| len.to_be_bytes()));
    }
    frame.extend_from_slice(row);
    let filling = ROW_CONTENT_BYTES_MIN.saturating_sub(content);
    frame.extend_from_slice(&[0; ROW_CONTENT_BYTES_MIN][..filling]);
}

/// The most bytes a row can take in a frame.
pub(crate) fn row_bytes_max(row: usize, parts: usize) -> usize {
    ROW_HEADER_BYTES + ROW_CONTENT_BYTES_MIN + 4 + 4 * parts + row
}
