//! The mission as its folder describes it: actors, sectors, zones, sensors and feeds.
//!
//! The agreement's clauses belong to the accord, the pledges and the mandate to planning; what is
//! here is shared by several rooms. Nothing here opens a file.

mod calibration;
mod decoding;
mod feeds;
mod geojson;
mod line_zones;
mod network;
pub mod offset;
mod reader;
mod rings;
mod sea;
mod settings;
mod straits;
pub mod transport;
mod zones;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::identity::{Digest, Slug};
use crate::incident::EventClass;
use crate::place::Position;

pub use calibration::{CALIBRATION_VERSION, Calibration};
pub use decoding::{CLAIM_FIELDS, Decoding, Mapping, Picker};
pub use feeds::{Feed, FeedKey, FeedUse, PublicKey};
pub use geojson::to_geojson;
pub use line_zones::{LinePlan, LineZonesError, replace_line_zones};
pub use network::grade;
pub use reader::{FEED_FORMATS, read, read_with_formats, read_zones};
pub use sea::{KNOT_M_S, SeaSettings};
pub use straits::{Straits, War};
pub use transport::{CONNECTIONS_MAX, ClientCertificate, Tls, Transport};

/// The six files of a mission folder, in the order in which they are read.
pub const MISSION_FILES: [&str; 6] = [
    "mission.toml",
    "agreement.toml",
    "zones.geojson",
    "sensors.toml",
    "coalition.toml",
    "mandate.toml",
];

/// Files that a mission folder may hold beside them.
pub const OPTIONAL_FILES: [&str; 1] = ["calibration.toml"];

/// A mission, without its clauses, pledges and legal bases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mission {
    /// Its name.
    pub name: Slug,
    /// Its title for people.
    pub title: String,
    /// What it is, in a few sentences.
    pub summary: String,
    /// The log's origin line (C2SP tlog-checkpoint): a schema-less URL.
    pub log_origin: String,
    /// When the daily report closes.
    pub report: ReportSchedule,
    /// How late an observation may arrive and still change a track, seconds.
    pub horizon_s: f64,
    /// Below this probability no party is named.
    pub attribution_threshold: f64,
    /// From this probability on an incident is shown as an alert.
    pub alert_threshold: f64,
    /// From this probability on a direction of a sound without a second reading is told as an
    /// incident, at the most probable stretch of it; `None` when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction_threshold: Option<f64>,
    /// The parties to the agreement and everyone else who is named.
    pub actors: Vec<Actor>,
    /// Sectors, each with the zone that bounds it.
    pub sectors: Vec<Sector>,
    /// What is known beforehand of each class of physical event.
    pub event_classes: Vec<EventClassPrior>,
    /// How stated probabilities of physical events are mapped so that they hold, when that was
    /// fitted.
    pub calibration: Option<Calibration>,
    /// Thresholds of the watch over shipping.
    pub sea: SeaSettings,
    /// The regime of the straits through which warships come, when the mission watches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub straits: Option<Straits>,
    /// Lines and areas.
    pub zones: Vec<Zone>,
    /// Platforms, sensors, posts and feeds.
    pub network: SensorNetwork,
}

/// When the daily report closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSchedule {
    /// IANA time zone, such as `Europe/Kyiv`.
    pub time_zone: String,
    /// Local time of the cut-off, hours.
    pub cut_off_hour: u8,
    /// Local time of the cut-off, minutes.
    pub cut_off_minute: u8,
}

/// The part an actor plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A party to the agreement.
    Party,
    /// A guarantor of the agreement.
    Guarantor,
    /// A contributor to the mission.
    Contributor,
    /// The mission itself.
    Mission,
    /// Anyone else who takes a position.
    Observer,
}

/// A party or another actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// Its part.
    pub role: Role,
}

/// A sector of the mission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sector {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// The zone of kind [`ZoneKind::Sector`] that bounds it.
    pub zone: Slug,
}

/// What is known beforehand of a class of physical event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventClassPrior {
    /// The class.
    pub class: EventClass,
    /// Expected number per day and 1,000 km² on the line of contact.
    pub rate_per_day_per_1000_km2: f64,
    /// Distance from the line of contact at which the rate has fallen to 1/e, metres; `None` when
    /// it does not depend on the line.
    pub line_decay_m: Option<f64>,
    /// How the rate falls with the distance d from the line: exp(−(d / decay)^power). `None` is 1,
    /// an exponential; 2 is half a normal distribution, a large power an even strip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_decay_power: Option<f64>,
    /// Mean time for which its heat can be seen, seconds; `None` when it gives none.
    pub heat_s: Option<f64>,
    /// Share of such events by which a party strikes ground on the other side of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strikes_across: Option<f64>,
    /// The sound of the weapon itself, where that is heard beside the impact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<Launch>,
    /// Where the figures come from.
    pub basis: String,
}

