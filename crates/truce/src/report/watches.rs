//! How well each sector was watched: the places of its buffer zone and corridors, asked over the
//! parts of a period.

use truce_core::mission::{Mission, Sector, ZoneKind};
use truce_core::time::{DAY_S, HOUR_S, plus_seconds};
use truce_core::{EventClass, IncidentKind, Interval, Observation, Position, Timestamp};
use truce_fusion::Picture;
use truce_plan::coverage::cells::Cells;
use truce_report::{Reported, Silence, Watch};

/// Side of the cells at whose centres is asked, metres: several in every sector, and few enough
/// that a report does not wait for them.
pub(crate) const CELL_M: f64 = 15_000.0;

/// Instants asked in each part of a period.
const INSTANTS_PER_PART: u32 = 2;

/// Parts of a period: hours of a day, days of anything longer.
const PARTS_MAX: usize = 100;

/// Classes that the agreement's clauses and the officers ask about.
const CLASSES: [EventClass; 3] = [
    EventClass::Artillery,
    EventClass::DroneStrike,
    EventClass::SmallArms,
];

/// A place, and how well it is watched for each class.
pub(crate) struct Cell<'a> {
    /// Its sector.
    pub(crate) sector: &'a Sector,
    /// Its centre.
    pub(crate) centre: Position,
    /// Probability per class, in the order of [`EventClass::ALL`], that an event there would have
    /// been noticed.
    pub(crate) noticed: [f64; EventClass::ALL.len()],
}

/// The cells of all sectors over a period, by the same measure as the reports.
pub(crate) fn cells<'a>(
    mission: &'a Mission,
    period: Interval,
    as_of: Timestamp,
    conditions: &[Observation],
) -> Vec<Cell<'a>> {
    let picture = picture(mission, as_of, conditions);
    let instants: Vec<Timestamp> = parts(period).into_iter().flat_map(instants).collect();
    let instants = thinned(&instants);
    let cells = mission.sectors.iter().flat_map(|sector| {
        let places = places(mission, sector).into_iter();
        places.map(move |centre| (sector, centre))
    });
    let cell = |(sector, centre)| Cell {
        sector,
        centre,
        noticed: picture.noticed(&[centre], &instants),
    };
    cells.map(cell).collect()
}

/// At most so many instants of a map's period are asked, evenly.
const INSTANTS_MAX: usize = 12;

fn thinned(instants: &[Timestamp]) -> Vec<Timestamp> {
    let every = instants.len().div_ceil(INSTANTS_MAX).max(1);
    instants.iter().copied().step_by(every).collect()
}

/// What is known of the sensors and the weather.
fn picture(mission: &Mission, as_of: Timestamp, conditions: &[Observation]) -> Picture {
    let mut picture = Picture::new(mission);
    for condition in conditions {
        picture.update(condition);
    }
    picture.advance(as_of);
    picture
}

/// How well each sector was watched, by the sensors that worked and under the weather that was
/// told, as known at `as_of`.
pub(super) fn of(
    mission: &Mission,
    period: Interval,
    as_of: Timestamp,
    incidents: &[Reported],
    conditions: &[Observation],
) -> Vec<Watch> {
    let picture = picture(mission, as_of, conditions);
    let parts = parts(period);
    let mut watches = Vec::new();
    for sector in &mission.sectors {
        let points = places(mission, sector);
        if points.is_empty() {
            continue;
        }
        let noticed: Vec<[f64; EventClass::ALL.len()]> = parts
            .iter()
            .map(|part| picture.noticed(&points, &instants(*part)))
            .collect();
        for class in CLASSES {
            let parts: Vec<f64> = noticed.iter().map(|row| row[class as usize]).collect();
            let detection = parts.iter().sum::<f64>() / parts.len().max(1) as f64;
            let told = told(mission, sector, class, incidents);
            watches.push(Watch {
                sector: sector.id.clone(),
                class,
                detection,
                parts,
                silence: match truce_fusion::Silence::of(told, detection) {
                    truce_fusion::Silence::Broken => Silence::Broken,
                    truce_fusion::Silence::Quiet => Silence::Quiet,
                    truce_fusion::Silence::NotObservable => Silence::NotObservable,
                },
            });
        }
    }
    watches
}

/// Where is asked: the buffer zone and the corridors in a sector; in a sector without any, all of
/// it.
fn places(mission: &Mission, sector: &Sector) -> Vec<Position> {
    let Some(bounds) = mission.zone(&sector.zone) else {
        return Vec::new();
    };
    let centres = |shape| {
        let cells = Cells::inside(shape, &bounds.shape, CELL_M);
        cells.map_or(Vec::new(), |cells| cells.centres)
    };
    let watched = mission
        .zones
        .iter()
        .filter(|zone| matches!(zone.kind, ZoneKind::BufferZone | ZoneKind::Corridor));
    let places: Vec<Position> = watched.flat_map(|zone| centres(&zone.shape)).collect();
    if places.is_empty() {
        return centres(&bounds.shape);
    }
    places
}

/// The parts of a period.
fn parts(period: Interval) -> Vec<Interval> {
    let part_s = if period.length_s() <= 2.0 * DAY_S {
        HOUR_S
    } else {
        DAY_S
    };
    let starts = (0..PARTS_MAX).map(|part| plus_seconds(period.start, part as f64 * part_s));
    let starts = starts.take_while(|start| *start < period.end);
    let part = |start| Interval {
        start,
        end: plus_seconds(start, part_s).min(period.end),
    };
    starts.map(part).collect()
}

fn instants(part: Interval) -> Vec<Timestamp> {
    let share = |n: u32| (f64::from(n) + 0.5) / f64::from(INSTANTS_PER_PART);
    let at = |n| plus_seconds(part.start, share(n) * part.length_s());
    (0..INSTANTS_PER_PART).map(at).collect()
}

/// Incidents of a class in a sector, as likely as an alert or more.
fn told(mission: &Mission, sector: &Sector, class: EventClass, incidents: &[Reported]) -> usize {
    let likely = |reported: &&Reported| {
        let incident = &reported.incident;
        let p = incident.classes.get(&class).copied().unwrap_or(0.0);
        incident.kind == IncidentKind::PhysicalEvent
            && incident.withdrawn.is_none()
            && reported.sector.as_ref() == Some(&sector.id)
            && incident.leading_class() == Some(class)
            && p >= mission.alert_threshold
    };
    incidents.iter().filter(likely).count()
}
