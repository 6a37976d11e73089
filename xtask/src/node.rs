//! The web page: Node, its packages and the build in `web/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::child::{Child, on_path};

/// The oldest Node that the page's build tool runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Copy of the lock file that `node_modules` was installed from.
const STAMP: &str = "node_modules/.installed-from-package-lock.json";

/// The web page's folder, with Node known to be here and the packages installed.
pub(crate) struct Web {
    dir: PathBuf,
}

impl Web {
    /// Checks Node and the folder, and installs the packages when the lock file asks for it.
    ///
    /// # Errors
    /// Says what is missing or too old and where it comes from, or passes on npm's failure.
    pub(crate) fn ready(root: &Path) -> Result<Web, String> {
        check_node()?;
        let web = Web {
            dir: root.join("web"),
        };
        if !web.dir.join("package.json").is_file() {
            return Err("there is no web page in web/: web/package.json is missing".to_owned());
        }
        web.install()?;
        Ok(web)
    }

    /// Runs a script of `package.json`.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) fn script(&self, name: &str) -> Result<(), String> {
        self.npm(&["run", name]).run()
    }

    /// npm in the page's folder.
    pub(crate) fn npm(&self, args: &[&str]) -> Child {
        Child::new(on_path("npm").unwrap_or_else(|| "npm".into()))
            .args(args)
            .within(&self.dir)
    }

    fn install(&self) -> Result<(), String> {
        let lock = fs::read(self.dir.join("package-lock.json"))
            .map_err(|error| format!("cannot read web/package-lock.json: {error}"))?;
        let stamp = self.dir.join(STAMP);
        if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            return Ok(());
        }
        self.npm(&["ci", "--no-audit", "--no-fund"]).run()?;
        fs::write(&stamp, lock)
            .map_err(|error| format!("cannot write {}: {error}", stamp.display()))
    }
}

/// Node and npm are here and new enough.
///
/// # Errors
/// Says what is missing and where it comes from.
pub(crate) fn check_node() -> Result<(), String> {
    let (major, minor) = NODE_MIN;
    let need = format!(
        "the web page needs Node {major}.{minor} or newer with npm; see nodejs.org or your \
         system's packages"
    );
    for program in ["node", "npm"] {
        if on_path(program).is_none() {
            return Err(format!("`{program}` is not on the search path: {need}"));
        }
    }
    let version = Child::new("node").args(["--version"]).read()?;
    match parse_version(&version) {
        Some(found) if found >= NODE_MIN => Ok(()),
        _ => Err(format!("Node {} is too old: {need}", version.trim())),
    }
}

/// Major and minor of `v20.19.1`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let check = |text: &str, expected| assert_eq!(parse_version(text), expected, "{text}");
        check("v20.19.1\n", Some((20, 19)));
        check("v9.1.0", Some((9, 1)));
        check("20.19.1", None);
        check("v20", None);
        let is_enough = |text| parse_version(text).is_some_and(|found| found >= NODE_MIN);
        let enough = ["v9.30.0", "v20.18.9", "v20.19.0", "v22.0.0"].map(is_enough);
        assert_eq!(enough, [false, false, true, true]);
    }

    #[test]
    fn a_missing_page_is_an_error() {
        let root = crate::scratch::Scratch::new();
        assert!(Web::ready(root.path()).is_err());
    }
}
