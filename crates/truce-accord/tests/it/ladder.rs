//! The status ladder.

use truce_accord::agreement::ClockRule;
use truce_accord::ladder::{AllowedAction, Rules, allowed, decide, reply, steps_from};
use truce_core::incident::Withdrawal;
use truce_core::{Action, Decision, Finding, FindingSerial, Incident, Reply, Slug, Stance, Status};

use crate::fixture::{at, physical_event, slug};

const LADDER: [Status; 9] = [
    Status::Reported,
    Status::UnderVerification,
    Status::Corroborated,
    Status::Verified,
    Status::Attributed,
    Status::Closed,
    Status::Unverifiable,
    Status::NotAViolation,
    Status::Retracted,
];

fn parties() -> Vec<Slug> {
    vec![slug("party-a"), slug("party-b")]
}

fn clocks() -> Vec<ClockRule> {
    let clock = |name: &str, hours| ClockRule {
        name: slug(name),
        title: name.to_owned(),
        hours,
        warn_hours: None,
    };
    vec![clock("response", 24.0), clock("combined_action", 72.0)]
}

fn attribute(party: &str) -> Action {
    Action::Attribute { party: slug(party) }
}

fn act(
    finding: Option<&Finding>,
    incident: &Incident,
    officer: &str,
    action: Action,
) -> Result<Finding, String> {
    let decision = Decision {
        incident: incident.id,
        officer: slug(officer),
        decided_at: at("2025-03-02T12:00:00Z"),
        action,
        reason: "Seen by the patrol.".to_owned(),
    };
    let (clocks, parties) = (clocks(), parties());
    let rules = Rules {
        clocks: &clocks,
        parties: &parties,
        recipients: &[],
        roles: &[],
    };
    decide(finding, FindingSerial(7), incident, &decision, true, rules).map_err(|r| r.to_string())
}

fn walk(incident: &Incident, steps: &[(&str, Action)]) -> Result<Finding, String> {
    let mut finding = None;
    for (officer, action) in steps {
        finding = Some(act(finding.as_ref(), incident, officer, action.clone())?);
    }
    finding.ok_or_else(|| "no step".to_owned())
}

/// The steps that lead to a status.
fn way_to(status: Status) -> Vec<(&'static str, Action)> {
    let to = |status| ("one", Action::MoveTo(status));
    let mut way = vec![("one", Action::Remark)];
    let up = [
        Status::UnderVerification,
        Status::Corroborated,
        Status::Verified,
    ];
    match status {
        Status::Reported => {}
        Status::Attributed => {
            way.extend(up.map(to));
            way.extend([("one", attribute("party-a")), ("two", attribute("party-a"))]);
        }
        Status::Closed => way.extend(up.into_iter().chain([Status::Closed]).map(to)),
        _ => match up.iter().position(|step| *step == status) {
            Some(place) => way.extend(up.into_iter().take(place + 1).map(to)),
            None => way.push(to(status)),
        },
    }
    way
}

#[test]
fn every_step_of_the_table_is_taken_and_every_other_refused() {
    let incident = physical_event(0.95);
    for from in LADDER {
        let finding = walk(&incident, &way_to(from)).unwrap();
        assert_eq!(finding.status, from);
        for to in LADDER {
            let moved = act(Some(&finding), &incident, "two", Action::MoveTo(to));
            match moved {
                Ok(next) => {
                    assert!(steps_from(from).contains(&to), "{from:?} to {to:?}");
                    assert_eq!(next.status, to);
                }
                Err(_) => assert!(!steps_from(from).contains(&to), "{from:?} to {to:?}"),
            }
        }
        let offered = allowed(Some(&finding));
        for offer in &offered {
            let action = match offer.action {
                AllowedAction::MoveTo(status) => Action::MoveTo(status),
                AllowedAction::Attribute => attribute("party-b"),
                AllowedAction::Remark => Action::Remark,
            };
            act(Some(&finding), &incident, "two", action).unwrap();
        }
        assert_eq!(
            offered.len(),
            steps_from(from).len() + 1 + usize::from(from == Status::Verified)
        );
    }
}

#[test]
fn refusals_are_sentences_that_say_what_can_be_done() {
    let incident = physical_event(0.95);
    let verified = walk(&incident, &way_to(Status::Verified)).unwrap();
    let proposed = act(Some(&verified), &incident, "one", attribute("party-a")).unwrap();
    let table = [
        (
            act(None, &incident, "one", Action::MoveTo(Status::Verified)),
            "From reported a finding cannot move to verified; it can move to under verification, \
             unverifiable, not a violation or retracted.",
        ),
        (
            act(
                Some(&verified),
                &incident,
                "one",
                Action::MoveTo(Status::Attributed),
            ),
            "A finding becomes attributed when two different officers name the same party.",
        ),
        (
            act(None, &incident, "one", attribute("party-a")),
            "A party can be named only for a verified finding; this one is reported.",
        ),
        (
            act(Some(&verified), &incident, "one", attribute("party-c")),
            "party-c is not a party to the agreement; the parties are party-a, party-b.",
        ),
        (
            act(Some(&proposed), &incident, "one", attribute("party-a")),
            "You named party-a yourself; a second, different officer must name it too.",
        ),
    ];
    for (result, sentence) in table {
        assert_eq!(result.unwrap_err(), sentence);
    }
}

