//! What vessels did, from a table of their positions.
//!
//! `sea_csv POSITIONS.csv [PARAMS.toml] OUT.jsonl` reads the table row by row ([`columns`] says which
//! columns it knows), judges it as the engine would, and writes one line for each incident as it
//! stands at the end, then one for each hour with the queues. It prints one line of JSON: what was
//! read, incidents for each 100 vessel-hours by behaviour, when lanes closed and opened, and how many
//! vessels waited.
//!
//! PARAMS.toml may hold `zones`, a GeoJSON file of corridors and ports beside it, and a table `[sea]`
//! with thresholds as in mission.toml; `truth`, a file of true events as truce-sim's example `shipping`
//! writes it, adds precision and recall of each kind; `radar` a table of radars' plots, as the same example
//! writes it. Without it nothing is known of the waters but the positions.

#![allow(clippy::print_stdout)] // The line is what the command is for.

mod columns;
mod radar;
mod score;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Value, json};
use truce_core::document::Issues;
use truce_core::mission::{Mission, ReportSchedule, SeaSettings, SensorNetwork, Zone, read_zones};
use truce_core::time::seconds_between;
use truce_core::{Incident, IncidentId, Observation, Reading, Slug, Timestamp};
use truce_fusion::sea::{Sea, Summary};
use truce_fusion::{Change, Picture};

/// A vessel that is silent for longer was not there, seconds.
const PRESENT_S_MAX: f64 = 7_200.0;
const HOUR_S: f64 = 3_600.0;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    zones: Option<String>,
    truth: Option<String>,
    radar: Option<String>,
    sea: SeaSettings,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (table, parameters, out) = match &arguments[..] {
        [table, out] => (table, None, out),
        [table, parameters, out] => (table, Some(parameters), out),
        _ => return Err("usage: sea_csv POSITIONS.csv [PARAMS.toml] OUT.jsonl".into()),
    };
    let (sea, zones, truth, radar) = match parameters {
        Some(file) => read_parameters(Path::new(file))?,
        None => Default::default(),
    };
    let (mut readings, refused) = columns::read(&std::fs::read_to_string(table)?)?;
    let targets = radar::targets(&radar);
    readings.extend(radar.into_iter().map(|plot| plot.observation));
    readings.sort_by_key(|reading| (reading.observed_at.start, reading.id));
    let mut run = Run::new(&mission(sea, zones)?);
    for reading in &readings {
        run.take(reading);
    }
    run.end();
    std::fs::write(out, run.lines()?)?;
    let mut figures = run.figures(refused);
    if !truth.is_empty() {
        figures["scores"] = score::scores(&truth, &run.standing().collect::<Vec<_>>(), &targets);
    }
    println!("{figures}");
    Ok(())
}

/// Thresholds, zones, true events and what radars saw.
type Given = (SeaSettings, Vec<Zone>, Vec<score::True>, Vec<radar::Plot>);

fn read_parameters(file: &Path) -> Result<Given, Box<dyn Error>> {
    let parameters: Parameters = toml::from_str(&std::fs::read_to_string(file)?)?;
    let truth = match parameters.truth {
        Some(name) => score::read(&std::fs::read_to_string(file.with_file_name(name))?)?,
        None => Vec::new(),
    };
    let radar = match parameters.radar {
        Some(name) => radar::read(&std::fs::read_to_string(file.with_file_name(name))?)?,
        None => Vec::new(),
    };
    let Some(name) = parameters.zones else {
        return Ok((parameters.sea, Vec::new(), truth, radar));
    };
    let text = std::fs::read_to_string(file.with_file_name(&name))?;
    let issues = Issues::default();
    let zones = read_zones(&name, &text, &issues);
    if let Some(issue) = issues.into_sorted().first() {
        return Err(format!("{issue:?}").into());
    }
    Ok((parameters.sea, zones, truth, radar))
}

