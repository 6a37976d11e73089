//! Objects that name themselves: vessels by MMSI, aircraft by ICAO address, uncrewed aircraft by their
//! serial number or the name they have where they are heard, the mission's own by the sensor they carry.
//!
//! One identity is one track for as long as the mission lasts, and its name follows from the identity alone:
//! no order of arrival can change it. The estimate is a pure function of the fixes in order of time, so a
//! late fix is filtered in where it belongs. A fix older than the mission's horizon before the newest one is
//! counted and kept out: it reopens no track.

use std::collections::{BTreeMap, VecDeque};

use truce_core::mission::Mission;
use truce_core::observation::{AircraftReport, UavDetection, VesselReport};
use truce_core::time::seconds_between;
use truce_core::{
    Digest, Height, Location, ObjectIdentity, ObjectKind, Observation, Position, Reading, Slug,
    Timestamp, Track, TrackId, TrackPoint,
};

use super::carriers::Carriers;
use super::kalman::{Fix, State};
use super::{Key, Lost, TRACK_RULE_VERSION, key_of};
use crate::own;

/// Fixes of one track kept for late data, beside those that were not handed out yet: at one fix in
/// ten seconds this covers the usual horizon of six hours, in about 0.5 MB.
const FIXES_PER_TRACK_MAX: usize = 2_200;
/// Tracks kept: more than a hundred times the vessels of a busy sea. A flood of invented
/// identities is counted and refused beyond it.
const TRACKS_MAX: usize = 200_000;
/// Two receivers hear one transmission within this time, seconds.
const SAME_TRANSMISSION_S: f64 = 1.0;
/// Two fixes closer than this are the same position: AIS resolves 0.18 m (ITU-R M.1371-5, 1/10,000 minute).
const SAME_POSITION_M: f64 = 1.0;
/// A vessel that seems to move faster than this has jumped: 50 knots (Global Fishing Watch).
const JUMP_SPEED_M_S: f64 = 50.0 * 0.514_444;
/// A shorter step is taken for an error of position or clock, metres.
const JUMP_DISTANCE_M_MIN: f64 = 1_000.0;
/// Clocks of receivers differ by about this much, seconds: no step is divided by less.
const JUMP_TIME_S_MIN: f64 = 1.0;
/// One observation of an object.
#[derive(Debug, Clone)]
struct Node {
    key: Key,
    fix: Fix,
    height: Option<Height>,
    state: State,
    /// Another receiver's copy of the fix before it: no point of its own.
    merged: bool,
}

/// What an object says about itself, each with the key of the report that said it last.
#[derive(Debug, Clone, Default)]
struct Described {
    name: Option<(Key, String)>,
    kind: Option<(Key, ObjectKind)>,
    actor: Option<(Key, Slug)>,
}

#[derive(Debug, Clone)]
struct Followed {
    id: TrackId,
    kind: ObjectKind,
    described: Described,
    /// The last fix that left `nodes`, with the estimate after it.
    settled: Option<Node>,
    nodes: VecDeque<Node>,
    observation_count: u64,
    first_observed_at: Option<Timestamp>,
    /// The nodes from this index on are new or need a new estimate.
    stale_from: usize,
    listed: bool,
}

/// All objects that name themselves.
#[derive(Debug, Clone)]
pub(crate) struct Cooperative {
    horizon_s: f64,
    /// For each payload of the mission's own drones the actor whose they are.
    payloads: BTreeMap<Slug, Slug>,
    carriers: Carriers,
    followed: BTreeMap<ObjectIdentity, Followed>,
    listed: Vec<ObjectIdentity>,
    /// Fixes that came after the horizon had passed.
    pub(crate) late_count: u64,
    /// Reports of identities beyond [`TRACKS_MAX`].
    pub(crate) refused_count: u64,
}

