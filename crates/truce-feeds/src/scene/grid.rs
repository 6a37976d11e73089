//! Where the pixels of a scene lie: a grid whose columns run east and rows south, in degrees or in a
//! zone of the Universal Transverse Mercator projection, both on WGS 84.

use truce_core::Position;
use truce_core::transverse::Transverse;

use super::Error;

/// Scale on the central meridian of a zone (NGA.SIG.0012, 2014, section 7).
const UTM_SCALE: f64 = 0.9996;
/// False easting of a zone, metres.
const UTM_EASTING_M: f64 = 500_000.0;
/// False northing of a southern zone, metres.
const UTM_NORTHING_M_SOUTH: f64 = 10_000_000.0;
/// How far the corners of two grids may lie beside each other and still be one, pixels: far below
/// what a change of a pixel would need, far above what rounding in files leaves.
const OFFSET_MAX: f64 = 0.1;

/// The reference system of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crs {
    /// Longitude and latitude, degrees (EPSG 4326).
    Geographic,
    /// Easting and northing in a zone, metres (EPSG 32601 to 32660 and 32701 to 32760).
    Utm {
        /// 1 to 60.
        zone: u8,
        /// South of the equator.
        south: bool,
    },
}

impl Crs {
    /// The system with an EPSG code.
    pub(super) fn from_epsg(code: u16) -> Option<Self> {
        let zone = |base: u16| u8::try_from(code - base).ok();
        match code {
            4326 => Some(Self::Geographic),
            32601..=32660 => zone(32600).map(|zone| Self::Utm { zone, south: false }),
            32701..=32760 => zone(32700).map(|zone| Self::Utm { zone, south: true }),
            _ => None,
        }
    }

    /// The position at coordinates of the system; `None` beyond the poles.
    fn position(self, x: f64, y: f64) -> Option<Position> {
        match self {
            Self::Geographic => Position::new(y, truce_core::place::normalize_lon_deg(x)),
            Self::Utm { zone, south } => {
                let meridian_deg = f64::from(zone) * 6.0 - 183.0;
                let north_m = if south { y - UTM_NORTHING_M_SOUTH } else { y };
                let plane = [(x - UTM_EASTING_M) / UTM_SCALE, north_m / UTM_SCALE];
                let position = Transverse { meridian_deg }.to_position(plane);
                Position::new(position.lat_deg, position.lon_deg)
            }
        }
    }
}

