//! Incidents held against true events: precision and recall of each kind.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use truce_core::{Incident, IncidentKind, Interval, ObservationId, Slug};

/// Times agree when they are at most so far apart, seconds.
const APART_S_MAX: f64 = 1_800.0;

/// A true event, as truce-sim writes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct True {
    kind: IncidentKind,
    occurred: Interval,
    /// The vessel: its MMSI, a space and its name.
    object: Option<String>,
    /// The radars that followed it.
    #[serde(default)]
    observed_by: Vec<Slug>,
    /// The number that radars give it.
    #[serde(default)]
    note: String,
}

/// Reads true events of the kinds that shipping is watched for.
pub(crate) fn read(text: &str) -> Result<Vec<True>, serde_json::Error> {
    let all: Result<Vec<True>, _> = text.lines().map(serde_json::from_str).collect();
    let watched = |event: &True| {
        matches!(
            event.kind,
            IncidentKind::CorridorDeviation
                | IncidentKind::UnauthorisedStop
                | IncidentKind::Obstruction
                | IncidentKind::SignalGap
                | IncidentKind::PositionAnomaly
                | IncidentKind::GnssInterference
                | IncidentKind::IdentityConflict
                | IncidentKind::Encounter
                | IncidentKind::Loitering
        ) || event.kind == IncidentKind::DarkVessel && !event.observed_by.is_empty()
    };
    Ok(all?.into_iter().filter(watched).collect())
}

/// For each kind: true events, those found, incidents, those that are true, precision and recall.
/// An incident is true when an event of its kind has its time and vessel; an area has no vessel, and a
/// vessel without AIS is known by the radars' plots, of which more than half must be its own.
pub(crate) fn scores(
    truth: &[True],
    incidents: &[&Incident],
    targets: &BTreeMap<ObservationId, String>,
) -> Value {
    let agrees = |event: &True, incident: &Incident| agrees(event, incident, targets);
    let mut kinds: BTreeMap<IncidentKind, [u32; 4]> = BTreeMap::new();
    for event in truth {
        let found = incidents.iter().any(|incident| agrees(event, incident));
        let row = kinds.entry(event.kind).or_default();
        row[0] += 1;
        row[1] += u32::from(found);
    }
    for incident in incidents {
        let is_true = truth.iter().any(|event| agrees(event, incident));
        let row = kinds.entry(incident.kind).or_default();
        row[2] += 1;
        row[3] += u32::from(is_true);
    }
    let share = |part: u32, of: u32| (of > 0).then(|| f64::from(part) / f64::from(of));
    let row = |(kind, [events, found, told, right]): (&IncidentKind, &[u32; 4])| {
        let row = json!({
            "events": events, "found": found, "incidents": told, "true": right,
            "precision": share(*right, *told), "recall": share(*found, *events),
        });
        (json!(kind).as_str().unwrap_or_default().to_owned(), row)
    };
    kinds
        .iter()
        .map(row)
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn agrees(event: &True, incident: &Incident, targets: &BTreeMap<ObservationId, String>) -> bool {
    let in_time = event.occurred.gap_s(&incident.occurred) <= APART_S_MAX;
    if event.kind == IncidentKind::DarkVessel {
        let own = |plot: &&ObservationId| targets.get(*plot) == Some(&event.note);
        let count = incident.evidence.iter().filter(own).count();
        return event.kind == incident.kind && in_time && 2 * count > incident.evidence.len();
    }
    let vessels = ["identity", "other"].map(|name| incident.attributes.get(name));
    let same = match event
        .object
        .as_ref()
        .and_then(|object| object.split(' ').next())
    {
        Some(mmsi) => vessels
            .iter()
            .flatten()
            .any(|vessel| vessel.strip_prefix("mmsi:") == Some(mmsi)),
        None => true,
    };
    event.kind == incident.kind && in_time && same
}
