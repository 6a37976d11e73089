//! What unlocks a detection probability, against the whole computation on the example mission.

use truce_core::Slug;
use truce_plan::coalition::Pledge;
use truce_plan::council::Ballot;
use truce_plan::coverage::{self, Picture};
use truce_plan::unlock::{CoverageGoal, Key, Question, unlock_coverage};
use truce_plan::{Assumptions, Coalition, Truth, assess};

use crate::example::{EXAMPLE, PREPARED};

/// Detection of the breaches of a clause, in an area or everywhere, when exactly these keys hold.
fn seen(keys: &[Key], goal: &CoverageGoal) -> f64 {
    let (mut coalition, mandate) = EXAMPLE.clone();
    let mut assumptions = Assumptions::default();
    for key in keys {
        match key {
            Key::Condition(id) => {
                assumptions.conditions.insert(id.clone(), Truth::True);
            }
            Key::Pledge(id) => give(&mut coalition, id),
            Key::Vote(id) => {
                let vote = mandate.votes.iter().find(|vote| vote.id == *id);
                let council = mandate
                    .council_of(vote.expect("a draft"))
                    .expect("a council");
                let members = council.members.iter();
                let ballots = members.map(|member| (member.id.clone(), Ballot::Yes));
                assumptions.ballots.insert(id.clone(), ballots.collect());
            }
        }
    }
    let plan = assess(&coalition, &mandate, &assumptions);
    let picture = coverage::assess(&coalition.watch, &PREPARED, &plan);
    mean(&coalition, &picture, goal)
}

fn give(coalition: &mut Coalition, id: &Slug) {
    let mut all = coalition.contributions.iter_mut();
    let pledge = all.find(|pledge| pledge.id == *id).expect("a pledge");
    assert_eq!(pledge.status, Pledge::UnderReview);
    pledge.status = Pledge::Conditional;
}

/// The mean over areas, by size, and violations.
fn mean(coalition: &Coalition, picture: &Picture, goal: &CoverageGoal) -> f64 {
    let of_clause = |id: &Slug| {
        let violations = &coalition.watch.violations;
        let violation = violations
            .iter()
            .find(|v| v.id == *id)
            .expect("a violation");
        let clause = goal.clause.as_ref();
        clause.is_none_or(|clause| violation.clauses.contains(clause))
    };
    let meant = |area: &Slug| goal.area.as_ref().is_none_or(|id| id == area);
    let (mut weight, mut sum) = (0.0, 0.0);
    for area in picture.areas.iter().filter(|area| meant(&area.area)) {
        for chances in area.violations.iter().filter(|c| of_clause(&c.violation)) {
            weight += area.area_km2;
            sum += area.area_km2 * chances.delivered;
        }
    }
    sum / weight
}

#[test]
fn minimal_sets_reach_the_goal_and_nothing_less_does() {
    let slug = |text: &str| Slug::new(text).expect("a name");
    let (coalition, mandate) = &*EXAMPLE;
    let question = Question {
        coalition,
        mandate,
        assumptions: &Assumptions::default(),
    };
    for (clause, area, at_least) in [
        ("cessation-of-fire", None, 0.3),
        ("no-mines", Some("zone-north"), 0.9),
        ("buffer-zone", None, 2.0),
    ] {
        let goal = CoverageGoal {
            clause: Some(slug(clause)),
            area: area.map(slug),
            violation: None,
            at_least,
        };
        let answer = unlock_coverage(question, &PREPARED, &goal).expect("there are violations");
        assert!(answer.worlds_complete && answer.worlds.len() == 2);
        for world in &answer.worlds {
            let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(close(world.now, seen(&[], &goal)), "{clause}");
            let enough = at_least.min(world.reachable) - 1e-9;
            assert!(!world.opening.sets.is_empty());
            for set in world.opening.sets.iter().take(3) {
                assert!(seen(set, &goal) >= enough, "{clause}: {set:?}");
                for i in 0..set.len() {
                    let mut less = set.clone();
                    less.remove(i);
                    assert!(seen(&less, &goal) < enough, "{clause}: {less:?}");
                }
            }
            // What the keys are worth together is what they add together.
            let worth: f64 = world.opening.conditions.iter().map(|w| w.share).sum();
            assert!(
                close(worth, world.reachable - world.now),
                "{clause}: {worth}"
            );
            let keys = world
                .opening
                .conditions
                .iter()
                .map(|worth| worth.key.clone());
            assert!(close(
                world.reachable,
                seen(&keys.collect::<Vec<_>>(), &goal)
            ));
        }
    }
    let nothing = CoverageGoal {
        clause: Some(slug("no-such-clause")),
        ..CoverageGoal::default()
    };
    assert_eq!(unlock_coverage(question, &PREPARED, &nothing), None);
}
