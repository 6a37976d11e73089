//! What a camera's analysis saw: metadata streams of ONVIF as XML (`onvif`), with scene descriptions
//! and notifications, and JSON, one object an event.
//!
//! | ONVIF | JSON | meaning |
//! |---|---|---|
//! | `Frame` `UtcTime` | `observed_at` | when; needed |
//! | `VideoSourceToken`, attribute `Source` | `camera` | a sensor of the mission; else the feed's |
//! | `Object` `ObjectId` | `target` | the camera's number for what it follows |
//! | `Class` `Type`, `ClassCandidate` | `class` | what; needed |
//! | its `Likelihood` | `score` | 0 to 1; ranks, is no probability |
//! | `GeoLocation` `lat`, `lon` | `lat_deg`, `lon_deg`, `position_m_sigma` | where … |
//! | | `bearing_deg`, `bearing_deg_sigma` | … or in a direction from the camera … |
//! | | `area` | … or inside a GeoJSON polygon |
//!
//! Vehicles, vessels, aircraft and people are sightings of a presence, fire, smoke, flashes and
//! explosions sightings of a physical event, drones detections of an uncrewed aircraft. What has no
//! place, and other classes, are shown and give no observation.

mod onvif;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use truce_core::belief::Credibility;
use truce_core::observation::{Sighting, UavDetection};
use truce_core::{
    Grade, IncidentKind, Interval, Location, ObjectKind, Observation, Position, Reading, Slug,
    Timestamp,
};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::geojson::{Shape, shape};
use crate::jsonl::json_fault;
use crate::origin::{Origin, Site};
use crate::sheet::Sheet;
use crate::validity::check_location;
use crate::xml;

/// Error of a position that states none and whose camera has none, metres: a pixel's line met the
/// ground far away (own estimate).
const POSITION_M_SIGMA: f64 = 50.0;

/// Error of a direction, degrees: a fixed camera that was set up with a compass (own estimate).
const BEARING_DEG_SIGMA: f64 = 3.0;

/// Most objects of one frame.
const OBJECTS_MAX: usize = 256;

/// What a class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object(ObjectKind),
    Person,
    Drone,
    Event,
}

/// Words of ONVIF (`tt:ObjectType`), of COCO, and of smoke and fire detectors; the first of a kind is
/// the one that is written.
const CLASSES: [(&str, Kind); 28] = [
    ("vehicle", Kind::Object(ObjectKind::Vehicle)),
    ("vehical", Kind::Object(ObjectKind::Vehicle)),
    ("car", Kind::Object(ObjectKind::Vehicle)),
    ("truck", Kind::Object(ObjectKind::Vehicle)),
    ("bus", Kind::Object(ObjectKind::Vehicle)),
    ("motorcycle", Kind::Object(ObjectKind::Vehicle)),
    ("train", Kind::Object(ObjectKind::Vehicle)),
    ("vessel", Kind::Object(ObjectKind::Vessel)),
    ("boat", Kind::Object(ObjectKind::Vessel)),
    ("ship", Kind::Object(ObjectKind::Vessel)),
    ("warship", Kind::Object(ObjectKind::Warship)),
    ("aircraft", Kind::Object(ObjectKind::Aircraft)),
    ("airplane", Kind::Object(ObjectKind::Aircraft)),
    ("helicopter", Kind::Object(ObjectKind::Aircraft)),
    ("weapon", Kind::Object(ObjectKind::Weapon)),
    ("tank", Kind::Object(ObjectKind::Weapon)),
    ("artillery", Kind::Object(ObjectKind::Weapon)),
    ("troops", Kind::Object(ObjectKind::Troops)),
    ("soldier", Kind::Object(ObjectKind::Troops)),
    ("person", Kind::Person),
    ("human", Kind::Person),
    ("drone", Kind::Drone),
    ("uav", Kind::Drone),
    ("fire", Kind::Event),
    ("smoke", Kind::Event),
    ("flash", Kind::Event),
    ("explosion", Kind::Event),
    ("muzzleflash", Kind::Event),
];

/// Credibility of a sighting by its score, from the highest on (own estimate; detectors' scores rank).
const CREDIBILITIES: [(f64, Credibility); 3] = [
    (0.9, Credibility::ProbablyTrue),
    (0.5, Credibility::PossiblyTrue),
    (0.0, Credibility::Doubtful),
];

