//! The one way from the transports into the line.
//!
//! Each feed has an [`Inlet`]; what is put in waits in the feed's own queue until it is its turn. The
//! line is given one batch at a time and the next when that one is durable, so that nothing piles up
//! where no quota reaches it, and so that a transport can know what it need not send again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use truce_core::mission::{Feed, SensorNetwork};
use truce_core::{RawMessage, Slug, Timestamp};
use truce_feeds::{Format, Framer};

use super::fair::{Batch, Fair, QUOTA_PER_S};
use super::link::Link;
use crate::service::Handle;

/// The line has stopped, or the program is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Why messages were not taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no room now.
    Full {
        /// Time after which there will be.
        retry_in: Duration,
    },
    /// There will be none.
    Closed,
}

/// How far a feed's messages have come into the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages logged since the program started.
    pub messages: u64,
    /// The entry that holds the last of them.
    pub entry: u64,
    /// How many of the feed's messages that entry holds.
    pub in_entry: u32,
}

/// The queues of all feeds, and what is told about them.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    /// Told when a message arrives.
    arrived: Notify,
    /// Told when messages leave.
    left: Notify,
    progress: Vec<watch::Sender<Progress>>,
    /// The newest entry that holds a message of any feed.
    newest_entry: AtomicU64,
}

#[derive(Debug)]
struct State {
    fair: Fair,
    /// Messages put in so far, by feed.
    put_in: Vec<u64>,
    closed: bool,
}

impl Gate {
    /// The gate for the feeds of a mission, in their order.
    #[must_use]
    pub fn new(network: &SensorNetwork) -> Arc<Self> {
        let quotas = network.feeds.iter();
        let quotas = quotas.map(|feed| feed.quota_per_s.unwrap_or(QUOTA_PER_S));
        let state = State {
            fair: Fair::new(quotas, Instant::now()),
            put_in: vec![0; network.feeds.len()],
            closed: false,
        };
        let progress = network.feeds.iter().map(|_| watch::Sender::default());
        Arc::new(Self {
            state: Mutex::new(state),
            arrived: Notify::new(),
            left: Notify::new(),
            progress: progress.collect(),
            newest_entry: AtomicU64::new(0),
        })
    }

