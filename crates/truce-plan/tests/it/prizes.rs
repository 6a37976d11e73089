//! Generated problems of visiting sites for their worth, and PyVRP's answer to them: prize-collecting
//! routes with a longest duration, whose prizes weigh more than any way.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use truce_plan::tasks::{Problem, Site, Vehicle};

/// Number of sites, of vehicles, and their longest time, seconds at 1 m/s.
pub(crate) const SIZES: [(usize, usize, u32); 6] = [
    (50, 3, 12_000),
    (100, 4, 14_000),
    (150, 5, 14_000),
    (200, 6, 14_000),
    (350, 8, 15_000),
    (500, 10, 15_000),
];

/// Sites spread over a square of 10 km by 10 km, half of them in clusters, worth 1 to 100; all
/// vehicles start and end at its middle. Where `with_deadlines` is set a visit takes up to five
/// minutes and a quarter of the sites has a deadline. All distances are whole metres.
pub(crate) fn generate(
    sites: usize,
    vehicles: usize,
    limit_s: u32,
    with_deadlines: bool,
) -> Problem {
    let seed = 2025 + sites as u64 + u64::from(with_deadlines);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |bound: u32| f64::from(random.next_u32() % bound);
    let centres: Vec<[f64; 2]> = (0..6).map(|_| [below(10_000), below(10_000)]).collect();
    let mut places: Vec<[f64; 2]> = Vec::new();
    let mut all: Vec<Site> = Vec::new();
    for i in 0..sites {
        places.push(match i % 2 {
            0 => [below(10_000), below(10_000)],
            _ => centres[i / 2 % 6].map(|x| (x - 1_000.0 + below(2_000)).clamp(0.0, 10_000.0)),
        });
        let (value, stay_s) = (1.0 + below(100), below(300));
        let (is_urgent, latest_s) = (below(4) == 0.0, 3_000.0 + below(limit_s - 3_000));
        all.push(Site {
            value,
            stay_s: if with_deadlines { stay_s } else { 0.0 },
            latest_s: (with_deadlines && is_urgent).then_some(latest_s),
        });
    }
    places.resize(sites + 2 * vehicles, [5_000.0, 5_000.0]);
    let metres = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]).round();
    let vehicle = Vehicle {
        speed_m_s: 1.0,
        limit_s: f64::from(limit_s),
    };
    Problem {
        sites: all,
        vehicles: vec![vehicle; vehicles],
        metres: places
            .iter()
            .map(|a| places.iter().map(|b| metres(a, b)).collect())
            .collect(),
    }
}

/// A generated problem as PyVRP is told it, with its budget: iterations or seconds of the processor.
pub(crate) fn question(problem: &Problem, budget: &Value) -> Value {
    let sites = problem.sites.len();
    let site = |site: &Site| json!([site.value, site.stay_s, site.latest_s]);
    let kept = (0..=sites).map(|i| &problem.metres[i][..=sites]);
    json!({
        "sites": problem.sites.iter().map(site).collect::<Vec<_>>(),
        "metres": kept.collect::<Vec<_>>(),
        "vehicles": problem.vehicles.len(),
        "limit": problem.vehicles[0].limit_s,
        "budget": budget,
    })
}

/// Answers each question with the value of PyVRP's best routes and the seconds of the processor that
/// it took to find them.
pub(crate) const BY_PYVRP: &str = r#"
import json, sys, time
try:
    from pyvrp import Model
    from pyvrp.stop import MaxIterations
except ImportError:
    sys.exit(77)
class Processor:
    def __init__(self, seconds):
        self.end = time.process_time() + seconds
    def __call__(self, best):
        return time.process_time() >= self.end
for line in sys.stdin:
    q = json.loads(line)
    model, count = Model(), len(q["sites"])
    places = [model.add_location(x=0, y=0) for _ in range(count + 1)]
    depot = model.add_depot(places[count])
    for place, (value, stay, latest) in zip(places, q["sites"]):
        late = {} if latest is None else {"tw_late": int(latest)}
        model.add_client(place, service_duration=int(stay), prize=int(value * 20_000),
                         required=False, **late)
    model.add_vehicle_type(num_available=q["vehicles"], start_depot=depot, end_depot=depot,
                           shift_duration=int(q["limit"]))
    for a, row in zip(places, q["metres"]):
        for b, metres in zip(places, row):
            if a is not b:
                model.add_edge(a, b, distance=int(metres), duration=int(metres))
    budget, begin = q["budget"], time.process_time()
    stop = MaxIterations(budget["iterations"]) if "iterations" in budget else \
        Processor(budget["seconds"])
    result = model.solve(stop=stop, seed=1, display=False)
    value = 0
    if result.is_feasible():
        visits = [visit for route in result.best.routes() for visit in route]
        value = sum(q["sites"][visit.idx][0] for visit in visits if visit.is_client())
    print(json.dumps([value, time.process_time() - begin]), flush=True)
"#;
