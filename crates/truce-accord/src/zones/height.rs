//! Whether a height lies in a zone's band, given what it was measured from.

use truce_core::mission::Zone;
use truce_core::{Height, HeightDatum, ObjectKind};

/// Mean sea level lies within this of the ellipsoid, metres: the geoid EGM2008 runs from −107 m to
/// +86 m.
const GEOID_M_MAX: f64 = 110.0;
/// Pressure altitude differs from the true one by at most about this near the ground, metres: 40 hPa
/// from the standard pressure at 8.3 m for each hectopascal (ICAO Doc 7488).
const BAROMETRIC_M_MAX: f64 = 330.0;
/// The lowest ground, metres above mean sea level: the shore of the Dead Sea.
const GROUND_M_MIN: f64 = -430.0;
/// Ground below this is assumed when nobody says how high it is, metres above mean sea level: nine
/// tenths of all land are lower (ETOPO1, hypsographic curve).
const GROUND_M_MAX: f64 = 2_500.0;

/// Whether something is in a band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InBand {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It cannot be said.
    Unknown,
}

/// The least and greatest height above mean sea level, metres, that a measured height can mean.
fn above_sea_m(height: Height) -> [f64; 2] {
    let h = height.height_m;
    match height.above {
        HeightDatum::MeanSeaLevel => [h, h],
        HeightDatum::Ellipsoid => [h - GEOID_M_MAX, h + GEOID_M_MAX],
        HeightDatum::Barometric => [h - BAROMETRIC_M_MAX, h + BAROMETRIC_M_MAX],
        HeightDatum::Ground => [h + GROUND_M_MIN, h + GROUND_M_MAX],
    }
}

/// True for what cannot leave the ground or the water.
fn stays_down(kind: ObjectKind) -> bool {
    !matches!(kind, ObjectKind::Aircraft | ObjectKind::Uav)
}

/// Whether an object at a height is in a zone's band. A zone without floor and ceiling has every
/// height; without a height only what cannot fly is known to be on the ground.
#[must_use]
pub fn in_band(zone: &Zone, kind: Option<ObjectKind>, height: Option<Height>) -> InBand {
    let (floor, ceiling) = (zone.floor_m, zone.ceiling_m);
    if floor.is_none() && ceiling.is_none() {
        return InBand::Yes;
    }
    let down = kind.is_some_and(stays_down);
    let range = match height {
        Some(height) => above_sea_m(height),
        // What stays on the ground is below every floor above it, and in every band that begins
        // there.
        None if down => {
            return if floor.is_none() {
                InBand::Yes
            } else {
                InBand::No
            };
        }
        None => return InBand::Unknown,
    };
    let [low, high] = range;
    let floor = floor.unwrap_or(f64::NEG_INFINITY);
    let ceiling = ceiling.unwrap_or(f64::INFINITY);
    if low >= floor && high <= ceiling {
        InBand::Yes
    } else if high < floor || low > ceiling {
        InBand::No
    } else {
        InBand::Unknown
    }
}
