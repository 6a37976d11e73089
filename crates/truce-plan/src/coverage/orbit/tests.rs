//! Orbits against the published verification vectors, and paths against propagation.

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

/// What is computed side by side is what is computed alone, bit for bit; orbits that decay too.
#[test]
fn states_do_not_depend_on_their_neighbours() {
    for (one, two, _) in VERIFICATION {
        let orbit = Orbit::from_lines(one, two).unwrap();
        let minutes: Vec<f64> = (0..=1_001).map(|i| f64::from(i) * 977.0).collect();
        let states = orbit.states(&minutes);
        assert_eq!(states.len(), minutes.len());
        for (minutes, state) in minutes.iter().zip(&states) {
            assert_eq!(orbit.state(*minutes), *state, "{one} {minutes}");
        }
    }
}
