//! Interference with the mission's own equipment: a drone whose link is lost in flight, a drone whose
//! satellite navigation jumps, an instrument that says it is disturbed from outside.
//!
//! A drone is the mission's own when its payload is a sensor of the mission, or when it names a
//! mission as its operator; what it reports of itself is judged here, what others see of it is not.
//! Each drone's findings are a pure function of its reports within the horizon and of the time, so
//! they do not hang on the order of arrival. A lost link shows no intent: alone it is little more
//! likely than not. That somebody fired comes as a report of its crew, like any other report.

mod flight;

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::{Mission, Role, SensorKind};
use truce_core::observation::{Health, SensorState, UavDetection};
use truce_core::{
    Ellipse, Height, Incident, IncidentId, IncidentKind, Location, Observation, ObservationId,
    Place, Position, Reading, Slug, Timestamp, belief,
};

use crate::sea::plane::seconds;
use crate::tell::{Draft, Line, Told};
use flight::flight;

/// Reports of a drone that are kept: two hours at one a second. The oldest are let go.
const REPORTS_MAX: usize = 7_200;
/// Drones that are followed, and instruments: far more than any mission has.
const KEPT_MAX: usize = 10_000;
/// How likely it is that somebody interfered when the instrument says so (own estimate).
const JAMMED: f64 = 0.9;

/// When an observation was made, and which.
type Key = (Timestamp, ObservationId);

/// What a drone says of itself.
#[derive(Debug, Clone, Copy)]
struct Report {
    place: Place,
    height: Option<Height>,
    speed_m_s: Option<f64>,
}

/// One drone or one instrument: what it said, and what was told of it.
#[derive(Debug, Clone)]
struct Subject<T> {
    readings: BTreeMap<Key, T>,
    ids: BTreeSet<IncidentId>,
    has_news: bool,
    /// When it is looked at again though nothing new came.
    due: Option<Timestamp>,
}

/// What an instrument says of its state, and from where when it moves.
type State = (Health, Option<Place>);

/// The mission's own equipment.
#[derive(Debug, Clone)]
pub struct Own {
    missions: BTreeSet<Slug>,
    payloads: BTreeMap<Slug, Slug>,
    /// Where the mission's instruments stand.
    stands: BTreeMap<Slug, Position>,
    drones: BTreeMap<(Slug, String), Subject<Report>>,
    instruments: BTreeMap<Slug, Subject<State>>,
    /// The newest reading of anything: a silence counts while others are heard.
    now: Timestamp,
    told: Told,
}

/// For each payload of the mission's own drones the actor whose drone it is: the mission.
pub(crate) fn payloads(mission: &Mission) -> BTreeMap<Slug, Slug> {
    let Some(own) = missions(mission).next() else {
        return BTreeMap::new();
    };
    let sensors = mission.network.sensors.iter();
    let payloads = sensors.filter(|sensor| sensor.kind == SensorKind::UavPayload);
    payloads
        .map(|sensor| (sensor.id.clone(), own.clone()))
        .collect()
}

fn missions(mission: &Mission) -> impl Iterator<Item = &Slug> {
    let actors = mission.actors.iter();
    actors
        .filter(|actor| actor.role == Role::Mission)
        .map(|actor| &actor.id)
}

/// True for what a drone reports of itself.
pub(crate) fn is_self_report(detection: &UavDetection) -> bool {
    detection.means.as_str() == "self-report"
}

impl Own {
    /// Nothing heard yet.
    #[must_use]
    pub fn new(mission: &Mission) -> Self {
        let sensors = mission.network.sensors.iter();
        let stands = sensors.filter_map(|sensor| Some((sensor.id.clone(), sensor.position?)));
        Self {
            missions: missions(mission).cloned().collect(),
            payloads: payloads(mission),
            stands: stands.collect(),
            drones: BTreeMap::new(),
            instruments: BTreeMap::new(),
            now: Timestamp::MIN,
            told: Told::default(),
        }
    }

    /// Takes an observation in; one that says nothing of the mission's equipment only tells the time.
    pub fn update(&mut self, observation: &Observation) {
        let at = observation.observed_at.end.min(observation.received_at);
        self.now = self.now.max(at);
        match &observation.reading {
            Reading::Uav(detection) => self.fly(observation, detection),
            Reading::SensorState(state) => self.state(observation, state),
            _ => {}
        }
    }

    fn fly(&mut self, observation: &Observation, detection: &UavDetection) {
        let sensor = observation.sensor.as_ref();
        let is_payload = sensor.is_some_and(|sensor| self.payloads.contains_key(sensor));
        let is_named = detection
            .operator
            .as_ref()
            .is_some_and(|by| self.missions.contains(by));
        let place = observation
            .location
            .as_ref()
            .and_then(|location| location.place());
        let (true, Some(place)) = (is_self_report(detection) && (is_payload || is_named), place)
        else {
            return;
        };
        let by = sensor.unwrap_or(&observation.source).clone();
        let name = (by, detection.target.clone().unwrap_or_default());
        let report = Report {
            place,
            height: height_of(observation),
            speed_m_s: detection.speed_m_s.filter(|speed| speed.is_finite()),
        };
        take(&mut self.drones, name, key_of(observation), report);
    }

    fn state(&mut self, observation: &Observation, state: &SensorState) {
        let Some(sensor) = &observation.sensor else {
            return;
        };
        let place = observation
            .location
            .as_ref()
            .and_then(|location| location.place());
        let stated = (state.health, place);
        take(
            &mut self.instruments,
            sensor.clone(),
            key_of(observation),
            stated,
        );
    }

