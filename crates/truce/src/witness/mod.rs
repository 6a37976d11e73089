//! Witnesses over HTTP: asking them for cosignatures, and being one (C2SP tlog-witness).
//!
//! What a witness may cosign is decided in the ledger; here is the network around it. Asking runs
//! beside the line and never holds it up: a witness that is slow or gone is left alone for a while,
//! and the log goes on being *logged* without being *witnessed*.

mod client;
mod collect;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Answer, Unreached, add_checkpoint};
pub use collect::Collector;
pub use server::router;
