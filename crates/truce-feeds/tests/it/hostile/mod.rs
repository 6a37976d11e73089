//! Hostile input: the samples that it is made of and what reading it must stand. The tests here,
//! which change samples at random for a moment, and the crate `fuzz`, which a fuzzer guides for
//! hours, share this room, so that both ask the same.
//!
//! A stream may come in pieces of any size. No bytes may panic; what was read is written and read
//! back equal; and no stream may need more than [`GROWTH_BYTES_MAX`] of memory.

pub(crate) mod mend;
pub(crate) mod scenes;

use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::{Observation, RawMessage, Slug, Timestamp};
use truce_feeds::{Decoded, Decoder, Format, Framer};

const PAGE: &str = include_str!("../../../../../docs/formats.md");

/// Most that reading may add to the memory of this process, bytes.
pub(crate) const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// The examples of `docs/formats.md` for a format, as the bytes of streams.
pub(crate) fn samples(format: Format) -> Vec<Vec<u8>> {
    let opening = format!("\n```{}\n", format.slug());
    let blocks = PAGE.split(opening.as_str()).skip(1);
    let stream = |rest: &str| {
        let block = rest.split("\n```").next().unwrap();
        if format.is_text() {
            return block.as_bytes().to_vec();
        }
        let digits: Vec<u8> = block.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits
            .chunks(2)
            .map(|digits| pair(digits).unwrap())
            .collect()
    };
    let mut samples: Vec<Vec<u8>> = blocks.map(stream).collect();
    if format == Format::Miniseed {
        samples.push(record_3());
    }
    samples
}

/// A record of miniSEED 3, which the page has no example of: four samples of 32 bits.
fn record_3() -> Vec<u8> {
    let identifier = b"FDSN:UA_MALYN__S_H_Z";
    let mut record = b"MS\x03\x04".to_vec();
    record.extend(0_u32.to_le_bytes());
    record.extend(2025_u16.to_le_bytes());
    record.extend(60_u16.to_le_bytes());
    record.extend([12, 0, 0, 3]);
    record.extend(100_f64.to_le_bytes());
    record.extend(4_u32.to_le_bytes());
    record.extend([0; 4]);
    record.extend([1, identifier.len() as u8, 0, 0]);
    record.extend(16_u32.to_le_bytes());
    record.extend(identifier);
    record.extend(
        [3_i32, -2, 70_000, 5]
            .into_iter()
            .flat_map(i32::to_le_bytes),
    );
    mend::mend(Format::Miniseed, &mut record);
    record
}

/// Reads a stream that comes in pieces of so many bytes, and gives what was made of it.
///
/// # Panics
/// When a decoder does, or an observation is not what was written of it.
pub(crate) fn read(format: Format, stream: &[u8], piece_bytes: usize) -> Decoded {
    let id = Slug::new("hostile").unwrap();
    let feed = Feed::new(
        id.clone(),
        Slug::new(format.slug()).unwrap(),
        Transport::File,
    );
    let mut decoder = Decoder::new(format, &feed, &SensorNetwork::default());
    let mut out = Decoded::with_sheets();
    let mut framer = Framer::of(format);
    let mut messages = Vec::new();
    for piece in stream.chunks(piece_bytes) {
        framer.push(piece, &mut |bytes| messages.push(bytes.to_vec()));
    }
    framer.finish(&mut |bytes| messages.push(bytes.to_vec()));
    let received_at = Timestamp::from_second(1_740_830_400).unwrap();
    for bytes in messages {
        let source = id.clone();
        let message = RawMessage {
            source,
            received_at,
            bytes,
        };
        decoder.decode(&message, &mut out);
    }
    decoder.finish(&mut out);
    for observation in &out.observations {
        let text = serde_json::to_string(observation).unwrap();
        let back: Observation = serde_json::from_str(&text).unwrap();
        assert_eq!(&back, observation);
    }
    out
}
