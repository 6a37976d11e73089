//! What goes into the log: one record is one row, with one canonical form.
//!
//! The canonical bytes are JSON without white space: fields in the order of their declaration, maps
//! in key order, numbers in their shortest form that reads back the same, absent fields left out.
//! Two records are equal exactly when their bytes are.

use serde::{Deserialize, Serialize};

use crate::assessment::Assessment;
use crate::feed::{FeedChange, FeedNote};
use crate::finding::{Decision, Finding};
use crate::identity::{Digest, Slug};
use crate::incident::Incident;
use crate::label::Label;
use crate::message::{RawMessage, Rejection};
use crate::observation::Observation;
use crate::time::Timestamp;
use crate::track::Track;

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not the canonical form of any record.
    #[error("not a record: {0}")]
    Decode(#[from] serde_json::Error),
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Who may see it.
    pub label: Label,
    /// What it says.
    pub body: Body,
}

/// What a record says. The first group is input; the rest follows from it and can be recomputed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Input: a file of the mission folder as it stands from now on.
    MissionFile(MissionFile),
    /// Input: a message as received.
    Raw(RawMessage),
    /// Input: an officer's decision.
    Decision(Decision),
    /// Input: a whole file or folder was read in.
    Import(Import),
    /// Input: the clock, as far as the engine knows it.
    Tick(Tick),
    /// A segment of evidence was sealed.
    Seal(Seal),
    /// Something was done with evidence.
    Custody(Custody),
    /// Input: something about a feed that its messages do not say.
    FeedNote(FeedNote),
    /// Input: one version of the engine concludes from here on.
    Epoch(Epoch),
    /// A message that could not be decoded.
    Rejection(Rejection),
    /// A reading.
    Observation(Observation),
    /// New points of a track.
    Track(Track),
    /// A revision of an incident.
    Incident(Incident),
    /// An incident held against a clause.
    Assessment(Assessment),
    /// What the mission says.
    Finding(Finding),
    /// How a feed fares.
    FeedChange(FeedChange),
    /// Stands in the place of an erased row when a log is read; no log ever holds it.
    #[serde(skip)]
    Erased(RecordClass),
}

/// The class of a record, one byte in its log entry. All rows of an entry are of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RecordClass {
    /// [`Body::MissionFile`]
    MissionFile = 1,
    /// [`Body::Raw`]
    Raw = 2,
    /// [`Body::Decision`]
    Decision = 3,
    /// [`Body::Import`]
    Import = 4,
    /// [`Body::Tick`]
    Tick = 5,
    /// [`Body::Seal`]
    Seal = 6,
    /// [`Body::Custody`]
    Custody = 7,
    /// [`Body::FeedNote`]
    FeedNote = 8,
    /// [`Body::Epoch`]
    Epoch = 9,
    /// [`Body::Rejection`]
    Rejection = 16,
    /// [`Body::Observation`]
    Observation = 17,
    /// [`Body::Track`]
    Track = 18,
    /// [`Body::Incident`]
    Incident = 19,
    /// [`Body::Assessment`]
    Assessment = 20,
    /// [`Body::Finding`]
    Finding = 21,
    /// [`Body::FeedChange`]
    FeedChange = 22,
}

impl RecordClass {
    /// All classes, in order of their byte.
    pub const ALL: [Self; 16] = [
        Self::MissionFile,
        Self::Raw,
        Self::Decision,
        Self::Import,
        Self::Tick,
        Self::Seal,
        Self::Custody,
        Self::FeedNote,
        Self::Epoch,
        Self::Rejection,
        Self::Observation,
        Self::Track,
        Self::Incident,
        Self::Assessment,
        Self::Finding,
        Self::FeedChange,
    ];

    /// The class with a byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| *class as u8 == byte)
    }

    /// True for what comes from outside; the engine recomputes everything else.
    #[must_use]
    pub fn is_input(self) -> bool {
        (self as u8) < Self::Seal as u8 || matches!(self, Self::FeedNote | Self::Epoch)
    }

    /// True for what the mission says, and who decided it: the log commits to each field of such a
    /// record, so that one can be withheld and the others released. Everything else is a row.
    #[must_use]
    pub fn is_committed_by_field(self) -> bool {
        matches!(
            self,
            Self::Decision | Self::Custody | Self::Incident | Self::Assessment | Self::Finding
        )
    }
}

