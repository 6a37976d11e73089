//! What was done and said in the period: decisions, replies, clocks and late revisions.

use truce_core::finding::Step;
use truce_core::incident::Withdrawal;
use truce_core::{Action, Finding, Timestamp};

use crate::account::{Account, Basis};
use crate::events::{visit_means, visit_outcome};
use crate::table::{Cell, Table};
use crate::words;

/// The steps of all findings that were taken in the period, in order of time.
fn steps(account: &Account) -> Vec<(&Finding, &Step)> {
    let within = |at: Timestamp| account.period.start <= at && at < account.period.end;
    let findings = account.findings.iter();
    let steps = findings.flat_map(|finding| finding.history.iter().map(move |s| (finding, s)));
    let mut steps: Vec<_> = steps.filter(|(_, step)| within(taken_at(step))).collect();
    steps.sort_by_key(|(_, step)| taken_at(step));
    steps
}

fn taken_at(step: &Step) -> Timestamp {
    match step {
        Step::Decision(decision) => decision.decided_at,
        Step::Reply(reply) => reply.replied_at,
    }
}

/// Decisions of officers.
pub(crate) fn decisions(account: &Account) -> Table {
    let basis = &account.basis;
    let mut rows = Vec::new();
    for (finding, step) in steps(account) {
        let Step::Decision(decision) = step else {
            continue;
        };
        rows.push(vec![
            Cell::text(basis.local(decision.decided_at)),
            Cell::text(finding.serial.to_string()),
            Cell::text(action_words(basis, &decision.action)),
            Cell::text(decision.officer.as_str()),
            Cell::text(&*decision.reason),
        ]);
    }
    Table::new(
        basis.language,
        "decisions",
        "Action taken",
        "No officer decided anything in this period.",
        &[
            ("decided_at", "When"),
            ("number", "Finding"),
            ("action", "Action"),
            ("officer", "Officer"),
            ("reason", "Reason given"),
        ],
    )
    .rows(rows)
}

/// What an officer did, in words.
pub(crate) fn action_words(basis: &Basis, action: &Action) -> String {
    let l = basis.language;
    let actor = |id| words::actor(&basis.mission, id);
    match action {
        Action::MoveTo(status) => l.fill("moved to: {}", &[&l.status(*status)]),
        Action::Attribute { party } => l.fill("proposed attribution to {}", &[&actor(party)]),
        Action::Remark => l.t("remarked").to_owned(),
        Action::AskVisit { means, .. } => l.fill(
            "asked for a visit of the site: {}",
            &[&visit_means(l, *means)],
        ),
        Action::ReportVisit { visit, outcome } => {
            l.fill("visit {}: {}", &[visit, &visit_outcome(l, *outcome)])
        }
        Action::OpenInquiry { party } => l.fill(
            "opened an inquiry into an allegation by {}",
            &[&actor(party)],
        ),
        Action::Release { to } => {
            let names: Vec<&str> = to.iter().map(actor).collect();
            l.fill("released it to {}", &[&names.join(", ")])
        }
        Action::Escalate { to } => l.fill("referred it to {}", &[&actor(to)]),
        Action::Acknowledge { by } => l.fill("noted that {} acknowledged it", &[&actor(by)]),
        Action::MeetClock { clock } => {
            l.fill("noted that the duty was met: {}", &[&basis.duty(clock)])
        }
        Action::MergeInto { incident } => l.fill("joined it with {}", &[&incident.0.short()]),
        Action::Split => l.t("separated it again").to_owned(),
    }
}

/// Replies of the parties, in their own words.
pub(crate) fn replies(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let mut rows = Vec::new();
    for (finding, step) in steps(account) {
        let Step::Reply(reply) = step else {
            continue;
        };
        rows.push(vec![
            Cell::text(basis.local(reply.replied_at)),
            Cell::text(finding.serial.to_string()),
            Cell::text(words::actor(&basis.mission, &reply.party)),
            Cell::text(l.stance(reply.stance)),
            Cell::text(&*reply.text),
        ]);
    }
    Table::new(
        l,
        "replies",
        "Replies of the parties",
        "No party replied to a finding in this period.",
        &[
            ("replied_at", "When"),
            ("number", "Finding"),
            ("party", "Party"),
            ("stance", "Stance"),
            ("text", "In its words"),
        ],
    )
    .note(l.t("Every reply is printed as it was given. A reply changes no status."))
    .rows(rows)
}

/// Duties that run against time: what lapsed or will lapse soon before what only runs.
pub(crate) fn clocks(account: &Account) -> Table {
    use truce_core::finding::ClockState::{DueSoon, Lapsed, Met, MetLate, Running};
    let basis = &account.basis;
    let l = basis.language;
    let mut clocks: Vec<_> = account.clocks.iter().collect();
    clocks.sort_by_key(|(serial, clock)| {
        let urgency = match clock.state {
            Lapsed => 0,
            DueSoon => 1,
            Running => 2,
            Met | MetLate => 3,
        };
        (urgency, clock.due_at, *serial)
    });
    let rows = clocks.into_iter().map(|(serial, clock)| {
        let left = match clock.state {
            Met | MetLate => Cell::None,
            _ => Cell::Number(clock.left_s / 3_600.0, 1),
        };
        vec![
            Cell::text(serial.to_string()),
            Cell::text(basis.duty(&clock.name)),
            Cell::text(basis.local(clock.due_at)),
            left,
            Cell::text(basis.local(clock.warns_at)),
            Cell::text(l.clock_state(clock.state)),
        ]
    });
    Table::new(
        l,
        "clocks",
        "Clocks",
        "No clock of the agreement runs.",
        &[
            ("number", "Finding"),
            ("duty", "Duty"),
            ("due_at", "Due"),
            ("left_h", "Hours left"),
            ("warns_at", "Warns from"),
            ("state", "State"),
        ],
    )
    .rows(rows)
}

/// Incidents of earlier periods that were revised.
pub(crate) fn revisions(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let rows = account.revised.iter().map(|revised| {
        let incident = &revised.incident;
        let change = match &incident.withdrawn {
            Some(Withdrawal::PartOf(other)) => l.fill("now part of {}", &[&other.0.short()]),
            Some(Withdrawal::Unsupported) => l.t("no longer supported by evidence").to_owned(),
            Some(Withdrawal::TakenBack) => l.t("taken back by who reported it").to_owned(),
            None => l.fill("observations: {}", &[&incident.evidence.len()]),
        };
        vec![
            Cell::text(incident.id.0.short()),
            Cell::text(basis.local(incident.occurred.start)),
            Cell::text(l.what(incident)),
            Cell::text(format!(
                "{} → {}",
                revised.revision_before, incident.revision
            )),
            Cell::Number(revised.probability_before, 2),
            Cell::Number(incident.probability, 2),
            Cell::text(change),
        ]
    });
    Table::new(
        l,
        "revisions",
        "Revisions of earlier reports",
        "Nothing that was reported before has been revised.",
        &[
            ("incident", "Incident"),
            ("occurred_at", "When it happened"),
            ("what", "What"),
            ("revision", "Revision"),
            ("probability_before", "Probability before"),
            ("probability", "Probability now"),
            ("change", "Now"),
        ],
    )
    .note(l.t(
        "Evidence that arrives late revises an incident. The earlier revision stays in the log.",
    ))
    .rows(rows)
}
