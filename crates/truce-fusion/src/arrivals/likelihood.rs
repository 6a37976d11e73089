//! How much better the arrivals are explained with an event at a place and time than without it.
//!
//! Each channel (a station and a wave) of an event in clutter of density λ contributes the factor
//! `1 − P + P Σ N(residual)/λ`: it was missed, or one of the arrivals is its own (Bar-Shalom, Willett
//! and Tian 2011, section 3.4). Arrivals that other events claim count as clutter of a higher
//! density, in the way of sum-product association (Williams and Lau 2014), so that no two events
//! live on the same arrivals.

use super::model::{Area, Model, STRENGTHS, Seen};
use super::picks::Picks;

/// Numbers that describe an event at most: place, time, a deviation of the speed for each of three
/// waves, and two components of the wind.
pub(super) const STATE: usize = 8;
/// Kinds of wave at most.
const WAVES: usize = 3;
/// Residuals beyond so many standard deviations are no candidates.
const GATE: f64 = 4.0;
/// 1 / √(2π).
const GAUSS: f64 = 0.398_942_280_401_432_7;
/// Products of factors are brought back to one when they pass this or its inverse.
const RESCALE: f64 = 1e100;

/// A wave with its tables.
#[derive(Debug, Clone)]
pub(super) struct Medium {
    pub(super) slowness_s_m: f64,
    pub(super) pick_s_sigma: f64,
    /// Whether its picked times are sharp enough to tell where to look; the others come in when the
    /// place is known.
    pub(super) sharp: bool,
    pub(super) seen: Seen,
    /// Where the state has the relative deviation of the speed.
    speed: Option<usize>,
    /// Where the state has the wind's share of the speed to the east; that to the north follows.
    wind: Option<usize>,
}

/// What does not change while events are looked for.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// x and y by station, metres.
    pub(super) stations: Vec<[f64; 2]>,
    pub(super) media: Vec<Medium>,
    pub(super) area: Area,
    /// Numbers of the state that are in use.
    pub(super) size: usize,
    /// Standard deviation of what is known of them beforehand, from the fourth on.
    pub(super) sigma: State,
    falloff: Falloff,
}

/// A possible event: x and y in metres, seconds since the epoch, then relative deviations of speeds.
pub(super) type State = [f64; STATE];

/// Which waves count, and how far the true place may be from where they are expected to come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regard {
    /// Waves that are not sharp too.
    pub(super) all: bool,
    /// Standard deviation of the place that is allowed for, metres.
    pub(super) tolerance_m: f64,
}

/// An arrival that may be the event's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) pick: u32,
    pub(super) wave: usize,
    channel: usize,
    /// From the station to the event, metres.
    offset_m: [f64; 2],
    distance_m: f64,
    /// Picked less expected, seconds.
    pub(super) residual_s: f64,
    pub(super) variance_s2: f64,
    /// Its density over that of all other explanations.
    ratio: f64,
    /// The sum of that over the channel.
    channel_ratio: f64,
    /// Probability of being noticed there.
    seen: f64,
}

/// The arrivals that may be an event's, and what they are worth.
#[derive(Debug, Default, Clone)]
pub(super) struct Weighed {
    pub(super) terms: Vec<Term>,
    /// Natural logarithm of the likelihood with the event over that without.
    pub(super) log_ratio: f64,
}

impl Medium {
    /// What one standard deviation of a picked time is in distance, metres.
    pub(super) fn sharp_m(&self) -> f64 {
        self.pick_s_sigma / self.slowness_s_m
    }
}

impl Term {
    /// Probability that the arrival is the event's.
    pub(super) fn belief(&self) -> f64 {
        self.belief_after(1.0)
    }

    /// The same if its own density were so many times as great.
    pub(super) fn belief_after(&self, factor: f64) -> f64 {
        let own = self.seen * self.ratio * factor;
        let other = self.seen * (self.channel_ratio - self.ratio).max(0.0);
        own / (1.0 - self.seen + other + own)
    }

    /// The density of clutter that the event is to all others at this arrival, given what they
    /// themselves are to it (`rival`): its message to the arrival.
    pub(super) fn claim(&self, rival: f64) -> f64 {
        let other = self.seen * (self.channel_ratio - self.ratio).max(0.0);
        self.seen * self.ratio * rival / (1.0 - self.seen + other)
    }
}

impl Weighed {
    /// The terms of each channel.
    pub(super) fn channels(&self) -> impl Iterator<Item = &[Term]> {
        self.terms.chunk_by(|a, b| a.channel == b.channel)
    }
}

