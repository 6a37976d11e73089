//! Joint place and time of what several candidates saw.
//!
//! The state is (east, north, time) in the plane at a first guess. Every candidate is at most three
//! scalar measurements with Gaussian errors; they are worked in one after the other (an extended
//! information filter, Bar-Shalom, Li and Kirubarajan 2001, section 10.3), so the density of each
//! under the others before it comes out on the way. An interval counts as a Gaussian of the same
//! variance.

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Ellipse, Frame, Interval, Place, Position, Timestamp};

use crate::candidate::{Candidate, Measure, Timing};
use crate::event::estimate::LN_TAU;

/// 99 % of a χ² distribution with one to six degrees of freedom.
const CHI2_99: [f64; 6] = [6.63, 9.21, 11.34, 13.28, 15.09, 16.81];
/// Standard deviation of a time about which nothing is known, seconds.
const TIME_S_SIGMA: f64 = 1e6;

/// A scalar measurement at a state.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// Derivative by east, north and time.
    h: [f64; 3],
    /// What was measured less what the state says.
    residual: f64,
    variance: f64,
}

/// The measurements of one candidate at one state.
#[derive(Debug, Clone, Copy)]
struct Rows {
    rows: [Row; 3],
    count: usize,
    /// What turns the density of the rows into one per the candidate's own units: a bearing is
    /// measured across, in metres, and stated in degrees.
    log_units: f64,
}

/// The joint estimate.
#[derive(Debug, Clone)]
pub(crate) struct Joint {
    frame: Frame,
    epoch: Timestamp,
    state: [f64; 3],
    covariance: [[f64; 3]; 3],
    chi2: f64,
    rows: usize,
}

impl Rows {
    fn push(&mut self, row: Row) {
        self.rows[self.count] = row;
        self.count += 1;
    }
}

/// A direction, measured across it to the right; `None` when the state lies behind the observer.
fn bearing_row([dx, dy, distance_m]: [f64; 3], bearing_deg: f64, sigma_deg: f64) -> Option<Row> {
    let angle = bearing_deg.to_radians();
    let (s, c) = (libm::sin(angle), libm::cos(angle));
    if dx * s + dy * c < 0.0 {
        return None;
    }
    let across_m = distance_m * libm::tan(sigma_deg.to_radians());
    Some(Row {
        h: [c, -s, 0.0],
        residual: -(dx * c - dy * s),
        // Nothing is heard from a point: half of a footprint's least extent.
        variance: across_m * across_m + 2_500.0,
    })
}

/// What one candidate adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Added {
    /// χ² of its measurements under the estimate without it.
    pub(crate) chi2: f64,
    /// Natural logarithm of its density under the estimate without it: per m² for places, per
    /// degree for bearings, and per second where its time is sharp.
    pub(crate) log_density: f64,
    /// Seconds by which it came later than expected; `None` when its time is loose.
    pub(crate) late_s: Option<f64>,
}

impl Joint {
    /// The estimate from its founder alone.
    pub(crate) fn founded(founder: &Candidate) -> Self {
        let anchor = match founder.measure {
            Measure::Place(place) => place.position,
            Measure::Bearing {
                observer,
                bearing_deg,
                ..
            } => observer.offset(bearing_deg, founder.reach_m / 3.0),
            Measure::Arrival { station } => station,
        };
        // Where the founder gives no place, it was within its reach.
        let spread_m = match founder.measure {
            Measure::Place(_) => 1e6,
            Measure::Bearing { .. } => founder.reach_m / 3.0,
            Measure::Arrival { .. } => founder.reach_m / 2.0,
        };
        let mut joint = Self {
            frame: Frame::at(anchor),
            epoch: founder.middle(),
            state: [0.0; 3],
            covariance: [[0.0; 3]; 3],
            chi2: 0.0,
            rows: 0,
        };
        joint.covariance[0][0] = spread_m * spread_m;
        joint.covariance[1][1] = spread_m * spread_m;
        joint.covariance[2][2] = TIME_S_SIGMA * TIME_S_SIGMA;
        joint.add(founder);
        (joint.chi2, joint.rows) = (0.0, 0);
        joint
    }

    /// Works a candidate in if it fits the estimate; says nothing and changes nothing if not.
    pub(crate) fn join(&mut self, candidate: &Candidate) -> Option<Added> {
        let before = self.clone();
        let added = self.add(candidate);
        let fits = added.is_some_and(|(added, rows)| added.chi2 <= CHI2_99[rows - 1]);
        if !fits {
            *self = before;
        }
        added.filter(|_| fits).map(|(added, _)| added)
    }

