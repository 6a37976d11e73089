//! One band of GeoTIFF files (TIFF 6.0 and BigTIFF; OGC GeoTIFF 1.1, 19-008r4), row by row.
//!
//! A file may hold several bands, value by value beside each other or band after band
//! (`PlanarConfiguration` 1 and 2); the caller says which is read, and only that one is kept.
//! Strips and tiles, plain or packed by deflate or LZW, with predictors, whole numbers and floats. Of
//! A sample that says how opaque a pixel is (`ExtraSamples` 1 and 2) tells where there is no data. Of
//! the georeference a pixel's size and a tie point, or a transformation without rotation. Scenes
//! that know only ground control points, as radar products before geocoding, are refused.

use std::io::{Read, Seek, SeekFrom};

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::grid::{Crs, Grid};
use super::{Error, SIDE_PIXELS_MAX};

/// Most bytes of one strip or tile when unpacked: a tile of 2048 × 2048 floats.
const CHUNK_BYTES_MAX: usize = 16 << 20;

/// Most values of one strip or tile: bytes become floats.
const CHUNK_VALUES_MAX: usize = 4 << 20;

/// Most values that a scene may hold in memory: a row of tiles 512 high of a whole Sentinel-2 scene,
/// 10,980 columns. With a tile on its way from the file it is less than 64 MiB, whatever a header says.
const HELD_VALUES_MAX: usize = 6 << 20;

/// Most entries of a file's directory, and most values of one: strips of one row of all bands of
/// Sentinel-2 are half of them. The decoder makes room for what an entry promises, some 150 bytes for
/// each value.
const ENTRIES_MAX: u64 = 4_096;
const ENTRY_VALUES_MAX: u64 = 1 << 18;

/// The tags of TIFF 6.0 itself, which the decoder reads at once, lie below; the others, such as GDAL's
/// own words, are read where they are asked for, under [`CHUNK_BYTES_MAX`].
const TAGS_OF_TIFF_END: u64 = 700;

/// Which of the bands of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BandPlace {
    /// Its place, from 0 on.
    pub index: u16,
    /// How many the file is said to hold.
    pub count: u16,
}

impl BandPlace {
    /// The band of a file that holds no other.
    pub const ONLY: Self = Self { index: 0, count: 1 };
}

/// One band of a file.
#[derive(Debug)]
pub struct Raster<R: Read + Seek> {
    decoder: Decoder<R>,
    grid: Grid,
    layout: Layout,
    no_data: Option<f64>,
    /// Whether its values are whole numbers.
    whole: bool,
    /// (width, height) of a strip or tile.
    chunk: (usize, usize),
    /// The row of strips or tiles that was read last.
    held: Option<(usize, Vec<f32>)>,
}

impl<R: Read + Seek> Raster<R> {
    /// Reads what a file says of itself.
    ///
    /// # Errors
    /// When the file is no GeoTIFF of as many bands, or lies where no pixel can be placed.
    pub fn open(mut input: R, band: BandPlace) -> Result<Self, Error> {
        check_directory(&mut input)?;
        let mut limits = Limits::default();
        limits.decoding_buffer_size = CHUNK_BYTES_MAX;
        limits.intermediate_buffer_size = CHUNK_BYTES_MAX;
        let mut decoder = Decoder::new(input)
            .map_err(Error::tiff)?
            .with_limits(limits);
        let layout = Layout::of(&mut decoder, band)?;
        let whole = !is_float(&mut decoder)?;
        let (width, height) = decoder.dimensions().map_err(Error::tiff)?;
        let (width, height) = (width as usize, height as usize);
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        let chunk = (chunk_width as usize, chunk_height as usize);
        let held = width.saturating_mul(chunk.1.min(height));
        let values = chunk.0.saturating_mul(chunk.1);
        let values = values.saturating_mul(layout.samples_read());
        let giant = width.max(height) > SIDE_PIXELS_MAX || held > HELD_VALUES_MAX;
        if giant || values > CHUNK_VALUES_MAX || width * height * values == 0 {
            return Err(Error::Size);
        }
        let grid = Grid {
            width,
            height,
            ..georeference(&mut decoder)?
        };
        let no_data = no_data(&mut decoder)?;
        Ok(Self {
            decoder,
            grid,
            layout,
            no_data,
            whole,
            chunk,
            held: None,
        })
    }

