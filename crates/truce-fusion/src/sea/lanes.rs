//! Lanes: stretches of water that vessels pass regularly, learnt from their passages alone.
//!
//! The sea is cut into squares of about two kilometres. A vessel that enters a square and leaves it
//! by another side has passed it. A square that many passed and few stopped in is a lane. How long
//! it usually stays empty is remembered, so that a silence in it can be weighed.

use std::collections::BTreeMap;

use truce_core::{ObservationId, Position};

use super::plane::square;

/// Side of a square, degrees.
pub(super) const SIDE_DEG: f64 = 0.02;
/// A way between two fixes is followed through at most so many squares; a longer one leaves a hole.
const STEPS_MAX: i32 = 24;
/// A vessel silent for longer is not counted where it may have passed, seconds.
const STEP_S_MAX: f64 = 3_600.0;
/// Up to this length a silence still shows that it passed at all, seconds.
const UNSEEN_S_MAX: f64 = 12.0 * 3_600.0;
/// Squares kept; beyond it those passed least are let go.
const SQUARES_MAX: usize = 400_000;
/// Of so many that passed a lane at most one may have stopped in it.
const PASSAGES_PER_STOP: u32 = 15;
/// Squares on each side of a lane by which a vessel may pass.
const ABREAST: i32 = 2;
/// Gaps between passages are counted by their length: from this many seconds, doubling.
const GAP_S_FIRST: f64 = 64.0;
const GAP_CLASSES: usize = 16;

/// A square, row and column.
pub(super) type Cell = (i32, i32);

/// What is known of a square.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) passages: u32,
    pub(super) stops: u32,
    pub(super) last_s: f64,
    pub(super) last: ObservationId,
    /// The vessels that passed last, so that one going to and fro counts once.
    lately: [u32; 4],
    gaps: [u32; GAP_CLASSES],
    /// Passages out to the north or south, and out to the east or west.
    out: [u32; 2],
}

/// Where a vessel is among the squares, and how it came there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) cell: Cell,
    came: Option<(i32, i32)>,
}

/// A passage of a square.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage {
    pub(super) cell: Cell,
    pub(super) at_s: f64,
    /// Into which of the squares around it the vessel went.
    out: (i32, i32),
}

/// All squares that were passed.
#[derive(Debug, Clone, Default)]
pub(super) struct Lanes {
    cells: BTreeMap<Cell, Lane>,
}

impl Way {
    pub(super) fn at(position: Position) -> Self {
        Self {
            cell: square(position, SIDE_DEG),
            came: None,
        }
    }
}

impl Lanes {
    /// Follows a vessel from its last fix to the next. Gives the squares it passed.
    pub(super) fn follow(
        &mut self,
        way: &mut Way,
        mmsi: u32,
        (from, from_s): (Position, f64),
        (to, to_s): (Position, f64),
        observation: ObservationId,
    ) -> Vec<Passage> {
        let goal = square(to, SIDE_DEG);
        if goal == way.cell {
            return Vec::new();
        }
        let (rows, columns) = (goal.0 - way.cell.0, goal.1 - way.cell.1);
        let steps = rows.abs().max(columns.abs());
        if steps > STEPS_MAX || to_s - from_s > UNSEEN_S_MAX {
            *way = Way::at(to);
            return Vec::new();
        }
        let is_seen = to_s - from_s <= STEP_S_MAX;
        let mut passed = Vec::new();
        // Two steps a square, so that no square that is crossed far from its corners is missed.
        for step in 1..=2 * steps {
            let share = f64::from(step) / f64::from(2 * steps);
            let between = Position {
                lat_deg: from.lat_deg + share * (to.lat_deg - from.lat_deg),
                lon_deg: from.lon_deg + share * (to.lon_deg - from.lon_deg),
            };
            let next = square(between, SIDE_DEG);
            if next == way.cell {
                continue;
            }
            let out = (next.0 - way.cell.0, next.1 - way.cell.1);
            // Whoever leaves by where it came has turned round and passed nothing.
            let through = way
                .came
                .is_some_and(|came| came.0 * out.0 + came.1 * out.1 >= 0);
            if through {
                let passage = Passage {
                    cell: way.cell,
                    // When nobody saw it, it may have been at once.
                    at_s: if is_seen {
                        from_s + share * (to_s - from_s)
                    } else {
                        from_s
                    },
                    out,
                };
                if is_seen {
                    self.pass(passage, mmsi, observation);
                } else if let Some(lane) = self.cells.get_mut(&passage.cell) {
                    lane.last_s = lane.last_s.max(passage.at_s);
                }
                passed.push(passage);
            }
            *way = Way {
                cell: next,
                came: Some(out),
            };
        }
        passed
    }

