//! Sensor formats: the bytes a sensor sends and the observations they say, in both directions.
//!
//! One module per format, decoder and encoder side by side, each with the standard it follows.
//! `docs/formats.md` describes them for those who write messages. A [`Decoder`] turns one
//! [`RawMessage`](truce_core::RawMessage) at a time into observations or a kept
//! [`Rejection`](truce_core::Rejection); a [`Framer`] cuts a stream of bytes into messages.
//!
//! This room never opens a socket or a file, never asks what time it is, never panics on any
//! bytes and never lets a message vanish: what is not decoded is rejected with a reason. All units
//! are converted here and nowhere else.

pub mod acoustic;
pub mod aivdm;
pub mod asterix;
pub mod camera;
pub mod cap;
pub mod cot;
pub mod drone;
pub mod firms;
pub mod form;
pub mod jsonl;
pub mod klv;
pub mod miniseed;
pub mod modes;
pub mod nmea;
pub mod report;
pub mod scene;
pub mod seismic;
pub mod sensorthings;
pub mod stac;
pub mod uav;

mod beginning;
mod decimal;
mod decoder;
#[cfg(test)]
mod documentation;
mod fault;
mod format;
mod framer;
mod geojson;
mod hexadecimal;
mod json;
mod notice;
mod origin;
mod retraction;
#[cfg(test)]
mod sample;
mod sheet;
mod table;
mod units;
mod validity;
mod xml;

pub use decoder::{Decoded, Decoder};
pub use fault::{RejectionClass, Unencodable};
pub use format::Format;
pub use framer::{Framer, LINE_BYTES_MAX, is_overlong};
pub use sheet::Sheet;
