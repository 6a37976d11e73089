//! The line in one process: input → log → engine → log → tables.
//!
//! An input is acknowledged when it is durable in the log, before anything is concluded from it.
//! What follows from it is appended behind it; should the process die in between, opening the
//! folder again concludes the same and appends what is missing. The tables are folded from the same
//! entries and can be thrown away.

mod ahead;
mod amend;
mod epoch;
mod error;
mod folder;
mod opening;
mod replay;
mod tables;

use std::collections::BTreeMap;

use truce_core::fields;
use truce_core::record::{Custody, RowPlace, Seal};
use truce_core::time::{from_nanoseconds, nanoseconds};
use truce_core::{Body, Digest, Record, RecordClass, Timestamp};
use truce_ledger::{Checkpoint, Draft, Ledger, MAX_ROW_PARTS, Reader, Rows, SealedSegment};
use truce_store::Store;

use crate::engine::{Engine, Setup};

pub use amend::preview_amendment;
pub use epoch::{mission_entry, mission_files};
pub use error::Error;
pub use folder::Folder;
pub(crate) use folder::{read_text, replace, write_private};
pub use opening::Opening;
pub use replay::{Mismatch, Replay, Replayed, entry_records};
use tables::Tables;
pub use tables::{mark_closed, remove_tables};

/// Most rows put into one entry: keeps an entry's proof short and its memory bounded.
pub const ENTRY_ROWS_MAX: usize = 16_384;

/// Told how far a long piece of work has come: entries done, entries in all.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);

/// The line, open for writing. There is one per data folder.
pub struct Line {
    folder: Folder,
    engine: Engine,
    ledger: Ledger,
    store: Tables,
    /// Sealed segments whose digest is in the log.
    seals_logged: usize,
    rows: Rows,
    row_bytes: Vec<u8>,
}

/// What opening a folder found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Entries that were there.
    pub entries: u64,
    /// Bytes of an unfinished write that were cut off; they had never been acknowledged.
    pub torn_bytes_cut: u64,
    /// Records that the last run had no time to conclude and that were appended now.
    pub records_completed: u64,
}

/// What became of one input entry.
#[derive(Debug)]
pub struct Submitted {
    /// The index of the input's entry.
    pub entry: u64,
    /// What followed from it, with the index of each record's entry.
    pub outputs: Vec<(u64, Record)>,
}

impl Line {
    /// Begins a log for a mission in a folder that has none. The mission's files are its first
    /// entry, so that the log explains itself.
    ///
    /// # Errors
    /// Mistakes in the files; a log that is already there; files that cannot be written.
    pub fn create(
        folder: &Folder,
        files: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let setup = Setup::read(files).map_err(Error::Mission)?;
        let origin = setup.mission.log_origin.clone();
        let key = folder.create(&origin)?;
        let ledger = Ledger::create(&folder.log(), &origin, key)?;
        let store = Tables::create(folder)?;
        let mut line = Self::assemble(folder, Engine::new(setup), ledger, store);
        line.begin_epoch(files, None, now)?;
        line.commit(now)?;
        Ok(line)
    }

    /// Opens the log of a folder, concludes again from every input, compares, and appends what the
    /// last run could not finish.
    ///
    /// # Errors
    /// A log that another process holds, that is damaged, or from which this version of the
    /// program concludes something else.
    pub fn open(folder: &Folder, progress: Progress<'_>) -> Result<(Self, Opened), Error> {
        Opening::lock(folder)?.conclude_and_fold(progress)
    }

    fn assemble(folder: &Folder, engine: Engine, ledger: Ledger, store: Tables) -> Self {
        let (rows, row_bytes) = (Rows::new(), Vec::new());
        Self {
            folder: folder.clone(),
            engine,
            ledger,
            store,
            seals_logged: 0,
            rows,
            row_bytes,
        }
    }