    fn pass(&mut self, passage: Passage, mmsi: u32, observation: ObservationId) {
        if self.cells.len() >= SQUARES_MAX && !self.cells.contains_key(&passage.cell) {
            self.cells.retain(|_, lane| lane.passages > 2);
        }
        let lane = self.cells.entry(passage.cell).or_insert_with(|| Lane {
            passages: 0,
            stops: 0,
            last_s: passage.at_s,
            last: observation,
            lately: [0; 4],
            gaps: [0; GAP_CLASSES],
            out: [0; 2],
        });
        lane.out[0] += passage.out.0.unsigned_abs();
        lane.out[1] += passage.out.1.unsigned_abs();
        if lane.passages > 0 {
            lane.gaps[class_of(passage.at_s - lane.last_s)] += 1;
        }
        let known = lane.lately.contains(&mmsi);
        if !known {
            lane.passages += 1;
            lane.lately.rotate_right(1);
            lane.lately[0] = mmsi;
        }
        if passage.at_s >= lane.last_s {
            (lane.last_s, lane.last) = (passage.at_s, observation);
        }
    }

    /// Counts a stop in a square.
    pub(super) fn stop(&mut self, cell: Cell) {
        if let Some(lane) = self.cells.get_mut(&cell) {
            lane.stops += 1;
        }
    }

    /// A square, when it is a lane by so many passages: few have stopped in it or beside it.
    pub(super) fn lane(&self, cell: Cell, passages_min: u32) -> Option<&Lane> {
        let lane = self.cells.get(&cell)?;
        if lane.passages < passages_min {
            return None;
        }
        let around = (-1..=1).flat_map(|r| (-1..=1).map(move |c| (cell.0 + r, cell.1 + c)));
        let stops: u32 = around
            .filter_map(|near| self.cells.get(&near))
            .map(|l| l.stops)
            .sum();
        (stops * PASSAGES_PER_STOP <= lane.passages).then_some(lane)
    }

    /// A square.
    pub(super) fn square(&self, cell: Cell) -> Option<&Lane> {
        self.cells.get(&cell)
    }

    /// The last passage of a lane or of a square abreast of it, where vessels pass it by.
    pub(super) fn last_abreast(&self, cell: Cell) -> Option<(f64, ObservationId)> {
        let lanes = abreast(cell, self.cells.get(&cell)?.runs_north());
        let last = lanes
            .filter_map(|near| self.cells.get(&near))
            .map(|l| (l.last_s, l.last));
        last.max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// All lanes by so many passages.
    pub(super) fn lanes(&self, passages_min: u32) -> impl Iterator<Item = (Cell, &Lane)> {
        let cells = self.cells.keys().copied();
        cells.filter_map(move |cell| Some((cell, self.lane(cell, passages_min)?)))
    }
}

/// A square and those beside it, seen along the lane.
fn abreast(cell: Cell, runs_north: bool) -> impl Iterator<Item = Cell> {
    (-ABREAST..=ABREAST).map(move |aside| match runs_north {
        true => (cell.0, cell.1 + aside),
        false => (cell.0 + aside, cell.1),
    })
}

impl Passage {
    /// True when it leads past a square of a lane: through it or abreast of it, and on along the lane.
    pub(super) fn is_past(&self, cell: Cell, runs_north: bool) -> bool {
        let along = if runs_north { self.out.0 } else { self.out.1 };
        along != 0 && abreast(cell, runs_north).any(|near| near == self.cell)
    }
}

impl Lane {
    /// True when more leave it to the north and south than to the east and west.
    pub(super) fn runs_north(&self) -> bool {
        self.out[0] >= self.out[1]
    }

