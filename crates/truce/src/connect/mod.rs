//! Transports: bytes from outside become raw messages with their time of arrival.
//!
//! Any transport can carry any format: what arrives is cut into messages by `truce-feeds` and not
//! looked at otherwise. Every queue here is bounded; when the line is busy, the sender waits.

pub mod capture;
pub mod file;
pub mod net;
pub mod push;
