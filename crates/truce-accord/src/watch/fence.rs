//! Which zones are watched, for what and when: compiled once from the agreement.

use std::collections::BTreeMap;

use truce_core::{IncidentKind, ObjectIdentity, ObjectKind, Slug, Timestamp, Track};

use super::bubble::INTRUDERS;
use crate::agreement::{
    Agreement, Clause, Clear, Corridor, Exempt, Hindrance, Period, Rule, Terms, Thresholds,
};
use crate::assess::identity_words;

/// What a fence raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Being inside an area, or crossing an area or a line.
    Presence,
    /// Leaving a corridor.
    Deviation,
    /// Stopping in a corridor.
    Stop,
    /// Coming too near to a vessel in a corridor.
    Bubble,
}

impl Effect {
    /// The kind of incident of a stay.
    pub(super) fn kind(self) -> IncidentKind {
        match self {
            Self::Presence => IncidentKind::Presence,
            Self::Deviation => IncidentKind::CorridorDeviation,
            Self::Stop => IncidentKind::UnauthorisedStop,
            Self::Bubble => IncidentKind::CloseApproach,
        }
    }
}

/// A zone watched for one effect, by every clause that asks for it.
#[derive(Debug, Clone)]
pub(super) struct Fence {
    pub(super) zone: Slug,
    pub(super) effect: Effect,
    pub(super) guards: Vec<Guard>,
}

/// One clause's part in a fence, in one version and phase.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    from: Timestamp,
    until: Option<Timestamp>,
    objects: Vec<ObjectKind>,
    exempt: Exempt,
    pub(super) thresholds: Thresholds,
    /// For deviation: how far out. For a stop: the speed, metres per second. For a bubble: its radius,
    /// metres.
    pub(super) limit: f64,
    /// How long it must last to be raised at all, seconds.
    pub(super) confirm_s: f64,
    /// Where a vessel may leave the corridor for and stop.
    pub(super) ends: Vec<Slug>,
    /// Corridors into which it may go on.
    pub(super) others: Vec<Slug>,
}

/// What a fence must know of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Who {
    pub(super) kind: ObjectKind,
    pub(super) actor: Option<Slug>,
    /// Its identity as agreements write it.
    pub(super) identity: Option<String>,
    /// The same as the track has it.
    shown: Option<ObjectIdentity>,
}

impl Who {
    pub(super) fn of(track: &Track) -> Self {
        Self {
            kind: track.kind,
            actor: track.actor.clone(),
            identity: track.identity.as_ref().and_then(identity_words),
            shown: track.identity.clone(),
        }
    }

    /// True when a track says the same.
    pub(super) fn is_of(&self, track: &Track) -> bool {
        self.kind == track.kind && self.actor == track.actor && self.shown == track.identity
    }
}

impl Guard {
    /// Areas outside the corridor in which a vessel is where it may be.
    pub(super) fn allowed(&self) -> impl Iterator<Item = &Slug> {
        self.ends.iter().chain(&self.others)
    }

    fn watches(&self, who: &Who, at: Timestamp) -> bool {
        let exempt = &self.exempt;
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.objects.contains(&who.kind)
            && !exempt.objects.contains(&who.kind)
            && who
                .actor
                .as_ref()
                .is_none_or(|actor| !exempt.actors.contains(actor))
            && who
                .identity
                .as_ref()
                .is_none_or(|id| !exempt.identities.contains(id))
    }
}

impl Fence {
    /// The first guard, in the order of the agreement, that watches an object at an instant.
    pub(super) fn guard(&self, who: &Who, at: Timestamp) -> Option<&Guard> {
        self.guards.iter().find(|guard| guard.watches(who, at))
    }
}

