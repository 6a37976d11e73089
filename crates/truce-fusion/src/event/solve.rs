//! The events of a plane: every reading belongs to one of them or to noise.

use std::collections::{BTreeMap, BTreeSet};

use super::estimate::{Estimate, State};
use super::lasting::Fitted;
use super::plane::{Plane, Reading, Shape};
use super::seeds::{Seed, seeds};
use super::weigh::{BROAD_M, BROAD_S, Weights, log_ratio, weigh};
use crate::evidence::{LAUNCH_HEARD, LAUNCH_S_MAX};
use crate::network::{CLASSES, SIZES};
use truce_core::EventClass;
use truce_core::mission::Launch;

/// No wave is on its way for longer, seconds: 30 km of sound.
pub(crate) const TRAVEL_S_MAX: f64 = 90.0;
/// Readings of places are known to about five minutes and count within three of those, seconds.
const PLACED_S_MAX: f64 = 600.0;
/// Rounds of choosing readings and fitting anew.
const ROUNDS: usize = 4;
/// A reading this improbable under the fit belongs to something else: 99.9 % of χ² with one to
/// three degrees of freedom.
const CHI2_999: [f64; 3] = [10.83, 13.82, 16.27];
/// Where launches are sought across the line: the spread of the guess, share of the strip's width.
const LAUNCH_SPREAD: f64 = 0.35;
/// Rounds in which the origin of a launch is sought and fitted anew.
const LAUNCH_ROUNDS: usize = 3;
/// Artillery at least this probable claims the sounds of its launch.
const LAUNCH_CLASS_MIN: f64 = 0.3;

/// An event with its readings, by their place in the plane.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) estimate: Estimate,
    pub(crate) readings: Vec<usize>,
    /// Sounds of the launch, with what they add for artillery.
    pub(crate) launches: Vec<(usize, f64)>,
    /// Where the weapon stood, used for the side alone.
    pub(crate) origin: Option<Estimate>,
    pub(crate) weights: Weights,
    /// What it was fitted to before, with other readings.
    earlier: Vec<Fitted>,
}

/// The events of a plane, in the order of their weights; and the first step of time, seconds after
/// the epoch, at which silence alone makes them other ones. Events compete under the silence until
/// the newest reading came.
pub(crate) fn solve(plane: &Plane<'_>) -> (Vec<Event>, Option<f64>) {
    let mut taken = vec![false; plane.readings.len()];
    let mut events = contest(plane, &mut taken);
    exchange(plane, &mut events, &mut taken);
    let until_s = events.iter().filter_map(|event| event.until_s(plane));
    let until_s = until_s.min_by(f64::total_cmp);
    (events, until_s)
}

impl Event {
    fn fitted(&self) -> Fitted {
        Fitted {
            estimate: self.estimate,
            readings: self.readings.clone(),
        }
    }

    /// The first step of time at which silence ends it, or what it was fitted to before.
    fn until_s(&self, plane: &Plane<'_>) -> Option<f64> {
        let own = self.fitted().until_s(plane);
        let earlier = self.earlier.iter().filter_map(|fit| fit.until_s(plane));
        own.into_iter().chain(earlier).min_by(f64::total_cmp)
    }

    /// Notes what it was fitted to before.
    fn after(mut self, before: &Event) -> Self {
        self.earlier.clone_from(&before.earlier);
        self.earlier.push(before.fitted());
        self
    }
}

/// The key of a hypothesis in the contest: the heaviest last, and the earlier seed among equals.
fn rank(weight: f64, seed: usize) -> (i64, std::cmp::Reverse<usize>) {
    #[allow(clippy::cast_possible_truncation)] // Weights are far below 2^43.
    let fixed = (weight * 1e6) as i64;
    (fixed, std::cmp::Reverse(seed))
}

/// The heaviest hypothesis takes its readings; the others are fitted anew without them.
fn contest(plane: &Plane<'_>, taken: &mut [bool]) -> Vec<Event> {
    let mut waiting: BTreeMap<_, (Seed, Event)> = BTreeMap::new();
    // Pairs of readings that a heavy hypothesis holds already need no hypothesis of their own.
    let mut held: Vec<BTreeSet<usize>> = Vec::new();
    for (number, seed) in seeds(plane).into_iter().enumerate() {
        let known = |set: &BTreeSet<usize>| seed.readings.iter().all(|r| set.contains(r));
        if seed.readings.len() > 1 && held.iter().any(known) {
            continue;
        }
        let Some(event) = fit(plane, &seed.estimate, &seed.readings, taken) else {
            continue;
        };
        let weight = event.weights.total();
        if weight > 0.0 && event.readings.len() > 2 {
            held.push(event.readings.iter().copied().collect());
        }
        waiting.insert(rank(weight, number), (seed, event));
    }
    let mut events = Vec::new();
    while let Some(((_, seed_number), (seed, event))) = waiting.pop_last() {
        if event.readings.iter().any(|reading| taken[*reading]) {
            if let Some(again) = fit(plane, &seed.estimate, &seed.readings, taken) {
                let weight = again.weights.total();
                waiting.insert(rank(weight, seed_number.0), (seed, again.after(&event)));
            }
            continue;
        }
        for reading in &event.readings {
            taken[*reading] = true;
        }
        let mut event = event;
        launches(plane, &mut event, taken);
        events.push(event);
    }
    events
}

