//! The one error type of this crate: what went wrong, with the facts in its fields.

use std::io;
use std::path::{Path, PathBuf};

/// Everything that can go wrong in the ledger. Bad input is a value, never a panic.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file-system call failed.
    #[error("cannot {call} {}: {source}", path.display())]
    Io {
        /// Which call: `write`, `sync`, `rename` and so on.
        call: &'static str,
        /// The file or directory it was made on.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process holds the folder.
    #[error("another process writes to the log in {}", dir.display())]
    Locked {
        /// The log's folder.
        dir: PathBuf,
    },
    /// `create` was asked for a folder that already holds a log.
    #[error("{} already holds a log", dir.display())]
    Exists {
        /// The log's folder.
        dir: PathBuf,
    },
    /// The folder holds no log (no head file).
    #[error("{} holds no log: there is no head file", dir.display())]
    NotALedger {
        /// The log's folder.
        dir: PathBuf,
    },
    /// An earlier write or sync failed; what is on disk is unknown until the log is reopened.
    #[error("the log stopped after an earlier failure and must be reopened: {cause}")]
    Poisoned {
        /// The first failure, as text.
        cause: String,
    },
    /// Bytes that were acknowledged are damaged or gone. Nothing was cut.
    #[error("{}: damaged at byte {offset} (entry {entry}): {what}", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Offset in the file, in bytes.
        offset: u64,
        /// The first entry index that the damage touches.
        entry: u64,
        /// What was found.
        what: String,
    },
    /// The published checkpoint covers more entries than the locked head.
    #[error("the published checkpoint (size {published}) is newer than the head (size {head})")]
    PublishedNewer {
        /// Tree size of `checkpoint`.
        published: u64,
        /// Tree size of `head`.
        head: u64,
    },
    /// The published checkpoint is not a prefix of the log behind the head.
    #[error("the published checkpoint of size {size} differs from the log: {what}")]
    PublishedDiffers {
        /// Tree size of `checkpoint`.
        size: u64,
        /// What differs.
        what: String,
    },
    /// The entries in the segments do not hash to the root that the head signed.
    #[error("the entries do not hash to the signed root of size {size}")]
    RootMismatch {
        /// Tree size of the head.
        size: u64,
    },
    /// The head file changed under the lock, or does not parse, or has the wrong signature.
    #[error("head file {}: {what}", path.display())]
    Head {
        /// The head file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A text or binary form does not parse.
    #[error("not a valid {form}: {what}")]
    Malformed {
        /// Which form: `signed note`, `checkpoint`, `entry`, `tile path` and so on.
        form: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A signature does not verify, or none by the expected key is there.
    #[error("no valid signature by {key}: {what}")]
    Signature {
        /// The key's name.
        key: String,
        /// What was found.
        what: &'static str,
    },
    /// A Merkle proof does not lead to the root.
    #[error("the {proof} proof does not verify: {what}")]
    Proof {
        /// Which proof: `inclusion`, `consistency`, `row`.
        proof: &'static str,
        /// What was found.
        what: &'static str,
    },
    /// Something exceeds a named bound.
    #[error("{what} is {got}, the limit is {limit}")]
    TooLarge {
        /// What is too large, with its unit.
        what: &'static str,
        /// The bound.
        limit: u64,
        /// What was asked for.
        got: u64,
    },
    /// A row whose content was asked for was lawfully erased.
    #[error("row {row} of entry {entry} was erased")]
    Erased {
        /// The entry.
        entry: u64,
        /// The row.
        row: u32,
    },
    /// An index or size outside the tree.
    #[error("{what} {got} is outside the tree of size {size}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        got: u64,
        /// The tree size it was held against.
        size: u64,
    },
    /// The operating system gave no random bytes for salts or keys.
    #[error("no random bytes: {what}")]
    Random {
        /// What the operating system said.
        what: String,
    },
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn io(call: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io {
            call,
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn malformed(form: &'static str, what: impl Into<String>) -> Error {
        Error::Malformed {
            form,
            what: what.into(),
        }
    }

    /// True when a file that was asked for is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
