//! Compact position reporting: RTCA DO-260B, appendix A, 1.7 (ICAO Doc 9871, appendix C, 2.6).
//!
//! A position report holds 17 bits each of latitude and longitude within a zone, in an even or an
//! odd division of the globe. One of each kind gives the position; so does one together with a place
//! that is known to be near.

use truce_core::Position;
use truce_core::place::normalize_lon_deg;

/// Bits of a coordinate: the scale of an encoded value (A.1.7.1).
const SCALE: f64 = 131_072.0;

/// Latitudes at which the number of longitude zones falls by one, from 59 at the equator to 1 at
/// the poles: acos √((1 − cos(π/30)) / (1 − cos(2π/NL))) for NL = 59 … 2 (A.1.7.2.d).
const TRANSITIONS_DEG: [f64; 58] = [
    10.470_471_30,
    14.828_174_37,
    18.186_263_57,
    21.029_394_93,
    23.545_044_87,
    25.829_247_07,
    27.938_987_10,
    29.911_356_86,
    31.772_097_08,
    33.539_934_36,
    35.228_995_98,
    36.850_251_08,
    38.412_418_92,
    39.922_566_84,
    41.386_518_32,
    42.809_140_12,
    44.194_549_51,
    45.546_267_23,
    46.867_332_52,
    48.160_391_28,
    49.427_764_39,
    50.671_501_66,
    51.893_424_69,
    53.095_161_53,
    54.278_174_72,
    55.443_784_44,
    56.593_187_56,
    57.727_473_54,
    58.847_637_76,
    59.954_592_77,
    61.049_177_74,
    62.132_166_59,
    63.204_274_79,
    64.266_165_23,
    65.318_453_10,
    66.361_710_08,
    67.396_467_74,
    68.423_220_22,
    69.442_426_31,
    70.454_510_75,
    71.459_864_73,
    72.458_845_45,
    73.451_774_42,
    74.438_934_16,
    75.420_562_57,
    76.396_843_91,
    77.367_894_61,
    78.333_740_83,
    79.294_282_25,
    80.249_232_13,
    81.198_013_49,
    82.139_569_81,
    83.071_994_45,
    83.991_735_63,
    84.891_661_91,
    85.755_416_21,
    86.535_369_98,
    87.000_000_00,
];

/// Number of longitude zones at a latitude.
fn zones(lat_deg: f64) -> u8 {
    let lat_deg = lat_deg.abs();
    let passed = TRANSITIONS_DEG.partition_point(|transition| *transition <= lat_deg);
    u8::try_from(59 - passed).unwrap_or(1)
}

/// An encoded position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) odd: bool,
    /// 17 bits.
    pub(super) lat: u32,
    /// 17 bits.
    pub(super) lon: u32,
    pub(super) surface: bool,
}

impl Encoded {
    fn lat(self) -> f64 {
        f64::from(self.lat) / SCALE
    }

    fn lon(self) -> f64 {
        f64::from(self.lon) / SCALE
    }

    /// The zones cover the globe in the air, a quarter of it on the ground.
    fn span_deg(self) -> f64 {
        if self.surface { 90.0 } else { 360.0 }
    }

    fn lat_zone_deg(self) -> f64 {
        self.span_deg() / if self.odd { 59.0 } else { 60.0 }
    }

    fn lon_zone_deg(self, lat_deg: f64) -> f64 {
        self.span_deg() / f64::from(self.lon_zones(lat_deg))
    }

    fn lon_zones(self, lat_deg: f64) -> u8 {
        zones(lat_deg).saturating_sub(u8::from(self.odd)).max(1)
    }
}

/// The remainder that is never negative.
fn modulo(a: f64, b: f64) -> f64 {
    a - b * libm::floor(a / b)
}

/// The position of the later of an even and an odd report in the air (A.1.7.7). `None` when the two
/// lie in different bands of latitude, or are none.
pub(super) fn global(earlier: Encoded, later: Encoded) -> Option<Position> {
    if earlier.odd == later.odd || earlier.surface || later.surface {
        return None;
    }
    let lat_deg = global_latitude(earlier, later, 0.0)?;
    let lon_deg = global_longitude(earlier, later, lat_deg);
    Position::new(lat_deg, normalize_lon_deg(lon_deg))
}

