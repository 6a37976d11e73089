//! A physical event from its evidence: place, time, classes and probability, each line explained.
//!
//! The weight of a class is the rate at which such events happen there, times the probability of
//! every reading under it, against the same readings as unrelated noise (the likelihood ratio of a
//! Poisson process of events against Poisson clutter: Streit 2010, chapter 6). Several readings of
//! one voice are one reading: the one that fits the founder best.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::SensorKind;
use truce_core::time::seconds_between;
use truce_core::{
    EventClass, Frame, Incident, Interval, Place, Position, Slug, Term, Timestamp, belief as odds,
};

use crate::attribution;
use crate::background::Background;
use crate::belief::{Belief, Line as Words, slug};
use crate::calibration::Map;
use crate::candidate::{Candidate, Measure, Timing, verb};
use crate::conditions::Conditions;
use crate::event::estimate::LN_TAU;
use crate::event::weigh::Weights;
use crate::fit::{Added, Joint};
use crate::flights::Flights;
use crate::founders::Item;
use crate::line::Line;
use crate::network::{CLASSES, Network};
use crate::prior::{Asked, Priors};
use crate::silence;

/// An incident is told when something probably happened, or when weapons may have been used.
const REAL_PROBABILITY_MIN: f64 = 0.5;
const WEAPONS_PROBABILITY_MIN: f64 = 0.05;
/// Evidence listed with one incident: a day of drumfire is told in several incidents before that.
const EVIDENCE_MAX: usize = 1_000;
/// A launch is heard within this time of its impact, seconds: flight of a shell and of its sound.
pub(crate) const LAUNCH_S_MAX: f64 = 120.0;
/// A fire farther off than this is another one: 99.9 % of χ² with two degrees of freedom.
const HEAT_CHI2_MAX: f64 = 13.82;
/// Share of launches that an array hears that hears the impact (own estimate).
pub(crate) const LAUNCH_HEARD: f64 = 0.5;

/// All that an evaluation looks at beside the evidence.
pub(crate) struct Scene<'a> {
    pub(crate) network: &'a Network,
    pub(crate) priors: &'a Priors,
    pub(crate) line: &'a Line,
    pub(crate) background: &'a Background,
    pub(crate) conditions: &'a Conditions,
    pub(crate) flights: &'a Flights,
    pub(crate) parties: &'a [Slug],
    pub(crate) calibration: Option<Map>,
    pub(crate) feed_operators: &'a BTreeMap<Slug, Slug>,
    pub(crate) now: Timestamp,
}

/// A place with its distance from the line of contact, metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    pub(crate) position: Position,
    pub(crate) line_m: Option<f64>,
}

impl Here {
    pub(crate) fn of(scene: &Scene<'_>, position: Position) -> Self {
        let line_m = scene.line.distance_m(position);
        Self { position, line_m }
    }
}

/// An event as it was fitted.
pub(crate) struct Seen<'a> {
    pub(crate) place: Place,
    pub(crate) at: Timestamp,
    pub(crate) time_s_sigma: f64,
    pub(crate) occurred: Interval,
    /// What counts as evidence, one candidate of each voice.
    pub(crate) voices: Vec<&'a Candidate>,
    /// How many readings each sensor gave, by its model.
    pub(crate) spoke: BTreeMap<usize, usize>,
    /// Where a weapon may have fired, with the standard deviation, metres; only for its side.
    pub(crate) origin: Option<(Position, f64)>,
}

/// The evidence after the fit.
pub(crate) struct Fitted<'a> {
    pub(crate) founder: &'a Candidate,
    pub(crate) joint: Joint,
    /// One candidate per voice, in order; `None` when it does not fit the others.
    pub(crate) voices: Vec<(&'a Candidate, Option<Added>)>,
    /// The other readings of the voices.
    pub(crate) repeated: Vec<&'a Candidate>,
}

