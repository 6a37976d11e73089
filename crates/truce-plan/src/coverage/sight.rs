//! How a violation is seen in an area, cell by cell, by everything that watches it.

use super::Level;
use super::detect::{Exposed, Glance, OUTAGES_MAX, Pass, join, scheduled_misses};
use super::fleet::{aircraft_view, encounters};
use super::picture::{delivered, planned};
use super::prepare::{AreaView, Prepared, StationView, watches};
use crate::assess::Plan;
use crate::watch::{Means, MeansKind, Satellite, Violation, Watch};

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
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
    Sight::new(watch, prepared, view, &shares, violation, level)
        .map()
        .0
}

/// Detection probability of a violation in an area, its cells alike, with so many of each means.
pub(crate) fn chance_of(
    watch: &Watch,
    prepared: &Prepared,
    view: &AreaView,
    numbers: &[f64],
    violation: &Violation,
) -> f64 {
    let sight = Sight::new(watch, prepared, view, numbers, violation, Level::Delivered);
    mean(&sight.map().0)
}

/// True when a means can see a violation at all, once it watches the area.
pub(crate) fn is_relevant(means: &Means, view: &AreaView, violation: &Violation) -> bool {
    match means.kind {
        MeansKind::Stations(_) => violation.class.is_some() && !view.stations.is_empty(),
        _ => chance(means, violation).0 > 0.0,
    }
}

/// How a violation is seen in an area, cell by cell.
pub(super) struct Sight<'a> {
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
    pub(super) fn new(
        watch: &Watch,
        prepared: &Prepared,
        view: &'a AreaView,
        shares: &[f64],
        violation: &Violation,
        level: Level,
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
            if watches(means, &view.area) {
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
            .filter(|s| Some(s.class) == violation.class);
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

    /// The chance in every cell, by everything and by satellites alone.
    pub(super) fn map(&self) -> (Vec<f64>, Vec<f64>) {
        (0..self.view.accesses.len())
            .map(|cell| self.detection(cell))
            .unzip()
    }

    fn detection(&self, cell: usize) -> (f64, f64) {
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
        let count = self.outages.len();
        let misses = scheduled_misses(accesses, self.length_s, &self.passes, count);
        (
            join(&misses, &glances, &self.outages),
            join(&misses, &[], &self.outages),
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