    /// New and revised incidents.
    pub fn changes(&mut self) -> Vec<Incident> {
        let now = self.now;
        let mut told = std::mem::take(&mut self.told);
        for (name, drone) in &mut self.drones {
            let words = if name.1.is_empty() {
                name.0.as_str()
            } else {
                name.1.as_str()
            };
            drone.follow(now, &mut told, |reports, due| {
                flight(reports, words, now, due)
            });
        }
        for (sensor, instrument) in &mut self.instruments {
            let stand = self.stands.get(sensor).copied();
            let flights = self.drones.iter().filter(|(name, _)| name.0 == *sensor);
            let reports: Vec<_> = flights.map(|(_, drone)| &drone.readings).collect();
            let place_at = |at: Timestamp, stated: Option<Place>| {
                let stand = stand.map(|position| Place {
                    position,
                    uncertainty: STAND,
                });
                stated.or(stand).or_else(|| last_place(&reports, at))
            };
            instrument.follow(now, &mut told, |states, _| {
                jammed(states, sensor, &place_at, now)
            });
        }
        self.told = told;
        self.told.take()
    }
}

/// The error of the place of an instrument that stands, one standard deviation, metres.
const STAND: Ellipse = Ellipse {
    semi_major_m: 10.0,
    semi_minor_m: 10.0,
    bearing_deg: 0.0,
};

fn height_of(observation: &Observation) -> Option<Height> {
    match &observation.location {
        Some(Location::Fix { height, .. }) => *height,
        _ => None,
    }
}

fn key_of(observation: &Observation) -> Key {
    (observation.observed_at.start, observation.id)
}

fn take<N: Ord + Clone, T>(all: &mut BTreeMap<N, Subject<T>>, name: N, key: Key, reading: T) {
    if all.len() >= KEPT_MAX && !all.contains_key(&name) {
        return;
    }
    let subject = all.entry(name).or_insert_with(|| Subject {
        readings: BTreeMap::new(),
        ids: BTreeSet::new(),
        has_news: false,
        due: None,
    });
    subject.readings.insert(key, reading);
    if subject.readings.len() > REPORTS_MAX {
        subject.readings.pop_first();
    }
    subject.has_news = true;
}

impl<T> Subject<T> {
    /// Looks again when something new came or the time has come, tells what is so and withdraws what
    /// is no longer so, as far as its readings are still kept.
    fn follow(
        &mut self,
        now: Timestamp,
        told: &mut Told,
        find: impl FnOnce(&BTreeMap<Key, T>, &mut Option<Timestamp>) -> Vec<Draft>,
    ) {
        if !std::mem::take(&mut self.has_news) && self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = None;
        let drafts = find(&self.readings, &mut self.due);
        let ids: BTreeSet<_> = drafts
            .into_iter()
            .filter_map(|draft| told.tell(draft))
            .collect();
        let kept_from = self.readings.keys().next().map(|key| key.0);
        for gone in self.ids.difference(&ids) {
            let begun = told.get(*gone).map(|incident| incident.occurred.start);
            if begun >= kept_from {
                told.withdraw(*gone);
            }
        }
        self.ids = ids;
    }
}

/// The last place that a payload's drone reported by an instant.
fn last_place(flights: &[&BTreeMap<Key, Report>], at: Timestamp) -> Option<Place> {
    let by = |reports: &&BTreeMap<Key, Report>| {
        let before = reports.iter().take_while(|(key, _)| key.0 <= at);
        before.last().map(|(key, report)| (*key, report.place))
    };
    let last = flights.iter().filter_map(by).max_by_key(|(key, _)| *key);
    last.map(|(_, place)| place)
}

/// When an instrument said that it was disturbed, until it said otherwise.
fn jammed(
    states: &BTreeMap<Key, State>,
    sensor: &Slug,
    place_at: &impl Fn(Timestamp, Option<Place>) -> Option<Place>,
    now: Timestamp,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut since: Option<(Key, Option<Place>)> = None;
    for (key, (health, place)) in states {
        match (since, health) {
            (None, Health::Jammed) => since = Some((*key, *place)),
            (Some(_), Health::Jammed) | (None, _) => {}
            (Some(begun), _) => {
                drafts.extend(disturbed(sensor, begun, place_at, Some(key.0)));
                since = None;
            }
        }
    }
    let open = since.filter(|(key, _)| key.0 <= now);
    drafts.extend(open.and_then(|begun| disturbed(sensor, begun, place_at, None)));
    drafts
}

fn disturbed(
    sensor: &Slug,
    (key, stated): (Key, Option<Place>),
    place_at: &impl Fn(Timestamp, Option<Place>) -> Option<Place>,
    until: Option<Timestamp>,
) -> Option<Draft> {
    let place = place_at(key.0, stated)?;
    let during = (seconds(key.0), seconds(until.unwrap_or(key.0)));
    let why = (
        JAMMED,
        format!("{sensor} said that it was disturbed from outside"),
    );
    Some(draft(
        "jammed",
        place,
        during,
        vec![key.1],
        until.is_some(),
        why,
    ))
}

fn draft(
    behaviour: &'static str,
    place: Place,
    during_s: (f64, f64),
    evidence: Vec<ObservationId>,
    ended: bool,
    (probability, text): (f64, String),
) -> Draft {
    let line: Line = (behaviour, belief::log_odds(probability), text);
    Draft {
        kind: IncidentKind::AccessDenied,
        behaviour,
        during_s,
        position: place.position,
        sigma_m: place.uncertainty.semi_major_m,
        track: None,
        zone: None,
        evidence,
        lines: vec![line],
        attributes: vec![("target", "monitors".to_owned())],
        ended,
    }
}
