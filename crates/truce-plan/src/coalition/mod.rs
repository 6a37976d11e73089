//! Who offers what on which condition, and what is needed, as `coalition.toml` says it.
//!
//! Positions are claims with a source, a date and a grade, and contradictions are kept side by
//! side. Numbers that nobody reported carry `illustrative = true`.

pub(crate) mod read;
mod read_pledge;

use serde::{Deserialize, Serialize};
use truce_core::belief::Grade;
use truce_core::document::{Document, Issues};
use truce_core::mission::Mission;
use truce_core::{Slug, Timestamp};

use crate::truth::{Expression, Truth};
use crate::watch::Watch;

/// Pledges, conditions and needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coalition {
    /// Places beside the mission's sectors, such as the western border.
    pub places: Vec<NamedPlace>,
    /// Training sites.
    pub sites: Vec<Site>,
    /// Courses held there.
    pub courses: Vec<Course>,
    /// On what pledges and legal bases hang.
    pub conditions: Vec<Condition>,
    /// Conditions that cannot hold together.
    pub exclusions: Vec<Exclusion>,
    /// What is needed.
    pub requirements: Vec<Requirement>,
    /// What is offered, refused or considered.
    pub contributions: Vec<Contribution>,
    /// What actors have said and what has happened, as reported.
    pub positions: Vec<Position>,
    /// Figures from public sources that sizes rest on.
    pub figures: Vec<Figure>,
    /// What watches which area, and how well.
    pub watch: Watch,
}

/// A site where people are trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// The sector or place it is in.
    pub place: Slug,
    /// How many trainees it lodges at a time.
    pub trainees_max: u32,
    /// True when the number is invented for this example.
    pub illustrative: bool,
    /// Where the number comes from.
    pub basis: String,
}

/// A course that is held again and again at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// Where it is held.
    pub site: Slug,
    /// The requirement it serves.
    pub requirement: Slug,
    /// How long it lasts, days.
    pub days: u32,
    /// How many take part in one run.
    pub trainees: u32,
    /// How many runs overlap.
    pub parallel: u32,
    /// True when the numbers are invented for this example.
    pub illustrative: bool,
    /// Where the numbers come from.
    pub basis: String,
}

/// A place beside the mission's sectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPlace {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
}

/// Something that is true, false or unknown, with evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Its name.
    pub id: Slug,
    /// It as a sentence.
    pub title: String,
    /// Its state.
    pub state: Truth,
    /// When its state was last judged: a year, month or day.
    pub as_of: String,
    /// On what the state rests.
    pub evidence: String,
    /// The vote that decides it; its state is then the vote's outcome.
    pub decided_by_vote: Option<Slug>,
    /// True when the state is invented for this example.
    pub illustrative: bool,
}

/// Conditions of which at most one can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its name.
    pub id: Slug,
    /// The conditions.
    pub conditions: Vec<Slug>,
    /// Why.
    pub text: String,
}

/// What can be needed and offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Forces on land.
    Land,
    /// Aircraft.
    Air,
    /// Ships and boats.
    Sea,
    /// Intelligence, surveillance and reconnaissance.
    Surveillance,
    /// Air defence.
    AirDefence,
    /// Electronic warfare.
    ElectronicWarfare,
    /// Protection of naval forces.
    NavalProtection,
    /// Training.
    Training,
    /// Logistics.
    Logistics,
    /// Medical support.
    Medical,
    /// Engineering and demining.
    Engineering,
    /// Civilian observers and police.
    Observers,
}

impl Capability {
    /// The unit in which it is counted, everywhere.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Land | Self::Logistics | Self::Medical | Self::Engineering | Self::Observers => {
                "people"
            }
            Self::Air => "aircraft",
            Self::Sea | Self::NavalProtection => "ships",
            Self::Surveillance => "orbits",
            Self::AirDefence => "batteries",
            Self::ElectronicWarfare => "sets",
            Self::Training => "trainees_per_month",
        }
    }
}

/// What is needed of a capability somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// The layer of the mission it belongs to.
    pub layer: Slug,
    /// The territory it is in.
    pub territory: Slug,
    /// The sector or place.
    pub place: Slug,
    /// What.
    pub capability: Capability,
    /// How much, in the capability's unit.
    pub quantity: u32,
    /// 1 is served first.
    pub priority: u8,
    /// True when only impartial contributors may serve it.
    pub impartial_only: bool,
    /// What is to be done there; a contribution that denies one of these does not serve it.
    pub tasks: Vec<Slug>,
    /// Longest notice at which a contribution may stand and still count, days.
    pub notice_days_max: Option<u32>,
    /// From when it is needed.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// True when the number is invented for this example.
    pub illustrative: bool,
    /// Where the number comes from.
    pub basis: String,
}

