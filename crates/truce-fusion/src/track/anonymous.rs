//! Uncrewed aircraft that are seen but not named: detections are joined into tracks by nearest
//! neighbour inside a gate, one after the other in order of time.
//!
//! The tracks are a pure function of the detections within the horizon: a late detection rolls the
//! tracker back to a snapshot before it and runs it forward again. A track is handed out once it
//! has enough detections (M of N); two objects that cross may exchange their names here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use truce_core::time::seconds_between;
use truce_core::{
    Digest, Height, ObjectKind, Observation, Reading, Slug, Timestamp, Track, TrackId, TrackPoint,
    belief,
};

use super::cooperative::fix_of;
use super::kalman::{Fix, State};
use super::{Key, TRACK_RULE_VERSION, key_of};

/// Detections between two snapshots: a late detection costs at most this many steps more.
const SNAPSHOT_EVERY: usize = 256;
/// Detections kept for late data: a detector with one target a second for six hours, tenfold.
const DETECTIONS_MAX: usize = 216_000;
/// A track that was not seen for so long has ended, seconds.
const SILENCE_S_MAX: f64 = 60.0;
/// Gate on the squared Mahalanobis distance: 99 % of a χ² distribution with two degrees of freedom.
const GATE_CHI2: f64 = 9.21;
/// Detections after which a track is handed out.
const CONFIRMING_COUNT: u64 = 3;
/// Log-odds that a first detection is an object and not clutter (own estimate).
const FIRST_LOG_ODDS: f64 = -1.4;
/// Log-likelihood ratio of each further detection inside the gate: five times as probable from an
/// object as from clutter (own estimate).
const FURTHER_LOG_ODDS: f64 = 1.6;
/// Beyond this no number of detections makes a track more certain.
const LOG_ODDS_MAX: f64 = 6.0;
/// Spectral density of the acceleration of a small uncrewed aircraft, m²/s³ (own estimate).
const NOISE: f64 = 2.0;

#[derive(Debug, Clone)]
struct Detection {
    key: Key,
    source: Slug,
    fix: Fix,
    height: Option<Height>,
    operator: Option<Slug>,
    track: Option<TrackId>,
    state: State,
    told: bool,
}

#[derive(Debug, Clone)]
struct Live {
    state: State,
    last: Key,
    last_source: Slug,
    height: Option<Height>,
    first_observed_at: Timestamp,
    operator: Option<Slug>,
    count: u64,
}

/// The tracks that may still be continued.
type Active = BTreeMap<TrackId, Live>;

/// All uncrewed aircraft without a name.
#[derive(Debug, Clone)]
pub(crate) struct Anonymous {
    horizon_s: f64,
    detections: VecDeque<Detection>,
    stale_from: usize,
    active: Active,
    /// Ended tracks with the index of the detection at which their end was noticed.
    ended: Vec<(usize, TrackId, Live)>,
    /// The tracks that were active before the detection with an index; the first is at 0.
    snapshots: Vec<(usize, Active)>,
    handed_out: BTreeSet<TrackId>,
    newest: Option<Timestamp>,
    /// Detections that came after the horizon had passed.
    pub(crate) late_count: u64,
}

impl Anonymous {
    pub(crate) fn new(horizon_s: f64) -> Self {
        Self {
            horizon_s,
            detections: VecDeque::new(),
            stale_from: 0,
            active: Active::new(),
            ended: Vec::new(),
            snapshots: vec![(0, Active::new())],
            handed_out: BTreeSet::new(),
            newest: None,
            late_count: 0,
        }
    }

    /// Takes a detection in; one that gives no place is left out.
    pub(crate) fn update(&mut self, observation: &Observation) {
        let Reading::Uav(detection) = &observation.reading else {
            return;
        };
        let (fix, height) = fix_of(observation, detection.speed_m_s, detection.course_deg, 2.0);
        let Some(fix) = fix else {
            return;
        };
        let key = key_of(observation);
        let newest = self.newest.map_or(key.0, |newest| newest.max(key.0));
        if seconds_between(key.0, newest) > self.horizon_s {
            self.late_count += 1;
            return;
        }
        self.newest = Some(newest);
        let Err(index) = self
            .detections
            .binary_search_by(|known| known.key.cmp(&key))
        else {
            return;
        };
        let detection = Detection {
            key,
            source: observation.source.clone(),
            fix,
            height,
            operator: detection.operator.clone(),
            track: None,
            state: State::first(&fix),
            told: false,
        };
        self.detections.insert(index, detection);
        self.stale_from = self.stale_from.min(index);
    }

