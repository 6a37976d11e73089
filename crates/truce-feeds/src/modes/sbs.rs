//! The comma-separated table of BaseStation (SBS-1), which dump1090 serves on port 30003: a receiver
//! that has decoded the frames already.
//!
//! | column | meaning | own unit |
//! |---|---|---|
//! | 1, 2 | `MSG` and 1 to 8: identification, surface, airborne, velocity, altitude, identity, air to air, all-call | |
//! | 3, 4, 6 | session, aircraft and flight numbers of the receiver's database | |
//! | 5 | ICAO address | hexadecimal |
//! | 7, 8 | date and time at which the message was generated | |
//! | 9, 10 | date and time at which it was logged | |
//! | 11 | call sign | |
//! | 12 | altitude | feet |
//! | 13, 14 | ground speed, track | knots, degrees |
//! | 15, 16 | latitude, longitude | degrees |
//! | 17 | vertical rate | feet per minute |
//! | 18 | identity code | |
//! | 19–22 | alert, emergency, identification, on ground | 0 or -1 |
//!
//! The table does not say its time zone. Its time counts as UTC when it lies within ten minutes of
//! arrival, else the time of arrival counts.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use truce_core::observation::AircraftReport;
use truce_core::place::{Ellipse, normalize_bearing_deg};
use truce_core::time::SignedDuration;
use truce_core::{
    Height, HeightDatum, Interval, Location, Observation, Place, Position, Reading, Timestamp,
};

use crate::decimal;
use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::units::{FOOT_M, KNOT_M_S};

/// Error of a position, metres: the table keeps five decimals of a position that an aircraft
/// states; that of navigation over a network of satellites in flight.
const POSITION_M_SIGMA: f64 = 40.0;

/// The table's time counts when it lies this close to arrival.
const CLOCK_DISAGREEMENT_MAX: SignedDuration = SignedDuration::from_mins(10);

const COLUMNS: usize = 22;
const NAMES: [&str; COLUMNS] = [
    "message",
    "transmission_type",
    "session",
    "aircraft",
    "icao_address",
    "flight",
    "generated_date",
    "generated_time",
    "logged_date",
    "logged_time",
    "call_sign",
    "altitude_ft",
    "speed_kn",
    "track_deg",
    "lat_deg",
    "lon_deg",
    "climb_ft_min",
    "squawk",
    "alert",
    "emergency",
    "identification",
    "on_ground",
];

/// Reads the rows of one receiver.
#[derive(Debug)]
pub(crate) struct Rows;

impl Reader for Rows {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(line) = job.text()? else {
            return Ok(());
        };
        let mut cells = [""; COLUMNS];
        let mut count = 0;
        for (cell, text) in cells.iter_mut().zip(line.split(',')) {
            *cell = text.trim();
            count += 1;
        }
        match cells[0] {
            "MSG" => {}
            // Selections, new aircraft, status and clicks of the receiver's window.
            "SEL" | "ID" | "AIR" | "STA" | "CLK" => return Ok(()),
            _ => {
                return Err(Fault::new(
                    RejectionClass::Sentence,
                    "no row of BaseStation",
                ));
            }
        }
        if count < 10 {
            let reason = format!("{count} columns where 10 are needed");
            return Err(Fault::new(RejectionClass::ColumnCount, reason));
        }
        let Some(said) = said(&cells, job)? else {
            return Ok(());
        };
        let given = || {
            let filled = NAMES.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
            filled
                .map(|(name, cell)| ((*name).to_owned(), Value::from(cell)))
                .collect::<Map<_, _>>()
        };
        job.say_with(said, out, given);
        Ok(())
    }
}