    /// Where its pixels lie.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Whether its values are whole numbers.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The values of a row, one for each column; what is marked as no data is NaN.
    ///
    /// # Errors
    /// When the file ends before, holds what its header does not say, or has no such row.
    pub fn row(&mut self, row: usize) -> Result<&[f32], Error> {
        if row >= self.grid.height {
            return Err(Error::Size);
        }
        let (width, band) = (self.grid.width, row / self.chunk.1);
        if self.held.as_ref().is_none_or(|(held, _)| *held != band) {
            let values = self
                .held
                .take()
                .map(|(_, values)| values)
                .unwrap_or_default();
            let values = self.read_band(band, values)?;
            self.held = Some((band, values));
        }
        let from = (row % self.chunk.1) * width;
        let held = self
            .held
            .as_ref()
            .and_then(|(_, values)| values.get(from..from + width));
        held.ok_or(Error::Size)
    }

    /// A row of strips or tiles, put together.
    fn read_band(&mut self, band: usize, mut values: Vec<f32>) -> Result<Vec<f32>, Error> {
        let Grid { width, height, .. } = self.grid;
        let rows = self.chunk.1.min(height - band * self.chunk.1);
        values.clear();
        values.resize(width * rows, f32::NAN);
        let across = width.div_ceil(self.chunk.0);
        for tile in 0..across {
            let index = u32::try_from(band * across + tile).map_err(|_| Error::Size)?;
            let (tile_width, _) = self.decoder.chunk_data_dimensions(index);
            let tile_width = tile_width as usize;
            let read = self.read_chunk(index)?;
            let left = tile * self.chunk.0;
            for (row, own) in read.chunks_exact(tile_width).take(rows).enumerate() {
                let to = row * width + left;
                values[to..to + tile_width].copy_from_slice(own);
            }
        }
        Ok(values)
    }

    /// The band's values of a strip or tile; NaN where a pixel is not opaque at all.
    fn read_chunk(&mut self, index: u32) -> Result<Vec<f32>, Error> {
        let Layout { band, opacity, .. } = self.layout;
        let chunk = self.read_plane(index, band)?;
        let mut values = self.numbers(&chunk, band, self.no_data)?;
        if let Some(opacity) = opacity {
            let chunk = if opacity.plane == band.plane {
                chunk
            } else {
                drop(chunk);
                self.read_plane(index, opacity)?
            };
            let opacities = self.numbers(&chunk, opacity, None)?;
            for (value, opacity) in values.iter_mut().zip(opacities) {
                if opacity == 0.0 {
                    *value = f32::NAN;
                }
            }
        }
        Ok(values)
    }

    /// A strip or tile of the plane where a sample stands.
    fn read_plane(&mut self, index: u32, sample: Sample) -> Result<DecodingResult, Error> {
        let Grid { width, height, .. } = self.grid;
        let of_a_plane = width.div_ceil(self.chunk.0) * height.div_ceil(self.chunk.1);
        let before = u32::try_from(sample.plane * of_a_plane).map_err(|_| Error::Size)?;
        let index = index.checked_add(before).ok_or(Error::Size)?;
        self.decoder.read_chunk(index).map_err(Error::tiff)
    }

    fn numbers(
        &self,
        chunk: &DecodingResult,
        sample: Sample,
        no_data: Option<f64>,
    ) -> Result<Vec<f32>, Error> {
        // Sensors resolve far less than the 24 bits of a float's fraction.
        #[allow(clippy::cast_possible_truncation)]
        let narrow = |value: f64| match no_data {
            Some(none) if value == none => f32::NAN,
            _ => value as f32,
        };
        let wide = |values: &mut dyn Iterator<Item = f64>| {
            let own = values.skip(sample.first).step_by(self.layout.apart);
            own.map(narrow).collect()
        };
        Ok(match chunk {
            DecodingResult::U8(values) => wide(&mut values.iter().copied().map(f64::from)),
            DecodingResult::U16(values) => wide(&mut values.iter().copied().map(f64::from)),
            DecodingResult::U32(values) => wide(&mut values.iter().copied().map(f64::from)),
            DecodingResult::I16(values) => wide(&mut values.iter().copied().map(f64::from)),
            DecodingResult::F32(values) => wide(&mut values.iter().copied().map(f64::from)),
            DecodingResult::F64(values) => wide(&mut values.iter().copied()),
            _ => {
                return Err(Error::Numbers(
                    "a type of number that no scene has".to_owned(),
                ));
            }
        })
    }
}

