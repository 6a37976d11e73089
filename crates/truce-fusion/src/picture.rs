//! The picture: what is known now, and what changed.

use truce_core::mission::{Mission, Zone};
use truce_core::{
    Digest, EventClass, Incident, IncidentId, Interval, ObjectKind, Observation, ObservationId,
    Position, Reading, Timestamp, Track,
};

use crate::incidents::Incidents;
use crate::quiet::{self, Watched};
use crate::track::anonymous::Anonymous;
use crate::track::cooperative::Cooperative;
use crate::track::{Lost, anonymous_kind};

/// Something that changed.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // Both are large, and a list of changes is short-lived.
pub enum Change {
    /// A track; its points are those that are new or estimated anew since its last change. A track
    /// with existence 0 and no points is gone: late data gave its detections to another.
    Track(Track),
    /// Fixes that a track handed out before and does not have any more.
    Lost(Lost),
    /// A new revision of an incident.
    Incident(Incident),
}

/// Observations that changed nothing, counted by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Omitted {
    /// Fixes and detections that came after the mission's horizon had passed.
    pub late: u64,
    /// Reports about an incident that say no place.
    pub unplaced: u64,
    /// What came when the bounds on tracks or observations were reached.
    pub refused: u64,
}

/// Everything that is known.
///
/// [`Self::update`] only takes in; [`Self::advance`] and [`Self::changes`] draw the conclusions, so
/// a batch of observations costs one evaluation of each incident it touches.
#[derive(Debug, Clone)]
pub struct Picture {
    now: Timestamp,
    cooperative: Cooperative,
    /// Uncrewed aircraft, then vessels.
    anonymous: [Anonymous; 2],
    incidents: Incidents,
}

impl Picture {
    /// An empty picture of a mission.
    #[must_use]
    pub fn new(mission: &Mission) -> Self {
        Self {
            now: Timestamp::MIN,
            cooperative: Cooperative::new(mission),
            anonymous: [ObjectKind::Uav, ObjectKind::Vessel]
                .map(|kind| Anonymous::new(kind, mission.horizon_s)),
            incidents: Incidents::new(mission),
        }
    }

    /// Takes an observation in. The order of arrival does not matter, and a duplicate is harmless.
    pub fn update(&mut self, observation: &Observation) {
        self.incidents.learn_flight(observation);
        match anonymous_kind(observation) {
            Some(ObjectKind::Vessel) => return self.anonymous[1].update(observation),
            Some(_) => return self.anonymous[0].update(observation),
            None => {}
        }
        let followed = self.cooperative.update(observation);
        if matches!(observation.reading, Reading::Uav(_)) {
            // What detectors follow may be this one.
            self.anonymous[0].update(observation);
        }
        // Where one of the mission's own is, its sensor works.
        if !followed || matches!(observation.reading, Reading::SensorState(_)) {
            self.incidents.update(observation);
        }
    }

    /// Takes in a reading of earlier times: it counts for the background and founds nothing.
    pub fn learn_background(&mut self, observation: &Observation) {
        self.incidents.learn_background(observation);
    }

    /// Tells the time: from now on the silence of sensors counts that should have spoken by now.
    /// An earlier time than before changes nothing.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.incidents.settle(self.now);
    }

    /// Everything that changed since the last call: fixes that tracks lost and tracks in order of their
    /// names, then incidents in order of theirs, one change of each sort for each.
    pub fn changes(&mut self) -> Vec<Change> {
        let (mut tracks, mut lost) = self.cooperative.changes();
        for anonymous in &mut self.anonymous {
            let (more, gone) = anonymous.changes();
            tracks.extend(more);
            lost.extend(gone);
        }
        tracks.sort_by_key(|track| track.id);
        lost.sort_by_key(|lost| lost.track);
        self.incidents.settle(self.now);
        let incidents = self.incidents.changes().into_iter().map(Change::Incident);
        let lost = lost.into_iter().map(Change::Lost);
        lost.chain(tracks.into_iter().map(Change::Track))
            .chain(incidents)
            .collect()
    }

    /// An incident as of the last [`Self::advance`] or [`Self::changes`], withdrawn ones included.
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(id)
    }

    /// The incidents that stand, as of the last [`Self::advance`] or [`Self::changes`], in order of
    /// their names.
    pub fn standing(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.standing()
    }

    /// The incident that now holds an observation, as of the last [`Self::advance`] or
    /// [`Self::changes`].
    #[must_use]
    pub fn incident_of(&self, observation: ObservationId) -> Option<IncidentId> {
        self.incidents.holder(observation)
    }

    /// How well an area was watched for a class of event, as of the last [`Self::advance`]: whether
    /// silence there means that it was quiet, or that nothing could have been seen.
    #[must_use]
    pub fn watched(&self, zone: &Zone, class: EventClass, during: Interval) -> Watched {
        quiet::watched(&self.incidents, zone, class, during, self.now)
    }

    /// Probability per class, in the order of [`EventClass::ALL`], that an event at one of these
    /// points and instants would have been noticed by now, as of the last [`Self::advance`].
    #[must_use]
    pub fn noticed(
        &self,
        points: &[Position],
        instants: &[Timestamp],
    ) -> [f64; EventClass::ALL.len()] {
        quiet::mean_noticed(&self.incidents, points, instants, self.now)
    }

    /// Observations that changed nothing.
    #[must_use]
    pub fn omitted(&self) -> Omitted {
        Omitted {
            late: self.cooperative.late_count
                + self.anonymous.iter().map(|all| all.late_count).sum::<u64>(),
            unplaced: self.incidents.unplaced_count,
            refused: self.cooperative.refused_count + self.incidents.refused_count,
        }
    }

    /// The digest of the final tracks and incidents, without their revisions: equal for any order
    /// of arrival of the same observations within the horizon, followed by the same
    /// [`Self::advance`].
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let tracks_stale =
            self.cooperative.is_stale() || self.anonymous.iter().any(Anonymous::is_stale);
        if tracks_stale || self.incidents.is_stale(self.now) {
            let mut settled = self.clone();
            settled.changes();
            return settled.state_digest();
        }
        let anonymous = self.anonymous.iter().flat_map(Anonymous::finals);
        let tracks = self.cooperative.finals().chain(anonymous);
        let tracks = tracks.map(|track| serde_json::to_vec(&track));
        let incidents = self.incidents.finals();
        let incidents = incidents.map(|incident| serde_json::to_vec(&incident));
        let pieces = tracks.chain(incidents);
        Digest::of_pieces(pieces.map(|piece| piece.expect("it is always representable as JSON")))
    }
}
