//! Where vessels usually stop, and how many wait there: anchorages learnt from stops alone, and the
//! queues of ports and straits.

use std::collections::{BTreeMap, VecDeque};

use truce_core::{Position, Slug};

use super::ground::Ground;
use super::plane::{middle, small, square};

/// Side of a square in which stops are remembered, degrees: about a mile.
const STOP_DEG: f64 = 0.02;
/// Side of a square by which waiting is counted away from known ports, degrees.
const QUEUE_DEG: f64 = 0.25;
/// So many vessels that stopped in a square or one beside it make a usual anchorage or berth.
const USUAL_VESSELS: usize = 3;
/// Vessels remembered for each square.
const REMEMBERED: usize = 4;
/// Waits that make the normal.
const WAITS_KEPT: usize = 100;
/// Squares kept.
const SQUARES_MAX: usize = 200_000;
/// Not heard of for so long, seconds, a vessel is no longer taken to wait.
const LOST_S: f64 = 86_400.0;

/// Where a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Port(u16),
    Square(i32, i32),
}

/// A queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// Who waits, since when, and when it was last heard, seconds.
    pub(super) waiting: BTreeMap<u32, (f64, f64)>,
    /// Vessels that lie at a berth.
    pub(super) moored: BTreeMap<u32, f64>,
    /// Vessel-seconds waited up to `counted_s`, and since when they are counted.
    waited_s: f64,
    counted_s: f64,
    first_s: f64,
    pub(super) most: usize,
    pub(super) waits_s: VecDeque<f64>,
}

/// All stops and queues.
#[derive(Debug, Clone, Default)]
pub(super) struct Roads {
    stops: BTreeMap<(i32, i32), [u32; REMEMBERED]>,
    pub(super) queues: BTreeMap<Place, Queue>,
}

impl Roads {
    /// Remembers that a vessel stopped somewhere.
    pub(super) fn stop(&mut self, mmsi: u32, position: Position) {
        if self.stops.len() >= SQUARES_MAX {
            self.stops.retain(|_, vessels| vessels[1] != 0);
        }
        let seen = self.stops.entry(square(position, STOP_DEG)).or_default();
        if !seen.contains(&mmsi) {
            seen.rotate_right(1);
            seen[0] = mmsi;
        }
    }

    /// True where several vessels other than this one have stopped before.
    pub(super) fn is_usual(&self, position: Position, but_for: &[u32]) -> bool {
        let (row, column) = square(position, STOP_DEG);
        let mut others: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
        for (rows, columns) in (-1..=1).flat_map(|r| (-1..=1).map(move |c| (r, c))) {
            let seen = self.stops.get(&(row + rows, column + columns));
            others.extend(
                seen.into_iter()
                    .flatten()
                    .filter(|mmsi| **mmsi != 0 && !but_for.contains(mmsi)),
            );
        }
        others.len() >= USUAL_VESSELS
    }

    /// True within a distance of such a place.
    pub(super) fn is_usual_within(
        &self,
        position: Position,
        within_m: f64,
        but_for: &[u32],
    ) -> bool {
        let steps = small(within_m / (STOP_DEG * 111_195.0)) + 1;
        let (row, column) = square(position, STOP_DEG);
        let around = (-steps..=steps).flat_map(|r| (-steps..=steps).map(move |c| (r, c)));
        let squares = around.map(|(r, c)| (row + r, column + c));
        // Only squares in which somebody stopped are worth a closer look.
        let stops = squares.filter(|key| self.stops.contains_key(key));
        stops
            .map(|key| middle(key, STOP_DEG))
            .filter(|at| super::plane::apart_m(*at, position) <= within_m)
            .any(|at| self.is_usual(at, but_for))
    }

    /// The queue that a stop belongs to.
    pub(super) fn place(position: Position, ground: &Ground, roads_m: f64) -> Place {
        match ground.port_near(position, roads_m) {
            Some((port, _)) => Place::Port(port),
            None => {
                let (row, column) = square(position, QUEUE_DEG);
                Place::Square(row, column)
            }
        }
    }

    /// A vessel waits, or is still heard waiting.
    pub(super) fn wait(&mut self, place: Place, mmsi: u32, since_s: f64, at_s: f64) {
        let queue = self.queues.entry(place).or_insert_with(|| Queue {
            counted_s: at_s,
            first_s: at_s,
            ..Queue::default()
        });
        queue.count(at_s);
        queue.waiting.insert(mmsi, (since_s, at_s));
        queue.most = queue.most.max(queue.waiting.len());
    }

