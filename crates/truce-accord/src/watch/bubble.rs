//! The bubble that moves with a vessel in a corridor: who came too close, when and how near.
//!
//! Two tracks rarely have fixes at the same instant, so each is taken to move straight and evenly
//! between two fixes, and the closest approach of every common stretch is computed exactly on the
//! local plane. A stretch with a silence in it says nothing. Distances are horizontal: an aircraft is
//! within a bubble at any height. Everything follows from the fixes kept within the horizon, so it
//! does not hang on their order of arrival.

use std::collections::VecDeque;

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Frame, ObjectKind, ObservationId, Position, Slug, Timestamp};

use super::fence::{Fence, Guard, Who};
use super::stay::{End, Fix};
use super::step::Ground;

/// Seconds between two reports of an approach that goes on.
const REPORT_EVERY_S: f64 = 3_600.0;

/// Metres of a degree of latitude where it is shortest, at the equator of WGS 84.
const LATITUDE_M_MIN: f64 = 110_574.0;
/// By so much more than a bubble's radius, metres, latitudes must differ to be told apart by them
/// alone: a straight way on the local plane does not bend by more in the times between two fixes.
const LATITUDE_SLACK_M: f64 = 2_000.0;

/// Kinds of objects that a bubble keeps away. Merchant vessels pass each other in a corridor.
pub(super) const INTRUDERS: [ObjectKind; 3] =
    [ObjectKind::Warship, ObjectKind::Aircraft, ObjectKind::Uav];

/// A stay of an intruder inside a vessel's bubble.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Approach {
    pub(super) zone: Slug,
    /// When it came inside.
    pub(super) from: Timestamp,
    /// Until when it was inside, as of the last report.
    pub(super) until: Timestamp,
    /// The intruder's and the vessel's fixes at the end of the first stretch; the first founds it.
    pub(super) founders: [ObservationId; 2],
    /// The closest approach as of the last report.
    pub(super) closest: Closest,
    pub(super) bubble_m: f64,
    pub(super) end: Option<End>,
    latest: Timestamp,
    nearest: Closest,
    silence_s: f64,
}

/// How near two objects came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Closest {
    pub(super) separation_m: f64,
    /// One standard deviation of the separation, metres.
    pub(super) sigma_m: f64,
    /// Where the vessel was.
    pub(super) vessel: Position,
    /// The fixes that it rests on: the intruder's and the vessel's.
    pub(super) evidence: [ObservationId; 2],
}

/// Two straight and even ways during the same time.
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    vessel: [Position; 2],
    /// From the vessel to the intruder at both ends, metres east and north.
    between_m: [[f64; 2]; 2],
    sigma_m: f64,
    evidence: [ObservationId; 2],
}

impl Stretch {
    /// The stretch between two instants; `None` when an object was silent in between.
    fn between(
        vessel: &VecDeque<Fix>,
        intruder: &VecDeque<Fix>,
        [from, to]: [Timestamp; 2],
        silence_s: f64,
    ) -> Option<Self> {
        let [a, b] = around(vessel, from, to, silence_s)?;
        let [c, d] = around(intruder, from, to, silence_s)?;
        let own = [position_at(a, b, from), position_at(a, b, to)];
        let other = [position_at(c, d, from), position_at(c, d, to)];
        let apart = |i: usize| {
            let (x, y) = Frame::at(own[i]).to_xy_m(other[i]);
            [x, y]
        };
        let sigma = |p: &Fix, q: &Fix| {
            let (p, q) = (p.place.uncertainty, q.place.uncertainty);
            p.semi_major_m.max(q.semi_major_m)
        };
        let (s, t) = (sigma(a, b), sigma(c, d));
        Some(Self {
            from,
            to,
            between_m: [apart(0), apart(1)],
            vessel: own,
            sigma_m: (s * s + t * t).sqrt(),
            evidence: [d.observation, b.observation],
        })
    }

    fn way_m(&self) -> [f64; 2] {
        let [a, b] = self.between_m;
        [b[0] - a[0], b[1] - a[1]]
    }

