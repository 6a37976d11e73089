//! Duties that run against time once a violation is verified, and the warnings before they lapse.

use truce_core::finding::{Clock, ClockReading, ClockState};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Finding, Timestamp};

use super::Procedure;
use crate::agreement::ClockRule;

/// Without a time of its own a clock warns when this share of it is left.
const WARN_SHARE: f64 = 0.25;

/// The clocks of a finding at an instant, in their own order.
#[must_use]
pub fn clocks_at(finding: &Finding, rules: &[ClockRule], now: Timestamp) -> Vec<ClockReading> {
    let procedure = Procedure::of(finding);
    let met_at = |clock: &Clock| {
        let mut met = procedure.clocks_met.iter();
        met.find(|(name, _)| *name == clock.name).map(|(_, at)| *at)
    };
    let reading = |clock: &Clock| {
        let rule = rules.iter().find(|rule| rule.name == clock.name);
        let length_s = seconds_between(clock.starts_at, clock.due_at);
        let warn_s = rule
            .and_then(|rule| rule.warn_hours)
            .map_or(WARN_SHARE * length_s, |hours| hours * 3_600.0);
        let warns_at = plus_seconds(clock.due_at, -warn_s);
        let state = match met_at(clock) {
            Some(at) if at <= clock.due_at => ClockState::Met,
            Some(_) => ClockState::MetLate,
            None if now > clock.due_at => ClockState::Lapsed,
            None if now >= warns_at => ClockState::DueSoon,
            None => ClockState::Running,
        };
        ClockReading {
            name: clock.name.clone(),
            due_at: clock.due_at,
            warns_at,
            state,
            left_s: seconds_between(now, clock.due_at),
        }
    };
    finding.clocks.iter().map(reading).collect()
}
