//! What happens: one file per kind of event.

pub(crate) mod calendar;
pub(crate) mod deeds;
pub(crate) mod fleet;
pub(crate) mod physical;
pub(crate) mod seafarers;
pub(crate) mod status;
pub(crate) mod thunder;
pub(crate) mod uavs;
pub(crate) mod voyage;
