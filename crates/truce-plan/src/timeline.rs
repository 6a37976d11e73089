//! Shortfalls over time: one plan for each stretch in which nothing comes, goes or changes turns.

use serde::{Deserialize, Serialize};
use truce_core::time::{DAY_S, seconds_between};
use truce_core::{Slug, Timestamp};

use crate::assess::{Assumptions, assess};
use crate::coalition::Coalition;
use crate::mandate::Mandate;
use crate::presence::changes;

/// Most stretches of a timeline: a change a day for five years.
pub const STRETCHES_MAX: usize = 1_826;

/// A stretch of time in which the assignment stays the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; the next stretch begins here.
    pub until: Timestamp,
    /// What is needed and met of every requirement, in the order of the file.
    pub requirements: Vec<Level>,
}

/// How well a requirement is met during a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The requirement.
    pub requirement: Slug,
    /// How much is needed.
    pub needed: u32,
    /// How much is met with what is certain.
    pub met: u32,
}

impl Stretch {
    /// Its length, days.
    #[must_use]
    pub fn days(&self) -> f64 {
        seconds_between(self.from, self.until) / DAY_S
    }
}

/// The plan over a period, stretch by stretch; at most [`STRETCHES_MAX`], the last one then runs to
/// the end of the period.
#[must_use]
pub fn timeline(
    coalition: &Coalition,
    mandate: &Mandate,
    assumptions: &Assumptions,
    period: (Timestamp, Timestamp),
) -> Vec<Stretch> {
    let inside = |at: &Timestamp| period.0 < *at && *at < period.1;
    let mut cuts = vec![period.0];
    for contribution in &coalition.contributions {
        cuts.extend(changes(contribution, period, assumptions.decided));
    }
    let dates = coalition
        .requirements
        .iter()
        .flat_map(|r| [r.from, r.until]);
    let dates = dates.chain(mandate.bases.iter().map(|basis| basis.expires));
    cuts.extend(dates.flatten().filter(inside));
    cuts.sort_unstable();
    cuts.dedup();
    cuts.truncate(STRETCHES_MAX);
    let ends = cuts.iter().skip(1).copied().chain([period.1]);
    let mut stretches: Vec<Stretch> = Vec::new();
    for (from, until) in cuts.iter().copied().zip(ends) {
        let requirements = levels(coalition, mandate, assumptions, from);
        match stretches.last_mut() {
            Some(last) if last.requirements == requirements => last.until = until,
            _ => stretches.push(Stretch {
                from,
                until,
                requirements,
            }),
        }
    }
    stretches
}

fn levels(
    coalition: &Coalition,
    mandate: &Mandate,
    assumptions: &Assumptions,
    at: Timestamp,
) -> Vec<Level> {
    let assumptions = Assumptions {
        at: Some(at),
        ..assumptions.clone()
    };
    let plan = assess(coalition, mandate, &assumptions);
    let level = |met: crate::assess::Fulfilment| Level {
        requirement: met.requirement,
        needed: met.needed,
        met: met.met,
    };
    plan.requirements.into_iter().map(level).collect()
}
