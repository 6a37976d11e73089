//! Tests of the decoders as a whole.
#![cfg(test)]
#![allow(clippy::cast_possible_truncation)] // Corpora are made from the low bits of random numbers.

mod hostile;
mod interop;
mod mutation;
mod raster;
