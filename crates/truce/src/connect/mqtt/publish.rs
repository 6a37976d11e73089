//! Publishing at an MQTT broker with quality of service 1 (clause 4.3.2): a message is published when
//! the broker has acknowledged it.

use tokio::io::AsyncWriteExt as _;

use super::super::dial::{Server, Stream};
use super::SILENCE_MAX;
use super::packet::{
    CONNACK, DISCONNECT, End, PINGRESP, PUBACK, PUBLISH, Packet, Session, connect, packet, text,
};

/// Quality of service 1, in the flags of PUBLISH (clause 3.3.1.2).
const AT_LEAST_ONCE: u8 = 0b10;

/// A connection to a broker, for publishing one message after the other.
pub(crate) struct Publisher {
    stream: Stream,
    next_id: u16,
}

impl Publisher {
    /// Connects as a client of a name.
    ///
    /// # Errors
    /// In words: nobody answers, or the broker refuses.
    pub(crate) async fn connect(
        server: &Server,
        client: &str,
        credentials: Option<&str>,
    ) -> Result<Self, String> {
        let hello = connect(client, credentials, Session::Clean);
        let stream = server.connect().await.map_err(|error| error.to_string())?;
        let mut publisher = Self { stream, next_id: 1 };
        match publisher
            .ask(&hello, |packet| packet.first == CONNACK)
            .await?
            .get(1)
        {
            Some(0) => Ok(publisher),
            code => Err(format!("refused the connection: {code:?}")),
        }
    }

    /// Publishes a message; returns when the broker has it.
    ///
    /// # Errors
    /// In words: the connection broke, or the broker does not answer. It may have the message.
    pub(crate) async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), String> {
        let id = self.next_id.to_be_bytes();
        // Zero is no identifier (clause 2.3.1).
        self.next_id = self.next_id.checked_add(1).unwrap_or(1);
        let mut body = Vec::with_capacity(payload.len() + topic.len() + 4);
        text(&mut body, topic);
        body.extend(id);
        body.extend_from_slice(payload);
        let message = packet(PUBLISH | AT_LEAST_ONCE, &body);
        let acknowledged = |packet: &Packet| packet.first == PUBACK && packet.body == id;
        self.ask(&message, acknowledged).await.map(drop)
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) {
        // Whoever does not hear it notices that the connection ended.
        let _ = self.stream.write_all(&[DISCONNECT, 0]).await;
    }

    /// Writes a packet and gives the body of the answer.
    async fn ask(
        &mut self,
        request: &[u8],
        is_answer: impl Fn(&Packet) -> bool,
    ) -> Result<Vec<u8>, String> {
        let asking = async {
            self.stream.write_all(request).await?;
            self.stream.flush().await?;
            loop {
                let packet = Packet::read(&mut self.stream).await?;
                if is_answer(&packet) {
                    return Ok(packet.body);
                }
                if packet.first != PINGRESP {
                    let kind = packet.first;
                    return Err(End::Broken(format!("sent a packet of type {kind:#x}")));
                }
            }
        };
        let answered = tokio::time::timeout(SILENCE_MAX, asking).await;
        match answered {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(End::Broken(why))) => Err(why),
            Ok(Err(End::Closed)) => Err("the connection ended".to_owned()),
            Err(_) => Err("does not answer".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_message_is_published_when_the_broker_acknowledged_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let broker = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let hello = Packet::read(&mut stream).await.ok().unwrap();
            assert_eq!(hello.body[7], 0b10, "a clean session");
            stream.write_all(&[CONNACK, 2, 0, 0]).await.unwrap();
            let mut heard = Vec::new();
            while let Ok(packet) = Packet::read(&mut stream).await {
                if packet.first == DISCONNECT {
                    break;
                }
                let (id, payload) = packet.published().ok().unwrap();
                let [high, low] = id.unwrap().to_be_bytes();
                heard.push((low, payload.to_vec()));
                stream.write_all(&[PUBACK, 2, high, low]).await.unwrap();
            }
            heard
        });
        let server = Server::new(address, None).unwrap();
        let mut publisher = Publisher::connect(&server, "notify/desk", None)
            .await
            .unwrap();
        for payload in [&b"one"[..], b"two"] {
            publisher.publish("truce/told", payload).await.unwrap();
        }
        publisher.close().await;
        let heard = broker.await.unwrap();
        assert_eq!(heard, [(1, b"one".to_vec()), (2, b"two".to_vec())]);
    }
}