/// The position of the later of an even and an odd report on the ground, of the eight that fit the
/// one nearest to a place (A.1.7.8).
pub(super) fn global_surface(earlier: Encoded, later: Encoded, near: Position) -> Option<Position> {
    if earlier.odd == later.odd || !earlier.surface || !later.surface {
        return None;
    }
    // The northern solution is positive; the southern one lies a quarter of the globe below it. The
    // place may lie on the other side of the equator, so its sign does not decide.
    let far_deg = |lat_deg: &f64| (lat_deg - near.lat_deg).abs();
    let lat_deg = [0.0, -90.0]
        .into_iter()
        .filter_map(|shift_deg| global_latitude(earlier, later, shift_deg))
        .filter(|lat_deg| far_deg(lat_deg) <= 45.0)
        .min_by(|a, b| far_deg(a).total_cmp(&far_deg(b)))?;
    let lon_deg = global_longitude(earlier, later, lat_deg);
    let quarters = libm::rint((near.lon_deg - lon_deg) / 90.0);
    Position::new(lat_deg, normalize_lon_deg(lon_deg + 90.0 * quarters))
}

fn global_latitude(earlier: Encoded, later: Encoded, shift_deg: f64) -> Option<f64> {
    let (even, odd) = if later.odd {
        (earlier, later)
    } else {
        (later, earlier)
    };
    let index = libm::floor(59.0 * even.lat() - 60.0 * odd.lat() + 0.5);
    let latitude = |encoded: Encoded, bands: f64| {
        let lat_deg = encoded.lat_zone_deg() * (modulo(index, bands) + encoded.lat());
        let lat_deg = lat_deg + shift_deg;
        if lat_deg >= 270.0 {
            lat_deg - 360.0
        } else {
            lat_deg
        }
    };
    let (even_deg, odd_deg) = (latitude(even, 60.0), latitude(odd, 59.0));
    let lat_deg = if later.odd { odd_deg } else { even_deg };
    let agree = zones(even_deg) == zones(odd_deg);
    (agree && lat_deg.abs() <= 90.0).then_some(lat_deg)
}

fn global_longitude(earlier: Encoded, later: Encoded, lat_deg: f64) -> f64 {
    let (even, odd) = if later.odd {
        (earlier, later)
    } else {
        (later, earlier)
    };
    let zone_count = f64::from(zones(lat_deg));
    let index = libm::floor(even.lon() * (zone_count - 1.0) - odd.lon() * zone_count + 0.5);
    let own = f64::from(later.lon_zones(lat_deg));
    later.lon_zone_deg(lat_deg) * (modulo(index, own) + later.lon())
}

/// The position of one report that lies nearest to a place (A.1.7.5, A.1.7.6): right when the true
/// one is within half a zone of it, 180 NM in the air and 45 NM on the ground.
pub(super) fn local(report: Encoded, near: Position) -> Option<Position> {
    let nearest = |near: f64, zone: f64, fraction: f64| {
        let index =
            libm::floor(near / zone) + libm::floor(0.5 + modulo(near, zone) / zone - fraction);
        zone * (index + fraction)
    };
    let lat_deg = nearest(near.lat_deg, report.lat_zone_deg(), report.lat());
    let lon_deg = nearest(near.lon_deg, report.lon_zone_deg(lat_deg), report.lon());
    Position::new(lat_deg, normalize_lon_deg(lon_deg))
}

