//! What a radar that watches the sea follows: the sentences `TTM` and `TLL` (IEC 61162-1:2016, 8.3;
//! NMEA 0183 v4.11).
//!
//! ```text
//! $RATTM,07,12.34,231.5,T,11.2,87.0,T,,,N,,T,,120000.00,A*hh
//!        │  │     │     │ │    │    │   │  │  └ when      └ acquisition: automatic, manual, reported
//!        │  │     │     │ │    │    │   │  └ status: L lost, Q being acquired, T followed
//!        │  │     │     │ │    │    │   └ units: N nautical miles and knots, K km, S statute miles
//!        │  │     │     │ │    └ course, true or relative to the radar's own
//!        │  │     │     │ └ speed
//!        │  │     └ bearing, true or relative
//!        │  └ distance
//!        └ the radar's number for the target
//! $RATLL,07,4631.1200,N,03102.5500,E,,120000.00,T,*hh
//! ```
//!
//! A target that is lost or still being acquired is no observation, nor is one whose bearing is
//! relative to a heading that the sentence does not say. A course relative to it is left out.

use truce_core::observation::RadarTarget;
use truce_core::place::{Ellipse, Range};
use truce_core::{Location, Observation, Place};

use super::sentence::Sentence;
use super::write::{angle, clock_of};
use crate::fault::{Fault, RejectionClass};
use crate::origin::Site;

/// Errors of a radar that states none: a ship's radar is right to 1 degree and to 30 m or a hundredth
/// of its range (IMO MSC.192(79), annex, 5.2), taken as two standard deviations.
const BEARING_DEG_SIGMA: f64 = 0.5;
const RANGE_M_SIGMA: f64 = 15.0;
const RANGE_SIGMA_FRACTION: f64 = 0.005;

/// Error of a target that is given by its place, metres: its bearing's in the middle of a usual range
/// of 24 nautical miles.
pub(crate) const PLACED_M_SIGMA: f64 = 22_224.0 * BEARING_DEG_SIGMA.to_radians();

/// Metres in each of the units of distance; speeds are these an hour.
fn unit_m(letter: &str) -> Option<f64> {
    match letter {
        "K" => Some(1_000.0),
        "N" => Some(1_852.0),
        "S" => Some(1_609.344),
        _ => None,
    }
}

/// The target that a sentence tells of and where it is; `None` when it tells of none.
pub(super) fn read(
    sentence: &Sentence<'_>,
    site: Option<&Site>,
) -> Result<Option<(Location, RadarTarget)>, Fault> {
    match sentence.formatter {
        "TTM" if is_followed(sentence.text(12)) => tracked(sentence, site),
        "TLL" if is_followed(sentence.text(8)) => placed(sentence, site),
        _ => Ok(None),
    }
}

fn is_followed(status: Option<&str>) -> bool {
    !matches!(status, Some("L" | "Q"))
}

fn number_of(sentence: &Sentence<'_>) -> Option<String> {
    sentence.text(1).map(str::to_owned)
}

fn tracked(
    sentence: &Sentence<'_>,
    site: Option<&Site>,
) -> Result<Option<(Location, RadarTarget)>, Fault> {
    let distance = sentence.number(2, "distance")?;
    let bearing_deg = sentence.number(3, "bearing_deg")?;
    let (Some(distance), Some(bearing_deg)) = (distance, bearing_deg) else {
        return Ok(None);
    };
    if sentence.text(4) != Some("T") {
        return Ok(None);
    }
    let unit = sentence.text(10).ok_or_else(|| Fault::missing("units"))?;
    let unit_m = unit_m(unit).ok_or_else(|| {
        let wanted = "K, N or S is expected";
        Fault::field(RejectionClass::Number, "units", unit, wanted)
    })?;
    let range_m = distance * unit_m;
    if range_m < 0.0 || !(0.0..=360.0).contains(&bearing_deg) {
        let reason = format!("a target at {range_m} m and {bearing_deg} degrees");
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    let observer = site.and_then(|site| site.position).ok_or_else(|| {
        let reason = "a distance and a bearing need a radar with a position";
        Fault::new(RejectionClass::UnknownSensor, reason)
    })?;
    let errors = site.map(|site| &site.errors);
    let range_m_sigma = errors.and_then(|errors| errors.range_m_sigma);
    let bearing_deg_sigma = errors.and_then(|errors| errors.bearing_deg_sigma);
    let speed = sentence.number(5, "speed")?;
    let course_deg = sentence.number(6, "course_deg")?;
    let is_true = sentence.text(7) == Some("T");
    let location = Location::Bearing {
        observer,
        bearing_deg: bearing_deg % 360.0,
        bearing_deg_sigma: bearing_deg_sigma.unwrap_or(BEARING_DEG_SIGMA),
        range: Some(Range {
            range_m,
            range_m_sigma: range_m_sigma
                .unwrap_or_else(|| RANGE_M_SIGMA.max(range_m * RANGE_SIGMA_FRACTION)),
        }),
    };
    let target = RadarTarget {
        target: number_of(sentence),
        speed_m_s: speed
            .filter(|_| is_true)
            .map(|speed| speed * unit_m / 3_600.0),
        course_deg: course_deg
            .filter(|_| is_true)
            .map(|deg| deg.rem_euclid(360.0)),
    };
    Ok(Some((location, target)))
}

fn placed(
    sentence: &Sentence<'_>,
    site: Option<&Site>,
) -> Result<Option<(Location, RadarTarget)>, Fault> {
    let Some(position) = sentence.position(2)? else {
        return Ok(None);
    };
    let sigma_m = site.and_then(|site| site.errors.position_m_sigma);
    let place = Place {
        position,
        uncertainty: Ellipse::circle(sigma_m.unwrap_or(PLACED_M_SIGMA)),
    };
    let target = RadarTarget {
        target: number_of(sentence),
        ..RadarTarget::default()
    };
    let height = None;
    Ok(Some((Location::Fix { place, height }, target)))
}

/// The body of `TTM` or `TLL`; `None` for what neither can say.
pub(super) fn write(observation: &Observation, target: &RadarTarget) -> Option<String> {
    let number = target.target.as_deref().unwrap_or_default();
    if number.contains([',', '*', '\\', '$', '!']) {
        return None;
    }
    let clock = clock_of(observation.observed_at.start);
    match observation.location.as_ref()? {
        Location::Bearing {
            bearing_deg,
            range: Some(range),
            ..
        } => {
            let of = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.3}"));
            Some(format!(
                "RATTM,{number},{:.4},{bearing_deg:.4},T,{},{},T,,,K,,T,,{clock},A",
                range.range_m / 1_000.0,
                of(target.speed_m_s.map(|speed| speed * 3.6)),
                of(target.course_deg),
            ))
        }
        Location::Fix { place, .. } => Some(format!(
            "RATLL,{number},{},{},,{clock},T,",
            angle(place.position.lat_deg, 2, ['N', 'S']),
            angle(place.position.lon_deg, 3, ['E', 'W']),
        )),
        _ => None,
    }
}
