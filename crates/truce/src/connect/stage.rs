//! A stage for the tests of transports: one feed of lines, and a line that takes all it is given.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use truce_core::RawMessage;
use truce_core::mission::{Feed, SensorNetwork, Transport};

use super::Transports;
use super::gate::Inlet;
use super::link::{LinkReport, LinkState};
use crate::line::Folder;
use crate::service::{Command, Handle};

/// Longest time that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Stage {
    transports: Transports,
    received: mpsc::UnboundedReceiver<RawMessage>,
    folder: Arc<tempfile::TempDir>,
}

/// A network with one feed, of AIS lines.
pub(crate) fn network(transport: Transport) -> SensorNetwork {
    let feed = Feed::new(
        "post-1/feed".parse().unwrap(),
        "aivdm".parse().unwrap(),
        transport,
    );
    SensorNetwork {
        feeds: vec![feed],
        ..SensorNetwork::default()
    }
}

/// An address that nobody listens on now.
pub(super) fn free_address() -> String {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    probe.local_addr().unwrap().to_string()
}

impl Stage {
    /// A feed whose transport is not started, and whose messages nobody takes.
    pub(super) fn idle(transport: Transport) -> Self {
        Self {
            transports: Transports::new(&network(transport)),
            received: mpsc::unbounded_channel().1,
            folder: Arc::new(tempfile::tempdir().unwrap()),
        }
    }

    /// A feed that is served.
    pub(super) fn start(transport: Transport) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), transport)
    }

    /// A feed that is served with a data folder.
    pub(super) fn start_in(folder: Arc<tempfile::TempDir>, transport: Transport) -> Self {
        let network = network(transport);
        let mut transports = Transports::new(&network);
        let data = Folder::at(folder.path());
        transports.start(&network, &data, |_| false).unwrap();
        let (handle, mut commands, _) = Handle::new();
        tokio::spawn(transports.gate().forward(handle));
        let (sender, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut entry = 0;
            while let Some(command) = commands.recv().await {
                if let Command::Batch(messages, answer) = command {
                    messages.into_iter().for_each(|m| drop(sender.send(m)));
                    entry += 1;
                    let _ = answer.send(entry);
                }
            }
        });
        Self {
            transports,
            received,
            folder,
        }
    }

    pub(super) fn folder(&self) -> Arc<tempfile::TempDir> {
        Arc::clone(&self.folder)
    }

    pub(super) fn inlet(&self) -> &Inlet {
        &self.transports.inlets()[0]
    }

    pub(super) fn report(&self) -> LinkReport {
        let links = self.transports.links();
        links.report(&self.inlet().feed).unwrap()
    }

    /// The next messages are these.
    pub(super) async fn hears(&mut self, expected: &[&str]) {
        for expected in expected {
            let next = tokio::time::timeout(PATIENCE, self.received.recv()).await;
            let message = next.unwrap_or_else(|_| panic!("{expected} did not come"));
            let bytes = message.unwrap().bytes;
            assert_eq!(String::from_utf8_lossy(&bytes), *expected);
        }
    }

    /// Whether anything is heard within a time.
    pub(super) async fn heard_within_ms(&mut self, ms: u64) -> bool {
        let next = tokio::time::timeout(Duration::from_millis(ms), self.received.recv()).await;
        next.is_ok()
    }

    /// The transport comes into a state.
    pub(super) async fn comes_up(&self, state: LinkState) {
        let up = async {
            while self.report().state != state {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, up).await.unwrap();
    }
}
