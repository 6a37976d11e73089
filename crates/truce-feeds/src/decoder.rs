//! One decoder per feed: hands each message to its format's module and gives what comes out its
//! name.

use std::fmt;

use serde_json::{Map, Value};
use truce_core::mission::{Feed, SensorNetwork};
use truce_core::{
    Grade, Interval, Location, MessageId, Observation, RawMessage, Reading, Rejection, Slug,
    Timestamp,
};

use crate::fault::{Fault, RejectionClass};
use crate::format::Format;
use crate::framer::is_overlong;
use crate::origin::Origin;
use crate::sheet::Sheet;

/// What came out of messages. Reuse it: [`Decoded::clear`] keeps the memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Readings, in the order of their messages.
    pub observations: Vec<Observation>,
    /// Messages that could not be decoded, in their order.
    pub rejections: Vec<Rejection>,
    /// Everything each message says, filled only when this is `Some`.
    pub sheets: Option<Vec<Sheet>>,
}

impl Decoded {
    /// One that is filled with sheets too.
    #[must_use]
    pub fn with_sheets() -> Self {
        Self {
            sheets: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Adds a sheet when sheets are wanted.
    pub(crate) fn sheet(&mut self, sheet: impl FnOnce() -> Sheet) {
        if let Some(sheets) = &mut self.sheets {
            sheets.push(sheet());
        }
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.rejections.clear();
        if let Some(sheets) = &mut self.sheets {
            sheets.clear();
        }
    }
}

/// A message's name, and when and by what feed it came.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(crate) message: MessageId,
    pub(crate) received_at: Timestamp,
}

impl Receipt {
    /// The rejection of this message.
    pub(crate) fn reject(&self, feed: &Slug, fault: Fault) -> Rejection {
        Rejection {
            message: self.message,
            source: feed.clone(),
            received_at: self.received_at,
            class: fault.class.slug(),
            reason: fault.reason,
        }
    }
}

/// What a message says, before it is given its name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) sensor: Option<Slug>,
    pub(crate) observed_at: Interval,
    pub(crate) location: Option<Location>,
    pub(crate) reading: Reading,
    /// `None`: the feed's grade.
    pub(crate) grade: Option<Grade>,
}

impl Said {
    /// The observation with its name, the `index`-th of its message.
    #[inline]
    pub(crate) fn by(self, receipt: &Receipt, origin: &Origin, index: u32) -> Observation {
        Observation {
            id: Observation::name(receipt.message, index, self.observed_at),
            message: receipt.message,
            source: origin.feed.clone(),
            sensor: self.sensor,
            observed_at: self.observed_at,
            received_at: receipt.received_at,
            location: self.location,
            reading: self.reading,
            grade: self.grade.unwrap_or(origin.grade),
            signed_by: None,
        }
    }

    /// What it says as a sheet, for formats whose observations hold all that a message says.
    pub(crate) fn sheet(&self, given: Map<String, Value>) -> Sheet {
        let mut sheet = Sheet::default();
        // These types are written as JSON throughout the project; that cannot fail.
        let json = |value: serde_json::Result<Value>| value.unwrap_or(Value::Null);
        if let Value::Object(reading) = json(serde_json::to_value(&self.reading)) {
            for (kind, fields) in reading {
                sheet.kind = kind;
                if let Value::Object(fields) = fields {
                    sheet.fields = fields;
                }
            }
        }
        sheet.set("observed_at", json(serde_json::to_value(self.observed_at)));
        if let Some(location) = &self.location {
            sheet.set("location", json(serde_json::to_value(location)));
        }
        sheet.maybe("sensor", self.sensor.as_ref().map(|sensor| sensor.as_str()));
        sheet.given = given;
        sheet
    }
}

/// One message to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) receipt: &'a Receipt,
    pub(crate) origin: &'a Origin,
}

impl<'a> Job<'a> {
    /// The message's text, or `None` when it says nothing: blank lines and remarks (`#`).
    pub(crate) fn text(&self) -> Result<Option<&'a str>, Fault> {
        let text = std::str::from_utf8(self.bytes).map_err(|error| {
            let reason = format!("not UTF-8 from byte {} on", error.valid_up_to());
            Fault::new(RejectionClass::Encoding, reason)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        Ok((!text.is_empty() && !text.starts_with('#')).then_some(text))
    }

    /// The `index`-th thing that the message says.
    #[inline]
    pub(crate) fn say(&self, said: Said, index: u32, out: &mut Decoded) {
        out.observations
            .push(said.by(self.receipt, self.origin, index));
    }

    /// The one thing that the message says, and a sheet made from it and the sender's own fields.
    #[inline]
    pub(crate) fn say_with(
        &self,
        said: Said,
        out: &mut Decoded,
        given: impl FnOnce() -> Map<String, Value>,
    ) {
        out.sheet(|| said.sheet(given()));
        self.say(said, 0, out);
    }
}

/// Reads the messages of one format in their order of arrival. It may remember what a message
/// leaves to an earlier one.
pub(crate) trait Reader: fmt::Debug + Send {
    /// Reads one message, never an overlong one. A fault rejects the whole message.
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault>;

