//! Which kinds of incidents concern which kinds of clauses.

use truce_core::{ClauseKind, IncidentKind};

/// The table: for each kind of clause the kinds of incidents that concern it. Further conditions of
/// a clause (its objects, its zones for an incident about a zone, `fire`, `forbids`) narrow it.
pub const RELEVANCE: [(ClauseKind, &[IncidentKind]); 12] = [
    (ClauseKind::NoFire, &[IncidentKind::PhysicalEvent]),
    (
        ClauseKind::NoPresence,
        &[
            IncidentKind::Presence,
            IncidentKind::Passage,
            IncidentKind::WeaponSighting,
            IncidentKind::Movement,
        ],
    ),
    (
        ClauseKind::Withdrawal,
        &[
            IncidentKind::WeaponSighting,
            IncidentKind::Presence,
            IncidentKind::Movement,
        ],
    ),
    (
        ClauseKind::Storage,
        &[IncidentKind::WeaponSighting, IncidentKind::Movement],
    ),
    (
        ClauseKind::Airspace,
        &[IncidentKind::Presence, IncidentKind::Passage],
    ),
    (
        ClauseKind::Corridor,
        &[
            IncidentKind::CorridorDeviation,
            IncidentKind::UnauthorisedStop,
            IncidentKind::Obstruction,
            IncidentKind::SignalGap,
            IncidentKind::PositionAnomaly,
            IncidentKind::GnssInterference,
            IncidentKind::Encounter,
            IncidentKind::Loitering,
            IncidentKind::CloseApproach,
            IncidentKind::DarkVessel,
        ],
    ),
    (
        ClauseKind::ProtectedObjects,
        &[IncidentKind::PhysicalEvent, IncidentKind::ObjectDamaged],
    ),
    (ClauseKind::NoMinesOrWorks, &[IncidentKind::MinesOrWorks]),
    (
        ClauseKind::Access,
        &[IncidentKind::AccessDenied, IncidentKind::GnssInterference],
    ),
    (
        ClauseKind::HumanitarianPassage,
        &[IncidentKind::PassageRefused, IncidentKind::PhysicalEvent],
    ),
    (
        ClauseKind::NotifiedMovement,
        &[
            IncidentKind::Movement,
            IncidentKind::Presence,
            IncidentKind::Passage,
        ],
    ),
    (
        ClauseKind::CivilianProtection,
        &[IncidentKind::CivilianHarm, IncidentKind::PhysicalEvent],
    ),
];

/// True when incidents of a kind concern clauses of a kind.
#[must_use]
pub fn is_relevant(clause: ClauseKind, incident: IncidentKind) -> bool {
    RELEVANCE
        .iter()
        .any(|(kind, incidents)| *kind == clause && incidents.contains(&incident))
}
