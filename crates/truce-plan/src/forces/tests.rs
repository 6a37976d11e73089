//! Assignments against every placing of whole units, minimum cuts, and certificates checked by hand.

use proptest::prelude::*;

use super::*;

fn divisible(quantity: u32, serves: &[bool]) -> Offer {
    Offer {
        whole: false,
        gives: serves
            .iter()
            .map(|s| if *s { quantity } else { 0 })
            .collect(),
    }
}

/// Serves a problem and checks that nothing is given that is not there.
fn served_all(problem: &Problem) -> Vec<u32> {
    let assignment = assign(problem);
    for (offer, row) in problem.offers.iter().zip(&assignment.given) {
        let places = row.iter().filter(|given| **given > 0).count();
        if offer.whole {
            assert!(places <= 1 && row.iter().zip(&offer.gives).all(|(g, o)| *g == 0 || g == o));
        } else {
            assert!(row.iter().sum::<u32>() <= offer.most());
            assert!(
                row.iter()
                    .zip(&offer.gives)
                    .all(|(given, gives)| given <= gives)
            );
        }
    }
    assignment.served
}

#[test]
fn what_serves_one_need_moves_to_make_room_for_another() {
    let serves = [[true, true], [true, false]];
    let problem = |first: u32, second: u32| Problem {
        offers: vec![divisible(first, &serves[0]), divisible(second, &serves[1])],
        needs: vec![5, 5],
    };
    assert_eq!(served_all(&problem(5, 5)), [5, 5]);
    assert_eq!(served_all(&problem(6, 0)), [5, 1]);
}

#[test]
fn a_whole_unit_serves_one_need_in_one_role() {
    let unit = |gives: &[u32]| Offer {
        whole: true,
        gives: gives.to_vec(),
    };
    for (offers, needs, expected) in [
        (vec![unit(&[4, 4])], vec![2, 2], [2, 0]),
        (vec![unit(&[3, 2]), unit(&[3, 0])], vec![3, 2], [3, 2]),
        // The second unit alone fits the first need best, and the first is free for the second.
        (vec![unit(&[2, 5]), unit(&[4, 0])], vec![4, 5], [4, 5]),
        (
            vec![unit(&[2, 5]), divisible(3, &[true, true])],
            vec![3, 5],
            [3, 5],
        ),
    ] {
        let problem = Problem { offers, needs };
        assert_eq!(served_all(&problem), expected, "{problem:?}");
    }
}

/// The most that a set of needs can be served together: the least cut over all subsets of needs
/// left unserved (max-flow min-cut; Gale 1957).
fn most(problem: &Problem, set: &[usize]) -> u32 {
    let cut = |chosen: u32| {
        let left_out = |k: usize| chosen & (1 << k) == 0;
        let unserved = (0..set.len())
            .filter(|k| left_out(*k))
            .map(|k| problem.needs[set[k]]);
        let touches =
            |offer: &&Offer| (0..set.len()).any(|k| !left_out(k) && offer.gives[set[k]] > 0);
        let offers = problem.offers.iter().filter(touches);
        unserved.sum::<u32>() + offers.map(Offer::most).sum::<u32>()
    };
    (0..1u32 << set.len()).map(cut).min().unwrap_or(0)
}

/// The best over every placing of the whole offers: by hand, without a programme.
fn best_by_placings(problem: &Problem) -> Vec<u32> {
    let wholes: Vec<usize> = (0..problem.offers.len())
        .filter(|i| problem.offers[*i].whole)
        .collect();
    let places = problem.needs.len() + 1;
    let mut best = Vec::new();
    for code in 0..places.pow(u32::try_from(wholes.len()).unwrap()) {
        let mut rest = problem.clone();
        let mut served = vec![0; problem.needs.len()];
        for (k, i) in wholes.iter().enumerate() {
            let place = code / places.pow(u32::try_from(k).unwrap()) % places;
            if place < problem.needs.len() {
                let gives = problem.offers[*i].gives[place].min(rest.needs[place]);
                rest.needs[place] -= gives;
                served[place] += gives;
            }
            rest.offers[*i].gives.fill(0);
        }
        for row in flow::assign(&rest) {
            for (served, given) in served.iter_mut().zip(row) {
                *served += given;
            }
        }
        best = best.max(served);
    }
    best
}

fn problems(whole: bool) -> impl Strategy<Value = Problem> {
    (1usize..6, 1usize..5).prop_flat_map(move |(offers, needs)| {
        let row = (
            any::<bool>(),
            0u32..20,
            proptest::collection::vec((any::<bool>(), 0u32..9), needs),
        );
        (
            proptest::collection::vec(0u32..20, needs),
            proptest::collection::vec(row, offers),
        )
            .prop_map(move |(needs, rows)| {
                let offer = |(is_whole, quantity, cells): (bool, u32, Vec<(bool, u32)>)| {
                    let is_whole = is_whole && whole;
                    let gives = |(serves, own): (bool, u32)| match (serves, is_whole) {
                        (false, _) => 0,
                        (true, true) => own,
                        (true, false) => quantity,
                    };
                    Offer {
                        whole: is_whole,
                        gives: cells.into_iter().map(gives).collect(),
                    }
                };
                Problem {
                    offers: rows.into_iter().map(offer).collect(),
                    needs,
                }
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_need_is_served_as_well_as_those_before_it_allow(problem in problems(false)) {
        let served = served_all(&problem);
        for last in 0..problem.needs.len() {
            let set: Vec<usize> = (0..=last).collect();
            let together: u32 = served[..=last].iter().sum();
            prop_assert_eq!(together, most(&problem, &set), "{:?}", problem);
        }
    }

    #[test]
    fn whole_offers_are_placed_as_well_as_any_placing(problem in problems(true)) {
        prop_assert_eq!(served_all(&problem), best_by_placings(&problem), "{:?}", problem);
    }

    #[test]
    fn more_offers_hurt_no_need(problem in problems(false), offer in 0usize..6, more in 0u32..9) {
        let before = served_all(&problem);
        let mut richer = problem;
        let n = richer.offers.len();
        for gives in richer.offers[offer % n].gives.iter_mut().filter(|gives| **gives > 0) {
            *gives += more;
        }
        let after = served_all(&richer);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after >= before, "{:?} {:?}", richer, after);
        }
    }

    /// A certificate can be checked without knowing how it was found.
    #[test]
    fn every_gap_has_a_cut_that_proves_it(problem in problems(false)) {
        let assignment = assign(&problem);
        for need in 0..problem.needs.len() {
            let lacking = problem.needs[need] - assignment.served[need];
            let Some(cut) = cut(&problem, &assignment, need) else {
                prop_assert_eq!(lacking, 0);
                continue;
            };
            prop_assert!(lacking > 0 && cut.needs.contains(&need) && cut.suffices);
            for (i, offer) in problem.offers.iter().enumerate() {
                let serves = cut.needs.iter().any(|need| offer.gives[*need] > 0);
                prop_assert_eq!(serves, cut.offers.contains(&i));
            }
            let short: u64 = cut.needs.iter()
                .map(|j| u64::from(problem.needs[*j] - assignment.served[*j])).sum();
            prop_assert_eq!(cut.wanted - cut.offered, short);
            prop_assert!(cut.needs.iter().all(|j| *j <= need));
        }
    }
}
