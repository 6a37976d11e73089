//! GeoTIFF scenes: samples of every kind that is read, small enough to be changed byte by byte.

use std::io::Cursor;

use tiff::encoder::colortype::{self, ColorType};
use tiff::encoder::{Compression, TiffEncoder, TiffValue};
use tiff::tags::Tag;
use truce_feeds::scene::{BandPlace, Error, Raster};

/// Pixels of each side of a sample.
pub(crate) const SIDE: u32 = 24;

/// What tags are called.
pub(crate) const WIDTH: u16 = 256;
pub(crate) const HEIGHT: u16 = 257;
pub(crate) const SAMPLES_PER_PIXEL: u16 = 277;
pub(crate) const PLANAR_CONFIGURATION: u16 = 284;

/// Scenes of one band and of two, in every compression.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let two = |compression, planar| two_bands(compression, planar, |n| n as u16 + 1000);
    let both = |compression| [false, true].map(|planar| two(compression, planar));
    let of_two = compressions().into_iter().flat_map(both);
    of_one_band().into_iter().chain(of_two).collect()
}

/// Scenes of one band.
pub(crate) fn of_one_band() -> Vec<Vec<u8>> {
    let both = |compression: Compression| [false, true].map(|whole| scene(compression, whole));
    compressions().into_iter().flat_map(both).collect()
}

pub(crate) fn compressions() -> [Compression; 3] {
    [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(Default::default()),
    ]
}

/// A scene that is read: floats or whole numbers, in strips of a few rows.
fn scene(compression: Compression, whole: bool) -> Vec<u8> {
    if whole {
        written::<colortype::Gray16>(compression, 5, |n| n as u16)
    } else {
        written::<colortype::Gray32Float>(compression, 5, |n| n as f32)
    }
}

fn written<C: ColorType<Inner: Sized>>(
    compression: Compression,
    rows_per_strip: u32,
    value: impl Fn(u32) -> C::Inner,
) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut out = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut out).unwrap();
    let mut encoder = encoder.with_compression(compression);
    let mut image = encoder.new_image::<C>(SIDE, SIDE).unwrap();
    image.rows_per_strip(rows_per_strip).unwrap();
    let tags = image.encoder();
    let tie = [0.0, 0.0, 0.0, 500_000.0, 5_300_000.0, 0.0];
    let keys = [1u16, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32637];
    tags.write_tag(Tag::ModelPixelScaleTag, &[10.0, 10.0, 0.0][..])
        .unwrap();
    tags.write_tag(Tag::ModelTiepointTag, &tie[..]).unwrap();
    tags.write_tag(Tag::GeoKeyDirectoryTag, &keys[..]).unwrap();
    tags.write_tag(Tag::PlanarConfiguration, 1u16).unwrap();
    let values: Vec<_> = (0..SIDE * SIDE).map(value).collect();
    image.write_data(&values).unwrap();
    out.into_inner()
}

/// A scene of two bands of 288 pixels, the first counted on from 0: value by value beside each other
/// (12 columns), or band after band (24 columns).
pub(crate) fn two_bands(compression: Compression, planar: bool, second: fn(u32) -> u16) -> Vec<u8> {
    let half = SIDE * SIDE / 2;
    let (shorter, planes) = if planar { (HEIGHT, 2) } else { (WIDTH, 1) };
    let value = move |n: u32| match planar {
        true if n >= half => second(n - half),
        true => n as u16,
        false if n % 2 == 1 => second(n / 2),
        false => (n / 2) as u16,
    };
    let file = written::<colortype::Gray16>(compression, 4, value);
    let file = with(file, shorter, shorter, SIDE / 2);
    let file = with(file, SAMPLES_PER_PIXEL, SAMPLES_PER_PIXEL, 2);
    with(file, PLANAR_CONFIGURATION, PLANAR_CONFIGURATION, planes)
}

/// The same file with an entry of its directory renamed and given one value (TIFF 6.0, section 2).
pub(crate) fn with(mut file: Vec<u8>, tag: u16, new_tag: u16, value: u32) -> Vec<u8> {
    let word = |at: usize| u16::from_le_bytes([file[at], file[at + 1]]);
    let directory = u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize;
    let entries = (0..usize::from(word(directory))).map(|n| directory + 2 + 12 * n);
    let entry = entries.into_iter().find(|at| word(*at) == tag).unwrap();
    // SHORT, or LONG for what finds no room in it.
    let kind = if value <= u32::from(u16::MAX) { 3 } else { 4 };
    let one = [&[kind, 0, 1, 0, 0, 0][..], &value.to_le_bytes()].concat();
    file[entry..entry + 2].copy_from_slice(&new_tag.to_le_bytes());
    file[entry + 2..entry + 12].copy_from_slice(&one);
    file
}

/// Rows that can be read of a scene's only band or, of as many as it has, the one of this number,
/// counted round; an error of the first that cannot.
pub(crate) fn read(file: &[u8], number: u16) -> Result<usize, Error> {
    match read_band(file, BandPlace::ONLY) {
        Err(Error::Bands { held, .. }) if held > 0 => {
            let (index, count) = (number % held, held);
            read_band(file, BandPlace { index, count })
        }
        read => read,
    }
}

pub(crate) fn read_band(file: &[u8], band: BandPlace) -> Result<usize, Error> {
    let mut raster = Raster::open(Cursor::new(file), band)?;
    // A hostile header may promise a hundred thousand rows of nothing.
    let rows = raster.grid().height.min(200);
    for row in 0..rows {
        let width = raster.grid().width;
        assert_eq!(raster.row(row)?.len(), width);
    }
    Ok(rows)
}
