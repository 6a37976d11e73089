//! Submissions as JSON: pushed by a KoBoToolbox REST service or polled from its API (v2, `data.json`),
//! or polled from ODK Central (OData 4.0, `Submissions`).
//!
//! ```text
//! {"_id":7,"_uuid":"…","_submission_time":"2025-03-01T12:03:00",   KoBo: no zone, UTC
//!  "start":"2025-03-01T14:02:11.000+02:00",
//!  "g/where":"48.1 37.9 120.0 4.8",                               question by its path
//!  "harm":[{"harm/kind":"injured"},{"harm/kind":"killed"}]}        repetitions
//!
//! {"__id":"uuid:…","__system":{"submissionDate":"…Z"},             ODK Central: groups nest
//!  "g":{"where":{"type":"Point","coordinates":[37.9,48.1,120.0],  GeoJSON, longitude first
//!                "properties":{"accuracy":4.8}}}}
//! ```

use serde_json::{Map, Value};
use truce_core::Observation;

use super::answers::{Answers, as_text};
use super::{say, texts};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, Unencodable};
use crate::framer::Cut;
use crate::jsonl::json_fault;

/// Names of the list on a page of submissions: of KoBo's interface and of OData.
const LISTS: [&str; 2] = ["results", "value"];

/// Cuts a stream behind each submission.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    crate::json::cut(bytes, &LISTS)
}

/// Reads the submissions of one feed.
#[derive(Debug)]
pub(crate) struct Submissions;

impl Reader for Submissions {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = job.text()? else {
            return Ok(());
        };
        let fields: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| json_fault(&error))?;
        let mut answers = Answers::default();
        gather(&fields, "", &mut answers)?;
        say(job, &answers, out)
    }
}

fn gather(fields: &Map<String, Value>, path: &str, answers: &mut Answers) -> Result<(), Fault> {
    for (name, value) in fields {
        let path = match path {
            // KoBo writes the whole path inside repetitions, ODK Central the name alone.
            path if path.is_empty() || name.starts_with(&format!("{path}/")) => name.clone(),
            path => format!("{path}/{name}"),
        };
        match value {
            Value::Object(inner) => match geometry(inner) {
                Some(place) => answers.add(&path, &place)?,
                None => gather(inner, &path, answers)?,
            },
            Value::Array(items) => list(items, &path, answers)?,
            value => {
                if let Some(text) = as_text(value) {
                    answers.add(&path, &text)?;
                }
            }
        }
    }
    Ok(())
}

/// Repetitions, or a list of plain values, which is one answer with blanks between.
fn list(items: &[Value], path: &str, answers: &mut Answers) -> Result<(), Fault> {
    let plain: Option<Vec<_>> = items.iter().map(as_text).collect();
    if let Some(plain) = plain {
        return answers.add(path, &plain.join(" "));
    }
    for item in items {
        if let Value::Object(inner) = item {
            let mut repetition = Answers::default();
            gather(inner, path, &mut repetition)?;
            answers.repeat(path, repetition)?;
        }
    }
    Ok(())
}

/// A GeoJSON geometry (RFC 7946, 3.1) as ODK writes places; `None` for other objects.
fn geometry(object: &Map<String, Value>) -> Option<String> {
    let coordinates = object.get("coordinates")?;
    let accuracy = object
        .get("properties")
        .and_then(|properties| properties.get("accuracy"));
    let point = |value: &Value| -> Option<String> {
        let numbers: Option<Vec<f64>> = value.as_array()?.iter().map(Value::as_f64).collect();
        let numbers = numbers?;
        let (lon, lat) = (numbers.first()?, numbers.get(1)?);
        let height = numbers.get(2).copied().unwrap_or(0.0);
        let accuracy = accuracy.and_then(Value::as_f64).unwrap_or(0.0);
        Some(format!("{lat} {lon} {height} {accuracy}"))
    };
    let points = |value: &Value| -> Option<String> {
        let points: Option<Vec<String>> = value.as_array()?.iter().map(point).collect();
        Some(points?.join(";"))
    };
    match object.get("type")?.as_str()? {
        "Point" => point(coordinates),
        "LineString" => points(coordinates),
        "Polygon" => points(coordinates.get(0)?),
        _ => None,
    }
}

/// Writes a claim as a submission whose questions are called as the fields of `report-json`.
///
/// # Errors
/// [`Unencodable`] for other readings, and for objects other than vessels.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let mut fields: Map<String, Value> = texts(observation, "odk-json")?
        .into_iter()
        .map(|(name, answer)| (name, Value::from(answer)))
        .collect();
    let instance = format!("truce:{}", observation.id);
    fields.insert("meta/instanceID".to_owned(), instance.into());
    let text = serde_json::to_string(&fields);
    Ok(vec![
        text.map_err(|error| Unencodable::new("odk-json", error))?,
    ])
}
