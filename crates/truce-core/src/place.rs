//! Places on the WGS 84 ellipsoid, always with their uncertainty.
//!
//! Bearings are degrees true, clockwise from north, in `[0, 360)`.

use serde::{Deserialize, Serialize};

use crate::identity::Slug;

/// Semi-major axis of WGS 84, metres (NGA.STND.0036, table 3.1).
pub const WGS84_A_M: f64 = 6_378_137.0;
/// Flattening of WGS 84 (NGA.STND.0036, table 3.1).
pub const WGS84_F: f64 = 1.0 / 298.257_223_563;

/// A point on the ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Geodetic latitude, degrees, north positive, `[-90, 90]`.
    pub lat_deg: f64,
    /// Longitude, degrees, east positive, `[-180, 180]`.
    pub lon_deg: f64,
}

impl Position {
    /// A position, when both numbers are finite and in range.
    #[must_use]
    pub fn new(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let fits = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        fits.then_some(Self { lat_deg, lon_deg })
    }

    /// Longitude first, then latitude: the (x, y) order of GeoJSON (RFC 7946, 3.1.1).
    #[must_use]
    pub fn to_xy(self) -> [f64; 2] {
        [self.lon_deg, self.lat_deg]
    }

    /// Distance to another position, metres: great circle on the reduced latitudes with Lambert's
    /// correction for flattening (Lambert 1942), within about 10 m over thousands of kilometres.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let reduced = |lat_deg: f64| libm::atan((1.0 - WGS84_F) * libm::tan(lat_deg.to_radians()));
        let (b1, b2) = (reduced(self.lat_deg), reduced(other.lat_deg));
        let half_lon = (other.lon_deg - self.lon_deg).to_radians() / 2.0;
        let (sin_lat, sin_lon) = (libm::sin((b2 - b1) / 2.0), libm::sin(half_lon));
        let h = sin_lat * sin_lat + libm::cos(b1) * libm::cos(b2) * sin_lon * sin_lon;
        let angle = 2.0 * libm::asin(h.sqrt().min(1.0));
        if angle < 1e-12 {
            return 0.0;
        }
        let (p, q) = ((b1 + b2) / 2.0, (b2 - b1) / 2.0);
        let (sin_angle, half) = (libm::sin(angle), angle / 2.0);
        let (sp, cp) = (libm::sin(p), libm::cos(p));
        let (sq, cq) = (libm::sin(q), libm::cos(q));
        let x = (angle - sin_angle) * (sp * cq / libm::cos(half)).powi(2);
        let y = (angle + sin_angle) * (cp * sq / libm::sin(half)).powi(2);
        if half > 1.57 {
            return WGS84_A_M * angle;
        }
        WGS84_A_M * (angle - WGS84_F / 2.0 * (x + y))
    }

    /// Initial bearing of the great circle to another position, degrees true in `[0, 360)`.
    #[must_use]
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (f1, f2) = (self.lat_deg.to_radians(), other.lat_deg.to_radians());
        let dl = (other.lon_deg - self.lon_deg).to_radians();
        let y = libm::sin(dl) * libm::cos(f2);
        let x = libm::cos(f1) * libm::sin(f2) - libm::sin(f1) * libm::cos(f2) * libm::cos(dl);
        normalize_bearing_deg(libm::atan2(y, x).to_degrees())
    }

    /// The position `distance_m` metres away on a bearing; for distances up to about 300 km.
    #[must_use]
    pub fn offset(self, bearing_deg: f64, distance_m: f64) -> Self {
        let angle = bearing_deg.to_radians();
        let (east, north) = (distance_m * libm::sin(angle), distance_m * libm::cos(angle));
        // The radii of curvature are taken half-way, so that long legs stay true.
        let half_way = Frame::at(self).to_position(east / 2.0, north / 2.0);
        let frame = Frame {
            origin: self,
            ..Frame::at(half_way)
        };
        frame.to_position(east, north)
    }
}

