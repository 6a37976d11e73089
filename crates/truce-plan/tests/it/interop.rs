//! Other people's programs judge what planning computes: HiGHS the assignment of forces, python's
//! sgp4 the orbits, PyVRP the routes.
//!
//! The tests write their own problems, so they need no files, only `python3` with `highspy` 1,
//! `sgp4` 2 or `pyvrp` 0.14. They are ignored unless asked for, and say so when the package is not
//! there.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use truce_plan::coverage::orbit::Orbit;
use truce_plan::forces::{Offer, Problem, assign};
use truce_plan::tasks::solve;

use crate::elements::ELEMENTS;
use crate::prizes::{BY_PYVRP, SIZES, generate, question};

/// Exit code of a script when its package is not installed.
const NOT_INSTALLED: i32 = 77;

/// Environment variable with the interpreter that has the judges; `python3` without it.
const PYTHON: &str = "TRUCE_PEERS_PYTHON";

/// Runs a script on lines of JSON and reads one JSON value for each; `None` when the package that it
/// judges with is not installed.
fn judge(script: &str, questions: &[Value]) -> Option<Vec<Value>> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let lines: String = questions
        .iter()
        .map(|question| format!("{question}\n"))
        .collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let _ = writer.join().expect("written");
    if output.status.code() == Some(NOT_INSTALLED) {
        return None;
    }
    assert!(output.status.success(), "the script failed");
    let text = String::from_utf8(output.stdout).expect("text");
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect(),
    )
}

/// One programme after another, as the module says: the first need as well as it can be served, then
/// the second without hurting the first, and so on.
const BY_HIGHS: &str = r#"
import json, sys
try:
    import highspy
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    problem = json.loads(line)
    needs, floors = problem["needs"], []
    for k in range(len(needs)):
        h = highspy.Highs()
        h.setOptionValue("output_flag", False)
        h.setOptionValue("mip_rel_gap", 0.0)
        x = []
        for offer in problem["offers"]:
            row = []
            for gives in offer["gives"]:
                if gives == 0:
                    row.append(None)
                elif offer["whole"]:
                    row.append((gives, h.addBinary()))
                else:
                    row.append((1, h.addIntegral(lb=0, ub=gives)))
            x.append(row)
            used = [v for v in row if v]
            if used:
                h.addConstr(sum(v for _, v in used) <= (1 if offer["whole"] else max(offer["gives"])))
        met = h.addVariable(lb=0, ub=needs[k])
        for j in range(k + 1):
            given = [g * v for g, v in (row[j] for row in x if row[j])]
            if j < k:
                if floors[j]:
                    h.addConstr(sum(given) >= floors[j])
            elif given:
                h.addConstr(sum(given) - met >= 0)
            else:
                h.addConstr(met <= 0)
        h.maximize(met)
        floors.append(round(h.getObjectiveValue()))
    print(json.dumps(floors))
"#;

/// Cells that are empty, offers that can be divided, and whole units of several roles.
fn random_problem(random: &mut ChaCha8Rng) -> Problem {
    let mut below = |bound: u64| u32::try_from(random.next_u64() % bound).expect("small");
    let (offers, needs) = (1 + below(8), 1 + below(6));
    let needs: Vec<u32> = (0..needs).map(|_| below(30)).collect();
    let mut offer = || {
        let (whole, quantity) = (below(2) == 0, below(25));
        let mut gives = || match (below(2), whole) {
            (0, _) => 0,
            (_, true) => below(20),
            (_, false) => quantity,
        };
        Offer {
            whole,
            gives: needs.iter().map(|_| gives()).collect(),
        }
    };
    Problem {
        offers: (0..offers).map(|_| offer()).collect(),
        needs: needs.clone(),
    }
}

