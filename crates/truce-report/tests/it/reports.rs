//! What the reports say.

use truce_core::incident::Withdrawal;
use truce_core::{Ellipse, IncidentKind, Status, Verdict};
use truce_report::{
    Account, Cell, Document, Language, Table, annex, daily, dossier, patrol_order, relative_place,
    spot, to_csv, to_geojson, to_html, weekly,
};

use crate::example::{Event, account, basis, case, order};

fn table(document: &Document, id: &str) -> Table {
    document
        .tables()
        .find(|table| table.id == id)
        .unwrap()
        .clone()
}

fn row(table: &Table, name: &str) -> Vec<String> {
    let found = table
        .rows
        .iter()
        .find(|row| row.cells[0] == Cell::Text(name.to_owned()));
    let cells = found.unwrap().cells.iter();
    cells.skip(1).map(Cell::written).collect()
}

fn column(table: &Table, key: &str) -> Vec<String> {
    let index = table.columns.iter().position(|c| c.key == key).unwrap();
    table
        .rows
        .iter()
        .map(|row| row.cells[index].written())
        .collect()
}

/// Every kind of report in a language.
fn all(language: Language) -> Vec<Document> {
    let (mut account, mut case, mut order) = (account(), case(), order());
    account.basis.language = language;
    case.basis.language = language;
    order.basis.language = language;
    vec![
        daily(&account),
        weekly(&account),
        annex(&account),
        spot(&case),
        dossier(&case),
        patrol_order(&order),
    ]
}

#[test]
fn golden_tables() {
    for document in all(Language::English) {
        let mut all = String::new();
        for table in document.tables() {
            let csv = to_csv(table).replace("\r\n", "\n");
            all.push_str(&format!("# {}\n{csv}", table.id));
        }
        insta::assert_snapshot!(document.file_name(), all);
    }
}

#[test]
fn golden_page_in_ukrainian() {
    let mut account = account();
    account.basis.language = Language::Ukrainian;
    let html = to_html(&daily(&account));
    // What people read, without the drawings and one element in a line.
    let mut text = String::new();
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once("<svg") {
        text.push_str(before);
        rest = after.split_once("</svg>").unwrap().1;
    }
    text.push_str(rest);
    let body = text.split_once("</head>").unwrap().1;
    insta::assert_snapshot!(body.replace("><", ">\n<"));
}

#[test]
fn counts_by_sector_against_the_period_before() {
    let document = daily(&account());
    let explosions = table(&document, "explosions");
    let artillery = row(&explosions, "Artillery, rockets or mortar");
    assert_eq!(artillery, ["0", "14", "0", "0", "14", "9", "+5"]);
    let all = row(&explosions, "All");
    assert_eq!(all, ["7", "15", "0", "0", "22", "9", "+13"]);
    // The denial that is the same event as another counts once.
    let hindered = row(&table(&document, "incidents"), "Monitors hindered");
    assert_eq!(hindered, ["0", "1", "0", "0", "1", "0", "+1"]);
    let fire = row(&table(&document, "clauses"), "Article 2: No use of weapons");
    assert_eq!(fire, ["22", "1", "1", "9", "+13"]);
}

#[test]
fn counting_rules_are_shown() {
    let document = daily(&account());
    let counting = table(&document, "counting");
    assert_eq!(row(&counting, "Assessed as exercises"), ["1", "1", "0"]);
    assert_eq!(row(&counting, "Projectiles in flight"), ["0", "0", "0"]);
    // 29 incidents, of which one is of three persons harmed.
    assert_eq!(row(&counting, "Events"), ["30", "32", "9"]);
    assert!(
        counting
            .note
            .contains("joined with another as the same event: 1.")
    );
}

#[test]
fn clocks_stand_by_urgency_with_their_warnings() {
    let clocks = table(&daily(&account()), "clocks");
    assert_eq!(
        column(&clocks, "state"),
        ["lapsed", "due soon", "met in time"]
    );
    assert_eq!(column(&clocks, "left_h"), ["-4.5", "17.5", ""]);
    assert_eq!(column(&clocks, "duty")[0], "First response");
}

