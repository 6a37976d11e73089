//! Something that happened, with the belief in it and the reasons for that belief.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::identity::{Digest, IncidentId, ObservationId, Slug, TrackId};
use crate::place::Place;
use crate::time::Interval;

/// Version of the rules by which incidents are named; part of every incident's name.
pub const INCIDENT_RULE_VERSION: u32 = 1;

/// What kind of thing happened. Which clause it touches is decided by the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Fire, blast or shooting; its class says what caused it.
    PhysicalEvent,
    /// An object inside a zone.
    Presence,
    /// An object that crossed a line or a zone.
    Passage,
    /// A vessel outside the corridor it should keep to.
    CorridorDeviation,
    /// A vessel that stopped where it may not.
    UnauthorisedStop,
    /// A vessel that was obstructed: forced to stop or turn, or boarded; or a channel that is blocked.
    Obstruction,
    /// An object that fell silent where it should have been heard.
    SignalGap,
    /// A position that jumped or circled in a way no vessel moves.
    PositionAnomaly,
    /// Satellite navigation disturbed over an area.
    GnssInterference,
    /// A weapon seen where it may not be, or missing where it must be.
    WeaponSighting,
    /// Mines laid or works dug.
    MinesOrWorks,
    /// Monitors denied access, delayed, jammed or attacked.
    AccessDenied,
    /// Aid hindered.
    PassageRefused,
    /// Civilians harmed.
    CivilianHarm,
    /// A protected object damaged.
    ObjectDamaged,
    /// A movement of forces.
    Movement,
    /// A vessel whose statements about itself contradict each other.
    IdentityConflict,
    /// Two vessels that stayed close together at sea.
    Encounter,
    /// A vessel that stayed slow for long, far from any shore.
    Loitering,
    /// A warship, aircraft or drone within the bubble around a vessel; the vessel need not have been
    /// affected.
    CloseApproach,
    /// A vessel that radar follows and that sends no AIS where it would have been heard. It says
    /// nothing of why.
    DarkVessel,
    /// Warships whose declared transit or stay goes beyond what the regime of the straits allows.
    StraitsLimit,
}

/// What caused a physical event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventClass {
    /// Artillery, rocket artillery or mortar.
    Artillery,
    /// Strike by an uncrewed aircraft.
    DroneStrike,
    /// Small arms and light weapons.
    SmallArms,
    /// Fire on fields or in woods.
    FarmFire,
    /// Lasting heat of industry.
    IndustrialHeat,
    /// Blast in a quarry or mine.
    QuarryBlast,
    /// Thunder.
    Thunder,
    /// Anything else, noise included.
    Other,
}

impl EventClass {
    /// All classes, in order.
    pub const ALL: [Self; 8] = [
        Self::Artillery,
        Self::DroneStrike,
        Self::SmallArms,
        Self::FarmFire,
        Self::IndustrialHeat,
        Self::QuarryBlast,
        Self::Thunder,
        Self::Other,
    ];

    /// True for the use of weapons.
    #[must_use]
    pub fn uses_weapons(self) -> bool {
        matches!(self, Self::Artillery | Self::DroneStrike | Self::SmallArms)
    }
}

/// One line of an incident's explanation: what changed the belief, and by how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What the line is about, such as `prior` or `silence`.
    pub name: Slug,
    /// The line in words.
    pub text: String,
    /// Natural log-likelihood ratio it adds (the prior line: its log-odds).
    pub log_odds: f64,
    /// The observation it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<ObservationId>,
    /// The sensor it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<Slug>,
}

/// A distribution over the parties; what is left to 1 is undetermined.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// Probability per party. The sum is at most 1.
    pub parties: BTreeMap<Slug, f64>,
    /// The reasons, line by line: log-likelihood ratios of the named party against the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<(Slug, Term)>,
}

impl Attribution {
    /// Probability that no party can be named.
    #[must_use]
    pub fn undetermined(&self) -> f64 {
        (1.0 - self.parties.values().sum::<f64>()).max(0.0)
    }

    /// The party with the highest probability, when that reaches a threshold.
    #[must_use]
    pub fn side(&self, threshold: f64) -> Option<(&Slug, f64)> {
        let mut best = None;
        for (party, &p) in &self.parties {
            if best.is_none_or(|(_, most)| p > most) {
                best = Some((party, p));
            }
        }
        best.filter(|(_, p)| *p >= threshold)
    }
}

