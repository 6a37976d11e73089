//! Sockets as a transport: a TCP stream that the mission connects to, UDP datagrams that it
//! listens for. Both deliver into one bounded queue; when it is full, a stream waits and so pushes
//! back on its sender, while a datagram that finds no room is counted and lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;
use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::{RawMessage, Slug, Timestamp};
use truce_feeds::{Format, Framer};

/// Messages waiting for the line, over all sockets: about a second of a busy coast.
pub const QUEUE_MESSAGES_MAX: usize = 10_000;

/// Waiting time before connecting again, doubled after each failure up to the second figure.
const BACKOFF_S: (u64, u64) = (1, 60);

/// Bytes read at a time; no UDP datagram is longer.
const READ_BYTES: usize = 65_536;

/// Datagrams that found the queue full.
#[derive(Debug, Default)]
pub struct Dropped(AtomicU64);

impl Dropped {
    /// How many so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whose messages a socket brings, and how they are cut.
#[derive(Debug, Clone)]
struct Source {
    feed: Slug,
    format: Format,
}

impl Source {
    fn message(&self, bytes: &[u8]) -> RawMessage {
        RawMessage {
            source: self.feed.clone(),
            received_at: Timestamp::now(),
            bytes: bytes.to_vec(),
        }
    }
}

/// Starts a task for every feed of a mission that comes by a socket.
pub fn start(
    network: &SensorNetwork,
    queue: &mpsc::Sender<RawMessage>,
    dropped: &Arc<Dropped>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let task = |feed: &Feed| {
        let source = Source {
            feed: feed.id.clone(),
            format: Format::from_slug(feed.format.as_str())?,
        };
        let (queue, dropped) = (queue.clone(), Arc::clone(dropped));
        match feed.transport.clone() {
            Transport::TcpClient { address } => {
                Some(tokio::spawn(follow_stream(source, address, queue)))
            }
            Transport::Udp { address } => {
                Some(tokio::spawn(listen(source, address, queue, dropped)))
            }
            _ => None,
        }
    };
    network.feeds.iter().filter_map(task).collect()
}

/// Connects and reads for ever; gives up only when the line has closed its queue.
async fn follow_stream(source: Source, address: String, queue: mpsc::Sender<RawMessage>) {
    let mut wait_s = BACKOFF_S.0;
    while !queue.is_closed() {
        match TcpStream::connect(&address).await {
            Ok(stream) => {
                tracing::info!(feed = %source.feed, address, "connected");
                wait_s = BACKOFF_S.0;
                read_stream(&source, stream, &queue).await;
                tracing::warn!(feed = %source.feed, address, "the stream ended");
            }
            Err(error) => {
                tracing::warn!(feed = %source.feed, address, %error, wait_s, "not connected")
            }
        }
        tokio::time::sleep(Duration::from_secs(wait_s)).await;
        wait_s = (wait_s * 2).min(BACKOFF_S.1);
    }
}

async fn read_stream(source: &Source, mut stream: TcpStream, queue: &mpsc::Sender<RawMessage>) {
    let mut framer = Framer::of(source.format);
    let mut chunk = vec![0; READ_BYTES];
    loop {
        let read = stream.read(&mut chunk).await;
        let mut messages = Vec::new();
        let mut deliver = |bytes: &[u8]| messages.push(source.message(bytes));
        let ended = match read {
            Ok(0) | Err(_) => {
                framer.finish(&mut deliver);
                true
            }
            Ok(n) => {
                framer.push(&chunk[..n], &mut deliver);
                false
            }
        };
        for message in messages {
            if queue.send(message).await.is_err() {
                return;
            }
        }
        if ended {
            return;
        }
    }
}

async fn listen(
    source: Source,
    address: String,
    queue: mpsc::Sender<RawMessage>,
    dropped: Arc<Dropped>,
) {
    let socket = match UdpSocket::bind(&address).await {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(feed = %source.feed, address, %error, "cannot listen; the feed stays silent");
            return;
        }
    };
    let mut datagram = vec![0; READ_BYTES];
    while !queue.is_closed() {
        let Ok(n) = socket.recv(&mut datagram).await else {
            continue;
        };
        let mut framer = Framer::of(source.format);
        let mut deliver = |bytes: &[u8]| {
            if queue.try_send(source.message(bytes)).is_err() {
                dropped.0.fetch_add(1, Ordering::Relaxed);
            }
        };
        framer.push(&datagram[..n], &mut deliver);
        framer.finish(&mut deliver);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn feed(transport: Transport) -> SensorNetwork {
        let feed = Feed {
            id: "ais-1".parse().unwrap(),
            name: String::new(),
            format: "aivdm".parse().unwrap(),
            transport,
            purpose: truce_core::mission::FeedUse::Live,
            sensor: None,
            operator: None,
            grade: truce_core::Grade::UNJUDGED,
            silence_s_max: None,
            quota_per_s: None,
            keys: Vec::new(),
        };
        SensorNetwork {
            feeds: vec![feed],
            ..SensorNetwork::default()
        }
    }

    #[tokio::test]
    async fn a_stream_cut_anywhere_gives_whole_messages() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let (sender, mut queue) = mpsc::channel(10);
        let network = feed(Transport::TcpClient { address });
        let tasks = start(&network, &sender, &Arc::default());
        let (mut stream, _) = server.accept().await.unwrap();
        for part in ["one\r\ntw", "o\nthr", "ee"] {
            stream.write_all(part.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        drop(stream);
        for expected in ["one", "two", "three"] {
            assert_eq!(queue.recv().await.unwrap().bytes, expected.as_bytes());
        }
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn datagrams_that_find_no_room_are_counted() {
        let probe = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = probe.local_addr().unwrap().to_string();
        drop(probe);
        let (sender, mut queue) = mpsc::channel(1);
        let dropped = Arc::new(Dropped::default());
        let network = feed(Transport::Udp {
            address: address.clone(),
        });
        let tasks = start(&network, &sender, &dropped);
        tokio::task::yield_now().await;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(b"a\nb\nc", &address).await.unwrap();
        assert_eq!(queue.recv().await.unwrap().bytes, b"a");
        assert_eq!(dropped.count(), 2);
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
