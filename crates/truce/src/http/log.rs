//! The log: its state, and the read path of C2SP tlog-tiles.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};
use truce_ledger::{Checkpoint, TileId};
use truce_store::Store;

use super::error::Failure;
use super::state::{App, AppState};

/// Full tiles never change (tlog-tiles, "Merkle Tree").
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `GET /api/log`
pub(super) async fn state(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let describe = |store: &Store, state: &AppState| {
        let checkpoint = state.log().checkpoint()?;
        describe(store, state, &checkpoint)
    };
    Ok(Json(app.state.read(describe).await?))
}

/// A checkpoint as the interface tells it.
pub(super) fn describe(
    store: &Store,
    state: &AppState,
    checkpoint: &Checkpoint,
) -> Result<Value, Failure> {
    let newest = checkpoint.size.checked_sub(1);
    let published_at = newest
        .map(|entry| store.recorded_at(entry))
        .transpose()?
        .flatten();
    Ok(json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": truce_core::Digest(checkpoint.root),
        "published_at": published_at,
        "verifier_key": state.verifier_key(),
        "checkpoint": checkpoint.to_string(),
        "witnessed": is_witnessed(checkpoint),
        "witnesses": witnesses(checkpoint),
    }))
}

/// True when a quorum of witnesses the mission trusts signed the checkpoint. No mission file names
/// witnesses yet, so no quorum can be met.
pub(super) fn is_witnessed(_: &Checkpoint) -> bool {
    false
}

/// The names under which others than the log signed, as they say themselves.
fn witnesses(checkpoint: &Checkpoint) -> Vec<&str> {
    let signatures = checkpoint.note().signatures().iter();
    let names = signatures.map(|signature| signature.name.as_str());
    names.filter(|name| *name != checkpoint.origin).collect()
}

/// `GET /checkpoint`
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Failure> {
    let text = app
        .state
        .read(|_, state| Ok(state.log().checkpoint()?.to_string()))
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}

/// `GET /tile/{path}`
pub(super) async fn tile(
    State(app): State<App>,
    Path(path): Path<String>,
) -> Result<Response, Failure> {
    let path = format!("tile/{path}");
    let unknown = || Failure::not_found(format!("the log has no `{path:.120}`"));
    let tile = TileId::parse(&path).map_err(|_| unknown())?;
    let name = tile.path();
    let bytes = app
        .state
        .read(move |_, state| Ok(state.log().resource(&name)?))
        .await?;
    let bytes = bytes.ok_or_else(unknown)?;
    // A partial tile never changes either, but gives way to the full one.
    let caching = if tile == tile.full() {
        IMMUTABLE
    } else {
        "public, max-age=3600"
    };
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, caching),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}
