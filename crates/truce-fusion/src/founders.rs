//! Founders: which items of a growing set stand for themselves, and which belong to another.
//!
//! Items have a fixed order. An item is a *founder* when no earlier founder claims it; every other
//! item belongs to the earlier founder that claims it at the least cost. The founders are the
//! lexicographically first maximal independent set of the claims, so the result is a pure function
//! of the set. A late item is inserted by looking again only at the later items in its
//! neighbourhood, and from there only where a founder appeared or vanished.

use std::collections::{BTreeMap, BTreeSet};

use crate::grid::{Bounds, Grid};

/// Something that may claim others.
pub(crate) trait Item {
    /// The order; no two items of a set share a key.
    type Key: Ord + Copy + std::fmt::Debug;
    /// Its place in the order.
    fn key(&self) -> Self::Key;
    /// The space and time outside which it neither claims nor is claimed.
    fn bounds(&self) -> Bounds;
    /// False for items that may only belong to others.
    fn may_found(&self) -> bool;
    /// The cost at which it, as a founder, claims a later item; `None` when it does not.
    fn claim(&self, later: &Self) -> Option<f64>;
}

/// A set of items with its founders.
#[derive(Debug, Clone)]
pub(crate) struct Founders<T: Item> {
    items: Vec<T>,
    standing: Vec<Standing>,
    by_key: BTreeMap<T::Key, u32>,
    grid: Grid,
    members: BTreeMap<u32, BTreeSet<u32>>,
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It belongs to nobody and founds nothing.
    Alone,
    /// It is a founder.
    Founder,
    /// It belongs to a founder.
    Of(u32),
}

impl<T: Item> Founders<T> {
    pub(crate) fn new() -> Self {
        Self {
            items: Vec::new(),
            standing: Vec::new(),
            by_key: BTreeMap::new(),
            grid: Grid::default(),
            members: BTreeMap::new(),
        }
    }

    /// The number of items.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// An item.
    pub(crate) fn item(&self, index: u32) -> &T {
        &self.items[index as usize]
    }

    /// An item, to note on it what neither its order nor its claims depend on.
    pub(crate) fn item_mut(&mut self, index: u32) -> &mut T {
        &mut self.items[index as usize]
    }

    /// The item with a key.
    pub(crate) fn find(&self, key: &T::Key) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// How an item stands.
    pub(crate) fn standing(&self, index: u32) -> Standing {
        self.standing[index as usize]
    }

