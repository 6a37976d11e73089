//! Maps of detection probability: cells as GeoJSON, and as a picture.

use std::io::Write as _;

use flate2::Crc;
use flate2::write::ZlibEncoder;
use serde_json::json;
use truce_core::Slug;
use truce_plan::Plan;
use truce_plan::coverage::{AreaView, Level, Prepared, map};
use truce_plan::watch::{Violation, Watch};

/// An area's cells with a value each.
pub(crate) type Valued<'a> = (&'a AreaView, Vec<f64>);

/// The cells of every area in which a violation can happen, with the chance to detect it there.
pub(crate) fn valued<'a>(
    watch: &'a Watch,
    prepared: &'a Prepared,
    plan: &Plan,
    violation: &Slug,
    level: Level,
) -> Vec<Valued<'a>> {
    let found = watch.violations.iter().filter(|v| v.id == *violation);
    let areas = |violation: &'a Violation| {
        let views = prepared.areas.iter();
        views.filter(move |view| violation.areas.contains(&view.area))
    };
    found
        .flat_map(|violation| areas(violation).map(move |view| (violation, view)))
        .map(|(violation, view)| (view, map(watch, prepared, view, plan, violation, level)))
        .collect()
}

/// Longest side of a picture, pixels.
const SIDE_MAX: f64 = 1_600.0;

/// The cells as squares with their probability (RFC 7946: longitude first, rings closed).
pub(crate) fn cells_to_geojson(cells: &[Valued<'_>], violation: &Slug) -> String {
    let mut features = Vec::new();
    for (view, values) in cells {
        let [half_lon, half_lat] = view.cells.side_deg.map(|side| side / 2.0);
        for (centre, value) in view.cells.centres.iter().zip(values) {
            let corner = |east: f64, north: f64| {
                let round = |deg: f64| (deg * 1e6).round() / 1e6;
                [
                    round(centre.lon_deg + east * half_lon),
                    round(centre.lat_deg + north * half_lat),
                ]
            };
            let ring = [
                corner(-1.0, -1.0),
                corner(1.0, -1.0),
                corner(1.0, 1.0),
                corner(-1.0, 1.0),
                corner(-1.0, -1.0),
            ];
            features.push(json!({
                "type": "Feature",
                "properties": {
                    "area": view.area,
                    "violation": violation,
                    "detection_probability": (value * 1e4).round() / 1e4,
                },
                "geometry": { "type": "Polygon", "coordinates": [ring] },
            }));
        }
    }
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

/// The cells as a picture, north up, each pixel square on the ground at the middle latitude.
pub(crate) fn cells_to_png(cells: &[Valued<'_>]) -> Vec<u8> {
    let centres = cells.iter().flat_map(|(view, _)| &view.cells.centres);
    let empty = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    let [west, south, east, north] = centres.fold(empty, |b, p| {
        [
            b[0].min(p.lon_deg),
            b[1].min(p.lat_deg),
            b[2].max(p.lon_deg),
            b[3].max(p.lat_deg),
        ]
    });
    let narrow = ((south + north) / 2.0).to_radians().cos().max(0.01);
    let (width_deg, height_deg) = ((east - west) * narrow, north - south);
    let scale = SIDE_MAX / width_deg.max(height_deg).max(0.01);
    let (width, height) = (
        pixels(width_deg * scale) + 1,
        pixels(height_deg * scale) + 1,
    );
    let mut picture = Picture::new(width, height);
    for (view, values) in cells {
        let [lon, lat] = view.cells.side_deg;
        // One pixel more than a cell's side, so that rounding leaves no seams.
        let side = [pixels(lon * narrow * scale) + 1, pixels(lat * scale) + 1];
        for (centre, value) in view.cells.centres.iter().zip(values) {
            let x = pixels((centre.lon_deg - west) * narrow * scale);
            let y = pixels((north - centre.lat_deg) * scale);
            picture.square([x, y], side, colour(*value));
        }
    }
    picture.to_png()
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
fn pixels(value: f64) -> u32 {
    value.round() as u32
}

/// From dark blue over green to yellow (corners of viridis, van der Walt and Smith 2015).
fn colour(value: f64) -> [u8; 3] {
    const STOPS: [[f64; 3]; 5] = [
        [68.0, 1.0, 84.0],
        [59.0, 82.0, 139.0],
        [33.0, 145.0, 140.0],
        [94.0, 201.0, 98.0],
        [253.0, 231.0, 37.0],
    ];
    let at = value.clamp(0.0, 1.0) * 4.0;
    let lower = (0..4).rev().find(|i| at >= f64::from(*i)).unwrap_or(0);
    let part = at - f64::from(lower);
    let index = usize::try_from(lower).unwrap_or(0);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 255")]
    let mix =
        |k: usize| (STOPS[index][k] * (1.0 - part) + STOPS[index + 1][k] * part).round() as u8;
    [mix(0), mix(1), mix(2)]
}

/// A picture of red, green and blue, one byte each.
struct Picture {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Picture {
    fn new(width: u32, height: u32) -> Self {
        let size = width as usize * height as usize * 3;
        Self {
            width,
            height,
            bytes: vec![245; size],
        }
    }

    /// Paints a square around a pixel, as far as it lies in the picture.
    fn square(&mut self, centre: [u32; 2], side: [u32; 2], colour: [u8; 3]) {
        let range = |k: usize, end: u32| {
            let first = centre[k].saturating_sub(side[k] / 2);
            first..(first + side[k]).min(end)
        };
        for y in range(1, self.height) {
            for x in range(0, self.width) {
                let at = (y as usize * self.width as usize + x as usize) * 3;
                self.bytes[at..at + 3].copy_from_slice(&colour);
            }
        }
    }

    /// The picture in the PNG format (ISO/IEC 15948, clauses 5 and 11): header, one data chunk, end.
    fn to_png(&self) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend(self.width.to_be_bytes());
        header.extend(self.height.to_be_bytes());
        // Depth 8, true colour, deflate, adaptive filters, not interlaced.
        header.extend([8, 2, 0, 0, 0]);
        let mut data = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        for row in self.bytes.chunks(self.width as usize * 3) {
            // Filter type 0: the bytes as they are. Writing into a vector cannot fail.
            let _ = data.write_all(&[0]);
            let _ = data.write_all(row);
        }
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, *b"IHDR", &header);
        chunk(&mut png, *b"IDAT", &data.finish().unwrap_or_default());
        chunk(&mut png, *b"IEND", &[]);
        png
    }
}

/// A chunk: length, type, data, CRC of type and data (clause 5.3).
fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(crc.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_run_from_dark_to_light() {
        for (value, expected) in [
            (0.0, [68, 1, 84]),
            (0.5, [33, 145, 140]),
            (0.75, [94, 201, 98]),
            (1.0, [253, 231, 37]),
            (7.0, [253, 231, 37]),
        ] {
            assert_eq!(colour(value), expected, "{value}");
        }
    }

    /// The smallest picture, byte for byte where the standard fixes them.
    #[test]
    fn a_picture_has_the_chunks_of_the_standard() {
        let mut picture = Picture::new(2, 1);
        picture.square([0, 0], [1, 1], [1, 2, 3]);
        assert_eq!(picture.bytes, [1, 2, 3, 245, 245, 245]);
        let png = picture.to_png();
        assert_eq!(&png[..16], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
        assert_eq!(png[png.len() - 12..], *b"\0\0\0\0IEND\xae\x42\x60\x82");
    }
}
