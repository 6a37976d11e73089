//! The procedure around a finding: who may do what, visits, inquiries, release, referral, clocks,
//! joining and counting.

use truce_accord::agreement::{ClockRule, Permission, Role};
use truce_accord::ladder::{Procedure, Rules, check_merge, clocks_at, count, decide, reply};
use truce_core::finding::{ClockState, Column};
use truce_core::{
    Action, Decision, Digest, Finding, FindingSerial, Incident, IncidentId, Reply, Slug, Stance,
    Status, Timestamp, VisitMeans, VisitOutcome,
};

use crate::fixture::{agreement, at, documented, physical_event, slug};

/// Officers who may do different things, the parties, and to whom findings are referred.
struct Desk {
    clocks: Vec<ClockRule>,
    parties: Vec<Slug>,
    recipients: Vec<Slug>,
    roles: Vec<Role>,
}

fn desk(roles: Vec<Role>) -> Desk {
    let clock = |name: &str, hours, warn_hours| ClockRule {
        name: slug(name),
        title: name.to_owned(),
        hours,
        warn_hours,
    };
    Desk {
        clocks: vec![
            clock("response", 24.0, None),
            clock("combined_action", 72.0, Some(12.0)),
        ],
        parties: vec![slug("party-a"), slug("party-b")],
        recipients: vec![slug("guarantor"), slug("joint-commission")],
        roles,
    }
}

/// A finding in the making: each act is a decision, taken one hour after the one before.
struct Case {
    desk: Desk,
    incident: Incident,
    finding: Option<Finding>,
    hours: i64,
}

impl Case {
    fn new() -> Self {
        Self {
            desk: desk(Vec::new()),
            incident: physical_event(0.95),
            finding: None,
            hours: 0,
        }
    }

    fn now(&self) -> Timestamp {
        truce_core::time::plus_seconds(at("2025-03-02T00:00:00Z"), self.hours as f64 * 3_600.0)
    }

    fn act(&mut self, officer: &str, action: Action) -> Result<(), String> {
        self.hours += 1;
        let decision = Decision {
            incident: self.incident.id,
            officer: slug(officer),
            decided_at: self.now(),
            action,
            reason: "As the procedure asks.".to_owned(),
        };
        let rules = Rules {
            clocks: &self.desk.clocks,
            parties: &self.desk.parties,
            recipients: &self.desk.recipients,
            roles: &self.desk.roles,
        };
        let serial = FindingSerial(1);
        let finding = self.finding.as_ref();
        let next = decide(finding, serial, &self.incident, &decision, true, rules);
        self.finding = Some(next.map_err(|refusal| refusal.to_string())?);
        Ok(())
    }

    /// Acts that must be taken.
    fn all(mut self, acts: &[(&str, Action)]) -> Self {
        for (officer, action) in acts {
            self.act(officer, action.clone()).unwrap();
        }
        self
    }

    fn finding(&self) -> &Finding {
        self.finding.as_ref().unwrap()
    }

    fn procedure(&self) -> Procedure {
        Procedure::of(self.finding())
    }
}

fn verified() -> Case {
    let to = |status| ("one", Action::MoveTo(status));
    Case::new().all(&[
        to(Status::UnderVerification),
        to(Status::Corroborated),
        to(Status::Verified),
    ])
}

fn ask(means: VisitMeans) -> Action {
    Action::AskVisit {
        means,
        due_at: None,
    }
}

fn report(visit: u32, outcome: VisitOutcome) -> Action {
    Action::ReportVisit { visit, outcome }
}

fn release(to: &[&str]) -> Action {
    let to = to.iter().map(|name| slug(name)).collect();
    Action::Release { to }
}

fn refused(case: &mut Case, officer: &str, action: Action, expected: &str) {
    let before = case.finding.clone();
    let why = case.act(officer, action.clone()).unwrap_err();
    assert!(why.contains(expected), "{action:?}: {why}");
    assert!(why.ends_with('.'), "{why}");
    assert_eq!(case.finding, before, "a refusal changes nothing");
}

