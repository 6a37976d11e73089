//! The words for kinds, classes, states and verdicts: neutral, and the same everywhere.

use truce_core::belief::likelihood_words;
use truce_core::finding::{ClockState, Column};
use truce_core::mission::{Mission, SensorKind};
use truce_core::observation::Health;
use truce_core::{EventClass, Finding, Incident, IncidentKind, Slug, Stance, Status, Verdict};

use crate::account::{Basis, Reported, Silence};
use crate::language::Language;

impl Language {
    pub(crate) fn kind(self, kind: IncidentKind) -> &'static str {
        self.t(match kind {
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
            IncidentKind::CloseApproach => "Close approach to a vessel",
            IncidentKind::DarkVessel => "Vessel seen by radar without AIS",
            IncidentKind::StraitsLimit => "Limit of the straits' regime exceeded",
        })
    }

    pub(crate) fn class(self, class: EventClass) -> &'static str {
        self.t(match class {
            EventClass::Artillery => "Artillery, rockets or mortar",
            EventClass::DroneStrike => "Strike by uncrewed aircraft",
            EventClass::SmallArms => "Small arms",
            EventClass::FarmFire => "Fire on fields or in woods",
            EventClass::IndustrialHeat => "Industrial heat",
            EventClass::QuarryBlast => "Quarry blast",
            EventClass::Thunder => "Thunder",
            EventClass::Other => "Other",
        })
    }

    /// What happened, in a few words.
    pub(crate) fn what(self, incident: &Incident) -> &'static str {
        match (incident.kind, incident.leading_class()) {
            (IncidentKind::PhysicalEvent, Some(found)) => self.class(found),
            _ => self.kind(incident.kind),
        }
    }

    pub(crate) fn status(self, status: Status) -> &'static str {
        self.t(status.words())
    }

    pub(crate) fn verdict(self, verdict: Verdict) -> &'static str {
        self.t(match verdict {
            Verdict::Breach => "Breach",
            Verdict::Compliant => "No breach",
            Verdict::Undetermined => "Undetermined",
        })
    }

    pub(crate) fn stance(self, stance: Stance) -> &'static str {
        self.t(match stance {
            Stance::Accepts => "accepts",
            Stance::Disputes => "disputes",
            Stance::Explains => "explains",
        })
    }

    pub(crate) fn health(self, health: Health) -> &'static str {
        self.t(match health {
            Health::Working => "working",
            Health::Degraded => "degraded",
            Health::Jammed => "disturbed from outside",
            Health::Off => "off",
        })
    }

    pub(crate) fn clock_state(self, state: ClockState) -> &'static str {
        self.t(match state {
            ClockState::Running => "running",
            ClockState::DueSoon => "due soon",
            ClockState::Lapsed => "lapsed",
            ClockState::Met => "met in time",
            ClockState::MetLate => "met late",
        })
    }

    pub(crate) fn silence(self, silence: Silence) -> &'static str {
        self.t(match silence {
            Silence::Broken => "events were told of",
            Silence::Quiet => "quiet",
            Silence::NotObservable => "not observable",
        })
    }

    pub(crate) fn column(self, column: Column) -> &'static str {
        self.t(match column {
            Column::Event => "Events",
            Column::Trajectory => "Projectiles in flight",
            Column::Exercise => "Assessed as exercises",
        })
    }

    pub(crate) fn sensor(self, kind: SensorKind) -> &'static str {
        self.t(match kind {
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
        })
    }

    /// The word for a probability, and the probability.
    pub(crate) fn likelihood(self, p: f64) -> String {
        let word = self.t(likelihood_words(p));
        // Rounding must not turn a belief into certainty.
        match p {
            p if p > 0.99 => format!("{word} (> 0.99)"),
            p if p < 0.01 => format!("{word} (< 0.01)"),
            p => format!("{word} ({p:.2})"),
        }
    }

    /// Where a finding stands, whom it names and who disputes it.
    pub(crate) fn standing(self, mission: &Mission, finding: Option<&Finding>) -> String {
        let status = finding.map(|finding| finding.status).unwrap_or_default();
        let mut words = self.status(status).to_owned();
        let Some(finding) = finding else {
            return words;
        };
        if let Some(party) = &finding.attributed_to {
            words = self.fill("{}; attributed to {}", &[&words, &actor(mission, party)]);
        }
        if !finding.disputed_by.is_empty() {
            let parties = finding.disputed_by.iter();
            let parties: Vec<&str> = parties.map(|party| actor(mission, party)).collect();
            words = self.fill("{}; disputed by {}", &[&words, &parties.join(", ")]);
        }
        words
    }
}

/// True for the use of weapons, by the class that it is called by.
pub(crate) fn is_armed(incident: &Incident) -> bool {
    incident.kind == IncidentKind::PhysicalEvent
        && incident
            .leading_class()
            .is_some_and(EventClass::uses_weapons)
}

