//! Orbits: element sets propagated with SGP4 (Hoots and Roehrich 1980; Vallado and others 2006),
//! and where a satellite then is over the turning Earth.
//!
//! Element sets are defined with the constants of WGS 72; positions come out in the true equator,
//! mean equinox frame and are turned by Greenwich mean sidereal time. Polar motion and UT1 − UTC are
//! left out: together below 500 m on the ground, 0.07 s of flight.

use serde::{Deserialize, Serialize};
use truce_core::Timestamp;
use truce_core::time::seconds_between;

use super::near_earth::{Kilometres, NearEarth};
use super::sincos::sincos;
use crate::watch::NominalOrbit;

/// Turning rate of the Earth against the mean equinox, rad/s (Vallado 2013, 3-40).
pub(super) const EARTH_RATE_RAD_S: f64 = 7.292_115_855_3e-5;
/// Seconds of a Julian year.
const YEAR_S: f64 = 365.25 * 86_400.0;
/// Gravitational constant times mass of the Earth, m³/s² (WGS 84).
const MU_M3_S2: f64 = 3.986_004_418e14;
/// Equatorial radius, metres (WGS 84).
const EQUATOR_M: f64 = 6_378_137.0;

/// Instants of an orbit that are computed at once.
const SIDE_BY_SIDE: usize = 4;

/// Position, m, and velocity, m/s, in the frame of true equator and mean equinox.
pub type Inertial = ([f64; 3], [f64; 3]);

/// Why an element set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElementSetError {
    /// The line of the text, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// A satellite's orbit, ready to be propagated.
#[derive(Debug, Clone)]
pub struct Orbit {
    theory: Theory,
    epoch: Timestamp,
    /// NORAD catalogue number; `None` for an orbit by design.
    pub norad_number: Option<u32>,
}

/// The half of the theory that carries an orbit.
#[derive(Debug, Clone)]
enum Theory {
    NearEarth(Box<NearEarth>),
    DeepSpace(Box<sgp4::Constants>),
}

impl Theory {
    fn new(
        orbit: sgp4::Orbit,
        drag_term: f64,
        epoch_years: f64,
        sidereal: impl Fn(f64) -> f64,
    ) -> Result<Self, String> {
        if let Some(near) = NearEarth::new(&sgp4::WGS72, &orbit, drag_term) {
            return Ok(Self::NearEarth(Box::new(near)));
        }
        let constants = sgp4::Constants::new(sgp4::WGS72, sidereal, epoch_years, drag_term, orbit);
        let constants = constants.map_err(|error| error.to_string())?;
        Ok(Self::DeepSpace(Box::new(constants)))
    }
}

