//! What the mission says of its own work: weather over its area, and the state of its sensors.

use truce_core::mission::{Feed, Sensor, SensorKind, ZoneKind};
use truce_core::observation::{Health, SensorState, Weather};
use truce_core::time::{SignedDuration, plus_seconds, seconds_between};
use truce_core::{
    ClauseKind, Grade, IncidentKind, Interval, Location, Position, Reading, Slug, Timestamp,
};

use super::physical::bounds;
use crate::Options;
use crate::conditions::{CELL_DEG, Conditions, WEATHER_S};
use crate::ground::{Ground, contains};
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::truth::TruthEvent;

/// The feed by which a mission reports on itself.
const STATUS_FEED: &str = "mission-status";

/// A sensor that works says so this often, seconds (illustrative).
const ROUTINE_S: f64 = 6.0 * 3_600.0;

/// Messages on the state of things take so long, seconds (illustrative).
const DELAY_S: (f64, f64) = (5.0, 120.0);

/// Mean wind speed, metres per second (illustrative: a breeze inland).
const WIND_M_S_MEAN: f64 = 5.0;

/// Sends weather and the sensors' state, and tells what of it was done to the mission.
pub(crate) fn report(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    outbox: &mut Outbox<'_>,
) -> Vec<TruthEvent> {
    let feeds = &ground.mission.network.feeds;
    let whole = Interval::between(options.start, options.end());
    let truth = jamming(ground, conditions);
    let Some(feed) = feeds.iter().find(|feed| feed.id.as_str() == STATUS_FEED) else {
        let note =
            format!("no feed `{STATUS_FEED}`: weather and states of sensors are not reported");
        return truth
            .into_iter()
            .chain([TruthEvent::remark(whole, note)])
            .collect();
    };
    let mut teller = Teller {
        feed,
        stream: Stream::new(options.seed, "status"),
        outbox,
    };
    teller.weather(ground, options, conditions);
    teller.outages(conditions);
    for sensor in &ground.mission.network.sensors {
        teller.routine(sensor, options, conditions);
    }
    truth
}

/// Jamming hinders the mission's work.
fn jamming(ground: &Ground<'_>, conditions: &Conditions) -> Vec<TruthEvent> {
    let sensors = &ground.mission.network.sensors;
    let standing = sensors
        .iter()
        .filter_map(|sensor| Some((sensor, sensor.position?)));
    let mut truth = Vec::new();
    for (sensor, position) in standing {
        for outage in conditions.outages.get(&sensor.id).into_iter().flatten() {
            if outage.jammed {
                truth.push(TruthEvent {
                    object: Some(sensor.id.to_string()),
                    observed_by: vec![sensor.id.clone()],
                    note: "a sensor of the mission was jammed".to_owned(),
                    ..TruthEvent::happened(IncidentKind::AccessDenied, outage.during, position)
                        .breaking(ClauseKind::Access)
                });
            }
        }
    }
    truth
}

struct Teller<'a, 'm> {
    feed: &'a Feed,
    stream: Stream,
    outbox: &'a mut Outbox<'m>,
}

impl Teller<'_, '_> {
    fn send(
        &mut self,
        sensor: Option<&Slug>,
        observed_at: Interval,
        sent_at: Timestamp,
        location: Option<Location>,
        reading: Reading,
    ) {
        let delay_s = self.stream.between(DELAY_S.0, DELAY_S.1);
        self.outbox.send(Sent {
            feed: &self.feed.id,
            sensor,
            observed_at,
            delay_s: seconds_between(observed_at.end, sent_at) + delay_s,
            location,
            reading,
            grade: Grade::UNJUDGED,
        });
    }

    /// One message for every cell of weather over the area of operation, when its time begins.
    fn weather(&mut self, ground: &Ground<'_>, options: &Options, conditions: &Conditions) {
        let mut period_start = options.start;
        while period_start < options.end() {
            for middle in cell_middles(ground) {
                let cell = conditions.cell(middle, period_start);
                let (ring, during) = conditions.extent(cell);
                // The last nanosecond belongs to the next period.
                let end = during.end.checked_sub(SignedDuration::from_nanos(1));
                let during = Interval::between(during.start, end.unwrap_or(during.end));
                let weather = Weather {
                    cloud_fraction: Some(conditions.cloud_fraction(cell)),
                    wind_speed_m_s: Some(tenths(self.stream.exponential(WIND_M_S_MEAN))),
                    wind_from_deg: Some(tenths(self.stream.between(0.0, 359.9))),
                };
                let area = Location::Area {
                    ring: ring.to_vec(),
                };
                let reading = Reading::Weather(weather);
                self.send(None, during, period_start, Some(area), reading);
            }
            period_start = plus_seconds(period_start, WEATHER_S);
        }
    }

    fn outages(&mut self, conditions: &Conditions) {
        for (sensor, outages) in &conditions.outages {
            for outage in outages {
                let (health, text) = if outage.jammed {
                    (Health::Jammed, "disturbed from outside")
                } else {
                    (Health::Off, "no power")
                };
                self.state(sensor, outage.during.start, health, text);
                self.state(sensor, outage.during.end, Health::Working, "");
            }
        }
    }

    fn state(&mut self, sensor: &Slug, at: Timestamp, health: Health, text: &str) {
        let reading = Reading::SensorState(SensorState {
            health,
            text: text.to_owned(),
        });
        self.send(Some(sensor), Interval::instant(at), at, None, reading);
    }

    /// Every sensor on the ground that works says so from time to time.
    fn routine(&mut self, sensor: &Sensor, options: &Options, conditions: &Conditions) {
        if sensor.position.is_none() || sensor.kind == SensorKind::Patrol {
            return;
        }
        let mut at = plus_seconds(options.start, self.stream.between(0.0, ROUTINE_S));
        while at < options.end() {
            if conditions.works(&sensor.id, at) {
                self.state(&sensor.id, at, Health::Working, "");
            }
            at = plus_seconds(at, ROUTINE_S);
        }
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Middles of the cells that lie in the area of operation.
fn cell_middles(ground: &Ground<'_>) -> Vec<Position> {
    let Some(zone) = ground.zones(ZoneKind::AreaOfOperation).into_iter().next() else {
        return Vec::new();
    };
    let Some((low, high)) = bounds(&zone.shape) else {
        return Vec::new();
    };
    let mut middles = Vec::new();
    let mut lat_deg = libm::floor(low.lat_deg) + CELL_DEG / 2.0;
    while lat_deg < high.lat_deg {
        let mut lon_deg = libm::floor(low.lon_deg) + CELL_DEG / 2.0;
        while lon_deg < high.lon_deg {
            let middle = Position { lat_deg, lon_deg };
            if contains(&zone.shape, middle) {
                middles.push(middle);
            }
            lon_deg += CELL_DEG;
        }
        lat_deg += CELL_DEG;
    }
    middles
}
