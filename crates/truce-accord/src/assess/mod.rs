//! Holding an incident against the clauses in force.
//!
//! A breach has a probability: the product of everything that must be true for it. What is not known
//! makes it a range. The verdict follows from the range and the clause's thresholds, and every
//! factor is one sentence. Nothing here names a side: where an incident's attribution names one, it
//! only decides whose text of a clause is read.

mod amendment;
mod concern;
mod factors;
mod facts;
mod kinds;
mod weapons;
mod weighing;

use truce_core::mission::Mission;
use truce_core::{Assessment, Incident, Notice, Slug, Timestamp, Track, Verdict};

use crate::agreement::{Agreement, Clause, Terms, Version};
use crate::zones::ZoneIndex;

pub use amendment::{Change, changes};
pub(crate) use facts::{identity_words, object_word};

use concern::concerns;
use facts::Facts;
use weighing::Weighing;

/// What an assessment is made with, beside the incident and the agreement.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The mission.
    pub mission: &'a Mission,
    /// Its zones.
    pub zones: &'a ZoneIndex,
    /// The track the incident is about, when it is about one and it is at hand.
    pub track: Option<&'a Track>,
    /// Now: whether a stay is over, and whether a notice was already given.
    pub now: Timestamp,
    /// Notices of movements that the parties gave.
    pub notices: &'a [Notice],
}

/// What one judgement looks at.
pub(crate) struct Case<'a> {
    pub(crate) agreement: &'a Agreement,
    pub(crate) incident: &'a Incident,
    pub(crate) context: &'a Context<'a>,
    pub(crate) facts: Facts,
}

/// Holds an incident against every clause in force that its kind concerns; one assessment for each,
/// in the order of the agreement. Empty when no version was in force.
#[must_use]
pub fn assess(
    agreement: &Agreement,
    incident: &Incident,
    context: &Context<'_>,
) -> Vec<Assessment> {
    let at = facts::decisive_instant(incident);
    let Some(version) = agreement.in_force(at) else {
        return Vec::new();
    };
    let case = Case {
        agreement,
        incident,
        context,
        facts: Facts::of(incident, context.track),
    };
    version
        .clauses
        .iter()
        .filter(|clause| concerns(clause, &case))
        .map(|clause| judge(clause, version, &case))
        .collect()
}

/// What one text of a clause gives.
struct Judged<'a> {
    party: Option<&'a Slug>,
    verdict: Verdict,
    reasons: Vec<String>,
}

fn judge(clause: &Clause, version: &Version, case: &Case<'_>) -> Assessment {
    let texts: Vec<Judged<'_>> = clause
        .texts()
        .map(|(party, terms)| judge_text(party, terms, clause, case))
        .collect();
    let (verdict, reasons, breach_under_text_of) = match texts.as_slice() {
        [only] => (only.verdict, only.reasons.clone(), Vec::new()),
        _ => join_texts(&texts, clause, case),
    };
    Assessment {
        incident: case.incident.id,
        revision: case.incident.revision,
        clause: clause.id.clone(),
        clause_kind: clause.kind,
        agreement_effective_from: version.effective_from,
        verdict,
        reasons,
        breach_under_text_of,
    }
}

fn judge_text<'a>(
    party: Option<&'a Slug>,
    terms: &Terms,
    clause: &Clause,
    case: &Case<'_>,
) -> Judged<'a> {
    let mut weighing = Weighing::default();
    if case.incident.withdrawn.is_some() {
        let words = "The incident was withdrawn; by itself it breaks no clause.";
        weighing.factor(0.0, 0.0, words.to_owned());
    } else {
        kinds::weigh(terms, clause, case, &mut weighing);
    }
    let (verdict, reasons) = weighing.close(terms.thresholds);
    Judged {
        party,
        verdict,
        reasons,
    }
}

/// The text that binds a party: its own, else the common one.
fn text_of<'t, 'a>(texts: &'t [Judged<'a>], party: &Slug) -> &'t Judged<'a> {
    let own = texts.iter().find(|text| text.party == Some(party));
    own.unwrap_or(&texts[0])
}

/// Joins the verdicts of several texts. A party is bound by its own; without a party named, only
/// what all bound parties' texts give is a verdict.
fn join_texts(
    texts: &[Judged<'_>],
    clause: &Clause,
    case: &Case<'_>,
) -> (Verdict, Vec<String>, Vec<Slug>) {
    let mission = case.context.mission;
    let bound: Vec<&Slug> = mission
        .parties()
        .map(|party| &party.id)
        .filter(|party| clause.binds.contains(party))
        .collect();
    let under = |wanted: Verdict| -> Vec<Slug> {
        let parties = bound
            .iter()
            .filter(|party| text_of(texts, party).verdict == wanted);
        parties.map(|party| (*party).clone()).collect()
    };
    let breach_under = under(Verdict::Breach);
    let mut reasons = Vec::new();
    let side = case
        .incident
        .attribution
        .side(mission.attribution_threshold);
    let verdict = match side.filter(|(party, _)| bound.contains(party)) {
        Some((party, p)) => {
            let text = text_of(texts, party);
            reasons.push(format!(
                "The incident is attributed to {party} with probability {p:.2}, and the text that \
                 {party} signed decides."
            ));
            text.verdict
        }
        None => {
            let mut verdicts = bound.iter().map(|party| text_of(texts, party).verdict);
            let first = verdicts.next().unwrap_or(texts[0].verdict);
            if verdicts.all(|verdict| verdict == first) {
                reasons.push("The texts that the parties signed give the same verdict.".to_owned());
                first
            } else {
                let words = "The texts that the parties signed give different verdicts, and whose \
                             text decides is not known.";
                reasons.push(words.to_owned());
                Verdict::Undetermined
            }
        }
    };
    for text in texts {
        let name = match text.party {
            Some(party) => format!("Text of {party}"),
            None => "Common text".to_owned(),
        };
        let under = |reason: &String| format!("{name}: {reason}");
        reasons.extend(text.reasons.iter().map(under));
    }
    (verdict, reasons, breach_under)
}
