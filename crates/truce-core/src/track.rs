//! Objects followed over time.

use serde::{Deserialize, Serialize};

use crate::identity::{ObservationId, Slug, TrackId};
use crate::place::{Height, Place};
use crate::time::Timestamp;

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A ship or boat.
    Vessel,
    /// A warship or other state vessel of a navy.
    Warship,
    /// A crewed aircraft.
    Aircraft,
    /// An uncrewed aircraft.
    Uav,
    /// A vehicle on the ground.
    Vehicle,
    /// A weapon system.
    Weapon,
    /// Troops.
    Troops,
}

/// The identity an object gives itself, or that its detector gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectIdentity {
    /// Maritime mobile service identity.
    Mmsi(u32),
    /// ICAO 24-bit address.
    Icao(u32),
    /// Serial number of a Remote ID broadcast or of a weapon.
    Serial(String),
    /// The sensor it carries, of what belongs to the mission.
    Sensor(Slug),
    /// The number a detector gives to what it follows, valid for that detector only.
    Detector {
        /// The detector, or its feed when the feed does not tell its detectors apart.
        source: Slug,
        /// Its number.
        target: String,
    },
}

/// One point of a track: the filtered estimate after one observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackPoint {
    /// When.
    pub observed_at: Timestamp,
    /// Where, with uncertainty.
    pub place: Place,
    /// Height, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Height>,
    /// Speed over ground, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Course over ground, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
    /// The observation it follows from.
    pub observation: ObservationId,
}

/// An object over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Its name.
    pub id: TrackId,
    /// What it is.
    pub kind: ObjectKind,
    /// The identity it gives itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<ObjectIdentity>,
    /// Name or call sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The actor it belongs to, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Slug>,
    /// Probability that the object exists.
    pub existence: f64,
    /// Number of observations in it.
    pub observation_count: u64,
    /// When it was first observed.
    pub first_observed_at: Timestamp,
    /// Points in order of time. A track's record holds only those that are new or changed since
    /// the record before; a point replaces an earlier one with the same observation. Of objects
    /// that report themselves it leaves out what the point before foresees.
    pub points: Vec<TrackPoint>,
}
