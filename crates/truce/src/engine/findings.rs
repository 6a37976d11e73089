//! The findings that the engine holds, and which incident each belongs to as incidents merge.

use std::collections::BTreeMap;

use truce_accord::ladder::{self, Rules};
use truce_core::incident::Withdrawal;
use truce_core::{Decision, Digest, Finding, FindingSerial, Incident, IncidentId, Reply};

/// How many withdrawals are followed from an old name to the present one. Each step moves to an
/// earlier founding observation, so a chain this long means a broken invariant.
const MOVES_MAX: usize = 10_000;

#[derive(Default)]
pub(super) struct Findings {
    by_incident: BTreeMap<IncidentId, Finding>,
    moved: BTreeMap<IncidentId, IncidentId>,
    serials: u64,
}

impl Findings {
    /// The findings that another engine held, with where its incidents went.
    pub(super) fn carried_on<'i>(
        findings: BTreeMap<FindingSerial, Finding>,
        incidents: impl Iterator<Item = &'i Incident>,
    ) -> Self {
        let mut carried = Self::default();
        for incident in incidents {
            if let Some(Withdrawal::PartOf(heir)) = &incident.withdrawn {
                carried.moved.insert(incident.id, *heir);
            }
        }
        findings
            .into_values()
            .for_each(|finding| carried.put(finding));
        carried
    }

    pub(super) fn of(&self, incident: IncidentId) -> Option<&Finding> {
        self.by_incident.get(&self.current(incident))
    }

    /// The incident that now stands for one that was withdrawn in favour of another.
    pub(super) fn current(&self, incident: IncidentId) -> IncidentId {
        let mut current = incident;
        for _ in 0..MOVES_MAX {
            match self.moved.get(&current) {
                Some(next) if *next != incident => current = *next,
                _ => break,
            }
        }
        current
    }

    /// The incident with which officers joined one.
    pub(super) fn merged_into(&self, incident: IncidentId) -> Option<IncidentId> {
        let finding = self.of(incident)?;
        ladder::Procedure::of(finding).merged_into
    }

    pub(super) fn put(&mut self, finding: Finding) {
        self.serials = self.serials.max(finding.serial.0);
        self.by_incident.insert(finding.incident, finding);
    }

    pub(super) fn decide(
        &self,
        rules: Rules<'_>,
        incident: &Incident,
        decision: &Decision,
        breach: bool,
    ) -> Result<Finding, ladder::Refusal> {
        let present = self.by_incident.get(&incident.id);
        ladder::decide(
            present,
            self.next_serial(),
            incident,
            decision,
            breach,
            rules,
        )
    }

    pub(super) fn reply(&self, incident: &Incident, reply: &Reply) -> Finding {
        let present = self.by_incident.get(&incident.id);
        ladder::reply(present, self.next_serial(), incident, reply)
    }

    /// Follows a revised incident: a withdrawal in favour of another moves its finding there. When
    /// both have one, each stays where it is, so that no serial number is lost.
    pub(super) fn follow(&mut self, incident: &Incident) -> Option<Finding> {
        let Some(Withdrawal::PartOf(heir)) = &incident.withdrawn else {
            self.moved.remove(&incident.id);
            return None;
        };
        self.moved.insert(incident.id, *heir);
        let heir = self.current(*heir);
        if self.by_incident.contains_key(&heir) {
            return None;
        }
        let finding = Finding {
            incident: heir,
            ..self.by_incident.remove(&incident.id)?
        };
        self.by_incident.insert(heir, finding.clone());
        Some(finding)
    }

    pub(super) fn state_digest(&self) -> Digest {
        let without_counts = |finding: &Finding| {
            let finding = Finding {
                serial: FindingSerial(0),
                incident_revision: 0,
                ..finding.clone()
            };
            serde_json::to_vec(&finding).expect("a finding is always representable as JSON")
        };
        let texts: Vec<Vec<u8>> = self.by_incident.values().map(without_counts).collect();
        let parts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        Digest::of_parts("truce findings v1", &parts)
    }

    fn next_serial(&self) -> FindingSerial {
        FindingSerial(self.serials + 1)
    }
}
