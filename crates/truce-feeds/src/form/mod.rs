//! What people fill in: forms of ODK and KoBo, tables, with a mapping of the mission that says which
//! answer is what.
//!
//! - `answers`: answers by question, and what the mapping makes of them
//! - `xml`: XForm submissions (ODK XForms Specification; OpenRosa Metadata Schema 1.0)
//! - `json`: submissions as KoBoToolbox (API v2) and ODK Central (OData) give them
//! - `table`: rows of CSV (RFC 4180)
//!
//! Each submission becomes a claim; with `each` in the mapping every repetition of a group. A form
//! without a mapping has questions that are called as the fields of `report-json`, which is how the
//! encoders write.

mod answers;
pub mod json;
pub mod table;
pub mod xml;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use truce_core::mission::Mapping;
use truce_core::observation::Claim;
use truce_core::{ObjectIdentity, Observation, Reading};

use crate::decoder::{Decoded, Job};
use crate::fault::{Fault, Unencodable};
use crate::report::claim_line;
use answers::Answers;

/// Says what the answers of one submission say under the feed's mapping.
fn say(job: &Job<'_>, answers: &Answers, out: &mut Decoded) -> Result<(), Fault> {
    let unmapped = Mapping::default();
    let mapping = job.origin.decoding.mapping.as_ref().unwrap_or(&unmapped);
    let claims = answers.claims(mapping, job.origin)?;
    out.sheet(|| {
        let mut sheet = match claims.first() {
            Some(first) => first.sheet(Map::new()),
            None => crate::Sheet::new("form"),
        };
        sheet.given = answers.as_map();
        sheet
    });
    for (index, said) in (0..).zip(claims) {
        job.say(said, index, out);
    }
    Ok(())
}

/// The fields of a claim as texts, in the order of `report-json`.
fn texts(
    observation: &Observation,
    format: &'static str,
) -> Result<Vec<(String, String)>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new(format, reason);
    let Reading::Claim(claim) = &observation.reading else {
        return Err(refuse("it is no claim"));
    };
    let mmsi = match &claim.object {
        None => None,
        Some(ObjectIdentity::Mmsi(mmsi)) => Some(*mmsi),
        Some(_) => return Err(refuse("its object is no vessel")),
    };
    let without_object = Claim {
        object: None,
        ..claim.clone()
    };
    let line = claim_line(observation, &without_object).map_err(|error| refuse(&error.reason))?;
    let value = serde_json::to_value(line).map_err(|error| refuse(&error.to_string()))?;
    let Value::Object(fields) = value else {
        return Ok(Vec::new());
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut texts: Vec<(String, String)> = fields
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect();
    texts.extend(mmsi.map(|mmsi| ("mmsi".to_owned(), mmsi.to_string())));
    Ok(texts)
}
