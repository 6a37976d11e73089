//! Radars that watch the sea: what sails within their horizon, whether it sends AIS or not.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::RadarTarget;
use truce_core::place::Range;
use truce_core::time::plus_seconds;
use truce_core::{IncidentKind, Interval, Location, Reading, Timestamp};

use super::{INSTRUMENT, delay_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::fleet::Sailing;

/// The horizon: 24 nautical miles, a usual range of radars on the coast.
const RANGE_M: f64 = 44_448.0;
/// A sweep is handed on so often, seconds: radars turn in 3 s and are thinned.
const SWEEP_S: f64 = 30.0;
/// Probability that a sweep shows a vessel, and plots a sweep that are none (illustrative).
const DETECTION: f64 = 0.9;
const CLUTTER: f64 = 0.5;
/// Errors when the radar states none (half of what IMO MSC.192(79), annex, 5.2 allows).
const RANGE_M_SIGMA: f64 = 30.0;
const BEARING_DEG_SIGMA: f64 = 0.5;
/// A vessel without AIS that was shown for shorter than this is none that a watch could find, seconds.
const FOLLOWED_S_MIN: f64 = 2_700.0;
/// Slower than this nothing is told from the sea's own echoes, metres per second.
const SPEED_M_S_MIN: f64 = 0.5;

/// Lets the radars see the fleet. A vessel without AIS that one of them followed long enough says so in
/// its truth, with the number that radars give it.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    sailings: &mut [Sailing],
    outbox: &mut Outbox<'_>,
) {
    for radar in ground.sensors(SensorKind::SeaRadar) {
        let mut stream = Stream::new(options.seed, &format!("radar {}", radar.id));
        let mut shown_s = vec![0.0; sailings.len()];
        let mut at = options.start;
        while at < options.end() {
            if conditions.works(&radar.id, at) {
                sweep(radar, at, sailings, &mut shown_s, &mut stream, outbox);
            }
            at = plus_seconds(at, SWEEP_S);
        }
        for (number, (sailing, shown_s)) in sailings.iter_mut().zip(shown_s).enumerate() {
            let truth = sailing.truth.as_mut();
            let dark = truth.filter(|told| told.kind == Some(IncidentKind::DarkVessel));
            if let Some(truth) = dark
                && shown_s >= FOLLOWED_S_MIN
            {
                truth.observed_by.push(radar.id.clone());
                truth.note = number.to_string();
            }
        }
    }
}

fn sweep(
    radar: &Sensor,
    at: Timestamp,
    sailings: &[Sailing],
    shown_s: &mut [f64],
    stream: &mut Stream,
    outbox: &mut Outbox<'_>,
) {
    let Some(observer) = radar.position else {
        return;
    };
    let range_m_sigma = radar.errors.range_m_sigma.unwrap_or(RANGE_M_SIGMA);
    let bearing_deg_sigma = radar.errors.bearing_deg_sigma.unwrap_or(BEARING_DEG_SIGMA);
    let mut plots = Vec::new();
    for (number, Sailing { voyage, .. }) in sailings.iter().enumerate() {
        let place = voyage.position(at);
        // A degree of latitude is 110.6 km at least: a cheap test before the exact distance.
        if (observer.lat_deg - place.lat_deg).abs() * 110_600.0 > RANGE_M {
            continue;
        }
        let distance_m = observer.distance_m(place);
        let way_m = place.distance_m(voyage.position(plus_seconds(at, SWEEP_S)));
        if distance_m > RANGE_M || way_m < SPEED_M_S_MIN * SWEEP_S {
            continue;
        }
        shown_s[number] += SWEEP_S;
        if stream.chance(DETECTION) {
            let bearing_deg = stream.normal(observer.bearing_deg(place), bearing_deg_sigma);
            let range_m = stream.normal(distance_m, range_m_sigma).max(0.0);
            plots.push((Some(number.to_string()), range_m, bearing_deg));
        }
    }
    for _ in 0..stream.poisson(CLUTTER) {
        // Evenly over the area.
        let range_m = RANGE_M * stream.unit().sqrt();
        plots.push((None, range_m, stream.between(0.0, 360.0)));
    }
    let delay_s = delay_s(radar, 0.5, stream);
    for (target, range_m, bearing_deg) in plots {
        outbox.send(Sent {
            feed: &radar.feed,
            sensor: Some(&radar.id),
            observed_at: Interval::instant(at),
            delay_s,
            location: Some(Location::Bearing {
                observer,
                bearing_deg: bearing_deg.rem_euclid(360.0),
                bearing_deg_sigma,
                range: Some(Range {
                    range_m,
                    range_m_sigma,
                }),
            }),
            reading: Reading::Radar(RadarTarget {
                target,
                ..RadarTarget::default()
            }),
            grade: INSTRUMENT,
        });
    }
}
