//! Planning beside the programs of others, in the same run: python's compiled SGP4.
//!
//! ```text
//! TRUCE_PEERS_PYTHON=PYTHON cargo bench -p truce-plan --bench peers
//! ```
//!
//! Both sides take turns on one thread. Seconds are of the processor, and of many turns the fastest
//! counts, so that what else the machine does is left out. Without the package nothing is compared.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::time::{ClockId, clock_gettime};
use truce_plan::coverage::orbit::Orbit;

/// Environment variable with the interpreter that has the peers; `python3` without it.
const PYTHON: &str = "TRUCE_PEERS_PYTHON";

fn main() {
    propagation();
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
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
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

    /// The answer to a question, as a number.
    fn ask(&mut self, question: &str) -> f64 {
        writeln!(self.questions, "{question}").expect("the peer listens");
        let answer = self.answer().expect("the peer answers");
        answer.parse().expect("a number")
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

/// Near-earth element sets of the published verification file (AIAA 2006-6753, SGP4-VER.TLE).
const ELEMENTS: [(&str, &str); 3] = [
    (
        "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753",
        "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667",
    ),
    (
        "1 06251U 62025E   06176.82412014  .00008885  00000-0  12808-3 0  3985",
        "2 06251  58.0579  54.0425 0030035 139.1568 221.1854 15.56387291  6774",
    ),
    (
        "1 28057U 03049A   06177.78615833  .00000060  00000-0  35940-4 0  1836",
        "2 28057  98.4283 247.6961 0000884  88.1964 271.9322 14.35478080140550",
    ),
];
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
                theirs_s_min = peer.ask(&i.to_string()).min(theirs_s_min);
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
