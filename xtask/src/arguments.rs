//! The command line of `cargo xtask`.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::check::Selection;
use crate::fuzz::{self, Campaign};
use crate::groups::GROUPS;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// How to use this.
    Help,
    /// Build and show the demo; the texts go on to `truce demo`.
    Demo(Vec<String>),
    /// Run groups of checks.
    Test(Selection),
    /// Check the walls alone.
    Walls,
    /// How to fuzz.
    FuzzHelp,
    /// Fuzz the decoders.
    Fuzz(Campaign),
    /// Run benches; the texts go on to `cargo bench`.
    Bench(Vec<String>),
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// Names the argument that is unknown, lacks its value or has a wrong one.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    parse_command(&mut lexopt::Parser::from_args(arguments)).map_err(|error| error.to_string())
}

fn parse_command(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let command = match parser.next()? {
        None | Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Value(command)) => command.string()?,
        Some(other) => return Err(other.unexpected()),
    };
    match command.as_str() {
        "help" => Ok(Command::Help),
        "demo" => parse_demo(parser),
        "test" | "ci" => parse_test(parser),
        "walls" => match parser.next()? {
            None => Ok(Command::Walls),
            Some(Short('h') | Long("help")) => Ok(Command::Help),
            Some(other) => Err(other.unexpected()),
        },
        "fuzz" => parse_fuzz(parser),
        "bench" => parse_bench(parser),
        _ => Err(format!("there is no command `{command}`").into()),
    }
}

/// Numbers are checked here, so that a typing error is told before minutes of building.
fn parse_demo(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut passed_on = Vec::new();
    while let Some(argument) = parser.next()? {
        let (name, value) = match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("no-open") => {
                passed_on.push("--no-open".to_owned());
                continue;
            }
            Long("port") => ("--port", parser.value()?.parse::<u16>()?.to_string()),
            Long("hours") => ("--hours", parser.value()?.parse::<f64>()?.to_string()),
            Long("seed") => ("--seed", parser.value()?.parse::<u64>()?.to_string()),
            other => return Err(other.unexpected()),
        };
        passed_on.extend([name.to_owned(), value]);
    }
    Ok(Command::Demo(passed_on))
}

fn parse_test(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut selection = Selection::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("only") => selection.only.push(parser.value()?.string()?),
            Long("without") => selection.without.push(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    selection.check()?;
    Ok(Command::Test(selection))
}

fn parse_fuzz(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut campaign = Campaign::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::FuzzHelp),
            Long("seconds") => campaign.seconds = parser.value()?.parse()?,
            Long("jobs") => campaign.jobs = parser.value()?.parse()?,
            Long("input") => campaign.input = Some(parser.value()?.into()),
            Value(format) => campaign.formats.push(format.string()?),
            other => return Err(other.unexpected()),
        }
    }
    campaign.check()?;
    Ok(Command::Fuzz(campaign))
}

fn parse_bench(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut passed_on = Vec::new();
    for argument in parser.raw_args()? {
        let argument = argument.string()?;
        if passed_on.is_empty() && (argument == "-h" || argument == "--help") {
            return Ok(Command::Help);
        }
        passed_on.push(argument);
    }
    Ok(Command::Bench(passed_on))
}

/// How to use this program, with the groups.
pub(crate) fn usage() -> String {
    let mut groups = String::new();
    for group in GROUPS {
        groups.push_str(&format!("  {:<12} {}\n", group.name, group.about));
        for program in group.needs {
            groups.push_str(&format!("  {:<12}   (needs {})\n", "", program.package));
        }
    }
    format!("{USAGE}\nGroups, in the order they run:\n{groups}")
}

/// How to fuzz, with the formats.
pub(crate) fn fuzz_usage() -> String {
    let mut formats = String::from("Formats:");
    let mut width = formats.len();
    for format in fuzz::formats() {
        if width + 1 + format.len() > 96 {
            formats.push_str("\n ");
            width = 1;
        }
        formats.push_str(&format!(" {format}"));
        width += 1 + format.len();
    }
    format!("{FUZZ_USAGE}\n{formats}\n")
}

const USAGE: &str = "\
Developer commands of Truce

Usage: cargo xtask COMMAND

