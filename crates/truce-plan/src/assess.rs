//! The whole computation: votes → conditions → permissions → pledges → shortfalls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::time::plus_seconds;
use truce_core::{Slug, Timestamp};

use crate::coalition::{Coalition, Contribution, Exclusion, Pledge, Requirement};
use crate::council::{Ballot, Proviso, count};
use crate::forces::{self, Problem};
use crate::mandate::{Mandate, Vote};
use crate::permission::{Permission, Step, VoteOutcome, World, best, permissions};
use crate::truth::Truth;

/// Most political worlds that are told apart; 12 exclusions between pairs give 4,096.
pub const WORLDS_MAX: usize = 4_096;
/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// What is assumed instead of what the files say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumptions {
    /// States of conditions.
    pub conditions: BTreeMap<Slug, Truth>,
    /// Ballots by vote and member; a vote with assumed ballots counts as held.
    pub ballots: BTreeMap<Slug, BTreeMap<Slug, Ballot>>,
    /// How the proviso of Article 27(3) is read.
    pub proviso: Proviso,
    /// The instant the plan is for; `None` leaves dates out of account.
    pub at: Option<Timestamp>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What was assumed.
    pub assumptions: Assumptions,
    /// Every vote, counted in both readings.
    pub votes: Vec<VoteOutcome>,
    /// Every condition with the state that was used.
    pub conditions: BTreeMap<Slug, Truth>,
    /// Exclusions that the states contradict.
    pub contradictions: Vec<Slug>,
    /// Layer by territory by legal basis.
    pub permissions: Vec<Permission>,
    /// Every pledge.
    pub pledges: Vec<Availability>,
    /// Every requirement.
    pub requirements: Vec<Coverage>,
    /// Pledges that cannot be divided but were assigned as if they could: what they serve is an
    /// upper bound.
    pub divided_against_their_nature: Vec<Slug>,
    /// False when there were more than [`WORLDS_MAX`] worlds; what could be met is then too high.
    pub worlds_complete: bool,
}

/// Whether a pledge can be had, leaving aside what the law permits where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// The contribution.
    pub contribution: Slug,
    /// Whether it can be had.
    pub state: Truth,
    /// The conditions that keep it from being certain.
    pub waiting_for: Vec<Slug>,
}

/// How well a requirement is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The requirement.
    pub requirement: Slug,
    /// How much is needed at the instant; 0 when it is not needed then.
    pub needed: u32,
    /// How much is met with what is certain.
    pub met: u32,
    /// How much could be met in the best consistent world in which nothing unknown fails.
    pub could_be_met: u32,
    /// What is assigned with certainty: contribution and quantity.
    pub assigned: Vec<(Slug, u32)>,
    /// The best permission that any basis gives.
    pub permitted: Truth,
    /// Contributions that fit but are not certain, and what each waits for.
    pub could_help: Vec<Help>,
}

impl Coverage {
    /// What is lacking with what is certain.
    #[must_use]
    pub fn shortfall(&self) -> u32 {
        self.needed - self.met
    }
}

/// A contribution that would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// The contribution.
    pub contribution: Slug,
    /// How much it offers; `None` when nobody has said.
    pub quantity: Option<u32>,
    /// Whether it can be had and used here.
    pub state: Truth,
    /// True when it is refused.
    pub refused: bool,
    /// What is missing, the pledge's conditions first, then the nearest legal basis.
    pub missing: Vec<Step>,
}

