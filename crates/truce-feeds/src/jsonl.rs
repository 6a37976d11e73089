//! Truce's own observations as JSON Lines: one JSON object (RFC 8259) a line, documented in
//! `docs/formats.md`. It carries every kind of reading and location.
//!
//! | field | meaning |
//! |---|---|
//! | version | 1; needed |
//! | observed_at | an RFC 3339 time, or `{"start", "end"}`; needed |
//! | reading | what was read, one of the kinds of [`truce_core::Reading`]; needed |
//! | location | where, one of the kinds of [`truce_core::Location`] |
//! | sensor | the configured sensor |
//! | grade | Admiralty grades; the feed's when absent |
//! | id, message, source, received_at | as an earlier Truce gave them; filled in when absent |
//!
//! An `id` must follow from `message` and `observed_at`, so that nobody can take the name of
//! another observation.

use serde::{Deserialize, Serialize};
use truce_core::{
    Grade, Interval, Location, MessageId, Observation, ObservationId, Reading, Slug, Timestamp,
};

use crate::decoder::{Decoded, Job, Reader, Receipt};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::origin::Origin;
use crate::sheet::Sheet;
use crate::validity::{check_interval, check_location};

/// The version this module reads and writes.
pub const VERSION: u32 = 1;

/// Most observations that one message gives, of any format: the parts of an `id` that are tried.
const OBSERVATIONS_PER_MESSAGE_MAX: u32 = 1_000;

/// One line. Field names and order are the format's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<ObservationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sensor: Option<Slug>,
    observed_at: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    reading: Reading,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grade: Option<Grade>,
}

/// An instant, or an interval when that is all that is known.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum When {
    /// One instant.
    Instant(Timestamp),
    /// From, to.
    Interval(Interval),
}

impl When {
    pub(crate) fn interval(self) -> Interval {
        match self {
            Self::Instant(at) => Interval::instant(at),
            Self::Interval(interval) => interval,
        }
    }

    pub(crate) fn of(interval: Interval) -> Self {
        if interval.start == interval.end {
            Self::Instant(interval.start)
        } else {
            Self::Interval(interval)
        }
    }
}

pub(crate) fn json_fault(error: &serde_json::Error) -> Fault {
    Fault::new(RejectionClass::Json, error.to_string())
}

/// Reads lines of one feed.
#[derive(Debug)]
pub(crate) struct Lines;

impl Reader for Lines {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        if let Some(text) = job.text()? {
            let observation = decode(text, job.receipt, job.origin)?;
            out.sheet(|| Sheet {
                fields: serde_json::from_str(text).unwrap_or_default(),
                ..Sheet::default()
            });
            out.observations.push(observation);
        }
        Ok(())
    }
}

fn decode(text: &str, receipt: &Receipt, origin: &Origin) -> Result<Observation, Fault> {
    let line: Line = serde_json::from_str(text).map_err(|error| version_fault(text, &error))?;
    if line.version != VERSION {
        return Err(unread_version(line.version));
    }
    let observed_at = line.observed_at.interval();
    check_interval(&observed_at)?;
    line.location.as_ref().map_or(Ok(()), check_location)?;
    let message = line.message.unwrap_or(receipt.message);
    Ok(Observation {
        id: name(line.id, message, observed_at)?,
        message,
        source: line.source.unwrap_or_else(|| origin.feed.clone()),
        sensor: line.sensor,
        observed_at,
        received_at: line.received_at.unwrap_or(receipt.received_at),
        location: line.location,
        reading: line.reading,
        grade: line.grade.unwrap_or(origin.grade),
        signed_by: None,
    })
}

/// A later version may well have fields that this one refuses: then the version is what is wrong.
fn version_fault(text: &str, error: &serde_json::Error) -> Fault {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_str::<Versioned>(text) {
        Ok(Versioned { version }) if version != VERSION => unread_version(version),
        _ => json_fault(error),
    }
}

fn unread_version(version: u32) -> Fault {
    let reason = format!("version {version} is not read here, only version {VERSION}");
    Fault::new(RejectionClass::Version, reason)
}

/// The observation's name: given and checked, or made.
fn name(
    given: Option<ObservationId>,
    message: MessageId,
    observed_at: Interval,
) -> Result<ObservationId, Fault> {
    let Some(given) = given else {
        return Ok(Observation::name(message, 0, observed_at));
    };
    let follows = |index| Observation::name(message, index, observed_at) == given;
    if (0..OBSERVATIONS_PER_MESSAGE_MAX).any(follows) {
        return Ok(given);
    }
    let reason = "`id` does not follow from `message` and `observed_at`";
    Err(Fault::new(RejectionClass::Identity, reason))
}

