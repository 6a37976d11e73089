//! When a contribution is in place: ready dates, notice, turns and endurance.

use truce_core::Timestamp;
use truce_core::time::{DAY_S, plus_seconds, seconds_between};

use crate::coalition::Contribution;

/// How much of a quantity of a contribution is in place.
///
/// A pool that can be divided keeps the part in place that its turns can sustain. A unit that serves
/// as a whole comes and goes. Without an instant dates are left out of account, and a whole unit is
/// taken to be in its first turn.
pub(crate) fn present(
    contribution: &Contribution,
    quantity: u32,
    at: Option<Timestamp>,
    decided: Option<Timestamp>,
) -> u32 {
    let rotation = contribution.rotation;
    let pooled = match rotation {
        Some(rotation) if !contribution.is_whole() => rotation.present_of(quantity),
        _ => quantity,
    };
    let (Some(at), Some(arrival)) = (at, arrival(contribution, decided)) else {
        return pooled;
    };
    let stayed_s = seconds_between(arrival, at);
    let left = contribution
        .sustain_days
        .is_some_and(|days| stayed_s >= f64::from(days) * DAY_S);
    if stayed_s < 0.0 || left {
        return 0;
    }
    let resting = rotation
        .filter(|_| contribution.is_whole())
        .is_some_and(|turn| {
            let on_s = f64::from(turn.on_days) * DAY_S;
            stayed_s % (on_s + f64::from(turn.off_days) * DAY_S) >= on_s
        });
    if resting { 0 } else { pooled }
}

/// When it comes: when it is ready and its notice is over. `None` when neither is known.
fn arrival(contribution: &Contribution, decided: Option<Timestamp>) -> Option<Timestamp> {
    let noticed = decided.map(|decided| {
        let notice = contribution.notice_days.unwrap_or(0);
        plus_seconds(decided, f64::from(notice) * DAY_S)
    });
    contribution.ready.max(noticed)
}

/// Instants inside a period at which a contribution comes, goes, or changes turns.
pub(crate) fn changes(
    contribution: &Contribution,
    period: (Timestamp, Timestamp),
    decided: Option<Timestamp>,
) -> Vec<Timestamp> {
    let Some(arrival) = arrival(contribution, decided) else {
        return Vec::new();
    };
    let after = |days: u32| plus_seconds(arrival, f64::from(days) * DAY_S);
    let end = contribution.sustain_days.map(after);
    let mut all: Vec<Timestamp> = [Some(arrival), end].into_iter().flatten().collect();
    if let Some(turn) = contribution.rotation.filter(|_| contribution.is_whole()) {
        let mut day = 0;
        while after(day) < period.1 && end.is_none_or(|end| after(day) < end) {
            all.extend([after(day), after(day + turn.on_days)]);
            day += turn.on_days + turn.off_days;
        }
    }
    all.retain(|at| period.0 < *at && *at < period.1 && end.is_none_or(|end| *at <= end));
    all
}
