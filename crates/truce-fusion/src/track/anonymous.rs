//! Objects that are seen but not named: uncrewed aircraft by their detectors, vessels by radars. Each
//! sensor's plots of one instant are a scan, and the scans of all sensors together are joined into
//! tracks by the tracker of [`super::scans`], so that what two radars see is one track.
//!
//! The tracks are a pure function of the detections within the horizon: a late detection rolls the
//! tracker back to a snapshot before it and runs it forward again. A track is handed out once its
//! object exists more likely than not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use truce_core::place::normalize_bearing_deg;
use truce_core::time::seconds_between;
use truce_core::{
    Digest, Ellipse, Frame, Height, ObjectKind, Observation, ObservationId, Place, Reading, Slug,
    Timestamp, Track, TrackId, TrackPoint,
};

use super::TRACK_RULE_VERSION;
use super::cooperative::fix_of;
use super::kalman::STATED_SPEED_M_S_SIGMA_MAX;
use super::scans::{
    Estimate, Manoeuvre, Motion, Plot, REPORTED_EXISTENCE, SENSORS, Settings, Tracker,
};

/// Detections between two snapshots: a late detection costs at most this many steps more.
const SNAPSHOT_EVERY: usize = 256;
/// Detections kept for late data: a detector with one target a second for six hours, tenfold.
const DETECTIONS_MAX: usize = 216_000;
/// No detector is more exact than this, metres: keeps covariances invertible.
const SIGMA_M_MIN: f64 = 1.0;
/// What is known of small uncrewed aircraft (own estimates): they hover, fly at 10 to 30 m/s and
/// turn within seconds. What the detectors miss and imagine is learnt.
const UAV: Settings = Settings {
    motion: Motion {
        noise: 2.0,
        speed_m_s_sigma: 15.0,
        manoeuvre: Some(Manoeuvre {
            noise: 20.0,
            begins_per_s: 0.02,
            ends_per_s: 0.1,
        }),
    },
    detection_probability: None,
    clutter_per_scan: None,
    area_m2: None,
    cell_m: 5_000.0,
    silence_s_max: 60.0,
};

/// What is known of vessels that radar sees (own estimates): the steady noise is that of vessels that
/// name themselves, turns and changes of speed last minutes, few are faster than 16 m/s. A radar of
/// which nothing came for ten minutes was off.
const VESSEL: Settings = Settings {
    motion: Motion {
        noise: 0.02,
        speed_m_s_sigma: 8.0,
        manoeuvre: Some(Manoeuvre {
            noise: 0.3,
            begins_per_s: 0.002,
            ends_per_s: 0.01,
        }),
    },
    silence_s_max: 600.0,
    ..UAV
};

/// The order in which detections are taken: by time, then by detector, whose detections of one
/// instant are one scan, then by name.
type Key = (Timestamp, Slug, ObservationId);

#[derive(Debug, Clone)]
struct Detection {
    key: Key,
    place: Place,
    height: Option<Height>,
    operator: Option<Slug>,
    track: Option<TrackId>,
    point: Option<TrackPoint>,
    told: bool,
}

/// What is known of an object beside its estimate.
#[derive(Debug, Clone)]
struct Live {
    id: TrackId,
    first_observed_at: Timestamp,
    last: TrackPoint,
    operator: Option<Slug>,
    count: u64,
    existence: f64,
    /// It has once been more likely than not.
    confirmed: bool,
}

