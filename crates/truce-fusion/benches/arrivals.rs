//! Speed of association: arrivals at stations to located events.

#![allow(clippy::expect_used)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use truce_fusion::arrivals::{Arrival, Associator, Model, Station, Wave};

fn main() {
    divan::main();
}

/// The sensor model of the explosion benchmark.
const MODEL: &str = include_str!("../fixtures/explosion-benchmark-stations.toml");

/// A linear congruential generator (Knuth, MMIX): benches need no better one.
struct Numbers(u64);

impl Numbers {
    /// The next number in `[0, 1)`.
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Five stations by five over 100 km.
fn network() -> Vec<Station> {
    let place = |i: usize| Station {
        x_m: 10_000.0 + 20_000.0 * (i % 5) as f64,
        y_m: 10_000.0 + 20_000.0 * (i / 5) as f64,
    };
    (0..25).map(place).collect()
}

/// An hour of events, each timed as P and S by the stations up to 60 km away, and as many false
/// arrivals again.
fn hour(events: usize) -> Vec<Arrival> {
    let mut numbers = Numbers(7);
    let mut arrivals = Vec::new();
    for _ in 0..events {
        let [x_m, y_m] = [0; 2].map(|_| 1e5 * numbers.next());
        let at_s = 60.0 + 3_480.0 * numbers.next();
        for (station, place) in network().iter().enumerate() {
            let distance_m = libm::hypot(place.x_m - x_m, place.y_m - y_m);
            for (wave, speed_m_s) in [(Wave::P, 6_000.0), (Wave::S, 3_464.0)] {
                let late_s = 0.4 * (numbers.next() - 0.5);
                for at_s in [
                    at_s + distance_m / speed_m_s + late_s,
                    3_600.0 * numbers.next(),
                ] {
                    if distance_m < 60_000.0 {
                        arrivals.push(Arrival {
                            station,
                            wave: Some(wave),
                            at_s,
                            sigma_s: None,
                        });
                    }
                }
            }
        }
    }
    arrivals
}

#[divan::bench(args = [100, 500])]
fn associate_an_hour(bencher: Bencher, events: usize) {
    let model: Model = toml::from_str(MODEL).expect("the fixture is well formed");
    let associator = Associator::new(&network(), &model).expect("the network makes sense");
    let arrivals = hour(events);
    bencher
        .counter(ItemsCount::new(arrivals.len()))
        .bench(|| associator.associate(black_box(&arrivals)));
}
