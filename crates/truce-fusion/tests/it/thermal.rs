//! Thermal anomalies: what is known of a day and what is not, and how it is weighed.

use proptest::prelude::*;
use truce_core::Position;
use truce_fusion::thermal::{
    Day, EVENT_AGE_DAYS_MIN, Error, Features, Knowledge, Parameters, Polygon, SameDay, Sample,
    TERMS, TermName, fit,
};

const SHIPPED: &str = include_str!("../../fixtures/thermal-parameters.toml");
const PLACE: (f64, f64) = (48.5, 37.5);
const ALONE: SameDay = SameDay { near: 1, quiet: 0 };

fn day(text: &str) -> Day {
    Day::of(format!("{text}T00:00:00Z").parse().unwrap())
}

fn today() -> Day {
    day("2022-06-15")
}

fn at((lat_deg, lon_deg): (f64, f64)) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn rectangle(south: f64, west: f64, north: f64, east: f64) -> Polygon {
    let corners = [(south, west), (south, east), (north, east), (north, west)];
    vec![corners.map(at).to_vec()]
}

/// Land, a line at 38° E since three weeks, a few events and fires of earlier years.
fn knowledge() -> Knowledge {
    let mut knowledge = Knowledge::new(48.5, &[rectangle(48.0, 36.5, 49.0, 39.0)]);
    let held = [rectangle(45.0, 38.0, 52.0, 41.0)];
    for age in [5, 12, 21, 28] {
        knowledge.learn_control(today().plus(-age), &held).unwrap();
    }
    for age in 4..30 {
        let place = at((48.4, 37.4 + 0.01 * f64::from(age)));
        knowledge.learn_event(place, today().plus(-age)).unwrap();
    }
    for age in 300..800 {
        let place = at((48.5, 37.5 + 0.0005 * f64::from(age % 100)));
        knowledge
            .learn_background(place, today().plus(-age))
            .unwrap();
    }
    knowledge
}

fn measured(knowledge: &Knowledge, term: TermName) -> Option<f64> {
    let features = knowledge.measure(today(), at(PLACE), ALONE);
    let index = TERMS.iter().position(|other| *other == term).unwrap();
    features[index]
}

#[test]
fn the_future_changes_nothing() {
    let past = knowledge();
    let mut future = past.clone();
    for days in (1 - EVENT_AGE_DAYS_MIN)..60 {
        future.learn_event(at(PLACE), today().plus(days)).unwrap();
    }
    let held = [rectangle(45.0, 37.0, 52.0, 41.0)];
    future.learn_control(today().plus(1), &held).unwrap();
    for days in 0..90 {
        future
            .learn_background(at(PLACE), today().plus(days))
            .unwrap();
    }
    let anomalies = [at(PLACE), at((48.505, 37.505)), at((47.0, 35.0))];
    assert_eq!(
        past.look(today(), &anomalies),
        future.look(today(), &anomalies)
    );
    // The same facts a day earlier are no future any more.
    future
        .learn_event(at(PLACE), today().plus(-EVENT_AGE_DAYS_MIN))
        .unwrap();
    future.learn_control(today(), &held).unwrap();
    assert_ne!(
        past.look(today(), &anomalies),
        future.look(today(), &anomalies)
    );
}

#[test]
fn events_count_by_age_and_distance() {
    let with = |age: i32, place: (f64, f64)| {
        let mut knowledge = Knowledge::new(48.5, &[]);
        knowledge
            .learn_event(at(place), today().plus(-age))
            .unwrap();
        measured(&knowledge, TermName::Events5Km).unwrap()
    };
    let none = measured(&Knowledge::new(48.5, &[]), TermName::Events5Km).unwrap();
    assert_eq!(with(3, PLACE), none);
    assert_eq!(with(241, PLACE), none);
    assert_eq!(with(4, (48.7, 37.5)), none);
    let near = [with(4, PLACE), with(14, PLACE), with(24, PLACE), none];
    assert!(near.is_sorted_by(|a, b| a > b), "{near:?}");
    let far = [
        with(4, PLACE),
        with(4, (48.545, 37.5)),
        with(4, (48.57, 37.5)),
        none,
    ];
    assert!(far.is_sorted_by(|a, b| a > b), "{far:?}");
}

#[test]
fn the_same_event_counts_once() {
    let mut knowledge = knowledge();
    knowledge.learn_event(at(PLACE), today().plus(-6)).unwrap();
    let once = knowledge.look(today(), &[at(PLACE)]);
    knowledge.learn_event(at(PLACE), today().plus(-6)).unwrap();
    assert_eq!(knowledge.look(today(), &[at(PLACE)]), once);
}

