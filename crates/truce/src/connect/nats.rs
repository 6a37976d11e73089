//! A subject of a NATS server as a transport: the text protocol of NATS clients, of which a listener
//! needs INFO, CONNECT, SUB, MSG, PING, PONG and -ERR. The usual crate brings a second TLS stack and a
//! second set of signatures, eighty packages in all, for these seven lines.
//!
//! A server says INFO in plain and then agrees on TLS, when both want it.
//!
//! Core NATS keeps nothing: what is published while this program is away is not heard. When the feed's
//! queue is full nothing is read; the server then holds the messages for a while and, if that lasts,
//! drops the connection as a slow consumer, which is made anew and said so. Credentials are a token,
//! or a user and a password in two lines.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use truce_core::message::MESSAGE_BYTES_MAX;

use super::backoff::Backoff;
use super::dial::{Server, Stream};
use super::gate::{Closed, Inlet};
use super::link::LinkState;
use super::tcp::SILENCE_MAX;

/// Longest line of the protocol, bytes; INFO of a large cluster is the longest.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// Longest payload, bytes: several messages may come in one.
const PAYLOAD_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

/// Longest time for a server to say that it took a message.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(25);

/// Why a connection ended.
enum End {
    Closed,
    Broken(String),
}

impl End {
    fn in_words(self) -> String {
        match self {
            Self::Closed => "the connection ended".to_owned(),
            Self::Broken(why) => why,
        }
    }
}

