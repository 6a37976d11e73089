//! Stops in a corridor: what is ordinary, what is not, and when another vessel forced it.
//!
//! A stop is ordinary in a port, on a usual anchorage, by vessels whose work it is, and for a vessel
//! that waits because the water ahead is closed. A vessel that stops or turns back while a vessel of
//! the state or another is close by may have been forced to.

use truce_core::mission::SeaSettings;
use truce_core::{IncidentKind, ObservationId, Position, Slug};

use super::ground::Ground;
use super::vessel::{Reason, Rest, Vessel};
use crate::tell::{Draft, Line, Told};

/// A vessel close by.
#[derive(Debug, Clone)]
pub(super) struct Neighbour {
    pub(super) mmsi: u32,
    pub(super) away_m: f64,
    pub(super) is_of_state: bool,
    pub(super) observation: ObservationId,
}

/// Tells a stop in a corridor.
pub(super) fn tell_stop(
    vessel: &mut Vessel,
    ground: &Ground,
    neighbour: Option<&Neighbour>,
    at_s: f64,
    told: &mut Told,
) {
    let Some(corridor) = vessel.standing.corridor else {
        return;
    };
    let area = ground.area(corridor);
    let zone = area.id.clone();
    let forced = neighbour.filter(|other| other.is_of_state);
    if area.is_agreed && forced.is_none() {
        return;
    }
    let reason = match forced {
        Some(other) => Reason::Obstructed(zone, other.mmsi),
        None => Reason::Unauthorised(zone),
    };
    let Some(rest) = &mut vessel.rest else {
        return;
    };
    rest.told = Some(reason);
    if let Some(other) = neighbour {
        rest.evidence.push(other.observation);
    }
    let rest = rest.clone();
    tell(vessel, &rest, neighbour, at_s, false, told);
}

/// Tells the end of a stop that was told, or that it goes on.
pub(super) fn tell_on(vessel: &Vessel, rest: &Rest, at_s: f64, ended: bool, told: &mut Told) {
    tell(vessel, rest, None, at_s, ended, told);
}

fn tell(
    vessel: &Vessel,
    rest: &Rest,
    neighbour: Option<&Neighbour>,
    at_s: f64,
    ended: bool,
    told: &mut Told,
) {
    let Some(reason) = &rest.told else {
        return;
    };
    let (kind, behaviour, zone) = match reason {
        Reason::Unauthorised(zone) => (IncidentKind::UnauthorisedStop, "stop", zone),
        Reason::Obstructed(zone, _) => (IncidentKind::Obstruction, "forced_stop", zone),
    };
    let mut attributes = vec![vessel.identity()];
    if let Reason::Obstructed(_, other) = reason {
        attributes.push(("other", format!("mmsi:{other:09}")));
    }
    told.tell(Draft {
        kind,
        behaviour,
        during_s: (rest.since_s, at_s.max(rest.since_s)),
        position: rest.at,
        sigma_m: vessel.last.sigma_m,
        track: Some(vessel.track),
        zone: Some(zone.clone()),
        evidence: rest.evidence.clone(),
        lines: lines(vessel, reason, neighbour),
        attributes,
        ended,
    });
}

fn lines(vessel: &Vessel, reason: &Reason, neighbour: Option<&Neighbour>) -> Vec<Line> {
    let mut lines = vec![(
        "stopped",
        2.5,
        "the vessel lay still in the corridor, outside ports and usual anchorages".to_owned(),
    )];
    if vessel.is_at_work() || vessel.is_of_state() {
        let text = "by its type it may lie there for its work".to_owned();
        lines.push(("type", -4.0, text));
    }
    if let Reason::Obstructed(_, other) = reason {
        let text = format!("the state's vessel {other:09} was close by when it stopped");
        lines.push(("alongside", 2.0, text));
    } else if let Some(other) = neighbour {
        let text = format!("vessel {:09} was {:.0} m away", other.mmsi, other.away_m);
        lines.push(("company", 0.0, text));
    }
    lines
}

/// Tells that a vessel turned back in a corridor.
pub(super) fn tell_turn(
    vessel: &Vessel,
    zone: Slug,
    during_s: (f64, f64),
    evidence: ObservationId,
    neighbour: &Neighbour,
    told: &mut Told,
) {
    let text = format!(
        "vessel {:09} was within {:.0} m of where it turned",
        neighbour.mmsi, neighbour.away_m
    );
    let weight = if neighbour.is_of_state { 3.0 } else { 0.5 };
    told.tell(Draft {
        kind: IncidentKind::Obstruction,
        behaviour: "forced_turn",
        during_s,
        position: vessel.last.position,
        sigma_m: vessel.last.sigma_m,
        track: Some(vessel.track),
        zone: Some(zone),
        evidence: vec![evidence, neighbour.observation, vessel.last.observation],
        lines: vec![
            (
                "turned",
                -1.0,
                "the vessel went back along the corridor; most that do have their own reasons"
                    .to_owned(),
            ),
            ("alongside", weight, text),
        ],
        attributes: vec![
            vessel.identity(),
            ("other", format!("mmsi:{:09}", neighbour.mmsi)),
        ],
        ended: true,
    });
}

/// The vessel to be reckoned with near a place: one of the state before any other, then the nearest.
pub(super) fn neighbour<'v>(
    vessels: impl Iterator<Item = &'v Vessel>,
    of: &Vessel,
    near: Position,
    at_s: f64,
    sea: &SeaSettings,
) -> Option<Neighbour> {
    const HEARD_S_MAX: f64 = 1_800.0;
    let close = vessels.filter_map(|other| {
        let north_m = (other.last.position.lat_deg - near.lat_deg).abs() * 111_000.0;
        let is_other = other.mmsi != of.mmsi && north_m <= sea.obstruction_m;
        if !is_other || (at_s - other.last.at_s).abs() > HEARD_S_MAX {
            return None;
        }
        let away_m = super::plane::apart_m(other.last.position, near);
        (away_m <= sea.obstruction_m).then_some(Neighbour {
            mmsi: other.mmsi,
            away_m,
            is_of_state: other.is_of_state(),
            observation: other.last.observation,
        })
    });
    close.min_by(|a, b| {
        let rank = |n: &Neighbour| (!n.is_of_state, n.away_m);
        let (a, b) = (rank(a), rank(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
}
