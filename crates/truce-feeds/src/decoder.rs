//! One decoder per feed: hands each message to its format's module and gives what comes out its
//! name.

use truce_core::mission::{Feed, SensorNetwork};
use truce_core::{
    Grade, Interval, Location, MessageId, Observation, RawMessage, Reading, Rejection, Slug,
    Timestamp,
};

use crate::fault::{Fault, RejectionClass};
use crate::format::Format;
use crate::framer::is_overlong;
use crate::origin::Origin;
use crate::{acoustic, aivdm, firms, jsonl, report, seismic, uav};

/// What came out of messages. Reuse it: [`Decoded::clear`] keeps the memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Readings, in the order of their messages.
    pub observations: Vec<Observation>,
    /// Messages that could not be decoded, in their order.
    pub rejections: Vec<Rejection>,
}

impl Decoded {
    /// Empties it.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.rejections.clear();
    }
}

/// A message's name, and when and by what feed it came.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(crate) message: MessageId,
    pub(crate) received_at: Timestamp,
}

impl Receipt {
    pub(crate) fn of(message: &RawMessage) -> Self {
        Self {
            message: message.id(),
            received_at: message.received_at,
        }
    }

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
    /// The observation with its name. One message of these formats says one thing.
    pub(crate) fn by(self, receipt: &Receipt, origin: &Origin) -> Observation {
        Observation {
            id: Observation::name(receipt.message, 0, self.observed_at),
            message: receipt.message,
            source: origin.feed.clone(),
            sensor: self.sensor,
            observed_at: self.observed_at,
            received_at: receipt.received_at,
            location: self.location,
            reading: self.reading,
            grade: self.grade.unwrap_or(origin.grade),
        }
    }
}

/// Decodes the messages of one feed, in their order of arrival. It remembers what a message may
/// leave to an earlier one: a CSV header, the parts of an AIS message, the time of a `$PGHP` line.
#[derive(Debug)]
pub struct Decoder {
    origin: Origin,
    state: State,
}

#[derive(Debug)]
enum State {
    Firms(firms::Rows),
    Aivdm(Box<aivdm::Sentences>),
    Acoustic(acoustic::Rows),
    Seismic(seismic::Rows),
    Uav(uav::Rows),
    Report,
    Jsonl,
}

impl Decoder {
    /// A decoder for a feed of a mission.
    #[must_use]
    pub fn new(format: Format, feed: &Feed, network: &SensorNetwork) -> Self {
        let state = match format {
            Format::FirmsCsv => State::Firms(firms::Rows::new()),
            Format::Aivdm => State::Aivdm(Box::default()),
            Format::AcousticCsv => State::Acoustic(acoustic::Rows::new()),
            Format::SeismicCsv => State::Seismic(seismic::Rows::new()),
            Format::UavCsv => State::Uav(uav::Rows::new()),
            Format::ReportJson => State::Report,
            Format::TruceJsonl => State::Jsonl,
        };
        let origin = Origin::new(feed, network);
        Self { origin, state }
    }

    /// Decodes one message: one line without its end. Blank lines, remarks (`#`) and headers give
    /// nothing; everything else gives an observation, a rejection, or is a part of a later one.
    pub fn decode(&mut self, message: &RawMessage, out: &mut Decoded) {
        let Self { origin, state } = self;
        if let State::Aivdm(sentences) = state
            && !is_overlong(&message.bytes)
        {
            sentences.decode(message, origin, out);
            return;
        }
        let observation = text_of(message).and_then(|text| match text {
            None => Ok(None),
            Some(text) => decode_text(state, text, message, origin),
        });
        match observation {
            Ok(None) => {}
            Ok(Some(observation)) => out.observations.push(observation),
            Err(fault) => {
                let rejection = Receipt::of(message).reject(&origin.feed, fault);
                out.rejections.push(rejection);
            }
        }
    }

    /// Rejects what waits for parts that can no longer come. Call it when a file or a connection
    /// has ended for good.
    pub fn finish(&mut self, out: &mut Decoded) {
        if let State::Aivdm(sentences) = &mut self.state {
            sentences.finish(&self.origin, out);
        }
    }
}

/// The text of a message, or `None` when it says nothing.
fn text_of(message: &RawMessage) -> Result<Option<&str>, Fault> {
    if is_overlong(&message.bytes) {
        let reason = format!("the line is longer than {} bytes", crate::LINE_BYTES_MAX);
        return Err(Fault::new(RejectionClass::LineLength, reason));
    }
    let text = std::str::from_utf8(&message.bytes).map_err(|error| {
        let reason = format!("not UTF-8 from byte {} on", error.valid_up_to());
        Fault::new(RejectionClass::Encoding, reason)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    Ok((!text.is_empty() && !text.starts_with('#')).then_some(text))
}

fn decode_text(
    state: &mut State,
    text: &str,
    message: &RawMessage,
    origin: &Origin,
) -> Result<Option<Observation>, Fault> {
    let said = match state {
        State::Firms(rows) => rows.decode(text, origin)?,
        State::Acoustic(rows) => rows.decode(text, origin)?,
        State::Seismic(rows) => rows.decode(text, origin)?,
        State::Uav(rows) => rows.decode(text, origin)?,
        State::Report => Some(report::decode(text, origin)?),
        State::Jsonl => return jsonl::decode(text, &Receipt::of(message), origin).map(Some),
        // Only overlong lines of this format come here, and those are no text.
        State::Aivdm(_) => None,
    };
    Ok(said.map(|said| said.by(&Receipt::of(message), origin)))
}
