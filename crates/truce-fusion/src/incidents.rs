//! The incidents: clusters of observations around their founders, each evaluated anew when its
//! evidence, its silence or its background changed, and the book of their revisions.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::incident::Withdrawal;
use truce_core::mission::Mission;
use truce_core::observation::Reading;
use truce_core::time::plus_seconds;
use truce_core::{Incident, IncidentId, Interval, Observation, ObservationId, Slug, Timestamp};

use crate::background::{Background, Cell, Learnt, cell_of};
use crate::candidate::{Candidate, CandidateKey};
use crate::conditions::Conditions;
use crate::evidence::{self, Scene};
use crate::founders::{Founders, Item, Standing};
use crate::line::Line;
use crate::network::Network;
use crate::prior::Priors;
use crate::statement;

/// Observations kept for incidents: half a year of a busy line of 1,200 km (about 20,000 a day at
/// its worst), roughly 1 GB. What comes beyond it is counted and left out.
const OBSERVATIONS_MAX: usize = 1_000_000;

/// What is written of an incident.
#[derive(Debug, Clone)]
struct Entry {
    incident: Incident,
    changed: bool,
}

/// All incidents.
#[derive(Debug, Clone)]
pub(crate) struct Incidents {
    network: Network,
    priors: Priors,
    line: Line,
    parties: Vec<Slug>,
    feed_operators: BTreeMap<Slug, Slug>,
    background: Background,
    conditions: Conditions,
    founders: Founders<Candidate>,
    keys: BTreeMap<ObservationId, CandidateKey>,
    dirty: BTreeSet<u32>,
    /// When a founder's silence comes due.
    due: BTreeSet<(Timestamp, u32)>,
    due_of: BTreeMap<u32, Timestamp>,
    /// Founders by the start of their own observation, and by cell.
    by_time: BTreeSet<(Timestamp, u32)>,
    by_cell: BTreeMap<Cell, BTreeSet<u32>>,
    /// The incident that each founder stands for.
    told: BTreeMap<u32, IncidentId>,
    book: BTreeMap<IncidentId, Entry>,
    changed: BTreeSet<IncidentId>,
    /// Observations about an incident that say no place.
    pub(crate) unplaced_count: u64,
    /// Observations beyond [`OBSERVATIONS_MAX`].
    pub(crate) refused_count: u64,
}

impl Incidents {
    pub(crate) fn new(mission: &Mission) -> Self {
        let operator = |feed: &truce_core::mission::Feed| {
            feed.operator
                .clone()
                .map(|operator| (feed.id.clone(), operator))
        };
        Self {
            network: Network::new(mission),
            priors: Priors::new(mission),
            line: Line::new(mission),
            parties: mission.parties().map(|party| party.id.clone()).collect(),
            feed_operators: mission.network.feeds.iter().filter_map(operator).collect(),
            background: Background::default(),
            conditions: Conditions::default(),
            founders: Founders::new(),
            keys: BTreeMap::new(),
            dirty: BTreeSet::new(),
            due: BTreeSet::new(),
            due_of: BTreeMap::new(),
            by_time: BTreeSet::new(),
            by_cell: BTreeMap::new(),
            told: BTreeMap::new(),
            book: BTreeMap::new(),
            changed: BTreeSet::new(),
            unplaced_count: 0,
            refused_count: 0,
        }
    }

    /// Takes an observation in, as evidence or as a condition under which sensors work.
    pub(crate) fn update(&mut self, observation: &Observation) {
        match &observation.reading {
            Reading::SensorState(state) => {
                let sensor = self.network.sensor_of(observation);
                let name = sensor.and_then(|sensor| self.network.models[sensor].name.clone());
                if let Some(name) = name.or_else(|| observation.sensor.clone()) {
                    let at = observation.observed_at.start;
                    let id = observation.id;
                    let span = self.conditions.learn_state(&name, at, id, state.health);
                    self.touch_during(span);
                }
            }
            Reading::Weather(weather) => {
                if let Some(location) = &observation.location {
                    let (during, id) = (observation.observed_at, observation.id);
                    let span = self.conditions.learn_weather(during, id, location, weather);
                    self.touch_during(span);
                }
            }
            reading => {
                if is_about_an_incident(reading) {
                    self.take_evidence(observation);
                }
            }
        }
    }

    fn take_evidence(&mut self, observation: &Observation) {
        if self.keys.contains_key(&observation.id) {
            return;
        }
        if self.founders.len() >= OBSERVATIONS_MAX {
            self.refused_count += 1;
            return;
        }
        let window_s = self.priors.heat_window_s;
        let Some(candidate) = Candidate::new(observation, &self.network, window_s) else {
            self.unplaced_count += 1;
            return;
        };
        self.keys.insert(candidate.id, candidate.key());
        let (start, cell) = (candidate.observed_at.start, cell_of(candidate.anchor()));
        if let Some(index) = self.founders.insert(candidate, &mut self.dirty) {
            self.by_time.insert((start, index));
            self.by_cell.entry(cell).or_default().insert(index);
        }
    }

    /// Counts a reading of earlier times.
    pub(crate) fn learn_background(&mut self, observation: &Observation) {
        match self.background.learn(observation) {
            Learnt::Nothing => {}
            Learnt::Cell(cell) => {
                let near = self.by_cell.get(&cell).into_iter().flatten();
                self.dirty
                    .extend(near.filter(|index| is_founder(&self.founders, **index)));
            }
            Learnt::Everything => self.dirty.extend(self.founders.founders()),
        }
    }

