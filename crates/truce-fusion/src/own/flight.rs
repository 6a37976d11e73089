//! What a drone's own reports show: a link lost in flight, satellite navigation that jumps.

use std::collections::BTreeMap;

use truce_core::Timestamp;
use truce_core::time::{plus_seconds, seconds_between};

use super::{Key, Report, draft};
use crate::sea::plane::seconds;
use crate::tell::Draft;

/// A shorter silence of a drone is none, seconds (own choice: telemetry comes every second or so).
const LINK_S_MIN: f64 = 120.0;
/// Nor is one of fewer than so many usual intervals between its reports (own choice).
const LINK_INTERVALS_MIN: f64 = 20.0;
/// Fewer reports do not show how often it reports.
const REPORTS_MIN: usize = 10;
/// Faster than this a drone seems to fly in flight already, metres per second.
const FLYING_M_S: f64 = 3.0;
/// So far above the lowest place it reported it flies, metres: beyond the error of its heights.
const FLYING_M: f64 = 20.0;
/// No uncrewed aircraft of a mission flies faster, metres per second (a turboprop does 130).
const SPEED_M_S_MAX: f64 = 200.0;
/// A shorter step is taken for an error of position or clock, metres.
const JUMP_M_MIN: f64 = 1_000.0;
/// So many reports at the new place make a jump; one alone is a garbled message.
const JUMP_REPORTS: usize = 3;
/// How likely it is that somebody interfered, by what was seen (own estimates).
const LOST: f64 = 0.55;
const JUMPED: f64 = 0.8;

/// What happened to a drone's link and to its satellite navigation.
pub(super) fn flight(
    reports: &BTreeMap<Key, Report>,
    name: &str,
    now: Timestamp,
    due: &mut Option<Timestamp>,
) -> Vec<Draft> {
    let all: Vec<(Key, Report)> = reports
        .iter()
        .map(|(key, report)| (*key, *report))
        .collect();
    if all.len() < REPORTS_MIN {
        return Vec::new();
    }
    let interval_s = usual_interval_s(&all);
    let limit_s = LINK_S_MIN.max(LINK_INTERVALS_MIN * interval_s);
    let silence = |i: usize, until: Timestamp, is_over: bool| {
        let lasted_s = seconds_between(all[i].0.0, until);
        let was_flying = lasted_s >= limit_s && flies(&all, i);
        was_flying.then(|| lost(&all[i], name, (lasted_s, interval_s), is_over))
    };
    let mut drafts = jumps(&all, name);
    drafts.extend((0..all.len() - 1).filter_map(|i| silence(i, all[i + 1].0.0, true)));
    let last = all.len() - 1;
    if flies(&all, last) {
        // A silence that goes on is told when it is one, and whenever it has doubled.
        let silent_s = seconds_between(all[last].0.0, now);
        let mut next_s = limit_s;
        while next_s <= silent_s {
            next_s *= 2.0;
        }
        *due = Some(plus_seconds(all[last].0.0, next_s));
        let until = plus_seconds(all[last].0.0, next_s / 2.0);
        drafts.extend(silence(last, until, false));
    }
    drafts
}

/// The median of the times between reports, seconds.
fn usual_interval_s(all: &[(Key, Report)]) -> f64 {
    let steps = all
        .windows(2)
        .map(|pair| seconds_between(pair[0].0.0, pair[1].0.0));
    let mut steps: Vec<f64> = steps.filter(|step_s| *step_s > 0.0).collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        return 0.0;
    }
    *steps.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Whether a drone was in the air at a report: by its speed, else by its height above the lowest that
/// it reported by the same datum. Without either it is not known, and taken for landed.
fn flies(all: &[(Key, Report)], i: usize) -> bool {
    let report = &all[i].1;
    if report.speed_m_s.is_some_and(|speed| speed >= FLYING_M_S) {
        return true;
    }
    let Some(own) = report.height else {
        return false;
    };
    let heights = all.iter().filter_map(|(_, report)| report.height);
    let same = heights.filter(|height| height.above == own.above);
    let lowest_m = same
        .map(|height| height.height_m)
        .fold(f64::INFINITY, f64::min);
    own.height_m - lowest_m >= FLYING_M
}

fn lost(
    (key, report): &(Key, Report),
    name: &str,
    (lasted_s, interval_s): (f64, f64),
    is_over: bool,
) -> Draft {
    let text = format!(
        "{name} was silent for {lasted_s:.0} s in flight; it reports every {interval_s:.0} s. A lost \
         link alone shows no intent"
    );
    let until_s = seconds(key.0) + lasted_s;
    draft(
        "lost_link",
        report.place,
        (seconds(key.0), until_s),
        vec![key.1],
        is_over,
        (LOST, text),
    )
}

/// Steps that no drone can have flown, with several reports at the new place; over when it jumps back
/// to where it can have flown to meanwhile.
fn jumps(all: &[(Key, Report)], name: &str) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut here = (0..all.len()).find(|k| stays(&all[*k..])).unwrap_or(0);
    let mut i = here + 1;
    while i < all.len() {
        if reaches(&all[here], &all[i]) {
            here = i;
        } else if stays(&all[i..]) {
            let steps = (i + 1..all.len()).take_while(|k| reaches(&all[k - 1], &all[*k]));
            let there = i + steps.count();
            let back = all
                .get(there + 1)
                .is_some_and(|next| reaches(&all[here], next));
            let end = there + usize::from(back);
            drafts.push(jump(&all[here], &all[i..=end], name, back));
            (here, i) = (end, end);
        }
        i += 1;
    }
    drafts
}

/// Whether a drone goes on from a report: a garbled one stands alone.
fn stays(from: &[(Key, Report)]) -> bool {
    let new = &from[..from.len().min(JUMP_REPORTS)];
    new.len() == JUMP_REPORTS && new.windows(2).all(|pair| reaches(&pair[0], &pair[1]))
}

fn jump(from: &(Key, Report), there: &[(Key, Report)], name: &str, is_over: bool) -> Draft {
    let (first, last) = (&there[0], &there[there.len() - 1]);
    let step_km = from.1.place.position.distance_m(first.1.place.position) / 1_000.0;
    let after_s = seconds_between(from.0.0, first.0.0);
    let text = format!(
        "{name} reported a place {step_km:.1} km away after {after_s:.0} s, and went on from there"
    );
    let during_s = (seconds(from.0.0), seconds(last.0.0));
    let evidence = std::iter::once(from).chain(there).map(|(key, _)| key.1);
    let why = (JUMPED, text);
    draft(
        "gnss_jump",
        from.1.place,
        during_s,
        evidence.collect(),
        is_over,
        why,
    )
}

/// Whether a drone can have flown from one report to another.
fn reaches(from: &(Key, Report), to: &(Key, Report)) -> bool {
    let error_m = from.1.place.uncertainty.semi_major_m + to.1.place.uncertainty.semi_major_m;
    let way_m = from.1.place.position.distance_m(to.1.place.position) - 4.0 * error_m;
    let dt_s = seconds_between(from.0.0, to.0.0).max(1.0);
    way_m <= JUMP_M_MIN || way_m <= SPEED_M_S_MAX * dt_s
}
