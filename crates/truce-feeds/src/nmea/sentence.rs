//! One sentence: which field means what, and what it says.
//!
//! ```text
//! \s:patrol-3*hh\$GNGGA,120000.25,4800.1234,N,03748.5678,E,1,09,0.9,152.3,M,18.1,M,,*hh
//!   │              │ │   │         │          │            │ │  │   │       └ geoid above ellipsoid
//!   │              │ │   │         │          │            │ │  │   └ height above the geoid
//!   │              │ │   │         │          │            │ │  └ dilution of precision
//!   │              │ │   │         │          │            │ └ satellites
//!   │              │ │   │         │          │            └ quality
//!   │              │ │   │         └ latitude └ longitude: degrees, minutes, hemisphere
//!   │              │ │   └ time of day, UTC
//!   │              │ └ formatter
//!   │              └ talker: GP, GL, GA, GB, GQ, GI one system, GN several
//!   └ which receiver
//! ```

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use truce_core::place::Ellipse;
use truce_core::time::SignedDuration;
use truce_core::{Position, Timestamp};

use super::mode::Mode;
use crate::aivdm::sentence::{Tag, read_tag, split_checksum, start};
use crate::decimal;
use crate::fault::{Fault, RejectionClass, excerpt};
use crate::sheet::Sheet;
use crate::units::KNOT_M_S;

/// Most fields of a sentence: 82 characters hold no more (IEC 61162-1, 7.3).
const FIELDS_MAX: usize = 80;

/// Two-digit years from here on are of the twentieth century: the system was declared in 1980.
const YEAR_1980: i16 = 80;

/// What a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// `hhmmss.ss`, UTC.
    Time,
    /// `ddmmyy`.
    Date,
    /// Day; month and year stand in the next two fields.
    Day,
    /// `ddmm.mmmm`, then `N` or `S`, then `dddmm.mmmm`, then `E` or `W`.
    Position,
    /// Quality as a digit (`GGA`).
    Quality,
    /// Mode as letters, one for each system.
    Mode,
    /// `A` valid, `V` not (`RMC`, `GLL`).
    Status,
    Dilution,
    Height,
    Knots,
    /// One standard deviation along, across, and the bearing of the first, in three fields.
    Errors,
    /// One standard deviation north and east, in two fields.
    AxisErrors,
    Number,
    Text,
}

