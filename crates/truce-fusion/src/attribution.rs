//! Who may have done it: a distribution over the parties, and what is left undetermined.
//!
//! It names a side and never a position: the bearing of a launch is asked only on which side of the
//! line it points, and the answer is a number.

use std::collections::BTreeMap;

use truce_core::observation::Speaker;
use truce_core::{Attribution, EventClass, ObservationId, Place, Position, Slug, Term, belief};

use crate::belief::{slug, truth};
use crate::candidate::{Candidate, Measure};
use crate::evidence::{Scene, Seen};

/// Share of incidents whose author cannot be told beforehand (own estimate).
const UNDETERMINED: f64 = 0.1;
/// How often artillery and drones strike the other side's ground and not their own (own estimate;
/// own ground is hit by error and in what both hold).
const STRIKES_THE_OTHER: f64 = 0.9;
/// Log-likelihood ratio of a party's own statement about the other: small, whoever speaks.
const ABOUT_THE_OTHER: f64 = 0.2;
/// Log-likelihood ratio of a party's statement that it did it itself.
const ADMITTED: f64 = 3.0;
/// Sounds that meet on one side may still be of something else.
const ORIGIN_MAX: f64 = 0.95;
/// An incident less likely to be a drone's strike than this is not asked for drones.
const STRIKE_MIN: f64 = 0.1;
/// Share of drones that a detector followed over the line to where something was struck just then
/// that did it; the others watched, or were there by chance (own estimate).
const FOLLOWED_DID_IT: f64 = 0.8;
/// A launch is looked for at these distances from where it was heard, metres.
const LAUNCH_M: [f64; 8] = [1e3, 2e3, 4e3, 6e3, 8e3, 10e3, 12e3, 15e3];
/// What made a crater was fired from so far, metres: mortars to tube artillery.
const FIRED_M: [f64; 8] = [2e3, 4e3, 6e3, 8e3, 11e3, 14e3, 18e3, 24e3];

/// The attribution of a physical event.
pub(crate) fn of_event(
    scene: &Scene<'_>,
    seen: &Seen<'_>,
    classes: &BTreeMap<EventClass, f64>,
) -> Attribution {
    let mut ledger = Ledger::new(scene.parties);
    by_geometry(scene, classes, seen.place, &mut ledger);
    if let Some((place, sigma_m)) = seen.origin {
        by_origin(scene, place, sigma_m, &mut ledger);
    }
    by_flight(scene, seen, classes, &mut ledger);
    for candidate in &seen.voices {
        if candidate.said.launch {
            by_launch(scene, candidate, &mut ledger);
        }
        by_crater(scene, seen.place, candidate, &mut ledger);
        by_statement(scene, candidate, &mut ledger);
    }
    ledger.close()
}

/// The attribution of anything else: by what is said alone.
pub(crate) fn of_statements<'a>(
    scene: &Scene<'_>,
    voices: impl Iterator<Item = &'a Candidate>,
) -> Attribution {
    let mut ledger = Ledger::new(scene.parties);
    for candidate in voices {
        by_statement(scene, candidate, &mut ledger);
    }
    ledger.close()
}

/// Log-weights of the parties, with the lines behind them.
struct Ledger {
    weights: BTreeMap<Slug, f64>,
    terms: Vec<(Slug, Term)>,
}

impl Ledger {
    fn new(parties: &[Slug]) -> Self {
        let share = (1.0 - UNDETERMINED) / parties.len().max(1) as f64;
        let weights = parties
            .iter()
            .map(|party| (party.clone(), libm::log(share)))
            .collect();
        Self {
            weights,
            terms: Vec::new(),
        }
    }

    fn add(
        &mut self,
        party: &Slug,
        log_ratio: f64,
        name: &str,
        text: String,
        observation: Option<ObservationId>,
    ) {
        // Only parties of the agreement can be named.
        let Some(weight) = self.weights.get_mut(party) else {
            return;
        };
        *weight += log_ratio;
        let term = Term {
            name: slug(name),
            text,
            log_odds: log_ratio,
            observation,
            sensor: None,
        };
        self.terms.push((party.clone(), term));
    }

