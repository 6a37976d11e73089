//! Aircraft that say where they are: Mode S and ADS-B (RTCA DO-260B, ICAO Annex 10 volume IV and Doc
//! 9871), as receivers deliver it.
//!
//! - `frame`: frames, parity, addresses; `altitude`, `squitter`: what they say; `cpr`: positions
//! - `register`: what Comm-B replies hold
//! - `beast`, `avr`: the two ways receivers write frames; `sbs`: the table that a receiver has
//!   decoded already
//!
//! **When.** Frames carry no date. They are observed when they arrive; the receiver's counter only
//! tells how far an even and an odd report lie apart.
//!
//! **Where.** From an even and an odd report within ten seconds, or from one report and the last
//! position of the same aircraft. A position that no aircraft could have flown to is dropped, and
//! after two of them the new place is believed. The error is the containment radius of the type code
//! (DO-260B, table 2-14) over 4.8: a radius that holds but one of 10⁵ positions of a circular normal
//! distribution is √(−2 ln 10⁻⁵) = 4.8 of its standard deviations.
//!
//! **What is no observation.** Replies whose address lies in their parity prove nothing by
//! themselves. They are read for the sheet, and give no observation.
#![expect(
    clippy::cast_possible_truncation,
    reason = "a cast takes a field whose width the line before has cut, or a value that it has clamped"
)]

mod altitude;
pub mod avr;
pub mod beast;
mod cpr;
mod encode;
mod frame;
mod register;
pub mod sbs;
mod sheet;
mod squitter;
mod status;

use std::collections::BTreeMap;

use truce_core::observation::AircraftReport;
use truce_core::place::{Ellipse, normalize_bearing_deg};
use truce_core::time::seconds_between;
use truce_core::{Height, HeightDatum, Interval, Location, Place, Position, Reading, Timestamp};

use crate::decoder::{Decoded, Job, Said};
use crate::fault::Fault;
use crate::units::{FOOT_M, KNOT_M_S};
use cpr::Encoded;
use frame::Frame;
use squitter::Squitter;

/// Longest time between the two reports of a pair, seconds (DO-260B, A.1.7.7, for aircraft in the
/// air); on the ground 25 s serve, which this stays below.
const PAIR_S_MAX: f64 = 10.0;

/// Oldest position that one report may lean on, seconds: within it no aircraft leaves the half zone
/// of 180 NM.
const NEAR_S_MAX: f64 = 60.0;

/// Fastest movement that is believed, metres per second: half again the speed of a fast jet.
const SPEED_M_S_MAX: f64 = 1000.0;

/// Distance that is always believed: the errors of two positions, metres.
const JUMP_M_MAX: f64 = 2_000.0;

/// Most aircraft remembered; a receiver hears a few hundred at a time.
const AIRCRAFT_MAX: usize = 20_000;

/// Aircraft not heard for so long are forgotten when room is needed, seconds.
const FORGET_S: f64 = 300.0;

/// Counts of the 12 MHz clock of receivers per second.
const TICKS_PER_S: f64 = 12e6;

/// Error of a position for which the type code states no radius, metres: that of 20 NM.
const UNKNOWN_M_SIGMA: f64 = 37_040.0 / 4.8;

/// Containment radius by type code, metres (DO-260B, table 2-14; of two radii that a supplement
/// would tell apart, the larger).
fn position_m_sigma(type_code: u8) -> f64 {
    let radius_m = match type_code {
        5 | 9 | 20 => 7.5,
        6 | 10 | 21 => 25.0,
        7 | 11 => 185.2,
        12 => 370.4,
        13 => 1_111.2,
        14 => 1_852.0,
        15 => 3_704.0,
        16 => 14_816.0,
        17 => 37_040.0,
        _ => return UNKNOWN_M_SIGMA,
    };
    // No receiver of satellite navigation in an aircraft is better than some metres.
    f64::max(radius_m / 4.8, 5.0)
}

/// A moment of one receiver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    at: Timestamp,
    /// The receiver's own counter, when it has one.
    ticks: Option<u64>,
}

impl Heard {
    /// Seconds since an earlier moment: by the receiver's counter, or by arrival.
    fn since_s(self, earlier: Self) -> f64 {
        match (self.ticks, earlier.ticks) {
            (Some(now), Some(then)) => (now as f64 - then as f64).abs() / TICKS_PER_S,
            _ => seconds_between(earlier.at, self.at).abs(),
        }
    }
}

/// What is remembered of an aircraft.
#[derive(Debug, Clone, Copy)]
struct Aircraft {
    heard: Heard,
    /// The last even and odd report.
    reports: [Option<(Encoded, Heard)>; 2],
    position: Option<(Position, Heard)>,
    /// Positions in a row that it could not have flown to.
    jumps: u8,
}

/// The aircraft that a receiver hears.
#[derive(Debug, Default)]
pub(super) struct Sky {
    aircraft: BTreeMap<u32, Aircraft>,
}