/// The sensors whose observations stand in the explanation, each once, in order.
fn observing(incident: &Incident) -> Vec<&Slug> {
    let terms = incident.explanation.iter();
    let observing = terms.filter(|term| term.observation.is_some());
    let mut sensors: Vec<&Slug> = observing.filter_map(|term| term.sensor.as_ref()).collect();
    sensors.sort_unstable();
    sensors.dedup();
    sensors
}

/// Observers named in one cell; of more, the number is told.
const OBSERVERS_NAMED_MAX: usize = 3;

/// Who observed it: posts by their names, other sensors by theirs.
pub(crate) fn observers(basis: &Basis, incident: &Incident) -> String {
    let network = &basis.mission.network;
    let mut names: Vec<&str> = Vec::new();
    for id in observing(incident) {
        let post = network.sensor(id).and_then(|sensor| sensor.post.as_ref());
        let post = post.and_then(|post| network.posts.iter().find(|known| known.id == *post));
        let name = post.map_or(id.as_str(), |post| post.name.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(OBSERVERS_NAMED_MAX);
    names.truncate(OBSERVERS_NAMED_MAX);
    let named = names.join(", ");
    if more == 0 {
        return named;
    }
    basis.language.fill("{} and {} more", &[&named, &more])
}

/// The means by which an incident was observed: the kinds of sensors whose observations stand in
/// its explanation.
pub(crate) fn means(basis: &Basis, incident: &Incident) -> String {
    let network = &basis.mission.network;
    let mut kinds: Vec<SensorKind> = observing(incident)
        .into_iter()
        .filter_map(|id| network.sensor(id).map(|sensor| sensor.kind))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let words: Vec<&str> = kinds
        .into_iter()
        .map(|kind| basis.language.sensor(kind))
        .collect();
    words.join(", ")
}

/// A fact that an incident carries.
pub(crate) fn attribute<'a>(incident: &'a Incident, name: &str) -> Option<&'a str> {
    let found = incident
        .attributes
        .iter()
        .find(|(key, _)| key.as_str() == name);
    found.map(|(_, value)| value.as_str())
}

/// The weapon, as the agreement or the observer names it.
pub(crate) fn weapon(incident: &Incident) -> String {
    attribute(incident, "weapon").map_or(String::new(), |weapon| weapon.replace(['-', '_'], " "))
}

/// What else is known of an incident, beside its weapon and number.
pub(crate) fn description(basis: &Basis, reported: &Reported) -> String {
    let l = basis.language;
    let mut parts = Vec::new();
    for (key, value) in &reported.incident.attributes {
        let part = match (key.as_str(), value.as_str()) {
            ("weapon" | "count", _) => continue,
            ("exercise", "true") => l.t("assessed as an exercise").to_owned(),
            ("trajectory", "true") => l.t("seen or heard in flight").to_owned(),
            ("missing", "true") => l.t("missing from storage").to_owned(),
            ("object", word) => l.fill("object: {}", &[&word]),
            ("actor", id) => {
                let known = basis.mission.actors.iter().find(|a| a.id.as_str() == id);
                l.fill("of {}", &[&known.map_or(id, |actor| actor.name.as_str())])
            }
            ("identity" | "vessel" | "serial", word) => word.to_owned(),
            ("duration_s", seconds) => match seconds.parse::<f64>() {
                Ok(seconds) => l.fill("for {} min", &[&format!("{:.0}", seconds / 60.0)]),
                Err(_) => continue,
            },
            ("ended", _) => continue,
            (key, value) => format!("{}: {value}", key.replace('_', " ")),
        };
        parts.push(part);
    }
    if reported.counted_with.is_some() {
        parts.push(l.t("the same event as another").to_owned());
    }
    parts.join("; ")
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

/// A zone's name for people, or its slug.
pub(crate) fn zone<'a>(mission: &'a Mission, id: &'a Slug) -> &'a str {
    mission.zone(id).map_or(id.as_str(), |zone| &zone.name)
}

/// A sector's name for people.
pub(crate) fn sector<'a>(basis: &'a Basis, id: Option<&'a Slug>) -> &'a str {
    let Some(id) = id else {
        return basis.language.t("outside the sectors");
    };
    let found = basis.mission.sectors.iter().find(|sector| sector.id == *id);
    found.map_or(id.as_str(), |sector| &sector.name)
}

/// The finding's number, or the first digits of the incident's name.
pub(crate) fn number(reported: &Reported) -> String {
    match &reported.finding {
        Some(finding) => finding.serial.to_string(),
        None => reported.incident.id.0.short(),
    }
}

/// Mahalanobis distance of the contour that holds 90 % of a Gaussian in the plane: √(−2 ln 0.1).
pub(crate) const NINETY_PERCENT: f64 = 2.146;
