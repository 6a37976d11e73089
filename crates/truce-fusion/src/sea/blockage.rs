//! Closed water: when traffic through a lane stops and a queue grows.
//!
//! Nothing is told of where a canal or strait is: lanes are learnt ([`super::lanes`]). A lane is taken
//! to be closed when a vessel lies in it where none stops, nobody has passed since, and others stop
//! behind; or when it has been empty for longer than it ever is while far more wait than usual. It is
//! open again with the first passage.

use std::collections::BTreeSet;

use truce_core::mission::SeaSettings;
use truce_core::time::DAY_S;
use truce_core::{IncidentKind, ObservationId};

use super::coverage::Coverage;
use super::ground::Ground;
use super::lanes::{Cell, Lane, Lanes, Passage, SIDE_DEG};
use super::plane::{apart_m, instant, middle};
use super::roads::Roads;
use super::vessel::Vessel;
use crate::tell::{Draft, Line, Told};

/// Vessels that stop nearer than this belong to the same closure, metres.
const REACH_M: f64 = 50_000.0;
/// A vessel that stops nearer than this may have had to, metres.
const BEHIND_M: f64 = 20_000.0;
/// From these log-odds on a closure is told: about four in five.
const TOLD_LOG_ODDS: f64 = 1.5;
/// One vessel that stops is worth this at most: it may have a defect.
const STOP_LOG_ODDS_MAX: f64 = 3.0;
/// Vessels beside the first whose stop in a lane is weighed.
const OTHERS_MAX: usize = 2;
/// A vessel that passes so soon after another stopped was beside it already, seconds.
const PASSED_S: f64 = 600.0;
/// Closures looked at at once.
const CLOSURES_MAX: usize = 64;
/// A closure is given up when it is improbable after so long, seconds.
const GIVEN_UP_S: f64 = 12.0 * 3_600.0;
/// A stop in a lane that is closed is of use to nobody: half of all closures have a vessel in them
/// (own estimate).
const BLOCKER_SHARE: f64 = 0.5;
/// Without a vessel in the lane it must be this much busier to be judged.
const BUSY: u32 = 3;
/// A lane that is open is found so empty with this probability at most.
const EMPTY_MAX: f64 = 0.004;
/// So many must wait that stopped after the last passage.
const WAITING_MIN: usize = 5;

/// A lane that is closed, or may be.
#[derive(Debug, Clone)]
pub(super) struct Closure {
    pub(super) cell: Cell,
    runs_north: bool,
    /// The vessel that lies in it.
    pub(super) blocker: Option<u32>,
    /// When it stopped, seconds.
    stopped_s: f64,
    /// The last passage before.
    pub(super) since_s: f64,
    since: ObservationId,
    /// Vessels that stopped in the lane behind.
    others: BTreeSet<u32>,
    evidence: Vec<ObservationId>,
    /// For how long receivers listened there since, and when that was last counted, seconds.
    listened_s: f64,
    weighed_s: f64,
    empty_probability: f64,
    stop_probability: f64,
    pub(super) is_told: bool,
    pub(super) reopened_s: Option<f64>,
    told_s: f64,
}

impl Closure {
    /// What may be closed in a lane since an instant, with the last passage before; nobody is known
    /// to lie in it.
    fn of(lane: &Lane, cell: Cell, stopped_s: f64, (since_s, since): (f64, ObservationId)) -> Self {
        Self {
            cell,
            runs_north: lane.runs_north(),
            blocker: None,
            stopped_s,
            since_s,
            since,
            others: BTreeSet::new(),
            evidence: Vec::new(),
            listened_s: 0.0,
            weighed_s: 0.0,
            empty_probability: 1.0,
            stop_probability: lane.stop_probability(),
            is_told: false,
            reopened_s: None,
            told_s: 0.0,
        }
    }
}

/// All closures.
#[derive(Debug, Clone, Default)]
pub(super) struct Closures {
    pub(super) all: Vec<Closure>,
}

