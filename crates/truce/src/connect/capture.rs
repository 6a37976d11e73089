//! A captured period: the messages of several feeds with their times of arrival, as files.
//!
//! ```text
//! DIR/arrivals.csv        received_at,feed,offset,length   one row per message, in order of arrival
//! DIR/feeds/FEED.txt      the messages of one feed, one per line, as the sensors sent them
//! DIR/truth.jsonl         what really happened (simulations only)
//! ```
//! Offsets and lengths are in bytes. The feed files can be read by any other program.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use truce_core::{RawMessage, Slug, Timestamp};
use truce_sim::Simulation;

use crate::line::Error;

const ARRIVALS: &str = "arrivals.csv";

/// Its first line.
const HEADER: &str = "received_at,feed,offset,length";

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// Messages per feed.
    pub feeds: BTreeMap<Slug, u64>,
    /// True events.
    pub truth_count: u64,
}

/// True when a folder holds a capture.
#[must_use]
pub fn is_capture(path: &Path) -> bool {
    path.join(ARRIVALS).is_file()
}

/// Writes a simulation as a capture.
///
/// # Errors
/// When the folder holds something already, or cannot be written.
pub fn write(folder: &Path, simulation: &Simulation) -> Result<Written, Error> {
    let feeds = folder.join("feeds");
    fs::create_dir_all(&feeds).map_err(|e| Error::file("make the folder", &feeds, e))?;
    if is_capture(folder) {
        let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(Error::file("write a second capture into", folder, taken));
    }
    let counts = write_messages(folder, &simulation.messages)?;
    let path = folder.join("truth.jsonl");
    write_file(&path, |out| {
        for event in &simulation.truth {
            serde_json::to_writer(&mut *out, event)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })?;
    Ok(Written {
        feeds: counts,
        truth_count: simulation.truth.len() as u64,
    })
}

fn write_messages(folder: &Path, messages: &[RawMessage]) -> Result<BTreeMap<Slug, u64>, Error> {
    let mut texts: BTreeMap<Slug, (Vec<u8>, u64)> = BTreeMap::new();
    write_file(&folder.join(ARRIVALS), |out| {
        writeln!(out, "{HEADER}")?;
        for message in messages {
            let (text, count) = texts.entry(message.source.clone()).or_default();
            let (offset, length) = (text.len(), message.bytes.len());
            writeln!(
                out,
                "{},{},{offset},{length}",
                message.received_at, message.source
            )?;
            text.extend_from_slice(&message.bytes);
            text.push(b'\n');
            *count += 1;
        }
        Ok(())
    })?;
    for (feed, (text, _)) in &texts {
        write_file(&feed_file(folder, feed), |out| out.write_all(text))?;
    }
    Ok(texts
        .into_iter()
        .map(|(feed, (_, count))| (feed, count))
        .collect())
}

fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let create = || {
        let mut out = BufWriter::new(fs::File::create(path)?);
        write(&mut out)?;
        out.flush()
    };
    create().map_err(|e| Error::file("write", path, e))
}

fn feed_file(folder: &Path, feed: &Slug) -> PathBuf {
    folder
        .join("feeds")
        .join(format!("{}.txt", feed.as_str().replace('/', "_")))
}

/// Reads a capture: its messages in order of arrival.
///
/// # Errors
/// When a file cannot be read, or a row of `arrivals.csv` points outside its feed's file.
pub fn read(folder: &Path) -> Result<Vec<RawMessage>, Error> {
    let path = folder.join(ARRIVALS);
    let broken = |line: usize, why: &str| {
        let text = format!("line {line}: {why}");
        Error::file(
            "read",
            &path,
            std::io::Error::new(std::io::ErrorKind::InvalidData, text),
        )
    };
    let arrivals = fs::read_to_string(&path).map_err(|e| Error::file("read", &path, e))?;
    if arrivals.lines().next() != Some(HEADER) {
        return Err(broken(1, &format!("not the header {HEADER}")));
    }
    let mut texts: BTreeMap<Slug, Vec<u8>> = BTreeMap::new();
    let mut messages = Vec::new();
    for (number, row) in arrivals.lines().enumerate().skip(1) {
        let arrival = parse_row(row).ok_or_else(|| broken(number + 1, "not an arrival"))?;
        if !texts.contains_key(&arrival.feed) {
            let file = feed_file(folder, &arrival.feed);
            let text = fs::read(&file).map_err(|e| Error::file("read", &file, e))?;
            texts.insert(arrival.feed.clone(), text);
        }
        let end = arrival.offset.saturating_add(arrival.length);
        let bytes = texts[&arrival.feed]
            .get(arrival.offset..end)
            .ok_or_else(|| broken(number + 1, "it points behind the end of the feed's file"))?;
        messages.push(RawMessage {
            source: arrival.feed,
            received_at: arrival.received_at,
            bytes: bytes.to_vec(),
        });
    }
    Ok(messages)
}

struct Arrival {
    received_at: Timestamp,
    feed: Slug,
    offset: usize,
    length: usize,
}

fn parse_row(row: &str) -> Option<Arrival> {
    let mut cells = row.split(',');
    let arrival = Arrival {
        received_at: cells.next()?.parse().ok()?,
        feed: cells.next()?.parse().ok()?,
        offset: cells.next()?.parse().ok()?,
        length: cells.next()?.parse().ok()?,
    };
    cells.next().is_none().then_some(arrival)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(feed: &str, at: &str, text: &str) -> RawMessage {
        RawMessage {
            source: feed.parse().unwrap(),
            received_at: at.parse().unwrap(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_capture_reads_back_in_order_of_arrival() {
        let folder = tempfile::tempdir().unwrap();
        let messages = vec![
            message("b/x", "2025-06-10T00:00:01Z", "one"),
            message("a", "2025-06-10T00:00:02.5Z", ""),
            message("b/x", "2025-06-10T00:00:03Z", "three, with a comma"),
        ];
        let simulation = Simulation {
            messages: messages.clone(),
            truth: Vec::new(),
        };
        assert_eq!(write(folder.path(), &simulation).unwrap().feeds.len(), 2);
        assert_eq!(read(folder.path()).unwrap(), messages);
        assert!(
            write(folder.path(), &simulation).is_err(),
            "a capture was overwritten"
        );
    }

    #[test]
    fn rows_that_point_nowhere_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("feeds")).unwrap();
        fs::write(folder.path().join("feeds/a.txt"), "abc\n").unwrap();
        for row in [
            "x",
            "2025-06-10T00:00:01Z,a,2,9",
            "2025-06-10T00:00:01Z,a,2,1,1",
        ] {
            fs::write(folder.path().join(ARRIVALS), format!("h\n{row}\n")).unwrap();
            assert!(read(folder.path()).is_err(), "{row}");
        }
    }
}
