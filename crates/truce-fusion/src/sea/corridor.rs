//! Sailing in a corridor: transits and their times, leaving it by its side, turning back in it.
//!
//! A vessel is on passage when it came into a corridor by an end, from a port or from another
//! corridor, or was in it when first heard, and has gone some way along it. One that came in by a
//! side crosses or joins, and is let be. It may leave by an end ([`truce_core::way::Ends`]), on the
//! approach to a port, into a port or into another corridor. One that left by a side and made straight
//! for such a place took a shorter way there: what was told of it meanwhile is withdrawn.

use std::collections::VecDeque;

use truce_core::mission::SeaSettings;
use truce_core::way::Path;
use truce_core::{IncidentKind, ObservationId, Position};

use super::ground::Ground;
use super::pending::Fix;
use super::vessel::Vessel;
use crate::tell::{Draft, Told};

/// Going so far along a corridor, metres, is following it. Two corridor widths of six miles.
const FOLLOWED_M: f64 = 10_000.0;
/// The place along a corridor is looked up so often, seconds.
const LOOK_S: f64 = 120.0;
/// Having gone so far back along a corridor a vessel has turned, metres.
const TURNED_M: f64 = 3_000.0;
/// From one end to the other: so much of the corridor's length.
const TRANSIT_SHARE: f64 = 0.8;
/// Outside for so long, seconds, a vessel sails elsewhere and its deviation is over.
const ELSEWHERE_S: f64 = 6.0 * 3_600.0;
/// What the type of a vessel that works at sea weighs: more than all that speaks for a deviation, so
/// that none is told, and one told before the type was heard is withdrawn.
const WORKS: f64 = -8.0;
/// A way that is no longer than the straight one by more than this factor is a straight one.
const STRAIGHT: f64 = 1.1;
/// What it weighs that a vessel made straight for where it may go: more than all that speaks for a
/// deviation.
const MADE_FOR: f64 = -8.0;
/// Transits that make the normal.
const TRANSITS_KEPT: usize = 200;
/// Observations kept of a sailing outside.
const EVIDENCE_MAX: usize = 24;

/// A vessel that sails in a corridor, or has just left it.
#[derive(Debug, Clone)]
pub(super) struct Sailing {
    pub(super) corridor: u16,
    entered_s: f64,
    entered_m: f64,
    /// True when it came in by a side.
    by_side: bool,
    /// How far it followed the corridors before, metres.
    before_m: f64,
    /// Where along the corridor it was last looked up, and when, seconds.
    along_m: f64,
    looked_s: f64,
    /// The farthest it came in its direction; positive is towards the corridor's end.
    farthest_m: f64,
    farthest: ObservationId,
    farthest_s: f64,
    outside: Option<Outside>,
    pub(super) has_turned: bool,
}

/// Outside the corridor after following it.
#[derive(Debug, Clone)]
struct Outside {
    since_s: f64,
    /// Where it was last inside, and how far it went since, metres.
    left: Position,
    went_m: f64,
    most_m: f64,
    evidence: Vec<ObservationId>,
    last: Fix,
    is_told: bool,
}

/// How a sailing outside ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    /// In the corridor again, at this time.
    Back { at_s: f64 },
    /// Straight to a port, an approach or another corridor.
    MadeFor,
    /// In another way, or by sailing on for long.
    Elsewhere,
}

/// Transits of a corridor in one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Direction {
    /// When each ended and how long it took, seconds; the newest last.
    pub(super) transits: VecDeque<(f64, f64)>,
    pub(super) count: u64,
}

/// Traffic of a corridor: towards its end, and towards its beginning.
#[derive(Debug, Clone, Default)]
pub(super) struct Traffic {
    pub(super) directions: [Direction; 2],
}

/// What following a corridor showed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    None,
    /// It turned back at this time, having come so far.
    Back {
        at_s: f64,
        evidence: ObservationId,
    },
}

