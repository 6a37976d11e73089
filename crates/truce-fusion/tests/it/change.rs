//! Areas that changed between satellite scenes.

use truce_core::observation::AreaChange;
use truce_core::{
    EventClass, Incident, IncidentKind, Interval, Location, Observation, Position, Reading,
};

use crate::world::*;

/// Days between the scenes.
const DAYS: f64 = 36.0;

/// A square of 200 m that changed some time in [`DAYS`].
fn changed(name: &str, middle: Position) -> Observation {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let corner =
        |(east, north): (f64, f64)| middle.offset(90.0, east * 100.0).offset(0.0, north * 100.0);
    let change = AreaChange {
        score: 12.0,
        score_sigma: 1.0,
        scenes: "vv, 8 scenes before, 3 after".to_owned(),
    };
    let observed_at = Interval {
        start: time(-DAYS * 86_400.0),
        end: time(0.0),
    };
    let ring = corners.map(corner).to_vec();
    let location = Some(Location::Area { ring });
    observation(
        name,
        None,
        observed_at,
        location,
        Reading::AreaChange(change),
    )
}

/// Word of shelling on a day ten days before the later scenes.
fn told_of_that_day(name: &str, place: Position) -> Observation {
    let mut report = claim(
        name,
        IncidentKind::PhysicalEvent,
        Some(EventClass::Artillery),
    );
    report.speaker = truce_core::observation::Speaker::Hotline;
    let mut seen = told(name, 0.0, place, report);
    seen.observed_at = Interval {
        start: time(-10.0 * 86_400.0),
        end: time(-9.0 * 86_400.0),
    };
    seen
}

fn standing(observations: &[Observation]) -> Vec<Incident> {
    let picture = picture_of(observations, 86_400.0);
    picture.standing().cloned().collect()
}

#[test]
fn a_change_lasts_until_the_later_scenes() {
    // As many events leave a change as happen in all the days between the scenes, and so do false
    // areas: the more days, the more of both.
    let [near] = &standing(&[changed("c", at(30_000.0, 2_000.0))])[..] else {
        panic!("no incident beside the line")
    };
    assert!(near.probability > 0.8, "{}", near.probability);
    assert_eq!(near.occurred.length_s(), DAYS * 86_400.0);
    // Where weapons are hardly used, it is something else.
    let far = standing(&[changed("c", at(30_000.0, 80_000.0))]);
    assert!(far.iter().all(|incident| incident.probability < 0.05));
}

#[test]
fn a_change_and_word_of_the_same_place_are_one_incident() {
    let place = at(30_000.0, 20_000.0);
    let (change, word) = (changed("c", place), told_of_that_day("w", place));
    let [alone] = &standing(std::slice::from_ref(&change))[..] else {
        panic!("no incident")
    };
    let [both] = &standing(&[change, word])[..] else {
        panic!("not one incident")
    };
    assert_eq!(both.evidence.len(), 2);
    assert!(alone.probability < 0.5 && both.probability > 0.8);
    assert!(both.occurred.length_s() <= 86_400.0);
}
