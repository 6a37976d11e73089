//! Speed of the geofence and of assessments. Run with `cargo bench -p truce-accord`.

#![allow(clippy::unwrap_used)] // what the bench states must be there

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use truce_accord::{Agreement, Context, Watch, ZoneIndex, assess};
use truce_core::document::{Issues, toml};
use truce_core::mission::{
    Actor, Mission, ReportSchedule, Role, SensorNetwork, Shape, Zone, ZoneKind,
};
use truce_core::time::plus_seconds;
use truce_core::{
    Attribution, Digest, Ellipse, Incident, IncidentKind, Interval, ObjectKind, ObservationId,
    Place, Position, Slug, Timestamp, Track, TrackId, TrackPoint,
};

fn main() {
    divan::main();
}

const ZONES: usize = 200;
const CORNERS: usize = 500;
const OBJECTS: usize = 200;
const FIXES: usize = 500;

/// A small generator (Steele, Lea and Flood 2014, SplitMix64): the bench is the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn start() -> Timestamp {
    "2025-03-20T00:00:00Z".parse().unwrap()
}

/// How a zone's border runs.
#[derive(Debug, Clone, Copy)]
enum Border {
    /// Bays and headlands of every size, as lines drawn on a map have them.
    Drawn,
    /// Every corner somewhere between 0.8 and 1.2 radii: a saw of 500 teeth, so that almost every step
    /// near a border enters or leaves.
    Saw,
}

fn zones(border: Border) -> Vec<Zone> {
    let mut random = Random(1);
    let ring = |lat: f64, lon: f64, radius: f64, random: &mut Random| -> Vec<Position> {
        let waves: Vec<(f64, f64, f64)> = (1..=40)
            .map(|k| (f64::from(k), random.next() / f64::from(k), random.next()))
            .collect();
        let corner = |i: usize| {
            let angle = std::f64::consts::TAU * i as f64 / CORNERS as f64;
            let bay = |(k, high, phase): &(f64, f64, f64)| {
                0.15 * high * (k * angle + std::f64::consts::TAU * phase).sin()
            };
            let away = radius
                * match border {
                    Border::Drawn => 1.0 + waves.iter().map(bay).sum::<f64>(),
                    Border::Saw => random.between(0.8, 1.2),
                };
            Position {
                lat_deg: lat + away * angle.sin(),
                lon_deg: lon + away * angle.cos(),
            }
        };
        (0..CORNERS).map(corner).collect()
    };
    (0..ZONES)
        .map(|i| {
            let (lat, lon) = (random.between(44.0, 51.0), random.between(28.0, 40.0));
            let radius = random.between(0.1, 0.4);
            Zone {
                id: slug(&format!("z{i}")),
                name: String::new(),
                kind: ZoneKind::BufferZone,
                party: None,
                weapon: None,
                floor_m: None,
                ceiling_m: None,
                border_m_sigma: 0.0,
                basis: String::new(),
                shape: Shape::Polygons(vec![vec![ring(lat, lon, radius, &mut random)]]),
            }
        })
        .collect()
}

fn mission(border: Border) -> Mission {
    Mission {
        name: slug("bench"),
        title: String::new(),
        summary: String::new(),
        log_origin: "example.org/bench".to_owned(),
        report: ReportSchedule {
            time_zone: "Etc/UTC".to_owned(),
            cut_off_hour: 0,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.8,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: vec![Actor {
            id: slug("party-a"),
            name: String::new(),
            role: Role::Party,
        }],
        sectors: Vec::new(),
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: zones(border),
        network: SensorNetwork::default(),
    }
}

fn agreement(mission: &Mission) -> Agreement {
    let names: Vec<String> = mission
        .zones
        .iter()
        .map(|z| format!("\"{}\"", z.id))
        .collect();
    let text = format!(
        "title = \"T\"\n[[version]]\neffective_from = 2025-01-01T00:00:00Z\n\
         [[version.clause]]\nid = \"presence\"\nkind = \"no_presence\"\ntitle = \"P\"\n\
         text = \"None.\"\nobjects = [\"vessel\"]\nzones = [{}]\n\
         [[version.clause]]\nid = \"fire\"\nkind = \"no_fire\"\ntitle = \"F\"\ntext = \"None.\"\n\
         [[version.clause]]\nid = \"zone-fire\"\nkind = \"no_fire\"\ntitle = \"F\"\n\
         text = \"None.\"\nzones = [\"z0\", \"z1\"]\n",
        names.join(", ")
    );
    let issues = Issues::default();
    let document = toml("agreement.toml", &text, &issues).unwrap();
    Agreement::read(&document, mission, &issues).unwrap()
}

/// The next fix of an object: which, when and where.
struct Step {
    object: usize,
    at: Timestamp,
    position: Position,
}

/// Seconds between two fixes of a vessel: of a table thinned to minutes, and as AIS sends them under
/// way (ITU-R M.1371-5, table 1: 2 to 10 s).
const MINUTE_S: f64 = 60.0;
const AIS_S: f64 = 10.0;

/// Vessels at about 8 m/s with a fix every so many seconds, all objects in turn.
fn steps(every_s: f64) -> Vec<Step> {
    let minutes = every_s / 60.0;
    let mut random = Random(2);
    let mut places: Vec<(f64, f64, f64)> = (0..OBJECTS)
        .map(|_| {
            let course = random.between(0.0, std::f64::consts::TAU);
            (
                random.between(44.0, 51.0),
                random.between(28.0, 40.0),
                course,
            )
        })
        .collect();
    let mut steps = Vec::new();
    for fix in 0..FIXES {
        let at = plus_seconds(start(), fix as f64 * every_s);
        for (object, (lat, lon, course)) in places.iter_mut().enumerate() {
            *lat += minutes * 0.004_3 * course.sin();
            *lon += minutes * 0.006_0 * course.cos();
            *course += minutes * random.between(-0.2, 0.2);
            let position = Position {
                lat_deg: *lat,
                lon_deg: *lon,
            };
            steps.push(Step {
                object,
                at,
                position,
            });
        }
    }
    steps
}

/// One track for each object, as the picture hands it on: with its newest point only.
fn tracks() -> Vec<Track> {
    let track = |object: usize| Track {
        id: TrackId(Digest::of(&object.to_be_bytes())),
        kind: ObjectKind::Vessel,
        identity: None,
        name: None,
        actor: None,
        existence: 1.0,
        observation_count: 1,
        first_observed_at: start(),
        points: vec![TrackPoint {
            observed_at: start(),
            place: place(Position {
                lat_deg: 0.0,
                lon_deg: 0.0,
            }),
            height: None,
            speed_m_s: Some(8.0),
            course_deg: None,
            observation: ObservationId(Digest([0; 32])),
        }],
    };
    (0..OBJECTS).map(track).collect()
}

fn place(position: Position) -> Place {
    Place {
        position,
        uncertainty: Ellipse::circle(10.0),
    }
}

/// Writes a step into its object's track.
fn moved<'t>(tracks: &'t mut [Track], number: usize, step: &Step) -> &'t Track {
    let track = &mut tracks[step.object];
    let point = &mut track.points[0];
    point.observed_at = step.at;
    point.place.position = step.position;
    point.observation.0.0[..8].copy_from_slice(&number.to_be_bytes());
    track
}