impl Sky {
    /// Takes a report; the position when it follows. `site` is where the receiver stands.
    fn locate(
        &mut self,
        icao: u32,
        report: Encoded,
        heard: Heard,
        site: Option<Position>,
    ) -> Option<Position> {
        if self.aircraft.len() >= AIRCRAFT_MAX && !self.aircraft.contains_key(&icao) {
            self.aircraft
                .retain(|_, known| heard.since_s(known.heard) < FORGET_S);
            if self.aircraft.len() >= AIRCRAFT_MAX {
                self.aircraft.pop_first();
            }
        }
        let known = self.aircraft.entry(icao).or_insert(Aircraft {
            heard,
            reports: [None; 2],
            position: None,
            jumps: 0,
        });
        known.heard = heard;
        let near = known
            .position
            .filter(|(_, then)| heard.since_s(*then) <= NEAR_S_MAX);
        let found = known.position_of(report, heard, near.map(|(at, _)| at), site);
        known.reports[usize::from(report.odd)] = Some((report, heard));
        let found = found?;
        if let Some((last, then)) = near {
            let reach_m = JUMP_M_MAX + SPEED_M_S_MAX * heard.since_s(then);
            if distance_m_max(last, found) > reach_m && found.distance_m(last) > reach_m {
                known.jumps += 1;
                if known.jumps > 1 {
                    known.position = None;
                    known.jumps = 0;
                }
                return None;
            }
        }
        known.jumps = 0;
        known.position = Some((found, heard));
        Some(found)
    }
}

/// At least the distance between two positions, metres, without a sine: along the meridian and the
/// equator, where a degree is longest on the ellipsoid (111,694 m at the poles, 111,320 m; WGS 84).
fn distance_m_max(a: Position, b: Position) -> f64 {
    const DEGREE_M_MAX: f64 = 111_700.0;
    ((a.lat_deg - b.lat_deg).abs() + (a.lon_deg - b.lon_deg).abs()) * DEGREE_M_MAX
}

impl Aircraft {
    fn position_of(
        &self,
        report: Encoded,
        heard: Heard,
        near: Option<Position>,
        site: Option<Position>,
    ) -> Option<Position> {
        // One report and a place near by are the cheaper way, and as good.
        if let Some(near) = near {
            return cpr::local(report, near);
        }
        let (other, then) = self.reports[usize::from(!report.odd)]?;
        if heard.since_s(then) > PAIR_S_MAX || other.surface != report.surface {
            return None;
        }
        match (report.surface, site) {
            (false, _) => cpr::global(other, report),
            (true, Some(site)) => cpr::global_surface(other, report, site),
            (true, None) => None,
        }
    }
}

/// Reads a frame as it was heard: an observation when it proves itself and says something of an
/// aircraft, and a sheet of everything.
pub(super) fn hear(
    sky: &mut Sky,
    bytes: &[u8],
    heard: Heard,
    job: &Job<'_>,
    out: &mut Decoded,
) -> Result<(), Fault> {
    let frame = Frame::read(bytes)?;
    let squitter = match frame.format {
        17 | 18 if !squitter::is_of_ground_service(&frame) => squitter::read(&frame.message()),
        _ => Squitter::Other,
    };
    let site = job.origin.default_site().and_then(|site| site.position);
    let place = match &squitter {
        Squitter::Position(position) if squitter::has_icao(&frame) => {
            sky.locate(frame.icao, position.encoded, heard, site)
        }
        _ => None,
    };
    out.sheet(|| sheet::of(&frame, &squitter, place));
    if frame.proven
        && squitter::has_icao(&frame)
        && let Some(said) = said(&frame, &squitter, place, heard.at, job)
    {
        job.say(said, 0, out);
    }
    Ok(())
}

fn said(
    frame: &Frame<'_>,
    squitter: &Squitter,
    place: Option<Position>,
    at: Timestamp,
    job: &Job<'_>,
) -> Option<Said> {
    let mut report = AircraftReport {
        icao_address: frame.icao,
        ..AircraftReport::default()
    };
    let mut location = None;
    match squitter {
        Squitter::Identification { call_sign, .. } => {
            report.call_sign = Some(call_sign.text()?.to_owned());
        }
        Squitter::Position(position) => {
            report.speed_m_s = position.speed_kn.map(|kn| kn * KNOT_M_S);
            report.course_deg = position.course_deg;
            let place = place?;
            let sigma_m = position_m_sigma(squitter::type_code(&frame.message()));
            location = Some(Location::Fix {
                place: Place {
                    position: place,
                    uncertainty: Ellipse::circle(sigma_m),
                },
                height: height(position),
            });
        }
        Squitter::Velocity(velocity) => {
            let (east, north) = velocity.ground_kn?;
            report.speed_m_s = Some((east * east + north * north).sqrt() * KNOT_M_S);
            report.course_deg = Some(course_deg(east, north));
            report.climb_m_s = velocity.climb_ft_min.map(|rate| rate * FOOT_M / 60.0);
        }
        Squitter::Altitude(_) | Squitter::Status { .. } | Squitter::Other => return None,
    }
    Some(Said {
        sensor: job.origin.default_site().map(|site| site.id.clone()),
        observed_at: Interval::instant(at),
        location,
        reading: Reading::Aircraft(report),
        grade: None,
    })
}

fn course_deg(east: f64, north: f64) -> f64 {
    normalize_bearing_deg(libm::atan2(east, north).to_degrees())
}

fn height(position: &squitter::Position) -> Option<Height> {
    let above = if position.ellipsoid {
        HeightDatum::Ellipsoid
    } else {
        HeightDatum::Barometric
    };
    let height_m = position.altitude_ft? * FOOT_M;
    Some(Height { height_m, above })
}

#[cfg(test)]
mod tests;
