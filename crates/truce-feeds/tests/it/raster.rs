//! Hostile scenes: GeoTIFF files that were changed at random, and headers that promise giants, are
//! read or refused without a panic and without growing. Runs as long as `mutation` does.

use std::io::Cursor;
use std::time::{Duration, Instant};

use tiff::encoder::{Compression, TiffEncoder, colortype};
use tiff::tags::Tag;
use truce_feeds::scene::{Error, Raster};

use crate::interop::peer::Seeded;
use crate::mutation::{GROWTH_BYTES_MAX, ROUNDS, hostile, memory_bytes_max, setting};

/// Pixels of each side of a sample.
const SIDE: u32 = 24;

/// A scene that is read: floats or whole numbers, in strips of a few rows.
fn scene(compression: Compression, whole: bool) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut out).unwrap();
    let mut encoder = encoder.with_compression(compression);
    let pixels = SIDE * SIDE;
    macro_rules! write {
        ($colour:ty, $value:expr) => {{
            let mut image = encoder.new_image::<$colour>(SIDE, SIDE).unwrap();
            image.rows_per_strip(5).unwrap();
            let tags = image.encoder();
            tags.write_tag(Tag::ModelPixelScaleTag, &[10.0, 10.0, 0.0][..])
                .unwrap();
            let tie = [0.0, 0.0, 0.0, 500_000.0, 5_300_000.0, 0.0];
            tags.write_tag(Tag::ModelTiepointTag, &tie[..]).unwrap();
            let keys = [1u16, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32637];
            tags.write_tag(Tag::GeoKeyDirectoryTag, &keys[..]).unwrap();
            let values: Vec<_> = (0..pixels).map($value).collect();
            image.write_data(&values).unwrap();
        }};
    }
    if whole {
        write!(colortype::Gray16, |n| n as u16);
    } else {
        write!(colortype::Gray32Float, |n| n as f32);
    }
    out.into_inner()
}

/// The same file with an entry of its directory renamed and given one value (TIFF 6.0, section 2).
fn with(mut file: Vec<u8>, tag: u16, new_tag: u16, value: u32) -> Vec<u8> {
    let word = |at: usize| u16::from_le_bytes([file[at], file[at + 1]]);
    let directory = u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize;
    let entries = (0..usize::from(word(directory))).map(|n| directory + 2 + 12 * n);
    let entry = entries.into_iter().find(|at| word(*at) == tag).unwrap();
    let one_long = [&[4, 0, 1, 0, 0, 0][..], &value.to_le_bytes()].concat();
    file[entry..entry + 2].copy_from_slice(&new_tag.to_le_bytes());
    file[entry + 2..entry + 12].copy_from_slice(&one_long);
    file
}

/// Rows that can be read; an error of the first that cannot.
fn read(file: &[u8]) -> Result<usize, Error> {
    let mut raster = Raster::open(Cursor::new(file))?;
    // A hostile header may promise a hundred thousand rows of nothing.
    let rows = raster.grid().height.min(200);
    for row in 0..rows {
        let width = raster.grid().width;
        assert_eq!(raster.row(row)?.len(), width);
    }
    Ok(rows)
}

fn samples() -> Vec<Vec<u8>> {
    let compressions = [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(Default::default()),
    ];
    let both = |compression: Compression| [false, true].map(|whole| scene(compression, whole));
    compressions.into_iter().flat_map(both).collect()
}

/// What tags are called: width, height, rows of a strip, and what is made of others for tiles.
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const ROWS_PER_STRIP: u16 = 278;

#[test]
fn headers_that_promise_giants_are_refused() {
    let before = memory_bytes_max();
    for sample in samples() {
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

#[test]
fn mutation_of_scenes_panics_nowhere_and_grows_nothing() {
    let long = setting("TRUCE_MUTATION_S").map(Duration::from_secs);
    let mut random = Seeded(setting("TRUCE_MUTATION_SEED").unwrap_or(1));
    let (before, samples) = (memory_bytes_max(), samples());
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
