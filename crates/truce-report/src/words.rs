//! The words for kinds, classes, states and verdicts: neutral, and the same everywhere.

use truce_core::mission::{Mission, SensorKind};
use truce_core::observation::Health;
use truce_core::{EventClass, Incident, IncidentKind, Slug, Stance, Status};

pub(crate) fn kind(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::PhysicalEvent => "Physical event",
        IncidentKind::Presence => "Presence in a zone",
        IncidentKind::Passage => "Crossing of a line",
        IncidentKind::CorridorDeviation => "Deviation from a corridor",
        IncidentKind::UnauthorisedStop => "Stop where none is allowed",
        IncidentKind::Obstruction => "Obstruction of a vessel",
        IncidentKind::SignalGap => "Gap in signals",
        IncidentKind::PositionAnomaly => "Implausible position reports",
        IncidentKind::GnssInterference => "Satellite navigation disturbed",
        IncidentKind::WeaponSighting => "Weapon seen or missing",
        IncidentKind::MinesOrWorks => "Mines or works",
        IncidentKind::AccessDenied => "Monitors hindered",
        IncidentKind::PassageRefused => "Aid hindered",
        IncidentKind::CivilianHarm => "Civilians harmed",
        IncidentKind::ObjectDamaged => "Protected object damaged",
        IncidentKind::Movement => "Movement of forces",
        IncidentKind::IdentityConflict => "Contradictory identity",
        IncidentKind::Encounter => "Meeting of two vessels",
        IncidentKind::Loitering => "Loitering",
    }
}

pub(crate) fn class(class: EventClass) -> &'static str {
    match class {
        EventClass::Artillery => "Artillery, rockets or mortar",
        EventClass::DroneStrike => "Strike by uncrewed aircraft",
        EventClass::SmallArms => "Small arms",
        EventClass::FarmFire => "Fire on fields or in woods",
        EventClass::IndustrialHeat => "Industrial heat",
        EventClass::QuarryBlast => "Quarry blast",
        EventClass::Thunder => "Thunder",
        EventClass::Other => "Other",
    }
}

/// The most probable class of a physical event; of equals the first.
pub(crate) fn leading_class(incident: &Incident) -> Option<EventClass> {
    let mut best: Option<(EventClass, f64)> = None;
    for (&class, &p) in &incident.classes {
        if best.is_none_or(|(_, most)| p > most) {
            best = Some((class, p));
        }
    }
    best.map(|(class, _)| class)
}

/// What happened, in a few words.
pub(crate) fn what(incident: &Incident) -> &'static str {
    match (incident.kind, leading_class(incident)) {
        (IncidentKind::PhysicalEvent, Some(found)) => class(found),
        _ => kind(incident.kind),
    }
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Reported => "reported",
        Status::UnderVerification => "under verification",
        Status::Corroborated => "corroborated",
        Status::Verified => "verified",
        Status::Attributed => "attributed",
        Status::Closed => "closed",
        Status::Unverifiable => "unverifiable",
        Status::NotAViolation => "not a violation",
        Status::Retracted => "retracted",
    }
}

pub(crate) fn stance(stance: Stance) -> &'static str {
    match stance {
        Stance::Accepts => "accepts",
        Stance::Disputes => "disputes",
        Stance::Explains => "explains",
    }
}

pub(crate) fn health(health: Health) -> &'static str {
    match health {
        Health::Working => "working",
        Health::Degraded => "degraded",
        Health::Jammed => "disturbed from outside",
        Health::Off => "off",
    }
}

fn sensor(kind: SensorKind) -> &'static str {
    match kind {
        SensorKind::ThermalImager => "thermal satellite",
        SensorKind::ImagingRadar => "radar satellite",
        SensorKind::OpticalImager => "optical satellite",
        SensorKind::AcousticArray => "acoustic array",
        SensorKind::SeismicStation => "seismic station",
        SensorKind::Camera => "camera",
        SensorKind::UavDetector => "drone detector",
        SensorKind::UavPayload => "mission drone",
        SensorKind::AisReceiver => "AIS",
        SensorKind::AdsbReceiver => "ADS-B",
        SensorKind::SeaRadar => "sea radar",
        SensorKind::Patrol => "patrol or post",
        SensorKind::Context => "context data",
    }
}

/// The means by which an incident was observed: the kinds of sensors whose observations stand in
/// its explanation.
pub(crate) fn means(mission: &Mission, incident: &Incident) -> String {
    let observing = incident
        .explanation
        .iter()
        .filter(|term| term.observation.is_some())
        .filter_map(|term| term.sensor.as_ref());
    let mut kinds: Vec<SensorKind> = observing
        .filter_map(|id| mission.network.sensor(id).map(|sensor| sensor.kind))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let words: Vec<&str> = kinds.into_iter().map(sensor).collect();
    words.join(", ")
}

/// An actor's name for people, or its slug.
pub(crate) fn actor<'a>(mission: &'a Mission, id: &'a Slug) -> &'a str {
    let found = mission.actors.iter().find(|actor| actor.id == *id);
    found.map_or(id.as_str(), |actor| &actor.name)
}

/// A feed's name for people, or its slug.
pub(crate) fn feed<'a>(mission: &'a Mission, id: &'a Slug) -> &'a str {
    let found = mission.network.feed(id);
    found.map_or(id.as_str(), |feed| &feed.name)
}

/// A sector's name for people.
pub(crate) fn sector<'a>(mission: &'a Mission, id: Option<&'a Slug>) -> &'a str {
    let Some(id) = id else {
        return "outside the sectors";
    };
    let found = mission.sectors.iter().find(|sector| sector.id == *id);
    found.map_or(id.as_str(), |sector| &sector.name)
}
