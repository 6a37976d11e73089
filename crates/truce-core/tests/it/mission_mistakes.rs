//! Each mistake in a mission folder is reported at its line, and all of them at once.

use std::collections::BTreeMap;

use truce_core::document::{Issue, Issues};
use truce_core::mission;

const MISSION: &str = r#"name = "small"
title = "Small"
summary = "A folder for tests."
log_origin = "example.org/small"
horizon_s = 21600
attribution_threshold = 0.8
alert_threshold = 0.5
[report]
time_zone = "Europe/Kyiv"
cut_off = "20:00"
[[actors]]
id = "north"
name = "North"
role = "party"
[[actors]]
id = "south"
name = "South"
role = "party"
[[sectors]]
id = "all"
name = "All"
zone = "everywhere"
[[event_classes]]
class = "artillery"
rate_per_day_per_1000_km2 = 80
line_decay_m = 4000
heat_s = 3600
basis = "test"
"#;

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "everywhere", "name": "All", "kind": "sector",
  "border_m_sigma": 0, "basis": "test" },
  "geometry": { "type": "Polygon", "coordinates": [[
    [36, 48],
    [38, 48],
    [38, 50],
    [36, 50],
    [36, 48]]] } },
{ "type": "Feature", "properties": { "id": "line", "name": "Line", "kind": "line_of_contact",
  "party": "north",
  "border_m_sigma": 500, "basis": "test" },
  "geometry": { "type": "LineString", "coordinates": [[36, 49],
    [37, 49.1], [38, 49]] } }
] }
"#;

const SENSORS: &str = r#"[[platforms]]
id = "truck"
name = "Truck"
kind = "vehicle"
operator = "north"
count = 3
basis = "test"
[[posts]]
id = "post-1"
name = "Post 1"
position = { lat_deg = 48.9, lon_deg = 37.0 }
sector = "all"
personnel = 12
[[models]]
id = "array"
kind = "acoustic_array"
false_per_day = 30
latency_s_max = 30
basis = "test"
errors = { bearing_deg_sigma = 2.5 }
detects = [
  { class = "artillery", probability = 0.9, range_m_half = 10000, range_m_width = 1500 },
]
[[sensors]]
id = "array-1"
model = "array"
platform = "truck"
post = "post-1"
position = { lat_deg = 48.9, lon_deg = 37.0 }
feed = "acoustic"
[[feeds]]
id = "acoustic"
name = "Acoustic"
format = "acoustic-csv"
transport = { kind = "udp", address = "127.0.0.1:7001" }
sensor = "array-1"
operator = "north"
grade = "B2"
"#;

