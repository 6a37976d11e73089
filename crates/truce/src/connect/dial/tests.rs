//! Each transport that asks a server, over TLS, with servers that do not deserve it among them.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use truce_core::mission::{ClientCertificate, Tls, Transport};

use super::Server;
use crate::connect::link::LinkState;
use crate::connect::stage::Stage;

fn fixture(name: &str) -> String {
    format!("{}/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(fixture(name)).unwrap()
}

/// A server for `localhost` that wants to see a certificate of its authority, or does not.
struct Host {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Host {
    async fn start(wants_certificate: bool) -> Self {
        let provider = Arc::new(super::tls::provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if wants_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(certificate("authority.pem")).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
        let config = config.with_single_cert(vec![certificate("server.pem")], key);
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config.unwrap())),
        }
    }

    fn address(&self, host: &str) -> String {
        format!("{host}:{}", self.listener.local_addr().unwrap().port())
    }

    async fn greet(&self, first: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        stream.write_all(first).await.unwrap();
        self.acceptor.accept(stream).await
    }
}

fn trusting(authority: &str) -> Tls {
    Tls {
        ca: Some(fixture(authority)),
        client: None,
    }
}

fn showing(name: &str) -> Tls {
    let client = ClientCertificate {
        certificate: fixture(&format!("{name}.pem")),
        key: fixture(&format!("{name}.key")),
    };
    Tls {
        client: Some(client),
        ..trusting("authority.pem")
    }
}

fn tcp(address: String, tls: Tls) -> Stage {
    Stage::start(Transport::TcpClient {
        address,
        tls: Some(tls),
    })
}

#[tokio::test]
async fn a_stream_is_heard_over_tls() {
    let host = Host::start(false).await;
    let mut stage = tcp(host.address("localhost"), trusting("authority.pem"));
    let mut stream = host.greet(b"").await.unwrap();
    stream.write_all(b"one\ntwo\n").await.unwrap();
    stream.flush().await.unwrap();
    stage.hears(&["one", "two"]).await;
    assert_eq!(stage.report().state, LinkState::Connected);
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_or_of_another_name_is_refused() {
    for (name, authority, why) in [
        ("localhost", "stranger.pem", "UnknownIssuer"),
        ("127.0.0.1", "authority.pem", "not valid for name"),
    ] {
        let host = Host::start(false).await;
        let stage = tcp(host.address(name), trusting(authority));
        assert!(host.greet(b"").await.is_err(), "{name} {authority}");
        stage.comes_up(LinkState::Waiting).await;
        let text = stage.report().text;
        assert!(text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn a_server_sees_the_certificate_it_wants() {
    let host = Host::start(true).await;
    let mut stage = tcp(host.address("localhost"), showing("client"));
    let mut stream = host.greet(b"").await.unwrap();
    stream.write_all(b"one\n").await.unwrap();
    stream.flush().await.unwrap();
    stage.hears(&["one"]).await;

    let host = Host::start(true).await;
    let stage = tcp(host.address("localhost"), trusting("authority.pem"));
    assert!(host.greet(b"").await.is_err());
    stage.comes_up(LinkState::Waiting).await;
}

#[tokio::test]
async fn nats_agrees_on_tls_after_the_server_spoke_and_says_nothing_in_plain() {
    let nats = |host: &Host| {
        Stage::start(Transport::Nats {
            address: host.address("localhost"),
            subject: "a".into(),
            tls: Some(trusting("authority.pem")),
        })
    };
    let host = Host::start(false).await;
    let mut stage = nats(&host);
    let greeting = b"INFO {\"tls_required\":true}\r\n";
    let mut stream = host.greet(greeting).await.unwrap();
    let mut said = [0; 8];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"CONNECT ");
    let answer = b"PONG\r\nMSG a 1 3\r\none\r\n";
    stream.write_all(answer).await.unwrap();
    stream.flush().await.unwrap();
    stage.hears(&["one"]).await;

    // What somebody between them slips in before TLS is not taken as the server's.
    let host = Host::start(false).await;
    let stage = nats(&host);
    let slipped = [&greeting[..], b"MSG a 1 3\r\nlie\r\n"].concat();
    assert!(host.greet(&slipped).await.is_err());
    stage.comes_up(LinkState::Waiting).await;
    let text = stage.report().text;
    assert!(text.contains("said more than INFO"), "{text}");
}

#[tokio::test]
async fn a_broker_and_a_document_are_asked_over_tls() {
    let host = Host::start(false).await;
    let _stage = Stage::start(Transport::Mqtt {
        address: host.address("localhost"),
        topic: "a".into(),
        tls: Some(trusting("authority.pem")),
    });
    let mut stream = host.greet(b"").await.unwrap();
    let mut said = [0; 8];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said[2..], b"\0\x04MQTT");

    let host = Host::start(false).await;
    let mut stage = Stage::start(Transport::HttpPoll {
        url: format!("https://{}/data", host.address("localhost")),
        interval_s: 1,
        tls: Some(trusting("authority.pem")),
    });
    let mut stream = host.greet(b"").await.unwrap();
    let mut said = [0; 9];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"GET /data");
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\none\ntwo\n";
    stream.write_all(answer).await.unwrap();
    stream.flush().await.unwrap();
    stage.hears(&["one", "two"]).await;
}

#[test]
fn files_that_do_not_fit_are_named() {
    let mut foreign_key = showing("client");
    foreign_key.client.as_mut().unwrap().key = fixture("server.key");
    for (tls, named) in [
        (trusting("nowhere.pem"), "nowhere.pem"),
        (trusting("server.key"), "holds no certificate"),
        (showing("nobody"), "nobody.pem"),
        (foreign_key, "client.pem"),
    ] {
        let why = Server::new("localhost:1".into(), Some(&tls)).err().unwrap();
        assert!(why.contains(named), "{why}");
    }
}
