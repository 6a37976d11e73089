//! TLS 1.3 and 1.2 (RFC 8446, RFC 5246) as a client: who vouches for the server, and what this program
//! shows of itself.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use truce_core::mission::Tls;

/// TLS with one server.
pub(super) struct Secured {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Secured {
    /// TLS with the server of a name or address, which its certificate must hold.
    ///
    /// # Errors
    /// In words: a file that cannot be read or holds no certificate or key, a key that is not the
    /// certificate's, or a host that is no name.
    pub(super) fn new(host: &str, tls: &Tls) -> Result<Self, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|e| format!("`{host}`: {e}"))?;
        let config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots(tls.ca.as_deref())?);
        let config = match &tls.client {
            None => config.with_no_client_auth(),
            Some(client) => {
                let chain = certificates(&client.certificate)?;
                let key = PrivateKeyDer::from_pem_file(&client.key)
                    .map_err(|error| format!("{}: {error}", client.key))?;
                let fits = config.with_client_auth_cert(chain, key);
                fits.map_err(|error| format!("{}: {error}", client.certificate))?
            }
        };
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self { connector, name })
    }

    /// # Errors
    /// When the server's certificate is not vouched for or bears another name, or the connection breaks.
    pub(super) async fn agree(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

/// The ciphers and signatures.
pub(super) fn provider() -> CryptoProvider {
    ring::default_provider()
}

/// Who vouches for servers: the certificates of a file and nobody else, or those that the machine
/// trusts.
fn roots(ca: Option<&str>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca {
        for certificate in certificates(path)? {
            let added = roots.add(certificate);
            added.map_err(|error| format!("{path}: {error}"))?;
        }
        return Ok(roots);
    }
    // A machine's store may hold some that cannot be read; the others still vouch.
    let machine = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(machine.certs);
    if added == 0 {
        let hint = "name a file of certificates in `ca`";
        return Err(format!("this machine trusts no certificate: {hint}"));
    }
    Ok(roots)
}

/// The certificates of a PEM file.
fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(Path::new(path));
    let read = read.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| format!("{path}: {error}"))?;
    if found.is_empty() {
        return Err(format!("{path}: holds no certificate"));
    }
    Ok(found)
}