#[test]
fn weapons_civilians_and_windows_have_their_tables() {
    let document = daily(&account());
    let weapons = table(&document, "weapons");
    assert_eq!(
        column(&weapons, "breach"),
        [
            "nearer to the line than agreed",
            "outside its storage",
            "missing from storage"
        ]
    );
    let civilians = table(&document, "civilians");
    let standing = column(&civilians, "standing");
    assert_eq!(standing, ["corroborated", "reported, not corroborated"]);
    assert_eq!(column(&civilians, "count"), ["1", "3"]);
    let windows = table(&document, "windows");
    assert_eq!(column(&windows, "window"), ["Second window"]);
    let silence = column(&table(&document, "watched"), "silence");
    let expected = [
        "events were told of",
        "quiet",
        "not observable",
        "not observable",
    ];
    assert_eq!(silence, expected);
}

#[test]
fn findings_to_the_council_are_verified() {
    let document = annex(&account());
    assert_eq!(
        column(&table(&document, "verified"), "number"),
        ["F-000007"]
    );
    assert!(document.tables().all(|table| table.id != "violations"));
}

#[test]
fn what_does_not_count_is_counted_apart() {
    let mut account = account();
    let find = |account: &Account| {
        let document = daily(account);
        let violations = table(&document, "violations").rows.len();
        (violations, table(&document, "not-violations"))
    };
    let (violations, apart) = find(&account);
    assert_eq!(violations, 27);
    assert_eq!(
        row(&apart, "Undetermined: some clause may be broken"),
        ["1"]
    );
    let below = "Candidates below the alert threshold, counted nowhere else";
    assert_eq!(row(&apart, below), ["1"]);

    // An officer's word that it is no violation takes it out of the violations.
    account.incidents[2].finding.as_mut().unwrap().status = Status::NotAViolation;
    account.incidents[3].incident.withdrawn = Some(Withdrawal::Unsupported);
    let (violations, apart) = find(&account);
    assert_eq!(violations, 25);
    assert_eq!(row(&apart, "Found to be no violation by an officer"), ["1"]);
}

#[test]
fn outages_last_until_the_next_word_and_stay_in_the_period() {
    let sensors = table(&daily(&account()), "sensors-limited");
    assert_eq!(
        column(&sensors, "sensor"),
        ["patrol-3", "post-17/acoustic-2"]
    );
    assert_eq!(column(&sensors, "duration_h"), ["2.0", "4.0"]);
}

