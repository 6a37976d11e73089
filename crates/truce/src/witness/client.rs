//! One `add-checkpoint` request to one witness.
//!
//! Plain HTTP: what is sent is public, and what comes back is signed. A witness behind HTTPS is
//! reached through a proxy on this machine.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use truce_ledger::AddCheckpoint;

/// Longest time for a whole request. A witness needs one write to its disk.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(3);

/// No answer is longer: a few signature lines.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What a witness said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Signature lines, not verified.
    Cosigned(String),
    /// It cosigned another size last.
    LastSize(u64),
    /// It refused.
    Refused {
        /// The HTTP status.
        status: u16,
    },
}

/// Why a witness gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// Not an address that this program speaks to.
    #[error("`{url}` is no http:// address; put a proxy in front of a witness behind HTTPS")]
    Address {
        /// As the policy gives it.
        url: String,
    },
    /// No connection, or it broke.
    #[error("cannot reach {url}: {why}")]
    Connection {
        /// As the policy gives it.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// It took too long.
    #[error("{url} did not answer within {} s", REQUEST_TIME_MAX.as_secs())]
    Slow {
        /// As the policy gives it.
        url: String,
    },
}

/// Asks the witness whose submission prefix is `url`.
///
/// # Errors
/// When there is no answer.
pub async fn add_checkpoint(url: &str, request: &AddCheckpoint) -> Result<Answer, Unreached> {
    let address = || Unreached::Address { url: url.into() };
    let uri: Uri = url.parse().map_err(|_| address())?;
    let host = uri.host().ok_or_else(address)?.to_owned();
    if uri.scheme_str() != Some("http") {
        return Err(address());
    }
    let port = uri.port_u16().unwrap_or(80);
    let path = format!("{}/add-checkpoint", uri.path().trim_end_matches('/'));
    let asking = exchange(&host, port, &path, request.to_string());
    match tokio::time::timeout(REQUEST_TIME_MAX, asking).await {
        Ok(Ok((status, body))) => Ok(answer(status, &body)),
        Ok(Err(error)) => Err(Unreached::Connection {
            url: url.into(),
            why: error.to_string(),
        }),
        Err(_) => Err(Unreached::Slow { url: url.into() }),
    }
}

async fn exchange(
    host: &str,
    port: u16,
    path: &str,
    body: String,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the request's sender.
    tokio::spawn(connection);
    let request = Request::post(path)
        .header(HOST, format!("{host}:{port}"))
        .header(CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Full::new(Bytes::from(body)))?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?;
    Ok((head.status, body.to_bytes()))
}

fn answer(status: StatusCode, body: &[u8]) -> Answer {
    let refused = Answer::Refused {
        status: status.as_u16(),
    };
    let Ok(text) = std::str::from_utf8(body) else {
        return refused;
    };
    match status {
        StatusCode::OK => Answer::Cosigned(text.to_owned()),
        StatusCode::CONFLICT => text.trim_end().parse().map_or(refused, Answer::LastSize),
        _ => refused,
    }
}
