//! Times of arrival at stations become events: which arrivals belong together, where and when each
//! event was, how sure that is, and how likely that it was one at all.
//!
//! Works in a plane of the caller's (metres east and north, such as `truce_core::Frame` gives) and on
//! a clock of the caller's (seconds). Seismic and acoustic waves, of known or unknown kind, go
//! through the same path; wind and temperature are unknowns of each event. The result depends neither
//! on the order of the arrivals nor on the machine. Never a position better than its covariance, and
//! never what kind of event it was: see `docs/arrivals.md` for the method and its sources.

mod likelihood;
mod locate;
mod matrix;
mod model;
mod picks;
mod search;
mod stack;
mod stream;
#[cfg(test)]
mod tests;

use likelihood::World;
pub use model::{Area, Model, Reach, Wave, WaveModel};
use picks::Picks;
use search::{Event, Search};
use stack::Stack;
pub use stream::Stream;

/// Stations of a network at most: every event is weighed at each.
pub const STATIONS_MAX: usize = 10_000;
/// Arrivals of a list at most: about a gigabyte of working memory.
pub const ARRIVALS_MAX: usize = 10_000_000;

/// Where a station is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// East, metres.
    pub x_m: f64,
    /// North, metres.
    pub y_m: f64,
}

/// The time at which a wave came by a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// Index of the station.
    pub station: usize,
    /// Which wave, when the station could tell. A wave that the model does not know is passed over.
    pub wave: Option<Wave>,
    /// When, seconds on the caller's clock.
    pub at_s: f64,
    /// Its standard deviation, seconds, when stated; otherwise the model's.
    pub sigma_s: Option<f64>,
}

/// An arrival as part of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Index of the arrival.
    pub arrival: usize,
    /// As which wave.
    pub wave: Wave,
    /// Arrived less expected, seconds.
    pub residual_s: f64,
    /// Probability that it belongs to the event, above one half.
    pub belief: f64,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// When, seconds on the caller's clock.
    pub at_s: f64,
    /// East, metres.
    pub x_m: f64,
    /// North, metres.
    pub y_m: f64,
    /// Covariance of x (m), y (m) and time (s), in this order.
    pub covariance: [[f64; 3]; 3],
    /// Natural logarithm of the odds that there was such an event; above zero.
    pub log_odds: f64,
    /// The arrivals that belong to it, each more likely than not, by station and wave. An arrival
    /// is a member of one event at most.
    pub members: Vec<Member>,
}

