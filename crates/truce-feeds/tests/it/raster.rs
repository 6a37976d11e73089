//! Hostile scenes: GeoTIFF files that were changed at random, and headers that promise giants, are
//! read or refused without a panic and without growing. Runs as long as `mutation` does.

use std::io::Cursor;
use std::time::{Duration, Instant};

use truce_feeds::scene::{BandPlace, Error, Raster};

use crate::hostile::GROWTH_BYTES_MAX;
use crate::hostile::scenes::{
    self, HEIGHT, SAMPLES_PER_PIXEL, SIDE, WIDTH, compressions, of_one_band, read_band, samples,
    two_bands, with,
};
use crate::interop::peer::Seeded;
use crate::mutation::{ROUNDS, hostile, memory_bytes_max, setting};

#[test]
fn each_of_two_bands_is_read() {
    for compression in compressions() {
        for planar in [false, true] {
            let file = two_bands(compression, planar, |n| n as u16 + 1000);
            for index in [0, 1] {
                let band = BandPlace { index, count: 2 };
                let mut raster = Raster::open(Cursor::new(file.as_slice()), band).unwrap();
                let rows = 0..raster.grid().height;
                let got: Vec<f32> = rows.flat_map(|y| raster.row(y).unwrap().to_vec()).collect();
                let wanted = (0..288).map(|n| f32::from(n + 1000 * index));
                assert_eq!(got, wanted.collect::<Vec<f32>>(), "{planar} {index}");
            }
            for (index, count) in [(0, 1), (0, 3), (2, 2)] {
                let refused = read_band(&file, BandPlace { index, count }).unwrap_err();
                let (held, said) = (2, count);
                assert_eq!(refused, Error::Bands { held, said }, "{planar}");
            }
        }
    }
}

/// What tags are called: the unit of a picture's resolution, which no scene needs, and what samples
/// beyond the colours are.
const RESOLUTION_UNIT: u16 = 296;
const EXTRA_SAMPLES: u16 = 338;

#[test]
fn what_is_not_opaque_is_no_data() {
    let forms = compressions()
        .into_iter()
        .flat_map(|packed| [(packed, false), (packed, true)]);
    for (compression, planar) in forms {
        let file = two_bands(compression, planar, |n| n as u16 % 3);
        // Not said, opacity with colours multiplied by it, opacity (TIFF 6.0, `ExtraSamples`).
        for meaning in [0, 1, 2] {
            let file = with(file.clone(), RESOLUTION_UNIT, EXTRA_SAMPLES, meaning);
            let band = BandPlace { index: 0, count: 2 };
            let mut raster = Raster::open(Cursor::new(file.as_slice()), band).unwrap();
            let rows = 0..raster.grid().height;
            let got: Vec<f32> = rows.flat_map(|y| raster.row(y).unwrap().to_vec()).collect();
            assert_eq!(got.len(), 288);
            for (n, value) in got.into_iter().enumerate() {
                let hidden = meaning > 0 && n % 3 == 0;
                assert_eq!(value.is_nan(), hidden, "{planar} {meaning} {n}");
                assert!(
                    hidden || value == n as f32,
                    "{planar} {meaning} {n}: {value}"
                );
            }
        }
    }
}

/// What a tag is called: rows of a strip.
const ROWS_PER_STRIP: u16 = 278;

fn read(file: &[u8]) -> Result<usize, Error> {
    scenes::read(file, 1)
}

