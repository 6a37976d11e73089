//! Instants and intervals of world time, always UTC.
//!
//! This room never asks what time it is: instants arrive as arguments.

pub use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds of an hour.
pub const HOUR_S: f64 = 3_600.0;
/// Seconds of a day of UTC, without leap seconds.
pub const DAY_S: f64 = 86_400.0;

/// A closed interval of UTC time. A known instant has `start == end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The earliest instant at which it can have happened.
    pub start: Timestamp,
    /// The latest instant at which it can have happened; never before `start`.
    pub end: Timestamp,
}

impl Interval {
    /// The interval that holds one instant.
    #[must_use]
    pub fn instant(at: Timestamp) -> Self {
        Self { start: at, end: at }
    }

    /// The interval between two instants, given in either order.
    #[must_use]
    pub fn between(a: Timestamp, b: Timestamp) -> Self {
        Self {
            start: a.min(b),
            end: a.max(b),
        }
    }

    /// The instant in the middle.
    #[must_use]
    pub fn middle(&self) -> Timestamp {
        let half = self.end.duration_since(self.start) / 2;
        self.start.checked_add(half).unwrap_or(self.start)
    }

    /// Length in seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        seconds_between(self.start, self.end)
    }

    /// True when the two intervals share at least one instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Seconds between the two intervals; zero when they overlap.
    #[must_use]
    pub fn gap_s(&self, other: &Self) -> f64 {
        if self.end < other.start {
            seconds_between(self.end, other.start)
        } else if other.end < self.start {
            seconds_between(other.end, self.start)
        } else {
            0.0
        }
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// Seconds from `from` to `to`, negative when `to` is earlier.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// The instant `seconds` after `at` (before it when negative), clamped to the representable range.
#[must_use]
pub fn plus_seconds(at: Timestamp, seconds: f64) -> Timestamp {
    let limit = if seconds < 0.0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|duration| at.checked_add(duration).ok())
        .unwrap_or(limit)
}

/// Nanoseconds since 1970-01-01 UTC. An instant outside 1677–2262 stands at the limit.
#[must_use]
pub fn nanoseconds(at: Timestamp) -> i64 {
    let exact = at.as_nanosecond();
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// The instant that many nanoseconds after 1970-01-01 UTC.
#[must_use]
pub fn from_nanoseconds(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn intervals_measure_gap_and_hull() {
        let a = Interval::between(at("2025-03-01T00:00:10Z"), at("2025-03-01T00:00:00Z"));
        let b = Interval::instant(at("2025-03-01T00:00:25Z"));
        assert_eq!(a.gap_s(&b), 15.0);
        assert_eq!(b.gap_s(&a), 15.0);
        assert!(!a.overlaps(&b));
        assert_eq!(a.hull(&b).length_s(), 25.0);
        assert_eq!(a.middle(), at("2025-03-01T00:00:05Z"));
    }

    #[test]
    fn adding_seconds_saturates_instead_of_failing() {
        assert_eq!(
            plus_seconds(at("2025-03-01T00:00:00Z"), -1.5),
            at("2025-02-28T23:59:58.5Z")
        );
        assert_eq!(
            plus_seconds(at("2025-03-01T00:00:00Z"), f64::INFINITY),
            Timestamp::MAX
        );
        assert_eq!(
            plus_seconds(at("2025-03-01T00:00:00Z"), -1e300),
            Timestamp::MIN
        );
    }
}
