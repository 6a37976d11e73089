//! Incidents listed by what they are about: freedom of movement, interference, the sea, civilians,
//! and those that are no violation or cannot be told.

use truce_core::finding::Step;
use truce_core::{Action, IncidentKind, Status, Verdict, VisitMeans, VisitOutcome};

use crate::account::{Account, Reported};
use crate::counts::{counted, is_violation};
use crate::language::Language;
use crate::place::relative_place;
use crate::table::{Cell, Row, Table};
use crate::words;

const COLUMNS: [(&str, &str); 8] = [
    ("number", "No."),
    ("occurred", "When"),
    ("place", "Where"),
    ("what", "What"),
    ("description", "Description"),
    ("means", "Means"),
    ("likelihood", "Likelihood"),
    ("status", "Status"),
];

fn listed(account: &Account, table: Table, wanted: impl Fn(&Reported) -> bool) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let rows = counted(account).filter(|reported| wanted(reported));
    let rows = rows.map(|reported| {
        let incident = &reported.incident;
        let cells = vec![
            Cell::text(words::number(reported)),
            Cell::text(basis.local_interval(incident.occurred)),
            Cell::text(relative_place(basis, &incident.place)),
            Cell::text(l.what(incident)),
            Cell::text(words::description(basis, reported)),
            Cell::text(words::means(basis, incident)),
            Cell::text(l.likelihood(incident.probability)),
            Cell::text(l.standing(&basis.mission, reported.finding.as_ref())),
        ];
        Row::at(cells, incident.place.position)
    });
    let rows: Vec<Row> = rows.collect();
    table.rows(rows)
}

/// Monitors hindered, and aid hindered.
pub(crate) fn movement(account: &Account) -> Table {
    let table = Table::new(
        account.basis.language,
        "movement",
        "Freedom of movement",
        "No denial, delay or hindrance of the mission or of aid was counted.",
        &COLUMNS,
    );
    listed(account, table, |reported| {
        let kind = reported.incident.kind;
        matches!(
            kind,
            IncidentKind::AccessDenied | IncidentKind::PassageRefused
        )
    })
}

/// Visits of sites that were asked for or reported in the period.
pub(crate) fn visits(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let mut rows = Vec::new();
    for finding in &account.findings {
        let mut means = Vec::new();
        for step in &finding.history {
            let Step::Decision(decision) = step else {
                continue;
            };
            let (visit, outcome) = match &decision.action {
                Action::AskVisit { means: asked, .. } => {
                    means.push(*asked);
                    (means.len(), l.t("asked for"))
                }
                Action::ReportVisit { visit, outcome } => {
                    let visit = usize::try_from(*visit).unwrap_or(usize::MAX);
                    (visit, visit_outcome(l, *outcome))
                }
                _ => continue,
            };
            let at = decision.decided_at;
            if !(account.period.start <= at && at < account.period.end) {
                continue;
            }
            let by = visit.checked_sub(1).and_then(|place| means.get(place));
            rows.push(vec![
                Cell::text(basis.local(at)),
                Cell::text(finding.serial.to_string()),
                Cell::text(by.map_or("", |means| visit_means(l, *means))),
                Cell::text(outcome),
                Cell::text(&*decision.reason),
            ]);
        }
    }
    Table::new(
        l,
        "visits",
        "Visits of sites",
        "No visit of a site was asked for or reported in this period.",
        &[
            ("decided_at", "When"),
            ("number", "Finding"),
            ("means", "Means"),
            ("outcome", "Outcome"),
            ("reason", "Reason given"),
        ],
    )
    .rows(rows)
}

pub(crate) fn visit_means(l: Language, means: VisitMeans) -> &'static str {
    l.t(match means {
        VisitMeans::Patrol => "patrol",
        VisitMeans::Drone => "drone",
    })
}

pub(crate) fn visit_outcome(l: Language, outcome: VisitOutcome) -> &'static str {
    l.t(match outcome {
        VisitOutcome::Confirmed => "the site shows what was reported",
        VisitOutcome::Refuted => "the site shows that it did not happen there",
        VisitOutcome::Inconclusive => "inconclusive",
        VisitOutcome::AccessDenied => "access denied",
        VisitOutcome::Abandoned => "given up",
    })
}

