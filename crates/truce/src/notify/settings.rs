//! Reading `notify.toml`: whom to tell of what. All mistakes are reported at once, each with file,
//! line, column and a hint, as `truce check` does for a mission folder.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use truce_accord::Agreement;
use truce_core::Slug;
use truce_core::document::{
    Fields, Issue, Issues, Names, Node, Refusal, in_range, list, one_of, slug, slugs, text, toml,
};
use truce_core::mission::transport::{
    address, full_path, http_url, mqtt_topic, nats_subject, read_tls, tls_of_url,
};
use truce_core::mission::{Mission, Tls};

use super::choice::Choice;

/// Most receivers: each reads the log for itself.
const RECEIVERS_MAX: usize = 64;

/// A receiver as the file describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    /// Its name.
    pub(super) id: Slug,
    /// How it is reached.
    pub(super) transport: Transport,
    /// What it wants to be told of.
    pub(super) when: Choice,
}

/// How a receiver is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Transport {
    /// A POST request for each notification.
    Webhook {
        /// `http://…` or `https://…`.
        url: String,
        /// How TLS is spoken; there for `https://…` and only there.
        tls: Option<Tls>,
    },
    /// A topic of an MQTT 3.1.1 broker.
    Mqtt {
        /// `host:port` of the broker.
        address: String,
        /// The topic, without wildcards.
        topic: String,
        /// How TLS is spoken; `None` is plain.
        tls: Option<Tls>,
    },
    /// A subject of a NATS server.
    Nats {
        /// `host:port` of the server.
        address: String,
        /// The subject, without wildcards.
        subject: String,
        /// How TLS is spoken; `None` is plain.
        tls: Option<Tls>,
    },
    /// Lines at the end of a file.
    File {
        /// Its full path.
        path: String,
    },
}

const TRANSPORTS: [&str; 4] = ["webhook", "mqtt", "nats", "file"];

/// Reads the receivers of a file; sectors, feeds and clauses are those of the mission.
///
/// # Errors
/// All mistakes, in order.
pub(super) fn read(
    file: &str,
    text: &str,
    mission: &Mission,
    agreement: &Agreement,
) -> Result<Vec<Settings>, Vec<Issue>> {
    let issues = Issues::default();
    let mut receivers = Vec::new();
    if let Some(document) = toml(file, text, &issues) {
        let mut names = known_names(mission, agreement);
        let fields = document.fields(&issues);
        let tables = fields.tables("receivers");
        if tables.len() > RECEIVERS_MAX {
            let message = format!(
                "{} receivers; at most {RECEIVERS_MAX} are told",
                tables.len()
            );
            fields.issue_at("receivers", message, "let one pass it on".to_owned());
        }
        for table in tables {
            receivers.extend(receiver(table, mission, &mut names));
        }
        fields.finish();
        names.settle(&issues);
    }
    let issues = issues.into_sorted();
    if issues.is_empty() {
        Ok(receivers)
    } else {
        Err(issues)
    }
}

fn known_names<'d>(mission: &Mission, agreement: &Agreement) -> Names<'d> {
    let mut names = Names::default();
    for kind in ["sector", "feed", "clause"] {
        names.open(kind);
    }
    for sector in &mission.sectors {
        names.know("sector", &sector.id);
    }
    for feed in &mission.network.feeds {
        names.know("feed", &feed.id);
    }
    let versions = agreement.versions.iter();
    for clause in versions.flat_map(|version| &version.clauses) {
        names.know("clause", &clause.id);
    }
    names
}

fn receiver<'d>(fields: Fields<'d>, mission: &Mission, names: &mut Names<'d>) -> Option<Settings> {
    let id = fields.need("id", slug);
    names.define("receiver", id.as_ref(), &fields, "id");
    let transport = fields.need_table("transport").and_then(transport);
    let when = match fields.table("when") {
        Some(table) => choice(table, mission, names),
        None => Choice {
            probability_min: mission.alert_threshold,
            ..Choice::default()
        },
    };
    fields.finish();
    Some(Settings {
        id: id?,
        transport: transport?,
        when,
    })
}

