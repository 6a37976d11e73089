//! Records folded per second: ships' positions that nobody cites, and the tracks they make.

use divan::Bencher;
use divan::counter::ItemsCount;
use truce_core::belief::Grade;
use truce_core::observation::VesselReport;
use truce_core::{
    Body, Digest, Ellipse, Interval, Location, ObjectKind, Observation, Place, Position,
    RawMessage, Reading, Record, Slug, Timestamp, Track, TrackId, TrackPoint,
};
use truce_store::Store;

/// Rows in an entry, as the engine batches them under load.
const ROWS: usize = 1_000;
const ENTRIES: usize = 100;
const SHIPS: usize = 2_000;

fn main() {
    divan::main();
}

fn at(second: usize) -> Timestamp {
    let second = i64::try_from(second).expect("a bench is short");
    Timestamp::from_second(1_740_787_200 + second).expect("a bench is in 2025")
}

fn place(ship: usize) -> Place {
    Place {
        position: Position {
            lat_deg: 44.0 + ship as f64 * 1e-3,
            lon_deg: 31.0,
        },
        uncertainty: Ellipse::circle(10.0),
    }
}

fn message(number: usize) -> RawMessage {
    RawMessage {
        source: Slug::new("ais").expect("a slug"),
        received_at: at(number / 200),
        bytes: format!("!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*{number}").into_bytes(),
    }
}

fn observation(number: usize) -> Observation {
    let message = message(number);
    let observed_at = Interval::instant(message.received_at);
    Observation {
        id: Observation::name(message.id(), 0, observed_at),
        message: message.id(),
        source: message.source,
        sensor: None,
        observed_at,
        received_at: message.received_at,
        location: Some(Location::fix(place(number % SHIPS).position, 10.0)),
        reading: Reading::Vessel(VesselReport::default()),
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

fn track(number: usize) -> Track {
    let ship = number % SHIPS;
    let observed_at = at(number / 200);
    Track {
        id: TrackId(Digest::of(&ship.to_be_bytes())),
        kind: ObjectKind::Vessel,
        identity: None,
        name: None,
        actor: None,
        existence: 1.0,
        observation_count: 1,
        first_observed_at: at(0),
        points: vec![TrackPoint {
            observed_at,
            place: place(ship),
            height: None,
            speed_m_s: Some(5.0),
            course_deg: Some(90.0),
            observation: observation(number).id,
        }],
    }
}

fn fold(bencher: Bencher<'_, '_>, body: impl Fn(usize) -> Body) {
    let entries: Vec<Vec<Record>> = (0..ENTRIES)
        .map(|entry| {
            (0..ROWS)
                .map(|row| Record::new(body(entry * ROWS + row)))
                .collect()
        })
        .collect();
    bencher
        .counter(ItemsCount::new(ROWS * ENTRIES))
        .with_inputs(|| tempfile::tempdir().expect("a folder for the bench"))
        .bench_values(|folder| {
            let mut store = Store::create(&folder.path().join("store")).expect("a new file");
            for (index, rows) in (0..).zip(&entries) {
                store
                    .apply_entry(index, at(0), rows)
                    .expect("the next entry");
            }
            folder
        });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn raw_messages(bencher: Bencher<'_, '_>) {
    fold(bencher, |number| Body::Raw(message(number)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn observations(bencher: Bencher<'_, '_>) {
    fold(bencher, |number| Body::Observation(observation(number)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn track_points(bencher: Bencher<'_, '_>) {
    fold(bencher, |number| Body::Track(track(number)));
}
