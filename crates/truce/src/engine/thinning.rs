//! Which points of the own track of a vessel, an aircraft or a patrol are worth a place in the log.
//!
//! Dead reckoning decides, as in the reporting of ships to each other: a point is logged when the
//! object is not where the last logged point, carried on with its speed and course, would have it,
//! and now and then in any case. The watch over zones sees every point; only the log is spared
//! those that say nothing new. What others follow, such as drones, is logged in full.

use std::collections::HashMap;

use truce_core::place::Frame;
use truce_core::time::seconds_between;
use truce_core::{ObjectIdentity, ObjectKind, Slug, Timestamp, Track, TrackId, TrackPoint};

/// How far an object may be from where it is expected, metres: own choice, too little to see on a
/// map of a sea.
const DEVIATION_M_MAX: f64 = 100.0;

/// How long a point may stand for those after it, seconds: own choice, a fraction of the horizon.
const INTERVAL_S_MAX: f64 = 600.0;

/// The last logged point of each track. Only looked up by name, never walked.
#[derive(Default)]
pub(super) struct Thinning {
    logged: HashMap<TrackId, Logged>,
}

#[derive(Default)]
struct Logged {
    described: Option<Description>,
    course: Option<Course>,
}

/// What a track says of its object beside where it is.
#[derive(PartialEq)]
struct Description {
    kind: ObjectKind,
    name: Option<String>,
    actor: Option<Slug>,
}

/// A point carried on: where the object should be after it.
#[derive(Clone, Copy)]
struct Course {
    from_at: Timestamp,
    /// East and north of the point, metres.
    frame: Frame,
    velocity_m_s: (f64, f64),
}

impl Thinning {
    /// Leaves only the points that are to be logged; true when the track is worth a record.
    pub(super) fn thin(&mut self, track: &mut Track) -> bool {
        if !track.identity.as_ref().is_some_and(names_itself) {
            return true;
        }
        let logged = self.logged.entry(track.id).or_default();
        let mut course = logged.course;
        track.points.retain(|point| {
            let expected = course.is_some_and(|course| course.meets(point));
            if !expected {
                course = Some(Course::of(point));
            }
            !expected
        });
        // Points that came late stand by themselves and change nothing for those to come.
        if course.map(|c| c.from_at) > logged.course.map(|c| c.from_at) {
            logged.course = course;
        }
        let described = Some(Description {
            kind: track.kind,
            name: track.name.clone(),
            actor: track.actor.clone(),
        });
        let described_anew = logged.described != described;
        logged.described = described;
        described_anew || !track.points.is_empty()
    }
}

/// True for identities that an object gives itself.
fn names_itself(identity: &ObjectIdentity) -> bool {
    use ObjectIdentity::{Icao, Mmsi, Sensor};
    matches!(identity, Mmsi(_) | Icao(_) | Sensor(_))
}

impl Course {
    fn of(point: &TrackPoint) -> Self {
        let position = point.place.position;
        let frame = Frame::at(position);
        let motion = point.speed_m_s.zip(point.course_deg);
        let velocity_m_s = motion.map_or((0.0, 0.0), |(speed_m_s, course_deg)| {
            let one_second_on = position.offset(course_deg, speed_m_s);
            frame.to_xy_m(one_second_on)
        });
        Self {
            from_at: point.observed_at,
            frame,
            velocity_m_s,
        }
    }

    /// True when a point says no more than the course does.
    fn meets(&self, point: &TrackPoint) -> bool {
        let dt_s = seconds_between(self.from_at, point.observed_at);
        if !(0.0..INTERVAL_S_MAX).contains(&dt_s) {
            return false;
        }
        let (east_m, north_m) = self.frame.to_xy_m(point.place.position);
        let (east_m_s, north_m_s) = self.velocity_m_s;
        let (x, y) = (east_m - east_m_s * dt_s, north_m - north_m_s * dt_s);
        x * x + y * y <= DEVIATION_M_MAX * DEVIATION_M_MAX
    }
}

#[cfg(test)]
mod tests {
    use truce_core::time::plus_seconds;
    use truce_core::{Digest, Ellipse, ObservationId, Place, Position};

    use super::*;

    const SPEED_M_S: f64 = 8.0;

