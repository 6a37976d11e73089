//! Active fire data of NASA FIRMS as CSV.
//!
//! Columns after the attribute tables of the FIRMS products (VIIRS: VNP14IMGTDL, VJ114IMGTDL;
//! MODIS: MCD14DL; <https://www.earthdata.nasa.gov/data/tools/firms>). A header may name the
//! columns in any order and case. Without one the order is told by the number of columns: 3 the
//! archive form, 13 the download form without `instrument`, 14 the near-real-time form of the
//! interface, 15 the same with `type`, which is not read.
//!
//! | column | meaning | becomes |
//! |---|---|---|
//! | latitude, longitude | centre of the pixel, degrees | location |
//! | bright_ti4, brightness | fire channel, kelvin | `brightness_k` |
//! | scan, track | pixel size, kilometres | `scan_m`, `track_m` |
//! | acq_date | UTC day | `observed_at` |
//! | acq_time | UTC, `HHMM` or `HH:MM` (that minute) or `HH:MM:SS` (that second); none: the day | |
//! | satellite | `N`, `N20`, `N21`, `Terra`, `Aqua` … | `satellite`, and the sensor |
//! | instrument | `VIIRS` or `MODIS` | `instrument` |
//! | confidence | low, nominal, high (VIIRS) or per cent (MODIS) | `confidence` |
//! | version | of the product | `version` |
//! | bright_ti5, bright_t31 | background channel, kelvin | `background_k` |
//! | frp | fire radiative power, megawatts | `radiative_power_mw` |
//! | daynight | `D` or `N` | `daytime` |

mod write;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use truce_core::observation::ThermalAnomaly;
use truce_core::{Interval, Location, Position, Reading};

use crate::decoder::{Reader, Said};
use crate::fault::{Fault, RejectionClass};
use crate::origin::Origin;
use crate::table::{Column, Row, Rows, header as header_of};
pub use write::{archive, encode};

/// Numbers of columns of the standard forms without a header.
pub(crate) const STANDARD_FORMS: [usize; 4] = [3, 13, 14, 15];

/// Resolution of written positions, decimals of a degree: as in the product, about a metre.
const POSITION_DECIMALS: i32 = 5;

/// Resolution of written temperatures, powers and pixel sizes: two decimals, as in the product.
const QUANTITY_DECIMALS: i32 = 2;

/// Pixel of VIIRS at nadir, metres (Schroeder et al. 2014, section 2).
const VIIRS_PIXEL_M: f64 = 375.0;

/// Pixel of MODIS at nadir, metres (Giglio et al. 2016, section 2).
const MODIS_PIXEL_M: f64 = 1000.0;

/// A fire lies anywhere in its pixel, and the pixel's response reaches into its neighbours: half a
/// pixel is taken as one standard deviation per axis, 190 m for VIIRS at nadir.
const SIGMA_PER_PIXEL: f64 = 0.5;

/// Vendors' confidence words and the rank that [`ThermalAnomaly::confidence`] gives them.
const CONFIDENCE_WORDS: [(&str, &str, f64); 3] =
    [("low", "l", 0.3), ("nominal", "n", 0.6), ("high", "h", 0.9)];

/// Satellite codes of the products and NORAD catalogue numbers.
const SATELLITES: [(&str, u32); 13] = [
    ("N", 37849),
    ("NPP", 37849),
    ("SNPP", 37849),
    ("N20", 43013),
    ("1", 43013),
    ("NOAA-20", 43013),
    ("N21", 54234),
    ("2", 54234),
    ("NOAA-21", 54234),
    ("T", 25994),
    ("Terra", 25994),
    ("A", 27424),
    ("Aqua", 27424),
];

const LATITUDE: usize = 0;
const LONGITUDE: usize = 1;
const BRIGHTNESS: usize = 2;
const SCAN: usize = 3;
const TRACK: usize = 4;
const ACQ_DATE: usize = 5;
const ACQ_TIME: usize = 6;
const SATELLITE: usize = 7;
const INSTRUMENT: usize = 8;
const CONFIDENCE: usize = 9;
const VERSION: usize = 10;
const BACKGROUND: usize = 11;
const FRP: usize = 12;
const DAYNIGHT: usize = 13;

