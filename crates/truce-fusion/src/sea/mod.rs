//! The watch over shipping: from vessels' own reports to what they do.
//!
//! A closed machine fed by observations of vessels. Readings are put in order of time first
//! (`pending`); then each fix goes through the same short path: is it believed (`vessel`), where is
//! it (`ground`), does the vessel rest, follow a corridor (`corridor`), pass a lane (`lanes`), meet
//! another (`meeting`), go round (`circle`). What is worth telling becomes an incident with its
//! evidence and its reasons line by line (`tell`).
//!
//! This room judges no clause and names no intent. It learns what is usual (lanes, anchorages,
//! reception, transit times) from the readings alone, so it needs no map of canals and ports. All it
//! keeps is bounded. Definitions, thresholds and their sources are in `docs/sea.md`.

mod blockage;
mod circle;
mod corridor;
mod coverage;
mod gap;
mod ground;
mod land;
mod lanes;
mod meeting;
mod particulars;
mod pending;
pub(crate) mod plane;
mod position;
mod radar;
mod radar_lost;
mod radar_told;
mod rest;
mod roads;
mod slow;
mod summary;
mod time;
mod vessel;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::{Mission, SeaSettings};
use truce_core::observation::VesselReport;
use truce_core::{Incident, Observation, Reading, Slug, Timestamp, Track};

use crate::tell::Told;
use crate::track::Lost;
use blockage::Closures;
use corridor::{Traffic, Turn};
use coverage::Coverage;
use ground::Ground;
use land::Land;
use lanes::Lanes;
use meeting::Meetings;
use particulars::Statements;
use pending::{Fix, Heard, Particulars, Pending};
use plane::seconds;
use position::Interference;
use radar::Radar;
use roads::Roads;
use vessel::{Step, Vessel};

pub use summary::{
    Behaviour, ClosureState, Corridor, DirectionState, InterferenceArea, QueueState, RadarState,
    Summary,
};

/// Vessels kept: more than twice as many as send AIS in the world at a time.
const VESSELS_MAX: usize = 200_000;
/// How often slow changes are looked at: queues, lanes that stay empty, areas that ended, seconds.
const SWEEP_S: f64 = 1_800.0;

/// The watch over shipping.
#[derive(Debug, Clone)]
pub struct Sea {
    settings: SeaSettings,
    ground: Ground,
    land: Land,
    pending: Pending,
    vessels: BTreeMap<u32, Vessel>,
    /// When silent vessels are looked at, in order.
    deadlines: BTreeSet<(i64, u32)>,
    coverage: Coverage,
    lanes: Lanes,
    roads: Roads,
    closures: Closures,
    meetings: Meetings,
    interference: Interference,
    statements: Statements,
    traffic: Vec<Traffic>,
    radar: Radar,
    told: Told,
    /// Until when readings were judged, seconds since 1970.
    now_s: f64,
    swept_s: f64,
    refused: u64,
}

impl Sea {
    /// A watch that has heard nothing yet.
    #[must_use]
    pub fn new(mission: &Mission) -> Self {
        let ground = Ground::new(mission);
        Self {
            settings: mission.sea,
            traffic: vec![Traffic::default(); ground.areas.len()],
            ground,
            land: Land::new(),
            pending: Pending::default(),
            vessels: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            coverage: Coverage::default(),
            lanes: Lanes::default(),
            roads: Roads::default(),
            closures: Closures::default(),
            meetings: Meetings::default(),
            interference: Interference::default(),
            statements: Statements::default(),
            radar: Radar::default(),
            told: Told::default(),
            now_s: 0.0,
            swept_s: 0.0,
            refused: 0,
        }
    }

    /// Leaves stops in some corridors and deviations from them to the agreement's own watch, which
    /// tells them by the clause's thresholds.
    pub fn leave_to_agreement(&mut self, corridors: &BTreeSet<Slug>) {
        for area in &mut self.ground.areas {
            area.is_agreed = corridors.contains(&area.id);
        }
    }

    /// Takes an observation in; one by radar only tells the time, and what was not observed at sea
    /// changes nothing: a file of fires, read in before the ships of another year, makes these not late.
    pub fn update(&mut self, observation: &Observation) {
        match &observation.reading {
            Reading::Vessel(report) if is_vessel(report) => self.take_in(observation, report),
            Reading::Radar(_) => {
                let at = observation.observed_at.end.min(observation.received_at);
                self.pending.pass(seconds(at));
            }
            _ => {}
        }
    }