impl World {
    pub(super) fn new(stations: Vec<[f64; 2]>, model: &Model, area: Area) -> Self {
        let mut world = Self {
            stations,
            media: Vec::with_capacity(model.waves.len()),
            area,
            size: 3,
            sigma: [1.0; STATE],
            falloff: Falloff::new(),
        };
        for wave in model.waves.values() {
            let speed = world.unknown(wave.speed_m_s_sigma / wave.speed_m_s);
            let wind = world.unknown(wave.wind_m_s_sigma / wave.speed_m_s);
            world.unknown(wave.wind_m_s_sigma / wave.speed_m_s);
            world.media.push(Medium {
                slowness_s_m: 1.0 / wave.speed_m_s,
                pick_s_sigma: wave.pick_s_sigma,
                sharp: true,
                seen: Seen::new(&wave.reach),
                speed,
                wind,
            });
        }
        // A slow wave tells the place well but little of the time: no good start beside a fast one.
        let sharpest_m = world.media.iter().map(Medium::sharp_m).fold(0.0, f64::max);
        for medium in &mut world.media {
            medium.sharp = medium.sharp_m() > sharpest_m / 2.0;
        }
        world
    }

    /// Room for a number that is zero up to a standard deviation; none when it is zero.
    fn unknown(&mut self, sigma: f64) -> Option<usize> {
        let place = self.size;
        if sigma > 0.0 {
            self.sigma[place] = sigma;
            self.size += 1;
        }
        (sigma > 0.0).then_some(place)
    }

    /// Expected travel time, seconds.
    fn travel_s(&self, state: &State, wave: usize, offset_m: [f64; 2], distance_m: f64) -> f64 {
        let medium = &self.media[wave];
        let mut path_m = distance_m;
        if let Some(speed) = medium.speed {
            path_m -= state[speed] * distance_m;
        }
        if let Some(wind) = medium.wind {
            // The station lies against the offset: what blows its way shortens the path.
            path_m += state[wind] * offset_m[0] + state[wind + 1] * offset_m[1];
        }
        path_m * medium.slowness_s_m
    }

