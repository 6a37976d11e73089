//! A stretch of time and land in a plane: its readings, its sensors and its line of contact.

use std::collections::BTreeMap;

use truce_core::mission::SensorKind;
use truce_core::time::seconds_between;
use truce_core::{Frame, Timestamp};

use super::activity::{Factors, ORDINARY};
use crate::candidate::{Candidate, Measure, Timing, Voice, Wave};
use crate::line::{Line, PlaneLine};
use crate::network::{CLASSES, Model, Network};
use crate::prior::Priors;

/// What a reading tells of the place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A place, by two axes: direction and variance, m².
    Place([[f64; 3]; 2]),
    /// A direction from the observer, radians.
    Bearing { angle: f64, sigma: f64 },
    /// Nothing but that it was noticed.
    Arrival,
}

/// A candidate in the plane.
#[derive(Debug, Clone)]
pub(crate) struct Reading<'a> {
    pub(crate) candidate: &'a Candidate,
    /// Its number in the store of candidates.
    pub(crate) index: u32,
    /// The place it tells, or its observer, metres.
    pub(crate) at: [f64; 2],
    pub(crate) shape: Shape,
    /// Seconds after the plane's epoch, the sensor's usual delay taken off.
    pub(crate) t_s: f64,
    pub(crate) sigma_s: f64,
    pub(crate) wave: Option<Wave>,
    /// Readings of one voice are one.
    pub(crate) voice: u32,
    /// The configured sensor among [`Plane::posts`], when it stands there.
    pub(crate) post: Option<u32>,
    /// Natural logarithm of the density of readings about nothing, in the units of
    /// [`super::estimate::Added::log_density`].
    pub(crate) log_clutter: f64,
}

/// A sensor that stands in the plane and always watches.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) model: usize,
    pub(crate) at: [f64; 2],
    /// How many readings of one event it can give: the two phases of an earthquake wave.
    pub(crate) channels: usize,
}

/// All that events of one stretch are sought in.
pub(crate) struct Plane<'a> {
    pub(crate) frame: Frame,
    pub(crate) epoch: Timestamp,
    pub(crate) network: &'a Network,
    pub(crate) priors: &'a Priors,
    pub(crate) line: PlaneLine,
    pub(crate) posts: Vec<Post>,
    pub(crate) readings: Vec<Reading<'a>>,
    /// When the newest reading came, seconds after the epoch.
    pub(crate) heard_s: f64,
    /// Now, or when the newest reading came; seconds after the epoch.
    pub(crate) now_s: f64,
    /// What recent activity multiplies the rates of the classes by.
    pub(crate) activity: Factors,
}

impl<'a> Plane<'a> {
    /// The plane at a frame and a time, with the line and the sensors within a reach, metres;
    /// readings are added by [`Self::take`]. Activity is that of an ordinary day.
    pub(crate) fn new(
        frame: Frame,
        epoch: Timestamp,
        reach_m: f64,
        network: &'a Network,
        priors: &'a Priors,
        line: &Line,
        now_s: f64,
    ) -> Self {
        let mut posts = Vec::new();
        let standing = network.models.iter().take(network.configured).enumerate();
        for (model, sensor) in standing {
            let Some(position) = sensor.position.filter(|_| sensor.always_watches()) else {
                continue;
            };
            let (x, y) = frame.to_xy_m(position);
            if libm::hypot(x, y) <= reach_m + sensor.range_m_max {
                posts.push(Post {
                    model,
                    at: [x, y],
                    channels: sensor.channels(),
                });
            }
        }
        Self {
            frame,
            epoch,
            network,
            priors,
            line: line.in_plane(&frame, reach_m),
            posts,
            readings: Vec::new(),
            heard_s: f64::NEG_INFINITY,
            now_s,
            activity: ORDINARY,
        }
    }

