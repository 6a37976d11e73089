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

use crate::disk::{DiskFile, Folder, read_full};
use crate::entry::{ENTRY_BYTES, Entry, EntryBytes};
use crate::error::{Error, Result};
use crate::merkle::{Accumulator, Digest};
use crate::rows::{MAX_ROW_PARTS, Row, SALT_BYTES, Salt, row_leaf};
use sha2::{Digest as _, Sha256};

/// The directory of the segments.
pub(crate) const SEGMENTS: &str = "segments";
/// Length of a segment's header in bytes.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 96;
/// Length of a frame's header in bytes.
pub(crate) const FRAME_HEADER_BYTES: usize = 40;
/// Length of what stands in front of the rows: frame header and entry.
pub(crate) const FRAME_FIXED_BYTES: usize = FRAME_HEADER_BYTES + ENTRY_BYTES;
/// Bytes in front of a row's content: its length and salt.
pub(crate) const ROW_HEADER_BYTES: usize = 4 + SALT_BYTES;
/// A row's content takes at least this much room, so that its leaf fits in when it is erased.
pub(crate) const ROW_CONTENT_BYTES_MIN: usize = 16;
/// Set in a row's length when the row was erased.
const ROW_ERASED: u32 = 1 << 31;
/// Set in a row's length when the row is committed to in parts.
const ROW_IN_PARTS: u32 = 1 << 30;
/// A frame's body is refused above this length: a whole frame must fit in memory several times.
pub const MAX_FRAME_BODY_BYTES: usize = 64 << 20;
/// A segment is never longer than this, whatever bound the caller names; recovery and audit hold
/// one segment in memory.
pub const MAX_SEGMENT_BYTES: u64 = 256 << 20;

const SEGMENT_MAGIC: &[u8; 8] = b"TRUCESG2";
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
fn check_rows(body: &[u8]) -> Result<()> {
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

    fn to_row(self) -> Result<Row> {
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
        let verifies = frame.len() == len
            && header.verifies(&nonce, offset, frame)
            && check_rows(&frame[FRAME_HEADER_BYTES..]).is_ok();
        if !verifies {
            return Err(self.damaged(offset, header.index, "a frame"));
        }
        Ok(&self.bytes(offset, len)?[FRAME_HEADER_BYTES..])
    }

    /// The bytes of the frame at `offset`, as far as they are there; nothing is checked.
    pub(crate) fn frame_unchecked(&mut self, offset: u64, header: &FrameHeader) -> Result<&[u8]> {
        self.bytes(offset, FRAME_HEADER_BYTES + header.body())
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
            let _ = (SegmentHeader::parse(&bytes), FrameHeader::parse(&bytes, &[0; 16]));
            let _ = (frame_at(&bytes, 0, &[0; 16]), body_rows(&bytes));
        }
    }
}
