//! Feeds: the doors by which messages come, how they come, how many may, and whose signatures they
//! bear; and how sensors.toml says so.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::decoding::{self, Decoding};
use super::network::{count, grade};
use super::transport::{self, Transport};
use crate::belief::Grade;
use crate::document::{Fields, Names, Node, Refusal, one_of, slug, text, timestamp};
use crate::identity::Slug;
use crate::time::Timestamp;

/// What a feed is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedUse {
    /// Observations of the present.
    #[default]
    Live,
    /// Observations of earlier times that set the background and found no incident.
    Background,
}

/// A door by which messages come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    /// Its name; the `source` of its messages.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// The format of its messages, as `truce-feeds` names it.
    pub format: Slug,
    /// How they come.
    pub transport: Transport,
    /// What it is for.
    pub purpose: FeedUse,
    /// The sensor that its messages come from when they do not say so themselves.
    pub sensor: Option<Slug>,
    /// The actor who runs it.
    pub operator: Option<Slug>,
    /// Grade of its messages when they do not say so themselves.
    pub grade: Grade,
    /// Silence that raises an alarm, seconds; `None` leaves it to the feed's own rate.
    pub silence_s_max: Option<u32>,
    /// Messages per second that it may send for long; `None` is what fits most sensors.
    pub quota_per_s: Option<u32>,
    /// Keys that its messages may be signed with. When there are any, each message must be signed.
    pub keys: Vec<FeedKey>,
    /// What its decoder must be told beyond the format.
    #[serde(default)]
    pub decoding: Decoding,
}

impl Feed {
    /// A live feed of which nothing else is said.
    #[must_use]
    pub fn new(id: Slug, format: Slug, transport: Transport) -> Self {
        Self {
            id,
            name: String::new(),
            format,
            transport,
            purpose: FeedUse::Live,
            sensor: None,
            operator: None,
            grade: Grade::UNJUDGED,
            silence_s_max: None,
            quota_per_s: None,
            keys: Vec::new(),
            decoding: Decoding::default(),
        }
    }
}

/// A key of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedKey {
    /// Its name, unique within its feed.
    pub id: Slug,
    /// The public half.
    pub ed25519: PublicKey,
    /// Messages received before are not taken on it.
    pub valid_from: Timestamp,
    /// Messages received from then on are not taken, and what was taken before is marked.
    pub revoked_at: Option<Timestamp>,
}

/// A public key of Ed25519 (RFC 8032); whether it is a point of the curve is not looked at here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

/// What stands before the key in a SubjectPublicKeyInfo of Ed25519 (RFC 8410, clause 4).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

impl PublicKey {
    /// Reads base64 of the 32 bytes, or of a SubjectPublicKeyInfo: the middle line of what `openssl
    /// pkey -pubout` writes.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        let key = bytes.strip_prefix(&SPKI_PREFIX).unwrap_or(&bytes);
        key.try_into().ok().map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).ok_or_else(|| de::Error::custom("no Ed25519 public key"))
    }
}

/// Greatest quota, messages per second: what the line takes in on a server.
const QUOTA_PER_S_MAX: i64 = 1_000_000;

/// Reads the feeds of sensors.toml.
pub(super) fn read<'d>(
    fields: &Fields<'d>,
    known_formats: &[&str],
    names: &mut Names<'d>,
) -> Vec<Feed> {
    let feeds = fields.tables("feeds").into_iter();
    let mut doors = Vec::new();
    feeds
        .filter_map(|table| read_feed(table, known_formats, &mut doors, names))
        .collect()
}

fn read_feed<'d>(
    fields: Fields<'d>,
    known_formats: &[&str],
    doors: &mut Vec<(&'static str, String)>,
    names: &mut Names<'d>,
) -> Option<Feed> {
    let id = fields.need("id", slug);
    names.define("feed", id.as_ref(), &fields, "id");
    let name = fields.need("name", text);
    let known: Vec<(&str, &str)> = known_formats.iter().map(|f| (*f, *f)).collect();
    let format = fields.need("format", one_of(&known));
    let transport = fields.need_table("transport").and_then(transport::read);
    if let Some(door) = transport.as_ref().and_then(listening) {
        if doors.contains(&door) {
            let message = format!("another feed listens on {} already", door.1);
            fields.issue_at("transport", message, "take another port".to_owned());
        }
        doors.push(door);
    }
    let uses = [("live", FeedUse::Live), ("background", FeedUse::Background)];
    let purpose = fields.maybe("purpose", one_of(&uses)).unwrap_or_default();
    let sensor = fields.maybe("sensor", slug);
    names.refer("sensor", sensor.as_ref(), &fields, "sensor");
    let operator = fields.maybe("operator", slug);
    names.refer("actor", operator.as_ref(), &fields, "operator");
    let grade = fields.maybe("grade", grade).unwrap_or(Grade::UNJUDGED);
    let silence_s_max = fields.maybe("silence_s_max", count(1..=30 * 86_400));
    let quota_per_s = fields.maybe("quota_per_s", count(1..=QUOTA_PER_S_MAX));
    let keys = read_keys(&fields);
    let decoding = decoding::read(&fields);
    fields.finish();
    Some(Feed {
        id: id?,
        name: name?,
        format: Slug::new(format?).ok()?,
        transport: transport?,
        purpose,
        sensor,
        operator,
        grade,
        silence_s_max,
        quota_per_s,
        keys,
        decoding,
    })
}

