//! The tracker over scans of detections, and what is known of its objects beside their estimates.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::place::normalize_bearing_deg;
use truce_core::{
    Digest, Ellipse, Frame, Height, ObjectIdentity, ObservationId, Place, Slug, Timestamp, TrackId,
    TrackPoint,
};

use super::Key;
use crate::track::TRACK_RULE_VERSION;
use crate::track::kalman::STATED_SPEED_M_S_SIGMA_MAX;
use crate::track::scans::{
    Estimate, Manoeuvre, Motion, Plot, REPORTED_EXISTENCE, SENSORS, Settings, Tracker,
};

/// No detector is more exact than this, metres: keeps covariances invertible.
const SIGMA_M_MIN: f64 = 1.0;
/// An object that was detected as often or oftener takes so many reports before it is their sender: two
/// that cross within the errors of their places share one or two (own estimate).
const REPORTS_TAKEN_MIN: u64 = 3;
/// What is known of small uncrewed aircraft (own estimates): they hover, fly at 10 to 30 m/s and
/// turn back within seconds, so that an acceleration a that lasts for T, 7 m/s² for 4 s, is white noise
/// of about a² T = 200 m²/s³. What the detectors miss and imagine is learnt.
pub(super) const UAV: Settings = Settings {
    motion: Motion {
        noise: 2.0,
        speed_m_s_sigma: 15.0,
        manoeuvre: Some(Manoeuvre {
            noise: 200.0,
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
pub(super) const VESSEL: Settings = Settings {
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

/// One detection, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Detection {
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) height: Option<Height>,
    pub(super) operator: Option<Slug>,
    /// The tracker's number for what detected it.
    pub(super) voice: u8,
    /// The object, when it is a report of one that names itself.
    pub(super) speaker: Option<ObjectIdentity>,
    /// The track that it belongs to, and its point there.
    pub(super) track: Option<TrackId>,
    pub(super) point: Option<TrackPoint>,
    /// The point was handed out as it is.
    pub(super) told: bool,
    /// The track as whose it was handed out last.
    pub(super) told_of: Option<TrackId>,
}

/// What is known of an object beside its estimate.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub(super) id: TrackId,
    pub(super) first_observed_at: Timestamp,
    pub(super) last: TrackPoint,
    pub(super) operator: Option<Slug>,
    /// How often it was detected.
    pub(super) count: u64,
    /// The object that names itself and whose reports are its plots.
    named: Option<Named>,
    /// The probability that it existed when it was last seen.
    pub(super) existence: f64,
    /// It has once been more likely than not.
    pub(super) confirmed: bool,
}

/// Whose reports an object took for its plots, how many, and how many of them went elsewhere since.
#[derive(Debug, Clone)]
struct Named {
    speaker: ObjectIdentity,
    taken: u64,
    missed: u64,
}

impl Live {
    /// True when it is an object that names itself, which is followed by its name: it took most of that
    /// object's reports, and enough of them not to have met it by chance.
    pub(super) fn is_named(&self) -> bool {
        let is_most = |named: &Named| {
            named.taken > named.missed && named.taken >= self.count.min(REPORTS_TAKEN_MIN)
        };
        self.named.as_ref().is_some_and(is_most)
    }

    /// Takes note of a report of an object that names itself: its own plot, or another's.
    fn hear(&mut self, speaker: &ObjectIdentity, is_own: bool) {
        match &mut self.named {
            Some(named) if named.speaker == *speaker => {
                named.taken += u64::from(is_own);
                named.missed += u64::from(!is_own);
            }
            Some(named) if named.taken > named.missed => {}
            named if is_own => {
                *named = Some(Named {
                    speaker: speaker.clone(),
                    taken: 1,
                    missed: 0,
                });
            }
            _ => {}
        }
    }
}

/// The tracker before some detection, with what is known of its objects.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    frame: Frame,
    tracker: Tracker,
    pub(super) lives: BTreeMap<u64, Live>,
}

impl Followed {
    pub(super) fn new(frame: Frame, settings: Settings) -> Self {
        Self {
            frame,
            tracker: Tracker::new(settings),
            lives: BTreeMap::new(),
        }
    }

    /// Takes in the detections of one detector at one instant.
    pub(super) fn scan<'a>(
        &mut self,
        detections: impl Iterator<Item = &'a mut Detection>,
        touched: &mut BTreeSet<TrackId>,
    ) {
        let mut detections: Vec<&mut Detection> = detections.collect();
        let plots: Vec<Plot> = detections.iter().map(|known| self.plot(known)).collect();
        let (at, voice) = (detections[0].key.0, detections[0].voice);
        self.tracker.scan(seconds(at), voice, &plots);
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
                // What is no longer seen did exist: silence afterwards takes nothing back.
                if index.is_some() {
                    live.existence = object.existence;
                }
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
            if let Some(speaker) = &detection.speaker {
                self.hear(speaker, detection.track, touched);
            }
        }
    }

    /// Takes note of whose plot the report of an object that names itself is.
    fn hear(
        &mut self,
        speaker: &ObjectIdentity,
        taker: Option<TrackId>,
        touched: &mut BTreeSet<TrackId>,
    ) {
        for live in self.lives.values_mut() {
            let was_named = live.is_named();
            live.hear(speaker, Some(live.id) == taker);
            if live.is_named() != was_named {
                touched.insert(live.id);
            }
        }
    }

    /// Lets go of what the tracker has forgotten; gives back what had been confirmed.
    pub(super) fn forget(&mut self) -> Vec<Live> {
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
        named: None,
        existence: 0.0,
        confirmed: false,
    });
    if detection.speaker.is_none() {
        live.last.clone_from(point);
        live.last.height = detection.height.or(live.last.height);
        live.operator = live.operator.take().or_else(|| detection.operator.clone());
        live.count += 1;
    }
    live
}

/// The name of the track that a detection founded.
fn name(founder: ObservationId) -> TrackId {
    let parts: [&[u8]; 2] = [&TRACK_RULE_VERSION.to_be_bytes(), &founder.0.0];
    TrackId(Digest::of_parts("truce track of a founder", &parts))
}

/// The tracker's number for what a sensor follows under one of its own numbers: it reports each by
/// itself, so that a report of one is no silence about another. It follows from the names alone; two
/// that share one are taken for one.
pub(super) fn voice_of(sensor: &Slug, number: &str) -> u8 {
    let parts = [sensor.as_str().as_bytes(), number.as_bytes()];
    Digest::of_parts("truce voice of a sensor", &parts).0[0] % SENSORS
}

/// Seconds since 1970, true to a microsecond.
fn seconds(at: Timestamp) -> f64 {
    at.as_nanosecond() as f64 / 1e9
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
