//! Speed of the tracker of anonymous objects: plots per second at several densities of clutter.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use truce_fusion::scans::{Motion, Plot, Settings, Tracker};

fn main() {
    divan::main();
}

const SIDE_M: f64 = 10_000.0;
const SIGMA_M: f64 = 30.0;

/// A linear congruential generator (Knuth, MMIX): benches need no better one.
struct Numbers(u64);

impl Numbers {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Nearly normal: the sum of twelve uniform numbers.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn plot(&mut self, [x, y]: [f64; 2], sigma_m: f64) -> Plot {
        Plot {
            position_m: [x + sigma_m * self.normal(), y + sigma_m * self.normal()],
            error_m2: [SIGMA_M * SIGMA_M, 0.0, SIGMA_M * SIGMA_M],
        }
    }
}

/// A hundred scans of objects on straight courses, nine of ten seen, with `clutter` plots each.
fn scene(objects: usize, clutter: usize) -> Vec<Vec<Plot>> {
    let mut numbers = Numbers(1);
    let mut anywhere = |side: f64| [numbers.uniform() * side, numbers.uniform() * side];
    let starts: Vec<_> = (0..objects)
        .map(|_| (anywhere(SIDE_M), anywhere(40.0)))
        .collect();
    let mut scan = |step: usize| {
        let mut plots = Vec::new();
        for ([x, y], [vx, vy]) in &starts {
            let t = step as f64;
            if numbers.uniform() < 0.9 {
                plots.push(numbers.plot([x + (vx - 20.0) * t, y + (vy - 20.0) * t], SIGMA_M));
            }
        }
        for _ in 0..clutter {
            let at = [numbers.uniform() * SIDE_M, numbers.uniform() * SIDE_M];
            plots.push(numbers.plot(at, 0.0));
        }
        plots
    };
    (0..100).map(&mut scan).collect()
}

/// Objects and clutter per scan.
#[divan::bench(args = [(50, 50), (200, 100), (100, 600)], sample_count = 10)]
fn plots_to_objects(bencher: Bencher, (objects, clutter): (usize, usize)) {
    let scans = scene(objects, clutter);
    let settings = Settings {
        motion: Motion {
            noise: 0.5,
            speed_m_s_sigma: 15.0,
            manoeuvre: None,
        },
        detection_probability: Some(0.9),
        clutter_per_scan: Some(clutter as f64),
        area_m2: Some(SIDE_M * SIDE_M),
        cell_m: SIDE_M / 10.0,
        silence_s_max: 60.0,
    };
    bencher
        .counter(ItemsCount::new(scans.iter().map(Vec::len).sum::<usize>()))
        .with_inputs(|| Tracker::new(settings.clone()))
        .bench_local_values(|mut tracker| {
            for (step, plots) in scans.iter().enumerate() {
                tracker.scan(step as f64, 0, plots);
            }
            black_box(tracker.reported().count());
            tracker
        });
}
