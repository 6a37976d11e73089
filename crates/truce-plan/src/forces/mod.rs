//! Which pledge serves which requirement, and why what is lacking is lacking.
//!
//! Needs are served in order: no assignment serves the first better, none the second without
//! hurting the first, and so on. Offers that can be divided are a flow; offers that serve as a
//! whole, or in one of several roles, are a mixed-integer programme. The two never mix further than
//! they must: each group of offers and needs that hangs together is solved by itself.

mod flow;
mod whole;

use serde::{Deserialize, Serialize};

/// What may be assigned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// Offers.
    pub offers: Vec<Offer>,
    /// Quantity of each need, the first served first.
    pub needs: Vec<u32>,
}

/// An offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// True when it serves one need as a whole; otherwise its parts can serve several.
    pub whole: bool,
    /// What it can give to each need, 0 where it may not serve. An offer that can be divided gives
    /// the same to every need that it may serve.
    pub gives: Vec<u32>,
}

impl Offer {
    /// The most that it can give.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.gives.iter().copied().max().unwrap_or(0)
    }
}

/// An assignment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// How much of each offer goes to each need: `given[offer][need]`. What a whole offer gives may
    /// exceed what the need still lacked.
    pub given: Vec<Vec<u32>>,
    /// How much of each need is served.
    pub served: Vec<u32>,
}

/// Why a need is not served in full: these needs can be served by these offers only, and the offers
/// do not suffice. A minimum cut of the flow (Ford and Fulkerson 1956; Gale 1957).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The needs, by index.
    pub needs: Vec<usize>,
    /// All offers that may serve one of them, by index.
    pub offers: Vec<usize>,
    /// What the needs want together.
    pub wanted: u64,
    /// What the offers can give together.
    pub offered: u64,
    /// True when the cut by itself proves the gap. False when offers that cannot be divided leave a
    /// gap although they would suffice in parts; then the search over their placings proves it.
    pub suffices: bool,
}

/// Assigns offers to needs.
#[must_use]
pub fn assign(problem: &Problem) -> Assignment {
    let mut assignment = Assignment {
        given: vec![vec![0; problem.needs.len()]; problem.offers.len()],
        served: vec![0; problem.needs.len()],
    };
    for group in groups(problem) {
        let part = group.part_of(problem);
        let whole = part.offers.iter().any(|offer| offer.whole);
        let solved = if whole {
            whole::assign(&part)
        } else {
            flow::assign(&part)
        };
        for (row, offer) in solved.iter().zip(&group.offers) {
            for (given, need) in row.iter().zip(&group.needs) {
                assignment.given[*offer][*need] = *given;
            }
        }
    }
    for (need, served) in assignment.served.iter_mut().enumerate() {
        let given: u64 = assignment
            .given
            .iter()
            .map(|row| u64::from(row[need]))
            .sum();
        let wanted = problem.needs[need];
        *served = u32::try_from(given).map_or(wanted, |given| given.min(wanted));
    }
    assignment
}

/// The certificate of a gap; `None` when the need is served in full.
#[must_use]
pub fn cut(problem: &Problem, assignment: &Assignment, need: usize) -> Option<Cut> {
    if assignment.served[need] >= problem.needs[need] {
        return None;
    }
    let (mut needs, mut offers) = (vec![need], Vec::new());
    let mut next = 0;
    while next < needs.len() {
        let wanting = needs[next];
        next += 1;
        for (i, offer) in problem.offers.iter().enumerate() {
            if offer.gives[wanting] == 0 || offers.contains(&i) {
                continue;
            }
            offers.push(i);
            let given = &assignment.given[i];
            needs.extend(
                (0..given.len())
                    .filter(|j| given[*j] > 0 && !needs.contains(j))
                    .collect::<Vec<_>>(),
            );
        }
    }
    needs.sort_unstable();
    offers.sort_unstable();
    let sum = |numbers: &mut dyn Iterator<Item = u32>| numbers.map(u64::from).sum::<u64>();
    let wanted = sum(&mut needs.iter().map(|j| problem.needs[*j]));
    let offered = sum(&mut offers
        .iter()
        .map(|i| most_within(&problem.offers[*i], &needs)));
    let served = sum(&mut needs.iter().map(|j| assignment.served[*j]));
    Some(Cut {
        suffices: served == offered,
        needs,
        offers,
        wanted,
        offered,
    })
}

fn most_within(offer: &Offer, needs: &[usize]) -> u32 {
    needs
        .iter()
        .map(|need| offer.gives[*need])
        .max()
        .unwrap_or(0)
}

/// Offers and needs that hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Offers, by index.
    pub(crate) offers: Vec<usize>,
    /// Needs, by index.
    pub(crate) needs: Vec<usize>,
}

impl Group {
    fn part_of(&self, problem: &Problem) -> Problem {
        let offer = |i: &usize| Offer {
            whole: problem.offers[*i].whole,
            gives: self
                .needs
                .iter()
                .map(|j| problem.offers[*i].gives[*j])
                .collect(),
        };
        Problem {
            offers: self.offers.iter().map(offer).collect(),
            needs: self.needs.iter().map(|j| problem.needs[*j]).collect(),
        }
    }
}

/// The groups of needs that share offers, each need in one group, in order of their first need.
pub(crate) fn groups(problem: &Problem) -> Vec<Group> {
    let mut group_of: Vec<Option<usize>> = vec![None; problem.needs.len()];
    let mut groups = Vec::new();
    for first in 0..problem.needs.len() {
        if group_of[first].is_some() {
            continue;
        }
        let number = groups.len();
        group_of[first] = Some(number);
        let mut group = Group {
            offers: Vec::new(),
            needs: vec![first],
        };
        let mut next = 0;
        while next < group.needs.len() {
            let need = group.needs[next];
            next += 1;
            for (i, offer) in problem.offers.iter().enumerate() {
                if offer.gives[need] == 0 || group.offers.contains(&i) {
                    continue;
                }
                group.offers.push(i);
                for (other, gives) in offer.gives.iter().enumerate() {
                    if *gives > 0 && group_of[other].is_none() {
                        group_of[other] = Some(number);
                        group.needs.push(other);
                    }
                }
            }
        }
        group.needs.sort_unstable();
        group.offers.sort_unstable();
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests;
