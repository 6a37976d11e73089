//! The newest checkpoints that witnesses cosigned, beside the log.
//!
//! *Logged* and *witnessed* are two states: the log publishes a checkpoint by itself, and whoever
//! collects cosignatures keeps here the newest one that carries any, and the newest whose quorum was
//! met. The log's writer neither reads nor waits for them.
//!
//! ```text
//! <dir>/cosigned/newest      has at least one cosignature
//! <dir>/cosigned/witnessed   met the policy's quorum
//! ```
//!
//! Both have the form of the head.

use crate::checkpoint::Checkpoint;
use crate::disk::Folder;
use crate::error::{Error, Result};
use crate::head::{Head, MAX_HEAD_BYTES};
use std::path::Path;

/// The directory inside the log's.
pub(crate) const COSIGNED: &str = "cosigned";
/// The files in it.
pub(crate) const COSIGNED_FILES: [&str; 2] = ["newest", "witnessed"];

/// Keeps cosigned checkpoints. There is one per log, in the process that writes it.
pub struct Cosigned(Folder);

impl Cosigned {
    /// Opens the place for them inside a log's folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(log: &Path) -> Result<Cosigned> {
        let folder = Folder::real(&log.join(COSIGNED));
        folder.create_root()?;
        folder.remove_temporary()?;
        Ok(Cosigned(folder))
    }

    /// Keeps a checkpoint, unless a newer one is there. `witnessed` says that the quorum is met.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn keep(&self, checkpoint: &Checkpoint, witnessed: bool, now_ns: i64) -> Result<()> {
        let head = Head {
            committed_at_ns: now_ns,
            checkpoint: checkpoint.clone(),
        };
        let names = if witnessed {
            &COSIGNED_FILES[..]
        } else {
            &COSIGNED_FILES[..1]
        };
        for name in names {
            let known = read(&self.0, name)?;
            if known.is_none_or(|known| known.size <= checkpoint.size) {
                self.0.replace(name, head.to_text().as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Reads one of the files; `None` when it is not there. Nothing is verified.
pub(crate) fn read(folder: &Folder, name: &str) -> Result<Option<Checkpoint>> {
    let bytes = match folder.read(name, MAX_HEAD_BYTES) {
        Err(e) if e.is_not_found() => return Ok(None),
        other => other?,
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::malformed("cosigned checkpoint", "it is not UTF-8"))?;
    Head::parse(&text).map(|head| Some(head.checkpoint))
}
