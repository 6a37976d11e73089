//! The mission: its description, agreement, zones and sensors.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};
use truce_accord::Agreement;
use truce_core::mission::{Mission, Shape, Zone};
use truce_core::observation::Health;
use truce_core::{Position, Slug, Timestamp};
use truce_report::BOUNDARIES_DISCLAIMER;
use truce_store::{FeedCounts, SectorMap, SensorReport};

use super::error::Failure;
use super::state::App;

/// `GET /api/mission`
pub(super) async fn mission(State(app): State<App>) -> Json<Value> {
    let state = &app.state;
    Json(json!({
        "mission": description(state.mission()),
        "agreement": agreement(state.agreement()),
        "disclaimer": BOUNDARIES_DISCLAIMER,
    }))
}

/// What the mission is. Its zones, sensors and feeds are many times as large, and have paths of their
/// own.
fn description(mission: &Mission) -> Value {
    let Mission {
        name,
        title,
        summary,
        log_origin,
        report,
        horizon_s,
        attribution_threshold,
        alert_threshold,
        direction_threshold,
        actors,
        sectors,
        event_classes,
        calibration,
        sea,
        zones: _,
        network: _,
        straits,
    } = mission;
    json!({
        "name": name,
        "title": title,
        "summary": summary,
        "log_origin": log_origin,
        "report": report,
        "horizon_s": horizon_s,
        "attribution_threshold": attribution_threshold,
        "alert_threshold": alert_threshold,
        "direction_threshold": direction_threshold,
        "actors": actors,
        "sectors": sectors,
        "event_classes": event_classes,
        "calibration": calibration,
        "sea": sea,
        "straits": straits,
    })
}

fn agreement(agreement: &Agreement) -> Value {
    let clause = |clause: &truce_accord::Clause| {
        json!({
            "id": clause.id,
            "kind": clause.kind,
            "title": clause.title,
            "article": clause.article.as_deref().unwrap_or_default(),
            "text": clause.terms.text,
            "binds": clause.binds,
            "zones": clause.terms.zones,
            "text_of": clause.text_of.iter().map(|text| json!({
                "party": text.party,
                "text": text.terms.text,
                "zones": text.terms.zones,
            })).collect::<Vec<_>>(),
        })
    };
    let version = |version: &truce_accord::Version| {
        json!({
            "effective_from": version.effective_from,
            "title": version.title,
            "clauses": version.clauses.iter().map(clause).collect::<Vec<_>>(),
        })
    };
    json!({
        "title": agreement.title,
        "versions": agreement.versions.iter().map(version).collect::<Vec<_>>(),
        "clocks": agreement.clocks,
        "standards": agreement.standards,
    })
}

/// `GET /api/zones`
pub(super) async fn zones(State(app): State<App>) -> Json<Value> {
    let state = &app.state;
    let features = state.mission().zones.iter().map(|zone| {
        json!({
            "type": "Feature",
            "id": zone.id,
            "geometry": geometry(&zone.shape),
            "properties": {
                "id": zone.id,
                "name": zone.name,
                "kind": zone.kind,
                "party": zone.party,
                "weapon": zone.weapon,
                "basis": zone.basis,
                "floor_m": zone.floor_m,
                "ceiling_m": zone.ceiling_m,
                "clauses": clauses_about(state.agreement(), zone),
            },
        })
    });
    Json(collection(features.collect()))
}

/// The clauses of the newest version that hold in a zone by name.
fn clauses_about<'a>(agreement: &'a Agreement, zone: &Zone) -> Vec<&'a Slug> {
    let newest = agreement.versions.last();
    let clauses = newest.into_iter().flat_map(|version| &version.clauses);
    let about = clauses.filter(|clause| {
        let texts = clause.text_of.iter().map(|text| &text.terms);
        std::iter::once(&clause.terms)
            .chain(texts)
            .any(|terms| terms.zones.contains(&zone.id))
    });
    about.map(|clause| &clause.id).collect()
}

