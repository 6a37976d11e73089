//! Scenes of ground whose speckle is known: how often unchanged ground alarms, what of planted changes
//! is found, whether scores scatter as they say, and what is refused.

#![allow(clippy::cast_possible_truncation)] // Pixels are 32-bit numbers, and few.

use std::io::Cursor;

use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

use super::*;
use crate::scene::{BandPlace, Raster};

type File = Cursor<Vec<u8>>;

/// Side of the scenes, pixels.
const SIDE: usize = 160;

/// Looks of the speckle.
const LOOKS: usize = 4;

/// A small generator (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Speckle: the mean of as many exponential intensities as there are looks.
    fn speckle(&mut self) -> f64 {
        let product: f64 = (0..LOOKS).map(|_| 1.0 - self.uniform()).product();
        -libm::log(product) / LOOKS as f64
    }
}

/// A file of a square scene in UTM zone 37 N, pixels of 10 m.
fn file(value: &mut dyn FnMut(usize, usize) -> f32, west: f64, epsg: u16) -> File {
    let values: Vec<f32> = (0..SIDE * SIDE)
        .map(|at| value(at % SIDE, at / SIDE))
        .collect();
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out).unwrap();
    let side = u32::try_from(SIDE).unwrap();
    let mut image = encoder
        .new_image::<colortype::Gray32Float>(side, side)
        .unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::ModelPixelScaleTag, &[10.0, 10.0, 0.0][..])
        .unwrap();
    let tie = [0.0, 0.0, 0.0, west, 5_400_000.0, 0.0];
    tags.write_tag(Tag::ModelTiepointTag, &tie[..]).unwrap();
    let keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg];
    tags.write_tag(Tag::GeoKeyDirectoryTag, &keys[..]).unwrap();
    tags.write_tag(Tag::GdalNodata, "-9999").unwrap();
    image.write_data(&values).unwrap();
    out.set_position(0);
    out
}

fn scene(value: &mut dyn FnMut(usize, usize) -> f32, measure: Measure) -> Scene<File> {
    let raster = Raster::open(file(value, 400_000.0, 32637), BandPlace::ONLY).unwrap();
    Scene {
        name: "scene".to_owned(),
        raster,
        classes: None,
        measure,
    }
}

/// Ground of three kinds of brightness under speckle, and how much brighter it is at a place.
fn radar(random: &mut Seeded, factor: &dyn Fn(usize, usize) -> f64) -> Scene<File> {
    let mut value = |x: usize, y: usize| {
        let ground = [0.02, 0.1, 0.3][(x / 50 + y / 50) % 3];
        (ground * factor(x, y) * random.speckle()) as f32
    };
    scene(&mut value, Measure::Backscatter)
}

fn stack(
    random: &mut Seeded,
    [n0, n1]: [usize; 2],
    factor: &dyn Fn(usize, usize) -> f64,
) -> Stack<File> {
    let before = (0..n0).map(|_| radar(random, &|_, _| 1.0)).collect();
    let after = (0..n1).map(|_| radar(random, factor)).collect();
    Stack { before, after }
}

fn settings(false_alarm: f64, pixels_min: usize) -> Settings {
    Settings {
        false_alarm,
        pixels_min,
        looks: LOOKS as f64,
    }
}

/// Pixels within 5 of each other share speckle through the filter, so that of 25,600 about a
/// thousand speak for themselves: at one in twenty the share has a standard deviation of 0.7 %.
#[test]
fn unchanged_speckle_alarms_as_often_as_asked() {
    for (seed, counts) in [(1, [6, 4]), (2, [3, 3]), (3, [12, 5])] {
        let mut random = Seeded(seed);
        let stacks = vec![stack(&mut random, counts, &|_, _| 1.0)];
        let found = compare(stacks, &settings(0.05, 1)).unwrap();
        assert_eq!(found.pixels_tested as usize, SIDE * SIDE);
        let share = found.pixels_alarmed as f64 / found.pixels_tested as f64;
        assert!((0.03..0.07).contains(&share), "{counts:?}: {share}");
    }
}

#[test]
fn several_stacks_alarm_no_oftener_than_one() {
    let mut random = Seeded(4);
    let stacks = (0..4)
        .map(|_| stack(&mut random, [5, 4], &|_, _| 1.0))
        .collect();
    let found = compare(stacks, &settings(0.05, 1)).unwrap();
    let share = found.pixels_alarmed as f64 / found.pixels_tested as f64;
    assert!((0.03..0.065).contains(&share), "{share}");
}

