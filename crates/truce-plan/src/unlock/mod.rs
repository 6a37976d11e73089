//! What unlocks what: which conditions have to come true for requirements to be met, what blocks
//! them, and how much each condition and each pledge is worth.
//!
//! Conditions that exclude each other never stand in one set: each consistent world has an answer
//! of its own. Inside a world more conditions never hurt, because expressions know no *not*.

mod coverage;
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

pub use coverage::{CoverageAnswer, CoverageGoal, CoverageUnlock, unlock_coverage};
pub use game::{Game, Key, Question};
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

/// What unlocks requirements in one world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldAnswer {
    /// Conditions that an exclusion rules out here.
    pub ruled_out: Vec<Slug>,
    /// What the requirements want together.
    pub wanted: u64,
    /// What is met as things stand.
    pub met: u64,
    /// What is met when everything that is open comes true. The sets reach this much, which may be
    /// less than what is wanted.
    pub reachable: u64,
    /// What opens it.
    #[serde(flatten)]
    pub opening: Opening,
}

/// What opens a goal in one world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
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
    let question = Question {
        coalition,
        mandate,
        assumptions,
    };
    let (worlds, worlds_complete) = in_each_world(question, &mut |ruled_out| {
        let game = Game::new(question, requirements, &[], &ruled_out);
        solve(game, ruled_out)
    });
    Unlock {
        requirements: requirements.to_vec(),
        worlds,
        worlds_complete,
    }
}

/// An answer for each consistent world, by the conditions that it rules out; false when there are
/// more worlds than were looked at.
fn in_each_world<T>(
    question: Question<'_>,
    answer: &mut dyn FnMut(Vec<Slug>) -> T,
) -> (Vec<T>, bool) {
    let (coalition, assumptions) = (question.coalition, question.assumptions);
    let votes = question.mandate.votes.iter();
    let votes: Vec<_> = votes
        .map(|vote| outcome(question.mandate, vote, assumptions))
        .collect();
    let states = condition_states(coalition, &votes, assumptions);
    let (worlds, complete) = consistent_worlds(&states, &coalition.exclusions);
    let answers = worlds
        .iter()
        .map(|world| answer(ruled_out(coalition, &states, world)));
    (answers.collect(), complete)
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
    let (count, wanted) = (game.keys_count(), game.wanted());
    let full = game.served(all_of(count));
    let met = sum(&game.served(0));
    let found = sets::search(count, &mut |set| game.served(set) == full);
    let values = worths(&mut game, wanted.max(1) as f64);
    let names = |sets: &[u64]| sets.iter().map(|set| game.names(*set)).collect();
    WorldAnswer {
        ruled_out,
        wanted,
        met,
        reachable: sum(&full),
        opening: Opening {
            sets: names(&found.sets),
            blockers: names(&found.blockers),
            complete: found.complete,
            conditions: ranked(values.keys),
            pledges: ranked(values.pledges),
            exact: values.exact,
        },
    }
}

fn sum(served: &[u32]) -> u64 {
    served.iter().map(|n| u64::from(*n)).sum()
}

/// Shapley values of keys and pledges.
struct Worths {
    keys: Vec<Worth>,
    pledges: Vec<Worth>,
    exact: bool,
}

/// The value of a sum of games is the sum of their values (Shapley's axiom of additivity), and a part
/// of the game knows few of its keys: each part is valued by itself.
fn worths(game: &mut Game, wanted: f64) -> Worths {
    let share = |served: &[u32]| sum(served) as f64 / wanted;
    let mut of_keys = vec![0.0; game.keys_count() as usize];
    let mut worths = Worths {
        keys: Vec::new(),
        pledges: Vec::new(),
        exact: true,
    };
    let everything = all_of(game.keys_count());
    for part in 0..game.parts_count() {
        let players = Players::of(game.part_keys(part));
        let value = &mut |set: u64| share(&game.bring(part, players.keys(set)).served);
        let (values, exact) = shapley::shapley(players.count(), value);
        for (player, value) in players.0.iter().zip(values) {
            of_keys[*player as usize] += value;
        }
        let pledges = game.pledges(part);
        let value = &mut |set: u64| {
            let joins = |id: &Slug| joined(&pledges, set, id);
            share(&game.solve(part, everything, &joins).served)
        };
        let (values, exact_pledges) = shapley::shapley(players_count(&pledges), value);
        let named = pledges.iter().zip(values);
        worths.pledges.extend(named.map(|(pledge, share)| Worth {
            key: Key::Pledge(pledge.clone()),
            share,
        }));
        worths.exact &= exact && exact_pledges;
    }
    let named = (0..).zip(of_keys);
    worths.keys.extend(named.map(|(key, share)| Worth {
        key: game.key(key),
        share,
    }));
    worths
}

/// Some keys of a game as players of a smaller one.
struct Players(Vec<u32>);

impl Players {
    fn of(keys: u64) -> Self {
        Self(sets::keys(keys).collect())
    }

    fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(game::KEYS_MAX)
    }

    /// A set of players as a set of keys of the whole game.
    fn keys(&self, players: u64) -> u64 {
        sets::keys(players).fold(0, |set, i| set | 1 << self.0[i as usize])
    }
}

/// How many pledges are told apart.
fn players_count(pledges: &[Slug]) -> u32 {
    u32::try_from(pledges.len()).map_or(game::KEYS_MAX, |count| count.min(game::KEYS_MAX))
}

/// True when a pledge is in a set of pledges.
fn joined(pledges: &[Slug], set: u64, id: &Slug) -> bool {
    let place = pledges.iter().position(|pledge| pledge == id);
    place.is_some_and(|place| place < 64 && set >> place & 1 == 1)
}

/// The greatest first; equal ones in the order of their names.
fn ranked(mut all: Vec<Worth>) -> Vec<Worth> {
    all.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.key.cmp(&b.key)));
    all
}

#[cfg(test)]
mod tests;
