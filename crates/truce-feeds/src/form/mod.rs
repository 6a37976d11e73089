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
use truce_core::{ObjectIdentity, Observation, Reading, Retraction, Slug};

use crate::decoder::{Decoded, Job, Said};
use crate::fault::{Fault, Unencodable};
use crate::report::claim_line;
use crate::retraction;
use answers::Answers;

/// Says what the answers of one submission say under the feed's mapping.
fn say(job: &Job<'_>, answers: &Answers, out: &mut Decoded) -> Result<(), Fault> {
    let unmapped = Mapping::default();
    let mapping = job.origin.decoding.mapping.as_ref().unwrap_or(&unmapped);
    let mut claims = answers.claims(mapping, job.origin)?;
    let report = answers.instance().map(name_of);
    for said in &mut claims {
        if let Reading::Claim(claim) = &mut said.reading {
            claim.report.clone_from(&report);
        }
    }
    out.sheet(|| {
        let mut sheet = match claims.first() {
            Some(first) => first.sheet(Map::new()),
            None => crate::Sheet::new("form"),
        };
        sheet.given = answers.as_map();
        sheet
    });
    claims.extend(correction(job, answers, &claims)?);
    for (index, said) in (0..).zip(claims) {
        job.say(said, index, out);
    }
    Ok(())
}

/// The name of the report that a submission is.
fn name_of(instance: &str) -> Slug {
    retraction::name("submission", &[instance.as_bytes()])
}

/// What an edited submission takes back: the one that it names in `deprecatedID` (OpenRosa Metadata
/// Schema 1.0), as of the time of what it says now, or of its arrival when it says nothing.
fn correction(job: &Job<'_>, answers: &Answers, now: &[Said]) -> Result<Option<Said>, Fault> {
    let other = |before: &&str| answers.instance() != Some(*before);
    let Some(before) = answers.deprecated().filter(other) else {
        return Ok(None);
    };
    let received_at = job.receipt.received_at;
    let at = now
        .first()
        .map_or(received_at, |said| said.observed_at.start);
    let retraction = Retraction {
        reports: vec![name_of(before)],
        corrected: true,
        text: String::new(),
    };
    retraction::said(retraction, at, job.origin).map(Some)
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
    // The submission has a name of its own.
    let without_object = Claim {
        object: None,
        report: None,
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
