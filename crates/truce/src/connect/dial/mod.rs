//! The one way to a server that a transport asks: TCP, and TLS over it where the feed wants it.
//!
//! TLS takes `rustls` with `ring`, and stands behind the feature `tls`: both take long to build, and
//! a mission whose sensors are on its own network needs neither. Without the feature a feed that asks
//! for TLS is refused when the program starts; nothing is ever spoken in plain that was to be secret.

// What a build without TLS says is tested in every build.
#[cfg(any(not(feature = "tls"), test))]
#[cfg_attr(
    feature = "tls",
    expect(dead_code, reason = "only its refusal is tested")
)]
mod no_tls;
#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use truce_core::mission::Tls;

#[cfg(not(feature = "tls"))]
use no_tls::Secured;
#[cfg(feature = "tls")]
use tls::Secured;

/// Longest time to connect, and longest time to agree on TLS.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// Why a program that was built without TLS speaks none, and what to do.
pub(crate) const WITHOUT_TLS: &str = "this program was built without it: build it with `cargo build \
                                      --release -p truce --features tls`";

/// What bytes go to and fro on.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// A connection to a server, plain or not.
pub(super) type Stream = Box<dyn Wire>;

/// A server, and how it is spoken to.
pub(crate) struct Server {
    /// `host:port`.
    pub(crate) address: String,
    tls: Option<Secured>,
}

impl Server {
    /// Reads the certificates that a feed names.
    ///
    /// # Errors
    /// In words: a file that cannot be read or holds no certificate or key, a host that is no name, or
    /// a program that was built without TLS.
    pub(crate) fn new(address: String, tls: Option<&Tls>) -> Result<Self, String> {
        let host = address.rsplit_once(':').map_or(&*address, |(host, _)| host);
        let host = host.trim_matches(['[', ']']);
        let tls = tls.map(|tls| Secured::new(host, tls)).transpose()?;
        Ok(Self { address, tls })
    }

    /// Connects, and agrees on TLS where it is wanted.
    ///
    /// # Errors
    /// When nobody answers in time, or the server is not the one that was asked for.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let stream = self.reach().await?;
        self.secure(stream).await
    }

    /// Whether TLS is wanted.
    pub(super) fn is_secured(&self) -> bool {
        self.tls.is_some()
    }

    /// Connects and stays plain: for protocols that begin so before they agree on TLS.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub(super) async fn reach(&self) -> io::Result<TcpStream> {
        let connecting = TcpStream::connect(&self.address);
        in_time(connecting).await
    }

    /// Agrees on TLS where it is wanted.
    ///
    /// # Errors
    /// When the server is not the one that was asked for, or does not answer in time.
    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => Ok(Box::new(in_time(tls.agree(stream)).await?)),
        }
    }
}

async fn in_time<T>(connecting: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "does not answer");
    let connected = tokio::time::timeout(CONNECT_TIME_MAX, connecting).await;
    connected.map_err(late)?
}

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests;
