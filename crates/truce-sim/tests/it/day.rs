//! One whole day: counts, order, rejections, errors, and that the truth holds in the messages.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::{Mission, Shape, ZoneKind};
use truce_core::observation::Health;
use truce_core::{EventClass, Frame, IncidentKind, Observation, Position, Reading};
use truce_feeds::Decoded;
use truce_sim::{Simulation, TruthEvent};

use crate::{by_feed, decode, example, options, run};

/// One test, because the day is simulated once for all of it.
#[test]
fn a_day_holds_what_its_truth_says() {
    let mission = example();
    let simulation = run(&mission, 24.0, 7);
    check_order(&simulation);
    let decoded = decode(&mission, &simulation);
    check_rejections(&simulation, &decoded);
    check_feeds(&decoded);
    check_rates(&mission, &simulation.truth);
    check_places(&mission, &simulation.truth);
    let reports = vessel_reports(&decoded.observations);
    check_vessels(&mission, &simulation.truth, &reports);
    check_lawful(&mission, &simulation.truth, &reports);
    check_position_errors(&mission, &reports);
    check_thermal_errors(&simulation.truth, &decoded.observations);
    check_jamming(&simulation.truth, &decoded.observations);
}

fn check_order(simulation: &Simulation) {
    let options = options(24.0, 7);
    let end = options.start + truce_core::time::SignedDuration::from_hours(24);
    let keys: Vec<_> = simulation
        .messages
        .iter()
        .map(|message| (message.received_at, &message.source))
        .collect();
    assert!(keys.is_sorted());
    assert!(keys.iter().all(|(at, _)| (options.start..end).contains(at)));
    assert!(
        (100_000..400_000).contains(&keys.len()),
        "{} messages",
        keys.len()
    );
    let numbers: Vec<u64> = simulation.truth.iter().map(|event| event.id).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64));
}

/// Exactly the lines that were broken are rejected, each once.
fn check_rejections(simulation: &Simulation, decoded: &Decoded) {
    let broken = simulation
        .truth
        .iter()
        .filter(|event| event.note.starts_with("broken line"));
    let mut broken: Vec<String> = broken.filter_map(|event| event.object.clone()).collect();
    let rejections = decoded.rejections.iter();
    let mut rejected: Vec<String> = rejections.map(|one| one.message.to_string()).collect();
    broken.sort();
    rejected.sort();
    assert!(broken.len() > 50, "{} lines broken", broken.len());
    let of_no_truth = decoded
        .rejections
        .iter()
        .find(|one| !broken.contains(&one.message.to_string()));
    assert_eq!(of_no_truth, None);
    assert_eq!(rejected, broken);
}

fn check_feeds(decoded: &Decoded) {
    let counts = by_feed(&decoded.observations);
    let least = [
        ("ais-coast", 50_000),
        ("acoustic", 1_500),
        ("seismic", 2_500),
        ("uav-detectors", 1_000),
        ("viirs", 30),
        ("sightings", 100),
        ("patrols", 100),
        ("hotline", 20),
        ("mission-status", 500),
    ];
    for (feed, least) in least {
        let count = counts.get(feed).copied().unwrap_or(0);
        assert!(
            count >= least,
            "{feed}: {count} observations, at least {least} expected"
        );
    }
}

/// Numbers of shots follow the mission's rates: rate × length × twice the decay, within five
/// standard deviations of a Poisson number.
fn check_rates(mission: &Mission, truth: &[TruthEvent]) {
    let lines = mission
        .zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::LineOfContact);
    let length = |corners: &Vec<Position>| -> f64 {
        corners
            .windows(2)
            .map(|pair| pair[0].distance_m(pair[1]))
            .sum()
    };
    let length_m: f64 = lines
        .filter_map(|zone| match &zone.shape {
            Shape::Line(corners) => Some(length(corners)),
            _ => None,
        })
        .sum();
    for prior in &mission.event_classes {
        let Some(decay_m) = prior.line_decay_m else {
            continue;
        };
        let mean = prior.rate_per_day_per_1000_km2 * length_m * 2.0 * decay_m / 1e9;
        let count = truth
            .iter()
            .filter(|event| event.class == Some(prior.class))
            .count();
        let off = (count as f64 - mean).abs() / mean.sqrt();
        assert!(
            off < 5.0,
            "{:?}: {count} events, {mean:.0} expected",
            prior.class
        );
    }
    for class in [
        EventClass::FarmFire,
        EventClass::QuarryBlast,
        EventClass::Thunder,
    ] {
        assert!(
            truth.iter().any(|event| event.class == Some(class)),
            "no {class:?}"
        );
    }
}

