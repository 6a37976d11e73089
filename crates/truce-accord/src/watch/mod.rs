//! The geofence: tracks against the zones that clauses in force make relevant.
//!
//! An object is inside a zone, outside it, or unknown when it has been silent too long. It enters
//! when a fix is inside by more than the border's uncertainty band, and leaves when one is outside by
//! more than the band and the hysteresis; in between nothing changes. A way between two fixes that
//! goes through a zone or over a line is a passage. A presence where none is allowed becomes an
//! incident, told on entry, when it has lasted long enough to count, every hour, and when it ends.
//!
//! Fixes may arrive late, within the mission's horizon: the object's states are done again from
//! there, and incidents are revised or withdrawn. Fixes later than that are counted and left out.
//! A fix is known by its observation and time; the same one again replaces the earlier estimate.

mod fence;
mod incident;
mod object;
mod stay;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use truce_core::incident::Withdrawal;
use truce_core::mission::Mission;
use truce_core::time::seconds_between;
use truce_core::{Digest, Incident, IncidentId, Slug, Timestamp, Track, TrackId, TrackPoint};

use crate::agreement::{Agreement, Thresholds};
use crate::assess::identity_words;
use crate::zones::ZoneIndex;

use fence::{Who, fences};
use object::{Object, rounded_existence};
use stay::{Fix, Happening};
use step::{Ground, Run, Scratch};

/// Most objects watched at once: ten times the vessels of the world's busiest sea. Beyond it the
/// object not heard of for longest is forgotten.
pub const OBJECTS_MAX: usize = 200_000;

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
    objects: BTreeMap<TrackId, Object>,
    /// When open stays fall silent.
    deadlines: BTreeSet<(Timestamp, TrackId)>,
    changed: BTreeSet<TrackId>,
    swept_at: Option<Timestamp>,
    late_fixes: u64,
    scratch: Scratch,
}

impl Watch {
    /// A watch over a mission's zones for an agreement, with nothing seen yet.
    #[must_use]
    pub fn new(mission: &Mission, agreement: &Agreement) -> Self {
        let mut fences = fences(agreement);
        let guards = || fences.iter().flat_map(|fence| &fence.guards);
        let used: BTreeSet<&Slug> = fences
            .iter()
            .map(|fence| &fence.zone)
            .chain(guards().flat_map(|guard| &guard.free))
            .collect();
        let zones: Vec<_> = mission
            .zones
            .iter()
            .filter(|zone| used.contains(&zone.id))
            .cloned()
            .collect();
        let most = |of: fn(&Thresholds) -> f64| {
            guards()
                .map(|guard| of(&guard.thresholds))
                .fold(0.0, f64::max)
        };
        let sigmas = most(|t| t.border_sigmas);
        let hysteresis_m = most(|t| t.hysteresis_m);
        let silence_s = most(|t| t.silence_s);
        let border_m_sigma = zones
            .iter()
            .map(|zone| zone.border_m_sigma)
            .fold(0.0, f64::max);
        let zones = ZoneIndex::new(&zones);
        // A fence on a zone that the mission does not have watches nothing.
        fences.retain(|fence| zones.number(&fence.zone).is_some());
        let zone_of: Vec<usize> = fences
            .iter()
            .filter_map(|fence| zones.number(&fence.zone))
            .collect();
        let mut on_zone = vec![Vec::new(); zones.zones().len()];
        for (fence, zone) in zone_of.iter().enumerate() {
            on_zone[*zone].push(fence);
        }
        Self {
            ground: Ground {
                zones,
                fences,
                on_zone,
                zone_of,
                reach_m: sigmas * border_m_sigma + hysteresis_m,
                sigmas,
            },
            horizon_s: mission.horizon_s,
            forget_s: 2.0 * mission.horizon_s + silence_s,
            silence_s,
            now: None,
            objects: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            changed: BTreeSet::new(),
            swept_at: None,
            late_fixes: 0,
            scratch: Scratch::default(),
        }
    }

    /// Takes a track's new and re-estimated points.
    pub fn update(&mut self, track: &Track) {
        let who = Who {
            kind: track.kind,
            actor: track.actor.clone(),
            identity: track.identity.as_ref().and_then(identity_words),
        };
        let existence = rounded_existence(track.existence);
        let object = self
            .objects
            .entry(track.id)
            .or_insert_with(|| Object::new(who.clone(), existence));
        if let Some(deadline) = object.state.silent_from() {
            self.deadlines.remove(&(deadline, track.id));
        }
        let (closed, open) = (object.closed.len(), object.state.runs.len());
        let changed = object.existence != existence || object.who != who;
        object.existence = existence;
        if object.who != who {
            object.who = who;
            object.redo_all(&self.ground, &mut self.scratch);
        }
        let fixes = track.points.iter().map(fix);
        self.late_fixes += object.take(fixes, self.horizon_s, &self.ground, &mut self.scratch);
        if let Some(deadline) = object.state.silent_from() {
            self.deadlines.insert((deadline, track.id));
        }
        // An object that was and is outside everything, and of which nothing was told, is no news.
        let quiet = closed == 0 && open == 0 && object.told.is_empty();
        let still = object.closed.is_empty() && object.state.runs.is_empty();
        if changed || !quiet || !still {
            self.changed.insert(track.id);
        }
        if self.objects.len() > OBJECTS_MAX {
            self.forget_oldest();
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
            self.changed.insert(track);
        }
        let sweep_due = self
            .swept_at
            .is_none_or(|at| seconds_between(at, now) >= self.forget_s);
        if sweep_due {
            self.swept_at = Some(now);
            self.sweep(now);
        }
    }

