//! `truce simulate`: a mission's messages as its sensors would send them, with the truth.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_core::Timestamp;

use super::check::read_mission;
use super::{Failure, Form, terminal};
use crate::connect::capture;
use crate::engine::Setup;

/// Simulate a mission: write every feed's raw messages as its sensors would send them, and the
/// truth.
///
/// The folder then holds feeds/ with one file per feed, arrivals.csv that says when each message
/// arrived, and truth.jsonl with what really happened. The same seed gives the same bytes.
#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The mission folder.
    mission: PathBuf,
    /// Length of the simulated time, hours.
    #[arg(long, default_value_t = 24.0, value_parser = hours)]
    hours: f64,
    /// Seed of the random generator.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// When the simulated time begins.
    #[arg(long, value_name = "TIME", default_value = "2025-06-10T00:00:00Z")]
    start: Timestamp,
    /// Folder to write; it must not exist or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// Longest simulated time, hours: thirty days.
const HOURS_MAX: f64 = 720.0;

pub(super) fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours > 0.0 && hours <= HOURS_MAX => Ok(hours),
        _ => Err(format!(
            "a number of hours above 0 and up to {HOURS_MAX} is expected"
        )),
    }
}

impl Simulate {
    pub(super) fn run(self) -> Result<(), Failure> {
        let setup =
            Setup::read(&read_mission(&self.mission)?).map_err(crate::line::Error::Mission)?;
        if !is_new(&self.out) {
            return Err(Failure::Usage(format!(
                "{} is not an empty folder; a simulation is written to a new one",
                self.out.display()
            )));
        }
        let options = truce_sim::Options {
            start: self.start,
            hours: self.hours,
            seed: self.seed,
        };
        let simulation = truce_sim::simulate(&setup.mission, &options);
        let written = capture::write(&self.out, &simulation)
            .map_err(|error| Failure::Outside(error.to_string()))?;
        if self.format == Form::Json {
            terminal::say_json(&json!({ "feeds": written.feeds, "truth": written.truth_count }));
            return Ok(());
        }
        terminal::say(&format!("wrote {}", self.out.display()));
        for (feed, count) in &written.feeds {
            terminal::say(&format!(
                "  {feed:28} {:>12} messages",
                terminal::grouped(*count)
            ));
        }
        let count = terminal::grouped(written.truth_count);
        terminal::say(&format!("  {:28} {count:>12} true events", "truth"));
        Ok(())
    }
}

/// True when nothing is there, or an empty folder.
fn is_new(path: &Path) -> bool {
    match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !path.exists(),
    }
}
