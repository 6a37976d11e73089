//! The mission folder as the log holds it, and when entries were recorded.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension;
use truce_core::Timestamp;
use truce_core::record::Epoch;

use crate::Store;
use crate::error::Result;
use crate::words::{count, instant, signed};

impl Store {
    /// The newest text of every file of the mission folder, by name.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn mission_files(&self) -> Result<BTreeMap<String, String>> {
        let sql = "SELECT name, text FROM mission_file ORDER BY entry, row";
        let mut statement = self.connection.prepare_cached(sql)?;
        let files = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }

    /// The entries with which epochs begin, oldest first.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn epochs(&self) -> Result<Vec<(u64, Epoch)>> {
        let sql = "SELECT entry, epoch_json FROM epoch ORDER BY entry, row";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut epochs = Vec::new();
        while let Some(row) = rows.next()? {
            let json: String = row.get("epoch_json")?;
            epochs.push((count(row, "entry")?, serde_json::from_str(&json)?));
        }
        Ok(epochs)
    }

    /// When an entry was recorded.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn recorded_at(&self, entry: u64) -> Result<Option<Timestamp>> {
        let sql = "SELECT recorded_at_ns FROM entry WHERE entry = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([signed(entry)], |row| row.get(0));
        Ok(found.optional()?.map(instant))
    }

    /// When the newest entry was recorded.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn last_recorded_at(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT recorded_at_ns FROM entry ORDER BY entry DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([], |row| row.get(0));
        Ok(found.optional()?.map(instant))
    }
}
