//! False positions: jumps, one identity at two places, circles, places on land, and areas where many
//! vessels have them at once.

use std::collections::{BTreeMap, VecDeque};

use truce_core::mission::SeaSettings;
use truce_core::{IncidentId, IncidentKind, ObservationId, Position, Slug};

use super::circle::Circle;
use super::land::Water;
use super::pending::Fix;
use super::plane::{apart_m, moved, step_m};
use super::vessel::{Away, Other, Vessel, is_reachable};
use crate::tell::{Draft, Line, Told};

/// False positions remembered for finding areas of interference.
const REMEMBERED_MAX: usize = 4_096;
/// An area goes on while new false positions come within this time, seconds.
const GOES_ON_S: f64 = 3_600.0;

/// Tells that a vessel jumped away, or that it is back from where it had jumped. Gives the place it
/// was at in truth, as far as known, when the jump is news.
pub(super) fn jump(
    vessel: &mut Vessel,
    other: &Other,
    water: Water,
    zone: Option<Slug>,
    sea: &SeaSettings,
    told: &mut Told,
) -> Option<(Fix, Vec<ObservationId>)> {
    if let Some(away) = vessel.away.take() {
        let is_back = is_reachable(&away.from, &other.first, sea);
        let mut evidence = away.evidence.clone();
        evidence.extend(&other.evidence);
        let still = Away { evidence, ..away };
        tell_jump(vessel, &still, other.first.at_s, is_back, water, zone, told);
        if !is_back {
            vessel.away = Some(still);
        }
        return None;
    }
    let away = Away {
        from: vessel.last,
        evidence: other.evidence.clone(),
        to: other.first,
    };
    tell_jump(vessel, &away, other.last.at_s, false, water, zone, told);
    vessel.away = Some(away.clone());
    Some((away.from, away.evidence))
}

fn tell_jump(
    vessel: &Vessel,
    away: &Away,
    at_s: f64,
    ended: bool,
    water: Water,
    zone: Option<Slug>,
    told: &mut Told,
) {
    let (from, to) = (&away.from, &away.to);
    let step_m = apart_m(from.position, to.position);
    let dt_s = (to.at_s - from.at_s).max(1.0);
    let mut lines: Vec<Line> = vec![(
        "jump",
        2.5,
        format!(
            "the position moved {:.1} km in {dt_s:.0} s and stayed there; that is {:.0} m/s",
            step_m / 1e3,
            step_m / dt_s
        ),
    )];
    if water == Water::Inland {
        let text = "it went to more than 1 km behind the coast".to_owned();
        lines.push(("inland", 3.0, text));
    }
    let behaviour = if water == Water::Inland {
        "on_land"
    } else {
        "jump"
    };
    told.tell(Draft {
        kind: IncidentKind::PositionAnomaly,
        behaviour,
        during_s: (from.at_s, at_s.max(from.at_s)),
        // The vessel was where it was last believed.
        position: from.position,
        sigma_m: from
            .sigma_m
            .max(vessel.speed_m_s * (at_s - from.at_s).abs() / 2.0),
        track: Some(vessel.track),
        zone,
        evidence: away.evidence.clone(),
        lines,
        attributes: vec![
            vessel.identity(),
            ("stated_lat_deg", format!("{:.5}", to.position.lat_deg)),
            ("stated_lon_deg", format!("{:.5}", to.position.lon_deg)),
        ],
        ended,
    });
}

/// Tells that one identity is heard from two places in turns.
pub(super) fn tell_two_places(vessel: &Vessel, other: &Other, zone: Option<Slug>, told: &mut Told) {
    let away_m = apart_m(other.last.position, vessel.last.position);
    told.tell(Draft {
        kind: IncidentKind::PositionAnomaly,
        behaviour: "two_places",
        during_s: (other.first.at_s, other.last.at_s.max(vessel.last.at_s)),
        position: vessel.last.position,
        sigma_m: away_m / 2.0,
        track: Some(vessel.track),
        zone,
        evidence: other.evidence.clone(),
        lines: vec![(
            "two_places",
            4.0,
            format!(
                "the identity is heard in turns from two places {:.0} km from each other, each \
                 moving as a vessel can",
                away_m / 1e3
            ),
        )],
        attributes: vec![vessel.identity()],
        ended: false,
    });
}

/// Tells a circle, when it is none that a vessel sails. Gives its name when it was told.
pub(super) fn tell_circle(
    vessel: &Vessel,
    circle: &Circle,
    water: Water,
    zone: Option<Slug>,
    told: &mut Told,
) -> Option<IncidentId> {
    let mut lines: Vec<Line> = vec![
        (
            "prior",
            -2.0,
            "vessels do go round: searching, waiting, trying their rudder".to_owned(),
        ),
        (
            "circle",
            libm::log(sharpness(circle)),
            format!(
                "{} fixes lie on a circle of {:.0} m to {:.1} % of its radius, {:.1} times round",
                circle.evidence.len(),
                circle.radius_m,
                circle.residual * 100.0,
                circle.turns
            ),
        ),
    ];
    if let Some(away) = &vessel.away {
        let text = format!(
            "the vessel had jumped there at {}",
            super::plane::instant(away.to.at_s)
        );
        lines.push(("jumped", 4.0, text));
    }
    if water == Water::Inland {
        let text = "the circle lies more than 1 km behind the coast".to_owned();
        lines.push(("inland", 4.0, text));
    }
    if vessel.is_at_work() {
        lines.push((
            "type",
            -1.5,
            "vessels of its type often go round".to_owned(),
        ));
    }
    told.tell(Draft {
        kind: IncidentKind::PositionAnomaly,
        behaviour: "circle",
        during_s: circle.during_s,
        position: vessel
            .away
            .as_ref()
            .map_or(circle.middle, |away| away.from.position),
        sigma_m: circle.radius_m,
        track: Some(vessel.track),
        zone,
        evidence: circle.evidence.clone(),
        lines,
        attributes: vec![
            vessel.identity(),
            ("radius_m", format!("{:.0}", circle.radius_m)),
            ("residual", format!("{:.3}", circle.residual)),
        ],
        ended: false,
    })
}

