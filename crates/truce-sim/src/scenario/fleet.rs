//! Who sails: merchant vessels that keep to the corridors, some that do not ([`wrongs`]), warships where
//! none may be, harbour traffic and small craft.

mod wrongs;

use truce_core::mission::{Zone, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::way::{Path, centre_line};
use truce_core::{Interval, Position, Timestamp};

use super::voyage::Voyage;
use crate::Options;
use crate::ground::{Ground, contains, middle};
use crate::random::Stream;
use crate::truth::TruthEvent;

/// Voyages that begin in one corridor on one day, both ways together (illustrative: the sea
/// corridors of 2023 and 2024 carried some hundreds of vessels a month).
const VOYAGES_PER_DAY: f64 = 20.0;

/// Vessels that lie in each port, and small craft that go out from it on a day (illustrative).
const MOORED_PER_PORT: usize = 10;
const CRAFT_PER_PORT: usize = 4;

/// A port belongs to a corridor's end within this distance, metres, and another corridor goes on
/// from there within that.
const PORT_M_MAX: f64 = 60_000.0;
const JOIN_M_MAX: f64 = 20_000.0;

/// Maritime identification digits of flags of which many merchant vessels are (ITU table of MIDs):
/// Liberia, Marshall Islands, Panama, Malta, Türkiye, Romania, Bulgaria, Greece.
const FLAGS: [u32; 8] = [636, 538, 351, 215, 271, 264, 207, 240];

/// Names are made of two of these.
const NAMES: [&str; 12] = [
    "AMBER", "BLUE", "CEDAR", "DELTA", "EASTERN", "GOLDEN", "HARBOUR", "IVORY", "LUNA", "NORDIC",
    "SILVER", "WESTERN",
];

/// Ship types (ITU-R M.1371-5, table 53): cargo, tanker, pleasure craft.
const CARGO: u8 = 70;
const TANKER: u8 = 80;
const CRAFT: u8 = 37;

/// A voyage and what is true of it.
pub(crate) struct Sailing {
    pub(crate) voyage: Voyage,
    pub(crate) truth: Option<TruthEvent>,
}

/// Draws the fleet, and says what the mission gave no place for.
pub(crate) fn draw(ground: &Ground<'_>, options: &Options) -> (Vec<Sailing>, Vec<TruthEvent>) {
    let corridors = corridors(ground);
    let mut remarks = Vec::new();
    let mut shipyard = Shipyard::new(ground, options);
    shipyard.harbours();
    if corridors.is_empty() {
        let whole = Interval::between(options.start, options.end());
        let note = "no corridor: no voyages, no violations at sea".to_owned();
        remarks.push(TruthEvent::remark(whole, note));
    } else {
        shipyard.merchants(&corridors);
        shipyard.wrongs(&corridors);
        shipyard.warships(&corridors);
    }
    (shipyard.sailings, remarks)
}

/// A corridor with its middle.
struct Corridor<'m> {
    zone: &'m Zone,
    path: Path,
    half_width_m: f64,
}

fn corridors<'m>(ground: &Ground<'m>) -> Vec<Corridor<'m>> {
    let of = |zone: &'m Zone| {
        let path = centre_line(&zone.shape)?;
        let half_width_m = half_width_m(zone, &path);
        Some(Corridor {
            zone,
            path,
            half_width_m,
        })
    };
    ground
        .zones(ZoneKind::Corridor)
        .into_iter()
        .filter_map(of)
        .collect()
}

/// Half the corridor's width in its middle, to 200 m.
fn half_width_m(zone: &Zone, path: &Path) -> f64 {
    const STEP_M: f64 = 200.0;
    const STEPS_MAX: u32 = 250;
    let half_m = path.length_m() / 2.0;
    let (place, across_deg) = (path.at(half_m), path.course_deg(half_m, 1_000.0) + 90.0);
    let inside = |step: &u32| {
        contains(
            &zone.shape,
            place.offset(across_deg, f64::from(*step) * STEP_M),
        )
    };
    let steps = (1..STEPS_MAX).take_while(inside).count();
    steps as f64 * STEP_M
}

/// A way from port to port through a corridor.
struct Route<'c, 'm> {
    corridor: &'c Corridor<'m>,
    path: Path,
    /// Where along the path the corridor begins and ends, metres.
    inside_m: (f64, f64),
    /// True for a beginning and an end that is no port.
    open: (bool, bool),
}

/// How one goes on from a path's end.
struct Beyond {
    corners: Vec<Position>,
    /// True when that does not end in a port.
    open: bool,
}

struct Shipyard<'g, 'm> {
    ground: &'g Ground<'m>,
    options: &'g Options,
    ports: Vec<&'m Zone>,
    count: u32,
    sailings: Vec<Sailing>,
}

