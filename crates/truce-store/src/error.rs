//! What can go wrong in this room.

use std::path::PathBuf;

/// What this room returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between the log and the tables.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite refused.
    #[error("the store's database refused: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A column does not hold what this version writes.
    #[error("the store holds a value that cannot be read ({0}); rebuild it from the log")]
    Value(#[from] serde_json::Error),
    /// The file to create is there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by another version of these tables, or is no store at all.
    #[error(
        "{} is no store of version {expected} (found {found}); rebuild it from the log",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The version of this program.
        expected: i64,
    },
    /// An entry was skipped.
    #[error("entry {expected} has to be folded in before entry {given}")]
    Gap {
        /// The next entry expected.
        expected: u64,
        /// The entry given.
        given: u64,
    },
    /// An entry holds rows of more than one class.
    #[error("entry {entry} mixes rows of several classes")]
    MixedClasses {
        /// The entry.
        entry: u64,
    },
    /// A prefix fits several incidents.
    #[error("`{prefix}` begins the names of several incidents; give more digits")]
    Ambiguous {
        /// The prefix.
        prefix: String,
    },
    /// A cursor was not one that this room gave out.
    #[error("`{cursor}` is no cursor of this list")]
    Cursor {
        /// The cursor as given.
        cursor: String,
    },
    /// The file is damaged.
    #[error("the store is damaged: {found}; rebuild it from the log")]
    Damaged {
        /// What SQLite found.
        found: String,
    },
    /// A batch was begun twice, or ended without a beginning.
    #[error("a batch was {what}")]
    Batch {
        /// What was done out of turn.
        what: &'static str,
    },
}