    fn add(&mut self, candidate: &Candidate) -> Option<(Added, usize)> {
        let count = self.rows_of(candidate)?.count;
        let (mut chi2, mut log_density, mut late_s) = (0.0, 0.0, None);
        for index in 0..count {
            // The later rows are taken at the state that the earlier ones gave.
            let rows = self.rows_of(candidate)?;
            let Row {
                h,
                residual,
                variance,
            } = rows.rows[index];
            let ph: [f64; 3] = std::array::from_fn(|i| dot(&self.covariance[i], &h));
            let s = dot(&h, &ph) + variance;
            chi2 += residual * residual / s;
            let is_time = index + 1 == count;
            let loose = matches!(candidate.timing, Timing::Loose(_));
            if !(is_time && loose) {
                log_density -= 0.5 * (LN_TAU + libm::log(s) + residual * residual / s);
            }
            if index == 0 {
                log_density += rows.log_units;
            }
            if is_time && !loose {
                late_s = Some(residual);
            }
            for (state, gain) in self.state.iter_mut().zip(ph) {
                *state += gain / s * residual;
            }
            for (row, gain) in self.covariance.iter_mut().zip(ph) {
                for (cell, other) in row.iter_mut().zip(ph) {
                    *cell -= gain * other / s;
                }
            }
        }
        self.chi2 += chi2;
        self.rows += count;
        Some((
            Added {
                chi2,
                log_density,
                late_s,
            },
            count,
        ))
    }

    /// The measurements of a candidate; `None` when it cannot have seen the state at all.
    fn rows_of(&self, candidate: &Candidate) -> Option<Rows> {
        let zero = Row {
            h: [0.0; 3],
            residual: 0.0,
            variance: 1.0,
        };
        let mut rows = Rows {
            rows: [zero; 3],
            count: 0,
            log_units: 0.0,
        };
        let mut away = None;
        match candidate.measure {
            Measure::Place(place) => self.place_rows(place, &mut rows),
            Measure::Bearing {
                observer,
                bearing_deg,
                sigma_deg,
            } => {
                let from = self.away(observer);
                rows.push(bearing_row(from, bearing_deg, sigma_deg)?);
                rows.log_units = libm::log(from[2] * std::f64::consts::PI / 180.0);
                away = Some(from);
            }
            Measure::Arrival { station } => away = Some(self.away(station)),
        }
        rows.push(self.time_row(candidate, away));
        Some(rows)
    }

    /// Metres east and north from an observer to the state, and the distance.
    fn away(&self, observer: Position) -> [f64; 3] {
        let (ox, oy) = self.frame.to_xy_m(observer);
        let (dx, dy) = (self.state[0] - ox, self.state[1] - oy);
        [dx, dy, libm::hypot(dx, dy).max(100.0)]
    }

    /// A place, along the axes of its ellipse.
    fn place_rows(&self, place: Place, rows: &mut Rows) {
        let Place {
            position,
            uncertainty,
        } = place;
        let (zx, zy) = self.frame.to_xy_m(position);
        let (dx, dy) = (zx - self.state[0], zy - self.state[1]);
        let angle = uncertainty.bearing_deg.to_radians();
        let (s, c) = (libm::sin(angle), libm::cos(angle));
        let axes = [
            (s, c, uncertainty.semi_major_m),
            (c, -s, uncertainty.semi_minor_m),
        ];
        for (ux, uy, sigma) in axes {
            rows.push(Row {
                h: [ux, uy, 0.0],
                residual: ux * dx + uy * dy,
                variance: sigma * sigma,
            });
        }
    }

    fn time_row(&self, candidate: &Candidate, away: Option<[f64; 3]>) -> Row {
        let (at, sigma_s, wave) = match candidate.timing {
            Timing::Sharp { at, sigma_s, wave } => (at, sigma_s, wave),
            Timing::Loose(window) => {
                let sigma_s = (window.length_s().powi(2) / 12.0 + 1.0).sqrt();
                (window.middle(), sigma_s, None)
            }
        };
        let late_s = seconds_between(self.epoch, at) - self.state[2];
        let Some((wave, [dx, dy, distance_m])) = wave.zip(away) else {
            return Row {
                h: [0.0, 0.0, 1.0],
                residual: late_s,
                variance: sigma_s * sigma_s,
            };
        };
        let speed = wave.speed_m_s;
        let (travel_s, per_m) = (distance_m / speed, 1.0 / (distance_m * speed));
        Row {
            h: [dx * per_m, dy * per_m, 1.0],
            residual: late_s - travel_s,
            variance: sigma_s * sigma_s + (travel_s * wave.share_sigma).powi(2),
        }
    }