/// One field: its place behind the address, its name on a sheet, its meaning.
type Row = (usize, &'static str, Meaning);

/// Fields of the sentences that are read (NMEA 0183 v4.11, section 6; IEC 61162-1, 8.3).
const SENTENCES: [(&str, &[Row]); 11] = [
    (
        "GGA",
        &[
            (1, "time_of_day_s", Meaning::Time),
            (2, "position", Meaning::Position),
            (6, "quality", Meaning::Quality),
            (7, "satellites", Meaning::Number),
            (8, "horizontal_dilution", Meaning::Dilution),
            (9, "height_mean_sea_level_m", Meaning::Height),
            (11, "geoid_above_ellipsoid_m", Meaning::Number),
            (13, "correction_age_s", Meaning::Number),
            (14, "correction_station", Meaning::Text),
        ],
    ),
    (
        "GNS",
        &[
            (1, "time_of_day_s", Meaning::Time),
            (2, "position", Meaning::Position),
            (6, "mode", Meaning::Mode),
            (7, "satellites", Meaning::Number),
            (8, "horizontal_dilution", Meaning::Dilution),
            (9, "height_mean_sea_level_m", Meaning::Height),
            (10, "geoid_above_ellipsoid_m", Meaning::Number),
            (11, "correction_age_s", Meaning::Number),
            (12, "correction_station", Meaning::Text),
            (13, "navigational_status", Meaning::Text),
        ],
    ),
    (
        "RMC",
        &[
            (1, "time_of_day_s", Meaning::Time),
            (2, "status", Meaning::Status),
            (3, "position", Meaning::Position),
            (7, "speed", Meaning::Knots),
            (8, "course_deg", Meaning::Number),
            (9, "date", Meaning::Date),
            (10, "magnetic_variation_deg", Meaning::Number),
            (11, "magnetic_variation_to", Meaning::Text),
            (12, "mode", Meaning::Mode),
            (13, "navigational_status", Meaning::Text),
        ],
    ),
    (
        "GLL",
        &[
            (1, "position", Meaning::Position),
            (5, "time_of_day_s", Meaning::Time),
            (6, "status", Meaning::Status),
            (7, "mode", Meaning::Mode),
        ],
    ),
    (
        "VTG",
        &[
            (1, "course_deg", Meaning::Number),
            (3, "course_magnetic_deg", Meaning::Number),
            // Field 7 says the same speed in kilometres per hour.
            (5, "speed", Meaning::Knots),
            (9, "mode", Meaning::Mode),
        ],
    ),
    ("HDT", &[(1, "heading_deg", Meaning::Number)]),
    (
        "GSA",
        &[
            (1, "selection", Meaning::Text),
            (2, "fix_dimensions", Meaning::Text),
            // Fields 3 to 14 number the satellites.
            (15, "position_dilution", Meaning::Number),
            (16, "horizontal_dilution", Meaning::Number),
            (17, "vertical_dilution", Meaning::Number),
        ],
    ),
    (
        "ZDA",
        &[
            (1, "time_of_day_s", Meaning::Time),
            (2, "date", Meaning::Day),
        ],
    ),
    (
        "GST",
        &[
            (1, "time_of_day_s", Meaning::Time),
            (2, "range_residual_m_rms", Meaning::Number),
            // The axes' errors stand in for an ellipse that is not there, so they come first.
            (6, "axis_m_sigma", Meaning::AxisErrors),
            (3, "ellipse_m_sigma", Meaning::Errors),
            (8, "height_m_sigma", Meaning::Number),
        ],
    ),
    (
        "TTM",
        &[
            (1, "target", Meaning::Text),
            (2, "distance", Meaning::Number),
            (3, "bearing_deg", Meaning::Number),
            (4, "bearing_from", Meaning::Text),
            (5, "speed", Meaning::Number),
            (6, "course_deg", Meaning::Number),
            (7, "course_from", Meaning::Text),
            (8, "closest_approach", Meaning::Number),
            (9, "closest_approach_minutes", Meaning::Number),
            (10, "units", Meaning::Text),
            (11, "name", Meaning::Text),
            (12, "target_status", Meaning::Text),
            (14, "time_of_day_s", Meaning::Time),
            (15, "acquisition", Meaning::Text),
        ],
    ),
    (
        "TLL",
        &[
            (1, "target", Meaning::Text),
            (2, "position", Meaning::Position),
            (6, "name", Meaning::Text),
            (7, "time_of_day_s", Meaning::Time),
            (8, "target_status", Meaning::Text),
        ],
    ),
];

/// What a sentence says of a fix.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    /// Since midnight, UTC; a leap second reaches into the next day.
    pub(super) time_of_day: Option<SignedDuration>,
    pub(super) date: Option<Date>,
    pub(super) position: Option<Position>,
    pub(super) mode: Option<Mode>,
    pub(super) dilution: Option<f64>,
    pub(super) height_m: Option<f64>,
    pub(super) errors: Option<Ellipse>,
}

/// One sentence.
#[derive(Debug, Clone)]
pub(super) struct Sentence<'a> {
    /// Who speaks, such as `GN`.
    talker: &'a str,
    /// What the sentence is, such as `GGA`; of others than those that are read the whole address.
    pub(super) formatter: &'a str,
    fields: Vec<&'a str>,
    rows: &'static [Row],
    pub(super) tag: Tag<'a>,
}

fn fault(reason: impl Into<String>) -> Fault {
    Fault::new(RejectionClass::Sentence, reason)
}