/// One thing seen. Names and order are those of the JSON form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    camera: Option<String>,
    observed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lat_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lon_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position_m_sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bearing_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bearing_deg_sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<Value>,
    /// Topic of a notification of ONVIF, which need not have a class.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// Whether the notified property was there before: `Initialized`, `Changed`, `Deleted`.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// Its items.
    #[serde(skip_deserializing, skip_serializing_if = "Map::is_empty")]
    items: Map<String, Value>,
}

/// Cuts a stream behind each document or object, whichever stands next.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'<') => xml::cut(bytes),
        _ => crate::json::cut(bytes, &[]),
    }
}

/// Reads the events of one feed.
#[derive(Debug)]
pub(crate) struct Events;

impl Reader for Events {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = xml::text(job)? else {
            return Ok(());
        };
        let events = if text.starts_with('<') {
            onvif::events(&xml::parse(&text)?)?
        } else {
            let event = serde_json::from_str(&text).map_err(|error| json_fault(&error))?;
            vec![event]
        };
        let all: Result<Vec<_>, Fault> =
            events.iter().map(|event| event.said(job.origin)).collect();
        for ((index, said), event) in (0..).zip(all?).zip(&events) {
            out.sheet(|| event.sheet(said.as_ref()));
            if let Some(said) = said {
                job.say(said, index, out);
            }
        }
        Ok(())
    }
}

impl Event {
    /// What it says for the mission; `None` for other classes and without a place.
    fn said(&self, origin: &Origin) -> Result<Option<Said>, Fault> {
        let site = match &self.camera {
            Some(name) => origin.receiver(name).or_else(|| origin.default_site()),
            None => origin.default_site(),
        };
        let observed_at = self
            .observed_at
            .ok_or_else(|| Fault::missing("observed_at"))?;
        // A notification need not say what was seen, and may say that it is gone.
        let gone = self.operation.as_deref() == Some("Deleted");
        if self.topic.is_some() && (self.class.is_none() || gone) {
            return Ok(None);
        }
        let class = self
            .class
            .as_deref()
            .ok_or_else(|| Fault::missing("class"))?;
        if self
            .score
            .is_some_and(|score| !(0.0..=1.0).contains(&score))
        {
            return Err(Fault::new(
                RejectionClass::Range,
                "`score` lies outside of 0 to 1",
            ));
        }
        let location = self.location(site)?;
        let known = CLASSES
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(class));
        let (Some((_, kind)), Some(location)) = (known, location) else {
            return Ok(None);
        };
        check_location(&location)?;
        let credibility = self
            .score
            .and_then(|score| CREDIBILITIES.iter().find(|(least, _)| score >= *least));
        Ok(Some(Said {
            sensor: site.map(|site| site.id.clone()),
            observed_at: Interval::instant(observed_at),
            location: Some(location),
            reading: self.reading(*kind),
            grade: credibility.map(|(_, credibility)| Grade {
                credibility: *credibility,
                ..origin.grade
            }),
        }))
    }

    fn reading(&self, kind: Kind) -> Reading {
        let (about, object) = match kind {
            Kind::Drone => {
                return Reading::Uav(UavDetection {
                    target: self.target.clone(),
                    speed_m_s: None,
                    course_deg: None,
                    means: Slug::new("camera").expect("the name of this means is a name"),
                    confidence: self.score,
                    operator: None,
                });
            }
            Kind::Event => (IncidentKind::PhysicalEvent, None),
            Kind::Person => (IncidentKind::Presence, None),
            Kind::Object(ObjectKind::Weapon) => {
                (IncidentKind::WeaponSighting, Some(ObjectKind::Weapon))
            }
            Kind::Object(object) => (IncidentKind::Presence, Some(object)),
        };
        Reading::Sighting(Sighting {
            about,
            class: None,
            object,
            weapon: None,
            count: None,
        })
    }

    fn location(&self, site: Option<&Site>) -> Result<Option<Location>, Fault> {
        let errors = site.map(|site| &site.errors);
        match (self.lat_deg, self.lon_deg) {
            (Some(lat_deg), Some(lon_deg)) => {
                let configured = errors.and_then(|errors| errors.position_m_sigma);
                let sigma_m = self
                    .position_m_sigma
                    .or(configured)
                    .unwrap_or(POSITION_M_SIGMA);
                return Ok(Some(Location::fix(Position { lat_deg, lon_deg }, sigma_m)));
            }
            (None, None) => {}
            (None, _) => return Err(Fault::missing("lat_deg")),
            (_, None) => return Err(Fault::missing("lon_deg")),
        }
        if let Some(bearing_deg) = self.bearing_deg {
            let observer = site.and_then(|site| site.position).ok_or_else(|| {
                let reason = "a direction needs a camera of the mission with a position";
                Fault::new(RejectionClass::UnknownSensor, reason)
            })?;
            let configured = errors.and_then(|errors| errors.bearing_deg_sigma);
            return Ok(Some(Location::Bearing {
                observer,
                bearing_deg,
                bearing_deg_sigma: self
                    .bearing_deg_sigma
                    .or(configured)
                    .unwrap_or(BEARING_DEG_SIGMA),
                range: None,
            }));
        }
        match self.area.as_ref().map(shape).transpose()?.flatten() {
            Some(Shape::Area(ring)) => Ok(Some(Location::Area { ring })),
            Some(Shape::Point(position)) => Ok(Some(Location::fix(position, POSITION_M_SIGMA))),
            None => Ok(None),
        }
    }

    fn sheet(&self, said: Option<&Said>) -> Sheet {
        let mut sheet = match said {
            Some(said) => said.sheet(Map::new()),
            None => Sheet::new("camera"),
        };
        if let Ok(Value::Object(given)) = serde_json::to_value(self) {
            sheet.given = given;
        }
        sheet.maybe("score", self.score);
        let seen = self.topic.is_none();
        if seen && said.is_none() && self.lat_deg.is_none() && self.bearing_deg.is_none() {
            sheet.wrong("it has no place, or its class is none of the mission's");
        }
        sheet
    }
}

