//! Concluding again from the inputs of a log, comparing with what the log holds, and folding the
//! tables anew.
//!
//! A message that was lawfully erased cannot be decoded again. From the first one on, the readings
//! of an input are taken from the log where decoding gives others, and everything behind the
//! decoders is concluded from them as before.
//!
//! Only the newest epoch is compared. What earlier ones concluded stays as it is; the engine is told
//! their readings, and where its epoch begins it concludes otherwise what it then said it does.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use truce_core::record::{CustodyAction, RowPlace};
use truce_core::time::from_nanoseconds;
use truce_core::{Body, Digest, Record, RecordClass};
use truce_ledger::{Entry, Reader, Row};
use truce_store::Store;

use super::ahead::{Logged, each_entry};
use super::epoch::{Awaited, Retelling, Told, newest_epoch};
use super::{Error, Progress, mission_files};
use crate::engine::{ENGINE_VERSION, Engine, Setup};

/// Differences kept for the report; all are counted.
const MISMATCHES_KEPT_MAX: usize = 20;

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
    /// The entry with which the newest epoch begins; what came before is not concluded again.
    pub epoch_entry: u64,
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
    /// Rows that were erased.
    pub erased: u64,
    /// Readings and rejections that were taken from the log, since what they were decoded from was
    /// erased.
    pub taken_from_log: u64,
    /// Rows whose erasure is logged and that are still there.
    pub to_erase: BTreeSet<RowPlace>,
    /// What follows from the last input and is not in the log.
    pub unfinished: Unfinished,
}

/// A replay under way.
pub struct Replay {
    /// The entry with which the newest epoch begins.
    begins_at: u64,
    /// Until then.
    retelling: Option<Retelling>,
    /// From then on.
    engine: Option<Engine>,
    expected: VecDeque<Record>,
    log_time_ns: i64,
    records: u64,
    seals: usize,
    reproduced: u64,
    chain: Digest,
    mismatch_count: u64,
    mismatches: Vec<Mismatch>,
    /// From the first erased message on, each input waits for its readings.
    awaited: Option<Awaited>,
    taken_from_log: u64,
    erased: BTreeSet<RowPlace>,
    erasures: BTreeSet<RowPlace>,
}

/// A whole log, told to an engine that will take over.
pub(super) struct Retold {
    pub(super) told: Told,
    /// Sealed segments whose digest the log holds.
    pub(super) seals: usize,
}

impl Replay {
    /// Reads a whole log from its first entry; folds it into tables when they are given.
    ///
    /// # Errors
    /// When the log cannot be read, does not begin with a mission, or was last concluded by another
    /// version of the engine.
    pub fn run(
        reader: &Reader,
        store: Option<&mut Store>,
        progress: Progress<'_>,
    ) -> Result<Replayed, Error> {
        let begins_at = check_engine(reader)?;
        let setup = Setup::read(&mission_files(reader)?).map_err(Error::Mission)?;
        let replay = Self::read(reader, setup, begins_at, store, progress)?;
        replay.finish(reader.size()?)
    }

