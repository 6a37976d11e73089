//! What really happened, for scoring what was concluded from the messages: events of the world,
//! what was done to messages on their way, and what the mission gave no place for.

use serde::{Deserialize, Serialize};
use truce_core::{ClauseKind, EventClass, IncidentKind, Interval, Position, Slug};

/// One true event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TruthEvent {
    /// Its number in the simulation.
    pub id: u64,
    /// What kind of incident it is; `None` for what happened to messages on their way, and for what
    /// the mission has no place for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<IncidentKind>,
    /// Its class, for physical events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EventClass>,
    /// True when it breaks a clause.
    pub violation: bool,
    /// Kinds of clauses that it breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<ClauseKind>,
    /// When it happened.
    pub occurred: Interval,
    /// Where it happened; `None` for what has no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Position>,
    /// The party that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Slug>,
    /// Vessel, aircraft or weapon by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The zone it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Slug>,
    /// Sensors and people who got something of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed_by: Vec<Slug>,
    /// Anything else worth knowing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl TruthEvent {
    /// Something that happened at a place, not yet numbered, that breaks nothing.
    pub(crate) fn happened(kind: IncidentKind, occurred: Interval, place: Position) -> Self {
        Self {
            kind: Some(kind),
            place: Some(place),
            ..Self::remark(occurred, String::new())
        }
    }

    /// Something that is no event of the world.
    pub(crate) fn remark(occurred: Interval, note: String) -> Self {
        Self {
            id: 0,
            kind: None,
            class: None,
            violation: false,
            breaks: Vec::new(),
            occurred,
            place: None,
            side: None,
            object: None,
            zone: None,
            observed_by: Vec::new(),
            note,
        }
    }

    /// The same as a violation of clauses of a kind.
    pub(crate) fn breaking(mut self, clause: ClauseKind) -> Self {
        self.violation = true;
        self.breaks.push(clause);
        self
    }
}
