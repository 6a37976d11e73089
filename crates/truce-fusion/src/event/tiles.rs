//! Sharp candidates in tiles of space and time, and the events of each tile.
//!
//! A tile is solved together with what lies around it, and owns the events that happened in its
//! ten minutes and whose founder (the reading that came first) was made in its area. So the events
//! are a pure function of the candidates and the time, and a late candidate costs the solution of
//! few tiles.
//! Where two tiles' solutions share a reading, the event with more readings stands (among equals
//! the one that came first).

use std::collections::{BTreeMap, BTreeSet};

use truce_core::belief::log_odds;
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Frame, ObservationId, Position, Timestamp};

use super::activity::{self, Activity, FACTOR_MAX, Factors, ORDINARY};
use super::alone::Direction;
use super::estimate::Estimate;
use super::lasting::STEP_S;
use super::plane::Plane;
use super::solve::{Event, solve};
use super::weigh::{log_sum, weigh};
use crate::candidate::Candidate;
use crate::founders::Item as _;
use crate::line::Line;
use crate::network::{CLASSES, Network};
use crate::prior::Priors;
use crate::retraction::TakenBack;

/// Duration of a tile, seconds.
const TILE_S: i64 = 600;
/// How long before and after a tile readings matter to it, seconds: the longest way of a sound for
/// prompt ones, three standard deviations of what a patrol errs for others.
const PROMPT_S: i64 = 100;
const SLOW_S: i64 = 600;
/// Two solutions of one event differ in time by less than this, seconds: an event so near to a
/// tile's end is known to both.
const OVERLAP_S: f64 = 2.0;
/// Extent of a tile, degrees: with its neighbours it sees at least 80 km around up to 60° of
/// latitude, farther than stations on the ground notice an event.
const TILE_LAT_DEG: f64 = 1.0;
const TILE_LON_DEG: f64 = 1.5;
/// Tiles around the Earth.
const COLUMNS: i32 = 240;
/// Lines and sensors within this of a tile's middle matter to it, metres.
const REACH_M: f64 = 250_000.0;

/// Ten minutes, row and column.
pub(crate) type Tile = (i64, i32, i32);

/// The founder and the tile of an event.
type Name = (u32, Tile);

/// An event as its tile knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) frame: Frame,
    pub(crate) epoch: Timestamp,
    pub(crate) estimate: Estimate,
    /// In the order in which they came; the first is the founder.
    pub(crate) members: Vec<u32>,
    /// Sounds of the launch, with what they add for artillery.
    pub(crate) launches: Vec<(u32, f64)>,
    /// Where the weapon may have stood; used for the side alone.
    pub(crate) origin: Option<Estimate>,
    /// Recent activity when it happened.
    pub(crate) activity: Factors,
}

impl Known {
    pub(crate) fn position(&self) -> Position {
        let [x, y, ..] = self.estimate.state;
        self.frame.to_position(x, y)
    }

    pub(crate) fn at(&self) -> Timestamp {
        plus_seconds(self.epoch, self.estimate.state[2])
    }

    fn readings(&self) -> impl Iterator<Item = u32> + '_ {
        let launches = self.launches.iter().map(|(reading, _)| *reading);
        self.members.iter().copied().chain(launches)
    }
}

/// The candidates with the events that they make.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tiles {
    candidates: Vec<Candidate>,
    by_name: BTreeMap<ObservationId, u32>,
    by_tile: BTreeMap<Tile, Vec<u32>>,
    /// Those of them that were taken back: they make no event.
    taken_back: BTreeMap<Tile, BTreeSet<u32>>,
    /// Areas in which anything was ever read.
    areas: BTreeSet<(i32, i32)>,
    dirty: BTreeSet<Tile>,
    /// What directions would be that no other reading joins, where the mission has such told, with
    /// the log-odds of weapons on an ordinary day before any silence.
    alone: BTreeMap<u32, (Known, f64)>,
    /// Candidates before this were asked for that.
    asked: usize,
    /// When silence ends an event of a tile, which is solved anew then.
    due: BTreeSet<(Timestamp, Tile)>,
    due_of: BTreeMap<Tile, Timestamp>,
    /// The latest time that was told; 1970 before any.
    now: Timestamp,
    events: BTreeMap<Name, Known>,
    owned: BTreeMap<Tile, Vec<u32>>,
    /// Which events hold a reading.
    claims: BTreeMap<u32, BTreeSet<Name>>,
    activity: Activity,
}

