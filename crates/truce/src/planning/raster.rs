//! Maps of detection probability as GeoTIFF (OGC 19-008r4), for geographic information systems: one
//! band of 32-bit floats in longitude and latitude of WGS 84, not a number where there is no cell.

use std::io::Cursor;

use tiff::TiffResult;
use tiff::encoder::colortype::Gray32Float;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder};
use tiff::tags::Tag;
use truce_plan::coverage::cells::Cells;

/// Cells of an area with a value each.
pub(crate) type Gridded<'a> = (&'a Cells, &'a [f64]);

/// Longest side of a raster, pixels; smaller cells than that allows are painted over each other.
const SIDE_MAX: f64 = 8_192.0;

/// Version 1.1.0 of the directory and three keys, each in the directory itself: the model is
/// geographic (1024: 2), a pixel is an area (1025: 1), the system is EPSG:4326 (2048).
const GEO_KEYS: [u16; 16] = [
    1, 1, 0, 3, //
    1024, 0, 1, 2, //
    1025, 0, 1, 1, //
    2048, 0, 1, 4326,
];

/// The cells as GeoTIFF.
///
/// # Errors
/// When there are more bytes than the format can address.
pub(crate) fn cells_to_geotiff(cells: &[Gridded<'_>]) -> TiffResult<Vec<u8>> {
    let raster = Raster::of(cells);
    let mut file = Cursor::new(Vec::new());
    let deflate = Compression::Deflate(DeflateLevel::default());
    let mut encoder = TiffEncoder::new(&mut file)?.with_compression(deflate);
    let mut image = encoder.new_image::<Gray32Float>(raster.width, raster.height)?;
    let [lon_deg, lat_deg] = raster.pixel_deg;
    let corner = [0.0, 0.0, 0.0, raster.west_deg, raster.north_deg, 0.0];
    let tags = image.encoder();
    tags.write_tag(Tag::ModelPixelScaleTag, &[lon_deg, lat_deg, 0.0][..])?;
    tags.write_tag(Tag::ModelTiepointTag, &corner[..])?;
    tags.write_tag(Tag::GeoKeyDirectoryTag, &GEO_KEYS[..])?;
    tags.write_tag(Tag::GdalNodata, "nan")?;
    image.write_data(&raster.values)?;
    Ok(file.into_inner())
}

/// A grid, row by row from the north-west.
struct Raster {
    west_deg: f64,
    north_deg: f64,
    /// Sides of a pixel, in longitude and latitude.
    pixel_deg: [f64; 2],
    width: u32,
    height: u32,
    values: Vec<f32>,
}

impl Raster {
    /// Pixels of the smallest cell's size, so that the cells of one area are the pixels.
    fn of(cells: &[Gridded<'_>]) -> Self {
        let mut bounds = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        let mut pixel_deg = [f64::MAX; 2];
        for (area, _) in cells {
            let [lon, lat] = area.side_deg;
            pixel_deg = [pixel_deg[0].min(lon), pixel_deg[1].min(lat)];
            for centre in &area.centres {
                bounds = [
                    bounds[0].min(centre.lon_deg - lon / 2.0),
                    bounds[1].min(centre.lat_deg - lat / 2.0),
                    bounds[2].max(centre.lon_deg + lon / 2.0),
                    bounds[3].max(centre.lat_deg + lat / 2.0),
                ];
            }
        }
        let [west_deg, south, east, north_deg] = bounds;
        let (width_deg, height_deg) = ((east - west_deg).max(0.0), (north_deg - south).max(0.0));
        pixel_deg[0] = pixel_deg[0].max(width_deg / SIDE_MAX);
        pixel_deg[1] = pixel_deg[1].max(height_deg / SIDE_MAX);
        let (width, height) = (
            count(width_deg / pixel_deg[0]).max(1),
            count(height_deg / pixel_deg[1]).max(1),
        );
        let mut raster = Self {
            west_deg,
            north_deg,
            pixel_deg,
            width,
            height,
            values: vec![f32::NAN; width as usize * height as usize],
        };
        for (area, values) in cells {
            let [lon, lat] = area.side_deg;
            for (centre, value) in area.centres.iter().zip(*values) {
                let x = (centre.lon_deg - west_deg) / raster.pixel_deg[0];
                let y = (north_deg - centre.lat_deg) / raster.pixel_deg[1];
                let half = [
                    lon / raster.pixel_deg[0] / 2.0,
                    lat / raster.pixel_deg[1] / 2.0,
                ];
                raster.paint(
                    [x - half[0], x + half[0]],
                    [y - half[1], y + half[1]],
                    *value,
                );
            }
        }
        raster
    }

    /// Gives a value to the pixels whose centres lie in a cell, its sides in pixels.
    fn paint(&mut self, x: [f64; 2], y: [f64; 2], value: f64) {
        let inside = |[from, to]: [f64; 2], end: u32| {
            count((from - 0.5).ceil())..count((to - 0.5).ceil()).min(end)
        };
        for row in inside(y, self.height) {
            for column in inside(x, self.width) {
                let at = row as usize * self.width as usize + column as usize;
                #[expect(clippy::cast_possible_truncation, reason = "a probability")]
                let value = value as f32;
                self.values[at] = value;
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from f64 saturates"
)]
fn count(value: f64) -> u32 {
    value.round() as u32
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::decoder::{Decoder, DecodingResult};
    use truce_core::Position;
    use truce_core::mission::Shape;

    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Shape {
        let corner = |lon_deg, lat_deg| Position { lat_deg, lon_deg };
        let (east, north) = (west + side, south + side);
        Shape::Polygons(vec![vec![vec![
            corner(west, south),
            corner(east, south),
            corner(east, north),
            corner(west, north),
        ]]])
    }

    /// Whoever reads the file finds at the centre of each cell its value, and nothing else.
    #[test]
    fn each_cell_is_found_where_it_lies() {
        for (west, south, side, cell_m) in [
            (36.0, 47.0, 1.3, 5_000.0),
            (-179.5, -60.0, 0.9, 2_000.0),
            (10.0, 70.0, 0.25, 20_000.0),
            (0.0, 0.0, 3.0, 7_777.0),
        ] {
            let shape = square(west, south, side);
            let cells = Cells::inside(&shape, &shape, cell_m).unwrap();
            let numbered = (0..cells.centres.len()).map(|i| 1.0 / (1.0 + i as f64));
            let values: Vec<f64> = numbered.collect();
            let file = cells_to_geotiff(&[(&cells, &values)]).unwrap();
            let mut decoder = Decoder::new(Cursor::new(file)).unwrap();
            let (width, height) = decoder.dimensions().unwrap();
            let scale = decoder.get_tag_f64_vec(Tag::ModelPixelScaleTag).unwrap();
            let tie = decoder.get_tag_f64_vec(Tag::ModelTiepointTag).unwrap();
            let keys = decoder.get_tag_u16_vec(Tag::GeoKeyDirectoryTag).unwrap();
            assert_eq!(keys, GEO_KEYS);
            let DecodingResult::F32(pixels) = decoder.read_image().unwrap() else {
                panic!("32-bit floats are expected");
            };
            assert_eq!(pixels.len(), width as usize * height as usize);
            for (centre, value) in cells.centres.iter().zip(&values) {
                let x = count(((centre.lon_deg - tie[3]) / scale[0]).floor());
                let y = count(((tie[4] - centre.lat_deg) / scale[1]).floor());
                let found = pixels[(y * width + x) as usize];
                assert!(
                    (f64::from(found) - value).abs() < 1e-6,
                    "{x} {y}: {found} {value}"
                );
            }
            let painted = pixels.iter().filter(|value| !value.is_nan());
            assert_eq!(painted.count(), values.len());
        }
    }
}
