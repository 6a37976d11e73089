//! A network file with the stations that the observations name becomes a mission on the globe.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use truce_core::document::Issues;
use truce_core::mission::{self, Mission};
use truce_core::observation::{
    AcousticDetection, Claim, SeismicPhase, SeismicPick, Sighting, Speaker, ThermalAnomaly,
};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{
    Digest, EventClass, Frame, Grade, Incident, IncidentKind, Interval, Location, MessageId,
    Observation, Position, Reading, Slug, Timestamp,
};

use crate::columns::Row;

/// Where the plane lies on the globe: a mid-latitude plain.
const ORIGIN: (f64, f64) = (48.5, 37.5);
/// The feed of all observations.
const FEED: &str = "benchmark";

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parties: Parties,
    line_km: Vec<[f64; 2]>,
    area_km: Vec<[f64; 2]>,
    direction_threshold: Option<f64>,
    columns: BTreeMap<String, String>,
    classes: BTreeMap<String, EventClass>,
    event_classes: toml::Value,
    models: toml::Value,
    sensors: Vec<toml::Value>,
}

/// The parties to the left and to the right of the line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parties {
    left: Slug,
    right: Slug,
}

/// The benchmark's plane and words.
pub(crate) struct Plane {
    frame: Frame,
    middle_km: [f64; 2],
    epoch: Timestamp,
    classes: BTreeMap<String, EventClass>,
    parties: Parties,
    /// The kind of model behind a sensor's name.
    models: BTreeMap<String, String>,
}

/// Reads the file; stations stand where the rows say.
pub(crate) fn read(text: &str, rows: &[Row]) -> Result<(Mission, Plane), String> {
    let mut file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let middle = |axis: usize| {
        let values = file.line_km.iter().map(|corner| corner[axis]);
        values.sum::<f64>() / file.line_km.len().max(1) as f64
    };
    let origin = Position::new(ORIGIN.0, ORIGIN.1).ok_or("the origin is no place")?;
    let mut plane = Plane {
        frame: Frame::at(origin),
        middle_km: [middle(0), middle(1)],
        epoch: Timestamp::UNIX_EPOCH,
        classes: std::mem::take(&mut file.classes),
        parties: Parties {
            left: file.parties.left.clone(),
            right: file.parties.right.clone(),
        },
        models: BTreeMap::new(),
    };
    plane.models.clone_from(&file.columns);
    let files = BTreeMap::from([
        ("mission.toml".to_owned(), settings(&file)?),
        ("zones.geojson".to_owned(), zones(&file, &plane)),
        ("sensors.toml".to_owned(), sensors(&mut file, &plane, rows)?),
        // The clauses and the plans play no part in fusion.
        ("agreement.toml".to_owned(), String::new()),
        ("coalition.toml".to_owned(), String::new()),
        ("mandate.toml".to_owned(), String::new()),
    ]);
    let issues = Issues::default();
    let mission = mission::read_with_formats(&files, &["table"], &issues);
    if !issues.is_empty() {
        let said: Vec<String> = issues
            .into_sorted()
            .iter()
            .map(ToString::to_string)
            .collect();
        return Err(said.join("\n"));
    }
    Ok((mission.ok_or("the network could not be read")?, plane))
}

fn settings(file: &File) -> Result<String, String> {
    let actor = |id: &Slug| json!({ "id": id, "name": id, "role": "party" });
    let mut settings = json!({
        "name": "benchmark",
        "title": "Benchmark",
        "summary": "A plane with known truth",
        "log_origin": "example.org/benchmark",
        "horizon_s": 21_600,
        "attribution_threshold": 0.8,
        "alert_threshold": 0.5,
        "report": { "time_zone": "UTC", "cut_off": "00:00" },
        "actors": [actor(&file.parties.left), actor(&file.parties.right)],
        "event_classes": file.event_classes,
    });
    if let Some(threshold) = file.direction_threshold {
        settings["direction_threshold"] = json!(threshold);
    }
    toml::to_string(&settings).map_err(|e| e.to_string())
}

