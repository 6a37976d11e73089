//! Requirements as a game over keys: which of them are served when some keys are there.
//!
//! Pledges and legal bases become formulas over the open conditions once. Pledges and requirements
//! that hang together are a part of the game; parts do not touch each other. Many sets of keys make
//! the same formulas of a part true, and those are served once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::{Slug, Timestamp};

use crate::assess::{Assumptions, fits, needed};
use crate::coalition::{Coalition, Contribution, Pledge, Requirement};
use crate::forces::{Group, Offer, Problem, assign, groups};
use crate::mandate::{LegalBasis, Mandate};
use crate::permission::capabilities;
use crate::presence::present;
use crate::truth::{Expression, Truth};
use crate::world::{condition_states, outcome};

use super::sets::{all_of, keys};

/// Something that can come true.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A condition.
    Condition(Slug),
    /// A draft that no condition stands for is adopted.
    Vote(Slug),
    /// A pledge under review is given.
    Pledge(Slug),
}

impl Key {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &Slug {
        match self {
            Self::Condition(id) | Self::Vote(id) | Self::Pledge(id) => id,
        }
    }
}

/// What has to hold, over keys.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Formula {
    Known(bool),
    Key(u32),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

impl Formula {
    fn holds(&self, set: u64) -> bool {
        match self {
            Self::Known(holds) => *holds,
            Self::Key(key) => set >> key & 1 == 1,
            Self::All(parts) => parts.iter().all(|part| part.holds(set)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(set)),
        }
    }

    /// The keys that stand in it.
    fn keys(&self) -> u64 {
        match self {
            Self::Known(_) => 0,
            Self::Key(key) => 1 << key,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().fold(0, |keys, part| keys | part.keys())
            }
        }
    }
}

/// The files, and what is assumed.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Pledges, conditions and requirements.
    pub coalition: &'a Coalition,
    /// Legal bases and votes.
    pub mandate: &'a Mandate,
    /// What is taken to be so.
    pub assumptions: &'a Assumptions,
}

/// Most keys of a game; what comes later in the files is taken never to come true.
pub const KEYS_MAX: u32 = 64;

/// A game.
pub struct Game {
    keys: Vec<Key>,
    formulas: Vec<Formula>,
    pledges: Vec<Slug>,
    /// Offers as if everything were there, with the formula each waits for.
    offers: Vec<(Offer, usize)>,
    /// Needs, with the formula of the law that permits them.
    needs: Vec<(u32, usize)>,
    /// The requirements that want them.
    requirements: Vec<Slug>,
    /// The formula of each expression that was asked for.
    expressions: Vec<usize>,
    parts: Vec<Part>,
}

/// Offers and needs that hang together, and what they brought for which formulas.
struct Part {
    group: Group,
    /// The formulas for which the part waits.
    formulas: Vec<usize>,
    brought: BTreeMap<Vec<u64>, Brought>,
}

/// What a part of the game brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// How much of each requirement of the part is served.
    pub served: Vec<u32>,
    /// The pledges of which something is used.
    pub used: Vec<Slug>,
}

impl Game {
    /// The game for some requirements, and expressions over conditions, in a world where some
    /// conditions cannot come true.
    #[must_use]
    pub fn new(
        question: Question<'_>,
        requirements: &[Slug],
        expressions: &[&Expression],
        ruled_out: &[Slug],
    ) -> Self {
        let Question {
            coalition,
            mandate,
            assumptions,
        } = question;
        let mut wanted: Vec<&Requirement> = coalition
            .requirements
            .iter()
            .filter(|requirement| requirements.contains(&requirement.id))
            .collect();
        wanted.sort_by_key(|requirement| requirement.priority);
        let mut compiler = Compiler::new(coalition, mandate, assumptions, ruled_out);
        let needs = wanted
            .iter()
            .map(|r| (needed(r, assumptions.at), compiler.law(r)))
            .collect();
        let mut game = Self {
            keys: Vec::new(),
            formulas: Vec::new(),
            pledges: Vec::new(),
            offers: Vec::new(),
            needs,
            requirements: wanted.iter().map(|r| r.id.clone()).collect(),
            expressions: Vec::new(),
            parts: Vec::new(),
        };
        for contribution in &coalition.contributions {
            let offer = offer(contribution, &wanted, assumptions);
            if contribution.status == Pledge::Refused || offer.most() == 0 {
                continue;
            }
            let formula = compiler.pledge(contribution);
            game.offers.push((offer, formula));
            game.pledges.push(contribution.id.clone());
        }
        for expression in expressions {
            let formula = compiler.expression(expression);
            game.expressions.push(compiler.intern(formula));
        }
        game.keys = compiler.keys;
        game.formulas = compiler.formulas;
        game.parts = game.split();
        game
    }

