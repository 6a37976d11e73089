//! A frame: one entry with its rows, and how a good one is told from a torn or damaged one.

use super::row::StoredRows;
use crate::entry::{ENTRY_BYTES, Entry, EntryBytes};
use crate::error::{Error, Result};
use crate::merkle::{Accumulator, Digest};
use crate::rows::Row;
use sha2::{Digest as _, Sha256};

/// Length of a frame's header in bytes.
pub(crate) const FRAME_HEADER_BYTES: usize = 40;
/// Length of what stands in front of the rows: frame header and entry.
pub(crate) const FRAME_FIXED_BYTES: usize = FRAME_HEADER_BYTES + ENTRY_BYTES;
/// A frame's body is refused above this length: a whole frame must fit in memory several times.
pub const MAX_FRAME_BODY_BYTES: usize = 64 << 20;

/// Length of the marker at the beginning of a frame.
const MARKER_BYTES: usize = 4;

/// What stands at the beginning of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) body_len: u32,
    pub(crate) index: u64,
    pub(crate) acknowledged: u64,
    pub(crate) check: [u8; 16],
}

impl FrameHeader {
    pub(crate) fn parse(bytes: &[u8], nonce: &[u8; 16]) -> Option<FrameHeader> {
        let header: &[u8; FRAME_HEADER_BYTES] = bytes.first_chunk()?;
        let parsed = FrameHeader {
            body_len: u32::from_be_bytes(header[4..8].try_into().ok()?),
            index: u64::from_be_bytes(header[8..16].try_into().ok()?),
            acknowledged: u64::from_be_bytes(header[16..24].try_into().ok()?),
            check: header[24..40].try_into().ok()?,
        };
        let fits = (ENTRY_BYTES..=MAX_FRAME_BODY_BYTES).contains(&parsed.body());
        (header[..MARKER_BYTES] == nonce[..MARKER_BYTES] && fits).then_some(parsed)
    }

    /// Length of the body in bytes.
    pub(crate) fn body(&self) -> usize {
        self.body_len as usize
    }

    /// Length of the whole frame in bytes.
    pub(crate) fn frame(&self) -> u64 {
        FRAME_HEADER_BYTES as u64 + u64::from(self.body_len)
    }

    pub(super) fn verifies(&self, nonce: &[u8; 16], offset: u64, frame: &[u8]) -> bool {
        frame_check(nonce, offset, frame) == self.check
    }
}

/// The check value of a frame whose other fields and entry are filled in.
fn frame_check(nonce: &[u8; 16], offset: u64, frame: &[u8]) -> [u8; 16] {
    let digest: Digest = Sha256::new()
        .chain_update(nonce)
        .chain_update(offset.to_be_bytes())
        .chain_update(&frame[4..24])
        .chain_update(&frame[FRAME_HEADER_BYTES..FRAME_FIXED_BYTES])
        .finalize()
        .into();
    *digest
        .first_chunk()
        .expect("a digest is longer than a check value")
}

/// Fills in the header of a frame whose body stands behind 40 free bytes.
pub(crate) fn seal_frame(
    frame: &mut [u8],
    nonce: &[u8; 16],
    offset: u64,
    index: u64,
    acknowledged: u64,
) {
    let body = u32::try_from(frame.len() - FRAME_HEADER_BYTES).expect("bodies are bounded");
    frame[..MARKER_BYTES].copy_from_slice(&nonce[..MARKER_BYTES]);
    frame[4..8].copy_from_slice(&body.to_be_bytes());
    frame[8..16].copy_from_slice(&index.to_be_bytes());
    frame[16..24].copy_from_slice(&acknowledged.to_be_bytes());
    let check = frame_check(nonce, offset, frame);
    frame[24..40].copy_from_slice(&check);
}

/// The frame at `offset` of a segment held in memory, when it is whole, its check fits and its rows
/// are those that its entry commits to.
pub(crate) fn frame_at<'a>(
    segment: &'a [u8],
    offset: usize,
    nonce: &[u8; 16],
) -> Option<(FrameHeader, &'a [u8])> {
    let rest = segment.get(offset..)?;
    let header = FrameHeader::parse(rest, nonce)?;
    let frame = rest.get(..FRAME_HEADER_BYTES + header.body())?;
    let body = &frame[FRAME_HEADER_BYTES..];
    let verifies = header.verifies(nonce, offset as u64, frame) && check_rows(body).is_ok();
    verifies.then_some((header, body))
}

