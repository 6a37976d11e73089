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
        self.decode_named(message, message.id(), out);
    }

    /// Does what [`Decoder::decode`] does for a message whose name is already known, which saves
    /// hashing it once more. `name` must be [`RawMessage::id`] of the message.
    pub fn decode_named(&mut self, message: &RawMessage, name: MessageId, out: &mut Decoded) {
        let Self { origin, state } = self;
        let receipt = Receipt {
            message: name,
            received_at: message.received_at,
        };
        if let State::Aivdm(sentences) = state
            && !is_overlong(&message.bytes)
        {
            sentences.decode(&message.bytes, &receipt, origin, out);
            return;
        }
        let observation = text_of(&message.bytes).and_then(|text| match text {
            None => Ok(None),
            Some(text) => decode_text(state, text, &receipt, origin),
        });
        match observation {
            Ok(None) => {}
            Ok(Some(observation)) => out.observations.push(observation),
            Err(fault) => out.rejections.push(receipt.reject(&origin.feed, fault)),
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
fn text_of(bytes: &[u8]) -> Result<Option<&str>, Fault> {
    if is_overlong(bytes) {
        let reason = format!("the line is longer than {} bytes", crate::LINE_BYTES_MAX);
        return Err(Fault::new(RejectionClass::LineLength, reason));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let reason = format!("not UTF-8 from byte {} on", error.valid_up_to());
        Fault::new(RejectionClass::Encoding, reason)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    Ok((!text.is_empty() && !text.starts_with('#')).then_some(text))
}

fn decode_text(
    state: &mut State,
    text: &str,
    receipt: &Receipt,
    origin: &Origin,
) -> Result<Option<Observation>, Fault> {
    let said = match state {
        State::Firms(rows) => rows.decode(text, origin)?,
        State::Acoustic(rows) => rows.decode(text, origin)?,
        State::Seismic(rows) => rows.decode(text, origin)?,
        State::Uav(rows) => rows.decode(text, origin)?,
        State::Report => Some(report::decode(text, origin)?),
        State::Jsonl => return jsonl::decode(text, receipt, origin).map(Some),
        // Only overlong lines of this format come here, and those are no text.
        State::Aivdm(_) => None,
    };
    Ok(said.map(|said| said.by(receipt, origin)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{decode, decode_one, feed, message, network};

    /// Lines that each format reads, to be cut, joined and changed.
    fn seeds(format: Format) -> Vec<Vec<u8>> {
        let observed_at = r#""observed_at":"2025-03-01T12:00:00Z""#;
        let lines = match format {
            Format::FirmsCsv => vec![
                firms::header(),
                "48.2,37.2,297.5,0.53,0.67,2025-08-11,0045,N,VIIRS,n,2,281.8,0.3,N".to_owned(),
                "48.2,37.2,2025-08-11".to_owned(),
            ],
            Format::Aivdm => vec![
                "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C".to_owned(),
                "\\g:1-2-31,s:ais-1,c:1740830400*26\\!AIVDM,2,1,9,B,88,0*1F".to_owned(),
                "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B".to_owned(),
            ],
            Format::AcousticCsv => vec![
                acoustic::header(),
                "post-17/acoustic,2025-03-01T12:00:00Z,81.5,2.5,artillery,true,95,18".to_owned(),
            ],
            Format::SeismicCsv => vec![
                seismic::header(),
                "malyn,P,2025-03-01T12:00:00.125Z,0.2,12.5".to_owned(),
            ],
            Format::UavCsv => vec![
                uav::header(),
                "post-17/uav,2025-03-01T12:00:00Z,,radio,,,,12,,4000,,,,,,,,,".to_owned(),
            ],
            Format::ReportJson => vec![format!(
                r#"{{"speaker":"patrol",{observed_at},"about":"presence","from":"post-17",
                    "bearing_deg":45,"distance_m":3000}}"#
            )],
            Format::TruceJsonl => vec![format!(
                r#"{{"version":1,{observed_at},"location":{{"arrival":{{"station":{{"lat_deg":1,
                    "lon_deg":2}},"arrival_s_sigma":1}}}},
                    "reading":{{"seismic":{{"phase":"P"}}}}}}"#
            )],
        };
        lines.into_iter().map(String::into_bytes).collect()
    }

    /// A line of a format with some bytes replaced, inserted or removed, or any bytes at all.
    fn hostile_lines() -> impl Strategy<Value = (Format, Vec<Vec<u8>>)> {
        let edit = (any::<prop::sample::Index>(), 0..3u8, any::<u8>());
        let edited = move |format| {
            let seed = prop::sample::select(seeds(format));
            (seed, prop::collection::vec(edit.clone(), 0..6)).prop_map(|(mut line, edits)| {
                for (index, kind, byte) in edits {
                    let at = index.index(line.len() + 1);
                    match kind {
                        0 if at < line.len() => line[at] = byte,
                        1 if at < line.len() => {
                            line.remove(at);
                        }
                        _ => line.insert(at, byte),
                    }
                }
                line
            })
        };
        prop::sample::select(Format::ALL.to_vec()).prop_flat_map(move |format| {
            let line = prop_oneof![
                3 => edited(format),
                1 => prop::collection::vec(any::<u8>(), 0..120),
            ];
            (Just(format), prop::collection::vec(line, 1..8))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// No bytes panic, each line gives at most one thing, what comes out is stored and read
        /// back, and a decoder that has seen all that still reads a good line.
        #[test]
        fn hostile_lines_are_values((format, lines) in hostile_lines()) {
            let mut decoder = Decoder::new(format, &feed(format), &network());
            let mut out = Decoded::default();
            for line in &lines {
                decoder.decode(&message(format, line), &mut out);
            }
            decoder.finish(&mut out);
            prop_assert!(out.observations.len() + out.rejections.len() <= lines.len());
            for observation in &out.observations {
                let text = serde_json::to_string(observation).unwrap();
                let back: Observation = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&back, observation);
            }
            for line in seeds(format) {
                out.clear();
                decoder.decode(&message(format, &line), &mut out);
                let waits = format == Format::Aivdm && line != seeds(format)[0];
                let header = format.header().is_some_and(|header| header.as_bytes() == line);
                let archive = format == Format::FirmsCsv && line.len() < 30;
                let expected = usize::from(!(waits || header || archive));
                prop_assert_eq!(out.observations.len(), expected, "{:?}", out.rejections);
            }
        }
    }

    #[test]
    fn names_follow_from_message_and_time() {
        let line = "48.2,37.2,2025-08-11";
        let got = decode_one(Format::FirmsCsv, &[line]);
        assert_eq!(got.message, message(Format::FirmsCsv, line.as_bytes()).id());
        assert_eq!(got.id, Observation::name(got.message, 0, got.observed_at));
        assert_eq!(got.source.as_str(), "firms-csv");
    }

    #[test]
    fn text_that_is_no_text() {
        for format in Format::ALL {
            let out = decode(format, &[&b"\xFF\xFE"[..]]);
            let class = if format == Format::Aivdm {
                "sentence"
            } else {
                "encoding"
            };
            assert_eq!(out.rejections[0].class.as_str(), class, "{format:?}");
            let long = vec![b'1'; crate::LINE_BYTES_MAX + 1];
            let out = decode(format, &[long]);
            assert_eq!(
                out.rejections[0].class.as_str(),
                "line_length",
                "{format:?}"
            );
        }
    }
}
