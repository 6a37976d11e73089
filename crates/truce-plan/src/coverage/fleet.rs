//! Drones, patrols and ships: how much of an area they keep in view, and how many it takes.

use serde::{Deserialize, Serialize};
use truce_core::time::DAY_S;

use crate::MONTH_DAYS;
use crate::watch::{Aircraft, Rovers};

/// What it takes to keep orbits flying.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// Aircraft on task at a time, weather permitting.
    pub orbits: f64,
    /// Airframes that the orbits keep busy, those on the ground included.
    pub airframes: f64,
    /// Sorties a month.
    pub sorties_per_month: f64,
    /// Airframes lost a month.
    pub losses_per_month: f64,
    /// Time for one aircraft to have looked at every place of its part once, seconds.
    pub revisit_s: f64,
}

/// What it takes to keep an area of some square metres under aircraft in turns.
///
/// An airframe is on task for its endurance less the way there and back, of a cycle of endurance and
/// turnaround; the orbit needs cycle / on-task of them. The strip flown covers the area once in
/// area / (swath · speed · orbits).
#[must_use]
pub fn fleet(aircraft: &Aircraft, orbits: f64, area_m2: f64) -> Fleet {
    let on_task_s = aircraft.endurance_s - 2.0 * aircraft.transit_s;
    let cycle_s = aircraft.endurance_s + aircraft.turnaround_s;
    let flown_s = MONTH_DAYS * DAY_S * aircraft.flyable_share * orbits;
    let sorties_per_month = flown_s / on_task_s;
    Fleet {
        orbits,
        airframes: orbits * cycle_s / on_task_s,
        sorties_per_month,
        losses_per_month: sorties_per_month * aircraft.loss_per_sortie,
        revisit_s: area_m2 / (aircraft.swath_m * aircraft.speed_m_s * orbits),
    }
}

/// Chance that aircraft in turns come over something that lasts a while: their strip comes by once
/// in a revisit, at a moment nobody can foresee, and stays for swath / speed. Losses leave the
/// orbit empty for the rest of the sortie, half of it on average.
#[must_use]
pub fn aircraft_view(aircraft: &Aircraft, orbits: f64, area_m2: f64, lasts_s: f64) -> f64 {
    if orbits <= 0.0 || area_m2 <= 0.0 {
        return 0.0;
    }
    let revisit_s = fleet(aircraft, orbits, area_m2).revisit_s;
    let over_s = aircraft.swath_m / aircraft.speed_m_s;
    let kept = aircraft.flyable_share * (1.0 - aircraft.loss_per_sortie / 2.0);
    kept * ((lasts_s + over_s) / revisit_s).min(1.0)
}

/// Expected number of times that rovers come near something that lasts a while: those that stand
/// there already, and those that come by (Koopman 1946: a sweep of width 2 r and speed v).
#[must_use]
pub fn encounters(rovers: &Rovers, count: f64, area_m2: f64, lasts_s: f64) -> f64 {
    if area_m2 <= 0.0 {
        return 0.0;
    }
    let disc_m2 = std::f64::consts::PI * rovers.radius_m * rovers.radius_m;
    let swept_m2 = 2.0 * rovers.radius_m * rovers.speed_m_s * lasts_s;
    count * rovers.on_task_share * (disc_m2.min(area_m2) + swept_m2) / area_m2
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRONE: Aircraft = Aircraft {
        orbits: 1.0,
        speed_m_s: 30.0,
        swath_m: 10_000.0,
        endurance_s: 14_400.0,
        transit_s: 1_800.0,
        turnaround_s: 7_200.0,
        flyable_share: 1.0,
        loss_per_sortie: 0.002,
    };

    #[test]
    fn airframes_and_losses() {
        let fleet = fleet(&DRONE, 2.0, 3e9);
        // 6 h a cycle, 3 h on task: two airframes an orbit.
        assert!((fleet.airframes - 4.0).abs() < 1e-12);
        assert!((fleet.sorties_per_month - 2.0 * 30.4375 * 8.0).abs() < 1e-9);
        assert!((fleet.losses_per_month - 0.974).abs() < 1e-3);
        assert!((fleet.revisit_s - 5_000.0).abs() < 1e-9);
    }

    #[test]
    fn what_lasts_longer_is_seen_more_often() {
        let view = |lasts_s| aircraft_view(&DRONE, 2.0, 3e9, lasts_s);
        assert!((view(0.0) - 0.999 * 333.333 / 5_000.0).abs() < 1e-4);
        assert!(view(1_000.0) > view(100.0));
        assert!((view(1e6) - 0.999).abs() < 1e-12);
        assert_eq!(aircraft_view(&DRONE, 0.0, 3e9, 60.0), 0.0);
    }

    #[test]
    fn rovers_sweep_as_koopman_says() {
        let rovers = Rovers {
            count: 10.0,
            speed_m_s: 5.0,
            radius_m: 1_000.0,
            on_task_share: 0.5,
        };
        let expected = 5.0 * (std::f64::consts::PI * 1e6 + 2.0 * 1_000.0 * 5.0 * 3_600.0) / 1e9;
        assert!((encounters(&rovers, 10.0, 1e9, 3_600.0) - expected).abs() < 1e-12);
    }
}
