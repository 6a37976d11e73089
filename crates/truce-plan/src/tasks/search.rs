//! Ruin and recreate under simulated annealing.

use super::route::{Candidate, Route};
use super::{Problem, Routes};

/// Most visits that are taken out of one route at a time, and the mean number of all of them
/// (Christiaens and Vanden Berghe 2020, table 1).
const STRING_MAX: usize = 10;
const TAKEN_MEAN: usize = 10;
/// Chance to pass over a position when a visit is put in, so that the search does not repeat itself.
const BLINK: f64 = 0.01;
/// Chance to take out whole routes instead of strings. A route far longer than the mean would otherwise
/// never be emptied, and one visit that needs all of its time never be tried.
const WHOLE: f64 = 0.1;
/// Neighbours of a site that are looked at for routes to ruin.
const NEIGHBOURS_MAX: usize = 200;
/// Visited neighbours of a site beside which it may be put in; besides them at both ends of every
/// route.
const BESIDE_MAX: usize = 24;
/// Temperatures, as parts of the mean value of a site.
const TEMPERATURES: [f64; 2] = [0.5, 0.005];
/// What the whole time of all vehicles weighs against the mean value of a site while the search moves
/// about: shorter routes leave room. What is kept at last is judged by value first.
const TIME_WEIGHT: f64 = 0.5;

/// Finds routes: as many trials as `trials` says, from a seed.
#[must_use]
pub fn solve(problem: &Problem, trials: u32, seed: u64) -> Routes {
    let mut search = Search::new(problem, seed);
    let mut current = search.empty();
    search.recreate(&mut current);
    let mut best = current.clone();
    let [hot, cold] = TEMPERATURES.map(|part| part * search.value_mean);
    for trial in 0..trials {
        let done = f64::from(trial) / f64::from(trials);
        let temperature = hot * libm::pow(cold / hot, done);
        let mut next = current.clone();
        search.ruin(&mut next);
        search.recreate(&mut next);
        if next.surpasses(&best) {
            search.polish(&mut next);
            best = next.clone();
        }
        let margin = -temperature * libm::log(search.dice.unit().max(f64::MIN_POSITIVE));
        if next.merit > current.merit - margin {
            current = next;
        }
    }
    search.answer(best)
}

/// Routes under way.
#[derive(Clone)]
struct State {
    routes: Vec<Route>,
    /// The route of each site.
    on: Vec<Option<usize>>,
    /// The position of each visited site in its route.
    position: Vec<usize>,
    value: f64,
    time_s: f64,
    /// Value less weighted time: what the search climbs.
    merit: f64,
}

impl State {
    /// Recomputes a route after a change.
    fn update(&mut self, problem: &Problem, vehicle: usize) {
        let route = &mut self.routes[vehicle];
        route.update(problem, vehicle);
        for (position, visit) in route.visits.iter().enumerate() {
            self.position[*visit] = position;
        }
    }

    /// True for more value, or as much in less time.
    fn surpasses(&self, other: &Self) -> bool {
        let by_value = self.value.total_cmp(&other.value);
        by_value.then(other.time_s.total_cmp(&self.time_s)).is_gt()
    }
}

