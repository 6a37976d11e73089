//! Sensors that should have seen an event and did not.
//!
//! Silence counts only for a sensor that was in range, working, looking at that time and not hidden
//! by cloud, and grows as its longest delay passes. Where nobody said how the sky was, it is unknown,
//! and unknown is no evidence of absence.

use std::collections::BTreeMap;

use truce_core::observation::Health;
use truce_core::time::plus_seconds;
use truce_core::{Position, Timestamp};

use crate::belief::{Belief, Line as Words};
use crate::candidate::Candidate;
use crate::conditions::second_of_day;
use crate::event::alone::Direction;
use crate::event::tiles::Known;
use crate::evidence::{Scene, Seen};
use crate::network::{CLASSES, Model, SIZES};

/// The silence of those who always watch counts when the time is known this well, seconds, one
/// standard deviation: otherwise any of their readings may have been about it.
const TIME_S_SIGMA_MAX: f64 = 900.0;
/// Silence of a sensor that detects no class better than this is summed up in one line.
const WORTH_A_LINE: f64 = 0.05;
/// Below this a sensor is not expected to notice anything.
const WORTH_COUNTING: f64 = 0.005;
/// The silence of those who always watch grows in as many even steps until their longest delay has
/// passed, as if as many readings came in each (own assumption; a mission states the longest delay
/// alone). More steps mean more revisions of an incident.
const STEPS: u32 = 6;
/// A degraded sensor detects half as well (own estimate).
const DEGRADED_SHARE: f64 = 0.5;

/// Adds the lines; says when further silence comes due.
pub(crate) fn add(
    scene: &Scene<'_>,
    seen: &Seen<'_>,
    fires: &[&Candidate],
    belief: &mut Belief,
) -> Option<Timestamp> {
    if seen.time_s_sigma > TIME_S_SIGMA_MAX {
        return None;
    }
    let mut spoke = seen.spoke.clone();
    for fire in fires {
        *spoke.entry(fire.model).or_insert(0) += 1;
    }
    let (at, position) = (seen.at, seen.place.position);
    tell(scene, &spoke, position, belief, |model, silent| {
        let watched = watched(scene, model, at, position);
        let log = |p: f64| silent as f64 * libm::log(1.0 - p.min(0.999));
        Silent {
            most: watched.most(),
            due: watched.due,
            factor: watched.detection.map(|row| row.map(log)),
        }
    })
}

/// Adds the lines about a direction: a sensor may have missed what was on one stretch of it and not
/// on another.
pub(crate) fn add_along(
    scene: &Scene<'_>,
    event: &Known,
    heard: &Candidate,
    direction: &mut Direction,
    belief: &mut Belief,
) -> Option<Timestamp> {
    let spoke = BTreeMap::from([(heard.model, 1)]);
    // The time differs along the direction by less than any delay matters.
    let at = event.at();
    tell(scene, &spoke, event.position(), belief, |model, silent| {
        let (mut most, mut due) = (0.0, None);
        let channels = i32::try_from(silent).unwrap_or(1);
        let factor = direction.work_in(|_, [x, y]| {
            let watched = watched(scene, model, at, event.frame.to_position(x, y));
            most = watched.most().max(most);
            due = due.or(watched.due);
            let missed = |p: f64| (1.0 - p.min(0.999)).powi(channels);
            watched.detection.map(|row| row.map(missed))
        });
        Silent { most, due, factor }
    })
}

/// What the silence of one sensor says.
struct Silent {
    /// The class and size that it would have noticed best.
    most: f64,
    /// When more can be said.
    due: Option<Timestamp>,
    factor: [[f64; SIZES]; CLASSES],
}

/// Adds a line for each sensor that stayed silent; says when further silence comes due.
fn tell(
    scene: &Scene<'_>,
    spoke: &BTreeMap<usize, usize>,
    position: Position,
    belief: &mut Belief,
    mut silence: impl FnMut(&Model, usize) -> Silent,
) -> Option<Timestamp> {
    let (mut due, mut small, mut small_count) = (None, [[0.0; SIZES]; CLASSES], 0);
    let configured = scene
        .network
        .models
        .iter()
        .take(scene.network.configured)
        .enumerate();
    for (index, model) in configured {
        let silent = model
            .channels()
            .saturating_sub(spoke.get(&index).copied().unwrap_or(0));
        if silent == 0 {
            continue;
        }
        let Silent {
            most,
            due: next,
            factor,
        } = silence(model, silent);
        let later = next.filter(|later| *later > scene.now);
        due = match (due, later) {
            (Some(a), Some(b)) => Some(std::cmp::min::<Timestamp>(a, b)),
            (a, b) => a.or(b),
        };
        if most < WORTH_COUNTING {
            continue;
        }
        if most < WORTH_A_LINE {
            small_count += 1;
            for (sum, one) in small.iter_mut().flatten().zip(factor.iter().flatten()) {
                *sum += one;
            }
            continue;
        }
        belief.add_sized(&factor, words(model, position, most, later.is_some()));
    }
    if small_count > 0 {
        let text = format!("nothing from {small_count} sensors at the edge of their range");
        belief.add_sized(
            &small,
            Words {
                name: "silence",
                text,
                ..Words::default()
            },
        );
    }
    due
}

