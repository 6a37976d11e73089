//! Segments: the write-ahead log and the evidence store in one.
//!
//! A segment file `segments/<first entry index, 20 digits>.seg` is a header and frames, one frame
//! per entry. All numbers are big-endian.
//!
//! | header offset | bytes | field |
//! |-----:|------:|-------|
//! | 0 | 8 | `TRUCESG2` |
//! | 8 | 8 | index of the first entry |
//! | 16 | 16 | random nonce |
//! | 32 | 32 | digest of the previous segment; zeros in the first |
//! | 64 | 32 | SHA-256 of bytes 0 to 64 |
//!
//! | frame offset | bytes | field |
//! |-----:|------:|-------|
//! | 0 | 4 | first 4 bytes of the nonce |
//! | 4 | 4 | length of the body |
//! | 8 | 8 | entry index |
//! | 16 | 8 | entries acknowledged when the frame was written |
//! | 24 | 16 | first half of SHA-256(nonce ‖ frame's offset in the file (8) ‖ bytes 4 to 24 ‖ entry) |
//! | 40 | 206 | the entry, which commits to the rows |
//! | 246 | … | the rows |
//!
//! | row offset | bytes | field |
//! |-----:|------:|-------|
//! | 0 | 4 | length n of the content; bit 31: erased, bit 30: in parts |
//! | 4 | 16 | salt |
//! | 20 | max(n, 16) | content, with zeros up to 16 bytes; in parts: their number (4) and lengths (4 each), then the row |
//!
//! An erased row keeps its room, which is then its length; in the place of salt and content stand its leaf hash and zeros.
//! Neither the check value nor the **digest of a segment** covers salts and contents themselves: the
//! entry's commitment does. The digest is SHA-256 over the segment's header and, of each frame, the
//! first 246 bytes. So both stay the same when a row is erased, and still fix every row.
//!
//! Marker and check value hang on the nonce, the check also on the offset, so no row's content can
//! pass for a frame, nor make a search for the next frame slow.
//! The acknowledged count tells a torn tail from damage: a bad frame that a later good one calls
//! acknowledged is damage.

mod frame;
mod row;
mod walk;

use crate::disk::Folder;
use crate::error::{Error, Result};
use crate::merkle::Digest;
use sha2::{Digest as _, Sha256};

pub use frame::MAX_FRAME_BODY_BYTES;
pub(crate) use frame::{
    FRAME_FIXED_BYTES, FRAME_HEADER_BYTES, FrameHeader, body_entry, body_rows, check_rows,
    find_frame, frame_at, seal_frame,
};
pub(crate) use row::{StoredRow, StoredRows, push_row, row_bytes_max};
pub(crate) use walk::SegmentFile;

/// The directory of the segments.
pub(crate) const SEGMENTS: &str = "segments";
/// Length of a segment's header in bytes.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 96;
/// A segment is never longer than this, whatever bound the caller names; recovery and audit hold
/// one segment in memory.
pub const MAX_SEGMENT_BYTES: u64 = 256 << 20;

const SEGMENT_MAGIC: &[u8; 8] = b"TRUCESG2";

/// A segment that will not change any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedSegment {
    /// Index of its first entry.
    pub first: u64,
    /// Number of entries in it.
    pub entries: u64,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Digest of the segment: SHA-256 over its header and each frame's header and entry. It fixes
    /// every row and stays when one is erased.
    pub digest: Digest,
}

/// The file name of the segment that begins with entry `first`.
pub(crate) fn segment_name(first: u64) -> String {
    format!("{SEGMENTS}/{first:020}.seg")
}

/// The first entry indexes of all segments, in order. Files of other names are left alone.
pub(crate) fn list_segments(folder: &Folder) -> Result<Vec<u64>> {
    let first = |name: &String| {
        let digits = name
            .strip_suffix(".seg")
            .filter(|digits| digits.len() == 20)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    Ok(folder.list(SEGMENTS)?.iter().filter_map(first).collect())
}

/// The first entry index of the segment that holds entry `index`.
pub(crate) fn segment_of(folder: &Folder, index: u64) -> Result<u64> {
    let segments = list_segments(folder)?;
    let at = segments.partition_point(|first| *first <= index);
    let none = || Error::Damaged {
        file: folder.path(&segment_name(0)),
        offset: 0,
        entry: index,
        what: "the segment is not there".into(),
    };
    Ok(segments[at.checked_sub(1).ok_or_else(none)?])
}

/// What stands at the beginning of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first: u64,
    pub(crate) nonce: [u8; 16],
    pub(crate) previous: Digest,
}

impl SegmentHeader {
    pub(crate) fn to_bytes(self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(SEGMENT_MAGIC);
        bytes[8..16].copy_from_slice(&self.first.to_be_bytes());
        bytes[16..32].copy_from_slice(&self.nonce);
        bytes[32..64].copy_from_slice(&self.previous);
        let check: Digest = Sha256::digest(&bytes[..64]).into();
        bytes[64..].copy_from_slice(&check);
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<SegmentHeader> {
        let header: &[u8; SEGMENT_HEADER_BYTES] = bytes.first_chunk()?;
        let parsed = SegmentHeader {
            first: u64::from_be_bytes(header[8..16].try_into().ok()?),
            nonce: header[16..32].try_into().ok()?,
            previous: header[32..64].try_into().ok()?,
        };
        (parsed.to_bytes() == *header).then_some(parsed)
    }
}
/// The digest of a segment of whole frames; see the module's text.
pub(crate) struct SegmentDigest(Sha256);

impl SegmentDigest {
    pub(crate) fn new(header: &[u8; SEGMENT_HEADER_BYTES]) -> SegmentDigest {
        SegmentDigest(Sha256::new().chain_update(header))
    }

    pub(crate) fn frame(&mut self, frame: &[u8]) {
        self.0.update(&frame[..FRAME_FIXED_BYTES]);
    }

    /// The digest so far.
    pub(crate) fn value(&self) -> Digest {
        self.0.clone().finalize().into()
    }

    /// Over a segment in memory, as far as it consists of frames by their lengths.
    pub(crate) fn over(segment: &[u8]) -> Option<SegmentDigest> {
        let (header, mut rest) = segment.split_first_chunk()?;
        let nonce = SegmentHeader::parse(header)?.nonce;
        let mut digest = Self::new(header);
        while !rest.is_empty() {
            let len = usize::try_from(FrameHeader::parse(rest, &nonce)?.frame()).ok()?;
            let (frame, behind) = rest.split_at_checked(len)?;
            digest.frame(frame);
            rest = behind;
        }
        Some(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_round_trip_and_notice_every_bit() {
        let header = SegmentHeader {
            first: 300,
            nonce: [1; 16],
            previous: [2; 32],
        };
        let bytes = header.to_bytes();
        assert_eq!(SegmentHeader::parse(&bytes), Some(header));
        for bit in 0..SEGMENT_HEADER_BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SegmentHeader::parse(&flipped), None, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = SegmentHeader::parse(&bytes);
        }
    }
}
