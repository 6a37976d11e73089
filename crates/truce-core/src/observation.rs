//! One reading of one sensor or one statement of one person, in SI units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::belief::Grade;
use crate::finding::Reply;
use crate::identity::{Digest, MessageId, ObservationId, Slug};
use crate::incident::{EventClass, IncidentKind};
use crate::notice::Notice;
use crate::place::Location;
use crate::retraction::Retraction;
use crate::time::{Interval, Timestamp};
use crate::track::{ObjectIdentity, ObjectKind};

/// One reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Its name; see [`Observation::name`].
    pub id: ObservationId,
    /// The message it was decoded from.
    pub message: MessageId,
    /// The feed the message came by.
    pub source: Slug,
    /// The configured sensor that made the reading, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<Slug>,
    /// When it happened in the world.
    pub observed_at: Interval,
    /// When the message arrived.
    pub received_at: Timestamp,
    /// Where; `None` for readings that have no place, such as a vessel's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What was read.
    pub reading: Reading,
    /// Admiralty grades of source and content.
    pub grade: Grade,
    /// The key of the feed that the message was signed with; `None` when it was not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<Slug>,
}

impl Observation {
    /// The name of the `index`-th observation of a message that was observed at a time. The time is
    /// part of it because some messages carry none of their own: the same bytes at another time are
    /// then another observation.
    #[must_use]
    pub fn name(message: MessageId, index: u32, observed_at: Interval) -> ObservationId {
        let nanoseconds = |at: Timestamp| at.as_nanosecond().to_be_bytes();
        ObservationId(Digest::of_parts(
            "truce observation v1",
            &[
                &message.0.0,
                &index.to_be_bytes(),
                &nanoseconds(observed_at.start),
                &nanoseconds(observed_at.end),
            ],
        ))
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A hot pixel seen from a satellite.
    ThermalAnomaly(ThermalAnomaly),
    /// An area that changed between two satellite scenes.
    AreaChange(AreaChange),
    /// A vessel's own position or static report.
    Vessel(VesselReport),
    /// An aircraft's own report.
    Aircraft(AircraftReport),
    /// A detection of an uncrewed aircraft.
    Uav(UavDetection),
    /// A target of a radar that watches the sea.
    Radar(RadarTarget),
    /// A sound at an acoustic array.
    Acoustic(AcousticDetection),
    /// A seismic phase at a station.
    Seismic(SeismicPick),
    /// Something seen by a camera, a drone's payload or a radar operator.
    Sighting(Sighting),
    /// A statement by a person: patrol report, allegation, hotline call, open source.
    Claim(Claim),
    /// A party's reply to a finding.
    Reply(Reply),
    /// A party's notice of a movement.
    Notice(Notice),
    /// A sender takes reports back.
    Retraction(Retraction),
    /// A sensor's own state: working, degraded, jammed, off.
    SensorState(SensorState),
    /// Weather that limits sensors.
    Weather(Weather),
}

/// A hot pixel (NASA FIRMS; VIIRS 375 m: Schroeder et al. 2014).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThermalAnomaly {
    /// Brightness temperature of the fire channel (I-4 for VIIRS, 21/22 for MODIS), kelvin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness_k: Option<f64>,
    /// Brightness temperature of the background channel (I-5, 31), kelvin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_k: Option<f64>,
    /// Fire radiative power, megawatts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radiative_power_mw: Option<f64>,
    /// Pixel size along scan, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_m: Option<f64>,
    /// Pixel size along track, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_m: Option<f64>,
    /// The detection's own confidence: VIIRS low / nominal / high as .3 / .6 / .9, MODIS percent
    /// as a fraction. It ranks detections; it is no probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// True by day, false by night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daytime: Option<bool>,
    /// Satellite as the product names it, such as `N20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satellite: Option<String>,
    /// Instrument as the product names it, such as `VIIRS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// Product version as given, such as `2.0NRT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// An area that changed between two scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaChange {
    /// The test's score; larger is a stronger change.
    pub score: f64,
    /// Standard deviation of the score.
    pub score_sigma: f64,
    /// The product or scene pair.
    pub scenes: String,
}

