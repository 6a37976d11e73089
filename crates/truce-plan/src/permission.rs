//! What the law permits: layer by territory by legal basis, and the steps that are missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use truce_core::{Slug, Timestamp};

use crate::coalition::Capability;
use crate::council::Tally;
use crate::mandate::{LegalBasis, Mandate, Permit, Territory};
use crate::truth::Truth;

/// Whether a basis permits a layer in a territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The layer of the mission.
    pub layer: Slug,
    /// The territory.
    pub territory: Slug,
    /// The legal basis.
    pub basis: Slug,
    /// Whether it permits it.
    pub state: Truth,
    /// Capabilities to which it is limited; empty: none.
    pub only: Vec<Capability>,
    /// What is missing; empty when it permits it.
    pub missing: Vec<Step>,
}

/// Something that would have to happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A vote is to be held.
    HoldVote {
        /// The draft.
        vote: Slug,
    },
    /// A vote found too few in favour.
    WinVotes {
        /// The draft.
        vote: Slug,
        /// Votes in favour that are missing.
        missing: usize,
    },
    /// A permanent member stopped a draft.
    LiftVeto {
        /// The draft.
        vote: Slug,
        /// The members.
        by: Vec<Slug>,
    },
    /// A condition does not hold or is unknown.
    Fulfil {
        /// The condition.
        condition: Slug,
    },
    /// The basis has expired.
    Renew,
    /// The basis does not cover the layer in this territory, and no step changes that.
    OutOfReach,
}

/// A vote's outcome: unknown until it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteOutcome {
    /// The draft.
    pub vote: Slug,
    /// False when the ballots are only what the file expects.
    pub held: bool,
    /// Counted by the text of Article 27(3).
    pub by_text: Tally,
    /// Counted as the Council does in practice.
    pub in_practice: Tally,
    /// The outcome by the reading that was asked for.
    pub adopted: Truth,
}

/// Everything that permissions depend on besides the mandate itself.
pub(crate) struct World<'a> {
    pub(crate) states: &'a BTreeMap<Slug, Truth>,
    pub(crate) outcomes: &'a [VoteOutcome],
    pub(crate) at: Option<Timestamp>,
}

/// All layers in all of their territories under all bases.
pub(crate) fn permissions(mandate: &Mandate, world: &World<'_>) -> Vec<Permission> {
    let mut all = Vec::new();
    for layer in &mandate.layers {
        for id in &layer.territories {
            let found = mandate.territories.iter().find(|t| t.id == *id);
            let Some(territory) = found else { continue };
            for basis in &mandate.bases {
                all.push(permission(basis, &layer.id, territory, world));
            }
        }
    }
    all
}

impl Permission {
    /// True when it speaks of a capability.
    #[must_use]
    pub fn concerns(&self, capability: Capability) -> bool {
        self.only.is_empty() || self.only.contains(&capability)
    }
}

fn permission(
    basis: &LegalBasis,
    layer: &Slug,
    territory: &Territory,
    world: &World<'_>,
) -> Permission {
    let only = capabilities(basis, layer, territory);
    let answer = |state, missing| Permission {
        layer: layer.clone(),
        territory: territory.id.clone(),
        basis: basis.id.clone(),
        only: only.clone().unwrap_or_default(),
        state,
        missing,
    };
    if only.is_none() {
        return answer(Truth::False, vec![Step::OutOfReach]);
    }
    let mut state = Truth::True;
    let mut missing = Vec::new();
    if let Some(vote) = &basis.vote {
        let outcome = world.outcomes.iter().find(|o| o.vote == *vote);
        state = state.and(outcome.map_or(Truth::Unknown, |outcome| outcome.adopted));
        missing.extend(outcome.map_or_else(Vec::new, vote_steps));
    }
    state = state.and(basis.needs.value(world.states));
    let fulfil = |condition| Step::Fulfil { condition };
    missing.extend(
        basis
            .needs
            .waiting_for(world.states)
            .into_iter()
            .map(fulfil),
    );
    if basis.kind.needs_consent() {
        for consent in &territory.consents {
            let given = world.states.get(consent).copied().unwrap_or_default();
            state = state.and(given);
            if given != Truth::True {
                missing.push(fulfil(consent.clone()));
            }
        }
    }
    let over = |expires: Timestamp| world.at.is_some_and(|at| at >= expires);
    if basis.expires.is_some_and(over) {
        state = Truth::False;
        missing.push(Step::Renew);
    }
    missing.sort();
    missing.dedup();
    answer(state, missing)
}

/// The capabilities that a basis permits to a layer in a territory, empty when it sets no limit;
/// `None` when it does not speak of it or may not. An invitation and a request for help reach only
/// what the one who gives them holds, and where nobody has to consent.
pub(crate) fn capabilities(
    basis: &LegalBasis,
    layer: &Slug,
    territory: &Territory,
) -> Option<Vec<Capability>> {
    let nobodys = territory.held_by.is_none() && territory.consents.is_empty();
    let own = territory.held_by.is_some() && territory.held_by == basis.given_by;
    if basis.kind.ends_at_the_line() && !own && !nobodys {
        return None;
    }
    let speaks = |permit: &&Permit| {
        permit.layers.contains(layer) && permit.territories.contains(&territory.id)
    };
    let permits: Vec<&Permit> = basis.permits.iter().filter(speaks).collect();
    if permits.is_empty() {
        return None;
    }
    if permits.iter().any(|permit| permit.capabilities.is_empty()) {
        return Some(Vec::new());
    }
    let named = permits.iter().flat_map(|permit| permit.capabilities.iter());
    let named: BTreeSet<Capability> = named.copied().collect();
    Some(named.into_iter().collect())
}

fn vote_steps(outcome: &VoteOutcome) -> Vec<Step> {
    let vote = outcome.vote.clone();
    if outcome.adopted == Truth::True {
        return Vec::new();
    }
    let tally = &outcome.in_practice;
    let mut steps = Vec::new();
    if !outcome.held {
        steps.push(Step::HoldVote { vote: vote.clone() });
    }
    let lacking = crate::council::VOTES_NEEDED.saturating_sub(tally.yes);
    if lacking > 0 {
        steps.push(Step::WinVotes {
            vote: vote.clone(),
            missing: lacking,
        });
    }
    if !tally.vetoed_by.is_empty() {
        let by = tally.vetoed_by.clone();
        steps.push(Step::LiftVeto { vote, by });
    }
    steps
}
