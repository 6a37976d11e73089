//! A walk over the frames of one segment file without holding all of it.

use super::frame::{FRAME_HEADER_BYTES, FrameHeader, body_entry, check_rows};
use super::{MAX_SEGMENT_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, segment_name};
use crate::disk::{DiskFile, Folder, read_full};
use crate::entry::{ENTRY_BYTES, EntryBytes};
use crate::error::{Error, Result};

/// How much is read at once when walking a segment.
const WINDOW_BYTES: usize = 64 << 10;

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