impl Shipyard<'_, '_> {
    fn new<'g, 'm>(ground: &'g Ground<'m>, options: &'g Options) -> Shipyard<'g, 'm> {
        let ports = ground.zones(ZoneKind::Port);
        Shipyard {
            ground,
            options,
            ports,
            count: 0,
            sailings: Vec::new(),
        }
    }

    fn days(&self) -> f64 {
        self.options.hours / 24.0
    }

    /// A vessel on a path, of some name and flag.
    fn vessel(&mut self, path: Path, departs: Timestamp, stream: &mut Stream) -> Voyage {
        self.count += 1;
        let flag = stream.one_of(&FLAGS).copied().unwrap_or(FLAGS[0]);
        let word = |stream: &mut Stream| stream.one_of(&NAMES).copied().unwrap_or(NAMES[0]);
        let name = format!("{} {}", word(stream), word(stream));
        Voyage {
            mmsi: flag * 1_000_000 + 100_000 + self.count,
            name,
            ship_type: if stream.chance(0.7) { CARGO } else { TANKER },
            length_m: stream.between(90.0, 230.0).round(),
            class_b: false,
            path,
            departs,
            speed_m_s: stream.between(5.0, 7.5),
            lane_m: 0.0,
            halt: None,
            swerve: None,
            silent: Vec::new(),
            false_place: None,
        }
    }

    /// Moored vessels, some of which shift their berth, and small craft.
    fn harbours(&mut self) {
        let mut stream = Stream::new(self.options.seed, "harbours");
        for port in self.ports.clone() {
            for number in 0..MOORED_PER_PORT {
                let Some(path) = self.shift(port, &mut stream) else {
                    continue;
                };
                let away_s = stream.between(0.0, self.options.hours * 3_600.0);
                let departs = plus_seconds(self.options.start, away_s);
                // Two in three stay where they are.
                let departs = if number % 3 == 0 {
                    departs
                } else {
                    self.options.end()
                };
                let vessel = self.vessel(path, departs, &mut stream);
                let voyage = Voyage {
                    speed_m_s: 2.0,
                    ..vessel
                };
                self.sailings.push(Sailing {
                    voyage,
                    truth: None,
                });
            }
            for _ in 0..CRAFT_PER_PORT {
                let Some(berth) = self.berth(port, &mut stream) else {
                    continue;
                };
                let Some(path) = self.outing(berth, &mut stream) else {
                    continue;
                };
                let away_s = stream.between(0.0, self.options.hours * 3_600.0);
                let departs = plus_seconds(self.options.start, away_s);
                let vessel = self.vessel(path, departs, &mut stream);
                let craft = Voyage {
                    class_b: true,
                    ship_type: CRAFT,
                    length_m: 12.0,
                    speed_m_s: stream.between(2.5, 5.0),
                    ..vessel
                };
                self.sailings.push(Sailing {
                    voyage: craft,
                    truth: None,
                });
            }
        }
    }

    fn berth(&self, port: &Zone, stream: &mut Stream) -> Option<Position> {
        const BERTH_M_SIGMA: f64 = 1_000.0;
        Some(stream.near(middle(&port.shape)?, BERTH_M_SIGMA))
    }

    fn shift(&self, port: &Zone, stream: &mut Stream) -> Option<Path> {
        Path::through(vec![self.berth(port, stream)?, self.berth(port, stream)?])
    }

    /// Out towards the nearest corridor and back.
    fn outing(&self, berth: Position, stream: &mut Stream) -> Option<Path> {
        let corridors = self.ground.zones(ZoneKind::Corridor);
        let middles = corridors.iter().filter_map(|zone| centre_line(&zone.shape));
        let ends = middles.flat_map(|path| path.ends());
        let nearest = ends.min_by(|a, b| a.distance_m(berth).total_cmp(&b.distance_m(berth)))?;
        let out_m = stream.between(0.2, 0.8) * berth.distance_m(nearest).min(15_000.0);
        let turn = berth.offset(berth.bearing_deg(nearest), out_m);
        Path::through(vec![berth, turn, berth])
    }

