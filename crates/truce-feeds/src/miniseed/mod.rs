//! Waveforms of seismic stations and infrasound arrays in miniSEED, and the arrivals in them.
//!
//! - `record`: one record, version 2.4 or 3; `write`: the way back, version 2.4; `steim`: compressed samples;
//!   `gain`: samples with a gain of their own
//! - `picker`: where a wave arrives
//!
//! Vertical channels (orientation `Z`) give arrivals of P waves, pressure channels (instrument `D`)
//! sounds without a direction; other channels are read and give none. A channel's records follow each
//! other: after a gap its picker begins anew, and a record that came before is left out.

mod gain;
mod picker;
pub mod record;
mod steim;
mod write;

use std::collections::BTreeMap;

use truce_core::mission::Picker;
use truce_core::observation::{AcousticDetection, SeismicPhase, SeismicPick};
use truce_core::{Interval, Location, Observation, Reading};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::sheet::Sheet;
use picker::{Channel, Pick};
pub use record::Record;
pub(crate) use record::{cut, looks_like};
pub use write::write;

/// Channels that one feed follows. Of more the first by name is forgotten, which costs it the arrivals
/// of one long window.
const CHANNELS_MAX: usize = 256;

/// Sample rates that are picked, hertz: below nothing of an explosion is seen, above it is sound.
const RATES_HZ: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;

/// Reads the records of one feed.
#[derive(Debug, Default)]
pub(crate) struct Records {
    channels: BTreeMap<[String; 4], Channel>,
}

impl Reader for Records {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let record = Record::read(job.bytes)?;
        out.sheet(|| sheet(&record));
        let Some(instrument) = Instrument::of(&record.channel) else {
            return Ok(());
        };
        if record.samples.is_empty() || !RATES_HZ.contains(&record.sample_rate_hz) {
            return Ok(());
        }
        let picks = self.pick(job, &record);
        for (index, pick) in (0..).zip(picks) {
            job.say(said(job, &record, instrument, pick)?, index, out);
        }
        Ok(())
    }
}

impl Records {
    fn pick(&mut self, job: &Job<'_>, record: &Record) -> Vec<Pick> {
        let usual = Picker::default();
        let settings = job.origin.decoding.picker.as_ref().unwrap_or(&usual);
        let name = [
            &record.network,
            &record.station,
            &record.location,
            &record.channel,
        ];
        let name = name.map(String::clone);
        if self.channels.len() >= CHANNELS_MAX && !self.channels.contains_key(&name) {
            self.channels.pop_first();
        }
        let begin = || Channel::new(settings, record);
        let channel = self.channels.entry(name).or_insert_with(begin);
        if channel.is_ahead_of(record) {
            return Vec::new();
        }
        if !channel.is_continued_by(record) {
            *channel = begin();
        }
        channel.take(record)
    }
}

/// What a channel's instrument measures (SEED v2.4, appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instrument {
    Ground,
    Pressure,
}

impl Instrument {
    fn of(channel: &str) -> Option<Self> {
        match channel.as_bytes() {
            [_, b'D', ..] => Some(Self::Pressure),
            [_, b'H' | b'L' | b'N' | b'P', b'Z'] => Some(Self::Ground),
            _ => None,
        }
    }
}

/// An arrival at the station: the sensor that is called `net.sta` or `sta`, else the feed's.
fn said(job: &Job<'_>, record: &Record, instrument: Instrument, pick: Pick) -> Result<Said, Fault> {
    let station = record.station.to_ascii_lowercase();
    let whole = format!("{}.{station}", record.network.to_ascii_lowercase());
    let origin = job.origin;
    let named = origin
        .receiver(&whole)
        .or_else(|| origin.receiver(&station));
    let site = named.or_else(|| origin.default_site()).ok_or_else(|| {
        let reason = format!("no sensor of the mission is called `{whole}` or `{station}`");
        Fault::new(RejectionClass::UnknownSensor, reason)
    })?;
    let (site, position) = origin.station(site.id.as_str())?;
    let clock_s = site.errors.time_s_sigma.unwrap_or(0.0);
    let signal_to_noise_db = Some(10.0 * libm::log10(pick.ratio));
    let reading = match instrument {
        Instrument::Ground => Reading::Seismic(SeismicPick {
            phase: SeismicPhase::P,
            signal_to_noise_db,
        }),
        Instrument::Pressure => Reading::Acoustic(AcousticDetection {
            class: None,
            launch: None,
            level_db: None,
            signal_to_noise_db,
        }),
    };
    Ok(Said {
        sensor: Some(site.id.clone()),
        observed_at: Interval::instant(pick.at),
        location: Some(Location::Arrival {
            station: position,
            arrival_s_sigma: libm::hypot(pick.s_sigma, clock_s),
        }),
        reading,
        grade: None,
    })
}

fn sheet(record: &Record) -> Sheet {
    let mut sheet = Sheet::new(format!("miniSEED {}", record.version));
    sheet.set("network", record.network.as_str());
    sheet.set("station", record.station.as_str());
    sheet.set("location", record.location.as_str());
    sheet.set("channel", record.channel.as_str());
    sheet.set("started_at", record.started_at.to_string());
    sheet.set("sample_rate_hz", record.sample_rate_hz);
    sheet.set("encoding", record.encoding);
    sheet.maybe("timing_quality_percent", record.timing_quality_percent);
    sheet.set("samples", record.samples.clone());
    let text = Some(record.text.as_str()).filter(|text| !text.is_empty());
    sheet.maybe("text", text);
    sheet
}

/// Refuses: an arrival is no waveform. Waveforms are written by [`write()`].
///
/// # Errors
/// [`Unencodable`], always.
pub fn encode(_: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    Err(Unencodable::new("miniseed", "an arrival is no waveform"))
}

#[cfg(test)]
mod tests;
