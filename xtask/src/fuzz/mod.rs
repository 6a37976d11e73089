//! `cargo xtask fuzz`: libFuzzer makes up input for the decoders, guided by the code that it
//! reaches.
//!
//! The crate `fuzz` is built with the counters that guide it, which the stable compiler can put in.
//! Each format has a process, a corpus and a log of its own below `fuzz` in cargo's target folder.
//! The corpus stays from run to run; so does every input that broke something, and each run begins
//! with it.

mod outcome;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::child::{Child, on_path, quoted};
use crate::workspace::Workspace;
use outcome::{Outcome, table};

const PAGE: &str = include_str!("../../../docs/formats.md");

/// Scenes of satellites, which are files and no messages.
const SCENES: &str = "geotiff";

/// Where code counts how often it is reached, and what it compares.
const RUSTFLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longest input, bytes: some messages of any format. Longer ones reach hardly more and cost time.
const INPUT_BYTES_MAX: u32 = 6000;

/// Longest that one input may be read. An input of that size takes milliseconds; the machine may be
/// busy.
const INPUT_S_MAX: u32 = 30;

/// Most memory of a fuzzer with its corpus, MiB. What one input may take is bounded far below.
const MEMORY_MIB_MAX: u32 = 1500;

/// What to fuzz and how long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Campaign {
    /// Formats; none for all.
    pub(crate) formats: Vec<String>,
    /// Time for each format, seconds.
    pub(crate) seconds: u32,
    /// Formats at a time.
    pub(crate) jobs: usize,
    /// Read this once instead.
    pub(crate) input: Option<PathBuf>,
}

impl Default for Campaign {
    fn default() -> Self {
        Self {
            formats: Vec::new(),
            seconds: 60,
            jobs: 1,
            input: None,
        }
    }
}

impl Campaign {
    /// Refuses what cannot run.
    ///
    /// # Errors
    /// When a format does not exist, or an input has not one format.
    pub(crate) fn check(&self) -> Result<(), String> {
        let all = formats();
        for format in &self.formats {
            if !all.contains(&format.as_str()) {
                let all = all.join(", ");
                return Err(format!("there is no format `{format}`; there are {all}"));
            }
        }
        if self.input.is_some() && self.formats.len() != 1 {
            return Err("--input needs the one format that reads it".to_owned());
        }
        if self.seconds == 0 || self.jobs == 0 {
            return Err("--seconds and --jobs are at least 1".to_owned());
        }
        Ok(())
    }

    /// What was asked for once each, in the order of the page.
    fn chosen(&self) -> Vec<&'static str> {
        let mut chosen = formats();
        if !self.formats.is_empty() {
            chosen.retain(|format| self.formats.iter().any(|asked| asked == format));
        }
        chosen
    }
}

/// The formats of `docs/formats.md`, and scenes.
pub(crate) fn formats() -> Vec<&'static str> {
    named(PAGE).chain([SCENES]).collect()
}

/// The formats that a page has a row for.
fn named(page: &str) -> impl Iterator<Item = &str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| [`"));
    let named = rows.filter_map(|row| row.split_once('`'));
    named.map(|(format, _)| format)
}

/// Builds the fuzzer, runs the campaign, and says whether nothing broke.
///
/// # Errors
/// When fuzzing is not possible here, the build fails, or a folder cannot be written.
pub(crate) fn run(workspace: &Workspace, campaign: &Campaign) -> Result<bool, String> {
    let formats = campaign.chosen();
    if let Some(input) = &campaign.input {
        // Before minutes of building.
        fs::metadata(input).map_err(|error| format!("{}: {error}", input.display()))?;
    }
    let fuzzer = Fuzzer {
        program: build(workspace)?,
        home: workspace.target.join("fuzz"),
    };
    if let (Some(input), [format]) = (&campaign.input, formats.as_slice()) {
        let again = fuzzer.of(format).env("RUST_BACKTRACE", "1");
        again.args(limits()).args([input]).run()?;
        println!("nothing broke");
        return Ok(true);
    }
    let outcomes = in_parallel(&formats, campaign.jobs, |format| {
        fuzzer.run(format, campaign.seconds)
    })?;
    print!("\n{}", table(&outcomes));
    Ok(outcomes.iter().all(|outcome| outcome.broke.is_none()))
}

