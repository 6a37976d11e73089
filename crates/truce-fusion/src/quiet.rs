//! What "nothing seen" means: whether an area was watched, or could not have been seen.
//!
//! For an area, a class of event and a period: the probability that one such event would have been
//! noticed, over places and times alike, by the sensors that really worked, under the weather that
//! was told and with what of the delays has passed. Below a set probability silence is no sign of
//! quiet.

use serde::{Deserialize, Serialize};
use truce_core::mission::{Shape, Zone};
use truce_core::time::plus_seconds;
use truce_core::{EventClass, IncidentKind, Interval, Position, Slug, Timestamp};

use crate::conditions::inside;
use crate::incidents::Incidents;
use crate::silence::noticed;

/// Points of an area along each of its axes, and instants of a period, at which is asked.
const POINTS: u32 = 6;
const INSTANTS: u32 = 6;
/// From this probability on, silence says that it was quiet (own choice: one event in five may
/// still go unnoticed).
const QUIET_MIN: f64 = 0.8;

/// What is to be said of an area and a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// Such events were told of.
    Broken,
    /// Nothing was told, and an event would probably have been noticed.
    Quiet,
    /// Nothing was told, and an event might well have gone unnoticed.
    NotObservable,
}

impl Silence {
    /// What so many incidents mean where an event is noticed with a probability.
    #[must_use]
    pub fn of(incident_count: usize, detection: f64) -> Self {
        match incident_count {
            0 if detection >= QUIET_MIN => Self::Quiet,
            0 => Self::NotObservable,
            _ => Self::Broken,
        }
    }
}

/// An area over a period, for one class of event.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The area.
    pub zone: Slug,
    /// The class.
    pub class: EventClass,
    /// The period.
    pub during: Interval,
    /// Probability that one such event would have been noticed by now.
    pub detection: f64,
    /// Incidents in the area and period, as likely as an alert or more, of which this class is the
    /// most probable.
    pub incident_count: u32,
    /// What follows.
    pub silence: Silence,
}

/// Asks how well an area was watched.
pub(crate) fn watched(
    incidents: &Incidents,
    zone: &Zone,
    class: EventClass,
    during: Interval,
    now: Timestamp,
) -> Watched {
    let instants: Vec<Timestamp> = (0..INSTANTS)
        .map(|instant| {
            let share = (f64::from(instant) + 0.5) / f64::from(INSTANTS);
            plus_seconds(during.start, share * during.length_s())
        })
        .collect();
    let points = points(&zone.shape);
    let detection = mean_noticed(incidents, &points, &instants, now)[class as usize];
    let alert = |incident: &truce_core::Incident| {
        let classes = incident.classes.iter();
        let likely = classes
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(class, _)| *class);
        incident.kind == IncidentKind::PhysicalEvent
            && likely == Some(class)
            && incident.occurred.overlaps(&during)
            && covers(&zone.shape, incident.place.position)
            && incident.classes[&class] >= incidents.alert_threshold
    };
    let count = incidents.finals().filter(alert).count();
    Watched {
        zone: zone.id.clone(),
        class,
        during,
        detection,
        incident_count: u32::try_from(count).unwrap_or(u32::MAX),
        silence: Silence::of(count, detection),
    }
}

/// Probability per class that an event at one of these points and instants would have been noticed.
pub(crate) fn mean_noticed(
    incidents: &Incidents,
    points: &[Position],
    instants: &[Timestamp],
    now: Timestamp,
) -> [f64; EventClass::ALL.len()] {
    let scene = incidents.scene(now);
    let mut sums = [0.0; EventClass::ALL.len()];
    for at in instants {
        for point in points {
            for (sum, p) in sums.iter_mut().zip(noticed(&scene, *at, *point)) {
                *sum += p;
            }
        }
    }
    let asked = (instants.len() * points.len()).max(1) as f64;
    sums.map(|sum| sum / asked)
}

/// Points spread over a shape: the corners of a line, an even grid over polygons.
fn points(shape: &Shape) -> Vec<Position> {
    let polygons = match shape {
        Shape::Point(point) => return vec![*point],
        Shape::Line(corners) => return corners.clone(),
        Shape::Polygons(polygons) => polygons,
    };
    let mut points = Vec::new();
    for ring in polygons.iter().filter_map(|rings| rings.first()) {
        let span = |value: fn(&Position) -> f64| {
            let values = || ring.iter().map(value);
            let least = values().fold(f64::INFINITY, f64::min);
            (least, values().fold(f64::NEG_INFINITY, f64::max) - least)
        };
        let (south, height) = span(|p| p.lat_deg);
        let (west, width) = span(|p| p.lon_deg);
        for row in 0..POINTS {
            for column in 0..POINTS {
                let share = |step: u32| (f64::from(step) + 0.5) / f64::from(POINTS);
                let point = Position {
                    lat_deg: south + share(row) * height,
                    lon_deg: west + share(column) * width,
                };
                points.extend(Some(point).filter(|_| covers(shape, point)));
            }
        }
        // A strip too thin for the grid is asked about at its corners.
        if points.is_empty() {
            points.extend(ring);
        }
    }
    points
}

/// True for a point inside a polygon and outside its holes.
fn covers(shape: &Shape, point: Position) -> bool {
    let Shape::Polygons(polygons) = shape else {
        return false;
    };
    polygons
        .iter()
        .any(|rings| rings.iter().filter(|ring| inside(ring, point)).count() % 2 == 1)
}
