//! How the receivers fare, for a view.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use truce_core::{Slug, Timestamp};

use super::cursor::{Cursor, Delivered};
use crate::connect::link::LinkState;

/// The receivers, for a view.
#[derive(Debug, Clone, Default)]
pub struct Receivers(Vec<Arc<State>>);

/// How one receiver fares, as its task tells it.
#[derive(Debug)]
pub(super) struct State {
    id: Slug,
    transport: &'static str,
    to: String,
    now: Mutex<(Condition, Cursor)>,
}

/// How the way to a receiver is.
#[derive(Debug, Clone)]
struct Condition {
    state: LinkState,
    since: Timestamp,
    last_error: Option<Failed>,
}

/// A failure, and when it was noticed first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Why, in words.
    pub text: String,
    /// Since when this is so.
    pub since: Timestamp,
}

/// How one receiver fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name.
    pub id: Slug,
    /// How it is reached.
    pub transport: &'static str,
    /// Where.
    pub to: String,
    /// `idle` before anything was tried, `connected` when the last delivery went well, `waiting` when
    /// it failed and will be tried again.
    pub state: LinkState,
    /// Since when.
    pub since: Timestamp,
    /// Why the last delivery that failed did, since the program started.
    pub last_error: Option<Failed>,
    /// Notifications that it took.
    pub delivered: u64,
    /// The last of them.
    pub last_delivered: Option<Delivered>,
    /// The entry of the log from which on it is still to be told.
    pub next_entry: u64,
    /// Published entries from there on; most of them have nothing to tell.
    pub entries_waiting: u64,
}

impl State {
    pub(super) fn new(id: Slug, transport: &'static str, to: String, cursor: Cursor) -> Self {
        let condition = Condition {
            state: LinkState::Idle,
            since: Timestamp::now(),
            last_error: None,
        };
        Self {
            id,
            transport,
            to,
            now: Mutex::new((condition, cursor)),
        }
    }

    /// Notes how far the receiver was told.
    pub(super) fn reached(&self, cursor: &Cursor) {
        self.change(|_, held| cursor.clone_into(held));
    }

    /// Notes that a delivery went well, and tells it when that is news.
    pub(super) fn works(&self) {
        self.change(|condition, _| {
            if condition.state != LinkState::Connected {
                tracing::info!(receiver = %self.id, "notifications reach {}", self.to);
                condition.state = LinkState::Connected;
                condition.since = Timestamp::now();
            }
        });
    }

    /// Notes why a delivery failed, and tells it when that is news.
    pub(super) fn failed(&self, why: String) {
        self.change(|condition, _| {
            let same = |failed: &Failed| failed.text == why;
            let waits = condition.state == LinkState::Waiting;
            if waits && condition.last_error.as_ref().is_some_and(same) {
                return;
            }
            tracing::warn!(receiver = %self.id, "{}: {why}", self.to);
            let since = Timestamp::now();
            if !waits {
                condition.state = LinkState::Waiting;
                condition.since = since;
            }
            condition.last_error = Some(Failed { text: why, since });
        });
    }

    fn change(&self, change: impl FnOnce(&mut Condition, &mut Cursor)) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let (condition, cursor) = &mut *now;
        change(condition, cursor);
    }

    fn report(&self, log_size: u64) -> Report {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let (condition, cursor) = now.clone();
        Report {
            id: self.id.clone(),
            transport: self.transport,
            to: self.to.clone(),
            state: condition.state,
            since: condition.since,
            last_error: condition.last_error,
            delivered: cursor.delivered,
            last_delivered: cursor.last,
            next_entry: cursor.next.entry,
            entries_waiting: log_size.saturating_sub(cursor.next.entry),
        }
    }
}

impl Receivers {
    pub(super) fn new(states: Vec<Arc<State>>) -> Self {
        Self(states)
    }

    /// How each receiver fares, when the log has so many published entries.
    #[must_use]
    pub fn reports(&self, log_size: u64) -> Vec<Report> {
        self.0.iter().map(|state| state.report(log_size)).collect()
    }
}

#[cfg(test)]
impl Receivers {
    /// One that was told something and one that waits, for the tests of the interface.
    pub(crate) fn of_stage() -> Self {
        let next = truce_store::LogPosition { entry: 2, row: 1 };
        let last = Delivered {
            key: truce_core::Digest([7; 32]),
            event: "incident".to_owned(),
            at: next,
            delivered_at: Timestamp::UNIX_EPOCH,
        };
        let state = |id: &str, last: Option<Delivered>| {
            let delivered = last.iter().len() as u64;
            let id = id.parse().expect("a name");
            let cursor = Cursor {
                next,
                delivered,
                last,
            };
            Arc::new(State::new(
                id,
                "webhook",
                "http://desk/told".to_owned(),
                cursor,
            ))
        };
        let (told, waits) = (state("desk", Some(last)), state("bus", None));
        told.works();
        waits.failed("does not answer".to_owned());
        Self(vec![told, waits])
    }
}
