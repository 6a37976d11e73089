//! The rooms joined: the engine, the transports, the HTTP interface and the command line.
//!
//! This crate opens on every room and has no rules of its own: what a sensor means is decided in
//! feeds and fusion, what a clause means in the accord, what may be believed of the log in the
//! ledger.

pub mod cli;
pub mod connect;
pub mod custody;
pub mod engine;
pub mod evidence;
pub mod http;
pub mod line;
pub mod notify;
mod planning;
pub mod report;
pub mod revocation;
pub mod service;
pub mod witness;
