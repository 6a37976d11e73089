//! Which thermal anomalies are fighting? Scores a FIRMS table row by row, or fits the weights.
//!
//! Reads the files and hands what they say to `truce_fusion::thermal`; see docs/thermal.md.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod read;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::{Long, ValueExt};
use read::Anomaly;
use truce_fusion::thermal::{Day, Knowledge, Parameters, Sample, fit};

const HELP: &str = "\
thermal_csv: the probability that a thermal anomaly is fighting

Score:  thermal_csv SOURCES --input FIRMS.csv.gz --out OUT.csv [--parameters FILE.toml]
        writes lat,lon,date,p: one row for each row of the input, in its order
Fit:    thermal_csv SOURCES --input FIRMS.csv.gz --fit FILE.toml --from DAY --until DAY
        finds the weights on the clusters of these days (2022-03-01, both included)

SOURCES, of which only what was known on the day of a row is used:
  --background FILE…     thermal anomalies of peaceful years (FIRMS CSV)
  --control FILE         maps of control, one JSON document a line
  --regions FILE         the land, as GeoJSON polygons
  --prior-events FILE…   confirmed events (.csv of coded events, .json of civilian harm); used
                         once they are four days old
Files that end in .gz are decompressed.
";

/// Weights fitted on 2022-02-24 to 2022-07-31.
const PARAMETERS: &str = include_str!("../../fixtures/thermal-parameters.toml");
/// Latitude at which distances are true when weights are fitted, degrees: the middle of Ukraine.
const REFERENCE_LAT_DEG: f64 = 48.5;

/// What the command line asks for.
#[derive(Debug, Default)]
struct Arguments {
    background: Vec<PathBuf>,
    control: Option<PathBuf>,
    regions: Option<PathBuf>,
    events: Vec<PathBuf>,
    input: Option<PathBuf>,
    out: Option<PathBuf>,
    parameters: Option<PathBuf>,
    fit: Option<PathBuf>,
    from: Option<String>,
    until: Option<String>,
}