    /// Rejects what waits for parts that can no longer come.
    fn finish(&mut self, _origin: &Origin, _out: &mut Decoded) {}
}

/// Decodes the messages of one feed, in their order of arrival. It remembers what a message may
/// leave to an earlier one: a CSV header, the parts of an AIS message, the time of a `$PGHP` line.
#[derive(Debug)]
pub struct Decoder {
    origin: Origin,
    reader: Box<dyn Reader>,
}

impl Decoder {
    /// A decoder for a feed of a mission.
    #[must_use]
    pub fn new(format: Format, feed: &Feed, network: &SensorNetwork) -> Self {
        let origin = Origin::new(feed, network);
        let reader = format.reader();
        Self { origin, reader }
    }

    /// Decodes one message as a [`Framer`](crate::Framer) of the format cuts it. Blank lines,
    /// remarks (`#`) and headers give nothing; everything else gives observations, a rejection, or
    /// is a part of a later one.
    pub fn decode(&mut self, message: &RawMessage, out: &mut Decoded) {
        self.decode_named(message, message.id(), out);
    }

    /// Does what [`Decoder::decode`] does for a message whose name is already known, which saves
    /// hashing it once more. `name` must be [`RawMessage::id`] of the message.
    pub fn decode_named(&mut self, message: &RawMessage, name: MessageId, out: &mut Decoded) {
        let receipt = Receipt {
            message: name,
            received_at: message.received_at,
        };
        let job = Job {
            bytes: &message.bytes,
            receipt: &receipt,
            origin: &self.origin,
        };
        let read = if is_overlong(job.bytes) {
            let reason = format!("longer than {} bytes", crate::LINE_BYTES_MAX);
            Err(Fault::new(RejectionClass::LineLength, reason))
        } else {
            self.reader.read(&job, out)
        };
        if let Err(fault) = read {
            out.rejections
                .push(receipt.reject(&self.origin.feed, fault));
        }
    }

    /// Rejects what waits for parts that can no longer come. Call it when a file or a connection
    /// has ended for good.
    pub fn finish(&mut self, out: &mut Decoded) {
        self.reader.finish(&self.origin, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{decode, decode_one, message};

    #[test]
    fn names_follow_from_message_and_time() {
        let line = "48.2,37.2,2025-08-11";
        let got = decode_one(Format::FirmsCsv, &[line]);
        assert_eq!(got.message, message(Format::FirmsCsv, line.as_bytes()).id());
        assert_eq!(got.id, Observation::name(got.message, 0, got.observed_at));
        assert_eq!(got.source.as_str(), "firms-csv");
    }

    #[test]
    fn what_is_no_message_is_rejected_by_every_format() {
        for format in Format::ALL {
            let out = decode(format, &[&b"\xFF\xFE"[..]]);
            assert_eq!(out.observations, [], "{format:?}");
            assert_eq!(out.rejections.len(), 1, "{format:?}");
            let long = vec![b'1'; crate::LINE_BYTES_MAX + 1];
            let out = decode(format, &[long]);
            let class = out.rejections[0].class.as_str();
            assert_eq!(class, "line_length", "{format:?}");
        }
    }

    #[test]
    fn a_sheet_holds_the_row_as_it_came() {
        let mut decoder = Decoder::new(
            Format::FirmsCsv,
            &crate::sample::feed(Format::FirmsCsv),
            &crate::sample::network(),
        );
        let mut out = Decoded::with_sheets();
        decoder.decode(
            &message(Format::FirmsCsv, b"48.2,37.2,2025-08-11"),
            &mut out,
        );
        let sheets = out.sheets.unwrap();
        assert_eq!(sheets.len(), 1);
        assert_eq!(sheets[0].kind, "thermal_anomaly");
        assert_eq!(sheets[0].given["acq_date"], "2025-08-11");
        assert_eq!(sheets[0].given["latitude"], "48.2");
    }
}
