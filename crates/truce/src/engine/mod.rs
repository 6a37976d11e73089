//! The engine: a closed machine from input records to output records.
//!
//! It holds the decoders, the picture, the watch over zones, the agreement and the findings, and
//! calls them in the order of the line. It opens no file, asks no clock and draws no random number:
//! the same inputs in the same order give the same outputs, which is what `truce replay` checks.
//! It has no rules of its own about sensors, clauses or statuses.

mod deciding;
mod findings;
mod intake;
mod notices;
mod outputs;
mod recorded;
mod sea;
mod setup;
mod signature;
mod silence;
mod straits;
mod succession;
mod thinning;
mod visits;

use std::collections::{BTreeMap, BTreeSet};

use truce_accord::{Context, Watch, ZoneIndex, assess};
use truce_core::mission;
use truce_core::{
    Body, Digest, Incident, IncidentId, Interval, ObjectKind, Observation, Reading, Record, Slug,
    Timestamp, Track, TrackId,
};
use truce_fusion::own::Own;
use truce_fusion::sea::Sea;
use truce_fusion::{Change, Picture};

pub use deciding::Refused;
pub use sea::Shipping;
pub use setup::Setup;
pub use succession::{Amended, Standing};

use findings::Findings;
use intake::Intake;
use notices::Notices;
use outputs::Outputs;
use silence::Silence;
use thinning::Thinning;

/// Version of the engine's rules. A replay under another version may give other outputs.
pub const ENGINE_VERSION: u32 = 7;

/// The machine.
pub struct Engine {
    setup: Setup,
    zones: ZoneIndex,
    intake: Intake,
    silence: Silence,
    thinning: Thinning,
    picture: Picture,
    sea: Sea,
    own: Own,
    watch: Watch,
    /// The same watch over vessels that only radar sees. What they are hangs on the watch over shipping,
    /// which leaves late readings out: no part of the state that every order of arrival ends in.
    unnamed: Watch,
    findings: Findings,
    /// Incidents that are not of the picture, as they stand now: raised by the watch, or by a visit
    /// that was denied.
    raised: BTreeMap<IncidentId, Incident>,
    /// How far the log's revisions of an incident run ahead of this engine's own.
    numbering: BTreeMap<IncidentId, u32>,
    notices: Notices,
    regime: straits::Regime,
    /// The names of the parties.
    parties: Vec<Slug>,
    /// The names of all others, to whom findings can be referred.
    recipients: Vec<Slug>,
    /// Tracks without their points, for the context of assessments.
    tracks: BTreeMap<TrackId, Track>,
    now: Timestamp,
}

