//! The writer: append, sync, commit.
//!
//! An entry is *appended* when it is written, *acknowledged* when [`Ledger::sync`] has made it
//! durable, and *published* when a [`Ledger::commit`] has covered it by a signed checkpoint. Any
//! failed write or sync stops the ledger: it must be reopened, which finds out what the disk holds.

use crate::builder::TreeBuilder;
use crate::checkpoint::{Checkpoint, check_origin};
use crate::disk::{Folder, LockGuard, TreeWriter};
use crate::entry::{ENTRY_BYTES, Entry, EntryBytes};
use crate::erase;
use crate::error::{Error, Result};
use crate::head::{CHECKPOINT, HEAD, Head, read_published};
use crate::key::{SigningKey, VerifierKey};
use crate::merkle::{Accumulator, Digest};
use crate::mldsa::{MlDsaKey, check_length};
use crate::recover::{OpenReport, recover};
use crate::rows::{Rows, SALT_BYTES, row_leaf};
use crate::segment::{
    FRAME_FIXED_BYTES, FRAME_HEADER_BYTES, MAX_FRAME_BODY_BYTES, MAX_SEGMENT_BYTES, SEGMENTS,
    SealedSegment, list_segments, push_row, row_bytes_max,
};
use crate::tile::{TileId, tile_at};
use crate::writer::SegmentWriter;
use std::path::Path;

/// Segments are sealed before they grow above this many bytes, unless the caller names another
/// bound: large enough that a day has few files, small enough to hash in a blink.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// Appending is refused while this many entries wait for a commit; they are held in memory.
pub const MAX_PENDING_ENTRIES: usize = 1 << 18;

/// What the caller gives for one entry; the ledger adds salts, commitment, submitter and signature.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What kind of record it is; the ledger gives it no meaning.
    pub class: u8,
    /// Nanoseconds since the Unix epoch.
    pub log_time_ns: i64,
    /// Digest of the agreement in force.
    pub agreement: Digest,
    /// Digest of the policy in force.
    pub policy: Digest,
    /// The content.
    pub rows: &'a Rows,
}

/// The one writer of a log. It holds the folder's lock until it is dropped.
pub struct Ledger {
    folder: Folder,
    key: SigningKey,
    /// For a second line under each checkpoint.
    ml_dsa: Option<MlDsaKey>,
    writer: SegmentWriter,
    /// The tree at the head's size.
    tree: TreeBuilder,
    /// Entries that the head does not cover.
    pending: Vec<EntryBytes>,
    acknowledged: u64,
    head: Head,
    tiles: TreeWriter,
    poisoned: Option<String>,
    /// Kept between appends for their allocation.
    frame: Vec<u8>,
    salts: Vec<u8>,
    row_tree: Accumulator,
    _lock: LockGuard,
}

/// The right to write in a log's folder, held without opening the log: while this lives nobody can
/// open it for writing.
pub struct Hold {
    _lock: LockGuard,
}

impl Hold {
    /// Takes the lock of the log in `dir`.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process holds it, [`Error::Io`].
    pub fn take(dir: &Path) -> Result<Hold> {
        let _lock = Folder::real(dir).lock()?;
        Ok(Hold { _lock })
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Ledger");
        shown
            .field("dir", &self.folder.root())
            .field("size", &self.size());
        shown
            .field("published", &self.head.checkpoint.size)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Begins a log in `dir`, which is created when its parent exists, and publishes the
    /// checkpoint of the empty tree.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Locked`], [`Error::Malformed`] for a bad origin, [`Error::Io`].
    pub fn create(dir: &Path, origin: &str, key: SigningKey) -> Result<Ledger> {
        Self::create_in(&Folder::real(dir), origin, key, SEGMENT_BYTES)
    }

    /// Opens a log for writing: takes the lock, replays the segments, holds them against the head
    /// and the published checkpoint, cuts a torn tail that nobody was told of, rebuilds missing
    /// tiles.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process holds it; [`Error::NotALedger`]; [`Error::Signature`]
    /// for a wrong key; [`Error::Damaged`], [`Error::RootMismatch`], [`Error::PublishedNewer`],
    /// [`Error::PublishedDiffers`], [`Error::Head`] when going on could lose or fork entries.
    pub fn open(dir: &Path, key: SigningKey) -> Result<(Ledger, OpenReport)> {
        Self::open_in(&Folder::real(dir), key, SEGMENT_BYTES)
    }

    /// [`Ledger::open`] with another bound for segments, in bytes; at most
    /// `MAX_SEGMENT_BYTES`.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(dir: &Path, key: SigningKey, bound: u64) -> Result<(Ledger, OpenReport)> {
        Self::open_in(&Folder::real(dir), key, bound)
    }

