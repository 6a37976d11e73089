//! Short times and missions that lack something.

use truce_core::mission::{Mission, SensorNetwork, ZoneKind};

use crate::{digest, example, options, run};

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let mission = example();
    let first = digest(&run(&mission, 1.0, 7));
    assert_eq!(first, digest(&run(&mission, 1.0, 7)));
    assert_ne!(first, digest(&run(&mission, 1.0, 8)));
}

#[test]
fn one_kind_of_event_less_leaves_the_others_where_they_were() {
    let mission = example();
    let mut calmer = mission.clone();
    calmer
        .event_classes
        .retain(|prior| prior.class != truce_core::EventClass::Thunder);
    let places = |mission: &Mission| {
        let truth = run(mission, 1.0, 7).truth;
        let shots = truth.into_iter().filter(|event| event.breaks.len() == 1);
        shots
            .map(|event| (event.occurred, event.kind, event.object))
            .collect::<Vec<_>>()
    };
    let expected = places(&mission);
    assert!(expected.len() > 20);
    assert_eq!(places(&calmer), expected);
}

#[test]
fn a_mission_without_anything_is_quiet_and_says_so() {
    let whole = example();
    let nothing = Mission {
        zones: Vec::new(),
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        network: SensorNetwork::default(),
        ..whole.clone()
    };
    let without_zones = Mission {
        zones: Vec::new(),
        ..whole.clone()
    };
    let without_network = Mission {
        network: SensorNetwork::default(),
        ..whole.clone()
    };
    let mut without_area = whole.clone();
    without_area
        .zones
        .retain(|zone| zone.kind != ZoneKind::AreaOfOperation);

    let quiet = run(&nothing, 3.0, 1);
    assert_eq!(quiet.messages, []);
    let notes: Vec<&str> = quiet
        .truth
        .iter()
        .map(|event| event.note.as_str())
        .collect();
    for expected in [
        "no corridor",
        "no line of contact",
        "no area of operation",
        "no feed",
    ] {
        assert!(
            notes.iter().any(|note| note.contains(expected)),
            "{expected}: {notes:?}"
        );
    }
    assert!(
        quiet.truth.iter().all(|event| event.kind.is_none()),
        "{:?}",
        quiet.truth
    );

    assert!(run(&without_network, 3.0, 1).messages.is_empty());
    assert!(
        run(&without_network, 3.0, 1)
            .truth
            .iter()
            .any(|event| event.violation)
    );
    // Sensors still speak of themselves and hear what is not there.
    assert!(!run(&without_zones, 3.0, 1).messages.is_empty());
    assert!(!run(&without_area, 3.0, 1).messages.is_empty());
}

#[test]
fn any_length_of_time_will_do() {
    let mission = example();
    for (hours, seed) in [(0.0, 1), (0.01, 2), (0.7, 3)] {
        let simulation = run(&mission, hours, seed);
        let options = options(hours, seed);
        let within = |message: &truce_core::RawMessage| message.received_at >= options.start;
        assert!(simulation.messages.iter().all(within));
    }
}
