//! A vessel that radar follows and no AIS explains: since when, where, and what is told of it.

use std::collections::VecDeque;

use truce_core::mission::SeaSettings;
use truce_core::{IncidentId, IncidentKind, ObservationId, Position, TrackId, TrackPoint, belief};

use super::coverage::{Coverage, Expected};
use super::gap::ALIVE_MIN;
use super::ground::Ground;
use super::radar::{Seen, speed_m_s};
use crate::tell::{Draft, EVIDENCE_MAX, Line, Told};

/// Its way is remembered for so many minutes; the receivers are asked about that long at most.
const WAY_MAX: usize = 180;
/// A track is told from this existence on.
const EXISTENCE_MIN: f64 = 0.95;
/// Log-odds that a vessel which radar alone follows had to send: below 300 tons, and as a warship, it
/// need not (SOLAS, chapter V, regulations 1 and 19.2.4). An estimate of our own.
const PRIOR: f64 = -3.0;
/// Radar says no more than this in favour, log-odds: what is followed may be no vessel at all.
const EXISTS_MAX: f64 = 3.0;
/// The silence is judged on the whole way, and without the first and the first two of so many parts.
const PARTS: f64 = 4.0;
/// What goes on is told again so often, seconds.
const TOLD_AGAIN_S: f64 = 3_600.0;

type Around<'a> = (&'a Coverage, &'a Ground, &'a SeaSettings);

/// What is known of a track since no vessel explains it.
#[derive(Debug, Clone)]
pub(super) struct Dark {
    /// Where it was, minute by minute.
    way: VecDeque<Seen>,
    /// So many of the last of them were not handed out yet.
    fresh: usize,
    is_handed_out: bool,
    /// Since when it is followed, as one or several tracks; seconds since 1970.
    since_s: f64,
    instants: u32,
    evidence: Vec<ObservationId>,
    told: Option<(IncidentId, f64)>,
    lines: Vec<Line>,
    last: Seen,
}

impl Dark {
    pub(super) fn since(seen: &Seen) -> Self {
        Self {
            way: VecDeque::new(),
            fresh: 0,
            is_handed_out: false,
            since_s: seen.at_s,
            instants: 0,
            evidence: Vec::new(),
            told: None,
            lines: Vec::new(),
            last: *seen,
        }
    }

    /// The incident, when it was told.
    pub(super) fn incident(&self) -> Option<IncidentId> {
        self.told.map(|(id, _)| id)
    }

    /// Where it was, minute by minute.
    pub(super) fn way(&self) -> &VecDeque<Seen> {
        &self.way
    }

    /// When it was seen last, seconds since 1970.
    pub(super) fn seen_s(&self) -> f64 {
        self.last.at_s
    }

    /// Another instant at which no vessel explains it. True when it is worth telling and was not told.
    pub(super) fn go_on(&mut self, seen: &Seen, around: Around<'_>) -> bool {
        self.last = *seen;
        self.instants += 1;
        self.way.push_back(*seen);
        if self.way.len() > WAY_MAX {
            self.way.pop_front();
        }
        self.fresh = self.way.len().min(self.fresh + 1);
        self.cite(seen.observation);
        if self.told.is_some() {
            return false;
        }
        self.lines = self.weigh(around).unwrap_or_default();
        !self.lines.is_empty()
    }

    /// Takes over what was told of an earlier track of the same vessel.
    pub(super) fn resume(&mut self, before: Self) {
        let lost_s = self.since_s - before.last.at_s;
        self.lines.push((
            "again",
            0.0,
            format!(
                "radar lost it for {:.0} minutes; where and how it went on is the way of one vessel",
                lost_s / 60.0
            ),
        ));
        self.since_s = before.since_s;
        let own = std::mem::replace(&mut self.evidence, before.evidence);
        own.into_iter()
            .for_each(|observation| self.cite(observation));
        // What is told is no longer over: that is due at once.
        self.told = before.told.map(|(id, _)| (id, f64::NEG_INFINITY));
    }

    /// Tells what is worth it and was not told yet, or not for long.
    pub(super) fn tell_when_due(&mut self, id: TrackId, around: Around<'_>, told: &mut Told) {
        let is_due = |told_s: f64| self.last.at_s - told_s >= TOLD_AGAIN_S;
        let waits = self.told.is_none_or(|(_, told_s)| is_due(told_s));
        if waits && !self.lines.is_empty() {
            self.tell(id, None, false, around, told);
        }
    }

    /// Takes out its new points, once it was no vessel with AIS at as many instants as name one.
    pub(super) fn take_unnamed(&mut self, sea: &SeaSettings) -> Vec<TrackPoint> {
        if self.instants < sea.radar_instants {
            return Vec::new();
        }
        self.is_handed_out = true;
        let fresh = std::mem::take(&mut self.fresh);
        let points = self.way.range(self.way.len() - fresh..);
        points.map(Seen::point).collect()
    }

