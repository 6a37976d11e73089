//! What cargo knows about this workspace: its root, its target folder, its crates.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspace as `cargo metadata` describes it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Folder that cargo builds into.
    pub(crate) target: PathBuf,
    /// All crates, in cargo's order.
    pub(crate) members: Vec<Member>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    /// Package name.
    pub(crate) name: String,
    /// Folder of its manifest.
    pub(crate) dir: PathBuf,
    /// Its manifest, from the workspace root.
    pub(crate) manifest: String,
    /// Direct dependencies of all kinds.
    pub(crate) dependencies: Vec<Dependency>,
}

/// A direct dependency, under the package's own name even when the manifest renames it.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// Package name.
    pub(crate) name: String,
    /// What it is needed for.
    pub(crate) kind: Kind,
}

/// What a dependency is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The crate itself.
    Normal,
    /// Its tests, examples and benches.
    Development,
    /// Its build script.
    Build,
}

impl Workspace {
    /// Asks cargo, without the network and without resolving dependencies.
    ///
    /// # Errors
    /// When cargo does not run or a manifest is wrong.
    pub(crate) fn read() -> Result<Workspace, String> {
        let metadata = metadata(&["--no-deps", "--offline"])?;
        let root = PathBuf::from(text(&metadata, "workspace_root")?);
        let members = list(&metadata, "packages")?;
        Ok(Workspace {
            target: PathBuf::from(text(&metadata, "target_directory")?),
            members: members
                .iter()
                .map(|package| member(package, &root))
                .collect::<Result<_, _>>()?,
            root,
        })
    }
}

/// `cargo metadata` with further arguments, as JSON.
///
/// # Errors
/// When cargo does not run, or fails: then its own message is the error.
pub(crate) fn metadata(arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(manifest_root())
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata is not JSON: {error}"))
}

/// The cargo that started this program, so that a pinned toolchain stays the same.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The text under `key`.
///
/// # Errors
/// When there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value[key]
        .as_str()
        .ok_or_else(|| format!("cargo metadata has no text `{key}`"))
}

/// The list under `key`.
///
/// # Errors
/// When there is none.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value[key]
        .as_array()
        .ok_or_else(|| format!("cargo metadata has no list `{key}`"))
}

/// The checkout that cargo runs this program from; the working folder may be any below it.
///
/// Cargo says it at run time. What it said at compile time is the second choice, because two
/// checkouts that share a target folder may share this program too.
fn manifest_root() -> PathBuf {
    let compiled = env!("CARGO_MANIFEST_DIR").to_owned();
    let xtask = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or(compiled));
    xtask.parent().map_or(xtask.clone(), Path::to_owned)
}

fn member(package: &Value, root: &Path) -> Result<Member, String> {
    let manifest = PathBuf::from(text(package, "manifest_path")?);
    let dependencies = list(package, "dependencies")?;
    Ok(Member {
        name: text(package, "name")?.to_owned(),
        dir: manifest.parent().unwrap_or(root).to_owned(),
        manifest: manifest
            .strip_prefix(root)
            .unwrap_or(&manifest)
            .display()
            .to_string(),
        dependencies: dependencies
            .iter()
            .map(dependency)
            .collect::<Result<_, _>>()?,
    })
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    let kind = match value["kind"].as_str() {
        Some("dev") => Kind::Development,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    };
    Ok(Dependency {
        name: text(value, "name")?.to_owned(),
        kind,
    })
}
