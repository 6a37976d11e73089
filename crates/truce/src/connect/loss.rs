//! What transports lost becomes part of the log: an account of what a mission did not see must say
//! what it could have seen.

use std::time::Duration;

use truce_core::{FeedNote, FeedNotice, Timestamp};

use super::gate::Inlet;
use crate::service::{Handle, Unanswered};

/// How often losses are noted.
pub const NOTE_EVERY: Duration = Duration::from_secs(10);

/// Notes for ever what the feeds have lost since the last note. Ends when the line has stopped.
pub async fn keep_noting(inlets: Vec<Inlet>, handle: Handle, every: Duration) -> Unanswered {
    let mut noted = vec![0; inlets.len()];
    loop {
        tokio::time::sleep(every).await;
        for (inlet, noted) in inlets.iter().zip(&mut noted) {
            let lost = inlet.link.lost();
            let messages = lost - *noted;
            if messages == 0 {
                continue;
            }
            *noted = lost;
            let feed = &inlet.feed;
            tracing::error!(%feed, messages, "messages found no room and were lost");
            let note = FeedNote {
                source: feed.clone(),
                noted_at: Timestamp::now(),
                notice: FeedNotice::Lost { messages },
            };
            if let Err(stopped) = handle.note(note).await {
                return stopped;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::fair::WAITING_MESSAGES_MAX;
    use crate::connect::stage::{Stage, free_address};
    use crate::service::Command;

    #[tokio::test]
    async fn each_loss_is_noted_once() {
        let address = free_address();
        let stage = Stage::idle(Transport::Udp { address });
        let inlet = stage.inlet().clone();
        let lose = |messages: usize| {
            let free = WAITING_MESSAGES_MAX - inlet.waiting();
            (0..free + messages).for_each(|_| inlet.offer(inlet.message(b"x")));
        };
        let (handle, mut commands, _) = Handle::new();
        let every = Duration::from_millis(20);
        tokio::spawn(keep_noting(vec![inlet.clone()], handle, every));
        for expected in [3, 5] {
            lose(expected);
            let Some(Command::Note(note, answer)) = commands.recv().await else {
                panic!("no note came");
            };
            answer.send(()).unwrap();
            let messages = expected as u64;
            assert_eq!(note.notice, FeedNotice::Lost { messages });
        }
    }
}