/// Brings an angle into `[0, 360)` degrees.
#[must_use]
pub fn normalize_bearing_deg(angle_deg: f64) -> f64 {
    let turned = angle_deg % 360.0;
    let turned = if turned < 0.0 { turned + 360.0 } else { turned };
    if turned >= 360.0 { 0.0 } else { turned }
}

/// The smaller angle between two bearings, degrees, in `[0, 180]`.
#[must_use]
pub fn bearing_difference_deg(a_deg: f64, b_deg: f64) -> f64 {
    let difference = normalize_bearing_deg(a_deg - b_deg);
    difference.min(360.0 - difference)
}

/// Brings a longitude into `[-180, 180]` degrees.
#[must_use]
pub fn normalize_lon_deg(lon_deg: f64) -> f64 {
    if (-180.0..=180.0).contains(&lon_deg) {
        return lon_deg;
    }
    normalize_bearing_deg(lon_deg + 180.0) - 180.0
}

/// A local plane at an origin: x metres east, y metres north, from the ellipsoid's radii of
/// curvature there. Within 50 km of the origin distances are true to about one part in a thousand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Where x and y are zero.
    pub origin: Position,
    east_m_per_deg: f64,
    north_m_per_deg: f64,
}

impl Frame {
    /// The frame at an origin.
    #[must_use]
    pub fn at(origin: Position) -> Self {
        let e2 = WGS84_F * (2.0 - WGS84_F);
        let lat = origin.lat_deg.to_radians();
        let w2 = 1.0 - e2 * libm::sin(lat).powi(2);
        let prime_vertical_m = WGS84_A_M / w2.sqrt();
        let meridian_m = WGS84_A_M * (1.0 - e2) / (w2 * w2.sqrt());
        Self {
            origin,
            east_m_per_deg: (prime_vertical_m * libm::cos(lat)).max(1.0).to_radians(),
            north_m_per_deg: meridian_m.to_radians(),
        }
    }

    /// (metres east, metres north) of a position.
    #[must_use]
    pub fn to_xy_m(&self, position: Position) -> (f64, f64) {
        let dlon = normalize_lon_deg(position.lon_deg - self.origin.lon_deg);
        let dlat = position.lat_deg - self.origin.lat_deg;
        (dlon * self.east_m_per_deg, dlat * self.north_m_per_deg)
    }

    /// The position at (metres east, metres north).
    #[must_use]
    pub fn to_position(&self, x_m: f64, y_m: f64) -> Position {
        let lat = self.origin.lat_deg + y_m / self.north_m_per_deg;
        Position {
            lat_deg: lat.clamp(-90.0, 90.0),
            lon_deg: normalize_lon_deg(self.origin.lon_deg + x_m / self.east_m_per_deg),
        }
    }
}

/// What a height is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeightDatum {
    /// The WGS 84 ellipsoid.
    Ellipsoid,
    /// Mean sea level.
    MeanSeaLevel,
    /// Pressure altitude on the standard atmosphere.
    Barometric,
    /// The ground below.
    Ground,
}

/// A height and what it is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Height {
    /// Metres above the datum.
    pub height_m: f64,
    /// The datum.
    pub above: HeightDatum,
}

/// The one-standard-deviation ellipse of a position error (a Gaussian's contour at Mahalanobis
/// distance 1; the 90 % contour is 2.146 times as large).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ellipse {
    /// Standard deviation along the major axis, metres.
    pub semi_major_m: f64,
    /// Standard deviation along the minor axis, metres.
    pub semi_minor_m: f64,
    /// Bearing of the major axis, degrees true in `[0, 180)`.
    pub bearing_deg: f64,
}

impl Ellipse {
    /// A circle: the same standard deviation in every direction.
    #[must_use]
    pub fn circle(sigma_m: f64) -> Self {
        Self {
            semi_major_m: sigma_m,
            semi_minor_m: sigma_m,
            bearing_deg: 0.0,
        }
    }

