//! Writing to the terminal: answers, complaints, progress. The only place that prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Starts logging to standard error; `TRUCE_LOG` sets the filter.
pub(super) fn start_logging() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("TRUCE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second logger can only be there in tests; the first then stays.
    let _ = builder
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Prints a line of an answer.
pub(super) fn say(line: &str) {
    println!("{line}");
}

/// Prints an answer as JSON.
pub(super) fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => complain(&format!("the answer cannot be written as JSON: {error}")),
    }
}

/// Prints why a command failed.
pub(super) fn complain(text: &str) {
    eprintln!("truce: {text}");
}

/// A progress bar on standard error; silent when that is no terminal.
pub(super) fn progress(what: &str, unit: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = format!("{what} {{bar:30}} {{human_pos}}/{{human_len}} {unit} {{eta}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

/// A whole number with thin groups of three, for people.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
