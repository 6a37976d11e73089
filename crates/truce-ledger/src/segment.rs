//! Segments: the write-ahead log and the evidence store in one.
//!
//! A segment file `segments/<first entry index, 20 digits>.seg` is a header and frames, one frame
//! per entry. All numbers are big-endian.
//!
//! | header offset | bytes | field |
//! |-----:|------:|-------|
//! | 0 | 8 | `TRUCESG1` |
//! | 8 | 8 | index of the first entry |
//! | 16 | 16 | random nonce |
//! | 32 | 32 | SHA-256 of the whole previous segment; zeros in the first |
//! | 64 | 32 | SHA-256 of bytes 0 to 64 |
//!
//! | frame offset | bytes | field |
//! |-----:|------:|-------|
//! | 0 | 4 | first 4 bytes of the nonce |
//! | 4 | 4 | length of the body |
//! | 8 | 8 | entry index |
//! | 16 | 8 | entries acknowledged when the frame was written |
//! | 24 | 16 | first half of SHA-256(nonce ‖ frame's offset in the file (8) ‖ bytes 4 to 24 ‖ body) |
//! | 40 | … | body: the entry (206), then per row its length (4), salt (16) and bytes |
//!
//! Marker and check value hang on the nonce, the check also on the offset, so no row's content can
//! pass for a frame, nor make a search for the next frame slow.
//! The acknowledged count tells a torn tail from damage: a bad frame that a later good one calls
//! acknowledged is damage. The highest bit of a row's length is reserved for erased rows.

use crate::disk::{DiskFile, Folder, read_full};
use crate::entry::{ENTRY_BYTES, EntryBytes};
use crate::error::{Error, Result};
use crate::merkle::Digest;
use crate::rows::{Row, SALT_BYTES};
use sha2::{Digest as _, Sha256};

/// The directory of the segments.
pub(crate) const SEGMENTS: &str = "segments";
/// Length of a segment's header in bytes.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 96;
/// Length of a frame's header in bytes.
pub(crate) const FRAME_HEADER_BYTES: usize = 40;
/// Bytes in front of a row's content: its length and salt.
pub(crate) const ROW_HEADER_BYTES: usize = 4 + SALT_BYTES;
/// A frame's body is refused above this length: a whole frame must fit in memory several times.
pub const MAX_FRAME_BODY_BYTES: usize = 64 << 20;
/// A segment is never longer than this, whatever bound the caller names; recovery and audit hold
/// one segment in memory.
pub const MAX_SEGMENT_BYTES: u64 = 256 << 20;

const SEGMENT_MAGIC: &[u8; 8] = b"TRUCESG1";
/// Length of the marker at the beginning of a frame.
const MARKER_BYTES: usize = 4;
/// How much is read at once when walking a segment.
const WINDOW_BYTES: usize = 64 << 10;

/// A segment that will not change any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedSegment {
    /// Index of its first entry.
    pub first: u64,
    /// Number of entries in it.
    pub entries: u64,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
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

    fn verifies(&self, nonce: &[u8; 16], offset: u64, frame: &[u8]) -> bool {
        frame_check(nonce, offset, frame) == self.check
    }
}

/// The check value of a whole frame whose other fields are filled in.
fn frame_check(nonce: &[u8; 16], offset: u64, frame: &[u8]) -> [u8; 16] {
    let digest: Digest = Sha256::new()
        .chain_update(nonce)
        .chain_update(offset.to_be_bytes())
        .chain_update(&frame[4..24])
        .chain_update(&frame[FRAME_HEADER_BYTES..])
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

/// The frame at `offset` of a segment held in memory, when it is whole and its check fits.
pub(crate) fn frame_at<'a>(
    segment: &'a [u8],
    offset: usize,
    nonce: &[u8; 16],
) -> Option<(FrameHeader, &'a [u8])> {
    let rest = segment.get(offset..)?;
    let header = FrameHeader::parse(rest, nonce)?;
    let frame = rest.get(..FRAME_HEADER_BYTES + header.body())?;
    let verifies = header.verifies(nonce, offset as u64, frame);
    verifies.then(|| (header, &frame[FRAME_HEADER_BYTES..]))
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
    let mut rows = Vec::new();
    walk_rows(body, &mut |salted| {
        let (salt, bytes) = salted
            .split_first_chunk()
            .expect("a row begins with its salt");
        rows.push(Row {
            salt: *salt,
            bytes: bytes.to_vec(),
        });
    })?;
    Ok(rows)
}

