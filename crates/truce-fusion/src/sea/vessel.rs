//! One vessel: where it is believed to be, how it moves, and whether it rests.
//!
//! A fix that no vessel could have reached is not believed at once: one alone is a garbled message.
//! When more follow there and none here, the vessel has jumped; when both go on, two transmitters use
//! one identity ([`Step`]).

use truce_core::{ObjectIdentity, ObservationId, Position, Slug, TrackId};

use super::circle::Loop;
use super::corridor::Sailing;
use super::ground::Standing;
use super::lanes::Way;
use super::pending::Fix;
use super::plane::{apart_m, bearing_deg, moved, step_m};
use crate::track::cooperative;
use truce_core::mission::SeaSettings;

/// Two receivers hear one transmission within this time, seconds.
const SAME_TRANSMISSION_S: f64 = 1.0;
/// Clocks and time stamps are this exact, seconds: no step is divided by less.
const STEP_S_MIN: f64 = 1.0;
/// A speed is taken from two positions only when they lie at least so far apart in time, seconds.
const SPEED_S_MIN: f64 = 60.0;
/// No speed is taken from positions farther apart in time, seconds: the vessel may have turned.
const SPEED_S_MAX: f64 = 7_200.0;
/// A second place is forgotten when nothing was heard from there for so long, seconds.
const OTHER_S_MAX: f64 = 3_600.0;
/// So many fixes at a new place make a jump; fewer are garbled messages (the checksum of AIS lets
/// one in 65,536 through).
const JUMP_FIXES: u32 = 3;
/// So many fixes at each of two places, in turns, make two transmitters.
const PLACES_FIXES: u32 = 4;
/// A resting vessel swings and drifts within this distance, metres.
const SWING_M: f64 = 400.0;
/// Fixes of a rest that are remembered as evidence.
const REST_EVIDENCE_MAX: usize = 12;

/// A second place from which the same identity is heard.
#[derive(Debug, Clone)]
pub(super) struct Other {
    pub(super) first: Fix,
    pub(super) last: Fix,
    fixes: u32,
    /// Fixes at the believed place since.
    here: u32,
    pub(super) evidence: Vec<ObservationId>,
}

/// A vessel that jumped away from where it is believed to be.
#[derive(Debug, Clone)]
pub(super) struct Away {
    /// The last fix before the jump.
    pub(super) from: Fix,
    pub(super) evidence: Vec<ObservationId>,
    pub(super) to: Fix,
}

/// A vessel that rests.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub(super) since_s: f64,
    pub(super) at: Position,
    pub(super) evidence: Vec<ObservationId>,
    /// True once it has lasted long enough to be a stop.
    pub(super) is_stop: bool,
    /// True once it has lasted long enough to be a wait.
    pub(super) is_wait: bool,
    /// Why the stop was told, or that it was found ordinary.
    pub(super) told: Option<Reason>,
}

/// As what a stop was told.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reason {
    Unauthorised(Slug),
    Obstructed(Slug, u32),
}

/// A vessel that moves slowly.
#[derive(Debug, Clone)]
pub(super) struct Slow {
    pub(super) since_s: f64,
    pub(super) at: Position,
    pub(super) evidence: Vec<ObservationId>,
    pub(super) checked: bool,
    pub(super) offshore: bool,
}

/// A silence that was told.
#[derive(Debug, Clone)]
pub(super) struct Silence {
    pub(super) from: Fix,
    pub(super) lines: Vec<crate::tell::Line>,
}

/// All that is kept of a vessel.
#[derive(Debug, Clone)]
pub(super) struct Vessel {
    pub(super) mmsi: u32,
    pub(super) track: TrackId,
    pub(super) name: Option<String>,
    pub(super) ship_type: Option<u8>,
    pub(super) first_s: f64,
    pub(super) last: Fix,
    pub(super) fixes: u64,
    pub(super) speed_m_s: f64,
    pub(super) course_deg: Option<f64>,
    pub(super) other: Option<Other>,
    pub(super) away: Option<Away>,
    pub(super) standing: Standing,
    standing_at: Option<Position>,
    pub(super) rest: Option<Rest>,
    pub(super) slow: Option<Slow>,
    pub(super) way: Way,
    pub(super) sailing: Option<Sailing>,
    pub(super) circle: Loop,
    pub(super) silence: Option<Silence>,
    /// True when it is missed where it was last heard under way.
    pub(super) is_lost: bool,
    /// How many meetings it is part of.
    pub(super) meetings: u16,
}

