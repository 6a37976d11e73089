//! Speed of fusion: fixes to tracks, observations to incidents.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use truce_core::mission::{
    EventClassPrior, Mission, ReportSchedule, SensorNetwork, Shape, Zone, ZoneKind,
};
use truce_core::observation::{AcousticDetection, ThermalAnomaly, VesselReport};
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, EventClass, Grade, Interval, Location, MessageId, Observation, Position, Reading, Slug,
    Timestamp,
};
use truce_fusion::Picture;

fn main() {
    divan::main();
}

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

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("the name is a slug")
}

fn start() -> Timestamp {
    "2025-03-10T00:00:00Z"
        .parse()
        .expect("the instant is well formed")
}

fn mission() -> Mission {
    let class = |class, rate, line_decay_m, heat_s| EventClassPrior {
        class,
        rate_per_day_per_1000_km2: rate,
        line_decay_m,
        line_decay_power: None,
        heat_s,
        strikes_across: None,
        launch: None,
        basis: "invented".to_owned(),
    };
    let corner = |step: u32| Position {
        lat_deg: 47.0 + 0.02 * f64::from(step),
        lon_deg: 33.0 + 0.04 * f64::from(step),
    };
    let line = Zone {
        id: slug("line"),
        name: "line".to_owned(),
        kind: ZoneKind::LineOfContact,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 100.0,
        basis: "invented".to_owned(),
        shape: Shape::Line((0..200).map(corner).collect()),
    };
    Mission {
        name: slug("bench"),
        title: String::new(),
        summary: String::new(),
        log_origin: "example.org/bench".to_owned(),
        report: ReportSchedule {
            time_zone: "UTC".to_owned(),
            cut_off_hour: 0,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.7,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: Vec::new(),
        sectors: Vec::new(),
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: vec![
            class(EventClass::Artillery, 5.0, Some(8e3), Some(2_160.0)),
            class(EventClass::FarmFire, 1.0, None, Some(10_800.0)),
            class(EventClass::Thunder, 1.0, None, None),
        ],
        zones: vec![line],
        network: SensorNetwork::default(),
    }
}

fn observation(number: usize, at: Timestamp, location: Location, reading: Reading) -> Observation {
    let message = MessageId(Digest::of(&number.to_be_bytes()));
    let observed_at = Interval::instant(at);
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: slug("feed"),
        sensor: None,
        observed_at,
        received_at: at,
        location: Some(location),
        reading,
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

/// Fixes of 1,000 vessels, each every ten seconds, in order of time.
fn voyage(count: usize) -> Vec<Observation> {
    let mut numbers = Numbers(1);
    let fix = |number: usize| {
        let (round, ship) = (number / 1_000, number % 1_000);
        let at = plus_seconds(start(), number as f64 * 0.01);
        let east_deg = round as f64 * 0.001 + numbers.next() * 1e-5;
        let position = Position {
            lat_deg: 43.0 + ship as f64 * 0.003,
            lon_deg: 30.0 + east_deg,
        };
        let report = VesselReport {
            mmsi: 200_000_000 + u32::try_from(ship).expect("at most 1,000"),
            message_type: 1,
            speed_m_s: Some(8.0),
            course_deg: Some(90.0),
            other: BTreeMap::new(),
            ..VesselReport::default()
        };
        observation(
            number,
            at,
            Location::fix(position, 10.0),
            Reading::Vessel(report),
        )
    };
    (0..count).map(fix).collect()
}

/// A day of fires and sounds over 300 × 300 km, in order of time.
fn day(count: usize) -> Vec<Observation> {
    let mut numbers = Numbers(7);
    let one = |number: usize| {
        let at = plus_seconds(start(), number as f64 * 86_400.0 / count as f64);
        let position = Position {
            lat_deg: 47.0 + 3.0 * numbers.next(),
            lon_deg: 34.0 + 4.0 * numbers.next(),
        };
        if numbers.next() < 0.5 {
            let pixel = Reading::ThermalAnomaly(ThermalAnomaly::default());
            return observation(number, at, Location::fix(position, 190.0), pixel);
        }
        let bearing = Location::Bearing {
            observer: position,
            bearing_deg: 360.0 * numbers.next(),
            bearing_deg_sigma: 2.0,
            range: None,
        };
        let sound = AcousticDetection {
            class: None,
            launch: None,
            level_db: None,
            signal_to_noise_db: None,
        };
        observation(number, at, bearing, Reading::Acoustic(sound))
    };
    (0..count).map(one).collect()
}

fn run(picture: &mut Picture, observations: &[Observation], batch: usize) -> usize {
    let mut changes = 0;
    for batch in observations.chunks(batch) {
        for observation in batch {
            picture.update(observation);
        }
        changes += picture.changes().len();
    }
    changes
}

/// Fixes into tracks, told in batches.
#[divan::bench(args = [1_000, 10_000], sample_count = 10)]
fn fixes_to_tracks(bencher: Bencher, batch: usize) {
    let voyage = voyage(200_000);
    bencher
        .counter(ItemsCount::new(voyage.len()))
        .with_inputs(|| Picture::new(&mission()))
        .bench_local_values(|mut picture| {
            black_box(run(&mut picture, &voyage, batch));
            picture
        });
}

/// Fires and sounds into incidents, told in batches.
#[divan::bench(args = [1, 1_000], sample_count = 10)]
fn observations_to_incidents(bencher: Bencher, batch: usize) {
    let day = day(20_000);
    bencher
        .counter(ItemsCount::new(day.len()))
        .with_inputs(|| Picture::new(&mission()))
        .bench_local_values(|mut picture| {
            black_box(run(&mut picture, &day, batch));
            picture
        });
}