/// All fences of an agreement, by zone and effect.
pub(super) fn fences(agreement: &Agreement) -> Vec<Fence> {
    let mut guards: BTreeMap<(Slug, Effect), Vec<Guard>> = BTreeMap::new();
    for version in &agreement.versions {
        let ends = agreement.ends_at(version);
        for (_, terms) in version.clauses.iter().flat_map(Clause::texts) {
            for (zone, effect, guard) in watched(terms) {
                let from = guard.from.max(version.effective_from);
                let until = match (guard.until, ends) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                let guard = Guard {
                    from,
                    until,
                    ..guard
                };
                guards.entry((zone, effect)).or_default().push(guard);
            }
        }
    }
    guards
        .into_iter()
        .map(|((zone, effect), guards)| Fence {
            zone,
            effect,
            guards,
        })
        .collect()
}

fn guard(terms: &Terms, period: &Period<'_>, objects: &[ObjectKind]) -> Guard {
    Guard {
        from: period.from.unwrap_or(Timestamp::MIN),
        until: period.until,
        objects: objects.to_vec(),
        exempt: terms.exempt.clone(),
        thresholds: terms.thresholds,
        limit: 0.0,
        confirm_s: 0.0,
        ends: Vec::new(),
        others: Vec::new(),
    }
}

fn watched(terms: &Terms) -> Vec<(Slug, Effect, Guard)> {
    let mut found = Vec::new();
    for period in terms.periods() {
        match &terms.rule {
            Rule::NoPresence(subject) | Rule::Airspace(subject) => {
                let guard = guard(terms, &period, &subject.objects);
                let zones = period.zones.iter().cloned();
                found.extend(zones.map(|zone| (zone, Effect::Presence, guard.clone())));
            }
            // Where a single object needs a notice, its presence is worth an incident.
            Rule::NotifiedMovement {
                subject,
                count_min: 1,
                ..
            } => {
                let guard = guard(terms, &period, &subject.objects);
                let zones = period.zones.iter().cloned();
                found.extend(zones.map(|zone| (zone, Effect::Presence, guard.clone())));
            }
            Rule::Withdrawal { withdraw } => {
                for row in withdraw {
                    let Clear::Zone(zone) = &row.place else {
                        continue;
                    };
                    let whole = guard(terms, &period, &[ObjectKind::Weapon]);
                    let guard = Guard {
                        from: row.by.map_or(whole.from, |by| by.max(whole.from)),
                        until: match (row.until, whole.until) {
                            (Some(a), Some(b)) => Some(a.min(b)),
                            (a, b) => a.or(b),
                        },
                        ..whole
                    };
                    found.push((zone.clone(), Effect::Presence, guard));
                }
            }
            Rule::Corridor(corridor) => corridor_guards(corridor, terms, &period, &mut found),
            _ => {}
        }
    }
    found
}

fn corridor_guards(
    corridor: &Corridor,
    terms: &Terms,
    period: &Period<'_>,
    found: &mut Vec<(Slug, Effect, Guard)>,
) {
    let base = guard(terms, period, &[ObjectKind::Vessel]);
    for zone in period.zones {
        if corridor.forbids.contains(&Hindrance::Deviation) {
            // From one part of a corridor into the next is no deviation.
            let others = period.zones.iter().filter(|other| *other != zone);
            let guard = Guard {
                limit: corridor.deviation_m,
                ends: corridor.ends.clone(),
                others: others.cloned().collect(),
                ..base.clone()
            };
            found.push((zone.clone(), Effect::Deviation, guard));
        }
        if corridor.forbids.contains(&Hindrance::Stop) {
            let guard = Guard {
                limit: corridor.stop_speed_m_s,
                confirm_s: corridor.stop_s,
                ends: corridor.ends.clone(),
                ..base.clone()
            };
            found.push((zone.clone(), Effect::Stop, guard));
        }
        if corridor.forbids.contains(&Hindrance::Bubble) {
            let guard = Guard {
                objects: INTRUDERS.to_vec(),
                limit: corridor.bubble_m,
                ..base.clone()
            };
            found.push((zone.clone(), Effect::Bubble, guard));
        }
    }
}