    /// Takes candidates in; the order of the result is that of their times and names, whatever the
    /// order in which they are given.
    pub(crate) fn take(&mut self, candidates: impl Iterator<Item = (u32, &'a Candidate)>) {
        let mut all: Vec<(u32, &Candidate)> = candidates.collect();
        all.sort_by_key(|(_, candidate)| candidate.told());
        let post_of: BTreeMap<usize, u32> = (0..)
            .zip(&self.posts)
            .map(|(at, post)| (post.model, at))
            .collect();
        let mut voices: BTreeMap<&Voice, u32> = BTreeMap::new();
        for (index, candidate) in all {
            let came_s = seconds_between(self.epoch, candidate.received_at);
            self.heard_s = self.heard_s.max(came_s);
            let next = u32::try_from(voices.len()).unwrap_or(u32::MAX);
            let voice = *voices.entry(&candidate.voice).or_insert(next);
            let post = post_of.get(&candidate.model).copied();
            let reading = self.reading(index, candidate, voice, post);
            self.readings.extend(reading);
        }
        self.now_s = self.now_s.max(self.heard_s);
        let by_time = |a: &Reading<'_>, b: &Reading<'_>| a.t_s.total_cmp(&b.t_s);
        self.readings
            .sort_by(|a, b| by_time(a, b).then(a.candidate.told().cmp(&b.candidate.told())));
    }

    fn reading(
        &self,
        index: u32,
        candidate: &'a Candidate,
        voice: u32,
        post: Option<u32>,
    ) -> Option<Reading<'a>> {
        let Timing::Sharp { at, sigma_s, wave } = candidate.timing else {
            return None;
        };
        let model = &self.network.models[candidate.model];
        let (x, y) = self.frame.to_xy_m(candidate.anchor());
        let shape = match candidate.measure {
            Measure::Place(place) => {
                let ellipse = place.uncertainty;
                let angle = ellipse.bearing_deg.to_radians();
                let (s, c) = (libm::sin(angle), libm::cos(angle));
                let (long, short) = (ellipse.semi_major_m, ellipse.semi_minor_m);
                Shape::Place([[s, c, long * long], [c, -s, short * short]])
            }
            Measure::Bearing {
                bearing_deg,
                sigma_deg,
                ..
            } => Shape::Bearing {
                angle: bearing_deg.to_radians(),
                sigma: libm::hypot(sigma_deg, model.bearing_deg_bias_sigma).to_radians(),
            },
            Measure::Arrival { .. } => Shape::Arrival,
        };
        Some(Reading {
            candidate,
            index,
            at: [x, y],
            shape,
            t_s: seconds_between(self.epoch, at) - model.time_s_delay,
            sigma_s,
            wave,
            voice,
            post,
            log_clutter: self.log_clutter(candidate),
        })
    }

    /// Readings about nothing per second, and per m², per radian or per phase.
    fn log_clutter(&self, candidate: &Candidate) -> f64 {
        let model = &self.network.models[candidate.model];
        if model.kind == SensorKind::Context {
            return self.log_untrue(candidate, model);
        }
        let per_s = model.false_per_s;
        let share = match candidate.measure {
            Measure::Place(_) if model.position.is_some() => 1.0 / model.widest_m2(),
            Measure::Place(_) => 1.0 / self.network.area_m2,
            Measure::Bearing { .. } => 1.0 / std::f64::consts::TAU,
            Measure::Arrival { .. } => 0.5,
        };
        libm::log((per_s * share).max(1e-30)) + libm::log(model.false_says(candidate.said.class))
    }

    /// Who reports without being a sensor of the mission invents as often as its grade says, where
    /// such things happen.
    fn log_untrue(&self, candidate: &Candidate, model: &Model) -> f64 {
        let (x, y) = self.frame.to_xy_m(candidate.anchor());
        let line_m = self.line.distance_m(x, y);
        let classes = (0..CLASSES).map(|class| {
            let says = model.says(class, candidate.said.class);
            self.priors.rate(class, line_m) * model.detection(class, None) * says
        });
        let truth = candidate.truth();
        libm::log((classes.sum::<f64>() * (1.0 - truth) / truth).max(1e-30))
    }

    /// Distance of a state from whoever made a reading, metres; `None` for who moves about.
    pub(crate) fn distance_m(&self, reading: &Reading<'_>, x: f64, y: f64) -> Option<f64> {
        let from = match (reading.post, &reading.shape) {
            (Some(post), _) => self.posts[post as usize].at,
            (None, Shape::Place(_)) => return None,
            (None, _) => reading.at,
        };
        Some(libm::hypot(x - from[0], y - from[1]))
    }

    /// Events per second and square metre of each class about a place whose standard deviations
    /// along its axes are given: a mean over five points (a cubature of degree three).
    pub(crate) fn rates(&self, x: f64, y: f64, axes: [[f64; 2]; 2]) -> [f64; CLASSES] {
        let mut sum = [0.0; CLASSES];
        let [a, b] = axes;
        let r = std::f64::consts::SQRT_2;
        let points = [
            (0.0, 0.0, 1.0 / 3.0),
            (r * a[0], r * a[1], 1.0 / 6.0),
            (-r * a[0], -r * a[1], 1.0 / 6.0),
            (r * b[0], r * b[1], 1.0 / 6.0),
            (-r * b[0], -r * b[1], 1.0 / 6.0),
        ];
        for (dx, dy, weight) in points {
            let line_m = self.line.distance_m(x + dx, y + dy);
            for (class, sum) in sum.iter_mut().enumerate() {
                *sum += weight * self.activity[class] * self.priors.rate(class, line_m);
            }
        }
        sum
    }
}
