//! The tables of a folder: kept from the last run when they follow from the log, else folded anew.
//!
//! They are folded behind the log, and written in whole transactions. A process that was killed
//! leaves them behind the log; a power failure may leave them ahead of it, with entries that were
//! never acknowledged and are gone. Such tables, those of another log and those that another version
//! of the program wrote are thrown away.

use std::path::Path;

use truce_core::time::{from_nanoseconds, nanoseconds};
use truce_ledger::Reader;
use truce_store::Store;

use super::ahead::each_entry;
use super::{Error, Folder, Progress};

/// Empty tables in place of whatever tables the folder had.
pub(super) fn new_store(folder: &Folder) -> Result<Store, Error> {
    let path = folder.state_file();
    remove_tables(&path)?;
    Ok(Store::create(&path)?)
}

/// The tables of the folder when they follow from the log, which may have gone on; else empty ones.
pub(super) fn kept_store(folder: &Folder, reader: &Reader) -> Result<Store, Error> {
    match Store::open(&folder.state_file()) {
        Ok(store) if follows(&store, reader)? => return Ok(store),
        Ok(_) => tracing::info!("the tables are not of this log; they are folded anew"),
        Err(error) => tracing::debug!(%error, "the tables are folded anew"),
    }
    new_store(folder)
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

/// Removes a file of tables with what SQLite keeps beside it.
///
/// # Errors
/// When a file is there and cannot be removed.
pub fn remove_tables(path: &Path) -> Result<(), Error> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("remove", Path::new(&name), error));
            }
            _ => {}
        }
    }
    Ok(())
}
