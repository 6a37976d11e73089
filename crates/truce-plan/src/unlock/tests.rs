//! A game of random pledges and exclusions against asking every consistent set of conditions with
//! the whole computation.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use truce_core::Slug;

use super::*;
use crate::assess::assess;
use crate::coalition::{Capability, Condition, Contribution, Exclusion, Pledge, Requirement};
use crate::mandate::{BasisKind, Layer, LegalBasis, Mandate, Permit, Territory};
use crate::truth::Expression;
use crate::watch::Watch;

const CONDITIONS: usize = 7;

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a name")
}

fn condition_id(i: usize) -> Slug {
    slug(&format!("c{i}"))
}

fn expression(terms: &[u8]) -> Expression {
    let term = |bits: &u8| {
        let named = (0..CONDITIONS).filter(|i| bits >> i & 1 == 1);
        Expression::All(named.map(|i| Expression::Is(condition_id(i))).collect())
    };
    Expression::Any(terms.iter().map(term).collect())
}

fn requirement(i: usize, quantity: u32) -> Requirement {
    Requirement {
        id: slug(&format!("r{i}")),
        title: String::new(),
        layer: slug("layer"),
        territory: slug("land"),
        place: slug(&format!("p{i}")),
        capability: Capability::Land,
        quantity,
        priority: 1,
        impartial_only: false,
        tasks: Vec::new(),
        notice_days_max: None,
        from: None,
        until: None,
        illustrative: true,
        basis: String::new(),
    }
}

fn contribution(i: usize, (quantity, terms, place): (u32, Vec<u8>, u8)) -> Contribution {
    let places = if place < 2 {
        vec![slug(&format!("p{place}"))]
    } else {
        Vec::new()
    };
    Contribution {
        id: slug(&format!("o{i}")),
        title: String::new(),
        contributor: slug("who"),
        capability: Capability::Land,
        quantity: Some(quantity),
        divisible: true,
        impartial: false,
        layers: Vec::new(),
        places,
        tasks: Vec::new(),
        layers_denied: Vec::new(),
        places_denied: Vec::new(),
        tasks_denied: Vec::new(),
        territories_denied: Vec::new(),
        roles: Vec::new(),
        status: Pledge::Conditional,
        when: expression(&terms),
        ready: None,
        sustain_days: None,
        rotation: None,
        readiness: None,
        notice_days: None,
        cost_million_eur_per_year: None,
        illustrative: true,
        positions: Vec::new(),
        basis: String::new(),
    }
}

fn mandate(law: &[u8]) -> Mandate {
    Mandate {
        layers: vec![Layer {
            id: slug("layer"),
            title: String::new(),
            territories: vec![slug("land")],
        }],
        territories: vec![Territory {
            id: slug("land"),
            title: String::new(),
            held_by: None,
            consents: Vec::new(),
        }],
        councils: Vec::new(),
        votes: Vec::new(),
        bases: vec![LegalBasis {
            id: slug("law"),
            title: String::new(),
            kind: BasisKind::GeneralLaw,
            vote: None,
            given_by: None,
            needs: expression(law),
            expires: None,
            permits: vec![Permit {
                layers: vec![slug("layer")],
                territories: vec![slug("land")],
                capabilities: Vec::new(),
            }],
            illustrative: true,
            source: String::new(),
        }],
    }
}

fn coalition(offers: Vec<(u32, Vec<u8>, u8)>, pairs: &[(usize, usize)]) -> Coalition {
    let condition = |i: usize| Condition {
        id: condition_id(i),
        title: String::new(),
        state: Truth::Unknown,
        as_of: String::new(),
        evidence: String::new(),
        decided_by_vote: None,
        illustrative: true,
    };
    let exclusion = |(i, (a, b)): (usize, &(usize, usize))| Exclusion {
        id: slug(&format!("e{i}")),
        conditions: vec![condition_id(*a), condition_id(*b)],
        text: String::new(),
    };
    Coalition {
        places: Vec::new(),
        sites: Vec::new(),
        courses: Vec::new(),
        conditions: (0..CONDITIONS).map(condition).collect(),
        exclusions: pairs
            .iter()
            .filter(|(a, b)| a != b)
            .enumerate()
            .map(exclusion)
            .collect(),
        requirements: vec![requirement(0, 10), requirement(1, 6)],
        contributions: offers
            .into_iter()
            .enumerate()
            .map(|(i, o)| contribution(i, o))
            .collect(),
        positions: Vec::new(),
        figures: Vec::new(),
        watch: Watch::default(),
    }
}

