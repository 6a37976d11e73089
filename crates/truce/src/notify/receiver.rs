//! Telling one receiver, for ever: what the log newly says, in its order, each thing until it is taken.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use truce_core::Timestamp;
use truce_store::LogPosition;

use super::choice::Choice;
use super::cursor::Cursor;
use super::note::Note;
use super::outlet::{Outlet, Undelivered};
use super::scan::Log;
use super::state::State;
use crate::connect::backoff::Backoff;
use crate::line::Error;
use crate::service::{Live, next_checkpoint};

/// Entries that were looked at and had nothing to tell are looked at again after a restart, up to so
/// many: a cursor that is written each second for nothing wears the disk.
const UNSAVED_ENTRIES_MAX: u64 = 1_024;

/// A receiver, and how far it was told.
pub(super) struct Receiver {
    pub(super) log: Arc<Log>,
    pub(super) choice: Arc<Choice>,
    pub(super) outlet: Outlet,
    pub(super) cursor: Cursor,
    /// Where the cursor is kept.
    pub(super) file: PathBuf,
    pub(super) state: Arc<State>,
    pub(super) backoff: Backoff,
}

impl Receiver {
    /// Tells what the log says until the line ends.
    pub(super) async fn run(mut self, mut live: broadcast::Receiver<Live>) {
        loop {
            match self.catch_up().await {
                Ok(()) => {
                    self.outlet.rest().await;
                    if !next_checkpoint(&mut live, LOOK_EVERY).await {
                        return;
                    }
                }
                Err(Undelivered { why, wait }) => {
                    self.state.failed(why);
                    tokio::time::sleep(self.backoff.next_wait().max(wait)).await;
                }
            }
        }
    }

    /// Tells everything that is published now. After a failure it begins anew from the cursor.
    async fn catch_up(&mut self) -> Result<(), Undelivered> {
        let mut saved = self.cursor.next.entry;
        loop {
            let (notes, next) = self.read().await?;
            for note in &notes {
                self.outlet.send(note).await?;
                self.state.works();
                self.backoff.reset();
                self.cursor.pass(note, Timestamp::now());
                self.save().await?;
                self.state.reached(&self.cursor);
            }
            let reached = next == self.cursor.next;
            self.cursor.next = next;
            if next.entry - saved >= UNSAVED_ENTRIES_MAX {
                self.save().await?;
                saved = next.entry;
            }
            self.state.reached(&self.cursor);
            if reached && notes.is_empty() {
                return Ok(());
            }
        }
    }

    /// What stands behind the cursor.
    async fn read(&mut self) -> Result<(Vec<Note>, LogPosition), Undelivered> {
        let (log, choice, from) = (self.log.clone(), self.choice.clone(), self.cursor.next);
        let reading = tokio::task::spawn_blocking(move || log.next(&choice, from)).await;
        let read = reading.map_err(|error| error.to_string())?;
        Ok(read.map_err(|error| error.to_string())?)
    }

    async fn save(&mut self) -> Result<(), Undelivered> {
        let (cursor, file) = (self.cursor.clone(), self.file.clone());
        let saving = tokio::task::spawn_blocking(move || cursor.save(&file)).await;
        let saved: Result<(), Error> = saving.map_err(|error| error.to_string())?;
        Ok(saved.map_err(|error| error.to_string())?)
    }
}

/// Longest time without looking whether something was published: a checkpoint may be missed while
/// nobody listens.
const LOOK_EVERY: Duration = Duration::from_secs(5);
