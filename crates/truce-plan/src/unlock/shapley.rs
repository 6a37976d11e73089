//! Shapley values (Shapley 1953): what each player adds on average over all orders of joining.

use super::sets::{all_of, keys};

/// Most players for whom every coalition is valued.
pub const EXACT_MAX: u32 = 16;
/// Orders of joining that are drawn when there are more players; the standard error of a value
/// between 0 and 1 is then below 0.5 / sqrt(4,096) = 0.008.
const ORDERS: u32 = 4_096;
/// Seed of the drawn orders: any fixed number will do, so that two runs give the same.
const SEED: u64 = 0x7472_7563_6500_0001;

/// The value of every player. True when exact, false when estimated from drawn orders.
pub fn shapley(count: u32, value: &mut dyn FnMut(u64) -> f64) -> (Vec<f64>, bool) {
    if count <= EXACT_MAX {
        (exact(count, value), true)
    } else {
        (estimate(count, value), false)
    }
}

/// φᵢ = Σ over coalitions S without i of |S|! (n − |S| − 1)! / n! · (v(S ∪ i) − v(S)).
fn exact(count: u32, value: &mut dyn FnMut(u64) -> f64) -> Vec<f64> {
    let all = all_of(count);
    let values: Vec<f64> = (0..=all).map(value).collect();
    // w(s) = s! (n − s − 1)! / n! = 1 / (n · C(n − 1, s)).
    let mut weights = Vec::new();
    let mut binomial = 1.0;
    for size in 0..count {
        weights.push(1.0 / (f64::from(count) * binomial));
        binomial *= f64::from(count - 1 - size) / f64::from(size + 1);
    }
    let mut shares = vec![0.0; weights.len()];
    for (set, without) in (0..=all).zip(&values) {
        for player in keys(all ^ set) {
            let with = usize::try_from(set | 1 << player).map_or(0.0, |with| values[with]);
            let weight = weights[set.count_ones() as usize];
            shares[player as usize] += weight * (with - without);
        }
    }
    shares
}

fn estimate(count: u32, value: &mut dyn FnMut(u64) -> f64) -> Vec<f64> {
    let mut shares = vec![0.0; count as usize];
    let mut order: Vec<u32> = (0..count).collect();
    let mut state = SEED;
    for _ in 0..ORDERS {
        for i in (1..order.len()).rev() {
            let below = (i + 1) as u64;
            order.swap(i, usize::try_from(next(&mut state) % below).unwrap_or(i));
        }
        let (mut set, mut before) = (0, value(0));
        for player in &order {
            set |= 1 << player;
            let after = value(set);
            shares[*player as usize] += (after - before) / f64::from(ORDERS);
            before = after;
        }
    }
    shares
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &[f64], b: &[f64], within: f64) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < within)
    }

    /// The glove game: player 0 has a left glove, 1 and 2 have right ones (Shapley's textbook case).
    #[test]
    fn gloves() {
        let mut value = |set: u64| f64::from(u8::from(set & 1 != 0 && set & 6 != 0));
        let (shares, exact) = shapley(3, &mut value);
        assert!(exact && close(&shares, &[4.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0], 1e-12));
        assert!(close(&estimate(3, &mut value), &shares, 0.02));
    }

    /// What is shared out is the whole, and players who are alike get the same.
    #[test]
    fn everything_is_shared_out() {
        let mut value =
            |set: u64| libm::sqrt(f64::from(set.count_ones())) + f64::from((set & 1) as u8);
        let (shares, _) = shapley(10, &mut value);
        let sum: f64 = shares.iter().sum();
        assert!((sum - value(all_of(10))).abs() < 1e-9, "{sum}");
        assert!(close(&shares[1..2], &shares[9..10], 1e-12));
        assert!((shares[0] - shares[1] - 1.0).abs() < 1e-9);
    }
}
