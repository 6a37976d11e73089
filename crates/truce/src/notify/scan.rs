//! What the log newly says to a receiver: reads published entries in their order, and in the tables
//! how things stood before each.
//!
//! Nothing is remembered between two readings. Whether an incident was told before follows from the
//! revision before, so that after a crash the same is said again.

use std::path::PathBuf;

use truce_core::mission::Mission;
use truce_core::time::from_nanoseconds;
use truce_core::{Assessment, Body, Finding, Incident, IncidentId, Record, RecordClass};
use truce_ledger::{Entry, Reader};
use truce_store::{LogPosition, SectorMap, Store};

use super::choice::{Case, Choice};
use super::note::{self, Letterhead, Note, Placed};
use crate::line::{Error, Folder, entry_records};

/// Entries in a bundle (C2SP tlog-tiles, "Log Entries"): so many are looked at in one go.
const BUNDLE_ENTRIES: u64 = 256;

/// The log and its tables, to be read.
#[derive(Debug)]
pub(super) struct Log {
    reader: Reader,
    tables: PathBuf,
    sectors: SectorMap,
    letterhead: Letterhead,
}

impl Log {
    /// The log of a folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open(folder: &Folder, mission: &Mission) -> Result<Self, Error> {
        Ok(Self {
            reader: Reader::open(&folder.log())?,
            tables: folder.state_file(),
            sectors: SectorMap::of(mission),
            letterhead: Letterhead {
                mission: mission.name.to_string(),
                log: mission.log_origin.clone(),
            },
        })
    }

    /// Published entries.
    ///
    /// # Errors
    /// When the checkpoint cannot be read.
    pub(super) fn size(&self) -> Result<u64, Error> {
        Ok(self.reader.size()?)
    }

    /// The notifications of the first entry that has any, from a place on, and the place behind it.
    /// Without any the place is behind the entries that were looked at.
    ///
    /// # Errors
    /// When the log or its tables cannot be read.
    pub(super) fn next(
        &self,
        choice: &Choice,
        from: LogPosition,
    ) -> Result<(Vec<Note>, LogPosition), Error> {
        let size = self.size()?;
        if from.entry >= size {
            return Ok((Vec::new(), from));
        }
        let bundle = from.entry / BUNDLE_ENTRIES;
        let first = bundle * BUNDLE_ENTRIES;
        let entries = (first..).zip(self.reader.bundle(bundle, size)?);
        for (index, bytes) in entries.skip_while(|(index, _)| *index < from.entry) {
            let class = RecordClass::from_byte(Entry::parse(&bytes)?.class);
            if !class.is_some_and(|class| choice.reads(class)) {
                continue;
            }
            let first_row = if index == from.entry { from.row } else { 0 };
            let notes = self.notes(index, first_row, choice)?;
            if !notes.is_empty() {
                return Ok((notes, begin_of(index + 1)));
            }
        }
        Ok((Vec::new(), begin_of(size.min(first + BUNDLE_ENTRIES))))
    }

    /// The notifications of an entry, from a row on.
    fn notes(&self, index: u64, first_row: u32, choice: &Choice) -> Result<Vec<Note>, Error> {
        let (entry, rows) = self.reader.entry(index)?;
        let records = entry_records(&entry, &rows)?;
        let tables = Tables {
            store: Store::open_read_only(&self.tables)?,
            sectors: &self.sectors,
            choice,
        };
        let mut notes = Vec::new();
        for (row, record) in (0u32..).zip(&records) {
            if row < first_row || is_assessed_again(&records, row) {
                continue;
            }
            let placed = Placed {
                at: LogPosition { entry: index, row },
                recorded_at: from_nanoseconds(entry.log_time_ns),
                record,
            };
            notes.extend(tables.note(&self.letterhead, &placed)?);
        }
        Ok(notes)
    }
}

fn begin_of(entry: u64) -> LogPosition {
    LogPosition { entry, row: 0 }
}

/// True for an assessment behind which stands another of the same incident: the last one speaks for
/// all, since they hold together.
fn is_assessed_again(records: &[Record], row: u32) -> bool {
    let incident = |record: &Record| match &record.body {
        Body::Assessment(assessment) => Some(assessment.incident),
        _ => None,
    };
    let mut from_row = records.iter().skip(row as usize).map(incident);
    let this = from_row.next().flatten();
    this.is_some() && from_row.next().flatten() == this
}

