//! Meetings of two slow vessels at sea, and loitering.
//!
//! Definitions: a meeting is two vessels within 500 m of each other for two hours below two knots, at
//! least 10 km from a port or anchorage (Global Fishing Watch; Miller et al. 2018); loitering is
//! staying below two knots for eight hours at least 20 nautical miles from any shore (ibid.). Both
//! say what was seen; neither says why.

use std::collections::BTreeMap;

use truce_core::mission::SeaSettings;
use truce_core::{IncidentKind, ObservationId, Position, Slug};

use super::ground::Ground;
use super::plane::apart_m;
use super::vessel::Vessel;
use crate::tell::{Draft, Told};

/// Meetings followed at once.
const MEETINGS_MAX: usize = 50_000;
/// Not heard of for so long, seconds, a vessel meets nobody.
const HEARD_S_MAX: f64 = 3_600.0;
/// Vessels part when they are so much farther from each other than they may be.
const PART_SHARE: f64 = 1.3;

/// Two vessels near each other.
#[derive(Debug, Clone)]
struct Meeting {
    since_s: f64,
    nearest_m: f64,
    evidence: Vec<ObservationId>,
    at: Position,
    is_told: bool,
    told_s: f64,
}

/// All meetings that go on.
#[derive(Debug, Clone, Default)]
pub(super) struct Meetings {
    pairs: BTreeMap<(u32, u32), Meeting>,
}

impl Meetings {
    /// Looks for vessels that a slow vessel meets; those it meets.
    pub(super) fn begin<'v>(
        &mut self,
        vessel: &Vessel,
        others: impl Iterator<Item = &'v Vessel>,
        sea: &SeaSettings,
    ) -> Vec<u32> {
        let Some(slow) = &vessel.slow else {
            return Vec::new();
        };
        let mut met = Vec::new();
        for other in others {
            let Some(other_slow) = &other.slow else {
                continue;
            };
            let here = vessel.last.position;
            let north_m = (other.last.position.lat_deg - here.lat_deg).abs() * 111_000.0;
            let is_heard = (vessel.last.at_s - other.last.at_s).abs() <= HEARD_S_MAX;
            if other.mmsi == vessel.mmsi || north_m > sea.encounter_m || !is_heard {
                continue;
            }
            let away_m = apart_m(here, other.last.position);
            if away_m > sea.encounter_m || self.pairs.len() >= MEETINGS_MAX {
                continue;
            }
            let pair = ordered(vessel.mmsi, other.mmsi);
            self.pairs.entry(pair).or_insert_with(|| {
                met.push(other.mmsi);
                Meeting {
                    since_s: slow.since_s.max(other_slow.since_s),
                    nearest_m: away_m,
                    evidence: vec![vessel.last.observation, other.last.observation],
                    at: here,
                    is_told: false,
                    told_s: 0.0,
                }
            });
        }
        met
    }

    /// Follows a vessel's meetings with its newest fix; those with whom it no longer meets.
    pub(super) fn follow<'v>(
        &mut self,
        vessel: &'v Vessel,
        of: impl Fn(u32) -> Option<&'v Vessel>,
        is_ordinary: impl Fn(Position, u32, u32) -> bool,
        ground: &Ground,
        sea: &SeaSettings,
        told: &mut Told,
    ) -> Vec<u32> {
        let mine = |pair: &(u32, u32)| pair.0 == vessel.mmsi || pair.1 == vessel.mmsi;
        let pairs: Vec<(u32, u32)> = self
            .pairs
            .keys()
            .filter(|pair| mine(pair))
            .copied()
            .collect();
        let mut parted = Vec::new();
        for pair in pairs {
            let other = if pair.0 == vessel.mmsi {
                pair.1
            } else {
                pair.0
            };
            let Some((meeting, other)) = self.pairs.get_mut(&pair).zip(of(other)) else {
                continue;
            };
            let at_s = vessel.last.at_s;
            let away_m = apart_m(vessel.last.position, other.last.position);
            let goes_on = away_m <= PART_SHARE * sea.encounter_m
                && vessel.slow.is_some()
                && other.slow.is_some()
                && at_s - other.last.at_s <= HEARD_S_MAX;
            meeting.nearest_m = meeting.nearest_m.min(away_m);
            let last_two = [vessel.last.observation, other.last.observation];
            meeting.evidence.truncate(20);
            meeting.evidence.extend(last_two);
            let is_due = at_s - meeting.since_s >= sea.encounter_s
                && (!meeting.is_told || at_s - meeting.told_s >= 3_600.0 || !goes_on);
            if is_due && !is_ordinary(meeting.at, pair.0, pair.1) {
                meeting.is_told = true;
                meeting.told_s = at_s;
                told.tell(draft(vessel, other, meeting, at_s, !goes_on, ground));
            }
            if !goes_on {
                self.pairs.remove(&pair);
                parted.push(other.mmsi);
            }
        }
        parted
    }
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn draft(
    vessel: &Vessel,
    other: &Vessel,
    meeting: &Meeting,
    at_s: f64,
    ended: bool,
    ground: &Ground,
) -> Draft {
    let hours = (at_s - meeting.since_s) / 3_600.0;
    let mut lines = vec![
        (
            "near",
            1.5,
            format!(
                "two vessels stayed near each other for {hours:.1} h, {:.0} m at the nearest",
                meeting.nearest_m
            ),
        ),
        (
            "apart",
            1.5,
            "far from ports and from where others usually stop".to_owned(),
        ),
    ];
    if vessel.is_at_work() || other.is_at_work() {
        let text = "one of them is by its type a fishing or service vessel".to_owned();
        lines.push(("type", -2.0, text));
    }
    let corridor = ground.standing(meeting.at).corridor;
    Draft {
        kind: IncidentKind::Encounter,
        behaviour: "encounter",
        during_s: (meeting.since_s, at_s),
        position: meeting.at,
        sigma_m: vessel.last.sigma_m.max(meeting.nearest_m / 2.0),
        track: Some(vessel.track),
        zone: corridor.map(|number| ground.area(number).id.clone()),
        evidence: meeting.evidence.clone(),
        lines,
        attributes: vec![
            vessel.identity(),
            ("other", format!("mmsi:{:09}", other.mmsi)),
            ("nearest_m", format!("{:.0}", meeting.nearest_m)),
        ],
        ended,
    }
}

/// Tells that a vessel loiters, when it does.
pub(super) fn tell_loitering(vessel: &Vessel, zone: Option<Slug>, told: &mut Told) {
    let Some(slow) = &vessel.slow else {
        return;
    };
    let mut lines = vec![
        (
            "slow",
            1.5,
            format!(
                "the vessel stayed below two knots for {:.1} h",
                (vessel.last.at_s - slow.since_s) / 3_600.0
            ),
        ),
        (
            "offshore",
            1.5,
            "at least 20 nautical miles from any shore".to_owned(),
        ),
    ];
    if vessel.is_at_work() {
        let text = "by its type it may lie there for its work".to_owned();
        lines.push(("type", -4.0, text));
    }
    told.tell(Draft {
        kind: IncidentKind::Loitering,
        behaviour: "loitering",
        during_s: (slow.since_s, vessel.last.at_s),
        position: slow.at,
        sigma_m: apart_m(slow.at, vessel.last.position).max(vessel.last.sigma_m),
        track: Some(vessel.track),
        zone,
        evidence: slow.evidence.clone(),
        lines,
        attributes: vec![vessel.identity()],
        ended: false,
    });
}
