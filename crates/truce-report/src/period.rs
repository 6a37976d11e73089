//! Cut-off periods: from one local cut-off to the next, half-open, in the mission's time zone.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use truce_core::mission::ReportSchedule;
use truce_core::{Interval, Timestamp};

use crate::account::Basis;
use crate::language::Language;

/// Why there is no such period.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The time zone is not in the IANA database.
    #[error("`{name}` is no time zone of the IANA database")]
    TimeZone {
        /// The name as given.
        name: String,
    },
    /// The cut-off is no time of day, or the date is out of range.
    #[error("no cut-off period ends on {date} at {hour:02}:{minute:02}")]
    Period {
        /// The date.
        date: Date,
        /// Hours of the cut-off.
        hour: u8,
        /// Minutes of the cut-off.
        minute: u8,
    },
}

pub(crate) fn time_zone(schedule: &ReportSchedule) -> Result<TimeZone, Error> {
    TimeZone::get(&schedule.time_zone).map_err(|_| Error::TimeZone {
        name: schedule.time_zone.clone(),
    })
}

/// The period that ends with the cut-off of a local date. It is 23 or 25 hours long when clocks
/// change in it. A cut-off in the hour that is skipped counts as the same time an hour later.
///
/// # Errors
/// [`Error::TimeZone`] for an unknown zone, [`Error::Period`] for an impossible cut-off or date.
pub fn period_ending_on(schedule: &ReportSchedule, date: Date) -> Result<Interval, Error> {
    let zone = time_zone(schedule)?;
    let refuse = || Error::Period {
        date,
        hour: schedule.cut_off_hour,
        minute: schedule.cut_off_minute,
    };
    let part = |value: u8| i8::try_from(value).map_err(|_| refuse());
    let (hour, minute) = (part(schedule.cut_off_hour)?, part(schedule.cut_off_minute)?);
    let cut_off = Time::new(hour, minute, 0, 0).map_err(|_| refuse())?;
    let instant = |date: Date| {
        let local = date.to_datetime(cut_off).to_zoned(zone.clone());
        local.map(|local| local.timestamp()).map_err(|_| refuse())
    };
    let yesterday = date.yesterday().map_err(|_| refuse())?;
    Ok(Interval {
        start: instant(yesterday)?,
        end: instant(date)?,
    })
}

/// The newest period that has ended at an instant.
///
/// # Errors
/// As [`period_ending_on`].
pub fn newest_period(schedule: &ReportSchedule, now: Timestamp) -> Result<Interval, Error> {
    let today = now.to_zoned(time_zone(schedule)?).date();
    let period = period_ending_on(schedule, today)?;
    if period.end <= now {
        return Ok(period);
    }
    match today.yesterday() {
        Ok(yesterday) => period_ending_on(schedule, yesterday),
        Err(_) => Ok(period),
    }
}

/// The seven cut-off periods that end on a local date, as one.
///
/// # Errors
/// As [`period_ending_on`].
pub fn week_ending_on(schedule: &ReportSchedule, date: Date) -> Result<Interval, Error> {
    let last = period_ending_on(schedule, date)?;
    let six_days = jiff::Span::new().days(6);
    let first = date.checked_sub(six_days).map_err(|_| Error::Period {
        date,
        hour: schedule.cut_off_hour,
        minute: schedule.cut_off_minute,
    })?;
    Ok(Interval {
        start: period_ending_on(schedule, first)?.start,
        end: last.end,
    })
}

/// The date of an instant in the mission's zone.
///
/// # Errors
/// [`Error::TimeZone`] for an unknown zone.
pub fn local_date(schedule: &ReportSchedule, at: Timestamp) -> Result<Date, Error> {
    Ok(at.to_zoned(time_zone(schedule)?).date())
}

/// An instant as people in the mission's zone read it, with the zone, such as
/// `1 Mar 2025 08:00 EET`. Without the zone in the database it is given in UTC.
#[must_use]
pub fn local(schedule: &ReportSchedule, language: Language, at: Timestamp) -> String {
    let format = format!("{} %H:%M %Z", language.date_format());
    zoned(schedule, at).strftime(&format).to_string()
}

fn zoned(schedule: &ReportSchedule, at: Timestamp) -> jiff::Zoned {
    at.to_zoned(time_zone(schedule).unwrap_or(TimeZone::UTC))
}

impl Basis {
    /// An instant in the mission's zone, with the zone.
    pub(crate) fn local(&self, at: Timestamp) -> String {
        local(&self.mission.report, self.language, at)
    }

