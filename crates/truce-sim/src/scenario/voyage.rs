//! How a vessel moves: along a path at a speed, with halts, swerves and times of silence.

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Interval, Position, Timestamp};

use truce_core::way::Path;

/// Lanes and swerves fade in and out over this distance from a voyage's ends, metres.
const FADE_M: f64 = 5_000.0;

/// The direction across the path is averaged over so much of it on both sides, metres, so that a
/// vessel beside the middle turns with it.
const BEND_M: f64 = 3_000.0;

/// Speed and course are the mean over so many seconds before and after.
const MOTION_S: f64 = 10.0;

/// Slower than this a vessel counts as moored, metres per second.
const MOORED_M_S: f64 = 0.1;

/// A halt under way.
#[derive(Debug, Clone)]
pub(crate) struct Halt {
    /// Where along the path, metres.
    pub(crate) at_m: f64,
    /// How long, seconds.
    pub(crate) lasts_s: f64,
    /// Radius of the circle in which it drifts, metres; zero when it lies still.
    pub(crate) circle_m: f64,
    /// Speed of the drift, metres per second.
    pub(crate) drift_m_s: f64,
}

/// A stretch of the path on which the vessel goes beside it.
#[derive(Debug, Clone)]
pub(crate) struct Swerve {
    /// From where along the path, metres.
    pub(crate) from_m: f64,
    /// To where.
    pub(crate) to_m: f64,
    /// How far to the right at most, metres; negative is left.
    pub(crate) peak_m: f64,
}

/// A vessel's voyage through the simulated period.
#[derive(Debug, Clone)]
pub(crate) struct Voyage {
    pub(crate) mmsi: u32,
    pub(crate) name: String,
    /// Ship and cargo type (ITU-R M.1371-5, table 53).
    pub(crate) ship_type: u8,
    pub(crate) length_m: f64,
    /// True for class B equipment.
    pub(crate) class_b: bool,
    pub(crate) path: Path,
    pub(crate) departs: Timestamp,
    pub(crate) speed_m_s: f64,
    /// How far to the right of the path it keeps, metres.
    pub(crate) lane_m: f64,
    pub(crate) halt: Option<Halt>,
    pub(crate) swerve: Option<Swerve>,
    /// When it sends nothing.
    pub(crate) silent: Vec<Interval>,
    /// When it reports a place where it is not, circling there.
    pub(crate) false_place: Option<(Interval, Position)>,
}

/// Where a vessel is and how it moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Motion {
    pub(crate) position: Position,
    pub(crate) speed_m_s: f64,
    pub(crate) course_deg: f64,
    pub(crate) moored: bool,
}

impl Voyage {
    /// Where it is at an instant: before its departure at the beginning of its path, after its
    /// arrival at the end.
    pub(crate) fn position(&self, at: Timestamp) -> Position {
        let elapsed_s = seconds_between(self.departs, at).max(0.0);
        let (along_m, drifting_s) = self.along(elapsed_s);
        let on_path = self.path.at(along_m);
        let length_m = self.path.length_m();
        let fade = (along_m / FADE_M)
            .min((length_m - along_m) / FADE_M)
            .clamp(0.0, 1.0);
        let aside_m = self.lane_m * fade + self.swerve_m(along_m);
        let mut position = on_path;
        if aside_m != 0.0 {
            let right_deg = self.path.course_deg(along_m, BEND_M) + 90.0;
            position = position.offset(right_deg, aside_m);
        }
        match (&self.halt, drifting_s) {
            (Some(halt), Some(drifting_s)) if halt.circle_m > 0.0 => {
                circle(position, halt.circle_m, halt.drift_m_s * drifting_s)
            }
            _ => position,
        }
    }

    /// How far along its path it is, and how long it has been in its halt when it is there.
    fn along(&self, elapsed_s: f64) -> (f64, Option<f64>) {
        let under_way_m = self.speed_m_s * elapsed_s;
        let Some(halt) = self.halt.as_ref().filter(|halt| under_way_m > halt.at_m) else {
            return (under_way_m.min(self.path.length_m()), None);
        };
        let halted_s = elapsed_s - halt.at_m / self.speed_m_s;
        if halted_s < halt.lasts_s {
            return (halt.at_m, Some(halted_s));
        }
        let along_m = halt.at_m + self.speed_m_s * (halted_s - halt.lasts_s);
        (along_m.min(self.path.length_m()), None)
    }

    fn swerve_m(&self, along_m: f64) -> f64 {
        self.swerve.as_ref().map_or(0.0, |swerve| {
            let share = (along_m - swerve.from_m) / (swerve.to_m - swerve.from_m);
            let part = libm::sin(std::f64::consts::PI * share.clamp(0.0, 1.0));
            swerve.peak_m * part * part
        })
    }

