//! Requirements as a game over keys: which of them are served when some keys are there.
//!
//! Pledges and legal bases become formulas over the open conditions once; many sets of keys then
//! make the same formulas true, and those are served once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::{Slug, Timestamp};

use crate::assess::{Assumptions, fits, needed};
use crate::coalition::{Coalition, Contribution, Pledge, Requirement};
use crate::forces::{Offer, Problem, assign};
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
    served: BTreeMap<Vec<u64>, Vec<u32>>,
}

impl Game {
    /// The game for some requirements in a world where some conditions cannot come true.
    #[must_use]
    pub fn new(
        coalition: &Coalition,
        mandate: &Mandate,
        assumptions: &Assumptions,
        requirements: &[Slug],
        ruled_out: &[Slug],
    ) -> Self {
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
            served: BTreeMap::new(),
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
        game.keys = compiler.keys;
        game.formulas = compiler.formulas;
        game
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

    /// How much of each requirement is served when a set of keys is there, by priority.
    pub fn served(&mut self, set: u64) -> &[u32] {
        let mut pattern = vec![0u64; self.formulas.len().div_ceil(64)];
        for (i, formula) in self.formulas.iter().enumerate() {
            pattern[i / 64] |= u64::from(formula.holds(set)) << (i % 64);
        }
        let (offers, needs) = (&self.offers, &self.needs);
        self.served.entry(pattern).or_insert_with_key(|pattern| {
            let holds = |formula: usize| pattern[formula / 64] >> (formula % 64) & 1 == 1;
            let there = offers.iter().filter(|(_, waits_for)| holds(*waits_for));
            assign(&Problem {
                offers: there
                    .map(|(offer, _)| permitted(offer, needs, &holds))
                    .collect(),
                needs: needs.iter().map(|(need, _)| *need).collect(),
            })
            .served
        })
    }

    /// The pledges that can serve when everything is there.
    #[must_use]
    pub fn pledges(&self) -> Pledges {
        let all = all_of(self.keys_count());
        let holds = |formula: usize| self.formulas[formula].holds(all);
        let names = self.pledges.iter().cloned();
        let there = names
            .zip(&self.offers)
            .filter(|(_, (_, waits_for))| holds(*waits_for));
        let there = there.map(|(id, (offer, _))| (id, permitted(offer, &self.needs, &holds)));
        let (names, offers) = there.filter(|(_, offer)| offer.most() > 0).unzip();
        Pledges {
            names,
            offers,
            needs: self.needs.iter().map(|(need, _)| *need).collect(),
        }
    }
}

/// Pledges as players.
pub struct Pledges {
    names: Vec<Slug>,
    offers: Vec<Offer>,
    needs: Vec<u32>,
}

impl Pledges {
    /// How many there are; more than [`KEYS_MAX`] are not told apart.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.names.len()).map_or(KEYS_MAX, |count| count.min(KEYS_MAX))
    }

    /// A pledge.
    #[must_use]
    pub fn key(&self, pledge: u32) -> Key {
        Key::Pledge(self.names[pledge as usize].clone())
    }

    /// How much of each need these pledges alone serve.
    #[must_use]
    pub fn served(&self, set: u64) -> Vec<u32> {
        let offers = keys(set).map(|pledge| self.offers[pledge as usize].clone());
        let problem = Problem {
            offers: offers.collect(),
            needs: self.needs.clone(),
        };
        assign(&problem).served
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

/// An offer without the needs that the law does not permit.
fn permitted(offer: &Offer, needs: &[(u32, usize)], holds: &impl Fn(usize) -> bool) -> Offer {
    let gives = offer.gives.iter().zip(needs);
    Offer {
        whole: offer.whole,
        gives: gives
            .map(|(gives, (_, law))| if holds(*law) { *gives } else { 0 })
            .collect(),
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
