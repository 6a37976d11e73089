//! Concluding again from the inputs of a log, comparing with what the log holds, and folding the
//! tables anew.

use std::collections::VecDeque;
use std::fmt;

use truce_core::{Digest, Record, RecordClass};
use truce_ledger::{Reader, Row};
use truce_store::Store;

use super::{Error, Progress, timestamp};
use crate::engine::{Engine, Setup};

/// Differences kept for the report; all are counted.
const MISMATCHES_KEPT_MAX: usize = 20;

/// How often progress is told, in entries.
const PROGRESS_EVERY_ENTRIES: u64 = 64;

/// A place where the log and the engine differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The entry.
    pub entry: u64,
    /// What differs.
    pub text: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.entry, self.text)
    }
}

/// Records that follow from the last input and are not in the log yet.
#[derive(Debug, Default)]
pub struct Unfinished {
    /// The records.
    pub records: Vec<Record>,
    /// The log time of the input they follow from.
    pub log_time_ns: i64,
}

/// What a replay gave.
pub struct Replayed {
    /// The engine in its final state.
    pub engine: Engine,
    /// Entries read.
    pub entries: u64,
    /// Records read.
    pub records: u64,
    /// Sealed segments whose digest the log holds.
    pub seals: usize,
    /// Records that were concluded again.
    pub reproduced: u64,
    /// Digest over all records that were concluded again, in order.
    pub output_digest: Digest,
    /// How many records differ.
    pub mismatch_count: u64,
    /// The first of them.
    pub mismatches: Vec<Mismatch>,
    /// What follows from the last input and is not in the log.
    pub unfinished: Unfinished,
}

/// A replay under way.
pub struct Replay {
    engine: Option<Engine>,
    expected: VecDeque<Record>,
    log_time_ns: i64,
    records: u64,
    seals: usize,
    reproduced: u64,
    chain: Digest,
    mismatch_count: u64,
    mismatches: Vec<Mismatch>,
}

impl Replay {
    /// Reads a whole log from its first entry; folds it into tables when they are given.
    ///
    /// # Errors
    /// When the log cannot be read, or does not begin with a mission.
    pub fn run(
        reader: &Reader,
        mut store: Option<&mut Store>,
        progress: Progress<'_>,
    ) -> Result<Replayed, Error> {
        let size = reader.size()?;
        let mut replay = Self {
            engine: None,
            expected: VecDeque::new(),
            log_time_ns: 0,
            records: 0,
            seals: 0,
            reproduced: 0,
            chain: Digest::of(b"truce outputs v1"),
            mismatch_count: 0,
            mismatches: Vec::new(),
        };
        if let Some(store) = store.as_deref_mut() {
            store.begin()?;
        }
        for item in reader.entries(0) {
            let (index, entry, rows) = item?;
            let records = entry_records(&rows)?;
            if let Some(store) = store.as_deref_mut() {
                store.apply_entry(index, timestamp(entry.log_time_ns), &records)?;
            }
            replay.take(index, entry.class, entry.log_time_ns, records, &rows)?;
            if index % PROGRESS_EVERY_ENTRIES == 0 {
                progress(index, size);
            }
        }
        if let Some(store) = store {
            store.commit()?;
        }
        progress(size, size);
        replay.finish(size)
    }

    fn take(
        &mut self,
        index: u64,
        class: u8,
        log_time_ns: i64,
        records: Vec<Record>,
        rows: &[Row],
    ) -> Result<(), Error> {
        self.records += records.len() as u64;
        match RecordClass::from_byte(class) {
            Some(class) if class.is_input() => {
                let missing = self.expected.len();
                if missing > 0 {
                    self.differ(index, format!("{missing} record(s) before it are missing"));
                    self.expected.clear();
                }
                self.log_time_ns = log_time_ns;
                self.input(class, &records)
            }
            Some(RecordClass::Seal) => {
                self.seals += records.len();
                Ok(())
            }
            Some(_) => {
                self.compare(index, rows);
                Ok(())
            }
            None => {
                self.differ(index, format!("class {class} is unknown"));
                Ok(())
            }
        }
    }

    fn input(&mut self, class: RecordClass, records: &[Record]) -> Result<(), Error> {
        if class == RecordClass::MissionFile {
            let files = records.iter().filter_map(|record| match &record.body {
                truce_core::Body::MissionFile(file) => Some((file.name.clone(), file.text.clone())),
                _ => None,
            });
            let setup = Setup::read(&files.collect()).map_err(Error::Mission)?;
            self.engine = Some(Engine::new(setup));
        }
        let engine = self.engine.as_mut().ok_or(Error::NoMission)?;
        self.expected = engine.step(records).into();
        Ok(())
    }

    fn compare(&mut self, index: u64, rows: &[Row]) {
        for (number, row) in rows.iter().enumerate() {
            let Some(expected) = self.expected.pop_front() else {
                self.differ(index, format!("row {number} follows from no input"));
                continue;
            };
            if expected.canonical() == row.bytes {
                self.reproduced += 1;
                self.chain = Digest::of_parts("truce output", &[&self.chain.0, &row.bytes]);
            } else {
                self.differ(index, format!("row {number} differs"));
            }
        }
    }

    fn differ(&mut self, entry: u64, text: String) {
        self.mismatch_count += 1;
        if self.mismatches.len() < MISMATCHES_KEPT_MAX {
            self.mismatches.push(Mismatch { entry, text });
        }
    }

    fn finish(self, entries: u64) -> Result<Replayed, Error> {
        Ok(Replayed {
            engine: self.engine.ok_or(Error::NoMission)?,
            entries,
            records: self.records,
            seals: self.seals,
            reproduced: self.reproduced,
            output_digest: self.chain,
            mismatch_count: self.mismatch_count,
            mismatches: self.mismatches,
            unfinished: Unfinished {
                records: self.expected.into(),
                log_time_ns: self.log_time_ns,
            },
        })
    }
}

/// The records of an entry's rows.
///
/// # Errors
/// When a row is no record.
pub fn entry_records(rows: &[Row]) -> Result<Vec<Record>, Error> {
    rows.iter()
        .map(|row| Ok(Record::from_canonical(&row.bytes)?))
        .collect()
}
