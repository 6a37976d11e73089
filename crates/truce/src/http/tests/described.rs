//! Answers, held against the schemas that describe them.

use serde_json::{Map, Value, json};
use truce_core::finding::{VisitMeans, VisitOutcome};
use truce_core::place::{HeightDatum, Range};
use truce_core::{
    Action, Body, Digest, Ellipse, Height, IncidentId, Location, ObjectIdentity, Place, Position,
    Status,
};

use super::stage::{Stage, at, finding, slug};
use crate::http::openapi;

/// What of a value its schema does not say, or says otherwise; nothing when it fits.
///
/// An object whose schema names its properties may have no others: what an answer holds is described.
fn misfit(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let known = document.pointer(name.trim_start_matches('#'));
        return misfit(document, known.expect("a schema that is there"), value, at);
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        let misfits: Vec<_> = ways
            .iter()
            .map(|way| misfit(document, way, value, at))
            .collect();
        let fitting = misfits.iter().filter(|misfit| misfit.is_none()).count();
        return (fitting != 1).then(|| format!("{at}: {fitting} ways fit: {misfits:?}"));
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{at}: {value}"));
    }
    let is_of_type = match schema["type"].as_str() {
        Some("object") => return of_object(document, schema, value, at),
        Some("array") => return of_list(document, schema, value, at),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => schema.get("const").is_some_and(|only| only == value),
    };
    (!is_of_type).then(|| format!("{at}: {value} is not {schema}"))
}

