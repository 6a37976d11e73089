//! The reader: entries, rows and proofs as far as the published checkpoint covers them.
//!
//! It takes no lock and writes nothing; any number may read while one process writes. What it
//! reads is durable and immutable: segments up to the checkpoint's size, and tiles.

use crate::checkpoint::Checkpoint;
use crate::cosigned;
use crate::disk::Folder;
use crate::entry::{ENTRY_BYTES, Entry};
use crate::error::{Error, Result};
use crate::head::{CHECKPOINT, read_published};
use crate::merkle::{Digest, consistency_path, inclusion_path, root_from};
use crate::rows::Row;
use crate::segment::{
    FrameHeader, SEGMENT_HEADER_BYTES, SegmentFile, body_entry, body_rows, segment_of,
};
use crate::tile::{TileId, TileKind, node_in_tile, parse_bundle, parse_hashes, tile_at};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Hash tiles kept in memory, 8 KiB each.
const MAX_CACHED_TILES: usize = 256;
/// Entry bundles are no longer than 256 entries of the greatest length and their lengths.
const MAX_TILE_BYTES: u64 = 256 * (65_535 + 2);
/// Offset of a segment's first frame.
const FIRST_FRAME: u32 = 96;
const _: () = assert!(FIRST_FRAME as usize == SEGMENT_HEADER_BYTES);

/// Reads a log. See the module's text for what it may rely on.
pub struct Reader {
    folder: Folder,
    /// Per segment the offsets of its first frames, as far as they were walked.
    offsets: Mutex<BTreeMap<u64, Vec<u32>>>,
    /// Full hash tiles; they never change.
    tiles: Mutex<BTreeMap<TileId, Vec<u8>>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("dir", &self.folder.root())
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a log for reading.
    ///
    /// # Errors
    /// [`Error::NotALedger`] when there is no checkpoint, [`Error::Malformed`], [`Error::Io`].
    pub fn open(dir: &Path) -> Result<Reader> {
        Self::open_in(&Folder::real(dir))
    }

    pub(crate) fn open_in(folder: &Folder) -> Result<Reader> {
        let (offsets, tiles) = (Mutex::default(), Mutex::default());
        let reader = Reader {
            folder: folder.clone(),
            offsets,
            tiles,
        };
        reader.checkpoint()?;
        Ok(reader)
    }

