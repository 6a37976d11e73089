//! Declared transits of warships held against the regime of the straits.

use truce_accord::straits::{Declared, count, excesses};
use truce_core::mission::{Straits, War};
use truce_core::notice::{Bound, Transit, Warship};
use truce_core::{Digest, Incident, Interval, Notice, ObservationId, Timestamp};

use crate::fixture::{at, position, slug};

fn straits() -> Straits {
    Straits {
        name: "Straits".to_owned(),
        place: position(41.1, 29.05),
        power: slug("tur"),
        riparian: ["tur", "rus", "ukr", "rou"].map(slug).to_vec(),
        notice_s_min: 8.0 * 86_400.0,
        transit_t_max: 15_000.0,
        transit_vessels_max: 9,
        sea_t_base: 30_000.0,
        sea_t_most: 45_000.0,
        fleet_growth_t: 0.0,
        fleet_growth_t_min: 10_000.0,
        power_share_max: 2.0 / 3.0,
        stay_s_max: 21.0 * 86_400.0,
        war: None,
        source: "Montreux Convention 1936".to_owned(),
    }
}

/// A passage on a day of March 2025, six hours long, given so many days before, of vessels with their
/// tons.
fn passage(flag: &str, bound: Bound, day: u8, before: i64, vessels: &[(&str, f64)]) -> Notice {
    let from = at(&format!("2025-03-{day:02}T06:00:00Z"));
    let days = truce_core::time::SignedDuration::from_hours(24 * before);
    Notice {
        id: slug(&format!("{flag}-{day}-{}", vessels[0].0)),
        party: slug("party-a"),
        given_at: from.checked_sub(days).unwrap(),
        window: Interval::between(from, truce_core::time::plus_seconds(from, 21_600.0)),
        zones: Vec::new(),
        objects: Vec::new(),
        weapons: Vec::new(),
        count_max: None,
        transit: Some(Transit {
            flag: slug(flag),
            bound,
            vessels: vessels
                .iter()
                .map(|(name, tonnage_t)| Warship {
                    name: (*name).to_owned(),
                    tonnage_t: *tonnage_t,
                })
                .collect(),
            returns_to_base: false,
        }),
    }
}

fn declared(notices: &[Notice]) -> Vec<Declared<'_>> {
    let of = |notice| Declared {
        notice,
        observation: ObservationId(Digest::of(notice_name(notice).as_bytes())),
    };
    notices.iter().map(of).collect()
}

fn notice_name(notice: &Notice) -> &str {
    notice.id.as_str()
}

fn now() -> Timestamp {
    at("2025-04-15T00:00:00Z")
}

/// Article, notice, what is declared and what is allowed.
fn lines(incidents: &[Incident]) -> Vec<String> {
    let line = |one: &Incident| {
        let of = |name: &str| one.attributes[name].as_str();
        let (article, notice) = (of("article"), of("notice"));
        format!(
            "{article} {notice}: {} of {}",
            of("declared"),
            of("allowed")
        )
    };
    incidents.iter().map(line).collect()
}

fn check(straits: &Straits, notices: &[Notice], expected: &[&str]) {
    let told = excesses(straits, &declared(notices), now());
    assert_eq!(lines(&told), expected);
    // The order in which notices came says nothing.
    let mut turned = notices.to_vec();
    turned.reverse();
    assert_eq!(excesses(straits, &declared(&turned), now()), told);
}

use Bound::{In, Out};

#[test]
fn what_keeps_to_the_rules_is_nothing_to_tell() {
    let notices = [
        passage("fra", In, 2, 15, &[("alpha", 9_000.0)]),
        passage("fra", Out, 20, 8, &[("alpha", 9_000.0)]),
        passage("gbr", In, 3, 8, &[("bravo", 15_000.0)]),
        passage("gbr", Out, 24, 8, &[("bravo", 15_000.0)]),
        // A riparian power's ship above the limit passes by itself, and stays as long as it likes.
        passage("rou", In, 2, 8, &[("delta", 20_000.0)]),
        // The power of the straits is no foreign force there.
        passage("tur", In, 2, 0, &[("echo", 14_000.0)]),
    ];
    check(&straits(), &notices, &[]);
}