/// Fits the members of a cluster to their founder, one candidate per voice, the nearest first.
pub(crate) fn fit<'a>(founder: &'a Candidate, members: &[&'a Candidate]) -> Fitted<'a> {
    let mut order: Vec<_> = members
        .iter()
        .map(|member| (founder.claim(member).unwrap_or(f64::INFINITY), *member))
        .collect();
    order.sort_by(|a, b| {
        a.1.key()
            .0
            .cmp(&b.1.key().0)
            .then(a.0.total_cmp(&b.0))
            .then(a.1.key().cmp(&b.1.key()))
    });
    let mut heard = BTreeSet::from([&founder.voice]);
    let mut fitted = Fitted {
        founder,
        joint: Joint::founded(founder),
        voices: Vec::new(),
        repeated: Vec::new(),
    };
    for (_, member) in order {
        if !heard.insert(&member.voice) {
            fitted.repeated.push(member);
        } else if member.said.launch {
            let added = launch(founder, member);
            fitted.voices.push((member, added));
        } else {
            let added = fitted.joint.join(member);
            fitted.voices.push((member, added));
        }
    }
    fitted
}

/// The sound of a launch has a time but no place.
fn launch(founder: &Candidate, member: &Candidate) -> Option<Added> {
    let late_s = seconds_between(founder.middle(), member.middle());
    (late_s.abs() <= LAUNCH_S_MAX).then(|| Added {
        chi2: 0.0,
        log_density: -libm::log(2.0 * LAUNCH_S_MAX),
        late_s: Some(late_s),
    })
}

/// The incident that a cluster is, when there is one to tell, and when its silence comes due next.
pub(crate) fn evaluate(
    scene: &Scene<'_>,
    founder: &Candidate,
    members: &[&Candidate],
) -> (Option<Incident>, Option<Timestamp>) {
    let fitted = fit(founder, members);
    let here = Here::of(scene, fitted.joint.position());
    let (weights, text) = founding(scene, &fitted, here);
    let mut belief = Belief::new(Weights::of_classes(weights), text, founder.id);
    add_class(scene, founder, &mut belief);
    for (candidate, added) in &fitted.voices {
        let factor = match added {
            Some(added) => factor(scene, fitted.joint.at(), candidate, added, here),
            None => unfitting(scene, candidate, here),
        };
        let distance_m =
            candidate.distance_m(&scene.network.models[candidate.model], here.position);
        let mut words = words(
            scene,
            candidate,
            added.as_ref().and_then(|a| a.late_s),
            distance_m,
        );
        if added.is_none() {
            words.text += "; does not fit the other evidence";
            words.name = "unfitting";
        }
        belief.add(&factor, words);
    }
    for again in &fitted.repeated {
        belief.add(&[0.0; CLASSES], repeated(scene, again));
    }
    let seen = seen(&fitted);
    let due = silence::add(scene, &seen, &[], &mut belief);
    let told = founder.is_placed() || seen.voices.len() > 1;
    let all: Vec<&Candidate> = members.iter().copied().chain([founder]).collect();
    let incident = (told && is_probable(&belief)).then(|| incident(scene, &seen, &all, belief));
    (incident, due)
}

/// A reading that says again what its voice has said.
pub(crate) fn repeated(scene: &Scene<'_>, candidate: &Candidate) -> Words {
    Words {
        name: "repeated",
        text: format!(
            "said again by {}; one voice counts once",
            candidate.voice.name()
        ),
        observation: Some(candidate.id),
        sensor: scene.sensor(candidate),
    }
}

/// True when an incident is to be told.
pub(crate) fn is_probable(belief: &Belief) -> bool {
    belief.real() >= REAL_PROBABILITY_MIN
        || odds::probability(belief.log_odds()) >= WEAPONS_PROBABILITY_MIN
}

/// What the fit of a cluster saw.
fn seen<'a>(fitted: &Fitted<'a>) -> Seen<'a> {
    let fitting = fitted.voices.iter().filter(|(_, added)| added.is_some());
    let fitting = fitting.map(|(candidate, _)| *candidate);
    let everyone = fitted.voices.iter().map(|(candidate, _)| *candidate);
    let mut spoke = BTreeMap::new();
    for candidate in std::iter::once(fitted.founder).chain(everyone) {
        *spoke.entry(candidate.model).or_insert(0) += 1;
    }
    Seen {
        place: fitted.joint.place(),
        at: fitted.joint.at(),
        time_s_sigma: fitted.joint.time_s_sigma(),
        occurred: occurred(fitted),
        voices: std::iter::once(fitted.founder).chain(fitting).collect(),
        spoke,
        origin: None,
    }
}

/// A fire seen where an event was.
pub(crate) fn add_heat(
    scene: &Scene<'_>,
    seen: &Seen<'_>,
    candidate: &Candidate,
    here: Here,
    belief: &mut Belief,
) {
    let Some(added) = heat_density(seen.place, candidate) else {
        return;
    };
    let factor = factor(scene, seen.at, candidate, &added, here);
    belief.add(&factor, words(scene, candidate, None, None));
}

