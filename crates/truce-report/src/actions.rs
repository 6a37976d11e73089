//! What was done and said in the period: decisions, replies, clocks and late revisions.

use truce_core::finding::Step;
use truce_core::{Action, Finding, IncidentId, Timestamp, VisitMeans, VisitOutcome};

use crate::period::local;
use crate::table::{Cell, Table};
use crate::{Daily, words};

fn in_period(daily: &Daily, at: Timestamp) -> bool {
    daily.period.start <= at && at < daily.period.end
}

/// Decisions of officers.
pub(crate) fn decisions(daily: &Daily) -> Table {
    let mut rows = Vec::new();
    for (finding, step) in steps(daily) {
        let Step::Decision(decision) = step else {
            continue;
        };
        if !in_period(daily, decision.decided_at) {
            continue;
        }
        let action = action_words(&decision.action, daily);
        rows.push((
            decision.decided_at,
            vec![
                Cell::text(local(&daily.mission.report, decision.decided_at)),
                Cell::text(finding.serial.to_string()),
                Cell::text(action),
                Cell::text(decision.officer.as_str()),
                Cell::text(&*decision.reason),
            ],
        ));
    }
    Table::new(
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
    .rows(in_order(rows))
}

/// What an officer did, in words.
fn action_words(action: &Action, daily: &Daily) -> String {
    let actor = |id| words::actor(&daily.mission, id);
    match action {
        Action::MoveTo(status) => format!("moved to {}", words::status(*status)),
        Action::Attribute { party } => format!("proposed attribution to {}", actor(party)),
        Action::Remark => "remarked".to_owned(),
        Action::AskVisit { means, .. } => match means {
            VisitMeans::Patrol => "asked for a patrol to the site".to_owned(),
            VisitMeans::Drone => "asked for a drone over the site".to_owned(),
        },
        Action::ReportVisit { visit, outcome } => {
            let gave = match outcome {
                VisitOutcome::Confirmed => "confirmed it",
                VisitOutcome::Refuted => "showed that it did not happen",
                VisitOutcome::Inconclusive => "was inconclusive",
                VisitOutcome::AccessDenied => "was denied access",
                VisitOutcome::Abandoned => "was given up",
            };
            format!("visit {visit} {gave}")
        }
        Action::OpenInquiry { party } => {
            format!("opened an inquiry into an allegation by {}", actor(party))
        }
        Action::Release { to } => {
            let names: Vec<_> = to.iter().map(|id| actor(id).to_string()).collect();
            format!("released it to {}", names.join(", "))
        }
        Action::Escalate { to } => format!("referred it to {}", actor(to)),
        Action::Acknowledge { by } => format!("noted that {} acknowledged it", actor(by)),
        Action::MeetClock { clock } => format!("noted that the duty {clock} was met"),
        Action::MergeInto { incident } => format!("joined it with {}", incident.0.short()),
        Action::Split => "separated it again".to_owned(),
    }
}

/// Replies of the parties, in their own words.
pub(crate) fn replies(daily: &Daily) -> Table {
    let mut rows = Vec::new();
    for (finding, step) in steps(daily) {
        let Step::Reply(reply) = step else {
            continue;
        };
        if !in_period(daily, reply.replied_at) {
            continue;
        }
        rows.push((
            reply.replied_at,
            vec![
                Cell::text(local(&daily.mission.report, reply.replied_at)),
                Cell::text(finding.serial.to_string()),
                Cell::text(words::actor(&daily.mission, &reply.party)),
                Cell::text(words::stance(reply.stance)),
                Cell::text(&*reply.text),
            ],
        ));
    }
    Table::new(
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
    .note("Every reply is printed as it was given. A reply changes no status.")
    .rows(in_order(rows))
}

/// Duties that run or ran out.
pub(crate) fn clocks(daily: &Daily) -> Table {
    let of_period = daily.incidents.iter().filter_map(|r| r.finding.as_ref());
    let mut rows = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for finding in of_period.chain(&daily.findings) {
        if !seen.insert(finding.serial) {
            continue;
        }
        for clock in &finding.clocks {
            let overdue = clock.due_at <= daily.as_of;
            rows.push((
                clock.due_at,
                vec![
                    Cell::text(finding.serial.to_string()),
                    Cell::text(clock.name.as_str()),
                    Cell::text(local(&daily.mission.report, clock.starts_at)),
                    Cell::text(local(&daily.mission.report, clock.due_at)),
                    Cell::text(if overdue { "time is up" } else { "running" }),
                ],
            ));
        }
    }
    Table::new(
        "clocks",
        "Clocks",
        "No clock of the agreement runs.",
        &[
            ("number", "Finding"),
            ("duty", "Duty"),
            ("starts_at", "Since"),
            ("due_at", "Due"),
            ("state", "State"),
        ],
    )
    .rows(in_order(rows))
}

/// Incidents of earlier periods that were revised.
pub(crate) fn revisions(daily: &Daily) -> Table {
    let rows = daily.revised.iter().map(|revised| {
        let incident = &revised.incident;
        let change = match &incident.withdrawn {
            Some(truce_core::incident::Withdrawal::PartOf(other)) => {
                format!("now part of {}", short(*other))
            }
            Some(truce_core::incident::Withdrawal::Unsupported) => {
                "no longer supported by evidence".to_owned()
            }
            None => format!("{} observations", incident.evidence.len()),
        };
        vec![
            Cell::text(short(incident.id)),
            Cell::text(local(&daily.mission.report, incident.occurred.start)),
            Cell::text(words::what(incident)),
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
    .note("Evidence that arrives late revises an incident. The earlier revision stays in the log.")
    .rows(rows.collect())
}

fn short(id: IncidentId) -> String {
    id.0.short()
}

fn steps(daily: &Daily) -> impl Iterator<Item = (&Finding, &Step)> {
    let findings = daily.findings.iter();
    findings.flat_map(|finding| finding.history.iter().map(move |step| (finding, step)))
}

fn in_order(mut rows: Vec<(Timestamp, Vec<Cell>)>) -> Vec<Vec<Cell>> {
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}
