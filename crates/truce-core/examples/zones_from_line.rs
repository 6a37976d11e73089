//! Prints a zones file in which the buffer zone, the airspace over the line and the withdrawal lines
//! and zones are made anew from its line of contact; everything else stays as it was.
//!
//! `cargo run -p truce-core --example zones_from_line -- missions/ukraine-2025/zones.geojson
//!     left=russian-federation right=ukraine buffer=7500 airspace=25000/6000
//!     artillery=50000 rocket_artillery=75000 long_range=150000 > new.geojson`
//!
//! Distances are metres; `airspace` is reach/ceiling; every other word is a weapon class.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use truce_core::Slug;
use truce_core::document::Issues;
use truce_core::mission::{LinePlan, read_zones, replace_line_zones, to_geojson};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match made(&arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn made(arguments: &[String]) -> Result<String, String> {
    let (file, words) = arguments
        .split_first()
        .ok_or("name a zones file, then left=, right=, buffer= and weapon classes")?;
    let plan = plan(words)?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let issues = Issues::default();
    let zones = read_zones(file, &text, &issues);
    let found: Vec<String> = issues
        .into_sorted()
        .iter()
        .map(ToString::to_string)
        .collect();
    if !found.is_empty() {
        return Err(found.join("\n"));
    }
    let zones = replace_line_zones(&zones, &plan).map_err(|error| error.to_string())?;
    Ok(to_geojson("zones", &zones))
}

fn plan(words: &[String]) -> Result<LinePlan, String> {
    let (mut left, mut right, mut buffer_m, mut airspace) = (None, None, None, None);
    let mut withdrawals = Vec::new();
    for word in words {
        let (key, value) = word.split_once('=').ok_or(format!("`{word}` has no `=`"))?;
        let name = |text: &str| Slug::new(text).map_err(|error| error.to_string());
        let metres = |text: &str| {
            let read = text.parse::<f64>().ok().filter(|m| *m > 0.0);
            read.ok_or(format!("`{word}`: metres are expected"))
        };
        match key {
            "left" => left = Some(name(value)?),
            "right" => right = Some(name(value)?),
            "buffer" => buffer_m = Some(metres(value)?),
            "airspace" => {
                let (reach, ceiling) = value.split_once('/').ok_or("airspace=REACH/CEILING")?;
                airspace = Some((metres(reach)?, metres(ceiling)?));
            }
            weapon => withdrawals.push((name(weapon)?, metres(value)?)),
        }
    }
    Ok(LinePlan {
        left: left.ok_or("left= is missing")?,
        right: right.ok_or("right= is missing")?,
        buffer_m: buffer_m.ok_or("buffer= is missing")?,
        airspace,
        withdrawals,
    })
}