    /// A point of a vessel that steers east from a start, `seconds` after it and `off_m` to the
    /// north of its course.
    fn point(seconds: f64, off_m: f64) -> TrackPoint {
        let start: Timestamp = "2025-06-01T00:00:00Z".parse().unwrap();
        let frame = Frame::at(Position::new(46.0, 31.0).unwrap());
        TrackPoint {
            observed_at: plus_seconds(start, seconds),
            place: Place {
                position: frame.to_position(SPEED_M_S * seconds, off_m),
                uncertainty: Ellipse::circle(10.0),
            },
            height: None,
            speed_m_s: Some(SPEED_M_S),
            course_deg: Some(90.0),
            observation: ObservationId(Digest::of(&seconds.to_be_bytes())),
        }
    }

    fn track(identity: ObjectIdentity, points: Vec<TrackPoint>) -> Track {
        Track {
            id: TrackId(Digest::of(b"track")),
            kind: ObjectKind::Vessel,
            identity: Some(identity),
            name: None,
            actor: None,
            existence: 1.0,
            observation_count: points.len() as u64,
            first_observed_at: "2025-06-01T00:00:00Z".parse().unwrap(),
            points,
        }
    }

    /// The seconds of the points that stay, for each of several changes; `None`: no record.
    fn check(changes: &[&[(f64, f64)]], kept: &[Option<&[f64]>]) {
        let mut thinning = Thinning::default();
        for (change, kept) in changes.iter().zip(kept) {
            let points: Vec<TrackPoint> = change.iter().map(|(s, off)| point(*s, *off)).collect();
            let mut track = track(ObjectIdentity::Mmsi(1), points);
            let worth = thinning.thin(&mut track);
            let kept: Option<Vec<TrackPoint>> = kept.map(|kept| {
                let off = |s: f64| change.iter().find(|c| c.0 == s).unwrap().1;
                kept.iter().map(|s| point(*s, off(*s))).collect()
            });
            assert_eq!(worth.then_some(track.points), kept, "{changes:?}");
        }
    }

    #[test]
    fn a_steady_course_is_logged_now_and_then() {
        let steady: &[(f64, f64)] = &[(0.0, 0.0), (60.0, 0.0), (590.0, 90.0), (601.0, 0.0)];
        check(&[steady], &[Some(&[0.0, 601.0])]);
        // The same when it comes point by point.
        let each: Vec<&[(f64, f64)]> = steady.chunks(1).collect();
        check(&each, &[Some(&[0.0]), None, None, Some(&[601.0])]);
    }

    #[test]
    fn what_leaves_its_course_is_logged() {
        check(
            &[&[(0.0, 0.0), (60.0, 101.0), (120.0, 101.0), (130.0, -10.0)]],
            &[Some(&[0.0, 60.0, 130.0])],
        );
    }

    #[test]
    fn a_late_point_is_logged_and_changes_nothing_for_the_next() {
        check(
            &[
                &[(100.0, 0.0)],
                &[(50.0, 0.0), (100.0, 0.0)],
                &[(150.0, 0.0)],
            ],
            &[Some(&[100.0]), Some(&[50.0]), None],
        );
    }

    #[test]
    fn what_is_newly_known_of_the_object_is_logged_without_a_point() {
        let mut thinning = Thinning::default();
        let mut silent = track(ObjectIdentity::Mmsi(1), Vec::new());
        assert!(thinning.thin(&mut silent), "a new track");
        assert!(!thinning.thin(&mut silent));
        silent.name = Some("ODESA".into());
        assert!(thinning.thin(&mut silent));
        assert!(!thinning.thin(&mut silent));
        silent.kind = ObjectKind::Warship;
        assert!(thinning.thin(&mut silent));
        silent.actor = Some("navy".parse().unwrap());
        assert!(thinning.thin(&mut silent));
        assert!(!thinning.thin(&mut silent));
    }

    #[test]
    fn what_others_follow_is_logged_in_full() {
        let identity = ObjectIdentity::Serial("uav-1".into());
        let points = vec![point(0.0, 0.0), point(1.0, 0.0)];
        let mut followed = track(identity, points.clone());
        assert!(Thinning::default().thin(&mut followed));
        assert_eq!(followed.points, points);
    }
}
