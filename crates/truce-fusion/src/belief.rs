//! Belief in one incident: the weight of each class of event against "nothing but noise", and the
//! lines that say how it came about.
//!
//! Every line is a factor on the weights; what it adds to the log-odds of the use of weapons is
//! its number. So the numbers add up to the log-odds, whatever the order of the lines.

use std::collections::BTreeMap;

use truce_core::{EventClass, Grade, ObservationId, Slug, Term};

use crate::event::weigh::Weights;
use crate::network::{CLASSES, SIZES};

/// Lines of one explanation: more than this nobody reads; the rest is summed up in one.
const TERMS_MAX: usize = 60;

/// A name known to be a slug.
pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).expect("names written in this crate are slugs")
}

/// Weights of the classes.
#[derive(Debug, Clone)]
pub(crate) struct Belief {
    /// Natural logarithms, relative to noise.
    weights: Weights,
    log_odds: f64,
    terms: Vec<Term>,
    rest: (usize, f64),
}

impl Belief {
    /// Begins with the weights that the founding reading and the mission's figures give.
    pub(crate) fn new(weights: Weights, text: String, founder: ObservationId) -> Self {
        let log_odds = log_odds_of_weapons(&weights.classes());
        let prior = Term {
            name: slug("prior"),
            text,
            log_odds,
            observation: Some(founder),
            sensor: None,
        };
        Self {
            weights,
            log_odds,
            terms: vec![prior],
            rest: (0, 0.0),
        }
    }

    /// Works a factor in: a natural log-likelihood ratio per class against noise.
    pub(crate) fn add(&mut self, factor: &[f64; CLASSES], line: Line) {
        self.add_sized(&factor.map(|factor| [factor; SIZES]), line);
    }

    /// Works a factor in that differs with the size of the event.
    pub(crate) fn add_sized(&mut self, factor: &[[f64; SIZES]; CLASSES], line: Line) {
        self.weights.add(|class, size| factor[class][size]);
        let log_odds = log_odds_of_weapons(&self.weights.classes());
        let added = log_odds - self.log_odds;
        self.log_odds = log_odds;
        if self.terms.len() >= TERMS_MAX {
            self.rest.0 += 1;
            self.rest.1 += added;
            return;
        }
        self.terms.push(Term {
            name: slug(line.name),
            text: line.text,
            log_odds: added,
            observation: line.observation,
            sensor: line.sensor,
        });
    }

    /// Probability that anything happened at all.
    pub(crate) fn real(&self) -> f64 {
        1.0 - libm::exp(-self.with_noise())
    }

    /// Log-odds of the use of weapons.
    pub(crate) fn log_odds(&self) -> f64 {
        self.log_odds
    }

    /// Probability per class; noise is with [`EventClass::Other`].
    pub(crate) fn classes(&self) -> BTreeMap<EventClass, f64> {
        let all = self.with_noise();
        let mut classes: BTreeMap<EventClass, f64> = EventClass::ALL
            .into_iter()
            .zip(self.weights.classes())
            .map(|(class, weight)| (class, libm::exp(weight - all)))
            .collect();
        *classes.entry(EventClass::Other).or_default() += libm::exp(-all);
        classes
    }

    /// ln of the sum of all weights, noise included.
    fn with_noise(&self) -> f64 {
        log_sum([self.weights.total(), 0.0].into_iter())
    }

    /// The lines.
    pub(crate) fn into_terms(self) -> Vec<Term> {
        let Self {
            mut terms,
            rest: (count, log_odds),
            ..
        } = self;
        if count > 0 {
            terms.push(Term {
                name: slug("more"),
                text: format!("{count} further lines of this kind"),
                log_odds,
                observation: None,
                sensor: None,
            });
        }
        terms
    }
}

/// What a line is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) observation: Option<ObservationId>,
    pub(crate) sensor: Option<Slug>,
}

fn log_odds_of_weapons(weights: &[f64; CLASSES]) -> f64 {
    let of = |weapons: bool| {
        let classes = EventClass::ALL.into_iter().zip(weights);
        classes
            .filter(move |(class, _)| class.uses_weapons() == weapons)
            .map(|(_, w)| *w)
    };
    log_sum(of(true)) - log_sum(of(false).chain([0.0]))
}

/// ln Σ exp, without overflow.
fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    most + libm::log(logs.map(|log| libm::exp(log - most)).sum())
}

/// How often a report of a grade is true: own scale in the order of the Admiralty code. Samet
/// (1975, Quantitative interpretation of two qualitative scales used to rate military
/// intelligence) found that users agree on the order and differ on the distances.
pub(crate) fn truth(grade: Grade) -> f64 {
    use truce_core::{Credibility as C, Reliability as R};
    let source = match grade.reliability {
        R::A => 0.95,
        R::B => 0.85,
        R::C => 0.7,
        R::D => 0.4,
        R::E => 0.15,
        R::F => 0.5,
    };
    let content = match grade.credibility {
        C::Confirmed => 1.5,
        C::ProbablyTrue => 0.7,
        C::PossiblyTrue | C::CannotBeJudged => 0.0,
        C::Doubtful => -1.0,
        C::Improbable => -2.0,
    };
    truce_core::belief::probability(truce_core::belief::log_odds(source) + content)
}
