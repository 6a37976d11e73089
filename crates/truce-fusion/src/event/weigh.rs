//! The weight of a hypothesised event against noise, by class and size.

use super::estimate::{Added, Estimate, LN_TAU, SOUND_SHARE_SIGMA};
use super::plane::{Plane, Reading};
use crate::network::{CLASSES, Model, SIZES};
use truce_core::EventClass;

/// The broad belief from which evidence is counted: standard deviations in metres and seconds. Any
/// values much above every reading's own give the same sums.
pub(crate) const BROAD_M: f64 = 50_000.0;
pub(crate) const BROAD_S: f64 = 1_000.0;

/// Natural logarithms of the weights of each class and size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weights(pub(crate) [[f64; SIZES]; CLASSES]);

impl Weights {
    /// The expected number of events in the broad volume around an estimate, of each class; the
    /// sizes share it evenly.
    pub(crate) fn prior(plane: &Plane<'_>, estimate: &Estimate) -> Self {
        let axes = axes(&estimate.covariance);
        let rates = plane.rates(estimate.state[0], estimate.state[1], axes);
        let volume = 1.5 * LN_TAU + 2.0 * libm::log(BROAD_M) + libm::log(BROAD_S);
        // The nuisance is at its estimate, not at its mean.
        let calm = -0.5 * (estimate.state[3] / SOUND_SHARE_SIGMA).powi(2);
        Self::of_classes(rates.map(|rate| libm::log(rate.max(1e-30)) + volume + calm))
    }

    /// Weights of classes, the sizes sharing each evenly.
    pub(crate) fn of_classes(weights: [f64; CLASSES]) -> Self {
        let share = libm::log(SIZES as f64);
        Self(weights.map(|weight| [weight - share; SIZES]))
    }

    /// Works in a factor per class and size.
    pub(crate) fn add(&mut self, factor: impl Fn(usize, usize) -> f64) {
        for (class, row) in self.0.iter_mut().enumerate() {
            for (size, weight) in row.iter_mut().enumerate() {
                *weight += factor(class, size);
            }
        }
    }

    /// The weights of the classes, sizes summed up.
    pub(crate) fn classes(&self) -> [f64; CLASSES] {
        self.0.map(|row| log_sum(&row))
    }

    /// The weight of a use of weapons.
    pub(crate) fn weapons(&self) -> f64 {
        let classes = EventClass::ALL.into_iter().zip(self.classes());
        let weapons = classes.filter(|(class, _)| class.uses_weapons());
        log_sum(&weapons.map(|(_, weight)| weight).collect::<Vec<_>>())
    }

    /// The weight of any event.
    pub(crate) fn total(&self) -> f64 {
        log_sum(&self.classes())
    }

    /// Probability of each class and size, when there is an event.
    pub(crate) fn shares(&self) -> [[f64; SIZES]; CLASSES] {
        let total = self.total();
        self.0
            .map(|row| row.map(|weight| libm::exp(weight - total)))
    }
}

/// ln Σ exp, without overflow.
pub(crate) fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    let sum: f64 = logs.iter().map(|log| libm::exp(log - most)).sum();
    most + libm::log(sum)
}

/// The axes of the error ellipse, each as long as its standard deviation, metres.
pub(crate) fn axes(p: &[[f64; 4]; 4]) -> [[f64; 2]; 2] {
    let (mean, half) = ((p[0][0] + p[1][1]) / 2.0, (p[0][0] - p[1][1]) / 2.0);
    let spread = libm::hypot(half, p[0][1]);
    let angle = 0.5 * libm::atan2(p[0][1], half);
    let (s, c) = (libm::sin(angle), libm::cos(angle));
    let (long, short) = (
        (mean + spread).max(0.0).sqrt(),
        (mean - spread).max(0.0).sqrt(),
    );
    [[long * c, long * s], [-short * s, short * c]]
}

