//! Writes fixes as sentences.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use truce_core::{Place, Timestamp};

/// An instant to the millisecond that is written, so that date and time of day round together.
fn written(at: Timestamp) -> DateTime {
    let at_ms = at.as_nanosecond().div_euclid(100_000) + 5;
    let at = Timestamp::from_millisecond(i64::try_from(at_ms.div_euclid(10)).unwrap_or_default());
    TimeZone::UTC.to_datetime(at.unwrap_or_default())
}

/// `hhmmss.sss` of an instant.
pub(super) fn clock_of(at: Timestamp) -> String {
    let time = written(at);
    let milliseconds = time.subsec_nanosecond() / 1_000_000;
    format!(
        "{:02}{:02}{:02}.{milliseconds:03}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// `ddmm.mmmmmmm,N` of an angle.
pub(super) fn angle(deg: f64, width: usize, letters: [char; 2]) -> String {
    let letter = letters[usize::from(deg < 0.0)];
    // In ten-millionths of a minute, so that 59.99999999 does not become 60.
    let units = (deg.abs() * 6e8).round();
    let degrees = (units / 6e8).floor();
    let rest = units - degrees * 6e8;
    let minutes = (rest / 1e7).floor();
    let fraction = rest - minutes * 1e7;
    format!("{degrees:0width$.0}{minutes:02.0}.{fraction:07.0},{letter}")
}

/// The bodies of `ZDA`, `GST` and `GGA` for a fix.
pub(super) fn write(at: Timestamp, place: &Place, height_m: Option<f64>) -> [String; 3] {
    let (time, clock) = (written(at), clock_of(at));
    let errors = place.uncertainty;
    let height = height_m.map(|height| format!("{height:.3}"));
    [
        format!(
            "GNZDA,{clock},{:02},{:02},{:04},00,00",
            time.day(),
            time.month(),
            time.year()
        ),
        format!(
            "GNGST,{clock},,{:.3},{:.3},{:.3},,,",
            errors.semi_major_m.max(0.001),
            errors.semi_minor_m.max(0.001),
            errors.bearing_deg
        ),
        format!(
            "GNGGA,{clock},{},{},1,,,{},M,,M,,",
            angle(place.position.lat_deg, 2, ['N', 'S']),
            angle(place.position.lon_deg, 3, ['E', 'W']),
            height.unwrap_or_default()
        ),
    ]
}
