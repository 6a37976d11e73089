//! Observations become tracks and incidents with explained probabilities.
//!
//! This room never knows the agreement, a sensor's format or a clock: time arrives as an argument.
//! The picture is a pure function of the observations, not of the order in which they arrived.

pub mod arrivals;
mod attribution;
mod background;
mod belief;
mod book;
pub mod calibration;
mod candidate;
mod conditions;
mod event;
mod evidence;
mod explain;
mod fit;
mod flights;
mod founders;
mod grid;
mod incidents;
mod line;
mod network;
pub mod own;
mod picture;
mod prior;
mod quiet;
mod retraction;
pub mod sea;
mod silence;
mod statement;
mod tell;
pub mod thermal;
mod track;

pub use picture::{Change, Omitted, Picture};
pub use quiet::{Silence, Watched};
pub use track::{Lost, scans};
