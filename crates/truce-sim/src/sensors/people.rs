//! People: patrols and posts that see and hear, and callers on the hotline. What the parties
//! allege and reply is left to the people who play them.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::{Claim, Speaker};
use truce_core::time::plus_seconds;
use truce_core::{
    EventClass, Grade, IncidentKind, Interval, Location, Position, Reading, Slug, Timestamp,
};

use super::{detection_probability, false_times_s};
use crate::Options;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::deeds::Deed;
use crate::scenario::physical::Event;
use crate::truth::TruthEvent;

/// Share of reports whose class is right.
const CLASS_RIGHT: f64 = 0.8;

/// A patrol's report takes 45 minutes on average (incident benchmark), and two minutes at least.
const DELAY_S_MEAN: f64 = 2_700.0;
const DELAY_S_MIN: f64 = 120.0;

/// A patrol comes to know of what happens this near to its post, and with this probability
/// (illustrative); of what happens to itself always.
const PATROL_RANGE_M: f64 = 15_000.0;
const PATROL_LEARNS: f64 = 0.7;

/// Errors of patrols whose model states none.
const POSITION_M_SIGMA: f64 = 800.0;
const TIME_S_SIGMA: f64 = 180.0;

/// The feed by which callers' words come.
const HOTLINE_FEED: &str = "hotline";

/// Share of shots after which somebody calls, of harm and damage likewise, false calls on a day,
/// and how well a caller knows place and time (illustrative).
const CALLED_OF_SHOTS: f64 = 0.04;
const CALLED_OF_HARM: f64 = 0.8;
const FALSE_CALLS_PER_DAY: f64 = 4.0;
const CALLER_M_SIGMA: f64 = 2_000.0;
const CALLER_S_SIGMA: f64 = 600.0;

/// What patrols take one another's sounds for.
const HEARD: [EventClass; 5] = [
    EventClass::Artillery,
    EventClass::DroneStrike,
    EventClass::SmallArms,
    EventClass::QuarryBlast,
    EventClass::Thunder,
];

/// Lets patrols report, and callers call. Returns what is true of false calls.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    events: &mut [Event],
    deeds: &mut [Deed],
    outbox: &mut Outbox<'_>,
) -> Vec<TruthEvent> {
    for sensor in ground.sensors(SensorKind::Patrol) {
        let Some(position) = sensor.position else {
            continue;
        };
        let feed = ground.mission.network.feed(&sensor.feed);
        let grade = feed.map_or(Grade::UNJUDGED, |feed| feed.grade);
        let stream = Stream::new(options.seed, &format!("patrol {}", sensor.id));
        let mut patrol = Patrol {
            sensor,
            position,
            grade,
            stream,
            outbox,
        };
        patrol.hear(events);
        patrol.learn(deeds);
        patrol.imagine(options);
    }
    hotline(ground, options, events, deeds, outbox)
}

struct Patrol<'a, 'm> {
    sensor: &'a Sensor,
    position: Position,
    grade: Grade,
    stream: Stream,
    outbox: &'a mut Outbox<'m>,
}

impl Patrol<'_, '_> {
    fn hear(&mut self, events: &mut [Event]) {
        for event in events {
            let probability = detection_probability(self.sensor, event.class, event.place);
            if probability <= 0.0 || !self.stream.chance(probability) {
                continue;
            }
            let right = self.stream.chance(CLASS_RIGHT);
            let class = if right {
                Some(event.class)
            } else {
                self.stream.one_of(&HEARD).copied()
            };
            let claim = Claim {
                class,
                text: words(class),
                ..claim(IncidentKind::PhysicalEvent)
            };
            self.report(claim, Interval::instant(event.at), event.place);
            event.observed_by.push(self.sensor.id.clone());
        }
    }

    fn learn(&mut self, deeds: &mut [Deed]) {
        for deed in deeds {
            let Some(place) = deed.truth.place else {
                continue;
            };
            let near = place.distance_m(self.position) < PATROL_RANGE_M;
            if !near || !self.stream.chance(PATROL_LEARNS) {
                continue;
            }
            let told = Claim {
                weapon: deed.weapon.clone(),
                count: deed.count,
                text: deed.text.to_owned(),
                ..claim(deed.kind)
            };
            self.report(told, deed.truth.occurred, place);
            deed.truth.observed_by.push(self.sensor.id.clone());
        }
    }

    /// Patrols hear things that were nothing.
    fn imagine(&mut self, options: &Options) {
        for after_s in false_times_s(self.sensor, options.hours * 3_600.0, &mut self.stream) {
            let class = self.stream.one_of(&HEARD).copied();
            let course_deg = self.stream.between(0.0, 360.0);
            let place = self
                .position
                .offset(course_deg, self.stream.between(500.0, 5_000.0));
            let at = Interval::instant(plus_seconds(options.start, after_s));
            let claim = Claim {
                class,
                text: words(class),
                ..claim(IncidentKind::PhysicalEvent)
            };
            self.report(claim, at, place);
        }
    }

    fn report(&mut self, claim: Claim, occurred: Interval, place: Position) {
        let errors = &self.sensor.errors;
        let sigma_m = errors.position_m_sigma.unwrap_or(POSITION_M_SIGMA);
        let sigma_s = errors.time_s_sigma.unwrap_or(TIME_S_SIGMA);
        let stated = self.stream.near(place, sigma_m);
        let location = if self.stream.chance(0.5) {
            Location::fix(stated, sigma_m)
        } else {
            self.relative(stated, sigma_m)
        };
        let delay_s = self.stream.exponential(DELAY_S_MEAN);
        let delay_s = delay_s.clamp(DELAY_S_MIN, self.sensor.latency_s_max.max(DELAY_S_MIN));
        let mut told = claim;
        told.speaker = Speaker::Patrol;
        self.outbox.send(Sent {
            feed: &self.sensor.feed,
            sensor: Some(&self.sensor.id),
            observed_at: remembered(occurred, sigma_s, &mut self.stream),
            delay_s,
            location: Some(location),
            reading: Reading::Claim(told),
            grade: self.grade,
        });
    }