fn transport(fields: Fields<'_>) -> Option<Transport> {
    let kind = fields.need("kind", one_of(&TRANSPORTS.map(|kind| (kind, kind))));
    let transport = match kind {
        Some("webhook") => {
            let url = fields.need("url", http_url);
            let tls = url.as_deref().and_then(|url| tls_of_url(url, &fields));
            url.map(|url| Transport::Webhook { url, tls })
        }
        Some("mqtt") => {
            let (tls, at) = (read_tls(&fields), fields.need("address", address));
            let topic = fields.need("topic", topic);
            at.zip(topic).map(|(address, topic)| Transport::Mqtt {
                address,
                topic,
                tls,
            })
        }
        Some("nats") => {
            let (tls, at) = (read_tls(&fields), fields.need("address", address));
            let subject = fields.need("subject", subject);
            at.zip(subject).map(|(address, subject)| Transport::Nats {
                address,
                subject,
                tls,
            })
        }
        Some("file") => {
            let path = fields.need("path", full_path);
            path.map(|path| Transport::File { path })
        }
        _ => return None,
    };
    fields.finish();
    transport
}

/// A topic to publish under: wildcards are for those who subscribe (MQTT 3.1.1, clause 3.3.2.1).
fn topic(node: &Node) -> Result<String, Refusal> {
    let topic = mqtt_topic(node)?;
    without_wildcards(topic, &['+', '#'])
}

/// A subject to publish under.
fn subject(node: &Node) -> Result<String, Refusal> {
    let subject = nats_subject(node)?;
    without_wildcards(subject, &['*', '>'])
}

fn without_wildcards(name: String, wild: &[char]) -> Result<String, Refusal> {
    if !name.contains(wild) {
        return Ok(name);
    }
    let hint = "a wildcard is for those who listen; name one place, such as `mission.told`";
    Err((format!("`{name}` has a wildcard"), hint.to_owned()))
}

fn choice<'d>(fields: Fields<'d>, mission: &Mission, names: &mut Names<'d>) -> Choice {
    let probability_min = fields.maybe("probability_min", in_range(0.0..=1.0));
    let named = |key: &str| set(fields.maybe(key, slugs));
    let choice = Choice {
        subjects: set(fields.maybe("events", list(word))),
        probability_min: probability_min.unwrap_or(mission.alert_threshold),
        kinds: set(fields.maybe("kinds", list(word))),
        classes: set(fields.maybe("classes", list(word))),
        sectors: named("sectors"),
        clauses: named("clauses"),
        statuses: set(fields.maybe("statuses", list(word))),
        feeds: named("feeds"),
    };
    for (kind, key) in [
        ("sector", "sectors"),
        ("clause", "clauses"),
        ("feed", "feeds"),
    ] {
        names.refer_all(kind, &fields, key);
    }
    fields.finish();
    choice
}

fn set<T: Ord>(values: Option<Vec<T>>) -> BTreeSet<T> {
    values.into_iter().flatten().collect()
}

