//! Detection probability of an event at a place: P = 1 − Π (1 − Pᵢ), with the chances that many
//! means share.
//!
//! Scheduled looks (satellites) are averaged exactly over the moment at which the event begins: a
//! Poisson model would overstate those that come at fixed times. Random looks (patrols, ships,
//! aircraft in turns) and fixed instruments do not depend on that moment. What blinds several means
//! at once is not averaged away: each state of the outages has a probability of its own.

use super::access::Access;

/// Most outages that are told apart: 256 states.
pub const OUTAGES_MAX: usize = 8;

/// A chance to see an event, apart from its moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Glance {
    /// Comes by so many times on average, at random, and sees with a probability each time.
    Random {
        /// Expected number of looks while the event lasts.
        looks: f64,
        /// Chance to see at one look.
        probability: f64,
    },
    /// Sees with a probability, once.
    Fixed {
        /// Chance to see.
        probability: f64,
    },
}

impl Glance {
    /// The chance to see nothing. A Poisson number of looks, each of which misses with 1 − p, misses
    /// with exp(−looks · p).
    #[must_use]
    pub fn miss(&self) -> f64 {
        match self {
            Self::Random { looks, probability } => libm::exp(-looks * probability),
            Self::Fixed { probability } => 1.0 - probability,
        }
    }
}

/// A glance and the outages that blind it, one bit each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposed {
    /// The glance.
    pub glance: Glance,
    /// Outages that blind it.
    pub blinded_by: u8,
}

/// What an observer makes of an access.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pass {
    /// Chance that the access sees the event, everything counted.
    pub probability: f64,
    /// For how long before the access the event may have begun, seconds.
    pub lasts_s: f64,
    /// Outages that blind it.
    pub blinded_by: u8,
}

/// Chance to detect an event that begins at any moment of the plan alike.
///
/// `passes` says for each observer what an access is worth; `outages` are the probabilities of the
/// outages, which hold or not independently of each other for the whole event.
#[must_use]
pub fn detection(
    accesses: &[Access],
    length_s: f64,
    passes: &[Pass],
    glances: &[Exposed],
    outages: &[f64],
) -> f64 {
    let misses = scheduled_misses(accesses, length_s, passes, outages.len());
    join(&misses, glances, outages)
}

/// Chance that no scheduled look sees the event, for each state of the outages.
#[must_use]
pub fn scheduled_misses(
    accesses: &[Access],
    length_s: f64,
    passes: &[Pass],
    outages: usize,
) -> Vec<f64> {
    let concerned = passes
        .iter()
        .fold(0, |bits, pass| bits | usize::from(pass.blinded_by));
    let mut misses = Vec::new();
    for state in 0..1usize << outages.min(OUTAGES_MAX) {
        // Outages that blind no satellite change nothing: the same state without them came before.
        let alike = state & concerned;
        let miss = misses.get(alike).copied().unwrap_or_else(|| {
            let blinded = |bits: u8| usize::from(bits) & state != 0;
            scheduled_miss(accesses, length_s, passes, &blinded)
        });
        misses.push(miss);
    }
    misses
}

/// Joins scheduled looks with the others: the chance to detect, over all states of the outages.
#[must_use]
pub fn join(misses: &[f64], glances: &[Exposed], outages: &[f64]) -> f64 {
    let mut missed = 0.0;
    for (state, miss) in misses.iter().enumerate() {
        let mut chance = 1.0;
        for (i, outage) in outages.iter().take(OUTAGES_MAX).enumerate() {
            chance *= if state >> i & 1 == 1 {
                *outage
            } else {
                1.0 - outage
            };
        }
        let open = glances
            .iter()
            .filter(|glance| usize::from(glance.blinded_by) & state == 0);
        missed += chance * miss * open.map(|open| open.glance.miss()).product::<f64>();
    }
    // Rounding may leave a chance a hair below zero.
    (1.0 - missed).max(0.0)
}

/// Chance that no access sees an event, averaged over its beginning in `[0, length)`. An access at t
/// can see events that began in (t − lasts, t]; between such borders the chance is constant.
fn scheduled_miss(
    accesses: &[Access],
    length_s: f64,
    passes: &[Pass],
    blinded: &dyn Fn(u8) -> bool,
) -> f64 {
    let mut borders: Vec<(f64, f64, bool)> = Vec::with_capacity(2 * accesses.len());
    for access in accesses {
        let pass = passes[usize::from(access.observer)];
        let begins = (access.at_s - pass.lasts_s).max(0.0);
        if pass.probability > 0.0 && begins < length_s && !blinded(pass.blinded_by) {
            let miss = (1.0 - pass.probability).max(LEAST_MISS);
            borders.push((begins, miss, true));
            borders.push((access.at_s.min(length_s), miss, false));
        }
    }
    borders.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut last, mut miss, mut open) = (0.0, 0.0, 1.0, 0u32);
    for (at_s, factor, enters) in borders {
        sum += (at_s - last) * miss;
        last = at_s;
        if enters {
            open += 1;
            miss *= factor;
        } else {
            open -= 1;
            // With none left the product is one again, whatever rounding made of it.
            miss = if open == 0 { 1.0 } else { miss / factor };
        }
    }
    (sum + (length_s - last) * miss) / length_s
}