#[test]
fn what_is_unknown_says_nothing() {
    let empty = Knowledge::new(48.5, &[]);
    for term in [TermName::Held, TermName::LineNearer, TermName::Season] {
        assert_eq!(measured(&empty, term), None, "{term:?}");
    }
    let features = empty.measure(today(), at(PLACE), ALONE);
    let score = Parameters::parse(SHIPPED).unwrap().score(&features);
    let silent = score
        .terms
        .iter()
        .filter(|term| term.log_odds.is_none())
        .count();
    assert_eq!(
        silent,
        features.iter().filter(|feature| feature.is_none()).count()
    );
    assert!(score.probability() > 0.0 && score.probability() < 1.0);
}

#[test]
fn the_line_is_measured_with_its_side_and_its_way() {
    let mut knowledge = knowledge();
    let line = |knowledge: &Knowledge| {
        let held = measured(knowledge, TermName::Held).unwrap();
        (held, measured(knowledge, TermName::LineNearer).unwrap())
    };
    assert_eq!(line(&knowledge), (0.0, 0.0));
    let held = [rectangle(45.0, 37.4, 52.0, 41.0)];
    knowledge.learn_control(today(), &held).unwrap();
    let (held, nearer) = line(&knowledge);
    // 36.9 km three weeks ago, 7.4 km now; each as true as half a cell.
    assert!((nearer - libm::log(37.9 / 8.4)).abs() < 0.2, "{nearer}");
    assert_eq!(held, 1.0);
}

#[test]
fn lasting_heat_and_seasons_are_counted_a_year() {
    let mut knowledge = Knowledge::new(48.5, &[]);
    knowledge
        .learn_background(at((45.0, 30.0)), today().plus(-731))
        .unwrap();
    // Two years of a flare that burns on every tenth day.
    for age in (1..731).step_by(10) {
        knowledge
            .learn_background(at(PLACE), today().plus(-age))
            .unwrap();
    }
    let count = |term| libm::expm1(measured(&knowledge, term).unwrap());
    assert!((count(TermName::Lasting) - 36.5).abs() < 0.5);
    assert!((count(TermName::Season) - 4.0).abs() < 1.1);
    assert!((count(TermName::Year) - 4.0).abs() < 0.1);
}

#[test]
fn fires_of_quiet_places_are_counted_all_over_the_region() {
    let mut knowledge = Knowledge::new(48.5, &[]);
    let anomalies = [
        at(PLACE),
        at((48.5, 33.0)),
        at((48.5, 38.1)),
        at((48.5, 31.5)),
    ];
    let quiet = |knowledge: &Knowledge| {
        let index = TERMS.iter().position(|term| *term == TermName::QuietDay);
        let first = &knowledge.look(today(), &anomalies)[0];
        libm::expm1(first.features[index.unwrap()].unwrap()).round()
    };
    // The last is farther than 400 km from the first.
    assert_eq!(quiet(&knowledge), 3.0);
    // Within 30 km of the first alone; too young, too old, and then of an age that counts.
    for (age, expected) in [(3, 3.0), (61, 3.0), (60, 2.0), (4, 2.0)] {
        knowledge
            .learn_event(at((48.5, 37.2)), today().plus(-age))
            .unwrap();
        assert_eq!(quiet(&knowledge), expected, "{age} days");
    }
}

#[test]
fn events_are_forgotten_at_the_pace_of_their_term() {
    let with = |age: i32, term| {
        let mut knowledge = Knowledge::new(48.5, &[]);
        knowledge
            .learn_event(at(PLACE), today().plus(-age))
            .unwrap();
        libm::exp(measured(&knowledge, term).unwrap()) - 0.02
    };
    for (term, days) in [
        (TermName::Events2Km, 10),
        (TermName::Events5Km, 10),
        (TermName::Events10Km, 60),
        (TermName::Events40Km, 3),
    ] {
        let faded = with(EVENT_AGE_DAYS_MIN + days, term) / with(EVENT_AGE_DAYS_MIN, term);
        assert!((faded - libm::exp(-1.0)).abs() < 1e-9, "{term:?}: {faded}");
    }
}

#[test]
fn shipped_weights_point_the_right_way() {
    let parameters = Parameters::parse(SHIPPED).unwrap();
    let mut quiet = knowledge();
    let p = |knowledge: &Knowledge| {
        let features = knowledge.measure(today(), at(PLACE), ALONE);
        parameters.score(&features).probability()
    };
    let before = p(&quiet);
    for age in 4..20 {
        quiet.learn_event(at(PLACE), today().plus(-age)).unwrap();
    }
    assert!(p(&quiet) > 2.0 * before, "{before} {}", p(&quiet));
    assert_eq!(Parameters::parse(&parameters.to_toml()), Ok(parameters));
}

