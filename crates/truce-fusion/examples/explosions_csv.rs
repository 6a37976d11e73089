//! Associates the arrivals of a CSV file into events.
//!
//! `explosions_csv PICKS.csv STATIONS.csv OUT.csv [MODEL.toml]`: picks with the columns `station`,
//! `phase` (P, S, A or empty) and `t` in seconds; stations with `station`, `x`, `y` in kilometres.
//! Writes `time,x,y` in the same units and prints one line of JSON.

#![allow(clippy::print_stdout)] // It is a command.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use truce_fusion::arrivals::{Arrival, Associator, Model, Station, Wave};

/// The sensor model of the benchmark.
const MODEL: &str = include_str!("../fixtures/explosion-benchmark-stations.toml");

/// The named columns of a CSV file without quotes.
fn columns<const N: usize>(
    text: &str,
    names: [&str; N],
) -> Result<Vec<[String; N]>, Box<dyn Error>> {
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap_or("").split(',').collect();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        let found = header.iter().position(|column| *column == name);
        *place = found.ok_or_else(|| format!("no column {name}"))?;
    }
    lines
        .map(|line| {
            let fields: Vec<_> = line.split(',').collect();
            let field = |place: usize| fields.get(place).map(|field| (*field).to_owned());
            let row: Option<Vec<_>> = places.iter().map(|&place| field(place)).collect();
            let row = row.and_then(|row| <[String; N]>::try_from(row).ok());
            row.ok_or_else(|| format!("too few fields: {line}").into())
        })
        .collect()
}

/// Processor time of this process's main thread, seconds, where the system tells (Linux).
fn cpu_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? * 1e-9)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [picks, stations, out, model @ ..] = &arguments[..] else {
        return Err("usage: explosions_csv PICKS.csv STATIONS.csv OUT.csv [MODEL.toml]".into());
    };
    let model = match model.first() {
        Some(file) => std::fs::read_to_string(file)?,
        None => MODEL.to_owned(),
    };
    let model: Model = toml::from_str(&model)?;
    let mut network = Vec::new();
    let mut numbers = BTreeMap::new();
    for [name, x, y] in columns(&std::fs::read_to_string(stations)?, ["station", "x", "y"])? {
        numbers.insert(name, network.len());
        network.push(Station {
            x_m: x.parse::<f64>()? * 1e3,
            y_m: y.parse::<f64>()? * 1e3,
        });
    }
    let mut arrivals = Vec::new();
    for [station, phase, t] in columns(&std::fs::read_to_string(picks)?, ["station", "phase", "t"])?
    {
        arrivals.push(Arrival {
            station: *numbers
                .get(&station)
                .ok_or("a pick of an unknown station")?,
            wave: match phase.as_str() {
                "P" => Some(Wave::P),
                "S" => Some(Wave::S),
                "A" => Some(Wave::Sound),
                _ => None,
            },
            at_s: t.parse()?,
            sigma_s: None,
        });
    }
    let (wall, cpu) = (Instant::now(), cpu_s());
    let associator = Associator::new(&network, &model)?;
    let events = associator.associate(&arrivals)?;
    let wall_s = wall.elapsed().as_secs_f64();
    let cpu_s = cpu_s().zip(cpu).map_or(wall_s, |(end, start)| end - start);
    let mut text = "time,x,y,sxx,sxy,syy,log_odds,members\n".to_owned();
    for event in &events {
        let c = &event.covariance;
        writeln!(
            text,
            "{:.3},{:.4},{:.4},{:.6},{:.6},{:.6},{:.2},{}",
            event.at_s,
            event.x_m / 1e3,
            event.y_m / 1e3,
            c[0][0] / 1e6,
            c[0][1] / 1e6,
            c[1][1] / 1e6,
            event.log_odds,
            event.members.len(),
        )?;
    }
    std::fs::write(out, text)?;
    println!(
        "{{\"picks\":{},\"cpu_s\":{cpu_s:.4},\"picks_per_s\":{:.0},\"events\":{}}}",
        arrivals.len(),
        arrivals.len() as f64 / cpu_s,
        events.len()
    );
    Ok(())
}