    fn close(self) -> Attribution {
        let weights: Vec<f64> = self
            .weights
            .values()
            .map(|weight| libm::exp(*weight))
            .collect();
        let all: f64 = weights.iter().sum::<f64>() + UNDETERMINED;
        let shares = self
            .weights
            .into_keys()
            .zip(weights.into_iter().map(|w| w / all));
        Attribution {
            parties: shares.collect(),
            terms: self.terms,
        }
    }
}

/// What falls on one side's ground was mostly fired by the other.
fn by_geometry(
    scene: &Scene<'_>,
    classes: &BTreeMap<EventClass, f64>,
    place: Place,
    ledger: &mut Ledger,
) {
    let sigma_m = place.uncertainty.semi_major_m;
    let Some((sides, left)) = scene.line.sides(place.position, sigma_m) else {
        return;
    };
    let p = |class| classes.get(&class).copied().unwrap_or(0.0);
    let far = p(EventClass::Artillery) + p(EventClass::DroneStrike);
    let near = p(EventClass::SmallArms);
    let across = |class: EventClass, usual: f64| {
        p(class) * scene.priors.strikes_across[class as usize].unwrap_or(usual)
    };
    // Small arms reach both ways across the line.
    let over = (across(EventClass::Artillery, STRIKES_THE_OTHER)
        + across(EventClass::DroneStrike, STRIKES_THE_OTHER)
        + across(EventClass::SmallArms, 0.5))
        / (far + near).max(1e-9);
    let right_did = left * over + (1.0 - left) * (1.0 - over);
    let (a, b) = if right_did >= 0.5 { (1, 0) } else { (0, 1) };
    let likely = right_did.max(1.0 - right_did).min(0.99);
    let on_ground = if b == 0 { left } else { 1.0 - left };
    let text = format!(
        "it struck the ground of {} with {:.0} %; such weapons strike across the line in {:.0} %",
        sides[b],
        on_ground * 100.0,
        over * 100.0
    );
    ledger.add(
        &sides[a],
        libm::log(likely / (1.0 - likely)),
        "geometry",
        text,
        None,
    );
}

/// On which side of the line the sounds of the launch meet.
fn by_origin(scene: &Scene<'_>, place: Position, sigma_m: f64, ledger: &mut Ledger) {
    let Some((sides, left)) = scene.line.sides(place, sigma_m) else {
        return;
    };
    let left = left.clamp(1.0 - ORIGIN_MAX, ORIGIN_MAX);
    let (side, p) = if left >= 0.5 {
        (&sides[0], left)
    } else {
        (&sides[1], 1.0 - left)
    };
    let text = format!(
        "the launch was heard with {:.0} % on the side of {side}",
        p * 100.0
    );
    ledger.add(side, belief::log_odds(p), "launch", text, None);
}

/// On which side of the line a launch was heard.
fn by_launch(scene: &Scene<'_>, candidate: &Candidate, ledger: &mut Ledger) {
    let Measure::Bearing {
        observer,
        bearing_deg,
        sigma_deg,
    } = candidate.measure
    else {
        return;
    };
    let ray = Ray {
        from: observer,
        from_m_sigma: 0.0,
        bearing_deg,
        bearing_deg_sigma: sigma_deg,
    };
    if let Some((side, p)) = ray.side(scene, &LAUNCH_M) {
        let text = format!(
            "launch heard by {}; with {:.0} % on the side of {side}",
            candidate.voice.name(),
            p * 100.0
        );
        ledger.add(
            side,
            belief::log_odds(p),
            "launch",
            text,
            Some(candidate.id),
        );
    }
}

/// On which side of the line the projectile's way began, as its crater shows.
fn by_crater(scene: &Scene<'_>, place: Place, candidate: &Candidate, ledger: &mut Ledger) {
    let Some(crater) = candidate.said.crater else {
        return;
    };
    let ray = Ray {
        from: place.position,
        from_m_sigma: place.uncertainty.semi_major_m,
        bearing_deg: crater.azimuth_deg,
        bearing_deg_sigma: crater.azimuth_deg_sigma,
    };
    if let Some((side, p)) = ray.side(scene, &FIRED_M) {
        // Whoever misread or invented it tells nothing of where it came from.
        let held = candidate.truth();
        let p = held * p + (1.0 - held) * 0.5;
        let text = format!(
            "crater read by {}: it came from {:.0}° ± {:.0}°, with {:.0} % the side of {side}",
            candidate.voice.name(),
            crater.azimuth_deg,
            crater.azimuth_deg_sigma,
            p * 100.0
        );
        ledger.add(
            side,
            belief::log_odds(p),
            "crater",
            text,
            Some(candidate.id),
        );
    }
}

