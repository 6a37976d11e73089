//! `truce revoke`: a source's key is no longer trusted.

use clap::Args;
use truce_core::{Body, Record, Slug, Timestamp};

use super::ingest::open_line;
use super::{DataArgument, Failure, terminal};
use crate::revocation::Revocation;

/// Revoke a key that a source signs its messages with, and log who says so and why.
///
/// Messages received from then on are rejected. What was taken on the key before stays, and is
/// marked: /api/feeds counts it, and an incident whose evidence rests on it says so. No server may
/// hold the folder; a running one takes POST /api/feeds/FEED/keys/KEY/revocation.
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
        let mut line = open_line(&self.data.folder(), None)?;
        let now = Timestamp::now();
        let revocation = Revocation {
            by: self.by,
            reason: self.reason,
            at: self.at,
        };
        let mission = &line.engine().setup().mission;
        let note = revocation
            .note(mission, self.feed, self.key, now)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        line.submit(vec![Record::new(Body::FeedNote(note))], now)?;
        line.commit(now)?;
        terminal::say("the key is revoked, the reason is in the log");
        Ok(())
    }
}
