//! HTTP push as a transport: `POST /feeds/FEED` with the messages of a feed as its body.
//!
//! It has a listener of its own, apart from the operating picture, and does nothing but take
//! messages. Each feed with the transport `http_push` has a key in the data folder, in
//! `push-keys/FEED.key`, made when it is first served; a sender shows it as `Authorization: Bearer
//! KEY`. To take a key back, delete its file and start again. The door speaks plain HTTP: over a
//! network put a proxy with TLS before it.
//!
//! What is taken waits in the feed's queue like what comes by sockets. A body for which there is no
//! room, because the source sends more than its quota, is not taken at all: the sender is told when to
//! try again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path as UrlPath, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use truce_core::Slug;
use truce_core::mission::{SensorNetwork, Transport};

use super::fair::WAITING_MESSAGES_MAX;
use super::gate::{Inlet, Refused};
use super::link::LinkState;
use crate::line::{Error, Folder};

/// Longest body, bytes: some seconds of a busy feed.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of a key before it is written as hexadecimal digits.
const KEY_BYTES: usize = 32;

/// The doors of all feeds that are pushed.
#[derive(Debug)]
pub struct Doors(BTreeMap<Slug, Door>);

#[derive(Debug)]
struct Door {
    inlet: Inlet,
    /// SHA-256 of the key: comparing digests tells nothing of the key by its time.
    key: [u8; 32],
}

impl Doors {
    /// The doors of a mission, with their keys read from the data folder or made there.
    ///
    /// # Errors
    /// When a key cannot be read, made or written.
    pub fn open(network: &SensorNetwork, folder: &Folder, inlets: &[Inlet]) -> Result<Self, Error> {
        let mut doors = BTreeMap::new();
        for inlet in inlets {
            let feed = network.feed(&inlet.feed);
            if feed.is_some_and(|feed| feed.transport == Transport::HttpPush) {
                let door = Door {
                    inlet: inlet.clone(),
                    key: digest(&key(folder, &inlet.feed)?),
                };
                doors.insert(inlet.feed.clone(), door);
            }
        }
        Ok(Self(doors))
    }

    /// True when no feed is pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The routes of the doors, and a note that they are open.
    pub fn router(self) -> Router {
        for door in self.0.values() {
            let text = "taking pushed messages";
            door.inlet.link.set(LinkState::Listening, text);
        }
        Router::new()
            .route("/feeds/{*feed}", post(take))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::new(self))
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// The key of a feed, made when there is none.
fn key(folder: &Folder, feed: &Slug) -> Result<String, Error> {
    let path = folder.push_key_file(feed);
    match fs::read_to_string(&path) {
        Ok(key) if !key.trim().is_empty() => return Ok(key.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("read the key", &path, error)),
    }
    let make = || {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(&path)?, "{key}")?;
        Ok(key)
    };
    let key = make().map_err(|error| Error::file("write the key", &path, error))?;
    tracing::info!(%feed, path = %path.display(), "made a key for a feed that is pushed");
    Ok(key)
}

async fn take(
    State(doors): State<Arc<Doors>>,
    UrlPath(feed): UrlPath<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let door = doors.0.iter().find(|(id, _)| id.as_str() == feed);
    let shown = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .map(|key| digest(key.trim()));
    // An unknown feed and a wrong key look the same from outside.
    let Some((_, Door { inlet, .. })) = door.filter(|(_, door)| Some(door.key) == shown) else {
        if let Some((_, door)) = door {
            door.inlet.link.note_refused();
        }
        let why = answer("unknown feed or wrong key");
        return (
            StatusCode::UNAUTHORIZED,
            [(WWW_AUTHENTICATE, "Bearer")],
            why,
        )
            .into_response();
    };
    let messages = inlet.cut(&body);
    let count = messages.len();
    if count > WAITING_MESSAGES_MAX {
        let why = format!("{count} messages; send at most {WAITING_MESSAGES_MAX} at a time");
        return (StatusCode::PAYLOAD_TOO_LARGE, answer(&why)).into_response();
    }
    match inlet.try_send(messages) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "messages": count }))).into_response(),
        Err(Refused::Full { retry_in }) => {
            inlet.link.note_refused();
            let retry_s = retry_in.as_secs_f64().ceil().max(1.0);
            let head = [(RETRY_AFTER, format!("{retry_s:.0}"))];
            let why = answer("more messages than the quota of this feed; none was taken");
            (StatusCode::TOO_MANY_REQUESTS, head, why).into_response()
        }
        Err(Refused::Closed) => {
            let why = answer("the line has stopped; none was taken");
            (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
    }
}

fn answer(why: &str) -> Json<serde_json::Value> {
    Json(json!({ "error": { "message": why } }))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::connect::stage::{Stage, network};

    async fn post(router: &Router, path: &str, key: &str, body: String) -> Response {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {key}"))
            .body(Body::from(body))
            .unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    fn doors(stage: &Stage) -> Doors {
        let folder = Folder::at(stage.folder().path());
        let inlets = [stage.inlet().clone()];
        Doors::open(&network(Transport::HttpPush), &folder, &inlets).unwrap()
    }

    #[tokio::test]
    async fn a_key_opens_its_own_feed() {
        let mut stage = Stage::start(Transport::HttpPush);
        let router = doors(&stage).router();
        let file = stage.folder().path().join("push-keys/post-1_feed.key");
        let key = fs::read_to_string(&file).unwrap().trim().to_owned();
        assert_eq!(key.len(), 2 * KEY_BYTES);
        let path = "/feeds/post-1/feed";
        let sent = post(&router, path, &key, "one\r\ntwo".into()).await;
        assert_eq!(sent.status(), StatusCode::ACCEPTED);
        stage.hears(&["one", "two"]).await;
        for (path, key) in [(path, "0"), (path, ""), ("/feeds/other", key.as_str())] {
            let refused = post(&router, path, key, "x".into()).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(stage.report().refused, 2);
        let long = "x".repeat(BODY_BYTES_MAX + 1);
        let told = post(&router, path, &key, long).await;
        assert_eq!(told.status(), StatusCode::PAYLOAD_TOO_LARGE);
        // The key stays when the doors are opened again.
        drop(doors(&stage));
        assert_eq!(fs::read_to_string(&file).unwrap().trim(), key);
    }

    #[tokio::test]
    async fn a_body_that_finds_no_room_is_left_with_its_sender() {
        let stage = Stage::idle(Transport::HttpPush);
        let router = doors(&stage).router();
        let file = stage.folder().path().join("push-keys/post-1_feed.key");
        let key = fs::read_to_string(&file).unwrap().trim().to_owned();
        let path = "/feeds/post-1/feed";
        let flood = |count| "x\n".repeat(count);
        let sent = post(&router, path, &key, flood(WAITING_MESSAGES_MAX - 10)).await;
        assert_eq!(sent.status(), StatusCode::ACCEPTED);
        let told = post(&router, path, &key, flood(4_011)).await;
        assert_eq!(told.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            told.headers()[RETRY_AFTER],
            "5",
            "4 001 too many, at 1 000 a second"
        );
        assert_eq!(stage.report().waiting, WAITING_MESSAGES_MAX - 10);
        let told = post(&router, path, &key, flood(WAITING_MESSAGES_MAX + 1)).await;
        assert_eq!(told.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
