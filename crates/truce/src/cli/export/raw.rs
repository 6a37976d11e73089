//! `truce export raw`: the bytes of single messages, as they arrived.

use std::path::{Path, PathBuf};

use clap::Args;
use truce_core::record::{Custody, CustodyAction, RowPlace};
use truce_core::{Body, RawMessage, Record, Timestamp};
use truce_ledger::Reader;

use super::{DataArgument, Failure, log_or_explain, terminal};
use crate::cli::erase::row_place;
use crate::line::{Error, Folder};

/// Look at single raw messages, or take their bytes out. The log says who did, why, and for whom.
///
/// Without --out each message is shown as the log holds it. With --out its bytes are written as they
/// arrived, to a file named after its place. Nothing is shown or written before it is in the log.
#[derive(Debug, Args)]
pub(super) struct Raw {
    /// Messages, as ENTRY:ROW. `truce export evidence` shows where a message lies.
    #[arg(value_name = "ENTRY:ROW", required = true, value_parser = row_place)]
    rows: Vec<RowPlace>,
    #[command(flatten)]
    data: DataArgument,
    /// Folder to write the bytes to.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Whom the bytes are given to; the log then says that they were released.
    #[arg(long, value_name = "NAME", requires = "out")]
    to: Option<String>,
    /// Who looks; it is logged.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why, in words; it is logged.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Raw {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        if !folder.exists() {
            let path = folder.path().to_owned();
            return Err(Error::NoFolder { path }.into());
        }
        let found = self.find(&folder)?;
        self.log(&folder)?;
        for (place, record, message) in found {
            match &self.out {
                Some(dir) => write(dir, place, &message)?,
                None => terminal::say(&String::from_utf8_lossy(&record.canonical())),
            }
        }
        Ok(())
    }

    fn find(&self, folder: &Folder) -> Result<Vec<(RowPlace, Record, RawMessage)>, Failure> {
        let reader = Reader::open(&folder.log()).map_err(Error::from)?;
        let mut found = Vec::with_capacity(self.rows.len());
        for place in &self.rows {
            let RowPlace { entry, row } = *place;
            let refuse = |why: &str| Failure::Usage(format!("{entry}:{row} {why}"));
            if entry >= reader.size().map_err(Error::from)? {
                return Err(refuse("is not there: the log has fewer entries"));
            }
            let (_, rows) = reader.entry(entry).map_err(Error::from)?;
            let stored = rows
                .get(row as usize)
                .ok_or_else(|| refuse("is not there: the entry has fewer rows"))?;
            let bytes = stored.bytes().ok_or_else(|| refuse("was erased"))?;
            let record = Record::from_canonical(bytes);
            match record.as_ref().map(|record| &record.body) {
                Ok(Body::Raw(message)) => {
                    let message = message.clone();
                    found.extend(record.ok().map(|record| (*place, record, message)));
                }
                _ => return Err(refuse("is no raw message")),
            }
        }
        Ok(found)
    }

    fn log(&self, folder: &Folder) -> Result<(), Failure> {
        let now = Timestamp::now();
        let custody = Custody {
            action: match (&self.to, &self.out) {
                (Some(_), _) => CustodyAction::Release,
                (None, Some(_)) => CustodyAction::Export,
                (None, None) => CustodyAction::Access,
            },
            by: self.by.clone(),
            done_at: now,
            reason: self.reason.clone(),
            to: self.to.clone(),
            rows: self.rows.clone(),
            digest: None,
        };
        log_or_explain(
            folder,
            custody,
            now,
            "look at its messages in the operating picture",
        )
    }
}

fn write(dir: &Path, place: RowPlace, message: &RawMessage) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|e| Error::file("make the folder", dir, e))?;
    let path = dir.join(format!("{}-{}.raw", place.entry, place.row));
    std::fs::write(&path, &message.bytes).map_err(|e| Error::file("write", &path, e))?;
    terminal::say(&format!("{}: message {}", path.display(), message.id()));
    Ok(())
}
