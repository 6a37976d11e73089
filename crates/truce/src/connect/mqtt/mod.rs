//! A topic of an MQTT broker as a transport: the packets of MQTT 3.1.1 (OASIS, 2014) that a subscriber
//! with quality of service 1 needs; and as a receiver of notifications, a publisher.
//!
//! A message is acknowledged when it is durable in the log and not before. The broker then keeps what
//! this program has not logged, also while it is away, and sends no more than it wants unanswered: that
//! is how the sender is held back. After a reconnection it sends again what was not acknowledged; the
//! same message twice is one message. Credentials are a user and a password in two lines.

mod packet;
mod publish;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use super::backoff::Backoff;
use super::dial::{Server, Stream};
use super::gate::{Closed, Inlet, Progress};
use super::link::LinkState;
use packet::{
    CONNACK, End, PINGREQ, PINGRESP, PUBLISH, Packet, SUBACK, SUBSCRIBE, Session, connect, packet,
    text,
};

pub(crate) use publish::Publisher;

/// How often this program says that it is there.
const PING_EVERY: Duration = Duration::from_secs(10);

/// A broker that does not answer for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(25);

/// Packets read and not yet handled.
const PACKETS_WAITING_MAX: usize = 16;

/// Messages that wait for being logged before nothing more is read; brokers send fewer (mosquitto 20).
const UNACKNOWLEDGED_MAX: usize = 1_000;

/// The identifier of our only SUBSCRIBE.
const SUBSCRIPTION: u16 = 1;

/// What to subscribe to, and as whom.
pub(super) struct Subscription {
    pub(super) server: Server,
    pub(super) topic: String,
    pub(super) credentials: Option<String>,
}

/// Subscribes for ever; ends when the gate is closed.
pub(super) async fn subscribe(inlet: Inlet, to: Subscription) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    loop {
        let why = match to.server.connect().await {
            Ok(stream) => match session(&inlet, stream, &to, &mut backoff).await {
                Err(End::Closed) => return Closed,
                Err(End::Broken(why)) => why,
                Ok(never) => match never {},
            },
            Err(error) => error.to_string(),
        };
        inlet
            .link
            .set(LinkState::Waiting, format!("{}: {why}", to.server.address));
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

type Never = std::convert::Infallible;

async fn session(
    inlet: &Inlet,
    stream: Stream,
    to: &Subscription,
    backoff: &mut Backoff,
) -> Result<Never, End> {
    let (read, mut write) = tokio::io::split(stream);
    let (packets, mut arrived) = mpsc::channel(PACKETS_WAITING_MAX);
    // Reading has a task of its own: it may not be cut off in the middle of a packet.
    let reader = tokio::spawn(read_all(read, packets));
    let outcome = converse(inlet, &mut write, &mut arrived, to, backoff).await;
    reader.abort();
    outcome
}

async fn read_all(read: ReadHalf<Stream>, packets: mpsc::Sender<Result<Packet, End>>) {
    let mut read = BufReader::new(read);
    loop {
        let packet = tokio::time::timeout(SILENCE_MAX, Packet::read(&mut read)).await;
        let packet = packet.unwrap_or_else(|_| Err(End::Broken("says nothing any more".into())));
        let ended = packet.is_err();
        if packets.send(packet).await.is_err() || ended {
            return;
        }
    }
}

async fn converse(
    inlet: &Inlet,
    write: &mut WriteHalf<Stream>,
    arrived: &mut mpsc::Receiver<Result<Packet, End>>,
    to: &Subscription,
    backoff: &mut Backoff,
) -> Result<Never, End> {
    write
        .write_all(&connect(
            inlet.feed.as_str(),
            to.credentials.as_deref(),
            Session::Lasting,
        ))
        .await?;
    let mut progress = inlet.progress();
    // Identifiers of messages, each with the number of the last message that came of it.
    let mut unlogged: VecDeque<(u16, u64)> = VecDeque::new();
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        let room = unlogged.len() < UNACKNOWLEDGED_MAX;
        tokio::select! {
            packet = arrived.recv(), if room => {
                let gone = || End::Broken("the connection ended".into());
                let packet = packet.ok_or_else(gone)??;
                if let Some(taken) = handle(inlet, write, packet, to).await? {
                    backoff.reset();
                    unlogged.extend(taken);
                }
            }
            changed = progress.changed() => changed.map_err(|_| End::Closed)?,
            _ = ping.tick() => write.write_all(&[PINGREQ, 0]).await?,
        }
        let logged: Progress = *progress.borrow_and_update();
        while let Some((id, _)) = unlogged.pop_front_if(|(_, last)| *last <= logged.messages) {
            let [high, low] = id.to_be_bytes();
            write.write_all(&[packet::PUBACK, 2, high, low]).await?;
        }
    }
}

