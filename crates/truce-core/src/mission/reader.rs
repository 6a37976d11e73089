//! Reads a mission folder's texts into a [`Mission`] and reports every mistake of every file
//! at once.
//!
//! The agreement, the pledges and the legal bases are read by the rooms they belong to; that their
//! files are there at all is checked here.

use std::collections::BTreeMap;

use super::{MISSION_FILES, Mission, Zone, calibration, network, settings, zones};
use crate::document::{self, Document, Issues, Names, Source};

/// The formats that `truce-feeds` reads, by the names that a feed may give.
pub const FEED_FORMATS: [&str; 7] = [
    "firms-csv",
    "aivdm",
    "acoustic-csv",
    "seismic-csv",
    "uav-csv",
    "report-json",
    "truce-jsonl",
];

/// Reads a mission folder with the formats of [`FEED_FORMATS`]. With issues the mission holds what
/// could be read, so that further files can be checked against it, and must not be used otherwise;
/// `None` when not even that is possible.
#[must_use]
pub fn read(files: &BTreeMap<String, String>, issues: &Issues) -> Option<Mission> {
    read_with_formats(files, &FEED_FORMATS, issues)
}

/// Reads a mission folder whose feeds may name the given formats; as [`read`] otherwise.
#[must_use]
pub fn read_with_formats(
    files: &BTreeMap<String, String>,
    known_formats: &[&str],
    issues: &Issues,
) -> Option<Mission> {
    report_missing(files, issues);
    let open = |name: &str, parse: fn(&str, &str, &Issues) -> Option<Document>| {
        files.get(name).and_then(|text| parse(name, text, issues))
    };
    let settings_file = open("mission.toml", document::toml);
    let zones_file = open("zones.geojson", document::json);
    let sensors_file = open("sensors.toml", document::toml);
    let mut names = Names::default();
    let mission = settings_file
        .as_ref()
        .and_then(|file| settings::read(file, &mut names, issues));
    let zones = zones_file
        .as_ref()
        .map(|file| zones::read(file, &mut names, issues));
    let network = sensors_file
        .as_ref()
        .map(|file| network::read(file, known_formats, &mut names, issues));
    let calibration_file = open("calibration.toml", document::toml);
    let calibration = calibration_file.and_then(|file| calibration::read(&file, issues));
    names.settle(issues);
    Some(Mission {
        calibration,
        zones: zones?,
        network: network.unwrap_or_default(),
        ..mission?
    })
}

/// Reads zones alone, from GeoJSON (RFC 7946). Parties that zones name are not looked up.
#[must_use]
pub fn read_zones(file: &str, text: &str, issues: &Issues) -> Vec<Zone> {
    let Some(document) = document::json(file, text, issues) else {
        return Vec::new();
    };
    let mut names = Names::default();
    let zones = zones::read(&document, &mut names, issues);
    names.settle(issues);
    zones
}

/// One issue for each file of the folder that is not there.
fn report_missing(files: &BTreeMap<String, String>, issues: &Issues) {
    for name in MISSION_FILES {
        if !files.contains_key(name) {
            let hint = "a mission folder has six files; start from missions/ukraine-2025";
            let message = "the file is missing".to_owned();
            issues.push(Source::new(name, "").issue(&(0..0), message, hint.to_owned()));
        }
    }
}
