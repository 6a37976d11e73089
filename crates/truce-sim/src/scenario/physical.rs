//! Fire, blasts and shooting, with what is easily taken for them: field fires, lasting heat of
//! industry, quarry blasts, thunder. Numbers and places follow the mission's own event classes.

use truce_core::mission::{EventClassPrior, Shape, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::{ClauseKind, EventClass, IncidentKind, Interval, Position, Slug, Timestamp};

use super::{calendar, thunder};
use crate::Options;
use crate::ground::{Ground, contains};
use crate::random::Stream;
use crate::truth::TruthEvent;

/// One true physical event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) class: EventClass,
    pub(crate) at: Timestamp,
    pub(crate) place: Position,
    /// Where it was fired from: for artillery and drones, 3 to 15 km behind the line (the incident
    /// benchmark's figure). It stays in the simulation; no report ever names it.
    pub(crate) fired_from: Option<Position>,
    /// The party that did it.
    pub(crate) side: Option<Slug>,
    /// Until when its heat can be seen.
    pub(crate) hot_until: Option<Timestamp>,
    pub(crate) observed_by: Vec<Slug>,
}

impl Event {
    /// An event that nobody did and that gives no heat.
    pub(crate) fn at(class: EventClass, at: Timestamp, place: Position) -> Self {
        Self {
            class,
            at,
            place,
            fired_from: None,
            side: None,
            hot_until: None,
            observed_by: Vec::new(),
        }
    }
}

/// Most events of one class, so that a slip in a mission's rates cannot fill the memory.
const EVENTS_PER_CLASS_MAX: usize = 200_000;

/// Quarries keep their places: this many.
const QUARRIES: usize = 12;

/// Fires and blasts far from the line happen anywhere in the area of operation; this many tries
/// find a place inside it.
const PLACE_TRIES_MAX: usize = 1_000;

/// Draws all physical events of the period, in order of time.
pub(crate) fn draw(ground: &Ground<'_>, options: &Options) -> Vec<Event> {
    let mut events = Vec::new();
    for prior in &ground.mission.event_classes {
        let mut stream = Stream::new(options.seed, &format!("class {:?}", prior.class));
        events.extend(draw_class(ground, options, prior, &mut stream));
    }
    events.sort_by_key(|event| event.at);
    events
}

fn draw_class(
    ground: &Ground<'_>,
    options: &Options,
    prior: &EventClassPrior,
    stream: &mut Stream,
) -> Vec<Event> {
    let area_km2 = match prior.line_decay_m {
        Some(decay_m) => ground.line_m() / 1_000.0 * 2.0 * decay_m / 1_000.0,
        None => area_of_operation_km2(ground),
    };
    let days = options.hours / 24.0;
    let mean = prior.rate_per_day_per_1000_km2 * area_km2 / 1_000.0 * days;
    match prior.class {
        EventClass::Other => Vec::new(),
        EventClass::IndustrialHeat => {
            // As many begin as go out: so many burn at any time (Little 1961).
            let burning = mean / days * prior.heat_s.unwrap_or(0.0) / 86_400.0;
            lasting(ground, options, burning, stream)
        }
        EventClass::Thunder => thunder::draw(ground, options, mean, stream),
        _ => single(ground, options, prior, mean, stream),
    }
}

/// Events that come one by one, each at its own time of day and year.
fn single(
    ground: &Ground<'_>,
    options: &Options,
    prior: &EventClassPrior,
    mean: f64,
    stream: &mut Stream,
) -> Vec<Event> {
    let most = calendar::weight_max(prior.class);
    let n = stream.poisson(mean * most).min(EVENTS_PER_CLASS_MAX);
    let quarries: Vec<Position> = match prior.class {
        EventClass::QuarryBlast => fixed_places(ground, QUARRIES, stream),
        _ => Vec::new(),
    };
    let mut events = Vec::new();
    for _ in 0..n {
        let at = plus_seconds(options.start, stream.between(0.0, options.hours * 3_600.0));
        if stream.chance(calendar::weight(prior.class, at) / most) {
            events.extend(draw_event(ground, prior, at, &quarries, stream));
        }
    }
    events
}

/// Lasting sources keep their places and burn all the time, in the mean so many of them.
fn lasting(ground: &Ground<'_>, options: &Options, mean: f64, stream: &mut Stream) -> Vec<Event> {
    let count = stream.about(mean).min(EVENTS_PER_CLASS_MAX);
    let places = fixed_places(ground, count, stream);
    let burning = |place| Event {
        hot_until: Some(options.end()),
        ..Event::at(EventClass::IndustrialHeat, options.start, place)
    };
    places.into_iter().map(burning).collect()
}

fn fixed_places(ground: &Ground<'_>, count: usize, stream: &mut Stream) -> Vec<Position> {
    (0..count)
        .filter_map(|_| anywhere(ground, stream))
        .collect()
}

fn draw_event(
    ground: &Ground<'_>,
    prior: &EventClassPrior,
    at: Timestamp,
    places: &[Position],
    stream: &mut Stream,
) -> Option<Event> {
    let (place, fired_from, side) = match prior.line_decay_m {
        Some(decay_m) => near_line(ground, prior.class, decay_m, stream)?,
        None if places.is_empty() => (anywhere(ground, stream)?, None, None),
        None => (*stream.one_of(places)?, None, None),
    };
    let hot_until = prior
        .heat_s
        .map(|mean_s| plus_seconds(at, stream.exponential(mean_s)));
    Some(Event {
        fired_from,
        side,
        hot_until,
        ..Event::at(prior.class, at, place)
    })
}

