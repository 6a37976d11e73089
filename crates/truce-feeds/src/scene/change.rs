//! The test of change: per pixel, and what it finds put together to areas.
//!
//! A [`Stack`] holds one band of one orbit, so that all its scenes look from one side. In each stack a
//! pixel's t-test compares the scenes before with those after; a pixel with fewer than three
//! values on either side is not tested. A pixel alarms when any of its k tested stacks exceeds the t
//! that unchanged ground exceeds with the false alarm rate divided by k (Bonferroni, which holds
//! whatever the bands have in common). Alarms that touch at an edge are one area.
//!
//! An area's score is the mean t of its pixels, in the stack in which most of them alarm. Its standard
//! deviation comes from leaving out each scene in turn, so it knows of what neighbouring pixels share,
//! and of one odd date.
//!
//! Light and haze change the whole of an optical scene: from its logarithms the median of what sets
//! it off from the other scenes is taken first. Radar is calibrated and compared as it is.

use std::io::{Read, Seek};

use truce_core::Position;

use super::patches::{Collector, Patch, Tally};
use super::source::Source;
pub use super::source::{Measure, Scene};
pub use super::student::VALUES_MIN;
use super::student::{self, Moments};
use super::{Error, Grid};

/// Rows from which an optical scene's brightness is taken, evenly over the scene.
const LEVEL_ROWS: usize = 64;

/// Decibels in one unit of the natural logarithm of a power.
const DB: f64 = 10.0 / std::f64::consts::LN_10;

/// One band of the scenes of one orbit.
#[derive(Debug)]
pub struct Stack<R: Read + Seek> {
    /// Its scenes before the instant in question.
    pub before: Vec<Scene<R>>,
    /// Its scenes after it.
    pub after: Vec<Scene<R>>,
}

/// How much must change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The share of unchanged pixels that alarm.
    pub false_alarm: f64,
    /// Pixels of the smallest area that is told.
    pub pixels_min: usize,
    /// Equivalent number of looks of radar scenes.
    pub looks: f64,
}

impl Default for Settings {
    /// One pixel in a thousand; areas of twelve pixels and more, of which a million pixels of
    /// unchanged speckle made none; 4.4 looks, as Sentinel-1's detected products in high
    /// resolution have (ESA, Sentinel-1 Product Definition, table 5-2).
    fn default() -> Self {
        Self {
            false_alarm: 1e-3,
            pixels_min: 12,
            looks: 4.4,
        }
    }
}

/// An area that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Its outline, open, without holes.
    pub ring: Vec<Position>,
    /// The middle of its pixels.
    pub centre: Position,
    /// How many pixels alarm.
    pub pixels: usize,
    /// The number of the stack in which most of them do.
    pub stack: usize,
    /// Mean t of its pixels in that stack.
    pub score: f64,
    /// Standard deviation of the score.
    pub score_sigma: f64,
    /// How much brighter it has become in that stack, decibels; negative when darker.
    pub difference_db: f64,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The areas, from north to south.
    pub areas: Vec<Area>,
    /// Pixels that could be tested in at least one stack.
    pub pixels_tested: u64,
    /// Those of them that alarm, in areas or not.
    pub pixels_alarmed: u64,
}

/// Compares the scenes of some stacks, all on one grid.
///
/// # Errors
/// When a scene cannot be read or lies on another grid, and when no stack has enough scenes.
pub fn compare<R: Read + Seek>(stacks: Vec<Stack<R>>, settings: &Settings) -> Result<Found, Error> {
    let enough = |stack: &Stack<R>| stack.before.len().min(stack.after.len()) >= VALUES_MIN;
    if !stacks.iter().any(enough) {
        return Err(Error::TooFew);
    }
    let frame = frame(&stacks)?;
    let placed = stacks
        .into_iter()
        .map(|stack| Series::new(stack, &frame, settings.looks));
    let mut series = placed.collect::<Result<Vec<_>, _>>()?;
    for series in &mut series {
        series.level(frame.height)?;
    }
    let critical = Critical::new(&series, settings.false_alarm);
    let mut collector = Collector::new(settings.pixels_min);
    let (mut pixels_tested, mut pixels_alarmed) = (0, 0);
    for row in 0..frame.height {
        for series in &mut series {
            series.read(row)?;
        }
        let tested = (0..frame.width).filter_map(|x| Some((x, critical.test(&series, x)?)));
        let alarmed = tested
            .inspect(|_| pixels_tested += 1)
            .filter_map(|(x, marks)| {
                let alarms = marks.iter().any(|mark| mark.alarms);
                alarms.then(|| (x, Pixel::of(&series, &marks, x)))
            });
        collector.row(row, alarmed.inspect(|_| pixels_alarmed += 1))?;
    }
    for source in series.iter().flat_map(|series| &series.sources) {
        source.check().map_err(|error| error.of(source.name()))?;
    }
    let patches = collector.finish();
    let areas = patches
        .iter()
        .filter_map(|patch| area(patch, &series, &frame))
        .collect();
    Ok(Found {
        areas,
        pixels_tested,
        pixels_alarmed,
    })
}