/// A report of an object, in the terms of this room.
pub(super) struct Report<'a> {
    pub(super) identity: ObjectIdentity,
    pub(super) kind: ObjectKind,
    pub(super) fix: Option<Fix>,
    pub(super) height: Option<Height>,
    pub(super) name: Option<&'a str>,
    pub(super) stated_kind: Option<ObjectKind>,
    pub(super) actor: Option<&'a Slug>,
}

impl Cooperative {
    pub(crate) fn new(mission: &Mission) -> Self {
        Self {
            horizon_s: mission.horizon_s,
            payloads: own::payloads(mission),
            carriers: Carriers::new(mission),
            followed: BTreeMap::new(),
            listed: Vec::new(),
            late_count: 0,
            refused_count: 0,
        }
    }

    /// Takes a report in; false when the observation is about no object that names itself.
    pub(crate) fn update(&mut self, observation: &Observation) -> bool {
        let Some(report) = report_of(observation, &self.payloads, &self.carriers) else {
            return false;
        };
        if self.followed.len() >= TRACKS_MAX && !self.followed.contains_key(&report.identity) {
            self.refused_count += 1;
            return true;
        }
        let identity = report.identity.clone();
        let followed = self
            .followed
            .entry(report.identity.clone())
            .or_insert_with(|| Followed::new(&report));
        let key = key_of(observation);
        let mut changed = followed.described.learn(key, &report);
        if let Some(fix) = report.fix {
            match followed.insert(key, fix, report.height, self.horizon_s) {
                Inserted::New => changed = true,
                Inserted::Known => {}
                Inserted::Late => self.late_count += 1,
            }
        }
        if changed && !followed.listed {
            followed.listed = true;
            self.listed.push(identity);
        }
        true
    }

    /// True when [`Self::changes`] has something to say.
    pub(crate) fn is_stale(&self) -> bool {
        !self.listed.is_empty()
    }

    /// The tracks that changed since the last call, and the fixes that tracks lost by it.
    pub(crate) fn changes(&mut self) -> (Vec<Track>, Vec<Lost>) {
        let (mut tracks, mut lost) = (Vec::new(), Vec::new());
        let listed = std::mem::take(&mut self.listed);
        tracks.reserve(listed.len());
        for identity in listed {
            let Some(followed) = self.followed.get_mut(&identity) else {
                continue;
            };
            followed.listed = false;
            lost.extend(followed.filter(self.horizon_s));
            if followed.first_observed_at.is_some() {
                tracks.push(followed.track(&identity, followed.stale_from));
            }
            followed.settle(self.horizon_s);
        }
        (tracks, lost)
    }

    /// Every track with its last point only. Call it when nothing is stale.
    pub(crate) fn finals(&self) -> impl Iterator<Item = Track> + '_ {
        self.followed.iter().filter_map(|(identity, followed)| {
            followed.first_observed_at?;
            let last = followed.nodes.iter().rposition(|node| !node.merged);
            Some(followed.track(identity, last.unwrap_or(followed.nodes.len())))
        })
    }
}

/// The name of the track of an identity.
pub(crate) fn name_of(identity: &ObjectIdentity) -> TrackId {
    let name = serde_json::to_vec(identity).expect("an identity is always representable as JSON");
    let parts: [&[u8]; 2] = [&TRACK_RULE_VERSION.to_be_bytes(), &name];
    TrackId(Digest::of_parts("truce track of an identity", &parts))
}

enum Inserted {
    New,
    Known,
    Late,
}

impl Followed {
    fn new(report: &Report<'_>) -> Self {
        Self {
            id: name_of(&report.identity),
            kind: report.kind,
            described: Described::default(),
            settled: None,
            nodes: VecDeque::new(),
            observation_count: 0,
            first_observed_at: None,
            stale_from: 0,
            listed: false,
        }
    }

