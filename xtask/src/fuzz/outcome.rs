//! What libFuzzer said of a run: its closing numbers, how far it came, and what broke.

/// How fuzzing one format ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The format.
    pub(crate) format: &'static str,
    /// Inputs that were read.
    executions: u64,
    /// Of them in a second.
    per_second: u64,
    /// Places in the code that were reached.
    coverage: u64,
    /// Inputs that are kept, each of which reaches something of its own.
    corpus: u64,
    /// Why it ended early.
    pub(crate) broke: Option<Broke>,
}

/// An input that something broke on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broke {
    /// What was said of it.
    pub(crate) reason: String,
    /// Path of the input, where it was written.
    pub(crate) input: Option<String>,
}

impl Outcome {
    /// Reads the log of a run. A number that is not in it is 0, as in that of a run that never
    /// began.
    pub(crate) fn parse(format: &'static str, log: &str, succeeded: bool) -> Outcome {
        let stat = |name: &str| last(log, &format!("stat::{name}:"));
        Outcome {
            format,
            executions: stat("number_of_executed_units"),
            per_second: stat("average_exec_per_sec"),
            coverage: last(log, " cov:"),
            corpus: last(log, " corp:"),
            broke: (!succeeded).then(|| Broke::parse(log)),
        }
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let Outcome {
            format,
            executions,
            per_second,
            coverage,
            corpus,
            ..
        } = self;
        let end = if self.broke.is_some() {
            "BROKE"
        } else {
            "fine"
        };
        format!(
            "{format}: {end}, {executions} inputs, {per_second} a second, {coverage} places \
             reached, corpus of {corpus}"
        )
    }
}

impl Broke {
    fn parse(log: &str) -> Broke {
        let mut lines = log.lines();
        let panicked = lines.find(|line| line.contains("panicked at"));
        // What a panic says stands on the line behind its place.
        let said = panicked.map(|place| format!("{place} {}", lines.next().unwrap_or_default()));
        let error = || {
            log.lines()
                .find(|line| line.contains("ERROR: "))
                .map(str::to_owned)
        };
        let end = || log.lines().last().map(str::to_owned);
        let reason = said.or_else(error).or_else(end).unwrap_or_default();
        let written = log.lines().rev();
        let mut written = written.filter_map(|line| line.split_once("Test unit written to "));
        Broke {
            reason: reason.trim().to_owned(),
            input: written.next().map(|(_, path)| path.to_owned()),
        }
    }
}

/// The number behind the last of these marks.
fn last(log: &str, mark: &str) -> u64 {
    let rest = log
        .rsplit_once(mark)
        .map_or("", |(_, rest)| rest)
        .trim_start();
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .map_or(rest, |end| &rest[..end]);
    digits.parse().unwrap_or(0)
}

/// All formats below each other, and their sum.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let row = |cells: [&str; 6]| {
        let [format, executions, per_second, coverage, corpus, broke] = cells;
        format!(
            "{format:<13} {executions:>12} {per_second:>9} {coverage:>9} {corpus:>8} {broke:>7}\n"
        )
    };
    let cells = |format: &str, numbers: [u64; 5]| {
        let [a, b, c, d, e] = numbers.map(|number| number.to_string());
        row([format, &a, &b, &c, &d, &e])
    };
    let mut text = row(["format", "inputs", "a second", "reached", "corpus", "broke"]);
    let mut sums = [0; 5];
    for outcome in outcomes {
        let numbers = [
            outcome.executions,
            outcome.per_second,
            outcome.coverage,
            outcome.corpus,
            u64::from(outcome.broke.is_some()),
        ];
        text.push_str(&cells(outcome.format, numbers));
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += number;
        }
    }
    // Rates of formats that ran at different times, and places that formats share, have no sum.
    let [executions, _, _, corpus, broke] = sums.map(|sum| sum.to_string());
    text.push_str(&row(["all", &executions, "", "", &corpus, &broke]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: &str = "\
INFO: seed corpus: files: 5960 min: 1b max: 3470b total: 1711622b rss: 32Mb
#5961\tINITED cov: 2268 ft: 12105 corp: 1626/663Kb exec/s: 2980 rss: 37Mb
#8200\tNEW    cov: 2306 ft: 12120 corp: 1781/665Kb lim: 3481 exec/s: 2733 rss: 37Mb L: 29/3470
Done 485103 runs in 111 second(s)
stat::number_of_executed_units: 485103
stat::average_exec_per_sec:     4370
stat::new_units_added:          155
";

    const BROKE: &str = "\
#123\tNEW    cov: 22 ft: 12 corp: 7/6b lim: 8 exec/s: 0 rss: 37Mb L: 2/3 MS: 1 CopyPart-
thread '<unnamed>' (7) panicked at crates/truce-feeds/src/nmea/mod.rs:3:9:
index out of bounds
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
==7== ERROR: libFuzzer: deadly signal
artifact_prefix='a/b/'; Test unit written to a/b/crash-0a1b
stat::number_of_executed_units: 124
stat::average_exec_per_sec:     0
";

    #[test]
    fn the_numbers_of_a_run_are_read() {
        let outcome = Outcome {
            format: "sbs",
            executions: 485_103,
            per_second: 4370,
            coverage: 2306,
            corpus: 1781,
            broke: None,
        };
        let line = "sbs: fine, 485103 inputs, 4370 a second, 2306 places reached, corpus of 1781";
        assert_eq!(outcome.line(), line);
        assert_eq!(Outcome::parse("sbs", FINE, true), outcome);
    }

    #[test]
    fn what_broke_is_told() {
        let check = |log: &str, reason: &str, input: Option<&str>| {
            let broke = Outcome::parse("nmea", log, false).broke.unwrap();
            assert_eq!(
                (broke.reason.as_str(), broke.input.as_deref()),
                (reason, input)
            );
        };
        let panicked = "thread '<unnamed>' (7) panicked at crates/truce-feeds/src/nmea/mod.rs:3:9: \
            index out of bounds";
        check(BROKE, panicked, Some("a/b/crash-0a1b"));
        let slow = "==9== ERROR: libFuzzer: timeout after 31 seconds\n\
            artifact_prefix='a/'; Test unit written to a/timeout-2\nSUMMARY: libFuzzer: timeout\n";
        let timeout = "==9== ERROR: libFuzzer: timeout after 31 seconds";
        check(slow, timeout, Some("a/timeout-2"));
        check("no such file\n", "no such file", None);
        check("", "", None);
        assert_eq!(Outcome::parse("nmea", BROKE, false).executions, 124);
    }

    #[test]
    fn the_table_sums_what_has_a_sum() {
        let outcomes = [
            Outcome::parse("sbs", FINE, true),
            Outcome::parse("nmea", BROKE, false),
        ];
        let expected = "\
format              inputs  a second   reached   corpus   broke
sbs                 485103      4370      2306     1781       0
nmea                   124         0        22        7       1
all                 485227                         1788       1
";
        assert_eq!(table(&outcomes), expected);
    }
}