/// How much better a circle fits what a disturbed receiver shows than what a rudder does: vessels
/// keep a circle to some percent for a turn or so, disturbed receivers exactly and for long (own
/// estimate).
fn sharpness(circle: &Circle) -> f64 {
    let exact = (0.05 / circle.residual.max(0.005)).min(5.0);
    exact.max(0.5) * circle.turns.min(4.0)
}

/// A vessel whose position is false.
#[derive(Debug, Clone)]
struct False {
    mmsi: u32,
    at_s: f64,
    place: Position,
    evidence: Vec<ObservationId>,
}

/// An area where vessels have false positions.
#[derive(Debug, Clone)]
pub(super) struct Disturbed {
    pub(super) since_s: f64,
    pub(super) until_s: f64,
    pub(super) middle: Position,
    pub(super) radius_m: f64,
    pub(super) vessels: BTreeMap<u32, Position>,
    evidence: Vec<ObservationId>,
    pub(super) id: Option<IncidentId>,
}

/// False positions in time and space.
#[derive(Debug, Clone, Default)]
pub(super) struct Interference {
    recent: VecDeque<False>,
    pub(super) areas: Vec<Disturbed>,
}

impl Interference {
    /// A vessel at a place has a false position from an instant on.
    pub(super) fn note(
        &mut self,
        mmsi: u32,
        at_s: f64,
        place: Position,
        evidence: Vec<ObservationId>,
        sea: &SeaSettings,
        told: &mut Told,
    ) {
        if self.recent.len() >= REMEMBERED_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(False {
            mmsi,
            at_s,
            place,
            evidence,
        });
        let oldest_s = at_s - sea.interference_s;
        self.recent.retain(|one| one.at_s >= oldest_s);
        let near: Vec<&False> = self
            .recent
            .iter()
            .filter(|one| apart_m(one.place, place) <= sea.interference_m)
            .collect();
        let vessels: BTreeMap<u32, Position> =
            near.iter().map(|one| (one.mmsi, one.place)).collect();
        let evidence: Vec<ObservationId> = near
            .iter()
            .flat_map(|one| one.evidence.iter().copied())
            .collect();
        let joins = |area: &&mut Disturbed| {
            at_s - area.until_s <= GOES_ON_S
                && apart_m(area.middle, place) <= area.radius_m + sea.interference_m
        };
        let first_s = near.iter().map(|one| one.at_s).fold(at_s, f64::min);
        let area = match self.areas.iter_mut().find(joins) {
            Some(area) => area,
            None if vessels.len() >= sea.interference_vessels as usize => {
                self.areas.push(Disturbed {
                    since_s: first_s,
                    until_s: at_s,
                    middle: place,
                    radius_m: 0.0,
                    vessels: BTreeMap::new(),
                    evidence: Vec::new(),
                    id: None,
                });
                self.areas.last_mut().expect("it was just pushed")
            }
            None => return,
        };
        area.until_s = area.until_s.max(at_s);
        area.vessels.extend(vessels);
        area.evidence.extend(evidence);
        area.measure();
        area.id = told.tell(area.draft());
    }

    /// Lets go of areas that ended long ago.
    pub(super) fn sweep(&mut self, at_s: f64) {
        self.areas.retain(|area| at_s - area.until_s < 86_400.0);
    }
}

impl Disturbed {
    fn measure(&mut self) {
        let Some(origin) = self.vessels.values().next().copied() else {
            return;
        };
        let n = self.vessels.len() as f64;
        let steps = self.vessels.values().map(|place| step_m(origin, *place));
        let (x, y) = steps.fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / n, sy + y / n));
        self.middle = moved(origin, (x, y));
        let away = self
            .vessels
            .values()
            .map(|place| apart_m(self.middle, *place));
        self.radius_m = away.fold(1_000.0, f64::max);
    }

    fn draft(&self) -> Draft {
        let n = self.vessels.len();
        Draft {
            kind: IncidentKind::GnssInterference,
            behaviour: "interference",
            during_s: (self.since_s, self.until_s),
            position: self.middle,
            sigma_m: self.radius_m,
            track: None,
            zone: None,
            evidence: self.evidence.clone(),
            lines: vec![
                (
                    "prior",
                    -3.0,
                    "single vessels have false positions every day".to_owned(),
                ),
                (
                    "at_once",
                    2.0 * n as f64,
                    format!(
                        "{n} vessels within {:.0} km had false positions at about the same time",
                        self.radius_m / 1e3
                    ),
                ),
            ],
            attributes: vec![("count", n.to_string())],
            ended: false,
        }
    }
}