    fn split(&self) -> Vec<Part> {
        let problem = Problem {
            offers: self.offers.iter().map(|(offer, _)| offer.clone()).collect(),
            needs: self.needs.iter().map(|(need, _)| *need).collect(),
        };
        let part = |group: Group| {
            let of_offers = group.offers.iter().map(|i| self.offers[*i].1);
            let of_needs = group.needs.iter().map(|j| self.needs[*j].1);
            let mut formulas: Vec<usize> = of_offers.chain(of_needs).collect();
            formulas.sort_unstable();
            formulas.dedup();
            Part {
                group,
                formulas,
                brought: BTreeMap::new(),
            }
        };
        groups(&problem).into_iter().map(part).collect()
    }

    /// How many parts there are.
    #[must_use]
    pub fn parts_count(&self) -> usize {
        self.parts.len()
    }

    /// The keys on which a part depends.
    #[must_use]
    pub fn part_keys(&self, part: usize) -> u64 {
        let formulas = self.parts[part].formulas.iter();
        formulas.fold(0, |keys, formula| keys | self.formulas[*formula].keys())
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys_count(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap_or(KEYS_MAX)
    }

    /// A key.
    #[must_use]
    pub fn key(&self, key: u32) -> Key {
        self.keys[key as usize].clone()
    }

    /// The keys of a set.
    #[must_use]
    pub fn names(&self, set: u64) -> Vec<Key> {
        keys(set).map(|key| self.key(key)).collect()
    }

    /// What all requirements want together.
    #[must_use]
    pub fn wanted(&self) -> u64 {
        self.needs.iter().map(|(need, _)| u64::from(*need)).sum()
    }

    /// The requirements of a part.
    #[must_use]
    pub fn part_requirements(&self, part: usize) -> Vec<&Slug> {
        let needs = self.parts[part].group.needs.iter();
        needs.map(|need| &self.requirements[*need]).collect()
    }

    /// All pledges of a part.
    #[must_use]
    pub fn part_pledges(&self, part: usize) -> Vec<&Slug> {
        let offers = self.parts[part].group.offers.iter();
        offers.map(|offer| &self.pledges[*offer]).collect()
    }

    /// How much of each requirement is served when a set of keys is there, by priority.
    pub fn served(&mut self, set: u64) -> Vec<u32> {
        let mut served = vec![0; self.needs.len()];
        for part in 0..self.parts.len() {
            let of_part = self.bring(part, set).served.clone();
            for (need, of_need) in self.parts[part].group.needs.iter().zip(of_part) {
                served[*need] = of_need;
            }
        }
        served
    }

    /// What a part brings when a set of keys is there.
    pub fn bring(&mut self, part: usize, set: u64) -> &Brought {
        let waits_for = &self.parts[part].formulas;
        let mut pattern = vec![0u64; waits_for.len().div_ceil(64)];
        for (i, formula) in waits_for.iter().enumerate() {
            pattern[i / 64] |= u64::from(self.formulas[*formula].holds(set)) << (i % 64);
        }
        if !self.parts[part].brought.contains_key(&pattern) {
            let brought = self.solve(part, set, &|_| true);
            self.parts[part].brought.insert(pattern.clone(), brought);
        }
        &self.parts[part].brought[&pattern]
    }

    /// What some pledges of a part bring when a set of keys is there.
    #[must_use]
    pub fn solve(&self, part: usize, set: u64, joins: &dyn Fn(&Slug) -> bool) -> Brought {
        let group = &self.parts[part].group;
        let holds = |formula: usize| self.formulas[formula].holds(set);
        let there: Vec<usize> = group
            .offers
            .iter()
            .copied()
            .filter(|i| holds(self.offers[*i].1) && joins(&self.pledges[*i]))
            .collect();
        let offers = there.iter().map(|i| &self.offers[*i].0);
        let assignment = assign(&Problem {
            offers: offers
                .map(|offer| permitted(offer, group, &self.needs, &holds))
                .collect(),
            needs: group.needs.iter().map(|j| self.needs[*j].0).collect(),
        });
        let rows = assignment.given.iter().zip(there);
        let used = rows.filter(|(row, _)| row.iter().any(|given| *given > 0));
        Brought {
            used: used.map(|(_, i)| self.pledges[i].clone()).collect(),
            served: assignment.served,
        }
    }

    /// The pledges of a part that can serve when everything is there.
    #[must_use]
    pub fn pledges(&self, part: usize) -> Vec<Slug> {
        let all = all_of(self.keys_count());
        let holds = |formula: usize| self.formulas[formula].holds(all);
        let group = &self.parts[part].group;
        let there = group.offers.iter().filter(|i| holds(self.offers[**i].1));
        let can =
            |i: &&usize| permitted(&self.offers[**i].0, group, &self.needs, &holds).most() > 0;
        there
            .filter(can)
            .map(|i| self.pledges[*i].clone())
            .collect()
    }

    /// Whether an expression holds when a set of keys is there; by its place among those that the
    /// game was made with.
    #[must_use]
    pub fn holds(&self, expression: usize, set: u64) -> bool {
        self.formulas[self.expressions[expression]].holds(set)
    }

    /// The keys that stand in an expression.
    #[must_use]
    pub fn expression_keys(&self, expression: usize) -> u64 {
        self.formulas[self.expressions[expression]].keys()
    }
}

fn offer(contribution: &Contribution, wanted: &[&Requirement], assumed: &Assumptions) -> Offer {
    let gives = |requirement: &&Requirement| {
        let offered = contribution.offers(requirement.capability);
        let quantity = offered
            .filter(|_| fits(contribution, requirement))
            .unwrap_or(0);
        present(contribution, quantity, assumed.at, assumed.decided)
    };
    Offer {
        whole: contribution.is_whole(),
        gives: wanted.iter().map(gives).collect(),
    }
}

/// What an offer gives to the needs of a group that the law permits.
fn permitted(
    offer: &Offer,
    group: &Group,
    needs: &[(u32, usize)],
    holds: &impl Fn(usize) -> bool,
) -> Offer {
    let gives = |need: &usize| match holds(needs[*need].1) {
        true => offer.gives[*need],
        false => 0,
    };
    Offer {
        whole: offer.whole,
        gives: group.needs.iter().map(gives).collect(),
    }
}

/// Turns expressions and legal bases into formulas, each of which stands once.
struct Compiler<'a> {
    coalition: &'a Coalition,
    mandate: &'a Mandate,
    states: BTreeMap<Slug, Truth>,
    adopted: BTreeMap<Slug, Truth>,
    ruled_out: &'a [Slug],
    at: Option<Timestamp>,
    keys: Vec<Key>,
    formulas: Vec<Formula>,
}