    /// The checkpoint published now. Its signatures are not verified; see [`Checkpoint::verify`].
    ///
    /// # Errors
    /// [`Error::NotALedger`], [`Error::Malformed`], [`Error::Io`].
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        let dir = || self.folder.root().to_path_buf();
        read_published(&self.folder)?.ok_or_else(|| Error::NotALedger { dir: dir() })
    }

    /// The newest checkpoint that carries any cosignature; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Io`].
    pub fn cosigned(&self) -> Result<Option<Checkpoint>> {
        cosigned::read(&self.folder, "cosigned/newest")
    }

    /// The newest checkpoint that met the quorum when it was kept; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Io`].
    pub fn witnessed(&self) -> Result<Option<Checkpoint>> {
        cosigned::read(&self.folder, "cosigned/witnessed")
    }

    /// Number of entries published now.
    ///
    /// # Errors
    /// As [`Reader::checkpoint`].
    pub fn size(&self) -> Result<u64> {
        Ok(self.checkpoint()?.size)
    }

    /// Entry `index` with its rows, each checked against its frame.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when it is not published, [`Error::Damaged`], [`Error::Io`].
    pub fn entry(&self, index: u64) -> Result<(Entry, Vec<Row>)> {
        let (mut segment, offset) = self.find(index)?;
        read_entry(&mut segment, offset, index).map(|(entry, rows, _)| (entry, rows))
    }

    /// The bytes of entry `index` in its segment: the entry, and its rows with their salts.
    ///
    /// # Errors
    /// As [`Reader::entry`].
    pub fn frame(&self, index: u64) -> Result<Vec<u8>> {
        let (mut segment, offset) = self.find(index)?;
        frame_body(&mut segment, offset, index).map(|(_, body)| body.to_vec())
    }

    /// Where a published entry lies.
    fn find(&self, index: u64) -> Result<(SegmentFile, u64)> {
        let size = self.size()?;
        if index >= size {
            return Err(Error::OutOfRange {
                what: "index",
                got: index,
                size,
            });
        }
        let first = segment_of(&self.folder, index)?;
        let mut segment = SegmentFile::open(&self.folder, first)?;
        let offset = self.offset_of(&mut segment, index)?;
        Ok((segment, offset))
    }

    /// All published entries from index `from` on, in order, as far as the checkpoint of this
    /// moment goes. The iterator ends after its first error.
    pub fn entries(&self, from: u64) -> impl Iterator<Item = Result<(u64, Entry, Vec<Row>)>> {
        let (end, failed) = match self.size() {
            Ok(size) => (size, None),
            Err(e) => (0, Some(e)),
        };
        Entries {
            reader: self,
            next: from,
            end,
            place: None,
            failed,
        }
    }

    /// The inclusion proof of entry `index` in the tree of the first `size` entries.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::Malformed`] for a damaged tile, [`Error::Io`].
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Digest>> {
        let published = self.published_at_least(size)?;
        inclusion_path(index, size, &mut |level, index| {
            self.node(level, index, published)
        })
    }

    /// The consistency proof between the trees of the first `old` and `new` entries.
    ///
    /// # Errors
    /// As [`Reader::inclusion_proof`].
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Digest>> {
        let published = self.published_at_least(new)?;
        consistency_path(old, new, &mut |level, index| {
            self.node(level, index, published)
        })
    }

    /// The root over the first `size` entries, from the tiles.
    ///
    /// # Errors
    /// As [`Reader::inclusion_proof`].
    pub fn root(&self, size: u64) -> Result<Digest> {
        let published = self.published_at_least(size)?;
        root_from(size, &mut |level, index| self.node(level, index, published))
    }

    /// The bytes of a tile or of [`CHECKPOINT`](Reader::checkpoint) by their published path, for
    /// serving. `None` when it is neither, or not there.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn resource(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if path != CHECKPOINT && TileId::parse(path).is_err() {
            return Ok(None);
        }
        match self.folder.read(path, MAX_TILE_BYTES) {
            Err(e) if e.is_not_found() => Ok(None),
            other => other.map(Some),
        }
    }

    /// The entries of one bundle in the tree of the first `size` entries, as bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a damaged bundle, [`Error::Io`].
    pub fn bundle(&self, index: u64, size: u64) -> Result<Vec<Vec<u8>>> {
        let published = self.published_at_least(size)?;
        let Some(tile) = tile_at(TileKind::Entries, index, published) else {
            return Err(Error::OutOfRange {
                what: "bundle",
                got: index,
                size,
            });
        };
        let bytes = self.tile_bytes(tile)?;
        let entries = parse_bundle(&bytes)?;
        let within = usize::try_from(size.saturating_sub(index * 256)).unwrap_or(usize::MAX);
        Ok(entries
            .into_iter()
            .take(within)
            .map(<[u8]>::to_vec)
            .collect())
    }

    /// The newest of the first `size` entries for which `wanted` holds; reads the published bundles
    /// backwards and no rows.
    ///
    /// # Errors
    /// As [`Reader::bundle`].
    pub fn newest(&self, size: u64, wanted: impl Fn(&Entry) -> bool) -> Result<Option<u64>> {
        for index in (0..size.div_ceil(256)).rev() {
            for (within, bytes) in self.bundle(index, size)?.iter().enumerate().rev() {
                if wanted(&Entry::parse(bytes)?) {
                    return Ok(Some(index * 256 + within as u64));
                }
            }
        }
        Ok(None)
    }

    fn published_at_least(&self, size: u64) -> Result<u64> {
        let published = self.size()?;
        if size > published {
            return Err(Error::OutOfRange {
                what: "size",
                got: size,
                size: published,
            });
        }
        Ok(published)
    }

    /// The hash of a complete subtree, from the tiles of the tree of `published` entries.
    fn node(&self, level: u32, index: u64, published: u64) -> Result<Digest> {
        let tile_level = u8::try_from(level / 8).expect("trees have at most 64 levels");
        let within = level % 8;
        let kind = TileKind::Hashes(tile_level);
        let out = || Error::OutOfRange {
            what: "node",
            got: index,
            size: published,
        };
        let tile = tile_at(kind, index >> (8 - within), published).ok_or_else(out)?;
        let bytes = self.tile_bytes(tile)?;
        let at = usize::try_from(index & ((1 << (8 - within)) - 1)).expect("below 256");
        node_in_tile(parse_hashes(&bytes)?, within, at).ok_or_else(|| {
            let what = format!("{} is shorter than its name says", tile.path());
            Error::malformed("hash tile", what)
        })
    }

    /// A tile's bytes; when a partial tile was pruned, the full one takes its place.
    fn tile_bytes(&self, tile: TileId) -> Result<Vec<u8>> {
        let cached = self
            .tiles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tile)
            .cloned();
        if let Some(bytes) = cached {
            return Ok(bytes);
        }
        let bytes = match self.folder.read(&tile.path(), MAX_TILE_BYTES) {
            Err(e) if e.is_not_found() && tile != tile.full() => self
                .folder
                .read(&tile.full().path(), MAX_TILE_BYTES)
                .map_err(|_| e)?,
            other => other?,
        };
        if tile == tile.full() && tile.kind != TileKind::Entries {
            let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
            if tiles.len() >= MAX_CACHED_TILES {
                tiles.pop_first();
            }
            tiles.insert(tile, bytes.clone());
        }
        Ok(bytes)
    }

    /// The offset of a frame, walking on from the last one known.
    fn offset_of(&self, segment: &mut SegmentFile, index: u64) -> Result<u64> {
        let first = segment.header.first;
        let mut all = self.offsets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(first).or_insert_with(|| vec![FIRST_FRAME]);
        loop {
            let last = first + known.len() as u64 - 1;
            if let Some(offset) = usize::try_from(index - first)
                .ok()
                .and_then(|i| known.get(i))
            {
                return Ok(u64::from(*offset));
            }
            let offset = u64::from(known[known.len() - 1]);
            let Some((frame, _)) = segment.peek(offset, last)? else {
                return Err(segment.damaged(offset, last, "the end of the segment"));
            };
            known.push(u32::try_from(offset + frame.frame()).expect("segments are bounded"));
        }
    }
}

