//! What watches which area: the means of observation that a mission plans with, the kinds of
//! violation they are to see, and what blinds many of them at once. Part of `coalition.toml`.
//!
//! Planned and delivered are kept apart: a means is planned as the file says, and delivered as far
//! as the contribution or requirement that brings it is met.

pub(crate) mod read;

use serde::{Deserialize, Serialize};
use truce_core::Slug;
use truce_core::incident::EventClass;
use truce_core::mission::SensorKind;

use crate::truth::Expression;

/// Everything about watching.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Areas that are watched.
    pub areas: Vec<Area>,
    /// Kinds of violation.
    pub violations: Vec<Violation>,
    /// What blinds many means at once.
    pub outages: Vec<Outage>,
    /// Means of observation.
    pub means: Vec<Means>,
}

/// An area that is watched: the part of a zone that lies in a sector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// The sector or place it belongs to.
    pub place: Slug,
    /// The zone, of `zones.geojson`, of which the sector's part is watched.
    pub zone: Slug,
}

/// A kind of violation as something that can be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// The class of physical event, for means whose chances stand in `sensors.toml`.
    pub class: Option<EventClass>,
    /// Clauses of the agreement that it would breach.
    pub clauses: Vec<Slug>,
    /// Areas in which it can happen.
    pub areas: Vec<Slug>,
    /// For how long it can be seen, seconds.
    pub lasts_s: f64,
    /// True when the figures are invented for this example.
    pub illustrative: bool,
    /// Where the figures come from.
    pub basis: String,
}

/// Something that blinds every means that names it, all at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// Part of the time during which it holds.
    pub probability: f64,
    /// True when the figure is invented for this example.
    pub illustrative: bool,
    /// Where the figure comes from.
    pub basis: String,
}

/// A means of observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// Areas it watches; empty: all.
    pub areas: Vec<Slug>,
    /// What it is.
    pub kind: MeansKind,
    /// What brings it.
    pub supply: Supply,
    /// Chance to see a violation of a kind that is in view; ground sensors take theirs from
    /// `sensors.toml`.
    pub detects: Vec<Chance>,
    /// Outages that blind it.
    pub blinded_by: Vec<Slug>,
    /// True when the figures are invented for this example.
    pub illustrative: bool,
    /// Where the figures come from.
    pub basis: String,
}

/// Chance to see a kind of violation in one look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// The kind of violation.
    pub violation: Slug,
    /// Probability.
    pub probability: f64,
    /// For how long this means can see it or its traces, seconds, such as heat after fire; `None`
    /// for as long as the violation lasts.
    pub lasts_s: Option<f64>,
}

/// What brings a means, and so how much of what is planned is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// It is there in any case, such as a satellite whose images are public.
    Open,
    /// It is there when these conditions hold.
    When(Expression),
    /// It is there when the contribution is.
    Contribution(Slug),
    /// So many of it are there for each unit with which the requirement is met.
    Requirement {
        /// The requirement.
        id: Slug,
        /// How many for each unit.
        per_unit: f64,
    },
}

/// What a means is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeansKind {
    /// A satellite.
    Satellite(Satellite),
    /// Aircraft that fly a route over the area by turns.
    Aircraft(Aircraft),
    /// Instruments and posts of `sensors.toml` that stand somewhere.
    Stations(SensorKind),
    /// Patrols or ships that move through the area without a timetable.
    Rovers(Rovers),
}

/// A satellite: its orbit, its instrument, and what its operator makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Satellite {
    /// NORAD catalogue number, by which an element set is found.
    pub norad_number: Option<u32>,
    /// The orbit for which it was built; used when no element set is given.
    pub orbit: NominalOrbit,
    /// To which side it looks.
    pub look: Look,
    /// Least angle from the nadir, degrees.
    pub off_nadir_deg_min: f64,
    /// Greatest angle from the nadir, degrees.
    pub off_nadir_deg_max: f64,
    /// Least elevation of the sun where it looks, degrees; `None` when it sees by night.
    pub sun_elevation_deg_min: Option<f64>,
    /// Chance that clouds hide a place at a pass; 0 for radar.
    pub cloud_share: f64,
    /// Part of the accesses that its operator plans to record.
    pub planned_share: f64,
    /// Part of the planned records that arrive.
    pub delivered_share: f64,
}

/// A circular orbit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NominalOrbit {
    /// Height above the equatorial radius, metres.
    pub altitude_m: f64,
    /// Inclination, degrees.
    pub inclination_deg: f64,
    /// Local mean solar time at the ascending node, seconds after midnight.
    pub node_local_time_s: f64,
    /// Angle from the ascending node at the first instant of the plan, degrees.
    pub phase_deg: f64,
}

/// To which side of its ground track a satellite looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// To both sides.
    Both,
    /// To the left of its motion.
    Left,
    /// To the right of its motion.
    Right,
}

/// Aircraft that keep one orbit flying.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Aircraft {
    /// Orbits planned for each of its areas.
    pub orbits: f64,
    /// Speed over ground, m/s.
    pub speed_m_s: f64,
    /// Width of the strip it sees, metres.
    pub swath_m: f64,
    /// Time in the air of one sortie, seconds.
    pub endurance_s: f64,
    /// Time from base to the area, one way, seconds.
    pub transit_s: f64,
    /// Time on the ground between two sorties, seconds.
    pub turnaround_s: f64,
    /// Part of the time in which weather lets it fly.
    pub flyable_share: f64,
    /// Chance to lose the aircraft in one sortie.
    pub loss_per_sortie: f64,
}

/// Patrols or ships.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rovers {
    /// How many are planned for each of its areas.
    pub count: f64,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Radius within which one sees, metres.
    pub radius_m: f64,
    /// Part of the day during which one is under way.
    pub on_task_share: f64,
}
