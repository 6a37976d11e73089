//! Reading a log ahead: entries are read, checked and parsed by a thread of their own while the one
//! before them is worked on.

use std::sync::mpsc::sync_channel;
use std::thread;

use truce_core::Record;
use truce_ledger::{Entry, Reader, Row};

use super::{Error, Progress, entry_records};

/// How often progress is told, in entries.
const PROGRESS_EVERY_ENTRIES: u64 = 64;

/// Entries that wait to be worked on. One may hold megabytes.
const ENTRIES_AHEAD: usize = 4;

/// An entry of the log.
pub(super) struct Logged {
    pub(super) index: u64,
    pub(super) entry: Entry,
    pub(super) rows: Vec<Row>,
    pub(super) records: Vec<Record>,
}

/// Does something with each published entry from an index on, in order, up to the first error.
pub(super) fn each_entry(
    reader: &Reader,
    from: u64,
    progress: Progress<'_>,
    mut work: impl FnMut(Logged) -> Result<(), Error>,
) -> Result<(), Error> {
    let size = reader.size()?;
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(ENTRIES_AHEAD);
        scope.spawn(move || {
            for item in reader.entries(from) {
                // Nobody waits for more once the work has failed.
                if sender
                    .send(item.map_err(Error::from).and_then(parse))
                    .is_err()
                {
                    return;
                }
            }
        });
        for logged in receiver {
            let logged = logged?;
            let index = logged.index;
            work(logged)?;
            if index % PROGRESS_EVERY_ENTRIES == 0 {
                progress(index, size);
            }
        }
        Ok::<_, Error>(())
    })?;
    progress(size, size);
    Ok(())
}

fn parse((index, entry, rows): (u64, Entry, Vec<Row>)) -> Result<Logged, Error> {
    let records = entry_records(&entry, &rows)?;
    Ok(Logged {
        index,
        entry,
        rows,
        records,
    })
}
