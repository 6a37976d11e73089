//! The ways to receivers: a request, a message at a broker, a line of a file.
//!
//! A notification is delivered when the other side has said so: an answer of 2xx, PUBACK, PONG, or the
//! disk. Everything else is tried again, and the same key comes again with it.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Request};
use http_body_util::Full;
use truce_core::Slug;

use super::note::Note;
use super::settings::Transport;
use crate::connect::dial::Server;
use crate::connect::web::{Broken, Site, retry_after_s};
use crate::connect::{mqtt, nats};

/// Longest time to deliver one notification, connecting included.
const DELIVERY_TIME_MAX: Duration = Duration::from_secs(30);

/// The header that tells a notification from another (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Why a notification was not delivered.
#[derive(Debug)]
pub(super) struct Undelivered {
    /// In words.
    pub(super) why: String,
    /// How long the receiver wants to be left alone.
    pub(super) wait: Duration,
}

impl From<String> for Undelivered {
    fn from(why: String) -> Self {
        let wait = Duration::ZERO;
        Self { why, wait }
    }
}

impl From<Broken> for Undelivered {
    fn from(error: Broken) -> Self {
        Self::from(error.to_string())
    }
}

/// The way to a receiver.
pub(super) enum Outlet {
    Webhook {
        site: Site,
        authorization: Option<String>,
    },
    Mqtt {
        server: Server,
        topic: String,
        client: String,
        credentials: Option<String>,
        open: Option<mqtt::Publisher>,
    },
    Nats {
        server: Server,
        subject: String,
        credentials: Option<String>,
        open: Option<nats::Publisher>,
    },
    File(PathBuf),
}

impl Outlet {
    /// The way to a receiver, with what is shown to its server.
    ///
    /// # Errors
    /// In words: an address that is none, or TLS that cannot be spoken.
    pub(super) fn new(
        name: &Slug,
        transport: Transport,
        credentials: Option<String>,
    ) -> Result<Self, String> {
        Ok(match transport {
            Transport::Webhook { url, tls } => Self::Webhook {
                site: Site::new(url, tls.as_ref())?,
                authorization: credentials,
            },
            Transport::Mqtt {
                address,
                topic,
                tls,
            } => Self::Mqtt {
                server: Server::new(address, tls.as_ref())?,
                topic,
                client: name.to_string(),
                credentials,
                open: None,
            },
            Transport::Nats {
                address,
                subject,
                tls,
            } => Self::Nats {
                server: Server::new(address, tls.as_ref())?,
                subject,
                credentials,
                open: None,
            },
            Transport::File { path } => Self::File(PathBuf::from(path)),
        })
    }

    /// The word for the way, as the file of settings uses it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Mqtt { .. } => "mqtt",
            Self::Nats { .. } => "nats",
            Self::File(_) => "file",
        }
    }

    /// Where it leads, without what may be secret in an address.
    pub(super) fn to(&self) -> String {
        match self {
            Self::Webhook { site, .. } => {
                let url = site.url();
                url.split_once('?')
                    .map_or(url, |(shown, _)| shown)
                    .to_owned()
            }
            Self::Mqtt { server, topic, .. } => format!("{topic} at {}", server.address),
            Self::Nats {
                server, subject, ..
            } => format!("{subject} at {}", server.address),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Delivers a notification.
    ///
    /// # Errors
    /// When nobody said that it was taken. The receiver may have it.
    pub(super) async fn send(&mut self, note: &Note) -> Result<(), Undelivered> {
        let sent = tokio::time::timeout(DELIVERY_TIME_MAX, self.deliver(note)).await;
        let sent = sent.unwrap_or_else(|_| Err("does not answer".to_owned().into()));
        if sent.is_err() {
            self.drop_connection();
        }
        sent
    }

    async fn deliver(&mut self, note: &Note) -> Result<(), Undelivered> {
        let body = note.to_json();
        match self {
            Self::Webhook {
                site,
                authorization,
            } => post(site, authorization.as_deref(), note, body).await,
            Self::Mqtt {
                server,
                topic,
                client,
                credentials,
                open,
            } => {
                let publisher = match open {
                    Some(publisher) => publisher,
                    None => open.insert(
                        mqtt::Publisher::connect(server, client, credentials.as_deref()).await?,
                    ),
                };
                Ok(publisher.publish(topic, body.as_bytes()).await?)
            }
            Self::Nats {
                server,
                subject,
                credentials,
                open,
            } => {
                let publisher = match open {
                    Some(publisher) => publisher,
                    None => {
                        open.insert(nats::Publisher::connect(server, credentials.as_deref()).await?)
                    }
                };
                Ok(publisher.publish(subject, body.as_bytes()).await?)
            }
            Self::File(path) => {
                let path = path.clone();
                let written = tokio::task::spawn_blocking(move || append(&path, &body)).await;
                let written = written.map_err(|error| error.to_string())?;
                Ok(written.map_err(|error| error.to_string())?)
            }
        }
    }

    /// Ends a connection that stays open from one notification to the next, when there is nothing more
    /// to tell for now.
    pub(super) async fn rest(&mut self) {
        if let Self::Mqtt { open, .. } = self
            && let Some(publisher) = open.take()
        {
            publisher.close().await;
        }
        self.drop_connection();
    }

    fn drop_connection(&mut self) {
        match self {
            Self::Mqtt { open, .. } => *open = None,
            Self::Nats { open, .. } => *open = None,
            Self::Webhook { .. } | Self::File(_) => {}
        }
    }
}

async fn post(
    site: &Site,
    authorization: Option<&str>,
    note: &Note,
    body: String,
) -> Result<(), Undelivered> {
    let mut request = Request::post(site.path())
        .body(Full::new(Bytes::from(body)))
        .map_err(Broken::from)?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let key = HeaderValue::from_str(&format!("\"{}\"", note.key)).map_err(Broken::from)?;
    headers.insert(IDEMPOTENCY_KEY, key);
    if let Some(authorization) = authorization {
        let shown = HeaderValue::from_str(authorization).map_err(Broken::from)?;
        headers.insert(AUTHORIZATION, shown);
    }
    let answer = site.ask(request).await?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(Undelivered {
        why: format!("answers {}", answer.status()),
        wait: Duration::from_secs(retry_after_s(answer.headers())),
    })
}

/// Writes a line at the end of a file and waits for the disk. A line that a crash left unfinished is
/// ended first, so that it spoils no other.
fn append(path: &Path, line: &str) -> std::io::Result<()> {
    // Opening a pipe would wait for its reader.
    if fs::metadata(path).is_ok_and(|is| !is.is_file()) {
        return Err(std::io::Error::other("it is no file"));
    }
    let mut file = fs::File::options()
        .create(true)
        .append(true)
        .read(true)
        .open(path)?;
    let mut text = String::with_capacity(line.len() + 2);
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            text.push('\n');
        }
    }
    text.push_str(line);
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_line_is_ended_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("told.jsonl");
        append(&path, "{1}").unwrap();
        fs::write(&path, "{1}\n{2").unwrap();
        append(&path, "{2}").unwrap();
        append(&path, "{3}").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{1}\n{2\n{2}\n{3}\n");
        assert!(append(folder.path(), "{4}").is_err());
    }

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        let url = "http://desk.example.org/truce?token=secret".to_owned();
        let transport = Transport::Webhook { url, tls: None };
        let name = Slug::new("notify/desk").unwrap();
        let outlet = Outlet::new(&name, transport, None).unwrap();
        assert_eq!(outlet.to(), "http://desk.example.org/truce");
    }
}
