//! Routes against trying every order and sharing of a few sites.

use proptest::prelude::*;

use super::*;

/// Points of a plane; the vehicles start and end at the last two.
fn plane(points: &[(f64, f64)], sites: Vec<Site>, vehicles: Vec<Vehicle>) -> Problem {
    let ends = points.len() - 2;
    let mut places: Vec<(f64, f64)> = points[..ends].to_vec();
    for end in &points[ends..] {
        places.extend(vehicles.iter().map(|_| *end));
    }
    let distance = |a: &(f64, f64), b: &(f64, f64)| libm::hypot(a.0 - b.0, a.1 - b.1);
    Problem {
        sites,
        vehicles,
        metres: places
            .iter()
            .map(|a| places.iter().map(|b| distance(a, b)).collect())
            .collect(),
    }
}

/// The best value over every order and sharing of sites, by trying them all.
fn best_by_hand(problem: &Problem) -> f64 {
    fn extend(
        problem: &Problem,
        vehicle: usize,
        visits: &mut Vec<usize>,
        left: u32,
        best: &mut f64,
        value: f64,
    ) {
        if problem.arrivals_s(vehicle, visits).is_none() {
            return;
        }
        if vehicle + 1 < problem.vehicles.len() {
            extend(problem, vehicle + 1, &mut Vec::new(), left, best, value);
        }
        *best = best.max(value);
        for site in (0..problem.sites.len()).filter(|site| left >> site & 1 == 1) {
            visits.push(site);
            let worth = value + problem.sites[site].value;
            extend(problem, vehicle, visits, left & !(1 << site), best, worth);
            visits.pop();
        }
    }
    let mut best = 0.0;
    extend(
        problem,
        0,
        &mut Vec::new(),
        (1 << problem.sites.len()) - 1,
        &mut best,
        0.0,
    );
    best
}

/// Nobody comes too late or stays out too long, and nobody is visited twice.
fn assert_sound(problem: &Problem, routes: &Routes) {
    let mut seen: Vec<usize> = routes.visits.iter().flatten().copied().collect();
    for (vehicle, visits) in routes.visits.iter().enumerate() {
        let arrivals = problem.arrivals_s(vehicle, visits).expect("in time");
        let end = arrivals.last().expect("the end is always reached");
        assert!((end - routes.time_s[vehicle]).abs() < 1e-6);
    }
    let value: f64 = seen.iter().map(|site| problem.sites[*site].value).sum();
    assert!((value - routes.value).abs() < 1e-9);
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn small_problems_are_solved_as_by_trying_everything(
        points in proptest::collection::vec((0.0f64..10.0, 0.0f64..10.0), 8),
        sites in proptest::collection::vec((1u32..10, 0.0f64..2.0, proptest::option::of(2.0f64..20.0)), 6),
        limits in proptest::collection::vec(5.0f64..25.0, 1..3),
    ) {
        let site = |(value, stay_s, latest_s): (u32, f64, Option<f64>)| Site {
            value: f64::from(value),
            stay_s,
            latest_s,
        };
        let vehicle = |limit_s| Vehicle { speed_m_s: 1.0, limit_s };
        let problem = plane(
            &points,
            sites.into_iter().map(site).collect(),
            limits.into_iter().map(vehicle).collect(),
        );
        let (direct, best) = (problem.arrivals_s(0, &[]).is_some(), best_by_hand(&problem));
        prop_assume!(direct && problem.vehicles.iter().enumerate().all(|(v, _)| problem.arrivals_s(v, &[]).is_some()));
        let routes = solve(&problem, 3_000, 7);
        assert_sound(&problem, &routes);
        prop_assert!((routes.value - best).abs() < 1e-9, "{} of {best}: {problem:?}", routes.value);
    }
}

/// A site next door does not win over one that is worth a little more and takes all the time.
#[test]
fn value_counts_before_time() {
    let points = [(1.0, 0.0), (9.0, 0.0), (0.0, 0.0), (0.0, 0.0)];
    let site = |value| Site {
        value,
        ..Site::default()
    };
    let vehicle = Vehicle {
        speed_m_s: 1.0,
        limit_s: 18.0,
    };
    let problem = plane(&points, vec![site(10.0), site(10.5)], vec![vehicle]);
    assert_eq!(solve(&problem, 200, 1).value, 20.5);
    let apart = [(-1.0, 0.0), (9.0, 0.0), (0.0, 0.0), (0.0, 0.0)];
    let problem = plane(&apart, vec![site(10.0), site(10.5)], vec![vehicle]);
    assert_eq!(solve(&problem, 200, 1).visits, vec![vec![1]]);
}

#[test]
fn the_same_seed_gives_the_same_routes() {
    let points: Vec<(f64, f64)> = (0..42u32)
        .map(|i| (f64::from(i * 37 % 42), f64::from(i * 23 % 41)))
        .collect();
    let site = |i: u32| Site {
        value: f64::from(1 + i % 7),
        ..Site::default()
    };
    let vehicle = Vehicle {
        speed_m_s: 1.0,
        limit_s: 80.0,
    };
    let problem = plane(&points, (0..40).map(site).collect(), vec![vehicle; 2]);
    let routes = solve(&problem, 2_000, 1);
    assert_sound(&problem, &routes);
    assert_eq!(routes, solve(&problem, 2_000, 1));
    assert!(routes.value > 0.0);
}
