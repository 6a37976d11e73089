//! A server that is asked over HTTP/1.1 (RFC 9112), over TLS where its address asks for it. Each
//! request has a connection of its own: what is asked for is minutes apart.

use axum::http::header::{HOST, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, Request, Response, Uri};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use truce_core::mission::Tls;

use super::dial::Server;

/// Longest wait that a server may ask for, seconds.
const RETRY_AFTER_S_MAX: u64 = 3_600;

/// Why there is no answer.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// What stands at an address, and the way there.
pub(crate) struct Site {
    url: String,
    uri: Uri,
    server: Server,
}

impl Site {
    /// # Errors
    /// In words: the address is none, or TLS cannot be spoken.
    pub(crate) fn new(url: String, tls: Option<&Tls>) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let host = uri.host().ok_or("the address names no host")?;
        let usual = if tls.is_some() { 443 } else { 80 };
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(usual));
        let server = Server::new(address, tls)?;
        Ok(Self { url, uri, server })
    }

    /// The address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What a request names.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// Sends a request and gives the answer, whose body is still to be read.
    ///
    /// # Errors
    /// When the server cannot be reached, or the connection breaks.
    pub(crate) async fn ask<B>(&self, mut request: Request<B>) -> Result<Response<Incoming>, Broken>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Broken>,
    {
        let stream = self.server.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the request's sender.
        tokio::spawn(connection);
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(&self.server.address)?);
        headers.insert(USER_AGENT, HeaderValue::from_static("truce"));
        Ok(sender.send_request(request).await?)
    }
}

/// `Retry-After` in seconds, up to an hour; one that names a date is left to the backoff.
pub(crate) fn retry_after_s(answer: &HeaderMap) -> u64 {
    let text = answer
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let asked = text.and_then(|text| text.parse().ok()).unwrap_or(0);
    RETRY_AFTER_S_MAX.min(asked)
}
