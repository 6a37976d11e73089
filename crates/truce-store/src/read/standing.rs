//! How an incident stood at a place of the log: what a revision said, the verdicts up to an entry,
//! the finding before a record. For views that tell what changed and must know from what.

use rusqlite::{OptionalExtension as _, Row, params};
use truce_core::{EventClass, Finding, IncidentId, IncidentKind, Interval, Place, Slug};

use super::incidents::{ClauseVerdict, position};
use super::known::place_of;
use crate::error::Result;
use crate::words::{from_word, instant, signed, small, unsigned};
use crate::{LogPosition, Store};

/// What one revision of an incident said.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The incident.
    pub incident: IncidentId,
    /// The revision.
    pub revision: u32,
    /// What kind.
    pub kind: IncidentKind,
    /// The class by which a physical event was called.
    pub class: Option<EventClass>,
    /// When it happened.
    pub occurred: Interval,
    /// Where it happened.
    pub place: Place,
    /// Probability that it is real and of its kind.
    pub probability: f64,
    /// The zone it is about.
    pub zone: Option<Slug>,
    /// True when it no longer stood by itself.
    pub withdrawn: bool,
    /// Where the revision lies.
    pub at: LogPosition,
}

impl Store {
    /// What the newest revision of an incident up to a number said.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn standing(&self, id: IncidentId, revision: u32) -> Result<Option<Standing>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM incident_revision
             WHERE incident = (SELECT n FROM incident WHERE id = ?1) AND revision <= ?2
             ORDER BY revision DESC LIMIT 1",
        )?;
        let mut rows = statement.query(params![id.0.0, revision])?;
        rows.next()?.map(|row| standing_of(row, id)).transpose()
    }

    /// The verdicts on a revision of an incident that were recorded up to an entry, that one
    /// included: the newest of each clause, in the order of the clauses' names.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn verdicts_by(
        &self,
        id: IncidentId,
        revision: u32,
        entry: u64,
    ) -> Result<Vec<ClauseVerdict>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT clause, clause_kind, verdict FROM verdict_revision
             WHERE incident = ?1 AND revision = ?2 AND entry <= ?3 ORDER BY clause, entry",
        )?;
        let mut rows = statement.query(params![id.0.0, revision, signed(entry)])?;
        let mut verdicts: Vec<ClauseVerdict> = Vec::new();
        while let Some(row) = rows.next()? {
            let verdict = ClauseVerdict {
                clause: from_word(row.get(0)?)?,
                clause_kind: from_word(row.get(1)?)?,
                verdict: from_word(row.get(2)?)?,
            };
            match verdicts.last_mut() {
                Some(last) if last.clause == verdict.clause => *last = verdict,
                _ => verdicts.push(verdict),
            }
        }
        Ok(verdicts)
    }

    /// The entry in which a revision of an incident was first held against the clauses; `None` when
    /// none concerned it.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn first_assessed(&self, id: IncidentId, revision: u32) -> Result<Option<u64>> {
        let sql = "SELECT min(entry) FROM verdict_revision WHERE incident = ?1 AND revision = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let first: Option<i64> =
            statement.query_row(params![id.0.0, revision], |row| row.get(0))?;
        Ok(first.map(unsigned))
    }

    /// The finding on an incident as it stood before a record.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn finding_before(&self, id: IncidentId, at: LogPosition) -> Result<Option<Finding>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT finding_json FROM finding_revision
             WHERE incident = ?1 AND (entry, row) < (?2, ?3) ORDER BY entry DESC, row DESC LIMIT 1",
        )?;
        let bounds = params![id.0.0, signed(at.entry), at.row];
        let found: Option<String> = statement.query_row(bounds, |row| row.get(0)).optional()?;
        Ok(found.map(|json| serde_json::from_str(&json)).transpose()?)
    }
}

fn standing_of(row: &Row<'_>, incident: IncidentId) -> Result<Standing> {
    let word = |column| row.get::<_, Option<String>>(column);
    Ok(Standing {
        incident,
        revision: small(row, "revision")?,
        kind: from_word(row.get("kind")?)?,
        class: word("class")?.map(from_word).transpose()?,
        occurred: Interval {
            start: instant(row.get("occurred_start_ns")?),
            end: instant(row.get("occurred_end_ns")?),
        },
        place: place_of(row)?,
        probability: row.get("probability")?,
        zone: word("zone")?.map(from_word).transpose()?,
        withdrawn: row.get("withdrawn")?,
        at: position(row)?,
    })
}
