//! The tables of a folder: kept from the last run when that closed them and they follow from the log,
//! else folded anew.
//!
//! A process that ends writes beside the tables that it closed them, and how their file looks then. A
//! process that was killed does not, nor does the copy of a folder made under a running server say so
//! of its own file: such tables may hold half of what they should and are thrown away, as are those of
//! another log and those that another version of the program wrote.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use truce_core::time::{from_nanoseconds, nanoseconds};
use truce_ledger::Reader;
use truce_store::Store;

use super::ahead::each_entry;
use super::{Error, Folder, Progress};

/// What is added to the tables' name for the file that says they were closed.
const CLOSED: &str = "-closed";

/// The tables of a folder, open to be written; closed when they are dropped.
pub(super) struct Tables {
    store: Store,
    path: PathBuf,
}

impl Tables {
    /// Empty tables in place of whatever tables the folder had.
    pub(super) fn create(folder: &Folder) -> Result<Self, Error> {
        let path = folder.state_file();
        remove_tables(&path)?;
        let store = Store::create(&path)?;
        Ok(Self { store, path })
    }

    /// The tables of the folder when they were closed and follow from the log, which may have gone
    /// on; else empty ones.
    pub(super) fn keep(folder: &Folder, reader: &Reader) -> Result<Self, Error> {
        let path = folder.state_file();
        let marker = beside(&path, CLOSED);
        let closed = fs::read_to_string(&marker).ok();
        if closed.is_some() && closed == looks(&path) {
            fs::remove_file(&marker).map_err(|e| Error::file("remove", &marker, e))?;
            match Store::open(&path) {
                Ok(store) if follows(&store, reader)? => return Ok(Self { store, path }),
                Ok(_) => tracing::info!("the tables are not of this log; they are folded anew"),
                Err(error) => tracing::info!(%error, "the tables are folded anew"),
            }
        }
        Self::create(folder)
    }

    /// Empties them.
    pub(super) fn clear(&mut self) -> Result<(), Error> {
        remove_tables(&self.path)?;
        self.store = Store::create(&self.path)?;
        Ok(())
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let finished = self.store.finish().map_err(Error::from);
        if let Err(error) = finished.and_then(|()| mark_closed(&self.path)) {
            tracing::debug!(%error, "the tables will be folded anew");
        }
    }
}

impl Deref for Tables {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for Tables {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

/// Says beside finished tables that they are.
///
/// # Errors
/// When the file cannot be written.
pub fn mark_closed(path: &Path) -> Result<(), Error> {
    let marker = beside(path, CLOSED);
    let looks = looks(path).unwrap_or_default();
    fs::write(&marker, looks).map_err(|e| Error::file("write", &marker, e))
}

/// Length and time of the last change of a file: a copy that was made while it changed differs.
fn looks(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", metadata.len(), changed.as_nanos()))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether the entry that was folded in last is the log's. Its time, in nanoseconds, tells it from
/// that of any other log.
fn follows(store: &Store, reader: &Reader) -> Result<bool, Error> {
    let Some(last) = store.applied().checked_sub(1) else {
        return Ok(true);
    };
    if last >= reader.size()? {
        return Ok(false);
    }
    let (entry, _) = reader.entry(last)?;
    let folded_at = store.last_recorded_at().ok().flatten();
    Ok(folded_at.map(nanoseconds) == Some(entry.log_time_ns))
}

/// Folds into the tables what the log holds and they do not.
pub(super) fn fold(
    reader: &Reader,
    store: &mut Store,
    progress: Progress<'_>,
) -> Result<(), Error> {
    store.begin()?;
    each_entry(reader, store.applied(), progress, |logged| {
        let recorded_at = from_nanoseconds(logged.entry.log_time_ns);
        Ok(store.apply_entry(logged.index, recorded_at, &logged.records)?)
    })?;
    Ok(store.commit()?)
}

/// Removes a file of tables with what is kept beside it.
///
/// # Errors
/// When a file is there and cannot be removed.
pub fn remove_tables(path: &Path) -> Result<(), Error> {
    for suffix in [CLOSED, "", "-wal", "-shm", "-journal"] {
        let name = beside(path, suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("remove", &name, error));
            }
            _ => {}
        }
    }
    Ok(())
}