/// Computes the plan.
#[must_use]
pub fn assess(coalition: &Coalition, mandate: &Mandate, assumptions: &Assumptions) -> Plan {
    let votes: Vec<VoteOutcome> = mandate
        .votes
        .iter()
        .map(|vote| outcome(mandate, vote, assumptions))
        .collect();
    let states = condition_states(coalition, &votes, assumptions);
    let scene = Scene {
        coalition,
        mandate,
        votes: &votes,
        at: assumptions.at,
    };
    let permissions = scene.permissions(&states);
    let certain = scene.assignment(&states, &permissions, Truth::True);
    let (worlds, worlds_complete) = consistent_worlds(&states, &coalition.exclusions);
    let mut could_be_met = vec![0; coalition.requirements.len()];
    for world in &worlds {
        let permissions = scene.permissions(world);
        let possible = scene.assignment(world, &permissions, Truth::Unknown);
        for (best, met) in could_be_met.iter_mut().zip(&possible.met) {
            *best = (*best).max(*met);
        }
    }
    let requirements = (0..coalition.requirements.len())
        .map(|i| scene.coverage(i, &states, &permissions, &certain, could_be_met[i]))
        .collect();
    let undivided = |c: &&Contribution| !c.divisible && c.status != Pledge::Refused;
    Plan {
        assumptions: assumptions.clone(),
        contradictions: contradictions(&states, &coalition.exclusions),
        pledges: scene.availabilities(&states),
        requirements,
        divided_against_their_nature: coalition
            .contributions
            .iter()
            .filter(undivided)
            .map(|c| c.id.clone())
            .collect(),
        worlds_complete,
        conditions: states,
        permissions,
        votes,
    }
}

