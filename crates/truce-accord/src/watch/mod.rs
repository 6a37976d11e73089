//! The geofence: tracks against the zones that clauses in force make relevant.
//!
//! An object is inside a zone, outside it, or unknown when it has been silent too long. It enters
//! when a fix is inside by more than the border's uncertainty band, and leaves when one is outside by
//! more than the band and the hysteresis; in between nothing changes. A way between two fixes that
//! goes through a zone or over a line is a passage. A presence where none is allowed becomes an
//! incident, told on entry, when it has lasted long enough to count, every hour, and when it ends.
//! A vessel in a corridor carries a bubble with it: who comes too near is an incident too.
//!
//! Fixes may arrive late, within the mission's horizon: the object's states are done again from
//! there, and incidents are revised or withdrawn. Fixes later than that are counted and left out.
//! A fix is known by its observation and time; the same one again replaces the earlier estimate.
mod bubble;
mod cross;
mod ends;
mod fence;
mod incident;
mod object;
mod pairs;
mod roster;
mod stay;
mod step;
mod tell;

use std::collections::BTreeSet;

use truce_core::mission::Mission;
use truce_core::time::seconds_between;
use truce_core::{Digest, Incident, IncidentKind, ObservationId, Slug, Timestamp, Track, TrackId};

use crate::agreement::{Agreement, Thresholds};
use crate::zones::ZoneIndex;

use ends::ends_of;
use fence::{Effect, Fence, Guard, fences};
use object::Object;
use pairs::Pairs;
use roster::Roster;
use step::{Ground, Run, Scratch};

/// Most objects watched at once: ten times the vessels of the world's busiest sea. Beyond it those
/// not heard of for longest are forgotten, a sixteenth of all at a time.
pub const OBJECTS_MAX: usize = 200_000;
/// One in so many objects is forgotten when there are too many: seldom enough to cost nothing.
const FORGET_SHARE: usize = 16;

/// Where an object is with regard to a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Inside.
    Inside,
    /// Outside, or nothing says that it is inside.
    Outside,
    /// Not heard of for too long.
    Unknown,
}

/// The geofence over all tracks.
#[derive(Debug, Clone)]
pub struct Watch {
    ground: Ground,
    horizon_s: f64,
    /// After this long without a fix an object is forgotten, seconds.
    forget_s: f64,
    silence_s: f64,
    now: Option<Timestamp>,
    objects: Roster,
    /// When objects are looked at because an open stay may have fallen silent by then.
    deadlines: BTreeSet<(Timestamp, TrackId)>,
    changed: Vec<TrackId>,
    pairs: Pairs,
    swept_at: Option<Timestamp>,
    late_fixes: u64,
    scratch: Scratch,
}

impl Watch {
    /// A watch over a mission's zones for an agreement, with nothing seen yet.
    #[must_use]
    pub fn new(mission: &Mission, agreement: &Agreement) -> Self {
        let ground = Ground::new(mission, fences(agreement));
        let silence_s = ground.most(|t| t.silence_s);
        Self {
            ground,
            horizon_s: mission.horizon_s,
            forget_s: 2.0 * mission.horizon_s + silence_s,
            silence_s,
            now: None,
            objects: Roster::default(),
            deadlines: BTreeSet::new(),
            changed: Vec::new(),
            pairs: Pairs::default(),
            swept_at: None,
            late_fixes: 0,
            scratch: Scratch::default(),
        }
    }

    /// Takes another agreement, or other zones, from one update to the next. What is known of every
    /// object stays: within the horizon all is done again by the new text, and a stay that no clause
    /// asks for any more ends there as lapsed. A zone that is gone takes what was told of it along.
    pub fn adopt(&mut self, mission: &Mission, agreement: &Agreement) {
        let mut all = fences(agreement);
        for old in &self.ground.fences {
            let is_known = |new: &Fence| new.zone == old.zone && new.effect == old.effect;
            if !all.iter().any(is_known) {
                all.push(Fence {
                    guards: Vec::new(),
                    ..old.clone()
                });
            }
        }
        let next = Self::new(mission, agreement);
        let ground = Ground::new(mission, all);
        let numbers: Vec<Option<usize>> = self
            .ground
            .fences
            .iter()
            .map(|old| ground.number_of(&old.zone, old.effect))
            .collect();
        for object in self.objects.iter_mut() {
            object.renumber(|old| numbers[old], &ground, &mut self.scratch);
            object.has_news = true;
            object.deadline = None;
        }
        self.changed = self.objects.iter().map(|object| object.id).collect();
        self.deadlines.clear();
        for object in self.objects.iter_mut() {
            list_deadline(object, &mut self.deadlines);
        }
        (self.horizon_s, self.forget_s) = (next.horizon_s, next.forget_s);
        self.silence_s = next.silence_s;
        self.ground = ground;
        self.pairs.touch_all();
    }

