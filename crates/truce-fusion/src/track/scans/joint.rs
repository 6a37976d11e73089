//! Which plot belongs to which object: joint probabilities over all ways to give each object at
//! most one plot and each plot at most one object.
//!
//! Objects and plots that compete, directly or through others, form a cluster. A small cluster is
//! summed up exactly; a large one by loopy belief propagation (Williams and Lau 2014), whose
//! rounds are bounded.

/// An object's plot with the odds that they belong together: against the object having no plot
/// times the plot having no object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) object: u32,
    pub(super) plot: u32,
    pub(super) odds: f64,
    /// The joint probability: what this room finds.
    pub(super) probability: f64,
}

/// Ways to pair a cluster that are summed up one by one; beyond, beliefs are propagated.
const EXACT_WAYS_MAX: f64 = 2_000.0;
/// Plots in a cluster that is summed up exactly: the bits of a word.
const EXACT_PLOTS_MAX: usize = 64;
/// Rounds of belief propagation.
const ROUNDS_MAX: usize = 60;
/// Beliefs that change by less have settled.
const SETTLED: f64 = 1e-6;

/// Buffers kept from scan to scan.
#[derive(Debug, Clone, Default)]
pub(super) struct Joint {
    /// Union-find over objects, then the clusters' objects in order.
    root: Vec<u32>,
    /// The first object that met each plot.
    owner: Vec<u32>,
    /// Pairs sorted by cluster, then object, as indices.
    cluster_of_pair: Vec<(u32, u32)>,
    /// Per plot: its bit in the cluster's word, or its sum of messages.
    bit: Vec<u32>,
    sum: Vec<f64>,
    messages: Vec<f64>,
    exact: Exact,
}

impl Joint {
    /// Fills in the probabilities of all pairs, which come in order of objects.
    pub(super) fn solve(&mut self, pairs: &mut [Pair], object_count: usize, plot_count: usize) {
        self.find_clusters(pairs, object_count, plot_count);
        self.bit.resize(plot_count.max(self.bit.len()), 0);
        self.sum.resize(plot_count.max(self.sum.len()), 0.0);
        let order = std::mem::take(&mut self.cluster_of_pair);
        for cluster in order.chunk_by(|a, b| a.0 == b.0) {
            self.solve_cluster(pairs, cluster);
        }
        self.cluster_of_pair = order;
    }

    fn find_clusters(&mut self, pairs: &[Pair], object_count: usize, plot_count: usize) {
        const NOBODY: u32 = u32::MAX;
        self.root.clear();
        self.root.extend((0..).take(object_count));
        self.owner.clear();
        self.owner.resize(plot_count, NOBODY);
        for pair in pairs {
            let owner = &mut self.owner[pair.plot as usize];
            if *owner == NOBODY {
                *owner = pair.object;
            } else {
                let (a, b) = (
                    find(&mut self.root, *owner),
                    find(&mut self.root, pair.object),
                );
                // The lowest object names the cluster, whatever the order of joining.
                self.root[a.max(b) as usize] = a.min(b);
            }
        }
        self.cluster_of_pair.clear();
        for (index, pair) in (0..).zip(pairs) {
            let root = find(&mut self.root, pair.object);
            self.cluster_of_pair.push((root, index));
        }
        self.cluster_of_pair.sort_unstable();
    }

    fn solve_cluster(&mut self, pairs: &mut [Pair], cluster: &[(u32, u32)]) {
        let first = pairs[cluster[0].1 as usize];
        let pair = |(_, index): &(u32, u32)| pairs[*index as usize];
        if cluster.iter().all(|one| pair(one).object == first.object)
            || cluster.iter().all(|one| pair(one).plot == first.plot)
        {
            let all: f64 = 1.0 + cluster.iter().map(|one| pair(one).odds).sum::<f64>();
            for (_, index) in cluster {
                let pair = &mut pairs[*index as usize];
                pair.probability = pair.odds / all;
            }
            return;
        }
        let by_object = cluster.chunk_by(|a, b| pair(a).object == pair(b).object);
        let ways: f64 = by_object.map(|one| one.len() as f64 + 1.0).product();
        if ways <= EXACT_WAYS_MAX && cluster.len() <= EXACT_PLOTS_MAX {
            self.exact.solve(pairs, cluster, &mut self.bit);
        } else {
            self.propagate(pairs, cluster);
        }
    }

