//! Uncrewed aircraft: the parties' that fly where none may, and the mission's own, which may.

use truce_core::mission::{Role, SensorKind, Zone, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::{ClauseKind, EventClass, IncidentKind, Interval, Position, Slug, Timestamp};

use super::physical::Event;
use crate::Options;
use crate::ground::{Ground, contains};
use crate::random::Stream;
use crate::truth::TruthEvent;
use truce_core::way::Path;

/// Flights of the parties and of the mission on a day (illustrative).
const FLIGHTS_PER_DAY: f64 = 20.0;
const MISSION_FLIGHTS_PER_DAY: f64 = 8.0;

/// Share of flights that pass near a detector; the others go where nobody hears them.
const NEAR_DETECTOR: f64 = 0.7;

/// One flight.
pub(crate) struct Flight {
    pub(crate) path: Path,
    pub(crate) departs: Timestamp,
    pub(crate) speed_m_s: f64,
    /// Height above ground, metres.
    pub(crate) height_m: f64,
    /// Who flies it, when the aircraft says so.
    pub(crate) operator: Option<Slug>,
    pub(crate) truth: TruthEvent,
}

impl Flight {
    /// When it lands.
    pub(crate) fn lands(&self) -> Timestamp {
        plus_seconds(self.departs, self.path.length_m() / self.speed_m_s)
    }

    /// How far along its path it is after some seconds in the air.
    pub(crate) fn along_m(&self, elapsed_s: f64) -> f64 {
        self.speed_m_s * elapsed_s
    }
}

/// Draws the flights, and says what the mission gave no place for.
pub(crate) fn draw(
    ground: &Ground<'_>,
    options: &Options,
    events: &[Event],
) -> (Vec<Flight>, Vec<TruthEvent>) {
    let whole = Interval::between(options.start, options.end());
    if ground.line_m() <= 0.0 {
        let note = "no line of contact: no flights of uncrewed aircraft".to_owned();
        return (Vec::new(), vec![TruthEvent::remark(whole, note)]);
    }
    let days = options.hours / 24.0;
    let mut flights = Vec::new();
    let mut stream = Stream::new(options.seed, "uav flights");
    for _ in 0..stream.about(FLIGHTS_PER_DAY * days) {
        flights.extend(crossing(ground, options, &mut stream));
    }
    let mut stream = Stream::new(options.seed, "uav flights of the mission");
    let own = ground
        .mission
        .actors
        .iter()
        .find(|actor| actor.role == Role::Mission);
    for _ in 0..stream.about(MISSION_FLIGHTS_PER_DAY * days) {
        flights.extend(own.and_then(|own| patrolling(ground, options, &own.id, &mut stream)));
    }
    let mut stream = Stream::new(options.seed, "uav flights to what they strike");
    let strike = |event: &&Event| event.class == EventClass::DroneStrike;
    for event in events.iter().filter(strike) {
        flights.extend(striking(ground, options, event, &mut stream));
    }
    (flights, Vec::new())
}

/// A place on the line, mostly near a detector, and the direction across it.
fn over_line(ground: &Ground<'_>, stream: &mut Stream) -> Option<(Position, f64)> {
    let detectors = ground.sensors(SensorKind::UavDetector);
    let places: Vec<Position> = detectors
        .iter()
        .filter_map(|sensor| sensor.position)
        .collect();
    let wanted = stream
        .one_of(&places)
        .copied()
        .filter(|_| stream.chance(NEAR_DETECTOR));
    let Some(wanted) = wanted else {
        let on_line = ground.on_line(stream.unit())?;
        return Some((on_line.position, on_line.bearing_deg + 90.0));
    };
    const STEPS: u32 = 300;
    let on_line = |step: u32| ground.on_line(f64::from(step) / f64::from(STEPS));
    let distance_m = |step: &u32| {
        on_line(*step).map_or(f64::INFINITY, |place| place.position.distance_m(wanted))
    };
    let best = (0..=STEPS).min_by(|a, b| distance_m(a).total_cmp(&distance_m(b)))?;
    let on_line = on_line(best)?;
    let place = on_line
        .position
        .offset(on_line.bearing_deg, stream.normal(0.0, 5_000.0));
    Some((place, on_line.bearing_deg + 90.0))
}

/// From one side over the line to the other, along it for a while, and back.
fn crossing(ground: &Ground<'_>, options: &Options, stream: &mut Stream) -> Option<Flight> {
    let (middle, across_deg) = over_line(ground, stream)?;
    let across_deg = if stream.chance(0.5) {
        across_deg
    } else {
        across_deg + 180.0
    };
    let origin = middle.offset(across_deg + 180.0, stream.between(9_000.0, 25_000.0));
    let turn = middle.offset(across_deg, stream.between(2_000.0, 10_000.0));
    let along_deg = across_deg + stream.between(60.0, 120.0);
    let second = turn.offset(along_deg, stream.between(1_000.0, 9_000.0));
    let path = Path::through(vec![origin, turn, second, origin])?;
    let side = ground.party_at(origin);
    let flight = flight(options, path, stream);
    Some(judged(ground, flight, side))
}

/// A party's flight, with the zone it may not be in.
fn judged(ground: &Ground<'_>, mut flight: Flight, side: Option<Slug>) -> Flight {
    let zones = [ZoneKind::Airspace, ZoneKind::BufferZone];
    let zones = zones.into_iter().flat_map(|kind| ground.zones(kind));
    let entered = zones
        .filter_map(|zone| Some((zone, inside(zone, &flight)?)))
        .next();
    flight.truth.side = side;
    if let Some((zone, during)) = entered {
        flight.truth = flight.truth.breaking(ClauseKind::Airspace);
        flight.truth.occurred = during;
        flight.truth.zone = Some(zone.id.clone());
    }
    flight
}

/// Straight from behind the line to what it strikes, low, and not back; none that was under way when
/// the simulated time began.
fn striking(
    ground: &Ground<'_>,
    options: &Options,
    event: &Event,
    stream: &mut Stream,
) -> Option<Flight> {
    let path = Path::through(vec![event.fired_from?, event.place])?;
    let mut flight = flight(options, path, stream);
    flight.departs = plus_seconds(event.at, -flight.path.length_m() / flight.speed_m_s);
    if flight.departs < options.start {
        return None;
    }
    flight.height_m = stream.between(40.0, 250.0);
    flight.truth.occurred = Interval::between(flight.departs, event.at);
    flight.truth.note = "a flight to what it struck".to_owned();
    Some(judged(ground, flight, event.side.clone()))
}

/// The mission's own aircraft along the line, which says whose it is.
fn patrolling(
    ground: &Ground<'_>,
    options: &Options,
    own: &Slug,
    stream: &mut Stream,
) -> Option<Flight> {
    let (middle, across_deg) = over_line(ground, stream)?;
    let origin = middle.offset(across_deg, stream.between(-6_000.0, 6_000.0));
    let along_deg = across_deg + 90.0;
    let corners = vec![
        origin,
        middle.offset(along_deg, stream.between(8_000.0, 20_000.0)),
        origin,
    ];
    let mut flight = flight(options, Path::through(corners)?, stream);
    flight.operator = Some(own.clone());
    flight.truth.note = "an aircraft of the mission".to_owned();
    Some(flight)
}

fn flight(options: &Options, path: Path, stream: &mut Stream) -> Flight {
    let departs_s = stream.between(0.0, options.hours * 3_600.0);
    let departs = plus_seconds(options.start, departs_s);
    let speed_m_s = stream.between(22.0, 45.0);
    let length_m = path.length_m();
    let during = Interval::between(departs, plus_seconds(departs, length_m / speed_m_s));
    let truth = TruthEvent {
        note: "a flight across the line".to_owned(),
        ..TruthEvent::happened(IncidentKind::Presence, during, path.at(length_m / 2.0))
    };
    let height_m = stream.between(80.0, 900.0);
    Flight {
        path,
        departs,
        speed_m_s,
        height_m,
        operator: None,
        truth,
    }
}

/// When a flight is first and last inside a zone.
fn inside(zone: &Zone, flight: &Flight) -> Option<Interval> {
    const STEP_S: f64 = 10.0;
    let mut during: Option<Interval> = None;
    let mut elapsed_s = 0.0;
    while flight.along_m(elapsed_s) < flight.path.length_m() {
        if contains(&zone.shape, flight.path.at(flight.along_m(elapsed_s))) {
            let now = Interval::instant(plus_seconds(flight.departs, elapsed_s));
            during = Some(during.map_or(now, |before| before.hull(&now)));
        }
        elapsed_s += STEP_S;
    }
    during
}
