//! The command line: what people type, and what the program answers.
//!
//! Answers go to standard output (text, or JSON with `--format json`), progress and logs to standard
//! error. Each command is one file of this folder.

mod amend;
mod assess;
mod calibrate;
mod check;
mod decode;
mod demo;
mod erase;
mod examples;
mod export;
mod fsck;
mod ingest;
mod key;
mod plan;
mod replay;
mod report;
mod revoke;
mod scenes;
mod serve;
mod simulate;
mod terminal;
mod timestamp;
mod verify;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

/// What a command ends with; every kind of failure has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Exit code 1: the command worked and the answer is no, such as mistakes found by `check`.
    #[error("{0}")]
    AnswerIsNo(String),
    /// Exit code 2: the command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// Exit code 3: something outside failed, such as a full disk.
    #[error("{0}")]
    Outside(String),
    /// Exit code 3 as well: another process holds the folder.
    #[error("{0}; end it first (`truce serve` ends on Ctrl-C or SIGTERM)")]
    Held(String),
    /// Exit code 4: evidence or tables are not what the log says.
    #[error("{0}")]
    NotProven(String),
}

/// The exit code when something outside failed.
const OUTSIDE: u8 = 3;

impl Failure {
    /// Mistakes in a file, each with its place.
    fn mistakes(what: &impl std::fmt::Display, issues: &[truce_core::document::Issue]) -> Self {
        let list: String = issues.iter().map(|issue| format!("\n{issue}")).collect();
        Self::AnswerIsNo(format!("{what}{list}"))
    }

    /// Where another process holds the folder, what can be done without ending it.
    fn or_while_held(self, instead: &str) -> Self {
        match self {
            Self::Held(_) => Self::Outside(format!("{self}, or {instead}")),
            other => other,
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::AnswerIsNo(_) => 1,
            Self::Usage(_) => 2,
            Self::Outside(_) | Self::Held(_) => OUTSIDE,
            Self::NotProven(_) => 4,
        }
    }
}

impl From<crate::line::Error> for Failure {
    fn from(error: crate::line::Error) -> Self {
        match &error {
            crate::line::Error::Mission(issues) => Self::mistakes(&error, issues),
            crate::line::Error::Differs { .. } => Self::NotProven(error.to_string()),
            crate::line::Error::NoFolder { .. }
            | crate::line::Error::OtherMission { .. }
            | crate::line::Error::OtherEngine { .. }
            | crate::line::Error::OtherLog { .. }
            | crate::line::Error::NotErasable { .. } => Self::Usage(error.to_string()),
            crate::line::Error::Ledger(truce_ledger::Error::Locked { .. }) => {
                Self::Held(error.to_string())
            }
            crate::line::Error::Ledger(
                truce_ledger::Error::Damaged { .. }
                | truce_ledger::Error::RootMismatch { .. }
                | truce_ledger::Error::PublishedNewer { .. }
                | truce_ledger::Error::PublishedDiffers { .. },
            ) => Self::NotProven(format!("{error}; `truce fsck` names all that is damaged")),
            crate::line::Error::Ledger(truce_ledger::Error::Io { source, .. })
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                Self::Outside(format!(
                    "{error}; make room and start again: nothing that the log took in is lost, and \
                     what is read a second time counts as a duplicate"
                ))
            }
            _ => Self::Outside(error.to_string()),
        }
    }
}

impl From<crate::notify::Error> for Failure {
    fn from(error: crate::notify::Error) -> Self {
        match error {
            crate::notify::Error::Settings(ref issues) => Self::mistakes(&error, issues),
            crate::notify::Error::Line(error) => error.into(),
            _ => Self::Usage(error.to_string()),
        }
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON value on standard output.
    Json,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done, and the answer is yes
  1  done, and the answer is no: mistakes in a mission folder, a file of which decode reads nothing
  2  the command line asks for something that cannot be
  3  something outside failed: a file, a full disk, a folder that another process holds
  4  evidence, log or tables are not what the log's signature says

Begin with:
  truce check missions/ukraine-2025
  truce demo missions/ukraine-2025

Logs go to standard error; TRUCE_LOG=debug shows more, and
TRUCE_LOG=info,truce::connect=debug more of one room.";

/// Truce runs the monitoring side of a peace mission: sensor messages become tracks and incidents,
/// are held against the ceasefire agreement, verified by people, and written into a log that both
/// parties can check.
#[derive(Debug, Parser)]
#[command(name = "truce", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Decode(decode::Decode),
    Assess(assess::Assess),
    Simulate(simulate::Simulate),
    Scenes(scenes::Scenes),
    Ingest(ingest::Ingest),
    Serve(serve::Serve),
    Demo(demo::Demo),
    Replay(replay::ReplayCommand),
    Calibrate(calibrate::Calibrate),
    Report(report::Report),
    Export(export::Export),
    Verify(verify::Verify),
    Fsck(fsck::Fsck),
    Amend(amend::Amend),
    Erase(erase::Erase),
    Revoke(revoke::Revoke),
    Key(key::Key),
    Witness(witness::WitnessCommand),
    Timestamp(timestamp::TimestampCommand),
    Plan(plan::PlanCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// The data folder that a command works on.
#[derive(Debug, clap::Args)]
struct DataArgument {
    /// Folder with the mission's log and tables.
    #[arg(
        long,
        value_name = "DIR",
        env = "TRUCE_DATA",
        default_value = "truce-data"
    )]
    data: PathBuf,
}

impl DataArgument {
    fn folder(&self) -> crate::line::Folder {
        crate::line::Folder::at(&self.data)
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let matches = examples::with_examples(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    terminal::start_logging();
    let result = match arguments.command {
        Command::Check(command) => command.run(),
        Command::Decode(command) => command.run(),
        Command::Assess(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Scenes(command) => command.run(),
        Command::Ingest(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Fsck(command) => command.run(),
        Command::Amend(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Revoke(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Witness(command) => command.run(),
        Command::Timestamp(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "truce", &mut script);
            terminal::say(String::from_utf8_lossy(&script).trim_end());
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let full = truce_ledger::Error::Io {
            call: "write",
            path: PathBuf::from("log"),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        let failure = Failure::from(crate::line::Error::from(full));
        assert_eq!(failure.exit_code(), OUTSIDE);
        assert!(failure.to_string().contains("make room"), "{failure}");
    }
}
