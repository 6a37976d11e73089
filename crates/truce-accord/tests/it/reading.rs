//! Reading `agreement.toml`.

use truce_accord::agreement::{Clear, Rule};
use truce_core::Status;
use truce_core::document::Issue;

use crate::fixture::{agreement, at, documented, mission, read_with, slug};

#[test]
fn the_examples_of_the_documentation_are_one_agreement() {
    let agreement = agreement(&documented());
    assert_eq!(agreement.versions.len(), 1);
    let clauses = &agreement.versions[0].clauses;
    let mut kinds: Vec<_> = clauses.iter().map(|clause| clause.kind).collect();
    assert!(
        clauses
            .iter()
            .all(|clause| clause.kind == clause.terms.rule.kind())
    );
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 12, "an example is missing: {kinds:?}");
    assert_eq!(clauses[0].binds, [slug("party-a"), slug("party-b")]);
    assert_eq!(clauses[1].terms.thresholds.dwell_s, 300.0);
    assert_eq!(clauses[1].terms.thresholds.hysteresis_m, 100.0);
    let Rule::Withdrawal { withdraw } = &clauses[2].terms.rule else {
        panic!("the third clause is a withdrawal")
    };
    assert!(matches!(&withdraw[2].place, Clear::Line { distance_m, .. } if *distance_m == 75e3));
}

#[test]
fn a_party_text_states_only_what_differs() {
    let agreement = agreement(&documented());
    let clauses = &agreement.versions[0].clauses;
    let clause = clauses
        .iter()
        .find(|c| c.id.as_str() == "energy-infrastructure")
        .unwrap();
    let own = &clause.text_of[0];
    assert_eq!(own.party, slug("party-b"));
    assert_eq!(own.terms.zones, [slug("power-plant"), slug("bridge")]);
    assert_eq!(
        own.terms.rule, clause.terms.rule,
        "the radius is that of the common text"
    );
}

#[test]
fn a_step_has_one_standard_of_proof() {
    let standards = agreement(&documented()).standards;
    let [standard] = &standards[..] else {
        panic!("one in the documentation: {standards:?}")
    };
    assert_eq!(standard.status, Status::Corroborated);
    assert!(standard.text.starts_with("Two sources"));
    for (table, wrong) in [
        ("status = \"corroborated\"\ntext = \"Other.\"", "already"),
        ("status = \"reported\"\ntext = \"Nothing.\"", "reported"),
        ("status = \"verified\"", "text"),
    ] {
        let text = documented() + "\n[[standard_of_proof]]\n" + table + "\n";
        let issues = read_with(&mission(), &text).unwrap_err();
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert!(issues[0].to_string().contains(wrong), "{}", issues[0]);
    }
}

#[test]
fn versions_follow_one_another() {
    let text = documented() + "\n[[version]]\neffective_from = 2025-06-01T00:00:00Z\nclause = []\n";
    let agreement = agreement(&text);
    let from = |text: &str| agreement.in_force(at(text)).map(|v| v.effective_from);
    assert_eq!(from("2025-02-28T23:59:59Z"), None);
    assert_eq!(
        from("2025-03-01T00:00:00Z"),
        Some(at("2025-03-01T00:00:00Z"))
    );
    assert_eq!(
        from("2025-05-31T23:59:59Z"),
        Some(at("2025-03-01T00:00:00Z"))
    );
    assert_eq!(
        from("2025-06-01T00:00:00Z"),
        Some(at("2025-06-01T00:00:00Z"))
    );
    assert_eq!(
        agreement.ends_at(&agreement.versions[0]),
        Some(at("2025-06-01T00:00:00Z"))
    );
}

#[test]
fn weapon_classes_nest() {
    let agreement = agreement(&documented());
    let among = |weapon: &str, wanted: &[&str]| {
        let wanted: Vec<_> = wanted.iter().map(|w| slug(w)).collect();
        agreement.weapon_among(&slug(weapon), &wanted)
    };
    assert!(among("artillery", &["heavy_weapons"]));
    assert!(among("artillery", &["artillery"]));
    assert!(among("artillery", &[]));
    assert!(!among("heavy_weapons", &["artillery"]));
    assert!(!among("tank", &["heavy_weapons"]));
}

const TEN_MISTAKES: &str = r#"titel = "Agreement"
[[clock]]
name = "response"
title = "Response"
hours = -1
[[weapon]]
id = "artillery"
title = "Artillery"
includes = ["mortar"]
[thresholds]
breach = 0.1
[[version]]
effective_from = 2025-03-01T00:00:00Z
[[version.clause]]
id = "fire"
kind = "no_fire"
title = "Fire"
text = "No fire."
zones = ["bufer-zone"]
binds = ["party-c"]
[[version.clause]]
id = "fire"
kind = "no_presents"
title = "Presence"
text = "No troops."
[[version.clause]]
id = "plants"
kind = "protected_objects"
title = "Plants"
text = "Do not attack."
zones = ["power-plant"]
[[version.clause]]
id = "guns"
kind = "withdrawal"
title = "Guns"
text = "Withdraw."
[[version.clause.withdraw]]
weapon = "howitzer"
line = "buffer-zone"
distance_m = 50_000
"#;

