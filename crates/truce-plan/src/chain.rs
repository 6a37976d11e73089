//! The whole chain, and what a change of it changes: votes and conditions → what is permitted →
//! what is met → what watches → what is detected, clause by clause.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use crate::assess::{Assumptions, Plan, assess};
use crate::coalition::Coalition;
use crate::coverage::{self, Picture, Prepared};
use crate::mandate::Mandate;
use crate::truth::Truth;

/// A plan and what can be seen with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The plan.
    pub plan: Plan,
    /// What can be seen.
    pub picture: Picture,
}

/// Computes the chain from what is assumed to what is detected.
#[must_use]
pub fn compute(
    coalition: &Coalition,
    mandate: &Mandate,
    prepared: &Prepared,
    assumptions: &Assumptions,
) -> Outcome {
    let plan = assess(coalition, mandate, assumptions);
    let picture = coverage::assess(&coalition.watch, prepared, &plan);
    Outcome { plan, picture }
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change<T> {
    /// Of what.
    pub of: Slug,
    /// Before.
    pub before: T,
    /// After.
    pub after: T,
}

/// What differs between two outcomes of the same mission, link by link of the chain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// States of conditions.
    pub conditions: Vec<Change<Truth>>,
    /// Layers in territories that the law permits or no longer permits; the first name is the layer.
    pub permitted: Vec<(Slug, Change<Truth>)>,
    /// How much of requirements is met.
    pub met: Vec<Change<u32>>,
    /// How many of a means are delivered.
    pub means: Vec<Change<f64>>,
    /// Chance to detect a breach of a clause, as delivered.
    pub clauses: Vec<Change<f64>>,
}

/// Chances that differ by less are alike.
const CHANCE_STEP: f64 = 1e-9;

/// Compares two outcomes of the same mission.
#[must_use]
pub fn compare(before: &Outcome, after: &Outcome) -> Changes {
    let conditions = before.plan.conditions.iter().zip(&after.plan.conditions);
    let met = before
        .plan
        .requirements
        .iter()
        .zip(&after.plan.requirements);
    let means = before.picture.means.iter().zip(&after.picture.means);
    let clauses = before.picture.clauses.iter().zip(&after.picture.clauses);
    let moved = |a: f64, b: f64| (a - b).abs() > CHANCE_STEP;
    Changes {
        conditions: conditions
            .filter(|((_, a), (_, b))| a != b)
            .map(|((id, a), (_, b))| change(id, *a, *b))
            .collect(),
        permitted: permitted(&before.plan, &after.plan),
        met: met
            .filter(|(a, b)| a.met != b.met)
            .map(|(a, b)| change(&a.requirement, a.met, b.met))
            .collect(),
        means: means
            .filter(|(a, b)| moved(a.delivered, b.delivered))
            .map(|(a, b)| change(&a.means, a.delivered, b.delivered))
            .collect(),
        clauses: clauses
            .filter(|(a, b)| moved(a.delivered, b.delivered))
            .map(|(a, b)| change(&a.clause, a.delivered, b.delivered))
            .collect(),
    }
}

fn change<T>(of: &Slug, before: T, after: T) -> Change<T> {
    Change {
        of: of.clone(),
        before,
        after,
    }
}

/// Layers in territories whose best permission differs.
fn permitted(before: &Plan, after: &Plan) -> Vec<(Slug, Change<Truth>)> {
    let best = |plan: &Plan| {
        let mut best: BTreeMap<(Slug, Slug), Truth> = BTreeMap::new();
        for line in &plan.permissions {
            let key = (line.layer.clone(), line.territory.clone());
            let state = best.entry(key).or_insert(Truth::False);
            *state = state.or(line.state);
        }
        best
    };
    let (before, after) = (best(before), best(after));
    let lines = before.iter().zip(&after).filter(|((_, a), (_, b))| a != b);
    lines
        .map(|(((layer, land), a), (_, b))| (layer.clone(), change(land, *a, *b)))
        .collect()
}