fn words(model: &Model, position: Position, most: f64, more_may_come: bool) -> Words {
    let name = model.name.as_ref().map_or("a sensor", |name| name.as_str());
    let far = model
        .position
        .map(|p| format!(", {:.1} km away", p.distance_m(position) / 1e3));
    let by_now = if more_may_come {
        "told of it by now"
    } else {
        "noticed"
    };
    let text = format!(
        "nothing from {name}{}; it would have {by_now} with up to {:.0} %",
        far.unwrap_or_default(),
        most * 100.0
    );
    Words {
        name: "silence",
        text,
        observation: None,
        sensor: model.name.clone(),
    }
}

/// Probability per class that at least one configured sensor would have noticed an event at a time
/// and place by now, the sizes taken evenly.
pub(crate) fn noticed(scene: &Scene<'_>, at: Timestamp, position: Position) -> [f64; CLASSES] {
    let mut missed = [[1.0; SIZES]; CLASSES];
    for model in scene.network.models.iter().take(scene.network.configured) {
        let watched = watched(scene, model, at, position);
        let channels = i32::try_from(model.channels()).unwrap_or(1);
        for (missed, p) in missed
            .iter_mut()
            .flatten()
            .zip(watched.detection.iter().flatten())
        {
            *missed *= (1.0 - p).powi(channels);
        }
    }
    missed.map(|row| 1.0 - row.iter().sum::<f64>() / SIZES as f64)
}

/// How well a sensor watched an event.
struct Watched {
    /// Probability per class that it would have spoken by now.
    detection: [[f64; SIZES]; CLASSES],
    /// When more can be said.
    due: Option<Timestamp>,
}

impl Watched {
    fn most(&self) -> f64 {
        let all = self.detection.iter().flatten().copied();
        all.fold(0.0, f64::max)
    }
}

fn watched(scene: &Scene<'_>, model: &Model, at: Timestamp, position: Position) -> Watched {
    let nothing = Watched {
        detection: [[0.0; SIZES]; CLASSES],
        due: None,
    };
    if !model.looks_at_s.is_empty() {
        return looked(scene, model, at, position);
    }
    let Some(place) = model.position else {
        return nothing;
    };
    let north_m = (place.lat_deg - position.lat_deg).abs() * 110_000.0;
    if north_m > model.range_m_max {
        return nothing;
    }
    let distance_m = place.distance_m(position);
    if distance_m > model.range_m_max {
        return nothing;
    }
    let (spoken, due) = spoken(model, at, scene.now);
    if spoken <= 0.0 {
        return Watched { due, ..nothing };
    }
    let share = spoken * working_share(scene, model, at);
    let detection = model
        .chances(Some(distance_m))
        .map(|row| row.map(|p| share * p));
    Watched { detection, due }
}

/// The share of a sensor's readings of an event that have come by now, and when it grows.
fn spoken(model: &Model, at: Timestamp, now: Timestamp) -> (f64, Option<Timestamp>) {
    let share = |step: u32| f64::from(step) / f64::from(STEPS);
    let begins = |step: u32| plus_seconds(at, share(step) * model.latency_s_max);
    match (1..=STEPS).find(|step| begins(*step) > now) {
        Some(next) => (share(next - 1), Some(begins(next))),
        None => (1.0, None),
    }
}

/// A sensor that looks at set times sees what still burns.
fn looked(scene: &Scene<'_>, model: &Model, at: Timestamp, position: Position) -> Watched {
    let mut missed = [1.0; CLASSES];
    let mut due: Option<Timestamp> = None;
    let distance_m = model.position.map(|place| place.distance_m(position));
    for look_s in &model.looks_at_s {
        let after_s = (look_s - second_of_day(at)).rem_euclid(86_400.0);
        if after_s > scene.priors.heat_window_s {
            continue;
        }
        let look = plus_seconds(at, after_s);
        let known = plus_seconds(look, model.latency_s_max);
        if known > scene.now {
            due = Some(due.map_or(known, |due| due.min(known)));
            continue;
        }
        let share = working_share(scene, model, look);
        let cloud = scene.conditions.cloud_fraction(position, look);
        for (class, missed) in missed.iter_mut().enumerate() {
            let clear = if model.needs_clear_sky(class) {
                clear_share(cloud)
            } else {
                1.0
            };
            let burns = libm::exp(-after_s / scene.priors.heat_s(class));
            *missed *= 1.0 - share * clear * burns * model.detection(class, distance_m);
        }
    }
    Watched {
        detection: missed.map(|missed| [1.0 - missed; SIZES]),
        due,
    }
}

/// The share of the sky through which it could be seen: none when unknown or mostly covered.
fn clear_share(cloud: Option<f64>) -> f64 {
    match cloud {
        Some(cloud) if cloud < 0.5 => 1.0 - cloud,
        _ => 0.0,
    }
}

fn working_share(scene: &Scene<'_>, model: &Model, at: Timestamp) -> f64 {
    let health = |name| scene.conditions.health(name, at);
    match model.name.as_ref().map(health) {
        Some(Health::Working) => 1.0,
        Some(Health::Degraded) => DEGRADED_SHARE,
        Some(Health::Jammed | Health::Off) | None => 0.0,
    }
}
