//! The log through its public door, on real files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod azul;
mod damage;
mod erase;
mod evidence;
mod fuzz;
mod interop;
mod kill;
mod lifecycle;
mod peers;
mod real_disk;
mod timestamp;
