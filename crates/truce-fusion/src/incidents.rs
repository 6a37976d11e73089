//! The incidents: events of the contest among sharp readings, and clusters of loose readings and
//! statements around their founders, each evaluated anew when its evidence, its silence or its
//! background changed.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::incident::Withdrawal;
use truce_core::mission::Mission;
use truce_core::observation::{Health, Reading, Weather};
use truce_core::time::plus_seconds;
use truce_core::{
    Incident, IncidentId, IncidentKind, Interval, Location, Observation, ObservationId, Position,
    Slug, Timestamp,
};

use crate::background::{Background, Cell, Learnt, cell_of};
use crate::book::Book;
use crate::calibration::Map;
use crate::candidate::{Candidate, CandidateKey, HEAT_WINDOW_S_MAX};
use crate::conditions::{Conditions, speaks_of};
use crate::event::tiles::Tiles;
use crate::evidence::{self, Scene};
use crate::explain;
use crate::flights::Flights;
use crate::founders::{Founders, Item as _, Standing};
use crate::line::Line;
use crate::network::Network;
use crate::prior::Priors;
use crate::retraction::{Retractions, TakenBack};
use crate::statement;

/// Observations kept for incidents: half a year of a busy line of 1,200 km (about 20,000 a day at
/// its worst), roughly 1 GB. What comes beyond it is counted and left out.
const OBSERVATIONS_MAX: usize = 1_000_000;

/// No fire is farther than this from the event that lit it, whatever the errors of both, metres.
pub(crate) const FIRE_M_MAX: f64 = 15_000.0;

/// What an incident grows from: an event of the contest, or a founder of loose readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Root {
    Event(u32),
    Loose(u32),
}

