//! Counts of a simulated day of the example mission, by feed and by kind of truth.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::time::Instant;

use truce_core::document::Issues;
use truce_core::mission::{MISSION_FILES, read};

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025/");
    let text = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let files = MISSION_FILES
        .map(|name| (name.to_owned(), text(name)))
        .into();
    let mission = read(&files, &Issues::default()).unwrap();
    let start = "2025-08-11T00:00:00Z".parse().unwrap();
    let options = truce_sim::Options {
        start,
        hours: 24.0,
        seed: 7,
    };
    let clock = Instant::now();
    let simulation = truce_sim::simulate(&mission, &options);
    println!(
        "{} messages in {:?}",
        simulation.messages.len(),
        clock.elapsed()
    );
    let mut feeds: BTreeMap<String, usize> = BTreeMap::new();
    for message in &simulation.messages {
        *feeds.entry(message.source.to_string()).or_default() += 1;
    }
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for event in &simulation.truth {
        let kind = event
            .kind
            .map_or("-".to_owned(), |kind| format!("{kind:?}"));
        let class = event
            .class
            .map_or(String::new(), |class| format!(" {class:?}"));
        let count = kinds.entry(format!("{kind}{class}")).or_default();
        count.0 += 1;
        count.1 += usize::from(!event.observed_by.is_empty());
    }
    println!("{feeds:#?}\nkind: (events, of them observed) {kinds:#?}");
}