/// Encodes a position (A.1.7.3).
pub(super) fn encode(position: Position, odd: bool, surface: bool) -> Encoded {
    let empty = Encoded {
        odd,
        lat: 0,
        lon: 0,
        surface,
    };
    let code = |fraction: f64| libm::floor(SCALE * fraction + 0.5);
    // A code lies within 0 and 2¹⁷; the scale itself is the beginning of the next zone.
    let bits = |code: f64| (code as u32) & 0x1_FFFF;
    let zone = empty.lat_zone_deg();
    let lat = code(modulo(position.lat_deg, zone) / zone);
    let rounded = zone * (lat / SCALE + libm::floor(position.lat_deg / zone));
    let zone = empty.lon_zone_deg(rounded);
    let lon = code(modulo(position.lon_deg, zone) / zone);
    let (lat, lon) = (bits(lat), bits(lon));
    Encoded { lat, lon, ..empty }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::position;

    #[test]
    fn zones_fall_towards_the_poles() {
        let cases = [
            (0.0, 59),
            (10.0, 59),
            (10.5, 58),
            (-45.0, 42),
            (86.9, 2),
            (87.1, 1),
            (90.0, 1),
        ];
        for (lat_deg, expected) in cases {
            assert_eq!(zones(lat_deg), expected, "{lat_deg}");
        }
    }

    /// The worked example of "The 1090 MHz Riddle" (Sun, 2021), chapter 5.2.
    #[test]
    fn a_pair_gives_the_position() {
        let even = Encoded {
            odd: false,
            lat: 93_000,
            lon: 51_372,
            surface: false,
        };
        let odd = Encoded {
            odd: true,
            lat: 74_158,
            lon: 50_194,
            surface: false,
        };
        let got = global(odd, even).unwrap();
        assert!((got.lat_deg - 52.257_202).abs() < 1e-6 && (got.lon_deg - 3.919_373).abs() < 1e-6);
        assert_eq!(global(even, even), None);
        let near = local(even, position(52.258, 3.918)).unwrap();
        assert!(near.distance_m(got) < 0.1, "{near:?}");
    }

    #[test]
    fn a_latitude_that_rounds_up_into_the_next_zone_keeps_its_longitude() {
        let place = position(36.610_162_203_308_1, 54.930_082_046_305_14);
        let [even, odd] = [false, true].map(|odd| encode(place, odd, false));
        assert_eq!(odd.lat, 0, "the case is not the one meant");
        let got = global(odd, even).unwrap();
        assert!(got.distance_m(place) < 10.0, "{got:?}");
    }

    #[test]
    fn a_receiver_across_the_equator_does_not_mislead() {
        for (place, near) in [(-0.09, 0.09), (0.09, -0.09), (-0.09, -0.1)] {
            let place = position(place, 0.0);
            let [even, odd] = [false, true].map(|odd| encode(place, odd, true));
            let got = global_surface(even, odd, position(near, 0.1)).unwrap();
            assert!(got.distance_m(place) < 2.0, "{got:?}");
        }
    }

    proptest! {
        /// Anywhere on the globe both ways lead back to within a step of the code, which in the air is
        /// 5.1 m of latitude and at most 16 m of longitude, by the poles; on the ground a quarter.
        #[test]
        fn positions_lead_back(lat in -89.9f64..89.9, lon in -180.0f64..180.0, odd: bool) {
            let place = position(lat, lon);
            let (earlier, later) = (encode(place, !odd, false), encode(place, odd, false));
            if let Some(got) = global(earlier, later) {
                prop_assert!(got.distance_m(place) < 10.0, "{:?} {:?}", got, place);
            } else {
                // Only where the two fall on different sides of a transition.
                let close = TRANSITIONS_DEG.iter().any(|t| (lat.abs() - t).abs() < 1e-3);
                prop_assert!(close || lat.abs() > 89.0, "{}", lat);
            }
            let near = place.offset(40.0, 20_000.0);
            if lat.abs() < 85.0 {
                let got = local(later, near).unwrap();
                prop_assert!(got.distance_m(place) < 6.0, "{:?} {:?}", got, place);
                let ground = (encode(place, !odd, true), encode(place, odd, true));
                if let Some(got) = global_surface(ground.0, ground.1, near) {
                    prop_assert!(got.distance_m(place) < 2.0, "{:?} {:?}", got, place);
                }
            }
        }
    }
}
