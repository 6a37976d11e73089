//! Licences and origins of everything we build from, against `deny.toml`.
//!
//! The same file feeds cargo-deny, which knows more (advisories, duplicates) but is not on every
//! machine; what is checked here needs nothing but cargo. Crates of all platforms count, whichever
//! platform this is, and so does what the web page ships inside the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

use crate::workspace::{list, metadata, text};

/// The part of `deny.toml` that is read here.
struct Policy {
    allow: Vec<Licensee>,
    exceptions: Vec<(String, Vec<Licensee>)>,
}

/// A foreign package with the licence it states.
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    /// Where cargo has it from; nothing for packages of the web page.
    source: Option<String>,
}

/// Checks every package, prints what the policy does not allow, and says whether all pass.
///
/// # Errors
/// When `deny.toml`, cargo's or npm's description cannot be read.
pub(crate) fn run(root: &Path) -> Result<bool, String> {
    let path = root.join("deny.toml");
    let policy = fs::read_to_string(&path).map_err(|error| format!("deny.toml: {error}"))?;
    let policy = Policy::parse(&policy)?;
    let mut packages = crates()?;
    packages.extend(page_packages(root)?);
    let mut faults: Vec<String> = packages.iter().filter_map(|p| policy.fault(p)).collect();
    faults.extend(check_sources(&packages));
    for fault in &faults {
        println!("{fault}");
    }
    println!(
        "{} packages checked, {} not allowed by deny.toml",
        packages.len(),
        faults.len()
    );
    Ok(faults.is_empty())
}

/// Every crate of the resolved workspace, and of fuzzing beside it, that is not our own.
fn crates() -> Result<Vec<Package>, String> {
    let mut found = BTreeMap::new();
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let metadata = metadata(&["--manifest-path", manifest])?;
        for package in list(&metadata, "packages")? {
            let Some(source) = package["source"].as_str() else {
                continue;
            };
            let package = Package {
                name: text(package, "name")?.to_owned(),
                version: text(package, "version")?.to_owned(),
                licence: package["license"].as_str().map(str::to_owned),
                source: Some(source.to_owned()),
            };
            let key = (package.name.clone(), package.version.clone());
            found.insert((key, source.to_owned()), package);
        }
    }
    Ok(found.into_values().collect())
}

/// What the page ships: entries of npm's lock file that are not for development only.
fn page_packages(root: &Path) -> Result<Vec<Package>, String> {
    let Ok(lock) = fs::read_to_string(root.join("web/package-lock.json")) else {
        return Ok(Vec::new());
    };
    let lock: Value = serde_json::from_str(&lock)
        .map_err(|error| format!("web/package-lock.json is not JSON: {error}"))?;
    Ok(shipped(&lock))
}

fn shipped(lock: &Value) -> Vec<Package> {
    let entries = lock["packages"].as_object().into_iter().flatten();
    let shipped = entries.filter(|(path, entry)| !path.is_empty() && entry["dev"] != true);
    let package = |(path, entry): (&String, &Value)| Package {
        name: path
            .rsplit("node_modules/")
            .next()
            .unwrap_or(path)
            .to_owned(),
        version: entry["version"].as_str().unwrap_or("?").to_owned(),
        licence: entry["license"].as_str().map(str::to_owned),
        source: None,
    };
    shipped.map(package).collect()
}

/// Crates come from one registry and from nowhere else: no git repositories, no mirrors.
fn check_sources(packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut registries = BTreeSet::new();
    for package in packages {
        match package.source.as_deref() {
            Some(source) if source.starts_with("registry+") => {
                registries.insert(source);
            }
            Some(source) => faults.push(format!(
                "{} {} comes from {source}, not from the registry",
                package.name, package.version
            )),
            None => {}
        }
    }
    if registries.len() > 1 {
        faults.push(format!(
            "crates come from more than one registry: {registries:?}"
        ));
    }
    faults
}

