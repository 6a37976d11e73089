//! A small mission and the observations its sensors make.

use truce_core::belief::{Credibility, Reliability};
use truce_core::mission::{
    Actor, Detection, EventClassPrior, Feed, Mission, ReportSchedule, Role, Sensor, SensorErrors,
    SensorKind, SensorNetwork, Shape, Transport, Zone, ZoneKind,
};
use truce_core::observation::{
    AcousticDetection, Claim, Health, SensorState, Speaker, ThermalAnomaly, UavDetection,
    VesselReport, Weather,
};
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, EventClass, Grade, Incident, IncidentKind, Interval, Location, MessageId, Observation,
    Position, Reading, Slug, Timestamp,
};
use truce_fusion::{Change, Picture};

pub(crate) const GRADE: Grade = Grade {
    reliability: Reliability::B,
    credibility: Credibility::ProbablyTrue,
};

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// Metres east and north of the middle of the line of contact, which runs from west to east.
pub(crate) fn at(east_m: f64, north_m: f64) -> Position {
    let middle = Position::new(48.0, 37.5).unwrap();
    middle.offset(90.0, east_m).offset(0.0, north_m)
}

/// Seconds after noon of a day in March.
pub(crate) fn time(second: f64) -> Timestamp {
    plus_seconds("2025-03-10T12:00:00Z".parse().unwrap(), second)
}

fn zone(id: &str, kind: ZoneKind, party: Option<&str>, shape: Shape) -> Zone {
    Zone {
        id: slug(id),
        name: id.to_owned(),
        kind,
        party: party.map(slug),
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 100.0,
        basis: "invented".to_owned(),
        shape,
    }
}

fn class(
    class: EventClass,
    rate: f64,
    decay_m: Option<f64>,
    heat_s: Option<f64>,
) -> EventClassPrior {
    EventClassPrior {
        class,
        rate_per_day_per_1000_km2: rate,
        line_decay_m: decay_m,
        line_decay_power: None,
        heat_s,
        strikes_across: None,
        launch: None,
        basis: "invented".to_owned(),
    }
}

fn sensor(id: &str, kind: SensorKind, position: Option<Position>) -> Sensor {
    Sensor {
        id: slug(id),
        kind,
        platform: None,
        post: None,
        position,
        feed: slug("feed"),
        errors: SensorErrors::default(),
        detects: Vec::new(),
        false_per_day: 1.0,
        latency_s_max: 60.0,
        looks_at_s: Vec::new(),
        look_s_half: 60.0,
        basis: "invented".to_owned(),
    }
}

fn detects(rows: &[(EventClass, f64, Option<f64>)], clear: bool) -> Vec<Detection> {
    let row = |&(class, probability, half): &(EventClass, f64, Option<f64>)| Detection {
        class,
        probability,
        range_m_half: half,
        range_m_width: half.map(|half| half * 0.15),
        range_m_spread: None,
        false_share: None,
        needs_clear_sky: clear,
    };
    rows.iter().map(row).collect()
}

fn sensors() -> Vec<Sensor> {
    use EventClass::{Artillery, DroneStrike, FarmFire, SmallArms, Thunder};
    let mut sensors = Vec::new();
    for (name, east_m, north_m) in [("a-1", -6e3, -2e3), ("a-2", 5e3, -3e3), ("a-3", 0.0, 7e3)] {
        let heard = [
            (Artillery, 0.95, Some(10e3)),
            (DroneStrike, 0.9, Some(4e3)),
            (Thunder, 0.9, Some(9e3)),
            (SmallArms, 0.8, Some(2.5e3)),
        ];
        sensors.push(Sensor {
            detects: detects(&heard, false),
            false_per_day: 10.0,
            ..sensor(name, SensorKind::AcousticArray, Some(at(east_m, north_m)))
        });
    }
    let reports = [
        (Artillery, 0.6, Some(5e3)),
        (DroneStrike, 0.6, Some(5e3)),
        (SmallArms, 0.6, Some(5e3)),
        (FarmFire, 0.6, Some(5e3)),
    ];
    sensors.push(Sensor {
        detects: detects(&reports, false),
        latency_s_max: 7_200.0,
        ..sensor("post-1", SensorKind::Patrol, Some(at(0.0, -2e3)))
    });
    let heat = [
        (Artillery, 0.25, None),
        (DroneStrike, 0.5, None),
        (FarmFire, 0.85, None),
    ];
    sensors.push(Sensor {
        detects: detects(&heat, true),
        latency_s_max: 4.0 * 3_600.0,
        // 12:30, half an hour after the usual event.
        looks_at_s: vec![45_000.0, 0.0],
        ..sensor("viirs", SensorKind::ThermalImager, None)
    });
    sensors
}

