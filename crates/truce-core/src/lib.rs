//! The words every room of Truce shares: place, time, identity, observations, tracks, incidents and records.