/// The sound of a weapon that fires. It serves to tell sides, never positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// Share of launches in range that an array hears.
    pub probability: f64,
    /// Mean time from launch to impact, seconds.
    pub flight_s: f64,
    /// Its standard deviation, seconds.
    pub flight_s_sigma: f64,
    /// Least and greatest distance of the weapon from the line of contact, metres.
    pub line_m: [f64; 2],
}

/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// The line between the parties.
    LineOfContact,
    /// The zone on both sides of it.
    BufferZone,
    /// A line behind which weapons of a class are withdrawn.
    WithdrawalLine,
    /// The area in which weapons of a class may not be, between the line of contact and a
    /// withdrawal line.
    WithdrawalZone,
    /// A sea corridor.
    Corridor,
    /// Where withdrawn weapons are kept.
    HoldingArea,
    /// An object that may not be attacked.
    ProtectedObject,
    /// Airspace with rules of its own.
    Airspace,
    /// A sector of the mission.
    Sector,
    /// A port, its roads or an inspection area.
    Port,
    /// The area in which the mission watches at all.
    AreaOfOperation,
}

/// The shape of a zone. Rings and lines are lists of corners; rings are not closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A point.
    Point(Position),
    /// A line.
    Line(Vec<Position>),
    /// Polygons, each an outer ring followed by its holes.
    Polygons(Vec<Vec<Vec<Position>>>),
}

impl Shape {
    /// Its corners, in the order in which they are written.
    #[must_use]
    pub fn corners(&self) -> Vec<Position> {
        match self {
            Self::Point(position) => vec![*position],
            Self::Line(corners) => corners.clone(),
            Self::Polygons(polygons) => polygons.iter().flatten().flatten().copied().collect(),
        }
    }
}

/// A line or an area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: ZoneKind,
    /// The party on whose side it lies, when it has a side.
    pub party: Option<Slug>,
    /// The weapon class it concerns, when it concerns one.
    pub weapon: Option<Slug>,
    /// Lowest height above mean sea level, metres; `None` is the ground.
    pub floor_m: Option<f64>,
    /// Greatest height above mean sea level, metres; `None` is unlimited.
    pub ceiling_m: Option<f64>,
    /// Uncertainty of its border, one standard deviation, metres.
    pub border_m_sigma: f64,
    /// Where the shape comes from; says so when it is illustrative.
    pub basis: String,
    /// Its shape.
    pub shape: Shape,
}

/// Everything that observes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SensorNetwork {
    /// What carries sensors.
    pub platforms: Vec<Platform>,
    /// Where people watch.
    pub posts: Vec<Post>,
    /// Instruments, and people as instruments.
    pub sensors: Vec<Sensor>,
    /// Doors by which messages come.
    pub feeds: Vec<Feed>,
}

/// What a platform is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformKind {
    /// In orbit.
    Satellite,
    /// Uncrewed aircraft.
    Uav,
    /// Crewed aircraft.
    Aircraft,
    /// Ship.
    Ship,
    /// Mast or building.
    Mast,
    /// Vehicle of a patrol.
    Vehicle,
}

/// What carries sensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Platform {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: PlatformKind,
    /// Who operates it.
    pub operator: Slug,
    /// NORAD catalogue number, for satellites.
    pub norad_number: Option<u32>,
    /// How long it stays on task, seconds, for aircraft.
    pub endurance_s: Option<f64>,
    /// How many of them there are.
    pub count: u32,
    /// Where the figures come from.
    pub basis: String,
}

/// Where people watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// Its sector.
    pub sector: Slug,
    /// How many people.
    pub personnel: u32,
}

/// What a sensor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Infrared imager on a satellite.
    ThermalImager,
    /// Imaging radar on a satellite.
    ImagingRadar,
    /// Optical imager on a satellite.
    OpticalImager,
    /// Array of microphones.
    AcousticArray,
    /// Seismometer.
    SeismicStation,
    /// Camera on a mast.
    Camera,
    /// Detector of uncrewed aircraft (radar or radio).
    UavDetector,
    /// Payload of the mission's own uncrewed aircraft.
    UavPayload,
    /// Receiver of AIS.
    AisReceiver,
    /// Receiver of ADS-B.
    AdsbReceiver,
    /// Radar that watches the sea.
    SeaRadar,
    /// A patrol or the people of a post.
    Patrol,
    /// Radiation, weather and other context.
    Context,
}

