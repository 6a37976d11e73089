//! What a sender takes back of what it reported.

use serde::{Deserialize, Serialize};

use crate::identity::Slug;

/// A sender takes reports back. What they said stays in the log and counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retraction {
    /// The reports, as [`Claim::report`](crate::observation::Claim::report) names them. Reports of
    /// other feeds under the same name are not meant.
    pub reports: Vec<Slug>,
    /// True when another report of the sender takes their place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrected: bool,
    /// Why, in the sender's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}
