//! The groups of `cargo xtask test`: what each checks, what it needs, how it runs.

use std::ffi::OsString;

use crate::child::{Child, on_path};
use crate::node::Web;
use crate::peers::{self, Peers};
use crate::programs::{
    CHROMIUM, GO, GO_MOD, MOSQUITTO, MOSQUITTO_CLIENTS, NATS, OPENSSL, POSTGIS, POSTGRESQL, PYTHON,
    Program, chromium,
};
use crate::workspace::Workspace;
use crate::{licences, walls};

/// What is built and tested: every crate, with TLS, which a demonstration does without. PDF is left
/// out, as it takes longer to build than all the rest.
const ALL: [&str; 3] = ["--workspace", "--features", "truce/tls"];

/// One group of checks.
pub(crate) struct Group {
    /// What `--only` and `--without` call it.
    pub(crate) name: &'static str,
    /// What it checks, for the help text.
    pub(crate) about: &'static str,
    /// External programs, installed or asked for before it runs.
    pub(crate) needs: &'static [Program],
    /// A group whose failure leaves nothing here to run.
    pub(crate) after: Option<&'static str>,
    /// Runs it.
    pub(crate) run: fn(&Workspace) -> Result<(), String>,
}

/// All groups in the order they run.
pub(crate) const GROUPS: &[Group] = &[
    Group {
        name: "format",
        about: "rustfmt changes nothing",
        needs: &[],
        after: None,
        run: |workspace| {
            let rooms = Child::cargo().args(["fmt", "--all", "--check"]).run();
            let fuzz = Child::cargo().args(["fmt", "--check"]);
            rooms.and(fuzz.args(of_fuzz(workspace)).run())
        },
    },
    Group {
        name: "clippy",
        about: "clippy and the compiler warn of nothing",
        needs: &[],
        after: None,
        run: |workspace| {
            let lints = ["--all-targets", "--", "-D", "warnings"];
            let rooms = Child::cargo().args(["clippy"]).args(ALL).args(lints).run();
            let fuzz = Child::cargo().args(["clippy", "--locked", "--no-default-features"]);
            let fuzz = fuzz
                .args(of_fuzz(workspace))
                .args(["--target-dir".as_ref(), workspace.target.as_os_str()]);
            rooms.and(fuzz.args(lints).run())
        },
    },
    Group {
        name: "walls",
        about: "no room opens on a neighbour, no pure room touches the world",
        needs: &[],
        after: None,
        run: |workspace| holds(walls::run(workspace)?, "a wall is broken"),
    },
    Group {
        name: "licences",
        about: "every package has a licence and an origin that deny.toml allows",
        needs: &[],
        after: None,
        run: run_licences,
    },
    Group {
        name: "docs",
        about: "the documentation builds without warnings and its examples run",
        needs: &[],
        after: None,
        run: run_docs,
    },
    Group {
        name: "unit",
        about: "tests beside the code",
        needs: &[],
        after: None,
        run: |_| {
            run_tests(&Tests {
                targets: &["--lib", "--bins"],
                only: None,
                peers: None,
            })
        },
    },
    Group {
        name: "integration",
        about: "tests of each crate as a whole, in crates/*/tests/it",
        needs: &[],
        after: None,
        run: |_| {
            run_tests(&Tests {
                targets: &["--test", "it"],
                only: None,
                peers: None,
            })
        },
    },
    Group {
        name: "interop",
        about: "programs that others wrote read what we write",
        needs: &[
            GO,
            GO_MOD,
            POSTGRESQL,
            POSTGIS,
            OPENSSL,
            PYTHON,
            MOSQUITTO,
            MOSQUITTO_CLIENTS,
            NATS,
        ],
        after: None,
        run: |workspace| {
            let peers = Some(peers::provide(workspace));
            run_tests(&Tests {
                targets: &["--test", "it"],
                only: Some("interop_"),
                peers,
            })
        },
    },
    Group {
        name: "web",
        about: "the web page type-checks, passes its tests and builds",
        needs: &[],
        after: None,
        run: run_web,
    },
    Group {
        name: "browser",
        about: "the real server and its page in a headless browser",
        needs: &[CHROMIUM],
        after: Some("web"),
        run: run_browser,
    },
];

/// Turns cargo to the crate `fuzz`, which is a workspace of its own.
fn of_fuzz(workspace: &Workspace) -> [OsString; 2] {
    let manifest = workspace.root.join("fuzz").join("Cargo.toml");
    ["--manifest-path".into(), manifest.into()]
}

