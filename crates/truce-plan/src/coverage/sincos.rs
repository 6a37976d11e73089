//! Sine and cosine together, the same on every machine, in a few nanoseconds: additions and
//! multiplications alone, without a table and almost without a branch.
//!
//! The polynomials are those of fdlibm (Sun Microsystems 1993: `k_sin.c`, `k_cos.c`), the reduction
//! that of Cody and Waite (1980) with π/2 in two parts of 33 and 53 bits.

use super::lanes::{Lanes, Mask};

/// Beyond it the reduction would lose digits.
const ANGLE_MAX: f64 = 1e6;
/// Adding and taking away 1.5 · 2⁵² rounds to a whole number.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// The first 33 bits of π/2, and the rest.
const HALF_PI: [f64; 2] = [1.570_796_326_734_125_6, 6.077_100_506_506_192e-11];

/// Sine and cosine of an angle, rad, both to 2e-16.
#[inline]
pub(super) fn sincos(x: f64) -> (f64, f64) {
    let (s, c) = sincos_lanes(Lanes([x]));
    (s.0[0], c.0[0])
}

/// Sines and cosines of angles, rad, all to 2e-16.
#[inline(always)]
pub(super) fn sincos_lanes<const N: usize>(x: Lanes<N>) -> (Lanes<N>, Lanes<N>) {
    let quarters = x * std::f64::consts::FRAC_2_PI + ROUND;
    // The low bits of the rounded sum are the whole number itself.
    let quarter = quarters.0.map(f64::to_bits);
    let quarters = quarters - ROUND;
    let (s, c) = sincos_small((x - quarters * HALF_PI[0]) - quarters * HALF_PI[1]);
    let even = Mask(quarter.map(|quarter| (quarter & 1).wrapping_sub(1)));
    let sine = negated(even.choose(s, c), quarter);
    let cosine = negated(even.choose(c, s), quarter.map(|quarter| quarter + 1));
    let in_reach = x.abs().below(ANGLE_MAX);
    if in_reach.is_full() {
        (sine, cosine)
    } else {
        (
            in_reach.choose(sine, Lanes(x.0.map(libm::sin))),
            in_reach.choose(cosine, Lanes(x.0.map(libm::cos))),
        )
    }
}

/// Turns the sign where the second bit is set.
#[inline(always)]
fn negated<const N: usize>(value: Lanes<N>, bits: [u64; N]) -> Lanes<N> {
    Lanes(std::array::from_fn(|i| {
        f64::from_bits(value.0[i].to_bits() ^ (bits[i] & 2) << 62)
    }))
}

/// Sines and cosines of angles between −π/4 and π/4.
#[inline(always)]
pub(super) fn sincos_small<const N: usize>(x: Lanes<N>) -> (Lanes<N>, Lanes<N>) {
    let z = x * x;
    let sine = z * (1.589_690_995_211_55e-10) - 2.505_076_025_340_686_3e-8;
    let sine = 8.333_333_333_322_49e-3
        + z * (-1.984_126_982_985_795e-4 + z * (2.755_731_370_707_006_8e-6 + z * sine));
    let sine = x + x * z * (-1.666_666_666_666_663_2e-1 + z * sine);
    let cosine = 2.087_572_321_298_175e-9 - z * 1.135_964_755_778_819_5e-11;
    let cosine = 2.480_158_728_947_673e-5 + z * (-2.755_731_435_139_066_3e-7 + z * cosine);
    let cosine = 4.166_666_666_666_66e-2 + z * (-1.388_888_888_887_411e-3 + z * cosine);
    (sine, 1.0 - (0.5 * z - z * z * cosine))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(x: f64) {
        let ((s, c), (sine, cosine)) = (sincos(x), libm::sincos(x));
        assert!(
            (s - sine).abs() < 3e-16 && (c - cosine).abs() < 3e-16,
            "{x}: {s} {sine}, {c} {cosine}"
        );
    }

    #[test]
    fn quarters_of_the_circle() {
        for quarter in -9..=9 {
            for off in [-1e-9, 0.0, 1e-9, 0.785, -0.785] {
                check(f64::from(quarter) * std::f64::consts::FRAC_PI_2 + off);
            }
        }
        let (s, c) = sincos(f64::NAN);
        assert!(s.is_nan() && c.is_nan());
    }

    proptest! {
        #[test]
        fn libm_finds_the_same(x in prop_oneof![-10.0f64..10.0, -2e6f64..2e6]) {
            check(x);
        }
    }
}
