//! Opening a log in two steps: first its tables are there to be read, then its inputs are concluded
//! again. The second takes seconds for each day of the log, and nobody should wait for it to look.

use truce_ledger::{Ledger, OpenReport, Reader};
use truce_store::Store;

use super::replay::check_engine;
use super::tables::{Tables, fold};
use super::{Error, Folder, Line, Opened, Progress, Replay, Replayed, mission_files};
use crate::engine::Setup;

/// A log, locked for this process, whose inputs were not concluded again yet. Its tables are there.
pub struct Opening {
    folder: Folder,
    ledger: Ledger,
    store: Tables,
    reader: Reader,
    setup: Setup,
    report: OpenReport,
}

impl Opening {
    /// Locks the log of a folder and folds into its tables what they lack.
    ///
    /// # Errors
    /// A log that another process holds, that is damaged, or that another version of the engine
    /// concluded.
    pub fn begin(folder: &Folder, progress: Progress<'_>) -> Result<Self, Error> {
        let mut opening = Self::lock(folder)?;
        check_engine(&opening.reader)?;
        fold(&opening.reader, &mut opening.store, progress)?;
        Ok(opening)
    }

    /// Locks the log of a folder; its tables are as the last run left them.
    pub(super) fn lock(folder: &Folder) -> Result<Self, Error> {
        if !folder.exists() {
            return Err(Error::NoFolder {
                path: folder.path().to_owned(),
            });
        }
        let (mut ledger, report) = folder.open_ledger()?;
        // Everything acknowledged is published first, so that the reader below sees it all.
        ledger.commit(ledger.committed_at_ns())?;
        let reader = Reader::open(&folder.log())?;
        let setup = Setup::read(&mission_files(&reader)?).map_err(Error::Mission)?;
        Ok(Self {
            folder: folder.clone(),
            ledger,
            store: Tables::keep(folder, &reader)?,
            reader,
            setup,
            report,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The mission by which the log is concluded.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The tables, for questions.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Concludes again from every input, compares, and appends what the last run could not finish.
    ///
    /// # Errors
    /// A log that is damaged, or from which this version of the program concludes something else.
    pub fn conclude(self, progress: Progress<'_>) -> Result<(Line, Opened), Error> {
        let replayed = Replay::run(&self.reader, None, progress)?;
        self.resume(replayed)
    }

    /// The same, folding into the tables what they lack on the way.
    pub(super) fn conclude_and_fold(
        mut self,
        progress: Progress<'_>,
    ) -> Result<(Line, Opened), Error> {
        let replayed = Replay::run(&self.reader, Some(&mut self.store), progress)?;
        self.resume(replayed)
    }

    fn resume(self, replayed: Replayed) -> Result<(Line, Opened), Error> {
        if let Some(mismatch) = replayed.mismatches.first() {
            return Err(Error::Differs {
                mismatch: mismatch.clone(),
            });
        }
        let mut line = Line::assemble(&self.folder, replayed.engine, self.ledger, self.store);
        line.seals_logged = replayed.seals;
        if !replayed.to_erase.is_empty() {
            // The last run logged the reason and had no time to erase.
            let rows = replayed.to_erase.iter().map(|at| (at.entry, at.row));
            line.ledger.erase(&rows.collect::<Vec<_>>())?;
            line.store.clear()?;
            let reader = Reader::open(&self.folder.log())?;
            fold(&reader, &mut line.store, &mut |_, _| ())?;
        }
        let unfinished = replayed.unfinished;
        let opened = Opened {
            entries: self.report.entries,
            torn_bytes_cut: self.report.torn_bytes_cut,
            records_completed: unfinished.records.len() as u64,
        };
        if !unfinished.records.is_empty() {
            line.conclude(unfinished.records, unfinished.log_time_ns)?;
        }
        Ok((line, opened))
    }
}