#[test]
#[ignore = "needs python3 with highspy 1"]
fn interop_highs_serves_needs_as_we_do() {
    let mut random = ChaCha8Rng::seed_from_u64(2025);
    let problems: Vec<Problem> = (0..300).map(|_| random_problem(&mut random)).collect();
    let question = |problem: &Problem| {
        let offer = |offer: &Offer| json!({ "whole": offer.whole, "gives": offer.gives });
        let offers: Vec<Value> = problem.offers.iter().map(offer).collect();
        json!({ "offers": offers, "needs": problem.needs })
    };
    let questions: Vec<Value> = problems.iter().map(question).collect();
    let Some(answers) = judge(BY_HIGHS, &questions) else {
        eprintln!("highspy is not installed: nothing was compared");
        return;
    };
    assert_eq!(answers.len(), problems.len());
    for (problem, answer) in problems.iter().zip(&answers) {
        assert_eq!(json!(assign(problem).served), *answer, "{problem:?}");
    }
}

const BY_SGP4: &str = r#"
import json, sys
try:
    from sgp4.api import Satrec, WGS72
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    question = json.loads(line)
    satellite = Satrec.twoline2rv(question["one"], question["two"], WGS72)
    day, part = satellite.jdsatepoch, satellite.jdsatepochF
    states = []
    for minutes in question["minutes"]:
        error, r, v = satellite.sgp4_tsince(minutes)
        assert error == 0
        states.append([r, v])
    print(json.dumps(states))
"#;

/// A millimetre, in metres: what rounding leaves after thirty days.
const POSITION_M: f64 = 1e-3;

#[test]
#[ignore = "needs python3 with sgp4 2"]
fn interop_python_sgp4_is_where_we_are() {
    let minutes: Vec<f64> = (0..=720).map(|i| f64::from(i) * 60.0).collect();
    let question =
        |(one, two): &(&str, &str)| json!({ "one": one, "two": two, "minutes": minutes });
    let questions: Vec<Value> = ELEMENTS.iter().map(question).collect();
    let Some(answers) = judge(BY_SGP4, &questions) else {
        eprintln!("sgp4 is not installed: nothing was compared");
        return;
    };
    for ((one, two), states) in ELEMENTS.iter().zip(&answers) {
        let orbit = Orbit::from_lines(one, two).expect("an element set");
        for (minutes, state) in minutes.iter().zip(states.as_array().expect("states")) {
            let (r, _) = orbit.state(*minutes).expect("in orbit");
            for (k, metres) in r.iter().enumerate() {
                let theirs = 1e3 * state[0][k].as_f64().expect("a number");
                assert!(
                    (metres - theirs).abs() < POSITION_M,
                    "{one} {minutes}: {metres} {theirs}"
                );
            }
        }
    }
}

/// Trials of ours, and iterations of PyVRP that take it no less time of the processor when both are
/// optimised; the bench `peers` gives both sides the same seconds.
const TRIALS: u32 = 5_000;
const ITERATIONS: u32 = 500;

#[test]
#[ignore = "needs python3 with pyvrp 0.14"]
fn interop_pyvrp_collects_no_more_than_we_do() {
    let kinds = [false, true];
    let all = SIZES
        .into_iter()
        .flat_map(|size| kinds.map(|deadlines| (size, deadlines)));
    let problems: Vec<_> = all
        .map(|((sites, vehicles, limit_s), deadlines)| {
            generate(sites, vehicles, limit_s, deadlines)
        })
        .collect();
    let budget = json!({ "iterations": ITERATIONS });
    let questions: Vec<Value> = problems.iter().map(|p| question(p, &budget)).collect();
    let Some(answers) = judge(BY_PYVRP, &questions) else {
        eprintln!("pyvrp is not installed: nothing was compared");
        return;
    };
    assert_eq!(answers.len(), problems.len());
    let mut shares = 0.0;
    for (problem, answer) in problems.iter().zip(&answers) {
        let (ours, theirs) = (
            solve(problem, TRIALS, 1),
            answer[0].as_f64().expect("a number"),
        );
        for (vehicle, visits) in ours.visits.iter().enumerate() {
            assert!(
                problem.arrivals_s(vehicle, visits).is_some(),
                "{vehicle} is too late"
            );
        }
        let share = ours.value / theirs;
        println!("{} sites: {} and {theirs}", problem.sites.len(), ours.value);
        assert!(
            share > 0.98,
            "{} sites: {} and {theirs}",
            problem.sites.len(),
            ours.value
        );
        shares += share / problems.len() as f64;
    }
    assert!(shares >= 1.0, "{shares} of PyVRP's value on average");
}
