//! What happens against the rules: vessels that leave a corridor, stop in it, fall silent or state false
//! places, and warships that are in it or stop others.

use truce_core::mission::Zone;
use truce_core::time::plus_seconds;
use truce_core::way::Path;
use truce_core::{ClauseKind, IncidentKind, Interval, Position, Slug, Timestamp};

use super::super::voyage::{Halt, Swerve, Voyage};
use super::{Corridor, Route, Sailing, Shipyard, hide};
use crate::ground::contains;
use crate::random::Stream;
use crate::truth::TruthEvent;

/// Violations of the corridors' rules on a day (illustrative).
const WRONGS_PER_DAY: [(Wrong, f64); 6] = [
    (Wrong::Deviates, 2.0),
    (Wrong::Stops, 1.5),
    (Wrong::Loiters, 1.0),
    (Wrong::FallsSilent, 2.0),
    (Wrong::StatesFalsePlace, 1.0),
    (Wrong::IsStopped, 0.6),
];

/// Warships that pass along a corridor on a day (illustrative).
const WARSHIPS_PER_DAY: f64 = 1.0;

/// Ship type of military vessels (ITU-R M.1371-5, table 53).
const MILITARY: u8 = 35;

/// What a vessel does against the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Deviates,
    Stops,
    Loiters,
    FallsSilent,
    StatesFalsePlace,
    IsStopped,
}