#[test]
fn roles_say_who_may_do_what() {
    let text = documented().replacen(
        "[[version]]",
        "[[role]]\nid = \"watch\"\ntitle = \"Watch officer\"\nofficers = [\"one\", \"two\"]\n\
         may = [\"under_verification\", \"remark\", \"visit\"]\n\n\
         [[role]]\nid = \"chief\"\ntitle = \"Chief\"\nofficers = [\"two\"]\nmay = [\"corroborated\", \
         \"verified\", \"release\"]\n\n[[version]]",
        1,
    );
    let roles = agreement(&text).roles;
    assert_eq!(roles.len(), 4, "two of the documentation, two of this test");
    assert!(roles[3].may.contains(&Permission::MoveTo(Status::Verified)));
    let mut case = Case::new();
    case.desk = desk(roles);
    refused(&mut case, "three", Action::Remark, "No role of three");
    let attribute = Action::Attribute {
        party: slug("party-a"),
    };
    refused(&mut case, "one", attribute, "No role of one");
    case.act("one", Action::MoveTo(Status::UnderVerification))
        .unwrap();
    case.act("one", ask(VisitMeans::Patrol)).unwrap();
    refused(
        &mut case,
        "one",
        Action::MoveTo(Status::Corroborated),
        "No role of one",
    );
    case.act("two", Action::MoveTo(Status::Corroborated))
        .unwrap();
    case.act("two", Action::MoveTo(Status::Verified)).unwrap();
    case.act("two", release(&["guarantor"])).unwrap();
    refused(&mut case, "one", release(&["guarantor"]), "No role of one");
    assert_eq!(case.finding().status, Status::Verified);
}

#[test]
fn visits_are_asked_for_reported_once_and_may_be_denied() {
    let mut case = Case::new();
    refused(
        &mut case,
        "one",
        report(1, VisitOutcome::Confirmed),
        "no open visit 1",
    );
    case.act("one", ask(VisitMeans::Patrol)).unwrap();
    case.act("one", ask(VisitMeans::Drone)).unwrap();
    case.act("two", report(1, VisitOutcome::AccessDenied))
        .unwrap();
    refused(
        &mut case,
        "two",
        report(1, VisitOutcome::Confirmed),
        "no open visit 1",
    );
    refused(
        &mut case,
        "two",
        report(0, VisitOutcome::Confirmed),
        "no open visit 0",
    );
    assert!(case.procedure().access_denied());
    assert_eq!(
        case.finding().status,
        Status::Reported,
        "a visit by itself moves nothing"
    );
    case.act("two", report(2, VisitOutcome::Confirmed)).unwrap();
    let procedure = case.procedure();
    assert_eq!(procedure.visits.len(), 2);
    assert_eq!(
        procedure.visits[0].outcome.unwrap().0,
        VisitOutcome::AccessDenied
    );
    assert_eq!(procedure.visits[1].means, VisitMeans::Drone);
    assert_eq!(case.finding().history.len(), 4);
}

#[test]
fn an_allegation_opens_an_inquiry_that_a_finding_answers() {
    let inquiry = |party: &str| Action::OpenInquiry { party: slug(party) };
    let mut case = Case::new();
    refused(&mut case, "one", inquiry("guarantor"), "is not a party");
    case.act("one", inquiry("party-a")).unwrap();
    assert_eq!(case.finding().status, Status::UnderVerification);
    assert!(case.procedure().inquiries[0].answered.is_none());
    case.act("one", Action::MoveTo(Status::Corroborated))
        .unwrap();
    assert!(
        case.procedure().inquiries[0].answered.is_none(),
        "not yet established"
    );
    for (end, expected) in [
        (Status::Verified, Status::Verified),
        (Status::Unverifiable, Status::Unverifiable),
        (Status::NotAViolation, Status::NotAViolation),
    ] {
        let mut answered = Case {
            finding: case.finding.clone(),
            ..Case::new()
        };
        answered.act("two", Action::MoveTo(end)).unwrap();
        let inquiry = &answered.procedure().inquiries[0];
        assert_eq!(inquiry.answered.unwrap().0, expected);
        assert_eq!(inquiry.party, slug("party-a"));
    }
}

