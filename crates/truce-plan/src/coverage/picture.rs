//! What the mission can see, as a whole: means, areas and clauses.

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use super::Level;
use super::access::{Access, Gaps, gaps};
use super::fleet::{Fleet, fleet};
use super::prepare::{AreaView, Prepared, watches};
use super::sight::{Sight, mean};
use crate::assess::Plan;
use crate::truth::Truth;
use crate::watch::{Means, MeansKind, Supply, Violation, Watch};

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
pub(super) fn delivered(means: &Means, plan: &Plan) -> f64 {
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
pub(crate) fn planned(means: &Means) -> f64 {
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
    let sight = Sight::new(watch, prepared, view, shares, violation, Level::Delivered);
    let (delivered, by_satellites) = sight.map();
    let intended = view.intended.iter().find(|(id, _, _)| *id == violation.id);
    let (access, planned) = intended.map_or((0.0, 0.0), |(_, access, planned)| (*access, *planned));
    Chances {
        violation: violation.id.clone(),
        access,
        planned,
        delivered_least: delivered.iter().copied().fold(1.0, f64::min),
        delivered: mean(&delivered),
        by_satellites: mean(&by_satellites),
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
