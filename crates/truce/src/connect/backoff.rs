//! How long to wait before trying again: twice as long after each failure, up to a bound, and less by
//! a share that differs from feed to feed, so that the feeds of a server that comes back do not all
//! return in one moment. Seeded by the feed's name: the same feed waits the same times.

use std::time::Duration;

use truce_core::{Digest, Slug};

/// The wait after the first failure, before jitter, seconds.
const FIRST_S: f64 = 1.0;

/// No wait is longer, seconds: an operator who repaired a cable looks for about a minute.
const LONGEST_S: f64 = 60.0;

/// Waits that double, with jitter.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    random: u64,
    wait_s: f64,
}

impl Backoff {
    /// The waits of a feed.
    pub(crate) fn of(feed: &Slug) -> Self {
        let digest = Digest::of(feed.as_str().as_bytes());
        let mut seed = [0; 8];
        seed.copy_from_slice(&digest.0[..8]);
        Self {
            random: u64::from_be_bytes(seed),
            wait_s: FIRST_S,
        }
    }

    /// The next wait: between half of it and the whole.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let wait_s = self.wait_s * (0.5 + 0.5 * self.share());
        self.wait_s = (self.wait_s * 2.0).min(LONGEST_S);
        Duration::from_secs_f64(wait_s)
    }

    /// Begins anew after a success.
    pub(crate) fn reset(&mut self) {
        self.wait_s = FIRST_S;
    }

    /// A number in `[0, 1)`: SplitMix64 (Steele, Lea and Flood 2014), which needs no more than a word.
    fn share(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(feed: &str) -> Vec<f64> {
        let mut backoff = Backoff::of(&feed.parse().unwrap());
        (0..9).map(|_| backoff.next_wait().as_secs_f64()).collect()
    }

    #[test]
    fn waits_double_up_to_a_bound_within_their_jitter() {
        let ceilings = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0];
        for (wait, ceiling) in waits("ais-1").into_iter().zip(ceilings) {
            assert!((ceiling / 2.0..ceiling).contains(&wait), "{wait} {ceiling}");
        }
    }

    #[test]
    fn a_feed_waits_the_same_times_again_and_another_feed_others() {
        assert_eq!(waits("ais-1"), waits("ais-1"));
        assert_ne!(waits("ais-1"), waits("ais-2"));
        let mut backoff = Backoff::of(&"ais-1".parse().unwrap());
        for _ in 0..5 {
            backoff.next_wait();
        }
        backoff.reset();
        assert!(backoff.next_wait() <= Duration::from_secs(1));
    }
}
