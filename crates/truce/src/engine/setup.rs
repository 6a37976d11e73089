//! What the engine is set up with: the mission's folder, read as a whole.

use std::collections::BTreeMap;

use truce_accord::Agreement;
use truce_core::document::{Issue, Issues};
use truce_core::mission::{self, Mission};
use truce_core::{Digest, Slug};
use truce_plan::{Coalition, Mandate};

/// Everything the mission's folder says that the engine needs.
pub struct Setup {
    /// Actors, zones, sensors, feeds.
    pub mission: Mission,
    /// The clauses.
    pub agreement: Agreement,
    /// Who pledged what on which condition.
    pub coalition: Coalition,
    /// Legal bases and votes.
    pub mandate: Mandate,
    /// The digest of all files.
    pub digest: Digest,
    /// The digest of the agreement's own file.
    pub agreement_digest: Digest,
}

impl Setup {
    /// Reads the files of a mission folder.
    ///
    /// # Errors
    /// Every mistake in them, with its place.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, Vec<Issue>> {
        let issues = Issues::default();
        let setup = read_setup(files, &issues);
        match setup {
            Some(setup) if issues.is_empty() => Ok(setup),
            _ => Err(issues.into_sorted()),
        }
    }
}

fn read_setup(files: &BTreeMap<String, String>, issues: &Issues) -> Option<Setup> {
    let formats: Vec<&str> = truce_feeds::Format::ALL
        .iter()
        .map(|format| format.slug())
        .collect();
    let mission = mission::read_with_formats(files, &formats, issues);
    let document = |name: &str| {
        files
            .get(name)
            .and_then(|text| truce_core::document::toml(name, text, issues))
    };
    let (agreement, coalition, mandate) = (
        document("agreement.toml"),
        document("coalition.toml"),
        document("mandate.toml"),
    );
    let mission = mission?;
    // All files are read before any is missed, so that every mistake is found.
    let agreement = agreement
        .as_ref()
        .and_then(|document| Agreement::read(document, &mission, issues));
    let clauses = agreement.as_ref().map(clause_names);
    let planning = coalition.as_ref().zip(mandate.as_ref());
    let planning =
        planning.map(|(c, m)| truce_plan::read(c, m, &mission, clauses.as_deref(), issues));
    let agreement = agreement?;
    let (coalition, mandate) = planning??;
    let agreement_text = files.get("agreement.toml").map_or("", String::as_str);
    Some(Setup {
        mission,
        agreement,
        coalition,
        mandate,
        digest: mission::digest(files),
        agreement_digest: Digest::of(agreement_text.as_bytes()),
    })
}

/// The names of all clauses that hold at any time.
fn clause_names(agreement: &Agreement) -> Vec<Slug> {
    let versions = agreement.versions.iter();
    let clauses = versions.flat_map(|version| &version.clauses);
    clauses.map(|clause| clause.id.clone()).collect()
}
