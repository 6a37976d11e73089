//! Counts over a period.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::{Deserialize, Serialize};
use truce_core::{Interval, Slug, Timestamp};

use crate::Store;
use crate::error::Result;
use crate::words::{NANOSECONDS_PER_HOUR, count, from_word, instant, nanoseconds, unsigned};

/// Incidents that began in one hour of UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourOfIncidents {
    /// When the hour begins.
    pub hour: Timestamp,
    /// Incidents.
    pub count: u64,
    /// Of these, held to be a breach of at least one clause.
    pub breaches: u64,
}

/// Counts over a period. Withdrawn incidents are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Incidents by kind, as its serde name.
    pub incidents_by_kind: BTreeMap<String, u64>,
    /// Incidents by the status of their finding.
    pub incidents_by_status: BTreeMap<String, u64>,
    /// Breaches by clause.
    pub breaches_by_clause: BTreeMap<Slug, u64>,
    /// By hour; hours without incidents are left out.
    pub hourly: Vec<HourOfIncidents>,
    /// Tracks observed in the period.
    pub tracks: u64,
    /// Observations received in the hours of UTC that touch the period.
    pub observations: u64,
    /// The period, half-open.
    pub period: Interval,
}

const IN_PERIOD: &str = "NOT incident.withdrawn AND incident.occurred_start_ns >= ?1
  AND incident.occurred_start_ns < ?2";

impl Store {
    /// Counts over a half-open period, by when incidents began.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn summary(&self, period: Interval) -> Result<Summary> {
        let bounds = [nanoseconds(period.start), nanoseconds(period.end)];
        let by_kind = format!("SELECT kind, count(*) FROM incident WHERE {IN_PERIOD} GROUP BY 1");
        let by_status = format!(
            "SELECT coalesce((SELECT status FROM finding WHERE finding.incident = incident.id
               ORDER BY serial DESC LIMIT 1), 'reported') AS status, count(*)
             FROM incident WHERE {IN_PERIOD} GROUP BY 1"
        );
        let by_clause = format!(
            "SELECT clause, count(*) FROM incident JOIN assessment
               ON assessment.incident = incident.id
             WHERE verdict = 'breach' AND {IN_PERIOD} GROUP BY 1"
        );
        let breaches = self.counts(&by_clause, bounds)?.into_iter();
        Ok(Summary {
            incidents_by_kind: self.counts(&by_kind, bounds)?,
            incidents_by_status: self.counts(&by_status, bounds)?,
            breaches_by_clause: breaches
                .map(|(clause, n)| Ok((from_word(clause)?, n)))
                .collect::<Result<_>>()?,
            hourly: self.hourly(bounds)?,
            tracks: self.one_count(
                "SELECT count(*) AS n FROM track
                 WHERE last_observed_ns >= ?1 AND first_observed_ns < ?2",
                bounds,
            )?,
            observations: self.one_count(
                "SELECT coalesce(sum(observations), 0) AS n FROM feed_hour
                 WHERE hour >= ?1 AND hour <= ?2",
                [
                    bounds[0].div_euclid(NANOSECONDS_PER_HOUR),
                    bounds[1].saturating_sub(1).div_euclid(NANOSECONDS_PER_HOUR),
                ],
            )?,
            period,
        })
    }

    /// When the first incident began and the last one did; `None` when there are none.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn incident_span(&self) -> Result<Option<Interval>> {
        let sql = "SELECT min(occurred_start_ns), max(occurred_start_ns) FROM incident
                   WHERE NOT withdrawn";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (first, last): (Option<i64>, Option<i64>) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.zip(last).map(|(first, last)| Interval {
            start: instant(first),
            end: instant(last),
        }))
    }

    fn counts(&self, sql: &str, bounds: [i64; 2]) -> Result<BTreeMap<String, u64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let counts = statement.query_map(bounds, |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }

    fn one_count(&self, sql: &str, bounds: [i64; 2]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(bounds, |row| count(row, "n"))?)
    }

    fn hourly(&self, bounds: [i64; 2]) -> Result<Vec<HourOfIncidents>> {
        // SQLite divides towards zero; the shift keeps hours before 1970 apart.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT (occurred_start_ns - (occurred_start_ns % ?3 + ?3) % ?3) AS hour_ns,
               count(*) AS count,
               sum(EXISTS (SELECT 1 FROM assessment WHERE assessment.incident = incident.id
                 AND verdict = 'breach')) AS breaches
             FROM incident WHERE {IN_PERIOD} GROUP BY 1 ORDER BY 1"
        ))?;
        let parameters = params![bounds[0], bounds[1], NANOSECONDS_PER_HOUR];
        let hours = statement.query_map(parameters, |row| {
            Ok(HourOfIncidents {
                hour: instant(row.get("hour_ns")?),
                count: count(row, "count")?,
                breaches: count(row, "breaches")?,
            })
        })?;
        Ok(hours.collect::<rusqlite::Result<_>>()?)
    }
}
