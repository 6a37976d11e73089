//! Where a patrol is, as its satellite navigation receiver says it, and what a radar follows at sea:
//! NMEA 0183 sentences (IEC 61162-1:2016, 8.3; NMEA 0183 v4.11).
//!
//! - `sentence`: which field means what, and reading one line
//! - `mode`: how good a fix is, by how it came about
//! - `target`: targets of a radar
//! - this file: when and where a fix was, over several sentences
//!
//! A fix of `GGA`, `GNS`, `RMC` or `GLL` becomes the state of one of the mission's own: its sensor
//! works, and is there. Of the sentences of one fix the first says it; `RMC` and `GLL`, which have
//! neither height nor dilution, only while no `GGA` or `GNS` came. All other sentences are right and
//! say nothing of a place.
//!
//! **When.** `RMC` and `ZDA` say date and time. All others say the time of day: the day is the
//! one that brings it nearest to what the receiver dated last, else to the TAG block's time, else to
//! arrival.
//!
//! **Where.** The error is that of a `GST` sentence within ten seconds, else the dilution of
//! precision times the range error of the mode.

mod mode;
mod sentence;
mod target;
mod write;

use std::collections::BTreeMap;

use truce_core::observation::{Health, SensorState};
use truce_core::place::Ellipse;
use truce_core::time::SignedDuration;
use truce_core::{Height, HeightDatum, Interval, Location, Observation, Place, Reading, Timestamp};

use crate::aivdm::sentence::{describe_tag, push_checked};
use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, Unencodable};
use crate::origin::Site;
use crate::sheet::Sheet;
use sentence::{Sentence, Told};

pub(crate) use target::PLACED_M_SIGMA;

/// Receivers that one feed tells apart by their TAG blocks. Of more the first by name is forgotten,
/// which costs it the date until its next `RMC`.
const RECEIVERS_MAX: usize = 1_024;

/// What a receiver said of its errors holds for so long.
const ERRORS_HOLD: SignedDuration = SignedDuration::from_secs(10);

/// Dilution of precision of a fix that states none: usual under trees and between houses.
const DILUTION: f64 = 2.0;

/// True for a line that holds a sentence of this format.
pub(crate) fn looks_like(line: &str) -> bool {
    sentence::read(line).is_ok_and(|sentence| sentence.is_read())
}

/// Reads the sentences of one feed.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    receivers: BTreeMap<Vec<u8>, Receiver>,
}

/// What one receiver said before.
#[derive(Debug, Default)]
struct Receiver {
    /// The last instant that follows from a date it said.
    dated_at: Option<Timestamp>,
    /// Its last `GST`.
    errors: Option<(Timestamp, Ellipse)>,
    /// Its last dilution of precision.
    dilution: Option<(Timestamp, f64)>,
    /// The last fix with all that a fix has, of `GGA` or `GNS`.
    complete_at: Option<Timestamp>,
    /// The last fix that became an observation.
    said_at: Option<Timestamp>,
}

impl Reader for Sentences {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = job.text()? else {
            return Ok(());
        };
        let sentence = sentence::read(text)?;
        let told = sentence.told()?;
        let station = sentence.tag.station.unwrap_or_default();
        let heard_at = sentence.tag.received_at.unwrap_or(job.receipt.received_at);
        let receiver = self.receiver(station);
        let observed_at = receiver.date(&told, heard_at);
        out.sheet(|| sheet(&sentence, observed_at));
        let site = site_of(job, station);
        if let Some((location, target)) = target::read(&sentence, site)? {
            job.say(
                Said {
                    sensor: site.map(|site| site.id.clone()),
                    observed_at: Interval::instant(observed_at.unwrap_or(heard_at)),
                    location: Some(location),
                    reading: Reading::Radar(target),
                    grade: None,
                },
                0,
                out,
            );
            return Ok(());
        }
        if let Some(observed_at) = observed_at
            && let Some(place) = receiver.fix(&told, sentence.formatter, observed_at)
        {
            job.say(said(job, station, observed_at, place, &told), 0, out);
        }
        Ok(())
    }
}

impl Sentences {
    fn receiver(&mut self, station: &[u8]) -> &mut Receiver {
        if self.receivers.len() >= RECEIVERS_MAX && !self.receivers.contains_key(station) {
            self.receivers.pop_first();
        }
        self.receivers.entry(station.to_vec()).or_default()
    }
}

