//! Objects that are seen but not named: uncrewed aircraft by their detectors, vessels by radars. Each
//! sensor's plots of one instant are a scan, and the scans of all sensors together are joined into
//! tracks by the tracker of [`super::scans`], so that what two radars see is one track.
//!
//! The tracks are a pure function of the detections within the horizon: a late detection rolls the
//! tracker back to a snapshot before it and runs it forward again. A track is handed out once its
//! object exists more likely than not.

mod followed;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use truce_core::time::seconds_between;
use truce_core::{
    Frame, ObjectKind, Observation, ObservationId, Reading, Slug, Timestamp, Track, TrackId,
};

use super::cooperative::fix_of;
use super::{Lost, speaker_of};
use followed::{Detection, Followed, Live, UAV, VESSEL, voice_of};

/// Detections between two snapshots: a late detection costs at most this many steps more.
const SNAPSHOT_EVERY: usize = 256;
/// Detections kept for late data: a detector with one target a second for six hours, tenfold.
const DETECTIONS_MAX: usize = 216_000;

/// The order in which detections are taken: by time, then by detector, whose detections of one
/// instant are one scan, then by name.
type Key = (Timestamp, Slug, ObservationId);

/// All objects of a kind without a name.
#[derive(Debug, Clone)]
pub(crate) struct Anonymous {
    kind: ObjectKind,
    horizon_s: f64,
    detections: VecDeque<Detection>,
    stale_from: usize,
    /// Confirmed tracks that ended, with the index of the detection at which it was noticed.
    ended: Vec<(usize, Live)>,
    /// What was followed before the detection with an index; the first is at 0. Empty until the
    /// first detection, which is the origin of the plane.
    snapshots: Vec<(usize, Followed)>,
    followed: Option<Followed>,
    /// Nothing was let go yet, so an earlier detection may still become the first.
    whole: bool,
    /// The tracks that others know of, with their beginning.
    handed_out: BTreeMap<TrackId, Timestamp>,
    newest: Option<Timestamp>,
    /// Detections that came after the horizon had passed.
    pub(crate) late_count: u64,
}

impl Anonymous {
    /// Follows objects of a kind: uncrewed aircraft or vessels.
    pub(crate) fn new(kind: ObjectKind, horizon_s: f64) -> Self {
        Self {
            kind,
            horizon_s,
            detections: VecDeque::new(),
            stale_from: 0,
            ended: Vec::new(),
            snapshots: Vec::new(),
            followed: None,
            whole: true,
            handed_out: BTreeMap::new(),
            newest: None,
            late_count: 0,
        }
    }

    /// Takes a detection in, or the report of an object that names itself; one that gives no place is
    /// left out.
    pub(crate) fn update(&mut self, observation: &Observation) {
        let (Some(_), height) = fix_of(observation, None, None, 1.0) else {
            return;
        };
        let Some(place) = observation.location.as_ref().and_then(|l| l.place()) else {
            return;
        };
        let speaker = speaker_of(observation);
        let at = observation.observed_at.middle();
        let newest = self.newest.map_or(at, |newest| newest.max(at));
        if seconds_between(at, newest) > self.horizon_s {
            // Reports of objects that name themselves are counted where they are followed.
            self.late_count += u64::from(speaker.is_none());
            return;
        }
        self.newest = Some(newest);
        let sensor = observation.sensor.as_ref().unwrap_or(&observation.source);
        let key = (at, sensor.clone(), observation.id);
        let Err(index) = self
            .detections
            .binary_search_by(|known| known.key.cmp(&key))
        else {
            return;
        };
        let detection = Detection {
            key,
            place,
            height,
            operator: operator_of(observation).cloned(),
            voice: voice_of(sensor, number_of(observation)),
            speaker,
            track: None,
            point: None,
            told: false,
            told_of: None,
        };
        self.detections.insert(index, detection);
        self.stale_from = self.stale_from.min(index);
    }