/// An instrument with its error model and detection model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensor {
    /// Its name.
    pub id: Slug,
    /// What it is.
    pub kind: SensorKind,
    /// What carries it.
    pub platform: Option<Slug>,
    /// The post it belongs to.
    pub post: Option<Slug>,
    /// Where it stands; `None` when it moves.
    pub position: Option<Position>,
    /// The feed its messages come by.
    pub feed: Slug,
    /// Its errors.
    pub errors: SensorErrors,
    /// What it detects.
    pub detects: Vec<Detection>,
    /// False detections per day of the whole sensor.
    pub false_per_day: f64,
    /// Usual greatest delay from event to message, seconds; silence counts only after it.
    pub latency_s_max: f64,
    /// Times of day at which it looks, seconds after 00:00 UTC; empty when it always looks.
    pub looks_at_s: Vec<f64>,
    /// How long before and after such a time it looks, seconds.
    pub look_s_half: f64,
    /// Where the figures come from.
    pub basis: String,
}

/// Standard deviations of a sensor's readings; `None` for what it does not measure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SensorErrors {
    /// Of a position, metres per axis.
    pub position_m_sigma: Option<f64>,
    /// Of a bearing, degrees.
    pub bearing_deg_sigma: Option<f64>,
    /// Of a range, metres.
    pub range_m_sigma: Option<f64>,
    /// Of a time, seconds.
    pub time_s_sigma: Option<f64>,
    /// Of an error that all bearings of one sensor share for a day, degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearing_deg_bias_sigma: Option<f64>,
    /// Mean by which a stated time is later than the event or the arrival, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_s_delay: Option<f64>,
    /// Share by which the speed of the wave that it receives varies from place to place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_share_sigma: Option<f64>,
    /// How often a class that it names is the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_right: Option<f64>,
    /// How often a side that it names is the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_right: Option<f64>,
}

/// How well a sensor detects a class of physical event: `probability` at distance zero, half of
/// that at `range_m_half`, falling off as a logistic curve of width `range_m_width`:
/// P(d) = probability / (1 + exp((d − half) / width)) normalised so that P(0) = probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// The class.
    pub class: EventClass,
    /// Detection probability close by.
    pub probability: f64,
    /// Distance at which it has fallen to one half of that, metres; `None` for sensors without a
    /// range, such as satellites.
    pub range_m_half: Option<f64>,
    /// Width of the fall, metres.
    pub range_m_width: Option<f64>,
    /// Events of a class differ in size: for one event the half range lies anywhere up to this much
    /// above or below, for all sensors alike, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_m_spread: Option<f64>,
    /// Share of the sensor's false detections that are called this class; even shares when unsaid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_share: Option<f64>,
    /// True when clouds hide the event.
    pub needs_clear_sky: bool,
}

impl Detection {
    /// Detection probability at a distance, metres.
    #[must_use]
    pub fn probability_at(&self, distance_m: f64) -> f64 {
        let (Some(half), Some(width)) = (self.range_m_half, self.range_m_width) else {
            return self.probability;
        };
        let falling = |d: f64| 1.0 / (1.0 + libm::exp((d - half) / width));
        self.probability * falling(distance_m) / falling(0.0)
    }
}

impl Mission {
    /// The parties to the agreement.
    pub fn parties(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role == Role::Party)
    }

    /// A zone by name.
    #[must_use]
    pub fn zone(&self, id: &Slug) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == *id)
    }
}

impl SensorNetwork {
    /// A feed by name.
    #[must_use]
    pub fn feed(&self, id: &Slug) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.id == *id)
    }

    /// A sensor by name.
    #[must_use]
    pub fn sensor(&self, id: &Slug) -> Option<&Sensor> {
        self.sensors.iter().find(|sensor| sensor.id == *id)
    }
}

/// The digest of a mission's files: names and texts in the order of the names.
#[must_use]
pub fn digest(files: &BTreeMap<String, String>) -> Digest {
    let parts: Vec<&[u8]> = files
        .iter()
        .flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()])
        .collect();
    Digest::of_parts("truce mission v1", &parts)
}
