//! Tracks.

use axum::extract::{Path, State};
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::TrackId;
use truce_core::time::{plus_seconds, seconds_between};
use truce_store::{PATH_POINTS_MAX, Store, TrackQuery};

use super::error::Failure;
use super::parameters::Parameters;
use super::state::{App, AppState};
use super::summary::present;

/// Tracks in an answer when no limit is given.
const TRACKS_DEFAULT: u32 = 1_000;

/// `GET /api/tracks`
pub(super) async fn list(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let (from, to) = parameters.period()?;
    let query = TrackQuery {
        kind: parameters.word("kind")?,
        from,
        to,
        limit: Some(parameters.parsed("limit")?.unwrap_or(TRACKS_DEFAULT)),
    };
    parameters.finish()?;
    let items = app
        .state
        .read(move |store, _| Ok(store.tracks(&query)?))
        .await?;
    Ok(Json(json!({ "items": items })))
}

/// Longest period of paths in one answer, seconds.
const PATHS_S_MAX: f64 = 6.0 * 3_600.0;

/// Length of the period before now when none is given, seconds.
const PATHS_S_DEFAULT: f64 = 3_600.0;

/// `GET /api/paths`: where every track was in a period.
pub(super) async fn paths(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let period = parameters.period()?;
    parameters.finish()?;
    let read = move |store: &Store, _: &AppState| {
        let to = period.1.map_or_else(|| present(store), Ok)?;
        let from = period
            .0
            .unwrap_or_else(|| plus_seconds(to, -PATHS_S_DEFAULT));
        if !(0.0..=PATHS_S_MAX).contains(&seconds_between(from, to)) {
            let message = "`to` lies behind `from`, by at most six hours";
            return Err(Failure::bad_request(message));
        }
        Ok(store.track_paths(from, to)?)
    };
    let items = app.state.read(read).await?;
    let held: usize = items.iter().map(|path| path.points.len()).sum();
    Ok(Json(
        json!({ "items": items, "complete": held < PATH_POINTS_MAX }),
    ))
}

/// `GET /api/tracks/{id}`
pub(super) async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let unknown = || Failure::not_found(format!("there is no track `{id:.80}`"));
    let name: TrackId = id.parse().map_err(|_| unknown())?;
    let track = app
        .state
        .read(move |store, _| Ok(store.track(name)?))
        .await?;
    let track = track.ok_or_else(unknown)?;
    Ok(Json(json!({ "track": track })))
}
