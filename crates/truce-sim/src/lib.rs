//! Seeded scenarios of a mission: what happens, and what the mission's sensors send about it in
//! their own formats, with the truth beside it.
//!
//! Every sensor answers by the models of the mission's own `sensors.toml`. This room knows no clock
//! and no global random source: the same mission, options and seed give the same bytes.

mod conditions;
mod ground;
mod outbox;
mod random;
mod scenario;
mod sensors;
mod transit;
mod truth;

use truce_core::mission::Mission;
use truce_core::time::plus_seconds;
use truce_core::{RawMessage, Timestamp};

use conditions::Conditions;
use ground::Ground;
use outbox::Outbox;
use scenario::{deeds, fleet, physical, seafarers, status, uavs};

pub use truth::TruthEvent;

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// When the simulated time begins.
    pub start: Timestamp,
    /// How long it lasts, hours.
    pub hours: f64,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl Options {
    /// When the simulated time ends.
    pub(crate) fn end(&self) -> Timestamp {
        plus_seconds(self.start, self.hours * 3_600.0)
    }
}

/// A simulated period.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Messages in order of arrival, each one line without its end.
    pub messages: Vec<RawMessage>,
    /// What really happened, in order of time.
    pub truth: Vec<TruthEvent>,
}

/// Simulates a period of a mission.
#[must_use]
pub fn simulate(mission: &Mission, options: &Options) -> Simulation {
    let ground = Ground::new(mission);
    let mut outbox = Outbox::new(mission);
    let conditions = Conditions::draw(&ground, options);

    let mut events = physical::draw(&ground, options);
    sensors::satellite::observe(&ground, options, &conditions, &mut events, &mut outbox);
    sensors::acoustic::observe(&ground, options, &conditions, &mut events, &mut outbox);
    sensors::seismic::observe(&ground, options, &conditions, &mut events, &mut outbox);
    sensors::sighting::observe(&ground, options, &conditions, &mut events, &mut outbox);

    let (mut deeds, mut remarks) = deeds::draw(&ground, options, &events);
    sensors::sighting::observe_deeds(&ground, options, &conditions, &mut deeds, &mut outbox);
    remarks.extend(sensors::people::observe(
        &ground,
        options,
        &mut events,
        &mut deeds,
        &mut outbox,
    ));

    let (mut sailings, more) = fleet::draw(&ground, options);
    remarks.extend(more);
    sensors::radar::observe(&ground, options, &conditions, &mut sailings, &mut outbox);
    let vessels = sensors::ais::observe(&ground, options, &conditions, sailings, &mut outbox);
    let (flights, more) = uavs::draw(&ground, options, &events);
    remarks.extend(more);
    let flights =
        sensors::uav_detector::observe(&ground, options, &conditions, flights, &mut outbox);

    let mut truth = status::report(&ground, options, &conditions, &mut outbox);
    let (messages, on_the_way) = outbox.deliver(options);
    truth.extend(physical::unplaced(&ground, options));
    truth.extend(physical::truth(events));
    truth.extend(remarks);
    truth.extend(vessels);
    truth.extend(flights);
    truth.extend(deeds.into_iter().map(|deed| deed.truth));
    truth.extend(on_the_way);
    number(&mut truth);
    Simulation { messages, truth }
}

/// Simulates shipping alone, with behaviours and with what looks like them and is ordinary, for
/// judging the watch over it.
#[must_use]
pub fn simulate_shipping(mission: &Mission, options: &Options) -> Simulation {
    let ground = Ground::new(mission);
    let mut outbox = Outbox::new(mission);
    let conditions = Conditions::draw(&ground, options);
    let (mut sailings, mut truth) = fleet::draw(&ground, options);
    truth.extend(seafarers::add(&ground, options, &mut sailings));
    sensors::radar::observe(&ground, options, &conditions, &mut sailings, &mut outbox);
    let vessels = sensors::ais::observe(&ground, options, &conditions, sailings, &mut outbox);
    let (messages, on_the_way) = outbox.deliver(options);
    truth.extend(vessels);
    truth.extend(on_the_way);
    number(&mut truth);
    Simulation { messages, truth }
}

/// Puts the truth in order of time and numbers it from 1.
fn number(truth: &mut [TruthEvent]) {
    truth.sort_by_key(|event| event.occurred);
    for (number, event) in (1..).zip(truth) {
        event.id = number;
    }
}