/// The port of this machine that a feed takes for itself.
fn listening(transport: &Transport) -> Option<(&'static str, String)> {
    match transport {
        Transport::TcpServer { address, .. } => Some(("tcp", address.clone())),
        Transport::Udp { address } => Some(("udp", address.clone())),
        _ => None,
    }
}

fn read_keys(feed: &Fields<'_>) -> Vec<FeedKey> {
    let mut keys: Vec<FeedKey> = Vec::new();
    for fields in feed.tables("keys") {
        let id = fields.need("id", slug);
        if keys.iter().any(|key| Some(&key.id) == id.as_ref()) {
            let hint = "give each its own name".to_owned();
            fields.issue_at("id", "the feed has a key of this name already".into(), hint);
        }
        let ed25519 = fields.need("ed25519", public_key);
        let valid_from = fields.need("valid_from", timestamp);
        let revoked_at = fields.maybe("revoked_at", timestamp);
        fields.finish();
        if let (Some(id), Some(ed25519), Some(valid_from)) = (id, ed25519, valid_from) {
            keys.push(FeedKey {
                id,
                ed25519,
                valid_from,
                revoked_at,
            });
        }
    }
    keys
}

fn public_key(node: &Node) -> Result<PublicKey, Refusal> {
    let given = text(node)?;
    PublicKey::from_base64(&given).ok_or_else(|| {
        let hint = "write the middle line of what `openssl pkey -in KEY -pubout` prints";
        ("this is no Ed25519 public key".into(), hint.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Issues, toml};

    /// The public key of RFC 8410, clause 10.1.
    const SPKI: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn feeds(text: &str) -> (Vec<Feed>, Vec<String>) {
        let issues = Issues::default();
        let document = toml("sensors.toml", text, &issues).unwrap();
        let fields = document.fields(&issues);
        let feeds = read(&fields, &["aivdm"], &mut Names::default());
        let issues = issues.into_sorted();
        (feeds, issues.iter().map(ToString::to_string).collect())
    }

    fn feed(id: &str, transport: &str) -> String {
        format!(
            "[[feeds]]\nid = \"{id}\"\nname = \"F\"\nformat = \"aivdm\"\ntransport = {transport}\n"
        )
    }

    #[test]
    fn one_port_belongs_to_one_feed() {
        let udp = "{ kind = \"udp\", address = \"0.0.0.0:7001\" }";
        let tcp = "{ kind = \"tcp_server\", address = \"0.0.0.0:7001\" }";
        let (_, issues) = feeds(&(feed("a", udp) + &feed("b", tcp)));
        assert_eq!(issues, [""; 0]);
        let (_, issues) = feeds(&(feed("a", udp) + &feed("b", udp)));
        assert_eq!(issues.len(), 1);
        assert!(issues[0].contains("another feed listens"), "{issues:?}");
    }

    #[test]
    fn keys_are_given_as_openssl_prints_them() {
        let raw = STANDARD.encode(PublicKey::from_base64(SPKI).unwrap().0);
        assert_eq!(PublicKey::from_base64(&raw), PublicKey::from_base64(SPKI));
        assert_eq!(PublicKey::from_base64(&raw[..40]), None);
        let key = |id: &str| {
            format!(
                "[[feeds.keys]]\nid = \"{id}\"\ned25519 = \"{SPKI}\"\n\
                 valid_from = \"2025-01-01T00:00:00Z\"\nrevoked_at = \"2025-06-01T00:00:00Z\"\n"
            )
        };
        let text = feed("f", "{ kind = \"http_push\" }");
        let (read, issues) = feeds(&(text.clone() + &key("a") + &key("b")));
        assert_eq!(issues, [""; 0]);
        assert_eq!(read[0].keys.len(), 2);
        assert_eq!(read[0].keys[0].ed25519.to_string(), raw);
        assert!(read[0].keys[1].revoked_at.is_some());
        let (_, issues) = feeds(&(text + &key("a") + &key("a")));
        assert!(issues[0].contains("of this name already"), "{issues:?}");
    }
}
