//! Uncrewed aircraft that say where they are: Remote ID (ASTM F3411-22a) as text lines, and MAVLink
//! with its own positions and Open Drone ID.
//!
//! - `remote_id`: the 25-byte messages and packs of F3411; `lines`: as receivers write them
//! - `mavlink`: packets, their checksums, and the messages with a position
//!
//! An aircraft's number comes in one message and its place in another, so a reader remembers the
//! last number of each transmitter.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a cast takes a field whose width the line before has cut, or a value that was clamped"
)]

pub mod lines;
pub mod mavlink;
mod remote_id;

use std::collections::BTreeMap;

use truce_core::observation::UavDetection;
use truce_core::place::Ellipse;
use truce_core::{
    Height, Interval, Location, Observation, Place, Position, Reading, Slug, Timestamp,
};

use crate::decoder::{Decoded, Job, Said};
use crate::fault::Unencodable;

/// Most transmitters whose numbers are remembered.
const TRANSMITTERS_MAX: usize = 10_000;

/// Error of a position that states none, metres: satellite navigation of a small aircraft.
const POSITION_M_SIGMA: f64 = 10.0;

/// The 95 % radius of a circular normal distribution over its standard deviation, √(−2 ln 0.05).
const RADIUS_95_PER_SIGMA: f64 = 2.447_7;

/// What a message says of where an aircraft is.
#[derive(Debug, Clone, Default, PartialEq)]
struct Whereabouts {
    position: Option<Position>,
    position_m_sigma: Option<f64>,
    height: Option<Height>,
    speed_m_s: Option<f64>,
    course_deg: Option<f64>,
    at: Option<Timestamp>,
}

/// Numbers of aircraft by transmitter.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<String, String>);

impl Numbers {
    fn remember(&mut self, transmitter: &str, number: &str) {
        if self.0.len() >= TRANSMITTERS_MAX && !self.0.contains_key(transmitter) {
            self.0.pop_first();
        }
        self.0.insert(transmitter.to_owned(), number.to_owned());
    }

    /// The number, or the transmitter itself while no number came.
    fn of(&self, transmitter: &str) -> Option<String> {
        let known = self.0.get(transmitter).map(String::as_str);
        let name = known.unwrap_or(transmitter);
        (!name.is_empty()).then(|| name.to_owned())
    }
}

/// Says where an aircraft is; nothing when it does not know.
fn say(found: Whereabouts, target: Option<String>, index: u32, job: &Job<'_>, out: &mut Decoded) {
    let Some(position) = found.position else {
        return;
    };
    let site = job.origin.default_site();
    let sigma_m = found.position_m_sigma.unwrap_or(POSITION_M_SIGMA);
    let place = Place {
        position,
        uncertainty: Ellipse::circle(sigma_m),
    };
    let detection = UavDetection {
        target,
        speed_m_s: found.speed_m_s,
        course_deg: found.course_deg,
        means: Slug::new("self-report").expect("the means of this room is a name"),
        confidence: None,
        operator: None,
    };
    let said = Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: Interval::instant(found.at.unwrap_or(job.receipt.received_at)),
        location: Some(Location::Fix {
            place,
            height: found.height,
        }),
        reading: Reading::Uav(detection),
        grade: None,
    };
    job.say(said, index, out);
}

/// Number and whereabouts of a detection with a position, for a format that writes it.
fn flight<'a>(
    observation: &'a Observation,
    format: &'static str,
) -> Result<(&'a str, Whereabouts), Unencodable> {
    let refuse = |reason: &str| Unencodable::new(format, reason);
    let Reading::Uav(detection) = &observation.reading else {
        return Err(refuse("it is no detection of an uncrewed aircraft"));
    };
    let Some(Location::Fix { place, height }) = &observation.location else {
        return Err(refuse("it has no position"));
    };
    let found = Whereabouts {
        position: Some(place.position),
        position_m_sigma: Some(place.uncertainty.semi_major_m),
        height: *height,
        speed_m_s: detection.speed_m_s,
        course_deg: detection.course_deg,
        at: Some(observation.observed_at.start),
    };
    Ok((detection.target.as_deref().unwrap_or_default(), found))
}

#[cfg(test)]
mod tests;
