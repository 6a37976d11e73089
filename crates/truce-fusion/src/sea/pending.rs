//! Readings put in order of time before they are judged.
//!
//! Sources deliver with different delays. A reading waits until the newest observation at sea is
//! younger than it by the settling time; what comes after its turn is counted and left out. The clock
//! is that of the observations themselves, so that a file of last year is judged like a live feed.

use std::collections::BTreeMap;

use truce_core::{ObservationId, Position};

use super::coverage::Receiver;
use super::plane::whole;

/// Readings are kept by spans of this length, seconds, and sorted span by span.
const SPAN_S: f64 = 60.0;
/// Most readings that wait; beyond it the oldest span goes on at once. A thousand readings a second
/// for half an hour.
const WAITING_MAX: usize = 2_000_000;
/// Spans without a reading are gone through one by one, since time alone has consequences; of a longer
/// silence only so many of the last.
const IDLE_SPANS_MAX: i64 = 1_440;

/// A vessel's own position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fix {
    /// Seconds since 1970.
    pub(super) at_s: f64,
    pub(super) mmsi: u32,
    pub(super) position: Position,
    pub(super) sigma_m: f64,
    pub(super) speed_m_s: Option<f64>,
    pub(super) course_deg: Option<f64>,
    /// Navigational status (ITU-R M.1371-5, table 45); 15 is not defined.
    pub(super) status: u8,
    pub(super) receiver: Receiver,
    pub(super) observation: ObservationId,
}

/// What a vessel says of itself beside its position.
#[derive(Debug, Clone)]
pub(super) struct Particulars {
    pub(super) at_s: f64,
    pub(super) mmsi: u32,
    pub(super) observation: ObservationId,
    pub(super) name: Option<String>,
    pub(super) imo_number: Option<u32>,
    pub(super) ship_type: Option<u8>,
    pub(super) length_m: Option<f64>,
    pub(super) beam_m: Option<f64>,
    pub(super) draught_m: Option<f64>,
}

/// A reading.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    Fix(Fix),
    Particulars(Box<Particulars>),
}

impl Heard {
    fn key(&self) -> (f64, ObservationId) {
        match self {
            Self::Fix(fix) => (fix.at_s, fix.observation),
            Self::Particulars(said) => (said.at_s, said.observation),
        }
    }
}

/// Readings that wait for their turn.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    spans: BTreeMap<i64, Vec<Heard>>,
    waiting: usize,
    newest_s: f64,
    /// Spans before this one have had their turn; `None` when none has.
    open_from: Option<i64>,
    /// The earliest span that anything was observed in, before any has had its turn.
    first: Option<i64>,
    /// Readings that came after their turn.
    pub(super) late: u64,
}

impl Pending {
    pub(super) fn push(&mut self, heard: Heard) {
        let (at_s, _) = heard.key();
        let span = whole(at_s / SPAN_S);
        if self.open_from.is_some_and(|open_from| span < open_from) {
            self.late += 1;
            return;
        }
        self.pass(at_s);
        self.waiting += 1;
        self.spans.entry(span).or_default().push(heard);
    }

    /// Tells the time: something was observed at sea then.
    pub(super) fn pass(&mut self, at_s: f64) {
        self.newest_s = self.newest_s.max(at_s);
        let span = whole(at_s / SPAN_S);
        self.first = Some(self.first.map_or(span, |first| first.min(span)));
    }

    /// The next span whose turn has come, in order of time: its end, seconds since 1970, but no later
    /// than the newest observation, and its readings, of which there may be none. With `settle_s` of 0
    /// every span's turn has come.
    pub(super) fn pop(&mut self, settle_s: f64) -> Option<(f64, Vec<Heard>)> {
        let newest = whole((self.newest_s - settle_s) / SPAN_S);
        let next = self.open_from.or(self.first)?.max(newest - IDLE_SPANS_MAX);
        let waits = self.spans.first_key_value().map(|(span, _)| *span);
        let span = waits.map_or(next, |waits| waits.min(next));
        let end_s = (span + 1) as f64 * SPAN_S;
        let is_due = end_s <= self.newest_s - settle_s || settle_s <= 0.0 && span <= newest;
        let is_crowded = waits == Some(span) && self.waiting > WAITING_MAX;
        if !is_due && !is_crowded {
            return None;
        }
        let mut readings = self.spans.remove(&span).unwrap_or_default();
        self.open_from = Some(span + 1);
        self.waiting -= readings.len();
        readings.sort_unstable_by(|a, b| {
            let (a, b) = (a.key(), b.key());
            a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
        });
        Some((end_s.min(self.newest_s), readings))
    }
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    fn fix(at_s: f64) -> Heard {
        Heard::Fix(Fix {
            at_s,
            mmsi: 1,
            position: Position {
                lat_deg: 0.0,
                lon_deg: 0.0,
            },
            sigma_m: 10.0,
            speed_m_s: None,
            course_deg: None,
            status: 15,
            receiver: 0,
            observation: ObservationId(Digest::of(&at_s.to_be_bytes())),
        })
    }

    fn drain(pending: &mut Pending, settle_s: f64) -> Vec<f64> {
        let mut times = Vec::new();
        while let Some((_, readings)) = pending.pop(settle_s) {
            times.extend(readings.iter().map(|heard| heard.key().0));
        }
        times
    }

    #[test]
    fn readings_have_their_turn_in_order_of_time() {
        let mut pending = Pending::default();
        for at_s in [130.0, 10.0, 70.0, 50.0, 1_000.0] {
            pending.push(fix(at_s));
        }
        assert_eq!(drain(&mut pending, 900.0), [10.0, 50.0]);
        pending.push(fix(55.0));
        pending.push(fix(65.0));
        assert_eq!(pending.late, 1);
        assert_eq!(drain(&mut pending, 900.0), [0.0; 0]);
        assert_eq!(drain(&mut pending, 0.0), [65.0, 70.0, 130.0, 1_000.0]);
    }

    #[test]
    fn time_passes_by_what_is_no_reading_too() {
        let mut pending = Pending::default();
        pending.pass(30.0);
        pending.push(fix(70.0));
        assert!(pending.pop(900.0).is_none());
        pending.pass(1_090.0);
        let mut ends = Vec::new();
        while let Some((end_s, readings)) = pending.pop(900.0) {
            ends.push((end_s, readings.len()));
        }
        assert_eq!(ends, [(60.0, 0), (120.0, 1), (180.0, 0)]);
        // After years of nothing the last day is gone through.
        pending.pass(1e9);
        let mut count = 0;
        while pending.pop(900.0).is_some() {
            count += 1;
        }
        assert_eq!(count, IDLE_SPANS_MAX);
    }
}
