//! The examples of `docs/planning-files.md` are one valid pair of files.

use truce_core::Slug;
use truce_core::document::{Issues, toml};
use truce_core::mission::{Actor, Mission, Role, Sector, Shape, Zone, ZoneKind};
use truce_plan::{Assumptions, Truth, assess};

const PAGE: &str = include_str!("../../../../docs/planning-files.md");

/// The blocks of the page that belong to a file, with the other lines left empty, so that a
/// mistake is reported at its line on the page.
fn blocks(file: &str) -> String {
    let (opening, mut inside) = (format!("```toml {file}"), false);
    let mut text = String::new();
    for line in PAGE.lines() {
        let fence = line.starts_with("```");
        inside = if fence { line == opening } else { inside };
        if inside && !fence {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

fn zone(id: &str) -> Zone {
    Zone {
        id: Slug::new(id).expect("a name"),
        name: String::new(),
        kind: ZoneKind::BufferZone,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: String::new(),
        shape: Shape::Polygons(Vec::new()),
    }
}

fn mission() -> Mission {
    let slug = |text: &str| Slug::new(text).expect("a name");
    let actor = |id: &str, role| Actor {
        id: slug(id),
        name: String::new(),
        role,
    };
    Mission {
        actors: vec![
            actor("party-a", Role::Party),
            actor("country-c", Role::Contributor),
        ],
        sectors: vec![Sector {
            id: slug("sector-north"),
            name: String::new(),
            zone: slug("sector-north"),
        }],
        zones: vec![zone("buffer-zone")],
        ..crate::mistakes::mission()
    }
}

#[test]
fn the_page_is_a_valid_pair_of_files() {
    let issues = Issues::default();
    let page = |file: &str| toml("planning-files.md", &blocks(file), &issues).expect("TOML");
    let (coalition, mandate) = (page("coalition"), page("mandate"));
    let read = truce_plan::read(&coalition, &mandate, &mission(), None, &issues);
    let found: Vec<String> = issues
        .into_sorted()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let (coalition, mandate) = read.expect("there was no issue");
    let plan = assess(&coalition, &mandate, &Assumptions::default());
    // The invitation of A permits the force on A's own side and nothing in the buffer zone.
    let invited: Vec<(&str, Truth)> = plan
        .permissions
        .iter()
        .filter(|permission| permission.basis.as_str() == "invitation")
        .map(|permission| (permission.territory.as_str(), permission.state))
        .collect();
    assert_eq!(
        invited,
        [("buffer-zone", Truth::False), ("side-a", Truth::True)]
    );
}
