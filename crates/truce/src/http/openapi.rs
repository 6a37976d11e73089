//! The interface's description: OpenAPI 3.1, in one document without references to elsewhere.

mod records;
mod schemas;
mod shape;

use axum::response::Json;
use serde_json::{Map, Value, json};

use schemas::schemas;

/// `GET /api/openapi.json`
pub(super) async fn document() -> Json<Value> {
    Json(describe())
}

/// The whole document.
pub(super) fn describe() -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method] = operation.to_value();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Truce",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The monitoring side of a peace mission",
            "description": "Reads come from tables that are folded from the log; every answer \
                names where in the log it stands. Times are RFC 3339 in UTC, numbers carry their \
                SI unit in their name, places are WGS 84. The server listens on a loopback \
                address only until accounts exist.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [],
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

/// One method of one route.
struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    /// Name, schema and meaning of each query parameter.
    query: &'static [(&'static str, Type, &'static str)],
    body: Option<&'static str>,
    status: &'static str,
    media_type: &'static str,
    /// The name of the answer's schema; none for what is not JSON.
    answer: Option<&'static str>,
    errors: &'static [&'static str],
}

/// The type of a query parameter.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Instant,
    Date,
    Number,
    Count,
    Schema(&'static str),
    List(&'static str),
    Words(&'static [&'static str]),
}

impl Type {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string", "maxLength": 1024 }),
            Self::Instant => json!({ "type": "string", "format": "date-time" }),
            Self::Date => json!({ "type": "string", "format": "date" }),
            Self::Number => json!({ "type": "number" }),
            Self::Count => json!({ "type": "integer", "minimum": 0 }),
            Self::Schema(name) => reference(name),
            Self::List(name) => json!({ "type": "array", "items": reference(name) }),
            Self::Words(words) => json!({ "type": "string", "enum": words }),
        }
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

impl Operation {
    const fn get(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method: "get",
            path,
            id,
            summary,
            query: &[],
            body: None,
            status: "200",
            media_type: "application/json",
            answer: None,
            errors: &["403", "503"],
        }
    }

    const fn answers(mut self, schema: &'static str) -> Self {
        self.answer = Some(schema);
        self
    }

    const fn of(mut self, media_type: &'static str) -> Self {
        self.media_type = media_type;
        self
    }

    const fn with(mut self, query: &'static [(&'static str, Type, &'static str)]) -> Self {
        self.query = query;
        self.errors = &["400", "403", "503"];
        self
    }

    const fn may_miss(mut self) -> Self {
        self.errors = &["400", "403", "404", "503"];
        self
    }

    const fn takes(mut self, body: &'static str) -> Self {
        self.method = "post";
        self.body = Some(body);
        self.status = "201";
        self.errors = &["400", "403", "404", "409", "413", "415", "503"];
        self
    }

    fn to_value(&self) -> Value {
        let schema = match self.answer {
            Some(name) => reference(name),
            None => json!({ "type": "string" }),
        };
        let mut responses = json!({
            self.status: {
                "description": self.summary,
                "content": { self.media_type: { "schema": schema } },
            },
        });
        for status in self.errors {
            responses[*status] = json!({
                "description": "What is wrong, and what to do about it",
                "content": { "application/json": { "schema": reference("Error") } },
            });
        }
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "parameters": self.parameters(),
            "responses": responses,
        });
        if let Some(body) = self.body {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": reference(body) } },
            });
        }
        operation
    }

    fn parameters(&self) -> Vec<Value> {
        let in_path = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path = in_path.map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        });
        let in_query = self.query.iter().map(|(name, kind, meaning)| {
            let mut parameter = json!({
                "name": name,
                "in": "query",
                "description": meaning,
                "schema": kind.schema(),
            });
            if matches!(kind, Type::List(_)) {
                parameter["style"] = json!("form");
                parameter["explode"] = json!(false);
            }
            parameter
        });
        in_path.chain(in_query).collect()
    }
}

