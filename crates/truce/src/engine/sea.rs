//! The engine's hook to the watches over zones, over shipping and over the mission's own equipment:
//! their incidents go the way of all others.

use std::collections::BTreeSet;

use serde::Serialize;
use truce_accord::Agreement;
use truce_accord::straits::Counters;
use truce_core::mission::Mission;
use truce_core::{ClauseKind, Incident, Slug};
use truce_fusion::sea::Summary;

use super::{Engine, Sea};

/// The watch over a mission's shipping. What a clause on a corridor asks for, the watch over zones
/// tells.
pub(super) fn watch_over_shipping(mission: &Mission, agreement: &Agreement) -> Sea {
    let clauses = agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses);
    let corridors = clauses.filter(|clause| clause.kind == ClauseKind::Corridor);
    let texts = corridors.flat_map(|clause| {
        let others = clause.text_of.iter().map(|text| &text.terms);
        std::iter::once(&clause.terms).chain(others)
    });
    let zones: BTreeSet<Slug> = texts
        .flat_map(|terms| terms.zones.iter().cloned())
        .collect();
    let mut sea = Sea::new(mission);
    sea.leave_to_agreement(&zones);
    sea
}

/// The state of shipping, with what is declared to pass the straits.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shipping {
    /// The state of shipping.
    #[serde(flatten)]
    pub sea: Summary,
    /// Tons and stays of warships; `None` when the mission names no straits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub straits: Option<Counters>,
}

impl Engine {
    /// The state of shipping as of the newest reading that was judged.
    #[must_use]
    pub fn shipping(&self) -> Shipping {
        Shipping {
            sea: self.sea.summary(),
            straits: self.straits(),
        }
    }

    /// What the watches tell: over zones, over shipping, and over the mission's own equipment. What
    /// the watch over shipping tells goes first through the watch over zones, so that a vessel that
    /// was forced to stop is told once.
    pub(super) fn settle_watches(&mut self) -> Vec<Incident> {
        let shipping = self.sea.changes();
        shipping
            .iter()
            .for_each(|told| self.watch.take_graver(told));
        let mut all = self.watch.changes();
        all.extend(shipping);
        all.extend(self.own.changes());
        all
    }
}