/// The 14 columns in the order of the near-real-time form.
static COLUMNS: [Column; 14] = [
    Column::required(&["latitude"]),
    Column::required(&["longitude"]),
    Column::optional(&["bright_ti4", "brightness"]),
    Column::optional(&["scan"]),
    Column::optional(&["track"]),
    Column::required(&["acq_date"]),
    Column::optional(&["acq_time"]),
    Column::optional(&["satellite"]),
    Column::optional(&["instrument"]),
    Column::optional(&["confidence"]),
    Column::optional(&["version"]),
    Column::optional(&["bright_ti5", "bright_t31"]),
    Column::optional(&["frp"]),
    Column::optional(&["daynight"]),
];

fn standard(field_count: usize) -> Option<&'static [usize]> {
    match field_count {
        3 => Some(&[LATITUDE, LONGITUDE, ACQ_DATE]),
        13 => Some(&[0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]),
        14 | 15 => Some(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
        _ => None,
    }
}

/// Reads rows of one feed.
pub(crate) fn reader() -> Box<dyn Reader> {
    Rows::boxed(&COLUMNS, standard, decode_row)
}

fn decode_row(row: &Row<'_>, origin: &Origin) -> Result<Said, Fault> {
    let position = Position {
        lat_deg: row.needed_in(LATITUDE, (-90.0, 90.0))?,
        lon_deg: row.needed_in(LONGITUDE, (-180.0, 180.0))?,
    };
    let anomaly = ThermalAnomaly {
        brightness_k: row.number_in(BRIGHTNESS, (0.0, f64::MAX))?,
        background_k: row.number_in(BACKGROUND, (0.0, f64::MAX))?,
        // Small fires against a warm ground come out with a slightly negative power.
        radiative_power_mw: row.number(FRP)?,
        scan_m: row.number_in(SCAN, (0.0, 100.0))?.map(metres),
        track_m: row.number_in(TRACK, (0.0, 100.0))?.map(metres),
        confidence: confidence(row)?,
        daytime: daytime(row)?,
        satellite: row.text(SATELLITE).map(str::to_owned),
        instrument: row.text(INSTRUMENT).map(str::to_owned),
        version: row.text(VERSION).map(str::to_owned),
    };
    let carried = anomaly.satellite.as_deref().and_then(norad_number);
    let site = origin
        .default_site()
        .or_else(|| origin.on_satellite(carried?));
    let configured_m = site.and_then(|site| site.errors.position_m_sigma);
    let sigma_m = configured_m.unwrap_or_else(|| sigma_m(&anomaly));
    Ok(Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: observed_at(row)?,
        location: Some(Location::fix(position, sigma_m)),
        reading: Reading::ThermalAnomaly(anomaly),
        grade: None,
    })
}

/// Kilometres with two decimals as whole metres, without the tail that binary fractions leave.
fn metres(km: f64) -> f64 {
    crate::table::rounded(km * 1000.0, 3)
}

/// Half of the pixel as the row gives it, or of the instrument's pixel at nadir. The archive form
/// says neither: the coarser instrument is assumed.
fn sigma_m(anomaly: &ThermalAnomaly) -> f64 {
    let viirs = anomaly.instrument.as_deref() == Some("VIIRS");
    let nadir_m = if viirs { VIIRS_PIXEL_M } else { MODIS_PIXEL_M };
    let stated_m = match (anomaly.scan_m, anomaly.track_m) {
        (Some(scan_m), Some(track_m)) => scan_m.max(track_m),
        (Some(size_m), None) | (None, Some(size_m)) => size_m,
        (None, None) => nadir_m,
    };
    stated_m.max(VIIRS_PIXEL_M) * SIGMA_PER_PIXEL
}

fn norad_number(satellite: &str) -> Option<u32> {
    let mut known = SATELLITES.iter();
    let (_, number) = known.find(|(code, _)| code.eq_ignore_ascii_case(satellite))?;
    Some(*number)
}

fn confidence(row: &Row<'_>) -> Result<Option<f64>, Fault> {
    let Some(text) = row.text(CONFIDENCE) else {
        return Ok(None);
    };
    for (word, letter, rank) in CONFIDENCE_WORDS {
        if text.eq_ignore_ascii_case(word) || text.eq_ignore_ascii_case(letter) {
            return Ok(Some(rank));
        }
    }
    if text.parse::<f64>().is_err() {
        let wanted = "low, nominal, high or per cent is expected";
        return Err(row.fault(RejectionClass::Value, CONFIDENCE, wanted));
    }
    let percent = row.number_in(CONFIDENCE, (0.0, 100.0))?;
    Ok(percent.map(|percent| percent / 100.0))
}