/// What a fix did to a vessel's believed place.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Known already, or not believed.
    Nothing,
    /// It moved on.
    Moved,
    /// It is somewhere else, where it cannot have sailed to.
    Jumped,
    /// The identity is used at two places at once.
    TwoPlaces,
}

impl Vessel {
    pub(super) fn new(fix: Fix) -> Self {
        Self {
            mmsi: fix.mmsi,
            track: cooperative::name_of(&ObjectIdentity::Mmsi(fix.mmsi)),
            name: None,
            ship_type: None,
            first_s: fix.at_s,
            last: fix,
            fixes: 1,
            speed_m_s: fix.speed_m_s.unwrap_or(0.0),
            course_deg: fix.course_deg,
            other: None,
            away: None,
            standing: Standing::default(),
            standing_at: None,
            rest: None,
            slow: None,
            way: Way::at(fix.position),
            sailing: None,
            circle: Loop::default(),
            silence: None,
            is_lost: false,
            meetings: 0,
        }
    }

    /// Takes a fix to where it belongs. On [`Step::Moved`] the caller goes on with [`Self::go`].
    pub(super) fn weigh(&mut self, fix: &Fix, sea: &SeaSettings) -> Step {
        let dt_s = fix.at_s - self.last.at_s;
        if dt_s <= SAME_TRANSMISSION_S && apart_m(self.last.position, fix.position) <= 1.0 {
            return Step::Nothing;
        }
        let is_stale = |other: &Other| fix.at_s - other.last.at_s > OTHER_S_MAX;
        self.other = self.other.take().filter(|other| !is_stale(other));
        if is_reachable(&self.last, fix, sea) {
            if let Some(other) = &mut self.other {
                other.here += 1;
            }
            return Step::Moved;
        }
        let Some(other) = self
            .other
            .as_mut()
            .filter(|other| is_reachable(&other.last, fix, sea))
        else {
            self.other = Some(Other {
                first: *fix,
                last: *fix,
                fixes: 1,
                here: 0,
                evidence: vec![self.last.observation, fix.observation],
            });
            return Step::Nothing;
        };
        other.last = *fix;
        other.fixes += 1;
        if other.evidence.len() < REST_EVIDENCE_MAX {
            other.evidence.push(fix.observation);
        }
        if other.here == 0 && other.fixes >= JUMP_FIXES {
            return Step::Jumped;
        }
        let in_turns = other.here >= PLACES_FIXES && other.fixes >= PLACES_FIXES;
        if in_turns && other.fixes.is_multiple_of(PLACES_FIXES) {
            return Step::TwoPlaces;
        }
        Step::Nothing
    }

    /// True when a fix was put with those that say it is somewhere else.
    pub(super) fn is_elsewhere(&self, fix: &Fix) -> bool {
        let other = self.other.as_ref();
        other.is_some_and(|other| other.last.observation == fix.observation)
    }

    /// Moves on to a fix: speed and course.
    pub(super) fn go(&mut self, fix: &Fix) {
        let dt_s = fix.at_s - self.last.at_s;
        let step = step_m(self.last.position, fix.position);
        let length_m = (step.0 * step.0 + step.1 * step.1).sqrt();
        let measured = (SPEED_S_MIN..=SPEED_S_MAX).contains(&dt_s);
        if let Some(speed) = fix.speed_m_s {
            self.speed_m_s = speed;
        } else if measured {
            self.speed_m_s = length_m / dt_s;
        }
        if let Some(course) = fix.course_deg {
            self.course_deg = Some(course);
        } else if measured && length_m > 100.0 {
            self.course_deg = Some(bearing_deg(step));
        }
        self.fixes += 1;
    }

    /// Begins anew at another place: what was known of its motion holds no more.
    pub(super) fn begin_anew(&mut self, fix: &Fix) {
        *self = Self {
            name: self.name.take(),
            ship_type: self.ship_type,
            first_s: self.first_s,
            fixes: self.fixes + 1,
            away: self.away.take(),
            silence: self.silence.take(),
            ..Self::new(*fix)
        };
    }

