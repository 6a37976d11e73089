//! Each mistake in the planning files is reported at its line.

use truce_core::Slug;
use truce_core::document::{Issue, Issues, toml};
use truce_core::mission::{Actor, Mission, ReportSchedule, Role, Sector, SensorNetwork};

const COALITION: &str = r#"[[conditions]]
id = "truce"
title = "Truce"
state = "true"
as_of = "2025-03"
evidence = "test"
[[conditions]]
id = "vote"
title = "Vote"
decided_by_vote = "draft"
as_of = "2025"
evidence = "test"
[[exclusions]]
id = "either"
conditions = ["truce", "vote"]
text = "test"
[[requirements]]
id = "ships"
title = "Ships"
layer = "sea"
territory = "bay"
place = "all"
capability = "sea"
quantity = 3
unit = "ships"
priority = 1
basis = "test"
[[contributions]]
id = "boats"
title = "Boats"
contributor = "north"
capability = "sea"
quantity = 2
unit = "ships"
status = "conditional"
when = { all = ["truce", { any = ["vote"] }] }
positions = ["says"]
basis = "test"
[[positions]]
id = "says"
actor = "north"
date = "2025-03-20"
text = "Offers boats."
reported_by = "test"
grade = "B2"
"#;

fn mandate() -> String {
    let mut text = String::from(
        r#"[[layers]]
id = "sea"
title = "Sea"
territories = ["bay"]
[[territories]]
id = "bay"
title = "Bay"
held_by = "north"
consents = ["truce"]
[[votes]]
id = "draft"
title = "Draft"
year = 2025
matter = "other"
held = false
source = "test"
ballots = { yes = ["m01"], no = ["m02"] }
[[bases]]
id = "law"
title = "Law"
kind = "chapter_vi"
vote = "draft"
needs = "truce"
source = "test"
permits = [{ layers = ["sea"], territories = ["bay"] }]
[[councils]]
year = 2025
"#,
    );
    for i in 1..=15 {
        let permanent = i <= 5;
        text += &format!(
            "[[councils.members]]\nid = \"m{i:02}\"\nname = \"M\"\npermanent = {permanent}\n"
        );
    }
    text
}

pub(crate) fn mission() -> Mission {
    let slug = |text: &str| Slug::new(text).expect("a name");
    Mission {
        name: slug("small"),
        title: String::new(),
        summary: String::new(),
        log_origin: String::new(),
        report: ReportSchedule {
            time_zone: "UTC".to_owned(),
            cut_off_hour: 20,
            cut_off_minute: 0,
        },
        horizon_s: 3_600.0,
        attribution_threshold: 0.8,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: vec![Actor {
            id: slug("north"),
            name: String::new(),
            role: Role::Party,
        }],
        sectors: vec![Sector {
            id: slug("all"),
            name: String::new(),
            zone: slug("zone"),
        }],
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: Vec::new(),
        network: SensorNetwork::default(),
    }
}

fn issues_of(coalition: &str, mandate: &str) -> Vec<Issue> {
    let issues = Issues::default();
    let coalition = toml("coalition.toml", coalition, &issues).expect("TOML");
    let mandate = toml("mandate.toml", mandate, &issues).expect("TOML");
    let read = truce_plan::read(&coalition, &mandate, &mission(), None, &issues);
    assert_eq!(read.is_none(), !issues.is_empty());
    issues.into_sorted()
}

/// A violation names clauses of the agreement, which is another file; without one they stand.
#[test]
fn clauses_are_those_of_the_agreement() {
    const VIOLATION: &str = r#"[[violations]]
id = "shots"
title = "Shots"
clauses = ["quiet", "no-fier"]
areas = []
lasts_s = 60.0
basis = "test"
"#;
    let text = format!("{COALITION}{VIOLATION}");
    let column = VIOLATION
        .lines()
        .nth(3)
        .and_then(|line| line.find("\"no-fier"));
    let place = [COALITION.lines().count() + 4, column.expect("there") + 1];
    for (clauses, expected) in [
        (None, vec![]),
        (Some(["quiet", "no-fier"]), vec![]),
        (Some(["quiet", "no-fire"]), vec![place]),
    ] {
        let issues = Issues::default();
        let coalition = toml("coalition.toml", &text, &issues).expect("TOML");
        let mandate = mandate();
        let mandate = toml("mandate.toml", &mandate, &issues).expect("TOML");
        let clauses = clauses.map(|names| names.map(|name| Slug::new(name).expect("a name")));
        let clauses = clauses.as_ref().map(|names| names.as_slice());
        let read = truce_plan::read(&coalition, &mandate, &mission(), clauses, &issues);
        assert_eq!(read.is_none(), !expected.is_empty());
        let found = issues.into_sorted();
        let places = found.iter().map(|i| [i.line as usize, i.column as usize]);
        assert_eq!(places.collect::<Vec<_>>(), expected, "{found:?}");
        for issue in &found {
            assert!(
                issue.message.contains("there is no clause `no-fier`"),
                "{issue}"
            );
            assert!(issue.hint.contains("no-fire"), "{issue}");
        }
    }
}

#[test]
fn good_files_have_no_issues() {
    assert_eq!(issues_of(COALITION, &mandate()), []);
}

/// What to replace, by what; then the line, and pieces of the message and the hint.
type Mistake = (&'static str, &'static str, u32, &'static str, &'static str);

