//! What changed between satellite scenes: geocoded GeoTIFF files of one place from before and after an
//! instant become areas of change, each with a score and the score's standard deviation.
//!
//! Radar (Sentinel-1) is filtered for speckle and compared as the logarithm of backscatter, optical
//! bands (Sentinel-2) as the logarithm of reflectance without what clouds cover; then both go through
//! the same pixel-wise t-test, orbit by orbit and band by band ([`change`] says how). Scenes
//! come row by row, so that what is held in memory grows with a scene's width and not with its area.
//!
//! This room reads bytes it is handed ([`std::io::Read`]); who opens files is the caller.

pub mod change;
pub mod item;

mod grid;
mod patches;
mod raster;
mod source;
mod speckle;
mod student;

pub use grid::{Crs, Grid};
pub use raster::{BandPlace, Raster};

/// Longest side of a scene, pixels: four tiles of Sentinel-2 side by side, six swaths of Sentinel-1.
const SIDE_PIXELS_MAX: usize = 1 << 17;

/// Why scenes cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is no TIFF, or a kind of TIFF that is not read.
    #[error("not read as TIFF: {0}")]
    Tiff(String),
    /// The file holds what is no plain number.
    #[error("bands of numbers are expected, not {0}")]
    Numbers(String),
    /// The file has more or fewer bands than its item says.
    #[error(
        "the file holds {held} bands where its item says {said}: list all of them, in the file's \
         order, as `bands` of the asset"
    )]
    Bands {
        /// Bands of the file.
        held: u16,
        /// Bands of the item.
        said: u16,
    },
    /// The file does not say where its pixels lie, or only by control points or with a rotation.
    #[error("no north-up georeference: geocode the scene first, for example with gdalwarp")]
    NotGeocoded,
    /// The reference system is not one that is read.
    #[error(
        "{} is neither WGS 84 (EPSG 4326) nor one of its UTM zones (326xx, 327xx): bring the scene \
         to one, for example with gdalwarp -t_srs",
        match .0 {
            32_767 => "a reference system without an EPSG code".to_owned(),
            code => format!("EPSG {code}"),
        }
    )]
    Crs(u16),
    /// Two scenes do not lie on one grid.
    #[error("its pixels do not lie on those of the other scenes: bring all to one grid first")]
    Grid,
    /// The scene, or what all scenes cover, is too large.
    #[error(
        "too large: no side may have more than {SIDE_PIXELS_MAX} pixels, no strip or tile 16 MiB"
    )]
    Size,
    /// Almost nothing in a scene can be a power or a reflectance.
    #[error(
        "most of its values are not above zero: decibels need `\"unit\": \"dB\"` in `raster:bands`"
    )]
    Unit,
    /// So much changed that it is no change of places.
    #[error("too much changed to be told apart: raise the threshold")]
    Changed,
    /// Too few scenes for a test.
    #[error(
        "no band of one orbit has {} scenes before and after",
        student::VALUES_MIN
    )]
    TooFew,
    /// No STAC item of a scene.
    #[error("no STAC item of a scene: {0}")]
    Item(String),
    /// What is wrong with one of the scenes.
    #[error("{scene}: {error}")]
    Scene {
        /// Its name.
        scene: String,
        /// What is wrong.
        error: Box<Self>,
    },
}

impl Error {
    // By value: it stands where an error is mapped.
    #[allow(clippy::needless_pass_by_value)]
    fn tiff(error: tiff::TiffError) -> Self {
        Self::Tiff(error.to_string())
    }

    fn of(self, scene: &str) -> Self {
        Self::Scene {
            scene: scene.to_owned(),
            error: Box::new(self),
        }
    }
}
