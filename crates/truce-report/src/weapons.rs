//! Weapons in breach of withdrawal, outside their storage, or missing from it.

use truce_core::{ClauseKind, Verdict};

use crate::account::{Account, Reported};
use crate::counts::{counted, is_violation};
use crate::place::relative_place;
use crate::table::{Cell, Row, Table};
use crate::words;

/// How a weapon broke the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breach {
    /// Nearer to the line than it may be.
    Withdrawal,
    /// In a zone that is free of forces.
    Zone,
    /// Outside the area in which it is to be kept.
    Storage,
    /// Not where the register says that it is kept.
    Missing,
}

/// The way in which an incident about a weapon breaks the agreement.
pub(crate) fn breach(reported: &Reported) -> Option<Breach> {
    let incident = &reported.incident;
    let is_missing = words::attribute(incident, "missing") == Some("true");
    let is_weapon = words::attribute(incident, "weapon").is_some()
        || words::attribute(incident, "object") == Some("weapon")
        || incident.kind == truce_core::IncidentKind::WeaponSighting;
    let breaches = reported.assessments.iter();
    let breaches = breaches.filter(|assessment| assessment.verdict == Verdict::Breach);
    let mut kinds: Vec<Breach> = breaches
        .filter_map(|assessment| match assessment.clause_kind {
            ClauseKind::Storage if is_missing => Some(Breach::Missing),
            ClauseKind::Storage => Some(Breach::Storage),
            ClauseKind::Withdrawal => Some(Breach::Withdrawal),
            ClauseKind::NoPresence if is_weapon => Some(Breach::Zone),
            _ => None,
        })
        .collect();
    kinds.sort_unstable();
    kinds.first().copied().filter(|_| is_violation(reported))
}

/// The table of weapons, by the way in which they are in breach.
pub(crate) fn weapons(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let found = counted(account).filter_map(|reported| Some((breach(reported)?, reported)));
    let mut found: Vec<(Breach, &Reported)> = found.collect();
    found.sort_by_key(|(breach, reported)| (*breach, reported.incident.occurred));
    let rows = found.into_iter().map(|(breach, reported)| {
        let incident = &reported.incident;
        let how = l.t(match breach {
            Breach::Withdrawal => "nearer to the line than agreed",
            Breach::Zone => "in a zone free of forces",
            Breach::Storage => "outside its storage",
            Breach::Missing => "missing from storage",
        });
        let zone = incident.zone.as_ref();
        let cells = vec![
            Cell::text(how),
            Cell::Count(reported.number),
            Cell::text(words::weapon(incident)),
            Cell::text(relative_place(basis, &incident.place)),
            Cell::text(zone.map_or("", |zone| words::zone(&basis.mission, zone))),
            Cell::text(words::means(basis, incident)),
            Cell::text(basis.local_interval(incident.occurred)),
            Cell::text(words::number(reported)),
            Cell::text(l.standing(&basis.mission, reported.finding.as_ref())),
        ];
        Row::at(cells, incident.place.position)
    });
    Table::new(
        l,
        "weapons",
        "Weapons in breach, or missing from storage",
        "No weapon was counted where it may not be, and none was missing from storage.",
        &[
            ("breach", "How"),
            ("count", "Number"),
            ("weapon", "Weapon"),
            ("place", "Where"),
            ("zone", "Zone"),
            ("means", "Means"),
            ("occurred", "When"),
            ("number", "No."),
            ("status", "Status"),
        ],
    )
    .rows(rows)
}