fn folder() -> BTreeMap<String, String> {
    [
        ("mission.toml", MISSION),
        ("zones.geojson", ZONES),
        ("sensors.toml", SENSORS),
        ("agreement.toml", ""),
        ("coalition.toml", ""),
        ("mandate.toml", ""),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn issues_of(files: &BTreeMap<String, String>) -> Vec<Issue> {
    let issues = Issues::default();
    let read = mission::read(files, &issues);
    // With issues there may be a mission too, so that other files can be checked against it.
    assert!(read.is_some() || !issues.is_empty());
    issues.into_sorted()
}

fn replace(files: &mut BTreeMap<String, String>, file: &str, from: &str, to: &str) {
    let text = files.get_mut(file).expect("the folder has the file");
    assert!(text.contains(from), "{file} has no `{from}`");
    *text = text.replacen(from, to, 1);
}

/// What to replace, by what; then line, column, and pieces of the message and the hint.
type Mistake = (
    &'static str,
    &'static str,
    (u32, u32),
    &'static str,
    &'static str,
);

fn check(file: &str, mistakes: &[Mistake]) {
    let mut wrong = Vec::new();
    for (from, to, (line, column), message, hint) in mistakes {
        let mut files = folder();
        replace(&mut files, file, from, to);
        let found = issues_of(&files);
        assert_eq!(found.len(), 1, "{from} -> {to}: {found:#?}");
        let issue = &found[0];
        let place = (issue.file.as_str(), issue.line, issue.column);
        let fits = issue.message.contains(message) && issue.hint.contains(hint);
        if place != (file, *line, *column) || !fits {
            wrong.push(format!(
                "{from} -> {to}: expected {line}:{column} {message}: {issue}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_good_folder_has_no_issues() {
    assert_eq!(issues_of(&folder()), []);
}

const IN_SETTINGS: &[Mistake] = &[
    (
        "horizon_s = 21600",
        "horizon_s = 6",
        (5, 13),
        "no useful horizon",
        "21600",
    ),
    ("= 0.8", "= 80", (6, 25), "no probability", "0.8"),
    (
        "example.org",
        "https://example.org",
        (4, 14),
        "has a schema",
        "without schema",
    ),
    ("Europe/Kyiv", "EET", (9, 13), "no time zone", "IANA"),
    ("20:00", "8pm", (10, 11), "no time of day", "20:00"),
    ("20:00", "24:00", (10, 11), "no time of day", "20:00"),
    (
        "\"south\"",
        "\"north\"",
        (16, 6),
        "actor `north` is defined twice, first on line 12",
        "",
    ),
    (
        "role = \"party\"",
        "role = \"partie\"",
        (14, 8),
        "not known here",
        "did you mean `party`?",
    ),
    (
        "\"everywhere\"",
        "\"everywere\"",
        (22, 8),
        "no zone `everywere`",
        "did you mean `everywhere`?",
    ),
    (
        "artillery",
        "artilery",
        (24, 9),
        "not known here",
        "did you mean `artillery`?",
    ),
    (
        "line_decay_m = 4000",
        "line_decay_m = 4",
        (26, 16),
        "out of range",
        "4 km is 4000",
    ),
    (
        "heat_s = 3600",
        "heat_s = 1",
        (27, 10),
        "out of range",
        "1 h is 3600",
    ),
    (
        "title = \"Small\"",
        "title = 3",
        (2, 9),
        "text is expected, not a whole number",
        "",
    ),
];

#[test]
fn mistakes_in_the_settings() {
    check("mission.toml", IN_SETTINGS);
}

#[test]
fn a_misspelt_key_is_both_unknown_and_missing() {
    let mut files = folder();
    replace(
        &mut files,
        "mission.toml",
        "alert_threshold",
        "alert_treshold",
    );
    let found = issues_of(&files);
    let hints: Vec<&str> = found.iter().map(|issue| issue.hint.as_str()).collect();
    assert_eq!(
        hints,
        ["add `alert_threshold`", "did you mean `alert_threshold`?"]
    );
}

const IN_ZONES: &[Mistake] = &[
    (
        "[38, 50],",
        "[138, 50, 7],",
        (7, 5),
        "exactly two numbers",
        "floor_m",
    ),
    (
        "[38, 50],",
        "[38, 195],",
        (7, 5),
        "not on the globe",
        "longitude lies",
    ),
    (
        "[38, 50],",
        "[50, 138],",
        (7, 5),
        "not on the globe",
        "other way round",
    ),
    (
        "[38, 48],\n    [38, 50],",
        "[38, 50],\n    [38, 48],",
        (7, 5),
        "crosses itself",
        "untangle",
    ),
    (
        "[38, 50],",
        "[38, 48],",
        (7, 5),
        "same as the one before",
        "remove it",
    ),
    (
        "    [38, 50],\n    [36, 50],\n",
        "",
        (4, 52),
        "at least three corners",
        "missing",
    ),
    (
        "[36, 50],\n    [36, 48]",
        "[36, 50],\n    [36, 49]",
        (4, 52),
        "not closed",
        "3.1.6",
    ),
    (
        "\"LineString\"",
        "\"Point\"",
        (13, 25),
        "another geometry",
        "LineString",
    ),
    (
        "\"line\"",
        "\"everywhere\"",
        (10, 44),
        "zone `everywhere` is defined twice",
        "",
    ),
    (
        "\"party\": \"north\"",
        "\"party\": \"nort\"",
        (11, 12),
        "no actor `nort`",
        "did you mean `north`?",
    ),
    (
        "line_of_contact",
        "line_of_contac",
        (10, 76),
        "not known here",
        "did you mean",
    ),
    (
        "\"party\"",
        "\"side\"",
        (11, 3),
        "unknown key `side`",
        "did you mean",
    ),
    (
        "[36, 49],\n    [37, 49.1], [38, 49]",
        "[36, 49]",
        (13, 54),
        "at least two positions",
        "",
    ),
    (
        "\"border_m_sigma\": 500",
        "\"border_m_sigma\": -1",
        (12, 21),
        "out of range",
        "between",
    ),
];

#[test]
fn mistakes_in_the_zones() {
    check("zones.geojson", IN_ZONES);
}

const IN_NETWORK: &[Mistake] = &[
    (
        "operator = \"north\"",
        "operator = \"nord\"",
        (5, 12),
        "no actor `nord`",
        "did you mean",
    ),
    (
        "lat_deg = 48.9",
        "lat_deg = 95",
        (11, 12),
        "not on the globe",
        "degrees north",
    ),
    (
        "sector = \"all\"",
        "sector = \"al\"",
        (12, 10),
        "no sector `al`",
        "did you mean `all`?",
    ),
    (
        "range_m_half = 10000",
        "range_m_half = 10",
        (22, 60),
        "out of range",
        "10 km is 10000",
    ),
    (
        "probability = 0.9",
        "probability = 90",
        (22, 40),
        "no probability",
        "0.9",
    ),
    (
        ", range_m_width = 1500",
        "",
        (22, 60),
        "without `range_m_width`",
        "both",
    ),
    (
        "model = \"array\"",
        "model = \"aray\"",
        (26, 9),
        "no sensor model `aray`",
        "did you mean",
    ),
    (
        "platform = \"truck\"",
        "platform = \"truk\"",
        (27, 12),
        "no platform `truk`",
        "did you mean",
    ),
    (
        "post = \"post-1\"",
        "post = \"post-2\"",
        (28, 8),
        "no post `post-2`",
        "did you mean",
    ),
    (
        "feed = \"acoustic\"",
        "feed = \"acustic\"",
        (30, 8),
        "no feed `acustic`",
        "did you mean",
    ),
    (
        "acoustic-csv",
        "acoustic-cvs",
        (34, 10),
        "not known here",
        "did you mean `acoustic-csv`?",
    ),
    (
        "127.0.0.1:7001",
        "127.0.0.1",
        (35, 39),
        "no address",
        "host:port",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"follow\", path = \"ais.log\" }",
        (35, 39),
        "no full path",
        "/var/log",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"http_poll\", interval_s = 60, url = \"ftp://a.example/x\" }",
        (35, 58),
        "cannot be fetched",
        "https://host:port/path",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"http_poll\", url = \"http://a.example/x\" }",
        (35, 13),
        "has no `interval_s`",
        "add",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"mqtt\", address = \"a:1883\", topic = \"a/#/b\" }",
        (35, 58),
        "no topic",
        "`#` at the end",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"nats\", address = \"a:4222\", subject = \"a..b\" }",
        (35, 60),
        "no subject",
        "parted by",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"serial\", device = \"/dev/ttyS0\", bauds = 9600 }",
        (35, 55),
        "unknown key `bauds`",
        "did you mean `baud`?",
    ),
    (
        "{ kind = \"udp\", address = \"127.0.0.1:7001\" }",
        "{ kind = \"tcpserver\", address = \"a:1\" }",
        (35, 22),
        "not known here",
        "did you mean `tcp_server`?",
    ),
    (
        "grade = \"B2\"",
        "grade = \"B2\"\n[[feeds.keys]]\nid = \"a\"\ned25519 = \"AAAA\"\nvalid_from = \"2025-01-01T00:00:00Z\"",
        (41, 11),
        "no Ed25519 public key",
        "openssl",
    ),
    (
        "sensor = \"array-1\"",
        "sensor = \"array-2\"",
        (36, 10),
        "no sensor `array-2`",
        "did you mean",
    ),
    (
        "grade = \"B2\"",
        "grade = \"2B\"",
        (38, 9),
        "no grade",
        "B2",
    ),
    (
        "personnel = 12",
        "personnel = 1.5",
        (13, 13),
        "a whole number is expected",
        "",
    ),
];

#[test]
fn mistakes_in_the_network() {
    check("sensors.toml", IN_NETWORK);
}

#[test]
fn what_must_stand_somewhere_needs_a_position() {
    let mut files = folder();
    let (from, to) = (
        "position = { lat_deg = 48.9, lon_deg = 37.0 }\nfeed",
        "feed",
    );
    replace(&mut files, "sensors.toml", from, to);
    let found = issues_of(&files);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].line, found[0].column), (24, 1), "{}", found[0]);
    assert!(found[0].message.contains("stands somewhere"));
}

#[test]
fn ten_mistakes_are_reported_at_once() {
    let mut files = folder();
    files.remove("mandate.toml");
    replace(
        &mut files,
        "mission.toml",
        "horizon_s = 21600",
        "horizon_s = 6",
    );
    replace(
        &mut files,
        "mission.toml",
        "title =",
        "titel = \"x\"\ntitle =",
    );
    replace(&mut files, "mission.toml", "\"everywhere\"", "\"nowhere\"");
    replace(
        &mut files,
        "zones.geojson",
        "[38, 48],\n    [38, 50],",
        "[38, 50],\n    [38, 48],",
    );
    replace(
        &mut files,
        "zones.geojson",
        "\"party\": \"north\"",
        "\"party\": \"west\"",
    );
    replace(&mut files, "sensors.toml", "lat_deg = 48.9", "lat_deg = 95");
    replace(
        &mut files,
        "sensors.toml",
        "range_m_half = 10000",
        "range_m_half = 10",
    );
    replace(
        &mut files,
        "sensors.toml",
        "platform = \"truck\"",
        "platform = \"tank\"",
    );
    replace(&mut files, "sensors.toml", "acoustic-csv", "acoustics");
    let found = issues_of(&files);
    let files_named: Vec<(&str, u32)> = found
        .iter()
        .map(|issue| (issue.file.as_str(), issue.line))
        .collect();
    let expected = [
        ("mandate.toml", 1),
        ("mission.toml", 2),
        ("mission.toml", 6),
        ("mission.toml", 23),
        ("sensors.toml", 11),
        ("sensors.toml", 22),
        ("sensors.toml", 27),
        ("sensors.toml", 34),
        ("zones.geojson", 7),
        ("zones.geojson", 11),
    ];
    assert_eq!(files_named, expected, "{found:#?}");
}

#[test]
fn a_missing_file_hides_no_other_mistake_and_invents_none() {
    let mut files = folder();
    files.remove("zones.geojson");
    replace(&mut files, "mission.toml", "20:00", "25:00");
    let found = issues_of(&files);
    let lines: Vec<(&str, u32)> = found.iter().map(|i| (i.file.as_str(), i.line)).collect();
    assert_eq!(
        lines,
        [("mission.toml", 10), ("zones.geojson", 1)],
        "{found:#?}"
    );
}

#[test]
fn hours_given_as_times_of_day_are_recognised() {
    let mut files = folder();
    let (from, to) = (
        "feed = \"acoustic\"",
        "looks_at_s = [1, 13]\nfeed = \"acoustic\"",
    );
    replace(&mut files, "sensors.toml", from, to);
    let found = issues_of(&files);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].line, found[0].column), (30, 14), "{}", found[0]);
    assert!(found[0].hint.contains("[3600, 46800]"), "{}", found[0]);
}

#[test]
fn exchanged_coordinates_are_recognised_where_both_orders_are_on_the_globe() {
    let mut files = folder();
    let area = "\"kind\": \"area_of_operation\"";
    replace(&mut files, "zones.geojson", "\"kind\": \"sector\"", area);
    let (from, to) = (
        "[[36, 49],\n    [37, 49.1], [38, 49]]",
        "[[49, 36],\n    [49.1, 37], [49, 38]]",
    );
    replace(&mut files, "zones.geojson", from, to);
    let found = issues_of(&files);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].line, 10, "{}", found[0]);
    assert!(found[0].hint.contains("exchanged"), "{}", found[0]);
}
