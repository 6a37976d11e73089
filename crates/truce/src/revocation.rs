//! Revoking a key that a source signs its messages with: what is checked before it is logged.

use serde::Deserialize;
use truce_core::mission::Mission;
use truce_core::{FeedNote, FeedNotice, Slug, Timestamp};

/// Who revokes a key, since when and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Who revokes.
    pub by: String,
    /// Why, in words.
    pub reason: String,
    /// Since when the key cannot be trusted; `None` is since now.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// Why nothing was revoked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody said who or why.
    #[error("say who revokes the key, and why, in words")]
    Unexplained,
    /// There is no such key.
    #[error("the mission has no key `{key}` of a feed `{feed}`")]
    UnknownKey {
        /// As given.
        feed: Slug,
        /// As given.
        key: Slug,
    },
}

impl Revocation {
    /// What is logged of it.
    ///
    /// # Errors
    /// When it is not explained, or the mission has no such key.
    pub fn note(
        self,
        mission: &Mission,
        feed: Slug,
        key: Slug,
        now: Timestamp,
    ) -> Result<FeedNote, Error> {
        if self.reason.trim().is_empty() || self.by.trim().is_empty() {
            return Err(Error::Unexplained);
        }
        let known = mission.network.feed(&feed).map(|feed| &feed.keys);
        if !known.is_some_and(|keys| keys.iter().any(|known| known.id == key)) {
            return Err(Error::UnknownKey { feed, key });
        }
        Ok(FeedNote {
            source: feed,
            noted_at: now,
            notice: FeedNotice::KeyRevoked {
                key,
                revoked_at: self.at.unwrap_or(now),
                by: self.by,
                reason: self.reason,
            },
        })
    }
}