/// Reads a line.
pub(super) fn read(line: &str) -> Result<Sentence<'_>, Fault> {
    let mut rest = line.as_bytes();
    let mut tag = Tag::default();
    if rest.first() == Some(&b'\\') {
        let end = rest[1..].iter().position(|byte| *byte == b'\\');
        let end = end.ok_or_else(|| fault("the TAG block has no end"))? + 1;
        tag = read_tag(&rest[1..end])?;
        rest = &rest[end + 1..];
    }
    // Loggers put their own time before the sentence; what stands there is not ours to read.
    let start = start(rest).ok_or_else(|| fault("no sentence that begins with `$`"))?;
    let (body, _, _) = split_checksum(&rest[start + 1..])?;
    let body = std::str::from_utf8(body).map_err(|_| fault("the sentence is no ASCII"))?;
    let mut fields = body.split(',');
    let address = fields.next().unwrap_or_default();
    let fields: Vec<&str> = fields.take(FIELDS_MAX).map(str::trim).collect();
    if address.len() < 3 || !address.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let reason = format!("`{}` is no address of a sentence", excerpt(address));
        return Err(fault(reason));
    }
    let (talker, formatter) = address.split_at(2.min(address.len()));
    let known = SENTENCES.iter().find(|(known, _)| *known == formatter);
    let (talker, formatter, rows): (_, _, &'static [Row]) = match known {
        Some((_, rows)) if rest[start] == b'$' => (talker, formatter, rows),
        _ => ("", address, &[]),
    };
    Ok(Sentence {
        talker,
        formatter,
        fields,
        rows,
        tag,
    })
}

