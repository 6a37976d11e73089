//! Physical events from readings with sharp times: where readings compete for events and events
//! for readings.
//!
//! An event is hypothesised from seeds (a place, two crossing directions, the two phases of a wave
//! at a station), fitted jointly in place and time, and weighed: the rate of such events there,
//! times for each reading its detection probability and density against those of noise, times the
//! silence of the sensors that gave none (Streit 2010, chapter 6; the evidence in place and time
//! is Laplace's approximation). The best event takes its readings, the others are fitted anew
//! without them, until none is better than noise: a greedy solution of the multidimensional
//! assignment problem (Poore 1994), followed by a round in which every event may exchange its
//! readings against those left over. The solution is a pure function of the set of readings.

pub(crate) mod activity;
pub(crate) mod alone;
pub(crate) mod estimate;
pub(crate) mod lasting;
pub(crate) mod plane;
pub(crate) mod seeds;
pub(crate) mod solve;
pub(crate) mod tiles;
pub(crate) mod weigh;
