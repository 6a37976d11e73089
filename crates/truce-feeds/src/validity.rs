//! Checks that JSON cannot express: that the numbers of a location or a time are possible.

use truce_core::place::{Ellipse, Range};
use truce_core::{Interval, Location, Position};

use crate::fault::{Fault, RejectionClass};

/// Most corners of an area: enough for the outline of a district, few enough to test quickly.
const RING_CORNERS_MAX: usize = 10_000;

fn out_of_range(name: &str, value: f64) -> Fault {
    let reason = format!("`{name}` is {value}, which is out of range");
    Fault::new(RejectionClass::Range, reason)
}

fn within(name: &str, value: f64, least: f64, most: f64) -> Result<(), Fault> {
    if value >= least && value <= most {
        Ok(())
    } else {
        Err(out_of_range(name, value))
    }
}

/// An interval whose end is not before its start.
pub(crate) fn check_interval(interval: &Interval) -> Result<(), Fault> {
    if interval.start <= interval.end {
        return Ok(());
    }
    let (start, end) = (interval.start, interval.end);
    let reason = format!("the interval ends ({end}) before it starts ({start})");
    Err(Fault::new(RejectionClass::Range, reason))
}

/// A position on the globe.
pub(crate) fn check_position(position: &Position) -> Result<(), Fault> {
    within("lat_deg", position.lat_deg, -90.0, 90.0)?;
    within("lon_deg", position.lon_deg, -180.0, 180.0)
}

/// A bearing in `[0, 360)`.
pub(crate) fn check_bearing(bearing_deg: f64) -> Result<(), Fault> {
    if (0.0..360.0).contains(&bearing_deg) {
        return Ok(());
    }
    Err(out_of_range("bearing_deg", bearing_deg))
}

fn check_ellipse(ellipse: &Ellipse) -> Result<(), Fault> {
    within("semi_major_m", ellipse.semi_major_m, 0.0, f64::MAX)?;
    within(
        "semi_minor_m",
        ellipse.semi_minor_m,
        0.0,
        ellipse.semi_major_m,
    )?;
    check_bearing(ellipse.bearing_deg)
}

fn check_range(range: &Range) -> Result<(), Fault> {
    within("range_m", range.range_m, 0.0, f64::MAX)?;
    within("range_m_sigma", range.range_m_sigma, 0.0, f64::MAX)
}

/// A location whose numbers are possible.
pub(crate) fn check_location(location: &Location) -> Result<(), Fault> {
    match location {
        Location::Fix { place, .. } => {
            check_position(&place.position)?;
            check_ellipse(&place.uncertainty)
        }
        Location::Bearing {
            observer,
            bearing_deg,
            bearing_deg_sigma,
            range,
        } => {
            check_position(observer)?;
            check_bearing(*bearing_deg)?;
            within("bearing_deg_sigma", *bearing_deg_sigma, 0.0, 180.0)?;
            range.as_ref().map_or(Ok(()), check_range)
        }
        Location::Area { ring } => {
            if !(3..=RING_CORNERS_MAX).contains(&ring.len()) {
                let count = ring.len();
                let reason = format!("a ring of {count} corners: 3 to {RING_CORNERS_MAX} fit");
                return Err(Fault::new(RejectionClass::Range, reason));
            }
            ring.iter().try_for_each(check_position)
        }
        Location::Arrival {
            station,
            arrival_s_sigma,
        } => {
            check_position(station)?;
            within("arrival_s_sigma", *arrival_s_sigma, 0.0, f64::MAX)
        }
        Location::Relative {
            reference,
            bearing_deg,
            distance_m,
            sigma_m,
            ..
        } => {
            check_position(reference)?;
            check_bearing(*bearing_deg)?;
            within("distance_m", *distance_m, 0.0, f64::MAX)?;
            within("sigma_m", *sigma_m, 0.0, f64::MAX)
        }
    }
}