fn mission(sea: SeaSettings, zones: Vec<Zone>) -> Result<Mission, Box<dyn Error>> {
    Ok(Mission {
        name: Slug::new("sea")?,
        title: String::new(),
        summary: String::new(),
        log_origin: "truce.example/sea".into(),
        report: ReportSchedule {
            time_zone: "UTC".into(),
            cut_off_hour: 0,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 1.0,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: Vec::new(),
        sectors: Vec::new(),
        event_classes: Vec::new(),
        calibration: None,
        straits: None,
        sea,
        zones,
        network: SensorNetwork::default(),
    })
}

/// A table on its way through the watch.
struct Run {
    sea: Sea,
    /// Follows what radars see.
    picture: Picture,
    followed: Option<Timestamp>,
    fixes: u64,
    present_s: f64,
    last: BTreeMap<u32, Timestamp>,
    incidents: BTreeMap<IncidentId, Incident>,
    /// When each incident was first told: the newest reading then.
    told_at: BTreeMap<IncidentId, Timestamp>,
    hours: Vec<Summary>,
    now: Option<Timestamp>,
    cpu_s: f64,
}

impl Run {
    fn new(mission: &Mission) -> Self {
        Self {
            sea: Sea::new(mission),
            picture: Picture::new(mission),
            followed: None,
            fixes: 0,
            present_s: 0.0,
            last: BTreeMap::new(),
            incidents: BTreeMap::new(),
            told_at: BTreeMap::new(),
            hours: Vec::new(),
            now: None,
            cpu_s: 0.0,
        }
    }

    fn take(&mut self, reading: &Observation) {
        let at = reading.observed_at.start;
        let Reading::Vessel(vessel) = &reading.reading else {
            return self.see(reading, at);
        };
        self.fixes += u64::from(reading.location.is_some());
        if let Some(before) = self.last.insert(vessel.mmsi, at) {
            let pause_s = seconds_between(before, at);
            self.present_s += if pause_s <= PRESENT_S_MAX {
                pause_s
            } else {
                0.0
            };
        }
        let hour = |at: Timestamp| at.as_second().div_euclid(3_600);
        if self.now.is_some_and(|now| hour(now) < hour(at)) {
            self.hours.push(self.sea.summary());
        }
        self.now = Some(at);
        let begun_s = cpu_s();
        self.sea.update(reading);
        let news = self.sea.changes();
        self.cpu_s += cpu_s() - begun_s;
        self.keep(news);
    }

    /// Takes what a radar saw; its tracks go on once a minute.
    fn see(&mut self, reading: &Observation, at: Timestamp) {
        self.picture.update(reading);
        let due = self
            .followed
            .is_none_or(|last| seconds_between(last, at) >= 60.0);
        if due {
            self.followed = Some(at);
            self.follow();
        }
    }

    fn follow(&mut self) {
        for change in self.picture.changes() {
            if let Change::Track(track) = change {
                self.sea.follow(&track);
            }
        }
    }

    fn end(&mut self) {
        self.follow();
        let news = self.sea.finish();
        self.keep(news);
        self.hours.push(self.sea.summary());
    }

    fn keep(&mut self, news: Vec<Incident>) {
        for incident in news {
            if let Some(now) = self.now {
                self.told_at.entry(incident.id).or_insert(now);
            }
            self.incidents.insert(incident.id, incident);
        }
    }

    fn standing(&self) -> impl Iterator<Item = &Incident> {
        self.incidents
            .values()
            .filter(|told| told.withdrawn.is_none())
    }

    fn lines(&self) -> Result<String, Box<dyn Error>> {
        let mut lines = String::new();
        let mut incidents: Vec<&Incident> = self.standing().collect();
        incidents.sort_by_key(|told| (told.occurred.start, told.id));
        for incident in incidents {
            writeln!(lines, "{}", serde_json::to_string(incident)?)?;
        }
        for hour in &self.hours {
            writeln!(lines, "{}", json!({ "at": hour.at, "queues": hour.queues }))?;
        }
        Ok(lines)
    }

    fn figures(&self, refused: usize) -> Value {
        let vessel_hours = self.present_s / HOUR_S;
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for told in self.standing() {
            let behaviour = told.attributes.get("behaviour").map_or("", String::as_str);
            *counts.entry(behaviour).or_default() += 1;
        }
        let total: u32 = counts.values().sum();
        let rate = |n: u32| (f64::from(n) / vessel_hours * 1e4).round() / 1e2;
        let rates: BTreeMap<&str, f64> = counts.iter().map(|(name, n)| (*name, rate(*n))).collect();
        let waiting: Vec<Value> = self.hours.iter().map(waiting).collect();
        json!({
            "fixes": self.fixes,
            "rows_refused": refused,
            "vessels": self.last.len(),
            "vessel_hours": vessel_hours.round(),
            "incidents": counts,
            "incidents_per_100_vessel_hours": rate(total),
            "by_behaviour": rates,
            "closures": self.closures(),
            "waiting": waiting,
            "late": self.sea.omitted().0,
            "cpu_us_per_fix": (self.cpu_s / self.fixes as f64 * 1e8).round() / 1e2,
        })
    }

    /// When water closed and opened, each with when that was first told.
    fn closures(&self) -> Vec<Value> {
        let closed = self.standing().filter(|told| {
            told.attributes.get("behaviour").map(String::as_str) == Some("channel_closed")
        });
        closed
            .map(|told| {
                json!({
                    "closed_at": told.occurred.start,
                    "told_at": self.told_at.get(&told.id),
                    "reopened_at": told.attributes.get("ended"),
                    "place": told.place.position,
                    "vessel": told.attributes.get("identity"),
                    "stopped_at": told.attributes.get("stopped_at"),
                    "vessels_stopped_in_lanes": told.attributes.get("vessels"),
                    "probability": told.probability,
                })
            })
            .collect()
    }
}

/// How many vessels wait in all at an hour.
fn waiting(hour: &Summary) -> Value {
    let waiting: usize = hour.queues.iter().map(|queue| queue.waiting).sum();
    json!([hour.at.map(|at| at.to_string()), waiting])
}

/// CPU time of this thread, seconds.
fn cpu_s() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}
