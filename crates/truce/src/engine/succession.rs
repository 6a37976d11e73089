//! Succession: what an engine says where it takes over from another, or goes on under changed files.
//!
//! It has been told every reading of the log again and has drawn its own conclusions. Where they are
//! not those that the log holds, it says so in a further revision; nothing is overwritten. What
//! people decided stays as they decided it, with the incident that it is about.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use truce_core::incident::Withdrawal;
use truce_core::record::Tick;
use truce_core::{
    Assessment, Body, FeedChange, FeedEvent, Finding, FindingSerial, Incident, IncidentId, Record,
    Slug, Term, Verdict,
};

use super::findings::Findings;
use super::{Engine, Outputs, visits};

/// What stands concluded as records tell it: the newest revision of everything.
#[derive(Debug, Default)]
pub struct Standing {
    incidents: BTreeMap<IncidentId, Incident>,
    assessments: BTreeMap<IncidentId, Vec<Assessment>>,
    findings: BTreeMap<FindingSerial, Finding>,
    /// The newest change of each feed between silent and heard.
    heard: BTreeMap<Slug, FeedChange>,
}

impl Standing {
    /// Takes in a record that was concluded.
    pub fn take(&mut self, body: Body) {
        match body {
            Body::Incident(incident) => {
                self.assessments.remove(&incident.id);
                self.incidents.insert(incident.id, incident);
            }
            Body::Assessment(assessment) => {
                let of_incident = self.assessments.entry(assessment.incident).or_default();
                of_incident.retain(|other| other.clause != assessment.clause);
                of_incident.push(assessment);
            }
            Body::Finding(finding) => {
                self.findings.insert(finding.serial, finding);
            }
            Body::FeedChange(change) if !matches!(change.event, FeedEvent::KeyRevoked { .. }) => {
                self.heard.insert(change.source.clone(), change);
            }
            _ => {}
        }
    }

    fn remove(&mut self, id: IncidentId) -> Option<Concluded> {
        let mut assessments = self.assessments.remove(&id).unwrap_or_default();
        assessments.sort_by(|a, b| a.clause.cmp(&b.clause));
        let incident = self.incidents.remove(&id)?;
        Some(Concluded {
            incident,
            assessments,
        })
    }
}

/// An incident with what it was held against.
struct Concluded {
    incident: Incident,
    assessments: Vec<Assessment>,
}

impl Concluded {
    /// The same under another revision.
    fn numbered(mut self, revision: u32) -> Self {
        self.incident.revision = revision;
        let assessments = self.assessments.iter_mut();
        assessments.for_each(|assessment| assessment.revision = revision);
        self
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.incident == other.incident && self.assessments == other.assessments
    }

    fn breaches(&self) -> BTreeSet<&Slug> {
        let broken = |assessment: &&Assessment| assessment.verdict == Verdict::Breach;
        let broken = self.assessments.iter().filter(broken);
        broken.map(|assessment| &assessment.clause).collect()
    }
}

/// How many incidents are concluded otherwise than before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// Incidents that the log held, withdrawn ones included.
    pub before: u64,
    /// As before.
    pub unchanged: u64,
    /// Not concluded before.
    pub new: u64,
    /// Told otherwise.
    pub revised: u64,
    /// Among these, breaches of other clauses than before.
    pub other_breaches: u64,
    /// No longer concluded, and withdrawn.
    pub withdrawn: u64,
    /// No longer concluded, and kept, since people decided on them.
    pub kept: u64,
}

/// Why an incident stands that is no longer concluded.
const KEPT: &str = "Not concluded any more since everything was concluded again; it stands because \
                    people have decided on it.";

impl Engine {
    /// Takes the rows of one input entry with the readings that the log holds of it, and gives what
    /// this engine concludes. Decisions are left out: they were taken on what was known then.
    pub fn retell(&mut self, inputs: &[Record], recorded: Vec<Body>) -> Vec<Record> {
        self.step_recorded(&without_decisions(inputs), recorded).0
    }

    /// As [`Self::retell`], for an input of which the log may not hold all readings but the first
    /// few: gives those that it does not hold, and what this engine concludes.
    pub fn retell_unfinished(
        &mut self,
        inputs: &[Record],
        logged: usize,
    ) -> (Vec<Record>, Vec<Record>) {
        let outputs = self.step(&without_decisions(inputs));
        let is_reading =
            |record: &Record| matches!(record.body, Body::Rejection(_) | Body::Observation(_));
        let (mut readings, concluded): (Vec<_>, Vec<_>) = outputs.into_iter().partition(is_reading);
        readings.drain(..logged.min(readings.len()));
        (readings, concluded)
    }

