//! Objects over time: those that name themselves ([`cooperative`]) and those that are only seen
//! ([`anonymous`], by the tracker of [`scans`]).
//!
//! A track never says where an object came from before it was first observed, and never where it
//! will be.

pub(crate) mod anonymous;
mod carriers;
pub(crate) mod cooperative;
pub(crate) mod kalman;
pub mod scans;

use truce_core::{ObjectKind, Observation, ObservationId, Reading, Timestamp};

/// Version of the rules by which tracks are named; part of every track's name.
pub(crate) const TRACK_RULE_VERSION: u32 = 1;

/// The order in which observations of an object are filtered: by time, then by name.
pub(crate) type Key = (Timestamp, ObservationId);

/// The key of an observation.
pub(crate) fn key_of(observation: &Observation) -> Key {
    (observation.observed_at.middle(), observation.id)
}

/// The kind of object that an observation shows without naming or following it. Targets of radars are
/// taken as plots although radars number them: a number is given again, and two radars number one
/// vessel twice.
pub(crate) fn anonymous_kind(observation: &Observation) -> Option<ObjectKind> {
    match &observation.reading {
        Reading::Uav(detection) if detection.target.is_none() => Some(ObjectKind::Uav),
        Reading::Radar(_) => Some(ObjectKind::Vessel),
        _ => None,
    }
}