    /// True when points of it were taken out.
    pub(super) fn is_handed_out(&self) -> bool {
        self.is_handed_out
    }

    /// Keeps an observation as evidence: the first ones and the last.
    fn cite(&mut self, observation: ObservationId) {
        if self.evidence.len() >= EVIDENCE_MAX {
            self.evidence.pop();
        }
        self.evidence.push(observation);
    }

    /// Why it is worth telling; `None` when it is not.
    fn weigh(&self, (coverage, ground, sea): Around<'_>) -> Option<Vec<Line>> {
        let (first, last) = (self.way.front()?, &self.last);
        let followed_s = last.at_s - self.since_s;
        let long = followed_s >= sea.radar_s && self.instants >= sea.radar_instants;
        let in_port = |at: Position| ground.standing(at).port.is_some();
        let sails = speed_m_s(first, last) >= sea.slow_m_s;
        if !long || !sails || last.existence < EXISTENCE_MIN {
            return None;
        }
        if in_port(first.position) || in_port(last.position) {
            return None;
        }
        let way = |for_s: f64| {
            let at = self
                .way
                .partition_point(|seen| seen.at_s < first.at_s + for_s);
            self.way.get(at).map_or(last.position, |seen| seen.position)
        };
        // Silence on the whole way is silence on each part of it, so the least probable counts.
        let from = |part: u32| {
            let begun_s = followed_s.min(last.at_s - first.at_s) * f64::from(part) / PARTS;
            let on_way = |for_s: f64| way(begun_s + for_s);
            coverage.expect(on_way, 0, first.at_s + begun_s, last.at_s)
        };
        let parts = (0..3).map(from);
        let expected = parts.min_by(|a, b| a.probability.total_cmp(&b.probability))?;
        let is_heard = expected.alive >= ALIVE_MIN && expected.probability <= sea.gap_probability;
        is_heard.then(|| lines(followed_s, self.instants, last, expected))
    }

    /// A vessel explains it now, or it was seen no more.
    pub(super) fn end(
        &mut self,
        id: TrackId,
        at_s: f64,
        vessel: Option<u32>,
        around: Around<'_>,
        told: &mut Told,
    ) {
        if self.told.is_some() {
            self.last.at_s = at_s;
            self.tell(id, vessel, true, around, told);
        }
    }

    /// The track was none.
    pub(super) fn withdraw(&self, told: &mut Told) {
        if let Some((id, _)) = self.told {
            told.withdraw(id);
        }
    }

    fn tell(
        &mut self,
        track: TrackId,
        vessel: Option<u32>,
        ended: bool,
        (_, ground, _): Around<'_>,
        told: &mut Told,
    ) {
        let at = self.last.position;
        let corridor = ground.standing(at).corridor;
        let mut attributes = vec![("object", "vessel".to_owned())];
        attributes.extend(vessel.map(|mmsi| ("identity", format!("mmsi:{mmsi:09}"))));
        let incident = told.tell(Draft {
            kind: IncidentKind::DarkVessel,
            behaviour: "dark",
            during_s: (self.since_s, self.last.at_s),
            position: at,
            sigma_m: self.last.variance_m2().sqrt(),
            track: Some(track),
            zone: corridor.map(|number| ground.area(number).id.clone()),
            evidence: self.evidence.clone(),
            lines: self.lines.clone(),
            attributes,
            ended,
        });
        self.told = incident.map(|id| (id, self.last.at_s));
    }
}

fn lines(followed_s: f64, instants: u32, last: &Seen, expected: Expected) -> Vec<Line> {
    let Expected {
        messages,
        alive,
        probability,
    } = expected;
    vec![
        (
            "prior",
            PRIOR,
            "most of what radar alone follows is small craft that need not send AIS".to_owned(),
        ),
        (
            "radar",
            belief::log_odds(last.existence.min(0.999)).min(EXISTS_MAX),
            format!(
                "radar followed it for {:.0} minutes under way; it exists with probability {:.2}",
                followed_s / 60.0,
                last.existence
            ),
        ),
        (
            "silence",
            -libm::log(probability.max(1e-3)),
            format!(
                "{messages:.0} messages were to be expected on its way; a transmitter is not heard \
                 there for so long with probability {probability:.4}"
            ),
        ),
        (
            "vessels",
            0.0,
            format!(
                "at {instants} instants, a minute apart, no vessel with AIS was where radar saw it"
            ),
        ),
        (
            "receivers",
            0.0,
            format!(
                "others were heard around it in {:.0} % of that time",
                alive * 100.0
            ),
        ),
    ]
}
