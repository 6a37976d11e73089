//! An incident held against a clause.

use serde::{Deserialize, Serialize};

use crate::identity::{IncidentId, Slug};
use crate::time::Timestamp;

/// What a clause is about (DESIGN, "A mission is a folder").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseKind {
    /// No use of weapons.
    NoFire,
    /// No troops, weapons, aircraft or warships in a zone.
    NoPresence,
    /// Weapons withdrawn behind a line by a date.
    Withdrawal,
    /// Weapons kept in holding areas.
    Storage,
    /// Who may fly where.
    Airspace,
    /// Freedom of a sea corridor.
    Corridor,
    /// Objects that may not be attacked.
    ProtectedObjects,
    /// No mines, no works.
    NoMinesOrWorks,
    /// Freedom of movement and work of the monitors.
    Access,
    /// Passage of aid.
    HumanitarianPassage,
    /// Movements allowed when notified.
    NotifiedMovement,
    /// Protection of civilians.
    CivilianProtection,
}

/// What holding an incident against a clause gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The clause was broken.
    Breach,
    /// The clause was kept.
    Compliant,
    /// It cannot be said.
    Undetermined,
}

/// An incident held against one clause of one version of the agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The incident.
    pub incident: IncidentId,
    /// Its revision.
    pub revision: u32,
    /// The clause.
    pub clause: Slug,
    /// The clause's kind.
    pub clause_kind: ClauseKind,
    /// The agreement's version, by the instant from which it holds.
    pub agreement_effective_from: Timestamp,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, one sentence each.
    pub reasons: Vec<String>,
    /// When the parties signed different texts: those under whose text it is a breach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breach_under_text_of: Vec<Slug>,
}
