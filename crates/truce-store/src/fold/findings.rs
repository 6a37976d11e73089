//! Findings, with the decisions and replies in their history.

use rusqlite::params;
use truce_core::finding::Step;
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
        let json = serde_json::to_string(finding)?;
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
                json
            ],
        )?;
        self.run(
            "INSERT OR REPLACE INTO finding_revision VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                finding.incident.0.0,
                signed(at.entry),
                at.row,
                self.finding_known_at(finding),
                json
            ],
        )?;
        Ok(())
    }

    /// A finding is known from its last step on, also when the messages around it are older.
    fn finding_known_at(&self, finding: &Finding) -> i64 {
        let last = finding.history.last().map(|step| match step {
            Step::Decision(decision) => nanoseconds(decision.decided_at),
            Step::Reply(reply) => nanoseconds(reply.replied_at),
        });
        let at_ns = self.known_at_ns.max(last.unwrap_or(i64::MIN));
        at_ns.min(nanoseconds(self.recorded_at))
    }
}