    /// The time of day in the mission's zone.
    pub(crate) fn local_clock(&self, at: Timestamp) -> String {
        zoned(&self.mission.report, at)
            .strftime("%H:%M")
            .to_string()
    }

    /// The day in the mission's zone, without the year.
    pub(crate) fn local_day(&self, at: Timestamp) -> String {
        let day = zoned(&self.mission.report, at);
        day.strftime(self.language.day_format()).to_string()
    }

    /// An interval as people read it; its date is not repeated.
    pub(crate) fn local_interval(&self, interval: Interval) -> String {
        let start = zoned(&self.mission.report, interval.start);
        let end = zoned(&self.mission.report, interval.end);
        let day = self.language.day_format();
        if interval.length_s() < 60.0 {
            return start.strftime(&format!("{day} %H:%M:%S %Z")).to_string();
        }
        let until = if start.date() == end.date() {
            "%H:%M %Z".to_owned()
        } else {
            format!("{day} %H:%M %Z")
        };
        let start = start.strftime(&format!("{day} %H:%M")).to_string();
        format!("{start} – {}", end.strftime(&until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(zone: &str, hour: u8) -> ReportSchedule {
        ReportSchedule {
            time_zone: zone.to_owned(),
            cut_off_hour: hour,
            cut_off_minute: 0,
        }
    }

    #[test]
    fn periods_follow_the_local_clock() {
        let cases = [
            // Winter, the day on which clocks go forward, summer, and the day they go back.
            ("2025-03-01", "2025-02-28T18:00:00Z", "2025-03-01T18:00:00Z"),
            ("2025-03-30", "2025-03-29T18:00:00Z", "2025-03-30T17:00:00Z"),
            ("2025-07-01", "2025-06-30T17:00:00Z", "2025-07-01T17:00:00Z"),
            ("2025-10-26", "2025-10-25T17:00:00Z", "2025-10-26T18:00:00Z"),
        ];
        for (date, start, end) in cases {
            let schedule = schedule("Europe/Kyiv", 20);
            let period = period_ending_on(&schedule, date.parse().unwrap()).unwrap();
            let expected = (start.parse().unwrap(), end.parse().unwrap());
            assert_eq!((period.start, period.end), expected, "{date}");
        }
    }

    #[test]
    fn the_newest_period_has_ended() {
        let schedule = schedule("Europe/Kyiv", 20);
        for (now, end) in [
            ("2025-03-01T17:59:59Z", "2025-02-28T18:00:00Z"),
            ("2025-03-01T18:00:00Z", "2025-03-01T18:00:00Z"),
            ("2025-03-01T23:30:00Z", "2025-03-01T18:00:00Z"),
        ] {
            let period = newest_period(&schedule, now.parse().unwrap()).unwrap();
            assert_eq!(period.end, end.parse::<Timestamp>().unwrap(), "{now}");
        }
    }

    #[test]
    fn what_cannot_be_a_period_is_refused() {
        let date: Date = "2025-03-01".parse().unwrap();
        assert!(matches!(
            period_ending_on(&schedule("Europe/Nowhere", 20), date),
            Err(Error::TimeZone { .. })
        ));
        for hour in [24, 200] {
            let refused = period_ending_on(&schedule("Europe/Kyiv", hour), date);
            assert!(matches!(refused, Err(Error::Period { .. })), "{hour}");
        }
    }

    #[test]
    fn weeks_are_seven_periods() {
        let schedule = schedule("Europe/Kyiv", 20);
        // Clocks go forward on 30 March 2025.
        let week = week_ending_on(&schedule, "2025-04-02".parse().unwrap()).unwrap();
        assert_eq!(
            week.start,
            "2025-03-26T18:00:00Z".parse::<Timestamp>().unwrap()
        );
        assert_eq!(
            week.end,
            "2025-04-02T17:00:00Z".parse::<Timestamp>().unwrap()
        );
    }

    #[test]
    fn local_times_show_their_zone() {
        let schedule = schedule("Europe/Kyiv", 20);
        let cases = [
            (
                "2025-03-01T06:00:00Z",
                Language::English,
                "1 Mar 2025 08:00 EET",
            ),
            (
                "2025-07-01T06:00:00Z",
                Language::English,
                "1 Jul 2025 09:00 EEST",
            ),
            (
                "2025-07-01T06:00:00Z",
                Language::Ukrainian,
                "01.07.2025 09:00 EEST",
            ),
            (
                "2025-07-01T06:00:00Z",
                Language::French,
                "01/07/2025 09:00 EEST",
            ),
        ];
        for (at, language, expected) in cases {
            assert_eq!(local(&schedule, language, at.parse().unwrap()), expected);
        }
    }
}
