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

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use truce_core::observation::ThermalAnomaly;
use truce_core::{Interval, Location, Observation, Position, Reading, Timestamp};

use crate::decoder::{Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::origin::Origin;
use crate::table::{Column, Row, RowWriter, Rows, header as header_of};

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
    if let [h1, h2, m1, m2] = *text.as_bytes()
        && let (Some(hour), Some(minute)) = (two_digits(h1, h2), two_digits(m1, m2))
    {
        return Some((Time::new(hour, minute, 0, 0).ok()?, MINUTE_S));
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

/// Writes a thermal anomaly as a row of the near-real-time form. Rounds to the product's own
/// resolution: whole seconds, five decimals of a degree, two decimals of every other quantity.
///
/// # Errors
/// [`Unencodable`] for other readings, and for locations that are no fix.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("firms-csv", reason);
    let Reading::ThermalAnomaly(anomaly) = &observation.reading else {
        return Err(refuse("it is no thermal anomaly"));
    };
    let Some(Location::Fix { place, .. }) = &observation.location else {
        return Err(refuse("its location is no fix"));
    };
    let (date, time) = written_time(observation.observed_at);
    let km = |metres: Option<f64>| metres.map(|metres| metres / 1000.0);
    let daynight = anomaly.daytime.map(|day| if day { "D" } else { "N" });
    let mut row = RowWriter::default();
    row.number(Some(place.position.lat_deg), POSITION_DECIMALS)
        .number(Some(place.position.lon_deg), POSITION_DECIMALS)
        .number(anomaly.brightness_k, QUANTITY_DECIMALS)
        .number(km(anomaly.scan_m), QUANTITY_DECIMALS)
        .number(km(anomaly.track_m), QUANTITY_DECIMALS)
        .text(&date)
        .text(&time)
        .maybe(anomaly.satellite.as_deref())
        .maybe(anomaly.instrument.as_deref())
        .text(&written_confidence(anomaly))
        .maybe(anomaly.version.as_deref())
        .number(anomaly.background_k, QUANTITY_DECIMALS)
        .number(anomaly.radiative_power_mw, QUANTITY_DECIMALS)
        .maybe(daynight);
    Ok(vec![row.finish()])
}

/// Words for the ranks that stand for words, per cent for all others.
fn written_confidence(anomaly: &ThermalAnomaly) -> String {
    let Some(confidence) = anomaly.confidence else {
        return String::new();
    };
    let percent = (confidence * 100.0).round();
    let mut words = CONFIDENCE_WORDS.iter();
    match words.find(|(_, _, rank)| percent == (rank * 100.0).round()) {
        Some((word, _, _)) if anomaly.instrument.as_deref() != Some("MODIS") => (*word).to_owned(),
        _ => percent.to_string(),
    }
}

/// Date and time columns: the minute or the day when the interval is just that, else the second
/// at which it starts.
fn written_time(observed_at: Interval) -> (String, String) {
    let start = Offset::UTC.to_datetime(observed_at.start);
    let (date, time) = (start.date().to_string(), start.time());
    let is = |length_s| interval(start.date(), time, length_s) == Some(observed_at);
    if is(DAY_S) {
        return (date, String::new());
    }
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if is(MINUTE_S) && second == 0 {
        return (date, format!("{hour:02}{minute:02}"));
    }
    (date, format!("{hour:02}:{minute:02}:{second:02}"))
}

/// The archive form: three columns.
pub mod archive {
    use super::{Location, Observation, POSITION_DECIMALS, RowWriter, Timestamp, Unencodable};

    /// Its header.
    pub const HEADER: &str = "LATITUDE,LONGITUDE,ACQ_DATE";

    /// Writes place and UTC day of an observation.
    ///
    /// # Errors
    /// [`Unencodable`] when the location is no fix.
    pub fn encode(observation: &Observation) -> Result<String, Unencodable> {
        let Some(Location::Fix { place, .. }) = &observation.location else {
            return Err(Unencodable::new("firms-csv", "its location is no fix"));
        };
        let day: Timestamp = observation.observed_at.start;
        let (date, _) = super::written_time(truce_core::Interval::instant(day));
        Ok(RowWriter::default()
            .number(Some(place.position.lat_deg), POSITION_DECIMALS)
            .number(Some(place.position.lon_deg), POSITION_DECIMALS)
            .text(&date)
            .finish())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Format::FirmsCsv;
    use crate::sample::{at, decode, decode_one, position, rejected, round_trip, slug};

    const NRT: &str = "48.26382,37.21014,297.54,0.53,0.67,2025-08-11,0045,N,VIIRS,nominal,2.0NRT,\
                       281.83,0.36,N";

    #[test]
    fn the_near_real_time_form() {
        let got = decode_one(FirmsCsv, &[NRT]);
        let expected = ThermalAnomaly {
            brightness_k: Some(297.54),
            background_k: Some(281.83),
            radiative_power_mw: Some(0.36),
            scan_m: Some(530.0),
            track_m: Some(670.0),
            confidence: Some(0.6),
            daytime: Some(false),
            satellite: Some("N".to_owned()),
            instrument: Some("VIIRS".to_owned()),
            version: Some("2.0NRT".to_owned()),
        };
        assert_eq!(got.reading, Reading::ThermalAnomaly(expected));
        assert_eq!(got.sensor, None);
        let place = position(48.26382, 37.21014);
        assert_eq!(got.location, Some(Location::fix(place, 335.0)));
        assert_eq!(got.observed_at.start, at("2025-08-11T00:45:00Z"));
        assert_eq!(got.observed_at.end, at("2025-08-11T00:45:59.999999999Z"));
        assert_eq!(got.received_at, at(crate::sample::RECEIVED_AT));
    }

    #[test]
    fn dates_are_read_alike_on_either_way() {
        for text in [
            "2025-08-11",
            "0001-01-01",
            "2024-02-29",
            "2025-02-29",
            "2025-13-01",
        ] {
            assert_eq!(date_in(text), text.parse().ok(), "{text}");
        }
        for text in [
            "20250811",
            "2025-8-11",
            "+002025-08-11",
            "99999-08-11",
            "2025-08-1x",
            "",
        ] {
            assert_eq!(date_in(text), text.parse().ok(), "{text}");
        }
    }

    /// Column orders as products, mirrors and spreadsheets give them.
    #[test]
    fn headers_in_any_order() {
        let cases: &[(&str, &str, Option<f64>, Option<&str>)] = &[
            (
                "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,\
                 version,bright_ti5,frp,daynight,instrument",
                "48.2,37.2,297.54,0.53,0.67,2025-08-11,00:45:00,N20,low,2.0NRT,281.8,0.36,N,VIIRS",
                Some(0.3),
                Some("noaa-20/viirs"),
            ),
            (
                "\u{feff}country_id,latitude,longitude,brightness,scan,track,acq_date,acq_time,\
                 satellite,instrument,confidence,version,bright_t31,frp,daynight",
                "UKR,48.2,37.2,310.1,1.1,1.0,2025-08-11,45,Terra,MODIS,57,6.1NRT,290.0,9.3,D",
                Some(0.57),
                None,
            ),
            (
                "LATITUDE,LONGITUDE,ACQ_DATE",
                "48.2,37.2,2025-08-11",
                None,
                None,
            ),
            (
                "ACQ_DATE,\"Longitude\", latitude ",
                "2025-08-11,37.2,48.2",
                None,
                None,
            ),
        ];
        for (header, row, confidence, sensor) in cases {
            let got = decode_one(FirmsCsv, &[*header, "", row]);
            let Reading::ThermalAnomaly(anomaly) = got.reading else {
                panic!("{row} gave {:?}", got.reading)
            };
            assert_eq!(anomaly.confidence, *confidence, "{row}");
            assert_eq!(got.sensor, sensor.map(slug), "{row}");
            let place = got.location.unwrap().place().unwrap();
            assert_eq!(place.position, position(48.2, 37.2), "{row}");
            assert_eq!(
                got.observed_at.start.to_string()[..10],
                *"2025-08-11",
                "{row}"
            );
        }
    }

    /// Errors: the sensor's own, else half the pixel that the row gives, else half a pixel at
    /// nadir.
    #[test]
    fn uncertainty_follows_sensor_or_pixel() {
        let cases = [
            (
                "48,37,300,0.5,0.4,2025-08-11,0045,N20,VIIRS,n,2,280,1,N",
                205.0,
            ),
            (
                "48,37,300,0.8,0.4,2025-08-11,0045,N21,VIIRS,n,2,280,1,N",
                400.0,
            ),
            ("48,37,300,,,2025-08-11,0045,N21,VIIRS,n,2,280,1,N", 187.5),
            ("48,37,300,,,2025-08-11,0045,T,MODIS,50,6,280,1,N", 500.0),
            ("48,37,2025-08-11", 500.0),
        ];
        for (row, sigma_m) in cases {
            let place = decode_one(FirmsCsv, &[row])
                .location
                .unwrap()
                .place()
                .unwrap();
            assert_eq!(place.uncertainty.semi_major_m, sigma_m, "{row}");
        }
    }

    #[test]
    fn times_of_day() {
        let cases: &[(&str, Option<(&str, i64)>)] = &[
            ("0", Some(("00:00:00", 60))),
            ("45", Some(("00:45:00", 60))),
            ("0045", Some(("00:45:00", 60))),
            ("2359", Some(("23:59:00", 60))),
            ("2360", None),
            ("2400", None),
            ("00:45", Some(("00:45:00", 60))),
            ("9:05:07", Some(("09:05:07", 0))),
            ("00:45:00:00", None),
            ("+1:05", None),
            ("-45", None),
            ("00450", None),
            ("noon", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(time, length)| (time.parse().unwrap(), length));
            assert_eq!(time_of_day(text), expected, "{text}");
        }
        let day = decode_one(FirmsCsv, &["48,37,2019-12-31"]).observed_at;
        assert_eq!(day.start, at("2019-12-31T00:00:00Z"));
        assert_eq!(day.end, at("2019-12-31T23:59:59.999999999Z"));
    }

    #[test]
    fn what_is_rejected() {
        let row = |text: &str| format!("48,37,300,1,1,{text},2,280,1,N");
        let cases = [
            ("48,37".to_owned(), "column_count"),
            ("48,37,2019-02-30".to_owned(), "time"),
            ("48,37,".to_owned(), "missing_field"),
            ("91,37,2019-02-03".to_owned(), "range"),
            ("48,-180.5,2019-02-03".to_owned(), "range"),
            ("nan,37,2019-02-03".to_owned(), "number"),
            ("1e999,37,2019-02-03".to_owned(), "number"),
            ("latitude,longitude".to_owned(), "header"),
            (row("2025-08-11,2500,N,VIIRS,n"), "time"),
            (row("2025-08-11,0045,N,VIIRS,sure"), "value"),
            (row("2025-08-11,0045,N,VIIRS,101"), "range"),
            (row("2025-08-11,0045,N,VIIRS,99"), "-"),
            ("   ".to_owned(), "-"),
            ("# 48,37".to_owned(), "-"),
        ];
        for (line, class) in cases {
            assert_eq!(rejected(FirmsCsv, &line), class, "{line}");
        }
    }

    #[test]
    fn a_bad_row_stops_nothing() {
        let lines = [
            "latitude,longitude,acq_date",
            "48,37,2019-01-02",
            "x",
            "49,38,2019-01-03",
        ];
        let out = decode(FirmsCsv, &lines);
        assert_eq!((out.observations.len(), out.rejections.len()), (2, 1));
        assert_eq!(out.rejections[0].class.as_str(), "column_count");
    }

    #[test]
    fn the_archive_form_is_written_too() {
        let observation = decode_one(FirmsCsv, &[NRT]);
        let line = archive::encode(&observation).unwrap();
        assert_eq!(line, "48.26382,37.21014,2025-08-11");
        let day = decode_one(FirmsCsv, &[archive::HEADER, &line]).observed_at;
        assert_eq!(day.start, at("2025-08-11T00:00:00Z"));
    }

    fn two_decimals(range: std::ops::Range<i32>) -> impl Strategy<Value = Option<f64>> {
        prop::option::of(range.prop_map(|hundredths| f64::from(hundredths) / 100.0))
    }

    prop_compose! {
        fn anomalies()(
            brightness_k in two_decimals(20_000..50_000),
            background_k in two_decimals(20_000..40_000),
            radiative_power_mw in two_decimals(-100..100_000),
            size in prop::option::of((32..200i32, 32..200i32)),
            confidence in prop::option::of(0..=100i32),
            daytime in any::<Option<bool>>(),
            satellite in prop::option::of("[A-Z0-9]{1,4}"),
            modis in any::<Option<bool>>(),
            version in prop::option::of("[0-9]\\.[0-9](NRT|RT)?"),
        ) -> ThermalAnomaly {
            ThermalAnomaly {
                brightness_k, background_k, radiative_power_mw, daytime, satellite, version,
                scan_m: size.map(|(scan, _)| f64::from(scan) * 10.0),
                track_m: size.map(|(_, track)| f64::from(track) * 10.0),
                confidence: confidence.map(|percent| f64::from(percent) / 100.0),
                instrument: modis.map(|modis| if modis { "MODIS" } else { "VIIRS" }.to_owned()),
            }
        }
    }

    proptest! {
        #[test]
        fn written_rows_read_back(
            anomaly in anomalies(),
            lat in -9_000_000..=9_000_000i32, lon in -18_000_000..=18_000_000i32,
            seconds in 0..4_000_000_000i64,
        ) {
            let mut observation = decode_one(FirmsCsv, &[NRT]);
            let place = position(f64::from(lat) / 1e5, f64::from(lon) / 1e5);
            observation.location = Some(Location::fix(place, 100.0));
            observation.reading = Reading::ThermalAnomaly(anomaly);
            observation.observed_at = Interval::instant(Timestamp::from_second(seconds).unwrap());
            let back = round_trip(FirmsCsv, &observation);
            prop_assert_eq!(&back.reading, &observation.reading);
            prop_assert_eq!(back.observed_at, observation.observed_at);
            prop_assert_eq!(back.location.unwrap().place().unwrap().position, place);
        }
    }
}