#[test]
fn a_release_takes_two_officers_and_the_same_audience() {
    let mut case = verified();
    refused(&mut case, "one", release(&[]), "to whom");
    refused(
        &mut case,
        "one",
        release(&["party-b", "party-a"]),
        "in order",
    );
    case.act("one", release(&["party-a", "party-b"])).unwrap();
    refused(
        &mut case,
        "one",
        release(&["party-a", "party-b"]),
        "second, different officer",
    );
    case.act("two", release(&["guarantor"])).unwrap();
    assert!(
        case.procedure().releases.is_empty(),
        "another audience is another proposal"
    );
    case.act("three", release(&["guarantor"])).unwrap();
    let procedure = case.procedure();
    assert_eq!(procedure.release_proposed, None);
    assert_eq!(procedure.releases.len(), 1);
    assert_eq!(procedure.releases[0].to, [slug("guarantor")]);
    assert_eq!(procedure.releases[0].officers, [slug("two"), slug("three")]);
}

#[test]
fn a_referral_waits_for_its_acknowledgement() {
    let escalate = |to: &str| Action::Escalate { to: slug(to) };
    let acknowledge = |by: &str| Action::Acknowledge { by: slug(by) };
    let mut case = verified();
    refused(
        &mut case,
        "one",
        escalate("party-a"),
        "guarantor, joint-commission",
    );
    refused(
        &mut case,
        "one",
        acknowledge("guarantor"),
        "waits for an acknowledgement",
    );
    case.act("one", escalate("joint-commission")).unwrap();
    case.act("one", escalate("guarantor")).unwrap();
    case.act("two", acknowledge("guarantor")).unwrap();
    refused(
        &mut case,
        "two",
        acknowledge("guarantor"),
        "waits for an acknowledgement",
    );
    let procedure = case.procedure();
    let open: Vec<bool> = procedure
        .referrals
        .iter()
        .map(|referral| referral.acknowledged_at.is_none())
        .collect();
    assert_eq!(open, [true, false]);
    assert!(procedure.open_referral(&slug("joint-commission")).is_some());
}

#[test]
fn clocks_warn_before_they_lapse_and_tell_whether_they_were_met() {
    // Verified at 03:00; the first clock runs for 24 h and warns 6 h before, the second 12 h before 72.
    let case = verified();
    let state = |case: &Case, when: &str| -> Vec<ClockState> {
        let readings = clocks_at(case.finding(), &case.desk.clocks, at(when));
        readings.iter().map(|reading| reading.state).collect()
    };
    use ClockState::{DueSoon, Lapsed, Met, MetLate, Running};
    let table = [
        ("2025-03-02T03:00:00Z", [Running, Running]),
        ("2025-03-02T20:59:00Z", [Running, Running]),
        ("2025-03-02T21:00:00Z", [DueSoon, Running]),
        ("2025-03-03T03:00:00Z", [DueSoon, Running]),
        ("2025-03-03T03:00:01Z", [Lapsed, Running]),
        ("2025-03-04T15:00:00Z", [Lapsed, DueSoon]),
        ("2025-03-05T03:00:01Z", [Lapsed, Lapsed]),
    ];
    for (when, expected) in table {
        assert_eq!(state(&case, when), expected, "{when}");
    }
    let meet = |clock: &str| Action::MeetClock { clock: slug(clock) };
    let mut case = case;
    refused(&mut case, "one", meet("lunch"), "No clock lunch");
    case.act("one", meet("response")).unwrap();
    case.hours = 80;
    case.act("one", meet("combined_action")).unwrap();
    assert_eq!(state(&case, "2025-03-09T00:00:00Z"), [Met, MetLate]);
    let left = clocks_at(
        case.finding(),
        &case.desk.clocks,
        at("2025-03-03T02:00:00Z"),
    )[0]
    .left_s;
    assert!((left - 3_600.0).abs() < 1e-9, "{left}");
}

fn id(name: &str) -> IncidentId {
    IncidentId(Digest::of(name.as_bytes()))
}

