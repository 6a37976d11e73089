//! Who may do what with findings.

use serde::{Deserialize, Serialize};
use truce_core::document::{Fields, list, one_of, slug, slugs, text};
use truce_core::{Action, Slug, Status};

/// Something that an officer may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Move a finding to a status.
    MoveTo(Status),
    /// Name a party.
    Attribute,
    /// Add a remark.
    Remark,
    /// Ask for visits and report what they gave.
    Visit,
    /// Open inquiries.
    Inquire,
    /// Release to others.
    Release,
    /// Refer to others, note acknowledgements and duties met.
    Escalate,
    /// Join and separate incidents.
    Merge,
}

/// The words of `agreement.toml` for permissions.
const PERMISSION_WORDS: [(&str, Permission); 14] = [
    (
        "under_verification",
        Permission::MoveTo(Status::UnderVerification),
    ),
    ("corroborated", Permission::MoveTo(Status::Corroborated)),
    ("verified", Permission::MoveTo(Status::Verified)),
    ("closed", Permission::MoveTo(Status::Closed)),
    ("unverifiable", Permission::MoveTo(Status::Unverifiable)),
    ("not_a_violation", Permission::MoveTo(Status::NotAViolation)),
    ("retracted", Permission::MoveTo(Status::Retracted)),
    ("attribute", Permission::Attribute),
    ("remark", Permission::Remark),
    ("visit", Permission::Visit),
    ("inquire", Permission::Inquire),
    ("release", Permission::Release),
    ("escalate", Permission::Escalate),
    ("merge", Permission::Merge),
];

/// A role of officers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub id: Slug,
    /// Its title for people.
    pub title: String,
    /// Who has it.
    pub officers: Vec<Slug>,
    /// What they may do.
    pub may: Vec<Permission>,
}

impl Permission {
    /// What an action needs.
    #[must_use]
    pub fn for_action(action: &Action) -> Self {
        match action {
            Action::MoveTo(status) => Self::MoveTo(*status),
            Action::Attribute { .. } => Self::Attribute,
            Action::Remark => Self::Remark,
            Action::AskVisit { .. } | Action::ReportVisit { .. } => Self::Visit,
            Action::OpenInquiry { .. } => Self::Inquire,
            Action::Release { .. } => Self::Release,
            Action::Escalate { .. } | Action::Acknowledge { .. } | Action::MeetClock { .. } => {
                Self::Escalate
            }
            Action::MergeInto { .. } | Action::Split => Self::Merge,
        }
    }
}

/// True when an officer may do something: with no roles declared everybody may do everything.
#[must_use]
pub fn may(roles: &[Role], officer: &Slug, permission: Permission) -> bool {
    let mut own = roles.iter().filter(|role| role.officers.contains(officer));
    roles.is_empty() || own.any(|role| role.may.contains(&permission))
}

pub(super) fn read_roles(fields: &Fields<'_>) -> Vec<Role> {
    let mut roles = Vec::new();
    for table in fields.tables("role") {
        let id = table.need("id", slug);
        let title = table.need("title", text);
        let officers = table.need("officers", slugs);
        let may = table.need("may", list(one_of(&PERMISSION_WORDS)));
        table.finish();
        if let (Some(id), Some(title), Some(officers), Some(may)) = (id, title, officers, may) {
            roles.push(Role {
                id,
                title,
                officers,
                may,
            });
        }
    }
    roles
}
