//! SGP4 for orbits below 225 minutes (Hoots and Roehrich 1980; Vallado and others 2006, AIAA
//! 2006-6753): everything that does not depend on time is computed once, and angles that the theory
//! adds to each other are added by their sines and cosines.
//!
//! Names of the constants are those of the reference code of AIAA 2006-6753, so that each line can be
//! compared with it. Units inside are its own: radii of the Earth, minutes, radians.

use super::lanes::{Lanes, Mask};
use super::sincos::{sincos, sincos_lanes, sincos_small};
use sgp4::Geopotential;

/// Shortest period that the theory leaves to its deep-space half, minutes.
const DEEP_SPACE_MIN: f64 = 225.0;
/// Orbits more eccentric than this hit the ground before they reach [`DEEP_SPACE_MIN`]; up to it
/// true and mean anomalies differ by less than an eighth of a turn.
const ECCENTRICITY_MAX: f64 = 0.6;
/// A step of Newton's rule for Kepler's equation after which the next would be below 1e-12.
const LAST_STEP_RAD: f64 = 1e-6;
/// Most steps; four are enough for [`ECCENTRICITY_MAX`].
const STEPS_MAX: u32 = 10;

/// Position, km, and velocity, km/s.
pub(super) type Kilometres = ([f64; 3], [f64; 3]);

/// An orbit, ready to be propagated.
#[derive(Debug, Clone)]
pub(super) struct NearEarth {
    radius_km: f64,
    xke: f64,
    j2: f64,
    ecco: f64,
    mo: f64,
    argpo: f64,
    nodeo: f64,
    mdot: f64,
    argpdot: f64,
    nodedot: f64,
    nodecf: f64,
    /// Semi-major axis.
    ao: f64,
    no_unkozai: f64,
    cc1: f64,
    bstar_cc4: f64,
    t2cof: f64,
    xlcof: f64,
    aycof: f64,
    con41: f64,
    x1mth2: f64,
    x7thm1: f64,
    sinio: f64,
    cosio: f64,
    /// What drag adds above 220 km.
    high: Option<High>,
}

/// What drag adds where the perigee lies above 220 km.
#[derive(Debug, Clone)]
struct High {
    omgcof: f64,
    xmcof: f64,
    eta: f64,
    delmo: f64,
    sinmao: f64,
    bstar_cc5: f64,
    d2: f64,
    d3: f64,
    d4: f64,
    t3cof: f64,
    t4cof: f64,
    t5cof: f64,
}

/// What drag does, by the density of the air at the perigee.
struct Drag {
    eta: f64,
    sfour: f64,
    tsi: f64,
    coef: f64,
    coef1: f64,
    cc1: f64,
    cc4: f64,
}