impl Receiver {
    /// When a sentence's fix was.
    fn date(&mut self, told: &Told, heard_at: Timestamp) -> Option<Timestamp> {
        let time = told.time_of_day?;
        let observed_at = match told.date {
            Some(date) => sentence::instant(date, time)?,
            None => sentence::nearest(self.dated_at.unwrap_or(heard_at), time)?,
        };
        if told.date.is_some() || self.dated_at.is_some() {
            self.dated_at = Some(observed_at);
        }
        Some(observed_at)
    }

    /// Where it was then, when this sentence is the one that says so.
    fn fix(&mut self, told: &Told, formatter: &str, at: Timestamp) -> Option<Place> {
        if let Some(errors) = told.errors {
            self.errors = Some((at, errors));
        }
        let position = told.position?;
        let range_error_m = told.mode?.range_error_m()?;
        if let Some(dilution) = told.dilution {
            self.dilution = Some((at, dilution));
        }
        if ["RMC", "GLL"].contains(&formatter) {
            if recent(self.complete_at, at) {
                return None;
            }
        } else {
            self.complete_at = Some(at);
        }
        if self.said_at.replace(at) == Some(at) {
            return None;
        }
        let stated = self.errors.filter(|(stated, _)| recent(Some(*stated), at));
        let dilution = self
            .dilution
            .filter(|(stated, _)| recent(Some(*stated), at));
        let dilution = dilution.map_or(DILUTION, |(_, dilution)| dilution);
        // The dilution spans both axes: their errors' squares add up to its square.
        let sigma_m = dilution * range_error_m / std::f64::consts::SQRT_2;
        let uncertainty = stated.map_or(Ellipse::circle(sigma_m), |(_, ellipse)| ellipse);
        Some(Place {
            position,
            uncertainty,
        })
    }
}

fn recent(before: Option<Timestamp>, at: Timestamp) -> bool {
    before.is_some_and(|before| at.duration_since(before).abs() <= ERRORS_HOLD)
}

/// The sensor that a TAG block names, else the feed's.
fn site_of<'a>(job: &'a Job<'_>, station: &[u8]) -> Option<&'a Site> {
    let station = std::str::from_utf8(station).unwrap_or_default();
    let site = job.origin.receiver(station);
    site.or_else(|| job.origin.default_site())
}

fn said(job: &Job<'_>, station: &[u8], at: Timestamp, place: Place, told: &Told) -> Said {
    let site = site_of(job, station);
    let height = told.height_m.map(|height_m| Height {
        height_m,
        above: HeightDatum::MeanSeaLevel,
    });
    Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: Interval::instant(at),
        location: Some(Location::Fix { place, height }),
        reading: Reading::SensorState(SensorState {
            health: Health::Working,
            text: String::new(),
        }),
        grade: None,
    }
}

fn sheet(sentence: &Sentence<'_>, observed_at: Option<Timestamp>) -> Sheet {
    let mut sheet = Sheet::new(sentence.formatter);
    sentence.describe(&mut sheet);
    sheet.maybe("observed_at", observed_at.map(|at| at.to_string()));
    describe_tag(sentence.tag.pairs, &mut sheet);
    sheet
}

/// Writes where one of the mission's own is, as `ZDA`, `GST` and `GGA`, or a radar's target as `TTM`
/// or `TLL`, with the sensor in the TAG block.
/// Positions are rounded to a ten-millionth of a minute, times and errors to a thousandth of a second
/// or metre.
///
/// # Errors
/// [`Unencodable`] for other readings, for states other than working, and without a position.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("nmea", reason);
    if let Reading::Radar(target) = &observation.reading {
        let body = target::write(observation, target);
        let body = body.ok_or_else(|| refuse("it says no place that a target's sentence can"))?;
        return Ok(vec![line(observation, &body)]);
    }
    let Reading::SensorState(SensorState {
        health: Health::Working,
        ..
    }) = &observation.reading
    else {
        return Err(refuse(
            "it does not say that one of the mission's own works",
        ));
    };
    let Some(Location::Fix { place, height }) = &observation.location else {
        return Err(refuse("it has no position"));
    };
    let height_m = match height {
        None => None,
        Some(Height {
            height_m,
            above: HeightDatum::MeanSeaLevel,
        }) => Some(*height_m),
        Some(_) => return Err(refuse("its height is not above mean sea level")),
    };
    let written = write::write(observation.observed_at.start, place, height_m);
    let lines = written.iter().map(|body| line(observation, body));
    Ok(lines.collect())
}

fn line(observation: &Observation, body: &str) -> String {
    let mut line = String::new();
    if let Some(sensor) = &observation.sensor {
        push_checked(&mut line, '\\', &format!("s:{sensor}"));
        line.push('\\');
    }
    push_checked(&mut line, '$', body);
    line
}

#[cfg(test)]
mod tests;