/// A shape as GeoJSON: longitude first, rings closed (RFC 7946, 3.1.6).
fn geometry(shape: &Shape) -> Value {
    let line = |corners: &[Position]| -> Vec<[f64; 2]> {
        corners.iter().map(|corner| corner.to_xy()).collect()
    };
    let ring = |corners: &Vec<Position>| {
        let mut ring = line(corners);
        ring.extend(ring.first().copied());
        ring
    };
    match shape {
        Shape::Point(position) => json!({ "type": "Point", "coordinates": position.to_xy() }),
        Shape::Line(corners) => json!({ "type": "LineString", "coordinates": line(corners) }),
        Shape::Polygons(polygons) => {
            let rings =
                |polygon: &Vec<Vec<Position>>| -> Vec<_> { polygon.iter().map(ring).collect() };
            match polygons.as_slice() {
                [polygon] => json!({ "type": "Polygon", "coordinates": rings(polygon) }),
                several => json!({
                    "type": "MultiPolygon",
                    "coordinates": several.iter().map(rings).collect::<Vec<_>>(),
                }),
            }
        }
    }
}

/// `GET /api/sensors`
pub(super) async fn sensors(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let reports = app
        .state
        .read(|store, _| Ok((store.sensors()?, store.feeds()?)))
        .await?;
    Ok(Json(sensor_features(
        app.state.mission(),
        &reports.0,
        &reports.1,
    )))
}

/// What is known of a sensor now.
struct Known {
    health: Option<Health>,
    last_message_at: Option<Timestamp>,
}

fn sensor_features(mission: &Mission, reports: &[SensorReport], feeds: &[FeedCounts]) -> Value {
    let sectors = SectorMap::of(mission);
    let reports: BTreeMap<&Slug, &SensorReport> = reports
        .iter()
        .map(|report| (&report.sensor, report))
        .collect();
    let feeds: BTreeMap<&Slug, Timestamp> = feeds
        .iter()
        .map(|feed| (&feed.source, feed.last_received_at))
        .collect();
    let known = |sensor: &truce_core::mission::Sensor| {
        let report = reports.get(&sensor.id);
        // A sensor that speaks for itself is not alive because another uses the same feed.
        let alone = mission
            .network
            .sensors
            .iter()
            .filter(|s| s.feed == sensor.feed)
            .count()
            == 1;
        let by_feed = feeds.get(&sensor.feed).copied().filter(|_| alone);
        Known {
            health: report.and_then(|report| report.health),
            last_message_at: report.map(|report| report.last_received_at).or(by_feed),
        }
    };
    let mut features = Vec::new();
    for post in &mission.network.posts {
        let own = mission.network.sensors.iter();
        let own: Vec<Known> = own
            .filter(|sensor| sensor.post.as_ref() == Some(&post.id))
            .map(known)
            .collect();
        let worst = own.iter().filter_map(|known| known.health).max();
        let last = own.iter().filter_map(|known| known.last_message_at).max();
        let about = [json!(post.id), json!(post.name), json!("post"), Value::Null];
        features.push(point(post.position, about, worst, last, Some(&post.sector)));
    }
    for sensor in &mission.network.sensors {
        let post = mission
            .network
            .posts
            .iter()
            .find(|post| Some(&post.id) == sensor.post.as_ref());
        let Some(position) = sensor.position.or(post.map(|post| post.position)) else {
            continue;
        };
        let sector = post
            .map(|post| &post.sector)
            .or_else(|| sectors.sector_of(position));
        let Known {
            health,
            last_message_at,
        } = known(sensor);
        let about = [
            json!(sensor.id),
            json!(sensor.id),
            json!("sensor"),
            json!(sensor.kind),
        ];
        features.push(point(position, about, health, last_message_at, sector));
    }
    collection(features)
}

fn point(
    position: Position,
    [id, name, kind_of_place, kind]: [Value; 4],
    health: Option<Health>,
    last_message_at: Option<Timestamp>,
    sector: Option<&Slug>,
) -> Value {
    json!({
        "type": "Feature",
        "id": id,
        "geometry": { "type": "Point", "coordinates": position.to_xy() },
        "properties": {
            "id": id,
            "name": name,
            "type": kind_of_place,
            "kind": kind,
            "health": health.map_or(json!("unknown"), |health| json!(health)),
            "last_message_at": last_message_at,
            "sector": sector,
        },
    })
}

fn collection(features: Vec<Value>) -> Value {
    json!({ "type": "FeatureCollection", "features": features })
}
