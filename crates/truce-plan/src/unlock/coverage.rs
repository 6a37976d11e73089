//! What unlocks a detection probability: of the breaches of a clause, in an area, or both.
//!
//! The keys decide what is permitted, that what is pledged serves, that what watches, and that what is
//! detected. Keys that change no means of observation are no part of the game.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use super::game::{Game, Key, Question};
use super::sets::{all_of, search};
use super::shapley::shapley;
use super::{Opening, Players, Worth, in_each_world, joined, players_count, ranked};
use crate::coverage::{AreaView, Prepared, chance_of, is_relevant, planned, watches};
use crate::truth::Expression;
use crate::watch::{Supply, Violation, Watch};

/// What is to be detected, and how probably: the mean over all areas, by size, and all violations
/// that are meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageGoal {
    /// Only breaches of this clause.
    pub clause: Option<Slug>,
    /// Only in this area.
    pub area: Option<Slug>,
    /// Only this violation.
    pub violation: Option<Slug>,
    /// The detection probability that is wanted, 0 to 1.
    pub at_least: f64,
}

/// What unlocks a detection probability, world by world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageUnlock {
    /// What is wanted.
    pub goal: CoverageGoal,
    /// One answer for each world.
    pub worlds: Vec<CoverageAnswer>,
    /// False when there were too many worlds to look at all.
    pub worlds_complete: bool,
}

/// What unlocks a detection probability in one world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageAnswer {
    /// Conditions that an exclusion rules out here.
    pub ruled_out: Vec<Slug>,
    /// The detection probability as things stand.
    pub now: f64,
    /// The detection probability when everything that is open comes true.
    pub reachable: f64,
    /// What opens the goal, or, where it is out of reach, what can be reached.
    #[serde(flatten)]
    pub opening: Opening,
}

/// Probabilities that differ by less are the same: what sums in another order leave.
const SAME: f64 = 1e-9;

/// Finds what unlocks a detection probability. `None` when no violation of the mission is meant.
#[must_use]
pub fn unlock_coverage(
    question: Question<'_>,
    prepared: &Prepared,
    goal: &CoverageGoal,
) -> Option<CoverageUnlock> {
    let lines = lines(&question.coalition.watch, prepared, goal);
    if lines.is_empty() {
        return None;
    }
    let (worlds, worlds_complete) = in_each_world(question, &mut |ruled_out| {
        Scene::new(question, prepared, &lines, &ruled_out).solve(goal.at_least, ruled_out)
    });
    Some(CoverageUnlock {
        goal: goal.clone(),
        worlds,
        worlds_complete,
    })
}

/// A violation in an area.
#[derive(Clone, Copy)]
struct Line<'a> {
    view: &'a AreaView,
    violation: &'a Violation,
}

fn lines<'a>(watch: &'a Watch, prepared: &'a Prepared, goal: &CoverageGoal) -> Vec<Line<'a>> {
    let meant = |violation: &&Violation| {
        let of_clause = goal.clause.as_ref();
        of_clause.is_none_or(|clause| violation.clauses.contains(clause))
            && goal.violation.as_ref().is_none_or(|id| violation.id == *id)
    };
    let there = |view: &&AreaView| goal.area.as_ref().is_none_or(|id| view.area == *id);
    let mut lines = Vec::new();
    for view in prepared.areas.iter().filter(there) {
        let here = |violation: &&Violation| violation.areas.contains(&view.area);
        let violations = watch.violations.iter().filter(meant).filter(here);
        lines.extend(violations.map(|violation| Line { view, violation }));
    }
    lines
}

/// A game and what its outcome lets be seen.
struct Scene<'a> {
    question: Question<'a>,
    prepared: &'a Prepared,
    lines: &'a [Line<'a>],
    game: Game,
    /// The means that can change what is seen, by index.
    means: Vec<usize>,
    /// For each means of the watch its expression in the game, if it hangs on one.
    expressions: Vec<Option<usize>>,
    /// The parts of the game on which those means hang.
    parts: Vec<usize>,
    /// Line by line the chance for numbers of the means that it sees by.
    chances: Vec<BTreeMap<Vec<u64>, f64>>,
}

