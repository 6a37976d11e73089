//! Puts the sentences of one message together again. Sentences of several messages may interleave,
//! come out of order, twice, or never.
//!
//! Parts belong together when they agree in number of sentences and sequential message number, and
//! in the TAG block's group, or else in station and channel as far as both say them: servers often
//! write station, time and channel on the first part only.

use truce_core::Timestamp;
use truce_core::time::SignedDuration;

use super::bits::MESSAGE_BITS_MAX;
use super::sentence::Sentence;
use crate::decoder::Receipt;
use crate::fault::{Fault, RejectionClass};

/// Most messages that wait for parts: ten sequential numbers on two channels of three receivers
/// that share a feed.
const WAITING_MAX: usize = 64;

/// How long a message waits for its parts: a transmission of five slots takes 0.13 s, relays and
/// satellite links add seconds.
const WAIT_MAX: SignedDuration = SignedDuration::from_secs(30);

/// How many sentences of the feed may come between two parts. In a file everything is received at
/// once, so that only this tells a part from the part of a later message with the same number.
const SENTENCES_BETWEEN_MAX: u64 = 1000;

/// How many may come between when the parts are out of order, which short swaps on the way cause;
/// further apart the later number is rather the rest of a message whose beginning was lost.
const SENTENCES_BETWEEN_SWAPPED_MAX: u64 = 32;

/// Longest station name that is compared, bytes.
const STATION_BYTES_MAX: usize = 96;

/// Longest TAG block that is kept, bytes: the standard's limit (NMEA 0183 v4.11, 7.1).
const TAG_BYTES_MAX: usize = 80;

/// Longest payload of one part, characters.
const PAYLOAD_MAX: usize = MESSAGE_BITS_MAX / 6;

/// One part as it waits.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its number in the message, from 1.
    number: u8,
    pub(crate) receipt: Receipt,
    pub(crate) payload: Vec<u8>,
    pub(crate) fill: u8,
}

/// A message of which at least one part came.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    total: u8,
    sequence: Option<u8>,
    group: Option<u32>,
    channel: Option<u8>,
    station: Option<Vec<u8>>,
    /// Pairs of the first TAG block.
    tag_pairs: Vec<u8>,
    /// When a receiver heard it, as the first part that says so has it.
    heard_at: Option<Timestamp>,
    /// The parts that came, in their order.
    parts: Vec<Part>,
    last_sentence: u64,
    last_received_at: Timestamp,
}

/// A message with all its parts.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) heard_at: Option<Timestamp>,
    pub(crate) station: Option<Vec<u8>>,
    pub(crate) tag_pairs: Vec<u8>,
    /// Its parts, in order; never empty.
    pub(crate) parts: Vec<Part>,
}

/// The messages that wait for parts, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    waiting: Vec<Waiting>,
}

impl Assembly {
    /// Takes a part; the whole message when it was the last one that missed. `sentence_count`
    /// counts the feed's sentences. Parts that are given up go to `lost`.
    pub(crate) fn add(
        &mut self,
        sentence: &Sentence<'_>,
        heard_at: Option<Timestamp>,
        receipt: Receipt,
        sentence_count: u64,
        lost: &mut Vec<(Receipt, Fault)>,
    ) -> Result<Option<Whole>, Fault> {
        if sentence.payload.len() > PAYLOAD_MAX {
            let reason = format!("a payload of {} characters", sentence.payload.len());
            return Err(Fault::new(RejectionClass::PayloadLength, reason));
        }
        let now = receipt.received_at;
        self.give_up_old(now, sentence_count, lost);
        let fits = |waiting: &Waiting| waiting.fits(sentence, sentence_count);
        let index = match self.waiting.iter().rposition(fits) {
            Some(index) => index,
            None => {
                if self.waiting.len() == WAITING_MAX {
                    give_up(self.waiting.remove(0), lost);
                }
                self.waiting.push(Waiting::of(sentence, now));
                self.waiting.len() - 1
            }
        };
        let waiting = &mut self.waiting[index];
        waiting.take(sentence, heard_at, receipt, sentence_count);
        if !waiting.is_whole() {
            return Ok(None);
        }
        let waiting = self.waiting.remove(index);
        Ok(Some(Whole {
            heard_at: waiting.heard_at,
            station: waiting.station,
            tag_pairs: waiting.tag_pairs,
            parts: waiting.parts,
        }))
    }