    /// Looks up the areas it lies in, when it has moved since the last look.
    pub(super) fn look(&mut self, position: Position, ground: &super::ground::Ground) {
        const LOOK_M: f64 = 50.0;
        let is_near = |at: &Position| apart_m(*at, position) < LOOK_M;
        if !self.standing_at.as_ref().is_some_and(is_near) {
            self.standing = ground.standing(position);
            self.standing_at = Some(position);
        }
    }

    /// Follows rest and slowness. Gives a rest that ended.
    pub(super) fn pace(&mut self, fix: &Fix, sea: &SeaSettings) -> Option<Rest> {
        if self.speed_m_s >= sea.slow_m_s {
            self.slow = None;
        } else {
            let slow = self.slow.get_or_insert_with(|| Slow {
                since_s: fix.at_s,
                at: fix.position,
                evidence: Vec::new(),
                checked: false,
                offshore: true,
            });
            remember(&mut slow.evidence, fix.observation);
        }
        match &mut self.rest {
            None => {
                let is_timed = fix.speed_m_s.is_some() || fix.at_s - self.last.at_s >= SPEED_S_MIN;
                if self.speed_m_s < sea.stop_m_s && is_timed {
                    // Without a stated speed it rested since the fix before.
                    let derived = fix.speed_m_s.is_none();
                    let since = if derived { &self.last } else { fix };
                    self.rest = Some(Rest {
                        since_s: since.at_s,
                        at: fix.position,
                        evidence: vec![since.observation, fix.observation],
                        is_stop: false,
                        is_wait: false,
                        told: None,
                    });
                }
                None
            }
            Some(rest) => {
                remember(&mut rest.evidence, fix.observation);
                let left = apart_m(rest.at, fix.position) > SWING_M;
                if self.speed_m_s > 2.0 * sea.stop_m_s && left
                    || self.speed_m_s > sea.slow_m_s * 2.0
                {
                    self.rest.take()
                } else {
                    None
                }
            }
        }
    }

    /// Where it should be after a silence, when it holds course and speed.
    pub(super) fn carried_on(&self, for_s: f64) -> Position {
        let way_m = self.speed_m_s * for_s;
        let course = self.course_deg.unwrap_or(0.0).to_radians();
        let way_m = if self.course_deg.is_some() {
            way_m
        } else {
            0.0
        };
        moved(
            self.last.position,
            (way_m * libm::sin(course), way_m * libm::cos(course)),
        )
    }

    /// True for vessels whose work is to stop, turn and meet others: fishing, towing, dredging,
    /// diving, pilots, rescue, tugs, tenders (ITU-R M.1371-5, table 53).
    pub(super) fn is_at_work(&self) -> bool {
        matches!(self.ship_type, Some(30..=34 | 50..=54 | 56..=59))
    }

    /// True for warships and vessels of the law (ibid., 35 and 55).
    pub(super) fn is_of_state(&self) -> bool {
        matches!(self.ship_type, Some(35 | 55))
    }

    /// Its identity as the agreement writes it.
    pub(super) fn identity(&self) -> (&'static str, String) {
        ("identity", format!("mmsi:{:09}", self.mmsi))
    }
}

/// Keeps the first observations, and the newest as the last.
fn remember(evidence: &mut Vec<ObservationId>, observation: ObservationId) {
    if evidence.len() >= REST_EVIDENCE_MAX {
        evidence.pop();
    }
    evidence.push(observation);
}

/// True when a vessel can have come from one fix to the other.
pub(super) fn is_reachable(from: &Fix, to: &Fix, sea: &SeaSettings) -> bool {
    let north_m = (to.position.lat_deg - from.position.lat_deg).abs() * 111_000.0;
    let east_m = (to.position.lon_deg - from.position.lon_deg).abs() * 111_500.0;
    // Most steps are short, whatever the latitude.
    if north_m + east_m <= sea.jump_m {
        return true;
    }
    let dt_s = (to.at_s - from.at_s).max(STEP_S_MIN);
    let noise_m = 4.0 * (from.sigma_m + to.sigma_m);
    let step_m = apart_m(from.position, to.position);
    step_m <= sea.jump_m + noise_m || step_m <= sea.jump_m_s * dt_s
}