/// A place at an exponential distance from the line. What lands on one side was fired from the
/// other, except small arms, where either side may have fired.
fn near_line(
    ground: &Ground<'_>,
    class: EventClass,
    decay_m: f64,
    stream: &mut Stream,
) -> Option<(Position, Option<Position>, Option<Slug>)> {
    let on_line = ground.on_line(stream.unit())?;
    let turn = if stream.chance(0.5) { 90.0 } else { -90.0 };
    let across_deg = on_line.bearing_deg + turn;
    let place = on_line
        .position
        .offset(across_deg, stream.exponential(decay_m));
    let back_m = stream.between(3_000.0, 15_000.0);
    let slant_deg = stream.between(-35.0, 35.0);
    let origin = on_line
        .position
        .offset(across_deg + 180.0 + slant_deg, back_m);
    let side = if class == EventClass::SmallArms && stream.chance(0.5) {
        ground.party_at(place)
    } else {
        ground.party_at(origin)
    };
    let flies = matches!(class, EventClass::Artillery | EventClass::DroneStrike);
    let fired_from = flies.then_some(origin);
    Some((place, fired_from, side))
}

pub(crate) fn anywhere(ground: &Ground<'_>, stream: &mut Stream) -> Option<Position> {
    let zone = ground.zones(ZoneKind::AreaOfOperation).into_iter().next()?;
    let (low, high) = bounds(&zone.shape)?;
    (0..PLACE_TRIES_MAX).find_map(|_| {
        let position = Position {
            lat_deg: stream.between(low.lat_deg, high.lat_deg),
            lon_deg: stream.between(low.lon_deg, high.lon_deg),
        };
        let at_sea = || ground.is_sea(position);
        (contains(&zone.shape, position) && !at_sea()).then_some(position)
    })
}

/// South-western and north-eastern corner of an area.
pub(crate) fn bounds(shape: &Shape) -> Option<(Position, Position)> {
    let Shape::Polygons(polygons) = shape else {
        return None;
    };
    let mut corners = polygons.iter().flatten().flatten();
    let first = *corners.next()?;
    Some(corners.fold((first, first), |(low, high), corner| {
        let low = Position {
            lat_deg: low.lat_deg.min(corner.lat_deg),
            lon_deg: low.lon_deg.min(corner.lon_deg),
        };
        let high = Position {
            lat_deg: high.lat_deg.max(corner.lat_deg),
            lon_deg: high.lon_deg.max(corner.lon_deg),
        };
        (low, high)
    }))
}

/// Area of operation in square kilometres, from its bounds and the share of a grid inside it.
fn area_of_operation_km2(ground: &Ground<'_>) -> f64 {
    const STEPS: usize = 60;
    let Some(zone) = ground.zones(ZoneKind::AreaOfOperation).into_iter().next() else {
        return 0.0;
    };
    let Some((low, high)) = bounds(&zone.shape) else {
        return 0.0;
    };
    let middle_lat = (low.lat_deg + high.lat_deg) / 2.0;
    let at = |lat_deg, lon_deg| Position { lat_deg, lon_deg };
    let width_m = at(middle_lat, low.lon_deg).distance_m(at(middle_lat, high.lon_deg));
    let height_m = at(low.lat_deg, low.lon_deg).distance_m(at(high.lat_deg, low.lon_deg));
    let share = |i: usize| (i as f64 + 0.5) / STEPS as f64;
    let inside = (0..STEPS * STEPS).filter(|n| {
        let position = at(
            low.lat_deg + share(n / STEPS) * (high.lat_deg - low.lat_deg),
            low.lon_deg + share(n % STEPS) * (high.lon_deg - low.lon_deg),
        );
        contains(&zone.shape, position) && !ground.is_sea(position)
    });
    width_m * height_m / 1e6 * inside.count() as f64 / (STEPS * STEPS) as f64
}

/// What the mission gives no place for.
pub(crate) fn unplaced(ground: &Ground<'_>, options: &Options) -> Vec<TruthEvent> {
    let mut notes = Vec::new();
    if ground.line_m() <= 0.0 {
        notes.push("no line of contact: nothing happens near it");
    }
    if ground.zones(ZoneKind::AreaOfOperation).is_empty() {
        notes.push("no area of operation: no fires, quarries or thunder, and no weather");
    }
    let whole = Interval::between(options.start, options.end());
    notes
        .into_iter()
        .map(|note| TruthEvent::remark(whole, note.to_owned()))
        .collect()
}

/// The truth about the events.
pub(crate) fn truth(events: Vec<Event>) -> impl Iterator<Item = TruthEvent> {
    events.into_iter().map(|event| {
        let occurred = Interval::between(event.at, event.hot_until.unwrap_or(event.at));
        let told = TruthEvent {
            class: Some(event.class),
            side: event.side,
            observed_by: event.observed_by,
            ..TruthEvent::happened(IncidentKind::PhysicalEvent, occurred, event.place)
        };
        if event.class.uses_weapons() {
            told.breaking(ClauseKind::NoFire)
        } else {
            told
        }
    })
}
