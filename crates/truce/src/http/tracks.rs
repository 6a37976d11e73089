//! Tracks.

use axum::extract::{Path, State};
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::TrackId;
use truce_store::TrackQuery;

use super::error::Failure;
use super::parameters::Parameters;
use super::state::App;

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
