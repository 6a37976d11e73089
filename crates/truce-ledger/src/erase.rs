//! Lawful erasure: a row's salt and content are overwritten in its segment, and its leaf hash takes
//! their place. The entry, every proof, every digest and every check value stay what they were.
//!
//! What is to be erased is first written to the file `erasing`, durably:
//!
//! ```text
//! truce-erasing/v1
//! sha256 <base64 of the SHA-256 over everything below this line>
//! <entry> <row> <base64 of the leaf hash>
//! ```
//!
//! A crash in the middle of an overwrite leaves a row that is neither whole nor erased; opening the
//! log finishes what the file says. Who erased what and why is not known here: the caller logs it
//! before it erases. Copies elsewhere, and what a disk keeps of overwritten blocks, are out of reach.

use crate::disk::{Folder, write_all};
use crate::error::{Error, Result};
use crate::merkle::{Digest, sha256};
use crate::segment::{
    FRAME_FIXED_BYTES, SEGMENT_HEADER_BYTES, SegmentFile, StoredRow, StoredRows, segment_name,
    segment_of,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// The file's name.
pub(crate) const ERASING: &str = "erasing";
/// Rows erased at once; the file that names them is read whole.
pub const MAX_ERASED_AT_ONCE: usize = 1 << 16;

const MAGIC: &str = "truce-erasing/v1";
/// No line is longer: two numbers, a hash and what is between them.
const MAX_LINE_BYTES: usize = 20 + 10 + 44 + 3;

/// A row that is to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doomed {
    entry: u64,
    row: u32,
    leaf: Digest,
}

/// Erases rows of entries below `size`, all of which must be durable. Those erased already are left
/// as they are. Returns how many there were to erase.
pub(crate) fn erase(folder: &Folder, size: u64, rows: &[(u64, u32)]) -> Result<u64> {
    let (limit, got) = (MAX_ERASED_AT_ONCE as u64, rows.len() as u64);
    if got > limit {
        let what = "number of rows to erase";
        return Err(Error::TooLarge { what, limit, got });
    }
    let mut doomed = Vec::new();
    for (entry, row) in rows {
        if *entry >= size {
            let (what, got) = ("index", *entry);
            return Err(Error::OutOfRange { what, got, size });
        }
        let mut place = Place::find(folder, *entry)?;
        place.check()?;
        let (_, stored) = place.row(*row)?;
        let leaf = stored.leaf()?;
        if !stored.is_erased() {
            let (entry, row) = (*entry, *row);
            doomed.push(Doomed { entry, row, leaf });
        }
    }
    if !doomed.is_empty() {
        folder.replace(ERASING, to_text(&doomed).as_bytes())?;
        carry_out(folder, &doomed)?;
    }
    Ok(doomed.len() as u64)
}

/// Finishes an erasure that a crash interrupted.
pub(crate) fn finish(folder: &Folder) -> Result<()> {
    match read(folder)? {
        Some(doomed) => carry_out(folder, &doomed),
        None => Ok(()),
    }
}

/// What the file says is being erased.
pub(crate) fn read(folder: &Folder) -> Result<Option<Vec<Doomed>>> {
    let limit = (MAX_ERASED_AT_ONCE + 4) * MAX_LINE_BYTES;
    match folder.read(ERASING, limit as u64) {
        Err(e) if e.is_not_found() => Ok(None),
        Err(e) => Err(e),
        Ok(bytes) => parse(&bytes).map(Some),
    }
}

fn carry_out(folder: &Folder, doomed: &[Doomed]) -> Result<()> {
    for row in doomed {
        let mut place = Place::find(folder, row.entry)?;
        let (offset, stored) = place.row(row.row)?;
        let mut bytes = stored.erased_head().to_be_bytes().to_vec();
        bytes.extend_from_slice(&row.leaf);
        bytes.resize(4 + stored.room.len(), 0);
        let name = segment_name(place.segment.header.first);
        let mut file = folder.open(&name, true)?;
        let failed = |call| move |e| Error::io(call, &folder.path(&name), e);
        write_all(file.as_mut(), offset, &bytes).map_err(failed.clone()("write"))?;
        file.sync().map_err(failed("sync"))?;
    }
    folder.remove(ERASING)?;
    folder.sync_dir("")
}