/// Where an iterator stands: an open segment and an offset in it.
struct Place {
    segment: SegmentFile,
    offset: u64,
}

struct Entries<'a> {
    reader: &'a Reader,
    next: u64,
    end: u64,
    place: Option<Place>,
    failed: Option<Error>,
}

impl Entries<'_> {
    fn read(&mut self) -> Result<(u64, Entry, Vec<Row>)> {
        let index = self.next;
        let place = match self.place.take() {
            Some(place) => place,
            None => {
                let first = segment_of(&self.reader.folder, index)?;
                let mut segment = SegmentFile::open(&self.reader.folder, first)?;
                let offset = self.reader.offset_of(&mut segment, index)?;
                Place { segment, offset }
            }
        };
        let mut place = self.step(place, index)?;
        let (entry, rows, frame) = read_entry(&mut place.segment, place.offset, index)?;
        place.offset += frame;
        self.place = Some(place);
        self.next += 1;
        Ok((index, entry, rows))
    }

    /// At the end of a segment goes on with the one that begins with this entry.
    fn step(&self, mut place: Place, index: u64) -> Result<Place> {
        if place.segment.peek(place.offset, index)?.is_none() {
            let segment = SegmentFile::open(&self.reader.folder, index)?;
            place = Place {
                segment,
                offset: SEGMENT_HEADER_BYTES as u64,
            };
        }
        Ok(place)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, Entry, Vec<Row>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(e) = self.failed.take() {
            self.end = 0;
            return Some(Err(e));
        }
        if self.next >= self.end {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.end = 0;
        }
        Some(read)
    }
}

/// The entry and rows of the frame at `offset`, and the frame's length.
fn read_entry(
    segment: &mut SegmentFile,
    offset: u64,
    index: u64,
) -> Result<(Entry, Vec<Row>, u64)> {
    let (header, body) = frame_body(segment, offset, index)?;
    debug_assert!(body.len() >= ENTRY_BYTES, "frame headers bound the body");
    let entry = Entry::parse(body_entry(body).map_or(&[][..], |bytes| bytes))?;
    let rows = body_rows(body)?;
    Ok((entry, rows, header.frame()))
}

/// The checked body of the frame at `offset`, which must be that of entry `index`.
fn frame_body(segment: &mut SegmentFile, offset: u64, index: u64) -> Result<(FrameHeader, &[u8])> {
    let Some((header, _)) = segment.peek(offset, index)? else {
        return Err(segment.damaged(offset, index, "the end of the segment"));
    };
    Ok((header, segment.body(offset, &header)?))
}
