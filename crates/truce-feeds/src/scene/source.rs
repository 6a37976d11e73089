//! One band of one scene as rows of comparable numbers on the common grid.

use std::collections::VecDeque;
use std::io::{Read, Seek};

use super::raster::Raster;
use super::{Error, Grid, speckle};

/// What the numbers of a band are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Radar backscatter: linear power, or amplitude where the file holds whole numbers, as detected
    /// products of Sentinel-1 do.
    Backscatter,
    /// Radar backscatter in decibels.
    BackscatterDb,
    /// Reflectance: the file's number times a scale plus an offset.
    Reflectance {
        /// The scale.
        scale: f64,
        /// The offset, such as −0.1 of Sentinel-2 from processing baseline 04.00 on.
        offset: f64,
    },
}

/// One band of one scene, and what hides it.
#[derive(Debug)]
pub struct Scene<R: Read + Seek> {
    /// What it is called where it cannot be read.
    pub name: String,
    /// Its values.
    pub raster: Raster<R>,
    /// The classes of its ground, on the same grid or one of larger pixels (Sentinel-2's scene
    /// classification): what clouds and their shadows cover is not looked at.
    pub classes: Option<Raster<R>>,
    /// What its numbers are.
    pub measure: Measure,
}

/// Classes of Sentinel-2's scene classification under which no ground is seen: no data, defective,
/// cloud shadow, cloud of medium and high probability, cirrus, snow (ESA, Level-2A product
/// specification, SCL).
const HIDDEN: [f32; 7] = [0.0, 1.0, 3.0, 8.0, 9.0, 10.0, 11.0];

/// A scene placed on the common grid.
#[derive(Debug)]
pub(super) struct Source<R: Read + Seek> {
    scene: Scene<R>,
    /// Columns of the common grid.
    width: usize,
    /// Where the scene begins on the common grid.
    left: i64,
    top: i64,
    mask: Option<Mask>,
    /// Logarithm of the scene's own brightness, taken off its values.
    pub(super) level: f64,
    looks: f64,
    /// Rows of power that the speckle filter looks at, and the row in the middle of them.
    window: VecDeque<Vec<f64>>,
    middle: Option<usize>,
    there: u64,
    negative: u64,
}

/// Where the classes lie: how many pixels wide one of theirs is, and where the scene begins on them.
#[derive(Debug, Clone, Copy)]
struct Mask {
    pixel: i64,
    left: i64,
    top: i64,
}

impl<R: Read + Seek> Source<R> {
    pub(super) fn new(scene: Scene<R>, frame: &Grid, looks: f64) -> Result<Self, Error> {
        let (left, top) = frame.offset(scene.raster.grid(), 1)?;
        let mask = scene
            .classes
            .as_ref()
            .map(|classes| Mask::of(classes.grid(), scene.raster.grid()));
        Ok(Self {
            mask: mask.transpose()?,
            scene,
            width: frame.width,
            left,
            top,
            level: 0.0,
            looks,
            window: VecDeque::new(),
            middle: None,
            there: 0,
            negative: 0,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.scene.name
    }

    pub(super) fn is_optical(&self) -> bool {
        matches!(self.scene.measure, Measure::Reflectance { .. })
    }

    /// The logarithms of a row of the common grid; what is missing is NaN.
    pub(super) fn row(&mut self, row: usize, out: &mut Vec<f64>) -> Result<(), Error> {
        if self.is_optical() {
            *out = self.linear(row as i64)?;
        } else {
            self.look_at(row)?;
            let window: Vec<&[f64]> = self.window.iter().map(Vec::as_slice).collect();
            speckle::filter_row(&window, self.looks, out);
        }
        for value in &mut *out {
            *value = libm::log(*value) - self.level;
        }
        Ok(())
    }

    /// Moves the filter's window to a row; from row to row only one is read.
    fn look_at(&mut self, row: usize) -> Result<(), Error> {
        let (half, row_signed) = (speckle::HALF as i64, row as i64);
        let follows = self.middle.is_some_and(|middle| middle + 1 == row);
        let first_new = if follows { half } else { -half };
        if follows {
            self.window.pop_front();
        } else {
            self.window.clear();
        }
        for beside in first_new..=half {
            let next = self.linear(row_signed + beside)?;
            self.window.push_back(next);
        }
        self.middle = Some(row);
        Ok(())
    }

    /// Power or reflectance in a row of the common grid, NaN where there is none above zero.
    fn linear(&mut self, row: i64) -> Result<Vec<f64>, Error> {
        let mut out = vec![f64::NAN; self.width];
        let Ok(own) = usize::try_from(row - self.top) else {
            return Ok(out);
        };
        if own >= self.scene.raster.grid().height {
            return Ok(out);
        }
        let hidden = self.hidden(own)?;
        let (measure, whole) = (self.scene.measure, self.scene.raster.is_whole());
        for (x, raw) in self.scene.raster.row(own)?.iter().enumerate() {
            let to = usize::try_from(self.left + x as i64)
                .ok()
                .and_then(|x| out.get_mut(x));
            let (Some(to), false) = (to, raw.is_nan() || hidden.get(x).is_some_and(|h| *h)) else {
                continue;
            };
            let value = measure.linear(f64::from(*raw), whole);
            self.there += 1;
            if value > 0.0 {
                *to = value;
            } else if value < 0.0 {
                self.negative += 1;
            }
        }
        Ok(out)
    }

    /// Which pixels of a row of the scene are hidden; empty when none are known to be.
    fn hidden(&mut self, row: usize) -> Result<Vec<bool>, Error> {
        let (Some(mask), Some(classes)) = (self.mask, &mut self.scene.classes) else {
            return Ok(Vec::new());
        };
        let width = self.scene.raster.grid().width;
        let class_row = usize::try_from((row as i64 + mask.top).div_euclid(mask.pixel));
        let inside = class_row.ok().filter(|row| *row < classes.grid().height);
        let Some(class_row) = inside else {
            return Ok(vec![true; width]);
        };
        let classes = classes.row(class_row)?;
        let hidden = |x: usize| {
            let column = usize::try_from((x as i64 + mask.left).div_euclid(mask.pixel));
            let class = column.ok().and_then(|column| classes.get(column));
            class.is_none_or(|class| class.is_nan() || HIDDEN.contains(class))
        };
        Ok((0..width).map(hidden).collect())
    }

    /// Whether the values can be what they are said to be.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.negative * 2 > self.there {
            Err(Error::Unit)
        } else {
            Ok(())
        }
    }
}

impl Measure {
    fn linear(self, raw: f64, whole: bool) -> f64 {
        match self {
            Self::Backscatter if whole => raw * raw,
            Self::Backscatter => raw,
            Self::BackscatterDb => libm::pow(10.0, raw / 10.0),
            // Zero is no data in the products of Sentinel-2.
            Self::Reflectance { .. } if raw == 0.0 => 0.0,
            Self::Reflectance { scale, offset } => raw * scale + offset,
        }
    }
}

impl Mask {
    fn of(classes: &Grid, scene: &Grid) -> Result<Self, Error> {
        let times = libm::round(classes.step_x / scene.step_x);
        // Classes of Sentinel-2 are 20 m or 60 m wide, bands 10 m, 20 m or 60 m.
        let pixel = (1..=6)
            .find(|pixel| f64::from(*pixel) == times)
            .ok_or(Error::Grid)?;
        let (left, top) = classes.offset(scene, pixel as usize)?;
        Ok(Self {
            pixel: i64::from(pixel),
            left,
            top,
        })
    }
}