    /// Takes over: from `before`, which the log holds, to `again`, which this engine concluded when
    /// it was told the same. Gives the records that say what is otherwise, and how much that is.
    pub fn succeed(&mut self, before: Standing, again: Standing) -> (Vec<Record>, Amended) {
        let (mut before, mut again) = (before, again);
        let mut out = Outputs::default();
        let known = before.incidents.values();
        self.findings = Findings::carried_on(std::mem::take(&mut before.findings), known);
        self.tell_of_feeds(&before, &again, &mut out);
        let mut amended = Amended {
            before: before.incidents.len() as u64,
            ..Amended::default()
        };
        let ids: BTreeSet<IncidentId> = before
            .incidents
            .keys()
            .chain(again.incidents.keys())
            .copied()
            .collect();
        for id in ids {
            let told = match (before.remove(id), again.remove(id)) {
                (Some(old), Some(new)) => self.revise(&old, new, &mut amended),
                (Some(old), None) => self.no_longer(&old, &mut amended),
                (None, Some(new)) => self.begin(new, &mut amended),
                (None, None) => None,
            };
            if let Some(told) = told {
                out.findings
                    .extend(self.findings.follow(&told.incident).map(Body::Finding));
                out.assessments
                    .extend(told.assessments.into_iter().map(Body::Assessment));
                out.incidents.push(Body::Incident(told.incident));
            }
        }
        (out.into_records(), amended)
    }

    fn revise(
        &mut self,
        old: &Concluded,
        new: Concluded,
        amended: &mut Amended,
    ) -> Option<Concluded> {
        let (id, own, logged) = (
            old.incident.id,
            new.incident.revision,
            old.incident.revision,
        );
        let new = new.numbered(logged);
        if new.says_the_same(old) {
            self.numbering.insert(id, logged.wrapping_sub(own));
            amended.unchanged += 1;
            return None;
        }
        amended.revised += 1;
        amended.other_breaches += u64::from(new.breaches() != old.breaches());
        let revision = logged.saturating_add(1);
        self.numbering.insert(id, revision.wrapping_sub(own));
        Some(new.numbered(revision))
    }

    fn no_longer(&mut self, old: &Concluded, amended: &mut Amended) -> Option<Concluded> {
        let id = old.incident.id;
        let mut incident = old.incident.clone();
        if incident.withdrawn.is_some() {
            amended.unchanged += 1;
        } else if visits::is_denial(&incident) {
            // A decision raised it, and decisions stay.
        } else if self.findings.of(id).is_some() {
            amended.kept += 1;
            if !incident.explanation.iter().any(|term| term.text == KEPT) {
                incident.explanation.push(Term {
                    name: Slug::new("epoch").expect("the word is a name"),
                    text: KEPT.into(),
                    log_odds: 0.0,
                    observation: None,
                    sensor: None,
                });
            }
        } else {
            amended.withdrawn += 1;
            incident.withdrawn = Some(Withdrawal::Unsupported);
        }
        let lost_track = incident
            .track
            .is_some_and(|track| !self.tracks.contains_key(&track));
        let mut assessments = match lost_track {
            true if incident.withdrawn.is_none() => old.assessments.clone(),
            _ => self.assess(&incident),
        };
        assessments.sort_by(|a, b| a.clause.cmp(&b.clause));
        let new = Concluded {
            incident,
            assessments,
        };
        let is_same = new.says_the_same(old) || old.incident.withdrawn.is_some();
        let revision = old.incident.revision.saturating_add(u32::from(!is_same));
        // From here on the engine counts from 0 what others have concluded.
        let unnumbered = Incident {
            revision: 0,
            ..new.incident.clone()
        };
        self.raised.insert(id, unnumbered);
        self.numbering.insert(id, revision);
        (!is_same).then(|| new.numbered(revision))
    }

    fn begin(&mut self, new: Concluded, amended: &mut Amended) -> Option<Concluded> {
        let (id, own) = (new.incident.id, new.incident.revision);
        if new.incident.withdrawn.is_some() {
            return None;
        }
        amended.new += 1;
        self.numbering.insert(id, 1_u32.wrapping_sub(own));
        Some(new.numbered(1))
    }

    /// An incident under the revision by which the log knows it.
    pub(super) fn numbered(&self, mut incident: Incident) -> Incident {
        let ahead = self.numbering.get(&incident.id).copied().unwrap_or(0);
        incident.revision = incident.revision.wrapping_add(ahead);
        incident
    }

    /// Tells which feeds are silent otherwise than before.
    fn tell_of_feeds(&self, before: &Standing, again: &Standing, out: &mut Outputs) {
        let is_silent = |change: &&FeedChange| matches!(change.event, FeedEvent::Silent { .. });
        for feed in &self.setup.mission.network.feeds {
            let was = before.heard.get(&feed.id).filter(is_silent);
            let is = again.heard.get(&feed.id).filter(is_silent);
            let change = match (was.map(|change| &change.event), is) {
                (None, Some(silent)) => silent.clone(),
                (Some(FeedEvent::Silent { since, .. }), None) => FeedChange {
                    source: feed.id.clone(),
                    noticed_at: self.now,
                    event: FeedEvent::Heard {
                        silent_since: *since,
                    },
                },
                _ => continue,
            };
            out.feeds.push(Body::FeedChange(change));
        }
    }
}

/// The same inputs, with the time alone in the place of each decision.
fn without_decisions(inputs: &[Record]) -> Vec<Record> {
    let only_time = |record: &Record| match &record.body {
        Body::Decision(decision) => Record::new(Body::Tick(Tick {
            at: decision.decided_at,
        })),
        _ => record.clone(),
    };
    inputs.iter().map(only_time).collect()
}
