//! Writing to the terminal: answers, complaints, progress. The only place that prints.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::OUTSIDE;

/// Starts logging to standard error; `TRUCE_LOG` sets the filter.
pub(super) fn start_logging() {
    let told = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(told.with_filter(log_filter()));
    // A second logger can only be there in tests; the first then stays.
    let _ = registry.try_init();
}

fn log_filter() -> Targets {
    let usual = Targets::new().with_default(LevelFilter::INFO);
    let Ok(text) = std::env::var("TRUCE_LOG") else {
        return usual;
    };
    text.parse().unwrap_or_else(|error| {
        complain(&format!(
            "TRUCE_LOG={text} is no filter ({error}), so info is taken; \
             one would be debug, or info,truce::connect=debug"
        ));
        usual
    })
}

/// Prints a line of an answer. Who stops reading (`truce check … | head`) has had enough of the answer,
/// and the work goes on; where it cannot be written for another reason the command ends.
pub(super) fn say(line: &str) {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("the answer cannot be written: {error}"));
            std::process::exit(i32::from(OUTSIDE));
        }
        _ => {}
    }
}

/// Prints an answer as JSON.
pub(super) fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(&text),
        Err(error) => complain(&format!("the answer cannot be written as JSON: {error}")),
    }
}

/// Prints why a command failed.
pub(super) fn complain(text: &str) {
    // Where nobody can be told, the exit code still says it.
    let _ = writeln!(std::io::stderr(), "truce: {text}");
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