#[test]
fn each_number_that_is_exceeded_is_told_with_its_article() {
    check(
        &straits(),
        &[
            passage("fra", In, 2, 7, &[("alpha", 100.0)]),
            passage("fra", Out, 9, 8, &[("alpha", 100.0)]),
        ],
        &["13 fra-2-alpha: 7 d of 8 d"],
    );
    // Two at a time through the straits.
    let pair = [
        passage("fra", In, 2, 9, &[("alpha", 8_000.0)]),
        passage("gbr", In, 2, 9, &[("bravo", 7_001.0)]),
        passage("fra", Out, 9, 8, &[("alpha", 8_000.0)]),
        passage("gbr", Out, 9, 8, &[("bravo", 6_000.0)]),
    ];
    check(
        &straits(),
        &pair,
        &[
            "14 fra-2-alpha: 15001 t of 15000 t",
            "14 gbr-2-bravo: 15001 t of 15000 t",
        ],
    );
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map(|name| (name, 100.0));
    check(
        &straits(),
        &[
            passage("fra", In, 2, 9, &names),
            passage("fra", Out, 9, 9, &names),
        ],
        &[
            "14 fra-2-a: 10 vessels of 9 vessels",
            "14 fra-9-a: 10 vessels of 9 vessels",
        ],
    );
}

#[test]
fn tons_in_the_sea_add_up_for_all_and_for_each_power() {
    let notices = [
        passage("fra", In, 2, 15, &[("alpha", 14_000.0)]),
        passage("fra", In, 4, 15, &[("bravo", 7_000.0)]),
        passage("gbr", In, 6, 15, &[("cedar", 9_500.0)]),
        passage(
            "fra",
            Out,
            8,
            15,
            &[("alpha", 14_000.0), ("bravo", 1_000.0)],
        ),
        passage("gbr", Out, 9, 15, &[("cedar", 9_500.0)]),
    ];
    check(
        &straits(),
        &notices,
        &[
            "18-1-c fra-4-bravo: 21000 t of 20000 t",
            "18-1-a gbr-6-cedar: 30500 t of 30000 t",
        ],
    );
    let grown = Straits {
        fleet_growth_t: 20_000.0,
        ..straits()
    };
    check(&grown, &notices, &[]);
    let counters = count(&straits(), &declared(&notices), at("2025-03-07T00:00:00Z"));
    assert_eq!(
        (counters.sea_t, counters.sea_t_max, counters.transit_t),
        (30_500.0, 30_000.0, 0.0)
    );
    assert_eq!(counters.powers_t[&slug("fra")], 21_000.0);
    assert_eq!(counters.vessels.len(), 3);
    assert_eq!(counters.vessels[0].leave_by, at("2025-03-23T12:00:00Z"));
    let passing = count(&straits(), &declared(&notices), at("2025-03-06T08:00:00Z"));
    assert_eq!((passing.sea_t, passing.transit_t), (21_000.0, 9_500.0));
}

#[test]
fn stays_are_told_when_they_are_declared_too_long_or_do_not_end() {
    let notices = [
        passage("fra", In, 2, 15, &[("alpha", 100.0), ("bravo", 100.0)]),
        passage("fra", Out, 28, 15, &[("alpha", 100.0)]),
    ];
    check(
        &straits(),
        &notices,
        &[
            "18-2 fra-2-alpha: 25.8 d of 21 d",
            "18-2 fra-2-alpha: 21 d of 21 d",
        ],
    );
    let early = excesses(&straits(), &declared(&notices), at("2025-03-20T00:00:00Z"));
    assert_eq!(early.len(), 1, "bravo may still leave in time");
    // Nothing about a stay that goes on changes with every look.
    let later = at("2025-05-01T00:00:00Z");
    let all = declared(&notices);
    assert_eq!(
        excesses(&straits(), &all, later),
        excesses(&straits(), &all, now())
    );
}

#[test]
fn in_war_belligerents_pass_to_their_bases_alone() {
    let war = Straits {
        war: Some(War {
            since: at("2025-03-05T00:00:00Z"),
            until: None,
            belligerents: vec![slug("rus")],
        }),
        ..straits()
    };
    let mut home = passage("rus", In, 8, 9, &[("home", 4_000.0)]);
    home.transit.as_mut().unwrap().returns_to_base = true;
    let notices = [
        passage("rus", In, 4, 9, &[("before", 4_000.0)]),
        passage("rus", Out, 7, 9, &[("away", 4_000.0)]),
        home,
        passage("rou", In, 9, 9, &[("other", 4_000.0)]),
    ];
    check(&war, &notices, &["19 rus-7-away: 1 vessels of 0 vessels"]);
    let told = excesses(&war, &declared(&notices), now());
    let sum: f64 = told[0].explanation.iter().map(|term| term.log_odds).sum();
    assert!((truce_core::belief::probability(sum) - told[0].probability).abs() < 1e-9);
    assert_eq!(told[0].explanation.len(), 3);
}

#[test]
fn nothing_declared_is_nothing_counted() {
    let counters = count(&straits(), &[], at("2025-03-10T00:00:00Z"));
    for tons in [counters.sea_t, counters.transit_t] {
        assert_eq!(tons.to_string(), "0", "and not -0");
    }
}
