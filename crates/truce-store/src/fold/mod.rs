//! One entry of the log into the tables.

mod feed_health;
mod feeds;
mod findings;
mod folder;
mod incidents;
mod tracks;

use rusqlite::params;
use truce_core::{Body, Record, RecordClass, Timestamp};

use crate::error::{Error, Result};
use crate::words::{nanoseconds, signed, unsigned};
use crate::{LogPosition, Store};

pub(crate) use feed_health::{RATE_TIME_S, offset_s};
pub(crate) use feeds::{NAME_PREFIX_BYTES, prefix};
pub(crate) use tracks::KnownTracks;

/// The entry that is being folded in.
struct Folding<'a> {
    connection: &'a rusqlite::Connection,
    known_tracks: &'a mut KnownTracks,
    entry: u64,
    recorded_at: Timestamp,
    /// When the mission could have said what this entry says; see [`Folding::read_known_at`].
    known_at_ns: i64,
}

impl Store {
    /// Holds back the end of the transaction until [`Store::commit`], so that many small entries
    /// cost one write.
    ///
    /// # Errors
    /// [`Error::Batch`] when a batch is open already.
    pub fn begin(&mut self) -> Result<()> {
        if self.in_batch {
            return Err(Error::Batch {
                what: "begun twice",
            });
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.in_batch = true;
        Ok(())
    }

    /// Ends the batch and makes its entries visible to other connections.
    ///
    /// # Errors
    /// [`Error::Batch`] when none is open, [`Error::Sqlite`] when the disk is full.
    pub fn commit(&mut self) -> Result<()> {
        if !self.in_batch {
            return Err(Error::Batch {
                what: "ended without a beginning",
            });
        }
        self.connection.execute_batch("COMMIT")?;
        self.in_batch = false;
        Ok(())
    }

    /// Folds one entry in. One that was folded in before is skipped. On an error nothing of it
    /// stays; inside a batch the whole batch is undone.
    ///
    /// # Errors
    /// [`Error::Gap`] when an entry was left out, [`Error::MixedClasses`] when its rows are not of
    /// one class, [`Error::Sqlite`] when the file cannot be written.
    pub fn apply_entry(
        &mut self,
        entry: u64,
        recorded_at: Timestamp,
        rows: &[Record],
    ) -> Result<()> {
        if entry < self.applied {
            return Ok(());
        }
        if entry > self.applied {
            let expected = self.applied;
            return Err(Error::Gap {
                expected,
                given: entry,
            });
        }
        if !self.in_batch {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        let mut folding = Folding {
            connection: &self.connection,
            known_tracks: &mut self.known_tracks,
            entry,
            recorded_at,
            known_at_ns: nanoseconds(recorded_at),
        };
        let mut outcome = folding.fold(rows);
        if outcome.is_ok() && !self.in_batch {
            outcome = self
                .connection
                .execute_batch("COMMIT")
                .map_err(Error::Sqlite);
        }
        if let Err(error) = outcome {
            // SQLite undoes some failed transactions by itself; then there is nothing to undo.
            let _undone = self.connection.execute_batch("ROLLBACK");
            self.in_batch = false;
            self.known_tracks = KnownTracks::default();
            self.applied = self.count_applied()?;
            return Err(error);
        }
        self.applied = entry + 1;
        Ok(())
    }

    /// Entries folded in so far, as the file says now.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when it cannot be read.
    pub fn count_applied(&self) -> Result<u64> {
        let sql = "SELECT coalesce(max(entry) + 1, 0) FROM entry";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(unsigned(statement.query_row([], |row| row.get(0))?))
    }
}

impl Folding<'_> {
    fn fold(&mut self, rows: &[Record]) -> Result<()> {
        let class = rows.first().map(|row| row.body.class());
        if rows.iter().any(|row| Some(row.body.class()) != class) {
            return Err(Error::MixedClasses { entry: self.entry });
        }
        self.run(
            "INSERT INTO entry VALUES (?1, ?2, ?3, ?4)",
            params![
                signed(self.entry),
                class.map_or(0, |class| class as u8),
                nanoseconds(self.recorded_at),
                signed(rows.len() as u64)
            ],
        )?;
        match class {
            Some(RecordClass::Raw | RecordClass::Observation | RecordClass::Rejection) => {
                self.fold_feeds(rows)
            }
            Some(RecordClass::Incident | RecordClass::Finding) => {
                self.known_at_ns = self.read_known_at()?;
                self.fold_each(rows)
            }
            _ => self.fold_each(rows),
        }
    }

    /// When the newest message had been received, and no later than the entry was recorded. Live
    /// the two agree; of messages that are read in afterwards it tells what was known when.
    fn read_known_at(&self) -> Result<i64> {
        let sql = "SELECT max(last_received_ns) FROM feed";
        let mut statement = self.connection.prepare_cached(sql)?;
        let newest: Option<i64> = statement.query_row([], |row| row.get(0))?;
        let recorded_ns = nanoseconds(self.recorded_at);
        Ok(newest.map_or(recorded_ns, |newest| newest.min(recorded_ns)))
    }

    fn fold_each(&mut self, rows: &[Record]) -> Result<()> {
        for (row, record) in (0..).zip(rows) {
            let at = LogPosition {
                entry: self.entry,
                row,
            };
            match &record.body {
                Body::MissionFile(file) => self.fold_mission_file(at, file)?,
                Body::Import(import) => self.fold_import(at, import)?,
                Body::Seal(seal) => self.fold_seal(at, seal)?,
                Body::Track(track) => self.fold_track(at, &record.label, track)?,
                Body::Incident(incident) => self.fold_incident(at, &record.label, incident)?,
                Body::Assessment(assessment) => {
                    self.fold_assessment(at, &record.label, assessment)?;
                }
                Body::Finding(finding) => self.fold_finding(at, &record.label, finding)?,
                // A decision stands in the history of the finding that follows from it. A tick
                // is kept as the time of its entry.
                Body::Decision(_) | Body::Tick(_) => {}
                Body::Epoch(epoch) => self.fold_epoch(at, epoch)?,
                Body::FeedNote(note) => self.fold_feed_note(note)?,
                Body::FeedChange(change) => self.fold_feed_change(change)?,
                // What was done with evidence is read from the log; of an erased row nothing is.
                Body::Custody(_) | Body::Erased(_) => {}
                Body::Raw(_) | Body::Observation(_) | Body::Rejection(_) => {}
            }
        }
        Ok(())
    }

    /// Runs a statement that is kept prepared.
    fn run(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(parameters)?)
    }
}
