//! Radar against AIS: which vessel a radar's track is, and which it is none of.
//!
//! A radar's track and a vessel are one object when their places at the same instants differ by no
//! more than both errors allow. The squared difference over its covariance follows χ² with two
//! degrees of freedom at an instant, and their sum over n instants χ² with 2n (Bar-Shalom, Willett
//! and Tian 2011, section 9.3). The errors of the two are taken as independent: AIS states what
//! satellite navigation says, radar what it sees. Of several vessels that fit the nearest is taken, of
//! equals the one with the lower number.
//!
//! A track that no vessel explains is told when it is under way, was followed for long enough, and the
//! receivers would have heard a transmitter there (`coverage`). It is never called intent: small craft
//! need not send, equipment fails.

use std::collections::{BTreeMap, VecDeque};

use truce_core::mission::SeaSettings;
use truce_core::{
    Ellipse, ObjectKind, ObservationId, Place, Position, Timestamp, Track, TrackId, TrackPoint,
};

use super::coverage::Coverage;
use super::ground::Ground;
use super::pending::Fix;
use super::plane::{apart_m, seconds, step_m};
use super::radar_lost::{LOST_S_MAX, misfit};
use super::radar_told::Dark;
use super::way::{Report, where_at};
use crate::tell::Told;
use crate::track::Lost;

/// Instants that are compared are so far apart that the errors of a filtered track differ, seconds.
const INSTANT_S: f64 = 60.0;
/// Points of radar wait so long for the vessels' next reports, seconds.
pub(super) const LAG_S: f64 = 600.0;
/// A vessel becomes a candidate at an instant at which it is this near, χ² of two degrees of freedom:
/// 0.999 of the same objects are nearer.
const CANDIDATE: f64 = 13.8;
/// No instant says more against a pair than this: one wrong fix does not part it for good.
const DISTANCE_MAX: f64 = 25.0;
/// What is kept of each vessel's reports: as many, and as long, seconds.
const REPORTS_MAX: usize = 128;
const REPORTS_S: f64 = 3_600.0;
/// Vessels farther than this from a radar's track in latitude are not looked at, degrees.
const NEAR_DEG: f64 = 0.1;
/// A track not seen for longer has ended, seconds.
pub(super) const ENDED_S: f64 = 900.0;
/// What was told of a vessel that radar lost is kept so long, seconds: until one that is found as late
/// as may be was followed for long enough, at the usual thresholds.
const KEPT_S: f64 = 3.0 * LOST_S_MAX;
/// Most points that wait, and most tracks: a thousand radars' worth.
const WAITING_MAX: usize = 500_000;
const TRACKS_MAX: usize = 50_000;

/// One point of a radar's track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) observed_at: Timestamp,
    /// The same, seconds since 1970.
    pub(super) at_s: f64,
    pub(super) position: Position,
    /// Covariance `[xx, xy, yy]`, square metres, east and north.
    pub(super) covariance_m2: [f64; 3],
    pub(super) existence: f64,
    pub(super) speed_m_s: Option<f64>,
    pub(super) course_deg: Option<f64>,
    pub(super) observation: ObservationId,
}

impl Seen {
    fn of(point: &TrackPoint, existence: f64) -> Self {
        Self {
            observed_at: point.observed_at,
            at_s: seconds(point.observed_at),
            position: point.place.position,
            covariance_m2: point.place.uncertainty.covariance_m2(),
            existence,
            speed_m_s: point.speed_m_s,
            course_deg: point.course_deg,
            observation: point.observation,
        }
    }

    /// The point of the track.
    pub(super) fn point(&self) -> TrackPoint {
        TrackPoint {
            observed_at: self.observed_at,
            place: Place {
                position: self.position,
                uncertainty: Ellipse::from_covariance_m2(self.covariance_m2),
            },
            height: None,
            speed_m_s: self.speed_m_s,
            course_deg: self.course_deg,
            observation: self.observation,
        }
    }

    /// The mean variance per axis, square metres.
    pub(super) fn variance_m2(&self) -> f64 {
        let [xx, _, yy] = self.covariance_m2;
        (xx + yy) / 2.0
    }
}

/// How a track and a vessel were apart at the last instants.
#[derive(Debug, Clone, Default)]
struct Pair {
    distances: VecDeque<f64>,
}

/// A vessel, and whether these are reports under its number from where it is not believed to be: two
/// vessels may use one number, and radar sees both.
type Speaker = (u32, bool);