const FROM: (&str, Type, &str) = ("from", Type::Instant, "From this instant on");
const TO: (&str, Type, &str) = ("to", Type::Instant, "Before this instant");

/// Every method of every route, in the order of the router.
fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::get("/", "page", "The operating picture").of("text/html"),
        Operation::get(
            "/api/mission",
            "mission",
            "The mission, without its zones and sensors, and its agreement",
        )
        .answers("MissionDocument"),
        Operation::get("/api/zones", "zones", "Lines and areas, as GeoJSON")
            .answers("FeatureCollection"),
        Operation::get(
            "/api/sensors",
            "sensors",
            "Posts and sensors with a place, as GeoJSON",
        )
        .answers("FeatureCollection"),
    ];
    all.extend(feed_operations());
    all.extend(incident_operations());
    all.extend([Operation::get(
        "/api/known",
        "known",
        "Incidents as the mission knew them at an instant, in the order of recording",
    )
    .answers("KnownPage")
    .with(&[
        ("at", Type::Instant, "At this instant; now when not given"),
        ("after", Type::Count, "Behind the `next` of an earlier page"),
        ("limit", Type::Count, "At most so many, up to 5000"),
    ])]);
    all.extend(track_operations());
    all.extend([
        Operation::get("/api/summary", "summary", "Counts over a period")
            .answers("Summary")
            .with(&[FROM, TO]),
        Operation::get("/api/log", "log", "The log's state").answers("Log"),
        Operation::get(
            "/api/watched",
            "watched",
            "Cells of the buffer zone and corridors with the probability that an event there would \
             have been noticed, as GeoJSON; without a period over the last hour",
        )
        .answers("FeatureCollection")
        .with(&[FROM, TO]),
        Operation::get(
            "/api/events",
            "events",
            "What has just become part of the log: events \
            hello, incident, track, finding, feed, checkpoint; and resync, after which everything \
            is to be read anew",
        )
        .of("text/event-stream"),
        Operation::get("/api/openapi.json", "openapi", "This document").answers("Any"),
    ]);
    all.extend(plan_operations());
    all.extend(report_operations());
    all.extend(log_operations().into_iter().chain([shipping_operation()]));
    all
}

/// What comes in by feeds, and who is told what follows.
fn feed_operations() -> [Operation; 3] {
    [
        Operation::get("/api/feeds", "feeds", "What came by each feed").answers("Feeds"),
        Operation::get(
            "/api/feeds/{id}/keys/{key}/revocation",
            "revoke",
            "What was logged: messages signed with the key are rejected from now on",
        )
        .answers("FeedNote")
        .takes("Revocation"),
        Operation::get(
            "/api/notify",
            "notify",
            "Who is told what the log newly says, and how far",
        )
        .answers("Receivers"),
    ]
}

fn track_operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/tracks", "tracks", "Tracks, the last observed first")
            .answers("Tracks")
            .with(&[
                ("kind", Type::Schema("ObjectKind"), "Of this kind"),
                FROM,
                TO,
                (
                    "limit",
                    Type::Count,
                    "At most so many, up to 5000; 1000 when not given",
                ),
            ]),
        Operation::get("/api/tracks/{id}", "track", "One track with its points")
            .answers("TrackDocument")
            .may_miss(),
        Operation::get("/api/paths", "paths", "Where every track was in a period")
            .answers("Paths")
            .with(&[FROM, TO]),
    ]
}

/// What may be assumed in every planning question.
const ASSUMED: [(&str, Type, &str); 6] = [
    (
        "assume",
        Type::Text,
        "Conditions: NAME=true, NAME=false or NAME=unknown, by commas",
    ),
    (
        "ballot",
        Type::Text,
        "Ballots: VOTE:MEMBER=yes, no or abstain, by commas",
    ),
    (
        "without",
        Type::Text,
        "Means of observation that are out of order, by commas",
    ),
    (
        "proviso",
        Type::Words(&["practice", "text"]),
        "How Article 27(3) is read",
    ),
    ("date", Type::Instant, "The instant the plan is for"),
    ("decided", Type::Instant, "When contributors are asked"),
];

