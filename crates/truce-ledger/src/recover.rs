//! What opening a log does: replay the segments, hold them against the signed head and the
//! published checkpoint, cut a torn tail, and rebuild missing tiles.
//!
//! It never cuts an entry that the head covers or that a later frame calls acknowledged.

use crate::builder::TreeBuilder;
use crate::checkpoint::Checkpoint;
use crate::disk::{Folder, TreeWriter};
use crate::entry::EntryBytes;
use crate::error::{Error, Result};
use crate::segment::{
    FrameHeader, MAX_SEGMENT_BYTES, SEGMENT_HEADER_BYTES, SealedSegment, SegmentDigest,
    SegmentFile, SegmentHeader, body_entry, find_frame, frame_at, list_segments, segment_name,
};
use crate::tile::TileId;
use crate::writer::SegmentWriter;

/// What opening found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Entries in the log, all durable now.
    pub entries: u64,
    /// Of these, entries that the head does not cover yet; the next commit will.
    pub uncommitted: u64,
    /// Bytes of a torn, never acknowledged tail that were cut off.
    pub torn_bytes_cut: u64,
    /// Tiles that the head covers and that were missing.
    pub tiles_rebuilt: u64,
    /// True when the published checkpoint was missing or behind the head.
    pub republished: bool,
}

/// Everything a writer goes on with.
pub(crate) struct Recovered {
    pub(crate) writer: SegmentWriter,
    /// The tree at the head's size.
    pub(crate) tree: TreeBuilder,
    /// Entries beyond it.
    pub(crate) pending: Vec<EntryBytes>,
    pub(crate) report: OpenReport,
}

struct Replay<'a> {
    folder: &'a Folder,
    head: &'a Checkpoint,
    published: Option<&'a Checkpoint>,
    tree: TreeBuilder,
    pending: Vec<EntryBytes>,
    tiles: TreeWriter,
    tiles_rebuilt: u64,
    torn_bytes_cut: u64,
    sealed: Vec<SealedSegment>,
    next: u64,
}

/// The last segment in memory.
struct Tail {
    header: SegmentHeader,
    /// Its good bytes.
    bytes: Vec<u8>,
    /// Where the bytes begin that no covered frame vouches for.
    uncertain: usize,
}

/// Replays the log behind `head`. `limit` bounds new segments, in bytes.
pub(crate) fn recover(
    folder: &Folder,
    head: &Checkpoint,
    published: Option<&Checkpoint>,
    limit: u64,
) -> Result<Recovered> {
    let mut replay = Replay {
        folder,
        head,
        published,
        tree: TreeBuilder::default(),
        pending: Vec::new(),
        tiles: TreeWriter::new(folder.clone()),
        tiles_rebuilt: 0,
        torn_bytes_cut: 0,
        sealed: Vec::new(),
        next: 0,
    };
    let segments = list_segments(folder)?;
    replay.check_published()?;
    let mut tail = None;
    for (at, first) in segments.iter().enumerate() {
        if *first != replay.next {
            return Err(replay.missing(*first));
        }
        match segments.get(at + 1) {
            Some(_) => replay.sealed_segment(*first)?,
            None => tail = replay.last_segment(*first)?,
        }
    }
    if replay.next < head.size {
        return Err(replay.missing(replay.next));
    }
    replay.check_tree()?;
    let writer = replay.writer(tail, limit)?;
    let report = OpenReport {
        entries: replay.next,
        uncommitted: replay.pending.len() as u64,
        torn_bytes_cut: replay.torn_bytes_cut,
        tiles_rebuilt: replay.tiles_rebuilt,
        republished: published.is_none_or(|published| published.size < head.size),
    };
    Ok(Recovered {
        writer,
        tree: replay.tree,
        pending: replay.pending,
        report,
    })
}

