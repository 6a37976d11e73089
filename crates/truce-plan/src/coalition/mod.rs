//! Who offers what on which condition, and what is needed, as `coalition.toml` says it.
//!
//! Positions are claims with a source, a date and a grade, and contradictions are kept side by
//! side. Numbers that nobody reported carry `illustrative = true`.

pub(crate) mod read;

use serde::{Deserialize, Serialize};
use truce_core::belief::Grade;
use truce_core::document::{Document, Issues};
use truce_core::mission::Mission;
use truce_core::{Slug, Timestamp};

use crate::truth::{Expression, Truth};

/// Pledges, conditions and needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coalition {
    /// Places beside the mission's sectors, such as the western border.
    pub places: Vec<NamedPlace>,
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
    /// Territories it may not enter.
    pub territories_denied: Vec<Slug>,
    /// How firm it is.
    pub status: Pledge,
    /// On what it hangs.
    pub when: Expression,
    /// From when it is ready.
    pub ready: Option<Timestamp>,
    /// How long it can stay, days.
    pub sustain_days: Option<u32>,
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
