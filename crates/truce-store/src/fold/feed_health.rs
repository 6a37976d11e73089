//! How feeds fare: their rate, their clocks, their silences, what they lost, and their keys.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use truce_core::time::seconds_between;
use truce_core::{FeedChange, FeedEvent, FeedNote, FeedNotice, Observation, Slug};

use super::Folding;
use super::feeds::prefix;
use crate::error::Result;
use crate::words::{NANOSECONDS_PER_HOUR, nanoseconds, signed};

/// Time in which a message counts ever less for a feed's rate, seconds.
pub(crate) const RATE_TIME_S: f64 = 60.0;

/// Hours of which the clock's offsets are kept.
const OFFSET_HOURS: i64 = 24;

/// Offsets up to this are none, seconds.
const OFFSET_S_MIN: f64 = 0.001;

/// Steps in which an offset doubles: it is kept to 9 %.
const STEPS_PER_DOUBLING: f64 = 4.0;

/// Offsets of a feed by hour, and how often each was seen.
pub(super) type Offsets = BTreeMap<(Slug, i64, i64), u64>;

/// The number of the step that an offset lies in; negative for a clock that is fast.
fn step(offset_s: f64) -> i64 {
    if offset_s.abs() < OFFSET_S_MIN {
        return 0;
    }
    let doublings = libm::log2(offset_s.abs() / OFFSET_S_MIN);
    // Centuries are some 180 steps.
    #[allow(clippy::cast_possible_truncation)]
    let step = 1 + (STEPS_PER_DOUBLING * doublings).round() as i64;
    if offset_s < 0.0 { -step } else { step }
}

/// The offset in the middle of a step, seconds.
pub(crate) fn offset_s(step: i64) -> f64 {
    let doublings = (step.unsigned_abs().saturating_sub(1)) as f64 / STEPS_PER_DOUBLING;
    let offset_s = OFFSET_S_MIN * libm::exp2(doublings);
    match step {
        0 => 0.0,
        1.. => offset_s,
        _ => -offset_s,
    }
}

/// Counts how long after its event an observation was received.
pub(super) fn count_offset(offsets: &mut Offsets, observation: &Observation) {
    let received_at = observation.received_at;
    let hour = nanoseconds(received_at).div_euclid(NANOSECONDS_PER_HOUR);
    let step = step(seconds_between(observation.observed_at.end, received_at));
    *offsets
        .entry((observation.source.clone(), hour, step))
        .or_default() += 1;
}

impl Folding<'_> {
    pub(super) fn write_offsets(&self, offsets: &Offsets) -> Result<()> {
        for ((source, hour, step), count) in offsets {
            let new = self.run(
                "INSERT INTO feed_offset VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
                params![source.as_str(), hour, step, signed(*count)],
            )?;
            debug_assert_eq!(new, 1, "one row is written");
        }
        let hours = offsets.keys().map(|(source, hour, _)| (source, *hour));
        for (source, newest) in hours.collect::<BTreeMap<_, _>>() {
            self.run(
                "DELETE FROM feed_offset WHERE source = ?1 AND hour <= ?2",
                params![source.as_str(), newest - OFFSET_HOURS],
            )?;
        }
        Ok(())
    }

    /// The messages of a feed in the last moments when more come: each counts for less as time
    /// passes.
    pub(super) fn recent_messages(&self, source: &Slug, more: u64, at_ns: i64) -> Result<f64> {
        let sql = "SELECT recent_messages, last_received_ns FROM feed WHERE source = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let before: Option<(f64, i64)> = statement.query_row([source.as_str()], row).optional()?;
        let faded = before.map_or(0.0, |(recent, last_ns)| {
            let passed_s = (at_ns - last_ns).max(0) as f64 / 1e9;
            recent * libm::exp(-passed_s / RATE_TIME_S)
        });
        Ok(faded + more as f64)
    }

    /// Remembers which key an observation rests on.
    pub(super) fn fold_signature(&self, observation: &Observation) -> Result<()> {
        let Some(key) = &observation.signed_by else {
            return Ok(());
        };
        self.run(
            "INSERT OR REPLACE INTO signed_observation VALUES (?1, ?2, ?3)",
            params![
                prefix(observation.id.0),
                observation.source.as_str(),
                key.as_str()
            ],
        )?;
        Ok(())
    }

    pub(super) fn fold_feed_note(&self, note: &FeedNote) -> Result<()> {
        if let FeedNotice::Lost { messages } = &note.notice {
            self.run(
                "INSERT INTO feed_health (source, lost) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET lost = lost + excluded.lost",
                params![note.source.as_str(), signed(*messages)],
            )?;
        }
        Ok(())
    }

    pub(super) fn fold_feed_change(&self, change: &FeedChange) -> Result<()> {
        let source = change.source.as_str();
        match &change.event {
            FeedEvent::Silent { .. } => self.run(
                "INSERT INTO feed_health (source, lost, silence_json) VALUES (?1, 0, ?2)
                 ON CONFLICT DO UPDATE SET silence_json = excluded.silence_json",
                params![source, serde_json::to_string(change)?],
            )?,
            FeedEvent::Heard { .. } => self.run(
                "UPDATE feed_health SET silence_json = NULL WHERE source = ?1",
                params![source],
            )?,
            FeedEvent::KeyRevoked { key, revoked_at } => self.run(
                "INSERT INTO revoked_key VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET revoked_at_ns = min(revoked_at_ns, ?3)",
                params![source, key.as_str(), nanoseconds(*revoked_at)],
            )?,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_kept_to_nine_percent_whatever_its_size_and_sign() {
        for offset in [0.0011, 0.04, 0.7, 12.0, 3_600.0, 86_400.0 * 30.0] {
            for offset in [offset, -offset] {
                let kept = offset_s(step(offset));
                assert!((kept / offset - 1.0).abs() < 0.095, "{offset} {kept}");
            }
        }
        assert_eq!(offset_s(step(0.0004)), 0.0);
    }
}