#[test]
fn a_decision_needs_a_reason_and_its_own_incident() {
    let incident = physical_event(0.95);
    let mut decision = Decision {
        incident: incident.id,
        officer: slug("one"),
        decided_at: at("2025-03-02T12:00:00Z"),
        action: Action::Remark,
        reason: "  ".to_owned(),
    };
    let (clocks, parties) = (clocks(), parties());
    let rules = Rules {
        clocks: &clocks,
        parties: &parties,
        recipients: &[],
        roles: &[],
    };
    let try_it = |decision: &Decision| {
        decide(None, FindingSerial(1), &incident, decision, false, rules).map(|f| f.serial)
    };
    assert!(
        try_it(&decision)
            .unwrap_err()
            .to_string()
            .contains("needs a reason")
    );
    decision.reason = "Noted.".to_owned();
    assert_eq!(try_it(&decision), Ok(FindingSerial(1)));
    decision.incident = physical_event(0.1).id;
    assert!(
        try_it(&decision).is_ok(),
        "the name does not hang on the probability"
    );
    decision.incident = truce_core::IncidentId(truce_core::Digest::of(b"another"));
    assert!(try_it(&decision).is_err());
}

#[test]
fn two_officers_attribute() {
    let incident = physical_event(0.95);
    let verified = walk(&incident, &way_to(Status::Verified)).unwrap();
    let first = act(Some(&verified), &incident, "one", attribute("party-a")).unwrap();
    assert_eq!(first.status, Status::Verified);
    assert_eq!(first.attributed_to, None);
    let other = act(Some(&first), &incident, "two", attribute("party-b")).unwrap();
    assert_eq!(
        other.attribution_proposed,
        Some((slug("party-b"), slug("two")))
    );
    assert_eq!(other.status, Status::Verified);
    let done = act(Some(&first), &incident, "two", attribute("party-a")).unwrap();
    assert_eq!(done.status, Status::Attributed);
    assert_eq!(done.attributed_to, Some(slug("party-a")));
    let back = act(
        Some(&done),
        &incident,
        "one",
        Action::MoveTo(Status::Verified),
    )
    .unwrap();
    assert_eq!(back.attributed_to, None);
    let closed = act(
        Some(&done),
        &incident,
        "one",
        Action::MoveTo(Status::Closed),
    )
    .unwrap();
    assert_eq!(closed.attributed_to, Some(slug("party-a")));
}

#[test]
fn clocks_start_once_when_a_breach_is_verified() {
    let incident = physical_event(0.95);
    let verified = walk(&incident, &way_to(Status::Verified)).unwrap();
    let due: Vec<_> = verified.clocks.iter().map(|clock| clock.due_at).collect();
    assert_eq!(
        due,
        [at("2025-03-03T12:00:00Z"), at("2025-03-05T12:00:00Z")]
    );
    let corroborated = walk(&incident, &way_to(Status::Corroborated)).unwrap();
    assert!(corroborated.clocks.is_empty());
    let dropped = act(
        Some(&verified),
        &incident,
        "one",
        Action::MoveTo(Status::NotAViolation),
    );
    assert!(dropped.unwrap().clocks.is_empty());
}

#[test]
fn replies_are_an_overlay_and_never_refused() {
    let incident = physical_event(0.95);
    let say = |finding: Option<&Finding>, party: &str, stance| {
        let words = Reply {
            incident: incident.id,
            party: slug(party),
            replied_at: at("2025-03-02T13:00:00Z"),
            stance,
            text: "We say so.".to_owned(),
        };
        reply(finding, FindingSerial(9), &incident, &words)
    };
    let fresh = say(None, "party-b", Stance::Disputes);
    assert_eq!(
        (fresh.serial, fresh.status),
        (FindingSerial(9), Status::Reported)
    );
    for status in LADDER {
        let finding = walk(&incident, &way_to(status)).unwrap();
        let disputed = say(Some(&finding), "party-b", Stance::Disputes);
        let both = say(Some(&disputed), "party-a", Stance::Disputes);
        let twice = say(Some(&both), "party-b", Stance::Disputes);
        assert_eq!(twice.disputed_by, parties());
        assert_eq!(twice.status, status);
        let explained = say(Some(&twice), "party-b", Stance::Explains);
        assert_eq!(explained.disputed_by, parties());
        let accepted = say(Some(&explained), "party-b", Stance::Accepts);
        assert_eq!(accepted.disputed_by, [slug("party-a")]);
        assert_eq!(accepted.history.len(), finding.history.len() + 5);
    }
}

#[test]
fn a_withdrawn_incident_climbs_no_further() {
    let mut incident = physical_event(0.95);
    let corroborated = walk(&incident, &way_to(Status::Corroborated)).unwrap();
    let verified = walk(&incident, &way_to(Status::Verified)).unwrap();
    incident.withdrawn = Some(Withdrawal::Unsupported);
    incident.revision = 2;
    let try_it = |finding, action| act(Some(finding), &incident, "two", action);
    assert!(try_it(&corroborated, Action::MoveTo(Status::Verified)).is_err());
    assert!(try_it(&verified, attribute("party-a")).is_err());
    let retracted = try_it(&verified, Action::MoveTo(Status::Retracted)).unwrap();
    assert_eq!(retracted.incident_revision, 2);
}
