//! Feeds: the doors by which messages come, how they come, how many may, and whose signatures they
//! bear; and how sensors.toml says so.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::decoding::{self, Decoding};
use super::network::{count, grade};
use crate::belief::Grade;
use crate::document::{Fields, Names, Node, Refusal, one_of, slug, text, timestamp};
use crate::identity::Slug;
use crate::time::Timestamp;

/// How messages reach the mission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Files that are read in by a command.
    File,
    /// A file that another program writes on; it is followed as it grows, is rotated or truncated.
    Follow {
        /// Its full path.
        path: String,
    },
    /// A TCP server that the mission connects to.
    TcpClient {
        /// `host:port`.
        address: String,
    },
    /// TCP connections to a port of the mission.
    TcpServer {
        /// `host:port` to listen on.
        address: String,
        /// Connections served at a time; more are refused.
        connections_max: u32,
    },
    /// UDP datagrams that arrive at a port of the mission.
    Udp {
        /// `host:port` to listen on; a multicast group is joined.
        address: String,
    },
    /// A serial line, eight bits, no parity, one stop bit (as NMEA 0183 asks).
    Serial {
        /// Full path of the device.
        device: String,
        /// Bits per second.
        baud: u32,
    },
    /// HTTP requests to the mission's own server.
    HttpPush,
    /// A document that is fetched again and again.
    HttpPoll {
        /// `http://…`.
        url: String,
        /// Time from one request to the next, seconds.
        interval_s: u32,
    },
    /// A topic of an MQTT 3.1.1 broker.
    Mqtt {
        /// `host:port` of the broker.
        address: String,
        /// Topic filter.
        topic: String,
    },
    /// A subject of a NATS server.
    Nats {
        /// `host:port` of the server.
        address: String,
        /// Subject, with wildcards where wanted.
        subject: String,
    },
}

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

/// Connections of a TCP server when the mission does not say: a few receivers and their successors
/// whose old connections have not been noticed to be dead.
pub const CONNECTIONS_MAX: u32 = 16;

/// Bits per second of a serial line when the mission does not say: NMEA 0183 for AIS (IEC 61162-2).
const BAUD: u32 = 38_400;

/// Greatest quota, messages per second: what the line takes in on a server.
const QUOTA_PER_S_MAX: i64 = 1_000_000;

/// Longest time between two polls, seconds: a day.
const INTERVAL_S_MAX: i64 = 86_400;

/// Longest topic or subject, bytes. MQTT allows 65 535; nobody types those.
const TOPIC_BYTES_MAX: usize = 1_024;

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
    let transport = fields.need_table("transport").and_then(read_transport);
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

const TRANSPORTS: [&str; 10] = [
    "file",
    "follow",
    "tcp_client",
    "tcp_server",
    "udp",
    "serial",
    "http_push",
    "http_poll",
    "mqtt",
    "nats",
];

fn read_transport(fields: Fields<'_>) -> Option<Transport> {
    let kind = fields.need("kind", one_of(&TRANSPORTS.map(|kind| (kind, kind))));
    let at = || fields.need("address", address);
    let transport = match kind {
        Some("file") => Some(Transport::File),
        Some("follow") => fields
            .need("path", full_path)
            .map(|path| Transport::Follow { path }),
        Some("tcp_client") => at().map(|address| Transport::TcpClient { address }),
        Some("tcp_server") => {
            let most = fields.maybe("connections_max", count(1..=1_000));
            at().map(|address| Transport::TcpServer {
                address,
                connections_max: most.unwrap_or(CONNECTIONS_MAX),
            })
        }
        Some("udp") => at().map(|address| Transport::Udp { address }),
        Some("serial") => {
            let baud = fields.maybe("baud", count(300..=4_000_000)).unwrap_or(BAUD);
            let device = fields.need("device", full_path);
            device.map(|device| Transport::Serial { device, baud })
        }
        Some("http_push") => Some(Transport::HttpPush),
        Some("http_poll") => {
            let interval_s = fields.need("interval_s", count(1..=INTERVAL_S_MAX));
            let url = fields.need("url", http_url);
            url.zip(interval_s)
                .map(|(url, interval_s)| Transport::HttpPoll { url, interval_s })
        }
        Some("mqtt") => at()
            .zip(fields.need("topic", mqtt_topic))
            .map(|(address, topic)| Transport::Mqtt { address, topic }),
        Some("nats") => at()
            .zip(fields.need("subject", nats_subject))
            .map(|(address, subject)| Transport::Nats { address, subject }),
        _ => return None,
    };
    fields.finish();
    transport
}