    /// Derivative of the expected time of an arrival by the state.
    pub(super) fn derivative(&self, state: &State, term: &Term) -> State {
        let medium = &self.media[term.wave];
        let slowness = medium.slowness_s_m;
        let per_m = slowness / term.distance_m.max(1.0);
        let [x, y] = term.offset_m.map(|offset_m| offset_m * per_m);
        let mut row = [x, y, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        if let Some(speed) = medium.speed {
            row[0] -= state[speed] * x;
            row[1] -= state[speed] * y;
            row[speed] = -term.distance_m * slowness;
        }
        if let Some(wind) = medium.wind {
            row[0] += state[wind] * slowness;
            row[1] += state[wind + 1] * slowness;
            row[wind] = term.offset_m[0] * slowness;
            row[wind + 1] = term.offset_m[1] * slowness;
        }
        row
    }

    /// Weighs an event. `rival` is the density of other explanations by pick, per second.
    pub(super) fn weigh(
        &self,
        picks: &Picks,
        rival: &[f64],
        state: &State,
        regard: Regard,
        weighed: &mut Weighed,
    ) {
        weighed.terms.clear();
        let regarded = |medium: &&Medium| medium.sharp || regard.all;
        let gates: [Option<Gate>; WAVES] = std::array::from_fn(|wave| {
            let medium = self.media.get(wave).filter(regarded)?;
            Some(Gate::new(medium, regard.tolerance_m))
        });
        let (mut product, mut log_scale) = ([1.0f64; STRENGTHS], 0.0);
        for (station, &[x_m, y_m]) in self.stations.iter().enumerate() {
            let offset_m = [state[0] - x_m, state[1] - y_m];
            let distance_m = (offset_m[0] * offset_m[0] + offset_m[1] * offset_m[1]).sqrt();
            let row = Seen::row(distance_m);
            for (wave, (medium, gate)) in self.media.iter().zip(&gates).enumerate() {
                let (Some(gate), Some(seen)) = (gate, medium.seen.at(row)) else {
                    continue;
                };
                let path = Path {
                    wave,
                    channel: station * self.media.len() + wave,
                    offset_m,
                    distance_m,
                    expected_s: state[2] + self.travel_s(state, wave, offset_m, distance_m),
                };
                let ratio = self.gather(picks, rival, gate, &path, &mut weighed.terms);
                for (product, seen) in product.iter_mut().zip(seen) {
                    *product *= 1.0 + seen * (ratio - 1.0);
                }
            }
            let total: f64 = product.iter().sum();
            if !(1.0 / RESCALE..RESCALE).contains(&total) {
                log_scale += libm::log(total);
                product.iter_mut().for_each(|product| *product /= total);
            }
        }
        let total: f64 = product.iter().sum();
        weighed.log_ratio = libm::log(total / STRENGTHS as f64) + log_scale;
        for term in &mut weighed.terms {
            let seen = self.media[term.wave].seen.at(Seen::row(term.distance_m));
            let weighted = seen.into_iter().flatten().zip(&product);
            term.seen = weighted.map(|(seen, weight)| seen * weight).sum::<f64>() / total;
        }
    }

    /// Adds the arrivals of a channel that may be the event's; the sum of their ratios.
    fn gather(
        &self,
        picks: &Picks,
        rival: &[f64],
        gate: &Gate,
        path: &Path,
        terms: &mut Vec<Term>,
    ) -> f64 {
        let (first, mut channel_ratio) = (terms.len(), 0.0);
        for entry in picks.near(path.channel, path.expected_s, gate.half_s) {
            let residual_s = entry.at_s - path.expected_s;
            let stated = f64::from(entry.sigma_s);
            let shape = if stated > 0.0 {
                Shape::new(stated * stated, gate.allowed_s2)
            } else {
                gate.shape
            };
            let half_chi2 = residual_s * residual_s * shape.half_precision;
            let ratio = shape.height * self.falloff.at(half_chi2) / rival[entry.pick as usize];
            channel_ratio += ratio;
            terms.push(Term {
                pick: entry.pick,
                wave: path.wave,
                channel: path.channel,
                offset_m: path.offset_m,
                distance_m: path.distance_m,
                residual_s,
                variance_s2: shape.variance_s2,
                ratio,
                channel_ratio: 0.0,
                seen: 0.0,
            });
        }
        for term in &mut terms[first..] {
            term.channel_ratio = channel_ratio;
        }
        channel_ratio
    }
}

/// How a wave comes from a possible event to a station.
struct Path {
    wave: usize,
    channel: usize,
    /// From the station to the event, metres.
    offset_m: [f64; 2],
    distance_m: f64,
    /// When it is expected, seconds since the epoch.
    expected_s: f64,
}

/// Which arrivals of a wave are looked at, and what those that state no error of their own weigh.
struct Gate {
    half_s: f64,
    /// Variance for the place's sake, beside that of the picked time.
    allowed_s2: f64,
    shape: Shape,
}

impl Gate {
    fn new(medium: &Medium, tolerance_m: f64) -> Self {
        let allowed_s = tolerance_m * medium.slowness_s_m;
        let shape = Shape::new(
            medium.pick_s_sigma * medium.pick_s_sigma,
            allowed_s * allowed_s,
        );
        Self {
            half_s: GATE * (shape.variance_s2 + allowed_s * allowed_s).sqrt(),
            allowed_s2: allowed_s * allowed_s,
            shape,
        }
    }
}

/// A normal density of residuals.
#[derive(Clone, Copy)]
struct Shape {
    /// Of the picked time alone, s².
    variance_s2: f64,
    /// Density at its middle, per second.
    height: f64,
    /// One over twice its variance.
    half_precision: f64,
}

impl Shape {
    fn new(variance_s2: f64, allowed_s2: f64) -> Self {
        let total_s2 = variance_s2 + allowed_s2;
        Self {
            variance_s2,
            height: GAUSS / total_s2.sqrt(),
            half_precision: 0.5 / total_s2,
        }
    }
}

/// `exp(−h)` for `h` of at least zero: a table with Taylor's series between its places, exact to a
/// part in 10¹¹; zero beyond the table.
#[derive(Debug, Clone)]
struct Falloff {
    table: Vec<f64>,
}

impl Falloff {
    const STEPS_PER_UNIT: f64 = 64.0;
    /// A stated error far below the model's makes residuals of many of its own standard deviations.
    const STEPS: u32 = 64 * 40;

    fn new() -> Self {
        let value = |step: u32| libm::exp(-f64::from(step) / Self::STEPS_PER_UNIT);
        Self {
            table: (0..Self::STEPS).map(value).collect(),
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Not negative; saturates.
    fn at(&self, h: f64) -> f64 {
        let step = (h * Self::STEPS_PER_UNIT) as u32;
        let Some(value) = self.table.get(step as usize) else {
            return 0.0;
        };
        let r = h - f64::from(step) / Self::STEPS_PER_UNIT;
        value * (1.0 - r * (1.0 - r * (0.5 - r * (1.0 / 6.0 - r / 24.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_falls_off_like_an_exponential() {
        let falloff = Falloff::new();
        for step in 0..40_000 {
            let h = f64::from(step) * 1e-3;
            let (found, expected) = (falloff.at(h), libm::exp(-h));
            assert!((found - expected).abs() <= 1e-11 * expected, "{h}: {found}");
        }
        assert_eq!(falloff.at(1e300).to_bits(), 0);
    }
}
