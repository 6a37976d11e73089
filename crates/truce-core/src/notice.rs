//! A party's notice of a movement that the agreement allows when it is notified, or of warships that
//! pass straits.

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
    /// The warships whose passage through straits it declares. Such a notice declares nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit: Option<Transit>,
}

/// Warships that are declared to pass straits within a notice's window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transit {
    /// The power whose flag they fly, as the mission's straits name it.
    pub flag: Slug,
    /// Which way.
    pub bound: Bound,
    /// The vessels.
    pub vessels: Vec<Warship>,
    /// True when they return to bases from which they are separated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returns_to_base: bool,
}

/// Which way a passage goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Into the sea behind the straits.
    In,
    /// Out of it.
    Out,
}

/// A warship as it is declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warship {
    /// Its name.
    pub name: String,
    /// Standard displacement, tons of 1,016 kg.
    pub tonnage_t: f64,
}
