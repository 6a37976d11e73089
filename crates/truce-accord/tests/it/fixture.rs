//! A small mission: two parties, one line of contact from north to south along 37° E.

use std::collections::BTreeMap;
use truce_accord::Agreement;
use truce_core::document::{Issue, Issues, toml};
use truce_core::mission::{
    Actor, Mission, ReportSchedule, Role, SensorNetwork, Shape, Zone, ZoneKind,
};

use truce_core::{
    Attribution, Digest, Ellipse, Incident, IncidentKind, Interval, ObservationId, Place, Position,
    Slug, Timestamp,
};

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn position(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

/// A rectangle from its south-west to its north-east corner.
pub(crate) fn rectangle(south: f64, west: f64, north: f64, east: f64) -> Shape {
    Shape::Polygons(vec![vec![vec![
        position(south, west),
        position(south, east),
        position(north, east),
        position(north, west),
    ]]])
}

pub(crate) fn zone(id: &str, kind: ZoneKind, shape: Shape) -> Zone {
    Zone {
        id: slug(id),
        name: id.to_owned(),
        kind,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: "made up for tests".to_owned(),
        shape,
    }
}

fn zones() -> Vec<Zone> {
    let line = Shape::Line(vec![position(47.0, 37.0), position(49.0, 37.0)]);
    let plant = Shape::Point(position(48.2, 36.0));
    vec![
        zone("line-of-contact", ZoneKind::LineOfContact, line),
        zone(
            "buffer-zone",
            ZoneKind::BufferZone,
            rectangle(47.0, 36.9, 49.0, 37.1),
        ),
        zone(
            "withdrawal-a",
            ZoneKind::WithdrawalZone,
            rectangle(47.0, 36.0, 49.0, 37.0),
        ),
        zone(
            "withdrawal-b",
            ZoneKind::WithdrawalZone,
            rectangle(47.0, 37.0, 49.0, 38.0),
        ),
        zone(
            "holding-area-1",
            ZoneKind::HoldingArea,
            rectangle(48.0, 35.0, 48.1, 35.1),
        ),
        zone(
            "corridor-west",
            ZoneKind::Corridor,
            rectangle(44.0, 30.0, 46.0, 30.2),
        ),
        zone(
            "port-roads",
            ZoneKind::Port,
            rectangle(45.9, 29.9, 46.3, 30.3),
        ),
        zone("power-plant", ZoneKind::ProtectedObject, plant),
        zone(
            "bridge",
            ZoneKind::ProtectedObject,
            rectangle(48.3, 36.2, 48.301, 36.21),
        ),
        zone(
            "aid-route",
            ZoneKind::Corridor,
            rectangle(48.4, 36.0, 48.5, 38.0),
        ),
        Zone {
            floor_m: Some(1_000.0),
            ceiling_m: Some(3_000.0),
            ..zone(
                "upper-airspace",
                ZoneKind::Airspace,
                rectangle(47.0, 36.0, 49.0, 38.0),
            )
        },
    ]
}

pub(crate) fn mission() -> Mission {
    let actor = |id: &str, role| Actor {
        id: slug(id),
        name: id.to_owned(),
        role,
    };
    Mission {
        name: slug("test"),
        title: "Test".to_owned(),
        summary: String::new(),
        log_origin: "example.org/test".to_owned(),
        report: ReportSchedule {
            time_zone: "Etc/UTC".to_owned(),
            cut_off_hour: 8,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.8,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: vec![
            actor("party-a", Role::Party),
            actor("party-b", Role::Party),
            actor("mission", Role::Mission),
        ],
        sectors: Vec::new(),
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: zones(),
        network: SensorNetwork::default(),
    }
}

/// Reads an agreement's text against a mission.
pub(crate) fn read_with(mission: &Mission, text: &str) -> Result<Agreement, Vec<Issue>> {
    let issues = Issues::default();
    let document = toml("agreement.toml", text, &issues);
    let agreement = document.and_then(|document| Agreement::read(&document, mission, &issues));
    agreement.ok_or_else(|| issues.into_sorted())
}

/// Reads an agreement's text; it must be without mistakes.
pub(crate) fn agreement(text: &str) -> Agreement {
    read_with(&mission(), text).unwrap_or_else(|issues| panic!("{issues:#?}"))
}

/// The examples of `docs/agreement.md`, put one after another.
pub(crate) fn documented() -> String {
    let page = include_str!("../../../../docs/agreement.md");
    let mut inside = false;
    let mut text = String::new();
    for line in page.lines() {
        match (inside, line) {
            (false, "```toml") => inside = true,
            (true, "```") => inside = false,
            (true, line) => text = text + line + "\n",
            _ => {}
        }
    }
    text
}

/// An incident about which nothing is known but its kind; tests set what they need.
pub(crate) fn incident(kind: IncidentKind, place: Position, sigma_m: f64) -> Incident {
    let founder = ObservationId(Digest::of(b"founder"));
    Incident {
        id: Incident::name(kind, founder, ""),
        revision: 1,
        kind,
        occurred: Interval::instant(at("2025-03-20T12:00:00Z")),
        place: Place {
            position: place,
            uncertainty: Ellipse::circle(sigma_m),
        },
        probability: 1.0,
        classes: BTreeMap::new(),
        attribution: Attribution::default(),
        evidence: vec![founder],
        explanation: Vec::new(),
        track: None,
        zone: None,
        attributes: BTreeMap::new(),
        withdrawn: None,
    }
}

/// A use of weapons in the buffer zone.
pub(crate) fn physical_event(probability: f64) -> Incident {
    Incident {
        probability,
        ..incident(IncidentKind::PhysicalEvent, position(48.0, 37.0), 200.0)
    }
}
