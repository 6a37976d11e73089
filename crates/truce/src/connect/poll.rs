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
    AUTHORIZATION, ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use truce_core::{MessageId, RawMessage};

use super::backoff::Backoff;
use super::gate::{Closed, Inlet};
use super::link::LinkState;
use super::web::{Broken, Site, retry_after_s};

/// Longest document, bytes: a day of a satellite's detections over a continent is a tenth of it.
const DOCUMENT_BYTES_MAX: usize = 32 << 20;

/// Longest time for a whole request.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);

/// Fetches for ever; ends when the gate is closed.
pub(super) async fn poll(
    inlet: Inlet,
    source: Site,
    interval: Duration,
    authorization: Option<String>,
) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let mut document = Document::default();
    let url = source.url();
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
                let asked = Duration::from_secs(retry_after_s);
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
    source: &Site,
    version: &HeaderMap,
    authorization: Option<&str>,
) -> Result<Answer, Broken> {
    let mut request = Request::get(source.path()).body(Empty::<Bytes>::new())?;
    let headers = request.headers_mut();
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(authorization)?);
    }
    headers.extend(version.clone());
    let (head, body) = source.ask(request).await?.into_parts();
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
            retry_after_s: retry_after_s(&head.headers),
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
