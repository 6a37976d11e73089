//! What the mission can see: which satellite looks at which cell when, what instruments, drones,
//! patrols and ships add, and how probable it is that a violation is detected, area by area.
//!
//! Access, planned and delivered are three things. Access is what geometry allows; planned is what
//! operators and the mission intend; delivered is what the pledges bring of it as things stand.
//! What does not change with pledges and votes is computed once ([`prepare`]); what they change
//! follows in milliseconds ([`assess`]).

pub mod access;
pub mod cells;
pub mod detect;
pub mod fleet;
pub mod orbit;

use serde::{Deserialize, Serialize};
use truce_core::incident::EventClass;
use truce_core::mission::{Mission, Sensor, SensorKind, Shape};
use truce_core::{Position, Slug, Timestamp};

use crate::assess::Plan;
use crate::truth::Truth;
use crate::watch::{Means, MeansKind, Satellite, Supply, Violation, Watch};
use access::{Access, Gaps, Observer, gaps, visit_accesses};
use cells::Cells;
use detect::{Exposed, Glance, OUTAGES_MAX, Pass, detection};
use fleet::{Fleet, aircraft_view, encounters, fleet};
use orbit::Orbit;

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;
/// Looks after the end of the plan that are still computed, so that what begins near the end has its
/// whole time to be seen: the longest violation, but no more than this, seconds.
const TAIL_S_MAX: f64 = 15.0 * DAY_S;
/// Ground sensors farther than this add nothing, metres.
const STATION_RANGE_M_MAX: f64 = 200_000.0;

/// How much of the means is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything planned is there, and every access is recorded.
    Access,
    /// Everything planned is there, and operators record what they plan to.
    Planned,
    /// What the pledges bring, as things stand.
    Delivered,
}

/// Why a picture cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The area's zone and sector have no point in common.
    EmptyArea(Slug),
    /// There would be more than [`cells::CELLS_MAX`] cells.
    TooManyCells(Slug),
    /// SGP4 cannot carry the orbit of this means.
    NoOrbit(Slug),
    /// More than [`OUTAGES_MAX`] outages.
    TooManyOutages(usize),
}

/// When, and how finely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// The start of the plan.
    pub from: Timestamp,
    /// Its length, days.
    pub days: f64,
    /// Side of a cell, metres.
    pub cell_m: f64,
}

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
    stations: Vec<StationView>,
}

/// What a means of ground stations sees of a class of event at each cell.
#[derive(Debug, Clone)]
struct StationView {
    means: usize,
    class: EventClass,
    probability: Vec<f64>,
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
        let given = elements.iter().find(|orbit| {
            orbit.norad_number.is_some() && orbit.norad_number == satellite.norad_number
        });
        let orbit = match given {
            Some(orbit) => orbit.clone(),
            None => Orbit::nominal(&satellite.orbit, frame.from)
                .ok_or_else(|| Refusal::NoOrbit(means.id.clone()))?,
        };
        let path = orbit.ephemeris(frame.from, length_s);
        if path.states.len() < 2 {
            return Err(Refusal::NoOrbit(means.id.clone()));
        }
        ages.push(given.map(|orbit| orbit.age_days(frame.from)));
        looks.push(Observer::new(path, satellite));
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
    Ok(Prepared {
        frame,
        observers,
        element_age_days: ages,
        areas,
    })
}

fn area_view(
    watch: &Watch,
    mission: &Mission,
    area: &crate::watch::Area,
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
    })
}

/// True when a means watches an area.
fn watches(means: &Means, area: &Slug) -> bool {
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

/// What the mission can see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// What is planned and delivered of each means.
    pub means: Vec<MeansState>,
    /// Area by area.
    pub areas: Vec<AreaPicture>,
    /// Clause by clause of the agreement.
    pub clauses: Vec<ClausePicture>,
}

/// What is planned and delivered of a means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeansState {
    /// The means.
    pub means: Slug,
    /// How many are planned, for each area it watches; 1 for satellites and lines.
    pub planned: f64,
    /// How many are delivered.
    pub delivered: f64,
    /// What its flying takes, for aircraft, all its areas together, as planned.
    pub fleet: Option<Fleet>,
}

/// What is seen of an area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaPicture {
    /// The area.
    pub area: Slug,
    /// Its size, km².
    pub area_km2: f64,
    /// Accesses of satellites a day and cell, everything that geometry allows.
    pub accesses_per_day: f64,
    /// Longest time that a cell is without access, hours: the worst cell.
    pub gap_h_max: f64,
    /// Mean time from any moment to the next access, hours.
    pub wait_h_mean: f64,
    /// Violation by violation.
    pub violations: Vec<Chances>,
}

