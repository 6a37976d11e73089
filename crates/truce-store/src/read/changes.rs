//! What has changed since an entry, for readers that follow along.

use rusqlite::params;
use truce_core::Digest;

use crate::Store;
use crate::error::Result;
use crate::words::{count, name, signed};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// An incident has a new revision.
    Incident,
    /// An incident's finding moved.
    Finding,
    /// A track has new points.
    Track,
}

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The entry of the log that made it.
    pub entry: u64,
    /// What changed.
    pub kind: ChangeKind,
    /// The name of the incident or the track.
    pub id: Digest,
}

impl Store {
    /// The last change of everything that changed in entry `from` or later, oldest first, and no
    /// more than `limit` of them.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn changes_since(&self, from: u64, limit: u32) -> Result<Vec<Change>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT entry, 0 AS kind, id FROM incident WHERE entry >= ?1
             UNION ALL SELECT entry, 1, incident FROM finding WHERE entry >= ?1
             UNION ALL SELECT entry, 2, id FROM track WHERE entry >= ?1
             ORDER BY entry, kind, id LIMIT ?2",
        )?;
        let changes = statement.query_map(params![signed(from), limit], |row| {
            let kind = match row.get("kind")? {
                0 => ChangeKind::Incident,
                1 => ChangeKind::Finding,
                _ => ChangeKind::Track,
            };
            Ok(Change {
                entry: count(row, "entry")?,
                kind,
                id: name(row, "id")?,
            })
        })?;
        Ok(changes.collect::<rusqlite::Result<_>>()?)
    }
}
