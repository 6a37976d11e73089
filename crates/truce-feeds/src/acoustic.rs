//! Detections of acoustic arrays as CSV: a format of Truce, documented in `docs/formats.md`.
//!
//! | column | meaning | unit |
//! |---|---|---|
//! | station | the array, a sensor of the mission; needed | |
//! | observed_at | when the sound arrived at the array; needed | RFC 3339 |
//! | bearing_deg | where it came from | degrees true, 0 to 360 |
//! | bearing_deg_sigma | standard deviation of that | degrees |
//! | class | what the array took it for: a word of [`EventClass`] | |
//! | launch | `true` launch, `false` impact | |
//! | level_db | peak sound pressure level | dB re 20 µPa |
//! | signal_to_noise_db | signal to noise ratio | dB |
//!
//! The station's position is the mission's. A detection without a bearing is known by its time of
//! arrival only. Rows have these columns, in this order unless a header says otherwise.

use truce_core::observation::AcousticDetection;
use truce_core::{EventClass, Interval, Location, Observation, Reading};

use crate::decoder::{Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::origin::Origin;
use crate::table::{Column, Row, RowWriter, Rows, header as header_of, write_word};

/// Number of columns.
pub(crate) const COLUMN_COUNT: usize = 8;

/// Bearing error of an array that states none, degrees: arrays of a few metres' aperture in the
/// open, where wind and ground bend the sound, reach 1 to 5 degrees. The careful end is taken.
const BEARING_DEG_SIGMA: f64 = 5.0;

/// Error of an arrival time that nobody states, seconds: the rise of a blast wave as it arrives
/// over kilometres.
const TIME_S_SIGMA: f64 = 0.1;

/// Resolution of written angles and levels, decimals.
const DECIMALS: i32 = 3;

const STATION: usize = 0;
const OBSERVED_AT: usize = 1;
const BEARING: usize = 2;
const BEARING_SIGMA: usize = 3;
const CLASS: usize = 4;
const LAUNCH: usize = 5;
const LEVEL: usize = 6;
const SIGNAL_TO_NOISE: usize = 7;

static COLUMNS: [Column; COLUMN_COUNT] = [
    Column::required(&["station"]),
    Column::required(&["observed_at"]),
    Column::optional(&["bearing_deg"]),
    Column::optional(&["bearing_deg_sigma"]),
    Column::optional(&["class"]),
    Column::optional(&["launch"]),
    Column::optional(&["level_db"]),
    Column::optional(&["signal_to_noise_db"]),
];

fn standard(field_count: usize) -> Option<&'static [usize]> {
    (field_count == COLUMN_COUNT).then_some(&[0, 1, 2, 3, 4, 5, 6, 7])
}

/// Reads rows of one feed.
pub(crate) fn reader() -> Box<dyn Reader> {
    Rows::boxed(&COLUMNS, standard, decode_row)
}

fn decode_row(row: &Row<'_>, origin: &Origin) -> Result<Said, Fault> {
    let (site, position) = origin.station(row.needed(STATION)?)?;
    let sigma = row.number_in(BEARING_SIGMA, (f64::MIN_POSITIVE, 180.0))?;
    let location = match row.bearing_deg(BEARING)? {
        Some(bearing_deg) => Location::Bearing {
            observer: position,
            bearing_deg,
            bearing_deg_sigma: sigma
                .or(site.errors.bearing_deg_sigma)
                .unwrap_or(BEARING_DEG_SIGMA),
            range: None,
        },
        None => Location::Arrival {
            station: position,
            arrival_s_sigma: site.errors.time_s_sigma.unwrap_or(TIME_S_SIGMA),
        },
    };
    let detection = AcousticDetection {
        class: row.word::<EventClass>(CLASS)?,
        launch: launch(row)?,
        level_db: row.number(LEVEL)?,
        signal_to_noise_db: row.number(SIGNAL_TO_NOISE)?,
    };
    Ok(Said {
        sensor: Some(site.id.clone()),
        observed_at: Interval::instant(row.instant(OBSERVED_AT)?),
        location: Some(location),
        reading: Reading::Acoustic(detection),
        grade: None,
    })
}

fn launch(row: &Row<'_>) -> Result<Option<bool>, Fault> {
    match row.text(LAUNCH) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(row.fault(RejectionClass::Value, LAUNCH, "true or false is expected")),
    }
}

/// The header line.
#[must_use]
pub fn header() -> String {
    header_of(&COLUMNS)
}

