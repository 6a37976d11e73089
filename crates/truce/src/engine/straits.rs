//! The engine's hook to the regime of the straits: what notices declare is counted when a notice comes,
//! and once an hour for the stays that go on.

use std::collections::BTreeMap;

use truce_accord::straits::{Counters, count, excesses};
use truce_core::incident::Withdrawal;
use truce_core::{Incident, IncidentId, Timestamp};

use super::Engine;

/// How often stays that go on are looked at, seconds.
const LOOK_S: i64 = 3_600;

/// What was told, as it was told last.
#[derive(Default)]
pub(super) struct Regime {
    told: BTreeMap<IncidentId, Incident>,
    looked_at: Option<i64>,
}

impl Engine {
    /// What is in transit and in the sea behind the straits now, as far as it was declared; `None` when
    /// the mission names no straits.
    #[must_use]
    pub fn straits(&self) -> Option<Counters> {
        let straits = self.setup.mission.straits.as_ref()?;
        let now = (self.now > Timestamp::MIN).then_some(self.now)?;
        Some(count(straits, &self.notices.declared(), now))
    }

    /// New and revised incidents about declared transits and stays.
    pub(super) fn settle_straits(&mut self) -> Vec<Incident> {
        let Some(straits) = &self.setup.mission.straits else {
            return Vec::new();
        };
        let hour = self.now.as_second().div_euclid(LOOK_S);
        if !self.notices.has_new() && self.regime.looked_at == Some(hour) {
            return Vec::new();
        }
        self.regime.looked_at = Some(hour);
        let now = excesses(straits, &self.notices.declared(), self.now);
        self.regime.revise(now)
    }
}

impl Regime {
    fn revise(&mut self, now: Vec<Incident>) -> Vec<Incident> {
        let now: BTreeMap<IncidentId, Incident> =
            now.into_iter().map(|one| (one.id, one)).collect();
        let mut news = Vec::new();
        for told in self.told.values_mut() {
            if !now.contains_key(&told.id) && told.withdrawn.is_none() {
                told.revision += 1;
                told.withdrawn = Some(Withdrawal::Unsupported);
                news.push(told.clone());
            }
        }
        for (id, one) in now {
            let known = self.told.get(&id);
            let revision = known.map_or(0, |known| known.revision);
            let same = known.is_some_and(|known| {
                *known
                    == Incident {
                        revision,
                        ..one.clone()
                    }
            });
            if !same {
                let next = Incident {
                    revision: revision + 1,
                    ..one
                };
                self.told.insert(id, next.clone());
                news.push(next);
            }
        }
        news
    }
}
