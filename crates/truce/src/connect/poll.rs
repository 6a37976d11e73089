//! A document that is fetched again and again over HTTP, as a transport (RFC 9110; conditional
//! requests: clause 13).
//!
//! A server that knows about versions is asked only for a new one. Of a document that grew, only what
//! was not in the one before is handed on. What stands in the feed's credentials is sent as the
//! `Authorization` header.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{
    AUTHORIZATION, ETAG, HOST, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER, USER_AGENT,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use truce_core::mission::Tls;
use truce_core::{MessageId, RawMessage};

use super::backoff::Backoff;
use super::dial::Server;
use super::gate::{Closed, Inlet};
use super::link::LinkState;

/// Longest document, bytes: a day of a satellite's detections over a continent is a tenth of it.
const DOCUMENT_BYTES_MAX: usize = 32 << 20;

/// Longest time for a whole request.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);

/// Longest wait that a server may ask for, seconds.
const RETRY_AFTER_S_MAX: u64 = 3_600;

type Broken = Box<dyn std::error::Error + Send + Sync>;

/// A document, and where it is.
pub(super) struct Source {
    url: String,
    uri: Uri,
    server: Server,
}

impl Source {
    /// # Errors
    /// In words: the address is none, or TLS cannot be spoken.
    pub(super) fn new(url: String, tls: Option<&Tls>) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let host = uri.host().ok_or("the address names no host")?;
        let usual = if tls.is_some() { 443 } else { 80 };
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(usual));
        let server = Server::new(address, tls)?;
        Ok(Self { url, uri, server })
    }
}

/// Fetches for ever; ends when the gate is closed.
pub(super) async fn poll(
    inlet: Inlet,
    source: Source,
    interval: Duration,
    authorization: Option<String>,
) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let mut document = Document::default();
    let url = &source.url;
    loop {
        let asking = fetch(&source, &document.version, authorization.as_deref());
        let wait = match tokio::time::timeout(REQUEST_TIME_MAX, asking).await {
            Ok(Ok(Answer::New { body, version })) => {
                backoff.reset();
                inlet
                    .link
                    .set(LinkState::Connected, format!("fetching {url}"));
                let new = document.unseen(inlet.cut(&body));
                if inlet.send(new).await.is_err() {
                    return Closed;
                }
                // Only now: a document whose messages were not taken is asked for again.
                document.version = version;
                interval
            }
            Ok(Ok(Answer::Same)) => {
                backoff.reset();
                inlet
                    .link
                    .set(LinkState::Connected, format!("fetching {url}"));
                interval
            }
            Ok(Ok(Answer::Refused {
                status,
                retry_after_s,
            })) => {
                inlet
                    .link
                    .set(LinkState::Waiting, format!("{url}: {status}"));
                let asked = Duration::from_secs(retry_after_s.min(RETRY_AFTER_S_MAX));
                interval.max(backoff.next_wait()).max(asked)
            }
            Ok(Err(error)) => {
                inlet
                    .link
                    .set(LinkState::Waiting, format!("{url}: {error}"));
                backoff.next_wait()
            }
            Err(_) => {
                inlet
                    .link
                    .set(LinkState::Waiting, format!("{url} does not answer"));
                backoff.next_wait()
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// What is remembered of a document.
#[derive(Debug, Default)]
struct Document {
    version: HeaderMap,
    messages: BTreeMap<MessageId, u32>,
}

impl Document {
    /// The messages that the document before did not have, or not so many times.
    fn unseen(&mut self, messages: Vec<RawMessage>) -> Vec<RawMessage> {
        let mut before = std::mem::take(&mut self.messages);
        let is_new = |message: &RawMessage| {
            let id = message.id();
            *self.messages.entry(id).or_default() += 1;
            match before.get_mut(&id).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    false
                }
                None => true,
            }
        };
        messages.into_iter().filter(is_new).collect()
    }
}

enum Answer {
    New {
        body: Bytes,
        /// What to send with the next request.
        version: HeaderMap,
    },
    Same,
    Refused {
        status: StatusCode,
        retry_after_s: u64,
    },
}

async fn fetch(
    source: &Source,
    version: &HeaderMap,
    authorization: Option<&str>,
) -> Result<Answer, Broken> {
    let stream = source.server.connect().await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the request's sender.
    tokio::spawn(connection);
    let path = source
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let mut request = Request::get(path).body(Empty::<Bytes>::new())?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&source.server.address)?);
    headers.insert(USER_AGENT, HeaderValue::from_static("truce"));
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(authorization)?);
    }
    headers.extend(version.clone());
    let (head, body) = sender.send_request(request).await?.into_parts();
    match head.status {
        StatusCode::OK => Ok(Answer::New {
            body: Limited::new(body, DOCUMENT_BYTES_MAX)
                .collect()
                .await?
                .to_bytes(),
            version: conditions(&head.headers),
        }),
        StatusCode::NOT_MODIFIED => Ok(Answer::Same),
        status => Ok(Answer::Refused {
            status,
            retry_after_s: seconds(&head.headers),
        }),
    }
}

/// The conditions under which an answer is wanted again: a tag if there is one, and the date for
/// servers that know no tags (RFC 9110, clauses 13.1.2 and 13.1.3).
fn conditions(answer: &HeaderMap) -> HeaderMap {
    let pairs: [(HeaderName, HeaderName); 2] =
        [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)];
    let given = |(from, to)| Some((to, answer.get(from)?.clone()));
    pairs.into_iter().filter_map(given).collect()
}

/// `Retry-After` in seconds; one that names a date is left to the backoff.
fn seconds(answer: &HeaderMap) -> u64 {
    let text = answer
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::response::IntoResponse as _;
    use axum::routing::get;
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::Stage;

    /// Serves a document that grows, and notes what was asked.
    async fn server() -> (String, Arc<Mutex<Vec<HeaderMap>>>) {
        let asked: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
        let noted = Arc::clone(&asked);
        let answer = move |headers: HeaderMap| async move {
            let mut asked = noted.lock().unwrap();
            let tag = headers.get(IF_NONE_MATCH).cloned();
            asked.push(headers);
            let version =
                |tag: &'static str, body: &'static str| ([(ETAG, tag)], body).into_response();
            match (asked.len(), tag) {
                (1, _) => version("\"1\"", "one\ntwo\ntwo\n"),
                (2, Some(_)) => StatusCode::NOT_MODIFIED.into_response(),
                (3, _) => StatusCode::BAD_GATEWAY.into_response(),
                _ => version("\"2\"", "one\ntwo\ntwo\ntwo\nthree\n"),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/data?of=today", listener.local_addr().unwrap());
        let router = Router::new().route("/data", get(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, asked)
    }

    #[tokio::test]
    async fn only_what_is_new_is_handed_on() {
        let (url, asked) = server().await;
        let mut stage = Stage::start(Transport::HttpPoll {
            url,
            interval_s: 1,
            tls: None,
        });
        stage.hears(&["one", "two", "two", "two", "three"]).await;
        let asked = asked.lock().unwrap();
        assert!(!asked[0].contains_key(IF_NONE_MATCH));
        assert_eq!(asked[1][IF_NONE_MATCH], "\"1\"");
        assert_eq!(
            asked[3][IF_NONE_MATCH], "\"1\"",
            "a failure forgets nothing"
        );
    }
}
