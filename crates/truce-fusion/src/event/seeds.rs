//! Where an event may have been: first guesses from one reading or two.

use super::estimate::{Estimate, turn};
use super::plane::{Plane, Reading, Shape};
use super::solve::TRAVEL_S_MAX;

/// A guess, with the readings that gave it.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) estimate: Estimate,
    pub(crate) readings: Vec<usize>,
    /// How much speaks for it at first sight; the better ones are looked at first.
    pub(crate) promise: f64,
}

/// Points on the circle around a station at which an event is sought, and how far apart, metres.
const CIRCLE_STEP_M: f64 = 3_000.0;
const CIRCLE_POINTS: [usize; 2] = [8, 64];
/// An arrival within this of its expectation at a point of the circle speaks for it, seconds: the
/// step's half at the slower wave's speed, and the error of the circle itself.
const CIRCLE_S: f64 = 1.2;
/// Arrivals that must speak for a point before it is looked at.
const CIRCLE_COUNT_MIN: usize = 4;
/// As much for a point along a direction: wind and the direction's error leave less than a second.
const ALONG_S: f64 = 0.8;
/// A crossing of directions whose times differ by more than this many standard deviations is none.
const CROSSING_SIGMAS: f64 = 3.5;
/// Directions that cross at less than this give no place, radians.
const CROSSING_ANGLE_MIN: f64 = 0.12;

/// All seeds of a plane, the most promising first.
pub(crate) fn seeds(plane: &Plane<'_>) -> Vec<Seed> {
    let mut seeds = Vec::new();
    phases(plane, &mut seeds);
    directions(plane, &mut seeds);
    sounds_and_waves(plane, &mut seeds);
    places(plane, &mut seeds);
    // The order of equals is that of their readings.
    seeds.sort_by(|a, b| b.promise.total_cmp(&a.promise));
    seeds
}

/// The two phases of a wave at one station give its distance and the time.
fn phases(plane: &Plane<'_>, seeds: &mut Vec<Seed>) {
    let waves: Vec<(usize, f64)> = arrivals(plane);
    for &(second, slow) in &waves {
        let late = &plane.readings[second];
        let before =
            |t_s: f64| waves.partition_point(|(index, _)| plane.readings[*index].t_s < t_s);
        for &(first, fast) in &waves[before(late.t_s - TRAVEL_S_MAX)..before(late.t_s)] {
            let early = &plane.readings[first];
            if early.at != late.at || fast <= slow {
                continue;
            }
            let distance_m = (late.t_s - early.t_s) * fast * slow / (fast - slow);
            let range_m = plane.network.models[early.candidate.model].range_m_max;
            if distance_m > range_m {
                continue;
            }
            let t_s = early.t_s - distance_m / fast;
            if let Some((at, count)) = best_on_circle(plane, &waves, early.at, distance_m, t_s) {
                seeds.push(Seed {
                    estimate: Estimate::around([at[0], at[1], t_s, 0.0], 4_000.0, 1.0),
                    readings: vec![first, second],
                    promise: 4.0 * count as f64,
                });
            }
        }
    }
}

/// Readings that are nothing but arrivals, with their waves' speeds, metres per second.
fn arrivals(plane: &Plane<'_>) -> Vec<(usize, f64)> {
    let readings = plane.readings.iter().enumerate();
    readings
        .filter(|(_, reading)| matches!(reading.shape, Shape::Arrival))
        .filter_map(|(index, reading)| Some((index, reading.wave?.speed_m_s)))
        .collect()
}