/// Calls `visit` with `salt ‖ row` of every row of a frame's body.
pub(crate) fn walk_rows(body: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<()> {
    let bad = || Error::malformed("frame", "a row is cut");
    let mut rest = body.get(ENTRY_BYTES..).ok_or_else(bad)?;
    while !rest.is_empty() {
        let (len, behind) = rest.split_first_chunk::<4>().ok_or_else(bad)?;
        let len = u32::from_be_bytes(*len) as usize;
        let salted = len
            .checked_add(SALT_BYTES)
            .and_then(|n| behind.split_at_checked(n));
        let (salted, behind) = salted.ok_or_else(bad)?;
        visit(salted);
        rest = behind;
    }
    Ok(())
}

/// Walks the frames of one segment file without holding all of it.
pub(crate) struct SegmentFile {
    folder: Folder,
    name: String,
    file: Box<dyn DiskFile>,
    pub(crate) header: SegmentHeader,
    window: Vec<u8>,
    window_at: u64,
}

impl SegmentFile {
    /// Opens the segment that begins with entry `first` and checks its header.
    pub(crate) fn open(folder: &Folder, first: u64) -> Result<SegmentFile> {
        let name = segment_name(first);
        let file = folder.open(&name, false)?;
        let header = SegmentHeader {
            first,
            nonce: [0; 16],
            previous: [0; 32],
        };
        let (folder, window) = (folder.clone(), Vec::new());
        let mut segment = SegmentFile {
            folder,
            name,
            file,
            header,
            window,
            window_at: 0,
        };
        let parsed = SegmentHeader::parse(segment.bytes(0, SEGMENT_HEADER_BYTES)?);
        match parsed.filter(|header| header.first == first) {
            Some(header) => segment.header = header,
            None => return Err(segment.damaged(0, first, "the segment header")),
        }
        Ok(segment)
    }

    /// At most `len` bytes at `offset`; fewer at the end of the file.
    fn bytes(&mut self, offset: u64, len: usize) -> Result<&[u8]> {
        let end = self.window_at + self.window.len() as u64;
        if offset < self.window_at || offset + len as u64 > end {
            self.window.resize(len.max(WINDOW_BYTES), 0);
            let read = read_full(self.file.as_mut(), offset, &mut self.window);
            let read = read.map_err(|e| Error::io("read", &self.folder.path(&self.name), e));
            self.window.truncate(*read.as_ref().unwrap_or(&0));
            self.window_at = offset;
            read?;
        }
        let at = usize::try_from(offset - self.window_at).expect("inside the window");
        let rest = &self.window[at..];
        Ok(&rest[..len.min(rest.len())])
    }

    /// The header of the frame at `offset`, which must be that of entry `index`, and the entry's
    /// bytes; neither is checked against the frame's check value. `None` at the end of the file.
    pub(crate) fn peek(
        &mut self,
        offset: u64,
        index: u64,
    ) -> Result<Option<(FrameHeader, EntryBytes)>> {
        if offset > MAX_SEGMENT_BYTES {
            return Err(self.damaged(offset, index, "the length of the segment"));
        }
        let nonce = self.header.nonce;
        let bytes = self.bytes(offset, FRAME_HEADER_BYTES + ENTRY_BYTES)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let header = FrameHeader::parse(bytes, &nonce).filter(|header| header.index == index);
        let entry = bytes
            .get(FRAME_HEADER_BYTES..)
            .and_then(body_entry)
            .copied();
        match header.zip(entry) {
            Some(found) => Ok(Some(found)),
            None => Err(self.damaged(offset, index, "a frame header")),
        }
    }

    /// The checked body of the frame at `offset`.
    pub(crate) fn body(&mut self, offset: u64, header: &FrameHeader) -> Result<&[u8]> {
        let nonce = self.header.nonce;
        let len = FRAME_HEADER_BYTES + header.body();
        let frame = self.bytes(offset, len)?;
        if frame.len() < len || !header.verifies(&nonce, offset, frame) {
            return Err(self.damaged(offset, header.index, "a frame"));
        }
        Ok(&self.bytes(offset, len)?[FRAME_HEADER_BYTES..])
    }

    pub(crate) fn damaged(&self, offset: u64, entry: u64, what: &str) -> Error {
        let what = format!("{what} does not check");
        Error::Damaged {
            file: self.folder.path(&self.name),
            offset,
            entry,
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(offset: u64, index: u64, rows: &[&[u8]]) -> Vec<u8> {
        let mut frame = vec![0; FRAME_HEADER_BYTES + ENTRY_BYTES];
        for row in rows {
            frame.extend_from_slice(&u32::try_from(row.len()).unwrap().to_be_bytes());
            frame.extend_from_slice(&[7; SALT_BYTES]);
            frame.extend_from_slice(row);
        }
        seal_frame(&mut frame, &[1; 16], offset, index, 5);
        frame
    }

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

    #[test]
    fn frames_round_trip_and_notice_every_bit_and_place() {
        let bytes = frame(0, 9, &[b"one", b"", b"three"]);
        let (header, body) = frame_at(&bytes, 0, &[1; 16]).unwrap();
        assert_eq!(
            (header.index, header.acknowledged, header.frame()),
            (9, 5, 40 + 206 + 68)
        );
        let rows = body_rows(body).unwrap();
        let contents: Vec<_> = rows.iter().map(|row| row.bytes.as_slice()).collect();
        assert_eq!(contents, [b"one".as_slice(), b"", b"three"]);
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
            let _ = (SegmentHeader::parse(&bytes), FrameHeader::parse(&bytes, &[0; 16]));
            let _ = (frame_at(&bytes, 0, &[0; 16]), body_rows(&bytes));
        }
    }
}