/// Interference with navigation, as incidents; sensors that were disturbed stand with what was not
/// observable.
pub(crate) fn interference(account: &Account) -> Table {
    let table = Table::new(
        account.basis.language,
        "interference",
        "Interference",
        "No interference with satellite navigation was counted.",
        &COLUMNS,
    );
    listed(account, table, |reported| {
        reported.incident.kind == IncidentKind::GnssInterference
    })
}

/// What happened at sea.
pub(crate) fn maritime(account: &Account) -> Table {
    let table = Table::new(
        account.basis.language,
        "maritime",
        "At sea",
        "No incident at sea was counted.",
        &COLUMNS,
    );
    listed(account, table, |r| is_maritime(r.incident.kind))
}

pub(crate) fn is_maritime(kind: IncidentKind) -> bool {
    matches!(
        kind,
        IncidentKind::CorridorDeviation
            | IncidentKind::UnauthorisedStop
            | IncidentKind::Obstruction
            | IncidentKind::SignalGap
            | IncidentKind::PositionAnomaly
            | IncidentKind::IdentityConflict
            | IncidentKind::Encounter
            | IncidentKind::Loitering
            | IncidentKind::CloseApproach
            | IncidentKind::DarkVessel
            | IncidentKind::StraitsLimit
    )
}

/// True when a second, independent means confirmed it.
pub(crate) fn is_corroborated(reported: &Reported) -> bool {
    let status = reported.finding.as_ref().map(|finding| finding.status);
    matches!(
        status,
        Some(Status::Corroborated | Status::Verified | Status::Attributed | Status::Closed)
    )
}

/// Harm to civilians, what was corroborated before what was only reported.
pub(crate) fn civilians(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let harm = |reported: &&Reported| reported.incident.kind == IncidentKind::CivilianHarm;
    let mut found: Vec<&Reported> = counted(account).filter(harm).collect();
    found.sort_by_key(|reported| !is_corroborated(reported));
    let rows = found.into_iter().map(|reported| {
        let incident = &reported.incident;
        let standing = if is_corroborated(reported) {
            l.t("corroborated")
        } else {
            l.t("reported, not corroborated")
        };
        let cells = vec![
            Cell::text(standing),
            Cell::text(words::number(reported)),
            Cell::text(basis.local_interval(incident.occurred)),
            Cell::text(relative_place(basis, &incident.place)),
            Cell::Count(reported.number),
            Cell::text(words::description(basis, reported)),
            Cell::text(words::means(basis, incident)),
            Cell::text(l.standing(&basis.mission, reported.finding.as_ref())),
        ];
        Row::at(cells, incident.place.position)
    });
    Table::new(
        l,
        "civilians",
        "Harm to civilians",
        "No harm to civilians was counted.",
        &[
            ("standing", "Standing"),
            ("number", "No."),
            ("occurred", "When"),
            ("place", "Where"),
            ("count", "Number"),
            ("description", "Description"),
            ("means", "Means"),
            ("status", "Status"),
        ],
    )
    .note(l.t(
        "Corroborated means confirmed by a second, independent means. What is only reported is \
         printed as it was reported and may be wrong.",
    ))
    .rows(rows)
}

/// Incidents that are no violation, or of which that cannot be said, by status and kind.
pub(crate) fn not_violations(account: &Account) -> Table {
    type Test = fn(&Reported) -> bool;
    fn has(reported: &Reported, verdict: Verdict) -> bool {
        reported.assessments.iter().any(|a| a.verdict == verdict)
    }
    fn status(reported: &Reported) -> Option<Status> {
        reported.finding.as_ref().map(|finding| finding.status)
    }
    let lines: [(&'static str, Test); 5] = [
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
    let l = account.basis.language;
    let mut rows = Vec::new();
    for (name, test) in lines {
        let count = counted(account).filter(|reported| test(reported)).count() as u64;
        rows.push(vec![Cell::text(l.t(name)), Cell::Count(count)]);
    }
    let standing = account
        .incidents
        .iter()
        .filter(|r| r.incident.withdrawn.is_none());
    let below = standing.filter(|r| r.incident.probability < account.basis.mission.alert_threshold);
    rows.push(vec![
        Cell::text(l.t("Candidates below the alert threshold, counted nowhere else")),
        Cell::Count(below.count() as u64),
    ]);
    Table::new(
        l,
        "not-violations",
        "Not a violation, or undetermined",
        "",
        &[("what", "What"), ("count", "Incidents")],
    )
    .rows(rows)
}
