//! Which clauses an incident concerns: the table of kinds, narrowed by what a clause speaks of.

use truce_core::{IncidentKind, ObjectKind, Slug};

use super::Case;
use crate::agreement::{Clause, Clear, Hindrance, Rule, Terms, is_relevant};

/// What an incident in a corridor would be a breach of.
pub(super) fn hindrance(case: &Case<'_>) -> Option<Hindrance> {
    Some(match case.incident.kind {
        IncidentKind::CorridorDeviation => Hindrance::Deviation,
        IncidentKind::UnauthorisedStop | IncidentKind::Encounter | IncidentKind::Loitering => {
            Hindrance::Stop
        }
        IncidentKind::CloseApproach => Hindrance::Bubble,
        IncidentKind::Obstruction => Hindrance::Obstruction,
        IncidentKind::SignalGap | IncidentKind::DarkVessel => Hindrance::Silence,
        IncidentKind::PositionAnomaly => Hindrance::FalsePosition,
        IncidentKind::GnssInterference => Hindrance::Interference,
        _ => return None,
    })
}

/// True when an incident concerns a clause under any of its texts.
pub(super) fn concerns(clause: &Clause, case: &Case<'_>) -> bool {
    is_relevant(clause.kind, case.incident.kind)
        && clause.texts().any(|(_, terms)| concerns_text(terms, case))
}

fn concerns_text(terms: &Terms, case: &Case<'_>) -> bool {
    let (incident, facts) = (case.incident, &case.facts);
    let is_fire = incident.kind == IncidentKind::PhysicalEvent;
    match &terms.rule {
        Rule::NoPresence(subject) | Rule::Airspace(subject) => {
            facts
                .object
                .is_none_or(|kind| subject.objects.contains(&kind))
                && about_zone(incident.zone.as_ref(), terms)
        }
        Rule::NotifiedMovement { subject, .. } => {
            facts
                .object
                .is_none_or(|kind| subject.objects.contains(&kind))
                && (terms.zones.is_empty() || about_zone(incident.zone.as_ref(), terms))
        }
        Rule::Withdrawal { withdraw } => {
            let by_line = withdraw
                .iter()
                .any(|row| matches!(row.place, Clear::Line { .. }));
            facts.object == Some(ObjectKind::Weapon)
                && (by_line || about_zone(incident.zone.as_ref(), terms))
        }
        Rule::Storage { .. } => facts.object == Some(ObjectKind::Weapon),
        Rule::Corridor(corridor) => {
            hindrance(case).is_some_and(|what| corridor.forbids.contains(&what))
                && about_zone(incident.zone.as_ref(), terms)
        }
        Rule::HumanitarianPassage { fire } | Rule::CivilianProtection { fire } => *fire || !is_fire,
        Rule::NoFire { .. }
        | Rule::ProtectedObjects { .. }
        | Rule::NoMinesOrWorks
        | Rule::Access { .. } => true,
    }
}

/// An incident about a zone concerns the clauses of that zone; one about no zone, every clause.
fn about_zone(zone: Option<&Slug>, terms: &Terms) -> bool {
    zone.is_none_or(|zone| terms.all_zones().contains(&zone))
}
