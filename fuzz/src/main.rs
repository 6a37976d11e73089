//! The program that libFuzzer drives: one decoder reads what the fuzzer makes up, or GeoTIFF
//! scenes.
//!
//! The first byte of an input says how the rest is read. Its top bit leaves checksums as they are,
//! which are mended otherwise; the other bits are the size of the pieces that a stream comes in,
//! with 0 for the whole, or for a scene the number of the band. What reading must stand is said in
//! `hostile`, which the tests of truce-feeds share; here the memory of each input is counted for
//! itself.
//!
//! `TRUCE_FUZZ_FORMAT` names the format. With `TRUCE_FUZZ_SEEDS` the program writes samples into
//! that folder, for the fuzzer to begin with, and ends.
#![no_main]

#[path = "../../crates/truce-feeds/tests/it/hostile/mod.rs"]
mod hostile;
mod seeds;

use std::sync::LazyLock;

use hostile::{GROWTH_BYTES_MAX, mend, scenes};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;
use truce_feeds::Format;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The bit of the first byte that leaves checksums as they are.
const UNMENDED: u8 = 0x80;

/// What is read in this process.
#[derive(Clone, Copy)]
enum Target {
    Messages(Format),
    Scenes,
}

impl Target {
    /// Bytes of the samples to begin with.
    fn samples(self) -> Vec<Vec<u8>> {
        match self {
            Target::Messages(format) => hostile::samples(format),
            Target::Scenes => scenes::samples(),
        }
    }

    fn read(self, choice: u8, bytes: &[u8]) {
        let number = choice & !UNMENDED;
        let format = match self {
            Target::Messages(format) => format,
            Target::Scenes => {
                // A refusal is an answer; what counts is that there is one.
                let _ = scenes::read(bytes, number.into());
                return;
            }
        };
        let mut stream = bytes.to_vec();
        if choice & UNMENDED == 0 {
            mend::mend(format, &mut stream);
        }
        let piece_bytes = match number {
            0 => stream.len().max(1),
            _ => number.into(),
        };
        hostile::read(format, &stream, piece_bytes);
        let _ = Format::guess(&stream);
    }
}

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("TRUCE_FUZZ_FORMAT").unwrap_or_default();
    match Format::from_slug(&name) {
        Some(format) => Target::Messages(format),
        None if name == "geotiff" => Target::Scenes,
        None => panic!("TRUCE_FUZZ_FORMAT names no format: `{name}`"),
    }
});

fuzz_target!(
    init: seeds::write_if_asked(*TARGET),
    |input: &[u8]| {
        let Some((choice, bytes)) = input.split_first() else {
            return;
        };
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        TARGET.read(*choice, bytes);
        let growth = HEAP.peak_usage() - before;
        assert!(growth as u64 <= GROWTH_BYTES_MAX, "reading took {growth} bytes of memory");
    }
);
