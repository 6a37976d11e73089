//! Cells, orbits, accesses and the reach of ground stations: what pledges and votes do not change.

use truce_core::incident::EventClass;
use truce_core::mission::{Mission, Sensor, SensorKind, Shape};
use truce_core::time::DAY_S;
use truce_core::{Position, Slug, Timestamp};

use super::access::{Access, Observer, visit_accesses};
use super::cells::Cells;
use super::detect::OUTAGES_MAX;
use super::orbit::Orbit;
use super::sight::{Sight, mean};
use super::{Frame, Level, Refusal};
use crate::watch::{Area, Means, MeansKind, Satellite, Watch};

/// Looks after the end of the plan that are still computed, so that what begins near the end has its
/// whole time to be seen: the longest violation, but no more than this, seconds.
const TAIL_S_MAX: f64 = 15.0 * DAY_S;
/// Ground sensors farther than this add nothing, metres.
const STATION_RANGE_M_MAX: f64 = 200_000.0;

/// Everything about watching that pledges and votes do not change.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// When, and how finely.
    pub frame: Frame,
    /// The means that each observer of an access is, by index.
    pub observers: Vec<usize>,
    /// Age of the element set of each observer at the start, days; `None` for an orbit by design.
    pub element_age_days: Vec<Option<f64>>,
    /// The areas in the order of the file.
    pub areas: Vec<AreaView>,
}

/// Cells of an area and the looks at them.
#[derive(Debug, Clone)]
pub struct AreaView {
    /// The area.
    pub area: Slug,
    /// Its cells.
    pub cells: Cells,
    /// Accesses of each cell, in order of time.
    pub accesses: Vec<Vec<Access>>,
    pub(super) stations: Vec<StationView>,
    /// What nobody's pledge changes, violation by violation: with every access, and as planned.
    pub(super) intended: Vec<(Slug, f64, f64)>,
}

/// What a means of ground stations sees of a class of event at each cell.
#[derive(Debug, Clone)]
pub(super) struct StationView {
    pub(super) means: usize,
    pub(super) class: EventClass,
    pub(super) probability: Vec<f64>,
}

impl Prepared {
    /// Length of the plan, seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.frame.days * DAY_S
    }
}

/// Computes cells, orbits, accesses and the reach of ground stations. Satellites with an element set
/// among `elements` fly by it, the others by their design.
///
/// # Errors
/// What in the files makes it impossible.
pub fn prepare(
    watch: &Watch,
    mission: &Mission,
    elements: &[Orbit],
    frame: Frame,
) -> Result<Prepared, Refusal> {
    if watch.outages.len() > OUTAGES_MAX {
        return Err(Refusal::TooManyOutages(watch.outages.len()));
    }
    let longest_s = watch
        .violations
        .iter()
        .map(|v| v.lasts_s)
        .fold(0.0, f64::max);
    let length_s = frame.days * DAY_S + longest_s.min(TAIL_S_MAX);
    let mut areas = Vec::new();
    for area in &watch.areas {
        areas.push(area_view(watch, mission, area, frame.cell_m)?);
    }
    let (mut observers, mut looks, mut ages) = (Vec::new(), Vec::new(), Vec::new());
    for (i, means) in watch.means.iter().enumerate() {
        let MeansKind::Satellite(satellite) = &means.kind else {
            continue;
        };
        let none = || Refusal::NoOrbit(means.id.clone());
        let (orbit, is_given) = orbit_of(satellite, elements, frame.from).ok_or_else(none)?;
        let observer = Observer::new(orbit.flight(frame.from), length_s, satellite);
        ages.push(is_given.then(|| orbit.age_days(frame.from)));
        looks.push(observer.ok_or_else(none)?);
        observers.push(i);
    }
    let of_cell: Vec<(usize, usize)> = (0..areas.len())
        .flat_map(|area| (0..areas[area].cells.centres.len()).map(move |cell| (area, cell)))
        .collect();
    let centres: Vec<Position> = of_cell
        .iter()
        .map(|(area, cell)| areas[*area].cells.centres[*cell])
        .collect();
    visit_accesses(
        &centres,
        &looks,
        frame.from,
        length_s,
        &mut |i, accesses| {
            let (area, cell) = of_cell[i];
            areas[area].accesses[cell] = accesses.to_vec();
        },
    );
    let mut prepared = Prepared {
        frame,
        observers,
        element_age_days: ages,
        areas,
    };
    let intended = |view: &AreaView| intended(watch, &prepared, view);
    let all: Vec<Vec<(Slug, f64, f64)>> = prepared.areas.iter().map(intended).collect();
    for (view, intended) in prepared.areas.iter_mut().zip(all) {
        view.intended = intended;
    }
    Ok(prepared)
}