/// `host:port`.
fn address(node: &Node) -> Result<String, Refusal> {
    let address = text(node)?;
    let port = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.is_empty());
    if port.is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Ok(address);
    }
    let hint = "write host:port, such as 127.0.0.1:10110";
    Err((format!("`{address}` is no address"), hint.to_owned()))
}

/// A path that does not depend on where the program was started.
fn full_path(node: &Node) -> Result<String, Refusal> {
    let path = text(node)?;
    if path.starts_with('/') && !path.ends_with('/') {
        return Ok(path);
    }
    let hint = "write the full path of a file, such as /var/log/ais.nmea";
    Err((format!("`{path}` is no full path"), hint.to_owned()))
}

fn http_url(node: &Node) -> Result<String, Refusal> {
    let url = text(node)?;
    let host = url.strip_prefix("http://").unwrap_or("");
    if !host.is_empty() && !host.starts_with('/') && url.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(url);
    }
    let hint = if url.starts_with("https://") {
        "this program speaks plain HTTP: run a proxy for TLS on this machine and name it here"
    } else {
        "write it as http://host:port/path"
    };
    Err((format!("`{url}` cannot be fetched"), hint.to_owned()))
}

/// A topic filter: `+` stands for a whole level and `#` for the rest (MQTT 3.1.1, clause 4.7.1).
fn mqtt_topic(node: &Node) -> Result<String, Refusal> {
    let topic = text(node)?;
    let hint = "levels are parted by `/`; `+` stands for one level, `#` at the end for the rest";
    let levels: Vec<&str> = topic.split('/').collect();
    let whole = |level: &&str| level.len() == 1 || !level.contains(['+', '#']);
    let last = levels.len() - 1;
    let ends = levels[..last].iter().all(|level| *level != "#");
    let fits = !topic.is_empty() && topic.len() <= TOPIC_BYTES_MAX && !topic.contains('\0');
    if fits && ends && levels.iter().all(whole) {
        return Ok(topic);
    }
    Err((format!("`{topic}` is no topic"), hint.to_owned()))
}

/// A subject: tokens parted by `.`, `*` for one token, `>` at the end for the rest (NATS client
/// protocol, "Protocol conventions").
fn nats_subject(node: &Node) -> Result<String, Refusal> {
    let subject = text(node)?;
    let hint = "tokens are parted by `.`; `*` stands for one token, `>` at the end for the rest";
    let tokens: Vec<&str> = subject.split('.').collect();
    let last = tokens.len() - 1;
    let whole = |(n, token): (usize, &&str)| {
        let wild = token.contains('*') || token.contains('>');
        !token.is_empty()
            && token.bytes().all(|b| b.is_ascii_graphic())
            && (!wild || *token == "*" || (*token == ">" && n == last))
    };
    if subject.len() <= TOPIC_BYTES_MAX && tokens.iter().enumerate().all(whole) {
        return Ok(subject);
    }
    Err((format!("`{subject}` is no subject"), hint.to_owned()))
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
    fn every_transport_is_read() {
        let address = || "a:1".to_owned();
        let cases = [
            ("kind = \"file\"", Transport::File),
            (
                "kind = \"follow\", path = \"/a/b\"",
                Transport::Follow {
                    path: "/a/b".into(),
                },
            ),
            (
                "kind = \"tcp_server\", address = \"a:1\"",
                Transport::TcpServer {
                    address: address(),
                    connections_max: CONNECTIONS_MAX,
                },
            ),
            (
                "kind = \"serial\", device = \"/dev/ttyUSB0\", baud = 4800",
                Transport::Serial {
                    device: "/dev/ttyUSB0".into(),
                    baud: 4_800,
                },
            ),
            (
                "kind = \"http_poll\", url = \"http://a/b?c=d\", interval_s = 60",
                Transport::HttpPoll {
                    url: "http://a/b?c=d".into(),
                    interval_s: 60,
                },
            ),
            (
                "kind = \"mqtt\", address = \"a:1\", topic = \"+/acoustic/#\"",
                Transport::Mqtt {
                    address: address(),
                    topic: "+/acoustic/#".into(),
                },
            ),
            (
                "kind = \"nats\", address = \"a:1\", subject = \"feeds.*.>\"",
                Transport::Nats {
                    address: address(),
                    subject: "feeds.*.>".into(),
                },
            ),
        ];
        for (text, expected) in cases {
            let (feeds, issues) = feeds(&feed("f", &format!("{{ {text} }}")));
            assert_eq!(issues, [""; 0], "{text}");
            assert_eq!(feeds[0].transport, expected);
        }
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
