//! Benches of planning: the sky over ten thousand cells, what unlocks what, the example mission.

use std::collections::BTreeMap;
use std::hint::black_box;

use divan::Bencher;
use truce_core::document::{Issues, toml};
use truce_core::mission::{self, MISSION_FILES, Mission};
use truce_core::{Position, Timestamp};
use truce_plan::coverage::access::{Observer, gaps, visit_accesses};
use truce_plan::coverage::orbit::Orbit;
use truce_plan::coverage::{self, Frame};
use truce_plan::unlock::sets::search;
use truce_plan::unlock::shapley::shapley;
use truce_plan::unlock::unlock;
use truce_plan::watch::{Look, NominalOrbit, Satellite};
use truce_plan::{Assumptions, Coalition, Mandate, assess};

fn main() {
    divan::main();
}

const DAYS: f64 = 30.0;

fn start() -> Timestamp {
    "2025-09-02T00:00:00Z".parse().expect("an instant")
}

/// Ten Earth-observation satellites of today: altitude, inclination, local time of the node, swath.
fn satellites() -> Vec<Satellite> {
    let thermal = (829_000.0, 98.74, 48_600.0, Look::Both, 0.0, 56.0);
    let wide = (705_000.0, 98.2, 48_600.0, Look::Both, 0.0, 55.0);
    let radar = (693_000.0, 98.18, 64_800.0, Look::Right, 26.2, 39.5);
    let optical = (786_000.0, 98.57, 81_000.0, Look::Both, 0.0, 10.3);
    let narrow = (705_000.0, 98.2, 79_200.0, Look::Both, 0.0, 7.5);
    let designs = [
        thermal, thermal, thermal, wide, wide, radar, radar, optical, optical, narrow,
    ];
    let satellite = |(i, design): (usize, (f64, f64, f64, Look, f64, f64))| {
        let (altitude_m, inclination_deg, node_local_time_s, look, min, max) = design;
        Satellite {
            norad_number: None,
            orbit: NominalOrbit {
                altitude_m,
                inclination_deg,
                node_local_time_s,
                phase_deg: 36.0 * i as f64,
            },
            look,
            off_nadir_deg_min: min,
            off_nadir_deg_max: max,
            sun_elevation_deg_min: None,
            cloud_share: 0.5,
            planned_share: 1.0,
            delivered_share: 1.0,
        }
    };
    designs.into_iter().enumerate().map(satellite).collect()
}

/// Ten thousand cells over 600 km by 1,000 km.
fn cells() -> Vec<Position> {
    let place = |i: u32| Position {
        lat_deg: 46.0 + f64::from(i / 100) * 0.055,
        lon_deg: 28.0 + f64::from(i % 100) * 0.13,
    };
    (0..10_000).map(place).collect()
}

/// Orbits, accesses and gaps: 10 satellites, 30 days, 10,000 cells, one core.
#[divan::bench(sample_count = 10)]
fn access_10_satellites_30_days_10_000_cells(bencher: Bencher) {
    let (satellites, cells) = (satellites(), cells());
    bencher.bench_local(|| {
        let observer = |satellite: &Satellite| {
            let orbit = Orbit::nominal(&satellite.orbit, start()).expect("a low orbit");
            Observer::new(orbit.flight(start()), DAYS * 86_400.0, satellite).expect("it flies")
        };
        let observers: Vec<Observer> = satellites.iter().map(observer).collect();
        let mut waits = vec![0.0; cells.len()];
        visit_accesses(
            &cells,
            &observers,
            start(),
            DAYS * 86_400.0,
            &mut |cell, accesses| {
                waits[cell] = gaps(accesses, DAYS * 86_400.0).wait_s_mean;
            },
        );
        black_box(waits)
    });
}

/// Propagations by SGP4 alone.
#[divan::bench(sample_count = 20)]
fn propagate_100_000(bencher: Bencher) {
    let orbit = Orbit::nominal(&satellites()[0].orbit, start()).expect("a low orbit");
    let minutes: Vec<f64> = (0..100_000).map(f64::from).collect();
    bencher
        .counter(divan::counter::ItemsCount::new(minutes.len()))
        .bench_local(|| orbit.states(&minutes));
}

struct Example {
    mission: Mission,
    coalition: Coalition,
    mandate: Mandate,
}

fn example() -> Example {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025");
    let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect("shipped");
    let files: BTreeMap<String, String> = MISSION_FILES
        .iter()
        .map(|name| ((*name).to_owned(), text(name)))
        .collect();
    let issues = Issues::default();
    let open = |name: &str| toml(name, &files[name], &issues).expect("TOML");
    let (coalition, mandate) = (open("coalition.toml"), open("mandate.toml"));
    let mission = mission::read(&files, &issues).expect("a mission");
    let (coalition, mandate) =
        truce_plan::read(&coalition, &mandate, &mission, None, &issues).expect("no mistakes");
    Example {
        mission,
        coalition,
        mandate,
    }
}

/// Votes to shortfalls on the example mission.
#[divan::bench(sample_count = 20)]
fn assess_the_example(bencher: Bencher) {
    let example = example();
    let assumptions = Assumptions::default();
    bencher.bench_local(|| assess(&example.coalition, &example.mandate, &assumptions));
}

/// All requirements of the example mission, all its open conditions.
#[divan::bench(sample_count = 5)]
fn unlock_the_example(bencher: Bencher) {
    let example = example();
    let ids: Vec<_> = example
        .coalition
        .requirements
        .iter()
        .map(|r| r.id.clone())
        .collect();
    let assumptions = Assumptions::default();
    bencher.bench_local(|| unlock(&example.coalition, &example.mandate, &assumptions, &ids));
}

/// Sixteen conditions, every subset, sets and values.
#[divan::bench(sample_count = 5)]
fn unlock_16_keys_exhaustively(bencher: Bencher) {
    let value = |set: u64| {
        (0..4)
            .map(|g| f64::from((set >> (4 * g) & 0xf).count_ones().min(2)))
            .sum::<f64>()
    };
    bencher.bench_local(|| {
        (
            search(16, &mut |set| value(set) >= 8.0),
            shapley(16, &mut |set| value(set)),
        )
    });
}

/// Forty conditions, the first hundred minimal sets.
#[divan::bench(sample_count = 5)]
fn unlock_40_keys_100_sets(bencher: Bencher) {
    bencher.bench_local(|| {
        search(40, &mut |set| {
            (0..10).all(|g| (set >> (4 * g) & 0xf).count_ones() >= 2)
        })
    });
}

/// The chain after a change: mandate, forces, coverage, detection for each clause.
#[divan::bench(sample_count = 10)]
fn chain_on_the_example(bencher: Bencher) {
    let example = example();
    let frame = Frame {
        from: start(),
        days: 10.0,
        cell_m: 5_000.0,
    };
    let watch = &example.coalition.watch;
    let prepared = coverage::prepare(watch, &example.mission, &[], frame).expect("a sky");
    let assumptions = Assumptions::default();
    bencher.bench_local(|| {
        let plan = assess(&example.coalition, &example.mandate, &assumptions);
        coverage::assess(watch, &prepared, &plan)
    });
}

/// Everything about the sky and the ground of the example that pledges do not change.
#[divan::bench(sample_count = 3)]
fn prepare_the_example(bencher: Bencher) {
    let example = example();
    let frame = Frame {
        from: start(),
        days: 10.0,
        cell_m: 5_000.0,
    };
    let watch = &example.coalition.watch;
    bencher.bench_local(|| coverage::prepare(watch, &example.mission, &[], frame));
}