/// Writes a sighting or the detection of an uncrewed aircraft by a camera as JSON.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let event = event_of(observation)?;
    let text = serde_json::to_string(&event).map_err(|error| Unencodable::new("camera", error))?;
    Ok(vec![text])
}

/// Writes the same as a metadata stream of ONVIF: one document with one frame and one object. It
/// says a position, but neither its error nor a direction or an area.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode_onvif(observation: &Observation) -> Result<String, Unencodable> {
    onvif::encode(observation)
}

/// What a camera would have said.
fn event_of(observation: &Observation) -> Result<Event, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("camera", reason);
    let (kind, score, target) = match &observation.reading {
        Reading::Uav(detection) if detection.means.as_str() == "camera" => {
            (Kind::Drone, detection.confidence, detection.target.clone())
        }
        Reading::Sighting(sighting) => {
            let kind = match (sighting.about, sighting.object) {
                (IncidentKind::PhysicalEvent, None) => Kind::Event,
                (IncidentKind::Presence, None) => Kind::Person,
                (IncidentKind::Presence | IncidentKind::WeaponSighting, Some(object)) => {
                    Kind::Object(object)
                }
                _ => return Err(refuse("a camera sees no such thing")),
            };
            (kind, None, None)
        }
        _ => return Err(refuse("it is nothing that a camera saw")),
    };
    let known = CLASSES.iter().find(|(_, known)| *known == kind);
    let (class, _) = known.ok_or_else(|| refuse("a camera has no class for it"))?;
    let mut event = Event {
        camera: observation.sensor.as_ref().map(|sensor| sensor.to_string()),
        observed_at: Some(observation.observed_at.start),
        target,
        class: Some((*class).to_owned()),
        score,
        ..Event::default()
    };
    match &observation.location {
        Some(Location::Fix {
            place,
            height: None,
        }) => {
            event.lat_deg = Some(place.position.lat_deg);
            event.lon_deg = Some(place.position.lon_deg);
            event.position_m_sigma = Some(place.uncertainty.semi_major_m);
        }
        Some(Location::Bearing {
            bearing_deg,
            bearing_deg_sigma,
            range: None,
            ..
        }) => {
            event.bearing_deg = Some(*bearing_deg);
            event.bearing_deg_sigma = Some(*bearing_deg_sigma);
        }
        Some(Location::Area { ring }) => {
            let corners: Vec<[f64; 2]> =
                ring.iter().chain(ring.first()).map(|p| p.to_xy()).collect();
            event.area = Some(serde_json::json!({ "type": "Polygon", "coordinates": [corners] }));
        }
        _ => return Err(refuse("a camera gives no such place")),
    }
    Ok(event)
}

#[cfg(test)]
mod tests;
