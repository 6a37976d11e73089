//! A direction of a sound that no other reading joins. By itself it says no place; with the rates of
//! the classes, which fall with the distance from the line of contact, it does: the place is a
//! posterior along the direction, summed up over short stretches of it.

use super::estimate::{Estimate, SOUND_SHARE_SIGMA};
use super::plane::{Plane, Reading, Shape};
use super::solve::TRAVEL_S_MAX;
use super::weigh::Weights;
use crate::network::{CLASSES, SIZES};
use truce_core::EventClass;

/// Length of a stretch, metres: a fraction of how far an array hears small arms.
const STRETCH_M: f64 = 400.0;
/// Stretches with less than this share of all weight are left out.
const SHARE_MIN: f64 = 1e-4;
/// No sum is held to be less than this, so that it has a logarithm.
const SUM_MIN: f64 = 1e-30;
/// Points across the direction, in standard deviations, with the weights that give its variance
/// (Gauss–Hermite quadrature of degree five).
const ACROSS: [(f64, f64); 3] = [
    (-1.732_050_807_568_877_2, 1.0 / 6.0),
    (0.0, 2.0 / 3.0),
    (1.732_050_807_568_877_2, 1.0 / 6.0),
];

/// A stretch of a direction.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// From the observer, metres.
    distance_m: f64,
    /// Events to be expected here, of each class and size, times what was worked in so far.
    weights: [[f64; SIZES]; CLASSES],
}

/// A direction with what is believed along it.
#[derive(Debug, Clone)]
pub(crate) struct Direction {
    stretches: Vec<Stretch>,
    /// The weights of all stretches.
    sums: [[f64; SIZES]; CLASSES],
    observer: [f64; 2],
    angle: f64,
    sigma: f64,
    t_s: f64,
    sigma_s: f64,
    speed_m_s: f64,
}

impl Direction {
    /// The events that an ordinary day brings in the sector that a direction and its error allow,
    /// while a sound may have come from there; `None` for a reading that is no direction of a sound.
    pub(crate) fn new(plane: &Plane<'_>, reading: &Reading<'_>) -> Option<Self> {
        let Shape::Bearing { angle, sigma } = reading.shape else {
            return None;
        };
        let speed_m_s = reading.wave?.speed_m_s;
        if reading.candidate.said.launch {
            return None;
        }
        let model = &plane.network.models[reading.candidate.model];
        let range_m = model.range_m_max.min(TRAVEL_S_MAX * speed_m_s);
        let root_tau = std::f64::consts::TAU.sqrt();
        let mut direction = Self {
            stretches: Vec::new(),
            sums: [[0.0; SIZES]; CLASSES],
            observer: reading.at,
            angle,
            sigma,
            t_s: reading.t_s,
            sigma_s: reading.sigma_s,
            speed_m_s,
        };
        let mut distance_m = STRETCH_M / 2.0;
        while distance_m < range_m {
            let volume = distance_m * STRETCH_M * root_tau * sigma * root_tau * reading.sigma_s;
            let [x, y] = direction.ahead(0.0, distance_m);
            let line_m = plane.line.distance_m(x, y);
            let rates: [f64; CLASSES] =
                std::array::from_fn(|class| plane.priors.rate(class, line_m));
            direction.stretches.push(Stretch {
                distance_m,
                weights: rates.map(|rate| [rate * volume / SIZES as f64; SIZES]),
            });
            distance_m += STRETCH_M;
        }
        direction.add_up();
        Some(direction)
    }

    /// The weights of the classes so far.
    pub(crate) fn weights(&self) -> Weights {
        Weights(
            self.sums
                .map(|row| row.map(|sum| libm::log(sum.max(SUM_MIN)))),
        )
    }