    /// The closest approach, and at which share of the stretch it is reached.
    fn closest(&self) -> (Closest, f64) {
        let ([x, y], [dx, dy]) = (self.between_m[0], self.way_m());
        let length2 = dx * dx + dy * dy;
        let share = if length2 > 0.0 {
            (-(x * dx + y * dy) / length2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (x + share * dx, y + share * dy);
        let closest = Closest {
            separation_m: (x * x + y * y).sqrt(),
            sigma_m: self.sigma_m,
            vessel: part_way(self.vessel[0], self.vessel[1], share),
            evidence: self.evidence,
        };
        (closest, share)
    }

    /// From when to when the two were nearer than a distance, when they were at all.
    fn within(&self, distance_m: f64) -> Option<[Timestamp; 2]> {
        let ([x, y], [dx, dy]) = (self.between_m[0], self.way_m());
        let (a, b) = (dx * dx + dy * dy, x * dx + y * dy);
        let c = x * x + y * y - distance_m * distance_m;
        if a == 0.0 {
            return (c < 0.0).then_some([self.from, self.to]);
        }
        let root = b * b - a * c;
        if root <= 0.0 {
            return None;
        }
        let shares = [(-b - root.sqrt()) / a, (-b + root.sqrt()) / a];
        if shares[1] <= 0.0 || shares[0] >= 1.0 {
            return None;
        }
        let length_s = seconds_between(self.from, self.to);
        Some(shares.map(|share| plus_seconds(self.from, share.clamp(0.0, 1.0) * length_s)))
    }
}

/// The two fixes around a stretch; `None` outside the track or within a silence.
fn around(
    fixes: &VecDeque<Fix>,
    from: Timestamp,
    to: Timestamp,
    silence_s: f64,
) -> Option<[&Fix; 2]> {
    let after = fixes.partition_point(|fix| fix.at < to);
    let b = fixes.get(after)?;
    let a = fixes.get(after.checked_sub(1)?)?;
    let spans = a.at <= from && seconds_between(a.at, b.at) <= silence_s;
    spans.then_some([a, b])
}

fn position_at(a: &Fix, b: &Fix, at: Timestamp) -> Position {
    let length_s = seconds_between(a.at, b.at);
    let share = if length_s > 0.0 {
        seconds_between(a.at, at) / length_s
    } else {
        0.0
    };
    part_way(a.place.position, b.place.position, share)
}

/// A share of the straight way between two positions, the short way round.
fn part_way(a: Position, b: Position, share: f64) -> Position {
    let (dx, dy) = Frame::at(a).to_xy_m(b);
    Frame::at(a).to_position(dx * share, dy * share)
}

impl Ground {
    /// True when an object of a kind can be kept away by some bubble.
    pub(super) fn keeps_away(&self, kind: ObjectKind) -> bool {
        !self.bubbles.is_empty() && INTRUDERS.contains(&kind)
    }

    /// True when a position is in a corridor whose vessels have bubbles.
    pub(super) fn has_bubble(&self, position: Position) -> bool {
        let mut zones = self.bubbles.iter().map(|fence| &fence.zone);
        zones.any(|zone| self.zones.contains(zone, position))
    }

    /// True when the latitudes of two tracks alone show that no bubble ever held both: so it is for
    /// most, as one is at sea and the other over land.
    pub(super) fn are_apart(&self, one: Latitudes, other: Latitudes) -> bool {
        let guards = self.bubbles.iter().flat_map(|fence| &fence.guards);
        let radius_m = guards.map(|guard| guard.limit).fold(0.0, f64::max);
        let gap_deg = (one.south_deg - other.north_deg).max(other.south_deg - one.north_deg);
        gap_deg * LATITUDE_M_MIN > radius_m + LATITUDE_SLACK_M
    }

    /// Every approach of an intruder to a vessel, from an instant on. `known` are those found
    /// before: one that began earlier than the first common fix goes on.
    pub(super) fn approaches(
        &self,
        [vessel, intruder]: [&VecDeque<Fix>; 2],
        who: &Who,
        from: Timestamp,
        known: &[Approach],
    ) -> Vec<Approach> {
        let instants = common_instants(vessel, intruder, from);
        let Some(first) = instants.first() else {
            return known.to_vec();
        };
        let mut found = Vec::new();
        for fence in &self.bubbles {
            let same = |old: &&Approach| old.zone == fence.zone && old.goes_on_at(*first);
            let mut open = known.iter().find(same).cloned().map(Approach::reopened);
            for pair in instants.windows(2) {
                let [from, to] = [pair[0], pair[1]];
                let guard = fence.guard(who, to);
                let silence_s = guard.map_or(0.0, |guard| guard.thresholds.silence_s);
                let stretch = Stretch::between(vessel, intruder, [from, to], silence_s);
                match (guard, stretch) {
                    (Some(guard), Some(stretch)) => {
                        found.extend(self.approach(fence, guard, &stretch, &mut open));
                    }
                    (guard, _) => {
                        let end = guard.map_or(End::Lapsed, |_| End::Silent);
                        found.extend(open.take().map(|approach| approach.closed(end)));
                    }
                }
            }
            found.extend(open);
        }
        found
    }

    /// One stretch of time: opens, goes on with or ends an approach. Gives it when it ended.
    fn approach(
        &self,
        fence: &Fence,
        guard: &Guard,
        stretch: &Stretch,
        open: &mut Option<Approach>,
    ) -> Option<Approach> {
        let (closest, _) = stretch.closest();
        let band_m = guard.thresholds.border_sigmas * stretch.sigma_m;
        let inside = stretch.within(guard.limit);
        let in_corridor = self.zones.contains(&fence.zone, closest.vessel);
        let is_clear = closest.separation_m + band_m < guard.limit;
        let keep_m = guard.limit + band_m.max(guard.thresholds.hysteresis_m);
        match (open.as_mut(), inside) {
            (None, Some(within)) if in_corridor && is_clear => {
                *open = Some(Approach::begin(fence, guard, closest, within));
                None
            }
            (Some(approach), _) if in_corridor && stretch.within(keep_m).is_some() => {
                approach.go_on(closest, inside.map_or(stretch.from, |[_, until]| until));
                None
            }
            _ => open.take().map(|approach| approach.closed(End::Left)),
        }
    }
}

/// Latitudes between which all fixes of a track lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latitudes {
    south_deg: f64,
    north_deg: f64,
}

impl Latitudes {
    pub(super) fn of(fixes: &VecDeque<Fix>) -> Self {
        let mut latitudes = Self {
            south_deg: f64::INFINITY,
            north_deg: f64::NEG_INFINITY,
        };
        latitudes.extend(fixes.iter());
        latitudes
    }

