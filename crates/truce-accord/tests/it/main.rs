//! Tests of the accord through its public interface.

#![allow(clippy::unwrap_used)] // what these tests state must be there

mod approaching;
mod assessing;
mod example;
mod fixture;
mod geometry;
mod ladder;
mod postgis;
mod procedure;
mod reading;
mod straits;
mod told_once;
mod verdicts;
mod watch;
