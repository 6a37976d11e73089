//! Typed queries. Each answers from one connection, so a read-only store can serve the views while
//! another folds.

pub(crate) mod changes;
pub(crate) mod evidence;
pub(crate) mod feed_health;
pub(crate) mod feeds;
pub(crate) mod findings;
pub(crate) mod folder;
pub(crate) mod incidents;
pub(crate) mod known;
pub(crate) mod standing;
pub(crate) mod summary;
pub(crate) mod tracks;