    /// The engine, for questions.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Entries in the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.ledger.size()
    }

    /// The tables, for questions.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Takes input records of one class: makes them durable, then draws the conclusions. When this
    /// returns, the inputs are acknowledged.
    ///
    /// # Errors
    /// When the log or the tables cannot be written. After an error of the log nothing more can be
    /// submitted.
    pub fn submit(&mut self, inputs: Vec<Record>, now: Timestamp) -> Result<Submitted, Error> {
        let log_time_ns = nanoseconds(now);
        self.store.begin()?;
        let entry = self.append(&inputs, log_time_ns)?;
        self.ledger.sync()?;
        let outputs = self.engine.step(&inputs);
        let outputs = self.conclude(outputs, log_time_ns)?;
        self.store.commit()?;
        Ok(Submitted { entry, outputs })
    }

    /// Signs and publishes a checkpoint over everything so far, with the digests of the segments
    /// of evidence that were sealed since the last.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn commit(&mut self, now: Timestamp) -> Result<Checkpoint, Error> {
        let sealed = self.ledger.sealed_segments().iter().skip(self.seals_logged);
        let seals: Vec<Record> = sealed.map(seal).collect();
        for seal in seals {
            self.store.begin()?;
            self.append(&[seal], nanoseconds(now))?;
            self.store.commit()?;
            self.seals_logged += 1;
        }
        Ok(self.ledger.commit(nanoseconds(now))?)
    }

    /// Logs what was done with evidence, durably, and returns the entry's index.
    ///
    /// # Errors
    /// When the log or the tables cannot be written.
    pub fn record_custody(&mut self, custody: Custody, now: Timestamp) -> Result<u64, Error> {
        self.store.begin()?;
        let entry = self.append(&[Record::new(Body::Custody(custody))], nanoseconds(now))?;
        self.ledger.sync()?;
        self.store.commit()?;
        Ok(entry)
    }

    /// Erases rows of raw messages: logs who does it and why, publishes that, and then destroys
    /// rows and salts. Conclusions that were drawn from them stay. The tables were folded from what
    /// is erased now, so they go; opening the log folds them anew.
    ///
    /// # Errors
    /// [`Error::NotErasable`] before anything is done, for a row that is no raw message; when the
    /// log cannot be written.
    pub fn erase(mut self, erasure: Custody, now: Timestamp) -> Result<u64, Error> {
        let reader = Reader::open(&self.folder.log())?;
        for RowPlace { entry, row } in &erasure.rows {
            let refuse = |why| Error::NotErasable {
                entry: *entry,
                row: *row,
                why,
            };
            if *entry >= reader.size()? {
                return Err(refuse("the log has fewer entries"));
            }
            let (header, rows) = reader.entry(*entry)?;
            if RecordClass::from_byte(header.class) != Some(RecordClass::Raw) {
                return Err(refuse("only raw messages are; the rest follows from them"));
            }
            if rows.len() <= *row as usize {
                return Err(refuse("the entry has fewer rows"));
            }
        }
        let rows: Vec<_> = erasure.rows.iter().map(|at| (at.entry, at.row)).collect();
        self.record_custody(erasure, now)?;
        self.commit(now)?;
        let tables = self.folder.state_file();
        drop(self.store);
        remove_tables(&tables)?;
        Ok(self.ledger.erase(&rows)?)
    }

    /// Removes published tiles that fuller ones have replaced.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn prune(&mut self) -> Result<(), Error> {
        self.ledger.prune_partial_tiles()?;
        Ok(())
    }

    /// Appends what followed from an input, in entries of one class each.
    fn conclude(
        &mut self,
        records: Vec<Record>,
        log_time_ns: i64,
    ) -> Result<Vec<(u64, Record)>, Error> {
        let mut placed = Vec::with_capacity(records.len());
        for chunk in entry_chunks(&records) {
            let entry = self.append(chunk, log_time_ns)?;
            placed.extend(std::iter::repeat_n(entry, chunk.len()));
        }
        Ok(placed.into_iter().zip(records).collect())
    }

    fn append(&mut self, records: &[Record], log_time_ns: i64) -> Result<u64, Error> {
        let first = records.first().ok_or(Error::EmptyEntry)?;
        self.rows.clear();
        for record in records {
            push_record(&mut self.rows, &mut self.row_bytes, record);
        }
        let setup = self.engine.setup();
        let draft = Draft {
            class: first.body.class() as u8,
            log_time_ns,
            agreement: setup.agreement_digest.0,
            policy: setup.digest.0,
            rows: &self.rows,
        };
        let entry = self.ledger.append(draft)?;
        self.store
            .apply_entry(entry, from_nanoseconds(log_time_ns), records)?;
        Ok(entry)
    }
}

/// Adds a record as a row, cut into its fields when its class is committed to by field.
pub(crate) fn push_record(rows: &mut Rows, buffer: &mut Vec<u8>, record: &Record) {
    buffer.clear();
    record.write_canonical(buffer);
    let pieces = if record.body.class().is_committed_by_field() {
        fields::pieces(buffer)
    } else {
        Vec::new()
    };
    match pieces.len() {
        1..=MAX_ROW_PARTS => rows.push_parts(buffer, &pieces),
        _ => rows.push(buffer),
    }
}

fn seal(segment: &SealedSegment) -> Record {
    Record::new(Body::Seal(Seal {
        segment: format!("{:020}.seg", segment.first),
        digest: Digest(segment.digest),
    }))
}

/// Splits records into runs that may form one entry: one class, not too many rows.
fn entry_chunks(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    records
        .chunk_by(|a, b| a.body.class() == b.body.class())
        .flat_map(|run| run.chunks(ENTRY_ROWS_MAX))
}

/// The digest of a mission's files as a folder or a log gives them.
#[must_use]
pub fn mission_digest(files: &BTreeMap<String, String>) -> Digest {
    truce_core::mission::digest(files)
}