fn main() -> ExitCode {
    let result = arguments(std::env::args_os().skip(1)).and_then(|arguments| match arguments {
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some(arguments) if arguments.fit.is_some() => fit_weights(&arguments),
        Some(arguments) => score(&arguments),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("thermal_csv: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments; `None` asks for help.
fn arguments(given: impl Iterator<Item = OsString>) -> Result<Option<Arguments>, String> {
    let mut parser = lexopt::Parser::from_args(given);
    let mut asked = Arguments::default();
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        let Long(name) = argument else {
            return Err(format!("{}; --help explains", argument.unexpected()));
        };
        let name = name.to_owned();
        let mut file = || parser.value().map(PathBuf::from);
        let taken = match name.as_str() {
            "help" => return Ok(None),
            "background" | "prior-events" => parser.values().map(|files| {
                let list = if name == "background" {
                    &mut asked.background
                } else {
                    &mut asked.events
                };
                list.extend(files.map(PathBuf::from));
            }),
            "control" => file().map(|file| asked.control = Some(file)),
            "regions" => file().map(|file| asked.regions = Some(file)),
            "input" => file().map(|file| asked.input = Some(file)),
            "out" => file().map(|file| asked.out = Some(file)),
            "parameters" => file().map(|file| asked.parameters = Some(file)),
            "fit" => file().map(|file| asked.fit = Some(file)),
            "from" => parser
                .value()
                .and_then(|day| day.string())
                .map(|day| asked.from = Some(day)),
            "until" => parser
                .value()
                .and_then(|day| day.string())
                .map(|day| asked.until = Some(day)),
            _ => return Err(format!("--{name} is no option; --help explains")),
        };
        taken.map_err(|error| error.to_string())?;
    }
    Ok(Some(asked))
}

fn wanted<'a, T>(value: Option<&'a T>, name: &str) -> Result<&'a T, String> {
    value.ok_or_else(|| format!("--{name} is missing; --help explains"))
}

/// Writes a probability for each row of the input.
fn score(arguments: &Arguments) -> Result<(), String> {
    let out = wanted(arguments.out.as_ref(), "out")?;
    let parameters = match &arguments.parameters {
        None => Parameters::parse(PARAMETERS),
        Some(file) => Parameters::parse(&read::text(file)?),
    };
    let parameters = parameters.map_err(|error| error.to_string())?;
    let anomalies = input(arguments)?;
    let knowledge = know(arguments, parameters.reference_lat_deg, None)?;
    let mut probabilities = vec![0.0; anomalies.len()];
    for (day, rows) in days(&anomalies) {
        let positions: Vec<_> = rows.iter().map(|row| anomalies[*row].position).collect();
        for cluster in knowledge.look(day, &positions) {
            let probability = parameters.score(&cluster.features).probability();
            for member in cluster.members {
                probabilities[rows[member]] = probability;
            }
        }
    }
    let mut text = String::from("lat,lon,date,p\n");
    for (anomaly, probability) in anomalies.iter().zip(probabilities) {
        let Anomaly { lat, lon, date, .. } = anomaly;
        writeln!(text, "{lat},{lon},{date},{probability:.6}").map_err(|error| error.to_string())?;
    }
    write(out, &text)
}

/// Finds the weights on the days asked for and writes them.
fn fit_weights(arguments: &Arguments) -> Result<(), String> {
    let out = wanted(arguments.fit.as_ref(), "fit")?;
    let from = wanted(arguments.from.as_ref(), "from")?;
    let until = wanted(arguments.until.as_ref(), "until")?;
    let (first, last) = (read::day(from)?, read::day(until)?);
    let anomalies = input(arguments)?;
    let knowledge = know(arguments, REFERENCE_LAT_DEG, Some(last))?;
    let mut samples = Vec::new();
    for (day, rows) in days(&anomalies) {
        if !(first..=last).contains(&day) {
            continue;
        }
        let positions: Vec<_> = rows.iter().map(|row| anomalies[*row].position).collect();
        for cluster in knowledge.look(day, &positions) {
            samples.push(Sample {
                confirmed_5_km: knowledge.is_confirmed(day, cluster.centre, 5_000.0),
                confirmed_10_km: knowledge.is_confirmed(day, cluster.centre, 10_000.0),
                features: cluster.features,
            });
        }
    }
    let parameters = fit(&samples, REFERENCE_LAT_DEG, from, until);
    let text = parameters.map_err(|error| error.to_string())?.to_toml();
    print!("{text}");
    write(out, &text)
}

fn input(arguments: &Arguments) -> Result<Vec<Anomaly>, String> {
    read::anomalies(wanted(arguments.input.as_ref(), "input")?)
}

/// The rows of each day, in their order.
fn days(anomalies: &[Anomaly]) -> BTreeMap<Day, Vec<usize>> {
    let mut days: BTreeMap<Day, Vec<usize>> = BTreeMap::new();
    for (row, anomaly) in anomalies.iter().enumerate() {
        days.entry(anomaly.day).or_default().push(row);
    }
    days
}

/// Everything the sources say; of events only those not later than `events_until`.
fn know(
    arguments: &Arguments,
    reference_lat_deg: f64,
    events_until: Option<Day>,
) -> Result<Knowledge, String> {
    let regions = read::regions(wanted(arguments.regions.as_ref(), "regions")?)?;
    let mut knowledge = Knowledge::new(reference_lat_deg, &regions);
    let full = |error: truce_fusion::thermal::Error| error.to_string();
    for file in &arguments.background {
        for anomaly in read::anomalies(file)? {
            knowledge
                .learn_background(anomaly.position, anomaly.day)
                .map_err(full)?;
        }
    }
    for file in &arguments.events {
        let events = read::events(file)?;
        if events.left_out > 0 {
            let left_out = events.left_out;
            eprintln!(
                "{}: {left_out} events without place or day left out",
                file.display()
            );
        }
        for (position, day) in events.events {
            if events_until.is_none_or(|until| day <= until) {
                knowledge.learn_event(position, day).map_err(full)?;
            }
        }
    }
    for (day, held) in read::control(wanted(arguments.control.as_ref(), "control")?)? {
        knowledge.learn_control(day, &held).map_err(full)?;
    }
    Ok(knowledge)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