impl NearEarth {
    /// The constants of an orbit at its epoch; `None` when it belongs to the deep-space half.
    pub(super) fn new(earth: &Geopotential, orbit: &sgp4::Orbit, bstar: f64) -> Option<Self> {
        let (no, ecco) = (orbit.mean_motion, orbit.eccentricity);
        let deep = std::f64::consts::TAU / no >= DEEP_SPACE_MIN;
        if deep || !(0.0..ECCENTRICITY_MAX).contains(&ecco) {
            return None;
        }
        let (sinio, cosio) = sincos(orbit.inclination);
        let (cosio2, eccsq) = (cosio * cosio, ecco * ecco);
        let cosio4 = cosio2 * cosio2;
        let omeosq = 1.0 - eccsq;
        let rteosq = omeosq.sqrt();
        let ao = libm::cbrt(earth.ke / no * (earth.ke / no));
        let con42 = 1.0 - 5.0 * cosio2;
        let con41 = -con42 - 2.0 * cosio2;
        let pinvsq = 1.0 / (ao * omeosq * ao * omeosq);
        let drag = Drag::new(earth, orbit, ao, bstar);
        let temp1 = 1.5 * earth.j2 * pinvsq * no;
        let temp2 = 0.5 * temp1 * earth.j2 * pinvsq;
        let temp3 = -0.468_75 * earth.j4 * pinvsq * pinvsq * no;
        let xhdot1 = -temp1 * cosio;
        let j3oj2 = earth.j3 / earth.j2;
        let divisor = if (1.0 + cosio).abs() > 1.5e-12 {
            1.0 + cosio
        } else {
            1.5e-12
        };
        let rp = ao * (1.0 - ecco);
        let is_high = rp >= 220.0 / earth.ae + 1.0;
        Some(Self {
            radius_km: earth.ae,
            xke: earth.ke,
            j2: earth.j2,
            ecco,
            mo: orbit.mean_anomaly,
            argpo: orbit.argument_of_perigee,
            nodeo: orbit.right_ascension,
            mdot: no
                + 0.5 * temp1 * rteosq * con41
                + 0.0625 * temp2 * rteosq * (13.0 - 78.0 * cosio2 + 137.0 * cosio4),
            argpdot: -0.5 * temp1 * con42
                + 0.0625 * temp2 * (7.0 - 114.0 * cosio2 + 395.0 * cosio4)
                + temp3 * (3.0 - 36.0 * cosio2 + 49.0 * cosio4),
            nodedot: xhdot1
                + (0.5 * temp2 * (4.0 - 19.0 * cosio2) + 2.0 * temp3 * (3.0 - 7.0 * cosio2))
                    * cosio,
            nodecf: 3.5 * omeosq * xhdot1 * drag.cc1,
            ao,
            no_unkozai: no,
            cc1: drag.cc1,
            bstar_cc4: bstar * drag.cc4,
            t2cof: 1.5 * drag.cc1,
            xlcof: -0.25 * j3oj2 * sinio * (3.0 + 5.0 * cosio) / divisor,
            aycof: -0.5 * j3oj2 * sinio,
            con41,
            x1mth2: 1.0 - cosio2,
            x7thm1: 7.0 * cosio2 - 1.0,
            sinio,
            cosio,
            // Without drag all of it is nothing.
            high: (is_high && bstar != 0.0).then(|| High::new(earth, orbit, ao, bstar, &drag)),
        })
    }

    /// Positions and velocities in the frame of true equator and mean equinox, some minutes after
    /// the epoch. `None` when the orbit has decayed.
    pub(super) fn states<const N: usize>(&self, t: [f64; N]) -> [Option<Kilometres>; N] {
        let (mean, lives) = self.mean_elements(Lanes(t));
        let (sin_argp, cos_argp) = sincos_lanes(mean.argp);
        let axnl = mean.ecc * cos_argp;
        let temp = 1.0 / (mean.a * (1.0 - mean.ecc * mean.ecc));
        let aynl = mean.ecc * sin_argp + temp * self.aycof;
        let el2 = axnl * axnl + aynl * aynl;
        let lives = lives.and(el2.below(1.0));
        // Mean argument of latitude with the long-period terms.
        let u = mean.m + mean.argp + temp * self.xlcof * axnl;
        let (sineo1, coseo1) = kepler(sincos_lanes(u), axnl, aynl);
        let ecose = axnl * coseo1 + aynl * sineo1;
        let esine = axnl * sineo1 - aynl * coseo1;
        // Position and speed in the plane of the orbit.
        let pl = mean.a * (1.0 - el2);
        let rl = mean.a * (1.0 - ecose);
        let per_rl = 1.0 / rl;
        let rdotl = mean.a.sqrt() * esine * per_rl;
        let rvdotl = pl.sqrt() * per_rl;
        let betal = (1.0 - el2).sqrt();
        let temp = esine / (1.0 + betal);
        let sinu = mean.a * per_rl * (sineo1 - aynl - axnl * temp);
        let cosu = mean.a * per_rl * (coseo1 - axnl + aynl * temp);
        let (sin2u, cos2u) = (2.0 * cosu * sinu, 1.0 - 2.0 * sinu * sinu);
        // Short-period terms.
        let per_pl = 1.0 / pl;
        let temp1 = 0.5 * self.j2 * per_pl;
        let temp2 = temp1 * per_pl;
        let mrt = rl * (1.0 - 1.5 * temp2 * betal * self.con41) + 0.5 * temp1 * self.x1mth2 * cos2u;
        // Error 6 of the reference code: below the ground.
        let lives = lives.and(mrt.at_least(1.0));
        let nm_xke = mean.n / self.xke;
        let mvt = rdotl - nm_xke * temp1 * self.x1mth2 * sin2u;
        let rvdot = rvdotl + nm_xke * temp1 * (self.x1mth2 * cos2u + 1.5 * self.con41);
        let (sinsu, cossu) = turned((sinu, cosu), -0.25 * temp2 * self.x7thm1 * sin2u);
        let (snod, cnod) = turned(sincos_lanes(mean.node), 1.5 * temp2 * self.cosio * sin2u);
        let tilt = 1.5 * temp2 * self.cosio * self.sinio * cos2u;
        let (sini, cosi) = turned((Lanes::all(self.sinio), Lanes::all(self.cosio)), tilt);
        let (xmx, xmy) = (-snod * cosi, cnod * cosi);
        let up = [
            xmx * sinsu + cnod * cossu,
            xmy * sinsu + snod * cossu,
            sini * sinsu,
        ];
        let on = [
            xmx * cossu - cnod * sinsu,
            xmy * cossu - snod * sinsu,
            sini * cossu,
        ];
        let km_s = self.radius_km * self.xke / 60.0;
        let r = up.map(|up| mrt * up * self.radius_km);
        let v = [0, 1, 2].map(|k| (mvt * up[k] + rvdot * on[k]) * km_s);
        std::array::from_fn(|i| {
            let lane = |of: &[Lanes<N>; 3]| of.map(|lanes| lanes.0[i]);
            (lives.0[i] != 0).then(|| (lane(&r), lane(&v)))
        })
    }