/// The epoch from which SGP4 counts years: 2000-01-01T12:00:00 UTC.
fn j2000() -> Timestamp {
    Timestamp::from_second(946_728_000).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Greenwich mean sidereal time, rad (IAU 1982).
#[must_use]
pub fn sidereal_time_rad(at: Timestamp) -> f64 {
    sgp4::iau_epoch_to_sidereal_time(seconds_between(j2000(), at) / YEAR_S)
}

/// Reads all element sets of a text: pairs of lines that begin with 1 and 2, names between them.
///
/// # Errors
/// The first line that is no element set, with its number.
pub fn element_sets(text: &str) -> Result<Vec<Orbit>, ElementSetError> {
    let mut orbits = Vec::new();
    let mut first: Option<(usize, &str)> = None;
    for (i, line) in text.lines().map(str::trim_end).enumerate() {
        let refuse = |what: String| ElementSetError { line: i + 1, what };
        match (first.take(), line.get(..2)) {
            (Some((_, one)), Some("2 ")) => {
                orbits.push(Orbit::from_lines(one, line).map_err(refuse)?);
            }
            (Some(_), _) => return Err(refuse("a line that begins with 2 is expected".into())),
            (None, Some("1 ")) => first = Some((i, line)),
            (None, Some("2 ")) => return Err(refuse("its first line is missing".into())),
            (None, _) => {}
        }
    }
    match first {
        Some((i, _)) => Err(ElementSetError {
            line: i + 1,
            what: "its second line is missing".to_owned(),
        }),
        None => Ok(orbits),
    }
}

impl Orbit {
    /// An orbit from the two lines of an element set.
    ///
    /// # Errors
    /// Why they are none.
    pub fn from_lines(one: &str, two: &str) -> Result<Self, String> {
        let elements = sgp4::Elements::from_tle(None, one.as_bytes(), two.as_bytes())
            .map_err(|error| error.to_string())?;
        let orbit = sgp4::Orbit::from_kozai_elements(
            &sgp4::WGS72,
            elements.inclination.to_radians(),
            elements.right_ascension.to_radians(),
            elements.eccentricity,
            elements.argument_of_perigee.to_radians(),
            elements.mean_anomaly.to_radians(),
            elements.mean_motion * (std::f64::consts::PI / 720.0),
        )
        .map_err(|error| error.to_string())?;
        let nanoseconds = elements.datetime.and_utc().timestamp_nanos_opt();
        let epoch = nanoseconds.and_then(|ns| Timestamp::from_nanosecond(ns.into()).ok());
        Ok(Self {
            theory: Theory::new(
                orbit,
                elements.drag_term,
                elements.epoch_afspc_compatibility_mode(),
                sgp4::afspc_epoch_to_sidereal_time,
            )?,
            epoch: epoch.ok_or("its epoch is out of range")?,
            norad_number: u32::try_from(elements.norad_id).ok(),
        })
    }

    /// A circular orbit by design, placed at an instant. `None` when SGP4 cannot carry it.
    #[must_use]
    pub fn nominal(design: &NominalOrbit, at: Timestamp) -> Option<Self> {
        let axis_m = EQUATOR_M + design.altitude_m;
        let motion_rad_min = 60.0 * (MU_M3_S2 / axis_m.powi(3)).sqrt();
        // The node's longitude has the local mean solar time of the design.
        let day_s = seconds_between(Timestamp::UNIX_EPOCH, at).rem_euclid(86_400.0);
        let ahead_rad = (design.node_local_time_s - day_s) / 86_400.0 * std::f64::consts::TAU;
        let node_rad = (sidereal_time_rad(at) + ahead_rad).rem_euclid(std::f64::consts::TAU);
        let orbit = sgp4::Orbit::from_kozai_elements(
            &sgp4::WGS72,
            design.inclination_deg.to_radians(),
            node_rad,
            1e-4,
            0.0,
            design.phase_deg.to_radians(),
            motion_rad_min,
        );
        let years = seconds_between(j2000(), at) / YEAR_S;
        let sidereal = sgp4::iau_epoch_to_sidereal_time;
        Some(Self {
            theory: Theory::new(orbit.ok()?, 0.0, years, sidereal).ok()?,
            epoch: at,
            norad_number: None,
        })
    }

    /// Days between the element set and an instant; after some weeks positions drift by minutes.
    #[must_use]
    pub fn age_days(&self, at: Timestamp) -> f64 {
        seconds_between(self.epoch, at) / 86_400.0
    }

    /// Position, m, and velocity, m/s, in the frame of true equator and mean equinox, some minutes
    /// after the epoch. `None` when the orbit has decayed.
    #[must_use]
    pub fn state(&self, minutes: f64) -> Option<Inertial> {
        self.side_by_side([minutes])[0]
    }

    /// The same for many instants, in less time.
    #[must_use]
    pub fn states(&self, minutes: &[f64]) -> Vec<Option<Inertial>> {
        let mut states = Vec::with_capacity(minutes.len());
        let (whole, rest) = minutes.as_chunks::<SIDE_BY_SIDE>();
        for minutes in whole {
            states.extend(self.side_by_side(*minutes));
        }
        states.extend(rest.iter().map(|minutes| self.state(*minutes)));
        states
    }

    fn side_by_side<const N: usize>(&self, minutes: [f64; N]) -> [Option<Inertial>; N] {
        let metres = |(r, v): Kilometres| (r.map(|km| 1e3 * km), v.map(|km_s| 1e3 * km_s));
        match &self.theory {
            Theory::NearEarth(orbit) => orbit.states(minutes).map(|state| state.map(metres)),
            Theory::DeepSpace(constants) => minutes.map(|minutes| {
                let minutes = sgp4::MinutesSinceEpoch(minutes);
                let state = constants.propagate_afspc_compatibility_mode(minutes);
                state
                    .ok()
                    .map(|state| metres((state.position, state.velocity)))
            }),
        }
    }

    /// The orbit over the turning Earth, counted from an instant.
    #[must_use]
    pub fn flight(&self, from: Timestamp) -> Flight {
        Flight {
            start_min: seconds_between(self.epoch, from) / 60.0,
            start_rad: sidereal_time_rad(from),
            orbit: self.clone(),
        }
    }
}

/// A satellite's orbit over the turning Earth, counted from an instant.
#[derive(Debug, Clone)]
pub struct Flight {
    orbit: Orbit,
    /// Minutes from the orbit's epoch to the instant.
    start_min: f64,
    /// How far the Earth has turned at the instant.
    start_rad: f64,
}

impl Flight {
    /// Where the satellite is some seconds after the start. `None` when the orbit has decayed.
    #[must_use]
    pub fn state(&self, after_s: f64) -> Option<State> {
        let (r, v) = self.orbit.state(self.start_min + after_s / 60.0)?;
        Some(to_earth(r, v, self.turned_rad(after_s)))
    }

    /// How far the Earth has turned some seconds after the start.
    fn turned_rad(&self, after_s: f64) -> f64 {
        self.start_rad + EARTH_RATE_RAD_S * after_s
    }

    /// The path between two times, propagated at least every `step_s` seconds.
    #[must_use]
    pub fn path(&self, from_s: f64, until_s: f64, step_s: f64) -> Ephemeris {
        #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
        let steps = ((until_s - from_s) / step_s).ceil().max(1.0) as u32;
        let after_s = |i: u32| from_s + f64::from(i) * step_s;
        let minutes: Vec<f64> = (0..=steps)
            .map(|i| self.start_min + after_s(i) / 60.0)
            .collect();
        let states = self.orbit.states(&minutes);
        let alive = (0..=steps).zip(states).map_while(|(i, state)| {
            let (r, v) = state?;
            Some(to_earth(r, v, self.turned_rad(after_s(i))))
        });
        Ephemeris {
            from_s,
            step_s,
            states: alive.collect(),
        }
    }
}

/// Turns a state into the Earth-fixed frame; the velocity is that over the turning Earth.
fn to_earth(r: [f64; 3], v: [f64; 3], angle_rad: f64) -> State {
    let (s, c) = sincos(angle_rad);
    let turn = |[x, y, z]: [f64; 3]| [c * x + s * y, c * y - s * x, z];
    let (r, v) = (turn(r), turn(v));
    let along = [
        v[0] + EARTH_RATE_RAD_S * r[1],
        v[1] - EARTH_RATE_RAD_S * r[0],
        v[2],
    ];
    State { r, v: along }
}

/// Position, m, and velocity, m/s, in the Earth-fixed frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Position.
    pub r: [f64; 3],
    /// Velocity over the turning Earth.
    pub v: [f64; 3],
}

