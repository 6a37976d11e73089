//! A topic of an MQTT broker as a transport: the packets of MQTT 3.1.1 (OASIS, 2014) that a subscriber
//! with quality of service 1 needs.
//!
//! A message is acknowledged when it is durable in the log and not before. The broker then keeps what
//! this program has not logged, also while it is away, and sends no more than it wants unanswered: that
//! is how the sender is held back. After a reconnection it sends again what was not acknowledged; the
//! same message twice is one message. Credentials are a user and a password in two lines.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use truce_core::message::MESSAGE_BYTES_MAX;

use super::backoff::Backoff;
use super::dial::{Server, Stream};
use super::gate::{Closed, Inlet, Progress};
use super::link::LinkState;

/// Seconds after which a silent connection is dead for the broker (clause 3.1.2.10).
const KEEP_ALIVE_S: u16 = 30;

/// How often this program says that it is there.
const PING_EVERY: Duration = Duration::from_secs(10);

/// A broker that does not answer for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(25);

/// Longest packet, bytes: several messages may come in one.
const PACKET_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

/// Packets read and not yet handled.
const PACKETS_WAITING_MAX: usize = 16;

/// Messages that wait for being logged before nothing more is read; brokers send fewer (mosquitto 20).
const UNACKNOWLEDGED_MAX: usize = 1_000;

/// First byte of a packet: type and flags (clause 2.2).
const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;
const PINGREQ: u8 = 0xc0;
const PINGRESP: u8 = 0xd0;

/// The identifier of our only SUBSCRIBE.
const SUBSCRIPTION: u16 = 1;

/// Why a connection ended.
enum End {
    Closed,
    Broken(String),
}

impl<E: std::error::Error> From<E> for End {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

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
        .write_all(&connect(inlet.feed.as_str(), to.credentials.as_deref()))
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
            write.write_all(&[PUBACK, 2, high, low]).await?;
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

/// A control packet (clause 2).
#[derive(Debug, PartialEq, Eq)]
struct Packet {
    first: u8,
    body: Vec<u8>,
}

impl Packet {
    async fn read(read: &mut (impl AsyncRead + Unpin)) -> Result<Self, End> {
        let first = read.read_u8().await?;
        // Remaining length: seven bits a byte, the least first, at most four bytes (clause 2.2.3).
        let mut length = 0usize;
        for place in 0.. {
            let byte = read.read_u8().await?;
            length |= usize::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
            if place == 3 {
                return Err(End::Broken("sent a length of more than four bytes".into()));
            }
        }
        if length > PACKET_BYTES_MAX {
            return Err(End::Broken(format!("sent a packet of {length} bytes")));
        }
        let mut body = vec![0; length];
        read.read_exact(&mut body).await?;
        Ok(Self { first, body })
    }

    /// The identifier, when quality of service is not 0, and the payload (clause 3.3).
    fn published(&self) -> Result<(Option<u16>, &[u8]), End> {
        let short = || End::Broken("sent a message that is cut short".into());
        let (length, rest) = self.body.split_first_chunk().ok_or_else(short)?;
        let rest = rest
            .get(usize::from(u16::from_be_bytes(*length))..)
            .ok_or_else(short)?;
        if self.first & 0b110 == 0 {
            return Ok((None, rest));
        }
        let (id, payload) = rest.split_first_chunk().ok_or_else(short)?;
        Ok((Some(u16::from_be_bytes(*id)), payload))
    }
}

/// A packet from its first byte and its body.
fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mut length = body.len();
    loop {
        let [low, ..] = (length & 0x7f).to_le_bytes();
        length >>= 7;
        out.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    out.extend_from_slice(body);
    out
}

/// Text with its length before it (clause 1.5.3), cut to what a length can say.
fn text(out: &mut Vec<u8>, text: &str) {
    let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
    out.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// CONNECT (clause 3.1), without a clean session: the broker keeps messages while we are away.
fn connect(feed: &str, credentials: Option<&str>) -> Vec<u8> {
    let credentials = credentials.map(|text| text.split_once('\n').unwrap_or((text, "")));
    let flags: u8 = if credentials.is_some() {
        0b1100_0000
    } else {
        0
    };
    let mut body = Vec::new();
    text(&mut body, "MQTT");
    body.extend([4, flags]);
    body.extend(KEEP_ALIVE_S.to_be_bytes());
    text(&mut body, &format!("truce-{feed}"));
    if let Some((user, password)) = credentials {
        text(&mut body, user);
        text(&mut body, password);
    }
    packet(CONNECT, &body)
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
    use tokio::net::TcpListener;
    use truce_core::mission::Transport;

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

    #[tokio::test]
    async fn lengths_are_written_and_read_as_the_standard_says() {
        // The borders of clause 2.2.3, table 2.4.
        for (length, bytes) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3)] {
            let written = packet(PUBLISH, &vec![0; length]);
            assert_eq!(written.len(), 1 + bytes + length);
            let read = Packet::read(&mut written.as_slice()).await.ok().unwrap();
            assert_eq!(read.body.len(), length);
        }
        for bad in [
            &[PUBLISH, 0xff, 0xff, 0xff, 0xff, 0x01][..],
            &[PUBLISH, 0xff, 0xff, 0x7f],
        ] {
            assert!(Packet::read(&mut &bad[..]).await.is_err());
        }
        for cut_short in [&b""[..], b"\0", b"\0\x05abc", b"\0\x01a\0"] {
            let body = cut_short.to_vec();
            let packet = Packet {
                first: PUBLISH | 0b10,
                body,
            };
            assert!(packet.published().is_err(), "{cut_short:?}");
        }
    }

    #[test]
    fn credentials_are_named_in_the_flags() {
        let with = connect("f", Some("ann\nsecret"));
        assert_eq!(with[9], 0b1100_0000);
        assert!(with.ends_with(b"\0\x03ann\0\x06secret"));
        assert_eq!(connect("f", None)[9], 0);
    }
}