fn zones(file: &File, plane: &Plane) -> String {
    let corner = |km: &[f64; 2]| plane.position(*km).to_xy();
    let feature = |id: &str, kind: &str, party: Option<&Slug>, geometry: serde_json::Value| {
        let mut properties = json!({
            "id": id, "name": id, "kind": kind, "border_m_sigma": 1, "basis": "benchmark"
        });
        if let Some(party) = party {
            properties["party"] = json!(party);
            properties["weapon"] = json!("any");
        }
        json!({ "type": "Feature", "properties": properties, "geometry": geometry })
    };
    let polygon = |mut ring: Vec<[f64; 2]>| {
        ring.extend(ring.first().copied());
        json!({ "type": "Polygon", "coordinates": [ring] })
    };
    let line: Vec<_> = file.line_km.iter().map(corner).collect();
    // Each party stands on a strip along its own side of the line.
    let side = |north_km: f64| {
        let edge = |shift: f64| file.line_km.iter().map(move |[x, y]| [*x, y + shift]);
        let ring: Vec<_> = edge(north_km / 2.0).chain(edge(north_km).rev()).collect();
        polygon(ring.iter().map(corner).collect())
    };
    let area = polygon(file.area_km.iter().map(corner).collect());
    let features = [
        feature(
            "line",
            "line_of_contact",
            None,
            json!({ "type": "LineString", "coordinates": line }),
        ),
        feature(
            "left",
            "withdrawal_zone",
            Some(&file.parties.left),
            side(10.0),
        ),
        feature(
            "right",
            "withdrawal_zone",
            Some(&file.parties.right),
            side(-10.0),
        ),
        feature("area", "area_of_operation", None, area),
    ];
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn sensors(file: &mut File, plane: &Plane, rows: &[Row]) -> Result<String, String> {
    let mut stations: BTreeMap<&str, (&str, Option<[f64; 2]>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.station.is_empty()) {
        stations.insert(&row.station, (&row.sensor, row.station_km));
    }
    let mut sensors = Vec::new();
    for (station, (sensor, at_km)) in stations {
        let model = file.columns.get(sensor);
        let model = model.ok_or_else(|| format!("no model is named for `{sensor}`"))?;
        let mut table = json!({ "id": station, "model": model, "feed": FEED });
        if let Some(km) = at_km {
            let place = plane.position(km);
            table["position"] = json!({ "lat_deg": place.lat_deg, "lon_deg": place.lon_deg });
        }
        sensors.push(table);
    }
    let own = file.sensors.iter().map(|sensor| json!(sensor));
    let sensors: Vec<_> = sensors.into_iter().chain(own).collect();
    let network = json!({
        "models": file.models,
        "sensors": sensors,
        "feeds": [{ "id": FEED, "name": FEED, "format": "table", "transport": { "kind": "file" } }],
    });
    toml::to_string(&network).map_err(|e| e.to_string())
}

impl Plane {
    fn position(&self, [x_km, y_km]: [f64; 2]) -> Position {
        let [mx, my] = self.middle_km;
        self.frame.to_position((x_km - mx) * 1e3, (y_km - my) * 1e3)
    }

    /// Kilometres in the plane.
    pub(crate) fn to_km(&self, position: Position) -> (f64, f64) {
        let (x_m, y_m) = self.frame.to_xy_m(position);
        (x_m / 1e3 + self.middle_km[0], y_m / 1e3 + self.middle_km[1])
    }

    /// An instant of the table.
    pub(crate) fn time(&self, second: f64) -> Timestamp {
        plus_seconds(self.epoch, second)
    }

    /// Seconds of the table.
    pub(crate) fn seconds(&self, at: Timestamp) -> f64 {
        seconds_between(self.epoch, at)
    }

    /// Probability of the party to the right among both; `None` when nothing is known of sides.
    pub(crate) fn side_a(&self, incident: &Incident) -> Option<f64> {
        let p = |party| incident.attribution.parties.get(party).copied();
        let (right, left) = (p(&self.parties.right)?, p(&self.parties.left)?);
        (right + left > 0.0).then(|| right / (right + left))
    }

    /// The observation that a row is; `None` when it says neither a place nor a direction nor a
    /// station.
    pub(crate) fn observation(&self, row: &Row) -> Option<Observation> {
        let message = MessageId(Digest::of(row.line.as_bytes()));
        let observed_at = Interval::instant(self.time(row.observed_s));
        let sensor = if row.station.is_empty() {
            &row.sensor
        } else {
            &row.station
        };
        let model = self.models.get(&row.sensor)?;
        let (location, reading) = self.content(row, model)?;
        Some(Observation {
            id: Observation::name(message, 0, observed_at),
            message,
            source: Slug::new(FEED).ok()?,
            sensor: Slug::new(sensor).ok(),
            observed_at,
            received_at: self.time(row.received_s),
            location: Some(location),
            reading,
            grade: Grade::UNJUDGED,
            signed_by: None,
        })
    }

    fn content(&self, row: &Row, model: &str) -> Option<(Location, Reading)> {
        let place = || Some(Location::fix(self.position(row.at_km?), row.sigma? * 1e3));
        let station = || row.station_km.map(|km| self.position(km));
        let class = self.classes.get(&row.class).copied();
        let about = IncidentKind::PhysicalEvent;
        match model {
            "viirs" => Some((place()?, Reading::ThermalAnomaly(ThermalAnomaly::default()))),
            "seismic" => {
                let location = Location::Arrival {
                    station: station()?,
                    arrival_s_sigma: row.sigma?,
                };
                let phase = if row.kind == "S" {
                    SeismicPhase::S
                } else {
                    SeismicPhase::P
                };
                let pick = SeismicPick {
                    phase,
                    signal_to_noise_db: None,
                };
                Some((location, Reading::Seismic(pick)))
            }
            "acoustic" => {
                let location = Location::Bearing {
                    observer: station()?,
                    bearing_deg: row.bearing_deg?,
                    bearing_deg_sigma: row.bearing_deg_sigma?,
                    range: None,
                };
                let sound = AcousticDetection {
                    class: None,
                    launch: None,
                    level_db: None,
                    signal_to_noise_db: None,
                };
                Some((location, Reading::Acoustic(sound)))
            }
            "drone" => {
                let sighting = Sighting {
                    about,
                    class,
                    object: None,
                    weapon: None,
                    count: None,
                };
                Some((place()?, Reading::Sighting(sighting)))
            }
            _ => {
                let claim = Claim {
                    speaker: Speaker::Patrol,
                    about,
                    class,
                    side: Slug::new(&row.side).ok(),
                    weapon: None,
                    count: None,
                    crater: None,
                    object_kind: None,
                    object: None,
                    text: String::new(),
                    report: None,
                    published: None,
                };
                Some((place()?, Reading::Claim(claim)))
            }
        }
    }
}