#[test]
fn every_report_is_written_in_every_language() {
    let english = all(Language::English);
    for language in Language::ALL {
        for (document, plain) in all(language).iter().zip(&english) {
            let html = to_html(document);
            assert!(html.contains(&format!("<html lang=\"{language}\">")));
            assert_eq!(
                html.matches("<tr").count(),
                to_html(plain).matches("<tr").count()
            );
            let differ = language == Language::English || document.title() != plain.title();
            assert!(differ, "{}", document.title());
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</td><script>alert(1)</script>\"'<img src=x onerror=y>&amp;=1+1";
    let mut account = account();
    account.basis.mission.title = hostile.to_owned();
    account.basis.log.origin = hostile.to_owned();
    for (_, title) in &mut account.basis.duties {
        *title = hostile.to_owned();
    }
    for sector in &mut account.basis.mission.sectors {
        sector.name = hostile.to_owned();
    }
    for zone in &mut account.basis.mission.zones {
        zone.name = hostile.to_owned();
    }
    for post in &mut account.basis.mission.network.posts {
        post.name = hostile.to_owned();
    }
    for feed in &mut account.basis.mission.network.feeds {
        feed.name = hostile.to_owned();
    }
    for actor in &mut account.basis.mission.actors {
        actor.name = hostile.to_owned();
    }
    for clause in &mut account.basis.clauses {
        clause.title = hostile.to_owned();
        clause.text = hostile.to_owned();
    }
    for finding in &mut account.findings {
        for step in &mut finding.history {
            match step {
                truce_core::finding::Step::Decision(decision) => decision.reason = hostile.into(),
                truce_core::finding::Step::Reply(reply) => reply.text = hostile.into(),
            }
        }
    }
    let weapon = truce_core::Slug::new("weapon").unwrap();
    let other = truce_core::Slug::new("fact").unwrap();
    for reported in &mut account.incidents {
        let attributes = &mut reported.incident.attributes;
        attributes.insert(weapon.clone(), hostile.to_owned());
        attributes.insert(other.clone(), hostile.to_owned());
        for term in &mut reported.incident.explanation {
            term.text = hostile.to_owned();
        }
        for assessment in &mut reported.assessments {
            assessment.reasons = vec![hostile.to_owned()];
        }
    }
    let mut case = case();
    case.reported = account.incidents[2].clone();
    case.basis = account.basis.clone();
    for document in [
        daily(&account),
        weekly(&account),
        annex(&account),
        spot(&case),
        dossier(&case),
    ] {
        let html = to_html(&document);
        let title = document.title();
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{title}"
        );
        assert!(html.matches("&lt;script&gt;").count() > 4, "{title}");
    }
}

#[test]
fn every_row_with_a_place_is_a_feature() {
    let document = daily(&account());
    let geojson = to_geojson(&document, document.tables());
    let geojson: serde_json::Value = serde_json::from_str(&geojson).unwrap();
    let features = geojson["features"].as_array().unwrap();
    let rows: usize = document.tables().map(|table| table.rows.len()).sum();
    assert_eq!(features.len(), rows);
    let placed = |table: &str| {
        let of = |f: &&serde_json::Value| f["properties"]["table"] == table;
        let of = features.iter().filter(of);
        of.filter(|f| f["geometry"]["coordinates"][0].is_number())
            .count()
    };
    assert_eq!(placed("all-incidents"), 30);
    assert_eq!(placed("violations"), 27);
    assert_eq!(placed("feeds"), 0);
}

#[test]
fn the_page_needs_nothing_else() {
    for document in all(Language::French) {
        let html = to_html(&document).replace("http://www.w3.org/2000/svg", "");
        for outside in [
            "http:", "https:", "<link", "<script", "url(", "@import", "src=",
        ] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
    let html = to_html(&daily(&account()));
    assert!(html.contains("28 Feb 2025 20:00 EET up to, but not including, 1 Mar 2025 20:00 EET"));
    assert!(!html.contains("Provisional."));
    let mut running = account();
    running.basis.as_of = running.period.start;
    assert!(to_html(&daily(&running)).contains("Provisional."));
}

#[test]
fn wide_tables_scroll_with_the_keyboard() {
    let mut regions = 0;
    for document in all(Language::Ukrainian) {
        let html = to_html(&document);
        for (before, _) in html
            .match_indices("<table>")
            .map(|(at, _)| html.split_at(at))
        {
            let opened = &before[before.rfind("<div").unwrap()..];
            let name = opened.split_once("aria-label=\"").unwrap().1;
            assert!(!name.starts_with('"'), "{opened}");
            assert!(
                opened.contains("role=\"region\" tabindex=\"0\""),
                "{opened}"
            );
            regions += 1;
        }
    }
    assert!(regions > 30, "{regions}");
}

#[test]
fn places_are_told_by_distance_and_direction() {
    let mut basis = basis();
    let cases = [
        ((47.95, 37.2), "9.3 km north-east (53°) of Post 17"),
        ((47.9, 37.1), "at or near Post 17"),
        ((49.5, 36.0), "57 km south (197°) of Kharkiv"),
        ((44.0, 31.5), "176 km west (248°) of Sevastopol"),
    ];
    let place = |at| {
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
        event.reported().incident.place
    };
    for (at, expected) in cases {
        assert_eq!(relative_place(&basis, &place(at)), expected);
    }
    let mut wide = place((47.9, 37.1));
    wide.uncertainty = Ellipse::circle(50_000.0);
    assert_eq!(relative_place(&basis, &wide), "within 107 km of Post 17");
    basis.language = Language::Ukrainian;
    let told = relative_place(&basis, &place((47.95, 37.2)));
    assert_eq!(told, "9.3 км на північний схід (53°) від: Post 17");
}

#[test]
fn an_empty_period_is_a_report_too() {
    let mut account = account();
    account.incidents.clear();
    account.before.clear();
    account.findings.clear();
    account.clocks.clear();
    account.revised.clear();
    account.conditions.clear();
    account.watches.clear();
    account.truces.clear();
    account.basis.mission.zones.clear();
    for language in Language::ALL {
        account.basis.language = language;
        for document in [daily(&account), weekly(&account), annex(&account)] {
            assert!(to_html(&document).len() > 1_000);
        }
    }
    account.basis.language = Language::English;
    let html = to_html(&daily(&account));
    assert!(html.contains("No incident of this period is held to be a violation."));
    assert!(html.contains("No party replied to a finding in this period."));
}

#[cfg(feature = "pdf")]
#[test]
fn the_same_report_gives_the_same_pages() {
    for language in Language::ALL {
        let pairs = all(language).into_iter().zip(all(language));
        for (one, other) in pairs {
            let pages = truce_report::to_pdf(&one).unwrap();
            assert!(pages.starts_with(b"%PDF-"));
            assert!(
                pages == truce_report::to_pdf(&other).unwrap(),
                "{}",
                one.title()
            );
        }
    }
}
