//! Programs of others that judge what we write and read: from PyPI, in Python environments below
//! `target`, and from crates, in a workspace of their own so that nothing of ours is built with them.
//!
//! Verifiers of the log, and one reader beside them, need Python 3.12; everything else takes any Python 3. Where an environment
//! cannot be made, the group says which judges it left out and why; `TRUCE_PYTHON` names a Python
//! that is neither on the search path nor one of pyenv's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::child::Child;
use crate::workspace::Workspace;

/// An environment and what is installed in it, with the versions that were seen to work.
struct Environment {
    name: &'static str,
    python_minor_min: u32,
    packages: &'static [&'static str],
}

/// Verify the log, and are witnesses of it; and what else needs a Python this new.
const VERIFIERS: Environment = Environment {
    name: "verifiers",
    python_minor_min: 12,
    packages: &[
        "aics-tlog==0.2.1",
        "aics-witness==0.1.0",
        "tlog-scales==0.0.3",
        // Decodes metadata of motion imagery.
        "pymisb==2.0.2",
    ],
};

/// Decode sensors' messages, propagate satellites, solve assignments, plan routes.
const READERS: Environment = Environment {
    name: "readers",
    python_minor_min: 11,
    packages: &[
        "pyais==3.3.1",
        "libais==0.17",
        "pyModeS==3.6.1",
        "asterix_decoder==0.7.11",
        "takproto==3.0.1",
        "klvdata==0.0.3",
        "pymavlink==2.4.50",
        "obspy>=1.4,<2",
        "rasterio>=1.3,<2",
        "sgp4>=2.24,<3",
        "highspy>=1.8,<2",
        "pyvrp==0.14.1",
    ],
};

/// The environments that could be made.
pub(crate) struct Peers {
    /// The folder of the verifiers' programs.
    pub(crate) verifiers: Option<PathBuf>,
    /// The Python that has the readers.
    pub(crate) readers: Option<PathBuf>,
    /// The judge made of crates.
    pub(crate) azul: Option<PathBuf>,
}

/// Where the judge made of crates lies in the workspace.
const AZUL: &str = "crates/truce-ledger/tests/interop/azul/Cargo.toml";

/// Makes the environments that are not there yet.
pub(crate) fn provide(workspace: &Workspace) -> Peers {
    let programs = |environment: &Environment| {
        let made = environment.provide(&workspace.target.join("peers"));
        made.map_err(|why| println!("left out: {} ({why})", environment.packages.join(", ")))
            .ok()
    };
    Peers {
        verifiers: programs(&VERIFIERS),
        readers: programs(&READERS).map(|programs| programs.join("python3")),
        azul: azul(workspace)
            .map_err(|why| println!("left out: signed_note, tlog_tiles, fips204 ({why})"))
            .ok(),
    }
}

/// Builds the judge made of crates, and gives the program.
fn azul(workspace: &Workspace) -> Result<PathBuf, String> {
    let target = workspace.target.join("peers/azul");
    let cargo = Child::cargo().args(["build", "--quiet", "--locked", "--manifest-path"]);
    let cargo = cargo
        .args([workspace.root.join(AZUL)])
        .args(["--target-dir"]);
    cargo.args([&target]).run()?;
    let name = format!("azul-judge{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("debug").join(name))
}

impl Environment {
    /// The folder of its programs.
    fn provide(&self, beside: &Path) -> Result<PathBuf, String> {
        let place = beside.join(self.name);
        let programs = place.join("bin");
        // Written last, so that an environment that was made half is made anew.
        let complete = place.join("complete");
        let wanted = self.packages.join("\n");
        if std::fs::read_to_string(&complete).is_ok_and(|made| made == wanted) {
            return Ok(programs);
        }
        let python = python(self.python_minor_min)
            .ok_or_else(|| format!("needs Python 3.{} or newer", self.python_minor_min))?;
        let venv = Child::new(python).args(["-m", "venv", "--clear"]);
        venv.args([&place]).run()?;
        let pip = Child::new(programs.join("pip")).args(["install", "--quiet"]);
        pip.args(self.packages).run()?;
        std::fs::write(&complete, wanted).map_err(|error| error.to_string())?;
        Ok(programs)
    }
}

fn python(minor_min: u32) -> Option<String> {
    let named = std::env::var("TRUCE_PYTHON").ok();
    let known = ["python3", "python3.14", "python3.13", "python3.12"].map(String::from);
    let test = format!("import sys; sys.exit(sys.version_info < (3, {minor_min}))");
    let new_enough = |python: &String| {
        let mut look = Command::new(python);
        look.args(["-c", &test]);
        look.stdout(Stdio::null()).stderr(Stdio::null());
        look.status().is_ok_and(|status| status.success())
    };
    let all = named.into_iter().chain(known).chain(pyenv());
    all.into_iter().find(new_enough)
}

/// The Pythons that pyenv keeps, newest name first.
fn pyenv() -> Vec<String> {
    let Ok(root) = std::env::var("PYENV_ROOT") else {
        return Vec::new();
    };
    let versions = std::fs::read_dir(Path::new(&root).join("versions"));
    let pythons = versions.into_iter().flatten().flatten();
    let mut pythons: Vec<String> = pythons
        .map(|version| version.path().join("bin/python3"))
        .filter(|python| python.is_file())
        .map(|python| python.display().to_string())
        .collect();
    pythons.sort_unstable_by(|a, b| b.cmp(a));
    pythons
}