    /// The covariance `[xx, xy, yy]` in square metres, x east and y north.
    #[must_use]
    pub fn covariance_m2(&self) -> [f64; 3] {
        let angle = self.bearing_deg.to_radians();
        let (s, c) = (libm::sin(angle), libm::cos(angle));
        let (a2, b2) = (self.semi_major_m.powi(2), self.semi_minor_m.powi(2));
        [
            a2 * s * s + b2 * c * c,
            (a2 - b2) * s * c,
            a2 * c * c + b2 * s * s,
        ]
    }

    /// The ellipse of a covariance `[xx, xy, yy]` in square metres, x east and y north.
    #[must_use]
    pub fn from_covariance_m2([xx, xy, yy]: [f64; 3]) -> Self {
        let (mean, half) = ((xx + yy) / 2.0, (xx - yy) / 2.0);
        let radius = libm::hypot(half, xy);
        let angle = libm::atan2(2.0 * xy, yy - xx) / 2.0;
        let bearing = normalize_bearing_deg(angle.to_degrees());
        Self {
            semi_major_m: (mean + radius).max(0.0).sqrt(),
            semi_minor_m: (mean - radius).max(0.0).sqrt(),
            bearing_deg: if bearing >= 180.0 {
                bearing - 180.0
            } else {
                bearing
            },
        }
    }
}

/// A position with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The best estimate.
    pub position: Position,
    /// Its one-standard-deviation ellipse.
    pub uncertainty: Ellipse,
}

/// Where an observation was, in the terms in which it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Location {
    /// A measured position.
    Fix {
        /// The position and its uncertainty.
        place: Place,
        /// Height, when measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        height: Option<Height>,
    },
    /// A direction from an observer, with a range when one was measured.
    Bearing {
        /// Where the observer was.
        observer: Position,
        /// Direction, degrees true.
        bearing_deg: f64,
        /// Standard deviation of the direction, degrees.
        bearing_deg_sigma: f64,
        /// Range and its standard deviation, metres, when measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<Range>,
    },
    /// Somewhere inside a polygon: one ring, not closed (the last point joins the first).
    Area {
        /// The ring's corners.
        ring: Vec<Position>,
    },
    /// Heard or felt at a station; where it came from is known only through the time of arrival.
    Arrival {
        /// Where the station is.
        station: Position,
        /// Standard deviation of the arrival time, seconds.
        arrival_s_sigma: f64,
    },
    /// As people say it: so many metres in a direction from a named place.
    Relative {
        /// The named place.
        from: Slug,
        /// Where the named place is.
        reference: Position,
        /// Direction from it, degrees true.
        bearing_deg: f64,
        /// Distance from it, metres.
        distance_m: f64,
        /// Standard deviation of the resulting point, metres.
        sigma_m: f64,
    },
}

/// A measured range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Range, metres.
    pub range_m: f64,
    /// Standard deviation, metres.
    pub range_m_sigma: f64,
}

impl Location {
    /// A measured position with a circular error and no height.
    #[must_use]
    pub fn fix(position: Position, sigma_m: f64) -> Self {
        let place = Place {
            position,
            uncertainty: Ellipse::circle(sigma_m),
        };
        Self::Fix {
            place,
            height: None,
        }
    }

    /// The place it says, when it says one by itself. A bearing without range and an arrival time
    /// say none.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Fix { place, .. } => Some(*place),
            Self::Bearing {
                observer,
                bearing_deg,
                bearing_deg_sigma,
                range,
            } => {
                let range = (*range)?;
                let across_m = range.range_m * libm::tan(bearing_deg_sigma.to_radians());
                Some(Place {
                    position: observer.offset(*bearing_deg, range.range_m),
                    uncertainty: along_and_across(*bearing_deg, range.range_m_sigma, across_m),
                })
            }
            Self::Relative {
                reference,
                bearing_deg,
                distance_m,
                sigma_m,
                ..
            } => Some(Place {
                position: reference.offset(*bearing_deg, *distance_m),
                uncertainty: Ellipse::circle(*sigma_m),
            }),
            Self::Area { ring } => area_place(ring),
            Self::Arrival { .. } => None,
        }
    }
}

