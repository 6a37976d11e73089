//! A physical event with a sharp time, explained: what was to be expected, what every reading adds,
//! what the launch adds, what fires add, and what silence takes away. The lines add up.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::SensorKind;
use truce_core::time::plus_seconds;
use truce_core::{Ellipse, EventClass, Incident, Interval, Place, Timestamp, belief as odds};

use crate::belief::{Belief, Line as Words};
use crate::candidate::{Candidate, Measure};
use crate::event::activity::ORDINARY;
use crate::event::alone::Direction;
use crate::event::estimate::{Added, Estimate};
use crate::event::plane::{Plane, Reading};
use crate::event::tiles::{Known, Tiles};
use crate::event::weigh::{BROAD_M, BROAD_S, Weights, chance, log_ratio};
use crate::evidence::{self, Here, Scene, Seen};
use crate::incidents::FIRE_M_MAX;
use crate::network::{CLASSES, SIZES};
use crate::silence;

/// The log-odds that one more voice which is no sensor of the mission can add beyond its own.
const VOICE_LOG_ODDS: f64 = 2.5;

/// A fire is no farther than this from what lit it, beyond the errors of both, metres.
const HEAT_M_MAX: f64 = 2_000.0;

/// The incident that an event is, when there is one to tell, and when its silence comes due next.
pub(crate) fn evaluate(
    scene: &Scene<'_>,
    tiles: &Tiles,
    event: &Known,
    heat: &[&Candidate],
) -> (Option<Incident>, Option<Timestamp>) {
    if tiles.place(event).is_none() {
        return evaluate_direction(scene, tiles, event);
    }
    let plane = plane_of(scene, tiles, event);
    let (mut belief, fit) = weigh_members(scene, &plane, event);
    for (index, gain) in &event.launches {
        add_launch(scene, tiles.candidate(*index), *gain, &mut belief);
    }
    let mut seen = seen(event, tiles, &fit);
    let here = Here::of(scene, seen.place.position);
    let mut counted: BTreeSet<_> = BTreeSet::new();
    let mut burning = Vec::new();
    for candidate in heat {
        if counted.insert(&candidate.voice) {
            evidence::add_heat(scene, &seen, candidate, here, &mut belief);
            burning.push(*candidate);
        } else {
            belief.add(&[0.0; CLASSES], evidence::repeated(scene, candidate));
        }
    }
    let due = silence::add(scene, &seen, &burning, &mut belief);
    let incident = evidence::is_probable(&belief).then(|| {
        let launches = event
            .launches
            .iter()
            .map(|(index, _)| tiles.candidate(*index));
        let all: Vec<&Candidate> = seen.voices.iter().copied().chain(launches).collect();
        let all: Vec<&Candidate> = all.into_iter().chain(heat.iter().copied()).collect();
        let named = all
            .iter()
            .copied()
            .filter(|candidate| candidate.said.launch);
        seen.voices.extend(named.filter(|_| seen.origin.is_none()));
        evidence::incident(scene, &seen, &all, belief)
    });
    (incident, due)
}

/// The incident that a direction without a second reading is, where the mission has such told: the
/// place is where along it weapons were probably used.
fn evaluate_direction(
    scene: &Scene<'_>,
    tiles: &Tiles,
    event: &Known,
) -> (Option<Incident>, Option<Timestamp>) {
    let plane = plane_of(scene, tiles, event);
    let reading = &plane.readings[0];
    let direction = Direction::new(&plane, reading);
    let Some((threshold, mut direction)) = scene.priors.direction_threshold.zip(direction) else {
        return (None, None);
    };
    let text = "events that an ordinary day brings in this direction, before any evidence, within \
                the errors of the direction and the time";
    let founder = reading.candidate;
    let mut belief = Belief::new(direction.weights(), text.to_owned(), founder.id);
    if event.activity != ORDINARY {
        let busier = direction.work_in(|_, _| event.activity.map(|factor| [factor; SIZES]));
        belief.add_sized(&busier, activity(event));
    }
    let heard = direction.hear(&plane, reading);
    belief.add_sized(&heard, evidence::words(scene, founder, None, None));
    let due = silence::add_along(scene, event, founder, &mut direction, &mut belief);
    if direction.weights().weapons() < odds::log_odds(threshold) {
        // Further silence can only take from it.
        return (None, None);
    }
    let known = Known {
        estimate: direction.estimate(),
        ..event.clone()
    };
    let fit = Fit {
        chi2: 0.0,
        degrees: 0.0,
    };
    let seen = seen(&known, tiles, &fit);
    let told = odds::probability(belief.log_odds()) >= threshold;
    let incident = told.then(|| evidence::incident(scene, &seen, &[founder], belief));
    (incident, due)
}

/// How well the members fit.
struct Fit {
    chi2: f64,
    degrees: f64,
}

