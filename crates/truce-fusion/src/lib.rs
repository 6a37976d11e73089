//! Observations become tracks and incidents with explained probabilities.
//!
//! This room never knows the agreement, a sensor's format or a clock: time arrives as an argument.
//! The picture is a pure function of the observations, not of the order in which they arrived.

mod picture;
mod track;

pub use picture::{Change, Picture};