/// The grid that covers all scenes.
fn frame<R: Read + Seek>(stacks: &[Stack<R>]) -> Result<Grid, Error> {
    let mut frame: Option<Grid> = None;
    for scene in stacks
        .iter()
        .flat_map(|stack| stack.before.iter().chain(&stack.after))
    {
        let grid = scene.raster.grid();
        let joined = frame.map_or(Ok(*grid), |frame| frame.cover(grid));
        frame = Some(joined.map_err(|error| error.of(&scene.name))?);
    }
    frame.ok_or(Error::TooFew)
}

/// A stack on the common grid, with the row that is looked at.
#[derive(Debug)]
struct Series<R: Read + Seek> {
    sources: Vec<Source<R>>,
    /// How many of them are from before.
    before: usize,
    rows: Vec<Vec<f64>>,
}

impl<R: Read + Seek> Series<R> {
    fn new(stack: Stack<R>, frame: &Grid, looks: f64) -> Result<Self, Error> {
        let before = stack.before.len();
        let place = |scene: Scene<R>| {
            let name = scene.name.clone();
            Source::new(scene, frame, looks).map_err(|error| error.of(&name))
        };
        let sources = stack.before.into_iter().chain(stack.after).map(place);
        let sources = sources.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            rows: vec![Vec::new(); sources.len()],
            sources,
            before,
        })
    }

    fn read(&mut self, row: usize) -> Result<(), Error> {
        for (source, values) in self.sources.iter_mut().zip(&mut self.rows) {
            source
                .row(row, values)
                .map_err(|error| error.of(source.name()))?;
        }
        Ok(())
    }

    /// Finds the brightness of optical scenes: the median, over pixels, of what sets a scene off from
    /// the mean of all.
    fn level(&mut self, height: usize) -> Result<(), Error> {
        if !self.sources.iter().any(Source::is_optical) {
            return Ok(());
        }
        let mut off = vec![Vec::new(); self.sources.len()];
        for row in (0..height).step_by(height.div_ceil(LEVEL_ROWS)) {
            self.read(row)?;
            for x in 0..self.rows[0].len() {
                let there = self
                    .rows
                    .iter()
                    .map(|row| row[x])
                    .filter(|value| !value.is_nan());
                let (count, sum) = there.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
                for (off, row) in off.iter_mut().zip(&self.rows) {
                    if !row[x].is_nan() {
                        off.push(row[x] - sum / count);
                    }
                }
            }
        }
        for (source, mut off) in self.sources.iter_mut().zip(off) {
            let middle = off.len() / 2;
            if middle > 0 {
                source.level = *off.select_nth_unstable_by(middle, f64::total_cmp).1;
            }
        }
        Ok(())
    }

    fn moments(&self, x: usize) -> (Moments, Moments) {
        let mut sides = (Moments::default(), Moments::default());
        for (scene, row) in self.rows.iter().enumerate() {
            if !row[x].is_nan() {
                let side = if scene < self.before {
                    &mut sides.0
                } else {
                    &mut sides.1
                };
                side.add(row[x]);
            }
        }
        sides
    }
}

/// What a pixel's test says in one stack; `t` is `None` where it is not tested.
#[derive(Debug, Clone, Copy)]
struct Mark {
    t: Option<f64>,
    freedom: usize,
    alarms: bool,
}

/// The t from which on a pixel alarms, by the number of its tested stacks and degrees of freedom.
#[derive(Debug)]
struct Critical(Vec<Vec<f64>>);

