//! What can go wrong on the line, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use truce_core::document::Issue;

use super::Mismatch;
use crate::engine::ENGINE_VERSION;

/// What can go wrong on the line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mission folder has mistakes.
    #[error("the mission folder has {} mistake(s); `truce check` lists them", .0.len())]
    Mission(Vec<Issue>),
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder holds no log.
    #[error("there is no log in {}; `truce ingest --mission MISSION` begins one", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The log does not begin with a mission.
    #[error("the log does not begin with a mission's files; it was not written by this program")]
    NoMission,
    /// The log was begun with other mission files.
    #[error(
        "the log was begun with mission {logged}, the folder given is {given}: use a new data \
         folder for a changed mission"
    )]
    OtherMission {
        /// Digest of the files in the log.
        logged: String,
        /// Digest of the files given.
        given: String,
    },
    /// The same inputs give other conclusions now.
    #[error(
        "this version (engine {ENGINE_VERSION}) concludes something else than the log holds: \
         {mismatch}; go on with the version of Truce that wrote it"
    )]
    Differs {
        /// The first difference.
        mismatch: Mismatch,
    },
    /// A class of entries that this version does not know.
    #[error("the log holds entries of class {class}, which this version does not know")]
    UnknownClass {
        /// The class.
        class: u8,
    },
    /// A row that may not be erased.
    #[error("row {row} of entry {entry} cannot be erased: {why}")]
    NotErasable {
        /// The entry.
        entry: u64,
        /// The row.
        row: u32,
        /// Why not.
        why: &'static str,
    },
    /// An entry without rows was asked for.
    #[error("an entry needs at least one record")]
    EmptyEntry,
    /// The engine refused an input.
    #[error(transparent)]
    Refused(#[from] crate::engine::Refused),
    /// The log.
    #[error(transparent)]
    Ledger(#[from] truce_ledger::Error),
    /// The tables.
    #[error(transparent)]
    Store(#[from] truce_store::Error),
    /// A row of the log.
    #[error(transparent)]
    Record(#[from] truce_core::record::Error),
}

impl Error {
    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