/// What a tile has.
#[derive(Default)]
struct Solution {
    /// The events that it owns.
    events: Vec<Known>,
    /// How many of each class that makes.
    counts: [f64; CLASSES],
    /// When silence ends the first of the events in and around it.
    due: Option<Timestamp>,
}

impl Tiles {
    pub(crate) fn len(&self) -> usize {
        self.candidates.len()
    }

    pub(crate) fn candidate(&self, index: u32) -> &Candidate {
        &self.candidates[index as usize]
    }

    /// The candidate of an observation.
    pub(crate) fn named(&self, id: ObservationId) -> Option<&Candidate> {
        Some(self.candidate(*self.by_name.get(&id)?))
    }

    pub(crate) fn is_stale(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Takes a candidate in; one that is known already changes nothing.
    pub(crate) fn insert(&mut self, candidate: Candidate) {
        if self.by_name.contains_key(&candidate.id) {
            return;
        }
        let Ok(index) = u32::try_from(self.candidates.len()) else {
            return;
        };
        let tile = tile_of(&candidate);
        self.by_name.insert(candidate.id, index);
        self.by_tile.entry(tile).or_default().push(index);
        self.areas.insert((tile.1, tile.2));
        if candidate.taken_back.is_some() {
            self.taken_back.entry(tile).or_default().insert(index);
        }
        self.candidates.push(candidate);
        self.disturb(index);
    }

    /// The tiles that a candidate matters to are solved anew.
    fn disturb(&mut self, index: u32) {
        let candidate = &self.candidates[index as usize];
        let around = neighbours(tile_of(candidate))
            .filter(|(_, row, column)| self.areas.contains(&(*row, *column)))
            .filter(|near| matters(candidate, *near));
        self.dirty.extend(around);
    }

    /// Notes that a candidate was taken back; `None` when there is none of that name.
    pub(crate) fn take_back(&mut self, id: ObservationId, how: TakenBack) -> Option<&Candidate> {
        let index = *self.by_name.get(&id)?;
        let candidate = &mut self.candidates[index as usize];
        candidate.taken_back = Some(how);
        let tile = tile_of(candidate);
        self.taken_back.entry(tile).or_default().insert(index);
        self.disturb(index);
        Some(self.candidate(index))
    }

    /// Candidates that were taken back and would else have been the founder's event or found it.
    pub(crate) fn taken_back_beside(&self, founder: u32) -> Vec<&Candidate> {
        let founder = self.candidate(founder);
        let near = neighbours(tile_of(founder)).filter_map(|tile| self.taken_back.get(&tile));
        let near = near.flatten().map(|index| self.candidate(*index));
        let of_it =
            |other: &&Candidate| founder.claim(other).is_some() || other.claim(founder).is_some();
        let mut beside: Vec<&Candidate> = near.filter(of_it).collect();
        beside.sort_by_key(|candidate| candidate.told());
        beside
    }

    /// Solves what changed by now; gives the founders of events that are new, gone or other
    /// than before.
    pub(crate) fn settle(
        &mut self,
        network: &Network,
        priors: &Priors,
        line: &Line,
        now: Timestamp,
    ) -> BTreeSet<u32> {
        let mut changed = BTreeSet::new();
        self.tell_time(now);
        self.ask_directions(network, priors, line);
        // A tile's activity hangs on those before it, which are solved first.
        while let Some(tile) = self.dirty.pop_first() {
            let solution = self.solve(tile, network, priors, line);
            let (new, (time, row, column)) = (solution.events, tile);
            self.wait(tile, solution.due);
            let busier = self.activity.count((row, column), time, solution.counts);
            self.dirty
                .extend(busier.into_iter().map(|time| (time, row, column)));
            let old = self.owned.remove(&tile).unwrap_or_default();
            let founders: Vec<u32> = new.iter().map(|event| event.members[0]).collect();
            for founder in old.iter().filter(|founder| !founders.contains(founder)) {
                self.drop((*founder, tile), &mut changed);
            }
            for event in new {
                let name = (event.members[0], tile);
                if self.events.get(&name) != Some(&event) {
                    self.drop(name, &mut changed);
                    self.put(name, event, &mut changed);
                }
            }
            if !founders.is_empty() {
                self.owned.insert(tile, founders);
            }
        }
        changed
    }

    /// Keeps what each new direction would be by itself, where weapons reach the mission's threshold
    /// before any silence. What else is read changes nothing in it.
    fn ask_directions(&mut self, network: &Network, priors: &Priors, line: &Line) {
        let asked = std::mem::replace(&mut self.asked, self.candidates.len());
        let Some(threshold) = priors.direction_threshold else {
            return;
        };
        let directions = (0..).zip(&self.candidates).skip(asked);
        let directions = directions.filter(|(_, candidate)| !candidate.is_placed());
        for (index, candidate) in directions {
            let tile = tile_of(candidate);
            let mut plane = plane_of(tile, network, priors, line, f64::INFINITY);
            plane.take(std::iter::once((index, candidate)));
            let Some(reading) = plane.readings.first() else {
                continue;
            };
            let Some(mut direction) = Direction::new(&plane, reading) else {
                continue;
            };
            direction.hear(&plane, reading);
            let weapons = direction.weights().weapons();
            if weapons + libm::log(FACTOR_MAX) < log_odds(threshold) {
                continue;
            }
            let known = Known {
                frame: plane.frame,
                epoch: plane.epoch,
                estimate: direction.estimate(),
                members: vec![index],
                launches: Vec::new(),
                origin: None,
                activity: ORDINARY,
            };
            self.alone.insert(index, (known, weapons));
        }
    }

    /// Tells the time: tiles in which silence has ended an event since are solved anew.
    fn tell_time(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        let due = self.due.iter().take_while(|(due, _)| *due <= self.now);
        self.dirty.extend(due.map(|(_, tile)| *tile));
    }

    fn wait(&mut self, tile: Tile, due: Option<Timestamp>) {
        if let Some(before) = self.due_of.remove(&tile) {
            self.due.remove(&(before, tile));
        }
        if let Some(due) = due {
            self.due.insert((due, tile));
            self.due_of.insert(tile, due);
        }
    }

    fn drop(&mut self, name: Name, changed: &mut BTreeSet<u32>) {
        let Some(event) = self.events.remove(&name) else {
            return;
        };
        changed.insert(name.0);
        for reading in event.readings() {
            if let Some(claims) = self.claims.get_mut(&reading) {
                claims.remove(&name);
                changed.extend(claims.iter().map(|(founder, _)| *founder));
            }
        }
    }

    fn put(&mut self, name: Name, event: Known, changed: &mut BTreeSet<u32>) {
        for reading in event.readings() {
            let claims = self.claims.entry(reading).or_default();
            claims.insert(name);
            changed.extend(claims.iter().map(|(founder, _)| *founder));
        }
        self.events.insert(name, event);
    }

    fn solve(&mut self, tile: Tile, network: &Network, priors: &Priors, line: &Line) -> Solution {
        if !self.may_own(tile) {
            return Solution::default();
        }
        let now_s = libm::floor(seconds_between(begin(tile), self.now) / STEP_S) * STEP_S;
        let mut plane = plane_of(tile, network, priors, line, now_s);
        let (time, row, column) = tile;
        plane.activity = self.activity.factors((row, column), time, || {
            activity::expected(&plane, extent_m(tile), TILE_S as f64)
        });
        let near = neighbours(tile).filter_map(|near| self.by_tile.get(&near));
        let near = near.flatten().map(|index| (*index, self.candidate(*index)));
        let counts =
            |candidate: &Candidate| candidate.taken_back.is_none() && matters(candidate, tile);
        plane.take(near.filter(|(_, candidate)| counts(candidate)));
        if plane.readings.is_empty() {
            return Solution::default();
        }
        let (events, until_s) = solve(&plane);
        let mut solution = Solution {
            due: until_s.map(|until_s| plus_seconds(plane.epoch, until_s)),
            ..Solution::default()
        };
        let mut taken = BTreeSet::new();
        for event in events {
            let known = self.known(&plane, &event);
            if priors.direction_threshold.is_some() && self.place(&known).is_none() {
                continue;
            }
            taken.extend(known.readings());
            if self.owns(tile, &known) {
                add_to(&mut solution.counts, &plane, &event);
                solution.events.push(known);
            }
        }
        if let Some(threshold) = priors.direction_threshold {
            let alone = self.directions(&plane, &taken, threshold);
            let own = alone.filter(|known| self.owns(tile, known));
            solution.events.extend(own);
        }
        solution
    }

    fn owns(&self, tile: Tile, known: &Known) -> bool {
        let (_, row, column) = tile_of(self.candidate(known.members[0]));
        let t_s = seconds_between(begin(tile), known.at());
        (row, column) == (tile.1, tile.2) && (-OVERLAP_S..TILE_S as f64 + OVERLAP_S).contains(&t_s)
    }

    /// Directions that no other reading joins are events of their own.
    fn directions<'t>(
        &'t self,
        plane: &'t Plane<'_>,
        taken: &'t BTreeSet<u32>,
        threshold: f64,
    ) -> impl Iterator<Item = Known> + 't {
        let most = plane.activity.iter().copied().fold(1.0, f64::max);
        let least = log_odds(threshold) - libm::log(most);
        let left = plane.readings.iter().map(|reading| reading.index);
        let left = left.filter(|index| !taken.contains(index));
        let alone = left.filter_map(|index| self.alone.get(&index));
        let probable = alone.filter(move |(_, weapons)| *weapons >= least);
        probable.map(|(known, _)| Known {
            activity: plane.activity,
            ..known.clone()
        })
    }

    /// True when anything was read in a tile's area that may have founded an event of its time.
    fn may_own(&self, tile: Tile) -> bool {
        let own = neighbours(tile).filter(|near| (near.1, near.2) == (tile.1, tile.2));
        let own = own.filter_map(|near| self.by_tile.get(&near)).flatten();
        own.into_iter()
            .any(|index| matters(self.candidate(*index), tile))
    }

    fn known(&self, plane: &Plane<'_>, event: &Event) -> Known {
        let number = |reading: usize| plane.readings[reading].index;
        let mut members: Vec<u32> = event.readings.iter().map(|r| number(*r)).collect();
        members.sort_by_key(|index| self.candidate(*index).came());
        Known {
            frame: plane.frame,
            epoch: plane.epoch,
            estimate: event.estimate,
            members,
            launches: event
                .launches
                .iter()
                .map(|(r, gain)| (number(*r), *gain))
                .collect(),
            origin: event.origin,
            activity: plane.activity,
        }
    }

    /// The event with a founder, when it stands.
    pub(crate) fn standing(&self, founder: u32) -> Option<&Known> {
        let first = (founder, (i64::MIN, i32::MIN, i32::MIN));
        let last = (founder, (i64::MAX, i32::MAX, i32::MAX));
        let own = self.events.range(first..=last);
        own.into_iter()
            .find(|(name, event)| self.stands(**name, event))
            .map(|(_, event)| event)
    }

    fn stands(&self, name: Name, event: &Known) -> bool {
        let strength = |(founder, tile): Name, event: &Known| {
            let came = self.candidate(founder).came();
            (event.members.len(), std::cmp::Reverse((came, tile)))
        };
        let own = strength(name, event);
        let rivals = event
            .readings()
            .filter_map(|reading| self.claims.get(&reading));
        let mut rivals = rivals.flatten().filter(|rival| **rival != name);
        rivals.all(|rival| strength(*rival, &self.events[rival]) < own)
    }

    /// Where an event was; `None` when it is nothing but a direction or an arrival.
    pub(crate) fn place(&self, event: &Known) -> Option<Position> {
        let alone = event.members.len() == 1 && !self.candidate(event.members[0]).is_placed();
        (!alone).then(|| event.position())
    }

    /// The founder of the standing event that holds an observation.
    pub(crate) fn holder(&self, observation: ObservationId) -> Option<u32> {
        let claims = self.claims.get(self.by_name.get(&observation)?)?;
        let stands = |name: &&Name| self.stands(**name, &self.events[*name]);
        claims.iter().find(stands).map(|(founder, _)| *founder)
    }

    /// Founders of the standing events of a span around a place.
    pub(crate) fn during(&self, start: Timestamp, end: Timestamp, place: Position) -> Vec<u32> {
        let (_, row, column) = tile_at(start, place);
        let block = |at: Timestamp| at.as_second().div_euclid(TILE_S);
        // An event lies in its founder's tile or the next.
        let tiles = self.owned.range((block(start) - 1, i32::MIN, i32::MIN)..);
        let tiles = tiles.take_while(|((time, ..), _)| *time <= block(end) + 1);
        let close = |tile: &Tile| (tile.1 - row).abs() <= 1 && apart(tile.2, column) <= 1;
        let founders = tiles
            .filter(|(tile, _)| close(tile))
            .flat_map(|(_, founders)| founders);
        let standing = founders
            .copied()
            .filter(|founder| self.standing(*founder).is_some());
        standing.collect()
    }
}