    /// A vessel lies at a berth.
    pub(super) fn moor(&mut self, place: Place, mmsi: u32, at_s: f64) {
        let queue = self.queues.entry(place).or_insert_with(|| Queue {
            counted_s: at_s,
            first_s: at_s,
            ..Queue::default()
        });
        queue.moored.insert(mmsi, at_s);
    }

    /// A vessel that waits or lies at a berth was heard again.
    pub(super) fn still_waits(&mut self, place: Place, mmsi: u32, at_s: f64) {
        if let Some(queue) = self.queues.get_mut(&place) {
            if let Some((_, heard_s)) = queue.waiting.get_mut(&mmsi) {
                *heard_s = at_s;
            }
            if let Some(heard_s) = queue.moored.get_mut(&mmsi) {
                *heard_s = at_s;
            }
        }
    }

    /// A vessel goes on.
    pub(super) fn go_on(&mut self, place: Place, mmsi: u32, at_s: f64) {
        if let Some(queue) = self.queues.get_mut(&place) {
            queue.moored.remove(&mmsi);
            queue.count(at_s);
            if let Some((since_s, _)) = queue.waiting.remove(&mmsi) {
                if queue.waits_s.len() >= WAITS_KEPT {
                    queue.waits_s.pop_front();
                }
                queue.waits_s.push_back(at_s - since_s);
            }
        }
    }

    /// Lets go of vessels that are heard no more.
    pub(super) fn sweep(&mut self, at_s: f64) {
        for queue in self.queues.values_mut() {
            queue.count(at_s);
            queue
                .waiting
                .retain(|_, (_, heard_s)| at_s - *heard_s < LOST_S);
            queue.moored.retain(|_, heard_s| at_s - *heard_s < LOST_S);
        }
    }

    /// How many wait within a distance of a position since after an instant, and the usual number.
    pub(super) fn waiting_near(
        &self,
        position: Position,
        within_m: f64,
        since_s: f64,
        ground: &Ground,
    ) -> (usize, f64) {
        let (mut new, mut usual) = (0, 0.0);
        for (place, queue) in &self.queues {
            if super::plane::apart_m(place.middle(ground), position) > within_m {
                continue;
            }
            new += queue
                .waiting
                .values()
                .filter(|(at_s, _)| *at_s >= since_s)
                .count();
            usual += queue.usual();
        }
        (new, usual)
    }
}

impl Place {
    pub(super) fn middle(self, ground: &Ground) -> Position {
        match self {
            Self::Port(port) => ground.area(port).middle,
            Self::Square(row, column) => middle((row, column), QUEUE_DEG),
        }
    }

    pub(super) fn zone(self, ground: &Ground) -> Option<Slug> {
        match self {
            Self::Port(port) => Some(ground.area(port).id.clone()),
            Self::Square(..) => None,
        }
    }
}

impl Queue {
    fn count(&mut self, at_s: f64) {
        let dt_s = (at_s - self.counted_s).max(0.0);
        self.waited_s += dt_s * self.waiting.len() as f64;
        self.counted_s = self.counted_s.max(at_s);
    }

    /// The mean number that waits.
    pub(super) fn usual(&self) -> f64 {
        let counted_s = self.counted_s - self.first_s;
        if counted_s > 0.0 {
            self.waited_s / counted_s
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64) -> Position {
        Position {
            lat_deg,
            lon_deg: 32.5,
        }
    }

    #[test]
    fn an_anchorage_is_where_others_stopped() {
        let mut roads = Roads::default();
        for mmsi in [1, 2, 2, 3] {
            roads.stop(mmsi, at(29.9));
        }
        assert!(roads.is_usual(at(29.9), &[9]));
        assert!(roads.is_usual(at(29.915), &[9]));
        assert!(!roads.is_usual(at(29.9), &[1]));
        assert!(!roads.is_usual(at(30.1), &[9]));
    }

    #[test]
    fn a_queue_knows_its_mean_and_its_waits() {
        let mut roads = Roads::default();
        let place = Place::Square(1, 1);
        roads.wait(place, 1, 0.0, 0.0);
        roads.wait(place, 2, 100.0, 100.0);
        roads.go_on(place, 1, 200.0);
        let queue = &roads.queues[&place];
        assert_eq!((queue.usual(), queue.most), (1.5, 2));
        assert_eq!(queue.waits_s, [200.0]);
        roads.sweep(2.0 * LOST_S);
        assert!(roads.queues[&place].waiting.is_empty());
    }
}
