//! Random numbers from a seed: one independent stream per concern, so that adding one kind of event
//! does not reshuffle the others.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use truce_core::{Digest, Position};

/// A stream of random numbers.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a concern under a seed.
    pub(crate) fn new(seed: u64, concern: &str) -> Self {
        let digest = Digest::of_parts("truce sim", &[&seed.to_be_bytes(), concern.as_bytes()]);
        Self(ChaCha8Rng::from_seed(digest.0))
    }

    /// Uniform in `[0, 1)`, from the upper 53 bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with a probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number below `n`; zero when `n` is zero.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// One of several, or nothing of none.
    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// A whole number that is a mean rounded down or up, so that its own mean is that: for what
    /// should happen on every day.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn about(&mut self, mean: f64) -> usize {
        (mean + self.unit()) as usize
    }

    /// Exponentially distributed with a mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// Normally distributed (Box and Muller 1958).
    pub(crate) fn normal(&mut self, mean: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        mean + sigma * radius * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }

    /// Poisson distributed: counts exponential gaps, whose number stays near the mean.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        let (mut n, mut t) = (0, self.exponential(1.0));
        while t < mean {
            n += 1;
            t += self.exponential(1.0);
        }
        n
    }

    /// A position with a circular normal error around another.
    pub(crate) fn near(&mut self, position: Position, sigma_m: f64) -> Position {
        let (x_m, y_m) = (self.normal(0.0, sigma_m), self.normal(0.0, sigma_m));
        truce_core::Frame::at(position).to_position(x_m, y_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_seed_and_concern_only() {
        let first = |seed, concern| Stream::new(seed, concern).unit();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(2, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
    }

    /// Means of 20,000 draws lie within five standard errors of the distribution's mean.
    #[test]
    fn distributions_have_their_means() {
        const N: usize = 20_000;
        let mut stream = Stream::new(7, "test");
        let mut check =
            |name: &str, mean: f64, sigma: f64, draw: &mut dyn FnMut(&mut Stream) -> f64| {
                let sum: f64 = (0..N).map(|_| draw(&mut stream)).sum();
                let error = (sum / N as f64 - mean).abs();
                assert!(
                    error < 5.0 * sigma / (N as f64).sqrt(),
                    "{name}: off by {error}"
                );
            };
        check("unit", 0.5, 0.289, &mut Stream::unit);
        check("exponential", 3.0, 3.0, &mut |s| s.exponential(3.0));
        check("normal", -2.0, 4.0, &mut |s| s.normal(-2.0, 4.0));
        check("normal squared", 16.0, 22.7, &mut |s| {
            s.normal(0.0, 4.0).powi(2)
        });
        check("poisson", 12.5, 3.54, &mut |s| s.poisson(12.5) as f64);
    }
}
