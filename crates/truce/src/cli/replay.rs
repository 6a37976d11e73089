//! `truce replay`: concluding everything again from the log, and rebuilding the tables.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_ledger::{Hold, Reader};
use truce_store::Store;

use super::{DataArgument, Failure, Form, terminal};
use crate::line::{Error, Folder, Replay, Replayed, mark_closed, remove_tables};

/// A log's first epoch begins behind the mission's files.
const FIRST_EPOCH_ENTRY: u64 = 1;

/// Conclude everything again from the log's inputs, compare each record with the log, and rebuild
/// the tables.
///
/// The program reads the published log from its first entry, feeds every input to a new engine and
/// compares what follows with what was logged, byte for byte; after `truce amend` that is what was
/// logged since. Two runs give the same digests and
/// the same tables. The log itself is only read. While a server holds the folder its tables stay,
/// and --out writes others.
#[derive(Debug, Args)]
pub(super) struct ReplayCommand {
    #[command(flatten)]
    data: DataArgument,
    /// Write the rebuilt tables to this file instead of the data folder's own.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl ReplayCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        if !folder.exists() {
            return Err(Error::NoFolder {
                path: folder.path().to_owned(),
            }
            .into());
        }
        let held = match self.out {
            // The tables of a server that runs must stay the file that it writes to.
            None => Some(hold(&folder)?),
            Some(_) => None,
        };
        let reader = Reader::open(&folder.log()).map_err(Error::from)?;
        let out = self.out.clone().unwrap_or_else(|| folder.state_file());
        if out.is_dir() {
            let out = out.display();
            return Err(Failure::Usage(format!("{out} is a folder; name a file")));
        }
        // Built beside the old tables and moved over them, so that a reader never sees half.
        let building = out.with_extension("rebuilding");
        let rebuilt = rebuild(&reader, &building, &out);
        if rebuilt.is_err() {
            remove_tables(&building)?;
        }
        let (replayed, tables) = rebuilt?;
        if held.is_some() {
            mark_closed(&out)?;
        }
        drop(held);
        self.answer(&replayed, &tables);
        match replayed.mismatch_count {
            0 => Ok(()),
            n => Err(Failure::NotProven(format!(
                "{n} record(s) of the log could not be reproduced"
            ))),
        }
    }

    fn answer(&self, replayed: &Replayed, tables: &str) {
        let mismatches: Vec<String> = replayed
            .mismatches
            .iter()
            .map(ToString::to_string)
            .collect();
        let state = replayed.engine.state_digest();
        if self.format == Form::Json {
            return terminal::say_json(&json!({
                "entries": replayed.entries,
                "epoch_entry": replayed.epoch_entry,
                "records": replayed.records,
                "records_reproduced": replayed.reproduced,
                "rows_erased": replayed.erased,
                "readings_taken_from_log": replayed.taken_from_log,
                "records_unfinished": replayed.unfinished.records.len(),
                "mismatch_count": replayed.mismatch_count,
                "mismatches": mismatches,
                "output_digest": replayed.output_digest,
                "state_digest": state,
                "tables_digest": tables,
            }));
        }
        let (entries, records) = (replayed.entries, replayed.records);
        terminal::say(&format!(
            "{} entries, {} records, {} of them concluded again and equal, {} differ",
            terminal::grouped(entries),
            terminal::grouped(records),
            terminal::grouped(replayed.reproduced),
            terminal::grouped(replayed.mismatch_count),
        ));
        if replayed.epoch_entry > FIRST_EPOCH_ENTRY {
            terminal::say(&format!(
                "what stands before entry {} is of earlier epochs: it is told again, not compared",
                replayed.epoch_entry
            ));
        }
        if replayed.erased > 0 {
            terminal::say(&format!(
                "{} row(s) were erased; {} reading(s) were taken from the log instead of decoded",
                replayed.erased, replayed.taken_from_log
            ));
        }
        mismatches
            .iter()
            .for_each(|text| terminal::say(&format!("  {text}")));
        terminal::say(&format!("outputs {}", replayed.output_digest));
        terminal::say(&format!("state   {state}"));
        terminal::say(&format!("tables  {tables}"));
    }
}

/// Keeps every writer out of a folder.
fn hold(folder: &Folder) -> Result<Hold, Failure> {
    let held = Hold::take(&folder.log()).map_err(Error::from);
    held.map_err(|error| {
        Failure::from(error).or_while_held("leave its tables and say --out FILE for others")
    })
}

/// Concludes everything again into new tables, and moves them to where they belong; gives their
/// digest too.
fn rebuild(reader: &Reader, building: &Path, out: &Path) -> Result<(Replayed, String), Error> {
    remove_tables(building)?;
    let mut store = Store::create(building)?;
    let bar = terminal::progress("replay", "entries");
    let replayed = Replay::run(reader, Some(&mut store), &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    let tables = store.digest()?;
    store.close()?;
    remove_tables(out)?;
    std::fs::rename(building, out).map_err(|e| Error::file("write", out, e))?;
    Ok((replayed, tables.to_string()))
}