/// Every event, the heaviest first, may exchange its readings against those left over.
fn exchange(plane: &Plane<'_>, events: &mut [Event], taken: &mut [bool]) {
    for event in events {
        let launched = event.launches.iter().map(|(reading, _)| reading);
        for reading in event.readings.iter().chain(launched) {
            taken[*reading] = false;
        }
        let own = event.readings.clone();
        if let Some(mut better) = fit(plane, &event.estimate, &own, taken) {
            for reading in &better.readings {
                taken[*reading] = true;
            }
            launches(plane, &mut better, taken);
            if better.weights.total() >= event.weights.total() {
                *event = better.after(event);
                continue;
            }
            let launched = better.launches.iter().map(|(reading, _)| reading);
            for reading in better.readings.iter().chain(launched) {
                taken[*reading] = false;
            }
        }
        let launched = event.launches.iter().map(|(reading, _)| reading);
        for reading in event.readings.iter().chain(launched) {
            taken[*reading] = true;
        }
    }
}

/// Fits an event from a guess; `None` when it needs readings that are taken, or when noise is the
/// better explanation.
fn fit(plane: &Plane<'_>, guess: &Estimate, first: &[usize], taken: &[bool]) -> Option<Event> {
    let first: Vec<usize> = first.iter().copied().filter(|r| !taken[*r]).collect();
    if first.is_empty() {
        return None;
    }
    let mut estimate = *guess;
    let mut chosen = gather(plane, &estimate, &first, taken);
    estimate = refit(plane, &estimate.state, &chosen);
    let mut shares = weigh(plane, &estimate, &chosen, plane.heard_s).shares();
    for _ in 1..ROUNDS {
        let again = choose(plane, &estimate, &shares, taken);
        if again.is_empty() {
            return None;
        }
        estimate = refit(plane, &estimate.state, &again);
        let same = again == chosen;
        chosen = again;
        if same {
            break;
        }
        shares = weigh(plane, &estimate, &chosen, plane.heard_s).shares();
    }
    estimate = refit(plane, &estimate.state, &chosen);
    let fitted = Fitted {
        estimate,
        readings: chosen,
    };
    let weights = fitted.weights(plane)?;
    Some(Event {
        estimate,
        readings: fitted.readings,
        launches: Vec::new(),
        origin: None,
        weights,
        earlier: Vec::new(),
    })
}

/// The readings of an estimate from all that may belong to it.
fn refit(plane: &Plane<'_>, at: &State, chosen: &[usize]) -> Estimate {
    let mut estimate = Estimate::around(*at, BROAD_M, BROAD_S);
    // The nuisance keeps its own prior about zero.
    estimate.state[3] = 0.0;
    for &reading in chosen {
        estimate.join(&plane.readings[reading], at);
    }
    estimate.state[3] = estimate.state[3].clamp(-0.05, 0.05);
    estimate
}

/// Readings that may be about an event at a time, by their place in the plane.
fn around(plane: &Plane<'_>, t_s: f64, spread_s: f64) -> std::ops::Range<usize> {
    let slack_s = PLACED_S_MAX + 3.0 * spread_s.min(PLACED_S_MAX);
    let from = plane.readings.partition_point(|r| r.t_s < t_s - slack_s);
    let to = plane.readings.partition_point(|r| r.t_s <= t_s + slack_s);
    from..to
}

/// True when a reading may belong to an event at a time at all.
fn may_belong(plane: &Plane<'_>, index: usize, estimate: &Estimate) -> bool {
    let reading = &plane.readings[index];
    if reading.candidate.said.launch {
        return false;
    }
    let late_s = reading.t_s - estimate.state[2];
    let slack_s = 4.0 * (reading.sigma_s + estimate.spread_s());
    let travel_s = if reading.wave.is_some() {
        TRAVEL_S_MAX
    } else {
        0.0
    };
    (-slack_s..=travel_s + slack_s).contains(&late_s)
}