/// A square of 24 pixels that became 4 dB brighter is found once, where it is, and as bright.
#[test]
fn planted_changes_are_found() {
    let inside = |x: usize, y: usize| (60..84).contains(&x) && (90..114).contains(&y);
    for (seed, change_db) in [(11, 4.0), (12, -4.0), (13, 6.0)] {
        let factor = libm::pow(10.0, change_db / 10.0);
        let factor = move |x, y| if inside(x, y) { factor } else { 1.0 };
        let mut random = Seeded(seed);
        let stacks = vec![
            stack(&mut random, [8, 5], &factor),
            stack(&mut random, [6, 4], &factor),
        ];
        let found = compare(
            stacks,
            &Settings {
                looks: LOOKS as f64,
                ..Settings::default()
            },
        )
        .unwrap();
        let [area] = found.areas.as_slice() else {
            panic!("{found:?}")
        };
        assert!((400..=784).contains(&area.pixels), "{}", area.pixels);
        // The middle of the square is 72 columns east and 102 rows south of the corner.
        let grid = *Raster::open(file(&mut |_, _| 1.0, 400_000.0, 32637), BandPlace::ONLY)
            .unwrap()
            .grid();
        let middle = grid.position(72.0, 102.0).unwrap();
        assert!(area.centre.distance_m(middle) < 20.0, "{:?}", area.centre);
        assert!(
            (area.difference_db - change_db).abs() < 0.8,
            "{}",
            area.difference_db
        );
        assert!(area.score > 2.0 * area.score_sigma && area.score_sigma > 0.0);
    }
}

/// The score of one planted change in 24 draws of the speckle scatters as its standard deviation
/// says, as far as so many draws tell: to 15 %.
#[test]
fn scores_scatter_as_they_say() {
    let factor = |x: usize, y: usize| {
        if x / 40 == 1 && y / 40 == 1 {
            10.0
        } else {
            1.0
        }
    };
    let mut scores = Vec::new();
    let mut sigmas = Vec::new();
    for seed in 100..124 {
        let stacks = vec![stack(&mut Seeded(seed), [5, 4], &factor)];
        let found = compare(stacks, &settings(1e-3, 400)).unwrap();
        scores.push(found.areas[0].score);
        sigmas.push(found.areas[0].score_sigma);
    }
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let variance: f64 = scores
        .iter()
        .map(|score| (score - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    let stated = sigmas.iter().sum::<f64>() / n;
    let ratio = stated / variance.sqrt();
    assert!((0.6..1.7).contains(&ratio), "{ratio}");
}

/// Clouds and their shadows are left out, a haze over a whole scene is no change, and a burnt field is.
#[test]
fn optical_scenes_are_compared_without_clouds_and_haze() {
    let mut random = Seeded(21);
    let burnt = |x: usize, y: usize| (20..40).contains(&x) && (20..40).contains(&y);
    let reflectance = Measure::Reflectance {
        scale: 1e-4,
        offset: -0.1,
    };
    let mut one = |number: usize, after: bool| {
        let haze = 1.0 + 0.08 * number as f64;
        let cloud = |x: usize| number.is_multiple_of(3) && x >= 100;
        let mut value = |x: usize, y: usize| {
            let ground = if after && burnt(x, y) { 0.06 } else { 0.2 };
            let seen = if cloud(x) { 0.9 } else { ground * haze };
            let noise = 1.0 + 0.04 * (random.uniform() - 0.5);
            ((seen * noise + 0.1) / 1e-4) as f32
        };
        let mut classes = |x: usize, _| if cloud(x) { 9.0 } else { 4.0 };
        let classes = Raster::open(file(&mut classes, 400_000.0, 32637), BandPlace::ONLY).unwrap();
        Scene {
            classes: Some(classes),
            ..scene(&mut value, reflectance)
        }
    };
    let before = (0..5).map(|number| one(number, false)).collect();
    let after = (5..10).map(|number| one(number, true)).collect();
    let stacks = vec![Stack { before, after }];
    let found = compare(stacks, &Settings::default()).unwrap();
    let [area] = found.areas.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(area.pixels, 400);
    assert!(
        (area.difference_db - 10.0 * libm::log10(0.3)).abs() < 0.3,
        "{area:?}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let same =
        |west: f64, epsg: u16| Raster::open(file(&mut |_, _| 1.0, west, epsg), BandPlace::ONLY);
    assert_eq!(same(400_000.0, 3857).err(), Some(Error::Crs(3857)));
    let of = |west: f64, value: f32| Scene {
        name: "s".to_owned(),
        raster: Raster::open(file(&mut |_, _| value, west, 32637), BandPlace::ONLY).unwrap(),
        classes: None,
        measure: Measure::Backscatter,
    };
    let stack = |before: Vec<Scene<File>>, after: Vec<Scene<File>>| {
        let stack = Stack { before, after };
        compare(vec![stack], &Settings::default())
    };
    let three = |west: f64, value: f32| (0..3).map(|_| of(west, value)).collect::<Vec<_>>();
    let two = three(400_000.0, 1.0).split_off(1);
    assert_eq!(stack(two, three(400_000.0, 1.0)), Err(Error::TooFew));
    let beside = stack(three(400_000.0, 1.0), three(400_005.0, 1.0));
    assert_eq!(beside, Err(Error::Grid.of("s")));
    let decibels = stack(three(400_000.0, -12.0), three(400_000.0, -9.0));
    assert_eq!(decibels, Err(Error::Unit.of("s")));
    // What is marked as no data, and what does not scatter, is not tested.
    for value in [-9_999.0, 1.0] {
        let found = stack(three(400_000.0, value), three(400_000.0, value)).unwrap();
        assert_eq!((found.pixels_tested, found.areas.len()), (0, 0));
    }
    assert!(matches!(
        Raster::open(Cursor::new(vec![1, 2, 3]), BandPlace::ONLY),
        Err(Error::Tiff(_))
    ));
}