    pub(crate) fn create_in(
        folder: &Folder,
        origin: &str,
        key: SigningKey,
        segment_bytes: u64,
    ) -> Result<Ledger> {
        check_origin(origin)?;
        folder.create_root()?;
        let lock = folder.lock()?;
        if folder.len(HEAD)?.is_some() {
            return Err(Error::Exists {
                dir: folder.root().to_path_buf(),
            });
        }
        if !list_segments(folder)?.is_empty() {
            let what = "it is missing though there are segments".into();
            return Err(Error::Head {
                path: folder.path(HEAD),
                what,
            });
        }
        folder.remove_temporary()?;
        folder.create_dir(SEGMENTS)?;
        let checkpoint = Checkpoint::sign(origin, 0, crate::merkle::empty_root(), &key)?;
        Head {
            committed_at_ns: 0,
            checkpoint,
        }
        .write(folder)?;
        Ok(Self::open_locked(folder, key, segment_bytes, lock)?.0)
    }

    pub(crate) fn open_in(
        folder: &Folder,
        key: SigningKey,
        segment_bytes: u64,
    ) -> Result<(Ledger, OpenReport)> {
        if folder.len(HEAD)?.is_none() {
            return Err(Error::NotALedger {
                dir: folder.root().to_path_buf(),
            });
        }
        let lock = folder.lock()?;
        Self::open_locked(folder, key, segment_bytes, lock)
    }

    fn open_locked(
        folder: &Folder,
        key: SigningKey,
        segment_bytes: u64,
        lock: LockGuard,
    ) -> Result<(Ledger, OpenReport)> {
        let head = Head::read(folder, &key.verifier())?;
        let published = read_published(folder)?;
        if let Some(published) = &published {
            check_published(published, &head.checkpoint, &key.verifier())?;
        }
        folder.remove_temporary()?;
        folder.create_dir(SEGMENTS)?;
        folder.sync_dir("")?;
        erase::finish(folder)?;
        let limit = segment_bytes.min(MAX_SEGMENT_BYTES);
        let recovered = recover(folder, &head.checkpoint, published.as_ref(), limit)?;
        // A crash may have come between the rename of the head and the sync of its directory.
        head.write(folder)?;
        folder.replace(CHECKPOINT, head.checkpoint.to_string().as_bytes())?;
        let report = recovered.report;
        let ledger = Ledger {
            folder: folder.clone(),
            key,
            ml_dsa: None,
            acknowledged: recovered.writer.next(),
            writer: recovered.writer,
            tree: recovered.tree,
            pending: recovered.pending,
            head,
            tiles: TreeWriter::new(folder.clone()),
            poisoned: None,
            frame: Vec::new(),
            salts: Vec::new(),
            row_tree: Accumulator::new(),
            _lock: lock,
        };
        Ok((ledger, report))
    }

    /// Gives each checkpoint that is signed from now on a second line, by ML-DSA-44.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the origin is too long for it.
    pub fn sign_also_with(&mut self, key: MlDsaKey) -> Result<()> {
        check_length("origin", self.origin())?;
        self.ml_dsa = Some(key);
        Ok(())
    }

    /// Writes one entry and returns its index. It is not durable before [`Ledger::sync`].
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the rows exceed a frame or too many entries wait for a commit;
    /// [`Error::Io`] stops the ledger; [`Error::Poisoned`] afterwards.
    pub fn append(&mut self, draft: Draft<'_>) -> Result<u64> {
        self.check_alive()?;
        check_bounds(draft.rows, self.pending.len())?;
        self.fill_frame(draft.rows)?;
        let mut entry = Entry {
            class: draft.class,
            log_time_ns: draft.log_time_ns,
            submitter: [0; 32],
            agreement: draft.agreement,
            policy: draft.policy,
            payload_root: self.row_tree.root(),
            row_count: u32::try_from(draft.rows.len()).expect("bounded by the frame"),
            signature: [0; 64],
        };
        entry.sign(&self.head.checkpoint.origin, &self.key);
        let bytes = entry.to_bytes();
        self.frame[FRAME_HEADER_BYTES..][..ENTRY_BYTES].copy_from_slice(&bytes);
        let index = self.writer.next();
        let appended = self.writer.append(&mut self.frame, self.acknowledged);
        self.poison_on_error(appended)?;
        self.pending.push(bytes);
        Ok(index)
    }

