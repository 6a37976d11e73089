//! The ways to explain a scan's plots: by objects known already, by new ones and by clutter.

use super::gate::Grid;
use super::joint::{Joint, Pair};
use super::modes::MODES;
use super::object::error;
use super::{Look, Object, Plot};

/// Gate on the squared Mahalanobis distance: 99.9 % of a χ² distribution with two degrees of
/// freedom.
const GATE_CHI2: f64 = 13.8;
/// An object claims a plot that is its own with this probability.
const CLAIM_MIN: f64 = 0.05;

/// One scan's hypotheses; the buffers are kept for the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Hypotheses {
    grid: Grid,
    joint: Joint,
    /// In order of objects.
    pub(super) pairs: Vec<Pair>,
    /// Beside each pair: the plot's density under each mode of the object, 1/m².
    pub(super) densities: Vec<[f64; MODES]>,
    /// Per plot: density of clutter there, 1/m².
    pub(super) clutter: Vec<f64>,
    /// Per plot: probability that it belongs to no object known before.
    pub(super) unclaimed: Vec<f64>,
    claimant: Vec<u32>,
}

impl Hypotheses {
    /// Finds the joint probabilities of objects and plots. New objects appear with a density
    /// `birth`, 1/m²; `self.clutter` is filled in already.
    pub(super) fn weigh(&mut self, objects: &[Object], plots: &[Plot], look: Look, birth: f64) {
        self.grid.fill(plots);
        self.pairs.clear();
        self.densities.clear();
        let largest = |axis: usize| plots.iter().map(|p| p.error_m2[axis]).fold(0.0, f64::max);
        let errors = [largest(0), largest(2)];
        for (index, object) in (0..).zip(objects) {
            self.gate(index, object, plots, errors);
            let detection = look.chance(object);
            let silent = 1.0 - object.existence * detection;
            let own = self
                .pairs
                .iter_mut()
                .rev()
                .take_while(|pair| pair.object == index);
            for pair in own {
                let other = self.clutter[pair.plot as usize] + birth;
                pair.odds *= object.existence * detection / (silent * other);
            }
        }
        self.joint
            .solve(&mut self.pairs, objects.len(), plots.len());
        self.unclaimed.clear();
        self.unclaimed.resize(plots.len(), 1.0);
        for pair in &self.pairs {
            let left = &mut self.unclaimed[pair.plot as usize];
            *left = (*left - pair.probability).max(0.0);
        }
    }

    /// Lists the plots in an object's gate, for now with their density as odds.
    fn gate(&mut self, index: u32, object: &Object, plots: &[Plot], errors: [f64; 2]) {
        let (pairs, all_densities) = (&mut self.pairs, &mut self.densities);
        let all = object.modes.merged();
        let half = [all.pp.xx + errors[0], all.pp.yy + errors[1]];
        let half = half.map(|variance| (GATE_CHI2 * variance).sqrt());
        self.grid.visit(all.position, half, |plot| {
            let measured = &plots[plot as usize];
            let mut densities = [0.0; MODES];
            let (mut density, mut nearest) = (0.0, f64::MAX);
            for (mode, weight, gaussian) in object.modes.live() {
                let fit = gaussian.fit(measured.position_m, error(measured));
                nearest = nearest.min(fit.distance2);
                if nearest <= GATE_CHI2 {
                    densities[mode] = fit.density();
                    density += weight * densities[mode];
                }
            }
            if nearest <= GATE_CHI2 {
                pairs.push(Pair {
                    object: index,
                    plot,
                    odds: density,
                    probability: 0.0,
                });
                all_densities.push(densities);
            }
        });
    }

    /// Unites objects that claim a plot together and may be one: an object that was begun twice
    /// would be counted twice.
    pub(super) fn unite(&mut self, objects: &mut [Object], plot_count: usize) {
        const NOBODY: u32 = u32::MAX;
        self.claimant.clear();
        self.claimant.resize(plot_count, NOBODY);
        let claims = self
            .pairs
            .iter()
            .filter(|pair| pair.probability >= CLAIM_MIN);
        for pair in claims {
            let claimant = &mut self.claimant[pair.plot as usize];
            if *claimant == NOBODY {
                *claimant = pair.object;
                continue;
            }
            // Pairs come in order of objects, so the claimant is the older one.
            let (older, newer) = objects.split_at_mut(pair.object as usize);
            let (older, newer) = (&mut older[*claimant as usize], &mut newer[0]);
            let both = older.existence > 0.0 && newer.existence > 0.0;
            if both && older.may_be(newer) {
                older.absorb(newer);
            } else if newer.existence > older.existence {
                *claimant = pair.object;
            }
        }
    }
}
