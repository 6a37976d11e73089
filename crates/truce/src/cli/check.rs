//! `truce check`: all mistakes of a mission folder at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_core::mission::{MISSION_FILES, OPTIONAL_FILES};

use super::{Failure, Form, terminal};
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
        let digest = result.as_ref().ok().map(|setup| setup.digest);
        terminal::say_json(&json!({ "issues": issues, "digest": digest }));
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
    }
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