fn outcome(mandate: &Mandate, vote: &Vote, assumptions: &Assumptions) -> VoteOutcome {
    let assumed = assumptions.ballots.get(&vote.id);
    let mut ballots = vote.ballots.clone();
    ballots.extend(assumed.into_iter().flatten().map(|(m, b)| (m.clone(), *b)));
    let members = &mandate.council.members;
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

fn condition_states(
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
fn contradictions(states: &BTreeMap<Slug, Truth>, exclusions: &[Exclusion]) -> Vec<Slug> {
    let holds = |id: &&Slug| states.get(*id) == Some(&Truth::True);
    exclusions
        .iter()
        .filter(|exclusion| exclusion.conditions.iter().filter(holds).count() > 1)
        .map(|exclusion| exclusion.id.clone())
        .collect()
}

/// The worlds in which as much as possible stays open: of the conditions that exclude each other at
/// most one is not false. True when all worlds are there.
fn consistent_worlds(
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

/// What an assignment gives, by requirement.
struct Assignment {
    met: Vec<u32>,
    parts: Vec<Vec<(Slug, u32)>>,
}

struct Scene<'a> {
    coalition: &'a Coalition,
    mandate: &'a Mandate,
    votes: &'a [VoteOutcome],
    at: Option<Timestamp>,
}

impl Scene<'_> {
    fn permissions(&self, states: &BTreeMap<Slug, Truth>) -> Vec<Permission> {
        let world = World {
            states,
            outcomes: self.votes,
            at: self.at,
        };
        permissions(self.mandate, &world)
    }

    fn availabilities(&self, states: &BTreeMap<Slug, Truth>) -> Vec<Availability> {
        let availability = |contribution: &Contribution| Availability {
            contribution: contribution.id.clone(),
            state: self.available(contribution, states),
            waiting_for: contribution.when.waiting_for(states),
        };
        self.coalition
            .contributions
            .iter()
            .map(availability)
            .collect()
    }

    /// Whether a pledge can be had: its status, its conditions and its dates.
    fn available(&self, contribution: &Contribution, states: &BTreeMap<Slug, Truth>) -> Truth {
        let pledged = match contribution.status {
            Pledge::Firm | Pledge::Conditional => Truth::True,
            Pledge::UnderReview => Truth::Unknown,
            Pledge::Refused => Truth::False,
        };
        let ready = contribution.ready;
        let end = |from| {
            let days = contribution.sustain_days?;
            Some(plus_seconds(from, f64::from(days) * DAY_S))
        };
        let in_time = self.at.is_none_or(|at| {
            ready.is_none_or(|from| from <= at && end(from).is_none_or(|end| at < end))
        });
        pledged
            .and(in_time.into())
            .and(contribution.when.value(states))
    }

    fn needed(&self, requirement: &Requirement) -> u32 {
        let begun = |at| requirement.from.is_none_or(|from| from <= at);
        let open = |at| requirement.until.is_none_or(|until| at < until);
        let wanted = self.at.is_none_or(|at| begun(at) && open(at));
        if wanted { requirement.quantity } else { 0 }
    }

    /// Assigns what is at least so certain to the requirements, in order of priority.
    fn assignment(
        &self,
        states: &BTreeMap<Slug, Truth>,
        permissions: &[Permission],
        least: Truth,
    ) -> Assignment {
        let (requirements, offers) = (&self.coalition.requirements, &self.coalition.contributions);
        let permitted = best(permissions);
        let mut order: Vec<usize> = (0..requirements.len()).collect();
        order.sort_by_key(|i| (requirements[*i].priority, *i));
        let usable = |offer: &Contribution, requirement: &Requirement| {
            let state = self.available(offer, states);
            let lawful = lawful(&permitted, requirement);
            fits(offer, requirement) && state.and(lawful) >= least
        };
        let problem = Problem {
            offers: offers.iter().map(|o| o.quantity.unwrap_or(0)).collect(),
            needs: order
                .iter()
                .map(|i| self.needed(&requirements[*i]))
                .collect(),
            serves: offers
                .iter()
                .map(|offer| {
                    order
                        .iter()
                        .map(|i| usable(offer, &requirements[*i]))
                        .collect()
                })
                .collect(),
        };
        let assigned = forces::assign(&problem);
        let mut met = vec![0; requirements.len()];
        let mut parts = vec![Vec::new(); requirements.len()];
        for (need, i) in order.into_iter().enumerate() {
            met[i] = forces::served(&assigned, need);
            let given = assigned.iter().zip(offers).filter(|(row, _)| row[need] > 0);
            parts[i] = given
                .map(|(row, offer)| (offer.id.clone(), row[need]))
                .collect();
        }
        Assignment { met, parts }
    }

    fn coverage(
        &self,
        i: usize,
        states: &BTreeMap<Slug, Truth>,
        permissions: &[Permission],
        certain: &Assignment,
        could_be_met: u32,
    ) -> Coverage {
        let requirement = &self.coalition.requirements[i];
        let permitted = lawful(&best(permissions), requirement);
        let mut could_help = Vec::new();
        for offer in self
            .coalition
            .contributions
            .iter()
            .filter(|o| fits(o, requirement))
        {
            let state = self.available(offer, states).and(permitted);
            if state == Truth::True && offer.quantity.is_some() {
                continue;
            }
            let waiting = offer.when.waiting_for(states).into_iter();
            let mut missing: Vec<Step> = waiting
                .map(|condition| Step::Fulfil { condition })
                .collect();
            missing.extend(nearest_basis(permissions, requirement));
            could_help.push(Help {
                contribution: offer.id.clone(),
                quantity: offer.quantity,
                state,
                refused: offer.status == Pledge::Refused,
                missing,
            });
        }
        Coverage {
            requirement: requirement.id.clone(),
            needed: self.needed(requirement),
            met: certain.met[i],
            could_be_met: could_be_met.max(certain.met[i]),
            assigned: certain.parts[i].clone(),
            permitted,
            could_help,
        }
    }
}

/// What the law allows for a requirement. A layer is not permitted where it does not list the
/// territory.
fn lawful(permitted: &BTreeMap<(Slug, Slug), Truth>, requirement: &Requirement) -> Truth {
    let key = (requirement.layer.clone(), requirement.territory.clone());
    permitted.get(&key).copied().unwrap_or(Truth::False)
}

/// The steps of the basis that needs fewest, when none permits it yet.
fn nearest_basis(permissions: &[Permission], requirement: &Requirement) -> Vec<Step> {
    let here =
        |p: &&Permission| p.layer == requirement.layer && p.territory == requirement.territory;
    let reachable = |p: &&Permission| !p.missing.contains(&Step::OutOfReach);
    permissions
        .iter()
        .filter(here)
        .filter(reachable)
        .min_by_key(|p| p.missing.len())
        .map(|p| p.missing.clone())
        .unwrap_or_default()
}

/// True when a contribution is of the right kind for a requirement, may be used there, and keeps
/// the rule of impartiality.
fn fits(offer: &Contribution, requirement: &Requirement) -> bool {
    let open = |list: &[Slug], id: &Slug| list.is_empty() || list.contains(id);
    offer.capability == requirement.capability
        && open(&offer.layers, &requirement.layer)
        && open(&offer.places, &requirement.place)
        && !offer.territories_denied.contains(&requirement.territory)
        && (offer.impartial || !requirement.impartial_only)
}
