//! `cargo xtask demo`: from a clean checkout to the live picture.

use crate::child::Child;
use crate::cost::Stopwatch;
use crate::node::Web;
use crate::workspace::Workspace;

/// The mission that is shown.
const MISSION: &str = "missions/ukraine-2025";

/// Builds the page and the program, tells what that cost, and lets `truce demo` take over with the
/// given further arguments.
///
/// # Errors
/// When something needed is missing, a build fails, or the program cannot start.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), String> {
    if !workspace.root.join(MISSION).is_dir() {
        return Err(format!("the mission folder {MISSION} is missing"));
    }
    let whole = Stopwatch::start();
    step("packages of the web page", || {
        Web::ready(&workspace.root).map(drop)
    })?;
    step("web page", || Web::ready(&workspace.root)?.script("build"))?;
    step("truce", || {
        let build = ["build", "--release", "--package", "truce", "--bin", "truce"];
        Child::cargo().args(build).within(&workspace.root).run()
    })?;
    println!("built in {}", whole.read());
    let binary = format!("truce{}", std::env::consts::EXE_SUFFIX);
    Child::new(workspace.target.join("release").join(binary))
        .args(["demo", MISSION])
        .args(arguments)
        .within(&workspace.root)
        .take_over()
}

fn step<T>(name: &str, run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    println!("== {name}");
    let watch = Stopwatch::start();
    let made = run()?;
    println!("   {name}: {}", watch.read());
    Ok(made)
}