impl<'a> Compiler<'a> {
    fn new(
        coalition: &'a Coalition,
        mandate: &'a Mandate,
        assumptions: &Assumptions,
        ruled_out: &'a [Slug],
    ) -> Self {
        let votes = mandate
            .votes
            .iter()
            .map(|vote| outcome(mandate, vote, assumptions));
        let votes: Vec<_> = votes.collect();
        Self {
            coalition,
            mandate,
            states: condition_states(coalition, &votes, assumptions),
            adopted: votes
                .into_iter()
                .map(|vote| (vote.vote, vote.adopted))
                .collect(),
            ruled_out,
            at: assumptions.at,
            keys: Vec::new(),
            formulas: Vec::new(),
        }
    }

    fn intern(&mut self, formula: Formula) -> usize {
        let known = self.formulas.iter().position(|other| *other == formula);
        known.unwrap_or_else(|| {
            self.formulas.push(formula);
            self.formulas.len() - 1
        })
    }

    fn key(&mut self, key: Key) -> Formula {
        let known = self.keys.iter().position(|other| *other == key);
        let place = known.unwrap_or(self.keys.len());
        match u32::try_from(place) {
            Ok(number) if number < KEYS_MAX => {
                if known.is_none() {
                    self.keys.push(key);
                }
                Formula::Key(number)
            }
            _ => Formula::Known(false),
        }
    }

