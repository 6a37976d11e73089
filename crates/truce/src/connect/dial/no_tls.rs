//! In place of TLS in a program that was built without it: says which build speaks it.

use std::convert::Infallible;
use std::io;

use tokio::net::TcpStream;
use truce_core::mission::Tls;

/// What cannot be had here.
pub(super) struct Secured(Infallible);

impl Secured {
    /// # Errors
    /// Always, with what to do.
    pub(super) fn new(_: &str, _: &Tls) -> Result<Self, String> {
        Err(super::WITHOUT_TLS.to_owned())
    }

    // Of the form that the one with TLS has.
    #[allow(clippy::unused_async)]
    pub(super) async fn agree(&self, _: TcpStream) -> io::Result<TcpStream> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_tls_is_told_which_build_speaks_it() {
        let refused = Secured::new("broker.example.org", &Tls::default());
        assert!(refused.err().unwrap().contains("--features tls"));
    }
}
