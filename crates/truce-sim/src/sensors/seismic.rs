//! Seismic stations: the times at which the two waves of an explosion arrive.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::{SeismicPhase, SeismicPick};
use truce_core::time::plus_seconds;
use truce_core::{Interval, Location, Position, Reading, Timestamp};

use super::{INSTRUMENT, delay_s, detection_probability, false_times_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::physical::Event;

/// Wave speeds of the upper crust, metres per second, and the standard deviation of a pick,
/// seconds: the incident benchmark's figures.
const WAVES: [(SeismicPhase, f64, f64); 2] = [
    (SeismicPhase::P, 6_000.0, 0.15),
    (SeismicPhase::S, 3_464.0, 0.3),
];

/// Messages leave a station after a minute at the earliest (incident benchmark).
const DELAY_S_MIN: f64 = 60.0;

/// Lets every station feel every event in its range, and what is not there.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    events: &mut [Event],
    outbox: &mut Outbox<'_>,
) {
    for sensor in ground.sensors(SensorKind::SeismicStation) {
        let Some(position) = sensor.position else {
            continue;
        };
        let mut stream = Stream::new(options.seed, &format!("station {}", sensor.id));
        for event in events.iter_mut() {
            let probability = detection_probability(sensor, event.class, event.place);
            let mut felt = false;
            for (phase, speed_m_s, sigma_s) in WAVES {
                if probability <= 0.0 || !stream.chance(probability) {
                    continue;
                }
                let way_s = position.distance_m(event.place) / speed_m_s;
                let at = plus_seconds(event.at, way_s + stream.normal(0.0, sigma_s));
                if conditions.works(&sensor.id, at) {
                    send(sensor, position, (phase, at, sigma_s), &mut stream, outbox);
                    felt = true;
                }
            }
            if felt {
                event.observed_by.push(sensor.id.clone());
            }
        }
        for after_s in false_times_s(sensor, options.hours * 3_600.0, &mut stream) {
            let (phase, _, sigma_s) = WAVES[stream.below(WAVES.len())];
            let at = plus_seconds(options.start, after_s);
            send(sensor, position, (phase, at, sigma_s), &mut stream, outbox);
        }
    }
}

fn send(
    sensor: &Sensor,
    station: Position,
    (phase, at, sigma_s): (SeismicPhase, Timestamp, f64),
    stream: &mut Stream,
    outbox: &mut Outbox<'_>,
) {
    let signal_to_noise_db = Some(stream.between(4.0, 25.0));
    outbox.send(Sent {
        feed: &sensor.feed,
        sensor: Some(&sensor.id),
        observed_at: Interval::instant(at),
        delay_s: delay_s(sensor, DELAY_S_MIN, stream),
        location: Some(Location::Arrival {
            station,
            arrival_s_sigma: sigma_s,
        }),
        reading: Reading::Seismic(SeismicPick {
            phase,
            signal_to_noise_db,
        }),
        grade: INSTRUMENT,
    });
}