/// Every event lies in the area of operation's bounds or next to it.
fn check_places(mission: &Mission, truth: &[TruthEvent]) {
    let area = mission
        .zones
        .iter()
        .find(|zone| zone.kind == ZoneKind::AreaOfOperation)
        .unwrap();
    let Shape::Polygons(polygons) = &area.shape else {
        panic!("the area is no area")
    };
    let corners: Vec<Position> = polygons.iter().flatten().flatten().copied().collect();
    let reach = |pick: fn(&Position) -> f64| {
        let values = corners.iter().map(pick);
        (
            values.clone().fold(f64::INFINITY, f64::min),
            values.fold(f64::NEG_INFINITY, f64::max),
        )
    };
    let (south, north) = reach(|corner| corner.lat_deg);
    let (west, east) = reach(|corner| corner.lon_deg);
    const BESIDE_DEG: f64 = 1.0;
    for event in truth {
        let Some(place) = event.place else { continue };
        let lat = (south - BESIDE_DEG..north + BESIDE_DEG).contains(&place.lat_deg);
        let lon = (west - BESIDE_DEG..east + BESIDE_DEG).contains(&place.lon_deg);
        assert!(lat && lon, "{event:?}");
    }
}

/// Positions of each vessel, and speeds.
type Reports<'o> = BTreeMap<u32, Vec<(&'o Observation, Position, f64)>>;

fn vessel_reports(observations: &[Observation]) -> Reports<'_> {
    let mut reports: Reports<'_> = BTreeMap::new();
    for observation in observations {
        let Reading::Vessel(vessel) = &observation.reading else {
            continue;
        };
        let place = observation
            .location
            .as_ref()
            .and_then(truce_core::Location::place);
        if let (Some(place), Some(speed_m_s)) = (place, vessel.speed_m_s) {
            let of_vessel = reports.entry(vessel.mmsi).or_default();
            of_vessel.push((observation, place.position, speed_m_s));
        }
    }
    reports
}

fn check_vessels(mission: &Mission, truth: &[TruthEvent], reports: &Reports<'_>) {
    assert!(
        (100..=180).contains(&reports.len()),
        "{} vessels",
        reports.len()
    );
    let mut seen = BTreeSet::new();
    for event in truth {
        let (Some(kind), Some(object)) = (event.kind, &event.object) else {
            continue;
        };
        let Ok(mmsi) = object.split(' ').next().unwrap().parse::<u32>() else {
            continue;
        };
        let none = Vec::new();
        let during = reports
            .get(&mmsi)
            .unwrap_or(&none)
            .iter()
            .filter(|(observation, ..)| {
                let at = observation.observed_at.start;
                event.occurred.start < at && at < event.occurred.end
            });
        let during: Vec<_> = during.collect();
        let zone = mission.zone(event.zone.as_ref().unwrap()).unwrap();
        let outside = during
            .iter()
            .filter(|(_, place, _)| !holds(&zone.shape, *place))
            .count();
        let slow = during
            .iter()
            .filter(|(_, _, speed_m_s)| *speed_m_s < 0.5)
            .count();
        let n = during.len();
        let holds = match kind {
            IncidentKind::CorridorDeviation => n > 0 && outside * 10 >= n * 9,
            IncidentKind::UnauthorisedStop | IncidentKind::Obstruction => {
                n > 0 && slow * 10 >= n * 9 && outside == 0
            }
            IncidentKind::SignalGap => n == 0,
            IncidentKind::PositionAnomaly => n > 0 && outside * 10 >= n * 9,
            IncidentKind::Presence => n > 0 && outside * 10 <= n,
            _ => panic!("a vessel is not expected to do this: {event:?}"),
        };
        assert!(
            holds,
            "{n} reports, {outside} outside, {slow} slow: {event:?}"
        );
        seen.insert(kind);
    }
    assert!(seen.len() >= 5, "{seen:?}");
}

/// Vessels that the truth does not name stop in no corridor. One that turns sharply may look slow
/// for a report or two.
fn check_lawful(mission: &Mission, truth: &[TruthEvent], reports: &Reports<'_>) {
    let objects = truth.iter().filter_map(|event| event.object.as_deref());
    let named: BTreeSet<&str> = objects
        .filter_map(|object| object.split(' ').next())
        .collect();
    let corridors: Vec<&Shape> = mission
        .zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::Corridor)
        .map(|zone| &zone.shape)
        .collect();
    let mut in_corridors = 0;
    for (mmsi, of_vessel) in reports
        .iter()
        .filter(|(mmsi, _)| !named.contains(&*mmsi.to_string()))
    {
        let inside = of_vessel
            .iter()
            .filter(|(_, place, _)| corridors.iter().any(|shape| holds(shape, *place)));
        in_corridors += inside.clone().count();
        let slow = inside.filter(|(_, _, speed_m_s)| *speed_m_s < 0.5).count();
        assert!(slow <= 2, "{mmsi} stopped in a corridor: {slow} reports");
    }
    assert!(
        in_corridors > 5_000,
        "{in_corridors} reports from corridors"
    );
}

