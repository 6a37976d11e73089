//! HTTP push as a transport: `POST /feeds/FEED` with the messages of a feed as its body.
//!
//! It has a listener of its own, apart from the operating picture, and does nothing but take
//! messages. Each feed with the transport `http_push` has a key in the data folder, in
//! `push-keys/FEED.key`, made when it is first served; a sender shows it as `Authorization: Bearer
//! KEY`. To take a key back, delete its file and start again. The door speaks plain HTTP: over a
//! network put a proxy with TLS before it.
//!
//! What is taken waits in the same bounded queue as what comes by sockets. A source that sends more
//! than its quota is told to wait, so that it cannot hold up the others.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path as UrlPath, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use truce_core::mission::{SensorNetwork, Transport};
use truce_core::{RawMessage, Slug, Timestamp};
use truce_feeds::{Format, Framer};

use crate::line::Error;

/// Longest body, bytes: some seconds of a busy feed.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Messages per second that one source may send for long: a coastal receiver hears some hundreds.
const QUOTA_PER_S: f64 = 2_000.0;

/// Messages that it may send at once after a pause.
const QUOTA_BURST: f64 = 20_000.0;

/// Longest wait for room in the queue; then the sender keeps its messages and tries again.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(10);

/// Bytes of a key before it is written as hexadecimal digits.
const KEY_BYTES: usize = 32;

/// The doors of all feeds that are pushed.
#[derive(Debug)]
pub struct Doors {
    doors: BTreeMap<Slug, Door>,
    queue: mpsc::Sender<RawMessage>,
}

#[derive(Debug)]
struct Door {
    format: Format,
    /// SHA-256 of the key: comparing digests tells nothing of the key by its time.
    key: [u8; 32],
    quota: Mutex<Quota>,
}

/// A bucket that fills with time and is emptied by messages.
#[derive(Debug)]
struct Quota {
    left: f64,
    at: Instant,
}

impl Quota {
    fn new(now: Instant) -> Self {
        Self {
            left: QUOTA_BURST,
            at: now,
        }
    }

    /// Takes so many messages; else the seconds after which it may.
    fn take(&mut self, count: f64, now: Instant) -> Result<(), f64> {
        let passed_s = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed_s * QUOTA_PER_S).min(QUOTA_BURST);
        self.at = now;
        // More than a whole bucket goes through when the bucket is full.
        if self.left >= count.min(QUOTA_BURST) {
            self.left -= count;
            return Ok(());
        }
        Err((count.min(QUOTA_BURST) - self.left) / QUOTA_PER_S)
    }
}

impl Doors {
    /// The doors of a mission, with their keys read from the data folder or made there.
    ///
    /// # Errors
    /// When a key cannot be read, made or written.
    pub fn open(
        network: &SensorNetwork,
        data: &Path,
        queue: mpsc::Sender<RawMessage>,
    ) -> Result<Self, Error> {
        let mut doors = BTreeMap::new();
        for feed in &network.feeds {
            let format = Format::from_slug(feed.format.as_str());
            let (Transport::HttpPush, Some(format)) = (&feed.transport, format) else {
                continue;
            };
            let door = Door {
                format,
                key: digest(&key(data, &feed.id)?),
                quota: Mutex::new(Quota::new(Instant::now())),
            };
            doors.insert(feed.id.clone(), door);
        }
        Ok(Self { doors, queue })
    }