impl<E: std::error::Error> From<E> for End {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Listens for ever; ends when the gate is closed.
pub(super) async fn listen(
    inlet: Inlet,
    server: Server,
    subject: String,
    credentials: Option<String>,
) -> Closed {
    let address = &server.address;
    let mut backoff = Backoff::of(&inlet.feed);
    loop {
        let Err(end) = follow(
            &inlet,
            &server,
            &subject,
            credentials.as_deref(),
            &mut backoff,
        )
        .await;
        match end {
            End::Closed => return Closed,
            End::Broken(why) => inlet
                .link
                .set(LinkState::Waiting, format!("{address}: {why}")),
        }
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

async fn follow(
    inlet: &Inlet,
    server: &Server,
    subject: &str,
    credentials: Option<&str>,
    backoff: &mut Backoff,
) -> Result<std::convert::Infallible, End> {
    let (read, mut write) = tokio::io::split(greet(server).await?);
    let mut read = BufReader::new(read);
    let hello = format!(
        "CONNECT {}\r\nSUB {subject} 1\r\nPING\r\n",
        connect(credentials, server.is_secured())
    );
    write.write_all(hello.as_bytes()).await?;
    loop {
        // The server asks PING now and then, so a silent one is gone.
        let line = tokio::time::timeout(SILENCE_MAX, line(&mut read)).await??;
        let verb = line.split_ascii_whitespace().next().unwrap_or("");
        match verb.to_ascii_uppercase().as_str() {
            "MSG" => {
                let payload = payload(&line, &mut read).await?;
                backoff.reset();
                let messages = inlet.cut(&payload);
                inlet.send(messages).await.map_err(|Closed| End::Closed)?;
            }
            "PING" => write.write_all(b"PONG\r\n").await?,
            // The answer to our own PING: what came before it was accepted.
            "PONG" => {
                let text = format!("listening to {subject} at {}", server.address);
                inlet.link.set(LinkState::Connected, text);
            }
            "-ERR" => return Err(End::Broken(line)),
            "INFO" | "+OK" => {}
            _ => return Err(End::Broken(format!("said `{line}`"))),
        }
    }
}

/// Connects and hears what the server says of itself, which it says before it agrees on TLS.
async fn greet(server: &Server) -> Result<Stream, End> {
    let mut read = BufReader::new(server.reach().await?);
    let info = tokio::time::timeout(SILENCE_MAX, line(&mut read)).await??;
    if !info.starts_with("INFO ") {
        return Err(End::Broken(format!("said `{info}` and not INFO")));
    }
    // Whoever stands between could say more; nothing that came in plain is taken as said in TLS.
    if !read.buffer().is_empty() {
        return Err(End::Broken(
            "said more than INFO before it was asked".into(),
        ));
    }
    Ok(server.secure(read.into_inner()).await?)
}

/// What a client says of itself.
fn connect(credentials: Option<&str>, tls_required: bool) -> String {
    let mut connect = json!({
        "verbose": false, "pedantic": false, "tls_required": tls_required, "name": "truce",
        "lang": "rust", "version": env!("CARGO_PKG_VERSION"), "protocol": 1,
    });
    match credentials.map(|text| text.split_once('\n').unwrap_or((text, ""))) {
        Some((token, "")) => connect["auth_token"] = json!(token),
        Some((user, password)) => {
            connect["user"] = json!(user);
            connect["pass"] = json!(password);
        }
        None => {}
    }
    connect.to_string()
}

/// A connection to a server, for publishing one message after the other.
pub(crate) struct Publisher {
    stream: BufReader<Stream>,
}

impl Publisher {
    /// Connects.
    ///
    /// # Errors
    /// In words: nobody answers, or the server refuses.
    pub(crate) async fn connect(
        server: &Server,
        credentials: Option<&str>,
    ) -> Result<Self, String> {
        let greeted = greet(server).await.map_err(End::in_words)?;
        let mut publisher = Self {
            stream: BufReader::new(greeted),
        };
        let hello = connect(credentials, server.is_secured());
        let hello = format!("CONNECT {hello}\r\nPING\r\n");
        publisher.say(hello.as_bytes()).await?;
        Ok(publisher)
    }

    /// Publishes a message; returns when the server has it. What a server does with it that has no
    /// stream for the subject is to give it to those who listen now.
    ///
    /// # Errors
    /// In words: the connection broke, or the server refuses it or does not answer.
    pub(crate) async fn publish(&mut self, subject: &str, payload: &[u8]) -> Result<(), String> {
        let mut said = format!("PUB {subject} {}\r\n", payload.len()).into_bytes();
        said.extend_from_slice(payload);
        said.extend_from_slice(b"\r\nPING\r\n");
        self.say(&said).await
    }

    /// Says something that ends with PING and waits for the PONG: what came before it was accepted.
    async fn say(&mut self, said: &[u8]) -> Result<(), String> {
        let saying = async {
            self.stream.write_all(said).await?;
            self.stream.flush().await?;
            loop {
                let line = line(&mut self.stream).await?;
                match line.split_ascii_whitespace().next().unwrap_or("") {
                    "PONG" => return Ok(()),
                    "PING" => self.stream.write_all(b"PONG\r\n").await?,
                    "INFO" | "+OK" => {}
                    _ => return Err(End::Broken(line)),
                }
            }
        };
        let answered = tokio::time::timeout(ANSWER_TIME_MAX, saying).await;
        let answered = answered.unwrap_or_else(|_| Err(End::Broken("does not answer".into())));
        answered.map_err(End::in_words)
    }
}

/// A line without its end.
async fn line(read: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> Result<String, End> {
    let mut line = Vec::new();
    read.take(LINE_BYTES_MAX)
        .read_until(b'\n', &mut line)
        .await?;
    if line.pop() != Some(b'\n') {
        return Err(End::Broken("the connection ended".into()));
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// The payload that follows `MSG <subject> <sid> [reply-to] <#bytes>`.
async fn payload(
    head: &str,
    read: &mut (impl tokio::io::AsyncBufRead + Unpin),
) -> Result<Vec<u8>, End> {
    let length = head.split_ascii_whitespace().last();
    let length: Option<usize> = length.and_then(|text| text.parse().ok());
    let length = length.filter(|length| *length <= PAYLOAD_BYTES_MAX);
    let length = length.ok_or_else(|| End::Broken(format!("said `{head}`")))?;
    let mut payload = vec![0; length + 2];
    read.read_exact(&mut payload).await?;
    payload.truncate(length);
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::Stage;

    #[tokio::test]
    async fn messages_of_a_subject_are_heard_and_the_server_is_answered() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stage = Stage::start(Transport::Nats {
            address: server.local_addr().unwrap().to_string(),
            subject: "feeds.*".into(),
            tls: None,
        });
        let (stream, _) = server.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        write
            .write_all(b"INFO {\"server_id\":\"x\"}\r\n")
            .await
            .unwrap();
        let mut said = Vec::new();
        while said.len() < 3 {
            said.push(line(&mut read).await.ok().unwrap());
        }
        assert!(said[0].starts_with("CONNECT {"), "{said:?}");
        assert_eq!(said[1..], ["SUB feeds.* 1", "PING"]);
        write
            .write_all(b"PONG\r\nMSG feeds.a 1 3\r\none\r\nPING\r\n")
            .await
            .unwrap();
        stage.hears(&["one"]).await;
        assert_eq!(line(&mut read).await.ok().unwrap(), "PONG");
        assert_eq!(stage.report().state, LinkState::Connected);
        // A payload may hold line ends, and a reply subject may stand before its length.
        write
            .write_all(b"MSG feeds.a 1 inbox 9\r\ntwo\r\nfour\r\n")
            .await
            .unwrap();
        stage.hears(&["two", "four"]).await;
        write.write_all(b"-ERR 'Slow Consumer'\r\n").await.unwrap();
        stage.comes_up(LinkState::Waiting).await;
        assert!(stage.report().text.contains("Slow Consumer"));
    }

    #[tokio::test]
    async fn a_message_is_published_when_the_server_took_it() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"INFO {}\r\n").await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut said = Vec::new();
            while let Ok(line) = line(&mut stream).await {
                if line == "PING" {
                    // The third message is refused.
                    let refuses = said.iter().any(|line: &String| line == "three");
                    let answer = if refuses { "-ERR 'no'\r\n" } else { "PONG\r\n" };
                    stream.write_all(answer.as_bytes()).await.unwrap();
                } else {
                    said.push(line);
                }
            }
            said
        });
        let to = Server::new(address, None).unwrap();
        let mut publisher = Publisher::connect(&to, None).await.unwrap();
        publisher.publish("told", b"one").await.unwrap();
        publisher.publish("told", b"two").await.unwrap();
        let refused = publisher.publish("told", b"three").await;
        assert_eq!(refused, Err("-ERR 'no'".to_owned()));
        drop(publisher);
        let said = server.await.unwrap();
        assert_eq!(said[1..5], ["PUB told 3", "one", "PUB told 3", "two"]);
    }

    #[test]
    fn credentials_are_a_token_or_a_user_with_a_password() {
        assert!(connect(Some("s3cret"), false).contains("\"auth_token\":\"s3cret\""));
        let both = connect(Some("ann\npass word"), false);
        assert!(both.contains("\"user\":\"ann\"") && both.contains("\"pass\":\"pass word\""));
        assert!(!connect(None, false).contains("auth"));
    }
}
