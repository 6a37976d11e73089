//! Epochs: the stretches of a log that one version of the engine concluded under one state of the
//! mission's files. A log begins with one; an amendment begins another.

use std::collections::BTreeMap;

use truce_core::record::Epoch;
use truce_core::{Body, Record, RecordClass};
use truce_ledger::Reader;

use super::{Error, entry_records};
use crate::engine::{Engine, Setup, Standing};

/// Where an epoch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beginning {
    /// Its entry.
    pub(super) entry: u64,
    /// What the entry says; `None` for the first epoch of a log from before epochs were logged.
    pub(super) epoch: Option<Epoch>,
}

/// The beginning of a log's newest epoch.
///
/// # Errors
/// When the log cannot be read.
pub(super) fn newest_epoch(reader: &Reader) -> Result<Beginning, Error> {
    let Some(index) = newest(reader, u64::MAX, RecordClass::Epoch)? else {
        return Ok(Beginning {
            entry: 0,
            epoch: None,
        });
    };
    let (entry, rows) = reader.entry(index)?;
    let mut records = entry_records(&entry, &rows)?.into_iter();
    let epoch = records.find_map(|record| match record.body {
        Body::Epoch(epoch) => Some(epoch),
        _ => None,
    });
    Ok(Beginning {
        entry: index,
        epoch,
    })
}

/// The entry with the mission's files by which the records of an entry were concluded.
///
/// # Errors
/// When the log cannot be read, or does not begin with a mission.
pub fn mission_entry(reader: &Reader, of: u64) -> Result<u64, Error> {
    // Files behind which no epoch begins are of an amendment that was not completed.
    let epoch = newest(reader, of, RecordClass::Epoch)?.unwrap_or(0);
    newest(reader, epoch, RecordClass::MissionFile)?.ok_or(Error::NoMission)
}

/// The newest entry of a class up to an index.
fn newest(reader: &Reader, until: u64, class: RecordClass) -> Result<Option<u64>, Error> {
    let size = until.saturating_add(1).min(reader.size()?);
    Ok(reader.newest(size, |entry| entry.class == class as u8)?)
}

/// The mission's files as they stand in a log.
///
/// # Errors
/// When the log cannot be read, or does not begin with a mission.
pub fn mission_files(reader: &Reader) -> Result<BTreeMap<String, String>, Error> {
    let (entry, rows) = reader.entry(mission_entry(reader, u64::MAX)?)?;
    let records = entry_records(&entry, &rows)?.into_iter();
    let files = records.filter_map(|record| match record.body {
        Body::MissionFile(file) => Some((file.name, file.text)),
        _ => None,
    });
    Ok(files.collect())
}

/// An input and the readings that the log holds of it.
pub(super) struct Awaited {
    pub(super) inputs: Vec<Record>,
    pub(super) recorded: Vec<Body>,
}

impl Awaited {
    pub(super) fn new(inputs: Vec<Record>) -> Self {
        Self {
            inputs,
            recorded: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, readings: Vec<Record>) {
        let bodies = readings.into_iter().map(|record| record.body);
        self.recorded.extend(bodies);
    }

    pub(super) fn has_erased_rows(&self) -> bool {
        let erased = |record: &Record| matches!(record.body, Body::Erased(_));
        self.inputs.iter().any(erased)
    }
}

/// An engine that is being told what was logged before its epoch.
pub(super) struct Retelling {
    engine: Engine,
    awaited: Option<Awaited>,
    before: Standing,
    again: Standing,
}

/// An engine that was told everything before its epoch.
pub(super) struct Told {
    pub(super) engine: Engine,
    /// What the log holds as concluded.
    pub(super) before: Standing,
    /// What the engine concluded.
    pub(super) again: Standing,
    /// Readings of the last input that the log does not hold.
    pub(super) unlogged: Vec<Record>,
}

impl Retelling {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            engine: Engine::new(setup),
            awaited: None,
            before: Standing::default(),
            again: Standing::default(),
        }
    }

    /// Takes in the records of one entry.
    pub(super) fn take(&mut self, class: RecordClass, records: Vec<Record>) {
        match (class, &mut self.awaited) {
            // The engine was made from the files; earlier epochs are what it is compared with.
            (RecordClass::MissionFile | RecordClass::Epoch, _) => {}
            (RecordClass::Rejection | RecordClass::Observation, Some(awaited)) => {
                awaited.take(records);
            }
            (class, _) if class.is_input() => {
                self.conclude();
                self.awaited = Some(Awaited::new(records));
            }
            _ => fold(&mut self.before, records),
        }
    }

    fn conclude(&mut self) {
        if let Some(Awaited { inputs, recorded }) = self.awaited.take() {
            fold(&mut self.again, self.engine.retell(&inputs, recorded));
        }
    }

    /// Ends. The last input may have been cut off from its readings.
    pub(super) fn finish(mut self) -> Told {
        let mut unlogged = Vec::new();
        if let Some(last) = self.awaited.take_if(|last| !last.has_erased_rows()) {
            let logged = last.recorded.len();
            let (readings, concluded) = self.engine.retell_unfinished(&last.inputs, logged);
            unlogged = readings;
            fold(&mut self.again, concluded);
        }
        self.conclude();
        Told {
            engine: self.engine,
            before: self.before,
            again: self.again,
            unlogged,
        }
    }
}

fn fold(standing: &mut Standing, records: Vec<Record>) {
    let bodies = records.into_iter().map(|record| record.body);
    bodies.for_each(|body| standing.take(body));
}
