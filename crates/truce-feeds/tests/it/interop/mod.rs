//! Decoders held against other programs, field by field, on corpora that the tests make.
//!
//! Each test asks one peer what some messages say and holds every field of ours against it. Where
//! the two may differ, the test names the clause that decides. Peers are Python packages; a test
//! says so when its peer is not there and compares nothing. `TRUCE_INTEROP_SEED=2` makes other corpora.

mod adsb;
mod ais;
mod ais_applications;
mod asterix;
mod cot;
mod klv;
mod mavlink;
mod miniseed;
pub(crate) mod peer;
mod pyais_reads;
mod scene;
