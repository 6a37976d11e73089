//! Reports that were taken back or corrected count no more, whichever came first.

use truce_core::incident::Withdrawal;
use truce_core::observation::Speaker;
use truce_core::{
    Incident, IncidentKind, Interval, Observation, Position, Reading, Retraction, Term,
};
use truce_fusion::Picture;

use crate::world::*;

/// A statement as a part of a report.
pub(crate) fn reported(mut seen: Observation, report: &str) -> Observation {
    let Reading::Claim(claim) = &mut seen.reading else {
        panic!("{seen:?}")
    };
    claim.report = Some(slug(report));
    seen
}

/// The retraction of a report.
pub(crate) fn taken_back(report: &str, second: f64, corrected: bool) -> Observation {
    let retraction = Retraction {
        reports: vec![slug(report)],
        corrected,
        text: String::new(),
    };
    let observed_at = Interval::instant(time(second));
    let name = format!("{report} {second}");
    observation(
        &name,
        None,
        observed_at,
        None,
        Reading::Retraction(retraction),
    )
}

fn refused(name: &str, speaker: Speaker, position: Position) -> Observation {
    let mut claim = claim(name, IncidentKind::AccessDenied, None);
    claim.speaker = speaker;
    told(name, 0.0, position, claim)
}

fn standing(picture: &Picture) -> Vec<&Incident> {
    picture.standing().collect()
}

fn lines<'a>(incident: &'a Incident, name: &str) -> Vec<&'a Term> {
    let terms = incident.explanation.iter();
    terms.filter(|term| term.name.as_str() == name).collect()
}

/// The revisions that follow when observations are taken in one after the other, before any
/// instrument's silence speaks.
fn revisions(observations: &[Observation]) -> Vec<Incident> {
    let mut picture = Picture::new(&mission());
    let mut all = Vec::new();
    for observation in observations {
        picture.update(observation);
        picture.advance(time(10.0));
        all.extend(incidents(&picture.changes()).into_iter().cloned());
    }
    all
}

#[test]
fn an_incident_that_rests_on_nothing_else_is_withdrawn() {
    let place = at(0.0, -1_500.0);
    let patrol = reported(refused("patrol", Speaker::Patrol, place), "r-1");
    for seen in [patrol, reported(shelled("patrol", 0.0, place), "r-1")] {
        let back = taken_back("r-1", 300.0, false);
        let [told, gone] = &revisions(&[seen.clone(), back.clone()])[..] else {
            panic!("{seen:?}")
        };
        assert_eq!((told.revision, &told.withdrawn), (1, &None));
        assert_eq!((gone.id, gone.revision), (told.id, 2));
        assert_eq!(gone.withdrawn, Some(Withdrawal::TakenBack));
        assert_eq!(gone.evidence, [seen.id]);
        let [line] = lines(gone, "taken_back")[..] else {
            panic!("{gone:?}")
        };
        assert_eq!((line.observation, line.log_odds), (Some(seen.id), 0.0));
        assert_eq!(revisions(&[back, seen]), []);
    }
}

#[test]
fn an_incident_that_others_tell_too_goes_on_and_says_so() {
    let place = at(0.0, 4_000.0);
    let patrol = reported(refused("patrol", Speaker::Patrol, place), "r-1");
    let mut caller = refused("caller", Speaker::Hotline, place);
    caller.received_at = time(60.0);
    let alone = picture_of(std::slice::from_ref(&caller), 10.0);
    for (corrected, word) in [(false, "taken back"), (true, "corrected")] {
        let back = taken_back("r-1", 300.0, corrected);
        let all = [patrol.clone(), caller.clone(), back];
        let last = revisions(&all).pop().unwrap();
        assert_eq!((last.revision, &last.withdrawn), (3, &None));
        assert_eq!(last.evidence.len(), 2);
        assert_eq!(last.probability, standing(&alone)[0].probability);
        let [line] = lines(&last, "taken_back")[..] else {
            panic!("{last:?}")
        };
        assert_eq!((line.observation, line.log_odds), (Some(patrol.id), 0.0));
        assert!(line.text.contains(word), "{}", line.text);
    }
}

#[test]
fn an_event_that_instruments_noticed_too_goes_on_and_says_so() {
    let place = at(0.0, -1_500.0);
    let sounds = ["a-1", "a-2", "a-3"].map(|array| heard(array, 0.0, place));
    let patrol = reported(shelled("patrol", 5.0, place), "r-1");
    let without = picture_of(&sounds, 600.0);
    let mut all = sounds.to_vec();
    all.extend([patrol.clone(), taken_back("r-1", 300.0, false)]);
    for _ in 0..all.len() {
        all.rotate_left(1);
        let picture = picture_of(&all, 600.0);
        let [event] = standing(&picture)[..] else {
            panic!("{:?}", standing(&picture))
        };
        assert_eq!(event.probability, standing(&without)[0].probability);
        assert_eq!(lines(event, "taken_back").len(), 1);
        assert_eq!(picture.incident_of(patrol.id), None);
    }
}

/// One direction alone is no incident; why it is none any more stands in its last words.
#[test]
fn an_incident_whose_rest_supports_nothing_says_what_was_taken_back() {
    let place = at(0.0, -1_500.0);
    let patrol = reported(shelled("patrol", 0.0, place), "r-1");
    let sound = heard("a-1", 0.0, place);
    let all = [patrol.clone(), sound, taken_back("r-1", 300.0, false)];
    let gone = revisions(&all).pop().unwrap();
    assert_eq!(gone.withdrawn, Some(Withdrawal::Unsupported));
    let [line] = lines(&gone, "taken_back")[..] else {
        panic!("{gone:?}")
    };
    assert_eq!((line.observation, line.log_odds), (Some(patrol.id), 0.0));
}

#[test]
fn a_correction_takes_the_place_of_what_it_corrects() {
    let (here, there) = (at(0.0, 4_000.0), at(0.0, 40_000.0));
    let first = reported(refused("first", Speaker::Patrol, here), "r-1");
    let second = reported(refused("second", Speaker::Patrol, there), "r-2");
    let back = taken_back("r-1", 300.0, true);
    let picture = picture_of(&[first.clone(), second.clone(), back], 600.0);
    let [incident] = standing(&picture)[..] else {
        panic!("{:?}", standing(&picture))
    };
    assert_eq!(incident.evidence, [second.id]);
}

#[test]
fn nobody_takes_back_what_came_by_the_feed_of_another() {
    let seen = reported(refused("patrol", Speaker::Patrol, at(0.0, 4_000.0)), "r-1");
    let mut back = taken_back("r-1", 300.0, false);
    back.source = slug("another-feed");
    assert_eq!(revisions(&[seen.clone(), back]).len(), 1);
    let other = taken_back("r-2", 300.0, false);
    assert_eq!(revisions(&[seen, other]).len(), 1);
}
