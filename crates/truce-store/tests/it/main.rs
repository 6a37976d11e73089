//! The store over records made by hand: what is folded in comes out, and twice gives the same
//! bytes.

// Helper functions of a test binary are not inside a test themselves.
#![allow(clippy::unwrap_used)]

mod fold;
mod queries;
mod records;
mod standing;
