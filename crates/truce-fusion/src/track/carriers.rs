//! The mission's own on the move: patrols' vehicles, boats and aircraft, whose sensors say where they
//! are.
//!
//! A sensor's state with a fix is a report of what carries the sensor, when that moves: a vehicle, a
//! ship, an aircraft, or a patrol on foot. What stands on a mast or at a post is where the mission
//! folder says, a satellite is no track, and a drone is followed by its own reports.

use std::collections::BTreeMap;

use truce_core::mission::{Mission, PlatformKind, Role, Sensor, SensorKind};
use truce_core::{Location, ObjectIdentity, ObjectKind, Observation, Slug};

use super::cooperative::{Report, fix_of};

/// What carries each sensor that moves.
#[derive(Debug, Clone)]
pub(super) struct Carriers {
    of_sensor: BTreeMap<Slug, Carrier>,
}

#[derive(Debug, Clone)]
struct Carrier {
    kind: ObjectKind,
    actor: Option<Slug>,
}

impl Carriers {
    pub(super) fn new(mission: &Mission) -> Self {
        let sensors = mission.network.sensors.iter();
        let of = |sensor: &Sensor| Some((sensor.id.clone(), carrier(sensor, mission)?));
        Self {
            of_sensor: sensors.filter_map(of).collect(),
        }
    }

    /// The report that a sensor's state makes about what carries it; `None` when nothing moves, or no
    /// place is said.
    pub(super) fn report<'a>(&'a self, observation: &'a Observation) -> Option<Report<'a>> {
        let sensor = observation.sensor.as_ref()?;
        let carrier = self.of_sensor.get(sensor)?;
        let Some(Location::Fix { .. }) = observation.location else {
            return None;
        };
        let (fix, height) = fix_of(observation, None, None, 0.0);
        Some(Report {
            identity: ObjectIdentity::Sensor(sensor.clone()),
            kind: carrier.kind,
            fix,
            height,
            name: Some(sensor.as_str()),
            stated_kind: None,
            actor: carrier.actor.as_ref(),
        })
    }
}

/// Whether a sensor stands at a place that the mission folder names.
fn stands(sensor: &Sensor) -> bool {
    sensor.position.is_some() || sensor.post.is_some()
}

/// What carries a sensor, when it moves; it belongs to the platform's operator, else to the mission.
fn carrier(sensor: &Sensor, mission: &Mission) -> Option<Carrier> {
    let platforms = mission.network.platforms.iter();
    let platform = sensor.platform.as_ref();
    let platform = platform.and_then(|id| platforms.clone().find(|platform| platform.id == *id));
    let kind = match platform.map(|platform| platform.kind) {
        Some(PlatformKind::Vehicle) => ObjectKind::Vehicle,
        Some(PlatformKind::Ship) => ObjectKind::Vessel,
        Some(PlatformKind::Aircraft) => ObjectKind::Aircraft,
        Some(PlatformKind::Uav | PlatformKind::Mast | PlatformKind::Satellite) => return None,
        None if sensor.kind == SensorKind::Patrol && !stands(sensor) => ObjectKind::Vehicle,
        None => return None,
    };
    let own = mission
        .actors
        .iter()
        .find(|actor| actor.role == Role::Mission);
    let operator = platform.map(|platform| platform.operator.clone());
    Some(Carrier {
        kind,
        actor: operator.or_else(|| own.map(|actor| actor.id.clone())),
    })
}
