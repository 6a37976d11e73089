//! The example mission's pledges and legal bases, and files with mistakes in them.

mod documented;
mod example;
mod mistakes;
