//! Writes thermal anomalies as rows of the near-real-time form.

use jiff::tz::Offset;
use truce_core::observation::ThermalAnomaly;
use truce_core::{Interval, Location, Observation, Reading};

use super::{CONFIDENCE_WORDS, DAY_S, MINUTE_S, POSITION_DECIMALS, QUANTITY_DECIMALS, interval};
use crate::fault::Unencodable;
use crate::table::RowWriter;

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
    use truce_core::Timestamp;

    use super::{Location, Observation, POSITION_DECIMALS, RowWriter, Unencodable};

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
