//! How feeds fare, as far as the log tells: rate, clock, silence, losses, revoked keys, and what rests
//! on those.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::time::seconds_between;
use truce_core::{FeedChange, FeedEvent, IncidentId, Slug, Timestamp};

use crate::Store;
use crate::error::Result;
use crate::fold::{RATE_TIME_S, offset_s};
use crate::words::{count, from_word, instant};

/// How a feed fares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedHealth {
    /// Messages in the last moments when the newest came, each the less the older it was.
    pub recent: Option<(f64, Timestamp)>,
    /// Median of the time from event to arrival over the last 24 h, seconds, to 9 %. Zero for messages
    /// that carry no time of their own; negative when the source's clock is fast.
    pub clock_offset_s: Option<f64>,
    /// Messages lost before they could be logged.
    pub lost: u64,
    /// The alarm of its present silence.
    pub silence: Option<Silence>,
    /// Its keys that are no longer trusted.
    pub revoked_keys: Vec<RevokedKey>,
}

/// The alarm of a silence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// When it was last heard, or when the log began.
    pub since: Timestamp,
    /// When the alarm was raised.
    pub noticed_at: Timestamp,
    /// Longest silence expected, seconds.
    pub expected_s: f64,
    /// True when the feed's own rate says so and not the mission's files.
    pub own_rate: bool,
}

/// A key that is no longer trusted, and what rests on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedKey {
    /// The feed.
    pub feed: Slug,
    /// The key.
    pub key: Slug,
    /// Since when.
    pub revoked_at: Timestamp,
    /// Observations that rest on it; for an incident those of its evidence.
    pub observations: u64,
}

impl FeedHealth {
    /// Messages per second, over about the last minute before an instant.
    #[must_use]
    pub fn rate_per_s(&self, now: Timestamp) -> f64 {
        let (recent, at) = self.recent.unwrap_or((0.0, now));
        let passed_s = seconds_between(at, now).max(0.0);
        recent * libm::exp(-passed_s / RATE_TIME_S) / RATE_TIME_S
    }
}

impl Store {
    /// How each feed fares that was ever heard of.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn feed_health(&self) -> Result<BTreeMap<Slug, FeedHealth>> {
        let mut feeds: BTreeMap<Slug, FeedHealth> = BTreeMap::new();
        let sql = "SELECT source, recent_messages, last_received_ns FROM feed";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let feed = feeds.entry(from_word(row.get(0)?)?).or_default();
            feed.recent = Some((row.get(1)?, instant(row.get(2)?)));
        }
        let sql = "SELECT source, lost, silence_json FROM feed_health";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let feed = feeds.entry(from_word(row.get("source")?)?).or_default();
            feed.lost = count(row, "lost")?;
            let json: Option<String> = row.get("silence_json")?;
            let change: Option<FeedChange> =
                json.as_deref().map(serde_json::from_str).transpose()?;
            feed.silence = change.and_then(silence);
        }
        for (source, offset_s) in self.clock_offsets()? {
            feeds.entry(source).or_default().clock_offset_s = Some(offset_s);
        }
        for key in self.revoked_keys()? {
            let feed = feeds.entry(key.feed.clone()).or_default();
            feed.revoked_keys.push(key);
        }
        Ok(feeds)
    }

    /// The revoked keys that an incident's evidence rests on.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn rests_on_revoked_keys(&self, incident: IncidentId) -> Result<Vec<RevokedKey>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT source, key, revoked_at_ns, count(*) AS observations FROM incident
             JOIN evidence ON evidence.incident = incident.n
             JOIN signed_observation AS signed ON signed.name = substr(evidence.observation, 1, 8)
             JOIN revoked_key USING (source, key)
             WHERE incident.id = ?1 GROUP BY source, key",
        )?;
        let rows = statement.query_map([incident.0.0], |row| Ok(revoked_key(row)))?;
        rows.map(|key| key?).collect()
    }

    fn revoked_keys(&self) -> Result<Vec<RevokedKey>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT source, key, revoked_at_ns, (SELECT count(*) FROM signed_observation AS signed
               WHERE signed.source = revoked_key.source AND signed.key = revoked_key.key)
               AS observations
             FROM revoked_key ORDER BY source, key",
        )?;
        let rows = statement.query_map([], |row| Ok(revoked_key(row)))?;
        rows.map(|key| key?).collect()
    }

    /// The median offset of each feed's clock.
    fn clock_offsets(&self) -> Result<BTreeMap<Slug, f64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT source, step, sum(count) AS count FROM feed_offset
             GROUP BY source, step ORDER BY source, step",
        )?;
        let mut rows = statement.query([])?;
        let mut steps: BTreeMap<Slug, Vec<(i64, u64)>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let source = from_word(row.get("source")?)?;
            let step = (row.get("step")?, count(row, "count")?);
            steps.entry(source).or_default().push(step);
        }
        let median = |steps: Vec<(i64, u64)>| {
            let half = steps
                .iter()
                .map(|(_, count)| count)
                .sum::<u64>()
                .div_ceil(2);
            let mut passed = 0;
            let middle = steps.into_iter().find(|(_, count)| {
                passed += count;
                passed >= half
            });
            middle.map_or(0.0, |(step, _)| offset_s(step))
        };
        Ok(steps
            .into_iter()
            .map(|(source, steps)| (source, median(steps)))
            .collect())
    }
}

fn silence(change: FeedChange) -> Option<Silence> {
    match change.event {
        FeedEvent::Silent {
            since,
            expected_s,
            own_rate,
        } => Some(Silence {
            since,
            noticed_at: change.noticed_at,
            expected_s,
            own_rate,
        }),
        _ => None,
    }
}

fn revoked_key(row: &rusqlite::Row<'_>) -> Result<RevokedKey> {
    Ok(RevokedKey {
        feed: from_word(row.get("source")?)?,
        key: from_word(row.get("key")?)?,
        revoked_at: instant(row.get("revoked_at_ns")?),
        observations: count(row, "observations")?,
    })
}