#[test]
fn headers_that_promise_giants_are_refused() {
    let before = memory_bytes_max();
    for sample in of_one_band() {
        assert_eq!(read(&sample).unwrap(), SIDE as usize);
        for giant in [1 << 18, 1 << 24, u32::MAX] {
            for side in [WIDTH, HEIGHT] {
                let file = with(sample.clone(), side, side, giant);
                assert!(read(&file).is_err(), "{side}: {giant}");
            }
        }
        // As large as a scene may be, with data for next to nothing of it.
        let wide = with(sample.clone(), WIDTH, WIDTH, 100_000);
        let file = with(wide, HEIGHT, HEIGHT, 100_000);
        assert!(read(&with(file.clone(), ROWS_PER_STRIP, ROWS_PER_STRIP, 40)).is_err());
        assert!(read(&with(file, ROWS_PER_STRIP, ROWS_PER_STRIP, u32::MAX)).is_err());
        for none in [WIDTH, HEIGHT, ROWS_PER_STRIP] {
            assert!(read(&with(sample.clone(), none, none, 0)).is_err());
        }
        // An entry of four million values: the decoder would make room for them.
        let mut many = sample.clone();
        let entry = many
            .windows(2)
            .rposition(|tag| tag == SAMPLES_PER_PIXEL.to_le_bytes());
        let count = entry.unwrap() + 4;
        many[count..count + 4].copy_from_slice(&(4_u32 << 20).to_le_bytes());
        assert_eq!(read(&many), Err(Error::Size));
        // The strips called tiles, of giant sides and of none.
        let tiled = with(sample, 273, 324, 8);
        let tiled = with(tiled, 279, 325, 64);
        for (width, height) in [(1 << 20, 1 << 20), (u32::MAX, 16), (16, u32::MAX), (0, 16)] {
            let file = with(tiled.clone(), ROWS_PER_STRIP, 322, width);
            assert!(read(&with(file, 277, 323, height)).is_err());
        }
    }
    check_growth(before);
}

/// A BigTIFF of one strip that promises the lengths of many, eight bytes each.
fn promising_strips(count: u64) -> Vec<u8> {
    let one = |tag: u16, value: u64| (tag, 3_u16, 1, value);
    let entries = [
        one(WIDTH, 20),
        one(HEIGHT, 18),
        one(258, 8),
        one(259, 1),
        one(262, 1),
        one(273, 500),
        one(SAMPLES_PER_PIXEL, 1),
        one(ROWS_PER_STRIP, 18),
        (279, 16, count, 360),
    ];
    let mut file = b"II".to_vec();
    file.extend([43, 0, 8, 0, 0, 0]);
    file.extend(16_u64.to_le_bytes());
    file.extend((entries.len() as u64).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file
}

#[test]
fn lengths_of_strips_that_are_not_there_take_no_room() {
    let before = memory_bytes_max();
    // Of as many as a scene may have the decoder finds that they are not there; more are not asked for.
    for (count, is_asked) in [(1 << 18, true), (459_008, false), (1 << 40, false)] {
        let refused = read(&promising_strips(count)).unwrap_err();
        assert_eq!(refused != Error::Size, is_asked, "{count}: {refused}");
    }
    check_growth(before);
}

#[test]
fn mutation_of_scenes_panics_nowhere_and_grows_nothing() {
    let long = setting("TRUCE_MUTATION_S").map(Duration::from_secs);
    let mut random = Seeded(setting("TRUCE_MUTATION_SEED").unwrap_or(1));
    let samples = samples();
    let before = memory_bytes_max();
    let started = Instant::now();
    let (mut rounds, mut whole) = (0, 0);
    while long.map_or(rounds < 10 * ROUNDS, |limit| started.elapsed() < limit) {
        // What a file says of itself stands in its first and its last bytes.
        let sample = &samples[random.below(samples.len() as u64) as usize];
        let file = hostile(&mut random, std::slice::from_ref(sample));
        whole += u64::from(read(&file).is_ok());
        rounds += 1;
    }
    assert!(0 < whole && whole < rounds, "{whole} of {rounds} were read");
    check_growth(before);
    println!("{rounds} rounds, {whole} of them were read to the end");
}

fn check_growth(before: Option<u64>) {
    if let (Some(before), Some(after)) = (before, memory_bytes_max()) {
        let growth = after - before;
        assert!(growth <= GROWTH_BYTES_MAX, "grew by {growth} bytes");
    }
}
