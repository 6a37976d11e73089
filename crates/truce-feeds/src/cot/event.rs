//! An event, whichever way it came.

use truce_core::observation::{Health, SensorState, Sighting, UavDetection};
use truce_core::place::{Ellipse, normalize_bearing_deg};
use truce_core::time::SignedDuration;
use truce_core::{
    Height, HeightDatum, IncidentKind, Interval, Location, ObjectKind, Observation, Place,
    Position, Reading, Slug, Timestamp,
};

use crate::decoder::{Job, Said};
use crate::fault::Unencodable;
use crate::sheet::Sheet;

/// "Not known" of heights and errors.
pub(super) const UNKNOWN: f64 = 9_999_999.0;

/// Error of a point that states none, metres: a hand-held receiver, or a finger on a map.
const POSITION_M_SIGMA: f64 = 50.0;

/// How long an event that we write holds.
const STALE_AFTER: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) uid: String,
    pub(super) kind: String,
    pub(super) how: String,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) start: Timestamp,
    pub(super) stale: Option<Timestamp>,
    pub(super) lat_deg: f64,
    pub(super) lon_deg: f64,
    pub(super) height_m: Option<f64>,
    pub(super) circular_m: Option<f64>,
    pub(super) linear_m: Option<f64>,
    pub(super) call_sign: Option<String>,
    pub(super) speed_m_s: Option<f64>,
    pub(super) course_deg: Option<f64>,
}

impl Event {
    /// Without the numbers that mean "not known".
    pub(super) fn known(mut self) -> Self {
        for number in [&mut self.height_m, &mut self.circular_m, &mut self.linear_m] {
            *number = number.filter(|value| value.abs() < UNKNOWN - 0.5);
        }
        for number in [&mut self.speed_m_s, &mut self.course_deg] {
            *number = number.filter(|value| (0.0..UNKNOWN - 0.5).contains(value));
        }
        self
    }

    pub(super) fn write(&self, sheet: &mut Sheet) {
        sheet.set("uid", self.uid.as_str());
        sheet.set("type", self.kind.as_str());
        sheet.set("how", self.how.as_str());
        sheet.maybe("sent_at", self.sent_at.map(|at| at.to_string()));
        sheet.set("start", self.start.to_string());
        sheet.maybe("stale", self.stale.map(|at| at.to_string()));
        sheet.set("lat_deg", self.lat_deg);
        sheet.set("lon_deg", self.lon_deg);
        sheet.set("height_ellipsoid_m", self.height_m);
        sheet.set("circular_m_sigma", self.circular_m);
        sheet.set("height_m_sigma", self.linear_m);
        sheet.maybe("call_sign", self.call_sign.as_deref());
        sheet.maybe("speed_m_s", self.speed_m_s);
        sheet.maybe("course_deg", self.course_deg);
        if Position::new(self.lat_deg, self.lon_deg).is_none() {
            sheet.wrong("the point lies outside of the globe");
        }
    }

    /// What it says for the mission, when it is an atom at a place.
    pub(super) fn said(&self, job: &Job<'_>) -> Option<Said> {
        let mut path = self.kind.split('-');
        if path.next() != Some("a") {
            return None;
        }
        let affiliation = path.next().unwrap_or_default();
        let function: Vec<&str> = path.collect();
        let place = Place {
            position: Position::new(self.lat_deg, self.lon_deg)?,
            uncertainty: Ellipse::circle(self.circular_m.unwrap_or(POSITION_M_SIGMA).max(0.1)),
        };
        let height = self.height_m.map(|height_m| Height {
            height_m,
            above: HeightDatum::Ellipsoid,
        });
        let own = job.origin.receiver(&self.uid).or_else(|| {
            let name = self.call_sign.as_deref()?;
            job.origin.receiver(name)
        });
        let site = own.or_else(|| job.origin.default_site());
        Some(Said {
            sensor: site.map(|site| site.id.clone()),
            observed_at: Interval::instant(self.start),
            location: Some(Location::Fix { place, height }),
            reading: self.reading(affiliation, &function),
            grade: None,
        })
    }

    fn reading(&self, affiliation: &str, function: &[&str]) -> Reading {
        let is_uncrewed = matches!(function, ["A", "M", "F" | "H", "Q", ..]);
        if is_uncrewed {
            return Reading::Uav(UavDetection {
                target: Some(self.uid.clone()),
                speed_m_s: self.speed_m_s,
                course_deg: self.course_deg.map(normalize_bearing_deg),
                means: Slug::new("cot").expect("the name of this format is a name"),
                confidence: None,
                operator: None,
            });
        }
        if affiliation == "f" {
            return Reading::SensorState(SensorState {
                health: Health::Working,
                text: self.call_sign.clone().unwrap_or_default(),
            });
        }
        let object = match function {
            ["A", ..] => Some(ObjectKind::Aircraft),
            ["S", "C", ..] => Some(ObjectKind::Warship),
            ["S", ..] => Some(ObjectKind::Vessel),
            ["G", "E", "V", ..] => Some(ObjectKind::Vehicle),
            ["G", "E", "W", ..] => Some(ObjectKind::Weapon),
            ["G", "U", ..] => Some(ObjectKind::Troops),
            _ => None,
        };
        Reading::Sighting(Sighting {
            about: IncidentKind::Presence,
            class: None,
            object,
            weapon: None,
            count: None,
        })
    }

    /// The event that says what an observation says.
    pub(super) fn of(observation: &Observation) -> Result<Self, Unencodable> {
        let refuse = |reason: &str| Err(Unencodable::new("cot", reason));
        let Some(Location::Fix { place, height }) = &observation.location else {
            return refuse("it has no position");
        };
        let sensor = observation.sensor.as_ref().map(|sensor| sensor.to_string());
        let mut event = Self {
            uid: sensor.unwrap_or_else(|| observation.source.to_string()),
            kind: String::new(),
            how: "m-g".to_owned(),
            sent_at: Some(observation.observed_at.start),
            start: observation.observed_at.start,
            stale: observation.observed_at.start.checked_add(STALE_AFTER).ok(),
            lat_deg: place.position.lat_deg,
            lon_deg: place.position.lon_deg,
            height_m: height
                .filter(|height| height.above == HeightDatum::Ellipsoid)
                .map(|height| height.height_m),
            circular_m: Some(place.uncertainty.semi_major_m),
            linear_m: None,
            call_sign: None,
            speed_m_s: None,
            course_deg: None,
        };
        event.kind = match &observation.reading {
            Reading::SensorState(state) => {
                event.call_sign = Some(state.text.clone()).filter(|text| !text.is_empty());
                "a-f-G-U"
            }
            Reading::Uav(detection) => {
                if let Some(target) = &detection.target {
                    event.uid.clone_from(target);
                }
                event.speed_m_s = detection.speed_m_s;
                event.course_deg = detection.course_deg;
                "a-u-A-M-F-Q"
            }
            Reading::Sighting(sighting) => match sighting.object {
                Some(ObjectKind::Aircraft) => "a-u-A",
                Some(ObjectKind::Warship) => "a-u-S-C",
                Some(ObjectKind::Vessel) => "a-u-S",
                Some(ObjectKind::Vehicle) => "a-u-G-E-V",
                Some(ObjectKind::Weapon) => "a-u-G-E-W",
                Some(ObjectKind::Troops) => "a-u-G-U",
                _ => "a-u-G",
            },
            _ => return refuse("it is no thing at a place"),
        }
        .to_owned();
        Ok(event)
    }
}
