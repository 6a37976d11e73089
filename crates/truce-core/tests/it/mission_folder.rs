//! `missions/ukraine-2025` reads without an issue and has the sizes that its sources call for.

use std::collections::BTreeMap;

use truce_core::document::Issues;
use truce_core::mission::{self, MISSION_FILES, Mission, SensorKind, Shape, ZoneKind};

/// The texts of the shipped folder.
fn files() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025");
    let read = |name: &str| {
        std::fs::read_to_string(format!("{folder}/{name}")).expect("the folder is shipped")
    };
    MISSION_FILES
        .iter()
        .map(|name| ((*name).to_owned(), read(name)))
        .collect()
}

fn mission() -> Mission {
    let issues = Issues::default();
    let mission = mission::read(&files(), &issues);
    let found = issues.into_sorted();
    mission.unwrap_or_else(|| panic!("{found:#?}"))
}

#[test]
fn the_shipped_folder_has_no_mistakes() {
    let mission = mission();
    assert_eq!(mission.name.as_str(), "ukraine-2025");
    assert_eq!(mission.report.cut_off_hour, 20);
    let parties: Vec<&str> = mission.parties().map(|a| a.id.as_str()).collect();
    assert_eq!(parties, ["ukraine", "russian-federation"]);
}

#[test]
fn the_network_has_the_planned_size() {
    let mission = mission();
    let count = |kind: SensorKind| {
        let sensors = mission.network.sensors.iter();
        sensors.filter(|sensor| sensor.kind == kind).count()
    };
    for (kind, expected) in [
        (SensorKind::ThermalImager, 3),
        (SensorKind::AcousticArray, 40),
        (SensorKind::SeismicStation, 24),
        (SensorKind::UavDetector, 12),
        (SensorKind::Camera, 30),
        (SensorKind::Patrol, 60),
        (SensorKind::AisReceiver, 8),
    ] {
        assert_eq!(count(kind), expected, "{kind:?}");
    }
    assert_eq!(mission.network.posts.len(), 60);
}

#[test]
fn the_line_of_contact_is_about_1200_km_long() {
    let mission = mission();
    let kind = |zone: &&mission::Zone| zone.kind == ZoneKind::LineOfContact;
    let line = mission.zones.iter().find(kind).unwrap();
    assert!(line.basis.contains("illustrative"));
    let Shape::Line(corners) = &line.shape else {
        panic!("{:?}", line.shape);
    };
    let length_m: f64 = corners
        .windows(2)
        .map(|leg| leg[0].distance_m(leg[1]))
        .sum();
    assert!((length_m - 1.2e6).abs() < 0.05 * 1.2e6, "{length_m}");
}
