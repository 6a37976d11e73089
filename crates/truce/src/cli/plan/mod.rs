//! `truce plan`: what the law permits, what the pledges bring, what unlocks the rest, what can be
//! seen with it, and who looks where next.

mod chain;
mod coverage;
mod forces;
mod mandate;
pub(super) mod outlook;
mod question;
mod table;
mod tasks;
mod unlock;

use clap::{Args, Subcommand};
use truce_plan::Truth;

use super::Failure;

const AFTER_HELP: &str = "\
Begin with, for example:
  truce plan mandate missions/ukraine-2025
  truce plan forces missions/ukraine-2025 --assume us_backstop=true --assume mandate=false
  truce plan unlock missions/ukraine-2025 --layer un-force

Conditions are named as in coalition.toml; a part of a name will do when only one condition has it,
and `_` stands for `-`. What is unknown stays unknown until you assume it: nothing is guessed.";

/// Plan the mission: what is permitted, what is pledged, what is lacking, what unlocks it.
///
/// One computation goes from a vote or a pledge to what the mission can see: votes and conditions
/// decide what is permitted, what is permitted and pledged is assigned to what is required, and
/// what is assigned watches the zones.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct PlanCommand {
    #[command(subcommand)]
    // Boxed, because its arguments are many more than those of other commands.
    command: Box<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Mandate(mandate::MandateCommand),
    Forces(forces::ForcesCommand),
    Unlock(unlock::UnlockCommand),
    Coverage(coverage::CoverageCommand),
    Chain(chain::ChainCommand),
    Tasks(tasks::TasksCommand),
}

impl PlanCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match *self.command {
            Command::Mandate(command) => command.run(),
            Command::Forces(command) => command.run(),
            Command::Unlock(command) => command.run(),
            Command::Coverage(command) => command.run(),
            Command::Chain(command) => command.run(),
            Command::Tasks(command) => command.run(),
        }
    }
}

/// A truth value for people.
fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "unknown",
    }
}