/// Joins readings one after the other to a guess, the best first, each under those before it.
fn gather(plane: &Plane<'_>, guess: &Estimate, first: &[usize], taken: &[bool]) -> Vec<usize> {
    let mut estimate = *guess;
    let mut chosen: Vec<usize> = first.to_vec();
    let mut voices: BTreeSet<u32> = first.iter().map(|r| plane.readings[*r].voice).collect();
    let mut open: Vec<(f64, usize)> = Vec::new();
    for index in around(plane, estimate.state[2], estimate.spread_s()) {
        let voice = plane.readings[index].voice;
        if taken[index] || voices.contains(&voice) || !may_belong(plane, index, &estimate) {
            continue;
        }
        let gain = gain(plane, index, &estimate, 0.5);
        if gain > 0.0 {
            open.push((gain, index));
        }
    }
    open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in open {
        let reading = &plane.readings[index];
        if voices.contains(&reading.voice) || gain(plane, index, &estimate, 0.5) <= 0.0 {
            continue;
        }
        let at = estimate.state;
        estimate.join(reading, &at);
        voices.insert(reading.voice);
        chosen.push(index);
    }
    chosen.sort_unstable();
    chosen
}

/// The readings for which the event is a better explanation than noise, one of each voice.
fn choose(
    plane: &Plane<'_>,
    estimate: &Estimate,
    shares: &[[f64; SIZES]; CLASSES],
    taken: &[bool],
) -> Vec<usize> {
    let mut best: BTreeMap<u32, (f64, usize)> = BTreeMap::new();
    for index in around(plane, estimate.state[2], estimate.spread_s()) {
        if taken[index] || !may_belong(plane, index, estimate) {
            continue;
        }
        let p = chance(plane, index, estimate, shares);
        let gain = gain(plane, index, estimate, p);
        if gain <= 0.0 {
            continue;
        }
        let entry = best
            .entry(plane.readings[index].voice)
            .or_insert((gain, index));
        if gain > entry.0 {
            *entry = (gain, index);
        }
    }
    let mut chosen: Vec<usize> = best.into_values().map(|(_, index)| index).collect();
    chosen.sort_unstable();
    chosen
}

/// The probability that the maker of a reading notices the event and names it so.
fn chance(
    plane: &Plane<'_>,
    index: usize,
    estimate: &Estimate,
    shares: &[[f64; SIZES]; CLASSES],
) -> f64 {
    let reading = &plane.readings[index];
    let model = &plane.network.models[reading.candidate.model];
    let distance_m = plane.distance_m(reading, estimate.state[0], estimate.state[1]);
    let chances = model.chances(distance_m);
    let mut sum = 0.0;
    for (class, (row, shares)) in chances.iter().zip(shares).enumerate() {
        let says = model.says(class, reading.candidate.said.class);
        sum += says
            * row
                .iter()
                .zip(shares)
                .map(|(p, share)| p * share)
                .sum::<f64>();
    }
    sum.clamp(1e-4, 0.98)
}

/// How much better a reading is explained by an event than by noise and the sensor's silence.
fn gain(plane: &Plane<'_>, index: usize, estimate: &Estimate, p: f64) -> f64 {
    let reading = &plane.readings[index];
    let added = estimate.expects(reading);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // One to three.
    let limit = CHI2_999[added.degrees as usize - 1];
    if added.chi2 > limit {
        return f64::NEG_INFINITY;
    }
    libm::log(p / (1.0 - p)) + log_ratio(reading, &added)
}

/// Sounds of the launch that belong to an event.
fn launches(plane: &Plane<'_>, event: &mut Event, taken: &mut [bool]) {
    if let Some(launch) = &plane.priors.launch {
        fit_launch(plane, launch, event, taken);
    }
    named_launches(plane, event, taken);
}

/// Sounds that an array itself names a launch belong to the event about that time.
fn named_launches(plane: &Plane<'_>, event: &mut Event, taken: &mut [bool]) {
    let at_s = event.estimate.state[2];
    for index in around(plane, at_s, 0.0) {
        let reading = &plane.readings[index];
        let near = (reading.t_s - at_s).abs() <= LAUNCH_S_MAX;
        if taken[index] || !reading.candidate.said.launch || !near {
            continue;
        }
        // Its direction says nothing of the impact: only the times are compared.
        let per_s = libm::exp(reading.log_clutter) * std::f64::consts::TAU;
        let gain = libm::log(LAUNCH_HEARD / (2.0 * LAUNCH_S_MAX) / per_s);
        let artillery = EventClass::Artillery as usize;
        event
            .weights
            .add(|class, _| if class == artillery { gain } else { 0.0 });
        event.launches.push((index, gain));
        taken[index] = true;
    }
}