/// A word by which records call something, such as `physical_event`.
fn word<T: DeserializeOwned>(node: &Node) -> Result<T, Refusal> {
    let given = text(node)?;
    let value = serde_json::Value::String(given.clone());
    serde_json::from_value(value).map_err(|error| {
        let known = error.to_string();
        let hint = known.split_once(", ").map_or("", |(_, known)| known);
        (format!("`{given}` is not known here"), hint.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use truce_core::{IncidentKind, Status};

    use super::*;
    use crate::engine::Setup;
    use crate::notify::choice::Subject;

    fn receivers(text: &str) -> Result<Vec<Settings>, Vec<Issue>> {
        let mission = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../missions/ukraine-2025");
        let files = std::fs::read_dir(mission).unwrap().map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap_or_default())
        });
        let setup = Setup::read(&files.collect()).unwrap();
        read("notify.toml", text, &setup.mission, &setup.agreement)
    }

    #[test]
    fn a_receiver_is_read_with_all_it_wants() {
        let text = r#"
[[receivers]]
id = "duty-desk"
transport = { kind = "webhook", url = "https://desk.example.org/truce?a=b" }

[receivers.when]
events = ["incident", "finding"]
probability_min = 0.9
kinds = ["physical_event", "presence"]
statuses = ["verified", "attributed"]

[[receivers]]
id = "bus"
transport = { kind = "nats", address = "127.0.0.1:4222", subject = "truce.told" }
"#;
        let read = receivers(text).unwrap();
        let tls = Some(Tls::default());
        let url = "https://desk.example.org/truce?a=b".to_owned();
        assert_eq!(read[0].transport, Transport::Webhook { url, tls });
        let when = &read[0].when;
        assert_eq!(when.subjects, [Subject::Incident, Subject::Finding].into());
        assert_eq!(when.kinds.len(), 2);
        assert!(when.kinds.contains(&IncidentKind::Presence));
        assert_eq!(when.statuses, [Status::Verified, Status::Attributed].into());
        assert!((when.probability_min - 0.9).abs() < 1e-12);
        // Without a bound the mission's own for alerts holds.
        assert!(read[1].when.probability_min > 0.0);
        assert_eq!(receivers("").unwrap(), []);
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let text = include_str!("../../../../docs/notify.md");
        let (_, example) = text.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let ids: Vec<Slug> = receivers(example)
            .unwrap()
            .into_iter()
            .map(|r| r.id)
            .collect();
        assert_eq!(
            ids,
            ["duty-desk", "feeds-watch"].map(|id| id.parse().unwrap())
        );
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let of = |body: &str| format!("[[receivers]]\nid = \"a\"\n{body}\n");
        let file = "transport = { kind = \"file\", path = \"/tmp/told\" }";
        let cases = [
            (of(""), "1:1", "has no `transport`"),
            (
                of("transport = { kind = \"fax\" }"),
                "3:22",
                "`fax` is not known",
            ),
            (
                of("transport = { kind = \"file\", path = \"told\" }"),
                "3:37",
                "no full path",
            ),
            (
                of("transport = { kind = \"mqtt\", address = \"a:1\", topic = \"a/#\" }"),
                "3:55",
                "has a wildcard",
            ),
            (
                of("transport = { kind = \"nats\", address = \"a\", subject = \"a.*\" }"),
                "3:40",
                "is no address",
            ),
            (
                of(&format!("{file}\nwhat = 1")),
                "4:1",
                "unknown key `what`",
            ),
            (
                of(&format!("{file}\nwhen = {{ sector = [] }}")),
                "4:10",
                "unknown key `sector`",
            ),
            (
                of(&format!("{file}\nwhen = {{ sectors = [\"mars\"] }}")),
                "4:21",
                "no sector `mars`",
            ),
            (
                of(&format!("{file}\nwhen = {{ kinds = [\"war\"] }}")),
                "4:18",
                "`war` is not known",
            ),
            (
                of(&format!("{file}\nwhen = {{ probability_min = 2 }}")),
                "4:28",
                "out of range",
            ),
            (of(&format!("{file}\n{}", of(file))), "5:6", "defined twice"),
            ("receivers = 1".to_owned(), "1:13", "list of tables"),
            ("[[receivers".to_owned(), "1:12", "unclosed"),
        ];
        for (text, place, said) in cases {
            let issues = receivers(&text).unwrap_err();
            let told: Vec<String> = issues.iter().map(ToString::to_string).collect();
            let found = told.iter().any(|issue| {
                issue.starts_with(&format!("notify.toml:{place}:")) && issue.contains(said)
            });
            assert!(found, "{text}\n{place} {said}\n{told:#?}");
        }
    }
}