/// A track of a radar.
#[derive(Debug, Clone, Default)]
pub(super) struct Target {
    pairs: BTreeMap<Speaker, Pair>,
    /// The vessel that it is, or was as long as it was heard.
    pub(super) vessel: Option<u32>,
    pub(super) compared_s: f64,
    /// What is known of it since no vessel explains it.
    pub(super) dark: Option<Dark>,
    pub(super) last: Option<Seen>,
}

/// All tracks of radars.
#[derive(Debug, Clone, Default)]
pub(super) struct Radar {
    waiting: BTreeMap<(Timestamp, TrackId, ObservationId), Seen>,
    pub(super) targets: BTreeMap<TrackId, Target>,
    /// Vessels that were told and that radar has lost.
    lost: BTreeMap<TrackId, Dark>,
    /// Tracks that no vessel explains, with their points since these were last taken.
    unnamed: BTreeMap<TrackId, Track>,
    reports: BTreeMap<Speaker, VecDeque<Report>>,
}

impl Radar {
    /// Takes a track's new and re-estimated points.
    pub(super) fn follow(&mut self, track: &Track, told: &mut Told) {
        if track.kind != ObjectKind::Vessel || track.identity.is_some() {
            return;
        }
        if track.points.is_empty() && track.existence == 0.0 {
            self.waiting.retain(|(_, id, _), _| *id != track.id);
            let gone = self.targets.remove(&track.id);
            let dark = gone.and_then(|gone| gone.dark);
            if let Some(dark) = dark.or_else(|| self.lost.remove(&track.id)) {
                if dark.is_handed_out() {
                    self.unnamed.insert(track.id, track.clone());
                }
                dark.withdraw(told);
            }
            return;
        }
        for point in &track.points {
            let key = (point.observed_at, track.id, point.observation);
            self.waiting.insert(key, Seen::of(point, track.existence));
        }
        while self.waiting.len() > WAITING_MAX {
            self.waiting.pop_first();
        }
    }

    /// Forgets points that a track had and that late data gave to another, as far as nothing was judged
    /// by them yet.
    pub(super) fn lose(&mut self, lost: &Lost) {
        for (at, observation) in &lost.fixes {
            self.waiting.remove(&(*at, lost.track, *observation));
        }
    }

    /// Remembers a vessel's report, as long as there is anything to hold against it; `elsewhere` when
    /// the vessel is not believed to be there.
    pub(super) fn hear(&mut self, fix: &Fix, elsewhere: bool) {
        if self.waiting.is_empty() && self.targets.is_empty() {
            return;
        }
        let velocity = fix.speed_m_s.zip(fix.course_deg).map(|(speed, course)| {
            let course = course.to_radians();
            [speed * libm::sin(course), speed * libm::cos(course)]
        });
        let reports = self.reports.entry((fix.mmsi, elsewhere)).or_default();
        reports.push_back(Report {
            at_s: fix.at_s,
            position: fix.position,
            sigma_m: fix.sigma_m,
            velocity,
        });
        let is_old = |first: &Report| fix.at_s - first.at_s > REPORTS_S;
        while reports.len() > REPORTS_MAX || reports.front().is_some_and(is_old) {
            reports.pop_front();
        }
    }

    /// Forgets where a vessel was: its stated place jumped.
    pub(super) fn forget(&mut self, mmsi: u32) {
        self.reports.remove(&(mmsi, false));
        self.reports.remove(&(mmsi, true));
    }

    /// Takes out the points whose turn has come, in order of time.
    pub(super) fn due(&mut self, now_s: f64, settled: bool) -> Vec<(TrackId, Seen)> {
        let until_s = if settled { now_s } else { now_s - LAG_S };
        let mut due = Vec::new();
        while let Some(entry) = self.waiting.first_entry() {
            if entry.get().at_s > until_s {
                break;
            }
            due.push((entry.key().1, entry.remove()));
        }
        due
    }