    /// Secular gravity and drag, and where the orbit has not decayed.
    #[inline(always)]
    fn mean_elements<const N: usize>(&self, t: Lanes<N>) -> (Mean<N>, Mask<N>) {
        let xmdf = self.mo + self.mdot * t;
        let argpdf = self.argpo + self.argpdot * t;
        let t2 = t * t;
        let (mut m, mut argp) = (xmdf, argpdf);
        let mut tempa = 1.0 - self.cc1 * t;
        let mut tempe = self.bstar_cc4 * t;
        let mut templ = self.t2cof * t2;
        if let Some(high) = &self.high {
            let near = 1.0 + high.eta * sincos_lanes(xmdf).1;
            let temp = high.omgcof * t + high.xmcof * (near * near * near - high.delmo);
            m = m + temp;
            argp = argp - temp;
            tempa = tempa - t2 * (high.d2 + t * (high.d3 + t * high.d4));
            tempe = tempe + high.bstar_cc5 * (sincos_lanes(m).0 - high.sinmao);
            templ = templ + t2 * t * (high.t3cof + t * (high.t4cof + t * high.t5cof));
        }
        let ecc = self.ecco - tempe;
        // Behind the zero of the drag's series the orbit would grow again.
        let lives = ecc.at_least(-0.001).and(ecc.below(ECCENTRICITY_MAX));
        let lives = lives.and((-tempa).below(0.0));
        let a = self.ao * tempa * tempa;
        let mean = Mean {
            a,
            n: self.xke / (a * a.sqrt()),
            ecc: ecc.below(1e-6).choose(Lanes::all(1e-6), ecc),
            m: m + self.no_unkozai * templ,
            argp,
            node: self.nodeo + self.nodedot * t + self.nodecf * t2,
        };
        (mean, lives)
    }
}

/// Mean elements at instants.
struct Mean<const N: usize> {
    a: Lanes<N>,
    n: Lanes<N>,
    ecc: Lanes<N>,
    m: Lanes<N>,
    argp: Lanes<N>,
    node: Lanes<N>,
}

/// Sine and cosine of angles to which small ones are added.
#[inline(always)]
fn turned<const N: usize>(
    (sin, cos): (Lanes<N>, Lanes<N>),
    by_rad: Lanes<N>,
) -> (Lanes<N>, Lanes<N>) {
    let (s, c) = sincos_small(by_rad);
    (sin * c + cos * s, cos * c - sin * s)
}

