//! TCP as a transport: a server that the mission connects to, and a port of the mission that others
//! connect to. When the feed's queue is full nothing is read, and TCP holds the sender back.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use truce_core::RawMessage;

use super::backoff::Backoff;
use super::dial::Server;
use super::gate::{Closed, Inlet};
use super::link::LinkState;

/// Bytes read at a time.
const READ_BYTES: usize = 64 << 10;

/// A connection that says nothing for so long is given up: the other end may have gone without a
/// word. One that is merely quiet loses nothing when it is made anew.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(600);

/// Connects and reads for ever; ends when the gate is closed.
pub(super) async fn connect(inlet: Inlet, server: Server) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let address = &server.address;
    loop {
        let why = match server.connect().await {
            Ok(stream) => {
                inlet
                    .link
                    .set(LinkState::Connected, format!("connected to {address}"));
                match read(&inlet, stream, &mut backoff).await {
                    Ok(why) => format!("{address}: {why}"),
                    Err(closed) => return closed,
                }
            }
            Err(error) => format!("{address}: {error}"),
        };
        inlet.link.set(LinkState::Waiting, why);
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

/// Listens for ever and reads up to `connections_max` connections at a time.
pub(super) async fn serve(inlet: Inlet, address: String, connections_max: u32) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let listener = loop {
        match TcpListener::bind(&address).await {
            Ok(listener) => break listener,
            Err(error) => {
                let why = format!("cannot listen on {address}: {error}");
                inlet.link.set(LinkState::Waiting, why);
                tokio::time::sleep(backoff.next_wait()).await;
            }
        }
    };
    inlet
        .link
        .set(LinkState::Listening, format!("listening on TCP {address}"));
    accept(inlet, listener, connections_max).await
}

async fn accept(inlet: Inlet, listener: TcpListener, connections_max: u32) -> Closed {
    let room = Arc::new(Semaphore::new(connections_max as usize));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(ended) = connections.join_next() => match ended {
                Ok(Err(closed)) => return closed,
                _ => continue,
            },
        };
        let Ok((stream, peer)) = accepted else {
            // No more file handles, most likely: a moment later some may be free.
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            inlet.link.note_refused();
            tracing::warn!(feed = %inlet.feed, %peer, connections_max, "refused: too many connections");
            continue;
        };
        let inlet = inlet.clone();
        connections.spawn(async move {
            tracing::info!(feed = %inlet.feed, %peer, "connected");
            let why = read(&inlet, stream, &mut Backoff::of(&inlet.feed)).await?;
            tracing::info!(feed = %inlet.feed, %peer, "{why}");
            drop(permit);
            Ok(())
        });
    }
}

/// Reads a stream to its end and says why it ended. What is heard makes the wait before the next
/// attempt short again: a server that only accepts and closes is not asked every second.
pub(super) async fn read(
    inlet: &Inlet,
    mut stream: impl AsyncRead + Unpin,
    backoff: &mut Backoff,
) -> Result<String, Closed> {
    let mut framer = inlet.framing.framer();
    let mut chunk = vec![0; READ_BYTES];
    loop {
        let read = tokio::time::timeout(SILENCE_MAX, stream.read(&mut chunk)).await;
        let mut messages: Vec<RawMessage> = Vec::new();
        let mut deliver = |bytes: &[u8]| messages.push(inlet.message(bytes));
        let ended = match read {
            Ok(Ok(n)) if n > 0 => {
                backoff.reset();
                framer.push(&chunk[..n], &mut deliver);
                None
            }
            Ok(Ok(_)) => Some("the stream ended".to_owned()),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("nothing came for a long time".to_owned()),
        };
        if ended.is_some() {
            framer.finish(&mut deliver);
        }
        inlet.send(messages).await?;
        if let Some(why) = ended {
            return Ok(why);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpStream;
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::{Stage, free_address};

    #[tokio::test]
    async fn a_stream_cut_anywhere_gives_whole_messages_and_is_found_again() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let mut stage = Stage::start(Transport::TcpClient { address, tls: None });
        let (mut stream, _) = server.accept().await.unwrap();
        for part in ["one\r\ntw", "o\nthr", "ee"] {
            stream.write_all(part.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        drop(stream);
        stage.hears(&["one", "two", "three"]).await;
        // The stream ended; a moment later the mission is there again.
        let (mut stream, _) = server.accept().await.unwrap();
        stream.write_all(b"four\n").await.unwrap();
        stage.hears(&["four"]).await;
    }

    #[tokio::test]
    async fn a_server_reads_several_connections_and_refuses_more() {
        let address = free_address();
        let mut stage = Stage::start(Transport::TcpServer {
            address: address.clone(),
            connections_max: 2,
        });
        stage.comes_up(LinkState::Listening).await;
        let mut first = TcpStream::connect(&address).await.unwrap();
        let mut second = TcpStream::connect(&address).await.unwrap();
        first.write_all(b"on").await.unwrap();
        second.write_all(b"two\n").await.unwrap();
        stage.hears(&["two"]).await;
        first.write_all(b"e\n").await.unwrap();
        stage.hears(&["one"]).await;
        let mut third = TcpStream::connect(&address).await.unwrap();
        let mut end = Vec::new();
        assert_eq!(third.read_to_end(&mut end).await.unwrap_or(0), 0);
        assert_eq!(stage.report().refused, 1);
        drop(first);
        // Its place is free again as soon as its end was read.
        for _ in 0..100 {
            let mut next = TcpStream::connect(&address).await.unwrap();
            if next.write_all(b"three\n").await.is_ok() && stage.heard_within_ms(50).await {
                return;
            }
        }
        panic!("no place became free");
    }
}