    /// Tells a whole log to an engine that is to take over, comparing nothing.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) fn retell(
        reader: &Reader,
        setup: Setup,
        store: Option<&mut Store>,
        progress: Progress<'_>,
    ) -> Result<Retold, Error> {
        let replay = Self::read(reader, setup, u64::MAX, store, progress)?;
        let retelling = replay.retelling.ok_or(Error::NoMission)?;
        Ok(Retold {
            told: retelling.finish(),
            seals: replay.seals,
        })
    }

    fn read(
        reader: &Reader,
        setup: Setup,
        begins_at: u64,
        mut store: Option<&mut Store>,
        progress: Progress<'_>,
    ) -> Result<Self, Error> {
        let mut replay = Self {
            begins_at,
            retelling: Some(Retelling::new(setup)),
            engine: None,
            expected: VecDeque::new(),
            log_time_ns: 0,
            records: 0,
            seals: 0,
            reproduced: 0,
            chain: Digest::of(b"truce outputs v1"),
            mismatch_count: 0,
            mismatches: Vec::new(),
            awaited: None,
            taken_from_log: 0,
            erased: BTreeSet::new(),
            erasures: BTreeSet::new(),
        };
        if let Some(store) = store.as_deref_mut() {
            store.begin()?;
        }
        each_entry(reader, 0, progress, |logged| {
            if let Some(store) = store.as_deref_mut() {
                let recorded_at = from_nanoseconds(logged.entry.log_time_ns);
                store.apply_entry(logged.index, recorded_at, &logged.records)?;
            }
            replay.count(logged.index, &logged.records);
            replay.take(logged)
        })?;
        if let Some(store) = store {
            store.commit()?;
        }
        Ok(replay)
    }

    /// Counts what is counted in every epoch.
    fn count(&mut self, entry: u64, records: &[Record]) {
        self.records += records.len() as u64;
        for (row, record) in (0u32..).zip(records) {
            match &record.body {
                Body::Erased(_) => {
                    self.erased.insert(RowPlace { entry, row });
                }
                Body::Custody(custody) if custody.action == CustodyAction::Erasure => {
                    self.erasures.extend(&custody.rows);
                }
                Body::Seal(_) => self.seals += 1,
                _ => {}
            }
        }
    }

    fn take(&mut self, logged: Logged) -> Result<(), Error> {
        let Logged {
            index,
            entry,
            rows,
            records,
        } = logged;
        // Records of an unknown class were refused before they come here.
        let Some(class) = RecordClass::from_byte(entry.class) else {
            return Ok(());
        };
        if index == self.begins_at {
            self.log_time_ns = entry.log_time_ns;
            self.begin();
        }
        if let Some(retelling) = &mut self.retelling {
            retelling.take(class, records);
            return Ok(());
        }
        if let (RecordClass::Rejection | RecordClass::Observation, Some(awaited)) =
            (class, &mut self.awaited)
        {
            awaited.take(records);
            return Ok(());
        }
        self.conclude_awaited(index)?;
        match class {
            RecordClass::MissionFile
            | RecordClass::Epoch
            | RecordClass::Seal
            | RecordClass::Custody => Ok(()),
            class if class.is_input() => {
                let missing = self.expected.len();
                if missing > 0 {
                    self.differ(index, format!("{missing} record(s) before it are missing"));
                    self.expected.clear();
                }
                self.log_time_ns = entry.log_time_ns;
                self.input(records)
            }
            _ => {
                self.compare(index, &rows);
                Ok(())
            }
        }
    }

    /// Begins the newest epoch: its engine takes over.
    fn begin(&mut self) {
        if let Some(retelling) = self.retelling.take() {
            let mut told = retelling.finish();
            self.expected = told.unlogged.into();
            let (succession, _) = told.engine.succeed(told.before, told.again);
            self.expected.extend(succession);
            self.engine = Some(told.engine);
        }
    }

    fn input(&mut self, records: Vec<Record>) -> Result<(), Error> {
        let engine = self.engine.as_mut().ok_or(Error::NoMission)?;
        // Of an erased message the row alone is left, and decoders may have needed it.
        if self.erased.is_empty() {
            self.expected = engine.step(&records).into();
        } else {
            self.awaited = Some(Awaited::new(records));
        }
        Ok(())
    }

    /// Concludes from an awaited input and the readings that the log holds of it.
    fn conclude_awaited(&mut self, index: u64) -> Result<(), Error> {
        let Some(awaited) = self.awaited.take() else {
            return Ok(());
        };
        let engine = self.engine.as_mut().ok_or(Error::NoMission)?;
        let count = awaited.recorded.len() as u64;
        let complete = awaited.has_erased_rows();
        let (outputs, same) = engine.step_recorded(&awaited.inputs, awaited.recorded);
        self.expected = outputs.into();
        match (same, complete) {
            (true, _) => self.reproduced += count,
            (false, true) => self.taken_from_log += count,
            // A decoder may have needed an erased message for a later one.
            (false, false) if count > 0 => self.taken_from_log += count,
            (false, false) => self.differ(index, "readings before it are missing".into()),
        }
        Ok(())
    }

    fn compare(&mut self, index: u64, rows: &[Row]) {
        for (number, row) in rows.iter().enumerate() {
            let Some(expected) = self.expected.pop_front() else {
                self.differ(index, format!("row {number} follows from no input"));
                continue;
            };
            let Some(bytes) = row.bytes() else { continue };
            if expected.canonical() == bytes {
                self.reproduced += 1;
                self.chain = Digest::of_parts("truce output", &[&self.chain.0, bytes]);
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

    /// The last input may have been cut off from its conclusions; rows are only erased behind
    /// complete ones.
    fn finish(mut self, entries: u64) -> Result<Replayed, Error> {
        match self.awaited.take() {
            Some(awaited) if !awaited.has_erased_rows() => {
                let engine = self.engine.as_mut().ok_or(Error::NoMission)?;
                let outputs = engine.step(&awaited.inputs);
                self.expected = outputs.into();
                self.expected
                    .drain(..awaited.recorded.len().min(self.expected.len()));
            }
            awaited => {
                self.awaited = awaited;
                self.conclude_awaited(entries)?;
            }
        }
        for RowPlace { entry, row } in &self.erased - &self.erasures {
            self.differ(
                entry,
                format!("row {row} was erased, and no reason is logged"),
            );
        }
        Ok(Replayed {
            erased: self.erased.len() as u64,
            taken_from_log: self.taken_from_log,
            to_erase: &self.erasures - &self.erased,
            engine: self.engine.ok_or(Error::NoMission)?,
            entries,
            records: self.records,
            epoch_entry: self.begins_at,
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

/// The entry with which a log's newest epoch begins, when this version of the engine concludes it.
pub(super) fn check_engine(reader: &Reader) -> Result<u64, Error> {
    let beginning = newest_epoch(reader)?;
    match beginning.epoch {
        Some(epoch) if epoch.engine != ENGINE_VERSION => Err(Error::OtherEngine {
            logged: epoch.engine,
        }),
        _ => Ok(beginning.entry),
    }
}

/// The records of an entry's rows; [`Body::Erased`] in the place of an erased one.
///
/// # Errors
/// When a row is no record.
pub fn entry_records(entry: &Entry, rows: &[Row]) -> Result<Vec<Record>, Error> {
    let class =
        RecordClass::from_byte(entry.class).ok_or(Error::UnknownClass { class: entry.class })?;
    rows.iter()
        .map(|row| match row.bytes() {
            Some(bytes) => Ok(Record::from_canonical(bytes)?),
            None => Ok(Record::new(Body::Erased(class))),
        })
        .collect()
}