impl Engine {
    /// A machine that has seen nothing yet.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            zones: ZoneIndex::new(&setup.mission.zones),
            intake: Intake::new(&setup.mission),
            silence: Silence::new(&setup.mission.network),
            thinning: Thinning::default(),
            picture: Picture::new(&setup.mission),
            sea: sea::watch_over_shipping(&setup.mission, &setup.agreement),
            own: Own::new(&setup.mission),
            watch: Watch::new(&setup.mission, &setup.agreement),
            unnamed: Watch::new(&setup.mission, &setup.agreement),
            findings: Findings::default(),
            raised: BTreeMap::new(),
            numbering: BTreeMap::new(),
            notices: Notices::default(),
            regime: straits::Regime::default(),
            parties: setup
                .mission
                .parties()
                .map(|party| party.id.clone())
                .collect(),
            recipients: setup
                .mission
                .actors
                .iter()
                .filter(|actor| actor.role != mission::Role::Party)
                .map(|actor| actor.id.clone())
                .collect(),
            tracks: BTreeMap::new(),
            now: Timestamp::MIN,
            setup,
        }
    }

    /// The mission it works for.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What it takes for now: the latest instant that any input carried.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Takes the rows of one input entry and gives the records that follow from them, ordered by
    /// class. A row that is no input changes nothing.
    pub fn step(&mut self, inputs: &[Record]) -> Vec<Record> {
        let mut out = Outputs::default();
        for record in inputs {
            match &record.body {
                Body::Raw(message) => {
                    self.now = self.now.max(message.received_at);
                    self.intake.decode(message);
                    self.observe(&mut out);
                }
                Body::Decision(decision) => self.decide(decision, &mut out),
                Body::Tick(tick) => self.now = self.now.max(tick.at),
                Body::FeedNote(note) => {
                    self.now = self.now.max(note.noted_at);
                    self.intake.note(note);
                }
                Body::Import(import) => {
                    self.now = self.now.max(import.imported_at);
                    self.intake.finish(&import.source);
                    self.observe(&mut out);
                }
                _ => {}
            }
        }
        self.settle(&mut out);
        out.into_records()
    }

    /// The digest of the state: equal for every order of arrival of the same inputs within the
    /// mission's horizon. Revision and serial numbers are left out, since they count arrivals.
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let (picture, watch) = (self.picture.state_digest(), self.watch.state_digest());
        let findings = self.findings.state_digest();
        Digest::of_parts("truce state v1", &[&picture.0, &watch.0, &findings.0])
    }

    fn observe(&mut self, out: &mut Outputs) {
        let decoded = self.intake.take();
        out.hear(&decoded.rejections, |r| (&r.source, r.received_at));
        out.hear(&decoded.observations, |o| (&o.source, o.received_at));
        out.rejections
            .extend(decoded.rejections.into_iter().map(Body::Rejection));
        for observation in decoded.observations {
            self.take_reading(observation, out);
        }
    }

    fn take_reading(&mut self, observation: Observation, out: &mut Outputs) {
        if let Reading::Reply(reply) = &observation.reading {
            self.reply(reply, out);
        } else if let Reading::Notice(notice) = &observation.reading {
            self.notices.take(notice, observation.id);
        } else if self.intake.is_background(&observation.source) {
            self.picture.learn_background(&observation);
        } else {
            self.picture.update(&observation);
            self.sea.update(&observation);
            self.own.update(&observation);
        }
        out.observations.push(Body::Observation(observation));
    }

    /// Lets time pass in the picture and the watch and collects what changed.
    fn settle(&mut self, out: &mut Outputs) {
        let changes = self
            .silence
            .advance(std::mem::take(&mut out.heard), self.now);
        let revoked = self.intake.revoked(self.now);
        let changes = changes.into_iter().chain(revoked);
        out.feeds.extend(changes.map(Body::FeedChange));
        self.picture.advance(self.now);
        let mut incidents = Vec::new();
        for change in self.picture.changes() {
            match change {
                Change::Track(mut track) => {
                    self.sea.follow(&track);
                    if !is_of_radar(&track) {
                        self.watch.update(&track);
                    }
                    let points = std::mem::take(&mut track.points);
                    self.tracks.insert(track.id, track.clone());
                    track.points = points;
                    if self.thinning.thin(&mut track) {
                        out.tracks.push(Body::Track(track));
                    }
                }
                Change::Lost(lost) => {
                    self.sea.lose(&lost);
                    self.watch.lose(lost.track, &lost.fixes);
                }
                Change::Incident(incident) => {
                    self.raised.remove(&incident.id);
                    incidents.push(incident);
                }
            }
        }
        self.watch.advance(self.now);
        let raised = std::mem::take(&mut out.raised);
        let watched = self.settle_watches();
        let declared = self.settle_straits();
        for incident in raised.into_iter().chain(watched).chain(declared) {
            self.raised.insert(incident.id, incident.clone());
            incidents.push(incident);
        }
        self.assess_notified(&incidents, out);
        for incident in incidents {
            let incident = self.numbered(incident);
            if let Some(finding) = self.findings.follow(&incident) {
                out.findings.push(Body::Finding(finding));
            }
            out.assessments
                .extend(self.assess(&incident).into_iter().map(Body::Assessment));
            out.incidents.push(Body::Incident(incident));
        }
    }

    /// Holds what a new notice may be about against the clauses again.
    fn assess_notified(&mut self, changing: &[Incident], out: &mut Outputs) {
        let Some(windows) = self.notices.take_new() else {
            return;
        };
        let changing: BTreeSet<IncidentId> = changing.iter().map(|incident| incident.id).collect();
        let standing = self.picture.standing().chain(self.raised.values());
        let touched = standing.filter(|incident| {
            let meets = |window: &Interval| window.gap_s(&incident.occurred) == 0.0;
            !changing.contains(&incident.id) && windows.iter().any(meets)
        });
        let assessments: Vec<Body> = touched
            .flat_map(|incident| self.assess(&self.numbered(incident.clone())))
            .map(Body::Assessment)
            .collect();
        out.assessments.extend(assessments);
    }

    fn assess(&self, incident: &Incident) -> Vec<truce_core::Assessment> {
        if incident.withdrawn.is_some() {
            return Vec::new();
        }
        let context = Context {
            mission: &self.setup.mission,
            zones: &self.zones,
            track: incident.track.and_then(|id| self.tracks.get(&id)),
            now: self.now,
            notices: self.notices.all(),
        };
        assess(&self.setup.agreement, incident, &context)
    }

    fn incident(&self, id: IncidentId) -> Option<Incident> {
        let incident = self.picture.incident(id).or_else(|| self.raised.get(&id));
        incident.map(|incident| self.numbered(incident.clone()))
    }
}

/// True for a vessel that radar follows. Most of them are vessels that name themselves too, and what
/// those do is told of the track with the name; which are none of them the watch over shipping says.
fn is_of_radar(track: &Track) -> bool {
    track.kind == ObjectKind::Vessel && track.identity.is_none()
}