/// Sine and cosine of the eccentric argument of latitude E, where E = u + axnl sin E − aynl cos E.
/// What is solved for is E − u, which is small. A lane that is there stays where it is while others
/// go on.
#[inline(always)]
fn kepler<const N: usize>(
    u: (Lanes<N>, Lanes<N>),
    axnl: Lanes<N>,
    aynl: Lanes<N>,
) -> (Lanes<N>, Lanes<N>) {
    let (mut ahead, mut at, mut found, mut there) = (Lanes::all(0.0), u, u, Mask([0; N]));
    for _ in 0..STEPS_MAX {
        let (sin, cos) = at;
        let off = axnl * sin - aynl * cos - ahead;
        let step = (off / (1.0 - axnl * cos - aynl * sin)).clamp(-0.95, 0.95);
        ahead = ahead + step;
        // To the second order in the step, which is below the last digit.
        let half = 0.5 * step * step;
        found.0 = there.choose(found.0, sin + cos * step - sin * half);
        found.1 = there.choose(found.1, cos - sin * step - cos * half);
        there = there.or(step.abs().below(LAST_STEP_RAD));
        if there.is_full() {
            break;
        }
        at = turned(u, ahead);
    }
    found
}

impl Drag {
    fn new(earth: &Geopotential, orbit: &sgp4::Orbit, ao: f64, bstar: f64) -> Self {
        let (no, ecco) = (orbit.mean_motion, orbit.eccentricity);
        let (sinio, cosio) = sincos(orbit.inclination);
        let omeosq = 1.0 - ecco * ecco;
        let con41 = 3.0 * cosio * cosio - 1.0;
        let (sfour, qzms24) = density(earth, (ao * (1.0 - ecco) - 1.0) * earth.ae);
        let tsi = 1.0 / (ao - sfour);
        let eta = ao * ecco * tsi;
        let (etasq, eeta) = (eta * eta, ecco * eta);
        let psisq = (1.0 - etasq).abs();
        let coef = qzms24 * tsi.powi(4);
        let coef1 = coef / (psisq.powi(3) * psisq.sqrt());
        let shape = 1.0 + 1.5 * etasq + eeta * (4.0 + etasq);
        let flat = 0.375 * earth.j2 * tsi / psisq * con41 * (8.0 + 3.0 * etasq * (8.0 + etasq));
        let cc1 = bstar * coef1 * no * (ao * shape + flat);
        let round = -3.0 * con41 * (1.0 - 2.0 * eeta + etasq * (1.5 - 0.5 * eeta));
        let turning = 0.75 * sinio * sinio * (2.0 * etasq - eeta * (1.0 + etasq));
        let turning = turning * sincos(2.0 * orbit.argument_of_perigee).1;
        let pull = earth.j2 * tsi / (ao * psisq) * (round + turning);
        let thrown = eta * (2.0 + 0.5 * etasq) + ecco * (0.5 + 2.0 * etasq);
        Self {
            eta,
            sfour,
            tsi,
            coef,
            coef1,
            cc1,
            cc4: 2.0 * no * coef1 * ao * omeosq * (thrown - pull),
        }
    }
}

/// The parameters s and (q₀ − s)⁴ of the air's density for a height of the perigee.
fn density(earth: &Geopotential, perigee_km: f64) -> (f64, f64) {
    let s_km = if perigee_km >= 156.0 {
        78.0
    } else if perigee_km >= 98.0 {
        perigee_km - 78.0
    } else {
        20.0
    };
    (s_km / earth.ae + 1.0, ((120.0 - s_km) / earth.ae).powi(4))
}