impl Closures {
    /// A vessel has stopped in a lane, before that stop is counted there. True when the water is
    /// taken to be closed around it.
    pub(super) fn stop(
        &mut self,
        vessel: &Vessel,
        (lanes, coverage): (&Lanes, &Coverage),
        at_s: f64,
        sea: &SeaSettings,
        told: &mut Told,
    ) -> bool {
        let Some(rest) = &vessel.rest else {
            return false;
        };
        let cell = super::plane::square(rest.at, SIDE_DEG);
        let Some(lane) = lanes.lane(cell, sea.lane_passages) else {
            return false;
        };
        let evidence = [rest.evidence.first(), rest.evidence.last()];
        let evidence: Vec<ObservationId> = evidence.into_iter().flatten().copied().collect();
        let mut is_known = false;
        for closure in &mut self.all {
            let is_open = closure.reopened_s.is_some();
            if is_open || apart_m(middle(closure.cell, SIDE_DEG), rest.at) > REACH_M {
                continue;
            }
            if apart_m(middle(closure.cell, SIDE_DEG), rest.at) <= BEHIND_M {
                closure.others.insert(vessel.mmsi);
                closure.evidence.extend(&evidence);
                closure.weigh((lanes, coverage), at_s, told);
            }
            is_known |= closure.is_told;
        }
        self.drop_overshadowed();
        let Some((since_s, since)) = lanes.last_abreast(cell) else {
            return is_known;
        };
        // Somebody passed after it had stopped: it lies aside.
        let is_passed = since_s > rest.since_s + PASSED_S;
        if is_known || is_passed || self.all.len() >= CLOSURES_MAX {
            return is_known;
        }
        let mut closure = Closure {
            blocker: Some(vessel.mmsi),
            evidence,
            ..Closure::of(lane, cell, rest.since_s, (since_s, since))
        };
        closure.weigh((lanes, coverage), at_s, told);
        let is_told = closure.is_told;
        self.all.push(closure);
        is_told
    }

    /// One closure is told for a stretch of water: what might be others around it is dropped.
    fn drop_overshadowed(&mut self) {
        let told = self
            .all
            .iter()
            .filter(|one| one.is_told && one.reopened_s.is_none());
        let told: Vec<_> = told.map(|one| middle(one.cell, SIDE_DEG)).collect();
        self.all.retain(|one| {
            let place = middle(one.cell, SIDE_DEG);
            one.is_told || told.iter().all(|other| apart_m(place, *other) > REACH_M)
        });
    }

    /// Vessels passed squares: what was closed there is open.
    pub(super) fn pass(&mut self, passages: &[Passage], by: &Vessel, told: &mut Told) {
        if self.all.is_empty() {
            return;
        }
        for closure in &mut self.all {
            let through = |passage: &&Passage| {
                passage.is_past(closure.cell, closure.runs_north)
                    && passage.at_s > closure.since_s.max(closure.stopped_s) + 1.0
            };
            if closure.reopened_s.is_none()
                && let Some(passage) = passages.iter().find(through)
            {
                closure.reopened_s = Some(passage.at_s);
                closure.evidence.push(by.last.observation);
                if closure.is_told {
                    closure.tell(passage.at_s, told);
                }
            }
        }
        self.all
            .retain(|closure| closure.is_told || closure.reopened_s.is_none());
    }

    /// Time passes: silences grow. Also finds water that closed with nobody lying in it.
    pub(super) fn sweep(
        &mut self,
        (lanes, coverage): (&Lanes, &Coverage),
        roads: &Roads,
        ground: &Ground,
        at_s: f64,
        sea: &SeaSettings,
        told: &mut Told,
    ) {
        for closure in &mut self.all {
            if closure.reopened_s.is_none() {
                closure.weigh((lanes, coverage), at_s, told);
            }
        }
        self.all.retain(|closure| match closure.reopened_s {
            Some(reopened_s) => at_s - reopened_s < 7.0 * DAY_S,
            None => closure.is_told || at_s - closure.stopped_s < GIVEN_UP_S,
        });
        let Some((cell, lane)) = emptiest(lanes, at_s, sea) else {
            return;
        };
        let place = middle(cell, SIDE_DEG);
        let known = self.all.iter().any(|closure| {
            closure.reopened_s.is_none()
                && apart_m(middle(closure.cell, SIDE_DEG), place) <= 4.0 * REACH_M
        });
        let (new, usual) = roads.waiting_near(place, REACH_M, lane.last_s, ground);
        if known || new < WAITING_MIN || (new as f64) < 2.0 * usual {
            return;
        }
        if self.all.len() < CLOSURES_MAX {
            let mut closure = Closure::of(lane, cell, at_s, (lane.last_s, lane.last));
            closure.weigh((lanes, coverage), at_s, told);
            self.all.push(closure);
        }
    }

