//! `truce erase`: lawful erasure of raw messages, with a logged reason.

use clap::Args;
use truce_core::Timestamp;
use truce_core::record::{Custody, CustodyAction, RowPlace};

use super::ingest::open_line;
use super::{DataArgument, Failure, terminal};

/// Destroy raw messages in the log, lawfully and for good, and log who did it and why.
///
/// The rows' contents and salts are overwritten in their segments. Their hashes stay, so every
/// proof, checkpoint and evidence file still holds, and so does `truce fsck`. What was concluded from
/// a message stays as well, and `truce replay` goes on from the readings in the log. The reason is
/// in the log, published, before anything is destroyed. Copies and backups are yours to find, and a
/// disk may keep what it overwrote. No server may hold the folder.
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// Rows to erase, as ENTRY:ROW. `truce export evidence` shows where a message lies.
    #[arg(value_name = "ENTRY:ROW", required = true, value_parser = row_place)]
    rows: Vec<RowPlace>,
    #[command(flatten)]
    data: DataArgument,
    /// Why, in words; it is logged.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who erases; it is logged.
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Erase {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.reason.trim().is_empty() || self.by.trim().is_empty() {
            return Err(Failure::Usage("say --reason and --by in words".into()));
        }
        let folder = self.data.folder();
        let line = open_line(&folder, None)?;
        let now = Timestamp::now();
        let erasure = Custody {
            action: CustodyAction::Erasure,
            by: self.by,
            done_at: now,
            reason: self.reason,
            to: None,
            rows: self.rows,
            digest: None,
        };
        let erased = line.erase(erasure, now)?;
        // The tables are built anew, without what was erased; the replay that does it shows that
        // everything still holds.
        drop(open_line(&folder, None)?);
        terminal::say(&format!("{erased} row(s) erased, the reason is in the log"));
        Ok(())
    }
}

/// Reads ENTRY:ROW.
pub(super) fn row_place(text: &str) -> Result<RowPlace, String> {
    let place = text.split_once(':').and_then(|(entry, row)| {
        let (entry, row) = (entry.parse().ok()?, row.parse().ok()?);
        Some(RowPlace { entry, row })
    });
    place.ok_or_else(|| "not ENTRY:ROW, two numbers".into())
}