pub(crate) fn mission() -> Mission {
    use EventClass::{Artillery, DroneStrike, FarmFire, SmallArms, Thunder};
    let feed = Feed {
        name: "feed".to_owned(),
        ..Feed::new(slug("feed"), slug("jsonl"), Transport::File)
    };
    let band = |north_m: f64| {
        let ring = [(-50e3, 1e3), (50e3, 1e3), (50e3, 20e3), (-50e3, 20e3)];
        let corner = |(x, y): (f64, f64)| at(x, y * north_m);
        Shape::Polygons(vec![vec![ring.into_iter().map(corner).collect()]])
    };
    let line = (-5..=5)
        .map(|step| at(f64::from(step) * 20e3, 0.0))
        .collect();
    Mission {
        name: slug("test"),
        title: "Test".to_owned(),
        summary: String::new(),
        log_origin: "example.org/test".to_owned(),
        report: ReportSchedule {
            time_zone: "Europe/Kyiv".to_owned(),
            cut_off_hour: 7,
            cut_off_minute: 30,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.7,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: ["north", "south"]
            .map(|id| Actor {
                id: slug(id),
                name: id.to_owned(),
                role: Role::Party,
            })
            .to_vec(),
        sectors: Vec::new(),
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: vec![
            class(Artillery, 20.0, Some(8e3), Some(2_160.0)),
            class(DroneStrike, 8.0, Some(8e3), Some(3_600.0)),
            class(SmallArms, 15.0, Some(1e3), None),
            class(FarmFire, 5.0, None, Some(10_800.0)),
            class(Thunder, 5.0, None, None),
        ],
        zones: vec![
            zone("line", ZoneKind::LineOfContact, None, Shape::Line(line)),
            zone("n", ZoneKind::WithdrawalZone, Some("north"), band(1.0)),
            zone("s", ZoneKind::WithdrawalZone, Some("south"), band(-1.0)),
        ],
        network: SensorNetwork {
            sensors: sensors(),
            feeds: vec![feed],
            ..SensorNetwork::default()
        },
    }
}

/// An observation with a name of its own.
pub(crate) fn observation(
    name: &str,
    sensor: Option<&str>,
    observed_at: Interval,
    location: Option<Location>,
    reading: Reading,
) -> Observation {
    let message = MessageId(Digest::of(name.as_bytes()));
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: slug("feed"),
        sensor: sensor.map(slug),
        observed_at,
        received_at: observed_at.end,
        location,
        reading,
        grade: GRADE,
        signed_by: None,
    }
}

pub(crate) fn thermal(name: &str, second: f64, position: Position) -> Observation {
    let pixel = ThermalAnomaly {
        satellite: Some("N20".to_owned()),
        ..ThermalAnomaly::default()
    };
    let observed_at = Interval::instant(time(second));
    let location = Some(Location::fix(position, 190.0));
    observation(
        name,
        Some("viirs"),
        observed_at,
        location,
        Reading::ThermalAnomaly(pixel),
    )
}

/// A sound from an event at a place and time, as an array hears it.
pub(crate) fn heard(array: &str, second: f64, event: Position) -> Observation {
    let mission = mission();
    let station = mission
        .network
        .sensor(&slug(array))
        .unwrap()
        .position
        .unwrap();
    let arrival_s = second + station.distance_m(event) / 340.3;
    let location = Location::Bearing {
        observer: station,
        bearing_deg: station.bearing_deg(event),
        bearing_deg_sigma: 2.0,
        range: None,
    };
    let sound = AcousticDetection {
        class: None,
        launch: None,
        level_db: None,
        signal_to_noise_db: None,
    };
    let name = format!("{array} {second} {event:?}");
    let observed_at = Interval::instant(time(arrival_s));
    observation(
        &name,
        Some(array),
        observed_at,
        Some(location),
        Reading::Acoustic(sound),
    )
}