impl High {
    fn new(earth: &Geopotential, orbit: &sgp4::Orbit, ao: f64, bstar: f64, drag: &Drag) -> Self {
        let (no, ecco) = (orbit.mean_motion, orbit.eccentricity);
        let Drag {
            eta,
            sfour,
            tsi,
            coef,
            coef1,
            cc1,
            ..
        } = *drag;
        let eeta = ecco * eta;
        let is_elliptic = ecco > 1e-4;
        let cos_argp = sincos(orbit.argument_of_perigee).1;
        let sinio = sincos(orbit.inclination).0;
        let cc3 = -2.0 * coef * tsi * earth.j3 / earth.j2 * no * sinio / ecco;
        let (sinmao, cosmao) = sincos(orbit.mean_anomaly);
        let cc1sq = cc1 * cc1;
        let d2 = 4.0 * ao * tsi * cc1sq;
        let temp = d2 * tsi * cc1 / 3.0;
        let d3 = (17.0 * ao + sfour) * temp;
        let d4 = 0.5 * temp * ao * tsi * (221.0 * ao + 31.0 * sfour) * cc1;
        let omeosq = 1.0 - ecco * ecco;
        let cc5 = 2.0 * coef1 * ao * omeosq * (1.0 + 2.75 * (eta * eta + eeta) + eeta * eta * eta);
        let when_elliptic = |value: f64| if is_elliptic { value } else { 0.0 };
        Self {
            omgcof: when_elliptic(bstar * cc3 * cos_argp),
            xmcof: when_elliptic(-2.0 / 3.0 * coef * bstar / eeta),
            eta,
            delmo: (1.0 + eta * cosmao).powi(3),
            sinmao,
            bstar_cc5: bstar * cc5,
            d2,
            d3,
            d4,
            t3cof: d2 + 2.0 * cc1sq,
            t4cof: 0.25 * (3.0 * d3 + cc1 * (12.0 * d2 + 10.0 * cc1sq)),
            t5cof: 0.2
                * (3.0 * d4 + 12.0 * cc1 * d3 + 6.0 * d2 * d2 + 15.0 * cc1sq * (2.0 * d2 + cc1sq)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sgp4::{Constants, MinutesSinceEpoch, WGS72};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// The crate `sgp4`, which follows the reference code line by line, is the judge: low and
        /// high perigees, round and long orbits, all inclinations, a year of drag: to a centimetre.
        #[test]
        fn the_reference_is_at_the_same_place(
            perigee_km in 90.0f64..2_000.0,
            ecco in prop_oneof![Just(1e-4), 1e-7f64..1e-3, 1e-3f64..0.45],
            inclination_deg in 0.0f64..180.0,
            angles in prop::array::uniform3(0.0f64..std::f64::consts::TAU),
            bstar in prop_oneof![Just(0.0), 1e-6f64..1e-3],
            days in -30.0f64..400.0,
        ) {
            let axis = (1.0 + perigee_km / WGS72.ae) / (1.0 - ecco);
            let motion = WGS72.ke / (axis * axis.sqrt());
            let [node, argp, mean] = angles;
            let inclination = inclination_deg.to_radians();
            let of = || sgp4::Orbit::from_kozai_elements(
                &WGS72, inclination, node, ecco, argp, mean, motion,
            ).unwrap();
            let Some(ours) = NearEarth::new(&WGS72, &of(), bstar) else {
                return Ok(());
            };
            let theirs = Constants::new(
                WGS72, sgp4::iau_epoch_to_sidereal_time, 25.0, bstar, of(),
            ).unwrap();
            let minutes = days * 1_440.0;
            let expected = theirs.propagate_afspc_compatibility_mode(MinutesSinceEpoch(minutes));
            // One that decayed is nowhere.
            let (Some((r, v)), Ok(expected)) = (ours.states([minutes])[0], expected) else {
                return Ok(());
            };
            // Nor is one that was higher before it was launched than anyone carried it: the drag's
            // series, followed back for weeks, loses its digits.
            let height = expected.position.iter().map(|x| x * x).sum::<f64>().sqrt();
            if height > 1.05 * axis * (1.0 + ecco) * WGS72.ae {
                return Ok(());
            }
            for k in 0..3 {
                prop_assert!((r[k] - expected.position[k]).abs() < 1e-5, "{r:?} {expected:?}");
                prop_assert!((v[k] - expected.velocity[k]).abs() < 1e-8, "{v:?} {expected:?}");
            }
        }
    }
}
