//! Thunderstorms: cells that move with the wind and flash here and there.

use truce_core::time::plus_seconds;
use truce_core::{EventClass, Position};

use super::physical::{Event, anywhere};
use crate::Options;
use crate::ground::Ground;
use crate::random::Stream;

/// Mean number of flashes of one cell, how long it lives, how fast it moves and how wide it is
/// (illustrative: an ordinary cell of central Europe).
const FLASHES_MEAN: f64 = 60.0;
const LIFE_S: f64 = 3_600.0;
const SPEED_M_S: f64 = 12.0;
const FLASH_M_SIGMA: f64 = 4_000.0;

/// Draws as many cells as give the expected number of flashes.
pub(crate) fn draw(
    ground: &Ground<'_>,
    options: &Options,
    mean: f64,
    stream: &mut Stream,
) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..stream.poisson(mean / FLASHES_MEAN) {
        let from_s = stream.between(-LIFE_S, options.hours * 3_600.0);
        let Some(origin) = anywhere(ground, stream) else {
            break;
        };
        let course_deg = stream.between(0.0, 360.0);
        // Those that began before the period or outlive it are cut off, so more are drawn.
        let drawn = FLASHES_MEAN * (1.0 + LIFE_S / (options.hours * 3_600.0));
        for _ in 0..stream.poisson(drawn) {
            let age_s = stream.between(0.0, LIFE_S);
            let middle = origin.offset(course_deg, SPEED_M_S * age_s);
            let place: Position = stream.near(middle, FLASH_M_SIGMA);
            let at = plus_seconds(options.start, from_s + age_s);
            if (options.start..options.end()).contains(&at) {
                events.push(Event::at(EventClass::Thunder, at, place));
            }
        }
    }
    events
}
