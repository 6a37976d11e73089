//! When in the day and the year an event of a class is more likely than otherwise. The mean over a
//! day and a year is 1, so that a mission's rates stay what they say.

use jiff::tz::TimeZone;
use truce_core::{EventClass, Timestamp};

/// Fires on fields by month: stubble is burnt in spring and after the harvest (illustrative shape;
/// the sum is 12).
const FIRE_BY_MONTH: [f64; 12] = [0.1, 0.2, 2.0, 2.0, 0.4, 0.5, 1.5, 2.2, 1.7, 0.9, 0.4, 0.1];

/// They are lit by day: 1.75 from 06 to 18 h UTC, 0.25 otherwise (illustrative).
const FIRE_BY_DAY: f64 = 1.75;
const FIRE_BY_NIGHT: f64 = 0.25;
const FIRE_HOURS: std::ops::Range<i8> = 6..18;

/// Quarries blast while people work, hours of UTC, Monday to Friday (illustrative).
const WORK_HOURS: std::ops::Range<i8> = 5..14;

/// How much more likely than on average an event of a class is at an instant.
pub(crate) fn weight(class: EventClass, at: Timestamp) -> f64 {
    let utc = TimeZone::UTC.to_datetime(at);
    match class {
        EventClass::FarmFire => {
            let month = usize::from(utc.month().unsigned_abs()) - 1;
            let by_hour = if FIRE_HOURS.contains(&utc.hour()) {
                FIRE_BY_DAY
            } else {
                FIRE_BY_NIGHT
            };
            FIRE_BY_MONTH[month] * by_hour
        }
        EventClass::QuarryBlast => {
            let weekday = utc.weekday().to_monday_zero_offset() < 5;
            let at_work = weekday && WORK_HOURS.contains(&utc.hour());
            if at_work { weight_max(class) } else { 0.0 }
        }
        _ => 1.0,
    }
}

/// The greatest weight of a class.
pub(crate) fn weight_max(class: EventClass) -> f64 {
    match class {
        EventClass::FarmFire => 2.2 * FIRE_BY_DAY,
        EventClass::QuarryBlast => 7.0 / 5.0 * 24.0 / WORK_HOURS.len() as f64,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use truce_core::time::plus_seconds;

    use super::*;

    #[test]
    fn weights_have_mean_one_and_stay_below_their_greatest() {
        let start: Timestamp = "2023-01-01T00:30:00Z".parse().unwrap();
        for class in EventClass::ALL {
            let hours = 365 * 24;
            let at = |hour: u32| plus_seconds(start, f64::from(hour) * 3_600.0);
            let weights = (0..hours).map(|hour| weight(class, at(hour)));
            let sum: f64 = weights.clone().sum();
            assert!(
                (sum / f64::from(hours) - 1.0).abs() < 0.01,
                "{class:?}: {sum}"
            );
            let most = weights.fold(0.0, f64::max);
            assert!(
                (most - weight_max(class)).abs() < 1e-12,
                "{class:?}: {most}"
            );
        }
    }
}