/// Over which time coverage is asked for.
const WINDOW: [(&str, Type, &str); 4] = [
    (
        "at",
        Type::Instant,
        "The hour of this instant, with instruments as they were then",
    ),
    (
        "from",
        Type::Instant,
        "From this instant on; the present when not given",
    ),
    (
        "days",
        Type::Number,
        "So many days, up to 60; 1 when not given",
    ),
    (
        "cell_m",
        Type::Number,
        "Side of a cell in metres, from 2000 on; 5000 when not given",
    ),
];

/// One list of parameters behind another.
const fn joined<const A: usize, const B: usize, const N: usize>(
    first: [(&'static str, Type, &'static str); A],
    second: [(&'static str, Type, &'static str); B],
) -> [(&'static str, Type, &'static str); N] {
    let mut all = [("", Type::Text, ""); N];
    let mut i = 0;
    while i < N {
        all[i] = if i < A { first[i] } else { second[i - A] };
        i += 1;
    }
    all
}

const ASSUMED_AND_GOAL: [(&str, Type, &str); 16] = joined(
    ASSUMED_AND_WINDOW,
    [
        (
            "requirement",
            Type::Text,
            "Requirements that are to be met, by commas",
        ),
        (
            "layer",
            Type::Text,
            "All requirements of these layers, by commas; all of the mission when nothing is named",
        ),
        (
            "clause",
            Type::Text,
            "Instead: detect the breaches of this clause",
        ),
        (
            "area",
            Type::Text,
            "Instead: detect what happens in this area",
        ),
        ("violation", Type::Text, "Instead: detect this violation"),
        (
            "at_least_percent",
            Type::Number,
            "The detection probability that is wanted, per cent; 80 when not given",
        ),
    ],
);
const ASSUMED_AND_WINDOW: [(&str, Type, &str); 10] = joined(ASSUMED, WINDOW);
const VIOLATION: (&str, Type, &str) = (
    "violation",
    Type::Text,
    "The kind of violation; the first of the mission when not given",
);
const CELLS: [(&str, Type, &str); 12] = joined(
    ASSUMED_AND_WINDOW,
    [
        VIOLATION,
        (
            "level",
            Type::Words(&["access", "planned", "delivered"]),
            "What is counted",
        ),
    ],
);
const PASSES: [(&str, Type, &str); 2] = [
    (
        "at",
        Type::Instant,
        "Around this instant; now when not given",
    ),
    ("minutes", Type::Number, "How far ahead; 90 when not given"),
];
const TASKS: [(&str, Type, &str); 13] = joined(
    ASSUMED_AND_WINDOW,
    [
        VIOLATION,
        ("kind", Type::Words(&["drone", "patrol"]), "Who goes"),
        (
            "vehicles",
            Type::Count,
            "How many of them; 6 when not given",
        ),
    ],
);

/// Planning: the questions of `truce plan`.
fn plan_operations() -> [Operation; 7] {
    [
        Operation::get("/api/plan", "plan", "What the planning files say").answers("PlanFiles"),
        Operation::get(
            "/api/plan/outcome",
            "planOutcome",
            "What is permitted and what is met under these assumptions",
        )
        .answers("PlanOutcome")
        .with(&ASSUMED),
        Operation::get(
            "/api/plan/unlock",
            "planUnlock",
            "Which conditions open what",
        )
        .answers("Any")
        .with(&ASSUMED_AND_GOAL),
        Operation::get(
            "/api/plan/coverage",
            "planCoverage",
            "The chance to detect a breach, by clause and by area",
        )
        .answers("PlanCoverage")
        .with(&ASSUMED_AND_WINDOW),
        Operation::get(
            "/api/plan/coverage/cells",
            "planCells",
            "The chance to detect a violation, cell by cell, as GeoJSON",
        )
        .answers("FeatureCollection")
        .with(&CELLS),
        Operation::get(
            "/api/plan/passes",
            "planPasses",
            "Satellites near the mission: ground tracks, what they can see, where they are",
        )
        .answers("FeatureCollection")
        .with(&PASSES),
        Operation::get("/api/plan/tasks", "planTasks", "Who looks where next")
            .answers("PlanTasks")
            .with(&TASKS),
    ]
}

