//! What unlocks what: which conditions have to come true for requirements to be met, what blocks
//! them, and how much each condition and each pledge is worth.
//!
//! Conditions that exclude each other never stand in one set: each consistent world has an answer
//! of its own. Inside a world more conditions never hurt, because expressions know no *not*.

pub mod game;
pub mod sets;
pub mod shapley;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use crate::assess::Assumptions;
use crate::coalition::Coalition;
use crate::mandate::Mandate;
use crate::truth::Truth;
use crate::world::{condition_states, consistent_worlds, outcome};

pub use game::{Game, Key};
use sets::all_of;

/// What unlocks a goal, world by world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unlock {
    /// The requirements that are to be met.
    pub requirements: Vec<Slug>,
    /// One answer for each world.
    pub worlds: Vec<WorldAnswer>,
    /// False when there were too many worlds to look at all.
    pub worlds_complete: bool,
}

/// What unlocks a goal in one world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldAnswer {
    /// Conditions that an exclusion rules out here.
    pub ruled_out: Vec<Slug>,
    /// What the requirements want together.
    pub wanted: u64,
    /// What is met as things stand.
    pub met: u64,
    /// What is met when everything that is open comes true. The sets below reach this much, which
    /// may be less than what is wanted.
    pub reachable: u64,
    /// Minimal sets of keys that reach it, small ones first.
    pub sets: Vec<Vec<Key>>,
    /// Minimal sets of keys without which it is out of reach, small ones first.
    pub blockers: Vec<Vec<Key>>,
    /// False when there are more sets or blockers than are listed.
    pub complete: bool,
    /// Shapley value of each key: the part of what is wanted that it adds on average.
    pub conditions: Vec<Worth>,
    /// Shapley value of each pledge when every key is there.
    pub pledges: Vec<Worth>,
    /// False when the values are estimated from drawn orders of joining.
    pub exact: bool,
}

/// How much something is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    /// The condition, vote or pledge.
    pub key: Key,
    /// The part of what is wanted that it adds on average over all orders, 0 to 1.
    pub share: f64,
}

/// Finds what unlocks some requirements, other requirements left aside.
#[must_use]
pub fn unlock(
    coalition: &Coalition,
    mandate: &Mandate,
    assumptions: &Assumptions,
    requirements: &[Slug],
) -> Unlock {
    let votes = mandate
        .votes
        .iter()
        .map(|vote| outcome(mandate, vote, assumptions));
    let votes: Vec<_> = votes.collect();
    let states = condition_states(coalition, &votes, assumptions);
    let (worlds, worlds_complete) = consistent_worlds(&states, &coalition.exclusions);
    let answer = |world: &BTreeMap<Slug, Truth>| {
        let ruled_out = ruled_out(coalition, &states, world);
        let game = Game::new(coalition, mandate, assumptions, requirements, &ruled_out);
        solve(game, ruled_out)
    };
    Unlock {
        requirements: requirements.to_vec(),
        worlds: worlds.iter().map(answer).collect(),
        worlds_complete,
    }
}

/// Conditions that cannot come true in a world: those that the world leaves out, and those that
/// something which holds excludes.
fn ruled_out(
    coalition: &Coalition,
    states: &BTreeMap<Slug, Truth>,
    world: &BTreeMap<Slug, Truth>,
) -> Vec<Slug> {
    let state = |id: &Slug| states.get(id).copied().unwrap_or_default();
    let barred = |id: &Slug| {
        let others = |e: &&crate::coalition::Exclusion| e.conditions.contains(id);
        let mut exclusions = coalition.exclusions.iter().filter(others);
        exclusions.any(|e| {
            e.conditions
                .iter()
                .any(|o| o != id && state(o) == Truth::True)
        })
    };
    let open = states.iter().filter(|(_, state)| **state != Truth::True);
    let out = open.filter(|(id, state)| world.get(*id) != Some(*state) || barred(id));
    out.map(|(id, _)| id.clone()).collect()
}

fn solve(mut game: Game, ruled_out: Vec<Slug>) -> WorldAnswer {
    let sum = |served: &[u32]| served.iter().map(|n| u64::from(*n)).sum::<u64>();
    let (count, wanted) = (game.keys_count(), game.wanted());
    let full = game.served(all_of(count)).to_vec();
    let met = sum(game.served(0));
    let found = sets::search(count, &mut |set| game.served(set) == full);
    let share = |served: &[u32]| sum(served) as f64 / wanted.max(1) as f64;
    let (values, exact) = shapley::shapley(count, &mut |set| share(game.served(set)));
    let conditions = ranked(values, |key| game.key(key));
    let pledges = game.pledges();
    let (values, exact_pledges) =
        shapley::shapley(pledges.count(), &mut |set| share(&pledges.served(set)));
    let names = |sets: &[u64]| sets.iter().map(|set| game.names(*set)).collect();
    WorldAnswer {
        ruled_out,
        wanted,
        met,
        reachable: sum(&full),
        sets: names(&found.sets),
        blockers: names(&found.blockers),
        complete: found.complete,
        conditions,
        pledges: ranked(values, |pledge| pledges.key(pledge)),
        exact: exact && exact_pledges,
    }
}

/// Values with their names, the greatest first; equal ones in the order of their names.
fn ranked(values: Vec<f64>, name: impl Fn(u32) -> Key) -> Vec<Worth> {
    let worth = |(key, share)| Worth {
        key: name(key),
        share,
    };
    let mut all: Vec<Worth> = (0..).zip(values).map(worth).collect();
    all.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.key.cmp(&b.key)));
    all
}

#[cfg(test)]
mod tests;