impl<'a> Scene<'a> {
    fn new(
        question: Question<'a>,
        prepared: &'a Prepared,
        lines: &'a [Line<'a>],
        ruled_out: &[Slug],
    ) -> Self {
        let (coalition, watch) = (question.coalition, &question.coalition.watch);
        let requirements: Vec<Slug> = coalition
            .requirements
            .iter()
            .map(|r| r.id.clone())
            .collect();
        let mut terms: Vec<&Expression> = Vec::new();
        let mut expressions = Vec::new();
        for means in &watch.means {
            let term = match &means.supply {
                Supply::When(expression) => Some(expression),
                _ => None,
            };
            expressions.push(term.map(|_| terms.len()));
            terms.extend(term);
        }
        let game = Game::new(question, &requirements, &terms, ruled_out);
        let sees = |i: &usize| {
            let means = &watch.means[*i];
            let seen = |line: &Line| {
                watches(means, &line.view.area) && is_relevant(means, line.view, line.violation)
            };
            lines.iter().any(seen)
        };
        let means: Vec<usize> = (0..watch.means.len()).filter(sees).collect();
        let hangs_on = |part: &usize| {
            let (needs, pledges) = (game.part_requirements(*part), game.part_pledges(*part));
            means.iter().any(|i| match &watch.means[*i].supply {
                Supply::Requirement { id, .. } => needs.contains(&id),
                Supply::Contribution(id) => pledges.contains(&id),
                Supply::Open | Supply::When(_) => false,
            })
        };
        Self {
            parts: (0..game.parts_count()).filter(hangs_on).collect(),
            chances: vec![BTreeMap::new(); lines.len()],
            question,
            prepared,
            lines,
            game,
            means,
            expressions,
        }
    }

    /// The keys that can change what is seen.
    fn players(&self) -> Players {
        let of_parts = self.parts.iter().map(|part| self.game.part_keys(*part));
        let terms = self.means.iter().filter_map(|i| self.expressions[*i]);
        let of_terms = terms.map(|term| self.game.expression_keys(term));
        Players::of(of_parts.chain(of_terms).fold(0, |all, keys| all | keys))
    }

    fn solve(mut self, at_least: f64, ruled_out: Vec<Slug>) -> CoverageAnswer {
        let players = self.players();
        let everything = all_of(self.game.keys_count());
        let (now, reachable) = (self.seen(0, None), self.seen(everything, None));
        let enough = at_least.min(reachable) - SAME;
        let found = search(players.count(), &mut |set| {
            self.seen(players.keys(set), None) >= enough
        });
        let (values, exact) = shapley(players.count(), &mut |set| {
            self.seen(players.keys(set), None)
        });
        let named = players.0.iter().zip(values);
        let conditions = named.map(|(key, share)| Worth {
            key: self.game.key(*key),
            share,
        });
        let conditions = ranked(conditions.collect());
        let parts = self.parts.iter();
        let pledges: Vec<Slug> = parts.flat_map(|part| self.game.pledges(*part)).collect();
        let (values, exact_pledges) = shapley(players_count(&pledges), &mut |set| {
            self.seen(everything, Some((pledges.as_slice(), set)))
        });
        let named = pledges.iter().zip(values);
        let worth = named.map(|(pledge, share)| Worth {
            key: Key::Pledge(pledge.clone()),
            share,
        });
        let names = |sets: &[u64]| {
            let of_game = sets.iter().map(|set| players.keys(*set));
            of_game.map(|set| self.game.names(set)).collect()
        };
        CoverageAnswer {
            ruled_out,
            now,
            reachable,
            opening: Opening {
                sets: names(&found.sets),
                blockers: names(&found.blockers),
                complete: found.complete,
                conditions,
                pledges: ranked(worth.collect()),
                exact: exact && exact_pledges,
            },
        }
    }

    /// The detection probability when a set of keys is there, by all pledges or by some.
    fn seen(&mut self, set: u64, pledges: Option<(&[Slug], u64)>) -> f64 {
        let numbers = self.numbers(set, pledges);
        let (mut weight, mut sum) = (0.0, 0.0);
        for i in 0..self.lines.len() {
            let area_m2 = self.lines[i].view.cells.area_m2();
            weight += area_m2;
            sum += area_m2 * self.chance(i, &numbers);
        }
        sum / weight
    }

    /// How many there are of each means of the watch, as `coverage::assess` has it.
    fn numbers(&mut self, set: u64, pledges: Option<(&[Slug], u64)>) -> Vec<f64> {
        let (mut served, mut used) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let brought = match pledges {
                None => self.game.bring(*part, set).clone(),
                Some((all, some)) => self.game.solve(*part, set, &|id| joined(all, some, id)),
            };
            let needs = self.game.part_requirements(*part).into_iter().cloned();
            served.extend(needs.zip(brought.served));
            used.extend(brought.used);
        }
        let watch = &self.question.coalition.watch;
        let mut numbers = vec![0.0; watch.means.len()];
        for i in &self.means {
            let means = &watch.means[*i];
            if self.question.assumptions.means_out.contains(&means.id) {
                continue;
            }
            let whole = planned(means);
            let given = |there: bool| if there { whole } else { 0.0 };
            numbers[*i] = match &means.supply {
                Supply::Open => whole,
                Supply::When(_) => {
                    given(self.expressions[*i].is_some_and(|term| self.game.holds(term, set)))
                }
                Supply::Contribution(id) => given(used.contains(id)),
                Supply::Requirement { id, per_unit } => {
                    let line = served.iter().find(|(requirement, _)| requirement == id);
                    let there = line.map_or(0.0, |(_, served)| f64::from(*served) * per_unit);
                    there.min(whole)
                }
            };
        }
        numbers
    }

    /// The chance of a line, computed once for the numbers of the means that it sees by.
    fn chance(&mut self, line: usize, numbers: &[f64]) -> f64 {
        let Line { view, violation } = self.lines[line];
        let watch = &self.question.coalition.watch;
        let sees = |i: &&usize| watches(&watch.means[**i], &view.area);
        let by = self.means.iter().filter(sees);
        let pattern: Vec<u64> = by.map(|i| numbers[*i].to_bits()).collect();
        let chance = || chance_of(watch, self.prepared, view, numbers, violation);
        *self.chances[line].entry(pattern).or_insert_with(chance)
    }
}