impl Replay<'_> {
    fn take(&mut self, entry: &EntryBytes) -> Result<()> {
        if self.next < self.head.size {
            let (folder, tiles, rebuilt) = (self.folder, &mut self.tiles, &mut self.tiles_rebuilt);
            self.tree.push(entry, &mut |tile, bytes| {
                restore(folder, tiles, rebuilt, tile, bytes)
            })?;
        } else {
            self.pending.push(*entry);
        }
        self.next += 1;
        self.check_published()
    }

    /// Holds the published checkpoint against the entries when the replay reaches its size.
    fn check_published(&self) -> Result<()> {
        match self.published {
            Some(published) if published.size == self.next && self.next <= self.head.size => {
                let same = published.root == self.tree.root();
                let (size, what) = (published.size, String::from("it has another root"));
                if same {
                    Ok(())
                } else {
                    Err(Error::PublishedDiffers { size, what })
                }
            }
            _ => Ok(()),
        }
    }

    /// Replays a segment that another one follows, so all of it was synced. Frames that the head
    /// covers are walked by their headers, since the root covers their entries; the others are
    /// checked whole.
    fn sealed_segment(&mut self, first: u64) -> Result<()> {
        let mut segment = SegmentFile::open(self.folder, first)?;
        self.note_sealed(&segment.header)?;
        let mut offset = SEGMENT_HEADER_BYTES as u64;
        while let Some((header, entry)) = segment.peek(offset, self.next)? {
            if self.next >= self.head.size {
                segment.body(offset, &header)?;
            }
            self.take(&entry)?;
            offset += header.frame();
        }
        let len = self.folder.len(&segment_name(first))?.unwrap_or(0);
        if offset != len {
            return Err(segment.damaged(len, self.next - 1, "the end of a sealed segment"));
        }
        let (entries, digest) = (self.next - first, [0; 32]);
        self.sealed.push(SealedSegment {
            first,
            entries,
            bytes: len,
            digest,
        });
        Ok(())
    }

    /// A segment's header names the digest of the one before.
    fn note_sealed(&mut self, header: &SegmentHeader) -> Result<()> {
        match self.sealed.last_mut() {
            Some(before) => before.digest = header.previous,
            None if header.previous == [0; 32] => {}
            None => return Err(self.missing(header.first)),
        }
        Ok(())
    }

    /// Replays the last segment, in memory and with every frame checked. `None` when a crash
    /// interrupted its creation.
    fn last_segment(&mut self, first: u64) -> Result<Option<Tail>> {
        let name = segment_name(first);
        let mut bytes = self.folder.read(&name, MAX_SEGMENT_BYTES)?;
        let Some(header) = SegmentHeader::parse(&bytes).filter(|header| header.first == first)
        else {
            if bytes.len() > SEGMENT_HEADER_BYTES || first < self.head.size {
                return Err(self.damaged(first, 0, "the segment header"));
            }
            self.torn_bytes_cut += bytes.len() as u64;
            return Ok(None);
        };
        self.note_sealed(&header)?;
        let mut offset = SEGMENT_HEADER_BYTES;
        // Unless the head covers a frame here, the header itself may not be durable.
        let mut uncertain = 0;
        while let Some((frame, body)) = self.good_frame(&bytes, offset, &header) {
            let entry = body_entry(body).expect("a frame's body begins with an entry");
            self.take(entry)?;
            offset += usize::try_from(frame.frame()).expect("the frame lies in memory");
            if self.next <= self.head.size {
                uncertain = offset;
            }
        }
        self.check_cut(&bytes, offset, &header)?;
        self.torn_bytes_cut += (bytes.len() - offset) as u64;
        bytes.truncate(offset);
        Ok(Some(Tail {
            header,
            bytes,
            uncertain,
        }))
    }

    fn good_frame<'b>(
        &self,
        bytes: &'b [u8],
        offset: usize,
        header: &SegmentHeader,
    ) -> Option<(FrameHeader, &'b [u8])> {
        frame_at(bytes, offset, &header.nonce).filter(|(frame, _)| frame.index == self.next)
    }

    /// Refuses to cut what was acknowledged.
    fn check_cut(&self, bytes: &[u8], offset: usize, header: &SegmentHeader) -> Result<()> {
        if self.next < self.head.size {
            return Err(self.damaged(header.first, offset, "a frame that the head covers"));
        }
        let mut at = offset;
        while let Some(found) = find_frame(bytes, at, &header.nonce) {
            let (frame, _) = frame_at(bytes, found, &header.nonce).expect("it was just found");
            if frame.acknowledged > self.next {
                return Err(self.damaged(header.first, offset, "an acknowledged frame"));
            }
            at = found + usize::try_from(frame.frame()).expect("the frame lies in memory");
        }
        Ok(())
    }

    /// Holds the replayed entries against the head's root and restores missing partial tiles.
    fn check_tree(&mut self) -> Result<()> {
        if self.tree.root() != self.head.root {
            return Err(Error::RootMismatch {
                size: self.head.size,
            });
        }
        let (folder, tiles, rebuilt) = (self.folder, &mut self.tiles, &mut self.tiles_rebuilt);
        self.tree
            .partials(&mut |tile, bytes| restore(folder, tiles, rebuilt, tile, bytes))?;
        self.tiles.sync()
    }

    fn writer(&mut self, tail: Option<Tail>, limit: u64) -> Result<SegmentWriter> {
        if let Some(Tail {
            header,
            bytes,
            uncertain,
        }) = tail
        {
            self.check_sealed()?;
            let (folder, sealed) = (self.folder, std::mem::take(&mut self.sealed));
            return SegmentWriter::resume(
                folder, header, self.next, &bytes, uncertain, sealed, limit,
            );
        }
        // The next segment was not begun, so nothing names the digest of the last one yet.
        if let Some(first) = self.sealed.last().map(|last| last.first) {
            let bytes = self.folder.read(&segment_name(first), MAX_SEGMENT_BYTES)?;
            let digest = SegmentDigest::over(&bytes)
                .ok_or_else(|| self.damaged(first, 0, "a sealed segment"))?;
            if let Some(last) = self.sealed.last_mut() {
                last.digest = digest.value();
            }
        }
        SegmentWriter::begin(
            self.folder,
            self.next,
            std::mem::take(&mut self.sealed),
            limit,
        )
    }

    fn check_sealed(&self) -> Result<()> {
        match self.sealed.iter().find(|segment| segment.digest == [0; 32]) {
            Some(segment) => Err(self.damaged(segment.first, 0, "the digest of a sealed segment")),
            None => Ok(()),
        }
    }

    fn missing(&self, first: u64) -> Error {
        let (offset, entry) = (0, self.next.min(first));
        let what = format!(
            "entries {entry} and on are not there (head size {})",
            self.head.size
        );
        Error::Damaged {
            file: self.folder.path(&segment_name(first)),
            offset,
            entry,
            what,
        }
    }

    fn damaged(&self, first: u64, offset: usize, what: &str) -> Error {
        let file = self.folder.path(&segment_name(first));
        let what = format!("{what} does not check");
        Error::Damaged {
            file,
            offset: offset as u64,
            entry: self.next,
            what,
        }
    }
}

/// Writes a tile that should be there and is not, or has another length. Its content is not read:
/// nothing here depends on it, and the audit compares every byte.
fn restore(
    folder: &Folder,
    tiles: &mut TreeWriter,
    rebuilt: &mut u64,
    tile: TileId,
    bytes: &[u8],
) -> Result<()> {
    if folder.len(&tile.path())? == Some(bytes.len() as u64) {
        return Ok(());
    }
    *rebuilt += 1;
    tiles.write(&tile.path(), bytes)
}