Commands:
  demo   build everything, simulate a day of the mission, serve the live picture on 127.0.0.1
           --port N      port to serve on
           --hours H     length of the simulated day
           --seed N      seed of the simulation
           --no-open     do not open the page in a browser
  test   run every check; all groups run even when one fails (also called ci)
           --only GROUP      run this group alone (may be given again)
           --without GROUP   leave this group out (may be given again)
  walls  check the walls between the rooms alone
  fuzz   let a fuzzer make up input for the decoders; `cargo xtask fuzz --help` says how
  bench  name this machine and run the benches; further arguments go to cargo bench
  help   show this

Exit codes: 0 all passed, 1 a check or build failed, 2 wrong command line
";

const FUZZ_USAGE: &str = "\
Lets libFuzzer make up input for the decoders, guided by the code that it reaches

Usage: cargo xtask fuzz [FORMAT…] [--seconds N] [--jobs N]
       cargo xtask fuzz FORMAT --input FILE

  FORMAT        a format of docs/formats.md, or geotiff for scenes; all when none is named
  --seconds N   how long each format is tried (60)
  --jobs N      formats at a time, each on one core with up to 1.5 GB (1)
  --input FILE  read this input once, with a backtrace: one that something broke on before

A decoder breaks when it panics, when a sum overflows, when an observation is not read back as
it was written, when an input takes more than 64 MiB of memory or more than 30 seconds. The input
is then written to a file, and the command that reads it again is printed. A run begins with the
examples of docs/formats.md, with what earlier runs found worth keeping, and with all that broke
before: these lie in target/fuzz (corpus, broken, and a log for each format). The longer it runs
the more it reaches; a minute tells whether a change broke something, hours look for what is rare.

The first build takes some minutes, and a C++ compiler. The first byte of an input is not the
decoder's: it says in which pieces the rest arrives and whether its checksums are mended.
Exit codes: 0 nothing broke, 1 something did or could not be built, 2 wrong command line
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn check(line: &str, expected: Command) {
        assert_eq!(parsed(line), Ok(expected), "{line}");
    }

    fn own(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn commands_are_understood() {
        check("", Command::Help);
        check("--help", Command::Help);
        check("test --help", Command::Help);
        check("walls", Command::Walls);
        check("demo", Command::Demo(Vec::new()));
        let passed_on = own(&["--port", "8080", "--hours", "1.5", "--no-open"]);
        check(
            "demo --port 8080 --hours=1.5 --no-open",
            Command::Demo(passed_on),
        );
        check("test", Command::Test(Selection::default()));
        let selection = Selection {
            only: own(&["walls", "unit"]),
            without: own(&["docs"]),
        };
        check(
            "ci --only walls --without docs --only=unit",
            Command::Test(selection),
        );
        check("fuzz", Command::Fuzz(Campaign::default()));
        check("fuzz nmea --help", Command::FuzzHelp);
        let campaign = Campaign {
            formats: own(&["nmea", "cot"]),
            seconds: 20,
            jobs: 2,
            input: None,
        };
        check(
            "fuzz nmea cot --seconds 20 --jobs=2",
            Command::Fuzz(campaign),
        );
        let campaign = Campaign {
            formats: own(&["nmea"]),
            input: Some("found/crash-1".into()),
            ..Campaign::default()
        };
        check("fuzz nmea --input found/crash-1", Command::Fuzz(campaign));
        check(
            "bench -p truce-ledger -- append",
            Command::Bench(own(&["-p", "truce-ledger", "--", "append"])),
        );
    }

    #[test]
    fn mistakes_are_named() {
        let check = |line: &str, part: &str| {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        };
        check("dmeo", "dmeo");
        check("--fast", "--fast");
        check("demo --port 70000", "70000");
        check("demo --hours day", "day");
        check("test --only", "--only");
        check("test walls", "walls");
        check("test --only wall", "there is no group `wall`");
        check("test --only unit --without unit", "no group to run");
        check("walls now", "now");
        check("fuzz nmae", "there is no format `nmae`");
        check("fuzz --seconds soon", "soon");
        check("fuzz --input x", "one format");
        check("fuzz --fast", "--fast");
    }

    #[test]
    fn the_usage_of_fuzzing_lists_every_format() {
        let usage = fuzz_usage();
        let mut words = usage.split_whitespace();
        assert!(words.any(|word| word == "Formats:"), "{usage}");
        assert_eq!(words.collect::<Vec<_>>(), fuzz::formats());
        assert!(
            usage.lines().all(|line| line.chars().count() <= 98),
            "{usage}"
        );
    }

    #[test]
    fn the_usage_lists_every_group() {
        let usage = usage();
        assert!(
            GROUPS.iter().all(|group| usage.contains(group.name)),
            "{usage}"
        );
    }
}
