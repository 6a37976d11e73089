//! Which satellite passes over which area when.

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use super::access::Access;
use super::prepare::Prepared;
use crate::watch::Watch;

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
