//! The agreement of the example mission.

use std::collections::BTreeMap;

use truce_accord::{Agreement, Watch};
use truce_core::document::{Issues, toml};
use truce_core::mission::read;

#[test]
fn the_example_mission_has_every_kind_of_clause_and_can_be_watched() {
    let agreement = include_str!("../../../../missions/ukraine-2025/agreement.toml");
    let files = [
        ("agreement.toml", agreement),
        (
            "coalition.toml",
            include_str!("../../../../missions/ukraine-2025/coalition.toml"),
        ),
        (
            "mandate.toml",
            include_str!("../../../../missions/ukraine-2025/mandate.toml"),
        ),
        (
            "mission.toml",
            include_str!("../../../../missions/ukraine-2025/mission.toml"),
        ),
        (
            "sensors.toml",
            include_str!("../../../../missions/ukraine-2025/sensors.toml"),
        ),
        (
            "zones.geojson",
            include_str!("../../../../missions/ukraine-2025/zones.geojson"),
        ),
    ];
    let files: BTreeMap<String, String> = files
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let issues = Issues::default();
    let mission = read(&files, &issues);
    let document = toml("agreement.toml", agreement, &issues).unwrap();
    let agreement = mission
        .as_ref()
        .and_then(|mission| Agreement::read(&document, mission, &issues));
    let (Some(mission), Some(agreement)) = (mission, agreement) else {
        panic!("{:#?}", issues.into_sorted());
    };
    let clauses = agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses);
    let mut kinds: Vec<_> = clauses.map(|clause| clause.kind).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    let watch = Watch::new(&mission, &agreement);
    assert_eq!(watch.object_count(), 0);
}
