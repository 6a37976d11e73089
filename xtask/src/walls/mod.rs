//! The walls between the rooms, as a test.
//!
//! Four walls stand: which room opens on which (`doors`), what the pure rooms leave alone
//! (`purity`), the lint that forbids `unsafe` in every crate, and the `//!` header of every source
//! file. Each break is reported with its place and a hint, all at once. The walls never judge size
//! or style; clippy and rustfmt do.

mod doors;
mod paths;
mod purity;
mod tokens;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// Crates that give the same bytes for the same input, with no world around them.
pub(crate) const PURE: &[&str] = &[
    "truce-core",
    "truce-feeds",
    "truce-fusion",
    "truce-accord",
    "truce-plan",
    "truce-sim",
];

/// A broken wall and where it broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Path from the workspace root.
    pub(crate) file: String,
    /// Line from 1, or 0 for the file as a whole.
    pub(crate) line: usize,
    /// What is wrong and why that matters.
    pub(crate) message: String,
    /// What to do instead.
    pub(crate) hint: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {}\n    hint: {}", self.message, self.hint)
    }
}

/// Every break of every wall in the workspace.
///
/// # Errors
/// When a manifest or source file cannot be read.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Violation>, String> {
    let mut violations = doors::check(&workspace.members);
    violations.extend(check_lints(workspace)?);
    for member in &workspace.members {
        let room = Room {
            name: &member.name,
            root: &workspace.root,
            src: member.dir.join("src"),
        };
        violations.extend(room.check()?);
    }
    Ok(violations)
}

/// Runs the walls, prints what broke, and says whether all stand.
///
/// # Errors
/// When a manifest or source file cannot be read.
pub(crate) fn run(workspace: &Workspace) -> Result<bool, String> {
    let violations = check(workspace)?;
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!(
            "the walls stand: {} crates, {} of them pure",
            workspace.members.len(),
            PURE.len()
        );
    } else {
        println!(
            "{} broken; ARCHITECTURE.md says what each wall is for",
            violations.len()
        );
    }
    Ok(violations.is_empty())
}

/// `unsafe` is forbidden once for all in the root manifest, and every crate takes the lints.
fn check_lints(workspace: &Workspace) -> Result<Vec<Violation>, String> {
    let mut violations = Vec::new();
    let mut require = |dir: &Path, keys: &[&str], expected: &toml::Value, hint: &str| {
        let path = dir.join("Cargo.toml");
        if lookup(&read_toml(&path)?, keys) != Some(expected) {
            violations.push(Violation {
                file: relative(&path, &workspace.root),
                line: 0,
                message: format!(
                    "must say {} = {expected}, since no crate here is unsafe",
                    keys.join(".")
                ),
                hint: hint.to_owned(),
            });
        }
        Ok::<(), String>(())
    };
    require(
        &workspace.root,
        &["workspace", "lints", "rust", "unsafe_code"],
        &toml::Value::from("forbid"),
        "put the line back; unsafe code belongs in a reviewed dependency",
    )?;
    for member in &workspace.members {
        let hint = "add `[lints]` with `workspace = true`";
        require(
            &member.dir,
            &["lints", "workspace"],
            &toml::Value::from(true),
            hint,
        )?;
    }
    Ok(violations)
}

fn read_toml(path: &Path) -> Result<toml::Value, String> {
    let text = read(path)?;
    let table: toml::Table = text
        .parse()
        .map_err(|error| format!("cannot parse {}: {error}", path.display()))?;
    Ok(toml::Value::Table(table))
}

fn lookup<'a>(value: &'a toml::Value, keys: &[&str]) -> Option<&'a toml::Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// One crate's source folder.
struct Room<'a> {
    name: &'a str,
    root: &'a Path,
    src: PathBuf,
}

impl Room<'_> {
    fn check(&self) -> Result<Vec<Violation>, String> {
        let mut files = BTreeSet::new();
        rust_files(&self.src, &mut files)?;
        let mut violations = Vec::new();
        let mut scanned = Vec::new();
        let mut test_files = BTreeSet::new();
        for file in &files {
            let source = read(file)?;
            let name = relative(file, self.root);
            violations.extend(check_header(&name, &source));
            if PURE.contains(&self.name) {
                let (code, modules) = tokens::without_tests(&tokens::tokens(&source));
                test_files.extend(modules.iter().map(|module| module_dir(file).join(module)));
                scanned.push((file, purity::scan(self.name, &name, &code)));
            }
        }
        for (file, found) in scanned {
            if !test_files.iter().any(|module| is_file_of(file, module)) {
                violations.extend(found);
            }
        }
        Ok(violations)
    }
}

