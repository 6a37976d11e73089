//! Writes an aircraft's report as extended squitters (DO-260B, 2.2.3.2).

use truce_core::observation::AircraftReport;
use truce_core::{HeightDatum, Location, Observation, Reading};

use super::frame::{LONG_BYTES, seal};
use super::squitter::call_sign_codes;
use super::{altitude, cpr};
use crate::fault::Unencodable;
use crate::units::{FOOT_M, KNOT_M_S};

/// Format 17, capability 5: a transponder of level 2 in the air.
const FIRST_BYTE: u8 = 17 << 3 | 5;

/// The frames of a report.
pub(super) fn frames(
    observation: &Observation,
    format: &'static str,
) -> Result<Vec<[u8; LONG_BYTES]>, Unencodable> {
    let Reading::Aircraft(report) = &observation.reading else {
        return Err(Unencodable::new(format, "it is no report of an aircraft"));
    };
    let mut messages: Vec<u64> = Vec::new();
    messages.extend(positions(observation));
    messages.extend(velocity(report));
    messages.extend(report.call_sign.as_deref().map(identification));
    if messages.is_empty() {
        return Err(Unencodable::new(format, "it says nothing of the aircraft"));
    }
    let address = report.icao_address.to_be_bytes();
    let frame = |message: u64| {
        let mut body = [0; LONG_BYTES - 3];
        body[0] = FIRST_BYTE;
        body[1..4].copy_from_slice(&address[1..]);
        body[4..].copy_from_slice(&message.to_be_bytes()[1..]);
        seal(body)
    };
    Ok(messages.into_iter().map(frame).collect())
}

/// An even and an odd airborne position, type code 11, or 20 with a height above the ellipsoid.
fn positions(observation: &Observation) -> Vec<u64> {
    let Some(Location::Fix { place, height }) = &observation.location else {
        return Vec::new();
    };
    let code = height.and_then(|height| altitude::encode_squitter(height.height_m / FOOT_M));
    let ellipsoid = height.is_some_and(|height| height.above == HeightDatum::Ellipsoid);
    let type_code: u64 = if ellipsoid { 21 } else { 11 };
    let message = |odd: bool| {
        let encoded = cpr::encode(place.position, odd, false);
        type_code << 51
            | u64::from(code.unwrap_or(0)) << 36
            | u64::from(odd) << 34
            | u64::from(encoded.lat) << 17
            | u64::from(encoded.lon)
    };
    vec![message(false), message(true)]
}

/// Ground speed and climb rate: subtype 1, or 2 above 1,022 knots.
fn velocity(report: &AircraftReport) -> Option<u64> {
    let (speed, course_deg) = (report.speed_m_s? / KNOT_M_S, report.course_deg?);
    let angle = course_deg.to_radians();
    let (east, north) = (speed * libm::sin(angle), speed * libm::cos(angle));
    let fast = east.abs().max(north.abs()) > 1_022.0;
    let component = |knots: f64| {
        let steps = libm::rint(knots.abs() / if fast { 4.0 } else { 1.0 });
        u64::from(knots < 0.0) << 10 | (steps.min(1_022.0) as u64 + 1)
    };
    let climb = report.climb_m_s.map_or(0, |climb| {
        let steps = libm::rint(climb.abs() * 60.0 / FOOT_M / 64.0).min(510.0);
        u64::from(climb < 0.0) << 9 | (steps as u64 + 1)
    });
    let subtype = if fast { 2 } else { 1 };
    let rate = climb << 10;
    Some(19 << 51 | subtype << 48 | component(east) << 32 | component(north) << 21 | rate)
}

/// Call sign, category "no information".
fn identification(call_sign: &str) -> u64 {
    let codes = call_sign_codes(call_sign);
    codes
        .iter()
        .fold(4 << 3, |sum, code| sum << 6 | u64::from(*code))
}