    /// True when [`Self::changes`] has something to say.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale_from < self.detections.len()
    }

    /// The tracks that changed since the last call.
    pub(crate) fn changes(&mut self) -> Vec<Track> {
        if !self.is_stale() {
            return Vec::new();
        }
        let touched = self.run();
        let mut tracks: BTreeMap<TrackId, Track> = BTreeMap::new();
        for id in touched {
            match self.confirmed(id) {
                Some(live) => {
                    self.handed_out.insert(id);
                    tracks.insert(id, track(id, &live));
                }
                // Late detections gave its detections to another track.
                None if self.handed_out.remove(&id) => {
                    tracks.insert(id, vanished(id, self.newest));
                }
                None => {}
            }
        }
        let first = tracks.values().map(|track| track.first_observed_at).min();
        let from = first.map_or(self.detections.len(), |first| {
            self.detections
                .partition_point(|detection| detection.key.0 < first)
        });
        for detection in self.detections.range_mut(from..) {
            let track = detection.track.and_then(|id| tracks.get_mut(&id));
            if let Some(track) = track.filter(|_| !detection.told) {
                track.points.push(point(detection));
                detection.told = true;
            }
        }
        self.settle();
        tracks.into_values().collect()
    }

    /// Every confirmed track within the horizon, with its last point. Call it when nothing is
    /// stale.
    pub(crate) fn finals(&self) -> impl Iterator<Item = Track> + '_ {
        let ended = self.ended.iter().map(|(_, id, live)| (*id, live));
        let all: BTreeMap<TrackId, &Live> = self
            .active
            .iter()
            .map(|(id, live)| (*id, live))
            .chain(ended)
            .collect();
        all.into_iter()
            .filter(|(_, live)| live.count >= CONFIRMING_COUNT && self.within_horizon(live))
            .map(|(id, live)| {
                let mut track = track(id, live);
                track
                    .points
                    .push(estimate(&live.state, live.last, live.height));
                track
            })
    }

    fn within_horizon(&self, live: &Live) -> bool {
        self.newest
            .is_some_and(|newest| seconds_between(live.last.0, newest) <= self.horizon_s)
    }

    fn confirmed(&self, id: TrackId) -> Option<Live> {
        let ended = || self.ended.iter().rev().find(|(_, ended, _)| *ended == id);
        let live = self
            .active
            .get(&id)
            .or_else(|| ended().map(|(_, _, live)| live));
        live.filter(|live| live.count >= CONFIRMING_COUNT).cloned()
    }

    /// Runs the tracker over the stale detections; says which tracks gained or lost something.
    fn run(&mut self) -> BTreeSet<TrackId> {
        while self
            .snapshots
            .last()
            .is_some_and(|(at, _)| *at > self.stale_from)
        {
            self.snapshots.pop();
        }
        let (start, active) = self.snapshots.last().expect("one snapshot is always kept");
        let (start, mut active) = (*start, active.clone());
        self.ended.retain(|(at, _, _)| *at < start);
        let mut touched = BTreeSet::new();
        for index in start..self.detections.len() {
            let due = self
                .snapshots
                .last()
                .is_some_and(|(at, _)| index - at >= SNAPSHOT_EVERY);
            if due {
                self.snapshots.push((index, active.clone()));
            }
            let detection = &mut self.detections[index];
            end_silent(&mut active, detection.key.0, index, &mut self.ended);
            let (id, state) = associate(&mut active, detection);
            if detection.track != Some(id) || detection.state != state {
                touched.extend(detection.track);
                touched.insert(id);
                detection.track = Some(id);
                detection.state = state;
                detection.told = false;
            }
        }
        self.active = active;
        self.stale_from = self.detections.len();
        touched
    }

    /// Lets go of what no late detection can reach, as far as the snapshots allow.
    fn settle(&mut self) {
        let Some(newest) = self.newest else {
            return;
        };
        let excess = self.detections.len().saturating_sub(DETECTIONS_MAX);
        let old = self
            .detections
            .partition_point(|known| seconds_between(known.key.0, newest) > self.horizon_s)
            .max(excess);
        let kept = self
            .snapshots
            .iter()
            .rposition(|(at, _)| *at <= old)
            .unwrap_or(0);
        let cut = self.snapshots[kept].0;
        if cut == 0 {
            return;
        }
        self.snapshots.drain(..kept);
        self.detections.drain(..cut);
        for (at, _) in &mut self.snapshots {
            *at -= cut;
        }
        let horizon_s = self.horizon_s;
        self.ended.retain_mut(|(at, _, live)| {
            *at = at.saturating_sub(cut);
            seconds_between(live.last.0, newest) <= horizon_s
        });
        let live: BTreeSet<TrackId> = self
            .ended
            .iter()
            .map(|(_, id, _)| *id)
            .chain(self.active.keys().copied())
            .collect();
        self.handed_out.retain(|id| live.contains(id));
        self.stale_from = self.detections.len();
    }
}