    /// True where the water is taken to be closed within reach.
    pub(super) fn is_closed_near(&self, position: truce_core::Position) -> bool {
        self.all.iter().any(|closure| {
            closure.is_told
                && closure.reopened_s.is_none()
                && apart_m(middle(closure.cell, SIDE_DEG), position) <= REACH_M
        })
    }
}

/// The lane that is emptiest for its habits.
fn emptiest<'l>(lanes: &'l Lanes, at_s: f64, sea: &SeaSettings) -> Option<(Cell, &'l Lane)> {
    let busy = lanes.lanes(BUSY * sea.lane_passages);
    let weighed = busy.map(|(cell, lane)| (lane.empty_probability(at_s - lane.last_s), cell, lane));
    let empty = weighed.filter(|(probability, ..)| *probability < EMPTY_MAX);
    let emptiest = empty.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    emptiest.map(|(_, cell, lane)| (cell, lane))
}

impl Closure {
    fn weigh(&mut self, (lanes, coverage): (&Lanes, &Coverage), at_s: f64, told: &mut Told) {
        let place = middle(self.cell, SIDE_DEG);
        let weighed_s = self.weighed_s.max(self.since_s);
        self.listened_s += coverage.listened_s(place, weighed_s, at_s);
        self.weighed_s = at_s;
        if let Some(lane) = lanes.square(self.cell) {
            self.empty_probability = lane.empty_probability(self.listened_s);
        }
        let log_odds: f64 = self.lines().iter().map(|line| line.1).sum();
        let probable = log_odds >= TOLD_LOG_ODDS;
        let is_due = !self.is_told || at_s - self.told_s >= 6.0 * 3_600.0;
        if probable && is_due {
            self.is_told = true;
            self.told_s = at_s;
            self.tell(at_s, told);
        }
    }

    fn lines(&self) -> Vec<Line> {
        let hours = self.listened_s / 3_600.0;
        let mut lines = vec![
            (
                "prior",
                -4.6,
                "a lane is closed once in a hundred times that one looks (own estimate)".to_owned(),
            ),
            (
                "empty",
                -libm::log(self.empty_probability.clamp(1e-3, 1.0)),
                format!(
                    "nobody passed in {hours:.1} h of hearing others there; the lane is found so empty with probability \
                     {:.3}",
                    self.empty_probability
                ),
            ),
        ];
        let one = libm::log(BLOCKER_SHARE / self.stop_probability).clamp(0.0, STOP_LOG_ODDS_MAX);
        if let Some(blocker) = self.blocker {
            let text = format!("vessel {blocker:09} lies in the lane, where hardly any stops");
            lines.push(("blocker", one, text));
        }
        let n = self.others.len();
        if n > 0 {
            let text = format!("{n} more stopped in the lanes around it since");
            lines.push(("behind", one * n.min(OTHERS_MAX) as f64, text));
        }
        if self.blocker.is_none() {
            let text = "far more vessels wait than usual".to_owned();
            lines.push(("queue", 2.0, text));
        }
        lines
    }

    fn tell(&self, at_s: f64, told: &mut Told) {
        let mut evidence = vec![self.since];
        evidence.extend(&self.evidence);
        let mut attributes = vec![("vessels", (self.others.len() + 1).to_string())];
        if let Some(blocker) = self.blocker {
            attributes.push(("stopped_at", instant(self.stopped_s).to_string()));
            attributes.push(("identity", format!("mmsi:{blocker:09}")));
        }
        told.tell(Draft {
            kind: IncidentKind::Obstruction,
            behaviour: "channel_closed",
            during_s: (self.since_s, self.reopened_s.unwrap_or(at_s)),
            position: middle(self.cell, SIDE_DEG),
            sigma_m: 1_200.0,
            track: None,
            zone: None,
            evidence,
            lines: self.lines(),
            attributes,
            ended: self.reopened_s.is_some(),
        });
    }
}
