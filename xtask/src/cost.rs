//! What a step cost: time on the wall and processor time of the programs it ran.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

/// Clock ticks per second in `/proc/self/stat`: the kernel shows user space 100 on every platform
/// that Rust supports, whatever its own tick is (proc(5), `sysconf(_SC_CLK_TCK)`).
const TICKS_PER_S: f64 = 100.0;

/// A running measurement.
pub(crate) struct Stopwatch {
    started: Instant,
    cpu_s: Option<f64>,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// Time on the wall.
    pub(crate) wall: Duration,
    /// Processor time of finished child programs in seconds, where the platform tells it.
    pub(crate) cpu_s: Option<f64>,
}

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Stopwatch {
        Stopwatch {
            started: Instant::now(),
            cpu_s: children_cpu_s(),
        }
    }

    /// What it cost since the start.
    pub(crate) fn read(&self) -> Cost {
        let cpu_s = children_cpu_s()
            .zip(self.cpu_s)
            .map(|(now, before)| now - before);
        Cost {
            wall: self.started.elapsed(),
            cpu_s,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.wall.as_secs_f64())?;
        match self.cpu_s {
            Some(cpu_s) => write!(f, ", {cpu_s:.1} CPU s"),
            None => Ok(()),
        }
    }
}

/// Processor time of all children that ended and were waited for, with their own children.
fn children_cpu_s() -> Option<f64> {
    parse_children_cpu_s(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 16 and 17 of proc_pid_stat(5): `cutime` and `cstime`. Field 2, the program's name in
/// parentheses, may hold anything, so counting starts behind its last parenthesis at field 3.
fn parse_children_cpu_s(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(16 - 3);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_time_is_read_from_the_kernels_line() {
        let line = "7 (a ) b) S 1 7 7 0 -1 4194304 1 2 3 4 50 60 250 150 20 0 1 0 99 1 2";
        assert_eq!(parse_children_cpu_s(line), Some(4.0));
        assert_eq!(parse_children_cpu_s("7 (a) S 1"), None);
        assert_eq!(parse_children_cpu_s(""), None);
    }

    #[test]
    fn a_cost_is_shown_with_its_units() {
        let wall = Duration::from_millis(1250);
        assert_eq!(
            Cost {
                wall,
                cpu_s: Some(2.04)
            }
            .to_string(),
            "1.2 s, 2.0 CPU s"
        );
        assert_eq!(Cost { wall, cpu_s: None }.to_string(), "1.2 s");
    }
}
