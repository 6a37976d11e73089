//! What the receivers together hear of each part of the sea, measured from what they heard.
//!
//! For squares of a tenth of a degree: how often vessels under way were heard there, how long they
//! stayed silent between, how many were not heard again, and in which ten minutes anything was heard
//! at all. From this follows how probable a silence is for a vessel that goes on sending. The edge of
//! reception shows itself: there many vessels fall silent.

use std::collections::BTreeMap;

use truce_core::{Position, Slug};

use super::plane::{square, whole};

/// Sides of the squares, degrees: small ones, and large ones for waters where little is heard.
const FINE_DEG: f64 = 0.1;
const COARSE_DEG: f64 = 0.5;
/// Whether a square is alive is known by spans of this length, seconds; the last 64 are kept.
pub(super) const SPAN_S: f64 = 600.0;
/// Silences are counted by their length: from this many seconds, doubling.
const PAUSE_S_FIRST: f64 = 15.0;
const PAUSE_CLASSES: usize = 14;
/// A square heard of less often says nothing.
const MESSAGES_MIN: u32 = 20;
/// A longer silence counts as this long, seconds: it is what is to be judged.
const PAUSE_S_MAX: f64 = 7_200.0;
/// Squares kept: the Black Sea and the Mediterranean have 40,000.
const SQUARES_MAX: usize = 200_000;
/// Receivers told apart; further ones count as unknown.
const RECEIVERS_MAX: usize = 10_000;

#[derive(Debug, Clone, Default)]
struct Heard {
    messages: u32,
    under_way_s: f64,
    pauses: [u32; PAUSE_CLASSES],
    /// Vessels under way that were last heard here and not again.
    lost: u32,
    alive: Alive,
}

/// In which spans something was heard. Bit n stands for the span n before the newest.
#[derive(Debug, Clone, Copy, Default)]
struct Alive {
    bits: u64,
    newest: i64,
}

/// A receiver, by the order in which receivers were first heard of; 0 is an unknown one.
pub(super) type Receiver = u16;

/// The measured coverage.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage {
    fine: Squares,
    coarse: Squares,
    names: Vec<Slug>,
    receivers: Vec<Alive>,
}

type Squares = BTreeMap<(i32, i32), Heard>;

/// What coverage says of a silence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    /// Messages that should have been heard.
    pub(super) messages: f64,
    /// The share of the silence in which the receivers heard others there, or nothing is known.
    pub(super) alive: f64,
    /// The probability that a vessel that goes on sending is silent so long.
    pub(super) probability: f64,
}

impl Coverage {
    /// The number of a receiver.
    pub(super) fn receiver(&mut self, name: Option<&Slug>) -> Receiver {
        let Some(name) = name else {
            return 0;
        };
        let known = self.names.iter().position(|known| known == name);
        let index = known.unwrap_or_else(|| {
            if self.names.len() < RECEIVERS_MAX {
                self.names.push(name.clone());
                self.receivers.push(Alive::default());
            }
            self.names.len() - 1
        });
        Receiver::try_from(index + 1).unwrap_or(0)
    }

    /// A receiver heard something.
    pub(super) fn receive(&mut self, receiver: Receiver, at_s: f64) {
        let index = usize::from(receiver).checked_sub(1);
        if let Some(alive) = index.and_then(|index| self.receivers.get_mut(index)) {
            alive.mark(at_s);
        }
    }

    /// A vessel under way was last heard at a position and is missed.
    pub(super) fn lose(&mut self, position: Position) {
        for (squares, side_deg) in self.layers() {
            if let Some(heard) = squares.get_mut(&square(position, side_deg)) {
                heard.lost += 1;
            }
        }
    }

    /// It was heard again after all.
    pub(super) fn find(&mut self, position: Position) {
        for (squares, side_deg) in self.layers() {
            if let Some(heard) = squares.get_mut(&square(position, side_deg)) {
                heard.lost = heard.lost.saturating_sub(1);
            }
        }
    }