/// What is wrong with a model, a network or an arrival.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// A number of the model that must be positive and finite.
    NotPositive {
        /// Which.
        name: &'static str,
        /// What it is.
        value: f64,
    },
    /// The model has no wave.
    NoWave,
    /// Wind moves more than one wave.
    TwoWinds,
    /// There is no station, there are more than `STATIONS_MAX`, or one has no finite place.
    Stations,
    /// More than `ARRIVALS_MAX` arrivals.
    TooManyArrivals,
    /// An arrival of an unknown station, without a finite time, or with an error that is not
    /// positive and finite.
    Arrival {
        /// Its index.
        index: usize,
    },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPositive { name, value } => {
                write!(f, "{name} must be positive and finite, not {value}")
            }
            Self::NoWave => write!(f, "the model has no wave"),
            Self::TwoWinds => write!(f, "wind can move one wave only"),
            Self::Stations => write!(f, "expected 1 to {STATIONS_MAX} stations at finite places"),
            Self::TooManyArrivals => write!(f, "more than {ARRIVALS_MAX} arrivals"),
            Self::Arrival { index } => {
                write!(
                    f,
                    "arrival {index} has no known station, finite time or positive error"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

/// A network of stations, ready to associate their arrivals.
#[derive(Debug, Clone)]
pub struct Associator {
    model: Model,
    waves: Vec<Wave>,
    world: World,
    stack: Stack,
}

/// All events in a list of arrivals, in order of time.
///
/// # Errors
///
/// When the model, a station or an arrival makes no sense.
pub fn associate(
    arrivals: &[Arrival],
    stations: &[Station],
    model: &Model,
) -> Result<Vec<Located>, Error> {
    Associator::new(stations, model)?.associate(arrivals)
}

impl Associator {
    /// Prepares the tables of a network.
    ///
    /// # Errors
    ///
    /// When the model or a station makes no sense.
    pub fn new(stations: &[Station], model: &Model) -> Result<Self, Error> {
        model.check()?;
        let finite = |station: &Station| station.x_m.is_finite() && station.y_m.is_finite();
        if !(1..=STATIONS_MAX).contains(&stations.len()) || !stations.iter().all(finite) {
            return Err(Error::Stations);
        }
        let places = stations.iter().map(|station| [station.x_m, station.y_m]);
        let area = model.area.unwrap_or_else(|| model.area_around(stations));
        let world = World::new(places.collect(), model, area);
        Ok(Self {
            stack: Stack::new(&world),
            waves: model.waves.keys().copied().collect(),
            model: model.clone(),
            world,
        })
    }

    /// All events in a list of arrivals, in order of time. Rates that the model does not give are
    /// estimated from the list, which should therefore hold more than a few events or none.
    ///
    /// # Errors
    ///
    /// When an arrival makes no sense, or there are too many.
    pub fn associate(&self, arrivals: &[Arrival]) -> Result<Vec<Located>, Error> {
        if arrivals.len() > ARRIVALS_MAX {
            return Err(Error::TooManyArrivals);
        }
        if let Some(index) = arrivals.iter().position(|arrival| !self.is_sound(arrival)) {
            return Err(Error::Arrival { index });
        }
        let picks = Picks::new(arrivals, self.world.stations.len(), &self.waves);
        let events = Search::new(&self.world, &picks, &self.model).run(&self.stack);
        let owners = owners(&events, &picks);
        let located = |(index, event)| self.located(index, event, &picks, &owners);
        let mut located: Vec<_> = events.iter().enumerate().map(located).collect();
        located.sort_by(|a, b| a.at_s.total_cmp(&b.at_s).then(a.x_m.total_cmp(&b.x_m)));
        Ok(located)
    }

    fn is_sound(&self, arrival: &Arrival) -> bool {
        arrival.station < self.world.stations.len()
            && arrival.at_s.is_finite()
            && arrival
                .sigma_s
                .is_none_or(|sigma_s| sigma_s > 0.0 && sigma_s.is_finite())
    }

    fn located(
        &self,
        index: usize,
        event: &Event,
        picks: &Picks,
        owners: &[(f64, usize)],
    ) -> Located {
        let [x_m, y_m, at_s, ..] = event.fit.state;
        let terms = event.fit.weighed.terms.iter();
        let own = terms.filter(|term| owners[term.pick as usize].1 == index);
        let members = own.map(|term| Member {
            arrival: picks.origin[term.pick as usize],
            wave: self.waves[term.wave],
            residual_s: term.residual_s,
            belief: term.belief(),
        });
        Located {
            at_s: picks.epoch_s + at_s,
            x_m,
            y_m,
            covariance: event.covariance,
            log_odds: event.log_odds,
            members: members.collect(),
        }
    }

    /// The longest that a wave can be noticed after its event, seconds.
    fn travel_s_max(&self) -> f64 {
        let media = self.world.media.iter();
        let travel_s = media.map(|medium| medium.seen.reach_m() * medium.slowness_s_m);
        travel_s.fold(0.0, f64::max)
    }
}

/// By pick the greatest belief above one half that it belongs to an event, and the event's index; of
/// equals the first. Where events are dense their beliefs can add up to more than one.
fn owners(events: &[Event], picks: &Picks) -> Vec<(f64, usize)> {
    let mut owners = vec![(0.5, usize::MAX); picks.len()];
    for (index, event) in events.iter().enumerate() {
        for term in &event.fit.weighed.terms {
            let owner = &mut owners[term.pick as usize];
            if term.belief() > owner.0 {
                *owner = (term.belief(), index);
            }
        }
    }
    owners
}
