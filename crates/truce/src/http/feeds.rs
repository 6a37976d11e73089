//! Feeds: what came by each, and how it fares.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::mission::{Feed, Transport};
use truce_core::{Slug, Timestamp};
use truce_store::{FeedCounts, FeedHealth, Store};

use super::error::Failure;
use super::parameters::Body;
use super::state::{App, AppState};
use crate::revocation::{self, Revocation};

/// Messages of a feed that the mission itself does not limit.
const QUOTA_PER_S: u32 = crate::connect::fair::QUOTA_PER_S;

/// `GET /api/feeds`
pub(super) async fn feeds(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let items = app.state.read(items).await?;
    Ok(Json(json!({ "items": items })))
}

/// `GET /api/notify`: how the receivers of notifications fare.
pub(super) async fn receivers(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let report = |_: &Store, state: &AppState| Ok(state.receivers().reports(state.log().size()?));
    let items = app.state.read(report).await?;
    Ok(Json(json!({ "items": items })))
}

/// `POST /api/feeds/{id}/keys/{key}/revocation`
pub(super) async fn revoke(
    State(app): State<App>,
    Path((id, key)): Path<(String, String)>,
    Body(revocation): Body<Revocation>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let unknown = |_| Failure::not_found("feeds and keys have names of small letters");
    let feed = Slug::new(&id).map_err(unknown)?;
    let key = Slug::new(&key).map_err(unknown)?;
    let note = revocation.note(app.state.mission(), feed, key, Timestamp::now());
    let note = note.map_err(|error| match error {
        revocation::Error::UnknownKey { .. } => Failure::not_found(error.to_string()),
        revocation::Error::Unexplained => Failure::bad_request(error.to_string()),
    })?;
    app.line().await?.note(note.clone()).await?;
    Ok((StatusCode::CREATED, Json(json!(note))))
}

/// The mission's feeds with their counts; feeds that never spoke count zero, and messages under a
/// name that the mission does not know are shown too.
pub(super) fn items(store: &Store, state: &AppState) -> Result<Vec<Value>, Failure> {
    let counts = store.feeds()?;
    let counts: BTreeMap<&Slug, &FeedCounts> = counts.iter().map(|c| (&c.source, c)).collect();
    let health = store.feed_health()?;
    let network = &state.mission().network;
    let unknown = counts
        .keys()
        .filter(|source| network.feed(source).is_none());
    let known = network.feeds.iter().map(|feed| (&feed.id, Some(feed)));
    let feeds = known.chain(unknown.map(|source| (*source, None)));
    let none = FeedHealth::default();
    let item = |(id, feed): (&Slug, Option<&Feed>)| {
        let mut item = counted(id, counts.get(id).copied());
        describe(&mut item, id, feed);
        fare(&mut item, feed, health.get(id).unwrap_or(&none));
        item["link"] = json!(state.links().report(id));
        item
    };
    Ok(feeds.map(item).collect())
}

fn counted(id: &Slug, counts: Option<&FeedCounts>) -> Value {
    json!({
        "id": id,
        "messages": counts.map_or(0, |c| c.messages),
        "observations": counts.map_or(0, |c| c.observations),
        "rejections": counts.map_or(0, |c| c.rejections),
        "duplicates": counts.map_or(0, |c| c.duplicates),
        "last_received_at": counts.map(|c| c.last_received_at),
        "rejection_classes": counts.map_or(&[][..], |c| &c.rejection_classes),
    })
}

/// What the mission says of it.
fn describe(item: &mut Value, id: &Slug, feed: Option<&Feed>) {
    let unknown = || json!("unknown");
    item["name"] = feed.map_or(json!(id), |feed| json!(feed.name));
    item["format"] = feed.map_or_else(unknown, |feed| json!(feed.format));
    item["purpose"] = feed.map_or_else(unknown, |feed| json!(feed.purpose));
    item["transport"] = feed.map_or_else(unknown, |feed| kind(&feed.transport));
    item["silence_s"] = json!(feed.and_then(|feed| feed.silence_s_max));
    item["quota_per_s"] = json!(feed.map(|feed| feed.quota_per_s.unwrap_or(QUOTA_PER_S)));
}

/// The word for a transport, as mission files use it.
fn kind(transport: &Transport) -> Value {
    match json!(transport) {
        Value::Object(fields) => json!(fields.keys().next()),
        word => word,
    }
}

/// How it fares.
fn fare(item: &mut Value, feed: Option<&Feed>, health: &FeedHealth) {
    item["rate_per_s"] = json!(health.rate_per_s(Timestamp::now()));
    item["clock_offset_s"] = json!(health.clock_offset_s);
    item["lost"] = json!(health.lost);
    item["silence"] = json!(health.silence);
    let keys = feed.map_or(&[][..], |feed| &feed.keys);
    let key = |key: &truce_core::mission::FeedKey| {
        let revoked = health
            .revoked_keys
            .iter()
            .find(|revoked| revoked.key == key.id);
        json!({
            "id": key.id,
            "valid_from": key.valid_from,
            "revoked_at": revoked.map(|revoked| revoked.revoked_at).or(key.revoked_at),
            "observations_revoked": revoked.map_or(0, |revoked| revoked.observations),
        })
    };
    item["keys"] = keys.iter().map(key).collect();
}
