//! The picture: what is known now, and what changed.

use std::collections::BTreeMap;

use truce_core::mission::Mission;
use truce_core::{Digest, Incident, IncidentId, Observation, ObservationId, Timestamp, Track};

use crate::track::anonymous::Anonymous;
use crate::track::cooperative::{Cooperative, Jump};
use crate::track::is_anonymous;

/// Something that changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A track; its points are those that are new or estimated anew since its last change.
    Track(Track),
    /// A new revision of an incident.
    Incident(Incident),
}

/// Everything that is known.
#[derive(Debug, Clone)]
pub struct Picture {
    now: Timestamp,
    cooperative: Cooperative,
    anonymous: Anonymous,
    incidents: BTreeMap<IncidentId, Incident>,
}

impl Picture {
    /// An empty picture of a mission.
    #[must_use]
    pub fn new(mission: &Mission) -> Self {
        Self {
            now: Timestamp::MIN,
            cooperative: Cooperative::new(mission.horizon_s),
            anonymous: Anonymous::new(mission.horizon_s),
            incidents: BTreeMap::new(),
        }
    }

    /// Takes an observation in. The order of arrival does not matter, and a duplicate is harmless.
    pub fn update(&mut self, observation: &Observation) {
        if is_anonymous(observation) {
            self.anonymous.update(observation);
        } else {
            self.cooperative.update(observation);
        }
    }

    /// Takes in a reading of earlier times: it counts for the background and founds nothing.
    pub fn learn_background(&mut self, observation: &Observation) {
        let _ = observation;
    }

    /// Tells the time: from now on the silence of sensors counts that should have spoken by now.
    /// An earlier time than before changes nothing.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// Everything that changed since the last call: tracks in order of their names, then incidents
    /// in order of theirs, one change for each.
    pub fn changes(&mut self) -> Vec<Change> {
        let (mut tracks, jumps) = self.cooperative.changes();
        tracks.extend(self.anonymous.changes());
        tracks.sort_by_key(|track| track.id);
        for jump in jumps {
            if let Jump::Found(incident) = jump {
                self.incidents.insert(incident.id, *incident);
            }
        }
        tracks.into_iter().map(Change::Track).collect()
    }

    /// An incident as of the last [`Self::changes`].
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// The incident that holds an observation as of the last [`Self::changes`].
    #[must_use]
    pub fn incident_of(&self, observation: ObservationId) -> Option<IncidentId> {
        let holds = |incident: &&Incident| incident.evidence.contains(&observation);
        self.incidents
            .values()
            .find(holds)
            .map(|incident| incident.id)
    }

    /// The digest of the final tracks and incidents, without their revisions: equal for any order
    /// of arrival of the same observations within the horizon, followed by the same
    /// [`Self::advance`].
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        if self.cooperative.is_stale() || self.anonymous.is_stale() {
            let mut settled = self.clone();
            settled.changes();
            return settled.state_digest();
        }
        let mut bytes = Vec::new();
        for track in self.cooperative.finals().chain(self.anonymous.finals()) {
            serde_json::to_writer(&mut bytes, &track)
                .expect("a track is always representable as JSON");
        }
        Digest::of(&bytes)
    }
}
