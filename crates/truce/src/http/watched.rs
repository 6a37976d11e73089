//! What could be seen: cells of the buffer zone and the corridors with the probability that an event
//! there would have been noticed.

use axum::extract::State;
use axum::response::Json;
use serde_json::{Map, Value, json};
use truce_core::time::{DAY_S, HOUR_S, plus_seconds};
use truce_core::{EventClass, Interval, Timestamp};
use truce_fusion::Silence;
use truce_store::Store;

use super::error::Failure;
use super::parameters::Parameters;
use super::state::{App, AppState};
use crate::report::watches;

/// Longest period asked about, seconds: its instants are thinned, and a month is seen at a glance.
const PERIOD_S_MAX: f64 = 31.0 * DAY_S;

/// `GET /api/watched`: without a period the last hour.
pub(super) async fn cells(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let (from, to) = parameters.period()?;
    parameters.finish()?;
    let now = Timestamp::now();
    let end = to.or_else(|| from.map(|from| plus_seconds(from, HOUR_S)));
    let end = end.unwrap_or(now);
    let start = from.unwrap_or_else(|| plus_seconds(end, -HOUR_S));
    let period = Interval { start, end };
    if start >= end || period.length_s() > PERIOD_S_MAX {
        let message = "a period begins before it ends and is at most 31 days long";
        return Err(Failure::bad_request(message));
    }
    let read = move |store: &Store, state: &AppState| {
        let conditions = store.conditions(period)?.into_iter();
        let conditions: Vec<_> = conditions.map(|c| c.observation).collect();
        let cells = watches::cells(state.mission(), period, now, &conditions);
        let features: Vec<Value> = cells.iter().map(feature).collect();
        Ok(json!({
            "type": "FeatureCollection",
            "features": features,
            "period": period,
            "cell_m": watches::CELL_M,
        }))
    };
    Ok(Json(app.state.read(read).await?))
}

/// A cell: the probability for each class, and whether silence there would mean quiet.
fn feature(cell: &watches::Cell<'_>) -> Value {
    let mut properties = Map::new();
    properties.insert("sector".to_owned(), json!(cell.sector.id));
    for (class, p) in EventClass::ALL.iter().zip(cell.noticed) {
        let word = json!(class);
        let word = word.as_str().unwrap_or_default();
        // Three digits: more would be of no use to a map.
        properties.insert(format!("{word}_p"), json!((p * 1e3).round() / 1e3));
        properties.insert(format!("{word}_silence"), json!(Silence::of(0, p)));
    }
    json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": cell.centre.to_xy() },
        "properties": properties,
    })
}
