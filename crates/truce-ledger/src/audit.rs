//! The audit: recompute everything, from segments to the checkpoint's signature, and name each
//! damaged file with the entries it touches. It writes nothing and does not stop at the first
//! damage.

use crate::builder::TreeBuilder;
use crate::checkpoint::Checkpoint;
use crate::cosigned::{self, COSIGNED, COSIGNED_FILES};
use crate::disk::Folder;
use crate::entry::{ENTRY_BYTES, Entry, EntryBytes};
use crate::erase::{self, ERASING};
use crate::error::{Error, Result};
use crate::head::{CHECKPOINT, HEAD, Head, read_published};
use crate::key::VerifierKey;
use crate::merkle::{Digest, leaf_hash};
use crate::segment::{
    FrameHeader, MAX_SEGMENT_BYTES, SEGMENT_HEADER_BYTES, SegmentDigest, SegmentHeader, StoredRows,
    body_entry, find_frame, frame_at, list_segments, segment_name,
};
use crate::tile::{TileId, TileKind, parse_bundle, parse_hashes, tile_at};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// No tile or bundle is longer, in bytes.
const MAX_TILE_BYTES: u64 = 256 * (65_535 + 2);

/// When this many entries are lost, the tree is given up; a checkpoint that lies about its size
/// must not keep the audit busy.
const MAX_UNKNOWN: usize = 1 << 16;

/// One damaged or missing file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: PathBuf,
    /// The entries the damage touches.
    pub entries: Range<u64>,
    /// What was found, as a sentence.
    pub what: String,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The published checkpoint, when it could be read; its signature may be among the damage.
    pub checkpoint: Option<Checkpoint>,
    /// Entries found whole in the segments.
    pub entries: u64,
    /// Of these, entries that the checkpoint does not cover yet.
    pub unpublished: u64,
    /// Rows in them.
    pub rows: u64,
    /// Of these, rows that were erased, by entry and row. Whether each was erased lawfully is for
    /// the caller to say, who knows where the reasons are logged.
    pub erased: Vec<(u64, u32)>,
    /// Segments read.
    pub segments: u64,
    /// Tiles and bundles compared.
    pub tiles: u64,
    /// Bytes of segments read.
    pub segment_bytes: u64,
    /// Bytes behind the last entry, left by a writer that was interrupted; nobody was told of them.
    pub torn_bytes: u64,
    /// Everything that is wrong.
    pub damage: Vec<Damage>,
}

impl AuditReport {
    /// True when nothing is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }
}

