//! What the watches over shipping and over the mission's own equipment tell: incidents, each with its reasons line by line, revised when
//! more is known.

use std::collections::BTreeMap;

use truce_core::incident::Withdrawal;
use truce_core::{
    Attribution, Ellipse, Incident, IncidentId, IncidentKind, Interval, ObservationId, Place,
    Position, Slug, Term, TrackId, belief,
};

use crate::sea::plane::{instant, seconds};

/// An incident less probable than this is not worth telling.
const PROBABILITY_MIN: f64 = 0.5;
/// Incidents kept for revision; beyond it those that ended first are let go.
const KEPT_MAX: usize = 20_000;
/// Observations that an incident cites: the first, the last and some between.
pub(crate) const EVIDENCE_MAX: usize = 40;

/// A line of an explanation.
pub(crate) type Line = (&'static str, f64, String);

/// What is to be told.
pub(crate) struct Draft {
    pub(crate) kind: IncidentKind,
    /// The behaviour in one word; part of the incident's name.
    pub(crate) behaviour: &'static str,
    /// When it began and until when it is known to have lasted, seconds since 1970.
    pub(crate) during_s: (f64, f64),
    pub(crate) position: Position,
    /// Standard deviation of the position, metres.
    pub(crate) sigma_m: f64,
    pub(crate) track: Option<TrackId>,
    pub(crate) zone: Option<Slug>,
    /// The observations it rests on; the first founds it.
    pub(crate) evidence: Vec<ObservationId>,
    pub(crate) lines: Vec<Line>,
    pub(crate) attributes: Vec<(&'static str, String)>,
    /// True when it is over.
    pub(crate) ended: bool,
}

/// Incidents told so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    current: BTreeMap<IncidentId, Incident>,
    news: Vec<Incident>,
}

impl Told {
    /// Tells a draft when it is probable enough; the name it has then. What was told before and is
    /// no longer probable is withdrawn.
    pub(crate) fn tell(&mut self, draft: Draft) -> Option<IncidentId> {
        let incident = incident(draft)?;
        let id = incident.id;
        let known = self.current.get(&id);
        if incident.probability < PROBABILITY_MIN {
            self.withdraw(id);
            return None;
        }
        let revision = known.map_or(0, |known| known.revision);
        let same = known.is_some_and(|known| {
            *known
                == Incident {
                    revision,
                    ..incident.clone()
                }
        });
        if !same {
            let revision = revision + 1;
            let next = Incident {
                revision,
                ..incident
            };
            self.news.push(next.clone());
            self.current.insert(id, next);
        }
        self.forget();
        Some(id)
    }

    /// Takes back what was told.
    pub(crate) fn withdraw(&mut self, id: IncidentId) {
        let Some(told) = self.current.get_mut(&id) else {
            return;
        };
        if told.withdrawn.is_none() {
            told.revision += 1;
            told.withdrawn = Some(Withdrawal::Unsupported);
            self.news.push(told.clone());
        }
    }

    /// An incident as it was told last.
    pub(crate) fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.current.get(&id)
    }

    /// What was told since the last call, in order.
    pub(crate) fn take(&mut self) -> Vec<Incident> {
        std::mem::take(&mut self.news)
    }

    /// Incidents as they stand, by name.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Incident> {
        self.current
            .values()
            .filter(|told| told.withdrawn.is_none())
    }

    fn forget(&mut self) {
        if self.current.len() <= KEPT_MAX {
            return;
        }
        let mut ends: Vec<_> = self
            .current
            .values()
            .map(|told| told.occurred.end)
            .collect();
        let (_, limit, _) = ends.select_nth_unstable(KEPT_MAX / 4);
        let limit = *limit;
        self.current.retain(|_, told| told.occurred.end > limit);
    }
}

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("names in this room are slugs")
}

fn incident(draft: Draft) -> Option<Incident> {
    let founder = *draft.evidence.first()?;
    let (start_s, end_s) = draft.during_s;
    let term = |(name, log_odds, text): Line| Term {
        name: slug(name),
        text,
        log_odds,
        observation: None,
        sensor: None,
    };
    let log_odds: f64 = draft.lines.iter().map(|(_, log_odds, _)| log_odds).sum();
    let mut attributes: BTreeMap<Slug, String> = draft
        .attributes
        .into_iter()
        .map(|(name, value)| (slug(name), value))
        .collect();
    attributes.insert(slug("behaviour"), draft.behaviour.to_owned());
    attributes.insert(slug("duration_s"), format!("{:.0}", end_s - start_s));
    if draft.ended {
        attributes.insert(slug("ended"), instant(end_s).to_string());
    }
    Some(Incident {
        id: Incident::name(draft.kind, founder, draft.behaviour),
        revision: 0,
        kind: draft.kind,
        occurred: Interval::between(instant(start_s), instant(end_s)),
        place: Place {
            position: draft.position,
            uncertainty: Ellipse::circle(draft.sigma_m.max(1.0)),
        },
        probability: belief::probability(log_odds),
        classes: BTreeMap::new(),
        attribution: Attribution::default(),
        evidence: spread(draft.evidence),
        explanation: draft.lines.into_iter().map(term).collect(),
        track: draft.track,
        zone: draft.zone,
        attributes,
        withdrawn: None,
    })
}

/// At most [`EVIDENCE_MAX`] of the observations, evenly spread, the first and the last among them.
fn spread(mut all: Vec<ObservationId>) -> Vec<ObservationId> {
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|observation| seen.insert(*observation));
    let n = all.len();
    if n <= EVIDENCE_MAX {
        return all;
    }
    let pick = |k: usize| all[k * (n - 1) / (EVIDENCE_MAX - 1)];
    (0..EVIDENCE_MAX).map(pick).collect()
}

/// When an incident ended or was last known to last, seconds since 1970.
pub(crate) fn end_s(incident: &Incident) -> f64 {
    seconds(incident.occurred.end)
}