    /// Takes a track's new and re-estimated points.
    pub fn update(&mut self, track: &Track) {
        let (ground, scratch) = (&self.ground, &mut self.scratch);
        let object = self.objects.entry(track.id, || Object::new(track));
        let met = object.meet(track, ground, scratch);
        let taken = object.take(&track.points, self.horizon_s, ground, scratch);
        self.late_fixes += taken.late;
        if !ground.bubbles.is_empty()
            && let Some(first) = track.points.iter().map(|point| point.observed_at).min()
        {
            self.pairs.touch(object, first, ground);
        }
        let news = met || taken.news;
        if news && !object.has_news {
            object.has_news = true;
            self.changed.push(track.id);
        }
        if news || object.deadline.is_none() {
            list_deadline(object, &mut self.deadlines);
        }
        if self.objects.len() > OBJECTS_MAX {
            self.forget_oldest();
        }
    }

    /// Takes fixes of a track back, by time and observation, because they are another's or nobody's:
    /// what follows from them is done again without them.
    pub fn lose(&mut self, track: TrackId, fixes: &[(Timestamp, ObservationId)]) {
        let (ground, scratch) = (&self.ground, &mut self.scratch);
        let Some(object) = self.objects.get_mut(track) else {
            return;
        };
        let Some(first) = object.lose(fixes, ground, scratch) else {
            return;
        };
        if !ground.bubbles.is_empty() {
            self.pairs.touch(object, first, ground);
        }
        if !object.has_news {
            object.has_news = true;
            self.changed.push(track);
        }
        list_deadline(object, &mut self.deadlines);
    }

    /// Takes an incident that another watch told of a track. A stop that an obstruction forced is told
    /// once, as part of the obstruction; when that is withdrawn, the stop stands by itself again.
    pub fn take_graver(&mut self, graver: &Incident) {
        if graver.kind != IncidentKind::Obstruction {
            return;
        }
        let object = graver.track.and_then(|track| self.objects.get_mut(track));
        if let Some(object) = object
            && object.take_graver(graver)
            && !object.has_news
        {
            object.has_news = true;
            self.changed.push(object.id);
        }
    }

    /// Lets time pass: objects not heard of for too long become unknown.
    pub fn advance(&mut self, now: Timestamp) {
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
        while let Some((deadline, track)) = self.deadlines.first().copied() {
            if deadline >= now {
                break;
            }
            self.deadlines.pop_first();
            let Some(object) = self.objects.get_mut(track) else {
                continue;
            };
            let is_silent = object.state.silent_from(None).is_some_and(|at| at < now);
            if is_silent && !object.has_news {
                object.has_news = true;
                self.changed.push(track);
            }
            object.deadline = object.state.silent_from(Some(now));
            self.deadlines.extend(object.deadline.map(|at| (at, track)));
        }
        let sweep_due = self
            .swept_at
            .is_none_or(|at| seconds_between(at, now) >= self.forget_s);
        if sweep_due {
            self.swept_at = Some(now);
            let forget_s = self.forget_s;
            self.objects
                .retain(|object| object.silent_s(now) <= forget_s || object.has_news);
            self.pairs.sweep(&self.objects);
        }
    }

    fn forget_oldest(&mut self) {
        let newest = |object: &Object| object.newest().map(|fix| (fix.at, object.id));
        let mut all: Vec<_> = self.objects.iter().map(newest).collect();
        let (_, limit, _) = all.select_nth_unstable(OBJECTS_MAX / FORGET_SHARE);
        let limit = *limit;
        self.objects.retain(|object| newest(object) >= limit);
    }

    /// New and revised incidents since the last call: by track, then by zone, then by time; then
    /// approaches to vessels, by vessel and intruder.
    pub fn changes(&mut self) -> Vec<Incident> {
        let mut news = Vec::new();
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        for track in changed {
            if let Some(object) = self.objects.get_mut(track) {
                object.has_news = false;
                tell::tell(object, &self.ground, self.now, self.horizon_s, &mut news);
            }
        }
        self.pairs
            .changes(&self.objects, &self.ground, self.now, &mut news);
        news
    }

    /// Where an object is with regard to a zone that is watched for presence.
    #[must_use]
    pub fn standing(&self, track: TrackId, zone: &Slug) -> Standing {
        let Some(object) = self.objects.get(track) else {
            return Standing::Unknown;
        };
        let stay = object
            .state
            .runs
            .iter()
            .find_map(|(number, run)| match run {
                Run::Stay(stay) if is_presence_in(&self.ground, *number, zone) => {
                    Some(stay.as_ref())
                }
                _ => None,
            });
        let silence_s = stay.map_or(self.silence_s, |stay| stay.silence_s);
        let silent = self.now.is_some_and(|now| object.silent_s(now) > silence_s);
        match (silent, stay) {
            (true, _) => Standing::Unknown,
            (false, Some(_)) => Standing::Inside,
            (false, None) => Standing::Outside,
        }
    }