/// Something that happened, as known at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Its name; see [`Incident::name`].
    pub id: IncidentId,
    /// Counted from 1; nothing is overwritten.
    pub revision: u32,
    /// What kind.
    pub kind: IncidentKind,
    /// When it happened.
    pub occurred: Interval,
    /// Where it happened.
    pub place: Place,
    /// Probability that it is real and of its kind; for a physical event that weapons were used.
    pub probability: f64,
    /// For a physical event: probability per class; the sum is 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<EventClass, f64>,
    /// Who may have done it.
    pub attribution: Attribution,
    /// The observations it rests on, in order of time; the first founded it.
    pub evidence: Vec<ObservationId>,
    /// Why the probability is what it is. The terms' sum is its log-odds.
    pub explanation: Vec<Term>,
    /// The track it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<TrackId>,
    /// The zone it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Slug>,
    /// Facts the clauses may ask for: weapon class, count, object kind, notified movement.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Slug, String>,
    /// Set when later evidence showed that it is part of another incident, or nothing at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// Why an incident no longer stands by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// Its evidence now belongs to another incident.
    PartOf(IncidentId),
    /// Its evidence no longer supports it.
    Unsupported,
    /// Whoever reported it took that back.
    TakenBack,
}

impl Incident {
    /// The class by which a physical event is called: the most probable that uses weapons when
    /// weapons were more probably used than not, the most probable of the others when they were not.
    /// Of equals the first; none without classes.
    #[must_use]
    pub fn leading_class(&self) -> Option<EventClass> {
        let armed = |class: EventClass| class.uses_weapons();
        let of_weapons = self.classes.iter().filter(|(class, _)| armed(**class));
        let is_armed = of_weapons.map(|(_, p)| p).sum::<f64>() >= 0.5;
        let mut best: Option<(EventClass, f64)> = None;
        for (&class, &p) in &self.classes {
            if armed(class) == is_armed && best.is_none_or(|(_, most)| p > most) {
                best = Some((class, p));
            }
        }
        best.map(|(class, _)| class)
    }

    /// The name of the incident of a kind that an observation founded. `about` tells apart several
    /// incidents with the same founder, such as presences in two zones.
    #[must_use]
    pub fn name(kind: IncidentKind, founder: ObservationId, about: &str) -> IncidentId {
        IncidentId(Digest::of_parts(
            "truce incident",
            &[
                &INCIDENT_RULE_VERSION.to_be_bytes(),
                &[kind as u8],
                &founder.0.0,
                about.as_bytes(),
            ],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_called_by_a_weapon_when_weapons_were_rather_used() {
        use EventClass::{Artillery, FarmFire, Other, SmallArms};

        type Case = (&'static [(EventClass, f64)], Option<EventClass>);
        let cases: [Case; 5] = [
            (
                &[(Artillery, 0.3), (SmallArms, 0.3), (Other, 0.4)],
                Some(Artillery),
            ),
            (
                &[(Artillery, 0.45), (FarmFire, 0.3), (Other, 0.25)],
                Some(FarmFire),
            ),
            (&[(SmallArms, 0.9), (Other, 0.1)], Some(SmallArms)),
            (&[(FarmFire, 0.5), (Other, 0.5)], Some(FarmFire)),
            (&[], None),
        ];
        for (classes, expected) in cases {
            let incident = Incident {
                id: Incident::name(
                    IncidentKind::PhysicalEvent,
                    ObservationId(Digest([0; 32])),
                    "",
                ),
                revision: 1,
                kind: IncidentKind::PhysicalEvent,
                occurred: Interval::instant(crate::Timestamp::UNIX_EPOCH),
                place: Place {
                    position: crate::Position {
                        lat_deg: 48.0,
                        lon_deg: 37.0,
                    },
                    uncertainty: crate::place::Ellipse::circle(100.0),
                },
                probability: 0.5,
                classes: classes.iter().copied().collect(),
                attribution: Attribution::default(),
                evidence: Vec::new(),
                explanation: Vec::new(),
                track: None,
                zone: None,
                attributes: BTreeMap::new(),
                withdrawn: None,
            };
            assert_eq!(incident.leading_class(), expected, "{classes:?}");
        }
    }
}
