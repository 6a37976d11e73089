//! The evidence log: sealed segments, Merkle tiles, signed checkpoints and proofs over bytes.
