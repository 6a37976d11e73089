//! Sites and vehicles from a mission: cells that are watched too little, incidents that wait for a
//! visit, and satellites worth asking.

use serde::{Deserialize, Serialize};
use truce_core::{Position, Slug};

use super::{Problem, Site, Vehicle};
use crate::coverage::{AreaView, Overpass, Prepared};
use crate::watch::Watch;

/// A vehicle at a base: it starts and ends there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Based {
    /// Its name.
    pub name: String,
    /// Where it starts and ends.
    pub base: Position,
    /// How far and fast it goes.
    pub vehicle: Vehicle,
}

/// A site at a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// What it is worth.
    pub site: Site,
}

/// The problem of visiting sites from bases, over great circles times a factor for the ways on the
/// ground (1 for drones).
#[must_use]
pub fn problem(sites: &[Placed], vehicles: &[Based], detour: f64) -> Problem {
    let places = sites.iter().map(|site| site.position);
    let bases = || vehicles.iter().map(|vehicle| vehicle.base);
    let all: Vec<Position> = places.chain(bases()).chain(bases()).collect();
    let row = |from: &Position| all.iter().map(|to| from.distance_m(*to) * detour).collect();
    Problem {
        sites: sites.iter().map(|site| site.site).collect(),
        vehicles: vehicles.iter().map(|vehicle| vehicle.vehicle).collect(),
        metres: all.iter().map(row).collect(),
    }
}

/// The cells of an area as sites: each is worth the chance that a violation there goes unseen.
/// `stay_s` is the time to look over a cell.
#[must_use]
pub fn blind_cells(view: &AreaView, detection: &[f64], stay_s: f64) -> Vec<Placed> {
    let cells = view.cells.centres.iter().zip(detection).enumerate();
    let site = |(i, (centre, seen)): (usize, (&Position, &f64))| Placed {
        name: format!("{}/{}", view.area, i + 1),
        position: *centre,
        site: Site {
            value: 1.0 - seen,
            stay_s,
            latest_s: None,
        },
    };
    cells.map(site).collect()
}

/// A satellite worth asking for a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The satellite.
    pub means: Slug,
    /// The area.
    pub area: Slug,
    /// When it sees the first cell, seconds after the start.
    pub from_s: f64,
    /// Cells' worth of chances that go unseen without it and are seen with it.
    pub value: f64,
}

/// Passes of the next hours, the most valuable first: the part of the area they see times the chance
/// that a violation there goes unseen times the chance that they show it.
#[must_use]
pub fn requests(
    watch: &Watch,
    prepared: &Prepared,
    passes: &[Overpass],
    violation: &Slug,
    unseen: &dyn Fn(&Slug) -> f64,
    within_s: f64,
) -> Vec<Request> {
    let chance = |id: &Slug| {
        let means = watch.means.iter().find(|means| means.id == *id)?;
        let chance = means
            .detects
            .iter()
            .find(|chance| chance.violation == *violation)?;
        let crate::watch::MeansKind::Satellite(satellite) = &means.kind else {
            return None;
        };
        Some(chance.probability * (1.0 - satellite.cloud_share))
    };
    let cells = |area: &Slug| {
        let view = prepared.areas.iter().find(|view| view.area == *area);
        view.map_or(0.0, |view| view.cells.centres.len() as f64)
    };
    let soon = passes.iter().filter(|pass| pass.from_s < within_s);
    let mut all: Vec<Request> = soon
        .filter_map(|pass| {
            let shown = chance(&pass.means)?;
            Some(Request {
                means: pass.means.clone(),
                area: pass.area.clone(),
                from_s: pass.from_s,
                value: pass.share * cells(&pass.area) * unseen(&pass.area) * shown,
            })
        })
        .collect();
    all.sort_by(|a, b| {
        b.value
            .total_cmp(&a.value)
            .then(a.from_s.total_cmp(&b.from_s))
    });
    all
}
