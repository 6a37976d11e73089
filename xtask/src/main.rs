//! Developer commands, run as `cargo xtask COMMAND`.
//!
//! This crate builds, checks and shows Truce. Nothing of it ships, and it opens on no room: it looks
//! at the others from outside, through cargo and their source text.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks by printing"
)]

mod arguments;
mod bench;
mod check;
mod child;
mod cost;
mod demo;
mod fuzz;
mod groups;
mod licences;
mod node;
mod peers;
mod programs;
#[cfg(test)]
mod scratch;
mod walls;
mod workspace;

use std::process::ExitCode;

use arguments::Command;
use workspace::Workspace;

/// A check did not pass.
const FAILED: u8 = 1;
/// The command line was wrong.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", arguments::usage());
            return ExitCode::from(MISUSED);
        }
    };
    match run(&command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Whether the command succeeded.
fn run(command: &Command) -> Result<bool, String> {
    match command {
        Command::Help => {
            print!("{}", arguments::usage());
            Ok(true)
        }
        Command::Demo(arguments) => demo::run(&Workspace::read()?, arguments).map(|()| true),
        Command::Test(selection) => Ok(check::run(&Workspace::read()?, selection)),
        Command::Walls => walls::run(&Workspace::read()?),
        Command::Fuzz(campaign) => fuzz::run(&Workspace::read()?, campaign),
        Command::FuzzHelp => {
            print!("{}", arguments::fuzz_usage());
            Ok(true)
        }
        Command::Bench(arguments) => bench::run(arguments).map(|()| true),
    }
}
