//! Mission files, imports and seals.

use rusqlite::params;
use truce_core::record::{Epoch, Import, MissionFile, Seal};

use super::Folding;
use crate::LogPosition;
use crate::error::Result;
use crate::words::{nanoseconds, signed};

impl Folding<'_> {
    pub(super) fn fold_mission_file(&self, at: LogPosition, file: &MissionFile) -> Result<()> {
        self.run(
            "INSERT INTO mission_file VALUES (?1, ?2, ?3, ?4)",
            params![signed(at.entry), at.row, file.name, file.text],
        )?;
        Ok(())
    }

    pub(super) fn fold_epoch(&self, at: LogPosition, epoch: &Epoch) -> Result<()> {
        self.run(
            "INSERT INTO epoch VALUES (?1, ?2, ?3)",
            params![signed(at.entry), at.row, serde_json::to_string(epoch)?],
        )?;
        Ok(())
    }

    pub(super) fn fold_import(&self, at: LogPosition, import: &Import) -> Result<()> {
        self.run(
            "INSERT INTO import VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                signed(at.entry),
                at.row,
                import.source.as_str(),
                import.file_name,
                import.digest.0,
                signed(import.message_count),
                nanoseconds(import.imported_at)
            ],
        )?;
        Ok(())
    }

    pub(super) fn fold_seal(&self, at: LogPosition, seal: &Seal) -> Result<()> {
        self.run(
            "INSERT INTO seal VALUES (?1, ?2, ?3, ?4)",
            params![signed(at.entry), at.row, seal.segment, seal.digest.0],
        )?;
        Ok(())
    }
}