    /// Gives up everything that waits.
    pub(crate) fn give_up_all(&mut self, lost: &mut Vec<(Receipt, Fault)>) {
        for waiting in self.waiting.drain(..) {
            give_up(waiting, lost);
        }
    }

    fn give_up_old(&mut self, now: Timestamp, count: u64, lost: &mut Vec<(Receipt, Fault)>) {
        let old = |waiting: &mut Waiting| {
            count - waiting.last_sentence > SENTENCES_BETWEEN_MAX
                || now.duration_since(waiting.last_received_at).abs() > WAIT_MAX
        };
        for waiting in self.waiting.extract_if(.., old) {
            give_up(waiting, lost);
        }
    }
}

fn give_up(waiting: Waiting, lost: &mut Vec<(Receipt, Fault)>) {
    let total = waiting.total;
    for part in waiting.parts {
        let number = part.number;
        let reason = format!("sentence {number} of {total}, the others did not come");
        let fault = Fault::new(RejectionClass::Fragment, reason);
        lost.push((part.receipt, fault));
    }
}

/// True unless both are said and differ.
fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn station<'a>(sentence: &Sentence<'a>) -> Option<&'a [u8]> {
    let station = sentence.tag.station?;
    Some(&station[..station.len().min(STATION_BYTES_MAX)])
}

impl Waiting {
    fn of(sentence: &Sentence<'_>, now: Timestamp) -> Self {
        Self {
            total: sentence.total,
            sequence: sentence.sequence,
            group: None,
            channel: None,
            station: None,
            tag_pairs: Vec::new(),
            heard_at: None,
            parts: Vec::with_capacity(usize::from(sentence.total)),
            last_sentence: 0,
            last_received_at: now,
        }
    }

    fn fits(&self, sentence: &Sentence<'_>, sentence_count: u64) -> bool {
        let group = sentence.tag.group;
        let same_group = self.group.is_some() && self.group == group;
        let same_sender = agree(self.group, group)
            && agree(self.station.as_deref(), station(sentence))
            && agree(self.channel, sentence.channel.first().copied());
        let swapped = self
            .parts
            .last()
            .is_some_and(|last| last.number >= sentence.number);
        let between_max = if swapped {
            SENTENCES_BETWEEN_SWAPPED_MAX
        } else {
            SENTENCES_BETWEEN_MAX
        };
        self.total == sentence.total
            && self.sequence == sentence.sequence
            && (same_group || same_sender)
            && self.parts.iter().all(|part| part.number != sentence.number)
            && sentence_count - self.last_sentence <= between_max
    }

    fn take(
        &mut self,
        sentence: &Sentence<'_>,
        heard_at: Option<Timestamp>,
        receipt: Receipt,
        sentence_count: u64,
    ) {
        self.group = self.group.or(sentence.tag.group);
        self.channel = self.channel.or(sentence.channel.first().copied());
        self.heard_at = self.heard_at.or(heard_at);
        if self.station.is_none() {
            self.station = station(sentence).map(<[u8]>::to_vec);
        }
        if self.tag_pairs.is_empty() {
            let pairs = sentence.tag.pairs;
            self.tag_pairs = pairs[..pairs.len().min(TAG_BYTES_MAX)].to_vec();
        }
        self.last_sentence = sentence_count;
        self.last_received_at = receipt.received_at;
        let number = sentence.number;
        let index = self.parts.partition_point(|part| part.number < number);
        let part = Part {
            number,
            receipt,
            payload: sentence.payload.to_vec(),
            fill: sentence.fill,
        };
        self.parts.insert(index, part);
    }

    fn is_whole(&self) -> bool {
        self.parts.len() == usize::from(self.total)
    }
}
