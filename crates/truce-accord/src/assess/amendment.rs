//! What an amendment changes: the assessments of an incident under one agreement and under another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::{Assessment, ClauseKind, IncidentId, Slug, Verdict};

/// A clause that judges an incident otherwise than before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The incident.
    pub incident: IncidentId,
    /// The clause.
    pub clause: Slug,
    /// Its kind.
    pub clause_kind: ClauseKind,
    /// The verdict before; `None` when the clause did not concern the incident, or did not exist.
    pub before: Option<Verdict>,
    /// The verdict after.
    pub after: Option<Verdict>,
    /// Under whose texts it was a breach, and is.
    pub breach_under_text_of: [Vec<Slug>; 2],
    /// Why, in the words of the assessment that holds now; of the earlier one when none does.
    pub reasons: Vec<String>,
}

/// The clauses that judge an incident otherwise, by name. A clause that only words its reasons
/// otherwise does not.
#[must_use]
pub fn changes(before: &[Assessment], after: &[Assessment]) -> Vec<Change> {
    let mut clauses: BTreeMap<&Slug, [Option<&Assessment>; 2]> = BTreeMap::new();
    for (place, list) in [before, after].into_iter().enumerate() {
        for assessment in list {
            clauses.entry(&assessment.clause).or_default()[place] = Some(assessment);
        }
    }
    clauses.into_values().filter_map(change).collect()
}

fn change([before, after]: [Option<&Assessment>; 2]) -> Option<Change> {
    let says = |found: Option<&Assessment>| {
        found.map(|found| (found.verdict, found.breach_under_text_of.clone()))
    };
    let told = after.or(before)?;
    let (old, new) = (says(before), says(after));
    (old != new).then(|| Change {
        incident: told.incident,
        clause: told.clause.clone(),
        clause_kind: told.clause_kind,
        before: before.map(|found| found.verdict),
        after: after.map(|found| found.verdict),
        breach_under_text_of: [old, new].map(|said| said.map_or_else(Vec::new, |(_, texts)| texts)),
        reasons: told.reasons.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Breach, Compliant, Undetermined};
    use truce_core::{Digest, Timestamp};

    fn assessment(clause: &str, verdict: Verdict, texts: &[&str]) -> Assessment {
        Assessment {
            incident: IncidentId(Digest::of(b"incident")),
            revision: 1,
            clause: Slug::new(clause).unwrap(),
            clause_kind: ClauseKind::NoFire,
            agreement_effective_from: Timestamp::UNIX_EPOCH,
            verdict,
            reasons: vec![format!("{clause} {verdict:?}")],
            breach_under_text_of: texts.iter().map(|text| Slug::new(text).unwrap()).collect(),
        }
    }

    #[test]
    fn only_verdicts_and_texts_that_differ_are_changes() {
        let a = |verdict| assessment("a", verdict, &[]);
        let b = |verdict| assessment("b", verdict, &[]);
        type Expected = (&'static str, Option<Verdict>, Option<Verdict>);
        let table: [(Vec<Assessment>, Vec<Assessment>, Vec<Expected>); 6] = [
            (vec![a(Breach)], vec![a(Breach)], vec![]),
            (
                vec![a(Breach)],
                vec![a(Compliant)],
                vec![("a", Some(Breach), Some(Compliant))],
            ),
            (
                vec![],
                vec![a(Undetermined)],
                vec![("a", None, Some(Undetermined))],
            ),
            (vec![a(Breach)], vec![], vec![("a", Some(Breach), None)]),
            (
                vec![b(Breach), a(Breach)],
                vec![a(Undetermined), b(Breach)],
                vec![("a", Some(Breach), Some(Undetermined))],
            ),
            (
                vec![assessment("a", Undetermined, &["p"])],
                vec![assessment("a", Undetermined, &["p", "q"])],
                vec![("a", Some(Undetermined), Some(Undetermined))],
            ),
        ];
        for (before, after, expected) in table {
            let found = changes(&before, &after);
            let found: Vec<_> = found
                .iter()
                .map(|change| (change.clause.as_str(), change.before, change.after))
                .collect();
            assert_eq!(found, expected);
        }
        let gone = &changes(&[a(Breach)], &[])[0];
        assert_eq!(
            gone.reasons,
            ["a Breach"],
            "the reasons of the one that held"
        );
    }
}
