//! One vehicle's route, with what is needed to judge an insertion at once.

use super::{Problem, ROUNDING_S};

/// A route. `slack_s[i]` says by how much the arrival at visit i may be put off; the last entry is
/// that of the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    pub(super) visits: Vec<usize>,
    pub(super) time_s: f64,
    slack_s: Vec<f64>,
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
        for visit in &self.visits {
            now_s += problem.travel_s(vehicle, at, *visit);
            let latest = problem.sites[*visit].latest_s;
            self.slack_s
                .push(latest.map_or(f64::INFINITY, |latest| latest - now_s));
            now_s += problem.sites[*visit].stay_s;
            at = *visit;
        }
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
        site: usize,
    ) -> Option<f64> {
        let (before, after) = self.around(problem, vehicle, position);
        let there = problem.metres[before][site];
        let way = there + problem.metres[site][after] - problem.metres[before][after];
        let added_s = way / problem.vehicles[vehicle].speed_m_s + problem.sites[site].stay_s;
        if added_s > self.slack_s[position] + ROUNDING_S {
            return None;
        }
        let Some(latest_s) = problem.sites[site].latest_s else {
            return Some(added_s);
        };
        let arrival_s =
            self.leaves_s(problem, vehicle, position) + there / problem.vehicles[vehicle].speed_m_s;
        (arrival_s <= latest_s + ROUNDING_S).then_some(added_s)
    }

    /// When the vehicle leaves the place before a position, seconds after the start.
    fn leaves_s(&self, problem: &Problem, vehicle: usize, position: usize) -> f64 {
        let (mut now_s, mut at) = (0.0, problem.start(vehicle));
        for visit in &self.visits[..position] {
            now_s += problem.travel_s(vehicle, at, *visit) + problem.sites[*visit].stay_s;
            at = *visit;
        }
        now_s
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
