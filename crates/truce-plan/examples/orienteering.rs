//! Solves team-orienteering problems in the format of Chao (1993) and compares with known values.
//!
//! ```text
//! cargo run --release -p truce-plan --example orienteering -- FOLDER BEST.txt TRIALS
//! ```
//!
//! Each file of FOLDER holds `n`, `m` and `tmax` and then one line `x y value` for each place, the
//! first being the start and the last the end. BEST.txt holds lines `file value`. Printed are our
//! value, the known value and the seconds of each file, and the mean gap at the end.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use truce_plan::tasks::{Problem, Site, Vehicle, solve};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, best, trials] = arguments.as_slice() else {
        println!("usage: orienteering FOLDER BEST.txt TRIALS");
        return;
    };
    let trials: u32 = trials.parse().unwrap();
    let known: BTreeMap<String, f64> = fs::read_to_string(best)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.trim().parse().unwrap()))
        .collect();
    let (mut gaps, mut seconds) = (Vec::new(), 0.0);
    for (name, best) in &known {
        let Ok(text) = fs::read_to_string(format!("{folder}/{name}")) else {
            continue;
        };
        let problem = read(&text);
        let started = Instant::now();
        let routes = solve(&problem, trials, 1);
        let took_s = started.elapsed().as_secs_f64();
        for (vehicle, visits) in routes.visits.iter().enumerate() {
            let idle = visits.is_empty();
            assert!(
                idle || problem.arrivals_s(vehicle, visits).is_some(),
                "{name} is too long"
            );
        }
        seconds += took_s;
        println!("{name} {:.0} {best:.0} {took_s:.3}", routes.value);
        if *best > 0.0 {
            gaps.push((best - routes.value) / best);
        }
    }
    let mean = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
    println!(
        "{} files, mean gap {:.3} %, {seconds:.1} s",
        gaps.len(),
        100.0 * mean
    );
}

fn read(text: &str) -> Problem {
    let mut lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut head = || lines.next().unwrap()[1].parse::<f64>().unwrap();
    let (_, vehicles, limit_s) = (head(), head(), head());
    let rows: Vec<[f64; 3]> = lines
        .filter(|line| line.len() >= 3)
        .map(|line| [0, 1, 2].map(|k| line[k].parse().unwrap()))
        .collect();
    let inner = &rows[1..rows.len() - 1];
    let count = (1..).map(f64::from).take_while(|i| *i <= vehicles).count();
    let mut places: Vec<[f64; 3]> = inner.to_vec();
    places.extend(std::iter::repeat_n(rows[0], count));
    places.extend(std::iter::repeat_n(rows[rows.len() - 1], count));
    let metres = |a: &[f64; 3], b: &[f64; 3]| (a[0] - b[0]).hypot(a[1] - b[1]);
    Problem {
        sites: inner
            .iter()
            .map(|row| Site {
                value: row[2],
                ..Site::default()
            })
            .collect(),
        vehicles: vec![
            Vehicle {
                speed_m_s: 1.0,
                limit_s,
            };
            count
        ],
        metres: places
            .iter()
            .map(|a| places.iter().map(|b| metres(a, b)).collect())
            .collect(),
    }
}
