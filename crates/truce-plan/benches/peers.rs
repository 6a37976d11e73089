//! Planning beside the programs of others, in the same run: python's compiled SGP4, and PyVRP's
//! prize-collecting routes.
//!
//! ```text
//! TRUCE_PEERS_PYTHON=PYTHON cargo bench -p truce-plan --bench peers
//! ```
//!
//! Both sides take turns on one thread. Seconds are of the processor. Of many propagations the
//! fastest counts, so that what else the machine does is left out; for routes PyVRP gets the seconds
//! that ours took. Without the package nothing is compared.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use truce_plan::coverage::orbit::Orbit;
use truce_plan::tasks::solve;

#[path = "../tests/it/elements.rs"]
mod elements;
#[path = "../tests/it/prizes.rs"]
mod prizes;

use elements::ELEMENTS;

/// Environment variable with the interpreter that has the peers; `python3` without it.
const PYTHON: &str = "TRUCE_PEERS_PYTHON";

fn main() {
    propagation();
    routes();
}

/// A script that answers each line with one.
struct Peer {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a script, which writes a line when it has what it needs. `None` when it has not.
    fn start(script: &str) -> Option<Self> {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(python);
        command.args(["-c", script]).stderr(Stdio::null());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let mut peer = Self {
            questions: child.stdin.take()?,
            answers: BufReader::new(child.stdout.take()?),
            child,
        };
        peer.answer().is_some().then_some(peer)
    }

    fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").expect("the peer listens");
        let answer = self.answer().expect("the peer answers");
        serde_json::from_str(&answer).expect("JSON")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds that this process has had of the processor.
fn processor_s() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// States of one turn, minutes between two of them, and turns.
const STATES: u32 = 5_000;
const EVERY_MIN: f64 = 8.0;
const TURNS: usize = 200;

/// Answers the number of a satellite with the seconds for all its states: one array of satellites
/// and one of epochs, as its documentation recommends for speed.
const BY_SGP4: &str = r#"
import sys, time
import numpy
from sgp4.api import Satrec, SatrecArray, WGS72, accelerated
assert accelerated
elements = [ELEMENTS]
minutes = numpy.arange(STATES) * EVERY_MIN
fleet = []
for one, two in elements:
    satellite = Satrec.twoline2rv(one, two, WGS72)
    days = numpy.full(len(minutes), satellite.jdsatepoch)
    fleet.append((SatrecArray([satellite]), days, satellite.jdsatepochF + minutes / 1440.0))
print("ready", flush=True)
for line in sys.stdin:
    satellites, days, parts = fleet[int(line)]
    begin = time.process_time()
    errors, r, v = satellites.sgp4(days, parts)
    taken = time.process_time() - begin
    assert not errors.any()
    print(taken, flush=True)
"#;

/// Propagation by SGP4, positions and velocities of three satellites.
fn propagation() {
    let elements = ELEMENTS.map(|(one, two)| format!("({one:?}, {two:?})"));
    let script = BY_SGP4
        .replace("ELEMENTS", &elements.join(", "))
        .replace("STATES", &STATES.to_string())
        .replace("EVERY_MIN", &EVERY_MIN.to_string());
    let mut peer = Peer::start(&script);
    let minutes: Vec<f64> = (0..STATES).map(|i| f64::from(i) * EVERY_MIN).collect();
    let (mut ours_s, mut theirs_s) = (0.0, 0.0);
    for (i, (one, two)) in ELEMENTS.into_iter().enumerate() {
        let orbit = Orbit::from_lines(one, two).expect("an element set");
        let (mut ours_s_min, mut theirs_s_min) = (f64::MAX, f64::MAX);
        for _ in 0..TURNS {
            if let Some(peer) = &mut peer {
                let taken_s = peer.ask(&json!(i)).as_f64().expect("seconds");
                theirs_s_min = taken_s.min(theirs_s_min);
            }
            let begin_s = processor_s();
            let states = black_box(orbit.states(black_box(&minutes)));
            ours_s_min = (processor_s() - begin_s).min(ours_s_min);
            assert!(states.iter().all(Option::is_some));
        }
        ours_s += ours_s_min;
        theirs_s += theirs_s_min;
    }
    let ns = |seconds: f64| 1e9 * seconds / (f64::from(STATES) * ELEMENTS.len() as f64);
    println!("propagation by SGP4: a state takes {:.0} ns", ns(ours_s));
    if peer.is_some() {
        let times = theirs_s / ours_s;
        println!(
            "  python's sgp4 {:.0} ns: {times:.2} times ours",
            ns(theirs_s)
        );
    } else {
        println!("  python's sgp4 is not there: nothing is compared");
    }
}

/// Trials of ours; the command's default is fewer.
const TRIALS: u32 = 10_000;

/// Routes over generated sites, with and without deadlines.
fn routes() {
    let script = format!(
        "import pyvrp\nprint('ready', flush=True)\n{}",
        prizes::BY_PYVRP
    );
    let mut peer = Peer::start(&script);
    println!(
        "routes, {TRIALS} trials: sites, deadlines, our value, seconds, PyVRP's value, seconds"
    );
    let mut shares = Vec::new();
    for (sites, vehicles, limit_s) in prizes::SIZES {
        for deadlines in [false, true] {
            let problem = prizes::generate(sites, vehicles, limit_s, deadlines);
            let begin_s = processor_s();
            let ours = black_box(solve(black_box(&problem), TRIALS, 1)).value;
            let ours_s = processor_s() - begin_s;
            print!("  {sites:3} {deadlines:5} {ours:7} {ours_s:6.2}");
            if let Some(peer) = &mut peer {
                let budget = json!({ "seconds": ours_s });
                let answer = peer.ask(&prizes::question(&problem, &budget));
                let of = |i: usize| answer[i].as_f64().expect("a number");
                print!(" {:7} {:6.2}", of(0), of(1));
                shares.push(ours / of(0));
            }
            println!();
        }
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    match peer {
        Some(_) => println!("  on average {mean:.4} of PyVRP's value"),
        None => println!("  PyVRP is not there: nothing is compared"),
    }
}
