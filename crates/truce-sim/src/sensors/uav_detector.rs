//! Detectors of uncrewed aircraft: radars that follow them, and radio receivers that know only
//! their direction.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::UavDetection;
use truce_core::place::{Ellipse, normalize_bearing_deg};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{
    Height, HeightDatum, Interval, Location, Place, Position, Reading, Slug, Timestamp,
};

use super::{INSTRUMENT, delay_s, false_times_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::uavs::Flight;
use crate::truth::TruthEvent;

/// Range (the mission's own figure for its detectors), time between looks and the chance of each.
const RANGE_M: f64 = 15_000.0;
const LOOK_S: f64 = 5.0;
const SEEN: f64 = 0.85;

/// Share of detectors that are radars; the others find the direction of radio links.
const RADARS: f64 = 0.7;

/// Errors of detectors whose model states none.
const POSITION_M_SIGMA: f64 = 50.0;
const BEARING_DEG_SIGMA: f64 = 2.0;

/// A detector that has not seen its target for so long gives it a new number, seconds.
const LOST_S: f64 = 60.0;

/// Standard deviation of a height by radar, metres (illustrative).
const HEIGHT_M_SIGMA: f64 = 40.0;

/// Lets every detector follow every flight in its range, and see what is not there. Returns what
/// is true of the flights.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    mut flights: Vec<Flight>,
    outbox: &mut Outbox<'_>,
) -> Vec<TruthEvent> {
    for sensor in ground.sensors(SensorKind::UavDetector) {
        let Some(position) = sensor.position else {
            continue;
        };
        let mut stream = Stream::new(options.seed, &format!("detector {}", sensor.id));
        let radar = stream.chance(RADARS);
        let mut detector = Detector {
            sensor,
            position,
            radar,
            stream,
            outbox,
            targets: 0,
            conditions,
        };
        for flight in &mut flights {
            if detector.follow(flight) {
                flight.truth.observed_by.push(sensor.id.clone());
            }
        }
        detector.imagine(options);
    }
    let end = options.end();
    let flights = flights.into_iter().map(|flight| flight.truth);
    flights.filter(|truth| truth.occurred.start < end).collect()
}

struct Detector<'a, 'm> {
    sensor: &'a Sensor,
    position: Position,
    radar: bool,
    stream: Stream,
    outbox: &'a mut Outbox<'m>,
    targets: u32,
    conditions: &'a Conditions,
}

/// One look at something in the air.
struct Look {
    at: Timestamp,
    place: Position,
    height_m: f64,
    speed_m_s: f64,
    course_deg: f64,
    operator: Option<Slug>,
}

impl Detector<'_, '_> {
    /// True when it saw the flight at least once.
    fn follow(&mut self, flight: &Flight) -> bool {
        let mut last_seen: Option<Timestamp> = None;
        let mut at = plus_seconds(flight.departs, self.stream.between(0.0, LOOK_S));
        while at < flight.lands() {
            let along_m = flight.along_m(seconds_between(flight.departs, at));
            let place = flight.path.at(along_m);
            // A degree of latitude is 110.6 km at least: a cheap test before the exact distance.
            let far_m = (place.lat_deg - self.position.lat_deg).abs() * 110_600.0;
            let in_range = far_m < RANGE_M && place.distance_m(self.position) < RANGE_M;
            let works = in_range && self.conditions.works(&self.sensor.id, at);
            if works && self.stream.chance(SEEN) {
                if last_seen.is_none_or(|last| seconds_between(last, at) > LOST_S) {
                    self.targets += 1;
                }
                last_seen = Some(at);
                let course_deg = flight.path.course_deg(along_m, 50.0);
                self.send(Look {
                    at,
                    place,
                    height_m: flight.height_m,
                    speed_m_s: flight.speed_m_s,
                    course_deg,
                    operator: flight.operator.clone(),
                });
            }
            at = plus_seconds(at, LOOK_S);
        }
        last_seen.is_some()
    }

    /// Birds and noise: single detections somewhere around.
    fn imagine(&mut self, options: &Options) {
        for after_s in false_times_s(self.sensor, options.hours * 3_600.0, &mut self.stream) {
            self.targets += 1;
            let course_deg = self.stream.between(0.0, 360.0);
            let distance_m = self.stream.between(500.0, RANGE_M);
            let look = Look {
                at: plus_seconds(options.start, after_s),
                place: self.position.offset(course_deg, distance_m),
                height_m: self.stream.between(50.0, 400.0),
                speed_m_s: self.stream.between(8.0, 20.0),
                course_deg: self.stream.between(0.0, 360.0),
                operator: None,
            };
            self.send(look);
        }
    }

    fn send(&mut self, look: Look) {
        let location = if self.radar {
            self.fix(&look)
        } else {
            self.bearing(&look)
        };
        let stream = &mut self.stream;
        let means = if self.radar { "radar" } else { "radio" };
        let detection = UavDetection {
            target: Some(format!("t{}", self.targets)),
            speed_m_s: self
                .radar
                .then(|| stream.normal(look.speed_m_s, 1.5).max(0.0)),
            course_deg: self
                .radar
                .then(|| normalize_bearing_deg(stream.normal(look.course_deg, 4.0))),
            means: Slug::new(means).expect("both words are slugs"),
            confidence: Some((stream.between(0.5, 0.95) * 100.0).round() / 100.0),
            operator: look.operator,
        };
        self.outbox.send(Sent {
            feed: &self.sensor.feed,
            sensor: Some(&self.sensor.id),
            observed_at: Interval::instant(look.at),
            delay_s: delay_s(self.sensor, 1.0, &mut self.stream).min(DELAY_S_MAX),
            location: Some(location),
            reading: Reading::Uav(detection),
            grade: INSTRUMENT,
        });
    }

    fn fix(&mut self, look: &Look) -> Location {
        let sigma_m = self
            .sensor
            .errors
            .position_m_sigma
            .unwrap_or(POSITION_M_SIGMA);
        let position = self.stream.near(look.place, sigma_m);
        let height_m = self.stream.normal(look.height_m, HEIGHT_M_SIGMA).max(5.0);
        Location::Fix {
            place: Place {
                position,
                uncertainty: Ellipse::circle(sigma_m),
            },
            height: Some(Height {
                height_m,
                above: HeightDatum::Ground,
            }),
        }
    }

    fn bearing(&mut self, look: &Look) -> Location {
        let sigma_deg = self
            .sensor
            .errors
            .bearing_deg_sigma
            .unwrap_or(BEARING_DEG_SIGMA);
        let true_deg = self.position.bearing_deg(look.place);
        let bearing_deg = self.stream.normal(true_deg, sigma_deg);
        Location::Bearing {
            observer: self.position,
            bearing_deg: normalize_bearing_deg(bearing_deg),
            bearing_deg_sigma: sigma_deg,
            range: None,
        }
    }
}

/// Detectors hand on what they follow at once, whatever the greatest delay of their link, seconds
/// (illustrative).
const DELAY_S_MAX: f64 = 8.0;
