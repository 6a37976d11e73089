//! Tracks from a table of plots, for benchmarks with known truth.
//!
//! `track_csv DET.csv PARAMS.json OUT.csv` reads `step,…,x,y` in metres, runs the picture's tracker
//! scan by scan and writes `step,track,x,y` for every object reported after a scan. It prints one
//! line of JSON: detections, CPU seconds of the tracker and detections per second.

#![allow(clippy::print_stdout)] // The line is what the command is for.

use std::error::Error;
use std::fmt::Write as _;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use truce_fusion::scans::{Motion, Object, Plot, Settings, Tracker};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plots, parameters, out] = &arguments[..] else {
        return Err("usage: track_csv DET.csv PARAMS.json OUT.csv".into());
    };
    let parameters: Value = serde_json::from_str(&std::fs::read_to_string(parameters)?)?;
    let number = |name: &str| parameters[name].as_f64();
    let sigma_m = number("sigma").ok_or("PARAMS.json gives no sigma")?;
    let dt_s = number("dt").unwrap_or(1.0);
    let steps = parameters["steps"]
        .as_u64()
        .map(usize::try_from)
        .transpose()?;
    let scans = read(&std::fs::read_to_string(plots)?, sigma_m, steps)?;
    let side_m = number("side");
    let mut tracker = Tracker::new(Settings {
        motion: Motion {
            noise: number("q").unwrap_or(1.0),
            speed_m_s_sigma: number("speed_sigma").unwrap_or(15.0),
            manoeuvre: None,
        },
        detection_probability: number("pd"),
        clutter_per_scan: number("clutter_per_scan"),
        area_m2: side_m.map(|side| side * side),
        cell_m: side_m.map_or(1_000.0, |side| side / 10.0),
        silence_s_max: f64::INFINITY,
    });
    let mut reported = Vec::new();
    let begun = cpu_s();
    for (step, plots) in scans.iter().enumerate() {
        tracker.scan(step as f64 * dt_s, 0, plots);
        let row = |object: &Object| (step, object.number, object.estimate().position_m);
        reported.extend(tracker.reported().map(row));
    }
    let cpu_s = cpu_s() - begun;
    let mut rows = String::from("step,track,x,y\n");
    for (step, track, [x, y]) in reported {
        writeln!(rows, "{step},{track},{x:.3},{y:.3}")?;
    }
    std::fs::write(out, rows)?;
    let detections: usize = scans.iter().map(Vec::len).sum();
    let line = json!({
        "detections": detections,
        "cpu_s": cpu_s,
        "detections_per_s": (detections as f64 / cpu_s).round(),
    });
    println!("{line}");
    Ok(())
}

/// CPU time of this thread, seconds.
fn cpu_s() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// The plots of each scan; a scan without plots is empty.
fn read(text: &str, sigma_m: f64, steps: Option<usize>) -> Result<Vec<Vec<Plot>>, Box<dyn Error>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        let found = header.iter().position(|column| column.trim() == name);
        found.ok_or_else(|| format!("the table has no column {name}"))
    };
    let (step, x, y) = (column("step")?, column("x")?, column("y")?);
    let mut scans = vec![Vec::new(); steps.unwrap_or(0)];
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default().trim();
        let step: usize = field(step).parse()?;
        if step >= scans.len() {
            scans.resize(step + 1, Vec::new());
        }
        scans[step].push(Plot {
            position_m: [field(x).parse()?, field(y).parse()?],
            error_m2: [sigma_m * sigma_m, 0.0, sigma_m * sigma_m],
        });
    }
    Ok(scans)
}