    fn layers(&mut self) -> [(&mut Squares, f64); 2] {
        [(&mut self.fine, FINE_DEG), (&mut self.coarse, COARSE_DEG)]
    }

    /// A vessel was heard at a position, and again after a pause. Only what moves is measured.
    pub(super) fn hear(&mut self, position: Position, at_s: f64, pause_s: f64, under_way: bool) {
        for (squares, side_deg) in self.layers() {
            let key = square(position, side_deg);
            if squares.len() >= SQUARES_MAX && !squares.contains_key(&key) {
                continue;
            }
            let heard = squares.entry(key).or_default();
            heard.alive.mark(at_s);
            if under_way {
                heard.messages = heard.messages.saturating_add(1);
                heard.under_way_s += pause_s.min(PAUSE_S_MAX);
                heard.pauses[class_of(pause_s)] += 1;
            }
        }
    }

    /// The small square around a position when enough was heard there, else the large one.
    fn around(&self, position: Position) -> (&Squares, (i32, i32)) {
        let fine = square(position, FINE_DEG);
        let is_known = |heard: &Heard| heard.messages >= MESSAGES_MIN;
        if self.fine.get(&fine).is_some_and(is_known) {
            (&self.fine, fine)
        } else {
            (&self.coarse, square(position, COARSE_DEG))
        }
    }

    /// For how long of a time anything was heard around a position, seconds, to ten minutes; as far
    /// back as is remembered.
    pub(super) fn listened_s(&self, position: Position, from_s: f64, to_s: f64) -> f64 {
        let key = square(position, FINE_DEG);
        let from_s = from_s.max(to_s - 64.0 * SPAN_S);
        let spans = whole((to_s - from_s) / SPAN_S);
        let at_s = (0..spans).map(|n| from_s + (n as f64 + 0.5) * SPAN_S);
        at_s.filter(|at_s| is_alive(&self.fine, key, *at_s)).count() as f64 * SPAN_S
    }

    /// What should have been heard of a vessel from `from_s` to `to_s` on a way. The ten minutes in
    /// which nobody was heard around it, nor by the receiver that heard it last, do not count: then
    /// the receivers were out.
    pub(super) fn expect(
        &self,
        way: impl Fn(f64) -> Position,
        receiver: Receiver,
        from_s: f64,
        to_s: f64,
    ) -> Expected {
        let (mut messages, mut alive, mut spans) = (0.0, 0.0, 0.0);
        let works = usize::from(receiver).checked_sub(1);
        let works = works.and_then(|index| self.receivers.get(index));
        let mut at_s = from_s + SPAN_S;
        while at_s < to_s {
            let (squares, key) = self.around(way(at_s - from_s));
            spans += 1.0;
            if works.is_some_and(|receiver| receiver.was(at_s)) || is_alive(squares, key, at_s) {
                alive += 1.0;
                messages += squares.get(&key).map_or(0.0, Heard::rate) * SPAN_S;
            }
            at_s += SPAN_S;
        }
        let (squares, start) = self.around(way(0.0));
        let longer = squares
            .get(&start)
            .map(|heard| heard.longer_than(alive * SPAN_S));
        let pause_probability: f64 = longer.unwrap_or(1.0);
        Expected {
            messages,
            alive: if spans > 0.0 { alive / spans } else { 0.0 },
            probability: libm::exp(-messages).max(pause_probability).min(1.0),
        }
    }
}

/// True when anything was heard in a square or beside it in the ten minutes around an instant.
fn is_alive(squares: &Squares, (row, column): (i32, i32), at_s: f64) -> bool {
    let around = (-1..=1).flat_map(|r| (-1..=1).map(move |c| (row + r, column + c)));
    let mut heard = around.filter_map(|key| squares.get(&key));
    heard.any(|heard| heard.alive.was(at_s))
}