    /// True when [`Self::changes`] has something to say.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale_from < self.detections.len()
    }

    /// The tracks that changed since the last call, and the fixes that tracks lost by it.
    pub(crate) fn changes(&mut self) -> (Vec<Track>, Vec<Lost>) {
        if !self.is_stale() {
            return (Vec::new(), Vec::new());
        }
        let touched = self.run();
        let confirmed: BTreeMap<TrackId, Track> = self
            .confirmed()
            .map(|live| (live.id, self.track(live)))
            .collect();
        // Late detections gave the detections of these to others.
        let vanished: BTreeMap<TrackId, Timestamp> = self
            .handed_out
            .extract_if(.., |id, _| !confirmed.contains_key(id))
            .collect();
        let mut tracks: BTreeMap<TrackId, Track> = vanished
            .iter()
            .map(|(id, first)| (*id, self.vanished(*id, *first)))
            .collect();
        let changed = confirmed.into_iter().filter(|(id, _)| touched.contains(id));
        tracks.extend(changed);
        let first = tracks.values().map(|track| track.first_observed_at).min();
        let from = first.map_or(self.detections.len(), |first| {
            self.detections
                .partition_point(|detection| detection.key.0 < first)
        });
        let mut lost: BTreeMap<TrackId, Lost> = BTreeMap::new();
        let seen = self.detections.range_mut(from..);
        for detection in seen.filter(|detection| detection.speaker.is_none()) {
            let (at, _, id) = &detection.key;
            let of = detection.track.filter(|id| !vanished.contains_key(id));
            if let Some(before) = detection.told_of.filter(|before| Some(*before) != of) {
                let lost = lost.entry(before).or_insert_with(|| Lost::new(before));
                lost.fixes.push((*at, *id));
                (detection.told, detection.told_of) = (false, None);
            }
            let track = of.and_then(|id| tracks.get_mut(&id));
            let Some(track) = track.filter(|_| !detection.told) else {
                continue;
            };
            track.points.extend(detection.point.clone());
            (detection.told, detection.told_of) = (true, of);
        }
        let told = tracks.values().filter(|track| track.existence > 0.0);
        self.handed_out
            .extend(told.map(|track| (track.id, track.first_observed_at)));
        self.settle();
        (tracks.into_values().collect(), lost.into_values().collect())
    }

    /// Every confirmed track within the horizon, with its last point. Call it when nothing is
    /// stale.
    pub(crate) fn finals(&self) -> impl Iterator<Item = Track> + '_ {
        let all: BTreeMap<TrackId, &Live> = self
            .confirmed()
            .filter(|live| self.within_horizon(live))
            .map(|live| (live.id, live))
            .collect();
        all.into_values().map(|live| Track {
            points: vec![live.last.clone()],
            ..self.track(live)
        })
    }

    fn within_horizon(&self, live: &Live) -> bool {
        self.newest
            .is_some_and(|newest| seconds_between(live.last.observed_at, newest) <= self.horizon_s)
    }

    fn confirmed(&self) -> impl Iterator<Item = &Live> {
        let active = self
            .followed
            .iter()
            .flat_map(|followed| followed.lives.values());
        let ended = self.ended.iter().map(|(_, live)| live);
        let all = active.chain(ended);
        all.filter(|live| live.confirmed && live.count > 0 && !live.is_named())
    }

    fn track(&self, live: &Live) -> Track {
        Track {
            id: live.id,
            kind: self.kind,
            identity: None,
            name: None,
            actor: live.operator.clone(),
            existence: live.existence,
            observation_count: live.count,
            first_observed_at: live.first_observed_at,
            points: Vec::new(),
        }
    }

    /// A track whose detections went to others: it no longer exists.
    fn vanished(&self, id: TrackId, first_observed_at: Timestamp) -> Track {
        Track {
            id,
            kind: self.kind,
            identity: None,
            name: None,
            actor: None,
            existence: 0.0,
            observation_count: 0,
            first_observed_at,
            points: Vec::new(),
        }
    }

    /// Runs the tracker over the stale detections; says which tracks gained or lost something.
    fn run(&mut self) -> BTreeSet<TrackId> {
        let (start, mut followed) = self.roll_back();
        self.ended.retain(|(at, _)| *at < start);
        let mut touched = BTreeSet::new();
        let mut from = start;
        while from < self.detections.len() {
            let due = self.snapshots.last();
            if due.is_none_or(|(at, _)| from - at >= SNAPSHOT_EVERY) {
                self.snapshots.push((from, followed.clone()));
            }
            let to = self.scan_end(from);
            followed.scan(self.detections.range_mut(from..to), &mut touched);
            let gone = followed.forget();
            self.ended.extend(gone.into_iter().map(|live| (from, live)));
            from = to;
        }
        self.followed = Some(followed);
        self.stale_from = self.detections.len();
        touched
    }

    /// Drops what was followed from the first stale scan on; gives what came before it.
    fn roll_back(&mut self) -> (usize, Followed) {
        let first = &self.detections[self.stale_from];
        let scan = |key: &Key| (key.0, key.1.clone());
        let begin = scan(&first.key);
        let begin = self
            .detections
            .partition_point(|known| scan(&known.key) < begin);
        if begin == 0 && self.whole {
            self.snapshots.clear();
            let frame = Frame::at(self.detections[0].place.position);
            let settings = if self.kind == ObjectKind::Vessel {
                VESSEL
            } else {
                UAV
            };
            self.snapshots.push((0, Followed::new(frame, settings)));
        }
        while self.snapshots.len() > 1 && self.snapshots.last().is_some_and(|(at, _)| *at > begin) {
            self.snapshots.pop();
        }
        let (start, followed) = self.snapshots.last().expect("one snapshot is always kept");
        (*start, followed.clone())
    }

    /// The index after the scan that begins at an index.
    fn scan_end(&self, from: usize) -> usize {
        let (at, sensor, _) = &self.detections[from].key;
        let other = |known: &Detection| (&known.key.0, &known.key.1) != (at, sensor);
        let length = self.detections.range(from..).position(other);
        length.map_or(self.detections.len(), |length| from + length)
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
        let kept = self.snapshots.iter().rposition(|(at, _)| *at <= old);
        let cut = kept.map_or(0, |kept| self.snapshots[kept].0);
        if cut == 0 {
            return;
        }
        self.whole = false;
        self.snapshots.drain(..kept.unwrap_or(0));
        self.detections.drain(..cut);
        for (at, _) in &mut self.snapshots {
            *at -= cut;
        }
        let horizon_s = self.horizon_s;
        self.ended.retain_mut(|(at, live)| {
            *at = at.saturating_sub(cut);
            seconds_between(live.last.observed_at, newest) <= horizon_s
        });
        let live: BTreeSet<TrackId> = self.confirmed().map(|live| live.id).collect();
        self.handed_out.retain(|id, _| live.contains(id));
        self.stale_from = self.detections.len();
    }
}

/// The number under which the observer follows the object.
fn number_of(observation: &Observation) -> &str {
    let number = match &observation.reading {
        Reading::Uav(detection) => detection.target.as_deref(),
        _ => None,
    };
    number.unwrap_or_default()
}

/// The actor that a detected object says it belongs to.
fn operator_of(observation: &Observation) -> Option<&Slug> {
    match &observation.reading {
        Reading::Uav(detection) => detection.operator.as_ref(),
        _ => None,
    }
}
