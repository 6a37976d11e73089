//! What the daily report says.

use truce_core::incident::Withdrawal;
use truce_core::{IncidentKind, Status, Verdict};
use truce_report::{Cell, Table, daily_geojson, daily_html, daily_tables, relative_place, to_csv};

use crate::example::{Event, daily, mission};

fn table(tables: &[Table], id: &str) -> Table {
    tables.iter().find(|table| table.id == id).unwrap().clone()
}

fn row(table: &Table, name: &str) -> Vec<String> {
    let found = table
        .rows
        .iter()
        .find(|row| row[0] == Cell::Text(name.to_owned()));
    found.unwrap().iter().skip(1).map(Cell::written).collect()
}

#[test]
fn golden_tables() {
    let mut all = String::new();
    for table in daily_tables(&daily()) {
        all.push_str(&format!(
            "# {}\n{}",
            table.id,
            to_csv(&table).replace("\r\n", "\n")
        ));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn golden_page() {
    // One element in a line, so that a change shows where it is.
    insta::assert_snapshot!(daily_html(&daily()).replace("><", ">\n<"));
}

#[test]
fn counts_by_sector_against_the_period_before() {
    let tables = daily_tables(&daily());
    let explosions = table(&tables, "explosions");
    let artillery = row(&explosions, "Artillery, rockets or mortar");
    assert_eq!(artillery, ["0", "14", "0", "0", "14", "9", "+5"]);
    let all = row(&explosions, "All");
    assert_eq!(all, ["7", "15", "0", "0", "22", "9", "+13"]);
    let others = table(&tables, "incidents");
    assert_eq!(
        row(&others, "Monitors hindered"),
        ["0", "1", "0", "0", "1", "0", "+1"]
    );
    let clauses = table(&tables, "clauses");
    let fire = row(&clauses, "Article 2: No use of weapons");
    assert_eq!(fire, ["20", "1", "1", "9", "+11"]);
}

#[test]
fn what_does_not_count_is_counted_apart() {
    let mut daily = daily();
    let find = |daily: &truce_report::Daily| {
        let tables = daily_tables(daily);
        let violations = table(&tables, "violations").rows.len();
        (violations, table(&tables, "not-violations"))
    };
    let (violations, apart) = find(&daily);
    assert_eq!(violations, 22);
    assert_eq!(
        row(&apart, "Undetermined: some clause may be broken"),
        ["1"]
    );
    let below = "Candidates below the alert threshold, counted nowhere else";
    assert_eq!(row(&apart, below), ["1"]);

    // An officer's word that it is no violation takes it out of the violations.
    daily.incidents[2].finding.as_mut().unwrap().status = Status::NotAViolation;
    daily.incidents[3].incident.withdrawn = Some(Withdrawal::Unsupported);
    let (violations, apart) = find(&daily);
    assert_eq!(violations, 20);
    assert_eq!(row(&apart, "Found to be no violation by an officer"), ["1"]);
}

#[test]
fn outages_last_until_the_next_word_and_stay_in_the_period() {
    let sensors = table(&daily_tables(&daily()), "sensors-limited");
    let lines: Vec<(String, String)> = sensors
        .rows
        .iter()
        .map(|row| (row[0].written(), row[3].written()))
        .collect();
    let expected = [("patrol-3", "2.0"), ("post-17/acoustic-2", "4.0")];
    assert_eq!(lines, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</td><script>alert(1)</script>\"'<img src=x onerror=y>&amp;=1+1";
    let mut daily = daily();
    daily.mission.title = hostile.to_owned();
    daily.mission.log_origin = hostile.to_owned();
    daily.log.origin = hostile.to_owned();
    for sector in &mut daily.mission.sectors {
        sector.name = hostile.to_owned();
    }
    for zone in &mut daily.mission.zones {
        zone.name = hostile.to_owned();
    }
    for post in &mut daily.mission.network.posts {
        post.name = hostile.to_owned();
    }
    for feed in &mut daily.mission.network.feeds {
        feed.name = hostile.to_owned();
    }
    for actor in &mut daily.mission.actors {
        actor.name = hostile.to_owned();
    }
    for clause in &mut daily.clauses {
        clause.title = hostile.to_owned();
    }
    for finding in &mut daily.findings {
        for step in &mut finding.history {
            match step {
                truce_core::finding::Step::Decision(decision) => decision.reason = hostile.into(),
                truce_core::finding::Step::Reply(reply) => reply.text = hostile.into(),
            }
        }
    }
    let weapon = truce_core::Slug::new("weapon").unwrap();
    for reported in &mut daily.incidents {
        let attributes = &mut reported.incident.attributes;
        attributes.insert(weapon.clone(), hostile.to_owned());
    }
    let html = daily_html(&daily);
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "markup came through"
    );
    assert!(html.matches("&lt;script&gt;").count() > 40);
    let geojson: serde_json::Value = serde_json::from_str(&daily_geojson(&daily)).unwrap();
    assert_eq!(geojson["features"].as_array().unwrap().len(), 25);
}

#[test]
fn the_page_needs_nothing_else() {
    let html = daily_html(&daily());
    for outside in [
        "http:", "https:", "<link", "<script", "url(", "@import", "src=",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("28 Feb 2025 20:00 EET up to, but not including, 1 Mar 2025 20:00 EET"));
    assert!(!html.contains("Provisional."));
    let mut running = daily();
    running.as_of = running.period.start;
    assert!(daily_html(&running).contains("Provisional."));
}

#[test]
fn places_are_told_by_distance_and_direction() {
    let mission = mission();
    let cases = [
        ((47.95, 37.2), "9.3 km north-east (53°) of Post 17"),
        ((47.9, 37.1), "at or near Post 17"),
        ((49.5, 36.0), "116 km west (271°) of Post 4"),
    ];
    for (at, expected) in cases {
        let event = Event {
            number: 1,
            kind: IncidentKind::Presence,
            class: None,
            hour: 0.0,
            at,
            probability: 1.0,
            sector: None,
            verdict: Some(Verdict::Breach),
        };
        let place = event.reported().incident.place;
        assert_eq!(relative_place(&mission, &place), expected);
    }
}

#[test]
fn an_empty_period_is_a_report_too() {
    let mut daily = daily();
    daily.incidents.clear();
    daily.before.clear();
    daily.findings.clear();
    daily.revised.clear();
    daily.conditions.clear();
    daily.mission.zones.clear();
    let html = daily_html(&daily);
    assert!(html.contains("No incident of this period is held to be a violation."));
    assert!(html.contains("No party replied to a finding in this period."));
}
