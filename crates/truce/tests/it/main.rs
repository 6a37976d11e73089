//! The built `truce` command and the whole line, on real folders.
#![allow(clippy::unwrap_used)]

mod amend;
mod bad_input;
mod commands;
mod live;
mod log;
mod notify;
mod opening;
mod operator;
mod order;
mod passes;
mod peers;
mod planning;
mod procedure;
mod program;
mod publish;
mod retraction;
mod server;
mod timestamp;
mod verify_page;
mod witness;