/// The density of a fire's place under an event's.
fn heat_density(place: Place, candidate: &Candidate) -> Option<Added> {
    let Measure::Place(fire) = candidate.measure else {
        return None;
    };
    let frame = Frame::at(place.position);
    let (x, y) = frame.to_xy_m(fire.position);
    let [axx, axy, ayy] = place.uncertainty.covariance_m2();
    let [bxx, bxy, byy] = fire.uncertainty.covariance_m2();
    let (xx, xy, yy) = (axx + bxx, axy + bxy, ayy + byy);
    let determinant = (xx * yy - xy * xy).max(1.0);
    let chi2 = (yy * x * x - 2.0 * xy * x * y + xx * y * y) / determinant;
    Some(Added {
        chi2,
        log_density: -0.5 * (2.0 * LN_TAU + libm::log(determinant) + chi2),
        late_s: None,
    })
}

/// How much better a fire is explained by an event than by another: the natural logarithm, for the
/// classes that the event is believed to be. `None` when it does not fit.
pub(crate) fn heat_gain(
    scene: &Scene<'_>,
    place: Place,
    at: Timestamp,
    classes: &BTreeMap<EventClass, f64>,
    candidate: &Candidate,
) -> Option<f64> {
    let late_s = seconds_between(at, candidate.observed_at.end);
    let window_s = candidate.window().length_s();
    let added = heat_density(place, candidate)?;
    if !(-60.0..=window_s).contains(&late_s) || added.chi2 > HEAT_CHI2_MAX {
        return None;
    }
    let factor = factor(
        scene,
        at,
        candidate,
        &added,
        Here::of(scene, place.position),
    );
    let shares = EventClass::ALL
        .iter()
        .map(|class| classes.get(class).copied().unwrap_or(0.0));
    let sum: f64 = shares.zip(factor).map(|(p, log)| p * libm::exp(log)).sum();
    Some(libm::log(sum.max(1e-30)))
}

impl Scene<'_> {
    /// The configured sensor of a candidate.
    pub(crate) fn sensor(&self, candidate: &Candidate) -> Option<Slug> {
        self.network.models[candidate.model].name.clone()
    }

    pub(crate) fn asked<'a>(&'a self, candidate: &Candidate, here: Here) -> Asked<'a> {
        let model = &self.network.models[candidate.model];
        Asked::of(candidate, model, self.background, here)
    }
}

/// How long a candidate's unit of time is, seconds: a look or a day for heat, the interval for
/// what is loose, else one second.
fn unit_s(asked: &Asked<'_>, candidate: &Candidate) -> f64 {
    if asked.whole_day {
        return 86_400.0;
    }
    if asked.heat {
        return 86_400.0 / asked.model.looks_per_day();
    }
    match candidate.timing {
        Timing::Sharp { .. } => 1.0,
        Timing::Loose(window) => window.length_s().max(1.0),
    }
}

/// Readings per square metre and unit of time that a class gives, and readings of the whole
/// sensor in that time that are about nothing.
fn expected(scene: &Scene<'_>, candidate: &Candidate, here: Here) -> ([f64; CLASSES], f64) {
    let asked = scene.asked(candidate, here);
    let unit_s = unit_s(&asked, candidate);
    let scale = if asked.heat { 1.0 } else { unit_s };
    let readings = std::array::from_fn(|class| scene.priors.readings(&asked, class) * scale);
    if asked.model.kind != SensorKind::Context {
        return (readings, asked.model.false_per_s * unit_s);
    }
    // Who reports without being a sensor of the mission invents as often as its grade says.
    let area_m2 = asked.model.widest_m2();
    let true_ones: f64 = readings.iter().map(|density| density * area_m2).sum();
    let truth = candidate.truth();
    (readings, true_ones * (1.0 - truth) / truth)
}

/// The weights that the founding reading alone gives.
fn founding(scene: &Scene<'_>, fitted: &Fitted<'_>, here: Here) -> ([f64; CLASSES], String) {
    let founder = fitted.founder;
    let model = &scene.network.models[founder.model];
    let (readings, untrue) = expected(scene, founder, here);
    let area_m2 = |class: usize| match founder.measure {
        Measure::Place(_) => model.widest_m2(),
        _ => model.area_m2[class],
    };
    let weights = std::array::from_fn(|class| {
        libm::log((readings[class] * area_m2(class) / untrue).max(1e-30))
    });
    let mut text = format!("{} by {}", verb(model.kind), founder.voice.name());
    if let Some(line_m) = here.line_m {
        text += &format!(", {:.1} km from the line of contact", line_m / 1e3);
    }
    let at = founder.observed_at.middle();
    let usual = scene
        .background
        .usual(here.position, at)
        .filter(|_| founder.said.thermal);
    if let Some(usual) = usual {
        let per_month = usual.count / usual.years;
        text += &format!(", {per_month:.1} fires in this cell and month of ordinary years");
    }
    text += "; before any other evidence";
    (weights, text)
}

