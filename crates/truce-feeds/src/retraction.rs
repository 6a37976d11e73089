//! What a sender takes back: as one line of `report-json`, documented in `docs/formats.md`, and the
//! names of reports that other formats make of the senders' own.
//!
//! | field | meaning |
//! |---|---|
//! | type | `retraction` |
//! | reports | the names of the reports; needed |
//! | retracted_at | when, RFC 3339; needed |
//! | corrected | true when another report takes their place |
//! | text | why |

use serde::{Deserialize, Serialize};
use truce_core::{Digest, Interval, Observation, Reading, Retraction, Slug, Timestamp};

use crate::decoder::Said;
use crate::fault::{Fault, RejectionClass};
use crate::origin::Origin;
use crate::report::check_text;

/// Most reports that one retraction names.
pub(crate) const REPORTS_MAX: usize = 256;

/// The name of a report, made of the parts by which its sender names it. Senders' own names have
/// any characters and any length.
pub(crate) fn name(kind: &str, parts: &[&[u8]]) -> Slug {
    let digest = Digest::of_parts(&format!("truce {kind} v1"), parts);
    Slug::new(&format!("{kind}/{}", digest.short())).expect("digits behind a word are a name")
}

/// A retraction as it stands in a line. Field names and order are the format's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetractionLine {
    #[serde(rename = "type")]
    _type: String,
    reports: Vec<Slug>,
    retracted_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    corrected: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
}

impl RetractionLine {
    pub(crate) fn of(observation: &Observation, retraction: &Retraction) -> Self {
        let retraction = retraction.clone();
        Self {
            _type: "retraction".to_owned(),
            reports: retraction.reports,
            retracted_at: observation.observed_at.start,
            corrected: retraction.corrected,
            text: retraction.text,
        }
    }

    pub(crate) fn decode(self, origin: &Origin) -> Result<Said, Fault> {
        check_text(&self.text)?;
        let retraction = Retraction {
            reports: self.reports,
            corrected: self.corrected,
            text: self.text,
        };
        said(retraction, self.retracted_at, origin)
    }
}

/// What a retraction says, as of an instant.
pub(crate) fn said(retraction: Retraction, at: Timestamp, origin: &Origin) -> Result<Said, Fault> {
    let count = retraction.reports.len();
    if !(1..=REPORTS_MAX).contains(&count) {
        let reason = format!("a retraction of {count} reports, 1 to {REPORTS_MAX} are expected");
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    Ok(Said {
        sensor: origin.default_site().map(|site| site.id.clone()),
        observed_at: Interval::instant(at),
        location: None,
        reading: Reading::Retraction(retraction),
        grade: None,
    })
}