/// Writes an acoustic detection. Angles and levels are rounded to three decimals.
///
/// # Errors
/// [`Unencodable`] for other readings, without a sensor, or with a range.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("acoustic-csv", reason);
    let Reading::Acoustic(detection) = &observation.reading else {
        return Err(refuse("it is no acoustic detection"));
    };
    let Some(station) = &observation.sensor else {
        return Err(refuse("it names no sensor"));
    };
    let (bearing, sigma) = match &observation.location {
        Some(Location::Bearing {
            bearing_deg,
            bearing_deg_sigma,
            range: None,
            ..
        }) => (Some(*bearing_deg), Some(*bearing_deg_sigma)),
        Some(Location::Arrival { .. }) => (None, None),
        _ => return Err(refuse("its location is neither a bearing nor an arrival")),
    };
    let class = detection.class.as_ref().map(write_word);
    let launch = detection.launch.map(|launch| launch.to_string());
    let mut row = RowWriter::default();
    row.text(station.as_str())
        .text(&observation.observed_at.start.to_string())
        .number(bearing, DECIMALS)
        .number(sigma, DECIMALS)
        .maybe(class.as_deref())
        .maybe(launch.as_deref())
        .number(detection.level_db, DECIMALS)
        .number(detection.signal_to_noise_db, DECIMALS);
    Ok(vec![row.finish()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Format::AcousticCsv;
    use crate::sample::{at, decode_one, position, rejected, round_trip, slug};

    const ROW: &str = "post-17/acoustic,2025-03-01T12:00:00.25Z,81.5,2.5,artillery,true,95.5,18";

    #[test]
    fn a_row_is_a_bearing_from_its_station() {
        let got = decode_one(AcousticCsv, &[ROW]);
        assert_eq!(got.sensor, Some(slug("post-17/acoustic")));
        assert_eq!(
            got.observed_at,
            Interval::instant(at("2025-03-01T12:00:00.25Z"))
        );
        let expected = Location::Bearing {
            observer: position(48.0, 37.8),
            bearing_deg: 81.5,
            bearing_deg_sigma: 2.5,
            range: None,
        };
        assert_eq!(got.location, Some(expected));
        let expected = AcousticDetection {
            class: Some(EventClass::Artillery),
            launch: Some(true),
            level_db: Some(95.5),
            signal_to_noise_db: Some(18.0),
        };
        assert_eq!(got.reading, Reading::Acoustic(expected));
    }

    #[test]
    fn what_a_row_leaves_out_is_the_stations_or_unknown() {
        let row = "post-17/acoustic,2025-03-01T12:00:00Z,360,,,,,";
        let got = decode_one(AcousticCsv, &[header().as_str(), row]);
        let Some(Location::Bearing {
            bearing_deg,
            bearing_deg_sigma,
            ..
        }) = got.location
        else {
            panic!("{:?}", got.location)
        };
        assert_eq!((bearing_deg, bearing_deg_sigma), (0.0, 3.0));
        let row = "post-17/acoustic,2025-03-01T12:00:00Z,,,,,,";
        let got = decode_one(AcousticCsv, &[row]);
        let arrival = Location::Arrival {
            station: position(48.0, 37.8),
            arrival_s_sigma: 0.05,
        };
        assert_eq!(got.location, Some(arrival));
    }

    #[test]
    fn what_is_rejected() {
        let cases = [
            ("nowhere,2025-03-01T12:00:00Z,1,1,,,,", "unknown_sensor"),
            ("uav-3,2025-03-01T12:00:00Z,1,1,,,,", "unknown_sensor"),
            (",2025-03-01T12:00:00Z,1,1,,,,", "missing_field"),
            ("post-17/acoustic,2025-03-01,1,1,,,,", "time"),
            ("post-17/acoustic,2025-03-01T12:00:00Z,361,1,,,,", "range"),
            ("post-17/acoustic,2025-03-01T12:00:00Z,1,0,,,,", "range"),
            ("post-17/acoustic,2025-03-01T12:00:00Z,1,1,bang,,,", "value"),
            ("post-17/acoustic,2025-03-01T12:00:00Z,1,1,,yes,,", "value"),
            (
                "post-17/acoustic,2025-03-01T12:00:00Z,1,1,,,loud,",
                "number",
            ),
            ("post-17/acoustic,2025-03-01T12:00:00Z", "column_count"),
            ("station,bearing_deg", "header"),
        ];
        for (line, class) in cases {
            assert_eq!(rejected(AcousticCsv, line), class, "{line}");
        }
    }

    proptest! {
        #[test]
        fn written_rows_read_back(
            millidegrees in 0..360_000i32, sigma in 1..90_000i32,
            class in prop::option::of(prop::sample::select(EventClass::ALL.to_vec())),
            launch in any::<Option<bool>>(), level in prop::option::of(-10_000..200_000i32),
            nanoseconds in 0..4_000_000_000_000_000_000i64,
        ) {
            let mut observation = decode_one(AcousticCsv, &[ROW]);
            let time = truce_core::Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap();
            observation.observed_at = Interval::instant(time);
            observation.location = Some(Location::Bearing {
                observer: position(48.0, 37.8),
                bearing_deg: f64::from(millidegrees) / 1e3,
                bearing_deg_sigma: f64::from(sigma) / 1e3,
                range: None,
            });
            observation.reading = Reading::Acoustic(AcousticDetection {
                class, launch,
                level_db: level.map(|level| f64::from(level) / 1e3),
                signal_to_noise_db: None,
            });
            prop_assert_eq!(round_trip(AcousticCsv, &observation), observation);
        }
    }
}
