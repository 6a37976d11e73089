//! Offers that serve as a whole, or in one of several roles: a mixed-integer programme.
//!
//! One programme after another: the first need is served as well as it can be, then the second
//! without hurting the first, and so on. Solved by branch and bound over the simplex method
//! (`microlp`, pure Rust); quantities are whole numbers below 2^24, far inside what doubles hold.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, microlp, variable};

use super::{Problem, flow};

/// How much of each offer goes to each need: `given[offer][need]`.
pub(super) fn assign(problem: &Problem) -> Vec<Vec<u32>> {
    let mut floors: Vec<u32> = Vec::new();
    let mut best = vec![vec![0; problem.needs.len()]; problem.offers.len()];
    for need in 0..problem.needs.len() {
        let most = upper_bound(problem, need);
        if most > served(&best, problem, need)
            && let Some(found) = solve(problem, &floors, need)
        {
            best = found;
        }
        floors.push(served(&best, problem, need));
    }
    best
}

fn served(given: &[Vec<u32>], problem: &Problem, need: usize) -> u32 {
    let sum: u64 = given.iter().map(|row| u64::from(row[need])).sum();
    let wanted = problem.needs[need];
    u32::try_from(sum).map_or(wanted, |sum| sum.min(wanted))
}

/// The most that a need could be served by everything that may serve it.
fn upper_bound(problem: &Problem, need: usize) -> u32 {
    let sum: u64 = problem
        .offers
        .iter()
        .map(|offer| u64::from(offer.gives[need]))
        .sum();
    u32::try_from(sum).map_or(problem.needs[need], |sum| sum.min(problem.needs[need]))
}

/// The programme that serves a need as well as possible and those before it no worse than so far.
/// `None` when the solver gives up, and the assignment found so far stays.
fn solve(problem: &Problem, floors: &[u32], need: usize) -> Option<Vec<Vec<u32>>> {
    let mut variables = ProblemVariables::new();
    let (offers, needs) = (&problem.offers, &problem.needs);
    let placed: Vec<Vec<Option<Variable>>> = offers
        .iter()
        .map(|offer| {
            let place = |gives: &u32| {
                (*gives > 0).then(|| match offer.whole {
                    true => variables.add(variable().binary()),
                    false => variables.add(variable().min(0).max(f64::from(*gives))),
                })
            };
            offer.gives.iter().map(place).collect()
        })
        .collect();
    let met = variables.add(variable().min(0).max(f64::from(needs[need])));
    let amount = |i: usize, j: usize| -> Option<Expression> {
        let gives = if offers[i].whole {
            offers[i].gives[j]
        } else {
            1
        };
        placed[i][j].map(|placed| f64::from(gives) * placed)
    };
    let given = |j: usize| -> Expression { (0..offers.len()).filter_map(|i| amount(i, j)).sum() };
    let mut model = variables.maximise(met).using(microlp);
    model = model.with(given(need).geq(met));
    for (j, floor) in floors.iter().enumerate() {
        model = model.with(given(j).geq(f64::from(*floor)));
    }
    for (offer, places) in offers.iter().zip(&placed) {
        let total: Expression = places.iter().flatten().map(|v| Expression::from(*v)).sum();
        let most = if offer.whole { 1 } else { offer.most() };
        model = model.with(total.leq(f64::from(most)));
    }
    let solution = model.solve().ok()?;
    let wholes: Vec<Vec<bool>> = placed
        .iter()
        .map(|row| {
            let chosen = |v: &Option<Variable>| v.is_some_and(|v| solution.value(v) > 0.5);
            row.iter().map(chosen).collect()
        })
        .collect();
    Some(settle(problem, &wholes))
}

/// With the whole offers in their places the rest is a flow, which gives whole numbers.
fn settle(problem: &Problem, wholes: &[Vec<bool>]) -> Vec<Vec<u32>> {
    let mut rest = problem.clone();
    let mut given = vec![vec![0; problem.needs.len()]; problem.offers.len()];
    for (i, offer) in problem
        .offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| offer.whole)
    {
        rest.offers[i].gives.fill(0);
        for (j, chosen) in wholes[i].iter().enumerate() {
            if *chosen {
                given[i][j] = offer.gives[j];
                rest.needs[j] = rest.needs[j].saturating_sub(offer.gives[j]);
            }
        }
    }
    for (row, parts) in given.iter_mut().zip(flow::assign(&rest)) {
        for (given, part) in row.iter_mut().zip(parts) {
            *given += part;
        }
    }
    given
}
