//! A file that another program writes on, as a transport.
//!
//! The file is read as it grows, through rotation (it is renamed and a new one begun) and truncation
//! (it is cut and begun anew, as `copytruncate` of logrotate does). How far it was read stands in a
//! cursor in the data folder, written after the messages are durable. A crash leaves the cursor a
//! little behind the log, never before it; the messages between are known from the log itself, so
//! that after a restart none is missed and none is logged twice.

mod cursor;
mod files;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use truce_core::RawMessage;

use super::backoff::Backoff;
use super::gate::{Closed, Inlet};
use super::link::LinkState;
use cursor::{Cursor, Logged};
use files::{Files, Step};

/// How often a file that has not grown is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How often the cursor is written while messages come.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// How often it is written while none come: a restart then need not read the log since the last.
const SAVE_IDLE_EVERY: Duration = Duration::from_secs(300);

/// Where a follower remembers.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// The cursor's file.
    pub(super) cursor: PathBuf,
    /// The log's folder.
    pub(super) log: PathBuf,
    /// Whether the log holds messages of the feed.
    pub(super) spoke: bool,
}

/// Follows for ever; ends when the gate is closed.
pub(super) async fn follow(inlet: Inlet, path: PathBuf, memory: Memory) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let mut files = Files::new(path.clone(), inlet.framing);
    let (mut follower, start) = loop {
        let (feed, asked) = (inlet.feed.clone(), memory.clone());
        match blocking(move || cursor::recall(&feed, &asked)).await {
            Ok((cursor, logged)) => break (Follower::new(&inlet, logged, memory.cursor), cursor),
            Err(error) => {
                inlet
                    .link
                    .set(LinkState::Waiting, format!("cannot remember: {error}"));
                tokio::time::sleep(backoff.next_wait()).await;
            }
        }
    };
    if let Some(cursor) = start {
        files.resume(cursor);
    }
    loop {
        let step = blocking(move || {
            let step = files.step();
            (files, step)
        });
        let (back, step) = step.await;
        files = back;
        let wait = match step {
            Ok(Step::Read(read)) => {
                backoff.reset();
                inlet
                    .link
                    .set(LinkState::Connected, format!("reading {}", path.display()));
                if follower.take(&inlet, read).await.is_err() {
                    return Closed;
                }
                Duration::ZERO
            }
            Ok(Step::Again(why)) => {
                tracing::info!(feed = %inlet.feed, path = %path.display(), "{why}");
                Duration::ZERO
            }
            Ok(Step::Nothing) => LOOK_EVERY,
            Ok(Step::Absent) => {
                let why = format!("{} is not there", path.display());
                inlet.link.set(LinkState::Waiting, why);
                LOOK_EVERY
            }
            Err(error) => {
                let why = format!("cannot read {}: {error}", path.display());
                inlet.link.set(LinkState::Waiting, why);
                backoff.next_wait()
            }
        };
        follower.remember(&inlet);
        tokio::time::sleep(wait).await;
    }
}

/// Runs what may block; it is never cancelled half-way.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.expect("reading a file does not panic")
}

/// Messages read in one go, and where their bytes begin and end.
#[derive(Debug)]
struct Read {
    bytes: Vec<Vec<u8>>,
    /// A cursor at the first of them, and one behind the last.
    from: Cursor,
    to: Cursor,
}

/// Messages that were put in and are not all logged yet.
#[derive(Debug)]
struct Mark {
    from: Cursor,
    to: Cursor,
    /// Messages behind `from` that the log held before.
    known: u64,
    /// Numbers of the messages that were put in: those up to `before` are of earlier marks.
    before: u64,
    last: u64,
}

struct Follower {
    logged: Logged,
    marks: VecDeque<Mark>,
    /// Behind everything that is logged.
    done: Option<Cursor>,
    file: PathBuf,
    saved_at: Instant,
    saved: Option<Cursor>,
    put_in: u64,
}

impl Follower {
    fn new(inlet: &Inlet, logged: Logged, file: PathBuf) -> Self {
        Self {
            logged,
            marks: VecDeque::new(),
            done: None,
            file,
            saved_at: Instant::now(),
            saved: None,
            put_in: inlet.progress().borrow().messages,
        }
    }

    /// Puts in what the log does not hold yet.
    async fn take(&mut self, inlet: &Inlet, read: Read) -> Result<(), Closed> {
        let messages = read.bytes.iter().map(|bytes| inlet.message(bytes));
        let count = messages.len() as u64;
        let new: Vec<RawMessage> = messages.filter(|m| !self.logged.knows(m.id())).collect();
        let known = count - new.len() as u64;
        let before = self.put_in;
        self.put_in = inlet.send(new).await?;
        self.marks.push_back(Mark {
            from: read.from,
            to: read.to,
            known,
            before,
            last: self.put_in,
        });
        Ok(())
    }

    /// Writes the cursor behind what is logged by now, now and then.
    fn remember(&mut self, inlet: &Inlet) {
        let progress = *inlet.progress().borrow();
        while let Some(mark) = self.marks.front().filter(|m| m.last <= progress.messages) {
            self.done = Some(mark.to.clone());
            self.marks.pop_front();
        }
        let partly = self
            .marks
            .front()
            .filter(|mark| mark.before < progress.messages);
        let mut cursor = match (partly, &self.done) {
            (Some(mark), _) => Cursor {
                skip: mark.from.skip + mark.known + progress.messages - mark.before,
                ..mark.from.clone()
            },
            (None, Some(done)) => done.clone(),
            (None, None) => return,
        };
        (cursor.entry, cursor.in_entry) = (progress.entry, progress.in_entry);
        if self.marks.is_empty() {
            // Whatever of this feed comes later lies behind all that is logged now.
            let newest = inlet.newest_entry();
            if newest > cursor.entry {
                (cursor.entry, cursor.in_entry) = (newest, 0);
            }
        }
        let moved = self
            .saved
            .as_ref()
            .is_none_or(|saved| !saved.is_at(&cursor));
        let every = if moved { SAVE_EVERY } else { SAVE_IDLE_EVERY };
        if self.saved_at.elapsed() < every || self.saved.as_ref() == Some(&cursor) {
            return;
        }
        self.saved_at = Instant::now();
        match cursor.save(&self.file) {
            Ok(()) => self.saved = Some(cursor),
            Err(error) => {
                // The old cursor stands: a restart reads more of the log.
                tracing::warn!(feed = %inlet.feed, file = %self.file.display(), %error, "cannot remember");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::Stage;

    fn append(path: &Path, text: &str) {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[tokio::test]
    async fn a_file_is_followed_through_rotation_and_truncation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ais.nmea");
        let mut stage = Stage::start(Transport::Follow {
            path: path.to_str().unwrap().into(),
        });
        stage.comes_up(LinkState::Waiting).await;
        append(&path, "one\ntw");
        stage.hears(&["one"]).await;
        append(&path, "o\n");
        stage.hears(&["two"]).await;
        // Rotation: whoever writes goes on for a moment in the renamed file.
        let rotated = folder.path().join("ais.nmea.1");
        fs::rename(&path, &rotated).unwrap();
        append(&rotated, "three\nfo");
        append(&path, "five\n");
        append(&rotated, "ur\n");
        stage.hears(&["three", "four", "five"]).await;
        // Truncation in place.
        fs::write(&path, "six\n").unwrap();
        stage.hears(&["six"]).await;
        assert_eq!(stage.report().state, LinkState::Connected);
    }
}