    /// Holds a point against the vessels around it, and judges what that says of its track.
    pub(super) fn judge(
        &mut self,
        (id, seen): (TrackId, Seen),
        around: (&Coverage, &Ground, &SeaSettings),
        told: &mut Told,
    ) {
        if self.targets.len() >= TRACKS_MAX && !self.targets.contains_key(&id) {
            return;
        }
        let target = self.targets.entry(id).or_default();
        target.last = Some(seen);
        if seen.at_s - target.compared_s < INSTANT_S {
            return;
        }
        target.compared_s = seen.at_s;
        let (_, _, sea) = around;
        target.compare(&self.reports, &seen, sea);
        if target.vessel.is_some() {
            // What a vessel with a name does is told of the vessel.
            if let Some(mut dark) = target.dark.take() {
                dark.end(id, seen.at_s, target.vessel, around, told);
            }
            return;
        }
        if target.may_be_known(sea) {
            // A vessel that only passes parts from it again, and one that it is will be known soon.
            return;
        }
        let mut dark = target.dark.take().unwrap_or_else(|| Dark::since(&seen));
        if dark.go_on(&seen, around)
            && let Some(before) = self.take_lost(&dark)
        {
            dark.resume(before);
        }
        dark.tell_when_due(id, around, told);
        let points = dark.take_unnamed(sea);
        if let Some(track) = unnamed(id, &seen, points) {
            match self.unnamed.get_mut(&id) {
                Some(known) => known.points.extend(track.points),
                None => drop(self.unnamed.insert(id, track)),
            }
        }
        self.targets.entry(id).or_default().dark = Some(dark);
    }

    /// Takes out the tracks that no vessel explains, with their points since the last call.
    pub(super) fn take_unnamed(&mut self) -> Vec<Track> {
        std::mem::take(&mut self.unnamed).into_values().collect()
    }

    /// Takes out what was told of a vessel that radar lost and that goes on as another track: of
    /// several the one that fits best, of equals the one with the lower name.
    fn take_lost(&mut self, dark: &Dark) -> Option<Dark> {
        let followed = self.targets.iter();
        let followed = followed.filter_map(|(id, target)| Some((id, target.dark.as_ref()?)));
        let told = followed
            .chain(&self.lost)
            .filter(|(_, one)| one.incident().is_some());
        let fits = told.filter_map(|(id, one)| Some((misfit(one.way(), dark.way())?, *id)));
        let (_, id) = fits.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        let target = self.targets.get_mut(&id);
        target
            .and_then(|target| target.dark.take())
            .or_else(|| self.lost.remove(&id))
    }

    /// Ends what was not seen for long, and forgets what was heard long ago.
    pub(super) fn sweep(
        &mut self,
        now_s: f64,
        around: (&Coverage, &Ground, &SeaSettings),
        told: &mut Told,
    ) {
        let is_over = |_: &TrackId, target: &mut Target| {
            let seen_s = target.last.map_or(0.0, |seen| seen.at_s);
            now_s - LAG_S - seen_s > ENDED_S
        };
        for (id, target) in self.targets.extract_if(.., is_over) {
            if let (Some(mut dark), Some(seen)) = (target.dark, target.last) {
                dark.end(id, seen.at_s, None, around, told);
                if dark.incident().is_some() {
                    self.lost.insert(id, dark);
                }
            }
        }
        self.lost.retain(|_, dark| now_s - dark.seen_s() <= KEPT_S);
        self.reports.retain(|_, reports| {
            let last_s = reports.back().map_or(0.0, |report| report.at_s);
            now_s - last_s <= REPORTS_S
        });
    }
}

impl Target {
    /// Compares a point with every vessel near it.
    fn compare(
        &mut self,
        reports: &BTreeMap<Speaker, VecDeque<Report>>,
        seen: &Seen,
        sea: &SeaSettings,
    ) {
        let instants = sea.radar_instants as usize;
        for (speaker, reports) in reports {
            let near = reports.back().is_some_and(|last| {
                (last.position.lat_deg - seen.position.lat_deg).abs() <= NEAR_DEG
            });
            if !near && !self.pairs.contains_key(speaker) {
                continue;
            }
            let Some((position, variance_m2)) = where_at(reports, seen.at_s) else {
                continue;
            };
            let distance = distance(seen, position, variance_m2, sea.radar_m_sigma);
            if distance > CANDIDATE && !self.pairs.contains_key(speaker) {
                continue;
            }
            let pair = self.pairs.entry(*speaker).or_default();
            pair.distances.push_back(distance.min(DISTANCE_MAX));
            if pair.distances.len() > instants {
                pair.distances.pop_front();
            }
        }
        self.pairs
            .retain(|_, pair| pair.distances.iter().any(|d| *d <= CANDIDATE));
        let same = self.pairs.iter().filter(|(_, pair)| {
            pair.distances.len() >= instants && pair.probability() >= sea.radar_probability
        });
        // Vessels come in order of their numbers, and of equals the first is taken.
        let nearest = same.min_by(|(_, a), (_, b)| a.mean().total_cmp(&b.mean()));
        self.vessel = nearest.map(|((mmsi, _), _)| *mmsi).or(self.vessel);
    }

