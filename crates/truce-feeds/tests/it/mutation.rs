//! Hostile bytes: every format reads samples that were changed at random, without a panic and
//! without growing.
//!
//! The samples are those of `hostile`; the checksums of every other stream are mended. The test
//! runs a fixed number of rounds; `TRUCE_MUTATION_S` makes it run for so many seconds instead, and
//! `TRUCE_MUTATION_SEED` changes what it tries; `TRUCE_MUTATION_FORMAT` leaves all formats out but
//! one. A long run, in which sums that overflow panic as they do in tests: `TRUCE_MUTATION_S=3600
//! CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true cargo nextest run -p truce-feeds --release mutation`.
//! `cargo xtask fuzz` goes further.

use std::time::{Duration, Instant};

use truce_feeds::{Format, RejectionClass};

use crate::hostile::mend::mend;
use crate::hostile::{GROWTH_BYTES_MAX, read, samples};
use crate::interop::peer::Seeded;

/// Streams that each format reads in a short run.
pub(crate) const ROUNDS: u64 = 300;

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
            if random.below(2) == 0 {
                mend(*format, &mut stream);
            }
            read(*format, &stream, 1 + random.below(200) as usize);
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

#[test]
fn mending_leaves_samples_as_they_are_and_mends_what_was_changed() {
    let refused = |format, stream: &[u8]| {
        let rejections = read(format, stream, stream.len()).rejections;
        let mut classes = rejections.iter().map(|rejection| rejection.class.as_str());
        classes.any(|class| class == RejectionClass::Checksum.name())
    };
    for format in Format::ALL {
        let (mut before, mut after) = (0, 0);
        for sample in samples(format) {
            let mut mended = sample.clone();
            mend(format, &mut mended);
            assert_eq!(mended, sample, "{format:?}");
            for at in (0..sample.len()).step_by(3) {
                let mut stream = sample.clone();
                stream[at] ^= 1;
                before += usize::from(refused(format, &stream));
                mend(format, &mut stream);
                after += usize::from(refused(format, &stream));
            }
        }
        // A change may hit the mark that a checksum is found by.
        assert!(after * 4 <= before, "{format:?}: {after} of {before}");
    }
}