    /// Takes the new points of a track that radar gives: a vessel without a name. Others change
    /// nothing.
    pub fn follow(&mut self, track: &Track) {
        self.radar.follow(track, &mut self.told);
    }

    /// Takes note of fixes that a track lost. Those of tracks that name themselves change nothing.
    pub fn lose(&mut self, lost: &Lost) {
        self.radar.lose(lost);
    }

    fn take_in(&mut self, observation: &Observation, report: &VesselReport) {
        let at_s = seconds(observation.observed_at.middle());
        let receiver = self.coverage.receiver(observation.sensor.as_ref());
        let place = observation.location.as_ref().and_then(|l| l.place());
        if let Some(place) = place {
            self.pending.push(Heard::Fix(Fix {
                at_s,
                mmsi: report.mmsi,
                position: place.position,
                sigma_m: place.uncertainty.semi_major_m,
                speed_m_s: report.speed_m_s,
                course_deg: report.course_deg,
                status: report.navigational_status.unwrap_or(15),
                receiver,
                observation: observation.id,
            }));
        }
        let says = report.name.is_some() || report.ship_type.is_some();
        if says || report.imo_number.is_some() || report.length_m.is_some() {
            self.pending.push(Heard::Particulars(Box::new(Particulars {
                at_s,
                mmsi: report.mmsi,
                observation: observation.id,
                name: report.name.clone(),
                imo_number: report.imo_number,
                ship_type: report.ship_type,
                length_m: report.length_m,
                beam_m: report.beam_m,
                draught_m: report.draught_m,
            })));
        }
    }

    /// Judges the readings whose turn has come: new and revised incidents, in order.
    pub fn changes(&mut self) -> Vec<Incident> {
        self.judge(self.settings.settle_s)
    }

    /// Judges all readings at once, at the end of a file.
    pub fn finish(&mut self) -> Vec<Incident> {
        self.judge(0.0)
    }

    /// Tracks of radars that are no vessel with AIS, with the points that were judged since the last
    /// call, one a minute. A track with existence 0 is gone.
    pub fn unnamed(&mut self) -> Vec<Track> {
        self.radar.take_unnamed()
    }

    /// Until when the tracks of radars were judged.
    #[must_use]
    pub fn radar_judged_until(&self) -> Timestamp {
        plane::instant(self.now_s - radar::LAG_S)
    }

    /// Readings that came after their turn, and those of vessels beyond the bound.
    #[must_use]
    pub fn omitted(&self) -> (u64, u64) {
        (self.pending.late, self.refused)
    }

    fn judge(&mut self, settle_s: f64) -> Vec<Incident> {
        while let Some((until_s, readings)) = self.pending.pop(settle_s) {
            for heard in readings {
                match heard {
                    Heard::Fix(fix) => self.fix(&fix),
                    Heard::Particulars(said) => self.particulars(*said),
                }
            }
            self.now_s = self.now_s.max(until_s);
            self.look_at_silent();
            self.look_at_radar(settle_s <= 0.0);
            if self.now_s - self.swept_s >= SWEEP_S {
                self.sweep();
            }
        }
        self.told.take()
    }

    /// The path of a fix.
    fn fix(&mut self, fix: &Fix) {
        self.now_s = self.now_s.max(fix.at_s);
        let Some(vessel) = self.vessels.get_mut(&fix.mmsi) else {
            return self.first(fix);
        };
        let step = vessel.weigh(fix, &self.settings);
        if vessel.is_elsewhere(fix) {
            self.radar.hear(fix, true);
        }
        match step {
            Step::Nothing => return,
            Step::Jumped => return self.jumped(fix),
            Step::TwoPlaces => return self.two_places(fix.mmsi),
            Step::Moved => {}
        }
        if vessel.silence.is_some() {
            gap::tell_end(vessel, fix, &self.ground, &mut self.told);
        }
        if std::mem::take(&mut vessel.is_lost) {
            self.coverage.find(vessel.last.position);
        }
        let before = (vessel.last.position, vessel.last.at_s);
        let pause_s = fix.at_s - before.1;
        let under_way = vessel.speed_m_s >= self.settings.slow_m_s;
        self.coverage.hear(before.0, fix.at_s, pause_s, under_way);
        self.coverage.receive(fix.receiver, fix.at_s);
        vessel.go(fix);
        self.radar.hear(fix, false);
        vessel.look(fix.position, &self.ground);
        let ended = vessel.pace(fix, &self.settings);
        let turn = corridor::follow(
            vessel,
            fix,
            &self.ground,
            &self.settings,
            &mut self.traffic,
            &mut self.told,
        );
        let now = (fix.position, fix.at_s);
        let passed = self
            .lanes
            .follow(&mut vessel.way, fix.mmsi, before, now, fix.observation);
        let circle = vessel.circle.push(fix, &self.settings);
        vessel.last = *fix;
        if !passed.is_empty() {
            self.closures.pass(&passed, vessel, &mut self.told);
        }
        if vessel.slow.is_some() || vessel.rest.is_some() || vessel.meetings > 0 {
            self.slow(fix.mmsi);
        }
        if let Some(rest) = ended {
            self.moves_on(fix, &rest);
        }
        if let Some(circle) = circle {
            self.circled(fix.mmsi, &circle);
        }
        if let Turn::Back { at_s, evidence } = turn {
            self.turned(fix.mmsi, at_s, evidence);
        }
    }