    /// Loopy belief propagation: `messages` holds each plot's answer to its object.
    fn propagate(&mut self, pairs: &mut [Pair], cluster: &[(u32, u32)]) {
        self.messages.clear();
        self.messages.resize(cluster.len(), 1.0);
        for _ in 0..ROUNDS_MAX {
            for (_, index) in cluster {
                self.sum[pairs[*index as usize].plot as usize] = 1.0;
            }
            // Each object asks for each of its plots: the odds against its other choices.
            self.each_object(pairs, cluster, |weight, odds, all| odds / (all - weight));
            for (_, index) in cluster {
                let pair = &pairs[*index as usize];
                self.sum[pair.plot as usize] += pair.probability;
            }
            let mut change: f64 = 0.0;
            for ((_, index), message) in cluster.iter().zip(&mut self.messages) {
                let pair = &pairs[*index as usize];
                let answer = 1.0 / (self.sum[pair.plot as usize] - pair.probability);
                change = change.max((answer - *message).abs());
                *message = answer;
            }
            if change < SETTLED {
                break;
            }
        }
        self.each_object(pairs, cluster, |weight, _, all| weight / all);
    }

    /// Sets each pair's probability to a function of its weight (odds times the plot's answer), its
    /// odds and the summed weight of all choices of its object.
    fn each_object(
        &self,
        pairs: &mut [Pair],
        cluster: &[(u32, u32)],
        value: impl Fn(f64, f64, f64) -> f64,
    ) {
        let mut from = 0;
        while from < cluster.len() {
            let object = pairs[cluster[from].1 as usize].object;
            let (mut to, mut all) = (from, 1.0);
            while to < cluster.len() && pairs[cluster[to].1 as usize].object == object {
                all += pairs[cluster[to].1 as usize].odds * self.messages[to];
                to += 1;
            }
            for at in from..to {
                let pair = &mut pairs[cluster[at].1 as usize];
                pair.probability = value(pair.odds * self.messages[at], pair.odds, all);
            }
            from = to;
        }
    }
}

fn find(root: &mut [u32], mut object: u32) -> u32 {
    while root[object as usize] != object {
        let up = root[root[object as usize] as usize];
        root[object as usize] = up;
        object = up;
    }
    object
}

/// Sums up the ways to pair a small cluster. Of the ways that give the same objects the same plots
/// in another permutation only the most probable one counts (Blom and Bloem 2000, "JPDA*"): two
/// objects that meet then keep apart instead of both moving to the middle.
#[derive(Debug, Clone, Default)]
struct Exact {
    /// Where each object's pairs begin in the cluster, and where the last one's end.
    begins: Vec<usize>,
    /// Per pair of the cluster: odds, bit of the plot.
    odds: Vec<f64>,
    bits: Vec<u64>,
    /// Every way: the bits of its pairs' objects and plots, its weight.
    ways: Vec<Way>,
}

#[derive(Debug, Clone, Copy)]
struct Way {
    objects: u64,
    plots: u64,
    pairs: u64,
    weight: f64,
}

