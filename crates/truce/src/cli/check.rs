//! `truce check`: all mistakes of a mission folder at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_core::mission::{MISSION_FILES, OPTIONAL_FILES, SensorNetwork};

use super::{Failure, Form, terminal};
use crate::connect::dial::WITHOUT_TLS;
use crate::engine::Setup;

/// Check a mission folder and report every mistake at once, with file, line, column and a hint.
///
/// Read are mission.toml, agreement.toml, zones.geojson, sensors.toml, coalition.toml and
/// mandate.toml. Unknown keys are mistakes.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The mission folder, for example missions/ukraine-2025.
    mission: PathBuf,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let files = read_mission(&self.mission)?;
        let result = Setup::read(&files);
        match self.format {
            Form::Json => self.answer_json(&result),
            Form::Text => self.answer_text(&result),
        }
        result.map(|_| ()).map_err(|issues| {
            Failure::AnswerIsNo(format!(
                "{} mistake(s) in {}",
                issues.len(),
                self.mission.display()
            ))
        })
    }

    fn answer_json(&self, result: &Result<Setup, Vec<truce_core::document::Issue>>) {
        let none = Vec::new();
        let issues = result.as_ref().err().unwrap_or(&none);
        let setup = result.as_ref().ok();
        let digest = setup.map(|setup| setup.digest);
        let hints: Vec<String> = setup.into_iter().flat_map(hints).collect();
        terminal::say_json(&json!({ "issues": issues, "digest": digest, "hints": hints }));
    }

    fn answer_text(&self, result: &Result<Setup, Vec<truce_core::document::Issue>>) {
        let setup = match result {
            Ok(setup) => setup,
            Err(issues) => {
                return issues
                    .iter()
                    .for_each(|issue| terminal::say(&issue.to_string()));
            }
        };
        let (mission, network) = (&setup.mission, &setup.mission.network);
        let clauses = setup
            .agreement
            .versions
            .iter()
            .map(|version| version.clauses.len());
        terminal::say(&format!("{}: no mistakes", self.mission.display()));
        terminal::say(&format!("  {}", mission.title));
        terminal::say(&format!(
            "  {} sectors, {} zones, {} clauses in {} version(s)",
            mission.sectors.len(),
            mission.zones.len(),
            clauses.sum::<usize>(),
            setup.agreement.versions.len(),
        ));
        terminal::say(&format!(
            "  {} posts, {} sensors, {} feeds",
            network.posts.len(),
            network.sensors.len(),
            network.feeds.len()
        ));
        terminal::say(&format!("  digest {}", setup.digest));
        hints(setup)
            .iter()
            .for_each(|hint| terminal::say(&format!("hint: {hint}")));
    }
}

/// What is no mistake of the mission, and yet keeps this program from serving it.
fn hints(setup: &Setup) -> Vec<String> {
    let speaks_tls = cfg!(feature = "tls");
    tls_hint(&setup.mission.network, speaks_tls)
        .into_iter()
        .collect()
}

/// Names the feeds that ask for TLS where the program speaks none.
fn tls_hint(network: &SensorNetwork, speaks_tls: bool) -> Option<String> {
    let feeds = network.feeds.iter();
    let asking = feeds.filter(|feed| feed.transport.tls().is_some());
    let asking: Vec<&str> = asking.map(|feed| feed.id.as_str()).collect();
    (!speaks_tls && !asking.is_empty()).then(|| {
        let feeds = asking.join(", ");
        format!("`truce serve` will refuse what asks for TLS ({feeds}): {WITHOUT_TLS}")
    })
}

/// Reads the files of a mission folder. A file that is not there is left out; the reader of the
/// mission reports it among the other mistakes.
pub(super) fn read_mission(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    if !folder.is_dir() {
        let message = format!("{} is no folder; give a mission folder", folder.display());
        return Err(Failure::Usage(message));
    }
    let mut files = BTreeMap::new();
    for name in MISSION_FILES.into_iter().chain(OPTIONAL_FILES) {
        let path = folder.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => {
                files.insert(
                    name.to_owned(),
                    String::from_utf8_lossy(&bytes).into_owned(),
                );
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::Outside(format!(
                    "cannot read {}: {error}",
                    path.display()
                )));
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use truce_core::Slug;
    use truce_core::mission::{Feed, Tls, Transport};

    use super::*;

    fn feed(id: &str, tls: Option<Tls>) -> Feed {
        let address = "receiver.example.org:5000".to_owned();
        Feed::new(
            Slug::new(id).unwrap(),
            Slug::new("aivdm").unwrap(),
            Transport::TcpClient { address, tls },
        )
    }

    #[test]
    fn feeds_that_ask_for_tls_are_named_where_none_is_spoken() {
        let plain = feed("plain", None);
        let secret = feed("ais", Some(Tls::default()));
        let cases = [
            (vec![plain.clone()], false, None),
            (vec![plain.clone(), secret.clone()], true, None),
            (vec![plain, secret], false, Some("(ais)")),
        ];
        for (feeds, speaks_tls, expected) in cases {
            let network = SensorNetwork {
                feeds,
                ..SensorNetwork::default()
            };
            let hint = tls_hint(&network, speaks_tls);
            assert_eq!(hint.is_some(), expected.is_some(), "{hint:?}");
            if let (Some(hint), Some(words)) = (hint, expected) {
                assert!(
                    hint.contains(words) && hint.contains("--features tls"),
                    "{hint}"
                );
            }
        }
    }
}