/// Recomputes the log in `dir` and holds it against `key`. `progress` is told the bytes of
/// segments done and in all. It may run while a writer works; what is not published yet is then
/// no damage.
///
/// # Errors
/// [`Error::NotALedger`] when there is neither head nor checkpoint; [`Error::Io`] when a directory
/// cannot be read. Damage is in the report.
pub fn audit(
    dir: &Path,
    key: &VerifierKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<AuditReport> {
    audit_in(&Folder::real(dir), key, progress)
}

pub(crate) fn audit_in(
    folder: &Folder,
    key: &VerifierKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<AuditReport> {
    if folder.len(HEAD)?.is_none() && folder.len(CHECKPOINT)?.is_none() {
        return Err(Error::NotALedger {
            dir: folder.root().to_path_buf(),
        });
    }
    let report = AuditReport {
        checkpoint: None,
        entries: 0,
        unpublished: 0,
        rows: 0,
        erased: Vec::new(),
        segments: 0,
        tiles: 0,
        segment_bytes: 0,
        torn_bytes: 0,
        damage: Vec::new(),
    };
    let (tree, unknown) = (TreeBuilder::default(), Vec::new());
    let (size, origin) = (0, String::new());
    let mut audit = Audit {
        folder,
        report,
        size,
        origin,
        tree,
        unknown,
        next: 0,
        key,
        claims: Vec::new(),
    };
    // Before the checkpoint: a process at work keeps none that was not published.
    audit.cosigned();
    audit.heads();
    audit.compare_claims();
    audit.segments(progress)?;
    audit.finish()?;
    Ok(audit.report)
}

/// A root that some file claims for a size of the tree.
struct Claim {
    size: u64,
    root: Digest,
    file: String,
}

struct Audit<'a> {
    folder: &'a Folder,
    key: &'a VerifierKey,
    report: AuditReport,
    /// Entries that the checkpoint covers.
    size: u64,
    origin: String,
    tree: TreeBuilder,
    /// Covered entries whose leaf neither segment nor bundle nor tile could give.
    unknown: Vec<u64>,
    next: u64,
    /// Cosigned checkpoints that are not compared yet.
    claims: Vec<Claim>,
}

impl Audit<'_> {
    fn damage(&mut self, file: &str, entries: Range<u64>, what: impl Into<String>) {
        let file = self.folder.path(file);
        self.report.damage.push(Damage {
            file,
            entries,
            what: what.into(),
        });
    }

    /// Reads checkpoint and head, checks their signatures, and holds them against each other. The
    /// checkpoint is read first: a writer at work swaps the head before it publishes.
    fn heads(&mut self) {
        let published = match read_published(self.folder) {
            Ok(Some(published)) => Some(published),
            Ok(None) => {
                self.damage(CHECKPOINT, 0..0, "it is missing");
                None
            }
            Err(e) => {
                self.damage(CHECKPOINT, 0..0, e.to_string());
                None
            }
        };
        let head = Head::read(self.folder, self.key).map(|head| head.checkpoint);
        if let Some(published) = &published {
            let covered = 0..published.size;
            if let Err(e) = published.verify(self.key) {
                self.damage(CHECKPOINT, covered.clone(), e.to_string());
            }
            match &head {
                Ok(head) if head.size < published.size => {
                    self.damage(HEAD, covered, "it is older than the published checkpoint");
                }
                Ok(head) if head.size == published.size && head != published => {
                    self.damage(
                        CHECKPOINT,
                        covered,
                        "it is not what the head says was published",
                    );
                }
                _ => {}
            }
        }
        if let Err(e) = &head {
            self.damage(HEAD, 0..0, e.to_string());
        }
        match erase::read(self.folder) {
            Ok(None) => {}
            Ok(Some(_)) => {
                let what = "an erasure was interrupted; opening the log for writing finishes it";
                self.damage(ERASING, 0..0, what);
            }
            Err(e) => self.damage(ERASING, 0..0, e.to_string()),
        }
        let trusted = match (head, &published) {
            (Ok(head), None) => Some(head),
            (Ok(head), Some(published)) if head.size == published.size => Some(head),
            _ => published.clone(),
        };
        self.size = trusted.as_ref().map_or(0, |t| t.size);
        self.origin = trusted.map_or(String::new(), |t| t.origin);
        self.report.checkpoint = published;
    }

    /// Reads the cosigned checkpoints; their roots are compared when the tree has their size.
    fn cosigned(&mut self) {
        for name in COSIGNED_FILES {
            let file = format!("{COSIGNED}/{name}");
            let checked = cosigned::read(self.folder, &file).and_then(|kept| match kept {
                Some(kept) => kept.verify(self.key).map(|()| Some(kept)),
                None => Ok(None),
            });
            match checked {
                Ok(Some(kept)) => self.claims.push(Claim {
                    size: kept.size,
                    root: kept.root,
                    file,
                }),
                Ok(None) => {}
                Err(e) => self.damage(&file, 0..0, e.to_string()),
            }
        }
    }

    /// Holds the cosigned checkpoints of the present size against the tree.
    fn compare_claims(&mut self) {
        let size = self.tree.size();
        if self.claims.is_empty() || !self.unknown.is_empty() {
            return;
        }
        let (here, rest) = std::mem::take(&mut self.claims)
            .into_iter()
            .partition::<Vec<_>, _>(|claim| claim.size == size);
        self.claims = rest;
        for claim in here {
            if claim.root != self.tree.root() {
                let what = "the entries do not hash to its root";
                self.damage(&claim.file, 0..size, what);
            }
        }
    }

    fn segments(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let segments = list_segments(self.folder)?;
        let mut total = 0;
        for first in &segments {
            total += self.folder.len(&segment_name(*first))?.unwrap_or(0);
        }
        let mut previous: Option<Digest> = Some([0; 32]);
        for (at, first) in segments.iter().enumerate() {
            let name = segment_name(*first);
            if *first > self.next {
                self.damage(
                    &segment_name(self.next),
                    self.next..*first,
                    "entries are missing",
                );
                self.skip_to(*first)?;
            }
            let end = segments.get(at + 1).copied();
            previous = match self.folder.read(&name, MAX_SEGMENT_BYTES) {
                Ok(bytes) => {
                    self.segment(*first, &bytes, previous, end)?;
                    self.report.segment_bytes += bytes.len() as u64;
                    SegmentDigest::over(&bytes).map(|digest| digest.value())
                }
                Err(e) => {
                    let entries = *first..end.unwrap_or(self.size.max(*first));
                    self.damage(&name, entries, e.to_string());
                    None
                }
            };
            self.report.segments += 1;
            progress(self.report.segment_bytes, total);
        }
        Ok(())
    }

    /// Checks one segment. `end` is the first entry of the next; without one, this is the last and
    /// may have a torn tail.
    fn segment(
        &mut self,
        first: u64,
        bytes: &[u8],
        previous: Option<Digest>,
        end: Option<u64>,
    ) -> Result<()> {
        let name = segment_name(first);
        let header = SegmentHeader::parse(bytes);
        let torn = bytes.len() <= SEGMENT_HEADER_BYTES && end.is_none() && first >= self.size;
        let header = match header {
            None if torn => {
                self.report.torn_bytes += bytes.len() as u64;
                return Ok(());
            }
            None => {
                let entries = first..end.unwrap_or(self.size.max(first));
                self.damage(&name, entries, "the segment header does not check");
                lenient_header(bytes, first)
            }
            Some(header) => {
                if header.first != first {
                    self.damage(&name, first..first, "its header names another first entry");
                }
                if previous.is_some_and(|previous| previous != header.previous) {
                    let what = "the segment before it is not the one its header names";
                    self.damage(&name, 0..first, what);
                }
                header
            }
        };
        let mut offset = SEGMENT_HEADER_BYTES;
        while offset < bytes.len() {
            match frame_at(bytes, offset, &header.nonce) {
                Some((frame, body)) if frame.index >= self.next => {
                    if frame.index > self.next {
                        self.damage(&name, self.next..frame.index, "entries are missing");
                        self.skip_to(frame.index)?;
                    }
                    self.frame(&name, &frame, body)?;
                    offset += body.len() + crate::segment::FRAME_HEADER_BYTES;
                }
                _ => offset = self.bad_frame(&name, bytes, offset, &header, end)?,
            }
        }
        match end {
            Some(end) if end > self.next => {
                self.damage(&name, self.next..end, "entries are missing at its end");
                self.skip_to(end)
            }
            _ => Ok(()),
        }
    }

    /// Deals with bytes that are no frame: a torn tail or damage. Returns where to go on.
    fn bad_frame(
        &mut self,
        name: &str,
        bytes: &[u8],
        offset: usize,
        header: &SegmentHeader,
        end: Option<u64>,
    ) -> Result<usize> {
        let found = find_frame(bytes, offset + 1, &header.nonce);
        let next = found.and_then(|at| frame_at(bytes, at, &header.nonce).map(|(f, _)| (at, f)));
        let acknowledged = next.is_some_and(|(_, frame)| frame.acknowledged > self.next);
        if end.is_none() && self.next >= self.size && !acknowledged {
            self.report.torn_bytes += (bytes.len() - offset) as u64;
            return Ok(bytes.len());
        }
        let behind = match next {
            Some((_, frame)) => frame.index.max(self.next),
            None => end.unwrap_or(self.size).max(self.next),
        };
        self.damage(
            name,
            self.next..behind,
            format!("the frame at byte {offset} does not check"),
        );
        self.skip_to(behind)?;
        Ok(next.map_or(bytes.len(), |(at, _)| at))
    }

    /// Checks a good frame's signature, and counts its rows, which are those it commits to.
    fn frame(&mut self, name: &str, frame: &FrameHeader, body: &[u8]) -> Result<()> {
        let index = frame.index;
        let bytes = body_entry(body).expect("a frame's body begins with an entry");
        let checked = Entry::parse(bytes).and_then(|entry| match self.origin.as_str() {
            "" => Ok(entry),
            origin => entry.verify(origin).map(|()| entry),
        });
        if let Err(e) = checked {
            self.damage(name, index..index + 1, e.to_string());
        }
        for (number, row) in (0u32..).zip(StoredRows(&body[ENTRY_BYTES..])) {
            if row.is_ok_and(|row| row.is_erased()) {
                self.report.erased.push((index, number));
            }
            self.report.rows += 1;
        }
        self.report.entries += 1;
        if index >= self.size {
            self.report.unpublished += 1;
        }
        self.take(Some(bytes))
    }

    /// Goes over entries that no segment gives, taking them from the bundles.
    fn skip_to(&mut self, index: u64) -> Result<()> {
        while self.next < index.min(self.size) && self.unknown.len() < MAX_UNKNOWN {
            self.take(None)?;
        }
        self.next = index;
        Ok(())
    }

    /// Adds the next entry to the tree, as far as the checkpoint goes.
    fn take(&mut self, entry: Option<&EntryBytes>) -> Result<()> {
        let index = self.next;
        self.next += 1;
        if index >= self.size || self.unknown.len() >= MAX_UNKNOWN {
            return Ok(());
        }
        let bundled = if entry.is_none() {
            self.bundled(index)
        } else {
            None
        };
        let entry = entry.map(|bytes| bytes.as_slice()).or(bundled.as_deref());
        let leaf = if entry.is_none() {
            self.tile_leaf(index)
        } else {
            None
        };
        let (folder, report, unknown) = (self.folder, &mut self.report, &mut self.unknown);
        if entry.is_none() {
            unknown.push(index);
        }
        let mut compare = |tile: TileId, bytes: &[u8]| {
            compare_tile(folder, report, unknown, tile, bytes);
            Ok(())
        };
        match entry {
            Some(bytes) => self.tree.push(bytes, &mut compare)?,
            None => self
                .tree
                .push_leaf(leaf.unwrap_or_default(), &mut compare)?,
        }
        self.compare_claims();
        Ok(())
    }

    /// Entry `index` from its bundle, when the level-0 tile agrees.
    fn bundled(&self, index: u64) -> Option<Vec<u8>> {
        let tile = tile_at(TileKind::Entries, index / 256, self.size)?;
        let bytes = self.folder.read(&tile.path(), MAX_TILE_BYTES).ok()?;
        let entry = *parse_bundle(&bytes)
            .ok()?
            .get(usize::try_from(index % 256).ok()?)?;
        (self.tile_leaf(index) == Some(leaf_hash(entry))).then(|| entry.to_vec())
    }

    fn tile_leaf(&self, index: u64) -> Option<Digest> {
        let tile = tile_at(TileKind::Hashes(0), index / 256, self.size)?;
        let bytes = self.folder.read(&tile.path(), MAX_TILE_BYTES).ok()?;
        parse_hashes(&bytes)
            .ok()?
            .get(usize::try_from(index % 256).ok()?)
            .copied()
    }

    /// Goes over entries missing at the end, compares the partial tiles, and holds the root
    /// against the checkpoint.
    fn finish(&mut self) -> Result<()> {
        if self.next < self.size {
            let missing = self.next..self.size;
            self.damage(
                &segment_name(self.next),
                missing,
                "entries are missing at the end",
            );
            self.skip_to(self.size)?;
        }
        let (folder, report, unknown) = (self.folder, &mut self.report, &self.unknown);
        if unknown.len() >= MAX_UNKNOWN {
            self.damage(
                CHECKPOINT,
                0..self.size,
                "too many entries are lost to recompute its root",
            );
            return Ok(());
        }
        self.tree.partials(&mut |tile, bytes| {
            compare_tile(folder, report, unknown, tile, bytes);
            Ok(())
        })?;
        for claim in std::mem::take(&mut self.claims) {
            if claim.size > self.size {
                self.damage(
                    &claim.file,
                    self.size..claim.size,
                    "it is newer than the log",
                );
            }
        }
        let root = self.tree.root();
        let signed = self.report.checkpoint.as_ref().map(|c| (c.size, c.root));
        if signed.is_some_and(|(size, signed)| size == self.size && signed != root) {
            let what = if self.unknown.is_empty() {
                "the entries do not hash to its root"
            } else {
                "its root cannot be recomputed: entries are lost"
            };
            self.damage(CHECKPOINT, 0..self.size, what);
        }
        Ok(())
    }
}

