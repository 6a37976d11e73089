//! The built `truce` command and the whole line, on real folders.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod commands;
mod log;
mod order;
mod planning;
mod procedure;
mod program;
mod publish;
mod timestamp;
mod verify_page;
