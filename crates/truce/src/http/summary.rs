//! Counts over a period, and what the mission takes for now.

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Interval, Timestamp};
use truce_store::Store;

use super::error::Failure;
use super::parameters::Parameters;
use super::state::App;

/// While the newest message is younger than this, the mission's present is the clock's.
const LIVE_S_MAX: f64 = 3_600.0;

/// `GET /api/summary`
pub(super) async fn summary(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let (from, to) = parameters.period()?;
    parameters.finish()?;
    let answer = app.state.read(move |store, _| {
        let span = store.incident_span()?;
        let now = present(store)?;
        // Half-open: the last incident is in it only when the end is behind its beginning.
        let last = span.map_or(now, |span| plus_seconds(span.end, 1.0).max(now));
        let period = Interval {
            start: from.or(span.map(|span| span.start)).unwrap_or(now),
            end: to.unwrap_or(last),
        };
        if period.start > period.end {
            return Err(Failure::bad_request("`from` is later than `to`"));
        }
        let mut answer = json!(store.summary(period)?);
        answer["now"] = json!(now);
        Ok(answer)
    });
    Ok(Json(answer.await?))
}

/// What the mission takes for now: the clock's time while messages come in, else when the newest
/// message arrived, so that the picture of an earlier day stands at that day.
pub(super) fn present(store: &Store) -> Result<Timestamp, Failure> {
    let now = Timestamp::now();
    let newest = store
        .feeds()?
        .into_iter()
        .map(|feed| feed.last_received_at)
        .max();
    Ok(match newest {
        Some(newest) if seconds_between(newest, now) > LIVE_S_MAX => newest,
        _ => now,
    })
}
