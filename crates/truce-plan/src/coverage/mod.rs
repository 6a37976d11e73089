//! What the mission can see: which satellite looks at which cell when, what instruments, drones,
//! patrols and ships add, and how probable it is that a violation is detected, area by area.
//!
//! Access, planned and delivered are three things. Access is what geometry allows; planned is what
//! operators and the mission intend; delivered is what the pledges bring of it as things stand.
//! What does not change with pledges and votes is computed once ([`prepare()`]); what they change
//! follows in milliseconds ([`assess`]).

pub mod access;
pub mod cells;
pub mod detect;
pub mod fleet;
mod lanes;
mod near_earth;
pub mod orbit;
mod passes;
mod picture;
mod prepare;
mod sight;
mod sincos;
mod swath;

use serde::{Deserialize, Serialize};
use truce_core::{Slug, Timestamp};

pub use passes::{Overpass, timeline};
pub(crate) use picture::planned;
pub use picture::{AreaPicture, Chances, ClausePicture, MeansState, Picture, assess};
pub(crate) use prepare::watches;
pub use prepare::{AreaView, Prepared, prepare};
pub use sight::map;
pub(crate) use sight::{chance_of, is_relevant};
pub use swath::{Swath, swaths};

/// How much of the means is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything planned is there, and every access is recorded.
    Access,
    /// Everything planned is there, and operators record what they plan to.
    Planned,
    /// What the pledges bring, as things stand.
    Delivered,
}

/// Why a picture cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The area's zone and sector have no point in common.
    EmptyArea(Slug),
    /// There would be more than [`cells::CELLS_MAX`] cells.
    TooManyCells(Slug),
    /// SGP4 cannot carry the orbit of this means.
    NoOrbit(Slug),
    /// More than [`detect::OUTAGES_MAX`] outages.
    TooManyOutages(usize),
}

/// When, and how finely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// The start of the plan.
    pub from: Timestamp,
    /// Its length, days.
    pub days: f64,
    /// Side of a cell, metres.
    pub cell_m: f64,
}