/// How probable it is that a violation is detected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chances {
    /// The violation.
    pub violation: Slug,
    /// With every access recorded and everything planned there.
    pub access: f64,
    /// As planned.
    pub planned: f64,
    /// As delivered.
    pub delivered: f64,
    /// As delivered, in the cell where it is least.
    pub delivered_least: f64,
    /// By satellites alone, as delivered.
    pub by_satellites: f64,
}

/// How probable it is that a breach of a clause is detected, all its violations alike, areas by size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClausePicture {
    /// The clause.
    pub clause: Slug,
    /// As planned.
    pub planned: f64,
    /// As delivered.
    pub delivered: f64,
}

/// Computes what can be seen with what a plan brings.
#[must_use]
pub fn assess(watch: &Watch, prepared: &Prepared, plan: &Plan) -> Picture {
    let shares: Vec<f64> = watch
        .means
        .iter()
        .map(|means| delivered(means, plan))
        .collect();
    let areas: Vec<AreaPicture> = prepared
        .areas
        .iter()
        .map(|view| area_picture(watch, prepared, view, &shares))
        .collect();
    let means = watch.means.iter().zip(&shares);
    Picture {
        means: means
            .map(|(means, share)| means_state(means, *share, prepared))
            .collect(),
        clauses: clauses(watch, &areas),
        areas,
    }
}

/// How many of a means are there: absolute for aircraft and rovers, a share for the rest.
fn delivered(means: &Means, plan: &Plan) -> f64 {
    let planned = planned(means);
    if plan.assumptions.means_out.contains(&means.id) {
        return 0.0;
    }
    match &means.supply {
        Supply::Open => planned,
        Supply::When(expression) => match expression.value(&plan.conditions) {
            Truth::True => planned,
            Truth::Unknown | Truth::False => 0.0,
        },
        Supply::Contribution(id) => {
            let parts = plan.requirements.iter().flat_map(|line| &line.assigned);
            let assigned = parts
                .filter(|(contribution, _)| contribution == id)
                .map(|(_, n)| *n);
            if assigned.sum::<u32>() > 0 {
                planned
            } else {
                0.0
            }
        }
        Supply::Requirement { id, per_unit } => {
            let line = plan
                .requirements
                .iter()
                .find(|line| line.requirement == *id);
            let there = line.map_or(0.0, |line| f64::from(line.met) * per_unit);
            there.min(planned)
        }
    }
}

/// How many of a means are planned for each of its areas.
fn planned(means: &Means) -> f64 {
    match &means.kind {
        MeansKind::Satellite(_) | MeansKind::Stations(_) => 1.0,
        MeansKind::Aircraft(aircraft) => aircraft.orbits,
        MeansKind::Rovers(rovers) => rovers.count,
    }
}

fn means_state(means: &Means, delivered: f64, prepared: &Prepared) -> MeansState {
    let watched = prepared
        .areas
        .iter()
        .filter(|view| watches(means, &view.area));
    let area_m2: f64 = watched.clone().map(|view| view.cells.area_m2()).sum();
    let fleet = match &means.kind {
        MeansKind::Aircraft(aircraft) => {
            let orbits = aircraft.orbits * watched.count() as f64;
            Some(fleet(aircraft, orbits, area_m2))
        }
        _ => None,
    };
    MeansState {
        means: means.id.clone(),
        planned: planned(means),
        delivered,
        fleet,
    }
}

fn area_picture(
    watch: &Watch,
    prepared: &Prepared,
    view: &AreaView,
    shares: &[f64],
) -> AreaPicture {
    let length_s = prepared.length_s();
    let inside = |accesses: &Vec<Access>| -> Gaps {
        let end = accesses.partition_point(|access| access.at_s < length_s);
        gaps(&accesses[..end], length_s)
    };
    let gaps: Vec<Gaps> = view.accesses.iter().map(inside).collect();
    let cells = gaps.len() as f64;
    let sum = |value: &dyn Fn(&Gaps) -> f64| gaps.iter().map(value).sum::<f64>();
    let here = watch
        .violations
        .iter()
        .filter(|violation| violation.areas.contains(&view.area));
    AreaPicture {
        area: view.area.clone(),
        area_km2: view.cells.area_m2() / 1e6,
        accesses_per_day: sum(&|g| f64::from(g.accesses)) / cells / prepared.frame.days,
        gap_h_max: gaps.iter().map(|g| g.gap_s_max).fold(0.0, f64::max) / 3_600.0,
        wait_h_mean: sum(&|g| g.wait_s_mean) / cells / 3_600.0,
        violations: here
            .map(|v| chances(watch, prepared, view, shares, v))
            .collect(),
    }
}

