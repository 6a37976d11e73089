//! Verifiers from PyPI that judge the log, in a Python environment of their own below `target`.
//!
//! They need Python 3.12. Where no such Python is found, the group says which judges it left out;
//! `TRUCE_PYTHON` names one that is not on the search path.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::child::Child;
use crate::workspace::Workspace;

/// What is installed, with the versions that were seen to work.
const PACKAGES: &[&str] = &[
    "aics-tlog==0.2.1",
    "aics-witness==0.1.0",
    "tlog-scales==0.0.3",
];

/// The folder with their programs; `None` when there is no Python for them.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn provide(workspace: &Workspace) -> Result<Option<PathBuf>, String> {
    let place = workspace.target.join("peers");
    let programs = place.join("bin");
    if programs.join("tlog-tiles").exists() {
        return Ok(Some(programs));
    }
    let Some(python) = python() else {
        println!(
            "left out: aics-tlog, aics-witness and tlog-scales need Python 3.12 (TRUCE_PYTHON)"
        );
        return Ok(None);
    };
    Child::new(python)
        .args(["-m", "venv"])
        .args([&place])
        .run()?;
    let pip = Child::new(programs.join("pip"));
    pip.args(["install", "--quiet"]).args(PACKAGES).run()?;
    Ok(Some(programs))
}

fn python() -> Option<String> {
    let named = std::env::var("TRUCE_PYTHON").ok();
    let known = ["python3.14", "python3.13", "python3.12", "python3"].map(String::from);
    let new_enough = |python: &String| {
        let mut look = Command::new(python);
        look.args(["-c", "import sys; sys.exit(sys.version_info < (3, 12))"]);
        look.stdout(Stdio::null()).stderr(Stdio::null());
        look.status().is_ok_and(|status| status.success())
    };
    named.into_iter().chain(known).find(new_enough)
}
