//! Where messages and observations lie in the log.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use truce_core::{Digest, IncidentId, MessageId, ObservationId, RecordClass};

use crate::error::Result;
use crate::fold::{NAME_PREFIX_BYTES, prefix};
use crate::words::{name, signed, unsigned};
use crate::{LogPosition, Store};

/// How many names are looked at, newest first, before one counts as not found: about a day of the
/// mission's usual traffic, and less than 50 ms of reading.
pub const LOOK_BACK_IDS_MAX: usize = 4_000_000;

/// One observation that an incident rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The observation.
    pub observation: ObservationId,
    /// Where it lies in the log; `None` when it was not found.
    pub at: Option<LogPosition>,
}

/// Finds names of a class, reading backwards from an entry (itself included).
pub(crate) fn locate(
    connection: &Connection,
    class: RecordClass,
    from_entry: u64,
    wanted: &BTreeSet<Digest>,
) -> Result<BTreeMap<Digest, LogPosition>> {
    let mut open: BTreeMap<[u8; NAME_PREFIX_BYTES], Digest> =
        wanted.iter().map(|id| (prefix(*id), *id)).collect();
    let mut found = BTreeMap::new();
    let mut looked_at = 0;
    let mut statement = connection.prepare_cached(
        "SELECT entry, names FROM name_index WHERE class = ?1 AND entry <= ?2 ORDER BY entry DESC",
    )?;
    let mut rows = statement.query(params![class as u8, signed(from_entry)])?;
    while let Some(row) = rows.next()? {
        let entry = unsigned(row.get(0)?);
        let names = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let (names, _) = names.as_chunks::<NAME_PREFIX_BYTES>();
        for (row, beginning) in (0..).zip(names) {
            if let Some(id) = open.remove(beginning) {
                found.insert(id, LogPosition { entry, row });
            }
        }
        looked_at += names.len();
        if open.is_empty() || looked_at >= LOOK_BACK_IDS_MAX {
            break;
        }
    }
    Ok(found)
}

impl Store {
    /// The observations that the current revision of an incident rests on, in its order, each with
    /// its place in the log.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn evidence(&self, id: IncidentId) -> Result<Vec<Evidence>> {
        let Some(stored) = self.incident(id)? else {
            return Ok(Vec::new());
        };
        let known: BTreeMap<Digest, Option<LogPosition>> = self
            .connection
            .prepare_cached(
                "SELECT observation, entry, row FROM evidence
                 WHERE incident = (SELECT n FROM incident WHERE id = ?1)",
            )?
            .query_map([id.0.0], |row| {
                let entry: Option<i64> = row.get("entry")?;
                let number: Option<u32> = row.get("row")?;
                let at = entry.zip(number).map(|(entry, row)| LogPosition {
                    entry: unsigned(entry),
                    row,
                });
                Ok((name(row, "observation")?, at))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let place = |observation: &ObservationId| Evidence {
            observation: *observation,
            at: known.get(&observation.0).copied().flatten(),
        };
        Ok(stored.incident.evidence.iter().map(place).collect())
    }

    /// Where an observation lies, as far as [`LOOK_BACK_IDS_MAX`] reaches. The record found may, if
    /// rarely, be of another name that begins alike: compare the whole name.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn find_observation(&self, id: ObservationId) -> Result<Option<LogPosition>> {
        self.find(RecordClass::Observation, id.0, u64::MAX)
    }

    /// Where a message lies, looked for backwards from an entry, which best is that of an
    /// observation of it. As with [`Store::find_observation`], compare the whole name.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn find_message(&self, id: MessageId, from_entry: u64) -> Result<Option<LogPosition>> {
        self.find(RecordClass::Raw, id.0, from_entry)
    }

    fn find(&self, class: RecordClass, id: Digest, from: u64) -> Result<Option<LogPosition>> {
        let found = locate(&self.connection, class, from, &BTreeSet::from([id]))?;
        Ok(found.get(&id).copied())
    }
}
