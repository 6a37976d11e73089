//! The whole computation: votes → conditions → permissions → pledges → shortfalls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::{Slug, Timestamp};

use crate::coalition::{Coalition, Contribution, Pledge, Requirement};
use crate::council::{Ballot, Proviso};
use crate::forces::{self, Offer, Problem};
use crate::mandate::Mandate;
use crate::permission::{Permission, Step, VoteOutcome, World, permissions};
use crate::presence::present;
use crate::truth::Truth;
use crate::world::{condition_states, consistent_worlds, contradictions, outcome};

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
    /// The instant at which contributors are asked; those with a notice come so much later.
    pub decided: Option<Timestamp>,
    /// Means of observation that are out of order.
    pub means_out: Vec<Slug>,
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
    pub requirements: Vec<Fulfilment>,
    /// False when there were more than [`crate::world::WORLDS_MAX`] worlds; what could be met is
    /// then too high.
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
pub struct Fulfilment {
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
    /// Why what is certain does not suffice; `None` when it does.
    pub gap: Option<Gap>,
    /// The best permission that any basis gives.
    pub permitted: Truth,
    /// Contributions that fit but are not certain, and what each waits for.
    pub could_help: Vec<Help>,
}

impl Fulfilment {
    /// What is lacking with what is certain.
    #[must_use]
    pub fn shortfall(&self) -> u32 {
        self.needed - self.met
    }
}

/// Why requirements are not met: these requirements can be served, with what is certain, by these
/// contributions only, and they do not suffice. Anyone can check it by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The requirements that compete for the same contributions.
    pub requirements: Vec<Slug>,
    /// All contributions that can serve them.
    pub contributions: Vec<Slug>,
    /// What the requirements want together.
    pub wanted: u64,
    /// What the contributions can give together.
    pub offered: u64,
    /// False when contributions that cannot be divided leave a gap that their sum would close.
    pub proven_by_sum: bool,
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
        decided: assumptions.decided,
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
        .map(|i| scene.fulfilment(i, &states, &permissions, &certain, could_be_met[i]))
        .collect();
    Plan {
        assumptions: assumptions.clone(),
        contradictions: contradictions(&states, &coalition.exclusions),
        pledges: scene.availabilities(&states),
        requirements,
        worlds_complete,
        conditions: states,
        permissions,
        votes,
    }
}

/// What an assignment gives, by requirement.
struct Assignment {
    met: Vec<u32>,
    parts: Vec<Vec<(Slug, u32)>>,
    gaps: Vec<Option<Gap>>,
}

struct Scene<'a> {
    coalition: &'a Coalition,
    mandate: &'a Mandate,
    votes: &'a [VoteOutcome],
    at: Option<Timestamp>,
    decided: Option<Timestamp>,
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

    /// Whether a pledge can be had: its status and its conditions.
    fn available(&self, contribution: &Contribution, states: &BTreeMap<Slug, Truth>) -> Truth {
        let pledged = match contribution.status {
            Pledge::Firm | Pledge::Conditional => Truth::True,
            Pledge::UnderReview => Truth::Unknown,
            Pledge::Refused => Truth::False,
        };
        pledged.and(contribution.when.value(states))
    }

    /// Assigns what is at least so certain to the requirements, in order of priority.
    fn assignment(
        &self,
        states: &BTreeMap<Slug, Truth>,
        permissions: &[Permission],
        least: Truth,
    ) -> Assignment {
        let (requirements, offers) = (&self.coalition.requirements, &self.coalition.contributions);
        let mut order: Vec<usize> = (0..requirements.len()).collect();
        order.sort_by_key(|i| (requirements[*i].priority, *i));
        let lawful: Vec<Truth> = requirements
            .iter()
            .map(|r| lawful(permissions, r))
            .collect();
        let offer = |contribution: &Contribution| {
            let state = self.available(contribution, states);
            let gives = |i: &usize| {
                let usable =
                    fits(contribution, &requirements[*i]) && state.and(lawful[*i]) >= least;
                let offered = contribution.offers(requirements[*i].capability);
                let quantity = offered.filter(|_| usable).unwrap_or(0);
                present(contribution, quantity, self.at, self.decided)
            };
            Offer {
                whole: contribution.is_whole(),
                gives: order.iter().map(gives).collect(),
            }
        };
        let problem = Problem {
            offers: offers.iter().map(offer).collect(),
            needs: order
                .iter()
                .map(|i| needed(&requirements[*i], self.at))
                .collect(),
        };
        let assigned = forces::assign(&problem);
        let mut answer = Assignment {
            met: vec![0; requirements.len()],
            parts: vec![Vec::new(); requirements.len()],
            gaps: vec![None; requirements.len()],
        };
        for (need, i) in order.iter().enumerate() {
            answer.met[*i] = assigned.served[need];
            let given = assigned
                .given
                .iter()
                .zip(offers)
                .filter(|(row, _)| row[need] > 0);
            answer.parts[*i] = given
                .map(|(row, offer)| (offer.id.clone(), row[need]))
                .collect();
            let cut = forces::cut(&problem, &assigned, need);
            answer.gaps[*i] = cut.map(|cut| Gap {
                requirements: cut
                    .needs
                    .iter()
                    .map(|j| requirements[order[*j]].id.clone())
                    .collect(),
                contributions: cut.offers.iter().map(|k| offers[*k].id.clone()).collect(),
                wanted: cut.wanted,
                offered: cut.offered,
                proven_by_sum: cut.suffices,
            });
        }
        answer
    }

    fn fulfilment(
        &self,
        i: usize,
        states: &BTreeMap<Slug, Truth>,
        permissions: &[Permission],
        certain: &Assignment,
        could_be_met: u32,
    ) -> Fulfilment {
        let requirement = &self.coalition.requirements[i];
        let permitted = lawful(permissions, requirement);
        let mut could_help = Vec::new();
        for offer in self
            .coalition
            .contributions
            .iter()
            .filter(|o| fits(o, requirement))
        {
            let state = self.available(offer, states).and(permitted);
            if state == Truth::True && offer.offers(requirement.capability).is_some() {
                continue;
            }
            let waiting = offer.when.waiting_for(states).into_iter();
            let mut missing: Vec<Step> = waiting
                .map(|condition| Step::Fulfil { condition })
                .collect();
            for step in nearest_basis(permissions, requirement) {
                if !missing.contains(&step) {
                    missing.push(step);
                }
            }
            could_help.push(Help {
                contribution: offer.id.clone(),
                quantity: offer.offers(requirement.capability),
                state,
                refused: offer.status == Pledge::Refused,
                missing,
            });
        }
        Fulfilment {
            requirement: requirement.id.clone(),
            needed: needed(requirement, self.at),
            met: certain.met[i],
            could_be_met: could_be_met.max(certain.met[i]),
            assigned: certain.parts[i].clone(),
            gap: certain.gaps[i].clone(),
            permitted,
            could_help,
        }
    }
}