/// How much is met when exactly these conditions hold, by the whole computation.
fn met(coalition: &Coalition, mandate: &Mandate, set: usize) -> Vec<u32> {
    let states = (0..CONDITIONS).map(|i| (condition_id(i), Truth::from(set >> i & 1 == 1)));
    let assumptions = Assumptions {
        conditions: states.collect::<BTreeMap<_, _>>(),
        ..Assumptions::default()
    };
    let plan = assess(coalition, mandate, &assumptions);
    plan.requirements.iter().map(|line| line.met).collect()
}

/// The minimal consistent sets that reach what the world's whole set reaches.
fn by_hand(coalition: &Coalition, mandate: &Mandate, ruled_out: &[Slug]) -> BTreeSet<Vec<Slug>> {
    let free = |set: &usize| {
        (0..CONDITIONS).all(|i| set >> i & 1 == 0 || !ruled_out.contains(&condition_id(i)))
    };
    let sets: Vec<usize> = (0..1 << CONDITIONS).filter(free).collect();
    let results: BTreeMap<usize, Vec<u32>> = sets
        .iter()
        .map(|set| (*set, met(coalition, mandate, *set)))
        .collect();
    let best = results
        .get(sets.last().expect("the empty set is free"))
        .expect("computed");
    let reaches = |set: usize| results.get(&set).is_some_and(|met| met == best);
    let minimal = |set: &&usize| {
        reaches(**set) && (0..CONDITIONS).all(|i| **set >> i & 1 == 0 || !reaches(**set ^ 1 << i))
    };
    let names = |set: &usize| {
        (0..CONDITIONS)
            .filter(|i| set >> i & 1 == 1)
            .map(condition_id)
            .collect()
    };
    sets.iter().filter(minimal).map(names).collect()
}

/// What a condition adds on average, by Shapley's sum over all sets without it.
fn worth_by_hand(coalition: &Coalition, mandate: &Mandate, free: &[usize], key: usize) -> f64 {
    let sum = |set: usize| met(coalition, mandate, set).iter().sum::<u32>();
    let others: Vec<usize> = free.iter().copied().filter(|i| *i != key).collect();
    let mut worth = 0.0;
    for chosen in 0..1usize << others.len() {
        let members = (0..others.len()).filter(|i| chosen >> i & 1 == 1);
        let set = members.fold(0, |set, i| set | 1 << others[i]);
        let (n, s) = (free.len(), chosen.count_ones() as usize);
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let weight = factorial(s) * factorial(n - s - 1) / factorial(n);
        worth += weight * f64::from(sum(set | 1 << key) - sum(set));
    }
    worth / 16.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_world_gives_the_sets_that_asking_every_one_gives(
        offers in proptest::collection::vec(
            (1u32..9, proptest::collection::vec(any::<u8>(), 1..3), 0u8..4), 1..6),
        law in proptest::collection::vec(any::<u8>(), 1..3),
        pairs in proptest::collection::vec((0..CONDITIONS, 0..CONDITIONS), 0..3),
    ) {
        let (coalition, mandate) = (coalition(offers, &pairs), mandate(&law));
        let goal = [slug("r0"), slug("r1")];
        let answer = unlock(&coalition, &mandate, &Assumptions::default(), &goal);
        prop_assert!(answer.worlds_complete);
        for world in &answer.worlds {
            let names = |set: &Vec<Key>| {
                let mut names: Vec<Slug> = set.iter().map(|key| key.id().clone()).collect();
                names.sort();
                names
            };
            let found: BTreeSet<Vec<Slug>> = world.opening.sets.iter().map(names).collect();
            prop_assert_eq!(found, by_hand(&coalition, &mandate, &world.ruled_out));
            // What the keys are worth together is what they add together.
            let worth: f64 = world.opening.conditions.iter().map(|worth| worth.share).sum();
            let added = (world.reachable - world.met) as f64 / world.wanted as f64;
            prop_assert!((worth - added).abs() < 1e-9);
            let is_free = |i: &usize| !world.ruled_out.contains(&condition_id(*i));
            let free: Vec<usize> = (0..CONDITIONS).filter(is_free).collect();
            for worth in world.opening.conditions.iter().take(2) {
                let key = (0..CONDITIONS).find(|i| condition_id(*i) == *worth.key.id());
                let expected = worth_by_hand(&coalition, &mandate, &free, key.expect("a condition"));
                prop_assert!((worth.share - expected).abs() < 1e-9);
            }
            // No world holds both sides of an exclusion.
            for exclusion in &coalition.exclusions {
                let out = |id: &&Slug| world.ruled_out.contains(id);
                prop_assert!(exclusion.conditions.iter().any(|id| out(&id)));
            }
        }
    }
}
