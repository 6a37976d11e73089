//! Which events there were. The peaks of the stack are tried from the greatest on, each event
//! leaving fewer arrivals to the next; then every event is weighed against all others, moved, and
//! dropped when it is not worth its prior. What is left is searched again.

use super::likelihood::World;
use super::locate::Fit;
use super::model::Model;
use super::picks::Picks;
use super::stack::Stack;

/// One look at the arrivals that no event claims.
struct Pass {
    /// Least peak that is tried, as log-odds of a weak event in its cell.
    peak_min: f32,
    /// Log-odds from which an event is taken in.
    log_odds_min: f64,
    /// Rounds of weighing all events against each other afterwards, at most.
    rounds: usize,
}

/// The arrivals of the clear events are out of the way before the faint ones are looked for.
const PASSES: [Pass; 3] = [
    Pass {
        peak_min: 8.0,
        log_odds_min: 10.0,
        rounds: 1,
    },
    Pass {
        peak_min: 0.0,
        log_odds_min: LOG_ODDS_MIN,
        rounds: 1,
    },
    Pass {
        peak_min: 0.0,
        log_odds_min: LOG_ODDS_MIN,
        rounds: 3,
    },
];
/// Log-odds from which an event is believed: more likely than not.
const LOG_ODDS_MIN: f64 = 0.0;
/// When no event moves by more, they are balanced, metres.
const MOVED_M_MIN: f64 = 20.0;
/// Arrivals that the network's mean rate is worth when a station's own is estimated.
const RATE_PRIOR: f64 = 4.0;
/// Arrivals that an event is taken to leave before any has been found.
const ARRIVALS_PER_EVENT: f64 = 20.0;

/// The work on one list of arrivals.
pub(super) struct Search<'a> {
    world: &'a World,
    picks: &'a Picks,
    model: &'a Model,
    duration_s: f64,
    /// Density of the clutter by pick, per second.
    noise: Vec<f64>,
    /// The same with the claims of events: all explanations but the one that is weighed.
    rival: Vec<f64>,
    /// Natural logarithm of the expected density of events, per m² and second.
    log_density: f64,
}

