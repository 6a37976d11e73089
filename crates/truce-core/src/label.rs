//! Who may see what: the label that every record carries.
//!
//! Derived data takes the highest level, the intersection of audiences and the union of caveats
//! (DESIGN: releasability follows the permissive and restrictive categories of STANAG 4774).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::identity::Slug;

/// How closely a record is held, lowest first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Anyone.
    Public,
    /// Those it was released to.
    Released,
    /// The mission.
    #[default]
    Mission,
    /// Those who may know the source.
    Source,
}

/// The label of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The level a reader needs.
    pub level: Level,
    /// The audiences it may be released to; `None` sets no limit beyond the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releasable_to: Option<BTreeSet<Slug>>,
    /// Caveats a reader must hold, all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub caveats: BTreeSet<Slug>,
    /// Whose material it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originator: Option<Slug>,
}

impl Label {
    /// The label of something derived from two others.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let releasable_to = match (&self.releasable_to, &other.releasable_to) {
            (None, audience) | (audience, None) => audience.clone(),
            (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
        };
        Self {
            level: self.level.max(other.level),
            releasable_to,
            caveats: self.caveats.union(&other.caveats).cloned().collect(),
            originator: (self.originator == other.originator)
                .then(|| self.originator.clone())
                .flatten(),
        }
    }

    /// True when a reader of an audience, cleared to a level and holding some caveats, may read it.
    #[must_use]
    pub fn readable_by(&self, level: Level, audience: &Slug, caveats: &BTreeSet<Slug>) -> bool {
        level >= self.level
            && self
                .releasable_to
                .as_ref()
                .is_none_or(|allowed| allowed.contains(audience))
            && self.caveats.is_subset(caveats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slugs(names: &[&str]) -> BTreeSet<Slug> {
        names.iter().map(|name| Slug::new(name).unwrap()).collect()
    }

    #[test]
    fn derived_labels_only_narrow() {
        let a = Label {
            level: Level::Source,
            releasable_to: Some(slugs(&["a", "b"])),
            caveats: slugs(&["imagery"]),
            originator: None,
        };
        let b = Label {
            releasable_to: Some(slugs(&["b", "c"])),
            ..Label::default()
        };
        let joined = a.join(&b);
        assert_eq!(joined.level, Level::Source);
        assert_eq!(joined.releasable_to, Some(slugs(&["b"])));
        let reader = Slug::new("b").unwrap();
        assert!(joined.readable_by(Level::Source, &reader, &slugs(&["imagery"])));
        assert!(!joined.readable_by(Level::Source, &reader, &slugs(&[])));
        assert!(!joined.readable_by(Level::Mission, &reader, &slugs(&["imagery"])));
    }
}
