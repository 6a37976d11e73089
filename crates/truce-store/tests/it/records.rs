//! Records with known content, and a small log of them.

use std::collections::BTreeMap;

use truce_core::belief::Grade;
use truce_core::finding::{Clock, Step};
use truce_core::incident::Withdrawal;
use truce_core::observation::{Health, SensorState, ThermalAnomaly, VesselReport};
use truce_core::record::{Import, MissionFile, Tick};
use truce_core::time::plus_seconds;
use truce_core::{
    Action, Assessment, Attribution, Body, ClauseKind, Decision, Digest, Ellipse, EventClass,
    Finding, FindingSerial, Incident, IncidentId, IncidentKind, Interval, Location, ObjectIdentity,
    ObjectKind, Observation, ObservationId, Place, Position, RawMessage, Reading, Record,
    Rejection, Slug, Stance, Status, Term, Timestamp, Track, TrackId, TrackPoint, Verdict,
};

pub(crate) fn at(second: f64) -> Timestamp {
    plus_seconds("2025-03-01T00:00:00Z".parse().unwrap(), second)
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

pub(crate) fn place(lat_deg: f64, lon_deg: f64) -> Place {
    Place {
        position: Position::new(lat_deg, lon_deg).unwrap(),
        uncertainty: Ellipse::circle(100.0),
    }
}

pub(crate) fn raw(source: &str, text: &str, second: f64) -> RawMessage {
    RawMessage {
        source: slug(source),
        received_at: at(second),
        bytes: text.as_bytes().to_vec(),
    }
}

pub(crate) fn observation(message: &RawMessage, reading: Reading) -> Observation {
    let observed_at = Interval::instant(message.received_at);
    Observation {
        id: Observation::name(message.id(), 0, observed_at),
        message: message.id(),
        source: message.source.clone(),
        sensor: Some(slug(&format!("{}/sensor", message.source))),
        observed_at,
        received_at: message.received_at,
        location: Some(Location::fix(place(47.0, 37.0).position, 50.0)),
        reading,
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

pub(crate) fn thermal() -> Reading {
    Reading::ThermalAnomaly(ThermalAnomaly::default())
}

pub(crate) fn vessel(mmsi: u32) -> Reading {
    Reading::Vessel(VesselReport {
        mmsi,
        message_type: 1,
        ..VesselReport::default()
    })
}

pub(crate) fn incident(
    founder: ObservationId,
    revision: u32,
    evidence: Vec<ObservationId>,
) -> Incident {
    Incident {
        id: Incident::name(IncidentKind::PhysicalEvent, founder, ""),
        revision,
        kind: IncidentKind::PhysicalEvent,
        occurred: Interval::between(at(60.0), at(90.0)),
        place: place(47.0, 37.0),
        probability: 0.5 + 0.1 * f64::from(revision),
        classes: BTreeMap::from([(EventClass::Artillery, 0.7), (EventClass::Thunder, 0.3)]),
        attribution: Attribution {
            parties: BTreeMap::from([(slug("party-a"), 0.2), (slug("party-b"), 0.6)]),
            terms: Vec::new(),
        },
        evidence,
        explanation: vec![Term {
            name: slug("prior"),
            text: "Close to the line".to_owned(),
            log_odds: -2.0,
            observation: None,
            sensor: None,
        }],
        track: None,
        zone: Some(slug("buffer-zone")),
        attributes: BTreeMap::from([(slug("weapon"), "howitzer".to_owned())]),
        withdrawn: None,
    }
}

pub(crate) fn assessment(incident: &Incident, clause: &str, verdict: Verdict) -> Assessment {
    Assessment {
        incident: incident.id,
        revision: incident.revision,
        clause: slug(clause),
        clause_kind: ClauseKind::NoFire,
        agreement_effective_from: at(0.0),
        verdict,
        reasons: vec!["Weapons were used in the zone.".to_owned()],
        breach_under_text_of: Vec::new(),
    }
}

pub(crate) fn finding(incident: IncidentId, status: Status) -> Finding {
    let decision = Decision {
        incident,
        officer: slug("officer-1"),
        decided_at: at(3_600.0),
        action: Action::MoveTo(status),
        reason: "Two means agree.".to_owned(),
    };
    Finding {
        serial: FindingSerial(1),
        incident,
        incident_revision: 2,
        status,
        attributed_to: None,
        attribution_proposed: None,
        disputed_by: vec![slug("party-b")],
        clocks: vec![Clock {
            name: slug("response"),
            starts_at: at(3_600.0),
            due_at: at(90_000.0),
        }],
        history: vec![
            Step::Decision(decision),
            Step::Reply(truce_core::Reply {
                incident,
                party: slug("party-b"),
                replied_at: at(4_000.0),
                stance: Stance::Disputes,
                text: "It was thunder.".to_owned(),
            }),
        ],
    }
}

pub(crate) fn track(points: Vec<TrackPoint>) -> Track {
    Track {
        id: TrackId(Digest::of(b"track")),
        kind: ObjectKind::Vessel,
        identity: Some(ObjectIdentity::Mmsi(272_000_001)),
        name: Some("EXAMPLE".to_owned()),
        actor: None,
        existence: 0.99,
        observation_count: points.len() as u64,
        first_observed_at: points[0].observed_at,
        points,
    }
}

pub(crate) fn point(second: f64, lat_deg: f64) -> TrackPoint {
    TrackPoint {
        observed_at: at(second),
        place: place(lat_deg, 31.0),
        height: None,
        speed_m_s: Some(5.0),
        course_deg: None,
        observation: ObservationId(Digest::of(&second.to_be_bytes())),
    }
}

/// The names that the small log gives to things.
pub(crate) struct Cast {
    pub(crate) message: RawMessage,
    pub(crate) thermal: Observation,
    pub(crate) ship: Observation,
    pub(crate) incident: IncidentId,
    pub(crate) merged: IncidentId,
}

/// A small log with every class of record, one list of rows for each entry.
pub(crate) fn small_log() -> (Cast, Vec<Vec<Body>>) {
    let message = raw("firms", "hot pixel", 60.0);
    let ship_message = raw("ais", "!AIVDM,1", 61.0);
    let broken = raw("ais", "!AIVDM,broken", 7_300.0);
    let state_message = raw("firms", "off", 120.0);
    let hot = observation(&message, thermal());
    let ship = observation(&ship_message, vessel(272_000_001));
    let off = observation(&state_message, off());
    let first = incident(hot.id, 1, vec![hot.id]);
    let second = incident(hot.id, 2, vec![hot.id, ship.id]);
    let mut merged = incident(ship.id, 1, vec![ship.id]);
    merged.kind = IncidentKind::Presence;
    merged.classes = BTreeMap::new();
    merged.withdrawn = Some(Withdrawal::PartOf(first.id));
    let reject = |class: &str| rejection(&broken, class);
    let raws = [&message, &ship_message, &broken, &state_message];
    let seen = [&hot, &ship, &off];
    let verified = finding(first.id, Status::Verified);
    let Step::Decision(decision) = verified.history[0].clone() else {
        unreachable!("the first step is a decision")
    };
    let entries = vec![
        vec![mission_file()],
        vec![import()],
        raws.map(|message| Body::Raw(message.clone())).to_vec(),
        vec![reject("checksum"), reject("checksum"), reject("duplicate")],
        seen.map(|seen| Body::Observation(seen.clone())).to_vec(),
        vec![Body::Track(track(vec![
            point(61.0, 45.0),
            point(65.0, 45.1),
        ]))],
        vec![
            Body::Incident(first.clone()),
            Body::Incident(merged.clone()),
        ],
        vec![
            Body::Assessment(assessment(&first, "a1", Verdict::Undetermined)),
            Body::Assessment(assessment(&first, "a2", Verdict::Compliant)),
        ],
        vec![Body::Tick(Tick { at: at(3_000.0) })],
        vec![Body::Incident(second.clone())],
        vec![Body::Assessment(assessment(&second, "a1", Verdict::Breach))],
        vec![Body::Decision(decision)],
        vec![Body::Finding(verified)],
    ];
    let cast = Cast {
        message,
        thermal: hot,
        ship,
        incident: first.id,
        merged: merged.id,
    };
    (cast, entries)
}

fn off() -> Reading {
    Reading::SensorState(SensorState {
        health: Health::Off,
        text: "no power".to_owned(),
    })
}

fn mission_file() -> Body {
    Body::MissionFile(MissionFile {
        name: "mission.toml".to_owned(),
        text: "name = 'a'".to_owned(),
    })
}

fn import() -> Body {
    Body::Import(Import {
        source: slug("ais"),
        file_name: "day.txt".to_owned(),
        digest: Digest::of(b"day"),
        message_count: 2,
        imported_at: at(10.0),
    })
}

fn rejection(message: &RawMessage, class: &str) -> Body {
    Body::Rejection(Rejection {
        message: message.id(),
        source: message.source.clone(),
        received_at: message.received_at,
        class: slug(class),
        reason: format!("why {class}"),
    })
}

pub(crate) fn rows(bodies: &[Body]) -> Vec<Record> {
    bodies.iter().cloned().map(Record::new).collect()
}
