//! The example mission's pledges and legal bases, and files with mistakes in them.

mod example;
mod mistakes;