    /// Lays rows and salts out behind the room for header and entry, and hashes them on the way.
    fn fill_frame(&mut self, rows: &Rows) -> Result<()> {
        self.salts.resize(rows.len() * SALT_BYTES, 0);
        getrandom::fill(&mut self.salts).map_err(|e| Error::Random {
            what: e.to_string(),
        })?;
        let (frame, tree) = (&mut self.frame, &mut self.row_tree);
        frame.clear();
        tree.clear();
        frame.resize(FRAME_FIXED_BYTES, 0);
        for ((row, parts), salt) in rows.iter_parts().zip(self.salts.as_chunks().0) {
            push_row(frame, salt, row, parts);
            let mut lens = parts.iter().map(|len| *len as usize);
            let lens = (!parts.is_empty()).then_some(&mut lens as &mut dyn Iterator<Item = usize>);
            tree.push(row_leaf(salt, row, lens));
        }
        Ok(())
    }

    /// Makes all appended entries durable (fdatasync) and returns their number: only these are
    /// acknowledged.
    ///
    /// # Errors
    /// [`Error::Io`] stops the ledger; [`Error::Poisoned`] afterwards.
    pub fn sync(&mut self) -> Result<u64> {
        self.check_alive()?;
        if self.acknowledged < self.writer.next() {
            let synced = self.writer.sync();
            self.poison_on_error(synced)?;
            self.acknowledged = self.writer.next();
        }
        Ok(self.acknowledged)
    }

    /// Syncs, builds tiles for all entries and makes them durable, swaps the head, and publishes
    /// the signed checkpoint. `now_ns` is kept in the head, in nanoseconds since the Unix epoch.
    /// With no new entries it returns the checkpoint there is.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Head`] stop the ledger; [`Error::Poisoned`] afterwards.
    pub fn commit(&mut self, now_ns: i64) -> Result<Checkpoint> {
        self.sync()?;
        if !self.pending.is_empty() {
            let committed = self.commit_pending(now_ns);
            self.poison_on_error(committed)?;
        }
        Ok(self.head.checkpoint.clone())
    }

    fn commit_pending(&mut self, now_ns: i64) -> Result<()> {
        let mut tree = self.tree.clone();
        let tiles = &mut self.tiles;
        for entry in &self.pending {
            tree.push(entry, &mut |tile, bytes| tiles.write(&tile.path(), bytes))?;
        }
        tree.partials(&mut |tile, bytes| tiles.write(&tile.path(), bytes))?;
        tiles.sync()?;
        let origin = &self.head.checkpoint.origin;
        let mut checkpoint = Checkpoint::sign(origin, tree.size(), tree.root(), &self.key)?;
        if let Some(key) = &self.ml_dsa {
            let now_s = u64::try_from(now_ns / 1_000_000_000).unwrap_or(0);
            checkpoint.add_signature(key.cosign(&checkpoint, now_s)?)?;
        }
        self.publish(Head {
            committed_at_ns: now_ns,
            checkpoint,
        })?;
        self.tree = tree;
        self.pending.clear();
        Ok(())
    }

    /// Swaps the head, then publishes its checkpoint.
    fn publish(&mut self, head: Head) -> Result<()> {
        head.swap(&self.head, &self.folder)?;
        self.folder
            .replace(CHECKPOINT, head.checkpoint.to_string().as_bytes())?;
        self.head = head;
        Ok(())
    }

