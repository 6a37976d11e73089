//! Running the built command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The example mission.
pub(crate) fn mission() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../missions/ukraine-2025")
}

/// A command of the built program.
pub(crate) fn truce(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truce"));
    command
        .args(arguments)
        .env("TRUCE_LOG", "warn")
        .env_remove("TRUCE_DATA");
    command
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The answer as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        let why = |e| panic!("not JSON: {e}\n{}\n{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(why)
    }

    /// The run, when it ended well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the command with arguments.
pub(crate) fn run(arguments: &[&str]) -> Run {
    truce(arguments).output().unwrap().into()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A short simulated period of the example mission.
pub(crate) struct Simulated {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl std::ops::Deref for Simulated {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

pub(crate) fn capture() -> Simulated {
    let folder = tempfile::tempdir().unwrap();
    let (mission, path) = (mission(), folder.path().join("capture"));
    let mut arguments = vec!["simulate", text(&mission), "--out", text(&path)];
    arguments.extend(["--hours", "1.5", "--seed", "11"]);
    arguments.extend(["--start", "2025-06-10T10:00:00Z"]);
    run(&arguments).ok();
    Simulated {
        _folder: folder,
        path,
    }
}

/// Reads paths into a data folder for the example mission.
pub(crate) fn ingest(data: &Path, paths: &[&Path], more: &[&str]) -> Run {
    let mission = mission();
    let mut arguments = vec![
        "ingest",
        "--data",
        text(data),
        "--mission",
        text(&mission),
        "--format",
        "json",
    ];
    arguments.extend(more);
    arguments.extend(paths.iter().map(|path| text(path)));
    run(&arguments)
}

/// Bytes with every occurrence of some replaced by as many others.
pub(crate) fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "lengths in an archive stay");
    let (mut out, mut found) = (bytes.to_vec(), 0);
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            out[at..at + to.len()].copy_from_slice(to.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "{from} is not there");
    out
}
