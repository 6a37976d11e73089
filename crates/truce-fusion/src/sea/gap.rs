//! Silence of a vessel under way, judged against what the receivers hear where it was.
//!
//! A silence is told when a vessel that goes on sending would hardly be silent so long there. It is
//! never called intent: equipment fails, and what is told is that the receivers do not explain it.

use truce_core::mission::SeaSettings;
use truce_core::{IncidentKind, Slug};

use super::coverage::{Coverage, Expected};
use super::ground::Ground;
use super::pending::Fix;
use super::plane::apart_m;
use super::vessel::{Silence, Vessel};
use crate::tell::{Draft, Line, Told};

/// A silence is judged up to this length, seconds; later nobody knows where the vessel was.
pub(super) const JUDGED_S_MAX: f64 = 12.0 * 3_600.0;
/// Its way is carried on so long at most, seconds.
const CARRIED_S_MAX: f64 = 3.0 * 3_600.0;
/// Slower than this a vessel may have anchored or moored, where equipment is switched off, m/s.
const UNDER_WAY_M_S: f64 = 1.5;
/// Vessels nearer than this are within the same reception, metres.
const COMPANY_M: f64 = 25_000.0;
/// Below this share of the time in which others were heard, the receivers explain a silence.
pub(super) const ALIVE_MIN: f64 = 0.6;
/// Silences that begin within this time of each other may have one cause, seconds.
const ALIKE_S: f64 = 2_700.0;
/// Fixes before a silence counts: a vessel heard less often was hardly within reach.
const FIXES_MIN: u64 = 10;

/// What is to be done with a silent vessel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing any more.
    Leave,
    /// Look again later.
    LookAgain,
    /// It was told.
    Told,
}

/// Others that fell silent around a vessel at about the same time, and others that were heard on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Company {
    silent: u32,
    heard: u32,
}

impl Company {
    /// Looks at the vessels around one that is silent until `at_s`.
    pub(super) fn of<'v>(
        vessel: &Vessel,
        others: impl Iterator<Item = &'v Vessel>,
        at_s: f64,
        sea: &SeaSettings,
    ) -> Self {
        let from = vessel.last;
        let mut company = Self::default();
        for other in others {
            let north_m = (other.last.position.lat_deg - from.position.lat_deg).abs() * 111_000.0;
            let is_other = other.mmsi != vessel.mmsi && north_m <= COMPANY_M;
            if !is_other || apart_m(other.last.position, from.position) > COMPANY_M {
                continue;
            }
            let silent_s = at_s - other.last.at_s;
            let began_alike = (other.last.at_s - from.at_s).abs() <= ALIKE_S;
            if silent_s >= sea.gap_s && began_alike {
                company.silent += 1;
            } else if silent_s < sea.gap_s {
                company.heard += 1;
            }
        }
        company
    }

    /// True when the receivers rather than the vessel explain the silence: several fell silent at
    /// once, or one of very few.
    fn explains(self) -> bool {
        self.silent >= 2 || self.silent == 1 && self.heard <= 1
    }
}

/// Judges a vessel that is silent until `at_s`.
pub(super) fn judge(
    vessel: &mut Vessel,
    company: Company,
    at_s: f64,
    coverage: &Coverage,
    ground: &Ground,
    sea: &SeaSettings,
    told: &mut Told,
) -> Verdict {
    let silent_s = at_s - vessel.last.at_s;
    let in_port = vessel.standing.port.is_some() || vessel.rest.is_some();
    let moves = vessel.speed_m_s >= UNDER_WAY_M_S && vessel.course_deg.is_some();
    if in_port || !moves || vessel.fixes < FIXES_MIN || silent_s > JUDGED_S_MAX {
        return Verdict::Leave;
    }
    // Sailing into a port ends many voyages: where it should be now is no place to be missed from.
    let way = |for_s: f64| vessel.carried_on(for_s.min(CARRIED_S_MAX));
    let arrives = (1..=6).any(|n| {
        let position = way(silent_s * f64::from(n) / 6.0);
        ground.standing(position).port.is_some()
    });
    if arrives {
        return Verdict::Leave;
    }
    let expected = coverage.expect(way, vessel.last.receiver, vessel.last.at_s, at_s);
    let is_out = expected.alive < ALIVE_MIN;
    if expected.probability > sea.gap_probability || is_out || company.explains() {
        return Verdict::LookAgain;
    }
    let silence = Silence {
        from: vessel.last,
        lines: lines(silent_s, expected),
    };
    tell(vessel, &silence, at_s, None, ground, told);
    vessel.silence = Some(silence);
    Verdict::Told
}

/// Tells the end of a silence.
pub(super) fn tell_end(vessel: &mut Vessel, fix: &Fix, ground: &Ground, told: &mut Told) {
    if let Some(silence) = vessel.silence.take() {
        tell(vessel, &silence, fix.at_s, Some(fix), ground, told);
    }
}

fn lines(silent_s: f64, expected: Expected) -> Vec<Line> {
    let Expected {
        messages,
        alive,
        probability,
    } = expected;
    vec![
        (
            "prior",
            -1.5,
            "most silences of vessels under way have a simple cause on board".to_owned(),
        ),
        (
            "silence",
            -libm::log(probability.max(1e-3)),
            format!(
                "nothing was heard for {:.1} h where {messages:.0} messages were to be expected; \
                 a vessel that goes on sending is silent so long with probability {probability:.4}",
                silent_s / 3_600.0
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

fn tell(
    vessel: &Vessel,
    silence: &Silence,
    at_s: f64,
    end: Option<&Fix>,
    ground: &Ground,
    told: &mut Told,
) {
    let from = silence.from;
    let mut evidence = vec![from.observation];
    evidence.extend(end.map(|fix| fix.observation));
    let corridor = ground.standing(from.position).corridor;
    let zone: Option<Slug> = corridor.map(|number| ground.area(number).id.clone());
    let silent_s = at_s - from.at_s;
    // Where it was is known at both ends at most: the place is the last one heard, as uncertain as
    // the way it may have gone.
    let way_m = (vessel.speed_m_s * silent_s.min(CARRIED_S_MAX)).max(1_000.0);
    told.tell(Draft {
        kind: IncidentKind::SignalGap,
        behaviour: "gap",
        during_s: (from.at_s, at_s),
        position: from.position,
        sigma_m: if end.is_some() {
            way_m / 4.0
        } else {
            way_m / 2.0
        },
        track: Some(vessel.track),
        zone,
        evidence,
        lines: silence.lines.clone(),
        attributes: vec![vessel.identity()],
        ended: end.is_some(),
    });
}
