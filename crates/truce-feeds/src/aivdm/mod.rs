//! AIS in NMEA 0183 sentences (IEC 61162-1, NMEA 0183 v4.11), messages after Rec. ITU-R M.1371-5.
//!
//! - `sentence`: one line: TAG block, sentence, checksum, `$PGHP`
//! - `assembly`: messages of several sentences
//! - `bits`: armour, fields, six-bit text
//! - `layout`: where the fields of each message lie
//! - `tables`, `fields`: every field of every message, for those who want to see them all
//! - `application`: what applications put into binary messages
//! - `targets`: what a traffic service sees, told in one of them
//! - `decode`, `other`: what the fields say; `encode`: the way back
//!
//! The decoder is our own: the encoder needs the same tables, and what makes a receiver's stream
//! readable (TAG blocks, `$PGHP` lines, interleaved parts, fill bits, messages cut short by their
//! sender) lies around the bits rather than in them.
//!
//! **When.** The line's own time is that of the TAG block's `c`, of a `$PGHP` line before it, of
//! the receiver's tail, or else of arrival here. Reports with a UTC second are then placed on the
//! last such second before. Messages 4 and 11 state their whole time; it counts when it agrees with
//! the line's.
//!
//! **Where.** The error of a position is that of the feed's sensor when the mission states one,
//! else 10 m for reports that say so of themselves and 30 m for all others; half a step of a tenth
//! of a minute is added to coarse positions.

mod application;
mod assembly;
mod bits;
mod decode;
mod encode;
mod fields;
mod layout;
mod other;
pub(crate) mod sentence;
mod tables;
mod targets;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use truce_core::place::Ellipse;
use truce_core::time::SignedDuration;
use truce_core::{Interval, Location, Place, Reading, Timestamp};

use crate::decoder::{Decoded, Job, Reader, Receipt, Said};
use crate::fault::{Fault, RejectionClass};
use crate::nmea::PLACED_M_SIGMA;
use crate::origin::{Origin, Site};
use assembly::{Assembly, Part};
use bits::Bits;
use decode::Told;
use sentence::{Gatehouse, Line, Sentence};
use targets::Target;

pub use encode::encode;

/// Error of a position whose accuracy flag is set, metres: the flag means 10 m or better
/// (M.1371-5, Annex 8, Message 1, position accuracy).
const ACCURATE_M_SIGMA: f64 = 10.0;

/// Error of any other position, metres: the flag means worse than 10 m, also for plain GPS, which
/// reaches 10 to 30 m at sea.
const PLAIN_M_SIGMA: f64 = 30.0;

/// Error of a coarse position, metres: 30 m and the spread of a step of a tenth of a minute,
/// 185.2 m / √12 = 53.5 m, added in squares.
const COARSE_M_SIGMA: f64 = 61.3;

/// A report's second may lie this much ahead of the line's time because two clocks disagree; it is
/// then taken as the line's time, not as a second of the minute before.
const CLOCK_S_AHEAD_MAX: i64 = 5;

/// A station's own full time counts when it lies this close to the line's. A transmitter with a
/// wrong clock, or one that lies, does not date what we heard.
const CLOCK_DISAGREEMENT_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Reads the sentences of one feed.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    assembly: Assembly,
    /// The `$PGHP` line that waits for its sentence.
    gatehouse: Option<Gatehouse>,
    /// Sentences so far.
    count: u64,
    bits: Bits,
    lost: Vec<(Receipt, Fault)>,
}

/// Where and when a message was heard.
#[derive(Debug, Clone, Copy)]
struct Heard<'a> {
    at: Timestamp,
    site: Option<&'a Site>,
}

impl Reader for Sentences {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Job {
            receipt, origin, ..
        } = *job;
        let outcome = match sentence::read(job.bytes)? {
            Line::Nothing => return Ok(()),
            Line::Gatehouse(gatehouse) => {
                self.gatehouse = Some(gatehouse);
                return Ok(());
            }
            Line::Ais(sentence) => self.sentence(&sentence, receipt, origin, out),
        };
        self.report_lost(origin, out);
        outcome
    }

    fn finish(&mut self, origin: &Origin, out: &mut Decoded) {
        self.assembly.give_up_all(&mut self.lost);
        self.report_lost(origin, out);
    }
}

impl Sentences {
    fn report_lost(&mut self, origin: &Origin, out: &mut Decoded) {
        let lost = self.lost.drain(..);
        let rejections = lost.map(|(receipt, fault)| receipt.reject(&origin.feed, fault));
        out.rejections.extend(rejections);
    }

    fn sentence(
        &mut self,
        sentence: &Sentence<'_>,
        receipt: &Receipt,
        origin: &Origin,
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        self.count += 1;
        let heard_at = sentence
            .tag
            .received_at
            .or_else(|| self.gatehouse(sentence));
        if sentence.total == 1 {
            let heard = Heard {
                at: heard_at.unwrap_or(receipt.received_at),
                site: receiver(origin, sentence.tag.station),
            };
            self.bits.clear();
            self.bits
                .append_armoured(sentence.payload, usize::from(sentence.fill))?;
            self.write_sheet(sentence, sentence.tag.pairs, out);
            return self.message(receipt, heard, origin, out);
        }
        let count = self.count;
        let added = self
            .assembly
            .add(sentence, heard_at, receipt.clone(), count, &mut self.lost);
        let Some(whole) = added? else { return Ok(()) };
        self.bits.clear();
        for Part { payload, fill, .. } in &whole.parts {
            self.bits.append_armoured(payload, usize::from(*fill))?;
        }
        self.write_sheet(sentence, &whole.tag_pairs, out);
        // Named after its first sentence, whichever came last; received when it was complete.
        let first = whole.parts.first().map_or(receipt, |part| &part.receipt);
        let receipt = Receipt {
            message: first.message,
            received_at: receipt.received_at,
        };
        let heard = Heard {
            at: whole.heard_at.unwrap_or(receipt.received_at),
            site: receiver(origin, whole.station.as_deref()),
        };
        self.message(&receipt, heard, origin, out)
    }