impl Shipyard<'_, '_> {
    pub(super) fn wrongs(&mut self, corridors: &[Corridor<'_>]) {
        for (wrong, per_day) in WRONGS_PER_DAY {
            let mut stream = Stream::new(self.options.seed, &format!("wrong {wrong:?}"));
            for _ in 0..stream.about(per_day * self.days()) {
                let corridor = &corridors[stream.below(corridors.len())];
                if let Some(route) = self.route(corridors, corridor, &mut stream) {
                    self.wrong(wrong, &route, &mut stream);
                }
            }
        }
    }

    /// A voyage on which something against the rules happens in the simulated time.
    fn wrong(&mut self, wrong: Wrong, route: &Route<'_, '_>, stream: &mut Stream) {
        let (from_m, to_m) = route.inside_m;
        let at_m = from_m + stream.between(0.25, 0.75) * (to_m - from_m);
        let at_s = stream.between(0.1, 0.7) * self.options.hours * 3_600.0;
        let at = plus_seconds(self.options.start, at_s);
        let mut voyage = self.vessel(route.path.clone(), at, stream);
        voyage.departs = plus_seconds(at, -at_m / voyage.speed_m_s);
        voyage.lane_m = 0.3 * route.corridor.half_width_m;
        let (kind, occurred, note) = match wrong {
            Wrong::Deviates => {
                let occurred = deviate(&mut voyage, at_m, route, stream);
                (
                    IncidentKind::CorridorDeviation,
                    occurred,
                    "left the corridor",
                )
            }
            Wrong::Stops => {
                let occurred = halt(&mut voyage, (at_m, at), (3_600.0, 10_800.0), 0.0, stream);
                (
                    IncidentKind::UnauthorisedStop,
                    occurred,
                    "stopped in the corridor",
                )
            }
            Wrong::Loiters => {
                let occurred = halt(&mut voyage, (at_m, at), (10_800.0, 21_600.0), 400.0, stream);
                (
                    IncidentKind::UnauthorisedStop,
                    occurred,
                    "loitered in the corridor",
                )
            }
            Wrong::FallsSilent => {
                let during = lasting(at, stream.between(7_200.0, 18_000.0));
                voyage.silent.push(during);
                (IncidentKind::SignalGap, during, "sent nothing under way")
            }
            Wrong::StatesFalsePlace => {
                let during = state_false_place(&mut voyage, at, stream);
                (
                    IncidentKind::PositionAnomaly,
                    during,
                    "stated a place where it was not",
                )
            }
            Wrong::IsStopped => {
                let occurred = halt(&mut voyage, (at_m, at), (2_400.0, 4_800.0), 0.0, stream);
                self.boarding(&voyage, occurred, route.corridor.zone, stream);
                (
                    IncidentKind::Obstruction,
                    occurred,
                    "stopped by a warship alongside",
                )
            }
        };
        let truth = TruthEvent {
            object: Some(object(&voyage)),
            zone: Some(route.corridor.zone.id.clone()),
            note: note.to_owned(),
            ..TruthEvent::happened(kind, occurred, voyage.position(occurred.middle()))
                .breaking(ClauseKind::Corridor)
        };
        hide(&mut voyage, route.open);
        self.sailings.push(Sailing {
            voyage,
            truth: Some(truth),
        });
    }

    /// A warship that comes alongside a vessel and leaves again.
    fn boarding(
        &mut self,
        halted: &Voyage,
        during: Interval,
        corridor: &Zone,
        stream: &mut Stream,
    ) {
        const APPROACH_M: f64 = 25_000.0;
        const ALONGSIDE_M: f64 = 150.0;
        let place = halted.position(during.middle());
        let side_deg = halted.motion(during.start).course_deg + 90.0;
        let away = place.offset(side_deg, APPROACH_M);
        let corners = vec![away, place.offset(side_deg, ALONGSIDE_M), away];
        let Some(path) = Path::through(corners) else {
            return;
        };
        let mut warship = self.warship(path, during.start, stream);
        let at_m = warship.path.length_m() / 2.0;
        warship.departs = plus_seconds(during.start, -at_m / warship.speed_m_s);
        let lasts_s = during.length_s();
        warship.halt = Some(Halt {
            at_m,
            lasts_s,
            circle_m: 0.0,
            drift_m_s: 0.0,
        });
        self.present(warship, corridor, stream);
    }

    fn warship(&mut self, path: Path, departs: Timestamp, stream: &mut Stream) -> Voyage {
        let vessel = self.vessel(path, departs, stream);
        let name = format!("NAVAL UNIT {}", self.count);
        Voyage {
            name,
            ship_type: MILITARY,
            length_m: 60.0,
            speed_m_s: 8.0,
            ..vessel
        }
    }

    pub(super) fn warships(&mut self, corridors: &[Corridor<'_>]) {
        let mut stream = Stream::new(self.options.seed, "warships");
        for _ in 0..stream.about(WARSHIPS_PER_DAY * self.days()) {
            let corridor = &corridors[stream.below(corridors.len())];
            let Some(path) = along_corridor(&corridor.path, &mut stream) else {
                continue;
            };
            let enters_s = stream.between(0.0, 0.6) * self.options.hours * 3_600.0;
            let departs = plus_seconds(self.options.start, enters_s);
            let warship = self.warship(path, departs, &mut stream);
            self.present(warship, corridor.zone, &mut stream);
        }
    }

    /// Adds a warship that is in a corridor for a part of its voyage.
    fn present(&mut self, mut warship: Voyage, corridor: &Zone, stream: &mut Stream) {
        const STEP_S: f64 = 60.0;
        hide(&mut warship, (true, true));
        let parties: Vec<Slug> = self
            .ground
            .mission
            .parties()
            .map(|party| party.id.clone())
            .collect();
        let side = stream.one_of(&parties).cloned();
        let mut inside: Option<Interval> = None;
        let mut at = warship.departs.max(self.options.start);
        while at < self.options.end() {
            if contains(&corridor.shape, warship.position(at)) {
                let now = Interval::instant(at);
                inside = Some(inside.map_or(now, |before| before.hull(&now)));
            }
            at = plus_seconds(at, STEP_S);
        }
        let truth = inside.map(|during| TruthEvent {
            object: Some(object(&warship)),
            zone: Some(corridor.id.clone()),
            side,
            note: "a warship in the corridor".to_owned(),
            ..TruthEvent::happened(
                IncidentKind::Presence,
                during,
                warship.position(during.middle()),
            )
            .breaking(ClauseKind::NoPresence)
        });
        self.sailings.push(Sailing {
            voyage: warship,
            truth,
        });
    }
}

fn object(voyage: &Voyage) -> String {
    format!("{} {}", voyage.mmsi, voyage.name)
}

fn lasting(at: Timestamp, seconds: f64) -> Interval {
    Interval::between(at, plus_seconds(at, seconds))
}

/// Lets a vessel stop, drifting in a circle when that has a radius. Returns when.
fn halt(
    voyage: &mut Voyage,
    (at_m, at): (f64, Timestamp),
    (least_s, most_s): (f64, f64),
    circle_m: f64,
    stream: &mut Stream,
) -> Interval {
    const DRIFT_M_S: f64 = 0.35;
    let lasts_s = stream.between(least_s, most_s);
    voyage.halt = Some(Halt {
        at_m,
        lasts_s,
        circle_m,
        drift_m_s: DRIFT_M_S,
    });
    lasting(at, lasts_s)
}

/// Lets a vessel state places far from where it is. Returns when.
fn state_false_place(voyage: &mut Voyage, at: Timestamp, stream: &mut Stream) -> Interval {
    let during = lasting(at, stream.between(2_400.0, 5_400.0));
    let course_deg = stream.between(0.0, 360.0);
    let way_m = stream.between(40_000.0, 90_000.0);
    voyage.false_place = Some((during, voyage.position(at).offset(course_deg, way_m)));
    during
}

/// Lets a vessel leave its corridor by 4 to 10 km. Returns when it is outside.
fn deviate(voyage: &mut Voyage, at_m: f64, route: &Route<'_, '_>, stream: &mut Stream) -> Interval {
    const STRETCH_M: f64 = 60_000.0;
    let half_width_m = route.corridor.half_width_m;
    let peak_m = half_width_m + stream.between(4_000.0, 10_000.0);
    let peak_m = if stream.chance(0.5) { peak_m } else { -peak_m };
    let from_m = (at_m - STRETCH_M / 2.0).max(route.inside_m.0);
    let swerve = Swerve {
        from_m,
        to_m: (from_m + STRETCH_M).min(route.inside_m.1),
        peak_m,
    };
    let occurred = outside(voyage, &swerve, half_width_m);
    voyage.swerve = Some(swerve);
    occurred
}

/// When a swerve is outside the corridor: where lane and swerve together exceed half its width.
fn outside(voyage: &Voyage, swerve: &Swerve, half_width_m: f64) -> Interval {
    let towards_m = voyage.lane_m * swerve.peak_m.signum();
    let part = ((half_width_m - towards_m) / swerve.peak_m.abs()).clamp(0.0, 1.0);
    let share = libm::asin(part.sqrt()) / std::f64::consts::PI;
    let length_m = swerve.to_m - swerve.from_m;
    let at = |share: f64| voyage.when_at(swerve.from_m + share * length_m);
    Interval::between(at(share), at(1.0 - share))
}

/// From beside a corridor into it, along it for a while and out again.
fn along_corridor(corridor: &Path, stream: &mut Stream) -> Option<Path> {
    const ASIDE_M: f64 = 30_000.0;
    const ALONG_M: f64 = 80_000.0;
    let length_m = corridor.length_m();
    let stay_m = ALONG_M.min(length_m / 2.0);
    let from_m = stream.between(0.0, length_m - stay_m);
    let side_deg = corridor.course_deg(from_m, 1_000.0) + 90.0;
    let points = (0..=8).map(|step| corridor.at(from_m + stay_m * f64::from(step) / 8.0));
    let mut corners: Vec<Position> = points.collect();
    let (first, last) = (corners[0], *corners.last()?);
    corners.insert(0, first.offset(side_deg, ASIDE_M));
    corners.push(last.offset(side_deg, ASIDE_M));
    Path::through(corners)
}
