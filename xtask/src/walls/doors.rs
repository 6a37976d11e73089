//! Which room opens on which.
//!
//! Each crate of the workspace has one line in `DOORS`. Normal, build and development dependencies
//! count alike, because a test that reaches next door soon has the room lean on its neighbour. Pure
//! rooms moreover keep out crates that exist to reach the outside world.

use super::{PURE, Violation};
use crate::workspace::{Kind, Member};

/// A crate and the crates of this workspace that it may depend on.
const DOORS: &[(&str, &[&str])] = &[
    ("truce-core", &[]),
    ("truce-ledger", &[]),
    ("truce-feeds", &["truce-core"]),
    ("truce-fusion", &["truce-core"]),
    ("truce-accord", &["truce-core"]),
    ("truce-plan", &["truce-core"]),
    ("truce-sim", &["truce-core", "truce-feeds"]),
    ("truce-store", &["truce-core"]),
    ("truce-report", &["truce-core"]),
    (
        "truce",
        &[
            "truce-core",
            "truce-ledger",
            "truce-feeds",
            "truce-fusion",
            "truce-accord",
            "truce-plan",
            "truce-sim",
            "truce-store",
            "truce-report",
        ],
    ),
    ("xtask", &[]),
];

/// Outside crates whose whole purpose a pure room forgoes.
const WORLDLY: &[&str] = &[
    "axum",
    "chrono",
    "getrandom",
    "hyper",
    "indicatif",
    "memmap2",
    "mio",
    "notify",
    "rand",
    "rayon",
    "reqwest",
    "rusqlite",
    "socket2",
    "tokio",
    "tracing-subscriber",
    "ureq",
    "walkdir",
];

/// Every dependency that goes through a wall, and every crate without a line in the table.
pub(crate) fn check(members: &[Member]) -> Vec<Violation> {
    members
        .iter()
        .flat_map(|member| check_member(member, members))
        .collect()
}

fn check_member(member: &Member, members: &[Member]) -> Vec<Violation> {
    let Some((_, doors)) = DOORS.iter().find(|(name, _)| *name == member.name) else {
        return vec![violation(
            member,
            format!("crate `{}` has no line in the table of doors", member.name),
            "a new room is a decision: write it into ARCHITECTURE.md and xtask/src/walls/doors.rs",
        )];
    };
    let mut found = Vec::new();
    if member.name != "xtask" && !member.dir.ends_with(format!("crates/{}", member.name)) {
        found.push(violation(
            member,
            format!("crate `{}` does not lie in crates/{0}", member.name),
            "a crate's folder carries the crate's name",
        ));
    }
    for dependency in &member.dependencies {
        let name = dependency.name.as_str();
        let is_room = members.iter().any(|other| other.name == name);
        if is_room && !doors.contains(&name) {
            let opens = if doors.is_empty() {
                "nothing".into()
            } else {
                doors.join(", ")
            };
            found.push(violation(
                member,
                format!(
                    "crate `{}` may not open on `{name}`; it opens on {opens}",
                    member.name
                ),
                "move the shared type to truce-core, or join the two rooms in `truce`",
            ));
        }
        if PURE.contains(&member.name.as_str())
            && dependency.kind == Kind::Normal
            && WORLDLY.contains(&name)
        {
            found.push(violation(
                member,
                format!(
                    "crate `{}` is pure and may not depend on `{name}`",
                    member.name
                ),
                "take what it gives (time, bytes, a seeded generator) as an argument",
            ));
        }
    }
    found
}

fn violation(member: &Member, message: String, hint: &str) -> Violation {
    Violation {
        file: member.manifest.clone(),
        line: 0,
        message,
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::workspace::Dependency;

    fn member(name: &str, dependencies: &[(&str, Kind)]) -> Member {
        Member {
            name: name.to_owned(),
            dir: PathBuf::from(format!("/w/crates/{name}")),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: dependencies
                .iter()
                .map(|&(name, kind)| Dependency {
                    name: name.to_owned(),
                    kind,
                })
                .collect(),
        }
    }

    fn check_one(name: &str, dependencies: &[(&str, Kind)], broken: usize) {
        let others = DOORS
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| *other != name);
        let mut members: Vec<Member> = others.map(|other| member(other, &[])).collect();
        for other in &mut members {
            if other.name == "xtask" {
                other.dir = PathBuf::from("/w/xtask");
            }
        }
        members.push(member(name, dependencies));
        let found = check(&members);
        assert_eq!(found.len(), broken, "{name} {dependencies:?}: {found:?}");
    }

    #[test]
    fn doors_are_open_or_shut() {
        check_one(
            "truce-fusion",
            &[("truce-core", Kind::Normal), ("geo", Kind::Normal)],
            0,
        );
        check_one("truce-sim", &[("truce-feeds", Kind::Normal)], 0);
        check_one(
            "truce",
            &[("truce-ledger", Kind::Normal), ("tokio", Kind::Normal)],
            0,
        );
        check_one("truce-fusion", &[("truce-accord", Kind::Normal)], 1);
        check_one("truce-fusion", &[("truce-feeds", Kind::Development)], 1);
        check_one("truce-accord", &[("truce-store", Kind::Build)], 1);
        check_one("truce-ledger", &[("truce-core", Kind::Normal)], 1);
        check_one(
            "truce-core",
            &[("truce", Kind::Normal), ("xtask", Kind::Normal)],
            2,
        );
        check_one("truce-fusion", &[("tokio", Kind::Normal)], 1);
        check_one("truce-fusion", &[("rand", Kind::Development)], 0);
        check_one("truce-store", &[("rusqlite", Kind::Normal)], 0);
        check_one("truce-new", &[], 1);
    }
}
