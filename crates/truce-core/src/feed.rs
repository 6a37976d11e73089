//! What is said about a feed: what its messages do not say themselves, and how it fares.

use serde::{Deserialize, Serialize};

use crate::identity::Slug;
use crate::time::Timestamp;

/// Something about a feed that its messages do not say. It is an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedNote {
    /// The feed.
    pub source: Slug,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// What.
    pub notice: FeedNotice,
}

/// What is noted of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedNotice {
    /// Messages found no room and were lost before they could be logged.
    Lost {
        /// How many since the last such note.
        messages: u64,
    },
    /// A key is no longer trusted.
    KeyRevoked {
        /// The key.
        key: Slug,
        /// Since when; may lie before messages that were taken.
        revoked_at: Timestamp,
        /// Who says so.
        by: String,
        /// Why, in words.
        reason: String,
    },
}

/// A change in how a feed fares. It follows from what was logged before, the clock included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedChange {
    /// The feed.
    pub source: Slug,
    /// When it was noticed.
    pub noticed_at: Timestamp,
    /// What changed.
    pub event: FeedEvent,
}

/// What changes with a feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedEvent {
    /// It has been silent for longer than expected: an alarm.
    Silent {
        /// When it was last heard, or when the log began for one that never was.
        since: Timestamp,
        /// Longest silence expected, seconds.
        expected_s: f64,
        /// True when that follows from the feed's own rate and not from the mission's files.
        own_rate: bool,
    },
    /// It is heard again.
    Heard {
        /// Since when it had been silent.
        silent_since: Timestamp,
    },
    /// A key of it is no longer trusted, and neither is what rests on it.
    KeyRevoked {
        /// The key.
        key: Slug,
        /// Since when.
        revoked_at: Timestamp,
    },
}
