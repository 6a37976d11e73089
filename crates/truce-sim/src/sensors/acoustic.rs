//! Acoustic arrays: a bearing and a time, later than the event by the sound's way through the wind.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::AcousticDetection;
use truce_core::place::normalize_bearing_deg;
use truce_core::time::plus_seconds;
use truce_core::{EventClass, Interval, Location, Position, Reading, Timestamp};

use super::{INSTRUMENT, delay_s, detection_probability, false_times_s};
use crate::Options;
use crate::conditions::{Conditions, WIND_M_S_SIGMA};
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::physical::Event;

/// Speed of sound in still air at about 15 °C, metres per second.
pub(crate) const SOUND_M_S: f64 = 340.0;

/// Standard deviation of an array's own bearing error, degrees (incident benchmark).
const BIAS_DEG_SIGMA: f64 = 1.5;

/// Seconds from launch to impact (incident benchmark), and how often a launch is heard at all.
const FLIGHT_S: f64 = 20.0;
const LAUNCH_HEARD: f64 = 0.5;

/// Lets every array hear every event in its range, and what is not there.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    events: &mut [Event],
    outbox: &mut Outbox<'_>,
) {
    let winds = winds(options, events.len());
    for sensor in ground.sensors(SensorKind::AcousticArray) {
        let Some(position) = sensor.position else {
            continue;
        };
        let mut stream = Stream::new(options.seed, &format!("array {}", sensor.id));
        let array = Array {
            sensor,
            position,
            bias_deg: stream.normal(0.0, BIAS_DEG_SIGMA),
            conditions,
        };
        for (event, wind_m_s) in events.iter_mut().zip(&winds) {
            let speed_m_s = SOUND_M_S + wind_m_s;
            let impact = Sound {
                class: event.class,
                at: event.at,
                place: event.place,
                launch: false,
            };
            let mut heard = array.hear(&impact, speed_m_s, &mut stream, outbox);
            let fired = event
                .fired_from
                .filter(|_| event.class == EventClass::Artillery);
            if let Some(place) = fired.filter(|_| stream.chance(LAUNCH_HEARD)) {
                let at = plus_seconds(event.at, -FLIGHT_S);
                let launch = Sound {
                    class: event.class,
                    at,
                    place,
                    launch: true,
                };
                heard |= array.hear(&launch, speed_m_s, &mut stream, outbox);
            }
            if heard {
                event.observed_by.push(sensor.id.clone());
            }
        }
        for after_s in false_times_s(sensor, options.hours * 3_600.0, &mut stream) {
            let at = plus_seconds(options.start, after_s);
            let bearing_deg = stream.between(0.0, 360.0);
            array.send(at, bearing_deg, None, &mut stream, outbox);
        }
    }
}

/// The wind along the path is one for each event, whoever hears it.
fn winds(options: &Options, n: usize) -> Vec<f64> {
    let mut stream = Stream::new(options.seed, "wind");
    (0..n).map(|_| stream.normal(0.0, WIND_M_S_SIGMA)).collect()
}

struct Array<'s> {
    sensor: &'s Sensor,
    position: Position,
    bias_deg: f64,
    conditions: &'s Conditions,
}

struct Sound {
    class: EventClass,
    at: Timestamp,
    place: Position,
    launch: bool,
}

impl Array<'_> {
    fn hear(
        &self,
        sound: &Sound,
        speed_m_s: f64,
        stream: &mut Stream,
        outbox: &mut Outbox<'_>,
    ) -> bool {
        let probability = detection_probability(self.sensor, sound.class, sound.place);
        if probability <= 0.0 || !stream.chance(probability) {
            return false;
        }
        let distance_m = self.position.distance_m(sound.place);
        let sigma_s = self.sensor.errors.time_s_sigma.unwrap_or(1.0);
        let at = plus_seconds(
            sound.at,
            distance_m / speed_m_s + stream.normal(0.0, sigma_s),
        );
        if !self.conditions.works(&self.sensor.id, at) {
            return false;
        }
        let error_deg = self.bias_deg + stream.normal(0.0, self.bearing_deg_sigma());
        let bearing_deg = self.position.bearing_deg(sound.place) + error_deg;
        self.send(
            at,
            bearing_deg,
            sound.launch.then_some(true),
            stream,
            outbox,
        );
        true
    }

    fn bearing_deg_sigma(&self) -> f64 {
        self.sensor.errors.bearing_deg_sigma.unwrap_or(2.0)
    }

    fn send(
        &self,
        at: Timestamp,
        bearing_deg: f64,
        launch: Option<bool>,
        stream: &mut Stream,
        outbox: &mut Outbox<'_>,
    ) {
        let signal_to_noise_db = Some(stream.between(6.0, 30.0));
        let detection = AcousticDetection {
            class: None,
            launch,
            level_db: None,
            signal_to_noise_db,
        };
        outbox.send(Sent {
            feed: &self.sensor.feed,
            sensor: Some(&self.sensor.id),
            observed_at: Interval::instant(at),
            delay_s: delay_s(self.sensor, 5.0, stream),
            location: Some(Location::Bearing {
                observer: self.position,
                bearing_deg: normalize_bearing_deg(bearing_deg),
                bearing_deg_sigma: self.bearing_deg_sigma(),
                range: None,
            }),
            reading: Reading::Acoustic(detection),
            grade: INSTRUMENT,
        });
    }
}
