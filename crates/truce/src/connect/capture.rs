//! A captured period: the messages of several feeds with their times of arrival, as files.
//!
//! ```text
//! DIR/arrivals.csv        received_at,feed,offset,length   one row per message, in order of arrival
//! DIR/feeds/FEED.txt      the messages of one feed, one per line, as the sensors sent them
//! DIR/truth.jsonl         what really happened (simulations only)
//! ```
//! Offsets and lengths are in bytes. The feed files can be read by any other program.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
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
    let mut feeds: BTreeMap<&Slug, FeedText> = BTreeMap::new();
    write_file(&folder.join(ARRIVALS), |out| {
        writeln!(out, "{HEADER}")?;
        for message in messages {
            let (at, feed, length) = (
                message.received_at,
                &message.source,
                message.bytes.len() as u64,
            );
            let text = match feeds.entry(feed) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(FeedText::create(&feed_file(folder, feed))?),
            };
            writeln!(out, "{at},{feed},{},{length}", text.end)?;
            text.out.write_all(&message.bytes)?;
            text.out.write_all(b"\n")?;
            text.end += length + 1;
            text.count += 1;
        }
        feeds.values_mut().try_for_each(|text| text.out.flush())
    })?;
    let counts = feeds.into_iter();
    Ok(counts
        .map(|(feed, text)| (feed.clone(), text.count))
        .collect())
}

/// A feed's file as it is written.
struct FeedText {
    out: BufWriter<fs::File>,
    end: u64,
    count: u64,
}

impl FeedText {
    fn create(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(fs::File::create(path)?),
            end: 0,
            count: 0,
        })
    }
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

/// A capture, every row of which was looked at: it points into its feed's file.
#[derive(Debug)]
pub struct Capture {
    folder: PathBuf,
    message_count: u64,
}

impl Capture {
    /// Looks through the rows, and at how long the feeds' files are.
    ///
    /// # Errors
    /// When a file cannot be read, or a row of `arrivals.csv` is none or points outside its feed's
    /// file.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut lengths: BTreeMap<Slug, u64> = BTreeMap::new();
        let mut rows = Rows::open(folder)?;
        let mut message_count = 0;
        while let Some(arrival) = rows.arrival()? {
            let end = arrival.offset.checked_add(arrival.length);
            let length = match lengths.get(&arrival.feed) {
                Some(length) => *length,
                None => {
                    let file = feed_file(folder, &arrival.feed);
                    let about = fs::metadata(&file).map_err(|e| Error::file("read", &file, e))?;
                    lengths.insert(arrival.feed, about.len());
                    about.len()
                }
            };
            if end.is_none_or(|end| end > length) {
                return Err(rows.broken("it points behind the end of the feed's file"));
            }
            message_count += 1;
        }
        Ok(Self {
            folder: folder.to_owned(),
            message_count,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many messages it holds.
    #[must_use]
    pub fn message_count(&self) -> u64 {
        self.message_count
    }

    /// Hands on the messages in order of arrival, one by one.
    ///
    /// # Errors
    /// When a file cannot be read, or whatever the receiver of the messages returns.
    pub fn read(&self, mut each: impl FnMut(RawMessage) -> Result<(), Error>) -> Result<(), Error> {
        let mut texts: BTreeMap<Slug, (BufReader<fs::File>, u64)> = BTreeMap::new();
        let mut rows = Rows::open(&self.folder)?;
        while let Some(arrival) = rows.arrival()? {
            let file = feed_file(&self.folder, &arrival.feed);
            let failed = |source| Error::file("read", &file, source);
            if !texts.contains_key(&arrival.feed) {
                let text = BufReader::new(fs::File::open(&file).map_err(failed)?);
                texts.insert(arrival.feed.clone(), (text, 0));
            }
            let (text, at) = texts.get_mut(&arrival.feed).expect("it was put there");
            text.seek_relative(arrival.offset.cast_signed() - at.cast_signed())
                .map_err(failed)?;
            let mut bytes = vec![0; usize::try_from(arrival.length).unwrap_or(usize::MAX)];
            text.read_exact(&mut bytes).map_err(failed)?;
            *at = arrival.offset + arrival.length;
            each(RawMessage {
                source: arrival.feed,
                received_at: arrival.received_at,
                bytes,
            })?;
        }
        Ok(())
    }
}

/// The rows of `arrivals.csv`.
struct Rows {
    path: PathBuf,
    lines: std::io::Lines<BufReader<fs::File>>,
    number: u64,
}

impl Rows {
    fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(ARRIVALS);
        let file = fs::File::open(&path).map_err(|e| Error::file("read", &path, e))?;
        let lines = BufReader::new(file).lines();
        let mut rows = Self {
            path,
            lines,
            number: 0,
        };
        match rows.line()? {
            Some(line) if line == HEADER => Ok(rows),
            _ => Err(rows.broken(&format!("not the header {HEADER}"))),
        }
    }

    fn arrival(&mut self) -> Result<Option<Arrival>, Error> {
        let Some(line) = self.line()? else {
            return Ok(None);
        };
        let arrival = parse_row(&line).ok_or_else(|| self.broken("not an arrival"))?;
        Ok(Some(arrival))
    }

    fn line(&mut self) -> Result<Option<String>, Error> {
        self.number += 1;
        let line = self.lines.next().transpose();
        line.map_err(|e| Error::file("read", &self.path, e))
    }

    fn broken(&self, why: &str) -> Error {
        let text = format!("line {}: {why}", self.number);
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, text);
        Error::file("read", &self.path, source)
    }
}

struct Arrival {
    received_at: Timestamp,
    feed: Slug,
    offset: u64,
    length: u64,
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
        let capture = Capture::open(folder.path()).unwrap();
        assert_eq!(capture.message_count(), 3);
        let mut again = Vec::new();
        let read = capture.read(|message| {
            again.push(message);
            Ok(())
        });
        assert!(read.is_ok());
        assert_eq!(again, messages);
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
            "2025-06-10T00:00:01Z,a,2,18446744073709551615",
            "2025-06-10T00:00:01Z,b,0,0",
        ] {
            fs::write(
                folder.path().join(ARRIVALS),
                format!("{HEADER}\n2025-06-10T00:00:00Z,a,0,3\n{row}\n"),
            )
            .unwrap();
            let error = Capture::open(folder.path()).unwrap_err().to_string();
            assert!(
                error.contains("line 3") || error.contains("b.txt"),
                "{row}: {error}"
            );
        }
        fs::write(folder.path().join(ARRIVALS), "h\n").unwrap();
        let error = Capture::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