/// What the founder itself says about the class.
fn add_class(scene: &Scene<'_>, founder: &Candidate, belief: &mut Belief) {
    let Some(said) = founder.said.class else {
        return;
    };
    let model = &scene.network.models[founder.model];
    let factor = std::array::from_fn(|class| class_factor(model.says(class, Some(said))));
    let text = format!(
        "{} names it {}, right in {:.0} % of cases",
        founder.voice.name(),
        class_name(said),
        model.class_right * 100.0
    );
    let (observation, sensor) = (Some(founder.id), scene.sensor(founder));
    belief.add(
        &factor,
        Words {
            name: "class",
            text,
            observation,
            sensor,
        },
    );
}

/// Noise names every class alike.
fn class_factor(says: f64) -> f64 {
    libm::log(says * CLASSES as f64)
}

/// The log-likelihood ratio of a reading that fits: it may still be unrelated.
fn factor(
    scene: &Scene<'_>,
    at: Timestamp,
    candidate: &Candidate,
    added: &Added,
    here: Here,
) -> [f64; CLASSES] {
    let model = &scene.network.models[candidate.model];
    let (readings, untrue) = expected(scene, candidate, here);
    let all = |area_m2: &dyn Fn(usize) -> f64| -> f64 {
        (0..CLASSES)
            .map(|class| readings[class] * area_m2(class))
            .sum()
    };
    let seen = |class: usize| model.area_m2[class];
    let clutter = match candidate.measure {
        _ if candidate.said.launch => untrue + all(&seen),
        Measure::Place(_) => untrue / model.widest_m2() + all(&|_| 1.0),
        Measure::Bearing { .. } => (untrue + all(&seen)) / 360.0,
        Measure::Arrival { .. } => untrue + all(&seen),
    };
    let distance_m = candidate.distance_m(model, here.position);
    let log_ratio = added.log_density - libm::log(clutter.max(1e-30));
    let after_s = seconds_between(at, candidate.observed_at.middle()).max(0.0);
    let limit = match model.kind {
        SensorKind::Context => (odds::log_odds(candidate.truth()) + 2.5).max(0.3),
        _ => f64::INFINITY,
    };
    std::array::from_fn(|class| {
        let mut p = model.detection(class, distance_m);
        if candidate.said.launch {
            let shoots = EventClass::ALL[class] == EventClass::Artillery;
            p *= if shoots { LAUNCH_HEARD } else { 1e-3 };
        }
        if candidate.said.thermal {
            p *= libm::exp(-after_s / scene.priors.heat_s(class));
        }
        let said = candidate.said.class;
        let named = if said.is_some() {
            class_factor(model.says(class, said))
        } else {
            0.0
        };
        libm::log(1.0 - p + p * libm::exp((log_ratio + named).min(50.0))).min(limit)
    })
}

/// A reading that does not fit leaves its sensor silent about this event.
fn unfitting(scene: &Scene<'_>, candidate: &Candidate, here: Here) -> [f64; CLASSES] {
    let model = &scene.network.models[candidate.model];
    if model.position.is_none() {
        return [0.0; CLASSES];
    }
    let distance_m = candidate.distance_m(model, here.position);
    std::array::from_fn(|class| libm::log(1.0 - model.detection(class, distance_m)))
}

/// A reading in words.
pub(crate) fn words(
    scene: &Scene<'_>,
    candidate: &Candidate,
    late_s: Option<f64>,
    distance_m: Option<f64>,
) -> Words {
    let model = &scene.network.models[candidate.model];
    let mut text = format!("{} by {}", verb(model.kind), candidate.voice.name());
    if candidate.said.launch {
        text = format!("launch {text}");
    }
    if let Measure::Bearing { bearing_deg, .. } = candidate.measure {
        text += &format!(" at bearing {bearing_deg:.0}°");
    }
    if let Some(distance_m) = distance_m {
        text += &format!(", {:.1} km away", distance_m / 1e3);
    }
    if let Some(late_s) = late_s {
        let side = if late_s < 0.0 { "early" } else { "late" };
        text += &format!(", {:.0} s {side}", late_s.abs());
    }
    if let Some(class) = candidate.said.class {
        text += &format!(", named {}", class_name(class));
    }
    Words {
        name: "observed",
        text,
        observation: Some(candidate.id),
        sensor: scene.sensor(candidate),
    }
}