pub(crate) fn claim(name: &str, about: IncidentKind, class: Option<EventClass>) -> Claim {
    Claim {
        speaker: Speaker::Patrol,
        about,
        class,
        side: None,
        weapon: None,
        count: None,
        crater: None,
        object_kind: None,
        object: None,
        text: name.to_owned(),
        report: None,
        published: None,
    }
}

pub(crate) fn told(name: &str, second: f64, position: Position, claim: Claim) -> Observation {
    let sensor = (claim.speaker == Speaker::Patrol).then_some("post-1");
    let observed_at = Interval::instant(time(second));
    let location = Some(Location::fix(position, 600.0));
    observation(name, sensor, observed_at, location, Reading::Claim(claim))
}

pub(crate) fn shelled(name: &str, second: f64, position: Position) -> Observation {
    let claim = claim(
        name,
        IncidentKind::PhysicalEvent,
        Some(EventClass::Artillery),
    );
    told(name, second, position, claim)
}

pub(crate) fn struck(name: &str, second: f64, position: Position) -> Observation {
    let class = Some(EventClass::DroneStrike);
    told(
        name,
        second,
        position,
        claim(name, IncidentKind::PhysicalEvent, class),
    )
}

pub(crate) fn sky(name: &str, second: f64, cloud: f64) -> Observation {
    let weather = Weather {
        cloud_fraction: Some(cloud),
        ..Weather::default()
    };
    let location = Some(Location::fix(at(0.0, 0.0), 1_000.0));
    let observed_at = Interval::instant(time(second));
    observation(name, None, observed_at, location, Reading::Weather(weather))
}

pub(crate) fn health(name: &str, sensor: &str, second: f64, health: Health) -> Observation {
    let state = Reading::SensorState(SensorState {
        health,
        text: String::new(),
    });
    let observed_at = Interval::instant(time(second));
    observation(name, Some(sensor), observed_at, None, state)
}

pub(crate) fn vessel(
    mmsi: u32,
    second: f64,
    position: Position,
    speed: Option<(f64, f64)>,
) -> Observation {
    let report = VesselReport {
        mmsi,
        message_type: 1,
        speed_m_s: speed.map(|(speed, _)| speed),
        course_deg: speed.map(|(_, course)| course),
        ..VesselReport::default()
    };
    let name = format!("{mmsi} {second} {position:?}");
    let location = Some(Location::fix(position, 10.0));
    let observed_at = Interval::instant(time(second));
    observation(&name, None, observed_at, location, Reading::Vessel(report))
}

pub(crate) fn uav(name: &str, second: f64, position: Position) -> Observation {
    let detection = UavDetection {
        target: None,
        speed_m_s: None,
        course_deg: None,
        means: slug("radar"),
        confidence: None,
        operator: None,
    };
    let location = Some(Location::fix(position, 30.0));
    let observed_at = Interval::instant(time(second));
    observation(name, None, observed_at, location, Reading::Uav(detection))
}

/// An uncrewed aircraft that a detector follows under a number.
pub(crate) fn followed(target: &str, second: f64, position: Position) -> Observation {
    let mut seen = uav(&format!("{target} {second} {position:?}"), second, position);
    seen.sensor = Some(slug("radar-1"));
    if let Reading::Uav(detection) = &mut seen.reading {
        detection.target = Some(target.to_owned());
    }
    seen
}

pub(crate) fn incidents(changes: &[Change]) -> Vec<&Incident> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Incident(incident) => Some(incident),
            _ => None,
        })
        .collect()
}

/// The incidents after some observations, at a time.
pub(crate) fn picture_of(observations: &[Observation], now_s: f64) -> Picture {
    let mut picture = Picture::new(&mission());
    for observation in observations {
        picture.update(observation);
    }
    picture.advance(time(now_s));
    picture
}

/// Forty shellings from a time on, four minutes after one another, each heard by two arrays.
pub(crate) fn afternoon(from: f64) -> Vec<Observation> {
    let shellings = (0..40).flat_map(|number| {
        let (east, north) = (f64::from(number % 8), f64::from(number % 3));
        let place = at(1_500.0 * east - 5_000.0, 1_200.0 * north - 1_500.0);
        ["a-1", "a-2"].map(|array| heard(array, from + 240.0 * f64::from(number), place))
    });
    shellings.collect()
}
