//! How far a file was read, and what the log holds beyond that.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use truce_core::{Body, Digest, MessageId, RecordClass, Slug};
use truce_ledger::Reader;

use super::Memory;
use crate::line::{Error, entry_records, replace};

/// A place in a file, and the place in the log of the message before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursor {
    /// Number of the file on its disk; another name keeps it.
    pub(super) inode: u64,
    /// Digest of the file's first bytes, and how many: another file with the same number differs.
    pub(super) head: Digest,
    pub(super) head_bytes: u64,
    /// Where a message begins, and how many from there on are logged.
    pub(super) offset: u64,
    pub(super) skip: u64,
    /// Everything before is in entries up to this one, which holds so many of the feed's messages.
    pub(super) entry: u64,
    pub(super) in_entry: u32,
}

impl Cursor {
    /// True when both are the same place in the file.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        let place = |c: &Self| (c.inode, c.offset, c.skip);
        place(self) == place(other)
    }

    /// Writes it so that a crash leaves either the old one or the new one.
    pub(super) fn save(&self, file: &Path) -> std::io::Result<()> {
        replace(file, &serde_json::to_vec(self)?)
    }

    fn load(file: &Path) -> Result<Option<Self>, Error> {
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| Error::file("read the cursor", file, error.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file("read the cursor", file, error)),
        }
    }
}

/// Messages that the log holds behind a cursor, in order.
#[derive(Debug, Default)]
pub(super) struct Logged(VecDeque<MessageId>);

impl Logged {
    /// True when the next message read is in the log already. The first that is not ends the search:
    /// the log has a beginning of what follows the cursor. Messages of the feed that came another
    /// way stand between and are passed over.
    pub(super) fn knows(&mut self, message: MessageId) -> bool {
        match self.0.iter().position(|logged| *logged == message) {
            Some(n) => {
                self.0.drain(..=n);
                true
            }
            None => {
                self.0.clear();
                false
            }
        }
    }
}

/// The cursor of a feed, if there is one, and what the log holds behind it.
pub(super) fn recall(feed: &Slug, memory: &Memory) -> Result<(Option<Cursor>, Logged), Error> {
    let cursor = Cursor::load(&memory.cursor)?;
    let mut logged = VecDeque::new();
    if !memory.spoke {
        return Ok((cursor, Logged(logged)));
    }
    let (first, in_first) = cursor.as_ref().map_or((0, 0), |c| (c.entry, c.in_entry));
    for item in Reader::open(&memory.log)?.entries(first) {
        let (index, entry, rows) = item?;
        if RecordClass::from_byte(entry.class) != Some(RecordClass::Raw) {
            continue;
        }
        let of_feed = entry_records(&entry, &rows)?.into_iter();
        let of_feed = of_feed.filter_map(|record| match record.body {
            Body::Raw(message) if message.source == *feed => Some(message.id()),
            _ => None,
        });
        logged.extend(of_feed.skip(if index == first { in_first as usize } else { 0 }));
    }
    Ok((cursor, Logged(logged)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> MessageId {
        MessageId(Digest([n; 32]))
    }

    #[test]
    fn the_log_knows_a_beginning_of_what_follows() {
        // The log holds 1, 2, 1; 9 came another way.
        let mut logged = Logged([1, 9, 2, 1].map(id).into());
        let file = [1, 2, 1, 2, 1];
        let known: Vec<bool> = file.iter().map(|n| logged.knows(id(*n))).collect();
        assert_eq!(known, [true, true, true, false, false]);
    }

    #[test]
    fn a_cursor_is_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cursors/ais.json");
        assert_eq!(Cursor::load(&file).unwrap(), None);
        let cursor = Cursor {
            inode: 3,
            head: Digest([1; 32]),
            head_bytes: 4,
            offset: 5,
            skip: 6,
            entry: 7,
            in_entry: 8,
        };
        cursor.save(&file).unwrap();
        assert_eq!(Cursor::load(&file).unwrap(), Some(cursor));
        fs::write(&file, "{").unwrap();
        assert!(Cursor::load(&file).is_err());
    }
}
