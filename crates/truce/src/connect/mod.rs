//! Transports: bytes from outside become raw messages with their time of arrival.
//!
//! Any transport can carry any format: what arrives is cut into messages by `truce-feeds` and not
//! looked at otherwise. Every queue here is bounded. A transport that can hold its sender back does so
//! when the feed's queue is full; one that cannot counts what it loses. What a feed may send is
//! bounded by its quota, so that a flood holds up nobody else ([`fair`]).

pub mod capture;
pub mod file;
pub mod gate;
pub mod link;
pub mod loss;
pub mod push;

pub(crate) mod backoff;
pub(crate) mod dial;
pub mod fair;
mod follow;
pub(crate) mod mqtt;
pub(crate) mod nats;
mod poll;
mod serial;
#[cfg(test)]
pub(crate) mod stage;
mod tcp;
mod udp;
pub(crate) mod web;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use truce_core::Slug;
use truce_core::mission::{Feed, SensorNetwork, Transport};

use crate::line::{Error, Folder};
use dial::Server;
use follow::Memory;
use gate::{Closed, Framing, Gate, Inlet};
use link::Links;
use web::Site;

/// The ways by which a mission's feeds come in.
#[derive(Debug)]
pub struct Transports {
    gate: Arc<Gate>,
    inlets: Vec<Inlet>,
    tasks: JoinSet<Closed>,
}

impl Transports {
    /// Ways for all feeds, none of them open yet.
    #[must_use]
    pub fn new(network: &SensorNetwork) -> Self {
        let gate = Gate::new(network);
        let inlet = |(lane, feed): (usize, &Feed)| {
            let framing = Framing::of(feed)?;
            Some(Inlet::new(&gate, lane, feed.id.clone(), framing))
        };
        let inlets = network.feeds.iter().enumerate().filter_map(inlet).collect();
        Self {
            gate,
            inlets,
            tasks: JoinSet::new(),
        }
    }

    /// The one way into the line.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    /// How the transports are, for a view.
    #[must_use]
    pub fn links(&self) -> Links {
        Links::new(&self.inlets)
    }

    /// The inlets of all feeds.
    #[must_use]
    pub fn inlets(&self) -> &[Inlet] {
        &self.inlets
    }

    /// Opens the way of each feed that comes by itself. `spoke` says of which feeds the log holds
    /// messages. Must be called within a runtime.
    ///
    /// # Errors
    /// When a feed's credentials cannot be read, or it asks for TLS that this program cannot speak.
    pub fn start(
        &mut self,
        network: &SensorNetwork,
        folder: &Folder,
        spoke: impl Fn(&Slug) -> bool,
    ) -> Result<(), Error> {
        for inlet in &self.inlets {
            let Some(feed) = network.feed(&inlet.feed) else {
                continue;
            };
            let no_tls = |why| Error::Tls {
                feed: feed.id.clone(),
                why,
            };
            let (tasks, inlet) = (&mut self.tasks, inlet.clone());
            match feed.transport.clone() {
                Transport::File | Transport::HttpPush => continue,
                Transport::Follow { path } => {
                    let memory = Memory {
                        cursor: folder.cursor_file(&feed.id),
                        log: folder.log(),
                        spoke: spoke(&feed.id),
                    };
                    tasks.spawn(follow::follow(inlet, PathBuf::from(path), memory))
                }
                Transport::TcpClient { address, tls } => {
                    let server = Server::new(address, tls.as_ref()).map_err(no_tls)?;
                    tasks.spawn(tcp::connect(inlet, server))
                }
                Transport::TcpServer {
                    address,
                    connections_max,
                } => tasks.spawn(tcp::serve(inlet, address, connections_max)),
                Transport::Udp { address } => tasks.spawn(udp::listen(inlet, address)),
                Transport::HttpPoll {
                    url,
                    interval_s,
                    tls,
                } => {
                    let source = Site::new(url, tls.as_ref()).map_err(no_tls)?;
                    let interval = Duration::from_secs(u64::from(interval_s));
                    let credentials = folder.credentials(&feed.id)?;
                    tasks.spawn(poll::poll(inlet, source, interval, credentials))
                }
                Transport::Serial { device, baud } => {
                    tasks.spawn(serial::read(inlet, device, baud))
                }
                Transport::Mqtt {
                    address,
                    topic,
                    tls,
                } => {
                    let to = mqtt::Subscription {
                        server: Server::new(address, tls.as_ref()).map_err(no_tls)?,
                        topic,
                        credentials: folder.credentials(&feed.id)?,
                    };
                    tasks.spawn(mqtt::subscribe(inlet, to))
                }
                Transport::Nats {
                    address,
                    subject,
                    tls,
                } => {
                    let server = Server::new(address, tls.as_ref()).map_err(no_tls)?;
                    let credentials = folder.credentials(&feed.id)?;
                    tasks.spawn(nats::listen(inlet, server, subject, credentials))
                }
            };
        }
        Ok(())
    }

    /// Closes all ways. What waits goes on into the log.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.gate.close();
    }
}