    pub(super) fn extend<'f>(&mut self, fixes: impl Iterator<Item = &'f Fix>) {
        for fix in fixes {
            let at_deg = fix.place.position.lat_deg;
            self.south_deg = self.south_deg.min(at_deg);
            self.north_deg = self.north_deg.max(at_deg);
        }
    }
}

/// The instants of either track's fixes that both tracks span.
fn common_instants(
    vessel: &VecDeque<Fix>,
    intruder: &VecDeque<Fix>,
    from: Timestamp,
) -> Vec<Timestamp> {
    let ends = |fixes: &VecDeque<Fix>| Some((fixes.front()?.at, fixes.back()?.at));
    let (Some(a), Some(b)) = (ends(vessel), ends(intruder)) else {
        return Vec::new();
    };
    let (start, end) = (a.0.max(b.0).max(from), a.1.min(b.1));
    let mut instants: Vec<Timestamp> = [vessel, intruder]
        .into_iter()
        .flat_map(|fixes| {
            let first = fixes.partition_point(|fix| fix.at < start);
            fixes.range(first..).map(|fix| fix.at)
        })
        .filter(|at| *at <= end)
        .collect();
    instants.extend((start <= end).then_some(start));
    instants.sort_unstable();
    instants.dedup();
    instants
}

impl Approach {
    fn begin(fence: &Fence, guard: &Guard, closest: Closest, within: [Timestamp; 2]) -> Self {
        let [from, until] = within;
        Self {
            zone: fence.zone.clone(),
            from,
            until,
            founders: closest.evidence,
            closest,
            bubble_m: guard.limit,
            end: None,
            latest: until,
            nearest: closest,
            silence_s: guard.thresholds.silence_s,
        }
    }

    fn go_on(&mut self, closest: Closest, until: Timestamp) {
        let reports = |at: Timestamp| (seconds_between(self.from, at) / REPORT_EVERY_S).floor();
        let is_due = reports(until) > reports(self.latest);
        self.latest = self.latest.max(until);
        if closest.separation_m < self.nearest.separation_m {
            self.nearest = closest;
        }
        if is_due {
            self.report();
        }
    }

    fn report(&mut self) {
        self.until = self.latest;
        self.closest = self.nearest;
    }

    fn closed(mut self, end: End) -> Self {
        self.report();
        self.end = Some(end);
        self
    }

    /// The approach as it looks later: over, when either was silent for too long.
    pub(super) fn seen_at(self, now: Option<Timestamp>) -> Self {
        let silent = now.is_some_and(|now| seconds_between(self.latest, now) > self.silence_s);
        if silent && self.end.is_none() {
            self.closed(End::Silent)
        } else {
            self
        }
    }

    fn goes_on_at(&self, at: Timestamp) -> bool {
        self.from < at && at <= self.latest
    }

    fn reopened(self) -> Self {
        Self { end: None, ..self }
    }
}