/// The orbit by which a satellite flies, and whether that is an element set; without one it is its
/// design, counted from an instant.
pub(super) fn orbit_of(
    satellite: &Satellite,
    elements: &[Orbit],
    designed_at: Timestamp,
) -> Option<(Orbit, bool)> {
    let number = satellite.norad_number;
    let is_own = |orbit: &&Orbit| number.is_some() && orbit.norad_number == number;
    match elements.iter().find(is_own) {
        Some(given) => Some((given.clone(), true)),
        None => Some((Orbit::nominal(&satellite.orbit, designed_at)?, false)),
    }
}

/// Chances with every access and as planned, for each violation of an area.
fn intended(watch: &Watch, prepared: &Prepared, view: &AreaView) -> Vec<(Slug, f64, f64)> {
    let here = watch
        .violations
        .iter()
        .filter(|violation| violation.areas.contains(&view.area));
    here.map(|violation| {
        let at = |level| {
            mean(
                &Sight::new(watch, prepared, view, &[], violation, level)
                    .map()
                    .0,
            )
        };
        (violation.id.clone(), at(Level::Access), at(Level::Planned))
    })
    .collect()
}

fn area_view(
    watch: &Watch,
    mission: &Mission,
    area: &Area,
    cell_m: f64,
) -> Result<AreaView, Refusal> {
    let sector = mission
        .sectors
        .iter()
        .find(|sector| sector.id == area.place);
    let empty = || Refusal::EmptyArea(area.id.clone());
    let zone = mission.zone(&area.zone).ok_or_else(empty)?;
    // A place that is no sector of the mission has no border of its own.
    let border = sector
        .and_then(|sector| mission.zone(&sector.zone))
        .unwrap_or(zone);
    let cells = Cells::inside(&zone.shape, &border.shape, cell_m)
        .ok_or_else(|| Refusal::TooManyCells(area.id.clone()))?;
    if cells.centres.is_empty() || matches!(zone.shape, Shape::Point(_) | Shape::Line(_)) {
        return Err(empty());
    }
    let mut stations = Vec::new();
    for (i, means) in watch.means.iter().enumerate() {
        if let MeansKind::Stations(kind) = means.kind
            && watches(means, &area.id)
        {
            stations.extend(station_views(i, kind, mission, &cells));
        }
    }
    Ok(AreaView {
        area: area.id.clone(),
        accesses: vec![Vec::new(); cells.centres.len()],
        cells,
        stations,
        intended: Vec::new(),
    })
}

/// True when a means watches an area.
pub(crate) fn watches(means: &Means, area: &Slug) -> bool {
    means.areas.is_empty() || means.areas.contains(area)
}

/// What all stations of a kind see together at each cell, class by class.
fn station_views(
    means: usize,
    kind: SensorKind,
    mission: &Mission,
    cells: &Cells,
) -> Vec<StationView> {
    let network = &mission.network;
    let place = |sensor: &Sensor| {
        let post = |id: &Slug| network.posts.iter().find(|post| post.id == *id);
        let of_post = || {
            sensor
                .post
                .as_ref()
                .and_then(post)
                .map(|post| post.position)
        };
        sensor.position.or_else(of_post)
    };
    let standing = network.sensors.iter().filter(|sensor| sensor.kind == kind);
    let standing: Vec<(&Sensor, Position)> = standing
        .filter_map(|sensor| place(sensor).map(|at| (sensor, at)))
        .collect();
    let view = |class: EventClass| {
        let seen = |cell: &Position| {
            let misses = standing.iter().map(|(sensor, at)| {
                let model = sensor
                    .detects
                    .iter()
                    .find(|detection| detection.class == class);
                let distance_m = cell.distance_m(*at);
                let near = model.filter(|_| distance_m < STATION_RANGE_M_MAX);
                1.0 - near.map_or(0.0, |model| model.probability_at(distance_m))
            });
            1.0 - misses.product::<f64>()
        };
        StationView {
            means,
            class,
            probability: cells.centres.iter().map(seen).collect(),
        }
    };
    [
        EventClass::Artillery,
        EventClass::DroneStrike,
        EventClass::SmallArms,
    ]
    .map(view)
    .to_vec()
}
