//! Satellites on the map of a served mission.

use std::fs;

use serde_json::Value;

use crate::log::small;
use crate::program::{text, truce};
use crate::server::Server;

/// An orbit like Sentinel-1A's, as of 9 June 2025.
const ELEMENTS: &str = "\
1 39634U 14016A   25160.50000000  .00000000  00000-0  10000-4 0  9991
2 39634  98.1800 168.0000 0001300  80.0000 280.0000 14.59198000600003
";

#[test]
fn satellites_fly_by_their_element_sets_or_as_designed() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let elements = folder.path().join("elements.txt");
    fs::write(&elements, ELEMENTS).unwrap();
    let serve = ["serve", "--data", text(&data), "--listen", "127.0.0.1:0"];
    let with = ["--elements", text(&elements)];
    let server = Server::serving(truce(&[&serve[..], &with].concat()));
    let (head, body) = server.get("/api/plan/passes?at=2025-06-10T12:00:00Z&minutes=720");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let passes: Value = serde_json::from_slice(&body).unwrap();
    let features = passes["features"].as_array().unwrap();
    let of = |part: &'static str| {
        let is_part = move |one: &&Value| one["properties"]["part"] == part;
        features.iter().filter(is_part)
    };
    let is_own = |track: &&Value| track["properties"]["means"] == "sentinel-1a";
    let age_days = |track: &Value| track["properties"]["element_age_days"].as_f64();
    assert!(of("track").any(|track| is_own(&track)), "{passes}");
    for track in of("track") {
        assert!(track["geometry"]["coordinates"].as_array().unwrap().len() > 1);
        assert_eq!(age_days(track).is_some(), is_own(&track), "{track}");
        assert!(age_days(track).is_none_or(|days| (0.9..1.6).contains(&days)));
    }
    assert!(of("swath").count() > 0);
    for swath in of("swath") {
        let ring = swath["geometry"]["coordinates"][0].as_array().unwrap();
        assert_eq!(ring.first(), ring.last());
    }
    // Where one is at this instant lies on its track.
    for here in of("satellite") {
        let (means, at) = (
            &here["properties"]["means"],
            &here["geometry"]["coordinates"],
        );
        let own = |track: &&Value| {
            let line = track["geometry"]["coordinates"].as_array().unwrap();
            track["properties"]["means"] == *means && line.contains(at)
        };
        assert!(of("track").any(|track| own(&track)), "{here}");
    }
}
