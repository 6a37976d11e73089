//! Custody: what was done with evidence, as entries of the log.
//!
//! Reading files in is logged by the line itself. Export, release, erasure and time-stamping are
//! logged here or through the line. Nothing here decides who may do it.

use std::collections::BTreeSet;

use truce_core::record::{Custody, CustodyAction, RowPlace};
use truce_core::time::nanoseconds;
use truce_core::{Body, Record, RecordClass, Timestamp};
use truce_ledger::{Draft, Entry, Reader, Rows};

use crate::line::{Error, Folder, entry_records, push_record};

/// Entries of one bundle (C2SP tlog-tiles, "Log Entries").
const BUNDLE_ENTRIES: u64 = 256;

/// Logs what was done, in a folder that no line holds, and publishes it. The engine is not needed:
/// nothing follows from it.
///
/// # Errors
/// When a line holds the folder, or the log cannot be written.
pub fn log(folder: &Folder, custody: Custody, now: Timestamp) -> Result<u64, Error> {
    let (mut ledger, _) = folder.open_ledger()?;
    ledger.commit(ledger.committed_at_ns())?;
    let reader = Reader::open(&folder.log())?;
    let newest = ledger.size().checked_sub(1).ok_or(Error::NoMission)?;
    let (before, _) = reader.entry(newest)?;
    let mut rows = Rows::new();
    push_record(
        &mut rows,
        &mut Vec::new(),
        &Record::new(Body::Custody(custody)),
    );
    let entry = ledger.append(Draft {
        class: RecordClass::Custody as u8,
        log_time_ns: nanoseconds(now),
        agreement: before.agreement,
        policy: before.policy,
        rows: &rows,
    })?;
    ledger.commit(nanoseconds(now))?;
    Ok(entry)
}

/// Everything that was done, with the index of its entry. Only the entries of this class are read.
///
/// # Errors
/// When the log cannot be read.
pub fn all(reader: &Reader) -> Result<Vec<(u64, Custody)>, Error> {
    let size = reader.size()?;
    let mut found = Vec::new();
    for bundle in 0..size.div_ceil(BUNDLE_ENTRIES) {
        let entries = reader.bundle(bundle, size)?;
        for (index, bytes) in (bundle * BUNDLE_ENTRIES..).zip(entries) {
            if Entry::parse(&bytes)?.class != RecordClass::Custody as u8 {
                continue;
            }
            let (entry, rows) = reader.entry(index)?;
            for record in entry_records(&entry, &rows)? {
                if let Body::Custody(custody) = record.body {
                    found.push((index, custody));
                }
            }
        }
    }
    Ok(found)
}

/// The rows whose erasure is logged.
///
/// # Errors
/// When the log cannot be read.
pub fn erased_rows(reader: &Reader) -> Result<BTreeSet<RowPlace>, Error> {
    let all = all(reader)?.into_iter();
    let erasures = all.filter(|(_, custody)| custody.action == CustodyAction::Erasure);
    Ok(erasures.flat_map(|(_, custody)| custody.rows).collect())
}
