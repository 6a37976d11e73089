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
    #[error("the mission folder has {} mistake(s)", .0.len())]
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
    /// A feed asks for TLS, and it cannot be spoken as the feed says.
    #[error("feed {feed} asks for TLS: {why}")]
    Tls {
        /// The feed.
        feed: truce_core::Slug,
        /// Why not, and what to do.
        why: String,
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
    /// The log holds other mission files.
    #[error(
        "the log holds mission {logged}, the folder given is {given}: `truce amend --mission DIR` \
         takes changed files over and logs what is concluded otherwise"
    )]
    OtherMission {
        /// Digest of the files in the log.
        logged: String,
        /// Digest of the files given.
        given: String,
    },
    /// The mission's files belong to another log.
    #[error("the log is {logged}, the mission's files are for {given}: `log_origin` cannot change")]
    OtherLog {
        /// Origin of the log.
        logged: String,
        /// Origin in the files given.
        given: String,
    },
    /// The same inputs give other conclusions now.
    #[error(
        "this version (engine {ENGINE_VERSION}) concludes something else than the log holds: \
         {mismatch}; go on with the version of Truce that wrote it, or let this one conclude \
         everything again by `truce amend`"
    )]
    Differs {
        /// The first difference.
        mismatch: Mismatch,
    },
    /// Another version of the engine concluded the log's newest epoch.
    #[error(
        "the log was concluded by engine {logged} and this is engine {ENGINE_VERSION}: `truce amend` \
         concludes everything again and logs what is otherwise, or go on with the version of Truce \
         that wrote it"
    )]
    OtherEngine {
        /// Version of the engine that concluded it.
        logged: u32,
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
    /// The tables lack what the log holds.
    #[error(
        "the tables do not hold what entry {entry} of the log says; `truce replay` rebuilds them"
    )]
    NotFolded {
        /// The entry.
        entry: u64,
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