/// The folder where the modules of `file` lie.
fn module_dir(file: &Path) -> PathBuf {
    let is_root = ["lib.rs", "main.rs", "mod.rs"]
        .iter()
        .any(|name| file.ends_with(name));
    if is_root {
        file.parent().unwrap_or(file).to_owned()
    } else {
        file.with_extension("")
    }
}

/// Whether `file` is `module.rs` or lies in the folder `module/`.
fn is_file_of(file: &Path, module: &Path) -> bool {
    file.with_extension("") == module || file.starts_with(module)
}

fn check_header(file: &str, source: &str) -> Option<Violation> {
    let opens = source
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with("//!");
    (!opens).then(|| Violation {
        file: file.to_owned(),
        line: 1,
        message: "the file does not open with `//!`, so a reader cannot tell what it is for".into(),
        hint: "say what this room holds, what it never does and which standard it follows".into(),
    })
}

fn rust_files(dir: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let unreadable = |error| format!("cannot read {}: {error}", dir.display());
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_keeps_its_walls() {
        let workspace = Workspace::read().expect("cargo metadata answers");
        let violations = check(&workspace).expect("every file can be read");
        let report: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(report.is_empty(), "{}", report.join("\n"));
    }

    #[test]
    fn every_pure_crate_exists() {
        let workspace = Workspace::read().expect("cargo metadata answers");
        for pure in PURE {
            assert!(
                workspace.members.iter().any(|member| member.name == *pure),
                "{pure}"
            );
        }
    }

    /// Builds a workspace of one crate in a scratch folder and lists the files that break a wall.
    fn check_planted(files: &[(&str, &str)], expected: &[&str]) {
        let root = crate::scratch::Scratch::new();
        for (path, text) in files {
            root.write(path, text);
        }
        let workspace = Workspace {
            root: root.path().to_owned(),
            target: root.path().join("target"),
            members: vec![crate::workspace::Member {
                name: "truce-core".to_owned(),
                dir: root.path().join("crates/truce-core"),
                manifest: "crates/truce-core/Cargo.toml".to_owned(),
                dependencies: Vec::new(),
            }],
        };
        let violations = check(&workspace).expect("every file can be read");
        let places: Vec<String> = violations
            .iter()
            .map(|v| format!("{}:{}", v.file, v.line))
            .collect();
        assert_eq!(places, expected);
    }

    const ROOT: (&str, &str) = (
        "Cargo.toml",
        "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
    );
    const MANIFEST: (&str, &str) = (
        "crates/truce-core/Cargo.toml",
        "[lints]\nworkspace = true\n",
    );
    const LIB: &str = "crates/truce-core/src/lib.rs";

    #[test]
    fn planted_files_break_their_wall() {
        check_planted(&[ROOT, MANIFEST, (LIB, "//! Words.\n")], &[]);
        check_planted(
            &[ROOT, MANIFEST, (LIB, "//! Words.\n\nuse std::fs;\n")],
            &["crates/truce-core/src/lib.rs:3"],
        );
        check_planted(
            &[ROOT, MANIFEST, (LIB, "// Words.\n")],
            &["crates/truce-core/src/lib.rs:1"],
        );
        check_planted(
            &[("Cargo.toml", ""), MANIFEST, (LIB, "//! Words.\n")],
            &["Cargo.toml:0"],
        );
        check_planted(
            &[
                ROOT,
                ("crates/truce-core/Cargo.toml", ""),
                (LIB, "//! Words.\n"),
            ],
            &["crates/truce-core/Cargo.toml:0"],
        );
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_left_out() {
        let lib = (LIB, "//! Words.\nmod a;\n#[cfg(test)]\nmod tests;\n");
        let a = (
            "crates/truce-core/src/a.rs",
            "//! A.\n#[cfg(test)]\nmod tests;\n",
        );
        let tests = (
            "crates/truce-core/src/tests.rs",
            "//! Tests.\nuse std::fs;\n",
        );
        let deep = (
            "crates/truce-core/src/a/tests/deep.rs",
            "//! Tests.\nuse std::fs;\n",
        );
        let stray = (
            "crates/truce-core/src/a/other.rs",
            "//! Code.\nuse std::fs;\n",
        );
        let expected = &["crates/truce-core/src/a/other.rs:2"];
        check_planted(&[ROOT, MANIFEST, lib, a, tests, deep, stray], expected);
    }
}
