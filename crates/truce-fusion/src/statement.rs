//! Incidents that people and instruments tell of and that no law of physics locates: access denied,
//! a weapon seen, works, harm. The grade of each independent voice is the evidence.

use std::collections::BTreeMap;

use truce_core::observation::Speaker;
use truce_core::{Incident, Term, belief as odds};

use crate::attribution;
use crate::belief::{slug, truth};
use crate::candidate::Candidate;
use crate::evidence::{Scene, blank, fit};

/// Log-odds of such a thing at a place and time of which anybody speaks, before it is asked how
/// reliable they are: one story in four holds (own estimate).
const PRIOR_LOG_ODDS: f64 = -1.1;
/// Log-likelihood ratio by which a voice that is right half of the time still counts (own
/// estimate): a story that somebody tells is more often true than one that nobody tells.
const TOLD_LOG_ODDS: f64 = 1.1;

/// The incident that a cluster of statements is.
pub(crate) fn evaluate(scene: &Scene<'_>, founder: &Candidate, members: &[&Candidate]) -> Incident {
    let fitted = fit(founder, members);
    let mut terms = vec![Term {
        name: slug("prior"),
        text: "what a single voice of unknown reliability tells".to_owned(),
        log_odds: PRIOR_LOG_ODDS,
        observation: None,
        sensor: None,
    }];
    let fitting = fitted
        .voices
        .iter()
        .map(|(candidate, added)| (*candidate, added.is_some()));
    let mut voices = Vec::new();
    for (candidate, fits) in std::iter::once((founder, true)).chain(fitting) {
        terms.push(line(scene, candidate, fits));
        voices.extend(fits.then_some(candidate));
    }
    for candidate in &fitted.repeated {
        let text = format!(
            "said again by {}; one voice counts once",
            candidate.voice.name()
        );
        terms.push(term("repeated", text, 0.0, scene, candidate));
    }
    let log_odds: f64 = terms.iter().map(|term| term.log_odds).sum();
    let all: Vec<&Candidate> = members.iter().copied().chain([founder]).collect();
    let mut incident = blank(&all);
    incident.occurred = voices.iter().fold(founder.observed_at, |hull, candidate| {
        hull.hull(&candidate.observed_at)
    });
    incident.place = fitted.joint.place();
    incident.probability = odds::probability(log_odds);
    incident.attribution = attribution::of_statements(scene, voices.into_iter());
    incident.classes = BTreeMap::new();
    incident.explanation = terms;
    incident
}

fn line(scene: &Scene<'_>, candidate: &Candidate, fits: bool) -> Term {
    let (name, code) = (candidate.voice.name(), candidate.grade.code());
    if !fits {
        let text = format!("{name} (grade {code}) speaks of another place");
        return term("unfitting", text, 0.0, scene, candidate);
    }
    let accused = candidate.said.side.as_ref();
    let of_the_other = match &candidate.said.speaker {
        Some(Speaker::Party(party)) => accused != Some(party),
        _ => false,
    };
    let p = if of_the_other {
        truth(candidate.grade).min(0.5)
    } else {
        truth(candidate.grade)
    };
    let text = match of_the_other {
        true => format!("told by {name} (grade {code}), a party that speaks of another"),
        false => format!("told by {name} (grade {code})"),
    };
    // No independent voice makes a thing less probable by telling it.
    let log_odds = (odds::log_odds(p) + TOLD_LOG_ODDS).max(0.1);
    term("statement", text, log_odds, scene, candidate)
}

fn term(name: &str, text: String, log_odds: f64, scene: &Scene<'_>, candidate: &Candidate) -> Term {
    Term {
        name: slug(name),
        text,
        log_odds,
        observation: Some(candidate.id),
        sensor: scene.sensor(candidate),
    }
}
