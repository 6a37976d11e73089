//! How messages reach the mission: the transports, and how sensors.toml says so.

use serde::{Deserialize, Serialize};

use super::network::count;
use crate::document::{Fields, Node, Refusal, one_of, text};

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
        /// How TLS is spoken; `None` is plain.
        tls: Option<Tls>,
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
        /// `http://…` or `https://…`.
        url: String,
        /// Time from one request to the next, seconds.
        interval_s: u32,
        /// How TLS is spoken; there for `https://…` and only there.
        tls: Option<Tls>,
    },
    /// A topic of an MQTT 3.1.1 broker.
    Mqtt {
        /// `host:port` of the broker.
        address: String,
        /// Topic filter.
        topic: String,
        /// How TLS is spoken; `None` is plain.
        tls: Option<Tls>,
    },
    /// A subject of a NATS server.
    Nats {
        /// `host:port` of the server.
        address: String,
        /// Subject, with wildcards where wanted.
        subject: String,
        /// How TLS is spoken; `None` is plain.
        tls: Option<Tls>,
    },
}

impl Transport {
    /// How the transport speaks TLS to the server it asks; `None` for one that does not.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        match self {
            Self::TcpClient { tls, .. }
            | Self::HttpPoll { tls, .. }
            | Self::Mqtt { tls, .. }
            | Self::Nats { tls, .. } => tls.as_ref(),
            _ => None,
        }
    }
}

/// How a transport speaks TLS to the server it asks. The server's name is the host of its address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// Full path of the certificates (PEM) that vouch for the server; `None` takes those that the
    /// machine trusts.
    pub ca: Option<String>,
    /// What shows the server who asks.
    pub client: Option<ClientCertificate>,
}

/// A certificate that a client shows to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// Full path of the certificate and those between it and the authority (PEM).
    pub certificate: String,
    /// Full path of its private key (PEM).
    pub key: String,
}

/// Connections of a TCP server when the mission does not say: a few receivers and their successors
/// whose old connections have not been noticed to be dead.
pub const CONNECTIONS_MAX: u32 = 16;

/// Bits per second of a serial line when the mission does not say: NMEA 0183 for AIS (IEC 61162-2).
const BAUD: u32 = 38_400;

/// Longest time between two polls, seconds: a day.
const INTERVAL_S_MAX: i64 = 86_400;

/// Longest topic or subject, bytes. MQTT allows 65 535; nobody types those.
const TOPIC_BYTES_MAX: usize = 1_024;

/// What a url begins with that is fetched in plain.
const HTTP: &str = "http://";

/// What a url begins with that is fetched over TLS.
const HTTPS: &str = "https://";

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

/// Reads the table `transport` of a feed.
pub(super) fn read(fields: Fields<'_>) -> Option<Transport> {
    let kind = fields.need("kind", one_of(&TRANSPORTS.map(|kind| (kind, kind))));
    let at = || fields.need("address", address);
    let transport = match kind {
        Some("file") => Some(Transport::File),
        Some("follow") => fields
            .need("path", full_path)
            .map(|path| Transport::Follow { path }),
        Some("tcp_client") => {
            let tls = read_tls(&fields);
            at().map(|address| Transport::TcpClient { address, tls })
        }
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
            let tls = url.as_deref().and_then(|url| tls_of_url(url, &fields));
            url.zip(interval_s)
                .map(|(url, interval_s)| Transport::HttpPoll {
                    url,
                    interval_s,
                    tls,
                })
        }
        Some("mqtt") => {
            let tls = read_tls(&fields);
            at().zip(fields.need("topic", mqtt_topic))
                .map(|(address, topic)| Transport::Mqtt {
                    address,
                    topic,
                    tls,
                })
        }
        Some("nats") => {
            let tls = read_tls(&fields);
            at().zip(fields.need("subject", nats_subject))
                .map(|(address, subject)| Transport::Nats {
                    address,
                    subject,
                    tls,
                })
        }
        _ => return None,
    };
    fields.finish();
    transport
}

/// The table `tls`; an empty one asks for TLS with a server that the machine trusts.
#[must_use]
pub fn read_tls(transport: &Fields<'_>) -> Option<Tls> {
    let fields = transport.table("tls")?;
    let ca = fields.maybe("ca", full_path);
    let certificate = fields.maybe("certificate", full_path);
    let key = fields.maybe("key", full_path);
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
        (Some(_), None) if fields.node("key").is_none() => {
            let hint = "name the file of its private key in `key`".to_owned();
            fields.issue_at("certificate", "a certificate needs its key".into(), hint);
            None
        }
        (None, Some(_)) if fields.node("certificate").is_none() => {
            let hint = "name the file of its certificate in `certificate`".to_owned();
            fields.issue_at("key", "a key needs its certificate".into(), hint);
            None
        }
        _ => None,
    };
    fields.finish();
    Some(Tls { ca, client })
}