/// Holds the rows of a frame's body against its entry.
pub(crate) fn check_rows(body: &[u8]) -> Result<()> {
    let wrong = Error::Proof {
        proof: "row",
        what: "the rows are not those committed",
    };
    let (entry, rows) = body
        .split_first_chunk::<ENTRY_BYTES>()
        .ok_or_else(|| Error::malformed("frame", "no entry"))?;
    let entry = Entry::parse(entry)?;
    let mut tree = Accumulator::new();
    for row in StoredRows(rows) {
        tree.push(row?.leaf()?);
    }
    let committed = u64::from(entry.row_count) == tree.size() && entry.payload_root == tree.root();
    committed.then_some(()).ok_or(wrong)
}

/// The offset of the next good frame at or behind `from`.
pub(crate) fn find_frame(segment: &[u8], from: usize, nonce: &[u8; 16]) -> Option<usize> {
    let candidates = segment.get(from..)?.windows(MARKER_BYTES).enumerate();
    candidates
        .filter(|(_, window)| **window == nonce[..MARKER_BYTES])
        .map(|(at, _)| from + at)
        .find(|at| frame_at(segment, *at, nonce).is_some())
}

/// The entry at the beginning of a frame's body.
pub(crate) fn body_entry(body: &[u8]) -> Option<&EntryBytes> {
    body.first_chunk()
}

/// The rows behind the entry of a frame's body.
pub(crate) fn body_rows(body: &[u8]) -> Result<Vec<Row>> {
    let rows = body.get(ENTRY_BYTES..);
    let rows = rows.ok_or_else(|| Error::malformed("frame", "no entry"))?;
    StoredRows(rows).map(|row| row?.to_row()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{SALT_BYTES, row_leaf};
    use crate::segment::push_row;
    use proptest::prelude::*;

    fn frame(offset: u64, index: u64, rows: &[&[u8]]) -> Vec<u8> {
        let mut frame = vec![0; FRAME_FIXED_BYTES];
        let mut tree = Accumulator::new();
        for row in rows {
            let parts = [u32::try_from(row.len()).unwrap(); 1];
            let parts = if row.len() == 3 { &parts[..] } else { &[] };
            push_row(&mut frame, &[7; SALT_BYTES], row, parts);
            let mut lens = parts.iter().map(|len| *len as usize);
            let lens: Option<&mut dyn Iterator<Item = usize>> = if parts.is_empty() {
                None
            } else {
                Some(&mut lens)
            };
            tree.push(row_leaf(&[7; SALT_BYTES], row, lens));
        }
        let entry = Entry {
            class: 1,
            log_time_ns: 0,
            submitter: [0; 32],
            agreement: [0; 32],
            policy: [0; 32],
            payload_root: tree.root(),
            row_count: u32::try_from(rows.len()).unwrap(),
            signature: [0; 64],
        };
        frame[FRAME_HEADER_BYTES..FRAME_FIXED_BYTES].copy_from_slice(&entry.to_bytes());
        seal_frame(&mut frame, &[1; 16], offset, index, 5);
        frame
    }

    #[test]
    fn frames_round_trip_and_notice_every_bit_and_place() {
        let bytes = frame(0, 9, &[b"one", b"", b"three"]);
        let (header, body) = frame_at(&bytes, 0, &[1; 16]).unwrap();
        assert_eq!(
            (header.index, header.acknowledged, header.frame()),
            (9, 5, 40 + 206 + 20 + 16 + 36 + 36)
        );
        let rows = body_rows(body).unwrap();
        let contents: Vec<_> = rows.iter().filter_map(Row::bytes).collect();
        assert_eq!(contents, [b"one".as_slice(), b"", b"three"]);
        assert!(matches!(rows[0], Row::Parts { .. }));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(frame_at(&flipped, 0, &[1; 16]), None, "bit {bit}");
        }
        assert_eq!(
            frame_at(&[&[0], bytes.as_slice()].concat(), 1, &[1; 16]),
            None
        );
        assert_eq!(frame_at(&bytes, 0, &[2; 16]), None);
    }

    #[test]
    fn a_good_frame_behind_a_bad_one_is_found() {
        let first = frame(0, 0, &[b"\x01\x01\x01\x01 is also in a row"]);
        let second = frame(first.len() as u64, 1, &[b"row"]);
        let mut both = [first.clone(), second].concat();
        both[50] ^= 1;
        assert_eq!(find_frame(&both, 0, &[1; 16]), Some(first.len()));
        assert_eq!(find_frame(&both, first.len() + 1, &[1; 16]), None);
        assert_eq!(find_frame(&both, 9999, &[1; 16]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let _ = FrameHeader::parse(&bytes, &[0; 16]);
            let _ = (frame_at(&bytes, 0, &[0; 16]), body_rows(&bytes));
        }
    }
}
