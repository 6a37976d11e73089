//! Is a thermal anomaly fighting? The probability that an open source confirms a violent event
//! near a thermal anomaly of a day, as a sum of log-odds that can be shown term by term.
//!
//! [`Knowledge`] holds what was known before: confirmed events, lines of control and the
//! anomalies of peaceful years. [`Knowledge::look`] groups the anomalies of a day into clusters
//! and measures each; [`Parameters::score`] weighs what was measured; [`fit()`] finds the weights.
//!
//! Causal by construction: of confirmed events only those at least [`EVENT_AGE_DAYS_MIN`] days old
//! count, of everything else only what is not later than the day. This room reads no file format
//! but its own parameters, knows no parties and names no position of a unit.

mod clusters;
mod control;
mod fit;
mod knowledge;
mod parameters;
mod plane;
mod raster;
mod terms;

use truce_core::Timestamp;

pub use fit::{Sample, fit};
pub use knowledge::{Cluster, EVENT_AGE_DAYS_MIN, Knowledge, SameDay};
pub use parameters::{Fitted, Parameters, Score, Term, Weight};
pub use plane::Polygon;
pub use terms::{Features, TERMS, TermName};

/// Mean length of a year of the Gregorian calendar, days.
const YEAR_DAYS: f64 = 365.2425;

/// A day in UTC, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i32);

impl Day {
    /// The day of an instant.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let days = at.as_second().div_euclid(86_400);
        Self(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// The day that lies `days` later; earlier when negative.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from an earlier day to this one; negative when `other` is later.
    #[must_use]
    pub fn since(self, other: Self) -> i32 {
        self.0.saturating_sub(other.0)
    }

    /// Days between the places of two days in the year, at most half a year.
    fn season_apart(self, other: Self) -> f64 {
        let turned = f64::from(self.since(other)).rem_euclid(YEAR_DAYS);
        turned.min(YEAR_DAYS - turned)
    }
}

/// Why something could not be learnt, read or fitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The parameters are no valid file; what is wrong, and where.
    Parameters(String),
    /// More was given than this room holds.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is held.
        max: usize,
    },
    /// The samples cannot be fitted; why.
    Samples(&'static str),
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parameters(what) => write!(formatter, "thermal parameters: {what}"),
            Self::TooMany { what, max } => write!(formatter, "more than {max} {what}"),
            Self::Samples(why) => write!(formatter, "cannot fit: {why}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of(format!("{text}T12:00:00Z").parse().unwrap())
    }

    #[test]
    fn seasons_turn_with_the_year() {
        let cases = [
            ("2022-07-01", "2022-07-01", 0),
            ("2022-07-01", "2019-07-01", 0),
            ("2022-01-05", "2021-12-28", 8),
            ("2021-12-28", "2022-01-05", 8),
            ("2022-07-01", "2021-01-01", 181),
        ];
        for (a, b, expected) in cases {
            let apart = day(a).season_apart(day(b));
            assert!(
                (apart - f64::from(expected)).abs() <= 2.0,
                "{a} {b}: {apart}"
            );
        }
    }
}
