//! Planning: which pledges hang on what, which legal basis permits what where, and what is missing.
//!
//! The planner's question in one computation: votes and conditions decide what is permitted, what
//! is permitted and pledged is assigned to what is required, and the rest is the shortfall, with
//! the steps that would close it. Nothing here reads live state, a clock or a file; coverage and
//! detection are computed elsewhere from what is assigned.

pub mod assess;
pub mod chain;
pub mod coalition;
pub mod council;
pub mod coverage;
pub mod forces;
pub mod mandate;
pub mod permission;
mod presence;
pub mod tasks;
pub mod timeline;
pub mod training;
pub mod truth;
pub mod unlock;
pub mod watch;
pub mod world;

pub use assess::{Assumptions, Plan, assess};
pub use coalition::Coalition;
pub use mandate::Mandate;
pub use truth::{Expression, Truth};

use truce_core::Slug;
use truce_core::document::{Document, Issues, Names};
use truce_core::mission::Mission;

/// Days of a month, by which hours and throughput are counted: a twelfth of 365.25.
const MONTH_DAYS: f64 = 30.4375;

/// Reads `coalition.toml` and `mandate.toml` together, so that references between the two are
/// checked, and those to the clauses of the agreement; without an agreement that could be read
/// clauses are not judged. `None` when anything is wrong; the issues then say what, all at once.
#[must_use]
pub fn read<'d>(
    coalition: &'d Document,
    mandate: &'d Document,
    mission: &Mission,
    clauses: Option<&[Slug]>,
    issues: &'d Issues,
) -> Option<(Coalition, Mandate)> {
    let found_before = issues.len();
    let mut names = names_of(mission);
    if let Some(clauses) = clauses {
        names.open("clause");
        clauses.iter().for_each(|id| names.know("clause", id));
    }
    let coalition = coalition::read::read(coalition, &mut names, issues);
    let mandate = mandate::read::read(mandate, &mut names, issues);
    names.settle(issues);
    if issues.len() > found_before {
        return None;
    }
    Some((coalition, mandate?))
}

/// The names of a mission to which planning refers.
fn names_of<'d>(mission: &Mission) -> Names<'d> {
    let mut names = Names::default();
    for actor in &mission.actors {
        names.know("actor", &actor.id);
    }
    for sector in &mission.sectors {
        names.know("sector or place", &sector.id);
    }
    names.open("zone");
    for zone in &mission.zones {
        names.know("zone", &zone.id);
    }
    names
}