fn along_and_across(bearing_deg: f64, along_m: f64, across_m: f64) -> Ellipse {
    let half_turn = |angle: f64| normalize_bearing_deg(angle) % 180.0;
    if along_m >= across_m {
        Ellipse {
            semi_major_m: along_m,
            semi_minor_m: across_m,
            bearing_deg: half_turn(bearing_deg),
        }
    } else {
        Ellipse {
            semi_major_m: across_m,
            semi_minor_m: along_m,
            bearing_deg: half_turn(bearing_deg + 90.0),
        }
    }
}

/// The centroid of a ring's corners with their spread as uncertainty.
fn area_place(ring: &[Position]) -> Option<Place> {
    let frame = Frame::at(*ring.first()?);
    let n = ring.len() as f64;
    let points: Vec<_> = ring.iter().map(|corner| frame.to_xy_m(*corner)).collect();
    let (sx, sy) = points
        .iter()
        .fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x, sy + y));
    let (mx, my) = (sx / n, sy / n);
    let mut covariance = [0.0; 3];
    for (x, y) in points {
        let (dx, dy) = (x - mx, y - my);
        covariance[0] += dx * dx / n;
        covariance[1] += dx * dy / n;
        covariance[2] += dy * dy / n;
    }
    Some(Place {
        position: frame.to_position(mx, my),
        uncertainty: Ellipse::from_covariance_m2(covariance),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    /// Geodesic distances from GeographicLib's `GeodSolve` (Karney 2013).
    #[test]
    fn distances_agree_with_geodesics() {
        let cases = [
            (at(0.0, 0.0), at(0.0, 1.0), 111_319.491),
            (at(50.0, 30.0), at(51.0, 30.0), 111_238.68),
            (at(40.0, 50.0), at(40.0, 50.0), 0.0),
        ];
        for (a, b, expected_m) in cases {
            let distance_m = a.distance_m(b);
            assert!(
                (distance_m - expected_m).abs() < 10.0,
                "{a:?} {b:?}: {distance_m}"
            );
        }
    }

    #[test]
    fn bearings_turn_clockwise_from_north() {
        let kyiv = at(50.45, 30.52);
        for (bearing_deg, expected) in [(0.0, 0.0), (90.0, 90.0), (-90.0, 270.0), (720.0, 0.0)] {
            let there = kyiv.offset(bearing_deg, 5_000.0);
            let difference = bearing_difference_deg(kyiv.bearing_deg(there), expected);
            assert!(difference < 0.1, "{bearing_deg}: {difference}");
        }
    }

    proptest! {
        #[test]
        fn offset_then_measure(
            lat in -70.0..70.0f64, lon in -180.0..180.0f64,
            bearing in 0.0..360.0f64, distance in 1.0..100_000.0f64,
        ) {
            let a = at(lat, lon);
            let b = a.offset(bearing, distance);
            prop_assert!((a.distance_m(b) - distance).abs() < 1.0 + distance * 2e-3);
        }

        #[test]
        fn ellipse_and_covariance_agree(
            a in 1.0..1e4f64, ratio in 0.05..0.95f64, bearing in 0.0..179.9f64,
        ) {
            let e = Ellipse { semi_major_m: a, semi_minor_m: a * ratio, bearing_deg: bearing };
            let back = Ellipse::from_covariance_m2(e.covariance_m2());
            prop_assert!((back.semi_major_m - a).abs() < 1e-6 * a);
            prop_assert!((back.semi_minor_m - a * ratio).abs() < 1e-5 * a);
            let turn = bearing_difference_deg(2.0 * back.bearing_deg, 2.0 * bearing);
            prop_assert!(turn < 1e-4);
        }

        #[test]
        fn frames_round_trip_also_over_the_antimeridian(
            lat in -80.0..80.0f64, lon in -180.0..180.0f64,
            x in -5e4..5e4f64, y in -5e4..5e4f64,
        ) {
            let frame = Frame::at(at(lat, lon));
            let (x2, y2) = frame.to_xy_m(frame.to_position(x, y));
            prop_assert!((x - x2).abs() < 1e-3 && (y - y2).abs() < 1e-3);
        }
    }
}