    /// All founders, in the order of their insertion.
    pub(crate) fn founders(&self) -> impl Iterator<Item = u32> + '_ {
        self.members.keys().copied()
    }

    /// The items that belong to a founder, without itself.
    pub(crate) fn members(&self, founder: u32) -> impl Iterator<Item = u32> + '_ {
        self.members.get(&founder).into_iter().flatten().copied()
    }

    /// Takes an item in and adds to `touched` every item that is or was a founder and whose
    /// membership changed. An item whose key is known already is left out.
    pub(crate) fn insert(&mut self, item: T, touched: &mut BTreeSet<u32>) -> Option<u32> {
        let key = item.key();
        if self.by_key.contains_key(&key) {
            return None;
        }
        let index = u32::try_from(self.items.len()).ok()?;
        self.grid.insert(index, &item.bounds());
        self.by_key.insert(key, index);
        self.items.push(item);
        self.standing.push(Standing::Alone);
        let mut queue = BTreeSet::from([(key, index)]);
        while let Some((_, index)) = queue.pop_first() {
            self.stand(index, &mut queue, touched);
        }
        Some(index)
    }

    /// Decides anew how an item stands, and queues the later items that this may change.
    fn stand(
        &mut self,
        index: u32,
        queue: &mut BTreeSet<(T::Key, u32)>,
        touched: &mut BTreeSet<u32>,
    ) {
        let item = &self.items[index as usize];
        let key = item.key();
        let mut best: Option<(f64, T::Key, u32)> = None;
        let mut later = Vec::new();
        self.grid.near(&item.bounds(), |other| {
            let near = &self.items[other as usize];
            let near_key = near.key();
            if near_key > key {
                later.push(other);
            }
            if near_key >= key || self.standing[other as usize] != Standing::Founder {
                return;
            }
            let Some(cost) = near.claim(item) else {
                return;
            };
            let better = |(least, holder, _): (f64, T::Key, u32)| {
                cost.total_cmp(&least).then(near_key.cmp(&holder)).is_lt()
            };
            if best.is_none_or(better) {
                best = Some((cost, near_key, other));
            }
        });
        let now = match best {
            Some((_, _, founder)) => Standing::Of(founder),
            None if item.may_found() => Standing::Founder,
            None => Standing::Alone,
        };
        let before = std::mem::replace(&mut self.standing[index as usize], now);
        if before == now {
            return;
        }
        if before == Standing::Founder || now == Standing::Founder {
            let claimed = later
                .iter()
                .filter(|other| item.claim(&self.items[**other as usize]).is_some());
            queue.extend(claimed.map(|other| (self.items[*other as usize].key(), *other)));
            touched.insert(index);
        }
        self.move_member(index, before, now, touched);
    }

    fn move_member(
        &mut self,
        index: u32,
        before: Standing,
        now: Standing,
        touched: &mut BTreeSet<u32>,
    ) {
        match before {
            Standing::Of(founder) => {
                // The founder may have stepped down before its members were looked at.
                if let Some(members) = self.members.get_mut(&founder) {
                    members.remove(&index);
                }
                touched.insert(founder);
            }
            Standing::Founder => {
                self.members.remove(&index);
            }
            Standing::Alone => {}
        }
        match now {
            Standing::Of(founder) => {
                self.members.entry(founder).or_default().insert(index);
                touched.insert(founder);
            }
            Standing::Founder => {
                self.members.entry(index).or_default();
            }
            Standing::Alone => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truce_core::{Position, Timestamp};

    use super::*;

    /// A point on a line that claims every later one within `reach`.
    #[derive(Debug, Clone, Copy)]
    struct Mark {
        key: u32,
        at: i64,
        reach: i64,
        founds: bool,
    }

    impl Item for Mark {
        type Key = u32;
        fn key(&self) -> u32 {
            self.key
        }
        fn bounds(&self) -> Bounds {
            let instant = |second| Timestamp::from_second(second).unwrap();
            Bounds {
                centre: Position::new(50.0, 30.0).unwrap(),
                reach_m: 1.0,
                start: instant(self.at - self.reach),
                end: instant(self.at + self.reach),
            }
        }
        fn may_found(&self) -> bool {
            self.founds
        }
        fn claim(&self, later: &Self) -> Option<f64> {
            let distance = (self.at - later.at).abs();
            (distance <= self.reach).then_some(distance as f64)
        }
    }

    /// What the definition says, item by item in order.
    fn by_definition(marks: &[Mark]) -> BTreeMap<u32, Option<u32>> {
        let mut sorted = marks.to_vec();
        sorted.sort_by_key(|mark| mark.key);
        let mut founders: Vec<Mark> = Vec::new();
        let mut owners = BTreeMap::new();
        for mark in sorted {
            let claims = founders
                .iter()
                .filter_map(|f| Some((f.claim(&mark)?, f.key)));
            let best = claims.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if best.is_none() && mark.founds {
                founders.push(mark);
            }
            let alone = if mark.founds { Some(mark.key) } else { None };
            owners.insert(mark.key, best.map_or(alone, |(_, key)| Some(key)));
        }
        owners
    }

    fn incrementally(marks: &[Mark]) -> BTreeMap<u32, Option<u32>> {
        let mut set = Founders::new();
        let mut touched = BTreeSet::new();
        for mark in marks {
            set.insert(*mark, &mut touched);
        }
        let owner = |index: u32| match set.standing(index) {
            Standing::Alone => None,
            Standing::Founder => Some(set.item(index).key),
            Standing::Of(founder) => {
                assert!(set.members(founder).any(|member| member == index));
                Some(set.item(founder).key)
            }
        };
        let count = u32::try_from(set.len()).unwrap();
        (0..count)
            .map(|index| (set.item(index).key, owner(index)))
            .collect()
    }

    fn marks() -> impl Strategy<Value = Vec<Mark>> {
        let mark = (0..400i64, 1..40i64, 0..8u8);
        prop::collection::vec(mark, 1..60).prop_map(|marks| {
            let key = |index| u32::try_from(index).unwrap();
            let indexed = marks.into_iter().enumerate();
            indexed
                .map(|(index, (at, reach, founds))| Mark {
                    key: key(index),
                    at,
                    reach,
                    founds: founds > 0,
                })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_order_gives_what_the_definition_says(
            (marks, shuffled) in marks()
                .prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle()))
        ) {
            prop_assert_eq!(incrementally(&shuffled), by_definition(&marks));
        }
    }

    #[test]
    fn a_late_bridge_takes_over_and_frees_what_it_does_not_reach() {
        let mark = |key, at| Mark {
            key,
            at,
            reach: 10,
            founds: true,
        };
        // 2 and 4 found; then 1 arrives between: it claims 2, which frees 3 to found by itself.
        let marks = [mark(2, 10), mark(3, 20), mark(4, 40), mark(1, 5)];
        let owners = incrementally(&marks);
        let expected = [(1, Some(1)), (2, Some(1)), (3, Some(3)), (4, Some(4))];
        assert_eq!(owners, BTreeMap::from(expected));
    }
}