    /// Forgets objects of which nothing more can be said.
    fn sweep(&mut self, now: Timestamp) {
        let (forget_s, changed) = (self.forget_s, &self.changed);
        self.objects
            .retain(|id, object| object.silent_s(now) <= forget_s || changed.contains(id));
    }

    fn forget_oldest(&mut self) {
        let newest = |object: &Object| object.newest().map(|fix| fix.at);
        let oldest = self
            .objects
            .iter()
            .min_by_key(|(_, object)| newest(object))
            .map(|(id, _)| *id);
        if let Some(id) = oldest {
            if let Some(deadline) = self.objects[&id].state.silent_from() {
                self.deadlines.remove(&(deadline, id));
            }
            self.objects.remove(&id);
            self.changed.remove(&id);
        }
    }

    /// New and revised incidents since the last call, by track, then by zone, then by time.
    pub fn changes(&mut self) -> Vec<Incident> {
        let mut news = Vec::new();
        for track in std::mem::take(&mut self.changed) {
            let Some(object) = self.objects.get_mut(&track) else {
                continue;
            };
            let current = happenings(track, object, &self.ground, self.now);
            let first = news.len();
            tell(object, &current, &mut news);
            news[first..].sort_by(|a: &Incident, b| {
                let order = |i: &Incident| (i.occurred.start, i.id);
                a.zone.cmp(&b.zone).then(order(a).cmp(&order(b)))
            });
            for closed in object.take_settled(self.horizon_s) {
                let fence = &self.ground.fences[closed.fence];
                let (_, id) = incident::identify(&closed.happening, fence);
                object.told.remove(&id);
            }
            let before = object.settled_before(self.horizon_s);
            object
                .told
                .retain(|_, told| told.withdrawn.is_none() || told.occurred.end >= before);
        }
        news
    }

    /// Where an object is with regard to a zone that is watched for presence.
    #[must_use]
    pub fn standing(&self, track: TrackId, zone: &Slug) -> Standing {
        let Some(object) = self.objects.get(&track) else {
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
        for (id, object) in &self.objects {
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
            let mut words = format!("{id} {} {}", newest.at, newest.observation);
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

fn fix(point: &TrackPoint) -> Fix {
    Fix {
        at: point.observed_at,
        observation: point.observation,
        place: point.place,
        height: point.height,
        speed_m_s: point.speed_m_s,
    }
}

fn is_presence_in(ground: &Ground, number: usize, zone: &Slug) -> bool {
    let fence = &ground.fences[number];
    fence.zone == *zone && fence.effect == fence::Effect::Presence
}

/// Everything that can be told of an object now, by name.
fn happenings(
    track: TrackId,
    object: &Object,
    ground: &Ground,
    now: Option<Timestamp>,
) -> BTreeMap<IncidentId, Incident> {
    let open = object
        .state
        .runs
        .iter()
        .filter_map(|(number, run)| match run {
            Run::Stay(stay) => Some((*number, Happening::Stay(Box::new(stay.seen_at(now))))),
            _ => None,
        });
    let over = object
        .closed
        .iter()
        .map(|closed| (closed.fence, closed.happening.clone()));
    over.chain(open)
        .filter_map(|(number, happening)| {
            incident::incident(track, object, number, &happening, ground)
        })
        .map(|incident| (incident.id, incident))
        .collect()
}

/// Tells what is new or different, and withdraws what is no longer so.
fn tell(object: &mut Object, current: &BTreeMap<IncidentId, Incident>, news: &mut Vec<Incident>) {
    for (id, incident) in current {
        let told = object.told.get(id);
        let revision = told.map_or(0, |told| told.revision);
        let next = Incident {
            revision: revision + 1,
            ..incident.clone()
        };
        let same = told.is_some_and(|told| {
            let as_told = Incident {
                revision,
                ..incident.clone()
            };
            *told == as_told
        });
        if !same {
            news.push(next.clone());
            object.told.insert(*id, next);
        }
    }
    for (id, told) in &mut object.told {
        if current.contains_key(id) || told.withdrawn.is_some() {
            continue;
        }
        told.revision += 1;
        told.withdrawn = Some(replaced_by(told, current));
        news.push(told.clone());
    }
}

/// An incident that vanished because a late fix founded another one about the same zone and time is
/// part of that one.
fn replaced_by(gone: &Incident, current: &BTreeMap<IncidentId, Incident>) -> Withdrawal {
    let same = |other: &&Incident| {
        other.zone == gone.zone
            && other.kind == gone.kind
            && other.occurred.overlaps(&gone.occurred)
    };
    let other = current.values().find(same);
    other.map_or(Withdrawal::Unsupported, |other| {
        Withdrawal::PartOf(other.id)
    })
}