fn daytime(row: &Row<'_>) -> Result<Option<bool>, Fault> {
    match row.text(DAYNIGHT) {
        None => Ok(None),
        Some("D" | "d") => Ok(Some(true)),
        Some("N" | "n") => Ok(Some(false)),
        Some(_) => Err(row.fault(RejectionClass::Value, DAYNIGHT, "D or N is expected")),
    }
}

/// The day, minute or second that a row gives, as an interval.
fn observed_at(row: &Row<'_>) -> Result<Interval, Fault> {
    let date = row.needed(ACQ_DATE)?;
    let date = date_in(date).ok_or_else(|| {
        let wanted = "a date such as 2025-08-11 is expected";
        row.fault(RejectionClass::Time, ACQ_DATE, wanted)
    })?;
    let wrong = || {
        let wanted = "HHMM, HH:MM or HH:MM:SS is expected";
        row.fault(RejectionClass::Time, ACQ_TIME, wanted)
    };
    let (time, length_s) = match row.text(ACQ_TIME) {
        None => (Time::midnight(), DAY_S),
        Some(text) => time_of_day(text).ok_or_else(wrong)?,
    };
    interval(date, time, length_s).ok_or_else(wrong)
}

/// The date in a text: four digits, two and two as products write it, else any form of ISO 8601.
fn date_in(text: &str) -> Option<Date> {
    let written = match *text.as_bytes() {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            let century = two_digits(y1, y2).zip(two_digits(y3, y4));
            century.zip(two_digits(m1, m2)).zip(two_digits(d1, d2))
        }
        _ => None,
    };
    let Some((((high, low), month), day)) = written else {
        return text.parse().ok();
    };
    Date::new(i16::from(high) * 100 + i16::from(low), month, day).ok()
}

fn two_digits(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| i8::try_from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?).ok();
    Some(digit(tens)? * 10 + digit(ones)?)
}

const DAY_S: i64 = 86_400;
const MINUTE_S: i64 = 60;

/// The time of day in a text and how long it may have lasted. `HHMM` may have lost its leading
/// zeros, as when a spreadsheet took it for a number.
fn time_of_day(text: &str) -> Option<(Time, i64)> {
    let number = |digits: &str| -> Option<i8> {
        let fits = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| digits.parse().ok())?
    };
    if let Some((hour, minute, second)) = usual_time(text) {
        let length_s = if second.is_some() { 0 } else { MINUTE_S };
        let time = Time::new(hour, minute, second.unwrap_or(0), 0).ok()?;
        return Some((time, length_s));
    }
    let mut parts = text.split(':');
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    let Some(minute) = second else {
        let fits = (1..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
        let together: i16 = fits.then(|| first.parse().ok())??;
        let hour = i8::try_from(together / 100).ok()?;
        let minute = i8::try_from(together % 100).ok()?;
        return Some((Time::new(hour, minute, 0, 0).ok()?, MINUTE_S));
    };
    let (hour, minute) = (number(first)?, number(minute)?);
    match third {
        None => Some((Time::new(hour, minute, 0, 0).ok()?, MINUTE_S)),
        Some(second) => Some((Time::new(hour, minute, number(second)?, 0).ok()?, 0)),
    }
}

/// Hour, minute and second of a text that has two digits for each, as products write it.
fn usual_time(text: &str) -> Option<(i8, i8, Option<i8>)> {
    match *text.as_bytes() {
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => {
            Some((two_digits(h1, h2)?, two_digits(m1, m2)?, None))
        }
        [h1, h2, b':', m1, m2, b':', s1, s2] => {
            let second = two_digits(s1, s2)?;
            Some((two_digits(h1, h2)?, two_digits(m1, m2)?, Some(second)))
        }
        _ => None,
    }
}

/// From a time on for some seconds; the last nanosecond is left out, so that neighbouring days and
/// minutes do not touch.
fn interval(date: Date, time: Time, length_s: i64) -> Option<Interval> {
    let start = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    let Some(length_ns) = (length_s * 1_000_000_000)
        .checked_sub(1)
        .filter(|ns| *ns > 0)
    else {
        return Some(Interval::instant(start));
    };
    let length = truce_core::time::SignedDuration::from_nanos(length_ns);
    let end = start.checked_add(length).ok()?;
    Some(Interval { start, end })
}

/// The header of the near-real-time form.
#[must_use]
pub fn header() -> String {
    header_of(&COLUMNS)
}

#[cfg(test)]
mod tests;
