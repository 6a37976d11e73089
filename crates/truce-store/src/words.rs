//! How values stand in columns: words as their serde names, instants as nanoseconds, names as
//! bytes.

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;
use truce_core::Digest;
pub(crate) use truce_core::time::{from_nanoseconds as instant, nanoseconds};

use crate::error::Result;

/// The serde name of a unit variant, such as `physical_event`.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String> {
    let json = serde_json::to_string(value)?;
    Ok(json.trim_matches('"').to_owned())
}

/// The value with a serde name.
pub(crate) fn from_word<T: DeserializeOwned>(word: String) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

/// Nanoseconds of an hour; columns count time in nanoseconds.
pub(crate) const NANOSECONDS_PER_HOUR: i64 = 3_600_000_000_000;

/// An index or count as SQLite's signed integer. The log cannot grow to 2^63 entries.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count or index of a column.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A column with a count or index.
pub(crate) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(unsigned(row.get(column)?))
}

/// A column with a row number or another small count.
pub(crate) fn small(row: &Row<'_>, column: &str) -> rusqlite::Result<u32> {
    row.get(column)
}

/// A column with a 32-byte name.
pub(crate) fn name(row: &Row<'_>, column: &str) -> rusqlite::Result<Digest> {
    Ok(Digest(row.get(column)?))
}
