//! Numbers side by side: a formula written once for one instant or for several. The compiler makes
//! one instruction of two or more lanes where the processor has it; each lane has the same bits as
//! if it were alone.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// So many numbers at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lanes<const N: usize>(pub(super) [f64; N]);

/// For each lane all bits or none: what comparisons of lanes give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask<const N: usize>(pub(super) [u64; N]);

impl<const N: usize> Lanes<N> {
    /// The same number in every lane.
    #[inline(always)]
    pub(super) fn all(x: f64) -> Self {
        Self([x; N])
    }

    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    #[inline(always)]
    pub(super) fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }

    #[inline(always)]
    pub(super) fn abs(self) -> Self {
        self.map(f64::abs)
    }

    /// Where this is less than a bound; nowhere for what is not a number.
    #[inline(always)]
    pub(super) fn below(self, bound: f64) -> Mask<N> {
        Mask(self.0.map(|x| if x < bound { u64::MAX } else { 0 }))
    }

    /// Where this is a bound or more; nowhere for what is not a number.
    #[inline(always)]
    pub(super) fn at_least(self, bound: f64) -> Mask<N> {
        Mask(self.0.map(|x| if x >= bound { u64::MAX } else { 0 }))
    }

    /// Held between two bounds.
    #[inline(always)]
    pub(super) fn clamp(self, least: f64, most: f64) -> Self {
        let high = self.below(least).choose(Self::all(least), self);
        high.below(most).choose(high, Self::all(most))
    }
}

impl<const N: usize> Mask<N> {
    /// One where the mask is set, the other elsewhere.
    #[inline(always)]
    pub(super) fn choose(self, one: Lanes<N>, other: Lanes<N>) -> Lanes<N> {
        Lanes(std::array::from_fn(|i| {
            let (one, other) = (one.0[i].to_bits(), other.0[i].to_bits());
            f64::from_bits(one & self.0[i] | other & !self.0[i])
        }))
    }

    #[inline(always)]
    pub(super) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// True when it is set everywhere.
    #[inline(always)]
    pub(super) fn is_full(self) -> bool {
        self.0.iter().fold(u64::MAX, |all, lane| all & lane) == u64::MAX
    }
}

macro_rules! operate {
    ($($trait:ident $method:ident $operator:tt),*) => {$(
        impl<const N: usize> $trait for Lanes<N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $operator b)
            }
        }
        impl<const N: usize> $trait<f64> for Lanes<N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                self.map(|a| a $operator other)
            }
        }
        impl<const N: usize> $trait<Lanes<N>> for f64 {
            type Output = Lanes<N>;
            #[inline(always)]
            fn $method(self, other: Lanes<N>) -> Lanes<N> {
                other.map(|b| self $operator b)
            }
        }
    )*};
}

operate!(Add add +, Sub sub -, Mul mul *, Div div /);

impl<const N: usize> Neg for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|x| -x)
    }
}