impl Exact {
    fn solve(&mut self, pairs: &mut [Pair], cluster: &[(u32, u32)], bit: &mut [u32]) {
        self.begins.clear();
        self.odds.clear();
        self.bits.clear();
        for (_, index) in cluster {
            bit[pairs[*index as usize].plot as usize] = u32::MAX;
        }
        let (mut bits, mut object) = (0, u32::MAX);
        for (at, (_, index)) in cluster.iter().enumerate() {
            let pair = &mut pairs[*index as usize];
            pair.probability = 0.0;
            if pair.object != object {
                object = pair.object;
                self.begins.push(at);
            }
            let bit = &mut bit[pair.plot as usize];
            if *bit == u32::MAX {
                *bit = bits;
                bits += 1;
            }
            self.odds.push(pair.odds);
            self.bits.push(1 << *bit);
        }
        self.begins.push(cluster.len());
        self.ways.clear();
        let none = Way {
            objects: 0,
            plots: 0,
            pairs: 0,
            weight: 1.0,
        };
        self.list(0, none);
        self.ways.sort_by(|a, b| {
            let key = |way: &Way| (way.objects, way.plots);
            key(a).cmp(&key(b)).then(b.weight.total_cmp(&a.weight))
        });
        self.ways.dedup_by_key(|way| (way.objects, way.plots));
        let all: f64 = self.ways.iter().map(|way| way.weight).sum();
        for way in &self.ways {
            let mut left = way.pairs;
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                left &= left - 1;
                pairs[cluster[at].1 as usize].probability += way.weight / all;
            }
        }
    }

    /// Lists all ways to pair the objects from one on.
    fn list(&mut self, object: usize, way: Way) {
        if object + 1 == self.begins.len() {
            self.ways.push(way);
            return;
        }
        self.list(object + 1, way);
        for at in self.begins[object]..self.begins[object + 1] {
            if way.plots & self.bits[at] == 0 {
                let next = Way {
                    objects: way.objects | 1 << object,
                    plots: way.plots | self.bits[at],
                    pairs: way.pairs | 1 << at,
                    weight: way.weight * self.odds[at],
                };
                self.list(object + 1, next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solved(odds: &[(u32, u32, f64)], exact: bool) -> Vec<f64> {
        let pair = |&(object, plot, odds): &(u32, u32, f64)| Pair {
            object,
            plot,
            odds,
            probability: 0.0,
        };
        let mut pairs: Vec<Pair> = odds.iter().map(pair).collect();
        let mut joint = Joint::default();
        joint.solve(&mut pairs, 8, 8);
        if !exact {
            let cluster: Vec<(u32, u32)> = (0..).take(pairs.len()).map(|at| (0, at)).collect();
            joint.propagate(&mut pairs, &cluster);
        }
        pairs.iter().map(|pair| pair.probability).collect()
    }

    fn check(odds: &[(u32, u32, f64)], expected: &[f64]) {
        let found = solved(odds, true);
        let near = found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(
            near && found.len() == expected.len(),
            "{found:?} {expected:?}"
        );
    }

    #[test]
    fn probabilities_sum_over_all_ways() {
        check(&[(0, 0, 3.0)], &[0.75]);
        check(&[(0, 0, 1.0), (0, 1, 2.0)], &[0.25, 0.5]);
        check(&[(0, 0, 1.0), (1, 0, 2.0)], &[0.25, 0.5]);
        // Ways: none 1, a0 2, a1 3, b1 5, a0 b1 10; object 1 has no plot 0.
        let all = 21.0;
        let expected = [12.0 / all, 3.0 / all, 15.0 / all];
        check(&[(0, 0, 2.0), (0, 1, 3.0), (1, 1, 5.0)], &expected);
    }

    #[test]
    fn of_two_permutations_the_better_counts() {
        // Ways: 1, singles 9 + 1 + 1 + 9, both straight 81; crosswise (1) is left out.
        let odds = [(0, 0, 9.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 9.0)];
        let expected = [90.0, 1.0, 1.0, 90.0].map(|weight| weight / 102.0);
        check(&odds, &expected);
    }

    /// On a cluster without a loop propagation is exact.
    #[test]
    fn propagation_agrees_with_the_sum() {
        let odds = [
            (0, 0, 2.0),
            (0, 1, 3.0),
            (1, 1, 5.0),
            (1, 2, 0.5),
            (2, 2, 4.0),
        ];
        for (a, b) in solved(&odds, true).iter().zip(solved(&odds, false)) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    /// More ways than are summed up one by one: nobody gets more than one of anything.
    #[test]
    fn a_large_cluster_is_bounded() {
        let odds: Vec<(u32, u32, f64)> = (0..8)
            .flat_map(|object| (0..8).map(move |plot| (object, plot, f64::from(1 + object * plot))))
            .collect();
        let found = solved(&odds, true);
        for object in found.chunks(8) {
            let all: f64 = object.iter().sum();
            assert!(all > 0.5 && all < 1.0 + 1e-6, "{all}");
        }
        for plot in 0..8 {
            let all: f64 = (0..8).map(|object| found[object * 8 + plot]).sum();
            assert!(all < 1.0 + 1e-3, "{all}");
        }
    }
}
