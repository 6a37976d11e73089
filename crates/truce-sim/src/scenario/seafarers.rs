//! Shipping beyond the corridors' own traffic, for judging the watch over it: meetings at sea,
//! loitering, one identity on two vessels, disturbed areas, impossible particulars, vessels without AIS; and what looks
//! alike and is ordinary: anchoring in the roads, fishing, pilots, ferries, slow voyages.

use truce_core::mission::{SensorKind, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::way::{Path, centre_line};
use truce_core::{IncidentKind, Interval, Position, Timestamp};

use super::fleet::Sailing;
use super::voyage::{Halt, Voyage};
use crate::Options;
use crate::ground::{Ground, middle};
use crate::random::Stream;
use crate::truth::TruthEvent;

/// How many of each happen on a day (illustrative).
const MEETINGS: f64 = 1.0;
const LOITERERS: f64 = 0.7;
const CLONES: f64 = 0.4;
const IMPOSSIBLE: f64 = 0.6;
const DISTURBANCES: f64 = 0.5;
const DARK: f64 = 4.0;
const ANCHORED: f64 = 6.0;
const FISHING: f64 = 3.0;
const PILOTED: f64 = 4.0;
const SLOW: f64 = 2.0;
/// Ferries, each to and fro all the time.
const FERRIES: usize = 2;

/// A disturbed area reaches so far, metres, and lasts so long, seconds.
const DISTURBED_M: f64 = 45_000.0;
const DISTURBED_S: (f64, f64) = (2_400.0, 5_400.0);
/// Fewer vessels in it show no area.
const DISTURBED_MIN: usize = 3;
/// Those see themselves so far away, metres.
const FALSE_M: (f64, f64) = (40_000.0, 90_000.0);

/// Ship types (ITU-R M.1371-5, table 53).
const FISHING_VESSEL: u8 = 30;
const PILOT: u8 = 50;
const FERRY: u8 = 60;
const CARGO: u8 = 70;

/// Adds all of it to a fleet. Gives what is true of it beside the vessels' own truths.
pub(crate) fn add(
    ground: &Ground<'_>,
    options: &Options,
    sailings: &mut Vec<Sailing>,
) -> Vec<TruthEvent> {
    let ports = ground.zones(ZoneKind::Port);
    let ports: Vec<Position> = ports
        .iter()
        .filter_map(|port| middle(&port.shape))
        .collect();
    let corridors = ground.zones(ZoneKind::Corridor);
    let ways = corridors.iter().filter_map(|zone| centre_line(&zone.shape));
    let Some(way) = ways.max_by(|a, b| a.length_m().total_cmp(&b.length_m())) else {
        return Vec::new();
    };
    let mut crew = Crew {
        options,
        way,
        ports,
        stream: Stream::new(options.seed, "seafarers"),
        count: 0,
        sailings,
        truth: Vec::new(),
    };
    crew.times(MEETINGS, Crew::meet);
    crew.times(LOITERERS, Crew::loiter);
    crew.times(CLONES, Crew::clone_identity);
    crew.times(IMPOSSIBLE, Crew::overstate);
    crew.times(ANCHORED, Crew::anchor);
    crew.times(FISHING, Crew::fish);
    crew.times(PILOTED, Crew::take_pilot);
    crew.times(SLOW, Crew::crawl);
    (0..FERRIES).for_each(|_| crew.ferry());
    crew.times(DISTURBANCES, Crew::disturb);
    // Radars alone see these: without one nothing of them reaches anybody.
    if !ground.sensors(SensorKind::SeaRadar).is_empty() {
        crew.times(DARK, Crew::sail_dark);
    }
    crew.truth
}

struct Crew<'a> {
    options: &'a Options,
    /// The middle of the longest corridor.
    way: Path,
    ports: Vec<Position>,
    stream: Stream,
    count: u32,
    sailings: &'a mut Vec<Sailing>,
    truth: Vec<TruthEvent>,
}

