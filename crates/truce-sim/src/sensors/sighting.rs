//! Cameras on masts and the payloads of the mission's uncrewed aircraft: they see what happens in
//! front of them and take one class for another now and then.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::Sighting;
use truce_core::time::plus_seconds;
use truce_core::{EventClass, IncidentKind, Interval, Location, Position, Reading, Timestamp};

use super::{INSTRUMENT, delay_s, detection_probability, false_times_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::deeds::Deed;
use crate::scenario::physical::Event;

/// Share of sightings whose class is right (incident benchmark).
const CLASS_RIGHT: f64 = 0.9;

/// An aircraft watches one disc for this long, seconds, then another (incident benchmark).
const WATCH_S: f64 = 7_200.0;

/// Discs lie around places on the line with this standard deviation, metres (illustrative).
const WATCH_M_SIGMA: f64 = 5_000.0;

/// Classes that can be seen at all.
const VISIBLE: [EventClass; 5] = [
    EventClass::Artillery,
    EventClass::DroneStrike,
    EventClass::SmallArms,
    EventClass::FarmFire,
    EventClass::QuarryBlast,
];

/// What is done on the ground and seen from afar.
const SEEN_FROM_AFAR: [IncidentKind; 3] = [
    IncidentKind::WeaponSighting,
    IncidentKind::MinesOrWorks,
    IncidentKind::Movement,
];

/// Lets every camera and payload see every event in its range, and what is not there.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    events: &mut [Event],
    outbox: &mut Outbox<'_>,
) {
    let kinds = [SensorKind::Camera, SensorKind::UavPayload];
    for sensor in kinds.into_iter().flat_map(|kind| ground.sensors(kind)) {
        let mut stream = Stream::new(options.seed, &format!("eye {}", sensor.id));
        let watch = Watch::draw(ground, sensor, options);
        for event in events.iter_mut() {
            let Some(eye) = watch.eye_at(event.at) else {
                continue;
            };
            let eye = Sensor {
                position: Some(eye),
                ..sensor.clone()
            };
            let probability = detection_probability(&eye, event.class, event.place);
            if probability <= 0.0 || !stream.chance(probability) {
                continue;
            }
            if conditions.works(&sensor.id, event.at) {
                event.observed_by.push(sensor.id.clone());
                let right = stream.chance(CLASS_RIGHT);
                let class = if right {
                    Some(event.class)
                } else {
                    stream.one_of(&VISIBLE).copied()
                };
                send(
                    sensor,
                    (event.at, event.place, shot(class)),
                    &mut stream,
                    outbox,
                );
            }
        }
        for after_s in false_times_s(sensor, options.hours * 3_600.0, &mut stream) {
            let at = plus_seconds(options.start, after_s);
            let Some(eye) = watch.eye_at(at) else {
                continue;
            };
            let place = stream.near(eye, 2_000.0);
            let class = stream.one_of(&VISIBLE).copied();
            send(sensor, (at, place, shot(class)), &mut stream, outbox);
        }
    }
}

/// Where a sensor looks from, or the middle of the disc an aircraft watches, in turns.
pub(crate) struct Watch {
    /// When each turn ends, and from where it looks.
    turns: Vec<(Timestamp, Position)>,
}

impl Watch {
    /// The watch of a sensor, the same whoever asks.
    pub(crate) fn draw(ground: &Ground<'_>, sensor: &Sensor, options: &Options) -> Self {
        if let Some(position) = sensor.position {
            return Self {
                turns: vec![(options.end(), position)],
            };
        }
        let mut stream = Stream::new(options.seed, &format!("watch {}", sensor.id));
        let mut turns = Vec::new();
        let mut until = options.start;
        while until < options.end() {
            until = plus_seconds(until, WATCH_S);
            if let Some(on_line) = ground.on_line(stream.unit()) {
                turns.push((until, stream.near(on_line.position, WATCH_M_SIGMA)));
            }
        }
        Self { turns }
    }

    /// From where the sensor looks at an instant.
    pub(crate) fn eye_at(&self, at: Timestamp) -> Option<Position> {
        let turn = self.turns.partition_point(|(until, _)| *until <= at);
        self.turns.get(turn).map(|(_, eye)| *eye)
    }
}

/// Lets every camera and payload see what is done on the ground in its range.
pub(crate) fn observe_deeds(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    deeds: &mut [Deed],
    outbox: &mut Outbox<'_>,
) {
    let kinds = [SensorKind::Camera, SensorKind::UavPayload];
    for sensor in kinds.into_iter().flat_map(|kind| ground.sensors(kind)) {
        let mut stream = Stream::new(options.seed, &format!("eye on the ground {}", sensor.id));
        let watch = Watch::draw(ground, sensor, options);
        let models = sensor.detects.iter();
        let Some(model) = models.max_by(|a, b| {
            a.range_m_half
                .unwrap_or(0.0)
                .total_cmp(&b.range_m_half.unwrap_or(0.0))
        }) else {
            continue;
        };
        for deed in deeds
            .iter_mut()
            .filter(|deed| SEEN_FROM_AFAR.contains(&deed.kind))
        {
            let at = deed.truth.occurred.middle();
            let (Some(place), Some(eye)) = (deed.truth.place, watch.eye_at(at)) else {
                continue;
            };
            let probability = model.probability_at(eye.distance_m(place));
            if stream.chance(probability) && conditions.works(&sensor.id, at) {
                deed.truth.observed_by.push(sensor.id.clone());
                let seen = Sighting {
                    about: deed.kind,
                    class: None,
                    object: deed.object,
                    weapon: deed.weapon.clone(),
                    count: deed.count,
                };
                send(sensor, (at, place, seen), &mut stream, outbox);
            }
        }
    }
}

/// A sighting of fire, a blast or shooting.
fn shot(class: Option<EventClass>) -> Sighting {
    let about = IncidentKind::PhysicalEvent;
    Sighting {
        about,
        class,
        object: None,
        weapon: None,
        count: None,
    }
}

fn send(
    sensor: &Sensor,
    (at, place, seen): (Timestamp, Position, Sighting),
    stream: &mut Stream,
    outbox: &mut Outbox<'_>,
) {
    let sigma_m = sensor.errors.position_m_sigma.unwrap_or(50.0);
    outbox.send(Sent {
        feed: &sensor.feed,
        sensor: Some(&sensor.id),
        observed_at: Interval::instant(at),
        delay_s: delay_s(sensor, 10.0, stream),
        location: Some(Location::fix(stream.near(place, sigma_m), sigma_m)),
        reading: Reading::Sighting(seen),
        grade: INSTRUMENT,
    });
}
