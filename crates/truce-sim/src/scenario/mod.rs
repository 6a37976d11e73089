//! What happens: one file per kind of event.

pub(crate) mod calendar;
pub(crate) mod physical;
pub(crate) mod status;
pub(crate) mod thunder;
