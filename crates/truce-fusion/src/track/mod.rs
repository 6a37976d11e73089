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

use truce_core::observation::UavDetection;
use truce_core::{
    ObjectIdentity, ObjectKind, Observation, ObservationId, Reading, Timestamp, TrackId,
};

use crate::own;

/// Version of the rules by which tracks are named; part of every track's name.
pub(crate) const TRACK_RULE_VERSION: u32 = 1;

/// The order in which observations of an object are filtered: by time, then by name.
pub(crate) type Key = (Timestamp, ObservationId);

/// Fixes that a track handed out and does not have any more: late data showed that they belong to
/// another track or to none, or that they are another receiver's copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The track.
    pub track: TrackId,
    /// When each was made, and the observation.
    pub fixes: Vec<(Timestamp, ObservationId)>,
}

impl Lost {
    fn new(track: TrackId) -> Self {
        Self {
            track,
            fixes: Vec::new(),
        }
    }
}

/// The key of an observation.
pub(crate) fn key_of(observation: &Observation) -> Key {
    (observation.observed_at.middle(), observation.id)
}

/// The kind of object that an observation shows without naming it. What a detector or a radar follows
/// is taken as plots although it has a number: a number is given again, and two detectors number one
/// object twice.
pub(crate) fn anonymous_kind(observation: &Observation) -> Option<ObjectKind> {
    match &observation.reading {
        Reading::Uav(detection) if names_itself(detection) => None,
        Reading::Uav(_) => Some(ObjectKind::Uav),
        Reading::Radar(_) => Some(ObjectKind::Vessel),
        _ => None,
    }
}

/// Who an uncrewed aircraft is, when it says so or a common picture does.
pub(crate) fn speaker_of(observation: &Observation) -> Option<ObjectIdentity> {
    match &observation.reading {
        Reading::Uav(detection) if names_itself(detection) => {
            cooperative::uav_identity(observation, detection)
        }
        _ => None,
    }
}

/// True for an uncrewed aircraft that says who it is, or of which a common picture does (Cursor on
/// Target gives every object one name for all who see it).
fn names_itself(detection: &UavDetection) -> bool {
    let by_itself = own::is_self_report(detection) || detection.means.as_str() == "cot";
    by_itself && detection.target.is_some()
}