impl Crew<'_> {
    fn times(&mut self, per_day: f64, deed: fn(&mut Self)) {
        for _ in 0..self.stream.about(per_day * self.options.hours / 24.0) {
            deed(self);
        }
    }

    fn at(&mut self, from: f64, to: f64) -> Timestamp {
        let share = self.stream.between(from, to);
        plus_seconds(self.options.start, share * self.options.hours * 3_600.0)
    }

    /// A place at sea east of the corridor, well off every coast.
    fn offshore(&mut self) -> Position {
        let along_m = self.stream.between(0.35, 0.7) * self.way.length_m();
        let aside_m = self.stream.between(40_000.0, 70_000.0);
        self.way.at(along_m).offset(90.0, aside_m)
    }

    /// A voyage that goes on to the nearest port and stays there.
    fn voyage(
        &mut self,
        mut corners: Vec<Position>,
        departs: Timestamp,
        speed_m_s: f64,
    ) -> Option<Voyage> {
        self.count += 1;
        let last = corners.last().copied()?;
        let away_m = |port: &Position| last.distance_m(*port);
        let nearest = self
            .ports
            .iter()
            .min_by(|a, b| away_m(a).total_cmp(&away_m(b)));
        let port = nearest.copied()?;
        corners.push(self.stream.near(port, 800.0));
        Some(Voyage {
            mmsi: 272_500_000 + self.count,
            name: format!("SEAFARER {}", self.count),
            ship_type: CARGO,
            length_m: 110.0,
            class_b: false,
            path: Path::through(corners)?,
            departs,
            speed_m_s,
            lane_m: 0.0,
            halt: None,
            swerve: None,
            silent: vec![Interval::between(Timestamp::MIN, departs)],
            false_place: None,
        })
    }

    /// A voyage that halts at a place from an instant on.
    fn halting(
        &mut self,
        place: Position,
        from: Timestamp,
        halt: (f64, f64, f64),
    ) -> Option<Voyage> {
        const REACH_M: f64 = 40_000.0;
        let (lasts_s, circle_m, drift_m_s) = halt;
        let course_deg = self.stream.between(0.0, 180.0);
        let (start, end) = (
            place.offset(course_deg + 180.0, REACH_M),
            place.offset(course_deg, REACH_M),
        );
        let speed_m_s = self.stream.between(4.5, 7.0);
        let departs = plus_seconds(from, -REACH_M / speed_m_s);
        let mut voyage = self.voyage(vec![start, place, end], departs, speed_m_s)?;
        voyage.halt = Some(Halt {
            at_m: REACH_M,
            lasts_s,
            circle_m,
            drift_m_s,
        });
        Some(voyage)
    }

    fn sail(&mut self, voyage: Voyage, truth: Option<TruthEvent>) {
        self.sailings.push(Sailing { voyage, truth });
    }

    fn true_of(
        &self,
        voyage: &Voyage,
        kind: IncidentKind,
        during: Interval,
        place: Position,
    ) -> TruthEvent {
        TruthEvent {
            object: Some(format!("{} {}", voyage.mmsi, voyage.name)),
            ..TruthEvent::happened(kind, during, place)
        }
    }

    /// Two vessels lie alongside each other at sea.
    fn meet(&mut self) {
        let (place, from) = (self.offshore(), self.at(0.05, 0.85));
        let lasts_s = self.stream.between(9_000.0, 18_000.0);
        let beside = place.offset(45.0, 200.0);
        let later = plus_seconds(from, 900.0);
        let one = self.halting(place, from, (lasts_s + 1_800.0, 0.0, 0.0));
        let other = self.halting(beside, later, (lasts_s, 0.0, 0.0));
        let (Some(one), Some(other)) = (one, other) else {
            return;
        };
        let during = Interval::between(later, plus_seconds(later, lasts_s));
        let truth = self.true_of(&one, IncidentKind::Encounter, during, place);
        self.sail(one, Some(truth));
        self.sail(other, None);
    }

    /// A vessel stays in open water for half a day.
    fn loiter(&mut self) {
        let (place, from) = (self.offshore(), self.at(0.02, 0.8));
        let lasts_s = self.stream.between(36_000.0, 50_000.0);
        if let Some(voyage) = self.halting(place, from, (lasts_s, 900.0, 0.3)) {
            let during = Interval::between(from, plus_seconds(from, lasts_s));
            let truth = self.true_of(&voyage, IncidentKind::Loitering, during, place);
            self.sail(voyage, Some(truth));
        }
    }

    /// Two vessels sail under one identity, far from each other.
    fn clone_identity(&mut self) {
        let from = self.at(0.05, 0.8);
        let (here, there) = (self.offshore(), self.way.at(self.way.length_m() * 0.05));
        let away = here.offset(180.0, 60_000.0);
        let back = there.offset(160.0, 60_000.0);
        let one = self.voyage(vec![here, away], from, 6.0);
        let other = self.voyage(vec![there, back], from, 5.0);
        let (Some(one), Some(mut other)) = (one, other) else {
            return;
        };
        other.mmsi = one.mmsi;
        other.name.clone_from(&one.name);
        let until = plus_seconds(from, 9_000.0);
        let during = Interval::between(from, until);
        let truth = self.true_of(&one, IncidentKind::PositionAnomaly, during, here);
        self.sail(one, Some(truth));
        self.sail(other, None);
    }

    /// A vessel says that it is longer than any.
    fn overstate(&mut self) {
        let from = self.at(0.05, 0.8);
        let start = self
            .way
            .at(self.way.length_m() * self.stream.between(0.02, 0.1));
        let Some(mut voyage) = self.voyage(vec![start, start.offset(170.0, 70_000.0)], from, 6.0)
        else {
            return;
        };
        voyage.length_m = self.stream.between(480.0, 900.0).round();
        let during = Interval::between(from, voyage.when_at(voyage.path.length_m()));
        let truth = self.true_of(&voyage, IncidentKind::IdentityConflict, during, start);
        self.sail(voyage, Some(truth));
    }

    /// Satellite navigation is disturbed over an area: whoever sails there sees itself elsewhere.
    fn disturb(&mut self) {
        let from = self.at(0.1, 0.9);
        let lasts_s = self.stream.between(DISTURBED_S.0, DISTURBED_S.1);
        let during = Interval::between(from, plus_seconds(from, lasts_s));
        let along_m = self.stream.between(0.1, 0.5) * self.way.length_m();
        let middle = self.way.at(along_m);
        let course_deg = self.stream.between(0.0, 360.0);
        let away_m = self.stream.between(FALSE_M.0, FALSE_M.1);
        let is_in = |voyage: &Voyage| {
            let sails = !voyage.is_silent(from) && !voyage.motion(from).moored;
            sails
                && voyage.false_place.is_none()
                && voyage.position(from).distance_m(middle) <= DISTURBED_M
        };
        let inside = self
            .sailings
            .iter_mut()
            .filter(|sailing| is_in(&sailing.voyage));
        let mut truths = Vec::new();
        for Sailing { voyage, .. } in inside {
            let place = voyage.position(from);
            voyage.false_place = Some((during, place.offset(course_deg, away_m)));
            truths.push(TruthEvent {
                object: Some(format!("{} {}", voyage.mmsi, voyage.name)),
                ..TruthEvent::happened(IncidentKind::PositionAnomaly, during, place)
            });
        }
        if truths.len() >= DISTURBED_MIN {
            let area = TruthEvent::happened(IncidentKind::GnssInterference, during, middle);
            self.truth.push(area);
        }
        self.truth.extend(truths);
    }

    /// A vessel without AIS crosses the corridor, or follows it beside the others.
    fn sail_dark(&mut self) {
        let from = self.at(0.02, 0.9);
        let along_m = self.stream.between(0.1, 0.45) * self.way.length_m();
        let speed_m_s = self.stream.between(4.0, 10.0);
        let corners = if self.stream.chance(0.5) {
            let (east, course_deg) = (self.way.at(along_m), self.stream.between(60.0, 120.0));
            vec![
                east.offset(course_deg, 40_000.0),
                east.offset(course_deg + 180.0, 15_000.0),
            ]
        } else {
            let to_m = along_m + 0.3 * self.way.length_m();
            let at = |share: f64| self.way.at(along_m + share * (to_m - along_m));
            [0.0, 0.25, 0.5, 0.75, 1.0].map(at).to_vec()
        };
        if let Some(mut voyage) = self.voyage(corners, from, speed_m_s) {
            voyage.silent = vec![Interval::between(Timestamp::MIN, Timestamp::MAX)];
            let until = voyage.when_at(voyage.path.length_m());
            let during = Interval::between(from, until);
            let place = voyage.path.ends()[0];
            let truth = self.true_of(&voyage, IncidentKind::DarkVessel, during, place);
            self.sail(voyage, Some(truth));
        }
    }

    /// A vessel anchors in the roads of a port and waits there.
    fn anchor(&mut self) {
        let Some(port) = self.stream.one_of(&self.ports).copied() else {
            return;
        };
        let roads = port.offset(130.0, 9_000.0);
        let place = self.stream.near(roads, 1_200.0);
        let (from, lasts_s) = (self.at(0.0, 0.9), self.stream.between(10_000.0, 70_000.0));
        if let Some(voyage) = self.halting(place, from, (lasts_s, 90.0, 0.1)) {
            self.sail(voyage, None);
        }
    }

    /// A vessel fishes: slowly to and fro beside the corridor and across it, now and then drifting.
    fn fish(&mut self) {
        let along_m = self.stream.between(0.1, 0.6) * self.way.length_m();
        let mut corners = vec![self.way.at(along_m)];
        for _ in 0..12 {
            let last = corners[corners.len() - 1];
            let course_deg = self.stream.between(0.0, 360.0);
            corners.push(last.offset(course_deg, self.stream.between(2_000.0, 8_000.0)));
        }
        let departs = self.at(0.0, 0.8);
        let Some(mut voyage) = self.voyage(corners, departs, 1.8) else {
            return;
        };
        voyage.ship_type = FISHING_VESSEL;
        voyage.length_m = 25.0;
        voyage.halt = Some(Halt {
            at_m: voyage.path.length_m() / 2.0,
            lasts_s: 7_200.0,
            circle_m: 300.0,
            drift_m_s: 0.3,
        });
        self.sail(voyage, None);
    }

    /// A vessel stops for its pilot, whose boat comes alongside.
    fn take_pilot(&mut self) {
        let Some(port) = self.stream.one_of(&self.ports).copied() else {
            return;
        };
        let place = self.stream.near(port.offset(150.0, 14_000.0), 800.0);
        let (from, lasts_s) = (self.at(0.0, 0.95), self.stream.between(600.0, 1_500.0));
        if let Some(voyage) = self.halting(place, from, (lasts_s, 0.0, 0.0)) {
            self.sail(voyage, None);
        }
        if let Some(mut boat) = self.halting(place.offset(80.0, 60.0), from, (lasts_s, 0.0, 0.0)) {
            boat.ship_type = PILOT;
            boat.length_m = 16.0;
            self.sail(boat, None);
        }
    }

    /// A vessel goes slowly in bad weather.
    fn crawl(&mut self) {
        let departs = self.at(0.0, 0.7);
        let (from_m, to_m) = (0.15 * self.way.length_m(), 0.3 * self.way.length_m());
        let along = |n: u32| self.way.at(to_m + (from_m - to_m) * f64::from(n) / 10.0);
        let corners = (0..=10).map(along).collect();
        if let Some(voyage) = self.voyage(corners, departs, 1.6) {
            self.sail(voyage, None);
        }
    }

    /// A ferry between two ports, all day.
    fn ferry(&mut self) {
        let (Some(one), Some(other)) = (
            self.stream.one_of(&self.ports).copied(),
            self.stream.one_of(&self.ports).copied(),
        ) else {
            return;
        };
        let other = if one.distance_m(other) > 1_000.0 {
            other
        } else {
            one.offset(110.0, 15_000.0)
        };
        let mut corners = Vec::new();
        for trip in 0..60 {
            let end = if trip % 2 == 0 { one } else { other };
            corners.push(self.stream.near(end, 200.0));
        }
        if let Some(mut voyage) = self.voyage(corners, self.options.start, 8.0) {
            voyage.ship_type = FERRY;
            self.sail(voyage, None);
        }
    }
}
