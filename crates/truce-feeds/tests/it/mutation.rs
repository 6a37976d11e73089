//! Hostile bytes: every format reads samples that were changed at random, without a panic and
//! without growing.
//!
//! The samples are the examples of `docs/formats.md`. The test runs a fixed number of rounds;
//! `TRUCE_MUTATION_S` makes it run for so many seconds instead, and `TRUCE_MUTATION_SEED` changes
//! what it tries; `TRUCE_MUTATION_FORMAT` leaves all formats out but one. A long run, in which sums that
//! overflow panic as they do in tests: `TRUCE_MUTATION_S=3600 CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true
//! cargo nextest run -p truce-feeds --release mutation`.

use std::time::{Duration, Instant};

use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::{Observation, RawMessage, Slug, Timestamp};
use truce_feeds::{Decoded, Decoder, Format, Framer};

use crate::interop::peer::Seeded;

const PAGE: &str = include_str!("../../../../docs/formats.md");

/// Streams that each format reads in a short run.
pub(crate) const ROUNDS: u64 = 300;

/// Most that reading may add to the memory of this process, bytes.
pub(crate) const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// The examples of a format as the bytes of streams.
fn samples(format: Format) -> Vec<Vec<u8>> {
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
    blocks.map(stream).collect()
}

/// A stream made of samples with bytes changed, removed, repeated and inserted.
pub(crate) fn hostile(random: &mut Seeded, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..=random.below(3) {
        stream.extend(&samples[random.below(samples.len() as u64) as usize]);
        stream.push(b'\n');
    }
    for _ in 0..random.below(8) {
        let at = random.below(stream.len() as u64 + 1) as usize;
        let end = (at + 1 + random.below(40) as usize).min(stream.len());
        match random.below(5) {
            0 if at < stream.len() => stream[at] = random.next() as u8,
            1 if at < stream.len() => stream[at] ^= 1 << random.below(8),
            2 => drop(stream.drain(at..end)),
            3 => {
                let piece = stream[at..end].to_vec();
                stream.splice(at..at, piece);
            }
            _ => {
                let bytes = random.below(12) as usize;
                stream.splice(at..at, random.bytes(bytes));
            }
        }
    }
    stream
}

/// Gives every sentence of NMEA 0183 the checksum that it should have, so that what was changed is
/// read and not refused at its door.
fn mend(stream: &mut [u8]) {
    for line in stream.split_mut(|byte| *byte == b'\n') {
        let Some(start) = line.iter().rposition(|byte| matches!(byte, b'!' | b'$')) else {
            continue;
        };
        let sentence = &mut line[start + 1..];
        let Some(end) = sentence.iter().position(|byte| *byte == b'*') else {
            continue;
        };
        let sum = sentence[..end].iter().fold(0, |sum, byte| sum ^ byte);
        let digits = format!("{sum:02X}");
        for (place, digit) in sentence[end + 1..].iter_mut().zip(digits.bytes()) {
            *place = digit;
        }
    }
}

fn read(format: Format, stream: &[u8], random: &mut Seeded) {
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
    let step = 1 + random.below(200) as usize;
    for piece in stream.chunks(step) {
        framer.push(piece, &mut |bytes| messages.push(bytes.to_vec()));
    }
    framer.finish(&mut |bytes| messages.push(bytes.to_vec()));
    let received_at = Timestamp::from_second(1_740_830_400).unwrap();
    for bytes in messages {
        decoder.decode(
            &RawMessage {
                source: id.clone(),
                received_at,
                bytes,
            },
            &mut out,
        );
    }
    decoder.finish(&mut out);
    // What comes out is stored and read back.
    for observation in &out.observations {
        let text = serde_json::to_string(observation).unwrap();
        let back: Observation = serde_json::from_str(&text).unwrap();
        assert_eq!(&back, observation);
    }
}

/// Most memory this process has had, bytes; `None` where the system does not say.
pub(crate) fn memory_bytes_max() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(
        line.trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<u64>()
            .ok()?
            << 10,
    )
}

pub(crate) fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn mutation_of_samples_panics_nowhere_and_grows_nothing() {
    let long = setting("TRUCE_MUTATION_S").map(Duration::from_secs);
    let only = std::env::var("TRUCE_MUTATION_FORMAT").ok();
    let formats: Vec<(Format, Vec<Vec<u8>>)> = Format::ALL
        .into_iter()
        .filter(|format| only.as_deref().is_none_or(|slug| slug == format.slug()))
        .map(|format| (format, samples(format)))
        .collect();
    assert!(!formats.is_empty(), "there is no format {only:?}");
    let mut random = Seeded(setting("TRUCE_MUTATION_SEED").unwrap_or(1));
    let before = memory_bytes_max();
    let started = Instant::now();
    let mut rounds = 0;
    while long.map_or(rounds < ROUNDS, |limit| started.elapsed() < limit) {
        for (format, samples) in &formats {
            let mut stream = hostile(&mut random, samples);
            if matches!(format, Format::Aivdm | Format::Nmea) && random.below(2) == 0 {
                mend(&mut stream);
            }
            read(*format, &stream, &mut random);
        }
        rounds += 1;
    }
    if let (Some(before), Some(after)) = (before, memory_bytes_max()) {
        assert!(
            after - before <= GROWTH_BYTES_MAX,
            "grew by {} bytes",
            after - before
        );
    }
    println!("{rounds} rounds over {} formats", formats.len());
}
