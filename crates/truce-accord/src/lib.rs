//! The ceasefire agreement as data: zones, clauses, assessments, the status ladder and its clocks.
//!
//! This room watches tracks against zones, holds incidents against the clauses in force, and moves
//! findings along the ladder. It never decodes a sensor's format, never weighs one sensor against
//! another, and never names a side beyond an incident's own attribution.

pub mod agreement;
pub mod assess;
pub mod ladder;
pub mod straits;
pub mod watch;
pub mod zones;

pub use agreement::{Agreement, Clause, Version};
pub use assess::{Context, assess};
pub use watch::Watch;
pub use zones::ZoneIndex;
