//! A simulated day of the example mission, read back by the decoders it was written for.
#![allow(clippy::unwrap_used, missing_docs)]

mod day;
mod small;

use std::collections::BTreeMap;

use truce_core::document::Issues;
use truce_core::mission::{MISSION_FILES, Mission, read};
use truce_core::{Digest, Observation, Slug};
use truce_feeds::{Decoded, Decoder, Format};
use truce_sim::{Options, Simulation, simulate};

fn example() -> Mission {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025/");
    let text = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let files: BTreeMap<String, String> = MISSION_FILES
        .map(|name| (name.to_owned(), text(name)))
        .into();
    read(&files, &Issues::default()).unwrap()
}

/// A Monday in August: quarries work and stubble burns.
fn options(hours: f64, seed: u64) -> Options {
    Options {
        start: "2025-08-11T00:00:00Z".parse().unwrap(),
        hours,
        seed,
    }
}

fn run(mission: &Mission, hours: f64, seed: u64) -> Simulation {
    simulate(mission, &options(hours, seed))
}

fn digest(simulation: &Simulation) -> Digest {
    let messages = serde_json::to_vec(&simulation.messages).unwrap();
    let truth = serde_json::to_vec(&simulation.truth).unwrap();
    Digest::of_parts("test", &[&messages, &truth])
}

/// Everything decoded, in order of arrival.
fn decode(mission: &Mission, simulation: &Simulation) -> Decoded {
    let mut decoders: BTreeMap<&Slug, Decoder> = BTreeMap::new();
    for feed in &mission.network.feeds {
        let format = Format::from_slug(feed.format.as_str()).unwrap();
        decoders.insert(&feed.id, Decoder::new(format, feed, &mission.network));
    }
    let mut decoded = Decoded::default();
    for message in &simulation.messages {
        decoders
            .get_mut(&message.source)
            .unwrap()
            .decode(message, &mut decoded);
    }
    for decoder in decoders.values_mut() {
        decoder.finish(&mut decoded);
    }
    decoded
}

/// Observations of each feed.
fn by_feed(observations: &[Observation]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for observation in observations {
        *counts.entry(observation.source.as_str()).or_default() += 1;
    }
    counts
}
