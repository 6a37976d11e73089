//! The log: its state, and the read path of C2SP tlog-tiles.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};
use truce_core::record::Epoch;
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
    let mut described = app.state.read(describe).await?;
    described["opening"] = json!(app.handle.opening());
    Ok(Json(described))
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
        "witnessed": witnessed_size(state)? >= checkpoint.size && checkpoint.size > 0,
        "witnessed_size": witnessed_size(state)?,
        "witnesses": witnesses(state)?,
        // A checkpoint is told when the line is open.
        "opening": null,
        "epochs": store.epochs()?.iter().map(epoch).collect::<Vec<_>>(),
    }))
}

/// Since when which engine concludes, and for an amendment who wanted it and why.
fn epoch((entry, epoch): &(u64, Epoch)) -> Value {
    let amendment = epoch.amendment.as_ref();
    json!({
        "entry": entry,
        "engine": epoch.engine,
        "began_at": epoch.began_at,
        "by": amendment.map(|amendment| &amendment.by),
        "reason": amendment.map(|amendment| &amendment.reason),
    })
}

/// Entries that the witnesses' quorum has cosigned; what is logged may be more.
pub(super) fn witnessed_size(state: &AppState) -> Result<u64, Failure> {
    Ok(state
        .log()
        .witnessed()?
        .map_or(0, |checkpoint| checkpoint.size))
}

/// The names of those who cosigned the newest checkpoint that anyone did. They were verified when
/// they were kept.
fn witnesses(state: &AppState) -> Result<Vec<String>, Failure> {
    let Some(cosigned) = state.log().cosigned()? else {
        return Ok(Vec::new());
    };
    let names = cosigned
        .note()
        .signatures()
        .iter()
        .map(|line| line.name.clone());
    Ok(names.filter(|name| *name != cosigned.origin).collect())
}

/// The published checkpoint, with the cosignatures it has got.
fn published(state: &AppState) -> Result<Checkpoint, Failure> {
    let published = state.log().checkpoint()?;
    let cosigned = state.log().cosigned()?;
    let same = |kept: &Checkpoint| kept.note().text() == published.note().text();
    Ok(cosigned.filter(same).unwrap_or(published))
}

/// `GET /witnessed`: the newest checkpoint that met the quorum.
pub(super) async fn witnessed(State(app): State<App>) -> Result<Response, Failure> {
    let read = |_: &Store, state: &AppState| Ok(state.log().witnessed()?);
    let none = || Failure::not_found("no checkpoint has met the witnesses' quorum yet");
    let checkpoint = app.state.read(read).await?.ok_or_else(none)?;
    Ok(note(&checkpoint))
}

/// A note changes as the log grows, so it is asked for anew each time.
fn note(checkpoint: &Checkpoint) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, checkpoint.to_string()).into_response()
}

/// `GET /checkpoint`
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Failure> {
    let checkpoint = app.state.read(|_, state| published(state)).await?;
    Ok(note(&checkpoint))
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