/// The chance that whoever made a reading notices the event and names it so.
pub(crate) fn chance(
    plane: &Plane<'_>,
    reading: &Reading<'_>,
    estimate: &Estimate,
) -> [[f64; SIZES]; CLASSES] {
    let model = &plane.network.models[reading.candidate.model];
    let distance_m = plane.distance_m(reading, estimate.state[0], estimate.state[1]);
    let said = reading.candidate.said.class;
    let mut chances = model.chances(distance_m);
    for (class, row) in chances.iter_mut().enumerate() {
        let says = model.says(class, said);
        *row = row.map(|p| p * says);
    }
    chances
}

/// The share of a sensor's readings of an event that have come by now: as many in each second until
/// its longest delay has passed (own assumption; a mission states the longest delay alone).
fn spoken(model: &Model, after_s: f64) -> f64 {
    (after_s / model.latency_s_max.max(1.0)).clamp(0.0, 1.0)
}

/// The chance that a post has stayed silent on one of its channels until a time, seconds after the
/// epoch; `None` when it had nothing to say.
fn silence(
    plane: &Plane<'_>,
    post: usize,
    estimate: &Estimate,
    until_s: f64,
) -> Option<[[f64; SIZES]; CLASSES]> {
    let post = &plane.posts[post];
    let model = &plane.network.models[post.model];
    let distance_m = libm::hypot(
        estimate.state[0] - post.at[0],
        estimate.state[1] - post.at[1],
    );
    if distance_m > model.range_m_max {
        return None;
    }
    let share = spoken(model, until_s - estimate.state[2]);
    if share <= 0.0 {
        return None;
    }
    let chances = model.chances(Some(distance_m));
    Some(chances.map(|row| row.map(|p| 1.0 - share * p)))
}

/// A product of many chances of each class and size, and its natural logarithm: one logarithm serves
/// them all.
struct Product {
    chances: [[f64; SIZES]; CLASSES],
    logs: [[f64; SIZES]; CLASSES],
}

/// A product that falls below this is brought back to one before it leaves the range of numbers; a
/// single chance is never that small.
const PRODUCT_MIN: f64 = 1e-200;

impl Product {
    fn new() -> Self {
        Self {
            chances: [[1.0; SIZES]; CLASSES],
            logs: [[0.0; SIZES]; CLASSES],
        }
    }

    fn times(&mut self, factors: &[[f64; SIZES]; CLASSES]) {
        let logs = self.logs.as_flattened_mut().iter_mut();
        let products = self.chances.as_flattened_mut().iter_mut().zip(logs);
        for ((product, log), factor) in products.zip(factors.as_flattened()) {
            *product *= factor;
            if *product < PRODUCT_MIN {
                *log += libm::log(*product);
                *product = 1.0;
            }
        }
    }

    fn logarithm(&self, class: usize, size: usize) -> f64 {
        self.logs[class][size] + libm::log(self.chances[class][size])
    }
}

/// An event fitted to readings, all of it, with the silence of posts until a time, seconds after
/// the epoch. The later that is, the less an event weighs.
pub(crate) fn weigh(
    plane: &Plane<'_>,
    estimate: &Estimate,
    chosen: &[usize],
    until_s: f64,
) -> Weights {
    let mut weights = Weights::prior(plane, estimate);
    let mut broad = Estimate::around(estimate.state, BROAD_M, BROAD_S);
    let mut heard = vec![0usize; plane.posts.len()];
    let (mut ratio, mut product) = (0.0, Product::new());
    for &index in chosen {
        let reading = &plane.readings[index];
        let added = broad.join(reading, &estimate.state);
        ratio += log_ratio(reading, &added);
        product.times(&chance(plane, reading, estimate));
        if let Some(post) = reading.post {
            heard[post as usize] += 1;
        }
    }
    for (post, heard) in heard.into_iter().enumerate() {
        let channels = heard..plane.posts[post].channels;
        if channels.is_empty() {
            continue;
        }
        if let Some(silence) = silence(plane, post, estimate, until_s) {
            channels.for_each(|_| product.times(&silence));
        }
    }
    weights.add(|class, size| ratio + product.logarithm(class, size));
    weights
}

/// The density of a reading against noise, before it is asked how likely it was noticed at all.
pub(crate) fn log_ratio(reading: &Reading<'_>, added: &Added) -> f64 {
    added.log_density() - reading.log_clutter
}