#[test]
fn broken_parameters_say_what_is_wrong() {
    let check = |text: &str, part: &str| match Parameters::parse(text) {
        Err(Error::Parameters(message)) => {
            assert!(message.contains(part), "{message} should say {part}");
        }
        other => panic!("{part}: {other:?}"),
    };
    check("", "missing field `version`");
    check(
        &SHIPPED.replace("version = 2", "version = 1"),
        "version 1 found, version 2 wanted",
    );
    check(
        &SHIPPED.replace("held =", "holding ="),
        "term `held` is missing",
    );
    check(
        &format!("{SHIPPED}\nmoon = {{ weight = 1.0, mean = 0.0 }}\n"),
        "`moon` is unknown",
    );
    check(
        &SHIPPED.replace("intercept", "intercepts"),
        "unknown field `intercepts`",
    );
    check(&SHIPPED.replace("weight = ", "weight = nan #"), "");
}

#[test]
fn parameters_are_finite() {
    let mut lines: Vec<String> = SHIPPED.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if line.starts_with("intercept") {
            *line = "intercept = inf".to_owned();
        }
    }
    let error = Parameters::parse(&lines.join("\n")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "thermal parameters: every number must be finite"
    );
}

#[test]
fn too_many_maps_are_refused() {
    let mut knowledge = Knowledge::new(48.5, &[]);
    let mut refused = None;
    for days in 0..500 {
        refused = refused.or(knowledge.learn_control(today().plus(days), &[]).err());
    }
    assert_eq!(
        refused.map(|error| error.to_string()).as_deref(),
        Some("more than 420 maps of control")
    );
}

/// Measures of some kind and whether they were confirmed.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let measure = prop::option::weighted(0.9, -4.0..4.0);
    let features = prop::array::uniform11(measure);
    let sample =
        (features, any::<bool>(), any::<bool>()).prop_map(|(features, near, far)| Sample {
            features,
            confirmed_5_km: near,
            confirmed_10_km: near || far,
        });
    prop::collection::vec(sample, 40..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_of_a_day_gives_the_same_measures(
        places in prop::collection::vec((48.3..48.7, 37.3..37.7), 1..40),
        turn in 0usize..40,
    ) {
        static KNOWN: std::sync::LazyLock<Knowledge> = std::sync::LazyLock::new(knowledge);
        let anomalies: Vec<Position> = places.into_iter().map(at).collect();
        let count = anomalies.len();
        let mut turned = anomalies.clone();
        turned.rotate_left(turn % count);
        let per_row = |anomalies: &[Position]| {
            let mut rows: Vec<Option<(usize, Features)>> = vec![None; anomalies.len()];
            for cluster in KNOWN.look(today(), anomalies) {
                for member in &cluster.members {
                    let row = (cluster.members.len(), cluster.features);
                    assert!(rows[*member].replace(row).is_none(), "a row lies in one cluster");
                }
            }
            rows
        };
        let (rows, mut back) = (per_row(&anomalies), per_row(&turned));
        back.rotate_right(turn % count);
        for (a, b) in rows.iter().zip(&back) {
            let ((size_a, a), (size_b, b)) = (a.unwrap(), b.unwrap());
            prop_assert_eq!(size_a, size_b);
            for (a, b) in a.iter().zip(&b) {
                // A mean of positions in another order differs in its last bits.
                prop_assert!((a.unwrap() - b.unwrap()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn terms_sum_to_the_log_odds(features in prop::array::uniform11(
        prop::option::weighted(0.8, -8.0..8.0)
    )) {
        let score = Parameters::parse(SHIPPED).unwrap().score(&features);
        let sum: f64 = score.terms.iter().filter_map(|term| term.log_odds).sum();
        prop_assert!((score.intercept + sum - score.log_odds()).abs() < 1e-12);
        let p = score.probability();
        prop_assert!((0.0..=1.0).contains(&p));
        prop_assert!((libm::log(p / (1.0 - p)) - score.log_odds()).abs() < 1e-6);
    }

    #[test]
    fn a_fit_is_calibrated_and_does_not_depend_on_the_order(mut samples in samples()) {
        let confirmed = samples.iter().filter(|sample| sample.confirmed_5_km).count();
        prop_assume!(confirmed > 5 && confirmed + 5 < samples.len());
        let fitted = fit(&samples, 48.5, "a", "b").unwrap();
        let sum: f64 = samples.iter().map(|s| fitted.score(&s.features).probability()).sum();
        let apart = (sum - confirmed as f64).abs();
        prop_assert!(apart < 1e-3 * samples.len() as f64, "{} {}", sum, confirmed);
        samples.reverse();
        let again = fit(&samples, 48.5, "a", "b").unwrap();
        for (key, weight) in &fitted.terms {
            prop_assert!((weight.weight - again.terms[key].weight).abs() < 1e-6);
        }
    }
}
