//! Orbits: element sets propagated with SGP4 (Hoots and Roehrich 1980; Vallado and others 2006),
//! and where a satellite then is over the turning Earth.
//!
//! Element sets are defined with the constants of WGS 72; positions come out in the true equator,
//! mean equinox frame and are turned by Greenwich mean sidereal time. Polar motion and UT1 − UTC are
//! left out: together below 500 m on the ground, 0.07 s of flight.

use serde::{Deserialize, Serialize};
use truce_core::Timestamp;
use truce_core::time::seconds_between;

use super::near_earth::NearEarth;
use crate::watch::NominalOrbit;

/// Turning rate of the Earth against the mean equinox, rad/s (Vallado 2013, 3-40).
pub(super) const EARTH_RATE_RAD_S: f64 = 7.292_115_855_3e-5;
/// Seconds of a Julian year.
const YEAR_S: f64 = 365.25 * 86_400.0;
/// Gravitational constant times mass of the Earth, m³/s² (WGS 84).
const MU_M3_S2: f64 = 3.986_004_418e14;
/// Equatorial radius, metres (WGS 84).
const EQUATOR_M: f64 = 6_378_137.0;

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
    pub fn state(&self, minutes: f64) -> Option<([f64; 3], [f64; 3])> {
        let (position, velocity) = match &self.theory {
            Theory::NearEarth(orbit) => orbit.state(minutes)?,
            Theory::DeepSpace(constants) => {
                let minutes = sgp4::MinutesSinceEpoch(minutes);
                let state = constants.propagate_afspc_compatibility_mode(minutes);
                let state = state.ok()?;
                (state.position, state.velocity)
            }
        };
        Some((position.map(|km| 1e3 * km), velocity.map(|km_s| 1e3 * km_s)))
    }

    /// The orbit over the turning Earth, counted from an instant.
    #[must_use]
    pub fn flight(&self, from: Timestamp) -> Flight {
        Flight {
            start_min: seconds_between(self.epoch, from) / 60.0,
            turned_rad: sidereal_time_rad(from),
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
    turned_rad: f64,
}

impl Flight {
    /// Where the satellite is some seconds after the start. `None` when the orbit has decayed.
    #[must_use]
    pub fn state(&self, after_s: f64) -> Option<State> {
        let (r, v) = self.orbit.state(self.start_min + after_s / 60.0)?;
        let angle_rad = self.turned_rad + EARTH_RATE_RAD_S * after_s;
        Some(to_earth(r, v, angle_rad))
    }

    /// The path between two times, propagated at least every `step_s` seconds.
    #[must_use]
    pub fn path(&self, from_s: f64, until_s: f64, step_s: f64) -> Ephemeris {
        #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
        let steps = ((until_s - from_s) / step_s).ceil().max(1.0) as u32;
        let states = (0..=steps).map_while(|i| self.state(from_s + f64::from(i) * step_s));
        Ephemeris {
            from_s,
            step_s,
            states: states.collect(),
        }
    }
}

/// Turns a state into the Earth-fixed frame; the velocity is that over the turning Earth.
fn to_earth(r: [f64; 3], v: [f64; 3], angle_rad: f64) -> State {
    let (s, c) = libm::sincos(angle_rad);
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
mod tests {
    use super::*;

    /// Minutes after the epoch, km, km/s.
    type Expected = (f64, [f64; 3], [f64; 3]);

    /// Verification cases of Vallado, Crawford, Hujsak and Kelso, "Revisiting Spacetrack Report #3"
    /// (AIAA 2006-6753), file tcppver.out.
    const VERIFICATION: [(&str, &str, &[Expected]); 3] = [
        (
            "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753",
            "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667",
            &[
                (
                    0.0,
                    [7022.46529266, -1400.08296755, 0.03995155],
                    [1.893841015, 6.405893759, 4.534807250],
                ),
                (
                    360.0,
                    [-7154.03120202, -3783.17682504, -3536.19412294],
                    [4.741887409, -4.151817765, -2.093935425],
                ),
                (
                    720.0,
                    [-7134.59340119, 6531.68641334, 3260.27186483],
                    [-4.113793027, -2.911922039, -2.557327851],
                ),
                (
                    1440.0,
                    [-938.55923943, -6268.18748831, -4294.02924751],
                    [7.536105209, -0.427127707, 0.989878080],
                ),
                (
                    1800.0,
                    [-9680.56121728, 2802.47771354, 124.10688038],
                    [-0.905874102, -4.659467970, -3.227347517],
                ),
            ],
        ),
        (
            "1 06251U 62025E   06176.82412014  .00008885  00000-0  12808-3 0  3985",
            "2 06251  58.0579  54.0425 0030035 139.1568 221.1854 15.56387291  6774",
            &[
                (
                    0.0,
                    [3988.31022699, 5498.96657235, 0.90055879],
                    [-3.290032738, 2.357652820, 6.496623475],
                ),
                (
                    120.0,
                    [-3935.69800083, 409.10980837, 5471.33577327],
                    [-3.374784183, -6.635211043, -1.942056221],
                ),
                (
                    360.0,
                    [4993.62642836, 2890.54969900, -3600.40145627],
                    [0.347333429, 5.707031557, 5.070699638],
                ),
            ],
        ),
        (
            "1 28057U 03049A   06177.78615833  .00000060  00000-0  35940-4 0  1836",
            "2 28057  98.4283 247.6961 0000884  88.1964 271.9322 14.35478080140550",
            &[
                (
                    0.0,
                    [-2715.28237486, -6619.26436889, -0.01341443],
                    [-1.008587273, 0.422782003, 7.385272942],
                ),
                (
                    120.0,
                    [-1816.87920942, -1835.78762132, 6661.07926465],
                    [2.325140071, 6.655669329, 2.463394512],
                ),
                (
                    360.0,
                    [2801.25607157, 5455.03931333, -3692.12865695],
                    [-0.595095864, -3.951923117, -6.298799125],
                ),
            ],
        ),
    ];

    #[test]
    fn published_verification_vectors() {
        for (one, two, states) in VERIFICATION {
            let orbit = Orbit::from_lines(one, two).unwrap();
            assert!(matches!(orbit.norad_number, Some(5 | 6251 | 28057)));
            for (minutes, position, velocity) in states {
                let (r, v) = orbit.state(*minutes).unwrap();
                for k in 0..3 {
                    assert!((r[k] / 1e3 - position[k]).abs() < 1e-6, "{minutes} {r:?}");
                    assert!((v[k] / 1e3 - velocity[k]).abs() < 1e-9, "{minutes} {v:?}");
                }
            }
        }
    }

    #[test]
    fn a_broken_element_set_names_its_line() {
        let (one, two, _) = VERIFICATION[0];
        for (text, line) in [
            (format!("NAME\n{one}\n{two}\n{one}"), 4),
            (two.to_string(), 1),
            (format!("{one}\nNAME"), 2),
            (format!("{one}\n{}", two.replace("34.2682", "34.2683")), 2),
        ] {
            let error = element_sets(&text).unwrap_err();
            assert_eq!(error.line, line, "{error:?}");
        }
        assert_eq!(
            element_sets(&format!("A\n{one}\n{two}\nB\n{one}\n{two}\n"))
                .unwrap()
                .len(),
            2
        );
    }

    fn off(a: [f64; 3], b: [f64; 3]) -> f64 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// Between two steps the path is as true as its description says, and the node stands where the
    /// design wants it.
    #[test]
    fn a_nominal_orbit_flies_as_designed() {
        let design = NominalOrbit {
            altitude_m: 829_000.0,
            inclination_deg: 98.74,
            node_local_time_s: 48_600.0,
            phase_deg: 0.0,
        };
        let at: Timestamp = "2025-09-02T06:00:00Z".parse().unwrap();
        let flight = Orbit::nominal(&design, at).unwrap().flight(at);
        for (step_s, place_m, speed_m_s) in [(60.0, 0.5, 0.05), (600.0, 4_000.0, 30.0)] {
            let path = flight.path(0.0, 86_400.0, step_s);
            for i in 0..1_000 {
                let after_s = f64::from(i) * 86.3;
                let ((found, _), exact) = (path.at(after_s), flight.state(after_s).unwrap());
                let (place, speed) = (off(found.r, exact.r), off(found.v, exact.v));
                assert!(place < place_m, "{step_s} {after_s}: {place} m");
                assert!(speed < speed_m_s, "{step_s} {after_s}: {speed} m/s");
            }
        }
        // At 06:00 UTC the node at 13:30 local time is at 112.5 degrees east.
        let start = flight.state(0.0).unwrap().r;
        let lon_deg = libm::atan2(start[1], start[0]).to_degrees();
        assert!((lon_deg - 112.5).abs() < 0.1, "{lon_deg}");
    }

    #[test]
    fn the_sun_stands_where_it_should() {
        // Equinox, noon at Greenwich: over the equator, 1.9 degrees east by the equation of time.
        let [x, y, z] = sun_direction("2025-03-20T12:00:00Z".parse().unwrap());
        assert!(x > 0.999 && z.abs() < 0.01, "{x} {y} {z}");
        assert!((libm::atan2(y, x).to_degrees() - 1.86).abs() < 0.1, "{y}");
    }
}