/// How firm a pledge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pledge {
    /// Given; hangs at most on the conditions named.
    Firm,
    /// Given if the conditions hold.
    Conditional,
    /// Being considered: at most unknown.
    UnderReview,
    /// Refused.
    Refused,
}

/// Another role of a contribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// What it can serve as.
    pub capability: Capability,
    /// How much, in that capability's unit.
    pub quantity: u32,
}

/// Turns of presence and absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Days in place.
    pub on_days: u32,
    /// Days of rest and preparation before the next turn.
    pub off_days: u32,
}

impl Rotation {
    /// The part of a pool that can always be in place.
    #[must_use]
    pub fn present_of(self, pool: u32) -> u32 {
        let cycle = u64::from(self.on_days) + u64::from(self.off_days);
        let present = u64::from(pool) * u64::from(self.on_days) / cycle.max(1);
        u32::try_from(present).unwrap_or(pool)
    }
}

/// How ready a contribution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// Trained, equipped and verified.
    Verified,
    /// Exists, and says it is ready.
    Declared,
    /// Exists, and lacks people, equipment or training.
    Partial,
    /// Has yet to be formed.
    Planned,
}

/// A pledge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// Who offers it.
    pub contributor: Slug,
    /// What.
    pub capability: Capability,
    /// How much, in the capability's unit; `None` when nobody has said.
    pub quantity: Option<u32>,
    /// True when parts of it can go to different places.
    pub divisible: bool,
    /// True when the contributor counts as impartial.
    pub impartial: bool,
    /// Layers it may serve; empty: all.
    pub layers: Vec<Slug>,
    /// Sectors and places it may serve; empty: all.
    pub places: Vec<Slug>,
    /// Tasks it may do; empty: all.
    pub tasks: Vec<Slug>,
    /// Layers it may not serve (a caveat).
    pub layers_denied: Vec<Slug>,
    /// Sectors and places it may not serve (a caveat).
    pub places_denied: Vec<Slug>,
    /// Tasks it may not do (a caveat).
    pub tasks_denied: Vec<Slug>,
    /// Territories it may not enter (a caveat).
    pub territories_denied: Vec<Slug>,
    /// What it can serve as instead, the whole of it in one role at a time.
    pub roles: Vec<Role>,
    /// How firm it is.
    pub status: Pledge,
    /// On what it hangs.
    pub when: Expression,
    /// From when it is ready.
    pub ready: Option<Timestamp>,
    /// How long it can stay, days.
    pub sustain_days: Option<u32>,
    /// How it takes turns; `None` when it stays until it leaves.
    pub rotation: Option<Rotation>,
    /// How ready it is.
    pub readiness: Option<Readiness>,
    /// Notice it needs, days.
    pub notice_days: Option<u32>,
    /// What it costs, million euro a year, where somebody has said.
    pub cost_million_eur_per_year: Option<f64>,
    /// True when it is invented for this example.
    pub illustrative: bool,
    /// Positions it rests on.
    pub positions: Vec<Slug>,
    /// Where the numbers come from.
    pub basis: String,
}

/// What an actor said, or what happened, as somebody reported it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Its name.
    pub id: Slug,
    /// Whose position it is, or who acted.
    pub actor: Slug,
    /// The person who spoke, when one did.
    pub speaker: Option<String>,
    /// A year, month or day.
    pub date: String,
    /// It, in our own words.
    pub text: String,
    /// The condition or note that came with it.
    pub note: Option<String>,
    /// Who reported it.
    pub reported_by: String,
    /// Grade of source and content (Admiralty code).
    pub grade: Grade,
    /// Positions that it contradicts.
    pub contradicts: Vec<Slug>,
    /// The layers it is about.
    pub layers: Vec<Slug>,
}

/// A figure from a public source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub id: Slug,
    /// What is counted or measured.
    pub title: String,
    /// The value or values, with their units, as given.
    pub value: String,
    /// Who gave it.
    pub source: String,
}

impl Contribution {
    /// How much of a capability it offers: its own, or one of its other roles. `None` when it does
    /// not offer that, or nobody has said how much.
    #[must_use]
    pub fn offers(&self, capability: Capability) -> Option<u32> {
        if capability == self.capability {
            return self.quantity;
        }
        let role = self.roles.iter().find(|role| role.capability == capability);
        role.map(|role| role.quantity)
    }

    /// True when it serves as a whole or not at all.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.divisible || !self.roles.is_empty()
    }
}

impl Coalition {
    /// Reads `coalition.toml` alone; layers, territories and votes, which stand in `mandate.toml`,
    /// are not looked up. `None` when anything is wrong.
    #[must_use]
    pub fn read<'d>(document: &'d Document, mission: &Mission, issues: &'d Issues) -> Option<Self> {
        let found_before = issues.len();
        let mut names = crate::names_of(mission);
        let coalition = read::read(document, &mut names, issues);
        names.settle(issues);
        (issues.len() == found_before).then_some(coalition)
    }
}
