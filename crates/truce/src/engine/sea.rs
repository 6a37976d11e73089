//! The engine's hook to the watch over shipping: its incidents go the way of all others.

use truce_core::Incident;

use super::{Engine, Summary};

impl Engine {
    /// The state of shipping as of the newest reading that was judged.
    #[must_use]
    pub fn shipping(&self) -> Summary {
        self.sea.summary()
    }

    /// Judges the readings of vessels whose turn has come.
    pub(super) fn settle_sea(&mut self, incidents: &mut Vec<Incident>) {
        for incident in self.sea.changes() {
            self.raised.insert(incident.id, incident.clone());
            incidents.push(incident);
        }
    }
}