fn weigh_members(scene: &Scene<'_>, plane: &Plane<'_>, event: &Known) -> (Belief, Fit) {
    let weights = Weights::prior(plane, &event.estimate);
    let founder = plane
        .readings
        .iter()
        .min_by_key(|reading| reading.candidate.came());
    let founder = founder.expect("an event has a reading").candidate;
    let line_m = plane
        .line
        .signed_distance_m(event.estimate.state[0], event.estimate.state[1])
        .map_or(String::new(), |m| {
            format!(", {:.1} km from the line of contact", m.abs() / 1e3)
        });
    let text = format!(
        "events that an ordinary day brings about here{line_m}, before any evidence, within {:.0} km \
         and {:.0} s",
        BROAD_M / 1e3,
        BROAD_S
    );
    let mut belief = Belief::new(weights, text, founder.id);
    if event.activity != ORDINARY {
        belief.add(&event.activity.map(libm::log), activity(event));
    }
    let mut broad = Estimate::around(event.estimate.state, BROAD_M, BROAD_S);
    let mut fit = Fit {
        chi2: 0.0,
        degrees: -3.0,
    };
    for (number, reading) in plane.readings.iter().enumerate() {
        let added = broad.join(reading, &event.estimate.state);
        fit.chi2 += added.chi2;
        fit.degrees += added.degrees;
        let chances = chance(plane, reading, &event.estimate);
        let ratio = log_ratio(reading, &added);
        let mut factor = chances.map(|row| row.map(|chance| libm::log(chance) + ratio));
        if number > 0 && scene.network.models[reading.candidate.model].kind == SensorKind::Context {
            let most = (odds::log_odds(reading.candidate.truth()) + VOICE_LOG_ODDS).max(0.3);
            factor = factor.map(|row| row.map(|log| log.min(most)));
        }
        belief.add_sized(&factor, words(scene, plane, reading, &added, event));
    }
    (belief, fit)
}

/// How busy the area was before the event.
fn activity(event: &Known) -> Words {
    let classes = EventClass::ALL.into_iter().zip(event.activity);
    let busier = classes.filter(|(_, factor)| *factor > 1.0);
    let busier: Vec<String> = busier
        .map(|(class, factor)| format!("{} {factor:.1} times", evidence::class_name(class)))
        .collect();
    Words {
        name: "activity",
        text: format!(
            "the six hours before brought more here than an ordinary day does: {} as much",
            busier.join(", ")
        ),
        observation: None,
        sensor: None,
    }
}

fn words(
    scene: &Scene<'_>,
    plane: &Plane<'_>,
    reading: &Reading<'_>,
    added: &Added,
    event: &Known,
) -> Words {
    let [x, y, ..] = event.estimate.state;
    let distance_m = plane.distance_m(reading, x, y);
    evidence::words(scene, reading.candidate, added.late_s, distance_m)
}

fn add_launch(scene: &Scene<'_>, candidate: &Candidate, gain: f64, belief: &mut Belief) {
    let mut factor = [[0.0; SIZES]; CLASSES];
    factor[EventClass::Artillery as usize] = [gain; SIZES];
    let direction = match candidate.measure {
        Measure::Bearing { bearing_deg, .. } => format!(" at bearing {bearing_deg:.0}°"),
        _ => String::new(),
    };
    let text = format!("launch heard by {}{direction}", candidate.voice.name());
    let (observation, sensor) = (Some(candidate.id), scene.sensor(candidate));
    let words = Words {
        name: "launch",
        text,
        observation,
        sensor,
    };
    belief.add_sized(&factor, words);
}

fn seen<'a>(event: &Known, tiles: &'a Tiles, fit: &Fit) -> Seen<'a> {
    // Where the measurements fit worse than their errors allow, the errors were too small: the
    // covariance grows by the misfit per degree of freedom (Birge's ratio).
    let misfit = if fit.degrees > 0.0 {
        (fit.chi2 / fit.degrees).max(1.0)
    } else {
        1.0
    };
    let p = &event.estimate.covariance;
    let covariance = [p[0][0] * misfit, p[0][1] * misfit, p[1][1] * misfit];
    let position = event.position();
    let at = event.at();
    let time_s_sigma = event.estimate.spread_s();
    let mut spoke = BTreeMap::new();
    for index in &event.members {
        *spoke.entry(tiles.candidate(*index).model).or_insert(0) += 1;
    }
    Seen {
        place: Place {
            position,
            uncertainty: Ellipse::from_covariance_m2(covariance),
        },
        at,
        time_s_sigma,
        occurred: Interval {
            start: plus_seconds(at, -2.0 * time_s_sigma),
            end: plus_seconds(at, 2.0 * time_s_sigma),
        },
        voices: event
            .members
            .iter()
            .map(|index| tiles.candidate(*index))
            .collect(),
        spoke,
        origin: event.origin.map(|origin| {
            let [x, y, ..] = origin.state;
            (event.frame.to_position(x, y), origin.spread_m())
        }),
    }
}

/// How much better an event explains a fire than a fire of its own does; `None` when it cannot.
pub(crate) fn heat_gain(
    scene: &Scene<'_>,
    tiles: &Tiles,
    event: &Known,
    fire: &Candidate,
) -> Option<f64> {
    tiles.place(event)?;
    let near_m = event.position().distance_m(fire.anchor());
    if near_m > HEAT_M_MAX + 4.0 * event.estimate.spread_m() || near_m > FIRE_M_MAX {
        return None;
    }
    let plane = plane_of(scene, tiles, event);
    let (belief, fit) = weigh_members(scene, &plane, event);
    let seen = seen(event, tiles, &fit);
    evidence::heat_gain(scene, seen.place, seen.at, &belief.classes(), fire)
}

/// The plane of an event with its members alone.
fn plane_of<'a>(scene: &Scene<'a>, tiles: &'a Tiles, event: &Known) -> Plane<'a> {
    let mut plane = Plane::new(
        event.frame,
        event.epoch,
        f64::INFINITY,
        scene.network,
        scene.priors,
        scene.line,
        f64::INFINITY,
    );
    let members = event
        .members
        .iter()
        .map(|index| (*index, tiles.candidate(*index)));
    plane.take(members);
    plane
}