    /// Takes nothing more. What waits goes on into the log, without regard to quotas.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.fair.lift_quotas();
        drop(state);
        self.arrived.notify_one();
        self.left.notify_waiters();
    }

    /// Moves messages into the line until the gate is closed and empty, or the line stops.
    pub async fn forward(self: Arc<Self>, handle: Handle) {
        while let Some(batch) = self.take().await {
            match handle.batch(batch.messages).await {
                Ok(entry) => self.note_logged(&batch.counts, entry),
                Err(_) => return self.close(),
            }
        }
    }

    async fn take(&self) -> Option<Batch> {
        loop {
            let wait = {
                let mut state = self.lock();
                let now = Instant::now();
                let batch = state.fair.take(now);
                if !batch.messages.is_empty() {
                    self.left.notify_waiters();
                    return Some(batch);
                }
                if state.closed {
                    return None;
                }
                state.fair.ready_in(now)
            };
            let arrived = self.arrived.notified();
            match wait {
                // Whether a message arrived or the quota filled: the queues are looked at again.
                Some(wait) => drop(tokio::time::timeout(wait, arrived).await),
                None => arrived.await,
            }
        }
    }

    fn note_logged(&self, counts: &[u32], entry: u64) {
        self.newest_entry.store(entry, Ordering::Release);
        for (count, progress) in counts.iter().zip(&self.progress) {
            if *count > 0 {
                progress.send_modify(|progress| {
                    progress.messages += u64::from(*count);
                    progress.entry = entry;
                    progress.in_entry = *count;
                });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a feed's stream is cut into messages: as its format says, or into lines when each message is in
/// a signed line.
#[derive(Debug, Clone, Copy)]
pub struct Framing {
    format: Format,
    signed: bool,
}

impl Framing {
    /// The framing of a feed; `None` for a format that this program does not know.
    #[must_use]
    pub fn of(feed: &Feed) -> Option<Self> {
        Some(Self {
            format: Format::from_slug(feed.format.as_str())?,
            signed: !feed.keys.is_empty(),
        })
    }

    /// A framer at the start of a stream.
    #[must_use]
    pub fn framer(self) -> Framer {
        if self.signed {
            Framer::new()
        } else {
            Framer::of(self.format)
        }
    }
}

/// Where a feed's transport puts its messages.
#[derive(Debug, Clone)]
pub struct Inlet {
    gate: Arc<Gate>,
    lane: usize,
    /// The feed.
    pub feed: Slug,
    /// How its streams are cut.
    pub framing: Framing,
    /// How the feed's transport is.
    pub link: Arc<Link>,
}

impl Inlet {
    /// The inlet of the `lane`-th feed of the gate's mission.
    pub(super) fn new(gate: &Arc<Gate>, lane: usize, feed: Slug, framing: Framing) -> Self {
        Self {
            gate: Arc::clone(gate),
            lane,
            link: Arc::new(Link::new(feed.clone())),
            feed,
            framing,
        }
    }

    /// A message that arrives now.
    #[must_use]
    pub fn message(&self, bytes: &[u8]) -> RawMessage {
        RawMessage {
            source: self.feed.clone(),
            received_at: Timestamp::now(),
            bytes: bytes.to_vec(),
        }
    }

    /// The messages of bytes that are whole: what they leave unfinished is one too.
    #[must_use]
    pub fn cut(&self, bytes: &[u8]) -> Vec<RawMessage> {
        let mut messages = Vec::new();
        let mut deliver = |bytes: &[u8]| messages.push(self.message(bytes));
        let mut framer = self.framing.framer();
        framer.push(bytes, &mut deliver);
        framer.finish(&mut deliver);
        messages
    }

    /// Puts messages in and waits where there is no room. Gives the number of the last of them, for
    /// comparing with [`Progress::messages`].
    ///
    /// # Errors
    /// [`Closed`] when they will not be taken.
    pub async fn send(&self, messages: Vec<RawMessage>) -> Result<u64, Closed> {
        let mut messages = messages.into_iter();
        let mut next = messages.next();
        loop {
            let left = self.gate.left.notified();
            tokio::pin!(left);
            // From here on no leaving message is missed.
            left.as_mut().enable();
            {
                let mut state = self.gate.lock();
                if state.closed {
                    return Err(Closed);
                }
                while let Some(message) = next.take() {
                    match state.fair.push(self.lane, message) {
                        Ok(()) => {
                            state.put_in[self.lane] += 1;
                            next = messages.next();
                        }
                        Err(message) => {
                            next = Some(message);
                            break;
                        }
                    }
                }
                self.gate.arrived.notify_one();
                if next.is_none() {
                    return Ok(state.put_in[self.lane]);
                }
            }
            left.await;
        }
    }

    /// Puts a message in when there is room; else it is lost, and counted.
    pub fn offer(&self, message: RawMessage) {
        let mut state = self.gate.lock();
        if state.closed || state.fair.push(self.lane, message).is_err() {
            drop(state);
            self.link.note_lost(1);
            return;
        }
        state.put_in[self.lane] += 1;
        drop(state);
        self.gate.arrived.notify_one();
    }

    /// Puts all messages in, or none.
    ///
    /// # Errors
    /// Why none was taken.
    pub fn try_send(&self, messages: Vec<RawMessage>) -> Result<(), Refused> {
        let mut state = self.gate.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let bytes = messages.iter().map(|message| message.bytes.len()).sum();
        if let Some(retry_in) = state.fair.room_in(self.lane, messages.len(), bytes) {
            return Err(Refused::Full { retry_in });
        }
        for message in messages {
            let pushed = state.fair.push(self.lane, message);
            assert!(
                pushed.is_ok(),
                "a queue with room for all messages takes each of them"
            );
            state.put_in[self.lane] += 1;
        }
        drop(state);
        self.gate.arrived.notify_one();
        Ok(())
    }

    /// Messages of this feed that wait for the line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.gate.lock().fair.waiting(self.lane)
    }

    /// How far the feed's messages have come into the log.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.gate.progress[self.lane].subscribe()
    }

    /// The newest entry that holds a message of any feed and that this program logged.
    #[must_use]
    pub fn newest_entry(&self) -> u64 {
        self.gate.newest_entry.load(Ordering::Acquire)
    }
}
