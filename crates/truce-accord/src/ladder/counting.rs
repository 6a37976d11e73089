//! Counting as missions count: an event once, however many observers; a trajectory apart from what
//! was fired; exercises apart from violations.
//!
//! The OSCE mission counted explosions, projectiles in flight and bursts in columns of their own and
//! marked what it took for a live-fire exercise (annexes of its daily reports). Numbers from two
//! columns are never added.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::finding::{Column, Counted};
use truce_core::{Finding, Incident, IncidentId, Status};

use super::Procedure;

/// Most steps from an incident to the one that stands for it; more would be a circle.
const STEPS_MAX: usize = 64;

/// Counts incidents with their findings. Withdrawn incidents and findings that are no violation or
/// were retracted are not counted.
#[must_use]
pub fn count(cases: &[(&Incident, Option<&Finding>)]) -> Vec<Counted> {
    let known: BTreeSet<IncidentId> = cases.iter().map(|(incident, _)| incident.id).collect();
    let merged: BTreeMap<IncidentId, IncidentId> = cases
        .iter()
        .filter_map(|(incident, finding)| {
            let into = Procedure::of((*finding)?).merged_into?;
            known.contains(&into).then_some((incident.id, into))
        })
        .collect();
    let stands_for = |id: IncidentId| {
        let steps = std::iter::successors(Some(id), |id| merged.get(id).copied());
        steps.take(STEPS_MAX).last().unwrap_or(id)
    };
    let mut events: BTreeMap<IncidentId, Counted> = BTreeMap::new();
    for (incident, finding) in cases {
        let is_none = finding.is_some_and(|finding| {
            matches!(finding.status, Status::NotAViolation | Status::Retracted)
        });
        if incident.withdrawn.is_some() || is_none {
            continue;
        }
        let head = stands_for(incident.id);
        let number = number(incident);
        let column = column(incident);
        let event = events.entry(head).or_insert_with(|| Counted {
            incident: head,
            seen_as: Vec::new(),
            column,
            number,
        });
        event.seen_as.push(incident.id);
        event.seen_as.sort_unstable();
        event.number = event.number.max(number);
        // Who saw the event itself says more than who saw it fly.
        event.column = event.column.min(column);
    }
    events.into_values().collect()
}

fn is_marked(incident: &Incident, name: &str) -> bool {
    incident
        .attributes
        .get(name)
        .is_some_and(|text| text == "true")
}

fn column(incident: &Incident) -> Column {
    if is_marked(incident, "exercise") {
        Column::Exercise
    } else if is_marked(incident, "trajectory") {
        Column::Trajectory
    } else {
        Column::Event
    }
}

fn number(incident: &Incident) -> u64 {
    let given = incident.attributes.get("count");
    given.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}