fn chances(
    watch: &Watch,
    prepared: &Prepared,
    view: &AreaView,
    shares: &[f64],
    violation: &Violation,
) -> Chances {
    let at = |level, glances| {
        let sight = Sight::new(watch, prepared, view, shares, violation, level, glances);
        (0..view.accesses.len())
            .map(|cell| sight.detection(cell))
            .collect::<Vec<f64>>()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let delivered = at(Level::Delivered, true);
    Chances {
        violation: violation.id.clone(),
        access: mean(&at(Level::Access, true)),
        planned: mean(&at(Level::Planned, true)),
        delivered_least: delivered.iter().copied().fold(1.0, f64::min),
        delivered: mean(&delivered),
        by_satellites: mean(&at(Level::Delivered, false)),
    }
}

/// Detection probability of a violation in every cell of an area, in the order of its cells.
#[must_use]
pub fn map(
    watch: &Watch,
    prepared: &Prepared,
    view: &AreaView,
    plan: &Plan,
    violation: &Violation,
    level: Level,
) -> Vec<f64> {
    let shares: Vec<f64> = watch
        .means
        .iter()
        .map(|means| delivered(means, plan))
        .collect();
    let sight = Sight::new(watch, prepared, view, &shares, violation, level, true);
    (0..view.accesses.len())
        .map(|cell| sight.detection(cell))
        .collect()
}

/// How a violation is seen in an area, cell by cell.
struct Sight<'a> {
    view: &'a AreaView,
    length_s: f64,
    passes: Vec<Pass>,
    /// What is the same in every cell.
    glances: Vec<Exposed>,
    /// What stations see, their share, and what blinds them.
    stations: Vec<(&'a StationView, f64, u8)>,
    outages: Vec<f64>,
}

impl<'a> Sight<'a> {
    fn new(
        watch: &Watch,
        prepared: &Prepared,
        view: &'a AreaView,
        shares: &[f64],
        violation: &Violation,
        level: Level,
        with_glances: bool,
    ) -> Self {
        let there = |i: usize| match level {
            Level::Access | Level::Planned => planned(&watch.means[i]),
            Level::Delivered => shares[i],
        };
        let bits = |means: &Means| blinding(watch, means);
        let pass = |i: &usize| {
            let means = &watch.means[*i];
            let (MeansKind::Satellite(satellite), true) = (&means.kind, watches(means, &view.area))
            else {
                return Pass::default();
            };
            let (probability, lasts_s) = chance(means, violation);
            Pass {
                probability: probability * there(*i) * recorded(satellite, level),
                lasts_s,
                blinded_by: bits(means),
            }
        };
        let mut glances = Vec::new();
        for (i, means) in watch.means.iter().enumerate() {
            if with_glances && watches(means, &view.area) {
                let glance = glance(means, there(i), view, violation);
                glances.extend(glance.map(|glance| Exposed {
                    glance,
                    blinded_by: bits(means),
                }));
            }
        }
        let stations = view
            .stations
            .iter()
            .filter(|s| with_glances && Some(s.class) == violation.class);
        Self {
            view,
            length_s: prepared.length_s(),
            passes: prepared.observers.iter().map(pass).collect(),
            glances,
            stations: stations
                .map(|s| (s, there(s.means), bits(&watch.means[s.means])))
                .collect(),
            outages: watch
                .outages
                .iter()
                .map(|outage| outage.probability)
                .collect(),
        }
    }

    fn detection(&self, cell: usize) -> f64 {
        let mut glances = self.glances.clone();
        glances.extend(
            self.stations
                .iter()
                .map(|(station, share, blinded_by)| Exposed {
                    glance: Glance::Fixed {
                        probability: station.probability[cell] * share,
                    },
                    blinded_by: *blinded_by,
                }),
        );
        let accesses = &self.view.accesses[cell];
        detection(
            accesses,
            self.length_s,
            &self.passes,
            &glances,
            &self.outages,
        )
    }
}

/// The outages that blind a means, one bit each.
fn blinding(watch: &Watch, means: &Means) -> u8 {
    let named = watch.outages.iter().take(OUTAGES_MAX).enumerate();
    let named = named.filter(|(_, outage)| means.blinded_by.contains(&outage.id));
    named.fold(0, |bits, (i, _)| bits | 1 << i)
}

/// Part of the accesses of a satellite that show the ground, and are recorded, and arrive.
fn recorded(satellite: &Satellite, level: Level) -> f64 {
    let clear = 1.0 - satellite.cloud_share;
    match level {
        Level::Access => clear,
        Level::Planned => clear * satellite.planned_share,
        Level::Delivered => clear * satellite.planned_share * satellite.delivered_share,
    }
}

/// A means' chance to see a violation at one look, and for how long it can be seen, seconds.
fn chance(means: &Means, violation: &Violation) -> (f64, f64) {
    let chance = means
        .detects
        .iter()
        .find(|chance| chance.violation == violation.id);
    chance.map_or((0.0, violation.lasts_s), |chance| {
        (
            chance.probability,
            chance.lasts_s.unwrap_or(violation.lasts_s),
        )
    })
}

/// What aircraft, patrols and ships add, the same in every cell of an area.
fn glance(means: &Means, there: f64, view: &AreaView, violation: &Violation) -> Option<Glance> {
    let (probability, lasts_s) = chance(means, violation);
    let area_m2 = view.cells.area_m2();
    match &means.kind {
        MeansKind::Satellite(_) | MeansKind::Stations(_) => None,
        MeansKind::Aircraft(aircraft) => Some(Glance::Fixed {
            probability: probability * aircraft_view(aircraft, there, area_m2, lasts_s),
        }),
        MeansKind::Rovers(rovers) => Some(Glance::Random {
            looks: encounters(rovers, there, area_m2, lasts_s),
            probability,
        }),
    }
}

fn clauses(watch: &Watch, areas: &[AreaPicture]) -> Vec<ClausePicture> {
    let mut names: Vec<&Slug> = watch.violations.iter().flat_map(|v| &v.clauses).collect();
    names.sort();
    names.dedup();
    let picture = |clause: &&Slug| {
        let breaches = |id: &Slug| {
            watch
                .violations
                .iter()
                .any(|v| v.id == *id && v.clauses.contains(clause))
        };
        let (mut weight, mut planned, mut delivered) = (0.0, 0.0, 0.0);
        for area in areas {
            for chances in area.violations.iter().filter(|c| breaches(&c.violation)) {
                weight += area.area_km2;
                planned += area.area_km2 * chances.planned;
                delivered += area.area_km2 * chances.delivered;
            }
        }
        ClausePicture {
            clause: (*clause).clone(),
            planned: planned / f64::max(weight, 1.0),
            delivered: delivered / f64::max(weight, 1.0),
        }
    };
    names.iter().map(picture).collect()
}

/// A satellite's look at an area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overpass {
    /// The means.
    pub means: Slug,
    /// The area.
    pub area: Slug,
    /// When it sees the first cell, seconds after the start.
    pub from_s: f64,
    /// When it sees the last cell, seconds after the start.
    pub until_s: f64,
    /// Part of the area's cells that it sees.
    pub share: f64,
}

