//! Control packets of MQTT 3.1.1: the few that a subscriber and a publisher need, written and read.

use tokio::io::{AsyncRead, AsyncReadExt as _};
use truce_core::message::MESSAGE_BYTES_MAX;

/// Seconds after which a silent connection is dead for the broker (clause 3.1.2.10).
const KEEP_ALIVE_S: u16 = 30;

/// Longest packet, bytes: several messages may come in one.
const PACKET_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

/// First byte of a packet: type and flags (clause 2.2).
pub(super) const CONNECT: u8 = 0x10;
pub(super) const CONNACK: u8 = 0x20;
pub(super) const PUBLISH: u8 = 0x30;
pub(super) const PUBACK: u8 = 0x40;
pub(super) const SUBSCRIBE: u8 = 0x82;
pub(super) const SUBACK: u8 = 0x90;
pub(super) const PINGREQ: u8 = 0xc0;
pub(super) const PINGRESP: u8 = 0xd0;
pub(super) const DISCONNECT: u8 = 0xe0;

/// Why a connection ended.
pub(super) enum End {
    Closed,
    Broken(String),
}

impl<E: std::error::Error> From<E> for End {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A control packet (clause 2).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) first: u8,
    pub(super) body: Vec<u8>,
}

impl Packet {
    pub(super) async fn read(read: &mut (impl AsyncRead + Unpin)) -> Result<Self, End> {
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
    pub(super) fn published(&self) -> Result<(Option<u16>, &[u8]), End> {
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
pub(super) fn packet(first: u8, body: &[u8]) -> Vec<u8> {
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
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
    out.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// What the broker keeps for a client between its connections (clause 3.1.2.4).
#[derive(Clone, Copy)]
pub(super) enum Session {
    /// Messages for a subscriber that is away.
    Lasting,
    /// Nothing.
    Clean,
}

/// CONNECT (clause 3.1).
pub(super) fn connect(client: &str, credentials: Option<&str>, session: Session) -> Vec<u8> {
    let credentials = credentials.map(|text| text.split_once('\n').unwrap_or((text, "")));
    let mut flags: u8 = match session {
        Session::Lasting => 0,
        Session::Clean => 0b10,
    };
    if credentials.is_some() {
        flags |= 0b1100_0000;
    }
    let mut body = Vec::new();
    text(&mut body, "MQTT");
    body.extend([4, flags]);
    body.extend(KEEP_ALIVE_S.to_be_bytes());
    text(&mut body, &format!("truce-{client}"));
    if let Some((user, password)) = credentials {
        text(&mut body, user);
        text(&mut body, password);
    }
    packet(CONNECT, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let with = connect("f", Some("ann\nsecret"), Session::Clean);
        assert_eq!(with[9], 0b1100_0010);
        assert!(with.ends_with(b"\0\x03ann\0\x06secret"));
        assert_eq!(connect("f", None, Session::Lasting)[9], 0);
    }
}
