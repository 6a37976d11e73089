//! Who looks where next: routes of drones and patrols that collect as much value as their endurance
//! allows, site visits with deadlines among them (team orienteering, Chao, Golden and Wasil 1996).
//!
//! Routes are ruined and recreated (slack induction by string removals, Christiaens and Vanden Berghe
//! 2020) under simulated annealing: strings of neighbouring visits are taken out of routes near a
//! place, and what is not visited is put in again where it costs least. A seed goes in with the
//! problem, so the same problem gives the same routes.

mod route;
mod search;
pub mod sites;

use serde::{Deserialize, Serialize};

pub use search::solve;

/// Most sites of one problem: their distances to each other fill 32 MB.
pub const SITES_MAX: usize = 2_000;

/// Sites, vehicles, and the ways between them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problem {
    /// Places to look at.
    pub sites: Vec<Site>,
    /// Who looks.
    pub vehicles: Vec<Vehicle>,
    /// Metres between places: sites first, then each vehicle's start, then each vehicle's end.
    pub metres: Vec<Vec<f64>>,
}

/// A place to look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// What looking there is worth.
    pub value: f64,
    /// How long it takes, seconds.
    pub stay_s: f64,
    /// When somebody must be there at the latest, seconds after the start.
    pub latest_s: Option<f64>,
}

/// Somebody who looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Vehicle {
    /// Speed on the way, m/s.
    pub speed_m_s: f64,
    /// Longest time from start to end, seconds: endurance, or a crew's day.
    pub limit_s: f64,
}

/// Routes, and what they are worth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Routes {
    /// Sites in the order in which each vehicle visits them.
    pub visits: Vec<Vec<usize>>,
    /// How long each vehicle is under way, seconds.
    pub time_s: Vec<f64>,
    /// What all visits are worth.
    pub value: f64,
}

impl Problem {
    /// The place where a vehicle starts, as an index into the distances.
    #[must_use]
    pub fn start(&self, vehicle: usize) -> usize {
        self.sites.len() + vehicle
    }

    /// The place where a vehicle ends.
    #[must_use]
    pub fn end(&self, vehicle: usize) -> usize {
        self.sites.len() + self.vehicles.len() + vehicle
    }

    /// Time of a vehicle from one place to another, seconds.
    #[must_use]
    pub fn travel_s(&self, vehicle: usize, from: usize, to: usize) -> f64 {
        self.metres[from][to] / self.vehicles[vehicle].speed_m_s
    }

    /// Seconds after the start at which a vehicle comes to each of its visits and to its end; `None`
    /// when it comes too late somewhere.
    #[must_use]
    pub fn arrivals_s(&self, vehicle: usize, visits: &[usize]) -> Option<Vec<f64>> {
        let (mut now_s, mut at) = (0.0, self.start(vehicle));
        let mut arrivals = Vec::with_capacity(visits.len() + 1);
        for visit in visits {
            now_s += self.travel_s(vehicle, at, *visit);
            let site = &self.sites[*visit];
            if site
                .latest_s
                .is_some_and(|latest| now_s > latest + ROUNDING_S)
            {
                return None;
            }
            arrivals.push(now_s);
            now_s += site.stay_s;
            at = *visit;
        }
        now_s += self.travel_s(vehicle, at, self.end(vehicle));
        arrivals.push(now_s);
        (now_s <= self.vehicles[vehicle].limit_s + ROUNDING_S).then_some(arrivals)
    }
}

/// Sums of travel times differ by their order of adding; this much is not too late, seconds.
const ROUNDING_S: f64 = 1e-6;

#[cfg(test)]
mod tests;