impl Critical {
    fn new<R: Read + Seek>(series: &[Series<R>], false_alarm: f64) -> Self {
        let most = series
            .iter()
            .map(|series| series.sources.len())
            .max()
            .unwrap_or(0);
        let of = |tested: usize| {
            let rate = false_alarm / tested as f64;
            (0..most)
                .map(|freedom| student::critical_t(rate, freedom.max(1)))
                .collect()
        };
        Self((1..=series.len()).map(of).collect())
    }

    /// The tests of a pixel in each stack; `None` when it is tested in none.
    fn test<R: Read + Seek>(&self, series: &[Series<R>], x: usize) -> Option<Vec<Mark>> {
        let mark = |series: &Series<R>| {
            let (before, after) = series.moments(x);
            let enough = before.count.min(after.count) >= VALUES_MIN;
            let t = if enough {
                student::t(before, after)
            } else {
                None
            };
            Mark {
                t,
                freedom: (before.count + after.count).saturating_sub(2),
                alarms: false,
            }
        };
        let mut marks: Vec<Mark> = series.iter().map(mark).collect();
        let tested = marks.iter().filter(|mark| mark.t.is_some()).count();
        let critical = self.0.get(tested.checked_sub(1)?)?;
        for mark in &mut marks {
            mark.alarms = mark.t.is_some_and(|t| t >= critical[mark.freedom]);
        }
        Some(marks)
    }
}

/// What the pixels of an area add up to in each stack.
#[derive(Debug, Default)]
struct Pixel(Vec<Sums>);

/// Sums over the tested pixels of one stack.
#[derive(Debug)]
struct Sums {
    pixels: usize,
    alarms: usize,
    t: f64,
    difference: f64,
    /// The same sum of t, with each scene left out.
    t_without: Vec<f64>,
}

impl Pixel {
    fn of<R: Read + Seek>(series: &[Series<R>], marks: &[Mark], x: usize) -> Self {
        Self(
            series
                .iter()
                .zip(marks)
                .map(|(series, mark)| Sums::of(series, *mark, x))
                .collect(),
        )
    }
}

impl Sums {
    fn of<R: Read + Seek>(series: &Series<R>, mark: Mark, x: usize) -> Self {
        let t = mark.t.unwrap_or(0.0);
        let (before, after) = series.moments(x);
        let without = |(scene, row): (usize, &Vec<f64>)| {
            let value = row[x];
            let rest = if value.is_nan() || mark.t.is_none() {
                None
            } else if scene < series.before {
                student::t(before.without(value), after)
            } else {
                student::t(before, after.without(value))
            };
            rest.unwrap_or(t)
        };
        let difference = if mark.t.is_some() {
            after.mean() - before.mean()
        } else {
            0.0
        };
        Self {
            pixels: usize::from(mark.t.is_some()),
            alarms: usize::from(mark.alarms),
            t,
            difference,
            t_without: series.rows.iter().enumerate().map(without).collect(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.pixels += other.pixels;
        self.alarms += other.alarms;
        self.t += other.t;
        self.difference += other.difference;
        for (own, other) in self.t_without.iter_mut().zip(&other.t_without) {
            *own += other;
        }
    }
}

impl Tally for Pixel {
    fn merge(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            own.add(other);
        }
    }
}

fn area<R: Read + Seek>(patch: &Patch<Pixel>, series: &[Series<R>], frame: &Grid) -> Option<Area> {
    let sums = patch.tally.0.iter().enumerate();
    let order = |sums: &Sums| (sums.alarms, sums.t / sums.pixels.max(1) as f64);
    let (stack, sums) = sums.max_by(|(_, a), (_, b)| {
        let ((a, at), (b, bt)) = (order(a), order(b));
        a.cmp(&b).then(at.total_cmp(&bt))
    })?;
    let pixels = sums.pixels as f64;
    let scores: Vec<f64> = sums.t_without.iter().map(|t| t / pixels).collect();
    let (before, after) = scores.split_at_checked(series[stack].before)?;
    let (column, row) = patch.centre();
    let ring = patch
        .outline()
        .into_iter()
        .map(|(column, row)| frame.position(column, row));
    Some(Area {
        ring: ring.collect::<Option<_>>()?,
        centre: frame.position(column, row)?,
        pixels: patch.pixels,
        stack,
        score: sums.t / pixels,
        score_sigma: student::jackknife_sigma(before, after),
        difference_db: DB * sums.difference / pixels,
    })
}

#[cfg(test)]
mod tests;