/// A class in words.
pub(crate) fn class_name(class: EventClass) -> &'static str {
    match class {
        EventClass::Artillery => "artillery",
        EventClass::DroneStrike => "a drone strike",
        EventClass::SmallArms => "small arms",
        EventClass::FarmFire => "a farm fire",
        EventClass::IndustrialHeat => "industrial heat",
        EventClass::QuarryBlast => "a quarry blast",
        EventClass::Thunder => "thunder",
        EventClass::Other => "something else",
    }
}

/// The incident that an event is, with all that belongs to it.
pub(crate) fn incident(
    scene: &Scene<'_>,
    seen: &Seen<'_>,
    all: &[&Candidate],
    belief: Belief,
) -> Incident {
    let classes = belief.classes();
    let mut incident = blank(all);
    incident.occurred = seen.occurred;
    incident.place = seen.place;
    let stated = belief.log_odds();
    let held = scene.calibration.map_or(stated, |map| map.log_odds(stated));
    incident.probability = odds::probability(held);
    incident.attribution = attribution::of_event(scene, seen, &classes);
    incident.classes = classes;
    incident.explanation = belief.into_terms();
    incident
        .explanation
        .extend(scene.calibration.map(|_| calibrated(held - stated)));
    incident
}

/// The line of an explanation by which replays correct it.
fn calibrated(log_odds: f64) -> Term {
    Term {
        name: slug("calibration"),
        text: "how such probabilities have held in replays".to_owned(),
        log_odds,
        observation: None,
        sensor: None,
    }
}

/// Tells in an incident's explanation what its senders took back, each once.
pub(crate) fn tell_taken_back(scene: &Scene<'_>, incident: &mut Incident, gone: &[&Candidate]) {
    for candidate in gone {
        let name = slug("taken_back");
        let told = |term: &Term| term.name == name && term.observation == Some(candidate.id);
        if incident.explanation.iter().any(told) {
            continue;
        }
        let corrected = candidate.taken_back.is_some_and(|how| how.corrected);
        let how = if corrected { "corrected" } else { "taken back" };
        incident.explanation.push(Term {
            name,
            text: format!("told by {}, and {how} since", candidate.voice.name()),
            log_odds: 0.0,
            observation: Some(candidate.id),
            sensor: scene.sensor(candidate),
        });
    }
}

/// An incident with the name, the evidence and the facts of all that belongs to it. It is named from what came first, so that what comes later leaves it its name.
pub(crate) fn blank(all: &[&Candidate]) -> Incident {
    let founder = all.iter().min_by_key(|candidate| candidate.came());
    let founder = *founder.expect("an incident has evidence");
    let mut all = all.to_vec();
    all.sort_by_key(|candidate| (candidate.id != founder.id, candidate.told()));
    let mut attributes = BTreeMap::new();
    // The first who says a fact is heard; the founder before the others.
    for candidate in &all {
        let said = &candidate.said;
        let facts = [
            ("weapon", said.weapon.as_ref().map(Slug::to_string)),
            ("count", said.count.map(|count| count.to_string())),
            ("object", said.object.as_ref().and_then(object_name)),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                attributes.entry(slug(name)).or_insert(fact);
            }
        }
    }
    Incident {
        id: Incident::name(founder.kind, founder.id, ""),
        revision: 0,
        kind: founder.kind,
        occurred: founder.observed_at,
        place: truce_core::Place {
            position: founder.anchor(),
            uncertainty: truce_core::Ellipse::circle(founder.reach_m),
        },
        probability: 0.0,
        classes: BTreeMap::new(),
        attribution: truce_core::Attribution::default(),
        evidence: all
            .iter()
            .take(EVIDENCE_MAX)
            .map(|candidate| candidate.id)
            .collect(),
        explanation: Vec::new(),
        track: None,
        zone: None,
        attributes,
        withdrawn: None,
    }
}

/// The word by which a kind of object is written in records.
fn object_name(object: &truce_core::ObjectKind) -> Option<String> {
    let word = serde_json::to_value(object).ok()?;
    word.as_str().map(str::to_owned)
}

/// When it happened: as the sharp evidence says, else what all loose evidence shares.
fn occurred(fitted: &Fitted<'_>) -> Interval {
    let counted = fitted
        .voices
        .iter()
        .filter(|(_, added)| added.is_some())
        .map(|(c, _)| *c);
    let all = || std::iter::once(fitted.founder).chain(counted.clone());
    if all().any(|candidate| matches!(candidate.timing, Timing::Sharp { .. })) {
        return fitted.joint.occurred();
    }
    let mut shared = fitted.founder.window();
    for candidate in all() {
        let window = candidate.window();
        let (start, end) = (shared.start.max(window.start), shared.end.min(window.end));
        if start <= end {
            shared = Interval { start, end };
        }
    }
    shared
}