    /// A way through a corridor: from a port near its one end, or along another corridor that it
    /// branches from, to the same at its other end.
    fn route<'c, 'm>(
        &self,
        corridors: &'c [Corridor<'m>],
        corridor: &'c Corridor<'m>,
        stream: &mut Stream,
    ) -> Option<Route<'c, 'm>> {
        let turned = stream.chance(0.5);
        let path = if turned {
            corridor.path.reversed()
        } else {
            corridor.path.clone()
        };
        let before = self.beyond(&path.reversed(), corridors, corridor, stream);
        let after = self.beyond(&path, corridors, corridor, stream);
        let mut corners = before.corners;
        corners.reverse();
        let head = corners.len();
        corners.extend_from_slice(path.corners());
        corners.extend(after.corners);
        let lead = Path::through(corners[..=head].to_vec());
        let from_m = lead.map_or(0.0, |lead| lead.length_m());
        let inside_m = (from_m, from_m + path.length_m());
        let open = (before.open, after.open);
        Some(Route {
            corridor,
            path: Path::through(corners)?,
            inside_m,
            open,
        })
    }

    /// How one goes on from the end of a path: to a port near it, else along another corridor,
    /// else straight on and out of sight.
    fn beyond(
        &self,
        path: &Path,
        corridors: &[Corridor<'_>],
        corridor: &Corridor<'_>,
        stream: &mut Stream,
    ) -> Beyond {
        let [_, end] = path.ends();
        if let Some(berth) = self.berth_near(end, stream) {
            return Beyond {
                corners: vec![berth],
                open: false,
            };
        }
        let others = corridors
            .iter()
            .filter(|other| other.zone.id != corridor.zone.id);
        let joins = |other: &&Corridor<'_>| {
            other
                .path
                .at(nearest_along(&other.path, end))
                .distance_m(end)
                <= JOIN_M_MAX
        };
        let Some(other) = others.into_iter().find(joins) else {
            return Beyond {
                corners: vec![out_of_sight(path)],
                open: true,
            };
        };
        let turned = stream.chance(0.5);
        let other = if turned {
            other.path.reversed()
        } else {
            other.path.clone()
        };
        let along_m = nearest_along(&other, end);
        let rest = other
            .corners()
            .iter()
            .filter(|corner| nearest_along(&other, **corner) > along_m);
        let mut corners: Vec<Position> = std::iter::once(other.at(along_m))
            .chain(rest.copied())
            .collect();
        let [_, last] = other.ends();
        let berth = self.berth_near(last, stream);
        corners.push(berth.unwrap_or_else(|| out_of_sight(&other)));
        Beyond {
            corners,
            open: berth.is_none(),
        }
    }

    fn berth_near(&self, end: Position, stream: &mut Stream) -> Option<Position> {
        let near = |port: &&Zone| {
            middle(&port.shape).is_some_and(|place| place.distance_m(end) < PORT_M_MAX)
        };
        let ports: Vec<&Zone> = self.ports.iter().copied().filter(near).collect();
        self.berth(stream.one_of(&ports)?, stream)
    }

    fn merchants(&mut self, corridors: &[Corridor<'_>]) {
        for corridor in corridors {
            let mut stream =
                Stream::new(self.options.seed, &format!("voyages {}", corridor.zone.id));
            // Those that are under way when the time begins sailed before it.
            let before_s = corridor.path.length_m() / 6.0;
            let whole_s = before_s + self.options.hours * 3_600.0;
            for _ in 0..stream.about(VOYAGES_PER_DAY * whole_s / 86_400.0) {
                let Some(route) = self.route(corridors, corridor, &mut stream) else {
                    break;
                };
                let lead_s = stream.between(0.0, whole_s) - before_s;
                let departs = plus_seconds(self.options.start, lead_s);
                let lane_m = stream.between(0.1, 0.5) * corridor.half_width_m;
                let mut voyage = self.vessel(route.path, departs, &mut stream);
                voyage.lane_m = lane_m;
                hide(&mut voyage, route.open);
                self.sailings.push(Sailing {
                    voyage,
                    truth: None,
                });
            }
        }
    }
}

/// How far along a path its nearest point to a place is, to a hundredth of its length.
fn nearest_along(path: &Path, place: Position) -> f64 {
    const STEPS: u32 = 400;
    let along = |step: u32| path.length_m() * f64::from(step) / f64::from(STEPS);
    let distance_m = |step: u32| path.at(along(step)).distance_m(place);
    let best = (0..=STEPS).min_by(|a, b| distance_m(*a).total_cmp(&distance_m(*b)));
    best.map_or(0.0, along)
}

/// A place straight on from a path's end, outside the corridor.
fn out_of_sight(path: &Path) -> Position {
    const ON_M: f64 = 10_000.0;
    let course_deg = path.course_deg(path.length_m(), 1_000.0);
    path.at(path.length_m()).offset(course_deg, ON_M)
}

/// Where a voyage begins or ends in no port, the vessel is not heard before and after it.
fn hide(voyage: &mut Voyage, open: (bool, bool)) {
    let arrives = voyage.when_at(voyage.path.length_m());
    if open.0 {
        voyage
            .silent
            .push(Interval::between(Timestamp::MIN, voyage.departs));
    }
    if open.1 {
        voyage
            .silent
            .push(Interval::between(arrives, Timestamp::MAX));
    }
}
