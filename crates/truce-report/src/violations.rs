//! The table of violations, as missions print it, and the data table of all that was counted.

use truce_core::{Slug, Verdict};

use crate::account::{Account, Basis, Reported};
use crate::counts::{counted, is_violation};
use crate::overview::is_verified;
use crate::place::relative_place;
use crate::table::{Cell, Row, Table};
use crate::words::{self, NINETY_PERCENT};

/// Incidents held to be a breach.
pub(crate) fn violations(account: &Account) -> Table {
    let l = account.basis.language;
    let table = Table::new(
        l,
        "violations",
        "Violations",
        "No incident of this period is held to be a violation.",
        &COLUMNS,
    );
    let table = table.note(l.t(
        "Incidents that a rule holds to be a breach of at least one clause. Until the status says \
         verified, this is an assessment and no finding. ± is the longer half-axis of the 90 % \
         ellipse. Number is the largest that any observer gave.",
    ));
    listed(account, table, is_violation)
}

/// Findings that the mission has verified.
pub(crate) fn verified(account: &Account) -> Table {
    let l = account.basis.language;
    let table = Table::new(
        l,
        "verified",
        "Verified findings",
        "No incident of this period has been verified yet.",
        &COLUMNS,
    );
    listed(account, table, is_verified)
}

const COLUMNS: [(&str, &str); 14] = [
    ("number", "No."),
    ("sector", "Sector"),
    ("observer", "Observer"),
    ("place", "Where"),
    ("uncertainty_m", "± m"),
    ("means", "Means"),
    ("count", "Number"),
    ("observation", "Observation"),
    ("description", "Description"),
    ("weapon", "Weapon"),
    ("occurred", "When"),
    ("clauses", "Clause"),
    ("likelihood", "Likelihood"),
    ("status", "Status"),
];

/// The counted incidents that fulfil a test, by sector and time.
fn listed(account: &Account, table: Table, wanted: fn(&Reported) -> bool) -> Table {
    let basis = &account.basis;
    let mut found: Vec<&Reported> = counted(account).filter(|r| wanted(r)).collect();
    found.sort_by_key(|r| (sector_order(basis, r), r.incident.occurred, r.incident.id));
    table.rows(found.into_iter().map(|reported| row(basis, reported)))
}

fn sector_order(basis: &Basis, reported: &Reported) -> usize {
    let sectors = &basis.mission.sectors;
    let found = sectors
        .iter()
        .position(|known| Some(&known.id) == reported.sector.as_ref());
    found.unwrap_or(usize::MAX)
}

fn row(basis: &Basis, reported: &Reported) -> Row {
    let l = basis.language;
    let incident = &reported.incident;
    let clauses: Vec<String> = breached(reported)
        .map(|clause| basis.clause_title(clause))
        .collect();
    let cells = vec![
        Cell::text(words::number(reported)),
        Cell::text(words::sector(basis, reported.sector.as_ref())),
        Cell::text(words::observers(basis, incident)),
        Cell::text(relative_place(basis, &incident.place)),
        Cell::Number(incident.place.uncertainty.semi_major_m * NINETY_PERCENT, 0),
        Cell::text(words::means(basis, incident)),
        Cell::Count(reported.number),
        Cell::text(l.what(incident)),
        Cell::text(words::description(basis, reported)),
        Cell::text(words::weapon(incident)),
        Cell::text(basis.local_interval(incident.occurred)),
        Cell::text(clauses.join("; ")),
        Cell::text(l.likelihood(incident.probability)),
        Cell::text(l.standing(&basis.mission, reported.finding.as_ref())),
    ];
    Row::at(cells, incident.place.position)
}

/// The clauses that an incident is held to break.
pub(crate) fn breached(reported: &Reported) -> impl Iterator<Item = &Slug> {
    let breaches = reported.assessments.iter();
    breaches
        .filter(|assessment| assessment.verdict == Verdict::Breach)
        .map(|assessment| &assessment.clause)
}

/// Every counted incident with the values that machines read.
pub(crate) fn all(account: &Account) -> Table {
    let l = account.basis.language;
    let rows = counted(account).map(|reported| {
        let incident = &reported.incident;
        let ellipse = &incident.place.uncertainty;
        let breaches: Vec<&str> = breached(reported).map(Slug::as_str).collect();
        let finding = reported.finding.as_ref();
        let status = finding.map(|finding| finding.status).unwrap_or_default();
        let party = finding.and_then(|finding| finding.attributed_to.as_ref());
        let violation = if is_violation(reported) {
            "true"
        } else {
            "false"
        };
        let cells = vec![
            Cell::text(incident.id.to_string()),
            Cell::text(words::number(reported)),
            Cell::text(l.what(incident)),
            Cell::text(incident.occurred.start.to_string()),
            Cell::text(incident.occurred.end.to_string()),
            Cell::Number(incident.place.position.lat_deg, 5),
            Cell::Number(incident.place.position.lon_deg, 5),
            Cell::Number(ellipse.semi_major_m, 0),
            Cell::Number(ellipse.semi_minor_m, 0),
            Cell::Number(ellipse.bearing_deg, 0),
            Cell::Number(incident.probability, 4),
            Cell::text(reported.sector.as_ref().map_or("", Slug::as_str)),
            Cell::Count(reported.number),
            Cell::text(l.status(status)),
            Cell::text(party.map_or("", Slug::as_str)),
            Cell::text(violation),
            Cell::text(breaches.join(" ")),
        ];
        Row::at(cells, incident.place.position)
    });
    Table::new(
        l,
        "all-incidents",
        "All incidents counted",
        "",
        &[
            ("incident", "Incident"),
            ("number", "No."),
            ("what", "What"),
            ("occurred_from", "When"),
            ("occurred_to", "When"),
            ("lat_deg", "Where"),
            ("lon_deg", "Where"),
            ("semi_major_m", "Where"),
            ("semi_minor_m", "Where"),
            ("ellipse_bearing_deg", "Where"),
            ("probability", "Likelihood"),
            ("sector", "Sector"),
            ("count", "Number"),
            ("status", "Status"),
            ("attributed_to", "Attribution"),
            ("violation", "Breach"),
            ("breaches", "Clause"),
        ],
    )
    .rows(rows)
    .data_only()
}