    /// The estimated position.
    pub(crate) fn position(&self) -> Position {
        self.frame.to_position(self.state[0], self.state[1])
    }

    /// The estimated time.
    pub(crate) fn at(&self) -> Timestamp {
        plus_seconds(self.epoch, self.state[2])
    }

    /// Standard deviation of the time, seconds.
    pub(crate) fn time_s_sigma(&self) -> f64 {
        self.covariance[2][2].max(0.0).sqrt()
    }

    /// The estimated interval: two standard deviations to each side.
    pub(crate) fn occurred(&self) -> Interval {
        let half_s = 2.0 * self.time_s_sigma();
        Interval {
            start: plus_seconds(self.at(), -half_s),
            end: plus_seconds(self.at(), half_s),
        }
    }

    /// The estimated place. Where the measurements fit worse than their errors allow, the errors
    /// were too small: the covariance grows by the misfit per degree of freedom (Birge's ratio).
    pub(crate) fn place(&self) -> Place {
        let misfit = match self.rows {
            0 => 1.0,
            rows => (self.chi2 / rows as f64).max(1.0),
        };
        let p = &self.covariance;
        let covariance = [p[0][0] * misfit, p[0][1] * misfit, p[1][1] * misfit];
        Place {
            position: self.position(),
            uncertainty: Ellipse::from_covariance_m2(covariance),
        }
    }
}

