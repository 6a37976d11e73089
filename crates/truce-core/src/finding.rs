//! What the mission says about an incident: status, attribution, confidence, replies.

use serde::{Deserialize, Serialize};

use crate::identity::{FindingSerial, IncidentId, Slug};
use crate::time::Timestamp;

/// Where a finding stands on the ladder.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Reported by at least one source.
    #[default]
    Reported,
    /// Somebody works on it.
    UnderVerification,
    /// Confirmed by a second, independent means.
    Corroborated,
    /// Established as a fact.
    Verified,
    /// A party was named.
    Attributed,
    /// Done.
    Closed,
    /// Exit: cannot be verified.
    Unverifiable,
    /// Exit: no violation.
    NotAViolation,
    /// Exit: taken back.
    Retracted,
}

impl Status {
    /// The words for it, in the middle of a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::UnderVerification => "under verification",
            Self::Corroborated => "corroborated",
            Self::Verified => "verified",
            Self::Attributed => "attributed",
            Self::Closed => "closed",
            Self::Unverifiable => "unverifiable",
            Self::NotAViolation => "not a violation",
            Self::Retracted => "retracted",
        }
    }
}

/// What an officer does with an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Move it to a status.
    MoveTo(Status),
    /// Name a party; together with the second officer this leads to `attributed`.
    Attribute {
        /// The party.
        party: Slug,
    },
    /// Add a remark.
    Remark,
    /// Ask for a visit of the site. Visits are counted from 1, in the order in which they were asked
    /// for.
    AskVisit {
        /// Who or what goes there.
        means: VisitMeans,
        /// By when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    },
    /// Say what a visit gave.
    ReportVisit {
        /// Which visit.
        visit: u32,
        /// What it gave.
        outcome: VisitOutcome,
    },
    /// Open an inquiry into what a party alleges.
    OpenInquiry {
        /// The party.
        party: Slug,
    },
    /// Release it to others; takes effect when a second officer releases it to the same.
    Release {
        /// Actors to whom it is released, in order.
        to: Vec<Slug>,
    },
    /// Refer it to the joint commission or the guarantor.
    Escalate {
        /// To whom.
        to: Slug,
    },
    /// Note that somebody to whom it was referred has acknowledged it.
    Acknowledge {
        /// Who.
        by: Slug,
    },
    /// Note that a duty that ran against time was met.
    MeetClock {
        /// Which duty.
        clock: Slug,
    },
    /// It is the same event as another incident: both keep their history and count once.
    MergeInto {
        /// The other incident.
        incident: IncidentId,
    },
    /// It is an event of its own after all.
    Split,
}

/// Who or what visits a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitMeans {
    /// A patrol on the ground.
    Patrol,
    /// A drone.
    Drone,
}

/// What a visit gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// The site shows what was reported.
    Confirmed,
    /// The site shows that it did not happen, or not there.
    Refuted,
    /// The site was seen and shows neither.
    Inconclusive,
    /// The visit was denied or turned back: this says nothing about the event, and is a finding of its
    /// own.
    AccessDenied,
    /// The visit was given up for weather, safety or equipment.
    Abandoned,
}

/// One decision of one officer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The incident.
    pub incident: IncidentId,
    /// The officer.
    pub officer: Slug,
    /// When it was taken.
    pub decided_at: Timestamp,
    /// What was decided.
    pub action: Action,
    /// Why, in words; never empty.
    pub reason: String,
}

/// What a party says to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// It accepts it.
    Accepts,
    /// It disputes it.
    Disputes,
    /// It explains without taking a stance.
    Explains,
}

/// A party's reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The incident it replies to.
    pub incident: IncidentId,
    /// The party.
    pub party: Slug,
    /// When it was given.
    pub replied_at: Timestamp,
    /// Its stance.
    pub stance: Stance,
    /// Its words.
    pub text: String,
}

/// One step of a finding's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// An officer decided.
    Decision(Decision),
    /// A party replied.
    Reply(Reply),
}

/// A duty that runs against time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Which duty, such as `response`.
    pub name: Slug,
    /// From when it runs.
    pub starts_at: Timestamp,
    /// By when it must be met.
    pub due_at: Timestamp,
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It runs.
    Running,
    /// It will lapse soon.
    DueSoon,
    /// It lapsed before the duty was met.
    Lapsed,
    /// The duty was met in time.
    Met,
    /// The duty was met after it had lapsed.
    MetLate,
}

/// A clock of a finding at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockReading {
    /// Which duty.
    pub name: Slug,
    /// By when it must be met.
    pub due_at: Timestamp,
    /// From when on it warns.
    pub warns_at: Timestamp,
    /// How it stands.
    pub state: ClockState,
    /// What is left, seconds; negative once it has lapsed.
    pub left_s: f64,
}

/// In which column something is counted. Numbers from two columns are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// A violation, or what may be one.
    Event,
    /// A projectile seen or heard in flight: its launch or its impact may be another observer's event.
    Trajectory,
    /// Assessed as an exercise outside any forbidden area: counted, labelled, no violation.
    Exercise,
}

/// An event with everything that is the same event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// The incident that stands for it.
    pub incident: IncidentId,
    /// All incidents that are this event, in the order of their names, that one included.
    pub seen_as: Vec<IncidentId>,
    /// Its column.
    pub column: Column,
    /// How many there were: the largest number that any observer gave, at least one.
    pub number: u64,
}

/// What the mission says about an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its number, given when an officer first takes it up.
    pub serial: FindingSerial,
    /// The incident.
    pub incident: IncidentId,
    /// The incident's revision it speaks of.
    pub incident_revision: u32,
    /// Where it stands.
    pub status: Status,
    /// The party named, once attributed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributed_to: Option<Slug>,
    /// A party named by one officer that waits for a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution_proposed: Option<(Slug, Slug)>,
    /// Parties that dispute it. An overlay: it changes no status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputed_by: Vec<Slug>,
    /// Duties that run because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// Every decision and reply, in the order in which the mission received them.
    pub history: Vec<Step>,
}