/// A grid of pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Its reference system.
    pub crs: Crs,
    /// The western edge of the first column, in units of the system.
    pub west: f64,
    /// The northern edge of the first row.
    pub north: f64,
    /// Width of a pixel, positive.
    pub step_x: f64,
    /// Height of a pixel, positive.
    pub step_y: f64,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Grid {
    /// The position at a column and a row; whole numbers are the north-western corners of pixels.
    #[must_use]
    pub fn position(&self, column: f64, row: f64) -> Option<Position> {
        let (x, y) = (
            self.west + column * self.step_x,
            self.north - row * self.step_y,
        );
        self.crs.position(x, y)
    }

    /// The column and row of this grid at which another one of `pixel` times smaller pixels begins,
    /// counted in those smaller pixels. The pixels of both must lie on each other.
    pub(super) fn offset(&self, finer: &Self, pixel: usize) -> Result<(i64, i64), Error> {
        let times = pixel as f64;
        let (step_x, step_y) = (self.step_x / times, self.step_y / times);
        let column = (finer.west - self.west) / step_x;
        let row = (self.north - finer.north) / step_y;
        let drift_x = (finer.step_x / step_x - 1.0).abs() * finer.width as f64;
        let drift_y = (finer.step_y / step_y - 1.0).abs() * finer.height as f64;
        let apart = |value: f64| (value - libm::round(value)).abs();
        let worst = drift_x.max(drift_y).max(apart(column)).max(apart(row));
        // NaN fits nowhere.
        if self.crs != finer.crs || worst.is_nan() || worst > OFFSET_MAX {
            return Err(Error::Grid);
        }
        // Grids lie on one planet: their offsets are far below 2^63 pixels.
        #[allow(clippy::cast_possible_truncation)]
        Ok((libm::round(column) as i64, libm::round(row) as i64))
    }

    /// The smallest grid of these pixels that covers this one and another one.
    pub(super) fn cover(&self, other: &Self) -> Result<Self, Error> {
        let (column, row) = self.offset(other, 1)?;
        let (left, top) = (column.min(0), row.min(0));
        let end = |own: usize, offset: i64, length: usize| -> Option<i64> {
            let far = offset.checked_add(i64::try_from(length).ok()?)?;
            Some(far.max(i64::try_from(own).ok()?))
        };
        let right = end(self.width, column, other.width);
        let bottom = end(self.height, row, other.height);
        let span = |from: i64, to: Option<i64>| {
            let length = usize::try_from(to?.checked_sub(from)?).ok()?;
            (length <= super::SIDE_PIXELS_MAX).then_some(length)
        };
        Ok(Self {
            west: self.west + left as f64 * self.step_x,
            north: self.north - top as f64 * self.step_y,
            width: span(left, right).ok_or(Error::Size)?,
            height: span(top, bottom).ok_or(Error::Size)?,
            ..*self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(crs: Crs, west: f64, north: f64, step: f64) -> Grid {
        Grid {
            crs,
            west,
            north,
            step_x: step,
            step_y: step,
            width: 10,
            height: 20,
        }
    }

    /// Reference values of pyproj 3.8 (PROJ 9), EPSG:32637 and EPSG:32719 to EPSG:4326.
    #[test]
    fn pixels_lie_where_another_program_puts_them() {
        let cases = [
            (32637, (500_000.0, 5_316_300.0), (47.999_997_981, 39.0)),
            (
                32637,
                (399_960.0, 5_300_040.0),
                (47.845_914_827, 37.662_865_290),
            ),
            (
                32719,
                (300_000.0, 6_300_000.0),
                (-33.420_738_492, -71.151_032_686),
            ),
            (4326, (37.25, 48.5), (48.5, 37.25)),
        ];
        for (code, (x, y), (lat_deg, lon_deg)) in cases {
            let got = grid(Crs::from_epsg(code).unwrap(), x, y, 1.0)
                .position(0.0, 0.0)
                .unwrap();
            let off_m = got.distance_m(Position { lat_deg, lon_deg });
            assert!(off_m < 0.001, "{code} {got:?} is {off_m} m off");
        }
    }

    #[test]
    fn grids_lie_on_each_other_or_not() {
        let utm = Crs::from_epsg(32637).unwrap();
        let a = grid(utm, 1_000.0, 5_000.0, 10.0);
        assert_eq!(a.offset(&grid(utm, 970.0, 4_980.0, 10.0), 1), Ok((-3, 2)));
        assert_eq!(a.offset(&grid(utm, 1_000.4, 5_000.0, 10.0), 1), Ok((0, 0)));
        assert_eq!(a.offset(&grid(utm, 1_005.0, 5_000.0, 5.0), 2), Ok((1, 0)));
        let beside = [
            grid(utm, 1_004.0, 5_000.0, 10.0),
            grid(utm, 1_000.0, 5_000.0, 20.0),
            grid(Crs::Geographic, 1_000.0, 5_000.0, 10.0),
            grid(Crs::from_epsg(32737).unwrap(), 1_000.0, 5_000.0, 10.0),
        ];
        for other in beside {
            assert_eq!(a.offset(&other, 1), Err(Error::Grid), "{other:?}");
        }
        let both = a.cover(&grid(utm, 970.0, 4_980.0, 10.0)).unwrap();
        assert_eq!((both.west, both.north), (970.0, 5_000.0));
        assert_eq!((both.width, both.height), (13, 22));
        assert_eq!(a.cover(&grid(utm, 1e9, 5_000.0, 10.0)), Err(Error::Size));
    }
}
