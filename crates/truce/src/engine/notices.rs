//! The movements that the parties have notified.

use std::collections::BTreeMap;

use truce_accord::straits::Declared;
use truce_core::{Interval, Notice, ObservationId, Slug};

/// Notices that are remembered: years of several a day. The oldest are forgotten first.
const NOTICES_MAX: usize = 10_000;

#[derive(Default)]
pub(super) struct Notices {
    /// In order of when they were given, then of party and name.
    all: Vec<Notice>,
    /// What each was read from, by party and name.
    read_from: BTreeMap<(Slug, Slug), ObservationId>,
    /// When the movements of those take place that came since the last [`Notices::take_new`].
    new: Vec<Interval>,
}

impl Notices {
    /// Takes a notice; of two that a party gives under one name, the later counts.
    pub(super) fn take(&mut self, notice: &Notice, observation: ObservationId) {
        let same = |known: &Notice| known.party == notice.party && known.id == notice.id;
        if let Some(known) = self.all.iter().position(same) {
            if self.all[known].given_at > notice.given_at {
                return;
            }
            self.new.push(self.all[known].window);
            self.all.remove(known);
        }
        self.new.push(notice.window);
        let name = (notice.party.clone(), notice.id.clone());
        self.read_from.insert(name, observation);
        let order = |notice: &Notice| (notice.given_at, notice.party.clone(), notice.id.clone());
        let place = self
            .all
            .partition_point(|known| order(known) < order(notice));
        self.all.insert(place, notice.clone());
        if self.all.len() > NOTICES_MAX {
            let oldest = self.all.remove(0);
            self.read_from.remove(&(oldest.party, oldest.id));
        }
    }

    pub(super) fn all(&self) -> &[Notice] {
        &self.all
    }

    /// The notices with what each was read from.
    pub(super) fn declared(&self) -> Vec<Declared<'_>> {
        let mut declared = Vec::new();
        for notice in &self.all {
            let name = (notice.party.clone(), notice.id.clone());
            if let Some(observation) = self.read_from.get(&name) {
                declared.push(Declared {
                    notice,
                    observation: *observation,
                });
            }
        }
        declared
    }

    /// True when notices came since the last [`Notices::take_new`].
    pub(super) fn has_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// When the movements of new notices take place; `None` without any.
    pub(super) fn take_new(&mut self) -> Option<Vec<Interval>> {
        let new = std::mem::take(&mut self.new);
        (!new.is_empty()).then_some(new)
    }
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    fn notice(id: &str, given: &str, day: &str) -> Notice {
        Notice {
            id: id.parse().unwrap(),
            party: "party-a".parse().unwrap(),
            given_at: given.parse().unwrap(),
            window: Interval {
                start: format!("2025-07-{day}T06:00:00Z").parse().unwrap(),
                end: format!("2025-07-{day}T18:00:00Z").parse().unwrap(),
            },
            zones: Vec::new(),
            objects: Vec::new(),
            weapons: Vec::new(),
            count_max: None,
            transit: None,
        }
    }

    #[test]
    fn the_later_of_two_notices_under_one_name_counts_whatever_comes_first() {
        let first = notice("n-1", "2025-07-01T00:00:00Z", "05");
        let other = notice("n-2", "2025-07-01T12:00:00Z", "06");
        let changed = notice("n-1", "2025-07-02T00:00:00Z", "07");
        let orders: [[&Notice; 3]; 3] = [
            [&first, &other, &changed],
            [&changed, &first, &other],
            [&other, &changed, &first],
        ];
        for order in orders {
            let mut notices = Notices::default();
            for notice in order {
                notices.take(
                    notice,
                    ObservationId(Digest::of(notice.id.as_str().as_bytes())),
                );
            }
            assert_eq!(notices.all(), [other.clone(), changed.clone()]);
            assert!(notices.take_new().is_some());
            assert_eq!(notices.take_new(), None);
        }
    }
}