    /// How many fixes came later than the horizon and were left out.
    #[must_use]
    pub fn late_fixes(&self) -> u64 {
        self.late_fixes
    }

    /// How many objects are watched.
    #[must_use]
    pub fn object_count(&self) -> usize {
        self.objects.len()
    }

    /// A digest of every object's state and of all that a fix within the horizon could still change.
    /// It does not depend on the order in which fixes arrived within the horizon, nor on what was
    /// already told.
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for object in self.objects.by_name() {
            let Some(newest) = object.newest() else {
                continue;
            };
            // What is about to be forgotten counts as forgotten.
            if self
                .now
                .is_some_and(|now| object.silent_s(now) > self.forget_s)
            {
                continue;
            }
            let mut words = format!("{} {} {}", object.id, newest.at, newest.observation);
            let before = object.settled_before(self.horizon_s);
            for (number, run) in &object.state.runs {
                words.push_str(&format!("\n{} {run:?}", self.ground.fences[*number].zone));
            }
            for closed in object.closed.iter().filter(|closed| closed.by.0 >= before) {
                let zone = &self.ground.fences[closed.fence].zone;
                words.push_str(&format!("\n{zone} {:?}", closed.happening));
            }
            parts.push(words.into_bytes());
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Digest::of_parts("truce watch v1", &parts)
    }
}

fn is_presence_in(ground: &Ground, number: usize, zone: &Slug) -> bool {
    let fence = &ground.fences[number];
    fence.zone == *zone && fence.effect == Effect::Presence
}

/// Puts an object where it is found when its first open stay falls silent. An entry that stands too
/// early is corrected when its time comes, so a fix that only prolongs a stay costs nothing here.
fn list_deadline(object: &mut Object, deadlines: &mut BTreeSet<(Timestamp, TrackId)>) {
    let due = object.state.silent_from(None);
    let earlier = due.filter(|at| object.deadline.is_none_or(|listed| *at < listed));
    if let Some(at) = earlier {
        object.deadline = Some(at);
        deadlines.insert((at, object.id));
    }
}

impl Ground {
    fn new(mission: &Mission, mut fences: Vec<Fence>) -> Self {
        let guards = || fences.iter().flat_map(|fence| &fence.guards);
        let used: BTreeSet<&Slug> = fences
            .iter()
            .map(|fence| &fence.zone)
            .chain(guards().flat_map(Guard::allowed))
            .collect();
        let zones: Vec<_> = mission
            .zones
            .iter()
            .filter(|zone| used.contains(&zone.id))
            .cloned()
            .collect();
        let border_m_sigma = zones
            .iter()
            .map(|zone| zone.border_m_sigma)
            .fold(0.0, f64::max);
        let zones = ZoneIndex::new(&zones);
        // A fence on a zone that the mission does not have watches nothing.
        fences.retain(|fence| zones.number(&fence.zone).is_some());
        let is_bubble = |fence: &mut Fence| fence.effect == Effect::Bubble;
        let bubbles: Vec<Fence> = fences.extract_if(.., is_bubble).collect();
        let zone_of: Vec<usize> = fences
            .iter()
            .filter_map(|fence| zones.number(&fence.zone))
            .collect();
        let mut on_zone = vec![Vec::new(); zones.zones().len()];
        for (fence, zone) in zone_of.iter().enumerate() {
            on_zone[*zone].push(fence);
        }
        let ends = fences.iter().map(|fence| ends_of(fence, &zones)).collect();
        let mut ground = Self {
            ends,
            has_lines: zone_of.iter().any(|zone| !zones.shape(*zone).is_area()),
            zones,
            fences,
            bubbles,
            on_zone,
            zone_of,
            jump_m: mission.sea.jump_m,
            jump_m_s: mission.sea.jump_m_s,
            reach_m: 0.0,
            sigmas: 0.0,
        };
        ground.sigmas = ground.most(|t| t.border_sigmas);
        ground.reach_m = ground.sigmas * border_m_sigma + ground.most(|t| t.hysteresis_m);
        ground
    }

    /// The most that any guard asks for of something.
    fn most(&self, of: fn(&Thresholds) -> f64) -> f64 {
        let fences = self.fences.iter().chain(&self.bubbles);
        fences
            .flat_map(|fence| &fence.guards)
            .map(|guard| of(&guard.thresholds))
            .fold(0.0, f64::max)
    }

    fn number_of(&self, zone: &Slug, effect: Effect) -> Option<usize> {
        self.fences
            .iter()
            .position(|fence| fence.zone == *zone && fence.effect == effect)
    }
}
