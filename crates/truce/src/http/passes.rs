//! Satellites on the map: where they pass near the mission, and what they can see from there.

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::mission::Mission;
use truce_core::time::plus_seconds;
use truce_core::{Position, Timestamp};
use truce_plan::coverage::{Swath, swaths};

use super::error::Failure;
use super::parameters::Parameters;
use super::state::App;
use super::summary::present;

/// How far ahead passes are shown when nothing is said, and at most, minutes.
const AHEAD_MIN: f64 = 90.0;
const AHEAD_MIN_MAX: f64 = 720.0;
/// A pass that has just ended is still shown, seconds.
const BEFORE_S: f64 = 300.0;
/// A ground track is shown from so far outside of the mission's area, metres: what comes is seen
/// coming, and most instruments see no farther.
const MARGIN_M: f64 = 800_000.0;
/// A satellite without an element set flies as designed from the start of a day on, seconds.
const DAY_S: i64 = 86_400;

/// `GET /api/plan/passes`: ground tracks and swaths around an instant, as GeoJSON.
pub(super) async fn passes(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let at: Option<Timestamp> = parameters.parsed("at")?;
    let minutes = parameters.parsed("minutes")?.unwrap_or(AHEAD_MIN);
    parameters.finish()?;
    if !(1.0..=AHEAD_MIN_MAX).contains(&minutes) {
        let message = format!("`minutes` lies between 1 and {AHEAD_MIN_MAX}");
        return Err(Failure::bad_request(message));
    }
    let answer = app.state.read(move |store, state| {
        let at = match at {
            Some(at) => at,
            None => present(store)?,
        };
        let sources = state.sources();
        let from = plus_seconds(at, -BEFORE_S);
        let window = (from, BEFORE_S + minutes * 60.0);
        let (watch, elements) = (&sources.coalition.watch, &sources.elements);
        let near = area(&sources.mission);
        let found = swaths(watch, elements, day_of(at), window, near);
        Ok(json!({
            "type": "FeatureCollection",
            "at": at,
            "features": found.iter().flat_map(|swath| features(swath, at)).collect::<Vec<_>>(),
        }))
    });
    Ok(Json(answer.await?))
}

/// The middle of the mission's zones, and how far from it tracks are shown, metres.
fn area(mission: &Mission) -> (Position, f64) {
    let corners = || mission.zones.iter().flat_map(|zone| zone.shape.corners());
    let span = |of: fn(&Position) -> f64| {
        let each = corners().map(|corner| of(&corner));
        each.fold((f64::MAX, f64::MIN), |(low, high), x| {
            (low.min(x), high.max(x))
        })
    };
    let (lat, lon) = (span(|at| at.lat_deg), span(|at| at.lon_deg));
    let middle = Position {
        lat_deg: f64::midpoint(lat.0, lat.1),
        lon_deg: f64::midpoint(lon.0, lon.1),
    };
    let farthest = corners().map(|corner| corner.distance_m(middle));
    (middle, farthest.fold(0.0, f64::max) + MARGIN_M)
}

fn day_of(at: Timestamp) -> Timestamp {
    let begins = at.as_second() - at.as_second().rem_euclid(DAY_S);
    Timestamp::from_second(begins).unwrap_or(at)
}

/// A track, what is seen from it, and where the satellite is at the instant (RFC 7946).
fn features(swath: &Swath, at: Timestamp) -> Vec<Value> {
    let point = |at: &Position| {
        let round = |deg: f64| (deg * 1e4).round() / 1e4;
        json!([round(at.lon_deg), round(at.lat_deg)])
    };
    let line = |points: &[Position]| points.iter().map(point).collect::<Vec<_>>();
    let feature = |part: &str, geometry: &str, coordinates: Value| {
        json!({
            "type": "Feature",
            "properties": {
                "part": part,
                "means": swath.means,
                "from": swath.from,
                "until": swath.until,
                "element_age_days": swath.element_age_days,
            },
            "geometry": { "type": geometry, "coordinates": coordinates },
        })
    };
    let mut features = vec![feature("track", "LineString", json!(line(&swath.track)))];
    if !swath.ring.is_empty() {
        features.push(feature("swath", "Polygon", json!([line(&swath.ring)])));
    }
    let here = swath.below(at);
    features.extend(here.map(|here| feature("satellite", "Point", point(&here))));
    features
}
