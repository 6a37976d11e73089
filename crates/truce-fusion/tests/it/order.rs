//! The order of arrival changes nothing.

use proptest::prelude::*;
use truce_core::mission::Mission;
use truce_core::observation::Health;
use truce_core::{Digest, Observation};
use truce_fusion::Picture;

use crate::retraction::{reported, taken_back};
use crate::world::*;

/// Everything at once: sounds, reports and what is taken back of them, fires, weather, the health of sensors, vessels and drones,
/// close enough together that they compete for each other.
fn some_observation() -> impl Strategy<Value = Observation> {
    let numbers = (0..12u8, 0..600u32, -4i32..5, -4i32..5, 0..3u8);
    numbers.prop_map(|(what, second, east, north, more)| {
        let second = f64::from(second);
        let place = at(f64::from(east) * 900.0, f64::from(north) * 900.0);
        let name = format!("{what} {second} {east} {north} {more}");
        let report = format!("r-{}", second % 4.0);
        match what {
            0..=2 => heard(["a-1", "a-2", "a-3"][usize::from(more)], second, place),
            3 if more == 0 => reported(struck(&name, second, place), &report),
            3 => reported(shelled(&name, second, place), &report),
            4 => thermal(&name, second + 1_800.0, place),
            5 => {
                let claim = claim(&name, truce_core::IncidentKind::AccessDenied, None);
                reported(told(&name, second, place, claim), &report)
            }
            6 => vessel(u32::from(more), second, place, None),
            7 => uav(&name, second, place),
            8 => followed(["t1", "t2", "t3"][usize::from(more)], second, place),
            9 => taken_back(&report, second, more == 0),
            10 => {
                let sensor = ["a-1", "a-2", "viirs"][usize::from(more)];
                health(
                    &name,
                    sensor,
                    second,
                    [Health::Working, Health::Off][usize::from(east > 0)],
                )
            }
            _ => sky(&name, second + 1_700.0, f64::from(more) / 3.0),
        }
    })
}

fn digest(observations: &[Observation], batches: &[usize]) -> Digest {
    digest_in(&mission(), observations, batches)
}

fn digest_in(mission: &Mission, observations: &[Observation], batches: &[usize]) -> Digest {
    let mut picture = Picture::new(mission);
    for (index, observation) in observations.iter().enumerate() {
        picture.update(observation);
        if batches.contains(&index) {
            picture.advance(time(index as f64 * 20.0));
            picture.changes();
        }
    }
    picture.advance(time(20_000.0));
    picture.state_digest()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_order_and_any_batches_end_in_the_same_state(
        (observations, shuffled) in prop::collection::vec(some_observation(), 1..60)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        batches in prop::collection::vec(0..60usize, 0..6),
    ) {
        prop_assert_eq!(digest(&observations, &[]), digest(&shuffled, &batches));
        let directions = Mission { direction_threshold: Some(0.02), ..mission() };
        let told = |observations: &[Observation], batches: &[usize]| {
            digest_in(&directions, observations, batches)
        };
        prop_assert_eq!(told(&observations, &[]), told(&shuffled, &batches));
    }
}

/// What is learnt late of the hours before changes what an event is judged by.
#[test]
fn a_busy_afternoon_told_in_any_order_ends_in_the_same_state() {
    let told = [afternoon(0.0), afternoon(9_700.0)].concat();
    let backwards: Vec<_> = told.iter().rev().cloned().collect();
    let (later, earlier) = told.split_at(told.len() / 2);
    let halves = [earlier, later].concat();
    let batches: Vec<usize> = (0..told.len()).step_by(7).collect();
    let directions = Mission {
        direction_threshold: Some(0.02),
        ..mission()
    };
    for mission in [mission(), directions] {
        let once = digest_in(&mission, &told, &[]);
        for other in [&told, &backwards, &halves] {
            assert_eq!(digest_in(&mission, other, &batches), once);
        }
    }
    let mut picture = picture_of(&told, 50_000.0);
    let changes = picture.changes();
    let busy = incidents(&changes).into_iter().filter(|incident| {
        let mut terms = incident.explanation.iter();
        terms.any(|term| term.name.as_str() == "activity")
    });
    assert!(busy.count() > 20);
}

#[test]
fn the_digest_tells_states_apart() {
    let one = [shelled("a", 0.0, at(0.0, 0.0))];
    let other = [shelled("b", 0.0, at(0.0, 0.0))];
    assert_ne!(digest(&one, &[]), digest(&other, &[]));
    assert_ne!(digest(&one, &[]), digest(&[], &[]));
    let moved = [
        vessel(1, 0.0, at(0.0, 0.0), None),
        vessel(1, 10.0, at(50.0, 0.0), None),
    ];
    assert_ne!(digest(&moved[..1], &[]), digest(&moved, &[]));
}

/// Settling between batches keeps only what the horizon needs; the estimate does not notice.
#[test]
fn a_long_voyage_in_small_batches_ends_where_it_ends_in_one() {
    let voyage: Vec<_> = (0..3_000)
        .flat_map(|step| {
            let second = f64::from(step) * 30.0;
            let (far, near) = (
                at(second * 0.5, f64::from(step % 7)),
                at(second * 0.1, 9_000.0),
            );
            [
                vessel(7, second, far, None),
                uav(&format!("{step}"), second, near),
            ]
        })
        .collect();
    let batches: Vec<usize> = (0..6_000).step_by(100).collect();
    assert_eq!(digest(&voyage, &[]), digest(&voyage, &batches));
}
