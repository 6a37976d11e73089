//! `truce verify`: what can be proven from files alone.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_ledger::{EvidenceFile, Package, Policy, VerifierKey, VerifyReport};

use super::fsck::Fsck;
use super::{Failure, Form, terminal};
use crate::line::{Error, read_text};

/// Verify an evidence file, or a whole log, with nothing but its files and a public key.
///
/// For an evidence file every line says what was proven: rows belong to an entry, the entry belongs
/// to the log, the log's checkpoint is signed by the key. For a folder it does what `truce fsck`
/// does. Nothing is written and no network is used.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A package written by `truce export evidence`, its evidence.json alone, or a data folder.
    path: PathBuf,
    /// File with the log's public key; a data folder has its own in keys/log.pub.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Policy file that says which witnesses must have cosigned the checkpoint (C2SP tlog-policy).
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.path.is_dir() {
            Fsck::of(self.path, self.key, self.format).run()
        } else {
            self.verify_file()
        }
    }

    fn verify_file(&self) -> Result<(), Failure> {
        let Some(key) = &self.key else {
            let hint = "say --key FILE with the log's public key, from a source that you trust";
            return Err(Failure::Usage(format!(
                "an evidence file does not prove its own key: {hint}"
            )));
        };
        let key = read_key(key)?;
        let policy = self.policy.as_deref().map(read_policy).transpose()?;
        let bytes = std::fs::read(&self.path).map_err(|e| Error::file("read", &self.path, e))?;
        let not_proven = |error: truce_ledger::Error| {
            Failure::NotProven(format!("{}: {error}", self.path.display()))
        };
        let report = if Package::is_package(&bytes) {
            let package = Package::parse(&bytes).map_err(not_proven)?;
            let readable = crate::evidence::readable(package.evidence());
            package.verify(&key, policy.as_ref(), &readable)
        } else {
            EvidenceFile::parse(&bytes).and_then(|file| file.verify(&key, policy.as_ref()))
        };
        let report = report.map_err(not_proven)?;
        self.answer_file(&report);
        if report.proven() {
            return Ok(());
        }
        Err(Failure::NotProven(format!(
            "{} is not proven",
            self.path.display()
        )))
    }

    fn answer_file(&self, report: &VerifyReport) {
        if self.format == Form::Json {
            let line = |line: &truce_ledger::Line| json!({ "holds": line.holds, "statement": line.statement });
            return terminal::say_json(&json!({
                "proven": report.proven(),
                "origin": report.origin,
                "log_size": report.size,
                "rows_proven": report.rows_proven,
                "rows_withheld": report.rows_withheld,
                "fields_withheld": report.parts_withheld,
                "cosigned": report.cosigned,
                "lines": report.lines.iter().map(line).collect::<Vec<_>>(),
            }));
        }
        for line in &report.lines {
            let mark = if line.holds {
                "proven    "
            } else {
                "NOT PROVEN"
            };
            terminal::say(&format!("{mark}  {}", line.statement));
        }
        terminal::say(&format!(
            "{} row(s) proven with {} field(s) withheld, {} row(s) withheld, log {} of {} entries",
            report.rows_proven,
            report.parts_withheld,
            report.rows_withheld,
            report.origin,
            report.size
        ));
    }
}

pub(super) fn read_key(path: &Path) -> Result<VerifierKey, Failure> {
    let text = read_text(path)?;
    VerifierKey::parse(text.trim())
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

pub(super) fn read_policy(path: &Path) -> Result<Policy, Failure> {
    Policy::parse(&read_text(path)?)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
