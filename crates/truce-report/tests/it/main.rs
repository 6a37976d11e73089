//! The reports over a made-up mission: what it says, and that hostile text stays text.

// Helper functions of a test binary are not inside a test themselves.
#![allow(clippy::unwrap_used)]

mod example;
mod reports;
