//! Incidents: the list with its filters, and one incident with its revisions and assessments.

mod query;
mod summaries;

use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use truce_core::{Assessment, Incident, IncidentId, Interval, Label, Timestamp};

use crate::error::{Error, Result};
use crate::words::{count, instant, name, nanoseconds, small};
use crate::{LogPosition, Store};

pub use query::{IncidentQuery, PAGE_ITEMS_MAX, Page, Sort};
pub(super) use summaries::next_clock;
pub use summaries::{ClauseVerdict, IncidentSummary, LeadingParty};

/// An incident's current revision, as it stands in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredIncident {
    /// The incident.
    pub incident: Incident,
    /// Who may see it.
    pub label: Label,
    /// Where this revision lies.
    pub at: LogPosition,
}

/// One revision in an incident's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number, counted from 1.
    pub revision: u32,
    /// When the mission recorded it.
    pub recorded_at: Timestamp,
    /// When the mission could have said it: when the newest message had been received. For what was
    /// read in afterwards that is earlier than `recorded_at`.
    pub known_at: Timestamp,
    /// The probability it gave.
    pub probability: f64,
    /// How many observations it rested on.
    pub evidence_count: u64,
    /// The entry in the log.
    pub entry: u64,
    /// The row in the entry.
    pub row: u32,
}

/// Digits that a prefix of an incident's name must have; fewer are hit by chance too often.
const PREFIX_DIGITS_MIN: usize = 6;

impl Store {
    /// The current revision of an incident.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot be read.
    pub fn incident(&self, id: IncidentId) -> Result<Option<StoredIncident>> {
        let sql = "SELECT incident_json, label, entry, row FROM incident WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id.0.0])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let (incident, label): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(Some(StoredIncident {
            incident: serde_json::from_str(&incident)?,
            label: serde_json::from_str(&label)?,
            at: position(row)?,
        }))
    }

    /// The incident whose name begins with these hexadecimal digits, of which at least six are
    /// needed.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when several do, [`Error::Sqlite`] when the file cannot be read.
    pub fn find_incident(&self, prefix: &str) -> Result<Option<IncidentId>> {
        let digits = prefix.to_ascii_lowercase();
        let fits = (PREFIX_DIGITS_MIN..=64).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !fits {
            return Ok(None);
        }
        // The names between the digits followed by all 0 and by all f.
        let bound = |fill: &str| -> Result<[u8; 32], _> {
            let text = format!("{digits}{}", fill.repeat(64 - digits.len()));
            text.parse::<IncidentId>().map(|id| id.0.0)
        };
        let (Ok(low), Ok(high)) = (bound("0"), bound("f")) else {
            return Ok(None);
        };
        let sql = "SELECT id FROM incident WHERE id BETWEEN ?1 AND ?2 LIMIT 2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Vec<[u8; 32]> = statement
            .query_map(params![low, high], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(IncidentId(truce_core::Digest(*one)))),
            _ => Err(Error::Ambiguous {
                prefix: prefix.to_owned(),
            }),
        }
    }

    /// All revisions of an incident, oldest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot be read.
    pub fn revisions(&self, id: IncidentId) -> Result<Vec<Revision>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT revision, recorded_at_ns, known_at_ns, probability, evidence_count, entry, row
             FROM incident_revision
             WHERE incident = (SELECT n FROM incident WHERE id = ?1) ORDER BY revision",
        )?;
        let revisions = statement.query_map([id.0.0], revision_of)?;
        Ok(revisions.collect::<rusqlite::Result<_>>()?)
    }

    /// The assessments of the newest assessed revision, in the order of the clauses' names, each
    /// with its place in the log.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot be read.
    pub fn assessments(&self, id: IncidentId) -> Result<Vec<(Assessment, LogPosition)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT assessment_json, entry, row FROM assessment WHERE incident = ?1
             ORDER BY clause",
        )?;
        let mut rows = statement.query([id.0.0])?;
        let mut assessments = Vec::new();
        while let Some(row) = rows.next()? {
            let json: String = row.get(0)?;
            assessments.push((serde_json::from_str(&json)?, position(row)?));
        }
        Ok(assessments)
    }

    /// Incidents that began before a period and were revised in it, each with the last revision
    /// recorded before the period; no more than `limit`.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot be read.
    pub fn revised_in(&self, period: Interval, limit: u32) -> Result<Vec<(IncidentId, Revision)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT incident.id, before.* FROM incident JOIN incident_revision AS before
               ON before.incident = incident.n AND before.revision =
                 (SELECT max(revision) FROM incident_revision AS old
                  WHERE old.incident = incident.n AND old.recorded_at_ns < ?1)
             WHERE incident.occurred_start_ns < ?1 AND EXISTS
               (SELECT 1 FROM incident_revision AS new WHERE new.incident = incident.n
                  AND new.recorded_at_ns >= ?1 AND new.recorded_at_ns < ?2)
             ORDER BY incident.n LIMIT ?3",
        )?;
        let bounds = params![nanoseconds(period.start), nanoseconds(period.end), limit];
        let revised = statement.query_map(bounds, |row| {
            Ok((IncidentId(name(row, "id")?), revision_of(row)?))
        })?;
        Ok(revised.collect::<rusqlite::Result<_>>()?)
    }

    /// The number of incidents, withdrawn ones left out.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the file cannot be read.
    pub fn incident_count(&self) -> Result<u64> {
        let sql = "SELECT count(*) AS n FROM incident WHERE NOT withdrawn";
        let mut statement = self.connection.prepare_cached(sql)?;
        let n = statement.query_row([], |row| count(row, "n")).optional()?;
        Ok(n.unwrap_or(0))
    }
}

fn revision_of(row: &Row<'_>) -> rusqlite::Result<Revision> {
    Ok(Revision {
        revision: small(row, "revision")?,
        recorded_at: instant(row.get("recorded_at_ns")?),
        known_at: instant(row.get("known_at_ns")?),
        probability: row.get("probability")?,
        evidence_count: count(row, "evidence_count")?,
        entry: count(row, "entry")?,
        row: small(row, "row")?,
    })
}

/// The columns `entry` and `row`.
pub(crate) fn position(row: &Row<'_>) -> rusqlite::Result<LogPosition> {
    Ok(LogPosition {
        entry: count(row, "entry")?,
        row: small(row, "row")?,
    })
}
