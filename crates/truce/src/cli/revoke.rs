//! `truce revoke`: a source's key is no longer trusted.

use clap::Args;
use truce_core::{Body, FeedNote, FeedNotice, Record, Slug, Timestamp};

use super::ingest::open_line;
use super::{DataArgument, Failure, terminal};

/// Revoke a key that a source signs its messages with, and log who says so and why.
///
/// Messages received from then on are rejected. What was taken on the key before stays, and is
/// marked: /api/feeds counts it, and an incident whose evidence rests on it says so. No server may
/// hold the folder.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The feed.
    #[arg(value_name = "FEED")]
    feed: Slug,
    /// The name of its key.
    #[arg(value_name = "KEY")]
    key: Slug,
    #[command(flatten)]
    data: DataArgument,
    /// Since when it cannot be trusted, RFC 3339; left out: since now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// Why, in words; it is logged.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who revokes; it is logged.
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Revoke {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.reason.trim().is_empty() || self.by.trim().is_empty() {
            return Err(Failure::Usage("say --reason and --by in words".into()));
        }
        let mut line = open_line(&self.data.folder(), None)?;
        let network = &line.engine().setup().mission.network;
        let keys = network.feed(&self.feed).map(|feed| &feed.keys);
        if !keys.is_some_and(|keys| keys.iter().any(|key| key.id == self.key)) {
            let why = format!(
                "the mission has no key `{}` of a feed `{}`",
                self.key, self.feed
            );
            return Err(Failure::Usage(why));
        }
        let now = Timestamp::now();
        let note = FeedNote {
            source: self.feed,
            noted_at: now,
            notice: FeedNotice::KeyRevoked {
                key: self.key,
                revoked_at: self.at.unwrap_or(now),
                by: self.by,
                reason: self.reason,
            },
        };
        line.submit(vec![Record::new(Body::FeedNote(note))], now)?;
        line.commit(now)?;
        terminal::say("the key is revoked, the reason is in the log");
        Ok(())
    }
}
