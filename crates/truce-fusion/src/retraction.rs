//! Reports that their senders took back: what they said counts no more, whichever came first, the
//! report or its retraction. A report is named by the feed that it came by and the sender's own name,
//! so that nobody takes back what came by another's feed.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::observation::Reading;
use truce_core::{Observation, ObservationId, Retraction, Slug, Timestamp};

/// Reports that retractions may name before they come: as many as observations are kept.
const REPORTS_MAX: usize = 1_000_000;

/// A feed, and the name of a report that came by it.
type Report = (Slug, Slug);

/// The retraction of a report; of several the first by time and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TakenBack {
    at: Timestamp,
    /// The observation that says so.
    pub(crate) by: ObservationId,
    /// Another report takes its place.
    pub(crate) corrected: bool,
}

/// All reports that may be taken back, and what was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Retractions {
    observations: BTreeMap<Report, BTreeSet<ObservationId>>,
    taken_back: BTreeMap<Report, TakenBack>,
}

impl Retractions {
    /// How a new observation stands: `Some` when its report was taken back before it came.
    pub(crate) fn standing(&mut self, observation: &Observation) -> Option<TakenBack> {
        let Reading::Claim(claim) = &observation.reading else {
            return None;
        };
        let report = (observation.source.clone(), claim.report.clone()?);
        let taken_back = self.taken_back.get(&report).copied();
        let known = self.observations.entry(report).or_default();
        known.insert(observation.id);
        taken_back
    }

    /// Takes note of a retraction; gives the observations that it takes back, and how.
    pub(crate) fn learn(
        &mut self,
        observation: &Observation,
        retraction: &Retraction,
    ) -> Vec<(ObservationId, TakenBack)> {
        let new = TakenBack {
            at: observation.observed_at.start,
            by: observation.id,
            corrected: retraction.corrected,
        };
        let mut changed = Vec::new();
        for name in &retraction.reports {
            let report = (observation.source.clone(), name.clone());
            let known = self.taken_back.get(&report);
            let full = known.is_none() && self.taken_back.len() >= REPORTS_MAX;
            if full || known.is_some_and(|known| *known <= new) {
                continue;
            }
            let said = self.observations.get(&report).into_iter().flatten();
            changed.extend(said.map(|id| (*id, new)));
            self.taken_back.insert(report, new);
        }
        changed
    }
}