fn of_object(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let Some(object) = value.as_object() else {
        return Some(format!("{at}: {value} is no object"));
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let mut missing = required.filter_map(Value::as_str);
    if let Some(name) = missing.find(|name| !object.contains_key(*name)) {
        return Some(format!("{at}: {name} is missing"));
    }
    let described = schema["properties"].as_object();
    let others = schema.get("additionalProperties");
    let of = |properties: &Map<String, Value>, name: &str| properties.get(name).cloned();
    object.iter().find_map(|(name, value)| {
        let at = format!("{at}.{name}");
        match described.and_then(|properties| of(properties, name)) {
            Some(schema) => misfit(document, &schema, value, &at),
            None if described.is_some() => Some(format!("{at} is not described")),
            None => misfit(document, others?, value, &at),
        }
    })
}

fn of_list(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let Some(items) = value.as_array() else {
        return Some(format!("{at}: {value} is no list"));
    };
    let places = schema["prefixItems"].as_array();
    if places.is_some_and(|places| places.len() != items.len()) {
        return Some(format!("{at}: {} items", items.len()));
    }
    items.iter().enumerate().find_map(|(number, item)| {
        let of = places.map_or(&schema["items"], |places| &places[number]);
        misfit(document, of, item, &format!("{at}[{number}]"))
    })
}

#[tokio::test]
async fn answers_fit_their_description() {
    let mut stage = Stage::new();
    let document = openapi::describe();
    let incident = stage.incident;
    let verified = Body::Finding(finding(incident, Status::Verified));
    stage.line.append(std::slice::from_ref(&verified));
    let one = format!("/api/incidents/{incident}");
    let track = format!("/api/tracks/{}", stage.track);
    for (path, schema) in [
        ("/api/mission", "MissionDocument"),
        ("/api/zones", "FeatureCollection"),
        ("/api/feeds", "Feeds"),
        ("/api/notify", "Receivers"),
        ("/api/incidents", "IncidentPage"),
        ("/api/known?at=2025-03-02T00:00:00Z", "KnownPage"),
        (one.as_str(), "IncidentDocument"),
        ("/api/tracks", "Tracks"),
        (track.as_str(), "TrackDocument"),
        (
            "/api/paths?from=2025-03-01T00:00:00Z&to=2025-03-01T01:00:00Z",
            "Paths",
        ),
        ("/api/summary", "Summary"),
        ("/api/sea", "Shipping"),
        ("/api/log", "Log"),
    ] {
        let answer = stage.get(path).await.json();
        let schema = &document["components"]["schemas"][schema];
        assert_eq!(misfit(&document, schema, &answer, path), None);
    }
}

/// Asserts that a form of a record, which the stage's answers may lack, is described.
fn fits(schema: &str, form: &Value) {
    let document = openapi::describe();
    let schema = &document["components"]["schemas"][schema];
    assert_eq!(misfit(&document, schema, form, "form"), None);
}

#[test]
fn each_form_of_a_place_and_of_an_identity_is_described() {
    let position = Position::new(47.0, 37.0).unwrap();
    let from = slug("post-1");
    let height = Some(Height {
        height_m: 120.0,
        above: HeightDatum::MeanSeaLevel,
    });
    let place = Place {
        position,
        uncertainty: Ellipse::circle(10.0),
    };
    let range = Some(Range {
        range_m: 900.0,
        range_m_sigma: 50.0,
    });
    let (observer, station, reference) = (position, position, position);
    let (bearing_deg, bearing_deg_sigma, distance_m) = (10.0, 2.0, 3_000.0);
    for form in [
        json!(Location::Fix { place, height }),
        json!(Location::Bearing {
            observer,
            bearing_deg,
            bearing_deg_sigma,
            range
        }),
        json!(Location::Area {
            ring: vec![position; 3]
        }),
        json!(Location::Arrival {
            station,
            arrival_s_sigma: 0.2
        }),
        json!(Location::Relative {
            from,
            reference,
            bearing_deg,
            distance_m,
            sigma_m: 800.0
        }),
    ] {
        fits("Location", &form);
    }
    let (source, target) = (slug("detector-1"), "t1".to_owned());
    for form in [
        json!(ObjectIdentity::Mmsi(636_100_022)),
        json!(ObjectIdentity::Icao(0x50_80_35)),
        json!(ObjectIdentity::Serial("1581645TB21".to_owned())),
        json!(ObjectIdentity::Sensor(slug("patrol-1"))),
        json!(ObjectIdentity::Detector { source, target }),
    ] {
        fits("ObjectIdentity", &form);
    }
}

#[test]
fn each_action_is_described() {
    let party = slug("party-a");
    let incident = IncidentId(Digest([7; 32]));
    let (to, by, clock) = (party.clone(), party.clone(), slug("response"));
    for form in [
        json!(Action::MoveTo(Status::Verified)),
        json!(Action::Attribute {
            party: party.clone()
        }),
        json!(Action::Remark),
        json!(Action::AskVisit {
            means: VisitMeans::Drone,
            due_at: Some(at(60.0))
        }),
        json!(Action::ReportVisit {
            visit: 1,
            outcome: VisitOutcome::Confirmed
        }),
        json!(Action::OpenInquiry {
            party: party.clone()
        }),
        json!(Action::Release { to: vec![party] }),
        json!(Action::Escalate { to }),
        json!(Action::Acknowledge { by }),
        json!(Action::MeetClock { clock }),
        json!(Action::MergeInto { incident }),
        json!(Action::Split),
    ] {
        fits("Action", &form);
    }
}

#[test]
fn what_is_not_described_is_found() {
    let document = openapi::describe();
    let place = json!({ "position": { "lat_deg": 47.0, "lon_deg": 37.0 },
        "uncertainty": { "semi_major_m": 9.0, "semi_minor_m": 9.0, "bearing_deg": 0.0 } });
    let with = |pointer: &str, value: Value| {
        let mut place = place.clone();
        *place.pointer_mut(pointer).unwrap() = value;
        misfit(
            &document,
            &document["components"]["schemas"]["Place"],
            &place,
            "place",
        )
        .is_some()
    };
    assert!(!with("/position/lat_deg", json!(48.0)));
    assert!(with("/position/lat_deg", json!("48")));
    assert!(with("/position", json!({ "lat_deg": 48.0 })));
    assert!(with(
        "/position",
        json!({ "lat_deg": 1, "lon_deg": 2, "height_m": 3 })
    ));
    assert!(with("/uncertainty", json!(null)));
}