    /// All fields of the message whose bits are complete, with what stood around it.
    fn write_sheet(&self, sentence: &Sentence<'_>, tag_pairs: &[u8], out: &mut Decoded) {
        // A message without a sender is rejected and says nothing.
        if self.bits.unsigned(layout::MMSI).is_none() {
            return;
        }
        out.sheet(|| {
            let mut sheet = fields::sheet(&self.bits);
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            sheet.set("sentence", text(sentence.address));
            if !sentence.channel.is_empty() {
                sheet.set("channel", text(sentence.channel));
            }
            sentence::describe_tag(tag_pairs, &mut sheet);
            sheet
        });
    }

    /// The time of the `$PGHP` line before a sentence, when it belongs to it: it names the
    /// sentence's checksum.
    fn gatehouse(&mut self, sentence: &Sentence<'_>) -> Option<Timestamp> {
        let gatehouse = self.gatehouse.take()?;
        let named = gatehouse
            .checksum
            .is_none_or(|sum| sum == sentence.checksum);
        (named || sentence.total > 1).then_some(gatehouse.received_at)
    }

    /// Reads the message whose bits are complete.
    fn message(
        &mut self,
        receipt: &Receipt,
        heard: Heard<'_>,
        origin: &Origin,
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        if self.bits.len() == 0 {
            let reason = "the payload is empty";
            return Err(Fault::new(RejectionClass::PayloadLength, reason));
        }
        let mut told = decode::decode(&self.bits)?;
        let observed_at = observed_at(&mut told, heard.at);
        let targets = targets::targets(&told.vessel);
        let location = location(&told, heard.site);
        let said = Said {
            sensor: heard.site.map(|site| site.id.clone()),
            observed_at: Interval::instant(observed_at),
            location,
            reading: Reading::Vessel(told.vessel),
            grade: None,
        };
        out.observations.push(said.by(receipt, origin, 0));
        for (index, target) in (1..).zip(targets) {
            let said = seen_by_service(target, heard);
            out.observations.push(said.by(receipt, origin, index));
        }
        Ok(())
    }
}

/// A target of a traffic service, which states no error.
fn seen_by_service(target: Target, heard: Heard<'_>) -> Said {
    let configured = heard.site.and_then(|site| site.errors.position_m_sigma);
    let place = Place {
        position: target.position,
        uncertainty: Ellipse::circle(configured.unwrap_or(PLACED_M_SIGMA)),
    };
    let second = target.second;
    let observed_at = second.map_or(heard.at, |second| last_second(heard.at, second));
    Said {
        sensor: heard.site.map(|site| site.id.clone()),
        observed_at: Interval::instant(observed_at),
        location: Some(Location::Fix {
            place,
            height: None,
        }),
        reading: Reading::Radar(target.seen),
        grade: None,
    }
}

/// The sensor that heard it: the one that goes by the station's name, else the feed's.
fn receiver<'a>(origin: &'a Origin, station: Option<&[u8]>) -> Option<&'a Site> {
    let station = station.and_then(|station| std::str::from_utf8(station).ok());
    station
        .and_then(|station| origin.receiver(station))
        .or_else(|| origin.default_site())
}

/// When it was observed, from what the message says and when it was heard.
fn observed_at(told: &mut Told, heard_at: Timestamp) -> Timestamp {
    if let Some(utc) = told.utc.and_then(instant) {
        if utc.duration_since(heard_at).abs() <= CLOCK_DISAGREEMENT_MAX {
            return utc;
        }
        told.keep("station_utc", Some(utc.to_string()));
    }
    match told.second {
        Some(second) => last_second(heard_at, second),
        None => heard_at,
    }
}

fn instant([year, month, day, hour, minute, second]: [i16; 6]) -> Option<Timestamp> {
    let small = |part: i16| i8::try_from(part).ok();
    let time = DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    );
    TimeZone::UTC.to_timestamp(time.ok()?).ok()
}

/// The last instant up to a time whose second of the minute is the given one.
fn last_second(heard_at: Timestamp, second: u8) -> Timestamp {
    let heard_s = heard_at.as_second();
    let earlier_s = (heard_s - i64::from(second)).rem_euclid(60);
    if earlier_s >= 60 - CLOCK_S_AHEAD_MAX {
        return heard_at;
    }
    Timestamp::from_second(heard_s - earlier_s).unwrap_or(heard_at)
}

fn location(told: &Told, site: Option<&Site>) -> Option<Location> {
    let configured = site.and_then(|site| site.errors.position_m_sigma);
    let own_m = match (told.coarse, told.vessel.accurate) {
        (true, _) => COARSE_M_SIGMA,
        (false, Some(true)) => ACCURATE_M_SIGMA,
        (false, _) => PLAIN_M_SIGMA,
    };
    let place = Place {
        position: told.position?,
        uncertainty: Ellipse::circle(configured.unwrap_or(own_m)),
    };
    let height = told.height;
    Some(Location::Fix { place, height })
}

#[cfg(test)]
mod tests;
