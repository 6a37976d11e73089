//! External programs that a test group needs, and how they come onto the machine.
//!
//! As root on Debian or a system made from it, a missing program is installed through apt. Anywhere
//! else nothing is installed: the message names the package and the way to leave the group out.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::child::{Child, on_path};

/// Where Debian puts the sources of Go packages.
const GO_SOURCES: &str = "/usr/share/gocode/src";

/// A program or library from outside this workspace.
pub(crate) struct Program {
    /// Its package in Debian.
    pub(crate) package: &'static str,
    /// What it is for.
    pub(crate) purpose: &'static str,
    /// Whether it is here.
    pub(crate) found: fn() -> bool,
}

/// The Go toolchain: its transparency-log library checks our log as a stranger would.
pub(crate) const GO: Program = Program {
    package: "golang-go",
    purpose: "runs the Go programs that check the log",
    found: || on_path("go").is_some(),
};

/// The Go library with the signed notes and tiles of the checksum database.
pub(crate) const GO_MOD: Program = Program {
    package: "golang-golang-x-mod-dev",
    purpose: "is the Go library that verifies checkpoints and tiles",
    found: || {
        Path::new(GO_SOURCES)
            .join("golang.org/x/mod/sumdb/tlog")
            .is_dir()
    },
};

/// Checks time-stamp tokens, and signatures for the page on verifying.
pub(crate) const OPENSSL: Program = Program {
    package: "openssl",
    purpose: "judges signatures and time stamps",
    found: || on_path("openssl").is_some(),
};

/// The MQTT broker that feeds are heard from.
pub(crate) const MOSQUITTO: Program = Program {
    package: "mosquitto",
    purpose: "is the MQTT broker that a feed is heard from",
    found: || on_path("mosquitto").is_some(),
};

/// Publishes at that broker.
pub(crate) const MOSQUITTO_CLIENTS: Program = Program {
    package: "mosquitto-clients",
    purpose: "publishes messages at the MQTT broker",
    found: || on_path("mosquitto_pub").is_some(),
};

/// The NATS server that feeds are heard from.
pub(crate) const NATS: Program = Program {
    package: "nats-server",
    purpose: "is the NATS server that a feed is heard from",
    found: || on_path("nats-server").is_some(),
};

/// Runs the page on verifying, and the programs of others that judge us.
pub(crate) const PYTHON: Program = Program {
    package: "python3-venv",
    purpose: "runs the Python programs that judge what we write and read",
    found: || {
        let mut look = std::process::Command::new("python3");
        look.args(["-c", "import venv, ensurepip"]);
        look.stderr(std::process::Stdio::null());
        look.status().is_ok_and(|status| status.success())
    },
};

/// The browser that opens the operating picture.
pub(crate) const CHROMIUM: Program = Program {
    package: "chromium",
    purpose: "opens the operating picture without a screen",
    found: || chromium().is_some(),
};

/// The database that keeps geometry: another's exact geometry decides who is in which zone.
pub(crate) const POSTGRESQL: Program = Program {
    package: "postgresql",
    purpose: "runs a database of its own, in a scratch folder, for PostGIS",
    found: || !installed("/usr/lib/postgresql", "bin/initdb").is_empty(),
};

/// Its geometry.
pub(crate) const POSTGIS: Program = Program {
    package: "postgresql-postgis",
    purpose: "says with its own geometry where tracks enter, leave and cross zones",
    found: || !installed("/usr/share/postgresql", "extension/postgis.control").is_empty(),
};

/// The versions of PostgreSQL under a folder of Debian's that have a file.
fn installed(folder: &str, file: &str) -> Vec<std::path::PathBuf> {
    let versions = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = versions.map(|version| version.path().join(file));
    files.filter(|file| file.is_file()).collect()
}

/// Path of the browser, under any of the names it is packaged as.
pub(crate) fn chromium() -> Option<std::path::PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(on_path)
}

/// Sees that all programs are here, installing what is missing where that is allowed.
///
/// # Errors
/// Names every package that is missing and how to do without it.
pub(crate) fn provide(programs: &[Program], group: &str) -> Result<(), String> {
    let is_missing = |program: &&Program| !(program.found)();
    let missing: Vec<&Program> = programs.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if may_install() {
        install(&missing)?;
    }
    let still: Vec<&Program> = missing.into_iter().filter(is_missing).collect();
    if still.is_empty() {
        Ok(())
    } else {
        Err(explain(&still, group))
    }
}

fn explain(missing: &[&Program], group: &str) -> String {
    let lines = missing.iter().map(|program| {
        format!(
            "needs the package `{}`, which {}",
            program.package, program.purpose
        )
    });
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    format!(
        "{}\n  install it with your system's package manager (Debian: apt-get install {}),\n  \
         or leave the group out with `--without {group}`",
        lines.collect::<Vec<_>>().join("\n"),
        packages.join(" "),
    )
}

fn may_install() -> bool {
    let is_root = fs::read_to_string("/proc/self/status").is_ok_and(|status| is_root(&status));
    let is_debian = fs::read_to_string("/etc/os-release").is_ok_and(|os| is_debian(&os));
    is_root && is_debian && on_path("apt-get").is_some()
}

/// The effective user id, second on the `Uid:` line of proc_pid_status(5), is 0.
fn is_root(status: &str) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    line.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
}

/// os-release(5) names Debian in `ID`, or in `ID_LIKE` for systems made from it.
fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .any(|value| {
            value
                .trim_matches('"')
                .split_whitespace()
                .any(|id| id == "debian")
        })
}

fn install(missing: &[&Program]) -> Result<(), String> {
    static LISTS: OnceLock<Result<(), String>> = OnceLock::new();
    let apt = || Child::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    LISTS
        .get_or_init(|| apt().args(["update", "-q"]).run())
        .clone()?;
    let packages = missing.iter().map(|program| program.package);
    apt()
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(packages)
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known_by_its_effective_id() {
        let check =
            |status: &str, expected: bool| assert_eq!(is_root(status), expected, "{status}");
        check("Name:\tx\nUid:\t0\t0\t0\t0\n", true);
        check("Name:\tx\nUid:\t1000\t0\t0\t0\n", true);
        check("Name:\tx\nUid:\t0\t1000\t0\t0\n", false);
        check("Name:\tx\n", false);
    }

    #[test]
    fn debian_is_known_by_its_release_file() {
        let check = |os: &str, expected: bool| assert_eq!(is_debian(os), expected, "{os}");
        check("NAME=\"Debian GNU/Linux\"\nID=debian\n", true);
        check("ID=ubuntu\nID_LIKE=debian\n", true);
        check("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true);
        check("ID=fedora\nHOME_URL=debian\n", false);
        check("", false);
    }

    #[test]
    fn a_missing_program_is_explained() {
        let missing = Program {
            package: "golang-go",
            purpose: "checks",
            found: || false,
        };
        let text = explain(&[&missing], "interop");
        for part in [
            "`golang-go`",
            "apt-get install golang-go",
            "`--without interop`",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn what_is_here_needs_nothing() {
        let here = Program {
            package: "coreutils",
            purpose: "is here",
            found: || true,
        };
        assert_eq!(provide(&[here], "interop"), Ok(()));
    }
}
