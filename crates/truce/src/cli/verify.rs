//! `truce verify`: what can be proven from files alone.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_ledger::{AuditReport, EvidenceFile, VerifierKey, VerifyReport, audit};

use super::{Failure, Form, terminal};
use crate::line::{Error, Folder, read_text};

/// Verify an evidence file, or a whole log, with nothing but its files and a public key.
///
/// For an evidence file every line says what was proven: rows belong to an entry, the entry belongs
/// to the log, the log's checkpoint is signed by the key. For a data folder everything is computed
/// again from the segments up to the checkpoint, and each damaged file is named. Nothing is written
/// and no network is used.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An evidence file written by `truce export evidence`, or a data folder.
    path: PathBuf,
    /// File with the log's public key; a data folder has its own in keys/log.pub.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// File with the public key of a witness whose cosignature is to be checked; may be repeated.
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.path.is_dir() {
            self.verify_folder()
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
        let witnesses = self
            .witness
            .iter()
            .map(|path| read_key(path))
            .collect::<Result<Vec<_>, _>>()?;
        let bytes = std::fs::read(&self.path).map_err(|e| Error::file("read", &self.path, e))?;
        let not_proven = |error: truce_ledger::Error| {
            Failure::NotProven(format!("{}: {error}", self.path.display()))
        };
        let evidence = EvidenceFile::parse(&bytes).map_err(not_proven)?;
        let report = evidence.verify(&key, &witnesses).map_err(not_proven)?;
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
            "{} row(s) proven, {} withheld, log {} of {} entries",
            report.rows_proven, report.rows_withheld, report.origin, report.size
        ));
    }

    fn verify_folder(&self) -> Result<(), Failure> {
        let folder = Folder::at(&self.path);
        if !folder.exists() && self.key.is_none() {
            return Err(Error::NoFolder {
                path: self.path.clone(),
            }
            .into());
        }
        let key = match &self.key {
            Some(path) => read_key(path)?,
            None => folder.verifier_key()?,
        };
        // A log that was copied without its data folder is verified just as well.
        let log = if folder.log().is_dir() {
            folder.log()
        } else {
            self.path.clone()
        };
        let bar = terminal::progress("verify", "bytes");
        let report = audit(&log, &key, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .map_err(Error::from)?;
        bar.finish_and_clear();
        self.answer_folder(&report, &log);
        match report.damage.len() {
            0 => Ok(()),
            n => Err(Failure::NotProven(format!(
                "{n} place(s) of the log are damaged"
            ))),
        }
    }

    fn answer_folder(&self, report: &AuditReport, log: &Path) {
        let name = |path: &Path| path.strip_prefix(log).unwrap_or(path).display().to_string();
        let checkpoint = report.checkpoint.as_ref();
        if self.format == Form::Json {
            let damage = report.damage.iter().map(|damage| {
                let (first, end) = (damage.entries.start, damage.entries.end);
                json!({ "file": name(&damage.file), "entries": [first, end], "what": damage.what })
            });
            return terminal::say_json(&json!({
                "entries": report.entries,
                "entries_unpublished": report.unpublished,
                "rows": report.rows,
                "segments": report.segments,
                "segment_bytes": report.segment_bytes,
                "tiles": report.tiles,
                "torn_bytes": report.torn_bytes,
                "checkpoint": checkpoint.map(|c| c.note().to_string()),
                "damage": damage.collect::<Vec<_>>(),
            }));
        }
        for damage in &report.damage {
            let (first, end) = (damage.entries.start, damage.entries.end);
            let file = name(&damage.file);
            terminal::say(&format!(
                "DAMAGED  {file}: {} (entries {first} to {end})",
                damage.what
            ));
        }
        terminal::say(&format!(
            "{} entries, {} rows, {} segments ({} bytes), {} tiles computed again",
            terminal::grouped(report.entries),
            terminal::grouped(report.rows),
            report.segments,
            terminal::grouped(report.segment_bytes),
            report.tiles,
        ));
        if report.unpublished > 0 {
            terminal::say(&format!(
                "{} entries are not published yet",
                report.unpublished
            ));
        }
        if let Some(checkpoint) = checkpoint {
            let note = checkpoint.note().to_string();
            note.lines()
                .filter(|line| !line.is_empty())
                .for_each(|line| {
                    terminal::say(&format!("  {line}"));
                });
        }
        if report.is_sound() {
            terminal::say("the log is what its checkpoint says");
        }
    }
}

fn read_key(path: &Path) -> Result<VerifierKey, Failure> {
    let text = read_text(path)?;
    VerifierKey::parse(text.trim())
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