    /// Works the reading itself in; gives its factor.
    pub(crate) fn hear(
        &mut self,
        plane: &Plane<'_>,
        reading: &Reading<'_>,
    ) -> [[f64; SIZES]; CLASSES] {
        let model = &plane.network.models[reading.candidate.model];
        let said = reading.candidate.said.class;
        let evenly = libm::log(std::f64::consts::TAU * self.sigma * self.sigma_s);
        let density = libm::exp(-evenly - reading.log_clutter);
        let gain = self.work_in(|distance_m, _| {
            let mut chances = model.chances(Some(distance_m));
            for (class, row) in chances.iter_mut().enumerate() {
                let says = model.says(class, said) * density;
                *row = row.map(|p| p * says);
            }
            chances
        });
        let least = SHARE_MIN * self.sums.as_flattened().iter().sum::<f64>();
        let weight = |stretch: &Stretch| stretch.weights.as_flattened().iter().sum::<f64>();
        self.stretches.retain(|stretch| weight(stretch) >= least);
        gain
    }

    /// Works a factor on the weights in, by the distance from the observer and the place; gives the
    /// natural logarithm of the factor on the sums.
    pub(crate) fn work_in(
        &mut self,
        mut factor: impl FnMut(f64, [f64; 2]) -> [[f64; SIZES]; CLASSES],
    ) -> [[f64; SIZES]; CLASSES] {
        for index in 0..self.stretches.len() {
            let distance_m = self.stretches[index].distance_m;
            let factors = factor(distance_m, self.ahead(0.0, distance_m));
            let stretch = &mut self.stretches[index];
            let weights = stretch.weights.as_flattened_mut().iter_mut();
            for (weight, factor) in weights.zip(factors.as_flattened()) {
                *weight *= factor;
            }
        }
        let mut gain = self.sums;
        self.add_up();
        let rows = gain.as_flattened_mut().iter_mut();
        for (gain, after) in rows.zip(self.sums.as_flattened()) {
            *gain = libm::log(after.max(SUM_MIN) / gain.max(SUM_MIN));
        }
        gain
    }

    /// The place and time of a use of weapons: mean and covariance.
    pub(crate) fn estimate(&self) -> Estimate {
        let (mut sum, mut mean) = (1e-300, [0.0; 3]);
        for (weight, row) in self.of_weapons() {
            sum += weight;
            for (mean, value) in mean.iter_mut().zip(row) {
                *mean += weight * value;
            }
        }
        let mean = mean.map(|mean| mean / sum);
        let mut covariance = [[0.0; 4]; 4];
        for (weight, row) in self.of_weapons() {
            for i in 0..3 {
                for j in 0..3 {
                    covariance[i][j] += weight / sum * (row[i] - mean[i]) * (row[j] - mean[j]);
                }
            }
        }
        covariance[2][2] += self.sigma_s * self.sigma_s;
        covariance[3][3] = SOUND_SHARE_SIGMA * SOUND_SHARE_SIGMA;
        Estimate {
            state: [mean[0], mean[1], mean[2], 0.0],
            covariance,
        }
    }

    /// Weights of weapons at points along and across the direction: east, north, time.
    fn of_weapons(&self) -> impl Iterator<Item = (f64, [f64; 3])> + '_ {
        self.stretches.iter().flat_map(move |stretch| {
            let classes = EventClass::ALL.iter().zip(&stretch.weights);
            let weapons = classes.filter(|(class, _)| class.uses_weapons());
            let weight: f64 = weapons.map(|(_, row)| row.iter().sum::<f64>()).sum();
            ACROSS.map(|(deviation, share)| {
                let [x, y] = self.ahead(deviation, stretch.distance_m);
                let t_s = self.t_s - stretch.distance_m / self.speed_m_s;
                (weight * share, [x, y, t_s])
            })
        })
    }

    /// The point at a distance from the observer, by standard deviations of the direction.
    fn ahead(&self, deviation: f64, distance_m: f64) -> [f64; 2] {
        let angle = self.angle + deviation * self.sigma;
        [
            self.observer[0] + distance_m * libm::sin(angle),
            self.observer[1] + distance_m * libm::cos(angle),
        ]
    }

    fn add_up(&mut self) {
        self.sums = [[0.0; SIZES]; CLASSES];
        for stretch in &self.stretches {
            let rows = self.sums.as_flattened_mut().iter_mut();
            for (sum, weight) in rows.zip(stretch.weights.as_flattened()) {
                *sum += weight;
            }
        }
    }
}
