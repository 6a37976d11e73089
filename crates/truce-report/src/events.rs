//! Incidents listed by what they are about: freedom of movement, the sea, civilians, and those that
//! are no violation or cannot be told.

use truce_core::{IncidentKind, Status, Verdict};

use crate::counts::{counted, is_violation};
use crate::period::local_interval;
use crate::table::{Cell, Table};
use crate::violations::{likelihood, number};
use crate::{Daily, Reported, place, words};

const COLUMNS: [(&str, &str); 7] = [
    ("number", "No."),
    ("occurred", "When"),
    ("place", "Where"),
    ("what", "What"),
    ("means", "Observed by"),
    ("likelihood", "Likelihood"),
    ("status", "Status"),
];

fn listed(daily: &Daily, table: Table, wanted: impl Fn(&Reported) -> bool) -> Table {
    let rows = counted(daily).filter(|reported| wanted(reported));
    let rows = rows.map(|reported| {
        let incident = &reported.incident;
        let status = reported
            .finding
            .as_ref()
            .map(|f| f.status)
            .unwrap_or_default();
        vec![
            Cell::text(number(reported)),
            Cell::text(local_interval(&daily.mission.report, incident.occurred)),
            Cell::text(place::relative_place(&daily.mission, &incident.place)),
            Cell::text(words::what(incident)),
            Cell::text(words::means(&daily.mission, incident)),
            Cell::text(likelihood(incident)),
            Cell::text(words::status(status)),
        ]
    });
    let rows = rows.collect();
    table.rows(rows)
}

/// Monitors hindered, and aid hindered.
pub(crate) fn freedom_of_movement(daily: &Daily) -> Table {
    let table = Table::new(
        "movement",
        "Freedom of movement",
        "No denial, delay or disturbance of the mission's own work was counted.",
        &COLUMNS,
    );
    listed(daily, table, |reported| {
        let kind = reported.incident.kind;
        matches!(
            kind,
            IncidentKind::AccessDenied | IncidentKind::PassageRefused
        )
    })
}

/// What happened at sea.
pub(crate) fn maritime(daily: &Daily) -> Table {
    let table = Table::new(
        "maritime",
        "At sea",
        "No incident at sea was counted.",
        &COLUMNS,
    );
    listed(daily, table, |reported| {
        matches!(
            reported.incident.kind,
            IncidentKind::CorridorDeviation
                | IncidentKind::UnauthorisedStop
                | IncidentKind::Obstruction
                | IncidentKind::SignalGap
                | IncidentKind::PositionAnomaly
        )
    })
}

/// Civilians and protected objects.
pub(crate) fn civilians(daily: &Daily) -> Table {
    let table = Table::new(
        "civilians",
        "Civilians and protected objects",
        "No harm to civilians and no damage to protected objects was counted.",
        &COLUMNS,
    );
    listed(daily, table, |reported| {
        let kind = reported.incident.kind;
        matches!(
            kind,
            IncidentKind::CivilianHarm | IncidentKind::ObjectDamaged
        )
    })
}

/// Incidents that are no violation, or of which that cannot be said, by status and kind.
pub(crate) fn not_violations(daily: &Daily) -> Table {
    type Test = fn(&Reported) -> bool;
    fn has(reported: &Reported, verdict: Verdict) -> bool {
        reported.assessments.iter().any(|a| a.verdict == verdict)
    }
    fn status(reported: &Reported) -> Option<Status> {
        reported.finding.as_ref().map(|finding| finding.status)
    }
    let lines: [(&str, Test); 5] = [
        ("Found to be no violation by an officer", |r| {
            status(r) == Some(Status::NotAViolation)
        }),
        ("Found to be unverifiable by an officer", |r| {
            status(r) == Some(Status::Unverifiable)
        }),
        ("Undetermined: some clause may be broken", |r| {
            status(r) != Some(Status::NotAViolation)
                && !is_violation(r)
                && has(r, Verdict::Undetermined)
        }),
        ("In keeping with every clause that it touches", |r| {
            status(r) != Some(Status::NotAViolation)
                && !is_violation(r)
                && !has(r, Verdict::Undetermined)
                && has(r, Verdict::Compliant)
        }),
        ("Touches no clause", |r| {
            status(r) != Some(Status::NotAViolation) && r.assessments.is_empty()
        }),
    ];
    let mut rows = Vec::new();
    for (name, test) in lines {
        let count = counted(daily).filter(|reported| test(reported)).count() as u64;
        rows.push(vec![Cell::text(name), Cell::Count(count)]);
    }
    let standing = daily
        .incidents
        .iter()
        .filter(|r| r.incident.withdrawn.is_none());
    let below = standing.filter(|r| r.incident.probability < daily.mission.alert_threshold);
    rows.push(vec![
        Cell::text("Candidates below the alert threshold, counted nowhere else"),
        Cell::Count(below.count() as u64),
    ]);
    Table::new(
        "not-violations",
        "Not a violation, or undetermined",
        "",
        &[("what", ""), ("count", "Incidents")],
    )
    .rows(rows)
}