    fn insert(&mut self, key: Key, fix: Fix, height: Option<Height>, horizon_s: f64) -> Inserted {
        if let Some(settled) = &self.settled {
            let newest = self.nodes.back().unwrap_or(settled).key.0;
            if key <= settled.key || seconds_between(key.0, newest) > horizon_s {
                return Inserted::Late;
            }
        }
        let index = match self.nodes.back() {
            Some(last) if key <= last.key => {
                if seconds_between(key.0, last.key.0) > horizon_s {
                    return Inserted::Late;
                }
                match self.nodes.binary_search_by(|node| node.key.cmp(&key)) {
                    Ok(_) => return Inserted::Known,
                    Err(index) => index,
                }
            }
            _ => self.nodes.len(),
        };
        let node = Node {
            key,
            fix,
            height,
            state: State::first(&fix),
            merged: false,
        };
        self.nodes.insert(index, node);
        self.stale_from = self.stale_from.min(index);
        self.observation_count += 1;
        self.first_observed_at = Some(self.first_observed_at.map_or(key.0, |t| t.min(key.0)));
        Inserted::New
    }

    /// Estimates the stale nodes anew, in order of time. Gives those that turned out to be copies.
    fn filter(&mut self, horizon_s: f64) -> Option<Lost> {
        let mut lost = Lost::new(self.id);
        let mut before = (0..self.stale_from)
            .rev()
            .map(|index| &self.nodes[index])
            .find(|node| !node.merged)
            .or(self.settled.as_ref())
            .cloned();
        let noise = noise_of(self.kind);
        let sails = self.kind == ObjectKind::Vessel;
        for index in self.stale_from..self.nodes.len() {
            let node = &mut self.nodes[index];
            let mut merged = false;
            node.state = State::first(&node.fix);
            if let Some(before) = &before {
                let dt_s = seconds_between(before.key.0, node.key.0);
                let step_m = || before.fix.position.distance_m(node.fix.position);
                merged = dt_s <= SAME_TRANSMISSION_S && step_m() <= SAME_POSITION_M;
                let jumped = sails && has_jumped(before, node, dt_s);
                if !jumped && dt_s <= horizon_s {
                    node.state = before.state.step(dt_s, noise, &node.fix);
                }
            }
            if merged && !node.merged {
                lost.fixes.push(node.key);
            }
            node.merged = merged;
            if !merged {
                match &mut before {
                    Some(before) => before.clone_from(node),
                    None => before = Some(node.clone()),
                }
            }
        }
        (!lost.fixes.is_empty()).then_some(lost)
    }

    /// Lets go of what no late fix can reach any more.
    fn settle(&mut self, horizon_s: f64) {
        while let (Some(first), Some(last)) = (self.nodes.front(), self.nodes.back()) {
            let reachable = seconds_between(first.key.0, last.key.0) <= horizon_s;
            if reachable && self.nodes.len() <= FIXES_PER_TRACK_MAX {
                break;
            }
            let node = self.nodes.pop_front();
            if let Some(node) = node.filter(|node| !node.merged) {
                self.settled = Some(node);
            }
        }
        self.stale_from = self.nodes.len();
    }

    fn track(&self, identity: &ObjectIdentity, from: usize) -> Track {
        let described = &self.described;
        let points = self.nodes.iter().skip(from).filter(|node| !node.merged);
        Track {
            id: self.id,
            kind: described.kind.as_ref().map_or(self.kind, |(_, kind)| *kind),
            identity: Some(identity.clone()),
            name: described.name.as_ref().map(|(_, name)| name.clone()),
            actor: described.actor.as_ref().map(|(_, actor)| actor.clone()),
            existence: existence(self.observation_count),
            observation_count: self.observation_count,
            first_observed_at: self.first_observed_at.unwrap_or(Timestamp::MIN),
            points: points.map(point).collect(),
        }
    }
}

impl Described {
    /// Remembers what is newer than what is known; true when something changed.
    fn learn(&mut self, key: Key, report: &Report<'_>) -> bool {
        learn_one(&mut self.name, key, report.name.map(str::to_owned))
            | learn_one(&mut self.kind, key, report.stated_kind)
            | learn_one(&mut self.actor, key, report.actor.cloned())
    }
}

