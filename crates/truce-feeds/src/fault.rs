//! Why a message was not decoded, and why an observation cannot be written in a format.

use std::fmt;

use truce_core::Slug;

/// The classes under which rejections are counted. `docs/formats.md` says which format uses which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectionClass {
    /// The bytes are not UTF-8 where the format is text.
    Encoding,
    /// The line is longer than [`crate::LINE_BYTES_MAX`]; what arrived is cut there.
    LineLength,
    /// A header line lacks a column that the format needs, or rows follow such a header.
    Header,
    /// A row has more or fewer columns than its header, or than any known form.
    ColumnCount,
    /// A field that the format needs is empty or absent.
    MissingField,
    /// A field that should be a number is none.
    Number,
    /// A number lies outside what is physically or formally possible.
    Range,
    /// A date or time cannot be read.
    Time,
    /// A word is none of those that the format knows.
    Value,
    /// The sensor or station is not one of the mission's, or has no position.
    UnknownSensor,
    /// A place that is named is not one of the mission's posts or sensors.
    UnknownPlace,
    /// The checksum does not match the sentence.
    Checksum,
    /// The line is no sentence of the format.
    Sentence,
    /// The bytes are no message of the format, or one that is cut short.
    Frame,
    /// A payload holds a character that its armour does not know.
    Payload,
    /// A payload is too short for its message type, or longer than any message.
    PayloadLength,
    /// A message type that the standard does not define.
    MessageType,
    /// A part of a message whose other parts never came.
    Fragment,
    /// Not JSON, or not the JSON that the format describes.
    Json,
    /// Not XML, or not the XML that the format describes.
    Xml,
    /// A version of the format that this program does not read.
    Version,
    /// An observation's name that does not follow from its message and time.
    Identity,
}

impl RejectionClass {
    /// All classes, in order.
    pub const ALL: [Self; 22] = [
        Self::Encoding,
        Self::LineLength,
        Self::Header,
        Self::ColumnCount,
        Self::MissingField,
        Self::Number,
        Self::Range,
        Self::Time,
        Self::Value,
        Self::UnknownSensor,
        Self::UnknownPlace,
        Self::Checksum,
        Self::Sentence,
        Self::Frame,
        Self::Payload,
        Self::PayloadLength,
        Self::MessageType,
        Self::Fragment,
        Self::Json,
        Self::Xml,
        Self::Version,
        Self::Identity,
    ];

    /// The class as a name, as it stands in a rejection.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::LineLength => "line_length",
            Self::Header => "header",
            Self::ColumnCount => "column_count",
            Self::MissingField => "missing_field",
            Self::Number => "number",
            Self::Range => "range",
            Self::Time => "time",
            Self::Value => "value",
            Self::UnknownSensor => "unknown_sensor",
            Self::UnknownPlace => "unknown_place",
            Self::Checksum => "checksum",
            Self::Sentence => "sentence",
            Self::Frame => "frame",
            Self::Payload => "payload",
            Self::PayloadLength => "payload_length",
            Self::MessageType => "message_type",
            Self::Fragment => "fragment",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Version => "version",
            Self::Identity => "identity",
        }
    }

    /// The class as a slug.
    ///
    /// # Panics
    /// Never: every name is a slug, which a test checks.
    #[must_use]
    pub fn slug(self) -> Slug {
        Slug::new(self.name()).expect("the names of rejection classes are slugs")
    }
}

/// Longest excerpt of a message that a reason repeats, characters: enough to find the place.
const EXCERPT_CHARS_MAX: usize = 40;

/// What was wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The class it counts under.
    pub(crate) class: RejectionClass,
    /// What exactly, in words.
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(class: RejectionClass, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { class, reason }
    }

    /// A field whose text is wrong in some way.
    pub(crate) fn field(class: RejectionClass, name: &str, text: &str, wanted: &str) -> Self {
        let shown = excerpt(text);
        Self::new(class, format!("`{name}` is `{shown}`: {wanted}"))
    }

    /// A field that is needed and not there.
    pub(crate) fn missing(name: &str) -> Self {
        let reason = format!("`{name}` is missing");
        Self::new(RejectionClass::MissingField, reason)
    }
}

/// The beginning of a text, for a reason.
pub(crate) fn excerpt(text: &str) -> String {
    let mut shown: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Why an observation cannot be written in a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format} cannot carry this observation: {reason}")]
pub struct Unencodable {
    /// The format.
    pub format: &'static str,
    /// What it cannot carry.
    pub reason: String,
}

impl Unencodable {
    pub(crate) fn new(format: &'static str, reason: impl fmt::Display) -> Self {
        let reason = reason.to_string();
        Self { format, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_slugs_and_differ() {
        let mut slugs: Vec<Slug> = RejectionClass::ALL.map(RejectionClass::slug).to_vec();
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), RejectionClass::ALL.len());
    }

    #[test]
    fn excerpts_end_on_a_character() {
        assert_eq!(excerpt("short"), "short");
        assert_eq!(excerpt(&"ä".repeat(50)), format!("{}…", "ä".repeat(40)));
    }
}
