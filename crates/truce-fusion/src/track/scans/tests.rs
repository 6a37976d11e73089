//! The tracker on scenes with known truth.

use super::*;

/// A linear congruential generator (Knuth, MMIX).
struct Numbers(u64);

impl Numbers {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

const SIDE_M: f64 = 5_000.0;
const SIGMA_M: f64 = 30.0;

fn plot(x: f64, y: f64) -> Plot {
    Plot {
        position_m: [x, y],
        error_m2: [SIGMA_M * SIGMA_M, 0.0, SIGMA_M * SIGMA_M],
    }
}

fn settings() -> Settings {
    Settings {
        motion: Motion {
            noise: 0.5,
            speed_m_s_sigma: 15.0,
            manoeuvre: None,
        },
        detection_probability: Some(0.9),
        clutter_per_scan: Some(5.0),
        area_m2: Some(SIDE_M * SIDE_M),
        cell_m: 500.0,
        silence_s_max: 60.0,
    }
}

/// What nobody tells the tracker about a sensor, it learns.
fn untold() -> Settings {
    Settings {
        detection_probability: None,
        clutter_per_scan: None,
        area_m2: None,
        ..settings()
    }
}

/// `steps` scans of objects that appear at step 5 and vanish at step 40, with `clutter` plots per
/// scan; the truth of each scan, and its plots.
fn scene(seed: u64, objects: usize, clutter: usize) -> Vec<(Vec<[f64; 2]>, Vec<Plot>)> {
    let mut numbers = Numbers(seed);
    let mut states: Vec<[f64; 4]> = (0..objects)
        .map(|_| {
            let [x, y] = [numbers.uniform() * SIDE_M, numbers.uniform() * SIDE_M];
            let angle = numbers.uniform() * std::f64::consts::TAU;
            [x, y, 20.0 * libm::cos(angle), 20.0 * libm::sin(angle)]
        })
        .collect();
    let step = |step: usize| {
        let mut truth = Vec::new();
        let mut plots = Vec::new();
        for [x, y, vx, vy] in &mut states {
            (*x, *y) = (*x + *vx, *y + *vy);
            if (5..40).contains(&step) {
                truth.push([*x, *y]);
                if numbers.uniform() < 0.9 {
                    let (ex, ey) = (numbers.normal(), numbers.normal());
                    plots.push(plot(*x + SIGMA_M * ex, *y + SIGMA_M * ey));
                }
            }
        }
        for _ in 0..clutter {
            plots.push(plot(numbers.uniform() * SIDE_M, numbers.uniform() * SIDE_M));
        }
        (truth, plots)
    };
    (0..50).map(step).collect()
}

/// Objects of the truth without a reported one within 100 m, and reported ones without a true one.
fn errors(truth: &[[f64; 2]], reported: &[[f64; 2]]) -> (usize, usize) {
    let near = |a: &[f64; 2], b: &[f64; 2]| libm::hypot(a[0] - b[0], a[1] - b[1]) < 100.0;
    let alone = |from: &[[f64; 2]], to: &[[f64; 2]]| {
        from.iter()
            .filter(|a| !to.iter().any(|b| near(a, b)))
            .count()
    };
    (alone(truth, reported), alone(reported, truth))
}

fn run(settings: Settings, scans: &[(Vec<[f64; 2]>, Vec<Plot>)]) -> Vec<Vec<(u64, [f64; 2])>> {
    let mut tracker = Tracker::new(settings);
    let scan = |(step, (_, plots)): (usize, &(_, Vec<Plot>))| {
        tracker.scan(step as f64, 0, plots);
        let found = |object: &Object| (object.number, object.estimate().position_m);
        tracker.reported().map(found).collect()
    };
    scans.iter().enumerate().map(scan).collect()
}

/// Means per scan: missed while settled, false over all scans.
fn rates_of_errors(settings: Settings, seed: u64, clutter: usize) -> (f64, f64) {
    let scans = scene(seed, 20, clutter);
    let found = run(settings, &scans);
    let (mut missed, mut wrong) = (0, 0);
    for (step, (reported, (truth, _))) in found.iter().zip(&scans).enumerate() {
        let reported: Vec<[f64; 2]> = reported.iter().map(|(_, at)| *at).collect();
        let (less, more) = errors(truth, &reported);
        missed += if (10..40).contains(&step) { less } else { 0 };
        wrong += more;
    }
    (missed as f64 / 30.0, wrong as f64 / 50.0)
}

/// Twenty objects: at most one in twenty is missed once they had five scans to be found, and in
/// the mean of all scans, the five after their end included, at most two are false.
#[test]
fn objects_are_found_and_clutter_is_not() {
    for seed in 1..5 {
        for (settings, clutter) in [(settings(), 5), (untold(), 5), (untold(), 40)] {
            let (missed, wrong) = rates_of_errors(settings, seed, clutter);
            assert!(
                missed < 1.0,
                "seed {seed}, clutter {clutter}: {missed} missed"
            );
            assert!(wrong < 2.0, "seed {seed}, clutter {clutter}: {wrong} false");
        }
    }
}

#[test]
fn clutter_alone_is_nothing() {
    let scans = scene(7, 0, 30);
    let found = run(untold(), &scans);
    let count: usize = found.iter().map(Vec::len).sum();
    assert!(count < 5, "{count}");
}

#[test]
fn an_object_is_reported_when_seen_again_and_gone_after_silence() {
    let mut tracker = Tracker::new(settings());
    let mut reported = Vec::new();
    for step in 0..12 {
        let seen = plot(1_000.0 + 20.0 * f64::from(step), 1_000.0);
        let plots = if step < 6 { vec![seen] } else { Vec::new() };
        tracker.scan(f64::from(step), 0, &plots);
        reported.push(tracker.reported().count());
    }
    assert_eq!(reported[0], 0);
    assert_eq!(reported[2..7], [1; 5]);
    assert_eq!(reported[11], 0);
}

#[test]
fn two_objects_that_meet_keep_their_numbers() {
    let mut tracker = Tracker::new(settings());
    let mut seen = Vec::new();
    for step in 0..40 {
        let x = 20.0 * f64::from(step);
        tracker.scan(
            f64::from(step),
            0,
            &[plot(x, x / 4.0), plot(x, 200.0 - x / 4.0)],
        );
        let found = |object: &Object| (object.number, object.estimate().position_m[1]);
        seen.push(tracker.reported().map(found).collect::<Vec<_>>());
    }
    let (early, late) = (&seen[5], &seen[39]);
    let numbers = |found: &[(u64, f64)]| found.iter().map(|f| f.0).collect::<Vec<_>>();
    assert_eq!(numbers(early), numbers(late));
    assert!(
        early[0].1 < early[1].1 && late[0].1 > late[1].1,
        "{early:?} {late:?}"
    );
}

/// A turn at 0.3 g: the second model keeps the object, with an error like the sensor's.
#[test]
fn the_manoeuvring_model_follows_a_turn() {
    let turn = |manoeuvre: Option<Manoeuvre>| {
        let motion = Motion {
            noise: 0.01,
            speed_m_s_sigma: 20.0,
            manoeuvre,
        };
        let mut tracker = Tracker::new(Settings {
            motion,
            ..settings()
        });
        let (mut at, mut angle, mut worst) = ([0.0_f64, 0.0_f64], 0.0, 0.0_f64);
        for step in 0..60 {
            if step >= 30 {
                angle += 3.0 / 20.0;
            }
            at[0] += 20.0 * libm::cos(angle);
            at[1] += 20.0 * libm::sin(angle);
            tracker.scan(f64::from(step), 0, &[plot(at[0], at[1])]);
            let off = |object: &Object| {
                let [x, y] = object.estimate().position_m;
                libm::hypot(x - at[0], y - at[1])
            };
            let nearest = tracker.reported().map(off).fold(f64::MAX, f64::min);
            worst = worst.max(if step > 5 { nearest } else { 0.0 });
        }
        worst
    };
    let manoeuvre = Manoeuvre {
        noise: 20.0,
        begins_per_s: 0.02,
        ends_per_s: 0.1,
    };
    let (steady, both) = (turn(None), turn(Some(manoeuvre)));
    assert!(
        both < 40.0 && both < steady / 2.0,
        "{both} against {steady}"
    );
}

#[test]
fn the_same_scans_give_the_same_numbers() {
    let scans = scene(3, 20, 30);
    assert_eq!(run(settings(), &scans), run(settings(), &scans));
}

/// A scan may be empty, and a clone goes on as the original.
#[test]
fn a_clone_goes_on_alike() {
    let scans = scene(5, 10, 10);
    let mut tracker = Tracker::new(untold());
    for (step, (_, plots)) in scans[..20].iter().enumerate() {
        tracker.scan(step as f64, 0, plots);
    }
    let mut clone = tracker.clone();
    for tracker in [&mut tracker, &mut clone] {
        tracker.scan(20.0, 0, &[]);
        tracker.scan(21.5, 0, &scans[21].1);
    }
    assert_eq!(tracker.objects(), clone.objects());
}

/// A second sensor that looks elsewhere takes no object away, and one that sees the same object
/// makes no second one of it.
#[test]
fn sensors_share_objects() {
    let mut tracker = Tracker::new(untold());
    for step in 0..20 {
        let x = 20.0 * f64::from(step);
        tracker.scan(f64::from(step), 1, &[plot(x, 0.0)]);
        tracker.scan(f64::from(step), 2, &[plot(4_000.0 - x, 4_000.0)]);
        if step > 10 {
            tracker.scan(f64::from(step), 3, &[plot(x, 10.0)]);
        }
    }
    let numbers: Vec<u64> = tracker.reported().map(|object| object.number).collect();
    assert_eq!(numbers, [0, 1]);
}