/// An event and the claims it has laid.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) fit: Fit,
    pub(super) log_odds: f64,
    /// Of x (m), y (m) and time (s); set when all events are known.
    pub(super) covariance: [[f64; 3]; 3],
    claims: Vec<(u32, f64)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(world: &'a World, picks: &'a Picks, model: &'a Model) -> Self {
        let mut search = Self {
            world,
            picks,
            model,
            duration_s: picks.span_s.max(1.0),
            noise: vec![0.0; picks.len()],
            rival: vec![0.0; picks.len()],
            log_density: 0.0,
        };
        search.estimate(&[]);
        search
    }

    /// Finds all events.
    pub(super) fn run(mut self, stack: &Stack) -> Vec<Event> {
        let mut events = Vec::new();
        for pass in PASSES {
            let before = events.len();
            self.find(stack, &pass, &mut events);
            if events.len() == before && pass.log_odds_min <= LOG_ODDS_MIN {
                break;
            }
            self.balance(pass.rounds, &mut events);
        }
        for event in &mut events {
            self.release(event);
            event.covariance = event.fit.covariance(self.world, self.picks, &self.rival);
            self.claim(event);
        }
        events
    }

    /// Takes in the events that the unclaimed arrivals show, the greatest peaks first.
    fn find(&mut self, stack: &Stack, pass: &Pass, events: &mut Vec<Event>) {
        let free: Vec<f64> = (self.noise.iter().zip(&self.rival))
            .map(|(noise, rival)| noise / rival)
            .collect();
        let rates = self.channel_rates(&free);
        for peak in stack.peaks(self.picks, &free, &rates, pass.peak_min) {
            let mut fit = Fit::at(peak.x_m, peak.y_m, peak.at_s);
            if !fit.approach(self.world, self.picks, &self.rival, stack.cell_m) {
                continue;
            }
            fit.settle(self.world, self.picks, &self.rival);
            let log_odds = fit.log_evidence + self.log_density;
            if log_odds > pass.log_odds_min {
                let mut event = Event {
                    fit,
                    log_odds,
                    covariance: [[0.0; 3]; 3],
                    claims: Vec::new(),
                };
                self.claim(&mut event);
                events.push(event);
            }
        }
    }

    /// Weighs every event against all others until none moves, and drops those not worth it.
    fn balance(&mut self, rounds: usize, events: &mut Vec<Event>) {
        for _ in 0..rounds {
            self.estimate(events);
            let (before, mut moved_m) = (events.len(), 0.0f64);
            events.retain_mut(|event| {
                let [x_m, y_m, ..] = event.fit.state;
                self.release(event);
                event.fit.settle(self.world, self.picks, &self.rival);
                event.log_odds = event.fit.log_evidence + self.log_density;
                let kept = event.log_odds > LOG_ODDS_MIN;
                if kept {
                    self.claim(event);
                }
                let step = libm::hypot(event.fit.state[0] - x_m, event.fit.state[1] - y_m);
                moved_m = moved_m.max(step);
                kept
            });
            if events.len() == before && moved_m < MOVED_M_MIN {
                break;
            }
        }
        self.estimate(events);
    }

    /// Lays an event's claims on the arrivals that may be its own.
    fn claim(&mut self, event: &mut Event) {
        let rival = &self.rival;
        let claim =
            |term: &super::likelihood::Term| (term.pick, term.claim(rival[term.pick as usize]));
        event.claims.clear();
        event
            .claims
            .extend(event.fit.weighed.terms.iter().map(claim));
        for &(pick, claim) in &event.claims {
            self.rival[pick as usize] += claim;
        }
    }

    /// Takes them back.
    fn release(&mut self, event: &mut Event) {
        for (pick, claim) in event.claims.drain(..) {
            let rival = &mut self.rival[pick as usize];
            *rival = (*rival - claim).max(self.noise[pick as usize]);
        }
    }

    /// Rates, where the model gives none, from what the events leave.
    fn estimate(&mut self, events: &[Event]) {
        let classes = self.world.media.len() + 1;
        let stations = self.world.stations.len();
        let mut left = vec![0.0f64; classes * stations];
        for &class in &self.picks.class {
            left[class as usize] += 1.0;
        }
        for term in events.iter().flat_map(|event| &event.fit.weighed.terms) {
            left[self.picks.class[term.pick as usize] as usize] -= term.belief();
        }
        let unnamed = self.picks.unnamed_share(classes);
        let mut noise = vec![0.0f64; classes * stations];
        for class in 0..classes {
            let own = |station: usize| left[station * classes + class].max(0.0);
            let total: f64 = (0..stations).map(own).sum();
            let mean_per_s = total.max(0.5) / (stations as f64 * self.duration_s);
            // So many of an event's arrivals are of this class rather than of unknown or known wave.
            let share = if class + 1 == classes {
                unnamed
            } else {
                1.0 - unnamed
            };
            for station in 0..stations {
                let per_s =
                    (own(station) + RATE_PRIOR) / (self.duration_s + RATE_PRIOR / mean_per_s);
                let per_s = self.model.false_per_s.unwrap_or(per_s);
                noise[station * classes + class] = per_s / share.max(f64::EPSILON);
            }
        }
        for (own, &class) in self.noise.iter_mut().zip(&self.picks.class) {
            *own = noise[class as usize];
        }
        self.rival.copy_from_slice(&self.noise);
        for &(pick, claim) in events.iter().flat_map(|event| &event.claims) {
            self.rival[pick as usize] += claim;
        }
        let expected = match events.len() {
            0 => self.picks.len() as f64 / ARRIVALS_PER_EVENT,
            found => found as f64,
        };
        let estimated = expected.max(1.0) / self.duration_s;
        let per_s = self.model.events_per_s.unwrap_or(estimated);
        self.log_density = libm::log(per_s / self.world.area.m2());
    }

    /// Free arrivals per second by channel; never none.
    fn channel_rates(&self, free: &[f64]) -> Vec<f64> {
        let waves = self.world.media.len();
        let mut rates = vec![0.5 / self.duration_s; self.world.stations.len() * waves];
        for (&class, &free) in self.picks.class.iter().zip(free) {
            let (station, wave) = (class as usize / (waves + 1), class as usize % (waves + 1));
            let into = if wave < waves {
                wave..wave + 1
            } else {
                0..waves
            };
            for wave in into {
                rates[station * waves + wave] += free / self.duration_s;
            }
        }
        rates
    }
}