/// Looks of one satellite at one area that lie so far apart are different passes, seconds.
const PASS_S_MAX: f64 = 1_800.0;

/// Every pass over every area, in order of time: the timeline of the satellites.
#[must_use]
pub fn timeline(watch: &Watch, prepared: &Prepared) -> Vec<Overpass> {
    let mut all = Vec::new();
    for view in &prepared.areas {
        let accesses = view.accesses.iter().flatten();
        let mut looks: Vec<Access> = accesses
            .filter(|access| access.at_s < prepared.length_s())
            .copied()
            .collect();
        looks.sort_by(|a, b| a.observer.cmp(&b.observer).then(a.at_s.total_cmp(&b.at_s)));
        let cells = view.accesses.len() as f64;
        let apart =
            |a: &Access, b: &Access| a.observer == b.observer && b.at_s - a.at_s < PASS_S_MAX;
        for pass in looks.chunk_by(apart) {
            let (first, last) = (pass[0], pass[pass.len() - 1]);
            all.push(Overpass {
                means: watch.means[prepared.observers[usize::from(first.observer)]]
                    .id
                    .clone(),
                area: view.area.clone(),
                from_s: first.at_s,
                until_s: last.at_s,
                share: pass.len() as f64 / cells,
            });
        }
    }
    all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    all
}
