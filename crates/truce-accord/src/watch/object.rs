//! One object: its fixes within the horizon and its state after each of them.
//!
//! The state before the oldest kept fix is settled. A late fix is put in its place and everything
//! after it is done again from the nearest checkpoint before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use truce_core::incident::Withdrawal;
use truce_core::time::seconds_between;
use truce_core::{
    Incident, IncidentId, IncidentKind, Interval, Timestamp, Track, TrackId, TrackPoint,
};

use super::fence::Who;
use super::stay::{Closed, Fix, Key};
use super::step::{Ground, Scratch, State};

/// A checkpoint is kept after so many fixes: a late fix then costs at most this many steps more than
/// it must.
const CHECKPOINT_EVERY: usize = 32;
/// Most fixes kept for one object: six hours at more than two fixes a second. Beyond it the oldest
/// are settled early.
pub(super) const FIXES_MAX: usize = 50_000;

/// A state, and the last fix that it knows.
#[derive(Debug, Clone)]
struct Checkpoint {
    after: Option<Fix>,
    state: State,
}

impl Checkpoint {
    fn key(&self) -> Option<Key> {
        self.after.as_ref().map(Fix::key)
    }
}

/// An object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) id: TrackId,
    pub(super) who: Who,
    /// Probability that it exists, in steps of [`EXISTENCE_STEPS`].
    pub(super) existence: f64,
    fixes: VecDeque<Fix>,
    checkpoints: VecDeque<Checkpoint>,
    since_checkpoint: usize,
    pub(super) state: State,
    /// What is over, in order, as far as a late fix could still change it or it was not yet told.
    pub(super) closed: VecDeque<Closed>,
    /// What was told, as it was told last.
    pub(super) told: BTreeMap<IncidentId, Incident>,
    /// Obstructions of the object that others told, and when: its stops then are part of them.
    graver: BTreeMap<IncidentId, Interval>,
    /// True while it waits for [`super::Watch::changes`].
    pub(super) has_news: bool,
    /// When it is looked at again because it may have fallen silent.
    pub(super) deadline: Option<Timestamp>,
}

/// Existence is told in twentieths, so that a track that grows surer makes few revisions.
const EXISTENCE_STEPS: f64 = 20.0;

/// What was only observed is never certain: no more is told (own choice).
const EXISTENCE_MAX: f64 = 0.99;

/// Rounds a probability of existence to the steps in which it is told.
fn rounded_existence(existence: f64) -> f64 {
    let rounded = (existence.clamp(0.0, 1.0) * EXISTENCE_STEPS).round() / EXISTENCE_STEPS;
    rounded.min(EXISTENCE_MAX)
}

/// What new fixes led to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// How many came too late to be used.
    pub(super) late: u64,
    /// True when there may be something to tell.
    pub(super) news: bool,
}

impl Object {
    pub(super) fn new(track: &Track) -> Self {
        Self {
            id: track.id,
            who: Who::of(track),
            existence: rounded_existence(track.existence),
            fixes: VecDeque::new(),
            checkpoints: VecDeque::from([Checkpoint {
                after: None,
                state: State::default(),
            }]),
            since_checkpoint: 0,
            state: State::default(),
            closed: VecDeque::new(),
            told: BTreeMap::new(),
            graver: BTreeMap::new(),
            has_news: false,
            deadline: None,
        }
    }

    /// Takes what a track says about the object beside its points. True when that changes what was
    /// told.
    pub(super) fn meet(&mut self, track: &Track, ground: &Ground, scratch: &mut Scratch) -> bool {
        let existence = rounded_existence(track.existence);
        let is_same = self.who.is_of(track);
        if is_same && self.existence == existence {
            return false;
        }
        self.existence = existence;
        if !is_same {
            self.who = Who::of(track);
            self.redo(None, ground, scratch);
        }
        for closed in &mut self.closed {
            closed.told = None;
        }
        true
    }

    /// Takes an obstruction of the object, or that it does not stand. True when that is news.
    pub(super) fn take_graver(&mut self, graver: &Incident) -> bool {
        let known = if graver.withdrawn.is_some() {
            self.graver.remove(&graver.id).is_some()
        } else {
            self.graver.insert(graver.id, graver.occurred) != Some(graver.occurred)
        };
        if known {
            for closed in &mut self.closed {
                closed.told = None;
            }
        }
        known
    }

    /// Why an incident of the object does not stand by itself: it is part of a graver one.
    pub(super) fn part_of(&self, incident: &Incident) -> Option<Withdrawal> {
        let is_stop = incident.kind == IncidentKind::UnauthorisedStop;
        let mut graver = self.graver.iter().filter(|_| is_stop);
        let (id, _) = graver.find(|(_, during)| during.overlaps(&incident.occurred))?;
        Some(Withdrawal::PartOf(*id))
    }

    /// Forgets graver incidents that ended before an instant.
    pub(super) fn forget_graver(&mut self, before: Timestamp) {
        self.graver.retain(|_, during| during.end >= before);
    }

    /// The fixes kept, in order of time.
    pub(super) fn fixes(&self) -> &VecDeque<Fix> {
        &self.fixes
    }

    /// The newest fix.
    pub(super) fn newest(&self) -> Option<&Fix> {
        self.fixes.back()
    }

    /// The instant before which nothing changes any more.
    pub(super) fn settled_before(&self, horizon_s: f64) -> Timestamp {
        self.newest().map_or(Timestamp::MIN, |fix| {
            truce_core::time::plus_seconds(fix.at, -horizon_s)
        })
    }

