//! Feeds and sensors: how much came, what was refused, and what limited the view.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use truce_core::observation::Health;
use truce_core::{Digest, Interval, Observation, Slug, Timestamp};

use super::incidents::position;
use crate::error::Result;
use crate::words::{NANOSECONDS_PER_HOUR, count, from_word, instant, nanoseconds};
use crate::{LogPosition, Store};

/// Rejections of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionCount {
    /// The class of reason.
    pub class: Slug,
    /// How many.
    pub count: u64,
    /// What was wrong with the first of them.
    pub example: String,
}

/// What came by a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCounts {
    /// The feed.
    pub source: Slug,
    /// Messages recorded.
    pub messages: u64,
    /// Observations decoded from them.
    pub observations: u64,
    /// Rejections, duplicates left out.
    pub rejections: u64,
    /// Messages that had been received before.
    pub duplicates: u64,
    /// When the last came.
    pub last_received_at: Timestamp,
    /// Rejections by class.
    pub rejection_classes: Vec<RejectionCount>,
}

/// What came by a feed in one hour of UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourCount {
    /// The feed.
    pub source: Slug,
    /// When the hour begins.
    pub hour: Timestamp,
    /// Messages received in it.
    pub messages: u64,
    /// Observations received in it.
    pub observations: u64,
    /// Rejections in it, duplicates included.
    pub rejections: u64,
}

/// What is known of a sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SensorReport {
    /// The sensor.
    pub sensor: Slug,
    /// Observations by it.
    pub observations: u64,
    /// When the last came.
    pub last_received_at: Timestamp,
    /// Its own word on its health; `None` when it gave none.
    pub health: Option<Health>,
    /// Since when.
    pub health_since: Option<Timestamp>,
    /// Why, in words.
    pub health_text: Option<String>,
}

/// A reading of a sensor's own state or of the weather.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionReport {
    /// The reading.
    pub observation: Observation,
    /// Where it lies in the log.
    pub at: LogPosition,
}

/// A file that was read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// The feed it was read as.
    pub source: Slug,
    /// Its name.
    pub file_name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Messages in it.
    pub message_count: u64,
    /// When it was read.
    pub imported_at: Timestamp,
}

impl Store {
    /// Counts of every feed that ever sent something, by name.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn feeds(&self) -> Result<Vec<FeedCounts>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM feed ORDER BY source")?;
        let mut rows = statement.query([])?;
        let mut feeds = Vec::new();
        while let Some(row) = rows.next()? {
            let source: String = row.get("source")?;
            feeds.push(FeedCounts {
                messages: count(row, "messages")?,
                observations: count(row, "observations")?,
                rejections: count(row, "rejections")?,
                duplicates: count(row, "duplicates")?,
                last_received_at: instant(row.get("last_received_ns")?),
                rejection_classes: self.rejection_classes(&source)?,
                source: from_word(source)?,
            });
        }
        Ok(feeds)
    }

    fn rejection_classes(&self, source: &str) -> Result<Vec<RejectionCount>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT class, count, (SELECT reason FROM rejection_example AS example
               WHERE example.source = rejection.source AND example.class = rejection.class
               ORDER BY entry, row LIMIT 1) AS example
             FROM rejection WHERE source = ?1 ORDER BY class",
        )?;
        let mut rows = statement.query([source])?;
        let mut classes = Vec::new();
        while let Some(row) = rows.next()? {
            classes.push(RejectionCount {
                class: from_word(row.get("class")?)?,
                count: count(row, "count")?,
                example: row.get("example")?,
            });
        }
        Ok(classes)
    }

    /// Counts per feed and hour of UTC, for the hours that begin in `[from, to)`.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn feed_hours(&self, from: Timestamp, to: Timestamp) -> Result<Vec<HourCount>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM feed_hour WHERE hour >= ?1 AND hour < ?2 ORDER BY hour, source",
        )?;
        let hours = [from, to].map(|at| ceiling_hour(nanoseconds(at)));
        let mut rows = statement.query(hours)?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next()? {
            let hour: i64 = row.get("hour")?;
            counts.push(HourCount {
                source: from_word(row.get("source")?)?,
                hour: instant(hour.saturating_mul(NANOSECONDS_PER_HOUR)),
                messages: count(row, "messages")?,
                observations: count(row, "observations")?,
                rejections: count(row, "rejections")?,
            });
        }
        Ok(counts)
    }

    /// Every sensor that was ever heard of, by name.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn sensors(&self) -> Result<Vec<SensorReport>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM sensor ORDER BY sensor")?;
        let mut rows = statement.query([])?;
        let mut sensors = Vec::new();
        while let Some(row) = rows.next()? {
            let health: Option<String> = row.get("health")?;
            let since_ns: Option<i64> = row.get("health_since_ns")?;
            sensors.push(SensorReport {
                sensor: from_word(row.get("sensor")?)?,
                observations: count(row, "observations")?,
                last_received_at: instant(row.get("last_received_ns")?),
                health: health.map(from_word).transpose()?,
                health_since: since_ns.map(instant),
                health_text: row.get("health_text")?,
            });
        }
        Ok(sensors)
    }

    /// States of sensors and weather observed in a period, or before it and still the sensor's last
    /// word when it began; in the order of observation.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn conditions(&self, period: Interval) -> Result<Vec<ConditionReport>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT observation_json, entry, row FROM condition AS this
             WHERE start_ns < ?2 AND (end_ns >= ?1 OR sensor IS NOT NULL AND NOT EXISTS
               (SELECT 1 FROM condition AS later WHERE later.sensor = this.sensor
                  AND later.start_ns > this.start_ns AND later.start_ns <= ?1))
             ORDER BY start_ns, entry, row",
        )?;
        let bounds = params![nanoseconds(period.start), nanoseconds(period.end)];
        let mut rows = statement.query(bounds)?;
        let mut conditions = Vec::new();
        while let Some(row) = rows.next()? {
            let json: String = row.get(0)?;
            conditions.push(ConditionReport {
                observation: serde_json::from_str(&json)?,
                at: position(row)?,
            });
        }
        Ok(conditions)
    }

    /// Files that were read in, in order.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn imports(&self) -> Result<Vec<ImportedFile>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM import ORDER BY entry, row")?;
        let mut rows = statement.query([])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            files.push(ImportedFile {
                source: from_word(row.get("source")?)?,
                file_name: row.get("file_name")?,
                digest: Digest(row.get("digest")?),
                message_count: count(row, "message_count")?,
                imported_at: instant(row.get("imported_at_ns")?),
            });
        }
        Ok(files)
    }
}

/// The number of the first hour that begins at or after an instant.
fn ceiling_hour(nanoseconds: i64) -> i64 {
    let hour = nanoseconds.div_euclid(NANOSECONDS_PER_HOUR);
    hour + i64::from(nanoseconds.rem_euclid(NANOSECONDS_PER_HOUR) > 0)
}