/// A vessel's own report (ITU-R M.1371). Absent fields were not in the message or not available.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VesselReport {
    /// Maritime mobile service identity.
    pub mmsi: u32,
    /// AIS message type, 1 to 27.
    pub message_type: u8,
    /// Speed over ground, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Course over ground, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
    /// Heading, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Navigational status code, 0 to 14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub navigational_status: Option<u8>,
    /// Position accuracy flag: true is better than 10 m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accurate: Option<bool>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Call sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sign: Option<String>,
    /// IMO number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imo_number: Option<u32>,
    /// Ship and cargo type code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_type: Option<u8>,
    /// Length overall, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_m: Option<f64>,
    /// Beam, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beam_m: Option<f64>,
    /// Draught, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draught_m: Option<f64>,
    /// Destination as entered by the crew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Fields of other message types, under their standard names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// An aircraft's own report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AircraftReport {
    /// ICAO 24-bit address.
    pub icao_address: u32,
    /// Call sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sign: Option<String>,
    /// Ground speed, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Track over ground, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
    /// Climb rate, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub climb_m_s: Option<f64>,
}

/// A detection of an uncrewed aircraft by a sensor on the ground or in the air.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UavDetection {
    /// The detector's own number for what it follows, when it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Speed, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Course, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
    /// Means of detection, such as `radar`, `radio` or `camera`.
    pub means: Slug,
    /// The detector's own confidence in `[0, 1]`; it ranks detections, it is no probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The actor it belongs to, when it identifies itself (the mission's own aircraft do).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
}

/// A target of a radar that watches the sea. Absent fields were not in the message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RadarTarget {
    /// The radar's own number for what it follows; radars give a number again when it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Speed over ground, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Course over ground, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<f64>,
}

/// A sound at an acoustic array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcousticDetection {
    /// What the array took it for, when it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EventClass>,
    /// True for the sound of a launch, false for an impact, `None` when not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<bool>,
    /// Peak sound pressure level, decibels re 20 µPa.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_db: Option<f64>,
    /// Signal to noise ratio, decibels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal_to_noise_db: Option<f64>,
}

/// A phase of a seismic wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SeismicPhase {
    /// Compressional wave.
    P,
    /// Shear wave.
    S,
}

/// A seismic phase at a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeismicPick {
    /// Which wave.
    pub phase: SeismicPhase,
    /// Signal to noise ratio, decibels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal_to_noise_db: Option<f64>,
}

/// Something seen by an instrument that looks at a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// What kind of incident it shows.
    pub about: IncidentKind,
    /// What class of event, when the kind is a physical event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EventClass>,
    /// The object seen, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectKind>,
    /// Weapon class as the agreement names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weapon: Option<Slug>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// In what role a person speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// A patrol or post of the mission.
    Patrol,
    /// A party to the agreement.
    Party(Slug),
    /// A caller on the hotline.
    Hotline,
    /// A published source.
    OpenSource,
}

/// The direction from a crater towards where the projectile came from, as read on the ground.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CraterAzimuth {
    /// Degrees true, in `[0, 360)`.
    pub azimuth_deg: f64,
    /// Its standard deviation, degrees.
    pub azimuth_deg_sigma: f64,
}

/// A statement by a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Who speaks.
    pub speaker: Speaker,
    /// What kind of incident it is about.
    pub about: IncidentKind,
    /// What class of event, when the kind is a physical event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EventClass>,
    /// The side that is said to have done it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Slug>,
    /// Weapon class as the agreement names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weapon: Option<Slug>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What kind of object it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_kind: Option<ObjectKind>,
    /// What a crater says of where the projectile came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crater: Option<CraterAzimuth>,
    /// The object it is about, when it has an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectIdentity>,
    /// The report that it is part of, by whose name its sender may take it back; see
    /// [`Retraction`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Slug>,
    /// What was said, in the speaker's words; of what was published the quotation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it was published, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Publication>,
}

/// A published statement: a news item, a post, an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// What it goes back to. Copies of one report have one origin and count once, whoever repeats
    /// them.
    pub origin: Slug,
    /// Who published it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// Whether a sensor works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As configured.
    Working,
    /// Less well than configured.
    Degraded,
    /// Disturbed from outside.
    Jammed,
    /// Not at all.
    Off,
}

/// A sensor's own state from `observed_at` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorState {
    /// The state.
    pub health: Health,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// Weather over an area during `observed_at`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weather {
    /// Share of the sky covered by cloud, `[0, 1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_fraction: Option<f64>,
    /// Wind speed, metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wind_speed_m_s: Option<f64>,
    /// Direction the wind comes from, degrees true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wind_from_deg: Option<f64>,
}