/// Counts an event with its probability once all others have stayed silent.
fn add_to(counts: &mut [f64; CLASSES], plane: &Plane<'_>, event: &Event) {
    let weights = weigh(plane, &event.estimate, &event.readings, f64::INFINITY);
    let all = log_sum(&[weights.total(), 0.0]);
    for (count, weight) in counts.iter_mut().zip(weights.classes()) {
        *count += libm::exp(weight - all);
    }
}

/// When a tile begins.
fn begin((time, ..): Tile) -> Timestamp {
    Timestamp::from_second(time * TILE_S).unwrap_or(Timestamp::MIN)
}

/// The plane of a tile, without readings.
fn plane_of<'a>(
    tile: Tile,
    network: &'a Network,
    priors: &'a Priors,
    line: &Line,
    now_s: f64,
) -> Plane<'a> {
    let frame = Frame::at(middle(tile));
    Plane::new(frame, begin(tile), REACH_M, network, priors, line, now_s)
}

/// How far a tile reaches from west to east and from south to north, metres.
fn extent_m(tile: Tile) -> [f64; 2] {
    let middle = middle(tile);
    let corner = Position {
        lat_deg: middle.lat_deg + TILE_LAT_DEG / 2.0,
        lon_deg: middle.lon_deg + TILE_LON_DEG / 2.0,
    };
    let (east_m, north_m) = Frame::at(middle).to_xy_m(corner);
    [2.0 * east_m, 2.0 * north_m]
}