/// The cost at which a founder claims another candidate: χ² of the second under the first, and
/// what the first does not tell (a wide estimate claims at a higher cost than a narrow one).
pub(crate) fn pair_cost(founder: &Candidate, later: &Candidate) -> Option<f64> {
    let mut joint = Joint::founded(founder);
    joint.join(later).map(|added| -2.0 * added.log_density)
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use truce_core::mission::{
        Detection, Mission, ReportSchedule, Sensor, SensorErrors, SensorKind, SensorNetwork,
    };
    use truce_core::observation::{AcousticDetection, SeismicPhase, SeismicPick};
    use truce_core::{Digest, EventClass, Grade, Location, MessageId, Observation, Reading, Slug};

    use super::*;
    use crate::network::Network;

    const KINDS: [(&str, SensorKind); 2] = [
        ("array", SensorKind::AcousticArray),
        ("station", SensorKind::SeismicStation),
    ];

    fn network() -> Network {
        let slug = |text| Slug::new(text).unwrap();
        let sensor = |(id, kind)| Sensor {
            id: slug(id),
            kind,
            platform: None,
            post: None,
            position: None,
            feed: slug("feed"),
            errors: SensorErrors {
                time_s_sigma: Some(0.5),
                ..SensorErrors::default()
            },
            detects: vec![Detection {
                class: EventClass::Artillery,
                probability: 0.9,
                range_m_half: Some(12e3),
                range_m_width: Some(2e3),
                range_m_spread: None,
                false_share: None,
                needs_clear_sky: false,
            }],
            false_per_day: 1.0,
            latency_s_max: 0.0,
            looks_at_s: Vec::new(),
            look_s_half: 0.0,
            basis: String::new(),
        };
        Network::new(&Mission {
            name: slug("m"),
            title: String::new(),
            summary: String::new(),
            log_origin: String::new(),
            report: ReportSchedule {
                time_zone: "UTC".to_owned(),
                cut_off_hour: 0,
                cut_off_minute: 0,
            },
            horizon_s: 0.0,
            attribution_threshold: 0.5,
            alert_threshold: 0.5,
            direction_threshold: None,
            actors: Vec::new(),
            sectors: Vec::new(),
            calibration: None,
            straits: None,
            sea: truce_core::mission::SeaSettings::default(),
            event_classes: Vec::new(),
            zones: Vec::new(),
            network: SensorNetwork {
                sensors: KINDS.map(sensor).to_vec(),
                ..SensorNetwork::default()
            },
        })
    }

    fn at(east_m: f64, north_m: f64) -> Position {
        Frame::at(Position::new(48.0, 37.0).unwrap()).to_position(east_m, north_m)
    }

    fn time(second: f64) -> Timestamp {
        plus_seconds("2025-03-10T12:00:00Z".parse().unwrap(), second)
    }

    /// What a station hears of an event at the origin at time zero.
    fn heard(what: &str, station: Position, late_s: f64) -> Candidate {
        let (speed, reading) = match what {
            "array" => (340.3, None),
            "P" => (6_000.0, Some(SeismicPhase::P)),
            _ => (3_464.0, Some(SeismicPhase::S)),
        };
        let event = at(0.0, 0.0);
        let second = station.distance_m(event) / speed + late_s;
        let (sensor, location, reading) = match reading {
            None => {
                let location = Location::Bearing {
                    observer: station,
                    bearing_deg: station.bearing_deg(event),
                    bearing_deg_sigma: 2.0,
                    range: None,
                };
                let sound = AcousticDetection {
                    class: None,
                    launch: None,
                    level_db: None,
                    signal_to_noise_db: None,
                };
                ("array", location, Reading::Acoustic(sound))
            }
            Some(phase) => {
                let location = Location::Arrival {
                    station,
                    arrival_s_sigma: 0.2,
                };
                let pick = SeismicPick {
                    phase,
                    signal_to_noise_db: None,
                };
                ("station", location, Reading::Seismic(pick))
            }
        };
        let message = MessageId(Digest::of(
            format!("{what} {station:?} {late_s}").as_bytes(),
        ));
        let observed_at = Interval::instant(time(second));
        let observation = Observation {
            id: Observation::name(message, 0, observed_at),
            message,
            source: Slug::new("feed").unwrap(),
            sensor: Some(Slug::new(sensor).unwrap()),
            observed_at,
            received_at: observed_at.end,
            location: Some(location),
            reading,
            grade: Grade::UNJUDGED,
            signed_by: None,
        };
        Candidate::new(&observation, &network(), 0.0).unwrap()
    }

    #[test]
    fn directions_and_arrivals_find_their_common_source() {
        let cases = [
            vec![
                heard("array", at(-6e3, 0.0), 0.0),
                heard("array", at(0.0, 5e3), 0.0),
            ],
            vec![
                heard("array", at(-6e3, 0.0), 0.0),
                heard("array", at(0.0, 5e3), 0.0),
                heard("P", at(9e3, 9e3), 0.0),
                heard("S", at(9e3, 9e3), 0.0),
            ],
        ];
        for candidates in cases {
            let mut joint = Joint::founded(&candidates[0]);
            for candidate in &candidates[1..] {
                assert!(joint.join(candidate).is_some(), "{candidate:?}");
            }
            let error_m = joint.position().distance_m(at(0.0, 0.0));
            let ellipse = joint.place().uncertainty;
            assert!(
                error_m < 2.0 * ellipse.semi_major_m,
                "{error_m} {ellipse:?}"
            );
            assert!(
                error_m < 300.0 && ellipse.semi_major_m < 500.0,
                "{error_m} {ellipse:?}"
            );
            let late_s = seconds_between(time(0.0), joint.at());
            assert!(late_s.abs() < 2.0 * joint.time_s_sigma() + 0.1, "{late_s}");
            assert!(joint.occurred().start < time(0.5) && joint.occurred().end > time(-0.5));
        }
    }

    #[test]
    fn what_comes_too_late_or_from_behind_does_not_join() {
        let founder = heard("array", at(-6e3, 0.0), 0.0);
        let mut joint = Joint::founded(&founder);
        joint.join(&heard("array", at(0.0, 5e3), 0.0)).unwrap();
        let before = joint.position();
        assert_eq!(joint.join(&heard("P", at(9e3, 9e3), 20.0)), None);
        let mut behind = heard("array", at(0.0, -5e3), 0.0);
        behind.measure = Measure::Bearing {
            observer: at(0.0, -5e3),
            bearing_deg: 180.0,
            sigma_deg: 2.0,
        };
        assert_eq!(joint.join(&behind), None);
        assert_eq!(joint.position(), before);
        assert!(pair_cost(&founder, &heard("array", at(0.0, 5e3), 0.0)).is_some());
        assert!(pair_cost(&founder, &heard("array", at(0.0, 5e3), 60.0)).is_none());
    }

    #[test]
    fn a_misfit_widens_the_ellipse() {
        let spread = |late_s| {
            let mut joint = Joint::founded(&heard("array", at(-6e3, 0.0), 0.0));
            joint.join(&heard("array", at(0.0, 5e3), 0.0)).unwrap();
            joint.join(&heard("P", at(9e3, 9e3), late_s)).unwrap();
            joint.place().uncertainty.semi_major_m
        };
        assert!(spread(1.2) > spread(0.0));
    }
}