    /// The probability to find an open lane empty for so long at any moment: the share of all time
    /// that lies so far behind the last passage. One more usual gap stands for what was not seen yet.
    pub(super) fn empty_probability(&self, for_s: f64) -> f64 {
        let (mut all_s, mut beyond_s, mut count) = (0.0, 0.0, 0.0);
        for (class, n) in self.gaps.iter().enumerate() {
            // The middle of a class that doubles, by length.
            let length_s = GAP_S_FIRST * libm::exp2(class as f64) * 0.75;
            let n = f64::from(*n);
            all_s += n * length_s;
            beyond_s += n * (length_s - for_s).max(0.0);
            count += n;
        }
        if count == 0.0 {
            return 1.0;
        }
        let usual_s = all_s / count;
        (beyond_s + usual_s) / (all_s + usual_s)
    }

    /// The probability that a vessel that comes to an open lane stops in it.
    pub(super) fn stop_probability(&self) -> f64 {
        f64::from(self.stops + 1) / f64::from(self.passages + 2)
    }
}

fn class_of(gap_s: f64) -> usize {
    let classes =
        (1..GAP_CLASSES).take_while(|class| gap_s >= GAP_S_FIRST * (1_u64 << class) as f64 / 2.0);
    classes.count()
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    fn at(column: f64) -> Position {
        Position {
            lat_deg: 30.01,
            lon_deg: 32.01 + column * SIDE_DEG,
        }
    }

    /// Sails along some columns at one an hour-quarter; the columns passed.
    fn sail(lanes: &mut Lanes, mmsi: u32, from_s: f64, columns: &[f64]) -> Vec<i32> {
        let name = ObservationId(Digest::of(&mmsi.to_be_bytes()));
        let mut way = Way::at(at(columns[0]));
        let first = way.cell.1;
        let mut passed = Vec::new();
        for (step, pair) in columns.windows(2).enumerate() {
            let start_s = from_s + 900.0 * step as f64;
            let legs = ((at(pair[0]), start_s), (at(pair[1]), start_s + 900.0));
            let found = lanes.follow(&mut way, mmsi, legs.0, legs.1, name);
            passed.extend(found.iter().map(|passage| passage.cell.1 - first));
        }
        passed
    }

    #[test]
    fn who_goes_through_has_passed_and_who_turns_round_has_not() {
        let mut lanes = Lanes::default();
        assert_eq!(sail(&mut lanes, 1, 0.0, &[0.0, 1.0, 2.0, 3.0]), [1, 2]);
        assert_eq!(sail(&mut lanes, 2, 0.0, &[0.0, 4.0]), [1, 2, 3]);
        assert_eq!(sail(&mut lanes, 3, 0.0, &[0.0, 1.0, 0.0]), [0; 0]);
        assert_eq!(sail(&mut lanes, 4, 0.0, &[0.0, 100.0]), [0; 0]);
    }

    #[test]
    fn a_lane_is_passed_often_and_stopped_in_seldom() {
        let mut lanes = Lanes::default();
        let cell = (Way::at(at(1.0))).cell;
        for mmsi in 1..=30 {
            sail(
                &mut lanes,
                mmsi,
                3_600.0 * f64::from(mmsi),
                &[0.0, 1.0, 2.0],
            );
        }
        assert_eq!(lanes.lane(cell, 20).unwrap().passages, 30);
        assert!(lanes.lane(cell, 31).is_none());
        let lane = lanes.lane(cell, 20).unwrap();
        let (hour, day) = (
            lane.empty_probability(3_600.0),
            lane.empty_probability(86_400.0),
        );
        assert!(hour > 0.02 && hour < 0.3 && day < 0.05, "{hour} {day}");
        for _ in 0..3 {
            lanes.stop(cell);
        }
        assert!(lanes.lane(cell, 20).is_none());
        // One vessel to and fro makes no lane.
        for day in 0..30 {
            sail(
                &mut lanes,
                9,
                86_400.0 * f64::from(day),
                &[10.0, 11.0, 12.0],
            );
        }
        let cell = (cell.0, cell.1 + 10);
        assert!(lanes.lane(cell, 2).is_none());
    }
}