/// Where a sample of each pixel stands in a file of several.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Its first value in a strip or tile.
    first: usize,
    /// How many samples lie whole before it.
    plane: usize,
}

/// Where the values of a band stand, and those that say how opaque a pixel is.
#[derive(Debug, Clone, Copy)]
struct Layout {
    band: Sample,
    opacity: Option<Sample>,
    /// How far apart the values of a sample are in a strip or tile.
    apart: usize,
}

impl Layout {
    /// How many samples of each pixel are read.
    fn samples_read(&self) -> usize {
        self.apart.max(1 + usize::from(self.opacity.is_some()))
    }

    /// Checks that a file holds as many bands as it is said to, each of plain numbers.
    fn of<R: Read + Seek>(decoder: &mut Decoder<R>, band: BandPlace) -> Result<Self, Error> {
        let colour = decoder.colortype().map_err(Error::tiff)?;
        let held = match colour {
            ColorType::Gray(_) => 1,
            ColorType::Multiband { num_samples, .. } => num_samples,
            // As GDAL calls three or four bands of bytes or words.
            ColorType::RGB(_) => 3,
            ColorType::RGBA(_) => 4,
            other => return Err(Error::Numbers(format!("{other:?}"))),
        };
        // SamplesPerPixel; a picture may hold more than its colours.
        let samples = decoder
            .find_tag_unsigned::<u16>(Tag::SamplesPerPixel)
            .map_err(Error::tiff)?;
        if samples.unwrap_or(1) != held {
            return Err(Error::Numbers(format!("{colour:?} and more")));
        }
        if held != band.count || band.index >= held {
            let said = band.count;
            return Err(Error::Bands { held, said });
        }
        let planar = decoder
            .find_tag_unsigned::<u16>(Tag::PlanarConfiguration)
            .map_err(Error::tiff)?;
        // PlanarConfiguration 2: each sample has strips or tiles of its own, one sample after another.
        let (index, held) = (usize::from(band.index), usize::from(held));
        let planar = planar == Some(2);
        let sample = |index| match planar {
            true => Sample {
                first: 0,
                plane: index,
            },
            false => Sample {
                first: index,
                plane: 0,
            },
        };
        Ok(Self {
            band: sample(index),
            opacity: opacity(decoder, held)?.map(sample),
            apart: if planar { 1 } else { held },
        })
    }
}

/// Which sample of a pixel says how opaque it is: `ExtraSamples` (TIFF 6.0, section 18) says of the last
/// ones what they are, 1 and 2 being opacity.
fn opacity<R: Read + Seek>(decoder: &mut Decoder<R>, held: usize) -> Result<Option<usize>, Error> {
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples);
    let extra = extra.map_err(Error::tiff)?.unwrap_or_default();
    let last = extra.iter().rev().take(held);
    let found = last.enumerate().find(|(_, kind)| matches!(kind, 1 | 2));
    Ok(found.map(|(from_end, _)| held - 1 - from_end))
}

/// Refuses a directory that promises more than any scene has (TIFF 6.0, section 2; `BigTIFF` has version
/// 43 and eight bytes for counts and offsets), and leaves the input at its beginning.
fn check_directory<R: Read + Seek>(input: &mut R) -> Result<(), Error> {
    // By value: it stands where an error is mapped.
    #[allow(clippy::needless_pass_by_value)]
    let fault = |error: std::io::Error| Error::Tiff(error.to_string());
    let mut head = [0; 16];
    input.rewind().map_err(fault)?;
    input.read_exact(&mut head).map_err(fault)?;
    let little = head.starts_with(b"II");
    let number = |bytes: &[u8]| {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if little {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        }
    };
    let (directory, count_bytes, entry_bytes) = if number(&head[2..4]) == 43 {
        (number(&head[8..16]), 8, 20)
    } else {
        (number(&head[4..8]), 2, 12)
    };
    input.seek(SeekFrom::Start(directory)).map_err(fault)?;
    let mut entry = [0; 20];
    input.read_exact(&mut entry[..count_bytes]).map_err(fault)?;
    let entries = number(&entry[..count_bytes]);
    if entries > ENTRIES_MAX {
        return Err(Error::Size);
    }
    for _ in 0..entries {
        input.read_exact(&mut entry[..entry_bytes]).map_err(fault)?;
        // Tag and kind take two bytes each; then comes how many values there are.
        let is_read = number(&entry[..2]) < TAGS_OF_TIFF_END;
        if is_read && number(&entry[4..4 + (entry_bytes - 4) / 2]) > ENTRY_VALUES_MAX {
            return Err(Error::Size);
        }
    }
    input.rewind().map_err(fault)
}