/// Gives each format to one of so many threads, and all outcomes in order.
fn in_parallel(
    formats: &[&'static str],
    jobs: usize,
    run: impl Fn(&'static str) -> Result<Outcome, String> + Sync,
) -> Result<Vec<Outcome>, String> {
    let waiting = Mutex::new(formats.iter().enumerate());
    let next = || waiting.lock().ok()?.next();
    let work = || {
        std::iter::from_fn(next)
            .map(|(at, format)| Ok((at, run(format)?)))
            .collect()
    };
    let work: &(dyn Fn() -> Result<Vec<(usize, Outcome)>, String> + Sync) = &work;
    let mut outcomes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.min(formats.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut outcomes = Vec::new();
        for thread in threads {
            let done = thread.join().map_err(|_| "a thread panicked".to_owned())?;
            outcomes.extend(done?);
        }
        Ok::<_, String>(outcomes)
    })?;
    outcomes.sort_by_key(|(at, _)| *at);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Builds the crate `fuzz` and gives its program.
fn build(workspace: &Workspace) -> Result<PathBuf, String> {
    if !cfg!(all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        any(target_os = "linux", target_os = "macos")
    )) {
        let reason = "fuzzing needs Linux or macOS on x86_64 or aarch64";
        return Err(format!(
            "{reason}: elsewhere the compiler has no counters for it"
        ));
    }
    if std::env::var_os("CXX").is_none() && on_path("c++").is_none() {
        let reason = "fuzzing needs a C++ compiler, which builds libFuzzer";
        return Err(format!(
            "{reason}: on Debian the package g++, elsewhere name one in CXX"
        ));
    }
    let version = Child::new("rustc").args(["-vV"]).read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc does not say its host")?;
    let target = workspace.target.join("fuzz").join("build");
    // With a target named, the flags leave build scripts and macros alone, which run without a
    // fuzzer.
    Child::cargo()
        .args(["build", "--release", "--manifest-path"])
        .args([workspace.root.join("fuzz").join("Cargo.toml")])
        .args(["--target", host, "--target-dir"])
        .args([&target])
        .env("RUSTFLAGS", RUSTFLAGS)
        .run()?;
    Ok(target.join(host).join("release").join("truce-fuzz"))
}

/// What no input may exceed. One that is slow and no more is not reported.
fn limits() -> [String; 3] {
    [
        format!("-timeout={INPUT_S_MAX}"),
        format!("-report_slow_units={INPUT_S_MAX}"),
        format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
    ]
}

/// The built program, and the folder that holds what it finds.
struct Fuzzer {
    program: PathBuf,
    home: PathBuf,
}

impl Fuzzer {
    /// The program for a format.
    fn of(&self, format: &str) -> Child {
        Child::new(&self.program).env("TRUCE_FUZZ_FORMAT", format)
    }

    /// Fuzzes one format and tells how it went.
    fn run(&self, format: &'static str, seconds: u32) -> Result<Outcome, String> {
        let corpus = self.folder("corpus", format)?;
        let broken = self.folder("broken", format)?;
        let seeds = self.of(format).env("TRUCE_FUZZ_SEEDS", &corpus);
        seeds.read()?;
        let log = self.home.join(format!("{format}.log"));
        let file = fs::File::create(&log).map_err(|error| at(&log, &error))?;
        let succeeded = self
            .of(format)
            .args([
                format!("-max_total_time={seconds}"),
                format!("-max_len={INPUT_BYTES_MAX}"),
                format!("-artifact_prefix={}/", broken.display()),
                "-print_final_stats=1".to_owned(),
            ])
            .args(limits())
            .args([&corpus, &broken])
            .write_to(file)?;
        let told = fs::read(&log).map_err(|error| at(&log, &error))?;
        let outcome = Outcome::parse(format, &String::from_utf8_lossy(&told), succeeded);
        println!("{}", outcome.line());
        if let Some(broke) = &outcome.broke {
            println!("  {}", broke.reason);
            println!("  the log: {}", log.display());
            if let Some(input) = &broke.input {
                println!(
                    "  again:   cargo xtask fuzz {format} --input {}",
                    quoted(input)
                );
            }
        }
        Ok(outcome)
    }

    /// A folder for what of a format is kept.
    fn folder(&self, what: &str, format: &str) -> Result<PathBuf, String> {
        let path = self.home.join(what).join(format);
        fs::create_dir_all(&path).map_err(|error| at(&path, &error))?;
        Ok(path)
    }
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign(formats: &[&str]) -> Campaign {
        Campaign {
            formats: formats.iter().map(|&format| format.to_owned()).collect(),
            ..Campaign::default()
        }
    }

    #[test]
    fn the_page_names_the_formats() {
        let page =
            "# Page\n| format | x |\n|---|---|\n| [`nmea`](#nmea) | a |\n| [`cot`](#cot) | b |\n";
        assert_eq!(named(page).collect::<Vec<_>>(), ["nmea", "cot"]);
        let all = formats();
        assert!(all.len() > 20 && all.contains(&"truce-jsonl"), "{all:?}");
    }

    #[test]
    fn each_format_is_chosen_once_and_in_the_order_of_the_page() {
        let check = |asked: &[&str], chosen: &[&str]| {
            assert_eq!(campaign(asked).check(), Ok(()));
            assert_eq!(campaign(asked).chosen(), chosen);
        };
        check(&[], &formats());
        check(
            &["geotiff", "nmea", "aivdm", "nmea"],
            &["aivdm", "nmea", "geotiff"],
        );
    }

    #[test]
    fn what_cannot_run_is_refused() {
        let check = |campaign: &Campaign, part: &str| {
            let error = campaign.check().unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        check(
            &campaign(&["nmae"]),
            "there is no format `nmae`; there are firms-csv, aivdm",
        );
        let input = |formats: &[&str]| Campaign {
            input: Some("x".into()),
            ..campaign(formats)
        };
        check(&input(&[]), "one format");
        check(&input(&["nmea", "cot"]), "one format");
        assert_eq!(input(&["nmea"]).check(), Ok(()));
        check(
            &Campaign {
                seconds: 0,
                ..campaign(&[])
            },
            "at least 1",
        );
        check(
            &Campaign {
                jobs: 0,
                ..campaign(&[])
            },
            "at least 1",
        );
    }

    #[test]
    fn all_formats_are_run_and_told_in_order() {
        let formats = ["a", "b", "c", "d", "e"];
        for jobs in [1, 2, 9] {
            let outcomes = in_parallel(&formats, jobs, |format| {
                Ok(Outcome::parse(format, "", true))
            });
            let run: Vec<&str> = outcomes
                .unwrap()
                .iter()
                .map(|outcome| outcome.format)
                .collect();
            assert_eq!(run, formats, "{jobs}");
            let failed = in_parallel(&formats, jobs, |format| Err(format!("{format} failed")));
            assert!(failed.is_err_and(|error| error.ends_with(" failed")));
        }
    }
}
