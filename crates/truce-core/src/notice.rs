//! A party's notice of a movement that the agreement allows when it is notified.

use serde::{Deserialize, Serialize};

use crate::identity::Slug;
use crate::time::{Interval, Timestamp};
use crate::track::ObjectKind;

/// A party's notice of a movement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its name. A later notice of the same party under the same name takes its place.
    pub id: Slug,
    /// Who gave it.
    pub party: Slug,
    /// When it was given.
    pub given_at: Timestamp,
    /// When the movement takes place.
    pub window: Interval,
    /// Where; empty is anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Slug>,
    /// What moves; empty is anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectKind>,
    /// Weapon classes that move; empty is any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weapons: Vec<Slug>,
    /// How many at most; `None` sets no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_max: Option<u32>,
}