    fn condition(&mut self, id: &Slug) -> Formula {
        if self.states.get(id) == Some(&Truth::True) {
            return Formula::Known(true);
        }
        if self.ruled_out.contains(id) {
            return Formula::Known(false);
        }
        self.key(Key::Condition(id.clone()))
    }

    fn vote(&mut self, id: &Slug) -> Formula {
        if self.adopted.get(id) == Some(&Truth::True) {
            return Formula::Known(true);
        }
        let decided = |c: &&crate::coalition::Condition| c.decided_by_vote.as_ref() == Some(id);
        match self.coalition.conditions.iter().find(decided) {
            Some(condition) => self.condition(&condition.id),
            None => self.key(Key::Vote(id.clone())),
        }
    }

    fn expression(&mut self, expression: &Expression) -> Formula {
        let mut each = |parts: &[Expression]| parts.iter().map(|p| self.expression(p)).collect();
        match expression {
            Expression::All(parts) => Formula::All(each(parts)),
            Expression::Any(parts) => Formula::Any(each(parts)),
            Expression::Is(id) => self.condition(id),
        }
    }

    /// What a pledge waits for, with its being given when it is under review.
    fn pledge(&mut self, contribution: &Contribution) -> usize {
        let mut formula = self.expression(&contribution.when);
        if contribution.status == Pledge::UnderReview {
            let given = self.key(Key::Pledge(contribution.id.clone()));
            formula = Formula::All(vec![formula, given]);
        }
        self.intern(formula)
    }

    /// What the law waits for at a requirement: any basis will do.
    fn law(&mut self, requirement: &Requirement) -> usize {
        let mandate = self.mandate;
        let layer = mandate
            .layers
            .iter()
            .find(|layer| layer.id == requirement.layer);
        let listed = layer.is_some_and(|l| l.territories.contains(&requirement.territory));
        let territory = mandate
            .territories
            .iter()
            .find(|t| t.id == requirement.territory);
        let mut ways = Vec::new();
        for basis in mandate.bases.iter().filter(|_| listed) {
            let Some(territory) = territory else { continue };
            let over = basis
                .expires
                .zip(self.at)
                .is_some_and(|(end, at)| at >= end);
            let covered = capabilities(basis, &requirement.layer, territory)
                .is_some_and(|only| only.is_empty() || only.contains(&requirement.capability));
            if covered && !over {
                ways.push(self.basis(basis, &territory.consents));
            }
        }
        self.intern(Formula::Any(ways))
    }

    fn basis(&mut self, basis: &LegalBasis, consents: &[Slug]) -> Formula {
        let mut parts = vec![self.expression(&basis.needs)];
        if let Some(vote) = &basis.vote {
            parts.push(self.vote(vote));
        }
        if basis.kind.needs_consent() {
            parts.extend(consents.iter().map(|id| self.condition(id)));
        }
        Formula::All(parts)
    }
}
