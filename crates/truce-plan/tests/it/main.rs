//! The example mission's pledges and legal bases, and files with mistakes in them, and what other
//! programs make of the same questions.

mod documented;
mod elements;
mod example;
mod interop;
mod mistakes;
mod prizes;
mod swaths;
mod unlock;