/// Writes an observation as it is, with its names.
///
/// # Errors
/// [`Unencodable`] when a number of the location is not finite or out of range.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    write(Line {
        id: Some(observation.id),
        message: Some(observation.message),
        source: Some(observation.source.clone()),
        received_at: Some(observation.received_at),
        grade: Some(observation.grade),
        ..anonymous(observation)
    })
}

/// Writes an observation as a sensor would send it: without names, source and time of arrival,
/// which the decoder fills in.
///
/// # Errors
/// [`Unencodable`] when a number of the location is not finite or out of range.
pub fn encode_new(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    write(anonymous(observation))
}

fn anonymous(observation: &Observation) -> Line {
    Line {
        version: VERSION,
        id: None,
        message: None,
        source: None,
        sensor: observation.sensor.clone(),
        observed_at: When::of(observation.observed_at),
        received_at: None,
        location: observation.location.clone(),
        reading: observation.reading.clone(),
        grade: None,
    }
}

fn write(line: Line) -> Result<Vec<String>, Unencodable> {
    let finite = line.location.as_ref().map_or(Ok(()), check_location);
    finite.map_err(|fault| Unencodable::new("truce-jsonl", fault.reason))?;
    let text = serde_json::to_string(&line);
    Ok(vec![
        text.map_err(|error| Unencodable::new("truce-jsonl", error))?,
    ])
}

#[cfg(test)]
mod tests {
    use truce_core::place::Ellipse;
    use truce_core::{Location, Place};

    use super::*;
    use crate::Format::{FirmsCsv, TruceJsonl};
    use crate::sample::{decode_one, position, rejected, slug};

    const READING: &str = r#""reading":{"weather":{"cloud_fraction":0.5}}"#;

    fn line(rest: &str) -> String {
        format!(r#"{{"version":1,"observed_at":"2025-03-01T12:00:00Z",{READING}{rest}}}"#)
    }

    #[test]
    fn names_are_filled_in_or_kept() {
        let fresh = decode_one(TruceJsonl, &[line("")]);
        assert_eq!(fresh.source, slug("truce-jsonl"));
        assert_eq!(
            fresh.id,
            Observation::name(fresh.message, 0, fresh.observed_at)
        );

        let foreign = decode_one(FirmsCsv, &["48,37,2019-01-02"]);
        let lines = encode(&foreign).unwrap();
        assert_eq!(decode_one(TruceJsonl, &lines), foreign);

        let anew = decode_one(TruceJsonl, &encode_new(&foreign).unwrap());
        assert_eq!(
            (anew.observed_at, &anew.reading),
            (foreign.observed_at, &foreign.reading)
        );
        assert_ne!(anew.id, foreign.id);
    }

    #[test]
    fn what_is_rejected() {
        let place = |text: &str| line(&format!(r#","location":{text}"#));
        let interval = |start, end| {
            let interval = format!(r#"{{"start":"{start}","end":"{end}"}}"#);
            line("").replace(r#""2025-03-01T12:00:00Z""#, &interval)
        };
        let (early, late) = ("2025-03-01T12:00:00Z", "2025-03-02T12:00:00Z");
        let cases = [
            (line(""), "-"),
            (interval(early, late), "-"),
            (interval(late, early), "range"),
            (
                line("").replace("\"version\":1", "\"version\":2"),
                "version",
            ),
            (
                line(r#","later":1"#).replace("\"version\":1", "\"version\":2"),
                "version",
            ),
            (line(r#","later":1"#), "json"),
            (line("").replace("\"version\":1,", ""), "json"),
            (line("").replace("weather", "whether"), "json"),
            (line(&format!(r#","id":"{:064}""#, 1)), "identity"),
            (line(r#","sensor":"Not A Name""#), "json"),
            (
                place(r#"{"arrival":{"station":{"lat_deg":91,"lon_deg":0},"arrival_s_sigma":1}}"#),
                "range",
            ),
            (
                place(r#"{"area":{"ring":[{"lat_deg":1,"lon_deg":0}]}}"#),
                "range",
            ),
            (line(r#","received_at":null"#), "-"),
            (line("").replace("0.5", "1e999"), "json"),
            ("null".to_owned(), "json"),
        ];
        for (text, class) in cases {
            assert_eq!(rejected(TruceJsonl, &text), class, "{text}");
        }
    }

    #[test]
    fn numbers_that_are_none_are_not_written() {
        let mut observation = decode_one(FirmsCsv, &["48,37,2019-01-02"]);
        observation.location = Some(Location::Fix {
            place: Place {
                position: position(48.0, 37.0),
                uncertainty: Ellipse::circle(f64::NAN),
            },
            height: None,
        });
        assert!(encode(&observation).is_err());
    }
}