fn learn_one<T: PartialEq>(known: &mut Option<(Key, T)>, key: Key, said: Option<T>) -> bool {
    let Some(said) = said else {
        return false;
    };
    if known.as_ref().is_some_and(|(at, _)| *at >= key) {
        return false;
    }
    let differs = known.as_ref().is_none_or(|(_, before)| *before != said);
    *known = Some((key, said));
    differs
}

fn point(node: &Node) -> TrackPoint {
    let motion = node.state.motion();
    TrackPoint {
        observed_at: node.key.0,
        place: node.state.place(),
        height: node.height,
        speed_m_s: motion.map(|(speed, _)| speed),
        course_deg: motion.map(|(_, course)| course),
        observation: node.key.1,
    }
}

/// Probability that the object exists: an identity garbled in transmission is heard once (own estimate: one
/// first message in ten on a noisy channel).
fn existence(observation_count: u64) -> f64 {
    1.0 - 0.1 / observation_count.max(1) as f64
}

/// Spectral density of the acceleration, m²/s³: what usual manoeuvres of the kind are to a filter (own estimates).
pub(crate) fn noise_of(kind: ObjectKind) -> f64 {
    match kind {
        ObjectKind::Vessel | ObjectKind::Warship => 0.02,
        ObjectKind::Aircraft => 10.0,
        ObjectKind::Uav => 2.0,
        ObjectKind::Vehicle | ObjectKind::Weapon | ObjectKind::Troops => 0.5,
    }
}

/// True when no vessel can have come from one fix to the other: the estimate begins anew there.
fn has_jumped(before: &Node, node: &Node, dt_s: f64) -> bool {
    let reach_m = JUMP_DISTANCE_M_MIN.max(JUMP_SPEED_M_S * dt_s);
    let (a, b) = (before.fix.position, node.fix.position);
    let north_m = (a.lat_deg - b.lat_deg).abs() * 110_000.0;
    // A degree of longitude is nowhere longer than at the equator. Most steps are short.
    let east_m = (a.lon_deg - b.lon_deg).abs() * 111_500.0;
    if north_m + east_m <= reach_m {
        return false;
    }
    let step_m = a.distance_m(b);
    let margin_m = JUMP_DISTANCE_M_MIN + 4.0 * (before.fix.sigma_m + node.fix.sigma_m);
    step_m / dt_s.max(JUMP_TIME_S_MIN) > JUMP_SPEED_M_S && step_m > margin_m
}

/// The report an observation makes about an object that names itself.
fn report_of<'a>(
    observation: &'a Observation,
    payloads: &'a BTreeMap<Slug, Slug>,
    carriers: &'a Carriers,
) -> Option<Report<'a>> {
    match &observation.reading {
        Reading::Vessel(vessel) => vessel_report(observation, vessel),
        Reading::Aircraft(aircraft) => Some(aircraft_report(observation, aircraft)),
        Reading::Uav(detection) => uav_report(observation, detection, payloads),
        Reading::SensorState(_) => carriers.report(observation),
        _ => None,
    }
}

fn vessel_report<'a>(observation: &Observation, vessel: &'a VesselReport) -> Option<Report<'a>> {
    // Base stations (4), their answers (11), differential corrections (17) and aids to navigation
    // (21) do not move (ITU-R M.1371-5, table 46).
    if matches!(vessel.message_type, 4 | 11 | 17 | 21) {
        return None;
    }
    let (fix, height) = fix_of(observation, vessel.speed_m_s, vessel.course_deg, 0.5);
    Some(Report {
        identity: ObjectIdentity::Mmsi(vessel.mmsi),
        kind: kind_of_mmsi(vessel.mmsi),
        fix,
        height,
        name: vessel.name.as_deref(),
        // Type 35: engaged in military operations (ITU-R M.1371-5, table 53).
        stated_kind: vessel.ship_type.map(|code| match code {
            35 => ObjectKind::Warship,
            _ => ObjectKind::Vessel,
        }),
        actor: None,
    })
}

