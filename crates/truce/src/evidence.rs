//! Which rows of the log make up the evidence of an incident, and the file that carries them with
//! their proofs.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::{Body, IncidentId, Record};
use truce_ledger::{EvidenceFile, Reader};
use truce_store::{LogPosition, Store};

use crate::line::{Error, entry_records};

/// Everything that is withheld or released about an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    /// Withhold the raw messages: they say by what means the mission learnt of it.
    pub without_raw: bool,
    /// Withhold the observations too: only the incident, its assessments and the finding go out.
    pub without_observations: bool,
}

/// The rows that speak of an incident: its current revision, assessments, finding, observations,
/// raw messages, and the agreement by which it was assessed.
///
/// # Errors
/// When the tables or the log cannot be read.
pub fn rows(
    store: &Store,
    reader: &Reader,
    incident: IncidentId,
    choice: Choice,
) -> Result<BTreeSet<LogPosition>, Error> {
    let mut rows = BTreeSet::new();
    let Some(stored) = store.incident(incident)? else {
        return Err(crate::engine::Refused::UnknownIncident { incident }.into());
    };
    rows.insert(stored.at);
    rows.extend(store.assessments(incident)?.into_iter().map(|(_, at)| at));
    rows.extend(store.finding(incident)?.map(|(_, at)| at));
    rows.extend(agreement_row(reader)?);
    if choice.without_observations {
        return Ok(rows);
    }
    let mut entries = Entries::new(reader);
    for evidence in store.evidence(incident)? {
        let Some(at) = evidence.at else { continue };
        rows.insert(at);
        if choice.without_raw {
            continue;
        }
        if let Some(Body::Observation(observation)) = entries.record(at)?.map(|r| &r.body) {
            rows.extend(store.find_message(observation.message, at.entry)?);
        }
    }
    Ok(rows)
}

/// The evidence file of an incident: the rows with everything that proves them.
///
/// # Errors
/// When the tables or the log cannot be read, or a row is not published yet.
pub fn file(
    store: &Store,
    reader: &Reader,
    incident: IncidentId,
    choice: Choice,
) -> Result<EvidenceFile, Error> {
    let mut picks: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for at in rows(store, reader, incident, choice)? {
        picks.entry(at.entry).or_default().push(at.row);
    }
    Ok(EvidenceFile::build(
        reader,
        &picks.into_iter().collect::<Vec<_>>(),
    )?)
}

/// The agreement's text lies in the first entry, which holds the mission's files.
fn agreement_row(reader: &Reader) -> Result<Option<LogPosition>, Error> {
    let (entry, rows) = reader.entry(0)?;
    let is_agreement = |record: &Record| match &record.body {
        Body::MissionFile(file) => file.name == "agreement.toml",
        _ => false,
    };
    let row = entry_records(&entry, &rows)?.iter().position(is_agreement);
    Ok(row
        .and_then(|row| u32::try_from(row).ok())
        .map(|row| LogPosition { entry: 0, row }))
}

/// Entries read so far, so that one with many cited rows is read once.
pub struct Entries<'r> {
    reader: &'r Reader,
    read: BTreeMap<u64, Vec<Record>>,
}

impl<'r> Entries<'r> {
    /// Reads from a log.
    #[must_use]
    pub fn new(reader: &'r Reader) -> Self {
        Self {
            reader,
            read: BTreeMap::new(),
        }
    }

    /// The record at a place.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn record(&mut self, at: LogPosition) -> Result<Option<&Record>, Error> {
        if !self.read.contains_key(&at.entry) {
            let (entry, rows) = self.reader.entry(at.entry)?;
            self.read.insert(at.entry, entry_records(&entry, &rows)?);
        }
        let records = self.read.get(&at.entry);
        Ok(records.and_then(|records| records.get(usize::try_from(at.row).ok()?)))
    }
}