/// How much of a requirement is needed at an instant.
pub(crate) fn needed(requirement: &Requirement, at: Option<Timestamp>) -> u32 {
    let begun = |at| requirement.from.is_none_or(|from| from <= at);
    let open = |at| requirement.until.is_none_or(|until| at < until);
    let wanted = at.is_none_or(|at| begun(at) && open(at));
    if wanted { requirement.quantity } else { 0 }
}

/// What the law allows for a requirement: the best that any basis gives. A layer is not permitted
/// where it does not list the territory.
pub(crate) fn lawful(permissions: &[Permission], requirement: &Requirement) -> Truth {
    let here = permissions.iter().filter(|p| concerns(p, requirement));
    here.fold(Truth::False, |best, permission| best.or(permission.state))
}

/// True when a permission is about a requirement's layer, territory and capability.
pub(crate) fn concerns(permission: &Permission, requirement: &Requirement) -> bool {
    permission.layer == requirement.layer
        && permission.territory == requirement.territory
        && permission.concerns(requirement.capability)
}

/// The steps of the basis that needs fewest, when none permits it yet.
fn nearest_basis(permissions: &[Permission], requirement: &Requirement) -> Vec<Step> {
    let here = |p: &&Permission| concerns(p, requirement);
    let reachable = |p: &&Permission| !p.missing.contains(&Step::OutOfReach);
    permissions
        .iter()
        .filter(here)
        .filter(reachable)
        .min_by_key(|p| p.missing.len())
        .map(|p| p.missing.clone())
        .unwrap_or_default()
}

/// True when a contribution is of the right kind for a requirement, may be used there, comes in
/// time, and keeps its own caveats and the rule of impartiality.
pub(crate) fn fits(offer: &Contribution, requirement: &Requirement) -> bool {
    let open = |list: &[Slug], id: &Slug| list.is_empty() || list.contains(id);
    let able = offer.capability == requirement.capability
        || offer
            .roles
            .iter()
            .any(|role| role.capability == requirement.capability);
    let tasks = &requirement.tasks;
    let notice = offer.notice_days.unwrap_or(0);
    able && open(&offer.layers, &requirement.layer)
        && open(&offer.places, &requirement.place)
        && tasks.iter().all(|task| open(&offer.tasks, task))
        && !tasks.iter().any(|task| offer.tasks_denied.contains(task))
        && !offer.layers_denied.contains(&requirement.layer)
        && !offer.places_denied.contains(&requirement.place)
        && !offer.territories_denied.contains(&requirement.territory)
        && requirement
            .notice_days_max
            .is_none_or(|most| notice <= most)
        && (offer.impartial || !requirement.impartial_only)
}