impl Sentence<'_> {
    /// True for those that are read.
    pub(super) fn is_read(&self) -> bool {
        !self.rows.is_empty()
    }

    /// A field behind the address; `None` when it is empty.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        let field = self.fields.get(at - 1).copied();
        field.filter(|field| !field.is_empty())
    }

    pub(super) fn number(&self, at: usize, name: &str) -> Result<Option<f64>, Fault> {
        let Some(text) = self.text(at) else {
            return Ok(None);
        };
        let number = decimal::number(text);
        let wanted = "a number is expected";
        let fault = || Fault::field(RejectionClass::Number, name, text, wanted);
        number.map(Some).ok_or_else(fault)
    }

    /// What it says of a fix.
    pub(super) fn told(&self) -> Result<Told, Fault> {
        let mut told = Told::default();
        let (mut valid, mut position) = (true, Ok(None));
        for &(at, name, meaning) in self.rows {
            match meaning {
                Meaning::Time => told.time_of_day = self.time_of_day(at)?,
                Meaning::Date => told.date = self.text(at).map(read_date).transpose()?,
                Meaning::Day => told.date = self.day(at)?,
                Meaning::Position => position = self.position(at),
                Meaning::Quality => told.mode = self.text(at).and_then(Mode::of_quality),
                Meaning::Mode => {
                    told.mode = self.text(at).map_or(told.mode, Mode::of_letters);
                }
                Meaning::Status => {
                    valid = self.text(at) == Some("A");
                    // Before version 2.3 there was no mode: a valid fix was one of the system alone.
                    told.mode = Some(Mode::Autonomous);
                }
                Meaning::Dilution => told.dilution = self.number(at, name)?.filter(|d| *d > 0.0),
                Meaning::Height => told.height_m = self.number(at, name)?,
                Meaning::AxisErrors | Meaning::Errors => {
                    told.errors = self.errors(at, name, meaning)?.or(told.errors);
                }
                Meaning::Knots | Meaning::Number => drop(self.number(at, name)?),
                Meaning::Text => {}
            }
        }
        if !valid {
            // A receiver that has no fix may have no date either.
            (told.mode, told.date) = (Some(Mode::None), None);
        }
        told.position = match told.mode {
            // Some write a place that is none, such as 360 degrees, for no fix.
            Some(Mode::None) => None,
            _ => position?,
        };
        Ok(told)
    }

    fn time_of_day(&self, at: usize) -> Result<Option<SignedDuration>, Fault> {
        let Some(text) = self.text(at) else {
            return Ok(None);
        };
        let parts = || {
            let two = |from: usize| digits(text.get(from..from + 2)?);
            let (hour, minute, second) = (two(0)?, two(2)?, two(4)?);
            let fraction: f64 = match text.get(6..)? {
                "" => 0.0,
                rest => rest
                    .starts_with('.')
                    .then(|| format!("0{rest}").parse().ok())??,
            };
            let whole = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
            let fits = hour < 24 && minute < 60 && second <= 60;
            let fraction = SignedDuration::try_from_secs_f64(fraction).ok()?;
            fits.then(|| SignedDuration::from_secs(whole) + fraction)
        };
        let wanted = "a time of day such as 120000.25 is expected";
        let fault = || Fault::field(RejectionClass::Time, "time", text, wanted);
        parts().map(Some).ok_or_else(fault)
    }

    fn day(&self, at: usize) -> Result<Option<Date>, Fault> {
        let (Some(day), Some(month), Some(year)) =
            (self.text(at), self.text(at + 1), self.text(at + 2))
        else {
            return Ok(None);
        };
        let date = || {
            let small = |text| i8::try_from(digits(text)?).ok();
            Date::new(digits(year)?, small(month)?, small(day)?).ok()
        };
        let text = format!("{day},{month},{year}");
        let wanted = "day, month and year are expected";
        let fault = || Fault::field(RejectionClass::Time, "date", &text, wanted);
        date().map(Some).ok_or_else(fault)
    }

    pub(super) fn position(&self, at: usize) -> Result<Option<Position>, Fault> {
        let (lat, lon) = (self.text(at), self.text(at + 2));
        let (Some(lat), Some(lon)) = (lat, lon) else {
            return Ok(None);
        };
        let angle = |name, text, letter, letters: [&str; 2]| {
            let wanted = "degrees and minutes such as 4807.038, then the hemisphere, are expected";
            let fault = || Fault::field(RejectionClass::Number, name, text, wanted);
            let sign = match letter {
                Some(letter) if letter == letters[0] => 1.0,
                Some(letter) if letter == letters[1] => -1.0,
                _ => return Err(fault()),
            };
            degrees(text).map(|deg| sign * deg).ok_or_else(fault)
        };
        let lat_deg = angle("latitude", lat, self.text(at + 1), ["N", "S"])?;
        let lon_deg = angle("longitude", lon, self.text(at + 3), ["E", "W"])?;
        let outside = || {
            let reason = format!("{lat_deg}, {lon_deg} lies outside of the globe");
            Fault::new(RejectionClass::Range, reason)
        };
        Position::new(lat_deg, lon_deg)
            .map(Some)
            .ok_or_else(outside)
    }

    fn errors(&self, at: usize, name: &str, meaning: Meaning) -> Result<Option<Ellipse>, Fault> {
        let (first, second) = (self.number(at, name)?, self.number(at + 1, name)?);
        let (Some(first), Some(second)) = (first, second) else {
            return Ok(None);
        };
        let bearing_deg = match meaning {
            Meaning::Errors => match self.number(at + 2, name)? {
                Some(bearing_deg) => bearing_deg,
                None => return Ok(None),
            },
            _ => 0.0,
        };
        let usable = first > 0.0 && second > 0.0 && first.max(second) < 1e7;
        let ellipse = Ellipse {
            semi_major_m: first,
            semi_minor_m: second,
            bearing_deg,
        };
        // By way of the covariance: the larger axis comes first, the bearing lies below 180.
        Ok(usable.then(|| Ellipse::from_covariance_m2(ellipse.covariance_m2())))
    }

    /// Writes its fields into a sheet.
    pub(super) fn describe(&self, sheet: &mut Sheet) {
        if !self.talker.is_empty() {
            sheet.set("talker", self.talker);
        }
        for &(at, name, meaning) in self.rows {
            self.describe_field(at, name, meaning, sheet);
        }
    }

    fn describe_field(&self, at: usize, name: &str, meaning: Meaning, sheet: &mut Sheet) {
        let number = |at| self.number(at, name).ok().flatten();
        let own = |at| Value::from(self.text(at));
        match meaning {
            Meaning::Time => {
                let time = self.time_of_day(at).ok().flatten();
                let seconds = time.map(|time| time.as_secs_f64());
                sheet.converted((name, seconds), ("time", own(at)));
            }
            Meaning::Position => {
                let position = self.position(at).ok().flatten();
                let lat = position.map(|position| position.lat_deg);
                let lon = position.map(|position| position.lon_deg);
                let own = |at: usize| match (self.text(at), self.text(at + 1)) {
                    (Some(angle), Some(letter)) => Value::from(format!("{angle},{letter}")),
                    _ => Value::Null,
                };
                sheet.converted(("lat_deg", lat), ("latitude", own(at)));
                sheet.converted(("lon_deg", lon), ("longitude", own(at + 2)));
            }
            Meaning::Knots => {
                let own = number(at);
                let speed = own.map(|knots| knots * KNOT_M_S);
                sheet.converted(("speed_m_s", speed), ("speed_kn", own));
            }
            Meaning::Errors => {
                let parts = [
                    "semi_major_m_sigma",
                    "semi_minor_m_sigma",
                    "ellipse_bearing_deg",
                ];
                for (index, part) in parts.iter().enumerate() {
                    sheet.set(part, number(at + index));
                }
            }
            Meaning::AxisErrors => {
                sheet.set("lat_m_sigma", number(at));
                sheet.set("lon_m_sigma", number(at + 1));
            }
            Meaning::Date => {
                let date = self.text(at).and_then(|text| read_date(text).ok());
                sheet.maybe("date", date.map(|date| date.to_string()));
            }
            Meaning::Day => {
                let date = self.day(at).ok().flatten();
                sheet.maybe("date", date.map(|date| date.to_string()));
            }
            Meaning::Dilution | Meaning::Height | Meaning::Number => sheet.set(name, number(at)),
            Meaning::Quality | Meaning::Mode | Meaning::Status | Meaning::Text => {
                sheet.set(name, own(at));
            }
        }
    }
}