/// An event of its own across the line, a flight before the impact. It is sought only to say on
/// which side it was.
fn fit_launch(plane: &Plane<'_>, launch: &Launch, event: &mut Event, taken: &mut [bool]) {
    let artillery = EventClass::Artillery as usize;
    let p: f64 = event.weights.shares()[artillery].iter().sum();
    let [x, y, t_s, _] = event.estimate.state;
    let across = plane
        .line
        .across(x, y, (launch.line_m[0] + launch.line_m[1]) / 2.0);
    let Some([guess_x, guess_y]) = across.filter(|_| p >= LAUNCH_CLASS_MIN) else {
        return;
    };
    let spread_m = LAUNCH_SPREAD * (launch.line_m[1] - launch.line_m[0]);
    let spread_s = libm::hypot(launch.flight_s_sigma, event.estimate.spread_s());
    let at = [guess_x, guess_y, t_s - launch.flight_s, 0.0];
    let guess = Estimate::around(at, spread_m, spread_s);
    let mut origin = guess;
    for round in 0..LAUNCH_ROUNDS {
        let open = launch_sounds(plane, &origin, launch, taken);
        let linear = match open.first() {
            Some((_, best)) if round == 0 => toward(&plane.readings[*best], origin.state),
            _ => origin.state,
        };
        origin = guess;
        event.launches = join_sounds(plane, &open, &mut origin, &linear, launch);
    }
    let side = |x, y| plane.line.signed_distance_m(x, y).map(|m| m >= 0.0);
    if event.launches.is_empty() || side(origin.state[0], origin.state[1]) == side(x, y) {
        event.launches.clear();
        return;
    }
    let sum: f64 = event.launches.iter().map(|(_, gain)| gain).sum();
    let only = |class: usize| if class == artillery { sum } else { 0.0 };
    event.weights.add(|class, _| only(class));
    for (index, _) in &event.launches {
        taken[*index] = true;
    }
    event.origin = Some(origin);
}

/// Sounds that may be of a launch, the best first.
fn launch_sounds(
    plane: &Plane<'_>,
    origin: &Estimate,
    launch: &Launch,
    taken: &[bool],
) -> Vec<(f64, usize)> {
    let mut open: Vec<(f64, usize)> = Vec::new();
    for index in around(plane, origin.state[2], origin.spread_s()) {
        let is_sound = matches!(plane.readings[index].shape, Shape::Bearing { .. });
        if taken[index] || !is_sound {
            continue;
        }
        let gain = launch_gain(plane, index, origin, launch.probability);
        if gain > 0.0 {
            open.push((gain, index));
        }
    }
    open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    open
}

/// Joins sounds to the origin of a launch while each gains by it; gives them with their gains.
fn join_sounds(
    plane: &Plane<'_>,
    open: &[(f64, usize)],
    origin: &mut Estimate,
    linear: &State,
    launch: &Launch,
) -> Vec<(usize, f64)> {
    let mut voices = BTreeSet::new();
    let mut joined = Vec::new();
    for &(_, index) in open {
        let reading = &plane.readings[index];
        let added = origin.expects_at(reading, linear);
        let p = sound_chance(plane, index, origin, launch.probability);
        let gain = libm::log(p) + log_ratio(reading, &added);
        if gain <= 0.0 || added.chi2 > CHI2_999[1] || !voices.insert(reading.voice) {
            continue;
        }
        origin.join(reading, linear);
        joined.push((index, gain));
    }
    joined
}

fn sound_chance(plane: &Plane<'_>, index: usize, origin: &Estimate, heard: f64) -> f64 {
    let reading = &plane.readings[index];
    let model = &plane.network.models[reading.candidate.model];
    let distance_m = plane.distance_m(reading, origin.state[0], origin.state[1]);
    let chances = model.chances(distance_m);
    chances[EventClass::Artillery as usize][SIZES / 2] * heard
}

fn launch_gain(plane: &Plane<'_>, index: usize, origin: &Estimate, heard: f64) -> f64 {
    let reading = &plane.readings[index];
    // A wide guess is linearised along the direction itself, where the sound would come from.
    let linear = toward(reading, origin.state);
    let added = origin.expects_at(reading, &linear);
    if added.chi2 > CHI2_999[1] {
        return f64::NEG_INFINITY;
    }
    libm::log(sound_chance(plane, index, origin, heard)) + log_ratio(reading, &added)
}

/// The state moved onto a reading's direction, as far from the observer as it was.
fn toward(reading: &Reading<'_>, state: State) -> State {
    let Shape::Bearing { angle, .. } = reading.shape else {
        return state;
    };
    let (dx, dy) = (state[0] - reading.at[0], state[1] - reading.at[1]);
    let (s, c) = (libm::sin(angle), libm::cos(angle));
    let along_m = (dx * s + dy * c).max(500.0);
    [
        reading.at[0] + along_m * s,
        reading.at[1] + along_m * c,
        state[2],
        state[3],
    ]
}
