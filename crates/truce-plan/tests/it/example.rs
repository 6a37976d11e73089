//! What follows from the pledges and legal bases of `missions/ukraine-2025`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use truce_core::Slug;
use truce_core::document::{Issues, toml};
use truce_core::mission::{self, MISSION_FILES, Mission};
use truce_plan::assess::Fulfilment;
use truce_plan::chain::{Changes, Outcome, compare, compute};
use truce_plan::coalition::Pledge;
use truce_plan::council::{Ballot, Proviso};
use truce_plan::coverage::{Frame, Prepared, prepare};
use truce_plan::permission::Step;
use truce_plan::{Assumptions, Coalition, Mandate, Plan, Truth, assess};

/// Read once; every test begins with its own copy.
pub(crate) static EXAMPLE: LazyLock<(Coalition, Mandate)> = LazyLock::new(read_example);

fn read() -> (Coalition, Mandate) {
    EXAMPLE.clone()
}

/// The mission itself: zones and sensors.
static MISSION: LazyLock<Mission> = LazyLock::new(|| {
    let issues = Issues::default();
    mission::read(&files(), &issues).expect("the example has no mistakes")
});

/// Sky and ground for some days, coarse enough for a test.
pub(crate) static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    let frame = Frame {
        from: "2025-10-01T00:00:00Z".parse().expect("an instant"),
        days: 3.0,
        cell_m: 15_000.0,
    };
    prepare(&EXAMPLE.0.watch, &MISSION, &[], frame).expect("the example can be computed")
});

fn files() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025");
    let text = |name: &str| {
        std::fs::read_to_string(format!("{folder}/{name}")).expect("the folder is shipped")
    };
    MISSION_FILES
        .iter()
        .map(|name| ((*name).to_owned(), text(name)))
        .collect()
}

fn read_example() -> (Coalition, Mandate) {
    let files = files();
    let issues = Issues::default();
    let mission = mission::read(&files, &issues);
    let open = |name: &str| toml(name, &files[name], &issues).expect("the file is TOML");
    let (coalition, mandate) = (open("coalition.toml"), open("mandate.toml"));
    let read =
        mission.and_then(|mission| truce_plan::read(&coalition, &mandate, &mission, None, &issues));
    let found: Vec<String> = issues
        .into_sorted()
        .iter()
        .map(ToString::to_string)
        .collect();
    read.unwrap_or_else(|| panic!("{}", found.join("\n")))
}

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a name")
}

fn assuming(states: &[(&str, Truth)]) -> Assumptions {
    Assumptions {
        conditions: states
            .iter()
            .map(|(id, state)| (slug(id), *state))
            .collect(),
        ..Assumptions::default()
    }
}

fn coverage<'a>(plan: &'a Plan, id: &str) -> &'a Fulfilment {
    let found = plan
        .requirements
        .iter()
        .find(|r| r.requirement.as_str() == id);
    found.unwrap_or_else(|| panic!("no requirement {id}"))
}

fn permission(plan: &Plan, layer: &str, territory: &str, basis: &str) -> (Truth, Vec<Step>) {
    let found = plan.permissions.iter().find(|p| {
        (p.layer.as_str(), p.territory.as_str(), p.basis.as_str()) == (layer, territory, basis)
    });
    let found = found.unwrap_or_else(|| panic!("{layer} {territory} {basis}"));
    (found.state, found.missing.clone())
}

#[test]
fn every_reported_row_is_there_and_invented_numbers_say_so() {
    let (coalition, _) = read();
    assert!(
        coalition.positions.len() >= 19,
        "{}",
        coalition.positions.len()
    );
    assert_eq!(coalition.figures.len(), 11);
    for contribution in &coalition.contributions {
        let numbered = contribution.quantity.is_some();
        assert_eq!(numbered, contribution.illustrative, "{}", contribution.id);
    }
    assert!(coalition.requirements.iter().all(|r| r.illustrative));
    // Three counts of willing countries stand side by side.
    let counts = coalition
        .positions
        .iter()
        .filter(|p| p.contradicts.len() == 2);
    assert_eq!(counts.count(), 3);
}

