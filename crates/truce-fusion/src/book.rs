//! The book of incidents: how each stands, and which were written anew since anyone asked.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::{Incident, IncidentId};

/// The book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    incidents: BTreeMap<IncidentId, Incident>,
    changed: BTreeSet<IncidentId>,
}

impl Book {
    /// Writes an incident as it stands now, whatever its revision says; the same words again change
    /// nothing.
    pub(crate) fn put(&mut self, mut incident: Incident) {
        let written = self.incidents.get(&incident.id);
        incident.revision = written.map_or(0, |written| written.revision);
        if written != Some(&incident) {
            self.changed.insert(incident.id);
            self.incidents.insert(incident.id, incident);
        }
    }

    /// The new revisions, in order of the incidents' names.
    pub(crate) fn changes(&mut self) -> Vec<Incident> {
        let mut changes = Vec::new();
        for id in std::mem::take(&mut self.changed) {
            let Some(incident) = self.incidents.get_mut(&id) else {
                continue;
            };
            // Nobody was told of an incident that came and went between two calls.
            if incident.revision == 0 && incident.withdrawn.is_some() {
                self.incidents.remove(&id);
                continue;
            }
            incident.revision += 1;
            changes.push(incident.clone());
        }
        changes
    }

    /// An incident as last written.
    pub(crate) fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// The incidents that stand, in order of their names.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Incident> {
        let incidents = self.incidents.values();
        incidents.filter(|incident| incident.withdrawn.is_none())
    }
}