fn said(cells: &[&str; COLUMNS], job: &Job<'_>) -> Result<Option<Said>, Fault> {
    let number = |index: usize| -> Result<Option<f64>, Fault> {
        if cells[index].is_empty() {
            return Ok(None);
        }
        let number = decimal::number(cells[index]);
        let fault = || {
            Fault::field(
                RejectionClass::Number,
                NAMES[index],
                cells[index],
                "no number",
            )
        };
        number.map(Some).ok_or_else(fault)
    };
    let icao = u32::from_str_radix(cells[4], 16)
        .ok()
        .filter(|icao| *icao <= 0xFF_FFFF);
    let icao = icao.ok_or_else(|| {
        Fault::field(RejectionClass::Value, NAMES[4], cells[4], "no ICAO address")
    })?;
    let call_sign = Some(cells[10]).filter(|text| !text.is_empty());
    let report = AircraftReport {
        icao_address: icao,
        call_sign: call_sign.map(str::to_owned),
        speed_m_s: number(12)?.map(|kn| kn * KNOT_M_S),
        course_deg: number(13)?.map(normalize_bearing_deg),
        climb_m_s: number(16)?.map(|rate| rate * FOOT_M / 60.0),
    };
    let on_ground = matches!(cells[21], "-1" | "1");
    let height = number(11)?.filter(|_| !on_ground).map(|feet| Height {
        height_m: feet * FOOT_M,
        above: HeightDatum::Barometric,
    });
    let location = match (number(14)?, number(15)?) {
        (Some(lat_deg), Some(lon_deg)) => Some(Location::Fix {
            place: Place {
                position: Position::new(lat_deg, lon_deg).ok_or_else(|| {
                    Fault::new(
                        RejectionClass::Range,
                        format!("position {lat_deg} {lon_deg}"),
                    )
                })?,
                uncertainty: Ellipse::circle(POSITION_M_SIGMA),
            },
            height,
        }),
        _ => None,
    };
    let nothing = AircraftReport {
        icao_address: icao,
        ..AircraftReport::default()
    };
    if location.is_none() && report == nothing {
        return Ok(None);
    }
    Ok(Some(Said {
        sensor: job.origin.default_site().map(|site| site.id.clone()),
        observed_at: Interval::instant(observed_at(cells, job.receipt.received_at)),
        location,
        reading: Reading::Aircraft(report),
        grade: None,
    }))
}

fn observed_at(cells: &[&str; COLUMNS], received_at: Timestamp) -> Timestamp {
    let date = cells[6].replace('/', "-");
    let stated = format!("{date}T{}", cells[7]).parse::<DateTime>().ok();
    let stated = stated.and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
    let close = |time: &Timestamp| time.duration_since(received_at).abs() <= CLOCK_DISAGREEMENT_MAX;
    stated.filter(close).unwrap_or(received_at)
}

/// Writes an aircraft's report as a row of type 3 with all columns filled that it has.
///
/// # Errors
/// [`Unencodable`] for other readings.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let Reading::Aircraft(report) = &observation.reading else {
        return Err(Unencodable::new("sbs", "it is no report of an aircraft"));
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    let decimals = |value: Option<f64>, places: usize| text(value.map(|v| format!("{v:.places$}")));
    let (mut lat, mut lon, mut feet) = (None, None, None);
    if let Some(Location::Fix { place, height }) = &observation.location {
        lat = Some(place.position.lat_deg);
        lon = Some(place.position.lon_deg);
        feet = height.map(|height| height.height_m / FOOT_M);
    }
    let at = TimeZone::UTC.to_datetime(observation.observed_at.start);
    let (date, time) = (at.date(), at.time());
    let date = format!("{:04}/{:02}/{:02}", date.year(), date.month(), date.day());
    let millisecond = time.subsec_nanosecond() / 1_000_000;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let time = format!("{hour:02}:{minute:02}:{second:02}.{millisecond:03}");
    Ok(vec![format!(
        "MSG,3,1,1,{:06X},1,{date},{time},{date},{time},{},{},{},{},{},{},{},,,,,0",
        report.icao_address,
        report.call_sign.as_deref().unwrap_or_default(),
        decimals(feet, 0),
        decimals(report.speed_m_s.map(|speed| speed / KNOT_M_S), 1),
        decimals(report.course_deg, 1),
        decimals(lat, 5),
        decimals(lon, 5),
        decimals(report.climb_m_s.map(|climb| climb * 60.0 / FOOT_M), 0),
    )])
}