/// The tables, read for one receiver.
struct Tables<'t> {
    store: Store,
    sectors: &'t SectorMap,
    choice: &'t Choice,
}

impl Tables<'_> {
    fn note(&self, head: &Letterhead, placed: &Placed<'_>) -> Result<Option<Note>, Error> {
        match &placed.record.body {
            Body::Incident(incident) => self.of_incident(head, placed, incident),
            Body::Assessment(assessment) => self.of_assessment(head, placed, assessment),
            Body::Finding(finding) => self.of_finding(head, placed, finding),
            Body::FeedChange(change) if self.choice.tells_feed(change) => {
                let event = note::feed_event(&change.event);
                Ok(Some(head.note(event, placed, note::of_feed(change))))
            }
            _ => Ok(None),
        }
    }

    /// A revision that is chosen is told. The first one after it that is not takes it back.
    fn of_incident(
        &self,
        head: &Letterhead,
        placed: &Placed<'_>,
        incident: &Incident,
    ) -> Result<Option<Note>, Error> {
        let (id, revision) = (incident.id, incident.revision);
        let assessed = self.store.first_assessed(id, revision)?;
        let by = assessed.unwrap_or(placed.at.entry);
        let now = self.present(id, revision, by)?;
        let before = self.case(id, revision.saturating_sub(1), placed.at.entry)?;
        let was_told = before.is_some_and(|before| self.choice.tells(&before));
        Ok(if self.choice.tells(&now) {
            Some(head.note("incident", placed, note::of_incident(&now)))
        } else if was_told {
            Some(head.note("incident_taken_back", placed, note::of_taken_back(&now)))
        } else {
            None
        })
    }

    /// An assessment that came without a new revision is told when it changes what is chosen.
    fn of_assessment(
        &self,
        head: &Letterhead,
        placed: &Placed<'_>,
        assessment: &Assessment,
    ) -> Result<Option<Note>, Error> {
        let (id, revision, entry) = (assessment.incident, assessment.revision, placed.at.entry);
        if self.store.first_assessed(id, revision)? == Some(entry) {
            return Ok(None);
        }
        let before = self.case(id, revision, entry.saturating_sub(1))?;
        let was_told = before.is_some_and(|before| self.choice.tells(&before));
        let now = self.present(id, revision, entry)?;
        Ok(match (was_told, self.choice.tells(&now)) {
            (false, true) => Some(head.note("incident", placed, note::of_incident(&now))),
            (true, false) => {
                let told = note::of_taken_back(&now);
                Some(head.note("incident_taken_back", placed, told))
            }
            _ => None,
        })
    }

    /// A finding is told when its status or the party it names changed, and it is chosen or was.
    fn of_finding(
        &self,
        head: &Letterhead,
        placed: &Placed<'_>,
        finding: &Finding,
    ) -> Result<Option<Note>, Error> {
        let before = self.store.finding_before(finding.incident, placed.at)?;
        let says = |finding: &Finding| (finding.status, finding.attributed_to.clone());
        if before.as_ref().map(says) == Some(says(finding)) {
            return Ok(None);
        }
        // One that moved to another incident speaks of a revision of the former.
        let (id, by) = (finding.incident, placed.at.entry);
        let now = self.present(id, finding.incident_revision, by)?;
        let was_told = match &before {
            Some(before) => {
                let case = self.case(id, before.incident_revision, by)?;
                case.is_some_and(|case| self.choice.tells_finding(before, &case))
            }
            None => false,
        };
        let told = note::of_finding(finding, before.as_ref(), &now);
        let is_told = was_told || self.choice.tells_finding(finding, &now);
        Ok(is_told.then(|| head.note("finding", placed, told)))
    }

    /// How an incident stood that the tables must hold.
    fn present(&self, id: IncidentId, revision: u32, by: u64) -> Result<Case, Error> {
        let case = self.case(id, revision, by)?;
        case.ok_or(Error::NotFolded { entry: by })
    }

    /// How an incident stood at a revision, with the verdicts on it up to an entry.
    fn case(&self, id: IncidentId, revision: u32, by: u64) -> Result<Option<Case>, Error> {
        let Some(standing) = self.store.standing(id, revision)? else {
            return Ok(None);
        };
        let sector = self.sectors.sector_of(standing.place.position).cloned();
        let verdicts = self.store.verdicts_by(id, standing.revision, by)?;
        Ok(Some(Case {
            standing,
            sector,
            verdicts,
        }))
    }
}
