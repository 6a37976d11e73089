//! What is sent: observations become lines of their feed's format, each with its time of arrival.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::{Feed, Mission};
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, Grade, Interval, Location, MessageId, Observation, ObservationId, RawMessage, Reading,
    Slug, Timestamp,
};
use truce_feeds::{Format, jsonl};

use crate::truth::TruthEvent;
use crate::{Options, transit};

/// One reading on its way.
pub(crate) struct Sent<'s> {
    /// The feed by which it comes.
    pub(crate) feed: &'s Slug,
    /// The sensor that made it, when it says so.
    pub(crate) sensor: Option<&'s Slug>,
    /// When it was made.
    pub(crate) observed_at: Interval,
    /// How long after that it arrives, seconds.
    pub(crate) delay_s: f64,
    /// Where, as the sensor says it.
    pub(crate) location: Option<Location>,
    /// What was read.
    pub(crate) reading: Reading,
    /// Its grade.
    pub(crate) grade: Grade,
}

/// Messages on their way, in no order yet.
pub(crate) struct Outbox<'m> {
    mission: &'m Mission,
    formats: BTreeMap<Slug, Format>,
    messages: Vec<RawMessage>,
    /// Readings that a feed's format could not carry, by feed.
    unencodable: BTreeMap<Slug, u64>,
}

impl<'m> Outbox<'m> {
    pub(crate) fn new(mission: &'m Mission) -> Self {
        let format =
            |feed: &Feed| Some((feed.id.clone(), Format::from_slug(feed.format.as_str())?));
        Self {
            mission,
            formats: mission.network.feeds.iter().filter_map(format).collect(),
            messages: Vec::new(),
            unencodable: BTreeMap::new(),
        }
    }

    /// Sends a reading by its feed.
    pub(crate) fn send(&mut self, sent: Sent<'_>) {
        let observation = Observation {
            // A sensor knows no names; the decoder gives them.
            id: ObservationId(Digest([0; 32])),
            message: MessageId(Digest([0; 32])),
            source: sent.feed.clone(),
            sensor: sent.sensor.cloned(),
            observed_at: sent.observed_at,
            received_at: plus_seconds(sent.observed_at.end, sent.delay_s),
            location: sent.location,
            reading: sent.reading,
            grade: sent.grade,
            signed_by: None,
        };
        self.send_observation(&observation);
    }

    /// Sends an observation by the feed it names.
    pub(crate) fn send_observation(&mut self, observation: &Observation) {
        let feed = &observation.source;
        let encoded = match self.formats.get(feed) {
            Some(Format::TruceJsonl) => jsonl::encode_new(observation),
            Some(format) => format.encode(observation),
            None => return,
        };
        let Ok(lines) = encoded else {
            *self.unencodable.entry(feed.clone()).or_default() += 1;
            return;
        };
        for line in lines {
            self.post(feed.clone(), observation.received_at, line.into_bytes());
        }
    }

    /// Sends bytes as they are.
    pub(crate) fn post(&mut self, source: Slug, received_at: Timestamp, bytes: Vec<u8>) {
        self.messages.push(RawMessage {
            source,
            received_at,
            bytes,
        });
    }

    /// Everything in order of arrival, with what was done to it on its way. Messages of one feed
    /// that arrive together keep the order in which they were sent; each feed begins with its
    /// format's header.
    pub(crate) fn deliver(self, options: &Options) -> (Vec<RawMessage>, Vec<TruthEvent>) {
        let Self {
            mission,
            formats,
            mut messages,
            unencodable,
        } = self;
        let mut truth = transit::disturb(mission, options, &mut messages);
        let used: BTreeSet<Slug> = messages
            .iter()
            .map(|message| message.source.clone())
            .collect();
        let header = |feed: &Feed| {
            let text = formats
                .get(&feed.id)?
                .header()
                .filter(|_| used.contains(&feed.id))?;
            let bytes = text.into_bytes();
            Some(RawMessage {
                source: feed.id.clone(),
                received_at: options.start,
                bytes,
            })
        };
        let mut all: Vec<RawMessage> = mission.network.feeds.iter().filter_map(header).collect();
        all.append(&mut messages);
        all.sort_by(|a, b| (a.received_at, &a.source).cmp(&(b.received_at, &b.source)));
        let whole = Interval::between(options.start, options.end());
        truth.extend(unencodable.into_iter().map(|(feed, count)| TruthEvent {
            object: Some(feed.to_string()),
            ..TruthEvent::remark(
                whole,
                format!("its format could not carry {count} readings"),
            )
        }));
        (all, truth)
    }
}