/// Follows a vessel with regard to corridors.
pub(super) fn follow(
    vessel: &mut Vessel,
    fix: &Fix,
    ground: &Ground,
    sea: &SeaSettings,
    traffic: &mut [Traffic],
    told: &mut Told,
) -> Turn {
    let inside = vessel.standing.corridor;
    let Some(sailing) = &mut vessel.sailing else {
        if let Some(corridor) = inside {
            let by_side = came_by_side(vessel, fix, corridor, ground, sea);
            vessel.sailing = Some(Sailing::enter(corridor, fix, ground, by_side, 0.0));
        }
        return Turn::None;
    };
    if inside == Some(sailing.corridor) {
        let corridor = sailing.corridor;
        if let Some(outside) = sailing.outside.take() {
            if outside.is_told {
                let end = End::Back { at_s: fix.at_s };
                tell(vessel, corridor, &outside, Some(end), ground, told);
            }
            return Turn::None;
        }
        if fix.at_s - sailing.looked_s >= LOOK_S {
            let along_m = ground.area(sailing.corridor).along_m(fix.position);
            return sailing.look(along_m, fix);
        }
        return Turn::None;
    }
    let area = ground.area(sailing.corridor);
    let is_elsewhere = inside.is_some()
        || vessel.standing.port.is_some()
        || area.is_at_end(fix.position, sea.deviation_m);
    if sailing.outside.is_none() {
        // Whoever was silent for long may have left as one may.
        let is_seen = fix.at_s - vessel.last.at_s <= sea.gap_s;
        if is_elsewhere || !is_seen || !sailing.is_passage(area.along_m(fix.position)) {
            leave(vessel, fix, ground, traffic);
            return Turn::None;
        }
    }
    stay_outside(vessel, fix, is_elsewhere, ground, sea, told);
    Turn::None
}

impl Sailing {
    fn enter(corridor: u16, fix: &Fix, ground: &Ground, by_side: bool, before_m: f64) -> Self {
        let along_m = ground.area(corridor).along_m(fix.position);
        Self {
            corridor,
            entered_s: fix.at_s,
            entered_m: along_m,
            by_side,
            before_m,
            along_m,
            looked_s: fix.at_s,
            farthest_m: along_m,
            farthest: fix.observation,
            farthest_s: fix.at_s,
            outside: None,
            has_turned: false,
        }
    }

    fn look(&mut self, along_m: f64, fix: &Fix) -> Turn {
        self.along_m = along_m;
        self.looked_s = fix.at_s;
        let onward = (self.farthest_m - self.entered_m).signum();
        if (along_m - self.entered_m).abs() >= (self.farthest_m - self.entered_m).abs()
            && (along_m - self.farthest_m) * onward >= 0.0
        {
            (self.farthest_m, self.farthest) = (along_m, fix.observation);
            self.farthest_s = fix.at_s;
            return Turn::None;
        }
        let went_m = (self.farthest_m - self.entered_m).abs();
        let back_m = (self.farthest_m - along_m).abs();
        if went_m >= FOLLOWED_M && back_m >= TURNED_M && !self.has_turned {
            self.has_turned = true;
            return Turn::Back {
                at_s: self.farthest_s,
                evidence: self.farthest,
            };
        }
        Turn::None
    }

    /// How far it has followed corridors when it is so far along this one, metres.
    fn followed_m(&self, along_m: f64) -> f64 {
        self.before_m + (along_m - self.entered_m).abs()
    }

    fn is_passage(&self, along_m: f64) -> bool {
        !self.by_side && self.followed_m(along_m) >= FOLLOWED_M
    }
}

/// True for a vessel that came into a corridor by its side: it was heard outside before, and neither
/// beyond an end, nor on an approach, nor in a port.
fn came_by_side(
    vessel: &Vessel,
    fix: &Fix,
    corridor: u16,
    ground: &Ground,
    sea: &SeaSettings,
) -> bool {
    let (area, from) = (ground.area(corridor), vessel.last.position);
    let was_seen = fix.at_s - vessel.last.at_s <= sea.gap_s;
    was_seen
        && area.beyond_m(from) > 0.0
        && ground.standing(from).port.is_none()
        && !area.is_at_end(from, sea.deviation_m)
}

/// Leaves a corridor as one may; counts a transit from end to end.
fn leave(vessel: &mut Vessel, fix: &Fix, ground: &Ground, traffic: &mut [Traffic]) {
    let Some(sailing) = vessel.sailing.take() else {
        return;
    };
    let area = ground.area(sailing.corridor);
    let length_m = area.way().map_or(f64::INFINITY, Path::length_m);
    let along_m = area.along_m(fix.position);
    let went_m = along_m - sailing.entered_m;
    if went_m.abs() >= TRANSIT_SHARE * length_m
        && let Some(traffic) = traffic.get_mut(usize::from(sailing.corridor))
    {
        let direction = &mut traffic.directions[usize::from(went_m < 0.0)];
        direction.count += 1;
        if direction.transits.len() >= TRANSITS_KEPT {
            direction.transits.pop_front();
        }
        let took_s = fix.at_s - sailing.entered_s;
        direction.transits.push_back((fix.at_s, took_s));
    }
    if let Some(corridor) = vessel.standing.corridor {
        let (by_side, before_m) = (sailing.by_side, sailing.followed_m(along_m));
        let next = Sailing::enter(corridor, fix, ground, by_side, before_m);
        vessel.sailing = Some(next);
    }
}