#[test]
fn today_only_what_needs_nobody_is_permitted() {
    let (coalition, mandate) = read();
    let plan = assess(&coalition, &mandate, &Assumptions::default());
    assert!(plan.contradictions.is_empty() && plan.worlds_complete);
    let (state, missing) = permission(&plan, "zone-watch", "orbit", "general-law");
    assert_eq!((state, missing), (Truth::True, vec![]));
    // An invitation reaches nothing across the line.
    let (state, missing) = permission(&plan, "zone-watch", "russian-side", "invitation");
    assert_eq!((state, missing), (Truth::False, vec![Step::OutOfReach]));
    let (state, missing) = permission(&plan, "un-force", "buffer-zone", "chapter-vi");
    assert_eq!(state, Truth::False);
    let fulfil = |id: &str| Step::Fulfil {
        condition: slug(id),
    };
    assert!(missing.contains(&fulfil("ceasefire")), "{missing:?}");
    assert!(
        missing.contains(&fulfil("consent-russian-federation")),
        "{missing:?}"
    );
    assert!(missing.contains(&Step::HoldVote {
        vote: slug("draft-chapter-vi")
    }));
    for requirement in &plan.requirements {
        assert_eq!(requirement.met, 0, "{}", requirement.requirement);
    }
}

/// The same ballots carry the draft by the text of Article 27(3) and fail it in practice.
#[test]
fn one_vote_opens_or_closes_the_zone() {
    let (coalition, mandate) = read();
    let mut assumptions = assuming(&[
        ("ceasefire", Truth::True),
        ("consent-russian-federation", Truth::True),
        ("european-troops", Truth::False),
        ("funding", Truth::True),
    ]);
    let ballots = BTreeMap::from([(slug("russian-federation"), Ballot::No)]);
    assumptions
        .ballots
        .insert(slug("draft-chapter-vi"), ballots);
    let vetoed = assess(&coalition, &mandate, &assumptions);
    let (state, missing) = permission(&vetoed, "un-force", "buffer-zone", "chapter-vi");
    let veto = Step::LiftVeto {
        vote: slug("draft-chapter-vi"),
        by: vec![slug("russian-federation")],
    };
    assert_eq!((state, missing), (Truth::False, vec![veto]));
    assert_eq!(coverage(&vetoed, "observers-south").met, 0);
    assumptions.proviso = Proviso::Text;
    let adopted = assess(&coalition, &mandate, &assumptions);
    assert_eq!(
        permission(&adopted, "un-force", "buffer-zone", "chapter-vi").0,
        Truth::True
    );
    // 14,500 of 15,000 observers: served in order, the last sector bears the shortfall.
    assert_eq!(coverage(&adopted, "observers-north").shortfall(), 0);
    assert_eq!(coverage(&adopted, "observers-south").shortfall(), 500);
}

#[test]
fn worlds_that_exclude_each_other_are_kept_apart() {
    let (coalition, mandate) = read();
    let open = assuming(&[("ceasefire", Truth::True), ("council-mandate", Truth::True)]);
    let plan = assess(&coalition, &mandate, &open);
    assert!(coverage(&plan, "western-land").could_be_met > 0);
    assert!(coverage(&plan, "observers-north").could_be_met > 0);
    let mut decided = open.clone();
    decided
        .conditions
        .insert(slug("european-troops"), Truth::True);
    let plan = assess(&coalition, &mandate, &decided);
    assert!(coverage(&plan, "western-land").could_be_met > 0);
    assert_eq!(coverage(&plan, "observers-north").could_be_met, 0);
    decided
        .conditions
        .insert(slug("consent-russian-federation"), Truth::True);
    let plan = assess(&coalition, &mandate, &decided);
    assert_eq!(plan.contradictions, [slug("european-troops-or-consent")]);
}

#[test]
fn only_the_impartial_serve_where_impartiality_is_asked() {
    let (coalition, mandate) = read();
    let all = coalition.conditions.iter();
    let assumptions = Assumptions {
        conditions: all
            .map(|condition| (condition.id.clone(), Truth::True))
            .collect(),
        ..Assumptions::default()
    };
    let plan = assess(&coalition, &mandate, &assumptions);
    for requirement in coalition.requirements.iter().filter(|r| r.impartial_only) {
        for (id, _) in &coverage(&plan, requirement.id.as_str()).assigned {
            let giver = coalition.contributions.iter().find(|c| c.id == *id);
            assert!(giver.is_some_and(|giver| giver.impartial), "{id}");
        }
    }
    for pledge in &plan.pledges {
        let of = coalition
            .contributions
            .iter()
            .find(|c| c.id == pledge.contribution);
        let refused = of.is_some_and(|of| of.status == Pledge::Refused);
        assert_eq!(
            refused,
            pledge.state == Truth::False,
            "{}",
            pledge.contribution
        );
    }
}