#[test]
fn every_mistake_is_reported_with_its_line() {
    let issues = read_with(&mission(), TEN_MISTAKES).unwrap_err();
    let expected = [
        (1, "the file has no `title`", "add `title`"),
        (1, "unknown key `titel`", "did you mean `title`?"),
        (5, "`hours`: -1 is out of range", ""),
        (
            9,
            "`includes`: there is no weapon class `mortar`",
            "known here: artillery",
        ),
        (11, "`compliant` is not below `breach`", "between the two"),
        (
            19,
            "`zones`: there is no area `bufer-zone`",
            "did you mean `buffer-zone`?",
        ),
        (
            20,
            "`binds`: there is no actor `party-c`",
            "did you mean `party-a`?",
        ),
        (22, "`fire` stands here twice", "give each its own name"),
        (
            23,
            "`kind`: `no_presents` is not known here",
            "did you mean `no_presence`?",
        ),
        (26, "`clause` number 3 has no `radius_m`", "add `radius_m`"),
        (38, "`weapon`: there is no weapon class `howitzer`", ""),
        (
            39,
            "`line`: there is no line `buffer-zone`",
            "line-of-contact",
        ),
    ];
    let shown: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert_eq!(issues.len(), expected.len(), "{shown:#?}");
    for (issue, (line, message, hint)) in issues.iter().zip(expected) {
        check(issue, line, message, hint);
    }
}

fn check(issue: &Issue, line: u32, message: &str, hint: &str) {
    assert_eq!(issue.line, line, "{issue}");
    assert!(
        issue.message.starts_with(message),
        "{issue}\nwanted: {message}"
    );
    assert!(issue.hint.contains(hint), "{issue}\nwanted hint: {hint}");
}

/// One clause with one mistake.
fn mistake_in(clause: &str, message: &str) {
    let head = "title = \"T\"\n[[weapon]]\nid = \"artillery\"\ntitle = \"A\"\n[[version]]\n\
                effective_from = 2025-03-01T00:00:00Z\n[[version.clause]]\nid = \"c\"\n\
                title = \"C\"\ntext = \"Text.\"\n";
    let issues = read_with(&mission(), &format!("{head}{clause}\n")).unwrap_err();
    let shown: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert_eq!(issues.len(), 1, "{clause}\n{shown:#?}");
    assert!(
        issues[0].message.contains(message),
        "{}\nwanted: {message}",
        shown[0]
    );
}

/// Clauses with one mistake each, and what its message says.
const SINGLE_MISTAKES: &[(&str, &str)] = &[
    (
        "kind = \"no_presence\"\nobjects = [\"troops\"]",
        "the clause has no `zones`",
    ),
    (
        "kind = \"no_presence\"\nobjects = []\nzones = [\"buffer-zone\"]",
        "the list is empty",
    ),
    (
        "kind = \"no_presence\"\nobjects = [\"tank\"]\nzones = [\"buffer-zone\"]",
        "`tank`",
    ),
    (
        "kind = \"airspace\"\nobjects = [\"uav\"]\nzones = [\"line-of-contact\"]",
        "there is no area",
    ),
    (
        "kind = \"no_fire\"\nfrom = 2025-04-01T00:00:00Z\nuntil = 2025-03-02T00:00:00Z",
        "`until`",
    ),
    ("kind = \"no_fire\"\nfrom = 2025-04-01", "is not an instant"),
    (
        "kind = \"no_fire\"\nevents = [\"rain\"]",
        "`rain` is not known",
    ),
    ("kind = \"no_fire\"\nradius_m = 4", "unknown key `radius_m`"),
    (
        "kind = \"no_fire\"\nexempt.identities = [\"mmsi:12\"]",
        "no identity of an object",
    ),
    (
        "kind = \"no_fire\"\nthresholds.breach = 1.5",
        "out of range",
    ),
    ("kind = \"withdrawal\"", "has no `withdraw`"),
    (
        "kind = \"withdrawal\"\nwithdraw = [{ weapon = \"artillery\" }]",
        "neither",
    ),
    (
        "kind = \"withdrawal\"\n\
             withdraw = [{ weapon = \"artillery\", line = \"line-of-contact\" }]",
        "no `distance_m`",
    ),
    (
        "kind = \"corridor\"\nzones = [\"corridor-west\"]\nforbids = [\"bubble\"]",
        "no `bubble_m`",
    ),
    ("kind = \"storage\"", "has no `register`"),
    (
        "kind = \"notified_movement\"\nobjects = [\"vehicle\"]\nnotice_s = 1\ncount_min = 0",
        "`count_min`",
    ),
    (
        "kind = \"access\"\ntext_of = [{ text = \"x\" }]",
        "has no `party`",
    ),
    (
        "kind = \"access\"\ntext_of = [{ party = \"mission\" }]",
        "there is no party",
    ),
    (
        "kind = \"access\"\ntext_of = [{ party = \"party-a\" }, { party = \"party-a\" }]",
        "two texts",
    ),
    (
        "kind = \"access\"\nphase = [{ title = \"x\" }]",
        "has no `from`",
    ),
];

#[test]
fn single_mistakes() {
    for (clause, message) in SINGLE_MISTAKES {
        mistake_in(clause, message);
    }
}