    /// Erases rows, by entry and row: salt and content are overwritten with the leaf hash and zeros,
    /// and every proof still holds. Log the reason, and make it durable, first. Returns how many
    /// were not erased before.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::Damaged`], [`Error::TooLarge`] before anything is changed;
    /// [`Error::Io`] stops the ledger, and opening it finishes the erasure.
    pub fn erase(&mut self, rows: &[(u64, u32)]) -> Result<u64> {
        let size = self.sync()?;
        let erased = erase::erase(&self.folder, size, rows);
        if matches!(erased, Err(Error::Io { .. })) {
            return self.poison_on_error(erased);
        }
        erased
    }

    /// Removes the partial tiles of every tile that is full and published, as tlog-tiles
    /// ("Partial Tiles") allows, and returns how many. Each commit leaves up to one partial tile
    /// per level and one bundle; a log that commits every second should prune now and then.
    /// Readers take the full tile instead.
    ///
    /// # Errors
    /// [`Error::Io`]. A failure harms nothing and does not stop the ledger.
    pub fn prune_partial_tiles(&self) -> Result<u64> {
        prune(&self.folder, "tile", self.head.checkpoint.size)
    }

    /// Number of entries appended.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.writer.next()
    }

    /// Number of entries made durable.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The published checkpoint.
    #[must_use]
    pub fn published(&self) -> &Checkpoint {
        &self.head.checkpoint
    }

    /// When it was committed, in nanoseconds since the Unix epoch; 0 for the empty log.
    #[must_use]
    pub fn committed_at_ns(&self) -> i64 {
        self.head.committed_at_ns
    }

    /// The log's identity.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.head.checkpoint.origin
    }

    /// The public key that verifies its checkpoints.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        self.key.verifier()
    }

    /// All sealed segments, oldest first, for the caller to log their digests. After a crash the
    /// caller knows from its own records which it has logged.
    #[must_use]
    pub fn sealed_segments(&self) -> &[SealedSegment] {
        self.writer.sealed()
    }

    fn check_alive(&self) -> Result<()> {
        match &self.poisoned {
            Some(cause) => Err(Error::Poisoned {
                cause: cause.clone(),
            }),
            None => Ok(()),
        }
    }

    fn poison_on_error<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(e) = &result {
            self.poisoned = Some(e.to_string());
        }
        result
    }
}

/// The published checkpoint must be ours and no newer than the head. Whether an older one is a
/// prefix of the log is seen during the replay.
fn check_published(published: &Checkpoint, head: &Checkpoint, key: &VerifierKey) -> Result<()> {
    let size = published.size;
    let differs = |what: &str| {
        Err(Error::PublishedDiffers {
            size,
            what: what.to_owned(),
        })
    };
    if published.verify(key).is_err() {
        return differs("it is not signed by this log's key");
    }
    if published.origin != head.origin {
        return differs("it has another origin");
    }
    if size > head.size {
        return Err(Error::PublishedNewer {
            published: size,
            head: head.size,
        });
    }
    Ok(())
}

/// Prunes below one directory of the tile tree.
fn prune(folder: &Folder, dir: &str, size: u64) -> Result<u64> {
    let mut removed = 0;
    for name in folder.list(dir)? {
        let path = format!("{dir}/{name}");
        let full = path
            .strip_suffix(".p")
            .and_then(|full| TileId::parse(full).ok());
        if let Some(full) = full {
            if tile_at(full.kind, full.index, size) == Some(full)
                && folder.len(&full.path())?.is_some()
            {
                removed += folder.remove_files(&path)?;
            }
        } else if dir == "tile" || name.starts_with('x') {
            removed += prune(folder, &path, size)?;
        }
    }
    Ok(removed)
}

fn check_bounds(rows: &Rows, pending: usize) -> Result<()> {
    let rows = rows.iter_parts();
    let body = rows.fold(ENTRY_BYTES, |sum, (row, parts)| {
        sum + row_bytes_max(row.len(), parts.len())
    });
    let (limit, got) = (MAX_FRAME_BODY_BYTES as u64, body as u64);
    if got > limit {
        return Err(Error::TooLarge {
            what: "length of one entry's rows in bytes",
            limit,
            got,
        });
    }
    if pending >= MAX_PENDING_ENTRIES {
        let (limit, got) = (MAX_PENDING_ENTRIES as u64, pending as u64);
        return Err(Error::TooLarge {
            what: "number of entries waiting for a commit",
            limit,
            got,
        });
    }
    Ok(())
}
