//! The same messages in another order of arrival end in the same state.

use std::collections::BTreeMap;
use std::fs;

use truce::connect::capture::Capture;
use truce::engine::{Engine, Setup};
use truce_core::mission::MISSION_FILES;
use truce_core::record::Tick;
use truce_core::{Body, RawMessage, Record};

use crate::program;

fn engine() -> Engine {
    let file = |name: &&str| {
        (
            (*name).to_owned(),
            fs::read_to_string(program::mission().join(name)).unwrap(),
        )
    };
    let files: BTreeMap<String, String> = MISSION_FILES.iter().map(file).collect();
    Engine::new(Setup::read(&files).unwrap())
}

/// A deterministic shuffle (Fisher–Yates on a linear congruential generator, Knuth's MMIX figures).
fn shuffled(messages: &[RawMessage], seed: u64) -> Vec<RawMessage> {
    let mut state = seed;
    let mut messages = messages.to_vec();
    for i in (1..messages.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        messages.swap(i, (state >> 33) as usize % (i + 1));
    }
    messages
}

fn final_state(messages: Vec<RawMessage>, batch: usize) -> truce_core::Digest {
    let mut engine = engine();
    let last = messages
        .iter()
        .map(|message| message.received_at)
        .max()
        .unwrap();
    let mut records: Vec<Record> = messages
        .into_iter()
        .map(|message| Record::new(Body::Raw(message)))
        .collect();
    records.push(Record::new(Body::Tick(Tick { at: last })));
    for chunk in records.chunks(batch) {
        engine.step(chunk);
    }
    engine.state_digest()
}

#[test]
fn every_order_of_arrival_ends_in_the_same_state() {
    // The parts of a message in several sentences need each other in order, as a transport gives
    // them; every other message stands alone and may arrive whenever it likes.
    let mut messages = Vec::new();
    let folder = program::capture();
    let read = Capture::open(&folder).unwrap().read(|message| {
        messages.push(message);
        Ok(())
    });
    assert!(read.is_ok());
    messages.retain(one_part);
    assert!(messages.len() > 2_000, "only {} messages", messages.len());
    let expected = final_state(messages.clone(), 500);
    for (seed, batch) in [(1, 100), (2, 1_000), (3, messages.len() + 1)] {
        let state = final_state(shuffled(&messages, seed), batch);
        assert_eq!(state, expected, "seed {seed}, batches of {batch}");
    }
}

/// True for anything but the parts of an AIS message in several sentences.
fn one_part(message: &RawMessage) -> bool {
    let text = String::from_utf8_lossy(&message.bytes);
    text.find("VDM,")
        .is_none_or(|at| text[at..].starts_with("VDM,1,"))
}
