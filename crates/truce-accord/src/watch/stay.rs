//! What is remembered of a stay, a passage, and where an incident about them stands.
//!
//! A stay is reported at milestones only: on entry, when it has lasted long enough to count, every
//! hour, and when it ends. What a report says follows from the fixes up to the milestone, so it does
//! not hang on the order in which they arrived.

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{IncidentId, ObservationId, Place, Timestamp, TrackPoint};

use crate::agreement::Thresholds;

/// Seconds between two reports of a stay that goes on.
const REPORT_EVERY_S: f64 = 3_600.0;
/// Most fixes that a stay keeps as evidence between its first and its last: one and a half days of
/// hourly reports.
pub(super) const EVIDENCE_BETWEEN_MAX: usize = 36;

/// Where in the order of an object's fixes something stands.
pub(super) type Key = (Timestamp, ObservationId);

/// What the watch keeps of a track's point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fix {
    pub(super) at: Timestamp,
    pub(super) observation: ObservationId,
    pub(super) place: Place,
    pub(super) height: Option<truce_core::Height>,
    pub(super) speed_m_s: Option<f64>,
}

impl Fix {
    pub(super) fn of(point: &TrackPoint) -> Self {
        Self {
            at: point.observed_at,
            observation: point.observation,
            place: point.place,
            height: point.height,
            speed_m_s: point.speed_m_s,
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.at, self.observation)
    }

    /// True when a point comes after the fix in the order of fixes.
    pub(super) fn is_before(&self, point: &TrackPoint) -> bool {
        self.at < point.observed_at
            || self.at == point.observed_at && self.observation < point.observation
    }
}

/// How a stay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The object left (or, for a stop, moved on).
    Left,
    /// It was not heard of any more.
    Silent,
    /// No clause asks any more.
    Lapsed,
}

/// A stay: in an area, outside a corridor, or at rest in one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stay {
    pub(super) first: Fix,
    pub(super) last: Fix,
    /// The fix that was deepest inside so far, and how deep, metres.
    surest: (Fix, f64),
    /// A stay shorter than this does not count, seconds.
    pub(super) dwell_s: f64,
    /// It is reported only when it has lasted this long, seconds.
    pub(super) confirm_s: f64,
    pub(super) silence_s: f64,
    pub(super) end: Option<End>,
    /// As of the last milestone.
    pub(super) report: Report,
    hours: u32,
}

/// What the newest milestone says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Report {
    pub(super) until: Timestamp,
    pub(super) surest: Fix,
    pub(super) evidence: Vec<ObservationId>,
}

impl Stay {
    pub(super) fn begin(fix: Fix, depth_m: f64, limits: &Thresholds, confirm_s: f64) -> Self {
        Self {
            first: fix,
            last: fix,
            surest: (fix, depth_m),
            dwell_s: limits.dwell_s,
            confirm_s,
            silence_s: limits.silence_s,
            end: None,
            report: Report {
                until: fix.at,
                surest: fix,
                evidence: vec![fix.observation],
            },
            hours: 0,
        }
    }

    pub(super) fn lasted_s(&self) -> f64 {
        seconds_between(self.first.at, self.last.at)
    }

    /// True when it has lasted long enough to be reported.
    pub(super) fn confirmed(&self) -> bool {
        seconds_between(self.first.at, self.report.until) >= self.confirm_s
    }

    /// From when on the silence is too long.
    pub(super) fn silent_from(&self) -> Timestamp {
        plus_seconds(self.last.at, self.silence_s)
    }

    /// The next fix of the stay. True when it reached a milestone.
    pub(super) fn go_on(&mut self, fix: &Fix, depth_m: f64) -> bool {
        let before_s = self.lasted_s();
        self.last = *fix;
        if depth_m > self.surest.1 {
            self.surest = (*fix, depth_m);
        }
        let now_s = self.lasted_s();
        let reached = |needed_s: f64| before_s < needed_s && now_s >= needed_s;
        let next_report_s = f64::from(self.hours + 1) * REPORT_EVERY_S;
        if now_s >= next_report_s {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "hours of a stay: saturates"
            )]
            #[expect(clippy::cast_sign_loss, reason = "a stay lasts forward in time")]
            let hours = (now_s / REPORT_EVERY_S) as u32;
            self.hours = hours;
        } else if !reached(self.dwell_s) && !reached(self.confirm_s) {
            return false;
        }
        self.make_report(fix.observation);
        true
    }

    /// Ends the stay; `beyond` is the fix that showed it.
    pub(super) fn close(&mut self, end: End, beyond: Option<Fix>) {
        let last = self.last.observation;
        self.make_report(last);
        // The last fix is always evidence, even when there was no more room for one in between.
        if self.report.evidence.last() != Some(&last) {
            self.report.evidence.push(last);
        }
        self.report
            .evidence
            .extend(beyond.map(|fix| fix.observation));
        self.end = Some(end);
    }

    fn make_report(&mut self, latest: ObservationId) {
        self.report.until = self.last.at;
        self.report.surest = self.surest.0;
        let evidence = &mut self.report.evidence;
        if evidence.len() <= EVIDENCE_BETWEEN_MAX && evidence.last() != Some(&latest) {
            evidence.push(latest);
        }
    }

    /// The stay as it looks at an instant after its last fix: over, when it was silent too long.
    pub(super) fn seen_at(&self, now: Option<Timestamp>) -> Self {
        let mut seen = self.clone();
        let silent = now.is_some_and(|now| seconds_between(self.last.at, now) > self.silence_s);
        if silent && seen.end.is_none() {
            seen.close(End::Silent, None);
        }
        seen
    }
}

/// A crossing between two fixes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    /// The last fix before it, which founds the incident.
    pub(super) from: Fix,
    /// The first fix after it.
    pub(super) to: Fix,
    /// Where it was deepest inside, or on the line.
    pub(super) place: Place,
    /// Probability that it crossed, given the fixes' errors.
    pub(super) probability: f64,
}

/// Something that a fence saw.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happening {
    Stay(Box<Stay>),
    Passage(Box<Passage>),
}

/// A happening that is over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Closed {
    pub(super) fence: usize,
    pub(super) happening: Happening,
    /// The fix at which it was over; an earlier one may still change it.
    pub(super) by: Key,
    /// The incident about it, once told as it stands.
    pub(super) told: Option<IncidentId>,
}