/// Whether samples are floats (`SampleFormat` 3).
fn is_float<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<bool, Error> {
    let format = decoder
        .find_tag_unsigned_vec::<u16>(Tag::SampleFormat)
        .map_err(Error::tiff)?;
    Ok(format.is_some_and(|format| format.first() == Some(&3)))
}

/// GDAL's tag for the value that stands for none, a number as text.
fn no_data<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Option<f64>, Error> {
    if decoder
        .find_tag(Tag::GdalNodata)
        .map_err(Error::tiff)?
        .is_none()
    {
        return Ok(None);
    }
    let text = decoder
        .get_tag_ascii_string(Tag::GdalNodata)
        .map_err(Error::tiff)?;
    let text = text.trim_end_matches('\0').trim();
    text.parse()
        .map(Some)
        .map_err(|_| Error::Tiff(format!("`{text}` as the value of no data")))
}

fn numbers<R: Read + Seek>(decoder: &mut Decoder<R>, tag: Tag) -> Result<Option<Vec<f64>>, Error> {
    let value = decoder.find_tag(tag).map_err(Error::tiff)?;
    value
        .map(|value| value.into_f64_vec().map_err(Error::tiff))
        .transpose()
}

/// The grid's place; its width and height are left to the caller.
fn georeference<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Grid, Error> {
    let (crs, is_point) = geo_keys(decoder)?;
    let scale = numbers(decoder, Tag::ModelPixelScaleTag)?;
    let tie = numbers(decoder, Tag::ModelTiepointTag)?;
    let transformation = numbers(decoder, Tag::ModelTransformationTag)?;
    let (step_x, step_y, west, north) = match (scale.as_deref(), tie.as_deref(), transformation) {
        // Raster to model, row by row (requirement 14): x = a·i + b·j + d, y = e·i + f·j + h.
        (_, _, Some(m)) if m.len() == 16 && m[1] == 0.0 && m[4] == 0.0 => (m[0], -m[5], m[3], m[7]),
        (Some([sx, sy, ..]), Some([i, j, _, x, y, _]), None) => (*sx, *sy, x - i * sx, y + j * sy),
        _ => return Err(Error::NotGeocoded),
    };
    // Where a tie point names a pixel's middle (`RasterPixelIsPoint`), its corner is half a pixel off.
    let half = if is_point { 0.5 } else { 0.0 };
    let sound = [step_x, step_y, west, north]
        .iter()
        .all(|number| number.is_finite());
    if !sound || step_x <= 0.0 || step_y <= 0.0 {
        return Err(Error::NotGeocoded);
    }
    let (west, north) = (west - half * step_x, north + half * step_y);
    Ok(Grid {
        crs,
        west,
        north,
        step_x,
        step_y,
        width: 0,
        height: 0,
    })
}

/// The reference system, and whether tie points name the middles of pixels: `GTRasterTypeGeoKey`
/// (1025), `GeodeticCRSGeoKey` (2048), `ProjectedCRSGeoKey` (3072).
fn geo_keys<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<(Crs, bool), Error> {
    let directory = decoder.find_tag_unsigned_vec::<u16>(Tag::GeoKeyDirectoryTag);
    let directory = directory.map_err(Error::tiff)?.ok_or(Error::NotGeocoded)?;
    // Each key is its number, where its value is (0: here), how many there are, and the value.
    let key = |wanted: u16| {
        let keys = directory.chunks_exact(4).skip(1);
        let mut found = keys.filter(|key| key[0] == wanted && key[1] == 0);
        found.next().map(|key| key[3])
    };
    let code = key(3072).or(key(2048)).ok_or(Error::NotGeocoded)?;
    let crs = Crs::from_epsg(code).ok_or(Error::Crs(code))?;
    Ok((crs, key(1025) == Some(2)))
}