/// A certain look misses with this, so that products can be divided again.
const LEAST_MISS: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    use super::*;

    const LENGTH_S: f64 = 86_400.0;
    /// Events of one simulation; its standard error is then below 0.0005.
    const EVENTS: u32 = 1_000_000;

    struct Dice(ChaCha8Rng);

    impl Dice {
        /// A number in [0, 1).
        fn draw(&mut self) -> f64 {
            (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
        }

        fn poisson(&mut self, mean: f64) -> u32 {
            let (limit, mut product, mut n) = (libm::exp(-mean), self.draw(), 0);
            while product > limit {
                product *= self.draw();
                n += 1;
            }
            n
        }
    }

    /// Whether one drawn event is seen: its moment, the outages, every look by itself.
    fn is_seen(
        dice: &mut Dice,
        accesses: &[Access],
        passes: &[Pass],
        glances: &[Exposed],
        outages: &[f64],
    ) -> bool {
        let begins = dice.draw() * LENGTH_S;
        let mut state = 0u8;
        for (i, outage) in outages.iter().enumerate() {
            state |= u8::from(dice.draw() < *outage) << i;
        }
        let mut seen = false;
        for access in accesses {
            let pass = passes[usize::from(access.observer)];
            let in_time = begins <= access.at_s && access.at_s < begins + pass.lasts_s;
            if in_time && pass.blinded_by & state == 0 {
                seen |= dice.draw() < pass.probability;
            }
        }
        for exposed in glances
            .iter()
            .filter(|exposed| exposed.blinded_by & state == 0)
        {
            let (looks, probability) = match exposed.glance {
                Glance::Random { looks, probability } => (dice.poisson(looks), probability),
                Glance::Fixed { probability } => (1, probability),
            };
            for _ in 0..looks {
                seen |= dice.draw() < probability;
            }
        }
        seen
    }

    /// Scheduled, random and fixed means, alone, mixed, and with outages that several share,
    /// drawn anew from every seed.
    #[test]
    fn a_simulation_of_a_million_events_agrees() {
        for seed in 0..4u64 {
            let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
            let outages: Vec<f64> = (0..3).map(|_| 0.3 * dice.draw()).collect();
            let bits = |dice: &mut Dice| dice.0.next_u64().to_le_bytes()[0] & 7;
            let scheduled = if seed == 1 { 0 } else { 12 };
            let mut accesses: Vec<Access> = (0..scheduled)
                .map(|i| Access {
                    at_s: dice.draw() * LENGTH_S * 1.1,
                    observer: i % 3,
                })
                .collect();
            accesses.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            let passes: Vec<Pass> = (0..3)
                .map(|_| Pass {
                    probability: dice.draw(),
                    lasts_s: 20_000.0 * dice.draw(),
                    blinded_by: if seed == 0 { 0 } else { bits(&mut dice) },
                })
                .collect();
            let mut glances = Vec::new();
            if seed > 0 {
                glances.push(Exposed {
                    glance: Glance::Random {
                        looks: 0.7 * dice.draw(),
                        probability: dice.draw(),
                    },
                    blinded_by: bits(&mut dice),
                });
                glances.push(Exposed {
                    glance: Glance::Fixed {
                        probability: 0.4 * dice.draw(),
                    },
                    blinded_by: bits(&mut dice),
                });
            }
            let computed = detection(&accesses, LENGTH_S, &passes, &glances, &outages);
            let mut seen = 0u32;
            for _ in 0..EVENTS {
                seen += u32::from(is_seen(&mut dice, &accesses, &passes, &glances, &outages));
            }
            let simulated = f64::from(seen) / f64::from(EVENTS);
            let off = (computed - simulated).abs();
            assert!(
                off < 0.002,
                "seed {seed}: computed {computed}, simulated {simulated}"
            );
        }
    }

    /// Two looks a day see something that lasts an hour in two hours of the day, not more.
    #[test]
    fn satellites_see_almost_nothing_that_lasts_minutes() {
        let accesses = [0.25, 0.75].map(|part| Access {
            at_s: part * LENGTH_S,
            observer: 0,
        });
        for (lasts_s, expected) in [
            (60.0, 120.0 / LENGTH_S),
            (3_600.0, 2.0 / 24.0),
            (LENGTH_S, 0.75),
        ] {
            let passes = [Pass {
                probability: 1.0,
                lasts_s,
                blinded_by: 0,
            }];
            let found = detection(&accesses, LENGTH_S, &passes, &[], &[]);
            assert!((found - expected).abs() < 1e-9, "{lasts_s}: {found}");
        }
    }

    #[test]
    fn a_shared_outage_is_not_averaged_away() {
        let glance = Exposed {
            glance: Glance::Fixed { probability: 0.9 },
            blinded_by: 1,
        };
        let found = detection(&[], LENGTH_S, &[], &[glance; 3], &[0.5]);
        assert!((found - 0.5 * 0.999).abs() < 1e-12, "{found}");
    }
}
