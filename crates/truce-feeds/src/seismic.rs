//! Phase picks of seismic stations as CSV: a format of Truce, documented in `docs/formats.md`.
//!
//! | column | meaning | unit |
//! |---|---|---|
//! | station | the station, a sensor of the mission; needed | |
//! | phase | `P` or `S`; needed | |
//! | observed_at | when the wave arrived at the station; needed | RFC 3339 |
//! | time_s_sigma | standard deviation of that | seconds |
//! | signal_to_noise_db | signal to noise ratio | dB |
//!
//! The station's position is the mission's. Rows have these columns, in this order unless a header
//! says otherwise.

use truce_core::observation::{SeismicPhase, SeismicPick};
use truce_core::{Interval, Location, Observation, Reading};

use crate::decoder::{Reader, Said};
use crate::fault::{Fault, Unencodable};
use crate::origin::Origin;
use crate::table::{Column, Row, RowWriter, Rows, header as header_of, write_word};

/// Error of a pick that states none, seconds: analysts' and automatic picks of the same onset
/// differ by some tenths of a second.
const TIME_S_SIGMA: f64 = 0.3;

/// Resolution of written times' errors and ratios, decimals.
const DECIMALS: i32 = 3;

const STATION: usize = 0;
const PHASE: usize = 1;
const OBSERVED_AT: usize = 2;
const TIME_SIGMA: usize = 3;
const SIGNAL_TO_NOISE: usize = 4;

static COLUMNS: [Column; 5] = [
    Column::required(&["station"]),
    Column::required(&["phase"]),
    Column::required(&["observed_at"]),
    Column::optional(&["time_s_sigma"]),
    Column::optional(&["signal_to_noise_db"]),
];

fn standard(field_count: usize) -> Option<&'static [usize]> {
    (field_count == COLUMNS.len()).then_some(&[0, 1, 2, 3, 4])
}

/// Reads rows of one feed.
pub(crate) fn reader() -> Box<dyn Reader> {
    Rows::boxed(&COLUMNS, standard, decode_row)
}

fn decode_row(row: &Row<'_>, origin: &Origin) -> Result<Said, Fault> {
    let (site, station) = origin.station(row.needed(STATION)?)?;
    let phase: SeismicPhase = match row.word(PHASE)? {
        Some(phase) => phase,
        None => return Err(Fault::missing("phase")),
    };
    let stated = row.number_in(TIME_SIGMA, (f64::MIN_POSITIVE, f64::MAX))?;
    let location = Location::Arrival {
        station,
        arrival_s_sigma: stated.or(site.errors.time_s_sigma).unwrap_or(TIME_S_SIGMA),
    };
    let pick = SeismicPick {
        phase,
        signal_to_noise_db: row.number(SIGNAL_TO_NOISE)?,
    };
    Ok(Said {
        sensor: Some(site.id.clone()),
        observed_at: Interval::instant(row.instant(OBSERVED_AT)?),
        location: Some(location),
        reading: Reading::Seismic(pick),
        grade: None,
    })
}

/// The header line.
#[must_use]
pub fn header() -> String {
    header_of(&COLUMNS)
}

/// Writes a seismic pick. The time's error and the ratio are rounded to three decimals.
///
/// # Errors
/// [`Unencodable`] for other readings, without a sensor, or without a time of arrival.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("seismic-csv", reason);
    let Reading::Seismic(pick) = &observation.reading else {
        return Err(refuse("it is no seismic pick"));
    };
    let Some(station) = &observation.sensor else {
        return Err(refuse("it names no sensor"));
    };
    let Some(Location::Arrival {
        arrival_s_sigma, ..
    }) = &observation.location
    else {
        return Err(refuse("its location is no time of arrival"));
    };
    let mut row = RowWriter::default();
    row.text(station.as_str())
        .text(&write_word(&pick.phase))
        .text(&observation.observed_at.start.to_string())
        .number(Some(*arrival_s_sigma), DECIMALS)
        .number(pick.signal_to_noise_db, DECIMALS);
    Ok(vec![row.finish()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Format::SeismicCsv;
    use crate::sample::{at, decode_one, position, rejected, round_trip, slug};

    const ROW: &str = "malyn,P,2025-03-01T12:00:00.125Z,0.2,12.5";

    #[test]
    fn a_row_is_an_arrival_at_its_station() {
        let got = decode_one(SeismicCsv, &[header().as_str(), ROW]);
        assert_eq!(got.sensor, Some(slug("malyn")));
        assert_eq!(
            got.observed_at,
            Interval::instant(at("2025-03-01T12:00:00.125Z"))
        );
        let station = position(48.5, 37.5);
        let arrival = |arrival_s_sigma| {
            Some(Location::Arrival {
                station,
                arrival_s_sigma,
            })
        };
        assert_eq!(got.location, arrival(0.2));
        let expected = SeismicPick {
            phase: SeismicPhase::P,
            signal_to_noise_db: Some(12.5),
        };
        assert_eq!(got.reading, Reading::Seismic(expected));
        let got = decode_one(SeismicCsv, &["malyn,S,2025-03-01T12:00:00Z,,"]);
        assert_eq!(got.location, arrival(TIME_S_SIGMA));
    }

    #[test]
    fn what_is_rejected() {
        let cases = [
            ("nowhere,P,2025-03-01T12:00:00Z,,", "unknown_sensor"),
            ("malyn,,2025-03-01T12:00:00Z,,", "missing_field"),
            ("malyn,Lg,2025-03-01T12:00:00Z,,", "value"),
            ("malyn,P,yesterday,,", "time"),
            ("malyn,P,2025-03-01T12:00:00Z,-1,", "range"),
            ("malyn,P,2025-03-01T12:00:00Z,,loud", "number"),
            ("malyn,P", "column_count"),
        ];
        for (line, class) in cases {
            assert_eq!(rejected(SeismicCsv, line), class, "{line}");
        }
    }

    proptest! {
        #[test]
        fn written_rows_read_back(
            s_wave in any::<bool>(), sigma in 1..10_000i32,
            ratio in prop::option::of(-50_000..50_000i32),
            nanoseconds in 0..4_000_000_000_000_000_000i64,
        ) {
            let mut observation = decode_one(SeismicCsv, &[ROW]);
            let time = truce_core::Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap();
            observation.observed_at = Interval::instant(time);
            observation.location = Some(Location::Arrival {
                station: position(48.5, 37.5),
                arrival_s_sigma: f64::from(sigma) / 1e3,
            });
            observation.reading = Reading::Seismic(SeismicPick {
                phase: if s_wave { SeismicPhase::S } else { SeismicPhase::P },
                signal_to_noise_db: ratio.map(|ratio| f64::from(ratio) / 1e3),
            });
            prop_assert_eq!(round_trip(SeismicCsv, &observation), observation);
        }
    }
}