/// From whose side an uncrewed aircraft was seen to come that crossed the line to where it struck. One
/// that was first seen on the side it struck tells nothing: it may have come from anywhere.
fn by_flight(
    scene: &Scene<'_>,
    seen: &Seen<'_>,
    classes: &BTreeMap<EventClass, f64>,
    ledger: &mut Ledger,
) {
    let strike = classes
        .get(&EventClass::DroneStrike)
        .copied()
        .unwrap_or(0.0);
    let place = seen.place;
    let struck = scene
        .line
        .sides(place.position, place.uncertainty.semi_major_m);
    let Some((_, struck)) = struck.filter(|_| strike >= STRIKE_MIN) else {
        return;
    };
    for flight in scene.flights.at(place, seen.at, seen.time_s_sigma) {
        let first = flight.first;
        let Some((sides, left)) = scene
            .line
            .sides(first.position, first.uncertainty.semi_major_m)
        else {
            return;
        };
        let of_another = flight
            .operator
            .is_some_and(|operator| !scene.parties.contains(operator));
        if of_another || (left >= 0.5) == (struck >= 0.5) {
            continue;
        }
        let (side, sure) = if left >= 0.5 {
            (&sides[0], left)
        } else {
            (&sides[1], 1.0 - left)
        };
        let held = strike * FOLLOWED_DID_IT;
        let p = held * sure.min(ORIGIN_MAX) + (1.0 - held) * 0.5;
        let text = format!(
            "{} followed an uncrewed aircraft from the side of {side} to {:.1} km from there",
            flight.detector,
            flight.distance_m / 1e3
        );
        ledger.add(
            side,
            belief::log_odds(p),
            "flight",
            text,
            Some(flight.observation),
        );
        return;
    }
}

/// A direction from a place, both with errors.
struct Ray {
    from: Position,
    from_m_sigma: f64,
    bearing_deg: f64,
    bearing_deg_sigma: f64,
}

impl Ray {
    /// The likelier side of the line along it, with its probability: the mean over some distances,
    /// so that the answer names no point. `None` where no line parts the sides.
    fn side<'a>(&self, scene: &'a Scene<'_>, distances_m: &[f64]) -> Option<(&'a Slug, f64)> {
        let mut sum = 0.0;
        let mut names = None;
        for &distance_m in distances_m {
            let across_m = distance_m * libm::tan(self.bearing_deg_sigma.min(80.0).to_radians());
            let there = self.from.offset(self.bearing_deg, distance_m);
            let sigma_m = libm::hypot(across_m, self.from_m_sigma);
            let (sides, left) = scene.line.sides(there, sigma_m)?;
            sum += left;
            names = Some(sides);
        }
        let sides = names?;
        let left = (sum / distances_m.len() as f64).clamp(1.0 - ORIGIN_MAX, ORIGIN_MAX);
        Some(if left >= 0.5 {
            (&sides[0], left)
        } else {
            (&sides[1], 1.0 - left)
        })
    }
}

/// Who is said to have done it.
fn by_statement(scene: &Scene<'_>, candidate: &Candidate, ledger: &mut Ledger) {
    let Some(side) = &candidate.said.side else {
        return;
    };
    let operator = scene.feed_operators.get(&candidate.feed);
    let speaks = match &candidate.said.speaker {
        Some(Speaker::Party(party)) => Some(party),
        _ => operator.filter(|operator| scene.parties.contains(operator)),
    };
    let name = candidate.voice.name();
    let (log_ratio, text) = match speaks {
        Some(party) if party == side => (ADMITTED, format!("{name} says that it did it itself")),
        Some(_) => (ABOUT_THE_OTHER, format!("{name} says so of the other side")),
        None => {
            let measured = scene.network.models[candidate.model].side_right;
            let p = measured.unwrap_or(truth(candidate.grade)).clamp(0.5, 0.95);
            let text = format!("{name} (grade {}) names {side}", candidate.grade.code());
            (libm::log(p / (1.0 - p)).max(0.1), text)
        }
    };
    ledger.add(side, log_ratio, "statement", text, Some(candidate.id));
}