/// What is left of a damaged segment header: when the nonce is whole, the frames still check.
fn lenient_header(bytes: &[u8], first: u64) -> SegmentHeader {
    let nonce = bytes
        .get(16..32)
        .and_then(|nonce| nonce.try_into().ok())
        .unwrap_or_default();
    SegmentHeader {
        first,
        nonce,
        previous: [0; 32],
    }
}

/// Compares a tile on disk, and the partial ones beside it, with what it should be.
fn compare_tile(
    folder: &Folder,
    report: &mut AuditReport,
    unknown: &[u64],
    tile: TileId,
    expected: &[u8],
) {
    let (start, end) = tile.span();
    let at = unknown.partition_point(|index| *index < start);
    if unknown.get(at).is_some_and(|index| *index < end) {
        return;
    }
    compare_one(folder, report, tile, expected);
    let dir = format!("{}.p", tile.full().path());
    for name in folder.list(&dir).unwrap_or_default() {
        let Ok(partial) = TileId::parse(&format!("{dir}/{name}")) else {
            continue;
        };
        if partial.width < tile.width {
            compare_one(folder, report, partial, prefix(partial, expected));
        }
    }
}

fn compare_one(folder: &Folder, report: &mut AuditReport, tile: TileId, expected: &[u8]) {
    report.tiles += 1;
    let what = match folder.read(&tile.path(), MAX_TILE_BYTES) {
        Ok(bytes) if bytes == expected => return,
        Ok(_) => String::from("it is not what the entries hash to"),
        Err(e) => e.to_string(),
    };
    let (start, end) = tile.span();
    report.damage.push(Damage {
        file: folder.path(&tile.path()),
        entries: start..end,
        what,
    });
}

/// What a narrower partial tile holds of a wider one.
fn prefix(partial: TileId, expected: &[u8]) -> &[u8] {
    let width = usize::from(partial.width);
    let len = match partial.kind {
        TileKind::Hashes(_) => width * 32,
        TileKind::Entries => {
            let entries = parse_bundle(expected).unwrap_or_default();
            entries
                .iter()
                .take(width)
                .map(|entry| entry.len() + 2)
                .sum()
        }
    };
    &expected[..len.min(expected.len())]
}
