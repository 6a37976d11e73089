//! The weights of the terms, as a small file that people can read and compare.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use super::Error;
use super::terms::{Features, TERMS, TermName};

/// The version of the terms that the weights belong to.
const VERSION: u32 = 2;

/// The weights, and how they were found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Version of the terms; a file of another version is refused.
    pub version: u32,
    /// Latitude at which distances are true, degrees.
    pub reference_lat_deg: f64,
    /// Log-odds of a cluster whose terms all have their mean.
    pub intercept: f64,
    /// How the weights were found.
    pub fitted: Fitted,
    /// The weight of each term, by its key.
    pub terms: BTreeMap<String, Weight>,
}

/// Where weights come from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitted {
    /// First day of the samples.
    pub from: String,
    /// Last day of the samples, and of the events that confirmed them.
    pub until: String,
    /// Number of clusters.
    pub clusters: usize,
    /// How many of them an event confirmed within 5 km and one day.
    pub confirmed: usize,
    /// Ridge penalty on the weights of standardised terms.
    pub ridge: f64,
}

/// How a measure becomes log-odds: `weight × (measure − mean)`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Log-odds per unit of the measure.
    pub weight: f64,
    /// Mean of the measure where the weights were fitted.
    pub mean: f64,
}

/// One line of the explanation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// What was measured.
    pub name: TermName,
    /// Its part of the log-odds; `None` when it could not be measured and so says nothing.
    pub log_odds: Option<f64>,
}

/// A probability with its explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Log-odds before anything is measured.
    pub intercept: f64,
    /// What each term adds.
    pub terms: Vec<Term>,
}

impl Score {
    /// The sum of the intercept and all terms.
    #[must_use]
    pub fn log_odds(&self) -> f64 {
        let terms = self.terms.iter().filter_map(|term| term.log_odds);
        self.intercept + terms.sum::<f64>()
    }

    /// Probability that a source confirms a violent event within 5 km and one day. Fighting that
    /// nobody publishes counts as none, so it is a lower bound for fighting itself.
    #[must_use]
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + libm::exp(-self.log_odds()))
    }
}

impl Parameters {
    /// Reads a parameter file.
    ///
    /// # Errors
    /// [`Error::Parameters`] when the text is no TOML, has another version, or does not hold
    /// exactly one finite weight for each term.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parameters: Self =
            toml::from_str(text).map_err(|error| Error::Parameters(error.to_string()))?;
        if parameters.version != VERSION {
            let found = parameters.version;
            let what = format!("version {found} found, version {VERSION} wanted; fit them anew");
            return Err(Error::Parameters(what));
        }
        let known = TERMS.map(TermName::key);
        if let Some(missing) = known
            .iter()
            .find(|key| !parameters.terms.contains_key(**key))
        {
            return Err(Error::Parameters(format!("term `{missing}` is missing")));
        }
        if let Some(extra) = parameters
            .terms
            .keys()
            .find(|key| !known.contains(&key.as_str()))
        {
            return Err(Error::Parameters(format!("term `{extra}` is unknown")));
        }
        let weights = parameters.terms.values();
        let numbers = weights.flat_map(|weight| [weight.weight, weight.mean]);
        let alone = [parameters.intercept, parameters.reference_lat_deg];
        if !numbers.chain(alone).all(f64::is_finite) {
            return Err(Error::Parameters("every number must be finite".to_owned()));
        }
        Ok(parameters)
    }

    /// The file that [`Parameters::parse`] reads.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let fitted = &self.fitted;
        let mut text = format!(
            "# Is a thermal anomaly fighting? Weights of the terms; see docs/thermal.md.\n\
             # log-odds = intercept + Σ weight × (measure − mean)\n\n\
             version = {}\nreference_lat_deg = {}\nintercept = {:.4}\n\n\
             [fitted]\nfrom = \"{}\"\nuntil = \"{}\"\nclusters = {}\nconfirmed = {}\nridge = {}\n\n\
             [terms]\n",
            self.version,
            self.reference_lat_deg,
            self.intercept,
            fitted.from,
            fitted.until,
            fitted.clusters,
            fitted.confirmed,
            fitted.ridge
        );
        for (key, weight) in TERMS.map(TermName::key).into_iter().filter_map(|key| {
            let weight = self.terms.get(key)?;
            Some((key, weight))
        }) {
            let Weight { weight, mean } = weight;
            let line = format!("{key} = {{ weight = {weight:.4}, mean = {mean:.4} }}");
            writeln!(text, "{line}").expect("writing into a string cannot fail");
        }
        text
    }

    /// Weighs what was measured.
    #[must_use]
    pub fn score(&self, features: &Features) -> Score {
        let terms = TERMS.into_iter().zip(features).map(|(name, measure)| {
            let weight = self.terms.get(name.key());
            let log_odds = weight
                .zip(*measure)
                .map(|(weight, measure)| weight.weight * (measure - weight.mean));
            Term { name, log_odds }
        });
        Score {
            intercept: self.intercept,
            terms: terms.collect(),
        }
    }
}

impl Default for Fitted {
    fn default() -> Self {
        Self {
            from: String::new(),
            until: String::new(),
            clusters: 0,
            confirmed: 0,
            ridge: 0.0,
        }
    }
}

impl Parameters {
    /// Weights for terms that were standardised.
    pub(super) fn of(
        reference_lat_deg: f64,
        intercept: f64,
        weights: &[Weight],
        fitted: Fitted,
    ) -> Self {
        let keys = TERMS.iter().map(|term| term.key().to_owned());
        Self {
            version: VERSION,
            reference_lat_deg,
            intercept,
            fitted,
            terms: keys.zip(weights.iter().copied()).collect(),
        }
    }
}