/// The point of a circle for which the most arrivals speak.
fn best_on_circle(
    plane: &Plane<'_>,
    waves: &[(usize, f64)],
    centre: [f64; 2],
    radius_m: f64,
    t_s: f64,
) -> Option<([f64; 2], usize)> {
    // The slower wave of the farthest station comes last.
    let from = waves.partition_point(|(index, _)| plane.readings[*index].t_s < t_s - CIRCLE_S);
    let last_s = t_s + TRAVEL_S_MAX;
    let near: Vec<(&Reading<'_>, f64)> = waves[from..]
        .iter()
        .map(|(index, speed)| (&plane.readings[*index], *speed))
        .take_while(|(reading, _)| reading.t_s <= last_s)
        .collect();
    if near.len() < CIRCLE_COUNT_MIN {
        return None;
    }
    let [least, most] = CIRCLE_POINTS;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Clamped just below.
    let points = ((std::f64::consts::TAU * radius_m / CIRCLE_STEP_M) as usize).clamp(least, most);
    let mut best: Option<([f64; 2], usize)> = None;
    for point in 0..points {
        let angle = std::f64::consts::TAU * point as f64 / points as f64;
        let x = centre[0] + radius_m * libm::sin(angle);
        let y = centre[1] + radius_m * libm::cos(angle);
        let speaks = |(reading, speed): &&(&Reading<'_>, f64)| {
            let distance_m = libm::hypot(x - reading.at[0], y - reading.at[1]);
            (reading.t_s - t_s - distance_m / speed).abs() < CIRCLE_S
        };
        let count = near.iter().filter(speaks).count();
        if count >= CIRCLE_COUNT_MIN && best.is_none_or(|(_, most)| count > most) {
            best = Some(([x, y], count));
        }
    }
    best
}

/// A direction and the arrival of a faster wave give a distance and a time. The arrival for which
/// the most others speak is taken; where none has another, each may be of the event.
fn sounds_and_waves(plane: &Plane<'_>, seeds: &mut Vec<Seed>) {
    let waves = arrivals(plane);
    for sound in sounds(plane) {
        let reading = &plane.readings[sound];
        let first_s = reading.t_s - TRAVEL_S_MAX;
        let from = waves.partition_point(|(index, _)| plane.readings[*index].t_s < first_s);
        let to = waves.partition_point(|(index, _)| plane.readings[*index].t_s < reading.t_s);
        let near = &waves[from..to];
        let mut best: Vec<(usize, usize, [f64; 3])> = Vec::new();
        for &(wave, speed) in near {
            let Some(at) = along(plane, reading, &plane.readings[wave], speed) else {
                continue;
            };
            let speaks = |(index, speed): &&(usize, f64)| {
                let other = &plane.readings[*index];
                let distance_m = libm::hypot(at[0] - other.at[0], at[1] - other.at[1]);
                (other.t_s - at[2] - distance_m / speed).abs() < ALONG_S
            };
            let count = near.iter().filter(speaks).count();
            let most = best.first().map_or(1, |(most, ..)| *most);
            if count > most {
                best.clear();
            }
            if count > most || count == 1 && most == 1 {
                best.push((count, wave, at));
            }
        }
        for (count, wave, [x, y, t_s]) in best {
            seeds.push(Seed {
                estimate: Estimate::around([x, y, t_s, 0.0], 1_500.0, 3.0),
                readings: vec![sound, wave],
                promise: 4.0 * count as f64 + 2.0,
            });
        }
    }
}

/// The place along a sound's direction, and the time, that agree with the arrival of a wave.
fn along(
    plane: &Plane<'_>,
    sound: &Reading<'_>,
    wave: &Reading<'_>,
    speed: f64,
) -> Option<[f64; 3]> {
    let Shape::Bearing { angle, .. } = sound.shape else {
        return None;
    };
    let slow = sound.wave?.speed_m_s;
    let (s, c) = (libm::sin(angle), libm::cos(angle));
    let mut along_m = (sound.t_s - wave.t_s) * slow;
    let mut at = [sound.at[0], sound.at[1], sound.t_s];
    // Each step shrinks the error by the ratio of the speeds, a tenth.
    for _ in 0..3 {
        at = [
            sound.at[0] + along_m * s,
            sound.at[1] + along_m * c,
            sound.t_s - along_m / slow,
        ];
        let travel_s = libm::hypot(at[0] - wave.at[0], at[1] - wave.at[1]) / speed;
        along_m = (sound.t_s - wave.t_s + travel_s) * slow;
    }
    let range_m = plane.network.models[sound.candidate.model].range_m_max;
    (0.0..=range_m).contains(&along_m).then_some(at)
}

/// Two directions that cross at times that agree.
fn directions(plane: &Plane<'_>, seeds: &mut Vec<Seed>) {
    let sounds: Vec<usize> = sounds(plane);
    for (position, &a) in sounds.iter().enumerate() {
        for &b in &sounds[position + 1..] {
            let (first, second) = (&plane.readings[a], &plane.readings[b]);
            if second.t_s - first.t_s > TRAVEL_S_MAX {
                break;
            }
            if first.voice != second.voice
                && let Some(estimate) = crossing(plane, first, second)
            {
                seeds.push(Seed {
                    estimate,
                    readings: vec![a, b],
                    promise: 8.0,
                });
            }
        }
    }
}

fn sounds(plane: &Plane<'_>) -> Vec<usize> {
    let readings = plane.readings.iter().enumerate();
    readings
        .filter(|(_, reading)| matches!(reading.shape, Shape::Bearing { .. }))
        .filter(|(_, reading)| !reading.candidate.said.launch)
        .map(|(index, _)| index)
        .collect()
}

fn crossing(plane: &Plane<'_>, a: &Reading<'_>, b: &Reading<'_>) -> Option<Estimate> {
    let (Shape::Bearing { angle: p, .. }, Shape::Bearing { angle: q, .. }) = (a.shape, b.shape)
    else {
        return None;
    };
    let across = libm::sin(q - p);
    if across.abs() < CROSSING_ANGLE_MIN {
        return None;
    }
    let (dx, dy) = (b.at[0] - a.at[0], b.at[1] - a.at[1]);
    let along_a = (dx * libm::cos(q) - dy * libm::sin(q)) / -across;
    let along_b = (dx * libm::cos(p) - dy * libm::sin(p)) / -across;
    let reach = |reading: &Reading<'_>| plane.network.models[reading.candidate.model].range_m_max;
    if !(0.0..=reach(a)).contains(&along_a) || !(0.0..=reach(b)).contains(&along_b) {
        return None;
    }
    let x = a.at[0] + along_a * libm::sin(p);
    let y = a.at[1] + along_a * libm::cos(p);
    let speed = a.wave?.speed_m_s;
    let t_s = (a.t_s + b.t_s - (along_a + along_b) / speed) / 2.0;
    let mut estimate = Estimate::around([x, y, t_s, 0.0], 5_000.0, 20.0);
    let at = estimate.state;
    estimate.join(a, &at);
    let added = estimate.join(b, &at);
    let fits = added.chi2 <= CROSSING_SIGMAS * CROSSING_SIGMAS;
    fits.then_some(estimate)
}

/// A place alone, and a place with a direction towards it.
fn places(plane: &Plane<'_>, seeds: &mut Vec<Seed>) {
    let sounds = sounds(plane);
    for (index, reading) in plane.readings.iter().enumerate() {
        if !matches!(reading.shape, Shape::Place(_)) {
            continue;
        }
        let state = [reading.at[0], reading.at[1], reading.t_s, 0.0];
        let mut alone = Estimate::around(state, super::weigh::BROAD_M, super::weigh::BROAD_S);
        alone.join(reading, &state);
        seeds.push(Seed {
            estimate: alone,
            readings: vec![index],
            promise: 2.0,
        });
        for &sound in &sounds {
            if let Some(estimate) = heard_from(&alone, &plane.readings[sound]) {
                seeds.push(Seed {
                    estimate,
                    readings: vec![index, sound],
                    promise: 5.0,
                });
            }
        }
    }
}

/// The estimate of a place with a sound from there.
fn heard_from(place: &Estimate, sound: &Reading<'_>) -> Option<Estimate> {
    let Shape::Bearing { angle, sigma } = sound.shape else {
        return None;
    };
    let [x, y, t_s, _] = place.state;
    let (dx, dy) = (x - sound.at[0], y - sound.at[1]);
    let distance_m = libm::hypot(dx, dy).max(1.0);
    let travel_s = distance_m / sound.wave?.speed_m_s;
    let spread_s = libm::hypot(place.spread_s(), sound.sigma_s);
    if (sound.t_s - travel_s - t_s).abs() > CROSSING_SIGMAS * spread_s {
        return None;
    }
    let open = libm::hypot(sigma, place.spread_m() / distance_m);
    if turn(angle - libm::atan2(dx, dy)).abs() > CROSSING_SIGMAS * open {
        return None;
    }
    let mut joint = *place;
    let at = [x, y, sound.t_s - travel_s, 0.0];
    joint.join(sound, &at);
    Some(joint)
}
