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
    let is_epoch = |class| class == RecordClass::Epoch as u8;
    let newest = reader.newest(reader.size()?, |entry| is_epoch(entry.class))?;
    let Some(index) = newest else {
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
    let newest = |size: u64, class: RecordClass| {
        let size = size.min(reader.size()?);
        reader.newest(size, |entry| entry.class == class as u8)
    };
    // Files behind which no epoch begins are of an amendment that was not completed.
    let epoch = newest(of.saturating_add(1), RecordClass::Epoch)?.unwrap_or(0);
    newest(epoch + 1, RecordClass::MissionFile)?.ok_or(Error::NoMission)
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

/// An engine that is being told what was logged before its epoch.
pub(super) struct Retelling {
    engine: Engine,
    inputs: Vec<Record>,
    recorded: Vec<Body>,
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
            inputs: Vec::new(),
            recorded: Vec::new(),
            before: Standing::default(),
            again: Standing::default(),
        }
    }

    /// Takes in the records of one entry.
    pub(super) fn take(&mut self, class: RecordClass, records: Vec<Record>) {
        let bodies = records.iter().map(|record| record.body.clone());
        match class {
            RecordClass::Rejection | RecordClass::Observation => self.recorded.extend(bodies),
            // The engine was made from the files; earlier epochs are what it is compared with.
            RecordClass::MissionFile | RecordClass::Epoch => {}
            class if class.is_input() => {
                self.conclude();
                self.inputs = records;
            }
            _ => bodies.for_each(|body| self.before.take(body)),
        }
    }

    fn conclude(&mut self) {
        let (inputs, recorded) = (
            std::mem::take(&mut self.inputs),
            std::mem::take(&mut self.recorded),
        );
        if !inputs.is_empty() {
            let concluded = self.engine.retell(&inputs, recorded);
            self.take_again(concluded);
        }
    }

    fn take_again(&mut self, concluded: Vec<Record>) {
        let bodies = concluded.into_iter().map(|record| record.body);
        bodies.for_each(|body| self.again.take(body));
    }

    /// Ends. The last input may have been cut off from its readings.
    pub(super) fn finish(mut self) -> Told {
        let mut unlogged = Vec::new();
        if super::replay::is_erased(&self.inputs) {
            self.conclude();
        } else if !self.inputs.is_empty() {
            let inputs = std::mem::take(&mut self.inputs);
            let mut concluded = self.engine.retell_unfinished(&inputs, self.recorded.len());
            let is_reading =
                |record: &Record| matches!(record.body, Body::Rejection(_) | Body::Observation(_));
            let readings = concluded.iter().take_while(|record| is_reading(record));
            let readings = readings.count();
            unlogged = concluded.drain(..readings).collect();
            self.take_again(concluded);
        }
        Told {
            engine: self.engine,
            before: self.before,
            again: self.again,
            unlogged,
        }
    }
}
