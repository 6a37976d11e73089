//! `truce fsck`: everything of a log computed again, and every damaged file named.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use truce_core::record::RowPlace;
use truce_ledger::{AuditReport, Damage, Reader, audit};

use super::verify::read_key;
use super::{Failure, Form, terminal};
use crate::custody;
use crate::line::{Error, Folder};

/// Compute a whole log again from its segments to its checkpoint, and name each damaged file.
///
/// Every row is hashed, every entry's signature checked, every tile and the root built anew and
/// compared with what lies on the disk. Each damaged or missing file is a line, with the entries
/// that it touches. Nothing is written; it may run while a server writes. Ends with exit code 4 when
/// anything is damaged.
#[derive(Debug, Args)]
pub(super) struct Fsck {
    /// A data folder, or a log that was copied without one.
    #[arg(value_name = "DIR", env = "TRUCE_DATA", default_value = "truce-data")]
    path: PathBuf,
    /// File with the log's public key; a data folder has its own in keys/log.pub.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Fsck {
    pub(super) fn of(path: PathBuf, key: Option<PathBuf>, format: Form) -> Self {
        Self { path, key, format }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = Folder::at(&self.path);
        if !folder.exists() && self.key.is_none() {
            let path = self.path;
            return Err(Error::NoFolder { path }.into());
        }
        let key = match &self.key {
            Some(path) => read_key(path)?,
            None => folder.verifier_key()?,
        };
        let log = if folder.log().is_dir() {
            folder.log()
        } else {
            self.path.clone()
        };
        let bar = terminal::progress("fsck", "bytes");
        let mut report = audit(&log, &key, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .map_err(Error::from)?;
        bar.finish_and_clear();
        report.damage.extend(unexplained_erasures(&report, &log)?);
        match self.format {
            Form::Json => terminal::say_json(&as_json(&report, &log)),
            Form::Text => as_text(&report, &log),
        }
        match report.damage.len() {
            0 => Ok(()),
            n => Err(Failure::NotProven(format!(
                "{n} place(s) of the log are damaged"
            ))),
        }
    }
}

/// Rows that are erased though the log holds no reason for it.
fn unexplained_erasures(report: &AuditReport, log: &Path) -> Result<Vec<Damage>, Error> {
    if report.erased.is_empty() {
        return Ok(Vec::new());
    }
    let logged = custody::erased_rows(&Reader::open(log)?)?;
    let unexplained = report.erased.iter().filter(|(entry, row)| {
        let (entry, row) = (*entry, *row);
        !logged.contains(&RowPlace { entry, row })
    });
    let damage = unexplained.map(|(entry, row)| Damage {
        file: log.join("segments"),
        entries: *entry..*entry + 1,
        what: format!("row {row} was erased, and no reason is logged"),
    });
    Ok(damage.collect())
}

/// A file by its path inside the log's folder.
fn name(path: &Path, log: &Path) -> String {
    path.strip_prefix(log).unwrap_or(path).display().to_string()
}

fn as_json(report: &AuditReport, log: &Path) -> Value {
    let damage = report.damage.iter().map(|damage| {
        json!({
            "file": name(&damage.file, log),
            "entries": [damage.entries.start, damage.entries.end],
            "what": damage.what,
        })
    });
    json!({
        "entries": report.entries,
        "entries_unpublished": report.unpublished,
        "rows": report.rows,
        "rows_erased": report.erased.len(),
        "segments": report.segments,
        "segment_bytes": report.segment_bytes,
        "tiles": report.tiles,
        "torn_bytes": report.torn_bytes,
        "checkpoint": report.checkpoint.as_ref().map(ToString::to_string),
        "damage": damage.collect::<Vec<_>>(),
    })
}

fn as_text(report: &AuditReport, log: &Path) {
    for damage in &report.damage {
        let (file, touched) = (name(&damage.file, log), touched(damage));
        terminal::say(&format!("DAMAGED  {file}: {}{touched}", damage.what));
    }
    terminal::say(&format!(
        "{} entries, {} rows, {} segments ({} bytes), {} tiles computed again",
        terminal::grouped(report.entries),
        terminal::grouped(report.rows),
        report.segments,
        terminal::grouped(report.segment_bytes),
        report.tiles,
    ));
    if !report.erased.is_empty() {
        let count = report.erased.len();
        terminal::say(&format!("{count} row(s) were erased; their hashes stand"));
    }
    if report.unpublished > 0 {
        let count = report.unpublished;
        terminal::say(&format!("{count} entries are not published yet"));
    }
    if report.torn_bytes > 0 {
        let bytes = report.torn_bytes;
        terminal::say(&format!(
            "{bytes} bytes behind the last entry were never acknowledged"
        ));
    }
    if let Some(checkpoint) = &report.checkpoint {
        let note = checkpoint.to_string();
        let lines = note.lines().filter(|line| !line.is_empty());
        lines.for_each(|line| terminal::say(&format!("  {line}")));
    }
    if report.is_sound() {
        terminal::say("the log is what its checkpoint says");
    }
}

fn touched(damage: &Damage) -> String {
    match damage.entries.end.saturating_sub(damage.entries.start) {
        0 => String::new(),
        1 => format!(" (entry {})", damage.entries.start),
        _ => {
            let (first, last) = (damage.entries.start, damage.entries.end - 1);
            format!(" (entries {first} to {last})")
        }
    }
}