    /// True when some vessel may be what radar sees.
    fn may_be_known(&self, sea: &SeaSettings) -> bool {
        let mut pairs = self.pairs.values();
        pairs.any(|pair| pair.probability() >= sea.radar_probability)
    }
}

impl Pair {
    fn sum(&self) -> f64 {
        self.distances.iter().sum()
    }

    fn mean(&self) -> f64 {
        self.sum() / self.distances.len().max(1) as f64
    }

    /// The probability that one object is as far apart as this, or farther.
    fn probability(&self) -> f64 {
        chi_square_tail(self.sum(), self.distances.len())
    }
}

/// A track that no vessel explains, when there are points of it to hand out.
fn unnamed(id: TrackId, last: &Seen, points: Vec<TrackPoint>) -> Option<Track> {
    Some(Track {
        id,
        kind: ObjectKind::Vessel,
        identity: None,
        name: None,
        actor: None,
        existence: last.existence,
        observation_count: points.len() as u64,
        first_observed_at: points.first()?.observed_at,
        points,
    })
}

/// The probability that χ² with 2n degrees of freedom exceeds a value: e^−h Σ hⁱ/i! for i < n, with h
/// half the value (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5).
fn chi_square_tail(value: f64, n: usize) -> f64 {
    let half = value / 2.0;
    let (mut term, mut sum) = (1.0, 0.0);
    for i in 0..n {
        sum += term;
        term *= half / (i + 1) as f64;
    }
    (libm::exp(-half) * sum).min(1.0)
}

/// The squared difference of a radar's place and a vessel's, over its covariance.
fn distance(seen: &Seen, position: Position, variance_m2: f64, registration_m: f64) -> f64 {
    let (x, y) = step_m(seen.position, position);
    let more = variance_m2 + registration_m * registration_m;
    let [xx, xy, yy] = seen.covariance_m2;
    let (xx, yy) = (xx + more, yy + more);
    let determinant = xx * yy - xy * xy;
    (x * x * yy - 2.0 * x * y * xy + y * y * xx) / determinant
}

/// How far apart two points are over the time between them, metres per second.
pub(super) fn speed_m_s(from: &Seen, to: &Seen) -> f64 {
    let lasted_s = to.at_s - from.at_s;
    if lasted_s > 0.0 {
        apart_m(from.position, to.position) / lasted_s
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    /// Published values of χ² (Abramowitz and Stegun 1964, table 26.8).
    #[test]
    fn tails_are_those_of_the_table() {
        for (value, n, probability) in [
            (5.991_46, 1, 0.05),
            (13.815_5, 1, 0.001),
            (18.307_0, 5, 0.05),
            (45.314_7, 10, 0.001),
            (0.0, 3, 1.0),
        ] {
            let got = chi_square_tail(value, n);
            assert!((got - probability).abs() < 1e-5, "{value} {n}: {got}");
        }
    }

    #[test]
    fn a_point_that_late_data_gave_to_another_track_is_judged_once() {
        let at: Timestamp = "2025-06-10T12:00:00Z".parse().unwrap();
        let point = |plot: &[u8]| TrackPoint {
            observed_at: at,
            place: Place {
                position: Position::new(46.0, 31.0).unwrap(),
                uncertainty: Ellipse::circle(30.0),
            },
            height: None,
            speed_m_s: None,
            course_deg: None,
            observation: ObservationId(Digest::of(plot)),
        };
        let [a, b] = [b"a", b"b"].map(|name| TrackId(Digest::of(name)));
        let track = |id, plots: &[&[u8]]| {
            let points: Vec<TrackPoint> = plots.iter().map(|plot| point(plot)).collect();
            unnamed(id, &Seen::of(&points[0], 0.9), points).unwrap()
        };
        let (mut radar, mut told) = (Radar::default(), Told::default());
        radar.follow(&track(a, &[b"one", b"two"]), &mut told);
        let [one, two] = [b"one", b"two"].map(|plot| ObservationId(Digest::of(plot)));
        radar.lose(&Lost {
            track: a,
            fixes: vec![(at, two)],
        });
        radar.follow(&track(b, &[b"two"]), &mut told);
        let due = radar.due(seconds(at), true).into_iter();
        let mut judged: Vec<_> = due.map(|(id, seen)| (id, seen.observation)).collect();
        judged.sort_unstable();
        let mut expected = [(a, one), (b, two)];
        expected.sort_unstable();
        assert_eq!(judged, expected);
    }
}
