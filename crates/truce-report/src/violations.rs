//! The table of violations.

use truce_core::belief::likelihood_words;
use truce_core::{Finding, Incident, Slug, Verdict};

use crate::counts::{clause_title, counted, is_violation};
use crate::period::local_interval;
use crate::table::{Cell, Table};
use crate::{Daily, Reported, place, words};

/// Incidents held to be a breach, by sector and time.
pub(crate) fn violations(daily: &Daily) -> Table {
    let order = |sector: &Option<Slug>| {
        let sectors = &daily.mission.sectors;
        let found = sectors
            .iter()
            .position(|known| Some(&known.id) == sector.as_ref());
        found.unwrap_or(usize::MAX)
    };
    let mut breaches: Vec<&Reported> = counted(daily).filter(|r| is_violation(r)).collect();
    breaches.sort_by_key(|r| (order(&r.sector), r.incident.occurred, r.incident.id));
    let rows = breaches.into_iter().map(|reported| row(daily, reported));
    Table::new(
        "violations",
        "Violations",
        "No incident of this period is held to be a violation.",
        &[
            ("number", "No."),
            ("sector", "Sector"),
            ("occurred", "When"),
            ("place", "Where"),
            ("uncertainty_m", "± m"),
            ("what", "What"),
            ("means", "Observed by"),
            ("observation_count", "Obs."),
            ("clauses", "Clause"),
            ("likelihood", "Likelihood"),
            ("status", "Status"),
            ("attributed_to", "Attributed to"),
        ],
    )
    .note(
        "Incidents that a rule holds to be a breach of at least one clause. Until the status says \
         verified, this is an assessment and no finding. ± is the longer half-axis of the 90 % \
         ellipse.",
    )
    .rows(rows.collect())
}

fn row(daily: &Daily, reported: &Reported) -> Vec<Cell> {
    let incident = &reported.incident;
    let status = reported
        .finding
        .as_ref()
        .map(|f| f.status)
        .unwrap_or_default();
    let breaches = reported.assessments.iter();
    let clauses: Vec<String> = breaches
        .filter(|assessment| assessment.verdict == Verdict::Breach)
        .map(|assessment| clause_title(daily, &assessment.clause))
        .collect();
    let mut words_of_status = words::status(status).to_owned();
    if let Some(finding) = reported
        .finding
        .as_ref()
        .filter(|f| !f.disputed_by.is_empty())
    {
        let parties: Vec<&str> = disputing(daily, finding).collect();
        words_of_status = format!("{words_of_status}; disputed by {}", parties.join(", "));
    }
    let attributed_to = reported
        .finding
        .as_ref()
        .and_then(|f| f.attributed_to.as_ref());
    vec![
        Cell::text(number(reported)),
        Cell::text(words::sector(&daily.mission, reported.sector.as_ref())),
        Cell::text(local_interval(&daily.mission.report, incident.occurred)),
        Cell::text(place::relative_place(&daily.mission, &incident.place)),
        Cell::Number(incident.place.uncertainty.semi_major_m * NINETY_PERCENT, 0),
        Cell::text(what(incident)),
        Cell::text(words::means(&daily.mission, incident)),
        Cell::Count(incident.evidence.len() as u64),
        Cell::text(clauses.join("; ")),
        Cell::text(likelihood(incident)),
        Cell::text(words_of_status),
        Cell::text(
            attributed_to.map_or("undetermined", |party| words::actor(&daily.mission, party)),
        ),
    ]
}

/// Mahalanobis distance of the contour that holds 90 % of a Gaussian in the plane: √(−2 ln 0.1).
pub(crate) const NINETY_PERCENT: f64 = 2.146;

fn disputing<'a>(daily: &'a Daily, finding: &'a Finding) -> impl Iterator<Item = &'a str> {
    let parties = finding.disputed_by.iter();
    parties.map(|party| words::actor(&daily.mission, party))
}

/// What happened, with the weapon when one is known.
fn what(incident: &Incident) -> String {
    let what = words::what(incident);
    let weapon = incident
        .attributes
        .iter()
        .find(|(key, _)| key.as_str() == "weapon");
    match weapon {
        Some((_, weapon)) => format!("{what} ({})", weapon.replace(['-', '_'], " ")),
        None => what.to_owned(),
    }
}

/// The finding's number, or the first digits of the incident's name.
pub(crate) fn number(reported: &Reported) -> String {
    match &reported.finding {
        Some(finding) => finding.serial.to_string(),
        None => reported.incident.id.0.short(),
    }
}

/// The word for a probability, and the probability.
pub(crate) fn likelihood(incident: &Incident) -> String {
    let p = incident.probability;
    // Rounding must not turn a belief into certainty.
    match p {
        p if p > 0.99 => format!("{} (> 0.99)", likelihood_words(p)),
        p if p < 0.01 => format!("{} (< 0.01)", likelihood_words(p)),
        p => format!("{} ({p:.2})", likelihood_words(p)),
    }
}