#[test]
fn joined_events_keep_their_history_and_can_be_separated() {
    let merge = |name: &str| Action::MergeInto { incident: id(name) };
    let mut case = verified();
    let own = case.incident.id;
    refused(&mut case, "one", Action::Split, "not joined");
    refused(
        &mut case,
        "one",
        Action::MergeInto { incident: own },
        "with itself",
    );
    case.act("one", merge("other")).unwrap();
    let steps = case.finding().history.len();
    refused(
        &mut case,
        "one",
        Action::MoveTo(Status::Closed),
        "counts as one event",
    );
    refused(
        &mut case,
        "one",
        release(&["party-a"]),
        "counts as one event",
    );
    case.act("one", Action::Remark).unwrap();
    // A party's reply is never refused, whatever the finding is joined with.
    let words = Reply {
        incident: own,
        party: slug("party-b"),
        replied_at: case.now(),
        stance: Stance::Disputes,
        text: "It was not us.".to_owned(),
    };
    let replied = reply(
        case.finding.as_ref(),
        FindingSerial(9),
        &case.incident,
        &words,
    );
    assert_eq!(replied.disputed_by, [slug("party-b")]);
    assert_eq!(replied.history.len(), steps + 2);
    case.finding = Some(replied);
    case.act("two", Action::Split).unwrap();
    assert_eq!(case.procedure().merged_into, None);
    case.act("two", Action::MoveTo(Status::Closed)).unwrap();
    assert_eq!(case.finding().history.len(), steps + 4);
    assert_eq!(case.finding().serial, FindingSerial(1), "no number is lost");
}

#[test]
fn joining_never_goes_in_a_circle() {
    let into_of = |known: &[(&str, &str)], name: IncidentId| {
        let next = known.iter().find(|(from, _)| id(from) == name);
        next.map(|(_, to)| id(to))
    };
    /// Which events are joined with which, the two to be joined, and whether they may be.
    type Row = (
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
        bool,
    );
    let table: [Row; 5] = [
        (&[], "a", "b", true),
        (&[], "a", "a", false),
        (&[("b", "a")], "a", "b", false),
        (&[("b", "c"), ("c", "a")], "a", "b", false),
        (&[("b", "c")], "a", "b", true),
    ];
    for (known, from, to, expected) in table {
        let checked = check_merge(id(from), id(to), |name| into_of(known, name));
        assert_eq!(checked.is_ok(), expected, "{known:?} {from} {to}");
    }
}

fn counted(name: &str, facts: &[(&str, &str)]) -> Incident {
    let mut incident = physical_event(0.9);
    incident.id = id(name);
    for (key, value) in facts {
        incident.attributes.insert(slug(key), (*value).to_owned());
    }
    incident
}

#[test]
fn missions_count_events_once_and_trajectories_and_exercises_apart() {
    let joined = |name: &str, with: &str| {
        let mut case = Case::new();
        case.incident = counted(name, &[("count", "5")]);
        case.act("one", Action::MergeInto { incident: id(with) })
            .unwrap();
        (case.incident.clone(), case.finding.clone())
    };
    let no_violation = {
        let mut case = Case::new();
        case.incident = counted("harmless", &[]);
        case.act("one", Action::MoveTo(Status::NotAViolation))
            .unwrap();
        (case.incident.clone(), case.finding.clone())
    };
    let cases = [
        (counted("heard", &[("count", "3")]), None),
        joined("seen", "heard"),
        (
            counted("flight", &[("trajectory", "true"), ("count", "4")]),
            None,
        ),
        (
            counted("range", &[("exercise", "true"), ("count", "20")]),
            None,
        ),
        no_violation,
        (counted("alone", &[]), None),
    ];
    let cases: Vec<_> = cases.iter().map(|(i, f)| (i, f.as_ref())).collect();
    let found = count(&cases);
    let of = |column: Column| -> Vec<u64> {
        let mut numbers: Vec<u64> = found
            .iter()
            .filter(|counted| counted.column == column)
            .map(|counted| counted.number)
            .collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(
        of(Column::Event),
        [1, 5],
        "two observers saw one event; the larger number stands"
    );
    assert_eq!(of(Column::Trajectory), [4]);
    assert_eq!(of(Column::Exercise), [20]);
    let both = found
        .iter()
        .find(|counted| counted.incident == id("heard"))
        .unwrap();
    let mut seen_as = vec![id("heard"), id("seen")];
    seen_as.sort_unstable();
    assert_eq!(both.seen_as, seen_as, "both observers are shown");
    assert!(
        found
            .iter()
            .all(|counted| counted.incident != id("harmless"))
    );
}