impl Alive {
    fn mark(&mut self, at_s: f64) {
        let span = whole(at_s / SPAN_S);
        let ahead = span - self.newest;
        if self.bits == 0 || ahead >= 64 {
            (self.bits, self.newest) = (1, span);
        } else if ahead >= 0 {
            (self.bits, self.newest) = (self.bits << ahead | 1, span);
        }
    }

    fn was(&self, at_s: f64) -> bool {
        let before = self.newest - whole(at_s / SPAN_S);
        (0..64).contains(&before) && self.bits >> before & 1 == 1
    }
}

impl Heard {
    /// Messages a second from a vessel under way.
    fn rate(&self) -> f64 {
        if self.messages < MESSAGES_MIN || self.under_way_s <= 0.0 {
            return 0.0;
        }
        f64::from(self.messages) / self.under_way_s
    }

    /// The share of pauses that lasted longer or have not ended, the one in question added.
    fn longer_than(&self, pause_s: f64) -> f64 {
        let from = class_of(pause_s);
        let longer: u32 = self.pauses[from..].iter().sum::<u32>() + self.lost;
        let all: u32 = self.pauses.iter().sum::<u32>() + self.lost;
        f64::from(longer + 1) / f64::from(all + 2)
    }
}

fn class_of(pause_s: f64) -> usize {
    let longer = |class: &usize| pause_s >= PAUSE_S_FIRST * (1_u64 << (class - 1)) as f64;
    (1..PAUSE_CLASSES).take_while(longer).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64) -> Position {
        Position {
            lat_deg,
            lon_deg: 30.1,
        }
    }

    /// 300 vessels heard every minute for an hour each, from a place.
    fn measured(lat_deg: f64) -> Coverage {
        let mut coverage = Coverage::default();
        for minute in 0..600 {
            coverage.hear(at(lat_deg), 60.0 * f64::from(minute), 60.0, true);
        }
        coverage
    }

    #[test]
    fn silence_where_all_is_heard_is_improbable() {
        let coverage = measured(44.1);
        let expected = coverage.expect(|_| at(44.1), 0, 20_000.0, 27_200.0);
        assert!(expected.messages > 100.0 && expected.alive == 1.0);
        assert!(expected.probability < 0.01, "{expected:?}");
    }

    #[test]
    fn silence_out_of_reach_or_in_an_outage_is_explained() {
        let coverage = measured(44.1);
        // It sailed to where nothing was ever heard.
        let away = coverage.expect(|_| at(46.1), 0, 20_000.0, 27_200.0);
        assert_eq!((away.messages, away.probability), (0.0, 1.0));
        // Nobody was heard there after 36,000 s.
        let out = coverage.expect(|_| at(44.1), 0, 36_600.0, 43_800.0);
        assert_eq!((out.messages, out.alive), (0.0, 0.0));
        assert!(out.probability > 0.9);
    }

    #[test]
    fn where_many_fall_silent_reception_ends() {
        let mut coverage = measured(44.1);
        for _ in 0..60 {
            coverage.lose(at(44.1));
        }
        let edge = coverage.expect(|_| at(44.1), 0, 20_000.0, 27_200.0);
        assert!(edge.probability > 0.05, "{edge:?}");
        for _ in 0..60 {
            coverage.find(at(44.1));
        }
        let again = coverage.expect(|_| at(44.1), 0, 20_000.0, 27_200.0);
        assert!(again.probability < 0.01, "{again:?}");
    }

    #[test]
    fn a_receiver_that_hears_others_elsewhere_works() {
        let mut coverage = measured(44.1);
        let name: Slug = "ais-1".parse().unwrap();
        let receiver = coverage.receiver(Some(&name));
        assert_eq!((receiver, coverage.receiver(None)), (1, 0));
        for minute in 600..720 {
            coverage.receive(receiver, 60.0 * f64::from(minute));
        }
        let missed = coverage.expect(|_| at(44.1), receiver, 36_000.0, 43_200.0);
        assert!(missed.messages > 100.0, "{missed:?}");
    }
}