    /// Puts fixes in their places and brings the state up to date.
    pub(super) fn take(
        &mut self,
        points: &[TrackPoint],
        horizon_s: f64,
        ground: &Ground,
        scratch: &mut Scratch,
    ) -> Taken {
        let mut changed: Option<Key> = None;
        let mut taken = Taken::default();
        for point in points {
            let is_newest = self.newest().is_none_or(|newest| newest.is_before(point));
            if is_newest && changed.is_none() {
                self.fixes.push_back(Fix::of(point));
                taken.news |= self.advance(self.fixes.len() - 1, ground, scratch);
                continue;
            }
            let fix = Fix::of(point);
            if fix.at < self.settled_before(horizon_s) || !self.reaches(fix.key()) {
                taken.late += 1;
                continue;
            }
            match self.fixes.binary_search_by_key(&fix.key(), Fix::key) {
                Ok(place) if self.fixes[place] == fix => continue,
                Ok(place) => self.fixes[place] = fix,
                Err(place) => self.fixes.insert(place, fix),
            }
            changed = Some(changed.map_or(fix.key(), |key| key.min(fix.key())));
        }
        if let Some(from) = changed {
            self.redo(Some(from), ground, scratch);
            taken.news = true;
        }
        // Fixes are forgotten from checkpoint to checkpoint only.
        if self.since_checkpoint == 0 {
            self.settle(horizon_s);
        }
        taken
    }

    /// Takes fixes back that the track does not have any more. Gives the instant of the first that it
    /// had; what is settled stays.
    pub(super) fn lose(
        &mut self,
        fixes: &[Key],
        ground: &Ground,
        scratch: &mut Scratch,
    ) -> Option<Timestamp> {
        let lost: BTreeSet<Key> = fixes.iter().copied().collect();
        let had = |fix: &Fix| lost.contains(&fix.key());
        let first = self.fixes.iter().find(|fix| had(fix))?.key();
        self.fixes.retain(|fix| !had(fix));
        self.redo(Some(first), ground, scratch);
        Some(first.0)
    }

    /// True when the settled state ends before a fix.
    fn reaches(&self, key: Key) -> bool {
        let oldest = self.checkpoints.front().and_then(Checkpoint::key);
        oldest.is_none_or(|after| after < key)
    }

    /// Does everything again over other fences. `number_of` gives the new number of an old fence;
    /// what has none is forgotten.
    pub(super) fn renumber(
        &mut self,
        number_of: impl Fn(usize) -> Option<usize>,
        ground: &Ground,
        scratch: &mut Scratch,
    ) {
        let states = self.checkpoints.iter_mut().map(|point| &mut point.state);
        for state in states {
            state.renumber(&number_of);
        }
        self.closed.retain_mut(|closed| {
            let number = number_of(closed.fence);
            closed.fence = number.unwrap_or(closed.fence);
            closed.told = None;
            number.is_some()
        });
        self.redo(None, ground, scratch);
    }

    /// Does everything again from the last checkpoint before a fix, or from the settled state.
    fn redo(&mut self, from: Option<Key>, ground: &Ground, scratch: &mut Scratch) {
        let keep = self
            .checkpoints
            .partition_point(|point| match (point.key(), from) {
                (None, _) => true,
                (Some(after), Some(from)) => after < from,
                (Some(_), None) => false,
            })
            .max(1);
        self.checkpoints.truncate(keep);
        let Some(point) = self.checkpoints.back() else {
            return;
        };
        self.state = point.state.clone();
        let after = point.key();
        self.since_checkpoint = 0;
        self.closed
            .retain(|closed| after.is_some_and(|after| closed.by <= after));
        let start = self
            .fixes
            .partition_point(|fix| after.is_some_and(|after| fix.key() <= after));
        for place in start..self.fixes.len() {
            self.advance(place, ground, scratch);
        }
    }

    /// Brings the state from the fix before a place to the fix there.
    fn advance(&mut self, place: usize, ground: &Ground, scratch: &mut Scratch) -> bool {
        let fix = &self.fixes[place];
        let previous = match place.checked_sub(1) {
            Some(before) => Some(&self.fixes[before]),
            None => self.checkpoints[0].after.as_ref(),
        };
        let closed = &mut self.closed;
        let news = self
            .state
            .step(previous, fix, &self.who, ground, scratch, closed);
        self.since_checkpoint += 1;
        if self.since_checkpoint >= CHECKPOINT_EVERY {
            self.since_checkpoint = 0;
            self.checkpoints.push_back(Checkpoint {
                after: Some(*fix),
                state: self.state.clone(),
            });
        }
        news
    }

    /// Forgets fixes before the newest checkpoint that lies before the horizon.
    fn settle(&mut self, horizon_s: f64) {
        let before = self.settled_before(horizon_s);
        let crowded = self.fixes.len() > FIXES_MAX;
        while let Some(next) = self.checkpoints.get(1).and_then(Checkpoint::key) {
            if next.0 >= before && !crowded {
                break;
            }
            self.checkpoints.pop_front();
            while self.fixes.front().is_some_and(|fix| fix.key() <= next) {
                self.fixes.pop_front();
            }
            if crowded && self.fixes.len() <= FIXES_MAX {
                break;
            }
        }
    }

    /// Takes out what is over and can no longer change, one by one.
    pub(super) fn take_settled(&mut self, horizon_s: f64) -> Option<Closed> {
        let before = self.settled_before(horizon_s);
        let is_settled = |closed: &Closed| closed.by.0 < before;
        self.closed
            .front()
            .is_some_and(is_settled)
            .then(|| self.closed.pop_front())?
    }

    /// Seconds since the newest fix; without end for an object that lost all its fixes.
    pub(super) fn silent_s(&self, now: Timestamp) -> f64 {
        self.newest()
            .map_or(f64::INFINITY, |fix| seconds_between(fix.at, now))
    }
}