impl Policy {
    fn parse(text: &str) -> Result<Policy, String> {
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("deny.toml: {error}"))?;
        let licences = table.get("licenses").ok_or("deny.toml has no [licenses]")?;
        let mut exceptions = Vec::new();
        for exception in licences
            .get("exceptions")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = exception.get("crate").or_else(|| exception.get("name"));
            let name = name.and_then(toml::Value::as_str);
            let name = name.ok_or("deny.toml: an exception names no crate")?;
            exceptions.push((name.to_owned(), allowed(exception)?));
        }
        Ok(Policy {
            allow: allowed(licences)?,
            exceptions,
        })
    }

    /// What is wrong with the package's licence, if anything.
    fn fault(&self, package: &Package) -> Option<String> {
        let named = format!("{} {}", package.name, package.version);
        let Some(licence) = &package.licence else {
            return Some(format!("{named} states no licence"));
        };
        let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
            Ok(expression) => expression,
            Err(error) => return Some(format!("{named}: `{licence}`: {}", error.reason)),
        };
        let own = self
            .exceptions
            .iter()
            .filter(|(name, _)| *name == package.name);
        let own = own.flat_map(|(_, licensees)| licensees);
        let allow: Vec<&Licensee> = self.allow.iter().chain(own).collect();
        let fine = expression.evaluate(|req| allow.iter().any(|licensee| licensee.satisfies(req)));
        (!fine).then(|| format!("{named}: `{licence}` is not allowed"))
    }
}

fn allowed(table: &toml::Value) -> Result<Vec<Licensee>, String> {
    let list = table.get("allow").and_then(toml::Value::as_array);
    let list = list.ok_or("deny.toml: `allow` is missing")?;
    let parse = |value: &toml::Value| {
        let name = value.as_str().ok_or("deny.toml: `allow` holds texts")?;
        Licensee::parse(name).map_err(|error| format!("deny.toml: `{name}`: {}", error.reason))
    };
    list.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "colours", allow = ["MPL-2.0"] }]
    "#;

    fn package(name: &str, licence: Option<&str>, source: Option<&str>) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }

    #[test]
    fn expressions_are_held_against_the_list() {
        let policy = Policy::parse(POLICY).unwrap();
        let check = |name: &str, licence: Option<&str>, fine: bool| {
            let fault = policy.fault(&package(name, licence, None));
            assert_eq!(fault.is_none(), fine, "{name} {licence:?}: {fault:?}");
        };
        check("a", Some("MIT"), true);
        check("a", Some("GPL-3.0-only OR MIT"), true);
        check("a", Some("GPL-3.0/MIT"), true);
        check("a", Some("Apache-2.0 WITH LLVM-exception"), true);
        check("a", Some("(MIT OR Apache-2.0) AND MIT"), true);
        check("a", Some("MIT AND GPL-3.0-only"), false);
        check("a", Some("MPL-2.0"), false);
        check("colours", Some("MPL-2.0"), true);
        check("colours", Some("GPL-3.0-only"), false);
        check("a", Some("my own"), false);
        check("a", None, false);
    }

    #[test]
    fn a_broken_policy_is_an_error() {
        for text in [
            "",
            "[licenses]",
            "[licenses]\nallow = [1]",
            "[licenses]\nallow = [\"Mine\"]",
        ] {
            assert!(Policy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn crates_come_from_one_registry() {
        let check = |sources: &[&str], faults: usize| {
            let packages: Vec<Package> = sources
                .iter()
                .map(|source| package("a", None, Some(source)))
                .collect();
            assert_eq!(check_sources(&packages).len(), faults, "{sources:?}");
        };
        check(&["registry+a", "registry+a"], 0);
        check(&["registry+a", "registry+b"], 1);
        check(&["registry+a", "git+a"], 1);
    }

    #[test]
    fn the_page_ships_what_is_not_for_development() {
        let lock = serde_json::json!({ "packages": {
            "": { "license": "Apache-2.0" },
            "node_modules/map": { "version": "1.2.3", "license": "BSD-3-Clause" },
            "node_modules/map/node_modules/@a/b": { "version": "1.0.0" },
            "node_modules/builder": { "version": "8.0.0", "license": "MIT", "dev": true },
        }});
        let found: Vec<(String, Option<String>)> = shipped(&lock)
            .into_iter()
            .map(|p| (p.name, p.licence))
            .collect();
        let expected = [
            ("map".to_owned(), Some("BSD-3-Clause".to_owned())),
            ("@a/b".to_owned(), None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn this_policy_can_be_read() {
        let policy = Policy::parse(include_str!("../../deny.toml")).unwrap();
        let licensee = |name| Licensee::parse(name).unwrap();
        assert!(policy.allow.contains(&licensee("Apache-2.0")));
        assert!(!policy.allow.contains(&licensee("GPL-3.0-only")));
    }
}