/// Where an entry lies.
struct Place {
    segment: SegmentFile,
    offset: u64,
    entry: u64,
}

impl Place {
    fn find(folder: &Folder, entry: u64) -> Result<Place> {
        let first = segment_of(folder, entry)?;
        let mut segment = SegmentFile::open(folder, first)?;
        let mut offset = SEGMENT_HEADER_BYTES as u64;
        for index in first..entry {
            match segment.peek(offset, index)? {
                Some((frame, _)) => offset += frame.frame(),
                None => return Err(segment.damaged(offset, index, "the end of the segment")),
            }
        }
        Ok(Place {
            segment,
            offset,
            entry,
        })
    }

    /// Holds the entry against its frame and its rows against the entry.
    fn check(&mut self) -> Result<()> {
        let (offset, entry) = (self.offset, self.entry);
        match self.segment.peek(offset, entry)? {
            Some((header, _)) => self.segment.body(offset, &header).map(drop),
            None => Err(self
                .segment
                .damaged(offset, entry, "the end of the segment")),
        }
    }

    /// Offset in the file and content of a row.
    fn row(&mut self, row: u32) -> Result<(u64, StoredRow<'_>)> {
        let (offset, entry) = (self.offset, self.entry);
        let Some((header, _)) = self.segment.peek(offset, entry)? else {
            return Err(self
                .segment
                .damaged(offset, entry, "the end of the segment"));
        };
        let frame = self.segment.frame_unchecked(offset, &header)?;
        let rows = frame.get(FRAME_FIXED_BYTES..).unwrap_or_default();
        let mut at = offset + FRAME_FIXED_BYTES as u64;
        for (number, stored) in (0u32..).zip(StoredRows(rows)) {
            let stored = stored?;
            if number == row {
                return Ok((at, stored));
            }
            at += 4 + stored.room.len() as u64;
        }
        let (what, got, size) = ("row", u64::from(row), u64::from(row));
        Err(Error::OutOfRange { what, got, size })
    }
}

fn to_text(doomed: &[Doomed]) -> String {
    let mut lines = String::new();
    for Doomed { entry, row, leaf } in doomed {
        let _ = writeln!(lines, "{entry} {row} {}", STANDARD.encode(leaf));
    }
    let check = STANDARD.encode(sha256(lines.as_bytes()));
    format!("{MAGIC}\nsha256 {check}\n{lines}")
}

fn parse(bytes: &[u8]) -> Result<Vec<Doomed>> {
    let bad = |what: &str| Error::malformed("list of rows to erase", what);
    let text = std::str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8"))?;
    let (check, lines) = text
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_prefix("\nsha256 "))
        .and_then(|rest| rest.split_once('\n'))
        .ok_or_else(|| bad("the first lines"))?;
    if check != STANDARD.encode(sha256(lines.as_bytes())) {
        return Err(bad("its checksum is another"));
    }
    let line = |line: &str| {
        let mut words = line.split(' ');
        let entry = words.next()?.parse().ok()?;
        let row = words.next()?.parse().ok()?;
        let leaf = STANDARD.decode(words.next()?).ok()?.try_into().ok()?;
        words
            .next()
            .is_none()
            .then_some(Doomed { entry, row, leaf })
    };
    let lines = lines.split_terminator('\n').map(line);
    lines.collect::<Option<_>>().ok_or_else(|| bad("a line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_round_trips_and_notices_every_letter() {
        let doomed = [
            Doomed {
                entry: 7,
                row: 0,
                leaf: [3; 32],
            },
            Doomed {
                entry: u64::MAX,
                row: u32::MAX,
                leaf: [255; 32],
            },
        ];
        let text = to_text(&doomed);
        assert_eq!(parse(text.as_bytes()).unwrap(), doomed);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(parse(&bytes).is_err(), "byte {at}");
        }
    }
}
