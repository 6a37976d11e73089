//! A log, its tables and a mission, and a way to ask the router.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body as Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tokio::sync::{broadcast, mpsc};
use tower::ServiceExt as _;
use truce_accord::agreement::{Exempt, Rule, Terms, Thresholds};
use truce_accord::{Agreement, Clause, Version};
use truce_core::belief::Grade;
use truce_core::mission::{
    Actor, Detection, Feed, FeedKey, Mission, Post, PublicKey, ReportSchedule, Role, Sector,
    Sensor, SensorErrors, SensorKind, SensorNetwork, Shape, Transport, Zone, ZoneKind,
};
use truce_core::observation::{Health, SensorState, ThermalAnomaly};
use truce_core::record::MissionFile;
use truce_core::time::plus_seconds;
use truce_core::{
    Assessment, Attribution, Body, ClauseKind, Digest, Ellipse, EventClass, Finding, FindingSerial,
    Incident, IncidentId, IncidentKind, Interval, Location, ObjectIdentity, ObjectKind,
    Observation, Place, Position, RawMessage, Reading, Record, Slug, Status, Term, Timestamp,
    Track, TrackId, TrackPoint, Verdict,
};
use truce_ledger::{Checkpoint, Draft, Ledger, Rows, SigningKey};
use truce_plan::coalition::Condition;
use truce_plan::watch::{Area, Means, MeansKind, Supply, Violation, Watch as PlannedWatch};
use truce_plan::{Coalition, Expression, Mandate, Truth};
use truce_store::Store;

use crate::http::state::{AppState, Sources};
use crate::service::{Command, Handle, Live};

pub(super) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// Seconds after the beginning of the stage's day.
pub(super) fn at(second: f64) -> Timestamp {
    plus_seconds("2025-03-01T00:00:00Z".parse().unwrap(), second)
}

