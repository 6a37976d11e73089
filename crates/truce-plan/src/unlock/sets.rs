//! Minimal sets and blockers of a monotone yes-or-no question over up to 64 keys.
//!
//! Up to [`EXHAUSTIVE_MAX`] keys every subset is asked. Beyond, a hitting-set tree (Reiter 1987)
//! asks only as often as it must: every minimal set other than one that is known lacks one of its
//! keys, so leaving out each of them in turn leads to all others; where nothing is left that
//! answers yes, what was left out is a blocker.

use std::collections::{BTreeSet, VecDeque};

/// Most keys of which every subset is asked: 65,536 questions.
pub const EXHAUSTIVE_MAX: u32 = 16;
/// Most sets, and most blockers, that are listed.
pub const SETS_MAX: usize = 100;
/// Most branches of the tree that are looked at.
const BRANCHES_MAX: usize = 200_000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Minimal sets that answer yes, small ones first.
    pub sets: Vec<u64>,
    /// Minimal sets without any of which the answer is no, small ones first.
    pub blockers: Vec<u64>,
    /// True when there are no others.
    pub complete: bool,
}

/// All keys below `count`.
#[must_use]
pub fn all_of(count: u32) -> u64 {
    if count >= 64 {
        u64::MAX
    } else {
        (1 << count) - 1
    }
}

/// The single keys of a set, lowest first.
pub fn keys(mut set: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let key = (set != 0).then(|| set.trailing_zeros())?;
        set &= set - 1;
        Some(key)
    })
}

/// Minimal sets and blockers of `holds`, which must be monotone: a set that answers yes does so
/// with any more keys.
pub fn search(count: u32, holds: &mut dyn FnMut(u64) -> bool) -> Found {
    let mut found = if count <= EXHAUSTIVE_MAX {
        exhaust(count, holds)
    } else {
        branch(count, holds)
    };
    for list in [&mut found.sets, &mut found.blockers] {
        list.sort_unstable_by_key(|set| (set.count_ones(), *set));
        found.complete &= list.len() <= SETS_MAX;
        list.truncate(SETS_MAX);
    }
    found
}

fn exhaust(count: u32, holds: &mut dyn FnMut(u64) -> bool) -> Found {
    let all = all_of(count);
    let answers: Vec<bool> = (0..=all).map(holds).collect();
    let answer = |set: u64| usize::try_from(set).is_ok_and(|set| answers[set]);
    let is_minimal = |set: &u64| answer(*set) && keys(*set).all(|key| !answer(set ^ (1 << key)));
    let blocks = |set: u64| !answer(all ^ set);
    let is_blocker = |set: &u64| blocks(*set) && keys(*set).all(|key| !blocks(set ^ (1 << key)));
    Found {
        sets: (0..=all).filter(is_minimal).collect(),
        blockers: (0..=all).filter(is_blocker).collect(),
        complete: true,
    }
}

fn branch(count: u32, holds: &mut dyn FnMut(u64) -> bool) -> Found {
    let all = all_of(count);
    let mut found = Found {
        complete: true,
        ..Found::default()
    };
    let mut queue = VecDeque::from([0u64]);
    let mut seen = BTreeSet::from([0u64]);
    while let Some(left_out) = queue.pop_front() {
        if found
            .blockers
            .iter()
            .any(|blocker| blocker & left_out == *blocker)
        {
            continue;
        }
        let known = found.sets.iter().copied().find(|set| set & left_out == 0);
        let set = match known {
            Some(set) => set,
            None if holds(all ^ left_out) => {
                let set = shrink(all ^ left_out, holds);
                found.sets.push(set);
                set
            }
            None => {
                let blocker = shrink(left_out, &mut |kept| !holds(all ^ kept));
                found.blockers.push(blocker);
                continue;
            }
        };
        if found.sets.len() > SETS_MAX || seen.len() > BRANCHES_MAX {
            found.complete = false;
            break;
        }
        for key in keys(set) {
            let next = left_out | 1 << key;
            if seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    found
}

/// A minimal part of a set that still answers yes. The highest keys are tried first, so what comes
/// early in the order of keys stays.
fn shrink(mut set: u64, holds: &mut dyn FnMut(u64) -> bool) -> u64 {
    let candidates: Vec<u32> = keys(set).collect();
    for key in candidates.into_iter().rev() {
        let without = set & !(1 << key);
        if holds(without) {
            set = without;
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Yes when one of the terms is contained.
    fn any_of(terms: &[u64]) -> impl FnMut(u64) -> bool + '_ {
        move |set| terms.iter().any(|term| term & set == *term)
    }

    fn sorted(mut found: Found) -> Found {
        found.sets.sort_unstable();
        found.blockers.sort_unstable();
        found
    }

    #[test]
    fn edges_of_the_question() {
        for (terms, sets, blockers) in [
            (vec![], vec![], vec![0u64]),
            (vec![0], vec![0], vec![]),
            (vec![0b11, 0b100], vec![0b100, 0b11], vec![0b101, 0b110]),
        ] {
            let found = search(3, &mut any_of(&terms));
            assert_eq!((found.sets, found.blockers), (sets, blockers));
        }
    }

    #[test]
    fn forty_keys_give_a_hundred_sets() {
        // Two of each group of four, in ten groups: far more minimal sets than are listed.
        let mut asked = 0u32;
        let mut holds = |set: u64| {
            asked += 1;
            (0..10).all(|group| (set >> (4 * group) & 0xf).count_ones() >= 2)
        };
        let found = search(40, &mut holds);
        assert_eq!((found.sets.len(), found.complete), (SETS_MAX, false));
        assert!(found.sets.iter().all(|set| set.count_ones() == 20));
        assert!(asked < 10_000, "{asked}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_tree_finds_what_asking_every_subset_finds(
            terms in proptest::collection::vec(0u64..1 << 9, 0..12)
        ) {
            let by_tree = sorted(branch(9, &mut any_of(&terms)));
            let by_hand = sorted(exhaust(9, &mut any_of(&terms)));
            prop_assert_eq!(by_tree, by_hand);
        }
    }
}
