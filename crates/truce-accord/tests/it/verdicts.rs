//! The example agreements, each with a table of incidents and the verdicts that a lawyer expects.
//!
//! The tables are text beside this file: a row says when and where something happened, what is known
//! of it, and which verdict each named clause gives; `none` means that it does not concern the clause.
//! In brackets stand the parties under whose text it is a breach.

use std::collections::BTreeMap;

use truce_accord::{Agreement, Context, Watch, ZoneIndex, assess};
use truce_core::document::{Issues, toml};
use truce_core::incident::Withdrawal;
use truce_core::mission::{Mission, read};
use truce_core::{
    Assessment, Digest, Incident, IncidentKind, Interval, Notice, ObjectKind, TrackId, Verdict,
};

use crate::fixture::{at, incident, position, slug};

macro_rules! mission {
    ($name:literal) => {
        load([
            (
                "agreement.toml",
                include_str!(concat!("../../../../missions/", $name, "/agreement.toml")),
            ),
            (
                "coalition.toml",
                include_str!(concat!("../../../../missions/", $name, "/coalition.toml")),
            ),
            (
                "mandate.toml",
                include_str!(concat!("../../../../missions/", $name, "/mandate.toml")),
            ),
            (
                "mission.toml",
                include_str!(concat!("../../../../missions/", $name, "/mission.toml")),
            ),
            (
                "sensors.toml",
                include_str!(concat!("../../../../missions/", $name, "/sensors.toml")),
            ),
            (
                "zones.geojson",
                include_str!(concat!("../../../../missions/", $name, "/zones.geojson")),
            ),
        ])
    };
}

fn load(files: [(&str, &str); 6]) -> (Mission, Agreement) {
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let files: BTreeMap<String, String> = files.into();
    let issues = Issues::default();
    let mission = read(&files, &issues);
    let document = toml("agreement.toml", &files["agreement.toml"], &issues).unwrap();
    let agreement = mission
        .as_ref()
        .and_then(|mission| Agreement::read(&document, mission, &issues));
    match (mission, agreement) {
        (Some(mission), Some(agreement)) => (mission, agreement),
        _ => panic!("{:#?}", issues.into_sorted()),
    }
}

/// The incident of a row.
fn made(cells: &[&str]) -> Incident {
    let kind: IncidentKind = serde_json::from_value(cells[1].into()).unwrap();
    let numbers: Vec<f64> = cells[2].split(' ').map(|n| n.parse().unwrap()).collect();
    let mut made = incident(kind, position(numbers[0], numbers[1]), numbers[2]);
    made.occurred = Interval::instant(at(cells[0]));
    made.probability = 0.95;
    for fact in cells[3].split(';').filter(|fact| !fact.is_empty()) {
        match fact.split_once('=') {
            None => made.withdrawn = Some(Withdrawal::Unsupported),
            Some(("p", p)) => made.probability = p.parse().unwrap(),
            Some(("zone", zone)) => made.zone = Some(slug(zone)),
            Some(("watched", zone)) => {
                made.zone = Some(slug(zone));
                made.track = Some(TrackId(Digest::of(b"track")));
            }
            Some(("side", side)) => {
                let (party, p) = side.split_once(':').unwrap();
                made.attribution
                    .parties
                    .insert(slug(party), p.parse().unwrap());
            }
            Some((key, value)) => {
                made.attributes.insert(slug(key), value.to_owned());
            }
        }
    }
    made
}

/// A verdict as the tables write it.
fn words(found: Option<&Assessment>, with_texts: bool) -> String {
    let Some(found) = found else {
        return "none".to_owned();
    };
    let verdict = match found.verdict {
        Verdict::Breach => "breach",
        Verdict::Compliant => "compliant",
        Verdict::Undetermined => "undetermined",
    };
    let parties: Vec<&str> = found
        .breach_under_text_of
        .iter()
        .map(|p| p.as_str())
        .collect();
    if with_texts {
        format!("{verdict}({})", parties.join(","))
    } else {
        verdict.to_owned()
    }
}

/// Checks a table; gives the number of (incident, context) → verdict cases in it.
fn check((mission, agreement): &(Mission, Agreement), table: &str, notices: &[Notice]) -> usize {
    let zones = ZoneIndex::new(&mission.zones);
    let mut cases = 0;
    for line in table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let incident = made(&cells);
        let context = Context {
            mission,
            zones: &zones,
            track: None,
            now: at(cells[0]),
            notices,
        };
        let given = assess(agreement, &incident, &context);
        for case in cells[4].split(' ') {
            let (clause, expected) = case.split_once('=').unwrap();
            let known = agreement
                .versions
                .iter()
                .flat_map(|version| &version.clauses);
            assert!(
                known.clone().any(|c| c.id.as_str() == clause),
                "no clause {clause}"
            );
            let found = given.iter().find(|a| a.clause.as_str() == clause);
            let reasons = found.map(|a| &a.reasons);
            assert_eq!(
                words(found, expected.contains('(')),
                expected,
                "{line}: {reasons:#?}"
            );
            cases += 1;
        }
    }
    // A watch can be kept over every example.
    assert_eq!(Watch::new(mission, agreement).object_count(), 0);
    cases
}

#[test]
fn minsk_ii() {
    let cases = check(
        &mission!("minsk-ii-2015"),
        include_str!("verdicts/minsk-ii-2015.txt"),
        &[],
    );
    assert!(cases >= 55, "{cases}");
}

#[test]
fn resolution_1701() {
    let cases = check(
        &mission!("unscr-1701"),
        include_str!("verdicts/unscr-1701.txt"),
        &[],
    );
    assert!(cases >= 40, "{cases}");
}

#[test]
fn black_sea_corridor() {
    let table = include_str!("verdicts/black-sea-corridor-2022.txt");
    let cases = check(&mission!("black-sea-corridor-2022"), table, &[]);
    assert!(cases >= 30, "{cases}");
}

#[test]
fn energy_truce_with_two_lists() {
    let notice = |id: &str, given: &str, day: &str| Notice {
        id: slug(id),
        party: slug("ukraine"),
        given_at: at(given),
        window: Interval::between(
            at(&format!("{day}T00:00:00Z")),
            at(&format!("{day}T23:00:00Z")),
        ),
        zones: vec![slug("dam-1")],
        objects: vec![ObjectKind::Vehicle],
        weapons: Vec::new(),
        count_max: Some(10),
        transit: None,
    };
    let notices = [
        notice("in-time", "2025-03-26T12:00:00Z", "2025-03-28"),
        notice("too-late", "2025-03-29T12:00:00Z", "2025-03-30"),
    ];
    let table = include_str!("verdicts/energy-truce-2025.txt");
    let cases = check(&mission!("energy-truce-2025"), table, &notices);
    assert!(cases >= 30, "{cases}");
}