fn check(file: &str, mistakes: &[Mistake]) {
    let mut wrong = Vec::new();
    for (from, to, line, message, hint) in mistakes {
        let (mut coalition, mut mandate) = (COALITION.to_owned(), mandate());
        let text = if file == "coalition.toml" {
            &mut coalition
        } else {
            &mut mandate
        };
        assert!(text.contains(from), "{file} has no `{from}`");
        *text = text.replacen(from, to, 1);
        let found = issues_of(&coalition, &mandate);
        let fits = |issue: &Issue| {
            issue.file == file
                && issue.line == *line
                && issue.message.contains(message)
                && issue.hint.contains(hint)
        };
        if found.len() != 1 || !fits(&found[0]) {
            wrong.push(format!(
                "{from} -> {to}: expected {line} {message}: {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const IN_COALITION: &[Mistake] = &[
    (
        "state = \"true\"",
        "state = \"maybe\"",
        4,
        "not known here",
        "known here",
    ),
    (
        "as_of = \"2025-03\"",
        "as_of = \"March\"",
        5,
        "no date",
        "2025-03-20",
    ),
    (
        "as_of = \"2025-03\"",
        "as_of = \"2025-13\"",
        5,
        "no date",
        "2025-03-20",
    ),
    (
        "\"draft\"",
        "\"daft\"",
        10,
        "no vote `daft`",
        "did you mean `draft`?",
    ),
    (
        "as_of = \"2025\"",
        "state = \"true\"\nas_of = \"2025\"",
        11,
        "a vote decides",
        "remove",
    ),
    (
        "[\"truce\", \"vote\"]",
        "[\"truce\"]",
        15,
        "excludes nothing",
        "two or more",
    ),
    (
        "layer = \"sea\"",
        "layer = \"see\"",
        20,
        "no layer `see`",
        "did you mean `sea`?",
    ),
    (
        "territory = \"bay\"",
        "territory = \"boy\"",
        21,
        "no territory `boy`",
        "did you mean",
    ),
    (
        "place = \"all\"",
        "place = \"al\"",
        22,
        "no sector or place `al`",
        "did you mean",
    ),
    (
        "capability = \"sea\"",
        "capability = \"se\"",
        23,
        "not known here",
        "did you mean `sea`?",
    ),
    (
        "unit = \"ships\"",
        "unit = \"people\"",
        25,
        "not counted in `people`",
        "ships",
    ),
    (
        "\"boats\"\n",
        "\"boats\"\nimpartal = true\n",
        30,
        "unknown key `impartal`",
        "`impartial`?",
    ),
    (
        "contributor = \"north\"",
        "contributor = \"nort\"",
        31,
        "no actor `nort`",
        "did you mean",
    ),
    (
        "when = { all = [\"truce\", { any = [\"vote\"] }] }\n",
        "",
        28,
        "no `when`",
        "add `when`",
    ),
    (
        "{ any = [\"vote\"] }",
        "{ any = [\"wote\"] }",
        36,
        "no condition `wote`",
        "did you mean",
    ),
    (
        "{ any = [\"vote\"] }",
        "{ not = [\"vote\"] }",
        36,
        "exactly one of",
        "{ any = [..] }",
    ),
    (
        "[\"says\"]",
        "[\"said\"]",
        37,
        "no position `said`",
        "did you mean `says`?",
    ),
    ("grade = \"B2\"", "grade = \"Z9\"", 45, "no grade", "B2"),
];

#[test]
fn mistakes_in_the_coalition() {
    check("coalition.toml", IN_COALITION);
}

const IN_MANDATE: &[Mistake] = &[
    (
        "territories = [\"bay\"]",
        "territories = [\"bey\"]",
        4,
        "no territory `bey`",
        "did you mean",
    ),
    (
        "held_by = \"north\"",
        "held_by = \"south\"",
        8,
        "no actor `south`",
        "did you mean `north`?",
    ),
    (
        "consents = [\"truce\"]",
        "consents = [\"peace\"]",
        9,
        "no condition `peace`",
        "known here",
    ),
    (
        "no = [\"m02\"]",
        "no = [\"m01\"]",
        17,
        "votes twice",
        "one ballot",
    ),
    (
        "yes = [\"m01\"]",
        "yes = [\"m99\"]",
        17,
        "no member `m99`",
        "did you mean",
    ),
    (
        "kind = \"chapter_vi\"",
        "kind = \"chapter_ix\"",
        21,
        "not known here",
        "did you mean",
    ),
    ("vote = \"draft\"\n", "", 18, "no `vote`", "add `vote`"),
    (
        "kind = \"chapter_vi\"",
        "kind = \"invitation\"",
        18,
        "no `given_by`",
        "add `given_by`",
    ),
    (
        "year = 2025\nmatter",
        "year = 2031\nmatter",
        13,
        "Council of 2031 is not described",
        "2025",
    ),
    (
        "permanent = true",
        "permanent = false",
        28,
        "4 permanent and 11 elected",
        "Article 23",
    ),
    (
        "id = \"m15\"",
        "id = \"m14\"",
        85,
        "named twice",
        "one seat",
    ),
];

#[test]
fn mistakes_in_the_mandate() {
    check("mandate.toml", IN_MANDATE);
}
