//! What people decide and what parties reply: whether the ladder allows it, and what follows.

use truce_accord::ladder::{self, Rules};
use truce_core::{Action, Body, Decision, Finding, IncidentId, Reply};

use super::outputs::Outputs;
use super::{Engine, visits};

/// Why an input was refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such incident.
    #[error("there is no incident {incident}")]
    UnknownIncident {
        /// As given.
        incident: IncidentId,
    },
    /// The ladder does not allow it.
    #[error("{0}")]
    Ladder(String),
}

impl Engine {
    /// Whether a decision would be taken, without taking it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, decision: &Decision) -> Result<(), Refused> {
        self.weigh(decision).map(|_| ())
    }

    /// The finding on an incident, if an officer or a party has spoken on it.
    #[must_use]
    pub fn finding(&self, incident: IncidentId) -> Option<&Finding> {
        self.findings.of(incident)
    }

    pub(super) fn decide(&mut self, decision: &Decision, out: &mut Outputs) {
        self.now = self.now.max(decision.decided_at);
        // What is not allowed was refused before it reached the log; a log that holds it anyway
        // keeps it as a row without consequence.
        if let Ok(finding) = self.weigh(decision) {
            let visited = self.incident(finding.incident);
            let denied = visited.and_then(|visited| visits::denied(&visited, decision));
            out.raised.extend(denied);
            self.findings.put(finding.clone());
            out.findings.push(Body::Finding(finding));
        }
    }

    fn weigh(&self, decision: &Decision) -> Result<Finding, Refused> {
        let unknown = || Refused::UnknownIncident {
            incident: decision.incident,
        };
        let id = self.findings.current(decision.incident);
        let incident = self.incident(id).ok_or_else(unknown)?;
        let decision = Decision {
            incident: id,
            ..decision.clone()
        };
        let breach = self
            .assess(&incident)
            .iter()
            .any(|a| a.verdict == truce_core::Verdict::Breach);
        if let Action::MergeInto { incident: into } = &decision.action {
            let into = self.findings.current(*into);
            self.incident(into)
                .ok_or(Refused::UnknownIncident { incident: into })?;
            ladder::check_merge(id, into, |id| self.findings.merged_into(id))
                .map_err(|refusal| Refused::Ladder(refusal.to_string()))?;
        }
        let rules = Rules {
            clocks: &self.setup.agreement.clocks,
            parties: &self.parties,
            recipients: &self.recipients,
            roles: &self.setup.agreement.roles,
        };
        self.findings
            .decide(rules, &incident, &decision, breach)
            .map_err(|refusal| Refused::Ladder(refusal.to_string()))
    }

    pub(super) fn reply(&mut self, reply: &Reply, out: &mut Outputs) {
        let id = self.findings.current(reply.incident);
        if let Some(incident) = self.incident(id) {
            let finding = self.findings.reply(
                &incident,
                &Reply {
                    incident: id,
                    ..reply.clone()
                },
            );
            self.findings.put(finding.clone());
            out.findings.push(Body::Finding(finding));
        }
    }
}