struct Search<'a> {
    problem: &'a Problem,
    /// Sites by distance from each site, the site itself first.
    near: Vec<Vec<usize>>,
    /// Ways to each site from every place, metres.
    to_m: Vec<Vec<f64>>,
    value_mean: f64,
    /// What a second costs.
    second: f64,
    /// Routes that changed since what is not visited was last tried in all of them. In the others
    /// there is still no room for it: a visit more never makes room, as no way round is shorter.
    changed: Vec<bool>,
    /// Sites that were taken out since then, and may be put in anywhere.
    taken: Vec<bool>,
    dice: Dice,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem, seed: u64) -> Self {
        let count = problem.sites.len();
        let neighbours = |site: usize| {
            let mut near: Vec<usize> = (0..count).collect();
            let row = &problem.metres[site];
            near.sort_by(|a, b| row[*a].total_cmp(&row[*b]).then(a.cmp(b)));
            near.truncate(NEIGHBOURS_MAX);
            near
        };
        let total: f64 = problem.sites.iter().map(|site| site.value).sum();
        let value_mean = total / count.max(1) as f64;
        let limits: f64 = problem.vehicles.iter().map(|vehicle| vehicle.limit_s).sum();
        Self {
            problem,
            near: (0..count).map(neighbours).collect(),
            to_m: (0..count)
                .map(|site| problem.metres.iter().map(|row| row[site]).collect())
                .collect(),
            value_mean,
            second: TIME_WEIGHT * value_mean / limits.max(1.0),
            changed: vec![true; problem.vehicles.len()],
            taken: vec![true; count],
            dice: Dice(seed),
        }
    }

    fn empty(&self) -> State {
        let vehicles = 0..self.problem.vehicles.len();
        State {
            routes: vehicles
                .map(|v| Route::new(self.problem, v, Vec::new()))
                .collect(),
            on: vec![None; self.problem.sites.len()],
            position: vec![0; self.problem.sites.len()],
            value: 0.0,
            time_s: 0.0,
            merit: 0.0,
        }
    }

    fn judge(&self, state: &mut State) {
        let visited = state
            .on
            .iter()
            .zip(&self.problem.sites)
            .filter(|(on, _)| on.is_some());
        state.value = visited.map(|(_, site)| site.value).sum();
        state.time_s = state.routes.iter().map(|route| route.time_s).sum();
        state.merit = state.value - self.second * state.time_s;
    }

    /// Takes strings of visits out of the routes that pass near a place.
    fn ruin(&mut self, state: &mut State) {
        let count = self.problem.sites.len();
        if count == 0 {
            return;
        }
        let used = state
            .routes
            .iter()
            .filter(|route| !route.visits.is_empty())
            .count();
        let visits: usize = state.routes.iter().map(|route| route.visits.len()).sum();
        let mean = visits / used.max(1);
        let whole = self.dice.unit() < WHOLE;
        let string_max = STRING_MAX.min(mean.max(1));
        let strings_max = (4 * TAKEN_MEAN / (1 + string_max)).max(2) - 1;
        let strings = 1 + self.dice.below(strings_max);
        let seed = self.dice.below(count);
        let mut ruined: Vec<usize> = Vec::new();
        for i in 0..self.near[seed].len() {
            let site = self.near[seed][i];
            let Some(vehicle) = state.on[site].filter(|vehicle| !ruined.contains(vehicle)) else {
                continue;
            };
            ruined.push(vehicle);
            let route = &mut state.routes[vehicle];
            let length = match whole {
                true => route.visits.len(),
                false => 1 + self.dice.below(string_max.min(route.visits.len())),
            };
            let at = state.position[site];
            let least = (at + 1).saturating_sub(length);
            let most = at.min(route.visits.len() - length);
            let first = least + self.dice.below(most - least + 1);
            for taken in route.visits.drain(first..first + length) {
                state.on[taken] = None;
                self.taken[taken] = true;
            }
            self.changed[vehicle] = true;
            state.update(self.problem, vehicle);
            if ruined.len() >= strings {
                break;
            }
        }
    }

    /// Puts in what is not visited, each where it costs least, in one of several orders.
    fn recreate(&mut self, state: &mut State) {
        let mut absent: Vec<usize> = (0..state.on.len())
            .filter(|site| state.on[*site].is_none())
            .collect();
        self.dice.shuffle(&mut absent);
        let sites = &self.problem.sites;
        match self.dice.below(10) {
            0..=3 => absent.sort_by(|a, b| sites[*b].value.total_cmp(&sites[*a].value)),
            4..=6 => self.by_worth(state, &mut absent),
            7 => absent.sort_by(|a, b| {
                let latest = |site: &usize| sites[*site].latest_s.unwrap_or(f64::INFINITY);
                latest(a).total_cmp(&latest(b))
            }),
            _ => {}
        }
        for site in absent {
            self.insert(state, site);
        }
        self.changed.fill(false);
        self.taken.fill(false);
        self.judge(state);
    }

    /// Orders sites by their value for each second that they cost now.
    fn by_worth(&mut self, state: &State, absent: &mut [usize]) {
        let mut worth = vec![0.0; state.on.len()];
        for site in absent.iter() {
            let cost_s = self
                .best_place(state, *site, 0.0)
                .map(|(cost_s, _, _)| cost_s);
            worth[*site] = cost_s.map_or(0.0, |s| self.problem.sites[*site].value / s.max(1e-9));
        }
        absent.sort_by(|a, b| worth[*b].total_cmp(&worth[*a]));
    }

    fn insert(&mut self, state: &mut State, site: usize) {
        if let Some((_, vehicle, position)) = self.best_place(state, site, BLINK) {
            state.routes[vehicle].visits.insert(position, site);
            state.on[site] = Some(vehicle);
            state.update(self.problem, vehicle);
        }
    }

    /// The cheapest place for a visit: time, vehicle and position. A site that was taken out is tried
    /// at both ends of every route and beside its nearest visits, one that had no room before
    /// everywhere in the routes that changed.
    fn best_place(
        &mut self,
        state: &State,
        site: usize,
        blink: f64,
    ) -> Option<(f64, usize, usize)> {
        let mut best: Option<(f64, usize, usize)> = None;
        let (problem, dice) = (self.problem, &mut self.dice);
        let candidate = Candidate::new(problem, site, &self.to_m[site]);
        let mut weigh = |vehicle: usize, position: usize| {
            let cost_s = state.routes[vehicle].cost_s(problem, vehicle, position, candidate);
            let Some(cost_s) = cost_s.filter(|cost| best.is_none_or(|(least, ..)| *cost < least))
            else {
                return;
            };
            if blink <= 0.0 || dice.unit() >= blink {
                best = Some((cost_s, vehicle, position));
            }
        };
        if !self.taken[site] {
            let changed = (0..state.routes.len()).filter(|vehicle| self.changed[*vehicle]);
            for vehicle in changed {
                for position in 0..=state.routes[vehicle].visits.len() {
                    weigh(vehicle, position);
                }
            }
            return best;
        }
        for (vehicle, route) in state.routes.iter().enumerate() {
            weigh(vehicle, 0);
            weigh(vehicle, route.visits.len());
        }
        let visited = self.near[site].iter();
        let visited = visited.filter_map(|near| Some((state.on[*near]?, state.position[*near])));
        for (vehicle, position) in visited.take(BESIDE_MAX) {
            weigh(vehicle, position);
            weigh(vehicle, position + 1);
        }
        best
    }

    /// Untangles every route and fills the time that this gains.
    fn polish(&mut self, state: &mut State) {
        for vehicle in 0..state.routes.len() {
            state.routes[vehicle].untangle(self.problem, vehicle);
            state.update(self.problem, vehicle);
        }
        self.changed.fill(true);
        self.recreate(state);
    }

    fn answer(&self, mut state: State) -> Routes {
        for (vehicle, route) in state.routes.iter_mut().enumerate() {
            route.untangle(self.problem, vehicle);
        }
        let visited = state.routes.iter().flat_map(|route| &route.visits);
        Routes {
            value: visited.map(|site| self.problem.sites[*site].value).sum(),
            time_s: state.routes.iter().map(|route| route.time_s).collect(),
            visits: state.routes.into_iter().map(|route| route.visits).collect(),
        }
    }
}

/// Numbers drawn from a seed (SplitMix64; Steele, Lea and Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in [0, 1).
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below a bound; 0 when the bound is 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = (bound as u64).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    fn shuffle(&mut self, items: &mut [usize]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}