/// A file of the mission folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissionFile {
    /// Its name in the folder, such as `agreement.toml`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A file that was read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The feed it was read as.
    pub source: Slug,
    /// The file's name, without its folder.
    pub file_name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Messages found in it.
    pub message_count: u64,
    /// When it was read.
    pub imported_at: Timestamp,
}

/// The clock, as far as the engine knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// Now.
    pub at: Timestamp,
}

/// The beginning of an epoch: from here on one version of the engine concludes, under the mission's
/// files as they stand. What follows from its entry is what is concluded otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Version of the engine's rules.
    pub engine: u32,
    /// When it began.
    pub began_at: Timestamp,
    /// Who had everything concluded again, and why; absent at the log's own beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Amendment>,
}

/// Why everything was concluded again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Who had it done, as they say.
    pub by: String,
    /// Why, in words; never empty.
    pub reason: String,
}

/// A sealed segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The segment's file name.
    pub segment: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// What was done with evidence, by whom and why. Reading a file in is a record of its own,
/// [`Import`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// What was done.
    pub action: CustodyAction,
    /// By whom, as they say.
    pub by: String,
    /// When.
    pub done_at: Timestamp,
    /// Why, in words; never empty.
    pub reason: String,
    /// To whom it was given, for an export or a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The rows it concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowPlace>,
    /// Digest of what came out: a package, or a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// A deed with evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustodyAction {
    /// Raw evidence was looked at.
    Access,
    /// A package was written.
    Export,
    /// A package was given to somebody outside the mission.
    Release,
    /// Rows were erased, lawfully.
    Erasure,
    /// A time-stamping authority vouched for a checkpoint.
    Timestamp,
}

/// A row of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowPlace {
    /// Index of its entry.
    pub entry: u64,
    /// Number among the entry's rows.
    pub row: u32,
}

impl Body {
    /// The class of this body.
    #[must_use]
    pub fn class(&self) -> RecordClass {
        match self {
            Self::MissionFile(_) => RecordClass::MissionFile,
            Self::Raw(_) => RecordClass::Raw,
            Self::Decision(_) => RecordClass::Decision,
            Self::Import(_) => RecordClass::Import,
            Self::Tick(_) => RecordClass::Tick,
            Self::Seal(_) => RecordClass::Seal,
            Self::Custody(_) => RecordClass::Custody,
            Self::FeedNote(_) => RecordClass::FeedNote,
            Self::Epoch(_) => RecordClass::Epoch,
            Self::Erased(class) => *class,
            Self::Rejection(_) => RecordClass::Rejection,
            Self::Observation(_) => RecordClass::Observation,
            Self::Track(_) => RecordClass::Track,
            Self::Incident(_) => RecordClass::Incident,
            Self::Assessment(_) => RecordClass::Assessment,
            Self::Finding(_) => RecordClass::Finding,
            Self::FeedChange(_) => RecordClass::FeedChange,
        }
    }
}

impl Record {
    /// A record with the label that the mission uses by default.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self {
            label: Label::default(),
            body,
        }
    }

    /// Appends the canonical bytes to a buffer.
    ///
    /// # Panics
    /// For [`Body::Erased`], which is never written. Never for others: they hold no maps with keys
    /// that are not text.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("a record is always representable as JSON");
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        self.write_canonical(&mut out);
        out
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`Error::Decode`] when the bytes are no record, or hold an unknown field.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, Error> {
        Ok(serde_json::from_slice(bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_byte() {
        for class in RecordClass::ALL {
            assert_eq!(RecordClass::from_byte(class as u8), Some(class));
        }
        assert_eq!(RecordClass::from_byte(0), None);
        assert!(RecordClass::Tick.is_input() && !RecordClass::Seal.is_input());
        assert!(RecordClass::FeedNote.is_input() && !RecordClass::Custody.is_input());
        assert!(!RecordClass::Observation.is_input());
    }

    #[test]
    fn canonical_bytes_read_back_as_the_same_bytes() {
        let tick = Tick {
            at: "2025-03-01T00:00:00.25Z".parse().unwrap(),
        };
        let record = Record::new(Body::Tick(tick));
        let bytes = record.canonical();
        let text =
            r#"{"label":{"level":"mission"},"body":{"tick":{"at":"2025-03-01T00:00:00.25Z"}}}"#;
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), text);
        assert_eq!(Record::from_canonical(&bytes).unwrap(), record);
        assert!(
            Record::from_canonical(br#"{"label":{"level":"mission"},"body":{"tock":1}}"#).is_err()
        );
    }
}