fn position(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn zone(id: &str, kind: ZoneKind, shape: Shape) -> Zone {
    Zone {
        id: slug(id),
        name: format!("Zone {id}"),
        kind,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: "made up".to_owned(),
        shape,
    }
}

fn feed(id: &str, format: &str, operator: Option<&str>) -> Feed {
    Feed {
        name: format!("Feed {id}"),
        operator: operator.map(slug),
        silence_s_max: Some(3_600),
        ..Feed::new(slug(id), slug(format), Transport::HttpPush)
    }
}

fn network() -> SensorNetwork {
    SensorNetwork {
        platforms: Vec::new(),
        posts: vec![Post {
            id: slug("post-1"),
            name: "Post 1".to_owned(),
            position: position(47.1, 37.1),
            sector: slug("east"),
            personnel: 10,
        }],
        sensors: vec![Sensor {
            id: slug("post-1/camera"),
            kind: SensorKind::Camera,
            platform: None,
            post: Some(slug("post-1")),
            position: None,
            feed: slug("thermal"),
            errors: SensorErrors::default(),
            detects: vec![Detection {
                class: EventClass::Artillery,
                probability: 0.9,
                range_m_half: Some(20_000.0),
                range_m_width: Some(2_000.0),
                range_m_spread: None,
                false_share: None,
                needs_clear_sky: false,
            }],
            false_per_day: 0.0,
            latency_s_max: 0.0,
            looks_at_s: Vec::new(),
            look_s_half: 0.0,
            basis: String::new(),
        }],
        feeds: vec![
            Feed {
                keys: vec![FeedKey {
                    id: slug("key-a"),
                    ed25519: PublicKey([3; 32]),
                    valid_from: at(0.0),
                    revoked_at: None,
                }],
                ..feed("thermal", "truce-jsonl", None)
            },
            feed("reports", "report-json", None),
            feed("party-b-replies", "report-json", Some("party-b")),
        ],
    }
}

fn mission() -> Mission {
    let actor = |id: &str, role| Actor {
        id: slug(id),
        name: format!("Actor {id}"),
        role,
    };
    let ring = [(46.0, 36.0), (46.0, 38.0), (48.0, 38.0), (48.0, 36.0)];
    let ring = ring.map(|(lat, lon)| position(lat, lon)).to_vec();
    let strip = [(47.0, 37.0), (47.0, 37.2), (47.2, 37.2), (47.2, 37.0)];
    let strip = strip.map(|(lat, lon)| position(lat, lon)).to_vec();
    let line = vec![position(46.5, 36.5), position(47.5, 37.5)];
    Mission {
        name: slug("stage"),
        title: "A stage".to_owned(),
        summary: String::new(),
        log_origin: "truce.example/stage".to_owned(),
        report: ReportSchedule {
            time_zone: "Europe/Kyiv".to_owned(),
            cut_off_hour: 20,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.8,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: vec![
            actor("party-a", Role::Party),
            actor("party-b", Role::Party),
            actor("witness", Role::Observer),
        ],
        sectors: vec![Sector {
            id: slug("east"),
            name: "East".to_owned(),
            zone: slug("sector-east"),
        }],
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: vec![
            zone(
                "line-of-contact",
                ZoneKind::LineOfContact,
                Shape::Line(line),
            ),
            zone(
                "sector-east",
                ZoneKind::Sector,
                Shape::Polygons(vec![vec![ring]]),
            ),
            zone(
                "strip",
                ZoneKind::BufferZone,
                Shape::Polygons(vec![vec![strip]]),
            ),
        ],
        network: network(),
    }
}

/// A small area east of the line, watched by cameras that a condition brings.
fn coalition() -> Coalition {
    let condition = Condition {
        id: slug("ceasefire"),
        title: "A ceasefire holds".to_owned(),
        state: Truth::Unknown,
        as_of: "2025-03-01".to_owned(),
        evidence: "made up".to_owned(),
        decided_by_vote: None,
        illustrative: true,
    };
    let violation = Violation {
        id: slug("artillery-fire"),
        title: "Artillery fire".to_owned(),
        class: Some(EventClass::Artillery),
        clauses: vec![slug("a2")],
        areas: vec![slug("strip")],
        lasts_s: 60.0,
        illustrative: true,
        basis: "made up".to_owned(),
    };
    let cameras = Means {
        id: slug("cameras"),
        title: "Cameras".to_owned(),
        areas: Vec::new(),
        kind: MeansKind::Stations(SensorKind::Camera),
        supply: Supply::When(Expression::Is(slug("ceasefire"))),
        detects: Vec::new(),
        blinded_by: Vec::new(),
        illustrative: true,
        basis: "made up".to_owned(),
    };
    Coalition {
        conditions: vec![condition],
        watch: PlannedWatch {
            areas: vec![Area {
                id: slug("strip"),
                title: "The strip".to_owned(),
                place: slug("east"),
                zone: slug("strip"),
            }],
            violations: vec![violation],
            outages: Vec::new(),
            means: vec![cameras],
        },
        places: Vec::new(),
        sites: Vec::new(),
        courses: Vec::new(),
        exclusions: Vec::new(),
        requirements: Vec::new(),
        contributions: Vec::new(),
        positions: Vec::new(),
        figures: Vec::new(),
    }
}

fn mandate() -> Mandate {
    Mandate {
        layers: Vec::new(),
        territories: Vec::new(),
        councils: Vec::new(),
        votes: Vec::new(),
        bases: Vec::new(),
    }
}

fn agreement() -> Agreement {
    let terms = Terms {
        text: "No weapon is used.".to_owned(),
        zones: vec![slug("sector-east")],
        from: None,
        until: None,
        phases: Vec::new(),
        exempt: Exempt::default(),
        thresholds: Thresholds::default(),
        rule: Rule::NoFire {
            events: vec![EventClass::Artillery],
        },
    };
    Agreement {
        title: "An agreement".to_owned(),
        versions: vec![Version {
            effective_from: at(-86_400.0),
            title: None,
            clauses: vec![Clause {
                id: slug("a2"),
                kind: ClauseKind::NoFire,
                title: "No fire".to_owned(),
                article: Some("2".to_owned()),
                binds: vec![slug("party-a"), slug("party-b")],
                terms,
                text_of: Vec::new(),
            }],
        }],
        clocks: Vec::new(),
        roles: Vec::new(),
        standards: Vec::new(),
        weapons: Vec::new(),
    }
}

pub(super) fn observed(
    source: &str,
    text: &str,
    second: f64,
    reading: Reading,
) -> (RawMessage, Observation) {
    let message = RawMessage {
        source: slug(source),
        received_at: at(second),
        bytes: text.as_bytes().to_vec(),
    };
    let observed_at = Interval::instant(message.received_at);
    let observation = Observation {
        id: Observation::name(message.id(), 0, observed_at),
        message: message.id(),
        source: message.source.clone(),
        sensor: Some(slug("post-1/camera")),
        observed_at,
        received_at: message.received_at,
        location: Some(Location::fix(position(47.0, 37.0), 50.0)),
        reading,
        grade: Grade::UNJUDGED,
        signed_by: None,
    };
    (message, observation)
}

fn incident(founder: &Observation, probability: f64) -> Incident {
    Incident {
        id: Incident::name(IncidentKind::PhysicalEvent, founder.id, ""),
        revision: 1,
        kind: IncidentKind::PhysicalEvent,
        occurred: founder.observed_at,
        place: Place {
            position: position(47.0, 37.0),
            uncertainty: Ellipse::circle(100.0),
        },
        probability,
        classes: BTreeMap::from([(EventClass::Artillery, 1.0)]),
        attribution: Attribution::default(),
        evidence: vec![founder.id],
        explanation: vec![Term {
            name: slug("prior"),
            text: "<b>Close</b> to the line".to_owned(),
            log_odds: 1.0,
            observation: None,
            sensor: None,
        }],
        track: None,
        zone: None,
        attributes: BTreeMap::new(),
        withdrawn: None,
    }
}

fn assessment(incident: &Incident) -> Assessment {
    Assessment {
        incident: incident.id,
        revision: 1,
        clause: slug("a2"),
        clause_kind: ClauseKind::NoFire,
        agreement_effective_from: at(-86_400.0),
        verdict: Verdict::Breach,
        reasons: vec!["A weapon was used.".to_owned()],
        breach_under_text_of: Vec::new(),
    }
}

pub(super) fn finding(incident: IncidentId, status: Status) -> Finding {
    Finding {
        serial: FindingSerial(1),
        incident,
        incident_revision: 1,
        status,
        attributed_to: None,
        attribution_proposed: None,
        disputed_by: Vec::new(),
        clocks: Vec::new(),
        history: Vec::new(),
    }
}

fn track() -> Track {
    let point = |second: f64| TrackPoint {
        observed_at: at(second),
        place: Place {
            position: position(45.0, 31.0 + second / 1e4),
            uncertainty: Ellipse::circle(20.0),
        },
        height: None,
        speed_m_s: Some(6.0),
        course_deg: Some(90.0),
        observation: truce_core::ObservationId(Digest::of(&second.to_be_bytes())),
    };
    Track {
        id: TrackId(Digest::of(b"ship")),
        kind: ObjectKind::Vessel,
        identity: Some(ObjectIdentity::Mmsi(272_000_001)),
        name: Some("EXAMPLE".to_owned()),
        actor: None,
        existence: 0.9,
        observation_count: 2,
        first_observed_at: at(10.0),
        points: vec![point(10.0), point(100.0)],
    }
}

/// The router with everything around it.
pub(super) struct Stage {
    router: Router,
    pub(super) handle: Handle,
    pub(super) incident: IncidentId,
    pub(super) track: TrackId,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) live: broadcast::Sender<Live>,
    pub(super) line: Line,
    _folder: tempfile::TempDir,
}

/// The writing side: a log and the tables folded from it.
pub(super) struct Line {
    ledger: Ledger,
    store: Store,
}

impl Line {
    /// Appends an entry and publishes it.
    pub(super) fn append(&mut self, bodies: &[Body]) -> u64 {
        let entry = self.append_unpublished(bodies);
        self.ledger.commit(0).unwrap();
        entry
    }

    /// Appends an entry; the checkpoint that covers it.
    pub(super) fn publish(&mut self, bodies: &[Body]) -> Checkpoint {
        self.append_unpublished(bodies);
        self.ledger.commit(0).unwrap()
    }

    /// Appends an entry that no checkpoint covers yet.
    pub(super) fn append_unpublished(&mut self, bodies: &[Body]) -> u64 {
        let records: Vec<Record> = bodies.iter().cloned().map(Record::new).collect();
        let rows: Rows = records.iter().map(Record::canonical).collect();
        let draft = Draft {
            class: bodies[0].class() as u8,
            log_time_ns: 0,
            agreement: [0; 32],
            policy: [0; 32],
            rows: &rows,
        };
        let entry = self.ledger.append(draft).unwrap();
        self.store
            .apply_entry(entry, at(1_000.0), &records)
            .unwrap();
        self.ledger.sync().unwrap();
        entry
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Stage {
    /// A mission of one incident with evidence, one candidate, one ship and one sensor that is off.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::from_seed("truce.example/stage", &[7; 32]).unwrap();
        let verifier_key = key.verifier().to_string();
        let log = folder.path().join("log");
        let tables = folder.path().join("state.sqlite");
        let mut line = Line {
            ledger: Ledger::create(&log, "truce.example/stage", key).unwrap(),
            store: Store::create(&tables).unwrap(),
        };
        let (hot, seen) = observed(
            "thermal",
            "hot",
            60.0,
            Reading::ThermalAnomaly(ThermalAnomaly::default()),
        );
        let off = SensorState {
            health: Health::Off,
            text: "no power".to_owned(),
        };
        let (state, off) = observed("thermal", "off", 70.0, Reading::SensorState(off));
        let real = incident(&seen, 0.9);
        let candidate = incident(&off, 0.3);
        line.append(&[Body::MissionFile(MissionFile {
            name: "agreement.toml".to_owned(),
            text: "title = 'x'".to_owned(),
        })]);
        line.append(&[Body::Raw(hot), Body::Raw(state)]);
        line.append(&[Body::Observation(seen), Body::Observation(off)]);
        line.append(&[Body::Track(track())]);
        line.append(&[Body::Incident(real.clone()), Body::Incident(candidate)]);
        line.append(&[Body::Assessment(assessment(&real))]);
        let state = AppState::open(Sources {
            store: tables,
            log,
            verifier_key,
            mission: mission(),
            agreement: agreement(),
            coalition: coalition(),
            mandate: mandate(),
            elements: Vec::new(),
            links: crate::connect::link::Links::default(),
            receivers: crate::notify::Receivers::of_stage(),
        });
        let (handle, commands, live) = Handle::new();
        Self {
            router: crate::http::router(state.unwrap(), handle.clone()),
            handle,
            incident: real.id,
            track: track().id,
            commands,
            live,
            line,
            _folder: folder,
        }
    }

    pub(super) async fn ask(&self, request: Request<Bytes>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(super) async fn answer(&self, request: Request<Bytes>) -> Answer {
        let response = self.ask(request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: to_bytes(body, 16 << 20).await.unwrap().to_vec(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.answer(request("GET", path).body(Bytes::empty()).unwrap())
            .await
    }

    pub(super) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = request("POST", path).header("content-type", "application/json");
        self.answer(request.body(Bytes::from(body.to_owned())).unwrap())
            .await
    }
}

pub(super) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:8040")
}
