//! Distances and bearings between near positions, cheap enough for every fix.

use truce_core::Position;
use truce_core::time::Timestamp;

/// Metres in a degree of latitude on the sphere of the earth's mean radius (6,371,008.8 m, Moritz
/// 2000). Against the ellipsoid distances are wrong by 0.6 % at most.
const DEGREE_M: f64 = 111_195.08;

/// East and north from one position to another, metres.
pub(super) fn step_m(from: Position, to: Position) -> (f64, f64) {
    let mut lon_deg = to.lon_deg - from.lon_deg;
    if lon_deg.abs() > 180.0 {
        lon_deg -= 360.0_f64.copysign(lon_deg);
    }
    let middle = (from.lat_deg + to.lat_deg).to_radians() / 2.0;
    let east_m = lon_deg * DEGREE_M * libm::cos(middle);
    (east_m, (to.lat_deg - from.lat_deg) * DEGREE_M)
}

/// Distance between two positions, metres.
pub(super) fn apart_m(a: Position, b: Position) -> f64 {
    let (east_m, north_m) = step_m(a, b);
    (east_m * east_m + north_m * north_m).sqrt()
}

/// The direction of a step, degrees true in `[0, 360)`.
pub(super) fn bearing_deg((east_m, north_m): (f64, f64)) -> f64 {
    let deg = libm::atan2(east_m, north_m).to_degrees();
    if deg < 0.0 { deg + 360.0 } else { deg }
}

/// By how much a direction turns to become another, degrees in `(-180, 180]`, right positive.
pub(super) fn turn_deg(from_deg: f64, to_deg: f64) -> f64 {
    let turn = libm::fmod(to_deg - from_deg, 360.0);
    if turn > 180.0 {
        turn - 360.0
    } else if turn <= -180.0 {
        turn + 360.0
    } else {
        turn
    }
}

/// The position a step away.
pub(super) fn moved(from: Position, (east_m, north_m): (f64, f64)) -> Position {
    let cos = libm::cos(from.lat_deg.to_radians()).max(0.01);
    Position {
        lat_deg: (from.lat_deg + north_m / DEGREE_M).clamp(-90.0, 90.0),
        lon_deg: truce_core::place::normalize_lon_deg(from.lon_deg + east_m / (DEGREE_M * cos)),
    }
}

/// The square of a grid of `side_deg` that holds a position: row from the south, column from the
/// west. The antimeridian parts squares; nothing there hangs on it but a lane or two.
pub(super) fn square(position: Position, side_deg: f64) -> (i32, i32) {
    let row = ((position.lat_deg + 90.0) / side_deg).floor();
    let column = ((position.lon_deg + 180.0) / side_deg).floor();
    (small(row), small(column))
}

/// The middle of a square.
pub(super) fn middle((row, column): (i32, i32), side_deg: f64) -> Position {
    Position {
        lat_deg: (f64::from(row) + 0.5) * side_deg - 90.0,
        lon_deg: (f64::from(column) + 0.5) * side_deg - 180.0,
    }
}

/// The whole number below; what does not fit becomes the nearest that does.
#[allow(clippy::cast_possible_truncation)] // It saturates, which is what is said.
pub(super) fn whole(number: f64) -> i64 {
    number.floor() as i64
}

/// As [`whole`], for numbers of squares: some tens of thousands at most.
pub(super) fn small(number: f64) -> i32 {
    i32::try_from(whole(number)).unwrap_or(i32::MAX)
}

/// As [`whole`], for places in lists; 0 for what is negative.
pub(super) fn index(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or(0)
}

/// Seconds since 1970 of an instant; doubles tell microseconds apart there.
pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.as_second() as f64 + f64::from(at.subsec_nanosecond()) * 1e-9
}

/// The instant of seconds since 1970, to the microsecond.
pub(crate) fn instant(at_s: f64) -> Timestamp {
    Timestamp::from_microsecond(whole((at_s * 1e6).round())).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position { lat_deg, lon_deg }
    }

    #[test]
    fn distances_agree_with_the_ellipsoid() {
        for (a, b) in [
            (at(46.0, 31.0), at(46.1, 31.2)),
            (at(30.0, 32.5), at(30.5, 32.4)),
            (at(-10.0, 179.9), at(-10.0, -179.9)),
        ] {
            let (quick_m, true_m) = (apart_m(a, b), a.distance_m(b));
            assert!((quick_m / true_m - 1.0).abs() < 0.006, "{quick_m} {true_m}");
            let back_m = apart_m(moved(a, step_m(a, b)), b);
            assert!(back_m < 0.01 * true_m, "{back_m}");
        }
    }

    #[test]
    fn turns_take_the_short_way() {
        for (from, to, turn) in [
            (350.0, 10.0, 20.0),
            (10.0, 350.0, -20.0),
            (0.0, 180.0, 180.0),
        ] {
            assert_eq!(turn_deg(from, to), turn);
        }
        assert_eq!(bearing_deg((-1.0, 0.0)), 270.0);
    }

    #[test]
    fn instants_survive() {
        let noon: Timestamp = "2025-06-01T12:00:00.25Z".parse().unwrap();
        assert_eq!(instant(seconds(noon)), noon);
    }
}