fn tile_of(candidate: &Candidate) -> Tile {
    tile_at(candidate.middle(), candidate.anchor())
}

#[allow(clippy::cast_possible_truncation)] // At most 240 for a position on Earth.
fn tile_at(at: Timestamp, place: Position) -> Tile {
    let row = libm::floor(place.lat_deg / TILE_LAT_DEG) as i32;
    let column = libm::floor(place.lon_deg / TILE_LON_DEG) as i32;
    (
        at.as_second().div_euclid(TILE_S),
        row,
        column.rem_euclid(COLUMNS),
    )
}

/// True when a candidate is looked at where a tile is solved.
fn matters(candidate: &Candidate, (block, ..): Tile) -> bool {
    let start = block * TILE_S;
    let margin_s = if candidate.is_prompt() {
        PROMPT_S
    } else {
        SLOW_S
    };
    let after_s = candidate.middle().as_second() - start;
    (-margin_s..TILE_S + margin_s).contains(&after_s)
}

fn apart(a: i32, b: i32) -> i32 {
    let apart = (a - b).rem_euclid(COLUMNS);
    apart.min(COLUMNS - apart)
}

fn neighbours((time, row, column): Tile) -> impl Iterator<Item = Tile> {
    let offsets = [-1, 0, 1];
    offsets.into_iter().flat_map(move |dt| {
        offsets.into_iter().flat_map(move |dr| {
            offsets.map(move |dc| {
                let column = (column + dc).rem_euclid(COLUMNS);
                (time + i64::from(dt), row + dr, column)
            })
        })
    })
}

fn middle((_, row, column): Tile) -> Position {
    let lat_deg = (f64::from(row) + 0.5) * TILE_LAT_DEG;
    let lon_deg = (f64::from(column) + 0.5) * TILE_LON_DEG;
    Position {
        lat_deg: lat_deg.clamp(-89.5, 89.5),
        lon_deg: truce_core::place::normalize_lon_deg(lon_deg),
    }
}