/// Answers a packet. A message gives its identifier, when it wants to be acknowledged, with the number
/// of what it brought; `Some(None)` is one that does not.
async fn handle(
    inlet: &Inlet,
    write: &mut WriteHalf<Stream>,
    packet: Packet,
    to: &Subscription,
) -> Result<Option<Option<(u16, u64)>>, End> {
    match packet.first & 0xf0 {
        CONNACK => match packet.body.get(1) {
            Some(0) => write.write_all(&subscription(&to.topic)).await?,
            code => return Err(End::Broken(format!("refused the connection: {code:?}"))),
        },
        SUBACK => match packet.body.get(2) {
            Some(0..=2) => {
                let text = format!("subscribed to {} at {}", to.topic, to.server.address);
                inlet.link.set(LinkState::Connected, text);
            }
            _ => {
                return Err(End::Broken(format!(
                    "refused the subscription to {}",
                    to.topic
                )));
            }
        },
        PUBLISH => {
            let (id, payload) = packet.published()?;
            let messages = inlet.cut(payload);
            let last = inlet.send(messages).await.map_err(|Closed| End::Closed)?;
            return Ok(Some(id.map(|id| (id, last))));
        }
        PINGRESP => {}
        other => return Err(End::Broken(format!("sent a packet of type {other:#x}"))),
    }
    Ok(None)
}

/// SUBSCRIBE (clause 3.8) with quality of service 1.
fn subscription(topic: &str) -> Vec<u8> {
    let mut body = SUBSCRIPTION.to_be_bytes().to_vec();
    text(&mut body, topic);
    body.push(1);
    packet(SUBSCRIBE, &body)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncRead;
    use tokio::net::TcpListener;
    use truce_core::mission::Transport;

    use super::packet::{CONNECT, PUBACK};
    use super::*;
    use crate::connect::stage::Stage;

    fn publish(id: Option<u16>, payload: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        text(&mut body, "a/b");
        body.extend(id.into_iter().flat_map(u16::to_be_bytes));
        body.extend_from_slice(payload);
        packet(PUBLISH | if id.is_some() { 0b10 } else { 0 }, &body)
    }

    async fn next(read: &mut (impl AsyncRead + Unpin)) -> Packet {
        loop {
            let packet = Packet::read(read).await.ok().expect("a packet");
            if packet.first != PINGREQ {
                return packet;
            }
        }
    }

    #[tokio::test]
    async fn messages_are_acknowledged_once_they_are_logged() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stage = Stage::start(Transport::Mqtt {
            address: server.local_addr().unwrap().to_string(),
            topic: "a/#".into(),
            tls: None,
        });
        let (stream, _) = server.accept().await.unwrap();
        let (mut read, mut write) = stream.into_split();
        let hello = next(&mut read).await;
        assert_eq!(hello.first, CONNECT);
        assert_eq!(&hello.body[..10], b"\0\x04MQTT\x04\0\0\x1e");
        write.write_all(&[CONNACK, 2, 0, 0]).await.unwrap();
        assert_eq!(next(&mut read).await.body, b"\0\x01\0\x03a/#\x01");
        write.write_all(&[SUBACK, 3, 0, 1, 1]).await.unwrap();
        write.write_all(&publish(Some(7), b"one")).await.unwrap();
        write.write_all(&publish(None, b"two")).await.unwrap();
        write
            .write_all(&publish(Some(513), b"three\nfour"))
            .await
            .unwrap();
        stage.hears(&["one", "two", "three", "four"]).await;
        for id in [[0, 7], [2, 1]] {
            let answer = next(&mut read).await;
            assert_eq!((answer.first, answer.body), (PUBACK, id.to_vec()));
        }
        assert_eq!(stage.report().state, LinkState::Connected);
    }

    #[tokio::test]
    async fn a_broker_that_refuses_is_named_with_its_reason() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stage = Stage::start(Transport::Mqtt {
            address: server.local_addr().unwrap().to_string(),
            topic: "a".into(),
            tls: None,
        });
        let (mut stream, _) = server.accept().await.unwrap();
        // 5: not authorised (clause 3.2.2.3).
        stream.write_all(&[CONNACK, 2, 0, 5]).await.unwrap();
        stage.comes_up(LinkState::Waiting).await;
        assert!(
            stage
                .report()
                .text
                .contains("refused the connection: Some(5)")
        );
    }
}
