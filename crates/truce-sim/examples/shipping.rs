//! Simulated shipping of the example mission as tables: `shipping OUT_DIR [SEED] [DAYS]` writes
//! `positions.csv`, `radar.csv` of two radars that this example puts beside the longest corridor, `zones.geojson`, `truth.jsonl` and `params.toml`, which truce-fusion's example
//! `sea_csv` reads and scores.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use truce_core::document::Issues;
use truce_core::mission::{
    MISSION_FILES, Mission, Sensor, SensorErrors, SensorKind, ZoneKind, read,
};
use truce_core::way::centre_line;
use truce_core::{Observation, Reading, Slug};
use truce_feeds::{Decoded, Decoder, Format};
use truce_sim::{Options, Simulation, simulate_shipping};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let out = PathBuf::from(
        arguments
            .first()
            .expect("usage: shipping OUT_DIR [SEED] [DAYS]"),
    );
    let number = |at: usize, otherwise: f64| {
        arguments
            .get(at)
            .map_or(otherwise, |text| text.parse().unwrap())
    };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025/");
    let text = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let files: BTreeMap<String, String> = MISSION_FILES
        .map(|name| (name.to_owned(), text(name)))
        .into();
    let mut mission = read(&files, &Issues::default()).unwrap();
    add_radars(&mut mission);
    let options = Options {
        start: "2025-08-11T00:00:00Z".parse().unwrap(),
        hours: 24.0 * number(2, 10.0),
        // Seeds are small whole numbers.
        seed: number(1, 7.0).to_bits(),
    };
    let simulation = simulate_shipping(&mission, &options);
    let decoded = decode(&mission, &simulation);
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("positions.csv"), table(&decoded)).unwrap();
    std::fs::write(out.join("radar.csv"), radar_table(&decoded)).unwrap();
    std::fs::write(out.join("zones.geojson"), &files["zones.geojson"]).unwrap();
    std::fs::write(out.join("truth.jsonl"), truth(&simulation)).unwrap();
    let parameters = "zones = \"zones.geojson\"\ntruth = \"truth.jsonl\"\nradar = \"radar.csv\"\n";
    std::fs::write(out.join("params.toml"), parameters).unwrap();
    println!(
        "{} readings, {} true events",
        decoded.len(),
        simulation.truth.len()
    );
}

/// Two radars on platforms beside the longest corridor, whose horizons overlap, with a feed of their
/// own.
fn add_radars(mission: &mut Mission) {
    let corridors = mission
        .zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::Corridor);
    let ways = corridors.filter_map(|zone| centre_line(&zone.shape));
    let way = ways
        .max_by(|a, b| a.length_m().total_cmp(&b.length_m()))
        .unwrap();
    let like = |format: &str| format.parse::<Slug>().unwrap();
    let mut feed = mission.network.feeds[0].clone();
    feed.id = like("sea-radar");
    feed.format = like("nmea");
    feed.sensor = None;
    mission.network.feeds.push(feed);
    for (name, share) in [("platform-1/radar", 0.15), ("platform-2/radar", 0.35)] {
        let place = way.at(share * way.length_m()).offset(100.0, 12_000.0);
        mission.network.sensors.push(Sensor {
            id: like(name),
            kind: SensorKind::SeaRadar,
            platform: None,
            post: None,
            position: Some(place),
            feed: like("sea-radar"),
            errors: SensorErrors::default(),
            detects: Vec::new(),
            false_per_day: 0.0,
            latency_s_max: 5.0,
            looks_at_s: Vec::new(),
            look_s_half: 30.0,
            basis: "invented".to_owned(),
        });
    }
}

/// What the radars saw. The number is the simulation's own for a vessel; of the sea's echoes it is
/// empty.
fn radar_table(observations: &[Observation]) -> String {
    let mut rows = String::from(
        "time,radar,latitude,longitude,semi_major_m,semi_minor_m,bearing_deg,target\n",
    );
    for observation in observations {
        let (Reading::Radar(seen), Some(location)) = (&observation.reading, &observation.location)
        else {
            continue;
        };
        let place = location.place().unwrap();
        let errors = place.uncertainty;
        writeln!(
            rows,
            "{},{},{},{},{},{},{},{}",
            observation.observed_at.start,
            observation
                .sensor
                .as_ref()
                .map_or("", |sensor| sensor.as_str()),
            place.position.lat_deg,
            place.position.lon_deg,
            errors.semi_major_m,
            errors.semi_minor_m,
            errors.bearing_deg,
            seen.target.as_deref().unwrap_or_default(),
        )
        .unwrap();
    }
    rows
}

fn decode(mission: &Mission, simulation: &Simulation) -> Vec<Observation> {
    let mut decoders: BTreeMap<&Slug, Decoder> = BTreeMap::new();
    for feed in &mission.network.feeds {
        let format = Format::from_slug(feed.format.as_str()).unwrap();
        decoders.insert(&feed.id, Decoder::new(format, feed, &mission.network));
    }
    let mut decoded = Decoded::default();
    for message in &simulation.messages {
        let decoder = decoders.get_mut(&message.source).unwrap();
        decoder.decode(message, &mut decoded);
    }
    decoded.observations
}

fn table(observations: &[Observation]) -> String {
    let mut rows = String::from(
        "time,mmsi,latitude,longitude,speed_m_s,course_deg,status,receiver,ship_type,length_m,\
         beam_m\n",
    );
    for observation in observations {
        let Reading::Vessel(vessel) = &observation.reading else {
            continue;
        };
        let place = observation.location.as_ref().and_then(|l| l.place());
        let of = |number: Option<f64>| number.map_or(String::new(), |n| format!("{n}"));
        let code = |number: Option<u8>| number.map_or(String::new(), |n| n.to_string());
        writeln!(
            rows,
            "{},{},{},{},{},{},{},{},{},{},{}",
            observation.observed_at.start,
            vessel.mmsi,
            of(place.map(|p| p.position.lat_deg)),
            of(place.map(|p| p.position.lon_deg)),
            of(vessel.speed_m_s),
            of(vessel.course_deg),
            code(vessel.navigational_status),
            observation
                .sensor
                .as_ref()
                .map_or("", |sensor| sensor.as_str()),
            code(vessel.ship_type),
            of(vessel.length_m),
            of(vessel.beam_m),
        )
        .unwrap();
    }
    rows
}

fn truth(simulation: &Simulation) -> String {
    let mut lines = String::new();
    for event in simulation.truth.iter().filter(|event| event.kind.is_some()) {
        lines.push_str(&serde_json::to_string(event).unwrap());
        lines.push('\n');
    }
    lines
}
