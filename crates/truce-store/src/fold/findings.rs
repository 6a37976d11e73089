//! Findings, with the decisions and replies in their history.

use rusqlite::params;
use truce_core::{Finding, Label, Slug};

use super::Folding;
use crate::LogPosition;
use crate::error::Result;
use crate::words::{nanoseconds, signed, word};

impl Folding<'_> {
    pub(super) fn fold_finding(
        &self,
        at: LogPosition,
        label: &Label,
        finding: &Finding,
    ) -> Result<()> {
        let due_at_ns = finding
            .clocks
            .iter()
            .map(|clock| nanoseconds(clock.due_at))
            .min();
        self.run(
            "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET status = excluded.status,
               attributed_to = excluded.attributed_to, due_at_ns = excluded.due_at_ns,
               updated_ns = excluded.updated_ns, entry = excluded.entry, row = excluded.row,
               label = excluded.label, finding_json = excluded.finding_json",
            params![
                signed(finding.serial.0),
                finding.incident.0.0,
                word(&finding.status)?,
                finding.attributed_to.as_ref().map(Slug::as_str),
                due_at_ns,
                nanoseconds(self.recorded_at),
                signed(at.entry),
                at.row,
                serde_json::to_string(label)?,
                serde_json::to_string(finding)?
            ],
        )?;
        Ok(())
    }
}