fn end_silent(
    active: &mut Active,
    now: Timestamp,
    index: usize,
    ended: &mut Vec<(usize, TrackId, Live)>,
) {
    let silent = |live: &Live| seconds_between(live.last.0, now) > SILENCE_S_MAX;
    let over: Vec<TrackId> = active
        .iter()
        .filter(|(_, live)| silent(live))
        .map(|(id, _)| *id)
        .collect();
    for id in over {
        ended.extend(active.remove(&id).map(|live| (index, id, live)));
    }
}

/// Gives a detection to the nearest track in whose gate it lies, or to a new one.
fn associate(active: &mut Active, detection: &Detection) -> (TrackId, State) {
    let mut best: Option<(f64, TrackId)> = None;
    for (id, live) in active.iter() {
        // One detector does not report one object twice at one instant.
        if live.last.0 == detection.key.0 && live.last_source == detection.source {
            continue;
        }
        let dt_s = seconds_between(live.last.0, detection.key.0);
        let distance2 = live.state.distance2(dt_s, NOISE, &detection.fix);
        if distance2 <= GATE_CHI2 && best.is_none_or(|(least, _)| distance2 < least) {
            best = Some((distance2, *id));
        }
    }
    let found = best.and_then(|(_, id)| active.get_mut(&id).map(|live| (id, live)));
    if let Some((id, live)) = found {
        let dt_s = seconds_between(live.last.0, detection.key.0);
        live.state = live.state.step(dt_s, NOISE, &detection.fix);
        live.last = detection.key;
        live.last_source = detection.source.clone();
        live.height = detection.height.or(live.height);
        live.operator = live.operator.take().or_else(|| detection.operator.clone());
        live.count += 1;
        return (id, live.state);
    }
    let parts: [&[u8]; 2] = [&TRACK_RULE_VERSION.to_be_bytes(), &detection.key.1.0.0];
    let id = TrackId(Digest::of_parts("truce track of a founder", &parts));
    let live = Live {
        state: State::first(&detection.fix),
        last: detection.key,
        last_source: detection.source.clone(),
        height: detection.height,
        first_observed_at: detection.key.0,
        operator: detection.operator.clone(),
        count: 1,
    };
    let state = live.state;
    active.insert(id, live);
    (id, state)
}

fn track(id: TrackId, live: &Live) -> Track {
    let further = live.count.saturating_sub(1) as f64;
    let log_odds = (FIRST_LOG_ODDS + FURTHER_LOG_ODDS * further).min(LOG_ODDS_MAX);
    Track {
        id,
        kind: ObjectKind::Uav,
        identity: None,
        name: None,
        actor: live.operator.clone(),
        existence: belief::probability(log_odds),
        observation_count: live.count,
        first_observed_at: live.first_observed_at,
        points: Vec::new(),
    }
}

/// A track whose detections went to others: it no longer exists.
fn vanished(id: TrackId, newest: Option<Timestamp>) -> Track {
    Track {
        id,
        kind: ObjectKind::Uav,
        identity: None,
        name: None,
        actor: None,
        existence: 0.0,
        observation_count: 0,
        first_observed_at: newest.unwrap_or(Timestamp::MIN),
        points: Vec::new(),
    }
}

fn point(detection: &Detection) -> TrackPoint {
    estimate(&detection.state, detection.key, detection.height)
}

fn estimate(state: &State, key: Key, height: Option<Height>) -> TrackPoint {
    let motion = state.motion();
    TrackPoint {
        observed_at: key.0,
        place: state.place(),
        height,
        speed_m_s: motion.map(|(speed, _)| speed),
        course_deg: motion.map(|(_, course)| course),
        observation: key.1,
    }
}
