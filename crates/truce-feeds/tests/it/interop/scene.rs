//! Comparing scenes, judged by other programs: GeoTIFF files as rasterio writes them, the filter and
//! the test as numpy and scipy compute them, areas as scipy labels them.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde_json::Value;
use truce_feeds::scene::change::{Measure, Scene, Settings, Stack, compare};
use truce_feeds::scene::{BandPlace, Raster};

use super::peer::ask;

/// Writes scenes in a folder, each in another form, and says what changed between them.
const JUDGE: &str = r#"
import sys
try:
    import numpy as np, rasterio
    from rasterio.transform import from_origin
    from scipy import ndimage, stats
except ImportError:
    sys.exit(77)
import json
folder, looks, alarm = sys.stdin.read().split("\n")[:3]
looks, alarm = float(looks), float(alarm)
random = np.random.default_rng(7)
side, n0, n1 = 150, 6, 4
forms = [
    dict(), dict(compress="deflate"), dict(compress="lzw", predictor=2),
    dict(compress="deflate", predictor=3, tiled=True, blockxsize=64, blockysize=64),
    dict(tiled=True, blockxsize=32, blockysize=16), dict(compress="lzw", BIGTIFF="YES"),
]
BANDS = [(1, 1, "band"), (3, 2, "pixel"), (3, 2, "band"), (2, 2, "pixel"), (2, 2, "band")]
def judge(name, epsg, west, north, step, dtype):
    ground = 0.05 + 0.2 * ((np.add.outer(np.arange(side) // 40, np.arange(side) // 40)) % 2)
    change = np.ones((side, side))
    change[30:60, 80:110] = 4.0
    change[100:112, 20:50] = 0.2
    logs = []
    for k in range(n0 + n1):
        power = ground * random.gamma(looks, 1 / looks, (side, side))
        if k >= n0:
            power = power * change
        if dtype == "uint16":
            values = np.maximum(1, np.round(np.sqrt(power) * 1000)).astype(dtype)
            power = values.astype(float) ** 2
        else:
            values = power.astype(dtype)
            power = values.astype(float)
        gone = random.random((side, side)) < 0.002
        values[gone] = 0
        form = dict(forms[k % len(forms)])
        if dtype == "uint16" and form.get("predictor") == 3:
            form["predictor"] = 2
        # One band, or the second of three.
        count, own, form["interleave"] = BANDS[k % len(BANDS)]
        with rasterio.open(f"{folder}/{name}-{k}.tif", "w", driver="GTiff", width=side, height=side,
                           count=count, dtype=dtype, nodata=0, crs=f"EPSG:{epsg}",
                           transform=from_origin(west, north, step, step), **form) as out:
            for band in range(1, count + 1):
                other = random.integers(0, 1000, (side, side)).astype(dtype)
                out.write(values if band == own else other, band)
        there = (~gone).astype(float)
        power = np.where(gone, 0.0, power)
        box = lambda a: ndimage.convolve(a, np.ones((5, 5)), mode="constant")
        count = box(there)
        mean = box(power) / count
        variance = box(power ** 2) / count - mean ** 2
        scene = (variance - mean ** 2 / looks) / (1 + 1 / looks)
        weight = np.where(scene > 0, scene / variance, 0)
        logs.append(np.where(gone, np.nan, np.log(mean + weight * (power - mean))))
    logs = np.array(logs)
    before, after = logs[:n0], logs[n0:]
    side_of = lambda a: (np.nanmean(a, 0), np.nanstd(a, 0, ddof=1), (~np.isnan(a)).sum(0))
    t = np.abs(stats.ttest_ind_from_stats(*side_of(before), *side_of(after)).statistic)
    freedom = (~np.isnan(logs)).sum(axis=0) - 2
    mask = np.asarray(t) >= stats.t.isf(alarm / 2, freedom)
    labels, number = ndimage.label(mask)
    for label in range(1, number + 1):
        inside = labels == label
        if inside.sum() < 12:
            continue
        row, column = ndimage.center_of_mass(inside)
        x, y = west + (column + 0.5) * step, north - (row + 0.5) * step
        from rasterio.warp import transform
        lon, lat = transform(f"EPSG:{epsg}", "EPSG:4326", [x], [y])
        print(json.dumps(dict(name=name, pixels=int(inside.sum()), score=float(t[inside].mean()),
            lat=lat[0], lon=lon[0],
            difference=float((np.nanmean(after, 0) - np.nanmean(before, 0))[inside].mean()))))
judge("utm", 32637, 399960.0, 5300040.0, 10.0, "float32")
judge("south", 32719, 300000.0, 6300000.0, 20.0, "uint16")
judge("degrees", 4326, 37.5, 48.25, 0.0001, "float64")
"#;

const LOOKS: f64 = 4.0;
const FALSE_ALARM: f64 = 0.001;

fn scene(folder: &Path, name: &str, number: usize) -> Scene<BufReader<File>> {
    let path = folder.join(format!("{name}-{number}.tif"));
    let file = BufReader::new(File::open(path).unwrap());
    // As the judge wrote them.
    let (index, count) = [(0, 1), (1, 3), (1, 3), (1, 2), (1, 2)][number % 5];
    let raster = Raster::open(file, BandPlace { index, count }).unwrap();
    Scene {
        name: name.to_owned(),
        raster,
        classes: None,
        measure: Measure::Backscatter,
    }
}

#[test]
#[ignore = "needs python3 with rasterio and scipy"]
fn interop_areas_of_change_are_those_of_numpy_scipy_and_rasterio() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenes");
    std::fs::create_dir_all(&folder).unwrap();
    let question = format!("{}\n{LOOKS}\n{FALSE_ALARM}\n", folder.display());
    let Some(expected) = ask(JUDGE, question.as_bytes()) else {
        return;
    };
    assert!(expected.len() >= 6, "{expected:?}");
    for name in ["utm", "south", "degrees"] {
        let scenes = |range: std::ops::Range<usize>| {
            range.map(|number| scene(&folder, name, number)).collect()
        };
        let stack = Stack {
            before: scenes(0..6),
            after: scenes(6..10),
        };
        let settings = Settings {
            false_alarm: FALSE_ALARM,
            pixels_min: 12,
            looks: LOOKS,
        };
        let found = compare(vec![stack], &settings).unwrap();
        let theirs: Vec<&Value> = expected
            .iter()
            .filter(|area| area["name"] == name)
            .collect();
        assert_eq!(found.areas.len(), theirs.len(), "{name}: {:?}", found.areas);
        for (area, theirs) in found.areas.iter().zip(theirs) {
            let number = |field: &str| theirs[field].as_f64().unwrap();
            assert_eq!(area.pixels as f64, number("pixels"), "{name}");
            assert!(
                (area.score - number("score")).abs() < 1e-6 * area.score,
                "{theirs}"
            );
            let natural = area.difference_db * std::f64::consts::LN_10 / 10.0;
            assert!((natural - number("difference")).abs() < 1e-6, "{theirs}");
            // A hundred-millionth of a degree is a millimetre.
            assert!(
                (area.centre.lat_deg - number("lat")).abs() < 1e-7,
                "{theirs}"
            );
            assert!(
                (area.centre.lon_deg - number("lon")).abs() < 1e-7,
                "{theirs}"
            );
        }
    }
}