/// A number of digits alone.
fn digits(text: &str) -> Option<i16> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok())?
}

/// `ddmmyy`.
fn read_date(text: &str) -> Result<Date, Fault> {
    let date = || {
        let two = |from: usize| digits(text.get(from..from + 2)?);
        let small = |from| i8::try_from(two(from)?).ok();
        let year = two(4)?;
        let year = if year < YEAR_1980 {
            2000 + year
        } else {
            1900 + year
        };
        let date = Date::new(year, small(2)?, small(0)?).ok()?;
        (text.len() == 6).then_some(date)
    };
    let wanted = "a date such as 010325 is expected";
    let fault = || Fault::field(RejectionClass::Time, "date", text, wanted);
    date().ok_or_else(fault)
}

/// Degrees of `dddmm.mmmm`: the two digits before the point are minutes.
fn degrees(text: &str) -> Option<f64> {
    let point = text.find('.').unwrap_or(text.len());
    let (degrees, minutes) = text.split_at_checked(point.checked_sub(2)?)?;
    let degrees = if degrees.is_empty() {
        0
    } else {
        digits(degrees)?
    };
    let plain = minutes
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let minutes = minutes.parse::<f64>().ok().filter(|m| plain && *m < 60.0)?;
    Some(f64::from(degrees) + minutes / 60.0)
}

/// The instant of a time of day on a date.
pub(super) fn instant(date: Date, time: SignedDuration) -> Option<Timestamp> {
    let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    midnight.checked_add(time).ok()
}

/// The instant of a time of day that lies nearest to another instant.
pub(super) fn nearest(to: Timestamp, time: SignedDuration) -> Option<Timestamp> {
    let date = TimeZone::UTC.to_datetime(to).date();
    let days = [date.yesterday().ok(), Some(date), date.tomorrow().ok()];
    let instants = days
        .into_iter()
        .flatten()
        .filter_map(|date| instant(date, time));
    instants.min_by_key(|at| at.duration_since(to).abs())
}
