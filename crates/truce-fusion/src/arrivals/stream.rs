//! Association while arrivals come in: events are settled when all their arrivals can have come.

use super::{ARRIVALS_MAX, Arrival, Associator, Error, Located};

/// An event that moved over the settled instant by less than so many standard deviations of its time
/// is still new.
const EDGE_SIGMAS: f64 = 3.0;
/// Arrivals kept for the rates, in longest travel times before the settled instant.
const MEMORY_TRAVELS: f64 = 10.0;

/// Associates a stream of arrivals.
///
/// At any time all that has been pushed can be looked at, as provisional events; an event is settled
/// once `delay_s` and the longest travel time have passed since, and its arrivals then belong to
/// no other. With the same calls in the same order the results are the same; the order of the pushes
/// between two calls of `settle` does not matter.
#[derive(Debug, Clone)]
pub struct Stream {
    associator: Associator,
    delay_s: f64,
    /// Events before this instant are settled.
    settled_s: f64,
    /// Arrivals with their numbers, those of settled events left out.
    kept: Vec<(usize, Arrival)>,
    next: usize,
}

impl Stream {
    /// A stream on a network whose arrivals come in up to `delay_s` seconds late.
    #[must_use]
    pub fn new(associator: Associator, delay_s: f64) -> Self {
        Self {
            associator,
            delay_s,
            settled_s: f64::NEG_INFINITY,
            kept: Vec::new(),
            next: 0,
        }
    }

    /// Takes an arrival in; gives its number, by which members name it.
    ///
    /// # Errors
    ///
    /// When the arrival makes no sense, or when `ARRIVALS_MAX` wait for `settle` to be called.
    pub fn push(&mut self, arrival: Arrival) -> Result<usize, Error> {
        if !self.associator.is_sound(&arrival) {
            return Err(Error::Arrival { index: self.next });
        }
        if self.kept.len() >= ARRIVALS_MAX {
            return Err(Error::TooManyArrivals);
        }
        self.kept.push((self.next, arrival));
        self.next += 1;
        Ok(self.next - 1)
    }

    /// The events that are not settled yet, as they look now, in order of time.
    #[must_use]
    pub fn provisional(&self) -> Vec<Located> {
        let mut events = self.events();
        events.retain(|event| self.is_open(event));
        events
    }

    fn is_open(&self, event: &Located) -> bool {
        event.at_s + EDGE_SIGMAS * event.covariance[2][2].sqrt() >= self.settled_s
    }

    /// The events that can no longer change at `now_s` on the clock of the arrivals, in order of time.
    pub fn settle(&mut self, now_s: f64) -> Vec<Located> {
        let until_s = now_s - self.delay_s - self.associator.travel_s_max();
        let mut events = self.events();
        events.retain(|event| event.at_s < until_s && self.is_open(event));
        self.settled_s = self.settled_s.max(until_s);
        let members = events.iter().flat_map(|event| &event.members);
        let mut taken: Vec<usize> = members.map(|member| member.arrival).collect();
        taken.sort_unstable();
        let memory_s = self.settled_s - MEMORY_TRAVELS * self.associator.travel_s_max();
        self.kept.retain(|(number, arrival)| {
            arrival.at_s >= memory_s && taken.binary_search(number).is_err()
        });
        events
    }

    /// All events in what is kept.
    fn events(&self) -> Vec<Located> {
        let arrivals: Vec<Arrival> = self.kept.iter().map(|(_, arrival)| *arrival).collect();
        // Each has been checked, and they are not too many.
        let mut events = self.associator.associate(&arrivals).unwrap_or_default();
        for member in events.iter_mut().flat_map(|event| &mut event.members) {
            member.arrival = self.kept[member.arrival].0;
        }
        events
    }
}