    /// True when no feed is pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doors.is_empty()
    }

    /// The routes of the doors.
    pub fn router(self) -> Router {
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
fn key(data: &Path, feed: &Slug) -> Result<String, Error> {
    let folder = data.join("push-keys");
    let path = folder.join(format!("{}.key", feed.as_str().replace('/', "_")));
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
        fs::create_dir_all(&folder)?;
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
    // An unknown feed and a wrong key look the same from outside.
    let refused = || {
        let head = [(WWW_AUTHENTICATE, "Bearer")];
        (
            StatusCode::UNAUTHORIZED,
            head,
            answer("unknown feed or wrong key"),
        )
            .into_response()
    };
    let Some((source, door)) = doors.doors.iter().find(|(id, _)| id.as_str() == feed) else {
        return refused();
    };
    let shown = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    if shown.map(|key| digest(key.trim())) != Some(door.key) {
        return refused();
    }
    let messages = cut(door.format, source, &body);
    let count = messages.len();
    let taken = {
        let mut quota = door.quota.lock().unwrap_or_else(PoisonError::into_inner);
        quota.take(count as f64, Instant::now())
    };
    if let Err(wait_s) = taken {
        let head = [(RETRY_AFTER, format!("{:.0}", wait_s.ceil().max(1.0)))];
        let why = answer("more messages than the quota of this feed");
        return (StatusCode::TOO_MANY_REQUESTS, head, why).into_response();
    }
    let mut rest = messages.into_iter();
    while rest.len() > 0 {
        // A body may hold more messages than the queue has room for at once.
        let room = rest.len().min(doors.queue.max_capacity());
        let permits = doors.queue.reserve_many(room);
        let Ok(Ok(permits)) = tokio::time::timeout(QUEUE_WAIT_MAX, permits).await else {
            let taken = count - rest.len();
            let why = format!("the line is busy: {taken} of {count} messages were taken");
            return (StatusCode::SERVICE_UNAVAILABLE, answer(&why)).into_response();
        };
        for (permit, message) in permits.zip(rest.by_ref()) {
            permit.send(message);
        }
    }
    (StatusCode::ACCEPTED, Json(json!({ "messages": count }))).into_response()
}

fn answer(why: &str) -> Json<serde_json::Value> {
    Json(json!({ "error": { "message": why } }))
}

/// The messages of a body. A body is whole: what it leaves unfinished is delivered too.
fn cut(format: Format, source: &Slug, body: &[u8]) -> Vec<RawMessage> {
    let mut messages = Vec::new();
    let received_at = Timestamp::now();
    let mut deliver = |bytes: &[u8]| {
        messages.push(RawMessage {
            source: source.clone(),
            received_at,
            bytes: bytes.to_vec(),
        });
    };
    let mut framer = Framer::of(format);
    framer.push(body, &mut deliver);
    framer.finish(&mut deliver);
    messages
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;
    use truce_core::mission::{Feed, FeedUse};

    use super::*;

    fn network() -> SensorNetwork {
        let feed = Feed {
            id: "post-1/push".parse().unwrap(),
            name: String::new(),
            format: "aivdm".parse().unwrap(),
            transport: Transport::HttpPush,
            purpose: FeedUse::Live,
            sensor: None,
            operator: None,
            grade: truce_core::Grade::UNJUDGED,
            silence_s_max: None,
            quota_per_s: None,
            keys: Vec::new(),
        };
        SensorNetwork {
            feeds: vec![feed],
            ..SensorNetwork::default()
        }
    }

    async fn post(router: &Router, path: &str, key: &str, body: String) -> StatusCode {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {key}"))
            .body(Body::from(body))
            .unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_key_opens_its_own_feed_and_a_quota_bounds_it() {
        let data = tempfile::tempdir().unwrap();
        let (queue, mut received) = mpsc::channel(100_000);
        let doors = Doors::open(&network(), data.path(), queue.clone()).unwrap();
        let router = doors.router();
        let file = data.path().join("push-keys/post-1_push.key");
        let key = fs::read_to_string(&file).unwrap().trim().to_owned();
        assert_eq!(key.len(), 2 * KEY_BYTES);
        let path = "/feeds/post-1/push";
        let sent = post(&router, path, &key, "one\r\ntwo".into()).await;
        assert_eq!(sent, StatusCode::ACCEPTED);
        for expected in ["one", "two"] {
            let message = received.recv().await.unwrap();
            assert_eq!(message.bytes, expected.as_bytes());
            assert_eq!(message.source.as_str(), "post-1/push");
        }
        for (path, key) in [(path, "0"), (path, ""), ("/feeds/other", key.as_str())] {
            let refused = post(&router, path, key, "x".into()).await;
            assert_eq!(refused, StatusCode::UNAUTHORIZED, "{path}");
        }
        let flood = "x\n".repeat(19_000);
        assert_eq!(
            post(&router, path, &key, flood.clone()).await,
            StatusCode::ACCEPTED
        );
        let told = post(&router, path, &key, flood).await;
        assert_eq!(told, StatusCode::TOO_MANY_REQUESTS);
        let long = "x".repeat(BODY_BYTES_MAX + 1);
        let told = post(&router, path, &key, long).await;
        assert_eq!(told, StatusCode::PAYLOAD_TOO_LARGE);
        // The key stays when the doors are opened again.
        Doors::open(&network(), data.path(), queue).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap().trim(), key);
    }

    #[test]
    fn a_quota_fills_with_time() {
        let start = Instant::now();
        let mut quota = Quota::new(start);
        assert!(quota.take(QUOTA_BURST, start).is_ok());
        assert!(quota.take(1_000.0, start).is_err());
        let later = start + Duration::from_secs(1);
        assert!(quota.take(1_000.0, later).is_ok());
        assert!(quota.take(1_001.0, later).is_err());
    }
}