/// All incidents.
#[derive(Debug, Clone)]
pub(crate) struct Incidents {
    network: Network,
    priors: Priors,
    line: Line,
    parties: Vec<Slug>,
    calibration: Option<Map>,
    /// From this probability on an incident is an alert.
    pub(crate) alert_threshold: f64,
    feed_operators: BTreeMap<Slug, Slug>,
    background: Background,
    retractions: Retractions,
    conditions: Conditions,
    flights: Flights,
    tiles: Tiles,
    founders: Founders<Candidate>,
    keys: BTreeMap<ObservationId, CandidateKey>,
    /// Founders whose own cluster changed.
    touched: BTreeSet<u32>,
    /// Fires near which events changed: each looks for its event again.
    unsettled: BTreeSet<u32>,
    dirty: BTreeSet<Root>,
    /// When a root's silence comes due.
    due: BTreeSet<(Timestamp, Root)>,
    due_of: BTreeMap<Root, Timestamp>,
    /// Roots by the time of what they are about; loose ones by cell.
    by_time: BTreeSet<(Timestamp, Root)>,
    time_of: BTreeMap<Root, Timestamp>,
    /// Where each event was when it was last looked at; `None` when it is nothing but a direction.
    place_of: BTreeMap<u32, Option<Position>>,
    by_cell: BTreeMap<Cell, BTreeSet<u32>>,
    /// The event that each cluster of fires belongs to, and the clusters of each event.
    host_of: BTreeMap<u32, u32>,
    fires_of: BTreeMap<u32, BTreeSet<u32>>,
    /// The incident that each root stands for.
    told: BTreeMap<Root, IncidentId>,
    book: Book,
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
            alert_threshold: mission.alert_threshold,
            calibration: mission.calibration.map(Map::from),
            parties: mission.parties().map(|party| party.id.clone()).collect(),
            feed_operators: mission.network.feeds.iter().filter_map(operator).collect(),
            background: Background::default(),
            retractions: Retractions::default(),
            conditions: Conditions::default(),
            flights: Flights::default(),
            tiles: Tiles::default(),
            founders: Founders::new(),
            keys: BTreeMap::new(),
            touched: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            dirty: BTreeSet::new(),
            due: BTreeSet::new(),
            due_of: BTreeMap::new(),
            by_time: BTreeSet::new(),
            time_of: BTreeMap::new(),
            place_of: BTreeMap::new(),
            by_cell: BTreeMap::new(),
            host_of: BTreeMap::new(),
            fires_of: BTreeMap::new(),
            told: BTreeMap::new(),
            book: Book::default(),
            unplaced_count: 0,
            refused_count: 0,
        }
    }

    /// Takes an observation in, as evidence or as a condition under which sensors work.
    pub(crate) fn update(&mut self, observation: &Observation) {
        match &observation.reading {
            Reading::SensorState(state) => {
                if let Some(sensor) = self.network.sensor_of(observation) {
                    self.learn_state(sensor, observation, state.health);
                }
            }
            Reading::Weather(weather) => {
                if let Some(location) = &observation.location {
                    self.learn_weather(observation, location, weather);
                }
            }
            Reading::Retraction(retraction) => {
                for (id, how) in self.retractions.learn(observation, retraction) {
                    self.take_back(id, how);
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
        if self.founders.len() + self.tiles.len() >= OBSERVATIONS_MAX {
            self.refused_count += 1;
            return;
        }
        let window_s = self.priors.heat_window_s;
        let Some(mut candidate) = Candidate::new(observation, &self.network, window_s) else {
            self.unplaced_count += 1;
            return;
        };
        candidate.taken_back = self.retractions.standing(observation);
        if candidate.is_sharp_event() {
            let gone = candidate.taken_back.map(|how| (candidate.id, how));
            self.tiles.insert(candidate);
            if let Some((id, how)) = gone {
                self.take_back(id, how);
            }
            return;
        }
        self.keys.insert(candidate.id, candidate.key());
        let (start, cell) = (candidate.observed_at.start, cell_of(candidate.anchor()));
        if let Some(index) = self.founders.insert(candidate, &mut self.touched) {
            self.note_time(Root::Loose(index), start);
            self.by_cell.entry(cell).or_default().insert(index);
        }
    }

    /// An observation counts no more; what it is part of or beside is evaluated anew.
    fn take_back(&mut self, id: ObservationId, how: TakenBack) {
        if let Some(candidate) = self.tiles.take_back(id, how) {
            let (window, place) = (candidate.window(), candidate.anchor());
            let events = self.tiles.during(window.start, window.end, place);
            self.dirty.extend(events.into_iter().map(Root::Event));
            return;
        }
        let key = self.keys.get(&id);
        let Some(index) = key.and_then(|key| self.founders.find(key)) else {
            return;
        };
        self.founders.item_mut(index).taken_back = Some(how);
        self.touched.insert(match self.founders.standing(index) {
            Standing::Of(founder) => founder,
            Standing::Founder | Standing::Alone => index,
        });
    }

    /// The candidate of an observation, when it was taken back.
    fn taken_back(&self, id: ObservationId) -> Option<&Candidate> {
        let sharp = self.tiles.named(id);
        let loose = self.keys.get(&id).and_then(|key| self.founders.find(key));
        let candidate = sharp.or_else(|| loose.map(|index| self.founders.item(index)));
        candidate.filter(|candidate| candidate.taken_back.is_some())
    }

    fn note_time(&mut self, root: Root, at: Timestamp) {
        if let Some(before) = self.time_of.insert(root, at) {
            self.by_time.remove(&(before, root));
        }
        self.by_time.insert((at, root));
    }

    /// Counts a reading of earlier times.
    pub(crate) fn learn_background(&mut self, observation: &Observation) {
        match self.background.learn(observation) {
            Learnt::Nothing => {}
            Learnt::Cell(cell) => {
                let near = self.by_cell.get(&cell).into_iter().flatten();
                self.touched.extend(near.copied());
            }
            Learnt::Everything => self.touched.extend(self.founders.founders()),
        }
    }

    /// Takes note of how a sensor works; what it may have noticed is evaluated anew.
    fn learn_state(&mut self, sensor: usize, observation: &Observation, health: Health) {
        let model = &self.network.models[sensor];
        let Some(name) = &model.name else { return };
        let (at, id) = (observation.observed_at.start, observation.id);
        let Some(span) = self.conditions.learn_state(name, at, id, health) else {
            return;
        };
        let watches = model.always_watches();
        let before_s = if watches {
            0.0
        } else {
            self.priors.heat_window_s
        };
        let (from, range_m_max) = (model.position, model.range_m_max);
        self.touch_during(span, before_s, |place| {
            let near = from.is_some_and(|from| from.distance_m(place) <= range_m_max);
            near || !watches
        });
    }

    /// Takes note of the weather; events under it that may still have burnt are evaluated anew.
    fn learn_weather(&mut self, observation: &Observation, location: &Location, weather: &Weather) {
        let (during, id) = (observation.observed_at, observation.id);
        let span = self.conditions.learn_weather(during, id, location, weather);
        let before_s = self.priors.heat_window_s;
        self.touch_during(span, before_s, |place| speaks_of(location, place));
    }

    /// Events in a span, or up to `before_s` before it, and at a place that it concerns, are
    /// evaluated anew; and all that is loose and may have been then.
    fn touch_during(&mut self, span: Interval, before_s: f64, concerns: impl Fn(Position) -> bool) {
        // A loose event may have been long before its report's interval, and burns after it.
        let first = plus_seconds(span.start, -2.0 * HEAT_WINDOW_S_MAX);
        let last = plus_seconds(span.end, HEAT_WINDOW_S_MAX);
        let sharp = plus_seconds(span.start, -before_s)..=span.end;
        let during = self
            .by_time
            .range((first, Root::Event(0))..=(last, Root::Loose(u32::MAX)));
        let touched = during.filter(|(at, root)| match root {
            Root::Loose(_) => true,
            Root::Event(founder) => {
                let place = self.place_of.get(founder);
                sharp.contains(at) && place.is_some_and(|place| place.is_none_or(&concerns))
            }
        });
        self.dirty.extend(touched.map(|(_, root)| *root));
    }

    /// Remembers an uncrewed aircraft that a detector follows: events that it passed may be told
    /// anew.
    pub(crate) fn learn_flight(&mut self, observation: &Observation) {
        let Reading::Uav(detection) = &observation.reading else {
            return;
        };
        let Some(span) = self.flights.learn(observation, detection) else {
            return;
        };
        let during = self
            .by_time
            .range((span.start, Root::Event(0))..=(span.end, Root::Loose(u32::MAX)));
        let events = during.map(|(_, root)| *root);
        let events = events.filter(|root| matches!(root, Root::Event(_)));
        self.dirty.extend(events);
    }

    /// True when something waits for [`Self::settle`].
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        let due = self.due.first().is_some_and(|(due, _)| *due <= now);
        due || self.tiles.is_stale() || !self.touched.is_empty() || !self.dirty.is_empty()
    }

    /// Evaluates what changed.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some((due, root)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, root));
            self.due_of.remove(&root);
            self.dirty.insert(root);
        }
        self.contest(now);
        self.host();
        let mut left: BTreeSet<IncidentId> = BTreeSet::new();
        let mut told = Vec::new();
        for root in std::mem::take(&mut self.dirty) {
            left.extend(self.told.remove(&root));
            if let Some(due) = self.due_of.remove(&root) {
                self.due.remove(&(due, root));
            }
            let (incident, due) = self.evaluate(root, now);
            told.extend(incident.map(|incident| (root, incident)));
            if let Some(due) = due {
                self.due.insert((due, root));
                self.due_of.insert(root, due);
            }
        }
        for (root, incident) in told {
            left.remove(&incident.id);
            self.told.insert(root, incident.id);
            self.book.put(incident);
        }
        for id in left {
            self.withdraw(id);
        }
    }

    /// Solves the contest among sharp readings where it changed; fires nearby look for their event
    /// again.
    fn contest(&mut self, now: Timestamp) {
        let changed = self
            .tiles
            .settle(&self.network, &self.priors, &self.line, now);
        for founder in changed {
            let root = Root::Event(founder);
            self.dirty.insert(root);
            let before = self
                .time_of
                .get(&root)
                .copied()
                .zip(self.place_of.remove(&founder));
            let now = self
                .tiles
                .standing(founder)
                .map(|event| (event.at(), self.tiles.place(event)));
            for (at, place) in before.into_iter().chain(now) {
                if let Some(place) = place {
                    self.unsettle(at, place);
                }
            }
            if let Some((at, place)) = now {
                self.note_time(root, at);
                self.place_of.insert(founder, place);
            } else if let Some(before) = self.time_of.remove(&root) {
                self.by_time.remove(&(before, root));
            }
        }
    }

    /// Fires that an event at a time and place may have lit look for their event again.
    fn unsettle(&mut self, at: Timestamp, place: Position) {
        let last = plus_seconds(at, HEAT_WINDOW_S_MAX);
        // Archives give a fire's day and no more.
        let first = plus_seconds(at, -86_400.0);
        let range = (first, Root::Event(0))..=(last, Root::Loose(u32::MAX));
        let near = |index: &u32| {
            self.is_fire(*index)
                && self.founders.item(*index).anchor().distance_m(place) <= FIRE_M_MAX
        };
        let loose = self
            .by_time
            .range(range)
            .filter_map(|(_, root)| match root {
                Root::Loose(index) => Some(*index),
                Root::Event(_) => None,
            });
        let fires: Vec<u32> = loose.filter(near).collect();
        self.unsettled.extend(fires);
    }

    fn is_fire(&self, index: u32) -> bool {
        let candidate = self.founders.item(index);
        candidate.said.thermal && self.founders.standing(index) == Standing::Founder
    }

    /// Every cluster of fires that changed looks for the event that lit it.
    fn host(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        let mut unsettled = std::mem::take(&mut self.unsettled);
        unsettled.extend(&touched);
        for index in unsettled {
            let host = if self.is_fire(index) {
                self.host_for(index)
            } else {
                None
            };
            if !touched.contains(&index) && self.host_of.get(&index).copied() == host {
                continue;
            }
            self.dirty.insert(Root::Loose(index));
            let before = match host {
                Some(host) => self.host_of.insert(index, host),
                None => self.host_of.remove(&index),
            };
            if let Some(before) = before {
                self.dirty.insert(Root::Event(before));
                if let Some(fires) = self.fires_of.get_mut(&before) {
                    fires.remove(&index);
                }
            }
            if let Some(host) = host {
                self.dirty.insert(Root::Event(host));
                self.fires_of.entry(host).or_default().insert(index);
            }
        }
    }

    /// The event that explains a fire better than a fire of its own does, the best of them.
    fn host_for(&self, index: u32) -> Option<u32> {
        let fire = self.founders.item(index);
        let window = fire.window();
        let scene = self.scene(Timestamp::MIN);
        let mut best: Option<(f64, (Timestamp, ObservationId), u32)> = None;
        for founder in self.tiles.during(window.start, window.end, fire.anchor()) {
            let event = self.tiles.standing(founder)?;
            let Some(gain) = explain::heat_gain(&scene, &self.tiles, event, fire) else {
                continue;
            };
            let came = self.tiles.candidate(founder).came();
            let better = best.is_none_or(|(most, first, _)| {
                gain.total_cmp(&most).then(first.cmp(&came)).is_gt()
            });
            if gain > 0.0 && better {
                best = Some((gain, came, founder));
            }
        }
        best.map(|(_, _, founder)| founder)
    }

    /// What an evaluation looks at beside the evidence.
    pub(crate) fn scene(&self, now: Timestamp) -> Scene<'_> {
        Scene {
            network: &self.network,
            priors: &self.priors,
            line: &self.line,
            background: &self.background,
            conditions: &self.conditions,
            flights: &self.flights,
            parties: &self.parties,
            calibration: self.calibration,
            feed_operators: &self.feed_operators,
            now,
        }
    }

    fn evaluate(&self, root: Root, now: Timestamp) -> (Option<Incident>, Option<Timestamp>) {
        let scene = self.scene(now);
        match root {
            Root::Event(founder) => {
                let Some(event) = self.tiles.standing(founder) else {
                    return (None, None);
                };
                let clusters = self.fires_of.get(&founder).into_iter().flatten();
                let mut fires: Vec<&Candidate> = clusters
                    .flat_map(|cluster| self.cluster(*cluster))
                    .collect();
                fires.sort_by_key(|fire| fire.told());
                let (mut gone, fires) = parted(fires);
                gone.extend(self.tiles.taken_back_beside(founder));
                let (mut incident, due) = explain::evaluate(&scene, &self.tiles, event, &fires);
                if let Some(incident) = &mut incident {
                    evidence::tell_taken_back(&scene, incident, &gone);
                }
                (incident, due)
            }
            Root::Loose(index) => {
                let stands = self.founders.standing(index) == Standing::Founder;
                if !stands || self.host_of.contains_key(&index) {
                    return (None, None);
                }
                self.evaluate_loose(&scene, index)
            }
        }
    }

    /// A cluster around the first of it that nobody took back; it keeps the name of them all.
    fn evaluate_loose(
        &self,
        scene: &Scene<'_>,
        index: u32,
    ) -> (Option<Incident>, Option<Timestamp>) {
        let all: Vec<&Candidate> = self.cluster(index).collect();
        let (mut gone, mut members) = parted(all.clone());
        let first = members.iter().enumerate().min_by_key(|(_, c)| c.key());
        let Some((first, _)) = first else {
            return (None, None);
        };
        let founder = members.remove(first);
        let (mut incident, due) = if founder.kind == IncidentKind::PhysicalEvent {
            evidence::evaluate(scene, founder, &members)
        } else {
            let told = statement::evaluate(scene, founder, &members);
            (Some(told), None)
        };
        if let Some(incident) = incident.as_mut().filter(|_| !gone.is_empty()) {
            let named = evidence::blank(&all);
            (incident.id, incident.evidence) = (named.id, named.evidence);
            gone.sort_by_key(|candidate| candidate.told());
            evidence::tell_taken_back(scene, incident, &gone);
        }
        (incident, due)
    }

    /// A founder and what belongs to it.
    fn cluster(&self, founder: u32) -> impl Iterator<Item = &Candidate> {
        let members = self.founders.members(founder);
        std::iter::once(founder)
            .chain(members)
            .map(|index| self.founders.item(index))
    }

    /// Takes an incident back: its evidence belongs to another, or supports nothing. What its senders
    /// took back is told in its explanation.
    pub(crate) fn withdraw(&mut self, id: IncidentId) {
        let Some(written) = self.book.get(id) else {
            return;
        };
        let evidence = &written.evidence;
        let standing = evidence.iter().find(|id| self.taken_back(**id).is_none());
        let reason = match standing {
            None if !evidence.is_empty() => Withdrawal::TakenBack,
            first => {
                let holder = first.and_then(|first| self.holder(*first));
                let other = holder.filter(|other| *other != id);
                other.map_or(Withdrawal::Unsupported, Withdrawal::PartOf)
            }
        };
        if written.withdrawn.as_ref() == Some(&reason) {
            return;
        }
        let mut incident = written.clone();
        let gone = evidence.iter().filter_map(|id| self.taken_back(*id));
        let gone: Vec<&Candidate> = gone.collect();
        // The time plays no part in what is told of them.
        evidence::tell_taken_back(&self.scene(Timestamp::MIN), &mut incident, &gone);
        incident.withdrawn = Some(reason);
        self.book.put(incident);
    }

    /// The incident that holds an observation.
    pub(crate) fn holder(&self, observation: ObservationId) -> Option<IncidentId> {
        if let Some(founder) = self.tiles.holder(observation) {
            return self.told.get(&Root::Event(founder)).copied();
        }
        let index = self
            .keys
            .get(&observation)
            .and_then(|key| self.founders.find(key))?;
        let founder = match self.founders.standing(index) {
            Standing::Alone => return None,
            Standing::Founder => index,
            Standing::Of(founder) => founder,
        };
        let root = match self.host_of.get(&founder) {
            Some(host) => Root::Event(*host),
            None => Root::Loose(founder),
        };
        self.told.get(&root).copied()
    }

    /// The new revisions, in order of the incidents' names.
    pub(crate) fn changes(&mut self) -> Vec<Incident> {
        self.book.changes()
    }

    /// An incident as last written.
    pub(crate) fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.book.get(id)
    }

    /// The incidents that stand, in order of their names.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Incident> {
        self.book.standing()
    }

    /// The incidents that stand, without their revisions, in order of their names.
    pub(crate) fn finals(&self) -> impl Iterator<Item = Incident> + '_ {
        self.standing().map(|incident| Incident {
            revision: 0,
            ..incident.clone()
        })
    }
}

/// Those that were taken back, and those that stand.
fn parted(all: Vec<&Candidate>) -> (Vec<&Candidate>, Vec<&Candidate>) {
    all.into_iter()
        .partition(|candidate| candidate.taken_back.is_some())
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
