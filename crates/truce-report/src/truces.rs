//! Truces for infrastructure and aid: the windows that the agreement sets apart, and the objects
//! that may not be attacked.

use std::collections::BTreeMap;

use truce_core::mission::{Zone, ZoneKind};
use truce_core::{ClauseKind, IncidentKind, Slug, Verdict};

use crate::account::{Account, Reported, Truce};
use crate::counts::counted;
use crate::place::centre;
use crate::table::{Cell, Row, Table};
use crate::words;

/// Windows of clauses that hold only at times, and what was counted in them against the clause.
pub(crate) fn windows(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let rows = account.truces.iter().map(|truce| {
        let zones = truce.zones.iter();
        let zones: Vec<&str> = zones.map(|id| words::zone(&basis.mission, id)).collect();
        let [breach, undetermined] = verdicts(account, truce);
        vec![
            Cell::text(basis.clause_title(&truce.clause)),
            Cell::text(&*truce.title),
            Cell::text(basis.local_interval(truce.during)),
            Cell::text(zones.join(", ")),
            Cell::Count(breach),
            Cell::Count(undetermined),
        ]
    });
    Table::new(
        l,
        "windows",
        "Agreed windows",
        "No window that the agreement sets apart fell into this period.",
        &[
            ("clause", "Clause"),
            ("window", "Window"),
            ("period", "When"),
            ("zones", "Where"),
            ("breach_count", "Breach"),
            ("undetermined_count", "Undetermined"),
        ],
    )
    .rows(rows)
}

/// Breaches of the clause within the window, and what may be one.
fn verdicts(account: &Account, truce: &Truce) -> [u64; 2] {
    let mut counts = [0, 0];
    for reported in counted(account) {
        if !reported.incident.occurred.overlaps(&truce.during) {
            continue;
        }
        let of_clause = |assessment: &&truce_core::Assessment| assessment.clause == truce.clause;
        match reported
            .assessments
            .iter()
            .find(of_clause)
            .map(|a| a.verdict)
        {
            Some(Verdict::Breach) => counts[0] += 1,
            Some(Verdict::Undetermined) => counts[1] += 1,
            _ => {}
        }
    }
    counts
}

/// Protected objects near which something was counted, each incident at the nearest object.
pub(crate) fn objects(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let is_object = |zone: &&Zone| zone.kind == ZoneKind::ProtectedObject;
    let objects: Vec<(&Zone, truce_core::Position)> = basis
        .mission
        .zones
        .iter()
        .filter(is_object)
        .filter_map(|zone| Some((zone, centre(zone)?)))
        .collect();
    let mut lines: BTreeMap<&Slug, [u64; 3]> = BTreeMap::new();
    for reported in counted(account) {
        let Some(column) = column(reported) else {
            continue;
        };
        let at = reported.incident.place.position;
        let away_m = |object: &&(&Zone, truce_core::Position)| object.1.distance_m(at);
        let nearest = objects
            .iter()
            .min_by(|a, b| away_m(a).total_cmp(&away_m(b)));
        if let Some((zone, _)) = nearest {
            lines.entry(&zone.id).or_default()[column] += 1;
        }
    }
    let rows = objects.iter().filter_map(|(zone, place)| {
        let [breach, undetermined, damaged] = *lines.get(&zone.id)?;
        let cells = vec![
            Cell::text(&*zone.name),
            Cell::Count(breach),
            Cell::Count(undetermined),
            Cell::Count(damaged),
        ];
        Some(Row::at(cells, *place))
    });
    Table::new(
        l,
        "objects",
        "Protected objects",
        "Nothing was counted that touches a protected object.",
        &[
            ("object", "Object"),
            ("breach_count", "Attacks held to be a breach"),
            ("undetermined_count", "Undetermined"),
            ("damaged_count", "Damage reported"),
        ],
    )
    .rows(rows)
}

/// In which column of the table an incident counts, if in any.
fn column(reported: &Reported) -> Option<usize> {
    if reported.incident.kind == IncidentKind::ObjectDamaged {
        return Some(2);
    }
    let mut verdicts = reported
        .assessments
        .iter()
        .filter(|assessment| assessment.clause_kind == ClauseKind::ProtectedObjects)
        .map(|assessment| assessment.verdict);
    match verdicts.next()? {
        Verdict::Breach => Some(0),
        Verdict::Undetermined => Some(1),
        Verdict::Compliant => None,
    }
}
