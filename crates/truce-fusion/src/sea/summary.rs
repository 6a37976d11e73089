//! The state of shipping for people: traffic, queues, behaviours, interference.

use serde::Serialize;
use truce_core::{IncidentId, IncidentKind, Interval, Position, Slug, Timestamp, TrackId};

use super::Sea;
use super::corridor::{Direction, median_s};
use super::lanes::SIDE_DEG;
use super::plane::{instant, middle};
use crate::tell::end_s;

/// Transits whose median is the present.
const PRESENT: usize = 10;
/// Transits from which a normal can be told.
const NORMAL_MIN: usize = 5;
/// Behaviours are listed for so long after their end, seconds.
const LISTED_S: f64 = 86_400.0;
/// Most behaviours in a summary, the newest first; and queues, the longest first.
const LISTED_MAX: usize = 500;

/// The state of shipping at an instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The newest reading that was judged; `None` before the first.
    pub at: Option<Timestamp>,
    /// Vessels heard in the last day.
    pub vessels: usize,
    /// Traffic of each corridor.
    pub corridors: Vec<Corridor>,
    /// Queues at ports, and where vessels wait elsewhere.
    pub queues: Vec<QueueState>,
    /// Lanes that are or were closed.
    pub closures: Vec<ClosureState>,
    /// What vessels did that is worth a look, the newest first.
    pub behaviours: Vec<Behaviour>,
    /// Areas of disturbed satellite navigation.
    pub interference: Vec<InterferenceArea>,
    /// Tracks of radars, and which vessels they are.
    pub radar: Vec<RadarState>,
    /// Readings that came after their turn and were not judged.
    pub late_readings: u64,
}

/// Traffic of a corridor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Corridor {
    /// The corridor's zone.
    pub zone: Slug,
    /// Its name for people.
    pub name: String,
    /// Vessels in it that were heard in the last six hours.
    pub vessels_inside: u32,
    /// Traffic towards the end and towards the beginning of its middle line.
    pub directions: [DirectionState; 2],
}

/// Traffic of a corridor in one direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DirectionState {
    /// Transits from end to end since the beginning.
    pub transits: u64,
    /// Of these in the last 24 hours.
    pub transits_24_h: usize,
    /// Median time of the last transits, seconds.
    pub transit_s: Option<f64>,
    /// Median time of all remembered, seconds: the normal.
    pub transit_s_normal: Option<f64>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueState {
    /// The port's zone; `None` where the mission names no port.
    pub zone: Option<Slug>,
    /// The middle of the port, or of the square in which vessels wait.
    pub place: Position,
    /// Vessels that wait.
    pub waiting: usize,
    /// The mean number that waits.
    pub waiting_normal: f64,
    /// The most that ever waited.
    pub waiting_most: usize,
    /// Vessels that lie at a berth.
    pub moored: usize,
    /// The longest wait now, seconds.
    pub longest_wait_s: f64,
    /// The median of waits that are over, seconds.
    pub wait_s_normal: Option<f64>,
}

/// A lane that is or was closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClosureState {
    /// The middle of its square.
    pub place: Position,
    /// The last passage before.
    pub closed_at: Timestamp,
    /// The first passage after; `None` while it is closed.
    pub reopened_at: Option<Timestamp>,
    /// The vessel that lies in it, by MMSI.
    pub blocker: Option<u32>,
}

/// What a vessel did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Behaviour {
    /// The incident.
    pub incident: IncidentId,
    /// Its kind.
    pub kind: IncidentKind,
    /// The behaviour in one word.
    pub behaviour: String,
    /// The vessel's track.
    pub track: Option<TrackId>,
    /// The vessel's identity, `mmsi:` and nine digits.
    pub identity: Option<String>,
    /// The corridor it is about.
    pub zone: Option<Slug>,
    /// When.
    pub occurred: Interval,
    /// Where.
    pub place: Position,
    /// How probable.
    pub probability: f64,
    /// True when it is over.
    pub ended: bool,
}

/// An area of disturbed satellite navigation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InterferenceArea {
    /// The incident.
    pub incident: Option<IncidentId>,
    /// Its middle.
    pub place: Position,
    /// How far vessels in it are from its middle, metres.
    pub radius_m: f64,
    /// From when to when.
    pub occurred: Interval,
    /// How many vessels.
    pub vessels: usize,
}

/// A track of a radar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RadarState {
    /// The track.
    pub track: TrackId,
    /// When radar saw it last, as far as was judged.
    pub observed_at: Timestamp,
    /// Where.
    pub place: Position,
    /// The vessel that it is, `mmsi:` and nine digits; `None` while none is known.
    pub identity: Option<String>,
    /// The incident that tells of it as a vessel without AIS.
    pub incident: Option<IncidentId>,
}