fn holds(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

fn run_licences(workspace: &Workspace) -> Result<(), String> {
    let ours = holds(licences::run(&workspace.root)?, "a package is not allowed");
    if on_path("cargo-deny").is_none() {
        println!("cargo-deny is not installed, so duplicates and bans went unchecked");
        return ours;
    }
    // Advisories come over the network, which a test here never needs: `cargo deny check` by hand.
    let theirs = Child::cargo()
        .args(["deny", "--offline", "check", "bans", "sources"])
        .run();
    ours.and(theirs)
}

fn run_docs(_: &Workspace) -> Result<(), String> {
    let built = Child::cargo()
        .args(["doc", "--no-deps", "--document-private-items"])
        .args(ALL)
        .env("RUSTDOCFLAGS", "-D warnings")
        .run();
    let examples = Child::cargo()
        .args(["test", "--doc", "--quiet"])
        .args(ALL)
        .run();
    built.and(examples)
}

/// A selection of Rust tests.
struct Tests {
    targets: &'static [&'static str],
    /// Only ignored tests whose own name starts so; without it, all that are not ignored.
    only: Option<&'static str>,
    /// Programs of others. Among the tests of `only`, those in a module `peers` or `azul` need some of
    /// them and are left out without them.
    peers: Option<Peers>,
}

impl Tests {
    /// The modules whose tests need programs that are not here.
    fn left_out(&self) -> Vec<&'static str> {
        let peers = self.peers.as_ref();
        let here = [
            (
                "peers::",
                peers.is_some_and(|peers| peers.verifiers.is_some()),
            ),
            ("azul::", peers.is_some_and(|peers| peers.azul.is_some())),
        ];
        let missing = here.into_iter().filter(|(_, here)| !here);
        missing.map(|(module, _)| module).collect()
    }
}

/// Runs the tests with cargo-nextest where it is installed, else with cargo itself.
fn run_tests(tests: &Tests) -> Result<(), String> {
    if on_path("cargo-nextest").is_some() {
        let mut args = vec!["nextest", "run", "--no-fail-fast"];
        args.extend(ALL);
        args.extend(tests.targets);
        let without = tests.left_out().into_iter();
        let without: String = without.map(|m| format!(" - test(/^{m}/)")).collect();
        let filter = tests
            .only
            .map(|start| format!("test(/(^|::){start}/){without}"));
        if let Some(filter) = &filter {
            args.extend(["--run-ignored", "only", "-E", filter.as_str()]);
        }
        // Nextest itself fails when the selection holds no test.
        return with_peers(Child::cargo().args(args), tests).run();
    }
    let mut harness = Vec::new();
    if let Some(start) = tests.only {
        harness.extend(["--ignored", start]);
        for module in tests.left_out() {
            harness.extend(["--skip", module]);
        }
    }
    let cargo = |flags: &[&str]| {
        Child::cargo()
            .args(["test", "--no-fail-fast"])
            .args(ALL)
            .args(tests.targets)
            .args(flags)
            .args(&harness)
    };
    let listed = cargo(&["--quiet", "--", "--list"]).read()?;
    holds(
        listed.lines().any(|line| line.ends_with(": test")),
        "the selection holds no test",
    )?;
    with_peers(cargo(&["--"]), tests).run()
}

fn with_peers(child: Child, tests: &Tests) -> Child {
    let named = tests.peers.iter().flat_map(|peers| {
        let verifiers = peers.verifiers.iter().map(|at| ("TRUCE_PEERS", at));
        let readers = peers.readers.iter().map(|at| ("TRUCE_PEERS_PYTHON", at));
        let azul = peers.azul.iter().map(|at| ("TRUCE_AZUL", at));
        verifiers.chain(readers).chain(azul)
    });
    named.fold(child, |child, (name, at)| child.env(name, at))
}

fn run_web(workspace: &Workspace) -> Result<(), String> {
    let web = Web::ready(&workspace.root)?;
    let checked = web.script("check");
    let tested = web.npm(&["test"]).run();
    let built = web.script("build");
    checked.and(tested).and(built)
}

fn run_browser(workspace: &Workspace) -> Result<(), String> {
    let web = Web::ready(&workspace.root)?;
    web.script("build")?;
    Child::cargo()
        .args(["build", "--package", "truce", "--release"])
        .run()?;
    let binary = format!("truce{}", std::env::consts::EXE_SUFFIX);
    let chromium = chromium().ok_or("chromium is not on the search path")?;
    web.npm(&["run", "test:browser"])
        .env("TRUCE_BIN", workspace.target.join("release").join(binary))
        .env("CHROMIUM", chromium)
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_apart_and_wait_only_for_earlier_ones() {
        for (at, group) in GROUPS.iter().enumerate() {
            let earlier = &GROUPS[..at];
            assert!(
                earlier.iter().all(|other| other.name != group.name),
                "{}",
                group.name
            );
            if let Some(after) = group.after {
                assert!(
                    earlier.iter().any(|other| other.name == after),
                    "{}",
                    group.name
                );
            }
        }
    }
}