/// Even-odd rule over the outer rings.
fn holds(shape: &Shape, place: Position) -> bool {
    let Shape::Polygons(polygons) = shape else {
        return false;
    };
    polygons.iter().any(|rings| {
        let ring = &rings[0];
        let edges = ring.iter().zip(ring.iter().cycle().skip(1));
        let crossed = edges.filter(|(a, b)| {
            let share = (place.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
            (0.0..1.0).contains(&share)
                && place.lon_deg < a.lon_deg + share * (b.lon_deg - a.lon_deg)
        });
        crossed.count() % 2 == 1
    })
}

/// Vessels that never move scatter about their mean as the receivers' model says.
fn check_position_errors(mission: &Mission, reports: &Reports<'_>) {
    let receivers = mission.network.sensors.iter();
    let mut sigmas = receivers
        .filter(|sensor| sensor.kind == truce_core::mission::SensorKind::AisReceiver)
        .filter_map(|sensor| sensor.errors.position_m_sigma);
    let sigma_m = sigmas.next().unwrap();
    let (mut sum_m2, mut count) = (0.0, 0.0);
    for of_vessel in reports.values() {
        if of_vessel.len() < 100 || of_vessel.iter().any(|(_, _, speed_m_s)| *speed_m_s > 0.05) {
            continue;
        }
        let frame = Frame::at(of_vessel[0].1);
        let places: Vec<_> = of_vessel
            .iter()
            .map(|(_, place, _)| frame.to_xy_m(*place))
            .collect();
        let n = places.len() as f64;
        let mean = |pick: fn(&(f64, f64)) -> f64| places.iter().map(pick).sum::<f64>() / n;
        let (x_m, y_m) = (mean(|place| place.0), mean(|place| place.1));
        sum_m2 += places
            .iter()
            .map(|(x, y)| (x - x_m).powi(2) + (y - y_m).powi(2))
            .sum::<f64>();
        count += 2.0 * (n - 1.0);
    }
    assert!(count > 5_000.0, "{count}");
    let measured_m = (sum_m2 / count).sqrt();
    assert!(
        (measured_m / sigma_m - 1.0).abs() < 0.05,
        "{measured_m} m, {sigma_m} m expected"
    );
}

/// Detections of lasting heat scatter about it as the imagers' model says: 190 m per axis.
fn check_thermal_errors(truth: &[TruthEvent], observations: &[Observation]) {
    const SIGMA_M: f64 = 190.0;
    let lasting = truth
        .iter()
        .filter(|event| event.class == Some(EventClass::IndustrialHeat));
    let places: Vec<Position> = lasting.filter_map(|event| event.place).collect();
    let mut squares = Vec::new();
    for observation in observations {
        if !matches!(observation.reading, Reading::ThermalAnomaly(_)) {
            continue;
        }
        let seen = observation.location.as_ref().unwrap().place().unwrap();
        for place in &places {
            let distance_m = place.distance_m(seen.position);
            if distance_m < 5.0 * SIGMA_M {
                squares.push(distance_m * distance_m);
            }
        }
    }
    let n = squares.len() as f64;
    assert!(n >= 15.0, "{n} detections of lasting heat");
    let measured_m = (squares.iter().sum::<f64>() / (2.0 * n)).sqrt();
    // Relative error of a standard deviation from 2n values: 1/√(4n); four of them are allowed.
    let allowed = 4.0 / (4.0 * n).sqrt();
    assert!(
        (measured_m / SIGMA_M - 1.0).abs() < allowed,
        "{measured_m} m from {n} detections"
    );
}

/// Each sensor that was jammed said so.
fn check_jamming(truth: &[TruthEvent], observations: &[Observation]) {
    let mut checked = 0;
    for event in truth.iter().filter(|event| event.note.contains("jammed")) {
        let said = observations
            .iter()
            .any(|observation| match &observation.reading {
                Reading::SensorState(state) => {
                    state.health == Health::Jammed
                        && observation.sensor.as_ref() == event.observed_by.first()
                        && observation.observed_at.start == event.occurred.start
                }
                _ => false,
            });
        // A message may still be on its way when the day ends, or be the one that was broken.
        checked += usize::from(said);
    }
    let planted = truth
        .iter()
        .filter(|event| event.note.contains("jammed"))
        .count();
    assert!(
        planted > 0 && checked + 1 >= planted,
        "{checked} of {planted}"
    );
}
