//! Infrared imagers in orbit: each pass sees what burns under a clear sky.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::ThermalAnomaly;
use truce_core::time::{SignedDuration, plus_seconds};
use truce_core::{Interval, Location, Position, Reading, Timestamp};

use super::{INSTRUMENT, delay_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::physical::{Event, anywhere};

/// Products are there 1.5 hours after the pass at the earliest (incident benchmark).
const DELAY_S_MIN: f64 = 5_400.0;

/// Mean radiative power of what is seen, megawatts (illustrative; small fires prevail).
const POWER_MW_MEAN: f64 = 4.0;

/// NORAD numbers of the satellites that carry VIIRS, and their names in the product (NASA FIRMS,
/// attributes of VIIRS 375 m active fire data).
const SATELLITES: [(u32, &str); 3] = [(37_849, "N"), (43_013, "N20"), (54_234, "N21")];

/// Day and night for an imager over the eastern hemisphere's middle, hours of UTC.
const DAY_HOURS: std::ops::Range<i64> = 4..18;

/// Lets every pass of every imager look at every event, and see what is not there.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    events: &mut [Event],
    outbox: &mut Outbox<'_>,
) {
    for sensor in ground.sensors(SensorKind::ThermalImager) {
        let mut stream = Stream::new(options.seed, &format!("imager {}", sensor.id));
        let satellite = satellite(ground, sensor);
        for pass in passes(sensor, options) {
            for event in events.iter_mut().filter(|event| event.at <= pass) {
                if event.hot_until.is_some_and(|until| pass <= until)
                    && sees(sensor, conditions, event, pass, &mut stream)
                {
                    event.observed_by.push(sensor.id.clone());
                    send(sensor, satellite, event.place, pass, &mut stream, outbox);
                }
            }
            let false_mean = sensor.false_per_day / sensor.looks_at_s.len() as f64;
            for _ in 0..stream.poisson(false_mean) {
                if let Some(place) = anywhere(ground, &mut stream) {
                    send(sensor, satellite, place, pass, &mut stream, outbox);
                }
            }
        }
    }
}

/// The name by which the product calls the satellite that carries a sensor.
fn satellite(ground: &Ground<'_>, sensor: &Sensor) -> Option<&'static str> {
    let mut platforms = ground.mission.network.platforms.iter();
    let platform = platforms.find(|platform| Some(&platform.id) == sensor.platform.as_ref())?;
    let known = SATELLITES
        .iter()
        .find(|(number, _)| Some(*number) == platform.norad_number);
    known.map(|(_, name)| *name)
}

/// Times of overpass within the period, in order. Which second within the time around a stated one
/// a place is passed at is left out.
fn passes(sensor: &Sensor, options: &Options) -> Vec<Timestamp> {
    let end = options.end();
    let day_s = options.start.as_second().rem_euclid(86_400);
    let mut midnight = plus_seconds(options.start, -(day_s as f64));
    let mut passes = Vec::new();
    while midnight < end {
        passes.extend(
            sensor
                .looks_at_s
                .iter()
                .map(|at_s| plus_seconds(midnight, *at_s)),
        );
        midnight = plus_seconds(midnight, 86_400.0);
    }
    passes.retain(|pass| (options.start..end).contains(pass));
    passes.sort();
    passes
}

fn sees(
    sensor: &Sensor,
    conditions: &Conditions,
    event: &Event,
    pass: Timestamp,
    stream: &mut Stream,
) -> bool {
    let Some(model) = sensor
        .detects
        .iter()
        .find(|model| model.class == event.class)
    else {
        return false;
    };
    let cell = conditions.cell(event.place, pass);
    let hidden = model.needs_clear_sky && conditions.cloud_fraction(cell) > 0.5;
    stream.chance(model.probability) && !hidden
}

fn send(
    sensor: &Sensor,
    satellite: Option<&str>,
    place: Position,
    pass: Timestamp,
    stream: &mut Stream,
    outbox: &mut Outbox<'_>,
) {
    let sigma_m = sensor.errors.position_m_sigma.unwrap_or(190.0);
    let power_mw = stream.exponential(POWER_MW_MEAN).max(0.1);
    let hour = pass.as_second().rem_euclid(86_400) / 3_600;
    let anomaly = ThermalAnomaly {
        brightness_k: Some(305.0 + 8.0 * libm::log(1.0 + power_mw)),
        background_k: Some(stream.normal(288.0, 4.0)),
        radiative_power_mw: Some(power_mw),
        scan_m: Some(stream.between(380.0, 700.0)),
        track_m: Some(stream.between(360.0, 600.0)),
        confidence: Some(if power_mw > 10.0 { 0.9 } else { 0.6 }),
        daytime: Some(DAY_HOURS.contains(&hour)),
        satellite: satellite.map(str::to_owned),
        instrument: Some("VIIRS".to_owned()),
        version: Some("2.0NRT".to_owned()),
    };
    outbox.send(Sent {
        feed: &sensor.feed,
        sensor: Some(&sensor.id),
        observed_at: minute_of(pass),
        delay_s: delay_s(sensor, DELAY_S_MIN, stream),
        location: Some(Location::fix(stream.near(place, sigma_m), sigma_m)),
        reading: Reading::ThermalAnomaly(anomaly),
        grade: INSTRUMENT,
    });
}

/// The product gives the minute. The next one begins a nanosecond after its end.
fn minute_of(at: Timestamp) -> Interval {
    let second = at.as_second().rem_euclid(60);
    let start = Timestamp::from_second(at.as_second() - second).unwrap_or(at);
    let length = SignedDuration::from_nanos(59_999_999_999);
    Interval::between(start, start.checked_add(length).unwrap_or(start))
}