/// Numbers 111MIDxxx belong to search and rescue aircraft (ITU-R M.585-9, annex 1, section 4).
fn kind_of_mmsi(mmsi: u32) -> ObjectKind {
    if mmsi / 1_000_000 == 111 {
        ObjectKind::Aircraft
    } else {
        ObjectKind::Vessel
    }
}

fn aircraft_report<'a>(observation: &Observation, aircraft: &'a AircraftReport) -> Report<'a> {
    let (fix, height) = fix_of(observation, aircraft.speed_m_s, aircraft.course_deg, 3.0);
    Report {
        identity: ObjectIdentity::Icao(aircraft.icao_address),
        kind: ObjectKind::Aircraft,
        fix,
        height,
        name: aircraft.call_sign.as_deref(),
        stated_kind: None,
        actor: None,
    }
}

fn uav_report<'a>(
    observation: &Observation,
    detection: &'a UavDetection,
    payloads: &'a BTreeMap<Slug, Slug>,
) -> Option<Report<'a>> {
    let sensor = observation.sensor.as_ref();
    let own = sensor
        .filter(|_| own::is_self_report(detection))
        .and_then(|by| payloads.get(by));
    let (fix, height) = fix_of(observation, detection.speed_m_s, detection.course_deg, 2.0);
    Some(Report {
        identity: uav_identity(observation, detection)?,
        kind: ObjectKind::Uav,
        fix,
        height,
        name: None,
        stated_kind: None,
        actor: detection.operator.as_ref().or(own),
    })
}

/// Who an uncrewed aircraft says it is, or is said to be.
pub(super) fn uav_identity(
    observation: &Observation,
    detection: &UavDetection,
) -> Option<ObjectIdentity> {
    let target = detection.target.clone()?;
    if own::is_self_report(detection) && is_serial_number(&target) {
        return Some(ObjectIdentity::Serial(target));
    }
    // Valid where it was said only: many senders may share a feed.
    let source = observation.sensor.as_ref().unwrap_or(&observation.source);
    let source = source.clone();
    Some(ObjectIdentity::Detector { source, target })
}

/// True for a serial number of an uncrewed aircraft, which no other has, whoever hears it (ANSI/CTA-2063-A:
/// four characters of the maker, one that says how many follow, from 1 to F, and those; letters are
/// capitals without I and O).
fn is_serial_number(number: &str) -> bool {
    let is_allowed = |letter: &u8| {
        letter.is_ascii_digit() || letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O')
    };
    let letters = number.as_bytes();
    let length = letters
        .get(4)
        .and_then(|code| char::from(*code).to_digit(16));
    let follows = |length: u32| length > 0 && letters.len() == 5 + length as usize;
    length.is_some_and(follows) && letters.iter().all(is_allowed)
}

/// The fix an observation gives, when its location says a place by itself.
pub(super) fn fix_of(
    observation: &Observation,
    speed_m_s: Option<f64>,
    course_deg: Option<f64>,
    speed_m_s_sigma: f64,
) -> (Option<Fix>, Option<Height>) {
    let Some(location) = &observation.location else {
        return (None, None);
    };
    let height = match location {
        Location::Fix { height, .. } => *height,
        _ => None,
    };
    let place = location.place().filter(|place| {
        let Position { lat_deg, lon_deg } = place.position;
        let ellipse = place.uncertainty;
        let finite = ellipse.semi_major_m.is_finite() && ellipse.semi_minor_m.is_finite();
        finite && Position::new(lat_deg, lon_deg).is_some()
    });
    let finite = |number: &f64| number.is_finite();
    let (speed, course) = (speed_m_s.filter(finite), course_deg.filter(finite));
    let fix = place.map(|place| Fix::new(place, speed, course, speed_m_s_sigma));
    (fix, height)
}
