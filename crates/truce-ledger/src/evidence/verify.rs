//! What an evidence file proves, line by line, with nothing but the log's key and perhaps a policy.

use super::{EvidenceEntry, EvidenceFile, EvidencePart, EvidenceRow, RowContent};
use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle::{Digest, leaf_hash, verify_inclusion};
use crate::policy::Policy;
use crate::rows::{Salt, content_of_parts, salted_leaf, verify_row};
use std::fmt::{self, Write as _};

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it holds.
    pub holds: bool,
    /// What was checked, as a sentence.
    pub statement: String,
}

/// What a verification showed, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The log's identity, as the checkpoint names it.
    pub origin: String,
    /// The checkpoint's tree size.
    pub size: u64,
    /// Number of rows released and proven.
    pub rows_proven: u64,
    /// Number of rows of these entries that the file withholds.
    pub rows_withheld: u64,
    /// Number of parts withheld in the rows that are proven.
    pub parts_withheld: u64,
    /// When each witness cosigned the checkpoint, in seconds since the Unix epoch.
    pub cosigned: Vec<(String, u64)>,
    /// Every check, in the order of the file.
    pub lines: Vec<Line>,
}

impl VerifyReport {
    /// True when every line holds.
    #[must_use]
    pub fn proven(&self) -> bool {
        self.lines.iter().all(|line| line.holds)
    }

    /// The quorum, and each witness that cosigned. One that did not is no fault of its own.
    fn judge(&mut self, policy: &Policy, checkpoint: &Checkpoint) {
        let judged = policy.judge(checkpoint);
        for (name, time_s) in &judged.cosigned {
            let when = format!("at {time_s} s since the Unix epoch");
            self.check(Ok(()), format!("witness {name} cosigned it {when}"));
        }
        let met = if judged.met {
            Ok(())
        } else {
            let key = judged.missing.join(", ");
            let what = "too few of the policy's witnesses cosigned it";
            Err(Error::Signature { key, what })
        };
        self.check(met, "the policy's quorum of witnesses is met".into());
        self.cosigned = judged.cosigned;
    }

    pub(crate) fn check(&mut self, result: Result<()>, statement: String) -> bool {
        let (holds, statement) = match result {
            Ok(()) => (true, statement),
            Err(e) => (false, format!("{statement}: {e}")),
        };
        self.lines.push(Line { holds, statement });
        holds
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(
                f,
                "{} {}",
                if line.holds { "ok  " } else { "FAIL" },
                line.statement
            )?;
        }
        Ok(())
    }
}

impl EvidenceFile {
    /// Checks everything in the file against the log's key, and the checkpoint's cosignatures
    /// against a policy's quorum. Reads no disk.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the checkpoint does not parse; whatever else is wrong is a line
    /// of the report that does not hold.
    pub fn verify(&self, key: &VerifierKey, policy: Option<&Policy>) -> Result<VerifyReport> {
        let checkpoint = Checkpoint::parse(&self.checkpoint)?;
        let mut report = VerifyReport {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            rows_proven: 0,
            rows_withheld: 0,
            parts_withheld: 0,
            cosigned: Vec::new(),
            lines: Vec::new(),
        };
        let (origin, size) = (&checkpoint.origin, checkpoint.size);
        let signed = format!(
            "{} signed the checkpoint of {origin} at size {size}",
            key.name()
        );
        report.check(checkpoint.verify(key), signed);
        if let Some(policy) = policy {
            report.judge(policy, &checkpoint);
        }
        let rising = self.entries.is_sorted_by(|a, b| a.index < b.index);
        if !rising {
            let wrong = Error::malformed("evidence file", "entries out of order or twice");
            report.check(Err(wrong), String::from("each entry stands once"));
        }
        for entry in &self.entries {
            verify_entry(entry, &checkpoint, key, &mut report);
        }
        Ok(report)
    }
}

fn verify_entry(
    evidence: &EvidenceEntry,
    checkpoint: &Checkpoint,
    key: &VerifierKey,
    report: &mut VerifyReport,
) {
    let index = evidence.index;
    let leaf = leaf_hash(&evidence.entry);
    let (size, root) = (checkpoint.size, &checkpoint.root);
    let included = verify_inclusion(&leaf, index, size, &evidence.inclusion, root);
    report.check(
        included,
        format!("entry {index} is in the log of size {size}"),
    );
    let entry = match Entry::parse(&evidence.entry) {
        Ok(entry) => entry,
        Err(e) => {
            report.check(Err(e), format!("entry {index} can be read"));
            return;
        }
    };
    let by = if key.public() == entry.submitter {
        "the log's own key"
    } else {
        "its submitter"
    };
    let what = format!(
        "entry {index}, class {}, logged at {} ns since the Unix epoch, is signed by {by} {}",
        entry.class,
        entry.log_time_ns,
        hex(&entry.submitter)
    );
    report.check(entry.verify(&checkpoint.origin), what);
    let rows = &evidence.rows;
    let count = rows.len() as u64 + u64::from(evidence.withheld_rows);
    let complete =
        count == u64::from(entry.row_count) && rows.is_sorted_by(|a, b| a.index < b.index);
    let complete = if complete {
        Ok(())
    } else {
        Err(Error::malformed(
            "evidence file",
            "the rows are twice, out of order or miscounted",
        ))
    };
    let (released, withheld) = (rows.len(), evidence.withheld_rows);
    let what = format!(
        "entry {index} has {} rows: {released} released here",
        entry.row_count
    );
    if report.check(complete, format!("{what}, {withheld} withheld")) {
        report.rows_withheld += u64::from(withheld);
    }
    for row in rows {
        let withheld = row.row.parts_withheld() as u64;
        let mut what = format!("entry {index} committed to row {}", row.index);
        if withheld > 0 {
            let _ = write!(what, ", of which {withheld} field(s) are withheld");
        }
        if report.check(check_row(&entry, row), what) {
            report.rows_proven += 1;
            report.parts_withheld += withheld;
        }
    }
}

fn check_row(entry: &Entry, row: &EvidenceRow) -> Result<()> {
    let leaf = match &row.row {
        RowContent::Text(text) => salted_leaf(&salt(&row.salt)?, text.as_bytes()),
        RowContent::Base64(bytes) => salted_leaf(&salt(&row.salt)?, bytes),
        RowContent::Parts(parts) => {
            let leaves = parts.iter().map(part_leaf).collect::<Result<Vec<_>>>()?;
            salted_leaf(&salt(&row.salt)?, &content_of_parts(&leaves))
        }
    };
    verify_row(entry, row.index, &leaf, &row.path)
}

fn part_leaf(part: &EvidencePart) -> Result<Digest> {
    Ok(match part {
        EvidencePart::Text { salt: bytes, text } => salted_leaf(&salt(bytes)?, text.as_bytes()),
        EvidencePart::Base64 {
            salt: bytes,
            base64,
        } => salted_leaf(&salt(bytes)?, base64),
        EvidencePart::Withheld { leaf } => *leaf,
    })
}

fn salt(bytes: &[u8]) -> Result<Salt> {
    Salt::try_from(bytes).map_err(|_| Error::malformed("evidence file", "a salt is not 16 bytes"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