/// `https` speaks TLS, with the settings of the table `tls` where there is one.
#[must_use]
pub fn tls_of_url(url: &str, transport: &Fields<'_>) -> Option<Tls> {
    let tls = read_tls(transport);
    if url.starts_with(HTTPS) {
        return Some(tls.unwrap_or_default());
    }
    if tls.is_some() {
        let hint = "write the url as https://host:port/path".to_owned();
        transport.issue_at("tls", "the url does not ask for TLS".into(), hint);
    }
    None
}

/// `host:port`.
///
/// # Errors
/// A refusal when the node is something else.
pub fn address(node: &Node) -> Result<String, Refusal> {
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
///
/// # Errors
/// A refusal when the node is something else.
pub fn full_path(node: &Node) -> Result<String, Refusal> {
    let path = text(node)?;
    if path.starts_with('/') && !path.ends_with('/') {
        return Ok(path);
    }
    let hint = "write the full path of a file, such as /var/log/ais.nmea";
    Err((format!("`{path}` is no full path"), hint.to_owned()))
}

/// `http://…` or `https://…`.
///
/// # Errors
/// A refusal when the node is something else.
pub fn http_url(node: &Node) -> Result<String, Refusal> {
    let url = text(node)?;
    let rest = [HTTP, HTTPS]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.unwrap_or("");
    if !host.is_empty() && !host.starts_with('/') && url.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(url);
    }
    let hint = "write it as http://host:port/path or https://host:port/path";
    Err((format!("`{url}` cannot be fetched"), hint.to_owned()))
}

/// A topic filter: `+` stands for a whole level and `#` for the rest (MQTT 3.1.1, clause 4.7.1).
///
/// # Errors
/// A refusal when the node is something else.
pub fn mqtt_topic(node: &Node) -> Result<String, Refusal> {
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
///
/// # Errors
/// A refusal when the node is something else.
pub fn nats_subject(node: &Node) -> Result<String, Refusal> {
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

    fn transport(text: &str) -> (Option<Transport>, Vec<String>) {
        let issues = Issues::default();
        let text = format!("transport = {{ {text} }}");
        let document = toml("sensors.toml", &text, &issues).unwrap();
        let fields = document.fields(&issues);
        let transport = fields.need_table("transport").and_then(read);
        let issues = issues.into_sorted();
        (transport, issues.iter().map(ToString::to_string).collect())
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
                    tls: None,
                },
            ),
            (
                "kind = \"mqtt\", address = \"a:1\", topic = \"+/acoustic/#\"",
                Transport::Mqtt {
                    address: address(),
                    topic: "+/acoustic/#".into(),
                    tls: None,
                },
            ),
            (
                "kind = \"nats\", address = \"a:1\", subject = \"feeds.*.>\"",
                Transport::Nats {
                    address: address(),
                    subject: "feeds.*.>".into(),
                    tls: None,
                },
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(transport(text), (Some(expected), Vec::new()), "{text}");
        }
    }

    #[test]
    fn tls_is_asked_for_by_a_table_or_by_the_url() {
        let read = |text: &str| {
            let (transport, issues) = transport(text);
            assert_eq!(issues, [""; 0], "{text}");
            transport.unwrap().tls().cloned()
        };
        let tcp = "kind = \"tcp_client\", address = \"a:1\"";
        assert_eq!(read(tcp), None);
        assert_eq!(read(&format!("{tcp}, tls = {{}}")), Some(Tls::default()));
        let ca = Some("/ca.pem".to_owned());
        let client = ClientCertificate {
            certificate: "/c.pem".into(),
            key: "/c.key".into(),
        };
        let client = Some(client);
        let poll = "kind = \"http_poll\", interval_s = 60, url = \"https://a/b\"";
        assert_eq!(read(poll), Some(Tls::default()));
        for asks in [
            tcp,
            poll,
            "kind = \"mqtt\", address = \"a:1\", topic = \"t\"",
            "kind = \"nats\", address = \"a:1\", subject = \"t\"",
        ] {
            let all = "tls = { ca = \"/ca.pem\", certificate = \"/c.pem\", key = \"/c.key\" }";
            let (ca, client) = (ca.clone(), client.clone());
            assert_eq!(read(&format!("{asks}, {all}")), Some(Tls { ca, client }));
        }
    }

    #[test]
    fn mistakes_of_tls_are_named() {
        let tcp = "kind = \"tcp_client\", address = \"a:1\"";
        let poll = "kind = \"http_poll\", interval_s = 60, url = \"http://a/b\"";
        let udp = "kind = \"udp\", address = \"a:1\"";
        for (text, tls, said) in [
            (tcp, "{ root = \"/ca.pem\" }", "root"),
            (tcp, "{ ca = \"ca.pem\" }", "no full path"),
            (tcp, "{ certificate = \"/c.pem\" }", "needs its key"),
            (tcp, "{ key = \"/c.key\" }", "needs its certificate"),
            (poll, "{}", "the url does not ask for TLS"),
            (udp, "{}", "tls"),
        ] {
            let (_, issues) = transport(&format!("{text}, tls = {tls}"));
            assert_eq!(issues.len(), 1, "{issues:?}");
            assert!(issues[0].contains(said), "{issues:?}");
        }
    }
}