#[test]
fn dates_open_and_close_pledges() {
    let (mut coalition, mandate) = read();
    let pledge = coalition
        .contributions
        .iter_mut()
        .find(|c| c.id.as_str() == "us-satellites");
    let pledge = pledge.expect("the pledge is there");
    pledge.ready = Some("2025-06-01T00:00:00Z".parse().expect("an instant"));
    pledge.sustain_days = Some(30);
    for (at, met) in [
        ("2025-05-31T23:59:59Z", 0),
        ("2025-06-01T00:00:00Z", 3),
        ("2025-06-30T23:59:59Z", 3),
        ("2025-07-01T00:00:00Z", 0),
    ] {
        let mut assumptions = assuming(&[("us-backstop", Truth::True)]);
        assumptions.at = Some(at.parse().expect("an instant"));
        let plan = assess(&coalition, &mandate, &assumptions);
        assert_eq!(coverage(&plan, "satellites").met, met, "{at}");
    }
}

fn chain(states: &[(&str, Truth)]) -> Outcome {
    compute(&EXAMPLE.0, &EXAMPLE.1, &PREPARED, &assuming(states))
}

fn clause(outcome: &Outcome, id: &str) -> f64 {
    let mut clauses = outcome.picture.clauses.iter();
    let found = clauses.find(|clause| clause.clause.as_str() == id);
    found.unwrap_or_else(|| panic!("no clause {id}")).delivered
}

/// Everything that a watched zone needs, without the United States and troops of the alliance.
const WATCHED: [(&str, Truth); 6] = [
    ("ceasefire", Truth::True),
    ("council-mandate", Truth::True),
    ("consent-russian-federation", Truth::True),
    ("european-troops", Truth::False),
    ("funding", Truth::True),
    ("access-guaranteed", Truth::True),
];

#[test]
fn a_mandate_reaches_the_clauses() {
    let (before, after) = (chain(&[]), chain(&WATCHED));
    let changes = compare(&before, &after);
    assert!(
        changes
            .met
            .iter()
            .any(|change| change.of.as_str() == "observers-north")
    );
    assert!(
        changes
            .means
            .iter()
            .any(|change| change.of.as_str() == "patrols-north")
    );
    assert!(clause(&before, "cessation-of-fire") < 0.05);
    assert!(clause(&after, "cessation-of-fire") > 0.3);
    assert_eq!(compare(&after, &after), Changes::default());
    // Satellites alone see next to nothing that lasts minutes, whoever agrees to what.
    for area in &after.picture.areas {
        for chances in &area.violations {
            if chances.violation.as_str().ends_with("fire") {
                assert!(chances.by_satellites < 0.05, "{} {chances:?}", area.area);
            }
            // Planned is at most what access gives, delivered at most what is planned.
            assert!(chances.planned <= chances.access + 1e-12, "{chances:?}");
            assert!(chances.delivered <= chances.planned + 1e-12, "{chances:?}");
        }
    }
}

#[test]
fn the_backstop_shows_what_lasts_and_an_outage_hides_what_it_hides() {
    let without = chain(&WATCHED);
    let with = chain(&[&WATCHED[..], &[("us-backstop", Truth::True)]].concat());
    for id in ["buffer-zone", "no-mines"] {
        assert!(clause(&with, id) > clause(&without, id), "{id}");
    }
    let mut assumptions = assuming(&WATCHED);
    assumptions.means_out = vec![slug("acoustic-line")];
    let deaf = compute(&EXAMPLE.0, &EXAMPLE.1, &PREPARED, &assumptions);
    let changes = compare(&without, &deaf);
    let changed: Vec<&str> = changes
        .clauses
        .iter()
        .map(|change| change.of.as_str())
        .collect();
    assert_eq!(changed, ["cessation-of-fire"]);
    assert!(clause(&deaf, "cessation-of-fire") < clause(&without, "cessation-of-fire"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Inside one world, one more true condition never increases a shortfall.
    #[test]
    fn more_true_conditions_never_hurt(bits in any::<u32>(), extra in 0usize..15) {
        let (coalition, mandate) = read();
        let ids: Vec<Slug> = coalition.conditions.iter().map(|c| c.id.clone()).collect();
        let state = |bit: usize, bits: u32| Truth::from(bits & (1 << bit) != 0);
        let world = |bits: u32| {
            let states = ids.iter().cloned().enumerate();
            Assumptions {
                conditions: states.map(|(i, id)| (id, state(i, bits))).collect(),
                ..Assumptions::default()
            }
        };
        let before = assess(&coalition, &mandate, &world(bits));
        let after = assess(&coalition, &mandate, &world(bits | 1 << (extra % ids.len())));
        // A unit of several roles may move to a requirement that is served first.
        let met = |plan: &Plan| {
            let mut order: Vec<usize> = (0..plan.requirements.len()).collect();
            order.sort_by_key(|i| (coalition.requirements[*i].priority, *i));
            order.into_iter().map(|i| plan.requirements[i].met).collect::<Vec<u32>>()
        };
        prop_assert!(met(&after) >= met(&before));
    }
}
