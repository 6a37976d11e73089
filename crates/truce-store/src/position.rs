//! Where a record lies in the log.

use serde::{Deserialize, Serialize};

/// Where a record lies in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPosition {
    /// Index of the entry, counted from 0.
    pub entry: u64,
    /// Row in the entry, counted from 0.
    pub row: u32,
}
