//! What people say and decide, through the engine of the example mission: notices, visits, and who
//! speaks for whom.

use std::collections::BTreeMap;
use std::fs;

use truce::engine::{Engine, Setup};
use truce_core::mission::MISSION_FILES;
use truce_core::{
    Action, Assessment, Body, Decision, Incident, IncidentKind, RawMessage, Record, Status,
    Verdict, VisitMeans, VisitOutcome,
};

use crate::program;

fn engine() -> Engine {
    let file = |name: &&str| {
        let text = fs::read_to_string(program::mission().join(name)).unwrap();
        ((*name).to_owned(), text)
    };
    let files: BTreeMap<String, String> = MISSION_FILES.iter().map(file).collect();
    Engine::new(Setup::read(&files).unwrap())
}

/// A message of a feed, received at the time it was given.
fn message(feed: &str, received_at: &str, text: &str) -> Record {
    Record::new(Body::Raw(RawMessage {
        source: feed.parse().unwrap(),
        received_at: received_at.parse().unwrap(),
        bytes: text.as_bytes().to_vec(),
    }))
}

fn decision(incident: &Incident, at: &str, action: Action) -> Record {
    Record::new(Body::Decision(Decision {
        incident: incident.id,
        officer: "officer-1".parse().unwrap(),
        decided_at: at.parse().unwrap(),
        action,
        reason: "the road was closed".to_owned(),
    }))
}

fn incidents(records: &[Record]) -> Vec<Incident> {
    let incident = |record: &Record| match &record.body {
        Body::Incident(incident) => Some(incident.clone()),
        _ => None,
    };
    records.iter().filter_map(incident).collect()
}

/// The assessment of a clause among records.
fn assessment(records: &[Record], clause: &str) -> Option<Assessment> {
    let of_clause = |record: &Record| match &record.body {
        Body::Assessment(assessment) if assessment.clause.as_str() == clause => {
            Some(assessment.clone())
        }
        _ => None,
    };
    records.iter().filter_map(of_clause).next_back()
}

const MOVEMENT: &str = r#"{"speaker":"patrol","observed_at":"2025-07-10T12:00:00Z",
    "about":"movement","lat_deg":48.15,"lon_deg":36.6,"count":20,"object_kind":"vehicle",
    "text":"a column","grade":"A1"}"#;

fn notice(given_at: &str) -> String {
    format!(
        r#"{{"type":"notice","id":"n-1","party":"ukraine","given_at":"{given_at}",
            "starts_at":"2025-07-10T06:00:00Z","ends_at":"2025-07-10T18:00:00Z"}}"#
    )
}

#[test]
fn a_notice_given_in_time_changes_what_a_movement_means_whichever_is_known_first() {
    let moved = message("patrols", "2025-07-10T12:30:00Z", MOVEMENT);
    // (when the notice was given, whether it is known before the movement, whether it helps)
    let cases = [
        ("2025-07-07T12:00:00Z", true, true),
        ("2025-07-07T12:00:00Z", false, true),
        ("2025-07-09T12:00:00Z", true, false),
        ("2025-07-09T12:00:00Z", false, false),
    ];
    for (given_at, first, helps) in cases {
        let mut engine = engine();
        let received = if first {
            given_at
        } else {
            "2025-07-10T13:00:00Z"
        };
        let notice = message("party-ukraine", received, &notice(given_at));
        let mut inputs = [notice, moved.clone()];
        if !first {
            inputs.reverse();
        }
        let [before, after] = inputs.map(|input| engine.step(&[input]));
        if !first {
            let unnoticed = assessment(&before, "notified-movements").unwrap();
            assert_eq!(unnoticed.verdict, Verdict::Breach, "{unnoticed:?}");
        }
        let last = assessment(&after, "notified-movements").unwrap();
        let told = last.reasons.iter().any(|reason| reason.contains("n-1"));
        assert!(told, "{:?}", last.reasons);
        assert_eq!(last.verdict != Verdict::Breach, helps, "{last:?}");
    }
}

#[test]
fn a_denied_visit_is_an_incident_of_its_own() {
    let mut engine = engine();
    let moved = message("patrols", "2025-07-10T12:30:00Z", MOVEMENT);
    let visited = incidents(&engine.step(&[moved])).remove(0);
    let (at, later) = ("2025-07-10T13:00:00Z", "2025-07-10T15:00:00Z");
    let ask = Action::AskVisit {
        means: VisitMeans::Patrol,
        due_at: None,
    };
    let report = |outcome| Action::ReportVisit { visit: 1, outcome };
    let asked = [Action::MoveTo(Status::UnderVerification), ask];
    for action in asked {
        let record = decision(&visited, at, action);
        let Body::Decision(taken) = &record.body else {
            unreachable!()
        };
        engine.check(taken).unwrap();
        assert_eq!(incidents(&engine.step(&[record])), []);
    }
    let denied = decision(&visited, later, report(VisitOutcome::AccessDenied));
    let out = engine.step(&[denied]);
    let [raised] = incidents(&out).try_into().unwrap();
    assert_eq!(raised.kind, IncidentKind::AccessDenied);
    assert_eq!(raised.place, visited.place);
    assert!(raised.explanation[0].text.contains("the road was closed"));
    let access = out.iter().find_map(|record| match &record.body {
        Body::Assessment(assessment) if assessment.incident == raised.id => Some(assessment),
        _ => None,
    });
    assert_eq!(access.unwrap().verdict, Verdict::Breach, "{access:?}");
    // It can be worked on like any other.
    let Body::Decision(taken) = decision(&raised, later, Action::Remark).body else {
        unreachable!()
    };
    engine.check(&taken).unwrap();
}

#[test]
fn a_party_speaks_for_itself_alone() {
    let reply = |party: &str| {
        format!(
            r#"{{"type":"reply","incident":"{:064}","party":"{party}",
                "replied_at":"2025-07-10T12:00:00Z","stance":"disputes","text":"no"}}"#,
            7
        )
    };
    let claim =
        |party: &str| MOVEMENT.replace("\"patrol\"", &format!("\"party\",\"party\":\"{party}\""));
    let in_the_name_of_ukraine = notice("2025-07-07T12:00:00Z");
    let cases = [
        ("party-ukraine", reply("ukraine"), true),
        ("party-ukraine", reply("russian-federation"), false),
        (
            "party-russian-federation",
            in_the_name_of_ukraine.clone(),
            false,
        ),
        ("party-ukraine", in_the_name_of_ukraine, true),
        ("party-ukraine", claim("russian-federation"), false),
        ("party-ukraine", claim("ukraine"), true),
        // The mission's own people write down what a party says.
        ("patrols", reply("russian-federation"), true),
    ];
    for (feed, text, heard) in cases {
        let out = engine().step(&[message(feed, "2025-07-10T12:30:00Z", &text)]);
        let class = out.iter().find_map(|record| match &record.body {
            Body::Rejection(rejection) => Some(rejection.class.to_string()),
            _ => None,
        });
        assert_eq!(
            class.as_deref(),
            (!heard).then_some("speaker"),
            "{feed}: {text}"
        );
    }
}
