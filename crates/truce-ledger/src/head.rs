//! The locked head: the checkpoint that the log is committed to, before it is published.
//!
//! ```text
//! truce-head/v1
//! sha256 <base64 of the SHA-256 over everything below this line>
//! committed_at_ns <nanoseconds since the Unix epoch>
//! <the signed checkpoint>
//! ```
//!
//! It plays the part that a SQLite row with `synchronous=FULL` plays elsewhere, with the same
//! guarantee from the same two means. Nobody else changes it between our look and our write,
//! because both happen under an exclusive lock on the folder that the operating system drops only
//! when the process ends. And it holds the whole old or the whole new content after any crash,
//! durably once the swap has returned, because the new content is written to another file, synced,
//! renamed over the old one, and the directory synced; a rollback journal does no more.

use crate::checkpoint::Checkpoint;
use crate::disk::Folder;
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle::sha256;
use crate::note::MAX_NOTE_BYTES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The head's file name.
pub(crate) const HEAD: &str = "head";
/// The published checkpoint's file name (tlog-tiles, "Checkpoints").
pub(crate) const CHECKPOINT: &str = "checkpoint";

const MAGIC: &str = "truce-head/v1";
/// Room for the lines above the note.
pub(crate) const MAX_HEAD_BYTES: u64 = MAX_NOTE_BYTES as u64 + 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) committed_at_ns: i64,
    pub(crate) checkpoint: Checkpoint,
}

impl Head {
    pub(crate) fn to_text(&self) -> String {
        let body = format!(
            "committed_at_ns {}\n{}",
            self.committed_at_ns, self.checkpoint
        );
        format!(
            "{MAGIC}\nsha256 {}\n{body}",
            STANDARD.encode(sha256(body.as_bytes()))
        )
    }

    pub(crate) fn parse(text: &str) -> Result<Head> {
        let bad = |what: &str| Error::malformed("head", what);
        let rest = text
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix("\nsha256 "));
        let (check, body) = rest
            .and_then(|rest| rest.split_once('\n'))
            .ok_or_else(|| bad("the first lines"))?;
        if check != STANDARD.encode(sha256(body.as_bytes())) {
            return Err(bad("its checksum is another"));
        }
        let (time, note) = body
            .strip_prefix("committed_at_ns ")
            .and_then(|body| body.split_once('\n'))
            .ok_or_else(|| bad("the time line"))?;
        let committed_at_ns = time.parse().map_err(|_| bad("the time is no number"))?;
        Ok(Head {
            committed_at_ns,
            checkpoint: Checkpoint::parse(note)?,
        })
    }

    /// Reads the head and verifies its checkpoint.
    pub(crate) fn read(folder: &Folder, key: &VerifierKey) -> Result<Head> {
        let bytes = folder.read(HEAD, MAX_HEAD_BYTES).map_err(|e| {
            let dir = folder.root().to_path_buf();
            if e.is_not_found() {
                Error::NotALedger { dir }
            } else {
                e
            }
        })?;
        let text = String::from_utf8(bytes).ok();
        let head = match text.map(|text| Head::parse(&text)) {
            Some(Ok(head)) => head,
            Some(Err(e)) => return Err(Self::wrong(folder, e.to_string())),
            None => return Err(Self::wrong(folder, "it is not UTF-8".into())),
        };
        head.checkpoint.verify(key)?;
        Ok(head)
    }

    /// Replaces the head on disk by `self`, provided it still is `old`.
    pub(crate) fn swap(&self, old: &Head, folder: &Folder) -> Result<()> {
        if folder.read(HEAD, MAX_HEAD_BYTES)? != old.to_text().as_bytes() {
            return Err(Self::wrong(folder, "it changed under the lock".into()));
        }
        self.write(folder)
    }

    /// Writes the head without a look at the old one.
    pub(crate) fn write(&self, folder: &Folder) -> Result<()> {
        folder.replace(HEAD, self.to_text().as_bytes())
    }

    fn wrong(folder: &Folder, what: String) -> Error {
        Error::Head {
            path: folder.path(HEAD),
            what,
        }
    }
}

/// Reads the published checkpoint without verifying it; `None` when there is none.
pub(crate) fn read_published(folder: &Folder) -> Result<Option<Checkpoint>> {
    let bytes = match folder.read(CHECKPOINT, MAX_NOTE_BYTES as u64) {
        Err(e) if e.is_not_found() => return Ok(None),
        other => other?,
    };
    let text =
        String::from_utf8(bytes).map_err(|_| Error::malformed("checkpoint", "it is not UTF-8"))?;
    Checkpoint::parse(&text).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;

    #[test]
    fn the_head_round_trips_and_notices_every_letter() {
        let key = SigningKey::from_seed("log", &[1; 32]).unwrap();
        let checkpoint = Checkpoint::sign("example.com/log", 5, [4; 32], &key).unwrap();
        let head = Head {
            committed_at_ns: -12,
            checkpoint,
        };
        let text = head.to_text();
        assert_eq!(Head::parse(&text).unwrap(), head);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let parsed = String::from_utf8(bytes)
                .ok()
                .and_then(|text| Head::parse(&text).ok());
            assert_eq!(parsed, None, "byte {at}");
        }
    }
}