/// Position updates with enter and exit state over 200 zones of 500 corners, a fix a minute.
#[divan::bench(sample_count = 20, args = [Border::Drawn, Border::Saw])]
fn zone_updates(bencher: Bencher<'_, '_>, border: Border) {
    update(bencher, border, &steps(MINUTE_S));
}

/// The same with fixes as often as AIS sends them.
#[divan::bench(sample_count = 20, args = [Border::Drawn, Border::Saw])]
fn zone_updates_ais(bencher: Bencher<'_, '_>, border: Border) {
    update(bencher, border, &steps(AIS_S));
}

fn update(bencher: Bencher<'_, '_>, border: Border, steps: &[Step]) {
    let mission = mission(border);
    let watch = Watch::new(&mission, &agreement(&mission));
    bencher
        .counter(ItemsCount::new(steps.len()))
        .with_inputs(|| (watch.clone(), tracks()))
        .bench_values(|(mut watch, mut tracks)| {
            for (number, step) in steps.iter().enumerate() {
                watch.update(black_box(moved(&mut tracks, number, step)));
            }
            watch
        });
}

/// The same, with the incidents told after every round of all objects.
#[divan::bench(sample_count = 5, args = [Border::Drawn, Border::Saw])]
fn zone_updates_told(bencher: Bencher<'_, '_>, border: Border) {
    let mission = mission(border);
    let watch = Watch::new(&mission, &agreement(&mission));
    let steps = steps(MINUTE_S);
    bencher
        .counter(ItemsCount::new(steps.len()))
        .with_inputs(|| (watch.clone(), tracks()))
        .bench_values(|(mut watch, mut tracks)| {
            let mut told = 0;
            for (number, step) in steps.iter().enumerate() {
                watch.update(black_box(moved(&mut tracks, number, step)));
                if (number + 1) % OBJECTS == 0 {
                    told += watch.changes().len();
                }
            }
            told
        });
}

/// Zones of a position, without state.
#[divan::bench(sample_count = 20)]
fn zone_locate(bencher: Bencher<'_, '_>) {
    let mission = mission(Border::Drawn);
    let index = ZoneIndex::new(&mission.zones);
    let steps = steps(MINUTE_S);
    bencher.counter(ItemsCount::new(steps.len())).bench(|| {
        let places = steps.iter().map(|step| step.position);
        places
            .map(|place| index.locate(black_box(place)).len())
            .sum::<usize>()
    });
}

/// Assessments of a use of weapons against two clauses, one of them with two zones of 500 corners.
#[divan::bench(sample_count = 20)]
fn assessments(bencher: Bencher<'_, '_>) {
    let mission = mission(Border::Drawn);
    let agreement = agreement(&mission);
    let zones = ZoneIndex::new(&mission.zones);
    let incidents: Vec<Incident> = steps(MINUTE_S)[..2_000]
        .iter()
        .enumerate()
        .map(|(number, step)| {
            let founder = ObservationId(Digest::of(&number.to_be_bytes()));
            Incident {
                id: Incident::name(IncidentKind::PhysicalEvent, founder, ""),
                revision: 1,
                kind: IncidentKind::PhysicalEvent,
                occurred: Interval::instant(step.at),
                place: Place {
                    uncertainty: Ellipse::circle(500.0),
                    ..place(step.position)
                },
                probability: 0.9,
                classes: Default::default(),
                attribution: Attribution::default(),
                evidence: vec![founder],
                explanation: Vec::new(),
                track: None,
                zone: None,
                attributes: Default::default(),
                withdrawn: None,
            }
        })
        .collect();
    let context = Context {
        mission: &mission,
        zones: &zones,
        track: None,
        now: start(),
        notices: &[],
    };
    bencher
        .counter(ItemsCount::new(2 * incidents.len()))
        .bench(|| {
            let found = incidents
                .iter()
                .map(|i| assess(&agreement, black_box(i), &context).len());
            found.sum::<usize>()
        });
}