/// A path over the turning Earth: states in equal steps and a cubic through positions and velocities
/// between them, true to (n h)⁴ / 384 of the radius for a step of h seconds and a mean motion of n
/// rad/s. For low orbits that is 0.3 m at a step of a minute, 3 km at ten.
#[derive(Debug, Clone, Default)]
pub struct Ephemeris {
    /// When the first state is, seconds.
    pub from_s: f64,
    /// Seconds between two states.
    pub step_s: f64,
    /// The states; fewer than asked for when the orbit decays.
    pub states: Vec<State>,
}

impl Ephemeris {
    /// State and acceleration, m/s², at a time; outside of the path the nearest cubic goes on.
    ///
    /// # Panics
    /// When the path has fewer than two states.
    #[must_use]
    pub fn at(&self, at_s: f64) -> (State, [f64; 3]) {
        let steps = (at_s - self.from_s) / self.step_s;
        let last = self.states.len() - 2;
        #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
        let i = (steps.max(0.0) as usize).min(last);
        let (u, h) = (steps - i as f64, self.step_s);
        let (a, b) = (&self.states[i], &self.states[i + 1]);
        let (u2, u3) = (u * u, u * u * u);
        let place = [
            2.0 * u3 - 3.0 * u2 + 1.0,
            u3 - 2.0 * u2 + u,
            3.0 * u2 - 2.0 * u3,
            u3 - u2,
        ];
        let speed = [
            6.0 * u2 - 6.0 * u,
            3.0 * u2 - 4.0 * u + 1.0,
            6.0 * u - 6.0 * u2,
            3.0 * u2 - 2.0 * u,
        ];
        let bend = [12.0 * u - 6.0, 6.0 * u - 4.0, 6.0 - 12.0 * u, 6.0 * u - 2.0];
        let mix = |w: &[f64; 4], scale: f64| {
            std::array::from_fn(|k| {
                let positions = w[0] * a.r[k] + w[2] * b.r[k];
                (positions + h * (w[1] * a.v[k] + w[3] * b.v[k])) * scale
            })
        };
        let state = State {
            r: mix(&place, 1.0),
            v: mix(&speed, 1.0 / h),
        };
        (state, mix(&bend, 1.0 / (h * h)))
    }
}

/// Direction to the sun in the Earth-fixed frame (Astronomical Almanac, low precision: 0.01° until
/// 2050).
#[must_use]
pub fn sun_direction(at: Timestamp) -> [f64; 3] {
    let days = seconds_between(j2000(), at) / 86_400.0;
    let mean_lon_deg = 280.460 + 0.985_647_4 * days;
    let anomaly = (357.528 + 0.985_600_3 * days).to_radians();
    let lon_deg = mean_lon_deg + 1.915 * libm::sin(anomaly) + 0.020 * libm::sin(2.0 * anomaly);
    let (lon, tilt) = (lon_deg.to_radians(), (23.439 - 4e-7 * days).to_radians());
    let (x, y, z) = (
        libm::cos(lon),
        libm::cos(tilt) * libm::sin(lon),
        libm::sin(tilt) * libm::sin(lon),
    );
    let (s, c) = libm::sincos(sidereal_time_rad(at));
    [c * x + s * y, c * y - s * x, z]
}

#[cfg(test)]
mod tests;