    /// Founders whose event may have been in a span are evaluated anew.
    fn touch_during(&mut self, span: Interval) {
        // An event is heard before its report's interval begins, and burns after it.
        let first = plus_seconds(span.start, -2.0 * crate::candidate::HEAT_WINDOW_S_MAX);
        let last = plus_seconds(span.end, crate::candidate::HEAT_WINDOW_S_MAX);
        let during = self.by_time.range((first, 0)..=(last, u32::MAX));
        let founders = during.map(|(_, index)| *index);
        self.dirty
            .extend(founders.filter(|index| is_founder(&self.founders, *index)));
    }

    /// True when something waits for [`Self::settle`].
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        !self.dirty.is_empty() || self.due.first().is_some_and(|(due, _)| *due <= now)
    }

    /// Evaluates what changed.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some((due, index)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, index));
            self.due_of.remove(&index);
            self.dirty.insert(index);
        }
        let dirty = std::mem::take(&mut self.dirty);
        let mut left: BTreeSet<IncidentId> = BTreeSet::new();
        let mut told = Vec::new();
        for index in dirty {
            left.extend(self.told.remove(&index));
            if let Some(due) = self.due_of.remove(&index) {
                self.due.remove(&(due, index));
            }
            if is_founder(&self.founders, index) {
                let (incident, due) = self.evaluate(index, now);
                told.extend(incident.map(|incident| (index, incident)));
                if let Some(due) = due {
                    self.due.insert((due, index));
                    self.due_of.insert(index, due);
                }
            }
        }
        for (index, incident) in told {
            left.remove(&incident.id);
            self.told.insert(index, incident.id);
            self.put(incident);
        }
        for id in left {
            self.withdraw(id);
        }
    }

    fn evaluate(&self, index: u32, now: Timestamp) -> (Option<Incident>, Option<Timestamp>) {
        let founder = self.founders.item(index);
        let members: Vec<&Candidate> = self
            .founders
            .members(index)
            .map(|member| self.founders.item(member))
            .collect();
        let scene = Scene {
            network: &self.network,
            priors: &self.priors,
            line: &self.line,
            background: &self.background,
            conditions: &self.conditions,
            parties: &self.parties,
            feed_operators: &self.feed_operators,
            now,
        };
        if evidence::is_physical(founder) {
            evidence::evaluate(&scene, founder, &members)
        } else {
            (Some(statement::evaluate(&scene, founder, &members)), None)
        }
    }

    /// Writes an incident as it stands now; the same words again change nothing.
    pub(crate) fn put(&mut self, mut incident: Incident) {
        let id = incident.id;
        let entry = self.book.get_mut(&id);
        incident.revision = entry.as_ref().map_or(0, |entry| entry.incident.revision);
        match entry {
            Some(entry) if entry.incident == incident => return,
            Some(entry) => {
                *entry = Entry {
                    incident,
                    changed: true,
                }
            }
            None => {
                self.book.insert(
                    id,
                    Entry {
                        incident,
                        changed: true,
                    },
                );
            }
        }
        self.changed.insert(id);
    }

    /// Takes an incident back: its evidence belongs to another, or supports nothing.
    pub(crate) fn withdraw(&mut self, id: IncidentId) {
        let founder = self
            .book
            .get(&id)
            .and_then(|entry| entry.incident.evidence.first().copied());
        let holder = founder
            .and_then(|founder| self.holder(founder))
            .filter(|other| *other != id);
        let reason = holder.map_or(Withdrawal::Unsupported, Withdrawal::PartOf);
        let Some(entry) = self.book.get_mut(&id) else {
            return;
        };
        if entry.incident.withdrawn.as_ref() != Some(&reason) {
            entry.incident.withdrawn = Some(reason);
            entry.changed = true;
            self.changed.insert(id);
        }
    }

    /// The incident that holds an observation.
    pub(crate) fn holder(&self, observation: ObservationId) -> Option<IncidentId> {
        let index = self
            .keys
            .get(&observation)
            .and_then(|key| self.founders.find(key))?;
        let founder = match self.founders.standing(index) {
            Standing::Alone => return None,
            Standing::Founder => index,
            Standing::Of(founder) => founder,
        };
        self.told.get(&founder).copied()
    }

    /// The new revisions, in order of the incidents' names.
    pub(crate) fn changes(&mut self) -> Vec<Incident> {
        let mut changes = Vec::new();
        for id in std::mem::take(&mut self.changed) {
            let Some(entry) = self.book.get_mut(&id).filter(|entry| entry.changed) else {
                continue;
            };
            // Nobody was told of an incident that came and went between two calls.
            if entry.incident.revision == 0 && entry.incident.withdrawn.is_some() {
                self.book.remove(&id);
                continue;
            }
            entry.changed = false;
            entry.incident.revision += 1;
            changes.push(entry.incident.clone());
        }
        changes
    }

    /// An incident as last written.
    pub(crate) fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.book.get(&id).map(|entry| &entry.incident)
    }

    /// The incidents that stand, without their revisions, in order of their names.
    pub(crate) fn finals(&self) -> impl Iterator<Item = Incident> + '_ {
        let standing = self
            .book
            .values()
            .filter(|entry| entry.incident.withdrawn.is_none());
        standing.map(|entry| Incident {
            revision: 0,
            ..entry.incident.clone()
        })
    }
}

fn is_founder(founders: &Founders<Candidate>, index: u32) -> bool {
    founders.standing(index) == Standing::Founder
}

fn is_about_an_incident(reading: &Reading) -> bool {
    matches!(
        reading,
        Reading::ThermalAnomaly(_)
            | Reading::AreaChange(_)
            | Reading::Acoustic(_)
            | Reading::Seismic(_)
            | Reading::Sighting(_)
            | Reading::Claim(_)
    )
}
