//! What the mission's sensors make of what happens: one file per kind of sensor.

pub(crate) mod acoustic;
pub(crate) mod ais;
pub(crate) mod people;
pub(crate) mod radar;
pub(crate) mod satellite;
pub(crate) mod seismic;
pub(crate) mod sighting;
pub(crate) mod uav_detector;

use truce_core::mission::Sensor;
use truce_core::{Credibility, EventClass, Grade, Position, Reliability};

use crate::random::Stream;

/// Beyond this many half ranges nothing is detected: the logistic curve is under one in a thousand
/// there for every width up to a sixth of the half range.
const HALF_RANGES_MAX: f64 = 2.2;

/// Grade of an instrument's reading.
pub(crate) const INSTRUMENT: Grade = Grade {
    reliability: Reliability::B,
    credibility: Credibility::ProbablyTrue,
};

/// The sensor's detection probability for a class at a place, by its model; zero where it is out of
/// range or has no model of the class.
pub(crate) fn detection_probability(sensor: &Sensor, class: EventClass, place: Position) -> f64 {
    let Some(model) = sensor.detects.iter().find(|model| model.class == class) else {
        return 0.0;
    };
    let (Some(half_m), Some(position)) = (model.range_m_half, sensor.position) else {
        return 0.0;
    };
    // A degree of latitude is 110.6 km at least: a cheap test before the exact distance.
    if (position.lat_deg - place.lat_deg).abs() * 110_600.0 > HALF_RANGES_MAX * half_m {
        return 0.0;
    }
    let distance_m = position.distance_m(place);
    if distance_m > HALF_RANGES_MAX * half_m {
        0.0
    } else {
        model.probability_at(distance_m)
    }
}

/// Times of a sensor's false detections within a number of seconds.
pub(crate) fn false_times_s(sensor: &Sensor, length_s: f64, stream: &mut Stream) -> Vec<f64> {
    let n = stream.poisson(sensor.false_per_day * length_s / 86_400.0);
    (0..n).map(|_| stream.between(0.0, length_s)).collect()
}

/// How long a message takes, seconds: at least `least_s`, at most as long as the sensor's model
/// says.
pub(crate) fn delay_s(sensor: &Sensor, least_s: f64, stream: &mut Stream) -> f64 {
    let least_s = least_s.min(sensor.latency_s_max);
    stream.between(least_s, sensor.latency_s_max.max(least_s))
}
