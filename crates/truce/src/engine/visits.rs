//! A visit of a site that was denied: an incident of its own, beside the one whose site it was.

use std::collections::BTreeMap;

use truce_core::{
    Action, Attribution, Decision, Incident, IncidentKind, Interval, Slug, Term, VisitOutcome,
    belief,
};

/// Probability that a denial happened which an officer of the mission has reported: a statement of
/// the mission itself about itself (own estimate).
const REPORTED: f64 = 0.95;

/// Fact that names the incident whose site was to be visited.
const VISITED: &str = "visited";

/// True for an incident that [`denied`] gave.
pub(super) fn is_denial(incident: &Incident) -> bool {
    let names_a_site = |(name, _): (&Slug, &String)| name.as_str() == VISITED;
    incident.kind == IncidentKind::AccessDenied && incident.attributes.iter().any(names_a_site)
}

/// The incident that a decision raises when it reports that a visit was denied.
pub(super) fn denied(visited: &Incident, decision: &Decision) -> Option<Incident> {
    let Action::ReportVisit {
        visit,
        outcome: VisitOutcome::AccessDenied,
    } = decision.action
    else {
        return None;
    };
    let founder = *visited.evidence.first()?;
    let name = |word: &str| Slug::new(word).expect("the words in this file are names");
    let text = format!(
        "{} reports that visit {visit} was denied: {}",
        decision.officer, decision.reason
    );
    Some(Incident {
        id: Incident::name(
            IncidentKind::AccessDenied,
            founder,
            &format!("visit {visit}"),
        ),
        revision: 1,
        kind: IncidentKind::AccessDenied,
        occurred: Interval::instant(decision.decided_at),
        place: visited.place,
        probability: REPORTED,
        classes: BTreeMap::new(),
        attribution: Attribution::default(),
        evidence: Vec::new(),
        explanation: vec![Term {
            name: name("visit"),
            text,
            log_odds: belief::log_odds(REPORTED),
            observation: None,
            sensor: None,
        }],
        track: None,
        zone: None,
        attributes: [(name(VISITED), visited.id.to_string())].into(),
        withdrawn: None,
    })
}
