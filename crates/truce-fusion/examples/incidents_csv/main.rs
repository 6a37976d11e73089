//! `incidents_csv OBS.csv SENSORS.toml OUT.csv`: observations of mixed sensors in a plane become
//! incidents, by the same fusion as in a mission.
//!
//! Every observation is taken in at the time at which it arrived. `t_alert` is the arrival of the
//! one that brought the incident, or what became part of it, over the alert threshold; what never
//! reached it has the arrival at which it was first told. Columns that only a scorer may know are
//! not read. With `--every SECONDS` conclusions are drawn only so often.

mod columns;
mod network;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use truce_core::incident::Withdrawal;
use truce_core::time::plus_seconds;
use truce_core::{Incident, IncidentId, IncidentKind};
use truce_fusion::{Change, Picture};

use columns::Row;
use network::Plane;

/// Incidents of which nobody knows the time within this are not written, seconds: the table has
/// one column for the time, and a fire first seen from orbit may be hours old.
const TIME_S_MAX: f64 = 1_800.0;

fn main() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let every_s = match arguments.iter().position(|argument| argument == "--every") {
        Some(at) if at + 1 < arguments.len() => {
            let seconds = arguments.drain(at..at + 2).nth(1).unwrap_or_default();
            seconds.parse().map_err(|_| "--every takes seconds")?
        }
        _ => 0.0,
    };
    let [observations, sensors, out] = &arguments[..] else {
        return Err("usage: incidents_csv [--every SECONDS] OBS.csv SENSORS.toml OUT.csv".into());
    };
    let read = |path: &String| std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"));
    let rows = columns::read(&read(observations)?)?;
    let (mission, plane) = network::read(&read(sensors)?, &rows)?;
    let incidents = fuse(
        &rows,
        Picture::new(&mission),
        &plane,
        every_s,
        mission.alert_threshold,
    );
    std::fs::write(out, table(&incidents, &plane)).map_err(|e| format!("{out}: {e}"))
}

/// The incidents that stand at the end, each with the time of its alert.
fn fuse(
    rows: &[Row],
    mut picture: Picture,
    plane: &Plane,
    every_s: f64,
    threshold: f64,
) -> Vec<(Incident, f64)> {
    let mut order: Vec<&Row> = rows.iter().collect();
    order.sort_by(|a, b| a.received_s.total_cmp(&b.received_s));
    let mut told: BTreeMap<IncidentId, Told> = BTreeMap::new();
    let mut last_s = f64::NEG_INFINITY;
    let started = std::time::Instant::now();
    for row in &order {
        if let Some(observation) = plane.observation(row) {
            picture.update(&observation);
        }
        if row.received_s - last_s >= every_s {
            last_s = row.received_s;
            picture.advance(plane.time(row.received_s));
            learn(&mut told, picture.changes(), row.received_s, threshold);
        }
    }
    // The last passes of satellites are told within a day.
    picture.advance(plus_seconds(plane.time(last_s), 86_400.0));
    learn(&mut told, picture.changes(), last_s, threshold);
    let (count, seconds) = (order.len(), started.elapsed().as_secs_f64());
    let (alert_count, upheld_count) = count_alerts(&told, threshold);
    // A lost line about speed is no loss.
    let _ = writeln!(
        std::io::stderr(),
        "{count} observations in {seconds:.2} s; {alert_count} alerts, {upheld_count} upheld"
    );
    let alerts = alerts(&told);
    let standing = told
        .into_iter()
        .filter(|(_, told)| told.incident.withdrawn.is_none());
    standing
        .map(|(id, told)| (told.incident, alerts[&id]))
        .collect()
}

/// What was told of an incident.
struct Told {
    incident: Incident,
    first_s: f64,
    alert_s: Option<f64>,
}

fn learn(told: &mut BTreeMap<IncidentId, Told>, changes: Vec<Change>, now_s: f64, threshold: f64) {
    for change in changes {
        let Change::Incident(incident) = change else {
            continue;
        };
        if incident.kind != IncidentKind::PhysicalEvent {
            continue;
        }
        let over = incident.withdrawn.is_none() && incident.probability >= threshold;
        let entry = told.entry(incident.id).or_insert_with(|| Told {
            incident: incident.clone(),
            first_s: now_s,
            alert_s: None,
        });
        entry.incident = incident;
        if over && entry.alert_s.is_none() {
            entry.alert_s = Some(now_s);
        }
    }
}

/// The alert of each incident: the earliest among its own and those of the incidents that became
/// part of it.
fn alerts(told: &BTreeMap<IncidentId, Told>) -> BTreeMap<IncidentId, f64> {
    let mut alerts: BTreeMap<IncidentId, f64> = BTreeMap::new();
    for (id, entry) in told {
        let mut heir = *id;
        // An incident passes on at most once for each of the others.
        for _ in 0..told.len() {
            match told
                .get(&heir)
                .and_then(|entry| entry.incident.withdrawn.as_ref())
            {
                Some(Withdrawal::PartOf(other)) => heir = *other,
                _ => break,
            }
        }
        let Some(alert_s) = entry.alert_s else {
            continue;
        };
        let earliest = alerts.entry(heir).or_insert(alert_s);
        *earliest = earliest.min(alert_s);
    }
    for (id, entry) in told {
        alerts.entry(*id).or_insert(entry.first_s);
    }
    alerts
}

/// How many incidents that did not become part of another were alerts at any time, and how many of
/// them are at the end.
fn count_alerts(told: &BTreeMap<IncidentId, Told>, threshold: f64) -> (usize, usize) {
    let merged = |told: &&Told| matches!(told.incident.withdrawn, Some(Withdrawal::PartOf(_)));
    let alerts = told.values().filter(|told| told.alert_s.is_some());
    let alerts: Vec<&Told> = alerts.filter(|told| !merged(told)).collect();
    let stands =
        |told: &&&Told| told.incident.withdrawn.is_none() && told.incident.probability >= threshold;
    (alerts.len(), alerts.iter().filter(stands).count())
}

fn table(incidents: &[(Incident, f64)], plane: &Plane) -> String {
    let mut text = "id,t,x,y,sxx,sxy,syy,p,t_alert,pA\n".to_owned();
    let known = incidents
        .iter()
        .filter(|(incident, _)| incident.occurred.length_s() <= TIME_S_MAX);
    for (index, (incident, alert_s)) in known.enumerate() {
        let (x, y) = plane.to_km(incident.place.position);
        let [sxx, sxy, syy] = incident
            .place
            .uncertainty
            .covariance_m2()
            .map(|m2| m2 / 1e6);
        let t = plane.seconds(incident.occurred.middle());
        let p = incident.probability;
        let side = plane
            .side_a(incident)
            .map(|p| format!("{p:.4}"))
            .unwrap_or_default();
        // Writing to a string never fails.
        let _ = writeln!(
            text,
            "{index},{t:.3},{x:.4},{y:.4},{sxx:.6},{sxy:.6},{syy:.6},{p:.5},{alert_s:.3},{side}"
        );
    }
    text
}