    /// Where it says it is.
    fn stated(&self, at: Timestamp) -> Position {
        match &self.false_place {
            Some((during, middle)) if (during.start..=during.end).contains(&at) => circle(
                *middle,
                FALSE_CIRCLE_M,
                self.speed_m_s * seconds_between(during.start, at),
            ),
            _ => self.position(at),
        }
    }

    /// Where it says it is, and how it says it moves.
    pub(crate) fn motion(&self, at: Timestamp) -> Motion {
        let before = self.stated(plus_seconds(at, -MOTION_S));
        let after = self.stated(plus_seconds(at, MOTION_S));
        let speed_m_s = before.distance_m(after) / (2.0 * MOTION_S);
        // A jump to or from a false place is no speed that a receiver would show.
        let speed_m_s = if speed_m_s > 3.0 * self.speed_m_s {
            self.speed_m_s
        } else {
            speed_m_s
        };
        Motion {
            position: self.stated(at),
            speed_m_s,
            course_deg: before.bearing_deg(after),
            moored: speed_m_s < MOORED_M_S,
        }
    }

    /// When it is at a distance along its path, before any halt beyond it.
    pub(crate) fn when_at(&self, along_m: f64) -> Timestamp {
        let halted_s = match &self.halt {
            Some(halt) if halt.at_m < along_m => halt.lasts_s,
            _ => 0.0,
        };
        plus_seconds(self.departs, along_m / self.speed_m_s + halted_s)
    }

    /// True when it sends nothing at an instant.
    pub(crate) fn is_silent(&self, at: Timestamp) -> bool {
        self.silent
            .iter()
            .any(|during| (during.start..=during.end).contains(&at))
    }
}

/// Radius of the circles in which disturbed receivers see themselves, metres (illustrative: such
/// circles have been seen around disturbed ports).
const FALSE_CIRCLE_M: f64 = 1_500.0;

/// A point on a circle that begins and is centred beside a position.
fn circle(position: Position, radius_m: f64, way_m: f64) -> Position {
    let angle_rad = way_m / radius_m;
    let x_m = radius_m * (libm::cos(angle_rad) - 1.0);
    truce_core::Frame::at(position).to_position(x_m, radius_m * libm::sin(angle_rad))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voyage() -> Voyage {
        let place = |lat_deg| Position::new(lat_deg, 31.0).unwrap();
        Voyage {
            mmsi: 636_000_001,
            name: String::new(),
            ship_type: 70,
            length_m: 100.0,
            class_b: false,
            path: Path::through(vec![place(46.0), place(45.0)]).unwrap(),
            departs: "2025-03-01T00:00:00Z".parse().unwrap(),
            speed_m_s: 5.0,
            lane_m: 0.0,
            halt: None,
            swerve: None,
            silent: Vec::new(),
            false_place: None,
        }
    }

    fn after(voyage: &Voyage, seconds: f64) -> Motion {
        voyage.motion(plus_seconds(voyage.departs, seconds))
    }

    #[test]
    fn a_voyage_goes_from_mooring_to_mooring() {
        let voyage = voyage();
        assert!(after(&voyage, -600.0).moored);
        let under_way = after(&voyage, 7_200.0);
        assert!((under_way.speed_m_s - 5.0).abs() < 0.05 && !under_way.moored);
        assert!((under_way.course_deg - 180.0).abs() < 0.1);
        let sailed_m = under_way.position.distance_m(voyage.path.ends()[0]);
        assert!((sailed_m - 36_000.0).abs() < 50.0, "{sailed_m}");
        let arrived = after(&voyage, 40_000.0);
        assert!(arrived.moored && arrived.position == voyage.path.ends()[1]);
    }

    #[test]
    fn halts_and_swerves_happen_where_they_should() {
        let halt = Halt {
            at_m: 30_000.0,
            lasts_s: 3_600.0,
            circle_m: 500.0,
            drift_m_s: 0.3,
        };
        let halting = Voyage {
            halt: Some(halt),
            ..voyage()
        };
        let halted = after(&halting, 7_200.0);
        assert!(
            (halted.speed_m_s - 0.3).abs() < 0.01,
            "{}",
            halted.speed_m_s
        );
        assert!(halted.position.distance_m(halting.path.at(30_000.0)) <= 1_001.0);
        let again = after(&halting, 10_800.0);
        assert!((again.speed_m_s - 5.0).abs() < 0.05);
        assert_eq!(
            halting.when_at(31_000.0),
            plus_seconds(halting.departs, 9_800.0)
        );

        let swerve = Swerve {
            from_m: 40_000.0,
            to_m: 60_000.0,
            peak_m: 8_000.0,
        };
        let swerving = Voyage {
            swerve: Some(swerve),
            ..voyage()
        };
        let aside = after(&swerving, 10_000.0).position;
        assert!((aside.distance_m(swerving.path.at(50_000.0)) - 8_000.0).abs() < 1.0);
        // South-bound, right is west.
        assert!(aside.lon_deg < 31.0);
    }
}
