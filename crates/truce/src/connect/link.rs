//! How a feed's transport is: connected, listening, waiting to try again; and what it lost.
//!
//! This is the present of one process. What the log can tell of a feed (counts, rejections, silence)
//! is told from the tables.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use truce_core::{Slug, Timestamp};

use super::gate::Inlet;

/// What a transport is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Nothing was started yet, or messages come by a command.
    Idle,
    /// It waits for others to send.
    Listening,
    /// It is connected, or reads.
    Connected,
    /// It failed and will try again.
    Waiting,
}

/// How a feed's transport is.
#[derive(Debug)]
pub struct Link {
    feed: Slug,
    condition: Mutex<(LinkState, String, Timestamp)>,
    lost: AtomicU64,
    refused: AtomicU64,
}

/// The same, for a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkReport {
    /// What it is doing.
    pub state: LinkState,
    /// With whom, or why not, in words.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
    /// Messages that wait for the line.
    pub waiting: usize,
    /// Messages that found no room and were lost, since the program started.
    pub lost: u64,
    /// Connections and requests that were refused, since the program started.
    pub refused: u64,
}

impl Link {
    pub(super) fn new(feed: Slug) -> Self {
        Self {
            feed,
            condition: Mutex::new((LinkState::Idle, String::new(), Timestamp::now())),
            lost: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// Notes a change, and tells it in the program's own log.
    pub(super) fn set(&self, state: LinkState, text: impl Into<String>) {
        let text = text.into();
        let mut condition = self
            .condition
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if (condition.0, &condition.1) == (state, &text) {
            return;
        }
        let feed = &self.feed;
        match state {
            LinkState::Waiting => tracing::warn!(%feed, "{text}"),
            _ => tracing::info!(%feed, "{text}"),
        }
        *condition = (state, text, Timestamp::now());
    }

    pub(super) fn note_lost(&self, messages: u64) {
        self.lost.fetch_add(messages, Ordering::Relaxed);
    }

    pub(super) fn note_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages that found no room and were lost, since the program started.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// The transports of all feeds, for a view.
#[derive(Debug, Clone, Default)]
pub struct Links(BTreeMap<Slug, Inlet>);

impl Links {
    pub(super) fn new(inlets: &[Inlet]) -> Self {
        let named = inlets
            .iter()
            .map(|inlet| (inlet.feed.clone(), inlet.clone()));
        Self(named.collect())
    }

    /// How the transport of a feed is; `None` where this process runs none.
    #[must_use]
    pub fn report(&self, feed: &Slug) -> Option<LinkReport> {
        let inlet = self.0.get(feed)?;
        let link = &inlet.link;
        let condition = link
            .condition
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (state, text, since) = condition.clone();
        Some(LinkReport {
            state,
            text,
            since,
            waiting: inlet.waiting(),
            lost: link.lost(),
            refused: link.refused.load(Ordering::Relaxed),
        })
    }
}
