//! Offers that can be divided: a flow from what is offered to what is needed.
//!
//! Needs are served in order by augmenting paths (Ford and Fulkerson 1956). A path may move what
//! serves one need to another, but never takes away from one that was served before.

use std::collections::VecDeque;

use super::Problem;

/// How much of each offer goes to each need: `assigned[offer][need]`.
pub(super) fn assign(problem: &Problem) -> Vec<Vec<u32>> {
    let mut assigned = vec![vec![0; problem.needs.len()]; problem.offers.len()];
    for need in 0..problem.needs.len() {
        while augment(problem, &mut assigned, need) {}
    }
    assigned
}

fn served(assigned: &[Vec<u32>], need: usize) -> u32 {
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
    problem.offers[offer].most() - assigned[offer].iter().sum::<u32>()
}

/// The shortest path from a need to an offer with something to spare.
fn find_path(problem: &Problem, assigned: &[Vec<u32>], need: usize) -> Option<Vec<(usize, usize)>> {
    let mut reached_for: Vec<Option<usize>> = vec![None; problem.offers.len()];
    let mut given_up_by: Vec<Option<usize>> = vec![None; problem.needs.len()];
    let mut queue = VecDeque::from([need]);
    while let Some(wanting) = queue.pop_front() {
        for offer in 0..problem.offers.len() {
            if reached_for[offer].is_some() || problem.offers[offer].gives[wanting] == 0 {
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
