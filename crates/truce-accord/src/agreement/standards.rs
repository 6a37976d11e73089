//! What suffices for a step of a finding: the standards of proof, in the mission's own words.

use serde::{Deserialize, Serialize};
use truce_core::Status;
use truce_core::document::{Fields, one_of, text};

/// The words of `agreement.toml` for the steps that need proof.
const STATUS_WORDS: [(&str, Status); 5] = [
    ("corroborated", Status::Corroborated),
    ("verified", Status::Verified),
    ("attributed", Status::Attributed),
    ("unverifiable", Status::Unverifiable),
    ("not_a_violation", Status::NotAViolation),
];

/// What suffices for one step. People judge it; nothing computes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardOfProof {
    /// The step.
    pub status: Status,
    /// What has to be there before a finding takes it.
    pub text: String,
}

pub(super) fn read_standards(fields: &Fields<'_>) -> Vec<StandardOfProof> {
    let mut standards: Vec<StandardOfProof> = Vec::new();
    for table in fields.tables("standard_of_proof") {
        let status = table.need("status", one_of(&STATUS_WORDS));
        let text = table.need("text", text);
        if standards.iter().any(|known| Some(known.status) == status) {
            let message = "this step has its standard of proof already".to_owned();
            table.issue_at("status", message, "say it once".to_owned());
        }
        table.finish();
        if let (Some(status), Some(text)) = (status, text) {
            standards.push(StandardOfProof { status, text });
        }
    }
    standards
}