/// Follows a vessel beside its corridor.
fn stay_outside(
    vessel: &mut Vessel,
    fix: &Fix,
    is_elsewhere: bool,
    ground: &Ground,
    sea: &SeaSettings,
    told: &mut Told,
) {
    let inside = vessel.last;
    let Some(sailing) = &mut vessel.sailing else {
        return;
    };
    let corridor = sailing.corridor;
    let outside = sailing
        .outside
        .get_or_insert_with(|| Outside::new(&inside, fix));
    let lasted_s = fix.at_s - outside.since_s;
    if is_elsewhere || lasted_s > ELSEWHERE_S {
        let outside = outside.clone();
        vessel.sailing = None;
        let end = if is_elsewhere && outside.is_straight_to(fix) {
            End::MadeFor
        } else {
            End::Elsewhere
        };
        if outside.is_told {
            tell(vessel, corridor, &outside, Some(end), ground, told);
        }
        return;
    }
    if fix.at_s - outside.last.at_s < LOOK_S && outside.is_told {
        return;
    }
    let beyond_m = ground.area(corridor).beyond_m(fix.position);
    outside.most_m = outside.most_m.max(beyond_m);
    outside.went_m += outside.last.position.distance_m(fix.position);
    outside.last = *fix;
    if outside.evidence.len() < EVIDENCE_MAX {
        outside.evidence.push(fix.observation);
    }
    let is_far = outside.most_m >= sea.deviation_m;
    if is_far && lasted_s >= sea.deviation_s && !outside.is_told {
        outside.is_told = true;
        let outside = outside.clone();
        tell(vessel, corridor, &outside, None, ground, told);
    }
}

impl Outside {
    fn new(inside: &Fix, fix: &Fix) -> Self {
        Self {
            since_s: fix.at_s,
            left: inside.position,
            went_m: 0.0,
            most_m: 0.0,
            evidence: vec![inside.observation],
            last: *inside,
            is_told: false,
        }
    }

    /// True when it went straight from the corridor to here.
    fn is_straight_to(&self, fix: &Fix) -> bool {
        let went_m = self.went_m + self.last.position.distance_m(fix.position);
        went_m <= STRAIGHT * self.left.distance_m(fix.position)
    }
}

fn tell(
    vessel: &Vessel,
    corridor: u16,
    outside: &Outside,
    end: Option<End>,
    ground: &Ground,
    told: &mut Told,
) {
    let area = ground.area(corridor);
    if area.is_agreed {
        return;
    }
    let mut lines = vec![
        (
            "followed",
            2.0,
            format!("the vessel followed {} before", area.name),
        ),
        (
            "beside",
            2.0,
            format!("it was up to {:.1} km beside it", outside.most_m / 1e3),
        ),
    ];
    if vessel.is_at_work() || vessel.is_of_state() {
        let text = "by its type it works at sea and need not keep to a corridor".to_owned();
        lines.push(("type", WORKS, text));
    }
    if end == Some(End::MadeFor) {
        let text = "it made straight for a place where vessels may go".to_owned();
        lines.push(("made-for", MADE_FOR, text));
    }
    let end_s = match end {
        Some(End::Back { at_s }) => at_s,
        _ => outside.last.at_s,
    };
    told.tell(Draft {
        kind: IncidentKind::CorridorDeviation,
        behaviour: "deviation",
        during_s: (outside.since_s, end_s),
        position: outside.last.position,
        sigma_m: outside.last.sigma_m,
        track: Some(vessel.track),
        zone: Some(area.id.clone()),
        evidence: outside.evidence.clone(),
        lines,
        attributes: vec![
            vessel.identity(),
            ("beside_m", format!("{:.0}", outside.most_m)),
        ],
        ended: end.is_some(),
    });
}

/// The median of durations, seconds; `None` of nothing.
pub(super) fn median_s(durations: impl Iterator<Item = f64>) -> Option<f64> {
    let mut all: Vec<f64> = durations.collect();
    let middle = all.len() / 2;
    if all.is_empty() {
        return None;
    }
    let (_, median, _) = all.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}