/// The tracker before some detection, with what is known of its objects.
#[derive(Debug, Clone)]
struct Followed {
    frame: Frame,
    tracker: Tracker,
    lives: BTreeMap<u64, Live>,
}

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
    handed_out: BTreeSet<TrackId>,
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
            handed_out: BTreeSet::new(),
            newest: None,
            late_count: 0,
        }
    }

    /// Takes a detection in; one that gives no place is left out.
    pub(crate) fn update(&mut self, observation: &Observation) {
        let (Some(_), height) = fix_of(observation, None, None, 1.0) else {
            return;
        };
        let Some(place) = observation.location.as_ref().and_then(|l| l.place()) else {
            return;
        };
        let at = observation.observed_at.middle();
        let newest = self.newest.map_or(at, |newest| newest.max(at));
        if seconds_between(at, newest) > self.horizon_s {
            self.late_count += 1;
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
            track: None,
            point: None,
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
        let confirmed: BTreeMap<TrackId, Track> = self
            .confirmed()
            .filter(|live| touched.contains(&live.id))
            .map(|live| (live.id, self.track(live)))
            .collect();
        for id in touched {
            match confirmed.get(&id) {
                Some(track) => {
                    self.handed_out.insert(id);
                    tracks.insert(id, track.clone());
                }
                // Late detections gave its detections to another track.
                None if self.handed_out.remove(&id) => {
                    tracks.insert(id, self.vanished(id));
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
            let Some(track) = track.filter(|_| !detection.told) else {
                continue;
            };
            track.points.extend(detection.point.clone());
            detection.told = true;
        }
        self.settle();
        tracks.into_values().collect()
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
        active.chain(ended).filter(|live| live.confirmed)
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
    fn vanished(&self, id: TrackId) -> Track {
        Track {
            id,
            kind: self.kind,
            identity: None,
            name: None,
            actor: None,
            existence: 0.0,
            observation_count: 0,
            first_observed_at: self.newest.unwrap_or(Timestamp::MIN),
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
        self.handed_out.retain(|id| live.contains(id));
        self.stale_from = self.detections.len();
    }
}

impl Followed {
    fn new(frame: Frame, settings: Settings) -> Self {
        Self {
            frame,
            tracker: Tracker::new(settings),
            lives: BTreeMap::new(),
        }
    }

    /// Takes in the detections of one detector at one instant.
    fn scan<'a>(
        &mut self,
        detections: impl Iterator<Item = &'a mut Detection>,
        touched: &mut BTreeSet<TrackId>,
    ) {
        let mut detections: Vec<&mut Detection> = detections.collect();
        let plots: Vec<Plot> = detections.iter().map(|known| self.plot(known)).collect();
        let (at, sensor, _) = &detections[0].key;
        self.tracker.scan(seconds(*at), sensor_of(sensor), &plots);
        let mut taken = vec![false; plots.len()];
        for object in self.tracker.objects() {
            // Objects come in order of age: a plot belongs to the oldest that holds it.
            let index = object.plot.map(|index| index as usize);
            let index = index.filter(|index| !std::mem::replace(&mut taken[*index], true));
            if let Some(index) = index {
                let detection = &mut *detections[index];
                let point = point(&self.frame, &object.estimate(), detection);
                let live = live_of(&mut self.lives, object.number, detection, &point);
                if detection.track != Some(live.id) || detection.point.as_ref() != Some(&point) {
                    touched.extend(detection.track);
                    touched.insert(live.id);
                    detection.track = Some(live.id);
                    detection.point = Some(point);
                    detection.told = false;
                }
            }
            if let Some(live) = self.lives.get_mut(&object.number) {
                live.existence = object.existence;
                if !live.confirmed && object.existence > REPORTED_EXISTENCE {
                    live.confirmed = true;
                    touched.insert(live.id);
                }
            }
        }
        for (detection, taken) in detections.iter_mut().zip(&taken) {
            if !taken {
                touched.extend(detection.track.take());
                detection.point = None;
            }
        }
    }

    /// Lets go of what the tracker has forgotten; gives back what had been confirmed.
    fn forget(&mut self) -> Vec<Live> {
        let objects = self.tracker.objects();
        let known = |number: &u64| objects.binary_search_by_key(number, |o| o.number).is_ok();
        let gone = self.lives.extract_if(.., |number, _| !known(number));
        gone.map(|(_, live)| live)
            .filter(|live| live.confirmed)
            .collect()
    }

    fn plot(&self, detection: &Detection) -> Plot {
        let (x, y) = self.frame.to_xy_m(detection.place.position);
        let [xx, xy, yy] = detection.place.uncertainty.covariance_m2();
        let least = SIGMA_M_MIN * SIGMA_M_MIN;
        Plot {
            position_m: [x, y],
            error_m2: [xx + least, xy, yy + least],
        }
    }
}

/// What is known of an object after a detection of it.
fn live_of<'a>(
    lives: &'a mut BTreeMap<u64, Live>,
    number: u64,
    detection: &Detection,
    point: &TrackPoint,
) -> &'a Live {
    let live = lives.entry(number).or_insert_with(|| Live {
        id: name(detection.key.2),
        first_observed_at: detection.key.0,
        last: point.clone(),
        operator: None,
        count: 0,
        existence: 0.0,
        confirmed: false,
    });
    live.last.clone_from(point);
    live.last.height = detection.height.or(live.last.height);
    live.operator = live.operator.take().or_else(|| detection.operator.clone());
    live.count += 1;
    live
}

/// The name of the track that a detection founded.
fn name(founder: ObservationId) -> TrackId {
    let parts: [&[u8]; 2] = [&TRACK_RULE_VERSION.to_be_bytes(), &founder.0.0];
    TrackId(Digest::of_parts("truce track of a founder", &parts))
}

/// The tracker's number for a detector. It follows from the name alone; two that share one are
/// taken for one detector.
fn sensor_of(sensor: &Slug) -> u8 {
    Digest::of(sensor.as_str().as_bytes()).0[0] % SENSORS
}

/// Seconds since 1970, true to a microsecond.
fn seconds(at: Timestamp) -> f64 {
    at.as_nanosecond() as f64 / 1e9
}

/// The actor that a detected object says it belongs to.
fn operator_of(observation: &Observation) -> Option<&Slug> {
    match &observation.reading {
        Reading::Uav(detection) => detection.operator.as_ref(),
        _ => None,
    }
}

fn point(frame: &Frame, estimate: &Estimate, detection: &Detection) -> TrackPoint {
    let [x, y] = estimate.position_m;
    let [vx, vy] = estimate.velocity_m_s;
    let known = estimate.velocity_m2_s2 <= STATED_SPEED_M_S_SIGMA_MAX.powi(2);
    let course_deg = || normalize_bearing_deg(libm::atan2(vx, vy).to_degrees());
    TrackPoint {
        observed_at: detection.key.0,
        place: Place {
            position: frame.to_position(x, y),
            uncertainty: Ellipse::from_covariance_m2(estimate.position_m2),
        },
        height: detection.height,
        speed_m_s: known.then(|| libm::hypot(vx, vy)),
        course_deg: known.then(course_deg),
        observation: detection.key.2,
    }
}
