//! How far a receiver was told: the place in the log before which everything was delivered.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use truce_core::{Digest, Timestamp};
use truce_store::LogPosition;

use super::note::Note;
use crate::line::{Error, replace};

/// A place in the log, and what was delivered last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursor {
    /// The first row that was not looked at yet.
    pub(super) next: LogPosition,
    /// Notifications delivered since the receiver is told anything.
    pub(super) delivered: u64,
    /// The last of them.
    pub(super) last: Option<Delivered>,
}

/// A notification that a receiver took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// Its key.
    pub key: Digest,
    /// What it told.
    pub event: String,
    /// Its record.
    pub at: LogPosition,
    /// When it was taken.
    pub delivered_at: Timestamp,
}

impl Cursor {
    /// The cursor of a file; a receiver without one begins at an entry.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(super) fn load(file: &Path, begin: u64) -> Result<Self, Error> {
        let failed = |error| Error::file("read the cursor", file, error);
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(error.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let cursor = Self {
                    next: LogPosition {
                        entry: begin,
                        row: 0,
                    },
                    delivered: 0,
                    last: None,
                };
                cursor.save(file)?;
                Ok(cursor)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes it so that a crash leaves either the old one or the new one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn save(&self, file: &Path) -> Result<(), Error> {
        let failed = |error| Error::file("write the cursor", file, error);
        let bytes = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        replace(file, &bytes).map_err(failed)
    }

    /// Notes that a notification was taken.
    pub(super) fn pass(&mut self, note: &Note, now: Timestamp) {
        let LogPosition { entry, row } = note.at;
        self.next = LogPosition {
            entry,
            row: row + 1,
        };
        self.delivered += 1;
        self.last = Some(Delivered {
            key: note.key,
            event: note.event.to_owned(),
            at: note.at,
            delivered_at: now,
        });
    }
}
