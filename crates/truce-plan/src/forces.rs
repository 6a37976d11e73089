//! Which pledge serves which requirement: a flow from what is offered to what is needed.
//!
//! Requirements are served in order of priority by augmenting paths (Ford and Fulkerson 1956). A
//! path may move what serves one requirement to another, but never takes away from one that was
//! served before. The result is exact for pledges that can be divided: no assignment serves the
//! first requirement better, none serves the second better without hurting the first, and so on.

use std::collections::VecDeque;

/// What may be assigned: quantities offered, quantities needed in order of priority, and whether
/// offer `i` may serve need `j`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// Quantity of each offer.
    pub offers: Vec<u32>,
    /// Quantity of each need, the first served first.
    pub needs: Vec<u32>,
    /// For each offer, the needs it may serve.
    pub serves: Vec<Vec<bool>>,
}

/// How much of each offer goes to each need: `assigned[offer][need]`.
#[must_use]
pub fn assign(problem: &Problem) -> Vec<Vec<u32>> {
    let mut assigned = vec![vec![0; problem.needs.len()]; problem.offers.len()];
    for need in 0..problem.needs.len() {
        while augment(problem, &mut assigned, need) {}
    }
    assigned
}

/// How much of a need is served.
#[must_use]
pub fn served(assigned: &[Vec<u32>], need: usize) -> u32 {
    assigned.iter().map(|row| row[need]).sum()
}

/// Serves a need by one more path of offers and needs; false when there is none.
fn augment(problem: &Problem, assigned: &mut [Vec<u32>], need: usize) -> bool {
    let lacking = problem.needs[need] - served(assigned, need);
    if lacking == 0 {
        return false;
    }
    let Some(path) = find_path(problem, assigned, need) else {
        return false;
    };
    // The path lists (offer, need that it is to serve), the last offer having something to spare.
    let mut amount = lacking;
    for (i, (offer, _)) in path.iter().enumerate() {
        let room = match path.get(i + 1) {
            Some((_, moved)) => assigned[*offer][*moved],
            None => spare(problem, assigned, *offer),
        };
        amount = amount.min(room);
    }
    for (i, (offer, to)) in path.iter().enumerate() {
        assigned[*offer][*to] += amount;
        if let Some((_, moved)) = path.get(i + 1) {
            assigned[*offer][*moved] -= amount;
        }
    }
    true
}

fn spare(problem: &Problem, assigned: &[Vec<u32>], offer: usize) -> u32 {
    problem.offers[offer] - assigned[offer].iter().sum::<u32>()
}

/// The shortest path from a need to an offer with something to spare.
fn find_path(problem: &Problem, assigned: &[Vec<u32>], need: usize) -> Option<Vec<(usize, usize)>> {
    let mut reached_for: Vec<Option<usize>> = vec![None; problem.offers.len()];
    let mut given_up_by: Vec<Option<usize>> = vec![None; problem.needs.len()];
    let mut queue = VecDeque::from([need]);
    while let Some(wanting) = queue.pop_front() {
        for offer in 0..problem.offers.len() {
            if reached_for[offer].is_some() || !problem.serves[offer][wanting] {
                continue;
            }
            reached_for[offer] = Some(wanting);
            if spare(problem, assigned, offer) > 0 {
                return Some(trace(offer, &reached_for, &given_up_by, need));
            }
            for other in 0..problem.needs.len() {
                let seen = other == need || given_up_by[other].is_some();
                if !seen && assigned[offer][other] > 0 {
                    given_up_by[other] = Some(offer);
                    queue.push_back(other);
                }
            }
        }
    }
    None
}

fn trace(
    last: usize,
    reached_for: &[Option<usize>],
    given_up_by: &[Option<usize>],
    need: usize,
) -> Vec<(usize, usize)> {
    let mut path = Vec::new();
    let mut offer = Some(last);
    while let Some(at) = offer {
        let wanting = reached_for[at].unwrap_or(need);
        path.push((at, wanting));
        offer = given_up_by[wanting].filter(|_| wanting != need);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn served_all(problem: &Problem) -> Vec<u32> {
        let assigned = assign(problem);
        for (offer, row) in assigned.iter().enumerate() {
            assert!(row.iter().sum::<u32>() <= problem.offers[offer]);
            for (need, quantity) in row.iter().enumerate() {
                assert!(*quantity == 0 || problem.serves[offer][need]);
            }
        }
        (0..problem.needs.len())
            .map(|need| served(&assigned, need))
            .collect()
    }

    #[test]
    fn what_serves_one_need_moves_to_make_room_for_another() {
        let problem = Problem {
            offers: vec![5, 5],
            needs: vec![5, 5],
            serves: vec![vec![true, true], vec![true, false]],
        };
        assert_eq!(served_all(&problem), [5, 5]);
        let scarce = Problem {
            offers: vec![6, 0],
            ..problem
        };
        assert_eq!(served_all(&scarce), [5, 1]);
    }

    /// The most that a set of needs can be served together: the least cut over all subsets of needs
    /// left unserved (max-flow min-cut; Gale 1957).
    fn most(problem: &Problem, set: &[usize]) -> u32 {
        let cut = |chosen: u32| {
            let left_out = |k: usize| chosen & (1 << k) == 0;
            let unserved: u32 = (0..set.len())
                .filter(|k| left_out(*k))
                .map(|k| problem.needs[set[k]])
                .sum();
            let touches = |offer: &usize| {
                (0..set.len()).any(|k| !left_out(k) && problem.serves[*offer][set[k]])
            };
            let offers = (0..problem.offers.len()).filter(touches);
            unserved + offers.map(|offer| problem.offers[offer]).sum::<u32>()
        };
        (0..1u32 << set.len()).map(cut).min().unwrap_or(0)
    }

    fn problems() -> impl Strategy<Value = Problem> {
        (1usize..6, 1usize..6).prop_flat_map(|(offers, needs)| {
            (
                proptest::collection::vec(0u32..20, offers),
                proptest::collection::vec(0u32..20, needs),
                proptest::collection::vec(proptest::collection::vec(any::<bool>(), needs), offers),
            )
                .prop_map(|(offers, needs, serves)| Problem {
                    offers,
                    needs,
                    serves,
                })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_need_is_served_as_well_as_those_before_it_allow(problem in problems()) {
            let served = served_all(&problem);
            for last in 0..problem.needs.len() {
                let set: Vec<usize> = (0..=last).collect();
                let together: u32 = served[..=last].iter().sum();
                prop_assert_eq!(together, most(&problem, &set), "{:?}", problem);
            }
        }

        #[test]
        fn more_offers_hurt_no_need(problem in problems(), offer in 0usize..6, more in 0u32..9) {
            let before = served_all(&problem);
            let mut richer = problem;
            let n = richer.offers.len();
            richer.offers[offer % n] += more;
            let after = served_all(&richer);
            for (before, after) in before.iter().zip(&after) {
                prop_assert!(after >= before, "{:?} {:?}", richer, after);
            }
        }
    }
}
