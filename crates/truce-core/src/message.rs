//! Bytes as received, and bytes that could not be decoded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::{Digest, MessageId, Slug};
use crate::time::Timestamp;

/// Longest message accepted, bytes: a report with a long text fits, a flood does not.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// One message as a transport delivered it: for line formats one line without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// The feed it came from.
    pub source: Slug,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What arrived.
    pub bytes: Vec<u8>,
}

impl RawMessage {
    /// The message's name: the digest of its source and bytes. The time of arrival is left out, so
    /// the same message twice is one message.
    #[must_use]
    pub fn id(&self) -> MessageId {
        MessageId(Digest::of_parts(
            "truce message v1",
            &[self.source.as_str().as_bytes(), &self.bytes],
        ))
    }
}

/// The canonical form keeps text readable: `text` when the bytes are UTF-8, else `base64`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    source: Slug,
    received_at: Timestamp,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    text: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Serialize for RawMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(&self.bytes).ok();
        Wire {
            source: self.source.clone(),
            received_at: self.received_at,
            text: text.map(Into::into),
            base64: text.is_none().then(|| STANDARD.encode(&self.bytes)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let bytes = match (wire.text, wire.base64) {
            (Some(text), None) => text.into_owned().into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).map_err(D::Error::custom)?,
            _ => {
                return Err(D::Error::custom(
                    "exactly one of `text` and `base64` is needed",
                ));
            }
        };
        Ok(Self {
            source: wire.source,
            received_at: wire.received_at,
            bytes,
        })
    }
}

/// A message, or part of one, that could not be decoded. It is counted and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// The message.
    pub message: MessageId,
    /// The feed it came from.
    pub source: Slug,
    /// When it arrived.
    pub received_at: Timestamp,
    /// A short class of reason for counting, such as `checksum` or `column_count`.
    pub class: Slug,
    /// What exactly was wrong, in words.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8], received_at: &str) -> RawMessage {
        RawMessage {
            source: Slug::new("ais-1").unwrap(),
            received_at: received_at.parse().unwrap(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn text_stays_readable_and_other_bytes_survive() {
        for bytes in [
            &b"!AIVDM,1"[..],
            b"\xff\x00",
            b"",
            "\"\\\n\u{2028}".as_bytes(),
        ] {
            let original = message(bytes, "2025-03-01T00:00:00Z");
            let json = serde_json::to_string(&original).unwrap();
            assert_eq!(
                serde_json::from_str::<RawMessage>(&json).unwrap(),
                original,
                "{json}"
            );
        }
        let json = serde_json::to_string(&message(b"a", "2025-03-01T00:00:00Z")).unwrap();
        assert_eq!(
            json,
            r#"{"source":"ais-1","received_at":"2025-03-01T00:00:00Z","text":"a"}"#
        );
    }

    #[test]
    fn the_same_message_twice_is_one_message() {
        let first = message(b"a", "2025-03-01T00:00:00Z");
        assert_eq!(first.id(), message(b"a", "2025-03-02T00:00:00Z").id());
        assert_ne!(first.id(), message(b"b", "2025-03-01T00:00:00Z").id());
    }
}