fn report_operations() -> [Operation; 2] {
    [
        Operation::get(
            "/api/reports",
            "reports",
            "Kinds, forms and languages of reports, and the periods that hold incidents",
        )
        .answers("Any"),
        Operation::get(
            "/api/report/{kind}",
            "report",
            "A report: daily, weekly, annex, spot, dossier or patrol-order",
        )
        .of("text/html")
        .with(&[
            (
                "date",
                Type::Date,
                "The local date on which the period ends; the newest with incidents when not given",
            ),
            ("from", Type::Date, "The local date on which an annex begins"),
            ("incident", Type::Text, "The incident of a spot report or dossier"),
            ("patrols", Type::Count, "How many patrols are sent out"),
            (
                "lang",
                Type::Words(&["en", "uk", "ru", "fr"]),
                "The language; en when not given",
            ),
            (
                "format",
                Type::Words(&["html", "json", "csv", "geojson", "pdf"]),
                "The form; html when not given. csv needs a table; pdf needs a server built with it",
            ),
            ("table", Type::Text, "Only this table of the report"),
        ])
        .may_miss(),
    ]
}

fn shipping_operation() -> Operation {
    Operation::get(
        "/api/sea",
        "sea",
        "Shipping: traffic of corridors, queues, closed water, behaviours, interference, radars' tracks, \
         warships through straits",
    )
    .answers("Shipping")
    .with(&[])
}

/// The read path of the log.
fn log_operations() -> [Operation; 3] {
    [
        Operation::get(
            "/checkpoint",
            "checkpoint",
            "The signed checkpoint with the cosignatures it has got (C2SP tlog-checkpoint)",
        )
        .of("text/plain"),
        Operation::get(
            "/witnessed",
            "witnessed",
            "The newest checkpoint that met the witnesses' quorum",
        )
        .of("text/plain")
        .may_miss(),
        Operation::get(
            "/tile/{path}",
            "tile",
            "A tile of the log (C2SP tlog-tiles)",
        )
        .of("application/octet-stream")
        .may_miss(),
    ]
}

fn incident_operations() -> [Operation; 5] {
    [
        Operation::get("/api/incidents", "incidents", "Incidents, page by page")
            .answers("IncidentPage")
            .with(&[
                ("kind", Type::List("IncidentKind"), "Of one of these kinds"),
                ("status", Type::List("Status"), "In one of these states"),
                ("clause", Type::Text, "Held against this clause"),
                (
                    "verdict",
                    Type::Schema("Verdict"),
                    "With this verdict, of that clause or of any",
                ),
                ("sector", Type::Text, "In this sector"),
                FROM,
                TO,
                ("probability_min", Type::Number, "At least so probable"),
                (
                    "text",
                    Type::Text,
                    "With these words, this name or this serial number",
                ),
                (
                    "sort",
                    Type::Words(&["clock", "time", "probability"]),
                    "In this order",
                ),
                (
                    "limit",
                    Type::Count,
                    "At most so many, up to 5000; 500 when not given",
                ),
                ("after", Type::Text, "Behind the `next` of an earlier page"),
            ]),
        Operation::get(
            "/api/incidents/{id}",
            "incident",
            "One incident with all about it",
        )
        .answers("IncidentDocument")
        .may_miss(),
        Operation::get(
            "/api/incidents/{id}/decisions",
            "decide",
            "The finding that followed",
        )
        .answers("FindingDocument")
        .takes("Decision"),
        Operation::get(
            "/api/incidents/{id}/replies",
            "reply",
            "The finding that followed",
        )
        .answers("FindingDocument")
        .takes("Reply"),
        Operation::get(
            "/api/incidents/{id}/evidence",
            "evidence",
            "The evidence with its proofs, as a package",
        )
        .of("application/x-tar")
        .may_miss(),
    ]
}