    fn first(&mut self, fix: &Fix) {
        if self.vessels.len() >= VESSELS_MAX {
            self.refused += 1;
            return;
        }
        let mut vessel = Vessel::new(*fix);
        vessel.look(fix.position, &self.ground);
        self.vessels.insert(fix.mmsi, vessel);
        self.look_later(fix.mmsi, fix.at_s + self.settings.gap_s);
    }

    fn jumped(&mut self, fix: &Fix) {
        let Some(vessel) = self.vessels.get_mut(&fix.mmsi) else {
            return;
        };
        let Some(other) = vessel.other.take() else {
            return;
        };
        let water = self.land.at(other.first.position);
        let zone = corridor_of(&self.ground, vessel);
        let sea = &self.settings;
        let news = position::jump(vessel, &other, water, zone, sea, &mut self.told);
        vessel.begin_anew(fix);
        self.radar.forget(fix.mmsi);
        vessel.look(fix.position, &self.ground);
        if let Some((from, evidence)) = news {
            let (at_s, place) = (other.first.at_s, from.position);
            self.interference
                .note(fix.mmsi, at_s, place, evidence, sea, &mut self.told);
        }
    }

    fn two_places(&mut self, mmsi: u32) {
        let vessel = self.vessels.get(&mmsi);
        if let Some((vessel, other)) = vessel.and_then(|v| Some((v, v.other.as_ref()?))) {
            let zone = corridor_of(&self.ground, vessel);
            position::tell_two_places(vessel, other, zone, &mut self.told);
        }
    }

    fn circled(&mut self, mmsi: u32, circle: &circle::Circle) {
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let water = self.land.at(circle.middle);
        let zone = corridor_of(&self.ground, vessel);
        let told = position::tell_circle(vessel, circle, water, zone, &mut self.told);
        if told.is_some() {
            let place = vessel
                .away
                .as_ref()
                .map_or(circle.middle, |away| away.from.position);
            let (at_s, evidence) = (circle.during_s.1, circle.evidence.clone());
            self.interference
                .note(mmsi, at_s, place, evidence, &self.settings, &mut self.told);
        }
    }

    fn turned(&mut self, mmsi: u32, turned_s: f64, evidence: truce_core::ObservationId) {
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let Some(corridor) = vessel.standing.corridor else {
            return;
        };
        let at = vessel.last.position;
        let now_s = vessel.last.at_s;
        let mut sea = self.settings;
        // The vessel has gone back some way since; the other may have stayed.
        sea.obstruction_m *= 3.0;
        let near = rest::neighbour(self.vessels.values(), vessel, at, now_s, &sea);
        if let Some(near) = near {
            let zone = self.ground.area(corridor).id.clone();
            let during_s = (turned_s, now_s);
            rest::tell_turn(vessel, zone, during_s, evidence, &near, &mut self.told);
        }
    }

    fn particulars(&mut self, said: Particulars) {
        let Some(vessel) = self.vessels.get_mut(&said.mmsi) else {
            return;
        };
        self.statements.take(vessel, &said, &mut self.told);
        vessel.ship_type = said.ship_type.or(vessel.ship_type);
        if said.name.is_some() {
            vessel.name = said.name;
        }
    }
}

/// The corridor a vessel is in.
fn corridor_of(ground: &Ground, vessel: &Vessel) -> Option<Slug> {
    let corridor = vessel.standing.corridor?;
    Some(ground.area(corridor).id.clone())
}

/// True for reports of vessels: base stations (4), their answers (11), corrections (17) and aids to
/// navigation (21) are none (ITU-R M.1371-5, table 46), nor are rescue aircraft (numbers 111…, M.585-9).
fn is_vessel(report: &VesselReport) -> bool {
    !matches!(report.message_type, 4 | 9 | 11 | 17 | 21) && report.mmsi / 1_000_000 != 111
}
