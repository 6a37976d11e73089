//! Political worlds: how votes come out, which conditions hold, and which worlds exclude each other.

use std::collections::BTreeMap;

use truce_core::Slug;

use crate::assess::Assumptions;
use crate::coalition::{Coalition, Exclusion};
use crate::council::{Proviso, count};
use crate::mandate::{Mandate, Vote};
use crate::permission::VoteOutcome;
use crate::truth::Truth;

/// Most political worlds that are told apart; 12 exclusions between pairs give 4,096.
pub const WORLDS_MAX: usize = 4_096;

pub(crate) fn outcome(mandate: &Mandate, vote: &Vote, assumptions: &Assumptions) -> VoteOutcome {
    let assumed = assumptions.ballots.get(&vote.id);
    let mut ballots = vote.ballots.clone();
    ballots.extend(assumed.into_iter().flatten().map(|(m, b)| (m.clone(), *b)));
    let members = mandate
        .council_of(vote)
        .map_or(&[][..], |council| &council.members);
    let tally = |proviso| {
        count(
            members,
            &ballots,
            vote.matter,
            &vote.parties_to_dispute,
            proviso,
        )
    };
    let (by_text, in_practice) = (tally(Proviso::Text), tally(Proviso::Practice));
    let held = vote.held || assumed.is_some();
    let asked = match assumptions.proviso {
        Proviso::Text => by_text.adopted,
        Proviso::Practice => in_practice.adopted,
    };
    VoteOutcome {
        vote: vote.id.clone(),
        held,
        by_text,
        in_practice,
        adopted: if held { asked.into() } else { Truth::Unknown },
    }
}

pub(crate) fn condition_states(
    coalition: &Coalition,
    votes: &[VoteOutcome],
    assumptions: &Assumptions,
) -> BTreeMap<Slug, Truth> {
    let mut states = BTreeMap::new();
    for condition in &coalition.conditions {
        let decided = condition
            .decided_by_vote
            .as_ref()
            .and_then(|vote| votes.iter().find(|outcome| outcome.vote == *vote));
        let said = decided.map_or(condition.state, |outcome| outcome.adopted);
        let assumed = assumptions.conditions.get(&condition.id).copied();
        states.insert(condition.id.clone(), assumed.unwrap_or(said));
    }
    states
}

/// Exclusions of which two conditions are true.
pub(crate) fn contradictions(
    states: &BTreeMap<Slug, Truth>,
    exclusions: &[Exclusion],
) -> Vec<Slug> {
    let holds = |id: &&Slug| states.get(*id) == Some(&Truth::True);
    exclusions
        .iter()
        .filter(|exclusion| exclusion.conditions.iter().filter(holds).count() > 1)
        .map(|exclusion| exclusion.id.clone())
        .collect()
}

/// The worlds in which as much as possible stays open: of the conditions that exclude each other at
/// most one is not false. True when all worlds are there.
pub(crate) fn consistent_worlds(
    states: &BTreeMap<Slug, Truth>,
    exclusions: &[Exclusion],
) -> (Vec<BTreeMap<Slug, Truth>>, bool) {
    let mut worlds = vec![states.clone()];
    for exclusion in exclusions {
        let mut next = Vec::new();
        for world in &worlds {
            let state = |id: &Slug| world.get(id).copied().unwrap_or_default();
            let with = |wanted: Truth| {
                let ids = exclusion.conditions.iter();
                ids.filter(|id| state(id) == wanted).collect::<Vec<_>>()
            };
            let (holding, open) = (with(Truth::True), with(Truth::Unknown));
            let keepers = if holding.is_empty() {
                open.clone()
            } else {
                vec![]
            };
            let without = |kept: Option<&Slug>| {
                let mut world = world.clone();
                for id in open.iter().filter(|id| Some(**id) != kept) {
                    world.insert((*id).clone(), Truth::False);
                }
                world
            };
            if keepers.is_empty() {
                next.push(without(None));
            }
            next.extend(keepers.into_iter().map(|kept| without(Some(kept))));
        }
        next.sort();
        next.dedup();
        if next.len() > WORLDS_MAX {
            return (worlds, false);
        }
        worlds = next;
    }
    (worlds, true)
}
