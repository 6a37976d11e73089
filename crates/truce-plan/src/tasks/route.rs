//! One vehicle's route, with what is needed to judge an insertion at once.

use super::{Problem, ROUNDING_S, Site};

/// A route. `slack_s[i]` says by how much the arrival at visit i may be put off; the last entry is
/// that of the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    pub(super) visits: Vec<usize>,
    pub(super) time_s: f64,
    slack_s: Vec<f64>,
    /// When the vehicle leaves the place before each visit and before the end, seconds after the
    /// start.
    leaves_s: Vec<f64>,
    /// The way from the place before each visit and before the end, metres.
    way_m: Vec<f64>,
}

/// A site that may be put in, with the ways to and from every place.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    site: &'a Site,
    to_m: &'a [f64],
    from_m: &'a [f64],
}

impl<'a> Candidate<'a> {
    /// A site of a problem; `to_m` are the ways to it from every place, metres.
    pub(super) fn new(problem: &'a Problem, site: usize, to_m: &'a [f64]) -> Self {
        Self {
            site: &problem.sites[site],
            to_m,
            from_m: &problem.metres[site],
        }
    }
}

impl Route {
    pub(super) fn new(problem: &Problem, vehicle: usize, visits: Vec<usize>) -> Self {
        let mut route = Self {
            visits,
            ..Self::default()
        };
        route.update(problem, vehicle);
        route
    }

    /// Recomputes times after a change.
    pub(super) fn update(&mut self, problem: &Problem, vehicle: usize) {
        let limit_s = problem.vehicles[vehicle].limit_s;
        let (mut now_s, mut at) = (0.0, problem.start(vehicle));
        self.slack_s.clear();
        self.leaves_s.clear();
        self.way_m.clear();
        for visit in &self.visits {
            self.leaves_s.push(now_s);
            self.way_m.push(problem.metres[at][*visit]);
            now_s += problem.travel_s(vehicle, at, *visit);
            let latest = problem.sites[*visit].latest_s;
            self.slack_s
                .push(latest.map_or(f64::INFINITY, |latest| latest - now_s));
            now_s += problem.sites[*visit].stay_s;
            at = *visit;
        }
        self.leaves_s.push(now_s);
        self.way_m.push(problem.metres[at][problem.end(vehicle)]);
        now_s += problem.travel_s(vehicle, at, problem.end(vehicle));
        self.slack_s.push(limit_s - now_s);
        self.time_s = now_s;
        for i in (0..self.visits.len()).rev() {
            self.slack_s[i] = self.slack_s[i].min(self.slack_s[i + 1]);
        }
    }

    /// True when nobody comes too late.
    pub(super) fn is_feasible(&self) -> bool {
        self.slack_s
            .first()
            .is_none_or(|slack| *slack >= -ROUNDING_S)
    }

    /// The place before and after a position.
    fn around(&self, problem: &Problem, vehicle: usize, position: usize) -> (usize, usize) {
        let before = position.checked_sub(1).map(|i| self.visits[i]);
        let after = self.visits.get(position).copied();
        (
            before.unwrap_or_else(|| problem.start(vehicle)),
            after.unwrap_or_else(|| problem.end(vehicle)),
        )
    }

    /// Time that a visit at a position would add, seconds; `None` when someone would come too late.
    pub(super) fn cost_s(
        &self,
        problem: &Problem,
        vehicle: usize,
        position: usize,
        candidate: Candidate<'_>,
    ) -> Option<f64> {
        let (before, after) = self.around(problem, vehicle, position);
        let (there_m, speed_m_s) = (candidate.to_m[before], problem.vehicles[vehicle].speed_m_s);
        let more_m = there_m + candidate.from_m[after] - self.way_m[position];
        let added_s = more_m / speed_m_s + candidate.site.stay_s;
        if added_s > self.slack_s[position] + ROUNDING_S {
            return None;
        }
        let Some(latest_s) = candidate.site.latest_s else {
            return Some(added_s);
        };
        let arrival_s = self.leaves_s[position] + there_m / speed_m_s;
        (arrival_s <= latest_s + ROUNDING_S).then_some(added_s)
    }

    /// Turns parts of the route around as long as that makes it shorter (2-opt, Croes 1958).
    pub(super) fn untangle(&mut self, problem: &Problem, vehicle: usize) {
        let count = self.visits.len();
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..count {
                for j in i + 1..count {
                    let (before, _) = self.around(problem, vehicle, i);
                    let (_, after) = self.around(problem, vehicle, j + 1);
                    let (first, last) = (self.visits[i], self.visits[j]);
                    let now = problem.metres[before][first] + problem.metres[last][after];
                    let turned = problem.metres[before][last] + problem.metres[first][after];
                    if turned + SHORTER_M < now {
                        self.visits[i..=j].reverse();
                        let kept = self.clone();
                        self.update(problem, vehicle);
                        if self.is_feasible() {
                            changed = true;
                        } else {
                            *self = kept;
                            self.visits[i..=j].reverse();
                        }
                    }
                }
            }
        }
    }
}

/// A route must become shorter by this much to count as shorter, metres; otherwise rounding could
/// turn parts around for ever.
const SHORTER_M: f64 = 1e-6;