impl Sea {
    /// The state of shipping as of the newest reading judged.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let at_s = self.now_s;
        let heard = self
            .vessels
            .values()
            .filter(|v| at_s - v.last.at_s <= 86_400.0);
        Summary {
            at: (at_s > 0.0).then(|| instant(at_s)),
            vessels: heard.count(),
            corridors: self.corridors(),
            queues: self.queue_states(),
            closures: self.closure_states(),
            behaviours: self.behaviours(),
            interference: self.interference_areas(),
            radar: self.radar_states(),
            late_readings: self.pending.late,
        }
    }

    fn corridors(&self) -> Vec<Corridor> {
        let mut inside = vec![0; self.ground.areas.len()];
        for vessel in self.vessels.values() {
            if self.now_s - vessel.last.at_s <= 21_600.0
                && let Some(corridor) = vessel.standing.corridor
            {
                inside[usize::from(corridor)] += 1;
            }
        }
        let areas = self.ground.areas.iter().zip(&self.traffic).zip(inside);
        let corridors = areas.filter(|((area, _), _)| !area.is_port);
        corridors
            .map(|((area, traffic), vessels_inside)| Corridor {
                zone: area.id.clone(),
                name: area.name.clone(),
                vessels_inside,
                directions: [0, 1].map(|way| self.direction(&traffic.directions[way])),
            })
            .collect()
    }

    fn direction(&self, direction: &Direction) -> DirectionState {
        let all = &direction.transits;
        let today = |(end_s, _): &&(f64, f64)| self.now_s - end_s <= 86_400.0;
        let median = |skip: usize| median_s(all.iter().skip(skip).map(|(_, took_s)| *took_s));
        DirectionState {
            transits: direction.count,
            transits_24_h: all.iter().filter(today).count(),
            transit_s: median(all.len().saturating_sub(PRESENT)),
            transit_s_normal: if all.len() >= NORMAL_MIN {
                median(0)
            } else {
                None
            },
        }
    }

    fn queue_states(&self) -> Vec<QueueState> {
        let queues = self.roads.queues.iter();
        let shown =
            queues.filter(|(place, queue)| place.zone(&self.ground).is_some() || queue.most >= 2);
        let mut states: Vec<QueueState> = shown
            .map(|(place, queue)| {
                let waits = queue
                    .waiting
                    .values()
                    .map(|(since_s, _)| self.now_s - since_s);
                QueueState {
                    zone: place.zone(&self.ground),
                    place: place.middle(&self.ground),
                    waiting: queue.waiting.len(),
                    waiting_normal: queue.usual(),
                    waiting_most: queue.most,
                    moored: queue.moored.len(),
                    longest_wait_s: waits.fold(0.0, f64::max),
                    wait_s_normal: median_s(queue.waits_s.iter().copied()),
                }
            })
            .collect();
        states.sort_by_key(|state| (state.zone.is_none(), std::cmp::Reverse(state.waiting)));
        states.truncate(LISTED_MAX);
        states
    }

    fn closure_states(&self) -> Vec<ClosureState> {
        let told = self.closures.all.iter().filter(|closure| closure.is_told);
        told.map(|closure| ClosureState {
            place: middle(closure.cell, SIDE_DEG),
            closed_at: instant(closure.since_s),
            reopened_at: closure.reopened_s.map(instant),
            blocker: closure.blocker,
        })
        .collect()
    }

    fn behaviours(&self) -> Vec<Behaviour> {
        let standing = self.told.standing();
        let lately = standing.filter(|told| self.now_s - end_s(told) <= LISTED_S);
        let mut all: Vec<Behaviour> = lately
            .map(|told| {
                let text = |name: &str| told.attributes.get(name).cloned();
                Behaviour {
                    incident: told.id,
                    kind: told.kind,
                    behaviour: text("behaviour").unwrap_or_default(),
                    track: told.track,
                    identity: text("identity"),
                    zone: told.zone.clone(),
                    occurred: told.occurred,
                    place: told.place.position,
                    probability: told.probability,
                    ended: text("ended").is_some(),
                }
            })
            .collect();
        all.sort_by_key(|one| (std::cmp::Reverse(one.occurred.end), one.incident));
        all.truncate(LISTED_MAX);
        all
    }

    fn radar_states(&self) -> Vec<RadarState> {
        let seen = self.radar.targets.iter().filter_map(|(track, target)| {
            let last = target.last?;
            Some(RadarState {
                track: *track,
                observed_at: instant(last.at_s),
                place: last.position,
                identity: target.vessel.map(|mmsi| format!("mmsi:{mmsi:09}")),
                incident: target
                    .dark
                    .as_ref()
                    .and_then(super::radar_told::Dark::incident),
            })
        });
        let mut states: Vec<RadarState> = seen.collect();
        states.sort_by_key(|state| (std::cmp::Reverse(state.observed_at), state.track));
        states.truncate(LISTED_MAX);
        states
    }

    fn interference_areas(&self) -> Vec<InterferenceArea> {
        let areas = self.interference.areas.iter();
        areas
            .map(|area| InterferenceArea {
                incident: area.id,
                place: area.middle,
                radius_m: area.radius_m,
                occurred: Interval::between(instant(area.since_s), instant(area.until_s)),
                vessels: area.vessels.len(),
            })
            .collect()
    }
}