    /// So many metres in a direction from the post.
    fn relative(&self, stated: Position, sigma_m: f64) -> Location {
        let from = self.sensor.post.as_ref().unwrap_or(&self.sensor.id).clone();
        Location::Relative {
            from,
            reference: self.position,
            bearing_deg: self.position.bearing_deg(stated).round() % 360.0,
            distance_m: (self.position.distance_m(stated) / 10.0).round() * 10.0,
            sigma_m,
        }
    }
}

/// A claim about a kind of incident and nothing else.
fn claim(about: IncidentKind) -> Claim {
    Claim {
        speaker: Speaker::Hotline,
        about,
        class: None,
        side: None,
        weapon: None,
        count: None,
        crater: None,
        object_kind: None,
        object: None,
        text: String::new(),
        report: None,
        published: None,
    }
}

fn words(class: Option<EventClass>) -> String {
    let words = match class {
        Some(EventClass::Artillery) => "Explosions were heard, as of artillery.",
        Some(EventClass::DroneStrike) => "An uncrewed aircraft was heard, then an explosion.",
        Some(EventClass::SmallArms) => "Bursts of shots were heard.",
        Some(EventClass::FarmFire) => "A field was burning.",
        Some(EventClass::QuarryBlast) => "A blast was heard from a quarry.",
        Some(EventClass::Thunder) => "It thundered.",
        _ => "A noise was heard.",
    };
    words.to_owned()
}

/// People remember a time with an error and give it with a margin, both of whole seconds.
fn remembered(occurred: Interval, sigma_s: f64, stream: &mut Stream) -> Interval {
    let error_s = stream.normal(0.0, sigma_s);
    let second = |at: Timestamp, shift_s: f64| {
        let at = plus_seconds(at, error_s + shift_s);
        Timestamp::from_second(at.as_second()).unwrap_or(at)
    };
    Interval::between(
        second(occurred.start, -sigma_s),
        second(occurred.end, sigma_s),
    )
}

fn hotline(
    ground: &Ground<'_>,
    options: &Options,
    events: &mut [Event],
    deeds: &mut [Deed],
    outbox: &mut Outbox<'_>,
) -> Vec<TruthEvent> {
    let feeds = &ground.mission.network.feeds;
    let Some(feed) = feeds.iter().find(|feed| feed.id.as_str() == HOTLINE_FEED) else {
        let whole = Interval::between(options.start, options.end());
        let note = format!("no feed `{HOTLINE_FEED}`: nobody calls");
        return vec![TruthEvent::remark(whole, note)];
    };
    let mut line = Line {
        feed: &feed.id,
        grade: feed.grade,
        stream: Stream::new(options.seed, "hotline"),
        outbox,
    };
    for event in events.iter_mut().filter(|event| event.class.uses_weapons()) {
        if line.stream.chance(CALLED_OF_SHOTS) {
            let text = words(Some(event.class));
            let claim = Claim {
                text,
                ..claim(IncidentKind::PhysicalEvent)
            };
            line.call(claim, Interval::instant(event.at), event.place);
            event.observed_by.push(feed.id.clone());
        }
    }
    for deed in deeds {
        let harm = matches!(
            deed.kind,
            IncidentKind::CivilianHarm | IncidentKind::ObjectDamaged
        );
        let Some(place) = deed.truth.place.filter(|_| harm) else {
            continue;
        };
        if line.stream.chance(CALLED_OF_HARM) {
            let claim = Claim {
                text: deed.text.to_owned(),
                ..claim(deed.kind)
            };
            line.call(claim, deed.truth.occurred, place);
            deed.truth.observed_by.push(feed.id.clone());
        }
    }
    let days = options.hours / 24.0;
    let n = line.stream.about(FALSE_CALLS_PER_DAY * days);
    (0..n)
        .filter_map(|_| line.false_call(ground, options))
        .collect()
}

struct Line<'a, 'm> {
    feed: &'a Slug,
    grade: Grade,
    stream: Stream,
    outbox: &'a mut Outbox<'m>,
}

impl Line<'_, '_> {
    fn call(&mut self, claim: Claim, occurred: Interval, place: Position) {
        let stated = self.stream.near(place, CALLER_M_SIGMA);
        let delay_s = self.stream.between(600.0, 7_200.0);
        self.outbox.send(Sent {
            feed: self.feed,
            sensor: None,
            observed_at: remembered(occurred, CALLER_S_SIGMA, &mut self.stream),
            delay_s,
            location: Some(Location::fix(stated, CALLER_M_SIGMA)),
            reading: Reading::Claim(claim),
            grade: self.grade,
        });
    }

    /// Somebody tells of shooting that never was.
    fn false_call(&mut self, ground: &Ground<'_>, options: &Options) -> Option<TruthEvent> {
        let on_line = ground.on_line(self.stream.unit())?;
        let place = self.stream.near(on_line.position, 5_000.0);
        let after_s = self.stream.between(0.0, options.hours * 3_600.0);
        let at = Interval::instant(plus_seconds(options.start, after_s));
        let text = words(Some(EventClass::Artillery));
        self.call(
            Claim {
                text,
                ..claim(IncidentKind::PhysicalEvent)
            },
            at,
            place,
        );
        let note = "a false call to the hotline".to_owned();
        Some(TruthEvent {
            place: Some(place),
            observed_by: vec![self.feed.clone()],
            ..TruthEvent::remark(at, note)
        })
    }
}
