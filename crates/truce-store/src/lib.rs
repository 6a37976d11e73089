//! Folds the log's records into SQLite tables for the views.
//!
//! The log is the truth. Everything here follows from it: the file can be deleted and folded again
//! from entry 0, and two folds of the same entries give the same bytes. Because of that the file is
//! written without waiting for the disk until it is closed; one that was not closed is folded anew.
//!
//! This room decides nothing: it neither judges nor changes what a record says, and it keeps no
//! copy of messages and observations. For those it keeps where they lie in the log, as
//! (entry, row).

mod digest;
mod error;
mod fold;
mod position;
mod read;
mod schema;
mod sectors;
mod words;

use std::path::Path;

use fold::KnownTracks;
use rusqlite::Connection;

pub use error::{Error, Result};
pub use position::LogPosition;
pub use read::changes::{Change, ChangeKind};
pub use read::evidence::{Evidence, LOOK_BACK_IDS_MAX};
pub use read::feed_health::{FeedHealth, RevokedKey, Silence};
pub use read::feeds::{
    ConditionReport, FeedCounts, HourCount, ImportedFile, RejectionCount, SensorReport,
};
pub use read::incidents::{
    ClauseVerdict, IncidentQuery, IncidentSummary, LeadingParty, PAGE_ITEMS_MAX, Page, Revision,
    Sort, StoredIncident,
};
pub use read::known::KnownPage;
pub use read::standing::Standing;
pub use read::summary::{HourOfIncidents, Summary};
pub use read::tracks::{PATH_POINTS_MAX, TAIL_POINTS_MAX, TrackItem, TrackPath, TrackQuery};
pub use sectors::SectorMap;

/// The tables, through one connection.
pub struct Store {
    connection: Connection,
    /// Entries folded in so far; the next entry expected.
    applied: u64,
    in_batch: bool,
    /// What the fold remembers of tracks; nothing in it is not in the file.
    known_tracks: KnownTracks,
}

impl Store {
    /// Creates an empty file; one that is there already is refused.
    ///
    /// # Errors
    /// [`Error::Exists`] when the file is there, [`Error::Sqlite`] when it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Err(Error::Exists { path: path.into() });
        }
        let connection = schema::create(path)?;
        Self::over(connection)
    }

    /// Opens a file to fold more entries into it.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when it cannot be opened, [`Error::Version`] when it is of another version
    /// of these tables and has to be rebuilt.
    pub fn open(path: &Path) -> Result<Self> {
        Self::over(schema::open(path)?)
    }

    /// Opens a file to read only; others may read and one may write at the same time.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_read_only(path: &Path) -> Result<Self> {
        Self::over(schema::open_read_only(path)?)
    }

    fn over(connection: Connection) -> Result<Self> {
        sectors::register(&connection, SectorMap::default())?;
        let mut store = Self {
            connection,
            applied: 0,
            in_batch: false,
            known_tracks: KnownTracks::default(),
        };
        store.applied = store.count_applied()?;
        Ok(store)
    }

    /// Names the sectors in which incidents are sorted; they change nothing in the file.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the connection refuses the function.
    pub fn set_sectors(&self, sectors: SectorMap) -> Result<()> {
        sectors::register(&self.connection, sectors)
    }

    /// Entries folded in so far, which is the index of the next entry expected. A reader's value is
    /// that of the moment it was opened; [`Store::count_applied`] asks the file.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// Writes everything into the one file and closes it, so that the file alone can be copied or
    /// compared.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when another connection still reads, or the disk is full.
    pub fn close(self) -> Result<()> {
        self.finish()?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// Writes everything into the one file, so that the file alone is whole until something more is
    /// folded in.
    ///
    /// # Errors
    /// As [`Store::close`].
    pub fn finish(&self) -> Result<()> {
        schema::finish(&self.connection)
    }

    /// Looks for damage in the file. The log can always rebuild it.
    ///
    /// # Errors
    /// [`Error::Damaged`] with what was found.
    pub fn check(&self) -> Result<()> {
        schema::check(&self.connection)
    }
}
