//! Appends frames to the last segment, seals it when it is full and begins the next.

use crate::disk::{DiskFile, Folder, write_all};
use crate::error::{Error, Result};
use crate::segment::{
    SEGMENTS, SealedSegment, SegmentDigest, SegmentHeader, seal_frame, segment_name,
};

pub(crate) struct SegmentWriter {
    folder: Folder,
    file: Box<dyn DiskFile>,
    header: SegmentHeader,
    /// Index of the entry that comes next.
    next: u64,
    /// Length of the file in bytes.
    len: u64,
    /// Of the segment so far.
    digest: SegmentDigest,
    sealed: Vec<SealedSegment>,
    /// A segment that would grow above this many bytes is sealed first.
    limit: u64,
}

impl SegmentWriter {
    /// Begins a segment. Its header is durable before any frame is written, so a longer file with
    /// a bad header is damage and never the trace of a crash.
    pub(crate) fn begin(
        folder: &Folder,
        first: u64,
        sealed: Vec<SealedSegment>,
        limit: u64,
    ) -> Result<SegmentWriter> {
        let mut nonce = [0u8; 16];
        getrandom::fill(&mut nonce).map_err(|e| Error::Random {
            what: e.to_string(),
        })?;
        let previous = sealed.last().map_or([0; 32], |segment| segment.digest);
        let header = SegmentHeader {
            first,
            nonce,
            previous,
        };
        let (name, bytes) = (segment_name(first), header.to_bytes());
        let mut file = folder.create(&name)?;
        write_all(file.as_mut(), 0, &bytes)
            .map_err(|e| Error::io("write", &folder.path(&name), e))?;
        file.sync()
            .map_err(|e| Error::io("sync", &folder.path(&name), e))?;
        folder.sync_dir(SEGMENTS)?;
        let (folder, len) = (folder.clone(), bytes.len() as u64);
        let digest = SegmentDigest::new(&bytes);
        Ok(SegmentWriter {
            folder,
            file,
            header,
            next: first,
            len,
            digest,
            sealed,
            limit,
        })
    }

    /// Goes on with a segment whose good bytes are `bytes` and cuts whatever is behind them.
    ///
    /// The bytes from `uncertain` on are written once more before they are synced: after a failed
    /// fdatasync the kernel may hold them as clean though the disk never got them, and a plain
    /// sync would then make nothing durable.
    pub(crate) fn resume(
        folder: &Folder,
        header: SegmentHeader,
        next: u64,
        bytes: &[u8],
        uncertain: usize,
        sealed: Vec<SealedSegment>,
        limit: u64,
    ) -> Result<SegmentWriter> {
        let name = segment_name(header.first);
        let failed = |call| move |e| Error::io(call, &folder.path(&segment_name(header.first)), e);
        let mut file = folder.open(&name, true)?;
        let len = bytes.len() as u64;
        if file.len().map_err(failed("stat"))? != len {
            file.set_len(len).map_err(failed("truncate"))?;
        }
        write_all(file.as_mut(), uncertain as u64, &bytes[uncertain..]).map_err(failed("write"))?;
        file.sync().map_err(failed("sync"))?;
        folder.sync_dir(SEGMENTS)?;
        let digest = SegmentDigest::over(bytes).expect("the caller has read these frames");
        let folder = folder.clone();
        Ok(SegmentWriter {
            folder,
            file,
            header,
            next,
            len,
            digest,
            sealed,
            limit,
        })
    }

    /// Index of the entry that comes next.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn sealed(&self) -> &[SealedSegment] {
        &self.sealed
    }

    /// Fills in the frame's header and writes it. It is durable only after [`Self::sync`].
    pub(crate) fn append(&mut self, frame: &mut [u8], acknowledged: u64) -> Result<()> {
        let grown = self.len + frame.len() as u64;
        if grown > self.limit && self.next > self.header.first {
            self.rotate()?;
        }
        seal_frame(frame, &self.header.nonce, self.len, self.next, acknowledged);
        let written = write_all(self.file.as_mut(), self.len, frame);
        written.map_err(|e| Error::io("write", &self.path(), e))?;
        self.digest.frame(frame);
        self.len += frame.len() as u64;
        self.next += 1;
        Ok(())
    }

    /// Makes all frames durable.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.file
            .sync()
            .map_err(|e| Error::io("sync", &self.path(), e))
    }

    fn rotate(&mut self) -> Result<()> {
        self.sync()?;
        let first = self.header.first;
        let digest = self.digest.value();
        let entries = self.next - first;
        self.sealed.push(SealedSegment {
            first,
            entries,
            bytes: self.len,
            digest,
        });
        let sealed = std::mem::take(&mut self.sealed);
        *self = Self::begin(&self.folder, self.next, sealed, self.limit)?;
        Ok(())
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path(&segment_name(self.header.first))
    }
}
