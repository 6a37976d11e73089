//! `missions/ukraine-2025` reads without an issue and has the sizes that its sources call for.

use std::collections::BTreeMap;

use truce_core::Slug;
use truce_core::document::Issues;
use truce_core::mission::{self, LinePlan, MISSION_FILES, Mission, SensorKind, Shape, ZoneKind};

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

/// The distances are those of public proposals: 7.5 km each side, and 50, 75 and 150 km for
/// artillery, rocket artillery and long-range weapons (GCSP 2025).
#[test]
fn the_zones_are_those_that_the_line_gives() {
    let slug = |text: &str| Slug::new(text).expect("a name");
    let plan = LinePlan {
        left: slug("russian-federation"),
        right: slug("ukraine"),
        buffer_m: 7_500.0,
        airspace: Some((25_000.0, 6_000.0)),
        withdrawals: vec![
            (slug("artillery"), 50_000.0),
            (slug("rocket_artillery"), 75_000.0),
            (slug("long_range"), 150_000.0),
        ],
    };
    let zones = mission::replace_line_zones(&mission().zones, &plan).unwrap();
    let made = mission::to_geojson("zones", &zones);
    let shipped = &files()["zones.geojson"];
    let differs = made.lines().zip(shipped.lines()).find(|(a, b)| a != b);
    let hint = "make them anew: cargo run -p truce-core --example zones_from_line";
    assert!(made == *shipped, "{hint}\n{differs:#.200?}");
    assert!(shipped.len() < 1_000_000);
}

/// Points on known sides of the line are in the withdrawal zones of the right party.
#[test]
fn the_sides_of_the_line_belong_to_the_right_parties() {
    let mission = mission();
    let inside = |zone: &str, lat: f64, lon: f64| {
        let Shape::Polygons(polygons) = &mission.zone(&Slug::new(zone).unwrap()).unwrap().shape
        else {
            panic!("{zone} is no area");
        };
        let ring = &polygons[0][0];
        let crosses = |i: usize| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let at = (b.lon_deg - a.lon_deg) * (lat - a.lat_deg) / (b.lat_deg - a.lat_deg);
            (a.lat_deg > lat) != (b.lat_deg > lat) && lon < a.lon_deg + at
        };
        (0..ring.len()).filter(|i| crosses(*i)).count() % 2 == 1
    };
    for (lat, lon, party) in [
        (46.48, 30.73, "ukraine"),
        (49.99, 36.23, "ukraine"),
        (47.84, 35.14, "ukraine"),
        (50.60, 36.58, "russian-federation"),
        (48.00, 37.80, "russian-federation"),
    ] {
        for other in ["ukraine", "russian-federation"] {
            let zone = format!("withdrawal-zone-long_range-{other}");
            assert_eq!(
                inside(&zone, lat, lon),
                other == party,
                "{lat} {lon} {other}"
            );
        }
    }
}
